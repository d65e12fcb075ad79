//! Inworld's side of its streaming text-to-speech WebSocket: authentication at the first message, up to five contexts
//! with text buffers, synthesis at a flush or by the buffer rules, errors as status objects. As strict as the provider;
//! where the provider is unknown, policies F-070 to F-079 decide. It speaks the spoken code and makes no compressed audio.

mod config;
mod context;
mod message;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::{MOST_CONTEXTS, PATH};
use crate::contract::Time;
use crate::provider_kit::{Contexts, Ids, Pace, Settings, is_good_key, object};
use crate::wire::{Emulator, EmulatorSetup, Endpoint, FromEmulator, ToEmulator, WireFrame};
use config::Config;
use context::Context;
use message::{Action, Message};

/// gRPC status codes in use.
mod status {
    pub(super) const INVALID: u32 = 3;
    pub(super) const NOT_FOUND: u32 = 5;
    pub(super) const EXISTS: u32 = 6;
    pub(super) const DENIED: u32 = 7;
    pub(super) const EXHAUSTED: u32 = 8;
    pub(super) const UNIMPLEMENTED: u32 = 12;
    pub(super) const UNAUTHENTICATED: u32 = 16;
}

/// Why a request is refused: status code and message.
pub(super) type Refusal = (u32, String);

/// The longest text of one message, characters.
const LONGEST_TEXT: usize = 2_000;

/// First audio 380 to 455 ms after a flush, chunks of half a second at most (captures).
const PACE: Pace = Pace {
    first_audio_ms: 380,
    first_audio_jitter_ms: 75,
    first_chunk_ms: 200,
    chunk_ms: 500,
    realtime_factor_milli: 8_000,
};

#[derive(Debug, PartialEq, Eq)]
enum Auth {
    Good,
    Bad,
    Absent,
}

/// One connection.
pub(super) struct InworldEmulator {
    keys: Vec<String>,
    ids: Ids,
    pace: Pace,
    knows_cancel: bool,
    auth: Auth,
    contexts: Contexts<Context>,
}

impl InworldEmulator {
    /// # Errors
    /// Names the offending setting.
    pub(super) fn new(setup: EmulatorSetup) -> Result<InworldEmulator, String> {
        let mut settings = Settings::new(&setup.settings);
        let pace = Pace::read(&mut settings, PACE);
        let idle_close_ms = settings.whole("idle_close_ms", 600_000, 1, u64::MAX / 1000);
        let knows_cancel = settings.flag("cancel_context", true);
        settings.finish()?;
        Ok(InworldEmulator {
            keys: setup.keys,
            ids: Ids::new(setup.seed),
            pace,
            knows_cancel,
            auth: Auth::Absent,
            contexts: Contexts::new(idle_close_ms),
        })
    }

    fn upgrade(&mut self, now: Time, endpoint: &Endpoint) {
        if endpoint.path() != PATH {
            let body = json!({ "code": status::NOT_FOUND, "message": "Not Found", "details": [] });
            return self.contexts.refuse(404, &body);
        }
        self.auth = match endpoint.header("Authorization").map(str::trim) {
            None | Some("" | "Basic") => Auth::Absent,
            Some(value) => match value.split_once(' ') {
                Some(("Basic", key)) if is_good_key(&self.keys, key.trim()) => Auth::Good,
                _ => Auth::Bad,
            },
        };
        self.contexts.accept(now);
    }

    /// A bad key is noticed with the first message, whatever that is.
    fn refuse_key(&mut self) -> bool {
        let (code, message) = match self.auth {
            Auth::Good => return false,
            Auth::Bad => (status::DENIED, "Invalid credentials"),
            Auth::Absent => (status::UNAUTHENTICATED, "authentication is required"),
        };
        self.error(code, message);
        self.contexts.close();
        true
    }

    fn error(&mut self, code: u32, message: &str) {
        self.contexts.send(&json!({ "error": { "code": code, "message": message, "details": [] } }));
    }

    fn frame(&mut self, now: Time, frame: &WireFrame) {
        self.contexts.heard(now);
        if self.refuse_key() {
            return;
        }
        const INVALID: &str = "invalid WebSocket request for the selected response protocol";
        match object(frame).as_ref().map(Message::read) {
            None | Some(Err(())) => self.error(status::INVALID, INVALID),
            // Unknown keys only: nothing at all happens.
            Some(Ok(None)) => {}
            Some(Ok(Some(message))) => self.message(now, message),
        }
    }

