//! Rows of the tables and numbered orders of the two ends' facts that no whole conversation shows: turn detection's
//! switches, transcriptions, images, limits, truncation, speed, formats. Each test is named by its row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::pair::Pair;
use super::server::{Desk, spoken, types};
use crate::contract::{Datum, Time};
use crate::openai::events;
use crate::openai::wire::unit;
use crate::wire::{EmulatorSetup, FromUnit, Playout, ToUnit, Unit, UnitSetup, WireFrame};

fn silence_ms(ms: usize) -> Value {
    json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(vec![0_u8; ms * 48])})
}

fn with_input(input: Value) -> Value {
    json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"], "audio": {"input": input}}})
}

fn find<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    events
        .iter()
        .find(|event| event["type"] == kind)
        .unwrap_or_else(|| panic!("no {kind}: {:?}", types(events)))
}

/// A desk with this turn detection, and what one spoken word and two seconds of silence lead to.
fn one_word(detection: Value) -> (Desk, Vec<Value>) {
    let mut desk = Desk::ready();
    desk.send(with_input(json!({"turn_detection": detection})));
    desk.send(silence_ms(1000));
    let mut events = desk.send(spoken("word", None));
    events.extend(desk.send(silence_ms(2000)));
    (desk, events)
}

#[test]
fn c5_prefix_padding_and_silence_move_the_turns_ends() {
    let at = |detection: Value| {
        let (_, events) = one_word(detection);
        let start = find(&events, "input_audio_buffer.speech_started")["audio_start_ms"].as_u64().unwrap();
        let end = find(&events, "input_audio_buffer.speech_stopped")["audio_end_ms"].as_u64().unwrap();
        (start, end)
    };
    let usual = at(json!({"type": "server_vad"}));
    let early = at(json!({"type": "server_vad", "prefix_padding_ms": 500}));
    let late = at(json!({"type": "server_vad", "prefix_padding_ms": 0}));
    assert_eq!((usual.0 - early.0, late.0 - usual.0), (200, 300));
    assert_eq!((usual.1, late.1), (early.1, usual.1));
    let patient = at(json!({"type": "server_vad", "silence_duration_ms": 700}));
    assert_eq!((patient.0, patient.1 - usual.1), (usual.0, 500));
}

#[test]
fn c5_threshold_decides_what_is_speech() {
    let quiet: Vec<u8> = voxrun_audio::speak("word", voxrun_audio::Rate::Hz24000)
        .into_iter()
        .flat_map(|sample| (sample / 64).to_le_bytes())
        .collect();
    let heard = |threshold: f64| {
        let mut desk = Desk::ready();
        desk.send(with_input(json!({"turn_detection": {"type": "server_vad", "threshold": threshold}})));
        desk.send(silence_ms(1000));
        let events =
            desk.send(json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(&quiet)}));
        types(&events).contains(&"input_audio_buffer.speech_started".to_owned())
    };
    assert!(heard(0.1));
    assert!(!heard(1.0));
}

#[test]
fn c5_create_response_and_interrupt_response() {
    for (create, interrupt) in [(true, true), (true, false), (false, true), (false, false)] {
        let detection =
            json!({"type": "server_vad", "create_response": create, "interrupt_response": interrupt});
        let (mut desk, events) = one_word(detection);
        assert_eq!(types(&events).contains(&"response.created".to_owned()), create);
        desk.wait(10_000);
        desk.send(json!({"type": "response.create", "response": {"instructions": "word ".repeat(500)}}));
        desk.wait(500);
        let mut events = desk.send(spoken("stop", None));
        events.extend(desk.wait(100));
        let done = events.iter().find(|event| event["type"] == "response.done");
        assert_eq!(done.is_some(), interrupt);
        if let Some(done) = done {
            assert_eq!(done["response"]["status_details"]["reason"], "turn_detected");
        }
    }
}

