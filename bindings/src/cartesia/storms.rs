//! The Cartesia player in random conversations, and both ends of its wire under random nonsense.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::provider;
use super::tests::request;
use crate::playback::pair::{Pair, Seen};
use crate::playback::storm::{
    Step, config, connector_survives, emulator_survives, endpoint, nonsense, steps, weather,
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
    let pair = Pair::new(provider(), settings, &[]).started(&[json!(" "), options]);
    let mut same_used_at = None;
    let mut same = 0;
    weather(pair, steps, &mut |pair, number, clears, text| {
        let ended = |(_, seen): &(u64, Seen)| {
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
        connector_survives(&provider(), verbatim, &params, &inputs);
    }

    #[test]
    fn nonsense_never_breaks_the_emulator(frames in prop::collection::vec(nonsense(), 0..20)) {
        let headers = [("X-API-Key", "x"), ("Cartesia-Version", "2024-11-13")];
        emulator_survives(&provider(), &endpoint("wss://api.cartesia.ai/tts/websocket", &headers), &frames);
    }
}
