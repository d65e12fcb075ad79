//! What a room stands on and does not know: where its script runs, and what a connection to a provider is. In virtual
//! time the script answers at once and connections are emulated; live, the script has a thread and connections have
//! sockets. The room treats both alike.

use voxrun_bindings::connection::{Faults, FromPipe, FromTransfer, Pipe, Transfer};
use voxrun_bindings::contract::{EngineUsage, HostEvent, Time, Turn, UnitId};
use voxrun_bindings::wire::{
    Endpoint, HttpOutcome, HttpRequest, Recorded, Remote, SocketInput, WireFrame, WireName,
};

use super::conversation::Utterance;
use crate::session::LegInput;

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

/// Makes files of what scripts record. It takes a part and returns at once.
pub trait Archive: std::fmt::Debug + Send + Sync {
    /// The next part of what this unit of this session records.
    fn keep(&self, session: u32, unit: UnitId, part: Recorded);
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
    fn dial(&mut self, dialled: Dialled<'_>) -> Result<Box<dyn Line>, String>;

    /// Begins to get something over HTTP.
    fn fetch(&mut self, asked: Asked<'_>) -> Box<dyn Fetching>;

    /// The bytes that waited to be sent on one connection when it was nearest to its bound, and that bound. `None` where
    /// nothing waits.
    fn backlog(&self) -> Option<(u64, u64)> {
        None
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
