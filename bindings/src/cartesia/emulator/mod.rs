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
use crate::provider_kit::{Contexts, Ids, Pace, Settings, is_good_key, object};
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
    concurrency: u64,
    version: &'static str,
    warm: bool,
    contexts: Contexts<Context>,
    ended: VecDeque<String>,
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
            concurrency,
            version: VERSIONS[1],
            warm: false,
            contexts: Contexts::new(idle_close_ms),
            ended: VecDeque::new(),
        })
    }

    fn upgrade(&mut self, now: Time, endpoint: &Endpoint) {
        let refusal = if endpoint.path() == PATH { self.examine(endpoint) } else { Some((404, "Not Found")) };
        match refusal {
            Some((status, reason)) => {
                self.contexts.refuse(status, &json!({ "error": reason, "status_code": status }));
            }
            None => self.contexts.accept(now),
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
        if !is_good_key(&self.keys, key) {
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
        self.contexts.heard(now);
        let Some(message) = object(frame) else {
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
        let place = match self.contexts.all().iter().position(|context| context.id == id) {
            Some(place) => {
                self.contexts.at(place).admits(&request)?;
                place
            }
            None => self.admit(id, &request)?,
        };
        self.contexts.at(place).request(now, request);
        Ok(())
    }

    /// A new context.
    fn admit(&mut self, id: String, request: &Request) -> Result<usize, Refusal> {
        if request.transcript.is_empty() {
            return Err(Refusal::bad("Invalid transcript", "transcript must not be empty in a new context"));
        }
        if self.contexts.all().len() as u64 >= self.concurrency {
            return Err(Refusal::concurrency());
        }
        let cold_ms = if self.warm { 0 } else { self.cold_start_ms };
        self.warm = true;
        let jitter = self.ids.up_to(self.pace.first_audio_jitter_ms);
        let pace = Pace { first_audio_ms: self.pace.first_audio_ms + jitter, ..self.pace };
        let delay_default_ms = if self.version == VERSIONS[0] { 0 } else { 3_000 };
        Ok(self.contexts.add(Context::new(id, request, pace, cold_ms, delay_default_ms)))
    }

    fn cancel(&mut self, now: Time, id: Option<&str>) -> Result<(), Refusal> {
        match self.contexts.find(|context| Some(context.id.as_str()) == id) {
            Some(context) => context.cancel(now),
            None => return Err(Refusal::bad("Invalid context ID", "there is no active context of this ID")),
        }
        Ok(())
    }

    fn refuse(&mut self, id: Option<&str>, refusal: Refusal) {
        let structured = self.version >= ERRORS_STRUCTURED_SINCE;
        let request_id = structured.then(|| self.ids.uuid());
        let message = refusal.message(id, request_id);
        self.contexts.send(&message);
    }

    /// Does everything that is due, and remembers what has ended.
    fn advance(&mut self, now: Time) {
        self.ended.extend(self.contexts.advance(now).into_iter().map(|context| context.id));
        let forgotten = self.ended.len().saturating_sub(REMEMBERED);
        self.ended.drain(..forgotten);
    }

    /// A connection with contexts is not idle.
    fn idle_at(&self) -> Option<Time> {
        self.contexts.idle_at().filter(|_| self.contexts.all().is_empty())
    }
}

impl Emulator for CartesiaEmulator {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        match input {
            ToEmulator::Upgrade(endpoint) => self.upgrade(now, endpoint),
            ToEmulator::Frame(_) | ToEmulator::Deadline if !self.contexts.is_open() => {}
            ToEmulator::Frame(frame) => {
                self.advance(now);
                self.frame(now, frame);
            }
            ToEmulator::Closed { .. } => self.contexts.gone(),
            ToEmulator::Deadline => {
                self.advance(now);
                if self.idle_at().is_some_and(|at| at <= now) {
                    self.contexts.close();
                }
            }
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.contexts.poll()
    }

    fn deadline(&self) -> Option<Time> {
        self.contexts.due().into_iter().chain(self.idle_at()).min()
    }
}
