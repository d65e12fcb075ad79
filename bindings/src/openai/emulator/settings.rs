//! What `[emulators.openai]` may say: latencies and a few habits of the provider. Defaults are those seen on live
//! connections. Anything unknown or of the wrong sort is an error that lists what there is.

use serde_json::Value;

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

fn number(name: &str, value: &Value, least: u64, most: u64) -> Result<u64, String> {
    value.as_u64().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        format!("emulators.openai.{name} must be a whole number from {least} to {most}, not {value}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_listed_name_is_read_and_nothing_else() {
        for name in NAMES {
            let value = if *name == "cut_text_done" { json!(false) } else { json!(77) };
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
        ] {
            let fields = [(name.to_owned(), value)].into_iter().collect();
            assert!(Settings::read(&fields).unwrap_err().contains(name));
        }
    }
}
