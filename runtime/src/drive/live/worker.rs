//! One worker thread: its rooms, and the loop that visits each of them when something is due or has come.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::LocalSet;
use tokio::time::Instant;
use voxrun_bindings::contract::Time;

use super::alarm::Alarm;
use super::mail::{Extension, Mail, Ring, Shared};
use super::pool::{FromPool, GRID_US, Teller, WorkerSetup};
use super::script::ScriptThread;
use super::socket::Sockets;
use super::{Ending, Punctuality};
use crate::cassette::Taper;
use crate::drive::pace::WallClock;
use crate::journal::Entry;
use crate::room::{Failure, Keeper, Room, Rooms, SessionResult};
use crate::simulate::{Called, Opening, RoomExchange, Rule, WorldSetup};

/// How often a worker looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(100);

/// Mail that is taken before the loop looks at the clock again.
const MOST_MAIL: usize = 1_000;

/// How long the answers to closes are waited for when every call is over.
const FAREWELL: Duration = Duration::from_secs(1);

/// One thread's calls.
pub(super) struct Worker {
    clock: WallClock,
    rooms: Rooms<Live>,
    stopping: bool,
}

/// What the rooms of a worker stand on.
struct Live {
    /// The worker's place in the pool.
    index: usize,
    world: WorldSetup,
    /// The session of each conference that runs here.
    conferences: BTreeMap<String, u32>,
    rules: Rc<[Rule]>,
    tls: Arc<ClientConfig>,
    told: Teller,
    shared: Arc<Shared>,
    mailbox: UnboundedSender<Mail>,
    /// Connections that are not closed yet.
    open: Rc<Cell<usize>>,
    /// The first session is recorded.
    taped: bool,
}

impl Worker {
    pub(super) fn new(setup: WorkerSetup, tls: Arc<ClientConfig>, told: Teller) -> Worker {
        let WorkerSetup { index, live, clock, shared } = setup;
        let rooms = Rooms::new(Live {
            index,
            conferences: BTreeMap::new(),
            rules: live.world.rules.clone().into(),
            world: live.world,
            tls,
            told,
            mailbox: shared.mailbox(index),
            shared,
            open: Rc::default(),
            taped: live.taped,
        });
        Worker { clock, rooms, stopping: false }
    }

