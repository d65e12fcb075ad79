//! What a conference says of itself. Its sound is the session's.

use std::collections::VecDeque;

use super::method;
use crate::contract::{Datum, Dictionary, Remark, Time};
use crate::wire::{FromUnit, ToUnit, Unit};

/// The code of an endpoint that is one too many (policy F-161).
const FULL: f64 = 101.0;

/// The conference.
#[derive(Debug, Default)]
pub(super) struct Machine {
    over: bool,
    out: VecDeque<FromUnit>,
}

impl Unit for Machine {
    fn handle(&mut self, _: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { .. } => self.raise("Conference.Started", Dictionary::new()),
            ToUnit::Tell { method, params } if !self.over => {
                let endpoint = params.first().and_then(Datum::as_map).cloned().unwrap_or_default();
                self.told(method, endpoint);
            }
            ToUnit::Close { stop } if !self.over => {
                self.over = true;
                if stop {
                    self.raise("Conference.Stopped", Dictionary::new());
                }
            }
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }
}

impl Machine {
    fn told(&mut self, told: &str, endpoint: Dictionary) {
        match told {
            method::ADD => self.raise("Conference.EndpointAdded", endpoint),
            method::UPDATE => self.raise("Conference.EndpointUpdated", endpoint),
            method::MANAGE => self.raise("Conference.EndpointManaged", endpoint),
            method::REMOVE => self.raise("Conference.EndpointRemoved", endpoint),
            method::FULL => {
                let fields = Dictionary::from_iter([
                    ("error", Datum::from("the conference is full")),
                    ("code", Datum::Number(FULL)),
                    ("endpointId", endpoint["endpointId"].clone()),
                ]);
                let text = "a conference has 100 endpoints at most: this one is not added";
                self.out.push_back(FromUnit::Note(Remark::of("F-161", text)));
                self.raise("Conference.Error", fields);
            }
            _ => {}
        }
    }

    fn raise(&mut self, name: &str, fields: Dictionary) {
        self.out.push_back(FromUnit::Raise { name: name.to_owned(), fields });
    }
}
