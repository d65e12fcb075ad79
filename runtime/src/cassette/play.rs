//! The playing side: the caller and the providers of a cassette stand in for the real ones, and whatever the script sends
//! is held against what it sent when the cassette was recorded.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use voxrun_audio::g711::{Law, decode_frame};
use voxrun_bindings::connection::{Faults, FromPipe, FromTransfer};
use voxrun_bindings::contract::{CallFacts, Remark, Time, UnitId};
use voxrun_bindings::engine::Engine;
use voxrun_bindings::wire::{HttpError, HttpOutcome, SocketInput, WireFrame, WireName};

use super::same::Ids;
use super::tape::{HTTP, address, message_of, request_of};
use super::{Cassette, FRAME_CODES, Line as Taped, OnSocket};
use crate::journal::text::clock;
use crate::journal::{Entry, EntryKind, Journal};
use crate::room::{
    self, Asked, Dial, Dialled, FarEnd, Fetching, FromFarEnd, Gathered, Keeper, Line, Room, Rooms, RunResult,
    SessionResult, Utterance,
};
use crate::session::{LegInput, LegOutput};
use crate::simulate::{Ear, WorldSetup};

/// How much earlier than it was recorded something may be done: the time that a live script may have taken to think.
const EARLY_MS: u64 = 1_500;

/// The first thing in which a replay differs from its cassette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// When, in the session's time.
    pub at: Time,
    /// When what was recorded in its place was done.
    pub recorded: Option<Time>,
    /// Which connection (`openai#1`).
    pub unit: String,
    /// What the script did.
    pub what: String,
    /// The first key that differs, when it is a message of the same name.
    pub key: Option<String>,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", clock(self.at.as_us()), self.unit, self.what)?;
        match self.recorded {
            Some(recorded) => write!(f, " (recorded at {})", clock(recorded.as_us())),
            None => Ok(()),
        }
    }
}

/// What a replay came to.
#[derive(Debug)]
pub struct Replayed {
    /// As of any run in virtual time.
    pub run: RunResult,
    /// The first difference, if there is one.
    pub divergence: Option<Divergence>,
}

/// Something that a cassette's session did towards a provider.
#[derive(Debug)]
enum Act {
    Connect(String),
    Send(String, Value),
    Close(u16),
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Connect(url) => write!(f, "a connection to {url}"),
            Act::Send(name, _) => write!(f, "{name}"),
            Act::Close(code) => write!(f, "a close with {code}"),
        }
    }
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// An act as it was recorded.
#[derive(Debug)]
struct Recorded {
    at: Time,
    /// How much had come on the connection before it.
    after: usize,
    act: Act,
}

/// What is left of the cassette for the connections.
#[derive(Debug, Default)]
struct Tape {
    acts: BTreeMap<String, VecDeque<Recorded>>,
    /// How much has come on each connection.
    delivered: BTreeMap<String, usize>,
    /// The cassette is at its end although the session was not: nothing is compared any more.
    broke_off: bool,
    inputs: BTreeMap<String, VecDeque<(Time, OnSocket)>>,
    /// What came of requests over HTTP, by unit.
    fetched: BTreeMap<String, VecDeque<(Time, HttpOutcome)>>,
    ids: Ids,
    divergence: Option<Divergence>,
}

