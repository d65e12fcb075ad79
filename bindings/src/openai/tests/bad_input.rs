//! Property tests of both ends: every message of the wire with fields missing, of a wrong type, too large, repeated or
//! out of order. The emulator answers with documented events, each as its row asks, and neither end panics, loops or
//! closes. Cases come from a fixed seed, so every run tries the same ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::server::{Desk, spoken};
use super::table;
use crate::contract::{Datum, Time};
use crate::openai::events;
use crate::openai::wire::unit;
use crate::wire::{FromUnit, ToUnit, Unit, UnitSetup, WireFrame};

/// Client events that are good, with every key of the interface somewhere.
fn client_events() -> Vec<Value> {
    let mut all = vec![
        json!({"type": "session.update", "event_id": "e", "session": {"type": "realtime", "instructions": "x",
            "tools": [{"type": "function", "name": "f", "description": "d", "parameters": {}},
                {"type": "mcp", "server_label": "docs", "server_url": "u", "allowed_tools": ["a"],
                    "require_approval": {"never": {"tool_names": ["a"]}}, "headers": {}, "authorization": "t"}],
            "tool_choice": "auto", "max_output_tokens": 9, "output_modalities": ["text"], "tracing": "auto",
            "include": ["item.input_audio_transcription.logprobs"], "prompt": null, "reasoning": {}, "parallel_tool_calls": true,
            "truncation": {"type": "retention_ratio", "retention_ratio": 0.5, "token_limits": {"post_instructions": 5}},
            "audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}, "noise_reduction": {"type": "near_field"},
                "transcription": {"model": "gpt-4o-transcribe-diarize", "language": "en", "prompt": "p"},
                "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                    "silence_duration_ms": 200, "idle_timeout_ms": 5000, "create_response": true, "interrupt_response": true}},
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "speed": 0.5, "voice": "marin"}}}}),
        json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["audio"],
            "audio": {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": {"type": "semantic_vad", "eagerness": "high"}},
                "output": {"format": {"type": "audio/pcma"}}}}}),
        spoken("hello", None),
        json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(vec![0_u8; 24_001])}),
        json!({"type": "input_audio_buffer.commit", "event_id": "e"}),
        json!({"type": "input_audio_buffer.clear", "event_id": "e"}),
        json!({"type": "conversation.item.create", "previous_item_id": "root", "item": {"id": "a", "object": "realtime.item",
            "type": "message", "role": "user", "status": "completed", "content": [{"type": "input_text", "text": "tool"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                {"type": "input_audio", "audio": "AAAA", "transcript": "x"}]}}),
        json!({"type": "conversation.item.create", "item": {"type": "message", "role": "assistant",
            "content": [{"type": "output_audio", "transcript": "x"}, {"type": "output_text", "text": "y"}]}}),
        json!({"type": "conversation.item.create", "item": {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}}),
        json!({"type": "conversation.item.create", "item": {"type": "function_call_output", "call_id": "c", "output": "x"}}),
        json!({"type": "conversation.item.create", "item": {"type": "mcp_approval_response", "approval_request_id": "r",
            "approve": true, "reason": "x"}}),
        json!({"type": "conversation.item.retrieve", "item_id": "a"}),
        json!({"type": "conversation.item.truncate", "item_id": "a", "content_index": 2, "audio_end_ms": 0}),
        json!({"type": "conversation.item.delete", "item_id": "a"}),
        json!({"type": "response.cancel", "response_id": null}),
    ];
    all.extend([
        json!({"type": "response.create", "event_id": "e", "response": {"conversation": "none", "instructions": "Hi.",
            "input": [{"type": "item_reference", "id": "a"}, {"type": "message", "role": "user",
                "content": [{"type": "input_text", "text": "x"}]}], "max_output_tokens": "inf", "metadata": {"k": "v"},
            "output_modalities": ["text"], "audio": {"output": {"voice": {"id": "v"}, "format": {"type": "audio/pcmu"}}},
            "tools": [], "tool_choice": {"type": "function", "name": "f"}}}),
        json!({"type": "response.create"}),
    ]);
    all
}

