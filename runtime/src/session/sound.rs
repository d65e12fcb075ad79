//! Sound on the session's clock: a tick every 20 ms while anything can flow, none otherwise, so that quiet time is free.
//! Ticks lie on a grid of 20 ms since the session's start. A late clock (live) catches up a few ticks and skips the rest.
//! Who hears a frame is told by [`Sound::mix`]; what becomes of it there is the units' business.

use std::collections::VecDeque;

use serde_json::json;
use voxrun_audio::{FRAME_MS, Frame, Rate};
use voxrun_bindings::contract::{Dictionary, MediaAsk, Time, UnitId};
use voxrun_bindings::wire::Playout;

use super::scribe::Scribe;
use crate::journal::EntryKind;
use crate::media::{Connected, MediaGraph, Notice};
use crate::telephony::LINE_RATE;

const FRAME_US: u64 = FRAME_MS as u64 * 1000;
/// How late a tick may be to be caught up.
const CATCH_UP_US: u64 = 10 * FRAME_US;

/// When the next 20 ms are due.
#[derive(Debug, Default)]
struct TickClock {
    next: Option<Time>,
    last: Option<Time>,
}

impl TickClock {
    /// The first instant of the grid from `now` on that was not served yet.
    fn start(&mut self, now: Time) {
        let on_grid = now.as_us().div_ceil(FRAME_US) * FRAME_US;
        let unserved = self.last.map_or(0, |last| last.as_us() + FRAME_US);
        self.next = Some(Time::from_us(on_grid.max(unserved)));
    }

    /// This tick is served.
    fn serve(&mut self, now: Time) {
        let Some(due) = self.next else { return };
        self.last = Some(due);
        let late_us = now.as_us().saturating_sub(due.as_us());
        let skipped = if late_us > CATCH_UP_US { late_us / FRAME_US } else { 0 };
        self.next = Some(Time::from_us(due.as_us() + FRAME_US * (1 + skipped)));
    }
}

/// A link that came or went, for the unit that listens.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Linked {
    /// Who is sent.
    pub(super) from: UnitId,
    /// Who listens.
    pub(super) to: UnitId,
    /// What the script said of it; `None` when the link is gone.
    pub(super) with: Option<Dictionary>,
}

/// Who hears whom, and when.
#[derive(Debug, Default)]
pub(super) struct Sound {
    graph: MediaGraph,
    ticks: TickClock,
    /// Links that came or went and that nobody was told of yet.
    changes: VecDeque<Linked>,
    /// Milliseconds that did not fit into a playout queue.
    dropped_ms: u64,
}

impl Sound {
    /// A call's leg.
    pub(super) fn add_leg(&mut self, call: UnitId, rate: Rate) {
        self.graph.add_leg(call, rate);
    }

    /// Whether the far end of a leg hears us, and whether we hear it.
    pub(super) fn set_leg(&mut self, call: UnitId, hears: bool, heard: bool) {
        self.graph.set_leg(call, hears, heard);
    }

    /// A unit that plays, or listens, or both.
    pub(super) fn add_machine(&mut self, unit: UnitId) {
        self.graph.add_connector(unit);
    }

    /// A unit whose listeners hear what the others send to it.
    pub(super) fn add_mixer(&mut self, unit: UnitId, rate: Rate) {
        self.graph.add_mixer(unit, rate);
    }

    /// The rate at which a unit listens, if it does.
    pub(super) fn set_hears_at(&mut self, unit: UnitId, rate: Option<Rate>) {
        self.graph.set_hears_at(unit, rate);
    }

    /// A frame of a call's far end.
    pub(super) fn feed(&mut self, call: UnitId, frame: Frame) {
        self.graph.feed(call, frame);
    }

    /// Appends to a playout queue; how many milliseconds did not fit.
    pub(super) fn enqueue(&mut self, unit: UnitId, rate: Rate, samples: Vec<i16>) -> u64 {
        let lost_ms = self.graph.enqueue(unit, rate, samples);
        self.dropped_ms += lost_ms;
        lost_ms
    }

    /// Milliseconds that did not fit into a playout queue, in the whole session.
    pub(super) fn dropped_ms(&self) -> u64 {
        self.dropped_ms
    }

    /// Empties a playout queue; how many milliseconds were dropped.
    pub(super) fn clear(&mut self, unit: UnitId) -> u64 {
        self.graph.clear(unit)
    }

    /// When the next tick is due. Starts and stops the ticks.
    pub(super) fn next_due(&mut self, now: Time) -> Option<Time> {
        match (self.graph.is_flowing(), self.ticks.next) {
            (false, _) => self.ticks.next = None,
            (true, None) => self.ticks.start(now),
            (true, Some(_)) => {}
        }
        self.ticks.next
    }

    /// Begins a tick: takes 20 ms out of every source. The instant it was due at.
    pub(super) fn begin_tick(&mut self, now: Time) -> Time {
        let at = self.ticks.next.unwrap_or(now);
        self.ticks.serve(now);
        self.graph.pull();
        at
    }

