//! Caller audio as `input_audio_buffer.append` messages: 20 ms of 24 kHz 16-bit little-endian PCM in base64, or of G.711
//! at 8 kHz when a session was given that format. A silent frame of PCM is one prepared message that both ends of the
//! wire know by its address. The caller's frames are deliberately not resampled: they arrive at the wire's rate.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use voxrun_audio::g711::{self, Law};
use voxrun_audio::{Frame, Rate, Resampler};

/// The rate of the wire unless a session says otherwise, and the rate of all audio that is handed to the call.
pub(crate) const RATE: Rate = Rate::Hz24000;

/// The name of the message.
pub(super) const APPEND: &str = "input_audio_buffer.append";

/// How audio is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Format {
    /// 24 kHz 16-bit little-endian PCM.
    #[default]
    Pcm,
    /// G.711 at 8 kHz.
    G711(Law),
}

impl Format {
    /// From a format object of the provider; `None` when it is none that is known.
    pub(super) fn of(format: &Value) -> Option<Format> {
        match format["type"].as_str()? {
            "audio/pcm" => Some(Format::Pcm),
            "audio/pcmu" => Some(Format::G711(Law::Mu)),
            "audio/pcma" => Some(Format::G711(Law::A)),
            _ => None,
        }
    }

    /// Its rate.
    pub(super) fn rate(self) -> Rate {
        if self == Format::Pcm { RATE } else { Rate::Hz8000 }
    }
}

/// Bytes of one frame: 480 samples of 16 bits.
const FRAME_BYTES: usize = 960;

const HEAD: &str = r#"{"type":"input_audio_buffer.append","audio":""#;
const TAIL: &str = r#""}"#;

static SILENT: LazyLock<Arc<str>> = LazyLock::new(|| message(&[0; FRAME_BYTES], &mut String::new()));

/// The message of a silent frame.
#[cfg(test)]
pub(crate) fn silent_append() -> &'static Arc<str> {
    &SILENT
}

/// Whether a message is the one of a silent frame, without parsing it.
pub(crate) fn is_silent_append(text: &Arc<str>) -> bool {
    Arc::ptr_eq(text, &SILENT) || **text == **SILENT
}

/// The audio of a message that was written as [`append`] writes it, without parsing the JSON around it.
pub(crate) fn audio_of(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(HEAD)?.strip_suffix(TAIL)?;
    inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)).then_some(inner)
}

/// The message of a frame at the format's rate. `scratch` keeps its memory between frames.
pub(super) fn append(frame: &Frame, format: Format, scratch: &mut String) -> Arc<str> {
    if let Format::G711(law) = format {
        let mut codes = [0_u8; 160];
        g711::encode(law, frame.samples(), &mut codes);
        return message(&codes, scratch);
    }
    if frame.is_silent() {
        return Arc::clone(&SILENT);
    }
    let mut bytes = [0_u8; FRAME_BYTES];
    for (pair, sample) in bytes.chunks_exact_mut(2).zip(frame.samples()) {
        pair.copy_from_slice(&sample.to_le_bytes());
    }
    message(&bytes, scratch)
}

fn message(bytes: &[u8], scratch: &mut String) -> Arc<str> {
    scratch.clear();
    scratch.push_str(HEAD);
    STANDARD.encode_string(bytes, scratch);
    scratch.push_str(TAIL);
    Arc::from(scratch.as_str())
}

/// The agent's voice in G.711, brought to the rate of all audio.
pub(super) struct Telephone {
    law: Law,
    resampler: Resampler,
    /// Samples that do not fill a frame yet.
    rest: Vec<i16>,
}

impl Telephone {
    pub(super) fn new(law: Law) -> Telephone {
        Telephone { law, resampler: Resampler::new(Rate::Hz8000, RATE), rest: Vec::new() }
    }

    /// The law that it reads.
    pub(super) fn law(&self) -> Law {
        self.law
    }

    /// Samples of a piece of audio; what does not fill a frame waits for the next piece.
    pub(super) fn samples_of(&mut self, base64: &str) -> Result<Vec<i16>, String> {
        let codes = STANDARD.decode(base64).map_err(|error| format!("audio is not base64: {error}"))?;
        self.rest.extend(codes.iter().map(|code| g711::decode_sample(self.law, *code)));
        let whole = self.rest.len() / 160 * 160;
        let mut samples = Vec::with_capacity(whole * 3);
        for piece in self.rest[..whole].chunks_exact(160) {
            let frame = Frame::from_samples(Rate::Hz8000, piece);
            samples.extend_from_slice(self.resampler.process(&frame).samples());
        }
        self.rest.drain(..whole);
        Ok(samples)
    }

