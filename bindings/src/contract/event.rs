//! What the host tells the script.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{CallbackId, Datum, Dictionary, RequestId, UnitId};

/// What sort of error a promise is rejected with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// `Error`
    #[default]
    Error,
    /// `TypeError`
    Type,
    /// `RangeError`
    Range,
}

/// How a promise ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It resolves to this value.
    Done(Datum),
    /// It is rejected.
    Failed {
        /// With an error of this class.
        class: ErrorClass,
        /// Its `code`, if it has one.
        code: Option<i32>,
        /// Its message.
        text: String,
    },
}

impl Outcome {
    /// A rejection with a plain `Error`.
    #[must_use]
    pub fn failed(text: impl Into<String>) -> Outcome {
        Outcome::Failed { class: ErrorClass::Error, code: None, text: text.into() }
    }
}

/// Whose listeners hear an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The application's (`VoxEngine.addEventListener`). The event may be about a unit, which its object then holds.
    Application(Option<UnitId>),
    /// A unit's own.
    Unit(UnitId),
}

impl On {
    /// The unit that the event is about, if there is one.
    #[must_use]
    pub const fn unit(self) -> Option<UnitId> {
        match self {
            On::Application(unit) => unit,
            On::Unit(unit) => Some(unit),
        }
    }
}

/// What the host tells the script. Each one is a task of its own: its listeners run one after the other, and promise
/// continuations after each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostEvent {
    /// The host made a unit: an incoming call, an endpoint, a session's socket. No listener hears it; what follows names it.
    Born {
        /// The unit.
        unit: UnitId,
        /// The class of its object (`Call`).
        class: Cow<'static, str>,
        /// What is known of it. `id` is what its `id()` answers.
        facts: Dictionary,
    },
    /// An event.
    Raise {
        /// Whose listeners hear it.
        on: On,
        /// The enum's value (`Call.Connected`), which is also the event object's `name`.
        name: String,
        /// Its other fields. `name`, the unit itself (`call`, `client`, `player`) and `id` are added by the binding.
        fields: Dictionary,
    },
    /// An event of the application whose listener's answer is wanted: it comes as [`Command::Reply`].
    ///
    /// [`Command::Reply`]: super::Command::Reply
    Asked {
        /// The host's number of the question.
        request: RequestId,
        /// The event's value (`Application.HttpRequest`).
        name: String,
        /// Its fields beside `name`.
        fields: Dictionary,
    },
    /// A promise is settled.
    Settle {
        /// Which.
        request: RequestId,
        /// How.
        outcome: Outcome,
    },
    /// A function that the script has given is called.
    Called {
        /// Which.
        callback: CallbackId,
        /// What it is called for, as the journal and messages say it (`timer`).
        by: Cow<'static, str>,
        /// With these arguments.
        args: Vec<Datum>,
        /// Whether it is never called again, and can be forgotten.
        last: bool,
    },
}
