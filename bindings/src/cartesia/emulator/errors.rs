//! Errors of the wire in both of their forms.

use serde_json::{Value, json};

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    code: Option<&'static str>,
    title: &'static str,
    text: String,
}

impl Refusal {
    /// Status 400.
    pub(super) fn bad(title: &'static str, text: impl Into<String>) -> Refusal {
        Refusal { status: 400, code: None, title, text: text.into() }
    }

    /// An unknown model.
    pub(super) fn model() -> Refusal {
        Refusal {
            code: Some("model_not_found"),
            ..Refusal::bad("Invalid model", "The model is not valid, use a valid model ID.")
        }
    }

    /// Too many contexts at a time.
    pub(super) fn concurrency() -> Refusal {
        Refusal {
            status: 429,
            code: Some("concurrency_limited"),
            title: "Concurrency limit",
            text: "too many active contexts".to_owned(),
        }
    }

    /// The message on the wire; with a request id in the newer form.
    pub(super) fn message(&self, context_id: Option<&str>, request_id: Option<String>) -> Value {
        let mut message = match request_id {
            None => json!({
                "type": "error", "done": true, "error": format!("{}: {}", self.title, self.text),
                "status_code": self.status,
            }),
            Some(request_id) => json!({
                "type": "error", "done": true, "title": self.title, "message": self.text,
                "error_code": self.code, "status_code": self.status, "request_id": request_id,
            }),
        };
        if let Some(id) = context_id {
            message["context_id"] = json!(id);
        }
        message
    }
}
