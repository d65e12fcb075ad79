//! What a room stands on and does not know: where its script runs, and what a connection to a provider is. In virtual
//! time the script answers at once and connections are emulated; live, the script has a thread and connections have
//! sockets. The room treats both alike.

use std::collections::VecDeque;

use voxrun_bindings::contract::Setup;
use voxrun_bindings::contract::{CallFacts, EngineUsage, ScenarioFile, Turn};
use voxrun_bindings::contract::{HostEvent, Time, UnitId};
use voxrun_bindings::engine::Engine;
use voxrun_bindings::wire::{EmulatorSetup, Endpoint, HttpOutcome, HttpRequest, Remote, WireFrame, WireName};

use super::caller::{Caller, FromCaller};
use super::conversation::Utterance;
use super::setup::WorldSetup;
use crate::connection::{Faults, FromPipe, FromTransfer, Link, NET, Pipe, REFUSED, Transfer};
use crate::session::{LegInput, LegOutput, SocketInput, seed};
use crate::stand_ins::{self, StandInSocket, StandIns};

/// Where the script of a room runs.
pub trait Script {
    /// Runs the top-level code. `None` when the turn comes later, by [`Script::poll`].
    fn start(&mut self, now: Time) -> Option<Turn>;

    /// Delivers an event. `None` when the turn comes later.
    fn deliver(&mut self, now: Time, event: HostEvent) -> Option<Turn>;

    /// A turn that has come since, if any.
    fn poll(&mut self, _: Time) -> Option<Turn> {
        None
    }

    /// When a turn that has not come is given up.
    fn deadline(&self) -> Option<Time> {
        None
    }

    /// Why it is of no use any more, told once. From then on its turns are empty and come at once.
    fn broken(&mut self) -> Option<String> {
        None
    }

    /// How near the script came to its limits, as far as that is known.
    fn usage(&mut self) -> EngineUsage;
}

/// One connection to a provider, as a room sees it.
pub trait Line {
    /// The session sends a message of this name.
    fn send(&mut self, now: Time, frame: WireFrame, name: WireName);

    /// The session closes, or gives up connecting.
    fn close(&mut self, now: Time, code: u16, reason: &str);

    /// When [`Line::advance`] has something to do; an instant of the past means now.
    fn deadline(&self) -> Option<Time>;

    /// Lets happen what is due.
    fn advance(&mut self, now: Time, faults: &mut Faults);

    /// What has happened, in order.
    fn poll(&mut self) -> Option<FromPipe>;

    /// Whether the connection is gone and everything about it has been told.
    fn is_over(&self) -> bool;
}

/// Whoever is at the other end of an incoming call, as a room sees it.
pub trait FarEnd {
    /// Something reached the far end.
    fn handle(&mut self, now: Time, output: &LegOutput);

    /// A playout queue of the session was cleared while it held audio.
    fn media_cleared(&mut self, now: Time);

    /// When [`FarEnd::advance`] has something to do.
    fn deadline(&self) -> Option<Time>;

    /// Does what is due.
    fn advance(&mut self, now: Time);

    /// What it does and hears, in order.
    fn poll(&mut self) -> Option<FromCaller>;

    /// The call is over for a reason outside the call.
    fn line_dead(&mut self, now: Time);

    /// Everything said and heard so far, in the order in which it began.
    fn conversation(&self) -> Vec<Utterance>;

    /// Says a line as soon as it can, if it can.
    fn say_now(&mut self, _: &str) {}

    /// Presses keys at once, if it can.
    fn press_now(&mut self, _: Time, _: &str) {}

    /// Hangs up at once, if it can.
    fn hang_up_now(&mut self) {}
}

impl FarEnd for Caller {
    fn handle(&mut self, now: Time, output: &LegOutput) {
        Caller::handle(self, now, output);
    }

    fn media_cleared(&mut self, now: Time) {
        Caller::media_cleared(self, now);
    }

    fn deadline(&self) -> Option<Time> {
        Caller::deadline(self)
    }

    fn advance(&mut self, now: Time) {
        Caller::advance(self, now);
    }

    fn poll(&mut self) -> Option<FromCaller> {
        Caller::poll(self)
    }

    fn line_dead(&mut self, now: Time) {
        Caller::line_dead(self, now);
    }

    fn conversation(&self) -> Vec<Utterance> {
        Caller::conversation(self)
    }

    fn say_now(&mut self, text: &str) {
        Caller::say_now(self, text);
    }

    fn press_now(&mut self, now: Time, digits: &str) {
        Caller::press_now(self, now, digits);
    }

    fn hang_up_now(&mut self) {
        Caller::hang_up_now(self);
    }
}

