//! Tone scripts in the manner of Linksys and Sipura devices: `350@-19,440@-19;10(*/0/1+2)` is a dial tone of 350 and 440 Hz,
//! each at -19 dBm0, for ten seconds. After the frequencies come cadences, `duration(on/off/tones,on/off/tones,...)`, in
//! seconds, `*` for as long as it lasts; a cadence repeats its segments until its duration is over.
//!
//! What lasts for ever is made for [`LONGEST_MS`]; who plays it repeats it. Integer arithmetic, as everywhere here.

use crate::frame::Rate;
use crate::tone::Oscillator;

/// The longest sound that is made of a script, milliseconds.
pub const LONGEST_MS: u64 = 60_000;
/// Characters of a script, and frequencies in it, at most (semantics 2.3).
const CHARACTERS_MAX: usize = 120;
const FREQUENCIES_MAX: usize = 6;
/// Peak of a sine at 0 dBm0 on a G.711 line (ITU-T G.711: 3.14 dB below the largest), and what a tenth of a decibel less
/// leaves of it, in 2^30ths.
const PEAK: u64 = 22_826;
const TENTH_DB: u64 = 1_061_450_000;
/// A ramp at either end of a sound, milliseconds, against clicks.
const RAMP_MS: usize = 2;

/// Why a text is no tone script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToneScriptError {
    /// What could not be read.
    pub part: String,
}

impl std::fmt::Display for ToneScriptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is no part of a tone script such as 350@-19,440@-19;10(*/0/1+2)", self.part)
    }
}

impl std::error::Error for ToneScriptError {}

/// One tone: thousandths of a hertz, and its peak.
type Tone = (u32, i16);

/// Sound and silence, milliseconds (`None`: for as long as it lasts), and which tones sound.
struct Segment {
    on: Option<u64>,
    off: Option<u64>,
    tones: Vec<Tone>,
}

/// Its duration in milliseconds (`None`: for ever), and what it repeats.
struct Cadence {
    lasts: Option<u64>,
    segments: Vec<Segment>,
}

/// The samples of a tone script.
///
/// # Errors
/// When it cannot be read, with the part that cannot.
pub fn samples(script: &str, rate: Rate) -> Result<Vec<i16>, ToneScriptError> {
    let wrong = |part: &str| ToneScriptError { part: part.to_owned() };
    let script = script.trim();
    if script.chars().count() > CHARACTERS_MAX {
        return Err(wrong(script));
    }
    let (frequencies, cadences) = script.split_once(';').ok_or_else(|| wrong(script))?;
    let tones: Vec<Tone> =
        frequencies.split(',').map(|text| tone(text).ok_or_else(|| wrong(text))).collect::<Result<_, _>>()?;
    if tones.len() > FREQUENCIES_MAX {
        return Err(wrong(frequencies));
    }
    let per_ms = (rate.hz() / 1000) as usize;
    let mut all = Vec::new();
    for text in cadences.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let cadence = cadence(text, &tones).ok_or_else(|| wrong(text))?;
        sound(&cadence, rate, per_ms, &mut all);
    }
    if all.is_empty() { Err(wrong(cadences)) } else { Ok(all) }
}

/// `350@-19`
fn tone(text: &str) -> Option<Tone> {
    let (frequency, level) = text.trim().split_once('@')?;
    let hz: u32 = frequency.trim().parse().ok().filter(|hz| (20..4_000).contains(hz))?;
    // Above 0 dBm0 no line goes.
    let tenths = match level.trim().strip_prefix('-') {
        Some(below) => tenths(below)?,
        None => tenths(level.trim()).filter(|tenths| *tenths == 0)?,
    };
    let peak = (0..tenths.min(990)).fold(PEAK << 14, |peak, _| (peak * TENTH_DB) >> 30);
    Some((hz * 1000, i16::try_from(peak >> 14).unwrap_or(i16::MAX)))
}

/// A decimal number in tenths.
fn tenths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let part: u64 = part.get(..1)?.parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(10)?.checked_add(part)
}

