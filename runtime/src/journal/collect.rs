//! The parts of a summary that can be read off the journal: calls, conversation, logs, policies, the failure.
//!
//! The journal is the only source, so the summary cannot tell another story than it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::phrase::field;
use super::summary::{CallSummary, ErrorSummary, Inferred, Summary, Utterance, Who, turns};
use super::{Entry, Kind};

/// Fills in everything that these entries tell; the rest of the summary is left as it is.
pub fn collect(entries: &[Entry], summary: &mut Summary) {
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    let mut policies: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries {
        let ms = entry.t_us / 1000;
        summary.virtual_ms = summary.virtual_ms.max(ms);
        match entry.kind {
            Kind::Event => call_event(entry, &mut calls, summary),
            Kind::Media => summary.conversation.extend(utterance(entry)),
            Kind::Log => summary.logs.extend(field(&entry.data, "text")),
            Kind::Note => {
                if let Some(policy) = field(&entry.data, "policy") {
                    let text = field(&entry.data, "text").unwrap_or_default();
                    policies.entry(policy).or_insert(text);
                }
            }
            Kind::Error => {
                // The first failure is the cause; later ones follow from it.
                summary.error.get_or_insert_with(|| failure(&entry.data, &entry.name));
            }
            Kind::Lifecycle | Kind::Command | Kind::WireIn | Kind::WireOut => {}
        }
        if let (Kind::Lifecycle, Some(reason)) = (entry.kind, field(&entry.data, "finish_reason")) {
            summary.finish_reason = reason;
        }
    }
    summary.conversation.sort_by_key(|utterance| (utterance.start_ms, utterance.end_ms));
    summary.turns = turns(&summary.conversation);
    summary.fidelity = policies.into_iter().map(|(id, text)| inferred(id, text)).collect();
}

/// The policy in the words of its table; the note's own words when the table does not have it.
fn inferred(id: String, text: String) -> Inferred {
    let known = voxrun_bindings::fidelity::policies().iter().find(|policy| policy.id == id);
    Inferred { what: known.map_or(text, |policy| policy.what.clone()), id }
}

fn call_event<'a>(entry: &'a Entry, calls: &mut BTreeMap<&'a str, usize>, summary: &mut Summary) {
    let text = |name| field(&entry.data, name).unwrap_or_default();
    let ms = entry.t_us / 1000;
    if entry.name == "Application.CallAlerting" {
        calls.insert(&entry.unit, summary.calls.len());
        summary.calls.push(CallSummary {
            id: text("id"),
            direction: "incoming".to_owned(),
            from: text("callerid"),
            to: text("destination"),
            ..CallSummary::default()
        });
        return;
    }
    let Some(call) = calls.get(entry.unit.as_str()).and_then(|index| summary.calls.get_mut(*index)) else {
        return;
    };
    match entry.name.as_str() {
        "Call.Connected" => call.answered_ms = Some(ms),
        "Call.Disconnected" | "Call.Failed" => {
            call.ended_ms = Some(ms);
            call.end = text("reason");
        }
        _ => {}
    }
}

fn utterance(entry: &Entry) -> Option<Utterance> {
    let data = &entry.data;
    let who = match data.get("who")?.as_str()? {
        "agent" => Who::Agent,
        "caller" => Who::Caller,
        _ => return None,
    };
    let ms = |name| data.get(name).and_then(Value::as_u64);
    Some(Utterance {
        who,
        text: field(data, "text")?,
        start_ms: ms("start_ms")?,
        end_ms: ms("end_ms")?,
        cut: data.get("cut").and_then(Value::as_bool).unwrap_or(false),
    })
}

fn failure(data: &Value, name: &str) -> ErrorSummary {
    let number = |key| data.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    ErrorSummary {
        message: field(data, "message").unwrap_or_else(|| name.to_owned()),
        file: field(data, "file").unwrap_or_default(),
        line: number("line"),
        column: number("column"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use voxrun_bindings::contract::Time;

    use super::super::Journal;
    use super::*;

    #[test]
    fn a_summary_is_read_off_the_journal() {
        let mut journal = Journal::new(1);
        let mut write =
            |ms, unit: &str, kind, name: &str, data| journal.write(Time::from_ms(ms), unit, kind, name, data);
        let alerting = json!({"id": "A.1", "callerid": "+1", "destination": "+2"});
        write(0, "call#1", Kind::Event, "Application.CallAlerting", alerting);
        write(20, "call#1", Kind::Event, "Call.Connected", json!({}));
        let heard = |who, start_ms: u64, end_ms: u64| json!({"who": who, "text": "w", "start_ms": start_ms, "end_ms": end_ms});
        write(900, "call#1", Kind::Media, "heard", heard("caller", 300, 900));
        write(2000, "call#1", Kind::Media, "heard", heard("agent", 1500, 2000));
        write(2100, "", Kind::Log, "logger", json!({"text": "line"}));
        write(2100, "", Kind::Note, "policy", json!({"policy": "F-999", "text": "a guess"}));
        write(
            2200,
            "",
            Kind::Error,
            "uncaught",
            json!({"message": "E", "file": "s.js", "line": 2, "column": 3}),
        );
        write(2200, "", Kind::Error, "uncaught", json!({"message": "later"}));
        write(2300, "call#1", Kind::Event, "Call.Disconnected", json!({"reason": "BYE received"}));
        write(2400, "", Kind::Lifecycle, "finished", json!({"finish_reason": "JS session error"}));
        let mut summary = Summary::default();
        collect(&journal.take(), &mut summary);
        let expected = CallSummary {
            id: "A.1".into(),
            direction: "incoming".into(),
            from: "+1".into(),
            to: "+2".into(),
            answered_ms: Some(20),
            ended_ms: Some(2300),
            end: "BYE received".into(),
        };
        assert_eq!(summary.calls, [expected]);
        assert_eq!(summary.turns.len(), 1);
        assert_eq!(summary.turns[0].latency_ms, 600);
        assert_eq!(summary.logs, ["line"]);
        assert_eq!(summary.fidelity, [Inferred { id: "F-999".into(), what: "a guess".into() }]);
        assert_eq!(summary.error.and_then(|error| error.place()).as_deref(), Some("s.js:2:3"));
        assert_eq!((summary.virtual_ms, summary.finish_reason.as_str()), (2400, "JS session error"));
    }
}
