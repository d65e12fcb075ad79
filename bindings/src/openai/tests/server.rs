//! The emulator alone, as a client without a gateway meets it: strict shapes, items, manual turns, cancellation,
//! out-of-band responses and bad input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use voxrun_audio::g711::{self, Law};
use voxrun_audio::{Rate, speak};

use super::{second_opinion, table};
use crate::contract::Time;
use crate::openai::REMOTE;
use crate::wire::{Emulator, EmulatorSetup, Endpoint, FromEmulator, Reply, ToEmulator, WireFrame};

pub(super) struct Desk {
    server: Box<dyn Emulator>,
    pub(super) now: Time,
    pub(super) closed: Option<(u16, String)>,
    /// What the client says is odd on purpose.
    odd: bool,
}

impl Desk {
    pub(super) fn open(url: &str) -> Desk {
        let headers = vec![("Authorization".to_owned(), "Bearer k".to_owned())];
        Desk::upgrade(&Endpoint { url: url.to_owned(), headers }).0
    }

    fn upgrade(endpoint: &Endpoint) -> (Desk, Vec<FromEmulator>) {
        Desk::upgrade_with(endpoint, EmulatorSetup::default())
    }

    fn upgrade_with(endpoint: &Endpoint, setup: EmulatorSetup) -> (Desk, Vec<FromEmulator>) {
        let server = (REMOTE.emulator)(setup).unwrap();
        let mut desk = Desk { server, now: Time::ZERO, closed: None, odd: false };
        desk.server.handle(desk.now, ToEmulator::Upgrade(endpoint));
        let first: Vec<FromEmulator> = std::iter::from_fn(|| desk.server.poll()).collect();
        (desk, first)
    }

    /// A realtime session after `session.created`.
    pub(super) fn ready() -> Desk {
        let mut desk = Desk::open("wss://x/v1/realtime?model=gpt-realtime");
        assert_eq!(desk.types_for(10), ["session.created"]);
        desk
    }

    /// From now on what is said to it is odd on purpose, and so is what it says back.
    pub(super) fn told_odd_things(mut self) -> Desk {
        self.odd = true;
        self
    }

    /// The same with these settings and replies.
    pub(super) fn scripted(settings: Value, replies: Value) -> Desk {
        let setup = EmulatorSetup {
            settings: settings.as_object().unwrap().clone(),
            replies: serde_json::from_value(replies).unwrap(),
            ..EmulatorSetup::default()
        };
        let headers = vec![("Authorization".to_owned(), "Bearer k".to_owned())];
        let endpoint = Endpoint { url: "wss://x/v1/realtime?model=gpt-realtime".to_owned(), headers };
        let (mut desk, _) = Desk::upgrade_with(&endpoint, setup);
        assert_eq!(desk.types_for(10), ["session.created"]);
        desk
    }

    fn drain(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(output) = self.server.poll() {
            match output {
                FromEmulator::Send(WireFrame::Text(text)) => {
                    let event = serde_json::from_str(&text).unwrap();
                    table::check(&event);
                    if !self.odd {
                        second_opinion::server_event(&event);
                    }
                    events.push(event);
                }
                FromEmulator::Close { code, reason } => self.closed = Some((code, reason)),
                FromEmulator::Heard { text } => events.push(json!({"type": "(heard)", "text": text})),
                other => panic!("{other:?}"),
            }
        }
        events
    }

    /// Sends a message; what comes back at once.
    pub(super) fn send(&mut self, message: Value) -> Vec<Value> {
        self.frame(&WireFrame::json(&message))
    }

    pub(super) fn frame(&mut self, frame: &WireFrame) -> Vec<Value> {
        self.server.handle(self.now, ToEmulator::Frame(frame));
        self.drain()
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, ms: u64) -> Vec<Value> {
        let end = self.now.plus_ms(ms);
        let mut events = Vec::new();
        while let Some(at) = self.server.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.server.handle(self.now, ToEmulator::Deadline);
            events.extend(self.drain());
        }
        self.now = end;
        events
    }

    pub(super) fn types_for(&mut self, ms: u64) -> Vec<String> {
        types(&self.wait(ms))
    }

    /// The error that a message leads to, and nothing else.
    pub(super) fn error(&mut self, message: Value) -> Value {
        let shown = message.to_string();
        let events = self.send(message);
        assert_eq!(types(&events), ["error"], "{shown}: {events:?}");
        events[0]["error"].clone()
    }
}

