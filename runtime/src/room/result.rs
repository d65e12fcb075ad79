//! What a room is bounded by and what it comes to. Plain data.

use voxrun_bindings::contract::{EngineUsage, UnitId};

use super::conversation::{TurnTiming, Utterance};
use crate::journal::Entry;
use crate::session::SessionReport;

/// Bounds of a run, so that nothing hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The longest a session may last, milliseconds of its own time. Then it is shut down (a failure of the run).
    pub session_ms: u64,
    /// The most things that may happen in a session at one instant.
    pub rounds: u32,
}

impl Default for Bounds {
    /// Four hours, and 200,000 things at one instant.
    fn default() -> Bounds {
        Bounds { session_ms: 4 * 3_600_000, rounds: 200_000 }
    }
}

/// Why a session failed for another reason than its script's own error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A part of voxrun broke. It is our mistake, not the scenario's.
    #[error("voxrun itself failed: {0}")]
    Broken(String),
    /// The session did not end by itself.
    #[error("the session had not ended after {0} s of its own time")]
    TooLong(u64),
    /// Too much happened at one instant.
    #[error("more than {0} things happened at one instant: the session does not come to rest")]
    Restless(u32),
}

/// The sound of a call from its first moment to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAudio {
    /// Samples a second and channel.
    pub rate_hz: u32,
    /// Caller and agent interleaved.
    pub samples: Vec<i16>,
}

/// What one session came to.
#[derive(Debug)]
pub struct SessionResult {
    /// Its number, from 1.
    pub number: u32,
    /// When it started, milliseconds since the world did.
    pub started_ms: u64,
    /// When it ended, milliseconds since it started.
    pub ended_ms: u64,
    /// Who said what, as the caller lived it.
    pub conversation: Vec<Utterance>,
    /// Who said what at the other calls of the session, as each far end lived it.
    pub others: Vec<(UnitId, Vec<Utterance>)>,
    /// How long each answer took.
    pub turns: Vec<TurnTiming>,
    /// What the session tells of itself: its calls, its end, the script's own failure, limits, policies.
    pub report: SessionReport,
    /// A failure that is not the script's own.
    pub failure: Option<Failure>,
    /// How near the script came to its limits.
    pub usage: EngineUsage,
    /// What crossed the caller's line, when it was kept.
    pub audio: Option<CallAudio>,
    /// Faults whose moment never came.
    pub unfired_faults: Vec<String>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct RunResult {
    /// Everything that happened, in order, as far as nobody took it before.
    pub entries: Vec<Entry>,
    /// Each session that was made, by number.
    pub sessions: Vec<SessionResult>,
    /// Numbers of sessions that could not be made, and why: our own mistakes.
    pub unmade: Vec<(u32, Failure)>,
}

/// A run while it lasts: what its rooms have told so far, numbered in the order in which it came.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    run: RunResult,
    next_seq: u64,
}

impl Gathered {
    /// A piece of a room's journal, numbered on.
    pub(crate) fn number(&mut self, entries: &mut [Entry]) {
        for entry in entries {
            entry.seq = self.next_seq;
            self.next_seq += 1;
        }
    }

    /// Keeps a piece of a room's journal.
    pub(crate) fn entries(&mut self, mut entries: Vec<Entry>) {
        self.number(&mut entries);
        self.keep(entries);
    }

    /// Keeps what was numbered before.
    pub(crate) fn keep(&mut self, mut entries: Vec<Entry>) {
        self.run.entries.append(&mut entries);
    }

    /// A session is over.
    pub(crate) fn ended(&mut self, result: SessionResult) {
        self.run.sessions.push(result);
    }

    /// A session could not be made.
    pub(crate) fn unmade(&mut self, number: u32, failure: Failure) {
        self.run.unmade.push((number, failure));
    }

    /// What is kept of the journal.
    pub(crate) fn seen(&self) -> &[Entry] {
        &self.run.entries
    }

    /// Takes what is kept of the journal.
    pub(crate) fn take_entries(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.run.entries)
    }

    /// What it came to.
    pub(crate) fn finish(&mut self) -> RunResult {
        let mut run = std::mem::take(&mut self.run);
        run.sessions.sort_by_key(|session| session.number);
        run
    }
}
