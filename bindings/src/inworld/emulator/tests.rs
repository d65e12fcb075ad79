//! Inworld's side of the wire on its own: order, errors, formats, buffer rules, pace, limits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::inworld::{KIND, REMOTE};
use crate::provider_kit::alone::{Alone, endpoint};
use crate::wire::{EmulatorSetup, WireFrame};

const URL: &str = "wss://api.inworld.ai/tts/v1/voice:streamBidirectional";

fn alone(settings: Value) -> Alone {
    let mut alone = Alone::new(&KIND, settings, &[], &endpoint(URL, &[("Authorization", "Basic key")]));
    assert_eq!(alone.messages(), [(0, json!("accept"))]);
    alone
}

fn config(more: Value) -> Value {
    let mut config = json!({ "voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini",
        "audioConfig": { "audioEncoding": "PCM", "sampleRateHertz": 16_000 } });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn create(alone: &mut Alone, id: &str, more: Value) {
    alone.send(json!({ "contextId": id, "create": config(more) }));
}

/// A message in short: its kind, or the code of its status or error.
fn kind(message: &Value) -> String {
    if let Some(error) = message.get("error") {
        return format!("error {}", error["code"]);
    }
    let result = &message["result"];
    match result["status"]["code"].as_u64() {
        Some(0) => {
            let keys = result.as_object().unwrap().keys();
            keys.filter(|key| *key != "contextId" && *key != "status").cloned().collect::<Vec<_>>().join("+")
        }
        Some(code) => format!("status {code}"),
        None => message.to_string(),
    }
}

fn kinds(alone: &mut Alone) -> Vec<String> {
    let mut kinds: Vec<String> = alone.messages().iter().map(|(_, message)| kind(message)).collect();
    kinds.dedup();
    kinds
}

fn audio(messages: &[(u64, Value)]) -> Vec<Vec<u8>> {
    messages
        .iter()
        .filter_map(|(_, message)| message["result"]["audioChunk"]["audioContent"].as_str())
        .map(|content| STANDARD.decode(content).unwrap())
        .collect()
}

/// Inworld D, order of server messages, first audio and `processedCharactersCount`.
#[test]
fn an_utterance_has_its_order_pace_and_counts() {
    let mut alone = alone(json!({ "first_audio_jitter_ms": 0 }));
    create(&mut alone, "c1", json!({}));
    alone.send(json!({ "contextId": "c1", "send_text": { "text": "Hello there, how are you?" } }));
    alone.run(1_000);
    assert_eq!(kinds(&mut alone), ["contextCreated"], "nothing is spoken without a flush");
    alone.send(json!({ "contextId": "c1", "flush_context": {} }));
    alone.run(5_000);
    alone.send(json!({ "contextId": "c1", "close_context": {} }));
    alone.run(100);
    let messages = alone.messages();
    let first = &messages[0];
    assert_eq!(first.0, 1_380, "380 ms after the flush");
    assert_eq!(audio(&messages)[0].len(), 6_400, "200 ms at 16 kHz");
    assert_eq!(audio(&messages)[1].len(), 16_000, "500 ms at 16 kHz");
    let status = json!({ "code": 0, "message": "", "details": [] });
    assert_eq!(first.1["result"]["contextId"], "c1");
    assert_eq!(first.1["result"]["status"], status);
    let usage = |n: usize| messages[n].1["result"]["audioChunk"]["usage"].clone();
    assert_eq!(usage(0), json!({ "processedCharactersCount": 25, "modelId": "inworld-tts-1.5-mini" }));
    assert_eq!(usage(1)["processedCharactersCount"], 0);
    assert_eq!(messages[0].1["result"]["audioChunk"]["timestampInfo"], Value::Null);
    let mut order: Vec<String> = messages.iter().map(|(_, message)| kind(message)).collect();
    order.dedup();
    assert_eq!(order, ["audioChunk", "flushCompleted", "contextClosed"]);
    let spoken_ms: usize = audio(&messages).iter().map(|bytes| bytes.len() / 32).sum();
    let took_ms = messages[messages.len() - 2].0 - 1_380;
    assert!(
        (took_ms as usize) < spoken_ms / 4,
        "{took_ms} ms for {spoken_ms} ms: much faster than real time"
    );
}

/// Inworld D, client messages: `create` field by field.
#[test]
fn refusals_of_a_create() {
    let table = [
        (json!({ "voiceId": null }), "status 3"),
        (json!({ "voiceId": "" }), "status 3"),
        (json!({ "voiceId": 5 }), "status 3"),
        (json!({ "voiceId": "<script>" }), "status 5"),
        (json!({ "modelId": "sonic-2" }), "status 3"),
        (json!({ "modelId": "inworld-tts-" }), "status 3"),
        (json!({ "modelId": 5 }), "status 3"),
        (json!({ "modelId": "" }), "contextCreated"),
        (json!({ "modelId": null }), "contextCreated"),
        (json!({ "modelId": "inworld-tts-2" }), "contextCreated"),
        (json!({ "modelId": "inworld-tts-1-max" }), "contextCreated"),
        (json!({ "temperature": 0 }), "status 3"),
        (json!({ "temperature": 2.5 }), "status 3"),
        (json!({ "temperature": 2 }), "contextCreated"),
        (json!({ "speakingRate": 99, "unheard_of": {} }), "contextCreated"),
        (json!({ "timestampType": "SENTENCE" }), "status 3"),
        (json!({ "deliveryMode": "CREATIVE" }), "contextCreated"),
        (json!({ "deliveryMode": "WILD" }), "status 3"),
        (json!({ "bufferCharThreshold": -1 }), "status 3"),
        (json!({ "maxBufferDelayMs": "soon" }), "status 3"),
        (json!({ "audioConfig": null }), "status 12"),
        (json!({ "audioConfig": 5 }), "status 3"),
        (json!({ "audioConfig": {} }), "status 12"),
        (json!({ "audioConfig": { "audioEncoding": "MP3" } }), "status 12"),
        (json!({ "audioConfig": { "audioEncoding": "OGG_OPUS" } }), "status 12"),
        (json!({ "audioConfig": { "audioEncoding": "FLAC" } }), "status 12"),
        (json!({ "audioConfig": { "audioEncoding": "GSM" } }), "status 3"),
        (json!({ "audioConfig": { "audioEncoding": "PCM", "sampleRateHertz": 11_025 } }), "status 3"),
        (json!({ "audioConfig": { "audioEncoding": "PCM", "speakingRate": 0.4 } }), "status 3"),
        (json!({ "audioConfig": { "audioEncoding": "PCM", "speakingRate": 1.5 } }), "contextCreated"),
    ];
    for (more, expected) in table {
        let mut alone = alone(json!({}));
        create(&mut alone, "c1", more.clone());
        assert_eq!(kinds(&mut alone), [expected], "{more}");
    }
}

/// Inworld D, errors: the whole table but authentication.
#[test]
fn errors_leave_the_connection_open() {
    let long = "x".repeat(2_001);
    let table = [
        ("not json".to_owned(), "error 3"),
        ("[1]".to_owned(), "error 3"),
        ("{\"contextId\":5,\"flush_context\":{}}".to_owned(), "error 3"),
        ("{\"contextId\":\"c1\",\"flush_context\":7}".to_owned(), "error 3"),
        ("{\"contextId\":\"c1\",\"send_text\":{\"text\":5}}".to_owned(), "error 3"),
        ("{\"contextId\":\"c1\",\"send_text\":{},\"flush_context\":{}}".to_owned(), "error 3"),
        ("{\"contextId\":\"c9\",\"send_text\":{\"text\":\"x\"}}".to_owned(), "status 5"),
        ("{\"contextId\":\"c9\",\"flush_context\":{}}".to_owned(), "status 5"),
        ("{\"contextId\":\"c9\",\"close_context\":{}}".to_owned(), "status 5"),
        (
            format!("{{\"contextId\":\"c1\",\"send_text\":{{\"text\":\"{long}\",\"flush_context\":{{}}}}}}"),
            "status 3",
        ),
        (format!("{{\"contextId\":\"c1\",\"create\":{}}}", config(json!({}))), "status 6"),
        ("{\"contextId\":\"c1\",\"update_config\":{\"temperature\":9}}".to_owned(), "status 3"),
    ];
    for (text, expected) in table {
        let mut alone = alone(json!({}));
        create(&mut alone, "c1", json!({}));
        alone.messages();
        alone.text(&text);
        alone.run(2_000);
        assert_eq!(kinds(&mut alone), [expected], "{}", &text[..text.len().min(80)]);
        alone.send(json!({ "contextId": "c1", "send_text": { "text": "still here", "flush_context": {} } }));
        alone.run(3_000);
        assert_eq!(kinds(&mut alone), ["audioChunk", "flushCompleted"]);
    }
    let mut alone = alone(json!({}));
    alone.frame(&WireFrame::Binary(vec![0; 10]));
    assert_eq!(kinds(&mut alone), ["error 3"]);
    for nothing in
        ["{}", "{\"hello\":{}}", "{\"contextId\":\"c1\"}", "{\"contextId\":\"c1\",\"send_text\":null}"]
    {
        alone.text(nothing);
    }
    assert!(alone.messages().is_empty(), "unknown keys only: nothing at all");
}

/// Inworld D, errors: the words that captures show.
#[test]
fn the_words_of_known_errors() {
    let mut alone = alone(json!({}));
    create(&mut alone, "c1", json!({}));
    alone.messages();
    alone.send(json!({ "contextId": "X", "send_text": { "text": "hi" } }));
    alone.send(json!({ "contextId": "c1", "send_text": { "text": "y".repeat(2_001) } }));
    (2..=6).for_each(|n| create(&mut alone, &format!("c{n}"), json!({})));
    let messages = alone.messages();
    let text = |n: usize| messages[n].1["result"]["status"]["message"].as_str().unwrap().to_owned();
    assert_eq!(text(0), "context X not found (payload=SEND_TEXT)");
    assert_eq!(text(1), "text length should not exceed 2000 characters.");
    assert_eq!(messages.len(), 7);
    assert_eq!(messages[6].1["result"]["status"]["code"], 8);
    assert!(text(6).starts_with("You have reached the limit of 5 TTS contexts per connection"));
    // A place becomes free when a context was closed.
    alone.send(json!({ "contextId": "c3", "close_context": {} }));
    create(&mut alone, "c6", json!({}));
    assert_eq!(kinds(&mut alone), ["contextClosed", "contextCreated"]);
}

/// Inworld D, authentication after the 101: codes 7 and 16, then close 1000.
#[test]
fn keys_are_checked_at_the_first_message() {
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);
    let table: [Row<'_>; 7] = [
        (&[], &[], "error 16"),
        (&[("Authorization", "")], &[], "error 16"),
        (&[("Authorization", "Basic ")], &[], "error 16"),
        (&[("Authorization", "Bearer key")], &[], "error 7"),
        (&[("Authorization", "Basic wrong")], &["key"], "error 7"),
        (&[("authorization", "Basic key")], &["key"], "contextCreated"),
        (&[("Authorization", "Basic any")], &[], "contextCreated"),
    ];
    for (headers, keys, expected) in table {
        let mut alone = Alone::new(&KIND, json!({}), keys, &endpoint(URL, headers));
        assert_eq!(alone.messages(), [(0, json!("accept"))], "the upgrade is always accepted");
        create(&mut alone, "c1", json!({}));
        let messages = alone.messages();
        assert_eq!(kind(&messages[0].1), expected, "{headers:?}");
        let closed = messages.get(1).map(|(_, message)| message.clone());
        assert_eq!(closed, (expected != "contextCreated").then(|| json!(1000)));
    }
    let mut alone = Alone::new(&KIND, json!({}), &[], &endpoint("wss://h/tts/v1/voice", &[]));
    assert_eq!(alone.messages(), [(0, json!(404))]);
    let mut alone = Alone::new(&KIND, json!({}), &[], &endpoint(&format!("{URL}?key=k"), &[]));
    alone.text("anything");
    assert_eq!(kind(&alone.messages()[1].1), "error 16", "a key in the query does not count");
}

