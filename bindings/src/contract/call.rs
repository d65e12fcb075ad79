//! Calls as both planes speak of them.

use serde::{Deserialize, Serialize};

use super::{Datum, Dictionary, Fields, Headers, Told, UnitId};

/// What a call recording should be like (`call.record()`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordOptions {
    /// 48 kHz instead of 8 kHz.
    #[serde(default)]
    pub hd_audio: bool,
    /// One channel a direction instead of a mix.
    #[serde(default)]
    pub stereo: bool,
    /// FLAC instead of MP3.
    #[serde(default)]
    pub lossless: bool,
    /// Every other option as the script gave it.
    #[serde(flatten)]
    pub other: Fields,
}

/// What is known of a call when it alerts, or is placed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallFacts {
    /// The platform's id of the call: text that scripts may log.
    pub id: String,
    /// The calling number (`callerid`).
    pub callerid: String,
    /// The dialled number (`destination`, `call.number()`).
    pub destination: String,
    /// The caller's display name.
    pub display_name: String,
    /// The request URI.
    pub to_uri: String,
    /// The caller's URI.
    pub from_uri: String,
    /// Headers of the INVITE.
    pub headers: Headers,
    /// `pstn`, `sip`, `user` or `wab`.
    pub client_type: String,
    /// Custom data of the call.
    pub custom_data: String,
}

impl CallFacts {
    /// As the facts of a unit that is born.
    #[must_use]
    pub fn dictionary(&self) -> Dictionary {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => fields.into(),
            _ => Dictionary::new(),
        }
    }

    /// Out of the facts of a unit that is born; what is missing is empty.
    #[must_use]
    pub fn of(facts: &Dictionary) -> CallFacts {
        serde_json::from_value(Datum::Map(facts.clone()).json()).unwrap_or_default()
    }
}

/// Headers as pairs, in order.
fn pairs(headers: &Headers) -> Datum {
    let pair = |(name, value): &(String, String)| {
        Datum::List(vec![Datum::from(name.as_str()), Datum::from(value.as_str())])
    };
    Datum::List(headers.iter().map(pair).collect())
}

/// What passes between the two ends of a call beside its sound, either way: requests within a dialog (RFC 3261, 12.2), and
/// the answers to a re-INVITE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InDialog {
    /// MESSAGE (RFC 3428): `call.sendMessage(text)`
    Message {
        /// What it says.
        text: String,
    },
    /// INFO (RFC 6086): `call.sendInfo(mimeType, body, headers)`
    Info {
        /// The type of the body.
        mime_type: String,
        /// The body.
        body: String,
        /// Extra headers.
        headers: Headers,
    },
    /// re-INVITE: `call.reInvite(headers, mimeType, body)`
    ReInvite {
        /// The type of the body.
        mime_type: String,
        /// The body.
        body: String,
        /// Extra headers.
        headers: Headers,
    },
    /// 200 to a re-INVITE: `call.acceptReInvite(headers, mimeType, body)`
    ReInviteAccepted {
        /// The type of the body.
        mime_type: String,
        /// The body.
        body: String,
        /// Extra headers.
        headers: Headers,
    },
    /// REFER (RFC 3515): `call.transferTo({to, call, headers})`; of a far end, its wish to be transferred.
    Refer {
        /// Whom it is to call: a number or a URI.
        to: String,
        /// Extra headers.
        headers: Headers,
    },
    /// NOTIFY with the final status of what a REFER led to: `call.notifyBlindTransferSuccess()` and its like.
    Notify {
        /// SIP status.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
    /// re-INVITE with `a=sendonly`, and the one that ends it: a far end puts the call on hold.
    Hold {
        /// On hold, or back.
        on: bool,
    },
    /// A refusal of a re-INVITE: `call.rejectReInvite(headers, {code, reason})`
    ReInviteRejected {
        /// SIP status.
        code: u16,
        /// Reason phrase.
        reason: String,
        /// Extra headers.
        headers: Headers,
    },
}

