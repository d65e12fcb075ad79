//! Responses that are spoken: audio and its transcript, faster than it is played, and what cuts it.

use serde_json::{Value, json};
use voxrun_audio::{Frame, Heard, Listener, Rate};

use super::pair::Pair;
use crate::contract::Time;
use crate::heap::allocated_by;
use crate::openai::KIND;
use crate::wire::{FromUnit, ToUnit, Unit, UnitSetup, WireFrame};

pub(super) fn words_of(pair: &Pair) -> Vec<String> {
    let samples: Vec<i16> = pair.audio.iter().flat_map(|(_, samples)| samples.iter().copied()).collect();
    let mut listener = Listener::new(Rate::Hz24000);
    let mut words = Vec::new();
    for piece in samples.chunks(480) {
        listener.push(&Frame::from_samples(Rate::Hz24000, piece));
    }
    listener.flush();
    while let Some(heard) = listener.poll() {
        if let Heard::Word { text, .. } = heard {
            words.push(text);
        }
    }
    words
}

#[test]
fn c7_5_an_audio_response_is_heard_as_its_transcript() {
    let mut pair = Pair::ready(json!({}), json!([]), json!({"type": "realtime"}));
    let from = pair.log.len();
    pair.tell("responseCreate", json!({"response": {"instructions": "Hello from the other side."}}));
    let done = pair.until("ResponseDone")["response"].clone();
    assert_eq!(words_of(&pair), ["Hello", "from", "the", "other", "side."]);
    let names = pair.names(from);
    let tail: Vec<&str> = names.iter().rev().take(6).rev().copied().collect();
    assert_eq!(
        tail,
        [
            "ResponseOutputAudioDone",
            "ResponseOutputAudioTranscriptDone",
            "ResponseContentPartDone",
            "ConversationItemDone",
            "ResponseOutputItemDone",
            "ResponseDone"
        ]
    );
    assert!(names.iter().all(|name| *name != "Unknown"), "audio is no event");
    let content = json!([{"type": "output_audio", "transcript": "Hello from the other side."}]);
    assert_eq!(done["output"][0]["content"], content);
    assert_eq!(
        pair.payloads("ResponseContentPartAdded")[0]["part"],
        json!({"type": "audio", "transcript": ""})
    );
    let samples: usize = pair.audio.iter().map(|(_, samples)| samples.len()).sum();
    let sent_ms = pair.audio.last().unwrap().0.as_ms() - pair.audio[0].0.as_ms();
    assert!(sent_ms * 3 < samples as u64 / 24, "{sent_ms} ms for {} ms", samples / 24);
    let audio_tokens = done["usage"]["output_token_details"]["audio_tokens"].as_u64().unwrap();
    assert_eq!(audio_tokens, (samples as u64 / 24).div_ceil(50));
}

#[test]
fn c7_9_c7_11_barge_in_stops_the_audio() {
    let mut pair = Pair::ready(json!({"audio_speed": 1}), json!([]), json!({"type": "realtime"}));
    let long = "word ".repeat(60);
    pair.tell("responseCreate", json!({"response": {"instructions": long}}));
    pair.until("ResponseOutputAudioTranscriptDelta");
    pair.run_ms(2000);
    pair.say("wait");
    let done = pair.until("ResponseDone")["response"].clone();
    assert_eq!(done["status_details"]["reason"], "turn_detected");
    let before = pair.audio.len();
    pair.run_ms(150);
    assert_eq!(pair.audio.len(), before, "no audio of the cut response comes later");
    let order = ["ResponseOutputAudioDone", "ResponseOutputAudioTranscriptDone", "ResponseContentPartDone"];
    let names = pair.names(0);
    let at = names.iter().position(|name| *name == order[0]).unwrap();
    assert_eq!(names[at..at + 3], order);
    assert_eq!(names[at - 1], "InputAudioBufferSpeechStarted");
    let item_id = done["output"][0]["id"].clone();
    pair.tell(
        "conversationItemTruncate",
        json!({"item_id": item_id, "content_index": 0, "audio_end_ms": 400}),
    );
    let truncated = pair.until("ConversationItemTruncated");
    assert_eq!((&truncated["item_id"], &truncated["audio_end_ms"]), (&item_id, &json!(400)));
    pair.tell(
        "conversationItemTruncate",
        json!({"item_id": item_id, "content_index": 0, "audio_end_ms": 401}),
    );
    assert_eq!(pair.until("Error")["error"]["param"], "audio_end_ms");
    pair.tell(
        "sessionUpdate",
        json!({"session": {"type": "realtime", "audio": {"output": {"voice": "marin"}}}}),
    );
    assert_eq!(pair.until("Error")["error"]["code"], "cannot_update_voice");
}

