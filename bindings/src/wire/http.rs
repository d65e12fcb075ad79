//! A request over HTTP and what comes of it, as a unit asks for it (`Net.httpRequest`, the file of a player) and whoever
//! carries it out answers: a stand-in in virtual time, a socket live. It knows no script and opens nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, in capitals.
    pub method: String,
    /// Absolute, `http` or `https`, with its query.
    pub url: String,
    /// Header names as written, in order.
    pub headers: Vec<(String, String)>,
    /// Empty when there is none.
    pub body: Arc<[u8]>,
    /// What is waited for and taken at most.
    pub bounds: HttpBounds,
}

/// What is waited for and taken at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpBounds {
    /// For the connection, milliseconds.
    pub connect_ms: u64,
    /// For the whole of it, milliseconds.
    pub whole_ms: u64,
    /// Bytes of the body of the response.
    pub bytes: usize,
    /// Redirects that are followed.
    pub redirects: u32,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpResponse {
    /// Any HTTP status.
    pub status: u16,
    /// In order, names as they came.
    pub headers: Vec<(String, String)>,
    /// The body, not compressed.
    pub body: Arc<[u8]>,
}

impl HttpResponse {
    /// A header's value; names are compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why nothing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpError {
    /// The address is none, or none of HTTP.
    #[error("the URL is wrong")]
    BadUrl,
    /// No such host.
    #[error("the host was not found")]
    HostNotFound,
    /// The host refused, or is not there.
    #[error("no connection to the host")]
    NotConnected,
    /// It was sent on too often.
    #[error("too many redirects")]
    Redirects,
    /// The connection broke.
    #[error("the connection broke")]
    Broke,
    /// It took too long.
    #[error("it took too long")]
    TimedOut,
    /// The response is larger than is taken.
    #[error("the response is too large")]
    TooLarge,
    /// Our own mistake.
    #[error("an internal error")]
    Internal,
}

/// What comes of a request.
pub type HttpOutcome = Result<HttpResponse, HttpError>;
