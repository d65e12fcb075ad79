//! How a session ends, and what reaches the script when it does.

use serde_json::json;
use voxrun_bindings::contract::TimerAsk;
use voxrun_bindings::contract::Turn;
use voxrun_bindings::contract::{CallbackId, Command, HostEvent, LogChannel, Time};

use super::rig::{CALL, CLIENT, PLAYER, Rig, answer, inventory, name_of, open, script_error, send, tell};
use crate::journal::EntryKind;
use crate::session::{CallEnd, FinishReason, Input, LegInput, Output, Session, SessionSetup};

const ALERTING: &str = "Application.CallAlerting";

fn timer(id: u32, after_ms: u64, repeat: bool) -> Command {
    Command::Timer { timer: CallbackId(id), ask: TimerAsk::Set { after_ms, repeat } }
}

#[test]
fn terminate_tells_terminating_and_terminated_and_nothing_else() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![answer(), open(CLIENT), timer(1, 500, true), timer(2, 700, false)],
        "timer" => vec![Command::Terminate, Command::Terminate, timer(3, 0, false), answer()],
        "Application.Terminating" => vec![timer(4, 0, false), open(PLAYER)],
        _ => Vec::new(),
    });
    rig.run_through(500);
    assert!(rig.done);
    assert_eq!(
        rig.events()[5..],
        [(500, "timer"), (500, "Application.Terminating"), (500, "Application.Terminated")]
    );
    assert_eq!(rig.fields("Application.Terminated"), json!({}));
    assert_eq!(rig.far[2..], [(500, "HungUp".to_owned()), (500, "close 1000".to_owned())]);
    let kept = |name: &str| {
        rig.entries.iter().find(|entry| entry.name == name).map(|entry| &entry.data["dispatched"])
    };
    assert_eq!(kept("Call.Disconnected"), Some(&json!(false)));
    assert_eq!(kept("Puppet.Closing"), Some(&json!(false)));
    assert_eq!(kept("Call.Connected"), Some(&json!(null)));
    let report = rig.session.report();
    assert_eq!(report.finish_reason, Some(FinishReason::Normal));
    assert_eq!((report.ended_ms, report.calls[0].end), (Some(500), Some(CallEnd::SessionEnded)));
    assert_eq!(
        rig.lines(EntryKind::Lifecycle),
        ["session_started", "session_stopping", "call#1 call_ended", "session_ended"]
    );
}

#[test]
fn events_that_were_queued_before_terminate_are_not_dispatched() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![answer()],
        "Call.FirstAudioPacketReceived" => vec![Command::Terminate],
        _ => Vec::new(),
    });
    rig.run_through(20);
    assert_eq!(
        rig.names()[2..],
        ["Call.FirstAudioPacketReceived", "Application.Terminating", "Application.Terminated"]
    );
    assert!(
        rig.lines(EntryKind::Event).contains(&"call#1 Call.Connected".to_owned()),
        "it is written all the same"
    );
}

#[test]
fn an_unanswered_caller_is_declined_when_the_session_ends() {
    let rig = Rig::new(|event| if event == ALERTING { vec![Command::Terminate] } else { Vec::new() });
    assert!(rig.done);
    assert_eq!(rig.far, [(0, "Rejected { code: 603 }".to_owned())]);
}

#[test]
fn an_exception_ends_the_session_with_system_error() {
    let script = |event: &HostEvent| Turn {
        commands: vec![Command::Log { channel: LogChannel::Logger, text: "before".to_owned() }],
        error: (name_of(event) == ALERTING).then(script_error),
        ..Turn::default()
    };
    let rig = Rig::with(SessionSetup::default(), Vec::new(), script);
    assert!(rig.done);
    assert_eq!(rig.names()[2..], ["Application.Terminating", "Application.Terminated"]);
    assert_eq!(rig.fields("Application.Terminating"), json!({ "systemError": true }));
    let report = rig.session.report();
    assert_eq!(report.finish_reason, Some(FinishReason::Script));
    assert_eq!(report.error, Some(script_error()));
    assert_eq!(rig.lines(EntryKind::Error), ["scenario"]);
    assert_eq!(
        rig.lines(EntryKind::Log).len(),
        4,
        "what was said before the exception counts, and in the last handlers"
    );
}

