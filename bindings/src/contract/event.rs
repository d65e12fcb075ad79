//! What the host tells the script.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CallFacts, Fields, RequestId, TimerId, UnitId};

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
