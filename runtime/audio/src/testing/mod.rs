//! What tests and benchmarks of audio need: seeded randomness, lines with their impairments, and sounds that say nothing.
//!
//! Integer arithmetic like the rest, so that a seed names the same test on every machine. Not for production paths: most of
//! it allocates.

mod channel;
mod random;
mod sounds;

pub use channel::{Chain, Step, drift, gain};
pub use random::{Random, random_text, random_word};
pub use sounds::{Babble, Noise, arpeggios, chords, sweeps};
