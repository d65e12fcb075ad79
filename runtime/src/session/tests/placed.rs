//! Calls that the script places, from the command to the far end and back, and the headers of every step both ways.

use serde_json::json;
use voxrun_bindings::contract::CallAsk;
use voxrun_bindings::contract::{CallFacts, Command, Headers, UnitId};

use super::rig::{CALL, Rig, answer, send};
use crate::session::{CallEnd, Input, LegInput};
use crate::telephony::Direction;

const PLACED: UnitId = UnitId(70_100);
const STARTED: &str = "Application.Started";

fn header(name: &str, value: &str) -> Headers {
    vec![(name.to_owned(), value.to_owned())]
}

fn place(call: u32, headers: Headers) -> Command {
    let facts = CallFacts { destination: "+15550123".to_owned(), headers, ..CallFacts::default() };
    Command::Call { call: UnitId(call), ask: CallAsk::Place { facts } }
}

fn on_start(commands: Vec<Command>) -> Rig {
    Rig::new(move |event| if event == STARTED { commands.clone() } else { Vec::new() })
}

fn far(rig: &mut Rig, ms: u64, input: LegInput) {
    rig.give(ms, Input::Leg { call: PLACED, input });
}

/// What the script heard of calls that it placed.
fn heard(rig: &Rig) -> Vec<(u64, &str)> {
    rig.events().into_iter().filter(|(_, name)| name.starts_with("Call.")).collect()
}

fn end_of(rig: &Rig) -> Option<CallEnd> {
    rig.session.report().calls.iter().find(|call| call.unit == PLACED).and_then(|call| call.end)
}

#[test]
fn a_placed_call_rings_sounds_connects_and_ends_with_the_headers_of_every_step() {
    let mut rig = on_start(vec![place(PLACED.0, Headers::new())]);
    far(&mut rig, 100, LegInput::Ringing { headers: header("X-R", "1") });
    far(&mut rig, 200, LegInput::Ringing { headers: Headers::new() });
    far(&mut rig, 300, LegInput::EarlyMedia { headers: header("X-E", "2") });
    far(&mut rig, 900, LegInput::Answered { headers: header("X-A", "3") });
    far(&mut rig, 4_900, LegInput::HangUp { headers: header("X-B", "4") });
    assert_eq!(
        heard(&rig),
        [
            (100, "Call.Ringing"),
            (300, "Call.AudioStarted"),
            (920, "Call.FirstAudioPacketReceived"),
            (920, "Call.Connected"),
            (920, "Call.AudioQualityDetected"),
            (4_900, "Call.Disconnected"),
        ]
    );
    assert_eq!(rig.far, [(0, "place +15550123".to_owned())]);
    assert_eq!(rig.fields("Call.Ringing")["headers"], json!({ "X-R": "1" }));
    assert_eq!(
        rig.fields("Call.AudioStarted"),
        json!({ "code": 183, "headers": { "X-E": "2" }, "sipTransport": "UDP", "scheme": "audio" })
    );
    assert_eq!(rig.fields("Call.Connected")["headers"], json!({ "X-A": "3" }));
    let ended = rig.fields("Call.Disconnected");
    assert_eq!(ended["headers"], json!({ "Reason": "Q.850;cause=16", "X-B": "4" }));
    assert_eq!(ended["duration"], 4);
    let report = rig.session.report();
    let call = report.calls.iter().find(|call| call.unit == PLACED).unwrap();
    assert_eq!(
        (call.direction, call.answered_ms, call.end),
        (Direction::Outgoing, Some(900), Some(CallEnd::CalleeHungUp))
    );
}

#[test]
fn without_early_media_audio_starts_with_the_answer() {
    let mut rig = on_start(vec![place(PLACED.0, Headers::new())]);
    far(&mut rig, 700, LegInput::Answered { headers: Headers::new() });
    far(&mut rig, 710, LegInput::Answered { headers: Headers::new() });
    far(&mut rig, 720, LegInput::Refused { code: 486, reason: String::new(), headers: Headers::new() });
    rig.run_to(1_000);
    assert_eq!(heard(&rig)[..2], [(700, "Call.AudioStarted"), (720, "Call.FirstAudioPacketReceived")]);
    assert_eq!(rig.fields("Call.AudioStarted")["code"], 200);
    assert_eq!(end_of(&rig), None);
}

