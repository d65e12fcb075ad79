//! The script's side of a realtime player: what the players of all providers have in common.

use crate::contract::{Command, Dictionary, MediaAsk, UnitId};
use crate::glue::{Factory, Host, HostClass, Return};
use crate::wire::Kind;

/// The table of a realtime player's class, without the provider's own messages. Its events hold it as `player`.
pub(crate) fn player_class(name: &'static str) -> HostClass {
    HostClass::new(name, "player")
        .observed_by(observe)
        .listeners()
        .identity()
        .media_source()
        .playback()
        .method("clearBuffer", |unit, (): (), host| {
            host.command(Command::Media(MediaAsk::Clear { unit }));
            Ok(Return::Undefined)
        })
}

/// Its factory: synchronous, and counted among the session's players.
pub(crate) const fn player_factory(kind: &'static Kind, class: &'static str) -> Factory {
    Factory { name: "createRealtimeTTSPlayer", kind, class, promise: false, callbacks: &[] }
}

/// Events after which a player is over and makes room for another one.
const ENDS: &[&str] = &["Player.PlaybackFinished", "Player.Stopped"];

fn observe(player: UnitId, event: &str, _: &Dictionary, host: &mut Host) {
    if ENDS.contains(&event) {
        host.close_player(player);
    }
}
