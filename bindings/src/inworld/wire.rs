//! The platform's side of Inworld's streaming text-to-speech WebSocket (`voice:streamBidirectional`): messages of the
//! script go into a context that the player owns, audio chunks come out. It puts right what the platform's gateway puts
//! right, and drops everything that was asked for before a clear. Reconnecting is the script's business.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::contexts::Context;
use super::say::{self, Effect, Say};
use super::{MOST_CONTEXTS, PATH};
use crate::contract::{Fields, Time};
use crate::provider_kit::{Ids, PlayerLine, PlayerWire, address, audio_length, key};
use crate::wire::{Endpoint, UnitSetup, WireFrame};

const ORIGIN: &str = "wss://api.inworld.ai";

/// How long a cancelled context may take to be closed before the documented `close_context` is sent after it.
const CANCEL_PATIENCE_MS: u64 = 2_000;

/// How long a new context waits for one of the five places before it is asked for regardless.
const PLACE_PATIENCE_MS: u64 = 5_000;

/// gRPC status: there is no such context.
const NOT_FOUND: i64 = 5;

/// A message that waits for the socket, or for a place.
#[derive(Debug)]
struct Held {
    context: String,
    say: Say,
    at: Time,
}

/// The connector of one player.
pub(super) struct Wire {
    setup: UnitSetup,
    line: PlayerLine,
    create: Fields,
    base_id: String,
    made: u32,
    contexts: Vec<Context>,
    held: VecDeque<Held>,
}

impl Wire {
    pub(super) fn new(setup: UnitSetup) -> Wire {
        Wire {
            setup,
            line: PlayerLine::new("Inworld"),
            create: Fields::new(),
            base_id: String::new(),
            made: 0,
            contexts: Vec::new(),
            held: VecDeque::new(),
        }
    }

    fn remark(&mut self, remarks: say::Remarks) {
        for (kind, policy, text) in remarks {
            self.line.note(kind, policy, text);
        }
    }

    /// The context that takes new text; a new one if need be.
    fn current(&mut self, now: Time) -> String {
        if let Some(context) = self.contexts.iter().rev().find(|context| context.takes_text()) {
            return context.id.clone();
        }
        self.made += 1;
        let id = match self.made {
            1 => self.base_id.clone(),
            nth => format!("{}-{nth}", self.base_id),
        };
        self.contexts.push(Context::new(id.clone()));
        let body = Fields::from_iter([("create".to_owned(), Value::Object(self.create.clone()))]);
        let say = Say { name: "create".to_owned(), body, effect: Effect::Create };
        self.held.push_back(Held { context: id.clone(), say, at: now });
        id
    }

    fn find(&mut self, id: &str, change: impl FnOnce(&mut Context)) {
        if let Some(context) = self.contexts.iter_mut().find(|context| context.id == id) {
            change(context);
        }
    }

    /// Whether a context that waits must wait on.
    fn no_place(&self, now: Time, held: &Held) -> bool {
        held.say.effect == Effect::Create
            && self.contexts.iter().filter(|context| context.created).count() >= MOST_CONTEXTS
            && now < held.at.plus_ms(PLACE_PATIENCE_MS)
    }

    /// Sends what can be sent, in order.
    fn pump(&mut self, now: Time) {
        while self.line.is_open() && self.held.front().is_some_and(|held| !self.no_place(now, held)) {
            let Some(held) = self.held.pop_front() else { return };
            let mut body = held.say.body;
            // The id goes first, for the reader of a journal.
            body.shift_insert(0, "contextId".to_owned(), json!(held.context));
            body.shift_remove("context_id");
            self.line.send(&held.say.name, Value::Object(body));
            let effect = held.say.effect;
            if let Effect::Text { speaks: true, .. } = effect {
                self.line.turn(&held.context);
            }
            self.find(&held.context, |context| match effect {
                Effect::Create => context.created = true,
                Effect::Text { speaks, flushes } => context.sent(speaks, flushes),
                Effect::Close | Effect::Other => {}
            });
        }
    }

    /// The context that a message is about; a message without an id is about the only one there is.
    fn place_of(&self, result: &Fields) -> Option<usize> {
        match result.get("contextId").or_else(|| result.get("context_id")).and_then(Value::as_str) {
            Some(id) if !id.is_empty() => self.contexts.iter().position(|context| context.id == id),
            _ => (self.contexts.len() == 1).then_some(0),
        }
    }

