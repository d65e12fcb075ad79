//! The symbols of the spoken code: 32 tones, the sync pattern, and the checksum.

use crate::correlate::Reference;

/// Number of different symbols; a symbol carries five bits.
pub(super) const SYMBOLS: usize = 32;

/// Length of a symbol, milliseconds.
pub(super) const SYMBOL_MS: u32 = 20;

/// Silence after each word, milliseconds.
pub(super) const GAP_MS: u32 = 100;

/// What a word begins with: four tones far apart, in an order that neither scales, chords nor sweeps have.
pub(super) const SYNC: [u8; 4] = [27, 4, 22, 9];

/// Symbols of the checksum, 25 bits.
pub(super) const CHECK_SYMBOLS: usize = 5;

/// Frequency of a symbol, Hz: the telephone band in steps of 100 Hz, twice the resolution of 20 ms.
pub(super) const fn frequency_hz(symbol: u8) -> u32 {
    300 + 100 * symbol as u32
}

/// Reference waves of all symbols, 20 KiB.
pub(super) static REFERENCES: [Reference; SYMBOLS] = references();

const fn references() -> [Reference; SYMBOLS] {
    let mut all = [const { Reference::new(300) }; SYMBOLS];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        all[symbol] = Reference::new(frequency_hz(symbol as u8));
        symbol += 1;
    }
    all
}

/// The checksum of a word's symbols, its end mark included: the upper 25 bits of their CRC-32 (ISO-HDLC), highest first.
pub(super) fn checksum(symbols: &[u8]) -> [u8; CHECK_SYMBOLS] {
    let mut crc = u32::MAX;
    for &symbol in symbols {
        crc ^= u32::from(symbol);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let bits = !crc >> 7;
    std::array::from_fn(|n| ((bits >> (20 - 5 * n)) & 31) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_crc() {
        // The check value of CRC-32/ISO-HDLC over "123456789" is CBF43926.
        let bits = checksum(b"123456789").iter().fold(0u32, |bits, &s| bits << 5 | u32::from(s));
        assert_eq!(bits, 0xCBF4_3926 >> 7);
    }

    #[test]
    fn tones_stay_inside_the_telephone_band() {
        assert_eq!((frequency_hz(0), frequency_hz(31)), (300, 3400));
    }
}
