//! What a session can tell of itself at any time: its calls, how it ended, how near it came to the limits, the policies
//! it relied on, its recordings.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use voxrun_bindings::contract::NotBuilt;
use voxrun_bindings::contract::ScenarioError;
use voxrun_bindings::contract::{RecordOptions, Time, UnitId};

use super::Session;
use super::call_end::CallEnd;
use crate::media::Recorder;
use crate::telephony::Direction;

/// What the session notes for its report as it goes.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) terminate_asked: bool,
    /// Calls that the script placed, or tried to.
    pub(super) placed: u32,
    /// The operator ends the run.
    pub(super) stopped: bool,
    pub(super) system_error: bool,
    pub(super) finish_reason: Option<String>,
    pub(super) error: Option<ScenarioError>,
    pub(super) ended_at: Option<Time>,
    pub(super) policies: BTreeSet<String>,
    pub(super) not_built: Vec<NotBuilt>,
    pub(super) playout_dropped_ms: u64,
}

/// One call of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallReport {
    /// Its unit.
    #[serde(skip)]
    pub unit: UnitId,
    /// The platform's id.
    pub id: String,
    /// `inbound`, `outbound`
    #[serde(serialize_with = "direction_name")]
    pub direction: Direction,
    /// The calling number.
    pub from: String,
    /// The dialled number.
    pub to: String,
    /// When it was answered, milliseconds of session time.
    pub answered_ms: Option<u64>,
    /// When it ended, milliseconds of session time.
    pub ended_ms: Option<u64>,
    /// How it ended; printed in words.
    pub end: Option<CallEnd>,
}

/// `inbound` or `outbound`.
fn direction_name<S: serde::Serializer>(direction: &Direction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(direction.name())
}

impl CallReport {
    /// Whether the call came in.
    #[must_use]
    pub fn is_incoming(&self) -> bool {
        self.direction == Direction::Incoming
    }
}

/// How near the session came to one of its limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitUse {
    /// `timers`, `players`
    pub name: &'static str,
    /// The most that was used at once.
    pub peak: u64,
    /// The platform's bound on it.
    pub limit: u64,
}

/// What `call.record()` asked for and when it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptRecording {
    /// The recorded call.
    pub call: UnitId,
    /// What the script was told.
    pub url: String,
    /// What the script asked for.
    pub options: RecordOptions,
    /// When it started; `None` when the call was never connected.
    pub started: Option<Time>,
    /// When it stopped.
    pub stopped: Option<Time>,
}

impl ScriptRecording {
    /// How long it is; zero while it runs.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.started.zip(self.stopped).map_or(Duration::ZERO, |(from, to)| to.since(from))
    }
}

/// What a session can tell of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionReport {
    /// The session's number.
    pub number: u32,
    /// In the platform's words; `None` while it runs.
    pub finish_reason: Option<String>,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// Its calls in the order they came.
    pub calls: Vec<CallReport>,
    /// The script's failure, if it failed.
    pub error: Option<ScenarioError>,
    /// Headroom of the limits.
    pub limits: Vec<LimitUse>,
    /// Ids of the policies that the run relied on, sorted.
    pub policies: Vec<String>,
    /// Members that are not built and that the script used, each place once.
    pub not_built: Vec<NotBuilt>,
    /// Milliseconds of provider audio that did not fit into a playout queue.
    pub playout_dropped_ms: u64,
    /// Frames of caller audio that providers were given.
    pub frames_to_providers: u64,
    /// Audio messages that were sent to providers.
    pub audio_messages_sent: u64,
}

impl Session {
    /// What there is to tell now.
    #[must_use]
    pub fn report(&self) -> SessionReport {
        let calls = self.calls.iter().map(|(unit, call)| CallReport {
            unit: *unit,
            id: call.facts.id.clone(),
            direction: call.leg.direction(),
            from: call.facts.callerid.clone(),
            to: call.facts.destination.clone(),
            answered_ms: call.leg.answered_at().map(Time::as_ms),
            ended_ms: call.leg.ended_at().map(Time::as_ms),
            end: call.end,
        });
        SessionReport {
            number: self.setup.number,
            finish_reason: self.facts.finish_reason.clone(),
            ended_ms: self.facts.ended_at.map(Time::as_ms),
            calls: calls.collect(),
            error: self.facts.error.clone(),
            limits: Vec::new(),
            policies: self.facts.policies.iter().cloned().collect(),
            not_built: self.facts.not_built.clone(),
            playout_dropped_ms: self.facts.playout_dropped_ms,
            frames_to_providers: self.connectors.values().map(|unit| unit.frames_in).sum(),
            audio_messages_sent: self.connectors.values().map(|unit| unit.frames_out).sum(),
        }
    }

    /// The sound of a call since it came in, if it is kept.
    #[must_use]
    pub fn recording(&self, call: UnitId) -> Option<&Recorder> {
        self.calls.get(&call)?.recorder.as_ref()
    }

    /// Takes the sound of a call away, for keeping it longer than the session. What comes later is not kept.
    pub fn take_recording(&mut self, call: UnitId) -> Option<Recorder> {
        self.calls.get_mut(&call)?.recorder.take()
    }

    /// What the script recorded with `call.record()`, in the order of the calls.
    pub fn script_recordings(&self) -> impl Iterator<Item = &ScriptRecording> {
        self.calls.values().filter_map(|call| call.recording.as_ref())
    }
}
