//! Why a call ended, as a type to the last printer, and the one place that knows the words for it. What the script hears
//! of an end stands in `events`.

use std::fmt;

use serde::{Serialize, Serializer};
use voxrun_bindings::contract::{CallAsk, Headers};

use crate::session::io::LegOutput;
use crate::telephony::LegState;

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallEnd {
    /// CANCEL of a caller that was not answered.
    CallerGaveUp,
    /// BYE of a caller.
    CallerHungUp,
    /// BYE of who was called.
    CalleeHungUp,
    /// Who was called, or the way there, refused with this SIP status.
    Refused(u16),
    /// `call.hangup()`
    HungUp,
    /// `call.reject(code)`
    Rejected(u16),
    /// No scenario listens for calls.
    Unheard,
    /// Nobody answered in time.
    Unanswered,
    /// Early media lasted too long.
    EarlyMediaLimit,
    /// The session ended first.
    SessionEnded,
}

impl CallEnd {
    /// Whether the far end did it, so that it need not be told.
    #[must_use]
    pub fn is_far_ends(self) -> bool {
        matches!(
            self,
            CallEnd::CallerGaveUp | CallEnd::CallerHungUp | CallEnd::CalleeHungUp | CallEnd::Refused(_)
        )
    }

    /// What the far end of a call is told that was in this state before; nothing when it did it itself.
    pub(super) fn told(self, before: LegState, headers: Headers) -> Option<LegOutput> {
        if self.is_far_ends() {
            return None;
        }
        let code = match (self, before) {
            (_, LegState::Connected | LegState::Progressing) => return Some(LegOutput::HungUp { headers }),
            (CallEnd::Rejected(code), _) => code,
            (CallEnd::Unanswered, _) => 408,
            _ => CallAsk::DECLINE,
        };
        Some(LegOutput::Rejected { code, headers })
    }

    /// Code and reason of `Call.Failed` when a placed call ends so before the answer.
    pub(super) fn failure(self) -> (u16, &'static str) {
        match self {
            CallEnd::Unanswered => (408, "Request Timeout"),
            CallEnd::Refused(code) | CallEnd::Rejected(code) => (code, ""),
            _ => (487, "Request Terminated"),
        }
    }
}

impl fmt::Display for CallEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallEnd::CallerGaveUp => f.write_str("caller gave up"),
            CallEnd::CallerHungUp => f.write_str("caller hung up"),
            CallEnd::CalleeHungUp => f.write_str("callee hung up"),
            CallEnd::Refused(code) => write!(f, "refused with {code}"),
            CallEnd::HungUp => f.write_str("scenario hung up"),
            CallEnd::Rejected(code) => write!(f, "rejected with {code}"),
            CallEnd::Unheard => write!(f, "rejected with {}", CallAsk::DECLINE),
            CallEnd::Unanswered => f.write_str("not answered in time"),
            CallEnd::EarlyMediaLimit => f.write_str("early media longer than 60 s"),
            CallEnd::SessionEnded => f.write_str("session ended"),
        }
    }
}

impl Serialize for CallEnd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_printed_in_words_and_a_placed_call_fails_with_a_code() {
        let shown = |end: CallEnd| (end.to_string(), end.failure(), end.is_far_ends());
        assert_eq!(shown(CallEnd::Refused(486)), ("refused with 486".to_owned(), (486, ""), true));
        assert_eq!(
            shown(CallEnd::Unanswered),
            ("not answered in time".to_owned(), (408, "Request Timeout"), false)
        );
        assert_eq!(
            shown(CallEnd::HungUp),
            ("scenario hung up".to_owned(), (487, "Request Terminated"), false)
        );
        assert_eq!(serde_json::json!(CallEnd::CallerGaveUp), "caller gave up");
    }
}
