//! Sound files as they come from anywhere: WAV (linear, float, mu-law, A-law, ADPCM, also streamed without a length), MP3, OGG
//! Vorbis and FLAC, their channels mixed to one. Decoding is a library's; here is what is taken of it.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// Rates that are taken, Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=384_000;

/// Longer files are refused, in seconds.
const LONGEST_S: u32 = 600;

/// What can be read, for messages.
const READABLE: &str = "sound file that can be read (WAV, MP3, OGG Vorbis, FLAC)";

/// Sound of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sound {
    /// Its samples.
    pub samples: Vec<i16>,
    /// How many there are a second.
    pub rate_hz: u32,
}

/// Reads a file. One that ends early is heard as far as it goes.
///
/// # Errors
/// What is wrong with it, to be said after its name (`is longer than ten minutes`).
pub fn read(bytes: Vec<u8>) -> Result<Sound, String> {
    // A decoder that breaks on what somebody else's server sent breaks nothing else.
    catch_unwind(AssertUnwindSafe(|| decode(bytes))).unwrap_or_else(|_| Err("breaks its decoder".to_owned()))
}

fn decode(bytes: Vec<u8>) -> Result<Sound, String> {
    let (mut format, mut decoder, track) = open(bytes)?;
    let mut sound = Sound::default();
    let mut problem = None;
    let mut interleaved: Vec<i16> = Vec::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) if packet.track_id == track => packet,
            Ok(Some(_)) => continue,
            Ok(None) => break,
            Err(cause) => {
                problem = Some(cause);
                break;
            }
        };
        match decoder.decode(&packet) {
            Ok(buffer) => take(&buffer, &mut interleaved, &mut sound)?,
            // A packet that is damaged is left out, as every player does.
            Err(Error::DecodeError(_)) => {}
            Err(cause) => {
                problem = Some(cause);
                break;
            }
        }
    }
    match problem {
        Some(cause) if sound.samples.is_empty() => Err(format!("ends early or is damaged: {cause}")),
        _ if sound.rate_hz == 0 => Err(format!("is no {READABLE}: there is no sound in it")),
        _ => Ok(sound),
    }
}

type Opened = (Box<dyn FormatReader>, Box<dyn AudioDecoder>, u32);

fn open(bytes: Vec<u8>) -> Result<Opened, String> {
    let unreadable = |cause: Error| match cause {
        Error::Unsupported(what) if !what.contains("probe") => format!("is no {READABLE}: {what}"),
        _ => format!("is no {READABLE}"),
    };
    let source = MediaSourceStream::new(Box::new(Cursor::new(completed(bytes))), Default::default());
    let (how, about) = (FormatOptions::default(), MetadataOptions::default());
    let format =
        symphonia::default::get_probe().probe(&Hint::new(), source, how, about).map_err(unreadable)?;
    let track = format.default_track(TrackType::Audio);
    let parameters = track.and_then(|track| Some((track.id, track.codec_params.as_ref()?.audio()?)));
    let Some((id, parameters)) = parameters else {
        return Err(format!("is no {READABLE}: there is no sound in it"));
    };
    let codecs = symphonia::default::get_codecs();
    let decoder =
        codecs.make_audio_decoder(parameters, &AudioDecoderOptions::default()).map_err(unreadable)?;
    Ok((format, decoder, id))
}

/// Some recorders of telephone codes leave out the length of a WAV format's extension, which is none.
fn completed(mut bytes: Vec<u8>) -> Vec<u8> {
    const SHORT: [u8; 8] = *b"fmt \x10\0\0\0";
    const END: usize = 36;
    let telephone = matches!(bytes.get(20..22), Some([6 | 7, 0]));
    if telephone && bytes.get(12..20) == Some(&SHORT) && bytes.len() > END {
        bytes[16] = 18;
        bytes.splice(END..END, [0, 0]);
    }
    bytes
}

