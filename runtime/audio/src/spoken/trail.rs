//! What the last quarter of a second sounded like, every 5 ms: where a word begins is found here, and so is the tail of a word
//! whose beginning was lost.

use super::symbols::SYNC;

/// Samples between two looks at the sound, at 8 kHz: a quarter of a symbol.
pub(super) const HOP: i64 = 40;

/// Looks in a symbol.
const HOPS_A_SYMBOL: usize = 4;

/// Looks remembered: more than six symbols.
const REMEMBERED: usize = 32;

/// Symbols in a row that cannot be anything but the spoken code.
const TELLING: usize = 6;

/// Marks a look that was no clear symbol.
const UNCLEAR: u8 = u8::MAX;

#[derive(Clone, Copy, Debug)]
struct Look {
    symbol: u8,
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
        Trail { looks: [Look { symbol: UNCLEAR, purity: 0 }; REMEMBERED], next: 0 }
    }

    /// Remembers what a window held: a symbol and its purity, or nothing clear.
    pub(super) fn push(&mut self, seen: Option<(u8, u32)>) {
        let (symbol, purity) = seen.unwrap_or((UNCLEAR, 0));
        self.looks[self.next] = Look { symbol, purity };
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// The look so many symbols before the last one.
    fn back(&self, symbols: usize) -> Look {
        self.looks[(self.next + REMEMBERED - 1 - symbols * HOPS_A_SYMBOL) % REMEMBERED]
    }

    /// How clearly the last four symbols are the sync pattern; zero when they are not.
    pub(super) fn sync_score(&self) -> u32 {
        let mut score = 0;
        for (n, &symbol) in SYNC.iter().rev().enumerate() {
            let look = self.back(n);
            if look.symbol != symbol {
                return 0;
            }
            score += look.purity;
        }
        score
    }

    /// True when the last look was a clear symbol and another one than 20 ms before: something is being spelt.
    pub(super) fn is_spelling(&self) -> bool {
        let (now, before) = (self.back(0).symbol, self.back(1).symbol);
        now != UNCLEAR && before != UNCLEAR && now != before
    }

    /// True when the last six symbols are all clear and change as only the code does: nearly every time, up and down, and not in
    /// the even steps of a scale or sweep.
    pub(super) fn is_code(&self) -> bool {
        let (mut changes, mut leaps, mut turns, mut last_step) = (0, 0, 0, 0i32);
        for n in 1..TELLING {
            let (later, earlier) = (self.back(n - 1).symbol, self.back(n).symbol);
            if later == UNCLEAR || earlier == UNCLEAR {
                return false;
            }
            let step = i32::from(later) - i32::from(earlier);
            changes += u32::from(step != 0);
            leaps += u32::from(step.abs() > 1);
            turns += u32::from(step * last_step < 0);
            last_step = step;
        }
        changes + 1 >= TELLING as u32 - 1 && leaps >= 3 && turns >= 1
    }

    /// Samples from the start of the first telling symbol to the start of the last.
    pub(super) const fn telling_length() -> i64 {
        (TELLING as i64 - 1) * HOPS_A_SYMBOL as i64 * HOP
    }
}
