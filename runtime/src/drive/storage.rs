//! The application's storage in a file (`[storage] file`): read as a whole at the start, and every change written by a thread of its
//! own, so that no session waits for a disk. One program at a time can have it open.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use voxrun_bindings::wire::StoreRecord;

use crate::room::{Storage, StorageKeeper};

/// Keys, and under each its value and the Unix time at which it expires.
const RECORDS: TableDefinition<&str, (&str, i64)> = TableDefinition::new("records");

enum Message {
    Changed(String, Option<StoreRecord>),
    Over,
}

/// The file while a run writes to it.
pub(crate) struct StorageFile {
    to: Sender<Message>,
    thread: JoinHandle<Result<(), String>>,
}

#[derive(Debug)]
struct Inlet(Sender<Message>);

impl StorageKeeper for Inlet {
    fn changed(&self, key: &str, record: Option<&StoreRecord>) {
        let _ = self.0.send(Message::Changed(key.to_owned(), record.cloned()));
    }
}

impl StorageFile {
    /// Opens the file, which is made when there is none; the storage with what stands in it.
    ///
    /// # Errors
    /// Why it cannot be used: it is none, it is full, or another program has it open.
    pub(crate) fn open(path: &Path) -> Result<(StorageFile, Storage), String> {
        let database = Database::create(path).map_err(|cause| cause.to_string())?;
        let records = read(&database).map_err(|cause| cause.to_string())?;
        let (to, from) = channel();
        let builder = std::thread::Builder::new().name("storage".to_owned());
        let thread = builder.spawn(move || write(&database, &from)).map_err(|cause| cause.to_string())?;
        let storage = Storage::kept(records, Arc::new(Inlet(to.clone())));
        Ok((StorageFile { to, thread }, storage))
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// Why something could not be.
    pub(crate) fn finish(self) -> Result<(), String> {
        // It listens until it is told this; should it be gone, its own error says why.
        let _ = self.to.send(Message::Over);
        self.thread.join().unwrap_or_else(|_| Err("the writer broke".to_owned()))
    }
}

fn read(database: &Database) -> Result<Vec<StoreRecord>, redb::Error> {
    let reading = database.begin_read()?;
    let table = match reading.open_table(RECORDS) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let mut records = Vec::new();
    for row in table.iter()? {
        let (key, value) = row?;
        let (text, expires_s) = value.value();
        records.push(StoreRecord { key: key.value().to_owned(), value: text.to_owned(), expires_s });
    }
    Ok(records)
}

/// Writes changes as they come, all that wait in one go.
fn write(database: &Database, from: &Receiver<Message>) -> Result<(), String> {
    while let Ok(first) = from.recv() {
        let mut over = false;
        let mut changes = Vec::new();
        for message in std::iter::once(first).chain(from.try_iter()) {
            match message {
                Message::Changed(key, record) => changes.push((key, record)),
                Message::Over => over = true,
            }
        }
        apply(database, &changes).map_err(|cause| cause.to_string())?;
        if over {
            break;
        }
    }
    Ok(())
}

fn apply(database: &Database, changes: &[(String, Option<StoreRecord>)]) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    {
        let mut table = writing.open_table(RECORDS)?;
        for (key, record) in changes {
            match record {
                Some(record) => drop(table.insert(key.as_str(), (record.value.as_str(), record.expires_s))?),
                None => drop(table.remove(key.as_str())?),
            }
        }
    }
    writing.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use voxrun_bindings::wire::{StoreAnswer, StoreAsk};

    use super::*;

    fn put(storage: &Storage, at: i64, key: &str, ttl_s: u64) {
        let asked = StoreAsk::Put { key: key.to_owned(), value: format!("of {key}"), ttl_s };
        assert!(matches!(storage.ask(at, asked), StoreAnswer::Record(Some(_))));
    }

    fn keys(storage: &Storage, at: i64) -> StoreAnswer {
        storage.ask(at, StoreAsk::Keys { namespace: None, count: 9 })
    }

    #[test]
    fn what_one_run_puts_the_next_one_finds() {
        let path = std::env::temp_dir().join(format!("voxrun-storage-{}.redb", std::process::id()));
        let (file, storage) = StorageFile::open(&path).unwrap();
        for (key, ttl_s) in [("a", 100), ("b", 100), ("c", 10)] {
            put(&storage, 1_000, key, ttl_s);
        }
        let _ = storage.ask(1_000, StoreAsk::Remove { key: "b".to_owned() });
        assert!(StorageFile::open(&path).is_err(), "one program at a time");
        file.finish().unwrap();
        let (file, storage) = StorageFile::open(&path).unwrap();
        assert_eq!(keys(&storage, 1_005), StoreAnswer::Keys(vec!["a".to_owned(), "c".to_owned()]));
        assert_eq!(keys(&storage, 1_050), StoreAnswer::Keys(vec!["a".to_owned()]));
        file.finish().unwrap();
        let (file, storage) = StorageFile::open(&path).unwrap();
        assert_eq!(keys(&storage, 0), StoreAnswer::Keys(vec!["a".to_owned()]), "what expired was removed");
        file.finish().unwrap();
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_of_another_kind_is_refused_and_kept() {
        let path = std::env::temp_dir().join(format!("voxrun-no-storage-{}.txt", std::process::id()));
        std::fs::write(&path, "a letter to somebody").unwrap();
        assert!(StorageFile::open(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"a letter to somebody");
        std::fs::remove_file(path).unwrap();
    }
}
