//! A detector of DTMF digits in audio, after the receiver requirements of ITU-T Q.24.
//!
//! Windows of 16 ms every 10 ms at 8 kHz; a digit counts after three agreeing windows in a row (36 ms of tone), and ends after
//! two without it. Both tones must be there, dominate their groups and the window, and be of similar level. Telephone events
//! (RFC 4733) are not audio and not here.

use crate::correlate::{PURE, Reference, WINDOW, Window};
use crate::frame::{Frame, Rate};
use crate::resample::Resampler;
use crate::tone::{DTMF_COLUMNS_HZ, DTMF_KEYS, DTMF_ROWS_HZ};

static ROWS: [Reference; 4] = references(DTMF_ROWS_HZ);
static COLUMNS: [Reference; 4] = references(DTMF_COLUMNS_HZ);

const fn references(hz: [u32; 4]) -> [Reference; 4] {
    [Reference::new(hz[0]), Reference::new(hz[1]), Reference::new(hz[2]), Reference::new(hz[3])]
}

const HOP: usize = 80;

/// Peak below which nothing is a digit: about -45 dBFS.
const LEAST_PEAK: i32 = 180;

/// Windows that must agree before a digit is reported.
const AGREEING: u32 = 3;

/// Windows without the digit that end it.
const MISSING: u32 = 2;

/// Finds digits in frames of any rate.
#[derive(Clone)]
pub struct DtmfDetector {
    resampler: Option<Resampler>,
    /// The last window's worth of samples before the current frame, at 8 kHz.
    tail: [i16; WINDOW],
    quiet: bool,
    candidate: Option<u8>,
    agreeing: u32,
    missing: u32,
    reported: bool,
}

impl DtmfDetector {
    /// A detector that has heard nothing yet.
    pub fn new() -> DtmfDetector {
        DtmfDetector {
            resampler: None,
            tail: [0; WINDOW],
            quiet: true,
            candidate: None,
            agreeing: 0,
            missing: 0,
            reported: false,
        }
    }

    /// Takes the next frame; gives a digit once per key press, some 40 ms after it began.
    ///
    /// The frames of one detector should have one rate; at a change of rate its history starts anew.
    pub fn push(&mut self, frame: &Frame) -> Option<char> {
        if frame.is_silent() && self.quiet && self.candidate.is_none() {
            return None;
        }
        if frame.rate() == Rate::Hz8000 {
            return self.push_8k(frame);
        }
        if self.resampler.as_ref().is_none_or(|r| r.from() != frame.rate()) {
            self.resampler = Some(Resampler::new(frame.rate(), Rate::Hz8000));
        }
        let narrow = self.resampler.as_mut()?.process(frame);
        self.push_8k(&narrow)
    }

    fn push_8k(&mut self, frame: &Frame) -> Option<char> {
        let mut joined = [0; WINDOW + 160];
        joined[..WINDOW].copy_from_slice(&self.tail);
        joined[WINDOW..].copy_from_slice(frame.samples());
        self.tail.copy_from_slice(&joined[160..]);
        self.quiet = frame.is_silent();
        let mut digit = None;
        for start in [HOP, 2 * HOP] {
            let mut window = [0; WINDOW];
            window.copy_from_slice(&joined[start..start + WINDOW]);
            digit = self.judge(key(&window)).or(digit);
        }
        digit.map(|key| DTMF_KEYS[usize::from(key)])
    }

    /// Counts agreeing windows; gives the key when it has just been heard long enough.
    fn judge(&mut self, key: Option<u8>) -> Option<u8> {
        if key.is_some() && key == self.candidate {
            self.agreeing += 1;
            self.missing = 0;
            if self.agreeing >= AGREEING && !self.reported {
                self.reported = true;
                return key;
            }
            return None;
        }
        self.missing += 1;
        if !self.reported || self.missing >= MISSING {
            self.candidate = key;
            self.agreeing = u32::from(key.is_some());
            self.missing = 0;
            self.reported = false;
        }
        None
    }
}

impl Default for DtmfDetector {
    fn default() -> DtmfDetector {
        DtmfDetector::new()
    }
}

