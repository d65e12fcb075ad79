//! Builtins that are guarded by what they make: strings, regular expressions, large integers and JSON mean what they say
//! and end.

use super::tests::{End, run, too_large, too_long, value};

#[test]
fn strings_keep_to_the_longest() {
    let long = "RangeError: invalid string length";
    for source in [
        "'x'.repeat(4e9)",
        "'x'.repeat(8388608)",
        "'x'.padEnd(4e9)",
        "'x'.padStart(1e15, 'ab')",
        "var s = 'x'; for (;;) s += s",
        "var s = 'x'; for (;;) s = `${s}${s}`",
        "var s = 'x'; for (;;) s = s.concat(s)",
        "var s = 'x'; for (;;) s = [s, s].join()",
        "var s = 'xx'; for (;;) s = s.replaceAll('x', 'xx')",
        "var s = 'xx'; for (;;) s = JSON.stringify([s, s])",
        "var s = 'x'; for (;;) s = String.raw({ raw: [s, s] }, s)",
        "var a = 'a'.repeat(8388607); `${a}${a}`",
        "var a = ['a'.repeat(1e6)]; for (let i = 0; i < 30; i++) a = [a, a]; String(a)",
    ] {
        let end = run(source);
        assert!(matches!(&end, End::Thrown(why) if why.starts_with(long)), "{source}: {end:?}");
    }
    assert_eq!(
        run("var s = 'x'; try { for (;;) s += s } catch (e) { e instanceof RangeError }"),
        value("true")
    );
    assert_eq!(run("var s = 'xx'; for (;;) s = s.replace(/x/g, '$&$&')"), too_long());
    assert_eq!(run("'x'.repeat(8388607).length"), value("8388607"));
    assert_eq!(run("var s = 'x'; for (;;) try { s += s } catch (e) { }"), too_large());
}

#[test]
fn regular_expressions_end() {
    for source in [
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60))",
        "/\\s+$/.test(' '.repeat(1e6) + 'x')",
        "'a'.repeat(50).match(/(a|aa)*b/)",
        "'a'.repeat(50).replace(/(?:a?){50}a{50}b/, '')",
        "new RegExp('(x+x+)+y').exec('x'.repeat(50))",
        "'x'.repeat(50).split(/(x+x+)+y/)",
        "'x'.repeat(50).search(/(?=(x+x+)+y)/)",
        "[...'x'.repeat(50).matchAll(/(x*)*y/g)]",
        "/(?<=x(a+)+b)c/.test('a'.repeat(40) + 'bc')",
        "(async () => { await 1; /(a+)+$/.test('a'.repeat(40) + 'b') })()",
        "try { /(a+)+$/.test('a'.repeat(40) + 'b') } catch { }",
    ] {
        assert_eq!(run(source), too_long(), "{source}");
    }
}

