//! `IVR`: menus of states that play a prompt and wait for keys (semantics 8.5). The platform writes it in JavaScript on top of
//! `say`, `startPlayback` and tones, and so do we: `ivr.js`.

use crate::glue::{HostClass, Namespace};

/// The class of a state.
const STATE: &str = "IVRState";
const SOURCE: &str = include_str!("ivr.js");

/// The table of `IVR`.
pub(crate) fn namespace() -> Namespace {
    let state = || HostClass::written(STATE, &["enter"], SOURCE);
    Namespace::new("IVR").written(&["reset"], SOURCE, None).class(STATE, state)
}
