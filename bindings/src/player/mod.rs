//! Players of files, texts and tones: `VoxEngine.createURLPlayer`, `createTTSPlayer`, `createToneScriptPlayer`,
//! `createSequencePlayer`, and `call.startPlayback`, `call.say`, `call.playProgressTone`, which are a player sent to the call
//! whose events come on the call (semantics 6 and 7). `wire.rs` is the machine of one, `segment.rs` a piece of what it plays,
//! `markers.rs` how far it has played.

mod markers;
mod segment;
mod wire;

use std::collections::BTreeMap;

use crate::contract::{Command, Datum, Dictionary, MediaAsk, UnitId};
use crate::glue::{Form, Host, HostClass, HostError, HostResult, Namespace, Plain, Positional, Return};
use crate::wire::{Kind, Role, Unit, UnitSetup};

/// The rows of the inventory: a player of one thing, and of several.
pub(crate) static KIND: Kind = Kind { name: "player", role: Role::Player, make, remote: None };

/// The player of several things.
pub(crate) static OF_SEVERAL: Kind =
    Kind { name: "sequence", role: Role::Player, make: make_of_several, remote: None };

fn make(setup: UnitSetup) -> Box<dyn Unit> {
    Box::new(wire::Playback::new(CLASS, &setup))
}

fn make_of_several(setup: UnitSetup) -> Box<dyn Unit> {
    Box::new(wire::Playback::new(SEQUENCE, &setup))
}

/// The setting that says how long a voice takes to be ready with a text.
pub(crate) const VOICE_MS: &str = "voice_ms";

/// The class of a player's object.
const CLASS: &str = "Player";
/// The class of a player of several pieces.
const SEQUENCE: &str = "SequencePlayer";

/// Names in what a player is told: the field of the contract that both sides know.
mod key {
    pub(super) const URL: &str = "url";
    pub(super) const TEXT: &str = "text";
    pub(super) const TONES: &str = "tones";
    pub(super) const LOOP: &str = "loop";
    pub(super) const ON_PAUSE: &str = "onPause";
    /// The call that hears the events.
    pub(super) const CALL: &str = "call";
    pub(super) const SEGMENTS: &str = "segments";
    /// Of a segment: what else is said of it.
    pub(super) const PARAMETERS: &str = "parameters";
}

/// What the machine is told.
mod method {
    pub(super) const ADD_MARKER: &str = "addMarker";
}

/// The table of a player that the script holds.
pub(crate) fn class() -> HostClass {
    members(HostClass::new(CLASS, "player")).method(method::ADD_MARKER, |player, (offset,): (f64,), host| {
        add_marker(player, vec![Datum::Number(offset)], host)
    })
}

/// The table of a player of several pieces.
fn sequence_class() -> HostClass {
    members(HostClass::new(SEQUENCE, "sequencePlayer")).method(
        method::ADD_MARKER,
        |player, (offset, Plain(segment)): (f64, Plain), host| {
            let of = segment.as_map().map(piece).unwrap_or_default();
            add_marker(player, vec![Datum::Number(offset), of.into()], host)
        },
    )
}

/// What every player has.
fn members(class: HostClass) -> HostClass {
    class
        .observed_by(|player, event, _, host| {
            if [".PlaybackFinished", ".Stopped"].iter().any(|end| event.ends_with(end)) {
                host.close_player(player);
            }
        })
        .listeners()
        .identity()
        .media_source()
        .playback()
}

fn add_marker(unit: UnitId, params: Vec<Datum>, host: &mut Host) -> HostResult {
    host.command(Command::Tell { unit, method: method::ADD_MARKER.to_owned(), params });
    Ok(Return::Undefined)
}

/// Adds the factories to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine
        .function("createURLPlayer", create_url)
        .function("createTTSPlayer", create_tts)
        .function("createToneScriptPlayer", create_tones)
        .function("createSequencePlayer", create_sequence)
        .class(CLASS, class)
        .class(SEQUENCE, sequence_class)
}

/// Adds what a call plays to the table of `Call`.
pub(crate) fn on_call(call: HostClass) -> HostClass {
    call.method("startPlayback", start_playback)
        .method("say", say)
        .method("playProgressTone", play_progress_tone)
        .method("stopPlayback", |call, (): (), host| {
            stop(call, host);
            Ok(Return::Undefined)
        })
        .observed_by(observe_call)
}

/// Older scripts pass the URL alone for `{url, method, headers, body}`.
struct Url;

impl Positional for Url {
    const NAMES: &'static [&'static str] = &[key::URL];
}

/// And `loop` alone for `{loop, onPause}`.
struct Loop;

impl Positional for Loop {
    const NAMES: &'static [&'static str] = &[key::LOOP];
}

/// `createURLPlayer({url, method, headers, body}, {loop, onPause})`
fn create_url((source, options): (Form<Url>, Form<Loop>), host: &mut Host) -> HostResult {
    let source = source_of("VoxEngine.createURLPlayer", source.0)?;
    Ok(Return::Unit(create(host, playback(source, &options.0))))
}

/// `createTTSPlayer(text, {voice, onPause})`; older scripts pass the voice alone.
fn create_tts((text, options): (String, Form<Loop>), host: &mut Host) -> HostResult {
    Ok(Return::Unit(create(host, playback(text_source(text), &options.0))))
}

/// `createToneScriptPlayer(script, {loop})`
fn create_tones((script, options): (String, Form<Loop>), host: &mut Host) -> HostResult {
    Ok(Return::Unit(create(host, playback(tones(&script), &options.0))))
}

