//! The only words that bindings and runtime share: ids, time, `Command` (script to host) and `HostEvent` (host to
//! script). Everything here is a plain serde value, so the two planes may live in one thread, talk over a channel or
//! over a pipe. It deliberately knows no JavaScript, no socket and no clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Fields of an event or a message, in the order they were written.
pub type Fields = Map<String, Value>;

/// SIP-style headers in order.
pub type Headers = Vec<(String, String)>;

/// An instant of a session, in microseconds since the session started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Time(u64);

impl Time {
    /// The moment the session starts.
    pub const ZERO: Time = Time(0);

    /// An instant `us` microseconds after the start.
    #[must_use]
    pub const fn from_us(us: u64) -> Time {
        Time(us)
    }

    /// An instant `ms` milliseconds after the start.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Time {
        Time(ms.saturating_mul(1000))
    }

    /// Microseconds since the start.
    #[must_use]
    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the start.
    #[must_use]
    pub const fn as_ms(self) -> u64 {
        self.0 / 1000
    }

    /// How long after `earlier` this instant is; zero when it is not later.
    #[must_use]
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This instant `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Time {
        Time(self.0.saturating_add(ms.saturating_mul(1000)))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;
    fn add(self, rhs: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(rhs.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// A unit of a session that media or messages can be sent to: a call, a voice client, a player ...
///
/// The host numbers the units it makes (incoming calls) from 1; the script's own begin at
/// [`UnitId::FIRST_OF_SCRIPT`], so that neither side has to ask the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitId(pub u32);

impl UnitId {
    /// The first number that the script's side hands out.
    pub const FIRST_OF_SCRIPT: u32 = 1 << 16;
}

/// A promise that waits in the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u32);

/// A timer of the script; the number is what `setTimeout` returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerId(pub u32);

/// What a call recording should be like (`call.record()`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordOptions {
    /// 48 kHz instead of 8 kHz.
    #[serde(default)]
    pub hd_audio: bool,
    /// One channel a direction instead of a mix.
    #[serde(default)]
    pub stereo: bool,
    /// FLAC instead of MP3.
    #[serde(default)]
    pub lossless: bool,
    /// Every other option as the script gave it.
    #[serde(flatten)]
    pub other: Fields,
}

/// Where a line of the session log came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogChannel {
    /// `Logger.write`
    Logger,
    /// `console.log`
    Console,
    /// `trace`
    Trace,
}

/// What a script asks of its host. It is carried out after the callback that said it has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// One entry of the session log.
    Log {
        /// Which function wrote it.
        channel: LogChannel,
        /// The text as written.
        text: String,
    },
    /// A remark of the bindings for the author: tolerated mistakes, policies relied on.
    Note {
        /// The fidelity policy behind it (`F-012`), if it is a guess about the platform.
        policy: Option<String>,
        /// The remark.
        text: String,
    },
    /// A module was brought in by `require`.
    ModuleLoaded {
        /// The module's id (`openai`).
        module: String,
    },
    /// Start a timer; the callback stays in the engine.
    SetTimer {
        /// Its id.
        timer: TimerId,
        /// Milliseconds until it fires, and between firings when it repeats.
        after_ms: u64,
        /// `setInterval`
        repeat: bool,
    },
    /// Forget a timer. Unknown ids are ignored.
    ClearTimer {
        /// Its id.
        timer: TimerId,
    },
    /// `VoxEngine.terminate()`.
    Terminate,
    /// `VoxEngine.customData(text)`.
    SetCustomData {
        /// The new value.
        data: String,
    },
    /// `call.answer()`
    Answer {
        /// The incoming call.
        call: UnitId,
        /// Extra headers of the 200.
        headers: Headers,
    },
    /// `call.reject(code)`; also the engine's own 603 when no scenario listens for the call.
    Reject {
        /// The incoming call.
        call: UnitId,
        /// SIP status, 300-699.
        code: u16,
        /// Extra headers of the response.
        headers: Headers,
    },
    /// `call.hangup()`
    Hangup {
        /// The call.
        call: UnitId,
        /// Extra headers of the BYE.
        headers: Headers,
    },
    /// `call.ring()`: 180 to the caller.
    Ring {
        /// The incoming call.
        call: UnitId,
        /// Extra headers.
        headers: Headers,
    },
    /// `call.startEarlyMedia()`: 183; the caller hears, and is not heard.
    StartEarlyMedia {
        /// The incoming call.
        call: UnitId,
        /// Extra headers.
        headers: Headers,
    },
    /// `call.handleTones(on)`
    HandleTones {
        /// The call.
        call: UnitId,
        /// Whether tones become events.
        on: bool,
    },
    /// `call.sendDigits(text)`
    SendDigits {
        /// The call.
        call: UnitId,
        /// `0-9*#`, `p` is a pause.
        digits: String,
    },
    /// `call.record()`
    Record {
        /// The call.
        call: UnitId,
        /// Its options.
        options: RecordOptions,
    },
    /// `unit.sendMediaTo(other)`: one way.
    SendMedia {
        /// The source.
        from: UnitId,
        /// The sink.
        to: UnitId,
    },
    /// `unit.stopMediaTo(other)`.
    StopMedia {
        /// The source.
        from: UnitId,
        /// The sink.
        to: UnitId,
    },
    /// `VoxEngine.sendMediaBetween(a, b)`: both ways.
    SendMediaBetween {
        /// One end.
        a: UnitId,
        /// The other.
        b: UnitId,
    },
    /// `VoxEngine.stopMediaBetween(a, b)`: both ways.
    StopMediaBetween {
        /// One end.
        a: UnitId,
        /// The other.
        b: UnitId,
    },
    /// `clearMediaBuffer()` and `clearBuffer()`: drop what was received and not yet played.
    ClearMedia {
        /// The unit whose playout queue is emptied.
        unit: UnitId,
    },
    /// `player.pause()` and `player.resume()`.
    PausePlayback {
        /// The player.
        unit: UnitId,
        /// True to pause.
        paused: bool,
    },
    /// Open a connection to a provider.
    Open {
        /// The unit that stands for it in the script.
        unit: UnitId,
        /// The provider's row in the inventory (`openai`).
        provider: String,
        /// The promise that waits for it, if the script's call returned one.
        request: Option<RequestId>,
        /// The factory's arguments: one JSON value each.
        params: Vec<Value>,
    },
    /// A method call on a provider's unit that means a message, not media.
    Tell {
        /// The unit.
        unit: UnitId,
        /// The method's name (`responseCreate`).
        method: String,
        /// Its arguments, one JSON value each.
        params: Vec<Value>,
    },
    /// `client.close()` and `player.stop()`.
    Close {
        /// The unit.
        unit: UnitId,
        /// True for `stop()` of a player, which raises its Stopped event.
        stop: bool,
    },
}

