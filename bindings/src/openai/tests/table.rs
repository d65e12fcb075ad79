//! The table of the provider's server events (`server_events.toml`, C6): everything that the emulator sends in any test
//! of the room is held against its row, and every row that a WebSocket client can meet is met.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::server::{Desk, spoken};
use crate::openai::events;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    r#type: String,
    required: Vec<String>,
    #[serde(default)]
    optional: Vec<String>,
    elsewhere: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    event: Vec<Row>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("server_events.toml")).expect("server_events.toml"));

/// Types and required fields of all rows that the emulator may send.
pub(super) fn rows() -> impl Iterator<Item = (&'static str, &'static [String])> {
    let here = TABLE.event.iter().filter(|row| row.elsewhere.is_none());
    here.map(|row| (row.r#type.as_str(), row.required.as_slice()))
}

/// Holds an event of the emulator against its row; what it carries is checked as far as C6 tells.
pub(super) fn check(event: &Value) {
    let kind = event["type"].as_str().unwrap_or_else(|| panic!("no type: {event}"));
    let row = TABLE.event.iter().find(|row| row.r#type == kind);
    let row = row.unwrap_or_else(|| panic!("{kind} is no event of the provider"));
    assert_eq!(row.elsewhere, None, "{kind}");
    let fields = event.as_object().unwrap();
    for name in &row.required {
        assert!(fields.contains_key(name), "{kind} lacks {name}: {event}");
    }
    for name in fields.keys().filter(|name| *name != "type") {
        let known = row.required.contains(name) || row.optional.contains(name);
        let padding = name == "obfuscation" && kind.ends_with(".delta");
        assert!(known || padding, "{kind} has {name}: {event}");
    }
    if kind.ends_with(".delta") && kind != "response.output_audio.delta" {
        assert!(fields.contains_key("obfuscation"), "{event}");
    }
    match kind {
        "response.created" | "response.done" => check_response(&event["response"]),
        "error" => {
            for name in ["type", "code", "message", "param", "event_id"] {
                assert!(event["error"].get(name).is_some(), "error lacks {name}: {event}");
            }
        }
        _ => {}
    }
    if let Some(item) = event.get("item") {
        check_item(item);
    }
}

/// The response object, and usage that adds up.
fn check_response(response: &Value) {
    for name in [
        "object",
        "id",
        "status",
        "status_details",
        "output",
        "conversation_id",
        "output_modalities",
        "max_output_tokens",
        "audio",
        "usage",
        "metadata",
    ] {
        assert!(response.get(name).is_some(), "the response lacks {name}: {response}");
    }
    response["output"].as_array().unwrap().iter().for_each(check_item);
    let status = response["status"].as_str().unwrap();
    let details = &response["status_details"];
    if matches!(status, "completed" | "in_progress") {
        assert!(details.is_null(), "{response}");
    } else {
        assert_eq!(details["type"], status, "{response}");
    }
    let usage = &response["usage"];
    if status == "in_progress" {
        assert!(usage.is_null(), "{response}");
        return;
    }
    let number = |pointer: &str| {
        usage.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer}: {usage}"))
    };
    let of = |group: &str| {
        ["text", "audio", "image"].iter().map(|kind| number(&format!("{group}/{kind}_tokens"))).sum::<u64>()
    };
    assert_eq!(number("/total_tokens"), number("/input_tokens") + number("/output_tokens"));
    assert_eq!(number("/input_tokens"), of("/input_token_details"));
    assert_eq!(
        number("/input_token_details/cached_tokens"),
        of("/input_token_details/cached_tokens_details")
    );
    assert!(number("/input_token_details/cached_tokens") <= number("/input_tokens"));
    let out = "/output_token_details";
    assert_eq!(
        number("/output_tokens"),
        number(&format!("{out}/text_tokens")) + number(&format!("{out}/audio_tokens"))
    );
}

/// An item has what its type asks for.
fn check_item(item: &Value) {
    let names: &[&str] = match item["type"].as_str().unwrap() {
        "message" => &["id", "status", "role", "content"],
        "function_call" => &["id", "status", "name", "call_id", "arguments"],
        "function_call_output" => &["id", "call_id", "output"],
        "mcp_list_tools" => &["id", "server_label", "tools"],
        "mcp_call" => &["id", "server_label", "name", "arguments"],
        "mcp_approval_request" => &["id", "server_label", "name", "arguments"],
        "mcp_approval_response" => &["id", "approval_request_id", "approve"],
        other => panic!("{other} is no item"),
    };
    for name in names {
        assert!(item.get(*name).is_some(), "the item lacks {name}: {item}");
    }
    assert!(item.get("object").is_none(), "live items have no object: {item}");
}

/// Leads conversations that meet every event; their types come back.
fn everything() -> BTreeSet<String> {
    let replies = json!([
        {"heard": "tool", "mcp": {"server": "docs", "name": "search", "output": "x"}, "say": "Found it.",
            "calls": [{"name": "f"}]},
        {"heard": "broken", "mcp": {"server": "docs", "name": "search", "error": "x"}},
    ]);
    let settings = json!({"transcription_fails": "broken", "mcp": [{"server": "down", "fails": true}]});
    let mut desk = Desk::scripted(settings, replies);
    let mut events = Vec::new();
    let tool = |label: &str| json!({"type": "mcp", "server_label": label, "server_url": "https://x", "require_approval": "never"});
    let update = |input: Value, modality: &str| {
        json!({"type": "session.update", "session": {"type": "realtime",
        "output_modalities": [modality], "tools": [tool("docs"), tool("down")],
        "audio": {"input": input}}})
    };
    let diarize = json!({"transcription": {"model": "gpt-4o-transcribe-diarize"},
        "turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}});
    let silence = json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(vec![0_u8; 96_000])});
    let text = |text: &str| {
        json!({"type": "conversation.item.create", "item": {"id": "t", "type": "message", "role": "user",
        "content": [{"type": "input_text", "text": text}]}})
    };
    for (message, wait_ms) in [
        (update(diarize, "audio"), 1000),
        (spoken("hello there", None), 0),
        (silence.clone(), 20_000),
        (spoken("broken thing", None), 0),
        (silence, 20_000),
        (update(json!({"turn_detection": null}), "text"), 100),
        (text("tool"), 0),
        (json!({"type": "response.create"}), 5000),
        (json!({"type": "conversation.item.retrieve", "item_id": "t"}), 0),
        (json!({"type": "conversation.item.delete", "item_id": "t"}), 0),
        (json!({"type": "input_audio_buffer.clear"}), 0),
        (json!({"type": "nonsense"}), 0),
    ] {
        events.extend(desk.send(message));
        events.extend(desk.wait(wait_ms));
    }
    let spoken_item = events.iter().find(|event| {
        event["type"] == "conversation.item.done" && event["item"]["content"][0]["type"] == "output_audio"
    });
    let id = spoken_item.unwrap()["item"]["id"].clone();
    events.extend(desk.send(
        json!({"type": "conversation.item.truncate", "item_id": id, "content_index": 0, "audio_end_ms": 1}),
    ));
    let types = events.iter().map(|event| event["type"].as_str().unwrap().to_owned());
    types.chain(["session.created".to_owned()]).filter(|kind| kind != "(heard)").collect()
}

#[test]
fn c6_every_row_is_sent() {
    let sent = everything();
    let rows: BTreeSet<String> = rows().map(|(kind, _)| kind.to_owned()).collect();
    assert_eq!(rows.len(), 40);
    assert_eq!(rows.difference(&sent).collect::<Vec<_>>(), Vec::<&String>::new(), "rows that nothing sends");
    assert!(sent.is_subset(&rows));
}

#[test]
fn c6_and_a4_rows_and_members_agree() {
    for (kind, _) in rows() {
        let raises = events::value_for_wire(kind);
        let audio = kind == "response.output_audio.delta";
        assert_eq!(raises.ends_with(".Unknown"), audio, "{kind} raises {raises}");
    }
    for row in TABLE.event.iter().filter(|row| row.elsewhere.is_some()) {
        assert!(events::value_for_wire(&row.r#type).ends_with(".Unknown"), "{}", row.r#type);
    }
}

#[test]
fn c6_the_check_itself_can_fail() {
    for event in [
        json!({"type": "session.updated", "event_id": "e"}),
        json!({"type": "session.updated", "event_id": "e", "session": {}, "more": 1}),
        json!({"type": "conversation.item.created", "event_id": "e", "item": {}}),
        json!({"type": "response.output_text.delta", "event_id": "e", "response_id": "r", "item_id": "i",
            "output_index": 0, "content_index": 0, "delta": "x"}),
        json!({"type": "conversation.item.done", "event_id": "e", "item": {"type": "function_call", "id": "i"}}),
    ] {
        assert!(std::panic::catch_unwind(|| check(&event)).is_err(), "{event}");
    }
}
