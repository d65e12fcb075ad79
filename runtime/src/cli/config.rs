//! `voxrun.toml`: secrets, provider addresses, emulator settings, limits.
//!
//! Unknown keys are errors with their place, so that a misspelt setting never goes unnoticed. Sections that later uses
//! of voxrun read (`serve`) are accepted and reported as not used yet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use voxrun_bindings::contract::Fields;

use super::place::toml_message;
use super::stand_ins;
use crate::stand_ins::StandIn;

/// The name of the file that is read when none is named.
pub(crate) const DEFAULT_FILE: &str = "voxrun.toml";

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file that `--config` names cannot be read.
    #[error("{path}: cannot be read: {cause}. Check the path given to --config.")]
    Unreadable {
        /// As given.
        path: String,
        /// The system's words.
        cause: std::io::Error,
    },
    /// It is not the TOML that is expected.
    #[error("{message}. Correct that line; README.md lists what voxrun.toml may contain.")]
    Invalid {
        /// With its place.
        message: String,
    },
    /// A setting of a unit that there is not.
    #[error("{file}: [units.{kind}] {name}: nothing of that name can be set. What can: {known}.")]
    UnknownSetting {
        /// The configuration file.
        file: String,
        /// As written.
        kind: String,
        /// As written.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A provider that does not exist.
    #[error("{file}: [{section}.{name}]: no provider of that name. Known providers: {known}.")]
    UnknownProvider {
        /// The configuration file.
        file: String,
        /// `providers` or `emulators`.
        section: &'static str,
        /// As written.
        name: String,
        /// Those that exist.
        known: String,
    },
}

/// The whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Values that `VoxEngine.getSecretValue` answers.
    pub(crate) secrets: BTreeMap<String, SecretSource>,
    /// Where providers are reached.
    pub(crate) providers: BTreeMap<String, ProviderConfig>,
    /// Whom to trust.
    pub(crate) tls: TlsConfig,
    /// The built-in emulators, by provider.
    pub(crate) emulators: BTreeMap<String, EmulatorConfig>,
    /// The platform's published limits.
    pub(crate) limits: LimitsConfig,
    /// How long things take that the platform does by itself, by kind and name.
    pub(crate) units: BTreeMap<String, BTreeMap<String, u64>>,
    /// Who answers offline instead of hosts that only the scenario knows, as written.
    stand_in: Vec<Spanned<StandIn>>,
    /// The same, checked.
    #[serde(skip)]
    pub(crate) stand_ins: Vec<StandIn>,
    /// Which scenarios answer which destination.
    pub(crate) rules: Vec<RuleConfig>,
    /// What to do where the platform's behaviour is not known.
    pub(crate) compat: CompatConfig,
    /// Numbers of the account.
    pub(crate) numbers: NumbersConfig,
    /// What the scenarios store.
    pub(crate) storage: StorageConfig,
    serve: Option<toml::Value>,
}

/// `[[rules]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleConfig {
    /// For messages.
    pub(crate) name: String,
    /// A regular expression that fits the whole destination.
    #[serde(default = "every_destination")]
    pub(crate) pattern: String,
    /// Scenario files, run one after the other, relative to the configuration.
    pub(crate) scenarios: Vec<PathBuf>,
}

fn every_destination() -> String {
    ".*".to_owned()
}

/// Where a secret's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected the secret's value as a string, or { env = \"NAME\" }")]
pub(crate) enum SecretSource {
    /// Written in the file.
    Value(String),
    /// An environment variable (or a line of `.env`).
    Env(EnvSource),
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvSource {
    /// Its name.
    pub(crate) env: String,
}

/// `[providers.<name>]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProviderConfig {
    /// Address to use instead of the provider's own.
    pub(crate) base_url: Option<String>,
    /// Secret that holds the key when the script gives none.
    pub(crate) api_key_secret: Option<String>,
}

/// `[emulators.<name>]`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct EmulatorConfig {
    /// The good keys; none means that any key that is not empty is good.
    #[serde(default)]
    pub(crate) keys: Vec<String>,
    /// Latencies and the like, which the emulator itself checks.
    #[serde(flatten)]
    pub(crate) settings: Fields,
}

/// `[tls]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TlsConfig {
    /// PEM file of further certificate authorities.
    pub(crate) ca_file: Option<PathBuf>,
}

/// `[compat]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CompatConfig {
    /// Names that two files of a rule declare.
    pub(crate) duplicate_names: DuplicateNames,
    /// `require` of a member that `Modules` does not have.
    pub(crate) require_undefined: UndefinedModule,
}

/// What `require(undefined)` does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UndefinedModule {
    /// Nothing, with a note.
    #[default]
    Lenient,
    /// It throws, as in today's cloud.
    Cloud,
}

/// What becomes of a name that two files of a rule declare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DuplicateNames {
    /// The later declaration takes it over.
    #[default]
    Tolerate,
    /// Nothing runs.
    Refuse,
}

/// `[numbers]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NumbersConfig {
    /// Rented and verified ones: the only caller ids with which the telephone network is reached. Without it all are taken.
    pub(crate) owned: Option<Vec<String>>,
}

