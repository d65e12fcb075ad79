//! The world: any number of sessions with their engines, callers and emulated providers on one virtual clock and one
//! thread. Time jumps to the next instant at which something happens; whoever wants pace (`--realtime`, `--chat`) asks
//! for that instant first and waits. Each caller starts a session of its own; a call to a conference starts or reaches another.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use voxrun_bindings::connection::NET;
use voxrun_bindings::contract::{HostEvent, On, Remark, Time};
use voxrun_bindings::engine::Engine;
use voxrun_bindings::syntax::app_events;

use super::emulated::{Emulated, emulator};
use super::meeting::{Bell, Called, RoomExchange, Rule, Switchboard};
use super::order::Opening;
use super::setup::{SetupError, WorldSetup};
use crate::journal::Entry;
use crate::room::{Failure, Gathered, Keeper, Person, Room, Rooms, RunResult, SessionResult};

/// What a step of the world came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Everything that was due at this instant has happened.
    At(Time),
    /// Every session is over.
    Over,
}

/// A world. It must stay on the thread that made it, and that thread needs a large stack: see [`on_world_thread`].
///
/// [`on_world_thread`]: super::on_world_thread
pub struct World {
    now: Time,
    rooms: Rooms<Virtual>,
    board: Rc<Board>,
    /// The number of the last session.
    last: u32,
    /// The session of each conference.
    conferences: BTreeMap<String, u32>,
}

impl World {
    /// A world at its first instant; nothing has happened yet.
    ///
    /// # Errors
    /// When the configuration names a provider that does not exist, or a setting that its emulator does not take.
    pub fn new(mut setup: WorldSetup) -> Result<World, SetupError> {
        World::check(&setup)?;
        let started = start_as_heard(&mut setup);
        setup.remarks.extend(started);
        setup.storage = setup.storage.fork();
        let orders = setup.orders();
        let starts: Vec<Time> = (0..orders.len()).map(|index| setup.calls_at(index)).collect();
        let board = Rc::<Board>::default();
        let keeper = Virtual {
            rules: setup.rules.clone().into(),
            setup: Rc::new(setup),
            board: Rc::clone(&board),
            gathered: Gathered::default(),
        };
        let rooms = Rooms::new(keeper);
        let mut world = World { now: Time::ZERO, rooms, board, last: 0, conferences: BTreeMap::new() };
        for (at, order) in starts.into_iter().zip(orders) {
            world.add(at, Opening::Order(Box::new(order)));
        }
        Ok(world)
    }

    /// Looks for mistakes of the operator. Nothing runs.
    ///
    /// # Errors
    /// As for [`World::new`].
    pub fn check(setup: &WorldSetup) -> Result<(), SetupError> {
        check(setup)
    }

    /// A session starts then.
    fn add(&mut self, at: Time, opening: Opening<Extension>) -> u32 {
        self.last += 1;
        self.rooms.add(self.last, at, opening);
        self.last
    }

    /// The world's present.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The next instant at which something happens; `None` when every session is over.
    #[expect(clippy::should_implement_trait, reason = "it tells an instant and does not move")]
    pub fn next(&mut self) -> Option<Time> {
        self.rooms.next()
    }

    /// Goes to the next instant and lets everything happen there.
    pub fn step(&mut self) -> Moved {
        let Some(at) = self.next() else { return Moved::Over };
        self.advance(at);
        Moved::At(at)
    }

    /// Lets everything happen that is due until `to`, which becomes the world's present.
    pub fn advance(&mut self, to: Time) {
        while let Some((number, at)) = self.rooms.pop_due(to) {
            self.now = self.now.max(at);
            self.rooms.visit(number, self.now);
            self.meet();
        }
        self.now = self.now.max(to);
    }

    /// Lets everything happen until every session is over, and tells each journal entry to `observe` as it comes.
    pub fn run(&mut self, mut observe: impl FnMut(&Entry)) -> RunResult {
        let mut seen = 0;
        loop {
            let entries = self.rooms.keeper.gathered.seen();
            entries.iter().skip(seen).for_each(&mut observe);
            seen = entries.len();
            if self.step() == Moved::Over {
                return self.finish();
            }
        }
    }

    /// What the journal says since the last call, in order over all sessions.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        self.rooms.keeper.gathered.take_entries()
    }

    /// The caller of the first session says this line as soon as its mouth is free.
    pub fn say_now(&mut self, text: &str) {
        self.tell_person(|person, _| person.say_now(text));
    }

    /// The caller of the first session presses these keys.
    pub fn press_now(&mut self, digits: &str) {
        self.tell_person(|person, now| person.press_now(now, digits));
    }

    /// The caller of the first session hangs up.
    pub fn hang_up_now(&mut self) {
        self.tell_person(|person, _| person.hang_up_now());
    }

    /// What everything came to. Sessions that are not over are left as they are.
    pub fn finish(&mut self) -> RunResult {
        self.rooms.leave_all();
        self.rooms.keeper.gathered.finish()
    }

    /// The operator ends the run: every session that has begun is told to stop, and none begins any more. What remains
    /// to happen then happens by [`World::step`].
    pub fn stop(&mut self) {
        self.rooms.end_all(self.now, Room::stop);
        self.meet();
    }

    fn tell_person(&mut self, tell: impl FnOnce(&mut dyn Person, Time)) {
        self.rooms.with(1, self.now, |room, now| room.tell_person(now, |person| tell(person, now)));
        self.meet();
    }

    /// Carries between sessions what they have left word of: sessions that are called begin or get a call more, and
    /// whoever has something to hear is due now.
    fn meet(&mut self) {
        loop {
            let called = self.board.calls.borrow_mut().pop_front();
            if let Some(called) = called {
                self.connect(called);
                continue;
            }
            let touched = self.board.touched.borrow_mut().pop_first();
            let Some(number) = touched else { return };
            self.rooms.refresh(number);
        }
    }

    fn connect(&mut self, called: Called<Extension>) {
        let extension = |room| Extension { board: Rc::clone(&self.board), room };
        let known = self.conferences.get(&called.conference).copied();
        if let Some(number) = known.filter(|number| self.rooms.has(*number)) {
            called.far_end.belongs_to(extension(number));
            let Called { facts, far_end, .. } = called;
            self.rooms.reach(number, self.now, |room, now| room.call_in(now, facts, Box::new(far_end)));
            return;
        }
        self.board.started.update(|started| started + 1);
        called.far_end.belongs_to(extension(self.last + 1));
        let conference = called.conference.clone();
        let number = self.add(self.now, Opening::Called(Box::new(called)));
        self.conferences.insert(conference, number);
    }
}

