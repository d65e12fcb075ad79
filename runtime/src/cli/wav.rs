//! The caller's WAV file: 16-bit (or 8, 24, 32-bit or float) PCM, its channels mixed to one, with its transcript when a
//! text file of the same name lies beside it. It deliberately reads no other sound format.

use std::path::Path;

use hound::{SampleFormat, WavReader};

use crate::simulate::Recording;
/// Rates that are taken, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=384_000;

/// Longer files are refused, in seconds.
const LONGEST_S: u32 = 600;

/// Reads a file. The error says what is wrong and what would do.
pub(crate) fn read(path: &Path) -> Result<Recording, String> {
    let mut reader = WavReader::open(path).map_err(|cause| format!("is not a readable WAV file: {cause}"))?;
    let spec = reader.spec();
    let rate_hz = spec.sample_rate;
    if !RATES_HZ.contains(&rate_hz) {
        return Err(format!("has {rate_hz} samples a second; convert it to 8000, for example"));
    }
    if reader.duration() / rate_hz > LONGEST_S {
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
    let samples: Vec<i16> = values.chunks_exact(channels).map(mixed).collect();
    let transcript =
        std::fs::read_to_string(path.with_extension("txt")).ok().map(|text| text.trim().to_owned());
    Ok(Recording { samples: samples.into(), rate_hz, transcript })
}

#[cfg(test)]
mod tests {
    use hound::{WavSpec, WavWriter};

    use super::*;

    /// A folder of this test's own, removed when it goes out of scope.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("voxrun-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).expect("a folder");
            Folder(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn channels_are_mixed_and_the_transcript_is_found() {
        let dir = Folder::new("channels");
        let path = dir.0.join("hello.wav");
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
        std::fs::write(dir.0.join("hello.txt"), "hello\n").expect("written");
        let sound = read(&path).expect("readable");
        assert_eq!(sound.samples[..], [200, -200]);
        assert_eq!((sound.rate_hz, sound.transcript.as_deref()), (16_000, Some("hello")));
    }

    #[test]
    fn what_is_no_usable_wav_is_refused_in_words() {
        let dir = Folder::new("refused");
        let path = dir.0.join("x.wav");
        std::fs::write(&path, "not a wav").expect("written");
        assert!(read(&path).expect_err("no WAV").contains("not a readable WAV"));
        let spec =
            WavSpec { channels: 1, sample_rate: 500, bits_per_sample: 16, sample_format: SampleFormat::Int };
        WavWriter::create(&path, spec).expect("writable").finalize().expect("whole");
        assert!(read(&path).expect_err("rate").contains("500 samples"));
    }
}
