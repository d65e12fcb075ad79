//! The script's side of a realtime player: what the players of all providers have in common.

use crate::contract::Command;
use crate::glue::{Factory, HostClass, Return};

/// The table of a realtime player's class, without the provider's own messages. Its events hold it as `player`.
pub(crate) fn player_class(name: &'static str) -> HostClass {
    HostClass::new(name, "player").listeners().identity().media_source().playback().method(
        "clearBuffer",
        |unit, (): (), host| {
            host.command(Command::ClearMedia { unit });
            Ok(Return::Undefined)
        },
    )
}

/// Its factory: synchronous, and counted among the session's players.
pub(crate) const fn player_factory(provider: &'static str, class: &'static str) -> Factory {
    Factory { name: "createRealtimeTTSPlayer", provider, class, promise: false, player: true, callbacks: &[] }
}
