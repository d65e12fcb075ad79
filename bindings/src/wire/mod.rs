//! The two ends of a wire as pure machines: a [`Unit`] is the platform's side (forgiving towards the script), an
//! [`Emulator`] the provider's (as strict as the real one). Both are told the time, take one input, and are then polled
//! until they have nothing more to say. The session carries frames between them, in virtual time or over TCP.
//!
//! An emulator that says back what it hears:
//!
//! ```
//! use std::collections::VecDeque;
//! use voxrun_bindings::contract::Time;
//! use voxrun_bindings::wire::{Emulator, Endpoint, FromEmulator, ToEmulator, WireFrame};
//!
//! #[derive(Default)]
//! struct Echo(VecDeque<FromEmulator>);
//!
//! impl Emulator for Echo {
//!     fn handle(&mut self, _: Time, input: ToEmulator<'_>) {
//!         match input {
//!             ToEmulator::Upgrade(_) => self.0.push_back(FromEmulator::Accept),
//!             ToEmulator::Frame(frame) => self.0.push_back(FromEmulator::Send(frame.clone())),
//!             ToEmulator::Closed { .. } | ToEmulator::Deadline => {}
//!         }
//!     }
//!
//!     fn poll(&mut self) -> Option<FromEmulator> {
//!         self.0.pop_front()
//!     }
//! }
//!
//! let mut echo = Echo::default();
//! let endpoint = Endpoint { url: "wss://echo.test/".into(), headers: Vec::new() };
//! echo.handle(Time::ZERO, ToEmulator::Upgrade(&endpoint));
//! echo.handle(Time::ZERO, ToEmulator::Frame(&WireFrame::Text("hi".into())));
//! assert_eq!(echo.poll(), Some(FromEmulator::Accept));
//! assert_eq!(echo.poll(), Some(FromEmulator::Send(WireFrame::Text("hi".into()))));
//! ```

mod emulator;
mod http;
mod kind;
mod message;
mod recording;
mod reply;
mod socket;
mod store;
mod unit;

pub use emulator::{Emulator, EmulatorSetup, FromEmulator, ToEmulator};
pub use http::{HttpBounds, HttpError, HttpOutcome, HttpRequest, HttpResponse};
pub use kind::{FirstWord, Kind, Remote, Role, SOCKET};
pub use message::{Endpoint, WireFrame, WireName};
pub use recording::{Recorded, Recording, Side};
pub use reply::{Reply, ReplyCall, ReplyError, ReplyFail, ReplyMcp, ReplyModality};
pub use socket::SocketInput;
pub use store::{StoreAnswer, StoreAsk, StoreRecord};
pub use unit::{FromUnit, Playout, ToUnit, Unit, UnitSetup};
