//! Whole conversations over the wire, as the documented scenarios lead them.

use serde_json::{Value, json};

use super::pair::Pair;
use crate::wire::{EmulatorSetup, UnitSetup, WireFrame};

fn text_session() -> Value {
    json!({"type": "realtime", "instructions": "Be brief.", "output_modalities": ["text"],
        "turn_detection": {"type": "server_vad", "interrupt_response": true}})
}

/// `[a, b, b, b, c]` as `a b* c`.
fn folded(names: &[&str]) -> String {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        match out.last_mut() {
            Some(last) if last.trim_end_matches('*') == *name => *last = format!("{name}*"),
            _ => out.push((*name).to_owned()),
        }
    }
    out.join(" ")
}

const TEXT_RESPONSE: &str = "ResponseCreated ResponseOutputItemAdded ConversationItemAdded ResponseContentPartAdded \
    ResponseOutputTextDelta* ResponseOutputTextDone ResponseContentPartDone ConversationItemDone \
    ResponseOutputItemDone ResponseDone RateLimitsUpdated";

const TURN: &str = "InputAudioBufferSpeechStarted InputAudioBufferSpeechStopped InputAudioBufferCommitted \
    ConversationItemAdded ConversationItemDone";

#[test]
fn c7_1_c7_2_c7_4_the_documented_greeting_is_spoken_word_for_word() {
    let mut pair = Pair::with(json!({}), json!([]));
    pair.until("SessionCreated");
    assert_eq!(pair.log[0].kind, "settle", "the promise is settled before the first event");
    let created_ms = pair.now.as_ms();
    assert!((120 + 3..=120 + 6).contains(&created_ms), "{created_ms}");
    pair.tell("sessionUpdate", json!({"session": text_session()}));
    let updated = pair.until("SessionUpdated");
    assert_eq!(updated["session"]["output_modalities"], json!(["text"]));
    assert_eq!(updated["session"]["audio"]["input"]["turn_detection"]["silence_duration_ms"], 200);
    let from = pair.log.len();
    pair.tell("responseCreate", json!({"instructions": "Hello! How can I help today?"}));
    pair.until("RateLimitsUpdated");
    assert_eq!(folded(&pair.names(from)), TEXT_RESPONSE);
    assert_eq!(pair.payloads("ResponseOutputTextDone")[0]["text"], "Hello! How can I help today?");
    let deltas: Vec<&str> = pair
        .payloads("ResponseOutputTextDelta")
        .iter()
        .map(|delta| delta["delta"].as_str().unwrap())
        .collect();
    assert_eq!(deltas.concat(), "Hello! How can I help today?");
    assert!(deltas.len() > 5 && deltas.iter().all(|delta| delta.len() <= 6), "{deltas:?}");
    let at = |name: &str| pair.log.iter().rfind(|line| line.name.ends_with(name)).unwrap().at.as_ms();
    assert_eq!(at("RateLimitsUpdated") - at(".ResponseDone"), 43);
    let first = pair.log.iter().find(|line| line.name.ends_with("TextDelta")).unwrap().at.as_ms();
    assert_eq!(first - at(".ResponseCreated"), 200);
    assert_eq!(pair.payloads("SessionUpdated").len(), 1);
    assert_eq!(pair.payloads("Error").len(), 0);
    let notes = pair.texts("note");
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].contains("session.audio.input.turn_detection") && notes[1].contains("response.instructions")
    );
    pair.run_ms(1000);
    assert_eq!(pair.payloads("ConversationItemAdded").len(), 1, "silence makes no turn");
}

