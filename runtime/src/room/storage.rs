//! The application's storage: texts under keys, shared by all sessions of a run, whichever threads carry them, and kept
//! beyond it when somebody keeps them (policy F-232).
//! It is asked between ticks, never on one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use voxrun_bindings::contract::{Time, UnitId};
use voxrun_bindings::wire::{StoreAnswer, StoreAsk, StoreRecord};

/// How long an answer takes, milliseconds.
const ANSWER_MS: u64 = 5;

/// Keeps what stands in a storage beyond the run. It takes a change and returns at once.
pub trait StorageKeeper: std::fmt::Debug + Send + Sync {
    /// What stands under a key from now on; nothing when it was removed, or has expired.
    fn changed(&self, key: &str, record: Option<&StoreRecord>);
}

/// A storage; clones share what stands in it.
#[derive(Debug, Clone, Default)]
pub struct Storage {
    records: Arc<Mutex<Records>>,
    keeper: Option<Arc<dyn StorageKeeper>>,
}

/// What stands in a storage.
#[derive(Debug, Clone, Default)]
struct Records {
    by_key: BTreeMap<String, StoreRecord>,
    /// The same keys by the time at which they expire.
    by_time: BTreeSet<(i64, String)>,
}

impl Records {
    fn put(&mut self, record: StoreRecord) {
        self.remove(&record.key);
        self.by_time.insert((record.expires_s, record.key.clone()));
        self.by_key.insert(record.key.clone(), record);
    }

    fn remove(&mut self, key: &str) -> Option<StoreRecord> {
        let record = self.by_key.remove(key)?;
        self.by_time.remove(&(record.expires_s, record.key.clone()));
        Some(record)
    }

    /// The next one that has expired by then, which is forgotten.
    fn expired(&mut self, unix_s: i64) -> Option<StoreRecord> {
        let (_, key) = self.by_time.first().filter(|(at, _)| *at <= unix_s)?.clone();
        self.remove(&key)
    }
}

impl Storage {
    /// One in which these stand already, and what becomes of them is kept.
    #[must_use]
    pub fn kept(records: impl IntoIterator<Item = StoreRecord>, keeper: Arc<dyn StorageKeeper>) -> Storage {
        let mut own = Records::default();
        records.into_iter().for_each(|record| own.put(record));
        Storage { records: Arc::new(Mutex::new(own)), keeper: Some(keeper) }
    }

    /// Another one with what stands in this one now: what a run changes is its own.
    #[must_use]
    pub fn fork(&self) -> Storage {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        Storage { records: Arc::new(Mutex::new(records.clone())), keeper: self.keeper.clone() }
    }

    /// Asks it at this Unix time.
    #[must_use]
    pub fn ask(&self, unix_s: i64, asked: StoreAsk) -> StoreAnswer {
        // What a thread that broke has written is whole: each question is one change.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(record) = records.expired(unix_s) {
            self.tell(&record.key, None);
        }
        match asked {
            StoreAsk::Get { key } => StoreAnswer::Record(records.by_key.get(&key).cloned()),
            StoreAsk::Put { key, value, ttl_s } => {
                let ttl_s = i64::try_from(ttl_s).unwrap_or(i64::MAX);
                let record = StoreRecord { key, value, expires_s: unix_s.saturating_add(ttl_s) };
                self.tell(&record.key, Some(&record));
                records.put(record.clone());
                StoreAnswer::Record(Some(record))
            }
            StoreAsk::Remove { key } => {
                let removed = records.remove(&key);
                if removed.is_some() {
                    self.tell(&key, None);
                }
                StoreAnswer::Record(removed.map(|record| StoreRecord { expires_s: 0, ..record }))
            }
            StoreAsk::Keys { namespace, count } => {
                let begin = namespace.map(|namespace| format!("{namespace}:")).unwrap_or_default();
                let keys = records.by_key.range(begin.clone()..).map(|(key, _)| key);
                StoreAnswer::Keys(
                    keys.take_while(|key| key.starts_with(&begin)).take(count).cloned().collect(),
                )
            }
        }
    }

    fn tell(&self, key: &str, record: Option<&StoreRecord>) {
        if let Some(keeper) = &self.keeper {
            keeper.changed(key, record);
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
