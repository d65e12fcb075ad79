//! Voice-activity detection on samples: energy above a tracked noise floor.
//!
//! Tones, recordings and microphones all count as speech; line noise, G.711 idle codes, constant offsets and single clicks do
//! not. The event times follow the realtime providers' server VAD: a start is given less the prefix padding, a stop
//! includes the silence that proved it. This hears loudness, not language: a dog or a steady loud machine counts too.

use crate::frame::{FRAME_MS, Frame};

/// What a detector is asked to do, in the words of the realtime providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VadSettings {
    /// The provider's `threshold` times 1000, 0 to 1000: higher needs louder speech. More than 1000 counts as 1000.
    pub threshold_milli: u32,
    /// How much audio before the detected start belongs to the speech, milliseconds.
    pub prefix_padding_ms: u32,
    /// How much silence ends speech, milliseconds.
    pub silence_duration_ms: u32,
}

impl Default for VadSettings {
    /// The realtime providers' defaults: 0.5, 300 ms, 500 ms.
    fn default() -> VadSettings {
        VadSettings { threshold_milli: 500, prefix_padding_ms: 300, silence_duration_ms: 500 }
    }
}

/// Speech began or ended; times are milliseconds of audio pushed since the detector was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VadEvent {
    /// Speech began; the time is that of its first frame less the prefix padding, not below zero.
    SpeechStarted {
        /// Milliseconds since creation.
        at_ms: u64,
    },
    /// Speech ended; the time is the end of its last frame plus the silence duration.
    SpeechStopped {
        /// Milliseconds since creation.
        at_ms: u64,
    },
}

/// Level unit: 256 are a doubling of energy (3 dB). Zero is a mean square of one.
type Level = i32;

/// That many decibels as a level difference.
const fn decibels(db: i32) -> Level {
    db * 2560 / 301 * 10
}

/// Level of a number of decibels relative to full scale (a mean square of 2^30).
const fn full_scale_less(db: i32) -> Level {
    30 * 256 - decibels(db)
}

const LOWEST_FLOOR: Level = full_scale_less(62);
const HIGHEST_FLOOR: Level = full_scale_less(42);

/// Loud frames in a row that make a start: a click touches at most two.
const FRAMES_TO_START: u32 = 3;

/// Minimum statistics: the quietest frame of each block, over so many blocks of so many frames (1.5 s).
const BLOCKS: usize = 5;
const FRAMES_A_BLOCK: u32 = 15;

/// Watches frames and tells when speech starts and stops.
#[derive(Clone, Debug)]
pub struct Vad {
    settings: VadSettings,
    now_ms: u64,
    floor: Level,
    minima: [Level; BLOCKS],
    block: usize,
    frames_in_block: u32,
    loud_frames: u32,
    speaking: bool,
    last_loud_ms: u64,
}

impl Vad {
    /// A detector at time zero that has heard nothing.
    pub fn new(settings: VadSettings) -> Vad {
        Vad {
            settings,
            now_ms: 0,
            floor: LOWEST_FLOOR,
            minima: [LOWEST_FLOOR; BLOCKS],
            block: 0,
            frames_in_block: 0,
            loud_frames: 0,
            speaking: false,
            last_loud_ms: 0,
        }
    }

    /// Changes what is asked for, from the next frame on; what is known of the line stays.
    pub fn set(&mut self, settings: VadSettings) {
        self.settings = settings;
    }

    /// True between a start and its stop.
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// Milliseconds of audio pushed so far.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Takes the next frame, of any rate.
    pub fn push(&mut self, frame: &Frame) -> Option<VadEvent> {
        let level = if frame.is_silent() { 0 } else { level(frame.samples()) };
        let started_ms = self.now_ms;
        self.now_ms += u64::from(FRAME_MS);
        let mut threshold = self.floor + self.margin();
        if self.speaking {
            // A little less is enough to go on than to start, so that trailing sounds are not cut.
            threshold -= decibels(3);
        }
        self.track(level);
        if level > threshold {
            self.loud(started_ms)
        } else {
            self.loud_frames = 0;
            self.ended()
        }
    }

    fn loud(&mut self, started_ms: u64) -> Option<VadEvent> {
        self.loud_frames += 1;
        self.last_loud_ms = self.now_ms;
        if self.speaking || self.loud_frames < FRAMES_TO_START {
            return None;
        }
        self.speaking = true;
        let onset_ms = started_ms - u64::from((FRAMES_TO_START - 1) * FRAME_MS);
        Some(VadEvent::SpeechStarted {
            at_ms: onset_ms.saturating_sub(u64::from(self.settings.prefix_padding_ms)),
        })
    }

