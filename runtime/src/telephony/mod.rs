//! The far ends of calls as pure machines: the state of a leg, and the line that its audio travels on.

mod leg;
mod loopback;

pub use leg::{Direction, Leg, LegState, WrongState};
pub use loopback::{LINE_RATE, LoopbackLine, dialable};
