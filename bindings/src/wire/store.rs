//! What a unit asks of the application's storage, which outlives the session, and what comes back. Times are Unix seconds.

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAsk {
    /// What stands under this key?
    Get {
        /// The key.
        key: String,
    },
    /// From now on this does.
    Put {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// For so many seconds.
        ttl_s: u64,
    },
    /// From now on nothing does.
    Remove {
        /// The key.
        key: String,
    },
    /// Which keys are there?
    Keys {
        /// Those that begin with this and a colon; all of them without it.
        namespace: Option<String>,
        /// So many at most.
        count: usize,
    },
}

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRecord {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// When it is forgotten.
    pub expires_s: i64,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAnswer {
    /// What stands there now, or stood there before it was removed.
    Record(Option<StoreRecord>),
    /// The keys, sorted.
    Keys(Vec<String>),
}