/// Inworld D, audio encodings: PCM, LINEAR16 with its repeated headers, WAV, ALAW, MULAW.
#[test]
fn every_encoding_has_its_bytes() {
    for (encoding, rate, bytes_per_second, headers) in [
        ("PCM", 24_000, 48_000, 0),
        ("LINEAR16", 16_000, 32_000, 2),
        ("WAV", 22_050, 44_100, 1),
        ("ALAW", 8_000, 8_000, 0),
        ("MULAW", 8_000, 8_000, 0),
    ] {
        let mut alone = alone(json!({}));
        create(
            &mut alone,
            "c1",
            json!({ "audioConfig": { "audioEncoding": encoding, "sampleRateHertz": rate } }),
        );
        alone.send(json!({ "send_text": { "text": "one two three", "flush_context": {} } }));
        alone.run(5_000);
        let chunks = audio(&alone.messages());
        let headed: Vec<bool> = chunks.iter().map(|bytes| bytes.starts_with(b"RIFF")).collect();
        assert_eq!(headed.iter().filter(|headed| **headed).count(), headers, "{encoding}");
        if encoding == "LINEAR16" {
            assert_eq!(chunks.last().map(Vec::len), Some(54), "a tiny last chunk with a header of its own");
            assert!(headed[0]);
        }
        let total: usize = chunks.iter().map(Vec::len).sum::<usize>() - 44 * headers;
        let ms = total * 1_000 / bytes_per_second;
        let expected = voxrun_audio::spoken::speak("one two three", voxrun_audio::Rate::Hz8000).len() / 8;
        assert!(ms.abs_diff(expected) <= 1, "{encoding}: {ms} ms, spoken {expected} ms");
    }
}

