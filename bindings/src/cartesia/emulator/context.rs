//! One context: its text buffer, the work that waits, the speech that is being given, and its end.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::errors::Refusal;
use super::request::Request;
use crate::contract::Time;
use crate::provider_kit::{Encoding, Pace, Piece, Speech, Spoken};

/// Buffered text of so many characters is enough for good speech, and is not held back.
const ENOUGH_CHARS: usize = 100;

/// A context ends so long after its last audio.
const LIVES_ON_MS: u64 = 1_000;

/// One that has never spoken (its text was blank) ends so long after its last request.
const WAITS_MS: u64 = 600_000;

/// Work of a context, in order.
#[derive(Debug)]
enum Job {
    Speak { text: String, asked: Time },
    Flushed,
    Done,
}

/// One context.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) id: String,
    fixed: Map<String, Value>,
    encoding: Encoding,
    rate_hz: u32,
    words: bool,
    phonemes: bool,
    delay_ms: u64,
    pace: Pace,
    /// Added to the first audio: the connection's first generation.
    cold_ms: u64,
    buffer: String,
    buffered_at: Time,
    jobs: VecDeque<Job>,
    current: Option<Speech>,
    free_at: Time,
    /// When its last chunk was sent, if any.
    last_audio: Option<Time>,
    last_request: Time,
    /// `continue: false` or a cancel came: no more text.
    finished: bool,
    flush_id: u64,
    uses_flush: bool,
    /// Milliseconds of speech before the current one: timestamps count from the start of the context.
    spoken_ms: u64,
    given_samples: u64,
}

impl crate::provider_kit::Context for Context {
    fn due(&self) -> Option<Time> {
        let work = match &self.current {
            Some(speech) => Some(speech.due()),
            None => (!self.jobs.is_empty()).then_some(self.free_at),
        };
        [work, self.buffer_due(), self.expires()].into_iter().flatten().min()
    }

    fn step(&mut self, now: Time, messages: &mut Vec<Value>) -> bool {
        if self.buffer_due().is_some_and(|at| at <= now) {
            self.speak_buffer(now);
            return false;
        }
        if let Some(speech) = &mut self.current {
            if speech.due() <= now {
                let piece = speech.piece();
                if piece.is_last {
                    self.current = None;
                    self.free_at = now;
                }
                self.last_audio = Some(now);
                self.give(piece, messages);
            }
            return false;
        }
        match self.jobs.pop_front() {
            Some(Job::Speak { text, asked }) => {
                let first_ms = self.pace.first_audio_ms + std::mem::take(&mut self.cold_ms);
                let first = asked.plus_ms(first_ms).max(self.free_at);
                self.current = Speech::new(&text, self.rate_hz, asked, first, self.pace);
                self.given_samples = 0;
                false
            }
            Some(Job::Flushed) => {
                self.flush_id += 1;
                messages.push(json!({
                    "type": "flush_done", "context_id": self.id, "done": false, "flush_done": true,
                    "flush_id": self.flush_id, "status_code": 206,
                }));
                false
            }
            Some(Job::Done) => self.end(messages),
            None => self.expires().is_some_and(|at| at <= now) && self.end(messages),
        }
    }
}

impl Context {
    pub(super) fn new(
        id: String,
        first: &Request,
        pace: Pace,
        cold_ms: u64,
        delay_default_ms: u64,
    ) -> Context {
        Context {
            id,
            fixed: first.fixed.clone(),
            encoding: first.encoding,
            rate_hz: first.rate_hz,
            words: first.words,
            phonemes: first.phonemes,
            delay_ms: first.max_buffer_delay_ms.unwrap_or(delay_default_ms),
            pace,
            cold_ms,
            buffer: String::new(),
            buffered_at: Time::ZERO,
            jobs: VecDeque::new(),
            current: None,
            free_at: Time::ZERO,
            last_audio: None,
            last_request: Time::ZERO,
            finished: false,
            flush_id: 0,
            uses_flush: false,
            spoken_ms: 0,
            given_samples: 0,
        }
    }

    /// Whether a request may continue this context.
    pub(super) fn admits(&self, request: &Request) -> Result<(), Refusal> {
        if self.finished {
            return Err(Refusal::bad(
                "Invalid context ID",
                "the context was finished by continue: false or cancel",
            ));
        }
        if request.fixed != self.fixed {
            let differs = |key: &&String| request.fixed.get(*key) != self.fixed.get(*key);
            let key = request.fixed.keys().chain(self.fixed.keys()).find(differs).map_or("", String::as_str);
            let text = format!("{key} must be the same in all requests of a context");
            return Err(Refusal::bad("Invalid request", text));
        }
        Ok(())
    }

