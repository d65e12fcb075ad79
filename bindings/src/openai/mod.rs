//! The room of OpenAI's Realtime interface: its JS face (the tables below), its connector ([`wire`]), its emulator and
//! its names (`events.toml`). It deliberately holds one client only; the Responses, Chat Completions and Beta clients
//! of the namespace are planned.

mod emulator;
mod events;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::contract::{Command, MediaAsk, UnitId};
use crate::glue::{Factory, Host, HostClass, HostResult, Namespace, Return};
use crate::wire::{FirstWord, Kind, Remote, Role};

/// The class of the Realtime client.
const CLIENT: &str = "OpenAI.RealtimeAPIClient";

/// The row of the inventory.
pub(crate) static KIND: Kind =
    Kind { name: "openai", role: Role::Client, make: wire::unit, remote: Some(&REMOTE) };

/// Who is at the other end.
pub(crate) static REMOTE: Remote = Remote {
    name: "openai",
    key_secret: "OPENAI_API_KEY",
    connect_ms: 120,
    network_ms: 15,
    path: "/v1/realtime",
    first_word: FirstWord::Greets,
    ping_every_ms: Some(20_000),
    hears: true,
    module: "OpenAI",
    emulator: emulator::emulator,
};

/// The table of the namespace.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("OpenAI")
        .factory(Factory {
            name: "createRealtimeAPIClient",
            kind: &KIND,
            class: CLIENT,
            promise: true,
            callbacks: &[("onWebSocketClose", wire::CLOSE_EVENT)],
        })
        .class(CLIENT, client)
}

/// The table of the client. Methods that are one message are rows of `events.toml`.
fn client() -> HostClass {
    static MESSAGES: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| events::methods().iter().map(|row| row.member.as_str()).collect());
    // The closing event of its socket names the client `websocket`, as every event of a socket does.
    HostClass::new(CLIENT, "client")
        .events_named("WebSocket.", "websocket")
        .listeners()
        .identity()
        .method("webSocketId", |client, (): (), host| {
            let id = host.units.get(&client).map(|record| format!("ws-{}", record.text_id));
            Ok(Return::Text(id.unwrap_or_default()))
        })
        .media_source()
        .tells(&MESSAGES)
        .method("clearMediaBuffer", clear_media_buffer)
        .method("close", close)
}

/// Drops provider audio that was not played yet; its `tag` picks one of several streams, and a client has one.
fn clear_media_buffer(client: UnitId, (): (), host: &mut Host) -> HostResult {
    host.command(Command::Media(MediaAsk::Clear { unit: client }));
    Ok(Return::Undefined)
}

fn close(client: UnitId, (): (), host: &mut Host) -> HostResult {
    host.command(Command::Close { unit: client, stop: false });
    Ok(Return::Undefined)
}
