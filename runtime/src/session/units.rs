//! The units of a session, all in one table: its calls, and what the kinds of the inventory make. Each keeps its own state;
//! here stands who is there, in which order they are asked, and since when no call is left.

use std::collections::BTreeMap;

use serde_json::json;
use voxrun_audio::Frame;
use voxrun_bindings::contract::{CallAsk, CallFacts, Datum, Outcome, RequestId, Time, UnitId};
use voxrun_bindings::contract::{HostEvent, MediaAsk};
use voxrun_bindings::wire::{HttpOutcome, Playout, SocketInput, StoreAnswer, ToUnit};

use super::Due;
use super::call::{self, Attempts, CallUnit};
use super::desk::Desk;
use super::io::LegInput;
use super::life::FinishReason;
use super::machine::{self, MachineUnit};
use crate::journal::EntryKind;

/// One unit. Boxed: a tree's leaf has room for eleven, and a session has seldom more than three.
#[derive(Debug)]
enum Slot {
    Call(Box<CallUnit>),
    Machine(Box<MachineUnit>),
}

/// Every unit that a session has had.
#[derive(Debug)]
pub(super) struct Units {
    slots: BTreeMap<UnitId, Slot>,
    attempts: Attempts,
    /// Since when there is no call, if there is none.
    idle_since: Option<Time>,
}

impl Units {
    /// None yet.
    pub(super) fn new() -> Units {
        Units { slots: BTreeMap::new(), attempts: Attempts::default(), idle_since: Some(Time::ZERO) }
    }

    /// Since when there is no call, if there is none.
    pub(super) fn idle_since(&self) -> Option<Time> {
        self.idle_since
    }

    /// A call comes in.
    pub(super) fn incoming(&mut self, desk: &mut Desk, facts: CallFacts) {
        // Calls that the script placed have numbers of its own.
        let came = self.calls().filter(|(id, _)| id.0 < UnitId::FIRST_OF_SCRIPT).count();
        let id = UnitId(u32::try_from(came + 1).unwrap_or(UnitId::FIRST_OF_SCRIPT - 1));
        let call = CallUnit::incoming(id, facts, desk);
        self.slots.insert(id, Slot::Call(Box::new(call)));
        self.idle_since = None;
    }

    /// A script asks something of a call.
    pub(super) fn ask_call(&mut self, desk: &mut Desk, id: UnitId, ask: CallAsk) {
        match ask {
            CallAsk::Place { facts } => self.place(desk, id, facts),
            ask => match self.slots.get_mut(&id) {
                Some(Slot::Call(call)) => {
                    call.ask(desk, ask);
                    self.call_done(desk);
                }
                _ => call::did_nothing(desk, id, ask.member(), "there is no such call"),
            },
        }
    }

    fn place(&mut self, desk: &mut Desk, id: UnitId, facts: CallFacts) {
        if self.slots.contains_key(&id) {
            return desk.scribe.fail("place", "a unit was placed twice", FinishReason::Internal);
        }
        let on_their_way = self.calls().filter(|(_, call)| call.is_on_its_way()).count();
        if let Some(call) = CallUnit::placed(id, facts, &mut self.attempts, on_their_way, desk) {
            self.slots.insert(id, Slot::Call(Box::new(call)));
            self.idle_since = None;
        }
    }

    /// Something from the far end of a call.
    pub(super) fn far_end(&mut self, desk: &mut Desk, id: UnitId, input: LegInput) {
        if let Some(Slot::Call(call)) = self.slots.get_mut(&id) {
            call.far_end(desk, input);
            self.call_done(desk);
        }
    }

    /// Opens a unit.
    pub(super) fn open(
        &mut self,
        desk: &mut Desk,
        id: UnitId,
        kind: &str,
        request: Option<RequestId>,
        params: &[Datum],
    ) {
        if let Some(mut unit) = self.make(desk, id, kind, request) {
            unit.start(desk, params);
            self.slots.insert(id, Slot::Machine(Box::new(unit)));
        }
    }

