//! Whole conversations of the documented scenarios in the world: what is said goes in as sound and comes out as sound,
//! a barge-in is heard at once, and no fault of a provider makes a world hang or break.

use std::sync::OnceLock;

use voxrun_bindings::connection::Fault;
use voxrun_bindings::contract::ScenarioFile;
use voxrun_bindings::wire::{Emulator, EmulatorSetup, FromEmulator, Kind, Remote, Reply, ToEmulator};

use super::super::plan::{BUILT_IN_LINE, CallerPlan, Step};
use super::super::thread::on_world_thread;
use super::*;
use crate::journal::EntryKind;
use crate::room::{self, Utterance, Who};
use crate::session::seed::derive;
use crate::session::{FinishReason, ProviderSettings};

const INWORLD: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../scenarios/voxeengine-openai-half-cascade-inworld.js"
));
const CARTESIA: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../scenarios/voxeengine-openai-half-cascade-cartesia.js"
));
const GREETING: &str = "Hello! How can I help today?";
const PROVIDERS: [&str; 3] = ["openai", "inworld", "cartesia"];

fn setup(script: &str, steps: &[Step]) -> WorldSetup {
    let scenarios = vec![ScenarioFile::new("scenario.js", script.to_owned())];
    let callers = vec![CallerPlan { steps: steps.to_vec(), ..CallerPlan::default() }];
    let key =
        || ProviderSettings { fallback_key: Some("offline-key".to_owned()), ..ProviderSettings::default() };
    let providers = PROVIDERS.iter().map(|name| ((*name).to_owned(), key())).collect();
    WorldSetup { scenarios, callers, providers, ..WorldSetup::default() }
}

fn run(setup: WorldSetup) -> (SessionResult, Vec<Entry>) {
    let mut result =
        on_world_thread(move || World::new(setup).expect("a good setup").run(|_| {})).expect("a whole run");
    (result.sessions.remove(0), result.entries)
}

fn say(text: &str) -> Step {
    Step::Say(text.to_owned())
}

fn lines(conversation: &[Utterance]) -> Vec<(Who, &str, bool)> {
    conversation.iter().map(|one| (one.who, one.text.as_str(), one.cut)).collect()
}

#[test]
fn both_documented_scenarios_hold_a_conversation() {
    for script in [INWORLD, CARTESIA] {
        let (session, entries) = run(setup(script, &[say(BUILT_IN_LINE)]));
        let repeated = format!("You said: {BUILT_IN_LINE}");
        let expected = [
            (Who::Agent, GREETING, false),
            (Who::Caller, BUILT_IN_LINE, false),
            (Who::Agent, repeated.as_str(), false),
        ];
        assert_eq!(lines(&session.conversation), expected);
        assert!(
            entries.iter().any(|entry| entry.name == "understood" && entry.data["text"] == BUILT_IN_LINE)
        );
        assert_eq!(session.turns.len(), 1);
        assert!((300..3_000).contains(&session.turns[0].latency_ms), "{:?}", session.turns);
        assert_eq!(session.report.finish_reason, Some(FinishReason::Normal));
        assert_eq!((session.failure, session.report.error), (None, None));
    }
}

#[test]
fn replies_and_voices_of_the_caller_change_the_conversation() {
    let mut other = setup(INWORLD, &[say("what is the time"), say("thank you")]);
    let reply = |heard: &str, say: &str| Reply {
        heard: Some(heard.to_owned()),
        say: Some(say.to_owned()),
        ..Reply::default()
    };
    other.replies = vec![reply("time", "It is noon."), reply("thank", "Goodbye then.")];
    let (session, _) = run(other);
    let texts: Vec<&str> = session.conversation.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, [GREETING, "what is the time", "It is noon.", "thank you", "Goodbye then."]);
    assert_eq!(session.turns.len(), 2);
}

