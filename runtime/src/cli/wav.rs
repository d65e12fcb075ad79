//! The caller's WAV file: 16-bit (or 8, 24, 32-bit or float) PCM, its channels mixed to one, with its transcript when a
//! text file of the same name lies beside it. It deliberately reads no other sound format.

use std::path::Path;

use hound::{SampleFormat, WavReader};
use voxrun_audio::Rate;

/// Ten minutes at 48 kHz: longer files are refused.
const LONGEST_SAMPLES: u32 = 10 * 60 * 48_000;

/// What the caller plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Mono samples.
    pub(crate) samples: Vec<i16>,
    /// Their rate.
    pub(crate) rate: Rate,
    /// The words in it, when they are known.
    pub(crate) transcript: Option<String>,
}

/// Reads a file. The error says what is wrong and what would do.
pub(crate) fn read(path: &Path) -> Result<Sound, String> {
    let mut reader = WavReader::open(path).map_err(|cause| format!("is not a readable WAV file: {cause}"))?;
    let spec = reader.spec();
    let rate = match spec.sample_rate {
        8000 => Rate::Hz8000,
        16_000 => Rate::Hz16000,
        24_000 => Rate::Hz24000,
        48_000 => Rate::Hz48000,
        other => return Err(format!("has {other} Hz; convert it to 8000, 16000, 24000 or 48000 Hz")),
    };
    if reader.duration() > LONGEST_SAMPLES {
        return Err("is longer than ten minutes".to_owned());
    }
    let broken = |cause: hound::Error| format!("ends early or is damaged: {cause}");
    let values: Vec<i16> = match spec.sample_format {
        SampleFormat::Float => {
            let samples: Result<Vec<f32>, _> = reader.samples::<f32>().collect();
            samples.map_err(broken)?.into_iter().map(|value| (value * 32_767.0) as i16).collect()
        }
        SampleFormat::Int => {
            let samples: Result<Vec<i32>, _> = reader.samples::<i32>().collect();
            let shift = i32::from(spec.bits_per_sample) - 16;
            let to_16 = |value: i32| if shift >= 0 { value >> shift } else { value << -shift };
            samples.map_err(broken)?.into_iter().map(|value| to_16(value) as i16).collect()
        }
    };
    let channels = usize::from(spec.channels).max(1);
    let mixed =
        |frame: &[i16]| (frame.iter().map(|sample| i32::from(*sample)).sum::<i32>() / channels as i32) as i16;
    let samples = values.chunks_exact(channels).map(mixed).collect();
    let transcript =
        std::fs::read_to_string(path.with_extension("txt")).ok().map(|text| text.trim().to_owned());
    Ok(Sound { samples, rate, transcript })
}

#[cfg(test)]
mod tests {
    use hound::{WavSpec, WavWriter};

    use super::*;

    #[test]
    fn channels_are_mixed_and_the_transcript_is_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("hello.wav");
        let spec = WavSpec {
            channels: 2,
            sample_rate: 16_000,
            bits_per_sample: 24,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::create(&path, spec).expect("writable");
        for value in [256 * 100, 256 * 300, -256 * 100, -256 * 300] {
            writer.write_sample(value).expect("written");
        }
        writer.finalize().expect("whole");
        std::fs::write(dir.path().join("hello.txt"), "hello\n").expect("written");
        let sound = read(&path).expect("readable");
        assert_eq!(sound.samples, [200, -200]);
        assert_eq!((sound.rate, sound.transcript.as_deref()), (Rate::Hz16000, Some("hello")));
    }

    #[test]
    fn what_is_no_usable_wav_is_refused_in_words() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.wav");
        std::fs::write(&path, "not a wav").expect("written");
        assert!(read(&path).expect_err("no WAV").contains("not a readable WAV"));
        let spec = WavSpec {
            channels: 1,
            sample_rate: 44_100,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        WavWriter::create(&path, spec).expect("writable").finalize().expect("whole");
        assert!(read(&path).expect_err("rate").contains("44100"));
    }
}
