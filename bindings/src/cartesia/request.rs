//! Reading what a script gives to the player: the text and parameters of the factory, generation requests and
//! cancellations. Everything odd is put right where its meaning is plain, and remarked upon; nothing here fails.

use serde_json::{Value, json};

use crate::contract::Fields;
use crate::provider_kit::PLAYER_RATE_HZ;

/// Remarks made while reading: kind, policy, text.
pub(super) type Remarks = Vec<(&'static str, Option<&'static str>, String)>;

/// One generation request as the script means it. `context_id` is the script's own name for the context.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) body: Fields,
    pub(super) context_id: Option<String>,
}

impl Request {
    /// Whether there is anything to say in it.
    pub(super) fn speaks(&self) -> bool {
        self.body.get("transcript").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
    }

    /// Whether more text of the context may follow.
    pub(super) fn continues(&self) -> bool {
        self.flag("continue")
    }

    /// Whether a `flush_done` will answer it.
    pub(super) fn flushes(&self) -> bool {
        self.flag("flush") || (self.continues() && self.body.get("max_buffer_delay_ms") == Some(&json!(0)))
    }

    fn flag(&self, name: &str) -> bool {
        self.body.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// The first request, of the factory's arguments. `None`: the script asked for nothing to be said.
pub(super) fn first(params: &[Value], verbatim: bool, remarks: &mut Remarks) -> Option<Request> {
    let text = match params.first() {
        Some(Value::String(text)) => Some(text.clone()),
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => {
            remarks.push(("text", None, "the text is a number; spoken as text".to_owned()));
            Some(number.to_string())
        }
        other => {
            remarks.push(("text", None, format!("the text is {}: ignored", kind(other))));
            None
        }
    };
    let given = params.get(1).and_then(|params| params.get("generationRequestParameters"));
    let mut body = match given {
        Some(Value::Object(body)) => body.clone(),
        other => {
            let text = format!(
                "generationRequestParameters is missing ({}): no model and no voice are chosen",
                kind(other)
            );
            remarks.push(("parameters", None, text));
            Fields::new()
        }
    };
    if !verbatim {
        match (body.get("transcript").and_then(Value::as_str), &text) {
            (Some(own), Some(text)) if own != text => remarks.push((
                "transcript",
                Some("F-081"),
                "the text and generationRequestParameters.transcript differ; the transcript is spoken"
                    .to_owned(),
            )),
            (Some(_), _) => {}
            (None, text) => {
                body.insert("transcript".to_owned(), json!(text.clone().unwrap_or_default()));
            }
        }
    }
    Some(finished(body, verbatim, remarks))
}

/// The argument of `generationRequest()`. `None`: it cannot be one.
pub(super) fn generation(params: &[Value], verbatim: bool, remarks: &mut Remarks) -> Option<Request> {
    let Some(Value::Object(body)) = params.first() else {
        let text = format!("generationRequest() wants an object; {} is ignored", kind(params.first()));
        remarks.push(("request", None, text));
        return None;
    };
    let mut body = body.clone();
    if !verbatim && !body.contains_key("transcript") {
        remarks.push((
            "transcript",
            None,
            "generationRequest() without transcript: nothing to say".to_owned(),
        ));
        body.insert("transcript".to_owned(), json!(""));
    }
    Some(finished(body, verbatim, remarks))
}

/// With the audio format that the player plays, and a transcript that is text.
fn finished(mut body: Fields, verbatim: bool, remarks: &mut Remarks) -> Request {
    let context_id = id_in(&body);
    if verbatim {
        return Request { body, context_id };
    }
    match body.get("transcript") {
        Some(Value::String(_)) | None => {}
        Some(Value::Number(number)) => {
            let text = number.to_string();
            remarks.push(("transcript", None, "the transcript is a number; spoken as text".to_owned()));
            body.insert("transcript".to_owned(), json!(text));
        }
        other => {
            remarks.push(("transcript", None, format!("the transcript is {}: nothing to say", kind(other))));
            body.insert("transcript".to_owned(), json!(""));
        }
    }
    let format = json!({ "container": "raw", "encoding": "pcm_s16le", "sample_rate": PLAYER_RATE_HZ });
    if let Some(theirs) = body.get("output_format").filter(|theirs| **theirs != format) {
        let text = format!("output_format {theirs} gives way to {format}, which the player plays");
        remarks.push(("format", Some("F-090"), text));
    }
    body.insert("output_format".to_owned(), format);
    let request = Request { body, context_id };
    if !request.speaks() && !request.flushes() {
        let text = "the transcript is empty or blank: nothing will be heard";
        remarks.push(("blank", Some("F-082"), text.to_owned()));
    }
    request
}

/// The context that `cancelContextRequest()` names. `None`: it names none.
pub(super) fn cancelled(params: &[Value], remarks: &mut Remarks) -> Option<String> {
    match params.first() {
        Some(Value::Object(body)) => {
            if body.get("cancel") != Some(&Value::Bool(true)) {
                let text = "cancelContextRequest() without cancel: true; it is added";
                remarks.push(("cancel", None, text.to_owned()));
            }
            let id = id_in(body);
            if id.is_none() {
                let text = "cancelContextRequest() without context_id: nothing to cancel";
                remarks.push(("cancel", None, text.to_owned()));
            }
            id
        }
        Some(Value::String(id)) if !id.is_empty() => {
            let text =
                "cancelContextRequest() wants {context_id, cancel: true}; the string is taken for the id";
            remarks.push(("cancel", None, text.to_owned()));
            Some(id.clone())
        }
        other => {
            let text = format!("cancelContextRequest() wants an object; {} is ignored", kind(other));
            remarks.push(("cancel", None, text));
            None
        }
    }
}

/// A context id: text, or a number that a script made.
fn id_in(body: &Fields) -> Option<String> {
    match body.get("context_id") {
        Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

/// What a value is, for remarks.
fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Null) => "undefined or null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a string",
        Some(Value::Array(_)) => "an array",
        Some(Value::Object(_)) => "an object",
    }
}
