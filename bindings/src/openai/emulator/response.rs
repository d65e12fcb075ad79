//! Responses: their beginning, their pieces over time, their end, and what cuts them. At most one response at a time
//! belongs to the conversation; out-of-band ones stand beside it.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use voxrun_audio::g711::{self, Law};

use super::brain::{Answer, Prompt};
use super::conversation::Item;
use super::plan::{self, Beat};
use super::problem::Problem;
use super::session::{Format, ResponseSettings, check_modalities};
use super::usage::{self, Usage};
use super::{Due, Server};
use crate::contract::{Fields, Time};

/// A response under way.
pub(super) struct Active {
    id: String,
    settings: ResponseSettings,
    started: Time,
    beats: VecDeque<(u64, Beat)>,
    /// The token limit cuts it.
    incomplete: bool,
    usage: Usage,
    output: Vec<Value>,
    open: Option<Open>,
    /// When its audio will have been played.
    played: Time,
}

/// The item that is being made.
struct Open {
    id: String,
    previous: Option<String>,
    /// Name and id of a function call; `None` for a message.
    call: Option<(String, String)>,
    /// Text, transcript or arguments so far.
    text: String,
    audio_ms: u64,
}

impl Server {
    /// `response.create`
    pub(super) fn create_response(&mut self, response: &Fields) -> Result<(), Problem> {
        if !self.session.is_realtime() {
            let message = "A transcription session cannot create responses.";
            return Err(Problem::new("invalid_value", message).at("type"));
        }
        if let Some(modalities) = response.get("output_modalities") {
            check_modalities(modalities, "response.output_modalities")?;
        }
        let settings = self.session.response_settings(response);
        if settings.in_conversation {
            self.must_be_idle()?;
        }
        let prompt = match response.get("input").and_then(Value::as_array) {
            None => self.conversation.last().and_then(Item::prompt),
            Some(input) => self.last_input(input)?,
        };
        let instructions = response.get("instructions").and_then(Value::as_str).unwrap_or_default();
        let answer = if instructions.trim().is_empty() {
            self.brain.answer(&prompt.unwrap_or(Prompt::Nothing))
        } else {
            Answer::words(instructions)
        };
        let instructions = instructions.len();
        self.begin(settings, &answer, instructions);
        Ok(())
    }

    /// What the last of a response's own input items asks.
    fn last_input(&mut self, input: &[Value]) -> Result<Option<Prompt>, Problem> {
        let mut last = None;
        for (at, item) in input.iter().enumerate() {
            let Some(fields) = item.as_object() else { continue };
            last = if fields.get("type").and_then(Value::as_str) == Some("item_reference") {
                let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
                self.conversation.find(id).ok_or_else(|| Problem::no_item("referencing", id))?.prompt()
            } else {
                self.item_of(fields, &format!("response.input[{at}]"))?.prompt()
            };
        }
        Ok(last)
    }

    fn must_be_idle(&self) -> Result<(), Problem> {
        let Some(active) = self.responses.iter().find(|active| active.settings.in_conversation) else {
            return Ok(());
        };
        let message = format!(
            "Conversation already has an active response in progress: {}. Wait until the response is finished before \
             creating a new one.",
            active.id
        );
        Err(Problem::new("conversation_already_has_active_response", message))
    }

    /// The server's own response to a turn.
    pub(super) fn respond(&mut self, prompt: &Prompt) {
        if let Err(problem) = self.must_be_idle() {
            self.complain(&problem, None);
            return;
        }
        let settings = self.session.response_settings(&Map::new());
        let answer = self.brain.answer(prompt);
        self.begin(settings, &answer, 0);
    }

    fn begin(&mut self, settings: ResponseSettings, answer: &Answer, instructions: usize) {
        let (letters, audio_ms) = self.conversation.size();
        let letters = letters + instructions.max(self.session.instructions().len());
        let plan = plan::plan(answer, &settings, &self.settings);
        let active = Active {
            id: self.ids.of("resp"),
            settings,
            started: self.now,
            beats: plan.beats,
            incomplete: plan.incomplete,
            usage: Usage {
                input_text: usage::of_letters(letters),
                input_audio: usage::of_heard_ms(audio_ms),
                ..Usage::default()
            },
            output: Vec::new(),
            open: None,
            played: self.now,
        };
        self.idle_generation += 1;
        let shown = self.shown(&active, "in_progress", Value::Null, false);
        self.send("response.created", json!({"response": shown}));
        let id = active.id.clone();
        let after_ms = active.beats.front().map_or(self.settings.first_token_ms, |(at, _)| *at);
        self.responses.push(active);
        self.plan(self.now.plus_ms(after_ms), Due::Beat(id));
    }

