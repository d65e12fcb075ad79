//! What a replies file can make the emulator do beyond words and one function call: several calls, MCP servers with and
//! without approval, errors, and responses that fail or are filtered. The emulator alone, as a strict client meets it.

use serde_json::{Value, json};

use super::server::{Desk, types};

/// The types in order, a run of deltas as one with a star.
fn folded(events: &[Value]) -> String {
    let mut out: Vec<String> = Vec::new();
    for name in types(events) {
        let name = if name.ends_with(".delta") { format!("{name}*") } else { name };
        if !name.ends_with('*') || out.last() != Some(&name) {
            out.push(name);
        }
    }
    out.join(" ")
}

fn find<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    events
        .iter()
        .find(|event| event["type"] == kind)
        .unwrap_or_else(|| panic!("no {kind}: {:?}", types(events)))
}

/// A desk with this one reply, in text.
fn replying(reply: Value) -> Desk {
    let mut desk = Desk::scripted(json!({}), json!([reply]));
    desk.send(
        json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}),
    );
    desk
}

/// All events of a response.
fn respond(desk: &mut Desk) -> Vec<Value> {
    let mut events = desk.send(json!({"type": "response.create"}));
    events.extend(desk.wait(10_000));
    events
}

const TEXT: &str = "response.output_item.added conversation.item.added response.content_part.added \
    response.output_text.delta* response.output_text.done response.content_part.done conversation.item.done \
    response.output_item.done";
const CALL: &str = "response.output_item.added conversation.item.added response.function_call_arguments.delta* \
    response.function_call_arguments.done conversation.item.done response.output_item.done";
const MCP: &str = "response.output_item.added conversation.item.added response.mcp_call_arguments.delta* \
    response.mcp_call_arguments.done response.mcp_call.in_progress";
const END: &str = "response.done rate_limits.updated";

