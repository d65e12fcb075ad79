//! One recogniser: it hears, tells when speech begins and ends, and a little later what was said.

use std::collections::{BTreeSet, VecDeque};

use voxrun_audio::{Frame, Heard, Listener, Rate, Vad, VadEvent, VadSettings};

use super::key;
use crate::contract::{Datum, Dictionary, Remark, Time, UnitId};
use crate::wire::{FromUnit, ToUnit, Unit};

/// It hears what a telephone carries.
const RATE: Rate = Rate::Hz8000;
/// From the end of speech to its text (policy F-150).
pub(super) const USUAL_RESULT_MS: u64 = 200;
/// Instead of a word that was not understood.
const LOST: &str = "[...]";

/// The recogniser.
pub(super) struct Recogniser {
    vad: Vad,
    listener: Listener,
    sources: BTreeSet<UnitId>,
    started: Option<Time>,
    /// Every word of the speech that goes on.
    words: Vec<String>,
    interim: bool,
    single: bool,
    /// Texts that are told at their time.
    results: VecDeque<(Time, Vec<String>)>,
    /// It hears no more.
    deaf: bool,
    over: bool,
    /// From the end of speech to its text.
    result_ms: u64,
    out: VecDeque<FromUnit>,
}

impl Recogniser {
    /// One that tells texts so long after their speech.
    pub(super) fn new(result_ms: u64) -> Recogniser {
        Recogniser {
            result_ms,
            vad: Vad::new(VadSettings::default()),
            listener: Listener::new(RATE),
            sources: BTreeSet::new(),
            started: None,
            words: Vec::new(),
            interim: false,
            single: false,
            results: VecDeque::new(),
            deaf: false,
            over: false,
            out: VecDeque::new(),
        }
    }
}

impl Unit for Recogniser {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        if self.over {
            return;
        }
        match input {
            ToUnit::Start { params } => self.start(params.first().and_then(Datum::as_map)),
            ToUnit::Source { from, with: Some(_) } => self.sent(now, from),
            ToUnit::Source { from, with: None } => self.left(now, from),
            ToUnit::Audio(frame) => self.hear(now, frame),
            ToUnit::Deadline => self.tell_results(now),
            ToUnit::Close { .. } => self.stop(now),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.results.front().map(|(at, _)| *at)
    }

    fn hears_at(&self) -> Option<Rate> {
        (!self.deaf).then_some(RATE)
    }
}

impl Recogniser {
    fn start(&mut self, options: Option<&Dictionary>) {
        let is_on = |name| options.and_then(|options| options.get(name)) == Some(&Datum::Bool(true));
        (self.interim, self.single) = (is_on(key::INTERIM), is_on(key::SINGLE));
    }

    /// Recognition begins with the first sound that is sent.
    fn sent(&mut self, now: Time, from: UnitId) {
        self.sources.insert(from);
        if self.started.is_none() {
            self.started = Some(now);
            self.raise("ASR.Started", Dictionary::new());
        }
    }

    /// Recognition ends with the last one.
    fn left(&mut self, now: Time, from: UnitId) {
        self.sources.remove(&from);
        if self.sources.is_empty() && self.started.is_some() {
            self.stop(now);
        }
    }

    fn hear(&mut self, now: Time, frame: &Frame) {
        if self.deaf {
            return;
        }
        let event = self.vad.push(frame);
        if matches!(event, Some(VadEvent::SpeechStarted { .. })) {
            self.raise("ASR.CaptureStarted", Dictionary::new());
        }
        self.listener.push(frame);
        if self.take_words() && self.interim {
            let text = Dictionary::from_iter([("text", Datum::from(self.words.join(" ")))]);
            self.raise("ASR.InterimResult", text);
        }
        if matches!(event, Some(VadEvent::SpeechStopped { .. })) {
            self.raise("ASR.SpeechCaptured", Dictionary::new());
            self.captured(now);
        }
    }

    /// Whether there are new ones.
    fn take_words(&mut self) -> bool {
        let before = self.words.len();
        while let Some(heard) = self.listener.poll() {
            match heard {
                Heard::Word { text, .. } => self.words.push(text),
                Heard::Lost { .. } => self.words.push(LOST.to_owned()),
            }
        }
        self.words.len() > before
    }

    /// Speech has ended: its text comes a little later.
    fn captured(&mut self, now: Time) {
        if self.listener.hears_sound() {
            self.listener.flush();
        }
        let _ = self.take_words();
        let words = std::mem::take(&mut self.words);
        if words.iter().all(|word| word == LOST) {
            let text = "sound that is no spoken code is not understood: there is no result";
            return self.out.push_back(FromUnit::Note(Remark::of("F-152", text)));
        }
        self.deaf = self.single;
        self.results.push_back((now.plus_ms(self.result_ms), words));
    }

    fn tell_results(&mut self, now: Time) {
        while let Some((_, words)) = self.results.pop_front_if(|(at, _)| *at <= now) {
            let understood = words.iter().filter(|word| *word != LOST).count();
            let confidence = 100 * understood / words.len().max(1);
            #[expect(clippy::cast_precision_loss, reason = "a hundred at most")]
            let fields =
                [("text", Datum::from(words.join(" "))), ("confidence", Datum::Number(confidence as f64))];
            self.raise("ASR.Result", Dictionary::from_iter(fields));
        }
    }

    /// What was said and not told yet is told at once.
    fn stop(&mut self, now: Time) {
        if !self.words.is_empty() || self.listener.hears_sound() {
            self.captured(now);
        }
        self.tell_results(now.plus_ms(self.result_ms));
        self.over = true;
        self.deaf = true;
        let seconds = self.started.map_or(0, |from| now.since(from).as_secs());
        #[expect(clippy::cast_precision_loss, reason = "hours at most")]
        let duration = ("duration", Datum::Number(seconds as f64));
        self.raise("ASR.Stopped", Dictionary::from_iter([("cost", Datum::from("0")), duration]));
        self.out.push_back(FromUnit::Over);
    }

    fn raise(&mut self, name: &str, fields: Dictionary) {
        self.out.push_back(FromUnit::Raise { name: name.to_owned(), fields });
    }
}
