//! The stream of provider audio towards the call, as `OpenAI.Events.WebSocketMediaStarted` and `...Ended` report it:
//! it starts with the first frame played and ends after one second without. It deliberately holds no audio; the
//! session's playout queue tells it what was played.

use serde_json::{Value, json};

use super::object;
use crate::contract::{Fields, Time};
use crate::wire::Playout;

/// How long a pause ends the stream.
const PAUSE_MS: u64 = 1000;

/// What has been played since the stream started.
#[derive(Debug, Default)]
pub(super) struct Stream {
    started: bool,
    /// When the run of audio that plays now began.
    playing_since: Option<Time>,
    played_ms: u64,
    ends_at: Option<Time>,
}

impl Stream {
    /// Takes what happened at the playout queue; the event it means, if any.
    pub(super) fn playout(&mut self, now: Time, playout: Playout) -> Option<(&'static str, Fields)> {
        match playout {
            Playout::Started => {
                self.playing_since = Some(now);
                self.ends_at = None;
                if self.started {
                    return None;
                }
                self.started = true;
                self.played_ms = 0;
                return Some(("OpenAI.Events.WebSocketMediaStarted", Fields::new()));
            }
            Playout::Drained { played_ms } => self.pause(now, played_ms),
            Playout::Cleared { .. } => {
                if let Some(since) = self.playing_since {
                    let played = now.as_ms().saturating_sub(since.as_ms());
                    self.pause(now, played);
                }
            }
        }
        None
    }

    fn pause(&mut self, now: Time, played_ms: u64) {
        if self.playing_since.take().is_some() {
            self.played_ms += played_ms;
            self.ends_at = Some(now.plus_ms(PAUSE_MS));
        }
    }

    /// The event that is due at `now`.
    pub(super) fn due(&mut self, now: Time) -> Option<(&'static str, Fields)> {
        if self.ends_at.is_none_or(|at| now < at) {
            return None;
        }
        self.ends_at = None;
        self.started = false;
        let seconds = Value::from(self.played_ms as f64 / 1000.0);
        Some(("OpenAI.Events.WebSocketMediaEnded", object(json!({"mediaInfo": {"duration": seconds}}))))
    }

    /// When [`Stream::due`] wants to be asked.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_a_stream_ends_after_a_second_of_pause() {
        let at = Time::from_ms;
        let mut stream = Stream::default();
        let started = stream.playout(at(100), Playout::Started).unwrap();
        assert_eq!(started.0, "OpenAI.Events.WebSocketMediaStarted");
        assert!(stream.playout(at(500), Playout::Drained { played_ms: 400 }).is_none());
        assert_eq!(stream.deadline(), Some(at(1500)));
        assert!(stream.playout(at(900), Playout::Started).is_none(), "the same stream goes on");
        assert_eq!(stream.deadline(), None);
        assert!(stream.due(at(1500)).is_none());
        assert!(stream.playout(at(1200), Playout::Cleared { dropped_ms: 70 }).is_none());
        assert!(stream.playout(at(1210), Playout::Cleared { dropped_ms: 0 }).is_none());
        assert_eq!(stream.deadline(), Some(at(2200)));
        let (name, fields) = stream.due(at(2200)).unwrap();
        assert_eq!(name, "OpenAI.Events.WebSocketMediaEnded");
        assert_eq!(fields["mediaInfo"], json!({"duration": 0.7}));
        assert!(stream.due(at(9000)).is_none());
        assert!(stream.playout(at(9000), Playout::Cleared { dropped_ms: 0 }).is_none());
        assert_eq!(stream.deadline(), None);
    }
}
