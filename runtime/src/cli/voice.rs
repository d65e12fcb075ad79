//! `--voice flite`: the recording in a voice that people understand. The run itself speaks the spoken code, so that everybody in
//! it understands every word; here the code in its recording is decoded once more, and real speech of the same words is put
//! in its place, as long as it was. What is no spoken code stays as it is.

use clap::ValueEnum;
use flite_rs::Engine;
use voxrun_audio::{Frame, Heard, Listener, Rate};

use crate::room::CallAudio;

/// The voice of a recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Voice {
    /// The spoken code, as it was in the run.
    #[default]
    Spoken,
    /// A voice that people understand.
    Flite,
}

/// The rate of lines and of the voice.
const RATE: Rate = Rate::Hz8000;
/// Samples a millisecond.
const PER_MS: usize = RATE.hz() as usize / 1000;
/// Words that are nearer to each other belong to one phrase.
const PAUSE_MS: u64 = 250;
/// How much slower or faster than it likes the voice may speak, and how much longer than the code a phrase may last.
const STRETCH: std::ops::RangeInclusive<f32> = 0.45..=1.6;
const LONGER_MS: u64 = 600;
/// The pitch of the caller and of the agent, whose channels are left and right.
const PITCHES: [f32; 2] = [1.25, 1.0];

/// Words that follow each other, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    start_ms: u64,
    end_ms: u64,
    text: String,
}

/// Puts speech in the place of the spoken code. Of a recording at another rate than a line's nothing is changed.
pub(super) fn in_real_speech(audio: &mut CallAudio) {
    if audio.rate_hz != RATE.hz() {
        return;
    }
    let mut engine = Engine::new();
    for (channel, pitch) in PITCHES.into_iter().enumerate() {
        engine.set_f0_shift(pitch);
        let mut samples: Vec<i16> = audio.samples.iter().skip(channel).step_by(2).copied().collect();
        let phrases = phrases(&samples);
        for (at, phrase) in phrases.iter().enumerate() {
            let next = phrases.get(at + 1).map_or(u64::MAX, |next| next.start_ms);
            replace(&mut samples, phrase, next, &mut engine);
        }
        for (place, sample) in audio.samples.iter_mut().skip(channel).step_by(2).zip(samples) {
            *place = sample;
        }
    }
}

/// What is said in a channel.
fn phrases(samples: &[i16]) -> Vec<Phrase> {
    let mut listener = Listener::new(RATE);
    for frame in samples.chunks(RATE.frame_samples()) {
        listener.push(&Frame::from_samples(RATE, frame));
    }
    listener.flush();
    let mut phrases: Vec<Phrase> = Vec::new();
    while let Some(heard) = listener.poll() {
        let Heard::Word { text, start_ms, end_ms } = heard else { continue };
        match phrases.last_mut().filter(|phrase| start_ms <= phrase.end_ms + PAUSE_MS) {
            Some(phrase) => {
                phrase.text = format!("{} {text}", phrase.text);
                phrase.end_ms = end_ms;
            }
            None => phrases.push(Phrase { start_ms, end_ms, text }),
        }
    }
    phrases
}

/// Puts the speech of a phrase where its code is; it may last a little longer, but not into the next phrase.
fn replace(samples: &mut [i16], phrase: &Phrase, next_ms: u64, engine: &mut Engine) {
    let place = |ms: u64| usize::try_from(ms).unwrap_or(usize::MAX).saturating_mul(PER_MS).min(samples.len());
    let (start, end) = (place(phrase.start_ms), place(phrase.end_ms));
    let last = place(next_ms.min(phrase.end_ms + LONGER_MS));
    let speech = speech(&phrase.text, end - start, engine);
    samples[start..end].fill(0);
    for (sample, spoken) in samples[start..last.max(start)].iter_mut().zip(speech) {
        *sample = sample.saturating_add(spoken);
    }
}

/// A text in the voice, about as long as it should be.
fn speech(text: &str, wanted: usize, engine: &mut Engine) -> Vec<i16> {
    engine.set_duration_stretch(1.0);
    let natural = engine.synthesize(text).samples;
    if natural.is_empty() || wanted == 0 {
        return natural;
    }
    #[expect(clippy::cast_precision_loss, reason = "minutes at most")]
    let stretch = wanted as f32 / natural.len() as f32;
    engine.set_duration_stretch(stretch.clamp(*STRETCH.start(), *STRETCH.end()));
    engine.synthesize(text).samples
}

#[cfg(test)]
mod tests {
    use voxrun_audio::speak;

    use super::*;

    fn heard(samples: &[i16]) -> Vec<String> {
        phrases(samples).into_iter().map(|phrase| phrase.text).collect()
    }

    #[test]
    fn the_code_becomes_speech_in_its_place_and_other_sounds_stay() {
        let pause = vec![0; 8_000];
        let tone: Vec<i16> = (0..4_000).map(|n| if n % 8 < 4 { 3_000 } else { -3_000 }).collect();
        let left =
            [speak("good morning", RATE), pause.clone(), speak("how are you", RATE), pause, tone.clone()]
                .concat();
        assert_eq!(heard(&left), ["good morning", "how are you"]);
        let samples = left.iter().flat_map(|sample| [*sample, 0]).collect();
        let mut audio = CallAudio { rate_hz: 8_000, samples };
        in_real_speech(&mut audio);
        let rendered: Vec<i16> = audio.samples.iter().step_by(2).copied().collect();
        assert_eq!(rendered.len(), left.len());
        assert!(heard(&rendered).is_empty(), "nothing of the code is left");
        assert_eq!(rendered[left.len() - tone.len()..], tone[..]);
        let loud = |part: &[i16]| part.iter().filter(|sample| sample.unsigned_abs() > 500).count();
        assert!(loud(&rendered[..4_000]) > 400, "speech is heard");
        assert!(
            audio.samples.iter().skip(1).step_by(2).all(|sample| *sample == 0),
            "the other side said nothing"
        );
    }

    #[test]
    fn silence_and_other_rates_are_left_alone() {
        for rate_hz in [8_000, 16_000] {
            let mut audio = CallAudio { rate_hz, samples: vec![0; 4_000] };
            in_real_speech(&mut audio);
            assert!(audio.samples.iter().all(|sample| *sample == 0));
        }
    }
}
