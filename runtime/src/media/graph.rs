//! Who is connected to whom, by the platform's rules (semantics section 6): a unit feeds any number of others; a call has
//! one incoming stream, which a new one replaces and nothing restores; other sinks add up what they get, saturating; a
//! link made before its ends can carry sound takes effect when they can; links vanish with the unit. What is sent to a
//! mixer (a conference) is added up there, and every listener of it hears the sum without its own part, in the same tick.
//!
//! A tick is [`MediaGraph::pull`], then [`MediaGraph::mix`] for each unit, then [`MediaGraph::notice`] until there is none.
//! Units stand in slots and links are sorted by the slot of their sink whenever a unit or link comes or goes, so that a
//! tick costs one step a link and searches nothing. It allocates nothing once every unit has had its first tick. It
//! deliberately knows no clock, script or provider.

use std::collections::{BTreeMap, VecDeque};

use voxrun_audio::{Frame, Rate};
use voxrun_bindings::contract::UnitId;
use voxrun_bindings::wire::Playout;

use super::edge::Edge;
use super::queue::PlayoutQueue;
use super::routes::{Route, Routes};

/// Frames of a far end that wait for a tick: enough for a tick that comes a little before or after its frame.
const INBOX_FRAMES: usize = 3;

/// What became of a queue's audio on this tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Whose queue it is.
    pub unit: UnitId,
    /// What happened.
    pub playout: Playout,
}

/// What making a link did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connected {
    /// There is a new link; it took the place of the stream from this unit, if it names one.
    New {
        /// The former source of the call.
        replaced: Option<UnitId>,
    },
    /// The link existed already.
    Already,
}

/// Why a link cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// There is no such unit (any more).
    #[error("the unit does not exist any more")]
    NoSuchUnit(UnitId),
    /// A unit cannot listen to itself.
    #[error("a unit cannot be sent to itself")]
    Itself(UnitId),
}

enum Port {
    /// A call.
    Leg { rate: Rate, hears: bool, heard: bool, inbox: VecDeque<Frame> },
    /// A conference. It adds up wider than a sample, so that taking one part out again is exact; what a listener gets
    /// saturates.
    Mixer { rate: Rate, sum: Box<[i32]>, sounding: bool },
    /// A provider's unit.
    Connector { hears_at: Option<Rate>, queue: Option<PlayoutQueue> },
}

struct Slot {
    id: UnitId,
    port: Port,
    /// What it gives on this tick.
    out: Option<Frame>,
}

impl Slot {
    /// The rate at which it takes audio now, if it does.
    fn hears_at(&self) -> Option<Rate> {
        match &self.port {
            Port::Leg { rate, hears, .. } => hears.then_some(*rate),
            Port::Mixer { rate, .. } => Some(*rate),
            Port::Connector { hears_at, .. } => *hears_at,
        }
    }

    fn is_leg(&self) -> bool {
        matches!(self.port, Port::Leg { .. })
    }

    fn is_mixer(&self) -> bool {
        matches!(self.port, Port::Mixer { .. })
    }

    /// What a mixer gives to a listener whose own part this is; `None` when there is nothing else in it.
    fn mixed_without(&self, own: Option<&Frame>) -> Option<Frame> {
        let Port::Mixer { rate, sum, sounding: true } = &self.port else { return None };
        let mut frame = Frame::silence(*rate);
        for (at, (out, all)) in frame.samples_mut().iter_mut().zip(sum).enumerate() {
            let own = own.and_then(|own| own.samples().get(at)).copied().unwrap_or(0);
            *out = (all - i32::from(own)).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        }
        Some(frame)
    }

    fn is_heard_leg(&self) -> bool {
        matches!(self.port, Port::Leg { heard: true, .. })
    }

