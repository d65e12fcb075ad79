//! Cartesia: the realtime text-to-speech player. `wire.rs` is the platform's side of the provider's WebSocket,
//! `emulator/` the provider's. The agents client of the namespace is not built.

mod contexts;
mod emulator;
mod request;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod tests;
mod wire;

use crate::glue::Namespace;
use crate::provider_kit::{Realtime, player_class, player_factory};
use crate::wire::{FirstWord, Kind, Remote, Role};

/// The player's class, as scripts and the surface name it.
const PLAYER: &str = "Cartesia.RealtimeTTSPlayer";

/// The table of `Cartesia`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("Cartesia")
        .factory(player_factory(&KIND, PLAYER))
        .class(PLAYER, || player_class(PLAYER).tells(&["generationRequest", "cancelContextRequest"]))
}

/// Where speech is asked for.
const PATH: &str = "/tts/websocket";

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "cartesia",
    role: Role::Player,
    make: |setup| Box::new(Realtime(wire::Wire::new(setup))),
    remote: Some(&REMOTE),
};

/// Who is at the other end.
pub(crate) static REMOTE: Remote = Remote {
    name: "cartesia",
    key_secret: "CARTESIA_API_KEY",
    connect_ms: 150,
    network_ms: 20,
    path: PATH,
    first_word: FirstWord::Listens,
    ping_every_ms: None,
    hears: false,
    module: "Cartesia",
    emulator: |setup| Ok(Box::new(emulator::CartesiaEmulator::new(setup)?)),
};
