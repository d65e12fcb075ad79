//! What is recorded while it is: whoever records keeps a [`Recording`], feeds it, and hands on its parts, out of which
//! somebody else makes a file.

use voxrun_audio::{Frame, Piece, Rate, Tape};

use crate::contract::Time;

/// A part of a recording, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It begins.
    Started {
        /// What the script is told of where it lies; it ends with the name of the file.
        url: String,
        /// Samples a second and channel.
        rate: Rate,
        /// How many channels.
        channels: usize,
    },
    /// Sound of it. What is between two parts is silence.
    Sound(Piece),
    /// It is over after so many samples of each channel.
    Stopped {
        /// How many.
        length: u64,
    },
}

/// A side of a recorded call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What its far end said: the left channel (policy F-043).
    FarEnd,
    /// What its far end heard: the right channel.
    Script,
}

/// A recording that goes on.
#[derive(Debug)]
pub struct Recording {
    url: String,
    rate: Rate,
    started: Time,
    stopped: Option<Time>,
    /// None when nobody keeps its sound.
    tape: Option<Tape>,
}

impl Recording {
    /// It begins now, and whoever makes the file has to hear that first.
    #[must_use]
    pub fn start(now: Time, url: String, rate: Rate, stereo: bool, kept: bool) -> (Recording, Recorded) {
        let channels = if stereo { 2 } else { 1 };
        let begins = Recorded::Started { url: url.clone(), rate, channels };
        let tape = kept.then(|| Tape::new(rate, stereo));
        (Recording { url, rate, started: now, stopped: None, tape }, begins)
    }

    /// What the script is told of where it lies.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes a frame whose first sample belongs to `at`.
    pub fn hear(&mut self, side: Side, at: Time, frame: &Frame) {
        let place = self.place(at);
        if let Some(tape) = self.tape.as_mut().filter(|_| self.stopped.is_none()) {
            tape.put(if side == Side::FarEnd { 0 } else { 1 }, place, frame);
        }
    }

    /// When a part of it can be handed on.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let place = self.tape.as_ref()?.ready_at()?;
        Some(Time::from_us(self.started.as_us() + place * 1_000_000 / u64::from(self.rate.hz())))
    }

    /// The part that can be handed on.
    pub fn take(&mut self, now: Time) -> Option<Recorded> {
        let place = self.place(now);
        self.tape.as_mut()?.take(place).map(Recorded::Sound)
    }

    /// It ends now: its last parts. Nothing comes of a second end.
    pub fn stop(&mut self, now: Time) -> impl Iterator<Item = Recorded> {
        let first = self.stopped.is_none();
        self.stopped.get_or_insert(now);
        let rest = self.tape.as_mut().filter(|_| first).and_then(Tape::finish).map(Recorded::Sound);
        let end = first.then(|| Recorded::Stopped { length: self.place(now) });
        rest.into_iter().chain(end)
    }

    /// How many whole seconds it has lasted; none while it goes on.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.stopped.map_or(0, |stopped| stopped.since(self.started).as_secs())
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.stopped.is_some()
    }

    fn place(&self, at: Time) -> u64 {
        at.as_us().saturating_sub(self.started.as_us()) * u64::from(self.rate.hz()) / 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_parts_come_in_order_and_its_end_once() {
        let url = "https://records.test/a.wav".to_owned();
        let (mut recording, begins) =
            Recording::start(Time::from_ms(100), url.clone(), Rate::Hz8000, true, true);
        assert_eq!(begins, Recorded::Started { url, rate: Rate::Hz8000, channels: 2 });
        assert_eq!(recording.deadline(), None);
        recording.hear(Side::Script, Time::from_ms(120), &Frame::from_samples(Rate::Hz8000, &[5; 160]));
        assert_eq!(recording.deadline(), Some(Time::from_ms(1_320)));
        let Some(Recorded::Sound(piece)) = recording.take(Time::from_ms(1_320)) else { panic!("no sound") };
        assert_eq!((piece.at, &piece.samples[..2]), (160, &[0, 5][..]));
        let end: Vec<Recorded> = recording.stop(Time::from_ms(2_100)).collect();
        assert_eq!(end, [Recorded::Stopped { length: 16_000 }]);
        assert_eq!(recording.stop(Time::from_ms(9_000)).count(), 0);
        assert_eq!(recording.seconds(), 2);
    }

    #[test]
    fn what_nobody_keeps_has_an_end_all_the_same() {
        let (mut recording, _) = Recording::start(Time::ZERO, String::new(), Rate::Hz8000, false, false);
        recording.hear(Side::FarEnd, Time::ZERO, &Frame::from_samples(Rate::Hz8000, &[5; 160]));
        assert_eq!((recording.deadline(), recording.take(Time::from_ms(9_000))), (None, None));
        assert_eq!(
            recording.stop(Time::from_ms(500)).collect::<Vec<_>>(),
            [Recorded::Stopped { length: 4_000 }]
        );
    }
}
