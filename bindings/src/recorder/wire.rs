//! One recorder: it keeps what it hears, from its beginning to its end, and says where that lies.

use std::collections::VecDeque;

use voxrun_audio::Rate;

use super::{key, method};
use crate::contract::{Datum, Dictionary, Remark, Time};
use crate::wire::{FromUnit, Recording, Side, ToUnit, Unit, UnitSetup};

/// The rate of a recording, and of one with `hd_audio` (semantics 5.4).
const RATE: Rate = Rate::Hz8000;
const HD_RATE: Rate = Rate::Hz48000;

/// The recorder.
pub(super) struct Recorder {
    setup: UnitSetup,
    rate: Rate,
    recording: Option<Recording>,
    muted: bool,
    out: VecDeque<FromUnit>,
}

impl Recorder {
    /// One that has not begun.
    pub(super) fn new(setup: UnitSetup) -> Recorder {
        Recorder { setup, rate: RATE, recording: None, muted: false, out: VecDeque::new() }
    }
}

impl Unit for Recorder {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(now, params.first().and_then(Datum::as_map)),
            ToUnit::Tell { method: method::MUTE, params } => {
                self.muted = params.first() == Some(&Datum::Bool(true));
            }
            ToUnit::Audio(frame) if !self.muted => {
                if let Some(recording) = &mut self.recording {
                    recording.hear(Side::FarEnd, now, frame);
                }
            }
            ToUnit::Deadline => {
                let part = self.recording.as_mut().and_then(|recording| recording.take(now));
                self.out.extend(part.map(FromUnit::Recorded));
            }
            ToUnit::Close { .. } => self.stop(now),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.recording.as_ref()?.deadline()
    }

    fn hears_at(&self) -> Option<Rate> {
        self.recording.as_ref().filter(|recording| !recording.is_over()).map(|_| self.rate)
    }
}

impl Recorder {
    fn start(&mut self, now: Time, options: Option<&Dictionary>) {
        let is_on = |name| options.and_then(|options| options.get(name)) == Some(&Datum::Bool(true));
        self.rate = if is_on(key::HD) { HD_RATE } else { RATE };
        let note =
            "recordings are WAV files here; the URL leads nowhere, and --recordings DIR writes the file";
        self.out.push_back(FromUnit::Note(Remark::of("F-360", note)));
        let url = self.setup.recording_url.clone();
        let (recording, begins) = Recording::start(now, url, self.rate, false, self.setup.recordings_kept);
        self.raise("Recorder.Started", [("url", Datum::from(recording.url()))]);
        self.out.push_back(FromUnit::Recorded(begins));
        self.recording = Some(recording);
    }

    fn stop(&mut self, now: Time) {
        let Some(recording) = self.recording.as_mut().filter(|recording| !recording.is_over()) else {
            return;
        };
        let parts = recording.stop(now);
        self.out.extend(parts.map(FromUnit::Recorded));
        #[expect(clippy::cast_precision_loss, reason = "hours at most")]
        let duration = Datum::Number(recording.seconds() as f64);
        self.raise("Recorder.Stopped", [("cost", Datum::from("0")), ("duration", duration)]);
        self.out.push_back(FromUnit::Over);
    }

    fn raise<const N: usize>(&mut self, name: &str, fields: [(&str, Datum); N]) {
        let fields = Dictionary::from_iter(fields);
        self.out.push_back(FromUnit::Raise { name: name.to_owned(), fields });
    }
}
