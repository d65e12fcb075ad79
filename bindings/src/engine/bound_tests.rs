//! What ends a script that does not end by itself, and what it may hold: limits of time and of memory, one engine's apart
//! from another's.

use super::Engine;
use super::tests::{error_of, on_engine_thread, started};
use crate::contract::{Dictionary, HostEvent, On, ScenarioError, ScenarioErrorKind, Time};

#[test]
fn an_endless_loop_ends_as_a_limit_wherever_it_is() {
    for text in [
        "for (;;) {}",
        "while (true) { for (let i = 0; i < 1000; i++) {} }",
        "(async () => { await null; for (;;) {} })()",
        "[1].forEach(() => { for (;;) {} })",
        "try { for (;;) {} } catch (e) {} finally { Logger.write('no') }",
        "(async () => { for (;;) await null })()",
        "function f() { Promise.resolve().then(f) } f()",
        "const a = []; for (;;) a.push({})",
        "let s = 'x'; for (;;) s += s",
        "(async () => { await null; let s = 'x'; for (;;) s += s })()",
    ] {
        let error = error_of(text);
        let refused = error.message.contains("invalid string length");
        assert!(error.kind == ScenarioErrorKind::Limit || refused, "{text}: {}", error.message);
    }
}

#[test]
fn endless_recursion_is_an_error() {
    for text in [
        "function f() { f() } f()",
        "const o = {get x() { return this.x }}; o.x",
        "const a = () => [1].map(a); a()",
    ] {
        let error = error_of(text);
        assert!(
            matches!(error.kind, ScenarioErrorKind::Limit | ScenarioErrorKind::Uncaught),
            "{text}: {error:?}"
        );
    }
}

/// Runs a listener of `VoxEngine`'s own event so often, and tells what it was seen to hold at most, and how it ended.
fn holding(body: &str, times: usize) -> (u64, Option<String>) {
    let source =
        format!("let kept = []; VoxEngine.addEventListener(AppEvents.Started, (event) => {{ {body} }});");
    on_engine_thread(move || {
        let (mut engine, _) = started(&source);
        let mut fields = Dictionary::new();
        fields.insert("text", "x".repeat(2_000));
        for _ in 0..times {
            let event = HostEvent::Raise {
                on: On::Application(None),
                name: "Application.Started".to_owned(),
                fields: fields.clone(),
            };
            if let Some(error) = engine.deliver(Time::ZERO, event).error {
                return (engine.usage().heap_bytes_peak, Some(error.message));
            }
        }
        (engine.usage().heap_bytes_peak, None)
    })
}

#[test]
fn what_was_let_go_between_turns_weighs_nothing() {
    // Texts that are logged leave with the turn, events come from outside, and the rest is garbage.
    let bodies = [
        "Logger.write(event.text + Math.random())",
        "for (let i = 0; i < 50; i++) JSON.stringify(event)",
        "for (let i = 0; i < 50; i++) JSON.parse(JSON.stringify({ a: [1, 2, 3], b: event.text }))",
        "({ kept: Object.keys(event).join() })",
    ];
    for body in bodies {
        let (peak, ended) = holding(body, 600);
        assert_eq!(ended, None, "{body}");
        assert!(peak < 2_000_000, "{body}: {peak} bytes");
    }
}

#[test]
fn what_is_kept_from_turn_to_turn_weighs() {
    let (peak, ended) = holding("kept.push(event.text + Math.random(), event)", 3_000);
    assert_eq!(ended, None);
    assert!((5_000_000..40_000_000).contains(&peak), "two copies of 2 kB each time: {peak}");
    let (_, ended) = holding("for (let i = 0; i < 20; i++) kept.push(event.text + Math.random())", 3_000);
    assert!(ended.is_some_and(|message| message.contains("16 MB")), "120 MB");
}

/// A script that keeps so many megabytes more at each call, in objects, and makes as much garbage beside.
const KEEPS: &str = "const kept = []; function keep(megabytes) {
    for (let i = 0; i < megabytes * 6000; i++) kept.push({ i });
    for (let i = 0; i < 20000; i++) ({ i, garbage: [i] });
}
VoxEngine.addEventListener(AppEvents.Started, () => keep(10));";

fn keep(engine: &mut Engine) -> Option<ScenarioError> {
    let started = HostEvent::Raise {
        on: On::Application(None),
        name: "Application.Started".to_owned(),
        fields: Dictionary::new(),
    };
    engine.deliver(Time::ZERO, started).error
}

#[test]
fn engines_of_one_thread_neither_see_nor_end_each_other() {
    on_engine_thread(|| {
        let (mut one, _) = started(KEEPS);
        let (mut other, _) = started(KEEPS);
        let (mut third, _) = started(KEEPS);
        // Turn by turn, each up to four fifths of what one may hold.
        for _ in 0..8 {
            for engine in [&mut one, &mut other, &mut third] {
                assert_eq!(keep(engine), None);
            }
        }
        let peaks = [&one, &other, &third].map(|engine| engine.usage().heap_bytes_peak);
        assert!(peaks.iter().all(|peak| *peak > 50 << 20), "{peaks:?}");
        assert!(peaks.iter().all(|peak| *peak < 96 << 20), "{peaks:?}");
        // One goes beyond: only it is ended.
        let failed = (0..10).find_map(|_| keep(&mut one)).expect("more than its limit");
        assert_eq!(failed.kind, ScenarioErrorKind::Limit, "{failed:?}");
        assert_eq!(keep(&mut other), None);
        assert_eq!(keep(&mut third), None);
    });
}
