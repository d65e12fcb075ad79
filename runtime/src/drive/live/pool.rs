//! A pool of live calls: workers that start a session for each order, for as long as somebody gives orders. What the
//! sessions say and come to is told as it comes. `run --live` gives the orders of its callers and drains the pool; a
//! server would give one for each call that reaches it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use tokio::sync::mpsc::unbounded_channel;
use voxrun_bindings::connection::panic_text;
use voxrun_bindings::contract::Time;

use super::mail::{Mail, Shared};
use super::worker::Worker;
use super::{Ending, LiveSetup, Punctuality};
use crate::cassette::Line as TapedLine;
use crate::drive::descriptors;
use crate::drive::pace::WallClock;
use crate::journal::Entry;
use crate::room::{Failure, SessionResult};
use crate::simulate::Order;

/// The grid on which sessions start, so that the ticks of all calls fall together.
pub(super) const GRID_US: u64 = 20_000;

/// Worker threads at most: one holds some hundred calls.
const MOST_WORKERS: usize = 4;

/// What a pool tells.
#[derive(Debug)]
pub enum FromPool {
    /// A line of the cassette of the first session.
    Taped(TapedLine),
    /// A piece of a session's journal; `seq` counts within the session.
    Entries(Vec<Entry>),
    /// A session is over.
    Ended(Box<SessionResult>),
    /// A session of this number could not be made; 0 when a worker ended.
    Unmade(u32, Failure),
    /// A worker is done; this is how punctual it was.
    Done(Punctuality),
}

/// Live sessions, and who carries them.
pub struct Pool {
    clock: WallClock,
    shared: Arc<Shared>,
    ending: Ending,
    told: Receiver<FromPool>,
}

impl Pool {
    /// Starts the workers, enough for so many sessions side by side. `ending` stops the pool from elsewhere.
    ///
    /// # Errors
    /// When the system gives no threads, or the certificates cannot be read.
    pub fn open(setup: &LiveSetup, sessions: usize, ending: &Ending) -> Result<Pool, String> {
        descriptors::ask_for_all();
        let clock = WallClock::start();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let count = cores.clamp(1, MOST_WORKERS).min(sessions.max(1));
        let tls = setup.trust.client_config()?;
        let (sender, told) = channel();
        let (mailboxes, mail): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel::<Mail>()).unzip();
        let shared = Arc::new(Shared::new(mailboxes));
        for (index, mail) in mail.into_iter().enumerate() {
            let worker = WorkerSetup { index, live: setup.clone(), clock, shared: Arc::clone(&shared) };
            let (tls, told, ending) = (Arc::clone(&tls), sender.clone(), ending.clone());
            let shared = Arc::clone(&shared);
            let work = move || {
                let last = told.clone();
                let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    Worker::new(worker, tls, told).run(mail, &ending)
                }));
                shared.left(index);
                let _ = last.send(match worked {
                    Ok(Ok(punctuality)) => FromPool::Done(punctuality),
                    Ok(Err(error)) => FromPool::Unmade(0, Failure::Broken(error.to_string())),
                    Err(panic) => FromPool::Unmade(0, Failure::Broken(panic_text(panic.as_ref()))),
                });
            };
            start(index, work)?;
        }
        Ok(Pool { clock, shared, ending: ending.clone(), told })
    }

    /// A session starts, that long after the pool was opened or as soon as it can be. Its number, from 1.
    pub fn start(&self, after: Time, order: Order) -> u32 {
        let at_us = after.max(self.clock.now()).as_us();
        self.shared.start(Time::from_us((at_us / GRID_US + 1) * GRID_US), order)
    }

    /// No orders come any more: the pool ends with its last session.
    pub fn drain(&self) {
        self.shared.drain();
    }

    /// Every session is hung up in order, and none starts any more.
    pub fn stop(&self) {
        self.ending.ask();
        self.drain();
    }

    /// The next thing that it tells; waits for it. `None` when the pool is drained and every session is over.
    #[must_use]
    pub fn next(&self) -> Option<FromPool> {
        self.told.recv().ok()
    }
}

impl Drop for Pool {
    /// Nobody can give orders any more.
    fn drop(&mut self) {
        self.drain();
    }
}

/// What one worker is made with.
pub(super) struct WorkerSetup {
    pub(super) index: usize,
    pub(super) live: LiveSetup,
    pub(super) clock: WallClock,
    pub(super) shared: Arc<Shared>,
}

/// How a worker tells.
pub(super) type Teller = Sender<FromPool>;

fn start(index: usize, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let started = Builder::new().name(format!("calls {}", index + 1)).spawn(work);
    started.map(drop).map_err(|error| format!("no thread for calls can be started: {error}"))
}
