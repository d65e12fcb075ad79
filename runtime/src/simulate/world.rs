//! The world: any number of sessions with their engines, callers and emulated providers on one virtual clock and one
//! thread. Time jumps to the next instant at which something happens; whoever wants pace (`--realtime`, `--chat`) asks
//! for that instant first and waits. Each caller starts a session of its own; a call to a conference starts or reaches another.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use voxrun_bindings::contract::{HostEvent, On, Time};
use voxrun_bindings::engine::Engine;
use voxrun_bindings::syntax::app_events;

use super::meeting::{Order, Routes, Rule, SharedBoard};
use super::outside::{Emulated, emulator, engine_setup_of};
use super::room::{Room, epoch_of};
use super::setup::{Failure, RunResult, SessionResult, SetupError, WorldSetup};
use crate::connection::{NET, panic_text};
use crate::journal::{Entry, EntryKind};

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
    setup: WorldSetup,
    now: Time,
    rooms: Vec<Place>,
    /// When something happens where, soonest first; an entry whose instant is not its room's any more means nothing.
    agenda: BinaryHeap<Reverse<(Time, usize)>>,
    entries: Vec<Entry>,
    next_seq: u64,
    /// Sessions that could not even be made.
    unmade: Vec<(u32, Failure)>,
    rules: Rc<[Rule]>,
    /// Where rooms leave word.
    board: SharedBoard,
    /// The place of each conference's session.
    conferences: BTreeMap<String, usize>,
    /// The scenario is started without a call, because it does not listen for one.
    started_as_heard: bool,
}

/// A session's place in the world.
struct Place {
    started: Time,
    /// The call that another session starts it with.
    order: Option<Order>,
    /// `None` before its start and after its end.
    room: Option<Box<Room>>,
    /// The instant that stands for it in the agenda.
    next: Option<Time>,
    result: Option<SessionResult>,
}