    /// A unit that is one more of its role than the platform allows.
    pub(super) fn refuse(&mut self, desk: &mut Desk, id: UnitId, kind: &str, request: Option<RequestId>) {
        if let Some(mut unit) = self.make(desk, id, kind, request) {
            unit.refuse(desk);
            self.slots.insert(id, Slot::Machine(Box::new(unit)));
        }
    }

    fn make(
        &self,
        desk: &mut Desk,
        id: UnitId,
        kind: &str,
        request: Option<RequestId>,
    ) -> Option<MachineUnit> {
        let Some(kind) = (desk.setup.inventory)(kind) else {
            let text = format!("there is no kind of unit named `{kind}`");
            desk.scribe.write("", EntryKind::Error, "open", json!({ "message": text }));
            if let Some(request) = request {
                desk.scribe.event(HostEvent::Settle { request, outcome: Outcome::failed(text) });
            }
            return None;
        };
        if self.slots.contains_key(&id) {
            desk.scribe.fail("open", "a unit was opened twice", FinishReason::Internal);
            return None;
        }
        MachineUnit::new(id, kind, request, desk)
    }

    /// A method that only the unit's own machine understands.
    pub(super) fn tell(&mut self, desk: &mut Desk, id: UnitId, method: &str, params: &[Datum]) {
        match self.machine(id) {
            Some(unit) => unit.tell(desk, method, params),
            None => machine::did_nothing(desk, id, method, "it was not opened"),
        }
    }

    /// `client.close()`, `player.stop()`
    pub(super) fn close(&mut self, desk: &mut Desk, id: UnitId, stop: bool) {
        if let Some(unit) = self.machine(id) {
            unit.close(desk, stop);
            self.tell_links(desk);
        }
    }

    /// What a script asks of the sound: who hears whom is the sound's, what waits to be heard the unit's.
    pub(super) fn ask_media(&mut self, desk: &mut Desk, ask: MediaAsk) {
        if let MediaAsk::Clear { unit: id } = ask {
            let Some(unit) = self.machine(id) else {
                let text = format!("clearing {} did nothing: there is no such unit", desk.scribe.name_of(id));
                return desk.scribe.note(Some("F-037"), &text);
            };
            return unit.clear(desk);
        }
        let paused = match ask {
            MediaAsk::Pause { unit, paused } => Some((unit, paused)),
            _ => None,
        };
        desk.sound.ask(&mut desk.scribe, ask);
        if let Some((unit, paused)) = paused
            && let Some(unit) = self.machine(unit)
        {
            unit.drive(desk, ToUnit::Paused { paused });
        }
        self.tell_links(desk);
    }

    /// Tells units of links to them that came or went.
    fn tell_links(&mut self, desk: &mut Desk) {
        while let Some(change) = desk.sound.change() {
            if let Some(unit) = self.machine(change.to) {
                unit.drive(desk, ToUnit::Source { from: change.from, with: change.with.as_ref() });
            }
        }
    }

    /// Something on a unit's socket.
    pub(super) fn socket(&mut self, desk: &mut Desk, id: UnitId, input: &SocketInput) {
        match self.machine(id) {
            Some(unit) => {
                unit.socket(desk, input);
                self.tell_links(desk);
            }
            None => {
                let text = "something came on a socket that nobody opened; it is ignored";
                desk.scribe.note(None, text);
            }
        }
    }

    /// What came of something that a unit wanted over HTTP.
    pub(super) fn fetched(&mut self, desk: &mut Desk, id: UnitId, fetch: u32, outcome: &HttpOutcome) {
        if let Some(unit) = self.machine(id) {
            unit.fetched(desk, fetch, outcome);
            self.tell_links(desk);
        }
    }

    /// An answer of the storage.
    pub(super) fn stored(&mut self, desk: &mut Desk, id: UnitId, answer: &Result<StoreAnswer, String>) {
        if let Some(unit) = self.machine(id) {
            unit.stored(desk, answer);
            self.tell_links(desk);
        }
    }