/// `[storage]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StorageConfig {
    /// The file in which what scenarios store outlives the run, relative to the configuration; made when there is none.
    pub(crate) file: Option<PathBuf>,
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    /// Whether the platform's published limits are enforced.
    pub(crate) enforce: bool,
}

impl Default for LimitsConfig {
    fn default() -> LimitsConfig {
        LimitsConfig { enforce: true }
    }
}

impl Config {
    /// Reads `path`, or [`DEFAULT_FILE`] in `dir` if there is one, or nothing.
    pub(crate) fn read(dir: &Path, path: Option<&Path>) -> Result<Config, ConfigError> {
        let named = path.unwrap_or(Path::new(DEFAULT_FILE));
        match std::fs::read_to_string(dir.join(named)) {
            Ok(text) => {
                let folder = named.parent().map_or_else(|| dir.to_owned(), |parent| dir.join(parent));
                Config::parse(&named.display().to_string(), &text, &folder)
            }
            Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Config::default())
            }
            Err(cause) => Err(ConfigError::Unreadable { path: named.display().to_string(), cause }),
        }
    }

    /// Reads the text of a file called `file` that stands in `folder`.
    pub(crate) fn parse(file: &str, text: &str, folder: &Path) -> Result<Config, ConfigError> {
        let mut config: Config = toml::from_str(text)
            .map_err(|error| ConfigError::Invalid { message: toml_message(file, text, &error) })?;
        config.stand_ins = stand_ins::checked(file, text, folder, std::mem::take(&mut config.stand_in))
            .map_err(|message| ConfigError::Invalid { message })?;
        config.check_units(file)?;
        let known: Vec<&str> = voxrun_bindings::remotes().iter().map(|provider| provider.name).collect();
        let sections = [
            ("providers", config.providers.keys().collect::<Vec<_>>()),
            ("emulators", config.emulators.keys().collect::<Vec<_>>()),
        ];
        for (section, names) in sections {
            if let Some(name) = names.into_iter().find(|name| !known.contains(&name.as_str())) {
                let (file, name, known) = (file.to_owned(), name.clone(), known.join(", "));
                return Err(ConfigError::UnknownProvider { file, section, name, known });
            }
        }
        Ok(config)
    }

    fn check_units(&self, file: &str) -> Result<(), ConfigError> {
        let settings = voxrun_bindings::unit_settings();
        for (kind, names) in &self.units {
            let own = settings.iter().find(|(known, _)| known == kind).map(|(_, names)| *names);
            let unknown = names.keys().find(|name| own.is_none_or(|own| !own.contains(&name.as_str())));
            if let Some(name) = unknown {
                let all = settings
                    .iter()
                    .flat_map(|(kind, names)| names.iter().map(move |name| format!("[units.{kind}] {name}")));
                let known = all.collect::<Vec<_>>().join(", ");
                let (file, kind, name) = (file.to_owned(), kind.clone(), name.clone());
                return Err(ConfigError::UnknownSetting { file, kind, name, known });
            }
        }
        Ok(())
    }

    /// Sections that are present and that no use of voxrun reads yet.
    #[must_use]
    pub(crate) fn unused_sections(&self) -> Vec<&'static str> {
        self.serve.iter().map(|_| "serve").collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        Config::parse("voxrun.toml", text, Path::new(".")).expect_err(text).to_string()
    }

    #[test]
    fn known_sections_are_read() {
        let text = "[secrets]\nA = \"value\"\nB = { env = \"OTHER\" }\n[limits]\nenforce = false\n[serve]\nsip = \"x\"\n";
        let config = Config::parse("voxrun.toml", text, Path::new(".")).expect("valid");
        assert_eq!(config.secrets["A"], SecretSource::Value("value".to_owned()));
        assert_eq!(config.secrets["B"], SecretSource::Env(EnvSource { env: "OTHER".to_owned() }));
        assert!(!config.limits.enforce);
        assert_eq!(config.unused_sections(), ["serve"]);
    }

    #[test]
    fn mistakes_name_their_place() {
        assert!(error_of("[secrets]\n[secretz]\n").starts_with("voxrun.toml:2:2: unknown field `secretz`"));
        assert!(error_of("[secrets]\nA = 5\n").contains("voxrun.toml:2:5: expected the secret's value"));
        assert!(error_of("[limits]\nenforce = \"no\"\n").starts_with("voxrun.toml:2:11: "));
        assert!(error_of("x = [\n").starts_with("voxrun.toml:"));
    }

    #[test]
    fn a_provider_that_does_not_exist_is_named() {
        assert!(error_of("[providers.opnai]\nbase_url = \"ws://x\"\n").contains("[providers.opnai]"));
        assert!(error_of("[units.asr]\nresult = 1\n").contains("[units.asr] result_ms"));
        assert!(error_of("[units.ear]\nresult_ms = 1\n").contains("[units.ear] result_ms: nothing"));
        assert!(error_of("[emulators.opnai]\nfirst_token_ms = 1\n").contains("[emulators.opnai]"));
    }
}
