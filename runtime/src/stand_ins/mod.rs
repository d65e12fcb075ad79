//! Who answers offline instead of a host that only the scenario knows: `[[stand_in]]` tables of the configuration or of
//! `--stand-ins FILE`. They are asked in order, and the first that fits answers. Here stand the tables and which of them
//! fits; `http` and `socket` are what one does. Nothing here opens a socket.

mod glob;
mod http;
mod socket;

use std::cell::RefCell;
use std::rc::Rc;

use regex::Regex;
use serde::Deserialize;

pub use http::{Body, HttpReply, StandInError};
pub use socket::{Message, SocketReply};

pub(crate) use http::answer;
pub(crate) use socket::StandInSocket;

/// One `[[stand_in]]` table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum StandIn {
    /// Answers requests over HTTP.
    Http(HttpStandIn),
    /// The far side of a WebSocket.
    Websocket(SocketStandIn),
}

/// `kind = "http"`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpStandIn {
    /// A glob over `METHOD URL`, or over the URL when it has no blank.
    #[serde(rename = "match")]
    pub pattern: String,
    /// A regular expression over the body of the request.
    #[serde(default)]
    pub body: Option<String>,
    /// How often it answers; always, when it is left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// How long it takes, milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// What it answers.
    #[serde(default)]
    pub reply: HttpReply,
}

/// `kind = "websocket"`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocketStandIn {
    /// A glob over the URL.
    #[serde(rename = "match")]
    pub pattern: String,
    /// How many connections it takes; any number, when it is left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// How long it takes to answer, milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// What it does.
    #[serde(default)]
    pub reply: SocketReply,
}

impl StandIn {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn flaw(&self) -> Option<String> {
        match self {
            StandIn::Http(stand_in) => {
                let body = stand_in.body.as_deref().map(Regex::new);
                if let Some(Err(error)) = body {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
                    return Some(format!("`body` is not a regular expression: {reason}"));
                }
                stand_in.reply.flaw()
            }
            StandIn::Websocket(stand_in) => stand_in.reply.flaw(),
        }
    }

    const fn times(&self) -> Option<u32> {
        match self {
            StandIn::Http(stand_in) => stand_in.times,
            StandIn::Websocket(stand_in) => stand_in.times,
        }
    }
}

/// The stand-ins of one session, which counts how often each has answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct StandIns {
    answered: Rc<RefCell<Vec<u32>>>,
}

impl StandIns {
    /// Who answers a request over HTTP.
    pub(crate) fn http<'a>(
        &self,
        all: &'a [StandIn],
        method: &str,
        url: &str,
        body: &[u8],
    ) -> Option<&'a HttpStandIn> {
        self.first(all, |stand_in| match stand_in {
            StandIn::Http(own) if fits(&own.pattern, method, url) && fits_body(own, body) => Some(own),
            _ => None,
        })
    }

    /// Who is at the other end of a WebSocket.
    pub(crate) fn socket<'a>(&self, all: &'a [StandIn], url: &str) -> Option<&'a SocketStandIn> {
        self.first(all, |stand_in| match stand_in {
            StandIn::Websocket(own) if glob::fits(&own.pattern, url) => Some(own),
            _ => None,
        })
    }

    /// The first that is picked and has not answered as often as it does.
    fn first<'a, T>(&self, all: &'a [StandIn], pick: impl Fn(&'a StandIn) -> Option<&'a T>) -> Option<&'a T> {
        let mut answered = self.answered.borrow_mut();
        answered.resize(all.len(), 0);
        for (stand_in, answered) in all.iter().zip(answered.iter_mut()) {
            if stand_in.times().is_some_and(|times| *answered >= times) {
                continue;
            }
            if let Some(own) = pick(stand_in) {
                *answered += 1;
                return Some(own);
            }
        }
        None
    }
}

/// A pattern without a blank says nothing of the method.
fn fits(pattern: &str, method: &str, url: &str) -> bool {
    match pattern.contains(' ') {
        true => glob::fits(pattern, &format!("{method} {url}")),
        false => glob::fits(pattern, url),
    }
}

fn fits_body(stand_in: &HttpStandIn, body: &[u8]) -> bool {
    let Some(wanted) = stand_in.body.as_deref() else { return true };
    Regex::new(wanted).is_ok_and(|wanted| wanted.is_match(&String::from_utf8_lossy(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(pattern: &str, times: Option<u32>) -> StandIn {
        StandIn::Http(HttpStandIn {
            pattern: pattern.to_owned(),
            body: None,
            times,
            delay_ms: 0,
            reply: HttpReply::default(),
        })
    }

    #[test]
    fn the_first_that_fits_answers_as_often_as_it_may() {
        let all = [http("GET https://a.test/*", Some(1)), http("https://a.test/*", None)];
        let stand_ins = StandIns::default();
        let asked = |method: &str| {
            stand_ins.http(&all, method, "https://a.test/x", b"").map(|own| own.pattern.as_str())
        };
        assert_eq!(asked("POST"), Some("https://a.test/*"));
        assert_eq!(asked("GET"), Some("GET https://a.test/*"));
        assert_eq!(asked("GET"), Some("https://a.test/*"));
        assert!(stand_ins.http(&all, "GET", "https://b.test/x", b"").is_none());
        assert!(stand_ins.socket(&all, "https://a.test/x").is_none());
    }
}
