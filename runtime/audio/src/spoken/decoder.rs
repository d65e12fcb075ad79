//! The ear of the spoken code: frames to words.
//!
//! Everything is judged at 8 kHz. While no word is open the ear looks at the sound every 5 ms, until four looks 20 ms apart are
//! the sync pattern; its place is then refined to an eighth of a millisecond, and the word is read one symbol per 20 ms. A
//! symbol counts when one tone holds two thirds of the energy. Positions are samples at 8 kHz since creation.

use std::collections::VecDeque;

use super::piece::{Piece, Progress, Text};
use super::symbols::{REFERENCES, SYNC};
use super::trail::{HOP, Trail};
use crate::correlate::{LONG_WINDOW, PURE, WINDOW, Window, normalise};
use crate::frame::{Frame, Rate};
use crate::resample::Resampler;

/// What was heard; times are milliseconds of audio pushed since the listener was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A whole word.
    Word {
        /// The word, exactly as it was spoken.
        text: String,
        /// Where its tones start.
        start_ms: u64,
        /// Where its tones end.
        end_ms: u64,
    },
    /// A word that began, or ended, but was not whole: cut off, or with symbols lost.
    Lost {
        /// Where its first sound was noticed.
        start_ms: u64,
        /// Where its sound ended, or stopped making sense.
        end_ms: u64,
    },
}

/// Samples of a symbol.
const SYMBOL: i64 = LONG_WINDOW as i64;

/// Samples left out at either side of a symbol when it is judged, so that its neighbours do not disturb.
const GUARD: i64 = (SYMBOL - WINDOW as i64) / 2;

/// Samples of the past that are kept.
const KEPT: usize = 1280;

/// Samples the buffer holds before the old ones are dropped.
const CAPACITY: usize = 4096;

/// The least share of a window's energy that makes a symbol.
const LEAST_PURITY: u32 = PURE * 2 / 3;

/// Peak below which sound is not listened to: 60 dB below full scale.
const LEAST_PEAK: i32 = 32;

/// A lost word is over when nothing was spelt for so many samples (80 ms; the gap between words is longer).
const LOST_OVER: i64 = 640;

/// A lost word is over after so many samples at the latest (8 s; no piece of a word is longer).
const LONGEST_LOST: i64 = 64_000;

/// A piece of a word follows the one before within so many samples.
const NEXT_PIECE_WITHIN: i64 = 2 * SYMBOL;

/// Sound counts as going on for so many samples after the last: longer than the gap between words.
const SOUND_HANGS_ON: i64 = 960;

/// The longest word that is put together from pieces, bytes.
const LONGEST_WORD: usize = 64 * 1024;

#[derive(Clone, Debug)]
struct Open {
    start: i64,
    /// Start of the next symbol.
    next: i64,
    piece: Piece,
}

#[derive(Clone, Debug)]
struct Unfinished {
    start: i64,
    end: i64,
    text: String,
}

/// Hears words in frames.
#[derive(Clone)]
pub struct Listener {
    resampler: Resampler,
    buffer: Box<[i16; CAPACITY]>,
    filled: usize,
    /// Position of the buffer's first sample; negative while it holds the silence before creation.
    base: i64,
    /// Silent samples at the end of the buffer, at most.
    quiet: usize,
    trail: Trail,
    next_look: i64,
    /// The best place of a sync pattern so far, and its score.
    candidate: Option<(i64, u32)>,
    open: Option<Open>,
    unfinished: Option<Unfinished>,
    lost: Option<(i64, i64)>,
    last_sound: i64,
    heard: VecDeque<Heard>,
}

impl Listener {
    /// A listener at time zero. Frames of another rate are accepted too, at the cost of a short gap in its hearing.
    pub fn new(rate: Rate) -> Listener {
        Listener {
            resampler: Resampler::new(rate, Rate::Hz8000),
            buffer: Box::new([0; CAPACITY]),
            filled: KEPT,
            base: -(KEPT as i64),
            quiet: KEPT,
            trail: Trail::new(),
            next_look: 0,
            candidate: None,
            open: None,
            unfinished: None,
            lost: None,
            last_sound: -SOUND_HANGS_ON,
            heard: VecDeque::new(),
        }
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &Frame) {
        if frame.rate() != self.resampler.from() {
            self.resampler = Resampler::new(frame.rate(), Rate::Hz8000);
        }
        if self.resampler.from() == Rate::Hz8000 {
            self.push_narrow(frame);
        } else {
            let narrow = self.resampler.process(frame);
            self.push_narrow(&narrow);
        }
    }

    /// The next thing heard, oldest first.
    pub fn poll(&mut self) -> Option<Heard> {
        self.heard.pop_front()
    }

    /// True while there is sound, loud enough to be speech, or a word is not settled yet. It stays true for 120 ms, so that the
    /// gaps between words do not interrupt it.
    pub fn hears_sound(&self) -> bool {
        self.open.is_some()
            || self.lost.is_some()
            || self.unfinished.is_some()
            || self.end() - self.last_sound < SOUND_HANGS_ON
    }

