//! The connections of a room and its requests over HTTP: who asked for each, and what has come of it. What a connection
//! is, only the [`Dial`] knows.

use voxrun_bindings::connection::{Fault, Faults, FromPipe, FromTransfer};
use voxrun_bindings::contract::{Time, UnitId};
use voxrun_bindings::wire::{Endpoint, HttpRequest, Remote, WireFrame, WireName};

use super::outside::{Asked, Dial, Dialled, Fetching, Line};

/// A request on its way: for whom, and that unit's number for it.
struct Fetch {
    unit: UnitId,
    number: u32,
    fetching: Box<dyn Fetching>,
}

/// All of a room, and the faults that strike them.
pub(super) struct Lines {
    session: u32,
    epoch_ms: i64,
    dial: Box<dyn Dial>,
    lines: Vec<(UnitId, Box<dyn Line>)>,
    fetches: Vec<Fetch>,
    opened: u64,
    faults: Faults,
}

impl Lines {
    /// Of the session of this number, which starts at this Unix time in milliseconds.
    pub(super) fn new(session: u32, epoch_ms: i64, faults: Vec<Fault>, dial: Box<dyn Dial>) -> Lines {
        let faults = Faults::new(faults);
        Lines { session, epoch_ms, dial, lines: Vec::new(), fetches: Vec::new(), opened: 0, faults }
    }

    /// Opens a connection for a unit of this name.
    pub(super) fn connect(
        &mut self,
        now: Time,
        unit: UnitId,
        name: String,
        remote: Option<&'static Remote>,
        endpoint: Endpoint,
    ) -> Result<(), String> {
        self.opened += 1;
        let (session, ordinal, epoch_ms) = (self.session, self.opened, self.epoch_ms);
        let faults = &mut self.faults;
        let line = self.dial.dial(Dialled {
            now,
            session,
            ordinal,
            epoch_ms,
            unit,
            name,
            remote,
            endpoint,
            faults,
        })?;
        self.lines.retain(|(other, _)| *other != unit);
        self.lines.push((unit, line));
        Ok(())
    }

    /// Sends a message on a unit's connection, if it has one.
    pub(super) fn send(&mut self, now: Time, unit: UnitId, frame: WireFrame, name: WireName) {
        if let Some(line) = self.line(unit) {
            line.send(now, frame, name);
        }
    }

    /// Closes a unit's connection, if it has one.
    pub(super) fn close(&mut self, now: Time, unit: UnitId, code: u16, reason: &str) {
        if let Some(line) = self.line(unit) {
            line.close(now, code, reason);
        }
    }

    /// Makes a request for a unit of this name.
    pub(super) fn fetch(&mut self, now: Time, unit: UnitId, name: String, number: u32, request: HttpRequest) {
        let fetching = self.dial.fetch(Asked { now, name, request, faults: &mut self.faults });
        self.fetches.push(Fetch { unit, number, fetching });
    }

    /// When something happens on a connection.
    pub(super) fn line_deadline(&self) -> Option<Time> {
        self.lines.iter().filter_map(|(_, line)| line.deadline()).min()
    }

    /// When something comes of a request.
    pub(super) fn fetch_deadline(&self) -> Option<Time> {
        self.fetches.iter().filter_map(|fetch| fetch.fetching.deadline()).min()
    }

    /// Lets the first connection on which something is due do it; whether there was one.
    pub(super) fn advance(&mut self, now: Time) -> bool {
        let due = |line: &dyn Line| line.deadline().is_some_and(|at| at <= now);
        match self.lines.iter_mut().find(|(_, line)| due(line.as_ref())) {
            Some((_, line)) => {
                line.advance(now, &mut self.faults);
                true
            }
            None => false,
        }
    }

    /// What has happened on one of the connections, in order.
    pub(super) fn poll(&mut self) -> Option<(UnitId, FromPipe)> {
        self.lines.iter_mut().find_map(|(unit, line)| Some((*unit, line.poll()?)))
    }

    /// The first thing that has come of a request, in the order in which they were made: for whom, and its number there.
    pub(super) fn poll_fetch(&mut self, now: Time) -> Option<(UnitId, u32, FromTransfer)> {
        let mut all = self.fetches.iter_mut().enumerate();
        let (at, item) = all.find_map(|(at, fetch)| Some((at, fetch.fetching.poll(now)?)))?;
        let (unit, number) = (self.fetches[at].unit, self.fetches[at].number);
        if matches!(item, FromTransfer::Came(_)) {
            self.fetches.remove(at);
        }
        Some((unit, number, item))
    }

    /// Forgets the connections that are gone.
    pub(super) fn sweep(&mut self) {
        self.lines.retain(|(_, line)| !line.is_over());
    }

    /// The bytes that waited on one connection when it was nearest to its bound, and that bound.
    pub(super) fn backlog(&self) -> Option<(u64, u64)> {
        self.dial.backlog()
    }

    /// Faults whose moment never came.
    pub(super) fn unfired(&self) -> Vec<String> {
        self.faults.unfired().collect()
    }

    fn line(&mut self, unit: UnitId) -> Option<&mut Box<dyn Line>> {
        self.lines.iter_mut().find_map(|(own, line)| (*own == unit).then_some(line))
    }
}
