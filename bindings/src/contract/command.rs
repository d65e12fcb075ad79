//! What a script asks of its host.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CallFacts, Headers, RecordOptions, RequestId, TimerId, UnitId};

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
    /// `VoxEngine.callPSTN(number, callerid)` and the like: a call goes out. The script chose its unit.
    Place {
        /// The outgoing call.
        call: UnitId,
        /// Whom it is for, from whom, with which headers.
        facts: CallFacts,
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
