//! Sound through a whole session: who hears what, when, and when no time is spent on it.

use serde_json::json;
use voxrun_bindings::contract::Command;
use voxrun_bindings::contract::{CallAsk, MediaAsk, TimerAsk};

use super::rig::{CALL, CLIENT, PLAYER, Rig, answer, open, send, tell};
use crate::journal::EntryKind;
use crate::session::LegInput;
use voxrun_bindings::wire::Side;

const ALERTING: &str = "Application.CallAlerting";

/// The values that a mu-law line gives back unchanged.
const SOFT: u64 = 1_052;
const LOUD: u64 = 8_031;

fn script(on_timer: Vec<Command>) -> impl FnMut(&str) -> Vec<Command> {
    move |event| match event {
        ALERTING => vec![answer(), open(CLIENT), open(PLAYER), tell(CLIENT, "hears", &[8_000])],
        "Call.Connected" => vec![
            send(CALL, CLIENT),
            send(PLAYER, CALL),
            tell(PLAYER, "audio", &[1_000, SOFT]),
            Command::Timer {
                timer: voxrun_bindings::contract::CallbackId(1),
                ask: TimerAsk::Set { after_ms: 500, repeat: false },
            },
        ],
        "timer" => on_timer.clone(),
        _ => Vec::new(),
    }
}

#[test]
fn the_caller_hears_the_player_and_the_provider_hears_the_caller() {
    let mut rig = Rig::new(script(Vec::new()));
    rig.speak(0, 200, LOUD as i16);
    rig.run_to(2_000);
    let heard: Vec<u64> = rig.ear.iter().map(|(ms, _)| *ms).collect();
    assert_eq!(heard, (20..1_020).step_by(20).collect::<Vec<u64>>());
    assert!(rig.ear.iter().all(|(_, value)| (*value - SOFT as i16).abs() < 40), "{:?}", rig.ear);
    let loud = rig.provider.iter().filter(|(_, value)| *value > 7_000).count();
    assert_eq!(loud, 9, "ten frames; the first one ended when nothing was connected yet");
    assert_eq!(rig.provider.len(), 99, "silence goes to the provider too: every tick from 40 ms on");
    let audible =
        |from: usize, to: usize| rig.session.recording(CALL).unwrap().side(Side::Script)[from..to].to_vec();
    assert!(audible(160, 8_160).iter().all(|s| *s != 0));
    assert_eq!(rig.events()[5..], [(20, "Puppet.Started"), (520, "timer"), (1_020, "Puppet.Drained")]);
    assert_eq!(rig.fields("Puppet.Drained"), json!({ "played_ms": 1_000 }));
    assert_eq!(rig.session.report().frames_to_providers, 99);
}

#[test]
fn clearing_silences_the_caller_within_one_frame() {
    let mut rig = Rig::new(script(vec![Command::Media(MediaAsk::Clear { unit: PLAYER })]));
    rig.run_to(2_000);
    assert_eq!(
        rig.ear.last().map(|(ms, _)| *ms),
        Some(500),
        "the tick of that very instant plays nothing more"
    );
    assert_eq!(rig.fields("Puppet.Cleared"), json!({ "dropped_ms": 500 }));
    assert!(!rig.names().contains(&"Puppet.Drained"));
    let lines = rig.lines(EntryKind::Media);
    assert!(lines.contains(&"puppet#2 playout_cleared".to_owned()), "{lines:?}");
}

#[test]
fn a_paused_player_waits() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![
            answer(),
            open(PLAYER),
            send(PLAYER, CALL),
            Command::Media(MediaAsk::Pause { unit: PLAYER, paused: true }),
        ],
        "Call.Connected" => vec![
            tell(PLAYER, "audio", &[40, SOFT]),
            Command::Timer {
                timer: voxrun_bindings::contract::CallbackId(1),
                ask: TimerAsk::Set { after_ms: 500, repeat: false },
            },
        ],
        "timer" => vec![Command::Media(MediaAsk::Pause { unit: PLAYER, paused: false })],
        _ => Vec::new(),
    });
    rig.run_to(2_000);
    assert_eq!(rig.ear.iter().map(|(ms, _)| *ms).collect::<Vec<_>>(), [520, 540]);
}

