//! What a session can tell of itself at any time: its calls, how it ended, how near it came to the limits, the policies
//! it relied on, its recordings.

use std::time::Duration;

use serde::Serialize;
use voxrun_bindings::contract::limit::LimitUse;
use voxrun_bindings::contract::{NotBuilt, RecordOptions, ScenarioError, Time, UnitId};

use super::call::CallEnd;
use super::life::FinishReason;
use crate::telephony::Direction;

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
    /// Why it ended; `None` while it runs. Printed in the platform's words.
    pub finish_reason: Option<FinishReason>,
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
    /// Members of the platform that answered the script (`Call.answer`), sorted.
    pub used: Vec<String>,
    /// Milliseconds of provider audio that did not fit into a playout queue.
    pub playout_dropped_ms: u64,
    /// Frames of caller audio that providers were given.
    pub frames_to_providers: u64,
    /// Audio messages that were sent to providers.
    pub audio_messages_sent: u64,
}
