//! The script's clock: it stands still at the session's time until the next event.

use std::cell::Cell;

use boa_engine::context::time::{Clock, JsInstant};

use crate::contract::Time;

/// `Date.now()` of one session.
#[derive(Debug)]
pub(super) struct SessionClock {
    epoch_ms: i64,
    now: Cell<Time>,
}

impl SessionClock {
    /// A clock at session time zero, which is `epoch_ms` in Unix time.
    pub(super) fn new(epoch_ms: i64) -> SessionClock {
        SessionClock { epoch_ms, now: Cell::new(Time::ZERO) }
    }

    /// Moves it.
    pub(super) fn set(&self, now: Time) {
        self.now.set(now);
    }
}

impl Clock for SessionClock {
    fn now(&self) -> JsInstant {
        let us = self.now.get().as_us();
        #[expect(clippy::cast_possible_truncation, reason = "below 1,000,000,000")]
        JsInstant::new(us / 1_000_000, (us % 1_000_000 * 1_000) as u32)
    }

    fn system_time_millis(&self) -> i64 {
        self.epoch_ms.saturating_add(i64::try_from(self.now.get().as_ms()).unwrap_or(i64::MAX))
    }
}