#[test]
fn a_busy_callee_fails_the_call_with_code_reason_and_headers() {
    let mut rig = on_start(vec![place(PLACED.0, Headers::new())]);
    let headers = header("Retry-After", "9");
    far(&mut rig, 250, LegInput::Refused { code: 486, reason: "Busy Here".to_owned(), headers });
    assert_eq!(heard(&rig), [(250, "Call.Failed")]);
    assert_eq!(
        rig.fields("Call.Failed"),
        json!({ "code": 486, "reason": "Busy Here", "headers": { "Retry-After": "9" } })
    );
    assert_eq!(end_of(&rig), Some(CallEnd::Refused(486)));
}

#[test]
fn a_call_given_up_is_cancelled_and_an_answer_that_crosses_is_hung_up() {
    let mut rig = Rig::new(|event| match event {
        STARTED => vec![place(PLACED.0, Headers::new())],
        "Call.Ringing" => {
            vec![Command::Call { call: PLACED, ask: CallAsk::Hangup { headers: header("X-Why", "bored") } }]
        }
        _ => Vec::new(),
    });
    far(&mut rig, 100, LegInput::Ringing { headers: Headers::new() });
    far(&mut rig, 110, LegInput::Answered { headers: Headers::new() });
    assert_eq!(heard(&rig), [(100, "Call.Ringing"), (100, "Call.Failed")]);
    assert_eq!(rig.fields("Call.Failed")["code"], 487);
    assert_eq!(rig.far[1..], [(100, "HungUp X-Why=bored".to_owned()), (110, "HungUp".to_owned())]);
    assert_eq!(end_of(&rig), Some(CallEnd::HungUp));
}

#[test]
fn nobody_answers_for_as_long_as_the_header_says() {
    for (value, fails_at) in [(None, 60_000), (Some("12"), 12_000), (Some("1"), 10_000), (Some("x"), 60_000)]
    {
        let headers = value.map(|value| header("vi-calltimeout", value)).unwrap_or_default();
        let mut rig = Rig::new(move |event| match event {
            STARTED => vec![place(PLACED.0, headers.clone())],
            "Application.CallAlerting" => vec![answer()],
            _ => Vec::new(),
        });
        rig.run_through(70_000);
        let failed: Vec<_> = heard(&rig).into_iter().filter(|(_, name)| *name == "Call.Failed").collect();
        assert_eq!(failed, [(fails_at, "Call.Failed")], "{value:?}");
        assert_eq!(rig.fields("Call.Failed")["code"], 408);
        assert_eq!(rig.far.last().unwrap(), &(fails_at, "HungUp".to_owned()));
    }
}

#[test]
fn ten_calls_ring_at_once_and_the_rest_of_two_hundred_fail_at_once() {
    let mut rig = on_start((0..200).map(|n| place(PLACED.0 + n, Headers::new())).collect());
    assert_eq!(heard(&rig).len(), 190);
    assert_eq!(
        rig.fields("Call.Failed"),
        json!({ "code": 403, "reason": "Call limit reached", "headers": {} })
    );
    assert_eq!(rig.far.len(), 10);
    assert_eq!(rig.session.report().calls.len(), 11, "with the one that came in");
    far(&mut rig, 10, LegInput::Answered { headers: Headers::new() });
    assert_eq!(heard(&rig)[190], (10, "Call.AudioStarted"));
}

