//! How much of a stretch of audio is one tone: the Goertzel measure, computed as a correlation.
//!
//! A Goertzel filter and a correlation with a sine and cosine give the same power; the correlation needs no feedback, so it is
//! exact in integers and the processor does eight products at a time. Everything works at 8 kHz.

use crate::fixed::{cosine_q30, sine_q30};

/// Samples in the longest window (20 ms at 8 kHz).
pub(crate) const LONG_WINDOW: usize = 160;

/// Samples in the window that purity is judged on (16 ms at 8 kHz).
pub(crate) const WINDOW: usize = 128;

/// Amplitude of the reference waves: with samples of at most [`PEAK`] a sum over the longest window fits 32 bits.
const REFERENCE: i64 = 2047;

/// Largest magnitude of a normalised sample.
const PEAK: i32 = 4095;

/// A purity of one.
pub(crate) const PURE: u32 = 1 << 12;

/// Cosine and sine of one frequency.
#[derive(Clone)]
pub(crate) struct Reference {
    cosine: [i16; LONG_WINDOW],
    sine: [i16; LONG_WINDOW],
}

impl Reference {
    /// The reference waves of a frequency at 8 kHz.
    pub(crate) const fn new(frequency_hz: u32) -> Reference {
        let mut waves = Reference { cosine: [0; LONG_WINDOW], sine: [0; LONG_WINDOW] };
        let step = ((frequency_hz as u64) << 32) / 8000;
        let mut n = 0;
        while n < LONG_WINDOW {
            let turn = (step * n as u64) as u32;
            waves.cosine[n] = ((cosine_q30(turn) * REFERENCE + (1 << 29)) >> 30) as i16;
            waves.sine[n] = ((sine_q30(turn) * REFERENCE + (1 << 29)) >> 30) as i16;
            n += 1;
        }
        waves
    }

    /// Power of this frequency in normalised samples, up to a long window of them.
    #[inline]
    pub(crate) fn power(&self, samples: &[i16]) -> u64 {
        let (mut real, mut imaginary) = (0i32, 0i32);
        for ((&s, &c), &q) in samples.iter().zip(&self.cosine).zip(&self.sine) {
            real = real.wrapping_add(i32::from(s).wrapping_mul(i32::from(c)));
            imaginary = imaginary.wrapping_add(i32::from(s).wrapping_mul(i32::from(q)));
        }
        let (real, imaginary) = (i64::from(real), i64::from(imaginary));
        (real * real + imaginary * imaginary) as u64
    }
}

/// A window of samples scaled to use 12 bits, whatever the level was.
pub(crate) struct Window {
    /// The scaled samples, without their mean.
    pub(crate) samples: [i16; WINDOW],
    /// Sum of squares of the scaled samples.
    pub(crate) energy: u32,
}

impl Window {
    /// Scales a window; `None` when its peak is below `least_peak`.
    pub(crate) fn normalised(samples: &[i16; WINDOW], least_peak: i32) -> Option<Window> {
        let mut scaled = [0; WINDOW];
        normalise(samples, least_peak, &mut scaled)?;
        let energy = scaled
            .iter()
            .fold(0u32, |sum, &s| sum.wrapping_add(i32::from(s).wrapping_mul(i32::from(s)) as u32));
        Some(Window { samples: scaled, energy })
    }

    /// The share of the window's energy that is this one frequency: [`PURE`] for a steady tone, about 1/64 of it for noise.
    #[inline]
    pub(crate) fn purity(&self, power: u64) -> u32 {
        // A tone of amplitude a has power (a r n/2)^2 and energy a^2 n/2.
        let whole = u64::from(self.energy) * (REFERENCE * REFERENCE) as u64 * (WINDOW as u64 / 2);
        (power / (whole / u64::from(PURE)).max(1)) as u32
    }
}

/// Scales samples so that the largest uses 12 bits; `None` when their peak is below `least_peak` (at least one).
pub(crate) fn normalise(samples: &[i16], least_peak: i32, scaled: &mut [i16]) -> Option<()> {
    let peak = samples.iter().fold(0i32, |peak, &s| peak.max(i32::from(s).abs()));
    if peak < least_peak.max(1) {
        return None;
    }
    let factor = (PEAK << 15) / peak;
    for (out, &s) in scaled.iter_mut().zip(samples) {
        *out = ((i64::from(s) * i64::from(factor)) >> 15) as i16;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Rate;
    use crate::tone::Oscillator;

    fn purity(samples: [i16; WINDOW], frequency_hz: u32) -> u32 {
        let window = Window::normalised(&samples, 1).unwrap();
        window.purity(Reference::new(frequency_hz).power(&window.samples))
    }

    #[test]
    fn a_tone_is_pure_at_any_level() {
        for frequency in [300, 1000, 2500, 3400] {
            for amplitude in [100, 1000, 10_000, 32_767] {
                let mut tone = Oscillator::new(Rate::Hz8000, frequency * 1000);
                let samples = std::array::from_fn(|_| tone.next_sample(amplitude));
                let measured = purity(samples, frequency);
                assert!(measured > PURE * 97 / 100 && measured < PURE * 103 / 100, "{frequency}: {measured}");
                assert!(purity(samples, (frequency + 1500) % 3000 + 350) < PURE / 20);
            }
        }
    }

    #[test]
    fn full_scale_does_not_overflow() {
        for frequency in [300, 1000, 2000, 3400] {
            let square = std::array::from_fn(|n| if n % 8 < 4 { i16::MIN } else { i16::MAX });
            assert!(purity(square, frequency) <= PURE);
            assert!(purity([i16::MIN; WINDOW], frequency) <= PURE / 8);
        }
    }
}
