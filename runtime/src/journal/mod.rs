//! The ordered record of everything that happened in a run, and its printers: text for people, JSON lines for
//! programs, the platform's own log format, and the summary. Secrets are hidden by the printers, as the last step.

mod entry;
pub mod jsonl;
mod phrase;
pub mod platform_log;
mod redact;
pub mod text;

pub use entry::{Entry, EntryKind, Journal};
pub use redact::{HIDDEN, Redactor, SHORTEST_HIDDEN};