/// Takes what was decoded, its channels mixed to one.
fn take(
    buffer: &GenericAudioBufferRef<'_>,
    interleaved: &mut Vec<i16>,
    sound: &mut Sound,
) -> Result<(), String> {
    let rate_hz = buffer.spec().rate();
    if !RATES_HZ.contains(&rate_hz) {
        return Err(format!("has {rate_hz} samples a second; convert it to 8000, for example"));
    }
    if sound.rate_hz != 0 && sound.rate_hz != rate_hz {
        return Err("changes its rate on the way".to_owned());
    }
    sound.rate_hz = rate_hz;
    buffer.copy_to_vec_interleaved(interleaved);
    let channels = buffer.spec().channels().count().max(1);
    let mixed =
        |frame: &[i16]| (frame.iter().map(|sample| i32::from(*sample)).sum::<i32>() / channels as i32) as i16;
    sound.samples.extend(interleaved.chunks_exact(channels).map(mixed));
    if sound.samples.len() as u64 > u64::from(LONGEST_S) * u64::from(rate_hz) {
        return Err("is longer than ten minutes".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711::{Law, encode_sample};

    /// A WAV file of this format tag, with the length that its data claims.
    fn wav(tag: u16, rate_hz: u32, bits: u16, data: &[u8], claimed: u32) -> Vec<u8> {
        let bytes = bits / 8;
        let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt ".to_vec();
        file.extend(16_u32.to_le_bytes());
        file.extend([tag.to_le_bytes(), 1_u16.to_le_bytes()].concat());
        file.extend([rate_hz.to_le_bytes(), (rate_hz * u32::from(bytes)).to_le_bytes()].concat());
        file.extend([bytes.to_le_bytes(), bits.to_le_bytes()].concat());
        file.extend(b"data");
        file.extend(claimed.to_le_bytes());
        file.extend(data);
        file
    }

    #[test]
    fn linear_sound_keeps_its_samples() {
        let data: Vec<u8> = [1_i16, -2, 300, i16::MIN].iter().flat_map(|value| value.to_le_bytes()).collect();
        for claimed in [8, u32::MAX] {
            let sound = read(wav(1, 8_000, 16, &data, claimed)).expect("readable");
            assert_eq!(sound, Sound { samples: vec![1, -2, 300, i16::MIN], rate_hz: 8_000 });
        }
    }

    #[test]
    fn telephone_codes_are_understood() {
        for (tag, law) in [(7, Law::Mu), (6, Law::A)] {
            let data: Vec<u8> = [0, 1_000, -5_000, 20_000].map(|sample| encode_sample(law, sample)).to_vec();
            let sound = read(wav(tag, 8_000, 8, &data, 4)).expect("readable");
            for (heard, said) in sound.samples.iter().zip([0_i32, 1_000, -5_000, 20_000]) {
                assert!((i32::from(*heard) - said).abs() <= said.abs() / 20 + 16, "{heard} for {said}");
            }
        }
    }

    #[test]
    fn what_is_no_sound_is_refused_in_words() {
        let mut of_music = b"ID3\x04".to_vec();
        of_music.resize(500, 0);
        for bytes in [Vec::new(), b"not a wav".to_vec(), of_music, wav(1, 8_000, 16, &[], 0)] {
            let why = read(bytes).expect_err("no sound");
            assert!(why.contains("is no sound file that can be read"), "{why}");
        }
        let why = read(wav(1, 500, 16, &[0; 8], 8)).expect_err("too slow");
        assert!(why.contains("500 samples a second"), "{why}");
        let long = vec![0; 601 * 2_000];
        let why = read(wav(1, 1_000, 16, &long, long.len() as u32)).expect_err("too long");
        assert_eq!(why, "is longer than ten minutes");
    }

    #[test]
    fn a_file_that_ends_early_is_heard_as_far_as_it_goes() {
        let data: Vec<u8> = [7_i16; 100].iter().flat_map(|value| value.to_le_bytes()).collect();
        let sound = read(wav(1, 8_000, 16, &data[..101], 200)).expect("readable");
        assert!((49..=50).contains(&sound.samples.len()), "{}", sound.samples.len());
    }

    #[test]
    fn no_bytes_break_it() {
        let good = wav(1, 8_000, 16, &[1; 400], 400);
        for at in 0..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = value;
                let _ = read(bad);
            }
        }
    }
}
