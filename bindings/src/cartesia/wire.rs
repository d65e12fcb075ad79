//! The platform's side of Cartesia's text-to-speech WebSocket (version 2024-11-13): generation requests of the script go
//! out with what the scenario leaves to the gateway, audio chunks come in, and everything that was asked for before a
//! clear is dropped. Reconnecting is the script's business.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::PATH;
use super::contexts::Contexts;
use super::request::{self, Request};
use crate::contract::{Fields, Time};
use crate::provider_kit::{Ids, PlayerLine, PlayerWire, address, audio_length, key};
use crate::wire::{Endpoint, UnitSetup, WireFrame};

const ORIGIN: &str = "wss://api.cartesia.ai";

/// The version that the platform's typings link to (F-080).
const VERSION: &str = "2024-11-13";

/// A message that waits for the socket.
#[derive(Debug)]
enum Held {
    Generation { name: String, request: Request },
    Cancel { name: String },
}

/// The connector of one player.
pub(super) struct Wire {
    setup: UnitSetup,
    line: PlayerLine,
    ids: Ids,
    contexts: Contexts,
    held: VecDeque<Held>,
    /// Names of contexts whose requests were dropped before they were sent: Cartesia has never heard of them.
    never_sent: BTreeSet<String>,
}

impl Wire {
    pub(super) fn new(setup: UnitSetup) -> Wire {
        Wire {
            line: PlayerLine::new("Cartesia"),
            ids: Ids::new(setup.seed),
            setup,
            contexts: Contexts::default(),
            held: VecDeque::new(),
            never_sent: BTreeSet::new(),
        }
    }

    fn remark(&mut self, remarks: request::Remarks) {
        for (kind, policy, text) in remarks {
            self.line.note(kind, policy, text);
        }
    }

    fn generate(&mut self, now: Time, request: Request) {
        let name = request.context_id.clone().unwrap_or_else(|| self.ids.uuid());
        let known = self.contexts.named(&name).is_some_and(|context| !context.given_up)
            || self
                .held
                .iter()
                .any(|held| matches!(held, Held::Generation { name: other, .. } if *other == name));
        // An empty transcript ends or flushes a context. Without one there is nothing to say to Cartesia at all.
        let empty = request.body.get("transcript") == Some(&json!(""));
        if empty && !known && !self.setup.verbatim {
            self.line.note("empty", Some("F-082"), "an empty request for a new context is not sent");
            return;
        }
        if request.speaks() {
            self.line.requested(now);
        }
        self.never_sent.remove(&name);
        self.held.push_back(Held::Generation { name, request });
        self.pump();
    }

    fn cancel(&mut self, name: String) {
        self.drop_held(Some(&name));
        if self.never_sent.contains(&name) {
            let text = "cancelContextRequest(): nothing of this context was sent yet, and nothing will be";
            self.line.note("cancel", None, text);
            return;
        }
        if self.contexts.named(&name).is_some_and(|context| context.given_up) {
            let text = "cancelContextRequest(): clearBuffer() has cancelled this context already";
            self.line.note("cancel", Some("F-084"), text);
            return;
        }
        self.held.push_back(Held::Cancel { name });
        self.pump();
    }

    /// Forgets what was not sent yet, of one context or of all.
    fn drop_held(&mut self, only: Option<&str>) {
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::Generation { name, .. } if only.is_none_or(|only| only == name) => {
                    if self.contexts.named(&name).is_none() {
                        self.never_sent.insert(name);
                    }
                }
                Held::Cancel { .. } if only.is_none() => {}
                other => self.held.push_back(other),
            }
        }
    }

    /// Sends what waits, in order.
    fn pump(&mut self) {
        while self.line.is_open() {
            match self.held.pop_front() {
                None => return,
                Some(Held::Generation { name, request }) => {
                    let context = self.contexts.open(&name);
                    context.sent(request.speaks(), request.flushes());
                    if request.speaks() && !context.done {
                        self.line.turn(&context.wire_id);
                    }
                    let mut body = request.body;
                    body.insert("context_id".to_owned(), json!(context.wire_id));
                    self.line.send("generation", Value::Object(body));
                }
                Some(Held::Cancel { name }) => {
                    let id = match self.contexts.named(&name) {
                        Some(context) => {
                            context.cancelled = true;
                            context.wire_id.clone()
                        }
                        None => name,
                    };
                    self.line.send("cancel", json!({ "context_id": id, "cancel": true }));
                }
            }
        }
    }

    fn error(&mut self, now: Time, id: &str, message: &Fields) {
        let of_given_up = match self.contexts.with_id(id) {
            Some(context) => {
                context.done = true;
                context.given_up
            }
            None => id.is_empty() && self.contexts.awaits_end(),
        };
        if !of_given_up {
            self.line.fail(now, &error_text(message));
        }
    }

    fn audio(&mut self, now: Time, id: &str, message: &Fields) {
        let context = match self.contexts.with_id(id) {
            Some(context) if context.given_up => return,
            Some(context) => context,
            None => {
                self.line.note("stray", None, "Cartesia sent audio of an unknown context; dropped");
                return;
            }
        };
        let Some(data) = message.get("data").and_then(Value::as_str) else {
            self.line.note("chunk", None, "an audio chunk of Cartesia holds no data; ignored");
            return;
        };
        if let Some(samples) = self.line.decode(&mut context.pcm, data) {
            self.line.audio(now, id, samples);
        }
    }
}

