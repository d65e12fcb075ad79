//! The markers of a player: how far it has played, and which of them it has passed.

use crate::contract::Time;

/// One marker: milliseconds from the beginning of its segment, or, when negative, from its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Marker {
    /// The place of the segment.
    pub(super) segment: usize,
    /// As the script gave it.
    pub(super) offset: f64,
}

/// The markers, and the round that is played.
#[derive(Debug, Default)]
pub(super) struct Markers {
    all: Vec<Marker>,
    /// Those ahead in this round: the place and the marker's offset, the next one last.
    ahead: Vec<(u64, f64)>,
    /// Lengths of the segments, milliseconds.
    lengths: Vec<u64>,
    /// Milliseconds of this round that were played before `since`.
    played_ms: u64,
    /// Since when it plays, while it does.
    since: Option<Time>,
}

impl Markers {
    /// The lengths of the segments are known.
    pub(super) fn set_lengths(&mut self, lengths: Vec<u64>) {
        self.lengths = lengths;
    }

    /// The script adds one. One that lies behind is reached in the next round, if there is one.
    pub(super) fn add(&mut self, now: Time, marker: Marker) {
        self.all.push(marker);
        let place = self.place(marker).filter(|place| self.since.is_some() && *place > self.position(now));
        if let Some(place) = place {
            self.ahead.push((place, marker.offset));
            self.sort();
        }
    }

    /// A round begins to be heard.
    pub(super) fn begin(&mut self, now: Time) {
        (self.played_ms, self.since) = (0, Some(now));
        self.ahead =
            self.all.iter().filter_map(|marker| Some((self.place(*marker)?, marker.offset))).collect();
        self.sort();
    }

    /// Playing pauses or goes on.
    pub(super) fn pause(&mut self, now: Time, paused: bool, playing: bool) {
        match paused {
            true => {
                self.played_ms = self.position(now);
                self.since = None;
            }
            false if playing => self.since = self.since.or(Some(now)),
            false => {}
        }
    }

    /// When this round has been played.
    pub(super) fn round_ends(&self) -> Option<Time> {
        let length: u64 = self.lengths.iter().sum();
        Some(self.since?.plus_ms(length.saturating_sub(self.played_ms)))
    }

    /// When the next one is reached.
    pub(super) fn deadline(&self) -> Option<Time> {
        let (place, _) = self.ahead.last()?;
        Some(self.since?.plus_ms(place.saturating_sub(self.played_ms)))
    }

    /// The offset of a marker that is reached by now.
    pub(super) fn reached(&mut self, now: Time) -> Option<f64> {
        let position = self.position(now);
        self.ahead.pop_if(|(place, _)| *place <= position).map(|(_, offset)| offset)
    }

    /// The round is over: what is left of it was reached at its very end.
    pub(super) fn end(&mut self) -> Option<f64> {
        self.since = None;
        self.ahead.pop().map(|(_, offset)| offset)
    }

    fn position(&self, now: Time) -> u64 {
        let running = self.since.map_or(0, |since| now.since(since).as_millis());
        self.played_ms.saturating_add(u64::try_from(running).unwrap_or(u64::MAX))
    }

    /// Where a marker lies, if its segment has that place.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nothing and a length"
    )]
    #[expect(clippy::cast_precision_loss, reason = "ten minutes at most")]
    fn place(&self, marker: Marker) -> Option<u64> {
        let length = *self.lengths.get(marker.segment)?;
        let within = if marker.offset < 0.0 { length as f64 + marker.offset } else { marker.offset };
        if !(0.0..=length as f64).contains(&within) {
            return None;
        }
        Some(self.lengths.iter().take(marker.segment).sum::<u64>() + within as u64)
    }

    fn sort(&mut self) {
        self.ahead.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(segment: usize, offset: f64) -> Marker {
        Marker { segment, offset }
    }

    #[test]
    fn they_are_reached_in_the_order_of_their_places() {
        let mut markers = Markers::default();
        for marker in [at(1, -100.0), at(0, 500.0), at(1, 0.0), at(0, 9_999.0), at(7, 1.0)] {
            markers.add(Time::ZERO, marker);
        }
        markers.set_lengths(vec![1_000, 2_000]);
        markers.begin(Time::from_ms(40));
        let mut heard = Vec::new();
        while let Some(at) = markers.deadline() {
            heard.extend(markers.reached(at).map(|offset| (at.as_ms(), offset)));
        }
        assert_eq!(heard, [(540, 500.0), (1_040, 0.0), (2_940, -100.0)]);
    }

    #[test]
    fn a_pause_moves_them_and_late_ones_count_from_now() {
        let mut markers = Markers::default();
        markers.set_lengths(vec![1_000]);
        markers.add(Time::ZERO, at(0, 600.0));
        markers.begin(Time::ZERO);
        markers.pause(Time::from_ms(200), true, true);
        assert_eq!(markers.deadline(), None);
        markers.pause(Time::from_ms(700), false, true);
        assert_eq!(markers.deadline(), Some(Time::from_ms(1_100)));
        markers.add(Time::from_ms(800), at(0, 100.0));
        markers.add(Time::from_ms(800), at(0, 400.0));
        assert_eq!(markers.deadline(), Some(Time::from_ms(900)));
        assert_eq!(markers.reached(Time::from_ms(900)), Some(400.0));
        assert_eq!((markers.end(), markers.end()), (Some(600.0), None));
    }
}
