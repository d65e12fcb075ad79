//! `voxrun run`: whole phone calls of a scenario, shown as they happen and told again at the end.

use std::io::Cursor;
use std::path::Path;

use clap::ArgMatches;
use hound::{SampleFormat, WavSpec, WavWriter};
use voxrun_bindings::contract::Place;

use super::args::RunArgs;
use super::error::CliError;
use super::outputs::{OutputFile, Outputs};
use super::plan::Plan;
use super::recordings::Folder;
use super::summary::{ErrorSummary, LateMs, Summary};
use super::voice::{self, Voice};
use super::{FAILED, FINE, Surroundings, cassette, closing, excerpt, live, panics, stage};

use crate::cassette::Divergence;
use crate::drive::chat::Chat;
use crate::drive::pace::WallClock;
use crate::drive::signals::{Ending, end_on_ctrl_c};
use crate::drive::storage::StorageFile;
use crate::journal::text::{Style, Timeline};
use crate::journal::{Entry, jsonl, platform_log, text};
use crate::room::{CallAudio, RunResult};
use crate::session::CallEnd;
use crate::simulate::{World, on_world_thread};

/// Rate of the empty recording of a run that had no call, in Hz.
const LINE_RATE_HZ: u32 = 8000;

/// What a run left behind.
struct Played {
    journal: Vec<Entry>,
    result: RunResult,
    wall_ms: u64,
    late_ms: Option<LateMs>,
}

/// Runs and returns the exit code. An error is a mistake of the operator.
pub(crate) fn run(
    args: &RunArgs,
    matches: &ArgMatches,
    around: &mut Surroundings<'_>,
) -> Result<u8, CliError> {
    let mut plan = Plan::read(args, matches, around)?;
    panics::hide(&plan.redactor);
    // Made once only to be told what is wrong with it, before any output is emptied.
    World::check(&plan.setup)?;
    let outputs = Outputs::open(&around.dir, args)?;
    if let Some(note) = plan.note.as_ref().filter(|_| !args.quiet) {
        let _ = writeln!(around.stderr, "{note}");
    }
    for warning in &plan.warnings {
        let _ = writeln!(around.stderr, "warning: {warning}");
    }
    let recordings = Folder::open(args, &mut plan, &around.dir)?;
    let storage = stored(args, &mut plan)?;
    let shows = !args.quiet && !outputs.use_stdout();
    let mut divergence = None;
    let mut played = if args.live {
        play_live(args, &plan, around, shows)?
    } else if let Some(path) = &args.replay {
        let (played, first) = play_again(path, &plan, around, shows)?;
        divergence = first;
        played
    } else {
        on_world_thread(|| play(args, &plan, around, shows)).map_err(CliError::Thread)??
    };

    let lines = jsonl::text(&played.journal, &plan.redactor);
    let mut summary = Summary {
        scenario: plan.names().join(", "),
        mode: mode(args),
        seed: plan.setup.seed,
        wall_ms: played.wall_ms,
        late_ms: played.late_ms,
        recording: args.record.as_ref().map(|path| path.display().to_string()),
        journal_sha256: jsonl::sha256_hex(lines.as_bytes()),
        ..Summary::default()
    };
    summary.tell(&played.result, &played.journal);
    let unwritten = recordings.map(|recordings| recordings.finish(&mut summary));
    summary.hide(&plan.redactor);
    let silence = CallAudio { rate_hz: LINE_RATE_HZ, samples: Vec::new() };
    let audio = played.result.sessions.iter_mut().find_map(|session| session.audio.take());
    let mut audio = audio.unwrap_or(silence);
    if args.voice == Voice::Flite {
        voice::in_real_speech(&mut audio);
    }
    let bytes: Vec<u8> = audio.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    summary.audio_sha256 = jsonl::sha256_hex(&bytes);

    if shows {
        let closing = closing::print(&summary, around.width, &plan.redactor);
        let _ = write!(around.stdout, "\n{closing}");
    }
    for fault in played.result.sessions.iter().flat_map(|session| &session.unfired_faults) {
        let _ = writeln!(around.stderr, "warning: the moment of the fault {fault} never came");
    }
    let missed = missed_call(&played);
    let mut failed = tell_failure(args, &plan, &summary, missed, around);
    if let Some(divergence) = &divergence {
        failed = true;
        let text = format!("error: the replay diverged from its cassette at {divergence}\n");
        let _ = around.stderr.write_all(plan.redactor.hide(&text).as_bytes());
    }

    let out = &mut *around.stdout;
    outputs.journal.write(lines.as_bytes(), out)?;
    if !matches!(outputs.log, OutputFile::Nowhere) {
        let log = platform_log::print(&played.journal, &plan.names(), plan.setup.epoch_ms, &plan.redactor);
        outputs.log.write(log.as_bytes(), out)?;
    }
    let mut told = serde_json::to_value(&summary).unwrap_or_default();
    plan.redactor.clear(&mut told);
    outputs.summary.write(format!("{told:#}\n").as_bytes(), out)?;
    outputs.record.write(&wav_bytes(&audio), out)?;
    unwritten.unwrap_or(Ok(()))?;
    if let Some((path, file)) = storage {
        file.finish().map_err(|cause| CliError::Storage { path, cause })?;
    }
    Ok(if failed { FAILED } else { FINE })
}

