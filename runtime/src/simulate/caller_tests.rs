//! The scripted caller against an agent of prepared sounds: who speaks when, and who hangs up.

use voxrun_audio::{Frame, Rate, Speaker};
use voxrun_bindings::contract::Remark;

use super::super::plan::Recording;
use super::*;
use crate::room::Who;

/// What the agent does at an instant, in milliseconds.
enum Agent {
    Answers,
    Says(&'static str),
    /// Stops what it says, as after a cleared playout queue.
    Stops,
    HangsUp,
    Types(&'static str),
}

/// Runs a caller against an agent until the call is over; what happened, one line each, and the caller.
fn run(plan: CallerPlan, agent: &[(u64, Agent)]) -> (Vec<String>, Caller) {
    let mut caller = Caller::new(plan, Time::ZERO);
    let mut voice: Option<Speaker> = None;
    let mut log = Vec::new();
    for beat in 0..60_000 {
        let now_ms = beat * 20;
        let now = Time::from_ms(now_ms);
        for (_, act) in agent.iter().filter(|(at, _)| *at == now_ms) {
            match act {
                Agent::Answers => caller.handle(now, &LegOutput::Answered { headers: Vec::new() }),
                Agent::Says(text) => voice = Some(Speaker::new(text, Rate::Hz8000)),
                Agent::Stops => {
                    voice = None;
                    caller.media_cleared(now);
                }
                Agent::HangsUp => caller.handle(now, &LegOutput::HungUp { headers: Vec::new() }),
                Agent::Types(line) => caller.say_now(line),
            }
        }
        if let Some(frame) = voice.as_mut().and_then(Speaker::next_frame)
            && !frame.is_silent()
        {
            caller.handle(now, &LegOutput::Audio(frame));
        }
        // Between two beats it is asked at the very instants it names.
        while let Some(at) = caller.deadline().filter(|at| *at < now.plus_ms(20)) {
            let at = at.max(now);
            caller.advance(at);
            let mut frames = 0;
            while let Some(item) = caller.poll() {
                frames += usize::from(matches!(item, FromFarEnd::Leg(LegInput::Audio(_))));
                log.extend(describe(at, item));
            }
            assert!(frames <= 1, "one frame a beat");
        }
        while let Some(item) = caller.poll() {
            log.extend(describe(now, item));
        }
        if caller.is_over() {
            return (log, caller);
        }
    }
    panic!("the call never ends: {log:?}");
}

fn describe(at: Time, item: FromFarEnd) -> Option<String> {
    let at = at.as_ms();
    match item {
        FromFarEnd::Said(said) => Some(format!("{at} says {}", said.text)),
        FromFarEnd::Heard(heard) => {
            Some(format!("{at} heard {}{}", heard.text, if heard.cut { " -" } else { "" }))
        }
        FromFarEnd::BrokenOff(said) => Some(format!("{at} broken off after {}", said.text)),
        FromFarEnd::Pressed(digit) => Some(format!("{at} presses {digit}")),
        FromFarEnd::Note(Remark { text, .. }) => Some(format!("{at} note {text}")),
        FromFarEnd::Leg(LegInput::HangUp { .. }) => Some(format!("{at} hangs up")),
        FromFarEnd::Leg(_) => None,
    }
}

fn plan(steps: &[Step]) -> CallerPlan {
    CallerPlan { steps: steps.to_vec(), ..CallerPlan::silent() }
}

fn say(text: &str) -> Step {
    Step::Say(text.to_owned())
}

/// How long these words sound, milliseconds.
fn length(text: &str) -> u64 {
    voxrun_audio::words(text).last().map_or(0, |word| word.end_ms)
}

#[test]
fn the_default_caller_hears_the_greeting_says_a_line_hears_the_reply_and_leaves() {
    let greeting = "hello there";
    let speaks = 1_000 + length(greeting) + 700;
    let speaks_beat = speaks.div_ceil(20) * 20;
    let reply_at = (speaks_beat + length(super::super::plan::BUILT_IN_LINE) + 1_000) / 20 * 20;
    let agent = [(200, Agent::Answers), (1_000, Agent::Says(greeting)), (reply_at, Agent::Says("yes I can"))];
    let (log, caller) = run(CallerPlan::default(), &agent);
    let left = reply_at + length("yes I can") + 700;
    let expected = [
        format!("{speaks} heard hello there"),
        format!("{speaks} says {}", super::super::plan::BUILT_IN_LINE),
        format!("{left} heard yes I can"),
        format!("{left} hangs up"),
    ];
    assert_eq!(log, expected);
    let turns = room::turns(&caller.conversation());
    let caller_end_ms = speaks_beat + length(super::super::plan::BUILT_IN_LINE);
    assert_eq!(turns.len(), 1);
    assert_eq!((turns[0].caller_end_ms, turns[0].agent_start_ms), (caller_end_ms, reply_at));
}

#[test]
fn an_agent_that_never_speaks_is_waited_for_and_then_spoken_to() {
    let (log, _) = run(plan(&[say("anybody")]), &[(500, Agent::Answers)]);
    let left = 5_500 + length("anybody") + 10_000 + 100;
    assert_eq!(log, ["5500 says anybody".to_owned(), format!("{left} hangs up")]);
}

#[test]
fn a_line_after_a_delay_interrupts_and_waits_for_what_answers_it() {
    let long = "this is a very long story about nothing in particular and it never comes to its end";
    let barge = Step::SayAfter { delay_ms: 1_200, text: "stop".to_owned() };
    let agent = [
        (0, Agent::Answers),
        (400, Agent::Says(long)),
        (1_980, Agent::Stops),
        (2_500, Agent::Says("sorry")),
        (20_000, Agent::Says("never said")),
    ];
    let (log, caller) = run(plan(&[barge, say("good")]), &agent);
    assert!(log[0].starts_with("1600 says stop"), "{log:?}");
    assert!(log[1].starts_with("2040 heard this") && log[1].ends_with(" -"), "{log:?}");
    let answered = 2_500 + length("sorry") + 700;
    assert_eq!(log[2..4], [format!("{answered} heard sorry"), format!("{answered} says good")]);
    let conversation = caller.conversation();
    assert_eq!(
        conversation.iter().map(|u| u.who).collect::<Vec<_>>(),
        [Who::Agent, Who::Caller, Who::Agent, Who::Caller]
    );
    assert!(conversation[0].cut && conversation[0].end_ms <= 1_980, "{conversation:?}");
}

#[test]
fn an_agent_that_cannot_be_interrupted_is_heard_out() {
    let long = "this is a very long story about nothing in particular and it comes to its end late";
    let barge = Step::SayAfter { delay_ms: 400, text: "stop".to_owned() };
    let (log, _) = run(plan(&[barge, say("thanks")]), &[(0, Agent::Answers), (0, Agent::Says(long))]);
    let over = length(long) + 700;
    assert_eq!(log[0], "400 says stop");
    assert_eq!(log[1..3], [format!("{over} heard {long}"), format!("{over} says thanks")]);
}

#[test]
fn keys_go_after_the_first_turn_with_tones_and_gaps() {
    let agent = [(0, Agent::Answers), (100, Agent::Says("press"))];
    let (log, _) = run(plan(&[Step::Dtmf("1x#".to_owned()), say("done")]), &agent);
    let at = 100 + length("press") + 700;
    let expected = [
        format!("{at} heard press"),
        format!("{} presses 1", at + 100),
        format!("{} presses #", at + 300),
        format!("{} says done", at + 400 + 5_000),
    ];
    assert_eq!(log[..4], expected);
}

#[test]
fn waits_recordings_and_hanging_up_follow_in_order() {
    let recording =
        Recording { samples: vec![5_000; 16_000].into(), rate_hz: 16_000, transcript: Some("hm".to_owned()) };
    let steps = [Step::Wait(2_000), Step::Wav(recording), Step::HangUp];
    let agent = [(0, Agent::Answers), (100, Agent::Says("hello"))];
    let (log, caller) = run(plan(&steps), &agent);
    assert_eq!(log[1..], ["2000 says hm", "3000 hangs up"]);
    let last = caller.conversation().pop().expect("the recording");
    assert_eq!((last.start_ms, last.end_ms, last.cut), (2_000, 3_000, false));
}

#[test]
fn hanging_up_at_an_instant_cuts_everybody() {
    let mut told = plan(&[say("a line that takes longer than that")]);
    told.hangup_after_ms = Some(2_000);
    told.greeting_patience_ms = 1_000;
    let (log, caller) = run(told, &[(0, Agent::Answers), (1_740, Agent::Says("excuse me"))]);
    assert_eq!(log[0], "1000 says a line that takes longer than that");
    assert_eq!(log[1..3], ["2000 broken off after a line that", "2000 heard [...] -"]);
    let conversation = caller.conversation();
    assert!(conversation.iter().all(|utterance| utterance.cut), "{conversation:?}");
    assert!(conversation[0].text.starts_with("a line"), "{conversation:?}");
    let silent = CallerPlan { hangup_after_ms: Some(30_000), ..CallerPlan::silent() };
    let (log, _) = run(silent, &[(0, Agent::Answers), (100, Agent::Says("hello"))]);
    assert_eq!(log.last().map(String::as_str), Some("30000 hangs up"));
}

#[test]
fn a_call_that_nobody_answers_or_that_is_ended_is_over() {
    assert_eq!(run(CallerPlan::default(), &[]).0, ["90000 hangs up"]);
    let (log, _) = run(CallerPlan::default(), &[(0, Agent::Answers), (20, Agent::HangsUp)]);
    assert!(log.is_empty(), "{log:?}");
}

#[test]
fn typed_lines_are_spoken_at_once_one_after_the_other() {
    let chat = CallerPlan { stays: true, ..CallerPlan::silent() };
    let agent = [
        (0, Agent::Answers),
        (1_000, Agent::Types("one")),
        (1_000, Agent::Types("two")),
        (60_000, Agent::HangsUp),
    ];
    let (log, _) = run(chat, &agent);
    let second = 1_000 + length("one") + 100;
    assert_eq!(log, ["1000 says one".to_owned(), format!("{second} says two")]);
}

#[test]
fn an_endless_monologue_ends_with_the_callers_patience() {
    let mut caller = Caller::new(plan(&[]), Time::ZERO);
    caller.handle(Time::ZERO, &LegOutput::Answered { headers: Vec::new() });
    let tone = Frame::from_samples(Rate::Hz8000, &[8_000; 160]);
    let mut now = Time::ZERO;
    while !caller.is_over() && now < Time::from_ms(400_000) {
        caller.handle(now, &LegOutput::Audio(tone.clone()));
        caller.advance(now);
        now = now.plus_ms(20);
    }
    assert_eq!(now.as_ms(), MONOLOGUE_PATIENCE_MS + 20);
}