    fn ended(&mut self) -> Option<VadEvent> {
        let at_ms = self.last_loud_ms + u64::from(self.settings.silence_duration_ms);
        if !self.speaking || self.now_ms < at_ms {
            return None;
        }
        self.speaking = false;
        Some(VadEvent::SpeechStopped { at_ms })
    }

    /// How far above the floor speech must be: 3 dB at a threshold of 0, 12 dB at 0.5, 21 dB at 1.
    fn margin(&self) -> Level {
        let threshold = self.settings.threshold_milli.min(1000) as i32;
        decibels(3) + decibels(18) * threshold / 1000
    }

    /// Follows the noise floor: down at once, up to the quietest moment of the last 1.5 s, which in speech is a pause and in
    /// noise the noise. The ceiling keeps steady loud sounds speech for ever.
    fn track(&mut self, level: Level) {
        self.minima[self.block] = self.minima[self.block].min(level);
        self.floor = self.floor.min(level.max(LOWEST_FLOOR));
        self.frames_in_block += 1;
        if self.frames_in_block < FRAMES_A_BLOCK {
            return;
        }
        let quietest = self.minima.iter().copied().min().unwrap_or(LOWEST_FLOOR);
        self.floor = quietest.clamp(LOWEST_FLOOR, HIGHEST_FLOOR);
        self.frames_in_block = 0;
        self.block = (self.block + 1) % BLOCKS;
        self.minima[self.block] = level;
    }
}

/// The level of samples without their mean, so that a constant offset is silence.
fn level(samples: &[i16]) -> Level {
    let (mut sum, mut squares) = (0i64, 0i64);
    for block in samples.chunks(32) {
        let mut partial = 0i32;
        for &s in block {
            partial = partial.wrapping_add(i32::from(s));
        }
        sum += i64::from(partial);
        for &s in block {
            squares = squares.wrapping_add(i64::from(i32::from(s).wrapping_mul(i32::from(s))));
        }
    }
    let count = samples.len().max(1) as i64;
    let mean_square = (squares - sum * sum / count) / count;
    logarithm(mean_square.max(1) as u64)
}

