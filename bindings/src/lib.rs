//! What a scenario can say and hear: the JavaScript engine, the VoxEngine namespaces and the voice providers.
//!
//! This crate has no socket, no clock and no thread. A scenario speaks in [`contract::Command`]s and hears
//! [`contract::HostEvent`]s; each provider is a pair of pure machines, a [`connector::Connector`] and a
//! [`connector::Emulator`].

mod cartesia;
pub mod connector;
pub mod contract;
pub mod engine;
pub mod fidelity;
mod inworld;
mod playback;

/// Every voice provider, one line each.
#[must_use]
pub fn providers() -> &'static [connector::Provider] {
    const { &[inworld::provider(), cartesia::provider()] }
}

/// The provider of this name.
#[must_use]
pub fn provider(name: &str) -> Option<&'static connector::Provider> {
    providers().iter().find(|provider| provider.name == name)
}
