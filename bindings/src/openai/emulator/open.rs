//! The item that a response is making: how it begins, grows and ends on the wire. A message has one part, of text or
//! of audio; a function call and an MCP call have arguments; a request for approval is whole at once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use voxrun_audio::g711::{self, Law};

use super::Server;
use super::conversation::Item;
use super::response::Active;
use super::session::Format;
use super::usage;

/// What sort of item it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// The agent's words.
    Message { text: bool },
    /// A call that the client makes.
    Call { name: String, call_id: String },
    /// A call that the provider makes.
    Mcp {
        server: String,
        name: String,
        approval: Option<String>,
        running: bool,
        /// Its text, or an error object.
        outcome: Option<Result<String, Value>>,
    },
    /// The question whether the provider may.
    Approval { server: String, name: String },
}

/// The item that is being made.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) id: String,
    previous: Option<String>,
    pub(super) kind: Kind,
    /// Text, transcript or arguments so far.
    text: String,
    audio_ms: u64,
}

impl Open {
    /// The item; empty as it begins.
    fn shown(&self, status: &str, begins: bool) -> Value {
        match &self.kind {
            Kind::Message { text } => {
                let content = match (begins, text) {
                    (true, _) => json!([]),
                    (false, true) => json!([{"type": "output_text", "text": self.text}]),
                    (false, false) => json!([{"type": "output_audio", "transcript": self.text}]),
                };
                json!({"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content})
            }
            Kind::Call { name, call_id } => {
                json!({"id": self.id, "type": "function_call", "status": status, "name": name,
                "call_id": call_id, "arguments": self.text})
            }
            Kind::Mcp { server, name, approval, outcome, .. } => {
                let output = outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
                let error = outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
                json!({"id": self.id, "type": "mcp_call", "server_label": server, "name": name,
                    "arguments": self.text, "approval_request_id": approval, "output": output, "error": error})
            }
            Kind::Approval { server, name } => {
                json!({"id": self.id, "type": "mcp_approval_request", "server_label": server, "name": name,
                    "arguments": self.text})
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

/// The fields of an event about the open item; a message's part has an index, a call has none.
fn in_part(active: &Active, own: Value) -> Value {
    let open = active.open.as_ref();
    let mut fields = json!({
        "response_id": active.id,
        "item_id": open.map(|open| &open.id),
        "output_index": active.output.len(),
    });
    if let (Some(fields), Value::Object(own)) = (fields.as_object_mut(), own) {
        if open.is_some_and(|open| matches!(open.kind, Kind::Message { .. })) {
            fields.insert("content_index".to_owned(), 0.into());
        }
        fields.extend(own);
    }
    fields
}

impl Server {
    /// An item begins: `output_item.added`, `conversation.item.added`, and for a message `content_part.added`. `text` is
    /// what stands in it from the start.
    pub(super) fn open_item(&mut self, active: &mut Active, kind: Kind, text: String) {
        let previous = self.conversation.last_id().map(str::to_owned);
        let prefix = match kind {
            Kind::Message { .. } | Kind::Call { .. } => "item",
            Kind::Mcp { .. } => "mcp",
            Kind::Approval { .. } => "mcpr",
        };
        let open = Open { id: self.ids.of(prefix), previous, kind, text, audio_ms: 0 };
        let item = open.shown("in_progress", true);
        let fields = json!({"response_id": active.id, "output_index": active.output.len(), "item": item});
        self.send("response.output_item.added", fields);
        if active.settings.in_conversation {
            // A fresh id cannot stand there yet.
            let _fresh = self.conversation.insert(Item::plain(item.clone()), None);
            self.item_added(open.previous.as_deref(), &item);
        }
        let message = match open.kind {
            Kind::Message { text } => Some(text),
            _ => None,
        };
        active.open = Some(open);
        if let Some(text) = message {
            let fields = in_part(active, json!({"part": part(text, "")}));
            self.send("response.content_part.added", fields);
        }
    }

    /// A piece of text, transcript or arguments.
    pub(super) fn delta(&mut self, active: &mut Active, delta: &str) {
        let Some(open) = &mut active.open else { return };
        open.text.push_str(delta);
        active.usage.output_text += 1;
        let pad = 16 - delta.len() % 16;
        let obfuscation = self.ids.letters(pad);
        let mut own = json!({"delta": delta, "obfuscation": obfuscation});
        let kind = match &open.kind {
            Kind::Message { text: true } => "response.output_text.delta",
            Kind::Message { text: false } => "response.output_audio_transcript.delta",
            Kind::Call { call_id, .. } => {
                own = json!({"call_id": call_id, "delta": delta, "obfuscation": obfuscation});
                "response.function_call_arguments.delta"
            }
            Kind::Mcp { .. } | Kind::Approval { .. } => "response.mcp_call_arguments.delta",
        };
        let fields = in_part(active, own);
        self.send(kind, fields);
    }

    /// A chunk of audio.
    pub(super) fn audio(&mut self, active: &mut Active, samples: &[i16]) {
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

    /// An MCP call's arguments are whole, and the tool is called.
    pub(super) fn run_tool(&mut self, active: &mut Active) {
        let index = active.output.len();
        let Some(Open { id, text, kind: Kind::Mcp { running, .. }, .. }) = &mut active.open else { return };
        *running = true;
        let (id, text) = (id.clone(), text.clone());
        let fields = in_part(active, json!({"arguments": text}));
        self.send("response.mcp_call_arguments.done", fields);
        self.send("response.mcp_call.in_progress", json!({"output_index": index, "item_id": id}));
    }

    /// The tool has answered.
    pub(super) fn tool_ran(&mut self, active: &mut Active, result: Result<String, Value>) {
        let index = active.output.len();
        let Some(Open { id, kind: Kind::Mcp { outcome, .. }, .. }) = &mut active.open else { return };
        let kind = if result.is_ok() { "response.mcp_call.completed" } else { "response.mcp_call.failed" };
        *outcome = Some(result);
        let fields = json!({"output_index": index, "item_id": id});
        self.send(kind, fields);
    }

    /// An item ends, whole or not: the `done` of each of its parts, then of itself. `cut` by the caller or the client.
    pub(super) fn close_item(&mut self, active: &mut Active, status: &str, cut: bool) {
        let Some(open) = &active.open else { return };
        let text = open.text.clone();
        let mut done: Vec<(&str, Value)> = Vec::new();
        match &open.kind {
            Kind::Call { name, call_id } => {
                let own = json!({"call_id": call_id, "name": name, "arguments": text});
                done.push(("response.function_call_arguments.done", own));
            }
            Kind::Mcp { running: false, .. } => {
                done.push(("response.mcp_call_arguments.done", json!({"arguments": text})));
            }
            Kind::Mcp { outcome: None, .. } => {
                let gone = json!({"type": "tool_execution_error", "message": "The response was cancelled."});
                self.tool_ran(active, Err(gone));
            }
            Kind::Mcp { .. } | Kind::Approval { .. } => {}
            Kind::Message { text: true } => {
                if !cut || self.settings.cut_text_done {
                    done.push(("response.output_text.done", json!({"text": text})));
                }
                done.push(("response.content_part.done", json!({"part": part(true, &text)})));
            }
            Kind::Message { text: false } => {
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
        let item = open.shown(status, false);
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
}
