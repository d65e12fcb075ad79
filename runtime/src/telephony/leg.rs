//! The state of one call leg in either direction, and who hears whom in it (semantics section 5.1). Incoming: alerting
//! (ringing and early media leave it so), connected, terminated. Outgoing: progressing (placed, ringing, early media),
//! connected, terminated. It deliberately knows no SIP message, no script, no audio, and not why a call ended.

use std::time::Duration;

use voxrun_bindings::contract::Time;

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// The far end called us.
    Incoming,
    /// We called the far end.
    Outgoing,
}

impl Direction {
    /// `inbound` or `outbound`, as summaries say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Incoming => "inbound",
            Direction::Outgoing => "outbound",
        }
    }
}

/// Where a leg stands. The names are what `call.state()` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegState {
    /// It came in and was not answered yet.
    Alerting,
    /// It was placed and the far end did not answer yet.
    Progressing,
    /// Answered.
    Connected,
    /// Over.
    Terminated,
}

/// The leg is not in a state in which this can be done; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the call is {}", match .0 {
    LegState::Alerting | LegState::Progressing => "not answered",
    LegState::Connected => "connected",
    LegState::Terminated => "over",
})]
pub struct WrongState(pub LegState);

/// One leg. What we do to an incoming one, the far end does to an outgoing one, so the steps before the answer are the
/// same methods; only a caller refuses or gives up differently, and that is told by whoever ends it.
#[derive(Debug, Clone)]
pub struct Leg {
    direction: Direction,
    state: LegState,
    began_at: Time,
    ringing_at: Option<Time>,
    early_media_at: Option<Time>,
    answered_at: Option<Time>,
    ended_at: Option<Time>,
}

impl Leg {
    /// A leg that alerts from `now` on.
    #[must_use]
    pub fn incoming(now: Time) -> Leg {
        Leg::begun(Direction::Incoming, LegState::Alerting, now)
    }

    /// A leg that is placed `now`.
    #[must_use]
    pub fn outgoing(now: Time) -> Leg {
        Leg::begun(Direction::Outgoing, LegState::Progressing, now)
    }

    fn begun(direction: Direction, state: LegState, began_at: Time) -> Leg {
        Leg {
            direction,
            state,
            began_at,
            ringing_at: None,
            early_media_at: None,
            answered_at: None,
            ended_at: None,
        }
    }

    /// Who called whom.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> LegState {
        self.state
    }

    /// When it came in or was placed.
    #[must_use]
    pub fn began_at(&self) -> Time {
        self.began_at
    }

    /// When early media began, if it did.
    #[must_use]
    pub fn early_media_at(&self) -> Option<Time> {
        self.early_media_at
    }

    /// When it was answered, if it was.
    #[must_use]
    pub fn answered_at(&self) -> Option<Time> {
        self.answered_at
    }

    /// When it ended, if it has.
    #[must_use]
    pub fn ended_at(&self) -> Option<Time> {
        self.ended_at
    }

    /// Whether it is not over.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state != LegState::Terminated
    }

    /// Whether the far end hears what is sent to it: connected, or early media of an incoming leg.
    #[must_use]
    pub fn hears(&self) -> bool {
        self.state == LegState::Connected
            || (self.state == LegState::Alerting && self.early_media_at.is_some())
    }

    /// Whether the far end is heard: connected, or early media of an outgoing leg.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.state == LegState::Connected
            || (self.state == LegState::Progressing && self.early_media_at.is_some())
    }

    /// How long it was connected, until `now` at the latest; zero when it never was.
    #[must_use]
    pub fn talked(&self, now: Time) -> Duration {
        self.answered_at.map_or(Duration::ZERO, |answered| self.ended_at.unwrap_or(now).since(answered))
    }

    /// 180. It may be repeated; whether this is the first.
    ///
    /// # Errors
    /// When the leg is answered or over.
    pub fn ring(&mut self, now: Time) -> Result<bool, WrongState> {
        self.need_unanswered()?;
        Ok(mark(&mut self.ringing_at, now))
    }

    /// 183. A second one changes nothing; whether this is the first.
    ///
    /// # Errors
    /// When the leg is answered or over.
    pub fn start_early_media(&mut self, now: Time) -> Result<bool, WrongState> {
        self.need_unanswered()?;
        Ok(mark(&mut self.early_media_at, now))
    }

    /// 200.
    ///
    /// # Errors
    /// When the leg is answered or over.
    pub fn answer(&mut self, now: Time) -> Result<(), WrongState> {
        self.need_unanswered()?;
        self.state = LegState::Connected;
        self.answered_at = Some(now);
        Ok(())
    }

    /// A final refusal by whoever was called.
    ///
    /// # Errors
    /// When the leg is answered or over.
    pub fn refuse(&mut self, now: Time) -> Result<(), WrongState> {
        self.need_unanswered()?;
        self.end(now).map(|_| ())
    }

    /// Ends it from either side; tells the state it was in.
    ///
    /// # Errors
    /// When the leg is over already.
    pub fn end(&mut self, now: Time) -> Result<LegState, WrongState> {
        if self.state == LegState::Terminated {
            return Err(WrongState(self.state));
        }
        self.ended_at = Some(now);
        Ok(std::mem::replace(&mut self.state, LegState::Terminated))
    }

    fn need_unanswered(&self) -> Result<(), WrongState> {
        match self.state {
            LegState::Alerting | LegState::Progressing => Ok(()),
            LegState::Connected | LegState::Terminated => Err(WrongState(self.state)),
        }
    }
}

