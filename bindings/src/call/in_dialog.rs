//! What a call sends and takes beside its sound: messages, INFO, re-INVITE and its answers (semantics 5.3). A text or body
//! that is longer than the platform takes is not sent, with a remark (policy F-047). What a phone would have to do by itself,
//! muting or transferring, no simulated phone does: it can be asked for, and never happens.

use crate::contract::{CallAsk, Datum, InDialog, UnitId, limit};
use crate::glue::{HeaderFields, Host, HostClass, HostResult, Plain, Return};

/// Adds them to the table of `Call`.
pub(super) fn add_to(call: HostClass) -> HostClass {
    call.method("sendMessage", |call, (text,): (String,), host| send(host, call, InDialog::Message { text }))
        .method("sendInfo", |call, (mime_type, body, headers): (String, String, HeaderFields), host| {
            send(host, call, InDialog::Info { mime_type, body, headers: headers.0 })
        })
        .method("reInvite", |call, (headers, mime_type, body): Carried, host| {
            let (mime_type, body) = (mime_type.unwrap_or_default(), body.unwrap_or_default());
            send(host, call, InDialog::ReInvite { mime_type, body, headers: headers.0 })
        })
        .method("acceptReInvite", |call, (headers, mime_type, body): Carried, host| {
            let (mime_type, body) = (mime_type.unwrap_or_default(), body.unwrap_or_default());
            send(host, call, InDialog::ReInviteAccepted { mime_type, body, headers: headers.0 })
        })
        .method("rejectReInvite", |call, (headers, Plain(why)): (HeaderFields, Plain), host| {
            let (code, reason) = refusal(&why);
            send(host, call, InDialog::ReInviteRejected { code, reason, headers: headers.0 })
        })
        .method("handleMicStatus", |_, (_on,): (Option<bool>,), host| {
            never(host, "handleMicStatus", "mutes itself")
        })
        .method("handleBlindTransfer", |_, (_on,): (Option<bool>,), host| {
            never(host, "handleBlindTransfer", "asks for a transfer")
        })
        .method("notifyBlindTransferSuccess", |_, (): (), host| {
            never(host, "notifyBlindTransferSuccess", "asks for a transfer")
        })
        .method("notifyBlindTransferFailed", |_, (_code, _reason): (Plain, Plain), host| {
            never(host, "notifyBlindTransferFailed", "asks for a transfer")
        })
}

/// Headers, the type of a body, and the body.
type Carried = (HeaderFields, Option<String>, Option<String>);

fn send(host: &mut Host, call: UnitId, request: InDialog) -> HostResult {
    let length = match &request {
        InDialog::Message { text } => text.len(),
        InDialog::Info { body, .. } => body.len(),
        _ => 0,
    };
    if length > 0 && !host.reach(&limit::MESSAGE_BYTES, length) {
        let text = format!(
            "Call.{}: {length} bytes are more than the platform takes ({}): nothing is sent",
            request.member(),
            limit::MESSAGE_BYTES.most
        );
        host.note(Some("F-047"), text);
        return Ok(Return::Undefined);
    }
    host.call(call, CallAsk::Send(request));
    Ok(Return::Undefined)
}

/// `{code, reason}`; 488 is what a SIP phone says that does not want what it was offered.
fn refusal(why: &Datum) -> (u16, String) {
    let code = why["code"].as_number().filter(|code| (300.0..700.0).contains(code)).unwrap_or(488.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: 300 to 699")]
    (code as u16, why["reason"].as_text().unwrap_or_default().to_owned())
}

fn never(host: &mut Host, member: &str, what: &str) -> HostResult {
    host.note_once(None, format!("Call.{member}: no simulated phone {what}"));
    Ok(Return::Undefined)
}
