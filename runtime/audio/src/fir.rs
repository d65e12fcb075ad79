//! Design of the low-pass filters that resampling needs: Kaiser-windowed sinc, polyphase, 16-bit coefficients.
//!
//! Made at the start, never on the frame path. With 32 taps a phase the pass band is flat to 85 % of the lower Nyquist
//! frequency (3.4 kHz of 4 kHz) and the stop band, about 76 dB down, starts at 115 % (4.6 kHz).

use crate::fixed::{bessel_i0_q32, sinc_q30};

/// Zero crossings of the sinc on either side of its centre.
const HALF_TAPS: usize = 16;

/// Fraction bits of a coefficient: the largest that still lets any 16-bit input be summed in 32 bits.
pub(crate) const COEFFICIENT_BITS: u32 = 14;

/// A quarter of the square of the Kaiser shape 7.5, as Q32.
const QUARTER_BETA_SQUARED_Q32: i128 = ((75 * 75) << 32) / 400;

const WINDOW_PEAK_Q32: i128 = bessel_i0_q32(QUARTER_BETA_SQUARED_Q32);

/// A polyphase filter that turns a rate into `up / down` of it.
pub(crate) struct Polyphase {
    /// Number of phases, the factor by which the rate is raised.
    pub(crate) up: usize,
    /// The factor by which the raised rate is divided.
    pub(crate) down: usize,
    /// Coefficients of one phase.
    pub(crate) taps: usize,
    /// `up` rows of `taps` coefficients; the first of a row belongs to the oldest sample.
    rows: Vec<i16>,
}

impl Polyphase {
    /// Designs the filter; both factors must be at least one.
    pub(crate) fn design(up: usize, down: usize) -> Polyphase {
        let width = up.max(down);
        let centre = HALF_TAPS * width;
        let taps = (2 * centre).div_ceil(up);
        let mut rows = Vec::with_capacity(up * taps);
        let mut row = vec![0i64; taps];
        for phase in 0..up {
            for (k, value) in row.iter_mut().rev().enumerate() {
                *value = coefficient_q30(phase + k * up, centre, width);
            }
            quantise(&row, &mut rows);
        }
        Polyphase { up, down, taps, rows }
    }

    /// The coefficients of a phase, oldest sample first.
    pub(crate) fn row(&self, phase: usize) -> &[i16] {
        &self.rows[phase * self.taps..][..self.taps]
    }

    /// The filter's delay, counted at the raised rate.
    pub(crate) fn delay(&self) -> usize {
        HALF_TAPS * self.up.max(self.down)
    }
}

/// One point of the windowed sinc, unscaled.
fn coefficient_q30(index: usize, centre: usize, width: usize) -> i64 {
    if index > 2 * centre {
        return 0;
    }
    let k = index as i64 - centre as i64;
    let (k2, c2) = (i128::from(k) * i128::from(k), (centre as i128) * (centre as i128));
    let window_q32 = bessel_i0_q32(QUARTER_BETA_SQUARED_Q32 * (c2 - k2) / c2);
    ((i128::from(sinc_q30(k, width as i64)) * window_q32) / WINDOW_PEAK_Q32) as i64
}

/// Scales a row so that it sums to one exactly (no phase is louder than another) and appends it as integers.
///
/// All are rounded down first; what is missing then goes to those that lost most.
fn quantise(row: &[i64], rows: &mut Vec<i16>) {
    let one = 1i128 << COEFFICIENT_BITS;
    let total = i128::from(row.iter().sum::<i64>().max(1));
    let mut lost: Vec<(i128, usize)> = Vec::with_capacity(row.len());
    let start = rows.len();
    for (n, &value) in row.iter().enumerate() {
        let product = i128::from(value) * one;
        rows.push(product.div_euclid(total) as i16);
        lost.push((product.rem_euclid(total), n));
    }
    let missing = one - rows[start..].iter().map(|&c| i128::from(c)).sum::<i128>();
    lost.sort_by(|a, b| b.cmp(a));
    for &(_, n) in lost.iter().take(missing.max(0) as usize) {
        rows[start + n] += 1;
    }
}

/// The sum of products of a row and as many samples; both slices have the same length.
///
/// Wrapping steps let the compiler use the processor's multiply-and-add; the result cannot wrap, because the absolute sum of a
/// row is below 3.99 (a test keeps that).
#[inline]
pub(crate) fn dot(row: &[i16], samples: &[i16]) -> i32 {
    row.iter()
        .zip(samples)
        .fold(0i32, |sum, (&c, &s)| sum.wrapping_add(i32::from(c).wrapping_mul(i32::from(s))))
}

/// Rounds a sum of products back to a sample.
#[inline]
pub(crate) fn round(sum: i32) -> i16 {
    let rounded = (i64::from(sum) + (1 << (COEFFICIENT_BITS - 1))) >> COEFFICIENT_BITS;
    rounded.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_cannot_overflow_and_phases_are_equally_loud() {
        for (up, down) in
            [(2, 1), (3, 1), (6, 1), (3, 2), (2, 3), (1, 2), (1, 3), (1, 6), (80, 441), (160, 147)]
        {
            let filter = Polyphase::design(up, down);
            for phase in 0..up {
                let row = filter.row(phase);
                assert_eq!(row.iter().map(|&c| i32::from(c)).sum::<i32>(), 1 << COEFFICIENT_BITS);
                let absolute: i64 = row.iter().map(|&c| i64::from(c).abs()).sum();
                assert!(absolute * 32_768 < i64::from(i32::MAX), "{up}/{down} phase {phase}: {absolute}");
            }
        }
    }
}
