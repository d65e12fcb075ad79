//! Sounds that say nothing: noise, music-like tones, and a babble that sounds like a voice but has no words.

use super::random::Random;
use crate::frame::Rate;
use crate::tone::Oscillator;

/// Noise, white or pink.
#[derive(Clone, Debug)]
pub struct Noise {
    random: Random,
    amplitude: u32,
    /// Held values, each renewed half as often as the one before; empty for white noise.
    held: Vec<i32>,
    count: u32,
}

impl Noise {
    /// White noise of that peak amplitude.
    pub fn white(seed: u64, amplitude: u32) -> Noise {
        Noise { random: Random::new(seed), amplitude, held: Vec::new(), count: 0 }
    }

    /// Noise that falls by 3 dB an octave, as a sum of eight held values, of that peak amplitude.
    pub fn pink(seed: u64, amplitude: u32) -> Noise {
        Noise { random: Random::new(seed), amplitude, held: vec![0; 8], count: 0 }
    }

    /// The next sample.
    pub fn next_sample(&mut self) -> i16 {
        if self.held.is_empty() {
            return self.random.within(self.amplitude) as i16;
        }
        self.count = self.count.wrapping_add(1);
        let renewed = self.count.trailing_zeros() as usize;
        if let Some(value) = self.held.get_mut(renewed) {
            *value = self.random.within(self.amplitude / 8);
        }
        self.held.iter().sum::<i32>() as i16
    }

    /// The next samples.
    pub fn samples(&mut self, length: usize) -> Vec<i16> {
        (0..length).map(|_| self.next_sample()).collect()
    }
}

/// A note of the tempered scale in thousandths of a hertz; 69 is A at 440 Hz.
fn note_mhz(note: u32) -> u32 {
    // The twelve semitones from middle C upwards.
    const OCTAVE_MHZ: [u32; 12] = [
        261_626, 277_183, 293_665, 311_127, 329_628, 349_228, 369_994, 391_995, 415_305, 440_000, 466_164,
        493_883,
    ];
    OCTAVE_MHZ[(note % 12) as usize] * (1 << (note / 12)) / 32
}

/// Chords of three to five notes, each held 100 ms to 2 s.
pub fn chords(random: &mut Random, rate: Rate, length: usize) -> Vec<i16> {
    let mut samples = Vec::with_capacity(length);
    while samples.len() < length {
        let mut notes: Vec<Oscillator> = (0..3 + random.below(3))
            .map(|_| Oscillator::new(rate, note_mhz(48 + random.below(52))))
            .collect();
        let held = (rate.hz() / 1000) * (100 + random.below(1900));
        samples.extend((0..held).map(|_| notes.iter_mut().map(|n| n.next_sample(5_000)).sum::<i16>()));
    }
    samples.truncate(length);
    samples
}

/// Single notes one after the other, 40 to 300 ms each, in runs, leaps and trills; some with overtones.
pub fn arpeggios(random: &mut Random, rate: Rate, length: usize) -> Vec<i16> {
    let mut samples = Vec::with_capacity(length);
    while samples.len() < length {
        let held = (rate.hz() / 1000) * (40 + random.below(260));
        let step = 1 + random.below(12);
        let first = 50 + random.below(30);
        let overtone = if random.below(2) == 0 { 0 } else { 1_500 };
        for n in 0..3 + random.below(10) {
            let note = if step == 1 { first + n % 2 } else { (first + n * step).min(100) };
            let (mut low, mut high) =
                (Oscillator::new(rate, note_mhz(note)), Oscillator::new(rate, 2 * note_mhz(note)));
            samples.extend((0..held).map(|_| low.next_sample(10_000) + high.next_sample(overtone)));
        }
    }
    samples.truncate(length);
    samples
}

