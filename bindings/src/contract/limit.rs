//! The limits that the platform publishes (semantics section 2): one row each, which whoever enforces it measures against.
//! What a script's steps and bytes may be is the sandbox's. `[limits] enforce = false` lifts all of them.

use std::collections::BTreeMap;

use serde::Serialize;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its name in the summary of a run.
    pub name: &'static str,
    /// The most that the platform takes.
    pub most: u64,
}

impl Limit {
    const fn new(name: &'static str, most: u64) -> Limit {
        Limit { name, most }
    }

    /// The bound as a length.
    #[must_use]
    pub fn length(&self) -> usize {
        usize::try_from(self.most).unwrap_or(usize::MAX)
    }
}

/// Active timers of a session; those beyond are not set (policy F-036).
pub const TIMERS: Limit = Limit::new("timers", 100);
/// Media players of a session (policy F-038).
pub const PLAYERS: Limit = Limit::new("players", 10);
/// Bytes of custom data; longer ones are kept whole (policy F-005).
pub const CUSTOM_DATA_BYTES: Limit = Limit::new("custom_data_bytes", 200);
/// Characters of one `Logger.write`; longer ones are kept whole (policy F-005).
pub const LOG_LINE_CHARS: Limit = Limit::new("log_line_chars", 15_000);
/// Calls that a session places, or tries to; the next fail with 403.
pub const CALLS_PLACED: Limit = Limit::new("calls_placed", 50);
/// Placed calls that ring or are on their way at one time; the next fail with 403.
pub const CALLS_RINGING: Limit = Limit::new("calls_ringing", 10);
/// Bytes of a message or of the body of an INFO (policy F-047).
pub const MESSAGE_BYTES: Limit = Limit::new("message_bytes", 8_192);
/// Transfers that one call asks for (policy F-373).
pub const REFERS: Limit = Limit::new("refers", 10);
/// Bytes of one SIP header; a longer one is sent whole (policy F-375).
pub const SIP_HEADER_BYTES: Limit = Limit::new("sip_header_bytes", 200);
/// Bytes of the SIP headers of one request or response together (policy F-375).
pub const SIP_HEADERS_BYTES: Limit = Limit::new("sip_headers_bytes", 4_095);
/// Endpoints of a conference; the next are a ConferenceError.
pub const CONFERENCE_ENDPOINTS: Limit = Limit::new("conference_endpoints", 100);
/// WebSockets that come in beyond one a call; the next is an `OnNewWebSocketFailed`.
pub const SOCKETS_BEYOND_CALLS: Limit = Limit::new("sockets_beyond_calls", 3);
/// HTTP requests that are carried out at one time; the next wait.
pub const HTTP_ACTIVE: Limit = Limit::new("http_active", 3);
/// HTTP requests that are carried out or wait; the next one throws.
pub const HTTP_REQUESTS: Limit = Limit::new("http_requests", 35);
/// Bytes of a response; a longer one has the code -9.
pub const HTTP_RESPONSE_BYTES: Limit = Limit::new("http_response_bytes", 2 * 1024 * 1024);
/// Mails that are on their way at one time; the next wait.
pub const MAILS_ACTIVE: Limit = Limit::new("mails_active", 2);
/// Mails that are on their way or wait; the next one throws.
pub const MAILS: Limit = Limit::new("mails", 10);
/// Characters of a text that is spoken; a longer one is a `PlaybackFinished` with an error.
pub const TTS_CHARS: Limit = Limit::new("tts_chars", 1_500);
/// Bytes of an audio file.
pub const AUDIO_FILE_BYTES: Limit = Limit::new("audio_file_bytes", 10 * 1024 * 1024);
/// Characters of a key of the storage.
pub const STORAGE_KEY_CHARS: Limit = Limit::new("storage_key_chars", 200);
/// Characters of a value of the storage.
pub const STORAGE_VALUE_CHARS: Limit = Limit::new("storage_value_chars", 2_000);

/// `setInterval` below this is raised to it.
pub const INTERVAL_LEAST_MS: u64 = 100;

/// How near a session came to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LimitUse {
    /// The limit's name.
    pub name: &'static str,
    /// The most that was used, or asked for.
    pub peak: u64,
    /// The bound.
    pub limit: u64,
}

/// What was used of each limit that was touched.
#[derive(Debug, Clone, Default)]
pub struct LimitUses(BTreeMap<&'static str, LimitUse>);

impl LimitUses {
    /// So much is wanted; whether that is within the limit.
    pub fn reach(&mut self, limit: &Limit, wanted: u64) -> bool {
        let Limit { name, most } = *limit;
        let used = self.0.entry(name).or_insert(LimitUse { name, peak: 0, limit: most });
        used.peak = used.peak.max(wanted);
        wanted <= most
    }

    /// All of them, by name.
    #[must_use]
    pub fn all(&self) -> Vec<LimitUse> {
        self.0.values().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_kept_and_the_bound_itself_is_within() {
        let mut uses = LimitUses::default();
        assert!(uses.reach(&PLAYERS, 10) && uses.reach(&PLAYERS, 1));
        assert!(!uses.reach(&PLAYERS, 11));
        assert_eq!(uses.all(), [LimitUse { name: "players", peak: 11, limit: 10 }]);
    }
}
