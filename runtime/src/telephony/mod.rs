//! The far ends of calls as pure machines: the state of a leg, and the line that its audio travels on.

mod inlet;
mod leg;

pub use inlet::{Inlet, LINE_RATE, dialable};
pub use leg::{Direction, Leg, LegState, WrongState};