/// Inworld D, buffer rules: maxBufferDelayMs, bufferCharThreshold, autoMode, 1000 characters.
#[test]
fn buffer_rules_start_speech_without_a_flush() {
    for (more, texts, at_ms) in [
        (json!({ "maxBufferDelayMs": 300 }), vec!["hello"], Some(680)),
        (json!({ "bufferCharThreshold": 8 }), vec!["hello ", "you"], Some(380)),
        (json!({ "autoMode": true }), vec!["Hello there."], Some(380)),
        (json!({ "autoMode": true }), vec!["Hello there"], None),
        (json!({}), vec!["Hello there."], None),
        (json!({ "maxBufferDelayMs": 0 }), vec!["hello"], None),
    ] {
        let mut alone = alone(json!({ "first_audio_jitter_ms": 0 }));
        create(&mut alone, "c1", more.clone());
        alone.messages();
        for text in texts {
            alone.send(json!({ "contextId": "c1", "send_text": { "text": text } }));
        }
        alone.run(10_000);
        let messages = alone.messages();
        assert_eq!(messages.first().map(|(at, _)| *at), at_ms, "{more}");
        assert!(messages.iter().all(|(_, message)| kind(message) == "audioChunk"));
    }
    let mut alone = alone(json!({}));
    create(&mut alone, "c1", json!({}));
    alone.send(json!({ "send_text": { "text": "a ".repeat(500) } }));
    alone.run(2_000);
    assert_eq!(kinds(&mut alone), ["contextCreated", "audioChunk"], "a thousand characters");
}

