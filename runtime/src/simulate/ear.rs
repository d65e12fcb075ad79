//! The caller's ear: frames become sound and silence, words, and utterances. It hears the true samples that reached the
//! caller: words come from the spoken code, and sound that is no words (tones, recordings, real voices) is speech that
//! could not be understood.
//!
//! An utterance ends after 700 ms of silence. It was cut when its last word broke off, when the sound stopped because a
//! playout queue that still held audio was cleared, or when the call ended while there was sound (policy F-103). It
//! judges sound by a fixed level (50 dB below full scale): there is no noise on an emulated line.

use std::collections::VecDeque;

use voxrun_audio::{FRAME_MS, Frame, Heard, Listener, Rate};
use voxrun_bindings::contract::Time;

use crate::room::{UNINTELLIGIBLE, Utterance, Who};

/// Silence that ends a turn, milliseconds.
pub const TURN_SILENCE_MS: u64 = 700;

/// Silence that parts two spurts of speech: longer than the gap between two words, milliseconds.
const SPURT_SILENCE_MS: u64 = 200;

/// Sound that stops within this time of a clear was stopped by it, milliseconds: the frame that was playing, and the one
/// that had been handed over.
const CLEAR_EFFECT_MS: u64 = 40;

/// A clear is judged this long after it, milliseconds.
const CLEAR_JUDGED_MS: u64 = 60;

/// Sound before a clear must have been this close, milliseconds: longer than the gap between two words.
const SPEAKING_WITHIN_MS: u64 = 160;

/// Shorter sound without words is a click and no speech, milliseconds.
const LEAST_SPEECH_MS: u64 = 60;

/// Samples at or above this level are sound.
const SOUND_LEVEL: u16 = 100;

/// Silent frames after which a listener remembers nothing any more; longer silence is not fed to it.
const SETTLED_FRAMES: u64 = 100;

const FRAME: u64 = FRAME_MS as u64;

struct Open {
    start: Time,
    end: Time,
    /// Words in order; `None` is one or more that were lost, with the instant at which the loss ended.
    words: Vec<Option<String>>,
    /// Where the last lost word ended, if the last thing heard was one.
    lost_until: Option<Time>,
    cleared_at: Option<Time>,
}

/// What the caller knows of the agent's voice at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spurt {
    /// When the latest spurt of sound began: after 200 ms of silence or more.
    pub spurt_start: Option<Time>,
    /// When the latest turn began: after 700 ms of silence or more.
    pub turn_start: Option<Time>,
    /// Where the latest sound ended.
    pub last: Option<Time>,
}

/// The ear of one caller.
pub struct Ear {
    listener: Listener,
    /// The instant that the next frame begins, and that the listener's clock stands at.
    next: Time,
    /// The listener's clock: milliseconds pushed into it.
    pushed_ms: u64,
    sound: Spurt,
    open: Option<Open>,
    done: VecDeque<Utterance>,
}

impl Ear {
    /// An ear that begins to listen now.
    #[must_use]
    pub fn new(now: Time) -> Ear {
        Ear {
            listener: Listener::new(Rate::Hz8000),
            next: now,
            pushed_ms: 0,
            sound: Spurt::default(),
            open: None,
            done: VecDeque::new(),
        }
    }

    /// Takes the 20 ms frame that begins to sound at `at`. What was not given since the frame before was silence. Tells
    /// whether there is sound in it.
    pub fn hear(&mut self, at: Time, frame: &Frame) -> bool {
        self.fill(at);
        self.next = self.next.max(at);
        let sounds = self.note_sound(frame);
        self.push(frame);
        sounds
    }

    /// A playout queue of the session was cleared while it held audio.
    pub fn cleared(&mut self, at: Time) {
        if let Some(open) = &mut self.open
            && at.since(open.end).as_millis() < u128::from(SPEAKING_WITHIN_MS)
        {
            open.cleared_at = Some(at);
        }
    }

    /// Nothing more was sent before `now`.
    pub fn advance(&mut self, now: Time) {
        self.fill(now);
        let Some(open) = &mut self.open else { return };
        if let Some(cleared_at) = open.cleared_at
            && now >= cleared_at.plus_ms(CLEAR_JUDGED_MS)
        {
            if open.end <= cleared_at.plus_ms(CLEAR_EFFECT_MS) {
                return self.close(true);
            }
            open.cleared_at = None;
        }
        if now >= open.end.plus_ms(TURN_SILENCE_MS) {
            self.close(false);
        }
    }

    /// The call is over: what is being said ends here.
    pub fn hang_up(&mut self, now: Time) {
        self.advance(now);
        let sounding = self.open.as_ref().is_some_and(|open| open.end.plus_ms(FRAME) >= now);
        self.close(sounding);
    }

    /// The next utterance that is over.
    pub fn poll(&mut self) -> Option<Utterance> {
        self.done.pop_front()
    }

