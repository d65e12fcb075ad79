//! The ordered record of everything that happened in a run.

mod entry;

pub use entry::{Entry, Journal, Kind};