/// `createSequencePlayer({segments: [{text, parameters}, {url, parameters} ...]})`
fn create_sequence((Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    let segments = match &options[key::SEGMENTS] {
        Datum::List(segments) => segments.iter().map(segment).collect::<Option<Vec<Datum>>>(),
        _ => None,
    };
    let Some(segments) = segments.filter(|segments| !segments.is_empty()) else {
        return Err(HostError::Argument {
            member: "VoxEngine.createSequencePlayer".to_owned(),
            position: 1,
            wanted: "an object with segments, each with a text or a url".to_owned(),
        });
    };
    let player = host.new_unit(SEQUENCE);
    let playback = Dictionary::from_iter([(key::SEGMENTS, Datum::List(segments))]);
    host.open(player, &OF_SEVERAL, None, vec![playback.into()]);
    Ok(Return::Unit(player))
}

/// A segment as a machine is told of it, if it is one.
fn segment(given: &Datum) -> Option<Datum> {
    let given = given.as_map()?;
    let has = |name| given.text(name).is_some_and(|text| !text.trim().is_empty());
    (has(key::TEXT) || has(key::URL)).then(|| piece(given).into())
}

/// A piece of a sequence, with what else is said of it beside it.
fn piece(given: &Dictionary) -> Dictionary {
    let parameters = given.get(key::PARAMETERS).and_then(Datum::as_map);
    let mut piece = parameters.cloned().unwrap_or_default();
    for name in [key::TEXT, key::URL] {
        if let Some(value) = given.get(name) {
            piece.insert(name, value.clone());
        }
    }
    piece
}

fn tones(script: &str) -> Dictionary {
    Dictionary::from_iter([(key::TONES, Datum::from(script))])
}

/// What a caller hears while it rings at the other end, by country (semantics 5.3; that of the US as ITU-T E.180 lists it).
const PROGRESS_TONES: [(&str, &str); 2] = [("RU", "425@-19;5(1/4/1)"), ("US", "440@-19,480@-19;6(2/4/1+2)")];

/// `call.playProgressTone(country)`: a looping player of tones.
fn play_progress_tone(call: UnitId, (country,): (Option<String>,), host: &mut Host) -> HostResult {
    let country = country.unwrap_or_else(|| "US".to_owned()).to_ascii_uppercase();
    let known = PROGRESS_TONES.iter().find(|(known, _)| *known == country);
    let Some((_, script)) = known else {
        return Err(HostError::Argument {
            member: "Call.playProgressTone".to_owned(),
            position: 1,
            wanted: "US or RU".to_owned(),
        });
    };
    let mut source = tones(script);
    source.insert(key::LOOP, true);
    play(call, source, host);
    Ok(Return::Undefined)
}

fn start_playback(call: UnitId, (source, options): (Form<Url>, Form<Loop>), host: &mut Host) -> HostResult {
    let source = source_of("Call.startPlayback", source.0)?;
    play(call, playback(source, &options.0), host);
    Ok(Return::Undefined)
}

fn say(call: UnitId, (text, options): (String, Form<Loop>), host: &mut Host) -> HostResult {
    play(call, playback(text_source(text), &options.0), host);
    Ok(Return::Undefined)
}

fn text_source(text: String) -> Dictionary {
    Dictionary::from_iter([(key::TEXT, Datum::from(text))])
}

/// Where the sound is.
fn source_of(member: &str, source: Dictionary) -> Result<Dictionary, HostError> {
    if source.text(key::URL).is_some_and(|url| !url.trim().is_empty()) {
        return Ok(source);
    }
    let wanted = "a URL, or an object with one".to_owned();
    Err(HostError::Argument { member: member.to_owned(), position: 1, wanted })
}

/// The source with the options that have an effect here.
fn playback(mut source: Dictionary, options: &Dictionary) -> Dictionary {
    for name in [key::LOOP, key::ON_PAUSE] {
        source.insert(name, options.get(name) == Some(&Datum::Bool(true)));
    }
    source
}

fn create(host: &mut Host, playback: Dictionary) -> UnitId {
    let player = host.new_unit(CLASS);
    let waits = playback.get(key::ON_PAUSE) == Some(&Datum::Bool(true));
    host.open(player, &KIND, None, vec![playback.into()]);
    if waits {
        host.command(Command::Media(MediaAsk::Pause { unit: player, paused: true }));
    }
    player
}

/// What each call plays at the moment.
#[derive(Debug, Default)]
struct OnCalls(BTreeMap<UnitId, UnitId>);

/// Plays to a call instead of what it plays now.
fn play(call: UnitId, mut playback: Dictionary, host: &mut Host) {
    stop(call, host);
    let player = host.new_hidden_unit();
    host.own::<OnCalls>().0.insert(call, player);
    playback.insert(key::CALL, call);
    host.open(player, &KIND, None, vec![playback.into()]);
    host.command(Command::Media(MediaAsk::Send { from: player, to: call, with: Dictionary::new() }));
}

/// Ends what a call plays. Nobody hears of it.
fn stop(call: UnitId, host: &mut Host) {
    if let Some(player) = host.own::<OnCalls>().0.remove(&call) {
        host.close_player(player);
        host.command(Command::Close { unit: player, stop: false });
    }
}

/// What a call plays ends with it, and makes room when it has ended.
fn observe_call(call: UnitId, event: &str, _: &Dictionary, host: &mut Host) {
    match event {
        "Call.Disconnected" | "Call.Failed" => stop(call, host),
        "Call.PlaybackFinished" => {
            if let Some(player) = host.own::<OnCalls>().0.remove(&call) {
                host.close_player(player);
            }
        }
        _ => {}
    }
}
