//! G.711 mu-law and A-law, sample for sample as the reference software of ITU-T G.191 does it.
//!
//! Negative input is folded by one's complement, as in G.191 (so -1 is the negative code of zero). Other implementations
//! differ from it by one code at some decision boundaries; the frozen hashes in the tests keep this one. Packetisation,
//! comfort noise and loss concealment are not here.

use crate::frame::{Frame, Rate};

/// The companding law of a telephone line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// mu-law, RTP payload type 0 (PCMU).
    Mu,
    /// A-law, RTP payload type 8 (PCMA).
    A,
}

impl Law {
    /// The code of digital silence: what a line sends when nothing is said.
    pub const fn silence(self) -> u8 {
        match self {
            Law::Mu => 0xFF,
            Law::A => 0xD5,
        }
    }
}

const MU_DECODED: [i16; 256] = decode_table(Law::Mu);
const A_DECODED: [i16; 256] = decode_table(Law::A);

/// Compresses one 16-bit sample to its 8-bit code.
pub const fn encode_sample(law: Law, sample: i16) -> u8 {
    match law {
        Law::Mu => encode_mu(sample),
        Law::A => encode_a(sample),
    }
}

/// Expands one 8-bit code to its 16-bit sample.
pub const fn decode_sample(law: Law, code: u8) -> i16 {
    match law {
        Law::Mu => MU_DECODED[code as usize],
        Law::A => A_DECODED[code as usize],
    }
}

/// Compresses samples into codes, as many as the shorter slice holds.
pub fn encode(law: Law, samples: &[i16], codes: &mut [u8]) {
    let pairs = codes.iter_mut().zip(samples);
    match law {
        Law::Mu => pairs.for_each(|(code, &sample)| *code = encode_mu(sample)),
        Law::A => pairs.for_each(|(code, &sample)| *code = encode_a(sample)),
    }
}

/// Expands codes into samples, as many as the shorter slice holds.
pub fn decode(law: Law, codes: &[u8], samples: &mut [i16]) {
    let table = match law {
        Law::Mu => &MU_DECODED,
        Law::A => &A_DECODED,
    };
    samples.iter_mut().zip(codes).for_each(|(sample, &code)| *sample = table[usize::from(code)]);
}

/// Expands up to 160 codes into an 8 kHz frame.
///
/// Codes that are all idle (either code of zero) make a silent frame. Strictly, A-law has no zero and idles at +8 or -8; a
/// step of 8, some 70 dB below speech, is taken for the silence it stands for, so that quiet time costs nothing.
pub fn decode_frame(law: Law, codes: &[u8]) -> Frame {
    let positive = law.silence();
    if codes.iter().all(|&code| code | 0x80 == positive) {
        return Frame::silence(Rate::Hz8000);
    }
    let mut frame = Frame::silence(Rate::Hz8000);
    decode(law, codes, frame.samples_mut());
    frame
}

/// What a telephone line does to a frame: compresses and expands every sample in place.
///
/// A silent frame stays silent, for the reason given at [`decode_frame`].
pub fn transcode(law: Law, frame: &mut Frame) {
    if frame.is_silent() {
        return;
    }
    match law {
        Law::Mu => frame.samples_mut().iter_mut().for_each(|s| *s = MU_DECODED[usize::from(encode_mu(*s))]),
        Law::A => frame.samples_mut().iter_mut().for_each(|s| *s = A_DECODED[usize::from(encode_a(*s))]),
    }
}

const fn encode_mu(sample: i16) -> u8 {
    // 14-bit magnitude plus the bias of 33 that makes every segment start at a power of two.
    let folded = if sample < 0 { !sample } else { sample };
    let mut magnitude = (folded as u32 >> 2) + 33;
    if magnitude > 0x1FFF {
        magnitude = 0x1FFF;
    }
    let segment = 27 - magnitude.leading_zeros();
    let code = (((8 - segment) << 4) | (0xF - ((magnitude >> segment) & 0xF))) as u8;
    if sample < 0 { code } else { code | 0x80 }
}

const fn encode_a(sample: i16) -> u8 {
    let folded = if sample < 0 { !sample } else { sample };
    let magnitude = folded as u32 >> 4;
    // The two lowest segments share one step; each further one doubles it.
    let code = if magnitude < 32 {
        magnitude
    } else {
        let segment = 28 - magnitude.leading_zeros();
        (segment << 4) | ((magnitude >> (segment - 1)) & 0xF)
    };
    (if sample < 0 { code as u8 } else { code as u8 | 0x80 }) ^ 0x55
}

