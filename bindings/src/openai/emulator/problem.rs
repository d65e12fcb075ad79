//! The provider's `error` events: shape, codes and wording. A problem is never fatal by itself; what closes the
//! connection is decided where it is raised.

use std::borrow::Cow;

use serde_json::{Value, json};

/// The class of nearly all of them.
const INVALID: &str = "invalid_request_error";

/// One refusal of one client event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Its class (`invalid_request_error`).
    pub(super) kind: Cow<'static, str>,
    pub(super) code: Option<Cow<'static, str>>,
    pub(super) message: String,
    pub(super) param: Option<String>,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Problem {
        Problem { code: Some(code.into()), ..Problem::without_code(message) }
    }

    pub(super) fn without_code(message: impl Into<String>) -> Problem {
        Problem { kind: INVALID.into(), code: None, message: message.into(), param: None }
    }

    /// One that a replies file scripts; what it leaves out goes with its code.
    pub(super) fn scripted(code: &str, message: Option<&str>, kind: Option<&str>) -> Problem {
        let usual = match code {
            "insufficient_quota" => "insufficient_quota",
            "rate_limit_exceeded" => "rate_limit_error",
            "server_error" => "server_error",
            _ => INVALID,
        };
        Problem {
            kind: kind.unwrap_or(usual).to_owned().into(),
            code: Some(code.to_owned().into()),
            message: message.unwrap_or(code).to_owned(),
            param: None,
        }
    }

    /// The `error` in the `status_details` of a response.
    pub(super) fn in_response(&self) -> Value {
        json!({"type": self.kind, "code": self.code, "message": self.message})
    }

    /// The close reason that goes with it.
    pub(super) fn reason(&self) -> String {
        match &self.code {
            Some(code) => format!("{}.{code}", self.kind),
            None => self.kind.to_string(),
        }
    }

    pub(super) fn at(mut self, param: impl Into<String>) -> Problem {
        self.param = Some(param.into());
        self
    }

    pub(super) fn unknown_parameter(path: &str) -> Problem {
        Problem::new("unknown_parameter", format!("Unknown parameter: '{path}'.")).at(path)
    }

    pub(super) fn missing(path: &str) -> Problem {
        Problem::new("missing_required_parameter", format!("Missing required parameter: '{path}'.")).at(path)
    }

    pub(super) fn wrong_type(path: &str, expected: &str, got: &Value) -> Problem {
        let got = match got {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a decimal",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        let message = format!("Invalid type for '{path}': expected {expected}, but got {got} instead.");
        Problem::new("invalid_type", message).at(path)
    }

    pub(super) fn wrong_value<'a>(
        path: &str,
        got: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Problem {
        let known: Vec<String> = known.into_iter().map(|value| format!("'{value}'")).collect();
        let message = match known.split_last() {
            None => format!("Invalid value: '{got}'."),
            Some((last, [])) => format!("Invalid value: '{got}'. Value must be {last}."),
            Some((last, rest)) => {
                format!("Invalid value: '{got}'. Supported values are: {}, and {last}.", rest.join(", "))
            }
        };
        Problem::new("invalid_value", message).at(path)
    }

    /// An item that the conversation does not have.
    pub(super) fn no_item(verb: &str, id: &str) -> Problem {
        let message = format!("Error {verb} item: the item with id '{id}' does not exist.");
        Problem::new("item_not_found", message).at("item_id")
    }

    /// The `error` event. `client_event` is the id that the client gave its event, if any.
    pub(super) fn event(&self, event_id: String, client_event: Option<&str>) -> Value {
        json!({
            "type": "error",
            "event_id": event_id,
            "error": {
                "type": self.kind,
                "code": self.code,
                "message": self.message,
                "param": self.param,
                "event_id": client_event,
            },
        })
    }
}
