//! Tests of the guards, in a context built as the engine builds it, on a stack as large as the engine's.

use super::{absent, install, max_buffer_bytes, permit_compile};
use crate::meter::{self, Exceeded, Limits, Meter};
use crate::syntax;
use boa_engine::context::{ContextBuilder, HostHooks};
use boa_engine::realm::Realm;
use boa_engine::{Context, JsResult, JsString, Source};
use std::rc::Rc;

struct Hooks;

impl HostHooks for Hooks {
    fn ensure_can_compile_strings(
        &self,
        _realm: Realm,
        parameters: &[JsString],
        body: &JsString,
        _direct: bool,
        _context: &mut Context,
    ) -> JsResult<()> {
        permit_compile(parameters, body)
    }

    fn max_buffer_size(&self, context: &mut Context) -> u64 {
        max_buffer_bytes(context)
    }
}

pub(crate) fn context(limits: Limits) -> Context {
    let mut context = ContextBuilder::new()
        .can_block(false)
        .host_hooks(Rc::new(Hooks))
        .instructions_remaining(usize::try_from(limits.session_steps).unwrap_or(usize::MAX))
        .build()
        .expect("a context");
    Meter::install(&mut context, limits, |_| {});
    install(&mut context).expect("guards");
    context
}

/// What a script came to: the text of its last value, of its error, or the limit that ended it.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Value(String),
    Thrown(String),
    Limit(Exceeded),
}

pub(crate) fn run_in(context: &mut Context, source: &str) -> End {
    match syntax::prepare(source) {
        Ok(prepared) => plain_in(context, &prepared.code),
        Err(problem) => End::Thrown(problem.to_string()),
    }
}

/// A context as the engine's library makes it, with no guard.
pub(crate) fn plain_context() -> Context {
    ContextBuilder::new().can_block(false).instructions_remaining(usize::MAX).build().expect("a context")
}

/// Runs a source as it is.
pub(crate) fn plain_in(context: &mut Context, code: &str) -> End {
    let running = meter::begin(context);
    let result = context.eval(Source::from_bytes(code)).and_then(|value| {
        context.run_jobs()?;
        let out = context.global_object().get(JsString::from("out"), context)?;
        let value = if out.is_undefined() { value } else { out };
        Ok(match value.as_string() {
            Some(text) => text.to_std_string_lossy(),
            None if value.is_object() => "an object".to_owned(),
            None => value.display().to_string(),
        })
    });
    let end = match (meter::exceeded(context), result) {
        (Some(why), _) => End::Limit(why),
        (None, Ok(value)) => End::Value(value),
        (None, Err(error)) => match meter::exceeded_by(&error, context) {
            Some(why) => End::Limit(why),
            None => End::Thrown(error.to_string()),
        },
    };
    drop(running);
    end
}

/// Runs on a thread with the engine's stack.
pub(crate) fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread").join().expect("no panic")
}

pub(crate) fn run(source: &str) -> End {
    let source = source.to_owned();
    on_large_stack(move || run_in(&mut context(Limits::default()), &source))
}

pub(super) fn value(text: &str) -> End {
    End::Value(text.to_owned())
}

#[test]
fn a_plain_script_runs() {
    assert_eq!(run("let s = 0; for (let i = 0; i < 10; i++) s += i; s"), value("45"));
    assert_eq!(run("var f = (a, b) => a + b; f(1, 2)"), value("3"));
    assert_eq!(run("async function f() { await 1; out = 'later' } var out; f(); 1"), value("later"));
}

#[test]
fn endless_loops_end_everywhere() {
    let callback = End::Limit(Exceeded::CallbackSteps(Limits::default().callback_steps));
    for source in [
        "for (;;);",
        "while (true) { try { for (;;) { } } catch (e) { } finally { continue } }",
        "do ; while (1)",
        "const f = () => { for (;;) ; }; [1].forEach(f)",
        "(async () => { await 1; for (;;) { } })()",
        "Promise.resolve().then(() => { while (1) ; })",
        "function* g() { for (;;) yield 1 } for (const x of g()) ;",
        "var o = { get a() { while (1) ; } }; o.a",
        "eval('for (;;) ;')",
        "new Function('for (;;) ;')()",
        "Function('a', 'return () => { while (a) ; }')(1)()",
    ] {
        assert_eq!(run(source), callback, "{source}");
    }
}

