//! One player: it gets the sound of its segments, says when it is ready, plays them one after the other, and says when that
//! began and ended. A player of one text or file has one segment.
//!
//! A text is spoken code: off the platform there is no voice (policy F-140).

use std::collections::VecDeque;

use super::markers::{Marker, Markers};
use super::segment::{Segment, Source};
use super::{VOICE_MS, key, method};
use crate::contract::{Datum, Dictionary, Remark, Time, UnitId};
use crate::wire::{FromUnit, HttpOutcome, Playout, ToUnit, Unit, UnitSetup};

/// How long a voice takes to be ready with a text (policy F-141).
const USUAL_VOICE_MS: u64 = 200;

/// What a player is doing.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    /// It waits for files, and for its voice until then, if it needs one.
    Loading(Option<Time>),
    /// It plays.
    Playing,
    Over,
}

/// The player.
#[derive(Debug, Default)]
pub(super) struct Playback {
    /// The platform's limits are lifted.
    unlimited: bool,
    /// How long a voice takes to be ready with a text.
    voice_ms: u64,
    state: State,
    /// Where the names of its events begin.
    class: &'static str,
    /// The call that hears its events, if it is not a player of its own.
    call: Option<UnitId>,
    repeats: bool,
    segments: Vec<Segment>,
    markers: Markers,
    started: bool,
    out: VecDeque<FromUnit>,
}

/// What it tells of itself, as a player and on a call. What has no name on a call is not told there.
#[derive(Debug, Clone, Copy)]
enum Word {
    Created,
    Ready,
    Started,
    MarkerReached,
    Stopped,
    Finished,
    Failed,
}

impl Word {
    const fn names(self) -> (&'static str, Option<&'static str>) {
        match self {
            Word::Created => ("Created", None),
            Word::Ready => ("PlaybackReady", Some("Call.PlaybackReady")),
            Word::Started => ("Started", Some("Call.PlaybackStarted")),
            Word::MarkerReached => ("PlaybackMarkerReached", None),
            Word::Stopped => ("Stopped", None),
            Word::Finished => ("PlaybackFinished", Some("Call.PlaybackFinished")),
            Word::Failed => ("Error", None),
        }
    }
}

impl Unit for Playback {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(now, params.first().and_then(Datum::as_map)),
            ToUnit::TooMany { why } => self.fail(why),
            ToUnit::Fetched { fetch, outcome } => self.fetched(fetch, outcome),
            ToUnit::Tell { method: method::ADD_MARKER, params } => self.add_marker(now, params),
            ToUnit::Deadline => self.due(now),
            ToUnit::Paused { paused } => self.markers.pause(now, paused, self.started),
            ToUnit::Playout(Playout::Started) => self.began(now),
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
            State::Loading(voice) => voice,
            State::Playing if self.repeats => {
                self.markers.deadline().into_iter().chain(self.markers.round_ends()).min()
            }
            State::Playing => self.markers.deadline(),
            State::New | State::Over => None,
        }
    }
}

impl Playback {
    /// One that plays nothing yet.
    pub(super) fn new(class: &'static str, setup: &UnitSetup) -> Playback {
        let voice_ms = setup.setting(VOICE_MS, USUAL_VOICE_MS);
        Playback { class, unlimited: setup.unlimited, voice_ms, ..Playback::default() }
    }

    fn start(&mut self, now: Time, playback: Option<&Dictionary>) {
        let none = Dictionary::new();
        let playback = playback.unwrap_or(&none);
        self.repeats = playback.get(key::LOOP) == Some(&Datum::Bool(true));
        self.call = match playback.get(key::CALL) {
            Some(Datum::Unit(call)) => Some(*call),
            _ => None,
        };
        self.tell(Word::Created, None);
        let described: Vec<&Dictionary> = match playback.get(key::SEGMENTS) {
            Some(Datum::List(segments)) => segments.iter().filter_map(Datum::as_map).collect(),
            _ => vec![playback],
        };
        for described in described {
            match Segment::new(described.clone()) {
                Ok(segment) => self.segments.push(segment),
                Err(why) => return self.fail(&why),
            }
        }
        self.load(now);
    }

