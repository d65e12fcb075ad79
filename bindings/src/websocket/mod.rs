//! `WebSocket`: a socket of the scenario's own (semantics 8.3), which carries messages and, as messages of a schema of the
//! platform, sound; one that the script opens, or one that comes in at the session's own URL. `wire.rs` is the machine of one,
//! `media.rs` the schema. Opus is not built; statistics and traces are taken and make no report.

mod media;
mod wire;

use crate::contract::{Command, Datum, Dictionary, MediaAsk, UnitId};
use crate::glue::{Form, Host, HostClass, HostError, HostResult, Namespace, Plain, Positional, Return};
use crate::wire::{Kind, Role, SOCKET};

/// The row of the inventory.
pub(crate) static KIND: Kind =
    Kind { name: SOCKET, role: Role::Socket, make: |_| Box::new(wire::Socket::default()), remote: None };

/// The class of its objects.
const CLASS: &str = "WebSocket";

/// Its events.
mod event {
    pub(super) const CREATED: &str = "WebSocket.Created";
    pub(super) const OPEN: &str = "WebSocket.Open";
    pub(super) const MESSAGE: &str = "WebSocket.Message";
    pub(super) const ERROR: &str = "WebSocket.Error";
    pub(super) const CLOSE: &str = "WebSocket.Close";
    pub(super) const MEDIA_STARTED: &str = "WebSocket.MediaEventStarted";
    pub(super) const MEDIA_ENDED: &str = "WebSocket.MediaEventEnded";
}

/// The properties that hear an event before the listeners, in the order in which the platform prints them.
const HANDLERS: &[(&str, &str)] = &[
    (event::CLOSE, "onclose"),
    (event::ERROR, "onerror"),
    (event::MESSAGE, "onmessage"),
    (event::OPEN, "onopen"),
    (event::CREATED, "oncreated"),
    (event::MEDIA_STARTED, "onmediastarted"),
    (event::MEDIA_ENDED, "onmediaended"),
];

/// The property that says where it stands, and its values.
const READY_STATE: &str = "readyState";
const CONNECTING: &str = "connecting";
const OPEN: &str = "open";
const CLOSING: &str = "closing";
const CLOSED: &str = "closed";

/// The method that is a message.
const SEND: &str = "send";

/// Adds the factory to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    let switches = [
        "enableStatisticsForIncomingWebsockets",
        "disableStatisticsForIncomingWebsockets",
        "enableTraceForIncomingWebsockets",
        "disableTraceForIncomingWebsockets",
    ];
    let table = voxengine
        .function("createWebSocket", create)
        .function("allowWebSocketConnections", |(): (), host| {
            host.command(Command::TakeSockets);
            Ok(Return::Undefined)
        })
        .class(CLASS, class);
    switches.into_iter().fold(table, |table, name| table.function(name, switch))
}

/// What is seen of sockets that come in is what the journal shows (policy F-177).
fn switch((): (), _: &mut Host) -> HostResult {
    Ok(Return::Undefined)
}

/// One that came in stands already.
fn born(socket: UnitId, facts: &Dictionary, host: &mut Host) {
    host.set_field(socket, "url", facts.text("url").unwrap_or_default());
    host.set_field(socket, READY_STATE, OPEN);
}

fn class() -> HostClass {
    HostClass::new(CLASS, "websocket")
        .field("url", Datum::Null)
        .handlers(HANDLERS)
        .field(READY_STATE, CONNECTING)
        .born(born)
        .observed_by(observe)
        .listeners()
        .identity()
        .media_source()
        .method("clearMediaBuffer", |unit, (): (), host| {
            host.command(Command::Media(MediaAsk::Clear { unit }));
            Ok(Return::Undefined)
        })
        .method("send", send)
        .method("close", |unit, (): (), host| {
            host.set_field(unit, READY_STATE, CLOSING);
            host.command(Command::Close { unit, stop: true });
            Ok(Return::Undefined)
        })
}

/// Older scripts pass the protocols alone.
struct Legacy;

impl Positional for Legacy {
    const NAMES: &'static [&'static str] = &["protocols"];
}

/// `createWebSocket(url, {protocols, headers})`
fn create((url, Form(options, ..)): (String, Form<Legacy>), host: &mut Host) -> HostResult {
    if !["ws://", "wss://"].iter().any(|scheme| url.trim().starts_with(scheme)) {
        return Err(HostError::Argument {
            member: "VoxEngine.createWebSocket".to_owned(),
            position: 1,
            wanted: "a URL that begins with ws:// or wss://".to_owned(),
        });
    }
    let socket = host.new_unit(CLASS);
    host.set_field(socket, "url", url.trim());
    host.open(socket, &KIND, None, vec![url.trim().into(), options.into()]);
    Ok(Return::Unit(socket))
}

/// Text as it is, a buffer as a binary message, everything else as its JSON.
fn send(socket: UnitId, (Plain(message),): (Plain,), host: &mut Host) -> HostResult {
    let message = match message {
        Datum::Null => {
            return Err(HostError::Argument {
                member: "WebSocket.send".to_owned(),
                position: 1,
                wanted: "a text or a buffer".to_owned(),
            });
        }
        message @ (Datum::Text(_) | Datum::Bytes(_)) => message,
        other => Datum::from(other.json().to_string()),
    };
    host.command(Command::Tell { unit: socket, method: SEND.to_owned(), params: vec![message] });
    Ok(Return::Undefined)
}

fn observe(socket: UnitId, event: &str, _: &Dictionary, host: &mut Host) {
    match event {
        event::OPEN => host.set_field(socket, READY_STATE, OPEN),
        event::CLOSE => host.set_field(socket, READY_STATE, CLOSED),
        _ => {}
    }
}
