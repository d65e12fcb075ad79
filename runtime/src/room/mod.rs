//! A room: one session with everything around it, that is its script, the far ends of its calls, its connections and its
//! requests. It carries what one says to the others at one instant, in a fixed order: first the script, then the far ends,
//! then the connections in the order in which they were opened, then requests, then the session's own deadline. What any of
//! them is, it does not know: in virtual time and live they are different, and the room is the same. All times here are
//! the session's.

mod carry;
mod conversation;
mod far_ends;
mod lines;
mod outside;
mod questions;
mod result;
mod rooms;
mod setup;
mod storage;

use std::sync::Arc;

use serde_json::{Value, json};
use voxrun_bindings::connection::{FromPipe, FromTransfer};
use voxrun_bindings::contract::{CallFacts, Remark, Time, UnitId};

pub use self::conversation::{TurnTiming, UNINTELLIGIBLE, Utterance, Who, sort, turns};
use self::far_ends::FarEnds;
pub use self::far_ends::{Exchange, FarEnd, FromFarEnd, Person};
use self::lines::Lines;
pub use self::outside::{Archive, Asked, Dial, Dialled, Fetching, Line, Script, Witness};
use self::questions::Questions;
pub(crate) use self::result::Gathered;
pub use self::result::{Bounds, CallAudio, Failure, RunResult, SessionResult};
pub(crate) use self::rooms::{Keeper, Rooms};
pub use self::setup::RoomSetup;
use self::storage::Stored;
pub use self::storage::{Storage, StorageKeeper};
use crate::journal::{Entry, EntryKind};
use crate::session::{Input, LegInput, Question, Session};
use voxrun_bindings::contract::limit::LimitUse;

/// Events that may wait for a script before nothing more is taken from its providers (policy F-109).
const MOST_WAITING_EVENTS: usize = 1_000;

/// A session that was told to stop and has not by then is abandoned, milliseconds: longer than any wait the platform
/// allows at the end.
const SHUTDOWN_PATIENCE_MS: u64 = 120_000;

/// One session and what surrounds it.
pub struct Room {
    number: u32,
    started: Time,
    session: Session,
    script: Box<dyn Script>,
    far_ends: FarEnds,
    exchange: Box<dyn Exchange>,
    lines: Lines,
    questions: Questions,
    stored: Stored,
    archive: Option<Arc<dyn Archive>>,
    /// Sees what comes in and goes out.
    witness: Option<Box<dyn Witness>>,
    now: Time,
    wait: Option<Time>,
    over: bool,
    rounds: u32,
    /// Its providers had to wait for its script.
    held_back: bool,
    bounds: Bounds,
    shut_down_at: Option<Time>,
    failure: Option<Failure>,
    journal: Vec<Entry>,
}

impl Room {
    /// A room in which nothing has happened yet.
    #[must_use]
    pub fn new(
        setup: RoomSetup,
        script: Box<dyn Script>,
        dial: Box<dyn Dial>,
        exchange: Box<dyn Exchange>,
    ) -> Room {
        let number = setup.session.number;
        Room {
            number,
            started: setup.started,
            session: Session::new(setup.session),
            script,
            far_ends: FarEnds::default(),
            exchange,
            lines: Lines::new(number, setup.epoch_ms, setup.faults, dial),
            questions: Questions::new(setup.questions),
            stored: Stored::new(setup.storage, setup.epoch_ms),
            archive: setup.archive,
            witness: None,
            now: Time::ZERO,
            // The first thing that happens is the start.
            wait: Some(Time::ZERO),
            over: false,
            rounds: 0,
            held_back: false,
            bounds: setup.bounds,
            shut_down_at: None,
            failure: None,
            journal: Vec::new(),
        }
    }

    /// From now on this sees what comes in and goes out.
    pub fn set_witness(&mut self, witness: Box<dyn Witness>) {
        self.witness = Some(witness);
    }

    /// Before its beginning: it begins with a call of these facts, and this is at the call's other end.
    pub fn set_caller(&mut self, facts: CallFacts, far_end: Box<dyn FarEnd>) {
        self.far_ends.add_caller(far_end);
        self.session.handle_input(Time::ZERO, Input::IncomingCall(facts));
    }

