//! Whole utterances, interruptions, errors and losses of the Inworld player against its emulator.

use serde_json::{Value, json};

use super::KIND;
use crate::provider_kit::rig::{Rig, Seen};
use crate::wire::{ToUnit, UnitSetup};

pub(super) fn create() -> Value {
    json!({ "createContextParameters": { "create": {
        "voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini", "speakingRate": 1.1, "temperature": 1.3 } } })
}

fn with(settings: Value) -> Rig {
    Rig::new(&KIND, settings, &[]).started(&[create()])
}

fn pair() -> Rig {
    with(json!({}))
}

fn send(pair: &mut Rig, object: Value) {
    pair.tell("send", object);
}

fn say(pair: &mut Rig, text: &str) {
    send(pair, json!({ "send_text": { "text": text } }));
    send(pair, json!({ "flush_context": {} }));
}

const FINISHED: &str = "AudioChunksPlaybackFinished";

/// Inworld B1, B2: events and methods of the player.
#[test]
fn an_utterance_is_heard_whole() {
    let mut pair = pair();
    say(&mut pair, "Hello! How can I help today?");
    pair.run(8_000);
    assert_eq!(pair.heard(), "Hello! How can I help today?");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
    assert_eq!(pair.sent(), ["create", "send_text", "flush_context"]);
    assert_eq!(pair.received(), ["contextCreated", "audioChunk", "flushCompleted"]);
    let first = pair.sent_bodies("create")[0];
    assert_eq!(first["create"]["audioConfig"], json!({ "audioEncoding": "PCM", "sampleRateHertz": 24_000 }));
    assert_eq!(first["create"]["speakingRate"], json!(1.1));
    assert_eq!(pair.notes("create.speakingRate"), 1);
    let id = &first["contextId"];
    assert_eq!(id.as_str().map(str::len), Some(36));
    assert!(
        pair.sent_bodies("send_text")
            .iter()
            .chain(&pair.sent_bodies("flush_context"))
            .all(|m| m["contextId"] == *id)
    );
    let endpoint = pair.endpoint.as_ref().unwrap();
    assert_eq!(endpoint.url, "wss://api.inworld.ai/tts/v1/voice:streamBidirectional");
    assert_eq!(endpoint.header("authorization"), Some("Basic offline-key"));
}

/// Inworld B2, createContextParameters and apiKey.
#[test]
fn the_script_key_and_context_id_are_used() {
    let mut params = create();
    params["apiKey"] = json!("mine");
    params["createContextParameters"]["contextId"] = json!("c1");
    params["createContextParameters"]["create"]["audioConfig"] =
        json!({ "audioEncoding": "MP3", "sampleRateHertz": 24_000, "speakingRate": 1.2 });
    let mut pair = Rig::new(&KIND, json!({}), &["mine"]).started(&[params]);
    send(&mut pair, json!({ "send_text": { "text": "ok", "flush_context": {} } }));
    pair.run(3_000);
    assert_eq!(pair.heard(), "ok");
    let create = pair.sent_bodies("create")[0];
    assert_eq!(create["contextId"], "c1");
    let audio = json!({ "audioEncoding": "PCM", "sampleRateHertz": 24_000, "speakingRate": 1.2 });
    assert_eq!(create["create"]["audioConfig"], audio);
    assert_eq!(pair.notes("audioEncoding"), 1);
}

#[test]
fn keys_are_refused_after_the_first_message() {
    let bad = UnitSetup { fallback_key: Some("bad".to_owned()), ..UnitSetup::default() };
    let empty = UnitSetup { fallback_key: Some(String::new()), ..UnitSetup::default() };
    for (setup, error) in [
        (empty, "Inworld error 16: authentication is required"),
        (bad, "Inworld error 7: Invalid credentials"),
    ] {
        let mut pair = Rig::with(&KIND, setup, json!({}), &["good"]).started(&[create()]);
        say(&mut pair, "hello");
        pair.run(2_000);
        assert_eq!(pair.events(), ["Created", "Error", "PlaybackFinished"]);
        assert_eq!(pair.error_of("Player.Error"), error);
        assert_eq!(pair.error_of("Player.PlaybackFinished"), error);
        say(&mut pair, "anybody there?");
        pair.run(2_000);
        assert_eq!(pair.heard(), "");
        assert_eq!(pair.notes("has no effect"), 2);
    }
}

