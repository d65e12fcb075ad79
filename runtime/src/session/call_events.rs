//! The payloads of call events: the fields seen in the platform's logs (semantics 5.2 and Annex A). `name`, `call` and
//! `id` are added by the binding.

use std::time::Duration;

use serde_json::{Value, json};
use voxrun_bindings::contract::{CallFacts, Fields};

use super::calls::{CallEnd, DECLINE};
use super::report::ScriptRecording;
use crate::telephony::LegState;

/// How a call ended that the script left alerting.
pub const UNANSWERED: &str = "not answered within 60 s";

/// `DTMFType.TELEPHONE_EVENT` as text.
const TELEPHONE_EVENT: &str = "1";

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// `Application.CallAlerting` (semantics 1.3)
pub(super) fn alerting(facts: &CallFacts) -> Fields {
    let headers: Fields =
        facts.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    fields(json!({
        "callerid": facts.callerid,
        "destination": facts.destination,
        "toURI": facts.to_uri,
        "fromURI": facts.from_uri,
        "displayName": facts.display_name,
        "headers": headers,
        "customData": facts.custom_data,
        "scheme": "",
    }))
}

/// `Call.Connected`
pub(super) fn connected(facts: &CallFacts) -> Fields {
    let headers: Fields =
        facts.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    fields(json!({
        "sipCallId": facts.id,
        "sipTransport": "UDP",
        "headers": headers,
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

/// `Call.Disconnected`. Local calls cost nothing.
pub(super) fn disconnected(facts: &CallFacts, end: CallEnd, before: LegState, talked: Duration) -> Fields {
    let (code, reason, header) = match (end, before) {
        (CallEnd::Rejected(code), _) => (code, "", ""),
        (CallEnd::Unanswered, _) => (408, "Request Timeout", ""),
        (CallEnd::FarEnd, LegState::Alerting) => (487, "Request Terminated", ""),
        (_, LegState::Alerting) => (DECLINE, "", ""),
        (CallEnd::FarEnd, _) => (10, "BYE received", "Q.850;cause=16"),
        _ => (16, "BYE sent", "Q.850;cause=16"),
    };
    let direction = match (before, facts.client_type.as_str()) {
        (LegState::Alerting, _) => "",
        (_, "pstn") => "All numbers",
        (_, "sip") => "SIP Call",
        _ => "",
    };
    fields(json!({
        "headers": { "Reason": header },
        "internalCode": code,
        "reason": reason,
        "duration": talked.as_secs(),
        "cost": 0,
        "direction": direction,
    }))
}

/// How the call ended, for the journal and the summary.
pub(super) fn end_name(end: CallEnd, before: LegState) -> String {
    match (end, before) {
        (CallEnd::FarEnd, LegState::Alerting) => "caller gave up".to_owned(),
        (CallEnd::FarEnd, _) => "caller hung up".to_owned(),
        (CallEnd::HungUp, _) => "scenario hung up".to_owned(),
        (CallEnd::Rejected(code), _) => format!("rejected with {code}"),
        (CallEnd::Unanswered, _) => UNANSWERED.to_owned(),
        (CallEnd::EarlyMediaLimit, _) => "early media longer than 60 s".to_owned(),
        (CallEnd::SessionEnded, _) => "session ended".to_owned(),
    }
}

/// `Call.RecordStarted`
pub(super) fn record_started(url: &str) -> Fields {
    fields(json!({ "url": url }))
}

/// `Call.RecordStopped`: here the cost is text.
pub(super) fn record_stopped(recording: &ScriptRecording) -> Fields {
    fields(json!({
        "reason": "Stopped by user",
        "url": recording.url,
        "duration": recording.duration().as_secs(),
        "cost": "0",
    }))
}

/// `Call.ToneReceived`
pub(super) fn tone_received(key: char) -> Fields {
    fields(json!({ "tone": key.to_string(), "type": TELEPHONE_EVENT }))
}
