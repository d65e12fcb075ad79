//! `CallList`: what a scenario reports of its task in a call list (semantics 8.5), under its own name and under the older
//! `VoxEngine.CallList`. There is no call list here: each report stands in the journal and is answered with 200 (policy
//! F-210). The functions with a callback call it; those whose names end in `Async` return a promise.

mod wire;

use crate::contract::Datum;
use crate::glue::{Callback, Host, HostResult, Namespace, Plain, Return};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "call_list",
    role: Role::Service,
    make: |_| Box::new(wire::Report::default()),
    remote: None,
};

/// The table of `CallList`.
pub(crate) fn namespace() -> Namespace {
    table("CallList")
}

/// The same under its older name.
pub(crate) fn older_namespace() -> Namespace {
    table("VoxEngine.CallList")
}

fn table(name: &'static str) -> Namespace {
    Namespace::new(name)
        .function("reportResult", |(data, callback), host| report("reportResult", data, callback, host))
        .function("reportError", |(data, callback), host| report("reportError", data, callback, host))
        .function("reportProgress", |(data, callback), host| report("reportProgress", data, callback, host))
        .function("requestNextAttempt", |(data, callback), host| {
            report("requestNextAttempt", data, callback, host)
        })
        .function("reportResultAsync", |(data,), host| promise("reportResult", data, host))
        .function("reportErrorAsync", |(data,), host| promise("reportError", data, host))
        .function("reportProgressAsync", |(data,), host| promise("reportProgress", data, host))
        .function("requestNextAttemptAsync", |(data,), host| promise("requestNextAttempt", data, host))
}

fn report(what: &str, Plain(data): Plain, callback: Option<Callback>, host: &mut Host) -> HostResult {
    let callback = callback.map_or(Datum::Null, |Callback(callback)| Datum::Callback(callback));
    let unit = host.new_hidden_unit();
    host.open(unit, &KIND, None, vec![what.into(), data, callback]);
    Ok(Return::Undefined)
}

fn promise(what: &str, Plain(data): Plain, host: &mut Host) -> HostResult {
    let request = host.new_request();
    let unit = host.new_hidden_unit();
    host.open(unit, &KIND, Some(request), vec![what.into(), data, Datum::Null]);
    Ok(Return::Promise(request))
}
