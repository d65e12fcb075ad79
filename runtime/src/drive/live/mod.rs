//! Calls against real sockets on the wall clock: any number of rooms, each with its script on a thread of its own. A few
//! worker threads hold the sessions, their callers and their sockets; a worker wakes once for each 20 ms tick of all its
//! calls, because every session starts on one common grid, and otherwise when a socket or a script has something to say.
//! Deliberately not here: phones (they come over SIP) and what a script may see of the outside beside its providers.

mod alarm;
mod connect;
mod fetch;
mod mail;
mod pool;
mod punctuality;
mod script;
mod socket;
#[cfg(test)]
mod tests;
mod worker;

use super::tls::Trust;
use crate::cassette::Line as TapedLine;
use crate::journal::Entry;
use crate::room::{Gathered, RunResult};
use crate::session::seed;
use crate::simulate::{WorldSetup, on_world_thread, start_as_heard};

pub(super) use self::fetch::carry_out;
pub use self::pool::{FromPool, Pool};
pub use self::punctuality::Punctuality;
pub use super::signals::{Ending, end_on_ctrl_c};

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
    let mut setup = setup.clone();
    let started = on_world_thread(|| start_as_heard(&mut setup.world)).map_err(|error| error.to_string())?;
    setup.world.remarks.extend(started);
    setup.world.storage = setup.world.storage.fork();
    let orders = setup.world.orders();
    let pool = Pool::open(&setup, orders.len(), ending)?;
    for (index, order) in orders.into_iter().enumerate() {
        pool.start(setup.world.calls_at(index), order);
    }
    pool.drain();
    Ok(gather(&pool, keep, show))
}

fn gather(pool: &Pool, keep: fn(&Entry) -> bool, show: &mut dyn FnMut(Progress<'_>)) -> LiveResult {
    let mut gathered = Gathered::default();
    let mut punctuality = Punctuality::default();
    while let Some(told) = pool.next() {
        match told {
            FromPool::Taped(line) => show(Progress::Taped(&line)),
            FromPool::Entries(mut entries) => {
                gathered.number(&mut entries);
                show(Progress::Entries(&entries));
                entries.retain(keep);
                gathered.keep(entries);
            }
            FromPool::Ended(result) => gathered.ended(*result),
            FromPool::Unmade(number, failure) => gathered.unmade(number, failure),
            FromPool::Done(more) => punctuality.add(&more),
        }
    }
    LiveResult { run: gathered.finish(), punctuality }
}

/// The seed of a run whose operator named none, out of the time of day.
#[must_use]
pub fn fresh_seed() -> u64 {
    seed::derive(super::pace::unix_ms().unsigned_abs(), "live", 0)
}
