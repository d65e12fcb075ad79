//! The host plane of one session: calls, connectors, media graph, deadlines. A pure machine that is told the time; it
//! does not own its engine, a socket or a clock.
//!
//! The law: one input, then [`Session::poll_output`] until it says `Wait` or `Done`, then the next input. An
//! [`Output::Script`] is answered by [`Input::Script`], at the same instant in virtual time and later when the script has
//! a thread of its own. Until then only the script's further events wait; sound, sockets and deadlines go on. What is due
//! at an instant waits for [`Input::Deadline`], so that the inputs of that instant come first; what is
//! overdue waits for nothing. It is done one thing at a time in the order of [`Due`], each with everything that the script
//! makes of it, before the next: so audio that a timer's callback clears is not played by the tick of that instant.

mod call;
mod desk;
mod io;
mod life;
mod machine;
mod names;
mod questions;
mod report;
mod scribe;
pub(crate) mod seed;
mod setup;
mod sound;
#[cfg(test)]
mod tests;
mod timers;
mod units;
mod visitors;

use serde_json::json;
use voxrun_bindings::contract::{
    Command, HostEvent, On, Remark, ScenarioError, Time, TimerAsk, Turn, UnitId,
};

pub use crate::telephony::Direction;
pub use call::CallEnd;
pub use io::{Input, LegInput, LegOutput, Output, Question};
pub use life::FinishReason;
pub use report::{CallReport, RecordingReport, SessionReport, file_name};
pub use setup::{ProviderSettings, SessionSetup, StartedFacts};

use crate::journal::{EntryKind, Journal};
use crate::media::Recorder;
use desk::Desk;
use life::{Given, IDLE_MS, Phase};
use timers::{TIMER, Timers};
use units::Units;
use visitors::Visitors;

/// How many things may happen at one instant before the session is stopped instead of hanging.
const MAX_ROUNDS_PER_INSTANT: u32 = 20_000;

/// What may be due, in the order in which things of one instant are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A call's next step or limit.
    Call(UnitId),
    /// Another unit's deadline.
    Unit(UnitId),
    /// A timer of the script.
    Timer,
    /// The next 20 ms of audio.
    Tick,
    /// A minute without calls.
    Idle,
}

/// One session of a scenario.
#[derive(Debug)]
pub struct Session {
    desk: Desk,
    units: Units,
    timers: Timers,
    visitors: Visitors,
    /// What the script was given last; its turn is awaited.
    given: Option<Given>,
    /// The inputs of this instant are complete: what is due at it may be done.
    complete: Option<Time>,
    rounds: u32,
}

impl Session {
    /// A session at time zero. It waits for the turn of the script's top-level code; a call that came in is told before
    /// it, by [`Input::IncomingCall`].
    #[must_use]
    pub fn new(setup: SessionSetup) -> Session {
        let started = setup.started.fields();
        let mut desk = Desk::new(setup);
        let seed = json!({ "seed": desk.setup.seed });
        desk.scribe.write("", EntryKind::Lifecycle, "session_started", seed);
        desk.scribe.raise(On::Application(None), "Application.Started", started);
        Session {
            desk,
            units: Units::new(),
            timers: Timers::default(),
            visitors: Visitors::default(),
            given: Some(Given::TopLevel),
            complete: None,
            rounds: 0,
        }
    }

