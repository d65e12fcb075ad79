//! Tests of the guards, in a context built as the engine builds it, on a stack as large as the engine's.

use super::{install, permit_compile};
use crate::engine::meter::{self, Exceeded, Limits, Meter};
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
}

pub(crate) fn context(limits: Limits) -> Context {
    let mut context = ContextBuilder::new()
        .can_block(false)
        .host_hooks(Rc::new(Hooks))
        .instructions_remaining(usize::try_from(limits.session_steps).unwrap_or(usize::MAX))
        .build()
        .expect("a context");
    Meter::install(&mut context, limits);
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
    let prepared = match syntax::prepare(source) {
        Ok(prepared) => prepared,
        Err(problem) => return End::Thrown(problem.to_string()),
    };
    let running = meter::begin(context);
    let result = context.eval(Source::from_bytes(&prepared.code)).and_then(|value| {
        context.run_jobs()?;
        let value = match context.global_object().get(JsString::from("out"), context)? {
            out if out.is_undefined() => value,
            out => out,
        };
        Ok(value.display().to_string())
    });
    let end = match result {
        _ if meter::exceeded(context).is_some() => {
            meter::exceeded(context).map_or(End::Value(String::new()), End::Limit)
        }
        Ok(value) => End::Value(value),
        Err(error) => match meter::exceeded_by(&error, context) {
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

fn value(text: &str) -> End {
    End::Value(text.to_owned())
}

#[test]
fn a_plain_script_runs() {
    assert_eq!(run("let s = 0; for (let i = 0; i < 10; i++) s += i; s"), value("45"));
    assert_eq!(run("var f = (a, b) => a + b; f(1, 2)"), value("3"));
    assert_eq!(run("async function f() { await 1; out = 'later' } var out; f(); 1"), value("\"later\""));
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
        value("\"function f(a) { 'use strict'; for (;;) a += a + a }\"")
    );
    let End::Thrown(refused) = run("globalThis.eval('for (;;) ;')") else { panic!() };
    assert!(refused.starts_with("EvalError"), "{refused}");
}

#[test]
fn scratch_depth() {
    let Ok(source) = std::env::var("SCRATCH") else { return };
    let limit: usize = std::env::var("REC").map_or(2000, |v| v.parse().unwrap());
    on_large_stack(move || {
        let mut c = context(Limits {
            recursion: limit,
            stack_values: 100_000_000,
            heap_bytes: 4 << 30,
            callback_steps: 1 << 40,
            ..Limits::default()
        });
        #[expect(clippy::disallowed_methods, reason = "x")]
        let begin = std::time::Instant::now();
        let end = run_in(&mut c, &source);
        let text =
            format!("{end:?} steps={} heap={}", meter::callback_steps(&c), crate::engine::heap::live_bytes());
        println!("{} in {:?}", &text.chars().take(300).collect::<String>(), begin.elapsed());
        std::mem::forget(c);
    });
}
