//! The caller's sound file, with its transcript when a text file of the same name lies beside it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use voxrun_audio::file;

use crate::simulate::Recording;

/// More of a file is not read.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Reads a file. The error says what is wrong and what would do.
pub(crate) fn read(path: &Path) -> Result<Recording, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    read.map_err(|cause| format!("cannot be read: {cause}"))?;
    let file::Sound { samples, rate_hz } = file::read(bytes)?;
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
    fn what_is_no_usable_file_is_refused_in_words() {
        let dir = Folder::new("refused");
        let path = dir.0.join("x.wav");
        std::fs::write(&path, "not a wav").expect("written");
        assert!(read(&path).expect_err("no WAV").contains("no sound file that can be read"));
        let spec =
            WavSpec { channels: 1, sample_rate: 500, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::create(&path, spec).expect("writable");
        writer.write_sample(1_i16).expect("written");
        writer.finalize().expect("whole");
        assert!(read(&path).expect_err("rate").contains("500 samples"));
        assert!(read(&dir.0.join("none.wav")).expect_err("no file").contains("cannot be read"));
    }
}
