//! `AMD`: tells a person from an answering machine by what is heard first (semantics 8.5). `AMD.create({model, timeout, call})`
//! and `detect()`, or given to a call that is placed as its option `amd`, which detects as soon as the call is connected.
//! `wire.rs` is the machine that hears; a model says nothing here (policy F-240).

mod wire;

use std::collections::BTreeMap;

use crate::contract::{Command, Datum, Dictionary, MediaAsk, RequestId, UnitId};
use crate::glue::{Host, HostClass, HostError, HostResult, MediaUnit, Namespace, Plain, Return};
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
    pub(super) const MODEL: &str = "model";
    /// Asked for by the older function: the call hears of it.
    pub(super) const OLDER: &str = "older";
}

/// The table of `AMD`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("AMD").function("create", create).class(CLASS, class)
}

fn class() -> HostClass {
    HostClass::new(CLASS, "amd")
        .field(key::CALL, Datum::Null)
        .field(key::MODEL, Datum::Null)
        .field(key::TIMEOUT, Datum::Null)
        .observed_by(done)
        .listeners()
        .identity()
        .method("detect", detect)
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
        // The last word of the older function, whose detector no object stands for.
        "AI.Events.VoicemailDetected" | "AI.Events.VoicemailNotDetected" => {
            let heard = host.own::<Detectors>().hearing.iter().filter(|(_, heard)| **heard == call);
            for unit in heard.map(|(unit, _)| *unit).collect::<Vec<_>>() {
                if class_of(unit, host).is_none() {
                    host.own::<Detectors>().hearing.remove(&unit);
                }
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

/// Which call each detector hears.
#[derive(Debug, Default)]
struct Detectors {
    hearing: BTreeMap<UnitId, UnitId>,
}

/// What a detector was made with, and whether it has detected: it does so once.
#[derive(Debug)]
struct Made {
    parameters: Dictionary,
    begun: bool,
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
    for name in [key::CALL, key::MODEL, key::TIMEOUT] {
        let usual = if name == key::TIMEOUT { Datum::Number(wire::TIMEOUT_MS) } else { Datum::Null };
        host.set_field(detector, name, parameters.get(name).cloned().unwrap_or(usual));
    }
    host.keep(detector, Made { parameters, begun: false });
    Ok(Return::Unit(detector))
}

/// Without a call there is nothing to hear: the promise is rejected as the platform does it.
fn detect(detector: UnitId, (): (), host: &mut Host) -> HostResult {
    let Some(made) = host.kept::<Made>(detector) else { return Ok(Return::Undefined) };
    if made.begun {
        return Err(HostError::Misuse(format!(
            "{CLASS}.detect: a detector detects once; create another one"
        )));
    }
    let call = made.parameters.get(key::CALL).and_then(Datum::as_unit);
    let call = call.filter(|call| class_of(*call, host) == Some(CALL));
    let request = host.new_request();
    match call {
        Some(call) => begin(detector, call, Some(request), host),
        None => {
            mark_begun(detector, host);
            host.open(detector, &KIND, Some(request), vec![Datum::Map(Dictionary::new())]);
        }
    }
    Ok(Return::Promise(request))
}

/// What it was made with, the first time; nothing later.
fn mark_begun(detector: UnitId, host: &mut Host) -> Option<Dictionary> {
    let made = host.kept::<Made>(detector)?;
    (!std::mem::replace(&mut made.begun, true)).then(|| made.parameters.clone())
}

/// Opens the machine and lets it hear the call.
fn begin(detector: UnitId, call: UnitId, request: Option<RequestId>, host: &mut Host) {
    match mark_begun(detector, host) {
        Some(parameters) => open(detector, call, parameters, request, host),
        None => host.note(None, "AMD: a detector detects once; create another one"),
    }
}

fn open(detector: UnitId, call: UnitId, mut params: Dictionary, request: Option<RequestId>, host: &mut Host) {
    let call_id = host.units.get(&call).map(|record| record.text_id.clone()).unwrap_or_default();
    host.own::<Detectors>().hearing.insert(detector, call);
    params.insert(key::CALL, call);
    params.insert(key::CALL_ID, call_id);
    host.open(detector, &KIND, request, vec![params.into()]);
    host.command(Command::Media(MediaAsk::Send { from: call, to: detector, with: Dictionary::new() }));
}

/// The older function, in the table of `AI`.
pub(crate) fn add_to_ai(ai: Namespace) -> Namespace {
    ai.function("detectVoicemail", detect_voicemail)
}

/// `AI.detectVoicemail(call, {model, threshold})`: resolves when a machine answers, is rejected otherwise, and the call hears
/// of it too (semantics 12.3).
fn detect_voicemail((call, Plain(parameters)): (MediaUnit, Plain), host: &mut Host) -> HostResult {
    let MediaUnit(call) = call;
    if class_of(call, host) != Some(CALL) {
        return Err(HostError::Argument {
            member: "AI.detectVoicemail".to_owned(),
            position: 1,
            wanted: "a call".to_owned(),
        });
    }
    let mut parameters = parameters.as_map().cloned().unwrap_or_default();
    parameters.insert(key::OLDER, true);
    let (request, detector) = (host.new_request(), host.new_hidden_unit());
    open(detector, call, parameters, Some(request), host);
    Ok(Return::Promise(request))
}
