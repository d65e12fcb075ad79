//! Recordings as WAV (RIFF, 16-bit PCM). Where the bytes go is the caller's business; nothing here opens a file.

use std::io::{Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};
use voxrun_bindings::contract::Time;

use super::recorder::Recorder;

/// Writes the whole recording, caller left, agent right.
///
/// # Errors
/// When the writer fails.
pub fn write_stereo(recorder: &Recorder, to: impl Write + Seek) -> Result<(), hound::Error> {
    write(&recorder.stereo(), 2, recorder.rate().hz(), to)
}

/// Writes the mix of both directions between two instants.
///
/// # Errors
/// When the writer fails.
pub fn write_mono(
    recorder: &Recorder,
    span: (Time, Time),
    to: impl Write + Seek,
) -> Result<(), hound::Error> {
    write(&recorder.mono(span.0, span.1), 1, recorder.rate().hz(), to)
}

fn write(
    samples: &[i16],
    channels: u16,
    sample_rate: u32,
    to: impl Write + Seek,
) -> Result<(), hound::Error> {
    let spec = WavSpec { channels, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut writer = WavWriter::new(to, spec)?;
    for sample in samples {
        writer.write_sample(*sample)?;
    }
    writer.finalize()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use voxrun_audio::{Frame, Rate};

    use super::super::recorder::Side;
    use super::*;

    #[test]
    fn a_written_recording_reads_back() {
        let mut recorder = Recorder::new(Rate::Hz8000, Time::ZERO);
        recorder.put(Side::Caller, Time::ZERO, &Frame::from_samples(Rate::Hz8000, &[5; 160]));
        recorder.put(Side::Agent, Time::ZERO, &Frame::from_samples(Rate::Hz8000, &[-6; 160]));
        let mut bytes = Cursor::new(Vec::new());
        write_stereo(&recorder, &mut bytes).unwrap();
        let reader = hound::WavReader::new(Cursor::new(bytes.into_inner())).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8000));
        let samples: Vec<i16> = reader.into_samples().map(|s| s.unwrap()).collect();
        assert_eq!(samples, [5, -6].repeat(160));
        let mut bytes = Cursor::new(Vec::new());
        write_mono(&recorder, (Time::ZERO, Time::from_ms(10)), &mut bytes).unwrap();
        assert_eq!(bytes.into_inner().len(), 44 + 160);
    }
}
