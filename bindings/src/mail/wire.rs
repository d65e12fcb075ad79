//! One mail: taken down, and answered a little later as a server would.

use std::collections::VecDeque;

use super::key;
use crate::contract::{CallbackId, Datum, Dictionary, Outcome, Remark, Time};
use crate::wire::{FromUnit, ToUnit, Unit};

/// How long a server takes, milliseconds.
const ANSWER_MS: u64 = 300;
/// What a mail that was sent is answered with (policy F-350).
const SENT: f64 = 250.0;

/// A mail on its way.
#[derive(Debug, Default)]
pub(super) struct Mail {
    callback: Option<CallbackId>,
    answer_at: Option<Time>,
    out: VecDeque<FromUnit>,
}

impl Unit for Mail {
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

impl Mail {
    fn start(&mut self, now: Time, params: &[Datum]) {
        let server = params.first().and_then(Datum::as_map).and_then(|mail| mail.text(key::SERVER));
        self.callback = params.get(1).and_then(Datum::as_callback);
        let text = format!(
            "nothing leaves this machine: the mail over {} is recorded and answered as sent",
            server.unwrap_or_default()
        );
        self.out.push_back(FromUnit::Note(Remark::of("F-350", text)));
        self.answer_at = Some(now.plus_ms(ANSWER_MS));
    }

    fn answer(&mut self) {
        self.answer_at = None;
        let result = Datum::Map(Dictionary::from_iter([("code", Datum::Number(SENT))]));
        self.out.push_back(match self.callback.take() {
            Some(callback) => FromUnit::Call { callback, by: "mail", args: vec![result], last: true },
            None => FromUnit::Answer(Outcome::Done(result)),
        });
        self.out.push_back(FromUnit::Over);
    }
}