#[test]
fn regular_expressions_mean_what_they_say() {
    for (source, expected) in [
        ("'a1b22'.replace(/(\\d)(\\d)?/g, '[$1$2|$&|$$|$3]')", "a[1|1|$|$3]b[22|22|$|$3]"),
        ("'John Smith'.replace(/(?<f>\\w+) (?<l>\\w+)/, '$<l>, $<f>')", "Smith, John"),
        ("'abc'.replace(/b/, '[$`|$\\']')", "a[a|c]c"),
        ("'aaa'.replaceAll('a', (m, i) => m + i)", "a0a1a2"),
        ("'abc'.replaceAll('', '-')", "-a-b-c-"),
        ("'aXbX'.replace('X', '$&$&')", "aXXbX"),
        ("'x'.replace(/(y)?x/, '[$1]')", "[]"),
        (
            "'2020-01-02'.replace(/(\\d+)-(\\d+)/u, (m, a, b, at, s) => [m, a, b, at, s.length].join())",
            "2020-01,2020,01,0,10-02",
        ),
        ("'a, b;c'.split(/[,;]\\s*/).join('|')", "a|b|c"),
        ("'abc'.split(/(?:)/).join('|')", "a|b|c"),
        ("'A1B2'.split(/(\\d)/).join('|')", "A|1|B|2|"),
        ("'ab'.split(/(?:)/u, 1).join('|')", "a"),
        ("''.split(/x/).length + ''.split(/(?:)/).length + '' + 'abc'.split(/b/y).join('|')", "1a|c"),
        ("'😀x'.split(/(?:)/u).length + '' + '😀x'.split(/(?:)/).length", "23"),
        ("'aab'.split(/a*?/).join('|') + ' ' + 'aab'.split(/a*/).join('|')", "a|a|b |b"),
        (
            "var r = /a/g; r.test('ba') + ' ' + r.lastIndex + ' ' + r.test('ba') + ' ' + r.lastIndex",
            "true 2 false 0",
        ),
        ("[...'a1b2'.matchAll(/\\d/g)].map(m => m[0] + m.index).join()", "11,23"),
        ("/(a+)+b/.exec('xaaab').index + '' + 'aab'.search(/b/)", "12"),
        (
            "class R extends RegExp { exec(s) { return super.exec(s) } } 'aba'.replace(new R('a', 'g'), 'x') + \
          (new R('a') instanceof RegExp)",
            "xbxtrue",
        ),
        (
            "RegExp('a/b').source + RegExp(/x/g).flags + (RegExp.prototype.constructor === RegExp) + RegExp.name + RegExp.length",
            "a\\/bgtrueRegExp2",
        ),
        ("/x/.constructor === RegExp && /x/ instanceof RegExp && typeof RegExp.prototype.exec", "function"),
        ("(s => s.replace(/\\s+$/, '') + '|')('a'.repeat(5000) + '  ')", &format!("{}|", "a".repeat(5000))),
    ] {
        assert_eq!(run(source), value(expected), "{source}");
    }
    for source in
        ["new RegExp('a', 'v')", "RegExp('(?i:a)')", "'a'.match('(?<a>x)|(?<a>y)')", "new RegExp('(')"]
    {
        assert!(matches!(run(source), End::Thrown(why) if why.starts_with("SyntaxError")), "{source}");
    }
    let deep = "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))";
    assert!(matches!(run(deep), End::Thrown(why) if why.starts_with("SyntaxError")));
}

#[test]
fn large_integers_are_bounded() {
    for source in [
        "2n ** 4000000000n",
        "var a = 2n ** 1000000n; a ** 1000000n",
        "var n = 1n << 4000000000n; n",
        "var x = 3n; for (;;) x = x * x",
        "var x = 3n; for (;;) x *= x",
        "var x = 3n; x **= 1000n",
        "BigInt('9'.repeat(8e6))",
        "BigInt.asUintN(2 ** 50, -1n)",
    ] {
        let end = run(source);
        let refused = matches!(&end, End::Thrown(why) if why.starts_with("RangeError: BigInt is too large"));
        assert!(refused, "{source}: {end:?}");
    }
    for (source, expected) in [
        ("String((2n ** 1000000n) / (2n ** 999990n))", "1024"),
        ("String(2n ** 10n * 3n + 4n - 5n / 2n % 7n)", "3074"),
        ("var x = 5n; x **= 3n; x <<= 2n; x *= 2n; String(x)", "1000"),
        ("String((-3n) ** 3n) + (1n << 0n) + (8n >> 1n) + (2 ** 10) * (1 << 4)", "-271416384"),
        (
            "String(BigInt('12345678901234567890') * 10n) + typeof BigInt(1) + BigInt.name",
            "123456789012345678900bigintBigInt",
        ),
        ("'' + (a => a ** a * a) + BigInt.asIntN(8, 255n)", "a => a ** a * a-1"),
        ("var f = () => { throw 1 }; try { 2n ** f() } catch { } String(3n ** 2n)", "9"),
    ] {
        assert_eq!(run(source), value(expected), "{source}");
    }
    assert!(matches!(run("var x = 3n; for (;;) try { x *= x } catch { }"), End::Limit(_)));
    assert_eq!(run("var x = 2n ** 500000n; for (;;) x * x % x"), too_long());
}

