//! What one entry of the journal means, as a few words: who did it, what, and how much it matters to a reader.
//!
//! Pure: no layout, colour or time. Names that it does not know are shown as they are, with their data, so a new
//! binding needs no line here.

use serde_json::Value;

use super::{Entry, Kind};

/// What sort of line it is, for colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Words that the agent said.
    Agent,
    /// Words that the caller said.
    Caller,
    /// The life of calls and connections.
    Milestone,
    /// The scenario's own log.
    Log,
    /// A remark.
    Note,
    /// A failure.
    Error,
    /// Everything else.
    Detail,
}

/// One entry in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// Who: `agent`, `caller`, `script`, `call#1`, `openai#1` ...
    pub(super) who: String,
    /// What happened.
    pub(super) what: String,
    /// What sort of line it is.
    pub(super) tone: Tone,
    /// Whether it belongs to the story of the conversation, and not only to the full record.
    pub(super) story: bool,
}

/// The entry in words.
pub(super) fn phrase(entry: &Entry) -> Phrase {
    match entry.kind {
        Kind::Lifecycle => plain(entry, Tone::Milestone, true, named(&entry.name, &entry.data)),
        Kind::Event => event(entry),
        Kind::Command => command(entry),
        Kind::WireIn => plain(entry, Tone::Detail, false, format!("<- {}", named(&entry.name, &entry.data))),
        Kind::WireOut => plain(entry, Tone::Detail, false, format!("-> {}", named(&entry.name, &entry.data))),
        Kind::Media => media(entry),
        Kind::Log => log(entry),
        Kind::Note => note(entry),
        Kind::Error => error(entry),
    }
}

fn plain(entry: &Entry, tone: Tone, story: bool, what: String) -> Phrase {
    let who = if entry.unit.is_empty() { "session".to_owned() } else { entry.unit.clone() };
    Phrase { who, what, tone, story }
}

/// A field of the data as text; numbers and truths are written out.
pub(super) fn field(data: &Value, name: &str) -> Option<String> {
    match data.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// `name {data}`, or the name alone when there is no data.
fn named(name: &str, data: &Value) -> String {
    match data {
        Value::Null => name.to_owned(),
        Value::Object(map) if map.is_empty() => name.to_owned(),
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    }
}

fn event(entry: &Entry) -> Phrase {
    let data = &entry.data;
    let what = match entry.name.as_str() {
        "Application.CallAlerting" => {
            let from = field(data, "callerid").unwrap_or_default();
            let to = field(data, "destination").unwrap_or_default();
            format!("rings, from {from} to {to}")
        }
        "Call.Connected" => "connected".to_owned(),
        "Call.Disconnected" => match field(data, "reason") {
            Some(reason) => format!("ended ({reason})"),
            None => "ended".to_owned(),
        },
        "Call.ToneReceived" => format!("key {}", field(data, "tone").unwrap_or_default()),
        _ => {
            return plain(
                entry,
                Tone::Detail,
                is_trouble(&entry.name),
                format!("event {}", named(&entry.name, data)),
            );
        }
    };
    plain(entry, Tone::Milestone, true, what)
}

/// Events that a reader of the conversation wants to see: something went wrong on the way to somebody.
fn is_trouble(name: &str) -> bool {
    const ENDS: &[&str] = &[".Failed", ".WebSocketError", ".HTTPResponse", ".ConnectorInformation", ".Error"];
    ENDS.iter().any(|end| name.ends_with(end))
}

fn command(entry: &Entry) -> Phrase {
    const STORY: &[&str] =
        &["answer", "reject", "hangup", "ring", "start_early_media", "send_digits", "record", "terminate"];
    let story = STORY.contains(&entry.name.as_str());
    let tone = if story { Tone::Milestone } else { Tone::Detail };
    let unit = if entry.unit.is_empty() { String::new() } else { format!("{} ", entry.unit) };
    let what = format!("{unit}{}", named(&entry.name, &entry.data));
    Phrase { who: "script".to_owned(), what, tone, story }
}

fn media(entry: &Entry) -> Phrase {
    let data = &entry.data;
    let who = field(data, "who").filter(|who| who == "agent" || who == "caller");
    let Some(text) = field(data, "text") else {
        return plain(entry, Tone::Detail, false, named(&entry.name, data));
    };
    let Some(who) = who else {
        return plain(entry, Tone::Detail, false, format!("{} \"{text}\"", entry.name));
    };
    let tone = if who == "agent" { Tone::Agent } else { Tone::Caller };
    let cut = data.get("cut").and_then(Value::as_bool).unwrap_or(false);
    let mut what = format!("\"{text}\"");
    if cut {
        what.push_str(" -- cut here");
    }
    Phrase { who, what, tone, story: true }
}

fn log(entry: &Entry) -> Phrase {
    let text = field(&entry.data, "text").unwrap_or_else(|| entry.data.to_string());
    Phrase { who: "script".to_owned(), what: text, tone: Tone::Log, story: true }
}

fn note(entry: &Entry) -> Phrase {
    let text = field(&entry.data, "text").unwrap_or_else(|| entry.data.to_string());
    let what = match field(&entry.data, "policy") {
        Some(policy) => format!("[{policy}] {text}"),
        None => text,
    };
    Phrase { who: "note".to_owned(), what, tone: Tone::Note, story: true }
}

fn error(entry: &Entry) -> Phrase {
    let data = &entry.data;
    let message = field(data, "message").unwrap_or_else(|| named(&entry.name, data));
    let what = match place(data) {
        Some(place) => format!("{message} at {place}"),
        None => message,
    };
    Phrase { who: "error".to_owned(), what, tone: Tone::Error, story: true }
}

/// `file:line:column` of an error's data, as far as it is known.
pub(super) fn place(data: &Value) -> Option<String> {
    let file = field(data, "file").filter(|file| !file.is_empty())?;
    let number = |name| data.get(name).and_then(Value::as_u64).filter(|number| *number > 0);
    Some(match (number("line"), number("column")) {
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(line), None) => format!("{file}:{line}"),
        _ => file,
    })
}
