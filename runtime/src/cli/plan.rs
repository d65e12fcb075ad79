//! What a run is to do, read and checked before anything starts: scenario files, secrets, the caller's steps, faults.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use voxrun_bindings::connector::Reply;
use voxrun_bindings::contract::Headers;
use voxrun_bindings::engine::ScenarioFile;

use super::Surroundings;
use super::args::{CallerArg, ClientType, RunArgs, caller_args};
use super::config::Config;
use super::error::CliError;
use super::secrets::{self, Secrets};
use super::wav::{self, Sound};
use super::{duration, replies};
use crate::journal::Redactor;

/// One thing that the caller does, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Speak when the agent's turn is over.
    Say(String),
    /// Speak so long after the agent began.
    SayAfter(Duration, String),
    /// Press keys when the agent's turn is over.
    Dtmf(String),
    /// Play a sound when the agent's turn is over.
    Play(Sound),
}

/// Everything that a run needs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) scenarios: Vec<ScenarioFile>,
    pub(crate) config: Config,
    pub(crate) secrets: Secrets,
    pub(crate) replies: Vec<Reply>,
    pub(crate) steps: Vec<Step>,
    pub(crate) headers: Headers,
    pub(crate) client_type: &'static str,
    pub(crate) redactor: Redactor,
    /// For the operator, before the run.
    pub(crate) warnings: Vec<String>,
}

impl Plan {
    /// Reads every file that the flags name. Nothing is written.
    pub(crate) fn read(
        args: &RunArgs,
        matches: &ArgMatches,
        around: &Surroundings<'_>,
    ) -> Result<Plan, CliError> {
        if let Some(flag) = args.later.given() {
            return Err(CliError::NotBuilt { flag });
        }
        let dir = &around.dir;
        let scenarios = args.files.iter().map(|path| scenario(dir, path)).collect::<Result<Vec<_>, _>>()?;
        let config = Config::read(dir, args.config.as_deref())?;
        let environment = secrets::environment(dir, &around.env)?;
        let secrets = secrets::gather(&args.secret, &config, &environment, &scenarios)?;
        let replies = match &args.replies {
            Some(path) => replies::read(dir, path)?,
            None => Vec::new(),
        };
        let steps =
            caller_args(matches, args).into_iter().map(|arg| step(dir, arg)).collect::<Result<_, _>>()?;
        let headers = args.header.iter().map(|text| header(text)).collect::<Result<_, _>>()?;
        let client_type = match args.client_type {
            ClientType::Pstn => "pstn",
            ClientType::Sip => "sip",
            ClientType::User => "user",
        };
        let redactor =
            Redactor::new(secrets.values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let warnings = warnings(&config, &secrets, &redactor);
        Ok(Plan { scenarios, config, secrets, replies, steps, headers, client_type, redactor, warnings })
    }

    /// The scenario files as given.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        names.join(", ")
    }
}

fn warnings(config: &Config, secrets: &Secrets, redactor: &Redactor) -> Vec<String> {
    let mut warnings = secrets.warnings.clone();
    for name in redactor.too_short() {
        warnings.push(format!("the secret {name} is too short to be hidden in outputs"));
    }
    for section in config.unused_sections() {
        warnings.push(format!("[{section}] of the configuration is not used yet"));
    }
    warnings
}

fn scenario(dir: &Path, path: &PathBuf) -> Result<ScenarioFile, CliError> {
    let name = path.display().to_string().replace('\\', "/");
    let full = dir.join(path);
    if full.is_dir() {
        return Err(CliError::Project { path: name });
    }
    match std::fs::read_to_string(&full) {
        Ok(text) => Ok(ScenarioFile { name, text }),
        Err(cause) => Err(CliError::Scenario { path: name, cause: cause.to_string() }),
    }
}

fn step(dir: &Path, arg: CallerArg) -> Result<Step, CliError> {
    let words = |flag, text: String| match text.trim().is_empty() {
        true => Err(CliError::Flag { flag, what: "the caller's words are empty".to_owned() }),
        false => Ok(text),
    };
    match arg {
        CallerArg::Say(text) => Ok(Step::Say(words("--say", text)?)),
        CallerArg::SayAfter(delay, text) => {
            let delay =
                duration::parse(&delay).map_err(|what| CliError::Flag { flag: "--say-after", what })?;
            Ok(Step::SayAfter(delay, words("--say-after", text)?))
        }
        CallerArg::Dtmf(digits) => {
            if digits.is_empty()
                || !digits.chars().all(|key| key.is_ascii_digit() || matches!(key, '*' | '#'))
            {
                let what = format!("`{digits}` is not a row of keys; use 0-9, * and #");
                return Err(CliError::Flag { flag: "--dtmf", what });
            }
            Ok(Step::Dtmf(digits))
        }
        CallerArg::Play(path) => match wav::read(&dir.join(&path)) {
            Ok(sound) => Ok(Step::Play(sound)),
            Err(what) => Err(CliError::Flag { flag: "--caller", what: format!("{} {what}", path.display()) }),
        },
    }
}

fn header(text: &str) -> Result<(String, String), CliError> {
    let token = |ch: char| ch.is_ascii_alphanumeric() || "-.!%*_+`'~".contains(ch);
    let pair = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    match pair.filter(|(name, _)| !name.is_empty() && name.chars().all(token)) {
        Some((name, value)) if !value.contains(['\r', '\n']) => Ok((name.to_owned(), value.to_owned())),
        _ => Err(CliError::Flag {
            flag: "--header",
            what: format!("`{text}` is not of the form `X-Name: value`"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_names_and_values() {
        assert_eq!(header("X-Id: a: b").ok(), Some(("X-Id".into(), "a: b".into())));
        for text in ["X-Id", ": v", "X Id: v", "X: a\r\nY: b"] {
            assert!(header(text).is_err(), "{text}");
        }
    }

    #[test]
    fn steps_that_make_no_sense_are_refused() {
        let dir = Path::new(".");
        for arg in [
            CallerArg::Say(" ".into()),
            CallerArg::SayAfter("soon".into(), "x".into()),
            CallerArg::Dtmf("12x".into()),
            CallerArg::Dtmf(String::new()),
            CallerArg::Play("no-such-file.wav".into()),
        ] {
            assert!(step(dir, arg.clone()).is_err(), "{arg:?}");
        }
    }
}
