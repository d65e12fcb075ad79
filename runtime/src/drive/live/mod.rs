//! Calls against real sockets on the wall clock: any number of rooms, each with its script on a thread of its own. A few
//! worker threads hold the sessions, their callers and their sockets; a worker wakes once for each 20 ms tick of all its
//! calls, because every session starts on one common grid, and otherwise when a socket or a script has something to say.
//! Deliberately not here: phones (they come over SIP) and what a script may see of the outside beside its providers.

mod alarm;
mod fetch;
mod script;
mod socket;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use voxrun_bindings::contract::Time;

use self::worker::{Order, Worker};
use super::descriptors;
use super::pace::WallClock;
use super::tls::Trust;
use crate::cassette::Line as TapedLine;
use crate::connection::panic_text;
use crate::journal::Entry;
use crate::session::seed;
use crate::simulate::{Failure, RunResult, SessionResult, WorldSetup};

pub use super::signals::{Ending, end_on_ctrl_c};

/// The grid on which sessions start, so that the ticks of all calls fall together.
const GRID_US: u64 = 20_000;

/// Worker threads at most: one holds some hundred calls.
const MOST_WORKERS: usize = 4;

/// What to run.
#[derive(Debug, Clone)]
pub struct LiveSetup {
    /// The scenarios, secrets and callers. Each caller is a call; `caller_gap_ms` lies between their beginnings.
    pub world: WorldSetup,
    /// Whom to trust.
    pub trust: Trust,
    /// Record the first call: what comes in from outside and what goes out is told as lines of a cassette.
    pub taped: bool,
}

/// What a live run tells while it lasts.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A piece of the journal.
    Entries(&'a [Entry]),
    /// A line of the cassette.
    Taped(&'a TapedLine),
}

/// How punctual the ticks were: how many came how many milliseconds after they were due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Punctuality {
    /// Counts by whole milliseconds; the last one counts everything later.
    pub late_ms: Vec<u64>,
}

impl Punctuality {
    const BUCKETS: usize = 101;

    pub(super) fn note(&mut self, late_ms: u64) {
        self.late_ms.resize(Self::BUCKETS, 0);
        let bucket = usize::try_from(late_ms).unwrap_or(usize::MAX).min(Self::BUCKETS - 1);
        self.late_ms[bucket] += 1;
    }

    fn add(&mut self, other: &Punctuality) {
        self.late_ms.resize(Self::BUCKETS, 0);
        for (sum, more) in self.late_ms.iter_mut().zip(&other.late_ms) {
            *sum += more;
        }
    }

    /// The lateness that this share of the ticks did not exceed, in milliseconds, rounded up.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> u64 {
        let all: u64 = self.late_ms.iter().sum();
        let mut left = (all as f64 * share).ceil() as u64;
        for (late_ms, count) in (1..).zip(&self.late_ms) {
            if left <= *count {
                return late_ms;
            }
            left -= count;
        }
        0
    }
}

/// What a live run came to.
#[derive(Debug)]
pub struct LiveResult {
    /// As of any run.
    pub run: RunResult,
    /// The ticks of all calls.
    pub punctuality: Punctuality,
}

/// Whether an address (`wss://host:port/path`, or less) is one of this machine's own.
#[must_use]
pub fn is_loopback(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let place = rest.split('/').next().unwrap_or_default();
    let host = match place.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What a worker tells.
enum Told {
    Taped(TapedLine),
    Entries(Vec<Entry>),
    Ended(Box<SessionResult>),
    Unmade(u32, Failure),
    /// The worker is done.
    Done(Punctuality),
}

/// Runs until every call is over and tells each piece of the journal, and each line of the cassette, to `show` as it comes. What `keep`
/// does not want of the journal is shown and forgotten.
///
/// # Errors
/// When the system gives no threads or sockets.
pub fn run(
    setup: &LiveSetup,
    ending: &Ending,
    keep: fn(&Entry) -> bool,
    show: &mut dyn FnMut(Progress<'_>),
) -> Result<LiveResult, String> {
    descriptors::ask_for_all();
    let clock = WallClock::start();
    let (sender, told) = channel();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let calls = setup.world.callers.len();
    let workers = cores.clamp(1, MOST_WORKERS).min(calls.max(1));
    let tls = setup.trust.client_config()?;
    for number in 0..workers {
        let orders = orders(&setup.world, calls, number, workers);
        let (sender, world, ending) = (sender.clone(), setup.world.clone(), ending.clone());
        let taped = setup.taped;
        let tls = Arc::clone(&tls);
        let work = move || {
            let last = sender.clone();
            let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                Worker::new(world, clock, tls, sender, taped)?.run(orders, &ending)
            }));
            let done = match worked {
                Ok(Ok(punctuality)) => Told::Done(punctuality),
                Ok(Err(error)) => Told::Unmade(0, Failure::Broken(error.to_string())),
                Err(panic) => Told::Unmade(0, Failure::Broken(panic_text(panic.as_ref()))),
            };
            let _ = last.send(done);
        };
        Builder::new()
            .name(format!("calls {}", number + 1))
            .spawn(work)
            .map_err(|error| format!("no thread for calls can be started: {error}"))?;
    }
    drop(sender);
    Ok(gather(&told, keep, show))
}

/// The calls of one worker, and when each begins: on the grid.
fn orders(world: &WorldSetup, calls: usize, worker: usize, workers: usize) -> Vec<Order> {
    let order = |index: usize| {
        let after_us = world.caller_gap_ms.saturating_mul(1000).saturating_mul(index as u64);
        let at = Time::from_us((after_us / GRID_US + 1) * GRID_US);
        Order { number: u32::try_from(index + 1).unwrap_or(u32::MAX), at }
    };
    (worker..calls).step_by(workers).map(order).collect()
}

fn gather(told: &Receiver<Told>, keep: fn(&Entry) -> bool, show: &mut dyn FnMut(Progress<'_>)) -> LiveResult {
    let mut run = RunResult { entries: Vec::new(), sessions: Vec::new(), unmade: Vec::new() };
    let mut punctuality = Punctuality::default();
    let mut seq = 0;
    while let Ok(told) = told.recv() {
        match told {
            Told::Taped(line) => show(Progress::Taped(&line)),
            Told::Entries(mut entries) => {
                for entry in &mut entries {
                    entry.seq = seq;
                    seq += 1;
                }
                show(Progress::Entries(&entries));
                entries.retain(keep);
                run.entries.append(&mut entries);
            }
            Told::Ended(result) => run.sessions.push(*result),
            Told::Unmade(number, failure) => run.unmade.push((number, failure)),
            Told::Done(more) => punctuality.add(&more),
        }
    }
    run.sessions.sort_by_key(|session| session.number);
    LiveResult { run, punctuality }
}

/// The seed of a run whose operator named none, out of the time of day.
#[must_use]
pub fn fresh_seed() -> u64 {
    seed::derive(super::pace::unix_ms().unsigned_abs(), "live", 0)
}

type Teller = Sender<Told>;
