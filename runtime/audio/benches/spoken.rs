//! The whole claims of the spoken code, and what audio costs.
//!
//! `cargo bench --profile dev -p voxrun-audio --bench spoken` speaks 100,000 random words over many lines, loses every frame of
//! 1,000 words in turn, listens to hours of sounds that say nothing, and times each unit. It exits with 1 when a claim fails.
//! Times are the best of several rounds and depend on the machine; everything else is the same everywhere.

use std::hint::black_box;
use std::process::ExitCode;

use voxrun_audio::g711::Law::{A, Mu};
use voxrun_audio::g711::{decode, encode, transcode};
use voxrun_audio::testing::{
    Babble, Chain, Noise, Random, Step, arpeggios, chords, drift, random_text, sweeps,
};
use voxrun_audio::{
    DtmfDetector, Frame, Heard, Listener, Rate, Resampler, Speaker, Vad, VadSettings, speak, words,
};

use Rate::{Hz8000, Hz16000, Hz24000, Hz48000};
use Step::{Line, To};

const WORDS: usize = 100_000;
const WORDS_A_TEXT: usize = 50;
const TEN_MINUTES: usize = 600;

/// One line of the report.
#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
fn report(line: &str) {
    println!("{line}");
}

fn main() -> ExitCode {
    let claims = [words_survive(), lost_frames(), jitter(), nothing_said()];
    costs();
    if claims.iter().all(|&kept| kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn frames(samples: &[i16], rate: Rate) -> Vec<Frame> {
    samples.chunks(rate.frame_samples()).map(|c| Frame::from_samples(rate, c)).collect()
}

fn hear(frames: impl IntoIterator<Item = Frame>, rate: Rate) -> Vec<Heard> {
    let mut listener = Listener::new(rate);
    for frame in frames {
        listener.push(&frame);
    }
    listener.flush();
    std::iter::from_fn(|| listener.poll()).collect()
}

fn good(heard: &[Heard]) -> Vec<&str> {
    heard
        .iter()
        .filter_map(|h| match h {
            Heard::Word { text, .. } => Some(text.as_str()),
            Heard::Lost { .. } => None,
        })
        .collect()
}

fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|word| rest.any(|w| w == word))
}

/// 100,000 words over ten lines, from telephone to provider and back, with 50 ppm of drift either way: no error.
fn words_survive() -> bool {
    let lines: [(&str, Rate, &[Step]); 10] = [
        ("8k mu", Hz8000, &[Line(Mu)]),
        ("8k A", Hz8000, &[Line(A)]),
        ("8k mu 24k", Hz8000, &[Line(Mu), To(Hz24000)]),
        ("8k A 24k", Hz8000, &[Line(A), To(Hz24000)]),
        ("8k mu 16k", Hz8000, &[Line(Mu), To(Hz16000)]),
        ("24k 8k mu", Hz24000, &[To(Hz8000), Line(Mu)]),
        ("24k 8k A", Hz24000, &[To(Hz8000), Line(A)]),
        ("16k 8k A 16k", Hz16000, &[To(Hz8000), Line(A), To(Hz16000)]),
        ("24k 8k mu A mu 24k", Hz24000, &[To(Hz8000), Line(Mu), Line(A), Line(Mu), To(Hz24000)]),
        ("48k 24k 16k 8k A 48k", Hz48000, &[To(Hz24000), To(Hz16000), To(Hz8000), Line(A), To(Hz48000)]),
    ];
    let mut errors = 0;
    let mut spoken_ms = 0;
    for (n, (name, rate, steps)) in lines.iter().enumerate() {
        let mut random = Random::new(n as u64);
        let mut wrong = 0;
        for round in 0..WORDS / lines.len() / WORDS_A_TEXT {
            let text = random_text(&mut random, WORDS_A_TEXT);
            let mut samples = vec![0; random.below(2000) as usize];
            samples.extend(speak(&text, *rate));
            let samples = drift(&samples, if round % 2 == 0 { 50 } else { -50 });
            spoken_ms += samples.len() as u64 * 1000 / u64::from(rate.hz());
            let mut chain = Chain::new(*rate, steps);
            let to = chain.to();
            let heard = hear(frames(&samples, *rate).into_iter().map(|f| chain.carry(f)), to);
            let exact =
                heard.len() == WORDS_A_TEXT && good(&heard) == text.split_whitespace().collect::<Vec<_>>();
            wrong += usize::from(!exact);
        }
        report(&format!("  {name:<22} {:>6} words, {wrong} texts with errors", WORDS / lines.len()));
        errors += wrong;
    }
    let hours = spoken_ms as f64 / 3_600_000.0;
    let pace = WORDS as f64 * 60_000.0 / spoken_ms as f64;
    report(&format!(
        "words: {WORDS} spoken in {hours:.1} h ({pace:.0} a minute), {errors} texts with errors"
    ));
    errors == 0
}

