//! Sample-rate conversion: a stateful resampler for frames, and a converter for whole recordings.
//!
//! Polyphase FIR with integer coefficients. A frame in gives exactly a frame out; the delay is 2 ms of the lower rate's 8 kHz
//! (16 of its samples). Clock drift is not corrected here.

use std::sync::OnceLock;

use crate::fir::{Polyphase, dot, round};
use crate::frame::{Frame, MAX_FRAME_SAMPLES, Rate};

/// The longest history any pair of frame rates needs (48 kHz to 8 kHz).
const MAX_TAPS: usize = 192;

static FILTERS: [[OnceLock<Polyphase>; 4]; 4] = [const { [const { OnceLock::new() }; 4] }; 4];

/// Turns frames of one rate into frames of another, keeping its history from frame to frame.
#[derive(Clone)]
pub struct Resampler {
    from: Rate,
    to: Rate,
    filter: Option<&'static Polyphase>,
    /// The last samples of the frame before, oldest first; only the newest `taps - 1` are used.
    history: [i16; MAX_TAPS],
    quiet: bool,
}

impl Resampler {
    /// A resampler that has heard nothing yet. Equal rates make one that passes frames on.
    pub fn new(from: Rate, to: Rate) -> Resampler {
        let filter = (from != to).then(|| {
            FILTERS[from as usize][to as usize].get_or_init(|| {
                let common = gcd(from.hz(), to.hz());
                Polyphase::design((to.hz() / common) as usize, (from.hz() / common) as usize)
            })
        });
        Resampler { from, to, filter, history: [0; MAX_TAPS], quiet: true }
    }

    /// The rate of the frames it takes.
    pub fn from(&self) -> Rate {
        self.from
    }

    /// The rate of the frames it gives.
    pub fn to(&self) -> Rate {
        self.to
    }

    /// Converts one frame. Silence in, after silence, is silence out and costs next to nothing.
    ///
    /// A frame of another rate than [`Resampler::from`] is a mistake of the caller (checked in debug builds) and gives silence.
    pub fn process(&mut self, frame: &Frame) -> Frame {
        debug_assert_eq!(frame.rate(), self.from, "a resampler takes frames of its own rate");
        let Some(filter) = self.filter else { return frame.clone() };
        if frame.rate() != self.from || (frame.is_silent() && self.quiet) {
            return Frame::silence(self.to);
        }
        let mut input = [0i16; MAX_TAPS + MAX_FRAME_SAMPLES];
        let end = MAX_TAPS + self.from.frame_samples();
        input[..MAX_TAPS].copy_from_slice(&self.history);
        input[MAX_TAPS..end].copy_from_slice(frame.samples());
        self.history.copy_from_slice(&input[end - MAX_TAPS..end]);
        self.quiet = self.history[MAX_TAPS - filter.taps..].iter().all(|&s| s == 0);

        let mut output = Frame::silence(self.to);
        let (mut newest, mut phase) = (MAX_TAPS, 0);
        for sample in output.samples_mut() {
            *sample = round(dot(filter.row(phase), &input[newest + 1 - filter.taps..=newest]));
            phase += filter.down;
            newest += phase / filter.up;
            phase %= filter.up;
        }
        output
    }
}

/// The rates [`convert`] accepts, Hz.
const CONVERTIBLE_HZ: std::ops::RangeInclusive<u32> = 1_000..=384_000;

/// Converts a whole recording between any two rates from 1 kHz to 384 kHz, without delay. For offline use: it allocates.
///
/// The result has the recording's duration, rounded up to a whole sample; a rate out of range gives an empty result.
pub fn convert(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if !CONVERTIBLE_HZ.contains(&from_hz) || !CONVERTIBLE_HZ.contains(&to_hz) {
        return Vec::new();
    }
    if from_hz == to_hz {
        return samples.to_vec();
    }
    let common = gcd(from_hz, to_hz);
    let (up, down) = (u64::from(to_hz / common), u64::from(from_hz / common));
    // Rates with next to no common factor would need a phase for each sample: the nearest of enough phases serves them.
    let phases = up.min(1024).min((8_192 * up / up.max(down)).max(1));
    let filter = Polyphase::design(phases as usize, ((down * phases + up / 2) / up).max(1) as usize);
    let length = (samples.len() as u64 * up).div_ceil(down);
    let delay = filter.delay() as u64;
    (0..length)
        .map(|n| {
            let at = (2 * n * down * phases + up) / (2 * up) + delay;
            one_sample(&filter, samples, (at / phases) as usize, (at % phases) as usize)
        })
        .collect()
}