#[test]
fn a_barge_in_silences_the_agent_within_one_frame_of_the_clear() {
    for script in [INWORLD, CARTESIA] {
        for delay_ms in [300, 777, 1_200, 1_650] {
            let barge = Step::SayAfter { delay_ms, text: "wait a moment please".to_owned() };
            let (session, entries) = run(setup(script, &[barge]));
            let cleared = entries.iter().find(|entry| {
                entry.name == "playout_cleared" && entry.data["dropped_ms"].as_u64().is_some_and(|ms| ms > 0)
            });
            let cleared_ms = cleared.expect("something was cleared").t_us / 1000;
            let first = &session.conversation[0];
            assert!(first.cut && first.who == Who::Agent, "{:?}", session.conversation);
            assert!(first.end_ms <= cleared_ms + 20, "cleared at {cleared_ms}: {first:?}");
            let answer = session.conversation.last().expect("an answer");
            assert_eq!(
                (answer.text.as_str(), answer.cut),
                ("You said: wait a moment please.", false),
                "at {delay_ms}"
            );
            let audio = session.audio.as_ref().expect("the recording");
            let heard = |ms: u64| audio.samples[(ms as usize * 8) * 2 + 1].unsigned_abs();
            let silent = (cleared_ms + 20..answer.start_ms).map(heard).max();
            assert!(silent < Some(100), "nothing of the old generation is heard: {silent:?}");
        }
    }
}

#[test]
fn the_journal_tells_the_whole_conversation_however_it_ends() {
    for hangup_after_ms in [1_000, 2_500, 3_500, 5_000, 7_000, 9_700] {
        let mut early = setup(INWORLD, &[say(BUILT_IN_LINE)]);
        early.callers[0].hangup_after_ms = Some(hangup_after_ms);
        let (session, entries) = run(early);
        let mut told: Vec<Utterance> = Vec::new();
        for entry in entries.iter().filter(|entry| matches!(entry.name.as_str(), "said" | "heard" | "cut")) {
            let utterance: Utterance = serde_json::from_value(entry.data.clone()).expect("an utterance");
            // A line that broke off takes the place of the one that began at the same time.
            told.retain(|other| (other.who, other.start_ms) != (utterance.who, utterance.start_ms));
            told.push(utterance);
        }
        room::sort(&mut told);
        assert_eq!(told, session.conversation, "hung up at {hangup_after_ms}");
        assert!(told.iter().all(|one| one.end_ms <= hangup_after_ms + 20));
    }
}

#[test]
fn two_runs_are_the_same_to_the_last_sample_and_seeds_change_ids_only() {
    let with_seed = |seed| {
        let barge = Step::SayAfter { delay_ms: 900, text: "excuse me".to_owned() };
        let (session, entries) = run(WorldSetup { seed, ..setup(INWORLD, &[barge, say("go on")]) });
        (session.audio, session.conversation, entries)
    };
    let first = with_seed(1);
    assert!(first == with_seed(1));
    let other = with_seed(2);
    assert_eq!(lines(&first.1), lines(&other.1));
    assert!(first.2 != other.2);
}

#[test]
fn several_sessions_in_one_world_are_as_each_alone() {
    let mut many = setup(CARTESIA, &[]);
    many.callers = ["one", "two", "three"]
        .map(|text| CallerPlan { steps: vec![say(text)], ..CallerPlan::default() })
        .into();
    many.caller_gap_ms = 1_234;
    let result =
        on_world_thread(move || World::new(many).expect("a good setup").run(|_| {})).expect("a whole run");
    for (session, text) in result.sessions.iter().zip(["one", "two", "three"]) {
        let expected = format!("You said: {text}.");
        assert_eq!(session.conversation.last().map(|last| last.text.as_str()), Some(expected.as_str()));
    }
}

#[test]
fn a_fault_of_a_provider_ends_nothing_but_its_connection() {
    let providers = [
        (INWORLD, "inworld", ["send_text", "audioChunk", "contextCreated"]),
        (CARTESIA, "cartesia", ["generation", "chunk", "done"]),
        (INWORLD, "openai", ["session.update", "response.create", "response.output_text.done"]),
    ];
    let actions = ["delay:700ms", "stall", "close:1011", "drop", "garbage", "half-open"];
    for (script, provider, names) in providers {
        let open = actions.iter().map(|action| format!("open={action}"));
        let timed = actions.iter().map(|action| format!("1.5s={action}"));
        let named = names.iter().flat_map(|name| actions.map(|action| format!("{name}={action}")));
        let connect = ["refuse", "status:503", "delay:2s", "stall", "drop", "garbage"]
            .map(|action| format!("connect={action}"));
        for spec in open.chain(timed).chain(named).chain(connect) {
            let spec = format!("{provider}@{spec}");
            let fault = Fault::parse(&spec, &PROVIDERS).expect("a good fault");
            let (session, entries) =
                run(WorldSetup { faults: vec![fault], ..setup(script, &[say("hello")]) });
            assert_eq!(session.failure, None, "{spec}");
            assert_eq!(session.report.error, None, "{spec}");
            assert!(session.unfired_faults.is_empty(), "{spec} never fired");
            assert!(
                entries.iter().any(|entry| entry.kind == EntryKind::Note && entry.name == "fault"),
                "{spec}"
            );
            assert!(session.ended_ms <= 200_000, "{spec} ended after {}", session.ended_ms);
        }
    }
}