const fn decode_table(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = match law {
            Law::Mu => expand_mu(code as u8),
            Law::A => expand_a(code as u8),
        };
        code += 1;
    }
    table
}

const fn expand_mu(code: u8) -> i16 {
    let inverted = !code;
    let exponent = (inverted >> 4) & 7;
    let mantissa = (inverted & 0xF) as i16;
    let step = 8i16 << exponent;
    let magnitude = (0x80i16 << exponent) + step * mantissa + step / 2 - 4 * 33;
    if code < 0x80 { -magnitude } else { magnitude }
}

const fn expand_a(code: u8) -> i16 {
    let plain = (code ^ 0x55) & 0x7F;
    let exponent = plain >> 4;
    let mantissa = (plain & 0xF) as i16;
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => (((mantissa + 16) << 4) + 8) << (exponent - 1),
    };
    if code < 0x80 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a, 64 bit: enough to freeze a table.
    fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
        bytes.fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3))
    }

    #[test]
    fn every_encoding_is_frozen() {
        let all = |law| hash((i16::MIN..=i16::MAX).map(move |s| encode_sample(law, s)));
        assert_eq!((all(Law::Mu), all(Law::A)), (354_692_590_946_716_717, 17_307_445_993_695_924_005));
    }

    #[test]
    fn every_decoding_is_frozen() {
        let all = |law| hash((0..=255).flat_map(move |c| decode_sample(law, c).to_le_bytes()));
        assert_eq!((all(Law::Mu), all(Law::A)), (13_339_211_118_338_482_600, 7_582_444_160_614_126_245));
    }

    #[test]
    fn well_known_points() {
        let cases = [
            (Law::Mu, 0, 0xFF, 0),
            (Law::Mu, -1, 0x7F, 0),
            (Law::Mu, 4, 0xFE, 8),
            (Law::Mu, 1000, 0xCE, 988),
            (Law::Mu, -1000, 0x4E, -988),
            (Law::Mu, i16::MAX, 0x80, 32_124),
            (Law::Mu, i16::MIN, 0x00, -32_124),
            (Law::A, 0, 0xD5, 8),
            (Law::A, -1, 0x55, -8),
            (Law::A, 1000, 0xFA, 1008),
            (Law::A, -1000, 0x7A, -1008),
            (Law::A, i16::MAX, 0xAA, 32_256),
            (Law::A, i16::MIN, 0x2A, -32_256),
        ];
        for (law, sample, code, decoded) in cases {
            assert_eq!(encode_sample(law, sample), code, "{law:?} {sample}");
            assert_eq!(decode_sample(law, code), decoded, "{law:?} {code:#x}");
        }
    }

    #[test]
    fn a_decoded_code_encodes_to_itself() {
        for law in [Law::Mu, Law::A] {
            for code in 0..=255 {
                // The two codes of mu-law zero decode to the same sample: the positive one comes back.
                let expected = if law == Law::Mu && code == 0x7F { 0xFF } else { code };
                assert_eq!(encode_sample(law, decode_sample(law, code)), expected, "{law:?} {code:#x}");
            }
        }
    }

    #[test]
    fn the_error_stays_within_half_a_step() {
        for law in [Law::Mu, Law::A] {
            for sample in i16::MIN..=i16::MAX {
                let error = i32::from(decode_sample(law, encode_sample(law, sample))) - i32::from(sample);
                let bound =
                    8 + i32::from(sample).abs() / 32 + if i32::from(sample).abs() > 32_124 { 644 } else { 0 };
                assert!(error.abs() <= bound, "{law:?} {sample}: {error}");
            }
        }
    }

    #[test]
    fn a_line_keeps_silence_and_codes_the_rest() {
        for law in [Law::Mu, Law::A] {
            let mut frame = Frame::silence(Rate::Hz8000);
            transcode(law, &mut frame);
            assert!(frame.is_silent());
            assert!(decode_frame(law, &[law.silence(); 160]).is_silent());
            assert!(decode_frame(law, &[law.silence() & 0x7F; 160]).is_silent());
            let mut frame = Frame::from_samples(Rate::Hz8000, &[1000, -30, 7]);
            let mut codes = [0; 160];
            encode(law, frame.samples(), &mut codes);
            transcode(law, &mut frame);
            assert_eq!(decode_frame(law, &codes), frame);
            assert!(!frame.is_silent());
        }
    }
}