impl InDialog {
    /// The member of `Call` that sends it.
    #[must_use]
    pub const fn member(&self) -> &'static str {
        match self {
            InDialog::Message { .. } => "sendMessage",
            InDialog::Info { .. } => "sendInfo",
            InDialog::ReInvite { .. } => "reInvite",
            InDialog::ReInviteAccepted { .. } => "acceptReInvite",
            InDialog::ReInviteRejected { .. } => "rejectReInvite",
            InDialog::Refer { .. } => "transferTo",
            InDialog::Notify { code: 200..300, .. } => "notifyBlindTransferSuccess",
            InDialog::Notify { .. } => "notifyBlindTransferFailed",
            InDialog::Hold { .. } => "hold",
        }
    }

    fn headers(&self) -> &[(String, String)] {
        match self {
            InDialog::Info { headers, .. }
            | InDialog::ReInvite { headers, .. }
            | InDialog::ReInviteAccepted { headers, .. }
            | InDialog::ReInviteRejected { headers, .. }
            | InDialog::Refer { headers, .. } => headers,
            InDialog::Message { .. } | InDialog::Notify { .. } | InDialog::Hold { .. } => &[],
        }
    }

    fn told(&self) -> (&'static str, Dictionary) {
        let named = |mime_type: &str, body: &str, headers| {
            Dictionary::from_iter([
                ("mimeType", Datum::from(mime_type)),
                ("body", Datum::from(body)),
                ("headers", pairs(headers)),
            ])
        };
        match self {
            InDialog::Message { text } => {
                ("send_message", Dictionary::from_iter([("text", Datum::from(text.as_str()))]))
            }
            InDialog::Info { mime_type, body, headers } => ("send_info", named(mime_type, body, headers)),
            InDialog::ReInvite { mime_type, body, headers } => ("re_invite", named(mime_type, body, headers)),
            InDialog::ReInviteAccepted { mime_type, body, headers } => {
                ("accept_re_invite", named(mime_type, body, headers))
            }
            InDialog::Refer { to, headers } => (
                "refer",
                Dictionary::from_iter([("to", Datum::from(to.as_str())), ("headers", pairs(headers))]),
            ),
            InDialog::Notify { code, reason } => (
                "notify",
                Dictionary::from_iter([
                    ("code", Datum::from(u32::from(*code))),
                    ("reason", Datum::from(reason.as_str())),
                ]),
            ),
            InDialog::Hold { on } => ("hold", Dictionary::from_iter([("on", Datum::Bool(*on))])),
            InDialog::ReInviteRejected { code, reason, headers } => (
                "reject_re_invite",
                Dictionary::from_iter([
                    ("code", Datum::from(u32::from(*code))),
                    ("reason", Datum::from(reason.as_str())),
                    ("headers", pairs(headers)),
                ]),
            ),
        }
    }
}

/// What a script asks of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAsk {
    /// `VoxEngine.callPSTN()` and its family: a call goes out.
    Place {
        /// Whom it is for, and by which way.
        facts: CallFacts,
    },
    /// `call.answer()`
    Answer {
        /// Extra headers of the 200.
        headers: Headers,
    },
    /// No scenario listens for calls: the platform declines with [`CallAsk::DECLINE`].
    Unheard,
    /// `call.reject(code)`
    Reject {
        /// SIP status, 300-699.
        code: u16,
        /// Extra headers of the response.
        headers: Headers,
    },
    /// `call.hangup()`
    Hangup {
        /// Extra headers of the BYE.
        headers: Headers,
    },
    /// `call.ring()`: 180 to the caller.
    Ring {
        /// Extra headers.
        headers: Headers,
    },
    /// `call.startEarlyMedia()`: 183; the caller hears, and is not heard.
    StartEarlyMedia {
        /// Extra headers.
        headers: Headers,
    },
    /// `call.handleTones(on)`
    HandleTones {
        /// Whether tones become events.
        on: bool,
    },
    /// `call.sendDigits(text)`
    SendDigits {
        /// `0-9*#`, `p` is a pause.
        digits: String,
    },
    /// `call.handleBlindTransfer(on)`
    HandleBlindTransfer {
        /// Whether a REFER of the far end becomes an event; otherwise it is declined.
        on: bool,
    },
    /// `call.sendMessage()` and its like.
    Send(InDialog),
    /// `call.record()`
    Record {
        /// Its options.
        options: RecordOptions,
    },
}