/// The key whose two tones a window consists of.
fn key(samples: &[i16; WINDOW]) -> Option<u8> {
    let window = Window::normalised(samples, LEAST_PEAK)?;
    let (row, low) = strongest(&ROWS, &window);
    let (column, high) = strongest(&COLUMNS, &window);
    // Each at least a tenth of the energy: a twist of some 9 dB either way; together at least 70 %.
    if low < PURE / 10 || high < PURE / 10 || low + high < PURE * 7 / 10 {
        return None;
    }
    Some(row * 4 + column)
}

fn strongest(group: &[Reference; 4], window: &Window) -> (u8, u32) {
    let mut best = (0, 0);
    for (n, reference) in group.iter().enumerate() {
        let purity = window.purity(reference.power(&window.samples));
        if purity > best.1 {
            best = (n as u8, purity);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711::{Law, transcode};
    use crate::tone::dtmf;

    fn detect(samples: &[i16], rate: Rate) -> String {
        let mut detector = DtmfDetector::new();
        samples
            .chunks(rate.frame_samples())
            .filter_map(|c| detector.push(&Frame::from_samples(rate, c)))
            .collect()
    }

    fn keyed(digits: &str, rate: Rate, tone_ms: u32, gap_ms: u32, offset: usize) -> Vec<i16> {
        let mut samples = vec![0; offset];
        for digit in digits.chars() {
            samples.extend(dtmf(digit, rate, tone_ms));
            samples.extend(vec![0; (rate.hz() / 1000 * gap_ms) as usize]);
        }
        samples.extend(vec![0; rate.frame_samples() * 3]);
        samples
    }

    #[test]
    fn every_digit_at_every_rate_and_offset() {
        let digits: String = DTMF_KEYS.iter().collect();
        for rate in Rate::ALL {
            for offset in (0..rate.frame_samples()).step_by(37) {
                for (tone_ms, gap_ms) in [(50, 50), (100, 100), (250, 40)] {
                    let samples = keyed(&digits, rate, tone_ms, gap_ms, offset);
                    assert_eq!(detect(&samples, rate), digits, "{rate:?} {offset} {tone_ms}/{gap_ms}");
                }
            }
        }
    }

    #[test]
    fn equal_digits_are_told_apart_and_long_ones_count_once() {
        assert_eq!(detect(&keyed("1199", Rate::Hz8000, 60, 60, 11), Rate::Hz8000), "1199");
        assert_eq!(detect(&keyed("7", Rate::Hz8000, 3000, 60, 0), Rate::Hz8000), "7");
    }

    #[test]
    fn digits_survive_a_telephone_line_and_a_change_of_level() {
        for law in [Law::Mu, Law::A] {
            for shift in 0..4 {
                let mut samples = keyed("0123456789*#", Rate::Hz8000, 70, 70, 5);
                samples.iter_mut().for_each(|s| *s >>= shift);
                let mut detector = DtmfDetector::new();
                let heard: String = samples
                    .chunks(160)
                    .filter_map(|c| {
                        let mut frame = Frame::from_samples(Rate::Hz8000, c);
                        transcode(law, &mut frame);
                        detector.push(&frame)
                    })
                    .collect();
                assert_eq!(heard, "0123456789*#");
            }
        }
    }

    #[test]
    fn too_short_single_tones_and_noise_are_no_digits() {
        assert_eq!(detect(&keyed("5", Rate::Hz8000, 20, 100, 3), Rate::Hz8000), "");
        let mut tone = crate::tone::Oscillator::new(Rate::Hz8000, 770_000);
        let single: Vec<i16> = (0..8000).map(|_| tone.next_sample(10_000)).collect();
        assert_eq!(detect(&single, Rate::Hz8000), "");
        let mut noise = crate::testing::Random::new(5);
        let samples: Vec<i16> = (0..80_000).map(|_| (noise.below(20_001) as i32 - 10_000) as i16).collect();
        assert_eq!(detect(&samples, Rate::Hz8000), "");
    }

    #[test]
    fn the_spoken_code_is_no_digit() {
        let speech =
            crate::spoken::speak("The quick brown fox jumps over the lazy dog, 0123456789!", Rate::Hz8000);
        assert_eq!(detect(&speech, Rate::Hz8000), "");
    }
}
