//! Small sources with what is to be found in them, each beside one in which nothing is.

use super::*;

fn findings(text: &str) -> Vec<(Rank, Kind, usize, usize)> {
    let report = check(&[("s.js".to_owned(), text.to_owned())]);
    report.findings.iter().map(|found| (found.rank, found.kind, found.line, found.column)).collect()
}

/// Ends the session and hears what has to be heard, so that only what is tried is found.
const WHOLE: &str = "VoxEngine.terminate; CallEvents.Failed; CallEvents.Disconnected;\n";

fn kinds(text: &str) -> Vec<Kind> {
    findings(&format!("{WHOLE}{text}")).into_iter().map(|(_, kind, ..)| kind).collect()
}

#[test]
fn members_are_known_planned_or_unknown() {
    for fine in [
        "VoxEngine.callPSTN('1', '2')",
        "const V = VoxEngine; V.createASR({})",
        "const { callUser } = VoxEngine; callUser('a')",
        "VoxEngine['callSIP']('sip:a@b')",
        "const name = 'write'; Logger[name]('x')",
        "call.say('x'); call.anything(); x.y.z()",
        "class Net { static get() {} } Net.fetch()",
        "function f(Logger) { Logger.info('x') }",
        "OpenAI.RealtimeAPIEvents.SessionCreated; VoiceList.Amazon.en_US_Joanna",
        "console.log(1); Math.hypot(1); JSON.parse('1'); Promise.resolve()",
    ] {
        assert_eq!(kinds(fine), [], "{fine}");
    }
    assert_eq!(kinds("VoxEngine.callPTSN('1')"), [Kind::Unknown]);
    assert_eq!(kinds("const V = VoxEngine; V.callPTSN('1')"), [Kind::Unknown]);
    assert_eq!(kinds("AI.createDialogflow({})"), [Kind::NotBuilt]);
    assert_eq!(kinds("const { createDialogflow } = AI"), [Kind::NotBuilt]);
    assert_eq!(kinds("agent.conversationInitiationClientData({})"), [Kind::NotBuilt]);
    assert_eq!(kinds("call.addEventListener(CallEvents.Conected, f)"), [Kind::NoEvent]);
    assert_eq!(kinds("require(Modules.Nothing)"), [Kind::NoModule]);
    let report = check(&[("s.js".to_owned(), format!("{WHOLE}VoxEngine.callPTSN('1')"))]);
    assert_eq!(report.findings[0].todo, "did you mean VoxEngine.callPSTN?");
    assert_eq!((report.findings[0].line, report.findings[0].column), (2, 11));
    assert!(report.fails());
}

#[test]
fn what_does_not_parse_is_the_only_finding() {
    assert_eq!(findings("let a = ;\nVoxEngine.nothing()"), [(Rank::Error, Kind::Syntax, 1, 9)]);
    assert_eq!(findings(&"(".repeat(100_000))[0].1, Kind::Syntax);
    let typescript = |text: &str| check(&[("s.ts".to_owned(), text.to_owned())]).findings;
    assert_eq!(typescript("type A = 1;\nimport { f } from './f';\nf();")[0].line, 2);
    let fine = format!("{WHOLE}const a = (x: any) => (VoxEngine as any).customData(x)!;");
    assert_eq!(typescript(&fine), []);
}

#[test]
fn what_is_forgotten_is_told() {
    let taken = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => call.answer())";
    let kinds = |text: &str| findings(text).into_iter().map(|(_, kind, ..)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(taken), [Kind::NoEnd, Kind::Unheard]);
    assert_eq!(kinds("VoxEngine.forwardCallToPSTN()"), []);
    assert_eq!(kinds("VoxEngine.callPSTN('1', '2'); VoxEngine.terminate()"), [Kind::Unheard]);
    assert_eq!(kinds("Net.httpRequest('http://a.b/', f); VoxEngine.terminate()"), [Kind::LostRequest]);
    assert_eq!(
        kinds("(async () => { await Net.httpRequestAsync('http://a.b/'); VoxEngine.terminate() })()"),
        []
    );
    let together = [("lib.js".to_owned(), taken.to_owned()), ("end.js".to_owned(), WHOLE.to_owned())];
    assert_eq!(check(&together).findings, []);
}

#[test]
fn keys_are_told_and_never_shown() {
    let key = "sk-proj-abcdefghijklmnop1234";
    let report = check(&[("s.js".to_owned(), format!("{WHOLE}const key = '{key}';"))]);
    assert_eq!(report.findings[0].kind, Kind::KeyInText);
    assert!(!format!("{report:?}").contains(key));
    for fine in [
        "'sk-short'",
        "'https://example.org/a-long-path/that-is-no-key-at-all-1A'",
        "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
    ] {
        assert_eq!(kinds(&format!("const a = {fine}")), [], "{fine}");
    }
    assert_eq!(kinds("const a = '0123456789abcdef0123456789abcdef'"), [Kind::KeyInText]);
    assert_eq!(kinds("setInterval(f, 50)"), [Kind::Limit]);
    assert_eq!(kinds("setInterval(f, 100)"), []);
}