    fn message(&mut self, now: Time, message: Message) {
        let id = message.context_id.clone().unwrap_or_default();
        if let Err((code, text)) = self.act(now, message) {
            self.contexts.send(&refused(&id, code, &text));
        }
    }

    fn act(&mut self, now: Time, message: Message) -> Result<(), Refusal> {
        if let Action::Create(create) = message.action {
            return self.create(message.context_id, &create);
        }
        let place = self.place(message.context_id.as_deref(), message.action.name())?;
        match message.action {
            Action::SendText { text, flush } => {
                if text.chars().count() > LONGEST_TEXT {
                    let text = format!("text length should not exceed {LONGEST_TEXT} characters.");
                    return Err((status::INVALID, text));
                }
                self.contexts.at(place).text(now, &text);
                if flush {
                    self.contexts.at(place).flush(now);
                }
            }
            Action::Flush => self.contexts.at(place).flush(now),
            Action::Update(changes) => {
                let config = self.contexts.at(place).config.updated(&changes)?;
                let id = self.contexts.at(place).id.clone();
                self.contexts.send(&done(&id, "contextUpdated", config.echo()));
                self.contexts.at(place).config = config;
            }
            Action::Close => self.contexts.at(place).close(now),
            Action::Cancel if self.knows_cancel => self.contexts.at(place).cancel(),
            Action::Cancel | Action::Create(_) => {}
        }
        self.contexts.advance(now);
        Ok(())
    }

    fn create(&mut self, id: Option<String>, create: &serde_json::Map<String, Value>) -> Result<(), Refusal> {
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| self.ids.uuid());
        if self.contexts.all().iter().any(|context| context.id == id) {
            return Err((status::EXISTS, format!("context {id} already exists")));
        }
        if self.contexts.all().len() >= MOST_CONTEXTS {
            let text = format!(
                "You have reached the limit of {MOST_CONTEXTS} TTS contexts per connection. Close a context first."
            );
            return Err((status::EXHAUSTED, text));
        }
        let config = Config::read(create)?;
        self.contexts.send(&done(&id, "contextCreated", config.echo()));
        let jitter = self.ids.up_to(self.pace.first_audio_jitter_ms);
        let pace = Pace { first_audio_ms: self.pace.first_audio_ms + jitter, ..self.pace };
        self.contexts.add(Context::new(id, config, pace));
        Ok(())
    }

    /// The context that is meant: the only one when none is named.
    fn place(&self, id: Option<&str>, action: &str) -> Result<usize, Refusal> {
        let found = match id {
            Some(id) => {
                self.contexts.all().iter().position(|context| context.id == id && !context.is_closing())
            }
            None => {
                let mut open = (0..).zip(self.contexts.all()).filter(|(_, context)| !context.is_closing());
                match (open.next(), open.next()) {
                    (Some((only, _)), None) => Some(only),
                    _ => None,
                }
            }
        };
        let id = id.unwrap_or("");
        let payload = action.to_uppercase();
        found.ok_or_else(|| (status::NOT_FOUND, format!("context {id} not found (payload={payload})")))
    }
}

impl Emulator for InworldEmulator {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        match input {
            ToEmulator::Upgrade(endpoint) => self.upgrade(now, endpoint),
            ToEmulator::Frame(_) | ToEmulator::Deadline if !self.contexts.is_open() => {}
            ToEmulator::Frame(frame) => {
                self.contexts.advance(now);
                self.frame(now, frame);
            }
            ToEmulator::Closed { .. } => self.contexts.gone(),
            ToEmulator::Deadline => {
                self.contexts.advance(now);
                if self.contexts.idle_at().is_some_and(|at| at <= now) {
                    self.contexts.close();
                }
            }
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.contexts.poll()
    }

    fn deadline(&self) -> Option<Time> {
        self.contexts.due().into_iter().chain(self.contexts.idle_at()).min()
    }
}

/// `{"result": {contextId, <kind>: body, status}}` of something that went well.
fn done(id: &str, kind: &str, body: Value) -> Value {
    json!({ "result": { "contextId": id, kind: body, "status": { "code": 0, "message": "", "details": [] } } })
}

/// The same of something that did not.
fn refused(id: &str, code: u32, message: &str) -> Value {
    json!({ "result": { "contextId": id, "status": { "code": code, "message": message, "details": [] } } })
}
