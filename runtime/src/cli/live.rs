//! `run --live`: the same call against real providers, or against emulators in another process, on the wall clock.

use std::collections::BTreeSet;

use voxrun_bindings::syntax::required;
use voxrun_bindings::wire::Remote;

use super::args::RunArgs;
use super::cassette::TapeFile;
use super::config::Config;
use super::error::CliError;
use super::plan::Plan;
use super::{Surroundings, sound};
use crate::drive::live::{self, Ending, LiveResult, LiveSetup, Progress};
use crate::drive::pace::unix_ms;
use crate::drive::voice;
use crate::journal::text::{Style, Timeline};
use crate::journal::{Entry, EntryKind};
use crate::simulate::{Recording, Step, WorldSetup};

/// Makes a plan of virtual time one of the wall clock.
pub(super) fn prepare(plan: &mut Plan, args: &RunArgs, config: &Config) -> Result<(), CliError> {
    let setup = &mut plan.setup;
    setup.placeholder_secrets = false;
    setup.epoch_ms = unix_ms();
    setup.keep_audio = args.record.is_some() || args.calls == 1;
    let required: BTreeSet<String> = setup.scenarios.iter().flat_map(|file| required(&file.text)).collect();
    let remotes = voxrun_bindings::remotes();
    let used: Vec<&Remote> = remotes.into_iter().filter(|remote| required.contains(remote.module)).collect();
    if let Some(remote) = listens_elsewhere(setup, &used) {
        for caller in &mut setup.callers {
            for step in &mut caller.steps {
                *step = real_speech(step, remote)?;
            }
        }
    }
    let calls = usize::try_from(args.calls).unwrap_or(usize::MAX);
    if let Some(caller) = setup.callers.first().cloned() {
        setup.callers = vec![caller; calls];
    }
    setup.caller_gap_ms = args.ramp.unwrap_or(0) / u64::from(args.calls.max(1));
    for provider in used {
        let named = config.providers.get(provider.name).and_then(|named| named.api_key_secret.as_deref());
        let secret = named.unwrap_or(provider.key_secret);
        let has_key = setup.providers.get(provider.name).is_some_and(|own| own.fallback_key.is_some());
        if !has_key {
            plan.warnings.push(format!(
                "the secret {secret} is configured nowhere: there is no key for {} unless the scenario passes one. Set it in \
                 the environment, in .env or with --secret {secret}=...",
                provider.name
            ));
        }
    }
    Ok(())
}

/// Who of those that the scenario uses understands speech and is no emulator: its address is not on this machine.
fn listens_elsewhere<'a>(setup: &WorldSetup, used: &[&'a Remote]) -> Option<&'a Remote> {
    let address = |remote: &Remote| setup.providers.get(remote.name).and_then(|own| own.base_url.as_deref());
    let elsewhere = |remote: &&Remote| remote.hears && !address(remote).is_some_and(live::is_loopback);
    used.iter().copied().find(elsewhere)
}

/// The same step in a voice that a real provider understands.
fn real_speech(step: &Step, remote: &Remote) -> Result<Step, CliError> {
    match step {
        Step::Say(text) => {
            let wrong = |what| CliError::Flag { flag: "--say", what };
            let file = voice::Spoken::of(text).map_err(wrong)?;
            let spoken = sound::read(file.path()).map_err(|what| wrong(format!("the speech {what}")))?;
            Ok(Step::Wav(Recording { transcript: Some(text.clone()), ..spoken }))
        }
        Step::SayAfter { .. } => Err(CliError::Flag {
            flag: "--say-after",
            what: format!(
                "speaks to emulators only: set [providers.{}] base_url to one on this machine",
                remote.name
            ),
        }),
        other => Ok(other.clone()),
    }
}

/// Plays the calls and shows them as they happen: one call line by line, several by their ends.
pub(super) fn play(
    args: &RunArgs,
    plan: &Plan,
    around: &mut Surroundings<'_>,
    shows: bool,
) -> Result<LiveResult, CliError> {
    let style = Style { full: false, colour: around.colour, width: around.width };
    let mut timeline = Timeline::new(style, plan.redactor.clone());
    let one = args.calls == 1;
    let mut tape = args.cassette.as_ref().map(|path| TapeFile::create(path, plan, around)).transpose()?;
    let mut show = |progress: Progress<'_>| {
        let entries = match progress {
            Progress::Entries(entries) => entries,
            Progress::Taped(line) => {
                return if let Some(tape) = &mut tape {
                    tape.write(line, &plan.redactor)
                };
            }
        };
        let text: String = match one {
            true => entries.iter().map(|entry| timeline.push(entry)).collect(),
            false => entries.iter().filter_map(ended).collect(),
        };
        if shows && !text.is_empty() {
            let _ = around.stdout.write_all(text.as_bytes());
            let _ = around.stdout.flush();
        }
    };
    let whole = one || args.journal.is_some() || args.log.is_some();
    let keep: fn(&Entry) -> bool = if whole { |_| true } else { matters };
    let ending = Ending::default();
    live::end_on_ctrl_c(&ending);
    let setup =
        LiveSetup { world: plan.setup.clone(), trust: plan.trust.clone(), taped: args.cassette.is_some() };
    let result = live::run(&setup, &ending, keep, &mut show).map_err(|what| CliError::Live { what })?;
    match tape.and_then(TapeFile::broken) {
        Some(error) => Err(error),
        None => Ok(result),
    }
}

/// What the summary of many calls needs of their journal.
fn matters(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::Note | EntryKind::Error)
}

fn ended(entry: &Entry) -> Option<String> {
    let over = entry.kind == EntryKind::Lifecycle && entry.name == "session_ended";
    let reason = entry.data["finish_reason"].as_str().unwrap_or_default();
    over.then(|| {
        format!("call {:>4} ended after {:>6.1} s: {reason}\n", entry.session, entry.t_us as f64 / 1e6)
    })
}
