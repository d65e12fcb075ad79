//! What a run is to do, read and checked before anything starts: scenario files, secrets, the caller, faults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use voxrun_bindings::connection::{Fault, NET, span};
use voxrun_bindings::contract::{RequireUndefined, ScenarioFile, Time};
use voxrun_bindings::syntax::SyntaxProblem;

use super::Surroundings;
use super::args::{CallerArg, RunArgs, caller_args, milliseconds};
use super::config::{Config, RuleConfig, UndefinedModule};
use super::error::CliError;
use super::project::{self, Chosen};
use super::secrets::{self, Secrets};
use super::summary::ErrorSummary;
use super::{excerpt, live, replies, sound, stand_ins};
use crate::drive::allowed::AllowedHosts;
use crate::drive::live::fresh_seed;
use crate::drive::tls::Trust;
use crate::journal::Redactor;
use crate::session::{ProviderSettings, Question};
use crate::simulate::{Callees, CallerPlan, Network, Rule, Step, WorldSetup};

/// The seed of a run in virtual time whose operator named none, so that the same command gives the same run.
const OFFLINE_SEED: u64 = 1;

/// Everything that a run needs.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The world, ready to be made.
    pub(crate) setup: WorldSetup,
    /// Hides the secrets.
    pub(crate) redactor: Redactor,
    /// Whom live connections trust.
    pub(crate) trust: Trust,
    /// The file in which the scenarios' storage lies.
    pub(crate) storage: Option<PathBuf>,
    /// For the operator, before the run.
    pub(crate) warnings: Vec<String>,
    /// What was chosen for the operator.
    pub(crate) note: Option<String>,
}

impl Plan {
    /// Reads every file that the flags name. Nothing is written.
    pub(crate) fn read(
        args: &RunArgs,
        matches: &ArgMatches,
        around: &Surroundings<'_>,
    ) -> Result<Plan, CliError> {
        let dir = &around.dir;
        let config = Config::read(dir, args.config.as_deref())?;
        let environment = secrets::environment(dir, &around.env)?;
        let (caller, told) = caller(args, matches, dir)?;
        let Chosen { scenarios, rules: mut project_rules, note, remarks, warnings: told_of_project } =
            project::chosen(args, dir, &caller.to, config.compat.duplicate_names)?;
        let secrets = secrets::gather(&args.secret, &config, &environment, &scenarios)?;
        let replies = match &args.replies {
            Some(path) => replies::read(dir, path)?,
            None => Vec::new(),
        };
        let mut stand_ins = match &args.stand_ins {
            Some(path) => stand_ins::read(dir, path)?,
            None => Vec::new(),
        };
        stand_ins.extend(config.stand_ins.iter().cloned());
        let faults = args.fault.iter().map(|spec| fault(spec)).collect::<Result<Vec<_>, _>>()?;
        let mut callees = Callees::default();
        for text in &args.callee {
            callees
                .add(text)
                .map_err(|error| CliError::Flag { flag: "--callee", what: error.to_string() })?;
        }
        if let Some(owned) = &config.numbers.owned {
            callees.own(owned);
        }
        let mut rules = rules(dir, args.config.as_deref(), &config)?;
        rules.append(&mut project_rules);
        let redactor =
            Redactor::new(secrets.values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut warnings = warnings(&config, &secrets, &redactor);
        warnings.extend(told_of_project);
        let providers = providers(&config, &secrets, args.live);
        let emulators = config.emulators.clone().into_iter();
        let (keys, emulators) = emulators
            .map(|(name, emulator)| ((name.clone(), emulator.keys), (name, emulator.settings)))
            .unzip();
        let setup = WorldSetup {
            scenarios,
            providers,
            secrets: secrets.values,
            missing_secrets: secrets.missing,
            custom_data: args.custom_data.clone().unwrap_or_default(),
            seed: args.seed.unwrap_or_else(|| if args.live { fresh_seed() } else { OFFLINE_SEED }),
            epoch_ms: args.epoch.as_millisecond(),
            callers: vec![caller],
            api_start: args.api_start,
            start_as_heard: !told,
            questions: args.request.iter().map(|text| question(text)).collect::<Result<_, _>>()?,
            callees,
            rules,
            replies,
            keys,
            emulators,
            stand_ins,
            faults,
            remarks,
            verbatim: args.verbatim,
            unlimited: !config.limits.enforce,
            units: config.units.clone(),
            require_undefined: match config.compat.require_undefined {
                UndefinedModule::Lenient => RequireUndefined::Lenient,
                UndefinedModule::Cloud => RequireUndefined::Cloud,
            },
            ..WorldSetup::default()
        };
        let trust = Trust { ca_file: config.tls.ca_file.as_ref().map(|path| dir.join(path)) };
        let storage = config.storage.file.as_ref().map(|path| dir.join(path));
        let mut plan = Plan { setup, redactor, trust, storage, warnings, note };
        plan.setup.network = network(&args.allow_net, &plan.trust)?;
        if !args.allow_net.is_empty() {
            let hosts = args.allow_net.join(", ");
            plan.warnings.push(format!(
                "requests to {hosts} leave this machine, and what they answer is not the same each time"
            ));
        }
        if args.live {
            live::prepare(&mut plan, args, &config)?;
        }
        Ok(plan)
    }

    /// The scenario files as given.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.setup.scenarios.iter().map(|scenario| scenario.name.as_str()).collect()
    }
}

