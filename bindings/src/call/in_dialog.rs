//! What a call sends and takes beside its sound: messages, INFO, re-INVITE and its answers (semantics 5.3). A text or body
//! that is longer than the platform takes is not sent, with a remark (policy F-047). Transfers are REFER (RFC 3515) either way,
//! and the NOTIFY of what came of it.

use crate::contract::{CallAsk, Datum, Dictionary, Headers, InDialog, UnitId, limit};
use crate::glue::{HeaderFields, Host, HostClass, HostError, HostResult, Plain, Return};

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
        .method("transferTo", transfer_to)
        .method("handleBlindTransfer", |call, (on,): (Option<bool>,), host| {
            host.call(call, CallAsk::HandleBlindTransfer { on: on.unwrap_or(true) });
            Ok(Return::Undefined)
        })
        .method("notifyBlindTransferSuccess", |call, (): (), host| {
            send(host, call, InDialog::Notify { code: 200, reason: "OK".to_owned() })
        })
        .method("notifyBlindTransferFailed", |call, (code, reason): (Option<f64>, Option<String>), host| {
            let code = status(code).unwrap_or(NOT_TRANSFERRED);
            send(host, call, InDialog::Notify { code, reason: reason.unwrap_or_default() })
        })
}

/// What a transfer fails with for which nothing is said.
const NOT_TRANSFERRED: u16 = 503;
/// How many transfers each call has asked for.
#[derive(Debug, Default)]
struct Transfers(std::collections::BTreeMap<UnitId, usize>);

/// `transferTo({to, call, headers})`: the far end is asked to call somebody else, in place of another call when one is named.
fn transfer_to(call: UnitId, (Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    let to = options["to"].as_text().map(str::trim).unwrap_or_default().to_owned();
    if to.is_empty() {
        let wanted = "an object with to: a number or a SIP URI".to_owned();
        return Err(HostError::Argument { member: "Call.transferTo".to_owned(), position: 1, wanted });
    }
    let asked = host.own::<Transfers>().0.entry(call).or_default();
    *asked += 1;
    let asked = *asked;
    if !host.reach(&limit::REFERS, asked) {
        let text = format!("Call.transferTo: more than {} of a call: nothing is sent", limit::REFERS.most);
        host.note(Some("F-373"), text);
        return Ok(Return::Undefined);
    }
    let mut headers: Headers = Vec::new();
    for (name, value) in options["headers"].as_map().into_iter().flat_map(Dictionary::iter) {
        headers
            .push((name.to_owned(), value.as_text().map_or_else(|| value.json().to_string(), str::to_owned)));
    }
    if let Some(replaced) = options["call"].as_unit().and_then(|other| host.units.get(&other)) {
        headers.push(("Replaces".to_owned(), replaced.text_id.clone()));
    }
    send(host, call, InDialog::Refer { to, headers })
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
    let code = status(why["code"].as_number()).unwrap_or(488);
    (code, why["reason"].as_text().unwrap_or_default().to_owned())
}

/// A final status that refuses, if it is one.
fn status(code: Option<f64>) -> Option<u16> {
    let code = code.filter(|code| (300.0..700.0).contains(code))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: 300 to 699")]
    Some(code as u16)
}
