//! What `[emulators.openai]` may say: latencies and a few habits of the provider. Defaults are those seen on live
//! connections. Anything unknown or of the wrong sort is an error that lists what there is.

use serde_json::{Value, json};

use crate::contract::Fields;

/// How this connection behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// From 101 to `session.created`; `None` is 3 to 6 ms by the seed.
    pub(super) session_created_ms: Option<u64>,
    /// From `response.created` to the first piece of text.
    pub(super) first_token_ms: u64,
    /// Pieces of text a second.
    pub(super) tokens_per_second: u64,
    /// From `response.created` to the first audio.
    pub(super) first_audio_ms: u64,
    /// How many times faster than real time audio is sent.
    pub(super) audio_speed: u64,
    /// Audio in one message, in milliseconds.
    pub(super) audio_chunk_ms: u64,
    /// From the end of a turn to its transcription.
    pub(super) transcription_ms: u64,
    /// From `response.done` to `rate_limits.updated`.
    pub(super) rate_limits_ms: u64,
    /// How long a session may last.
    pub(super) session_limit_ms: u64,
    /// Whether the text of an interrupted response still gets its `done`.
    pub(super) cut_text_done: bool,
    /// From the session's update to the tools of its MCP servers.
    pub(super) mcp_list_ms: u64,
    /// How long a tool of an MCP server takes.
    pub(super) mcp_call_ms: u64,
    /// What MCP servers list, where it is not what the replies call.
    pub(super) mcp: Vec<McpServer>,
    /// How much the model can read, in tokens.
    pub(super) context_tokens: u64,
    /// What the account may use, as `rate_limits.updated` tells.
    pub(super) tokens_per_minute: u64,
    /// The same for responses; `None` leaves them out.
    pub(super) requests_per_minute: Option<u64>,
    /// A regular expression: turns whose words it matches cannot be transcribed.
    pub(super) transcription_fails: Option<String>,
}

/// `[[emulators.openai.mcp]]`: an MCP server as the provider finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct McpServer {
    /// Its label in the session's tools.
    pub(super) server: String,
    /// Its tools, each with `name`, `description` and `input_schema`.
    pub(super) tools: Vec<Value>,
    /// Listing its tools fails.
    pub(super) fails: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            session_created_ms: None,
            first_token_ms: 200,
            tokens_per_second: 60,
            first_audio_ms: 300,
            audio_speed: 5,
            audio_chunk_ms: 200,
            transcription_ms: 350,
            rate_limits_ms: 43,
            session_limit_ms: 60 * 60 * 1000,
            cut_text_done: true,
            mcp_list_ms: 150,
            mcp_call_ms: 250,
            mcp: Vec::new(),
            context_tokens: 32_000,
            tokens_per_minute: 40_000,
            requests_per_minute: None,
            transcription_fails: None,
        }
    }
}

const NAMES: &[&str] = &[
    "session_created_ms",
    "first_token_ms",
    "tokens_per_second",
    "first_audio_ms",
    "audio_speed",
    "audio_chunk_ms",
    "transcription_ms",
    "rate_limits_ms",
    "session_limit_ms",
    "cut_text_done",
    "mcp_list_ms",
    "mcp_call_ms",
    "mcp",
    "context_tokens",
    "tokens_per_minute",
    "requests_per_minute",
    "transcription_fails",
];

/// No latency is longer than a day: a slip of the keyboard should not look like a hang.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

impl Settings {
    /// Reads `[emulators.openai]`.
    pub(super) fn read(fields: &Fields) -> Result<Settings, String> {
        let mut settings = Settings::default();
        for (name, value) in fields {
            match name.as_str() {
                "session_created_ms" => {
                    settings.session_created_ms = Some(number(name, value, 0, LONGEST_MS)?)
                }
                "first_token_ms" => settings.first_token_ms = number(name, value, 0, LONGEST_MS)?,
                "tokens_per_second" => settings.tokens_per_second = number(name, value, 1, 1_000_000)?,
                "first_audio_ms" => settings.first_audio_ms = number(name, value, 0, LONGEST_MS)?,
                "audio_speed" => settings.audio_speed = number(name, value, 1, 1000)?,
                "audio_chunk_ms" => settings.audio_chunk_ms = number(name, value, 20, 10_000)?,
                "transcription_ms" => settings.transcription_ms = number(name, value, 0, LONGEST_MS)?,
                "rate_limits_ms" => settings.rate_limits_ms = number(name, value, 0, LONGEST_MS)?,
                "session_limit_ms" => settings.session_limit_ms = number(name, value, 1, LONGEST_MS)?,
                "cut_text_done" => {
                    settings.cut_text_done = value.as_bool().ok_or_else(|| {
                        format!("emulators.openai.{name} must be true or false, not {value}")
                    })?;
                }
                "mcp_list_ms" => settings.mcp_list_ms = number(name, value, 0, LONGEST_MS)?,
                "mcp_call_ms" => settings.mcp_call_ms = number(name, value, 0, LONGEST_MS)?,
                "mcp" => settings.mcp = mcp_servers(value)?,
                "context_tokens" => settings.context_tokens = number(name, value, 1, 1 << 40)?,
                "tokens_per_minute" => settings.tokens_per_minute = number(name, value, 1, 1 << 40)?,
                "requests_per_minute" => {
                    settings.requests_per_minute = Some(number(name, value, 1, 1 << 40)?);
                }
                "transcription_fails" => {
                    let text = value.as_str().ok_or_else(|| {
                        format!("emulators.openai.{name} must be a regular expression, not {value}")
                    })?;
                    settings.transcription_fails = Some(text.to_owned());
                }
                _ => {
                    return Err(format!(
                        "emulators.openai.{name} is unknown; known are {}",
                        NAMES.join(", ")
                    ));
                }
            }
        }
        Ok(settings)
    }
}

