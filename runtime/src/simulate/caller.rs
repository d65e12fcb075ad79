//! The scripted caller as a pure machine: it dials, listens, speaks, presses keys, waits and hangs up, told the time and
//! what reaches its end of the call.
//!
//! Turn-taking (policies F-100 to F-102). A step that waits for the agent's turn to be over is due 700 ms after the last
//! sound of the agent, once the agent has been heard since the caller's own last act. What counts as heard: a spurt of
//! sound that began after the caller's act began, or sound that still goes on a second after it ended (an agent that
//! cannot be interrupted). An agent that says nothing is waited for 5 s after the answer or after keys and 10 s after a
//! line, and one that never pauses for five minutes; then the caller goes on anyway. It deliberately has no network
//! between itself and the platform, and speaks on the 20 ms beat of the session.

use std::collections::VecDeque;

use voxrun_audio::FRAME_MS;
use voxrun_bindings::contract::{InDialog, Time};

use super::ear::{Ear, TURN_SILENCE_MS};
use super::mouth::Mouth;
use super::phone::over_the_line;
use super::plan::{CallerPlan, Step};
use crate::room::{self, FarEnd, FromFarEnd, Person, Utterance};
use crate::session::{LegInput, LegOutput};

/// The agent may speak on this long before the caller goes on regardless, milliseconds.
pub const MONOLOGUE_PATIENCE_MS: u64 = 300_000;

/// Sound that goes on this long after the caller's own act counts as heard, milliseconds.
const IGNORED_AFTER_MS: u64 = 1_000;

/// A caller gives up a call that nobody answers after this long, milliseconds: later than the platform would.
const RING_PATIENCE_MS: u64 = 90_000;

/// How long a key sounds, and how long the pause after it is, milliseconds.
const KEY_MS: u64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Dialling,
    Up,
    Over,
}

/// The caller's own last act: speech, keys, or the answer of the call.
#[derive(Debug, Clone, Copy)]
struct Act {
    /// `None` for the answer of the call: whatever was heard counts as a greeting.
    start: Option<Time>,
    end: Time,
    patience_ms: u64,
}

/// One caller with one call.
pub struct Caller {
    plan: CallerPlan,
    steps: VecDeque<Step>,
    /// Lines that were typed and not yet spoken.
    typed: VecDeque<String>,
    phase: Phase,
    began: Time,
    ear: Ear,
    mouth: Option<Mouth>,
    keys: VecDeque<(Time, char)>,
    act: Act,
    /// When the step that is waiting now became the next one.
    step_since: Time,
    /// Where the agent's turn began that answers the caller's last act, once it has been heard.
    turn: Option<Time>,
    hang_up: bool,
    /// The call is on hold.
    holds: bool,
    said: Vec<Utterance>,
    heard: Vec<Utterance>,
    out: VecDeque<FromFarEnd>,
}

impl Caller {
    /// A caller whose call reaches the platform now.
    #[must_use]
    pub fn new(plan: CallerPlan, now: Time) -> Caller {
        let act = Act { start: None, end: now, patience_ms: plan.greeting_patience_ms };
        Caller {
            steps: plan.steps.iter().cloned().collect(),
            plan,
            typed: VecDeque::new(),
            phase: Phase::Dialling,
            began: now,
            ear: Ear::new(now),
            mouth: None,
            keys: VecDeque::new(),
            act,
            step_since: now,
            turn: None,
            hang_up: false,
            holds: false,
            said: Vec::new(),
            heard: Vec::new(),
            out: VecDeque::new(),
        }
    }

