//! Worlds with the real engine and session, without providers: who starts, talks, hangs up and ends.

use voxrun_bindings::connection::{Action, Fault, Moment};
use voxrun_bindings::contract::ScenarioFile;

use super::super::plan::{CallerPlan, Step};
use super::super::thread::on_world_thread;
use super::*;
use crate::journal::EntryKind;
use crate::room::{Bounds, Who};
use crate::session::FinishReason;

/// Answers, and ends the session when the caller is gone.
const ANSWERS: &str = "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
    e.call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    e.call.answer();
});";

fn setup(script: &str, callers: Vec<CallerPlan>) -> WorldSetup {
    let scenarios = vec![ScenarioFile::new("test.js", script.to_owned())];
    WorldSetup { scenarios, callers, ..WorldSetup::default() }
}

fn run(setup: WorldSetup) -> RunResult {
    on_world_thread(move || World::new(setup).expect("a good setup").run(|_| {})).expect("a whole run")
}

fn says(text: &str) -> CallerPlan {
    CallerPlan { steps: vec![Step::Say(text.to_owned())], ..CallerPlan::silent() }
}

fn names(result: &RunResult, kind: EntryKind) -> Vec<(u64, String)> {
    let of_kind = result.entries.iter().filter(|entry| entry.kind == kind);
    of_kind.map(|entry| (entry.t_us / 1000, entry.name.clone())).collect()
}

#[test]
fn a_call_is_answered_spoken_into_and_ended_by_the_caller() {
    let result = run(setup(ANSWERS, vec![says("is anybody there")]));
    let session = &result.sessions[0];
    assert_eq!(session.report.finish_reason, Some(FinishReason::Normal));
    assert_eq!(session.failure, None);
    let call = &session.report.calls[0];
    assert_eq!((call.answered_ms, call.from.as_str()), (Some(0), "15551230001"));
    assert_eq!(session.conversation.len(), 1);
    let line = &session.conversation[0];
    assert_eq!(
        (line.who, line.text.as_str(), line.start_ms, line.cut),
        (Who::Caller, "is anybody there", 5_000, false)
    );
    assert_eq!(call.ended_ms, Some(line.end_ms + 100 + 10_000));
    let media = names(&result, EntryKind::Media);
    assert!(media.contains(&(5_000, "said".to_owned())), "{media:?}");
    let audio = session.audio.as_ref().expect("the recording");
    let left: Vec<i16> = audio.samples.iter().step_by(2).copied().collect();
    let first = left.iter().position(|sample| sample.unsigned_abs() > 1_000).expect("sound");
    assert!((40_000..40_080).contains(&first), "the line begins 5 s into the call: {first}");
    assert!(audio.samples.iter().skip(1).step_by(2).all(|sample| *sample == 0), "the agent says nothing");
}

#[test]
fn the_journal_is_in_order_and_the_same_every_time() {
    let journal = || {
        let result = run(setup(ANSWERS, vec![says("one"), says("two"), says("three")]));
        assert_eq!(result.sessions.len(), 3);
        result.entries
    };
    let first = journal();
    assert_eq!(first, journal());
    assert!(first.iter().zip(0..).all(|(entry, seq)| entry.seq == seq), "numbered without gaps");
    for number in 1..=3 {
        let times: Vec<u64> =
            first.iter().filter(|entry| entry.session == number).map(|entry| entry.t_us).collect();
        assert!(times.len() > 5 && times.is_sorted(), "{times:?}");
    }
}

#[test]
fn callers_come_one_after_the_other_and_each_has_its_own_time() {
    let mut two = setup(ANSWERS, vec![says("one"), says("one")]);
    two.caller_gap_ms = 3_000;
    let result = run(two);
    let ended: Vec<(u64, u64)> = result.sessions.iter().map(|one| (one.started_ms, one.ended_ms)).collect();
    assert_eq!(ended[0].0, 0);
    assert_eq!(ended[1], (3_000, ended[0].1));
}

#[test]
fn a_call_that_is_never_answered_ends_by_the_platforms_rule() {
    let result =
        run(setup("VoxEngine.addEventListener(AppEvents.CallAlerting, () => {});", vec![says("hello")]));
    let session = &result.sessions[0];
    assert_eq!(session.report.calls[0].ended_ms, Some(60_000));
    assert_eq!(session.ended_ms, 120_000);
    assert!(session.conversation.is_empty());
}

#[test]
fn a_call_without_a_listener_is_declined() {
    let result = run(setup("Logger.write('nobody listens');", vec![says("hello")]));
    assert_eq!(result.sessions[0].report.calls[0].ended_ms, Some(0));
    assert_eq!(result.sessions[0].ended_ms, 60_000);
}

#[test]
fn a_scripts_error_ends_the_session_and_the_call() {
    let result = run(setup(
        "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { e.call.answer(); setTimeout(() => nope(), 2000); });",
        vec![says("hello")],
    ));
    let session = &result.sessions[0];
    let error = session.report.error.as_ref().expect("the script's error");
    assert!(error.message.contains("nope"), "{error:?}");
    assert_eq!((error.file.as_str(), error.line), ("test.js", 1));
    assert_eq!(session.ended_ms, 2_000);
    assert_eq!(session.report.finish_reason, Some(FinishReason::Script));
}