pub(super) fn types(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// `refusals.jsonl`: a client event, and the code and parameter of the error that it leads to.
#[test]
fn c3_c4_strict_shapes_have_their_codes_and_paths() {
    let mut desk = Desk::ready();
    for line in include_str!("refusals.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let mut message = row["send"].clone();
        message["event_id"] = json!("mine");
        let error = desk.error(message);
        assert_eq!((&error["code"], &error["param"]), (&row["code"], &row["param"]), "{line}");
        assert_eq!((&error["type"], &error["event_id"]), (&json!("invalid_request_error"), &json!("mine")));
        assert_eq!(desk.error(row["send"].clone())["event_id"], Value::Null);
    }
    assert_eq!(desk.types_for(60_000), Vec::<String>::new(), "none of it had another effect");
}

#[test]
fn c4_frames_that_are_no_events() {
    let mut desk = Desk::ready();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (frame, code) in [
        (WireFrame::Text("".into()), "invalid_json"),
        (WireFrame::Text("{".into()), "invalid_json"),
        (WireFrame::Text("[1]".into()), "invalid_json"),
        (WireFrame::Text(deep.as_str().into()), "invalid_json"),
        (WireFrame::Binary(vec![1, 2, 3]), "invalid_event"),
    ] {
        let events = desk.frame(&frame);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["error"]["code"], code);
    }
    assert_eq!(desk.closed, None);
}

#[test]
fn c5_an_update_is_partial_and_its_answer_whole() {
    let mut desk = Desk::ready();
    let update = json!({"type": "session.update", "event_id": "mine", "session": {"type": "realtime", "instructions": "Hi.",
        "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 700}}}}});
    let events = desk.send(update);
    assert_eq!(types(&events), ["session.updated"]);
    assert_ne!(events[0]["event_id"], "mine");
    let session = &events[0]["session"];
    assert_eq!(session["instructions"], "Hi.");
    assert_eq!(session["output_modalities"], json!(["audio"]));
    let detection = &session["audio"]["input"]["turn_detection"];
    assert_eq!((&detection["silence_duration_ms"], &detection["threshold"]), (&json!(700), &json!(0.5)));
    assert_eq!(detection["interrupt_response"], true);
    assert_eq!(session["audio"]["output"]["voice"], "alloy");
    let off = json!({"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": null}}}});
    assert_eq!(desk.send(off)[0]["session"]["audio"]["input"]["turn_detection"], Value::Null);
}

