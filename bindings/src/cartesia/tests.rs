//! Whole utterances, interruptions, errors and losses of the Cartesia player against its emulator.

use serde_json::{Value, json};

use super::KIND;
use crate::provider_kit::rig::{Rig, Seen};
use crate::wire::{ToUnit, UnitSetup, WireFrame};

pub(super) fn request(context: &str, text: &str) -> Value {
    json!({ "model_id": "sonic-2", "transcript": text, "language": "en",
        "voice": { "mode": "id", "id": "a0e99841-438c-4a64-b679-ae501e7d6091" },
        "context_id": context, "continue": false })
}

fn continued(context: &str, text: &str) -> Value {
    let mut request = request(context, text);
    request["continue"] = json!(true);
    request
}

fn without(mut request: Value, key: &str) -> Value {
    request.as_object_mut().unwrap().remove(key);
    request
}

fn with(mut request: Value, key: &str, value: Value) -> Value {
    request[key] = value;
    request
}

fn started(text: Value, parameters: Value, settings: Value) -> Rig {
    let options = json!({ "generationRequestParameters": parameters });
    Rig::new(&KIND, settings, &[]).started(&[text, options])
}

fn pair(text: &str) -> Rig {
    started(json!(text), request("turn-1", text), json!({}))
}

fn say(pair: &mut Rig, context: &str, text: &str) {
    pair.tell("generationRequest", request(context, text));
}

fn cancel(pair: &mut Rig, context: &str) {
    pair.tell("cancelContextRequest", json!({ "context_id": context, "cancel": true }));
}

const FINISHED: &str = "AudioChunksPlaybackFinished";

/// Cartesia B1, B4: events and methods of the player.
#[test]
fn an_utterance_is_heard_whole() {
    let mut pair = pair("Hello! How can I help today?");
    pair.run(8_000);
    assert_eq!(pair.heard(), "Hello! How can I help today?");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
    assert_eq!(pair.received(), ["chunk", "done"]);
    let sent = pair.sent_bodies("generation");
    assert_eq!(sent.len(), 1);
    let format = json!({ "container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000 });
    assert_eq!(*sent[0], with(request("turn-1", "Hello! How can I help today?"), "output_format", format));
    let endpoint = pair.endpoint.as_ref().unwrap();
    assert_eq!(endpoint.url, "wss://api.cartesia.ai/tts/websocket");
    assert_eq!(endpoint.header("X-API-Key"), Some("offline-key"));
    assert_eq!(endpoint.header("Cartesia-Version"), Some("2024-11-13"));
}

/// Cartesia B4, first request: text argument and transcript.
#[test]
fn the_text_and_the_transcript_have_their_order() {
    for (text, parameters, heard, notes) in [
        (json!("argument"), without(request("c", ""), "transcript"), "argument", 0),
        (json!("argument"), request("c", "transcript"), "transcript", 1),
        (json!("same"), request("c", "same"), "same", 0),
        (Value::Null, request("c", "transcript"), "transcript", 0),
        (json!(7), without(request("c", ""), "transcript"), "7", 0),
    ] {
        let mut pair = started(text, parameters, json!({}));
        pair.run(5_000);
        assert_eq!(pair.heard(), heard);
        assert_eq!(pair.notes("differ"), notes, "{heard}");
    }
}

/// Cartesia B5, one long-lived player, a context a turn.
#[test]
fn one_player_speaks_turn_after_turn() {
    let mut pair = pair("first");
    pair.run(5_000);
    say(&mut pair, "turn-2", "second");
    pair.run(5_000);
    pair.tell("generationRequest", without(request("", "third"), "context_id"));
    pair.run(5_000);
    assert_eq!(pair.heard(), "first second third");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED, "Started", FINISHED, "Started", FINISHED]);
    let last = pair.sent_bodies("generation")[2]["context_id"].as_str().unwrap();
    assert_eq!(last.len(), 36);
}