impl Tape {
    /// The script does something: is it what it did then, and is it done when it was?
    fn compare(&mut self, now: Time, unit: &str, act: &Act) {
        if self.broke_off {
            return;
        }
        let expected = self.acts.get_mut(unit).and_then(VecDeque::pop_front);
        let recorded = expected.as_ref().map(|expected| expected.at);
        let mut key = None;
        let what = match (expected.as_ref().map(|expected| &expected.act), act) {
            (Some(Act::Send(name, taped)), Act::Send(same, replayed)) if name == same => {
                self.ids.difference(taped, replayed).map(|difference| {
                    let place = &difference.place;
                    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
                    key = Some(place.clone());
                    format!("{name} says {}{at}, and said {}", difference.replayed, difference.taped)
                })
            }
            // Where a provider is reached is the configuration's to say, not the script's.
            (Some(Act::Connect(url)), Act::Connect(other)) if path_of(url) == path_of(other) => None,
            (Some(Act::Close(code)), Act::Close(same)) if code == same => None,
            (Some(expected), act) => Some(format!("{act} instead of {expected}")),
            (None, act) => Some(format!("{act}, and the cassette has nothing more here")),
        };
        let what = what.or_else(|| self.misplaced(now, unit, expected.as_ref()?));
        if let Some(what) = what {
            self.divergence.get_or_insert(Divergence { at: now, recorded, unit: unit.to_owned(), what, key });
        }
    }

    /// The same act at another time: after something that followed it then, or long before.
    fn misplaced(&self, now: Time, unit: &str, expected: &Recorded) -> Option<String> {
        let act = &expected.act;
        if self.delivered.get(unit).copied().unwrap_or(0) > expected.after {
            return Some(format!("{act} comes later than it did: the provider has gone on by then"));
        }
        (now.plus_ms(EARLY_MS) < expected.at).then(|| format!("{act} comes earlier than it did"))
    }

    /// What was done then and not now.
    fn missing(&mut self) {
        if self.broke_off {
            return;
        }
        let first = self.acts.iter().filter_map(|(unit, acts)| Some((unit, acts.front()?)));
        if let Some((unit, recorded)) = first.min_by_key(|(_, recorded)| recorded.at) {
            let what = format!("{} is missing", recorded.act);
            let missing = Divergence { at: recorded.at, recorded: None, unit: unit.clone(), what, key: None };
            self.divergence.get_or_insert(missing);
        }
    }
}

/// Plays a cassette in virtual time. `setup` gives the scenarios, secrets and limits; seed, date, call and custom data are
/// the cassette's. Run it on a thread with a large stack.
///
/// # Errors
/// When the engine cannot be made.
pub fn replay(setup: &WorldSetup, cassette: &Cassette) -> Result<Replayed, String> {
    let header = &cassette.header;
    let setup = WorldSetup {
        seed: header.seed,
        epoch_ms: header.epoch_ms,
        custom_data: header.custom_data.clone(),
        verbatim: header.verbatim,
        placeholder_secrets: true,
        storage: setup.storage.fork(),
        ..setup.clone()
    };
    let (caller, tape, shutdown) = wind(&cassette.lines);
    let ends = cassette.lines.iter().any(|line| matches!(line, Taped::End { .. }));
    let last = cassette.lines.iter().filter_map(Taped::at).max().unwrap_or_default();
    let tape = Rc::new(RefCell::new(tape));
    let engine = setup.engine(ONLY, Time::ZERO, &setup.scenarios, &setup.custom_data);
    let engine = Engine::new(engine, &voxrun_bindings::language())?;
    let keeper = Replay { setup, tape: Rc::clone(&tape), told: false, gathered: Gathered::default() };
    let mut rooms = Rooms::new(keeper);
    rooms.add(ONLY, Time::ZERO, (engine, header.call.clone(), caller));
    while let Some(at) = rooms.next() {
        if !ends && at > last && !std::mem::replace(&mut tape.borrow_mut().broke_off, true) {
            let text = "the cassette breaks off here: recording was cut short";
            rooms.with(ONLY, last, |room, now| {
                room.note(&Remark::new(text));
                room.stop(now);
            });
            continue;
        }
        match shutdown.filter(|stop| *stop <= at) {
            Some(stop) => rooms.with(ONLY, stop, Room::stop),
            None => rooms.pop_due(at).into_iter().for_each(|(number, at)| rooms.visit(number, at)),
        }
        if let Some(divergence) = rooms.keeper.first_divergence() {
            rooms.with(ONLY, at, |room, _| room.write("", EntryKind::Note, DIVERGENCE, divergence));
        }
    }
    let divergence = tape.borrow_mut().divergence.take();
    Ok(Replayed { run: rooms.keeper.gathered.finish(), divergence })
}

