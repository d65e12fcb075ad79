//! `ASR`: text out of the sound that is sent to it (semantics 7). `VoxEngine.createASR({profile ...})`, or the older
//! `(language, dictionary)`. `wire.rs` is the machine of one. Its ear understands spoken code, and no voice.

mod wire;

use crate::contract::{Command, UnitId};
use crate::glue::{Form, Host, HostClass, HostError, HostResult, Namespace, Positional, Return};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "asr",
    role: Role::Recognizer,
    make: |setup| Box::new(wire::Recogniser::new(setup.setting(RESULT_MS, wire::USUAL_RESULT_MS))),
    remote: None,
};

/// The setting that says how long after the end of speech its text comes.
pub(crate) const RESULT_MS: &str = "result_ms";

/// The class of its objects.
const CLASS: &str = "ASR";

/// Names in what a recogniser is told.
mod key {
    pub(super) const PROFILE: &str = "profile";
    pub(super) const DICTIONARY: &str = "dict";
    pub(super) const INTERIM: &str = "interimResults";
    pub(super) const SINGLE: &str = "singleUtterance";
}

/// Adds the factory to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine.function("createASR", create).class(CLASS, class)
}

/// Adds to the table of `Call` what a call knows of those who hear it.
pub(crate) fn on_call(call: HostClass) -> HostClass {
    call.method("vad", |call, (): (), host| {
        let heard = host.sent_to(call).into_iter();
        let is_one = |unit| host.units.get(&unit).is_some_and(|record| record.class == CLASS);
        Ok(Return::Bool(heard.into_iter().any(is_one)))
    })
}

fn class() -> HostClass {
    HostClass::new(CLASS, "asr")
        .listeners()
        .identity()
        .method("language", |asr, (): (), host| Ok(Return::Text(kept(asr, host).language)))
        .method("dictionary", |asr, (): (), host| Ok(Return::Text(kept(asr, host).dictionary)))
        .method("stop", |asr, (): (), host| {
            host.command(Command::Close { unit: asr, stop: true });
            Ok(Return::Undefined)
        })
}

/// What the object answers at once.
#[derive(Debug, Clone, Default)]
struct Kept {
    language: String,
    dictionary: String,
}

fn kept(asr: UnitId, host: &mut Host) -> Kept {
    host.kept::<Kept>(asr).cloned().unwrap_or_default()
}

/// Older scripts say a language and a dictionary.
struct Legacy;

impl Positional for Legacy {
    const NAMES: &'static [&'static str] = &[key::PROFILE, key::DICTIONARY];
}

/// A profile, or a language, is all that has to be said.
fn create((Form(options, ..),): (Form<Legacy>,), host: &mut Host) -> HostResult {
    let language = ["profile", "lang", "language"].into_iter().find_map(|name| options.text(name));
    let Some(language) = language.filter(|language| !language.is_empty()).map(str::to_owned) else {
        return Err(HostError::Argument {
            member: "VoxEngine.createASR".to_owned(),
            position: 1,
            wanted: "an object with a profile".to_owned(),
        });
    };
    let dictionary = options.text(key::DICTIONARY).unwrap_or_default().to_owned();
    let asr = host.new_unit(CLASS);
    host.keep(asr, Kept { language, dictionary });
    host.open(asr, &KIND, None, vec![options.into()]);
    Ok(Return::Unit(asr))
}
