//! The platform's side of an OpenAI Realtime connection: what its gateway does between a script's methods and the
//! provider's JSON (GA interface over WebSocket). Forgiving: it tolerates missing arguments, drops or lifts what the
//! provider would refuse, and never sends a `session.update` of its own. It deliberately flushes, truncates and cancels
//! nothing by itself.

mod audio;
mod media;
mod sanitise;
mod start;

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Map, Value, json};
use voxrun_audio::{Frame, Rate};

#[cfg(test)]
pub(crate) use audio::silent_append;
pub(crate) use audio::{RATE, audio_of, is_silent_append};

use super::events;
use crate::contract::{Datum, Fields, Remark, Time};
use crate::wire::{FromUnit, ToUnit, Unit, UnitSetup, WireFrame};

/// Policy: what a call after the end of the connection does.
const AFTER_CLOSE: &str = "F-057";
/// Policy: what `WebSocketError` carries.
const GARBAGE: &str = "F-058";

/// The event that becomes `onWebSocketClose`.
pub(crate) const CLOSE_EVENT: &str = "WebSocket.Close";

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before `Start`.
    New,
    /// The upgrade is under way.
    Connecting,
    /// The provider can be talked to.
    Open,
    /// The script closed it; the socket is not gone yet.
    Closing,
    /// Gone, or never came to be.
    Closed,
}

/// One client as the platform's gateway keeps it.
pub(crate) struct Gateway {
    setup: UnitSetup,
    phase: Phase,
    out: VecDeque<FromUnit>,
    /// Calls made before the connection was open.
    waiting: Vec<(String, Vec<Value>)>,
    /// Keys that already have their note.
    noted: BTreeSet<String>,
    stream: media::Stream,
    /// How the caller's audio is written on the wire; another than PCM only when a verbatim session asked for it.
    hears: audio::Format,
    /// The same for the agent's.
    says: audio::Format,
    /// Half a sample between two pieces of audio.
    odd: Option<u8>,
    /// The agent's voice while it is G.711.
    telephone: Option<audio::Telephone>,
    /// Memory for the message of a frame.
    scratch: String,
}

/// Makes the platform's side of one client.
pub(crate) fn unit(setup: UnitSetup) -> Box<dyn Unit> {
    Box::new(Gateway {
        setup,
        phase: Phase::New,
        out: VecDeque::new(),
        waiting: Vec::new(),
        noted: BTreeSet::new(),
        stream: media::Stream::default(),
        hears: audio::Format::default(),
        says: audio::Format::default(),
        odd: None,
        telephone: None,
        scratch: String::new(),
    })
}

impl Unit for Gateway {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(&Datum::all_json(params)),
            ToUnit::TooMany { why } => self.not_connected(why),
            ToUnit::Tell { method, params } => self.tell(method, &Datum::all_json(params)),
            ToUnit::Close { .. } => self.close(),
            ToUnit::Opened => self.opened(),
            ToUnit::Refused { status, body } => self.not_connected(&refused(status, body)),
            ToUnit::Failed { reason } => self.not_connected(&format!("no connection to OpenAI: {reason}")),
            ToUnit::Frame(frame) => self.received(frame),
            ToUnit::Closed { code, reason, clean } => self.closed(code, reason, clean),
            ToUnit::Audio(frame) => self.hear(frame),
            ToUnit::Source { .. }
            | ToUnit::Paused { .. }
            | ToUnit::Fetched { .. }
            | ToUnit::Stored { .. } => {}
            ToUnit::Playout(playout) => {
                if let Some((name, fields)) = self.stream.playout(now, playout) {
                    self.raise(name.to_owned(), fields);
                }
            }
            ToUnit::Deadline => {
                if let Some((name, fields)) = self.stream.due(now) {
                    self.raise(name.to_owned(), fields);
                }
            }
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.stream.deadline()
    }

    fn hears_at(&self) -> Option<Rate> {
        (self.phase == Phase::Open).then_some(self.hears.rate())
    }
}

/// The rejection's text for an upgrade that was answered with another status.
fn refused(status: u16, body: &str) -> String {
    let body: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    let joint = if body.is_empty() { "" } else { ": " };
    format!("OpenAI refused the connection with HTTP status {status}{joint}{body}")
}

