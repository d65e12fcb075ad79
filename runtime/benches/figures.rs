//! The figures of the README: how fast a run is, what an event costs, what a session weighs. Run it with
//! `cargo bench --profile dev -p voxrun --bench figures`; it builds nothing that `cargo test` has not built. Each figure is
//! the best of several runs, since machines are noisy, and stands beside its mark. It measures voxrun only, no provider
//! and no network.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::process::Command as Process;
use std::time::{Duration, Instant};

use voxrun::session::ProviderSettings;
use voxrun::simulate::{CallerPlan, Step, World, WorldSetup, on_world_thread};
use voxrun_bindings::contract::{Dictionary, HostEvent, On, ScenarioFile, Setup, Time};
use voxrun_bindings::engine::Engine;
use voxrun_bindings::heap::CountingAllocator;

// As the program has it: counting has its price.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const INWORLD: &str = include_str!("../../scenarios/voxeengine-openai-half-cascade-inworld.js");
const FIRST_LINE: &str = "Logger.write('first line'); VoxEngine.terminate();";
const IDLE: &str = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});";
const BRIDGE: &str = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    VoxEngine.easyProcess(call, VoxEngine.callPSTN('15550000042', callerid));
});";
const CONFERENCE: &str = "require(Modules.Conference);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    const conference = VoxEngine.createConference();
    const join = (leg) => leg.addEventListener(CallEvents.Connected, () => conference.add({ call: leg }));
    join(call);
    for (let number = 1; number < 100; number += 1) join(VoxEngine.callPSTN(`${number}`, callerid));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});";
const LISTENER: &str =
    "VoxEngine.addEventListener(AppEvents.Started, (event) => { Logger.write(event.name); });";

const OUTBOUND: &str = "VoxEngine.addEventListener(AppEvents.Started, async () => {
    const call = VoxEngine.callPSTN('15550000042', '15550000001');
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.addEventListener(CallEvents.Connected, async () => {
        const { text } = await Net.httpRequestAsync('https://crm.test/name');
        call.say(`Good morning ${text}, this is a call of half a minute`);
        setTimeout(() => call.hangup(), 29000);
    });
});";
const REQUESTS: &str = "VoxEngine.addEventListener(AppEvents.Started, async () => {
    for (let n = 0; n < 1000; n += 1) await Net.httpRequestAsync('https://crm.test/name');
    VoxEngine.terminate();
});";
/// What stands in for the host of both.
const CRM: &str = "kind = 'http'\nmatch = 'https://crm.test/*'\ndelay_ms = 1\nreply = { text = 'Ada' }";

fn file(text: &str) -> Vec<ScenarioFile> {
    vec![ScenarioFile::new("scenario.js", text)]
}

/// A world of this scenario, with keys for the emulated providers.
fn setup(text: &str, caller: CallerPlan) -> WorldSetup {
    let key =
        ProviderSettings { fallback_key: Some("offline-key".to_owned()), ..ProviderSettings::default() };
    let providers = ["inworld", "cartesia"].map(|name| (name.to_owned(), key.clone()));
    WorldSetup {
        scenarios: file(text),
        callers: vec![caller],
        providers: providers.into(),
        ..WorldSetup::default()
    }
}

/// The shortest of `runs` runs.
fn best(runs: u32, mut run: impl FnMut() -> Duration) -> Duration {
    (0..runs).map(|_| run()).min().unwrap_or_default()
}

/// How long one call of `seconds` takes, and how much of it was talk.
fn call(text: &str, steps: Vec<Step>, seconds: u64) -> (Duration, u64) {
    let plan = CallerPlan { steps, hangup_after_ms: Some(seconds * 1000), ..CallerPlan::default() };
    let start = Instant::now();
    let mut world = World::new(setup(text, plan)).expect("a world");
    let result = world.run(|_| {});
    let took = start.elapsed();
    let session = &result.sessions[0];
    assert!(session.report.error.is_none(), "{:?}", session.report.error);
    assert!(session.ended_ms >= seconds * 1000, "the call ended early, at {} ms", session.ended_ms);
    (took, session.conversation.iter().map(|said| said.end_ms.saturating_sub(said.start_ms)).sum())
}

