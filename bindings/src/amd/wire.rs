//! The ear of a detector: how long whoever answered speaks at first. A short word and a pause is a person, who waits for an
//! answer; long speech is a machine that reads its greeting (policy F-240).

use std::collections::VecDeque;

use voxrun_audio::{Frame, Rate, Vad, VadEvent, VadSettings};

use super::{CALL_ENDED, key};
use crate::contract::{Datum, Dictionary, Outcome, Remark, Time, UnitId};
use crate::wire::{FromUnit, ToUnit, Unit};

/// How long it listens when nothing else was said, milliseconds.
pub(super) const TIMEOUT_MS: f64 = 6_500.0;
/// First speech that lasts so long is a machine's, milliseconds.
const GREETING_MS: u64 = 1_800;
/// The rate that it hears at.
const RATE: Rate = Rate::Hz8000;
/// The class of an answering machine.
const VOICEMAIL: &str = "VOICEMAIL";
/// What it says of how sure it is.
const CONFIDENCE: f64 = 100.0;

/// A detector.
pub(super) struct Detector {
    call: Option<UnitId>,
    call_id: String,
    /// The older function asked.
    older: bool,
    vad: Vad,
    speaks_since: Option<Time>,
    deadline: Option<Time>,
    over: bool,
    out: VecDeque<FromUnit>,
}

impl Default for Detector {
    fn default() -> Detector {
        Detector {
            call: None,
            call_id: String::new(),
            older: false,
            vad: Vad::new(VadSettings::default()),
            speaks_since: None,
            deadline: None,
            over: false,
            out: VecDeque::new(),
        }
    }
}

impl Unit for Detector {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        if self.over {
            return;
        }
        match input {
            ToUnit::Start { params } => self.start(now, params.first().and_then(Datum::as_map)),
            ToUnit::Audio(frame) => self.hear(now, frame),
            ToUnit::Deadline if self.deadline.is_some_and(|at| at <= now) => self.timed_out(),
            ToUnit::Tell { method: CALL_ENDED, .. } => self.end("CALL_ENDED"),
            ToUnit::Close { .. } => self.over = true,
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.deadline.filter(|_| !self.over)
    }

    fn hears_at(&self) -> Option<Rate> {
        (!self.over).then_some(RATE)
    }
}

impl Detector {
    fn start(&mut self, now: Time, parameters: Option<&Dictionary>) {
        self.call = parameters.and_then(|parameters| parameters.get(key::CALL)?.as_unit());
        let Some((parameters, _)) = parameters.zip(self.call) else {
            return self.fail("The 'call' parameter is required to use detect()");
        };
        let note = "AMD: how long whoever answers speaks at first tells a machine from a person";
        self.out.push_back(FromUnit::Note(Remark::of("F-240", note)));
        self.call_id = parameters.text(key::CALL_ID).unwrap_or_default().to_owned();
        self.older = parameters.get(key::OLDER) == Some(&Datum::Bool(true));
        let timeout = parameters.get(key::TIMEOUT).and_then(Datum::as_number).filter(|ms| *ms > 0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and saturating"
        )]
        let timeout_ms = timeout.unwrap_or(TIMEOUT_MS) as u64;
        self.deadline = Some(now.plus_ms(timeout_ms));
    }

    fn hear(&mut self, now: Time, frame: &Frame) {
        match self.vad.push(frame) {
            Some(VadEvent::SpeechStarted { .. }) => self.speaks_since = Some(now),
            Some(VadEvent::SpeechStopped { .. }) => return self.end("HUMAN"),
            None => {}
        }
        if self.speaks_since.is_some_and(|since| since.plus_ms(GREETING_MS) <= now) {
            self.end(VOICEMAIL);
        }
    }

    /// Whoever speaks at the end of the time is a person who has just begun.
    fn timed_out(&mut self) {
        self.end(if self.speaks_since.is_some() { "HUMAN" } else { "TIMEOUT" });
    }

    fn end(&mut self, class: &str) {
        self.over = true;
        if self.older {
            return self.end_older(class == VOICEMAIL);
        }
        let fields = Dictionary::from_iter([
            ("call", self.call.map_or(Datum::Null, Datum::Unit)),
            (key::CALL_ID, Datum::from(self.call_id.as_str())),
            ("resultClass", Datum::from(class)),
            ("resultSubtype", Datum::from("NONE")),
            ("confidence", Datum::Number(CONFIDENCE)),
        ]);
        let name = "AMD.Events.DetectionComplete".to_owned();
        self.out.push_back(FromUnit::Raise { name, fields: fields.clone() });
        self.out.push_back(FromUnit::Answer(Outcome::Done(fields.into())));
        self.out.push_back(FromUnit::Over);
    }

    /// What the older function tells: the promise is kept for a machine only.
    fn end_older(&mut self, is_machine: bool) {
        let Some(unit) = self.call else { return };
        let name = format!("AI.Events.Voicemail{}", if is_machine { "Detected" } else { "NotDetected" });
        let mut fields = Dictionary::new();
        if is_machine {
            fields.insert("confidence", CONFIDENCE);
        }
        let mut told = fields.clone();
        told.insert("name", name.as_str());
        told.insert("call", unit);
        self.out.push_back(FromUnit::RaiseOn { unit, name, fields });
        let outcome = if is_machine {
            Outcome::Done(told.into())
        } else {
            Outcome::failed("no voicemail was detected")
        };
        self.out.push_back(FromUnit::Answer(outcome));
        self.out.push_back(FromUnit::Over);
    }

    fn fail(&mut self, message: &str) {
        self.over = true;
        let fields = Dictionary::from_iter([("message", Datum::from(message))]);
        self.out.push_back(FromUnit::Raise { name: "AMD.Events.DetectionError".to_owned(), fields });
        self.out.push_back(FromUnit::Answer(Outcome::failed(message)));
        self.out.push_back(FromUnit::Over);
    }
}