    /// Whether its call is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    fn listen(&mut self, now: Time) {
        self.ear.advance(now);
        while let Some(utterance) = self.ear.poll() {
            self.heard.push(utterance.clone());
            self.out.push_back(FromFarEnd::Heard(utterance));
        }
    }

    fn send_frame(&mut self, now: Time) {
        let Some(mouth) = &mut self.mouth else { return };
        while mouth.next_at().is_some_and(|at| at <= now) {
            if let Some(frame) = mouth.next_frame() {
                self.out.push_back(FromFarEnd::Leg(LegInput::Audio(over_the_line(frame))));
            }
        }
        if mouth.next_at().is_none() {
            self.said.push(mouth.whole());
            self.mouth = None;
            self.step_ends(now);
        }
    }

    /// Looks whether what is heard now answers the caller's last act.
    fn note_turn(&mut self) {
        let sound = self.ear.sound();
        let (Some(spurt), Some(last)) = (sound.spurt_start, sound.last) else { return };
        let answers = |at: Time| self.act.start.is_none_or(|start| at > start);
        if let Some(turn) = sound.turn_start.filter(|turn| answers(*turn)) {
            self.turn = Some(turn);
        } else if self.turn.is_none() && answers(spurt) {
            self.turn = Some(spurt);
        } else if self.turn.is_none() && self.is_idle() && last >= self.act.end.plus_ms(IGNORED_AFTER_MS) {
            self.turn = Some(self.act.end);
        }
    }

    /// Neither speaking nor pressing keys.
    fn is_idle(&self) -> bool {
        self.mouth.is_none() && self.keys.is_empty()
    }

    /// When the caller hangs up whatever happens.
    fn leaves_at(&self) -> Option<Time> {
        let told = self.plan.hangup_after_ms.map(|ms| self.began.plus_ms(ms));
        let unanswered = (self.phase == Phase::Dialling).then(|| self.began.plus_ms(RING_PATIENCE_MS));
        [told, unanswered].into_iter().flatten().min()
    }

    /// When the next step is due as far as is known now. After the last one comes hanging up, unless the plan says
    /// otherwise.
    fn step_due(&self) -> Option<Time> {
        if self.phase != Phase::Up || !self.is_idle() || !self.typed.is_empty() {
            return None;
        }
        match self.steps.front() {
            None if self.plan.stays || self.plan.hangup_after_ms.is_some() => None,
            None | Some(Step::Say(_) | Step::Dtmf(_) | Step::Wav(_) | Step::Refer(_)) => {
                Some(self.floor_free_at())
            }
            Some(Step::Hold { after_ms, for_ms }) => {
                let held_ms = if self.holds { *for_ms } else { 0 };
                Some(self.step_since.plus_ms(*after_ms + held_ms))
            }
            Some(Step::SayAfter { delay_ms, .. }) => Some(match self.turn {
                Some(turn) => turn.plus_ms(*delay_ms).max(self.step_since),
                None => self.patience_ends().plus_ms(*delay_ms),
            }),
            Some(Step::Wait(ms) | Step::Beep(ms)) => Some(self.step_since.plus_ms(*ms)),
            Some(Step::HangUp) => Some(self.step_since),
        }
    }

    /// When the caller may speak, unless the agent makes another sound before.
    fn floor_free_at(&self) -> Time {
        let silence = |last: Time| last.plus_ms(TURN_SILENCE_MS).max(self.step_since);
        let last = self.ear.sound().last;
        match (self.turn, last) {
            (Some(turn), Some(last)) => {
                silence(last).min(turn.plus_ms(MONOLOGUE_PATIENCE_MS)).max(self.step_since)
            }
            _ => {
                let patience = self.patience_ends();
                last.map_or(patience, |last| silence(last).max(patience))
            }
        }
    }

    fn patience_ends(&self) -> Time {
        self.act.end.max(self.step_since).plus_ms(self.act.patience_ms)
    }

    fn take_step(&mut self, now: Time) {
        match self.steps.pop_front() {
            None | Some(Step::HangUp) => self.leave(now),
            Some(Step::Say(text) | Step::SayAfter { text, .. }) => {
                self.speak(now, Mouth::words(&text, next_beat(now)))
            }
            Some(Step::Wav(recording)) => self.speak(now, Mouth::recording(&recording, next_beat(now))),
            Some(Step::Beep(_)) => self.speak(now, Mouth::beep(next_beat(now))),
            Some(Step::Dtmf(digits)) => self.press(now, &digits),
            Some(Step::Wait(_)) => self.step_ends(now),
            Some(Step::Refer(to)) => {
                self.send(InDialog::Refer { to, headers: Vec::new() });
                self.step_ends(now);
            }
            Some(step @ Step::Hold { .. }) => {
                self.holds = !self.holds;
                self.send(InDialog::Hold { on: self.holds });
                match self.holds {
                    true => self.steps.push_front(step),
                    false => self.step_ends(now),
                }
            }
        }
    }

    fn say_typed(&mut self, now: Time) {
        while self.mouth.is_none() {
            let Some(text) = self.typed.pop_front() else { return };
            self.speak(now, Mouth::words(&text, next_beat(now)));
        }
    }

    fn speak(&mut self, now: Time, mouth: Option<Mouth>) {
        let Some(mouth) = mouth else { return self.step_ends(now) };
        self.begin_act(mouth.start(), mouth.end(), self.plan.reply_patience_ms);
        self.out.push_back(FromFarEnd::Said(mouth.whole()));
        self.mouth = Some(mouth);
    }

    fn press(&mut self, now: Time, digits: &str) {
        let keys = digits.chars().filter(|c| matches!(c, '0'..='9' | '*' | '#' | 'A'..='D'));
        let mut at = self.keys.back().map_or(now, |(at, _)| at.plus_ms(KEY_MS));
        let before = self.keys.len();
        for key in keys {
            // A key is known to the other side when its tone has ended.
            at = at.plus_ms(KEY_MS);
            self.keys.push_back((at, key));
            at = at.plus_ms(KEY_MS);
        }
        if self.keys.len() == before {
            return self.step_ends(now);
        }
        self.begin_act(now, at, self.plan.greeting_patience_ms);
    }

    fn begin_act(&mut self, start: Time, end: Time, patience_ms: u64) {
        self.act = Act { start: Some(start), end, patience_ms };
        self.turn = None;
    }

    /// A request within the dialog.
    fn send(&mut self, request: InDialog) {
        self.out.push_back(FromFarEnd::Leg(LegInput::InDialog(request)));
    }

    /// The next step begins to wait.
    fn step_ends(&mut self, now: Time) {
        self.step_since = now;
        // After the caller's own act only what answers it counts, and that is known already.
        let over = self.ear.sound().last.is_none_or(|last| last.plus_ms(TURN_SILENCE_MS) <= now);
        if over && matches!(self.steps.front(), Some(Step::SayAfter { .. })) {
            // It interrupts a turn that is yet to begin.
            self.turn = None;
        }
    }

    fn leave(&mut self, now: Time) {
        self.end(now);
        self.out.push_back(FromFarEnd::Leg(LegInput::HangUp { headers: Vec::new() }));
    }

    fn end(&mut self, now: Time) {
        self.phase = Phase::Over;
        if let Some(mouth) = self.mouth.take_if(|mouth| mouth.start() < now) {
            let said = mouth.until(now);
            if said.cut {
                self.out.push_back(FromFarEnd::BrokenOff(said.clone()));
            }
            self.said.push(said);
        }
        self.mouth = None;
        self.keys.clear();
        self.ear.hang_up(now);
        self.listen(now);
    }
}

