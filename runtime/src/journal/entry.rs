//! One line of the journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use voxrun_bindings::contract::Time;

/// What sort of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The session started, ended ...
    Lifecycle,
    /// Host to script.
    Event,
    /// Script to host.
    Command,
    /// A provider's message to us.
    WireIn,
    /// Our message to a provider.
    WireOut,
    /// A stream started, stopped or was cleared; speech said, heard or cut. Never single frames.
    Media,
    /// A line of the session log.
    Log,
    /// A compatibility remark or a policy relied on.
    Note,
    /// A failure.
    Error,
}

/// One thing that happened, at its place in the order of the whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Session time in microseconds.
    pub t_us: u64,
    /// Its number in the journal, from 0.
    pub seq: u64,
    /// The session's number, from 1.
    pub session: u32,
    /// `call#1`, `openai#1`, ...; empty for the session itself.
    pub unit: String,
    /// What sort of thing.
    pub kind: EntryKind,
    /// Its name (`Call.Connected`, `answer`, `session.update`, `heard` ...).
    pub name: String,
    /// Its details.
    pub data: Value,
}

/// The ordered record of everything that happened in one session.
#[derive(Debug, Default)]
pub struct Journal {
    session: u32,
    next_seq: u64,
    entries: Vec<Entry>,
}

impl Journal {
    /// An empty journal of session number `session`.
    #[must_use]
    pub fn new(session: u32) -> Journal {
        Journal { session, next_seq: 0, entries: Vec::new() }
    }

    /// Writes one line.
    pub fn write(&mut self, now: Time, unit: &str, kind: EntryKind, name: &str, data: Value) {
        let entry = Entry {
            t_us: now.as_us(),
            seq: self.next_seq,
            session: self.session,
            unit: unit.to_owned(),
            kind,
            name: name.to_owned(),
            data,
        };
        self.next_seq += 1;
        self.entries.push(entry);
    }

    /// The lines written since the last call of this function.
    pub fn take(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
    }
}