/// What is known of an incoming call when it alerts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallFacts {
    /// The platform's id of the call: text that scripts may log.
    pub id: String,
    /// The calling number (`callerid`).
    pub callerid: String,
    /// The dialled number (`destination`, `call.number()`).
    pub destination: String,
    /// The caller's display name.
    pub display_name: String,
    /// The request URI.
    pub to_uri: String,
    /// The caller's URI.
    pub from_uri: String,
    /// Headers of the INVITE.
    pub headers: Headers,
    /// `pstn`, `sip`, `user` or `wab`.
    pub client_type: String,
    /// Custom data of the call.
    pub custom_data: String,
}

/// How a promise ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It resolves to a unit's object.
    Unit(UnitId),
    /// It resolves to a plain value.
    Value(Value),
    /// It rejects with an `Error` of this message.
    Failed(String),
}

/// What the host tells the script. Each one is a task of its own: its listeners run one after the other, and promise
/// continuations after each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HostEvent {
    /// A timer is due.
    Timer {
        /// Which.
        timer: TimerId,
    },
    /// A call came in (`Application.CallAlerting`).
    CallAlerting {
        /// Its unit.
        call: UnitId,
        /// What is known of it.
        facts: CallFacts,
    },
    /// An event of a unit, or of the application when there is none.
    Raise {
        /// Whose listeners hear it.
        unit: Option<UnitId>,
        /// The enum's value (`Call.Connected`), which is also the event object's `name`.
        name: String,
        /// Its other fields. `name`, the unit itself (`call`, `client`, `player`) and `id` are added by the binding.
        fields: Fields,
    },
    /// A promise is settled.
    Settle {
        /// Which.
        request: RequestId,
        /// How.
        outcome: Outcome,
    },
}
