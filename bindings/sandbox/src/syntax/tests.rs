//! Tests of reading: what is refused and where, where columns lead, and that instrumented code means what it meant.

use super::{MAX_SOURCE_CHARS, Prepared, SyntaxProblem, prepare, unmark};
use crate::guards::tests::{End, context, on_large_stack, plain_context, plain_in, run_in};
use crate::meter::Limits;

fn problem(source: &str) -> SyntaxProblem {
    let source = source.to_owned();
    on_large_stack(move || prepare(&source).expect_err("a problem"))
}

#[test]
fn columns_lead_back() {
    let source = "function f(a) { return a }\nwhile (f(1)) é = b => c + d;\r\nif (x) { for (;;) y }";
    let Prepared { code, positions } = prepare(source).expect("prepared");
    assert_eq!(code.lines().count(), source.lines().count());
    let (mut line, mut column) = (1, 1);
    let mut seen = String::new();
    let originals: Vec<Vec<char>> = source.lines().map(|text| text.chars().collect()).collect();
    for character in code.chars() {
        if character == '\n' {
            (line, column) = (line + 1, 1);
            continue;
        }
        if character != '\r' {
            let (from_line, from_column) = positions.original(line, column);
            assert_eq!(from_line, line);
            let original = originals[from_line as usize - 1].get(from_column as usize - 1);
            if original == Some(&character) {
                seen.push(character);
            }
        }
        column += 1;
    }
    assert_eq!(unmark(&code), source);
    // Every character of the original was reached under its own place.
    for word in ["return a", "while", "é = b", "c + d", "y }"] {
        assert!(unmark(&code).contains(word), "{word}");
    }
    let last = code.lines().last().expect("a line");
    let y = last.chars().position(|character| character == 'y').expect("y");
    assert_eq!(positions.original(3, u32::try_from(y).expect("small") + 1), (3, 19));
    assert!(!seen.is_empty());
}

#[test]
fn problems_name_their_place() {
    for (source, line, column, says) in [
        ("let a = 1;\nlet a b", 2, 7, ""),
        ("import x from 'y'", 1, 1, ""),
        ("\n  export const a = 1", 2, 3, ""),
        ("await 1", 1, 7, ""),
        ("let r = /a/v", 1, 9, "newer than"),
        ("let r = /(?i:a)/", 1, 9, "newer than"),
        ("let r = /(?<a>x)|(?<a>y)/", 1, 9, "newer than"),
        ("{ using a = b }", 1, 3, "newer than"),
        ("var __vx_step__ = 1", 1, 5, "keeps for itself"),
        ("x = /(/", 1, 6, ""),
        ("return 1", 1, 1, ""),
        ("let x = 1;\nlet x = 2", 2, 5, "redeclaration of let x"),
        ("var { a, b: [c] } = d; { let e; class e {} }", 1, 39, "redeclaration of let e"),
        ("function f() {\n  const [g] = [];\n  var g }", 3, 7, "redeclaration of const g"),
        ("switch (1) { case 1: let h; case 2: let h }", 1, 41, "redeclaration of let h"),
    ] {
        let found = problem(source);
        assert_eq!(found.line, line, "{source}: {found}");
        assert!(found.message.contains(says), "{source}: {found}");
        if !says.is_empty() {
            assert_eq!(found.column, column, "{source}: {found}");
        }
    }
}

#[test]
fn a_source_may_be_as_long_as_the_platform_allows() {
    let fits = format!("//{}", "é".repeat(MAX_SOURCE_CHARS - 2));
    assert!(prepare(&fits).is_ok());
    let found = problem(&format!("{fits}x"));
    assert_eq!((found.line, found.column), (1, u32::try_from(MAX_SOURCE_CHARS).expect("small") + 1));
}

/// What repeats, what stands in the middle, what closes.
const DEEP: &[(&str, &str, &str)] = &[
    ("[", "", "]"),
    ("(", "1", ")"),
    ("{", "", "}"),
    ("a(", "", ")"),
    ("x={a:", "1", "}"),
    ("!", "1", ""),
    ("-", "1", ""),
    ("- -", "1", ""),
    ("a?b:", "c", ""),
    ("a?", "b", ":c"),
    ("x=>", "1", ""),
    ("x=", "1", ""),
    ("if(1)", ";", ""),
    ("if(1);else ", ";", ""),
    ("if(1){}else ", ";", ""),
    ("for(;0;)", ";", ""),
    ("while(0)\n", ";", ""),
    ("do ", ";", " while(0);"),
    ("with(a)", ";", ""),
    ("new ", "a", ""),
    ("typeof ", "a", ""),
    ("void ", "a", ""),
    ("`${", "1", "}`"),
    ("1**", "1", ""),
    ("a+", "1", ""),
    ("a\n+", "1", ""),
    ("a&&", "1", ""),
    ("a??", "1", ""),
    ("a,", "1", ""),
    ("a.b.", "c", ""),
    ("a?.", "b", ""),
    ("a[0]", "", "[0]"),
    ("a()", "", "()"),
    ("a`x`", "", "`y`"),
    ("function f(){", "", "}"),
    ("()=>{", "", "}"),
    ("class A{a(){", "", "}}"),
    ("class A extends ", "B{}", "{}"),
    ("try{", "", "}finally{}"),
    ("switch(1){case 1:", "", "}"),
    ("a:", ";", ""),
    ("async()=>", "1", ""),
    ("var {a:", "b", "}=c"),
    ("[...", "a", "]"),
    ("/(", "a", ")/"),
];

