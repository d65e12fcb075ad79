//! What a script asks of its host: one variant for each kind of effect, what belongs to one kind of thing in a family of
//! its own. What only a unit's own machine understands is a [`Command::Tell`], never a variant.

use serde::{Deserialize, Serialize};

use super::{CallAsk, CallbackId, Datum, Dictionary, MediaAsk, Remark, RequestId, UnitId};

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

impl LogChannel {
    /// Its name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            LogChannel::Logger => "logger",
            LogChannel::Console => "console",
            LogChannel::Trace => "trace",
        }
    }
}

/// Where in a scenario something was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The scenario's name, empty when unknown.
    pub file: String,
    /// Line from 1, 0 when unknown.
    pub line: u32,
    /// Column from 1, 0 when unknown.
    pub column: u32,
}

/// A member of the platform that is not built and that the script used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBuilt {
    /// `VoxEngine.createASR`
    pub member: String,
    /// Where it was used.
    #[serde(flatten)]
    pub place: Place,
}

/// What a timer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerAsk {
    /// Start; a timer is a callback, called when it is due.
    Set {
        /// Milliseconds until it fires, and between firings when it repeats.
        after_ms: u64,
        /// `setInterval`
        repeat: bool,
    },
    /// Forget it. Unknown ones are ignored.
    Clear,
}

/// What a script asks of its host. It is carried out after the callback that said it has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// One entry of the session log.
    Log {
        /// Which function wrote it.
        channel: LogChannel,
        /// The text as written.
        text: String,
    },
    /// A remark of the bindings for the author: tolerated mistakes, policies relied on.
    Note(Remark),
    /// A member that is not built was used; the error that names it was thrown into the script, which may have caught it.
    NotBuilt(NotBuilt),
    /// A module was brought in by `require`.
    ModuleLoaded {
        /// The module's id (`openai`).
        module: String,
    },
    /// Something about a timer.
    Timer {
        /// Which; the number is what `setTimeout` returned.
        timer: CallbackId,
        /// What.
        ask: TimerAsk,
    },
    /// `VoxEngine.allowWebSocketConnections()`: sockets that come in at the session's own URL are taken.
    TakeSockets,
    /// `VoxEngine.terminate()`.
    Terminate,
    /// `VoxEngine.customData(text)`.
    SetCustomData {
        /// The new value.
        data: String,
    },
    /// What the listeners of a [`HostEvent::Asked`] answered: what the first of them returned, or null.
    ///
    /// [`HostEvent::Asked`]: super::HostEvent::Asked
    Reply {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Datum,
    },
    /// Something that a call is asked.
    Call {
        /// Which call.
        call: UnitId,
        /// What.
        ask: CallAsk,
    },
    /// Who hears whom, and what waits to be heard.
    Media(MediaAsk),
    /// Open a unit.
    Open {
        /// The unit that stands for it in the script.
        unit: UnitId,
        /// Its row in the inventory (`openai`).
        kind: String,
        /// The promise that waits for it, if the script's call returned one.
        request: Option<RequestId>,
        /// The factory's arguments.
        params: Vec<Datum>,
    },
    /// A unit is over the platform's limits (players): it is not opened, and the script hears so by the unit's events or
    /// by its promise.
    Refuse {
        /// The unit that stands for it in the script.
        unit: UnitId,
        /// Its row in the inventory.
        kind: String,
        /// The promise that waits for it, if the script's call returned one.
        request: Option<RequestId>,
    },
    /// A method call on a unit that only its own machine understands.
    Tell {
        /// The unit.
        unit: UnitId,
        /// The method's name (`responseCreate`).
        method: String,
        /// Its arguments.
        params: Vec<Datum>,
    },
    /// `client.close()` and `player.stop()`.
    Close {
        /// The unit.
        unit: UnitId,
        /// True for `stop()` of a player, which raises its Stopped event.
        stop: bool,
    },
}

/// A command as the journal tells it: to whom, its name, and the rest of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The unit it is said to, if it is said to one.
    pub unit: Option<UnitId>,
    /// Its name.
    pub name: &'static str,
    /// Everything else.
    pub data: Dictionary,
}

impl Told {
    pub(super) fn new<const N: usize>(
        unit: Option<UnitId>,
        name: &'static str,
        data: [(&str, Datum); N],
    ) -> Told {
        Told { unit, name, data: data.into_iter().collect() }
    }
}

impl Command {
    /// How the journal tells it.
    #[must_use]
    pub fn told(&self) -> Told {
        let text = |text: &str| Datum::from(text);
        match self {
            Command::Log { channel, text: line } => Told::new(None, channel.name(), [("text", text(line))]),
            Command::Note(remark) => Told::new(None, "note", [("text", text(&remark.text))]),
            Command::NotBuilt(not_built) => {
                Told::new(None, "not_built", [("member", text(&not_built.member))])
            }
            Command::ModuleLoaded { module } => Told::new(None, "module_loaded", [("module", text(module))]),
            Command::Timer { timer, ask: TimerAsk::Set { after_ms, repeat } } => {
                let after = Datum::Number(*after_ms as f64);
                let timer = ("timer", Datum::from(timer.0));
                Told::new(None, "set_timer", [timer, ("after_ms", after), ("repeat", (*repeat).into())])
            }
            Command::Timer { timer, ask: TimerAsk::Clear } => {
                Told::new(None, "clear_timer", [("timer", timer.0.into())])
            }
            Command::TakeSockets => Told::new(None, "take_sockets", []),
            Command::Terminate => Told::new(None, "terminate", []),
            Command::SetCustomData { data } => Told::new(None, "set_custom_data", [("data", text(data))]),
            Command::Reply { request, answer } => {
                Told::new(None, "reply", [("request", request.0.into()), ("answer", answer.clone())])
            }
            Command::Call { call, ask } => ask.told(*call),
            Command::Media(ask) => ask.told(),
            Command::Open { unit, kind, request, params } => Told::new(
                Some(*unit),
                "open",
                [
                    ("kind", text(kind)),
                    ("request", request.map_or(Datum::Null, |request| request.0.into())),
                    ("params", Datum::List(params.clone())),
                ],
            ),
            Command::Refuse { unit, kind, .. } => Told::new(Some(*unit), "refuse", [("kind", text(kind))]),
            Command::Tell { unit, method, params } => Told::new(
                Some(*unit),
                "tell",
                [("method", text(method)), ("params", Datum::List(params.clone()))],
            ),
            Command::Close { unit, stop } => Told::new(Some(*unit), "close", [("stop", (*stop).into())]),
        }
    }
}
