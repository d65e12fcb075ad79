//! What a scenario can say and hear: the JavaScript engine, the VoxEngine namespaces and the voice providers.
//!
//! This crate has no socket, no clock and no thread. A scenario speaks in [`contract::Command`]s and hears
//! [`contract::HostEvent`]s; each provider is a pair of pure machines, a [`connector::Connector`] and a
//! [`connector::Emulator`].

pub mod compatibility;
pub mod connector;
pub mod contract;
pub mod engine;
pub mod fidelity;
pub mod surface;
pub mod syntax;

pub use engine::heap::allocated_by;

mod call;
mod cartesia;
mod globals;
mod glue;
mod inworld;
mod logger;
mod openai;
mod playback;
mod timers;
mod voxengine;

/// Every voice provider, one line each.
#[must_use]
pub fn providers() -> &'static [connector::Provider] {
    const { &[openai::provider(), inworld::provider(), cartesia::provider()] }
}

/// Every namespace that has something built, one line each.
fn namespaces() -> Vec<glue::Namespace> {
    vec![
        globals::namespace(),
        globals::jsession(),
        voxengine::namespace().class(call::class()),
        logger::namespace(),
        logger::console(),
        inworld::namespace(),
        cartesia::namespace(),
        openai::namespace(),
    ]
}

/// The provider of this name.
#[must_use]
pub fn provider(name: &str) -> Option<&'static connector::Provider> {
    providers().iter().find(|provider| provider.name == name)
}
