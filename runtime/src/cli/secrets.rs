//! Where a run's secrets come from: `--secret`, `voxrun.toml`, `.env` and the environment, in this order.
//!
//! The environment is asked only for names that are known to be secrets: those that a scenario's text asks
//! `getSecretValue` for and those of the providers' keys. Nothing else of it can reach a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;
use voxrun_bindings::contract::ScenarioFile;

use super::config::{Config, SecretSource};
use super::dotenv;
use super::error::CliError;

/// The secrets of one run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// Name and value.
    pub(crate) values: BTreeMap<String, String>,
    /// Missing on purpose.
    pub(crate) missing: Vec<String>,
    /// Remarks for the operator.
    pub(crate) warnings: Vec<String>,
}

/// Environment variables, `.env` included; the process's own come first.
pub(crate) fn environment(
    dir: &Path,
    process: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, CliError> {
    let mut all = match std::fs::read_to_string(dir.join(".env")) {
        Ok(text) => dotenv::parse(&text).map_err(|(line, what)| CliError::Dotenv { line, what })?,
        Err(_) => BTreeMap::new(),
    };
    all.extend(process.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(all)
}

/// Collects the secrets. `flags` are the values of `--secret`.
pub(crate) fn gather(
    flags: &[String],
    config: &Config,
    environment: &BTreeMap<String, String>,
    scenarios: &[ScenarioFile],
) -> Result<Secrets, CliError> {
    let mut secrets = Secrets::default();
    for name in names_asked_for(scenarios) {
        if let Some(value) = environment.get(&name) {
            secrets.values.insert(name, value.clone());
        }
    }
    for (name, source) in &config.secrets {
        match source {
            SecretSource::Value(value) => {
                secrets.values.insert(name.clone(), value.clone());
            }
            SecretSource::Env(source) => match environment.get(&source.env) {
                Some(value) => {
                    secrets.values.insert(name.clone(), value.clone());
                }
                None => secrets
                    .warnings
                    .push(format!("the secret {name} is to come from {}, which is not set", source.env)),
            },
        }
    }
    for flag in flags {
        let (name, value) =
            flag.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(CliError::SecretForm)?;
        secrets.values.insert(name.to_owned(), value.to_owned());
    }
    let empty = secrets.values.iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| name.clone());
    secrets.missing = empty.collect();
    secrets.values.retain(|_, value| !value.is_empty());
    Ok(secrets)
}

/// Names of secrets that the scenarios' text asks for, and those of the providers' keys.
fn names_asked_for(scenarios: &[ScenarioFile]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        voxrun_bindings::remotes().iter().map(|provider| provider.key_secret.to_owned()).collect();
    if let Ok(asked) = Regex::new(r#"getSecretValue\s*\(\s*["'`]([A-Za-z0-9_.-]+)["'`]"#) {
        for scenario in scenarios {
            names.extend(asked.captures_iter(&scenario.text).map(|found| found[1].to_owned()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_environment() {
        let config = Config::parse(
            "c",
            "[secrets]\nB = \"file\"\nC = \"file\"\nD = { env = \"OTHER\" }\n",
            std::path::Path::new("."),
        );
        let text = "VoxEngine.getSecretValue('A'); VoxEngine.getSecretValue( \"B\" )".to_owned();
        let scenarios = [ScenarioFile::new("s", text)];
        let environment = map(&[("A", "env"), ("B", "env"), ("OTHER", "other"), ("PATH", "private")]);
        let flags = ["C=flag".to_owned(), "E=".to_owned()];
        let secrets = gather(&flags, &config.expect("valid"), &environment, &scenarios).expect("valid");
        assert_eq!(secrets.values, map(&[("A", "env"), ("B", "file"), ("C", "flag"), ("D", "other")]));
        assert_eq!(secrets.missing, ["E"]);
    }

    #[test]
    fn a_flag_that_is_no_pair_is_refused_without_being_repeated() {
        let error = gather(&["sk-secret".to_owned()], &Config::default(), &map(&[]), &[]).expect_err("no =");
        assert!(!error.to_string().contains("sk-secret"));
    }
}