/// The way to the hosts that are let through, if there are any.
fn network(hosts: &[String], trust: &Trust) -> Result<Option<Arc<dyn Network>>, CliError> {
    if hosts.is_empty() {
        return Ok(None);
    }
    let tls = trust.client_config().map_err(|what| CliError::Live { what })?;
    let allowed = AllowedHosts::new(hosts, tls).map_err(|host| CliError::Flag {
        flag: "--allow-net",
        what: format!("`{host}` is not HOST or HOST:PORT, as in api.example.org or 127.0.0.1:8080"),
    })?;
    Ok(Some(Arc::new(allowed)))
}

/// `DUR METHOD PATH [BODY]`
fn question(text: &str) -> Result<(Time, Question), CliError> {
    let wrong = || CliError::Flag {
        flag: "--request",
        what: format!(
            "`{text}` is not of the form \"DUR METHOD PATH [BODY]\", as in \"2s POST /hook hello\""
        ),
    };
    let mut parts = text.splitn(4, ' ');
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let (after, method, path) = (part(), part(), part());
    let (Some(after_us), Some(method), Some(path)) = (after.and_then(span::parse_us), method, path) else {
        return Err(wrong());
    };
    if !path.starts_with('/') || !method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(wrong());
    }
    let question = Question {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        content: parts.next().unwrap_or_default().to_owned(),
        headers: Vec::new(),
    };
    Ok((Time::from_us(after_us), question))
}