    /// Asks for what its segments need.
    fn load(&mut self, now: Time) {
        for (limit, wanted) in self.segments.iter().filter_map(Segment::touches).collect::<Vec<_>>() {
            self.out.push_back(FromUnit::Reached { limit, wanted });
            if wanted > limit.most && !self.unlimited {
                return self.fail(&format!("the text is longer than {} characters", limit.most));
            }
        }
        let mut voice = None;
        for (fetch, segment) in (0..).zip(&self.segments) {
            match &segment.source {
                Source::Text(_) => voice = Some(now.plus_ms(self.voice_ms)),
                Source::File(request) => {
                    self.out.push_back(FromUnit::Fetch { fetch, request: request.clone() });
                }
                Source::Ready => {}
            }
        }
        self.state = State::Loading(voice);
        self.play_when_ready();
    }

    fn fetched(&mut self, fetch: u32, outcome: &HttpOutcome) {
        let segment = usize::try_from(fetch).ok().and_then(|place| self.segments.get_mut(place));
        let (State::Loading(_), Some(segment)) = (&self.state, segment) else { return };
        match segment.fetched(outcome) {
            Ok(()) => self.play_when_ready(),
            Err(why) => self.fail(&why),
        }
    }

    fn due(&mut self, now: Time) {
        match self.state {
            State::Loading(Some(voice)) if voice <= now => self.spoken(),
            State::Playing => {
                while let Some(offset) = self.markers.reached(now) {
                    self.reached(offset);
                }
                if let Some(end) = self.markers.round_ends().filter(|end| self.repeats && *end <= now) {
                    self.next_round(end);
                }
            }
            _ => {}
        }
    }

    /// The voice is ready with every text.
    fn spoken(&mut self) {
        let note = "off the platform there are no voices: a text is played as spoken code";
        self.out.push_back(FromUnit::Note(Remark::of("F-140", note)));
        self.segments.iter_mut().for_each(Segment::speak);
        self.state = State::Loading(None);
        self.play_when_ready();
    }

    /// Everything has to be there before the first of it is played (policy F-143).
    fn play_when_ready(&mut self) {
        if self.segments.iter().any(|segment| !matches!(segment.source, Source::Ready)) {
            return;
        }
        self.markers.set_lengths(self.segments.iter().map(|segment| segment.length_ms).collect());
        self.state = State::Playing;
        self.tell(Word::Ready, None);
        if self.length_ms() == 0 {
            return self.finish(None);
        }
        self.play();
        if self.repeats {
            self.play();
        }
    }

    fn length_ms(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length_ms).sum()
    }

    fn play(&mut self) {
        for segment in &mut self.segments {
            let (rate, samples) = segment.sound(self.repeats);
            self.out.push_back(FromUnit::Audio { rate, samples });
        }
    }

    /// A round waits while another one is played, so that there is no gap between them.
    fn next_round(&mut self, now: Time) {
        while let Some(offset) = self.markers.end() {
            self.reached(offset);
        }
        self.play();
        self.markers.begin(now);
    }

    fn began(&mut self, now: Time) {
        if self.state != State::Playing {
            return;
        }
        self.markers.begin(now);
        if !std::mem::replace(&mut self.started, true) {
            #[expect(clippy::cast_precision_loss, reason = "hours at most")]
            self.tell(Word::Started, Some(("duration", Datum::Number(self.length_ms() as f64))));
        }
        self.due(now);
    }

    fn drained(&mut self) {
        if self.state != State::Playing {
            return;
        }
        while let Some(offset) = self.markers.end() {
            self.reached(offset);
        }
        if self.repeats { self.play() } else { self.finish(None) }
    }

    /// `addMarker(offset)`; of a sequence, `addMarker(offset, segment)` with a segment as it was given (policy F-144).
    fn add_marker(&mut self, now: Time, params: &[Datum]) {
        let Some(offset) = params.first().and_then(Datum::as_number) else { return };
        let segment = match params.get(1) {
            Some(Datum::Map(named)) => self.segments.iter().position(|own| own.described == *named),
            _ => Some(0),
        };
        match segment {
            Some(segment) => self.markers.add(now, Marker { segment, offset }),
            None => {
                let text = "addMarker: this is no segment of the sequence; the marker is never reached";
                self.out.push_back(FromUnit::Note(Remark::of("F-144", text)));
            }
        }
    }

    fn reached(&mut self, offset: f64) {
        self.tell(Word::MarkerReached, Some(("offset", Datum::Number(offset))));
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
            (None, _) => {
                let name = format!("{}.{own}", self.class);
                self.out.push_back(FromUnit::Raise { name, fields });
            }
            (Some(unit), Some(name)) => {
                self.out.push_back(FromUnit::RaiseOn { unit, name: name.to_owned(), fields });
            }
            (Some(_), None) => {}
        }
    }
}
