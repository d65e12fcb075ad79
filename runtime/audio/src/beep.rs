//! A detector of single tones, such as the beep of an answering machine: one frequency that holds for a while and is nearly
//! all there is to hear. Dual tones (dialling, ringing) and speech are none.

use crate::correlate::{PURE, Reference, WINDOW, Window};
use crate::frame::{Frame, Rate};
use crate::resample::Resampler;

/// Where a tone is looked for when nobody says where, Hz: what a telephone carries of it.
const FROM_HZ: u32 = 300;
const TO_HZ: u32 = 3_000;
/// How finely: half of the distance at which a window tells two tones apart, and less.
const STEP_HZ: u32 = 25;

/// Peak below which nothing is a beep: about -45 dBFS.
const LEAST_PEAK: i32 = 180;
/// The share of a window that has to be the one tone.
const LEAST_PURITY: u32 = PURE * 3 / 4;
/// Frames in a row that make a beep: 160 ms.
const FRAMES: u32 = 8;

/// Finds beeps in frames of any rate.
pub struct BeepDetector {
    tones: Vec<(u32, Reference)>,
    resampler: Option<Resampler>,
    /// What the last frames were, and how many.
    candidate: u32,
    frames: u32,
}

impl BeepDetector {
    /// One that listens for these frequencies, or for any when there are none.
    pub fn new(frequencies_hz: &[u32]) -> BeepDetector {
        let usual: Vec<u32> = (FROM_HZ..=TO_HZ).step_by(STEP_HZ as usize).collect();
        let wanted = if frequencies_hz.is_empty() { &usual[..] } else { frequencies_hz };
        let tones = wanted.iter().map(|&hz| (hz, Reference::new(hz))).collect();
        BeepDetector { tones, resampler: None, candidate: 0, frames: 0 }
    }

    /// Takes the next frame; gives the frequency of a beep once, when it has lasted long enough.
    pub fn push(&mut self, frame: &Frame) -> Option<u32> {
        if frame.rate() != Rate::Hz8000 {
            if self.resampler.as_ref().is_none_or(|own| own.from() != frame.rate()) {
                self.resampler = Some(Resampler::new(frame.rate(), Rate::Hz8000));
            }
            let narrow = self.resampler.as_mut()?.process(frame);
            return self.judge(&narrow);
        }
        self.judge(frame)
    }

    fn judge(&mut self, frame: &Frame) -> Option<u32> {
        let Some(tone) = self.tone(frame) else {
            self.frames = 0;
            return None;
        };
        // Between two steps either of them may be the stronger one.
        let same = self.frames > 0 && self.candidate.abs_diff(tone) <= STEP_HZ;
        self.frames = if same { self.frames.saturating_add(1) } else { 1 };
        self.candidate = tone;
        (self.frames == FRAMES).then_some(tone)
    }

    fn tone(&self, frame: &Frame) -> Option<u32> {
        let mut samples = [0; WINDOW];
        samples.copy_from_slice(frame.samples().get(..WINDOW)?);
        let window = Window::normalised(&samples, LEAST_PEAK)?;
        let purity = |reference: &Reference| window.purity(reference.power(&window.samples));
        let strongest = self.tones.iter().map(|(hz, reference)| (purity(reference), *hz)).max()?;
        (strongest.0 >= LEAST_PURITY).then_some(strongest.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711::{Law, transcode};
    use crate::spoken::speak;
    use crate::tone::{Oscillator, dtmf};
    use crate::tonescript;

    fn beeps(samples: &[i16], rate: Rate, frequencies: &[u32]) -> Vec<u32> {
        let mut detector = BeepDetector::new(frequencies);
        let frames = samples.chunks(rate.frame_samples()).map(|chunk| {
            let mut frame = Frame::from_samples(rate, chunk);
            if rate == Rate::Hz8000 {
                transcode(Law::Mu, &mut frame);
            }
            frame
        });
        frames.collect::<Vec<_>>().iter().filter_map(|frame| detector.push(frame)).collect()
    }

    fn tone(hz: u32, ms: u32, rate: Rate) -> Vec<i16> {
        let mut tone = Oscillator::new(rate, hz * 1000);
        (0..rate.hz() / 1000 * ms).map(|_| tone.next_sample(6_000)).collect()
    }

    #[test]
    fn a_beep_is_told_once_with_its_frequency() {
        for rate in [Rate::Hz8000, Rate::Hz24000] {
            for hz in [440, 1_000, 1_400, 2_010] {
                let found = beeps(&tone(hz, 500, rate), rate, &[]);
                assert_eq!(found.len(), 1, "{hz}: {found:?}");
                assert!(found[0].abs_diff(hz) <= STEP_HZ, "{hz}: {found:?}");
            }
        }
    }

    #[test]
    fn only_what_is_asked_for_is_found() {
        assert_eq!(beeps(&tone(1_000, 400, Rate::Hz8000), Rate::Hz8000, &[850, 1_000]), [1_000]);
        assert!(beeps(&tone(1_400, 400, Rate::Hz8000), Rate::Hz8000, &[850, 1_000]).is_empty());
    }

    #[test]
    fn speech_keys_ringing_and_clicks_are_none() {
        let words = "please leave a message after the tone zero one two three four five";
        let ringing = tonescript::samples("440@-19,480@-19;6(2/4/1+2)", Rate::Hz8000).unwrap();
        let keys: Vec<i16> = "159#".chars().flat_map(|key| dtmf(key, Rate::Hz8000, 300)).collect();
        for sound in [speak(words, Rate::Hz8000), ringing, keys, tone(1_000, 100, Rate::Hz8000)] {
            assert!(beeps(&sound, Rate::Hz8000, &[]).is_empty());
        }
    }
}