    fn result(&mut self, now: Time, result: &Fields) {
        const KINDS: &[&str] =
            &["audioChunk", "flushCompleted", "contextCreated", "contextClosed", "contextUpdated"];
        let kind = KINDS.iter().find(|kind| result.contains_key(**kind)).copied().unwrap_or("status");
        self.line.received(kind, json!({ "result": shown(result) }));
        let place = self.place_of(result);
        let status = result.get("status").filter(|status| code(status) != 0);
        if let Some(status) = status {
            match place {
                // Its end was asked for; that something of it failed is no news. Not found: it has ended.
                Some(place) if self.contexts[place].given_up => {
                    if code(status) == NOT_FOUND {
                        self.contexts.remove(place);
                    }
                }
                None if self.is_of_ours(result) => {
                    let text =
                        "Inworld had already closed a context when something was sent to it; that is lost";
                    self.line.note("crossed", Some("F-075"), text);
                }
                _ => self.line.fail(now, &error_text(status)),
            }
            return;
        }
        let Some(place) = place else {
            if kind == "audioChunk" {
                self.line.note("stray", None, "Inworld sent audio of a context that is not open; dropped");
            }
            return;
        };
        match kind {
            "audioChunk" => self.audio(now, place, result),
            "flushCompleted" => self.contexts[place].flushed(),
            "contextClosed" => self.closed_context(now, place),
            _ => {}
        }
    }

    /// Whether the message is about a context that this player had and has given up.
    fn is_of_ours(&self, result: &Fields) -> bool {
        let id = result.get("contextId").or_else(|| result.get("context_id")).and_then(Value::as_str);
        // Further contexts are named after the first: c, c-2, c-3.
        let rest = id.and_then(|id| id.strip_prefix(self.base_id.as_str()));
        rest.is_some_and(|rest| {
            let number = rest.strip_prefix('-').unwrap_or_default();
            rest.is_empty() || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        })
    }

    fn closed_context(&mut self, now: Time, place: usize) {
        let context = self.contexts.remove(place);
        self.line.turn_ended(now, &context.id);
        if context.takes_text() {
            self.line.note("closed", None, "Inworld closed the context; the next text opens a new one");
            self.held.retain(|held| held.context != context.id);
        }
    }