    /// What of a response is due now.
    pub(super) fn beat(&mut self, id: &str) {
        let Some(at) = self.responses.iter().position(|active| active.id == id) else { return };
        let mut active = self.responses.remove(at);
        while let Some((after_ms, beat)) = active.beats.pop_front() {
            let when = active.started.plus_ms(after_ms);
            if when > self.now {
                active.beats.push_front((after_ms, beat));
                self.plan(when, Due::Beat(active.id.clone()));
                self.responses.insert(at, active);
                return;
            }
            self.step(&mut active, beat);
        }
        let (status, details) = if active.incomplete {
            ("incomplete", json!({"type": "incomplete", "reason": "max_output_tokens"}))
        } else {
            ("completed", Value::Null)
        };
        self.finish(active, status, details);
    }

    fn step(&mut self, active: &mut Active, beat: Beat) {
        match beat {
            Beat::Message => self.open_item(active, None),
            Beat::Call { name } => {
                let call_id = self.ids.of("call");
                self.open_item(active, Some((name, call_id)));
            }
            Beat::Text(delta) => {
                active.usage.output_text += 1;
                self.delta(active, "response.output_text.delta", delta);
            }
            Beat::Transcript(delta) => {
                active.usage.output_text += 1;
                self.delta(active, "response.output_audio_transcript.delta", delta);
            }
            Beat::Arguments(delta) => {
                active.usage.output_text += 1;
                self.delta(active, "response.function_call_arguments.delta", delta);
            }
            Beat::Audio(samples) => self.audio(active, &samples),
            Beat::End => {
                let status = if active.incomplete { "incomplete" } else { "completed" };
                self.close_item(active, status);
            }
        }
    }

    /// An item begins: `output_item.added`, `conversation.item.added`, and for a message `content_part.added`.
    fn open_item(&mut self, active: &mut Active, call: Option<(String, String)>) {
        let previous = self.conversation.last_id().map(str::to_owned);
        let open = Open { id: self.ids.of("item"), previous, call, text: String::new(), audio_ms: 0 };
        let item = open.shown("in_progress", active.settings.text_only, true);
        let fields = json!({"response_id": active.id, "output_index": active.output.len(), "item": item});
        self.send("response.output_item.added", fields);
        if active.settings.in_conversation {
            // A fresh id cannot stand there yet.
            let _fresh = self.conversation.insert(Item::plain(item.clone()), None);
            self.item_added(open.previous.as_deref(), &item);
        }
        let message = open.call.is_none();
        active.open = Some(open);
        if message {
            let part = part(active.settings.text_only, "");
            let fields = in_part(active, json!({"part": part}));
            self.send("response.content_part.added", fields);
        }
    }

    fn delta(&mut self, active: &mut Active, kind: &str, delta: String) {
        let Some(open) = &mut active.open else { return };
        open.text.push_str(&delta);
        let pad = 16 - delta.len() % 16;
        let obfuscation = self.ids.letters(pad);
        let own = match &open.call {
            Some((_, call_id)) => json!({"call_id": call_id, "delta": delta, "obfuscation": obfuscation}),
            None => json!({"delta": delta, "obfuscation": obfuscation}),
        };
        let fields = in_part(active, own);
        self.send(kind, fields);
    }

    fn audio(&mut self, active: &mut Active, samples: &[i16]) {
        let (bytes, samples_a_ms): (Vec<u8>, usize) = match active.settings.format {
            Format::Pcm => (samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(), 24),
            Format::MuLaw => {
                (samples.iter().map(|sample| g711::encode_sample(Law::Mu, *sample)).collect(), 8)
            }
            Format::ALaw => (samples.iter().map(|sample| g711::encode_sample(Law::A, *sample)).collect(), 8),
        };
        let ms = (samples.len() / samples_a_ms) as u64;
        let Some(open) = &mut active.open else { return };
        let before = usage::of_spoken_ms(open.audio_ms);
        open.audio_ms += ms;
        active.usage.output_audio += usage::of_spoken_ms(open.audio_ms) - before;
        active.played = active.played.max(self.now).plus_ms(ms);
        let fields = in_part(active, json!({"delta": STANDARD.encode(bytes)}));
        self.send("response.output_audio.delta", fields);
    }

    /// An item ends, whole or cut: the `done` of each of its parts, then of itself.
    fn close_item(&mut self, active: &mut Active, status: &str) {
        let Some(open) = &active.open else { return };
        let text_only = active.settings.text_only;
        let text = open.text.clone();
        let mut done: Vec<(&str, Value)> = Vec::new();
        match &open.call {
            Some((name, call_id)) => {
                let own = json!({"call_id": call_id, "name": name, "arguments": text});
                done.push(("response.function_call_arguments.done", own));
            }
            None if text_only => {
                if status != "incomplete" || active.incomplete || self.settings.cut_text_done {
                    done.push(("response.output_text.done", json!({"text": text})));
                }
                done.push(("response.content_part.done", json!({"part": part(true, &text)})));
            }
            None => {
                done.push(("response.output_audio.done", json!({})));
                done.push(("response.output_audio_transcript.done", json!({"transcript": text})));
                done.push(("response.content_part.done", json!({"part": part(false, &text)})));
            }
        }
        for (kind, own) in done {
            let fields = in_part(active, own);
            self.send(kind, fields);
        }
        let Some(open) = active.open.take() else { return };
        let item = open.shown(status, text_only, false);
        if active.settings.in_conversation {
            if let Some(kept) = self.conversation.find_mut(&open.id) {
                kept.shown = item.clone();
                kept.audio_ms = open.audio_ms;
            }
            self.item_done(open.previous.as_deref(), &item);
        }
        let fields = json!({"response_id": active.id, "output_index": active.output.len(), "item": item});
        self.send("response.output_item.done", fields);
        active.output.push(item);
    }

