//! One request over HTTP to a host that a stand-in plays: how long it takes, where it is sent on to, and what breaks it.
//! The same machine whoever stands in; no socket and no clock here.

use std::collections::VecDeque;

use crate::contract::{Remark, Time};
use crate::wire::{HttpError, HttpOutcome, HttpRequest};

use super::fault::{Action, Faults};

/// The name that faults know these connections by.
pub const NET: &str = "net";
/// From the attempt to the connection (DNS, TCP, TLS), milliseconds.
const CONNECT_MS: u64 = 60;
/// How long a message travels, each way, milliseconds.
const NETWORK_MS: u64 = 20;

/// What is told of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum FromTransfer {
    /// A fault happened.
    Fault(String),
    /// Something that the author of a scenario wants to know.
    Note(Remark),
    /// It is over: this came.
    Came(HttpOutcome),
}

/// A request on its way.
#[derive(Debug)]
pub struct Transfer {
    at: Time,
    told: VecDeque<FromTransfer>,
}

impl Transfer {
    /// Begins now. `ask` says what a host answers, and after how many milliseconds of its own; nothing, when there is no
    /// such host.
    pub fn begin(
        now: Time,
        mut request: HttpRequest,
        mut ask: impl FnMut(&HttpRequest) -> Option<(HttpOutcome, u64)>,
        faults: &mut Faults,
    ) -> Transfer {
        let mut told = VecDeque::new();
        let mut took_ms = 0;
        let bounds = request.bounds;
        let mut redirects = 0;
        let outcome = loop {
            let due = faults.on_connect(NET);
            if let Some((index, action)) = due {
                faults.fired(index);
                told.push_back(FromTransfer::Fault(faults.text(index)));
                match struck(action) {
                    Struck::Ends(outcome) => break outcome,
                    Struck::Later(us) => took_ms += us.div_ceil(1000),
                }
            }
            let Some((outcome, own_ms)) = ask(&request) else {
                told.push_back(FromTransfer::Note(Remark::new(nobody(&request))));
                break Err(HttpError::NotConnected);
            };
            took_ms += CONNECT_MS + 2 * NETWORK_MS + own_ms;
            let Some(next) = outcome.as_ref().ok().and_then(|response| sent_on(&request, response)) else {
                break outcome;
            };
            redirects += 1;
            if redirects > bounds.redirects {
                break Err(HttpError::Redirects);
            }
            request = next;
        };
        let (outcome, after_ms) = match outcome {
            Err(HttpError::TimedOut) => (Err(HttpError::TimedOut), bounds.whole_ms),
            Err(HttpError::NotConnected) => (Err(HttpError::NotConnected), took_ms.max(CONNECT_MS)),
            _ if took_ms > bounds.whole_ms => (Err(HttpError::TimedOut), bounds.whole_ms),
            Ok(response) if response.body.len() > bounds.bytes => (Err(HttpError::TooLarge), took_ms),
            outcome => (outcome, took_ms),
        };
        told.push_back(FromTransfer::Came(outcome));
        Transfer { at: now.plus_ms(after_ms), told }
    }

    /// When [`Transfer::poll`] has something to tell.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        (!self.told.is_empty()).then_some(self.at)
    }

    /// What happened, in order, once it has.
    pub fn poll(&mut self, now: Time) -> Option<FromTransfer> {
        if now < self.at {
            return None;
        }
        self.told.pop_front()
    }
}

/// What a fault means to a request.
enum Struck {
    Ends(HttpOutcome),
    /// So many microseconds later.
    Later(u64),
}

fn struck(action: Action) -> Struck {
    Struck::Ends(match action {
        Action::Delay(us) => return Struck::Later(us),
        Action::Refuse => Err(HttpError::NotConnected),
        Action::Status(status) => Ok(crate::wire::HttpResponse { status, ..Default::default() }),
        Action::Stall | Action::HalfOpen => Err(HttpError::TimedOut),
        Action::Drop | Action::Garbage | Action::Close(_) => Err(HttpError::Broke),
    })
}

fn nobody(request: &HttpRequest) -> String {
    let (method, url) = (&request.method, request.url.split('?').next().unwrap_or_default());
    format!(
        "nothing leaves this machine offline, and no stand-in answers {method} {url}: the host counts as unreachable. \
         Add to voxrun.toml: [[stand_in]] kind = \"http\", match = \"{method} {url}*\", reply = {{ text = \"...\" }}, or let \
         it through: --allow-net HOST"
    )
}

