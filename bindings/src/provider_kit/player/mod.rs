//! What the realtime text-to-speech players of all providers share: their face, the events of a player, the line to a
//! provider, and the unit's life around what only one provider does.

mod face;
#[cfg(test)]
mod face_tests;
mod line;
mod realtime;
mod state;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use face::{player_class, player_factory};
pub(crate) use line::{PlayerLine, key};
pub(crate) use realtime::{PlayerWire, Realtime};

use voxrun_audio::Rate;

/// The rate that every realtime player asks its provider for. One constant, so that one decision (F-090) stands in one
/// place.
pub(crate) const PLAYER_RATE: Rate = Rate::Hz24000;

/// The same in samples a second, as it stands in the providers' messages.
pub(crate) const PLAYER_RATE_HZ: u32 = 24_000;
