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

/// How many tones the scale is turned after each symbol.
const TURN: usize = 11;

/// The tone that sounds for a symbol at a place after the sync pattern.
///
/// The scale turns from symbol to symbol, so that repeated letters change their tone, and a symbol that was dropped or repeated
/// makes nonsense of all that follow.
pub(super) fn tone_of(symbol: u8, place: usize) -> u8 {
    ((usize::from(symbol) + TURN * place) % SYMBOLS) as u8
}

/// The symbol that a tone means at a place after the sync pattern.
pub(super) fn symbol_of(tone: u8, place: usize) -> u8 {
    ((usize::from(tone) + (SYMBOLS - TURN) * place) % SYMBOLS) as u8
}

/// Frequency of a tone, Hz: the telephone band in steps of 100 Hz, twice the resolution of 20 ms.
pub(super) const fn frequency_hz(tone: u8) -> u32 {
    300 + 100 * tone as u32
}

/// Reference waves of all tones, 20 KiB.
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
    fn every_tone_means_its_symbol() {
        for place in 0..400 {
            for symbol in 0..SYMBOLS as u8 {
                assert_eq!(symbol_of(tone_of(symbol, place), place), symbol);
            }
        }
    }

    #[test]
    fn tones_stay_inside_the_telephone_band() {
        assert_eq!((frequency_hz(0), frequency_hz(31)), (300, 3400));
    }
}
