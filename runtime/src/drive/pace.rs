//! The wall clock: how long a run took, and a run that is to go no faster than it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use voxrun_bindings::contract::Time;

/// A clock that starts when it is made.
#[derive(Debug, Clone, Copy)]
pub struct WallClock {
    started: Instant,
}

impl WallClock {
    /// Starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the wall clock is read")]
    pub fn start() -> WallClock {
        WallClock { started: Instant::now() }
    }

    /// How long ago it started, as an instant of a session that started with it.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::ZERO + self.started.elapsed()
    }

    /// How long it is until that instant; zero when it has passed.
    #[must_use]
    pub fn until(&self, at: Time) -> Duration {
        at.since(self.now())
    }

    /// The same instant on the machine's own clock.
    #[must_use]
    pub fn instant(&self, at: Time) -> Instant {
        self.started + at.since(Time::ZERO)
    }

    /// Waits until that instant.
    #[expect(clippy::disallowed_methods, reason = "this is where a run waits")]
    pub fn wait_until(&self, at: Time) {
        std::thread::sleep(self.until(at));
    }
}

/// The time of day as Unix time in milliseconds; 0 on a machine whose clock stands before 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where the time of day is read")]
pub fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_takes_at_least_the_time_and_the_past_takes_none() {
        let clock = WallClock::start();
        clock.wait_until(Time::from_ms(15));
        let now = clock.now();
        assert!(now >= Time::from_ms(15));
        assert_eq!(clock.until(Time::ZERO), Duration::ZERO);
    }
}
