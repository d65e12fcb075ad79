//! One request to the storage: what the script says of it, and what came back to the script.

use std::collections::VecDeque;

use super::ask;
use crate::contract::limit::{self, Limit};
use crate::contract::{Datum, Dictionary, Outcome, Remark, Time};
use crate::wire::{FromUnit, StoreAnswer, StoreAsk, StoreRecord, ToUnit, Unit};

const TTL_MAX_S: f64 = 7_776_000.0;
/// How long a value stays for which nothing is said: thirty days (policy F-230).
const TTL_USUAL_S: f64 = 2_592_000.0;
/// Keys that are told at most when nothing is said.
const COUNT_USUAL: f64 = 1_000.0;

/// A request.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The platform's limits are lifted.
    unlimited: bool,
    /// Nothing but its key is told of a removal.
    out: VecDeque<FromUnit>,
}

impl Unit for Request {
    fn handle(&mut self, _: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => match self.read(params) {
                Ok(asked) => self.out.push_back(FromUnit::Store(asked)),
                Err(why) => {
                    self.out.push_back(FromUnit::Note(Remark::of("F-231", why.clone())));
                    self.end(Outcome::failed(why));
                }
            },
            ToUnit::Stored { answer } => self.end(match answer {
                Ok(answer) => Outcome::Done(told(answer)),
                Err(why) => Outcome::failed(why.clone()),
            }),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }
}

impl Request {
    /// One that was not made yet.
    pub(super) fn new(unlimited: bool) -> Request {
        Request { unlimited, ..Request::default() }
    }

    fn read(&mut self, params: &[Datum]) -> Result<StoreAsk, String> {
        let text = |at: usize| params.get(at).and_then(Datum::as_text).unwrap_or_default().to_owned();
        let number = |at: usize| params.get(at).and_then(Datum::as_number);
        match text(0).as_str() {
            ask::PUT => {
                let (key, value) = (self.key(text(1))?, text(2));
                self.within(&limit::STORAGE_VALUE_CHARS, "value", &value)?;
                let ttl = number(3).unwrap_or_else(|| self.usual_ttl());
                if !(0.0..=TTL_MAX_S).contains(&ttl) {
                    return Err(format!("the ttl is not from 0 to {TTL_MAX_S} seconds"));
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
                Ok(StoreAsk::Put { key, value, ttl_s: ttl as u64 })
            }
            ask::REMOVE => Ok(StoreAsk::Remove { key: self.key(text(1))? }),
            ask::KEYS => {
                let namespace = params.get(1).and_then(Datum::as_text).map(str::to_owned);
                let count = number(2).unwrap_or(COUNT_USUAL).clamp(0.0, COUNT_USUAL);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
                Ok(StoreAsk::Keys { namespace, count: count as usize })
            }
            _ => Ok(StoreAsk::Get { key: self.key(text(1))? }),
        }
    }

    fn key(&mut self, key: String) -> Result<String, String> {
        if key.is_empty() {
            return Err("the key is empty".to_owned());
        }
        self.within(&limit::STORAGE_KEY_CHARS, "key", &key)?;
        Ok(key)
    }

    fn within(&mut self, limit: &'static Limit, what: &str, text: &str) -> Result<(), String> {
        let wanted = text.chars().count() as u64;
        self.out.push_back(FromUnit::Reached { limit, wanted });
        match wanted > limit.most && !self.unlimited {
            true => Err(format!("the {what} is longer than {} characters", limit.most)),
            false => Ok(()),
        }
    }

    fn usual_ttl(&mut self) -> f64 {
        let text = "ApplicationStorage.put without a ttl: the value stays for 30 days";
        self.out.push_back(FromUnit::Note(Remark::of("F-230", text)));
        TTL_USUAL_S
    }

    fn end(&mut self, outcome: Outcome) {
        self.out.push_back(FromUnit::Answer(outcome));
        self.out.push_back(FromUnit::Over);
    }
}

/// An answer as the script gets it.
fn told(answer: &StoreAnswer) -> Datum {
    match answer {
        StoreAnswer::Record(None) => Datum::Null,
        StoreAnswer::Record(Some(StoreRecord { key, value, expires_s })) => {
            #[expect(clippy::cast_precision_loss, reason = "seconds of this age")]
            let expires = Datum::Number(*expires_s as f64);
            Datum::Map(Dictionary::from_iter([
                ("key", Datum::from(key.as_str())),
                ("value", Datum::from(value.as_str())),
                ("expireAt", expires),
            ]))
        }
        StoreAnswer::Keys(keys) => {
            let keys = keys.iter().map(|key| Datum::from(key.as_str())).collect();
            Datum::Map(Dictionary::from_iter([("keys", Datum::List(keys))]))
        }
    }
}
