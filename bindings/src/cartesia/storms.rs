//! The Cartesia player in random conversations, and both ends of its wire under random nonsense.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::KIND;
use super::tests::request;
use crate::contract::Time;
use crate::provider_kit::alone::{Alone, endpoint};
use crate::provider_kit::mutations::{connector_stands, emulator_stands};
use crate::provider_kit::rig::{Rig, Seen};
use crate::provider_kit::storm::{
    Step, config, connector_survives, emulator_survives, nonsense, steps, weather,
};

fn continued(context: &str, text: &str) -> Value {
    let mut request = request(context, text);
    request["continue"] = json!(true);
    request
}

/// Utterances in contexts of their own, whole or in pieces, and in one whose name is used again after a clear as long
/// as it has not ended (a name that has ended is no longer the script's to use).
fn storm(steps: &[Step], settings: Value) {
    let options = json!({ "generationRequestParameters": request("first", " ") });
    let pair = Rig::new(&KIND, settings, &[]).started(&[json!(" "), options]);
    let mut same_used_at = None;
    let mut same = 0;
    weather(pair, steps, &mut |pair, number, clears, text| {
        let ended = |(_, seen): &(Time, Seen)| {
            let base = format!("same{same}");
            let of_base = |body: &Value| body["context_id"].as_str().is_some_and(|id| id.starts_with(&base));
            matches!(seen, Seen::Received(name, body) if name == "done" && of_base(body))
        };
        if pair.seen.iter().any(ended) {
            same += 1;
        }
        let context = if number % 3 == 0 && same_used_at != Some(clears) {
            same_used_at = Some(clears);
            format!("same{same}")
        } else {
            format!("turn-{number}")
        };
        if number % 3 == 2 {
            let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
            pair.tell("generationRequest", continued(&context, &format!("{first} ")));
            pair.run(30);
            pair.tell("generationRequest", request(&context, rest));
        } else {
            pair.tell("generationRequest", request(&context, text));
        }
    });
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn barge_in_is_right_in_every_order(steps in steps()) {
        storm(&steps, json!({}));
    }

    #[test]
    fn barge_in_is_right_when_the_provider_is_slow(steps in steps()) {
        storm(&steps, json!({ "first_audio_ms": 1_500, "realtime_factor": 1.5, "chunk_ms": 100 }));
    }

    #[test]
    fn nonsense_never_breaks_the_connector(
        verbatim: bool,
        params in prop::collection::vec(nonsense(), 0..3),
        inputs in prop::collection::vec((any::<u8>(), nonsense()), 0..40),
    ) {
        connector_survives(&KIND, verbatim, &params, &inputs);
    }

    #[test]
    fn nonsense_never_breaks_the_emulator(frames in prop::collection::vec(nonsense(), 0..20)) {
        let headers = [("X-API-Key", "x"), ("Cartesia-Version", "2024-11-13")];
        emulator_survives(&KIND, &endpoint("wss://api.cartesia.ai/tts/websocket", &headers), &frames);
    }
}

#[test]
fn every_client_message_with_every_mistake() {
    let whole = json!({ "context_id": "a", "model_id": "sonic-3", "transcript": "Hi.", "language": "en",
        "voice": { "mode": "id", "id": "v" }, "continue": true, "flush": false, "max_buffer_delay_ms": 100,
        "output_format": { "container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000 },
        "add_timestamps": true, "add_phoneme_timestamps": true, "use_normalized_timestamps": false,
        "generation_config": { "speed": 1.0, "volume": 1.0 } });
    let valid = [whole.clone(), json!({ "context_id": "a", "cancel": true })];
    let headers = [("X-API-Key", "x"), ("Cartesia-Version", "2026-03-01")];
    let open =
        || Alone::new(&KIND, json!({}), &[], &endpoint("wss://api.cartesia.ai/tts/websocket", &headers));
    let tried = emulator_stands(open, std::slice::from_ref(&whole), &valid, |alone| {
        let mut other = whole.clone();
        other["context_id"] = json!("another");
        other["continue"] = json!(false);
        alone.send(other);
        alone.run(5_000);
        let ended = |message: &Value| message["type"] == "done" && message["context_id"] == "another";
        alone.messages().iter().any(|(_, message)| ended(message))
    });
    assert!(tried > 150, "{tried}");
}

#[test]
fn every_server_message_with_every_mistake() {
    let chunk = json!({ "type": "chunk", "context_id": "first", "data": "AAAA", "done": false, "status_code": 206,
        "step_time": 1.5, "flush_id": 1 });
    let words = json!({ "words": ["a"], "start": [0.0], "end": [0.1] });
    let phonemes = json!({ "phonemes": ["a"], "start": [0.0], "end": [0.1] });
    let valid = [
        chunk,
        json!({ "type": "timestamps", "context_id": "first", "done": false, "status_code": 206, "word_timestamps": words }),
        json!({ "type": "phoneme_timestamps", "context_id": "first", "done": false, "status_code": 206,
            "phoneme_timestamps": phonemes }),
        json!({ "type": "flush_done", "context_id": "first", "flush_done": true, "flush_id": 1, "done": false,
            "status_code": 206 }),
        json!({ "type": "done", "context_id": "first", "done": true, "status_code": 206 }),
        json!({ "type": "error", "context_id": "first", "done": true, "status_code": 400, "error": "Title: message" }),
        json!({ "type": "error", "done": true, "status_code": 429, "title": "t", "message": "m",
            "error_code": "concurrency_limited", "request_id": "r" }),
    ];
    let options = json!({ "generationRequestParameters": request("first", "Hello.") });
    let tried = connector_stands(&KIND, &[json!("Hello."), options], &valid);
    assert!(tried > 250, "{tried}");
}

#[test]
fn a_thousand_contexts_messages_out_of_order_and_16_mib() {
    let headers = [("X-API-Key", "x"), ("Cartesia-Version", "2026-03-01")];
    let endpoint = endpoint("wss://api.cartesia.ai/tts/websocket", &headers);
    let mut alone = Alone::new(&KIND, json!({}), &[], &endpoint);
    let format = json!({ "container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000 });
    let request = |id: &str, text: &str, goes_on: bool| {
        let mut request = request(id, text);
        request["output_format"] = format.clone();
        request["continue"] = json!(goes_on);
        request
    };
    // A cancel and an end before their context, and the same end twice.
    alone.send(json!({ "context_id": "c0", "cancel": true }));
    let mut nothing = request("c0", "", false);
    alone.send(nothing.clone());
    for number in 0..1_000 {
        alone.send(request(&format!("c{number}"), "Yes, of course.", true));
    }
    alone.text(&format!("{{\"context_id\":\"big\",\"transcript\":\"{}\"}}", "x".repeat(16 << 20)));
    alone.text(&"[".repeat(1 << 20));
    nothing["context_id"] = json!("c1");
    alone.send(nothing.clone());
    alone.send(nothing);
    alone.run(20_000);
    let messages = alone.messages();
    let of = |code: u64| {
        messages.iter().filter(|(_, one)| one["status_code"] == code && one["type"] == "error").count()
    };
    assert_eq!(of(429), 985, "fifteen at a time");
    assert!(of(400) >= 5, "{}", of(400));
    let ended = messages.iter().any(|(_, one)| one["type"] == "done" && one["context_id"] == "c1");
    assert!(ended, "and it still speaks");
}
