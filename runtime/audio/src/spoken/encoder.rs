//! The mouth of the spoken code: text to samples.
//!
//! Text is split at white space; each word is a burst of tones followed by a gap, so that texts spoken one after the other
//! stay apart. Long words are spoken in pieces, each with a sync pattern and checksum of its own.

use super::letters::{self, END, MORE};
use super::symbols::{GAP_MS, SYMBOL_MS, SYNC, checksum, frequency_hz, tone_of};
use crate::frame::{Frame, Rate};
use crate::tone::Oscillator;

/// Peak of the tones: 10 dB below full scale, as loud as speech.
const AMPLITUDE: i32 = 10_000;

/// Length of the ramps at either end of a burst, milliseconds, against clicks.
const RAMP_MS: u32 = 1;

/// Letters in a piece of a long word. It bounds how long a decoder relies on one sync pattern (5 s for the longest letters).
const PIECE_LETTERS: usize = 40;

/// A word and the place of its tones in the spoken text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenWord {
    /// The word as it stands in the text.
    pub text: String,
    /// Where its tones start, milliseconds from the start of the speech.
    pub start_ms: u64,
    /// Where its tones end; the gap after the word is not included.
    pub end_ms: u64,
}

/// Speaks a text frame by frame.
#[derive(Clone, Debug)]
pub struct Speaker {
    rate: Rate,
    /// The tones sounded, one entry per 20 ms; `None` is silence.
    slots: Vec<Option<u8>>,
    words: Vec<SpokenWord>,
    next: usize,
    oscillator: Oscillator,
}

impl Speaker {
    /// A speaker of that text, at its first frame.
    pub fn new(text: &str, rate: Rate) -> Speaker {
        let mut slots = Vec::new();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let start_ms = duration_ms(slots.len());
            push_word(word, &mut slots);
            let end_ms = duration_ms(slots.len()) - u64::from(GAP_MS);
            words.push(SpokenWord { text: word.to_owned(), start_ms, end_ms });
        }
        Speaker { rate, slots, words, next: 0, oscillator: Oscillator::new(rate, 1_000_000) }
    }

    /// The words and their places.
    pub fn words(&self) -> &[SpokenWord] {
        &self.words
    }

    /// Length of the whole speech including the gap after its last word, milliseconds: a whole number of frames.
    pub fn duration_ms(&self) -> u64 {
        duration_ms(self.slots.len())
    }

    /// The next frame, or `None` when all is said. Gaps are silence by value.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let slot = *self.slots.get(self.next)?;
        let mut frame = Frame::silence(self.rate);
        if let Some(tone) = slot {
            self.sound(tone, frame.samples_mut());
        }
        self.next += 1;
        Some(frame)
    }

    fn sound(&mut self, tone: u8, samples: &mut [i16]) {
        let opens = self.next == 0 || self.slots[self.next - 1].is_none();
        let closes = self.slots.get(self.next + 1).is_none_or(Option::is_none);
        let ramp = (self.rate.hz() / 1000 * RAMP_MS) as usize;
        let length = samples.len();
        self.oscillator.tune(frequency_hz(tone) * 1000);
        for (n, sample) in samples.iter_mut().enumerate() {
            let rise = if opens { n + 1 } else { ramp };
            let fall = if closes { length - n } else { ramp };
            let amplitude = AMPLITUDE * rise.min(fall).min(ramp) as i32 / ramp as i32;
            *sample = self.oscillator.next_sample(amplitude as i16);
        }
    }
}

fn duration_ms(slots: usize) -> u64 {
    slots as u64 * u64::from(SYMBOL_MS)
}

/// Appends a word, in as many pieces as it needs, and the gap after it.
fn push_word(word: &str, slots: &mut Vec<Option<u8>>) {
    let gap = (GAP_MS / SYMBOL_MS) as usize;
    let mut rest = word;
    let mut continued = false;
    while !rest.is_empty() {
        let end = rest.char_indices().nth(PIECE_LETTERS).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        let mut symbols = Vec::new();
        if continued {
            symbols.push(MORE);
        }
        letters::write(piece, &mut symbols);
        symbols.push(if after.is_empty() { END } else { MORE });
        let check = checksum(&symbols);
        symbols.extend(check);
        slots.extend(SYNC.iter().copied().map(Some));
        slots.extend(symbols.iter().enumerate().map(|(place, &symbol)| Some(tone_of(symbol, place))));
        if after.is_empty() {
            slots.extend(std::iter::repeat_n(None, gap));
        }
        rest = after;
        continued = true;
    }
}

/// The samples of a spoken text, including the gap after its last word; empty for a text without words.
pub fn speak(text: &str, rate: Rate) -> Vec<i16> {
    let mut speaker = Speaker::new(text, rate);
    let mut samples = Vec::with_capacity(speaker.slots.len() * rate.frame_samples());
    while let Some(frame) = speaker.next_frame() {
        samples.extend_from_slice(frame.samples());
    }
    samples
}

/// The words of a text and where [`speak`] puts them.
pub fn words(text: &str) -> Vec<SpokenWord> {
    Speaker::new(text, Rate::Hz8000).words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_speech() {
        let text = "Hello, and thank you for calling. I can help you with your order, your account, or anything else \
                    you would like to know about our service today. What can I do for you?";
        let speaker = Speaker::new(text, Rate::Hz8000);
        let words_a_minute = speaker.words().len() as u64 * 60_000 / speaker.duration_ms();
        assert!((140..=160).contains(&words_a_minute), "{words_a_minute}");
        for word in speaker.words().iter().filter(|w| (4..=8).contains(&w.text.len())) {
            assert!((280..=440).contains(&(word.end_ms - word.start_ms)), "{word:?}");
        }
    }

    #[test]
    fn samples_frames_and_words_agree() {
        for rate in Rate::ALL {
            let mut speaker = Speaker::new(" one\ttwo \n ", rate);
            let samples = speak("one two", rate);
            assert_eq!(samples.len() as u64, speaker.duration_ms() * u64::from(rate.hz()) / 1000);
            let per_ms = (rate.hz() / 1000) as usize;
            for word in words("one two") {
                let sound = &samples[word.start_ms as usize * per_ms..word.end_ms as usize * per_ms];
                assert!(
                    sound.chunks(20 * per_ms).all(|c| c.iter().filter(|&&s| s == 0).count() < c.len() / 2)
                );
                assert!(samples[word.end_ms as usize * per_ms..][..100 * per_ms].iter().all(|&s| s == 0));
                let peak = sound.iter().map(|s| s.unsigned_abs()).max().unwrap();
                assert!((8_230..=11_626).contains(&peak), "between -12 and -9 dBFS: {peak}");
            }
            let mut at = 0;
            while let Some(frame) = speaker.next_frame() {
                assert_eq!(frame.samples(), &samples[at..at + rate.frame_samples()]);
                at += rate.frame_samples();
            }
            assert_eq!(at, samples.len());
        }
    }

    #[test]
    fn no_words_make_no_sound() {
        assert!(speak("", Rate::Hz8000).is_empty());
        assert!(speak(" \n\u{3000}", Rate::Hz8000).is_empty());
        assert!(words(" ").is_empty());
    }
}