/// OpenAI's kind with another provider's side.
fn openai_with(emulator: fn(EmulatorSetup) -> Result<Box<dyn Emulator>, String>) -> Option<Kind> {
    let kind = voxrun_bindings::kind("openai")?;
    let remote = kind.remote.map(|remote| &*Box::leak(Box::new(Remote { emulator, ..*remote })));
    Some(Kind { remote, ..*kind })
}

/// The inventory with an OpenAI whose provider's side breaks: when it is made, or at its deadline.
fn broken_at_once(name: &str) -> Option<&'static Kind> {
    static BROKEN: OnceLock<Option<Kind>> = OnceLock::new();
    if name == "openai" {
        BROKEN.get_or_init(|| openai_with(|_| panic!("not made"))).as_ref()
    } else {
        voxrun_bindings::kind(name)
    }
}

fn broken_later(name: &str) -> Option<&'static Kind> {
    static BROKEN: OnceLock<Option<Kind>> = OnceLock::new();
    if name == "openai" {
        BROKEN.get_or_init(|| openai_with(|_| Ok(Box::new(Breaks::default())))).as_ref()
    } else {
        voxrun_bindings::kind(name)
    }
}

#[derive(Default)]
struct Breaks {
    said: Option<FromEmulator>,
}

impl Emulator for Breaks {
    fn handle(&mut self, _now: Time, input: ToEmulator<'_>) {
        match input {
            ToEmulator::Upgrade(_) => self.said = Some(FromEmulator::Accept),
            ToEmulator::Deadline => panic!("no such hour"),
            ToEmulator::Closed { .. } | ToEmulator::Frame(_) => {}
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.said.take()
    }

    fn deadline(&self) -> Option<Time> {
        Some(Time::from_ms(2_000))
    }
}

#[test]
fn what_breaks_in_one_session_is_that_sessions_failure() {
    for (inventory, what) in [
        (broken_at_once as fn(&str) -> Option<&'static Kind>, "not made"),
        (broken_later, "the emulator broke: no such hour"),
    ] {
        let mut two = setup(INWORLD, &[say("hello")]);
        two.callers.push(CallerPlan::default());
        two.inventory = inventory;
        let result =
            on_world_thread(move || World::new(two).expect("a good setup").run(|_| {})).expect("a whole run");
        assert_eq!(result.sessions.len(), 2);
        for session in &result.sessions {
            assert_eq!(session.failure, Some(Failure::Broken(what.to_owned())));
        }
        assert!(
            result.entries.iter().any(|entry| entry.kind == EntryKind::Error && entry.name == "internal")
        );
    }
}

#[test]
fn random_callers_and_faults_always_come_to_an_end() {
    let words = ["yes", "no", "stop", "antidisestablishmentarianism", "42", "été", ""];
    for round in 0..40u64 {
        let pick = |what: &str, number: u64, of: u64| derive(round, what, number) % of;
        let steps: Vec<Step> = (0..pick("steps", 0, 5))
            .map(|number| {
                let text = words[pick("word", number, 7) as usize].to_owned();
                match pick("step", number, 6) {
                    0 => Step::SayAfter { delay_ms: pick("delay", number, 3_000), text },
                    1 => Step::Dtmf("12#".to_owned()),
                    2 => Step::Wait(pick("wait", number, 4_000)),
                    3 if number > 2 => Step::HangUp,
                    _ => Step::Say(text),
                }
            })
            .collect();
        let provider = PROVIDERS[pick("provider", 0, 3) as usize];
        let action = ["stall", "drop", "garbage", "half-open", "close:4000", "delay:3s"]
            [pick("action", 0, 6) as usize];
        let spec = format!("{provider}@{}ms={action}", pick("instant", 0, 12_000));
        let fault = Fault::parse(&spec, &PROVIDERS).expect("a good fault");
        let script = if round % 2 == 0 { INWORLD } else { CARTESIA };
        let (session, entries) =
            run(WorldSetup { faults: vec![fault], seed: round, ..setup(script, &steps) });
        assert_eq!(session.failure, None, "round {round}: {spec} {steps:?}");
        assert!(session.ended_ms < 400_000, "round {round}: {spec} {steps:?}");
        assert!(entries.is_sorted_by_key(|entry| entry.t_us), "round {round}");
    }
}
