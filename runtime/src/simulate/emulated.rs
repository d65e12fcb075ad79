//! What stands outside of a room in virtual time: its script answers at once, a connection is a [`Pipe`] to an emulator or
//! to a stand-in, and a host that nobody stands in for is unreachable.

use std::collections::VecDeque;
use std::rc::Rc;

use voxrun_bindings::connection::{Faults, FromPipe, Link, NET, Pipe, REFUSED, Transfer};
use voxrun_bindings::contract::{EngineUsage, HostEvent, Remark, Time, Turn};
use voxrun_bindings::engine::Engine;
use voxrun_bindings::wire::{
    Emulator, EmulatorSetup, Endpoint, HttpRequest, Remote, SocketInput, WireFrame, WireName,
};

use super::setup::WorldSetup;
use crate::room::{Asked, Dial, Dialled, Fetching, Line, Script};
use crate::session::seed;
use crate::stand_ins::{self, StandInSocket, StandIns};

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

/// Connections to the emulators of the inventory, and to stand-ins.
#[derive(Debug)]
pub(super) struct Emulated {
    setup: Rc<WorldSetup>,
    stand_ins: StandIns,
}

impl Emulated {
    /// As the setup says who is there.
    pub(super) fn new(setup: Rc<WorldSetup>) -> Emulated {
        Emulated { setup, stand_ins: StandIns::default() }
    }

    /// Who has come to the session's own URL: a stand-in for its path, or somebody who says nothing.
    fn visitor(&self, now: Time, endpoint: Endpoint, faults: &mut Faults) -> Box<dyn Line> {
        let own = self.stand_ins.socket(&self.setup.stand_ins, &endpoint.url);
        let (reply, delay_ms) = own.map(|own| (own.reply.clone(), own.delay_ms)).unwrap_or_default();
        let socket = Box::new(StandInSocket::new(reply, delay_ms));
        Box::new(Pipe::connect(now, NET, VISITOR, endpoint, socket, faults))
    }
}

impl Dial for Emulated {
    fn dial(&mut self, dialled: Dialled<'_>) -> Result<Box<dyn Line>, String> {
        let Dialled { now, session, ordinal, epoch_ms, remote, endpoint, faults, .. } = dialled;
        let Some(remote) = remote else {
            if endpoint.url.starts_with('/') {
                return Ok(self.visitor(now, endpoint, faults));
            }
            return Ok(match self.stand_ins.socket(&self.setup.stand_ins, &endpoint.url) {
                Some(own) => {
                    let socket = Box::new(StandInSocket::new(own.reply.clone(), own.delay_ms));
                    Box::new(Pipe::connect(now, NET, HOST, endpoint, socket, faults))
                }
                None => Box::new(Nobody::new(now, &endpoint)),
            });
        };
        let seed = seed::derive(self.setup.seed, remote.name, (u64::from(session) << 32) | ordinal);
        let (link, emulator) = emulator(&self.setup, remote, seed, epoch_ms)?;
        Ok(Box::new(Pipe::connect(now, remote.name, link, endpoint, emulator, faults)))
    }

    fn fetch(&mut self, asked: Asked<'_>) -> Box<dyn Fetching> {
        let Asked { now, request, faults, .. } = asked;
        let ask = |request: &HttpRequest| {
            let stand_in = stand_ins::answer(&self.stand_ins, &self.setup.stand_ins, request);
            stand_in.or_else(|| self.setup.network.as_ref()?.ask(request))
        };
        Box::new(Transfer::begin(now, request, ask, faults))
    }
}

/// How far away a host is that a stand-in plays.
const HOST: Link = Link { connect_ms: 60, network_ms: 20 };

/// A visitor has connected already when it is told of.
const VISITOR: Link = Link { connect_ms: 0, network_ms: 20 };

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
        let note = FromPipe::Note(Remark::new(text));
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
) -> Result<(Link, Box<dyn Emulator>), String> {
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