#[test]
fn c2_upgrades_that_are_refused() {
    let endpoint = |url: &str, headers: &[(&str, &str)]| Endpoint {
        url: url.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let good = "wss://x/v1/realtime?model=gpt-realtime";
    let bearer = ("authorization", "bearer k");
    let table = [
        (endpoint(good, &[]), 3000, "invalid_request_error"),
        (endpoint(good, &[("Authorization", "Bearer ")]), 3000, "invalid_request_error"),
        (endpoint(good, &[("Authorization", "Basic k")]), 3000, "invalid_request_error"),
        (
            endpoint(good, &[bearer, ("OpenAI-Beta", "realtime=v1")]),
            4000,
            "invalid_request_error.beta_api_shape_disabled",
        ),
        (endpoint("wss://x/v1/realtime", &[bearer]), 4000, "invalid_request_error.missing_model"),
        (endpoint("wss://x/v1/realtime?model=%6Eo", &[bearer]), 4000, "invalid_request_error.invalid_model"),
    ];
    for (endpoint, code, reason) in table {
        let (mut desk, first) = Desk::upgrade(&endpoint);
        assert_eq!(first, [FromEmulator::Accept]);
        assert_eq!(desk.types_for(10), ["error"], "{endpoint:?}");
        assert_eq!(desk.closed, Some((code, reason.to_owned())), "{endpoint:?}");
        assert_eq!(desk.send(json!({"type": "response.create"})), Vec::<Value>::new());
        assert_eq!(desk.server.deadline(), None);
    }
    let (_, first) = Desk::upgrade(&endpoint("wss://x/v1/chat", &[bearer]));
    assert!(matches!(first[..], [FromEmulator::Refuse { status: 404, .. }]));
    let browser = ("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.k");
    let (mut desk, _) = Desk::upgrade(&endpoint("wss://x/v1/realtime?model=gpt%2Drealtime-mini", &[browser]));
    assert_eq!(desk.wait(10)[0]["session"]["model"], "gpt-realtime-mini");
}

#[test]
fn messages_before_the_session_wait_for_it() {
    let mut desk = Desk::open("wss://x/v1/realtime?model=gpt-realtime");
    assert!(desk.send(json!({"type": "input_audio_buffer.clear"})).is_empty());
    assert_eq!(desk.types_for(10), ["session.created", "input_audio_buffer.cleared"]);
}

#[test]
fn c7_3_c7_11_items_are_kept_in_order() {
    let mut desk = Desk::ready();
    let text = |id: &str, previous: Value| {
        json!({"type": "conversation.item.create", "previous_item_id": previous, "item": {"id": id, "object": "realtime.item",
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": id}]}})
    };
    let added = desk.send(text("b", Value::Null));
    assert_eq!(types(&added), ["conversation.item.added", "conversation.item.done"]);
    assert_eq!(added[0]["previous_item_id"], Value::Null);
    assert_eq!(
        added[0]["item"],
        json!({"id": "b", "type": "message", "status": "completed", "role": "user",
        "content": [{"type": "input_text", "text": "b"}]})
    );
    assert_eq!(desk.send(text("c", Value::Null))[0]["previous_item_id"], "b");
    assert_eq!(desk.send(text("a", json!("root")))[0]["previous_item_id"], Value::Null);
    assert_eq!(desk.send(text("a2", json!("a")))[0]["previous_item_id"], "a");
    assert_eq!(desk.error(text("a", Value::Null))["code"], "item_create_duplicate_item_id");
    assert_eq!(desk.error(text("z", json!("nowhere")))["param"], "previous_item_id");
    let retrieved = desk.send(json!({"type": "conversation.item.retrieve", "item_id": "a2"}));
    assert_eq!(retrieved[0]["item"]["content"][0]["text"], "a2");
    let delete = json!({"type": "conversation.item.delete", "item_id": "a2"});
    assert_eq!(types(&desk.send(delete.clone())), ["conversation.item.deleted"]);
    assert_eq!(desk.error(delete)["code"], "item_not_found");
    let truncate =
        json!({"type": "conversation.item.truncate", "item_id": "c", "content_index": 0, "audio_end_ms": 0});
    assert_eq!(desk.error(truncate)["param"], "content_index");
    desk.send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}));
    let events = desk.wait(2000);
    let done = events.iter().find(|event| event["type"] == "response.output_text.done").unwrap();
    assert_eq!(done["text"], "You said: c.", "the last item is what is answered");
}

#[test]
fn c7_10_c8_cancelling_and_one_response_at_a_time() {
    let mut desk = Desk::ready();
    let create = json!({"type": "response.create", "response": {"output_modalities": ["text"], "instructions": "one two three"}});
    let created = desk.send(create.clone());
    assert_eq!(types(&created), ["response.created"]);
    let id = created[0]["response"]["id"].as_str().unwrap().to_owned();
    let second = desk.error(create.clone());
    assert_eq!(second["code"], "conversation_already_has_active_response");
    assert!(second["message"].as_str().unwrap().contains(&id));
    assert_eq!(
        desk.error(json!({"type": "response.cancel", "response_id": "resp_x"}))["code"],
        "response_cancel_not_active"
    );
    let done = desk.send(json!({"type": "response.cancel"}));
    assert_eq!(types(&done), ["response.done"]);
    let response = &done[0]["response"];
    assert_eq!((&response["status"], &response["output"]), (&json!("cancelled"), &json!([])));
    assert_eq!(response["status_details"], json!({"type": "cancelled", "reason": "client_cancelled"}));
    assert_eq!(desk.types_for(5000), ["rate_limits.updated"], "nothing more of it comes");
    desk.send(create);
    desk.wait(210);
    let done = desk.send(json!({"type": "response.cancel", "response_id": null}));
    assert_eq!(types(&done).first().map(String::as_str), Some("response.output_text.done"));
    assert_eq!(done[0]["text"], "one");
}

#[test]
fn c8_an_out_of_band_response_leaves_the_conversation_alone() {
    let mut desk = Desk::ready();
    desk.send(json!({"type": "response.create", "response": {"output_modalities": ["text"], "instructions": "main"}}));
    let input =
        json!([{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "classify"}]}]);
    let aside = desk
        .send(json!({"type": "response.create", "response": {"conversation": "none", "input": input,
        "output_modalities": ["text"], "metadata": {"topic": "x"}}}));
    assert_eq!(aside[0]["response"]["conversation_id"], Value::Null);
    let id = aside[0]["response"]["id"].clone();
    let events = desk.wait(3000);
    let own: Vec<&Value> = events.iter().filter(|event| event["response_id"] == id).collect();
    let done = own.iter().find(|event| event["type"] == "response.output_text.done").unwrap();
    assert_eq!(done["text"], "You said: classify.");
    let added: Vec<&Value> =
        events.iter().filter(|event| event["type"] == "conversation.item.added").collect();
    assert_eq!(added.len(), 1, "only the other response's item");
    let finished =
        events.iter().find(|event| event["type"] == "response.done" && event["response"]["id"] == id);
    assert_eq!(finished.unwrap()["response"]["metadata"], json!({"topic": "x"}));
    let unknown = json!([{"type": "item_reference", "id": "no"}]);
    assert_eq!(
        desk.error(json!({"type": "response.create", "response": {"input": unknown}}))["code"],
        "item_not_found"
    );
}

