//! What a script asks of the sound of a session: who hears whom, and what waits to be heard.

use serde::{Deserialize, Serialize};

use super::{Dictionary, Told, UnitId};

/// One ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaAsk {
    /// `unit.sendMediaTo(other)`: one way.
    Send {
        /// The source.
        from: UnitId,
        /// The sink.
        to: UnitId,
        /// What the script says of the stream to the sink (`{ tag: "left" }`); mostly nothing.
        with: Dictionary,
    },
    /// `unit.stopMediaTo(other)`.
    Stop {
        /// The source.
        from: UnitId,
        /// The sink.
        to: UnitId,
    },
    /// `VoxEngine.sendMediaBetween(a, b)`: both ways.
    SendBetween {
        /// One end.
        a: UnitId,
        /// The other.
        b: UnitId,
    },
    /// `VoxEngine.stopMediaBetween(a, b)`: both ways.
    StopBetween {
        /// One end.
        a: UnitId,
        /// The other.
        b: UnitId,
    },
    /// `clearMediaBuffer()` and `clearBuffer()`: drop what was received and not yet played.
    Clear {
        /// The unit whose playout queue is emptied.
        unit: UnitId,
    },
    /// `player.pause()` and `player.resume()`.
    Pause {
        /// The player.
        unit: UnitId,
        /// True to pause.
        paused: bool,
    },
}

impl MediaAsk {
    pub(super) fn told(&self) -> Told {
        match self {
            MediaAsk::Send { from, to, with } => {
                let mut told = Told::new(Some(*from), "send_media", [("to", (*to).into())]);
                if !with.is_empty() {
                    told.data.insert("with", with.clone());
                }
                told
            }
            MediaAsk::Stop { from, to } => Told::new(Some(*from), "stop_media", [("to", (*to).into())]),
            MediaAsk::SendBetween { a, b } => Told::new(Some(*a), "send_media_between", [("b", (*b).into())]),
            MediaAsk::StopBetween { a, b } => Told::new(Some(*a), "stop_media_between", [("b", (*b).into())]),
            MediaAsk::Clear { unit } => Told::new(Some(*unit), "clear_media", []),
            MediaAsk::Pause { unit, paused } => {
                Told::new(Some(*unit), "pause_playback", [("paused", (*paused).into())])
            }
        }
    }
}
