//! `ACD`: a request for an operator of a queue (semantics 8.5), written in JavaScript on top of calls and timers: `acd.js`. There
//! is no queue here: the request stands first in it, and the operator is a user whom `--callee operator=...` describes
//! (policy F-220).

use crate::glue::{HostClass, Namespace};

/// The class of a request.
const REQUEST: &str = "ACDRequest";
const SOURCE: &str = include_str!("acd.js");
/// What is told at the first use.
const REMARK: (&str, &str) =
    ("F-220", "there is no queue here: the user `operator` is called, as --callee operator=... describes it");

/// Adds its function to the table of `VoxEngine`, and its class.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine.written(&["enqueueACDRequest"], SOURCE, Some(REMARK)).class(REQUEST, || {
        let methods = &["addEventListener", "removeEventListener", "id", "cancel", "getStatus"];
        HostClass::written(REQUEST, methods, SOURCE)
    })
}
