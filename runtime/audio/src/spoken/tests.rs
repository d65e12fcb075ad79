//! The claims of the spoken code, in a size that runs with every test; `benches/spoken.rs` does them whole.

use super::*;
use crate::frame::{Frame, Rate};
use crate::g711::Law::{A, Mu};
use crate::testing::{
    Babble, Chain, Noise, Random, Step, arpeggios, chords, drift, gain, random_text, sweeps,
};
use Rate::{Hz8000, Hz16000, Hz24000, Hz48000};
use Step::{Line, To};

/// Pushes frames and gives all that was heard.
fn hear(frames: impl IntoIterator<Item = Frame>, rate: Rate) -> Vec<Heard> {
    let mut listener = Listener::new(rate);
    let mut heard = Vec::new();
    for frame in frames {
        listener.push(&frame);
        heard.extend(std::iter::from_fn(|| listener.poll()));
    }
    listener.flush();
    heard.extend(std::iter::from_fn(|| listener.poll()));
    heard
}

fn frames(samples: &[i16], rate: Rate) -> Vec<Frame> {
    samples.chunks(rate.frame_samples()).map(|c| Frame::from_samples(rate, c)).collect()
}

fn texts(heard: &[Heard]) -> Vec<&str> {
    heard
        .iter()
        .map(|h| match h {
            Heard::Word { text, .. } => text.as_str(),
            Heard::Lost { .. } => "[...]",
        })
        .collect()
}

fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|word| rest.any(|w| w == word))
}

#[test]
fn random_words_survive_every_line() {
    let chains: [(Rate, &[Step]); 8] = [
        (Hz8000, &[Line(Mu)]),
        (Hz8000, &[Line(A)]),
        (Hz8000, &[Line(Mu), To(Hz24000)]),
        (Hz24000, &[To(Hz8000), Line(A)]),
        (Hz24000, &[To(Hz8000), Line(Mu), Line(A), To(Hz16000), To(Hz24000)]),
        (Hz16000, &[To(Hz8000), Line(Mu), To(Hz16000), To(Hz8000), Line(Mu), To(Hz24000)]),
        (Hz48000, &[To(Hz24000), To(Hz8000), Line(A), Line(Mu), To(Hz48000)]),
        (Hz16000, &[To(Hz48000), To(Hz16000), To(Hz24000), To(Hz8000), Line(A), To(Hz16000)]),
    ];
    let mut random = Random::new(1);
    for round in 0..5 {
        for (n, &(rate, steps)) in chains.iter().enumerate() {
            let text = random_text(&mut random, 50);
            let mut samples = vec![0; random.below(1000) as usize];
            samples.extend(speak(&text, rate));
            let mut samples = drift(&samples, [50, -50, 100, -100][(round + n) % 4]);
            gain(&mut samples, [100, 25, 400, 60, 200][round]);
            let mut chain = Chain::new(rate, steps);
            let to = chain.to();
            let heard = hear(frames(&samples, rate).into_iter().map(|f| chain.carry(f)), to);
            assert_eq!(texts(&heard), text.split_whitespace().collect::<Vec<_>>(), "{rate:?} {steps:?}");
        }
    }
}

#[test]
fn words_are_where_they_were_spoken() {
    let text = "when exactly was this said? Сейчас!";
    for rate in Rate::ALL {
        for offset_ms in [0u64, 7, 20, 313, 1999] {
            let mut samples = vec![0; offset_ms as usize * (rate.hz() / 1000) as usize];
            samples.extend(speak(text, rate));
            let heard = hear(frames(&samples, rate), rate);
            assert_eq!(heard.len(), 6);
            for (heard, spoken) in heard.iter().zip(words(text)) {
                let Heard::Word { text, start_ms, end_ms } = heard else { panic!("{heard:?}") };
                assert_eq!(*text, spoken.text);
                assert!(start_ms.abs_diff(spoken.start_ms + offset_ms) <= 1, "{rate:?} {heard:?} {spoken:?}");
                assert!(end_ms.abs_diff(spoken.end_ms + offset_ms) <= 1, "{rate:?} {heard:?} {spoken:?}");
            }
        }
    }
}

#[test]
fn noise_beneath_the_words_does_not_hurt() {
    let mut random = Random::new(3);
    let text = random_text(&mut random, 100);
    // Speech at -13 dBFS, noise at -29 dBFS.
    let mut noise = Noise::white(4, 2_000);
    let samples: Vec<i16> = speak(&text, Hz8000).iter().map(|s| s + noise.next_sample()).collect();
    let heard = hear(frames(&samples, Hz8000), Hz8000);
    assert_eq!(texts(&heard), text.split_whitespace().collect::<Vec<_>>());
}