impl World {
    /// A world at its first instant; nothing has happened yet.
    ///
    /// # Errors
    /// When the configuration names a provider that does not exist, or a setting that its emulator does not take.
    pub fn new(mut setup: WorldSetup) -> Result<World, SetupError> {
        World::check(&setup)?;
        let heard = setup.start_as_heard && !setup.api_start && listens_only_for_its_start(&setup);
        setup.api_start |= heard;
        let sessions = if setup.api_start { 1 } else { setup.callers.len() };
        let mut world = World {
            rooms: Vec::with_capacity(sessions),
            agenda: BinaryHeap::new(),
            now: Time::ZERO,
            entries: Vec::new(),
            next_seq: 0,
            unmade: Vec::new(),
            rules: setup.rules.clone().into(),
            board: SharedBoard::default(),
            conferences: BTreeMap::new(),
            started_as_heard: heard,
            setup,
        };
        for index in 0..sessions {
            let started = Time::from_ms(world.setup.caller_gap_ms.saturating_mul(index as u64));
            world.add(started, None);
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

    /// A place for a session that starts then.
    fn add(&mut self, started: Time, order: Option<Order>) -> usize {
        let index = self.rooms.len();
        self.rooms.push(Place { started, order, room: None, next: Some(started), result: None });
        self.agenda.push(Reverse((started, index)));
        index
    }

    /// The world's present.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The next instant at which something happens; `None` when every session is over.
    #[expect(clippy::should_implement_trait, reason = "it tells an instant and does not move")]
    pub fn next(&mut self) -> Option<Time> {
        while let Some(Reverse((at, index))) = self.agenda.peek().copied() {
            if self.rooms.get(index).is_some_and(|place| place.next == Some(at)) {
                return Some(at);
            }
            self.agenda.pop();
        }
        None
    }

    /// Goes to the next instant and lets everything happen there.
    pub fn step(&mut self) -> Moved {
        let Some(at) = self.next() else { return Moved::Over };
        self.advance(at);
        Moved::At(at)
    }

    /// Lets everything happen that is due until `to`, which becomes the world's present.
    pub fn advance(&mut self, to: Time) {
        while let Some(at) = self.next().filter(|at| *at <= to) {
            self.now = self.now.max(at);
            if let Some(Reverse((_, index))) = self.agenda.pop() {
                if let Some(place) = self.rooms.get_mut(index) {
                    place.next = None;
                }
                self.visit(index);
            }
        }
        self.now = self.now.max(to);
    }

    /// Lets everything happen until every session is over, and tells each journal entry to `observe` as it comes.
    pub fn run(&mut self, mut observe: impl FnMut(&Entry)) -> RunResult {
        let mut seen = self.entries.len();
        self.entries.iter().for_each(&mut observe);
        while let Moved::At(_) = self.step() {
            self.entries.iter().skip(seen).for_each(&mut observe);
            seen = self.entries.len();
        }
        self.finish()
    }

    /// What the journal says since the last call, in order over all sessions.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
    }

    /// The caller of the first session says this line as soon as its mouth is free.
    pub fn say_now(&mut self, text: &str) {
        self.with_first(|room, setup, now| room.say_now(setup, now, text));
    }

    /// The caller of the first session presses these keys.
    pub fn press_now(&mut self, digits: &str) {
        self.with_first(|room, setup, now| room.press_now(setup, now, digits));
    }

    /// The caller of the first session hangs up.
    pub fn hang_up_now(&mut self) {
        self.with_first(|room, setup, now| room.hang_up_now(setup, now));
    }

    /// What everything came to. Sessions that are not over are left as they are.
    pub fn finish(&mut self) -> RunResult {
        for index in 0..self.rooms.len() {
            self.leave(index);
        }
        let sessions = self.rooms.iter_mut().filter_map(|place| place.result.take()).collect();
        RunResult { entries: self.take_entries(), sessions, unmade: std::mem::take(&mut self.unmade) }
    }

    /// The operator ends the run: every session that has begun is told to stop, and none begins any more. What remains
    /// to happen then happens by [`World::step`].
    pub fn stop(&mut self) {
        for index in 0..self.rooms.len() {
            if let Some(place) = self.rooms.get_mut(index).filter(|place| place.room.is_none()) {
                place.next = None;
            }
            self.with(index, Room::stop);
        }
    }

    fn with_first(&mut self, act: impl FnOnce(&mut Room, &WorldSetup, Time)) {
        self.with(0, act);
    }

    fn with(&mut self, index: usize, act: impl FnOnce(&mut Room, &WorldSetup, Time)) {
        let now = self.now;
        let Some(place) = self.rooms.get_mut(index) else { return };
        let session_now = Time::from_us(now.as_us().saturating_sub(place.started.as_us()));
        if let Some(room) = &mut place.room {
            guarded(room, |room| act(room, &self.setup, session_now));
            self.after(index);
            self.meet();
        }
    }

    /// Something is due in this place.
    fn visit(&mut self, index: usize) {
        let Some(place) = self.rooms.get_mut(index) else { return };
        let now = Time::from_us(self.now.as_us().saturating_sub(place.started.as_us()));
        match &mut place.room {
            Some(room) => guarded(room, |room| room.advance(&self.setup, now)),
            None => self.begin(index),
        }
        self.after(index);
        self.meet();
    }

    /// A session starts in this place.
    fn begin(&mut self, index: usize) {
        let Some(place) = self.rooms.get_mut(index) else { return };
        let order = place.order.take();
        let scenarios = order.as_ref().map_or(&self.setup.scenarios, |order| &order.scenarios).clone();
        let epoch_ms = epoch_of(&self.setup, place.started);
        let own = engine_setup_of(&self.setup, scenarios, number_of(index), epoch_ms);
        let engine = match Engine::new(own, &voxrun_bindings::language()) {
            Ok(engine) => Box::new(engine),
            Err(what) => return self.unmade.push((number_of(index), Failure::Broken(what))),
        };
        let emulated = Box::new(Emulated::default());
        let mut room = Room::new(&self.setup, number_of(index), place.started, engine, emulated);
        room.set_exchange(Box::new(Routes {
            callees: self.setup.callees.clone(),
            rules: Rc::clone(&self.rules),
            board: Rc::clone(&self.board),
            place: index,
            placed: 0,
        }));
        if std::mem::take(&mut self.started_as_heard) {
            let text = "the scenario listens for its start and not for calls: it is started without one, as by --api-start";
            room.write("", EntryKind::Note, "note", serde_json::json!({ "text": text }));
        }
        if let Some(order) = order {
            room.set_far_end(order.facts, Box::new(order.far_end));
        }
        let room = place.room.insert(Box::new(room));
        guarded(room, |room| room.begin(&self.setup));
    }

    /// Carries between sessions what they have left word of: sessions that are called begin or get a call more, and
    /// whoever has something to hear is due now.
    fn meet(&mut self) {
        loop {
            let order = self.board.borrow_mut().orders.pop_front();
            if let Some(order) = order {
                self.connect(order);
                continue;
            }
            let touched = self.board.borrow_mut().touched.pop_first();
            let Some(index) = touched else { return };
            self.after(index);
        }
    }

    fn connect(&mut self, order: Order) {
        let known = self.conferences.get(&order.conference).copied();
        let live = known.filter(|index| self.rooms.get(*index).is_some_and(|place| place.result.is_none()));
        let Some(index) = live else {
            self.board.borrow_mut().started += 1;
            let conference = order.conference.clone();
            order.far_end.stands_in(self.rooms.len());
            let index = self.add(self.now, Some(order));
            self.conferences.insert(conference, index);
            return;
        };
        order.far_end.stands_in(index);
        self.call_in(index, order);
    }

    /// One more call for a session that runs, or is about to begin.
    fn call_in(&mut self, index: usize, order: Order) {
        let now = self.now;
        let Some(place) = self.rooms.get_mut(index) else { return };
        let session_now = Time::from_us(now.as_us().saturating_sub(place.started.as_us()));
        if let Some(room) = &mut place.room {
            let Order { facts, far_end, .. } = order;
            guarded(room, |room| room.call_in(&self.setup, session_now, facts, Box::new(far_end)));
            self.after(index);
        } else if place.next.is_some() {
            // Both calls of this instant reach it; the later one when it has begun.
            self.begin_at_once(index);
            self.call_in(index, order);
        }
    }

    fn begin_at_once(&mut self, index: usize) {
        if let Some(place) = self.rooms.get_mut(index) {
            place.next = None;
        }
        self.begin(index);
        self.after(index);
    }

    /// Takes up what a room has to tell, and when it wants to be visited again.
    fn after(&mut self, index: usize) {
        let Some(place) = self.rooms.get_mut(index) else { return };
        let Some(room) = &mut place.room else {
            place.next = None;
            return;
        };
        for mut entry in room.take_entries() {
            entry.seq = self.next_seq;
            self.next_seq += 1;
            self.entries.push(entry);
        }
        let next = room.next().map(|at| Time::from_us(place.started.as_us().saturating_add(at.as_us())));
        match next {
            Some(at) if place.next == next => debug_assert!(at >= self.now, "the past is over"),
            Some(at) => {
                place.next = next;
                self.agenda.push(Reverse((at, index)));
            }
            None => self.leave(index),
        }
    }

    /// A session is over: what it came to is kept, the rest is dropped.
    fn leave(&mut self, index: usize) {
        let Some(place) = self.rooms.get_mut(index) else { return };
        place.next = None;
        let Some(mut room) = place.room.take() else { return };
        place.result = Some(room.result(&self.setup));
        for mut entry in room.take_entries() {
            entry.seq = self.next_seq;
            self.next_seq += 1;
            self.entries.push(entry);
        }
    }
}

/// Runs something in a room; a panic there becomes that session's failure, and the others live.
fn guarded(room: &mut Room, act: impl FnOnce(&mut Room)) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| act(room))) {
        room.broke(panic_text(panic.as_ref()));
    }
}

fn number_of(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
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
    let own = engine_setup_of(setup, setup.scenarios.clone(), 1, setup.epoch_ms);
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
