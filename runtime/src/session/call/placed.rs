//! Calls that the script places: the limits of the platform on them (semantics section 2.2). It deliberately does not know
//! who is called or where.

use voxrun_bindings::contract::{CallFacts, Headers, On, UnitId, limit};

use super::{CallUnit, NAME, events};
use crate::session::desk::Desk;
use crate::session::io::Output;
use crate::telephony::Leg;

/// What the script hears of a call beyond these.
const TOO_MANY: (u16, &str) = (403, "Call limit reached");
/// The header that says how many seconds an answer may take, and what is taken of it.
const TIMEOUT_HEADER: &str = "VI-CallTimeout";
const TIMEOUT_S: std::ops::RangeInclusive<u64> = 10..=400;

/// How many calls a session has placed, or tried to.
#[derive(Debug, Default)]
pub(in crate::session) struct Attempts(u64);

impl Attempts {
    /// One more, while so many others are on their way; whether the platform allows it.
    fn one_more(&mut self, on_their_way: usize, desk: &mut Desk) -> bool {
        self.0 = self.0.saturating_add(1);
        let placed = desk.reach(&limit::CALLS_PLACED, self.0);
        desk.reach(&limit::CALLS_RINGING, on_their_way as u64 + 1) && placed
    }
}

impl CallUnit {
    /// A call goes out, unless it is one too many, while so many others are on their way.
    pub(in crate::session) fn placed(
        id: UnitId,
        facts: CallFacts,
        attempts: &mut Attempts,
        on_their_way: usize,
        desk: &mut Desk,
    ) -> Option<CallUnit> {
        let _ = desk.scribe.name(id, NAME);
        if !attempts.one_more(on_their_way, desk) {
            let (code, reason) = TOO_MANY;
            let fields = events::failed(code, reason, &Headers::new());
            desk.scribe.raise(On::Unit(id), "Call.Failed", fields);
            return None;
        }
        let mut call = CallUnit::new(id, facts.clone(), Leg::outgoing(desk.scribe.now()), desk);
        if let Some(seconds) = answer_within_s(&facts.headers) {
            call.answer_within_ms = seconds * 1000;
        }
        desk.scribe.output(Output::Place { call: id, facts });
        Some(call)
    }
}

/// How long an answer may take, when the scenario says so.
fn answer_within_s(headers: &Headers) -> Option<u64> {
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(TIMEOUT_HEADER))?;
    let seconds = value.trim().parse::<u64>().ok()?;
    Some(seconds.clamp(*TIMEOUT_S.start(), *TIMEOUT_S.end()))
}