/// What stands in for a value.
fn odd(which: usize) -> Value {
    match which % 12 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1e300),
        5 => json!(""),
        6 => json!("\u{0}\u{fffd}日本語"),
        7 => json!("x".repeat(70_000)),
        8 => json!([]),
        9 => json!({}),
        10 => json!([[[{"type": "x"}]]]),
        _ => json!({"type": {"type": {"type": null}}}),
    }
}

/// One change of a message.
#[derive(Debug, Clone)]
enum Twist {
    Keep,
    /// The value at the n-th place is gone.
    Without(usize),
    /// Something else stands at the n-th place.
    Odd(usize, usize),
    /// A key more at the n-th place.
    More(usize),
}

fn twist() -> impl Strategy<Value = Twist> {
    prop_oneof![
        3 => Just(Twist::Keep),
        2 => (0..80_usize).prop_map(Twist::Without),
        4 => (0..80_usize, 0..12_usize).prop_map(|(at, which)| Twist::Odd(at, which)),
        1 => (0..80_usize).prop_map(Twist::More),
    ]
}

/// Pointers to all values inside.
fn places(value: &Value, here: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let place = format!("{here}/{}", key.replace('~', "~0").replace('/', "~1"));
                into.push(place.clone());
                places(inner, &place, into);
            }
        }
        Value::Array(values) => {
            for (at, inner) in values.iter().enumerate() {
                let place = format!("{here}/{at}");
                into.push(place.clone());
                places(inner, &place, into);
            }
        }
        _ => {}
    }
}

