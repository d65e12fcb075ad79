//! The only impure folder: wall clock, threads, sockets and standard input. Everything else is told the time.

pub mod allowed;
pub mod chat;
mod descriptors;
pub mod emulate;
mod http;
pub mod live;
pub mod pace;
pub(crate) mod recordings;
pub mod signals;
pub(crate) mod storage;
pub mod tls;
pub mod voice;