/// Opens the file of the scenarios' storage, if they have one. A replay begins with an empty one: a cassette does not hold
/// what was stored before.
fn stored(args: &RunArgs, plan: &mut Plan) -> Result<Option<(String, StorageFile)>, CliError> {
    let Some(path) = plan.storage.as_ref().filter(|_| args.replay.is_none()) else { return Ok(None) };
    let shown = path.display().to_string();
    match StorageFile::open(path) {
        Ok((file, storage)) => {
            plan.setup.storage = storage;
            Ok(Some((shown, file)))
        }
        Err(cause) => Err(CliError::Storage { path: shown, cause }),
    }
}

/// Plays the call. In virtual time it is over in an instant, so the timeline is printed in the order of what was heard;
/// paced by the clock, line by line as it happens.
fn play(args: &RunArgs, plan: &Plan, around: &mut Surroundings<'_>, shows: bool) -> Result<Played, CliError> {
    let style = Style { full: false, colour: around.colour, width: around.width };
    let clock = WallClock::start();
    let mut world = World::new(plan.setup.clone())?;
    let mut journal = if args.realtime || args.chat {
        let typed = std::mem::replace(&mut around.stdin, Box::new(std::io::empty()));
        let chat = args.chat.then(|| Chat::start(typed));
        let mut timeline = Timeline::new(style, plan.redactor.clone());
        let mut show = |entries: &[Entry]| {
            let text: String = entries.iter().map(|entry| timeline.push(entry)).collect();
            if shows && !text.is_empty() {
                let _ = around.stdout.write_all(text.as_bytes());
                let _ = around.stdout.flush();
            }
        };
        let ending = Ending::default();
        end_on_ctrl_c(&ending);
        stage::play_paced(&mut world, &clock, chat, &ending, &mut show)
    } else {
        stage::play(&mut world)
    };
    let mut result = world.finish();
    journal.append(&mut result.entries);
    let wall_ms = clock.now().as_ms();
    if shows && !args.realtime && !args.chat {
        let _ = around.stdout.write_all(text::story(&journal, style, &plan.redactor).as_bytes());
    }
    Ok(Played { journal, result, wall_ms, late_ms: None })
}

fn mode(args: &RunArgs) -> &'static str {
    match (args.live, args.replay.is_some(), args.realtime || args.chat) {
        (true, ..) => "live",
        (_, true, _) => "replay",
        (.., true) => "realtime",
        _ => "offline",
    }
}

/// Plays a cassette.
fn play_again(
    path: &Path,
    plan: &Plan,
    around: &mut Surroundings<'_>,
    shows: bool,
) -> Result<(Played, Option<Divergence>), CliError> {
    let clock = WallClock::start();
    let (edited, mut replayed) = cassette::replay(path, plan, around)?;
    if edited {
        let _ = writeln!(around.stderr, "warning: the scenario is another than the one that was recorded");
    }
    let journal = std::mem::take(&mut replayed.run.entries);
    if shows {
        let style = Style { full: false, colour: around.colour, width: around.width };
        let _ = around.stdout.write_all(text::story(&journal, style, &plan.redactor).as_bytes());
    }
    let wall_ms = clock.now().as_ms();
    Ok((Played { journal, result: replayed.run, wall_ms, late_ms: None }, replayed.divergence))
}