fn twisted(mut message: Value, twist: &Twist) -> Value {
    let mut all = Vec::new();
    places(&message, "", &mut all);
    let pick = |at: usize| all.get(at % all.len().max(1)).cloned().unwrap_or_default();
    match twist {
        Twist::Keep => {}
        Twist::Without(at) => {
            let place = pick(*at);
            let (parent, key) = place.rsplit_once('/').unwrap_or(("", ""));
            match message.pointer_mut(parent) {
                Some(Value::Object(fields)) => {
                    fields.remove(key);
                }
                Some(Value::Array(values)) => values.clear(),
                _ => {}
            }
        }
        Twist::Odd(at, which) => {
            if let Some(value) = message.pointer_mut(&pick(*at)) {
                *value = odd(*which);
            }
        }
        Twist::More(at) => {
            if let Some(Value::Object(fields)) = message.pointer_mut(&pick(*at)) {
                fields.insert("more".to_owned(), json!(1));
            } else if let Some(fields) = message.as_object_mut() {
                fields.insert("more".to_owned(), json!(1));
            }
        }
    }
    message
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

/// The most events that one message and the time after it may lead to: a reply of some seconds in small pieces.
const MOST_EVENTS: usize = 5000;

#[test]
fn the_emulator_answers_anything_with_documented_events() {
    let replies = json!([{"heard": "tool", "mcp": {"server": "docs", "name": "a", "output": "x"}, "say": "Found."},
        {"say": "One.", "calls": [{"name": "f"}]}, {"say": "two three", "fail": {"after_words": 1, "code": "x"}}]);
    let good = client_events();
    let step = (0..good.len(), twist(), 0..3_usize, prop_oneof![Just(0_u64), 0..800_u64]);
    let script = proptest::collection::vec(step, 1..25);
    runner(150)
        .run(&script, |script| {
            let mut desk = Desk::scripted(json!({"context_tokens": 200}), replies.clone()).told_odd_things();
            for (which, twist, again, wait_ms) in script {
                let message = twisted(good[which].clone(), &twist);
                for _ in 0..=again {
                    // The desk holds every event against its row.
                    let events = desk.send(message.clone());
                    prop_assert!(events.len() < MOST_EVENTS, "{} events", events.len());
                }
                prop_assert!(desk.wait(wait_ms).len() < MOST_EVENTS);
                prop_assert_eq!(&desk.closed, &None);
            }
            // Whatever happened, it still serves a good client. The wait also ends what is under way.
            desk.send(json!({"type": "session.update", "session": {"type": "realtime",
                "audio": {"input": {"turn_detection": null}}}}));
            desk.wait(60_000);
            let create = json!({"type": "response.create", "response": {"instructions": "Still here.", "output_modalities": ["text"]}});
            let mut events = desk.send(create);
            events.extend(desk.wait(5000));
            prop_assert!(events.iter().any(|event| event["type"] == "response.done"), "{:?}", events);
            Ok(())
        })
        .unwrap();
}

#[test]
fn c3_each_key_of_each_client_event_missing_or_odd() {
    let mut refused = 0;
    for good in client_events() {
        let mut all = Vec::new();
        places(&good, "", &mut all);
        for at in 0..all.len() {
            let twists =
                (0..12).map(|which| Twist::Odd(at, which)).chain([Twist::Without(at), Twist::More(at)]);
            for twist in twists {
                let mut desk = Desk::ready().told_odd_things();
                let before = desk.now;
                let message = twisted(good.clone(), &twist);
                let events = desk.send(message);
                let errors = events.iter().filter(|event| event["type"] == "error").count();
                refused += errors;
                assert!(errors <= 1 && (errors == 0 || events.len() == 1), "{good} {twist:?}: {events:?}");
                assert!(events.len() < 20 && desk.now == before);
            }
        }
    }
    // A shape that takes nearly anything would refuse far less.
    assert!(refused > 1500, "{refused}");
}

/// A server event of each row of C6, filled with plausible values.
fn server_events() -> Vec<Value> {
    let sample = |name: &str| match name {
        "item" => json!({"id": "i", "type": "message", "role": "assistant", "content": []}),
        "response" => {
            json!({"id": "r", "status": "completed", "output": [], "audio": {"output": {"format": {"type": "audio/pcma"}}}})
        }
        "session" => json!({"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}},
            "output": {"format": {"type": "audio/pcm", "rate": 24000}}}}),
        "error" => json!({"type": "x", "message": "m", "code": null, "param": null, "event_id": null}),
        "delta" => json!(STANDARD.encode([1_u8, 2, 3])),
        "rate_limits" => json!([{"name": "tokens", "limit": 1, "remaining": 1, "reset_seconds": 0.1}]),
        "part" => json!({"type": "text", "text": ""}),
        "content_index" | "output_index" | "audio_start_ms" | "audio_end_ms" => json!(0),
        _ => json!("x"),
    };
    let rows = table::rows();
    rows.map(|(kind, required)| {
        let mut event = json!({"type": kind});
        for name in required {
            event[name.as_str()] = sample(name);
        }
        event
    })
    .collect()
}

fn open() -> Box<dyn Unit> {
    let mut gateway = unit(UnitSetup::default());
    gateway.handle(Time::ZERO, ToUnit::Start { params: &[json!({"apiKey": "k"}).into()] });
    gateway.handle(Time::ZERO, ToUnit::Opened);
    while gateway.poll().is_some() {}
    gateway
}

/// What the connector makes of a message of the provider.
fn received(gateway: &mut dyn Unit, frame: &WireFrame) -> Vec<FromUnit> {
    gateway.handle(Time::from_ms(1), ToUnit::Frame(frame));
    std::iter::from_fn(|| gateway.poll()).collect()
}

