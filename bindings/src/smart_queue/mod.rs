//! `SmartQueue`: a task for an operator of a queue (semantics 8.5), written in JavaScript on top of calls and timers:
//! `smart_queue.js`. There is no queue here: the task stands first in it, and the operator is a user whom `--callee
//! operator=...` describes (policy F-221).

use crate::glue::{HostClass, Namespace};

/// The class of a task.
const TASK: &str = "SmartQueueTask";
const SOURCE: &str = include_str!("smart_queue.js");
/// What is told at the first use.
const REMARK: (&str, &str) =
    ("F-221", "there is no queue here: the user `operator` is called, as --callee operator=... describes it");

/// Adds its function to the table of `VoxEngine`, and its class.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine
        .written(&["enqueueTask"], SOURCE, Some(REMARK))
        .class(TASK, || HostClass::written(TASK, &["addEventListener", "removeEventListener", "end"], SOURCE))
}