#[test]
fn c6_usage_adds_up_and_ids_hang_together() {
    let mut pair = Pair::ready(json!({}), json!([]), text_session());
    pair.tell(
        "responseCreate",
        json!({"response": {"instructions": "One two three.", "metadata": {"k": "v"}}}),
    );
    let done = pair.until("ResponseDone")["response"].clone();
    let usage = &done["usage"];
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(
        number(&usage["total_tokens"]),
        number(&usage["input_tokens"]) + number(&usage["output_tokens"])
    );
    let input = &usage["input_token_details"];
    assert_eq!(
        number(&usage["input_tokens"]),
        number(&input["text_tokens"]) + number(&input["audio_tokens"])
    );
    assert_eq!(number(&usage["output_tokens"]), pair.payloads("ResponseOutputTextDelta").len() as u64);
    assert_eq!(done["status"], "completed");
    assert_eq!(done["status_details"], Value::Null);
    assert_eq!(done["metadata"], json!({"k": "v"}));
    let item = &done["output"][0];
    assert_eq!(item["content"], json!([{"type": "output_text", "text": "One two three."}]));
    assert_eq!(pair.payloads("ConversationItemDone")[0]["item"], *item);
    assert_eq!(pair.payloads("ConversationItemAdded")[0]["item"]["id"], item["id"]);
    let text = pair.payloads("ResponseOutputTextDone")[0].clone();
    assert_eq!((&text["item_id"], &text["response_id"]), (&item["id"], &done["id"]));
    assert_eq!((&text["output_index"], &text["content_index"]), (&json!(0), &json!(0)));
    assert_eq!(pair.payloads("ResponseContentPartAdded")[0]["part"], json!({"type": "text", "text": ""}));
}

#[test]
fn c7_6_a_callers_turn_is_heard_through_its_audio() {
    let mut pair = Pair::ready(json!({}), json!([]), text_session());
    pair.run_ms(500);
    let from = pair.log.len();
    pair.say("what does it cost");
    pair.until("RateLimitsUpdated");
    assert_eq!(folded(&pair.names(from)), format!("{TURN} {TEXT_RESPONSE}"));
    assert_eq!(pair.texts("heard"), ["what does it cost"]);
    assert_eq!(pair.payloads("ResponseOutputTextDone")[0]["text"], "You said: what does it cost.");
    let started = pair.payloads("InputAudioBufferSpeechStarted")[0];
    let stopped = pair.payloads("InputAudioBufferSpeechStopped")[0];
    let committed = pair.payloads("InputAudioBufferCommitted")[0];
    let item = &pair.payloads("ConversationItemAdded")[0]["item"];
    for id in [&stopped["item_id"], &committed["item_id"], &item["id"]] {
        assert_eq!(*id, started["item_id"]);
    }
    assert_eq!(committed["previous_item_id"], Value::Null);
    assert_eq!(item["content"], json!([{"type": "input_audio", "transcript": null}]));
    let spoken = stopped["audio_end_ms"].as_u64().unwrap() - started["audio_start_ms"].as_u64().unwrap();
    assert!((1000..4000).contains(&spoken), "{spoken}");
    assert_eq!(pair.payloads("ConversationItemAdded")[1]["previous_item_id"], item["id"]);
}

#[test]
fn replies_answer_by_pattern_and_in_order() {
    let replies =
        json!([{"say": "First."}, {"heard": "COST", "say": "Ten."}, {"say": "Second.", "delay_ms": 700}]);
    let mut pair = Pair::ready(json!({}), replies, text_session());
    for (words, answer) in [
        ("hello there", "First."),
        ("the cost please", "Ten."),
        ("thanks", "Second."),
        ("bye", "You said: bye."),
    ] {
        pair.say(words);
        assert_eq!(pair.until("ResponseOutputTextDone")["text"], answer);
        pair.run_ms(300);
    }
    let at = |name: &str| pair.log.iter().filter(|line| line.name.ends_with(name)).nth(2).unwrap().at.as_ms();
    assert_eq!(at("ResponseOutputItemAdded") - at(".ResponseCreated"), 900);
}