#[test]
fn nesting_never_overflows() {
    on_large_stack(|| {
        for (open, middle, close) in DEEP {
            for times in [200, 2_000, 100_000] {
                let source = format!("{}{middle}{}", open.repeat(times), close.repeat(times));
                let short: String = source.chars().take(MAX_SOURCE_CHARS).collect();
                let mut context = context(Limits::default());
                let end = run_in(&mut context, &short);
                if times == 100_000 && !matches!(*open, "{") {
                    assert!(matches!(end, End::Thrown(_)), "{open} {times}: {end:?}");
                }
            }
        }
        let pattern = format!("x = /{}{}/", "(".repeat(100_000), ")".repeat(100_000));
        assert!(prepare(&pattern).is_err());
    });
}

#[test]
fn ordinary_code_is_not_called_deep() {
    let mut source = String::new();
    for index in 0..3_000 {
        source.push_str(&format!("if (a{index}) {{ b.c(d + 1) }} else if (x) y()\n"));
        source.push_str(&format!("const f{index} = async (a) => {{ await g(a ? b : c) }}\n"));
        source.push_str("o = { a: 1, 'b': [1, 2, /[/(]/g], c() { return `x${1 + 2}y` } }\n");
    }
    source.push_str("function tail() { switch (a) { case 1: case 2: x(); break\n default: y() } }\n");
    assert!(super::nesting::check(&source).is_ok(), "{:?}", super::nesting::check(&source));
}

/// Snippets whose value must be the same with and without instrumentation.
const SAME: &[&str] = &[
    "let s = ''; for (let i = 0; i < 3; i++) s += i; s",
    "let s = ''; for (const k in {a: 1, b: 2}) s += k\ns",
    "let s = 0; for (const v of [1, 2, 3]) if (v > 1) s += v; else continue\ns",
    "var i = 0; do i++; while (i < 5) i",
    "var i = 0; while (i < 5) i++\ni",
    "out: for (let i = 0; ; i++) { for (;;) { if (i > 3) break out; continue out } } 'done'",
    "a: while (true) break a; 7",
    "var f = function () { 'use strict'\n return this === undefined }; f()",
    "var f = function () { 'use strict'; return this }; String(f())",
    "function g() { return this === globalThis } g()",
    "(() => ({ a: 1 }))().a",
    "(x => x ? x : 0)(5)",
    "(x => y => x + y)(1)(2)",
    "(x =>\n x + 1\n)(1)",
    "[1, 2, 3].map(x => x * 2).filter(x => x > 2).join()",
    "((a, b = a + 1, ...c) => a + b + c.length)(1, undefined, 1, 2)",
    "(async () => { await null; out = 'a' + 1 })()",
    "(async x => await x)(3).then(v => out = v)",
    "(async () => { for await (const v of [1, Promise.resolve(2)]) out = (globalThis.out || 0) + v })()",
    "function* g() { let x = yield 1; yield x + 1 } let i = g(); i.next(); i.next(41).value",
    "[...function* () { yield* [1, 2] }()].join('-')",
    "class A { #p = 1; static s = 2; get p() { return this.#p } set p(v) { this.#p = v } static { this.t = A.s + 1 } } \
     let a = new A(); a.p += 5; a.p + A.t",
    "class A { constructor() { this.a = 1 } } class B extends A { constructor() { super(); this.b = this.a + 1 } } new B().b",
    "class A { static async *[Symbol.asyncIterator]() { yield 1 } } typeof A[Symbol.asyncIterator]",
    "class A { 'constructor'() { this.x = 3 } } new A().x",
    "var o = { get a() { return 1 }, set a(v) { this.b = v }, ['c' + 1]() { return 2 }, async d() {}, *e() {} }; o.a = 5; \
     o.a + o.b + o.c1()",
    "var s = 0; switch (2) { case 1: s = 1; case 2: s += 2; default: s += 4; case 3: s += 8; break; case 4: s = 100 } s",
    "try { throw new Error('x' + 1) } catch ({ message }) { message } finally { }",
    "try { null.x } catch { 'caught' }",
    "var { a, b: [c, ...d], ...e } = { a: 1, b: [2, 3, 4], f: 5, g: 6 }; a + c + d.length + e.f",
    "`a${1 + 1}b${`c${3}`}d`",
    "((s, ...v) => s.raw.join('|') + v.join())`x${1}y${'z'}\\n`",
    "String.raw`a\\${1}b`",
    "var x = 1\nvar y = x\n++x\nx + y",
    "var a = 1\n;[2].forEach(v => { a += v })\na",
    "function f() { return\n1 } String(f())",
    "let n = 0; for (var i = 0, j = 10; i < j; i++, j--) n++; n",
    "for (var x = (y => y in { a: 1 })('a'); ; ) break; x",
    "if (true) function h() { return 9 } h()",
    "with ({ z: 5 }) { z + 1 }",
    "let f = function fact(n) { return n < 2 ? 1 : n * fact(n - 1) }; f(10)",
    "var f = (a, b) => a + b; f.name + f.length + (function g(x) {}).name",
    "const { toString: t } = Function.prototype; t.call(function a ( b ) { 'x'; return b + b })",
    "(class A { m ( ) { for ( ; ; ) break } }).toString()",
    "'' + (x => x + x)",
    "'' + ((x) => { while (0) ; })",
    "eval('let q = 1; for (let i = 0; i < 3; i++) q += i; q')",
    "(function () { var local = 5; return eval('local + (() => 1)()') })()",
    "eval('var leaked = 3'); leaked",
    "(function (eval) { return eval(1, 2) })((a, b) => a + b)",
    "new Function('a', 'b = 2', 'for (;;) return a + b')(1)",
    "typeof undeclared + typeof (() => 1)",
    "delete Object.prototype.nothing, void 0 ?? 'n'",
    "var a = null; a?.b.c(1)\na ??= 4; a ||= 5; a &&= 6; a",
    "let c = 0; lbl: { c++; if (c) break lbl; c = 9 } c",
    "0 || (() => { return 'r' })()",
    "new (function () { this.a = arguments.length + new.target.name.length })(1, 2).a",
    "var s = 'x'; s += s + s; s += `${s}${s}`; s",
    "var a = 1, b = 2, c = '3'; a + b + c + a + b + c + a + b + c + a + b + c",
    "var o = { valueOf() { return 4 } }; o + 1 + o",
    "1 + +'2' - -3 + (4, 5)",
    "var i = 0; for (;;) { try { if (i++ > 2) break } finally { i += 10 } } i",
    "async function f() { try { await Promise.reject(1) } catch (e) { out = e + 1 } } f()",
    "Promise.all([1, 2].map(async v => v + 1)).then(v => { out = v.join() })",
    "/* => */ (a /* x */ => /* y */ a /* z */)(4) // c",
    "var re = /[/}]/g; 'a/b}'.replace(re, m => '<' + m + '>')",
    "var a = 1; var a = 2; function a() {} function a() {} { function b() {} function b() {} let a = 3 } a",
    "let u = 'é😀'; for (const ch of u) u = ch + u; u",
];