#[test]
fn c7_7_segments_logprobs_and_failures() {
    let mut desk = Desk::scripted(json!({"transcription_fails": "^mumble"}), json!([]));
    let update = |model: &str, include: Value| {
        json!({"type": "session.update", "session": {"type": "realtime",
        "output_modalities": ["text"], "include": include,
        "audio": {"input": {"transcription": {"model": model}, "turn_detection": null}}}})
    };
    let turn = |desk: &mut Desk, words: &str| {
        desk.send(spoken(words, None));
        desk.send(json!({"type": "input_audio_buffer.commit"}));
        desk.wait(1000)
    };
    desk.send(update("gpt-4o-transcribe", json!(["item.input_audio_transcription.logprobs"])));
    let events = turn(&mut desk, "two words");
    let (last, deltas) = events.split_last().unwrap();
    let each: Vec<Value> =
        deltas.iter().flat_map(|delta| delta["logprobs"].as_array().unwrap().clone()).collect();
    assert_eq!(last["logprobs"], json!(each));
    assert_eq!(each[0]["token"], deltas[0]["delta"]);
    assert_eq!(each[0]["bytes"], json!(deltas[0]["delta"].as_str().unwrap().as_bytes()));
    desk.send(update("gpt-4o-transcribe-diarize", Value::Null));
    let events = turn(&mut desk, "who speaks");
    assert!(events.iter().all(|event| event.get("logprobs").is_none()));
    let [.., segment, completed] = &events[..] else { panic!("{events:?}") };
    assert_eq!(segment["type"], "conversation.item.input_audio_transcription.segment");
    assert_eq!(
        (&segment["text"], &segment["speaker"], &segment["start"]),
        (&json!("who speaks"), &json!("A"), &json!(0.0))
    );
    assert!(segment["end"].as_f64().unwrap() > 0.5);
    assert_eq!(completed["transcript"], "who speaks");
    let events = turn(&mut desk, "mumble mumble");
    assert_eq!(types(&events), ["conversation.item.input_audio_transcription.failed"]);
    assert_eq!(events[0]["error"]["type"], "transcription_error");
}

#[test]
fn c7_13_the_order_of_an_idle_timeout() {
    let mut desk = Desk::ready();
    desk.send(with_input(json!({"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}})));
    desk.send(json!({"type": "response.create", "response": {"instructions": "Hello."}}));
    desk.wait(1000);
    desk.send(silence_ms(5000));
    let events = desk.wait(5000);
    let kinds = types(&events);
    let at = kinds.iter().position(|kind| kind == "input_audio_buffer.timeout_triggered").unwrap();
    assert_eq!(
        kinds[at..at + 5],
        [
            "input_audio_buffer.timeout_triggered",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created"
        ]
    );
    let (start, end) = (&events[at]["audio_start_ms"], &events[at]["audio_end_ms"]);
    assert_eq!((start, end), (&json!(0), &json!(5000)));
    assert_eq!(events[at]["item_id"], events[at + 2]["item"]["id"]);
}

#[test]
fn c6_images_are_kept_and_counted() {
    let mut desk = Desk::ready();
    let image = |url: &str, detail: &str| {
        json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user",
        "content": [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": url, "detail": detail}]}})
    };
    let added = desk.send(image("data:image/png;base64,AAAA", "low"));
    assert_eq!(added[0]["item"]["content"][1]["image_url"], "data:image/png;base64,AAAA");
    desk.send(image("data:image/jpeg;base64,AAAA", "high"));
    for url in [
        "https://example.com/x.png",
        "data:image/png;base64,%",
        "data:image/png;base64,",
        "data:image/gif;base64,AAAA",
    ] {
        assert_eq!(desk.error(image(url, "low"))["param"], "item.content[1].image_url", "{url}");
    }
    desk.send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}));
    let events = desk.wait(5000);
    let done = find(&events, "response.done");
    assert_eq!(done["response"]["usage"]["input_token_details"]["image_tokens"], 85 + 765);
    assert_eq!(find(&events, "response.output_text.done")["text"], "You said: What is it?");
}

#[test]
fn c8_the_largest_append() {
    let mut desk = Desk::ready();
    let most = 20 << 20;
    let append = |letters: usize| {
        WireFrame::Text(
            format!(r#"{{"type":"input_audio_buffer.append","audio":"{}"}}"#, "A".repeat(letters)).into(),
        )
    };
    assert_eq!(types(&desk.frame(&append(most + 4))), ["error"]);
    assert!(desk.frame(&append(most)).is_empty(), "15 MiB of silence are taken");
    assert_eq!(desk.closed, None);
}

#[test]
fn c8_only_out_of_band_responses_stand_beside_another() {
    let mut desk = Desk::ready();
    let create = |conversation: &str| {
        json!({"type": "response.create", "response": {"conversation": conversation,
        "output_modalities": ["text"], "instructions": "one two three"}})
    };
    assert_eq!(types(&desk.send(create("none"))), ["response.created"]);
    assert_eq!(types(&desk.send(create("auto"))), ["response.created"]);
    assert_eq!(types(&desk.send(create("none"))), ["response.created"]);
    assert_eq!(desk.error(create("auto"))["code"], "conversation_already_has_active_response");
    let done = desk.wait(5000).into_iter().filter(|event| event["type"] == "response.done");
    let ids: Vec<Value> = done.map(|event| event["response"]["conversation_id"].clone()).collect();
    assert_eq!(ids.iter().filter(|id| id.is_null()).count(), 2);
    assert_eq!(ids.len(), 3);
}

#[test]
fn c8_a_long_conversation_is_cut_or_refused() {
    let long = |truncation: Value| {
        let mut desk = Desk::scripted(json!({"context_tokens": 300}), json!([]));
        desk.send(json!({"type": "session.update", "session": {"type": "realtime", "truncation": truncation,
            "instructions": "", "output_modalities": ["text"]}}));
        for _ in 0..10 {
            desk.send(json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user",
                "content": [{"type": "input_text", "text": "x".repeat(400)}]}}));
        }
        desk.send(json!({"type": "response.create"}));
        find(&desk.wait(20_000), "response.done")["response"].clone()
    };
    let cut = long(json!("auto"));
    assert_eq!((&cut["status"], &cut["usage"]["input_tokens"]), (&json!("completed"), &json!(300)));
    let ratio = long(json!({"type": "retention_ratio", "retention_ratio": 0.7}));
    assert_eq!(ratio["usage"]["input_tokens"], 200);
    let refused = long(json!("disabled"));
    assert_eq!(refused["status"], "failed");
    assert_eq!(refused["status_details"]["error"]["code"], "context_length_exceeded");
    assert_eq!(refused["output"], json!([]));
}

