//! A unit's own machine, as the session drives it: it is told the time, takes one input, and is polled until it has
//! nothing more to say. Towards the script it is the platform's gateway, as forgiving as that; it owns no socket, clock or
//! media queue.

use std::collections::BTreeMap;

use serde_json::Value;
use voxrun_audio::{Frame, Rate};

use super::http::{HttpOutcome, HttpRequest};
use super::message::{Endpoint, WireFrame, WireName};
use super::recording::Recorded;
use super::store::{StoreAnswer, StoreAsk};
use crate::contract::limit::Limit;
use crate::contract::{CallbackId, Datum, Dictionary, Outcome, Remark, Time, UnitId};

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
pub enum ToUnit<'a> {
    /// First of all, once: the factory's arguments.
    Start {
        /// One value an argument.
        params: &'a [Datum],
    },
    /// Instead of it: it is one more of its role than the platform allows, and is over.
    TooMany {
        /// In words.
        why: &'a str,
    },
    /// The script called a method.
    Tell {
        /// Its name.
        method: &'a str,
        /// One value an argument.
        params: &'a [Datum],
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
    /// One 20 ms frame of the caller's audio at [`Unit::hears_at`].
    Audio(&'a Frame),
    /// A link to it came or went.
    Source {
        /// Who is sent to it.
        from: UnitId,
        /// What the script says of the stream; `None` when it is gone.
        with: Option<&'a Dictionary>,
    },
    /// What became of delivered audio.
    Playout(Playout),
    /// The script paused its playout queue, or lets it go on.
    Paused {
        /// Which.
        paused: bool,
    },
    /// What came of a [`FromUnit::Fetch`].
    Fetched {
        /// Which.
        fetch: u32,
        /// What.
        outcome: &'a HttpOutcome,
    },
    /// What came of a [`FromUnit::Store`].
    Stored {
        /// What, or why not, in words.
        answer: &'a Result<StoreAnswer, String>,
    },
    /// The instant that [`Unit::deadline`] named has come.
    Deadline,
}

/// What a connector asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum FromUnit {
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
    /// Settle the promise of the factory: with the unit itself, or with an error of this text.
    Settle(Result<(), String>),
    /// Settle the promise that waits for this unit's answer.
    Answer(Outcome),
    /// Call a function of the script that it was given.
    Call {
        /// Which.
        callback: CallbackId,
        /// What for, for the journal.
        by: &'static str,
        /// With these arguments.
        args: Vec<Datum>,
        /// Whether it is never called again.
        last: bool,
    },
    /// Get this over HTTP. What comes of it comes as [`ToUnit::Fetched`].
    Fetch {
        /// Its number, by which the unit tells its fetches apart.
        fetch: u32,
        /// What.
        request: HttpRequest,
    },
    /// Ask the application's storage. What comes of it comes as [`ToUnit::Stored`]; one question at a time.
    Store(StoreAsk),
    /// Raise an event on the unit.
    Raise {
        /// The enum's value.
        name: String,
        /// Its fields beside `name` and the unit itself.
        fields: Dictionary,
    },
    /// Raise an event on another unit, for which this one works (`call.say()`).
    RaiseOn {
        /// Which.
        unit: UnitId,
        /// The enum's value.
        name: String,
        /// Its fields beside `name` and the unit itself.
        fields: Dictionary,
    },
    /// Append audio to the unit's playout queue.
    Audio {
        /// Its rate; one connector keeps one rate.
        rate: Rate,
        /// Mono samples, any number.
        samples: Vec<i16>,
    },
    /// A part of what it records.
    Recorded(Recorded),
    /// Empty the unit's playout queue.
    ClearPlayout,
    /// The unit is over: it plays and hears no more, and its links vanish.
    Over,
    /// A remark for the author of the script.
    Note(Remark),
    /// So much of what a limit bounds was wanted: for the summary of the run.
    Reached {
        /// The limit.
        limit: &'static Limit,
        /// How much.
        wanted: u64,
    },
}

/// The platform's side of a provider's wire.
pub trait Unit {
    /// Takes one input. After it, [`Unit::poll`] is called until it returns `None`.
    fn handle(&mut self, now: Time, input: ToUnit<'_>);

    /// The next thing to do, in order.
    fn poll(&mut self) -> Option<FromUnit>;

    /// When it wants [`ToUnit::Deadline`], if at all.
    fn deadline(&self) -> Option<Time> {
        None
    }

    /// The rate of the frames it takes from the call; `None` when it takes no audio (yet).
    fn hears_at(&self) -> Option<Rate> {
        None
    }
}

/// What every connector of a session is made with.
#[derive(Debug, Clone, Default)]
pub struct UnitSetup {
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
    /// The platform's limits are lifted.
    pub unlimited: bool,
    /// `[units.<kind>]` of the configuration: whole numbers by the names that the inventory lists.
    pub settings: BTreeMap<String, u64>,
    /// Where a recording that it makes lies, as scripts are told.
    pub recording_url: String,
    /// Somebody makes files of recordings.
    pub recordings_kept: bool,
}

impl UnitSetup {
    /// A setting, or what it is when nothing is set.
    #[must_use]
    pub fn setting(&self, name: &str, usual: u64) -> u64 {
        self.settings.get(name).copied().unwrap_or(usual)
    }
}
