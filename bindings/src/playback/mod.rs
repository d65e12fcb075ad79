//! What the realtime text-to-speech players of all providers share: the events of a player, the line to its provider,
//! decoding of audio chunks, and for the emulators speech cut into chunks at a provider's pace. A leaf: it knows no
//! provider and no wire message.

mod face;
#[cfg(test)]
mod face_tests;
mod ids;
mod line;
#[cfg(test)]
pub(crate) mod mutations;
#[cfg(test)]
pub(crate) mod pair;
mod pcm;
mod player;
mod settings;
mod speech;
#[cfg(test)]
pub(crate) mod storm;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use face::{player_class, player_factory};
pub(crate) use ids::Ids;
pub(crate) use line::{Gone, Line, key};
pub(crate) use pcm::PcmStream;
pub(crate) use settings::Settings;
pub(crate) use speech::{Encoding, Pace, Piece, Speech, Spoken};

use voxrun_audio::Rate;

/// The rate that every realtime player asks its provider for. One constant, so that one decision (F-090) stands in one
/// place.
pub(crate) const PLAYER_RATE: Rate = Rate::Hz24000;

/// The same in samples a second, as it stands in the providers' messages.
pub(crate) const PLAYER_RATE_HZ: u32 = 24_000;

/// Replaces the origin of a provider's address by a configured one. `http` and `https` are taken for their WebSocket
/// twins; an address that already ends with the path is used as it is.
pub(crate) fn address(base_url: Option<&str>, origin: &str, path: &str) -> String {
    let Some(base) = base_url.map(|url| url.trim().trim_end_matches('/')).filter(|url| !url.is_empty())
    else {
        return format!("{origin}{path}");
    };
    let base = match base.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(_) => base.to_owned(),
        None => format!("wss://{base}"),
    };
    if base.ends_with(path) { base } else { format!("{base}{path}") }
}

/// What stands for audio in the journal: its length in bytes.
pub(crate) fn audio_length(base64: &str) -> String {
    let padding = base64.bytes().rev().take_while(|&byte| byte == b'=').count();
    format!("<{} bytes>", (base64.len() - padding) * 3 / 4)
}

/// `Started` of a raised `Player.Started`.
#[cfg(test)]
fn raised_name(seen: &pair::Seen) -> Option<&str> {
    match seen {
        pair::Seen::Raised(name, _) => name.strip_prefix("Player."),
        _ => None,
    }
}