/// Where a response sends the request on to (RFC 9110, 15.4).
fn sent_on(request: &HttpRequest, response: &crate::wire::HttpResponse) -> Option<HttpRequest> {
    let location =
        response.header("location").filter(|_| matches!(response.status, 301..=303 | 307 | 308))?;
    let mut next = request.clone();
    next.url = joined(&request.url, location);
    let becomes_get = response.status == 303 || (response.status < 303 && request.method == "POST");
    if becomes_get && request.method != "HEAD" {
        next.method = "GET".to_owned();
        next.body = Vec::new().into();
    }
    Some(next)
}

/// A location as seen from an address: absolute, of the host, or beside the path.
fn joined(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let begin = base.find("://").map_or(0, |at| at + 3);
    let path = base[begin..].find('/').map_or(base.len(), |at| begin + at);
    if location.starts_with('/') {
        return format!("{}{location}", &base[..path]);
    }
    let folder = base[path..].rfind('/').map_or(base.len(), |at| path + at);
    format!("{}/{location}", &base[..folder])
}

#[cfg(test)]
mod tests {
    use crate::wire::{HttpBounds, HttpResponse};

    use super::*;
    use crate::connection::Fault;

    fn request(url: &str) -> HttpRequest {
        let bounds = HttpBounds { connect_ms: 6_000, whole_ms: 90_000, bytes: 10, redirects: 2 };
        HttpRequest {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: b"x"[..].into(),
            bounds,
        }
    }

    fn outcome(mut transfer: Transfer) -> (u64, HttpOutcome) {
        let at = transfer.deadline().expect("something comes");
        let told = std::iter::from_fn(|| transfer.poll(at)).last();
        let Some(FromTransfer::Came(outcome)) = told else { panic!("{told:?}") };
        (at.as_ms(), outcome)
    }

    fn sends_to(location: &str) -> HttpResponse {
        let headers = vec![("Location".to_owned(), location.to_owned())];
        HttpResponse { status: 302, headers, ..HttpResponse::default() }
    }

    #[test]
    fn a_request_is_sent_on_as_a_get_and_not_for_ever() {
        let mut asked = Vec::new();
        let ask = |request: &HttpRequest| {
            asked.push(format!("{} {} {}", request.method, request.url, request.body.len()));
            Some((Ok(if asked.len() == 1 { sends_to("b") } else { HttpResponse::default() }), 5))
        };
        let transfer = Transfer::begin(Time::ZERO, request("http://h.test/x/a"), ask, &mut Faults::default());
        assert_eq!(outcome(transfer), (210, Ok(HttpResponse::default())));
        assert_eq!(asked, ["POST http://h.test/x/a 1", "GET http://h.test/x/b 0"]);
        let round = |_: &HttpRequest| Some((Ok(sends_to("/")), 0));
        let transfer = Transfer::begin(Time::ZERO, request("http://h.test"), round, &mut Faults::default());
        assert_eq!(outcome(transfer).1, Err(HttpError::Redirects));
    }

    #[test]
    fn what_takes_too_long_or_is_too_large_is_no_response() {
        let late = |_: &HttpRequest| Some((Ok(HttpResponse::default()), 100_000));
        let transfer = Transfer::begin(Time::ZERO, request("http://h.test"), late, &mut Faults::default());
        assert_eq!(outcome(transfer), (90_000, Err(HttpError::TimedOut)));
        let large = HttpResponse { body: vec![0; 11].into(), ..HttpResponse::default() };
        let transfer = Transfer::begin(
            Time::ZERO,
            request("http://h.test"),
            |_| Some((Ok(large.clone()), 0)),
            &mut Faults::default(),
        );
        assert_eq!(outcome(transfer).1, Err(HttpError::TooLarge));
    }

    #[test]
    fn faults_strike_the_attempt_that_they_name() {
        let fault = Fault::parse("net@connect#2=status:503", &[NET]).expect("a fault");
        let mut faults = Faults::new(vec![fault]);
        let fine = |_: &HttpRequest| Some((Ok(HttpResponse { status: 200, ..HttpResponse::default() }), 0));
        for status in [200, 503, 200] {
            let transfer = Transfer::begin(Time::ZERO, request("http://h.test"), fine, &mut faults);
            assert_eq!(outcome(transfer).1.map(|response| response.status), Ok(status));
        }
        assert_eq!(faults.unfired().count(), 0);
    }
}
