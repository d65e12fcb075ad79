//! What a stand-in answers over HTTP: a response, or no response at all.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;
use voxrun_bindings::wire::{HttpError, HttpOutcome, HttpRequest, HttpResponse};

use super::{StandIn, StandIns};

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StandInError {
    /// Nobody listens there.
    Refused,
    /// Nothing ever comes.
    Timeout,
    /// The connection breaks.
    Reset,
}

/// A file's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body(pub Vec<u8>);

/// `reply = { status, headers, text | json | file | base64 }` or `{ error }`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpReply {
    /// 200 when it is left out.
    pub status: Option<u16>,
    /// By name.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub text: Option<String>,
    /// The body as JSON.
    pub json: Option<Value>,
    /// The body in base64.
    pub base64: Option<String>,
    /// The body in a file, by its path.
    pub file: Option<String>,
    /// The bytes of that file, read by whoever read the table.
    #[serde(skip)]
    pub bytes: Body,
    /// No response.
    pub error: Option<StandInError>,
}

impl HttpReply {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn flaw(&self) -> Option<String> {
        let bodies = [self.text.is_some(), self.json.is_some(), self.base64.is_some(), self.file.is_some()];
        let bodies = bodies.into_iter().filter(|given| *given).count();
        if bodies > 1 {
            return Some("`text`, `json`, `file` and `base64` exclude each other".to_owned());
        }
        if self.error.is_some() && (bodies > 0 || self.status.is_some() || !self.headers.is_empty()) {
            return Some("`error` is no response: it goes with nothing else".to_owned());
        }
        if self.status.is_some_and(|status| !(200..600).contains(&status)) {
            return Some("`status` is an HTTP status from 200 to 599".to_owned());
        }
        self.decoded().err()
    }

    fn decoded(&self) -> Result<Option<Vec<u8>>, String> {
        let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text.trim());
        self.base64
            .as_deref()
            .map(decode)
            .transpose()
            .map_err(|error| format!("`base64` is not base64: {error}"))
    }

    fn body(&self) -> Vec<u8> {
        if let Some(text) = &self.text {
            return text.clone().into_bytes();
        }
        if let Some(json) = &self.json {
            return json.to_string().into_bytes();
        }
        self.decoded().ok().flatten().unwrap_or_else(|| self.bytes.0.clone())
    }

    /// The type that goes with the body, unless the headers say it.
    fn content_type(&self) -> Option<&'static str> {
        if self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
            return None;
        }
        let by_ending = |file: &str| match file.rsplit('.').next() {
            Some("wav") => Some("audio/wav"),
            Some("json") => Some("application/json"),
            Some("txt" | "xml" | "html") => Some("text/plain"),
            _ => Some("application/octet-stream"),
        };
        match self {
            HttpReply { text: Some(_), .. } => Some("text/plain"),
            HttpReply { json: Some(_), .. } => Some("application/json"),
            HttpReply { file: Some(file), .. } => by_ending(file),
            HttpReply { base64: Some(_), .. } => Some("application/octet-stream"),
            _ => None,
        }
    }

    fn response(&self) -> HttpResponse {
        let mut headers: Vec<(String, String)> = Vec::new();
        headers.extend(self.content_type().map(|kind| ("Content-Type".to_owned(), kind.to_owned())));
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        HttpResponse { status: self.status.unwrap_or(200), headers, body: self.body().into() }
    }
}

/// What comes of a request, after how many milliseconds of the host's own; `None` when nobody stands in for it.
pub(crate) fn answer(
    stand_ins: &StandIns,
    all: &[StandIn],
    request: &HttpRequest,
) -> Option<(HttpOutcome, u64)> {
    let own = stand_ins.http(all, &request.method, &request.url, &request.body)?;
    let outcome = match own.reply.error {
        None => Ok(own.reply.response()),
        Some(StandInError::Refused) => Err(HttpError::NotConnected),
        Some(StandInError::Timeout) => Err(HttpError::TimedOut),
        Some(StandInError::Reset) => Err(HttpError::Broke),
    };
    Some((outcome, own.delay_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_brings_its_type_and_only_one_is_given() {
        let json = HttpReply { json: Some(serde_json::json!({ "a": 1 })), ..HttpReply::default() };
        let response = json.response();
        assert_eq!((response.status, &*response.body), (200, &b"{\"a\":1}"[..]));
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(json.flaw(), None);
        let flaw = |reply: HttpReply| reply.flaw().unwrap_or_default();
        let both = HttpReply { text: Some(String::new()), ..json };
        assert!(flaw(both).contains("exclude each other"));
        let wrong = HttpReply { base64: Some("?".to_owned()), ..HttpReply::default() };
        assert!(flaw(wrong).contains("not base64"));
        let status = HttpReply { status: Some(99), ..HttpReply::default() };
        assert!(flaw(status).contains("200 to 599"));
        let error = HttpReply { error: Some(StandInError::Reset), status: Some(200), ..HttpReply::default() };
        assert!(flaw(error).contains("no response"));
    }
}
