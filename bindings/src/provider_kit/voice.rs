//! The emulators' voice: text as spoken code at any rate and encoding, cut into chunks that come at a provider's pace.
//! There is no prosody: voice, language and speed of a request change nothing of the sound (F-092).

use voxrun_audio::{Rate, g711, spoken};

use super::Settings;
use crate::contract::Time;

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// 16-bit little-endian
    Pcm16,
    /// 32-bit IEEE 754, little-endian
    Float32,
    /// G.711
    Mulaw,
    /// G.711
    Alaw,
}

impl Encoding {
    /// The samples as bytes.
    pub(crate) fn bytes(self, samples: &[i16]) -> Vec<u8> {
        match self {
            Encoding::Pcm16 => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            // Division by a power of two is exact, on every machine.
            Encoding::Float32 => {
                samples.iter().flat_map(|&sample| (f32::from(sample) / 32768.0).to_le_bytes()).collect()
            }
            Encoding::Mulaw => companded(g711::Law::Mu, samples),
            Encoding::Alaw => companded(g711::Law::A, samples),
        }
    }
}

fn companded(law: g711::Law, samples: &[i16]) -> Vec<u8> {
    let mut codes = vec![0; samples.len()];
    g711::encode(law, samples, &mut codes);
    codes
}

/// A word and its place in a speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    pub(crate) start_ms: u64,
    pub(crate) end_ms: u64,
}

impl Spoken {
    /// Its letters, sharing its time evenly.
    pub(crate) fn letters(&self) -> impl Iterator<Item = Spoken> {
        let count = self.text.chars().count().max(1) as u64;
        let length = self.end_ms - self.start_ms;
        let at = move |index: u64| self.start_ms + length * index / count;
        self.text.chars().zip(0u64..).map(move |(letter, index)| Spoken {
            text: letter.to_string(),
            start_ms: at(index),
            end_ms: at(index + 1),
        })
    }
}

/// When audio comes, and in what portions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// From the request to the first chunk.
    pub(crate) first_audio_ms: u64,
    /// Added to it, from zero to this, by the seed.
    pub(crate) first_audio_jitter_ms: u64,
    /// Length of the first chunk.
    pub(crate) first_chunk_ms: u64,
    /// Length of the others.
    pub(crate) chunk_ms: u64,
    /// How much faster than real time chunks follow each other, thousandths.
    pub(crate) realtime_factor_milli: u64,
}

impl Pace {
    /// The pace in the settings, with a provider's usual values as defaults.
    pub(crate) fn read(settings: &mut Settings<'_>, default: Pace) -> Pace {
        Pace {
            first_audio_ms: settings.whole("first_audio_ms", default.first_audio_ms, 0, 600_000),
            first_audio_jitter_ms: settings.whole(
                "first_audio_jitter_ms",
                default.first_audio_jitter_ms,
                0,
                60_000,
            ),
            first_chunk_ms: settings.whole("first_chunk_ms", default.first_chunk_ms, 1, 60_000),
            chunk_ms: settings.whole("chunk_ms", default.chunk_ms, 1, 60_000),
            realtime_factor_milli: settings.factor("realtime_factor", default.realtime_factor_milli),
        }
    }
}

/// One chunk of a speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) samples: Vec<i16>,
    /// The words that start in it.
    pub(crate) words: Vec<Spoken>,
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
    /// Milliseconds that it took to make.
    pub(crate) step_ms: u64,
}

/// A speech that is being given, chunk by chunk.
#[derive(Debug)]
pub(crate) struct Speech {
    samples: Vec<i16>,
    rate_hz: u32,
    words: Vec<Spoken>,
    at: usize,
    next: Time,
    asked: Time,
    pace: Pace,
}

impl Speech {
    /// A speech of this text whose first chunk is due at `first`; `None` when there is nothing to say.
    pub(crate) fn new(text: &str, rate_hz: u32, asked: Time, first: Time, pace: Pace) -> Option<Speech> {
        let samples = speak(text, rate_hz);
        if samples.is_empty() {
            return None;
        }
        let words = spoken::words(text)
            .into_iter()
            .map(|word| Spoken { text: word.text, start_ms: word.start_ms, end_ms: word.end_ms })
            .collect();
        Some(Speech { samples, rate_hz, words, at: 0, next: first, asked, pace })
    }

    /// When the next chunk is due.
    pub(crate) fn due(&self) -> Time {
        self.next
    }

    /// The next chunk. There is always one: a speech is dropped with its last.
    pub(crate) fn piece(&mut self) -> Piece {
        let is_first = self.at == 0;
        let length_ms = if is_first { self.pace.first_chunk_ms } else { self.pace.chunk_ms };
        let length = (length_ms * u64::from(self.rate_hz) / 1000).max(1) as usize;
        let end = self.samples.len().min(self.at + length);
        let samples = self.samples[self.at..end].to_vec();
        let ms = |sample: usize| sample as u64 * 1000 / u64::from(self.rate_hz);
        let span = ms(self.at)..ms(end);
        let words = self.words.iter().filter(|word| span.contains(&word.start_ms)).cloned().collect();
        let made_us = length_ms.saturating_mul(1_000_000) / self.pace.realtime_factor_milli.max(1);
        let step_ms =
            if is_first { self.next.as_ms().saturating_sub(self.asked.as_ms()) } else { made_us / 1000 };
        self.at = end;
        self.next = self.next + std::time::Duration::from_micros(made_us);
        Piece { samples, words, is_first, is_last: end == self.samples.len(), step_ms }
    }
}

/// The spoken code of a text at any rate from 8 to 48 kHz. Rates that frames do not have are made from 48 kHz by linear
/// interpolation: the code ends far below their band.
fn speak(text: &str, rate_hz: u32) -> Vec<i16> {
    if let Some(rate) = Rate::from_hz(rate_hz) {
        return spoken::speak(text, rate);
    }
    let wide = spoken::speak(text, Rate::Hz48000);
    let count = wide.len() as u64 * u64::from(rate_hz) / 48_000;
    let sample = |index: u64| i64::from(wide.get(index as usize).copied().unwrap_or(0));
    (0..count)
        .map(|n| {
            let position = n * 48_000;
            let (whole, part) = (position / u64::from(rate_hz), (position % u64::from(rate_hz)) as i64);
            let (left, right) = (sample(whole), sample(whole + 1));
            (left + (right - left) * part / i64::from(rate_hz)) as i16
        })
        .collect()
}