#[test]
fn the_token_limit_makes_a_response_incomplete() {
    let mut desk = Desk::ready();
    desk.send(
        json!({"type": "response.create", "response": {"output_modalities": ["text"], "max_output_tokens": 2,
        "instructions": "one two three four"}}),
    );
    let events = desk.wait(3000);
    let done = events.iter().find(|event| event["type"] == "response.done").unwrap();
    assert_eq!(done["response"]["status"], "incomplete");
    assert_eq!(
        done["response"]["status_details"],
        json!({"type": "incomplete", "reason": "max_output_tokens"})
    );
    assert_eq!(done["response"]["output"][0]["content"][0]["text"], "one two");
    assert_eq!(done["response"]["usage"]["output_tokens"], 2);
}

/// The whole of `text` as one append in this format.
pub(super) fn spoken(text: &str, law: Option<Law>) -> Value {
    let bytes: Vec<u8> = match law {
        None => speak(text, Rate::Hz24000).into_iter().flat_map(i16::to_le_bytes).collect(),
        Some(law) => {
            speak(text, Rate::Hz8000).into_iter().map(|sample| g711::encode_sample(law, sample)).collect()
        }
    };
    json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(bytes)})
}

#[test]
fn c7_12_manual_turns_in_every_format() {
    for (format, law) in [
        (json!({"type": "audio/pcm", "rate": 24000}), None),
        (json!({"type": "audio/pcmu"}), Some(Law::Mu)),
        (json!({"type": "audio/pcma"}), Some(Law::A)),
    ] {
        let mut desk = Desk::ready();
        let update = json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"],
            "audio": {"input": {"format": format, "turn_detection": null}}}});
        assert_eq!(types(&desk.send(update)), ["session.updated"]);
        assert!(desk.send(spoken("cleared words", law)).is_empty(), "an append is not answered");
        assert_eq!(
            types(&desk.send(json!({"type": "input_audio_buffer.clear"}))),
            ["input_audio_buffer.cleared"]
        );
        assert!(desk.send(spoken("kept words", law)).is_empty());
        let committed = desk.send(json!({"type": "input_audio_buffer.commit"}));
        assert_eq!(
            types(&committed),
            ["(heard)", "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
        );
        assert_eq!(committed[0]["text"], "kept words", "{format}");
        assert!(desk.types_for(3000).is_empty(), "no response unless asked");
        desk.send(json!({"type": "response.create"}));
        let events = desk.wait(3000);
        assert!(events.iter().any(|event| event["text"] == "You said: kept words."));
        assert_eq!(
            desk.error(json!({"type": "input_audio_buffer.commit"}))["code"],
            "input_audio_buffer_commit_empty"
        );
    }
}

