//! Every function and method of the tables with every kind of wrong argument: none breaks the engine, none says something
//! else than an error that names it. A class that is built and that no script here can make is a failure of this test.

use super::Engine;
use super::tests::{alert, logs, on_engine_thread, setup};
use crate::contract::{Command, Datum, HostEvent, Outcome, Time};
use crate::glue::tables::Tables;
use crate::surface::surface;

/// How a script comes by an object of each class.
const OBJECTS: &[(&str, &str)] = &[
    ("ACDRequest", "VoxEngine.enqueueACDRequest('queue', '1')"),
    ("AMD.AnsweringMachineDetector", "AMD.create({ model: 'us' })"),
    ("ASR", "VoxEngine.createASR({ profile: ASRProfileList.Google.en_US })"),
    ("Call", "call"),
    ("Cartesia.RealtimeTTSPlayer", "Cartesia.createRealtimeTTSPlayer({ apiKey: 'k' })"),
    ("Conference", "VoxEngine.createConference({})"),
    ("ConferenceRecorder", "VoxEngine.createRecorder({ video: true })"),
    ("Endpoint", "VoxEngine.createConference({}).add({ call, mode: 'MIX', direction: 'BOTH' })"),
    ("IVRState", "new IVRState('s', { type: 'noinput' }, () => {}, () => {})"),
    ("Inworld.RealtimeTTSPlayer", "Inworld.createRealtimeTTSPlayer({ apiKey: 'k' })"),
    ("Net.HttpRequestOptions", "new Net.HttpRequestOptions()"),
    ("OpenAI.RealtimeAPIClient", "OpenAI.createRealtimeAPIClient({ apiKey: 'k', model: 'm' })"),
    ("Player", "VoxEngine.createURLPlayer('http://example.test/a.wav')"),
    ("Recorder", "VoxEngine.createRecorder({})"),
    ("SequencePlayer", "VoxEngine.createSequencePlayer({ segments: [{ text: 'a' }] })"),
    ("SmartQueueTask", "VoxEngine.enqueueTask({ queue: { name: 'q' } })"),
    ("StreamingAgent", "VoxEngine.createStreamingAgent({ url: 'rtmp://example.test/' })"),
    ("VoximplantAPI.Client", "new VoximplantAPI.Client()"),
    ("WebSocket", "VoxEngine.createWebSocket('ws://example.test/')"),
];

/// Calls each member of `target` that `names` lists, with `rounds` rows of arguments drawn by a seeded generator.
const TRY: &str = "
var state = SEED;
const draw = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return (state >>> 8) % n; };
const cyclic = { name: 'cyclic' }; cyclic.self = cyclic;
const deep = []; let inner = deep; for (let i = 0; i < 300; i++) { const next = []; inner.push(next); inner = next; }
const trap = 'a trap of the test';
const values = () => [
  undefined, null, true, false, 0, -1, 1.5, 1e300, -0, NaN, Infinity, 2 ** 31, 2 ** 53, 10n,
  '', ' ', '5', 'x', 'x'.repeat(3000), '\\u0000', '\\ud800', '\\u{1f600}', 'http://', 'sip:a@b', '../..',
  [], [1, 'a', null], [[]], deep, {}, { call: 1 }, { url: null }, { text: {} }, { headers: [1] }, { a: undefined }, cyclic,
  () => 1, async () => {}, class A {}, Symbol('s'), new Date(NaN), /x/g, new Map([[1, 2]]), new Uint8Array(4), new Error('e'),
  Promise.resolve(1), new Proxy({}, {}), Object.create(null),
  { get url() { throw new Error(trap) } }, { toString() { throw new Error(trap) } }, { valueOf() { throw new Error(trap) } },
  { toString: null, valueOf: null }, new Proxy({}, { get() { throw new Error(trap) } }), call,
];
const tell = (error, name) => {
  if (!(error instanceof Error)) return Logger.write(`${name}: threw ${typeof error}`);
  const said = String(error.message);
  if (!said.includes(name) && !said.includes(trap)) Logger.write(`${name}: ${error.name}: ${said}`);
};
const attempt = (target, name, rounds) => {
  for (let round = 0; round < rounds; round++) {
    const all = values();
    const args = Array.from({ length: round === 0 ? 0 : draw(5) }, () => all[draw(all.length)]);
    try {
      const answer = target[name](...args);
      if (answer instanceof Promise) answer.catch((error) => error instanceof Error || Logger.write(`${name}: ${error}`));
    } catch (error) { tell(error, name); }
  }
};
";

