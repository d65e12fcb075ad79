//! Tones: a phase-continuous sine oscillator, and dual-tone (DTMF) digits as ITU-T Q.23 defines their frequencies.
//!
//! The sine comes from a table built with integers. Cadences of call-progress tones are not here; they are made of these.

use crate::fixed::sine_q30;
use crate::frame::Rate;

const TABLE_BITS: u32 = 10;

/// One turn of a sine of amplitude 32,767, and one entry more to interpolate towards.
static SINE: [i16; (1 << TABLE_BITS) + 1] = sine_table();

const fn sine_table() -> [i16; (1 << TABLE_BITS) + 1] {
    let mut table = [0; (1 << TABLE_BITS) + 1];
    let mut n = 0;
    while n < table.len() {
        let value = sine_q30((n as u32).wrapping_shl(32 - TABLE_BITS)) * 32_767;
        table[n] = ((value + (1 << 29)) >> 30) as i16;
        n += 1;
    }
    table
}

/// A sine oscillator whose phase goes on when its frequency changes.
#[derive(Clone, Copy, Debug)]
pub struct Oscillator {
    rate_hz: u32,
    /// 2^32ths of a turn.
    phase: u32,
    step: u32,
}

impl Oscillator {
    /// An oscillator at phase zero. Frequencies are in thousandths of a hertz and meaningful below half the sample rate.
    pub fn new(rate: Rate, frequency_mhz: u32) -> Oscillator {
        let mut oscillator = Oscillator { rate_hz: rate.hz(), phase: 0, step: 0 };
        oscillator.tune(frequency_mhz);
        oscillator
    }

    /// Changes the frequency (thousandths of a hertz); the phase goes on from where it is.
    pub fn tune(&mut self, frequency_mhz: u32) {
        let step = (u64::from(frequency_mhz) << 32) / (u64::from(self.rate_hz) * 1000);
        self.step = step as u32;
    }

    /// The next sample of a sine with the given peak amplitude.
    #[inline]
    pub fn next_sample(&mut self, amplitude: i16) -> i16 {
        let index = (self.phase >> (32 - TABLE_BITS)) as usize;
        let fraction = ((self.phase >> (16 - TABLE_BITS)) & 0xFFFF) as i32;
        let (here, there) = (i32::from(SINE[index]), i32::from(SINE[index + 1]));
        // Neighbours differ by at most 202, so the product stays far inside 32 bits.
        let sine = here + (((there - here) * fraction) >> 16);
        self.phase = self.phase.wrapping_add(self.step);
        ((sine * i32::from(amplitude) + (1 << 14)) >> 15) as i16
    }
}

/// The four low-group frequencies of DTMF, Hz: the rows of the keypad.
pub const DTMF_ROWS_HZ: [u32; 4] = [697, 770, 852, 941];

/// The four high-group frequencies of DTMF, Hz: the columns of the keypad.
pub const DTMF_COLUMNS_HZ: [u32; 4] = [1209, 1336, 1477, 1633];

/// The sixteen keys, row by row.
pub const DTMF_KEYS: [char; 16] =
    ['1', '2', '3', 'A', '4', '5', '6', 'B', '7', '8', '9', 'C', '*', '0', '#', 'D'];

/// Peak of each of the two tones of a digit: about -10 dBm0 each, as telephones send.
const DTMF_AMPLITUDE: i16 = 7_000;

/// Samples of a ramp at either end of a tone, in milliseconds, against clicks.
const RAMP_MS: usize = 1;

/// The samples of one DTMF digit (`0`-`9`, `*`, `#`, `A`-`D` in either case); empty for any other character.
///
/// Only the tone: gaps between digits are the caller's. The duration is limited to a minute.
pub fn dtmf(digit: char, rate: Rate, duration_ms: u32) -> Vec<i16> {
    let Some(key) = DTMF_KEYS.iter().position(|&k| k == digit.to_ascii_uppercase()) else {
        return Vec::new();
    };
    let per_ms = (rate.hz() / 1000) as usize;
    let length = duration_ms.min(60_000) as usize * per_ms;
    let ramp = RAMP_MS * per_ms;
    let mut row = Oscillator::new(rate, DTMF_ROWS_HZ[key / 4] * 1000);
    let mut column = Oscillator::new(rate, DTMF_COLUMNS_HZ[key % 4] * 1000);
    (0..length)
        .map(|n| {
            let edge = (n + 1).min(length - n).min(ramp);
            let amplitude = (i32::from(DTMF_AMPLITUDE) * edge as i32 / ramp as i32) as i16;
            row.next_sample(amplitude) + column.next_sample(amplitude)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_its_amplitude_and_frequency() {
        for rate in Rate::ALL {
            let mut oscillator = Oscillator::new(rate, 1_000_000);
            let second: Vec<i16> = (0..rate.hz()).map(|_| oscillator.next_sample(10_000)).collect();
            assert!((9_998..=10_000).contains(second.iter().max().unwrap()));
            let rises = second.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
            assert!((999..=1000).contains(&rises), "{rises} turns");
            let energy: i64 = second.iter().map(|&s| i64::from(s) * i64::from(s)).sum();
            let mean = energy / i64::from(rate.hz());
            assert!((mean - 50_000_000).abs() < 20_000, "{mean}");
        }
    }

    #[test]
    fn tuning_keeps_the_phase() {
        let mut oscillator = Oscillator::new(Rate::Hz8000, 300_000);
        let mut last = oscillator.next_sample(10_000);
        for n in 0..2000u32 {
            oscillator.tune(300_000 + n * 100);
            let next = oscillator.next_sample(10_000);
            // The steepest slope of 500 Hz at 8 kHz: 2 pi 500/8000 of the amplitude.
            assert!((i32::from(next) - i32::from(last)).abs() < 3_950);
            last = next;
        }
    }

    #[test]
    fn only_keys_make_digits() {
        assert_eq!(dtmf('5', Rate::Hz8000, 100).len(), 800);
        assert_eq!(dtmf('d', Rate::Hz24000, 40).len(), 960);
        assert!(dtmf('x', Rate::Hz8000, 100).is_empty());
        assert!(dtmf('1', Rate::Hz8000, 0).is_empty());
    }
}
