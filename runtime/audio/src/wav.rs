//! WAV files (RIFF): 8, 16, 24 and 32-bit PCM or float, their channels mixed to one. Deliberately no other sound format.

use std::io::Read;

use hound::{SampleFormat, WavReader};

/// Rates that are taken, Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=384_000;

/// Longer files are refused, in seconds.
const LONGEST_S: u32 = 600;

/// Reads a file: its samples and how many there are a second.
///
/// # Errors
/// What is wrong with it, to be said after its name (`is longer than ten minutes`).
pub fn read(from: impl Read) -> Result<(Vec<i16>, u32), String> {
    let mut reader = WavReader::new(from).map_err(|cause| format!("is not a readable WAV file: {cause}"))?;
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
    Ok((values.chunks_exact(channels).map(mixed).collect(), rate_hz))
}