/// Seconds as milliseconds; the inner `None` for `*`.
fn span(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text == "*" {
        return Some(None);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    Some(Some(whole.checked_mul(1000)?.checked_add(part.parse().ok()?)?))
}

/// `10(*/0/1+2)`
fn cadence(text: &str, tones: &[Tone]) -> Option<Cadence> {
    let (lasts, rest) = text.split_once('(')?;
    let segment = |text: &str| {
        let mut parts = text.split('/');
        let (on, off, which) = (span(parts.next()?)?, span(parts.next()?)?, parts.next()?);
        let chosen = which.split('+').map(|number| {
            let number: usize = number.trim().parse().ok()?;
            // 0 is silence.
            if number == 0 { Some(None) } else { tones.get(number - 1).copied().map(Some) }
        });
        let chosen: Option<Vec<Option<Tone>>> = chosen.collect();
        let tones: Vec<Tone> = chosen?.into_iter().flatten().collect();
        parts.next().is_none().then_some(Segment { on, off, tones })
    };
    let segments: Vec<Segment> = rest.strip_suffix(')')?.split(',').map(segment).collect::<Option<_>>()?;
    Some(Cadence { lasts: span(lasts)?, segments })
}

/// Appends what a cadence sounds like.
fn sound(cadence: &Cadence, rate: Rate, per_ms: usize, all: &mut Vec<i16>) {
    let most = usize::try_from(LONGEST_MS).unwrap_or(usize::MAX) * per_ms;
    let samples =
        |ms: Option<u64>| ms.map(|ms| usize::try_from(ms).unwrap_or(usize::MAX).saturating_mul(per_ms));
    let end = samples(cadence.lasts).map_or(most, |length| all.len().saturating_add(length)).min(most);
    while all.len() < end {
        let before = all.len();
        for segment in &cadence.segments {
            let left = end - all.len();
            let on = samples(segment.on).unwrap_or(left).min(left);
            tones(&segment.tones, rate, per_ms, on, all);
            let left = end - all.len();
            let off = samples(segment.off).unwrap_or(left).min(left);
            all.resize(all.len() + off, 0);
        }
        if all.len() == before {
            return;
        }
    }
}

/// Appends so many samples of these tones together.
fn tones(tones: &[Tone], rate: Rate, per_ms: usize, length: usize, all: &mut Vec<i16>) {
    let mut oscillators: Vec<(Oscillator, i16)> =
        tones.iter().map(|(frequency, peak)| (Oscillator::new(rate, *frequency), *peak)).collect();
    let ramp = (RAMP_MS * per_ms).max(1);
    all.extend((0..length).map(|n| {
        let edge = (n + 1).min(length - n).min(ramp);
        let sum: i32 = oscillators
            .iter_mut()
            .map(|(oscillator, peak)| {
                let peak =
                    i32::from(*peak) * i32::try_from(edge).unwrap_or(0) / i32::try_from(ramp).unwrap_or(1);
                i32::from(oscillator.next_sample(i16::try_from(peak).unwrap_or(0)))
            })
            .sum();
        i16::try_from(sum.clamp(-32_768, 32_767)).unwrap_or(0)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::Hz8000;

    fn level(samples: &[i16]) -> i64 {
        samples.iter().map(|sample| i64::from(*sample).pow(2)).sum::<i64>() / samples.len() as i64
    }

    #[test]
    fn a_ring_sounds_and_pauses() {
        let ring = samples("425@-19;5(1/4/1)", RATE).unwrap();
        assert_eq!(ring.len(), 40_000);
        assert!(level(&ring[..8_000]) > 500_000 && ring[8_000..].iter().all(|sample| *sample == 0));
        let rises = ring[..8_000].windows(2).filter(|two| two[0] < 0 && two[1] >= 0).count();
        assert!((423..=426).contains(&rises), "{rises} turns");
    }

    #[test]
    fn levels_are_decibels_and_segments_repeat() {
        let loud = level(&samples("1000@-10;1(*/0/1)", RATE).unwrap());
        let quiet = level(&samples("1000@-20;1(*/0/1)", RATE).unwrap());
        assert!((9..=11).contains(&(loud / quiet)), "{loud} {quiet}");
        let busy = samples("480@-19,620@-19;2(.5/.5/1+2)", RATE).unwrap();
        assert_eq!(busy.len(), 16_000);
        let sounds = |second: usize| level(&busy[second * 8_000..second * 8_000 + 4_000]) > 100_000;
        assert!(sounds(0) && sounds(1) && busy[4_000..8_000].iter().all(|sample| *sample == 0));
        let two = samples("350@-19,440@-19;1(*/0/1);1(*/0/2)", RATE).unwrap();
        assert_eq!(two.len(), 16_000);
        assert_eq!(samples("350@-19;*(*/0/1)", RATE).unwrap().len(), 480_000);
    }

    #[test]
    fn nonsense_is_named() {
        let long = format!("350@-19;{}", "1(1/0/1);".repeat(20));
        let wrong = [
            "350@19;1(*/0/1)",
            "",
            "350@-19",
            "350;1(1/0/1)",
            "x@-19;1(1/0/1)",
            "350@-19;1(1/0/2)",
            "350@-19;1(1/0)",
            "350@-19;1",
            "350@-19;0(1/0/1)",
            "350@-19;1(0/0/1)",
            "9999@-19;1(1/0/1)",
            "350@-19;99999999999999999999(1/0/1)",
            "1@-1,2@-1,3@-1,4@-1,5@-1,6@-1,7@-1;1(1/0/1)",
            &long,
        ];
        for script in wrong {
            assert!(samples(script, RATE).is_err(), "{script}");
        }
    }
}
