//! The only impure folder: wall clock, threads and standard input. Everything else is told the time.

pub mod chat;
pub mod pace;
