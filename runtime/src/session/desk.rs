//! What a unit of a session works with: how the session is set up, what it writes to, and the sound it moves. It is
//! handed to a unit for as long as the unit does something.

use super::scribe::Scribe;
use super::setup::SessionSetup;
use super::sound::Sound;

/// The parts of a session that every unit needs.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) setup: SessionSetup,
    pub(super) scribe: Scribe,
    pub(super) sound: Sound,
}

impl Desk {
    /// Of a session that begins.
    pub(super) fn new(setup: SessionSetup) -> Desk {
        Desk { scribe: Scribe::new(setup.number), sound: Sound::default(), setup }
    }
}
