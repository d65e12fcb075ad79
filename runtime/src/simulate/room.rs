//! One session with everything around it: its engine, its caller and its connections to emulated providers. It carries
//! what one says to the others at one instant, in a fixed order: first the caller, then the providers in the order of
//! their connections, then the session's own deadline. All times here are the session's.

use serde_json::{Value, json};
use voxrun_bindings::contract::{CallFacts, Time, UnitId};
use voxrun_bindings::wire::{Endpoint, Remote};

use super::caller::{Caller, FromCaller};
use super::conversation::{self, Utterance};
use super::far_ends::FarEnds;
use super::outside::{Asked, Dial, Dialled, Exchange, FarEnd, Fetching, Line, Script, Witness};
use super::setup::{CallAudio, Failure, SessionResult, WorldSetup};
use crate::connection::{Faults, FromPipe, FromTransfer};
use crate::journal::{Entry, EntryKind};
use crate::session::seed;
use crate::session::{Input, LegInput, LimitUse, Output, Session, SessionSetup};

/// Events that may wait for a script before nothing more is taken from its providers (policy F-109).
const MOST_WAITING_EVENTS: usize = 1_000;

/// A session that was told to stop and has not by then is abandoned, milliseconds: longer than any wait the platform
/// allows at the end.
const SHUTDOWN_PATIENCE_MS: u64 = 120_000;

/// Unix time of a session that starts at `started` of its world, milliseconds.
pub(crate) fn epoch_of(setup: &WorldSetup, started: Time) -> i64 {
    setup.epoch_ms.saturating_add(i64::try_from(started.as_ms()).unwrap_or(i64::MAX))
}

/// One session and what surrounds it.
pub(crate) struct Room {
    number: u32,
    started: Time,
    session: Session,
    script: Box<dyn Script>,
    dial: Box<dyn Dial>,
    far_ends: FarEnds,
    exchange: Box<dyn Exchange>,
    /// Sees what comes in and goes out.
    witness: Option<Box<dyn Witness>>,
    lines: Vec<(UnitId, Box<dyn Line>)>,
    /// Requests over HTTP on their way: for whom, and that unit's number for it.
    fetches: Vec<(UnitId, u32, Box<dyn Fetching>)>,
    opened: u64,
    faults: Faults,
    now: Time,
    wait: Option<Time>,
    over: bool,
    rounds: u32,
    /// Its providers had to wait for its script.
    held_back: bool,
    /// When the session has lasted too long.
    bound: Time,
    /// Unix time of the session's start, milliseconds.
    epoch_ms: i64,
    shut_down_at: Option<Time>,
    failure: Option<Failure>,
    journal: Vec<Entry>,
}

impl Room {
    /// A session that starts at `started` of the world, with caller number `number - 1` of the setup if there is one.
    pub(crate) fn new(
        setup: &WorldSetup,
        number: u32,
        started: Time,
        script: Box<dyn Script>,
        dial: Box<dyn Dial>,
    ) -> Room {
        let own = u64::from(number);
        let epoch_ms = epoch_of(setup, started);
        let mut started_facts = setup.started.clone();
        started_facts.session_id = started_facts.session_id.saturating_add(own - 1);
        let session = Session::new(SessionSetup {
            number,
            started: started_facts,
            providers: setup.providers.clone(),
            inventory: setup.inventory,
            verbatim: setup.verbatim,
            limits: !setup.unlimited,
            seed: seed::derive(setup.seed, "session", own),
            keep_audio: setup.keep_audio,
            ..SessionSetup::default()
        });
        Room {
            number,
            started,
            session,
            script,
            dial,
            far_ends: FarEnds::default(),
            exchange: Box::new(setup.callees.clone()),
            witness: None,
            lines: Vec::new(),
            fetches: Vec::new(),
            opened: 0,
            faults: Faults::new(setup.faults.clone()),
            now: Time::ZERO,
            // The first thing that happens is the start.
            wait: Some(Time::ZERO),
            over: false,
            rounds: 0,
            held_back: false,
            bound: Time::from_ms(setup.bounds.session_ms),
            epoch_ms,
            shut_down_at: None,
            failure: None,
            journal: Vec::new(),
        }
    }

