//! One player: it gets its sound, says when it is ready, plays it, and says when that began and ended.
//!
//! A text is spoken code: off the platform there is no voice (policy F-140). A file is a WAV; nothing else is read. Tones
//! are made at once.

use std::collections::VecDeque;

use voxrun_audio::{Rate, convert, speak, tonescript, wav};

use super::key;
use crate::contract::{Datum, Dictionary, Remark, Time, UnitId};
use crate::wire::{FromUnit, HttpBounds, HttpError, HttpOutcome, HttpRequest, Playout, ToUnit, Unit};

/// What is waited for and taken of a file (semantics 2.3).
const BOUNDS: HttpBounds =
    HttpBounds { connect_ms: 6_000, whole_ms: 12_000, bytes: 10 * 1024 * 1024, redirects: 10 };
/// Longer texts are refused (semantics 2.3).
const TEXT_MAX: usize = 1_500;
/// How long a voice takes to be ready with a text (policy F-141).
const VOICE_MS: u64 = 200;
/// The rate of a voice, and of files whose own rate no frame can have.
const VOICE_RATE: Rate = Rate::Hz16000;

/// The rate of tones: those of a telephone exchange.
const TONE_RATE: Rate = Rate::Hz8000;

/// What a player is doing.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    /// Its file is on the way.
    Fetching,
    /// Its text is made into sound, until then.
    Speaking(Time),
    /// It plays.
    Playing,
    Over,
}

/// The player.
#[derive(Debug, Default)]
pub(super) struct Playback {
    state: State,
    /// The call that hears its events, if it is not a player of its own.
    call: Option<UnitId>,
    repeats: bool,
    text: String,
    rate: Option<Rate>,
    samples: Vec<i16>,
    length_ms: u64,
    started: bool,
    out: VecDeque<FromUnit>,
}

/// What it tells of itself, as a player and on a call. What has no name on a call is not told there.
#[derive(Debug, Clone, Copy)]
enum Word {
    Created,
    Ready,
    Started,
    Stopped,
    Finished,
    Failed,
}

impl Word {
    const fn names(self) -> (&'static str, Option<&'static str>) {
        match self {
            Word::Created => ("Player.Created", None),
            Word::Ready => ("Player.PlaybackReady", Some("Call.PlaybackReady")),
            Word::Started => ("Player.Started", Some("Call.PlaybackStarted")),
            Word::Stopped => ("Player.Stopped", None),
            Word::Finished => ("Player.PlaybackFinished", Some("Call.PlaybackFinished")),
            Word::Failed => ("Player.Error", None),
        }
    }
}

impl Unit for Playback {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(now, params.first().and_then(Datum::as_map)),
            ToUnit::TooMany { why } => self.fail(why),
            ToUnit::Fetched { outcome, .. } if self.state == State::Fetching => self.fetched(outcome),
            ToUnit::Deadline => self.spoken(now),
            ToUnit::Playout(Playout::Started) => self.began(),
            ToUnit::Playout(Playout::Drained { .. }) => self.drained(),
            ToUnit::Close { stop } => self.close(stop),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        match self.state {
            State::Speaking(until) => Some(until),
            _ => None,
        }
    }
}

impl Playback {
    fn start(&mut self, now: Time, playback: Option<&Dictionary>) {
        let none = Dictionary::new();
        let playback = playback.unwrap_or(&none);
        self.repeats = playback.get(key::LOOP) == Some(&Datum::Bool(true));
        self.call = match playback.get(key::CALL) {
            Some(Datum::Unit(call)) => Some(*call),
            _ => None,
        };
        self.tell(Word::Created, None);
        if let Some(script) = playback.text(key::TONES) {
            return match tonescript::samples(script, TONE_RATE) {
                Ok(samples) => self.ready(samples, TONE_RATE.hz()),
                Err(error) => self.fail(&error.to_string()),
            };
        }
        match playback.text(key::TEXT) {
            Some(text) if text.chars().count() > TEXT_MAX => {
                self.fail(&format!("the text is longer than {TEXT_MAX} characters"));
            }
            Some(text) => {
                self.text = text.to_owned();
                self.state = State::Speaking(now.plus_ms(VOICE_MS));
            }
            None => self.fetch(playback),
        }
    }

