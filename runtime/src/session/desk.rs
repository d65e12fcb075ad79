//! What a unit of a session works with: how the session is set up, what it writes to, and the sound it moves. It is
//! handed to a unit for as long as the unit does something.

use voxrun_bindings::contract::limit::{Limit, LimitUses};

use super::scribe::Scribe;
use super::setup::SessionSetup;
use super::sound::Sound;

/// The parts of a session that every unit needs.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) setup: SessionSetup,
    pub(super) scribe: Scribe,
    pub(super) sound: Sound,
    /// What was used of the platform's limits that the host plane counts.
    pub(super) limits: LimitUses,
}

impl Desk {
    /// Of a session that begins.
    pub(super) fn new(setup: SessionSetup) -> Desk {
        let (sound, limits) = (Sound::default(), LimitUses::default());
        Desk { scribe: Scribe::new(setup.number), sound, limits, setup }
    }

    /// So much of something is wanted; whether the platform allows it.
    pub(super) fn reach(&mut self, limit: &Limit, wanted: u64) -> bool {
        self.limits.reach(limit, wanted) || !self.setup.limits
    }
}