/// Plays calls against real sockets.
fn play_live(
    args: &RunArgs,
    plan: &Plan,
    around: &mut Surroundings<'_>,
    shows: bool,
) -> Result<Played, CliError> {
    let clock = WallClock::start();
    let live = live::play(args, plan, around, shows)?;
    let (mut result, late) = (live.run, live.punctuality);
    let journal = std::mem::take(&mut result.entries);
    let late_ms =
        LateMs { p50: late.quantile_ms(0.5), p99: late.quantile_ms(0.99), p999: late.quantile_ms(0.999) };
    Ok(Played { journal, result, wall_ms: clock.now().as_ms(), late_ms: Some(late_ms) })
}

/// Prints why the run failed, if it did.
fn tell_failure(
    args: &RunArgs,
    plan: &Plan,
    summary: &Summary,
    missed: Option<&str>,
    around: &mut Surroundings<'_>,
) -> bool {
    let mut text = missed.map(|why| format!("error: {why}\n")).unwrap_or_default();
    if let Some(error) = &summary.error {
        text.push_str(&explained(error, plan, around.colour));
    }
    let guessed = args.strict && !summary.fidelity.is_empty();
    if guessed {
        text.push_str("error: --strict: the run relied on behaviour that the platform does not document:\n");
        for policy in &summary.fidelity {
            text.push_str(&format!("  {}  {}\n", policy.id, policy.what));
        }
        text.push_str("docs/fidelity.md says what was chosen and why.\n");
    }
    if !summary.not_built.is_empty() {
        text.push_str("error: the scenario used what is not built in voxrun yet (docs/compatibility.md says what is):\n");
        for used in &summary.not_built {
            let Place { file, line, column } = &used.place;
            text.push_str(&format!("  {}  at {file}:{line}:{column}\n", used.member));
        }
    }
    let _ = around.stderr.write_all(plan.redactor.hide(&text).as_bytes());
    summary.error.is_some() || guessed || missed.is_some() || !summary.not_built.is_empty()
}

/// Why a call was left to itself. The platform calls such a session normal; its author made a mistake.
fn missed_call(played: &Played) -> Option<&'static str> {
    let ended = |end: CallEnd| {
        let calls = played.result.sessions.iter().flat_map(|session| &session.report.calls);
        calls.into_iter().any(|call| call.end == Some(end) && call.is_incoming())
    };
    if ended(CallEnd::Unheard) {
        return Some(
            "no scenario listens for calls, so the caller was declined with 603. Add \
             VoxEngine.addEventListener(AppEvents.CallAlerting, ...), or start it without a call: --api-start",
        );
    }
    ended(CallEnd::Unanswered).then_some(
        "the scenario never answered the call, so the platform ended it after 60 s. Call call.answer(), or \
         call.reject(code) to decline",
    )
}

/// The failure with its place, and the source around it.
fn explained(error: &ErrorSummary, plan: &Plan, colour: bool) -> String {
    let place = error.place().map(|place| format!("{place}: ")).unwrap_or_default();
    let scenario = plan.setup.scenarios.iter().find(|scenario| scenario.name == error.file);
    let shown = scenario.and_then(|scenario| excerpt::render(error, scenario.source(), colour));
    format!("error: {place}{}\n{}", text::printable(&error.message), shown.unwrap_or_default())
}

/// The recording as a stereo WAV file. Writing to memory cannot fail.
fn wav_bytes(audio: &CallAudio) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let spec = WavSpec {
        channels: 2,
        sample_rate: audio.rate_hz,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    if let Ok(mut writer) = WavWriter::new(&mut bytes, spec) {
        for sample in &audio.samples {
            let _ = writer.write_sample(*sample);
        }
        let _ = writer.finalize();
    }
    bytes.into_inner()
}
