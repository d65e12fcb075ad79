//! The Inworld player in random conversations, and both ends of its wire under random nonsense.

use proptest::prelude::*;
use serde_json::json;

use super::provider;
use super::tests::create;
use crate::playback::pair::Pair;
use crate::playback::storm::{
    Step, config, connector_survives, emulator_survives, endpoint, nonsense, steps, weather,
};

fn storm(steps: &[Step], settings: serde_json::Value) {
    let pair = Pair::new(provider(), settings, &[]).started(&[create()]);
    weather(pair, steps, &mut |pair, number, _, text| match number % 3 {
        0 => {
            pair.tell("send", json!({ "send_text": { "text": text } }));
            pair.tell("send", json!({ "flush_context": {} }));
        }
        1 => pair.tell("send", json!({ "send_text": { "text": text, "flush_context": {} } })),
        _ => {
            let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
            pair.tell("send", json!({ "send_text": { "text": format!("{first} ") } }));
            pair.run(30);
            pair.tell("send", json!({ "send_text": { "text": rest } }));
            pair.tell("send", json!({ "flush_context": {} }));
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
    fn barge_in_is_right_when_the_provider_knows_no_cancel(steps in steps()) {
        storm(&steps, json!({ "cancel_context": false }));
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
        let url = "wss://api.inworld.ai/tts/v1/voice:streamBidirectional";
        emulator_survives(&provider(), &endpoint(url, &[("Authorization", "Basic x")]), &frames);
    }
}