    /// Takes the next frame out of the source.
    fn pull(&mut self, notices: &mut Vec<Notice>) {
        self.out = match &mut self.port {
            Port::Leg { heard: false, .. } => None,
            Port::Leg { rate, inbox, .. } => Some(inbox.pop_front().unwrap_or(Frame::silence(*rate))),
            Port::Mixer { .. } => None,
            Port::Connector { queue, .. } => queue.as_mut().and_then(|queue| {
                let (frame, playout) = queue.pull();
                notices.extend(playout.map(|playout| Notice { unit: self.id, playout }));
                frame
            }),
        };
    }
}

/// The units and links of one session.
#[derive(Default)]
pub struct MediaGraph {
    units: Vec<Slot>,
    /// In the order they were made.
    edges: Vec<Edge>,
    slots: BTreeMap<UnitId, usize>,
    routes: Routes,
    /// What each link brought its mixer on this tick, by the link's place.
    parts: Vec<Option<Frame>>,
    notices: Vec<Notice>,
}

impl MediaGraph {
    /// A graph without units.
    #[must_use]
    pub fn new() -> MediaGraph {
        MediaGraph::default()
    }

    /// Adds a call leg at this rate. It neither hears nor is heard yet.
    pub fn add_leg(&mut self, id: UnitId, rate: Rate) {
        self.add(
            id,
            Port::Leg { rate, hears: false, heard: false, inbox: VecDeque::with_capacity(INBOX_FRAMES) },
        );
    }

    /// Adds a conference that adds up at this rate.
    pub fn add_mixer(&mut self, id: UnitId, rate: Rate) {
        self.add(id, Port::Mixer { rate, sum: vec![0; rate.frame_samples()].into(), sounding: false });
    }

    /// Adds a provider's unit.
    pub fn add_connector(&mut self, id: UnitId) {
        self.add(id, Port::Connector { hears_at: None, queue: None });
    }

    /// Removes a unit and its links, which are returned in the order they were made.
    pub fn remove(&mut self, id: UnitId) -> Vec<(UnitId, UnitId)> {
        self.units.retain(|unit| unit.id != id);
        let gone = |edge: &Edge| edge.from == id || edge.to == id;
        let links = self.edges.iter().filter(|edge| gone(edge)).map(|edge| (edge.from, edge.to)).collect();
        self.edges.retain(|edge| !gone(edge));
        self.route();
        links
    }

    /// Whether the far end of a leg hears us, and whether we hear it.
    pub fn set_leg(&mut self, id: UnitId, hears_now: bool, heard_now: bool) {
        if let Some(Port::Leg { hears, heard, inbox, .. }) = self.port(id) {
            (*hears, *heard) = (hears_now, heard_now);
            if !heard_now {
                inbox.clear();
            }
        }
    }

    /// The rate at which a provider takes audio.
    pub fn set_hears_at(&mut self, id: UnitId, rate: Option<Rate>) {
        if let Some(Port::Connector { hears_at, .. }) = self.port(id) {
            *hears_at = rate;
        }
    }

    /// Links two units.
    ///
    /// # Errors
    /// When one of them is not there, or both are the same.
    pub fn connect(&mut self, from: UnitId, to: UnitId) -> Result<Connected, GraphError> {
        if from == to {
            return Err(GraphError::Itself(from));
        }
        self.find(from).ok_or(GraphError::NoSuchUnit(from))?;
        let exclusive = self.find(to).ok_or(GraphError::NoSuchUnit(to))?.is_leg();
        if self.edges.iter().any(|edge| edge.from == from && edge.to == to) {
            return Ok(Connected::Already);
        }
        let mut replaced = None;
        if exclusive {
            replaced = self.edges.iter().find(|edge| edge.to == to).map(|edge| edge.from);
            self.edges.retain(|edge| edge.to != to);
        }
        self.edges.push(Edge::new(from, to));
        self.route();
        Ok(Connected::New { replaced })
    }

