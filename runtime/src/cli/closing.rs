//! The closing lines of a run for people: how long it lasted, who said and heard what and when, how fast the agent
//! answered, where it was cut, where the sound lies, what was inferred, and what went wrong.

use super::summary::Summary;
use crate::journal::Redactor;
use crate::journal::text::{clock, printable, wrapped};
use crate::room::{Utterance, Who};

/// Columns before the words: `  00:01.240  agent   `.
const MARGIN: usize = 21;

/// The closing lines, each ended with a line feed, wrapped at `width` columns.
pub(crate) fn print(summary: &Summary, width: usize, redactor: &Redactor) -> String {
    let mut out = String::new();
    headline(summary, &mut out);
    if !summary.conversation.is_empty() {
        out.push_str("\nWhat the caller said and heard\n");
        for utterance in &summary.conversation {
            spoken(utterance, width, &mut out);
        }
    }
    for callee in summary.callees.iter().filter(|callee| !callee.conversation.is_empty()) {
        out.push_str(&format!("\nWhat {} said and heard\n", printable(&callee.to)));
        for utterance in &callee.conversation {
            spoken(utterance, width, &mut out);
        }
    }
    turns(summary, &mut out);
    if let Some(path) = &summary.recording {
        out.push_str(&format!("\nRecording: {path} (left the caller, right the agent)\n"));
    }
    for recording in
        summary.recordings.iter().filter_map(|recording| Some((recording, recording.file.as_ref()?)))
    {
        out.push_str(&format!("\nRecorded by the scenario: {} ({})\n", recording.1, recording.0.of));
    }
    if !summary.fidelity.is_empty() {
        out.push_str("\nNot documented by the platform and therefore inferred (docs/fidelity.md)\n");
        for policy in &summary.fidelity {
            out.push_str(&format!("  {}  {}\n", policy.id, policy.what));
        }
    }
    if let Some(error) = &summary.error {
        let place = error.place().map(|place| format!("{place}: ")).unwrap_or_default();
        out.push_str(&format!("\nThe scenario failed: {place}{}\n", printable(&error.message)));
    }
    redactor.hide(&out)
}

fn headline(summary: &Summary, out: &mut String) {
    let spent =
        if summary.mode == "realtime" { String::new() } else { format!(", run in {} ms", summary.wall_ms) };
    let lasted = clock(summary.virtual_ms * 1000);
    out.push_str(&format!("{}: {lasted}{spent}\n", summary.finish_reason));
    for call in &summary.calls {
        let answered = match call.answered_ms {
            Some(ms) => format!("answered at {}", clock(ms * 1000)),
            None => "never answered".to_owned(),
        };
        let ended = call.ended_ms.map(|ms| format!(", ended at {}", clock(ms * 1000))).unwrap_or_default();
        let why = call.end.as_ref().map(|end| format!(" ({end})")).unwrap_or_default();
        let line = format!(
            "{} call from {} to {}: {answered}{ended}{why}",
            call.direction.name(),
            call.from,
            call.to
        );
        out.push_str(&format!("{}\n", printable(&line)));
    }
}

fn spoken(utterance: &Utterance, width: usize, out: &mut String) {
    let who = match utterance.who {
        Who::Agent => "agent",
        Who::Caller => "caller",
    };
    let mut text = printable(&utterance.text);
    if utterance.cut {
        text.push_str(&format!(" [cut at {}]", clock(utterance.end_ms * 1000)));
    }
    let mut head = format!("  {}  {who:6}  ", clock(utterance.start_ms * 1000));
    for line in wrapped(&text, width.saturating_sub(MARGIN).max(20)) {
        out.push_str(&format!("{}\n", format!("{head}{line}").trim_end()));
        head = " ".repeat(MARGIN);
    }
}

fn turns(summary: &Summary, out: &mut String) {
    let latencies: Vec<u64> = summary.turns.iter().map(|turn| turn.latency_ms).collect();
    let Some(slowest) = latencies.iter().max() else { return };
    let each: Vec<String> = latencies.iter().map(|ms| format!("{ms} ms")).collect();
    let more = if each.len() > 1 { format!(" (slowest {slowest} ms)") } else { String::new() };
    out.push_str(&format!("\nThe agent answered after {}{more}\n", each.join(", ")));
}

#[cfg(test)]
mod tests {
    use voxrun_bindings::contract::UnitId;

    use super::super::summary::{ErrorSummary, Inferred};
    use super::*;
    use crate::room::TurnTiming;
    use crate::session::{CallEnd, CallReport};

    #[test]
    fn tells_the_call_in_a_few_lines() {
        let say = |who, text: &str, start_ms, end_ms, cut| Utterance {
            who,
            text: text.into(),
            start_ms,
            end_ms,
            cut,
        };
        let summary = Summary {
            mode: "offline",
            finish_reason: "Normal termination".into(),
            virtual_ms: 12_340,
            wall_ms: 9,
            calls: vec![CallReport {
                unit: UnitId(1),
                id: "x".into(),
                direction: crate::session::Direction::Incoming,
                from: "+1".into(),
                to: "+2".into(),
                answered_ms: Some(20),
                ended_ms: Some(12_300),
                end: Some(CallEnd::CallerHungUp),
            }],
            conversation: vec![
                say(Who::Agent, "Hello! How can I help today?", 1240, 3000, false),
                say(Who::Caller, "Stop", 4000, 4500, false),
                say(Who::Agent, "You", 5000, 5200, true),
            ],
            turns: vec![TurnTiming { caller_end_ms: 4500, agent_start_ms: 5000, latency_ms: 500 }],
            recording: Some("call.wav".into()),
            fidelity: vec![Inferred { id: "F-001".into(), what: "something".into() }],
            error: Some(ErrorSummary {
                message: "TypeError: x".into(),
                file: "s.js".into(),
                line: 3,
                column: 7,
            }),
            ..Summary::default()
        };
        let expected = "\
Normal termination: 00:12.340, run in 9 ms
inbound call from +1 to +2: answered at 00:00.020, ended at 00:12.300 (caller hung up)

What the caller said and heard
  00:01.240  agent   Hello! How can I
                     help today?
  00:04.000  caller  Stop
  00:05.000  agent   You [cut at
                     00:05.200]

The agent answered after 500 ms

Recording: call.wav (left the caller, right the agent)

Not documented by the platform and therefore inferred (docs/fidelity.md)
  F-001  something

The scenario failed: s.js:3:7: TypeError: x
";
        assert_eq!(print(&summary, 41, &Redactor::default()), expected);
    }
}
