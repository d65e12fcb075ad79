//! Calls that the script places: limits of the platform (semantics section 2.2), and what the far end does until it
//! answers, refuses, or is given up (section 5.2). It deliberately does not know who is called or where.

use voxrun_bindings::contract::{CallFacts, Headers, On, UnitId};

use super::call_end::CallEnd;
use super::calls::CallUnit;
use super::io::{LegInput, LegOutput, Output};
use super::{Session, call_events};
use crate::media::Recorder;
use crate::telephony::{Direction, LINE_RATE, Leg, LegState};

/// Attempts of a session.
const MAX_PLACED: u32 = 50;
/// Calls of a session that ring, or are on their way, at one time.
const MAX_RINGING: usize = 10;
/// What the script hears of a call beyond these.
const TOO_MANY: (u16, &str) = (403, "Call limit reached");
/// The header that says how many seconds an answer may take, and what is taken of it.
const TIMEOUT_HEADER: &str = "VI-CallTimeout";
const TIMEOUT_S: std::ops::RangeInclusive<u64> = 10..=400;

impl Session {
    /// A call goes out.
    pub(super) fn place(&mut self, call: UnitId, facts: CallFacts) {
        if self.calls.contains_key(&call) || self.connectors.contains_key(&call) {
            return self.fail("place", "a unit was placed twice", "Internal error");
        }
        let _ = self.names.add(call, "call");
        self.facts.placed = self.facts.placed.saturating_add(1);
        let ringing = self.calls.values().filter(|unit| unit.leg.state() == LegState::Progressing).count();
        if self.setup.limits && (self.facts.placed > MAX_PLACED || ringing >= MAX_RINGING) {
            let (code, reason) = TOO_MANY;
            let fields = call_events::failed(code, reason, &Headers::new());
            return self.raise(On::Unit(call), "Call.Failed", fields);
        }
        let recorder = self.setup.keep_audio.then(|| Recorder::new(LINE_RATE, self.now));
        let mut unit = CallUnit::new(facts.clone(), Leg::outgoing(self.now), recorder);
        if let Some(seconds) = answer_within_s(&facts.headers) {
            unit.answer_within_ms = seconds * 1000;
        }
        self.calls.insert(call, Box::new(unit));
        self.graph.add_leg(call, LINE_RATE);
        self.idle_since = None;
        self.outputs.push_back(Output::Place { call, facts });
    }

    /// 180. The script hears the first.
    pub(super) fn far_end_rings(&mut self, call: UnitId, headers: &Headers) {
        let now = self.now;
        let Some(unit) = self.placed(call) else { return };
        if unit.leg.ring(now) == Ok(true) {
            self.raise(On::Unit(call), "Call.Ringing", call_events::ringing(headers));
        }
    }

    /// 183: the far end is heard from now on.
    pub(super) fn far_end_early_media(&mut self, call: UnitId, headers: &Headers) {
        let now = self.now;
        let Some(unit) = self.placed(call) else { return };
        if unit.leg.start_early_media(now) == Ok(true) {
            self.graph.set_leg(call, false, true);
            self.raise(On::Unit(call), "Call.AudioStarted", call_events::audio_started(183, headers));
        }
    }

    /// 200.
    pub(super) fn far_end_answers(&mut self, call: UnitId, headers: Headers) {
        let now = self.now;
        let Some(unit) = self.placed(call) else { return };
        if unit.leg.answer(now).is_err() {
            return;
        }
        unit.connect_soon(now);
        let silent_until_now = unit.leg.early_media_at().is_none();
        unit.answer_headers.clone_from(&headers);
        self.graph.set_leg(call, true, true);
        if silent_until_now {
            self.raise(On::Unit(call), "Call.AudioStarted", call_events::audio_started(200, &headers));
        }
    }

    /// A final refusal. After the answer there is nothing to refuse any more.
    pub(super) fn far_end_refuses(&mut self, call: UnitId, code: u16, reason: &str, headers: Headers) {
        let waits = |unit: &mut CallUnit| unit.leg.state() == LegState::Progressing;
        if self.placed(call).is_some_and(waits) {
            self.end_call_because(call, CallEnd::Refused(code), (code, reason), headers);
        }
    }

    /// Something from the far end of a call that is over. An answer that crossed our CANCEL must be hung up, or the far
    /// end would stay in a call that nobody else is in.
    pub(super) fn too_late(&mut self, call: UnitId, input: &LegInput) {
        let Some(unit) = self.placed(call) else { return };
        if matches!(input, LegInput::Answered { .. }) && unit.leg.answered_at().is_none() {
            self.outputs
                .push_back(Output::Leg { call, output: LegOutput::HungUp { headers: Headers::new() } });
        }
    }

    /// A call that we placed. Of any other, such words of its far end mean nothing.
    fn placed(&mut self, call: UnitId) -> Option<&mut CallUnit> {
        let unit = self.calls.get_mut(&call)?;
        (unit.leg.direction() == Direction::Outgoing).then_some(&mut **unit)
    }
}

/// How long an answer may take, when the scenario says so.
fn answer_within_s(headers: &Headers) -> Option<u64> {
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(TIMEOUT_HEADER))?;
    let seconds = value.trim().parse::<u64>().ok()?;
    Some(seconds.clamp(*TIMEOUT_S.start(), *TIMEOUT_S.end()))
}
