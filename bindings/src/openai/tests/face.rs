//! The JS face: what a script calls becomes commands, and events reach its listeners.

use serde_json::{Value, json};

use crate::contract::{
    Command, Datum, HostEvent, MediaAsk, On, Outcome, ScenarioFile, Setup, Time, Turn, UnitId,
};
use crate::engine::Engine;
use crate::openai::events;

/// Runs on a thread with the stack that the engine asks for.
fn on_engine_thread(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).unwrap();
    thread.join().unwrap();
}

fn started(text: &str) -> (Engine, Turn) {
    let scenarios = vec![ScenarioFile::new("s.js", text)];
    let mut engine = Engine::new(Setup { scenarios, ..Setup::default() }, &crate::language()).unwrap();
    let turn = engine.start(Time::ZERO);
    assert_eq!(turn.error, None);
    (engine, turn)
}

fn logs(turn: &Turn) -> Vec<&str> {
    let mut lines = Vec::new();
    for command in &turn.commands {
        if let Command::Log { text, .. } = command {
            lines.push(text.as_str());
        }
    }
    lines
}

/// The unit and the command that opens it.
fn opened(turn: &Turn) -> (UnitId, HostEvent, Vec<Value>) {
    let [Command::Open { unit, kind, request: Some(request), params }] = &turn
        .commands
        .iter()
        .filter(|command| matches!(command, Command::Open { .. }))
        .collect::<Vec<_>>()[..]
    else {
        panic!("{:?}", turn.commands)
    };
    assert_eq!(kind, "openai");
    (
        *unit,
        HostEvent::Settle { request: *request, outcome: Outcome::Done(Datum::Unit(*unit)) },
        Datum::all_json(params),
    )
}

fn raise(unit: UnitId, name: &str, fields: Value) -> HostEvent {
    HostEvent::Raise {
        on: On::Unit(unit),
        name: name.to_owned(),
        fields: fields.as_object().unwrap().clone().into(),
    }
}

const SCRIPT: &str = r#"
require(Modules.OpenAI);
(async () => {
    const client = await OpenAI.createRealtimeAPIClient({
        apiKey: "sk-1", model: "gpt-realtime", type: OpenAI.RealtimeAPIClientType.REALTIME,
        onWebSocketClose: (event) => Logger.write("closed " + JSON.stringify(event) + (event.websocket === client)),
    });
    Logger.write([typeof client.id(), typeof client.webSocketId(), client.id() !== client.webSocketId()].join());
    client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, (event) => {
        Logger.write([event.name, event.data.customEvent, event.data.payload.n, event.client === client].join());
        JSON.stringify(event);
        client.sessionUpdate({ session: { type: "realtime" } });
        client.inputAudioBufferClear({});
        client.inputAudioBufferCommit();
        client.conversationItemCreate({ item: {} });
        client.conversationItemRetrieve({ item_id: "i" });
        client.conversationItemTruncate({ item_id: "i" });
        client.conversationItemDelete({ item_id: "i" });
        client.responseCreate(undefined);
        client.responseCancel(null);
        client.clearMediaBuffer({ tag: "t" });
        client.close();
    });
    client.addEventListener(OpenAI.Events.WebSocketMediaEnded, (event) => Logger.write(event.mediaInfo.duration));
})();
"#;

#[test]
fn a3_a4_methods_become_commands_and_events_reach_listeners() {
    on_engine_thread(|| {
        let (mut engine, turn) = started(SCRIPT);
        let (unit, settle, params) = opened(&turn);
        assert_eq!(params, [json!({"apiKey": "sk-1", "model": "gpt-realtime", "type": "realtime"})]);
        let at = Time::from_ms(100);
        assert_eq!(logs(&engine.deliver(at, settle)), ["string,string,true"]);
        let data = json!({"data": {"customEvent": "session.created", "payload": {"n": 5}}});
        let turn = engine.deliver(at, raise(unit, &events::value_of("SessionCreated"), data));
        assert_eq!(turn.error, None);
        assert_eq!(logs(&turn), ["OpenAI.RealtimeAPI.SessionCreated,session.created,5,true"]);
        let told: Vec<&str> =
            turn.commands
                .iter()
                .filter_map(|command| {
                    if let Command::Tell { method, .. } = command { Some(method.as_str()) } else { None }
                })
                .collect();
        let rows: Vec<&str> = events::methods().iter().map(|row| row.member.as_str()).collect();
        assert_eq!(told, rows);
        let last = &turn.commands[turn.commands.len() - 2..];
        assert_eq!(last, [Command::Media(MediaAsk::Clear { unit }), Command::Close { unit, stop: false }]);
        let ended = json!({"mediaInfo": {"duration": 1.5}});
        assert_eq!(
            logs(&engine.deliver(at, raise(unit, "OpenAI.Events.WebSocketMediaEnded", ended))),
            ["1.5"]
        );
        let close = json!({"code": 3000, "reason": "r", "wasClean": true});
        let turn = engine.deliver(at, raise(unit, "WebSocket.Close", close));
        let line = logs(&turn)[0];
        assert!(line.starts_with("closed {\"name\":\"WebSocket.Close\",\"websocket\":"), "{line}");
        assert!(line.ends_with("\"code\":3000,\"reason\":\"r\",\"wasClean\":true}true"), "{line}");
    });
}

