//! What the operator can get wrong. Every message says what to do next; all of them end the program with code 2.

use super::config::ConfigError;
use super::replies::RepliesError;
use super::stand_ins::StandInsError;
use crate::drive::emulate::ServerError;
use crate::simulate::{SetupError, ThreadError};

/// A mistake on the command line or in a file that it names.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{path}: cannot be read: {cause}. Check the path of the scenario file.")]
    Scenario { path: String, cause: String },
    #[error("{what}")]
    Compile { what: String },
    #[error("{what}.")]
    Project { what: String },
    #[error("{flag}: {what}")]
    Flag { flag: &'static str, what: String },
    #[error("[[rules]] {name}: the pattern `{pattern}` is not a regular expression: {what}. Correct it.")]
    Rule { name: String, pattern: String, what: String },
    #[error("--secret takes NAME=VALUE; NAME= makes the secret missing.")]
    SecretForm,
    #[error(".env:{line}:1: {what}. Correct that line.")]
    Dotenv { line: usize, what: String },
    #[error("{flag} {path}: cannot be written: {cause}. Choose a path in a folder that exists.")]
    Output { flag: &'static str, path: String, cause: String },
    #[error("[storage] {path}: cannot be used: {cause}. Choose a file that no other program has open.")]
    Storage { path: String, cause: String },
    #[error("{flag} and {other} name the same file {path}. Give each a path of its own.")]
    SameFile { flag: &'static str, other: &'static str, path: String },
    #[error("{flag} cannot go to standard output. Give a path.")]
    NotToStdout { flag: &'static str },
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("{what}.")]
    Live { what: String },
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Thread(ThreadError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Replies(#[from] RepliesError),
    #[error(transparent)]
    StandIns(#[from] StandInsError),
}