impl PlayerWire for Wire {
    fn line(&self) -> &PlayerLine {
        &self.line
    }

    fn line_mut(&mut self) -> &mut PlayerLine {
        &mut self.line
    }

    fn start(&mut self, now: Time, params: &[Value]) {
        let mut remarks = Vec::new();
        let options = params.get(1).and_then(Value::as_object);
        match key(options, &["apiKey", "apikey"], self.setup.fallback_key.as_deref()) {
            Some(key) => self.line.start(Endpoint {
                url: address(self.setup.base_url.as_deref(), ORIGIN, PATH),
                headers: vec![
                    ("Cartesia-Version".to_owned(), VERSION.to_owned()),
                    ("X-API-Key".to_owned(), key),
                ],
            }),
            None => self.line.start_without_key(now, &self.setup.key_secret),
        }
        let first = request::first(params, self.setup.verbatim, &mut remarks);
        self.remark(remarks);
        if let Some(request) = first {
            self.generate(now, request);
        }
    }

    fn tell(&mut self, now: Time, method: &str, params: &[Value]) {
        if self.line.refuse_if_over(method) {
            return;
        }
        let mut remarks = Vec::new();
        match method {
            "generationRequest" => {
                let request = request::generation(params, self.setup.verbatim, &mut remarks);
                self.remark(remarks);
                if let Some(request) = request {
                    self.generate(now, request);
                }
            }
            "cancelContextRequest" => {
                let name = request::cancelled(params, &mut remarks);
                self.remark(remarks);
                if let Some(name) = name {
                    self.cancel(name);
                }
            }
            _ => self.line.note("method", None, format!("{method}() is not a message to Cartesia; ignored")),
        }
    }

    fn opened(&mut self, _: Time) {
        self.pump();
    }

    fn frame(&mut self, now: Time, frame: &WireFrame) {
        if self.line.is_over() {
            return;
        }
        let WireFrame::Text(text) = frame else {
            self.line.note("garbage", None, format!("Cartesia sent {} binary bytes; ignored", frame.len()));
            return;
        };
        let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else {
            self.line.note("garbage", None, "Cartesia sent something that is not a JSON object; ignored");
            return;
        };
        let kind = message.get("type").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        self.line.received(&kind, shown(&message));
        let id = message.get("context_id").and_then(Value::as_str).unwrap_or("").to_owned();
        match kind.as_str() {
            "chunk" => self.audio(now, &id, &message),
            "flush_done" => {
                if let Some(context) = self.contexts.with_id(&id) {
                    context.flushed();
                    if context.is_complete() {
                        self.line.turn_ended(now, &id);
                    }
                }
            }
            "done" => {
                if let Some(context) = self.contexts.with_id(&id) {
                    context.done = true;
                    self.line.turn_ended(now, &id);
                }
            }
            "error" => self.error(now, &id, &message),
            "timestamps" | "phoneme_timestamps" => {}
            _ => self.line.note("garbage", None, "Cartesia sent a message of an unknown type; ignored"),
        }
        if !self.line.is_over() {
            let complete = self.is_complete();
            self.line.settled(complete);
        }
    }

    /// The script cleared the queue: nothing that was asked for until now may be heard.
    fn cleared(&mut self, _: Time) {
        let unsent = !self.held.is_empty();
        self.drop_held(None);
        let ids = self.contexts.give_up();
        if !ids.is_empty() {
            let text = "clearBuffer() gives up unfinished speech: its context is cancelled at Cartesia and its audio dropped";
            self.line.note("clear", Some("F-095"), text);
        } else if unsent {
            self.line.note("clear", Some("F-095"), "clearBuffer() drops requests that were not sent yet");
        }
        if self.line.is_open() {
            for id in ids {
                self.line.send("cancel", json!({ "context_id": id, "cancel": true }));
            }
        }
    }

    fn is_complete(&self) -> bool {
        let waits = self.held.iter().any(|held| matches!(held, Held::Generation { .. }));
        !waits && self.contexts.is_complete()
    }

    fn forget(&mut self) {
        self.held.clear();
    }
}

/// The message for the journal: audio replaced by its length.
fn shown(message: &Fields) -> Value {
    let mut shown = message.clone();
    if let Some(length) = shown.get("data").and_then(Value::as_str).map(audio_length) {
        shown.insert("data".to_owned(), json!(length));
    }
    Value::Object(shown)
}

/// The provider's words: `error` in older versions, `title` and `message` in newer ones.
fn error_text(message: &Fields) -> String {
    let text = |key: &str| message.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let words = match (text("error"), text("title"), text("message")) {
        (Some(error), _, _) => error.to_owned(),
        (None, Some(title), Some(message)) => format!("{title}: {message}"),
        (None, Some(one), None) | (None, None, Some(one)) => one.to_owned(),
        (None, None, None) => "no reason given".to_owned(),
    };
    match message.get("status_code").and_then(Value::as_u64) {
        Some(status) => format!("Cartesia error {status}: {words}"),
        None => format!("Cartesia error: {words}"),
    }
}
