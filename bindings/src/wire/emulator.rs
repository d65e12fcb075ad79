//! The provider's server as a pure machine, as strict as the real one: one for each connection, in virtual time or over
//! TCP.

use super::message::{Endpoint, WireFrame};
use super::reply::Reply;
use crate::contract::{Fields, Time};

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
