//! Sound inside a session: who is connected to whom, what waits to be played, and what was recorded. It deliberately
//! knows no script, no provider and no file.

mod edge;
mod graph;
mod queue;
mod recorder;
mod routes;

pub use graph::{Connected, GraphError, MediaGraph, Notice};
pub use queue::{MAX_QUEUED_MS, PlayoutQueue};
pub use recorder::Recorder;