#[test]
fn instrumented_code_means_the_same() {
    on_large_stack(|| {
        for source in SAME {
            let with = run_in(&mut context(Limits::default()), source);
            let without = plain_in(&mut plain_context(), source);
            assert_eq!(with, without, "{source}");
            assert!(matches!(with, End::Value(_)), "{source}: {with:?}");
        }
    });
}

#[test]
fn damaged_code_is_read_the_same() {
    use rand_core::{RngCore, SeedableRng};
    on_large_stack(|| {
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);
        let mut below = |most: usize| usize::try_from(random.next_u64() % most as u64).expect("small");
        let mut accepted = 0;
        for _ in 0..6_000 {
            let mut characters: Vec<char> = SAME[below(SAME.len())].chars().collect();
            for _ in 0..=below(2) {
                let at = below(characters.len());
                match below(3) {
                    0 => drop(characters.remove(at)),
                    1 => characters
                        .insert(at, ['(', ')', '{', '}', ';', '\n', ' ', '=', '>', '`', '/', 'a'][below(12)]),
                    _ => {
                        let other: Vec<char> = SAME[below(SAME.len())].chars().collect();
                        let from = below(other.len());
                        let piece = other[from..(from + below(9)).min(other.len())].to_vec();
                        characters.splice(at..at, piece);
                    }
                }
                if characters.is_empty() {
                    characters.push('a');
                }
            }
            let source: String = characters.into_iter().collect();
            let Ok(prepared) = prepare(&source) else { continue };
            assert_eq!(unmark(&prepared.code), source);
            assert_eq!(prepared.code.lines().count(), source.lines().count());
            let reads = |code: &str| {
                let mut interner = boa_engine::interner::Interner::default();
                let scope = boa_engine::ast::scope::Scope::new_global();
                boa_engine::parser::Parser::new(boa_engine::Source::from_bytes(code))
                    .parse_script(&scope, &mut interner)
                    .is_ok()
            };
            assert_eq!(reads(&source), reads(&prepared.code), "{source}\n{}", prepared.code);
            accepted += 1;
        }
        assert!(accepted > 1_000, "{accepted}");
    });
}