/// The filter's output when the sample at `newest` is the newest one; samples outside the recording are zero.
fn one_sample(filter: &Polyphase, samples: &[i16], newest: usize, phase: usize) -> i16 {
    let row = filter.row(phase);
    let oldest = (newest + 1).saturating_sub(filter.taps);
    let end = (newest + 1).min(samples.len());
    if oldest >= end {
        return 0;
    }
    let skipped = filter.taps - (newest + 1 - oldest);
    round(dot(&row[skipped..skipped + (end - oldest)], &samples[oldest..end]))
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::Oscillator;

    fn sine(rate: Rate, hz: u32, length: usize) -> Vec<i16> {
        let mut oscillator = Oscillator::new(rate, hz * 1000);
        (0..length).map(|_| oscillator.next_sample(20_000)).collect()
    }

    fn through(from: Rate, to: Rate, samples: &[i16]) -> Vec<i16> {
        let mut resampler = Resampler::new(from, to);
        samples
            .chunks(from.frame_samples())
            .flat_map(|c| resampler.process(&Frame::from_samples(from, c)).samples().to_vec())
            .collect()
    }

    /// Energy of the difference to a sine of any phase and gain, and the energy of that sine, by projection.
    fn split(samples: &[i16], rate: Rate, hz: u32) -> (f64, f64) {
        let step = std::f64::consts::TAU * f64::from(hz) / f64::from(rate.hz());
        let (mut c, mut s, mut energy) = (0.0, 0.0, 0.0);
        for (n, &x) in samples.iter().enumerate() {
            let (x, at) = (f64::from(x), step * n as f64);
            c += x * at.cos();
            s += x * at.sin();
            energy += x * x;
        }
        let tone = (c * c + s * s) * 2.0 / samples.len() as f64;
        (tone, (energy - tone).max(1.0))
    }

    fn decibels(ratio: f64) -> f64 {
        10.0 * ratio.log10()
    }

    fn frame_pairs() -> impl Iterator<Item = (Rate, Rate)> {
        Rate::ALL
            .into_iter()
            .flat_map(|from| Rate::ALL.into_iter().map(move |to| (from, to)))
            .filter(|(f, t)| f != t)
    }

    #[test]
    fn tones_of_the_pass_band_come_through_whole_and_clean() {
        for (from, to) in frame_pairs() {
            let lower = from.hz().min(to.hz());
            for hz in [300, 1000, 2500, lower * 17 / 40] {
                let output = through(from, to, &sine(from, hz, from.hz() as usize));
                assert_eq!(output.len() as u32, to.hz());
                let steady = &output[to.hz() as usize / 10..to.hz() as usize * 9 / 10];
                let (tone, rest) = split(steady, to, hz);
                let gain = decibels(tone / (2e8 * steady.len() as f64));
                assert!(gain.abs() < 0.1, "{from:?} to {to:?}: {hz} Hz has a gain of {gain:.2} dB");
                let clean = decibels(tone / rest);
                assert!(clean > 70.0, "{from:?} to {to:?}: {hz} Hz is {clean:.1} dB clean");
            }
        }
    }

    #[test]
    fn tones_of_the_stop_band_do_not_come_back_as_aliases() {
        for (from, to) in frame_pairs().filter(|(from, to)| from > to) {
            for hz in [to.hz() * 23 / 40, to.hz() * 13 / 20] {
                if hz < from.hz() / 2 {
                    let output = through(from, to, &sine(from, hz, from.hz() as usize));
                    let steady = &output[to.hz() as usize / 10..];
                    let energy: f64 = steady.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
                    let alias = decibels(energy.max(1.0) / (2e8 * steady.len() as f64));
                    assert!(alias < -68.0, "{from:?} to {to:?}: {hz} Hz comes back at {alias:.1} dB");
                }
            }
        }
    }

    #[test]
    fn silence_stays_silence_and_a_sound_rings_out() {
        for (from, to) in frame_pairs() {
            let mut resampler = Resampler::new(from, to);
            assert!(resampler.process(&Frame::silence(from)).is_silent());
            let mut click = Frame::silence(from);
            *click.samples_mut().last_mut().unwrap() = 20_000;
            resampler.process(&click);
            let ring = resampler.process(&Frame::silence(from));
            assert!(ring.samples().iter().any(|&s| s != 0), "the click is still in the filter");
            assert!(resampler.process(&Frame::silence(from)).is_silent());
        }
    }

    #[test]
    fn equal_rates_pass_frames_on() {
        let frame = Frame::from_samples(Rate::Hz24000, &sine(Rate::Hz24000, 440, 480));
        assert_eq!(Resampler::new(Rate::Hz24000, Rate::Hz24000).process(&frame), frame);
    }

    #[test]
    fn the_loudest_input_saturates_and_does_not_wrap() {
        for (from, to) in frame_pairs() {
            let loud: Vec<i16> =
                (0..from.hz()).map(|n| if (n / 7) % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
            for (n, pair) in through(from, to, &[i16::MAX; 4800]).windows(2).enumerate().skip(800) {
                assert!(pair[0] > 32_000 && pair[1] > 32_000, "{from:?} to {to:?} at {n}");
            }
            through(from, to, &loud);
        }
    }

    #[test]
    fn recordings_keep_their_time_at_any_rate() {
        let original = sine(Rate::Hz48000, 1000, 48_000);
        for to_hz in [8_000, 11_025, 16_000, 22_050, 44_100, 44_101, 47_999] {
            let there = convert(&original, 48_000, to_hz);
            assert_eq!(there.len() as u32, to_hz);
            let back = convert(&there, to_hz, 48_000);
            let error: f64 =
                (4_800..43_200).map(|n| f64::from(back[n]) - f64::from(original[n])).map(|e| e * e).sum();
            let clean = decibels(2e8 * 38_400.0 / error.max(1.0));
            assert!(clean > 55.0, "{to_hz}: {clean:.1} dB");
        }
    }

    #[test]
    fn odd_requests_are_answered_and_bounded() {
        assert!(convert(&[1, 2, 3], 0, 8_000).is_empty());
        assert!(convert(&[1, 2, 3], 8_000, u32::MAX).is_empty());
        assert!(convert(&[], 44_100, 8_000).is_empty());
        assert_eq!(convert(&[1, 2, 3], 8_000, 8_000), [1, 2, 3]);
        assert_eq!(convert(&[9; 10], 383_999, 1_000).len(), 1);
        assert_eq!(convert(&[9; 2], 1_000, 383_999).len(), 768);
    }
}
