//! Cassettes: what came into a live session from outside, with its stamps, and what it sent, as JSON lines. Replayed in
//! virtual time without any network, the inputs come back at their stamps, and what the script sends to its providers is
//! compared with what it sent then. Audio of the caller stands there as mu-law, 160 bytes a frame, silence not at all;
//! audio that is sent to providers is left out. Deliberately not here: the script's own turns and the ticks, which virtual
//! time makes anew, and secrets, which every line is cleared of before it is written.

mod play;
mod same;
mod tape;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use voxrun_audio::Rate;
use voxrun_bindings::contract::{CallFacts, InDialog, Time};
use voxrun_bindings::wire::{HttpError, HttpOutcome, HttpResponse};

pub use play::{Divergence, Replayed, replay};
pub use tape::Taper;

use crate::room::Utterance;

/// The version of the format. A cassette of another version is refused.
pub const FORMAT: u32 = 2;

/// Codes of one frame of the line.
const FRAME_CODES: usize = Rate::Hz8000.frame_samples();

/// The first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`]
    pub format: u32,
    /// The program that recorded it.
    pub voxrun: String,
    /// Name and SHA-256 of each scenario file.
    pub scenarios: Vec<(String, String)>,
    /// The seed of the session's ids and of the script's randomness.
    pub seed: u64,
    /// Unix time of the session's start, in milliseconds.
    pub epoch_ms: i64,
    /// The session's custom data.
    pub custom_data: String,
    /// Whether provider messages were sent as the script wrote them.
    pub verbatim: bool,
    /// The call.
    pub call: CallFacts,
}

/// Something that happened on a socket, as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnSocket {
    /// The upgrade succeeded.
    Opened {},
    /// It was answered otherwise.
    Refused {
        /// HTTP status.
        status: u16,
        /// Response body.
        body: String,
    },
    /// There was no connection.
    Failed {
        /// In words.
        reason: String,
    },
    /// A text message.
    Text(String),
    /// A binary message, base64.
    Binary(String),
    /// The connection ended.
    Closed {
        /// Close code.
        code: u16,
        /// Its reason.
        reason: String,
        /// Whether the close handshake was completed.
        clean: bool,
    },
}

/// What came of a request over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// A response.
    Response {
        /// HTTP status.
        status: u16,
        /// In order.
        headers: Vec<(String, String)>,
        /// In base64.
        body: String,
    },
    /// None.
    Failed(HttpError),
}

impl Answered {
    /// As it is written.
    fn of(outcome: &HttpOutcome) -> Answered {
        match outcome {
            Ok(HttpResponse { status, headers, body }) => {
                let (headers, body) = (headers.clone(), STANDARD.encode(body));
                Answered::Response { status: *status, headers, body }
            }
            Err(error) => Answered::Failed(*error),
        }
    }

    /// As it was. A body that is no base64 is none.
    fn outcome(&self) -> HttpOutcome {
        match self {
            Answered::Response { status, headers, body } => {
                let body = STANDARD.decode(body).unwrap_or_default().into();
                Ok(HttpResponse { status: *status, headers: headers.clone(), body })
            }
            Answered::Failed(error) => Err(*error),
        }
    }
}

