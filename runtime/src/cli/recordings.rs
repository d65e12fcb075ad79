//! `--recordings DIR`: the files of what the scenario records.

use std::path::{Path, PathBuf};

use super::args::RunArgs;
use super::error::CliError;
use super::plan::Plan;
use super::summary::Summary;
use crate::drive::recordings::{Recordings, Unwritten};

const FLAG: &str = "--recordings";

/// The folder, while the run writes into it.
pub(super) struct Folder {
    /// As the operator named it.
    named: PathBuf,
    recordings: Recordings,
}

impl Folder {
    /// Opens the folder that the flag asks for, and lets the run write into it.
    pub(super) fn open(args: &RunArgs, plan: &mut Plan, dir: &Path) -> Result<Option<Folder>, CliError> {
        let Some(named) = args.recordings.clone() else { return Ok(None) };
        let recordings = Recordings::start(&dir.join(&named))
            .map_err(|cause| failed(Unwritten { path: named.clone(), cause: cause.to_string() }))?;
        plan.setup.archive = Some(recordings.archive());
        Ok(Some(Folder { named, recordings }))
    }

    /// Waits for the files and tells the summary of them.
    pub(super) fn finish(self, summary: &mut Summary) -> Result<(), CliError> {
        let unwritten = self.recordings.finish();
        for recording in &mut summary.recordings {
            recording.file = Some(self.named.join(recording.file_name()).display().to_string());
        }
        unwritten.into_iter().next().map(failed).map_or(Ok(()), Err)
    }
}

fn failed(unwritten: Unwritten) -> CliError {
    CliError::Output { flag: FLAG, path: unwritten.path.display().to_string(), cause: unwritten.cause }
}
