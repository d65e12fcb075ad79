//! Tells when the far end of a call begins to speak and when it stops (policy F-371).

use std::collections::VecDeque;

use voxrun_audio::{Rate, Vad, VadEvent, VadSettings};

use crate::contract::{Datum, Dictionary, Time, UnitId};
use crate::wire::{FromUnit, ToUnit, Unit};

/// It hears what a telephone carries.
const RATE: Rate = Rate::Hz8000;

/// The listener.
pub(super) struct Listens {
    call: Option<UnitId>,
    vad: Vad,
    out: VecDeque<FromUnit>,
}

impl Default for Listens {
    fn default() -> Listens {
        Listens { call: None, vad: Vad::new(VadSettings::default()), out: VecDeque::new() }
    }
}

impl Unit for Listens {
    fn handle(&mut self, _: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.call = super::call_of(params),
            ToUnit::Audio(frame) => match self.vad.push(frame) {
                Some(VadEvent::SpeechStarted { .. }) => self.tell(true),
                Some(VadEvent::SpeechStopped { .. }) => self.tell(false),
                None => {}
            },
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn hears_at(&self) -> Option<Rate> {
        Some(RATE)
    }
}

impl Listens {
    fn tell(&mut self, active: bool) {
        if let Some(unit) = self.call {
            let fields = Dictionary::from_iter([("active", Datum::Bool(active))]);
            self.out.push_back(FromUnit::RaiseOn { unit, name: "Call.MicStatusChange".to_owned(), fields });
        }
    }
}
