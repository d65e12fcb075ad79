//! What the client does to the conversation: create, retrieve, delete and truncate items.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Server;
use super::conversation::Item;
use super::ear::AgentEar;
use super::problem::Problem;
use super::usage;
use crate::contract::Fields;

/// The longest id that a client may choose.
const ID_LETTERS: usize = 32;

impl Server {
    /// `conversation.item.create`
    pub(super) fn create_item(&mut self, given: &Fields, previous: Option<&str>) -> Result<(), Problem> {
        let approves = given.get("type").and_then(Value::as_str) == Some("mcp_approval_response");
        if approves {
            self.check_approval(given)?;
        }
        let item = self.item_of(given, "item")?;
        let shown = item.shown.clone();
        let before = self.conversation.insert(item, previous)?;
        self.item_added(before.as_deref(), &shown);
        self.item_done(before.as_deref(), &shown);
        if approves {
            self.approval(given);
        }
        Ok(())
    }

    /// `conversation.item.added`
    pub(super) fn item_added(&mut self, previous: Option<&str>, item: &Value) {
        self.send("conversation.item.added", json!({"previous_item_id": previous, "item": item}));
    }

    /// `conversation.item.done`
    pub(super) fn item_done(&mut self, previous: Option<&str>, item: &Value) {
        self.send("conversation.item.done", json!({"previous_item_id": previous, "item": item}));
    }

    /// An item that fits its shape, as the conversation keeps it. `path` is its name in messages.
    pub(super) fn item_of(&mut self, given: &Fields, path: &str) -> Result<Item, Problem> {
        let kind = given.get("type").and_then(Value::as_str).unwrap_or_default();
        let id = match given.get("id").and_then(Value::as_str) {
            Some(id) if id.len() > ID_LETTERS => {
                let message = format!(
                    "Invalid '{path}.id': string too long. Expected a string with maximum length {ID_LETTERS}, \
                     but got a string with length {} instead.",
                    id.len()
                );
                return Err(Problem::new("string_above_max_length", message).at(format!("{path}.id")));
            }
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => self.ids.of("item"),
        };
        let mut shown = Map::new();
        shown.insert("id".to_owned(), id.into());
        shown.insert("type".to_owned(), kind.into());
        if kind != "mcp_approval_response" {
            let status = given.get("status").cloned().unwrap_or_else(|| "completed".into());
            shown.insert("status".to_owned(), status);
        }
        if kind == "message" {
            return self.message_of(given, shown, path);
        }
        if kind == "function_call_output" {
            let call_id = given.get("call_id").and_then(Value::as_str).unwrap_or_default();
            if !self.conversation.has_call(call_id) {
                let message = format!("Tool call ID '{call_id}' not found in conversation.");
                return Err(Problem::new("invalid_tool_call_id", message));
            }
        }
        for (key, value) in given {
            if !matches!(key.as_str(), "id" | "object" | "type" | "status") {
                shown.insert(key.clone(), value.clone());
            }
        }
        if kind == "function_call" && !shown.contains_key("call_id") {
            shown.insert("call_id".to_owned(), self.ids.of("call").into());
        }
        Ok(Item::plain(Value::Object(shown)))
    }

    fn message_of(&mut self, given: &Fields, mut shown: Fields, path: &str) -> Result<Item, Problem> {
        let role = given.get("role").and_then(Value::as_str).unwrap_or_default();
        let parts = given.get("content").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
        let allowed: &[&str] = match role {
            "user" => &["input_text", "input_audio", "input_image"],
            "assistant" => &["output_text", "output_audio"],
            _ => &["input_text"],
        };
        let mut content = Vec::with_capacity(parts.len());
        let mut words: Vec<String> = Vec::new();
        let mut audio_ms = 0;
        let mut image_tokens = 0;
        for (at, part) in parts.iter().enumerate() {
            let kind = part["type"].as_str().unwrap_or_default();
            let here = format!("{path}.content[{at}]");
            if !allowed.contains(&kind) {
                return Err(Problem::wrong_value(&format!("{here}.type"), kind, allowed.iter().copied()));
            }
            let mut part = part.clone();
            if kind == "input_audio" {
                let audio = part["audio"].as_str().unwrap_or_default().to_owned();
                let (heard, ms) =
                    self.listen(&audio).map_err(|why| not_audio(&format!("{here}.audio"), why))?;
                words.push(heard);
                audio_ms += ms;
                let transcript = part["transcript"].clone();
                part = json!({"type": "input_audio", "transcript": transcript});
            } else if kind == "input_image" {
                check_image(&part, &here)?;
                image_tokens += usage::of_image(part["detail"].as_str());
            } else if let Some(text) = part["text"].as_str() {
                words.push(text.to_owned());
            }
            content.push(part);
        }
        shown.insert("role".to_owned(), role.into());
        shown.insert("content".to_owned(), Value::Array(content));
        let heard = (audio_ms > 0).then(|| words.join(" "));
        Ok(Item { shown: Value::Object(shown), heard, audio_ms, image_tokens, ..Item::default() })
    }

    /// The words in a whole piece of audio, and its length.
    fn listen(&self, base64: &str) -> Result<(String, u64), &'static str> {
        let mut ear = AgentEar::new(voxrun_audio::VadSettings::default());
        ear.set(self.session.input_format(), voxrun_audio::VadSettings::default());
        for frame in ear.frames(base64)? {
            ear.frame(&frame);
        }
        let speech = ear.commit();
        Ok((speech.text, speech.audio_ms))
    }

    /// `conversation.item.retrieve`
    pub(super) fn retrieve_item(&mut self, id: &str) -> Result<(), Problem> {
        let item = self.conversation.find(id).ok_or_else(|| Problem::no_item("retrieving", id))?;
        let shown = item.shown.clone();
        self.send("conversation.item.retrieved", json!({"item": shown}));
        Ok(())
    }

    /// `conversation.item.delete`
    pub(super) fn delete_item(&mut self, id: &str) -> Result<(), Problem> {
        self.conversation.delete(id)?;
        self.send("conversation.item.deleted", json!({"item_id": id}));
        Ok(())
    }

    /// `conversation.item.truncate`
    pub(super) fn truncate_item(
        &mut self,
        id: &str,
        content_index: u64,
        audio_end_ms: u64,
    ) -> Result<(), Problem> {
        self.conversation.truncate(id, content_index, audio_end_ms)?;
        let fields = json!({"item_id": id, "content_index": content_index, "audio_end_ms": audio_end_ms});
        self.send("conversation.item.truncated", fields);
        Ok(())
    }
}

/// An image has to be in the message itself: a data URI of PNG or JPEG.
fn check_image(part: &Value, here: &str) -> Result<(), Problem> {
    let path = format!("{here}.image_url");
    let Some(url) = part["image_url"].as_str() else { return Err(Problem::missing(&path)) };
    let data =
        ["png", "jpeg"].iter().find_map(|kind| url.strip_prefix(&format!("data:image/{kind};base64,")));
    match data.map(|data| STANDARD.decode(data)) {
        Some(Ok(bytes)) if !bytes.is_empty() => Ok(()),
        Some(_) => {
            Err(Problem::new("invalid_value", format!("Invalid '{path}': the image is not base64.")).at(path))
        }
        None => {
            let message = format!("Invalid '{path}': expected a base64 data URI of a PNG or JPEG image.");
            Err(Problem::new("invalid_value", message).at(path))
        }
    }
}

/// The refusal of audio that is none.
pub(super) fn not_audio(path: &str, why: &str) -> Problem {
    Problem::new("invalid_value", format!("Invalid '{path}': the audio is {why}.")).at(path)
}
