//! Builds the conversation of a run from its flags and files.

use super::args::RunArgs;
use super::error::CliError;
use super::plan::Plan;
use super::stage::Stage;

/// The world of this run, ready to begin.
pub(crate) fn build(_args: &RunArgs, _plan: &Plan) -> Result<Box<dyn Stage>, CliError> {
    Err(CliError::NotBuilt { flag: "run" })
}