    /// When [`Ear::advance`] has something to decide.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let open = self.open.as_ref()?;
        let silence = open.end.plus_ms(TURN_SILENCE_MS);
        Some(open.cleared_at.map_or(silence, |at| silence.min(at.plus_ms(CLEAR_JUDGED_MS))))
    }

    /// What it knows of the agent's voice.
    #[must_use]
    pub fn sound(&self) -> Spurt {
        self.sound
    }

    /// Listens to silence up to `until`, in whole frames.
    fn fill(&mut self, until: Time) {
        let frames = u64::try_from(until.since(self.next).as_millis()).unwrap_or(0) / FRAME;
        if frames == 0 {
            return;
        }
        let silence = Frame::silence(Rate::Hz8000);
        for _ in 0..frames.min(SETTLED_FRAMES) {
            self.push(&silence);
        }
        self.next = self.next.plus_ms(frames.saturating_sub(SETTLED_FRAMES) * FRAME);
    }

    fn push(&mut self, frame: &Frame) {
        self.listener.push(frame);
        self.pushed_ms += FRAME;
        self.next = self.next.plus_ms(FRAME);
        self.take_words();
    }

    fn take_words(&mut self) {
        while let Some(heard) = self.listener.poll() {
            let Some(open) = &mut self.open else { continue };
            match heard {
                Heard::Word { text, .. } => {
                    open.words.push(Some(text));
                    open.lost_until = None;
                }
                Heard::Lost { end_ms, .. } => {
                    let ago_ms = self.pushed_ms.saturating_sub(end_ms);
                    open.lost_until = Some(Time::from_us(self.next.as_us().saturating_sub(ago_ms * 1000)));
                    if open.words.last() != Some(&None) {
                        open.words.push(None);
                    }
                }
            }
        }
    }

    /// Keeps account of where in this frame, which begins at `self.next`, there is sound.
    fn note_sound(&mut self, frame: &Frame) -> bool {
        if frame.is_silent() {
            return false;
        }
        let samples = frame.samples();
        let is_sound = |sample: &i16| sample.unsigned_abs() >= SOUND_LEVEL;
        let (Some(first), Some(last)) =
            (samples.iter().position(is_sound), samples.iter().rposition(is_sound))
        else {
            return false;
        };
        let rate_khz = u64::from(frame.rate().hz() / 1000);
        let place = |sample: usize| Time::from_us(self.next.as_us() + sample as u64 * 1000 / rate_khz);
        let (start, end) = (place(first), place(last + 1));
        let silence_ms = self.sound.last.map_or(u128::MAX, |last| start.since(last).as_millis());
        if silence_ms >= u128::from(TURN_SILENCE_MS) {
            self.close(false);
            self.sound.turn_start = Some(start);
        }
        if silence_ms >= u128::from(SPURT_SILENCE_MS) {
            self.sound.spurt_start = Some(start);
        }
        self.sound.last = Some(end);
        let open = self.open.get_or_insert(Open {
            start,
            end,
            words: Vec::new(),
            lost_until: None,
            cleared_at: None,
        });
        open.end = end;
        true
    }

    fn close(&mut self, stopped: bool) {
        if self.open.is_none() {
            return;
        }
        if self.listener.hears_sound() {
            self.listener.flush();
            self.take_words();
        }
        let Some(open) = self.open.take() else { return };
        let length_ms = open.end.since(open.start).as_millis();
        if open.words.is_empty() && length_ms < u128::from(LEAST_SPEECH_MS) {
            return;
        }
        let broken_off = open.lost_until.is_some_and(|at| at.plus_ms(SPEAKING_WITHIN_MS) >= open.end)
            && open.words.iter().any(Option::is_some);
        let words: Vec<&str> =
            open.words.iter().map(|word| word.as_deref().unwrap_or(UNINTELLIGIBLE)).collect();
        let text = if words.is_empty() { UNINTELLIGIBLE.to_owned() } else { words.join(" ") };
        self.done.push_back(Utterance {
            who: Who::Agent,
            text,
            start_ms: open.start.as_ms(),
            end_ms: open.end.as_ms(),
            cut: stopped || broken_off,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxrun_audio::{Speaker, tone};

    /// Speaks into the ear from `at` on, at most `frames` frames; returns the instant after the last one.
    fn speak(ear: &mut Ear, at: u64, text: &str, frames: usize) -> u64 {
        let mut speaker = Speaker::new(text, Rate::Hz8000);
        let mut at = at;
        for _ in 0..frames {
            let Some(frame) = speaker.next_frame() else { break };
            if !frame.is_silent() {
                ear.hear(Time::from_ms(at), &frame);
            }
            at += FRAME;
        }
        at
    }

    fn heard(ear: &mut Ear) -> Vec<(String, u64, u64, bool)> {
        std::iter::from_fn(|| ear.poll()).map(|u| (u.text, u.start_ms, u.end_ms, u.cut)).collect()
    }

    #[test]
    fn words_become_utterances_parted_by_silence() {
        let mut ear = Ear::new(Time::ZERO);
        let end = speak(&mut ear, 1_000, "good morning to you", usize::MAX);
        assert_eq!(ear.deadline(), Some(Time::from_ms(end - 100 + TURN_SILENCE_MS)));
        ear.advance(Time::from_ms(end + 599));
        assert!(heard(&mut ear).is_empty());
        ear.advance(Time::from_ms(end + 600));
        assert_eq!(heard(&mut ear), [("good morning to you".to_owned(), 1_000, end - 100, false)]);
        let again = speak(&mut ear, 3_600_000, "yes", usize::MAX);
        ear.advance(Time::from_ms(again + 1_000));
        assert_eq!(heard(&mut ear), [("yes".to_owned(), 3_600_000, again - 100, false)]);
    }

    #[test]
    fn a_word_that_breaks_off_is_lost_and_the_utterance_cut() {
        let mut ear = Ear::new(Time::ZERO);
        let whole = voxrun_audio::words("one interruption")[1].start_ms / FRAME;
        let end = speak(&mut ear, 0, "one interruption", usize::try_from(whole).expect("small") + 8);
        ear.advance(Time::from_ms(end + 700));
        assert_eq!(heard(&mut ear), [("one [...]".to_owned(), 0, end, true)]);
    }

    #[test]
    fn sound_that_stops_at_a_clear_was_cut_even_between_words() {
        let mut ear = Ear::new(Time::ZERO);
        let end = speak(&mut ear, 0, "one two", usize::MAX) - 100;
        ear.cleared(Time::from_ms(end + 10));
        assert_eq!(ear.deadline(), Some(Time::from_ms(end + 70)));
        ear.advance(Time::from_ms(end + 70));
        assert_eq!(heard(&mut ear), [("one two".to_owned(), 0, end, true)]);
        // What is said soon afterwards is an utterance of its own.
        let next = speak(&mut ear, end + 400, "sorry", usize::MAX);
        ear.advance(Time::from_ms(next + 600));
        assert_eq!(heard(&mut ear), [("sorry".to_owned(), end + 400, next - 100, false)]);
    }

    #[test]
    fn a_clear_that_stops_nothing_cuts_nothing() {
        let mut ear = Ear::new(Time::ZERO);
        ear.cleared(Time::ZERO);
        let mut speaker = Speaker::new("one two three", Rate::Hz8000);
        let mut at = 0;
        while let Some(frame) = speaker.next_frame() {
            ear.hear(Time::from_ms(at), &frame);
            if at == 200 {
                ear.cleared(Time::from_ms(at));
            }
            at += FRAME;
            ear.advance(Time::from_ms(at));
        }
        ear.advance(Time::from_ms(at + 600));
        assert_eq!(heard(&mut ear), [("one two three".to_owned(), 0, at - 100, false)]);
    }

    #[test]
    fn tones_are_speech_that_is_not_understood_and_clicks_are_nothing() {
        let mut ear = Ear::new(Time::ZERO);
        let mut oscillator = tone::Oscillator::new(Rate::Hz8000, 440_000);
        for at in (0..500).step_by(20) {
            let samples: Vec<i16> = (0..160).map(|_| oscillator.next_sample(8_000)).collect();
            ear.hear(Time::from_ms(at), &Frame::from_samples(Rate::Hz8000, &samples));
        }
        ear.advance(Time::from_ms(2_000));
        assert_eq!(heard(&mut ear), [(UNINTELLIGIBLE.to_owned(), 0, 500, false)]);
        ear.hear(Time::from_ms(2_000), &Frame::from_samples(Rate::Hz8000, &[9_000; 40]));
        ear.hear(Time::from_ms(2_500), &Frame::from_samples(Rate::Hz8000, &[50; 160]));
        ear.advance(Time::from_ms(4_000));
        assert!(heard(&mut ear).is_empty());
    }

    #[test]
    fn the_end_of_the_call_ends_what_is_being_said() {
        let mut ear = Ear::new(Time::ZERO);
        let end = speak(&mut ear, 0, "thank you and goodbye", 30);
        ear.hang_up(Time::from_ms(end));
        let all = heard(&mut ear);
        assert!(all[0].3 && all[0].0.starts_with("thank") && all[0].0.ends_with(UNINTELLIGIBLE), "{all:?}");
        let mut ear = Ear::new(Time::ZERO);
        let end = speak(&mut ear, 0, "goodbye", usize::MAX);
        ear.hang_up(Time::from_ms(end + 100));
        assert_eq!(heard(&mut ear), [("goodbye".to_owned(), 0, end - 100, false)]);
    }
}
