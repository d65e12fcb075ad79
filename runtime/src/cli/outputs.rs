//! The files a run writes. They are opened before it starts, so that a wrong path costs nothing, and written even when
//! it failed.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::RunArgs;
use super::error::CliError;

/// One output of a run.
#[derive(Debug)]
pub(crate) enum OutputFile {
    /// Not asked for.
    Nowhere,
    /// `-`
    Stdout,
    /// A file, open and empty.
    File { flag: &'static str, path: PathBuf, file: File },
}

/// All outputs of a run but what it prints.
#[derive(Debug)]
pub(crate) struct Outputs {
    pub(crate) record: OutputFile,
    pub(crate) log: OutputFile,
    pub(crate) journal: OutputFile,
    pub(crate) summary: OutputFile,
}

impl Outputs {
    /// Opens what the flags ask for, relative to `dir`. No output may overwrite another one or an input.
    pub(crate) fn open(dir: &Path, args: &RunArgs) -> Result<Outputs, CliError> {
        if args.record.as_deref() == Some(Path::new("-")) {
            return Err(CliError::NotToStdout { flag: "--record" });
        }
        let mut taken: Vec<(&'static str, PathBuf)> = Vec::new();
        let inputs = args.files.iter().map(|path| ("FILE", path));
        let inputs = inputs.chain(args.caller.iter().map(|path| ("--caller", path)));
        let inputs = inputs.chain(args.replies.iter().map(|path| ("--replies", path)));
        let inputs = inputs.chain(args.stand_ins.iter().map(|path| ("--stand-ins", path)));
        for (name, path) in inputs.chain(args.config.iter().map(|path| ("--config", path))) {
            taken.push((name, same_form(dir, path)));
        }
        let flags: [(&'static str, &Option<PathBuf>); 4] = [
            ("--record", &args.record),
            ("--log", &args.log),
            ("--journal", &args.journal),
            ("--summary", &args.summary),
        ];
        // All are compared before the first is opened, because opening empties a file.
        for (flag, path) in flags {
            let Some(path) = path else { continue };
            let key = if path == Path::new("-") { path.clone() } else { same_form(dir, path) };
            if let Some((other, _)) = taken.iter().find(|(_, other)| *other == key) {
                return Err(CliError::SameFile { flag, other, path: path.display().to_string() });
            }
            taken.push((flag, key));
        }
        Ok(Outputs {
            record: open(dir, "--record", &args.record)?,
            log: open(dir, "--log", &args.log)?,
            journal: open(dir, "--journal", &args.journal)?,
            summary: open(dir, "--summary", &args.summary)?,
        })
    }

    /// Whether one of them takes standard output, which then belongs to it alone.
    pub(crate) fn use_stdout(&self) -> bool {
        [&self.log, &self.journal, &self.summary].iter().any(|output| matches!(output, OutputFile::Stdout))
    }
}

impl OutputFile {
    /// Writes the whole content.
    pub(crate) fn write(self, content: &[u8], stdout: &mut (dyn Write + Send)) -> Result<(), CliError> {
        match self {
            OutputFile::Nowhere => Ok(()),
            OutputFile::Stdout => {
                stdout.write_all(content).map_err(|cause| failed("standard output", Path::new("-"), &cause))
            }
            OutputFile::File { flag, path, mut file } => {
                file.write_all(content).map_err(|cause| failed(flag, &path, &cause))
            }
        }
    }
}

fn open(dir: &Path, flag: &'static str, path: &Option<PathBuf>) -> Result<OutputFile, CliError> {
    match path {
        None => Ok(OutputFile::Nowhere),
        Some(path) if path == Path::new("-") => Ok(OutputFile::Stdout),
        Some(path) => match File::create(dir.join(path)) {
            Ok(file) => Ok(OutputFile::File { flag, path: path.clone(), file }),
            Err(cause) => Err(failed(flag, path, &cause)),
        },
    }
}

fn failed(flag: &'static str, path: &Path, cause: &std::io::Error) -> CliError {
    CliError::Output { flag, path: path.display().to_string(), cause: cause.to_string() }
}

/// The path in a form that is the same for the same file: resolved when it exists, else joined.
fn same_form(dir: &Path, path: &Path) -> PathBuf {
    let joined = dir.join(path);
    joined.canonicalize().unwrap_or_else(|_| match (joined.parent(), joined.file_name()) {
        (Some(parent), Some(name)) => parent.canonicalize().map(|parent| parent.join(name)).unwrap_or(joined),
        _ => joined,
    })
}