    /// Takes a link away; whether there was one.
    pub fn disconnect(&mut self, from: UnitId, to: UnitId) -> bool {
        let before = self.edges.len();
        self.edges.retain(|edge| edge.from != from || edge.to != to);
        self.route();
        self.edges.len() < before
    }

    /// The links in the order they were made.
    pub fn links(&self) -> impl Iterator<Item = (UnitId, UnitId)> {
        self.edges.iter().map(|edge| (edge.from, edge.to))
    }

    /// Gives a frame of the far end to the next tick. It is not kept when nobody listens, so that a listener who comes
    /// later hears the present.
    pub fn feed(&mut self, id: UnitId, frame: Frame) {
        if !self.slots.get(&id).is_some_and(|slot| self.routes.has_listener(*slot)) {
            return;
        }
        if let Some(Port::Leg { heard: true, inbox, .. }) = self.port(id) {
            if inbox.len() == INBOX_FRAMES {
                inbox.pop_front();
            }
            inbox.push_back(frame);
        }
    }

    /// Appends audio to a unit's playout queue; returns how many milliseconds did not fit. A queue keeps the rate of its
    /// first audio until it is empty.
    pub fn enqueue(&mut self, id: UnitId, rate: Rate, samples: Vec<i16>) -> u64 {
        let Some(Port::Connector { queue, .. }) = self.port(id) else { return 0 };
        let playing = queue.get_or_insert_with(|| PlayoutQueue::new(rate));
        if playing.rate() == rate {
            return playing.push(samples);
        }
        if playing.queued_ms() == 0 {
            let paused = playing.is_paused();
            *playing = PlayoutQueue::new(rate);
            playing.set_paused(paused);
            return playing.push(samples);
        }
        let same = voxrun_audio::convert(&samples, rate.hz(), playing.rate().hz());
        playing.push(same)
    }

    /// Empties a unit's queue, so that the next tick plays nothing of it; returns how many milliseconds were dropped.
    pub fn clear(&mut self, id: UnitId) -> u64 {
        self.edges.iter_mut().filter(|edge| edge.from == id).for_each(Edge::cut);
        match self.port(id) {
            Some(Port::Connector { queue: Some(queue), .. }) => queue.clear(),
            _ => 0,
        }
    }

    /// Pauses and resumes a unit's queue. A unit that has no audio yet remembers it.
    pub fn set_paused(&mut self, id: UnitId, rate_if_new: Rate, paused: bool) {
        if let Some(Port::Connector { queue, .. }) = self.port(id) {
            queue.get_or_insert_with(|| PlayoutQueue::new(rate_if_new)).set_paused(paused);
        }
    }

    /// A unit's playout queue, if it ever had audio.
    #[must_use]
    pub fn queue(&self, id: UnitId) -> Option<&PlayoutQueue> {
        match &self.find(id)?.port {
            Port::Connector { queue, .. } => queue.as_ref(),
            Port::Leg { .. } | Port::Mixer { .. } => None,
        }
    }

    /// Whether a tick would move anything: a queue plays, or a call is heard by a unit that takes audio.
    #[must_use]
    pub fn is_flowing(&self) -> bool {
        let plays = |unit: &Slot| matches!(&unit.port, Port::Connector { queue: Some(queue), .. } if queue.is_active());
        let carries = |route: &Route| {
            self.units.get(route.from).is_some_and(Slot::is_heard_leg)
                && self.units.get(route.to).is_some_and(|sink| sink.hears_at().is_some())
        };
        self.units.iter().any(plays) || self.routes.by_sink.iter().any(carries)
    }

    /// Begins a tick: takes one frame out of every source.
    pub fn pull(&mut self) {
        for unit in &mut self.units {
            unit.pull(&mut self.notices);
        }
        for number in 0..self.routes.mixers.len() {
            self.add_up(self.routes.mixers[number]);
        }
    }

    /// How many units there are: [`MediaGraph::mix`] takes the numbers below it.
    #[must_use]
    pub fn unit_count(&self) -> usize {
        self.units.len()
    }

