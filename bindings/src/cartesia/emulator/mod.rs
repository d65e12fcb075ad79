//! Cartesia's side of its text-to-speech WebSocket: authentication at the upgrade, contexts with continuation, buffering,
//! flush, timestamps and cancellation, errors in the form of the version asked for. As strict as the provider; where the
//! provider is unknown, policies F-080 to F-089 decide. It speaks the spoken code.

mod context;
mod errors;
mod request;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::PATH;
use crate::contract::Time;
use crate::playback::{Ids, Pace, Settings};
use crate::wire::{Emulator, EmulatorSetup, Endpoint, FromEmulator, ToEmulator, WireFrame};
use context::Context;
use errors::Refusal;
use request::Request;

/// Versions of the interface, oldest first.
const VERSIONS: &[&str] =
    &["2024-06-10", "2024-11-13", "2025-04-16", "2025-11-04", "2026-03-01", "2026-08-14"];

/// From this version on errors have a title and a code of their own.
const ERRORS_STRUCTURED_SINCE: &str = "2026-03-01";

/// Ended contexts that are remembered.
const REMEMBERED: usize = 1_000;

/// First audio about 200 ms after a request on a warm connection.
const PACE: Pace = Pace {
    first_audio_ms: 200,
    first_audio_jitter_ms: 60,
    first_chunk_ms: 100,
    chunk_ms: 200,
    realtime_factor_milli: 6_000,
};

/// One connection.
pub(super) struct CartesiaEmulator {
    keys: Vec<String>,
    ids: Ids,
    pace: Pace,
    cold_start_ms: u64,
    idle_close_ms: u64,
    concurrency: u64,
    version: &'static str,
    open: bool,
    warm: bool,
    contexts: Vec<Context>,
    ended: VecDeque<String>,
    last_message: Time,
    out: VecDeque<FromEmulator>,
}

impl CartesiaEmulator {
    /// # Errors
    /// Names the offending setting.
    pub(super) fn new(setup: EmulatorSetup) -> Result<CartesiaEmulator, String> {
        let mut settings = Settings::new(&setup.settings);
        let pace = Pace::read(&mut settings, PACE);
        let cold_start_ms = settings.whole("cold_start_ms", 500, 0, 600_000);
        let idle_close_ms = settings.whole("idle_close_ms", 300_000, 1, u64::MAX / 1000);
        let concurrency = settings.whole("concurrency", 15, 1, 1_000);
        settings.finish()?;
        Ok(CartesiaEmulator {
            keys: setup.keys,
            ids: Ids::new(setup.seed),
            pace,
            cold_start_ms,
            idle_close_ms,
            concurrency,
            version: VERSIONS[1],
            open: false,
            warm: false,
            contexts: Vec::new(),
            ended: VecDeque::new(),
            last_message: Time::ZERO,
            out: VecDeque::new(),
        })
    }

    fn upgrade(&mut self, now: Time, endpoint: &Endpoint) {
        let refusal = if endpoint.path() == PATH { self.examine(endpoint) } else { Some((404, "Not Found")) };
        match refusal {
            Some((status, reason)) => {
                let body = json!({ "error": reason, "status_code": status }).to_string();
                self.out.push_back(FromEmulator::Refuse { status, body });
            }
            None => {
                self.open = true;
                self.last_message = now;
                self.out.push_back(FromEmulator::Accept);
            }
        }
    }

    /// Key and version of an upgrade request.
    fn examine(&mut self, endpoint: &Endpoint) -> Option<(u16, &'static str)> {
        let bearer = endpoint.header("Authorization").and_then(|value| value.strip_prefix("Bearer "));
        let places =
            [endpoint.header("X-API-Key"), bearer, endpoint.query("api_key"), endpoint.query("access_token")];
        let key = places.into_iter().flatten().map(str::trim).find(|key| !key.is_empty()).unwrap_or_default();
        if key.is_empty() {
            return Some((401, "Unauthorized: an API key is required"));
        }
        if !self.keys.is_empty() && !self.keys.iter().any(|good| good == key) {
            return Some((401, "Unauthorized: invalid API key"));
        }
        let version = endpoint.header("Cartesia-Version").or_else(|| endpoint.query("cartesia_version"));
        match version.map(str::trim) {
            None | Some("") => Some((400, "Bad Request: Cartesia-Version is required")),
            Some(version) => match VERSIONS.iter().find(|known| **known == version) {
                Some(known) => {
                    self.version = known;
                    None
                }
                None => Some((400, "Bad Request: unknown Cartesia-Version")),
            },
        }
    }

