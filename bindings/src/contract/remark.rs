//! A remark for the author of a scenario: a tolerated mistake, a guess about the platform that was relied on, something
//! that the script is not told. Whoever makes one, it is this, and it becomes one note of the journal.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A remark for the author of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The fidelity policy behind it (`F-012`), if it is a guess about the platform.
    pub policy: Option<Cow<'static, str>>,
    /// In words.
    pub text: String,
}

impl Remark {
    /// One that relies on no policy.
    pub fn new(text: impl Into<String>) -> Remark {
        Remark { policy: None, text: text.into() }
    }

    /// One that relies on this policy.
    pub fn of(policy: &'static str, text: impl Into<String>) -> Remark {
        Remark { policy: Some(Cow::Borrowed(policy)), text: text.into() }
    }

    /// One that relies on this policy, if it relies on one.
    pub fn maybe(policy: Option<&'static str>, text: impl Into<String>) -> Remark {
        Remark { policy: policy.map(Cow::Borrowed), text: text.into() }
    }
}
