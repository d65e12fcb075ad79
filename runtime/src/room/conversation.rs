//! A conversation as the caller lived it: who said what and when, and how long each answer took.

use serde::{Deserialize, Serialize};

/// A word, or speech, that could not be understood.
pub const UNINTELLIGIBLE: &str = "[...]";

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The caller.
    Caller,
    /// Whoever the caller heard.
    Agent,
}

/// Something said without a longer pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Who said it.
    pub who: Who,
    /// The words; those that were lost are `[...]`.
    pub text: String,
    /// When its sound began at the caller's ear or mouth, in milliseconds since the session started.
    pub start_ms: u64,
    /// When its sound ended.
    pub end_ms: u64,
    /// Whether it ended before it was over.
    pub cut: bool,
}

/// One answer of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnTiming {
    /// When the caller had ended.
    pub caller_end_ms: u64,
    /// When the agent began.
    pub agent_start_ms: u64,
    /// The time between.
    pub latency_ms: u64,
}

/// Puts utterances into the order in which they began.
pub fn sort(conversation: &mut [Utterance]) {
    conversation.sort_by_key(|one| (one.start_ms, one.who, one.end_ms));
}

/// How long each answer took: from the end of a caller's utterance to the next beginning of the agent. When the caller
/// spoke twice before the agent did, the second time counts; what the agent began while the caller spoke is no answer.
#[must_use]
pub fn turns(conversation: &[Utterance]) -> Vec<TurnTiming> {
    let mut turns: Vec<TurnTiming> = Vec::new();
    let of = |who| conversation.iter().filter(move |utterance| utterance.who == who);
    for answer in of(Who::Agent) {
        let speaking =
            of(Who::Caller).any(|line| line.start_ms <= answer.start_ms && answer.start_ms < line.end_ms);
        let before =
            of(Who::Caller).map(|line| line.end_ms).filter(|end_ms| *end_ms <= answer.start_ms).max();
        let Some(caller_end_ms) = before else { continue };
        if speaking || turns.iter().any(|turn| turn.caller_end_ms == caller_end_ms) {
            continue;
        }
        let latency_ms = answer.start_ms - caller_end_ms;
        turns.push(TurnTiming { caller_end_ms, agent_start_ms: answer.start_ms, latency_ms });
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
    fn latency_runs_from_the_callers_last_line_to_the_agents_first() {
        let mut conversation = vec![
            said(Who::Agent, 500, 2_000),
            said(Who::Caller, 2_700, 3_000),
            said(Who::Caller, 3_500, 4_000),
            said(Who::Agent, 9_000, 9_500),
            said(Who::Agent, 5_250, 8_000),
            said(Who::Caller, 10_200, 12_000),
            said(Who::Agent, 11_000, 11_500),
        ];
        sort(&mut conversation);
        let turns = turns(&conversation);
        assert_eq!(turns, [TurnTiming { caller_end_ms: 4_000, agent_start_ms: 5_250, latency_ms: 1_250 }]);
    }

    #[test]
    fn utterances_have_the_documented_keys() {
        let json = serde_json::to_value(said(Who::Agent, 1, 2)).expect("plain values");
        let keys = json!({"who": "agent", "text": "", "start_ms": 1, "end_ms": 2, "cut": false});
        assert_eq!(json, keys);
    }

    use serde_json::json;
}