/// A cassette holds one session.
const ONLY: u32 = 1;
/// The name of the note of a divergence.
const DIVERGENCE: &str = "divergence";

/// What the room of a replay stands on.
struct Replay {
    setup: WorldSetup,
    tape: Rc<RefCell<Tape>>,
    /// The divergence stands in the journal.
    told: bool,
    gathered: Gathered,
}

impl Replay {
    /// The divergence for the journal, once.
    fn first_divergence(&mut self) -> Option<Value> {
        let tape = self.tape.borrow();
        let divergence = tape.divergence.as_ref().filter(|_| !self.told)?;
        self.told = true;
        Some(json!({ "text": divergence.to_string() }))
    }
}

impl Keeper for Replay {
    type Order = (Engine, CallFacts, TapeCaller);

    fn open(&mut self, number: u32, started: Time, order: Self::Order) -> Option<Room> {
        let (engine, facts, caller) = order;
        let dial = Box::new(TapeDial { tape: Rc::clone(&self.tape) });
        let setup = self.setup.room(number, started, self.setup.started.clone());
        let mut room = Room::new(setup, Box::new(engine), dial, Box::new(self.setup.callees.clone()));
        room.set_caller(facts, Box::new(caller));
        Some(room)
    }

    fn entries(&mut self, entries: Vec<Entry>) {
        self.gathered.entries(entries);
    }

    /// What was done then and not now is known at the end only.
    fn ended(&mut self, result: SessionResult) {
        self.tape.borrow_mut().missing();
        if let Some(data) = self.first_divergence() {
            let mut journal = Journal::new(ONLY);
            journal.write(Time::from_ms(result.ended_ms), "", EntryKind::Note, DIVERGENCE, data);
            self.entries(journal.take());
        }
        self.gathered.ended(result);
    }
}

/// Sorts the lines by whom they belong to.
fn wind(lines: &[Taped]) -> (TapeCaller, Tape, Option<Time>) {
    let mut caller = TapeCaller::default();
    let mut tape = Tape::default();
    let mut shutdown = None;
    let act = |tape: &mut Tape, unit: &String, t_us: u64, act| {
        let after = tape.inputs.get(unit).map_or(0, VecDeque::len);
        let recorded = Recorded { at: Time::from_us(t_us), after, act };
        tape.acts.entry(unit.clone()).or_default().push_back(recorded);
    };
    for line in lines {
        match line {
            Taped::Audio { at_us, mu_law } => caller.add_audio(at_us, mu_law),
            Taped::Digit { t_us, key } => caller.add(*t_us, LegInput::Digit(*key)),
            Taped::InDialog { t_us, request } => caller.add(*t_us, LegInput::InDialog(request.clone())),
            Taped::HangUp { t_us } => caller.add(*t_us, LegInput::HangUp { headers: Vec::new() }),
            Taped::Said { utterance } => caller.sayings.push_back(utterance.clone()),
            Taped::Shutdown { t_us } => shutdown = Some(Time::from_us(*t_us)),
            Taped::In { t_us, unit, socket } => {
                let inputs = tape.inputs.entry(unit.clone()).or_default();
                inputs.push_back((Time::from_us(*t_us), socket.clone()));
            }
            Taped::Connect { t_us, unit, url } => act(&mut tape, unit, *t_us, Act::Connect(url.clone())),
            Taped::Out { t_us, unit, name, message } => {
                act(&mut tape, unit, *t_us, Act::Send(name.clone(), message.clone()));
            }
            Taped::Fetched { t_us, unit, outcome } => {
                let fetched = tape.fetched.entry(unit.clone()).or_default();
                fetched.push_back((Time::from_us(*t_us), outcome.outcome()));
            }
            Taped::End { .. } => {}
            Taped::Close { t_us, unit, code } => act(&mut tape, unit, *t_us, Act::Close(*code)),
        }
    }
    caller.inputs.make_contiguous().sort_by_key(|(at, _)| *at);
    (caller, tape, shutdown)
}

