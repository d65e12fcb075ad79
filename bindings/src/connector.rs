//! The two ends of a provider's wire as pure machines: [`Connector`] is the platform's gateway (forgiving towards the
//! script), [`Emulator`] is the provider's server (as strict as the real one). Both are told the time, take one input,
//! and are then polled until they have nothing more to say. They deliberately own no socket, clock or media queue:
//! the session carries frames between them, in virtual time or over TCP.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use voxrun_audio::{Frame, Rate};

use crate::contract::{Fields, Time};

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

/// What became of the audio that a connector delivered, at the unit's playout queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Playout {
    /// The first frame after a pause is being played now.
    Started,
    /// The last queued sample has been played.
    Drained {
        /// Milliseconds played since [`Playout::Started`].
        played_ms: u64,
    },
    /// The script cleared the queue: what was asked for before must not be heard any more.
    Cleared {
        /// Milliseconds of audio thrown away.
        dropped_ms: u64,
    },
}

/// What a connector is told.
#[derive(Debug)]
pub enum ToConnector<'a> {
    /// First of all, once: the factory's arguments.
    Start {
        /// One JSON value an argument.
        params: &'a [Value],
    },
    /// The script called a method.
    Tell {
        /// Its name.
        method: &'a str,
        /// One JSON value an argument.
        params: &'a [Value],
    },
    /// The script closed the client or stopped the player.
    Close {
        /// True for a player's `stop()`.
        stop: bool,
    },
    /// The upgrade succeeded (101).
    Opened,
    /// The upgrade was answered with another status.
    Refused {
        /// HTTP status.
        status: u16,
        /// The response's body.
        body: &'a str,
    },
    /// No connection: name, TCP, TLS or time-out.
    Failed {
        /// In words.
        reason: &'a str,
    },
    /// A message from the provider.
    Frame(&'a WireFrame),
    /// The socket is gone.
    Closed {
        /// WebSocket close code, 1006 when there was no close frame.
        code: u16,
        /// Its reason.
        reason: &'a str,
        /// Whether the close handshake was completed.
        clean: bool,
    },
    /// One 20 ms frame of the caller's audio at [`Connector::hears_at`].
    Audio(&'a Frame),
    /// What became of delivered audio.
    Playout(Playout),
    /// The instant that [`Connector::deadline`] named has come.
    Deadline,
}

/// What a connector asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum FromConnector {
    /// Open the socket.
    Connect(Endpoint),
    /// Send a message.
    Send {
        /// The message.
        frame: WireFrame,
        /// Its name for the journal (the wire's `type` or action).
        name: WireName,
        /// Its body for the journal with audio replaced by its length; `None` for an audio frame, which is counted
        /// and not journaled.
        shown: Option<Value>,
    },
    /// For the journal: a message was received (audio replaced by its length).
    Received {
        /// Its name.
        name: String,
        /// Its body.
        shown: Value,
    },
    /// Close the socket.
    CloseSocket {
        /// Close code.
        code: u16,
        /// Reason.
        reason: String,
    },
    /// Settle the promise of the factory.
    Settle(Result<(), String>),
    /// Raise an event on the unit.
    Raise {
        /// The enum's value.
        name: String,
        /// Its fields beside `name` and the unit itself.
        fields: Fields,
    },
    /// Append audio to the unit's playout queue.
    Audio {
        /// Its rate; one connector keeps one rate.
        rate: Rate,
        /// Mono samples, any number.
        samples: Vec<i16>,
    },
    /// Empty the unit's playout queue.
    ClearPlayout,
    /// A remark for the author of the script.
    Note {
        /// The fidelity policy behind it.
        policy: Option<&'static str>,
        /// The remark.
        text: String,
    },
}