    /// Takes one input. Stamps never go back; one that does counts as the session's present.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        if self.is_over() {
            return;
        }
        if self.desk.scribe.advance(now) {
            self.rounds = 0;
        }
        match input {
            Input::Script(turn) => self.take_turn(turn),
            Input::IncomingCall(facts) => self.units.incoming(&mut self.desk, facts),
            Input::Leg { call, input } => self.units.far_end(&mut self.desk, call, input),
            Input::Socket { unit, input } => self.units.socket(&mut self.desk, unit, &input),
            Input::Fetched { unit, fetch, outcome } => {
                self.units.fetched(&mut self.desk, unit, fetch, &outcome);
            }
            Input::Stored { unit, answer } => self.units.stored(&mut self.desk, unit, &answer),
            Input::Asked { request, question } => questions::ask(&mut self.desk.scribe, request, &question),
            Input::Visited { question } => self.visitors.come(&mut self.units, &mut self.desk, &question),
            Input::Deadline => self.complete = Some(self.now()),
            Input::Stop => self.stop(),
            Input::Shutdown => self.desk.scribe.finish(FinishReason::Operator, false),
        }
    }

    /// The next thing to do. It is asked until it answers `Wait` or `Done`.
    pub fn poll_output(&mut self) -> Output {
        loop {
            if let Some(output) = self.desk.scribe.next_output() {
                return output;
            }
            if self.is_over() {
                return Output::Done;
            }
            self.count_round();
            if self.given.is_none()
                && let Some(event) = self.next_event()
            {
                return Output::Script(event);
            }
            if self.is_stopped() {
                self.desk.scribe.finish(FinishReason::Operator, false);
                continue;
            }
            let now = self.now();
            match self.next_due() {
                Some((at, due)) if at < now || (at == now && self.complete == Some(at)) => self.run_due(due),
                next => return Output::Wait(next.map(|(at, _)| at)),
            }
        }
    }

    /// The journal, for reading and for what only the driver knows (speech said and heard).
    pub fn journal(&mut self) -> &mut Journal {
        self.desk.scribe.journal()
    }

    /// A remark of the driver, made at `now`, about a unit or about the session.
    pub fn note(&mut self, now: Time, unit: Option<UnitId>, remark: &Remark) {
        self.desk.scribe.remark_at(now, unit, remark);
    }

    /// Events that the script has not been given yet.
    #[must_use]
    pub fn waiting_events(&self) -> usize {
        self.desk.scribe.waiting_events()
    }

    /// The session's present: the stamp of its last input.
    #[must_use]
    pub fn now(&self) -> Time {
        self.desk.scribe.now()
    }

    /// Whether the session is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.desk.scribe.life().phase == Phase::Over
    }

    /// The name of a unit in the journal (`call#1`).
    #[must_use]
    pub fn unit_name(&self, unit: UnitId) -> String {
        self.desk.scribe.name_of(unit)
    }

    /// What there is to tell now.
    #[must_use]
    pub fn report(&self) -> SessionReport {
        let (scribe, life) = (&self.desk.scribe, self.desk.scribe.life());
        let (frames_to_providers, audio_messages_sent) = self.units.frames();
        SessionReport {
            number: self.desk.setup.number,
            finish_reason: life.reason,
            ended_ms: life.ended_at.map(Time::as_ms),
            calls: self.units.calls().map(|(_, call)| call.report()).collect(),
            recordings: self.desk.recordings.clone(),
            error: life.error.clone(),
            limits: self.desk.limits.all(),
            policies: scribe.policies(),
            not_built: scribe.not_built().to_vec(),
            used: scribe.used(),
            playout_dropped_ms: self.desk.sound.dropped_ms(),
            frames_to_providers,
            audio_messages_sent,
        }
    }

    /// The sound of a call since it came in, if it is kept.
    #[must_use]
    pub fn recording(&self, call: UnitId) -> Option<&Recorder> {
        self.units.call(call)?.recorder()
    }

    /// Takes the sound of a call away, for keeping it longer than the session. What comes later is not kept.
    pub fn take_recording(&mut self, call: UnitId) -> Option<Recorder> {
        self.units.call_mut(call)?.take_recorder()
    }

    /// A loop of events that cost no time would never let the clock go on.
    fn count_round(&mut self) {
        self.rounds = self.rounds.saturating_add(1);
        if self.rounds == MAX_ROUNDS_PER_INSTANT {
            let text = format!("more than {MAX_ROUNDS_PER_INSTANT} events at one instant");
            self.desk.scribe.fail("limit", &text, FinishReason::Script);
        }
    }

    fn next_event(&mut self) -> Option<HostEvent> {
        let event = self.desk.scribe.next_event()?;
        self.given = Some(Given::with(&event));
        Some(event)
    }

    /// What is due next, and when. The order of [`Due`] breaks ties.
    fn next_due(&mut self) -> Option<(Time, Due)> {
        let (now, running) = (self.now(), self.desk.scribe.is_running());
        let tick = self.desk.sound.next_due(now).map(|at| (at, Due::Tick));
        let timer = self.timers.next_due().map(|at| (at, Due::Timer));
        let idle = self.units.idle_since().map(|since| (since.plus_ms(IDLE_MS), Due::Idle));
        // An ending session has no timers and does not wait for calls.
        let of_running = timer.into_iter().chain(idle).filter(|_| running);
        self.units.deadlines(self.desk.setup.limits).chain(tick).chain(of_running).min()
    }

    fn run_due(&mut self, due: Due) {
        match due {
            Due::Call(unit) | Due::Unit(unit) => self.units.due(&mut self.desk, unit),
            Due::Timer => {
                if let Some((callback, last)) = self.timers.fire(self.now()) {
                    let called = HostEvent::Called { callback, by: TIMER.into(), args: Vec::new(), last };
                    self.desk.scribe.event(called);
                }
            }
            Due::Tick => self.tick(),
            Due::Idle => {
                let data = json!({ "without_calls_ms": IDLE_MS });
                self.desk.scribe.write("", EntryKind::Lifecycle, "session_idle", data);
                self.desk.scribe.finish(FinishReason::Normal, false);
            }
        }
    }

    /// Moves 20 ms of sound from every source to whoever gets it, then tells what became of the queues.
    fn tick(&mut self) {
        let at = self.desk.sound.begin_tick(self.now());
        for slot in 0..self.desk.sound.slots() {
            if let Some((unit, frame)) = self.desk.sound.mix(slot) {
                self.units.hear(&mut self.desk, unit, at, frame);
            }
        }
        while let Some(notice) = self.desk.sound.notice() {
            self.units.playout(&mut self.desk, notice.unit, notice.playout);
        }
    }

    /// Carries out what a task of the script led to.
    fn take_turn(&mut self, turn: Turn) {
        let Some(given) = self.given.take() else {
            let text = "a turn of the script came although none was awaited; it is ignored";
            return self.desk.scribe.note(None, text);
        };
        self.desk.scribe.tell_used(turn.used);
        for command in turn.commands {
            self.execute(command, given);
        }
        let scribe = &mut self.desk.scribe;
        let terminate = std::mem::take(&mut scribe.life_mut().terminate_asked);
        match turn.error {
            Some(error) => script_failed(&mut self.desk, error),
            None if terminate => scribe.finish(FinishReason::Normal, false),
            None => {}
        }
        match given {
            Given::TopLevel | Given::Event => {}
            Given::Terminating => {
                self.units.tear_down(&mut self.desk);
                let terminated = self.desk.scribe.life().terminated();
                self.desk.scribe.last_event(terminated);
            }
            Given::Terminated => self.desk.scribe.end(),
        }
    }

    /// Carries out one command of a turn that followed `given`. None of them waits.
    fn execute(&mut self, command: Command, given: Given) {
        let scribe = &mut self.desk.scribe;
        match &command {
            Command::Log { channel, text } => {
                return scribe.write("", EntryKind::Log, channel.name(), json!({ "text": text }));
            }
            Command::Note(remark) => return scribe.remark(None, remark),
            Command::NotBuilt(not_built) => return scribe.tell_not_built(not_built),
            _ => scribe.write_command(&command),
        }
        if given.is_too_late_for(&command) {
            return scribe.note(None, "the session is ending: the command above is ignored");
        }
        self.run(command);
    }

    fn run(&mut self, command: Command) {
        let (units, desk) = (&mut self.units, &mut self.desk);
        match command {
            Command::Log { .. } | Command::Note(_) | Command::NotBuilt(_) => {}
            Command::ModuleLoaded { .. } | Command::SetCustomData { .. } => {}
            Command::Timer { timer, ask: TimerAsk::Set { after_ms, repeat } } => {
                self.timers.set(desk.scribe.now(), timer, after_ms, repeat);
            }
            Command::Timer { timer, ask: TimerAsk::Clear } => self.timers.clear(timer),
            Command::TakeSockets => self.visitors.taken = true,
            Command::Terminate => desk.scribe.life_mut().terminate_asked = true,
            Command::Reply { request, answer } => questions::reply(&mut desk.scribe, request, &answer),
            Command::Call { call, ask } => units.ask_call(desk, call, ask),
            Command::Media(ask) => units.ask_media(desk, ask),
            Command::Open { unit, kind, request, params } => units.open(desk, unit, &kind, request, &params),
            Command::Refuse { unit, kind, request } => units.refuse(desk, unit, &kind, request),
            Command::Tell { unit, method, params } => units.tell(desk, unit, &method, &params),
            Command::Close { unit, stop } => units.close(desk, unit, stop),
        }
    }

    /// The operator ends the run: calls are hung up, and the script hears of each as of any call that ends.
    fn stop(&mut self) {
        if self.desk.scribe.is_running() {
            self.desk.scribe.life_mut().stopped = true;
            self.units.hang_up_all(&mut self.desk);
        }
    }

    /// Whether the operator ended the run and the script has heard what there was to hear.
    fn is_stopped(&self) -> bool {
        let scribe = &self.desk.scribe;
        scribe.life().stopped && scribe.is_running() && self.given.is_none() && scribe.waiting_events() == 0
    }
}

fn script_failed(desk: &mut Desk, error: ScenarioError) {
    let data = serde_json::to_value(&error).unwrap_or_default();
    desk.scribe.write("", EntryKind::Error, "scenario", data);
    desk.scribe.finish(FinishReason::Script, true);
    desk.scribe.life_mut().script_failed(error);
}
