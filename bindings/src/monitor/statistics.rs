//! Counts what comes of a call and tells it every few seconds. A line between two parts of one program loses nothing, and the
//! level of what goes out is not measured (policy F-372).

use std::collections::VecDeque;

use voxrun_audio::{FRAME_MS, Frame, Rate};

use super::key;
use crate::contract::{Datum, Dictionary, Time, UnitId};
use crate::wire::{FromUnit, ToUnit, Unit};

/// It hears what a telephone carries.
const RATE: Rate = Rate::Hz8000;

/// The counter.
#[derive(Default)]
pub(super) struct Counts {
    call: Option<UnitId>,
    interval_ms: u64,
    next: Option<Time>,
    /// Sum of squares and number of samples since the last time.
    energy: u64,
    samples: u64,
    out: VecDeque<FromUnit>,
}

impl Unit for Counts {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => {
                self.call = super::call_of(params);
                let options = params.first().and_then(Datum::as_map);
                let seconds = options.and_then(|options| options.get(key::INTERVAL)?.as_number());
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "3 to 10")]
                let interval_ms = (seconds.unwrap_or(3.0) * 1000.0) as u64;
                (self.interval_ms, self.next) = (interval_ms, Some(now.plus_ms(interval_ms)));
            }
            ToUnit::Audio(frame) => self.count(frame),
            ToUnit::Deadline if self.next.is_some_and(|next| next <= now) => self.tell(),
            ToUnit::Close { .. } => self.next = None,
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.next
    }

    fn hears_at(&self) -> Option<Rate> {
        self.next.map(|_| RATE)
    }
}

impl Counts {
    fn count(&mut self, frame: &Frame) {
        let squares = frame.samples().iter().map(|sample| u64::from(sample.unsigned_abs()).pow(2));
        self.energy += squares.sum::<u64>();
        self.samples += frame.samples().len() as u64;
    }

    fn tell(&mut self) {
        let packets = self.interval_ms / u64::from(FRAME_MS);
        let level = level(self.energy, self.samples);
        (self.energy, self.samples) = (0, 0);
        self.next = self.next.map(|next| next.plus_ms(self.interval_ms));
        let Some(unit) = self.call else { return };
        let audio = Dictionary::from_iter([
            ("in", Datum::List(vec![sample(packets, level)])),
            ("out", Datum::List(vec![sample(packets, 0)])),
        ]);
        let fields = Dictionary::from_iter([("audio", Datum::Map(audio))]);
        self.out.push_back(FromUnit::RaiseOn {
            unit,
            name: "Call.MediaStatisticsReceived".to_owned(),
            fields,
        });
    }
}

/// The root mean square of the samples.
fn level(energy: u64, samples: u64) -> u64 {
    (energy / samples.max(1)).isqrt()
}

fn sample(packets: u64, level: u64) -> Datum {
    let number = |value: u64| Datum::from(u32::try_from(value).unwrap_or(u32::MAX));
    Datum::Map(Dictionary::from_iter([
        ("id", number(1)),
        ("jitter", number(0)),
        ("packetLoss", number(0)),
        ("numPackets", number(packets)),
        ("audioLevel", number(level)),
    ]))
}
