//! A recording while it is made: sound of one or two sides, laid on one line of time and given away piece by piece, so that an
//! hour needs no more memory than a moment. Silence is what is between two pieces. Files are not its business.

use crate::frame::{Frame, Rate};

/// How much is gathered before it is given away, in milliseconds.
const PIECE_MS: u64 = 1_000;
/// How long a piece waits for sound that comes late, in milliseconds.
const LATE_MS: u64 = 200;
/// For how much there is room without asking for more.
const ROOM_MS: u64 = 2 * PIECE_MS + LATE_MS;

/// Sound without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its place: samples of one channel since the beginning.
    pub at: u64,
    /// Its samples, the channels interleaved.
    pub samples: Vec<i16>,
}

/// The recording. Places are counted in samples of one channel.
#[derive(Debug)]
pub struct Tape {
    rate: Rate,
    channels: usize,
    /// What was not given away yet.
    window: Vec<i16>,
    /// The place of its first sample.
    base: u64,
    /// Where each side's last sound ended.
    ends: [u64; 2],
}

impl Tape {
    /// An empty one, of one channel in which both sides are added up, or of one a side.
    #[must_use]
    pub fn new(rate: Rate, stereo: bool) -> Tape {
        let channels = if stereo { 2 } else { 1 };
        Tape { rate, channels, window: Vec::with_capacity(room(rate, channels)), base: 0, ends: [0; 2] }
    }

    /// How many channels it has.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Takes a frame of a side (0 or 1) whose first sample belongs at this place. Silence and frames of another rate are not
    /// kept. A frame that is less than its own length late or early continues what came before it, so that jitter neither
    /// tears sound nor doubles it; what belongs where was given away already is lost.
    pub fn put(&mut self, side: usize, at: u64, frame: &Frame) {
        if frame.is_silent() || frame.rate() != self.rate {
            return;
        }
        let side = side.min(1);
        let samples = frame.samples();
        let length = samples.len() as u64;
        let expected = self.ends[side];
        let at = if at >= expected + length || expected == 0 { at } else { expected };
        self.ends[side] = at + length;
        if self.window.is_empty() {
            self.base = self.base.max(at);
        }
        let late = usize::try_from(self.base.saturating_sub(at)).unwrap_or(usize::MAX).min(samples.len());
        let first = usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.add(first, side, &samples[late..]);
    }

    /// The place from which on a piece can be taken, if there is sound.
    #[must_use]
    pub fn ready_at(&self) -> Option<u64> {
        (!self.window.is_empty()).then(|| self.base + self.to_samples(PIECE_MS + LATE_MS))
    }

    /// What lies long enough before this place that nothing more is added to it.
    pub fn take(&mut self, now: u64) -> Option<Piece> {
        self.take_until(now.saturating_sub(self.to_samples(LATE_MS)))
    }

    /// The rest.
    pub fn finish(&mut self) -> Option<Piece> {
        self.take_until(u64::MAX)
    }

    fn take_until(&mut self, until: u64) -> Option<Piece> {
        let held = self.window.len() / self.channels;
        let length = usize::try_from(until.saturating_sub(self.base)).unwrap_or(usize::MAX).min(held);
        if length == 0 {
            return None;
        }
        let mut rest = Vec::with_capacity(room(self.rate, self.channels));
        rest.extend_from_slice(&self.window[length * self.channels..]);
        let mut samples = std::mem::replace(&mut self.window, rest);
        samples.truncate(length * self.channels);
        let at = self.base;
        self.base += length as u64;
        Some(Piece { at, samples })
    }

    fn add(&mut self, first: usize, side: usize, samples: &[i16]) {
        let channel = side.min(self.channels - 1);
        let needed = first.saturating_add(samples.len()).saturating_mul(self.channels);
        if needed > self.window.len() {
            self.window.resize(needed, 0);
        }
        let places = self.window.chunks_exact_mut(self.channels).skip(first);
        for (place, sample) in places.zip(samples) {
            place[channel] = place[channel].saturating_add(*sample);
        }
    }

    fn to_samples(&self, ms: u64) -> u64 {
        ms * u64::from(self.rate.hz()) / 1000
    }
}

fn room(rate: Rate, channels: usize) -> usize {
    (ROOM_MS * u64::from(rate.hz()) / 1000) as usize * channels
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 8_000;

    fn frame(value: i16) -> Frame {
        Frame::from_samples(Rate::Hz8000, &[value; 160])
    }

    fn whole(mut tape: Tape) -> Vec<Piece> {
        std::iter::from_fn(|| tape.finish()).collect()
    }

    #[test]
    fn sides_are_added_up_or_stand_side_by_side() {
        for (stereo, expected) in [(false, [[5, 5], [1, 1]]), (true, [[2, 3], [0, 1]])] {
            let mut tape = Tape::new(Rate::Hz8000, stereo);
            tape.put(0, 160, &frame(2));
            tape.put(1, 160, &frame(3));
            tape.put(1, 320, &frame(1));
            let pieces = whole(tape);
            let channels = if stereo { 2 } else { 1 };
            assert_eq!((pieces.len(), pieces[0].at), (1, 160));
            assert_eq!(pieces[0].samples.len(), 320 * channels);
            assert_eq!(pieces[0].samples[..channels], expected[0][..channels]);
            assert_eq!(pieces[0].samples[160 * channels..161 * channels], expected[1][..channels]);
        }
    }

    #[test]
    fn loud_sides_saturate_and_silence_is_not_kept() {
        let mut tape = Tape::new(Rate::Hz8000, false);
        tape.put(0, 0, &frame(30_000));
        tape.put(1, 0, &frame(30_000));
        tape.put(0, 800, &Frame::silence(Rate::Hz8000));
        tape.put(0, 800, &Frame::from_samples(Rate::Hz16000, &[1; 320]));
        assert_eq!(whole(tape), [Piece { at: 0, samples: vec![i16::MAX; 160] }]);
    }

    #[test]
    fn pieces_are_given_away_after_a_second_and_what_may_still_come_is_kept() {
        let mut tape = Tape::new(Rate::Hz8000, false);
        assert_eq!(tape.ready_at(), None);
        for at in (0..2 * SECOND).step_by(160) {
            tape.put(0, at, &frame(7));
        }
        let ready = tape.ready_at().expect("there is sound");
        assert_eq!(ready, SECOND + 1_600);
        let first = tape.take(ready).expect("a piece");
        assert_eq!((first.at, first.samples.len()), (0, 8_000));
        tape.put(1, 160, &frame(9));
        let rest = tape.finish().expect("a rest");
        assert_eq!((rest.at, rest.samples.len()), (SECOND, 8_000));
        assert!(rest.samples.iter().all(|sample| *sample == 7), "what is too late changes nothing");
    }

    #[test]
    fn a_quiet_hour_needs_no_room() {
        let mut tape = Tape::new(Rate::Hz8000, true);
        tape.put(0, 0, &frame(1));
        assert!(tape.take(2 * SECOND).is_some());
        tape.put(1, 3_600 * SECOND, &frame(1));
        let late = tape.finish().expect("sound");
        assert_eq!((late.at, late.samples.len()), (3_600 * SECOND, 320));
    }

    #[test]
    fn jitter_below_a_frame_neither_loses_nor_tears_sound() {
        let mut tape = Tape::new(Rate::Hz8000, false);
        for at in [0, 172, 312, 488] {
            tape.put(0, at, &frame(7));
        }
        assert_eq!(whole(tape), [Piece { at: 0, samples: vec![7; 640] }]);
    }
}