#[test]
fn c7_4_text_and_c7_8_several_calls_in_one_response() {
    let calls =
        json!([{"name": "b", "arguments": {"x": [1, 2]}}, {"name": "c", "arguments": "{\"raw\": true}"}]);
    let mut desk = replying(
        json!({"say": "One moment, please.", "call": {"name": "a", "arguments": {"city": "Bern"}}, "calls": calls}),
    );
    let events = respond(&mut desk);
    assert_eq!(folded(&events), format!("response.created {TEXT} {CALL} {CALL} {CALL} {END}"));
    let output = find(&events, "response.done")["response"]["output"].as_array().unwrap().clone();
    let names: Vec<&Value> = output.iter().map(|item| &item["name"]).collect();
    assert_eq!(names, [&Value::Null, &json!("a"), &json!("b"), &json!("c")]);
    assert_eq!(output[2]["arguments"], r#"{"x":[1,2]}"#);
    assert_eq!(output[3]["arguments"], r#"{"raw": true}"#);
    assert_ne!(output[1]["call_id"], output[2]["call_id"]);
    for (at, item) in output.iter().enumerate().skip(1) {
        let done = events.iter().find(|event| {
            event["type"] == "response.function_call_arguments.done" && event["item_id"] == item["id"]
        });
        assert_eq!(done.unwrap()["output_index"], at);
        assert_eq!(done.unwrap()["name"], item["name"]);
    }
}

#[test]
fn a_response_that_fails_after_some_words() {
    let fail = json!({"after_words": 2, "code": "server_error", "message": "The model is gone."});
    let mut desk = replying(json!({"say": "one two three", "calls": [{"name": "never"}], "fail": fail}));
    let events = respond(&mut desk);
    assert_eq!(folded(&events), format!("response.created {TEXT} {END}"));
    let response = &find(&events, "response.done")["response"];
    assert_eq!(response["status"], "failed");
    let error = json!({"type": "server_error", "code": "server_error", "message": "The model is gone."});
    assert_eq!(response["status_details"], json!({"type": "failed", "error": error}));
    assert_eq!(response["output"][0]["content"][0]["text"], "one two");
    assert_eq!(response["output"][0]["status"], "incomplete");
    // At once, after everything, and the next one is well again.
    for (fail, output) in
        [(json!({"after_words": 0, "code": "x"}), json!([])), (json!({"code": "x"}), json!("one two three"))]
    {
        let mut desk = replying(json!({"say": "one two three", "fail": fail}));
        let events = respond(&mut desk);
        let response = &find(&events, "response.done")["response"];
        assert_eq!(response["status"], "failed");
        assert_eq!(response["status_details"]["error"]["message"], "x");
        match output {
            Value::Array(_) => assert_eq!(response["output"], output),
            text => assert_eq!(response["output"][0]["content"][0]["text"], text),
        }
        assert_eq!(find(&respond(&mut desk), "response.done")["response"]["status"], "completed");
    }
}

#[test]
fn the_content_filter_makes_a_response_incomplete() {
    let mut desk = replying(json!({"say": "one two three", "filter_after_words": 1}));
    let response = find(&respond(&mut desk), "response.done")["response"].clone();
    assert_eq!(response["status"], "incomplete");
    assert_eq!(response["status_details"], json!({"type": "incomplete", "reason": "content_filter"}));
    assert_eq!(response["output"][0]["content"][0]["text"], "one");
}

#[test]
fn c4_quota_and_rate_errors_instead_of_a_response_or_after_it() {
    for (code, kind) in [
        ("insufficient_quota", "insufficient_quota"),
        ("rate_limit_exceeded", "rate_limit_error"),
        ("server_error", "server_error"),
        ("odd", "invalid_request_error"),
    ] {
        let mut desk = replying(json!({"error": {"code": code}, "delay_ms": 70}));
        assert!(desk.send(json!({"type": "response.create"})).is_empty());
        assert!(desk.wait(69).is_empty());
        let events = desk.wait(5000);
        assert_eq!(types(&events), ["error"]);
        let error = json!({"type": kind, "code": code, "message": code, "param": null, "event_id": null});
        assert_eq!(events[0]["error"], error);
        assert_eq!(desk.closed, None);
        assert_eq!(find(&respond(&mut desk), "response.done")["response"]["status"], "completed");
    }
    let error = json!({"code": "server_error", "message": "Gone.", "type": "overload", "close": 1011});
    let mut desk = replying(json!({"say": "Hi.", "error": error}));
    let events = respond(&mut desk);
    assert_eq!(folded(&events), format!("response.created {TEXT} response.done error"));
    assert_eq!(desk.closed, Some((1011, "overload.server_error".to_owned())));
}

#[test]
fn what_is_said_as_text_or_as_audio_whatever_the_session_says() {
    for (session, modality, part) in
        [("text", "audio", "output_audio"), ("audio", "text", "output_text"), ("text", "text", "output_text")]
    {
        let mut desk = Desk::scripted(json!({}), json!([{"say": "Hi there.", "modality": modality}]));
        desk.send(json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": [session]}}));
        let events = respond(&mut desk);
        let audio = events.iter().any(|event| event["type"] == "response.output_audio.delta");
        assert_eq!(audio, modality == "audio");
        let response = &find(&events, "response.done")["response"];
        assert_eq!(response["output"][0]["content"][0]["type"], part);
        assert_eq!(response["output_modalities"], json!([session]));
    }
}

fn server(label: &str, approval: &str) -> Value {
    json!({"type": "mcp", "server_label": label, "server_url": "https://mcp.invalid", "require_approval": approval})
}

fn session(tools: Value) -> Value {
    json!({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"], "tools": tools}})
}

#[test]
fn mcp_servers_list_their_tools_once() {
    let replies = json!([{"mcp": {"server": "docs", "name": "search"}}, {"mcp": {"server": "docs", "name": "read"}},
        {"mcp": {"server": "docs", "name": "search"}}]);
    let tool =
        json!({"name": "pay", "description": "Pays.", "input_schema": {"type": "object", "properties": {}}});
    let settings =
        json!({"mcp": [{"server": "shop", "tools": [tool, "look"]}, {"server": "down", "fails": true}]});
    let mut desk = Desk::scripted(settings, replies);
    let tools = json!([
        server("docs", "never"),
        server("shop", "never"),
        server("down", "never"),
        server("docs", "never")
    ]);
    let begun = desk.send(session(tools.clone()));
    assert_eq!(
        folded(&begun),
        "session.updated conversation.item.added mcp_list_tools.in_progress conversation.item.added \
         mcp_list_tools.in_progress conversation.item.added mcp_list_tools.in_progress"
    );
    assert_eq!(begun[1]["item"]["tools"], json!([]));
    assert_eq!(begun[2]["item_id"], begun[1]["item"]["id"]);
    let ended = desk.wait(1000);
    assert_eq!(
        types(&ended),
        [
            "mcp_list_tools.completed",
            "conversation.item.done",
            "mcp_list_tools.completed",
            "conversation.item.done",
            "mcp_list_tools.failed",
            "conversation.item.done"
        ]
    );
    let names = |at: usize| {
        let tools = ended[at]["item"]["tools"].as_array().unwrap();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(1), ["search", "read"]);
    assert_eq!(names(3), ["pay", "look"]);
    assert_eq!(names(5), Vec::<String>::new());
    assert_eq!(ended[3]["item"]["tools"][0]["description"], "Pays.");
    let again = desk.send(session(tools));
    assert_eq!(
        types(&again)[1..],
        ["conversation.item.added", "mcp_list_tools.in_progress"],
        "only the one that failed"
    );
}

#[test]
fn an_mcp_call_without_approval_and_the_words_after_it() {
    let call = json!({"server": "docs", "name": "search", "arguments": {"q": "x"}, "output": "two pages"});
    for (error, outcome) in [(Value::Null, "completed"), (json!("no such page"), "failed")] {
        let mut call = call.clone();
        if !error.is_null() {
            call["output"] = Value::Null;
            call["error"] = error.clone();
        }
        let mut desk = Desk::scripted(json!({}), json!([{"mcp": call, "say": "Found two."}]));
        desk.send(session(json!([server("docs", "never")])));
        desk.wait(1000);
        let events = respond(&mut desk);
        assert_eq!(
            folded(&events),
            format!(
                "response.created {MCP} response.mcp_call.{outcome} conversation.item.done response.output_item.done \
                 {TEXT} {END}"
            )
        );
        let item = &find(&events, "response.done")["response"]["output"][0];
        assert_eq!((&item["type"], &item["server_label"]), (&json!("mcp_call"), &json!("docs")));
        assert_eq!((&item["name"], &item["arguments"]), (&json!("search"), &json!(r#"{"q":"x"}"#)));
        if error.is_null() {
            assert_eq!((&item["output"], &item["error"]), (&json!("two pages"), &Value::Null));
        } else {
            let error = json!({"type": "tool_execution_error", "message": "no such page"});
            assert_eq!((&item["output"], &item["error"]), (&Value::Null, &error));
        }
        assert_eq!(find(&events, "response.mcp_call_arguments.done")["arguments"], r#"{"q":"x"}"#);
    }
}

#[test]
fn an_mcp_call_waits_for_its_approval() {
    let call = json!({"server": "docs", "name": "search", "arguments": {"q": 1}, "output": "y"});
    let mut desk = Desk::scripted(json!({}), json!([{"mcp": call, "say": "Done."}]));
    desk.send(session(json!([server("docs", "always")])));
    desk.wait(1000);
    let events = respond(&mut desk);
    assert_eq!(
        folded(&events),
        format!(
            "response.created response.output_item.added conversation.item.added conversation.item.done \
             response.output_item.done {END}"
        )
    );
    let request = find(&events, "response.done")["response"]["output"][0].clone();
    assert_eq!(
        (&request["type"], &request["arguments"]),
        (&json!("mcp_approval_request"), &json!(r#"{"q":1}"#))
    );
    let answer = |id: &Value, approve: bool| {
        json!({"type": "conversation.item.create", "item": {"type": "mcp_approval_response",
            "approval_request_id": id, "approve": approve}})
    };
    assert_eq!(desk.error(answer(&json!("mcpr_x"), true))["param"], "item.approval_request_id");
    let mut events = desk.send(answer(&request["id"], true));
    events.extend(desk.wait(5000));
    assert_eq!(
        folded(&events),
        format!(
            "conversation.item.added conversation.item.done response.created {} response.mcp_call.completed \
             conversation.item.done response.output_item.done {TEXT} {END}",
            MCP
        )
    );
    let item = &find(&events, "response.done")["response"]["output"][0];
    assert_eq!((&item["output"], &item["approval_request_id"]), (&json!("y"), &request["id"]));
    assert_eq!(desk.error(answer(&request["id"], true))["code"], "invalid_value", "it is answered once");
}

#[test]
fn an_mcp_call_that_is_not_approved_is_never_made() {
    let call = json!({"server": "docs", "name": "search"});
    let mut desk = Desk::scripted(json!({}), json!([{"mcp": call, "say": "Done."}]));
    desk.send(session(json!([server("docs", "always")])));
    desk.wait(1000);
    let id = find(&respond(&mut desk), "response.done")["response"]["output"][0]["id"].clone();
    let mut events = desk
        .send(json!({"type": "conversation.item.create", "item": {"type": "mcp_approval_response",
        "approval_request_id": id, "approve": false}}));
    events.extend(desk.wait(5000));
    assert_eq!(folded(&events), "conversation.item.added conversation.item.done");
}

#[test]
fn an_mcp_server_that_the_session_does_not_have_is_an_error_of_the_call() {
    let call = json!({"server": "docs", "name": "search", "output": "y"});
    let limited = json!({"type": "mcp", "server_label": "docs", "allowed_tools": ["read"], "require_approval": "never"});
    for tools in [json!([]), json!([limited])] {
        let mut desk = Desk::scripted(json!({}), json!([{"mcp": call}]));
        desk.send(session(tools));
        desk.wait(1000);
        let events = respond(&mut desk);
        find(&events, "response.mcp_call.failed");
        let item = &find(&events, "response.done")["response"]["output"][0];
        assert_eq!(item["error"]["type"], "protocol_error");
    }
}

#[test]
fn cancelling_in_the_middle_of_an_mcp_call() {
    let call = json!({"server": "docs", "name": "search", "arguments": {"query": "something long enough"}});
    for (wait_ms, first) in [(210, "response.mcp_call_arguments.done"), (500, "response.mcp_call.failed")] {
        let mut desk = Desk::scripted(json!({"mcp_call_ms": 3000}), json!([{"mcp": call}]));
        desk.send(session(json!([server("docs", "never")])));
        desk.wait(1000);
        desk.send(json!({"type": "response.create"}));
        desk.wait(wait_ms);
        let events = desk.send(json!({"type": "response.cancel"}));
        assert_eq!(
            types(&events),
            [first, "conversation.item.done", "response.output_item.done", "response.done"],
            "{wait_ms}"
        );
        assert_eq!(desk.types_for(10_000), ["rate_limits.updated"]);
    }
}
