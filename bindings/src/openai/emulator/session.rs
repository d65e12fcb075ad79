//! The effective session: the provider's defaults, partial updates over them, and typed reads. An update is applied
//! whole or not at all. Noise reduction, tracing and the like are kept and shown, and change nothing.

use serde_json::{Map, Value, json};
use voxrun_audio::VadSettings;

use super::problem::Problem;
use crate::contract::Fields;

/// How audio is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// 24 kHz 16-bit little-endian PCM.
    Pcm,
    /// G.711 mu-law at 8 kHz.
    MuLaw,
    /// G.711 A-law at 8 kHz.
    ALaw,
}

impl Format {
    fn of(value: &Value) -> Format {
        match value["type"].as_str() {
            Some("audio/pcmu") => Format::MuLaw,
            Some("audio/pcma") => Format::ALaw,
            _ => Format::Pcm,
        }
    }
}

/// How turns end and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TurnDetection {
    pub(super) vad: VadSettings,
    pub(super) create_response: bool,
    pub(super) interrupt_response: bool,
    pub(super) idle_timeout_ms: Option<u64>,
}

/// A session's settings as the provider shows them.
pub(super) struct RealtimeSession {
    fields: Value,
}

const INSTRUCTIONS: &str = "You are a helpful voice assistant. Be brief, friendly and to the point.";

