//! Which events a realtime player raises, and when: Created, Started once a burst of speech, AudioChunksPlaybackFinished
//! when all that was asked for has been played, PlaybackFinished and Error at the end of its life, Stopped after
//! `stop()`. It decides from requests, chunks and what becomes of them at the playout queue; it sees no audio.

use std::collections::VecDeque;

use serde_json::json;

use crate::contract::{Dictionary, Time};
use crate::wire::{FromUnit, Playout};

/// Where a player is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Life {
    Speaking,
    /// The provider said goodbye while speech was still queued: finished when that has been played.
    PlayingOut,
    Over(String),
}

/// The events of one player.
#[derive(Debug)]
pub(crate) struct Player {
    life: Life,
    /// Started was raised, and neither the end nor a clear came since.
    in_burst: bool,
    /// Samples were queued and neither played to the end nor cleared.
    queued: bool,
    /// When the oldest request was made that no audio has answered.
    requested_at: Option<Time>,
    /// Milliseconds from the burst's first request to its first chunk.
    first_byte_ms: Option<u64>,
    /// Audio of the burst so far, microseconds.
    received_us: u64,
}

impl Player {
    pub(crate) const fn new() -> Player {
        Player {
            life: Life::Speaking,
            in_burst: false,
            queued: false,
            requested_at: None,
            first_byte_ms: None,
            received_us: 0,
        }
    }

    /// Why it speaks no more, if so.
    pub(crate) fn over(&self) -> Option<&str> {
        match &self.life {
            Life::Speaking => None,
            Life::PlayingOut => Some("its provider has closed the connection"),
            Life::Over(why) => Some(why),
        }
    }

    /// Whether audio is queued.
    pub(crate) const fn is_queued(&self) -> bool {
        self.queued
    }

    /// Something to be spoken was asked for.
    pub(crate) fn requested(&mut self, now: Time) {
        if self.first_byte_ms.is_none() {
            self.requested_at.get_or_insert(now);
        }
    }

    /// Audio was queued.
    pub(crate) fn audio(&mut self, now: Time, samples: usize, rate_hz: u32) {
        if self.first_byte_ms.is_none() {
            let asked = self.requested_at.take().unwrap_or(now);
            self.first_byte_ms = Some(u64::try_from(now.since(asked).as_millis()).unwrap_or(u64::MAX));
        }
        self.queued = true;
        self.received_us += samples as u64 * 1_000_000 / u64::from(rate_hz.max(1));
    }

    /// What became of the audio. `complete`: everything that was asked for has arrived.
    pub(crate) fn playout(&mut self, playout: Playout, complete: bool, out: &mut VecDeque<FromUnit>) {
        match playout {
            Playout::Started => {
                let first = !self.in_burst && self.queued;
                if first && !matches!(self.life, Life::Over(_)) {
                    self.in_burst = true;
                    raise(out, "Player.Started", json!({ "duration": self.received_us / 1000 }));
                }
            }
            Playout::Drained { .. } => {
                self.queued = false;
                self.settled(complete, out);
            }
            Playout::Cleared { .. } => {
                self.forget_burst();
                self.end_of_playout(out);
            }
        }
    }

    /// To be called whenever more of what was asked for may be complete.
    pub(crate) fn settled(&mut self, complete: bool, out: &mut VecDeque<FromUnit>) {
        if self.queued {
            return;
        }
        if complete && let Some(ms) = self.first_byte_ms.filter(|_| !matches!(self.life, Life::Over(_))) {
            self.forget_burst();
            raise(out, "Player.AudioChunksPlaybackFinished", json!({ "timeToFirstByte": ms }));
        }
        self.end_of_playout(out);
    }

    /// The provider said goodbye in order.
    pub(crate) fn finish(&mut self, out: &mut VecDeque<FromUnit>) {
        if self.life == Life::Speaking {
            self.life = Life::PlayingOut;
            if !self.queued {
                self.settled(true, out);
            }
        }
    }

    /// The provider, or the way to it, failed.
    pub(crate) fn fail(&mut self, error: &str, out: &mut VecDeque<FromUnit>) {
        if matches!(self.life, Life::Over(_)) {
            return;
        }
        self.life = Life::Over(format!("it ended with an error ({error})"));
        raise(out, "Player.Error", json!({ "error": error }));
        raise(out, "Player.PlaybackFinished", json!({ "error": error }));
    }

    /// `stop()`, or the end of the session.
    pub(crate) fn stop(&mut self, tell: bool, out: &mut VecDeque<FromUnit>) {
        let was_over = matches!(self.life, Life::Over(_));
        self.forget_burst();
        if !was_over {
            self.life = Life::Over("it was stopped".to_owned());
            if tell {
                raise(out, "Player.Stopped", json!({}));
            }
        }
    }

    fn end_of_playout(&mut self, out: &mut VecDeque<FromUnit>) {
        if self.life == Life::PlayingOut {
            self.life = Life::Over("its provider has closed the connection".to_owned());
            raise(out, "Player.PlaybackFinished", json!({}));
        }
    }

    fn forget_burst(&mut self) {
        self.in_burst = false;
        self.queued = false;
        self.requested_at = None;
        self.first_byte_ms = None;
        self.received_us = 0;
    }
}

/// Raises an event with these fields.
pub(super) fn raise(out: &mut VecDeque<FromUnit>, name: &str, fields: serde_json::Value) {
    let fields = match fields {
        serde_json::Value::Object(fields) => fields.into(),
        _ => Dictionary::new(),
    };
    out.push_back(FromUnit::Raise { name: name.to_owned(), fields });
}
