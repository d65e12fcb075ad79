//! A realtime player's line to its provider: the life of the socket, what is to be done next, and what its loss means
//! for the player. It knows no message of any provider.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::state::{Player, raise};
use super::turns::Turns;
use super::{PLAYER_RATE, PLAYER_RATE_HZ};
use crate::contract::{Fields, Remark, Time};
use crate::provider_kit::PcmStream;
use crate::wire::{Endpoint, FromUnit, Playout, WireFrame};

/// How often a remark of one kind is made before it is kept back: garbage must not drown the journal.
const REMARKS_OF_A_KIND: u32 = 10;

/// How long a context may be silent while another one's speech waits for it.
const SILENCE_PATIENCE_MS: u64 = 1_000;

/// What became of the socket.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gone<'a> {
    /// The upgrade was answered with another status than 101.
    Refused { status: u16, body: &'a str },
    /// No connection at all.
    Failed { reason: &'a str },
    /// It was closed.
    Closed { code: u16, reason: &'a str, clean: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    None,
    Connecting,
    Open,
    Gone,
}

/// One player's line.
#[derive(Debug)]
pub(crate) struct PlayerLine {
    provider: &'static str,
    socket: Socket,
    player: Player,
    turns: Turns,
    /// Since when nothing is queued while speech waits for its turn.
    silent_since: Option<Time>,
    out: VecDeque<FromUnit>,
    remarks: BTreeMap<&'static str, u32>,
}

impl PlayerLine {
    /// Before Start. `provider` is for remarks (`Inworld`).
    pub(crate) const fn new(provider: &'static str) -> PlayerLine {
        PlayerLine {
            provider,
            socket: Socket::None,
            player: Player::new(),
            turns: Turns::new(),
            silent_since: None,
            out: VecDeque::new(),
            remarks: BTreeMap::new(),
        }
    }

    /// Raises Created and connects.
    pub(crate) fn start(&mut self, endpoint: Endpoint) {
        if self.socket != Socket::None {
            return;
        }
        raise(&mut self.out, "Player.Created", Value::Null);
        self.socket = Socket::Connecting;
        self.out.push_back(FromUnit::Connect(endpoint));
    }

    /// Raises Created and fails: there is no key to connect with. The platform has one of its own for each provider, so a
    /// scenario may pass none; off the platform the operator's configuration holds it.
    pub(crate) fn start_without_key(&mut self, now: Time, secret: &str) {
        if self.socket != Socket::None {
            return;
        }
        raise(&mut self.out, "Player.Created", Value::Null);
        let reason =
            format!("no API key: the scenario passes none, and the secret {secret} is configured nowhere");
        self.note("key", None, reason.as_str());
        self.gone(now, Gone::Failed { reason: &reason }, false);
    }

    /// It is one player more than the platform allows: over before it began.
    pub(crate) fn refuse(&mut self, why: &str) {
        self.player.fail(why, &mut self.out);
    }

    /// 101.
    pub(crate) fn opened(&mut self) {
        if self.socket == Socket::Connecting {
            self.socket = Socket::Open;
        }
    }

    /// Whether messages can be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.socket == Socket::Open
    }

    /// Whether the player speaks no more.
    pub(crate) fn is_over(&self) -> bool {
        self.player.over().is_some()
    }

    /// Says loudly that a call of a dead player's method has no effect. False while the player lives.
    pub(crate) fn refuse_if_over(&mut self, method: &str) -> bool {
        let Some(why) = self.player.over() else { return false };
        let text = format!(
            "{} player: {method}() has no effect, nothing will be heard: {why}. Create a new player.",
            self.provider
        );
        self.out.push_back(FromUnit::Note(Remark::of("F-091", text)));
        true
    }

    /// Sends a message, named for the journal.
    pub(crate) fn send(&mut self, name: &str, body: Value) {
        let frame = WireFrame::json(&body);
        self.out.push_back(FromUnit::Send { frame, name: name.to_owned().into(), shown: Some(body) });
    }

    /// Something to be spoken was asked for.
    pub(crate) fn requested(&mut self, now: Time) {
        self.player.requested(now);
    }

    /// Journals a message of the provider.
    pub(crate) fn received(&mut self, name: &str, shown: Value) {
        self.out.push_back(FromUnit::Received { name: name.to_owned(), shown });
    }

    /// Something to be spoken goes out in this context: its turn comes after those that were asked for before.
    pub(crate) fn turn(&mut self, context: &str) {
        self.turns.asked(context);
    }

    /// Nothing follows in this context.
    pub(crate) fn turn_ended(&mut self, now: Time, context: &str) {
        self.turns.ended(context);
        self.release(now);
    }

    /// Queues samples when it is their context's turn, and keeps them back until then.
    pub(crate) fn audio(&mut self, now: Time, context: &str, samples: Vec<i16>) {
        if samples.is_empty() || self.is_over() {
            return;
        }
        self.turns.audio(context, samples);
        self.release(now);
    }

    fn release(&mut self, now: Time) {
        while let Some(samples) = self.turns.next() {
            self.player.audio(now, samples.len(), PLAYER_RATE_HZ);
            self.out.push_back(FromUnit::Audio { rate: PLAYER_RATE, samples });
        }
        let silent = self.turns.keeps_back() && !self.player.is_queued();
        self.silent_since = silent.then(|| self.silent_since.unwrap_or(now));
    }

    /// When [`PlayerLine::lose_patience`] is wanted.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.silent_since.map(|since| since.plus_ms(SILENCE_PATIENCE_MS))
    }

    /// Lets the next context speak when the one whose turn it is has been silent for too long.
    pub(crate) fn lose_patience(&mut self, now: Time) {
        if self.deadline().is_some_and(|at| at <= now) {
            self.silent_since = None;
            self.turns.skip();
            self.note("silent", Some("F-096"), "a context stays silent; the next one speaks before it");
            self.release(now);
        }
    }

    /// What became of queued samples.
    pub(crate) fn playout(&mut self, now: Time, playout: Playout, complete: bool) {
        if matches!(playout, Playout::Cleared { .. }) {
            self.turns.clear();
        }
        let complete = complete && !self.turns.keeps_back();
        self.player.playout(playout, complete, &mut self.out);
        if !self.is_over() {
            self.release(now);
        }
    }

    /// To be called whenever more of what was asked for may be complete.
    pub(crate) fn settled(&mut self, complete: bool) {
        let complete = complete && !self.turns.keeps_back();
        self.player.settled(complete, &mut self.out);
    }

    /// An error of the provider: it ends the player, and the line. Speech that has arrived is still played.
    pub(crate) fn fail(&mut self, now: Time, error: &str) {
        self.release_all(now);
        self.player.fail(error, &mut self.out);
        self.hang_up();
    }

    /// The socket is gone, or never was. `complete`: nothing was left to be spoken.
    pub(crate) fn gone(&mut self, now: Time, gone: Gone<'_>, complete: bool) {
        self.socket = Socket::Gone;
        self.release_all(now);
        let error = match gone {
            Gone::Closed { code: 1000 | 1001, clean: true, .. } if complete => {
                self.player.finish(&mut self.out);
                return;
            }
            Gone::Closed { code, reason, .. } => {
                let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
                format!("{} closed the connection: {code}{reason}", self.provider)
            }
            Gone::Refused { status, body } => match body.trim() {
                "" => format!("{} refused the connection: HTTP {status}", self.provider),
                body => format!("{} refused the connection: HTTP {status} {body}", self.provider),
            },
            Gone::Failed { reason } => format!("no connection to {}: {reason}", self.provider),
        };
        self.player.fail(&error, &mut self.out);
    }

    fn release_all(&mut self, now: Time) {
        while !self.is_over() && self.turns.keeps_back() {
            self.release(now);
            self.turns.skip();
        }
        self.turns.clear();
        self.silent_since = None;
    }

    /// `stop()` when `tell`, otherwise the end of the session.
    pub(crate) fn close(&mut self, tell: bool) {
        if tell {
            self.out.push_back(FromUnit::ClearPlayout);
        }
        self.player.stop(tell, &mut self.out);
        self.turns.clear();
        self.silent_since = None;
        self.hang_up();
    }

    /// The samples of a chunk in base64, as the next ones of its context's stream; `None` when they are of no use, which is
    /// noted.
    pub(crate) fn decode(&mut self, stream: &mut PcmStream, chunk: &str) -> Option<Vec<i16>> {
        let provider = self.provider;
        match stream.decode(chunk) {
            Ok(samples) => {
                if stream.is_split() {
                    let text =
                        format!("an audio chunk of {provider} ends within a sample; its last byte waits");
                    self.note("odd", None, text);
                }
                Some(samples)
            }
            Err(problem) => {
                self.note("chunk", None, format!("an audio chunk of {provider} {}; ignored", problem.text()));
                None
            }
        }
    }

    /// A remark for the author of the script. Of each `kind` only the first ones are made.
    pub(crate) fn note(&mut self, kind: &'static str, policy: Option<&'static str>, text: impl Into<String>) {
        let count = self.remarks.entry(kind).or_default();
        *count += 1;
        if *count > REMARKS_OF_A_KIND {
            return;
        }
        let mut text = format!("{} player: {}", self.provider, text.into());
        if *count == REMARKS_OF_A_KIND {
            text.push_str(" (further remarks of this kind are kept back)");
        }
        self.out.push_back(FromUnit::Note(Remark::maybe(policy, text)));
    }

    /// The next thing to do.
    pub(crate) fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn hang_up(&mut self) {
        if matches!(self.socket, Socket::Connecting | Socket::Open) {
            self.socket = Socket::Gone;
            self.out.push_back(FromUnit::CloseSocket { code: 1000, reason: String::new() });
        }
    }
}

/// The key to use: the script's own, else the configured one. A key that is no string counts as none.
pub(crate) fn key(params: Option<&Fields>, names: &[&str], fallback: Option<&str>) -> Option<String> {
    let own = names.iter().find_map(|name| params?.get(*name)?.as_str());
    own.or(fallback).map(str::to_owned)
}
