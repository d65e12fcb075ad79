//! What a run came to: the object of `--summary`, whose keys are fixed because programs read them. `closing.rs` prints
//! it for people.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};
use voxrun_bindings::contract::NotBuilt;
use voxrun_bindings::fidelity::policies;

use crate::journal::{Entry, EntryKind, Redactor};
use crate::room::{RunResult, SessionResult, TurnTiming, Utterance};
use crate::session::{CallReport, RecordingReport};

/// One whole run.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Summary {
    /// The scenario files, as given; several are separated by `, `.
    pub(crate) scenario: String,
    /// `offline`, or `realtime` when paced by the wall clock.
    pub(crate) mode: &'static str,
    /// The seed of all randomness.
    pub(crate) seed: u64,
    /// The platform's wording (`Normal termination`, `JS session error` ...).
    pub(crate) finish_reason: String,
    /// How long the session lasted, in milliseconds of its own time.
    pub(crate) virtual_ms: u64,
    /// How long the machine took, in milliseconds.
    pub(crate) wall_ms: u64,
    /// Its calls, in order.
    pub(crate) calls: Vec<CallReport>,
    /// What it recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) recordings: Vec<RecordingReport>,
    /// What was said, as heard at the caller's ear.
    pub(crate) conversation: Vec<Utterance>,
    /// What was said at each further call, as its far end lived it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) callees: Vec<CalleeSummary>,
    /// How long the agent took to answer each time.
    pub(crate) turns: Vec<TurnTiming>,
    /// The texts of the session log, in order.
    pub(crate) logs: Vec<String>,
    /// Where the recording lies.
    pub(crate) recording: Option<String>,
    /// SHA-256 of the journal's JSON lines.
    pub(crate) journal_sha256: String,
    /// SHA-256 of the recording's samples (16-bit little-endian, caller and agent interleaved).
    pub(crate) audio_sha256: String,
    /// The policies that the run relied on.
    pub(crate) fidelity: Vec<Inferred>,
    /// Members that are not built and that the scenario used.
    pub(crate) not_built: Vec<NotBuilt>,
    /// Members of the platform that answered the scenario, sorted.
    pub(crate) used: BTreeSet<String>,
    /// What was used of the platform's limits: by name, the peak and the limit.
    pub(crate) limits: Map<String, Value>,
    /// Live: how late the ticks of all calls were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) late_ms: Option<LateMs>,
    /// Each call's own part, when there were several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) runs: Vec<CallSummary>,
    /// Why the run failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorSummary>,
}

/// What was said at a call that the scenario placed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CalleeSummary {
    /// Whom it called.
    pub(crate) to: String,
    /// What was said, as heard at the callee's ear; `caller` is the callee.
    pub(crate) conversation: Vec<Utterance>,
}

/// What a share of the ticks did not exceed, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct LateMs {
    /// Half of them.
    pub(crate) p50: u64,
    /// 99 of 100.
    pub(crate) p99: u64,
    /// 999 of 1,000.
    pub(crate) p999: u64,
}

/// One call of several.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallSummary {
    /// The session's number, from 1.
    pub(crate) session: u32,
    /// The platform's wording.
    pub(crate) finish_reason: String,
    /// When it began, in milliseconds since the run did.
    pub(crate) started_ms: u64,
    /// How long it lasted, in milliseconds.
    pub(crate) virtual_ms: u64,
    /// What was said.
    pub(crate) conversation: Vec<Utterance>,
    /// How long the agent took to answer each time.
    pub(crate) turns: Vec<TurnTiming>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorSummary>,
}

impl CallSummary {
    fn of(session: &SessionResult) -> CallSummary {
        CallSummary {
            session: session.number,
            finish_reason: session.report.finish_reason.map(|reason| reason.to_string()).unwrap_or_default(),
            started_ms: session.started_ms,
            virtual_ms: session.ended_ms,
            conversation: session.conversation.clone(),
            turns: session.turns.clone(),
            error: failure(session),
        }
    }
}

/// A behaviour of the platform that had to be inferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Inferred {
    /// `F-012`
    pub(crate) id: String,
    /// What is unknown, in a few words.
    pub(crate) what: String,
}

/// A failure with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorSummary {
    /// In words.
    pub(crate) message: String,
    /// The scenario file; empty when unknown.
    pub(crate) file: String,
    /// Line from 1; 0 when unknown.
    pub(crate) line: u32,
    /// Column from 1; 0 when unknown.
    pub(crate) column: u32,
}

impl ErrorSummary {
    /// `file:line:column`, as far as it is known.
    pub(crate) fn place(&self) -> Option<String> {
        match (self.file.as_str(), self.line, self.column) {
            ("", _, _) => None,
            (file, 0, _) => Some(file.to_owned()),
            (file, line, 0) => Some(format!("{file}:{line}")),
            (file, line, column) => Some(format!("{file}:{line}:{column}")),
        }
    }
}

