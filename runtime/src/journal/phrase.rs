//! What one entry of the journal means, as a few words: who did it, what, and how much it matters to a reader.
//!
//! Pure: no layout, colour or time. Names that it does not know are shown as they are, with their data, so a new
//! binding needs no line here.

use serde_json::Value;

use super::{Entry, EntryKind};

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
    /// The same in full, where the words above leave something out.
    pub(super) detail: Option<String>,
    /// What sort of line it is.
    pub(super) tone: Tone,
    /// Whether it belongs to the story of the conversation, and not only to the full record.
    pub(super) story: bool,
}

/// The entry in words. Of the sessions of a run all but the first say their number.
pub(super) fn phrase(entry: &Entry) -> Phrase {
    let mut phrase = of_kind(entry);
    if entry.session > 1 {
        phrase.who = format!("{}:{}", entry.session, phrase.who);
    }
    phrase
}

fn of_kind(entry: &Entry) -> Phrase {
    match entry.kind {
        EntryKind::Lifecycle => lifecycle(entry),
        EntryKind::Event => event(entry),
        EntryKind::Command => command(entry),
        EntryKind::WireIn => wire_in(entry),
        EntryKind::WireOut => wire_out(entry),
        EntryKind::Media => media(entry),
        EntryKind::Log => log(entry),
        EntryKind::Note => note(entry),
        EntryKind::Error => error(entry),
    }
}

/// When it belongs into the story, in microseconds: speech where it began, everything else where it was written.
pub(super) fn story_us(entry: &Entry) -> u64 {
    let start_ms = entry.data.get("start_ms").and_then(Value::as_u64);
    start_ms.filter(|_| entry.kind == EntryKind::Media).map_or(entry.t_us, |ms| ms.saturating_mul(1000))
}

fn plain(entry: &Entry, tone: Tone, story: bool, what: String) -> Phrase {
    let who = if entry.unit.is_empty() { "session".to_owned() } else { entry.unit.clone() };
    Phrase { who, what, detail: None, tone, story }
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

fn milestone(entry: &Entry, what: impl Into<String>) -> Phrase {
    plain(entry, Tone::Milestone, true, what.into())
}

fn detail(entry: &Entry, what: String) -> Phrase {
    plain(entry, Tone::Detail, false, what)
}

fn lifecycle(entry: &Entry) -> Phrase {
    let text = |name| field(&entry.data, name).unwrap_or_default();
    match entry.name.as_str() {
        "call_ended" => milestone(entry, format!("ended: {}", text("end"))),
        "session_idle" => milestone(entry, "has had no call for 60 s"),
        "http_replied" => {
            milestone(entry, format!("answers {} {}: {}", text("method"), text("path"), text("body")))
        }
        "session_ended" => milestone(entry, format!("ended: {}", text("finish_reason"))),
        _ => detail(entry, named(&entry.name, &entry.data)),
    }
}

fn event(entry: &Entry) -> Phrase {
    let data = &entry.data;
    let text = |name| field(data, name).unwrap_or_default();
    match entry.name.as_str() {
        "Application.CallAlerting" => {
            let mut phrase =
                milestone(entry, format!("rings, from {} to {}", text("callerid"), text("destination")));
            phrase.detail = Some(named(&entry.name, data));
            phrase
        }
        name => {
            let story = is_trouble(name) || name == "Call.Connected";
            let tone = if story { Tone::Milestone } else { Tone::Detail };
            let mut phrase = plain(entry, tone, story, format!("event {}", named(name, data)));
            if name == "Call.Connected" {
                phrase.detail = Some(std::mem::replace(&mut phrase.what, "connected".to_owned()));
            }
            phrase
        }
    }
}

/// Events that a reader of the conversation wants to see: something went wrong on the way to somebody.
fn is_trouble(name: &str) -> bool {
    const ENDS: &[&str] = &[".Failed", ".WebSocketError", ".HTTPResponse", ".Error"];
    ENDS.iter().any(|end| name.ends_with(end))
}

fn command(entry: &Entry) -> Phrase {
    const STORY: &[&str] = &[
        "place",
        "answer",
        "reject",
        "hangup",
        "ring",
        "start_early_media",
        "send_digits",
        "record",
        "terminate",
    ];
    let story = STORY.contains(&entry.name.as_str());
    let tone = if story { Tone::Milestone } else { Tone::Detail };
    let to = if entry.unit.is_empty() { String::new() } else { format!("{} ", entry.unit) };
    let full = format!("{to}{}", named(&entry.name, &entry.data));
    let what = match entry.name.as_str() {
        "place" => {
            let facts = entry.data.get("facts").unwrap_or(&Value::Null);
            format!("calls {}", field(facts, "destination").unwrap_or_default())
        }
        _ if story => as_written(entry),
        _ => full.clone(),
    };
    Phrase { who: "script".to_owned(), what, detail: Some(full), tone, story }
}

/// A command about as the scenario wrote it: `call#1.reject(603)`.
fn as_written(entry: &Entry) -> String {
    let mut method = String::new();
    let mut upper = false;
    for ch in entry.name.chars() {
        match ch {
            '_' => upper = true,
            ch if std::mem::take(&mut upper) => method.push(ch.to_ascii_uppercase()),
            ch => method.push(ch),
        }
    }
    let empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(|value| value == &Value::Bool(false)),
        value => value.is_null(),
    };
    let arguments = entry.data.as_object().into_iter().flat_map(serde_json::Map::values);
    let arguments: Vec<String> = arguments.filter(|value| !empty(value)).map(Value::to_string).collect();
    let object = if entry.unit.is_empty() { "VoxEngine" } else { &entry.unit };
    format!("{object}.{method}({})", arguments.join(", "))
}