    /// Reports what is still open as if silence followed for ever. The clock does not advance.
    pub fn flush(&mut self) {
        let end = self.end();
        let silence = Frame::silence(self.resampler.from());
        for _ in 0..12 {
            self.push(&silence);
        }
        self.close_lost();
        self.abandon_unfinished();
        let before = std::mem::take(&mut self.heard);
        let rate = self.resampler.from();
        *self = Listener { heard: before, base: end - KEPT as i64, next_look: end, ..Listener::new(rate) };
        self.last_sound = end - SOUND_HANGS_ON;
    }

    fn end(&self) -> i64 {
        self.base + self.filled as i64
    }

    fn push_narrow(&mut self, frame: &Frame) {
        let samples = frame.samples();
        self.quiet = if frame.is_silent() { (self.quiet + samples.len()).min(KEPT + CAPACITY) } else { 0 };
        if self.filled + samples.len() > CAPACITY {
            self.buffer.copy_within(self.filled - KEPT..self.filled, 0);
            self.base += (self.filled - KEPT) as i64;
            self.filled = KEPT;
        }
        if self.is_idle() {
            // Everything kept is silence: time passes and nothing else.
            let end = self.end() + samples.len() as i64;
            if self.filled != KEPT {
                self.filled = KEPT;
                self.buffer[..KEPT].fill(0);
            }
            self.base = end - KEPT as i64;
            self.next_look = end;
            return;
        }
        self.buffer[self.filled..][..samples.len()].copy_from_slice(samples);
        self.filled += samples.len();
        while self.step() {}
    }

    /// True when only silence is remembered and nothing waits to be settled.
    fn is_idle(&self) -> bool {
        self.quiet > KEPT && self.open.is_none() && self.lost.is_none() && self.unfinished.is_none()
    }

    /// Does the next piece of work, if the samples for it are there.
    fn step(&mut self) -> bool {
        match &self.open {
            Some(open) if open.next + SYMBOL <= self.end() => self.read_symbol(),
            None if self.next_look + SYMBOL <= self.end() => self.look(),
            _ => return false,
        }
        true
    }

    /// The samples from a position on, if they are still or already there.
    fn samples(&self, from: i64, length: usize) -> Option<&[i16]> {
        let start = usize::try_from(from - self.base).ok()?;
        self.buffer[..self.filled].get(start..start + length)
    }

    /// The symbol that starts at a position, with its purity; notes whether there is any sound.
    fn symbol_at(&mut self, at: i64) -> Option<(u8, u32)> {
        let samples: &[i16; WINDOW] = self.samples(at + GUARD, WINDOW)?.try_into().ok()?;
        let window = Window::normalised(samples, LEAST_PEAK)?;
        self.last_sound = at + SYMBOL;
        let (mut best, mut most) = (0, 0);
        for (symbol, reference) in REFERENCES.iter().enumerate() {
            let power = reference.power(&window.samples);
            if power > most {
                (best, most) = (symbol as u8, power);
            }
        }
        let purity = window.purity(most);
        (purity >= LEAST_PURITY).then_some((best, purity))
    }

    /// One look while no word is open.
    fn look(&mut self) {
        let at = self.next_look;
        self.next_look += HOP;
        let seen = self.symbol_at(at);
        self.trail.push(seen);
        let start = at - 3 * SYMBOL;
        let score = self.trail.sync_score();
        match self.candidate {
            Some((_, best)) if score > best => self.candidate = Some((start, score)),
            Some((place, _)) if score == 0 || start >= place + 3 * HOP => return self.begin(place),
            None if score > 0 => self.candidate = Some((start, score)),
            _ => {}
        }
        if self.candidate.is_none() {
            self.follow_lost(at);
        }
    }

    /// Keeps account of words that were lost, whose beginning may not have been heard at all.
    fn follow_lost(&mut self, at: i64) {
        if self.unfinished.as_ref().is_some_and(|u| at - u.end > NEXT_PIECE_WITHIN + 4 * SYMBOL) {
            self.abandon_unfinished();
        }
        match &mut self.lost {
            Some((start, _)) if at - *start > LONGEST_LOST => self.close_lost(),
            Some((_, end)) if self.trail.is_spelling() => *end = (*end).max(at + SYMBOL),
            Some((_, end)) if at - *end > LOST_OVER => self.close_lost(),
            None if self.trail.is_broken_sync() => self.lose(at - 3 * SYMBOL, at),
            None if self.trail.is_code() => {
                self.lose(at - Trail::telling_length(), at + SYMBOL);
            }
            _ => {}
        }
    }

    /// Opens a word whose sync pattern starts about here.
    fn begin(&mut self, about: i64) {
        self.close_lost();
        let start = self.refine(about);
        self.candidate = None;
        self.trail = Trail::new();
        self.open = Some(Open { start, next: start + SYNC.len() as i64 * SYMBOL, piece: Piece::default() });
    }