#[test]
fn an_exception_in_top_level_code_ends_it_before_started() {
    let mut session = Session::new(SessionSetup::default());
    session.handle_input(
        Time::ZERO,
        Input::Script(Turn { commands: Vec::new(), error: Some(script_error()), ..Turn::default() }),
    );
    let mut told = Vec::new();
    loop {
        match session.poll_output() {
            Output::Script(event) => {
                told.push(name_of(&event).to_owned());
                session.handle_input(Time::ZERO, Input::Script(Turn::default()));
            }
            Output::Done => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, ["Application.Terminating", "Application.Terminated"]);
    assert!(session.is_over());
    session.handle_input(Time::from_ms(5), Input::Deadline);
    assert!(matches!(session.poll_output(), Output::Done), "it stays over");
}

#[test]
fn an_exception_in_the_last_handlers_changes_the_reason_only() {
    let script = |event: &HostEvent| Turn {
        commands: if name_of(event) == ALERTING { vec![Command::Terminate] } else { Vec::new() },
        error: name_of(event).starts_with("Application.Termin").then(script_error),
        ..Turn::default()
    };
    let rig = Rig::with(SessionSetup::default(), Vec::new(), script);
    assert!(rig.done);
    assert_eq!(rig.names().len(), 4);
    assert_eq!(rig.session.report().finish_reason, Some(FinishReason::Script));
}

#[test]
fn a_minute_without_calls_ends_the_session() {
    let mut rig = Rig::new(|event| if event == ALERTING { vec![answer()] } else { Vec::new() });
    rig.leg(5_000, LegInput::HangUp { headers: Vec::new() });
    rig.run_to(65_000);
    assert!(!rig.done);
    rig.run_through(65_000);
    assert!(rig.done);
    assert_eq!(rig.events()[6..], [(65_000, "Application.Terminating"), (65_000, "Application.Terminated")]);
    assert_eq!(rig.session.report().finish_reason, Some(FinishReason::Normal));
}

#[test]
fn a_session_that_never_had_a_call_ends_after_a_minute_too() {
    let mut session = Session::new(SessionSetup::default());
    session.handle_input(Time::ZERO, Input::Script(Turn::default()));
    assert!(matches!(session.poll_output(), Output::Script(_)));
    session.handle_input(Time::ZERO, Input::Script(Turn::default()));
    assert!(matches!(session.poll_output(), Output::Wait(Some(at)) if at == Time::from_ms(60_000)));
}

#[test]
fn the_operator_ends_it_in_order() {
    let mut rig = Rig::new(|event| if event == ALERTING { vec![answer()] } else { Vec::new() });
    rig.give(2_000, Input::Stop);
    assert!(rig.done);
    assert_eq!(rig.far[1], (2_000, "HungUp".to_owned()));
    assert_eq!(rig.session.report().finish_reason, Some(FinishReason::Operator));
    let last: Vec<&str> = rig.events().iter().rev().take(3).rev().map(|(_, name)| *name).collect();
    assert_eq!(last, ["Call.Disconnected", "Application.Terminating", "Application.Terminated"]);
}

#[test]
fn a_script_that_ends_itself_when_the_operator_hangs_up_was_ended_by_the_operator() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![answer()],
        "Call.Disconnected" => vec![Command::Terminate],
        _ => Vec::new(),
    });
    rig.give(2_000, Input::Stop);
    assert!(rig.done);
    assert_eq!(rig.session.report().finish_reason, Some(FinishReason::Operator));
}

#[test]
fn a_session_is_shut_down_without_another_word_of_the_call() {
    let mut rig = Rig::new(|event| if event == ALERTING { vec![answer()] } else { Vec::new() });
    rig.give(2_000, Input::Shutdown);
    assert!(rig.done);
    let last: Vec<&str> = rig.events().iter().rev().take(2).rev().map(|(_, name)| *name).collect();
    assert_eq!(last, ["Application.Terminating", "Application.Terminated"]);
}

#[test]
fn while_the_script_runs_only_its_own_events_wait() {
    let mut session = Session::new(SessionSetup { inventory, ..SessionSetup::default() });
    session.handle_input(Time::ZERO, Input::IncomingCall(super::rig::facts()));
    session.handle_input(Time::ZERO, Input::Script(Turn::default()));
    assert!(matches!(session.poll_output(), Output::Script(_)));
    assert!(matches!(session.poll_output(), Output::Wait(Some(_))), "deadlines go on");
    session.handle_input(
        Time::from_ms(7),
        Input::Leg { call: CALL, input: LegInput::HangUp { headers: Vec::new() } },
    );
    assert!(matches!(session.poll_output(), Output::Wait(_)), "the turn is awaited");
    assert_eq!(session.now(), Time::from_ms(7), "and what came is taken");
    session.handle_input(Time::from_ms(9), Input::Script(Turn::default()));
    for queued in ["born", "Application.CallAlerting"] {
        let Output::Script(event) = session.poll_output() else { panic!("then what was queued") };
        assert_eq!(name_of(&event), queued);
        if queued == "born" {
            session.handle_input(Time::from_ms(9), Input::Script(Turn::default()));
        }
    }
    session.handle_input(Time::from_ms(9), Input::Script(Turn::default()));
    let Output::Script(event) = session.poll_output() else { panic!("then what came meanwhile") };
    assert_eq!(name_of(&event), "Call.Disconnected");
}

#[test]
fn a_turn_that_nobody_awaited_is_ignored() {
    let mut rig = Rig::new(|_| Vec::new());
    rig.give(
        10,
        Input::Script(Turn { commands: vec![answer()], error: Some(script_error()), ..Turn::default() }),
    );
    assert_eq!(rig.far, []);
    assert!(rig.session.report().error.is_none());
}

#[test]
fn timers_fire_in_order() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => (0..100).map(|id| timer(id, 200 - u64::from(id), false)).collect(),
        _ => Vec::new(),
    });
    rig.run_through(1_000);
    let fired: Vec<u64> = rig.told.iter().filter(|told| told.1 == "timer").map(|told| told.0).collect();
    assert_eq!(fired, (101..=200).collect::<Vec<u64>>());
}

#[test]
fn an_endless_chain_of_zero_timeouts_lets_time_pass() {
    let mut rig = Rig::new(|event| match event {
        ALERTING | "timer" => vec![timer(1, 0, false)],
        _ => Vec::new(),
    });
    rig.run_through(60_000);
    assert_eq!(rig.names().iter().filter(|name| **name == "timer").count(), 60_000);
}

#[test]
fn an_endless_loop_of_events_at_one_instant_is_stopped() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![answer(), open(CLIENT), tell(CLIENT, "restless", &[]), send(CLIENT, CALL)],
        _ => Vec::new(),
    });
    rig.run_through(1);
    assert!(rig.done);
    assert_eq!(rig.lines(EntryKind::Error), ["limit"]);
    assert_eq!(rig.session.report().finish_reason, Some(FinishReason::Script));
}