#[test]
fn c7_7_transcription_does_not_hold_up_the_response() {
    for (model, usage) in [("gpt-4o-transcribe", "tokens"), ("whisper-1", "duration")] {
        let session = json!({"type": "realtime", "output_modalities": ["text"],
            "audio": {"input": {"transcription": {"model": model}}}});
        let mut pair = Pair::ready(json!({"transcription_ms": 230}), json!([]), session);
        pair.say("a few good words");
        let completed = pair.until("ConversationItemInputAudioTranscriptionCompleted");
        assert_eq!(completed["transcript"], "a few good words");
        assert_eq!(completed["usage"]["type"], usage);
        let names = pair.names(0);
        let at = |name: &str| names.iter().position(|other| *other == name).unwrap_or(usize::MAX);
        assert!(at("ResponseCreated") < at("ConversationItemInputAudioTranscriptionCompleted"));
        let deltas: String = pair
            .payloads("ConversationItemInputAudioTranscriptionDelta")
            .iter()
            .map(|delta| delta["delta"].as_str().unwrap())
            .collect();
        assert_eq!(deltas, "a few good words");
        pair.until("ResponseDone");
        pair.tell("conversationItemRetrieve", json!({"item_id": completed["item_id"]}));
        let item = pair.until("ConversationItemRetrieved")["item"].clone();
        assert_eq!(item["content"], json!([{"type": "input_audio", "transcript": "a few good words"}]));
    }
}

#[test]
fn c7_13_a_silent_caller_is_asked_after_the_idle_timeout() {
    let session = json!({"type": "realtime", "output_modalities": ["text"],
        "audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 6000}}}});
    let mut pair = Pair::ready(json!({}), json!([]), session);
    pair.tell("responseCreate", json!({"response": {"instructions": "Hello."}}));
    pair.until("ResponseDone");
    let from = pair.log.len();
    let done_ms = pair.now.as_ms();
    let triggered = pair.until("InputAudioBufferTimeoutTriggered");
    assert_eq!(pair.now.as_ms() - done_ms, 6000);
    let committed = pair.until("InputAudioBufferCommitted");
    assert_eq!(committed["item_id"], triggered["item_id"]);
    assert_eq!(pair.until("ResponseOutputTextDone")["text"], "Are you still there?");
    assert_eq!(pair.names(from)[0..2], ["RateLimitsUpdated", "InputAudioBufferTimeoutTriggered"]);
    pair.run_ms(3000);
    pair.say("yes");
    pair.until("ResponseDone");
    let timeouts = pair.payloads("InputAudioBufferTimeoutTriggered").len();
    assert_eq!(timeouts, 1, "speech starts the timer anew");
}

#[test]
fn c8_the_session_ends_after_its_limit() {
    let mut pair = Pair::ready(json!({"session_limit_ms": 120_000}), json!([]), json!({"type": "realtime"}));
    pair.run_ms(121_000);
    assert_eq!(pair.names(0), ["SessionCreated", "SessionUpdated", "Error", "Close"]);
    assert_eq!(pair.payloads("Error")[0]["error"]["code"], "session_expired");
    let close = &pair.log.last().unwrap().data;
    assert_eq!(
        (&close["code"], &close["reason"]),
        (&json!(1001), &json!("Your session hit the maximum duration of 2 minutes."))
    );
    assert_eq!(pair.payloads("SessionCreated")[0]["session"]["expires_at"], Value::from(120));
}

#[test]
fn endless_instructions_end_at_the_providers_limit() {
    let mut pair =
        Pair::ready(json!({}), json!([]), json!({"type": "realtime", "output_modalities": ["text"]}));
    pair.tell("responseCreate", json!({"instructions": "word ".repeat(100_000)}));
    let mut done = Value::Null;
    while done.is_null() {
        pair.run_ms(10_000);
        done =
            pair.payloads("ResponseDone").first().map_or(Value::Null, |payload| payload["response"].clone());
    }
    assert_eq!(done["status_details"]["reason"], "max_output_tokens");
    assert_eq!(done["usage"]["output_tokens"], 4096);
}

/// What one frame of the caller makes the connector allocate, and how long the message is.
fn cost_of(connector: &mut dyn Unit, frame: &Frame) -> (u64, u64) {
    let mut length = 0;
    let allocated = allocated_by(|| {
        connector.handle(Time::from_ms(500), ToUnit::Audio(frame));
        while let Some(word) = connector.poll() {
            if let FromUnit::Send { frame, .. } = word {
                length = frame.len() as u64;
            }
        }
    });
    (allocated, length)
}

/// The message is shared with whoever sends it, so it has memory of its own; nothing else does.
#[test]
fn a_frame_costs_its_message_and_silence_costs_nothing() {
    let mut connector = (KIND.make)(UnitSetup::default());
    connector.handle(Time::ZERO, ToUnit::Start { params: &[json!({ "apiKey": "key" }).into()] });
    connector.handle(Time::from_ms(100), ToUnit::Opened);
    let created = json!({ "type": "session.created", "event_id": "e", "session": { "type": "realtime" } });
    connector.handle(Time::from_ms(110), ToUnit::Frame(&WireFrame::json(&created)));
    let loud = Frame::from_samples(Rate::Hz24000, &[700; 480]);
    let silence = Frame::silence(Rate::Hz24000);
    for frame in [&loud, &silence] {
        let (_, length) = cost_of(connector.as_mut(), frame);
        assert!(length > 1_280, "it is sent");
    }
    let (allocated, length) = cost_of(connector.as_mut(), &loud);
    assert!((length..length + 32).contains(&allocated), "{allocated} bytes for a message of {length}");
    assert_eq!(cost_of(connector.as_mut(), &silence).0, 0);
}