    /// Sound that reaches a unit on a tick.
    pub(super) fn hear(&mut self, desk: &mut Desk, id: UnitId, at: Time, frame: Frame) {
        match self.slots.get_mut(&id) {
            Some(Slot::Call(call)) => call.hear(desk, at, frame),
            Some(Slot::Machine(unit)) => unit.hear(desk, &frame),
            None => {}
        }
    }

    /// What became of a unit's playout queue on a tick.
    pub(super) fn playout(&mut self, desk: &mut Desk, id: UnitId, playout: Playout) {
        if let Some(unit) = self.machine(id) {
            unit.playout(desk, playout);
            self.tell_links(desk);
        }
    }

    /// What units wait for, and when.
    pub(super) fn deadlines(&self, limits: bool) -> impl Iterator<Item = (Time, Due)> {
        self.slots.iter().filter_map(move |(id, slot)| match slot {
            Slot::Call(call) => Some((call.deadline(limits)?, Due::Call(*id))),
            Slot::Machine(unit) => Some((unit.deadline()?, Due::Unit(*id))),
        })
    }

    /// A unit's instant has come.
    pub(super) fn due(&mut self, desk: &mut Desk, id: UnitId) {
        match self.slots.get_mut(&id) {
            Some(Slot::Call(call)) => {
                call.due(desk);
                self.call_done(desk);
            }
            Some(Slot::Machine(unit)) => {
                unit.due(desk);
                self.tell_links(desk);
            }
            None => {}
        }
    }

    /// The session ends, or its operator ends the run: so does every call, in the order they came.
    pub(super) fn hang_up_all(&mut self, desk: &mut Desk) {
        for slot in self.slots.values_mut() {
            if let Slot::Call(call) = slot {
                call.session_ends(desk);
            }
        }
        self.call_done(desk);
    }

    /// The session ends: calls are hung up, then the other units closed, each in the order they came.
    pub(super) fn tear_down(&mut self, desk: &mut Desk) {
        self.hang_up_all(desk);
        for slot in self.slots.values_mut() {
            if let Slot::Machine(unit) = slot {
                unit.close(desk, false);
            }
        }
        self.tell_links(desk);
    }

    /// The calls, in the order of their numbers.
    pub(super) fn calls(&self) -> impl Iterator<Item = (UnitId, &CallUnit)> {
        self.slots.iter().filter_map(|(id, slot)| match slot {
            Slot::Call(call) => Some((*id, &**call)),
            Slot::Machine(_) => None,
        })
    }

    /// Whether there is such a unit, and it is not over.
    pub(super) fn is_open(&self, id: UnitId) -> bool {
        match self.slots.get(&id) {
            Some(Slot::Call(call)) => call.is_live(),
            Some(Slot::Machine(unit)) => unit.is_open(),
            None => false,
        }
    }

    /// One call.
    pub(super) fn call(&self, id: UnitId) -> Option<&CallUnit> {
        match self.slots.get(&id)? {
            Slot::Call(call) => Some(call),
            Slot::Machine(_) => None,
        }
    }

    /// One call, for taking something of it away.
    pub(super) fn call_mut(&mut self, id: UnitId) -> Option<&mut CallUnit> {
        match self.slots.get_mut(&id)? {
            Slot::Call(call) => Some(call),
            Slot::Machine(_) => None,
        }
    }

    /// Frames of sound that units were given, and messages of sound that they sent on.
    pub(super) fn frames(&self) -> (u64, u64) {
        let frames = self.slots.values().map(|slot| match slot {
            Slot::Call(_) => (0, 0),
            Slot::Machine(unit) => unit.frames(),
        });
        frames.fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1))
    }

    fn machine(&mut self, id: UnitId) -> Option<&mut MachineUnit> {
        match self.slots.get_mut(&id)? {
            Slot::Machine(unit) => Some(unit),
            Slot::Call(_) => None,
        }
    }

    /// A call may have ended: was it the last?
    fn call_done(&mut self, desk: &mut Desk) {
        if self.calls().any(|(_, call)| call.is_live()) {
            self.idle_since = None;
        } else {
            self.idle_since.get_or_insert(desk.scribe.now());
        }
        self.tell_links(desk);
    }
}
