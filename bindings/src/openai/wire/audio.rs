//! Caller audio as `input_audio_buffer.append` messages: 20 ms of 24 kHz 16-bit little-endian PCM in base64. A silent
//! frame is one prepared message that both ends of the wire know by its address. One frame costs one allocation, the
//! message itself. Resampling is deliberately not here: frames arrive at the connector's rate.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use voxrun_audio::{Frame, Rate};

/// The rate of the wire.
pub(crate) const RATE: Rate = Rate::Hz24000;

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

/// The message of a frame. `scratch` keeps its memory between frames.
pub(super) fn append(frame: &Frame, scratch: &mut String) -> Arc<str> {
    if frame.is_silent() {
        return Arc::clone(&SILENT);
    }
    let mut bytes = [0_u8; FRAME_BYTES];
    for (pair, sample) in bytes.chunks_exact_mut(2).zip(frame.samples()) {
        pair.copy_from_slice(&sample.to_le_bytes());
    }
    message(&bytes, scratch)
}

fn message(bytes: &[u8; FRAME_BYTES], scratch: &mut String) -> Arc<str> {
    scratch.clear();
    scratch.push_str(HEAD);
    STANDARD.encode_string(bytes, scratch);
    scratch.push_str(TAIL);
    Arc::from(scratch.as_str())
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
    use serde_json::Value;

    #[test]
    fn a_frame_is_its_samples_in_base64() {
        let samples: Vec<i16> = (0..480).map(|at| (at * 37 - 9000) as i16).collect();
        let mut scratch = String::new();
        let text = append(&Frame::from_samples(RATE, &samples), &mut scratch);
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
        let first = append(&Frame::silence(RATE), &mut scratch);
        let again = append(&Frame::silence(RATE), &mut scratch);
        assert!(Arc::ptr_eq(&first, &again) && Arc::ptr_eq(&first, silent_append()));
        assert!(is_silent_append(&Arc::from(first.to_string().as_str())));
        let zeros = append(&Frame::from_samples(RATE, &[0; 480]), &mut scratch);
        assert!(is_silent_append(&zeros), "zeros by samples are the same bytes");
        assert!(!is_silent_append(&append(&Frame::from_samples(RATE, &[1]), &mut scratch)));
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
    fn half_samples_are_carried_over() {
        let mut odd = None;
        let bytes = [1_u8, 0, 2, 0, 3, 0];
        let mut got = samples_of(&STANDARD.encode(&bytes[..3]), &mut odd).unwrap();
        got.extend(samples_of(&STANDARD.encode(&bytes[3..]), &mut odd).unwrap());
        assert_eq!((got, odd), (vec![1, 2, 3], None));
        assert!(samples_of("***", &mut odd).is_err());
    }
}