impl RealtimeSession {
    /// The session of a new connection; `model` is `None` for a transcription session.
    pub(super) fn new(id: String, model: Option<&str>, expires_at_s: i64) -> RealtimeSession {
        let pcm = json!({"type": "audio/pcm", "rate": 24000});
        let fields = match model {
            Some(model) => json!({
                "type": "realtime", "object": "realtime.session", "id": id, "model": model,
                "output_modalities": ["audio"], "instructions": INSTRUCTIONS, "tools": [], "tool_choice": "auto",
                "max_output_tokens": "inf", "tracing": null, "truncation": "auto", "prompt": null,
                "expires_at": expires_at_s,
                "audio": {
                    "input": {"format": pcm.clone(), "transcription": null, "noise_reduction": null,
                        "turn_detection": detection_defaults("server_vad")},
                    "output": {"format": pcm, "voice": "alloy", "speed": 1.0},
                },
                "include": null,
            }),
            None => json!({
                "type": "transcription", "object": "realtime.transcription_session", "id": id,
                "expires_at": expires_at_s,
                "audio": {"input": {"format": pcm, "transcription": null, "noise_reduction": null,
                    "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                        "silence_duration_ms": 200}}},
                "include": null,
            }),
        };
        RealtimeSession { fields }
    }

    /// The whole session for `session.created` and `session.updated`.
    pub(super) fn shown(&self) -> Value {
        self.fields.clone()
    }

    /// Applies an update that already fits the shape. `spoken`: the agent's voice has been heard.
    pub(super) fn update(&mut self, update: &Fields, spoken: bool) -> Result<(), Problem> {
        if update.get("type") != self.fields.get("type") {
            let own = self.fields["type"].as_str().unwrap_or_default();
            let got = update.get("type").and_then(Value::as_str).unwrap_or_default();
            return Err(Problem::wrong_value("session.type", got, [own]));
        }
        if let Some(model) = update.get("model").and_then(Value::as_str)
            && Some(model) != self.fields["model"].as_str()
        {
            let message = "The model of a session cannot be changed once it has been created.";
            return Err(Problem::new("invalid_value", message).at("session.model"));
        }
        if let Some(modalities) = update.get("output_modalities") {
            check_modalities(modalities, "session.output_modalities")?;
        }
        let voice = update.get("audio").and_then(|audio| audio.pointer("/output/voice"));
        if spoken && voice.is_some_and(|voice| *voice != self.fields["audio"]["output"]["voice"]) {
            let message = "Cannot update a conversation's voice if assistant audio is present.";
            return Err(Problem::new("cannot_update_voice", message));
        }
        for (key, value) in update {
            if key == "audio" {
                self.update_audio(value);
            } else {
                self.fields[key.as_str()] = value.clone();
            }
        }
        Ok(())
    }

    fn update_audio(&mut self, update: &Value) {
        let realtime = self.is_realtime();
        for side in ["input", "output"] {
            let Some(fields) = update.get(side).and_then(Value::as_object) else { continue };
            for (key, value) in fields {
                let value = match key.as_str() {
                    "turn_detection" if value.is_object() && realtime => filled(value),
                    "format" if value["type"] == "audio/pcm" => json!({"type": "audio/pcm", "rate": 24000}),
                    _ => value.clone(),
                };
                self.fields["audio"][side][key.as_str()] = value;
            }
        }
    }

    fn input(&self) -> &Value {
        &self.fields["audio"]["input"]
    }

    /// False for a transcription session, which makes no responses.
    pub(super) fn is_realtime(&self) -> bool {
        self.fields["type"] == "realtime"
    }

    /// How the caller's audio is written.
    pub(super) fn input_format(&self) -> Format {
        Format::of(&self.input()["format"])
    }

    /// Server-side turns; `None` when the client commits by itself.
    pub(super) fn turn_detection(&self) -> Option<TurnDetection> {
        let detection = &self.input()["turn_detection"];
        let kind = detection["type"].as_str()?;
        let number = |name: &str| detection[name].as_u64().and_then(|number| u32::try_from(number).ok());
        let mut vad = VadSettings { threshold_milli: 500, prefix_padding_ms: 300, silence_duration_ms: 200 };
        if kind == "semantic_vad" {
            // Words that make sense end a turn early in the real detector; here only eagerness counts.
            vad.silence_duration_ms = match detection["eagerness"].as_str() {
                Some("low") => 1200,
                Some("high") => 300,
                _ => 600,
            };
        } else {
            let threshold = detection["threshold"].as_f64().unwrap_or(0.5);
            vad.threshold_milli = (threshold * 1000.0) as u32;
            vad.prefix_padding_ms = number("prefix_padding_ms").unwrap_or(300);
            vad.silence_duration_ms = number("silence_duration_ms").unwrap_or(200);
        }
        let flag = |name: &str| detection[name].as_bool().unwrap_or(true);
        Some(TurnDetection {
            vad,
            create_response: flag("create_response") && self.is_realtime(),
            interrupt_response: flag("interrupt_response"),
            idle_timeout_ms: detection["idle_timeout_ms"].as_u64(),
        })
    }

    /// The transcription model, when transcription is asked for.
    pub(super) fn transcriber(&self) -> Option<&str> {
        let transcription = self.input()["transcription"].as_object()?;
        Some(transcription.get("model").and_then(Value::as_str).unwrap_or("whisper-1"))
    }

    /// The session's tools.
    pub(super) fn tools(&self) -> Value {
        self.fields["tools"].clone()
    }

    /// How a long conversation is cut.
    pub(super) fn truncation(&self) -> &Value {
        &self.fields["truncation"]
    }

    /// Whether transcriptions tell how sure they are.
    pub(super) fn logprobs(&self) -> bool {
        let include = self.fields["include"].as_array().into_iter().flatten();
        include.into_iter().any(|name| name == "item.input_audio_transcription.logprobs")
    }

    /// The session's instructions.
    pub(super) fn instructions(&self) -> &str {
        self.fields["instructions"].as_str().unwrap_or_default()
    }

    /// A response's frame: this session's settings with what the response overrides.
    pub(super) fn response_settings(&self, response: &Fields) -> ResponseSettings {
        let over = |name: &str| response.get(name).filter(|value| !value.is_null());
        let modalities = over("output_modalities").unwrap_or(&self.fields["output_modalities"]).clone();
        let mut output = self.fields["audio"]["output"].clone();
        if let Some(output) = output.as_object_mut() {
            output.remove("speed");
        }
        if let Some(Value::Object(wanted)) = response.get("audio").and_then(|audio| audio.get("output")) {
            for (key, value) in wanted {
                output[key.as_str()] = value.clone();
            }
        }
        let max = over("max_output_tokens").unwrap_or(&self.fields["max_output_tokens"]).clone();
        ResponseSettings {
            text_only: modalities == json!(["text"]),
            format: Format::of(&output["format"]),
            shown: json!({"output_modalities": modalities, "max_output_tokens": max, "audio": {"output": output}}),
            max_tokens: max.as_u64(),
            metadata: response.get("metadata").cloned().unwrap_or(Value::Null),
            tools: over("tools").unwrap_or(&self.fields["tools"]).clone(),
            speed_milli: (self.fields["audio"]["output"]["speed"].as_f64().unwrap_or(1.0) * 1000.0) as u64,
            in_conversation: response.get("conversation").and_then(Value::as_str) != Some("none"),
        }
    }
}

/// What one response is made with.
#[derive(Debug, Clone)]
pub(super) struct ResponseSettings {
    pub(super) text_only: bool,
    pub(super) format: Format,
    /// Keys of the response object that show it.
    pub(super) shown: Value,
    pub(super) max_tokens: Option<u64>,
    pub(super) metadata: Value,
    /// Its tools: the response's own or the session's.
    pub(super) tools: Value,
    /// Thousandths of the usual speed of speech.
    pub(super) speed_milli: u64,
    pub(super) in_conversation: bool,
}

/// `["text"]` or `["audio"]`, not both.
pub(super) fn check_modalities(modalities: &Value, path: &str) -> Result<(), Problem> {
    if modalities.as_array().is_some_and(|list| list.len() == 1) {
        return Ok(());
    }
    let list: Vec<&str> = modalities.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let message =
        format!("Invalid modalities: {list:?}. Supported combinations are: [\"text\"] and [\"audio\"].");
    Err(Problem::new("invalid_value", message).at(path))
}

fn detection_defaults(kind: &str) -> Value {
    if kind == "semantic_vad" {
        json!({"type": "semantic_vad", "eagerness": "auto", "create_response": true, "interrupt_response": true})
    } else {
        json!({"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
            "idle_timeout_ms": null, "create_response": true, "interrupt_response": true})
    }
}

/// A turn detection as given, its other keys at their defaults.
fn filled(given: &Value) -> Value {
    let mut whole = detection_defaults(given["type"].as_str().unwrap_or_default());
    for (key, value) in given.as_object().unwrap_or(&Map::new()) {
        whole[key.as_str()] = value.clone();
    }
    whole
}
