//! What provider rooms have in common: for the platform's side the realtime player and the decoding of audio chunks, for the
//! emulators settings, ids, keys, contexts and a voice that is cut into chunks at a provider's pace, for the tests of both a
//! rig on the real pipe. It knows no provider and no wire message.

#[cfg(test)]
pub(crate) mod alone;
mod contexts;
mod ids;
#[cfg(test)]
pub(crate) mod mutations;
mod pcm;
mod player;
#[cfg(test)]
pub(crate) mod rig;
mod settings;
#[cfg(test)]
pub(crate) mod storm;
mod voice;

pub(crate) use contexts::{Context, Contexts, is_good_key, object};
pub(crate) use ids::Ids;
pub(crate) use pcm::PcmStream;
pub(crate) use player::{
    PLAYER_RATE_HZ, PlayerLine, PlayerWire, Realtime, key, player_class, player_factory,
};
pub(crate) use settings::Settings;
pub(crate) use voice::{Encoding, Pace, Piece, Speech, Spoken};

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