impl CallAsk {
    /// The status that a caller gets when nobody listens for the call, or the session ends before its answer.
    pub const DECLINE: u16 = 603;

    /// The member of `Call` that asks it, for messages.
    #[must_use]
    pub const fn member(&self) -> &'static str {
        match self {
            CallAsk::Place { .. } => "place",
            CallAsk::Answer { .. } => "answer",
            CallAsk::Unheard | CallAsk::Reject { .. } => "reject",
            CallAsk::Hangup { .. } => "hangup",
            CallAsk::Ring { .. } => "ring",
            CallAsk::StartEarlyMedia { .. } => "startEarlyMedia",
            CallAsk::HandleTones { .. } => "handleTones",
            CallAsk::SendDigits { .. } => "sendDigits",
            CallAsk::HandleBlindTransfer { .. } => "handleBlindTransfer",
            CallAsk::Send(request) => request.member(),
            CallAsk::Record { .. } => "record",
        }
    }

    /// The headers that go with it.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        match self {
            CallAsk::Place { facts } => &facts.headers,
            CallAsk::Answer { headers }
            | CallAsk::Reject { headers, .. }
            | CallAsk::Hangup { headers }
            | CallAsk::Ring { headers }
            | CallAsk::StartEarlyMedia { headers } => headers,
            CallAsk::Send(request) => request.headers(),
            CallAsk::Unheard
            | CallAsk::HandleTones { .. }
            | CallAsk::SendDigits { .. }
            | CallAsk::HandleBlindTransfer { .. }
            | CallAsk::Record { .. } => &[],
        }
    }

    pub(super) fn told(&self, call: UnitId) -> Told {
        let (name, data) = match self {
            CallAsk::Place { facts } => ("place", Some(("facts", Datum::Map(facts.dictionary())))),
            CallAsk::Answer { headers } => ("answer", Some(("headers", pairs(headers)))),
            CallAsk::Unheard => {
                let code = ("code", Datum::from(u32::from(CallAsk::DECLINE)));
                return Told::new(Some(call), "reject", [code, ("headers", Datum::List(Vec::new()))]);
            }
            CallAsk::Reject { code, headers } => {
                let code = ("code", Datum::from(u32::from(*code)));
                return Told::new(Some(call), "reject", [code, ("headers", pairs(headers))]);
            }
            CallAsk::Hangup { headers } => ("hangup", Some(("headers", pairs(headers)))),
            CallAsk::Ring { headers } => ("ring", Some(("headers", pairs(headers)))),
            CallAsk::StartEarlyMedia { headers } => ("start_early_media", Some(("headers", pairs(headers)))),
            CallAsk::HandleTones { on } => ("handle_tones", Some(("on", Datum::Bool(*on)))),
            CallAsk::HandleBlindTransfer { on } => ("handle_blind_transfer", Some(("on", Datum::Bool(*on)))),
            CallAsk::SendDigits { digits } => ("send_digits", Some(("digits", Datum::from(digits.as_str())))),
            CallAsk::Send(request) => {
                let (name, data) = request.told();
                return Told { unit: Some(call), name, data };
            }
            CallAsk::Record { options } => {
                let options = serde_json::to_value(options).unwrap_or_default();
                ("record", Some(("options", Datum::from(options))))
            }
        };
        Told { unit: Some(call), name, data: data.into_iter().collect() }
    }
}
