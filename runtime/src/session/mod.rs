//! The host plane of one session: calls, connectors, media graph, deadlines. A pure machine that is told the time; it
//! does not own its engine.

mod io;

pub use io::{Input, LegInput, LegOutput, Output, SocketInput};