#[test]
fn a_key_given_by_the_script_wins_even_when_empty() {
    let mut params = create();
    params["apiKey"] = json!("");
    let mut pair = Rig::new(&KIND, json!({}), &[]).started(&[params]);
    pair.run(1_000);
    assert_eq!(pair.error_of("Player.Error"), "Inworld error 16: authentication is required");
}

#[test]
fn without_any_key_nobody_is_called() {
    let setup = UnitSetup { key_secret: "SPEECH_KEY".to_owned(), ..UnitSetup::default() };
    let mut pair = Rig::with(&KIND, setup, json!({}), &[]).started(&[create()]);
    say(&mut pair, "hello");
    pair.run(2_000);
    assert!(pair.endpoint.is_none());
    assert_eq!(pair.events(), ["Created", "Error", "PlaybackFinished"]);
    assert!(pair.error_of("Player.Error").contains("SPEECH_KEY"));
}

/// Inworld B5, clearBuffer().
#[test]
fn a_clear_during_speech_silences_at_once_and_for_good() {
    let mut pair = pair();
    say(&mut pair, "one two three four five six seven eight nine ten");
    pair.run(2_000);
    let cut_at = pair.now.as_ms();
    pair.clear();
    pair.run(6_000);
    let heard = pair.heard_at();
    assert!(heard.len() > 2 && heard.iter().all(|(_, at)| *at < cut_at), "{heard:?}");
    assert!(!pair.events().contains(&FINISHED));
    say(&mut pair, "next");
    pair.run(4_000);
    assert_eq!(pair.heard(), "next");
    assert_eq!(pair.events(), ["Created", "Started", "Started", FINISHED]);
}