impl FarEnd for Caller {
    fn handle(&mut self, now: Time, output: &LegOutput) {
        if self.phase == Phase::Over {
            return;
        }
        match output {
            LegOutput::Audio(frame) => {
                if self.ear.hear(now, &over_the_line(frame.clone())) {
                    self.note_turn();
                }
            }
            LegOutput::Answered { .. } if self.phase == Phase::Dialling => {
                self.phase = Phase::Up;
                self.act.end = now;
                self.step_since = now;
            }
            LegOutput::Rejected { .. } | LegOutput::HungUp { .. } => self.end(now),
            LegOutput::InDialog(InDialog::Refer { .. }) => {
                // It takes every transfer (policy F-373).
                self.send(InDialog::Notify { code: 200, reason: "OK".to_owned() });
                self.hang_up = true;
            }
            LegOutput::InDialog(InDialog::Notify { code: 200..300, .. }) => self.hang_up = true,
            LegOutput::Ringing { .. }
            | LegOutput::EarlyMedia { .. }
            | LegOutput::Answered { .. }
            | LegOutput::Digits(_)
            | LegOutput::InDialog(_) => {}
        }
    }

    fn media_cleared(&mut self, now: Time) {
        self.ear.cleared(now);
    }

    fn deadline(&self) -> Option<Time> {
        if self.phase == Phase::Over {
            return None;
        }
        let mouth = self.mouth.as_ref().and_then(Mouth::next_at);
        let key = self.keys.front().map(|(at, _)| *at);
        let at_once =
            self.hang_up || (self.phase == Phase::Up && self.mouth.is_none() && !self.typed.is_empty());
        let urgent = at_once.then_some(Time::ZERO);
        [mouth, key, self.ear.deadline(), self.leaves_at(), self.step_due(), urgent]
            .into_iter()
            .flatten()
            .min()
    }

    fn advance(&mut self, now: Time) {
        if self.phase == Phase::Over {
            return;
        }
        self.listen(now);
        self.send_frame(now);
        while let Some((_, digit)) = self.keys.pop_front_if(|(at, _)| *at <= now) {
            self.out.push_back(FromFarEnd::Pressed(digit));
            self.out.push_back(FromFarEnd::Leg(LegInput::Digit(digit)));
            if self.keys.is_empty() {
                self.step_ends(now);
            }
        }
        if self.hang_up || self.leaves_at().is_some_and(|at| at <= now) {
            return self.leave(now);
        }
        if self.phase == Phase::Up && self.mouth.is_none() {
            self.say_typed(now);
        }
        while self.phase == Phase::Up && self.step_due().is_some_and(|at| at <= now) {
            self.take_step(now);
        }
    }

    fn poll(&mut self) -> Option<FromFarEnd> {
        self.out.pop_front()
    }

    fn line_dead(&mut self, now: Time) {
        if self.phase != Phase::Over {
            self.end(now);
        }
    }

    fn conversation(&self) -> Vec<Utterance> {
        let mut all: Vec<Utterance> = self.said.iter().chain(&self.heard).cloned().collect();
        room::sort(&mut all);
        all
    }

    fn person(&mut self) -> Option<&mut dyn Person> {
        Some(self)
    }
}

impl Person for Caller {
    fn say_now(&mut self, text: &str) {
        self.typed.push_back(text.to_owned());
    }

    fn press_now(&mut self, now: Time, digits: &str) {
        self.press(now, digits);
    }

    fn hang_up_now(&mut self) {
        self.hang_up = true;
    }
}

/// The first beat of the session's 20 ms grid that is not before `now`.
fn next_beat(now: Time) -> Time {
    let beat_us = u64::from(FRAME_MS) * 1000;
    Time::from_us(now.as_us().div_ceil(beat_us) * beat_us)
}

#[cfg(test)]
#[path = "caller_tests.rs"]
mod tests;
