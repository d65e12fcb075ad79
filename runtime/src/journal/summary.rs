//! What a run came to: the object of `--summary`, whose keys are fixed because programs read them.
//!
//! It is data only; `closing` prints it for people.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The scenario files, as given; several are separated by `, `.
    pub scenario: String,
    /// `offline`, and `realtime` when paced by the wall clock.
    pub mode: String,
    /// The seed of all randomness.
    pub seed: u64,
    /// The platform's wording (`Normal termination`, `JS session error` ...).
    pub finish_reason: String,
    /// How long the session lasted, in milliseconds of its own time.
    pub virtual_ms: u64,
    /// How long the machine took, in milliseconds.
    pub wall_ms: u64,
    /// Its calls, in order.
    pub calls: Vec<CallSummary>,
    /// What was said, as heard at the caller's ear.
    pub conversation: Vec<Utterance>,
    /// How long the agent took to answer each time.
    pub turns: Vec<TurnTiming>,
    /// The texts of the session log, in order.
    pub logs: Vec<String>,
    /// Where the recording lies.
    pub recording: Option<String>,
    /// SHA-256 of the journal's JSON lines.
    pub journal_sha256: String,
    /// SHA-256 of the recording's samples (16-bit little-endian, caller and agent interleaved).
    pub audio_sha256: String,
    /// The policies that the run relied on.
    pub fidelity: Vec<Inferred>,
    /// Headroom left below the platform's limits.
    pub limits: Map<String, Value>,
    /// Why the scenario failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorSummary>,
}

/// One call of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallSummary {
    /// The platform's id.
    pub id: String,
    /// `incoming` or `outgoing`.
    pub direction: String,
    /// The calling number.
    pub from: String,
    /// The dialled number.
    pub to: String,
    /// When it was answered; absent when it never was.
    pub answered_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// Who or what ended it.
    pub end: String,
}

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// What came out of the scenario.
    Agent,
    /// The scripted caller.
    Caller,
}

/// One stretch of speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Who spoke.
    pub who: Who,
    /// The words; lost ones are `[...]`.
    pub text: String,
    /// When it began.
    pub start_ms: u64,
    /// When it ended.
    pub end_ms: u64,
    /// Whether it was cut before its end.
    pub cut: bool,
}

/// One answer of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnTiming {
    /// When the caller had finished.
    pub caller_end_ms: u64,
    /// When the agent's answer was first heard.
    pub agent_start_ms: u64,
    /// The time between.
    pub latency_ms: u64,
}

/// A behaviour of the platform that had to be inferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inferred {
    /// `F-012`
    pub id: String,
    /// What is unknown, in a few words.
    pub what: String,
}

/// A failure with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorSummary {
    /// In words.
    pub message: String,
    /// The scenario file; empty when unknown.
    pub file: String,
    /// Line from 1; 0 when unknown.
    pub line: u32,
    /// Column from 1; 0 when unknown.
    pub column: u32,
}

impl ErrorSummary {
    /// `file:line:column`, as far as it is known.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        if self.file.is_empty() {
            return None;
        }
        Some(match (self.line, self.column) {
            (0, _) => self.file.clone(),
            (line, 0) => format!("{}:{line}", self.file),
            (line, column) => format!("{}:{line}:{column}", self.file),
        })
    }
}

/// The agent's answers in a conversation: after each stretch of the caller's speech, the first of the agent's that
/// begins before the caller speaks again. A caller's line that got no answer, or that interrupted one which went on,
/// is no turn.
#[must_use]
pub fn turns(conversation: &[Utterance]) -> Vec<TurnTiming> {
    let mut spoken: Vec<&Utterance> = conversation.iter().collect();
    spoken.sort_by_key(|utterance| (utterance.start_ms, utterance.end_ms));
    let mut turns = Vec::new();
    for (index, caller) in spoken.iter().enumerate().filter(|(_, one)| one.who == Who::Caller) {
        let answer = spoken[index + 1..].iter().find(|later| later.start_ms >= caller.end_ms);
        if let Some(agent) = answer.filter(|answer| answer.who == Who::Agent) {
            turns.push(TurnTiming {
                caller_end_ms: caller.end_ms,
                agent_start_ms: agent.start_ms,
                latency_ms: agent.start_ms - caller.end_ms,
            });
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(who: Who, start_ms: u64, end_ms: u64) -> Utterance {
        Utterance { who, text: String::new(), start_ms, end_ms, cut: false }
    }

    #[test]
    fn latency_is_from_the_callers_last_sound_to_the_agents_first() {
        use Who::{Agent, Caller};
        let conversation = [
            said(Agent, 500, 2000),
            said(Caller, 2700, 4000),
            said(Agent, 4800, 6500),
            said(Caller, 6000, 7000),
            said(Caller, 8000, 9000),
            said(Agent, 9500, 9900),
        ];
        let latencies: Vec<u64> = turns(&conversation).iter().map(|turn| turn.latency_ms).collect();
        assert_eq!(latencies, [800, 500]);
    }

    #[test]
    fn an_error_is_absent_when_there_is_none() {
        let text = serde_json::to_string(&Summary::default()).expect("plain data");
        assert!(!text.contains("\"error\""));
        assert!(text.starts_with("{\"scenario\":\"\",\"mode\":\"\",\"seed\":0,\"finish_reason\""));
    }
}