/// Reads `[[emulators.openai.mcp]]`: `server`, `tools` (names, or tables with `name`, `description`, `input_schema`) and
/// `fails`.
fn mcp_servers(value: &Value) -> Result<Vec<McpServer>, String> {
    let wrong = |what: &str| format!("emulators.openai.mcp {what}");
    let list = value.as_array().ok_or_else(|| wrong("must be a list of tables"))?;
    list.iter()
        .map(|entry| {
            let entry = entry.as_object().ok_or_else(|| wrong("must be a list of tables"))?;
            if let Some(key) = entry.keys().find(|key| !matches!(key.as_str(), "server" | "tools" | "fails"))
            {
                return Err(wrong(&format!("has an unknown key {key}; known are server, tools, fails")));
            }
            let server = entry.get("server").and_then(Value::as_str);
            let tools = match entry.get("tools") {
                None => Vec::new(),
                Some(tools) => tools
                    .as_array()
                    .and_then(|tools| tools.iter().map(mcp_tool).collect::<Option<Vec<Value>>>())
                    .ok_or_else(|| wrong("has tools that are neither names nor tables with a name"))?,
            };
            let fails = match entry.get("fails") {
                None => false,
                Some(fails) => {
                    fails.as_bool().ok_or_else(|| wrong("has a fails that is no true or false"))?
                }
            };
            let server = server.ok_or_else(|| wrong("lacks the name of a server"))?.to_owned();
            Ok(McpServer { server, tools, fails })
        })
        .collect()
}

fn mcp_tool(tool: &Value) -> Option<Value> {
    if let Some(name) = tool.as_str() {
        return Some(tool_named(name));
    }
    let mut whole = tool_named(tool.get("name")?.as_str()?);
    for (key, value) in tool.as_object()? {
        whole[key.as_str()] = value.clone();
    }
    Some(whole)
}

/// A tool of which only the name is known.
pub(super) fn tool_named(name: &str) -> Value {
    json!({"name": name, "description": null, "input_schema": {"type": "object"}, "annotations": null})
}

fn number(name: &str, value: &Value, least: u64, most: u64) -> Result<u64, String> {
    value.as_u64().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        format!("emulators.openai.{name} must be a whole number from {least} to {most}, not {value}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_read_and_nothing_else() {
        for name in NAMES {
            let value = match *name {
                "cut_text_done" => json!(false),
                "transcription_fails" => json!("word"),
                "mcp" => {
                    json!([{"server": "a", "tools": ["b", {"name": "c", "description": "d"}], "fails": true}])
                }
                _ => json!(77),
            };
            let fields = [((*name).to_owned(), value)].into_iter().collect();
            assert_ne!(Settings::read(&fields).unwrap(), Settings::default(), "{name}");
        }
        let unknown = [("first_tokens_ms".to_owned(), json!(1))].into_iter().collect();
        let error = Settings::read(&unknown).unwrap_err();
        assert!(
            error.contains("first_tokens_ms") && NAMES.iter().all(|name| error.contains(name)),
            "{error}"
        );
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value) in [
            ("tokens_per_second", json!(0)),
            ("first_token_ms", json!(-1)),
            ("first_token_ms", json!("fast")),
            ("first_token_ms", json!(1.5)),
            ("rate_limits_ms", json!(u64::MAX)),
            ("cut_text_done", json!(1)),
            ("transcription_fails", json!(1)),
            ("mcp", json!({})),
            ("mcp", json!([7])),
            ("mcp", json!([{"tools": []}])),
            ("mcp", json!([{"server": "a", "tools": [{}]}])),
            ("mcp", json!([{"server": "a", "fails": 1}])),
            ("mcp", json!([{"server": "a", "tool": []}])),
        ] {
            let fields = [(name.to_owned(), value)].into_iter().collect();
            assert!(Settings::read(&fields).unwrap_err().contains(name));
        }
    }
}