    /// Begins: the scenario's top-level code runs, and a call that came in is told.
    pub fn begin(&mut self) {
        self.wait = None;
        if let Some(turn) = self.script.start(Time::ZERO) {
            self.feed(Input::Script(turn));
        }
        self.pump();
    }

    /// Another call of these facts comes in now, with this at its other end.
    pub fn call_in(&mut self, now: Time, facts: CallFacts, far_end: Box<dyn FarEnd>) {
        if self.over {
            return;
        }
        self.now = self.now.max(now);
        self.far_ends.add_caller(far_end);
        self.feed(Input::IncomingCall(facts));
        self.pump();
    }

    /// When the next thing happens here, in the session's time; `None` when it is over.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        if self.over {
            return None;
        }
        let line = self.lines.line_deadline().filter(|_| !self.is_behind());
        let fetch = self.lines.fetch_deadline();
        let (asked, stored) = (self.questions.next_at(), self.stored.next_at());
        let script = self.script.deadline();
        let next = [self.wait, self.far_ends.deadline(), line, fetch, stored, asked, script]
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.max(self.now));
        // A session that waits for nothing at all would never end: the bound ends it.
        let last = self.abandoned_at().unwrap_or(self.bound()).max(self.now);
        Some(next.map_or(last, |next| next.min(last)))
    }

    /// Lets everything happen that is due at `now`.
    pub fn advance(&mut self, now: Time) {
        let now = now.max(self.now);
        if now > self.now {
            self.rounds = 0;
        }
        if now >= self.bound() && self.shut_down_at.is_none() {
            self.now = self.bound().max(self.now);
            return self.shut_down(Failure::TooLong(self.bounds.session_ms / 1000));
        }
        if self.abandoned_at().is_some_and(|at| now >= at) {
            self.over = true;
            return;
        }
        self.now = now;
        while !self.over && self.one_thing() {
            self.rounds += 1;
            if self.rounds > self.bounds.rounds {
                return self.does_not_rest();
            }
        }
    }

    /// Whoever is at the first call does this, if it can be told to; then everything happens that is due.
    pub fn tell_person(&mut self, now: Time, tell: impl FnOnce(&mut dyn Person)) {
        if self.over {
            return;
        }
        if let Some(person) = self.far_ends.first_person() {
            tell(person);
        }
        self.advance(now);
    }

    /// The operator ends the run: calls are hung up in order.
    pub fn stop(&mut self, now: Time) {
        self.advance(now);
        if !self.over && self.shut_down_at.is_none() {
            if let Some(witness) = &mut self.witness {
                witness.shutdown(self.now);
            }
            self.shut_down_at = Some(self.now);
            self.feed(Input::Stop);
            self.pump();
        }
    }

    /// Marks the session as broken: nothing in it is touched any more.
    pub fn broke(&mut self, what: String) {
        self.over = true;
        self.write("", EntryKind::Error, "internal", json!({ "message": what }));
        self.failure = Some(Failure::Broken(what));
    }

    /// A remark about the session.
    pub fn note(&mut self, remark: &Remark) {
        self.session.note(self.now, None, remark);
        self.collect();
    }

    /// A line of the journal about the session.
    pub(crate) fn write(&mut self, unit: &str, kind: EntryKind, name: &str, data: Value) {
        let now = self.now;
        self.session.journal().write(now, unit, kind, name, data);
        self.collect();
    }

    /// What the journal says since the last call.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        let mut entries = std::mem::take(&mut self.journal);
        entries.append(&mut self.session.journal().take());
        entries
    }

    /// What it came to.
    pub fn result(&mut self) -> SessionResult {
        let now = self.now;
        self.over = true;
        self.far_ends.each(|far_end| far_end.line_dead(now));
        self.pump();
        let conversation = self.far_ends.conversation();
        let mut report = self.session.report();
        let backlog = self.lines.backlog();
        report.limits.extend(backlog.map(|(peak, limit)| LimitUse { name: "unsent_bytes", peak, limit }));
        SessionResult {
            number: self.number,
            started_ms: self.started.as_ms(),
            ended_ms: now.as_ms(),
            turns: turns(&conversation),
            conversation,
            others: self.far_ends.other_conversations(),
            failure: self.failure.take(),
            usage: self.script.usage(),
            report,
            audio: self.audio(),
            unfired_faults: self.lines.unfired(),
        }
    }

    fn audio(&self) -> Option<CallAudio> {
        let recorder = self.session.recording(self.far_ends.first_call()?)?;
        Some(CallAudio { rate_hz: recorder.rate().hz(), samples: recorder.stereo() })
    }

    /// When the session has lasted too long.
    fn bound(&self) -> Time {
        Time::from_ms(self.bounds.session_ms)
    }

    /// When a session that was told to stop is waited for no longer.
    fn abandoned_at(&self) -> Option<Time> {
        self.shut_down_at.map(|at| at.plus_ms(SHUTDOWN_PATIENCE_MS))
    }

    /// Too much happens at one instant.
    fn does_not_rest(&mut self) {
        if self.shut_down_at.is_some() {
            self.over = true;
        } else {
            self.rounds = 0;
            self.shut_down(Failure::Restless(self.bounds.rounds));
        }
    }

    /// Does the first thing that is due; tells whether there was one.
    fn one_thing(&mut self) -> bool {
        let now = self.now;
        if let Some(turn) = self.script.poll(now) {
            self.feed(Input::Script(turn));
        } else if let Some(what) = self.script.broken() {
            self.shut_down(Failure::Broken(what));
        } else if self.far_ends.advance(now) || (!self.is_behind() && self.lines.advance(now)) {
            // What happened is carried below.
        } else if let Some((unit, fetch, item)) = self.lines.poll_fetch(now) {
            self.take_of_fetch(unit, fetch, item);
        } else if let Some((unit, answer)) = self.stored.pop_due(now) {
            self.feed(Input::Stored { unit, answer: Ok(answer) });
        } else if let Some((request, question)) = self.questions.pop_due(now) {
            self.feed(match question.method == Question::SOCKET {
                true => Input::Visited { question },
                false => Input::Asked { request, question },
            });
        } else if self.wait.is_some_and(|at| at <= now) {
            self.wait = None;
            self.feed(Input::Deadline);
        } else {
            return false;
        }
        self.pump();
        true
    }

    /// Carries what the far ends and the connections have to say to the session until nobody says anything more.
    fn pump(&mut self) {
        loop {
            // What a far end heard last is told even when the session is over.
            if let Some((call, item)) = self.far_ends.poll() {
                self.take_of_far_end(call, item);
                continue;
            }
            if self.over {
                break;
            }
            if self.is_behind() {
                self.hold_back();
                break;
            }
            let Some((unit, item)) = self.lines.poll() else { break };
            self.take_of_line(unit, item);
        }
        self.lines.sweep();
    }

    /// Whether the script has so much to hear that its providers have to wait. Never so in virtual time, where it hears
    /// everything at once.
    fn is_behind(&self) -> bool {
        self.session.waiting_events() >= MOST_WAITING_EVENTS
    }

    /// Says once that the providers wait.
    fn hold_back(&mut self) {
        if !std::mem::replace(&mut self.held_back, true) {
            let text = format!(
                "{MOST_WAITING_EVENTS} events wait for the script: what its providers send is taken more slowly from here on"
            );
            self.note(&Remark::of("F-109", text));
        }
    }

    fn take_of_far_end(&mut self, call: UnitId, item: FromFarEnd) {
        let placed = self.far_ends.is_placed(call);
        match item {
            FromFarEnd::Leg(_) if self.over => {}
            FromFarEnd::Leg(input) => self.take_of_leg(call, placed, input),
            FromFarEnd::Said(utterance) => {
                if let Some(witness) = self.witness.as_mut().filter(|_| !placed) {
                    witness.said(&utterance);
                }
                self.write_of(call, EntryKind::Media, "said", shown(&utterance, placed));
            }
            FromFarEnd::Heard(utterance) => {
                let name = if utterance.cut { "cut" } else { "heard" };
                self.write_of(call, EntryKind::Media, name, shown(&utterance, placed));
            }
            FromFarEnd::Note(remark) => self.note_of(call, &remark),
            // It takes the place of the line that began at the same time.
            FromFarEnd::BrokenOff(utterance) => {
                self.write_of(call, EntryKind::Media, "cut", shown(&utterance, placed));
            }
            FromFarEnd::Pressed(key) => {
                self.write_of(call, EntryKind::Media, "pressed", json!({ "key": key.to_string() }));
            }
        }
    }

    fn take_of_leg(&mut self, call: UnitId, placed: bool, input: LegInput) {
        if let Some(witness) = self.witness.as_mut().filter(|_| !placed) {
            witness.leg(self.now, &input);
        }
        if matches!(input, LegInput::HangUp { .. }) {
            let by = if placed { "callee" } else { "caller" };
            self.write_of(call, EntryKind::Media, "hung_up", json!({ "by": by }));
        }
        self.feed(Input::Leg { call, input });
    }

    fn take_of_line(&mut self, unit: UnitId, item: FromPipe) {
        match item {
            FromPipe::Socket(input) => {
                self.witnessed(unit, |witness, now, unit| witness.socket(now, unit, &input));
                self.feed(Input::Socket { unit, input });
            }
            FromPipe::Heard(text) => {
                self.write_of(unit, EntryKind::Media, "understood", json!({ "text": text }));
            }
            FromPipe::Fault(fault) => self.struck(unit, &fault),
            FromPipe::Note(remark) => self.note_of(unit, &remark),
            FromPipe::Broken(what) => self.our_mistake(unit, what),
        }
    }

    fn take_of_fetch(&mut self, unit: UnitId, fetch: u32, item: FromTransfer) {
        match item {
            FromTransfer::Fault(fault) => self.struck(unit, &fault),
            FromTransfer::Note(remark) => self.note_of(unit, &remark),
            FromTransfer::Came(outcome) => {
                self.witnessed(unit, |witness, now, unit| witness.fetched(now, unit, &outcome));
                self.feed(Input::Fetched { unit, fetch, outcome });
            }
        }
    }

    /// Lets the witness see something of a unit, with the unit's name.
    fn witnessed(&mut self, unit: UnitId, see: impl FnOnce(&mut dyn Witness, Time, &str)) {
        if let Some(witness) = &mut self.witness {
            see(witness.as_mut(), self.now, &self.session.unit_name(unit));
        }
    }

    fn shut_down(&mut self, failure: Failure) {
        self.write("", EntryKind::Error, "limit", json!({ "message": failure.to_string() }));
        self.failure.get_or_insert(failure);
        self.shut_down_at = Some(self.now);
        self.feed(Input::Shutdown);
        self.pump();
    }

    fn struck(&mut self, unit: UnitId, fault: &str) {
        self.write_of(unit, EntryKind::Note, "fault", json!({ "fault": fault }));
    }

    fn our_mistake(&mut self, unit: UnitId, what: String) {
        self.write_of(unit, EntryKind::Error, "internal", json!({ "message": what }));
        self.failure.get_or_insert(Failure::Broken(what));
    }

    fn note_of(&mut self, unit: UnitId, remark: &Remark) {
        self.session.note(self.now, Some(unit), remark);
        self.collect();
    }

    fn write_of(&mut self, unit: UnitId, kind: EntryKind, name: &str, data: Value) {
        let unit = self.session.unit_name(unit);
        self.write(&unit, kind, name, data);
    }

    /// Takes the session's journal.
    fn collect(&mut self) {
        self.journal.extend(self.session.journal().take());
    }
}

/// An utterance for the journal; one at the far end of a call that was placed says so.
fn shown(utterance: &Utterance, placed: bool) -> Value {
    let mut data = serde_json::to_value(utterance).unwrap_or_default();
    if placed {
        data["at"] = "callee".into();
    }
    data
}