/// The platform's side of a provider's wire.
pub trait Connector {
    /// Takes one input. After it, [`Connector::poll`] is called until it returns `None`.
    fn handle(&mut self, now: Time, input: ToConnector<'_>);

    /// The next thing to do, in order.
    fn poll(&mut self) -> Option<FromConnector>;

    /// When it wants [`ToConnector::Deadline`], if at all.
    fn deadline(&self) -> Option<Time> {
        None
    }

    /// The rate of the frames it takes from the call; `None` when it takes no audio (yet).
    fn hears_at(&self) -> Option<Rate> {
        None
    }
}

/// What an emulator is told.
#[derive(Debug)]
pub enum ToEmulator<'a> {
    /// First of all, once: the upgrade request.
    Upgrade(&'a Endpoint),
    /// A message from the client.
    Frame(&'a WireFrame),
    /// The client is gone.
    Closed {
        /// Close code, 1006 when there was no close frame.
        code: u16,
    },
    /// The instant that [`Emulator::deadline`] named has come.
    Deadline,
}

/// What an emulator does.
#[derive(Debug, Clone, PartialEq)]
pub enum FromEmulator {
    /// Answer the upgrade with 101.
    Accept,
    /// Answer the upgrade with another status.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Response body.
        body: String,
    },
    /// Send a message.
    Send(WireFrame),
    /// Close the connection.
    Close {
        /// Close code.
        code: u16,
        /// Its reason.
        reason: String,
    },
    /// For the journal: what it understood of the audio it was sent.
    Heard {
        /// The words; lost ones are `[...]`.
        text: String,
    },
}

/// One connection to the provider's side of its wire.
pub trait Emulator {
    /// Takes one input. After it, [`Emulator::poll`] is called until it returns `None`.
    fn handle(&mut self, now: Time, input: ToEmulator<'_>);

    /// The next thing to do, in order.
    fn poll(&mut self) -> Option<FromEmulator>;

    /// When it wants [`ToEmulator::Deadline`], if at all.
    fn deadline(&self) -> Option<Time> {
        None
    }
}

/// A function call in a scripted reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyCall {
    /// The function's name.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Value,
}

/// A tool of a remote MCP server that the provider itself calls in a scripted reply. Which servers there are is the
/// session's to say; what they list is derived from these calls, or is told by `[[emulators.openai.mcp]]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyMcp {
    /// The server's label in the session's tools.
    pub server: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Value,
    /// What the tool returns; nothing is an empty text.
    #[serde(default)]
    pub output: Option<String>,
    /// Why the tool fails, instead of `output`.
    #[serde(default)]
    pub error: Option<String>,
}

/// An `error` message in a scripted reply: instead of a response, or after what else the reply does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyError {
    /// The provider's code (`rate_limit_exceeded`).
    pub code: String,
    /// In words; the code when it is left out.
    #[serde(default)]
    pub message: Option<String>,
    /// The kind of error; what goes with the code when it is left out (`insufficient_quota`, `server_error`,
    /// `rate_limit_error`, else `invalid_request_error`).
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The connection is closed with this code right after it (3000 to 4999, or 1000 to 1014).
    #[serde(default)]
    pub close: Option<u16>,
}

/// A response that fails in a scripted reply.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyFail {
    /// So many words of `say` come first; all of them, and the calls, when it is left out.
    #[serde(default)]
    pub after_words: Option<usize>,
    /// The provider's code (`server_error`).
    pub code: String,
    /// In words; the code when it is left out.
    #[serde(default)]
    pub message: Option<String>,
    /// The kind of error, as in [`ReplyError::kind`].
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

/// How a scripted reply is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyModality {
    /// As text.
    Text,
    /// As audio with its transcript.
    Audio,
}

/// One entry of a replies file: what the emulated agent answers. Its parts happen in this order: the MCP call, the
/// words, the function calls, the error.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Regular expression over the caller's words (no case); without it replies come in order.
    #[serde(default)]
    pub heard: Option<String>,
    /// What the agent says.
    #[serde(default)]
    pub say: Option<String>,
    /// How it is said; left out, the way the session or the response asks for.
    #[serde(default)]
    pub modality: Option<ReplyModality>,
    /// A function call instead of, or after, words.
    #[serde(default)]
    pub call: Option<ReplyCall>,
    /// More function calls in the same response, after `call`.
    #[serde(default)]
    pub calls: Vec<ReplyCall>,
    /// A call of a remote MCP server before the words.
    #[serde(default)]
    pub mcp: Option<ReplyMcp>,
    /// An error instead of a response, or after it.
    #[serde(default)]
    pub error: Option<ReplyError>,
    /// The response fails.
    #[serde(default)]
    pub fail: Option<ReplyFail>,
    /// The provider's content filter stops the response after so many words of `say`.
    #[serde(default)]
    pub filter_after_words: Option<usize>,
    /// Extra thinking time in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
}