/// What a script says of these attempts; nothing, when all went well. And which members answered.
fn attempts(seed: u32, attempts: &str) -> (Vec<String>, Vec<String>) {
    let modules = surface().enumeration("Modules").expect("Modules");
    let requires: String =
        modules.members.iter().map(|(name, _)| format!("require(Modules.{name});")).collect();
    let text = format!(
        "{requires} VoxEngine.addEventListener(AppEvents.CallAlerting, ({{ call }}) => {{
            {}
            {attempts}
        }});",
        TRY.replace("SEED", &seed.to_string())
    );
    let mut setup = setup(&text);
    setup.unlimited = true;
    let mut engine = Engine::new(setup, &crate::language()).expect("an engine");
    let turn = engine.start(Time::ZERO);
    assert_eq!(turn.error, None, "{text}");
    let turn = alert(&mut engine);
    let mut said: Vec<String> =
        logs(&turn).into_iter().filter(|line| line.contains(": ") && !line.starts_with("said ")).collect();
    said.extend(turn.error.map(|error| format!("{} ({attempts})", error.message)));
    let mut used = turn.used;
    for command in turn.commands {
        // What is promised as an object is given.
        if let Command::Open { unit, request: Some(request), kind, .. } = command
            && kind == "openai"
        {
            let outcome = Outcome::Done(Datum::Unit(unit));
            let turn = engine.deliver(Time::ZERO, HostEvent::Settle { request, outcome });
            used.extend(turn.used.clone());
            said.extend(logs(&turn));
            said.extend(turn.error.map(|error| format!("{} ({attempts})", error.message)));
        }
    }
    (said, used)
}

/// Functions that end or replace what the attempts need, or only write what they are given.
const LEFT_OUT: &[&str] = &["Logger.write", "console.log", "trace"];

#[test]
fn no_function_breaks_at_wrong_arguments() {
    let names: Vec<(String, String)> = {
        let tables = Tables::new(&crate::language());
        let rows =
            tables.namespaces.iter().flat_map(|(owner, rows)| rows.iter().map(move |row| (owner, row.name)));
        rows.map(|(owner, name)| ((*owner).to_owned(), name.to_owned())).collect()
    };
    assert!(names.len() > 50);
    on_engine_thread(move || {
        let mut complaints = Vec::new();
        for (owner, name) in names {
            let target = if owner.is_empty() { "globalThis" } else { &owner };
            if !LEFT_OUT.contains(&format!("{owner}.{name}").trim_start_matches('.')) {
                complaints.extend(attempts(7, &format!("attempt({target}, '{name}', 60);")).0);
            }
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    });
}

#[test]
fn no_method_breaks_at_wrong_arguments() {
    on_engine_thread(|| {
        let tables = Tables::new(&crate::language());
        let mut complaints = Vec::new();
        for class in tables.classes.names() {
            let object = OBJECTS.iter().find(|(name, _)| *name == class).map(|(_, object)| *object);
            let names = tables.surface.methods_of(class);
            let table = tables.classes.get(class).expect("a table");
            let built = names.into_iter().filter(|name| table.has(name));
            let tried: String = built.map(|name| format!("attempt(target, '{name}', 60);")).collect();
            match object {
                Some(object) => {
                    let text = format!("(async () => {{ const target = await {object}; {tried} }})();");
                    let (said, used) = attempts(11, &text);
                    complaints.extend(said);
                    let some = tried.is_empty() || used.iter().any(|name| name.starts_with(class));
                    complaints.extend((!some).then(|| format!("{class}: no method answered")));
                }
                None => complaints.push(format!("{class}: OBJECTS says no way to one")),
            }
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    });
}
