//! What a session can tell of itself at any time: its calls, how it ended, how near it came to the limits, the policies
//! it relied on, its recordings.

use serde::Serialize;
use voxrun_audio::Rate;
use voxrun_bindings::contract::limit::LimitUse;
use voxrun_bindings::contract::{NotBuilt, ScenarioError, UnitId};

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

/// What a script recorded, of a call or by a recorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingReport {
    /// The unit that recorded (`call#1`).
    pub of: String,
    /// What the script was told of where it lies.
    pub url: String,
    /// The file that was made of it, if one was.
    pub file: Option<String>,
    /// Samples a second and channel.
    pub rate_hz: u32,
    /// How many channels it has.
    pub channels: usize,
    /// When it began, milliseconds of session time.
    pub started_ms: u64,
    /// When it ended, milliseconds of session time.
    pub ended_ms: Option<u64>,
}

impl RecordingReport {
    /// One that begins now.
    pub(super) fn begins(of: String, url: &str, rate: Rate, channels: usize, now_ms: u64) -> RecordingReport {
        RecordingReport {
            of,
            url: url.to_owned(),
            file: None,
            rate_hz: rate.hz(),
            channels,
            started_ms: now_ms,
            ended_ms: None,
        }
    }

    /// The name of its file: what its URL ends with.
    #[must_use]
    pub fn file_name(&self) -> &str {
        file_name(&self.url)
    }
}

/// The name of the file of a recording that lies there.
#[must_use]
pub fn file_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
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
    /// What the script recorded.
    pub recordings: Vec<RecordingReport>,
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
