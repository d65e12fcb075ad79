//! The inventory's rows: what kinds of units there are, and which of them have somebody at the other end of a wire. The
//! session finds a unit's machine here and knows no provider by name.

use super::emulator::{Emulator, EmulatorSetup};
use super::unit::{Unit, UnitSetup};

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

/// The kind of a WebSocket of the script's own, some of which come in from outside.
pub const SOCKET: &str = "websocket";

/// What a unit is to a script and to the session, whatever it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It plays: it counts as one of the session's media players, and a failure to open it is a `Player.Error`.
    Player,
    /// It talks with somebody: a voice agent's client.
    Client,
    /// It turns what it hears into text.
    Recognizer,
    /// It keeps what it hears.
    Recorder,
    /// Whoever listens to it hears everybody who is sent to it, without itself: a conference.
    Mixer,
    /// It carries messages, and sound inside of them: a WebSocket.
    Socket,
    /// It answers a request. No object of the script stands for it, and no sound goes to it.
    Service,
}

/// A kind of unit that a script can open.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name in commands and in the journal (`openai` of `openai#1`).
    pub name: &'static str,
    /// What it is to the script.
    pub role: Role,
    /// Makes its machine.
    pub make: fn(UnitSetup) -> Box<dyn Unit>,
    /// Who is at the other end of its wire, if it has one.
    pub remote: Option<&'static Remote>,
}

/// A provider: whoever is at the other end of a unit's wire.
#[derive(Debug, Clone, Copy)]
pub struct Remote {
    /// Its name in configuration, faults and messages (`openai`).
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
    /// Whether it understands speech, so that a live caller needs a voice that a machine can understand.
    pub hears: bool,
    /// The member of `Modules` that brings its units into being (`OpenAI`).
    pub module: &'static str,
    /// Makes one connection of the provider's side. An error names the offending setting.
    pub emulator: fn(EmulatorSetup) -> Result<Box<dyn Emulator>, String>,
}