impl Reply {
    /// What is wrong with it as a whole, if anything: a reply has to do something, and all of it has to be possible.
    pub fn flaw(&self) -> Option<&'static str> {
        let acts = self.say.is_some() || self.call.is_some() || !self.calls.is_empty() || self.mcp.is_some();
        if !acts && self.error.is_none() && self.fail.is_none() {
            return Some(
                "the reply has neither `say` nor `call`, and none of `calls`, `mcp`, `error`, `fail`",
            );
        }
        if self.filter_after_words.is_some() && self.say.is_none() {
            return Some("`filter_after_words` needs `say`");
        }
        if self.filter_after_words.is_some() && self.fail.is_some() {
            return Some("`filter_after_words` and `fail` exclude each other");
        }
        if self.fail.as_ref().is_some_and(|fail| fail.after_words.is_some()) && self.say.is_none() {
            return Some("`fail.after_words` needs `say`");
        }
        if self.modality.is_some() && self.say.is_none() {
            return Some("`modality` needs `say`");
        }
        if self.mcp.as_ref().is_some_and(|mcp| mcp.output.is_some() && mcp.error.is_some()) {
            return Some("`mcp.output` and `mcp.error` exclude each other");
        }
        let close = self.error.as_ref().and_then(|error| error.close);
        if close.is_some_and(|code| !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)) {
            return Some("`error.close` is no close code that can be sent (1000 to 1014, 3000 to 4999)");
        }
        None
    }
}

/// What every connector of a session is made with.
#[derive(Debug, Clone, Default)]
pub struct ConnectorSetup {
    /// For ids that the gateway makes up; different for each unit, the same in every run.
    pub seed: u64,
    /// Send the script's messages as they are (`--verbatim`).
    pub verbatim: bool,
    /// The provider's address, when the configuration names one (`[providers.<name>] base_url`).
    pub base_url: Option<String>,
    /// The key to use when the script gives none.
    pub fallback_key: Option<String>,
    /// The secret that was to hold that key, for the error when there is none.
    pub key_secret: String,
}

/// What an emulated connection is made with.
#[derive(Debug, Clone, Default)]
pub struct EmulatorSetup {
    /// For the ids and small variations of this connection.
    pub seed: u64,
    /// Unix time of session time zero, in milliseconds.
    pub epoch_ms: i64,
    /// `[emulators.<name>]` of the configuration: latencies and the like, by name.
    pub settings: Fields,
    /// Scripted replies.
    pub replies: Vec<Reply>,
    /// The good keys; empty means that any non-empty key is good.
    pub keys: Vec<String>,
}

/// When a provider owes its first message. One that stays silent then is given up (policy F-108).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstWord {
    /// As soon as the connection is open.
    Greets,
    /// When it was sent a message.
    Answers,
    /// Never: what it is sent first may need no answer.
    Listens,
}

/// One provider as the runtime sees it. The inventory in `lib.rs` lists them all.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// Its name in commands, configuration, faults and the journal (`openai`).
    pub name: &'static str,
    /// The secret that holds its key unless the configuration says otherwise.
    pub key_secret: &'static str,
    /// Offline: milliseconds from the attempt to connect to the answer of the upgrade (DNS, TCP, TLS, HTTP).
    pub connect_ms: u64,
    /// Offline: milliseconds that a message travels, each way.
    pub network_ms: u64,
    /// The path of its WebSocket (`/v1/realtime`), by which one address can serve several providers.
    pub path: &'static str,
    /// When its server owes a first message.
    pub first_word: FirstWord,
    /// How often its server sends a WebSocket ping, in milliseconds; `None` when it was never seen to.
    pub ping_every_ms: Option<u64>,
    /// Makes the platform's side.
    pub connector: fn(ConnectorSetup) -> Box<dyn Connector>,
    /// Makes one connection of the provider's side. An error names the offending setting.
    pub emulator: fn(EmulatorSetup) -> Result<Box<dyn Emulator>, String>,
}
