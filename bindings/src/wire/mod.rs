//! The two ends of a wire as pure machines: a [`Unit`] is the platform's side (forgiving towards the script), an
//! [`Emulator`] the provider's (as strict as the real one). Both are told the time, take one input, and are then polled
//! until they have nothing more to say. The session carries frames between them, in virtual time or over TCP.

mod emulator;
mod http;
mod kind;
mod message;
mod reply;
mod unit;

pub use emulator::{Emulator, EmulatorSetup, FromEmulator, ToEmulator};
pub use http::{HttpBounds, HttpError, HttpOutcome, HttpRequest, HttpResponse};
pub use kind::{FirstWord, Kind, Remote, Role};
pub use message::{Endpoint, WireFrame, WireName};
pub use reply::{Reply, ReplyCall, ReplyError, ReplyFail, ReplyMcp, ReplyModality};
pub use unit::{FromUnit, Playout, ToUnit, Unit, UnitSetup};
