//! The far side of a WebSocket that a stand-in plays: it sends its messages once the connection is open, says back what it
//! hears if it is an echo, and closes if it is told to.

use std::collections::VecDeque;

use base64::Engine as _;
use serde::Deserialize;
use voxrun_bindings::contract::Time;
use voxrun_bindings::wire::{Emulator, FromEmulator, ToEmulator, WireFrame};

/// One message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a message as text, or { json = .. }, or { base64 = \"..\" }")]
pub enum Message {
    /// As it is.
    Text(String),
    /// JSON, as a text message.
    Json {
        /// The value.
        json: serde_json::Value,
    },
    /// A binary message.
    Binary {
        /// In base64.
        base64: String,
    },
}

impl Message {
    fn frame(&self) -> Result<WireFrame, String> {
        Ok(match self {
            Message::Text(text) => WireFrame::Text(text.as_str().into()),
            Message::Json { json } => WireFrame::json(json),
            Message::Binary { base64 } => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(base64.trim());
                WireFrame::Binary(bytes.map_err(|error| format!("`base64` is not base64: {error}"))?)
            }
        })
    }
}

/// `reply = { messages, echo, close }`
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SocketReply {
    /// What it sends once the connection is open.
    pub messages: Vec<Message>,
    /// It sends back every message that it gets.
    pub echo: bool,
    /// It closes with this code: after its messages, or after so many that it got when `after` says so.
    pub close: Option<u16>,
    /// How many messages it gets before it closes.
    pub after: Option<usize>,
    /// It answers the upgrade with this HTTP status instead.
    pub status: Option<u16>,
}

impl SocketReply {
    /// What is wrong with it, if anything.
    #[must_use]
    pub fn flaw(&self) -> Option<String> {
        if self.close.is_some_and(|code| !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)) {
            return Some("`close` is no close code that can be sent (1000 to 1014, 3000 to 4999)".to_owned());
        }
        if self.after.is_some() && self.close.is_none() {
            return Some("`after` needs `close`".to_owned());
        }
        if self.status.is_some_and(|status| !(200..600).contains(&status)) {
            return Some("`status` is an HTTP status from 200 to 599".to_owned());
        }
        self.messages.iter().find_map(|message| message.frame().err())
    }
}

/// One connection of it.
pub(crate) struct StandInSocket {
    reply: SocketReply,
    /// Waits so long before it answers.
    delay_ms: u64,
    answers_at: Option<Time>,
    heard: usize,
    out: VecDeque<FromEmulator>,
}

impl StandInSocket {
    /// It answers after so many milliseconds.
    pub(crate) fn new(reply: SocketReply, delay_ms: u64) -> StandInSocket {
        StandInSocket { reply, delay_ms, answers_at: None, heard: 0, out: VecDeque::new() }
    }

    fn answer(&mut self) {
        self.answers_at = None;
        if let Some(status) = self.reply.status {
            return self.out.push_back(FromEmulator::Refuse { status, body: String::new() });
        }
        self.out.push_back(FromEmulator::Accept);
        let frames = self.reply.messages.iter().filter_map(|message| message.frame().ok());
        self.out.extend(frames.map(FromEmulator::Send));
        if self.reply.after.is_none() {
            self.close();
        }
    }

    fn hear(&mut self, frame: &WireFrame) {
        self.heard += 1;
        if self.reply.echo {
            self.out.push_back(FromEmulator::Send(frame.clone()));
        }
        if self.reply.after == Some(self.heard) {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(code) = self.reply.close.take() {
            self.out.push_back(FromEmulator::Close { code, reason: String::new() });
        }
    }
}

impl Emulator for StandInSocket {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        match input {
            ToEmulator::Upgrade(_) if self.delay_ms == 0 => self.answer(),
            ToEmulator::Upgrade(_) => self.answers_at = Some(now.plus_ms(self.delay_ms)),
            ToEmulator::Frame(frame) => self.hear(frame),
            ToEmulator::Closed { .. } => {}
            ToEmulator::Deadline => self.answer(),
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.answers_at
    }
}