#[test]
fn contexts_that_are_made_at_the_same_time_are_heard_one_after_the_other() {
    let mut pair = pair("one two three four five six");
    say(&mut pair, "turn-2", "seven eight nine");
    say(&mut pair, "turn-3", "ten");
    pair.run(15_000);
    assert_eq!(pair.heard(), "one two three four five six seven eight nine ten");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

#[test]
fn a_continued_context_is_one_speech() {
    let mut pair = started(json!("Once "), continued("c", "Once "), json!({}));
    pair.tell("generationRequest", continued("c", "upon "));
    pair.tell("generationRequest", continued("c", "a time. "));
    pair.tell("generationRequest", request("c", "The end."));
    pair.run(8_000);
    assert_eq!(pair.heard(), "Once upon a time. The end.");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

#[test]
fn keys_are_refused_at_the_upgrade() {
    for (key, expected) in [("", "required"), ("bad", "invalid API key")] {
        let setup = UnitSetup { fallback_key: Some(key.to_owned()), ..UnitSetup::default() };
        let options = json!({ "generationRequestParameters": request("c", "hello") });
        let mut pair = Rig::with(&KIND, setup, json!({}), &["good"]).started(&[json!("hello"), options]);
        pair.run(2_000);
        assert_eq!(pair.events(), ["Created", "Error", "PlaybackFinished"]);
        let error = pair.error_of("Player.PlaybackFinished");
        assert!(error.starts_with("Cartesia refused the connection: HTTP 401"), "{error}");
        assert!(error.contains(expected), "{error}");
        say(&mut pair, "c2", "hello?");
        assert_eq!(pair.notes("generationRequest() has no effect"), 1);
    }
}

#[test]
fn without_any_key_nobody_is_called() {
    let setup = UnitSetup { key_secret: "SPEECH_KEY".to_owned(), ..UnitSetup::default() };
    let options = json!({ "generationRequestParameters": request("c", "hello") });
    let mut pair = Rig::with(&KIND, setup, json!({}), &[]).started(&[json!("hello"), options]);
    pair.run(2_000);
    assert!(pair.endpoint.is_none());
    assert_eq!(pair.events(), ["Created", "Error", "PlaybackFinished"]);
    assert!(pair.error_of("Player.Error").contains("SPEECH_KEY"));
}

/// Cartesia B4, apiKey and apikey.
#[test]
fn both_spellings_of_the_key_are_taken() {
    for (options, key) in [
        (json!({ "apiKey": "a" }), "a"),
        (json!({ "apikey": "b" }), "b"),
        (json!({ "apikey": "b", "apiKey": "a" }), "a"),
        (json!({ "apiKey": 5 }), "offline-key"),
    ] {
        let pair = Rig::new(&KIND, json!({}), &[]).started(&[json!("x"), options]);
        assert_eq!(pair.endpoint.unwrap().header("X-API-Key"), Some(key));
    }
}

#[test]
fn a_clear_during_speech_silences_at_once_and_for_good() {
    let mut pair = pair("one two three four five six seven eight nine ten");
    pair.run(2_500);
    let cut_at = pair.now.as_ms();
    pair.clear();
    pair.run(6_000);
    let heard = pair.heard_at();
    assert!(heard.len() > 2 && heard.iter().all(|(_, at)| *at < cut_at), "{heard:?}");
    say(&mut pair, "turn-2", "next");
    pair.run(4_000);
    assert_eq!(pair.heard(), "next");
    assert_eq!(pair.events(), ["Created", "Started", "Started", FINISHED]);
}

#[test]
fn a_clear_before_the_first_audio_drops_what_was_asked_for() {
    let mut pair = pair("stale words");
    pair.run(400);
    pair.clear();
    say(&mut pair, "turn-2", "fresh words");
    pair.run(6_000);
    assert_eq!(pair.heard(), "fresh words");
    assert_eq!(pair.sent(), ["generation", "cancel", "generation"]);
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

#[test]
fn a_clear_before_the_connection_drops_what_was_not_sent() {
    let mut pair = pair("stale words");
    say(&mut pair, "turn-2", "stale too");
    pair.clear();
    pair.clear();
    say(&mut pair, "turn-1", "fresh words");
    pair.run(6_000);
    assert_eq!(pair.heard(), "fresh words");
    assert_eq!(pair.sent(), ["generation"]);
}

#[test]
fn a_context_used_again_after_a_clear_is_a_new_one_on_the_wire() {
    let mut pair = started(json!("x"), continued("c", "stale words that go on and on. "), json!({}));
    pair.run(1_200);
    pair.clear();
    let cut_at = pair.now.as_ms();
    pair.tell("generationRequest", continued("c", "fresh "));
    pair.tell("generationRequest", request("c", "words."));
    pair.run(6_000);
    let heard = pair.heard_at();
    let after: Vec<_> = heard.iter().filter(|(_, at)| *at > cut_at).map(|(word, _)| word.as_str()).collect();
    assert_eq!(after, ["fresh", "words."]);
    let ids: Vec<_> =
        pair.sent_bodies("generation").iter().map(|m| m["context_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["c", "c-after-clear-1", "c-after-clear-1"]);
}

/// Barge-in as production scenarios do it: clear, then cancel, whatever the state of the context.
/// Cartesia B5, clearBuffer() and cancelContextRequest() on barge-in.
#[test]
fn clear_and_cancel_together_cancel_once() {
    for run_ms in [100, 400, 1_200] {
        let mut pair = pair("stale words that go on for quite a while");
        pair.run(run_ms);
        pair.clear();
        cancel(&mut pair, "turn-1");
        pair.run(100);
        let cut_at = pair.now.as_ms();
        say(&mut pair, "turn-2", "fresh words");
        pair.run(8_000);
        assert!(pair.sent_bodies("cancel").len() <= 1);
        let heard = pair.heard_at();
        let after: Vec<_> =
            heard.iter().filter(|(_, at)| *at > cut_at).map(|(word, _)| word.as_str()).collect();
        assert_eq!(after, ["fresh", "words"], "after {run_ms} ms");
        assert_eq!(pair.events().last(), Some(&FINISHED));
    }
}

#[test]
fn cancel_and_clear_together_cancel_once() {
    let mut pair = pair("stale words that go on for quite a while");
    pair.run(1_200);
    cancel(&mut pair, "turn-1");
    pair.clear();
    say(&mut pair, "turn-2", "fresh");
    pair.run(8_000);
    assert_eq!(pair.sent_bodies("cancel").len(), 1);
    assert!(pair.heard().ends_with("fresh"));
    assert_eq!(pair.events(), ["Created", "Started", "Started", FINISHED]);
}

/// The context ends at the provider while the cancel of a clear is on its way: the error is not the script's.
#[test]
fn a_cancel_that_crosses_the_end_does_no_harm() {
    let mut pair = pair("short");
    let done_ms = (0..2_000)
        .find(|_| {
            pair.run(1);
            pair.received().contains(&"done")
        })
        .unwrap();
    for before_ms in 0..60 {
        let mut pair = self::pair("short");
        pair.run(done_ms - before_ms);
        pair.clear();
        say(&mut pair, "turn-2", "fresh");
        pair.run(6_000);
        assert!(pair.heard().ends_with("fresh"), "{before_ms} ms before the end");
        assert!(!pair.events().contains(&"Error"));
    }
}

#[test]
fn a_cancel_alone_lets_begun_speech_end_and_drops_the_rest() {
    let mut pair = started(json!("x"), continued("c", "begun speech goes on. "), json!({}));
    pair.tell("generationRequest", continued("c", "not begun."));
    pair.run(1_000);
    cancel(&mut pair, "c");
    pair.run(6_000);
    assert_eq!(pair.heard(), "begun speech goes on.");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

/// As seen in production: a cancel of a finished context ends the player.
/// Cartesia B5, Invalid context ID ends the player.
#[test]
fn a_cancel_of_a_finished_context_ends_the_player() {
    let mut pair = pair("hello");
    pair.run(5_000);
    cancel(&mut pair, "turn-1");
    pair.run(1_000);
    assert_eq!(pair.events(), ["Created", "Started", FINISHED, "Error", "PlaybackFinished"]);
    assert!(pair.error_of("Player.PlaybackFinished").contains("Invalid context ID"));
    say(&mut pair, "turn-2", "anybody?");
    pair.run(3_000);
    assert_eq!(pair.heard(), "hello");
    assert_eq!(pair.notes("generationRequest() has no effect, nothing will be heard"), 1);
}

/// Cartesia B4, B5: empty and blank text.
#[test]
fn empty_and_blank_text_is_no_failure() {
    for (text, sent) in [("", 0), (" ", 1), ("\n\t", 1)] {
        let mut pair = pair(text);
        pair.run(3_000);
        assert_eq!(pair.sent_bodies("generation").len(), sent, "{text:?}");
        assert_eq!(pair.events(), ["Created"]);
        assert!(pair.notes("nothing will be heard") == 1);
        say(&mut pair, "turn-2", "words");
        pair.run(5_000);
        assert_eq!(pair.heard(), "words");
    }
    // The warm-up of production scenarios: a space, to be continued.
    let mut pair = started(json!(" "), continued("warm", " "), json!({}));
    pair.run(10_000);
    say(&mut pair, "turn-1", "words");
    pair.run(3_000);
    assert_eq!(pair.heard(), "words");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

#[test]
fn errors_of_the_provider_end_the_player() {
    let good = || request("c", "hello");
    for (parameters, error) in [
        (without(good(), "model_id"), "Cartesia error 400: Invalid request: model_id is required"),
        (with(good(), "model_id", json!("gpt-4")), "Cartesia error 400: Invalid model: "),
        (without(good(), "voice"), "Cartesia error 400: Invalid request: voice is required"),
        (with(good(), "voice", json!({ "mode": "id", "id": "" })), "Cartesia error 400: Invalid voice: "),
        (
            with(good(), "max_buffer_delay_ms", json!(9_000)),
            "Cartesia error 400: Invalid max_buffer_delay_ms: ",
        ),
        (json!("odd"), "Cartesia error 400: Invalid request: model_id is required"),
    ] {
        let mut pair = started(json!("hello"), parameters, json!({}));
        pair.run(3_000);
        assert_eq!(pair.events(), ["Created", "Error", "PlaybackFinished"]);
        assert!(pair.error_of("Player.Error").starts_with(error), "{}", pair.error_of("Player.Error"));
        assert!(pair.seen.iter().any(|(_, seen)| *seen == Seen::Closed(1000, String::new())));
    }
}

#[test]
fn garbage_of_the_provider_leaves_a_note_and_the_player_alive() {
    let mut pair = started(json!("x"), continued("c", "hello. "), json!({}));
    pair.run(500);
    for text in ["", "nonsense", "[]", "{}", "{\"type\":5}", "{\"type\":\"surprise\"}"] {
        pair.inject(text);
    }
    for data in [json!(null), json!(5), json!("@@"), json!("AAA="), json!("AA=="), json!("AA==")] {
        pair.inject(&json!({ "type": "chunk", "context_id": "c", "data": data }).to_string());
    }
    pair.inject("{\"type\":\"chunk\",\"context_id\":\"other\",\"data\":\"AAAA\"}");
    pair.inject("{\"type\":\"done\",\"context_id\":\"other\"}");
    pair.input(ToUnit::Frame(&WireFrame::Binary(vec![1])));
    assert_eq!(pair.notes("not a JSON object"), 3);
    assert_eq!(pair.notes("unknown type"), 3);
    assert_eq!(pair.notes("holds no data"), 2);
    assert_eq!(pair.notes("not base64"), 1);
    assert_eq!(pair.notes("within a sample"), 1);
    assert_eq!(pair.notes("unknown context"), 1);
    pair.run(5_000);
    assert!(pair.heard().ends_with("hello."));
}

#[test]
fn odd_arguments_are_put_right_or_ignored_with_a_note() {
    for (method, param, note) in [
        ("generationRequest", Value::Null, "undefined or null is ignored"),
        ("generationRequest", json!("text"), "a string is ignored"),
        ("generationRequest", without(request("c", ""), "transcript"), "without transcript"),
        ("generationRequest", with(request("c", ""), "transcript", json!({})), "is an object"),
        ("cancelContextRequest", Value::Null, "undefined or null is ignored"),
        ("cancelContextRequest", json!({ "cancel": true }), "nothing to cancel"),
        ("generationRequests", json!({}), "generationRequests() is not a message"),
        ("send", json!({}), "send() is not a message"),
    ] {
        let mut pair = pair("one");
        pair.tell(method, param);
        assert_eq!(pair.notes(note), 1, "{note}");
        pair.tell("generationRequest", with(request("c2", ""), "transcript", json!(2)));
        pair.run(6_000);
        assert_eq!(pair.heard(), "one 2", "after {method}");
    }
}

#[test]
fn another_output_format_gives_way() {
    let format = json!({ "container": "raw", "encoding": "pcm_mulaw", "sample_rate": 8_000 });
    let mut pair = started(json!("hi"), with(request("c", "hi"), "output_format", format), json!({}));
    pair.run(3_000);
    assert_eq!(pair.heard(), "hi");
    assert_eq!(pair.notes("gives way"), 1);
}

#[test]
fn verbatim_shows_what_the_provider_says_without_a_format() {
    let setup = UnitSetup { verbatim: true, fallback_key: Some("k".to_owned()), ..UnitSetup::default() };
    let options = json!({ "generationRequestParameters": request("c", "hi") });
    let mut pair = Rig::with(&KIND, setup, json!({}), &[]).started(&[json!("hi"), options]);
    pair.run(2_000);
    assert!(pair.error_of("Player.Error").contains("output_format is required"));
}

#[test]
fn a_lost_connection_is_told_and_an_idle_one_ends_in_order() {
    let mut pair = pair("one two three");
    pair.run(1_300);

    pair.cut();
    pair.run(3_000);
    assert_eq!(pair.events(), ["Created", "Started", "Error", "PlaybackFinished"]);
    assert_eq!(pair.error_of("Player.Error"), "Cartesia closed the connection: 1006");

    let mut pair = self::pair("bye");
    pair.run(310_000);
    assert_eq!(pair.events(), ["Created", "Started", FINISHED, "PlaybackFinished"]);
    assert_eq!(pair.error_of("Player.PlaybackFinished"), "");
}

#[test]
fn stop_is_told_and_final() {
    let mut pair = pair("one two three four");
    pair.run(2_000);
    pair.input(ToUnit::Close { stop: true });
    let stopped_at = pair.now.as_ms();
    say(&mut pair, "turn-2", "more");
    pair.run(5_000);
    assert!(pair.heard_at().iter().all(|(_, at)| *at < stopped_at));
    assert_eq!(pair.events(), ["Created", "Started", "Stopped"]);
}

/// Cartesia B5, cold start.
#[test]
fn the_first_audio_of_a_connection_is_late_and_later_ones_are_not() {
    let mut pair = pair("first");
    pair.run(5_000);
    say(&mut pair, "turn-2", "second");
    pair.run(5_000);
    let times: Vec<u64> = pair
        .seen
        .iter()
        .filter_map(|(_, seen)| match seen {
            Seen::Raised(_, fields) => fields.get("timeToFirstByte")?.as_u64(),
            _ => None,
        })
        .collect();
    assert!(matches!(times[..], [870..=1_240, 200..=320]), "{times:?}");
}
