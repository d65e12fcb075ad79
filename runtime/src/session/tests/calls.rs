//! What a call does and what the script is told of it.

use serde_json::{Value, json};
use voxrun_bindings::contract::{CallAsk, TimerAsk};
use voxrun_bindings::contract::{Command, RecordOptions};

use super::rig::{CALL, Rig, answer, hangup};
use crate::journal::EntryKind;
use crate::session::{CallEnd, Input, LegInput, SessionSetup};
use voxrun_bindings::wire::{Recorded, Side};

fn on(name: &'static str, commands: Vec<Command>) -> impl FnMut(&str) -> Vec<Command> {
    move |event| if event == name { commands.clone() } else { Vec::new() }
}

const ALERTING: &str = "Application.CallAlerting";

fn early() -> Command {
    Command::Call { call: CALL, ask: CallAsk::StartEarlyMedia { headers: Vec::new() } }
}

#[test]
fn an_answered_call_is_told_in_the_platforms_order() {
    let mut rig = Rig::new(on(ALERTING, vec![answer()]));
    rig.run_to(1_000);
    rig.leg(105_999, LegInput::HangUp { headers: Vec::new() });
    assert_eq!(
        rig.events(),
        [
            (0, "Application.Started"),
            (0, ALERTING),
            (20, "Call.FirstAudioPacketReceived"),
            (20, "Call.Connected"),
            (20, "Call.AudioQualityDetected"),
            (105_999, "Call.Disconnected"),
        ]
    );
    assert_eq!(rig.far, [(0, "Answered".to_owned())]);
    let connected = rig.fields("Call.Connected");
    assert_eq!(connected["headers"], json!({ "VI-Client-Type": "pstn" }));
    assert_eq!(connected["displayName"], "Ann");
    assert_eq!(
        rig.fields("Call.Disconnected"),
        json!({
            "headers": { "Reason": "Q.850;cause=16" }, "internalCode": 10, "reason": "BYE received",
            "duration": 105, "cost": 0, "direction": "All numbers",
        })
    );
    let report = rig.session.report();
    assert_eq!((report.calls[0].answered_ms, report.calls[0].ended_ms), (Some(0), Some(105_999)));
    assert_eq!(report.calls[0].end, Some(CallEnd::CallerHungUp));
}

#[test]
fn a_rejected_call_ends_at_once() {
    let reject = Command::Call { call: CALL, ask: CallAsk::Reject { code: 486, headers: Vec::new() } };
    let rig = Rig::new(on(ALERTING, vec![reject]));
    assert_eq!(rig.names(), ["Application.Started", ALERTING, "Call.Disconnected"]);
    assert_eq!(rig.far, [(0, "Rejected { code: 486 }".to_owned())]);
    let told = rig.fields("Call.Disconnected");
    assert_eq!(
        (&told["internalCode"], &told["duration"], &told["direction"]),
        (&json!(486), &json!(0), &json!(""))
    );
}

#[test]
fn hanging_up_an_unanswered_call_declines_it() {
    let rig = Rig::new(on(ALERTING, vec![hangup()]));
    assert_eq!(rig.far, [(0, "Rejected { code: 603 }".to_owned())]);
    assert_eq!(rig.names().last(), Some(&"Call.Disconnected"));
}

#[test]
fn a_caller_who_gives_up_is_told() {
    let mut rig = Rig::new(on("never", Vec::new()));
    rig.leg(3_000, LegInput::HangUp { headers: Vec::new() });
    assert_eq!(rig.fields("Call.Disconnected")["internalCode"], 487);
    assert_eq!(rig.far, []);
    assert_eq!(rig.session.report().calls[0].end, Some(CallEnd::CallerGaveUp));
}

#[test]
fn a_call_that_ends_before_it_is_told_connected_never_is() {
    let mut rig = Rig::new(on(ALERTING, vec![answer()]));
    rig.leg(10, LegInput::HangUp { headers: Vec::new() });
    rig.run_to(1_000);
    assert_eq!(rig.names(), ["Application.Started", ALERTING, "Call.Disconnected"]);
}