    /// A call of these facts comes in, with this at its other end.
    pub(crate) fn set_far_end(&mut self, facts: CallFacts, far_end: Box<dyn FarEnd>) {
        self.far_ends.add(UnitId(1), false, far_end);
        self.session.handle_input(Time::ZERO, Input::IncomingCall(facts));
    }

    /// Another call of these facts comes in now, with this at its other end.
    pub(crate) fn call_in(
        &mut self,
        setup: &WorldSetup,
        now: Time,
        facts: CallFacts,
        far_end: Box<dyn FarEnd>,
    ) {
        if self.over {
            return;
        }
        self.now = self.now.max(now);
        let number = u32::try_from(self.far_ends.came_in() + 1).unwrap_or(UnitId::FIRST_OF_SCRIPT - 1);
        self.far_ends.add(UnitId(number), false, far_end);
        self.feed(setup, Input::IncomingCall(facts));
        self.pump(setup);
    }

    /// From now on this decides what its calls meet.
    pub(crate) fn set_exchange(&mut self, exchange: Box<dyn Exchange>) {
        self.exchange = exchange;
    }

    /// From now on this sees what comes in and goes out.
    pub(crate) fn set_witness(&mut self, witness: Box<dyn Witness>) {
        self.witness = Some(witness);
    }

    /// Begins: the call comes in, then the scenario's top-level code runs.
    pub(crate) fn begin(&mut self, setup: &WorldSetup) {
        self.wait = None;
        let plan = usize::try_from(self.number - 1).ok().and_then(|index| setup.callers.get(index));
        if let Some(plan) = plan.filter(|_| !setup.api_start && self.far_ends.is_empty()) {
            let id = format!("{:016X}", seed::derive(setup.seed, "call", u64::from(self.number)));
            self.set_far_end(plan.call_facts(id), Box::new(Caller::new(plan.clone(), Time::ZERO)));
        }
        if let Some(turn) = self.script.start(Time::ZERO) {
            self.feed(setup, Input::Script(turn));
        }
        self.pump(setup);
    }