    /// The end of an utterance: what waits, filled up with silence.
    pub(super) fn flush(&mut self) -> Vec<i16> {
        if self.rest.is_empty() {
            return Vec::new();
        }
        let frame = Frame::from_samples(Rate::Hz8000, &std::mem::take(&mut self.rest));
        self.resampler.process(&frame).samples().to_vec()
    }
}

/// Samples of a piece of the provider's audio. `odd` carries half a sample from one piece to the next.
pub(super) fn samples_of(base64: &str, odd: &mut Option<u8>) -> Result<Vec<i16>, String> {
    let bytes = STANDARD.decode(base64).map_err(|error| format!("audio is not base64: {error}"))?;
    let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
    let mut rest = bytes.as_slice();
    if let (Some(low), Some((high, tail))) = (*odd, rest.split_first()) {
        samples.push(i16::from_le_bytes([low, *high]));
        *odd = None;
        rest = tail;
    }
    let pairs = rest.chunks_exact(2);
    if let Some(last) = pairs.remainder().first() {
        *odd = Some(*last);
    }
    samples.extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_its_samples_in_base64() {
        let samples: Vec<i16> = (0..480).map(|at| (at * 37 - 9000) as i16).collect();
        let mut scratch = String::new();
        let text = append(&Frame::from_samples(RATE, &samples), Format::Pcm, &mut scratch);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["type"], "input_audio_buffer.append");
        let audio = value["audio"].as_str().unwrap();
        assert_eq!(audio.len(), 1280);
        assert_eq!(samples_of(audio, &mut None).unwrap(), samples);
        assert_eq!(audio_of(&text), Some(audio));
    }

    #[test]
    fn silence_is_one_message() {
        let mut scratch = String::new();
        let first = append(&Frame::silence(RATE), Format::Pcm, &mut scratch);
        let again = append(&Frame::silence(RATE), Format::Pcm, &mut scratch);
        assert!(Arc::ptr_eq(&first, &again) && Arc::ptr_eq(&first, silent_append()));
        assert!(is_silent_append(&Arc::from(first.to_string().as_str())));
        let zeros = append(&Frame::from_samples(RATE, &[0; 480]), Format::Pcm, &mut scratch);
        assert!(is_silent_append(&zeros), "zeros by samples are the same bytes");
        assert!(!is_silent_append(&append(&Frame::from_samples(RATE, &[1]), Format::Pcm, &mut scratch)));
    }

    #[test]
    fn only_plain_appends_are_read_without_parsing() {
        for text in [
            r#"{"type":"input_audio_buffer.append","audio":"AA\u0041A"}"#,
            r#"{"type":"input_audio_buffer.append","audio":"AAAA","event_id":"e"}"#,
            r#"{"type":"input_audio_buffer.clear"}"#,
            "",
        ] {
            assert_eq!(audio_of(text), None, "{text}");
        }
    }

    #[test]
    fn telephone_audio_comes_in_any_pieces() {
        let tone: Vec<i16> = (0..1000).map(|at| if at / 4 % 2 == 0 { 8000 } else { -8000 }).collect();
        let codes: Vec<u8> = tone.iter().map(|sample| g711::encode_sample(Law::Mu, *sample)).collect();
        let mut whole = Telephone::new(Law::Mu);
        let mut at_once = whole.samples_of(&STANDARD.encode(&codes)).unwrap();
        at_once.extend(whole.flush());
        let mut pieces = Telephone::new(Law::Mu);
        let mut got = Vec::new();
        for piece in codes.chunks(37) {
            got.extend(pieces.samples_of(&STANDARD.encode(piece)).unwrap());
        }
        got.extend(pieces.flush());
        assert_eq!((got.len(), got == at_once), (7 * 480, true));
        assert!(pieces.flush().is_empty() && pieces.samples_of("%").is_err());
    }

    #[test]
    fn half_samples_are_carried_over() {
        let mut odd = None;
        let bytes = [1_u8, 0, 2, 0, 3, 0];
        let mut got = samples_of(&STANDARD.encode(&bytes[..3]), &mut odd).unwrap();
        got.extend(samples_of(&STANDARD.encode(&bytes[3..]), &mut odd).unwrap());
        assert_eq!((got, odd), (vec![1, 2, 3], None));
        assert!(samples_of("***", &mut odd).is_err());
    }
}
