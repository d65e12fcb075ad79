//! `--cassette` and `--replay`: the file of a live run's record, and the run that plays it. It is gzip, which takes the
//! base64 out of the providers' audio again and much more, unless its name says that it is to be read (`.json`, `.jsonl`).

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use voxrun_bindings::contract::ScenarioFile;

use super::Surroundings;
use super::error::CliError;
use super::plan::Plan;
use crate::cassette::{self, Cassette, FORMAT, Header, Replayed};
use crate::journal::{Redactor, jsonl};
use crate::session::seed;
use crate::simulate::on_world_thread;

/// A cassette that is being recorded.
pub(super) struct TapeFile {
    path: PathBuf,
    file: Box<dyn Write>,
    error: Option<std::io::Error>,
}

impl TapeFile {
    /// Creates the file and writes its first line.
    pub(super) fn create(path: &Path, plan: &Plan, around: &Surroundings<'_>) -> Result<TapeFile, CliError> {
        let broken = |cause: std::io::Error| CliError::Output {
            flag: "--cassette",
            path: path.display().to_string(),
            cause: cause.to_string(),
        };
        let file = File::create(around.dir.join(path)).map_err(broken)?;
        let mut tape = TapeFile::new(path, file);
        tape.write(&header(plan), &plan.redactor);
        match tape.error.take() {
            Some(cause) => Err(broken(cause)),
            None => Ok(tape),
        }
    }

    fn new(path: &Path, file: File) -> TapeFile {
        let readable = path.extension().is_some_and(|end| end == "json" || end == "jsonl");
        let file: Box<dyn Write> =
            if readable { Box::new(file) } else { Box::new(GzEncoder::new(file, Compression::default())) };
        TapeFile { path: path.to_owned(), file, error: None }
    }

    /// Writes a line at once, so that nothing recorded is lost when the run is interrupted.
    pub(super) fn write(&mut self, line: &impl Serialize, redactor: &Redactor) {
        if self.error.is_some() {
            return;
        }
        let text = serde_json::to_string(line).unwrap_or_default();
        let written =
            writeln!(self.file, "{}", redactor.hide_in_json(&text)).and_then(|()| self.file.flush());
        self.error = written.err();
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
    let hash = |file: &ScenarioFile| (file.name.clone(), jsonl::sha256_hex(file.source().as_bytes()));
    scenarios.iter().map(hash).collect()
}

/// Plays the cassette at `path`. The first value tells whether the scenario is another than the recorded one.
pub(super) fn replay(
    path: &Path,
    plan: &Plan,
    around: &Surroundings<'_>,
) -> Result<(bool, Replayed), CliError> {
    let file = path.display().to_string();
    let text = read(&around.dir.join(path)).map_err(|cause| CliError::Flag {
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

/// The text of a cassette, packed or not. Where a packed one breaks off, recording was interrupted.
fn read(path: &Path) -> std::io::Result<String> {
    let bytes = std::fs::read(path)?;
    let packed = bytes.starts_with(&[0x1f, 0x8b]);
    let mut text = Vec::new();
    if packed && let Err(error) = GzDecoder::new(bytes.as_slice()).read_to_end(&mut text) {
        let broken_off = error.kind() == std::io::ErrorKind::UnexpectedEof && !text.is_empty();
        if !broken_off {
            return Err(error);
        }
    }
    String::from_utf8(if packed { text } else { bytes })
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not text"))
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
        let path = std::env::temp_dir().join(format!("voxrun-tape-{}", std::process::id()));
        let mut tape = TapeFile::new(&path, File::create(&path).expect("writable"));
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
        let written = read(&path).expect("readable");
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

    #[test]
    fn a_packed_cassette_that_breaks_off_is_read_as_far_as_it_goes() {
        let path = std::env::temp_dir().join(format!("voxrun-broken-{}", std::process::id()));
        let mut tape = TapeFile::new(&path, File::create(&path).expect("writable"));
        let mut ends = Vec::new();
        for t_us in 0..50 {
            tape.write(&Line::HangUp { t_us }, &Redactor::default());
            ends.push(std::fs::metadata(&path).expect("there").len());
        }
        assert!(tape.broken().is_none());
        let whole = std::fs::read(&path).expect("readable");
        for (lines, end) in ends.iter().enumerate() {
            std::fs::write(&path, &whole[..usize::try_from(*end).expect("small")]).expect("writable");
            assert_eq!(
                read(&path).expect("readable").lines().count(),
                lines + 1,
                "each line was written at once"
            );
        }
        std::fs::write(&path, [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 0xff, 0xff, 0xff]).expect("writable");
        assert!(read(&path).is_err(), "damaged");
        let _ = std::fs::remove_file(&path);
    }
}