#[test]
fn a_clear_before_the_first_audio_drops_the_flush_that_was_asked_for() {
    let mut pair = pair();
    pair.run(500);
    say(&mut pair, "stale words");
    pair.run(100);
    pair.clear();
    say(&mut pair, "fresh words");
    pair.run(6_000);
    assert_eq!(pair.heard(), "fresh words");
    assert_eq!(pair.sent()[3..], ["cancel_context", "create", "send_text", "flush_context"]);
    let ids: Vec<_> = pair.sent_bodies("create").iter().map(|m| m["contextId"].as_str().unwrap()).collect();
    assert_eq!(ids[1], format!("{}-2", ids[0]));
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

#[test]
fn a_clear_before_the_connection_drops_what_was_not_sent() {
    let mut pair = pair();
    say(&mut pair, "stale words");
    pair.clear();
    pair.clear();
    say(&mut pair, "fresh words");
    pair.run(6_000);
    assert_eq!(pair.heard(), "fresh words");
    assert_eq!(pair.sent(), ["create", "send_text", "flush_context"]);
    assert_eq!(pair.notes("not sent yet"), 1);
}

#[test]
fn a_clear_with_text_that_waits_for_its_flush_drops_the_text() {
    let mut pair = pair();
    pair.run(500);
    send(&mut pair, json!({ "send_text": { "text": "stale " } }));
    pair.run(500);
    pair.clear();
    send(&mut pair, json!({ "send_text": { "text": "fresh" } }));
    send(&mut pair, json!({ "flush_context": {} }));
    pair.run(6_000);
    assert_eq!(pair.heard(), "fresh");
}

#[test]
fn several_outstanding_flushes_are_all_dropped() {
    let mut pair = pair();
    pair.run(500);
    for text in ["stale one.", "stale two.", "stale three."] {
        say(&mut pair, text);
    }
    pair.run(800);
    pair.clear();
    pair.clear();
    for text in ["fresh one.", "fresh two."] {
        say(&mut pair, text);
    }
    pair.run(9_000);
    let heard = pair.heard();
    assert!(heard.ends_with("fresh one. fresh two."), "{heard}");
    assert!(!heard.contains("two. stale"), "{heard}");
    assert_eq!(pair.events().last(), Some(&FINISHED));
}

#[test]
fn a_clear_when_all_is_said_keeps_the_context() {
    let mut pair = pair();
    say(&mut pair, "one");
    pair.run(5_000);
    pair.clear();
    say(&mut pair, "two");
    pair.run(5_000);
    assert_eq!(pair.heard(), "one two");
    assert_eq!(pair.sent_bodies("create").len(), 1);
    assert!(!pair.sent().contains(&"cancel_context"));
}

#[test]
fn many_clears_never_meet_the_limit_of_contexts_and_lose_nothing() {
    // A provider that does not know cancel_context: contexts end late, by close_context.
    let mut pair = with(json!({ "cancel_context": false, "first_audio_ms": 1_500 }));
    pair.run(500);
    for n in 0..12 {
        say(&mut pair, &format!("stale{n} words that nobody wants to hear any more"));
        pair.run(60);
        pair.clear();
    }
    say(&mut pair, "fresh words");
    pair.run(30_000);
    assert_eq!(pair.heard(), "fresh words");
    assert!(pair.sent().contains(&"close_context"));
    assert_eq!(pair.events(), ["Created", "Started", FINISHED]);
}

#[test]
fn garbage_of_the_provider_leaves_a_note_and_the_player_alive() {
    let mut pair = pair();
    pair.run(500);
    let id = pair.sent_bodies("create")[0]["contextId"].clone();
    for text in [
        "",
        "nonsense",
        "[]",
        "null",
        "{}",
        "{\"result\":7}",
        "{\"result\":{}}",
        "{\"result\":{\"audioChunk\":{\"audioContent\":\"AAAA\"},\"contextId\":\"other\"}}",
    ] {
        pair.inject(text);
    }
    let chunk = |content: Value| json!({ "result": { "contextId": id, "audioChunk": content } }).to_string();
    for content in [json!({}), json!(5), json!({ "audioContent": 5 }), json!({ "audioContent": "@@" })] {
        pair.inject(&chunk(content));
    }
    pair.inject(&chunk(json!({ "audioContent": "AAA=" })));
    pair.inject(&chunk(json!({ "audioContent": "AA==" })));
    pair.inject(&chunk(json!({ "audioContent": "AA==" })));
    pair.input(ToUnit::Frame(&crate::wire::WireFrame::Binary(vec![1, 2, 3])));
    assert_eq!(pair.notes("3 binary bytes"), 1);
    assert_eq!(pair.notes("not a JSON object"), 4);
    assert_eq!(pair.notes("without result or error"), 2);
    assert_eq!(pair.notes("not open"), 1);
    assert_eq!(pair.notes("no audioContent"), 3);
    assert_eq!(pair.notes("not base64"), 1);
    assert_eq!(pair.notes("within a sample"), 1);
    say(&mut pair, "still here");
    pair.run(5_000);
    assert_eq!(pair.heard(), "still here");
}

/// Inworld B5, errors reach the script as Error and PlaybackFinished.
#[test]
fn errors_of_the_provider_end_the_player() {
    let create_with = |key: &str, value: Value| {
        let mut params = create();
        params["createContextParameters"]["create"][key] = value;
        params
    };
    for (params, error) in [
        (create_with("voiceId", json!("")), "Inworld error 3: voiceId is required"),
        (create_with("voiceId", json!("no\nvoice")), "Inworld error 5: Unknown voice: no\nvoice not found!"),
        (create_with("modelId", json!("gpt-4")), "Inworld error 3: Invalid model ID: gpt-4"),
        (create_with("temperature", json!(3)), "Inworld error 3: temperature must be between 0 and 2"),
        (Value::Null, "Inworld error 3: voiceId is required"),
        (json!("odd"), "Inworld error 3: voiceId is required"),
    ] {
        let mut pair = Rig::new(&KIND, json!({}), &[]).started(&[params]);
        say(&mut pair, "hello");
        pair.run(3_000);
        assert_eq!(pair.events(), ["Created", "Error", "PlaybackFinished"]);
        assert_eq!(pair.error_of("Player.Error"), error);
        assert!(pair.seen.iter().any(|(_, seen)| *seen == Seen::Closed(1000, String::new())));
    }
    let mut pair = pair();
    say(&mut pair, &"x".repeat(2_001));
    pair.run(3_000);
    assert_eq!(
        pair.error_of("Player.Error"),
        "Inworld error 3: text length should not exceed 2000 characters."
    );
}

#[test]
fn a_lost_connection_is_told_and_what_was_queued_is_still_heard() {
    let mut pair = pair();
    say(&mut pair, "one two three");
    pair.run(900);
    pair.cut();
    pair.run(5_000);
    assert_eq!(pair.events(), ["Created", "Started", "Error", "PlaybackFinished"]);
    assert_eq!(pair.error_of("Player.Error"), "Inworld closed the connection: 1006");
    assert!(pair.heard().starts_with("one"));
}

#[test]
fn a_quiet_connection_is_closed_by_the_provider_in_order() {
    let mut pair = pair();
    say(&mut pair, "bye");
    pair.run(601_000);
    assert_eq!(pair.heard(), "bye");
    assert_eq!(pair.events(), ["Created", "Started", FINISHED, "PlaybackFinished"]);
    assert_eq!(pair.error_of("Player.PlaybackFinished"), "");
}

#[test]
fn refusals_and_failures_of_the_connection_are_told() {
    let mut pair = pair();
    pair.input(ToUnit::Refused { status: 429, body: "" });
    assert_eq!(pair.error_of("Player.Error"), "Inworld refused the connection: HTTP 429");
    let mut pair = Rig::new(&KIND, json!({}), &[]).started(&[create()]);
    pair.input(ToUnit::Failed { reason: "timed out" });
    assert_eq!(pair.error_of("Player.PlaybackFinished"), "no connection to Inworld: timed out");
}

#[test]
fn odd_arguments_are_put_right_or_ignored_with_a_note() {
    for (object, heard, note) in [
        (json!({ "send_text": "hi", "flush_context": {} }), "hi", "separate messages"),
        (json!({ "sendText": { "text": "hi", "flushContext": {} } }), "hi", ""),
        (json!({ "send_text": { "text": 42, "flush_context": {} } }), "42", "is a number"),
        (
            json!({ "send_text": { "text": "hi", "flush_context": {} }, "contextId": "x" }),
            "hi",
            "contextId is ignored",
        ),
        (
            json!({ "send_text": { "text": "hi", "flush_context": {} }, "speak": 1 }),
            "hi",
            "no message `speak`",
        ),
        (json!({ "send_text": { "flush_context": {} } }), "", "nothing to say"),
        (json!({ "send_text": {} }), "", "nothing to say"),
        (json!({ "send_text": 7 }), "", "wants an object"),
        (json!({ "speak": "hi" }), "", "no message `speak`"),
        (Value::Null, "", "undefined or null is ignored"),
        (json!("hi"), "", "a string is ignored"),
        (json!(["hi"]), "", "an array is ignored"),
    ] {
        let mut pair = pair();
        send(&mut pair, object.clone());
        pair.run(3_000);
        assert_eq!(pair.heard(), heard, "{object}");
        assert!(note.is_empty() || pair.notes(note) == 1, "{object}: {:?}", pair.seen);
        say(&mut pair, "alive");
        pair.run(3_000);
        assert_eq!(pair.heard(), "alive", "after {object}");
    }
}

#[test]
fn a_context_that_the_script_closes_is_followed_by_a_new_one() {
    let mut pair = pair();
    send(&mut pair, json!({ "send_text": { "text": "first" } }));
    send(&mut pair, json!({ "close_context": {} }));
    say(&mut pair, "second");
    pair.run(6_000);
    let heard = pair.heard();
    assert!(heard.contains("second"), "{heard}");
    assert_eq!(pair.events().last(), Some(&FINISHED));
}

#[test]
fn verbatim_shows_what_the_provider_says_to_a_bare_create() {
    let setup = UnitSetup { verbatim: true, fallback_key: Some("k".to_owned()), ..UnitSetup::default() };
    let mut pair = Rig::with(&KIND, setup, json!({}), &[]).started(&[create()]);
    pair.run(1_000);
    assert!(pair.error_of("Player.Error").contains("audioEncoding is absent, which means MP3"));
}

#[test]
fn stop_is_told_and_final() {
    let mut pair = pair();
    say(&mut pair, "one two three four");
    pair.run(1_500);
    pair.input(ToUnit::Close { stop: true });
    let stopped_at = pair.now.as_ms();
    say(&mut pair, "more");
    pair.run(5_000);
    assert!(pair.heard_at().iter().all(|(_, at)| *at < stopped_at));
    assert_eq!(pair.events(), ["Created", "Started", "Stopped"]);
}

#[test]
fn two_runs_are_alike() {
    let run = || {
        let mut pair = pair();
        say(&mut pair, "one two three");
        pair.run(700);
        pair.clear();
        say(&mut pair, "four");
        pair.run(5_000);
        format!("{:?}", pair.seen)
    };
    assert_eq!(run(), run());
}
