//! What the platform's gateway does to a script's message before the provider sees it: known keys pass, known response
//! fields at the top of `response.create` are lifted into `response`, everything else is dropped, each with one note
//! that names the right place. It deliberately looks no deeper than the provider's documented groups; what stands
//! inside `turn_detection`, `tools` or `item` is the provider's to judge.

use serde_json::{Map, Value};

use crate::contract::Fields;
use crate::openai::events::MethodRow;

/// Policy: top-level response fields of `responseCreate` are lifted.
pub(super) const LIFTED: &str = "F-052";
/// Policy: keys that the provider does not know are dropped.
pub(super) const DROPPED: &str = "F-053";

/// A change that was made to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// What was changed, as the script wrote it (`session.turn_detection`): one note for each.
    pub(super) key: String,
    /// The policy behind it.
    pub(super) policy: &'static str,
    /// The remark.
    pub(super) text: String,
}

const SESSION: &[&str] = &[
    "type",
    "model",
    "instructions",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "output_modalities",
    "audio",
    "tracing",
    "include",
    "prompt",
    "truncation",
    "reasoning",
    "parallel_tool_calls",
];
const SESSION_INPUT: &[&str] = &["noise_reduction", "transcription", "turn_detection"];
const SESSION_OUTPUT: &[&str] = &["speed", "voice"];
const RESPONSE: &[&str] = &[
    "audio",
    "conversation",
    "input",
    "instructions",
    "max_output_tokens",
    "metadata",
    "output_modalities",
    "parallel_tool_calls",
    "prompt",
    "reasoning",
    "tool_choice",
    "tools",
];
const RESPONSE_OUTPUT: &[&str] = &["voice"];

/// Where the GA interface has what older ones had at the root.
const MOVED: &[(&str, &str)] = &[
    ("turn_detection", "audio.input.turn_detection"),
    ("input_audio_transcription", "audio.input.transcription"),
    ("input_audio_noise_reduction", "audio.input.noise_reduction"),
    ("voice", "audio.output.voice"),
    ("speed", "audio.output.speed"),
    ("modalities", "output_modalities"),
    ("max_response_output_tokens", "max_output_tokens"),
];

/// The fields of the message that goes out, beside its `type`.
pub(super) fn sanitise(row: &MethodRow, params: &Fields) -> (Fields, Vec<Change>) {
    let mut changes = Vec::new();
    let mut fields = Map::new();
    let mut lifted = Map::new();
    for (key, value) in params {
        if key == "event_id" || row.keys.contains(key) {
            fields.insert(key.clone(), value.clone());
        } else if row.wire == "response.create" && RESPONSE.contains(&key.as_str()) {
            lifted.insert(key.clone(), value.clone());
        } else if key != "type" || value.as_str() != Some(row.wire.as_str()) {
            changes.push(stray(row, key));
        }
    }
    if row.wire == "response.create" {
        lift(&mut fields, lifted, &mut changes);
        if let Some(Value::Object(response)) = fields.get_mut("response") {
            keep(response, RESPONSE, "response", &mut changes);
            keep_audio(response, "response", &[], RESPONSE_OUTPUT, &mut changes);
        }
    } else if row.wire == "session.update"
        && let Some(Value::Object(session)) = fields.get_mut("session")
    {
        keep(session, SESSION, "session", &mut changes);
        keep_audio(session, "session", SESSION_INPUT, SESSION_OUTPUT, &mut changes);
    }
    (fields, changes)
}

/// A key at the top of a message that does not know it.
fn stray(row: &MethodRow, key: &str) -> Change {
    let (group, known) = match row.wire.as_str() {
        "session.update" => ("session", SESSION),
        "response.create" => ("response", RESPONSE),
        _ => ("", &[] as &[&str]),
    };
    let place = if known.contains(&key) { Some(format!("{group}.{key}")) } else { moved(group, key) };
    dropped(&format!("{}: {key}", row.member), place)
}

fn moved(group: &str, key: &str) -> Option<String> {
    if group.is_empty() {
        return None;
    }
    MOVED.iter().find(|(old, _)| *old == key).map(|(_, place)| format!("{group}.{place}"))
}

fn dropped(key: &str, place: Option<String>) -> Change {
    let hint = place.map_or_else(
        || "the provider knows no such key here".to_owned(),
        |place| format!("the provider knows it as {place}"),
    );
    Change { key: key.to_owned(), policy: DROPPED, text: format!("{key} is not sent: {hint}") }
}

/// Moves what stood at the top into `response`; what is there already wins.
fn lift(fields: &mut Fields, lifted: Fields, changes: &mut Vec<Change>) {
    if lifted.is_empty() {
        return;
    }
    if matches!(fields.get("response"), None | Some(Value::Null)) {
        fields.insert("response".to_owned(), Value::Object(Map::new()));
    }
    for (key, value) in lifted {
        let label = format!("responseCreate: {key}");
        let text = match fields.get_mut("response") {
            Some(Value::Object(response)) if !response.contains_key(&key) => {
                response.insert(key.clone(), value);
                format!("{label} was moved into response.{key}, where the provider expects it")
            }
            _ => format!("{label} is not sent: response has its own"),
        };
        changes.push(Change { key: label, policy: LIFTED, text });
    }
}

