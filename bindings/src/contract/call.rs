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
            CallAsk::Record { .. } => "record",
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
            CallAsk::SendDigits { digits } => ("send_digits", Some(("digits", Datum::from(digits.as_str())))),
            CallAsk::Record { options } => {
                let options = serde_json::to_value(options).unwrap_or_default();
                ("record", Some(("options", Datum::from(options))))
            }
        };
        Told { unit: Some(call), name, data: data.into_iter().collect() }
    }
}
