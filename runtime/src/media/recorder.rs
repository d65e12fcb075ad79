//! What crossed a leg, both directions, as the true samples of the line. Only sound is stored; silence is the gap between
//! two runs, so quiet time costs nothing. Encoding and files are not its business.

use voxrun_audio::{Frame, Rate};
use voxrun_bindings::contract::Time;
use voxrun_bindings::wire::Side;

/// Sound without a gap.
#[derive(Debug)]
struct Run {
    /// Its first sample's place in the recording.
    at: u64,
    /// Where it begins in the store.
    start: usize,
}

#[derive(Debug, Default)]
struct Track {
    runs: Vec<Run>,
    store: Vec<i16>,
    /// The place after the last stored sample.
    end: u64,
}

impl Track {
    /// A frame that is less than its own length late or early continues the run, so that jitter makes no gaps.
    fn put(&mut self, at: u64, samples: &[i16]) {
        let gap = at >= self.end + samples.len() as u64;
        if self.runs.is_empty() || gap {
            self.runs.push(Run { at, start: self.store.len() });
            self.end = at;
        }
        self.store.extend_from_slice(samples);
        self.end += samples.len() as u64;
    }

    /// Adds the samples from place `from` on to `target`, every `step`-th place of it.
    fn mix_into(&self, from: u64, target: &mut [i16], step: usize) {
        let places = target.len().div_ceil(step) as u64;
        for (index, run) in self.runs.iter().enumerate() {
            let end = self.runs.get(index + 1).map_or(self.store.len(), |next| next.start);
            let length = (end - run.start) as u64;
            let (first, last) = (run.at.max(from), (run.at + length).min(from + places));
            for place in first..last {
                let slot = &mut target[(place - from) as usize * step];
                *slot = slot.saturating_add(self.store[run.start + (place - run.at) as usize]);
            }
        }
    }
}

/// A recording of one call, from its first moment to its end.
#[derive(Debug)]
pub struct Recorder {
    rate: Rate,
    started: Time,
    caller: Track,
    agent: Track,
    ended: Option<Time>,
}

impl Recorder {
    /// A recording that starts at `started`.
    #[must_use]
    pub fn new(rate: Rate, started: Time) -> Recorder {
        Recorder { rate, started, caller: Track::default(), agent: Track::default(), ended: None }
    }

    /// Samples a second.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// When it started.
    #[must_use]
    pub fn started(&self) -> Time {
        self.started
    }

    /// Takes a frame whose first sample belongs to `at`. Silence and frames of another rate are not stored.
    pub fn put(&mut self, side: Side, at: Time, frame: &Frame) {
        if self.ended.is_some() || frame.is_silent() || frame.rate() != self.rate {
            return;
        }
        let place = self.place(at);
        match side {
            Side::FarEnd => self.caller.put(place, frame.samples()),
            Side::Script => self.agent.put(place, frame.samples()),
        }
    }

    /// Nothing more comes; the recording lasts until `at`.
    pub fn finish(&mut self, at: Time) {
        self.ended.get_or_insert(at);
    }

    /// Samples a channel: until the end of the call, or of the last sound when the call goes on.
    #[must_use]
    pub fn len(&self) -> usize {
        let ended = self.ended.map_or(0, |at| self.place(at));
        usize::try_from(self.caller.end.max(self.agent.end).max(ended)).unwrap_or(usize::MAX)
    }

    /// Whether it has no length yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One direction from the start to the end.
    #[must_use]
    pub fn side(&self, side: Side) -> Vec<i16> {
        let mut samples = vec![0; self.len()];
        match side {
            Side::FarEnd => self.caller.mix_into(0, &mut samples, 1),
            Side::Script => self.agent.mix_into(0, &mut samples, 1),
        }
        samples
    }

    /// Both directions interleaved: caller left, agent right.
    #[must_use]
    pub fn stereo(&self) -> Vec<i16> {
        let mut samples = vec![0; self.len() * 2];
        if let Some(right) = samples.get_mut(1..) {
            self.agent.mix_into(0, right, 2);
        }
        self.caller.mix_into(0, &mut samples, 2);
        samples
    }

    /// The place in the recording that belongs to this instant.
    fn place(&self, at: Time) -> u64 {
        at.as_us().saturating_sub(self.started.as_us()) * u64::from(self.rate.hz() / 1000) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(value: i16) -> Frame {
        Frame::from_samples(Rate::Hz8000, &[value; 160])
    }

    #[test]
    fn caller_is_left_agent_is_right_and_gaps_are_silence() {
        let mut recorder = Recorder::new(Rate::Hz8000, Time::from_ms(100));
        recorder.put(Side::FarEnd, Time::from_ms(100), &frame(1));
        recorder.put(Side::FarEnd, Time::from_ms(160), &frame(2));
        recorder.put(Side::Script, Time::from_ms(120), &frame(3));
        recorder.put(Side::Script, Time::from_ms(140), &Frame::silence(Rate::Hz8000));
        recorder.finish(Time::from_ms(200));
        recorder.put(Side::Script, Time::from_ms(200), &frame(9));
        let stereo = recorder.stereo();
        assert_eq!(stereo.len(), 2 * 800);
        let at = |ms: usize| (stereo[ms * 16], stereo[ms * 16 + 1]);
        assert_eq!(
            [at(0), at(19), at(20), at(39), at(40), at(60), at(79), at(80)],
            [(1, 0), (1, 0), (0, 3), (0, 3), (0, 0), (2, 0), (2, 0), (0, 0)]
        );
        assert_eq!(recorder.side(Side::FarEnd)[160 * 3], 2);
    }

    #[test]
    fn jitter_below_a_frame_neither_loses_nor_tears_sound() {
        let mut recorder = Recorder::new(Rate::Hz8000, Time::ZERO);
        for us in [0, 21_500, 39_000, 61_000] {
            recorder.put(Side::FarEnd, Time::from_us(us), &frame(7));
        }
        assert_eq!(recorder.side(Side::FarEnd), vec![7; 640]);
    }

    #[test]
    fn an_empty_recording_has_no_samples() {
        let mut recorder = Recorder::new(Rate::Hz8000, Time::from_ms(50));
        assert!(recorder.is_empty());
        assert!(recorder.stereo().is_empty());
        recorder.finish(Time::from_ms(10));
        assert!(recorder.stereo().is_empty());
    }
}
