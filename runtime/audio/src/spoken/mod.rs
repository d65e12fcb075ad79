//! The spoken code: text as tones inside the telephone band, and back.
//!
//! Offline a caller has no voice and an emulator no ears, yet tests must prove that audio really flowed. Each word becomes a
//! short burst of tones: a sync pattern, its letters, an end mark and a checksum of 25 bits, at the pace of speech (about 150
//! words a minute). A symbol is one of 32 tones, 300 to 3,400 Hz, for 20 ms, so it survives G.711 of either law,
//! resampling between 8, 16, 24 and 48 kHz, changes of level, and clock drift; a lost frame loses the words it touches and no
//! other. A symbol that is not clearly one tone is lost, never guessed, and a word whose checksum fails is reported as lost:
//! silence, noise, music and human speech decode to nothing.
//!
//! It carries words, not voices: two speakers at once are both lost. It is not meant for lossy codecs or acoustic paths.

mod decoder;
mod encoder;
mod letters;
mod piece;
mod symbols;
mod trail;

pub use decoder::{Heard, Listener};
pub use encoder::{Speaker, SpokenWord, speak, words};

#[cfg(test)]
mod tests;