    fn fetch(&mut self, playback: &Dictionary) {
        let header = |header: &Datum| {
            let header = header.as_map()?;
            Some((header.text("name")?.to_owned(), header.text("value")?.to_owned()))
        };
        let headers = match playback.get("headers") {
            Some(Datum::List(headers)) => headers.iter().filter_map(header).collect(),
            _ => Vec::new(),
        };
        let url = playback.text(key::URL).unwrap_or_default().trim();
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            return self.fail(&format!("{url}: {}", HttpError::BadUrl));
        }
        let request = HttpRequest {
            method: playback.text("method").unwrap_or("GET").to_ascii_uppercase(),
            url: url.to_owned(),
            headers,
            body: playback.text("body").unwrap_or_default().as_bytes().into(),
            bounds: BOUNDS,
        };
        self.state = State::Fetching;
        self.out.push_back(FromUnit::Fetch { fetch: 0, request });
    }

    fn fetched(&mut self, outcome: &HttpOutcome) {
        match outcome {
            Ok(response) if (200..300).contains(&response.status) => match wav::read(&*response.body) {
                Ok((samples, rate_hz)) => self.ready(samples, rate_hz),
                Err(why) => self.fail(&format!("the file {why}")),
            },
            Ok(response) => self.fail(&format!("HTTP {}", response.status)),
            Err(HttpError::TimedOut) => self.fail("Timeout is reached"),
            Err(error) => self.fail(&error.to_string()),
        }
    }

    fn spoken(&mut self, now: Time) {
        if matches!(self.state, State::Speaking(until) if until <= now) {
            let note = "off the platform there are no voices: a text is played as spoken code";
            self.out.push_back(FromUnit::Note(Remark::of("F-140", note)));
            let samples = speak(&self.text, VOICE_RATE);
            self.ready(samples, VOICE_RATE.hz());
        }
    }

    fn ready(&mut self, samples: Vec<i16>, rate_hz: u32) {
        let rate = Rate::from_hz(rate_hz).unwrap_or(VOICE_RATE);
        self.samples = convert(&samples, rate_hz, rate.hz());
        self.rate = Some(rate);
        self.length_ms = self.samples.len() as u64 * 1000 / u64::from(rate.hz());
        self.state = State::Playing;
        self.tell(Word::Ready, None);
        if self.samples.is_empty() { self.finish(None) } else { self.play() }
    }

    /// What is not repeated is given away, so that it is kept once.
    fn play(&mut self) {
        let Some(rate) = self.rate else { return };
        let samples = if self.repeats { self.samples.clone() } else { std::mem::take(&mut self.samples) };
        self.out.push_back(FromUnit::Audio { rate, samples });
    }

    fn began(&mut self) {
        if self.state == State::Playing && !std::mem::replace(&mut self.started, true) {
            #[expect(clippy::cast_precision_loss, reason = "ten minutes at most")]
            self.tell(Word::Started, Some(("duration", Datum::Number(self.length_ms as f64))));
        }
    }

    fn drained(&mut self) {
        match self.state {
            State::Playing if self.repeats => self.play(),
            State::Playing => self.finish(None),
            _ => {}
        }
    }

    /// `stop()` when `tell`, otherwise the end of the call or of the session.
    fn close(&mut self, tell: bool) {
        if self.state != State::Over && tell {
            self.tell(Word::Stopped, None);
        }
        self.state = State::Over;
    }

    fn fail(&mut self, error: &str) {
        let field = || Some(("error", Datum::from(error)));
        self.tell(Word::Failed, field());
        self.finish(field());
    }

    fn finish(&mut self, field: Option<(&str, Datum)>) {
        self.state = State::Over;
        self.tell(Word::Finished, field);
        self.out.push_back(FromUnit::Over);
    }

    fn tell(&mut self, told: Word, field: Option<(&str, Datum)>) {
        let fields: Dictionary = field.into_iter().collect();
        let (own, on_call) = told.names();
        match (self.call, on_call) {
            (None, _) => self.out.push_back(FromUnit::Raise { name: own.to_owned(), fields }),
            (Some(unit), Some(name)) => {
                self.out.push_back(FromUnit::RaiseOn { unit, name: name.to_owned(), fields });
            }
            (Some(_), None) => {}
        }
    }
}