impl Gateway {
    fn start(&mut self, params: &[Value]) {
        if self.phase != Phase::New {
            return;
        }
        match start::start(&self.setup, params) {
            Ok(started) => {
                self.phase = Phase::Connecting;
                for note in started.notes {
                    self.note(None, note);
                }
                self.out.push_back(FromUnit::Connect(started.endpoint));
            }
            Err(reason) => {
                self.phase = Phase::Closed;
                self.out.push_back(FromUnit::Settle(Err(reason)));
            }
        }
    }

    fn opened(&mut self) {
        match self.phase {
            Phase::Connecting => {
                self.phase = Phase::Open;
                self.out.push_back(FromUnit::Settle(Ok(())));
                for (method, params) in std::mem::take(&mut self.waiting) {
                    self.tell(&method, &params);
                }
            }
            Phase::Closed => self.close_socket(),
            Phase::New | Phase::Open | Phase::Closing => {}
        }
    }

    fn not_connected(&mut self, reason: &str) {
        if self.phase == Phase::Connecting {
            self.phase = Phase::Closed;
            self.out.push_back(FromUnit::Settle(Err(reason.to_owned())));
        }
    }

    fn close(&mut self) {
        match self.phase {
            Phase::Open => {
                self.phase = Phase::Closing;
                self.close_socket();
            }
            Phase::Connecting => {
                self.not_connected("the client was closed before it was connected");
                self.close_socket();
            }
            Phase::New => self.phase = Phase::Closed,
            Phase::Closing | Phase::Closed => {}
        }
    }

    fn close_socket(&mut self) {
        self.out.push_back(FromUnit::CloseSocket { code: 1000, reason: String::new() });
    }

    /// The socket is gone: told to the script once, with the provider's code and reason.
    fn closed(&mut self, code: u16, reason: &str, clean: bool) {
        let fields = match self.phase {
            Phase::Open => json!({"code": code, "reason": reason, "wasClean": clean}),
            Phase::Closing => json!({"code": 1000, "reason": "", "wasClean": true}),
            Phase::Connecting => {
                self.not_connected(&format!("OpenAI closed the connection at once: {code} {reason}"));
                return;
            }
            Phase::New | Phase::Closed => return,
        };
        self.phase = Phase::Closed;
        self.raise(CLOSE_EVENT.to_owned(), object(fields));
    }

    fn tell(&mut self, method: &str, params: &[Value]) {
        match self.phase {
            Phase::Open => self.send(method, params),
            Phase::New | Phase::Connecting => self.waiting.push((method.to_owned(), params.to_vec())),
            Phase::Closing | Phase::Closed => {
                self.note(Some(AFTER_CLOSE), format!("{method}: the connection is closed; nothing was sent"));
            }
        }
    }

