//! What is judged of calls by their arguments: forms of older typings, with today's form, and texts beyond a limit. Each list is
//! a table; a row more is a finding more.

use voxrun_bindings::contract::limit::{self, Limit};

use super::facts::{Arg, Called};

/// Names of older typings, and what they are today (semantics 12.3).
const OLDER_NAMES: &[(&str, &str)] = &[
    ("VoxEngine.CallList", "CallList"),
    ("VoxEngine.RecordExpireTime", "RecordExpireTime"),
    ("ElevenLabs.createConversationalAIClient", "ElevenLabs.createAgentsClient"),
    ("ElevenLabs.ConversationalAIEvents", "ElevenLabs.AgentsEvents"),
    ("AI.detectVoicemail", "AMD.create"),
    ("Net.HttpRequestOptions", "a plain object of the same fields"),
    ("Language", "VoiceList"),
    ("Modules.AMD", "AMD is there without require()"),
    ("Modules.CallList", "CallList is there without require()"),
    ("Modules.Player", "players are there without require()"),
];

/// The name of older typings that a member is, or belongs to, and what it is today.
pub(super) fn today(full: &str) -> Option<(&'static str, &'static str)> {
    let is =
        |older: &str| full == older || full.strip_prefix(older).is_some_and(|rest| rest.starts_with('.'));
    OLDER_NAMES.iter().find(|(older, _)| is(older)).copied()
}

/// A positional form: the function, the argument that gives it away, and today's form (semantics 12.4).
struct Older {
    name: &'static str,
    position: usize,
    gives_away: fn(&Arg) -> bool,
    today: &'static str,
}

const fn older(
    name: &'static str,
    position: usize,
    gives_away: fn(&Arg) -> bool,
    today: &'static str,
) -> Older {
    Older { name, position, gives_away, today }
}

fn is_text(arg: &Arg) -> bool {
    matches!(arg, Arg::Text(_))
}

fn is_bool(arg: &Arg) -> bool {
    matches!(arg, Arg::Bool)
}

fn is_voice(arg: &Arg) -> bool {
    matches!(arg, Arg::Member(root) if ["VoiceList", "Language"].contains(&root.as_str()))
}

const OLDER_FORMS: &[Older] = &[
    older("say", 1, is_voice, "call.say(text, { voice })"),
    older("startPlayback", 1, is_bool, "call.startPlayback(url, { loop })"),
    older("createURLPlayer", 0, is_text, "createURLPlayer({ url }, { loop, onPause })"),
    older("createURLPlayer", 1, is_bool, "createURLPlayer({ url }, { loop, onPause })"),
    older("createTTSPlayer", 1, is_voice, "createTTSPlayer(text, { voice })"),
    older("createASR", 0, is_text, "createASR({ profile })"),
    older("createRecorder", 0, is_text, "createRecorder({ name, secure })"),
    older("callUser", 0, is_text, "callUser({ username, callerid })"),
    older("callUserDirect", 2, is_text, "callUserDirect(call, username, { callerid })"),
    older("callSIP", 1, is_text, "callSIP(uri, { callerid, displayName })"),
    older("createWebSocket", 1, is_text, "createWebSocket(url, { protocols })"),
    older("decline", 0, |arg| matches!(arg, Arg::Number), "call.reject(code)"),
];

/// Today's form of a call that has an older one.
pub(super) fn today_of(called: &Called) -> Option<&'static str> {
    let fits = |row: &&Older| {
        row.name == called.name && called.args.get(row.position).is_some_and(|arg| (row.gives_away)(arg))
    };
    OLDER_FORMS.iter().find(fits).map(|row| row.today)
}

/// A text that is measured: the function, its argument, the limit, and whether bytes or characters count.
const MEASURED: &[(&str, usize, &Limit, Measure)] = &[
    ("customData", 0, &limit::CUSTOM_DATA_BYTES, Measure::Bytes),
    ("say", 0, &limit::TTS_CHARS, Measure::Characters),
    ("createTTSPlayer", 0, &limit::TTS_CHARS, Measure::Characters),
    ("sendMessage", 0, &limit::MESSAGE_BYTES, Measure::Bytes),
    ("sendInfo", 1, &limit::MESSAGE_BYTES, Measure::Bytes),
    ("put", 1, &limit::STORAGE_VALUE_CHARS, Measure::Characters),
    ("write", 0, &limit::LOG_LINE_CHARS, Measure::Characters),
];

#[derive(Clone, Copy)]
enum Measure {
    Bytes,
    Characters,
}

/// What is too long about a call, if anything.
pub(super) fn too_long(called: &Called) -> Option<String> {
    let mut rows = MEASURED.iter().filter(|(name, ..)| *name == called.name);
    rows.find_map(|(_, position, limit, measure)| {
        let Some(Arg::Text(text)) = called.args.get(*position) else { return None };
        let (length, unit) = match measure {
            Measure::Bytes => (text.len(), "bytes"),
            Measure::Characters => (text.chars().count(), "characters"),
        };
        (length > limit.length())
            .then(|| format!("{} is given {length} {unit}; the platform takes {}", called.name, limit.most))
    })
}