    /// The place where the four tones of a sync pattern fit best, searched 5 ms either way.
    fn refine(&self, about: i64) -> i64 {
        const REACH: i64 = HOP;
        const LENGTH: usize = 4 * LONG_WINDOW + 2 * REACH as usize;
        let mut scaled = [0; LENGTH];
        let Some(samples) = self.samples(about - REACH, LENGTH) else { return about };
        if normalise(samples, LEAST_PEAK, &mut scaled).is_none() {
            return about;
        }
        let fit = |offset: i64| -> u64 {
            let starts = (0..).map(|n| (REACH + offset) as usize + n * LONG_WINDOW);
            SYNC.iter()
                .zip(starts)
                .map(|(&s, at)| REFERENCES[usize::from(s)].power(&scaled[at..at + LONG_WINDOW]))
                .sum()
        };
        let coarse = (-REACH..=REACH).step_by(4).max_by_key(|&offset| fit(offset)).unwrap_or(0);
        let fine = (coarse - 3).max(-REACH)..=(coarse + 3).min(REACH);
        about + fine.max_by_key(|&offset| fit(offset)).unwrap_or(0)
    }

    fn read_symbol(&mut self) {
        let Some(at) = self.open.as_ref().map(|open| open.next) else { return };
        match self.symbol_at(at) {
            Some((symbol, _)) => self.accept(symbol),
            None => self.fail(at),
        }
    }

    fn accept(&mut self, symbol: u8) {
        let Some(open) = &mut self.open else { return };
        open.next += SYMBOL;
        let (start, end) = (open.start, open.next);
        match open.piece.accept(symbol) {
            Progress::Open => {}
            Progress::Wrong => self.fail(end),
            Progress::Whole(text) => {
                self.open = None;
                self.resume(end - HOP);
                self.finish(text, start, end);
            }
        }
    }

    /// Gives the open word up; `at` is where it stopped making sense.
    fn fail(&mut self, at: i64) {
        let Some(open) = self.open.take() else { return };
        let Some((before, following)) = open.piece.inner_sync() else {
            self.lose(open.start, at);
            // Another word may have begun among the last symbols, on a beat of its own.
            return self.resume((at - SYNC.len() as i64 * SYMBOL).max(open.start + SYMBOL));
        };
        // Another word began on the same beat: read what followed its sync pattern once more.
        let start = open.start + (SYNC.len() + before) as i64 * SYMBOL;
        self.lose(open.start, start);
        self.close_lost();
        self.open = Some(Open { start, next: start + SYNC.len() as i64 * SYMBOL, piece: Piece::default() });
        for symbol in following {
            self.accept(symbol);
            if self.open.as_ref().is_none_or(|open| open.start != start) {
                break;
            }
        }
    }

    /// Looks for words again from a position on.
    fn resume(&mut self, at: i64) {
        self.trail = Trail::new();
        self.candidate = None;
        self.next_look = at.max(self.base);
    }

    fn finish(&mut self, piece: Text, start: i64, end: i64) {
        let before = self.unfinished.take();
        let (start, text) = match before {
            Some(before) if piece.continues && start - before.end <= NEXT_PIECE_WITHIN => {
                (before.start, before.text + &piece.text)
            }
            Some(before) => {
                self.report_lost(before.start, before.end);
                (start, piece.text)
            }
            None if piece.continues => return self.report_lost(start, end),
            None => (start, piece.text),
        };
        if text.len() > LONGEST_WORD {
            self.report_lost(start, end);
        } else if piece.goes_on {
            self.unfinished = Some(Unfinished { start, end, text });
        } else {
            let (start_ms, end_ms) = (self.time_ms(start), self.time_ms(end));
            self.heard.push_back(Heard::Word { text, start_ms, end_ms });
        }
    }

    /// Notes a lost word that may still go on; what was heard of its earlier pieces is lost with it.
    fn lose(&mut self, start: i64, end: i64) {
        let start = match self.unfinished.take() {
            Some(before) if start - before.end <= NEXT_PIECE_WITHIN => before.start,
            Some(before) => {
                self.report_lost(before.start, before.end);
                start
            }
            None => start,
        };
        self.lost = Some((start, end));
    }

    fn close_lost(&mut self) {
        if let Some((start, end)) = self.lost.take() {
            self.report_lost(start, end);
        }
    }

    fn abandon_unfinished(&mut self) {
        if let Some(word) = self.unfinished.take() {
            self.report_lost(word.start, word.end);
        }
    }

    fn report_lost(&mut self, start: i64, end: i64) {
        let (start_ms, end_ms) = (self.time_ms(start), self.time_ms(end));
        self.heard.push_back(Heard::Lost { start_ms, end_ms });
    }

    /// Milliseconds of a position, less the delay of the resampler.
    fn time_ms(&self, at: i64) -> u64 {
        let delay = if self.resampler.from() == Rate::Hz8000 { 0 } else { 16 };
        ((at - delay).max(0) as u64 + 4) / 8
    }
}