#[test]
fn fifty_attempts_are_all_a_session_has() {
    let mut next = PLACED.0;
    let mut rig = Rig::new(move |event| match event {
        STARTED | "Call.Failed" if next < PLACED.0 + 60 => {
            next += 1;
            vec![place(next - 1, Headers::new())]
        }
        _ => Vec::new(),
    });
    for call in PLACED.0..PLACED.0 + 50 {
        let input = LegInput::Refused { code: 404, reason: String::new(), headers: Headers::new() };
        rig.give(u64::from(call - PLACED.0), Input::Leg { call: UnitId(call), input });
    }
    assert_eq!(rig.far.len(), 50);
    let codes: Vec<_> = rig
        .told
        .iter()
        .filter(|(_, name, _)| name == "Call.Failed")
        .map(|(.., f)| f["code"].clone())
        .collect();
    assert_eq!((codes[49].clone(), codes[50].clone(), codes.len()), (json!(404), json!(403), 60));
}

#[test]
fn a_call_placed_in_terminating_is_a_remark() {
    let mut rig = Rig::new(|event| match event {
        STARTED => vec![Command::Terminate],
        "Application.Terminating" => vec![place(PLACED.0, Headers::new())],
        _ => Vec::new(),
    });
    rig.run_to(10);
    assert!(rig.done);
    assert!(!rig.far.iter().any(|(_, word)| word.starts_with("place")), "{:?}", rig.far);
    let notes = rig.entries.iter().filter(|entry| entry.data.to_string().contains("the session is ending"));
    assert_eq!(notes.count(), 1);
}

#[test]
fn what_only_a_called_side_can_say_means_nothing_of_a_caller_and_the_other_way_round() {
    let mut rig = on_start(vec![
        place(PLACED.0, Headers::new()),
        Command::Call { call: PLACED, ask: CallAsk::Answer { headers: Headers::new() } },
        Command::Call { call: PLACED, ask: CallAsk::Ring { headers: Headers::new() } },
        Command::Call { call: PLACED, ask: CallAsk::Reject { code: 486, headers: Headers::new() } },
    ]);
    rig.leg(10, LegInput::Answered { headers: Headers::new() });
    rig.leg(20, LegInput::Ringing { headers: Headers::new() });
    rig.leg(30, LegInput::Refused { code: 500, reason: String::new(), headers: Headers::new() });
    assert_eq!(heard(&rig), []);
    assert_eq!(rig.far, [(0, "place +15550123".to_owned())]);
}

#[test]
fn headers_of_our_steps_reach_the_caller() {
    let (ring, early) = (header("X-R", "1"), header("X-E", "2"));
    let mut rig = on_start(vec![
        Command::Call { call: CALL, ask: CallAsk::Ring { headers: ring } },
        Command::Call { call: CALL, ask: CallAsk::StartEarlyMedia { headers: early } },
        Command::Call { call: CALL, ask: CallAsk::Answer { headers: header("X-A", "3") } },
        Command::Call { call: CALL, ask: CallAsk::Hangup { headers: header("X-B", "4") } },
    ]);
    rig.run_to(10);
    let words: Vec<&str> = rig.far.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(words, ["Ringing X-R=1", "EarlyMedia X-E=2", "Answered X-A=3", "HungUp X-B=4"]);
    let mut rig = on_start(vec![Command::Call {
        call: CALL,
        ask: CallAsk::Reject { code: 486, headers: header("X-J", "5") },
    }]);
    rig.run_to(10);
    assert_eq!(rig.far, [(0, "Rejected { code: 486 } X-J=5".to_owned())]);
}

#[test]
fn both_legs_hear_each_other_once_the_placed_one_is_answered() {
    let mut rig = Rig::new(|event| match event {
        STARTED => vec![place(PLACED.0, Headers::new())],
        "Application.CallAlerting" => vec![answer(), send(CALL, PLACED), send(PLACED, CALL)],
        _ => Vec::new(),
    });
    far(&mut rig, 100, LegInput::Answered { headers: Headers::new() });
    rig.ear.clear();
    rig.speak(200, 300, 5_000);
    rig.run_to(400);
    let loud = rig.ear.iter().filter(|(_, sample)| *sample > 4_000).count();
    assert_eq!(loud, 5, "{:?}", rig.ear);
}
