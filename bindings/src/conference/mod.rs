//! `Conference`: who is sent to it hears everybody else (semantics 6 and 7). `sendMediaBetween(call, conference)` is
//! enough; `add({call})` makes the call an endpoint, which has a direction and is told of by events. Sound is mixed by the
//! session; here stand the objects and what is said of them. Video and forwarding are not built; what `manageEndpoint` says of
//! streams is taken and answered.

mod wire;

use std::collections::BTreeMap;

use crate::contract::{Command, Datum, Dictionary, MediaAsk, UnitId, limit};
use crate::glue::{Host, HostClass, HostError, HostResult, MediaUnit, Namespace, Plain, Return};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "conference",
    role: Role::Mixer,
    make: |_| Box::new(wire::Machine::default()),
    remote: None,
};

/// The classes of its objects.
const CLASS: &str = "Conference";
const ENDPOINT: &str = "Endpoint";
/// The class of a call's object.
const CALL: &str = "Call";

/// What the machine is told.
mod method {
    pub(super) const ADD: &str = "add";
    pub(super) const FULL: &str = "full";
    pub(super) const UPDATE: &str = "update";
    pub(super) const MANAGE: &str = "manage";
    pub(super) const REMOVE: &str = "remove";
}

/// Which way an endpoint's sound goes, seen from the endpoint. The order is that of `ConferenceDirection`.
const DIRECTIONS: [&str; 3] = ["SEND", "RECEIVE", "BOTH"];
/// How it is carried. The order is that of `ConferenceMode`.
const MODES: [&str; 2] = ["MIX", "FORWARD"];

/// Adds the factories to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine
        .function("createConference", create)
        .function("destroyConference", destroy)
        .class(CLASS, class)
        .class(ENDPOINT, endpoint_class)
}

/// What the end of a call means to conferences.
pub(crate) fn on_call(call: HostClass) -> HostClass {
    call.observed_by(|call, event, _, host| {
        if ["Call.Disconnected", "Call.Failed"].contains(&event) {
            leave(call, host);
        }
    })
}

fn class() -> HostClass {
    HostClass::new(CLASS, "conference")
        .listeners()
        .identity()
        .media_source()
        .method("add", add)
        .method("get", |conference, (id,): (Option<String>,), host| {
            let id = id.unwrap_or_default();
            let endpoints = host.own::<Endpoints>().of(conference);
            let found = endpoints.into_iter().find(|endpoint| text_id(*endpoint, host) == id);
            Ok(found.map_or(Return::Datum(Datum::Null), Return::Unit))
        })
        .method("getList", |conference, (): (), host| {
            let endpoints = host.own::<Endpoints>().of(conference);
            Ok(Return::Datum(Datum::List(endpoints.into_iter().map(Datum::Unit).collect())))
        })
        .method("stop", |conference, (): (), host| end(conference, true, host))
}

fn endpoint_class() -> HostClass {
    HostClass::new(ENDPOINT, "endpoint")
        .identity()
        .method("getDirection", |endpoint, (): (), host| told(endpoint, host, |own| own.direction.into()))
        .method("getMode", |endpoint, (): (), host| told(endpoint, host, |own| own.mode.into()))
        .method("getCall", |endpoint, (): (), host| told(endpoint, host, |own| own.call.into()))
        .method("setDisplayName", |endpoint, (_,): (Option<String>,), host| {
            tell(endpoint, method::UPDATE, host);
            Ok(Return::Undefined)
        })
        .method("manageEndpoint", |endpoint, (_,): (Plain,), host| {
            tell(endpoint, method::MANAGE, host);
            Ok(Return::Resolved)
        })
}

/// Tells an endpoint's conference something of it.
fn tell(endpoint: UnitId, method: &str, host: &mut Host) {
    if let Some(own) = host.own::<Endpoints>().0.get(&endpoint) {
        let (unit, params) = (own.conference, own.params(endpoint));
        host.command(Command::Tell { unit, method: method.to_owned(), params });
    }
}

fn told(endpoint: UnitId, host: &mut Host, read: fn(&Endpoint) -> Datum) -> HostResult {
    let own = host.own::<Endpoints>().0.get(&endpoint);
    Ok(own.map_or(Return::Undefined, |own| Return::Datum(read(own))))
}

/// One endpoint.
#[derive(Debug, Clone)]
struct Endpoint {
    conference: UnitId,
    call: UnitId,
    mode: &'static str,
    direction: &'static str,
    id: String,
}

impl Endpoint {
    /// As the machine is told of it.
    fn params(&self, unit: UnitId) -> Vec<Datum> {
        vec![Datum::Map(Dictionary::from_iter([
            ("mode", Datum::from(self.mode)),
            ("direction", Datum::from(self.direction)),
            ("endpointId", Datum::from(self.id.as_str())),
            ("endpoint", Datum::Unit(unit)),
        ]))]
    }
}