    /// Takes its mail until nothing can come any more.
    pub(super) fn run(
        mut self,
        mail: UnboundedReceiver<Mail>,
        ending: &Ending,
    ) -> std::io::Result<Punctuality> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        let served = local.block_on(&runtime, self.serve(mail, ending));
        drop(local);
        // A name that is still being looked up holds up nobody.
        runtime.shutdown_background();
        served
    }

    async fn serve(
        &mut self,
        mut mail: UnboundedReceiver<Mail>,
        ending: &Ending,
    ) -> std::io::Result<Punctuality> {
        let mut alarm = Alarm::new()?;
        let mut punctuality = Punctuality::default();
        let mut visits = BTreeSet::new();
        while !self.is_done() {
            if ending.asked() && !self.stopping {
                self.stop();
                continue;
            }
            let next = self.rooms.next();
            let first = self.wait(&mut mail, &mut alarm, next).await;
            let more = std::iter::from_fn(|| mail.try_recv().ok()).take(MOST_MAIL);
            for mail in first.into_iter().chain(more) {
                self.take(mail, &mut visits);
            }
            // A provider that never stops talking takes no other call's turn.
            let now = self.clock.now();
            while let Some((number, at)) = self.rooms.pop_due(now) {
                punctuality.note(now.since(at).as_millis() as u64);
                visits.insert(number);
            }
            while let Some(number) = visits.pop_first() {
                self.rooms.visit(number, self.clock.now());
            }
        }
        let (open, until) = (&self.rooms.keeper.open, Instant::now() + FAREWELL);
        while open.get() > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(punctuality)
    }

    /// Whether nothing can come any more: a session of another worker may still call one of this.
    fn is_done(&self) -> bool {
        let shared = &self.rooms.keeper.shared;
        (self.stopping || shared.is_drained()) && shared.is_idle() && self.rooms.is_empty()
    }

    /// Every call is hung up in order, and what has not begun never does.
    fn stop(&mut self) {
        self.stopping = true;
        let dropped = self.rooms.end_all(self.clock.now(), Room::stop);
        self.rooms.keeper.less(dropped);
    }

    fn take(&mut self, mail: Mail, visits: &mut BTreeSet<u32>) {
        match mail {
            Mail::Ring(number) => drop(visits.insert(number)),
            Mail::Look => {}
            Mail::Start(..) | Mail::Called(_) if self.stopping => self.rooms.keeper.less(1),
            Mail::Start(number, at, order) => self.rooms.add(number, at, Opening::Order(order)),
            Mail::Called(called) => self.connect(called),
        }
    }

    /// A call for the session of a conference, which starts now if it does not run.
    fn connect(&mut self, called: Box<Called<Ring>>) {
        let now = self.clock.now();
        let known = self.rooms.keeper.conferences.get(&called.conference).copied();
        if let Some(number) = known.filter(|number| self.rooms.has(*number)) {
            called.far_end.belongs_to(Ring::new(self.rooms.keeper.mailbox.clone(), number));
            let Called { facts, far_end, .. } = *called;
            self.rooms.reach(number, now, |room, now| room.call_in(now, facts, Box::new(far_end)));
            return self.rooms.keeper.less(1);
        }
        let live = &mut self.rooms.keeper;
        let number = live.shared.number();
        live.shared.count_called();
        called.far_end.belongs_to(Ring::new(live.mailbox.clone(), number));
        live.conferences.insert(called.conference.clone(), number);
        let at = Time::from_us((now.as_us() / GRID_US + 1) * GRID_US);
        self.rooms.add(number, at, Opening::Called(called));
    }

    /// Waits for mail, or for `next`.
    async fn wait(
        &self,
        mail: &mut UnboundedReceiver<Mail>,
        alarm: &mut Alarm,
        next: Option<Time>,
    ) -> Option<Mail> {
        let glance = self.clock.now() + GLANCE;
        alarm.set(self.clock.instant(next.map_or(glance, |at| at.min(glance))));
        poll_fn(|context| {
            if let Poll::Ready(Some(mail)) = mail.poll_recv(context) {
                return Poll::Ready(Some(mail));
            }
            alarm.poll(context).map(|()| None)
        })
        .await
    }
}

impl Live {
    /// So many sessions of this worker have ended, or did not come to be.
    fn less(&self, ended: usize) {
        self.shared.less(self.index, ended);
    }

    /// A session is over, or could not be made.
    fn forget(&mut self, number: u32) {
        let before = self.conferences.len();
        self.conferences.retain(|_, session| *session != number);
        if self.conferences.len() < before {
            self.shared.forget_called();
        }
        self.less(1);
    }
}

impl Keeper for Live {
    type Order = Opening<Ring>;

    fn open(&mut self, number: u32, started: Time, opening: Opening<Ring>) -> Option<Room> {
        let world = &self.world;
        let ring = Ring::new(self.mailbox.clone(), number);
        let own = world.engine(number, started, opening.scenarios(), opening.custom_data(world));
        let script = match ScriptThread::start(own, ring.clone()) {
            Ok(script) => Box::new(script),
            Err(error) => {
                let failure = Failure::Broken(format!("no thread for a script can be started: {error}"));
                let _ = self.told.send(FromPool::Unmade(number, failure));
                self.forget(number);
                return None;
            }
        };
        let sockets = Box::new(Sockets::new(Arc::clone(&self.tls), ring.clone(), Rc::clone(&self.open)));
        let extension = Extension::new(Arc::clone(&self.shared), ring);
        let routes =
            Box::new(RoomExchange::new(number, world.callees.clone(), Rc::clone(&self.rules), extension));
        let mut room =
            Room::new(world.room(number, started, opening.started(world)), script, sockets, routes);
        if self.taped && number == 1 {
            let told = self.told.clone();
            room.set_witness(Box::new(Taper::new(move |line| {
                drop(told.send(FromPool::Taped(line.clone())))
            })));
        }
        opening.seat(&mut room, world.seed, number);
        Some(room)
    }

    fn entries(&mut self, entries: Vec<Entry>) {
        let _ = self.told.send(FromPool::Entries(entries));
    }

    fn ended(&mut self, result: SessionResult) {
        let number = result.number;
        let _ = self.told.send(FromPool::Ended(Box::new(result)));
        self.forget(number);
    }
}
