//! What a unit of a session works with: how the session is set up, what it writes to, and the sound it moves. It is
//! handed to a unit for as long as the unit does something.

use voxrun_bindings::contract::UnitId;
use voxrun_bindings::contract::limit::{Limit, LimitUses};
use voxrun_bindings::wire::Recorded;

use super::io::Output;
use super::report::RecordingReport;
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
    /// What the script recorded, in the order of the beginnings.
    pub(super) recordings: Vec<RecordingReport>,
}

impl Desk {
    /// Of a session that begins.
    pub(super) fn new(setup: SessionSetup) -> Desk {
        let (sound, limits) = (Sound::default(), LimitUses::default());
        Desk { scribe: Scribe::new(setup.number), sound, limits, setup, recordings: Vec::new() }
    }

    /// A part of what the script records.
    pub(super) fn recorded(&mut self, unit: UnitId, part: Recorded) {
        let now_ms = self.scribe.now().as_ms();
        match &part {
            Recorded::Started { url, rate, channels } => {
                let of = self.scribe.name_of(unit);
                self.recordings.push(RecordingReport::begins(of, url, *rate, *channels, now_ms));
            }
            Recorded::Sound(_) => {}
            Recorded::Stopped { .. } => {
                let of = self.scribe.name_of(unit);
                let own = self.recordings.iter_mut().rev().find(|report| report.of == of);
                if let Some(report) = own {
                    report.ended_ms = Some(now_ms);
                }
            }
        }
        if self.setup.recordings {
            self.scribe.output(Output::Recorded { unit, part });
        }
    }

    /// So much of something is wanted; whether the platform allows it.
    pub(super) fn reach(&mut self, limit: &Limit, wanted: u64) -> bool {
        self.limits.reach(limit, wanted) || !self.setup.limits
    }
}