    /// Takes a request that was admitted.
    pub(super) fn request(&mut self, now: Time, request: Request) {
        self.last_request = now;
        if !request.transcript.is_empty() {
            if self.buffer.is_empty() {
                self.buffered_at = now;
            }
            self.buffer.push_str(&request.transcript);
        }
        let each = request.continues && self.delay_ms == 0;
        let ends_sentence = self.buffer.trim_end().ends_with(['.', '!', '?', '\u{2026}', '\u{3002}']);
        let enough = ends_sentence || self.buffer.chars().count() >= ENOUGH_CHARS;
        if !request.continues || request.flush || each || enough {
            self.speak_buffer(now);
        }
        if request.continues && (request.flush || each) {
            self.uses_flush = true;
            self.push(now, Job::Flushed);
        }
        if !request.continues {
            self.push(now, Job::Done);
            self.finished = true;
        }
    }

    /// Stops what has not begun; what is being spoken is spoken to its end (F-083).
    pub(super) fn cancel(&mut self, now: Time) {
        self.buffer.clear();
        self.jobs.clear();
        // A speech whose first chunk is not made yet has not begun.
        if self.given_samples == 0 {
            self.current = None;
        }
        self.push(now, Job::Done);
        self.finished = true;
    }

    fn speak_buffer(&mut self, now: Time) {
        if !self.buffer.is_empty() {
            let text = std::mem::take(&mut self.buffer);
            self.push(now, Job::Speak { text, asked: now });
        }
    }

    fn push(&mut self, now: Time, job: Job) {
        if self.current.is_none() && self.jobs.is_empty() {
            self.free_at = self.free_at.max(now);
        }
        self.jobs.push_back(job);
    }

    fn buffer_due(&self) -> Option<Time> {
        (!self.buffer.is_empty()).then(|| self.buffered_at.plus_ms(self.delay_ms))
    }

    /// When it ends by itself: nothing to do for a second after its last audio, or for long when there was none.
    fn expires(&self) -> Option<Time> {
        let idle = self.current.is_none() && self.jobs.is_empty() && self.buffer.is_empty();
        let at = self.last_audio.map_or(self.last_request.plus_ms(WAITS_MS), |at| at.plus_ms(LIVES_ON_MS));
        idle.then_some(at)
    }

    fn end(&self, messages: &mut Vec<Value>) -> bool {
        messages.push(json!({ "type": "done", "context_id": self.id, "done": true, "status_code": 206 }));
        true
    }

    fn give(&mut self, piece: Piece, messages: &mut Vec<Value>) {
        let mut chunk = json!({
            "type": "chunk", "context_id": self.id, "data": STANDARD.encode(self.encoding.bytes(&piece.samples)),
            "done": false, "status_code": 206, "step_time": piece.step_ms,
        });
        if self.uses_flush {
            chunk["flush_id"] = json!(self.flush_id + 1);
        }
        messages.push(chunk);
        if self.words && !piece.words.is_empty() {
            messages.push(self.timestamps("timestamps", "word_timestamps", "words", &piece.words));
        }
        if self.phonemes && !piece.words.is_empty() {
            let letters: Vec<Spoken> = piece.words.iter().flat_map(Spoken::letters).collect();
            messages.push(self.timestamps("phoneme_timestamps", "phoneme_timestamps", "phonemes", &letters));
        }
        self.given_samples += piece.samples.len() as u64;
        if piece.is_last {
            self.spoken_ms += self.given_samples * 1000 / u64::from(self.rate_hz);
        }
    }

    fn timestamps(&self, kind: &str, field: &str, list: &str, spoken: &[Spoken]) -> Value {
        let seconds = |ms: u64| (self.spoken_ms + ms) as f64 / 1000.0;
        let texts: Vec<&str> = spoken.iter().map(|one| one.text.as_str()).collect();
        let starts: Vec<f64> = spoken.iter().map(|one| seconds(one.start_ms)).collect();
        let ends: Vec<f64> = spoken.iter().map(|one| seconds(one.end_ms)).collect();
        json!({
            "type": kind, "context_id": self.id, "done": false, "status_code": 206,
            field: { list: texts, "start": starts, "end": ends },
        })
    }
}