impl Summary {
    /// Hides secrets value by value, before anything is laid out in lines and frames.
    pub(crate) fn hide(&mut self, redactor: &Redactor) {
        let hide = |text: &mut String| *text = redactor.hide(text);
        for call in &mut self.calls {
            hide(&mut call.from);
            hide(&mut call.to);
        }
        let callees = self.callees.iter_mut().map(|callee| &mut callee.conversation);
        let runs = self.runs.iter_mut().map(|run| &mut run.conversation);
        let conversations = std::iter::once(&mut self.conversation).chain(callees).chain(runs);
        conversations.flatten().for_each(|utterance| hide(&mut utterance.text));
        self.logs.iter_mut().for_each(hide);
        let errors = self.runs.iter_mut().map(|run| &mut run.error);
        for error in std::iter::once(&mut self.error).chain(errors).flatten() {
            hide(&mut error.message);
        }
    }

    /// Fills in what a run and its journal tell: over all calls when there were several.
    pub(crate) fn tell(&mut self, result: &RunResult, journal: &[Entry]) {
        let logs = journal.iter().filter(|entry| entry.kind == EntryKind::Log);
        self.logs = logs.filter_map(|entry| Some(entry.data.get("text")?.as_str()?.to_owned())).collect();
        let mut relied_on: BTreeSet<&str> =
            journal.iter().filter_map(|entry| entry.data.get("policy")?.as_str()).collect();
        for session in &result.sessions {
            self.finish_reason =
                session.report.finish_reason.map(|reason| reason.to_string()).unwrap_or_default();
            self.virtual_ms = self.virtual_ms.max(session.started_ms + session.ended_ms);
            self.calls.extend(session.report.calls.iter().cloned());
            self.recordings.extend(session.report.recordings.iter().cloned());
            self.conversation.extend(session.conversation.iter().cloned());
            for (call, conversation) in &session.others {
                let report = session.report.calls.iter().find(|report| report.unit == *call);
                let to = report.map(|report| report.to.clone()).unwrap_or_default();
                self.callees.push(CalleeSummary { to, conversation: conversation.clone() });
            }
            self.turns.extend(session.turns.iter().copied());
            relied_on.extend(session.report.policies.iter().map(String::as_str));
            self.used.extend(session.report.used.iter().cloned());
            for used in &session.report.not_built {
                if !self.not_built.contains(used) {
                    self.not_built.push(used.clone());
                }
            }
            self.limits = limits(session);
            self.error = self.error.take().or_else(|| failure(session));
        }
        if result.sessions.len() > 1 {
            self.runs = result.sessions.iter().map(CallSummary::of).collect();
        }
        if let Some((_, failure)) = result.unmade.first() {
            self.finish_reason = "Internal error".to_owned();
            self.error = Some(ErrorSummary { message: failure.to_string(), ..ErrorSummary::default() });
        }
        self.fidelity = relied_on.into_iter().map(inferred).collect();
    }
}

fn inferred(id: &str) -> Inferred {
    let known = policies().iter().find(|policy| policy.id == id);
    Inferred { id: id.to_owned(), what: known.map(|policy| policy.what.clone()).unwrap_or_default() }
}

fn limits(session: &SessionResult) -> Map<String, Value> {
    let usage = &session.usage;
    let mut limits = Map::new();
    for used in usage.limits.iter().chain(&session.report.limits) {
        limits.insert(used.name.to_owned(), json!({ "peak": used.peak, "limit": used.limit }));
    }
    let steps = json!({ "peak": usage.callback_steps_peak, "limit": usage.callback_steps_limit });
    limits.insert("callback_steps".to_owned(), steps);
    let heap = json!({ "peak": usage.heap_bytes_peak, "limit": usage.heap_bytes_limit });
    limits.insert("heap_bytes".to_owned(), heap);
    limits
}

/// The script's own failure comes first: what else broke followed from it.
fn failure(session: &SessionResult) -> Option<ErrorSummary> {
    if let Some(error) = &session.report.error {
        let message = error.message.clone();
        return Some(ErrorSummary {
            message,
            file: error.file.clone(),
            line: error.line,
            column: error.column,
        });
    }
    let failure = session.failure.as_ref()?;
    Some(ErrorSummary { message: failure.to_string(), ..ErrorSummary::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_documented_ones() {
        let value = serde_json::to_value(Summary::default()).expect("plain data");
        let keys: Vec<&String> = value.as_object().expect("an object").keys().collect();
        let documented = [
            "scenario",
            "mode",
            "seed",
            "finish_reason",
            "virtual_ms",
            "wall_ms",
            "calls",
            "conversation",
            "turns",
            "logs",
            "recording",
            "journal_sha256",
            "audio_sha256",
            "fidelity",
            "not_built",
            "used",
            "limits",
        ];
        assert_eq!(keys, documented);
    }

    #[test]
    fn places_say_as_much_as_is_known() {
        let place = |file: &str, line, column| {
            ErrorSummary { message: String::new(), file: file.into(), line, column }.place()
        };
        assert_eq!(place("s.js", 2, 3).as_deref(), Some("s.js:2:3"));
        assert_eq!(place("s.js", 2, 0).as_deref(), Some("s.js:2"));
        assert_eq!(place("s.js", 0, 0).as_deref(), Some("s.js"));
        assert_eq!(place("", 2, 3), None);
    }
}
