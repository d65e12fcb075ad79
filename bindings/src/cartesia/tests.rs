//! Whole utterances, interruptions, errors and losses of the Cartesia player against its emulator.

use serde_json::{Value, json};

use super::provider;
use crate::playback::pair::Pair;

fn request(context: &str, text: &str) -> Value {
    json!({ "model_id": "sonic-2", "transcript": text, "language": "en",
        "voice": { "mode": "id", "id": "a0e99841-438c-4a64-b679-ae501e7d6091" },
        "context_id": context, "continue": false })
}

fn pair(text: &str) -> Pair {
    let options = json!({ "generationRequestParameters": request("turn-1", text) });
    Pair::new(provider(), json!({}), &[]).started(&[json!(text), options])
}

#[test]
fn an_utterance_is_heard_whole() {
    let mut pair = pair("Hello! How can I help today?");
    pair.run(8_000);
    assert_eq!(pair.heard(), "Hello! How can I help today?");
    assert_eq!(pair.events(), ["Created", "Started", "AudioChunksPlaybackFinished"]);
    assert_eq!(pair.received(), ["chunk", "done"]);
    let sent = pair.sent_bodies("generation");
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0]["output_format"],
        json!({ "container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000 })
    );
}
