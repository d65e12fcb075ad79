//! Ids and small variations from a seed, so that every run makes the same ones. Not for secrets.

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::glue::host::uuid;

/// A seeded source of ids.
#[derive(Debug, Clone)]
pub(crate) struct Ids(Xoshiro256PlusPlus);

impl Ids {
    /// The same seed gives the same ids.
    pub(crate) fn new(seed: u64) -> Ids {
        Ids(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The text form of a version 4 UUID (RFC 9562).
    pub(crate) fn uuid(&mut self) -> String {
        uuid(&mut self.0)
    }

    /// A number from 0 to `limit`, both included.
    pub(crate) fn up_to(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit.saturating_add(1).max(1)
    }
}