/// Binary logarithm in 256ths, linear between powers of two.
fn logarithm(value: u64) -> Level {
    let whole = value.ilog2();
    let fraction = if whole >= 8 { value >> (whole - 8) } else { value << (8 - whole) } & 0xFF;
    whole as i32 * 256 + fraction as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Rate;
    use crate::g711::{Law, decode_sample};
    use crate::testing::Random;
    use crate::tone::Oscillator;

    fn run(vad: &mut Vad, samples: &[i16]) -> Vec<VadEvent> {
        samples.chunks(160).filter_map(|c| vad.push(&Frame::from_samples(Rate::Hz8000, c))).collect()
    }

    fn noise(random: &mut Random, amplitude: u32, length: usize) -> Vec<i16> {
        (0..length).map(|_| (random.below(2 * amplitude + 1) as i32 - amplitude as i32) as i16).collect()
    }

    fn tone(amplitude: i16, length: usize) -> Vec<i16> {
        let mut oscillator = Oscillator::new(Rate::Hz8000, 440_000);
        (0..length).map(|_| oscillator.next_sample(amplitude)).collect()
    }

    #[test]
    fn starts_and_stops_are_where_the_provider_puts_them() {
        let mut samples = vec![0; 8000];
        samples.extend(tone(8000, 8000));
        samples.extend(vec![0; 8000]);
        let mut vad = Vad::new(VadSettings::default());
        let events = run(&mut vad, &samples);
        assert_eq!(events, [VadEvent::SpeechStarted { at_ms: 700 }, VadEvent::SpeechStopped { at_ms: 2500 }]);
        let mut early = Vad::new(VadSettings::default());
        assert_eq!(run(&mut early, &tone(8000, 800)), [VadEvent::SpeechStarted { at_ms: 0 }]);
    }

    #[test]
    fn a_stop_comes_when_the_silence_is_over() {
        for silence_duration_ms in [0, 10, 200, 490, 500, 1500] {
            let mut vad = Vad::new(VadSettings { silence_duration_ms, ..VadSettings::default() });
            run(&mut vad, &tone(8000, 8000));
            let frame = Frame::silence(Rate::Hz8000);
            let stop = (0..200).find_map(|_| vad.push(&frame));
            assert_eq!(stop, Some(VadEvent::SpeechStopped { at_ms: 1000 + u64::from(silence_duration_ms) }));
            assert!(vad.now_ms() < 1000 + u64::from(silence_duration_ms) + 40);
        }
    }

    #[test]
    fn line_noise_idle_codes_offsets_and_clicks_are_not_speech() {
        let mut random = Random::new(1);
        let mut vad = Vad::new(VadSettings::default());
        assert_eq!(run(&mut vad, &noise(&mut random, 60, 80_000)), []);
        assert_eq!(run(&mut vad, &[500; 8000]), []);
        for law in [Law::Mu, Law::A] {
            let idle: Vec<i16> = (0..16_000)
                .map(|_| {
                    decode_sample(law, law.silence() ^ ((random.below(2) as u8) << 7) ^ random.below(2) as u8)
                })
                .collect();
            assert_eq!(run(&mut Vad::new(VadSettings::default()), &idle), []);
        }
        let mut clicks = vec![0; 80_000];
        clicks.iter_mut().step_by(1600).for_each(|s| *s = 30_000);
        assert_eq!(run(&mut Vad::new(VadSettings::default()), &clicks), []);
    }

    #[test]
    fn a_louder_line_is_learnt_and_speech_above_it_heard() {
        let mut random = Random::new(2);
        let mut vad = Vad::new(VadSettings::default());
        run(&mut vad, &noise(&mut random, 300, 40_000));
        assert!(!vad.is_speaking());
        assert_eq!(run(&mut vad, &noise(&mut random, 300, 80_000)), []);
        let mut speech = tone(8000, 8000);
        speech.iter_mut().zip(noise(&mut random, 300, 8000)).for_each(|(s, n)| *s += n);
        assert_eq!(run(&mut vad, &speech).len(), 1);
        assert_eq!(run(&mut vad, &noise(&mut random, 300, 8000)).len(), 1);
    }

    #[test]
    fn a_steady_tone_stays_speech() {
        let mut vad = Vad::new(VadSettings::default());
        assert_eq!(run(&mut vad, &tone(8000, 8000 * 60)).len(), 1);
        assert!(vad.is_speaking());
    }

    #[test]
    fn the_threshold_asks_for_louder_speech() {
        let heard = |threshold_milli, amplitude| {
            let mut vad = Vad::new(VadSettings { threshold_milli, ..VadSettings::default() });
            !run(&mut vad, &tone(amplitude, 4000)).is_empty()
        };
        // -56 dBFS, -46 dBFS and -30 dBFS.
        assert_eq!([heard(0, 75), heard(500, 75), heard(1000, 75)], [true, false, false]);
        assert_eq!([heard(0, 230), heard(500, 230), heard(1000, 230)], [true, true, false]);
        assert_eq!([heard(0, 1500), heard(500, 1500), heard(5000, 1500)], [true, true, true]);
    }

    #[test]
    fn the_spoken_code_is_one_stretch_of_speech_and_babble_is_speech() {
        let mut samples = vec![0; 8000];
        samples.extend(crate::spoken::speak("one sentence in one go", Rate::Hz8000));
        let end_ms = 1000 + crate::spoken::words("one sentence in one go").last().unwrap().end_ms;
        samples.extend(vec![0; 8000]);
        let mut vad = Vad::new(VadSettings { silence_duration_ms: 200, ..VadSettings::default() });
        assert_eq!(
            run(&mut vad, &samples),
            [VadEvent::SpeechStarted { at_ms: 700 }, VadEvent::SpeechStopped { at_ms: end_ms + 200 }]
        );
        let mut vad = Vad::new(VadSettings { silence_duration_ms: 1500, ..VadSettings::default() });
        assert_eq!(run(&mut vad, &crate::testing::Babble::new(3, Rate::Hz8000).samples(80_000)).len(), 1);
    }

    #[test]
    fn settings_change_on_the_fly() {
        let mut vad = Vad::new(VadSettings::default());
        run(&mut vad, &tone(8000, 8000));
        vad.set(VadSettings { silence_duration_ms: 100, ..VadSettings::default() });
        assert_eq!(run(&mut vad, &[0; 1600]), [VadEvent::SpeechStopped { at_ms: 1100 }]);
    }
}