#[test]
fn c7_9_barge_in_cuts_the_response_in_the_documented_order() {
    let long = "word ".repeat(300);
    for cut_text_done in [true, false] {
        let settings = json!({"cut_text_done": cut_text_done, "tokens_per_second": 20});
        let mut pair = Pair::ready(settings, json!([]), text_session());
        pair.tell("responseCreate", json!({"instructions": long}));
        pair.until("ResponseOutputTextDelta");
        pair.run_ms(1000);
        pair.say("stop please");
        pair.until("InputAudioBufferSpeechStarted");
        let from = pair.log.len() - 1;
        let done = pair.until("ResponseDone")["response"].clone();
        let text_done = if cut_text_done { "ResponseOutputTextDone " } else { "" };
        let order = format!(
            "InputAudioBufferSpeechStarted {text_done}ResponseContentPartDone ConversationItemDone \
             ResponseOutputItemDone ResponseDone"
        );
        assert_eq!(folded(&pair.names(from)), order);
        assert_eq!(done["status"], "cancelled");
        assert_eq!(done["status_details"], json!({"type": "cancelled", "reason": "turn_detected"}));
        let item = &done["output"][0];
        assert_eq!(item["status"], "incomplete");
        let text = item["content"][0]["text"].as_str().unwrap();
        assert!(!text.is_empty() && text.len() < long.len() && long.starts_with(text), "{text}");
        let deltas = pair.payloads("ResponseOutputTextDelta").len();
        let again = pair.until("ResponseOutputTextDone");
        assert_eq!(again["text"], "You said: stop please.");
        let after: String = pair.payloads("ResponseOutputTextDelta")[deltas..]
            .iter()
            .map(|delta| delta["delta"].as_str().unwrap())
            .collect();
        assert_eq!(after, "You said: stop please.", "nothing of the cut response comes later");
    }
}

#[test]
fn without_interrupt_response_the_agent_goes_on() {
    let session = json!({"type": "realtime", "output_modalities": ["text"],
        "audio": {"input": {"turn_detection": {"type": "server_vad", "interrupt_response": false}}}});
    let mut pair = Pair::ready(json!({"tokens_per_second": 5}), json!([]), session);
    pair.tell(
        "responseCreate",
        json!({"instructions": "one two three four five six seven eight nine ten eleven twelve"}),
    );
    pair.until("ResponseOutputTextDelta");
    pair.say("hm");
    let error = pair.until("Error");
    assert_eq!(error["error"]["code"], "conversation_already_has_active_response");
    assert_eq!(pair.until("ResponseDone")["response"]["status"], "completed");
}

