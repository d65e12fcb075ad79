//! The command line: one file a subcommand, everything around it given as an argument, so that tests run it in their
//! own process. It reads and writes the files that its flags name and nothing else.

mod args;
mod cassette;
mod check;
mod closing;
mod config;
mod dotenv;
mod emulate;
mod error;
mod excerpt;
mod live;
mod outputs;
pub mod panics;
mod place;
mod plan;
mod project;
mod recordings;
mod replies;
mod run;
mod secrets;
mod sound;
mod stage;
mod stand_ins;
mod summary;
mod voice;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Page, Subcommands};
use error::CliError;

/// Exit code: all is well.
pub const FINE: u8 = 0;
/// Exit code: a scenario failed.
pub const FAILED: u8 = 1;
/// Exit code: a mistake on the command line or in the configuration.
pub const USAGE: u8 = 2;

/// What lies around the program.
pub struct Surroundings<'a> {
    /// The folder that relative paths start from.
    pub dir: PathBuf,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// What a person types.
    pub stdin: Box<dyn BufRead + Send>,
    /// Where results go.
    pub stdout: &'a mut (dyn Write + Send),
    /// Where errors and warnings go.
    pub stderr: &'a mut (dyn Write + Send),
    /// Whether both are a terminal that shows colours.
    pub colour: bool,
    /// Columns of a printed line.
    pub width: usize,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Runs the program with these arguments (its own name first) and returns its exit code.
pub fn run_args(arguments: impl IntoIterator<Item = OsString>, around: &mut Surroundings<'_>) -> u8 {
    let matches = match Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error, around),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, around),
    };
    let outcome = match (cli.command, matches.subcommand()) {
        (Subcommands::Run(args), Some((_, matches))) => run::run(&args, matches, around),
        (Subcommands::Check(args), _) => check::check(&args, around),
        (Subcommands::Emulate(args), _) => emulate::emulate(&args, around),
        (Subcommands::Docs { page, proofs }, _) => print_page(page, proofs.as_deref(), around),
        (Subcommands::Run(_), None) => Ok(USAGE),
    };
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(around.stderr, "error: {error}");
        if matches!(error, CliError::Thread(_)) { FAILED } else { USAGE }
    })
}

/// Help and version go to standard output and are no mistake.
fn usage(error: &clap::Error, around: &mut Surroundings<'_>) -> u8 {
    let text = if around.colour { error.render().ansi().to_string() } else { error.render().to_string() };
    if error.use_stderr() {
        let _ = around.stderr.write_all(text.as_bytes());
        USAGE
    } else {
        let _ = around.stdout.write_all(text.as_bytes());
        FINE
    }
}

fn print_page(page: Page, proofs: Option<&Path>, around: &mut Surroundings<'_>) -> Result<u8, CliError> {
    let proofs = match proofs {
        Some(path) => std::fs::read_to_string(around.dir.join(path)).map_err(|cause| CliError::Flag {
            flag: "--proofs",
            what: format!("{} cannot be read: {cause}", path.display()),
        })?,
        None => String::new(),
    };
    let _ = around.stdout.write_all(page_text(page, &proofs).as_bytes());
    Ok(FINE)
}

fn page_text(page: Page, proofs: &str) -> String {
    match page {
        Page::Compatibility => crate::docs::compatibility(proofs),
        Page::Fidelity => crate::docs::fidelity(),
        Page::Values => crate::docs::values(),
    }
}
