//! The state of one call leg: alerting, connected, terminated (semantics section 5.1), and who hears whom in it.
//! Incoming legs only. It deliberately knows no SIP message, no script and no audio.

use std::time::Duration;

use voxrun_bindings::contract::Time;

/// Where a leg stands. The names are what `call.state()` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegState {
    /// It came in and was not answered yet.
    Alerting,
    /// Answered.
    Connected,
    /// Over.
    Terminated,
}

/// The leg is not in a state in which this can be done; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the call is {}", match .0 { LegState::Alerting => "not answered", LegState::Connected => "connected", LegState::Terminated => "over" })]
pub struct WrongState(pub LegState);

/// One incoming leg.
#[derive(Debug, Clone)]
pub struct Leg {
    state: LegState,
    alerted_at: Time,
    early_media_at: Option<Time>,
    answered_at: Option<Time>,
    ended_at: Option<Time>,
}

impl Leg {
    /// A leg that alerts from `now` on.
    #[must_use]
    pub fn incoming(now: Time) -> Leg {
        Leg {
            state: LegState::Alerting,
            alerted_at: now,
            early_media_at: None,
            answered_at: None,
            ended_at: None,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> LegState {
        self.state
    }

    /// When it came in.
    #[must_use]
    pub fn alerted_at(&self) -> Time {
        self.alerted_at
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

    /// Whether the far end hears what is sent to it: connected, or early media.
    #[must_use]
    pub fn hears(&self) -> bool {
        match self.state {
            LegState::Alerting => self.early_media_at.is_some(),
            LegState::Connected => true,
            LegState::Terminated => false,
        }
    }

    /// Whether the far end is heard: connected only.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.state == LegState::Connected
    }

    /// How long it was connected, until `now` at the latest; zero when it never was.
    #[must_use]
    pub fn talked(&self, now: Time) -> Duration {
        self.answered_at.map_or(Duration::ZERO, |answered| self.ended_at.unwrap_or(now).since(answered))
    }

    /// 180. It may be repeated.
    ///
    /// # Errors
    /// When the leg is not alerting.
    pub fn ring(&mut self) -> Result<(), WrongState> {
        self.need(LegState::Alerting)
    }

    /// 183. A second one changes nothing.
    ///
    /// # Errors
    /// When the leg is not alerting.
    pub fn start_early_media(&mut self, now: Time) -> Result<(), WrongState> {
        self.need(LegState::Alerting)?;
        self.early_media_at.get_or_insert(now);
        Ok(())
    }

    /// 200.
    ///
    /// # Errors
    /// When the leg is not alerting.
    pub fn answer(&mut self, now: Time) -> Result<(), WrongState> {
        self.need(LegState::Alerting)?;
        self.state = LegState::Connected;
        self.answered_at = Some(now);
        Ok(())
    }

    /// A final refusal.
    ///
    /// # Errors
    /// When the leg is not alerting.
    pub fn reject(&mut self, now: Time) -> Result<(), WrongState> {
        self.need(LegState::Alerting)?;
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

    fn need(&self, state: LegState) -> Result<(), WrongState> {
        if self.state == state { Ok(()) } else { Err(WrongState(self.state)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_ms(ms)
    }

    #[test]
    fn an_answered_leg_is_heard_and_counts_its_talk() {
        let mut leg = Leg::incoming(at(0));
        assert!(!leg.hears() && !leg.is_heard());
        assert_eq!(leg.answer(at(100)), Ok(()));
        assert!(leg.hears() && leg.is_heard());
        assert_eq!(leg.answer(at(200)), Err(WrongState(LegState::Connected)));
        assert_eq!(leg.end(at(1600)), Ok(LegState::Connected));
        assert_eq!(leg.talked(at(9000)), Duration::from_millis(1500));
        assert!(!leg.hears() && !leg.is_heard());
        assert_eq!(leg.end(at(1700)), Err(WrongState(LegState::Terminated)));
        assert_eq!(leg.ended_at(), Some(at(1600)));
    }

    #[test]
    fn in_early_media_the_caller_hears_and_is_not_heard() {
        let mut leg = Leg::incoming(at(0));
        assert_eq!(leg.start_early_media(at(10)), Ok(()));
        assert_eq!(leg.start_early_media(at(20)), Ok(()));
        assert_eq!(leg.early_media_at(), Some(at(10)));
        assert!(leg.hears() && !leg.is_heard());
    }

    #[test]
    fn only_an_alerting_leg_can_be_rejected_or_ring() {
        let mut leg = Leg::incoming(at(0));
        assert_eq!(leg.ring(), Ok(()));
        assert_eq!(leg.answer(at(5)), Ok(()));
        assert_eq!(leg.ring(), Err(WrongState(LegState::Connected)));
        assert_eq!(leg.reject(at(6)), Err(WrongState(LegState::Connected)));
        assert_eq!(leg.start_early_media(at(6)), Err(WrongState(LegState::Connected)));
        let mut other = Leg::incoming(at(0));
        assert_eq!(other.reject(at(3)), Ok(()));
        assert_eq!(other.state(), LegState::Terminated);
        assert_eq!(other.talked(at(9)), Duration::ZERO);
    }
}
