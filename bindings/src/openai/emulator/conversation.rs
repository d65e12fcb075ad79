//! The conversation: items in order, with the words behind audio that the emulator heard or spoke. How much of it a
//! model reads is deliberately elsewhere (`context`).

use serde_json::{Value, json};

use super::brain::Prompt;
use super::problem::Problem;

/// One item.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    /// The item as it is shown.
    pub(super) shown: Value,
    /// What was heard in its audio, for a caller's turn.
    pub(super) heard: Option<String>,
    /// Length of its audio.
    pub(super) audio_ms: u64,
    /// Tokens of its images.
    pub(super) image_tokens: u64,
    /// It is left out of what the model reads.
    pub(super) dropped: bool,
    /// A response has read it.
    pub(super) read: bool,
}

impl Item {
    /// An item without audio.
    pub(super) fn plain(shown: Value) -> Item {
        Item { shown, ..Item::default() }
    }

    fn id(&self) -> &str {
        self.shown["id"].as_str().unwrap_or_default()
    }

    fn is(&self, kind: &str) -> bool {
        self.shown["type"] == kind
    }

    /// What the item asks the agent, if anything.
    pub(super) fn prompt(&self) -> Option<Prompt> {
        if self.is("function_call_output") {
            return Some(Prompt::Result(self.shown["output"].as_str().unwrap_or_default().to_owned()));
        }
        if self.is("mcp_call") {
            let said = self.shown["output"].as_str().or_else(|| self.shown["error"]["message"].as_str());
            return said.map(|said| Prompt::Result(said.to_owned()));
        }
        if !self.is("message") || self.shown["role"] != "user" {
            return None;
        }
        if let Some(heard) = &self.heard {
            return Some(Prompt::Words(heard.clone()));
        }
        Some(Prompt::Words(self.texts().collect::<Vec<_>>().join(" ")))
    }

    /// Its words, whoever said them.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let parts = self.shown["content"].as_array().into_iter().flatten();
        parts.filter_map(|part| part.get("text").or_else(|| part.get("transcript")).and_then(Value::as_str))
    }

    /// Letters of text that the model reads, for the estimate of tokens.
    pub(super) fn letters(&self) -> usize {
        let of = |name: &str| self.shown[name].as_str().map_or(0, str::len);
        let spoken = if self.audio_ms > 0 { 0 } else { self.texts().map(str::len).sum() };
        spoken + of("arguments") + of("output") + of("name")
    }
}

/// The items of a connection.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) items: Vec<Item>,
    /// Letters of the instructions that were last read; `None`: nothing is cached.
    pub(super) instructions_read: Option<usize>,
}

impl Conversation {
    /// Puts an item after `previous` (`root`: first; `None`: last). The id of the item before it comes back.
    pub(super) fn insert(&mut self, item: Item, previous: Option<&str>) -> Result<Option<String>, Problem> {
        if self.find(item.id()).is_some() {
            let message = format!("Error adding item: an item with id '{}' already exists.", item.id());
            return Err(Problem::new("item_create_duplicate_item_id", message).at("item.id"));
        }
        let at = match previous {
            None => self.items.len(),
            Some("root") => 0,
            Some(previous) => match self.place(previous) {
                Some(at) => at + 1,
                None => {
                    let message =
                        format!("Error adding item: the previous item with id '{previous}' does not exist.");
                    return Err(
                        Problem::new("item_create_invalid_previous_item_id", message).at("previous_item_id")
                    );
                }
            },
        };
        let before = at.checked_sub(1).map(|at| self.items[at].id().to_owned());
        self.items.insert(at, item);
        Ok(before)
    }

    /// The id of the last item.
    pub(super) fn last_id(&self) -> Option<&str> {
        self.items.last().map(Item::id)
    }

    /// The last item.
    pub(super) fn last(&self) -> Option<&Item> {
        self.items.last()
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.items.iter().position(|item| item.id() == id)
    }

    /// An item by id.
    pub(super) fn find(&self, id: &str) -> Option<&Item> {
        self.place(id).map(|at| &self.items[at])
    }

    /// An item by id, for changing.
    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.place(id).map(|at| &mut self.items[at])
    }

    /// Removes an item.
    pub(super) fn delete(&mut self, id: &str) -> Result<(), Problem> {
        let at = self.place(id).ok_or_else(|| Problem::no_item("deleting", id))?;
        self.items.remove(at);
        Ok(())
    }

    /// Cuts the agent's audio where the caller stopped hearing it; its transcript is forgotten.
    pub(super) fn truncate(
        &mut self,
        id: &str,
        content_index: u64,
        audio_end_ms: u64,
    ) -> Result<(), Problem> {
        let item = self.find_mut(id).ok_or_else(|| Problem::no_item("truncating", id))?;
        let index = usize::try_from(content_index).unwrap_or(usize::MAX);
        let part = item.shown["content"].as_array_mut().and_then(|parts| parts.get_mut(index));
        let Some(part) = part.filter(|part| part["type"] == "output_audio") else {
            let message = "Only model output audio messages can be truncated.";
            return Err(Problem::new("invalid_value", message).at("content_index"));
        };
        if audio_end_ms > item.audio_ms {
            let message =
                format!("Audio content of {}ms is already shorter than {audio_end_ms}ms", item.audio_ms);
            return Err(Problem::new("invalid_value", message).at("audio_end_ms"));
        }
        *part = json!({"type": "output_audio"});
        item.audio_ms = audio_end_ms;
        Ok(())
    }

    /// Whether a function call of this id was made.
    pub(super) fn has_call(&self, call_id: &str) -> bool {
        self.items.iter().any(|item| item.is("function_call") && item.shown["call_id"] == call_id)
    }

    /// Whether the agent's voice is in it.
    pub(super) fn has_agent_audio(&self) -> bool {
        self.items.iter().any(|item| item.audio_ms > 0 && item.shown["role"] == "assistant")
    }
}
