//! Listens for one beep, and gives up after a time when it was given one.

use std::collections::VecDeque;

use voxrun_audio::{BeepDetector, Rate};

use super::key;
use crate::contract::{Datum, Dictionary, Time, UnitId};
use crate::wire::{FromUnit, ToUnit, Unit};

/// It hears what a telephone carries.
const RATE: Rate = Rate::Hz8000;

/// The listener.
#[derive(Default)]
pub(super) struct Listens {
    call: Option<UnitId>,
    detector: Option<BeepDetector>,
    until: Option<Time>,
    out: VecDeque<FromUnit>,
}

impl Unit for Listens {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(now, params),
            ToUnit::Audio(frame) => {
                let beep = self.detector.as_mut().and_then(|detector| detector.push(frame));
                if let Some(hz) = beep {
                    self.complete(key::FREQUENCIES, Datum::List(vec![Datum::from(hz)]));
                }
            }
            ToUnit::Deadline if self.until.is_some_and(|until| until <= now) => {
                self.complete(key::TIMEOUT, Datum::Bool(true));
            }
            ToUnit::Close { .. } => (self.detector, self.until) = (None, None),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.until
    }

    fn hears_at(&self) -> Option<Rate> {
        self.detector.is_some().then_some(RATE)
    }
}

impl Listens {
    fn start(&mut self, now: Time, params: &[Datum]) {
        self.call = super::call_of(params);
        let options = params.first().and_then(Datum::as_map);
        let frequencies = match options.and_then(|options| options.get(key::FREQUENCIES)) {
            Some(Datum::List(list)) => list.iter().filter_map(Datum::as_number).map(whole).collect(),
            _ => Vec::new(),
        };
        self.detector = Some(BeepDetector::new(&frequencies));
        let timeout = options.and_then(|options| options.get(key::TIMEOUT)).and_then(Datum::as_number);
        self.until = timeout.map(|ms| now.plus_ms(u64::from(whole(ms))));
    }

    fn complete(&mut self, field: &str, value: Datum) {
        (self.detector, self.until) = (None, None);
        if let Some(unit) = self.call {
            let name = "Call.BeepDetectionComplete".to_owned();
            self.out.push_back(FromUnit::RaiseOn {
                unit,
                name,
                fields: Dictionary::from_iter([(field, value)]),
            });
        }
        self.out.push_back(FromUnit::Over);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(number: f64) -> u32 {
    number as u32
}
