//! Requests to the session's own URL: the script hears `Application.HttpRequest`, and what its listener returns is the
//! body of the answer (semantics 1.3; policy F-110).

use serde_json::json;
use voxrun_bindings::contract::{Datum, Dictionary, HostEvent, RequestId};

use super::io::{Output, Question};
use super::scribe::Scribe;

/// The event.
const HTTP_REQUEST: &str = "Application.HttpRequest";

/// Tells the script. A session that is ending is told nothing, and answers nothing.
pub(super) fn ask(scribe: &mut Scribe, request: RequestId, question: &Question) {
    let fields = fields(question);
    scribe.event(HostEvent::Asked { request, name: HTTP_REQUEST.to_owned(), fields });
}

/// What the script hears of a question.
pub(super) fn fields(question: &Question) -> Dictionary {
    let own = question.headers.iter().filter(|(name, _)| name.to_ascii_uppercase().starts_with("X-"));
    let headers: Vec<_> = own.map(|(name, value)| json!({ "key": name, "value": value })).collect();
    Dictionary::from_iter([
        ("method", Datum::from(question.method.as_str())),
        ("path", Datum::from(question.path.as_str())),
        ("content", Datum::from(question.content.as_str())),
        ("headers", Datum::from(serde_json::Value::from(headers))),
    ])
}

/// Passes on what the script answers: texts and numbers as they are, everything else as JSON, nothing as nothing.
pub(super) fn reply(scribe: &mut Scribe, request: RequestId, answer: &Datum) {
    scribe.rely("F-110");
    let (content_type, body) = match answer {
        Datum::Null => ("text/plain", String::new()),
        Datum::Text(text) => ("text/plain", text.to_string()),
        Datum::Number(_) => ("text/plain", answer.json().to_string()),
        other => ("application/json", other.json().to_string()),
    };
    scribe.output(Output::Replied { request, content_type, body });
}
