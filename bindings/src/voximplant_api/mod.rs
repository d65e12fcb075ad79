//! `VoximplantAPI.Client`: the platform's Management API (semantics 8.5), written in JavaScript on top of requests over HTTP:
//! `voximplant_api.js`. Stand-ins for its address answer it (policy F-381).

use crate::glue::{HostClass, Namespace};

/// The class of a client.
const CLIENT: &str = "VoximplantAPI.Client";

/// The table.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("VoximplantAPI")
        .class(CLIENT, || HostClass::written(CLIENT, &[], include_str!("voximplant_api.js")))
}