#[test]
fn a_new_stream_replaces_the_old_one_and_stopping_it_restores_nothing() {
    let mut timers = 0;
    let mut rig = Rig::new(move |event| match event {
        ALERTING => vec![answer(), open(CLIENT), open(PLAYER), send(CLIENT, CALL)],
        "Call.Connected" => vec![
            tell(CLIENT, "audio", &[400, SOFT]),
            tell(PLAYER, "audio", &[400, LOUD]),
            Command::Timer {
                timer: voxrun_bindings::contract::CallbackId(1),
                ask: TimerAsk::Set { after_ms: 100, repeat: true },
            },
        ],
        "timer" => {
            timers += 1;
            match timers {
                1 => vec![send(PLAYER, CALL)],
                2 => vec![Command::Media(MediaAsk::Stop { from: PLAYER, to: CALL })],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    });
    rig.run_to(400);
    let loud: Vec<(u64, bool)> = rig.ear.iter().map(|(ms, value)| (*ms, *value > 2_000)).collect();
    let expected = (20..220).step_by(20).map(|ms| (ms, ms >= 120)).collect::<Vec<_>>();
    assert_eq!(loud, expected, "nothing is heard from 220 ms on, though the client still plays");
    assert_eq!(
        rig.lines(EntryKind::Media)[..6],
        [
            "puppet#1 stream_started",
            "puppet#1 playout_started",
            "puppet#2 playout_started",
            "puppet#1 stream_stopped",
            "puppet#2 stream_started",
            "puppet#2 stream_stopped"
        ]
    );
}

#[test]
fn in_early_media_the_caller_hears_and_is_not_heard() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![
            Command::Call { call: CALL, ask: CallAsk::StartEarlyMedia { headers: Vec::new() } },
            open(CLIENT),
            tell(CLIENT, "hears", &[8_000]),
            Command::Media(MediaAsk::SendBetween { a: CALL, b: CLIENT }),
            tell(CLIENT, "audio", &[100, SOFT]),
        ],
        _ => Vec::new(),
    });
    rig.speak(0, 200, LOUD as i16);
    rig.run_to(1_000);
    assert_eq!(rig.ear.len(), 5);
    assert_eq!(rig.provider, []);
    assert!(rig.session.recording(CALL).unwrap().side(Side::FarEnd).iter().all(|s| *s == 0));
}

#[test]
fn before_the_answer_nothing_is_heard_though_the_player_plays() {
    let mut answered = false;
    let mut rig = Rig::new(move |event| match event {
        ALERTING => vec![open(PLAYER), send(PLAYER, CALL), tell(PLAYER, "audio", &[100, SOFT])],
        "Puppet.Drained" if !std::mem::replace(&mut answered, true) => {
            vec![answer(), tell(PLAYER, "audio", &[40, SOFT])]
        }
        _ => Vec::new(),
    });
    rig.run_to(1_000);
    assert_eq!(rig.ear.iter().map(|(ms, _)| *ms).collect::<Vec<_>>(), [120, 140]);
}

#[test]
fn links_vanish_with_the_call_and_quiet_time_is_free() {
    let mut rig = Rig::new(script(Vec::new()));
    rig.leg(300, LegInput::HangUp { headers: Vec::new() });
    let before = rig.provider.len();
    let wait = rig.give(310, crate::session::Input::Deadline);
    assert_eq!(wait.map(|at| at.as_ms()), Some(320), "the player still plays, to nobody");
    rig.run_to(5_000);
    assert_eq!((rig.ear.len(), rig.provider.len()), (14, before));
    let wait = rig.give(5_000, crate::session::Input::Deadline);
    assert_eq!(wait.map(|at| at.as_ms()), Some(60_300), "no tick until the idle rule");
}

#[test]
fn a_call_without_links_has_no_ticks() {
    let mut rig = Rig::new(|event| if event == ALERTING { vec![answer()] } else { Vec::new() });
    rig.run_to(1_000);
    assert_eq!(rig.give(1_000, crate::session::Input::Deadline), None);
}