    /// How many slots there are to [`Sound::mix`] on a tick.
    pub(super) fn slots(&self) -> usize {
        self.graph.unit_count()
    }

    /// Who stands in this slot and what it hears on this tick, if it hears anything.
    pub(super) fn mix(&mut self, slot: usize) -> Option<(UnitId, Frame)> {
        self.graph.mix(slot)
    }

    /// What became of a playout queue on this tick.
    pub(super) fn notice(&mut self) -> Option<Notice> {
        self.graph.notice()
    }

    /// A link that came or went and that its listener was not told of yet.
    pub(super) fn change(&mut self) -> Option<Linked> {
        self.changes.pop_front()
    }

    /// Does what a script asks of the sound, but for clearing, which the unit itself has a say in.
    pub(super) fn ask(&mut self, scribe: &mut Scribe, ask: MediaAsk) {
        match ask {
            MediaAsk::Send { from, to, with } => self.link(scribe, from, to, with),
            MediaAsk::Stop { from, to } => self.stop_link(scribe, from, to),
            MediaAsk::SendBetween { a, b } => {
                self.link(scribe, a, b, Dictionary::new());
                self.link(scribe, b, a, Dictionary::new());
            }
            MediaAsk::StopBetween { a, b } => {
                self.stop_link(scribe, a, b);
                self.stop_link(scribe, b, a);
            }
            MediaAsk::Pause { unit, paused } => self.pause(scribe, unit, paused),
            MediaAsk::Clear { .. } => {}
        }
    }

    /// `unit.sendMediaTo(other)`
    fn link(&mut self, scribe: &mut Scribe, from: UnitId, to: UnitId, with: Dictionary) {
        match self.graph.connect(from, to) {
            Ok(Connected::New { replaced }) => {
                if let Some(former) = replaced {
                    let data = json!({ "to": scribe.name_of(to), "replaced_by": scribe.name_of(from) });
                    scribe.write_of(former, EntryKind::Media, "stream_stopped", data);
                }
                let data = json!({ "to": scribe.name_of(to) });
                scribe.write_of(from, EntryKind::Media, "stream_started", data);
                self.changes.push_back(Linked { from, to, with: Some(with) });
            }
            Ok(Connected::Already) => {}
            Err(why) => {
                let text =
                    format!("sending {} to {} did nothing: {why}", scribe.name_of(from), scribe.name_of(to));
                scribe.note_of(from, Some("F-037"), &text);
            }
        }
    }

    /// `unit.stopMediaTo(other)`
    fn stop_link(&mut self, scribe: &mut Scribe, from: UnitId, to: UnitId) {
        if self.graph.disconnect(from, to) {
            self.stopped(scribe, from, to);
        }
    }

    fn stopped(&mut self, scribe: &mut Scribe, from: UnitId, to: UnitId) {
        let data = json!({ "to": scribe.name_of(to) });
        scribe.write_of(from, EntryKind::Media, "stream_stopped", data);
        self.changes.push_back(Linked { from, to, with: None });
    }

    /// A unit is gone, and its links with it.
    pub(super) fn unlink(&mut self, scribe: &mut Scribe, unit: UnitId) {
        for (from, to) in self.graph.remove(unit) {
            self.stopped(scribe, from, to);
        }
    }

    /// `player.pause()`, `player.resume()`
    fn pause(&mut self, scribe: &mut Scribe, unit: UnitId, paused: bool) {
        self.graph.set_paused(unit, LINE_RATE, paused);
        let name = if paused { "playout_paused" } else { "playout_resumed" };
        scribe.write_of(unit, EntryKind::Media, name, json!({}));
    }
}

/// What became of a queue, as the journal tells it.
pub(super) fn told(playout: Playout) -> (&'static str, serde_json::Value) {
    match playout {
        Playout::Started => ("playout_started", json!({})),
        Playout::Drained { played_ms } => ("playout_drained", json!({ "played_ms": played_ms })),
        Playout::Cleared { dropped_ms } => ("playout_cleared", json!({ "dropped_ms": dropped_ms })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_lie_on_the_grid_and_never_twice_at_one_instant() {
        let mut clock = TickClock::default();
        clock.start(Time::from_us(40_001));
        assert_eq!(clock.next, Some(Time::from_ms(60)));
        clock.serve(Time::from_ms(60));
        assert_eq!(clock.next, Some(Time::from_ms(80)));
        clock.start(Time::from_ms(60));
        assert_eq!(clock.next, Some(Time::from_ms(80)));
    }

    #[test]
    fn a_late_clock_catches_up_a_little_and_skips_the_rest() {
        let mut clock = TickClock::default();
        clock.start(Time::ZERO);
        clock.serve(Time::from_ms(45));
        assert_eq!(clock.next, Some(Time::from_ms(20)));
        clock.serve(Time::from_ms(1030));
        assert_eq!(clock.next, Some(Time::from_ms(1040)));
    }
}