/// Which words of the text have tones inside the span of time.
fn touched(spoken: &[SpokenWord], from_ms: u64, to_ms: u64) -> usize {
    spoken.iter().filter(|w| w.start_ms < to_ms && from_ms < w.end_ms).count()
}

#[test]
fn a_lost_frame_loses_the_words_it_touches_and_no_other() {
    let mut random = Random::new(5);
    for offset in [0, 37, 80, 121] {
        let text = random_text(&mut random, 6);
        let all: Vec<&str> = text.split_whitespace().collect();
        let spoken = words(&text);
        let mut samples = vec![0; offset];
        samples.extend(speak(&text, Hz8000));
        let whole = frames(&samples, Hz8000);
        for lost in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[lost] = Frame::silence(Hz8000);
            let heard = hear(damaged, Hz8000);
            let good: Vec<&str> = texts(&heard).into_iter().filter(|t| *t != "[...]").collect();
            assert!(is_subsequence(&good, &all), "{good:?} of {all:?}");
            let from_ms = (lost as u64 * 20).saturating_sub(offset as u64 / 8);
            let allowed = touched(&spoken, from_ms, from_ms + 20);
            assert!(all.len() - good.len() <= allowed, "frame {lost}: {good:?} of {all:?}");
            // Whatever is missing is reported as lost, once.
            assert_eq!(heard.len(), all.len(), "frame {lost}: {heard:?}");
        }
    }
}

#[test]
fn dropped_and_repeated_frames_lose_words_but_never_invent_them() {
    let mut random = Random::new(6);
    for _ in 0..40 {
        let text = random_text(&mut random, 25);
        let all: Vec<&str> = text.split_whitespace().collect();
        let mut jittered = Vec::new();
        let mut hits = 0;
        for frame in frames(&speak(&text, Hz8000), Hz8000) {
            let copies = match random.below(60) {
                0 => 0,
                1 => 2,
                _ => 1,
            };
            hits += usize::from(copies != 1);
            jittered.extend(std::iter::repeat_n(frame, copies));
        }
        let heard = hear(jittered, Hz8000);
        let good: Vec<&str> = texts(&heard).into_iter().filter(|t| *t != "[...]").collect();
        assert!(is_subsequence(&good, &all), "{good:?} of {all:?}");
        assert!(all.len() - good.len() <= hits);
    }
}

#[test]
fn a_barge_in_cuts_a_word_into_a_lost_one() {
    let text = "this sentence is interrupted";
    let spoken = words(text);
    let samples = speak(text, Hz24000);
    for cut_ms in (spoken[1].start_ms + 100..spoken[1].end_ms - 10).step_by(7) {
        let mut cut = samples[..cut_ms as usize * 24].to_vec();
        let heard = hear(frames(&cut, Hz24000), Hz24000);
        assert_eq!(texts(&heard), ["this", "[...]"], "cut at {cut_ms} ms");
        let Heard::Lost { start_ms, end_ms } = heard[1] else { panic!("{heard:?}") };
        assert!(start_ms.abs_diff(spoken[1].start_ms) <= 1, "{heard:?}");
        assert!(end_ms.abs_diff(cut_ms) <= 25, "cut at {cut_ms}: {heard:?}");
        // Somebody speaks at once where the word was cut.
        cut.extend(speak("right away", Hz24000));
        assert_eq!(
            texts(&hear(frames(&cut, Hz24000), Hz24000)),
            ["this", "[...]", "right", "away"],
            "{cut_ms}"
        );
    }
}

#[test]
fn long_words_are_put_together_and_lost_whole() {
    let long = "Donaudampfschifffahrtsgesellschaftskapitän-".repeat(5) + &"東京".repeat(50);
    let text = format!("before {long} after");
    let whole = frames(&speak(&text, Hz8000), Hz8000);
    assert_eq!(texts(&hear(whole.clone(), Hz8000)), ["before", &long, "after"]);
    let spoken = &words(&text)[1];
    for lost in (spoken.start_ms / 20..spoken.end_ms / 20).step_by(9) {
        let mut damaged = whole.clone();
        damaged[lost as usize] = Frame::silence(Hz8000);
        let heard = hear(damaged, Hz8000);
        let good: Vec<&str> = texts(&heard).into_iter().filter(|t| *t != "[...]").collect();
        assert_eq!(good, ["before", "after"], "frame {lost}");
    }
}