#[test]
fn c7_8_a_function_call_and_its_result() {
    let replies = json!([
        {"heard": "weather", "say": "One moment.", "call": {"name": "get_weather", "arguments": {"city": "Berlin"}}},
        {"heard": "sunny", "say": "It is sunny."}
    ]);
    let mut pair = Pair::ready(json!({}), replies, text_session());
    pair.say("the weather please");
    let arguments = pair.until("ResponseFunctionCallArgumentsDone");
    let from = pair.log.iter().rposition(|line| line.name.ends_with("OutputItemAdded")).unwrap();
    assert_eq!(arguments["arguments"], r#"{"city":"Berlin"}"#);
    assert_eq!((&arguments["name"], &arguments["output_index"]), (&json!("get_weather"), &json!(1)));
    let done = pair.until("ResponseDone")["response"].clone();
    assert_eq!(
        folded(&pair.names(from)),
        "ResponseOutputItemAdded ConversationItemAdded ResponseFunctionCallArgumentsDelta* \
         ResponseFunctionCallArgumentsDone ConversationItemDone ResponseOutputItemDone ResponseDone"
    );
    assert_eq!(done["output"][1]["call_id"], arguments["call_id"]);
    assert_eq!(done["output"][1]["type"], "function_call");
    let item = json!({"type": "function_call_output", "call_id": arguments["call_id"], "output": "sunny"});
    pair.tell("conversationItemCreate", json!({"item": item}));
    pair.tell("responseCreate", json!({}));
    assert_eq!(pair.until("ResponseOutputTextDone")["text"], "It is sunny.");
}

#[test]
fn c2_c8_refusals_come_as_an_error_and_a_close() {
    let table = [
        (
            json!({"apiKey": "sk-wrong", "model": "gpt-realtime"}),
            "invalid_api_key",
            3000,
            "invalid_request_error.invalid_api_key",
        ),
        (
            json!({"apiKey": "sk-good", "model": "no-such-model"}),
            "invalid_model",
            4000,
            "invalid_request_error.invalid_model",
        ),
        (
            json!({"apiKey": "sk-good", "model": "gpt-4o"}),
            "invalid_model",
            4000,
            "invalid_request_error.invalid_model",
        ),
        (
            json!({"apiKey": "sk-good", "model": ""}),
            "missing_model",
            4000,
            "invalid_request_error.missing_model",
        ),
    ];
    for (params, code, close, reason) in table {
        let emulator = EmulatorSetup { keys: vec!["sk-good".to_owned()], ..EmulatorSetup::default() };
        let mut pair = Pair::new(UnitSetup::default(), emulator, params);
        pair.run_ms(1000);
        assert_eq!(pair.texts("settle"), [""], "the promise resolves first");
        assert_eq!(pair.names(0), ["Error", "Close"]);
        assert_eq!(pair.payloads("Error")[0]["error"]["code"], code);
        let closed = pair.log.last().unwrap();
        assert_eq!(closed.name, "WebSocket.Close");
        assert_eq!(closed.data, json!({"code": close, "reason": reason, "wasClean": true}));
    }
}

#[test]
fn a4_c8_closing_tells_the_script_once_and_later_calls_do_nothing() {
    let mut pair = Pair::ready(json!({}), json!([]), text_session());
    pair.tell("responseCreate", json!({"instructions": "one two three four five six"}));
    pair.until("ResponseOutputTextDelta");
    pair.close();
    pair.close();
    let from = pair.log.len();
    pair.run_ms(2000);
    pair.tell("responseCreate", json!({}));
    pair.close();
    pair.run_ms(2000);
    assert_eq!(pair.names(from), ["Close"]);
    let close = pair.log.iter().find(|line| line.name == "WebSocket.Close").unwrap();
    assert_eq!(close.data, json!({"code": 1000, "reason": "", "wasClean": true}));
    assert_eq!(pair.texts("close"), ["1000"]);
    assert!(pair.texts("note").last().unwrap().contains("responseCreate: the connection is closed"));
}

#[test]
fn a5_c4_a_verbatim_run_shows_what_the_provider_refuses() {
    let connector = UnitSetup { verbatim: true, ..UnitSetup::default() };
    let params = json!({"apiKey": "k", "model": "gpt-realtime"});
    let mut pair = Pair::new(connector, EmulatorSetup::default(), params);
    pair.until("SessionCreated");
    pair.tell("sessionUpdate", json!({"session": text_session(), "event_id": "mine"}));
    let error = pair.until("Error")["error"].clone();
    assert_eq!(
        (&error["code"], &error["param"]),
        (&json!("unknown_parameter"), &json!("session.turn_detection"))
    );
    assert_eq!(error["message"], "Unknown parameter: 'session.turn_detection'.");
    assert_eq!(error["event_id"], "mine");
    pair.tell("responseCreate", json!({"instructions": "Hello!"}));
    assert_eq!(pair.until("Error")["error"]["param"], "instructions");
    pair.run_ms(1000);
    assert!(pair.payloads("SessionUpdated").is_empty() && pair.payloads("ResponseCreated").is_empty());
    assert!(pair.texts("note").is_empty());
}

#[test]
fn a4_garbage_from_the_provider_ends_nothing() {
    let mut pair = Pair::ready(json!({}), json!([]), text_session());
    let deep = format!("{{\"type\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let texts = [
        "",
        "hello",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        r#"{"type":5}"#,
        r#"{"type":"response.output_audio.delta"}"#,
        r#"{"type":"response.output_audio.delta","delta":"%%"}"#,
        &deep,
    ];
    for text in texts {
        pair.inject(WireFrame::Text(text.into()));
    }
    pair.inject(WireFrame::Binary(vec![0, 255]));
    pair.inject(WireFrame::Text(r#"{"type":"response.brand_new","x":1}"#.into()));
    pair.run_ms(50);
    assert_eq!(pair.payloads("WebSocketError").len(), texts.len() + 1);
    assert_eq!(
        pair.texts("note").len(),
        1 + texts.len() + 1,
        "one for the session, one for each piece of garbage"
    );
    assert_eq!(pair.payloads("Unknown"), [&json!({"type": "response.brand_new", "x": 1})]);
    pair.tell("responseCreate", json!({"instructions": "Still here."}));
    assert_eq!(pair.until("ResponseOutputTextDone")["text"], "Still here.");
}

#[test]
fn two_runs_are_equal_and_another_seed_is_not() {
    let run = |seed: u64| {
        let emulator = EmulatorSetup { seed, ..EmulatorSetup::default() };
        let mut pair = Pair::new(UnitSetup::default(), emulator, json!({"apiKey": "k"}));
        pair.until("SessionCreated");
        pair.say("same again");
        pair.run_ms(5000);
        pair.log
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