#[test]
fn what_is_needed_is_listed() {
    let text = "require(Modules.ASR); VoxEngine.getSecretValue('KEY'); VoxEngine.callPSTN('1555', '2');
        Net.httpRequestAsync('https://api.example.org/a'); const u = `wss://user@bot.example.org:8443/${id}`; 'http://'";
    let report = check(&[("s.js".to_owned(), text.to_owned())]);
    assert_eq!(report.modules, ["ASR"]);
    assert_eq!(report.secrets, ["KEY"]);
    assert_eq!(report.numbers, ["1555"]);
    assert_eq!(report.hosts, ["api.example.org", "bot.example.org:8443"]);
}

#[test]
fn older_names_and_forms_are_told_with_todays() {
    for (older, today) in [
        ("VoxEngine.CallList.reportResult({})", "CallList"),
        ("call.say('x', Language.US_ENGLISH_FEMALE)", "VoiceList"),
        ("call.say('x', VoiceList.Amazon.en_US_Joanna)", "call.say(text, { voice })"),
        ("call.startPlayback('https://a.test/x.mp3', true)", "{ loop }"),
        ("VoxEngine.createURLPlayer('https://a.test/x.mp3')", "createURLPlayer({ url }"),
        ("VoxEngine.callUser('ada', '1')", "callUser({ username"),
        ("VoxEngine.callSIP('sip:a@b', '1', 'Ada')", "callSIP(uri"),
        ("VoxEngine.createASR('ru')", "createASR({ profile })"),
        ("call.decline(486)", "call.reject(code)"),
        ("AI.detectVoicemail(call)", "AMD.create"),
        ("require(Modules.AMD)", "without require()"),
    ] {
        let report = check(&[("s.js".to_owned(), format!("{WHOLE}{older}"))]);
        let is = |found: &&Finding| found.kind == Kind::Older && found.todo.contains(today);
        let found = report.findings.iter().find(is);
        let found = found.unwrap_or_else(|| panic!("{older}: {:?}", report.findings));
        assert_eq!(found.rank, Rank::Remark, "{older}");
        assert!(!report.fails(), "{older}");
    }
    for fine in [
        "call.say('x', { voice: VoiceList.Amazon.en_US_Joanna })",
        "call.startPlayback('https://a.test/x.mp3', { loop: true })",
        "VoxEngine.createURLPlayer({ url: 'https://a.test/x.mp3' })",
        "VoxEngine.callUser({ username: 'ada' })",
        "VoxEngine.callPSTN('1', '2'); VoxEngine.callConference('a', '1', 'Ada')",
        "map.put('a', 'b'); console.say('x', 1)",
    ] {
        assert_eq!(kinds(fine), [], "{fine}");
    }
}

#[test]
fn texts_beyond_a_limit_are_told() {
    let long = "x".repeat(201);
    assert_eq!(kinds(&format!("VoxEngine.customData('{long}')")), [Kind::Limit]);
    assert_eq!(kinds(&format!("const T = '{long}'; call.customData(T)")), [Kind::Limit]);
    assert_eq!(kinds(&format!("call.say('{}')", "x".repeat(1_501))), [Kind::Limit]);
    assert_eq!(kinds(&format!("call.sendMessage(`{}`)", "x".repeat(8_193))), [Kind::Limit]);
    assert_eq!(kinds(&format!("VoxEngine.customData('{}')", "x".repeat(200))), []);
    assert_eq!(kinds(&format!("VoxEngine.customData(JSON.stringify({{ a: '{long}' }}))")), []);
}

#[test]
fn a_name_that_two_files_declare_is_told_at_the_later_one() {
    let two = |first: &str, second: &str| {
        let files = [("a.js", format!("{WHOLE}{first}")), ("b.js", second.to_owned())];
        let report = check(&files.map(|(name, text)| (name.to_owned(), text)));
        report.findings.iter().map(|found| (found.kind, found.file.clone(), found.line)).collect::<Vec<_>>()
    };
    let told = vec![(Kind::DeclaredTwice, "b.js".to_owned(), 1)];
    assert_eq!(two("const CONFIG = 1", "const CONFIG = 2"), told);
    assert_eq!(two("function go() {}", "let go = 1"), told);
    assert_eq!(two("class A {}", "var A = 1"), told);
    assert_eq!(two("var a = 1; function f() {}", "var a = 2; function f() {}"), []);
    assert_eq!(two("{ const inner = 1 }", "const inner = 2"), []);
}

#[test]
fn hosts_of_sockets_are_told_apart() {
    let text = "fetchIt('https://a.test/x'); VoxEngine.createWebSocket('wss://b.test/y')";
    let report = check(&[("s.js".to_owned(), format!("{WHOLE}{text}"))]);
    assert_eq!(
        (report.hosts, report.sockets),
        (vec!["a.test".to_owned(), "b.test".to_owned()], vec!["b.test".to_owned()])
    );
}
