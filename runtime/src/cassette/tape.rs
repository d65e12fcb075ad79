//! The recording side: a room's witness that turns what it sees into lines. Each line is handed on at once, so that an
//! interrupted run leaves what it had.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use voxrun_audio::Frame;
use voxrun_audio::g711::{Law, encode_sample};
use voxrun_bindings::contract::Time;
use voxrun_bindings::wire::{Endpoint, HttpOutcome, HttpRequest, SocketInput, WireFrame};

use super::{Answered, Line, OnSocket};
use crate::room::{Utterance, Witness};
use crate::session::LegInput;

/// The wire's name for the caller's audio: counted in the journal, left out here.
pub(super) const AUDIO: &str = "input_audio_buffer.append";

/// Frames in one line at most: half a second.
const FRAMES_A_LINE: usize = 25;

/// Where finished lines go.
type Write = Box<dyn FnMut(&Line)>;

/// Writes down what a session lives through.
pub struct Taper {
    write: Write,
    at_us: Vec<u64>,
    codes: Vec<u8>,
    /// The last thing that was seen.
    last: Time,
}

impl std::fmt::Debug for Taper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Taper").field("frames_waiting", &self.at_us.len()).finish_non_exhaustive()
    }
}

impl Taper {
    /// Hands each line to `write` as soon as it is whole.
    #[must_use]
    pub fn new(write: impl FnMut(&Line) + 'static) -> Taper {
        Taper { write: Box::new(write), at_us: Vec::new(), codes: Vec::new(), last: Time::ZERO }
    }

    fn put(&mut self, line: &Line) {
        self.last = self.last.max(line.at().unwrap_or_default());
        (self.write)(line);
    }

    fn audio(&mut self, now: Time, frame: &Frame) {
        self.last = self.last.max(now);
        self.at_us.push(now.as_us());
        self.codes.extend(frame.samples().iter().map(|sample| encode_sample(Law::Mu, *sample)));
        if self.at_us.len() >= FRAMES_A_LINE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.at_us.is_empty() {
            let at_us = std::mem::take(&mut self.at_us);
            let mu_law = STANDARD.encode(std::mem::take(&mut self.codes));
            self.put(&Line::Audio { at_us, mu_law });
        }
    }
}

impl Drop for Taper {
    fn drop(&mut self) {
        self.flush();
        self.put(&Line::End { t_us: self.last.as_us() });
    }
}

impl Witness for Taper {
    fn leg(&mut self, now: Time, input: &LegInput) {
        let t_us = now.as_us();
        match input {
            LegInput::Audio(frame) => self.audio(now, frame),
            LegInput::Digit(key) => self.put(&Line::Digit { t_us, key: *key }),
            LegInput::InDialog(request) => self.put(&Line::InDialog { t_us, request: request.clone() }),
            LegInput::HangUp { .. } => {
                self.flush();
                self.put(&Line::HangUp { t_us });
            }
            // What only a callee says; a cassette holds a caller.
            LegInput::Ringing { .. }
            | LegInput::EarlyMedia { .. }
            | LegInput::Answered { .. }
            | LegInput::Refused { .. } => {}
        }
    }

    fn said(&mut self, utterance: &Utterance) {
        self.put(&Line::Said { utterance: utterance.clone() });
    }

    fn socket(&mut self, now: Time, unit: &str, input: &SocketInput) {
        let socket = match input {
            SocketInput::Opened => OnSocket::Opened {},
            SocketInput::Refused { status, body } => {
                OnSocket::Refused { status: *status, body: body.clone() }
            }
            SocketInput::Failed { reason } => OnSocket::Failed { reason: reason.clone() },
            SocketInput::Frame(WireFrame::Text(text)) => OnSocket::Text(text.to_string()),
            SocketInput::Frame(WireFrame::Binary(bytes)) => OnSocket::Binary(STANDARD.encode(bytes)),
            SocketInput::Closed { code, reason, clean } => {
                OnSocket::Closed { code: *code, reason: reason.clone(), clean: *clean }
            }
        };
        self.put(&Line::In { t_us: now.as_us(), unit: unit.to_owned(), socket });
    }

    fn shutdown(&mut self, now: Time) {
        self.put(&Line::Shutdown { t_us: now.as_us() });
    }

    fn connect(&mut self, now: Time, unit: &str, endpoint: &Endpoint) {
        let line = Line::Connect { t_us: now.as_us(), unit: unit.to_owned(), url: address(endpoint) };
        self.put(&line);
    }

    fn send(&mut self, now: Time, unit: &str, name: &str, frame: &WireFrame) {
        if let Some(message) = message_of(name, frame) {
            let (unit, name) = (unit.to_owned(), name.to_owned());
            self.put(&Line::Out { t_us: now.as_us(), unit, name, message });
        }
    }

    fn close(&mut self, now: Time, unit: &str, code: u16) {
        self.put(&Line::Close { t_us: now.as_us(), unit: unit.to_owned(), code });
    }

    fn requested(&mut self, now: Time, unit: &str, request: &HttpRequest) {
        let (unit, message) = (unit.to_owned(), request_of(request));
        self.put(&Line::Out { t_us: now.as_us(), unit, name: HTTP.to_owned(), message });
    }

    fn fetched(&mut self, now: Time, unit: &str, outcome: &HttpOutcome) {
        let outcome = Answered::of(outcome);
        self.put(&Line::Fetched { t_us: now.as_us(), unit: unit.to_owned(), outcome });
    }
}

/// The name of a request among the messages of a cassette.
pub(super) const HTTP: &str = "http_request";

/// A request as it is compared: headers and keys are left out.
pub(super) fn request_of(request: &HttpRequest) -> Value {
    let endpoint = Endpoint { url: request.url.clone(), headers: Vec::new() };
    let body = String::from_utf8_lossy(&request.body);
    serde_json::json!({ "method": request.method, "url": address(&endpoint), "body": body })
}

/// An address without the parts of its query that hold a key by their names.
pub(super) fn address(endpoint: &Endpoint) -> String {
    let Some((place, query)) = endpoint.url.split_once('?') else { return endpoint.url.clone() };
    let told = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default().to_ascii_lowercase();
        !["key", "token", "secret", "auth", "password"].iter().any(|word| name.contains(word))
    };
    let query: Vec<&str> = query.split('&').filter(told).collect();
    if query.is_empty() { place.to_owned() } else { format!("{place}?{}", query.join("&")) }
}

/// A message as it is compared: `None` for audio.
pub(super) fn message_of(name: &str, frame: &WireFrame) -> Option<Value> {
    if name == AUDIO || name.is_empty() {
        return None;
    }
    Some(match frame {
        WireFrame::Text(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string()))
        }
        WireFrame::Binary(bytes) => Value::String(STANDARD.encode(bytes)),
    })
}
