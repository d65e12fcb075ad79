//! Wakes a worker at an instant. The runtime's own timers round up to whole milliseconds, which every frame of every call
//! would pay; on Linux the kernel's timer wakes a worker within a tenth of one.

use std::task::{Context, Poll};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
pub(super) use kernel::Alarm;
#[cfg(not(target_os = "linux"))]
pub(super) use runtime::Alarm;

/// How long it is until `at`; never nothing, which would set no alarm.
#[expect(clippy::disallowed_methods, reason = "a worker waits for the wall clock")]
fn until(at: Instant) -> Duration {
    at.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1))
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    use super::{Context, Duration, Instant, Poll, until};

    /// One alarm, set again and again.
    pub(in super::super) struct Alarm {
        timer: AsyncFd<OwnedFd>,
    }

    impl Alarm {
        /// An alarm that is not set. It belongs to the runtime that it is made in.
        #[expect(unsafe_code, reason = "the runtime cannot know who else could close a descriptor")]
        pub(in super::super) fn new() -> io::Result<Alarm> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            // SAFETY: the descriptor is owned by the value that is registered, and nothing takes it out again, so that it
            // stays open, and the same, until both are dropped together.
            Ok(Alarm { timer: unsafe { AsyncFd::register(timer) }? })
        }

        /// Sets it, whatever it was set to.
        pub(in super::super) fn set(&mut self, at: Instant) {
            let after = until(at);
            let once = Itimerspec { it_interval: spec(Duration::ZERO), it_value: spec(after) };
            // It fails for times that are none and for no other reason.
            let _ = timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &once);
        }

        /// Whether it has gone off since it was set.
        pub(in super::super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
            loop {
                let Poll::Ready(Ok(mut ready)) = self.timer.poll_read_ready(context) else {
                    return Poll::Pending;
                };
                let mut count = [0; 8];
                let read =
                    ready.try_io(|timer| rustix::io::read(timer.get_ref(), &mut count).map_err(Into::into));
                // Nothing to read: it was set anew after it had gone off.
                if matches!(read, Ok(Ok(_))) {
                    return Poll::Ready(());
                }
            }
        }
    }

    fn spec(duration: Duration) -> Timespec {
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        Timespec { tv_sec: seconds, tv_nsec: duration.subsec_nanos().into() }
    }
}

#[cfg(not(target_os = "linux"))]
mod runtime {
    use std::future::Future;
    use std::io;
    use std::pin::Pin;

    use super::{Context, Instant, Poll, until};

    /// One alarm, set again and again.
    pub(in super::super) struct Alarm {
        sleep: Pin<Box<tokio::time::Sleep>>,
    }

    impl Alarm {
        /// An alarm that is not set. It belongs to the runtime that it is made in.
        pub(in super::super) fn new() -> io::Result<Alarm> {
            Ok(Alarm { sleep: Box::pin(tokio::time::sleep(std::time::Duration::MAX)) })
        }

        /// Sets it, whatever it was set to.
        pub(in super::super) fn set(&mut self, at: Instant) {
            self.sleep.as_mut().reset(tokio::time::Instant::now() + until(at));
        }

        /// Whether it has gone off since it was set.
        pub(in super::super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
            self.sleep.as_mut().poll(context)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use voxrun_bindings::contract::Time;

    use super::*;
    use crate::drive::pace::WallClock;

    #[test]
    fn it_goes_off_at_its_time_and_the_last_setting_counts() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let clock = WallClock::start();
            let mut alarm = Alarm::new().unwrap();
            for due_ms in [5_u64, 12, 20] {
                alarm.set(clock.instant(Time::from_ms(due_ms)));
                poll_fn(|context| alarm.poll(context)).await;
                assert!(clock.now() >= Time::from_ms(due_ms));
            }
            // Gone off, not asked, and set again: the new time counts.
            alarm.set(clock.instant(Time::from_ms(21)));
            clock.wait_until(Time::from_ms(30));
            alarm.set(clock.instant(Time::from_ms(45)));
            poll_fn(|context| alarm.poll(context)).await;
            assert!(clock.now() >= Time::from_ms(45));
            // The past is at once.
            alarm.set(clock.instant(Time::ZERO));
            poll_fn(|context| alarm.poll(context)).await;
        });
    }
}