#[test]
fn c6_what_an_earlier_response_read_is_cached() {
    let mut desk = Desk::ready();
    let mut cached = Vec::new();
    for _ in 0..3 {
        desk.send(json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user",
            "content": [{"type": "input_text", "text": "x".repeat(400)}]}}));
        desk.send(json!({"type": "response.create", "response": {"output_modalities": ["text"], "max_output_tokens": 5}}));
        let done = find(&desk.wait(20_000), "response.done")["response"]["usage"].clone();
        cached.push(done["input_token_details"]["cached_tokens"].as_u64().unwrap());
    }
    assert_eq!(cached, [0, 64, 192], "whole blocks of the instructions and the items before");
}

#[test]
fn c5_slower_speech_takes_longer_and_is_still_understood() {
    let length_ms = |speed: f64| {
        let session = json!({"type": "realtime", "audio": {"output": {"speed": speed}}});
        let mut pair = Pair::ready(json!({}), json!([]), session);
        pair.tell("responseCreate", json!({"instructions": "one two three"}));
        pair.until("ResponseDone");
        pair.audio.iter().map(|(_, samples)| samples.len() as u64 / 24).sum::<u64>()
    };
    let usual = length_ms(1.0);
    assert_eq!(length_ms(1.5), usual);
    let slow = length_ms(0.5);
    assert!(slow.abs_diff(usual * 2) <= 60, "{slow} {usual}");
}

#[test]
fn c7_5_audio_comes_in_chunks_of_the_setting() {
    let mut desk = Desk::scripted(json!({"audio_chunk_ms": 100}), json!([]));
    desk.send(json!({"type": "response.create", "response": {"instructions": "one two three"}}));
    let events = desk.wait(10_000);
    let sizes: Vec<usize> = events
        .iter()
        .filter(|event| event["type"] == "response.output_audio.delta")
        .map(|event| STANDARD.decode(event["delta"].as_str().unwrap()).unwrap().len())
        .collect();
    let (last, whole) = sizes.split_last().unwrap();
    assert!(whole.len() > 10 && whole.iter().all(|size| *size == 4800) && *last <= 4800, "{sizes:?}");
}

