//! Cartesia's side of the wire on its own: order, errors in both forms, formats, buffering, limits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cartesia::{KIND, REMOTE};
use crate::provider_kit::alone::{Alone, endpoint};
use crate::wire::{EmulatorSetup, WireFrame};

const URL: &str = "wss://api.cartesia.ai/tts/websocket";

fn of_version(version: &str, settings: Value) -> Alone {
    let headers = [("X-API-Key", "key"), ("Cartesia-Version", version)];
    let mut alone = Alone::new(&KIND, settings, &[], &endpoint(URL, &headers));
    assert_eq!(alone.messages(), [(0, json!("accept"))]);
    alone
}

fn alone(settings: Value) -> Alone {
    of_version("2024-11-13", settings)
}

/// A warm connection without variations.
fn exact() -> Alone {
    alone(json!({ "cold_start_ms": 0, "first_audio_jitter_ms": 0 }))
}

fn request(id: &str, text: &str, more: Value) -> Value {
    let mut request = json!({ "context_id": id, "model_id": "sonic-2", "transcript": text, "language": "en",
        "voice": { "mode": "id", "id": "v" },
        "output_format": { "container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000 } });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

fn kinds(alone: &mut Alone) -> Vec<String> {
    let kind =
        |(_, message): (u64, Value)| message["type"].as_str().map_or(message.to_string(), str::to_owned);
    let mut kinds: Vec<String> = alone.messages().into_iter().map(kind).collect();
    kinds.dedup();
    kinds
}

/// Cartesia E, responses: chunk and done with every field.
#[test]
fn a_generation_has_its_order_pace_and_fields() {
    let mut alone = exact();
    alone.send(request("c", "Hello there.", json!({})));
    alone.run(5_000);
    let messages = alone.messages();
    assert_eq!(messages[0].0, 200);
    let chunk = &messages[0].1;
    assert_eq!(STANDARD.decode(chunk["data"].as_str().unwrap()).unwrap().len(), 3_200, "100 ms at 16 kHz");
    let keys: Vec<&String> = chunk.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["type", "context_id", "data", "done", "status_code", "step_time"]);
    assert_eq!(
        (&chunk["status_code"], &chunk["done"], &chunk["step_time"]),
        (&json!(206), &json!(false), &json!(200))
    );
    let last = &messages.last().unwrap().1;
    assert_eq!(*last, json!({ "type": "done", "context_id": "c", "done": true, "status_code": 206 }));
    assert!(messages[..messages.len() - 1].iter().all(|(_, message)| message["type"] == "chunk"));
}

/// Cartesia E, authentication and versions at the upgrade.
#[test]
fn keys_and_versions_are_checked_at_the_upgrade() {
    const VERSION: (&str, &str) = ("Cartesia-Version", "2024-11-13");
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], Value);
    let table: [Row<'_>; 11] = [
        ("", &[VERSION], &[], json!(401)),
        ("", &[("X-API-Key", " "), VERSION], &[], json!(401)),
        ("", &[("X-API-Key", "bad"), VERSION], &["good"], json!(401)),
        ("", &[("x-api-key", "good"), VERSION], &["good"], json!("accept")),
        ("", &[("Authorization", "Bearer good"), VERSION], &["good"], json!("accept")),
        ("?api_key=good", &[VERSION], &["good"], json!("accept")),
        ("?cartesia_version=2025-04-16&access_token=any", &[], &[], json!("accept")),
        ("", &[("X-API-Key", "k")], &[], json!(400)),
        ("", &[("X-API-Key", "k"), ("Cartesia-Version", "2023-01-01")], &[], json!(400)),
        ("/other", &[("X-API-Key", "k"), VERSION], &[], json!(404)),
        ("?", &[("X-API-Key", "k"), VERSION], &[], json!("accept")),
    ];
    for (tail, headers, keys, expected) in table {
        let endpoint = endpoint(&format!("{URL}{tail}"), headers);
        let mut alone = Alone::new(&KIND, json!({}), keys, &endpoint);
        assert_eq!(alone.messages(), [(0, expected)], "{tail} {headers:?}");
    }
}

/// Cartesia E, generation request field by field.
#[test]
fn refused_requests_are_errors_and_the_connection_stays() {
    let output = |container: &str, encoding: &str, rate: u64| json!({ "output_format": { "container": container, "encoding": encoding, "sample_rate": rate } });
    let table = [
        (json!({ "model_id": null }), "Invalid request: model_id is required"),
        (json!({ "model_id": "" }), "Invalid model: "),
        (json!({ "model_id": "gpt" }), "Invalid model: "),
        (json!({ "model_id": "sonically" }), "Invalid model: "),
        (json!({ "voice": null }), "Invalid request: voice is required"),
        (json!({ "voice": "v" }), "Invalid voice: "),
        (json!({ "voice": { "mode": "id" } }), "Invalid voice: "),
        (json!({ "voice": { "mode": "id", "id": "" } }), "Invalid voice: "),
        (json!({ "voice": { "mode": "id", "id": "a b" } }), "Invalid voice: "),
        (json!({ "voice": { "mode": "name", "id": "v" } }), "Invalid voice: "),
        (json!({ "transcript": null }), "Invalid request: transcript is required"),
        (json!({ "transcript": 5 }), "Invalid transcript: "),
        (json!({ "transcript": "" }), "Invalid transcript: "),
        (json!({ "output_format": null }), "Invalid request: output_format is required"),
        (json!({ "output_format": "raw" }), "Invalid output_format: "),
        (output("mp3", "pcm_s16le", 16_000), "Invalid output_format: "),
        (output("raw", "pcm_s24le", 16_000), "Invalid output_format: "),
        (output("raw", "pcm_s16le", 11_025), "Invalid output_format: "),
        (json!({ "continue": "yes" }), "Invalid request: continue"),
        (json!({ "max_buffer_delay_ms": 5_001 }), "Invalid max_buffer_delay_ms: "),
        (json!({ "generation_config": { "speed": 2 } }), "Invalid generation_config: speed"),
        (json!({ "generation_config": { "volume": "loud" } }), "Invalid generation_config: volume"),
        (json!({ "cancel": "yes" }), "Invalid request: cancel"),
        (json!({ "cancel": true }), "Invalid context ID: "),
        (json!({ "context_id": 7 }), "Invalid context ID: "),
    ];
    for (more, error) in table {
        let mut alone = exact();
        alone.send(request("c", "Hello.", more.clone()));
        alone.run(3_000);
        let messages = alone.messages();
        assert_eq!(messages.len(), 1, "{more}");
        let message = &messages[0].1;
        assert_eq!(message["type"], "error", "{more}");
        assert_eq!((&message["status_code"], &message["done"]), (&json!(400), &json!(true)));
        assert!(message["error"].as_str().unwrap().starts_with(error), "{more}: {message}");
        alone.send(request("c", "Hello.", json!({ "generation_config": { "speed": 0.6, "volume": 2 } })));
        alone.run(3_000);
        assert_eq!(kinds(&mut alone), ["chunk", "done"], "after {more}");
    }
    let mut alone = exact();
    alone.text("not json");
    alone.text("[]");
    alone.frame(&WireFrame::Binary(vec![1]));
    assert_eq!(alone.messages().iter().filter(|(_, message)| message["status_code"] == 400).count(), 3);
}

/// Cartesia E, error in both forms.
#[test]
fn errors_have_the_form_of_the_version() {
    for (version, structured) in [
        ("2024-06-10", false),
        ("2024-11-13", false),
        ("2025-04-16", false),
        ("2026-03-01", true),
        ("2026-08-14", true),
    ] {
        let mut alone = of_version(version, json!({}));
        alone.send(request("c", "Hello.", json!({ "model_id": "gpt" })));
        let message = alone.messages().remove(0).1;
        let mut keys: Vec<&str> = message.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        if structured {
            let all =
                ["context_id", "done", "error_code", "message", "request_id", "status_code", "title", "type"];
            assert_eq!(keys, all);
            assert_eq!(
                (&message["title"], &message["error_code"]),
                (&json!("Invalid model"), &json!("model_not_found"))
            );
        } else {
            assert_eq!(keys, ["context_id", "done", "error", "status_code", "type"]);
        }
    }
}

/// Cartesia E, limits: concurrency.
#[test]
fn active_contexts_are_limited() {
    let mut alone = alone(json!({ "concurrency": 2 }));
    for id in ["a", "b", "c"] {
        alone.send(request(id, "Hello.", json!({})));
    }
    let refused = alone.messages();
    assert_eq!(refused.len(), 1);
    assert_eq!((&refused[0].1["status_code"], &refused[0].1["context_id"]), (&json!(429), &json!("c")));
    alone.run(5_000);
    alone.messages();
    alone.send(request("d", "Hello.", json!({})));
    assert!(alone.messages().is_empty(), "a place is free again");
}

/// Cartesia E, rules: fields repeat unchanged; an ended context stays ended.
#[test]
fn contexts_keep_their_fields_and_end_for_good() {
    let continued = || json!({ "continue": true });
    let mut alone = exact();
    alone.send(request("c", "Hello there, ", continued()));
    for (more, field) in [
        (json!({ "continue": true, "model_id": "sonic-3" }), "model_id"),
        (json!({ "continue": true, "language": "de" }), "language"),
        (json!({ "continue": true, "add_timestamps": true }), "add_timestamps"),
    ] {
        alone.send(request("c", "friend.", more));
        let message = alone.messages().remove(0).1;
        assert!(message["error"].as_str().unwrap().contains(field), "{message}");
    }
    alone.send(request("c", "friend.", json!({})));
    alone.send(request("c", "More.", json!({})));
    assert!(alone.messages()[0].1["error"].as_str().unwrap().starts_with("Invalid context ID"));
    alone.run(5_000);
    assert_eq!(kinds(&mut alone), ["chunk", "done"]);
    for again in [request("c", "Again.", json!({})), json!({ "context_id": "c", "cancel": true })] {
        alone.send(again);
        assert!(alone.messages()[0].1["error"].as_str().unwrap().starts_with("Invalid context ID"));
    }
}

/// Cartesia E, max_buffer_delay_ms.
#[test]
fn text_is_buffered_until_there_is_enough() {
    for (texts, more, at_ms) in [
        (vec!["Hello there."], json!({}), 200),
        (vec!["Hello", " there", "."], json!({}), 200),
        (vec!["Hello there"], json!({}), 3_200),
        (vec!["Hello there"], json!({ "max_buffer_delay_ms": 500 }), 700),
        (vec!["Hello there"], json!({ "max_buffer_delay_ms": 0 }), 200),
        (vec![&"word ".repeat(20)[..]], json!({}), 200),
    ] {
        let mut alone = exact();
        let mut more = more;
        more["continue"] = json!(true);
        texts.iter().for_each(|text| alone.send(request("c", text, more.clone())));
        alone.run(20_000);
        assert_eq!(alone.messages()[0].0, at_ms, "{texts:?}");
    }
    let mut alone = of_version("2024-06-10", json!({ "cold_start_ms": 0, "first_audio_jitter_ms": 0 }));
    alone.send(request("c", "Hello there", json!({ "continue": true })));
    alone.run(1_000);
    assert_eq!(alone.messages()[0].0, 200, "the oldest version does not buffer");
}

/// Cartesia E, flush and flush_id.
#[test]
fn flushes_are_answered_and_counted() {
    let mut alone = exact();
    alone.send(request("c", "one", json!({ "continue": true })));
    alone.send(request("c", "", json!({ "continue": true, "flush": true })));
    alone.send(request("c", "two", json!({ "continue": true, "flush": true })));
    alone.send(request("c", "", json!({})));
    alone.run(5_000);
    let messages = alone.messages();
    let flushes: Vec<&Value> =
        messages.iter().filter(|(_, m)| m["type"] == "flush_done").map(|(_, m)| &m["flush_id"]).collect();
    assert_eq!(flushes, [1, 2]);
    let ids: Vec<&Value> =
        messages.iter().filter(|(_, m)| m["type"] == "chunk").map(|(_, m)| &m["flush_id"]).collect();
    assert!(ids.contains(&&json!(1)) && ids.contains(&&json!(2)), "{ids:?}");
    assert_eq!(messages.last().unwrap().1["type"], "done");
    let mut alone = exact();
    for text in ["one", "two"] {
        alone.send(request("c", text, json!({ "continue": true, "max_buffer_delay_ms": 0 })));
    }
    alone.run(2_000);
    let done = alone.messages().iter().filter(|(_, m)| m["type"] == "flush_done").count();
    assert_eq!(done, 2, "one for each submission");
}

/// Cartesia E, rules: expiry.
#[test]
fn a_context_ends_a_second_after_its_last_audio() {
    let mut alone = exact();
    alone.send(request("c", "Hello.", json!({ "continue": true })));
    alone.run(5_000);
    let messages = alone.messages();
    let [.., (last_audio, _), (ended, done)] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((done["type"].as_str(), ended - last_audio), (Some("done"), 1_000));
    alone.send(request("c", "More.", json!({ "continue": true })));
    assert!(alone.messages()[0].1["error"].as_str().unwrap().contains("Context has closed"));
}

/// Cartesia E, timestamps and phoneme_timestamps.
#[test]
fn timestamps_come_between_the_chunks() {
    let mut alone = exact();
    let more = json!({ "add_timestamps": true, "add_phoneme_timestamps": true });
    alone.send(request("c", "one two", more));
    alone.run(5_000);
    let messages = alone.messages();
    let list = |kind: &str, field: &str, list: &str| -> Vec<String> {
        let of_kind = messages.iter().filter(|(_, m)| m["type"] == kind);
        of_kind
            .flat_map(|(_, m)| m[field][list].as_array().unwrap().clone())
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(list("timestamps", "word_timestamps", "words"), ["one", "two"]);
    assert_eq!(list("phoneme_timestamps", "phoneme_timestamps", "phonemes"), ["o", "n", "e", "t", "w", "o"]);
    assert_eq!(messages.last().unwrap().1["type"], "done");
    let first = messages.iter().find(|(_, m)| m["type"] == "timestamps").unwrap();
    let times = &first.1["word_timestamps"];
    assert!(times["start"][0].as_f64() < times["end"][0].as_f64());
}

/// Cartesia E, output_format: every encoding.
#[test]
fn every_encoding_has_its_bytes() {
    for (encoding, rate, bytes_per_second) in [
        ("pcm_s16le", 44_100, 88_200),
        ("pcm_f32le", 22_050, 88_200),
        ("pcm_mulaw", 8_000, 8_000),
        ("pcm_alaw", 8_000, 8_000),
    ] {
        let mut alone = exact();
        let format = json!({ "container": "raw", "encoding": encoding, "sample_rate": rate });
        alone.send(request("c", "one two", json!({ "output_format": format })));
        alone.run(5_000);
        let total: usize = alone
            .messages()
            .iter()
            .filter_map(|(_, m)| m["data"].as_str())
            .map(|data| STANDARD.decode(data).unwrap().len())
            .sum();
        let expected = voxrun_audio::spoken::speak("one two", voxrun_audio::Rate::Hz8000).len() / 8;
        assert!((total * 1_000 / bytes_per_second).abs_diff(expected) <= 1, "{encoding}");
    }
}

/// Cartesia E, limits: five idle minutes.
#[test]
fn idle_connections_are_closed_and_open_contexts_are_not_idle() {
    let mut alone = exact();
    alone.send(request("c", " ", json!({ "continue": true })));
    alone.run(400_000);
    assert!(alone.messages().is_empty());
    alone.send(request("c", "", json!({})));
    alone.run(300_000);
    let messages = alone.messages();
    assert_eq!(messages[0].1["type"], "done");
    assert_eq!(messages[1], (700_000, json!(1000)));
}

#[test]
fn unknown_settings_are_named_with_the_known_ones() {
    let settings = json!({ "voice": 5 }).as_object().unwrap().clone();
    let Err(error) = (REMOTE.emulator)(EmulatorSetup { settings, ..EmulatorSetup::default() }) else {
        panic!("accepted");
    };
    assert!(error.starts_with("unknown setting voice; known are first_audio_ms, "), "{error}");
    assert!(error.ends_with("cold_start_ms, idle_close_ms, concurrency"), "{error}");
}

/// Cartesia B5, the warm-up with a single space: its context holds a place, and not for ever.
#[test]
fn a_context_that_never_spoke_ends_too() {
    let mut alone = alone(json!({ "concurrency": 1 }));
    alone.send(request("warm", " ", json!({ "continue": true })));
    alone.run(599_000);
    assert_eq!(kinds(&mut alone), Vec::<String>::new());
    alone.send(request("next", "Hello.", json!({})));
    alone.run(2_000);
    assert_eq!(kinds(&mut alone), ["error", "done"], "the place was taken, and is free now");
    alone.send(request("next", "Hello.", json!({})));
    alone.run(5_000);
    assert_eq!(kinds(&mut alone), ["chunk", "done"]);
}