    fn finish(&mut self, active: Active, status: &str, details: Value) {
        let shown = self.shown(&active, status, details, true);
        self.send("response.done", json!({"response": shown}));
        self.tokens_left = self.tokens_left.saturating_sub(active.usage.total());
        self.plan(self.now.plus_ms(self.settings.rate_limits_ms), Due::RateLimits);
        if active.settings.in_conversation {
            self.expect_the_caller(active.played);
        }
    }

    /// The response object.
    fn shown(&self, active: &Active, status: &str, details: Value, done: bool) -> Value {
        let conversation = active.settings.in_conversation.then_some(&self.conversation_id);
        let mut shown = json!({
            "object": "realtime.response", "id": active.id, "status": status, "status_details": details,
            "output": active.output, "conversation_id": conversation,
        });
        if let (Some(shown), Some(settings)) = (shown.as_object_mut(), active.settings.shown.as_object()) {
            shown.extend(settings.clone());
            shown.insert("usage".to_owned(), if done { active.usage.shown() } else { Value::Null });
            shown.insert("metadata".to_owned(), active.settings.metadata.clone());
        }
        shown
    }

    /// The caller speaks over the agent.
    pub(super) fn interrupt(&mut self) {
        if let Some(at) = self.responses.iter().position(|active| active.settings.in_conversation) {
            self.cut(at, "turn_detected");
        }
    }

    /// `response.cancel`
    pub(super) fn cancel_response(&mut self, id: Option<&str>) -> Result<(), Problem> {
        let at = self.responses.iter().position(|active| match id {
            Some(id) => active.id == id,
            None => active.settings.in_conversation,
        });
        match at {
            Some(at) => {
                self.cut(at, "client_cancelled");
                Ok(())
            }
            None => {
                let message = "Cancellation failed: no active response found";
                Err(Problem::new("response_cancel_not_active", message))
            }
        }
    }

    fn cut(&mut self, at: usize, reason: &str) {
        let mut active = self.responses.remove(at);
        active.incomplete = false;
        active.played = self.now;
        self.close_item(&mut active, "incomplete");
        self.finish(active, "cancelled", json!({"type": "cancelled", "reason": reason}));
    }

    /// `rate_limits.updated`
    pub(super) fn rate_limits(&mut self) {
        let used = usage::TOKENS_A_MINUTE - self.tokens_left;
        let reset_seconds = used as f64 * 60.0 / usage::TOKENS_A_MINUTE as f64;
        // What is left comes back with time; the emulated account never runs dry.
        let fields = json!({"rate_limits": [{"name": "tokens", "limit": usage::TOKENS_A_MINUTE,
            "remaining": self.tokens_left, "reset_seconds": reset_seconds}]});
        self.tokens_left = usage::TOKENS_A_MINUTE;
        self.send("rate_limits.updated", fields);
    }
}

impl Open {
    /// The item; empty as it begins.
    fn shown(&self, status: &str, text_only: bool, begins: bool) -> Value {
        match &self.call {
            Some((name, call_id)) => {
                json!({"id": self.id, "type": "function_call", "status": status, "name": name,
                "call_id": call_id, "arguments": self.text})
            }
            None => {
                let content = match (begins, text_only) {
                    (true, _) => json!([]),
                    (false, true) => json!([{"type": "output_text", "text": self.text}]),
                    (false, false) => json!([{"type": "output_audio", "transcript": self.text}]),
                };
                json!({"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content})
            }
        }
    }
}

/// A part as `content_part` events show it.
fn part(text_only: bool, text: &str) -> Value {
    if text_only {
        json!({"type": "text", "text": text})
    } else {
        json!({"type": "audio", "transcript": text})
    }
}

/// The fields of an event about the open item; a message's part has an index, a function call has none.
fn in_part(active: &Active, own: Value) -> Value {
    let open = active.open.as_ref();
    let mut fields = json!({
        "response_id": active.id,
        "item_id": open.map(|open| &open.id),
        "output_index": active.output.len(),
    });
    if let (Some(fields), Value::Object(own)) = (fields.as_object_mut(), own) {
        if open.is_some_and(|open| open.call.is_none()) {
            fields.insert("content_index".to_owned(), 0.into());
        }
        fields.extend(own);
    }
    fields
}