#[test]
fn a5_verbatim_sessions_in_g711_are_spoken_and_heard() {
    for format in ["audio/pcmu", "audio/pcma"] {
        let connector = UnitSetup { verbatim: true, ..UnitSetup::default() };
        let mut pair = Pair::new(connector, EmulatorSetup::default(), json!({"apiKey": "k"}));
        pair.until("SessionCreated");
        let format = json!({"format": {"type": format}});
        pair.tell(
            "sessionUpdate",
            json!({"session": {"type": "realtime", "audio": {"input": format, "output": format}}}),
        );
        pair.until("SessionUpdated");
        pair.say("over the telephone");
        pair.until("ResponseDone");
        assert_eq!(pair.texts("heard"), ["over the telephone"], "{format}");
        assert_eq!(super::voice::words_of(&pair), ["You", "said:", "over", "the", "telephone."], "{format}");
        assert!(pair.payloads("WebSocketError").is_empty());
    }
}

#[test]
fn a2_a_transcription_session_through_the_gateway() {
    let params = json!({"apiKey": "k", "type": "transcription"});
    let mut pair = Pair::new(UnitSetup::default(), EmulatorSetup::default(), params);
    let created = pair.until("SessionCreated");
    assert_eq!(created["session"]["object"], "realtime.transcription_session");
    let session = json!({"type": "transcription", "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"},
        "turn_detection": {"type": "server_vad"}}}});
    pair.tell("sessionUpdate", json!({"session": session}));
    pair.until("SessionUpdated");
    pair.say("write this down");
    let done = pair.until("ConversationItemInputAudioTranscriptionCompleted");
    assert_eq!(done["transcript"], "write this down");
    pair.run_ms(5000);
    let names = pair.names(0);
    assert!(
        names.iter().all(|name| !name.starts_with("Response") && *name != "RateLimitsUpdated"),
        "{names:?}"
    );
}

fn open() -> Box<dyn Unit> {
    let mut gateway = unit(UnitSetup::default());
    told(&mut *gateway, ToUnit::Start { params: &[json!({"apiKey": "k"}).into()] });
    told(&mut *gateway, ToUnit::Opened);
    gateway
}

fn told(gateway: &mut dyn Unit, input: ToUnit<'_>) -> Vec<FromUnit> {
    gateway.handle(Time::from_ms(5), input);
    std::iter::from_fn(|| gateway.poll()).collect()
}

#[test]
fn a3_every_method_with_wrong_and_legacy_arguments() {
    let odd = [json!("text"), json!(7), json!(true), json!([{"session": {}}]), json!([])];
    let legacy = json!({"modalities": ["text"], "temperature": 0.8, "event_id": "mine", "type": "other"});
    for row in events::methods() {
        for params in &odd {
            let mut gateway = open();
            let method = row.member.as_str();
            let out = told(&mut *gateway, ToUnit::Tell { method, params: &[params.clone().into()] });
            let [FromUnit::Note(_), FromUnit::Send { shown: Some(shown), .. }] = &out[..] else {
                panic!("{method} {params}: {out:?}")
            };
            assert_eq!(*shown, json!({"type": row.wire}));
        }
        let mut gateway = open();
        let params = [legacy.clone(), json!("more"), json!(null)];
        let out = told(&mut *gateway, ToUnit::Tell { method: &row.member, params: &Datum::all(&params) });
        let Some(FromUnit::Send { shown: Some(shown), .. }) = out.last() else { panic!("{out:?}") };
        assert_eq!(*shown, json!({"type": row.wire, "event_id": "mine"}), "{}", row.member);
        assert_eq!(out.len(), 4, "one note for each key: {out:?}");
    }
}

#[test]
fn a6_a_clear_tells_the_provider_nothing_and_later_audio_plays() {
    let mut gateway = open();
    let delta =
        json!({"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": "AAAA"});
    let plays = |gateway: &mut dyn Unit| {
        let out = told(gateway, ToUnit::Frame(&WireFrame::json(&delta)));
        out.iter().any(|word| matches!(word, FromUnit::Audio { .. }))
    };
    assert!(plays(&mut *gateway));
    told(&mut *gateway, ToUnit::Playout(Playout::Started));
    let out = told(&mut *gateway, ToUnit::Playout(Playout::Cleared { dropped_ms: 40 }));
    assert_eq!(out, [], "nothing is sent, cancelled or truncated");
    assert!(plays(&mut *gateway), "the same response goes on");
}