/// Inworld D, timestampInfo: WORD and CHARACTER, SYNC.
#[test]
fn timestamps_cover_every_word_and_letter() {
    for (kind, list, alignment, starts, expected) in [
        ("WORD", "words", "wordAlignment", "wordStartTimeSeconds", vec!["one", "two", "six"]),
        (
            "CHARACTER",
            "characters",
            "characterAlignment",
            "characterStartTimeSeconds",
            vec!["o", "n", "e", "t", "w", "o", "s", "i", "x"],
        ),
    ] {
        let mut alone = alone(json!({}));
        create(&mut alone, "c1", json!({ "timestampType": kind }));
        alone.send(json!({ "send_text": { "text": "one two six", "flush_context": {} } }));
        alone.run(5_000);
        let (mut names, mut times) = (Vec::new(), Vec::new());
        for (_, message) in alone.messages() {
            let info = &message["result"]["audioChunk"]["timestampInfo"][alignment];
            names.extend(
                info[list].as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()),
            );
            times.extend(info[starts].as_array().into_iter().flatten().map(|time| time.as_f64().unwrap()));
        }
        assert_eq!(names, expected);
        assert!(times.is_sorted() && times.len() == names.len(), "{times:?}");
    }
}

/// Inworld D, timestampTransportStrategy ASYNC.
#[test]
fn async_timestamps_follow_their_audio_in_messages_of_their_own() {
    let mut alone = alone(json!({}));
    let more = json!({ "timestampType": "WORD", "timestampTransportStrategy": "ASYNC" });
    create(&mut alone, "c1", more);
    alone.send(json!({ "send_text": { "text": "one two six", "flush_context": {} } }));
    alone.run(5_000);
    let messages = alone.messages();
    let chunks: Vec<&Value> = messages.iter().map(|(_, message)| &message["result"]["audioChunk"]).collect();
    let (apart, audio): (Vec<&Value>, Vec<&Value>) =
        chunks.into_iter().filter(|chunk| chunk.is_object()).partition(|chunk| chunk["audioContent"] == "");
    assert!(!audio.is_empty() && audio.iter().all(|chunk| chunk["timestampInfo"].is_null()), "{audio:?}");
    let words =
        apart.iter().flat_map(|chunk| chunk["timestampInfo"]["wordAlignment"]["words"].as_array().unwrap());
    assert_eq!(words.collect::<Vec<_>>(), ["one", "two", "six"]);
}