/// The caller of a cassette: does what the real one did, and listens.
#[derive(Default)]
struct TapeCaller {
    inputs: VecDeque<(Time, LegInput)>,
    sayings: VecDeque<Utterance>,
    ear: Option<Ear>,
    over: bool,
    said: Vec<Utterance>,
    heard: Vec<Utterance>,
    out: VecDeque<FromFarEnd>,
}

impl TapeCaller {
    fn add(&mut self, t_us: u64, input: LegInput) {
        self.inputs.push_back((Time::from_us(t_us), input));
    }

    /// A damaged line is as much audio as it still holds.
    fn add_audio(&mut self, at_us: &[u64], mu_law: &str) {
        let codes = STANDARD.decode(mu_law).unwrap_or_default();
        for (t_us, frame) in at_us.iter().zip(codes.chunks_exact(FRAME_CODES)) {
            self.add(*t_us, LegInput::Audio(decode_frame(Law::Mu, frame)));
        }
    }

    fn collect(&mut self) {
        while let Some(utterance) = self.ear.as_mut().and_then(Ear::poll) {
            self.heard.push(utterance.clone());
            self.out.push_back(FromFarEnd::Heard(utterance));
        }
    }
}

impl FarEnd for TapeCaller {
    fn handle(&mut self, now: Time, output: &LegOutput) {
        let ear = self.ear.get_or_insert_with(|| Ear::new(Time::ZERO));
        match output {
            LegOutput::Audio(frame) if !self.over => {
                ear.hear(now, frame);
            }
            LegOutput::Rejected { .. } | LegOutput::HungUp { .. } => self.line_dead(now),
            _ => {}
        }
        self.collect();
    }

    fn media_cleared(&mut self, now: Time) {
        if let Some(ear) = &mut self.ear {
            ear.cleared(now);
        }
    }

    fn deadline(&self) -> Option<Time> {
        if self.over {
            return None;
        }
        let input = self.inputs.front().map(|(at, _)| *at);
        let saying = self.sayings.front().map(|said| Time::from_ms(said.start_ms));
        [input, saying, self.ear.as_ref().and_then(Ear::deadline)].into_iter().flatten().min()
    }

    fn advance(&mut self, now: Time) {
        while let Some(said) = self.sayings.pop_front_if(|said| Time::from_ms(said.start_ms) <= now) {
            self.said.push(said.clone());
            self.out.push_back(FromFarEnd::Said(said));
        }
        if let Some((_, input)) = self.inputs.pop_front_if(|(at, _)| *at <= now) {
            if matches!(input, LegInput::HangUp { .. }) {
                self.line_dead(now);
            }
            self.out.push_back(FromFarEnd::Leg(input));
        }
        if let Some(ear) = &mut self.ear {
            ear.advance(now);
        }
        self.collect();
    }

    fn poll(&mut self) -> Option<FromFarEnd> {
        self.out.pop_front()
    }

    fn line_dead(&mut self, now: Time) {
        if !self.over {
            self.over = true;
            if let Some(ear) = &mut self.ear {
                ear.hang_up(now);
            }
            self.collect();
        }
    }

    fn conversation(&self) -> Vec<Utterance> {
        let mut all: Vec<Utterance> = self.said.iter().chain(&self.heard).cloned().collect();
        room::sort(&mut all);
        all
    }
}

/// Gives each connection its part of the cassette.
struct TapeDial {
    tape: Rc<RefCell<Tape>>,
}

