//! Ids that look like the provider's and come from the connection's seed, so that every run makes the same ones.

use rand_core::{RngCore as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256StarStar;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes up ids.
pub(super) struct Ids(Xoshiro256StarStar);

impl Ids {
    pub(super) fn new(seed: u64) -> Ids {
        Ids(Xoshiro256StarStar::seed_from_u64(seed))
    }

    /// `count` letters and digits.
    pub(super) fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(LETTERS[(self.0.next_u32() % 62) as usize])).collect()
    }

    /// `prefix_` and 21 letters and digits, as live ids have.
    pub(super) fn of(&mut self, prefix: &str) -> String {
        format!("{prefix}_{}", self.letters(21))
    }

    /// A number from `least` to `most`.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.0.next_u64() % (most - least + 1)
    }
}
