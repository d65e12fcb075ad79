//! `StreamingAgent`: a call as a stream of RTMP (semantics 8.5). There is no RTMP here: the agent connects, takes what is sent to
//! it, tells of its tracks, and streams to nobody (policy F-383). `wire.rs` is the machine of one.

mod wire;

use crate::contract::{Command, Datum, Dictionary, UnitId};
use crate::glue::{Host, HostClass, HostError, HostResult, Namespace, Plain, Return};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind = Kind {
    name: "streaming_agent",
    role: Role::Recorder,
    make: |_| Box::new(wire::Agent::default()),
    remote: None,
};

/// The class of its objects.
const CLASS: &str = "StreamingAgent";

/// Names in what an agent is told and tells.
mod key {
    pub(super) const URL: &str = "url";
    pub(super) const STREAM: &str = "streamName";
    pub(super) const TRACK: &str = "trackId";
    pub(super) const AUDIO_TRACK: &str = "audioTrack";
}

/// What the machine is told.
mod method {
    pub(super) const SWITCH: &str = "setActiveTrack";
}

/// Its events that are looked at here.
mod event {
    pub(super) const AUDIO: &str = "StreamingAgent.Stream.AudioStarted";
    pub(super) const SWITCHED: &str = "StreamingAgent.Stream.AudioSwitched";
}

/// Adds the factory to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine.function("createStreamingAgent", create).class(CLASS, class)
}

fn class() -> HostClass {
    HostClass::new(CLASS, "streamingAgent")
        .listeners()
        .identity()
        .observed_by(observe)
        .method("stop", |agent, (): (), host| {
            host.command(Command::Close { unit: agent, stop: true });
            Ok(Return::Undefined)
        })
        .method("activeAudioTrack", |agent, (): (), host| Ok(Return::Number(kept(agent, host).active)))
        .method("activeVideoTrack", |_, (): (), _| Ok(Return::Number(0.0)))
        .method("audioTracks", |agent, (): (), host| {
            let tracks = kept(agent, host).audio;
            let track = |id: f64| {
                let id = Datum::from(id.to_string());
                Datum::Map(Dictionary::from_iter([("kind", Datum::from("audio")), (key::TRACK, id)]))
            };
            Ok(Return::Datum(Datum::List(tracks.into_iter().map(track).collect())))
        })
        .method("videoTracks", |_, (): (), _| Ok(Return::Datum(Datum::List(Vec::new()))))
        .method("setActiveTrack", set_active_track)
}

/// What the object answers at once.
#[derive(Debug, Clone, Default)]
struct Kept {
    audio: Vec<f64>,
    /// The track that is streamed; 0 when there is none.
    active: f64,
}

fn kept(agent: UnitId, host: &mut Host) -> Kept {
    host.kept::<Kept>(agent).cloned().unwrap_or_default()
}

fn observe(agent: UnitId, name: &str, fields: &Dictionary, host: &mut Host) {
    let (Some(track), Some(kept)) =
        (fields.get(key::TRACK).and_then(Datum::as_number), host.kept::<Kept>(agent))
    else {
        return;
    };
    match name {
        event::AUDIO => kept.audio.push(track),
        event::SWITCHED => kept.active = track,
        _ => {}
    }
}

/// `createStreamingAgent({protocol, url, streamName ...})`
fn create((Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    let is_url = options[key::URL].as_text().is_some_and(|url| url.starts_with("rtmp"));
    if !is_url {
        return Err(HostError::Argument {
            member: "VoxEngine.createStreamingAgent".to_owned(),
            position: 1,
            wanted: "an object with a url that begins with rtmp:// or rtmps://".to_owned(),
        });
    }
    let agent = host.new_unit(CLASS);
    host.keep(agent, Kept::default());
    host.open(agent, &KIND, None, vec![options]);
    Ok(Return::Unit(agent))
}

/// `setActiveTrack({audioTrack, videoTrack})`
fn set_active_track(unit: UnitId, (Plain(tracks),): (Plain,), host: &mut Host) -> HostResult {
    let Some(track) = tracks[key::AUDIO_TRACK].as_number() else {
        return Err(HostError::Argument {
            member: format!("{CLASS}.setActiveTrack"),
            position: 1,
            wanted: "an object with an audioTrack, the number of one".to_owned(),
        });
    };
    let params = vec![Datum::Number(track)];
    host.command(Command::Tell { unit, method: method::SWITCH.to_owned(), params });
    Ok(Return::Undefined)
}