#[test]
fn sounds_that_say_nothing_are_not_heard_as_words() {
    let seconds = 60 * 8000;
    let mut random = Random::new(7);
    let sounds = [
        ("white", Noise::white(8, 15_000).samples(seconds)),
        ("pink", Noise::pink(9, 30_000).samples(seconds)),
        ("chords", chords(&mut random, Hz8000, seconds)),
        ("arpeggios", arpeggios(&mut random, Hz8000, seconds)),
        ("sweeps", sweeps(&mut random, Hz8000, seconds)),
        ("babble", Babble::new(10, Hz8000).samples(seconds)),
    ];
    for (name, samples) in sounds {
        assert_eq!(hear(frames(&samples, Hz8000), Hz8000), [], "{name}");
    }
}

#[test]
fn two_voices_at_once_are_lost_not_mixed() {
    let mut random = Random::new(11);
    let (one, other) = (random_text(&mut random, 40), random_text(&mut random, 40));
    let mut mixed = speak(&one, Hz8000);
    mixed.iter_mut().zip(speak(&other, Hz8000).into_iter().skip(57)).for_each(|(a, b)| *a += b);
    let said: Vec<&str> = one.split_whitespace().chain(other.split_whitespace()).collect();
    for text in texts(&hear(frames(&mixed, Hz8000), Hz8000)) {
        assert!(text == "[...]" || said.contains(&text), "{text} was invented");
    }
}

#[test]
fn silence_does_not_stop_the_clock() {
    let mut listener = Listener::new(Hz16000);
    for _ in 0..10_000 {
        listener.push(&Frame::silence(Hz16000));
    }
    assert!(!listener.hears_sound());
    let mut speaker = Speaker::new("late", Hz16000);
    while let Some(frame) = speaker.next_frame() {
        listener.push(&frame);
        assert!(listener.hears_sound());
    }
    for _ in 0..5 {
        listener.push(&Frame::silence(Hz16000));
    }
    assert!(!listener.hears_sound());
    assert_eq!(
        listener.poll(),
        Some(Heard::Word { text: "late".into(), start_ms: 200_000, end_ms: 200_280 })
    );
}

#[test]
fn a_flush_reports_what_is_open_and_the_clock_goes_on() {
    let mut listener = Listener::new(Hz8000);
    let half = &speak("unfinished", Hz8000)[..2400];
    frames(half, Hz8000).iter().for_each(|f| listener.push(f));
    assert_eq!(listener.poll(), None);
    listener.flush();
    assert_eq!(listener.poll(), Some(Heard::Lost { start_ms: 0, end_ms: 300 }));
    listener.flush();
    assert_eq!(listener.poll(), None);
    frames(&speak("next", Hz8000), Hz8000).iter().for_each(|f| listener.push(f));
    assert_eq!(listener.poll(), Some(Heard::Word { text: "next".into(), start_ms: 300, end_ms: 580 }));
}

#[test]
fn arbitrary_samples_and_rates_do_not_disturb_it() {
    let mut random = Random::new(12);
    let mut listener = Listener::new(Hz8000);
    for _ in 0..500 {
        let rate = Rate::ALL[random.below(4) as usize];
        let extreme: Vec<i16> =
            (0..random.below(1000)).map(|_| [i16::MIN, i16::MAX][random.below(2) as usize]).collect();
        listener.push(&Frame::from_samples(rate, &extreme));
        if random.below(50) == 0 {
            listener.flush();
        }
        while let Some(heard) = listener.poll() {
            assert!(matches!(heard, Heard::Lost { .. }), "{heard:?}");
        }
    }
}

#[test]
fn even_a_single_letter_is_reported_when_its_beginning_is_lost() {
    for letter in (0x21u8..0x7F).map(char::from) {
        let whole = frames(&speak(&letter.to_string(), Hz8000), Hz8000);
        for lost in 0..4 {
            let mut damaged = whole.clone();
            damaged[lost] = Frame::silence(Hz8000);
            assert_eq!(texts(&hear(damaged, Hz8000)), ["[...]"], "{letter}, frame {lost}");
        }
    }
}

/// The same samples on every machine: FNV-1a over what is spoken, resampled and sent over a line.
#[test]
fn samples_are_frozen() {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    let mut rated = Vec::new();
    for rate in Rate::ALL {
        let mut chain = Chain::new(rate, &[To(Hz24000), To(Hz8000), Line(Mu), To(Hz16000), To(Hz48000)]);
        for frame in frames(&speak("Frozen: 0.1, für Москва 東京!", rate), rate) {
            for byte in chain.carry(frame).samples().iter().flat_map(|s| s.to_le_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        }
        rated.push(hash);
    }
    let frozen = [
        8_200_498_676_632_660_103,
        14_372_907_700_734_125_096,
        5_871_028_717_250_535_201,
        13_953_493_405_181_315_616,
    ];
    assert_eq!(rated, frozen);
}