#[test]
fn two_turns_in_one_append_are_two_turns() {
    let mut desk = Desk::ready();
    let update = json!({"type": "session.update", "session": {"type": "realtime",
        "audio": {"input": {"turn_detection": {"type": "server_vad", "create_response": false}}}}});
    desk.send(update);
    let pause = vec![0_i16; 24_000];
    let samples =
        [speak("first turn", Rate::Hz24000), pause.clone(), speak("second turn", Rate::Hz24000), pause]
            .concat();
    let bytes: Vec<u8> = samples.into_iter().flat_map(i16::to_le_bytes).collect();
    // Odd pieces: samples and frames are cut anywhere.
    let mut heard = Vec::new();
    for piece in bytes.chunks(7001) {
        let events = desk.send(json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(piece)}));
        heard.extend(
            events.into_iter().filter(|event| event["type"] == "(heard)").map(|event| event["text"].clone()),
        );
    }
    assert_eq!(heard, [json!("first turn"), json!("second turn")]);
    assert!(desk.types_for(5000).is_empty(), "create_response is off");
}

#[test]
fn c5_semantic_vad_waits_as_eagerness_says() {
    for (eagerness, wait_ms) in [("low", 1200), ("medium", 600), ("auto", 600), ("high", 300)] {
        let mut desk = Desk::ready();
        let detection = json!({"type": "semantic_vad", "eagerness": eagerness});
        let update = json!({"type": "session.update", "session": {"type": "realtime",
            "audio": {"input": {"turn_detection": detection}}}});
        assert_eq!(types(&desk.send(update)), ["session.updated"]);
        let silence = STANDARD.encode(vec![0_u8; 96_000]);
        let mut events = desk.send(spoken("word", None));
        events.extend(desk.send(json!({"type": "input_audio_buffer.append", "audio": silence})));
        let at = |kind: &str, key: &str| {
            events.iter().find(|event| event["type"] == kind).unwrap()[key].as_u64().unwrap()
        };
        let stopped_ms = at("input_audio_buffer.speech_stopped", "audio_end_ms");
        let words = voxrun_audio::words("word");
        let expected = words[0].end_ms.div_ceil(20) * 20 + wait_ms;
        assert!(stopped_ms.abs_diff(expected) <= 40, "{eagerness}: {stopped_ms}, {expected}");
    }
}

#[test]
fn c7_7_a_transcription_session_makes_no_responses() {
    let mut desk = Desk::open("wss://x/v1/realtime?intent=transcription");
    let created = desk.wait(10);
    assert_eq!(created[0]["session"]["object"], "realtime.transcription_session");
    let update = json!({"type": "session.update", "session": {"type": "transcription",
        "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}});
    assert_eq!(types(&desk.send(update)), ["session.updated"]);
    assert_eq!(desk.error(json!({"type": "response.create"}))["code"], "invalid_value");
    let mut events = desk.send(spoken("to be written down", None));
    events.extend(
        desk.send(json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(vec![0_u8; 48_000])})),
    );
    events.extend(desk.wait(5000));
    let all = types(&events);
    assert!(
        all.iter().all(|kind| !kind.starts_with("response.") && kind != "rate_limits.updated"),
        "{all:?}"
    );
    assert_eq!(events.last().unwrap()["transcript"], "to be written down");
}

#[test]
fn audio_in_an_item_is_heard() {
    let mut desk = Desk::ready();
    let audio = spoken("by item", None)["audio"].clone();
    let item =
        json!({"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": audio}]});
    let added = desk.send(json!({"type": "conversation.item.create", "item": item}));
    assert_eq!(added[0]["item"]["content"], json!([{"type": "input_audio", "transcript": null}]));
    desk.send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}));
    assert!(desk.wait(3000).iter().any(|event| event["text"] == "You said: by item."));
}

#[test]
fn factories_refuse_bad_settings_and_patterns() {
    let settings = json!({"speed": 1}).as_object().unwrap().clone();
    let error = (REMOTE.emulator)(EmulatorSetup { settings, ..EmulatorSetup::default() }).err().unwrap();
    assert!(error.contains("emulators.openai.speed") && error.contains("first_token_ms"), "{error}");
    let replies = vec![Reply { heard: Some("*".to_owned()), ..Reply::default() }];
    let error = (REMOTE.emulator)(EmulatorSetup { replies, ..EmulatorSetup::default() }).err().unwrap();
    assert!(error.contains("\"*\""), "{error}");
}

#[test]
fn a_client_that_left_is_forgotten() {
    let mut desk = Desk::ready();
    desk.send(json!({"type": "response.create"}));
    desk.server.handle(desk.now, ToEmulator::Closed { code: 1006 });
    assert_eq!(desk.server.deadline(), None);
    assert!(desk.wait(60_000).is_empty());
}
