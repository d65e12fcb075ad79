//! The payloads of call events: the fields seen in the platform's logs (semantics 5.2 and Annex A). `name`, `call` and
//! `id` are added by the binding.

use std::time::Duration;

use serde_json::{Value, json};
use voxrun_bindings::contract::{CallAsk, CallFacts, Fields, Headers, InDialog};

use super::CallEnd;
use crate::telephony::LegState;

/// `DTMFType.TELEPHONE_EVENT` as text.
const TELEPHONE_EVENT: &str = "1";

pub(super) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

fn by_name(headers: &Headers) -> Fields {
    headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
}

/// `Application.CallAlerting` (semantics 1.3)
pub(super) fn alerting(facts: &CallFacts) -> Fields {
    fields(json!({
        "callerid": facts.callerid,
        "destination": facts.destination,
        "toURI": facts.to_uri,
        "fromURI": facts.from_uri,
        "displayName": facts.display_name,
        "headers": by_name(&facts.headers),
        "customData": facts.custom_data,
        "scheme": "",
    }))
}

/// `Call.Ringing`
pub(super) fn ringing(headers: &Headers) -> Fields {
    fields(json!({ "headers": by_name(headers) }))
}

/// `Call.AudioStarted`, with the status that brought the sound: 183 or 200.
pub(super) fn audio_started(code: u16, headers: &Headers) -> Fields {
    fields(json!({ "code": code, "headers": by_name(headers), "sipTransport": "UDP", "scheme": "audio" }))
}

/// `Call.Failed`
pub(super) fn failed(code: u16, reason: &str, headers: &Headers) -> Fields {
    fields(json!({ "code": code, "reason": reason, "headers": by_name(headers) }))
}

/// `Call.Connected`, with the headers of the far end: its INVITE, or its 200.
pub(super) fn connected(facts: &CallFacts, headers: &Headers) -> Fields {
    fields(json!({
        "sipCallId": facts.id,
        "sipTransport": "UDP",
        "headers": by_name(headers),
        "displayName": facts.display_name,
        "customData": facts.custom_data,
        "encrypted": false,
        "scheme": "audio",
    }))
}

/// `Call.AudioQualityDetected`: a G.711 line is `CallAudioQuality.STANDARD`.
pub(super) fn audio_quality() -> Fields {
    fields(json!({ "quality": "Standard" }))
}

/// `Call.Disconnected`. Local calls cost nothing. `sent` are the headers that the far end hung up with.
pub(super) fn disconnected(
    facts: &CallFacts,
    end: CallEnd,
    before: LegState,
    talked: Duration,
    sent: &Headers,
) -> Fields {
    let (code, reason, header) = match (end, before) {
        (CallEnd::Rejected(code), _) => (code, "", ""),
        (CallEnd::Unanswered, _) => (408, "Request Timeout", ""),
        (CallEnd::CallerGaveUp, _) => (487, "Request Terminated", ""),
        (_, LegState::Alerting) => (CallAsk::DECLINE, "", ""),
        (CallEnd::CallerHungUp | CallEnd::CalleeHungUp, _) => (10, "BYE received", "Q.850;cause=16"),
        _ => (16, "BYE sent", "Q.850;cause=16"),
    };
    let direction = match (before, facts.client_type.as_str()) {
        (LegState::Alerting, _) => "",
        (_, "pstn") => "All numbers",
        (_, "sip") => "SIP Call",
        _ => "",
    };
    let mut headers = Fields::new();
    headers.insert("Reason".to_owned(), header.into());
    headers.extend(by_name(sent));
    fields(json!({
        "headers": headers,
        "internalCode": code,
        "reason": reason,
        "duration": talked.as_secs(),
        "cost": 0,
        "direction": direction,
    }))
}

/// `Call.RecordStopped`: here the cost is text.
pub(super) fn record_stopped(url: &str, seconds: u64) -> Fields {
    fields(json!({ "reason": "Stopped by user", "url": url, "duration": seconds, "cost": "0" }))
}

/// `Call.ToneReceived`
pub(super) fn tone_received(key: char) -> Fields {
    fields(json!({ "tone": key.to_string(), "type": TELEPHONE_EVENT }))
}

/// The event of a request within the dialog, and its fields.
pub(super) fn in_dialog(request: &InDialog) -> (&'static str, Fields) {
    let carried = |mime_type: &str, body: &str, headers: &Headers| {
        fields(json!({ "mimeType": mime_type, "body": body, "headers": by_name(headers) }))
    };
    match request {
        InDialog::Message { text } => {
            ("Call.MessageReceived", fields(json!({ "text": text, "headers": {} })))
        }
        InDialog::Info { mime_type, body, headers } => {
            ("Call.InfoReceived", carried(mime_type, body, headers))
        }
        InDialog::ReInvite { mime_type, body, headers } => {
            ("Call.ReInviteReceived", carried(mime_type, body, headers))
        }
        InDialog::ReInviteAccepted { mime_type, body, headers } => {
            ("Call.ReInviteAccepted", carried(mime_type, body, headers))
        }
        InDialog::Refer { to, headers } => {
            let told = json!({ "transferTo": to, "headers": by_name(headers) });
            ("Call.BlindTransferRequested", fields(told))
        }
        InDialog::Notify { code: 200..300, .. } => {
            ("Call.TransferComplete", fields(json!({ "role": "transferee", "headers": {} })))
        }
        InDialog::Notify { code, reason } => {
            let told = json!({ "role": "transferee", "code": code, "reason": reason, "headers": {} });
            ("Call.TransferFailed", fields(told))
        }
        InDialog::Hold { on: true } => ("Call.OnHold", Fields::new()),
        InDialog::Hold { on: false } => ("Call.OffHold", Fields::new()),
        InDialog::ReInviteRejected { code, reason, headers } => {
            let told = json!({ "code": code, "reason": reason, "headers": by_name(headers) });
            ("Call.ReInviteRejected", fields(told))
        }
    }
}
