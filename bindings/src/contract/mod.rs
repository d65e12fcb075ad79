//! The only words that bindings and runtime share: ids, time, [`Command`] (script to host) and [`HostEvent`] (host to
//! script). Everything here is a plain serde value, so the two planes may live in one thread, talk over a channel or
//! over a pipe. It deliberately knows no JavaScript, no socket and no clock.

mod call;
mod command;
mod event;
mod ids;
mod time;
mod turn;

use serde_json::{Map, Value};

pub use call::{CallFacts, RecordOptions};
pub use command::{Command, LogChannel};
pub use event::{HostEvent, Outcome};
pub use ids::{RequestId, TimerId, UnitId};
pub use time::Time;
pub use turn::{EngineUsage, ScenarioError, ScenarioErrorKind, ScenarioFile, Turn};

/// Fields of an event or a message, in the order they were written.
pub type Fields = Map<String, Value>;

/// SIP-style headers in order.
pub type Headers = Vec<(String, String)>;