#[test]
fn keys_reach_the_script_and_digits_are_journaled() {
    let script = "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
        e.call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
        e.call.addEventListener(CallEvents.ToneReceived, (t) => Logger.write('tone ' + t.tone));
        e.call.handleTones(true);
        e.call.answer();
    });";
    let plan = CallerPlan { steps: vec![Step::Dtmf("4#".to_owned())], ..CallerPlan::silent() };
    let result = run(setup(script, vec![plan]));
    let logs: Vec<_> = result.entries.iter().filter(|entry| entry.kind == EntryKind::Log).collect();
    let texts: Vec<_> =
        logs.iter().map(|entry| (entry.t_us / 1000, entry.data["text"].as_str().unwrap_or(""))).collect();
    assert_eq!(texts, [(5_100, "tone 4"), (5_300, "tone #")]);
}

#[test]
fn a_session_that_never_ends_is_shut_down_at_the_bound() {
    let mut endless = setup(ANSWERS, vec![CallerPlan { stays: true, ..CallerPlan::silent() }]);
    endless.bounds = Bounds { session_ms: 30_000, ..Bounds::default() };
    let result = run(endless);
    let session = &result.sessions[0];
    assert_eq!(session.failure, Some(Failure::TooLong(30)));
    assert_eq!(session.ended_ms, 30_000);
    assert_eq!(session.report.finish_reason, Some(FinishReason::Operator));
    assert!(names(&result, EntryKind::Error).contains(&(30_000, "limit".to_owned())));
}

#[test]
fn a_session_that_cannot_come_to_rest_is_stopped() {
    let result = run(setup("function again() { setTimeout(again, 0); } again();", vec![says("hello")]));
    let session = &result.sessions[0];
    assert!(
        session.failure.is_some() || session.report.error.is_some() || session.ended_ms <= 60_000,
        "{session:?}"
    );
}

#[test]
fn an_api_start_has_no_call_and_ends_by_the_idle_rule() {
    let mut api = setup(
        "VoxEngine.addEventListener(AppEvents.Started, () => Logger.write(VoxEngine.customData()));",
        Vec::new(),
    );
    api.api_start = true;
    api.custom_data = "{\"n\":1}".to_owned();
    let result = run(api);
    assert_eq!(result.sessions[0].ended_ms, 60_000);
    assert!(
        result.entries.iter().any(|entry| entry.kind == EntryKind::Log && entry.data["text"] == "{\"n\":1}")
    );
    assert!(result.sessions[0].audio.is_none());
}

#[test]
fn somebody_outside_can_pace_it_type_lines_and_hang_up() {
    let chat = CallerPlan { stays: true, ..CallerPlan::silent() };
    let conversation = on_world_thread(|| {
        let mut world = World::new(setup(ANSWERS, vec![chat])).expect("a good setup");
        world.advance(Time::from_ms(1_234));
        assert_eq!(world.now(), Time::from_ms(1_234));
        world.say_now("good evening");
        assert_eq!(world.next(), Some(Time::from_ms(1_260)), "the first frame ends on the beat");
        world.advance(Time::from_ms(4_000));
        world.hang_up_now();
        assert!(world.take_entries().iter().any(|entry| entry.name == "hung_up"));
        while let Moved::At(_) = world.step() {}
        let mut result = world.finish();
        result.sessions.remove(0).conversation
    });
    let conversation = conversation.expect("a whole run");
    assert_eq!(conversation.len(), 1);
    assert_eq!((conversation[0].text.as_str(), conversation[0].start_ms), ("good evening", 1_240));
}

#[test]
fn the_operator_can_stop_everything() {
    let stays = CallerPlan { stays: true, ..CallerPlan::silent() };
    let result = on_world_thread(|| {
        let mut two = setup(ANSWERS, vec![stays.clone(), stays]);
        two.caller_gap_ms = 10_000;
        let mut world = World::new(two).expect("a good setup");
        world.advance(Time::from_ms(3_000));
        world.stop();
        while let Moved::At(_) = world.step() {}
        world.finish()
    });
    let result = result.expect("a whole run");
    assert_eq!(result.sessions.len(), 1, "the second caller never came");
    let session = &result.sessions[0];
    assert_eq!((session.ended_ms, &session.failure), (3_000, &None));
    assert_eq!(session.report.finish_reason, Some(FinishReason::Operator));
}

#[test]
fn mistakes_of_the_operator_are_found_before_the_start() {
    let fault =
        Fault { provider: "nobody".to_owned(), moment: Moment::Connect(None), action: Action::Refuse };
    let wrong = WorldSetup { faults: vec![fault], ..WorldSetup::default() };
    assert_eq!(World::new(wrong).err(), Some(SetupError::UnknownProvider("nobody".to_owned())));
}