#[test]
fn compiled_text_keeps_its_meaning() {
    assert_eq!(run("function f() { let a = 40; return eval('a + 2') } f()"), value("42"));
    assert_eq!(run("(0, eval)('1 + 1')"), value("2"));
    assert_eq!(run("new Function('a', 'b', 'return a * b')(6, 7)"), value("42"));
    assert_eq!(run("Function('return this')() === globalThis"), value("true"));
    assert_eq!(
        run("(() => {}) instanceof Function && (async()=>{}).constructor('return 1')() instanceof Promise"),
        value("true")
    );
    assert_eq!(
        run("'' + function f(a) { 'use strict'; for (;;) a += a + a }"),
        value("function f(a) { 'use strict'; for (;;) a += a + a }")
    );
    let End::Thrown(refused) = run("globalThis.eval('for (;;) ;')") else { panic!() };
    assert!(refused.starts_with("EvalError"), "{refused}");
}

/// Ends at a limit on steps.
pub(super) fn too_long() -> End {
    End::Limit(Exceeded::CallbackSteps(Limits::default().callback_steps))
}

pub(super) fn too_large() -> End {
    End::Limit(Exceeded::Heap(Limits::default().heap_bytes))
}

#[test]
fn work_by_a_number_is_bounded() {
    for (source, end) in [
        ("Array(4e9).fill(0)", too_long()),
        ("Array(4e9).forEach(Math.sqrt)", too_long()),
        ("Array(4e9).indexOf(1)", too_long()),
        ("[].concat(Array(4e9), Array(4e9))", too_long()),
        ("Array(4e9).join()", too_long()),
        ("String(Array(4e9))", too_long()),
        ("Array(4e9).reverse()", too_long()),
        ("Array(4e9).sort()", too_long()),
        ("Array.from({ length: 4e9 })", too_long()),
        ("[...Array(4e9)]", too_long()),
        ("var a = [1]; for (;;) a.push({ a })", too_large()),
        ("var o = {}, i = 0; for (;;) o['k' + i++] = {}", too_large()),
        ("var m = new Map; for (let i = 0; ; i++) m.set(i, 'v' + i)", too_large()),
        ("var a = []; for (;;) { try { for (;;) a.push({}) } catch (e) { a = [] } }", too_large()),
        ("for (let i = 0; i < 1e6; i++) ({ a: [i] }); 'garbage is free'", value("garbage is free")),
        ("for (let i = 0; i < 1e5; i++) new Uint8Array(1e4); 'so are buffers'", value("so are buffers")),
        ("var a = []; for (;;) try { a.push(new ArrayBuffer(1e4)) } catch (e) { a.push([e]) }", too_large()),
    ] {
        assert_eq!(run(source), end, "{source}");
    }
}

#[test]
fn doubling_ends_at_one_limit_or_another() {
    for source in ["var a = [{}]; for (;;) a = a.concat(a)", "var a = [{}]; for (;;) a = [...a, ...a]"] {
        assert!(matches!(run(source), End::Limit(_)), "{source}");
    }
}

#[test]
fn recursion_ends() {
    for source in [
        "function f() { f() } f()",
        "var o = { get a() { return this.a } }; o.a",
        "function f() { [1].forEach(f) } f()",
        "function f() { Reflect.apply(f, null, []) } f()",
        "function f() { f.bind()() } f()",
        "class A { constructor() { new A() } } new A()",
        "function* g() { yield* g() } [...g()]",
        "function f() { [2, 1].sort(f) } f()",
        "var p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.a",
        "var o = { toJSON() { return JSON.stringify(this) } }; JSON.stringify(o)",
        "function f() { 'a'.replace(/a/, f) } f()",
        "var f = () => f(); f()",
        "function T() { this.toString = () => '' + new T() } '' + new T()",
        "var a = []; for (let i = 0; i < 2e5; i++) a = [a]; String(a)",
        "var a = []; for (let i = 0; i < 2e5; i++) a = [a]; a.flat(Infinity)",
        "var a = []; a.push(a); a.flat(Infinity)",
    ] {
        let end = run(source);
        let deep = matches!(&end, End::Thrown(why) if why.contains("too much recursion"));
        assert!(deep, "{source}: {end:?}");
    }
    let caught = "function f() { f() } try { f() } catch (e) { e.name + (e instanceof Error) }";
    assert_eq!(run(caught), value("InternalErrortrue"));
    let later = "async function f() { await f() } f().catch(e => out = e.message); var out";
    assert_eq!(run(later), value("too much recursion"));
    let later =
        "function f() { f() } (async () => { await 1; f() })().catch(e => { out = e.message }); var out";
    assert_eq!(run(later), value("too much recursion"));
    assert_eq!(run("var a = [1]; a.push(a, [2, [a]]); a + ''"), value("1,,2,"));
    for chain in ["Object.create(o)", "new Proxy(o, {})", "o.bind()"] {
        let source = format!("let o = () => 1; for (let i = 0; i < 3e5; i++) o = {chain}; o.zz; typeof o");
        let end = run(&source);
        assert!(!matches!(end, End::Value(ref text) if text.is_empty()), "{chain}: {end:?}");
    }
}

