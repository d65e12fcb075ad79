//! `Recorder` and `ConferenceRecorder`: files of what is sent to them (semantics 7). `VoxEngine.createRecorder({name,
//! hd_audio ...})`, or the older `(name, secure)`; with a `video` it is a recorder of a conference. `wire.rs` is the machine of
//! one. Of pictures there is nothing to record; what is asked of them is taken and has no effect.

mod wire;

use crate::contract::{Command, Datum, Dictionary, MediaAsk, UnitId};
use crate::glue::{
    Form, Host, HostClass, HostError, HostResult, MediaUnit, Namespace, Plain, Positional, Return,
};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "recorder",
    role: Role::Recorder,
    make: |setup| Box::new(wire::Recorder::new(setup)),
    remote: None,
};

/// The classes of its objects.
const CLASS: &str = "Recorder";
const OF_CONFERENCE: &str = "ConferenceRecorder";
/// The class of a conference's object, and of who takes part in one.
const CONFERENCE: &str = "Conference";
const ENDPOINT: &str = "Endpoint";

/// Names in what a recorder is told.
mod key {
    pub(super) const NAME: &str = "name";
    pub(super) const SECURE: &str = "secure";
    pub(super) const HD: &str = "hd_audio";
    pub(super) const VIDEO: &str = "video";
}

/// What the machine is told.
mod method {
    pub(super) const MUTE: &str = "mute";
}

/// Adds the factory to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine.function("createRecorder", create).class(CLASS, class).class(OF_CONFERENCE, of_conference_class)
}

fn class() -> HostClass {
    members(HostClass::new(CLASS, "recorder"))
}

/// What every recorder has.
fn members(class: HostClass) -> HostClass {
    class
        .listeners()
        .identity()
        .method("mute", |unit, (muted,): (bool,), host| {
            let params = vec![Datum::Bool(muted)];
            host.command(Command::Tell { unit, method: method::MUTE.to_owned(), params });
            Ok(Return::Undefined)
        })
        .method("stop", |unit, (): (), host| {
            host.command(Command::Close { unit, stop: true });
            Ok(Return::Undefined)
        })
}

fn of_conference_class() -> HostClass {
    members(HostClass::new(OF_CONFERENCE, "recorder"))
        .method("setConference", |recorder, (MediaUnit(conference),): (MediaUnit,), host| {
            if host.units.get(&conference).is_none_or(|record| record.class != CONFERENCE) {
                return Err(refuse("setConference", "a conference"));
            }
            let with = Dictionary::new();
            host.command(Command::Media(MediaAsk::Send { from: conference, to: recorder, with }));
            Ok(Return::Undefined)
        })
        .method("setPriority", set_priority)
        .method("getPriority", |recorder, (): (), host| {
            let priority = host.kept::<Priority>(recorder).cloned().unwrap_or_default();
            Ok(Return::Datum(Datum::List(priority.0.into_iter().map(Datum::Unit).collect())))
        })
        .method("update", |_, (_,): (Plain,), host| {
            host.note_once(
                Some("F-364"),
                "recordings have no picture here: what is asked of it has no effect",
            );
            Ok(Return::Undefined)
        })
}

/// Whose picture comes first.
#[derive(Debug, Clone, Default)]
struct Priority(Vec<UnitId>);

/// `setPriority([endpoint ...])`, a promise that is kept at once.
fn set_priority(recorder: UnitId, (Plain(endpoints),): (Plain,), host: &mut Host) -> HostResult {
    const WANTED: &str = "a list of endpoints of the conference";
    let Datum::List(endpoints) = endpoints else { return Err(refuse("setPriority", WANTED)) };
    let mut priority = Vec::new();
    for endpoint in endpoints {
        match endpoint {
            Datum::Unit(unit) if host.units.get(&unit).is_some_and(|record| record.class == ENDPOINT) => {
                priority.push(unit);
            }
            _ => return Err(refuse("setPriority", WANTED)),
        }
    }
    host.keep(recorder, Priority(priority));
    Ok(Return::Resolved)
}

fn refuse(method: &str, wanted: &str) -> HostError {
    HostError::Argument {
        member: format!("{OF_CONFERENCE}.{method}"),
        position: 1,
        wanted: wanted.to_owned(),
    }
}

/// Older scripts say a name, and whether it is kept secret.
struct Legacy;

impl Positional for Legacy {
    const NAMES: &'static [&'static str] = &[key::NAME, key::SECURE];
}

/// What is asked for is a recorder of a conference when it asks for a picture.
fn create((Form(options, ..),): (Form<Legacy>,), host: &mut Host) -> HostResult {
    let class = if options.get(key::VIDEO) == Some(&Datum::Bool(true)) { OF_CONFERENCE } else { CLASS };
    if class == OF_CONFERENCE {
        host.note_once(Some("F-364"), "recordings have no picture here: what is asked of it has no effect");
    }
    let recorder = host.new_unit(class);
    host.open(recorder, &KIND, None, vec![options.into()]);
    Ok(Return::Unit(recorder))
}