    fn frame(&mut self, now: Time, frame: &WireFrame) {
        self.last_message = now;
        let parsed = match frame {
            WireFrame::Text(text) => serde_json::from_str::<Value>(text).ok(),
            WireFrame::Binary(_) => None,
        };
        let Some(Value::Object(message)) = parsed else {
            return self
                .refuse(None, Refusal::bad("Invalid message", "a JSON object in a text frame is expected"));
        };
        let id = match message.get("context_id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return self.refuse(None, Refusal::bad("Invalid context ID", "it must be a string")),
        };
        let outcome = match message.get("cancel") {
            None | Some(Value::Null | Value::Bool(false)) => self.generate(now, id.clone(), &message),
            Some(Value::Bool(true)) => self.cancel(now, id.as_deref()),
            Some(_) => Err(Refusal::bad("Invalid request", "cancel must be a boolean")),
        };
        if let Err(refusal) = outcome {
            self.refuse(id.as_deref(), refusal);
        }
        self.advance(now);
    }

    fn generate(
        &mut self,
        now: Time,
        id: Option<String>,
        message: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let request = Request::read(message)?;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| self.ids.uuid());
        if self.ended.contains(&id) {
            return Err(Refusal::bad("Invalid context ID", "Context has closed"));
        }
        let place = match self.contexts.iter().position(|context| context.id == id) {
            Some(place) => {
                self.contexts[place].admits(&request)?;
                place
            }
            None => self.admit(id, &request)?,
        };
        self.contexts[place].request(now, request);
        Ok(())
    }

    /// A new context.
    fn admit(&mut self, id: String, request: &Request) -> Result<usize, Refusal> {
        if request.transcript.is_empty() {
            return Err(Refusal::bad("Invalid transcript", "transcript must not be empty in a new context"));
        }
        if self.contexts.len() as u64 >= self.concurrency {
            return Err(Refusal::concurrency());
        }
        let cold_ms = if self.warm { 0 } else { self.cold_start_ms };
        self.warm = true;
        let jitter = self.ids.up_to(self.pace.first_audio_jitter_ms);
        let pace = Pace { first_audio_ms: self.pace.first_audio_ms + jitter, ..self.pace };
        let delay_default_ms = if self.version == VERSIONS[0] { 0 } else { 3_000 };
        self.contexts.push(Context::new(id, request, pace, cold_ms, delay_default_ms));
        Ok(self.contexts.len() - 1)
    }

    fn cancel(&mut self, now: Time, id: Option<&str>) -> Result<(), Refusal> {
        let context = self.contexts.iter_mut().find(|context| Some(context.id.as_str()) == id);
        match context {
            Some(context) => context.cancel(now),
            None => return Err(Refusal::bad("Invalid context ID", "there is no active context of this ID")),
        }
        Ok(())
    }

    fn refuse(&mut self, id: Option<&str>, refusal: Refusal) {
        let structured = self.version >= ERRORS_STRUCTURED_SINCE;
        let request_id = structured.then(|| self.ids.uuid());
        let message = refusal.message(id, request_id);
        self.out.push_back(FromEmulator::Send(WireFrame::json(&message)));
    }

    /// Does everything that is due, earliest first.
    fn advance(&mut self, now: Time) {
        loop {
            let next = self
                .contexts
                .iter()
                .enumerate()
                .filter_map(|(place, context)| Some((context.due()?, place)))
                .min()
                .filter(|(due, _)| *due <= now);
            let Some((due, place)) = next else { break };
            let mut messages = Vec::new();
            let ended = self.contexts[place].step(due, &mut messages);
            self.out.extend(messages.iter().map(WireFrame::json).map(FromEmulator::Send));
            if ended {
                let context = self.contexts.remove(place);
                self.ended.push_back(context.id);
                if self.ended.len() > REMEMBERED {
                    self.ended.pop_front();
                }
            }
        }
    }

    fn deadline_reached(&mut self, now: Time) {
        self.advance(now);
        if self.contexts.is_empty() && now >= self.last_message.plus_ms(self.idle_close_ms) {
            self.open = false;
            self.out.push_back(FromEmulator::Close { code: 1000, reason: String::new() });
        }
    }
}

impl Emulator for CartesiaEmulator {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        match input {
            ToEmulator::Upgrade(endpoint) => self.upgrade(now, endpoint),
            ToEmulator::Frame(_) | ToEmulator::Deadline if !self.open => {}
            ToEmulator::Frame(frame) => {
                self.advance(now);
                self.frame(now, frame);
            }
            ToEmulator::Closed { .. } => {
                self.open = false;
                self.contexts.clear();
            }
            ToEmulator::Deadline => self.deadline_reached(now),
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        if !self.open {
            return None;
        }
        let idle = self.contexts.is_empty().then(|| self.last_message.plus_ms(self.idle_close_ms));
        self.contexts.iter().filter_map(Context::due).chain(idle).min()
    }
}