/// The script hears a message with a type as the event of that type, whatever else is in it; audio becomes sound.
fn check_received(message: &Value, out: &[FromUnit]) {
    assert!(out.len() <= 3, "{message}: {out:?}");
    let raised: Vec<&FromUnit> = out.iter().filter(|word| matches!(word, FromUnit::Raise { .. })).collect();
    let Some(kind) = message["type"].as_str() else {
        let [FromUnit::Raise { name, .. }] = raised[..] else { panic!("{out:?}") };
        assert!(name.ends_with(".WebSocketError"));
        return;
    };
    if kind == "response.output_audio.delta" {
        let sound = out.iter().any(|word| matches!(word, FromUnit::Received { .. }));
        assert_eq!(sound, raised.is_empty(), "{message}: {out:?}");
        return;
    }
    let [FromUnit::Raise { name, fields }] = raised[..] else { panic!("{message}: {out:?}") };
    assert_eq!(*name, events::value_for_wire(kind));
    assert_eq!(fields["data"]["payload"], Datum::from(message.clone()), "numbers are a script's");
    assert_eq!(fields["data"]["customEvent"], kind);
}

#[test]
fn the_connector_passes_on_any_message_of_the_provider() {
    let good = server_events();
    let script = proptest::collection::vec((0..good.len(), twist(), 0..3_usize), 1..40);
    runner(150)
        .run(&script, |script| {
            let mut gateway = open();
            for (which, twist, again) in script {
                let message = twisted(good[which].clone(), &twist);
                for _ in 0..=again {
                    check_received(&message, &received(&mut *gateway, &WireFrame::json(&message)));
                }
            }
            prop_assert!(gateway.hears_at().is_some());
            Ok(())
        })
        .unwrap();
}

#[test]
fn c6_each_key_of_each_server_event_missing_or_odd() {
    for good in server_events() {
        let mut all = Vec::new();
        places(&good, "", &mut all);
        for at in 0..all.len() {
            for twist in
                (0..12).map(|which| Twist::Odd(at, which)).chain([Twist::Without(at), Twist::More(at)])
            {
                let message = twisted(good.clone(), &twist);
                let mut gateway = open();
                check_received(&message, &received(&mut *gateway, &WireFrame::json(&message)));
            }
        }
    }
}

#[test]
fn frames_of_any_bytes_on_either_end() {
    let texts = prop_oneof![".{0,200}", "[\\[{\":,a-z0-9]{0,60}", Just("[".repeat(50_000))];
    let frames = prop_oneof![
        texts.prop_map(|text: String| WireFrame::Text(text.into())),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(WireFrame::Binary),
    ];
    runner(300)
        .run(&proptest::collection::vec(frames, 1..8), |frames| {
            let mut desk = Desk::ready().told_odd_things();
            let mut gateway = open();
            for frame in &frames {
                let events = desk.frame(frame);
                prop_assert_eq!(events.len(), 1);
                prop_assert_eq!(&events[0]["type"], "error");
                let out = received(&mut *gateway, frame);
                prop_assert!(!out.is_empty() && out.len() <= 3, "{:?}", out);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn frames_of_sixteen_mib_and_audio_that_is_none() {
    let mut desk = Desk::ready().told_odd_things();
    let mut gateway = open();
    let large = "x".repeat(16 << 20);
    let text = json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user",
        "content": [{"type": "input_text", "text": large}]}});
    assert_eq!(desk.send(text).len(), 2, "text of any size is taken");
    for frame in [WireFrame::Text(large.as_str().into()), WireFrame::Binary(vec![0; 16 << 20])] {
        assert_eq!(desk.frame(&frame)[0]["type"], "error");
        assert_eq!(received(&mut *gateway, &frame).len(), 2, "a note and an event");
    }
    for (audio, good) in
        [("AAA", false), ("A===", false), ("AA==", true), ("\n", false), ("", true), ("AAAA", true)]
    {
        let events = desk.send(json!({"type": "input_audio_buffer.append", "audio": audio}));
        assert_eq!(events.is_empty(), good, "{audio:?}: {events:?}");
        let delta = json!({"type": "response.output_audio.delta", "delta": audio});
        let out = received(&mut *gateway, &WireFrame::json(&delta));
        let failed = out.iter().any(|word| matches!(word, FromUnit::Raise { .. }));
        assert_eq!(failed, !good, "{audio:?}: {out:?}");
    }
}
