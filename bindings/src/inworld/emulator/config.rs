//! The configuration of a context: what `create` may say, and what the provider refuses. Unknown keys are ignored, as
//! the provider ignores them.

use serde_json::{Map, Value, json};

use super::{Refusal, status};
use crate::provider_kit::Encoding;

type Object = Map<String, Value>;

/// What is taken when `modelId` is absent or blank.
const DEFAULT_MODEL: &str = "inworld-tts-1.5-mini";

/// Rates that the provider offers.
const RATES_HZ: &[u64] = &[8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// Timestamps asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timestamps {
    None,
    Word,
    Character,
}

/// Whether chunks begin with a RIFF header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    None,
    /// Once a flush.
    First,
    /// At the first chunk of a flush, and again at a last one of five samples.
    FirstAndLast,
}

/// A context's configuration.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Config {
    given: Object,
    pub(super) model: String,
    pub(super) encoding: Encoding,
    pub(super) header: Header,
    pub(super) rate_hz: u32,
    pub(super) timestamps: Timestamps,
    /// Timestamps come in messages of their own, after the audio that they belong to.
    pub(super) timestamps_apart: bool,
    /// Speak what is buffered after so long; zero: wait for a flush.
    pub(super) max_buffer_delay_ms: u64,
    /// Speak what is buffered from so many characters on.
    pub(super) buffer_chars: usize,
    /// Speak at the end of each sentence.
    pub(super) auto: bool,
}

impl Config {
    /// Of a `create` message.
    pub(super) fn read(given: &Object) -> Result<Config, Refusal> {
        identifier(given, "voiceId")?;
        let model = model(given)?;
        let empty = Object::new();
        let audio = match given.get("audioConfig") {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(audio)) => audio,
            Some(_) => return Err(invalid("audioConfig must be an object")),
        };
        let (encoding, header) = encoding(audio)?;
        number(audio, "speakingRate", 0.5, 1.5)?;
        if number(given, "temperature", 0.0, 2.0)? == Some(0.0) {
            return Err(invalid("temperature must be greater than 0 and at most 2"));
        }
        for (key, values) in [
            ("applyTextNormalization", ["ON", "OFF", "APPLY_TEXT_NORMALIZATION_UNSPECIFIED"].as_slice()),
            ("deliveryMode", &["STABLE", "BALANCED", "CREATIVE", "DELIVERY_MODE_UNSPECIFIED"]),
        ] {
            one_of(given, key, values)?;
        }
        let strategies = ["SYNC", "ASYNC", "TIMESTAMP_TRANSPORT_STRATEGY_UNSPECIFIED"];
        let timestamps_apart = one_of(given, "timestampTransportStrategy", &strategies)? == Some("ASYNC");
        let kinds = ["WORD", "CHARACTER", "TIMESTAMP_TYPE_UNSPECIFIED"];
        let timestamps = match one_of(given, "timestampType", &kinds)? {
            Some("WORD") => Timestamps::Word,
            Some("CHARACTER") => Timestamps::Character,
            _ => Timestamps::None,
        };
        Ok(Config {
            model,
            encoding,
            header,
            rate_hz: rate(audio, encoding)?,
            timestamps,
            timestamps_apart,
            max_buffer_delay_ms: whole(given, "maxBufferDelayMs", 60_000)?.unwrap_or(0),
            buffer_chars: whole(given, "bufferCharThreshold", 1_000)?
                .filter(|&chars| chars > 0)
                .map_or(1_000, |chars| chars as usize),
            auto: given.get("autoMode").and_then(Value::as_bool).unwrap_or(false),
            given: given.clone(),
        })
    }

    /// With the changes of an `update_config` message.
    pub(super) fn updated(&self, changes: &Object) -> Result<Config, Refusal> {
        let mut given = self.given.clone();
        for (key, value) in changes {
            match (given.get_mut(key), value) {
                (Some(Value::Object(old)), Value::Object(new)) => old.extend(new.clone()),
                _ => {
                    given.insert(key.clone(), value.clone());
                }
            }
        }
        Config::read(&given)
    }

    /// As `contextCreated` tells it back.
    pub(super) fn echo(&self) -> Value {
        let mut echo = self.given.clone();
        echo.insert("modelId".to_owned(), json!(self.model));
        Value::Object(echo)
    }
}

