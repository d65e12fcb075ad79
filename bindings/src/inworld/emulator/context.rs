//! One context: its text buffer, the work that waits, and the speech that is being given chunk by chunk.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::config::{Config, Header, Timestamps};
use super::done;
use crate::contract::Time;
use crate::provider_kit::{Pace, Piece, Speech, Spoken};

/// Samples of the tiny last chunk of LINEAR16.
const TAIL: usize = 5;

/// Work of a context, in order.
#[derive(Debug)]
enum Job {
    /// Speak, and count these characters on the first chunk.
    Speak { text: String, asked: Time },
    /// Say `flushCompleted`.
    Flushed,
    /// Say `contextClosed`, and end.
    Closed,
}

#[derive(Debug)]
struct Current {
    speech: Speech,
    characters: usize,
}

/// One context.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) id: String,
    pub(super) config: Config,
    pace: Pace,
    buffer: String,
    buffered_at: Time,
    jobs: VecDeque<Job>,
    current: Option<Current>,
    /// When the work before was finished: jobs that wait are due then.
    free_at: Time,
    closing: bool,
}

impl crate::provider_kit::Context for Context {
    fn due(&self) -> Option<Time> {
        let work = match &self.current {
            Some(current) => Some(current.speech.due()),
            None => (!self.jobs.is_empty()).then_some(self.free_at),
        };
        let rule = (!self.buffer.is_empty() && self.config.max_buffer_delay_ms > 0)
            .then(|| self.buffered_at.plus_ms(self.config.max_buffer_delay_ms));
        work.into_iter().chain(rule).min()
    }

    fn step(&mut self, now: Time, messages: &mut Vec<Value>) -> bool {
        let rule_at = self.buffered_at.plus_ms(self.config.max_buffer_delay_ms);
        if !self.buffer.is_empty() && self.config.max_buffer_delay_ms > 0 && rule_at <= now {
            self.speak_buffer(now);
            return false;
        }
        if let Some(current) = &mut self.current {
            if current.speech.due() <= now {
                let piece = current.speech.piece();
                let characters = if piece.is_first { current.characters } else { 0 };
                if piece.is_last {
                    self.current = None;
                    self.free_at = now;
                }
                self.give(piece, characters, messages);
            }
            return false;
        }
        match self.jobs.pop_front() {
            Some(Job::Speak { text, asked }) => {
                let first = asked.plus_ms(self.pace.first_audio_ms).max(self.free_at);
                self.current = Speech::new(&text, self.config.rate_hz, asked, first, self.pace)
                    .map(|speech| Current { speech, characters: text.chars().count() });
                false
            }
            Some(Job::Flushed) => {
                messages.push(done(&self.id, "flushCompleted", json!({})));
                false
            }
            Some(Job::Closed) => {
                messages.push(done(&self.id, "contextClosed", json!({})));
                true
            }
            None => false,
        }
    }
}

impl Context {
    pub(super) fn new(id: String, config: Config, pace: Pace) -> Context {
        Context {
            id,
            config,
            pace,
            buffer: String::new(),
            buffered_at: Time::ZERO,
            jobs: VecDeque::new(),
            current: None,
            free_at: Time::ZERO,
            closing: false,
        }
    }

    pub(super) const fn is_closing(&self) -> bool {
        self.closing
    }

    /// Text arrives.
    pub(super) fn text(&mut self, now: Time, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.buffer.is_empty() {
            self.buffered_at = now;
        }
        self.buffer.push_str(text);
        let ends_sentence = self.config.auto && self.buffer.trim_end().ends_with(['.', '!', '?', '\u{2026}']);
        if ends_sentence || self.buffer.chars().count() >= self.config.buffer_chars {
            self.speak_buffer(now);
        }
    }

    /// Everything that is buffered is spoken now.
    pub(super) fn flush(&mut self, now: Time) {
        self.speak_buffer(now);
        self.push(now, Job::Flushed);
    }

