//! The beginning and the end of a connection: the upgrade, which is always accepted, the refusals that follow it as an
//! error and a close, and the limit of a session's life.

use serde_json::json;

use super::problem::Problem;
use super::session::RealtimeSession;
use super::{Due, Phase, Server};
use crate::wire::{Endpoint, FromEmulator};

/// Why a connection is closed right after it was accepted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    problem: Problem,
    code: u16,
}

impl Refusal {
    fn new(problem: Problem, code: u16) -> Refusal {
        Refusal { problem, code }
    }
}

/// What the upgrade asks for: a model, or `None` for transcription alone.
fn admit(endpoint: &Endpoint, keys: &[String]) -> Result<Option<String>, Refusal> {
    let key = key_of(endpoint).ok_or_else(|| {
        Refusal::new(Problem::without_code("Missing bearer or basic authentication in header"), 3000)
    })?;
    if !keys.is_empty() && !keys.iter().any(|good| good == key) {
        let message = "Incorrect API key provided. Check the key that the connection was opened with.";
        return Err(Refusal::new(Problem::new("invalid_api_key", message), 3000));
    }
    if endpoint.header("OpenAI-Beta").is_some() {
        let message = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.";
        return Err(Refusal::new(Problem::new("beta_api_shape_disabled", message), 4000));
    }
    if endpoint.query("intent") == Some("transcription") {
        return Ok(None);
    }
    let model = endpoint.query("model").map(decoded).filter(|model| !model.is_empty());
    let Some(model) = model else {
        let message = "You must provide a model parameter.";
        return Err(Refusal::new(Problem::new("missing_model", message), 4000));
    };
    if !looks_like_realtime(&model) {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return Err(Refusal::new(Problem::new("invalid_model", message), 4000));
    }
    Ok(Some(model))
}

/// The key: a bearer token, or the subprotocol that browsers use.
fn key_of(endpoint: &Endpoint) -> Option<&str> {
    let bearer = endpoint.header("Authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let protocols = endpoint.header("Sec-WebSocket-Protocol").unwrap_or_default();
    let offered = protocols.split(',').find_map(|name| name.trim().strip_prefix("openai-insecure-api-key."));
    bearer.or(offered).filter(|key| !key.is_empty())
}

/// Any name of the Realtime family, so that next year's model works too.
fn looks_like_realtime(model: &str) -> bool {
    let mut parts = model.split(|letter: char| !letter.is_ascii_alphanumeric());
    model.starts_with("gpt-") && parts.any(|part| part == "realtime")
}

/// Undoes `%XX`; anything malformed stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Server {
    /// The upgrade request.
    pub(super) fn upgrade(&mut self, endpoint: &Endpoint) {
        if self.phase != Phase::New {
            return;
        }
        if !endpoint.path().trim_end_matches('/').ends_with("/realtime") {
            self.phase = Phase::Closed;
            let body = json!({"error": {"type": "invalid_request_error", "code": null, "param": null,
                "message": format!("Invalid URL (GET {})", endpoint.path())}});
            self.out.push_back(FromEmulator::Refuse { status: 404, body: body.to_string() });
            return;
        }
        self.out.push_back(FromEmulator::Accept);
        let after_ms = self.settings.session_created_ms.unwrap_or_else(|| self.ids.between(3, 6));
        let at = self.now.plus_ms(after_ms);
        self.phase = Phase::Opening;
        match admit(endpoint, &self.keys) {
            Ok(model) => {
                let ends_ms = self.now.plus_ms(self.settings.session_limit_ms).as_ms();
                let expires_at_s = self.epoch_ms.saturating_add_unsigned(ends_ms) / 1000;
                self.session = RealtimeSession::new(self.ids.of("sess"), model.as_deref(), expires_at_s);
                let vad = self.session.turn_detection().map(|detection| detection.vad).unwrap_or_default();
                self.ear.set(self.session.input_format(), vad);
                self.plan(at, Due::Created);
                self.plan(self.now.plus_ms(self.settings.session_limit_ms), Due::Expired);
            }
            Err(refusal) => self.plan(at, Due::Refused(refusal)),
        }
    }

    /// The session exists; messages that came early are taken now.
    pub(super) fn created(&mut self) {
        self.phase = Phase::Open;
        let session = self.session.shown();
        self.send("session.created", json!({"session": session}));
        for frame in std::mem::take(&mut self.early) {
            if self.phase == Phase::Open {
                self.take(&frame);
            }
        }
    }

    /// The error and, in the same instant, the close.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.complain(&refusal.problem, None);
        self.close(refusal.code, &refusal.problem.reason());
    }

    /// The end of a session's life.
    pub(super) fn expire(&mut self) {
        let minutes = self.settings.session_limit_ms / 60_000;
        let message = format!("Your session hit the maximum duration of {minutes} minutes.");
        self.complain(&Problem::new("session_expired", message.clone()), None);
        self.close(1001, &message);
    }
}
