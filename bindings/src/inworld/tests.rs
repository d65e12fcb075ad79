//! Whole utterances, interruptions, errors and losses of the Inworld player against its emulator.

use serde_json::{Value, json};

use super::provider;
use crate::playback::pair::Pair;

fn create() -> Value {
    json!({ "createContextParameters": { "create": {
        "voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini", "speakingRate": 1.1, "temperature": 1.3 } } })
}

fn pair() -> Pair {
    Pair::new(provider(), json!({}), &[]).started(&[create()])
}

fn say(pair: &mut Pair, text: &str) {
    pair.tell("send", json!({ "send_text": { "text": text } }));
    pair.tell("send", json!({ "flush_context": {} }));
}

#[test]
fn an_utterance_is_heard_whole() {
    let mut pair = pair();
    say(&mut pair, "Hello! How can I help today?");
    pair.run(8_000);
    assert_eq!(pair.heard(), "Hello! How can I help today?");
    assert_eq!(pair.events(), ["Created", "Started", "AudioChunksPlaybackFinished"]);
    assert_eq!(pair.sent(), ["create", "send_text", "flush_context"]);
    assert_eq!(pair.received(), ["contextCreated", "audioChunk", "flushCompleted"]);
    let first = pair.sent_bodies("create")[0];
    assert_eq!(first["create"]["audioConfig"], json!({ "audioEncoding": "PCM", "sampleRateHertz": 24_000 }));
    assert_eq!(first["create"]["speakingRate"], json!(1.1));
    assert_eq!(pair.notes("create.speakingRate"), 1);
}