#[test]
fn an_unanswered_call_is_ended_after_a_minute() {
    let mut rig = Rig::new(on(
        ALERTING,
        vec![Command::Call { call: CALL, ask: CallAsk::Ring { headers: Vec::new() } }],
    ));
    rig.run_through(60_000);
    assert_eq!(rig.events().last(), Some(&(60_000, "Call.Disconnected")));
    assert_eq!(rig.far, [(0, "Ringing".to_owned()), (60_000, "Rejected { code: 408 }".to_owned())]);
    rig.run_through(120_000);
    assert!(rig.done, "and a minute later the session");
}

#[test]
fn early_media_ends_after_a_minute_of_its_own() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![Command::Timer {
            timer: voxrun_bindings::contract::CallbackId(1),
            ask: TimerAsk::Set { after_ms: 5_000, repeat: false },
        }],
        "timer" => vec![early()],
        _ => Vec::new(),
    });
    rig.run_to(65_000);
    assert_eq!(rig.far, [(5_000, "EarlyMedia".to_owned())]);
    rig.run_through(65_000);
    assert_eq!(rig.events().last(), Some(&(65_000, "Call.Disconnected")));
    assert_eq!(rig.far[1], (65_000, "Rejected { code: 603 }".to_owned()));
}

#[test]
fn without_limits_a_call_may_ring_for_ever() {
    let setup = SessionSetup { limits: false, ..SessionSetup::default() };
    let mut rig = Rig::with(setup, Vec::new(), |_| Default::default());
    rig.run_to(3_600_000);
    assert_eq!(rig.names(), ["Application.Started", ALERTING]);
}

#[test]
fn what_makes_no_sense_in_a_state_is_a_remark_and_nothing_else() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![answer(), answer(), early()],
        "Call.Disconnected" => vec![
            hangup(),
            answer(),
            Command::Call { call: CALL, ask: CallAsk::Record { options: RecordOptions::default() } },
            Command::Call { call: CALL, ask: CallAsk::SendDigits { digits: "1".to_owned() } },
            Command::Call { call: CALL, ask: CallAsk::HandleTones { on: true } },
            Command::Call {
                call: voxrun_bindings::contract::UnitId(9),
                ask: CallAsk::Hangup { headers: Vec::new() },
            },
        ],
        _ => Vec::new(),
    });
    rig.leg(500, LegInput::HangUp { headers: Vec::new() });
    assert_eq!(rig.far, [(0, "Answered".to_owned())]);
    assert_eq!(rig.lines(EntryKind::Note).len(), 8);
    assert_eq!(rig.session.report().policies, ["F-033"]);
}

#[test]
fn a_recording_starts_when_connected_and_stops_after_the_end() {
    let record = Command::Call {
        call: CALL,
        ask: CallAsk::Record { options: RecordOptions { stereo: true, ..RecordOptions::default() } },
    };
    let setup = SessionSetup { recordings: true, ..SessionSetup::default() };
    let mut rig = Rig::set_up(setup, on(ALERTING, vec![answer(), record.clone(), record]));
    rig.speak(0, 3_000, 1_000);
    rig.leg(3_020, LegInput::HangUp { headers: Vec::new() });
    rig.run_through(4_000);
    assert_eq!(
        rig.events()[4..],
        [
            (20, "Call.AudioQualityDetected"),
            (20, "Call.RecordStarted"),
            (3_020, "Call.Disconnected"),
            (3_032, "Call.RecordStopped"),
        ]
    );
    let stopped = rig.fields("Call.RecordStopped");
    assert_eq!((&stopped["duration"], &stopped["cost"]), (&json!(3), &json!("0")));
    assert_eq!(stopped["url"], rig.fields("Call.RecordStarted")["url"]);
    let report = rig.session.report();
    let [kept] = &report.recordings[..] else { panic!("{:?}", report.recordings) };
    assert_eq!((kept.started_ms, kept.ended_ms, kept.channels), (20, Some(3_020), 2));
    let mut left = Vec::new();
    for (ms, part) in &rig.recorded {
        match part {
            Recorded::Started { url, channels: 2, .. } => assert_eq!((*ms, url), (20, &kept.url)),
            Recorded::Sound(piece) => {
                assert_eq!(piece.at, left.len() as u64, "nothing is missing");
                left.extend(piece.samples.iter().step_by(2));
            }
            Recorded::Stopped { length } => assert_eq!((*ms, *length), (3_020, 24_000)),
            other => panic!("{other:?}"),
        }
    }
    assert!(rig.recorded.len() > 4, "it comes piece by piece");
    assert_eq!(left.len(), 23_840, "the last 20 ms were not spoken");
    assert!(left.iter().all(|sample: &i16| (sample - 1_000).abs() < 40));
    assert_eq!(report.policies, ["F-035", "F-043", "F-360", "F-362"]);
}

