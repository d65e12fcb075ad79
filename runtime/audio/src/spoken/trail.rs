//! What the last quarter of a second sounded like, every 5 ms: where a word begins is found here, and so is the tail of a word
//! whose beginning was lost.

use super::symbols::SYNC;
use crate::correlate::PURE;

/// Samples between two looks at the sound, at 8 kHz: a quarter of a tone.
pub(super) const HOP: i64 = 40;

/// Looks in a tone.
const HOPS_A_TONE: usize = 4;

/// Looks remembered: more than six tones.
const REMEMBERED: usize = 32;

/// Symbols in a row that cannot be anything but the spoken code.
const TELLING: usize = 6;

/// Marks a look that was no clear tone.
const UNCLEAR: u8 = u8::MAX;

#[derive(Clone, Copy, Debug)]
struct Look {
    tone: u8,
    purity: u32,
}

/// The last looks at the sound.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    looks: [Look; REMEMBERED],
    next: usize,
}

impl Trail {
    /// Nothing seen yet.
    pub(super) fn new() -> Trail {
        Trail { looks: [Look { tone: UNCLEAR, purity: 0 }; REMEMBERED], next: 0 }
    }

    /// Remembers what a window held: a tone and its purity, or nothing clear.
    pub(super) fn push(&mut self, seen: Option<(u8, u32)>) {
        let (tone, purity) = seen.unwrap_or((UNCLEAR, 0));
        self.looks[self.next] = Look { tone, purity };
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// The look so many tones before the last one.
    fn back(&self, tones: usize) -> Look {
        self.looks[(self.next + REMEMBERED - 1 - tones * HOPS_A_TONE) % REMEMBERED]
    }

    /// How clearly the last four tones are the sync pattern; zero when they are not.
    pub(super) fn sync_score(&self) -> u32 {
        let mut score = 0;
        for (n, &tone) in SYNC.iter().rev().enumerate() {
            let look = self.back(n);
            if look.tone != tone {
                return 0;
            }
            score += look.purity;
        }
        score
    }

    /// True when the last look was a clear tone, and another than the last clear one of the four before it: something is being
    /// spelt, perhaps with a hole in it.
    pub(super) fn is_spelling(&self) -> bool {
        let now = self.back(0).tone;
        now != UNCLEAR && (1..=4).map(|n| self.back(n).tone).any(|before| before != UNCLEAR && before != now)
    }

    /// True when the last six tones are all clear and change as only the code does: nearly every time, up and down, and not in
    /// the even steps of a scale or sweep.
    pub(super) fn is_code(&self) -> bool {
        let (mut changes, mut leaps, mut turns, mut last_step) = (0, 0, 0, 0i32);
        let mut purity = self.back(0).purity;
        for n in 1..TELLING {
            let (later, earlier) = (self.back(n - 1).tone, self.back(n).tone);
            if later == UNCLEAR || earlier == UNCLEAR {
                return false;
            }
            let step = i32::from(later) - i32::from(earlier);
            changes += u32::from(step != 0);
            leaps += u32::from(step.abs() > 1);
            turns += u32::from(step * last_step < 0);
            last_step = step;
            purity += self.back(n).purity;
        }
        changes >= 4 && leaps >= 2 && turns >= 1 && purity >= TELLING as u32 * PURE * 7 / 8
    }

    /// True when a sync pattern began well and then broke off.
    pub(super) fn is_broken_sync(&self) -> bool {
        let begun = SYNC[..3].iter().zip([3, 2, 1]).all(|(&tone, n)| self.back(n).tone == tone);
        let purity: u32 = (1..=3).map(|n| self.back(n).purity).sum();
        begun && self.back(0).tone == UNCLEAR && purity >= 3 * PURE * 7 / 8
    }

    /// Samples from the start of the first telling tone to the start of the last.
    pub(super) const fn telling_length() -> i64 {
        (TELLING as i64 - 1) * HOPS_A_TONE as i64 * HOP
    }
}
