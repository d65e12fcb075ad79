//! A second opinion on the wire: the types of the Realtime events as another project wrote them down (async-openai). Every
//! event that the emulator sends in the tests of the room, and every message of the connector that the emulator takes, has
//! to fit them. Where they are stricter or older than the provider, an exception says why, with a sample that proves that
//! it is still needed.

use async_openai::types::realtime::{RealtimeClientEvent, RealtimeServerEvent};
use serde_json::{Value, json};

/// Events that begin so, the words of the complaint, and why ours is right all the same.
type Exception = (&'static str, &'static str, &'static str);

const EXCEPTIONS: &[Exception] = &[
    ("conversation.item.", "invalid type: null, expected a string", TRANSCRIPT),
    ("conversation.item.", "missing field `audio`", "live items do not carry the caller's sound back"),
    ("conversation.item.", "missing field `transcript`", "live items of text sessions have none"),
    ("conversation.item.", "missing field `approved`", "the provider's own SDK calls it approve"),
    (
        "conversation.item.",
        "missing field `detail`",
        "a client may leave it out, and it is said back as it came",
    ),
    ("conversation.item.", "invalid type: integer", CODES),
    ("response.output_item.", "invalid type: integer", CODES),
    ("response.done", "invalid type: integer", CODES),
    ("response.", "enum RealtimeVoice", "the provider's own SDK knows voices of an account as {id}"),
    ("session.", "enum NoiseReductionType", "the provider's own SDK has {type: near_field}"),
    ("session.update", "missing field", "updates are partial: what is left out stays as it is"),
    ("response.create", "missing field", "every field of a response has a default"),
    ("conversation.item.create", "missing field `status`", "a client may leave it out"),
];

const TRANSCRIPT: &str = "live captures show transcript null until the transcription comes";
const CODES: &str = "an MCP error has the numeric code of JSON-RPC, and so it is in the provider's own SDK";

/// Panics when an event of the emulator does not fit.
pub(super) fn server_event(event: &Value) {
    if let Err(complaint) = as_server_event(event) {
        assert!(is_known(event, &complaint), "{complaint}: {event}");
    }
}

/// Whether a message of the connector fits.
pub(super) fn client_event(text: &str) -> Result<(), String> {
    let event: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match as_client_event(&event) {
        Err(complaint) if !is_known(&event, &complaint) => Err(format!("{complaint}: {event}")),
        _ => Ok(()),
    }
}

fn as_server_event(event: &Value) -> Result<(), String> {
    serde_json::from_value::<RealtimeServerEvent>(event.clone()).map(drop).map_err(|error| error.to_string())
}

fn as_client_event(event: &Value) -> Result<(), String> {
    serde_json::from_value::<RealtimeClientEvent>(event.clone()).map(drop).map_err(|error| error.to_string())
}

fn is_known(event: &Value, complaint: &str) -> bool {
    EXCEPTIONS.iter().any(|exception| applies(exception, event, complaint))
}

fn applies((kind, words, _): &Exception, event: &Value, complaint: &str) -> bool {
    event["type"].as_str().is_some_and(|name| name.starts_with(kind)) && complaint.contains(words)
}

/// An event that needs each exception, in the order of the table.
fn samples() -> Vec<Value> {
    let item = |item: Value| json!({"type": "conversation.item.added", "event_id": "e", "item": item});
    let user = |part: Value| {
        item(json!({"id": "i", "type": "message", "status": "completed", "role": "user", "content": [part]}))
    };
    let call = json!({"id": "i", "type": "mcp_call", "server_label": "s", "name": "n", "arguments": "{}",
        "error": {"type": "protocol_error", "code": -32602, "message": "m"}});
    let response = json!({"object": "realtime.response", "id": "r", "status": "in_progress", "status_details": null,
        "output": [], "conversation_id": null, "output_modalities": ["text"], "max_output_tokens": "inf",
        "audio": {"output": {"format": {"type": "audio/pcmu"}, "voice": {"id": "v"}}}, "usage": null, "metadata": null});
    let mut with_call = response.clone();
    with_call["output"] = json!([call]);
    with_call["audio"] = json!({"output": {"voice": "alloy"}});
    let session = json!({"type": "realtime", "object": "realtime.session", "id": "s", "model": "m",
        "audio": {"input": {"noise_reduction": {"type": "near_field"}}}});
    vec![
        user(json!({"type": "input_audio", "audio": "", "transcript": null})),
        user(json!({"type": "input_audio", "transcript": "x"})),
        item(json!({"id": "i", "type": "message", "status": "completed", "role": "assistant",
            "content": [{"type": "output_audio", "audio": ""}]})),
        item(
            json!({"id": "i", "type": "mcp_approval_response", "approval_request_id": "r", "approve": true}),
        ),
        user(json!({"type": "input_image", "image_url": "data:"})),
        item(call.clone()),
        json!({"type": "response.output_item.done", "event_id": "e", "response_id": "r", "output_index": 0, "item": call}),
        json!({"type": "response.done", "event_id": "e", "response": with_call}),
        json!({"type": "response.created", "event_id": "e", "response": response}),
        json!({"type": "session.updated", "event_id": "e", "session": session}),
        json!({"type": "session.update", "session": {"type": "realtime",
            "audio": {"input": {"turn_detection": {"type": "server_vad"}}}}}),
        json!({"type": "response.create", "response": {"instructions": "x"}}),
        json!({"type": "conversation.item.create",
            "item": {"type": "function_call_output", "call_id": "c", "output": "x"}}),
    ]
}

#[test]
fn every_exception_is_needed() {
    assert_eq!(samples().len(), EXCEPTIONS.len());
    for (exception, sample) in EXCEPTIONS.iter().zip(samples()) {
        let opinion = match sample["type"].as_str().unwrap() {
            "session.update" | "response.create" | "conversation.item.create" => as_client_event(&sample),
            _ => as_server_event(&sample),
        };
        let complaint = opinion.expect_err(exception.2);
        assert!(applies(exception, &sample, &complaint), "{exception:?}: {complaint}");
    }
}

#[test]
fn other_mistakes_are_found() {
    let delta = json!({"type": "response.output_text.delta", "event_id": "e", "response_id": "r", "item_id": "i",
        "output_index": 0, "content_index": 0, "delta": "x", "obfuscation": "abc"});
    server_event(&delta);
    for (key, wrong) in [("delta", json!(1)), ("item_id", Value::Null), ("output_index", json!("0"))] {
        let mut event = delta.clone();
        event[key] = wrong;
        assert!(std::panic::catch_unwind(|| server_event(&event)).is_err(), "{key}");
    }
    assert!(client_event(r#"{"type":"input_audio_buffer.appended","audio":""}"#).is_err());
    assert!(client_event(r#"{"type":"input_audio_buffer.append","audio":7}"#).is_err());
}
