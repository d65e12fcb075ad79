//! The engine alone: scripts in, turns out.

use serde_json::json;

use super::Engine;
use crate::contract::{
    CallAsk, CallFacts, CallbackId, Command, Datum, Dictionary, HostEvent, On, Outcome, RequestId,
    ScenarioError, ScenarioErrorKind, ScenarioFile, Setup, Time, TimerAsk, Turn, UnitId,
};

const CALL: UnitId = UnitId(1);

pub(super) fn setup(text: &str) -> Setup {
    Setup {
        scenarios: vec![ScenarioFile::new("s.js", text)],
        placeholder_secrets: true,
        epoch_ms: 1_767_225_600_000,
        ..Setup::default()
    }
}

/// Runs on a thread with the stack that the engine asks for.
pub(super) fn on_engine_thread<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    thread.join().expect("no panic")
}

pub(super) fn started(text: &str) -> (Engine, Turn) {
    let mut engine = Engine::new(setup(text), &crate::language()).expect("an engine");
    let turn = engine.start(Time::ZERO);
    (engine, turn)
}

pub(super) fn logs(turn: &Turn) -> Vec<String> {
    turn.commands
        .iter()
        .filter_map(|command| match command {
            Command::Log { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// What a script writes to the log at top level.
pub(super) fn log_of(text: &'static str) -> Vec<String> {
    on_engine_thread(move || {
        let (_, turn) = started(text);
        assert_eq!(turn.error, None, "{text}");
        logs(&turn)
    })
}

pub(super) fn error_of(text: &'static str) -> ScenarioError {
    on_engine_thread(move || started(text).1.error.expect("an error"))
}

/// A call comes in; what the script makes of it.
pub(super) fn alert(engine: &mut Engine) -> Turn {
    let facts = CallFacts {
        id: "ABC.1.2".into(),
        callerid: "100".into(),
        destination: "200".into(),
        ..CallFacts::default()
    };
    let born = HostEvent::Born { unit: CALL, class: "Call".into(), facts: facts.dictionary() };
    assert_eq!(engine.deliver(Time::ZERO, born), Turn::default());
    let fields = Dictionary::from_iter([
        ("callerid", Datum::from("100")),
        ("destination", Datum::from("200")),
        ("headers", Datum::Map(Dictionary::new())),
    ]);
    let name = "Application.CallAlerting".to_owned();
    engine.deliver(Time::ZERO, HostEvent::Raise { on: On::Application(Some(CALL)), name, fields })
}

fn asks(ask: CallAsk) -> Command {
    Command::Call { call: CALL, ask }
}

fn due(timer: u32) -> HostEvent {
    HostEvent::Called { callback: CallbackId(timer), by: "timer".into(), args: Vec::new(), last: timer != 1 }
}

pub(super) fn raise(name: &str) -> HostEvent {
    HostEvent::Raise { on: On::Unit(CALL), name: name.into(), fields: Dictionary::new() }
}

#[test]
fn logs_strings_as_they_are_and_objects_as_json() {
    let lines = log_of(
        "Logger.write('a'); Logger.write({b: [1, 2.5, null]}); Logger.write(new TypeError('no')); console.log(7); trace(undefined)",
    );
    assert_eq!(lines, ["a", r#"{"b":[1,2.5,null]}"#, "TypeError: no", "7", "undefined"]);
}

#[test]
fn files_share_one_global_scope_in_order() {
    on_engine_thread(|| {
        let mut setup =
            setup("var greeting = 'hi'; const FIXED = 1; function f() { return greeting + FIXED }");
        setup.scenarios.push(ScenarioFile::new("b.js", "undeclared = f(); Logger.write(undeclared)"));
        let turn = Engine::new(setup, &crate::language()).expect("an engine").start(Time::ZERO);
        assert_eq!((logs(&turn), turn.error), (vec!["hi1".to_owned()], None));
    });
}

#[test]
fn enums_have_the_platforms_values() {
    let lines = log_of(
        "Logger.write(CallEvents.Connected + AppEvents.WebSocket + Modules.OpenAI + PlayerEvents.PlaybackBuffering + DTMFType.ALL)",
    );
    assert_eq!(lines, ["Call.ConnectedAppEvents.NewWebSocketConnectionopenaiPlayer.Buffering0"]);
}

#[test]
fn a_namespace_without_require_names_what_is_missing() {
    let error = error_of("OpenAI.createRealtimeAPIClient({})");
    assert_eq!(error.kind, ScenarioErrorKind::Uncaught);
    assert!(error.message.contains("ReferenceError: OpenAI is not defined"), "{}", error.message);
    assert!(error.message.contains("require(Modules.OpenAI)"), "{}", error.message);
    assert_eq!((error.file.as_str(), error.line, error.column > 0), ("s.js", 1, true));
}

#[test]
fn require_tolerates_what_modules_does_not_have() {
    let lines = log_of(
        "require(Modules.NoSuch); require('elite-config'); require(Modules.ASR); require(Modules.ASR); Logger.write('on')",
    );
    assert_eq!(lines, ["on"]);
}

#[test]
fn a_planned_member_names_itself() {
    let error = error_of("require(Modules.Avatar)\n\nVoximplantAvatar.createAvatar([])");
    assert!(error.message.contains("VoximplantAvatar.createAvatar is not built"), "{}", error.message);
    assert_eq!(error.line, 3);
    let error = error_of("VoxEngine.createASR({})");
    assert!(error.message.contains("require(Modules.ASR)"), "{}", error.message);
}

#[test]
fn listeners_run_in_order_with_microtasks_after_each() {
    on_engine_thread(|| {
        let (mut engine, _) = started(
            "VoxEngine.addEventListener(AppEvents.CallAlerting, async ({call}) => { globalThis.c = call; Logger.write('1'); await null; Logger.write('2') });
             VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { Logger.write('3 ' + (e.call === c) + e.name + e.callerid + call2(e)) });
             function call2(e) { return e.call.number() + e.call.state() + e.call.incoming() + e.id }",
        );
        let turn = alert(&mut engine);
        assert_eq!(logs(&turn), ["1", "2", "3 trueApplication.CallAlerting100200ALERTINGtrueABC.1.2"]);
        assert_eq!(turn.error, None);
    });
}

#[test]
fn a_call_that_nobody_listens_for_is_declined() {
    on_engine_thread(|| {
        let (mut engine, _) = started("Logger.write('x')");
        let turn = alert(&mut engine);
        assert!(turn.commands.contains(&asks(CallAsk::Unheard)));
    });
}

#[test]
fn call_commands_and_snapshots() {
    on_engine_thread(|| {
        let (mut engine, _) = started(
            "VoxEngine.addEventListener(AppEvents.CallAlerting, ({call}) => {
               call.answer({'X-A': 1}); call.record({stereo: true}); call.handleTones(true); call.sendDigits('12p#');
               call.addEventListener(CallEvents.Connected, (e) => Logger.write(e.call.state() + JSON.stringify(e)));
               call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
               try { call.reject(200) } catch (e) { Logger.write(e.message) }
             })",
        );
        let turn = alert(&mut engine);
        assert_eq!(turn.commands[0], asks(CallAsk::Answer { headers: vec![("X-A".into(), "1".into())] }));
        assert_eq!(logs(&turn), ["Call.reject: argument 1 must be a SIP status from 300 to 699"]);
        let turn = engine.deliver(Time::ZERO, raise("Call.Connected"));
        assert_eq!(logs(&turn), [r#"CONNECTED{"name":"Call.Connected","call":{},"id":"ABC.1.2"}"#]);
        let turn = engine.deliver(Time::ZERO, raise("Call.Disconnected"));
        assert_eq!(turn.commands, [Command::Terminate]);
    });
}

#[test]
fn timers_fire_on_session_time_and_dates_follow() {
    on_engine_thread(|| {
        let (mut engine, turn) = started(
            "setInterval(() => Logger.write('tick'), 5); const t = setTimeout(() => {}, 1); clearTimeout(t);
             setTimeout(() => Logger.write(new Date().toISOString() + new Date().getTimezoneOffset()))",
        );
        let timers: Vec<_> =
            turn.commands.iter().filter(|c| matches!(c, Command::Timer { .. })).cloned().collect();
        assert_eq!(
            timers[0],
            Command::Timer { timer: CallbackId(1), ask: TimerAsk::Set { after_ms: 100, repeat: true } }
        );
        let turn = engine.deliver(Time::from_ms(1500), due(3));
        assert_eq!(logs(&turn), ["2026-01-01T00:00:01.500Z0"]);
        assert_eq!(logs(&engine.deliver(Time::from_ms(1600), due(1))), ["tick"]);
        assert_eq!(logs(&engine.deliver(Time::from_ms(1700), due(2))), Vec::<String>::new());
    });
}

#[test]
fn a_timer_beyond_the_hundredth_is_not_set_and_a_cleared_one_makes_room() {
    on_engine_thread(|| {
        let (_, turn) = started(
            "const all = []; for (let i = 0; i < 101; i++) all.push(setTimeout(() => {}, 1000));
             clearTimeout(all[7]); setTimeout(() => {}, 5); Logger.write(new Set(all).size)",
        );
        assert_eq!((turn.error.clone(), logs(&turn)), (None, vec!["101".to_owned()]));
        let set = |ms: u64| {
            let set = |command: &&Command| matches!(command, Command::Timer { ask: TimerAsk::Set { after_ms, .. }, .. } if *after_ms == ms);
            turn.commands.iter().filter(set).count()
        };
        assert_eq!((set(1000), set(5)), (100, 1));
    });
}

#[test]
fn randomness_is_seeded() {
    let text = "Logger.write(Math.random() + uuidgen())";
    assert_eq!(log_of(text), log_of(text));
    let uuid = &log_of("Logger.write(uuidgen())")[0];
    assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
}

#[test]
fn uncaught_errors_have_a_place() {
    let error = error_of("function f() {\n  for (;;) { null.x }\n}\nf()");
    assert_eq!((error.kind, error.file.as_str(), error.line), (ScenarioErrorKind::Uncaught, "s.js", 2));
    assert!(error.message.starts_with("TypeError"), "{}", error.message);
    assert!(error.stack[0].starts_with("f@s.js:2:"), "{:?}", error.stack);
    let error = error_of("throw {a: 1}");
    assert_eq!(error.message, r#"uncaught exception: {"a":1}"#);
    let error = error_of("let x = 1;\nlet x = 2;");
    assert_eq!((error.kind, error.line), (ScenarioErrorKind::Syntax, 2));
}

#[test]
fn stacks_have_the_platforms_format() {
    let lines = log_of("function f() { return new Error('x') }\nLogger.write(f().stack.split('\\n')[0])");
    assert!(lines[0].starts_with("f@s.js:1:"), "{lines:?}");
}

#[test]
fn an_unhandled_rejection_is_a_failure_and_a_handled_one_is_not() {
    let error = error_of("\nPromise.reject(new RangeError('far'))");
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ScenarioErrorKind::UnhandledRejection, "RangeError: far")
    );
    assert_eq!(error.line, 2);
    let error = error_of("(async () => { await null; missing() })()");
    assert_eq!(error.kind, ScenarioErrorKind::UnhandledRejection);
    assert_eq!(log_of("const p = Promise.reject(1); p.catch(() => Logger.write('ok'))"), ["ok"]);
}

#[test]
fn what_is_no_handler_fails_when_the_event_comes() {
    on_engine_thread(|| {
        let (mut engine, turn) = started("VoxEngine.addEventListener(AppEvents.CallAlerting, 'nope')");
        assert_eq!(turn.error, None);
        let turn = alert(&mut engine);
        assert!(turn.error.expect("an error").message.contains("not a function"));
    });
}

#[test]
fn a_failed_request_rejects_with_an_error() {
    on_engine_thread(|| {
        let (mut engine, _) = started("Logger.write('x')");
        let outcome = Outcome::failed("no");
        assert_eq!(
            engine.deliver(Time::ZERO, HostEvent::Settle { request: RequestId(9), outcome }).error,
            None
        );
    });
}

#[test]
fn secrets_offline_are_placeholders_unless_missing_on_purpose() {
    on_engine_thread(|| {
        let mut setup = setup(
            "Logger.write(VoxEngine.getSecretValue('A')); Logger.write(String(VoxEngine.getSecretValue('B'))); Logger.write(VoxEngine.getSecretValue('C'))",
        );
        setup.secrets.insert("A".into(), "value".into());
        setup.missing_secrets.push("B".into());
        let turn = Engine::new(setup, &crate::language()).expect("an engine").start(Time::ZERO);
        assert_eq!(logs(&turn), ["value", "undefined", "offline-C"]);
    });
}

#[test]
fn global_functions() {
    let lines = log_of(
        "Logger.write([base64_encode('é'), bytes2str(base64_decode('w6k=')), bytes2hex([255, 1], true), JSON.stringify(hex2bytes('0aff')), levenshtein_distance('kitten', 'sitting'), getLocalTime('Europe/Berlin', new Date(0)).toISOString()].join(' '))",
    );
    assert_eq!(lines, ["w6k= é FF01 [10,255] 3 1970-01-01T01:00:00.000Z"]);
}

#[test]
fn a_global_is_the_same_at_every_reading() {
    on_engine_thread(|| {
        let (mut engine, _) =
            started("VoxEngine.addEventListener(AppEvents.Started, (e) => { Logger.write(e.name) })");
        for _ in 0..3 {
            let event = HostEvent::Raise {
                on: On::Application(None),
                name: "Application.Started".into(),
                fields: Dictionary::new(),
            };
            assert_eq!(logs(&engine.deliver(Time::ZERO, event)), ["Application.Started"]);
        }
    });
    assert_eq!(log_of("Logger = {write: Logger.write, x: 5}; Logger.write(Logger.x)"), ["5"]);
}

fn notes(turn: &Turn) -> Vec<&str> {
    turn.commands
        .iter()
        .filter_map(|command| match command {
            Command::Note(remark) => Some(remark.text.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn an_unknown_event_is_accepted_with_a_remark() {
    on_engine_thread(|| {
        let (_, turn) = started(
            "VoxEngine.addEventListener(AppEvents.NoSuch, () => {}); VoxEngine.addEventListener('Application.No', () => {})",
        );
        assert_eq!((turn.error.clone(), notes(&turn).len()), (None, 2));
        assert!(notes(&turn)[1].contains("'Application.No' is no event"));
    });
}

#[test]
fn long_custom_data_is_kept_with_a_remark() {
    on_engine_thread(|| {
        let (_, turn) = started(
            "VoxEngine.customData('x'.repeat(201)); Logger.write(VoxEngine.customData().length); Logger.write('y'.repeat(15001))",
        );
        assert_eq!((logs(&turn)[0].as_str(), logs(&turn)[1].len(), notes(&turn).len()), ("201", 15001, 2));
    });
}

#[test]
fn other_encodings_are_refused_by_name() {
    assert!(error_of("str2bytes('x', 'windows-1251')").message.contains("windows-1251"));
}

#[test]
fn a_listener_added_twice_is_called_twice() {
    on_engine_thread(|| {
        let (mut engine, _) = started(
            "const f = () => Logger.write('f'); const on = (h) => VoxEngine.addEventListener(AppEvents.Started, h);
             on(f); on(f); VoxEngine.addEventListener(AppEvents.Terminating, () => VoxEngine.removeEventListener(AppEvents.Started, f));
             VoxEngine.addEventListener(AppEvents.Terminated, () => { on(f); VoxEngine.removeEventListener(AppEvents.Started) })",
        );
        let mut heard = |name: &str| {
            let event = HostEvent::Raise {
                on: On::Application(None),
                name: format!("Application.{name}"),
                fields: Dictionary::new(),
            };
            logs(&engine.deliver(Time::ZERO, event)).len()
        };
        assert_eq!(
            ["Started", "Terminating", "Started", "Terminated", "Started"].map(&mut heard),
            [2, 0, 0, 0, 0]
        );
    });
}

#[test]
fn a_timer_takes_a_function() {
    assert!(
        error_of("setTimeout('code()', 1)").message.contains("setTimeout: argument 1 must be a function")
    );
}

#[test]
fn voices_are_tokens() {
    let lines =
        log_of("Logger.write(VoiceList.Amazon.en_US_Joanna + ' ' + VoiceList.Amazon.Neural.en_US_Joanna)");
    assert_eq!(lines, ["VoiceList.Amazon.en_US_Joanna VoiceList.Amazon.Neural.en_US_Joanna"]);
}

#[test]
fn json_arguments_leave_functions_out() {
    on_engine_thread(|| {
        let (mut engine, _) =
            started("Logger.write({f() {}, g: () => 1, u: undefined, n: NaN, d: 1e3, s: Symbol.iterator})");
        let turn = engine.deliver(Time::ZERO, raise("Call.NoSuch"));
        assert!(turn.commands.is_empty());
    });
    assert_eq!(
        log_of("Logger.write({f() {}, g: () => 1, u: undefined, n: NaN, d: 1e3})"),
        [json!({"n": null, "d": 1000}).to_string()]
    );
}

#[test]
fn a_function_anywhere_in_options_is_called_later() {
    on_engine_thread(|| {
        let (mut engine, turn) = started(
            "VoxEngine.createWebSocket('wss://h.test', { deep: [{ then: (word) => Logger.write(`called with ${word}`) }] })",
        );
        let params = turn.commands.iter().find_map(|command| match command {
            Command::Open { params, .. } => Some(params.clone()),
            _ => None,
        });
        let options = params.expect("an opened unit").pop().expect("options");
        let Datum::List(deep) = &options["deep"] else { panic!("{options:?}") };
        let callback = deep[0]["then"].as_callback().expect("a callback");
        let called =
            |last| HostEvent::Called { callback, by: "test".into(), args: vec![Datum::from("love")], last };
        assert_eq!(logs(&engine.deliver(Time::ZERO, called(false))), ["called with love"]);
        assert_eq!(logs(&engine.deliver(Time::ZERO, called(true))), ["called with love"]);
        assert!(logs(&engine.deliver(Time::ZERO, called(true))).is_empty(), "it was released");
    });
}

#[test]
fn an_older_form_and_an_options_object_ask_for_the_same() {
    let placed = |text: &'static str| {
        on_engine_thread(move || {
            let (_, turn) = started(text);
            assert_eq!(turn.error, None, "{text}");
            turn.commands.into_iter().find_map(|command| match command {
                Command::Call { ask: CallAsk::Place { facts }, .. } => Some(facts),
                _ => None,
            })
        })
    };
    let pairs = [
        (
            "VoxEngine.callUser('ann', '100', 'Me', { 'X-A': 1 })",
            "VoxEngine.callUser({ username: 'ann', callerid: '100', displayName: 'Me', extraHeaders: { 'X-A': 1 } })",
        ),
        (
            "VoxEngine.callSIP('sip:a@b', '100', 'Me', undefined, undefined, { 'X-A': 'b' })",
            "VoxEngine.callSIP('sip:a@b', { callerid: '100', displayName: 'Me', headers: { 'X-A': 'b' } })",
        ),
        ("VoxEngine.callSIP('sip:a@b')", "VoxEngine.callSIP('sip:a@b', {})"),
    ];
    for (older, today) in pairs {
        let (older, today) = (placed(older), placed(today));
        assert!(older.is_some());
        assert_eq!(older, today);
    }
}

#[test]
fn a_member_is_told_once_and_only_when_it_answers() {
    on_engine_thread(|| {
        let text = "try { VoxEngine.createURLPlayer() } catch (error) {}
            Logger.write('a'); Logger.write('b'); setTimeout(() => VoxEngine.customData(), 100)";
        let (mut engine, turn) = started(text);
        assert_eq!(turn.used, ["Logger.write", "setTimeout"]);
        let turn = engine.deliver(Time::ZERO, due(1));
        assert_eq!(turn.used, ["VoxEngine.customData"]);
    });
}

#[test]
fn a_property_that_no_table_holds_throws_by_its_name() {
    use crate::glue::{HostClass, Language, Namespace, Return};

    const CLASS: &str = "AMD.AnsweringMachineDetector";
    fn namespaces() -> Vec<Namespace> {
        let class = || HostClass::new(CLASS, "amd").field("model", "a");
        let create = |(): (), host: &mut crate::glue::Host| Ok(Return::Unit(host.new_unit(CLASS)));
        vec![Namespace::new("AMD").function("create", create).class(CLASS, class)]
    }
    on_engine_thread(|| {
        let language = Language { surface: crate::surface::surface, namespaces };
        let text = "const amd = AMD.create(); amd.model; amd.timeout";
        let turn = Engine::new(setup(text), &language).expect("an engine").start(Time::ZERO);
        let message = turn.error.expect("an error").message;
        assert!(message.contains("AMD.AnsweringMachineDetector.timeout"), "{message}");
    });
}

#[test]
fn an_object_knows_the_class_that_made_it() {
    let lines = log_of(
        "const player = VoxEngine.createTTSPlayer('x'); Logger.write(player.constructor.name);
         Logger.write(String(player.constructor === Player));
         require(Modules.OpenAI);
         const made = OpenAI.createRealtimeAPIClient({ apiKey: 'k' });
         Logger.write(made.constructor.name);
         Logger.write(Object.keys(player).includes('constructor'));
         Logger.write(new Net.HttpRequestOptions().constructor.name);",
    );
    assert_eq!(lines, ["Player", "true", "Promise", "false", "HttpRequestOptions"]);
}