/// Notes an instant once; whether it was now.
fn mark(instant: &mut Option<Time>, now: Time) -> bool {
    let first = instant.is_none();
    instant.get_or_insert(now);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_ms(ms)
    }

    /// One step at this many milliseconds.
    type Step = fn(&mut Leg, Time) -> Result<bool, WrongState>;

    const RING: Step = |leg, now| leg.ring(now);
    const EARLY: Step = |leg, now| leg.start_early_media(now);
    const ANSWER: Step = |leg, now| leg.answer(now).map(|()| true);
    const REFUSE: Step = |leg, now| leg.refuse(now).map(|()| true);
    const END: Step = |leg, now| leg.end(now).map(|_| true);

    #[test]
    fn each_step_leads_where_the_table_says_in_both_directions() {
        use LegState::{Alerting, Connected, Progressing, Terminated};
        // Steps that succeed, state after them, whether the far end hears us and is heard.
        let table: [(Direction, &[Step], LegState, bool, bool); 14] = [
            (Direction::Incoming, &[], Alerting, false, false),
            (Direction::Incoming, &[RING], Alerting, false, false),
            (Direction::Incoming, &[EARLY], Alerting, true, false),
            (Direction::Incoming, &[RING, EARLY, ANSWER], Connected, true, true),
            (Direction::Incoming, &[REFUSE], Terminated, false, false),
            (Direction::Incoming, &[EARLY, END], Terminated, false, false),
            (Direction::Incoming, &[ANSWER, END], Terminated, false, false),
            (Direction::Outgoing, &[], Progressing, false, false),
            (Direction::Outgoing, &[RING], Progressing, false, false),
            (Direction::Outgoing, &[EARLY], Progressing, false, true),
            (Direction::Outgoing, &[RING, EARLY, ANSWER], Connected, true, true),
            (Direction::Outgoing, &[RING, REFUSE], Terminated, false, false),
            (Direction::Outgoing, &[EARLY, END], Terminated, false, false),
            (Direction::Outgoing, &[ANSWER, END], Terminated, false, false),
        ];
        for (number, (direction, steps, state, hears, heard)) in table.into_iter().enumerate() {
            let mut leg = match direction {
                Direction::Incoming => Leg::incoming(at(0)),
                Direction::Outgoing => Leg::outgoing(at(0)),
            };
            for step in steps {
                assert_eq!(step(&mut leg, at(10)), Ok(true), "row {number}");
            }
            assert_eq!((leg.state(), leg.hears(), leg.is_heard()), (state, hears, heard), "row {number}");
            assert_eq!(leg.direction(), direction);
            if state == Connected || state == Terminated {
                for step in [RING, EARLY, ANSWER, REFUSE] {
                    assert_eq!(step(&mut leg, at(20)), Err(WrongState(state)), "row {number}");
                }
            }
            if state == Terminated {
                assert_eq!(END(&mut leg, at(30)), Err(WrongState(Terminated)), "row {number}");
                assert_eq!(leg.ended_at(), Some(at(10)), "row {number}");
            }
        }
    }

    #[test]
    fn an_answered_leg_counts_its_talk_and_one_that_was_not_counts_none() {
        for mut leg in [Leg::incoming(at(0)), Leg::outgoing(at(0))] {
            let mut other = leg.clone();
            assert_eq!(leg.answer(at(100)), Ok(()));
            assert_eq!(leg.end(at(1600)), Ok(LegState::Connected));
            assert_eq!(leg.talked(at(9000)), Duration::from_millis(1500));
            assert_eq!(other.refuse(at(3)), Ok(()));
            assert_eq!(other.talked(at(9)), Duration::ZERO);
        }
    }

    #[test]
    fn ringing_and_early_media_may_be_repeated_and_only_the_first_counts() {
        let mut leg = Leg::outgoing(at(5));
        assert_eq!(leg.ring(at(6)), Ok(true));
        assert_eq!(leg.ring(at(7)), Ok(false));
        assert_eq!(leg.start_early_media(at(10)), Ok(true));
        assert_eq!(leg.start_early_media(at(20)), Ok(false));
        assert_eq!((leg.began_at(), leg.early_media_at()), (at(5), Some(at(10))));
    }
}
