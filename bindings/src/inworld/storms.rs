//! The Inworld player in random conversations, and both ends of its wire under random nonsense.

use proptest::prelude::*;
use serde_json::json;

use super::KIND;
use super::tests::create;
use crate::provider_kit::alone::{Alone, endpoint};
use crate::provider_kit::mutations::{connector_stands, emulator_stands};
use crate::provider_kit::rig::Rig;
use crate::provider_kit::storm::{
    Step, config, connector_survives, emulator_survives, nonsense, steps, weather,
};

fn storm(steps: &[Step], settings: serde_json::Value) {
    let pair = Rig::new(&KIND, settings, &[]).started(&[create()]);
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
        connector_survives(&KIND, verbatim, &params, &inputs);
    }

    #[test]
    fn nonsense_never_breaks_the_emulator(frames in prop::collection::vec(nonsense(), 0..20)) {
        let url = "wss://api.inworld.ai/tts/v1/voice:streamBidirectional";
        emulator_survives(&KIND, &endpoint(url, &[("Authorization", "Basic x")]), &frames);
    }
}

/// The provider's URL.
const URL: &str = "wss://api.inworld.ai/tts/v1/voice:streamBidirectional";

#[test]
fn every_client_message_with_every_mistake() {
    let config = json!({ "audioEncoding": "PCM", "sampleRateHertz": 16_000, "speakingRate": 1.0 });
    let create = json!({ "contextId": "a", "create": { "voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini",
        "audioConfig": config, "temperature": 1.0, "timestampType": "WORD", "timestampTransportStrategy": "ASYNC",
        "maxBufferDelayMs": 100, "bufferCharThreshold": 50, "autoMode": true } });
    let other = json!({ "contextId": "other", "create": { "voiceId": "Ashley", "audioConfig": config } });
    let valid = [
        create.clone(),
        json!({ "contextId": "a", "send_text": { "text": "Hi.", "flush_context": {} } }),
        json!({ "contextId": "a", "flush_context": {} }),
        json!({ "contextId": "a", "update_config": { "audioConfig": { "speakingRate": 1.2 } } }),
        json!({ "contextId": "a", "cancel_context": {} }),
        json!({ "contextId": "a", "close_context": {} }),
    ];
    let open = || Alone::new(&KIND, json!({}), &[], &endpoint(URL, &[("Authorization", "Basic x")]));
    let tried = emulator_stands(open, &[other, create], &valid, |alone| {
        alone.send(json!({ "contextId": "other", "send_text": { "text": "Yes.", "flush_context": {} } }));
        alone.run(3_000);
        alone.messages().iter().any(|(_, message)| message["result"].get("flushCompleted").is_some())
    });
    assert!(tried > 250, "{tried}");
}

#[test]
fn every_server_message_with_every_mistake() {
    let status = json!({ "code": 0, "message": "", "details": [] });
    let usage = json!({ "processedCharactersCount": 3, "modelId": "m" });
    let result = |key: &str, body: serde_json::Value| json!({ "result": { "contextId": "c", key: body, "status": status } });
    let valid = [
        result("contextCreated", json!({ "voiceId": "Ashley" })),
        result("audioChunk", json!({ "audioContent": "AAAA", "usage": usage, "timestampInfo": null })),
        result("flushCompleted", json!({})),
        result("contextUpdated", json!({})),
        result("contextClosed", json!({})),
        json!({ "result": { "contextId": "c", "status": { "code": 5, "message": "not found", "details": [] } } }),
        json!({ "error": { "code": 3, "message": "invalid", "details": [] } }),
    ];
    let mut create = create();
    create["createContextParameters"]["contextId"] = json!("c");
    let tried = connector_stands(&KIND, &[create], &valid);
    assert!(tried > 250, "{tried}");
}

#[test]
fn a_thousand_contexts_messages_out_of_order_and_16_mib() {
    let config = json!({ "audioEncoding": "PCM", "sampleRateHertz": 16_000 });
    let create =
        |id: &str| json!({ "contextId": id, "create": { "voiceId": "Ashley", "audioConfig": config } });
    let say = |id: &str| json!({ "contextId": id, "send_text": { "text": "Yes.", "flush_context": {} } });
    let mut alone = Alone::new(&KIND, json!({}), &[], &endpoint(URL, &[("Authorization", "Basic x")]));
    // Everything that needs a context comes before there is one.
    for early in
        [say("c0"), json!({ "contextId": "c0", "close_context": {} }), json!({ "flush_context": {} })]
    {
        alone.send(early);
    }
    for number in 0..1_000 {
        alone.send(create(&format!("c{number}")));
    }
    alone.text(&format!("{{\"contextId\":\"c0\",\"send_text\":{{\"text\":\"{}\"}}}}", "x".repeat(16 << 20)));
    alone.text(&"[".repeat(1 << 20));
    alone.send(say("c4"));
    alone.run(3_000);
    let messages = alone.messages();
    let of = |code: u64| messages.iter().filter(|(_, one)| one["result"]["status"]["code"] == code).count();
    assert_eq!((of(5), of(8), of(3)), (3, 995, 1));
    assert!(messages.iter().any(|(_, one)| one["error"]["code"] == 3), "deep nesting is no request");
    assert!(
        messages.iter().any(|(_, one)| one["result"].get("flushCompleted").is_some()),
        "and it still speaks"
    );
}
