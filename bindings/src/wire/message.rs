//! What passes on a provider's WebSocket: messages, their names for the journal, and the upgrade request. It knows no
//! provider and owns no socket.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of a message on the wire (its `type` or action). Borrowed where it is known beforehand, because one is needed
/// for every frame of audio.
pub type WireName = Cow<'static, str>;

/// One WebSocket message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireFrame {
    /// UTF-8 text. Shared, because a silent audio frame is one prepared message.
    Text(Arc<str>),
    /// Binary data.
    Binary(Vec<u8>),
}

impl WireFrame {
    /// A text message of this JSON value.
    #[must_use]
    pub fn json(value: &Value) -> WireFrame {
        WireFrame::Text(value.to_string().into())
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            WireFrame::Text(text) => text.len(),
            WireFrame::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where a connection goes and with what headers: the upgrade request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `wss://host/path?query`
    pub url: String,
    /// Header names as written, in order.
    pub headers: Vec<(String, String)>,
}

impl Endpoint {
    /// The path without the query (`/v1/realtime`), `/` when the URL has none.
    #[must_use]
    pub fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        path.split('?').next().unwrap_or("/")
    }

    /// A query parameter as written (not percent-decoded).
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        let query = self.url.split_once('?')?.1;
        query
            .split('&')
            .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    }

    /// A header's value; names are compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}