/// What the rooms of a world stand on.
struct Virtual {
    setup: Rc<WorldSetup>,
    rules: Rc<[Rule]>,
    board: Rc<Board>,
    gathered: Gathered,
}

impl Keeper for Virtual {
    type Order = Opening<Extension>;

    fn open(&mut self, number: u32, started: Time, opening: Opening<Extension>) -> Option<Room> {
        let setup = &self.setup;
        let own = setup.engine(number, started, opening.scenarios(), opening.custom_data(setup));
        let engine = match Engine::new(own, &voxrun_bindings::language()) {
            Ok(engine) => Box::new(engine),
            Err(what) => {
                self.gathered.unmade(number, Failure::Broken(what));
                return None;
            }
        };
        let extension = Extension { board: Rc::clone(&self.board), room: number };
        let routes = RoomExchange::new(number, setup.callees.clone(), Rc::clone(&self.rules), extension);
        let dial = Box::new(Emulated::new(Rc::clone(setup)));
        let mut room =
            Room::new(setup.room(number, started, opening.started(setup)), engine, dial, Box::new(routes));
        opening.seat(&mut room, setup.seed, number);
        Some(room)
    }

    fn entries(&mut self, entries: Vec<Entry>) {
        self.gathered.entries(entries);
    }

    fn ended(&mut self, result: SessionResult) {
        self.gathered.ended(result);
    }
}

/// Word that rooms leave for their world.
#[derive(Default)]
struct Board {
    calls: RefCell<VecDeque<Called<Extension>>>,
    /// Rooms that have something to hear.
    touched: RefCell<BTreeSet<u32>>,
    /// Sessions that were started because others called them.
    started: Cell<usize>,
}

/// One room's extension of the world's board.
#[derive(Clone)]
struct Extension {
    board: Rc<Board>,
    room: u32,
}

impl Bell for Extension {
    const ONE_CLOCK: bool = true;

    fn ring(&self) {
        self.board.touched.borrow_mut().insert(self.room);
    }
}

impl Switchboard for Extension {
    type Bell = Extension;

    fn bell(&self) -> Extension {
        self.clone()
    }

    fn started(&self) -> usize {
        self.board.started.get()
    }

    fn connect(&self, call: Called<Extension>) {
        self.board.calls.borrow_mut().push_back(call);
    }
}

/// Nobody asked for a caller: a scenario that listens for its start and not for calls is started without one. What its
/// author is to know of it.
pub(crate) fn start_as_heard(setup: &mut WorldSetup) -> Option<Remark> {
    if !setup.start_as_heard || setup.api_start || !listens_only_for_its_start(setup) {
        return None;
    }
    setup.api_start = true;
    let text =
        "the scenario listens for its start and not for calls: it is started without one, as by --api-start";
    Some(Remark::new(text))
}

/// Whether a scenario hears that it was started, and nothing of a call: its top-level code is run for that, and what it
/// asks for is not done.
fn listens_only_for_its_start(setup: &WorldSetup) -> bool {
    const STARTED: &str = "Application.Started";
    // Reading is cheaper than running, and most scenarios listen for calls.
    let named: BTreeSet<String> = setup.scenarios.iter().flat_map(|file| app_events(&file.text)).collect();
    if !named.contains("Started") || named.contains("CallAlerting") {
        return false;
    }
    let own = setup.engine(1, Time::ZERO, &setup.scenarios, &setup.custom_data);
    let Ok(mut engine) = Engine::new(own, &voxrun_bindings::language()) else { return false };
    if engine.start(Time::ZERO).error.is_some() || !engine.listens(STARTED) {
        return false;
    }
    let fields = setup.started.fields().into();
    let started = HostEvent::Raise { on: On::Application(None), name: STARTED.to_owned(), fields };
    engine.deliver(Time::ZERO, started).error.is_none() && !engine.listens("Application.CallAlerting")
}

/// Looks for mistakes of the operator before anything starts.
fn check(setup: &WorldSetup) -> Result<(), SetupError> {
    let named = setup.emulators.keys().chain(setup.keys.keys()).chain(setup.providers.keys());
    let of_faults = setup.faults.iter().map(|fault| &fault.provider).filter(|name| *name != NET);
    for name in named.chain(of_faults) {
        if voxrun_bindings::remote(name).is_none() {
            return Err(SetupError::UnknownProvider(name.clone()));
        }
    }
    for name in setup.emulators.keys() {
        let Some(remote) = voxrun_bindings::remote(name) else { continue };
        emulator(setup, remote, 0, setup.epoch_ms)
            .map_err(|what| SetupError::Emulator { provider: name.clone(), what })?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "scenario_tests.rs"]
mod scenario_tests;