impl Dial for TapeDial {
    fn dial(&mut self, dialled: Dialled<'_>) -> Result<Box<dyn Line>, String> {
        let mut tape = self.tape.borrow_mut();
        tape.compare(dialled.now, &dialled.name, &Act::Connect(address(&dialled.endpoint)));
        let mut inputs = tape.inputs.remove(&dialled.name).unwrap_or_default();
        if inputs.is_empty() {
            let reason = "the cassette has no such connection".to_owned();
            inputs.push_back((dialled.now, OnSocket::Failed { reason }));
        }
        let (unit, name, tape) = (dialled.unit, dialled.name, Rc::clone(&self.tape));
        Ok(Box::new(TapeLine { unit, name, inputs, tape, out: VecDeque::new(), over: false }))
    }

    fn fetch(&mut self, asked: Asked<'_>) -> Box<dyn Fetching> {
        let mut tape = self.tape.borrow_mut();
        tape.compare(asked.now, &asked.name, &Act::Send(HTTP.to_owned(), request_of(&asked.request)));
        let recorded = tape.fetched.get_mut(&asked.name).and_then(VecDeque::pop_front);
        let (at, outcome) = recorded.unwrap_or((asked.now, Err(HttpError::NotConnected)));
        Box::new(TapedFetch { at: at.max(asked.now), outcome: Some(outcome) })
    }
}

/// What came of one request, at its time.
struct TapedFetch {
    at: Time,
    outcome: Option<HttpOutcome>,
}

impl Fetching for TapedFetch {
    fn deadline(&self) -> Option<Time> {
        self.outcome.is_some().then_some(self.at)
    }

    fn poll(&mut self, now: Time) -> Option<FromTransfer> {
        if now < self.at { None } else { self.outcome.take().map(FromTransfer::Came) }
    }
}

/// One connection of the cassette.
struct TapeLine {
    unit: UnitId,
    name: String,
    inputs: VecDeque<(Time, OnSocket)>,
    tape: Rc<RefCell<Tape>>,
    out: VecDeque<FromPipe>,
    over: bool,
}

impl fmt::Debug for TapeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TapeLine").field("unit", &self.unit).finish_non_exhaustive()
    }
}

impl Line for TapeLine {
    fn send(&mut self, now: Time, frame: WireFrame, name: WireName) {
        if let Some(message) = message_of(&name, &frame) {
            self.tape.borrow_mut().compare(now, &self.name, &Act::Send(name.into_owned(), message));
        }
    }

    fn close(&mut self, now: Time, code: u16, _: &str) {
        self.tape.borrow_mut().compare(now, &self.name, &Act::Close(code));
    }

    fn deadline(&self) -> Option<Time> {
        self.inputs.front().map(|(at, _)| *at)
    }

    fn advance(&mut self, now: Time, _: &mut Faults) {
        let Some((_, socket)) = self.inputs.pop_front_if(|(at, _)| *at <= now) else { return };
        let mut tape = self.tape.borrow_mut();
        *tape.delivered.entry(self.name.clone()).or_default() += 1;
        let input = match socket {
            OnSocket::Opened {} => SocketInput::Opened,
            OnSocket::Refused { status, body } => SocketInput::Refused { status, body },
            OnSocket::Failed { reason } => SocketInput::Failed { reason },
            OnSocket::Text(text) => SocketInput::Frame(WireFrame::Text(tape.ids.received(&text).into())),
            OnSocket::Binary(base64) => {
                SocketInput::Frame(WireFrame::Binary(STANDARD.decode(base64).unwrap_or_default()))
            }
            OnSocket::Closed { code, reason, clean } => SocketInput::Closed { code, reason, clean },
        };
        self.over = !matches!(input, SocketInput::Opened | SocketInput::Frame(_));
        self.out.push_back(FromPipe::Socket(input));
    }

    fn poll(&mut self) -> Option<FromPipe> {
        self.out.pop_front()
    }

    fn is_over(&self) -> bool {
        self.over && self.out.is_empty()
    }
}