/// Tones that glide up and down through the telephone band at many speeds, up to 20 kHz a second.
pub fn sweeps(random: &mut Random, rate: Rate, length: usize) -> Vec<i16> {
    let mut samples = Vec::with_capacity(length);
    let mut oscillator = Oscillator::new(rate, 1_000_000);
    let mut here = 1_000_000i64;
    while samples.len() < length {
        let there = 300_000 + i64::from(random.below(3_200_000));
        let speed_mhz = i64::from(500_000 + random.below(19_500_000));
        let count = ((there - here).abs() * i64::from(rate.hz()) / speed_mhz).max(1);
        for n in 0..count {
            oscillator.tune((here + (there - here) * n / count) as u32);
            samples.push(oscillator.next_sample(10_000));
        }
        here = there;
    }
    samples.truncate(length);
    samples
}

/// A voice without words: a buzzing source through three gliding resonances, hissing sounds, stops and pauses, in syllables.
#[derive(Clone, Debug)]
pub struct Babble {
    random: Random,
    rate: Rate,
    /// Two remembered outputs of each resonance.
    memory: [[i64; 2]; 3],
    resonances_hz: [i64; 3],
    targets_hz: [i64; 3],
    phase: u32,
    pitch_hz: u32,
    hiss: bool,
    loudness: i64,
    left: u32,
}

impl Babble {
    /// A babbling voice.
    pub fn new(seed: u64, rate: Rate) -> Babble {
        Babble {
            random: Random::new(seed),
            rate,
            memory: [[0; 2]; 3],
            resonances_hz: [500, 1500, 2500],
            targets_hz: [500, 1500, 2500],
            phase: 0,
            pitch_hz: 120,
            hiss: false,
            loudness: 0,
            left: 0,
        }
    }

    fn next_sound(&mut self) {
        let random = &mut self.random;
        let per_ms = self.rate.hz() / 1000;
        let kind = random.below(10);
        self.hiss = kind < 3;
        self.loudness = match kind {
            0..3 => 200,
            3 => 0,
            _ => 600 + i64::from(random.below(600)),
        };
        self.left = per_ms * if kind == 3 { 30 + random.below(400) } else { 40 + random.below(160) };
        self.pitch_hz = 80 + random.below(220);
        self.targets_hz = [
            250 + i64::from(random.below(650)),
            900 + i64::from(random.below(1500)),
            2300 + i64::from(random.below(1000)),
        ];
    }

    /// The next sample.
    pub fn next_sample(&mut self) -> i16 {
        if self.left == 0 {
            self.next_sound();
        }
        self.left -= 1;
        if self.left.is_multiple_of(64) {
            for (here, there) in self.resonances_hz.iter_mut().zip(self.targets_hz) {
                *here += (there - *here) / 8;
            }
        }
        let source = self.source();
        let mut sum = 0;
        for n in 0..3 {
            sum += self.resonate(n, source) >> n;
        }
        sum.clamp(-20_000, 20_000) as i16
    }

    /// A pulse at each turn of the pitch, or noise.
    fn source(&mut self) -> i64 {
        if self.hiss {
            return i64::from(self.random.within(1000)) * self.loudness / 1000;
        }
        let step = ((u64::from(self.pitch_hz) << 32) / u64::from(self.rate.hz())) as u32;
        let (phase, turned) = self.phase.overflowing_add(step);
        self.phase = phase;
        if turned { self.loudness * 10 } else { -self.loudness / 20 }
    }

    /// A two-pole resonance with a bandwidth of some 100 Hz.
    fn resonate(&mut self, n: usize, input: i64) -> i64 {
        let hz = self.rate.hz();
        let turn = ((self.resonances_hz[n] as u64) << 32) / u64::from(hz);
        // The pole's radius is about 1 - pi * bandwidth / rate, as Q14.
        let radius = 16_384 - 16_384 * 314 * (80 + 40 * n as i64) / (100 * i64::from(hz));
        let cosine = crate::fixed::cosine_q30(turn as u32) >> 16;
        let [one, two] = self.memory[n];
        let (near, far) = ((2 * radius * cosine) >> 14, (radius * radius) >> 14);
        let output = input + (near * one - far * two) / 16_384;
        self.memory[n] = [output.clamp(-1_000_000, 1_000_000), one];
        output / 4
    }

    /// The next samples.
    pub fn samples(&mut self, length: usize) -> Vec<i16> {
        (0..length).map(|_| self.next_sample()).collect()
    }
}