/// Every frame of 1,000 words lost in turn, at several offsets: only the words it touches, each reported once.
fn lost_frames() -> bool {
    let (mut trials, mut too_many, mut invented, mut unreported, mut missing) = (0, 0, 0, 0, 0);
    let mut random = Random::new(100);
    for text_number in 0..100 {
        let offset = (text_number * 53) % 160;
        let text = random_text(&mut random, 10);
        let all: Vec<&str> = text.split_whitespace().collect();
        let spoken = words(&text);
        let mut samples = vec![0; offset];
        samples.extend(speak(&text, Hz8000));
        let mut whole = frames(&samples, Hz8000);
        whole.iter_mut().for_each(|f| transcode(if text_number % 2 == 0 { Mu } else { A }, f));
        for lost in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[lost] = Frame::silence(Hz8000);
            let heard = hear(damaged, Hz8000);
            let good = good(&heard);
            // In eighths of a millisecond, which are samples here.
            let (from, to) = ((lost * 160) as u64, (lost * 160 + 160) as u64);
            let place = |ms: u64| ms * 8 + offset as u64;
            let touched = spoken.iter().filter(|w| place(w.start_ms) < to && from < place(w.end_ms)).count();
            trials += 1;
            missing += all.len() - good.len();
            too_many += usize::from(all.len() - good.len() > touched);
            invented += usize::from(!is_subsequence(&good, &all));
            unreported += usize::from(heard.len() != all.len());
        }
    }
    report(&format!(
        "lost frames: {trials} trials, {missing} words lost; {too_many} trials lost a word that was not touched, \
         {invented} invented one, {unreported} did not report each loss exactly once"
    ));
    too_many + invented + unreported == 0
}

/// 20,000 words with frames dropped and repeated: each hit loses at most its word, and none is invented.
fn jitter() -> bool {
    let (mut hits, mut missing, mut invented, mut too_many) = (0, 0, 0, 0);
    let mut random = Random::new(200);
    for _ in 0..800 {
        let text = random_text(&mut random, 25);
        let all: Vec<&str> = text.split_whitespace().collect();
        let mut samples = vec![0; random.below(160) as usize];
        samples.extend(speak(&text, Hz8000));
        let mut jittered = Vec::new();
        let mut hits_here = 0;
        for frame in frames(&samples, Hz8000) {
            let copies = [0, 2].get(random.below(50) as usize).copied().unwrap_or(1);
            hits_here += usize::from(copies != 1);
            jittered.extend(std::iter::repeat_n(frame, copies));
        }
        let heard = hear(jittered, Hz8000);
        let good = good(&heard);
        invented += usize::from(!is_subsequence(&good, &all));
        let lost = all.len() - good.len().min(all.len());
        too_many += usize::from(lost > hits_here);
        hits += hits_here;
        missing += lost;
    }
    report(&format!(
        "jitter: 20000 words, {hits} frames dropped or repeated, {missing} words lost; {invented} texts with invented \
         words, {too_many} with more words lost than frames hit"
    ));
    invented + too_many == 0
}

/// Ten minutes of each sound, at 8 and at 24 kHz: no word, and next to no lost ones.
fn nothing_said() -> bool {
    let mut kept = true;
    for rate in [Hz8000, Hz24000] {
        let length = rate.hz() as usize * TEN_MINUTES;
        let mut random = Random::new(300);
        let sounds: [(&str, Vec<i16>); 8] = [
            ("white noise", Noise::white(301, 15_000).samples(length)),
            ("faint white noise", Noise::white(302, 150).samples(length)),
            ("pink noise", Noise::pink(303, 30_000).samples(length)),
            ("chords", chords(&mut random, rate, length)),
            ("arpeggios", arpeggios(&mut random, rate, length)),
            ("sweeps", sweeps(&mut random, rate, length)),
            ("babble", Babble::new(304, rate).samples(length)),
            ("babble in noise", mixed(Babble::new(305, rate), Noise::pink(306, 8_000), length)),
        ];
        for (name, samples) in sounds {
            let heard = hear(frames(&samples, rate), rate);
            let words = good(&heard).len();
            let lost = heard.len() - words;
            report(&format!(
                "nothing said: {name:<18} {:>2} kHz: {words} words, {lost} lost",
                rate.hz() / 1000
            ));
            kept &= words == 0 && lost <= 2;
        }
    }
    kept
}

