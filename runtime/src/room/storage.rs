//! The application's storage: texts under keys, shared by all sessions of a run, whichever threads carry them (policy F-232).
//! It is asked between ticks, never on one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use voxrun_bindings::contract::{Time, UnitId};
use voxrun_bindings::wire::{StoreAnswer, StoreAsk, StoreRecord};

/// How long an answer takes, milliseconds.
const ANSWER_MS: u64 = 5;

/// A storage; clones share what stands in it.
#[derive(Debug, Clone, Default)]
pub struct Storage(Arc<Mutex<BTreeMap<String, StoreRecord>>>);

impl Storage {
    /// Another one with what stands in this one now: what a run changes is its own.
    #[must_use]
    pub fn fork(&self) -> Storage {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Storage(Arc::new(Mutex::new(records.clone())))
    }

    /// Asks it at this Unix time.
    #[must_use]
    pub fn ask(&self, unix_s: i64, asked: StoreAsk) -> StoreAnswer {
        // What a thread that broke has written is whole: each question is one change.
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.retain(|_, record| record.expires_s > unix_s);
        match asked {
            StoreAsk::Get { key } => StoreAnswer::Record(records.get(&key).cloned()),
            StoreAsk::Put { key, value, ttl_s } => {
                let ttl_s = i64::try_from(ttl_s).unwrap_or(i64::MAX);
                let record = StoreRecord { key, value, expires_s: unix_s.saturating_add(ttl_s) };
                records.insert(record.key.clone(), record.clone());
                StoreAnswer::Record(Some(record))
            }
            StoreAsk::Remove { key } => {
                let removed = records.remove(&key);
                StoreAnswer::Record(removed.map(|record| StoreRecord { expires_s: 0, ..record }))
            }
            StoreAsk::Keys { namespace, count } => {
                let begin = namespace.map(|namespace| format!("{namespace}:"));
                let fits = |key: &&String| begin.as_ref().is_none_or(|begin| key.starts_with(begin.as_str()));
                StoreAnswer::Keys(records.keys().filter(fits).take(count).cloned().collect())
            }
        }
    }
}

/// Answers of the storage on their way to the units of a session.
pub(super) struct Stored {
    storage: Storage,
    epoch_ms: i64,
    answers: VecDeque<(Time, UnitId, StoreAnswer)>,
}

impl Stored {
    /// Of a session that starts at this Unix time.
    pub(super) fn new(storage: Storage, epoch_ms: i64) -> Stored {
        Stored { storage, epoch_ms, answers: VecDeque::new() }
    }

    /// A unit asks.
    pub(super) fn ask(&mut self, now: Time, unit: UnitId, asked: StoreAsk) {
        let since_ms = i64::try_from(now.as_ms()).unwrap_or(i64::MAX);
        let unix_s = self.epoch_ms.saturating_add(since_ms).div_euclid(1000);
        self.answers.push_back((now.plus_ms(ANSWER_MS), unit, self.storage.ask(unix_s, asked)));
    }

    /// When the next answer comes.
    pub(super) fn next_at(&self) -> Option<Time> {
        self.answers.front().map(|(at, ..)| *at)
    }

    /// The next answer that is due.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<(UnitId, StoreAnswer)> {
        self.answers.pop_front_if(|(at, ..)| *at <= now).map(|(_, unit, answer)| (unit, answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_begins_with_the_same_and_is_its_own() {
        let first = Storage::default();
        let put = |storage: &Storage, key: &str| {
            storage.ask(0, StoreAsk::Put { key: key.to_owned(), value: String::new(), ttl_s: 10 })
        };
        let keys = |storage: &Storage| storage.ask(0, StoreAsk::Keys { namespace: None, count: 9 });
        let _ = put(&first, "a");
        let second = first.fork();
        let _ = put(&second, "b");
        assert_eq!(keys(&first), StoreAnswer::Keys(vec!["a".to_owned()]));
        assert_eq!(keys(&second), StoreAnswer::Keys(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn what_has_expired_is_forgotten_and_clones_share() {
        let storage = Storage::default();
        let put = StoreAsk::Put { key: "a:1".into(), value: "x".into(), ttl_s: 10 };
        let put = storage.clone().ask(100, put);
        let record = StoreRecord { key: "a:1".into(), value: "x".into(), expires_s: 110 };
        assert_eq!(put, StoreAnswer::Record(Some(record.clone())));
        let get = |at| storage.ask(at, StoreAsk::Get { key: "a:1".into() });
        assert_eq!(get(109), StoreAnswer::Record(Some(record)));
        let keys = |namespace: &str| {
            storage.ask(109, StoreAsk::Keys { namespace: Some(namespace.to_owned()), count: 9 })
        };
        assert_eq!(keys("a"), StoreAnswer::Keys(vec!["a:1".to_owned()]));
        assert_eq!(keys("a:1"), StoreAnswer::Keys(Vec::new()));
        assert_eq!(get(110), StoreAnswer::Record(None));
        assert_eq!(storage.ask(110, StoreAsk::Remove { key: "a:1".into() }), StoreAnswer::Record(None));
    }
}