#[test]
fn what_the_caller_says_is_kept_at_its_time_without_any_listener() {
    let mut rig = Rig::new(on(ALERTING, vec![answer()]));
    rig.speak(1_000, 1_100, -3_000);
    rig.leg(2_000, LegInput::HangUp { headers: Vec::new() });
    let left = rig.session.recording(CALL).unwrap().side(Side::FarEnd);
    assert_eq!(left.len(), 16_000);
    assert_eq!((left[7_999], left[8_800]), (0, 0));
    assert!(left[8_000..8_800].iter().all(|s| (*s + 3_000).abs() < 100));
    assert!(rig.session.take_recording(CALL).is_some());
    assert!(rig.session.recording(CALL).is_none());
}

#[test]
fn nothing_is_kept_when_nobody_wants_it() {
    let setup = SessionSetup { keep_audio: false, ..SessionSetup::default() };
    let rig = Rig::with(setup, Vec::new(), |_| Default::default());
    assert!(rig.session.recording(CALL).is_none());
}

#[test]
fn tones_are_told_when_asked_for() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![answer()],
        "Call.Connected" => vec![Command::Call { call: CALL, ask: CallAsk::HandleTones { on: true } }],
        "Call.ToneReceived" => vec![Command::Call { call: CALL, ask: CallAsk::HandleTones { on: false } }],
        _ => Vec::new(),
    });
    rig.leg(5, LegInput::Digit('1'));
    rig.leg(1_000, LegInput::Digit('x'));
    rig.leg(1_000, LegInput::Digit('#'));
    rig.leg(1_200, LegInput::Digit('2'));
    assert_eq!(rig.fields("Call.ToneReceived"), json!({ "tone": "#", "type": "1" }));
    assert_eq!(rig.names().iter().filter(|name| **name == "Call.ToneReceived").count(), 1);
    assert_eq!(rig.lines(EntryKind::Media), ["call#1 tone_received"; 4]);
}

#[test]
fn digits_go_out_as_keys_and_pauses() {
    let digits =
        |text: &str| Command::Call { call: CALL, ask: CallAsk::SendDigits { digits: text.to_owned() } };
    let rig = Rig::new(on(ALERTING, vec![digits("9"), answer(), digits("1p*2 x"), digits("")]));
    assert_eq!(rig.far, [(0, "Answered".to_owned()), (0, "Digits(\"1p*2\")".to_owned())]);
}

#[test]
fn a_second_call_has_a_number_of_its_own_and_keeps_the_session_alive() {
    let mut rig = Rig::new(on(ALERTING, vec![answer()]));
    rig.give(1_000, Input::IncomingCall(super::rig::facts()));
    rig.leg(2_000, LegInput::HangUp { headers: Vec::new() });
    rig.run_to(61_500);
    assert_eq!(rig.events().last().map(|(ms, _)| *ms), Some(61_000), "the second call was not answered");
    rig.run_through(121_000);
    assert!(rig.done);
    let ids: Vec<Value> =
        rig.entries.iter().filter(|e| e.name == "Call.Disconnected").map(|e| json!(e.unit)).collect();
    assert_eq!(ids, ["call#1", "call#2"]);
}
