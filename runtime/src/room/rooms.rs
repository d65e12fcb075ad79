//! Any number of rooms and when each wants to be visited next: the one agenda of worlds, of live workers and of replays. It
//! opens a room when its time has come, visits rooms in the order of their times and numbers, keeps a room that breaks from
//! the others, and tells its keeper what each says and comes to. It knows no clock: whoever drives it says what time it is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use voxrun_bindings::connection::panic_text;
use voxrun_bindings::contract::Time;

use super::Room;
use super::result::SessionResult;
use crate::journal::Entry;

/// Whose the rooms are: makes them, and takes what they say.
pub(crate) trait Keeper {
    /// What a room is opened for.
    type Order;

    /// Makes the room of this number, whose time has come. `None` when it could not be made; the keeper knows why.
    fn open(&mut self, number: u32, started: Time, order: Self::Order) -> Option<Room>;

    /// A piece of a room's journal.
    fn entries(&mut self, entries: Vec<Entry>);

    /// A room is over.
    fn ended(&mut self, result: SessionResult);
}

/// A session's place: waiting for its time, or with its room.
struct Place<O> {
    started: Time,
    stage: Stage<O>,
    /// The instant that stands for it in the agenda.
    next: Option<Time>,
}

enum Stage<O> {
    Waits(O),
    Lives(Box<Room>),
    /// Its room is being made, or could not be.
    Empty,
}

/// Rooms by number.
pub(crate) struct Rooms<K: Keeper> {
    /// Whose they are.
    pub(crate) keeper: K,
    places: BTreeMap<u32, Place<K::Order>>,
    /// When something happens where, soonest first; an entry whose instant is not its room's any more means nothing.
    agenda: BinaryHeap<Reverse<(Time, u32)>>,
}

impl<K: Keeper> Rooms<K> {
    /// No rooms yet.
    pub(crate) fn new(keeper: K) -> Rooms<K> {
        Rooms { keeper, places: BTreeMap::new(), agenda: BinaryHeap::new() }
    }

    /// A room of this number is to be opened then. A number stands for one session only.
    pub(crate) fn add(&mut self, number: u32, at: Time, order: K::Order) {
        self.places.insert(number, Place { started: at, stage: Stage::Waits(order), next: Some(at) });
        self.agenda.push(Reverse((at, number)));
    }

    /// Whether there is nothing to wait for any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether this session has not ended, or has not begun.
    pub(crate) fn has(&self, number: u32) -> bool {
        self.places.contains_key(&number)
    }

    /// The next instant at which something happens.
    pub(crate) fn next(&mut self) -> Option<Time> {
        while let Some(Reverse((at, number))) = self.agenda.peek().copied() {
            if self.places.get(&number).is_some_and(|place| place.next == Some(at)) {
                return Some(at);
            }
            self.agenda.pop();
        }
        None
    }

    /// Takes the first room that is due at `now` off the agenda, and tells when it was due. It is to be visited.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<(u32, Time)> {
        let at = self.next().filter(|at| *at <= now)?;
        let Reverse((_, number)) = self.agenda.pop()?;
        self.places.get_mut(&number)?.next = None;
        Some((number, at))
    }

    /// Lets happen in a room whatever is due; opens it when its time has come.
    pub(crate) fn visit(&mut self, number: u32, now: Time) {
        let Some(place) = self.places.get(&number) else { return };
        match &place.stage {
            Stage::Waits(_) if place.started <= now => self.open(number),
            Stage::Waits(_) | Stage::Empty => {}
            Stage::Lives(_) => self.with(number, now, Room::advance),
        }
    }

    /// Does something in a room, if it lives, which is told what time of its own it is.
    pub(crate) fn with(&mut self, number: u32, now: Time, act: impl FnOnce(&mut Room, Time)) {
        let Some(place) = self.places.get_mut(&number) else { return };
        let own = Time::from_us(now.as_us().saturating_sub(place.started.as_us()));
        if let Stage::Lives(room) = &mut place.stage {
            guarded(room, |room| act(room, own));
            self.settle(number);
        }
    }

    /// The same in a room that lives or waits for its time, which then has come.
    pub(crate) fn reach(&mut self, number: u32, now: Time, act: impl FnOnce(&mut Room, Time)) {
        self.open(number);
        self.with(number, now, act);
    }

    /// Something has come for a room from elsewhere: when it wants to be visited is asked anew.
    pub(crate) fn refresh(&mut self, number: u32) {
        if self.places.get(&number).is_some_and(|place| matches!(place.stage, Stage::Lives(_))) {
            self.settle(number);
        }
    }

    /// Every room that lives does this, in the order of their numbers; those that have not begun never do, and are counted.
    pub(crate) fn end_all(&mut self, now: Time, act: fn(&mut Room, Time)) -> usize {
        let before = self.places.len();
        self.places.retain(|_, place| matches!(place.stage, Stage::Lives(_)));
        let dropped = before - self.places.len();
        let numbers: Vec<u32> = self.places.keys().copied().collect();
        numbers.into_iter().for_each(|number| self.with(number, now, act));
        dropped
    }

    /// Leaves every room as it is; what each has come to is told.
    pub(crate) fn leave_all(&mut self) {
        let numbers: Vec<u32> = self.places.keys().copied().collect();
        numbers.into_iter().for_each(|number| self.leave(number));
    }

    /// Opens a room that waits.
    fn open(&mut self, number: u32) {
        let Some(place) = self.places.get_mut(&number) else { return };
        let started = place.started;
        let order = match std::mem::replace(&mut place.stage, Stage::Empty) {
            Stage::Waits(order) => order,
            other => return place.stage = other,
        };
        place.next = None;
        let Some(mut room) = self.keeper.open(number, started, order).map(Box::new) else {
            self.places.remove(&number);
            return;
        };
        guarded(&mut room, Room::begin);
        if let Some(place) = self.places.get_mut(&number) {
            place.stage = Stage::Lives(room);
        }
        self.settle(number);
    }

    /// Takes up what a room has to tell, and when it wants to be visited again.
    fn settle(&mut self, number: u32) {
        let Some(place) = self.places.get_mut(&number) else { return };
        let Stage::Lives(room) = &mut place.stage else { return };
        let entries = room.take_entries();
        if !entries.is_empty() {
            self.keeper.entries(entries);
        }
        match room.next().map(|at| Time::from_us(place.started.as_us().saturating_add(at.as_us()))) {
            Some(at) if place.next == Some(at) => {}
            Some(at) => {
                place.next = Some(at);
                self.agenda.push(Reverse((at, number)));
            }
            None => self.leave(number),
        }
    }

    /// A room is left: what it came to is told, the rest is dropped.
    fn leave(&mut self, number: u32) {
        let Some(place) = self.places.remove(&number) else { return };
        let Stage::Lives(mut room) = place.stage else { return };
        let result = room.result();
        let entries = room.take_entries();
        if !entries.is_empty() {
            self.keeper.entries(entries);
        }
        self.keeper.ended(result);
    }
}

/// Runs something in a room; a panic there becomes that session's failure, and the others live.
fn guarded(room: &mut Room, act: impl FnOnce(&mut Room)) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| act(room))) {
        room.broke(panic_text(panic.as_ref()));
    }
}
