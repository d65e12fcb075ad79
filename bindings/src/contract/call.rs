//! Calls as both planes speak of them.

use serde::{Deserialize, Serialize};

use super::{Fields, Headers};

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

/// What is known of an incoming call when it alerts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
