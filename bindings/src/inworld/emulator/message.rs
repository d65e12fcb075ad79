//! Reading a client message: one action key beside `contextId`. Action keys in snake or camel case, as servers that map
//! JSON to protocol buffers take both.

use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    Create(Object),
    SendText { text: String, flush: bool },
    Flush,
    Update(Object),
    Close,
    Cancel,
}

impl Action {
    /// Its key.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Action::Create(_) => "create",
            Action::SendText { .. } => "send_text",
            Action::Flush => "flush_context",
            Action::Update(_) => "update_config",
            Action::Close => "close_context",
            Action::Cancel => "cancel_context",
        }
    }
}

/// One client message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    pub(super) context_id: Option<String>,
    pub(super) action: Action,
}

impl Message {
    /// `Ok(None)` without any known action; `Err` when it does not fit the protocol: two actions, or a wrong type.
    pub(super) fn read(object: &Object) -> Result<Option<Message>, ()> {
        let context_id = match field(object, "context_id", "contextId") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) if id.is_empty() => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(()),
        };
        let mut actions = Vec::new();
        for (snake, camel) in [
            ("create", "create"),
            ("send_text", "sendText"),
            ("flush_context", "flushContext"),
            ("update_config", "updateConfig"),
            ("close_context", "closeContext"),
            ("cancel_context", "cancelContext"),
        ] {
            match field(object, snake, camel) {
                None | Some(Value::Null) => {}
                Some(Value::Object(body)) => actions.push(action(snake, body)?),
                Some(_) => return Err(()),
            }
        }
        match actions.len() {
            0 => Ok(None),
            1 => Ok(actions.pop().map(|action| Message { context_id, action })),
            _ => Err(()),
        }
    }
}

fn action(name: &str, body: &Object) -> Result<Action, ()> {
    Ok(match name {
        "create" => Action::Create(body.clone()),
        "send_text" => Action::SendText {
            text: match body.get("text") {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(_) => return Err(()),
            },
            flush: match field(body, "flush_context", "flushContext") {
                None | Some(Value::Null) => false,
                Some(Value::Object(_)) => true,
                Some(_) => return Err(()),
            },
        },
        "flush_context" => Action::Flush,
        "update_config" => Action::Update(body.clone()),
        "close_context" => Action::Close,
        _ => Action::Cancel,
    })
}

fn field<'a>(object: &'a Object, snake: &str, camel: &str) -> Option<&'a Value> {
    object.get(snake).or_else(|| object.get(camel))
}
