//! `AMD`: tells a person from an answering machine by what is heard first (semantics 8.5). `AMD.create({model, timeout, call})`
//! and `detect()`, or given to a call that is placed as its option `amd`, which detects as soon as the call is connected.
//! `wire.rs` is the machine that hears; a model says nothing here (policy F-240).

mod wire;

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{Command, Datum, Dictionary, MediaAsk, RequestId, UnitId};
use crate::glue::{Host, HostClass, HostError, HostResult, Namespace, Plain, Return};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind =
    Kind { name: "amd", role: Role::Recognizer, make: |_| Box::new(wire::Detector::default()), remote: None };

/// The classes of its objects, and of a call's.
const CLASS: &str = "AMD.AnsweringMachineDetector";
const CALL: &str = "Call";

/// What the machine is told when the call is over.
const CALL_ENDED: &str = "call_ended";

/// Names in what it is told.
mod key {
    pub(super) const TIMEOUT: &str = "timeout";
    pub(super) const CALL: &str = "call";
    pub(super) const CALL_ID: &str = "callId";
}

/// The table of `AMD`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("AMD").function("create", create).class(CLASS, class)
}

fn class() -> HostClass {
    HostClass::new(CLASS, "amd").observed_by(done).listeners().identity().method("detect", detect)
}

/// Each of its events is its last.
fn done(detector: UnitId, _: &str, _: &Dictionary, host: &mut Host) {
    host.own::<Detectors>().hearing.remove(&detector);
}

/// A call that was given a detector starts it, and ends it.
pub(crate) fn on_call(call: HostClass) -> HostClass {
    call.observed_by(|call, event, _, host| match event {
        "Call.Connected" => {
            let given = host.attached(call).into_iter().filter(|unit| class_of(*unit, host) == Some(CLASS));
            for detector in given.collect::<Vec<_>>() {
                begin(detector, call, None, host);
            }
        }
        "Call.Disconnected" | "Call.Failed" => {
            let ended = host.own::<Detectors>().hearing.iter().filter(|(_, heard)| **heard == call);
            for unit in ended.map(|(unit, _)| *unit).collect::<Vec<_>>() {
                host.command(Command::Tell { unit, method: CALL_ENDED.to_owned(), params: Vec::new() });
            }
        }
        _ => {}
    })
}

/// What each detector was made with, and which call it hears.
#[derive(Debug, Default)]
struct Detectors {
    made: Vec<(UnitId, Dictionary)>,
    begun: BTreeSet<UnitId>,
    /// Those that hear a call, and which.
    hearing: BTreeMap<UnitId, UnitId>,
}

fn class_of(unit: UnitId, host: &Host) -> Option<&'static str> {
    host.units.get(&unit).map(|record| record.class)
}

fn create((Plain(parameters),): (Plain,), host: &mut Host) -> HostResult {
    let Datum::Map(parameters) = parameters else {
        return Err(HostError::Argument {
            member: "AMD.create".to_owned(),
            position: 1,
            wanted: "an object with a model".to_owned(),
        });
    };
    let detector = host.new_unit(CLASS);
    host.own::<Detectors>().made.push((detector, parameters));
    Ok(Return::Unit(detector))
}

/// Without a call there is nothing to hear: the promise is rejected as the platform does it.
fn detect(detector: UnitId, (): (), host: &mut Host) -> HostResult {
    let made = host.own::<Detectors>().made.iter().find(|(unit, _)| *unit == detector);
    let call = made.and_then(|(_, parameters)| parameters.get(key::CALL)?.as_unit());
    let call = call.filter(|call| class_of(*call, host) == Some(CALL));
    let request = host.new_request();
    match call {
        Some(call) => begin(detector, call, Some(request), host),
        None => host.open(detector, &KIND, Some(request), vec![Datum::Map(Dictionary::new())]),
    }
    Ok(Return::Promise(request))
}

/// Opens the machine and lets it hear the call. A detector detects once.
fn begin(detector: UnitId, call: UnitId, request: Option<RequestId>, host: &mut Host) {
    let call_id = host.units.get(&call).map(|record| record.text_id.clone()).unwrap_or_default();
    let detectors = host.own::<Detectors>();
    if !detectors.begun.insert(detector) {
        return host.note(None, "AMD: a detector detects once; create another one");
    }
    detectors.hearing.insert(detector, call);
    let made = detectors.made.iter().find(|(unit, _)| *unit == detector);
    let mut params = made.map(|(_, parameters)| parameters.clone()).unwrap_or_default();
    params.insert(key::CALL, call);
    params.insert(key::CALL_ID, call_id);
    host.open(detector, &KIND, request, vec![params.into()]);
    host.command(Command::Media(MediaAsk::Send { from: call, to: detector, with: Dictionary::new() }));
}
