//! `Net`: requests over HTTP (semantics 8.2). Each is a unit without an object; what comes of it settles a promise or calls
//! a function of the script. The platform carries out three at a time and keeps 35 in all, which is counted here, because
//! one more throws at once.

mod result;
mod wire;

use std::collections::VecDeque;

use crate::contract::{Datum, Dictionary, RequestId, UnitId, limit};
use crate::glue::{Callback, Host, HostClass, HostError, HostResult, Namespace, Plain, Return, Waiting};
use crate::wire::{Kind, Role};

/// The class of the options of older scripts.
const OPTIONS: &str = "Net.HttpRequestOptions";
/// What the platform throws beyond them.
const TOO_MANY: &str = "Exceeded the HTTP connection count limit!";

/// The row of the inventory.
pub(crate) static KIND: Kind =
    Kind { name: "http", role: Role::Service, make: |setup| Box::new(wire::Http::new(&setup)), remote: None };

/// The table of `Net`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("Net")
        .function("httpRequest", request)
        .function("httpRequestAsync", request_async)
        .class(OPTIONS, || HostClass::record(OPTIONS))
}

/// A request that waits until another one is answered.
#[derive(Debug)]
struct Queued {
    unit: UnitId,
    request: Option<RequestId>,
    params: Vec<Datum>,
}

/// The requests of a session that are not answered.
#[derive(Debug, Default)]
struct Requests {
    active: usize,
    queued: VecDeque<Queued>,
}

/// `Net.httpRequest(url, callback, options)`. The callback may be left out: then nobody hears what came.
fn request(
    (url, callback, Plain(options)): (String, Option<Callback>, Plain),
    host: &mut Host,
) -> HostResult {
    make_room(host)?;
    let callback = callback.map(|Callback(callback)| callback);
    let waiting = match callback {
        Some(callback) => Waiting::Callback(callback),
        None => Waiting::Request(host.new_request()),
    };
    let request = match waiting {
        Waiting::Request(request) => Some(request),
        Waiting::Callback(_) => None,
    };
    let params = vec![url.as_str().into(), given(options), callback.map_or(Datum::Null, Datum::Callback)];
    begin(host, waiting, request, params);
    Ok(Return::Undefined)
}

/// `Net.httpRequestAsync(url, options)`: resolves with the result, whatever its code is.
fn request_async((url, Plain(options)): (String, Plain), host: &mut Host) -> HostResult {
    make_room(host)?;
    let request = host.new_request();
    let params = vec![url.as_str().into(), given(options), Datum::Null];
    begin(host, Waiting::Request(request), Some(request), params);
    Ok(Return::Promise(request))
}

/// Options that are no object say nothing.
fn given(options: Datum) -> Datum {
    match options {
        Datum::Map(options) => Datum::Map(options),
        _ => Datum::Map(Dictionary::new()),
    }
}

/// Throws when there is no room for one more.
fn make_room(host: &mut Host) -> Result<(), HostError> {
    let requests = host.own::<Requests>();
    let with_this = requests.active + requests.queued.len() + 1;
    if !host.reach(&limit::HTTP_REQUESTS, with_this) {
        return Err(HostError::Error(TOO_MANY.to_owned()));
    }
    Ok(())
}

fn begin(host: &mut Host, waiting: Waiting, request: Option<RequestId>, params: Vec<Datum>) {
    host.when_answered(waiting, |host| {
        host.own::<Requests>().active -= 1;
        open_next(host);
    });
    let unit = host.new_hidden_unit();
    host.own::<Requests>().queued.push_back(Queued { unit, request, params });
    open_next(host);
}

/// Opens the next one that waits, if it may be carried out.
fn open_next(host: &mut Host) {
    let requests = host.own::<Requests>();
    if requests.queued.is_empty() {
        return;
    }
    let with_this = requests.active + 1;
    if !host.reach(&limit::HTTP_ACTIVE, with_this) {
        return;
    }
    let requests = host.own::<Requests>();
    let Some(Queued { unit, request, params }) = requests.queued.pop_front() else { return };
    requests.active += 1;
    host.open(unit, &KIND, request, params);
}