/// Sees what comes into a session from outside and what it sends to its providers.
pub trait Witness {
    /// The far end did something.
    fn leg(&mut self, now: Time, input: &LegInput);

    /// The caller begins to say this.
    fn said(&mut self, utterance: &Utterance);

    /// Something happened on the socket of this unit.
    fn socket(&mut self, now: Time, unit: &str, input: &SocketInput);

    /// The operator ended the run.
    fn shutdown(&mut self, now: Time);

    /// The session asked for a connection.
    fn connect(&mut self, now: Time, unit: &str, endpoint: &Endpoint);

    /// The session sent a message of this name.
    fn send(&mut self, now: Time, unit: &str, name: &str, frame: &WireFrame);

    /// The session closed a connection.
    fn close(&mut self, now: Time, unit: &str, code: u16);

    /// The session asked for something over HTTP.
    fn requested(&mut self, now: Time, unit: &str, request: &HttpRequest);

    /// This came of it.
    fn fetched(&mut self, now: Time, unit: &str, outcome: &HttpOutcome);
}

/// A connection that a room asks for.
#[derive(Debug)]
pub struct Dialled<'a> {
    /// The session's time.
    pub now: Time,
    /// The number of the session, from 1.
    pub session: u32,
    /// How many connections the session has asked for, this one included.
    pub ordinal: u64,
    /// Unix time of the session's start, milliseconds.
    pub epoch_ms: i64,
    /// The unit that it is for.
    pub unit: UnitId,
    /// The unit's name in the journal (`openai#1`).
    pub name: String,
    /// Who is there; `None` when only the script knows.
    pub remote: Option<&'static Remote>,
    /// Where to, with which headers.
    pub endpoint: Endpoint,
    /// The faults of the session.
    pub faults: &'a mut Faults,
}

/// Decides what a call meets that a session places.
pub trait Exchange {
    /// A call goes out now. Whoever is reached, or the way there, answers as a far end does; a refusal is one of its words.
    fn place(&mut self, now: Time, call: UnitId, facts: &CallFacts) -> Box<dyn FarEnd>;
}

/// A request over HTTP that a room makes.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The session's time.
    pub now: Time,
    /// The name of the unit that it is for (`http#1`).
    pub name: String,
    /// What.
    pub request: HttpRequest,
    /// The faults of the session.
    pub faults: &'a mut Faults,
}

/// A request over HTTP that is on its way, as a room sees it.
pub trait Fetching {
    /// When [`Fetching::poll`] has something to tell; an instant of the past means now.
    fn deadline(&self) -> Option<Time>;

    /// What happened, in order. After [`FromTransfer::Came`] nothing comes.
    fn poll(&mut self, now: Time) -> Option<FromTransfer>;
}

impl Fetching for Transfer {
    fn deadline(&self) -> Option<Time> {
        Transfer::deadline(self)
    }

    fn poll(&mut self, now: Time) -> Option<FromTransfer> {
        Transfer::poll(self, now)
    }
}