fn conversation() -> String {
    let line = |text: &str| Step::Say(text.to_owned());
    let steps = vec![
        line("hello I would like to know when you are open tomorrow"),
        line("and can I park my car in front of the house"),
        line("thank you"),
    ];
    let mut talk_ms = 0;
    let took = best(7, || {
        let (took, talk) = call(INWORLD, steps.clone(), 60);
        talk_ms = talk;
        took
    });
    assert!(talk_ms >= 18_000, "only {talk_ms} ms of talk: the agent was not heard");
    let factor = 60.0 / took.as_secs_f64();
    format!("{factor:.0} times real time ({} ms, {} s of talk)  mark 1,000", took.as_millis(), talk_ms / 1000)
}

fn idle() -> String {
    let took = best(7, || call(IDLE, Vec::new(), 600).0);
    format!("{:.0} times real time  mark 10,000", 600.0 / took.as_secs_f64())
}

/// A thousand callers, each bridged to somebody who is called and says a line back, ten seconds each.
fn bridged() -> String {
    const CALLS: usize = 1_000;
    let line = Step::Say("is anybody there who can hear me".to_owned());
    let plan = CallerPlan { steps: vec![line], hangup_after_ms: Some(12_000), ..CallerPlan::silent() };
    let mut setup = setup(BRIDGE, plan.clone());
    setup.callers = vec![plan; CALLS];
    setup.caller_gap_ms = 5_000;
    setup.keep_audio = false;
    setup.callees.add("*=voicemail:yes I can hear you and I talk for a while").expect("a behaviour");
    let start = Instant::now();
    let result = World::new(setup).expect("a world").run(|_| {});
    let took = start.elapsed();
    let calls = result.sessions.iter().flat_map(|session| &session.report.calls);
    let talked: u64 = calls.map(|call| call.ended_ms.unwrap_or(0) - call.answered_ms.unwrap_or(0)).sum();
    assert!(talked >= 2 * 9_500 * CALLS as u64, "only {talked} ms of calls");
    let heard = |session: &voxrun::room::SessionResult| !session.others[0].1.is_empty();
    assert!(result.sessions.iter().all(heard), "somebody heard nothing");
    let factor = CALLS as f64 * 10.0 / took.as_secs_f64();
    format!("{factor:.0} times real time in total ({:.1} s)  mark 1,000", took.as_secs_f64())
}

/// A hundred parties of one conference for a minute.
fn conference() -> String {
    let plan = CallerPlan { hangup_after_ms: Some(60_000), ..CallerPlan::silent() };
    let took = best(3, || {
        let mut setup = setup(CONFERENCE, plan.clone());
        setup.unlimited = true;
        setup.keep_audio = false;
        for number in 1..100 {
            let text = format!("{number}=answer-after:{number}00ms:here I am and I say a few words");
            setup.callees.add(&text).expect("a behaviour");
        }
        let start = Instant::now();
        let result = World::new(setup).expect("a world").run(|_| {});
        let took = start.elapsed();
        assert_eq!(result.sessions[0].report.calls.len(), 100);
        assert!(result.sessions[0].ended_ms >= 60_000);
        took
    });
    format!("{:.0} times real time  mark 20", 60.0 / took.as_secs_f64())
}

/// A world that starts without a call, with the CRM.
fn started(text: &str) -> WorldSetup {
    let mut setup = setup(text, CallerPlan::silent());
    setup.callers = Vec::new();
    setup.api_start = true;
    setup.stand_ins = vec![toml::from_str(CRM).expect("a stand-in")];
    setup.callees.add("*=hangup-after:60s").expect("a behaviour");
    setup
}

/// A call of 30 s that a scenario places, with a request over HTTP, a text and a hang-up; then a thousand requests.
fn outbound() -> String {
    let took = best(7, || {
        let start = Instant::now();
        let result = World::new(started(OUTBOUND)).expect("a world").run(|_| {});
        let took = start.elapsed();
        assert!(result.sessions[0].ended_ms >= 29_000 && result.sessions[0].report.error.is_none());
        assert!(result.sessions[0].conversation[0].text.starts_with("Good morning Ada"));
        took
    });
    format!("{:.1} ms  mark 25 ms", took.as_secs_f64() * 1e3)
}

fn requests() -> String {
    let took = best(5, || {
        let start = Instant::now();
        let result = World::new(started(REQUESTS)).expect("a world").run(|_| {});
        let took = start.elapsed();
        assert!(result.sessions[0].report.error.is_none());
        took / 1_000
    });
    format!("{:.1} us, script and journal included  mark 50 us", took.as_secs_f64() * 1e6)
}

