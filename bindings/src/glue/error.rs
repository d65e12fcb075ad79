//! What a binding can answer when the script misuses it: one small enum, thrown into the script and catchable there.

use boa_engine::{JsError, JsNativeError};

/// A script's misuse of a binding, or a member that is known but not built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HostError {
    /// An argument of the wrong type or value.
    #[error("{member}: argument {position} must be {wanted}")]
    Argument {
        /// `Call.reject`
        member: String,
        /// From 1.
        position: usize,
        /// In words: `a media unit (a call, a player, a voice client ...)`.
        wanted: String,
    },
    /// A member that the platform has and voxrun does not have yet.
    #[error("{0} is not built in voxrun yet (see docs/compatibility.md)")]
    Planned(String),
    /// A namespace or function whose module was not required.
    #[error("{name} is not defined: bring it in with require(Modules.{module}) at the top of the scenario")]
    NotRequired {
        /// What was used.
        name: String,
        /// The member of `Modules`.
        module: String,
    },
    /// A method was called on something that is not an object of its class.
    #[error("{0}: called on an object of another kind")]
    Receiver(String),
    /// What the platform itself throws.
    #[error("{0}")]
    Error(String),
    /// Anything else that the script did wrong.
    #[error("{0}")]
    Misuse(String),
}

impl From<HostError> for JsError {
    fn from(error: HostError) -> JsError {
        let text = error.to_string();
        match error {
            HostError::NotRequired { .. } => JsNativeError::reference().with_message(text).into(),
            HostError::Planned(_) | HostError::Error(_) => JsNativeError::error().with_message(text).into(),
            _ => JsNativeError::typ().with_message(text).into(),
        }
    }
}
