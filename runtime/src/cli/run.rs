//! `voxrun run`: one whole phone call of a scenario, shown as it happens and told again at the end.

use std::io::{Cursor, Write};

use clap::ArgMatches;
use hound::{SampleFormat, WavSpec, WavWriter};

use super::args::RunArgs;
use super::error::CliError;
use super::outputs::{Output, Outputs};
use super::plan::Plan;
use super::stage::{self, Finished, Stage};
use super::{FAILED, FINE, Surroundings, excerpt};
use crate::drive::chat::Chat;
use crate::drive::pace::WallClock;
use crate::journal::summary::Summary;
use crate::journal::text::{Style, Timeline};
use crate::journal::{Entry, closing, collect, jsonl, platform_log};

/// Runs and returns the exit code. An error is a mistake of the operator.
pub(crate) fn run(
    args: &RunArgs,
    matches: &ArgMatches,
    around: &mut Surroundings<'_>,
) -> Result<u8, CliError> {
    let plan = Plan::read(args, matches, around)?;
    let mut stage = super::world::build(args, &plan)?;
    let outputs = Outputs::open(&around.dir, args)?;
    for warning in &plan.warnings {
        let _ = writeln!(around.stderr, "warning: {warning}");
    }
    let clock = WallClock::start();
    let shows = !args.quiet && !outputs.use_stdout();
    let journal = play(args, &plan, stage.as_mut(), &clock, around, shows);
    let wall_ms = clock.now().as_ms();
    let finished = stage.finish();

    let lines = jsonl::text(&journal, &plan.redactor);
    let mut summary = summarise(args, &plan, &journal, &finished);
    summary.wall_ms = wall_ms;
    summary.journal_sha256 = jsonl::sha256_hex(lines.as_bytes());
    if shows {
        let closing = closing::print(&summary, around.width, &plan.redactor);
        let _ = write!(around.stdout, "\n{closing}");
    }
    let failed = tell_failure(args, &plan, &summary, around);
    write_all(args, outputs, &plan, &journal, &lines, &summary, &finished, around)?;
    Ok(if failed { FAILED } else { FINE })
}

fn play(
    args: &RunArgs,
    plan: &Plan,
    stage: &mut dyn Stage,
    clock: &WallClock,
    around: &mut Surroundings<'_>,
    shows: bool,
) -> Vec<Entry> {
    let style = Style { full: false, colour: around.colour, width: around.width };
    let mut timeline = Timeline::new(style, plan.redactor.clone());
    let paced = args.realtime || args.chat;
    let chat =
        args.chat.then(|| Chat::start(std::mem::replace(&mut around.stdin, Box::new(std::io::empty()))));
    let stdout = &mut around.stdout;
    let mut show = |entries: &[Entry]| {
        if shows {
            let text: String = entries.iter().map(|entry| timeline.push(entry)).collect();
            let _ = stdout.write_all(text.as_bytes());
            if paced {
                let _ = stdout.flush();
            }
        }
    };
    let journal = match paced {
        true => stage::play_paced(stage, clock, chat, &mut show),
        false => stage::play(stage, &mut show),
    };
    if shows {
        let _ = around.stdout.write_all(timeline.finish().as_bytes());
    }
    journal
}

fn summarise(args: &RunArgs, plan: &Plan, journal: &[Entry], finished: &Finished) -> Summary {
    let mut summary = Summary {
        scenario: plan.names(),
        mode: if args.realtime || args.chat { "realtime" } else { "offline" }.to_owned(),
        seed: args.seed,
        recording: args.record.as_ref().map(|path| path.display().to_string()),
        limits: finished.limits.clone(),
        ..Summary::default()
    };
    collect::collect(journal, &mut summary);
    if let Some(reason) = &finished.finish_reason {
        summary.finish_reason.clone_from(reason);
    }
    let samples: Vec<u8> = finished.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    summary.audio_sha256 = jsonl::sha256_hex(&samples);
    summary
}

/// Prints why the run failed, if it did.
fn tell_failure(args: &RunArgs, plan: &Plan, summary: &Summary, around: &mut Surroundings<'_>) -> bool {
    let mut text = String::new();
    if let Some(error) = &summary.error {
        let place = error.place().map(|place| format!("{place}: ")).unwrap_or_default();
        text.push_str(&format!("error: {place}{}\n", error.message));
        let scenario = plan.scenarios.iter().find(|scenario| scenario.name == error.file);
        let shown = scenario.and_then(|scenario| excerpt::render(error, &scenario.text, around.colour));
        text.push_str(&shown.unwrap_or_default());
    }
    let guessed = args.strict && !summary.fidelity.is_empty();
    if guessed {
        text.push_str("error: --strict: the run relied on behaviour that the platform does not document:\n");
        for policy in &summary.fidelity {
            text.push_str(&format!("  {}  {}\n", policy.id, policy.what));
        }
        text.push_str("docs/fidelity.md says what was chosen and why.\n");
    }
    let _ = around.stderr.write_all(plan.redactor.hide(&text).as_bytes());
    summary.error.is_some() || guessed
}

#[expect(clippy::too_many_arguments, reason = "every output is made of another part of the run")]
fn write_all(
    args: &RunArgs,
    outputs: Outputs,
    plan: &Plan,
    journal: &[Entry],
    lines: &str,
    summary: &Summary,
    finished: &Finished,
    around: &mut Surroundings<'_>,
) -> Result<(), CliError> {
    let out = &mut *around.stdout;
    if !matches!(outputs.log, Output::Nowhere) {
        let text = platform_log::print(journal, args.epoch.as_millisecond(), &plan.redactor);
        outputs.log.write(text.as_bytes(), out)?;
    }
    outputs.journal.write(lines.as_bytes(), out)?;
    if !matches!(outputs.summary, Output::Nowhere) {
        let text = serde_json::to_string_pretty(summary).unwrap_or_default();
        outputs.summary.write(format!("{}\n", plan.redactor.hide(&text)).as_bytes(), out)?;
    }
    if !matches!(outputs.record, Output::Nowhere) {
        outputs.record.write(&wav_bytes(finished), out)?;
    }
    Ok(())
}

/// The recording as a stereo WAV file. Writing to memory cannot fail.
fn wav_bytes(finished: &Finished) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let sample_rate = finished.rate_hz.max(1);
    let spec = WavSpec { channels: 2, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    if let Ok(mut writer) = WavWriter::new(&mut bytes, spec) {
        for sample in &finished.samples {
            let _ = writer.write_sample(*sample);
        }
        let _ = writer.finalize();
    }
    bytes.into_inner()
}
