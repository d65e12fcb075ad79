//! A task of the script and what it led to: the scenario's files, the turn, the script's own failure, and how near it came
//! to its limits.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Command;
use super::limit::LimitUse;

/// One scenario file of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioFile {
    /// The name that stack traces and messages show.
    pub name: String,
    /// What runs: JavaScript.
    pub text: String,
    /// What its author wrote, where that is another text.
    pub origin: Option<Arc<Origin>>,
}

impl ScenarioFile {
    /// A file that is JavaScript.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> ScenarioFile {
        ScenarioFile { name: name.into(), text: text.into(), origin: None }
    }

    /// What its author wrote.
    #[must_use]
    pub fn source(&self) -> &str {
        self.origin.as_ref().map_or(&self.text, |origin| &origin.text)
    }
}

/// The text that a scenario was made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// As its author wrote it.
    pub text: String,
    /// Places of the JavaScript in order, and where each comes from: lines and columns from 1, columns in code points.
    pub places: Vec<((u32, u32), (u32, u32))>,
}

impl Origin {
    /// The author's place for one of the JavaScript: as far behind the nearest thing before it as it is there.
    #[must_use]
    pub fn place(&self, line: u32, column: u32) -> (u32, u32) {
        let after = self.places.partition_point(|(at, _)| *at <= (line, column));
        match self.places[..after].last() {
            Some((at, from)) if at.0 == line => (from.0, from.1 + (column - at.1)),
            Some((_, from)) => *from,
            None => self.places.first().map_or((line, column), |(_, from)| *from),
        }
    }
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
    /// Members of the platform that answered for the first time (`Call.answer`, `setTimeout`).
    pub used: Vec<String>,
}

/// Headroom of the engine's limits, for the run's summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EngineUsage {
    /// The most steps that one callback took.
    pub callback_steps_peak: u64,
    /// The platform's bound on it as steps.
    pub callback_steps_limit: u64,
    /// The most bytes that the script's heap held, as far as it was measured.
    pub heap_bytes_peak: u64,
    /// The bound on it.
    pub heap_bytes_limit: u64,
    /// What was used of the limits that the script plane counts.
    pub limits: Vec<LimitUse>,
}
