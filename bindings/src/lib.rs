//! What a scenario can say and hear: the JavaScript engine, the VoxEngine namespaces and the voice providers.
//!
//! This crate has no socket, no clock and no thread. A scenario speaks in [`contract::Command`]s and hears
//! [`contract::HostEvent`]s; each provider is a pair of pure machines, a [`wire::Unit`] and a [`wire::Emulator`].
//!
//! A script by itself, without a host that does what it says:
//!
//! ```
//! use voxrun_bindings::contract::{Command, ScenarioFile, Setup, Time};
//! use voxrun_bindings::engine::Engine;
//!
//! let text = "Logger.write(`${VoxEngine.customData()} world`); VoxEngine.terminate();";
//! let scenarios = vec![ScenarioFile::new("hello.js", text)];
//! let setup = Setup { scenarios, custom_data: "hello".into(), ..Setup::default() };
//! let mut engine = Engine::new(setup, &voxrun_bindings::language()).unwrap();
//! let turn = engine.start(Time::ZERO);
//! assert!(matches!(&turn.commands[..], [.., Command::Log { text, .. }, Command::Terminate] if text == "hello world"));
//! ```

pub mod compatibility;
pub mod connection;
pub mod contract;
pub mod engine;
pub mod fidelity;
pub mod members;
pub mod surface;
pub mod wire;

pub use glue::Language;
pub use source::scenario;
pub use voxrun_sandbox::{heap, syntax};

mod acd;
mod amd;
mod asr;
mod call;
mod call_list;
mod cartesia;
mod conference;
mod crypto;
mod globals;
mod glue;
mod inworld;
mod ivr;
mod logger;
mod mail;
mod measurement_protocol;
mod monitor;
mod net;
mod openai;
mod phone_number;
mod player;
mod provider_kit;
mod recorder;
mod smart_queue;
mod source;
mod storage;
mod streaming_agent;
mod timers;
mod voxengine;
mod voximplant_api;
mod websocket;

/// Every kind of unit that a script can open, one line each.
#[must_use]
pub fn kinds() -> &'static [&'static wire::Kind] {
    static KINDS: &[&wire::Kind] = &[
        &openai::KIND,
        &inworld::KIND,
        &cartesia::KIND,
        &net::KIND,
        &storage::KIND,
        &amd::KIND,
        &call_list::KIND,
        &mail::KIND,
        &player::KIND,
        &player::OF_SEVERAL,
        &conference::KIND,
        &asr::KIND,
        &recorder::KIND,
        &monitor::BEEP,
        &monitor::MIC,
        &monitor::STATISTICS,
        &streaming_agent::KIND,
        &call::push::KIND,
        &websocket::KIND,
    ];
    KINDS
}

/// VoxEngine: the language of scenarios.
#[must_use]
pub const fn language() -> Language {
    Language { surface: surface::surface, namespaces }
}

/// Every namespace that has something built, one line each.
fn namespaces() -> Vec<glue::Namespace> {
    vec![
        globals::namespace(),
        globals::jsession(),
        voxengine(),
        logger::namespace(),
        logger::console(),
        mail::add_to(net::namespace()),
        phone_number::namespace(),
        amd::add_to_ai(glue::Namespace::new("AI")),
        crypto::namespace(),
        amd::namespace(),
        storage::namespace(),
        call_list::namespace(),
        call_list::older_namespace(),
        ivr::namespace(),
        measurement_protocol::namespace(),
        voximplant_api::namespace(),
        inworld::namespace(),
        cartesia::namespace(),
        openai::namespace(),
    ]
}

/// `VoxEngine`, to which other rooms add what they make, and `Call`, to which they add what a call does with it.
fn voxengine() -> glue::Namespace {
    let add = [
        call::place::add_to,
        player::add_to,
        asr::add_to,
        conference::add_to,
        recorder::add_to,
        websocket::add_to,
        acd::add_to,
        smart_queue::add_to,
        streaming_agent::add_to,
    ];
    let table = add.into_iter().fold(voxengine::namespace(), |table, add| add(table));
    table.class(call::CLASS, call_class).unheard("Application.CallAlerting", call::unheard)
}

fn call_class() -> glue::HostClass {
    let on_call = [player::on_call, asr::on_call, conference::on_call, amd::on_call, monitor::on_call];
    on_call.into_iter().fold(call::class(), |call, add| add(call))
}

/// What can be set of units (`[units.<kind>]`), milliseconds each: the kind and the names.
#[must_use]
pub fn unit_settings() -> &'static [(&'static str, &'static [&'static str])] {
    &[("asr", &[asr::RESULT_MS]), ("player", &[player::VOICE_MS]), ("sequence", &[player::VOICE_MS])]
}

/// The kind of this name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static wire::Kind> {
    kinds().iter().copied().find(|kind| kind.name == name)
}

/// Every provider that a unit can be connected to, each once.
#[must_use]
pub fn remotes() -> Vec<&'static wire::Remote> {
    kinds().iter().filter_map(|kind| kind.remote).collect()
}

/// The provider of this name.
#[must_use]
pub fn remote(name: &str) -> Option<&'static wire::Remote> {
    remotes().into_iter().find(|remote| remote.name == name)
}

#[cfg(test)]
#[global_allocator]
static ALLOCATOR: voxrun_sandbox::heap::CountingAllocator = voxrun_sandbox::heap::CountingAllocator;
