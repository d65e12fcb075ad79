//! Base64 audio chunks as samples: 16-bit little-endian PCM, with or without a RIFF header before it. An odd byte waits
//! for the next chunk. Compressed formats are not decoded here: a player never asks for them.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding or none: both are in use.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a chunk gave no samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not base64.
    NotBase64,
    /// It begins like a WAV file, and has no data part.
    NoData,
}

impl Unusable {
    /// In words.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Unusable::NotBase64 => "is not base64",
            Unusable::NoData => "begins with a RIFF header and holds no data part",
        }
    }
}

/// The chunks of one stream of speech.
#[derive(Debug, Default)]
pub(crate) struct PcmStream {
    odd: Option<u8>,
}

impl PcmStream {
    /// Whether the last chunk ended within a sample.
    pub(crate) const fn is_split(&self) -> bool {
        self.odd.is_some()
    }

    /// The samples of a chunk.
    ///
    /// # Errors
    /// When it is not base64, or a WAV file without data.
    pub(crate) fn decode(&mut self, chunk: &str) -> Result<Vec<i16>, Unusable> {
        let bytes = BASE64.decode(chunk).map_err(|_| Unusable::NotBase64)?;
        let mut bytes = bytes.as_slice();
        if bytes.starts_with(b"RIFF") {
            bytes = after_header(bytes).ok_or(Unusable::NoData)?;
            self.odd = None;
        }
        let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
        if let (Some(low), Some((&high, rest))) = (self.odd, bytes.split_first()) {
            samples.push(i16::from_le_bytes([low, high]));
            self.odd = None;
            bytes = rest;
        }
        let pairs = bytes.chunks_exact(2);
        if let [left] = pairs.remainder() {
            self.odd = Some(*left);
        }
        samples.extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
        Ok(samples)
    }
}

/// What follows the head of the `data` part. Lengths in streamed headers are often wrong, so only those of the parts
/// before it are believed.
fn after_header(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (head, body) = rest.split_at_checked(8)?;
        if &head[..4] == b"data" {
            return Some(body);
        }
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        rest = body.get(length.saturating_add(length % 2)..)?;
    }
}
