//! Fixed-point mathematics that tables are built from: sine and the modified Bessel function.
//!
//! Only integers, so that a table is the same on every machine and can be a constant. Not for the sample path.

/// One whole turn is 2^32; Q30 is a fraction with 30 bits.
const PI_Q30: i64 = 3_373_259_426;

/// Sine of an angle given in 2^32ths of a turn, as Q30, good to about 2^-28.
pub(crate) const fn sine_q30(turn: u32) -> i64 {
    let quarter = 1u32 << 30;
    let within = turn & (quarter - 1);
    let (folded, negative) = match turn >> 30 {
        0 => (within, false),
        1 => (quarter - within, false),
        2 => (within, true),
        _ => (quarter - within, true),
    };
    // Radians of an angle of at most a quarter turn: at most pi/2.
    let x = (folded as i64 * (PI_Q30 / 2)) >> 30;
    let square = (x * x) >> 30;
    // x - x^3/3! + x^5/5! - ... ; the term of x^15 is below 2^-30.
    let mut term = x;
    let mut sum = x;
    let mut n = 1;
    while n < 15 {
        term = -((term * square) >> 30) / ((n + 1) * (n + 2));
        sum += term;
        n += 2;
    }
    if sum > 1 << 30 {
        sum = 1 << 30;
    }
    if negative { -sum } else { sum }
}

/// Cosine of an angle given in 2^32ths of a turn, as Q30.
pub(crate) const fn cosine_q30(turn: u32) -> i64 {
    sine_q30(turn.wrapping_add(1 << 30))
}

/// The normalised sinc function, sin(pi k/w) / (pi k/w), as Q30.
pub(crate) const fn sinc_q30(k: i64, w: i64) -> i64 {
    if k == 0 {
        return 1 << 30;
    }
    let turn = ((k.rem_euclid(2 * w) as u64) << 32) / (2 * w as u64);
    let sine = sine_q30(turn as u32) as i128;
    (((sine * w as i128) << 30) / (PI_Q30 as i128 * k as i128)) as i64
}

/// The modified Bessel function I0 of z, given the square of z/2 as Q32; the result is Q32.
pub(crate) const fn bessel_i0_q32(half_z_squared_q32: i128) -> i128 {
    let mut term: i128 = 1 << 32;
    let mut sum: i128 = term;
    let mut k: i128 = 1;
    while term > 0 && k < 64 {
        term = ((term * half_z_squared_q32) >> 32) / (k * k);
        sum += term;
        k += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_of_known_angles() {
        let one = 1i64 << 30;
        let cases = [
            (0u32, 0),
            (1 << 30, one),
            (1 << 31, 0),
            (3 << 30, -one),
            (0x1555_5555, one / 2),
            (0x2AAA_AAAA, 929_887_697),
            (1 << 29, 759_250_125),
        ];
        for (turn, expected) in cases {
            let error = (sine_q30(turn) - expected).abs();
            assert!(error < 64, "sine of {turn:#x} off by {error}");
        }
        assert_eq!(cosine_q30(0), sine_q30(1 << 30));
    }

    #[test]
    fn sine_and_cosine_stay_on_the_circle() {
        for step in 0..4096u32 {
            let (s, c) = (sine_q30(step << 20), cosine_q30(step << 20));
            let radius = (s * s + c * c) >> 30;
            assert!((radius - (1 << 30)).abs() < 64, "at {step}: {radius}");
        }
    }

    #[test]
    fn sinc_is_one_at_zero_and_nought_at_whole_steps() {
        assert_eq!(sinc_q30(0, 7), 1 << 30);
        for k in 1..20 {
            assert!(sinc_q30(7 * k, 7).abs() < 8);
            assert!((sinc_q30(3 * k, 7) - sinc_q30(-3 * k, 7)).abs() < 4);
        }
    }

    #[test]
    fn bessel_of_known_arguments() {
        // I0(2) = 2.2795853..., whose half argument squared is one.
        let error = bessel_i0_q32(1 << 32) - 9_790_744_334;
        assert!(error.abs() < 1 << 12, "{error}");
        assert_eq!(bessel_i0_q32(0), 1 << 32);
    }
}
