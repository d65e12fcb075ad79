//! The caller's mouth: words in the spoken code, or a recording, as 20 ms frames at 8 kHz. It knows what it has said
//! when it is stopped. It owns no clock: whoever takes its frames keeps the beat.

use voxrun_audio::tone::Oscillator;
use voxrun_audio::{FRAME_MS, Frame, Rate, Speaker, convert};
use voxrun_bindings::contract::Time;

use super::plan::Recording;
use crate::room::{UNINTELLIGIBLE, Utterance, Who};

/// The beep of an answering machine: how high, how long, how loud, and how it is written down.
const BEEP_HZ: u32 = 1_000;
const BEEP_MS: u32 = 400;
const BEEP_LEVEL: i16 = 6_000;
const BEEP: &str = "[beep]";

enum Voice {
    Words(Speaker),
    Samples { samples: Vec<i16>, transcript: Option<String> },
}

/// Something that is being said.
pub(super) struct Mouth {
    voice: Voice,
    start: Time,
    frames: u64,
    /// Where the sound ends, milliseconds from the start.
    sound_ms: u64,
    /// The whole length in frames.
    length: u64,
}

impl Mouth {
    /// Words that begin at `start`; `None` when there are none.
    pub(super) fn words(text: &str, start: Time) -> Option<Mouth> {
        let speaker = Speaker::new(text, Rate::Hz8000);
        let sound_ms = speaker.words().last()?.end_ms;
        let length = speaker.duration_ms().div_ceil(u64::from(FRAME_MS));
        Some(Mouth { voice: Voice::Words(speaker), start, frames: 0, sound_ms, length })
    }

    /// A recording that begins at `start`; `None` when it has no samples or no possible rate.
    pub(super) fn recording(recording: &Recording, start: Time) -> Option<Mouth> {
        let samples = convert(&recording.samples, recording.rate_hz, Rate::Hz8000.hz());
        if samples.is_empty() {
            return None;
        }
        let sound_ms = (samples.len() as u64).div_ceil(u64::from(Rate::Hz8000.hz() / 1000));
        let length = sound_ms.div_ceil(u64::from(FRAME_MS));
        let voice = Voice::Samples { samples, transcript: recording.transcript.clone() };
        Some(Mouth { voice, start, frames: 0, sound_ms, length })
    }

    /// The beep of an answering machine.
    pub(super) fn beep(start: Time) -> Option<Mouth> {
        let mut tone = Oscillator::new(Rate::Hz8000, BEEP_HZ * 1000);
        let samples = Rate::Hz8000.hz() / 1000 * BEEP_MS;
        let beep = Recording {
            samples: (0..samples).map(|_| tone.next_sample(BEEP_LEVEL)).collect(),
            rate_hz: Rate::Hz8000.hz(),
            transcript: Some(BEEP.to_owned()),
        };
        Mouth::recording(&beep, start)
    }

    /// When it began.
    pub(super) fn start(&self) -> Time {
        self.start
    }

    /// When its sound ends, if nobody stops it.
    pub(super) fn end(&self) -> Time {
        self.start.plus_ms(self.sound_ms)
    }

    /// The instant at which the next frame ends and is to be sent; `None` when all is said.
    pub(super) fn next_at(&self) -> Option<Time> {
        (self.frames < self.length).then(|| self.start.plus_ms((self.frames + 1) * u64::from(FRAME_MS)))
    }

    /// The next frame; `None` for a silent one.
    pub(super) fn next_frame(&mut self) -> Option<Frame> {
        let at = self.frames;
        self.frames += 1;
        match &mut self.voice {
            Voice::Words(speaker) => speaker.next_frame().filter(|frame| !frame.is_silent()),
            Voice::Samples { samples, .. } => {
                let size = Rate::Hz8000.frame_samples();
                let from = usize::try_from(at).unwrap_or(usize::MAX).saturating_mul(size);
                let frame = samples.get(from..)?;
                Some(Frame::from_samples(Rate::Hz8000, &frame[..frame.len().min(size)]))
                    .filter(|frame| !frame.is_silent())
            }
        }
    }

    /// All of it as one utterance, as it will be when nobody stops it.
    pub(super) fn whole(&self) -> Utterance {
        self.until(self.end())
    }

    /// What was said up to an instant.
    pub(super) fn until(&self, now: Time) -> Utterance {
        let said_ms = u64::try_from(now.since(self.start).as_millis()).unwrap_or(u64::MAX).min(self.sound_ms);
        let cut = said_ms < self.sound_ms;
        let text = match &self.voice {
            Voice::Words(speaker) => {
                let begun = speaker.words().iter().filter(|word| word.start_ms < said_ms);
                let spoken: Vec<&str> = begun
                    .map(|word| if word.end_ms <= said_ms { word.text.as_str() } else { UNINTELLIGIBLE })
                    .collect();
                spoken.join(" ")
            }
            Voice::Samples { transcript, .. } => {
                transcript.clone().unwrap_or_else(|| UNINTELLIGIBLE.to_owned())
            }
        };
        let start_ms = self.start.as_ms();
        Utterance { who: Who::Caller, text, start_ms, end_ms: start_ms + said_ms, cut }
    }
}
