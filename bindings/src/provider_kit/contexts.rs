//! The server side of a text-to-speech connection with contexts: which of them has something to do first, what it says, and
//! that an idle connection is closed. What a context is, only the provider knows.

use std::collections::VecDeque;

use serde_json::Value;

use crate::contract::Time;
use crate::wire::{FromEmulator, WireFrame};

/// One context of a connection.
pub(crate) trait Context {
    /// When it has something to do.
    fn due(&self) -> Option<Time>;

    /// Does one thing that is due at `now`. True when it has ended.
    fn step(&mut self, now: Time, messages: &mut Vec<Value>) -> bool;
}

/// The contexts of one connection, and what it says.
pub(crate) struct Contexts<C> {
    all: Vec<C>,
    open: bool,
    idle_close_ms: u64,
    last_message: Time,
    out: VecDeque<FromEmulator>,
}

impl<C: Context> Contexts<C> {
    /// Of a connection that is not open yet, and is closed when nothing was said on it for so long.
    pub(crate) fn new(idle_close_ms: u64) -> Contexts<C> {
        Contexts {
            all: Vec::new(),
            open: false,
            idle_close_ms,
            last_message: Time::ZERO,
            out: VecDeque::new(),
        }
    }

    /// The upgrade is accepted.
    pub(crate) fn accept(&mut self, now: Time) {
        self.open = true;
        self.last_message = now;
        self.out.push_back(FromEmulator::Accept);
    }

    /// The upgrade is answered otherwise.
    pub(crate) fn refuse(&mut self, status: u16, body: &Value) {
        self.out.push_back(FromEmulator::Refuse { status, body: body.to_string() });
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: &Value) {
        self.out.push_back(FromEmulator::Send(WireFrame::json(message)));
    }

    /// Whether the connection is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// A message has come: the connection is not idle.
    pub(crate) fn heard(&mut self, now: Time) {
        self.last_message = now;
    }

    /// The server closes.
    pub(crate) fn close(&mut self) {
        self.gone();
        self.out.push_back(FromEmulator::Close { code: 1000, reason: String::new() });
    }

    /// The client is gone.
    pub(crate) fn gone(&mut self) {
        self.open = false;
        self.all.clear();
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[C] {
        &self.all
    }

    /// The one at this place.
    pub(crate) fn at(&mut self, place: usize) -> &mut C {
        &mut self.all[place]
    }

    /// The first that is meant, if there is one.
    pub(crate) fn find(&mut self, meant: impl FnMut(&&mut C) -> bool) -> Option<&mut C> {
        self.all.iter_mut().find(meant)
    }

    /// Adds one; its place.
    pub(crate) fn add(&mut self, context: C) -> usize {
        self.all.push(context);
        self.all.len() - 1
    }

    /// Does everything that is due, earliest first; those that have ended.
    pub(crate) fn advance(&mut self, now: Time) -> Vec<C> {
        let mut ended = Vec::new();
        loop {
            let due =
                self.all.iter().enumerate().filter_map(|(place, context)| Some((context.due()?, place)));
            let Some((at, place)) = due.min().filter(|(at, _)| *at <= now) else { return ended };
            let mut messages = Vec::new();
            if self.all[place].step(at, &mut messages) {
                ended.push(self.all.remove(place));
            }
            messages.iter().for_each(|message| self.send(message));
        }
    }

    /// When the idle connection is closed.
    pub(crate) fn idle_at(&self) -> Option<Time> {
        self.open.then(|| self.last_message.plus_ms(self.idle_close_ms))
    }

    /// When the first of them has something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        self.all.iter().filter_map(Context::due).min()
    }

    /// What is said next, in order.
    pub(crate) fn poll(&mut self) -> Option<FromEmulator> {
        self.out.pop_front()
    }
}

/// Whether a key is one of the good ones; any that is not empty, when there are none.
pub(crate) fn is_good_key(good: &[String], key: &str) -> bool {
    !key.is_empty() && (good.is_empty() || good.iter().any(|one| one == key))
}

/// A message as a JSON object; nothing, when it is none.
pub(crate) fn object(frame: &WireFrame) -> Option<serde_json::Map<String, Value>> {
    match frame {
        WireFrame::Text(text) => match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Some(fields),
            _ => None,
        },
        WireFrame::Binary(_) => None,
    }
}
