//! `voxrun check`: what a scenario needs and what would stop it, read from its text without running it. What there is of a
//! member is asked of the binding tables; nothing is listed here a second time.
//!
//! It follows names as far as a reader does at a glance: aliases, destructuring, constant texts in brackets. It deliberately
//! knows no types: a method counts as built when any class of the platform has it built.

mod calls;
mod facts;
mod judge;
mod keys;
#[cfg(test)]
mod tests;

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// It would fail, here or on the platform.
    Error,
    /// It may fail.
    Warning,
    /// It works, and there is a newer way.
    Remark,
}

impl Rank {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rank::Error => "error",
            Rank::Warning => "warning",
            Rank::Remark => "remark",
        }
    }
}

/// What kind of finding it is; the word is part of the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It does not parse, or is newer than the platform's engine.
    Syntax,
    /// A member that voxrun has not built.
    NotBuilt,
    /// A member that the platform does not have.
    Unknown,
    /// `require` of what is no module.
    NoModule,
    /// A listener for an event that there is not.
    NoEvent,
    /// Nothing ends the session.
    NoEnd,
    /// Calls whose failure or end nobody hears.
    Unheard,
    /// A request that the end of the session would lose.
    LostRequest,
    /// A key in the text.
    KeyInText,
    /// A number, or the length of a text, beyond a limit of the platform.
    Limit,
    /// A name or a form of older typings.
    Older,
    /// A name that two files of a rule declare.
    DeclaredTwice,
    /// Something about the project and not about a text.
    Project,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub rank: Rank,
    /// What it is.
    pub kind: Kind,
    /// The file.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// That line, without a key that stands in it.
    pub excerpt: String,
    /// In words.
    pub what: String,
    /// What to do about it.
    pub todo: String,
}

/// What files of one rule need, and what would stop them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The files.
    pub files: Vec<String>,
    /// In the order of the files, then of their lines.
    pub findings: Vec<Finding>,
    /// Members of `Modules` that are asked for.
    pub modules: Vec<String>,
    /// Secrets that are read.
    pub secrets: Vec<String>,
    /// Hosts in the text.
    pub hosts: Vec<String>,
    /// Those of them that are reached by a WebSocket.
    pub sockets: Vec<String>,
    /// Numbers, users and addresses in the text that are called.
    pub numbers: Vec<String>,
}

impl Report {
    /// Whether something would fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.rank == Rank::Error)
    }
}

/// Reads files that are run together, each with its name.
#[must_use]
pub fn check(files: &[(String, String)]) -> Report {
    judge::report(files)
}