/// A start with so much TypeScript, less a start with its JavaScript.
fn typescript() -> String {
    let one = |n: usize| {
        format!(
            "interface Order{n} {{ id: string; amount: number }}\nenum State{n} {{ Open = 'open', Done = 'done' }}\n\
            function total{n}(orders: Order{n}[], state: State{n}): number {{\n    \
            return orders.reduce((sum: number, order) => sum + (state === State{n}.Open ? order.amount : 0), 0);\n}}\n"
        )
    };
    let text: String = (0..400).map(one).collect();
    assert!(text.len() > 100_000, "{}", text.len());
    let took = best(7, || {
        let start = Instant::now();
        let script = voxrun_bindings::scenario("big.ts".to_owned(), text.clone()).expect("TypeScript");
        assert!(!script.text.contains("interface"));
        start.elapsed()
    });
    format!("{:.1} ms for {} KB  mark 15 ms", took.as_secs_f64() * 1e3, text.len() / 1000)
}

fn process_start() -> String {
    let dir = std::env::temp_dir().join(format!("voxrun-figures-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let path = dir.join("first.js");
    std::fs::write(&path, FIRST_LINE).expect("a file");
    let took = best(15, || {
        let start = Instant::now();
        let output =
            Process::new(env!("CARGO_BIN_EXE_voxrun")).arg("run").arg(&path).output().expect("voxrun");
        let took = start.elapsed();
        assert!(String::from_utf8_lossy(&output.stdout).contains("first line"));
        took
    });
    let _ = std::fs::remove_dir_all(&dir);
    format!("{:.1} ms, the end of the process included  mark 15 ms", took.as_secs_f64() * 1e3)
}

fn further_session() -> String {
    let took = best(15, || {
        let start = Instant::now();
        let mut engine = engine(FIRST_LINE);
        assert!(engine.start(Time::ZERO).error.is_none());
        start.elapsed()
    });
    format!("{:.2} ms  mark 3 ms", took.as_secs_f64() * 1e3)
}

fn engine(text: &str) -> Engine {
    Engine::new(Setup { scenarios: file(text), ..Setup::default() }, &voxrun_bindings::language())
        .expect("an engine")
}

fn event() -> String {
    const EVENTS: u32 = 20_000;
    let mut engine = engine(LISTENER);
    engine.start(Time::ZERO);
    let event = HostEvent::Raise {
        on: On::Application(None),
        name: "Application.Started".to_owned(),
        fields: Dictionary::new(),
    };
    let took = best(5, || {
        let start = Instant::now();
        for _ in 0..EVENTS {
            let turn = engine.deliver(Time::ZERO, event.clone());
            assert_eq!(turn.commands.len(), 1);
        }
        start.elapsed() / EVENTS
    });
    format!("{:.1} us  mark 15 us", took.as_secs_f64() * 1e6)
}

/// The slope of the resident set over sessions in mid-conversation.
fn memory() -> String {
    const FEW: usize = 10;
    const MANY: usize = 60;
    let mut worlds = Vec::new();
    let mut few = 0.0;
    for number in 1..=MANY {
        let mut world = World::new(setup(INWORLD, CallerPlan::default())).expect("a world");
        while world.next().is_some_and(|at| at < Time::from_ms(5_000)) {
            world.step();
        }
        worlds.push(world);
        if number == FEW {
            few = resident_mb();
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "50")]
    let slope = (resident_mb() - few) / (MANY - FEW) as f64;
    format!("{slope:.2} MB a session, its caller and emulators included  mark 1.0 MB")
}

/// Megabytes of the process in memory, as Linux tells; elsewhere nothing is measured.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kb = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) / 1024.0
}

/// Measures and says the result with its mark.
type Figure = fn() -> String;

fn main() {
    let figures: &[(&str, Figure)] = &[
        // First, before anything else has left memory to be used again.
        ("memory", memory),
        ("60 s conversation, media bound both ways", conversation),
        ("time with no media bound", idle),
        ("1,000 calls bridged to callees, 10 s each", bridged),
        ("a conference of 100 for a minute", conference),
        ("a call of 30 s placed, with HTTP and a text", outbound),
        ("a request over HTTP to a stand-in", requests),
        ("TypeScript made into JavaScript", typescript),
        ("process start to the first line", process_start),
        ("a further session's first line", further_session),
        ("event into a listener and out", event),
    ];
    for (name, figure) in figures {
        let told = on_world_thread(*figure).unwrap_or_else(|error| error.to_string());
        println!("{name:<42} {told}");
    }
}