#[test]
fn json_reads_and_writes() {
    for (source, expected) in [
        (
            "JSON.stringify({ a: [1, 'é\\n\\u2028', null, undefined, () => 1, NaN], b: undefined, c: new Date(0), d: { e: true } })",
            r#"{"a":[1,"é\n ",null,null,null,null],"c":"1970-01-01T00:00:00.000Z","d":{"e":true}}"#,
        ),
        (
            "JSON.stringify({ b: 1, a: [1, { c: 2 }], e: {}, f: [] }, null, 2)",
            "{\n  \"b\": 1,\n  \"a\": [\n    1,\n    {\n      \"c\": 2\n    }\n  ],\n  \"e\": {},\n  \"f\": []\n}",
        ),
        ("JSON.stringify({ a: 1, b: 2, 3: 4 }, ['b', 3])", r#"{"b":2,"3":4}"#),
        (
            "JSON.stringify({ a: 1, b: [5] }, (k, v) => typeof v === 'number' ? v + 1 : v, '--')",
            "{\n--\"a\": 2,\n--\"b\": [\n----6\n--]\n}",
        ),
        (
            "JSON.stringify([new Number(3), new String('s'), new Boolean(false), Object(Symbol())])",
            r#"[3,"s",false,{}]"#,
        ),
        ("JSON.stringify('\\ud800a') + JSON.stringify('\\ud83d\\ude00')", r#""\ud800a""😀""#),
        ("JSON.stringify({ toJSON(k) { return k + '!' } })", r#""!""#),
        (
            "String(JSON.stringify(undefined)) + JSON.stringify(null) + JSON.stringify(-0) + JSON.stringify(1e21)",
            "undefinednull01e+21",
        ),
        (
            "JSON.stringify(new Proxy([1, 2], {})) + JSON.stringify(new Proxy({ a: 1 }, {}))",
            r#"[1,2]{"a":1}"#,
        ),
        (
            "JSON.stringify(Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 2, enumerable: true } }))",
            r#"{"shown":2}"#,
        ),
        (
            "var o = JSON.parse(' {\"a\" : [1, -2.5e3, true, null, \"\\\\u0041\\\\n\"], \"__proto__\": 7 } '); o.a[1] + o.a[4] + o.a.length + \
          Object.keys(o)",
            "-2500A\n5a,__proto__",
        ),
        (
            "JSON.stringify(JSON.parse('{\"a\":1,\"b\":[1,2]}', (k, v) => k === '0' ? undefined : Array.isArray(v) ? v.length : v))",
            r#"{"a":1,"b":2}"#,
        ),
        (
            "JSON.stringify(JSON.parse('[1,{\"x\":2}]', function (k, v) { return k === 'x' ? v + this.x : v }))",
            r#"[1,{"x":4}]"#,
        ),
        (
            "['01', '1.', '[1,]', '{a:1}', '\"\\t\"', '', 'nul', '1e', '-', '[1}', '\"\\\\x\"', '1 2'].map(t => { try { JSON.parse(t); \
          return 'ok' } catch (e) { return e.name[0] } }).join('')",
            "SSSSSSSSSSSS",
        ),
    ] {
        assert_eq!(run(source), value(expected), "{source}");
    }
    let deep = "JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))";
    assert!(matches!(run(deep), End::Thrown(why) if why.contains("too much recursion")));
    let cycle = "var a = []; a.push(a); JSON.stringify(a)";
    assert!(matches!(run(cycle), End::Thrown(why) if why.contains("cyclic")));
    let deep = "var o = {}; for (let i = 0; i < 1e5; i++) o = { o }; JSON.stringify(o)";
    assert!(matches!(run(deep), End::Thrown(why) if why.contains("too much recursion")));
    let shared = "var o = []; for (let i = 0; i < 60; i++) o = [o, o]; JSON.stringify(o)";
    assert!(matches!(run(shared), End::Thrown(why) if why.contains("invalid string length")));
    let endless = "function T() { this.toJSON = () => ({ a: new T() }) } JSON.stringify(new T())";
    assert!(matches!(run(endless), End::Thrown(why) if why.contains("too much recursion")));
}