fn mixed(mut babble: Babble, mut noise: Noise, length: usize) -> Vec<i16> {
    (0..length).map(|_| babble.next_sample().saturating_add(noise.next_sample())).collect()
}

/// Prints the best time per item of a piece of work that handles so many.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time(name: &str, items: usize, mut work: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        let start = std::time::Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    report(&format!("cost: {name:<34} {:>7.2} us", best * 1e6 / items as f64));
}

fn costs() {
    let speech = |rate| frames(&speak(&random_text(&mut Random::new(400), 200), rate), rate);
    let (narrow, wide) = (speech(Hz8000), speech(Hz24000));
    let count = narrow.len();
    let mut codes = [0u8; 160];
    let mut decoded = [0i16; 160];
    for law in [Mu, A] {
        time(&format!("{law:?}-law encode a frame"), count, || {
            narrow.iter().for_each(|f| encode(law, black_box(f.samples()), &mut codes));
        });
        time(&format!("{law:?}-law decode a frame"), count, || {
            narrow.iter().for_each(|_| decode(law, black_box(&codes), black_box(&mut decoded)));
        });
    }
    for (from, to) in
        [(Hz8000, Hz24000), (Hz24000, Hz8000), (Hz8000, Hz16000), (Hz16000, Hz24000), (Hz24000, Hz48000)]
    {
        // White noise has no silent frames, which would be free.
        let noise = frames(&Noise::white(1, 9_000).samples(from.frame_samples() * 2000), from);
        let mut resampler = Resampler::new(from, to);
        time(&format!("resample {} to {} kHz", from.hz() / 1000, to.hz() / 1000), noise.len(), || {
            noise.iter().for_each(|f| {
                black_box(resampler.process(f));
            });
        });
    }
    for (name, frames) in [("8 kHz", &narrow), ("24 kHz", &wide)] {
        time(&format!("VAD, speech at {name}"), count, || {
            let mut vad = Vad::new(VadSettings::default());
            frames.iter().for_each(|f| {
                black_box(vad.push(f));
            });
        });
        time(&format!("spoken decoder, speech at {name}"), count, || listen(frames));
    }
    let noise = frames(&Noise::white(2, 9_000).samples(160 * 5000), Hz8000);
    time("spoken decoder, noise at 8 kHz", noise.len(), || listen(&noise));
    time("DTMF detector, noise at 8 kHz", noise.len(), || {
        let mut detector = DtmfDetector::new();
        noise.iter().for_each(|f| {
            black_box(detector.push(f));
        });
    });
    silent_costs();
    let text = random_text(&mut Random::new(400), 200);
    for rate in [Hz8000, Hz24000] {
        time(&format!("spoken encoder at {} kHz", rate.hz() / 1000), count, || {
            let mut speaker = Speaker::new(&text, rate);
            while let Some(frame) = speaker.next_frame() {
                black_box(frame);
            }
        });
    }
}

fn listen(frames: &[Frame]) {
    let mut listener = Listener::new(frames[0].rate());
    for frame in frames {
        listener.push(black_box(frame));
        while let Some(heard) = listener.poll() {
            black_box(heard);
        }
    }
}

fn silent_costs() {
    let silence = vec![Frame::silence(Hz24000); 5000];
    time("spoken decoder, silence at 24 kHz", silence.len(), || listen(&silence));
    let mut resampler = Resampler::new(Hz24000, Hz8000);
    time("resample silence 24 to 8 kHz", silence.len(), || {
        silence.iter().for_each(|f| {
            black_box(resampler.process(f));
        });
    });
    let mut vad = Vad::new(VadSettings::default());
    time("VAD, silence", silence.len(), || {
        silence.iter().for_each(|f| {
            black_box(vad.push(f));
        });
    });
}
