//! One connection to an emulated provider as a pure machine: how long it takes to stand, how long a message travels, in
//! which order, and what breaks it. The world of virtual time and the emulator's server carry the same machine, so a
//! fault means the same in both. No socket and no clock here.

mod asked;
mod fault;
mod link;
mod pipe;
pub mod span;
mod transfer;

pub use asked::panic_text;
pub use fault::{Action, Fault, FaultError, Faults, Moment};
pub use link::Link;
pub use pipe::{CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, FromPipe, NOT_HTTP, Pipe, REFUSED, RESET};
pub use transfer::{FromTransfer, NET, Transfer};