fn invalid(text: impl Into<String>) -> Refusal {
    (status::INVALID, text.into())
}

/// An id that could be one: not empty, and made of letters, digits, spaces and `_-.:/` only.
fn is_plausible(id: &str) -> bool {
    !id.trim().is_empty()
        && id.chars().count() <= 128
        && id.chars().all(|c| c.is_alphanumeric() || " _-.:/".contains(c))
}

fn identifier(given: &Object, key: &str) -> Result<(), Refusal> {
    match given.get(key) {
        None | Some(Value::Null) => Err(invalid(format!("{key} is required"))),
        Some(Value::String(id)) if is_plausible(id) => Ok(()),
        Some(Value::String(id)) if id.trim().is_empty() => Err(invalid(format!("{key} is required"))),
        Some(Value::String(id)) => Err((status::NOT_FOUND, format!("Unknown voice: {id} not found!"))),
        Some(_) => Err(invalid(format!("{key} must be a string"))),
    }
}

fn model(given: &Object) -> Result<String, Refusal> {
    match given.get("modelId") {
        None | Some(Value::Null) => Ok(DEFAULT_MODEL.to_owned()),
        Some(Value::String(id)) if id.trim().is_empty() => Ok(DEFAULT_MODEL.to_owned()),
        Some(Value::String(id)) => {
            let family = id.strip_prefix("inworld-tts-");
            if is_plausible(id) && family.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
                Ok(id.clone())
            } else {
                Err(invalid(format!("Invalid model ID: {id}")))
            }
        }
        Some(_) => Err(invalid("modelId must be a string")),
    }
}

fn encoding(audio: &Object) -> Result<(Encoding, Header), Refusal> {
    const MADE: &str = "PCM, LINEAR16, WAV, ALAW or MULAW";
    match audio.get("audioEncoding") {
        Some(Value::String(name)) => match name.as_str() {
            "PCM" => Ok((Encoding::Pcm16, Header::None)),
            "LINEAR16" => Ok((Encoding::Pcm16, Header::FirstAndLast)),
            "WAV" => Ok((Encoding::Pcm16, Header::First)),
            "ALAW" => Ok((Encoding::Alaw, Header::None)),
            "MULAW" => Ok((Encoding::Mulaw, Header::None)),
            "MP3" | "OGG_OPUS" | "FLAC" | "AUDIO_ENCODING_UNSPECIFIED" => Err((
                status::UNIMPLEMENTED,
                format!("audioEncoding {name} is not made by this emulator: ask for {MADE}"),
            )),
            _ => Err(invalid(format!("Invalid audioEncoding: {name}"))),
        },
        None | Some(Value::Null) => Err((
            status::UNIMPLEMENTED,
            format!(
                "audioConfig.audioEncoding is absent, which means MP3: not made by this emulator, ask for {MADE}"
            ),
        )),
        Some(_) => Err(invalid("audioEncoding must be a string")),
    }
}

/// G.711 is telephony's unless asked otherwise; everything else comes at 48 kHz.
fn rate(audio: &Object, encoding: Encoding) -> Result<u32, Refusal> {
    let default = if matches!(encoding, Encoding::Alaw | Encoding::Mulaw) { 8_000 } else { 48_000 };
    match audio.get("sampleRateHertz") {
        None | Some(Value::Null) => Ok(default),
        Some(value) => {
            value.as_u64().filter(|rate| RATES_HZ.contains(rate)).map(|rate| rate as u32).ok_or_else(|| {
                invalid(format!("sampleRateHertz {value} is not supported; use one of {RATES_HZ:?}"))
            })
        }
    }
}

fn number(object: &Object, key: &str, least: f64, most: f64) -> Result<Option<f64>, Refusal> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(invalid(format!("{key} must be between {least} and {most}"))),
        },
    }
}

fn whole(object: &Object, key: &str, most: u64) -> Result<Option<u64>, Refusal> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().filter(|number| *number <= most) {
            Some(number) => Ok(Some(number)),
            None => Err(invalid(format!("{key} must be a whole number up to {most}"))),
        },
    }
}

fn one_of<'a>(object: &'a Object, key: &str, values: &[&str]) -> Result<Option<&'a str>, Refusal> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) if values.contains(&value.as_str()) => Ok(Some(value)),
        Some(value) => Err(invalid(format!("{key} {value} is not one of {}", values.join(", ")))),
    }
}
