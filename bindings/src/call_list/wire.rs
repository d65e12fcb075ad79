//! One report: taken down, and answered a little later as a host would.

use std::collections::VecDeque;

use crate::contract::{CallbackId, Datum, Dictionary, Outcome, Remark, Time};
use crate::wire::{FromUnit, ToUnit, Unit};

/// How long an answer takes, milliseconds.
const ANSWER_MS: u64 = 100;

/// A report on its way.
#[derive(Debug, Default)]
pub(super) struct Report {
    callback: Option<CallbackId>,
    answer_at: Option<Time>,
    out: VecDeque<FromUnit>,
}

impl Unit for Report {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => self.start(now, params),
            ToUnit::Deadline if self.answer_at.is_some_and(|at| at <= now) => self.answer(),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.answer_at
    }
}

impl Report {
    fn start(&mut self, now: Time, params: &[Datum]) {
        let what = params.first().and_then(Datum::as_text).unwrap_or_default();
        self.callback = params.get(2).and_then(Datum::as_callback);
        let text = format!("CallList.{what}: there is no call list here, the report is answered with 200");
        self.out.push_back(FromUnit::Note(Remark::of("F-210", text)));
        self.answer_at = Some(now.plus_ms(ANSWER_MS));
    }

    fn answer(&mut self) {
        self.answer_at = None;
        let result = Datum::Map(Dictionary::from_iter([
            ("code", Datum::Number(200.0)),
            ("text", Datum::from("{\"result\":true}")),
            ("headers", Datum::List(Vec::new())),
        ]));
        self.out.push_back(match self.callback.take() {
            Some(callback) => FromUnit::Call { callback, by: "call_list", args: vec![result], last: true },
            None => FromUnit::Answer(Outcome::Done(result)),
        });
        self.out.push_back(FromUnit::Over);
    }
}
