//! The journal in the format of the platform's own session log, so that scripts which parse such logs work on a local
//! run: UTC stamps, `Sent event to JS`, `Executing JS command`, the scenario's own lines verbatim.
//!
//! Shapes and command names follow logs of real sessions. Commands that no known log shows carry our own name; provider
//! messages and media, which those logs do not show, are left out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::phrase::{field, place};
use super::{Entry, EntryKind, HIDDEN, Redactor};

/// Our commands and the platform's names for them.
const COMMANDS: &[(&str, &str)] = &[
    ("answer", "AcceptCall"),
    ("reject", "HangupCall"),
    ("hangup", "HangupCall"),
    ("start_early_media", "StartAudio"),
    ("handle_tones", "HandleTones"),
    ("record", "Record"),
    ("send_media", "SendMedia"),
    ("send_media_between", "SendMediaBetween"),
    ("set_custom_data", "SetCustomData"),
    ("open", "CreateWebSocket"),
    ("tell", "SendMessageWebSocket"),
    ("close", "DestroyWebSocket"),
    ("terminate", "terminating"),
];

/// Prints entries in the platform's format.
#[derive(Debug)]
pub struct PlatformLog {
    epoch_ms: i64,
    redactor: Redactor,
    /// The platform's ids of units, where they are known.
    ids: BTreeMap<String, String>,
}

impl PlatformLog {
    /// A printer for a session that started at this Unix time.
    #[must_use]
    pub fn new(epoch_ms: i64, redactor: Redactor) -> PlatformLog {
        PlatformLog { epoch_ms, redactor, ids: BTreeMap::new() }
    }

    /// The lines of one entry, each ended with a line feed; empty when the platform's log has none.
    pub fn push(&mut self, entry: &Entry) -> String {
        let lines = match entry.kind {
            EntryKind::Lifecycle => lifecycle(entry),
            EntryKind::Event => self.event(entry),
            EntryKind::Command => self.command(entry),
            EntryKind::Log => vec![field(&entry.data, "text").unwrap_or_default()],
            EntryKind::Note => vec![format!("WARNING! {}", field(&entry.data, "text").unwrap_or_default())],
            EntryKind::Error => error(entry),
            EntryKind::WireIn | EntryKind::WireOut | EntryKind::Media => Vec::new(),
        };
        let stamp = self.stamp(entry.t_us);
        lines.iter().map(|line| format!("{stamp} {}\n", self.redactor.hide(line))).collect()
    }

    /// `YYYY-MM-DD HH:MM:SS.mmm`, UTC. An instant outside the calendar shows the epoch of Unix time.
    fn stamp(&self, t_us: u64) -> String {
        let since = SignedDuration::from_micros(i64::try_from(t_us).unwrap_or(i64::MAX));
        let at = Timestamp::from_millisecond(self.epoch_ms).and_then(|start| start.checked_add(since));
        at.unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
    }

    fn event(&mut self, entry: &Entry) -> Vec<String> {
        // Timers and promises are settled inside the engine: the platform's log has no line for them.
        if !entry.name.contains('.') {
            return Vec::new();
        }
        if entry.name == "Application.CallAlerting"
            && let Some(id) = field(&entry.data, "id")
        {
            self.ids.insert(entry.unit.clone(), id);
        }
        let mut fields = Map::new();
        fields.insert("name".to_owned(), entry.name.clone().into());
        if !entry.unit.is_empty() {
            fields.insert("id".to_owned(), self.id_of(&entry.unit).into());
        }
        if let Value::Object(data) = &entry.data {
            // Whether our session still told the script is our own remark.
            let told = data.iter().filter(|(key, _)| !["name", "id", "dispatched"].contains(&key.as_str()));
            fields.extend(told.map(|(key, value)| (key.clone(), value.clone())));
        }
        let fields = platform_words(fields);
        let params = Value::Array(vec![Value::Object(fields)]);
        vec![format!("Sent event to JS onPhoneEvent with params {}", notation(&params))]
    }

    fn command(&self, entry: &Entry) -> Vec<String> {
        let ours = entry.name.as_str();
        match ours {
            "module_loaded" => {
                return vec![format!("Module loaded: {}", field(&entry.data, "module").unwrap_or_default())];
            }
            "set_timer" | "clear_timer" => return Vec::new(),
            _ => {}
        }
        let name = COMMANDS.iter().find(|(name, _)| *name == ours).map_or(ours, |(_, platform)| platform);
        let fields = match &entry.data {
            Value::Object(data) => data.clone(),
            _ => Map::new(),
        };
        let mut fields = platform_words(fields);
        if ours == "send_media_between" {
            fields = renamed(fields, &[("a", "id1"), ("b", "id2")]);
        }
        if ours == "handle_tones" {
            fields = renamed(fields, &[("on", "handle")]);
        }
        if name.ends_with("WebSocket") && fields.contains_key("headers") {
            fields.insert("headers".to_owned(), HIDDEN.into());
        }
        for value in fields.values_mut() {
            if let Some(id) = value.as_str().and_then(|unit| self.ids.get(unit)) {
                *value = id.clone().into();
            }
        }
        if !entry.unit.is_empty() {
            fields.insert("id".to_owned(), self.id_of(&entry.unit).into());
        }
        let params = if fields.is_empty() { Vec::new() } else { vec![Value::Object(fields)] };
        vec![format!("Executing JS command: {name} with params {}", notation(&Value::Array(params)))]
    }