#[test]
fn a2_a_rejection_is_an_error_to_catch() {
    on_engine_thread(|| {
        let (mut engine, turn) = started(
            "require(Modules.OpenAI); OpenAI.createRealtimeAPIClient({apiKey: 7}).catch((error) => \
             Logger.write(error instanceof Error ? error.message : 'no error'));",
        );
        let (_, settle, params) = opened(&turn);
        assert_eq!(params, [json!({"apiKey": 7})]);
        let HostEvent::Settle { request, .. } = settle else { panic!("{settle:?}") };
        let outcome = Outcome::failed("OpenAI.createRealtimeAPIClient: apiKey is not a string");
        let turn = engine.deliver(Time::ZERO, HostEvent::Settle { request, outcome });
        assert_eq!(logs(&turn), ["OpenAI.createRealtimeAPIClient: apiKey is not a string"]);
    });
}

#[test]
fn a7_other_clients_of_the_namespace_are_planned() {
    on_engine_thread(|| {
        for name in
            ["createResponsesAPIClient", "createChatCompletionsAPIClient", "Beta.createRealtimeAPIClient"]
        {
            let text = format!(
                "require(Modules.OpenAI); try {{ OpenAI.{name}({{}}); }} catch (error) {{ Logger.write(error.message); }}"
            );
            let (_, turn) = started(&text);
            assert!(logs(&turn)[0].contains(name.rsplit('.').next().unwrap()), "{:?}", logs(&turn));
        }
    });
}

const ODD_ARGUMENTS: &str = r#"
require(Modules.OpenAI);
(async () => {
    const client = await OpenAI.createRealtimeAPIClient({ apiKey: "sk-1" });
    const cyclic = {};
    cyclic.self = cyclic;
    const thrower = { get session() { throw new Error("from the script"); } };
    const odd = { cyclic, bigint: { session: { n: 10n } }, thrower, proxy: new Proxy({}, { ownKeys() { throw 1; } }),
        fn: { session() {} }, symbol: { session: Symbol("s") }, nan: { session: NaN }, date: { session: new Date(0) } };
    for (const method of ["sessionUpdate", "responseCreate", "conversationItemCreate", "inputAudioBufferCommit"]) {
        for (const [name, value] of Object.entries(odd)) {
            try { client[method](value); } catch (error) { Logger.write(`${method} ${name}`); }
        }
    }
    Logger.write("alive");
})();
"#;

#[test]
fn a3_arguments_that_are_no_json_throw_or_are_left_out() {
    on_engine_thread(|| {
        let (mut engine, turn) = started(ODD_ARGUMENTS);
        let (_, settle, _) = opened(&turn);
        let turn = engine.deliver(Time::from_ms(1), settle);
        assert_eq!(turn.error, None);
        let lines = logs(&turn);
        assert_eq!(lines.last(), Some(&"alive"));
        let thrown: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("sessionUpdate ")).collect();
        assert_eq!(thrown, ["cyclic", "bigint", "proxy"], "a getter is not run");
        let told: Vec<&Vec<Datum>> = turn
            .commands
            .iter()
            .filter_map(|command| match command {
                Command::Tell { method, params, .. } if method == "sessionUpdate" => Some(params),
                _ => None,
            })
            .collect();
        let told: Vec<Value> = told.into_iter().map(|params| params[0].json()).collect();
        // A method never runs script code: no getter, no toJSON.
        let plain = [json!({}), json!({}), json!({}), json!({"session": null}), json!({"session": {}})];
        assert_eq!(told, plain);
    });
}
