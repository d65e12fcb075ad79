//! `ApplicationStorage`: texts under keys that outlive a session (semantics 8.4). What is longer than the platform takes is
//! refused: the promise is rejected (policy F-231). `wire.rs` is the machine of one request.

mod wire;

use crate::contract::Datum;
use crate::glue::{Host, HostResult, Namespace, Plain, Return};
use crate::wire::{Kind, Role, Unit, UnitSetup};

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind { name: "storage", role: Role::Service, make, remote: None };

fn make(setup: UnitSetup) -> Box<dyn Unit> {
    Box::new(wire::Request::new(setup.unlimited))
}

/// What the machine is asked.
mod ask {
    pub(super) const GET: &str = "get";
    pub(super) const PUT: &str = "put";
    pub(super) const REMOVE: &str = "remove";
    pub(super) const KEYS: &str = "keys";
}

/// The table of `ApplicationStorage`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("ApplicationStorage")
        .function("get", |(key,): (String,), host| begin(ask::GET, vec![key.into()], host))
        .function("put", |(key, value, Plain(ttl)): (String, String, Plain), host| {
            begin(ask::PUT, vec![key.into(), value.into(), ttl], host)
        })
        .function("remove", |(key,): (String,), host| begin(ask::REMOVE, vec![key.into()], host))
        .function("keys", |(namespace, count): (Option<String>, Option<f64>), host| {
            let namespace = namespace.filter(|namespace| !namespace.is_empty());
            let namespace = namespace.map_or(Datum::Null, Datum::from);
            begin(ask::KEYS, vec![namespace, count.map_or(Datum::Null, Datum::Number)], host)
        })
}

fn begin(what: &str, arguments: Vec<Datum>, host: &mut Host) -> HostResult {
    let request = host.new_request();
    let unit = host.new_hidden_unit();
    let mut params = vec![Datum::from(what)];
    params.extend(arguments);
    host.open(unit, &KIND, Some(request), params);
    Ok(Return::Promise(request))
}
