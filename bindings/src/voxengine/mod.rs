//! `VoxEngine`: the session itself (semantics 4). What other namespaces make (players, sockets, outgoing calls) is
//! planned in their rooms.

use crate::contract::{Command, MediaAsk};
use crate::glue::{Host, HostResult, MediaUnit, Namespace, Return};

/// What the platform writes in JavaScript on top of the rest (semantics 4.1).
const FORWARDING: &[&str] = &[
    "easyProcess",
    "forwardCallToPSTN",
    "forwardCallToUser",
    "forwardCallToUserDirect",
    "forwardCallToSIP",
    "playSoundAndHangup",
];

/// The table.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("VoxEngine")
        .listeners()
        .function("terminate", terminate)
        .function("getSecretValue", secret_value)
        .function("customData", custom_data)
        .function("sendMediaBetween", send_media_between)
        .function("stopMediaBetween", stop_media_between)
        .written(FORWARDING, include_str!("forward.js"), None)
}

/// Works unbound and ignores arguments: `addEventListener(CallEvents.Disconnected, VoxEngine.terminate)` is common.
pub(crate) fn terminate((): (), host: &mut Host) -> HostResult {
    host.command(Command::Terminate);
    Ok(Return::Undefined)
}

/// A missing or empty name is `undefined`; the value never reaches a log from here.
fn secret_value((name,): (Option<String>,), host: &mut Host) -> HostResult {
    let name = name.unwrap_or_default();
    if let Some(value) = host.setup.secrets.get(&name).filter(|value| !value.is_empty()) {
        return Ok(Return::Text(value.clone()));
    }
    if name.is_empty() || host.setup.missing_secrets.contains(&name) || !host.setup.placeholder_secrets {
        host.note_once(None, format!("secret '{name}' is not set: the script gets undefined"));
        return Ok(Return::Undefined);
    }
    host.note_once(
        None,
        format!("secret '{name}' is configured nowhere: offline it is the placeholder 'offline-{name}'"),
    );
    Ok(Return::Text(format!("offline-{name}")))
}

fn custom_data((data,): (Option<String>,), host: &mut Host) -> HostResult {
    if let Some(data) = data {
        host.check_custom_data(&data);
        host.custom_data.clone_from(&data);
        host.command(Command::SetCustomData { data });
    }
    Ok(Return::Text(host.custom_data.clone()))
}

fn send_media_between((MediaUnit(a), MediaUnit(b)): (MediaUnit, MediaUnit), host: &mut Host) -> HostResult {
    host.command(Command::Media(MediaAsk::SendBetween { a, b }));
    Ok(Return::Undefined)
}

fn stop_media_between((MediaUnit(a), MediaUnit(b)): (MediaUnit, MediaUnit), host: &mut Host) -> HostResult {
    host.command(Command::Media(MediaAsk::StopBetween { a, b }));
    Ok(Return::Undefined)
}
