//! One worker thread: its rooms, and the loop that visits each of them when something is due or has come.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;
use tokio::time::Instant;
use voxrun_bindings::contract::Time;

use super::alarm::Alarm;
use super::script::ScriptThread;
use super::socket::Sockets;
use super::{Ending, Punctuality, Teller, Told};
use crate::cassette::Taper;
use crate::connection::panic_text;
use crate::drive::pace::WallClock;
use crate::simulate::room::{Room, epoch_of};
use crate::simulate::{Failure, WorldSetup, engine_setup};

/// How often a worker looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(100);

/// Rings that are answered before the loop looks at the clock again.
const MOST_RINGS: usize = 1_000;

/// How long the answers to closes are waited for when every call is over.
const FAREWELL: Duration = Duration::from_secs(1);

/// A call to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// The session's number, from 1.
    pub(super) number: u32,
    /// When it begins, since the run did.
    pub(super) at: Time,
}

/// One thread's calls.
pub(super) struct Worker {
    world: Rc<WorldSetup>,
    clock: WallClock,
    tls: Arc<ClientConfig>,
    told: Teller,
    runtime: tokio::runtime::Runtime,
    /// Connections that are not closed yet.
    open: Rc<Cell<usize>>,
    /// The first call is recorded.
    taped: bool,
}

/// A call under way.
struct Place {
    started: Time,
    room: Box<Room>,
}

/// The calls of a worker, and when each wants to be visited next.
#[derive(Default)]
struct Places {
    calls: Vec<Option<Place>>,
    /// By the run's clock; [`NEVER`] for a call that is over. Apart from the calls, because all of them are looked at
    /// whenever anything happens, and the calls are large.
    due: Vec<Time>,
}

/// Later than any time.
const NEVER: Time = Time::from_us(u64::MAX);

impl Places {
    /// The next instant at which a call wants to be visited.
    fn next(&self) -> Option<Time> {
        self.due.iter().copied().min().filter(|at| *at < NEVER)
    }

    /// Adds the calls that want to be visited by now, and notes how late that is.
    fn add_due(&self, now: Time, visits: &mut BTreeSet<usize>, punctuality: &mut Punctuality) {
        for (index, at) in self.due.iter().enumerate().filter(|(_, at)| **at <= now) {
            punctuality.note(now.since(*at).as_millis() as u64);
            visits.insert(index);
        }
    }
}

impl Worker {
    pub(super) fn new(
        world: WorldSetup,
        clock: WallClock,
        tls: Arc<ClientConfig>,
        told: Teller,
        taped: bool,
    ) -> std::io::Result<Worker> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Worker { world: Rc::new(world), clock, tls, told, runtime, open: Rc::default(), taped })
    }

    /// Makes these calls and stays until they are over.
    pub(super) fn run(self, orders: Vec<Order>, ending: &Ending) -> std::io::Result<Punctuality> {
        let local = LocalSet::new();
        let served = local.block_on(&self.runtime, self.serve(orders, ending));
        drop(local);
        // A name that is still being looked up holds up nobody.
        self.runtime.shutdown_background();
        served
    }

    async fn serve(&self, mut orders: Vec<Order>, ending: &Ending) -> std::io::Result<Punctuality> {
        let mut alarm = Alarm::new()?;
        let mut punctuality = Punctuality::default();
        let (bell, mut rung) = unbounded_channel();
        let mut places = Places::default();
        let mut visits = BTreeSet::new();
        let mut alive = 0_usize;
        let mut stopping = false;
        orders.reverse();
        while alive > 0 || !orders.is_empty() {
            if ending.asked() && !stopping {
                stopping = true;
                orders.clear();
                for index in 0..places.calls.len() {
                    alive -= self.visit(&mut places, index, Room::stop);
                }
                continue;
            }
            let now = self.clock.now();
            while orders.last().is_some_and(|order| order.at <= now) {
                let Some(order) = orders.pop() else { break };
                alive += self.begin(order, &mut places, &bell);
            }
            let next = places.next().into_iter().chain(orders.last().map(|order| order.at)).min();
            visits.extend(self.wait(&mut rung, &mut alarm, next).await);
            visits.extend(std::iter::from_fn(|| rung.try_recv().ok()).take(MOST_RINGS));
            // A provider that never stops talking takes no other call's turn.
            places.add_due(self.clock.now(), &mut visits, &mut punctuality);
            while let Some(index) = visits.pop_first() {
                alive -= self.visit(&mut places, index, Room::advance);
            }
        }
        let until = Instant::now() + FAREWELL;
        while self.open.get() > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(punctuality)
    }

    /// Begins a call. 1 when it lives.
    fn begin(&self, order: Order, places: &mut Places, bell: &UnboundedSender<usize>) -> usize {
        let index = places.calls.len();
        let epoch_ms = epoch_of(&self.world, order.at);
        let script =
            ScriptThread::start(engine_setup(&self.world, order.number, epoch_ms), index, bell.clone());
        let script = match script {
            Ok(script) => script,
            Err(error) => {
                let failure = Failure::Broken(format!("no thread for a script can be started: {error}"));
                let _ = self.told.send(Told::Unmade(order.number, failure));
                return 0;
            }
        };
        let open = Rc::clone(&self.open);
        let sockets = Sockets::new(Arc::clone(&self.tls), index, bell.clone(), open);
        let mut room = Room::new(&self.world, order.number, order.at, Box::new(script), Box::new(sockets));
        if self.taped && order.number == 1 {
            let told = self.told.clone();
            room.set_witness(Box::new(Taper::new(move |line| drop(told.send(Told::Taped(line.clone()))))));
        }
        places.calls.push(Some(Place { started: order.at, room: Box::new(room) }));
        places.due.push(NEVER);
        1 - self.visit(places, index, |room, setup, _| room.begin(setup))
    }

    /// Does something with a room and tells what came of it. 1 when it is over.
    fn visit(
        &self,
        places: &mut Places,
        index: usize,
        act: impl FnOnce(&mut Room, &WorldSetup, Time),
    ) -> usize {
        let Some(place) = places.calls.get_mut(index).and_then(Option::as_mut) else { return 0 };
        let now = Time::from_us(self.clock.now().as_us().saturating_sub(place.started.as_us()));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| act(&mut place.room, &self.world, now))) {
            place.room.broke(panic_text(panic.as_ref()));
        }
        self.tell(place);
        places.due[index] = place.next().unwrap_or(NEVER);
        if places.due[index] < NEVER {
            return 0;
        }
        let result = place.room.result(&self.world);
        self.tell(place);
        let _ = self.told.send(Told::Ended(Box::new(result)));
        places.calls[index] = None;
        1
    }

    fn tell(&self, place: &mut Place) {
        let entries = place.room.take_entries();
        if !entries.is_empty() {
            let _ = self.told.send(Told::Entries(entries));
        }
    }

    /// Waits for a ring, or for `next`. The room that rang, if one did.
    async fn wait(
        &self,
        rung: &mut UnboundedReceiver<usize>,
        alarm: &mut Alarm,
        next: Option<Time>,
    ) -> Option<usize> {
        let glance = self.clock.now() + GLANCE;
        alarm.set(self.clock.instant(next.map_or(glance, |at| at.min(glance))));
        poll_fn(|context| {
            if let Poll::Ready(Some(index)) = rung.poll_recv(context) {
                return Poll::Ready(Some(index));
            }
            alarm.poll(context).map(|()| None)
        })
        .await
    }
}

impl Place {
    fn next(&self) -> Option<Time> {
        self.room.next().map(|at| Time::from_us(self.started.as_us().saturating_add(at.as_us())))
    }
}
