//! The only impure folder: wall clock, threads, sockets and standard input. Everything else is told the time.

pub mod chat;
pub mod emulate;
pub mod pace;
pub mod tls;