    fn send(&mut self, method: &str, params: &[Value]) {
        let Some(row) = events::method(method) else {
            self.note(None, format!("{method} is no message of this client; nothing was sent"));
            return;
        };
        let empty = Map::new();
        let params = match params.first() {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(params)) => params,
            Some(_) => {
                self.note(None, format!("{method} takes one object; what it was given was not sent"));
                &empty
            }
        };
        let fields = if self.setup.verbatim {
            params.clone()
        } else {
            let (fields, changes) = sanitise::sanitise(row, params);
            for change in changes {
                if self.noted.insert(change.key) {
                    self.note(Some(change.policy), change.text);
                }
            }
            fields
        };
        let mut message = object(json!({"type": row.wire}));
        message.extend(fields);
        let message = Value::Object(message);
        let name = message["type"].as_str().unwrap_or(&row.wire).to_owned();
        self.out.push_back(FromUnit::Send {
            frame: WireFrame::json(&message),
            name: name.into(),
            shown: Some(message),
        });
    }

    fn hear(&mut self, frame: &Frame) {
        if self.phase == Phase::Open && frame.rate() == self.hears.rate() {
            let text = audio::append(frame, self.hears, &mut self.scratch);
            // Counted, not journaled; the name is for faults that wait for it.
            self.out.push_back(FromUnit::Send {
                frame: WireFrame::Text(text),
                name: audio::APPEND.into(),
                shown: None,
            });
        }
    }

    fn received(&mut self, frame: &WireFrame) {
        if self.phase != Phase::Open {
            return;
        }
        let text = match frame {
            WireFrame::Text(text) => text,
            WireFrame::Binary(bytes) => {
                self.garbage(&format!("a binary message of {} bytes", bytes.len()), None);
                return;
            }
        };
        let value = match serde_json::from_str::<Value>(text) {
            Ok(value) => value,
            Err(error) => {
                self.garbage(&format!("a message that is not JSON ({error})"), Some(text));
                return;
            }
        };
        match value.get("type").and_then(Value::as_str).map(str::to_owned) {
            Some(kind) if kind == "response.output_audio.delta" => self.speak(kind, value),
            Some(kind) => {
                self.follow(&kind, &value);
                self.out.push_back(FromUnit::Received { name: kind.clone(), shown: value.clone() });
                let name = events::value_for_wire(&kind);
                self.raise(name, object(json!({"data": {"customEvent": kind, "payload": value}})));
            }
            None => self.garbage("a message without a type", Some(text)),
        }
    }

    /// Keeps to the audio formats that the provider says are in force.
    fn follow(&mut self, kind: &str, value: &Value) {
        match kind {
            "session.created" | "session.updated" => {
                let audio = &value["session"]["audio"];
                self.hears = audio::Format::of(&audio["input"]["format"]).unwrap_or(self.hears);
                self.says = audio::Format::of(&audio["output"]["format"]).unwrap_or(self.says);
            }
            "response.created" => {
                let format = &value["response"]["audio"]["output"]["format"];
                self.says = audio::Format::of(format).unwrap_or(self.says);
            }
            "response.output_audio.done" => {
                let rest = self.telephone.as_mut().map(audio::Telephone::flush).unwrap_or_default();
                if !rest.is_empty() {
                    self.out.push_back(FromUnit::Audio { rate: RATE, samples: rest });
                }
                return;
            }
            _ => return,
        }
        match self.says {
            audio::Format::Pcm => self.telephone = None,
            audio::Format::G711(law) => {
                if self.telephone.as_ref().is_none_or(|own| own.law() != law) {
                    self.telephone = Some(audio::Telephone::new(law));
                }
            }
        }
    }

    /// Remote audio goes to the playout queue; the script does not see it.
    fn speak(&mut self, kind: String, mut value: Value) {
        let decoded = match value.get("delta").and_then(Value::as_str) {
            Some(delta) => match &mut self.telephone {
                Some(telephone) => telephone.samples_of(delta),
                None => audio::samples_of(delta, &mut self.odd),
            },
            None => Err("audio is missing".to_owned()),
        };
        match decoded {
            Ok(samples) => {
                value["delta"] = Value::String(format!("({} ms of audio)", samples.len() / 24));
                self.out.push_back(FromUnit::Received { name: kind, shown: value });
                if !samples.is_empty() {
                    self.out.push_back(FromUnit::Audio { rate: RATE, samples });
                }
            }
            Err(why) => self.garbage(&format!("a {kind} whose {why}"), None),
        }
    }

    /// Something that is no message of the provider's protocol.
    fn garbage(&mut self, what: &str, text: Option<&str>) {
        let start: Option<String> = text.map(|text| text.chars().take(100).collect());
        self.note(Some(GARBAGE), format!("OpenAI sent {what}"));
        let payload = json!({"message": format!("received {what}"), "received": start});
        let fields = object(json!({"data": {"customEvent": "websocket.error", "payload": payload}}));
        self.raise(events::value_of("WebSocketError"), fields);
    }

    fn raise(&mut self, name: String, fields: Fields) {
        self.out.push_back(FromUnit::Raise { name, fields: fields.into() });
    }

    fn note(&mut self, policy: Option<&'static str>, text: String) {
        self.out.push_back(FromUnit::Note(Remark::maybe(policy, text)));
    }
}

/// The fields of a JSON object.
fn object(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}
