//! What the script plane of a session is made with: plain values.

use std::collections::BTreeMap;

use super::ScenarioFile;

/// What `require(undefined)` does: the author named a member that `Modules` does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RequireUndefined {
    /// Nothing, with a remark.
    #[default]
    Lenient,
    /// It throws, as in today's cloud.
    Cloud,
}

/// What a session's script is made with.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The files, run one after the other in one global scope.
    pub scenarios: Vec<ScenarioFile>,
    /// What `VoxEngine.getSecretValue` answers. A name that is not here is `undefined`.
    pub secrets: BTreeMap<String, String>,
    /// Offline: a secret that is not configured is the placeholder `offline-NAME` (with a note), unless the name is
    /// listed in [`Setup::missing_secrets`].
    pub placeholder_secrets: bool,
    /// Names that are missing on purpose (`--secret NAME=`).
    pub missing_secrets: Vec<String>,
    /// The session's custom data at start.
    pub custom_data: String,
    /// For `Math.random`, `uuidgen` and ids.
    pub seed: u64,
    /// Unix time of session time zero, in milliseconds.
    pub epoch_ms: i64,
    /// Whether the platform's limits are enforced.
    pub unlimited: bool,
    /// What `require(undefined)` does (policy F-002).
    pub require_undefined: RequireUndefined,
}
