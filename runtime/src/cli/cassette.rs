//! `--cassette` and `--replay`: the file of a live run's record, and the run that plays it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use voxrun_bindings::engine::ScenarioFile;

use super::Surroundings;
use super::error::CliError;
use super::plan::Plan;
use crate::cassette::{self, Cassette, FORMAT, Header, Replayed};
use crate::journal::{Redactor, jsonl};
use crate::session::seed;
use crate::simulate::on_world_thread;

/// A cassette that is being recorded.
pub(super) struct Tape {
    path: PathBuf,
    file: File,
    error: Option<std::io::Error>,
}

impl Tape {
    /// Creates the file and writes its first line.
    pub(super) fn create(path: &Path, plan: &Plan, around: &Surroundings<'_>) -> Result<Tape, CliError> {
        let broken = |cause: std::io::Error| CliError::Output {
            flag: "--cassette",
            path: path.display().to_string(),
            cause: cause.to_string(),
        };
        let file = File::create(around.dir.join(path)).map_err(broken)?;
        let mut tape = Tape { path: path.to_owned(), file, error: None };
        tape.write(&header(plan), &plan.redactor);
        match tape.error.take() {
            Some(cause) => Err(broken(cause)),
            None => Ok(tape),
        }
    }

    /// Writes a line at once, so that nothing recorded is lost when the run is interrupted.
    pub(super) fn write(&mut self, line: &impl Serialize, redactor: &Redactor) {
        if self.error.is_some() {
            return;
        }
        let text = serde_json::to_string(line).unwrap_or_default();
        self.error = writeln!(self.file, "{}", redactor.hide(&text)).err();
    }

    /// Why the cassette is not whole, if it is not.
    pub(super) fn broken(self) -> Option<CliError> {
        let cause = self.error?.to_string();
        Some(CliError::Output { flag: "--cassette", path: self.path.display().to_string(), cause })
    }
}

fn header(plan: &Plan) -> Header {
    let setup = &plan.setup;
    let call = setup
        .callers
        .first()
        .map(|caller| caller.call_facts(format!("{:016X}", seed::derive(setup.seed, "call", 1))));
    Header {
        format: FORMAT,
        voxrun: env!("CARGO_PKG_VERSION").to_owned(),
        scenarios: hashes(&setup.scenarios),
        seed: setup.seed,
        epoch_ms: setup.epoch_ms,
        custom_data: setup.custom_data.clone(),
        verbatim: setup.verbatim,
        call: call.unwrap_or_default(),
    }
}

fn hashes(scenarios: &[ScenarioFile]) -> Vec<(String, String)> {
    let hash = |file: &ScenarioFile| (file.name.clone(), jsonl::sha256_hex(file.text.as_bytes()));
    scenarios.iter().map(hash).collect()
}

/// Plays the cassette at `path`. The first value tells whether the scenario is another than the recorded one.
pub(super) fn replay(
    path: &Path,
    plan: &Plan,
    around: &Surroundings<'_>,
) -> Result<(bool, Replayed), CliError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(around.dir.join(path)).map_err(|cause| CliError::Flag {
        flag: "--replay",
        what: format!("{file} cannot be read: {cause}"),
    })?;
    let cassette = Cassette::parse(&text)
        .map_err(|error| CliError::Flag { flag: "--replay", what: format!("{file}: {error}") })?;
    let recorded = cassette.header.scenarios.iter().map(|(_, hash)| hash);
    let edited = !recorded.eq(hashes(&plan.setup.scenarios).iter().map(|(_, hash)| hash));
    let replayed = on_world_thread(|| cassette::replay(&plan.setup, &cassette))
        .map_err(CliError::Thread)?
        .map_err(|what| CliError::Live { what })?;
    Ok((edited, replayed))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::cassette::{Line, OnSocket};

    #[test]
    fn no_secret_reaches_the_file_in_any_writing() {
        let secret = "sk-very/secret+value";
        let redactor = Redactor::new([("KEY", secret)]);
        let path = std::env::temp_dir().join(format!("voxrun-tape-{}.jsonl", std::process::id()));
        let file = File::create(&path).expect("writable");
        let mut tape = Tape { path: path.clone(), file, error: None };
        let texts = [
            format!("plain {secret}"),
            format!("json {}", serde_json::Value::from(secret)),
            "url sk-very%2Fsecret%2Bvalue".to_owned(),
            format!("base64 {}", STANDARD.encode(secret)),
            format!("base64 {}", STANDARD.encode(format!("a{secret}"))),
            format!("base64 {}", STANDARD.encode(format!("ab{secret}"))),
        ];
        for text in texts {
            tape.write(
                &Line::In { t_us: 1, unit: "openai#1".to_owned(), socket: OnSocket::Text(text) },
                &redactor,
            );
        }
        assert!(tape.broken().is_none());
        let written = std::fs::read_to_string(&path).expect("readable");
        let _ = std::fs::remove_file(&path);
        assert_eq!(written.lines().count(), 6);
        for line in written.lines() {
            assert!(serde_json::from_str::<Line>(line).is_ok(), "{line}");
            for trace in
                [secret, "sk-very", "c2stdmVyeS9zZWNyZXQr", "NrLXZlcnkvc2VjcmV0", "zay12ZXJ5L3NlY3Jl"]
            {
                assert!(!line.contains(trace), "{trace}: {line}");
            }
        }
    }
}
