//! Inworld: the realtime text-to-speech player. `wire.rs` is the platform's side of the provider's WebSocket, `emulator/`
//! the provider's. The other clients of the namespace are not built.

mod contexts;
mod emulator;
mod say;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod tests;
mod wire;

use crate::glue::Namespace;
use crate::provider_kit::{Realtime, player_class, player_factory};
use crate::wire::{FirstWord, Kind, Remote, Role};

/// The player's class, as scripts and the surface name it.
const PLAYER: &str = "Inworld.RealtimeTTSPlayer";

/// The table of `Inworld`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("Inworld")
        .factory(player_factory(&KIND, PLAYER))
        .class(PLAYER, || player_class(PLAYER).tells(&["send"]))
}

/// Where speech is asked for.
const PATH: &str = "/tts/v1/voice:streamBidirectional";

/// Contexts that a connection may have at a time.
const MOST_CONTEXTS: usize = 5;

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "inworld",
    role: Role::Player,
    make: |setup| Box::new(Realtime(wire::Wire::new(setup))),
    remote: Some(&REMOTE),
};

/// Who is at the other end.
pub(crate) static REMOTE: Remote = Remote {
    name: "inworld",
    key_secret: "INWORLD_API_KEY",
    connect_ms: 120,
    network_ms: 20,
    path: PATH,
    first_word: FirstWord::Answers,
    ping_every_ms: None,
    hears: false,
    module: "Inworld",
    emulator: |setup| Ok(Box::new(emulator::InworldEmulator::new(setup)?)),
};
