//! One request: from what the script says of it to HTTP, and what came back to the script.

use std::collections::VecDeque;

use super::result;
use crate::contract::{CallbackId, Datum, Dictionary, Outcome, Remark, Time, limit};
use crate::wire::{FromUnit, HttpBounds, HttpError, HttpOutcome, HttpRequest, ToUnit, Unit, UnitSetup};

/// What the platform calls itself.
const USER_AGENT: &str = "VoxEngine/1.0";
/// How long a connection may take; options can only lower it.
const CONNECT_MS: u64 = 6_000;
/// How long the whole of it may take; options can only lower it.
const WHOLE_MS: u64 = 90_000;
/// Redirects that are followed (policy F-190).
const REDIRECTS_MAX: u32 = 10;
/// Methods that have a body.
const WITH_BODY: [&str; 3] = ["POST", "PUT", "PATCH"];

/// A request that is made, or is about to be.
#[derive(Debug, Default)]
pub(super) struct Http {
    callback: Option<CallbackId>,
    raw: bool,
    unlimited: bool,
    out: VecDeque<FromUnit>,
}

impl Unit for Http {
    fn handle(&mut self, _: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(params),
            ToUnit::Fetched { outcome, .. } => self.answer(outcome),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }
}

impl Http {
    /// Of a session with this setup.
    pub(super) fn new(setup: &UnitSetup) -> Http {
        Http { unlimited: setup.unlimited, ..Http::default() }
    }

    fn start(&mut self, params: &[Datum]) {
        let url = params.first().and_then(Datum::as_text).unwrap_or_default();
        let none = Dictionary::new();
        let options = params.get(1).and_then(Datum::as_map).unwrap_or(&none);
        self.callback = match params.get(2) {
            Some(Datum::Callback(callback)) => Some(*callback),
            _ => None,
        };
        self.raw = options.get("rawOutput") == Some(&Datum::Bool(true));
        match self.request(url, options) {
            Some(request) => self.out.push_back(FromUnit::Fetch { fetch: 0, request }),
            None => self.answer(&Err(HttpError::BadUrl)),
        }
    }

    fn request(&mut self, url: &str, options: &Dictionary) -> Option<HttpRequest> {
        let url = with_params(url.trim(), options)?;
        let method = options.text("method").unwrap_or("GET").to_ascii_uppercase();
        let mut headers = headers(options.get("headers"));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("User-Agent")) {
            headers.insert(0, ("User-Agent".to_owned(), USER_AGENT.to_owned()));
        }
        let body = body(options.get("postData"));
        if !body.is_empty() && !WITH_BODY.contains(&method.as_str()) {
            self.note(None, format!("Net: postData goes with POST, PUT and PATCH; {method} has none"));
        }
        let body = if WITH_BODY.contains(&method.as_str()) { body } else { Vec::new() };
        let bounds = HttpBounds {
            connect_ms: bound(options.get("connectionTimeout"), CONNECT_MS),
            whole_ms: bound(options.get("timeout"), WHOLE_MS),
            bytes: if self.unlimited { usize::MAX } else { limit::HTTP_RESPONSE_BYTES.length() },
            redirects: REDIRECTS_MAX,
        };
        Some(HttpRequest { method, url, headers, body: body.into(), bounds })
    }

    fn answer(&mut self, outcome: &HttpOutcome) {
        if let Ok(response) = outcome {
            let wanted = response.body.len() as u64;
            self.out.push_back(FromUnit::Reached { limit: &limit::HTTP_RESPONSE_BYTES, wanted });
        }
        let value = Datum::Map(result::of(outcome, self.raw));
        self.out.push_back(match self.callback.take() {
            Some(callback) => FromUnit::Call { callback, by: "http_response", args: vec![value], last: true },
            None => FromUnit::Answer(Outcome::Done(value)),
        });
        self.out.push_back(FromUnit::Over);
    }

    fn note(&mut self, policy: Option<&'static str>, text: String) {
        self.out.push_back(FromUnit::Note(Remark::maybe(policy, text)));
    }
}

/// Seconds that lower a bound; anything else leaves it.
fn bound(given: Option<&Datum>, most_ms: u64) -> u64 {
    let Some(Datum::Number(seconds)) = given else { return most_ms };
    let ms = seconds * 1000.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the bound")]
    if ms >= 1.0 { (ms as u64).min(most_ms) } else { most_ms }
}

/// The address with `params` as its query; `None` when it is no address of HTTP.
fn with_params(url: &str, options: &Dictionary) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !http || host.is_empty() || url.contains(|at: char| at.is_whitespace() || at.is_control()) {
        return None;
    }
    let mut url = url.split('#').next().unwrap_or_default().to_owned();
    let params = options.get("params").and_then(Datum::as_map);
    for (name, value) in params.into_iter().flat_map(Dictionary::iter) {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&encoded(name));
        url.push('=');
        url.push_str(&encoded(&text_of(value)));
    }
    Some(url)
}

/// Percent-encoded for a query (RFC 3986: unreserved characters stay).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Headers as `{name: value}`, or as the older `["Name: value"]`.
fn headers(given: Option<&Datum>) -> Vec<(String, String)> {
    match given {
        Some(Datum::Map(fields)) => {
            fields.iter().map(|(name, value)| (name.to_owned(), text_of(value))).collect()
        }
        Some(Datum::List(lines)) => lines
            .iter()
            .filter_map(Datum::as_text)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

/// A body as text, or as bytes: a buffer or a list of numbers. An object is sent as JSON.
fn body(given: Option<&Datum>) -> Vec<u8> {
    match given {
        None | Some(Datum::Null) => Vec::new(),
        Some(Datum::Bytes(bytes)) => bytes.to_vec(),
        Some(Datum::List(items)) => items.iter().filter_map(byte).collect(),
        Some(other) => text_of(other).into_bytes(),
    }
}

fn byte(item: &Datum) -> Option<u8> {
    let Datum::Number(number) = item else { return None };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a byte, as Uint8Array takes it"
    )]
    Some((*number as i64 & 0xff) as u8)
}

fn text_of(value: &Datum) -> String {
    match value {
        Datum::Text(text) => text.to_string(),
        other => other.json().to_string(),
    }
}
