//! Cassettes that were written by a world of virtual time, as a live run writes them, and played again: unchanged, edited
//! without consequence, edited with one, and damaged.

use std::cell::RefCell;
use std::rc::Rc;

use voxrun_bindings::connection::{Faults, Link, Pipe, Transfer};
use voxrun_bindings::contract::ScenarioFile;
use voxrun_bindings::contract::Time;
use voxrun_bindings::engine::Engine;
use voxrun_bindings::wire::{EmulatorSetup, HttpRequest, HttpResponse};

use super::*;
use crate::journal::jsonl;
use crate::room::{Asked, Dial, Dialled, Fetching, Line as RoomLine, Room, RunResult};
use crate::session::{ProviderSettings, seed};
use crate::simulate::{Caller, CallerPlan, Step, VIRTUAL_EPOCH_MS, WorldSetup, on_world_thread};

const INWORLD: &str = include_str!("../../../scenarios/voxeengine-openai-half-cascade-inworld.js");
const CARTESIA: &str = include_str!("../../../scenarios/voxeengine-openai-half-cascade-cartesia.js");

fn setup(text: &str) -> WorldSetup {
    let key =
        ProviderSettings { fallback_key: Some("offline-key-1".to_owned()), ..ProviderSettings::default() };
    WorldSetup {
        scenarios: vec![ScenarioFile::new("s.js", text)],
        providers: ["inworld", "cartesia"].map(|name| (name.to_owned(), key.clone())).into(),
        callers: vec![CallerPlan {
            steps: vec![Step::Say("Good morning".to_owned())],
            ..CallerPlan::default()
        }],
        seed: 5,
        ..WorldSetup::default()
    }
}

/// Connections to emulators with seeds of their own, as another process would have.
struct Elsewhere;

impl Dial for Elsewhere {
    fn dial(&mut self, dialled: Dialled<'_>) -> Result<Box<dyn RoomLine>, String> {
        let provider = dialled.remote.expect("a provider");
        let seed = seed::derive(99, provider.name, dialled.ordinal);
        let emulator = (provider.emulator)(EmulatorSetup {
            seed,
            epoch_ms: VIRTUAL_EPOCH_MS,
            ..EmulatorSetup::default()
        })?;
        let link = Link { connect_ms: 3, network_ms: 1 };
        let faults = &mut Faults::default();
        Ok(Box::new(Pipe::connect(dialled.now, provider.name, link, dialled.endpoint, emulator, faults)))
    }

    fn fetch(&mut self, asked: Asked<'_>) -> Box<dyn Fetching> {
        let answer = |request: &HttpRequest| {
            let body = format!("answer to {}", request.url).into_bytes().into();
            Some((Ok(HttpResponse { status: 200, body, ..HttpResponse::default() }), 77))
        };
        Box::new(Transfer::begin(asked.now, asked.request, answer, asked.faults))
    }
}

/// Plays a call with a witness and gives its cassette as text.
fn recorded(text: &str) -> String {
    on_world_thread(|| {
        let setup = setup(text);
        let lines = Rc::new(RefCell::new(Vec::new()));
        let header = Header {
            format: FORMAT,
            voxrun: "0".to_owned(),
            scenarios: Vec::new(),
            seed: setup.seed,
            epoch_ms: setup.epoch_ms,
            custom_data: String::new(),
            verbatim: false,
            call: setup.callers[0].call_facts("ID".to_owned()),
        };
        lines.borrow_mut().push(serde_json::to_string(&header).unwrap());
        let own = setup.engine(1, Time::ZERO, &setup.scenarios, "");
        let engine = Box::new(Engine::new(own, &voxrun_bindings::language()).unwrap());
        let room = setup.room(1, Time::ZERO, setup.started.clone());
        let mut room = Room::new(room, engine, Box::new(Elsewhere), Box::new(setup.callees.clone()));
        let plan = setup.callers[0].clone();
        let id = format!("{:016X}", seed::derive(setup.seed, "call", 1));
        room.set_caller(plan.call_facts(id), Box::new(Caller::new(plan, Time::ZERO)));
        let written = Rc::clone(&lines);
        room.set_witness(Box::new(Taper::new(move |line: &Line| {
            written.borrow_mut().push(serde_json::to_string(line).unwrap());
        })));
        room.begin();
        while let Some(at) = room.next() {
            room.advance(at);
        }
        drop(room);
        lines.take().join("\n") + "\n"
    })
    .unwrap()
}

fn replayed(text: &str, cassette: &str) -> Replayed {
    let cassette = Cassette::parse(cassette).unwrap();
    on_world_thread(|| replay(&setup(text), &cassette).unwrap()).unwrap()
}

fn journal(run: &RunResult) -> String {
    jsonl::text(&run.entries, &crate::journal::Redactor::new([]))
}

fn words(run: &RunResult) -> Vec<String> {
    run.sessions[0].conversation.iter().map(|said| said.text.clone()).collect()
}

#[test]
fn a_cassette_replays_to_the_same_journal_and_sound_twice() {
    for text in [INWORLD, CARTESIA] {
        let cassette = recorded(text);
        let (first, second) = (replayed(text, &cassette), replayed(text, &cassette));
        assert_eq!(first.divergence, None);
        assert_eq!(journal(&first.run), journal(&second.run));
        assert_eq!(first.run.sessions[0].audio, second.run.sessions[0].audio);
        let heard = ["Hello! How can I help today?", "Good morning", "You said: Good morning."];
        assert_eq!(words(&first.run), heard);
        assert!(!cassette.contains("offline-key-1"), "no key stands in it");
        assert!(!cassette.contains("input_audio_buffer.append"), "audio that was sent is left out");
    }
}