/// Inworld D, contextId optional while there is one context; cancel_context.
#[test]
fn contexts_share_the_connection_and_a_cancel_ends_only_its_own() {
    let mut alone = alone(json!({}));
    create(&mut alone, "a", json!({}));
    create(&mut alone, "b", json!({}));
    for id in ["a", "b"] {
        alone.send(
            json!({ "contextId": id, "send_text": { "text": "one two three four", "flush_context": {} } }),
        );
    }
    alone.run(480);
    alone.send(json!({ "contextId": "a", "cancel_context": {} }));
    let cancelled_at = alone.now.as_ms();
    alone.run(5_000);
    let messages = alone.messages();
    let of = |id: &str| -> Vec<(u64, String)> {
        let mine = messages.iter().filter(|(_, message)| message["result"]["contextId"] == id);
        mine.map(|(at, message)| (*at, kind(message))).collect()
    };
    assert_eq!(of("a").last(), Some(&(cancelled_at, "contextClosed".to_owned())));
    assert_eq!(of("b").last().map(|(_, kind)| kind.clone()), Some("flushCompleted".to_owned()));
    // With one context left its id may be left out again; with none it may not.
    alone.send(json!({ "flush_context": {} }));
    alone.send(json!({ "contextId": "b", "close_context": {} }));
    alone.send(json!({ "flush_context": {} }));
    assert_eq!(kinds(&mut alone), ["flushCompleted", "contextClosed", "status 5"]);
}

/// Inworld D, close_context and update_config.
#[test]
fn close_speaks_what_is_buffered_first_and_update_changes_what_follows() {
    let mut alone = alone(json!({}));
    create(&mut alone, "c1", json!({}));
    alone
        .send(json!({ "contextId": "c1", "update_config": { "audioConfig": { "sampleRateHertz": 8_000 } } }));
    alone.send(json!({ "contextId": "c1", "send_text": { "text": "bye" } }));
    alone.send(json!({ "contextId": "c1", "close_context": {} }));
    alone.send(json!({ "contextId": "c1", "send_text": { "text": "late" } }));
    alone.run(3_000);
    let messages = alone.messages();
    let mut order: Vec<String> = messages.iter().map(|(_, message)| kind(message)).collect();
    order.dedup();
    assert_eq!(order, ["contextCreated", "contextUpdated", "status 5", "audioChunk", "contextClosed"]);
    assert_eq!(audio(&messages)[0].len(), 3_200, "200 ms at 8 kHz");
}

/// Inworld D, limits: ten idle minutes.
#[test]
fn idle_connections_are_closed() {
    let mut alone = alone(json!({}));
    create(&mut alone, "c1", json!({}));
    alone.run(599_000);
    alone.send(json!({ "contextId": "c1", "send_text": { "text": "" } }));
    alone.messages();
    alone.run(599_999);
    assert!(alone.messages().is_empty(), "an empty text keeps it alive");
    alone.run(1);
    assert_eq!(alone.messages(), [(1_199_000, json!(1000))]);
    create(&mut alone, "c2", json!({}));
    assert!(alone.messages().is_empty());
}

#[test]
fn unknown_settings_are_named_with_the_known_ones() {
    let settings = json!({ "frist_audio_ms": 5 }).as_object().unwrap().clone();
    let Err(error) = (REMOTE.emulator)(EmulatorSetup { settings, ..EmulatorSetup::default() }) else {
        panic!("accepted");
    };
    assert_eq!(
        error,
        "unknown setting frist_audio_ms; known are first_audio_ms, first_audio_jitter_ms, first_chunk_ms, chunk_ms, \
         realtime_factor, idle_close_ms, cancel_context"
    );
}

/// Inworld D, errors: unknown context, when the only one is closing.
#[test]
fn a_closing_context_takes_no_text_that_names_none() {
    let mut alone = alone(json!({}));
    create(&mut alone, "c1", json!({}));
    alone.send(json!({ "send_text": { "text": "one two three four five" } }));
    alone.send(json!({ "close_context": {} }));
    alone.send(json!({ "send_text": { "text": "too late" } }));
    assert_eq!(kinds(&mut alone), ["contextCreated", "status 5"]);
    alone.run(10_000);
    assert_eq!(kinds(&mut alone), ["audioChunk", "contextClosed"]);
}
