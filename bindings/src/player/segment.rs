//! One piece of what a player plays: tones, a text or a file, and how it becomes sound.

use std::time::Duration;

use voxrun_audio::file::{self, Sound};
use voxrun_audio::{Rate, convert, speak, tonescript};

use super::key;
use crate::contract::limit::{self, Limit};
use crate::contract::{Datum, Dictionary};
use crate::wire::{HttpBounds, HttpError, HttpOutcome, HttpRequest};

/// What is waited for and taken of a file (semantics 2.3).
const BOUNDS: HttpBounds = HttpBounds {
    connect_ms: 6_000,
    whole_ms: 12_000,
    bytes: limit::AUDIO_FILE_BYTES.most as usize,
    redirects: 10,
};
/// The rate of a voice, and of files whose own rate no frame can have.
const VOICE_RATE: Rate = Rate::Hz16000;
/// The rate of tones: those of a telephone exchange.
const TONE_RATE: Rate = Rate::Hz8000;

/// Where its sound comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// It is made of this by a voice.
    Text(String),
    /// It is fetched.
    File(HttpRequest),
    /// It is there.
    Ready,
}

/// A piece.
#[derive(Debug)]
pub(super) struct Segment {
    /// As the script described it, by which a marker may name it.
    pub(super) described: Dictionary,
    /// What its sound is still to be made of.
    pub(super) source: Source,
    rate: Rate,
    samples: Vec<i16>,
    /// Its length, milliseconds.
    pub(super) length_ms: u64,
}

impl Segment {
    /// Reads what the script said. An error is told to the script.
    ///
    /// # Errors
    /// When the tones are none, or the address is none.
    pub(super) fn new(described: Dictionary) -> Result<Segment, String> {
        let mut segment = Segment {
            source: Source::Ready,
            rate: VOICE_RATE,
            samples: Vec::new(),
            length_ms: 0,
            described: Dictionary::new(),
        };
        if let Some(script) = described.text(key::TONES) {
            let samples = tonescript::samples(script, TONE_RATE).map_err(|error| error.to_string())?;
            segment.fill(Sound { samples, rate_hz: TONE_RATE.hz() });
        } else if let Some(text) = described.text(key::TEXT) {
            segment.source = Source::Text(text.to_owned());
        } else {
            segment.source = Source::File(request(&described)?);
        }
        segment.described = described;
        Ok(segment)
    }

    /// A limit that it touches, and how much of it, if it does.
    pub(super) fn touches(&self) -> Option<(&'static Limit, u64)> {
        match &self.source {
            Source::Text(text) => Some((&limit::TTS_CHARS, text.chars().count() as u64)),
            Source::File(_) | Source::Ready => None,
        }
    }

    /// The voice is ready with its text.
    pub(super) fn speak(&mut self) {
        if let Source::Text(text) = &self.source {
            let samples = speak(text, VOICE_RATE);
            self.fill(Sound { samples, rate_hz: VOICE_RATE.hz() });
        }
    }

    /// This came of its file.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub(super) fn fetched(&mut self, outcome: &HttpOutcome) -> Result<(), String> {
        match outcome {
            Ok(response) if (200..300).contains(&response.status) => {
                let sound = file::read(response.body.to_vec()).map_err(|why| format!("the file {why}"))?;
                self.fill(sound);
                Ok(())
            }
            Ok(response) => Err(format!("HTTP {}", response.status)),
            Err(HttpError::TimedOut) => Err("Timeout is reached".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Its sound and the rate of it. What is not repeated is given away, so that it is kept once.
    pub(super) fn sound(&mut self, repeats: bool) -> (Rate, Vec<i16>) {
        (self.rate, if repeats { self.samples.clone() } else { std::mem::take(&mut self.samples) })
    }

    fn fill(&mut self, sound: Sound) {
        self.rate = Rate::from_hz(sound.rate_hz).unwrap_or(VOICE_RATE);
        self.samples = convert(&sound.samples, sound.rate_hz, self.rate.hz());
        let played = Duration::from_secs(self.samples.len() as u64) / self.rate.hz();
        self.length_ms = u64::try_from(played.as_millis()).unwrap_or(u64::MAX);
        self.source = Source::Ready;
    }
}

/// The request for a file.
fn request(described: &Dictionary) -> Result<HttpRequest, String> {
    let header = |header: &Datum| {
        let header = header.as_map()?;
        Some((header.text("name")?.to_owned(), header.text("value")?.to_owned()))
    };
    let headers = match described.get("headers") {
        Some(Datum::List(headers)) => headers.iter().filter_map(header).collect(),
        _ => Vec::new(),
    };
    let url = described.text(key::URL).unwrap_or_default().trim();
    if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(format!("{url}: {}", HttpError::BadUrl));
    }
    Ok(HttpRequest {
        method: described.text("method").unwrap_or("GET").to_ascii_uppercase(),
        url: url.to_owned(),
        headers,
        body: described.text("body").unwrap_or_default().as_bytes().into(),
        bounds: BOUNDS,
    })
}
