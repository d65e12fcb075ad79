//! Voice as numbers: frames, G.711, resampling, tones, voice activity and the spoken code; and sound files, once their bytes
//! are there.
//!
//! Everything here is a pure function or a small state machine fed with 20 ms frames of mono 16-bit PCM. Only integer and
//! table arithmetic is used, so that every machine computes the same samples and the same decisions (compressed files alone
//! are decoded by a library, in IEEE floats). The frame path allocates nothing (a listener does, a few times a word); tables
//! are built once, when a unit is created. The crate opens no file, owns no clock and opens no socket.

pub mod beep;
mod correlate;
pub mod dtmf;
pub mod file;
mod fir;
mod fixed;
pub mod frame;
pub mod g711;
pub mod resample;
pub mod spoken;
pub mod tape;
pub mod testing;
pub mod tone;
pub mod tonescript;
pub mod vad;

pub use beep::BeepDetector;
pub use dtmf::DtmfDetector;
pub use frame::{FRAME_MS, Frame, MAX_FRAME_SAMPLES, Rate};
pub use resample::{Resampler, convert};
pub use spoken::{Heard, Listener, Speaker, SpokenWord, speak, words};
pub use tape::{Piece, Tape};
pub use vad::{Vad, VadEvent, VadSettings};
