//! Sound on the session's clock: a tick every 20 ms while anything can flow, none otherwise, so that quiet time is free.
//! Ticks lie on a grid of 20 ms since the session's start. A late clock (live) catches up a few ticks and skips the rest.

use serde_json::json;
use voxrun_audio::FRAME_MS;
use voxrun_bindings::contract::{Time, UnitId};
use voxrun_bindings::wire::{Playout, ToUnit};

use super::Session;
use super::io::{LegOutput, Output};
use crate::journal::EntryKind;
use crate::media::{Connected, Side};
use crate::telephony::LINE_RATE;

const FRAME_US: u64 = FRAME_MS as u64 * 1000;
/// How late a tick may be to be caught up.
const CATCH_UP_US: u64 = 10 * FRAME_US;

/// When the next 20 ms are due.
#[derive(Debug, Default)]
pub(super) struct TickClock {
    pub(super) next: Option<Time>,
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

impl Session {
    /// Starts and stops the ticks.
    pub(super) fn set_tick(&mut self) {
        match (self.graph.is_flowing(), self.ticks.next) {
            (false, _) => self.ticks.next = None,
            (true, None) => self.ticks.start(self.now),
            (true, Some(_)) => {}
        }
    }

    /// Moves 20 ms of sound from every source to whoever gets it, then tells what became of the queues.
    pub(super) fn tick(&mut self) {
        let at = self.ticks.next.unwrap_or(self.now);
        self.ticks.serve(self.now);
        self.graph.pull();
        for number in 0..self.graph.unit_count() {
            let Some((unit, frame)) = self.graph.mix(number) else { continue };
            if self.connectors.contains_key(&unit) {
                self.drive(unit, ToUnit::Audio(&frame));
            } else if !frame.is_silent() {
                self.far_end_hears(unit, at, frame);
            }
        }
        while let Some(notice) = self.graph.notice() {
            self.playout(notice.unit, notice.playout);
        }
    }

    fn far_end_hears(&mut self, call: UnitId, at: Time, frame: voxrun_audio::Frame) {
        let Some(unit) = self.calls.get_mut(&call) else { return };
        let frame = unit.line.to_far_end(frame);
        if let Some(recorder) = &mut unit.recorder {
            recorder.put(Side::Agent, at, &frame);
        }
        self.outputs.push_back(Output::Leg { call, output: LegOutput::Audio(frame) });
    }

    fn playout(&mut self, unit: UnitId, playout: Playout) {
        let (name, data) = match playout {
            Playout::Started => ("playout_started", json!({})),
            Playout::Drained { played_ms } => ("playout_drained", json!({ "played_ms": played_ms })),
            Playout::Cleared { dropped_ms } => ("playout_cleared", json!({ "dropped_ms": dropped_ms })),
        };
        self.write(&self.names.of(unit), EntryKind::Media, name, data);
        if matches!(playout, Playout::Cleared { dropped_ms: 1.. }) {
            self.outputs.push_back(Output::MediaCleared { unit });
        }
        self.drive(unit, ToUnit::Playout(playout));
    }

    /// `unit.sendMediaTo(other)`
    pub(super) fn link(&mut self, from: UnitId, to: UnitId) {
        let source = self.names.of(from);
        match self.graph.connect(from, to) {
            Ok(Connected::New { replaced }) => {
                if let Some(former) = replaced {
                    let data = json!({ "to": self.names.of(to), "replaced_by": source });
                    self.write(&self.names.of(former), EntryKind::Media, "stream_stopped", data);
                }
                self.write(&source, EntryKind::Media, "stream_started", json!({ "to": self.names.of(to) }));
            }
            Ok(Connected::Already) => {}
            Err(why) => {
                let text = format!("sending {source} to {} did nothing: {why}", self.names.of(to));
                self.note(&source, Some("F-037"), &text);
            }
        }
    }

    /// `unit.stopMediaTo(other)`
    pub(super) fn stop_link(&mut self, from: UnitId, to: UnitId) {
        if self.graph.disconnect(from, to) {
            self.write(
                &self.names.of(from),
                EntryKind::Media,
                "stream_stopped",
                json!({ "to": self.names.of(to) }),
            );
        }
    }

    /// A unit is gone, and its links with it.
    pub(super) fn unlink(&mut self, unit: UnitId) {
        for (from, to) in self.graph.remove(unit) {
            self.write(
                &self.names.of(from),
                EntryKind::Media,
                "stream_stopped",
                json!({ "to": self.names.of(to) }),
            );
        }
    }

    /// `clearMediaBuffer()`, `clearBuffer()`: the next tick plays nothing of what waited.
    pub(super) fn clear_media(&mut self, unit: UnitId) {
        if !self.connectors.contains_key(&unit) {
            let text = format!("clearing {} did nothing: there is no such unit", self.names.of(unit));
            return self.note("", Some("F-037"), &text);
        }
        let dropped_ms = self.graph.clear(unit);
        self.playout(unit, Playout::Cleared { dropped_ms });
    }

    /// `player.pause()`, `player.resume()`
    pub(super) fn pause(&mut self, unit: UnitId, paused: bool) {
        self.graph.set_paused(unit, LINE_RATE, paused);
        let name = if paused { "playout_paused" } else { "playout_resumed" };
        self.write(&self.names.of(unit), EntryKind::Media, name, json!({}));
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
