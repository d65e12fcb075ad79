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
        "VoxEngine.CallList.reportResult({})",
        "class Net { static get() {} } Net.fetch()",
        "function f(Logger) { Logger.info('x') }",
        "OpenAI.RealtimeAPIEvents.SessionCreated; VoiceList.Amazon.en_US_Joanna; Language.US_ENGLISH_FEMALE",
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
