//! A seeded random source, and words made with it.
//!
//! Xorshift with a multiplication at the end (xorshift64*). Not for secrets, and not the generator of a session.

/// A seeded sequence of numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of that seed.
    pub fn new(seed: u64) -> Random {
        Random((seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD120_0000_0000_01F5) | 1)
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    /// A number below `bound`; zero when the bound is zero.
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    /// A number from `-bound` to `bound`.
    pub fn within(&mut self, bound: u32) -> i32 {
        self.below(2 * bound + 1) as i32 - bound as i32
    }
}

/// A random word: mostly small Latin letters, some with capitals and marks, some numbers, Cyrillic, and any Unicode at all.
pub fn random_word(random: &mut Random) -> String {
    let length = 1 + random.below(5) + random.below(6);
    let kind = random.below(20);
    let mut word: String = (0..length)
        .map(|n| match kind {
            0 => digit(random),
            1 | 2 => pick(random, 0x0430, 32),
            3 => any_letter(random),
            4 => pick(random, 0x21, 94),
            5 if n == 0 => pick(random, 0x41, 26),
            _ => pick(random, 0x61, 26),
        })
        .collect();
    if kind == 6 {
        word.push(['.', ',', '?', '!'][random.below(4) as usize]);
    }
    word
}

/// So many random words with spaces between.
pub fn random_text(random: &mut Random, words: usize) -> String {
    (0..words).map(|_| random_word(random)).collect::<Vec<_>>().join(" ")
}

fn digit(random: &mut Random) -> char {
    pick(random, 0x30, 10)
}

fn pick(random: &mut Random, first: u32, count: u32) -> char {
    char::from_u32(first + random.below(count)).unwrap_or('?')
}

fn any_letter(random: &mut Random) -> char {
    let planes = [0x80, 0x800, 0x1_0000, 0x11_0000];
    let bound = planes[random.below(4) as usize];
    char::from_u32(random.below(bound)).filter(|c| !c.is_whitespace()).unwrap_or('x')
}