/// Removes from a group what is not on its list.
fn keep(group: &mut Fields, known: &[&str], path: &str, changes: &mut Vec<Change>) {
    let root = path.split('.').next().unwrap_or(path);
    group.retain(|key, _| {
        let pass = known.contains(&key.as_str());
        if !pass {
            let place = if path == root { moved(root, key) } else { None };
            changes.push(dropped(&format!("{path}.{key}"), place));
        }
        pass
    });
}

/// The same inside `audio`, where the gateway also settles the formats itself.
fn keep_audio(group: &mut Fields, path: &str, input: &[&str], output: &[&str], changes: &mut Vec<Change>) {
    let Some(Value::Object(audio)) = group.get_mut("audio") else { return };
    let sides: &[&str] = if input.is_empty() { &["output"] } else { &["input", "output"] };
    keep(audio, sides, &format!("{path}.audio"), changes);
    for (side, known) in [("input", input), ("output", output)] {
        let Some(Value::Object(fields)) = audio.get_mut(side) else { continue };
        let place = format!("{path}.audio.{side}");
        if fields.shift_remove("format").is_some() {
            let key = format!("{place}.format");
            let text = format!("{key} is not sent: the connector settles the audio format itself");
            changes.push(Change { key, policy: DROPPED, text });
        }
        keep(fields, known, &place, changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openai::events::method;
    use serde_json::json;

    fn run(member: &str, params: Value) -> (Value, Vec<String>) {
        let (fields, changes) = sanitise(method(member).unwrap(), params.as_object().unwrap());
        (Value::Object(fields), changes.into_iter().map(|change| change.text).collect())
    }

    #[test]
    fn a5_root_turn_detection_is_dropped_and_its_place_named() {
        let (fields, notes) = run(
            "sessionUpdate",
            json!({"session": {"type": "realtime", "output_modalities": ["text"], "turn_detection": {"type": "server_vad"}}}),
        );
        assert_eq!(fields, json!({"session": {"type": "realtime", "output_modalities": ["text"]}}));
        assert_eq!(
            notes,
            [
                "session.turn_detection is not sent: the provider knows it as session.audio.input.turn_detection"
            ]
        );
    }

    #[test]
    fn top_level_instructions_are_lifted() {
        let (fields, notes) = run("responseCreate", json!({"instructions": "Hello!", "event_id": "e"}));
        assert_eq!(fields, json!({"event_id": "e", "response": {"instructions": "Hello!"}}));
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("moved into response.instructions"), "{notes:?}");
    }

    #[test]
    fn what_response_already_has_wins() {
        let (fields, notes) = run(
            "responseCreate",
            json!({"instructions": "a", "tools": [], "response": {"instructions": "b"}}),
        );
        assert_eq!(fields, json!({"response": {"instructions": "b", "tools": []}}));
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn known_messages_pass_untouched() {
        let session = json!({"session": {"type": "realtime", "model": "m", "reasoning": {"effort": "low"},
            "audio": {"input": {"turn_detection": null, "transcription": {"model": "whisper-1"}}, "output": {"voice": "marin"}}}});
        let response = json!({"response": {"conversation": "none", "audio": {"output": {"voice": "cedar"}}, "metadata": {"a": "b"}}});
        let item = json!({"item": {"type": "message", "anything": 1}, "previous_item_id": "root"});
        for (member, params) in [
            ("sessionUpdate", session),
            ("sessionUpdate", json!({"session": 3})),
            ("responseCreate", response),
            ("responseCreate", json!({})),
            ("conversationItemCreate", item),
            (
                "conversationItemTruncate",
                json!({"item_id": "i", "content_index": 0, "audio_end_ms": 5, "event_id": "e"}),
            ),
            ("responseCancel", json!({"response_id": "r"})),
        ] {
            assert_eq!(run(member, params.clone()), (params, vec![]), "{member}");
        }
    }

    #[test]
    fn every_stray_key_has_its_note() {
        let table = [
            ("sessionUpdate", json!({"instructions": "x"}), "session.instructions"),
            ("sessionUpdate", json!({"session": {"voice": "alloy"}}), "session.audio.output.voice"),
            ("sessionUpdate", json!({"session": {"modalities": ["text"]}}), "session.output_modalities"),
            ("sessionUpdate", json!({"session": {"temperature": 1}}), "no such key"),
            (
                "sessionUpdate",
                json!({"session": {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}}),
                "settles the audio format",
            ),
            (
                "sessionUpdate",
                json!({"session": {"audio": {"output": {"pitch": 2}}}}),
                "session.audio.output.pitch",
            ),
            ("sessionUpdate", json!({"session": {"audio": {"voice": "x"}}}), "session.audio.voice"),
            ("responseCreate", json!({"modalities": ["text"]}), "response.output_modalities"),
            ("responseCreate", json!({"response": {"temperature": 1}}), "response.temperature"),
            ("responseCreate", json!({"response": {"audio": {"input": {}}}}), "response.audio.input"),
            ("responseCancel", json!({"why": 1}), "responseCancel: why"),
            ("inputAudioBufferClear", json!({"type": "session.update"}), "inputAudioBufferClear: type"),
        ];
        for (member, params, words) in table {
            let (_, notes) = run(member, params.clone());
            assert_eq!(notes.len(), 1, "{params}: {notes:?}");
            assert!(notes[0].contains(words), "{params}: {notes:?}");
        }
        assert_eq!(run("responseCancel", json!({"type": "response.cancel"})), (json!({}), vec![]));
    }
}
