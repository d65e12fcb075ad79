//! What an engine is made with and what it answers: plain values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract::Command;

/// One scenario file of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioFile {
    /// The name that stack traces and messages show.
    pub name: String,
    /// Its source text.
    pub text: String,
}

/// What a session's engine is made with.
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
}

/// Why a script failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioErrorKind {
    /// The file does not parse.
    Syntax,
    #[default]
    /// An exception left top-level code or a callback.
    Uncaught,
    /// A promise was rejected and nobody handled it.
    UnhandledRejection,
    /// A platform limit was exceeded.
    Limit,
}

/// A script's own failure, with its place in the source as the author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScenarioError {
    /// What kind of failure it is.
    pub kind: ScenarioErrorKind,
    /// `TypeError: x is not a function`
    pub message: String,
    /// The scenario's name, empty when unknown.
    pub file: String,
    /// Line from 1, 0 when unknown.
    pub line: u32,
    /// Column from 1, 0 when unknown.
    pub column: u32,
    /// `function@file:line:column` lines, innermost first.
    pub stack: Vec<String>,
}

/// What one task of the script led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Turn {
    /// What the script asked for, in order.
    pub commands: Vec<Command>,
    /// Its failure; the session then ends.
    pub error: Option<ScenarioError>,
}

/// Headroom of the engine's limits, for the run's summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineUsage {
    /// The most steps that one callback took.
    pub callback_steps_peak: u64,
    /// The platform's bound on it as steps.
    pub callback_steps_limit: u64,
    /// The most bytes that the script's heap held, as far as it was measured.
    pub heap_bytes_peak: u64,
    /// The bound on it.
    pub heap_bytes_limit: u64,
    /// The most timers that were active at once.
    pub timers_peak: u32,
    /// The platform's bound on it.
    pub timers_limit: u32,
}
