//! `MeasurementProtocol`: reports to Google Universal Analytics, which is no more (semantics 8.5). Everything is taken and goes
//! nowhere (policy F-380).

use crate::glue::Namespace;

/// Its functions.
const FUNCTIONS: &[&str] = &[
    "endSession",
    "sendEvent",
    "sendException",
    "sendItem",
    "sendSocial",
    "sendTiming",
    "sendTransaction",
    "setApplicationInfo",
    "setSessionByCallerId",
    "setTrafficSource",
    "setup",
    "startSession",
];
/// What is told at the first use.
const REMARK: (&str, &str) =
    ("F-380", "MeasurementProtocol reports to a service that is no more: nothing is sent");

/// The table.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("MeasurementProtocol").written(
        FUNCTIONS,
        include_str!("measurement_protocol.js"),
        Some(REMARK),
    )
}