/// A number and the words for it, if there are any: `(1000 Normal closure)`.
fn with_reason(code: &str, reason: &str) -> String {
    format!("({})", format!("{code} {reason}").trim_end())
}

fn wire_out(entry: &Entry) -> Phrase {
    let text = |name| field(&entry.data, name).unwrap_or_default();
    match entry.name.as_str() {
        "connect" => milestone(entry, format!("connecting to {}", text("url"))),
        "http_request" => milestone(entry, format!("{} {}", text("method"), text("url"))),
        "close" => milestone(
            entry,
            format!("closing the connection {}", with_reason(&text("code"), &text("reason"))),
        ),
        name => detail(entry, format!("-> {}", named(name, &entry.data))),
    }
}

fn wire_in(entry: &Entry) -> Phrase {
    let text = |name| field(&entry.data, name).unwrap_or_default();
    match entry.name.as_str() {
        "opened" => milestone(entry, "connected"),
        "refused" => milestone(entry, format!("refused the connection: {} {}", text("status"), text("body"))),
        "failed" => milestone(entry, format!("no connection: {}", text("reason"))),
        "http_response" => milestone(entry, format!("{}, {} bytes", text("status"), text("bytes"))),
        "http_failed" => milestone(entry, format!("no response: {}", text("reason"))),
        "closed" => milestone(
            entry,
            format!("the connection is closed {}", with_reason(&text("code"), &text("reason"))),
        ),
        name => detail(entry, format!("<- {}", named(name, &entry.data))),
    }
}

fn media(entry: &Entry) -> Phrase {
    let data = &entry.data;
    let text = |name| field(data, name).unwrap_or_default();
    let full = named(&entry.name, data);
    let (who, what, tone) = match entry.name.as_str() {
        "said" if text("at") == "callee" => ("callee", format!("\"{}\"", text("text")), Tone::Caller),
        "heard" if text("at") == "callee" => {
            ("agent", format!("\"{}\" (to the callee)", text("text")), Tone::Agent)
        }
        "said" => ("caller", format!("\"{}\"", text("text")), Tone::Caller),
        "heard" => ("agent", format!("\"{}\"", text("text")), Tone::Agent),
        "cut" if text("who") == "caller" => {
            ("caller", format!("\"{}\" (broken off)", text("text")), Tone::Caller)
        }
        "cut" => ("agent", format!("\"{}\" (cut off)", text("text")), Tone::Agent),
        "pressed" => ("caller", format!("presses {}", text("key")), Tone::Caller),
        "hung_up" if text("by") == "callee" => ("callee", "hangs up".to_owned(), Tone::Caller),
        "hung_up" => ("caller", "hangs up".to_owned(), Tone::Caller),
        "understood" if text("text").is_empty() => {
            (entry.unit.as_str(), "understood no words".to_owned(), Tone::Milestone)
        }
        "understood" => (entry.unit.as_str(), format!("understood \"{}\"", text("text")), Tone::Milestone),
        "playout_cleared" if data["dropped_ms"].as_u64().is_some_and(|ms| ms > 0) => {
            let what = format!("{} ms of speech thrown away before they were played", text("dropped_ms"));
            (entry.unit.as_str(), what, Tone::Milestone)
        }
        _ => return detail(entry, full),
    };
    Phrase { who: who.to_owned(), what, detail: Some(format!("{} {full}", entry.unit)), tone, story: true }
}

fn log(entry: &Entry) -> Phrase {
    let text = field(&entry.data, "text").unwrap_or_else(|| entry.data.to_string());
    Phrase { who: "script".to_owned(), what: text, detail: None, tone: Tone::Log, story: true }
}

fn note(entry: &Entry) -> Phrase {
    let text = field(&entry.data, "text").unwrap_or_else(|| named(&entry.name, &entry.data));
    let text = if entry.unit.is_empty() { text } else { format!("{}: {text}", entry.unit) };
    let what = match field(&entry.data, "policy") {
        Some(policy) => format!("[{policy}] {text}"),
        None => text,
    };
    Phrase { who: "note".to_owned(), what, detail: None, tone: Tone::Note, story: true }
}

fn error(entry: &Entry) -> Phrase {
    let data = &entry.data;
    let message = field(data, "message").unwrap_or_else(|| named(&entry.name, data));
    let what = match place(data) {
        Some(place) => format!("{message} at {place}"),
        None => message,
    };
    Phrase { who: "error".to_owned(), what, detail: None, tone: Tone::Error, story: true }
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