/// Any further line. Stamps are microseconds of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// Frames of the caller, 20 ms each.
    Audio {
        /// The stamp of each.
        at_us: Vec<u64>,
        /// All of them, mu-law at 8 kHz in base64.
        mu_law: String,
    },
    /// A key of the caller.
    Digit {
        /// When.
        t_us: u64,
        /// Which.
        key: char,
    },
    /// A request of the caller within the dialog.
    InDialog {
        /// When.
        t_us: u64,
        /// Which.
        request: InDialog,
    },
    /// The caller hung up.
    HangUp {
        /// When.
        t_us: u64,
    },
    /// The operator ended the run.
    Shutdown {
        /// When.
        t_us: u64,
    },
    /// What the caller said, for the telling.
    Said {
        /// With its times.
        utterance: Utterance,
    },
    /// Something on the socket of a unit.
    In {
        /// When.
        t_us: u64,
        /// `openai#1`
        unit: String,
        /// What.
        socket: OnSocket,
    },
    /// The session asked for a connection.
    Connect {
        /// When.
        t_us: u64,
        /// For which unit.
        unit: String,
        /// Where to, without a key.
        url: String,
    },
    /// The session sent a message, audio excepted.
    Out {
        /// When.
        t_us: u64,
        /// By which unit.
        unit: String,
        /// Its name in the journal.
        name: String,
        /// The message; text that is no JSON stands as a string.
        message: Value,
    },
    /// What came of a request over HTTP.
    Fetched {
        /// When.
        t_us: u64,
        /// For which unit.
        unit: String,
        /// The response, or why there is none.
        outcome: Answered,
    },
    /// The session is over; a cassette without this line broke off.
    End {
        /// When the last thing happened.
        t_us: u64,
    },
    /// The session closed a connection.
    Close {
        /// When.
        t_us: u64,
        /// Of which unit.
        unit: String,
        /// Close code.
        code: u16,
    },
}

impl Line {
    /// Its stamp; the last one of audio. `None` for what was only told.
    #[must_use]
    pub fn at(&self) -> Option<Time> {
        let t_us = match self {
            Line::Said { .. } => return None,
            Line::Audio { at_us, .. } => at_us.last().copied()?,
            Line::Digit { t_us, .. }
            | Line::InDialog { t_us, .. }
            | Line::HangUp { t_us }
            | Line::Shutdown { t_us }
            | Line::In { t_us, .. }
            | Line::Connect { t_us, .. }
            | Line::Out { t_us, .. }
            | Line::Fetched { t_us, .. }
            | Line::End { t_us }
            | Line::Close { t_us, .. } => *t_us,
        };
        Some(Time::from_us(t_us))
    }

    /// What makes it unusable although it can be read.
    fn flaw(&self) -> Option<&'static str> {
        match self {
            Line::Audio { at_us, mu_law } => {
                let Ok(codes) = STANDARD.decode(mu_law) else { return Some("the audio is no base64") };
                let whole = codes.len() == at_us.len() * FRAME_CODES && at_us.is_sorted();
                (!whole).then_some("the audio does not fit its stamps")
            }
            _ => None,
        }
    }
}

/// A cassette that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Cassette {
    /// Its first line.
    pub header: Header,
    /// The others.
    pub lines: Vec<Line>,
}

/// Why a text is no cassette.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CassetteError {
    /// There is no first line, or it is none.
    #[error("{0}. Record it with `voxrun run --live --cassette FILE`.")]
    Header(String),
    /// A line cannot be read.
    #[error("line {number}: {what}")]
    Line {
        /// From 1.
        number: usize,
        /// Why.
        what: String,
    },
}

impl Cassette {
    /// Reads a cassette. A last line that was never finished is left out: recording was interrupted there.
    ///
    /// # Errors
    /// When it is none, is of another version, or is damaged; a line is named by its number.
    pub fn parse(text: &str) -> Result<Cassette, CassetteError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
        let (_, first) = lines.next().ok_or(CassetteError::Header("the cassette is empty".to_owned()))?;
        let header: Header = serde_json::from_str(first)
            .map_err(|error| CassetteError::Header(format!("the first line is no cassette's: {error}")))?;
        if header.format != FORMAT {
            let what = format!("the cassette has format {}, and this program reads {FORMAT}", header.format);
            return Err(CassetteError::Header(what));
        }
        let mut read = Vec::new();
        while let Some((index, line)) = lines.next() {
            match serde_json::from_str::<Line>(line) {
                Ok(line) => {
                    if let Some(what) = line.flaw() {
                        return Err(CassetteError::Line { number: index + 1, what: what.to_owned() });
                    }
                    read.push(line);
                }
                Err(_) if lines.peek().is_none() && !text.ends_with('\n') => break,
                Err(error) => {
                    return Err(CassetteError::Line { number: index + 1, what: error.to_string() });
                }
            }
        }
        Ok(Cassette { header, lines: read })
    }
}
