//! What a provider sent and the caller has not heard yet: samples in order, pulled as one 20 ms frame a tick. Chunks are
//! kept as they came, so nothing is copied before it is played. It plays in real time whether or not anybody listens;
//! speeding up, slowing down and concealment are not done here.

use std::collections::VecDeque;

use voxrun_audio::{Frame, Rate};
use voxrun_bindings::wire::Playout;

/// The most audio that one queue holds. What comes beyond it is dropped and counted.
pub const MAX_QUEUED_MS: u64 = 10 * 60 * 1000;

/// A unit's playout queue.
#[derive(Debug)]
pub struct PlayoutQueue {
    rate: Rate,
    chunks: VecDeque<Vec<i16>>,
    /// How much of the first chunk was played already.
    offset: usize,
    queued: usize,
    paused: bool,
    /// Samples played since the last start, if it plays.
    played: Option<u64>,
    dropped: u64,
}

impl PlayoutQueue {
    /// An empty queue for audio of this rate.
    #[must_use]
    pub fn new(rate: Rate) -> PlayoutQueue {
        PlayoutQueue {
            rate,
            chunks: VecDeque::new(),
            offset: 0,
            queued: 0,
            paused: false,
            played: None,
            dropped: 0,
        }
    }

    /// The rate of its samples.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Milliseconds of audio that wait.
    #[must_use]
    pub fn queued_ms(&self) -> u64 {
        self.to_ms(self.queued as u64)
    }

    /// Milliseconds of audio that did not fit, altogether.
    #[must_use]
    pub fn dropped_ms(&self) -> u64 {
        self.to_ms(self.dropped)
    }

    /// Whether the next tick matters to it: it holds audio, or owes the notice that it drained.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.paused && (self.queued > 0 || self.played.is_some())
    }

    /// Appends samples; returns how many milliseconds did not fit.
    pub fn push(&mut self, mut samples: Vec<i16>) -> u64 {
        let most = (MAX_QUEUED_MS * u64::from(self.rate.hz()) / 1000) as usize;
        let room = most.saturating_sub(self.queued);
        let surplus = samples.len().saturating_sub(room);
        samples.truncate(room);
        self.dropped += surplus as u64;
        self.queued += samples.len();
        if !samples.is_empty() {
            self.chunks.push_back(samples);
        }
        self.to_ms(surplus as u64)
    }

    /// The next 20 ms, the last of them padded with silence, and what that means. Paused or empty it gives nothing.
    pub fn pull(&mut self) -> (Option<Frame>, Option<Playout>) {
        if self.paused {
            return (None, None);
        }
        if self.queued == 0 {
            let drained = self.played.take().map(|played| Playout::Drained { played_ms: self.to_ms(played) });
            return (None, drained);
        }
        let mut frame = Frame::silence(self.rate);
        let taken = self.fill(frame.samples_mut());
        let notice = self.played.is_none().then_some(Playout::Started);
        *self.played.get_or_insert(0) += taken as u64;
        (Some(frame), notice)
    }

    /// Throws away what waits; returns how many milliseconds it was.
    pub fn clear(&mut self) -> u64 {
        let dropped_ms = self.queued_ms();
        self.chunks.clear();
        self.offset = 0;
        self.queued = 0;
        self.played = None;
        dropped_ms
    }

    /// Stops and resumes playing. What arrives meanwhile waits.
    pub fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Moves samples out of the chunks; returns how many.
    fn fill(&mut self, target: &mut [i16]) -> usize {
        let mut filled = 0;
        while let Some(chunk) = self.chunks.front().filter(|_| filled < target.len()) {
            let take = (chunk.len() - self.offset).min(target.len() - filled);
            target[filled..filled + take].copy_from_slice(&chunk[self.offset..self.offset + take]);
            filled += take;
            self.offset += take;
            if self.offset == chunk.len() {
                self.chunks.pop_front();
                self.offset = 0;
            }
        }
        self.queued -= filled;
        filled
    }

    fn to_ms(&self, samples: u64) -> u64 {
        samples * 1000 / u64::from(self.rate.hz())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(from: i16, count: i16) -> Vec<i16> {
        (from..from + count).collect()
    }

    #[test]
    fn samples_come_out_in_order_across_chunks_and_the_last_frame_is_padded() {
        let mut queue = PlayoutQueue::new(Rate::Hz8000);
        for start in [1, 101, 201] {
            assert_eq!(queue.push(ramp(start, 100)), 0);
        }
        let (first, started) = queue.pull();
        assert_eq!(started, Some(Playout::Started));
        assert_eq!(first.map(|f| f.samples().to_vec()), Some(ramp(1, 160)));
        let (second, nothing) = queue.pull();
        assert_eq!(nothing, None);
        let second = second.map(|f| f.samples().to_vec()).unwrap_or_default();
        assert_eq!(second[..140], ramp(161, 140)[..]);
        assert_eq!(second[140..], [0; 20]);
        assert!(queue.is_active(), "it still owes the notice");
        assert_eq!(queue.pull(), (None, Some(Playout::Drained { played_ms: 37 })));
        assert_eq!(queue.pull(), (None, None));
        assert!(!queue.is_active());
    }

    #[test]
    fn audio_that_comes_in_time_continues_the_stream() {
        let mut queue = PlayoutQueue::new(Rate::Hz24000);
        queue.push(vec![5; 480]);
        assert_eq!(queue.pull().1, Some(Playout::Started));
        queue.push(vec![6; 480]);
        assert_eq!(queue.pull().1, None);
        assert_eq!(queue.pull().1, Some(Playout::Drained { played_ms: 40 }));
    }

    #[test]
    fn clearing_drops_what_waits_and_the_next_audio_starts_anew() {
        let mut queue = PlayoutQueue::new(Rate::Hz24000);
        queue.push(vec![5; 24_000]);
        let _ = queue.pull();
        assert_eq!(queue.clear(), 980);
        assert_eq!(queue.pull(), (None, None));
        queue.push(vec![7; 10]);
        let (frame, notice) = queue.pull();
        assert_eq!(notice, Some(Playout::Started));
        assert_eq!(frame.map(|f| f.samples()[..11].to_vec()), Some([vec![7; 10], vec![0]].concat()));
    }

    #[test]
    fn a_paused_queue_waits_and_costs_no_tick() {
        let mut queue = PlayoutQueue::new(Rate::Hz8000);
        queue.push(vec![1; 320]);
        queue.set_paused(true);
        assert!(!queue.is_active());
        assert_eq!(queue.pull(), (None, None));
        queue.set_paused(false);
        assert!(queue.is_active());
        assert_eq!(queue.pull().1, Some(Playout::Started));
    }

    #[test]
    fn more_than_ten_minutes_is_dropped_and_counted() {
        let mut queue = PlayoutQueue::new(Rate::Hz8000);
        assert_eq!(queue.push(vec![0; 8 * 599_000]), 0);
        assert_eq!(queue.push(vec![0; 8 * 3_000]), 2_000);
        assert_eq!((queue.queued_ms(), queue.dropped_ms()), (MAX_QUEUED_MS, 2_000));
        assert_eq!(queue.push(Vec::new()), 0);
    }
}