/// Addresses of the configuration, and the key that a provider falls back on when the script gives none: the platform has
/// one of its own for some. Offline a placeholder stands for it, unless it is missing on purpose.
fn providers(
    config: &Config,
    secrets: &Secrets,
    live: bool,
) -> std::collections::BTreeMap<String, ProviderSettings> {
    let settings = voxrun_bindings::remotes().into_iter().map(|provider| {
        let named = config.providers.get(provider.name);
        let key_secret = named.and_then(|named| named.api_key_secret.clone());
        let secret = key_secret.as_deref().unwrap_or(provider.key_secret);
        let missing = secrets.missing.iter().any(|name| name == secret);
        let given = secrets.values.get(secret).cloned();
        let fallback_key = given.or_else(|| (!missing && !live).then(|| format!("offline-{secret}")));
        let base_url = named.and_then(|named| named.base_url.clone());
        (provider.name.to_owned(), ProviderSettings { base_url, fallback_key, key_secret })
    });
    settings.collect()
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

/// Reads a scenario file.
pub(super) fn scenario(dir: &Path, path: &Path) -> Result<ScenarioFile, CliError> {
    let name = path.display().to_string().replace('\\', "/");
    let full = dir.join(path);
    match std::fs::read_to_string(&full) {
        Ok(text) => voxrun_bindings::scenario(name.clone(), text.clone())
            .map_err(|problem| not_compiled(name, &text, problem)),
        Err(cause) => Err(CliError::Scenario { path: name, cause: cause.to_string() }),
    }
}

/// A TypeScript file that does not become a classic script, with the place marked.
fn not_compiled(file: String, text: &str, problem: SyntaxProblem) -> CliError {
    let SyntaxProblem { message, line, column } = problem;
    let error = ErrorSummary { message: format!("SyntaxError: {message}"), file, line, column };
    let place = error.place().unwrap_or_default();
    let shown = excerpt::render(&error, text, false).unwrap_or_default();
    CliError::Compile { what: format!("{place}: {}\n{shown}", error.message) }
}

/// The rules of the configuration, whose files lie beside it.
fn rules(dir: &Path, config_file: Option<&Path>, config: &Config) -> Result<Vec<Rule>, CliError> {
    let folder = config_file.and_then(Path::parent).unwrap_or(Path::new(""));
    let rule = |rule: &RuleConfig| {
        let files = rule.scenarios.iter().map(|file| scenario(dir, &folder.join(file)));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let (files, _) = project::shared(files, config.compat.duplicate_names)?;
        Rule::new(rule.name.clone(), &rule.pattern, files).map_err(|what| CliError::Rule {
            name: rule.name.clone(),
            pattern: rule.pattern.clone(),
            what,
        })
    };
    config.rules.iter().map(rule).collect()
}

/// Also whether there is any: without, the caller is the built-in one; `--hangup-after` alone keeps it on the line that long.
fn caller(args: &RunArgs, matches: &ArgMatches, dir: &Path) -> Result<(CallerPlan, bool), CliError> {
    let steps =
        caller_args(matches, args).into_iter().map(|arg| step(dir, arg)).collect::<Result<Vec<_>, _>>()?;
    let told = args.chat || args.hangup_after.is_some() || !steps.is_empty();
    let mut plan = if told { CallerPlan { steps, ..CallerPlan::silent() } } else { CallerPlan::default() };
    plan.stays = args.chat;
    plan.hangup_after_ms = args.hangup_after;
    plan.display_name.clone_from(&args.display_name);
    plan.headers = args.header.iter().map(|text| header(text)).collect::<Result<_, _>>()?;
    plan.client_type = args.client_type.name().to_owned();
    plan.from = args.from.clone().unwrap_or(plan.from);
    plan.to = args.to.clone().unwrap_or(plan.to);
    Ok((plan, told))
}

/// Reads a fault as `--fault` takes it.
pub(super) fn fault(spec: &str) -> Result<Fault, CliError> {
    let providers = voxrun_bindings::remotes();
    let known: Vec<&str> = providers.iter().map(|provider| provider.name).chain([NET]).collect();
    Fault::parse(spec, &known).map_err(|error| CliError::Flag { flag: "--fault", what: error.to_string() })
}

fn step(dir: &Path, arg: CallerArg) -> Result<Step, CliError> {
    let words = |flag, text: String| match text.trim().is_empty() {
        true => Err(CliError::Flag { flag, what: "the caller's words are empty".to_owned() }),
        false => Ok(text),
    };
    match arg {
        CallerArg::Say(text) => Ok(Step::Say(words("--say", text)?)),
        CallerArg::SayAfter(delay, text) => {
            let delay_ms =
                milliseconds(&delay).map_err(|what| CliError::Flag { flag: "--say-after", what })?;
            Ok(Step::SayAfter { delay_ms, text: words("--say-after", text)? })
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
        CallerArg::Play(path) => match sound::read(&dir.join(&path)) {
            Ok(recording) => Ok(Step::Wav(recording)),
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

    #[test]
    fn a_missing_key_is_no_fallback_and_any_other_one_is() {
        let secrets = Secrets {
            values: [("INWORLD_API_KEY".to_owned(), "real-key".to_owned())].into(),
            missing: vec!["CARTESIA_API_KEY".to_owned()],
            warnings: Vec::new(),
        };
        let text = "[providers.inworld]\nbase_url = \"ws://x\"\n";
        let config = Config::parse("c", text, Path::new(".")).expect("valid");
        let settings = providers(&config, &secrets, false);
        assert_eq!(settings["inworld"].fallback_key.as_deref(), Some("real-key"));
        assert_eq!(settings["inworld"].base_url.as_deref(), Some("ws://x"));
        assert_eq!(settings["cartesia"].fallback_key, None);
        assert_eq!(settings["openai"].fallback_key.as_deref(), Some("offline-OPENAI_API_KEY"));
    }
}
