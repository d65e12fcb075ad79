//! The caller's WAV file, with its transcript when a text file of the same name lies beside it.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use voxrun_audio::wav;

use crate::simulate::Recording;

/// Reads a file. The error says what is wrong and what would do.
pub(crate) fn read(path: &Path) -> Result<Recording, String> {
    let file = File::open(path).map_err(|cause| format!("is not a readable WAV file: {cause}"))?;
    let (samples, rate_hz) = wav::read(BufReader::new(file))?;
    let transcript =
        std::fs::read_to_string(path.with_extension("txt")).ok().map(|text| text.trim().to_owned());
    Ok(Recording { samples: samples.into(), rate_hz, transcript })
}

#[cfg(test)]
mod tests {
    use hound::{SampleFormat, WavSpec, WavWriter};

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