    /// When the next thing happens here, in the session's time.
    pub(crate) fn next(&self) -> Option<Time> {
        if self.over {
            return None;
        }
        let lines = self.lines.iter().filter(|_| !self.is_behind());
        let line = lines.filter_map(|(_, line)| line.deadline()).min();
        let fetch = self.fetches.iter().filter_map(|(.., fetch)| fetch.deadline()).min();
        let next = [self.wait, self.far_ends.deadline(), line, fetch, self.script.deadline()]
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.max(self.now));
        // A session that waits for nothing at all would never end: the bound ends it.
        let last = self.shut_down_at.map_or(self.bound, |at| at.plus_ms(SHUTDOWN_PATIENCE_MS)).max(self.now);
        Some(next.map_or(last, |next| next.min(last)))
    }

    /// Lets everything happen that is due at `now`.
    pub(crate) fn advance(&mut self, setup: &WorldSetup, now: Time) {
        let bound = self.bound;
        let now = now.max(self.now);
        if now > self.now {
            self.rounds = 0;
        }
        if now >= bound && self.shut_down_at.is_none() {
            self.now = bound.max(self.now);
            return self.shut_down(setup, Failure::TooLong(setup.bounds.session_ms / 1000));
        }
        if self.shut_down_at.is_some_and(|at| now >= at.plus_ms(SHUTDOWN_PATIENCE_MS)) {
            self.over = true;
            return;
        }
        self.now = now;
        while !self.over && self.one_thing(setup) {
            self.rounds += 1;
            if self.rounds > setup.bounds.rounds {
                let failure = Failure::Restless(setup.bounds.rounds);
                if self.shut_down_at.is_some() {
                    self.over = true;
                } else {
                    self.rounds = 0;
                    self.shut_down(setup, failure);
                }
                return;
            }
        }
    }

    /// The caller says a line as soon as it can.
    pub(crate) fn say_now(&mut self, setup: &WorldSetup, now: Time, text: &str) {
        self.with_caller(setup, now, |caller| caller.say_now(text));
    }

    /// The caller presses keys at once.
    pub(crate) fn press_now(&mut self, setup: &WorldSetup, now: Time, digits: &str) {
        self.with_caller(setup, now, |caller| caller.press_now(now, digits));
    }

    /// The caller hangs up at once.
    pub(crate) fn hang_up_now(&mut self, setup: &WorldSetup, now: Time) {
        self.with_caller(setup, now, |caller| caller.hang_up_now());
    }

    /// The operator ends the run: calls are hung up in order.
    pub(crate) fn stop(&mut self, setup: &WorldSetup, now: Time) {
        self.advance(setup, now);
        if !self.over && self.shut_down_at.is_none() {
            if let Some(witness) = &mut self.witness {
                witness.shutdown(self.now);
            }
            self.shut_down_at = Some(self.now);
            self.feed(setup, Input::Stop);
            self.pump(setup);
        }
    }

    /// Marks the session as broken: nothing in it is touched any more.
    pub(crate) fn broke(&mut self, what: String) {
        self.over = true;
        self.write("", EntryKind::Error, "internal", json!({ "message": what }));
        self.failure = Some(Failure::Broken(what));
    }

    /// What the journal says since the last call.
    pub(crate) fn take_entries(&mut self) -> Vec<Entry> {
        let mut entries = std::mem::take(&mut self.journal);
        entries.append(&mut self.session.journal().take());
        entries
    }

    /// What it came to.
    pub(crate) fn result(&mut self, setup: &WorldSetup) -> SessionResult {
        let now = self.now;
        self.over = true;
        self.far_ends.each(|far_end| far_end.line_dead(now));
        self.pump(setup);
        let conversation = self.far_ends.conversation();
        let mut report = self.session.report();
        let backlog = self.dial.backlog();
        report.limits.extend(backlog.map(|(peak, limit)| LimitUse { name: "unsent_bytes", peak, limit }));
        SessionResult {
            number: self.number,
            started_ms: self.started.as_ms(),
            ended_ms: now.as_ms(),
            turns: conversation::turns(&conversation),
            conversation,
            others: self.far_ends.other_conversations(),
            failure: self.failure.take(),
            usage: self.script.usage(),
            report,
            audio: self.audio(),
            unfired_faults: self.faults.unfired().collect(),
        }
    }

    fn audio(&self) -> Option<CallAudio> {
        let recorder = self.session.recording(self.far_ends.first_call()?)?;
        Some(CallAudio { rate_hz: recorder.rate().hz(), samples: recorder.stereo() })
    }

    fn with_caller(&mut self, setup: &WorldSetup, now: Time, tell: impl FnOnce(&mut dyn FarEnd)) {
        if self.over {
            return;
        }
        if let Some(caller) = self.far_ends.first() {
            tell(caller);
        }
        self.advance(setup, now);
    }

    /// Does the first thing that is due; tells whether there was one.
    fn one_thing(&mut self, setup: &WorldSetup) -> bool {
        let now = self.now;
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if let Some(turn) = self.script.poll(now) {
            self.feed(setup, Input::Script(turn));
        } else if let Some(what) = self.script.broken() {
            self.shut_down(setup, Failure::Broken(what));
        } else if self.far_ends.advance(now) {
            // What it does is carried below.
        } else if !self.is_behind()
            && let Some((_, line)) = self.lines.iter_mut().find(|(_, line)| due(line.deadline()))
        {
            line.advance(now, &mut self.faults);
        } else if let Some((unit, fetch, item)) = self.fetched(now) {
            self.take_of_fetch(setup, unit, fetch, item);
        } else if due(self.wait) {
            self.wait = None;
            self.feed(setup, Input::Deadline);
        } else {
            return false;
        }
        self.pump(setup);
        true
    }

    /// Carries what the caller and the connections have to say to the session until nobody says anything more.
    fn pump(&mut self, setup: &WorldSetup) {
        loop {
            // What the caller heard last is told even when the session is over.
            if let Some((call, item)) = self.far_ends.poll() {
                self.take_of_caller(setup, call, item);
                continue;
            }
            if self.over {
                break;
            }
            if self.is_behind() {
                self.hold_back();
                break;
            }
            let Some((unit, item)) =
                self.lines.iter_mut().find_map(|(unit, line)| Some((*unit, line.poll()?)))
            else {
                break;
            };
            self.take_of_line(setup, unit, item);
        }
        self.lines.retain(|(_, line)| !line.is_over());
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
            self.write("", EntryKind::Note, "note", json!({ "text": text, "policy": "F-109" }));
        }
    }

    fn take_of_caller(&mut self, setup: &WorldSetup, call: UnitId, item: FromCaller) {
        let placed = self.far_ends.is_placed(call);
        match item {
            FromCaller::Leg(_) if self.over => {}
            FromCaller::Leg(input) => {
                // A cassette holds the call that came in; whom the scenario calls is reached anew.
                if let Some(witness) = self.witness.as_mut().filter(|_| !placed) {
                    witness.leg(self.now, &input);
                }
                if matches!(input, LegInput::HangUp { .. }) {
                    let by = if placed { "callee" } else { "caller" };
                    self.write_of(call, EntryKind::Media, "hung_up", json!({ "by": by }));
                }
                self.feed(setup, Input::Leg { call, input });
            }
            FromCaller::Said(utterance) => {
                if let Some(witness) = self.witness.as_mut().filter(|_| !placed) {
                    witness.said(&utterance);
                }
                self.write_of(call, EntryKind::Media, "said", shown(&utterance, placed));
            }
            FromCaller::Heard(utterance) => {
                let name = if utterance.cut { "cut" } else { "heard" };
                self.write_of(call, EntryKind::Media, name, shown(&utterance, placed));
            }
            FromCaller::Note(text) => {
                self.write_of(call, EntryKind::Note, "note", json!({ "text": text }));
            }
            // It takes the place of the line that began at the same time.
            FromCaller::BrokenOff(utterance) => {
                self.write_of(call, EntryKind::Media, "cut", shown(&utterance, placed))
            }
            FromCaller::Pressed(key) => {
                self.write_of(call, EntryKind::Media, "pressed", json!({ "key": key.to_string() }))
            }
        }
    }

    fn take_of_line(&mut self, setup: &WorldSetup, unit: UnitId, item: FromPipe) {
        match item {
            FromPipe::Socket(input) => {
                self.witnessed(unit, |witness, now, unit| witness.socket(now, unit, &input));
                self.feed(setup, Input::Socket { unit, input });
            }
            FromPipe::Heard(text) => {
                self.write_of(unit, EntryKind::Media, "understood", json!({ "text": text }))
            }
            FromPipe::Fault(fault) => {
                self.write_of(unit, EntryKind::Note, "fault", json!({ "fault": fault }))
            }
            FromPipe::Note { policy, text } => {
                let mut data = json!({ "text": text });
                if let Some(policy) = policy {
                    data["policy"] = policy.into();
                }
                self.write_of(unit, EntryKind::Note, "note", data);
            }
            FromPipe::Broken(what) => {
                self.write_of(unit, EntryKind::Error, "internal", json!({ "message": what }));
                self.failure.get_or_insert(Failure::Broken(what));
            }
        }
    }

    /// The first thing that has come of a request over HTTP, in the order in which they were made.
    fn fetched(&mut self, now: Time) -> Option<(UnitId, u32, FromTransfer)> {
        let mut all = self.fetches.iter_mut().enumerate();
        let (at, item) = all.find_map(|(at, (.., fetch))| Some((at, fetch.poll(now)?)))?;
        let (unit, fetch) = (self.fetches[at].0, self.fetches[at].1);
        if matches!(item, FromTransfer::Came(_)) {
            self.fetches.remove(at);
        }
        Some((unit, fetch, item))
    }

    fn take_of_fetch(&mut self, setup: &WorldSetup, unit: UnitId, fetch: u32, item: FromTransfer) {
        match item {
            FromTransfer::Fault(fault) => {
                self.write_of(unit, EntryKind::Note, "fault", json!({ "fault": fault }));
            }
            FromTransfer::Note(text) => self.write_of(unit, EntryKind::Note, "note", json!({ "text": text })),
            FromTransfer::Came(outcome) => {
                self.witnessed(unit, |witness, now, unit| witness.fetched(now, unit, &outcome));
                self.feed(setup, Input::Fetched { unit, fetch, outcome });
            }
        }
    }

    /// The law of the session: one input, then everything it has to say, and what the script makes of it.
    fn feed(&mut self, setup: &WorldSetup, input: Input) {
        let mut input = Some(input);
        while let Some(next) = input.take() {
            self.session.handle_input(self.now, next);
            loop {
                match self.session.poll_output() {
                    // Its turn is the next input; when it comes later, what else there is goes on.
                    Output::Script(event) => {
                        input = self.script.deliver(self.now, event).map(Input::Script);
                        if input.is_some() {
                            break;
                        }
                    }
                    Output::Wait(at) => {
                        self.wait = at;
                        break;
                    }
                    Output::Done => {
                        self.over = true;
                        break;
                    }
                    other => self.carry_out(setup, other),
                }
            }
            self.collect();
        }
    }

    fn carry_out(&mut self, setup: &WorldSetup, output: Output) {
        match output {
            Output::Leg { call, output } => {
                if let Some(far_end) = self.far_ends.of(call) {
                    far_end.handle(self.now, &output);
                }
            }
            Output::Connect { unit, remote, endpoint } => self.connect(setup, unit, remote, endpoint),
            Output::Send { unit, frame, name } => {
                self.witnessed(unit, |witness, now, unit| witness.send(now, unit, &name, &frame));
                let now = self.now;
                if let Some(line) = self.line(unit) {
                    line.send(now, frame, name);
                }
            }
            Output::CloseSocket { unit, code, reason } => {
                self.witnessed(unit, |witness, now, unit| witness.close(now, unit, code));
                let now = self.now;
                if let Some(line) = self.line(unit) {
                    line.close(now, code, &reason);
                }
            }
            Output::Fetch { unit, fetch, request } => {
                self.witnessed(unit, |witness, now, unit| witness.requested(now, unit, &request));
                let name = self.session.unit_name(unit);
                let asked = Asked { now: self.now, name, request, faults: &mut self.faults };
                let fetching = self.dial.fetch(setup, asked);
                self.fetches.push((unit, fetch, fetching));
            }
            Output::Place { call, facts } => {
                let far_end = self.exchange.place(self.now, call, &facts);
                self.far_ends.add(call, true, far_end);
            }
            Output::MediaCleared { .. } => self.far_ends.each(|far_end| far_end.media_cleared(self.now)),
            Output::Script(_) | Output::Wait(_) | Output::Done => {}
        }
    }

    fn connect(
        &mut self,
        setup: &WorldSetup,
        unit: UnitId,
        remote: Option<&'static Remote>,
        endpoint: Endpoint,
    ) {
        self.opened += 1;
        self.witnessed(unit, |witness, now, unit| witness.connect(now, unit, &endpoint));
        let dialled = Dialled {
            now: self.now,
            session: self.number,
            ordinal: self.opened,
            epoch_ms: self.epoch_ms,
            unit,
            name: self.session.unit_name(unit),
            remote,
            endpoint,
            faults: &mut self.faults,
        };
        match self.dial.dial(setup, dialled) {
            Ok(line) => {
                self.lines.retain(|(other, _)| *other != unit);
                self.lines.push((unit, line));
            }
            // The settings were checked before the start, so this is our own mistake. The attempt is never answered.
            Err(what) => {
                self.write_of(unit, EntryKind::Error, "internal", json!({ "message": what }));
                self.failure.get_or_insert(Failure::Broken(what));
            }
        }
    }

    /// Lets the witness see something of a unit, with the unit's name.
    fn witnessed(&mut self, unit: UnitId, see: impl FnOnce(&mut dyn Witness, Time, &str)) {
        if let Some(witness) = &mut self.witness {
            see(witness.as_mut(), self.now, &self.session.unit_name(unit));
        }
    }

    fn line(&mut self, unit: UnitId) -> Option<&mut Box<dyn Line>> {
        self.lines.iter_mut().find_map(|(own, line)| (*own == unit).then_some(line))
    }

    fn shut_down(&mut self, setup: &WorldSetup, failure: Failure) {
        self.write("", EntryKind::Error, "limit", json!({ "message": failure.to_string() }));
        self.failure.get_or_insert(failure);
        self.shut_down_at = Some(self.now);
        self.feed(setup, Input::Shutdown);
        self.pump(setup);
    }

    fn write_of(&mut self, unit: UnitId, kind: EntryKind, name: &str, data: Value) {
        let unit = self.session.unit_name(unit);
        self.write(&unit, kind, name, data);
    }

    pub(crate) fn write(&mut self, unit: &str, kind: EntryKind, name: &str, data: Value) {
        let now = self.now;
        self.session.journal().write(now, unit, kind, name, data);
        self.collect();
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
