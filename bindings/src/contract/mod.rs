//! The only words that bindings and runtime share: ids, time, [`Command`] (script to host) and [`HostEvent`] (host to
//! script). Everything here is a plain serde value, so the two planes may live in one thread, talk over a channel or
//! over a pipe. It deliberately knows no JavaScript, no socket and no clock.

mod call;
mod command;
mod datum;
mod event;
mod ids;
pub mod limit;
mod media;
mod remark;
mod setup;
mod time;
mod turn;

use serde_json::{Map, Value};

pub use call::{CallAsk, CallFacts, InDialog, RecordOptions};
pub use command::{Command, LogChannel, NotBuilt, Place, TimerAsk, Told};
pub use datum::{Datum, Dictionary};
pub use event::{ErrorClass, HostEvent, On, Outcome};
pub use ids::{CallbackId, RequestId, UnitId};
pub use media::MediaAsk;
pub use remark::Remark;
pub use setup::{RequireUndefined, Setup};
pub use time::Time;
pub use turn::{EngineUsage, Origin, ScenarioError, ScenarioErrorKind, ScenarioFile, Turn};

/// Fields of a JSON message, in the order they were written. They never cross between the planes: that is a [`Dictionary`].
pub type Fields = Map<String, Value>;

/// SIP-style headers in order.
pub type Headers = Vec<(String, String)>;