/// The endpoints of all conferences of a session.
#[derive(Debug, Default)]
struct Endpoints(BTreeMap<UnitId, Endpoint>);

impl Endpoints {
    fn of(&self, conference: UnitId) -> Vec<UnitId> {
        let own = self.0.iter().filter(|(_, endpoint)| endpoint.conference == conference);
        own.map(|(unit, _)| *unit).collect()
    }
}

fn text_id(unit: UnitId, host: &Host) -> String {
    host.units.get(&unit).map(|record| record.text_id.clone()).unwrap_or_default()
}

/// Options are taken and have no effect: sound is mixed at the rate of the lines.
fn create((Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    let conference = host.new_unit(CLASS);
    host.open(conference, &KIND, None, vec![options]);
    Ok(Return::Unit(conference))
}

fn destroy((MediaUnit(conference),): (MediaUnit,), host: &mut Host) -> HostResult {
    of_class(conference, CLASS, "VoxEngine.destroyConference", "a conference", host)?;
    end(conference, false, host)
}

/// A conference is over, and its endpoints with it.
fn end(conference: UnitId, stop: bool, host: &mut Host) -> HostResult {
    host.own::<Endpoints>().0.retain(|_, endpoint| endpoint.conference != conference);
    host.command(Command::Close { unit: conference, stop });
    Ok(Return::Undefined)
}

/// `conference.add({call, mode, direction, displayName ...})`
fn add(conference: UnitId, (Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    const MEMBER: &str = "Conference.add";
    let Datum::Unit(call) = options["call"] else { return Err(refuse(MEMBER, "an object with a call")) };
    of_class(call, CALL, MEMBER, "an object with a call", host)?;
    let mode = one_of(&options["mode"], &MODES, MODES[0]);
    let direction = one_of(&options["direction"], &DIRECTIONS, DIRECTIONS[2]);
    let (Some(mode), Some(direction)) = (mode, direction) else {
        return Err(refuse(
            MEMBER,
            "an object whose mode is MIX or FORWARD and whose direction is SEND, RECEIVE or BOTH",
        ));
    };
    let unit = host.new_unit(ENDPOINT);
    let endpoint = Endpoint { conference, call, mode, direction, id: text_id(unit, host) };
    let params = endpoint.params(unit);
    let with_this = host.own::<Endpoints>().of(conference).len() + 1;
    let full = !host.reach(&limit::CONFERENCE_ENDPOINTS, with_this);
    let method = if full { method::FULL } else { method::ADD };
    host.command(Command::Tell { unit: conference, method: method.to_owned(), params });
    if full {
        return Ok(Return::Unit(unit));
    }
    if mode == MODES[1] {
        host.note_once(None, format!("{MEMBER}: FORWARD is carried as MIX here"));
    }
    host.own::<Endpoints>().0.insert(unit, endpoint);
    let (to, from) = (direction != "RECEIVE", direction != "SEND");
    for (wanted, from, to) in [(to, call, conference), (from, conference, call)] {
        if wanted {
            host.command(Command::Media(MediaAsk::Send { from, to, with: Dictionary::new() }));
        }
    }
    Ok(Return::Unit(unit))
}

/// A call has ended: its endpoints are gone.
fn leave(call: UnitId, host: &mut Host) {
    let endpoints = &mut host.own::<Endpoints>().0;
    let gone: Vec<UnitId> =
        endpoints.iter().filter(|(_, endpoint)| endpoint.call == call).map(|(unit, _)| *unit).collect();
    for unit in gone {
        if let Some(endpoint) = host.own::<Endpoints>().0.remove(&unit) {
            let params = endpoint.params(unit);
            let method = method::REMOVE.to_owned();
            host.command(Command::Tell { unit: endpoint.conference, method, params });
        }
    }
}

/// A word of an enum, or its number; the usual one when nothing is said.
fn one_of(given: &Datum, words: &[&'static str], usual: &'static str) -> Option<&'static str> {
    match given {
        Datum::Null => Some(usual),
        Datum::Text(text) => words.iter().copied().find(|word| word.eq_ignore_ascii_case(text)),
        Datum::Number(number) => {
            (0_u8..).zip(words).find(|(at, _)| f64::from(*at) == *number).map(|(_, word)| *word)
        }
        _ => None,
    }
}

fn of_class(unit: UnitId, class: &str, member: &str, wanted: &str, host: &Host) -> Result<(), HostError> {
    match host.units.get(&unit) {
        Some(record) if record.class == class => Ok(()),
        _ => Err(refuse(member, wanted)),
    }
}

fn refuse(member: &str, wanted: &str) -> HostError {
    HostError::Argument { member: member.to_owned(), position: 1, wanted: wanted.to_owned() }
}