    /// What the unit of this number gets on this tick, at its own rate; `None` when nothing reaches it. A mixer keeps what
    /// it gets, so it gets nothing here.
    pub fn mix(&mut self, number: usize) -> Option<(UnitId, Frame)> {
        let sink = self.units.get(number).filter(|unit| !unit.is_mixer())?;
        let (id, rate) = (sink.id, sink.hears_at()?);
        let mut sum: Option<Frame> = None;
        for route in self.routes.of_sink(number) {
            let (Some(source), Some(edge)) = (self.units.get(route.from), self.edges.get_mut(route.edge))
            else {
                continue;
            };
            let without = route.own_part.and_then(|own| self.parts.get(own)).and_then(Option::as_ref);
            let mixed = source.mixed_without(without);
            let Some(frame) = edge.carry(mixed.as_ref().or(source.out.as_ref()), rate) else { continue };
            match &mut sum {
                Some(sum) => sum.mix(&frame),
                None => sum = Some(frame),
            }
        }
        sum.map(|frame| (id, frame))
    }

    /// Adds up what reaches a mixer on this tick. A mixer that is sent to another mixer is not carried on: two that are
    /// sent to each other would have no first.
    fn add_up(&mut self, number: usize) {
        let MediaGraph { units, edges, routes, parts, .. } = self;
        let Some(Slot { port: Port::Mixer { rate, .. }, .. }) = units.get(number) else { return };
        let rate = *rate;
        for route in routes.of_sink(number) {
            let source = units.get(route.from).and_then(|unit| unit.out.as_ref());
            if let (Some(edge), Some(part)) = (edges.get_mut(route.edge), parts.get_mut(route.edge)) {
                *part = edge.carry(source, rate);
            }
        }
        let Some(Slot { port: Port::Mixer { sum, sounding, .. }, .. }) = units.get_mut(number) else {
            return;
        };
        sum.fill(0);
        *sounding = false;
        for part in routes.of_sink(number).filter_map(|route| parts.get(route.edge)?.as_ref()) {
            *sounding = true;
            for (all, sample) in sum.iter_mut().zip(part.samples()) {
                *all += i32::from(*sample);
            }
        }
    }

    /// Resolves ids to slots. Done when a unit or link comes or goes, never on a tick.
    fn route(&mut self) {
        self.slots = self.units.iter().enumerate().map(|(slot, unit)| (unit.id, slot)).collect();
        self.routes = Routes::new(&self.edges, &self.slots, self.units.len());
        self.routes.mixers.clear();
        for (slot, unit) in self.units.iter_mut().enumerate() {
            // In the middle of a tick a sum whose parts are forgotten would come back to who said it.
            if let Port::Mixer { sounding, .. } = &mut unit.port {
                *sounding = false;
                self.routes.mixers.push(slot);
            }
        }
        self.parts.clear();
        self.parts.resize_with(self.edges.len(), || None);
    }

    /// Ends a tick: the oldest thing that became of a queue and was not told yet.
    pub fn notice(&mut self) -> Option<Notice> {
        if self.notices.is_empty() { None } else { Some(self.notices.remove(0)) }
    }

    fn add(&mut self, id: UnitId, port: Port) {
        self.units.retain(|unit| unit.id != id);
        self.units.push(Slot { id, port, out: None });
        self.route();
    }

    fn find(&self, id: UnitId) -> Option<&Slot> {
        self.units.get(*self.slots.get(&id)?)
    }

    fn port(&mut self, id: UnitId) -> Option<&mut Port> {
        self.units.get_mut(*self.slots.get(&id)?).map(|unit| &mut unit.port)
    }
}

impl std::fmt::Debug for MediaGraph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let links: Vec<_> = self.links().collect();
        f.debug_struct("MediaGraph").field("links", &links).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod mixer_tests;
#[cfg(test)]
mod tests;