    fn audio(&mut self, now: Time, place: usize, result: &Fields) {
        if self.contexts[place].given_up {
            return;
        }
        self.contexts[place].audio();
        let chunk = &result["audioChunk"];
        let content =
            chunk.get("audioContent").or_else(|| chunk.get("audio_content")).and_then(Value::as_str);
        let Some(content) = content else {
            self.line.note("chunk", None, "an audio chunk of Inworld holds no audioContent; ignored");
            return;
        };
        let context = &mut self.contexts[place];
        if let Some(samples) = self.line.decode(&mut context.pcm, content) {
            self.line.audio(now, &context.id, samples);
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
        let given = params.first().and_then(Value::as_object);
        let mut remarks = Vec::new();
        let read = say::context_parameters(given, self.setup.verbatim, &mut remarks);
        self.create = read.create;
        self.base_id = read.context_id.unwrap_or_else(|| Ids::new(self.setup.seed).uuid());
        match key(given, &["apiKey"], self.setup.fallback_key.as_deref()) {
            Some(key) => self.line.start(Endpoint {
                url: address(self.setup.base_url.as_deref(), ORIGIN, PATH),
                headers: vec![("Authorization".to_owned(), format!("Basic {key}"))],
            }),
            None => self.line.start_without_key(now, &self.setup.key_secret),
        }
        self.remark(remarks);
        self.current(now);
    }

    fn tell(&mut self, now: Time, method: &str, params: &[Value]) {
        if self.line.refuse_if_over(method) {
            return;
        }
        if method != "send" {
            self.line.note("method", None, format!("{method}() is not a message to Inworld; ignored"));
            return;
        }
        let mut remarks = Vec::new();
        let messages = say::messages(params, self.setup.verbatim, &mut remarks);
        self.remark(remarks);
        for say in messages {
            let context = self.current(now);
            match say.effect {
                Effect::Text { speaks: true, .. } => self.line.requested(now),
                Effect::Close => self.find(&context, |context| context.closing = true),
                _ => {}
            }
            self.held.push_back(Held { context, say, at: now });
        }
        self.pump(now);
    }

    fn opened(&mut self, now: Time) {
        self.pump(now);
    }

    fn frame(&mut self, now: Time, frame: &WireFrame) {
        if self.line.is_over() {
            return;
        }
        let WireFrame::Text(text) = frame else {
            self.line.note("garbage", None, format!("Inworld sent {} binary bytes; ignored", frame.len()));
            return;
        };
        let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else {
            self.line.note("garbage", None, "Inworld sent something that is not a JSON object; ignored");
            return;
        };
        if let Some(error) = message.get("error") {
            self.line.received("error", Value::Object(message.clone()));
            self.line.fail(now, &error_text(error));
            return;
        }
        let Some(result) = message.get("result").and_then(Value::as_object) else {
            self.line.received("unknown", Value::Object(message));
            self.line.note("garbage", None, "Inworld sent a message without result or error; ignored");
            return;
        };
        self.result(now, result);
        self.pump(now);
        if !self.line.is_over() {
            let complete = self.is_complete();
            self.line.settled(complete);
        }
    }

    /// The script cleared the queue. Text that is not on the wire is forgotten; a context from which anything may still
    /// come is given up, and what is said next goes into a new one.
    fn cleared(&mut self, now: Time) {
        let held_before = self.held.len();
        self.held.retain(|held| !matches!(held.say.effect, Effect::Text { .. }));
        let mut cancelled = Vec::new();
        for context in self.contexts.iter_mut().filter(|context| context.created && !context.given_up) {
            if context.is_idle() {
                continue;
            }
            context.given_up = true;
            context.close_at = Some(now.plus_ms(CANCEL_PATIENCE_MS));
            cancelled.push(context.id.clone());
        }
        // Nothing more is to be said in a context that is given up, not even what does not speak.
        self.held.retain(|held| !cancelled.contains(&held.context));
        if !cancelled.is_empty() {
            let text = "clearBuffer() gives up unfinished speech: its context is cancelled at Inworld and its audio dropped";
            self.line.note("clear", Some("F-095"), text);
        } else if self.held.len() < held_before {
            self.line.note("clear", Some("F-095"), "clearBuffer() drops text that was not sent yet");
        }
        if self.line.is_open() {
            for id in cancelled {
                self.line.send("cancel_context", json!({ "contextId": id, "cancel_context": {} }));
            }
        }
    }

    fn is_complete(&self) -> bool {
        let waits = self.held.iter().any(|held| matches!(held.say.effect, Effect::Text { .. }));
        !waits && self.contexts.iter().all(|context| context.given_up || context.is_complete())
    }

    fn forget(&mut self) {
        self.held.clear();
    }

    fn deadline(&self) -> Option<Time> {
        if !self.line.is_open() {
            return None;
        }
        let place = self
            .held
            .front()
            .filter(|held| held.say.effect == Effect::Create)
            .map(|held| held.at.plus_ms(PLACE_PATIENCE_MS));
        self.contexts.iter().filter_map(|context| context.close_at).chain(place).min()
    }

    /// Sends `close_context` after a cancel that was not answered, and asks for places that did not become free.
    fn due(&mut self, now: Time) {
        let mut late = Vec::new();
        for context in &mut self.contexts {
            if context.close_at.is_some_and(|at| at <= now) {
                context.close_at = None;
                late.push(context.id.clone());
            }
        }
        if self.line.is_open() {
            for id in late {
                self.line.send("close_context", json!({ "contextId": id, "close_context": {} }));
            }
        }
        self.pump(now);
    }
}

/// The message for the journal: audio replaced by its length.
fn shown(result: &Fields) -> Value {
    let mut shown = result.clone();
    if let Some(chunk) = shown.get_mut("audioChunk").and_then(Value::as_object_mut) {
        for name in ["audioContent", "audio_content"] {
            if let Some(content) = chunk.get_mut(name)
                && let Some(length) = content.as_str().map(audio_length)
            {
                *content = json!(length);
            }
        }
    }
    Value::Object(shown)
}

fn code(status: &Value) -> i64 {
    status.get("code").and_then(Value::as_i64).unwrap_or(0)
}

fn error_text(status: &Value) -> String {
    let message = status.get("message").and_then(Value::as_str).unwrap_or("");
    match (message, code(status)) {
        ("", code) => format!("Inworld error {code}"),
        (message, 0) => format!("Inworld error: {message}"),
        (message, code) => format!("Inworld error {code}: {message}"),
    }
}