    fn id_of(&self, unit: &str) -> String {
        self.ids.get(unit).cloned().unwrap_or_else(|| unit.to_owned())
    }
}

/// The whole journal of a session of these scenario files that started at this Unix time.
#[must_use]
pub fn print(entries: &[Entry], scenarios: &[&str], epoch_ms: i64, redactor: &Redactor) -> String {
    let mut log = PlatformLog::new(epoch_ms, redactor.clone());
    let stamp = log.stamp(0);
    let loading = scenarios.iter().map(|path| format!("{stamp} Loading scenario {}\n", scenario_name(path)));
    let mut out: String = loading.collect();
    out.extend(entries.iter().map(|entry| log.push(entry)));
    out
}

/// The platform names a scenario; here the name is that of its file.
fn scenario_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".js").unwrap_or(file)
}

/// Facts of a call under the platform's names, headers as the map that its log shows.
fn platform_words(fields: Map<String, Value>) -> Map<String, Value> {
    const NAMES: &[(&str, &str)] = &[
        ("display_name", "displayName"),
        ("to_uri", "toURI"),
        ("from_uri", "fromURI"),
        ("custom_data", "customData"),
        ("client_type", "clientType"),
    ];
    let mut fields = renamed(fields, NAMES);
    if let Some(Value::Array(pairs)) = fields.get("headers") {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let map = pairs.iter().filter_map(Value::as_array).filter(|pair| pair.len() == 2);
        let map = map.map(|pair| (text(&pair[0]), pair[1].clone())).collect();
        fields.insert("headers".to_owned(), Value::Object(map));
    }
    fields
}

fn renamed(fields: Map<String, Value>, names: &[(&str, &str)]) -> Map<String, Value> {
    let new_name = |key: String| match names.iter().find(|(ours, _)| *ours == key) {
        Some((_, platform)) => (*platform).to_owned(),
        None => key,
    };
    fields.into_iter().map(|(key, value)| (new_name(key), value)).collect()
}

fn lifecycle(entry: &Entry) -> Vec<String> {
    match entry.name.as_str() {
        "session_idle" => vec!["INFO: Session is stopping...".to_owned()],
        "session_stopping" => vec!["Terminating (onClose)".to_owned()],
        "session_ended" => {
            vec![field(&entry.data, "finish_reason").unwrap_or_default(), "Session terminated".to_owned()]
        }
        _ => Vec::new(),
    }
}

fn error(entry: &Entry) -> Vec<String> {
    let message = field(&entry.data, "message").unwrap_or_else(|| entry.name.clone());
    let at = place(&entry.data).map(|place| format!(" at {place}")).unwrap_or_default();
    vec![format!("JS session error: {message}{at}")]
}

/// A value as the platform writes it: `NULL`, `[a ;  b ;  ]`, `{k = v ; }`, texts as they are.
fn notation(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: String = items.iter().map(|item| format!("{} ;  ", notation(item))).collect();
            format!("[{items}]")
        }
        Value::Object(fields) => {
            let fields: String = fields.iter().map(|(k, v)| format!("{k} = {} ; ", notation(v))).collect();
            format!("{{{fields}}}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use voxrun_bindings::contract::Time;

    use super::super::Journal;
    use super::*;

    const EPOCH_MS: i64 = 1_767_225_600_000;

    #[test]
    fn lines_have_the_platforms_shape() {
        let mut journal = Journal::new(1);
        let now = Time::from_ms(1234);
        let alerting = json!({"id": "AB.1.2", "callerid": "1", "to_uri": "sip:x", "headers": [["X-A", "b"]], "list": [1, null]});
        journal.write(now, "call#1", EntryKind::Event, "Application.CallAlerting", alerting);
        journal.write(now, "call#1", EntryKind::Command, "reject", json!({"code": 603}));
        journal.write(
            now,
            "",
            EntryKind::Command,
            "send_media_between",
            json!({"a": "call#1", "b": "player#1"}),
        );
        journal.write(now, "", EntryKind::Command, "terminate", Value::Null);
        journal.write(now, "", EntryKind::Log, "logger", json!({"text": "two\nlines key-key-key"}));
        journal.write(
            now,
            "",
            EntryKind::Lifecycle,
            "session_ended",
            json!({"finish_reason": "Normal termination"}),
        );
        journal.write(now, "", EntryKind::Event, "timer", json!({"timer": 1}));
        journal.write(now, "openai#1", EntryKind::WireIn, "session.created", json!({}));
        let redactor = Redactor::new([("K", "key-key-key")]);
        let text = print(&journal.take(), &["a/demo.js"], EPOCH_MS, &redactor);
        let expected = "\
2026-01-01 00:00:00.000 Loading scenario demo
2026-01-01 00:00:01.234 Sent event to JS onPhoneEvent with params [{name = Application.CallAlerting ; id = AB.1.2 ; \
callerid = 1 ; toURI = sip:x ; headers = {X-A = b ; } ; list = [1 ;  NULL ;  ] ; } ;  ]
2026-01-01 00:00:01.234 Executing JS command: HangupCall with params [{code = 603 ; id = AB.1.2 ; } ;  ]
2026-01-01 00:00:01.234 Executing JS command: SendMediaBetween with params [{id1 = AB.1.2 ; id2 = player#1 ; } ;  ]
2026-01-01 00:00:01.234 Executing JS command: terminating with params []
2026-01-01 00:00:01.234 two
lines ******
2026-01-01 00:00:01.234 Normal termination
2026-01-01 00:00:01.234 Session terminated
";
        assert_eq!(text, expected);
    }
}
