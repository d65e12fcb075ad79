//! Reading a generation request, and what the provider refuses in one.

use serde_json::{Map, Value};

use super::errors::Refusal;
use crate::provider_kit::Encoding;

type Object = Map<String, Value>;

const RATES_HZ: &[u64] = &[8_000, 16_000, 22_050, 24_000, 44_100, 48_000];

/// Fields that may differ between the requests of a context.
const FREE: &[&str] = &["transcript", "continue", "flush", "duration", "context_id", "cancel"];

/// One generation request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) transcript: String,
    pub(super) continues: bool,
    pub(super) flush: bool,
    pub(super) encoding: Encoding,
    pub(super) rate_hz: u32,
    pub(super) words: bool,
    pub(super) phonemes: bool,
    pub(super) max_buffer_delay_ms: Option<u64>,
    /// Everything that must stay the same within a context.
    pub(super) fixed: Object,
}

impl Request {
    /// # Errors
    /// What is missing or wrong, in the provider's manner.
    pub(super) fn read(message: &Object) -> Result<Request, Refusal> {
        model(message)?;
        voice(message)?;
        let transcript = match message.get("transcript") {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => return Err(missing("transcript")),
            Some(_) => return Err(Refusal::bad("Invalid transcript", "transcript must be a string")),
        };
        let (encoding, rate_hz) = output_format(message)?;
        let max_buffer_delay_ms = match message.get("max_buffer_delay_ms") {
            None | Some(Value::Null) => None,
            Some(value) => Some(value.as_u64().filter(|ms| *ms <= 5_000).ok_or_else(|| {
                Refusal::bad("Invalid max_buffer_delay_ms", "it must be between 0 and 5000")
            })?),
        };
        generation_config(message)?;
        Ok(Request {
            transcript,
            continues: flag(message, "continue")?,
            flush: flag(message, "flush")?,
            encoding,
            rate_hz,
            words: flag(message, "add_timestamps")?,
            phonemes: flag(message, "add_phoneme_timestamps")?,
            max_buffer_delay_ms,
            fixed: message
                .iter()
                .filter(|(key, _)| !FREE.contains(&key.as_str()))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        })
    }
}

fn missing(field: &str) -> Refusal {
    Refusal::bad("Invalid request", format!("{field} is required"))
}

/// An id that could be one: not empty, without white space and control characters.
fn is_plausible(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= 128 && !id.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn model(message: &Object) -> Result<(), Refusal> {
    match message.get("model_id") {
        None | Some(Value::Null) => Err(missing("model_id")),
        Some(Value::String(id)) => {
            let family = id.strip_prefix("sonic");
            if is_plausible(id) && family.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
                Ok(())
            } else {
                Err(Refusal::model())
            }
        }
        Some(_) => Err(Refusal::bad("Invalid request", "model_id must be a string")),
    }
}

fn voice(message: &Object) -> Result<(), Refusal> {
    let voice = match message.get("voice") {
        None | Some(Value::Null) => return Err(missing("voice")),
        Some(Value::Object(voice)) => voice,
        Some(_) => return Err(Refusal::bad("Invalid voice", "voice must be an object")),
    };
    match voice.get("mode").and_then(Value::as_str) {
        Some("id") | None => match voice.get("id") {
            Some(Value::String(id)) if is_plausible(id) => Ok(()),
            _ => Err(Refusal::bad("Invalid voice", "voice.id is missing or no voice ID")),
        },
        Some("embedding") if voice.get("embedding").is_some_and(Value::is_array) => Ok(()),
        Some(_) => Err(Refusal::bad("Invalid voice", "voice.mode must be \"id\"")),
    }
}

fn output_format(message: &Object) -> Result<(Encoding, u32), Refusal> {
    let format = match message.get("output_format") {
        None | Some(Value::Null) => return Err(missing("output_format")),
        Some(Value::Object(format)) => format,
        Some(_) => return Err(Refusal::bad("Invalid output_format", "it must be an object")),
    };
    if format.get("container").and_then(Value::as_str) != Some("raw") {
        return Err(Refusal::bad("Invalid output_format", "the container must be \"raw\" over WebSocket"));
    }
    let encoding = match format.get("encoding").and_then(Value::as_str) {
        Some("pcm_s16le") => Encoding::Pcm16,
        Some("pcm_f32le") => Encoding::Float32,
        Some("pcm_mulaw") => Encoding::Mulaw,
        Some("pcm_alaw") => Encoding::Alaw,
        _ => {
            let text = "encoding must be pcm_s16le, pcm_f32le, pcm_mulaw or pcm_alaw";
            return Err(Refusal::bad("Invalid output_format", text));
        }
    };
    let rate = format.get("sample_rate").and_then(Value::as_u64).filter(|rate| RATES_HZ.contains(rate));
    match rate {
        Some(rate) => Ok((encoding, rate as u32)),
        None => {
            Err(Refusal::bad("Invalid output_format", format!("sample_rate must be one of {RATES_HZ:?}")))
        }
    }
}

fn generation_config(message: &Object) -> Result<(), Refusal> {
    let config = match message.get("generation_config") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(config)) => config,
        Some(_) => return Err(Refusal::bad("Invalid generation_config", "it must be an object")),
    };
    for (key, least, most) in [("speed", 0.6, 1.5), ("volume", 0.5, 2.0)] {
        let value = config.get(key).filter(|value| !value.is_null());
        if value.is_some_and(|value| !value.as_f64().is_some_and(|number| (least..=most).contains(&number))) {
            let text = format!("{key} must be between {least} and {most}");
            return Err(Refusal::bad("Invalid generation_config", text));
        }
    }
    Ok(())
}

fn flag(message: &Object, name: &str) -> Result<bool, Refusal> {
    match message.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(on)) => Ok(*on),
        Some(_) => Err(Refusal::bad("Invalid request", format!("{name} must be a boolean"))),
    }
}
