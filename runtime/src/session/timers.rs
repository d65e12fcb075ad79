//! The script's timers: when each is due, in the order of time and then of setting. The callbacks stay in the engine.

use std::collections::{BTreeMap, BTreeSet};

use voxrun_bindings::contract::limit::INTERVAL_LEAST_MS;
use voxrun_bindings::contract::{CallbackId, Time};

/// What a timer is called for, in the journal and in messages.
pub(super) const TIMER: &str = "timer";
/// A timeout of zero still lets time pass, so that a script that re-arms it forever does not stop the clock.
const MIN_TIMEOUT_MS: u64 = 1;

#[derive(Debug)]
struct Timer {
    due: Time,
    order: u64,
    period_ms: Option<u64>,
}

/// The active timers of one session.
#[derive(Debug, Default)]
pub(super) struct Timers {
    by_id: BTreeMap<CallbackId, Timer>,
    queue: BTreeSet<(Time, u64, CallbackId)>,
    next_order: u64,
}

impl Timers {
    /// Starts a timer, or restarts the one of this id.
    pub(super) fn set(&mut self, now: Time, id: CallbackId, after_ms: u64, repeat: bool) {
        self.clear(id);
        let after_ms = after_ms.max(if repeat { INTERVAL_LEAST_MS } else { MIN_TIMEOUT_MS });
        self.insert(id, now.plus_ms(after_ms), repeat.then_some(after_ms));
    }

    /// Forgets a timer.
    pub(super) fn clear(&mut self, id: CallbackId) {
        if let Some(timer) = self.by_id.remove(&id) {
            self.queue.remove(&(timer.due, timer.order, id));
        }
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.queue.first().map(|(due, ..)| *due)
    }

    /// Takes the next timer that is due. An interval is set again, one period after it was due; periods that a late
    /// clock missed are skipped. Also whether it is over then.
    pub(super) fn fire(&mut self, now: Time) -> Option<(CallbackId, bool)> {
        let (due, _, id) = *self.queue.first().filter(|(due, ..)| *due <= now)?;
        let period_ms = self.by_id.get(&id).and_then(|timer| timer.period_ms);
        self.clear(id);
        if let Some(period_ms) = period_ms {
            let missed = now.since(due).as_millis() as u64 / period_ms;
            self.insert(id, due.plus_ms(period_ms.saturating_mul(missed + 1)), Some(period_ms));
        }
        Some((id, period_ms.is_none()))
    }

    fn insert(&mut self, id: CallbackId, due: Time, period_ms: Option<u64>) {
        let order = self.next_order;
        self.next_order += 1;
        self.by_id.insert(id, Timer { due, order, period_ms });
        self.queue.insert((due, order, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::from_ms(ms)
    }

    #[test]
    fn timers_fire_in_the_order_of_time_and_then_of_setting() {
        let mut timers = Timers::default();
        timers.set(at(0), CallbackId(9), 50, false);
        timers.set(at(0), CallbackId(1), 50, false);
        timers.set(at(0), CallbackId(5), 10, false);
        assert_eq!(timers.next_due(), Some(at(10)));
        let fired: Vec<_> = std::iter::from_fn(|| timers.fire(at(50))).collect();
        assert_eq!(fired, [(CallbackId(5), true), (CallbackId(9), true), (CallbackId(1), true)]);
        assert_eq!(timers.next_due(), None);
    }

    #[test]
    fn intervals_have_a_floor_and_keep_their_grid() {
        let mut timers = Timers::default();
        timers.set(at(5), CallbackId(1), 7, true);
        assert_eq!(timers.next_due(), Some(at(105)));
        assert_eq!(timers.fire(at(104)), None);
        assert_eq!(timers.fire(at(105)), Some((CallbackId(1), false)));
        assert_eq!(timers.next_due(), Some(at(205)));
        assert_eq!(timers.fire(at(1000)), Some((CallbackId(1), false)));
        assert_eq!(timers.fire(at(1000)), None, "missed periods are skipped");
        assert_eq!(timers.next_due(), Some(at(1005)));
        timers.clear(CallbackId(1));
        assert_eq!(timers.next_due(), None);
    }

    #[test]
    fn a_timeout_of_zero_lets_time_pass() {
        let mut timers = Timers::default();
        timers.set(at(3), CallbackId(1), 0, false);
        assert_eq!(timers.next_due(), Some(at(4)));
        timers.set(at(3), CallbackId(1), u64::MAX, true);
        assert_eq!(timers.fire(at(4)), None, "setting again replaces");
    }
}