/// Opens connections for a room.
pub trait Dial {
    /// Begins to connect. An error is our own mistake: settings were checked before.
    fn dial(&mut self, setup: &WorldSetup, dialled: Dialled<'_>) -> Result<Box<dyn Line>, String>;

    /// Begins to get something over HTTP.
    fn fetch(&mut self, setup: &WorldSetup, asked: Asked<'_>) -> Box<dyn Fetching>;

    /// The bytes that waited to be sent on one connection when it was nearest to its bound, and that bound. `None` where
    /// nothing waits.
    fn backlog(&self) -> Option<(u64, u64)> {
        None
    }
}

impl Script for Engine {
    fn start(&mut self, now: Time) -> Option<Turn> {
        Some(Engine::start(self, now))
    }

    fn deliver(&mut self, now: Time, event: HostEvent) -> Option<Turn> {
        Some(Engine::deliver(self, now, event))
    }

    fn usage(&mut self) -> EngineUsage {
        Engine::usage(self)
    }
}

/// What the engine of session `number` is made with.
pub(crate) fn engine_setup(setup: &WorldSetup, number: u32, epoch_ms: i64) -> Setup {
    engine_setup_of(setup, setup.scenarios.clone(), number, epoch_ms)
}

/// The same for other scenarios than those of the world's own callers.
pub(super) fn engine_setup_of(
    setup: &WorldSetup,
    scenarios: Vec<ScenarioFile>,
    number: u32,
    epoch_ms: i64,
) -> Setup {
    Setup {
        scenarios,
        secrets: setup.secrets.clone(),
        placeholder_secrets: setup.placeholder_secrets,
        missing_secrets: setup.missing_secrets.clone(),
        custom_data: setup.custom_data.clone(),
        seed: seed::derive(setup.seed, "engine", u64::from(number)),
        epoch_ms,
        unlimited: setup.unlimited,
    }
}

impl Line for Pipe {
    fn send(&mut self, now: Time, frame: WireFrame, name: WireName) {
        Pipe::send(self, now, frame, name);
    }

    fn close(&mut self, now: Time, code: u16, _: &str) {
        Pipe::close(self, now, code);
    }

    fn deadline(&self) -> Option<Time> {
        Pipe::deadline(self)
    }

    fn advance(&mut self, now: Time, faults: &mut Faults) {
        Pipe::advance(self, now, faults);
    }

    fn poll(&mut self) -> Option<FromPipe> {
        Pipe::poll(self)
    }

    fn is_over(&self) -> bool {
        Pipe::is_over(self)
    }
}

/// Connections to the emulators of the inventory, and to stand-ins.
#[derive(Debug, Default)]
pub(super) struct Emulated {
    stand_ins: StandIns,
}

impl Dial for Emulated {
    fn dial(&mut self, setup: &WorldSetup, dialled: Dialled<'_>) -> Result<Box<dyn Line>, String> {
        let Dialled { now, session, ordinal, epoch_ms, remote, endpoint, faults, .. } = dialled;
        let Some(remote) = remote else {
            return Ok(match self.stand_ins.socket(&setup.stand_ins, &endpoint.url) {
                Some(own) => {
                    let socket = Box::new(StandInSocket::new(own.reply.clone(), own.delay_ms));
                    Box::new(Pipe::connect(now, NET, HOST, endpoint, socket, faults))
                }
                None => Box::new(Nobody::new(now, &endpoint)),
            });
        };
        let seed = seed::derive(setup.seed, remote.name, (u64::from(session) << 32) | ordinal);
        let (link, emulator) = emulator(setup, remote, seed, epoch_ms)?;
        Ok(Box::new(Pipe::connect(now, remote.name, link, endpoint, emulator, faults)))
    }

    fn fetch(&mut self, setup: &WorldSetup, asked: Asked<'_>) -> Box<dyn Fetching> {
        let Asked { now, request, faults, .. } = asked;
        let ask = |request: &HttpRequest| stand_ins::answer(&self.stand_ins, &setup.stand_ins, request);
        Box::new(Transfer::begin(now, request, ask, faults))
    }
}

/// How far away a host is that a stand-in plays.
const HOST: Link = Link { connect_ms: 60, network_ms: 20 };

/// A connection to a host that nobody stands in for.
struct Nobody {
    at: Time,
    told: VecDeque<FromPipe>,
}

impl Nobody {
    fn new(now: Time, endpoint: &Endpoint) -> Nobody {
        let url = endpoint.url.split('?').next().unwrap_or_default();
        let text = format!(
            "nothing leaves this machine offline, and no stand-in answers {url}: the host counts as unreachable. \
             Add to voxrun.toml: [[stand_in]] kind = \"websocket\", match = \"{url}*\", reply = {{ echo = true }}"
        );
        let note = FromPipe::Note { policy: None, text };
        let failed = FromPipe::Socket(SocketInput::Failed { reason: REFUSED.to_owned() });
        Nobody { at: now.plus_ms(HOST.connect_ms), told: VecDeque::from([note, failed]) }
    }
}

impl Line for Nobody {
    fn send(&mut self, _: Time, _: WireFrame, _: WireName) {}

    fn close(&mut self, _: Time, _: u16, _: &str) {
        self.told.clear();
    }

    fn deadline(&self) -> Option<Time> {
        (!self.told.is_empty()).then_some(self.at)
    }

    fn advance(&mut self, now: Time, _: &mut Faults) {
        if now >= self.at {
            self.at = Time::ZERO;
        }
    }

    fn poll(&mut self) -> Option<FromPipe> {
        if self.at > Time::ZERO { None } else { self.told.pop_front() }
    }

    fn is_over(&self) -> bool {
        self.told.is_empty()
    }
}

/// The emulated end of one connection, and how far away it is.
pub(super) fn emulator(
    setup: &WorldSetup,
    remote: &Remote,
    seed: u64,
    epoch_ms: i64,
) -> Result<(Link, Box<dyn voxrun_bindings::wire::Emulator>), String> {
    let link = Link { connect_ms: remote.connect_ms, network_ms: remote.network_ms };
    let mut settings = setup.emulators.get(remote.name).cloned().unwrap_or_default();
    let link = link.configured(&mut settings)?;
    let emulator = (remote.emulator)(EmulatorSetup {
        seed,
        epoch_ms,
        settings,
        replies: setup.replies.clone(),
        keys: setup.keys.get(remote.name).cloned().unwrap_or_default(),
    })?;
    Ok((link, emulator))
}
