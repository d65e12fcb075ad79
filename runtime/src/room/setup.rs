//! What a room is made with. Plain data.

use std::sync::Arc;

use voxrun_bindings::connection::Fault;
use voxrun_bindings::contract::Time;

use super::outside::Archive;
use super::result::Bounds;
use super::storage::Storage;
use crate::session::{Question, SessionSetup};

/// What a room is made with.
#[derive(Debug)]
pub struct RoomSetup {
    /// Its session.
    pub session: SessionSetup,
    /// When it starts, since its world did.
    pub started: Time,
    /// Unix time of its start, milliseconds.
    pub epoch_ms: i64,
    /// What breaks its connections.
    pub faults: Vec<Fault>,
    /// Who calls the session's own URL, and when, in order.
    pub questions: Vec<(Time, Question)>,
    /// The application's storage.
    pub storage: Storage,
    /// Who makes files of what its script records, if anybody does.
    pub archive: Option<Arc<dyn Archive>>,
    /// What it may take.
    pub bounds: Bounds,
}
