//! What a handler answers: a plain value, a unit's object, or a promise that the host settles later.

use super::error::HostError;
use crate::contract::{Datum, RequestId, UnitId};

/// The answer of a handler.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Return {
    /// `undefined`; Rust's `()` would become `null`.
    Undefined,
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// A boolean.
    Bool(bool),
    /// Any value.
    Datum(Datum),
    /// A unit's object.
    Unit(UnitId),
    /// A promise, settled by `HostEvent::Settle`.
    Promise(RequestId),
    /// A promise that is kept already, with nothing.
    Resolved,
    /// A `Date` at this Unix time in milliseconds.
    Date(f64),
}

/// What a handler returns.
pub(crate) type HostResult = Result<Return, HostError>;
