//! Whole conversations on one virtual clock: scripted callers, the engines and sessions that serve them, and emulated
//! providers. Nothing here waits, sleeps or opens a socket; time jumps to the next instant at which something happens.

mod fault;
mod pipe;
pub mod span;

pub use fault::{Action, Fault, FaultError, Faults, Moment};
pub use pipe::{CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, FromPipe, Link, Pipe};