    /// What is buffered is spoken, then the context ends.
    pub(super) fn close(&mut self, now: Time) {
        self.speak_buffer(now);
        self.push(now, Job::Closed);
        self.closing = true;
    }

    /// The context ends at once.
    pub(super) fn cancel(&mut self) {
        self.buffer.clear();
        self.current = None;
        self.jobs.clear();
        self.jobs.push_back(Job::Closed);
        self.closing = true;
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

    /// A chunk as one message, or two: LINEAR16 ends with a tiny one of its own.
    fn give(&self, piece: Piece, characters: usize, messages: &mut Vec<Value>) {
        let Piece { samples, words, is_first, is_last, .. } = piece;
        let headed = self.config.header != Header::None && is_first;
        let tailed = self.config.header == Header::FirstAndLast && is_last && samples.len() > TAIL;
        let (body, tail) = samples.split_at(samples.len() - if tailed { TAIL } else { 0 });
        let apart = self.config.timestamps_apart && self.config.timestamps != Timestamps::None;
        messages.push(self.chunk(body, headed, if apart { None } else { Some(&words) }, characters));
        if tailed {
            messages.push(self.chunk(tail, true, None, 0));
        }
        if apart && !words.is_empty() {
            messages.push(self.chunk(&[], false, Some(&words), 0));
        }
    }

    fn chunk(&self, samples: &[i16], headed: bool, words: Option<&[Spoken]>, characters: usize) -> Value {
        let audio = self.config.encoding.bytes(samples);
        let mut bytes = if headed { riff(self.config.rate_hz, audio.len()) } else { Vec::new() };
        bytes.extend(audio);
        let body = json!({
            "audioContent": STANDARD.encode(bytes),
            "usage": { "processedCharactersCount": characters, "modelId": self.config.model },
            "timestampInfo": words.map_or(Value::Null, |words| self.timestamps(words)),
        });
        done(&self.id, "audioChunk", body)
    }

    fn timestamps(&self, words: &[Spoken]) -> Value {
        let seconds = |ms: u64| ms as f64 / 1000.0;
        let list = |spoken: &[Spoken]| {
            let texts: Vec<&str> = spoken.iter().map(|one| one.text.as_str()).collect();
            let starts: Vec<f64> = spoken.iter().map(|one| seconds(one.start_ms)).collect();
            let ends: Vec<f64> = spoken.iter().map(|one| seconds(one.end_ms)).collect();
            (json!(texts), json!(starts), json!(ends))
        };
        match self.config.timestamps {
            Timestamps::None => Value::Null,
            Timestamps::Word => {
                let (texts, starts, ends) = list(words);
                json!({ "wordAlignment":
                    { "words": texts, "wordStartTimeSeconds": starts, "wordEndTimeSeconds": ends } })
            }
            Timestamps::Character => {
                let letters: Vec<Spoken> = words.iter().flat_map(Spoken::letters).collect();
                let (texts, starts, ends) = list(&letters);
                json!({ "characterAlignment":
                    { "characters": texts, "characterStartTimeSeconds": starts, "characterEndTimeSeconds": ends } })
            }
        }
    }
}

/// The 44 bytes before 16-bit mono PCM in a WAV file.
fn riff(rate_hz: u32, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let mut head = Vec::with_capacity(44);
    head.extend(b"RIFF");
    head.extend(length.saturating_add(36).to_le_bytes());
    head.extend(b"WAVEfmt ");
    head.extend(16u32.to_le_bytes());
    head.extend(1u16.to_le_bytes());
    head.extend(1u16.to_le_bytes());
    head.extend(rate_hz.to_le_bytes());
    head.extend((rate_hz * 2).to_le_bytes());
    head.extend(2u16.to_le_bytes());
    head.extend(16u16.to_le_bytes());
    head.extend(b"data");
    head.extend(length.to_le_bytes());
    head
}
