//! How a binding is written: class and namespace tables, argument extraction, answers and errors. A handler is an
//! ordinary function whose parameter types are the extraction; it gets plain values and never a script object, so a
//! binding cannot call script code.

pub(crate) mod args;
pub(crate) mod class;
pub(crate) mod datum;
pub(crate) mod error;
pub(crate) mod host;
pub(crate) mod missing;
pub(crate) mod names;
pub(crate) mod returns;
pub(crate) mod script;
pub(crate) mod state;
pub(crate) mod tables;
pub(crate) mod used;
pub(crate) mod written;

pub(crate) use args::{Callback, Form, HeaderFields, Json, LogText, MediaUnit, Options, Plain, Positional};
pub(crate) use class::{Factory, HostClass, Namespace};
pub(crate) use error::HostError;
pub(crate) use host::{Host, Waiting};
pub(crate) use returns::{HostResult, Return};
pub use tables::Language;