/// Asks a host before it hangs up.
const ASKS: &str = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, async () => {
        const { code, text } = await Net.httpRequestAsync('https://crm.test/1?apikey=secret-9');
        Logger.write(`${code} ${text}`);
        call.hangup();
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});";

#[test]
fn what_a_host_answered_is_answered_again() {
    let cassette = recorded(ASKS);
    assert!(!cassette.contains("apikey"), "no key stands in it");
    let replayed_as_it_was = replayed(ASKS, &cassette);
    assert_eq!(replayed_as_it_was.divergence, None);
    assert!(journal(&replayed_as_it_was.run).contains("200 answer to https://crm.test/1"));
    let divergence = replayed(&ASKS.replace("test/1", "test/2"), &cassette).divergence.unwrap();
    assert_eq!((divergence.unit.as_str(), divergence.key.as_deref()), ("http#1", Some("url")));
}

#[test]
fn an_edit_that_no_provider_sees_does_not_diverge() {
    let edited = INWORLD.replace("===AGENT_TEXT===", "another word in the log")
        + "\nsetTimeout(() => Logger.write('a timer of its own'), 50);";
    let replayed = replayed(&edited, &recorded(INWORLD));
    assert_eq!(replayed.divergence, None);
    assert!(journal(&replayed.run).contains("a timer of its own"));
}

#[test]
fn the_first_divergence_is_named() {
    let cassette = recorded(INWORLD);
    let greeting = INWORLD.replace("Hello! How can I help today?", "Good day!");
    let divergence = replayed(&greeting, &cassette).divergence.unwrap();
    assert_eq!(
        (divergence.unit.as_str(), divergence.key.as_deref()),
        ("openai#1", Some("response.instructions"))
    );
    let told = divergence.to_string();
    assert!(
        told.contains("Good day!") && told.contains("Hello! How can I help") && told.contains("recorded at"),
        "{told}"
    );

    let silent = INWORLD.replace("ttsPlayer.send({", "(() => {})({");
    assert_ne!(silent, INWORLD);
    let divergence = replayed(&silent, &cassette).divergence.unwrap();
    assert_eq!(divergence.unit, "inworld#1", "{divergence}");

    let flush = "ttsPlayer.send({flush_context: {}});";
    let more = INWORLD.replace(flush, &flush.repeat(2));
    let replayed = replayed(&more, &cassette);
    let divergence = replayed.divergence.unwrap().to_string();
    assert!(divergence.contains("inworld#1: flush_context instead of send_text"), "{divergence}");
    // The second flush was never answered, so what comes after the clear counts as old; the caller's line is still there.
    assert_eq!(words(&replayed.run)[1], "Good morning", "and the replay goes on");
}

#[test]
fn the_same_said_at_another_time_is_a_divergence() {
    let cassette = recorded(INWORLD);
    let update = "voiceAIClient.sessionUpdate(SESSION_CONFIG);";
    let greet = r#"voiceAIClient.responseCreate({instructions: "Hello! How can I help today?"})"#;
    let late = INWORLD.replace(greet, &format!("setTimeout(() => {greet}, 500)"));
    assert_ne!(late, INWORLD);
    let divergence = replayed(&late, &cassette).divergence.unwrap();
    assert!(divergence.to_string().contains("comes later than it did"), "{divergence}");
    assert_eq!(divergence.unit, "openai#1");

    let early = INWORLD.replace(update, &format!("{update} setTimeout(() => voiceAIClient.close(), 2000);"));
    let divergence = replayed(&early, &cassette).divergence.unwrap();
    assert_eq!(divergence.unit, "openai#1", "{divergence}");
    assert!(divergence.to_string().contains("a close with 1000"), "{divergence}");
}

#[test]
fn another_model_or_voice_is_a_divergence() {
    for (text, name, other) in [
        (INWORLD, "gpt-realtime-1.5", "gpt-realtime-mini"),
        (CARTESIA, "a0e99841-438c-4a64-b679-ae501e7d6091", "b0e99841-438c-4a64-b679-ae501e7d6092"),
    ] {
        let divergence = replayed(&text.replace(name, other), &recorded(text)).divergence.unwrap();
        assert!(divergence.to_string().contains(other), "{divergence}");
    }
}

#[test]
fn a_cassette_that_broke_off_is_played_as_far_as_it_goes() {
    let cassette = recorded(INWORLD);
    let half = &cassette[..cassette.len() * 2 / 3];
    assert!(!half.ends_with('\n'));
    let replayed = replayed(INWORLD, half);
    assert_eq!(words(&replayed.run)[0], "Hello! How can I help today?");
    assert_eq!(replayed.divergence, None, "what is not there is nobody's mistake");
    assert!(replayed.run.sessions[0].ended_ms < 30_000);
    assert!(journal(&replayed.run).contains("the cassette breaks off here"));
}

#[test]
fn what_is_no_cassette_is_told_by_its_line() {
    let header = recorded(INWORLD).lines().next().unwrap().to_owned();
    for (text, words) in [
        (String::new(), "empty"),
        ("{}".to_owned(), "no cassette"),
        (header.replace("\"format\":2", "\"format\":9"), "format 9"),
        (format!("{header}\n{{\"kind\":\"nothing\"}}\n{{}}\n"), "line 2"),
        (format!("{header}\n{{\"kind\":\"audio\",\"at_us\":[1],\"mu_law\":\"?\"}}\n"), "no base64"),
        (format!("{header}\n{{\"kind\":\"audio\",\"at_us\":[1],\"mu_law\":\"AAAA\"}}\n"), "does not fit"),
    ] {
        let error = Cassette::parse(&text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