#[test]
fn what_is_newer_is_absent() {
    for (path, names) in absent::ABSENT {
        for name in *names {
            let holder = match *path {
                "" => "globalThis".to_owned(),
                "Array.prototype.values.__iterator__" => "[].values().__proto__.__proto__".to_owned(),
                path => path.to_owned(),
            };
            let key = match name.strip_prefix("@@") {
                Some("dispose") => continue,
                Some(symbol) => format!("Symbol.{symbol}"),
                None => format!("'{name}'"),
            };
            let source = format!("Object.getOwnPropertyDescriptor({holder}, {key}) === undefined");
            assert_eq!(run(&source), value("true"), "{holder} {name}");
        }
    }
    for name in absent::ABSENT_SYMBOLS {
        assert_eq!(run(&format!("Symbol.{name} === undefined")), value("true"), "{name}");
    }
    assert_eq!(
        run("typeof Symbol() + (Symbol.prototype.constructor === Symbol) + (Symbol.iterator in [])"),
        value("symboltruetrue")
    );
    let kept = "[[].toSorted, [].with, [].findLast, [].at, ''.at, ''.replaceAll, Object.hasOwn, Promise.any, Array.from, \
        globalThis.WeakRef, globalThis.FinalizationRegistry, globalThis.Intl, globalThis.escape, [].values().next].every(f => f)";
    assert_eq!(run(kept), value("true"));
    let host = "['setTimeout', 'console', 'URL', 'fetch', 'structuredClone', 'atob', 'queueMicrotask', 'process', 'Buffer', \
        'TextEncoder'].filter(n => n in globalThis).join()";
    assert_eq!(run(host), value(""));
}

#[test]
fn guarded_builtins_look_like_the_others() {
    for (source, expected) in [
        (
            "[].fill.name + [].fill.length + ''.repeat.name + JSON.parse.length + [].join.name",
            "fill1repeat2join",
        ),
        ("'' + [].fill", "function fill() { [native code] }"),
        ("Object.keys(Array.prototype).length + '' + ('prototype' in [].map)", "0false"),
        ("[].values === [][Symbol.iterator]", "true"),
        ("try { new [].map } catch (e) { e.name }", "TypeError"),
        ("Object.getOwnPropertyNames(globalThis).filter(n => n.startsWith('__vx')).length", "4"),
        ("Object.keys(globalThis).length", "0"),
    ] {
        let end = run(source);
        assert_eq!(end, value(expected), "{source}");
    }
}

#[test]
fn nothing_waits() {
    let source = "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)";
    assert!(matches!(run(source), End::Thrown(why) if why.starts_with("TypeError")));
}

#[test]
fn a_limit_stays_exceeded() {
    let ends = on_large_stack(|| {
        let mut context = context(Limits { callback_steps: 10_000, ..Limits::default() });
        [
            run_in(&mut context, "for (let i = 0; i < 100; i++) ;"),
            run_in(&mut context, "for (;;) ;"),
            run_in(&mut context, "(() => 1)()"),
        ]
    });
    let [first, second, third] = ends;
    assert_eq!(first, value("undefined"));
    assert_eq!(second, End::Limit(Exceeded::CallbackSteps(10_000)));
    assert_eq!(second, third);
}

#[test]
fn the_session_has_an_end_of_its_own() {
    let end = on_large_stack(|| {
        let mut context =
            context(Limits { callback_steps: 60_000, session_steps: 100_000, ..Limits::default() });
        let mut runs = 0;
        loop {
            runs += 1;
            let end = run_in(&mut context, "for (let i = 0; i < 1000; i++) ;");
            if end != value("undefined") || runs > 100 {
                return (runs, end);
            }
        }
    });
    assert_eq!(end.1, End::Limit(Exceeded::SessionSteps(100_000)));
    assert!(end.0 < 12, "{}", end.0);
}

#[test]
fn counts_are_the_same_in_every_run() {
    let source = "let a = []; for (let i = 0; i < 20000; i++) a.push({ i, s: 'k' + i }); JSON.stringify(a).replace(/k/g, '').length";
    let count = || {
        on_large_stack(move || {
            let mut context = context(Limits::default());
            let end = run_in(&mut context, source);
            (end, meter::callback_steps(&context))
        })
    };
    assert_eq!(count(), count());
}
