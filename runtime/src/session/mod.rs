//! The host plane of one session: calls, connectors, media graph, deadlines. A pure machine that is told the time; it
//! does not own its engine, a socket or a clock.
//!
//! The law: one input, then [`Session::poll_output`] until it says `Wait` or `Done`, then the next input. An
//! [`Output::Script`] is answered by [`Input::Script`], at the same instant in virtual time and later when the script has
//! a thread of its own. Until then only the script's further events wait; sound, sockets and deadlines go on. What is due
//! at an instant waits for [`Input::Deadline`], so that the inputs of that instant come first; what is
//! overdue waits for nothing. It is done one thing at a time in the order of [`Due`], each with everything that the script
//! makes of it, before the next: so audio that a timer's callback clears is not played by the tick of that instant.

mod call_end;
mod call_events;
mod calls;
mod commands;
mod connectors;
mod io;
mod leg_input;
mod lifecycle;
mod media;
mod notes;
mod placed;
mod report;
pub(crate) mod seed;
mod setup;
#[cfg(test)]
mod tests;
mod timers;

use std::collections::{BTreeMap, VecDeque};

use voxrun_bindings::contract::{HostEvent, On, Time, UnitId};

pub use crate::telephony::Direction;
pub use call_end::CallEnd;
pub use io::{Input, LegInput, LegOutput, Output, SocketInput};
pub use report::{CallReport, LimitUse, ScriptRecording, SessionReport};
pub use setup::{ProviderSettings, SessionSetup, StartedFacts};

use crate::journal::{EntryKind, Journal};
use crate::media::MediaGraph;
use calls::CallUnit;
use connectors::ConnectorUnit;
use lifecycle::{BY_OPERATOR, Given, Phase};
use media::TickClock;
use notes::Names;
use report::Facts;
use timers::{TIMER, Timers};

/// How many things may happen at one instant before the session is stopped instead of hanging.
const MAX_ROUNDS_PER_INSTANT: u32 = 20_000;

/// What may be due, in the order in which things of one instant are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A call's next step or limit.
    Call(UnitId),
    /// A connector's deadline.
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
    setup: SessionSetup,
    now: Time,
    journal: Journal,
    names: Names,
    phase: Phase,
    /// What the script was given last; its turn is awaited.
    given: Option<Given>,
    /// The inputs of this instant are complete: what is due at it may be done.
    complete: Option<Time>,
    events: VecDeque<HostEvent>,
    outputs: VecDeque<Output>,
    /// Boxed: a tree's leaf has room for eleven, and a session has seldom more than two.
    calls: BTreeMap<UnitId, Box<CallUnit>>,
    connectors: BTreeMap<UnitId, ConnectorUnit>,
    graph: MediaGraph,
    ticks: TickClock,
    timers: Timers,
    /// Since when there is no call, if there is none.
    idle_since: Option<Time>,
    rounds: u32,
    facts: Facts,
}

impl Session {
    /// A session at time zero. It waits for the turn of the script's top-level code; a call that came in is told before
    /// it, by [`Input::IncomingCall`].
    #[must_use]
    pub fn new(setup: SessionSetup) -> Session {
        let started = setup.started.fields();
        let mut session = Session {
            now: Time::ZERO,
            journal: Journal::new(setup.number),
            names: Names::default(),
            phase: Phase::Running,
            given: Some(Given::TopLevel),
            complete: None,
            events: VecDeque::new(),
            outputs: VecDeque::new(),
            calls: BTreeMap::new(),
            connectors: BTreeMap::new(),
            graph: MediaGraph::new(),
            ticks: TickClock::default(),
            timers: Timers::default(),
            idle_since: Some(Time::ZERO),
            rounds: 0,
            facts: Facts::default(),
            setup,
        };
        session.write(
            "",
            EntryKind::Lifecycle,
            "session_started",
            serde_json::json!({ "seed": session.setup.seed }),
        );
        session.raise(On::Application(None), "Application.Started", started);
        session
    }

    /// Takes one input. Stamps never go back; one that does counts as the session's present.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        if self.phase == Phase::Over {
            return;
        }
        self.advance(now);
        self.take(input);
    }

    /// The next thing to do. It is asked until it answers `Wait` or `Done`.
    pub fn poll_output(&mut self) -> Output {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return output;
            }
            if self.phase == Phase::Over {
                return Output::Done;
            }
            self.count_round();
            if self.given.is_none()
                && let Some(event) = self.next_event()
            {
                return Output::Script(event);
            }
            if self.is_stopped() {
                self.finish(BY_OPERATOR, false);
                continue;
            }
            match self.next_due() {
                Some((at, due)) if at < self.now || (at == self.now && self.complete == Some(at)) => {
                    self.run_due(due);
                }
                next => return Output::Wait(next.map(|(at, _)| at)),
            }
        }
    }

    /// The journal, for reading and for what only the driver knows (speech said and heard).
    pub fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Events that the script has not been given yet.
    #[must_use]
    pub fn waiting_events(&self) -> usize {
        self.events.len()
    }

    /// The session's present: the stamp of its last input.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Whether the session is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// The name of a unit in the journal (`call#1`).
    #[must_use]
    pub fn unit_name(&self, unit: UnitId) -> String {
        self.names.of(unit)
    }

    fn advance(&mut self, now: Time) {
        if now > self.now {
            self.now = now;
            self.rounds = 0;
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Script(turn) => self.take_turn(turn),
            Input::IncomingCall(facts) => self.incoming_call(facts),
            Input::Leg { call, input } => self.leg_input(call, input),
            Input::Socket { unit, input } => self.socket_input(unit, input),
            Input::Deadline => self.complete = Some(self.now),
            Input::Stop => self.stop(),
            Input::Shutdown => self.finish(BY_OPERATOR, false),
        }
    }

    /// A loop of events that cost no time would never let the clock go on.
    fn count_round(&mut self) {
        self.rounds = self.rounds.saturating_add(1);
        if self.rounds == MAX_ROUNDS_PER_INSTANT {
            let text = format!("more than {MAX_ROUNDS_PER_INSTANT} events at one instant");
            self.fail("limit", &text, "JS session error");
        }
    }

    fn next_event(&mut self) -> Option<HostEvent> {
        let event = self.events.pop_front()?;
        self.given = Some(self.given_with(&event));
        self.write_event(&event, true);
        Some(event)
    }

    /// What is due next, and when. The order of [`Due`] breaks ties.
    fn next_due(&mut self) -> Option<(Time, Due)> {
        self.set_tick();
        let calls = self
            .calls
            .iter()
            .filter_map(|(id, call)| Some((call.next_due(self.setup.limits)?, Due::Call(*id))));
        let connectors =
            self.connectors.iter().filter_map(|(id, unit)| Some((unit.deadline()?, Due::Unit(*id))));
        let timer = self.timers.next_due().map(|at| (at, Due::Timer));
        let tick = self.ticks.next.map(|at| (at, Due::Tick));
        let idle = self.idle_deadline().map(|at| (at, Due::Idle));
        calls.chain(connectors).chain(timer).chain(tick).chain(idle).min()
    }

    fn run_due(&mut self, due: Due) {
        match due {
            Due::Call(call) => self.call_due(call),
            Due::Unit(unit) => self.connector_due(unit),
            Due::Timer => {
                if let Some((callback, last)) = self.timers.fire(self.now) {
                    self.push_event(HostEvent::Called { callback, by: TIMER.into(), args: Vec::new(), last });
                }
            }
            Due::Tick => self.tick(),
            Due::Idle => self.idle_due(),
        }
    }
}
