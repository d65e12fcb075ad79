//! What a script is given of a response (semantics 8.2): `code`, `text`, `headers`, `raw_headers`, `data`, `error`.

use crate::contract::{Datum, Dictionary};
use crate::wire::{HttpError, HttpOutcome, HttpResponse};

/// The platform's code for what is no response.
const CODES: [(HttpError, i32); 8] = [
    (HttpError::BadUrl, -2),
    (HttpError::HostNotFound, -3),
    (HttpError::NotConnected, -4),
    (HttpError::Redirects, -5),
    (HttpError::Broke, -6),
    (HttpError::TimedOut, -7),
    (HttpError::Internal, -8),
    (HttpError::TooLarge, -9),
];
/// The code of what none of them is.
const UNKNOWN: i32 = -1;

/// The object that the script is given. `raw`: it wants the bytes.
pub(super) fn of(outcome: &HttpOutcome, raw: bool) -> Dictionary {
    match outcome {
        Ok(response) => of_response(response, raw),
        Err(error) => {
            let code = CODES.iter().find(|(known, _)| known == error).map_or(UNKNOWN, |(_, code)| *code);
            let code = ("code", Datum::Number(f64::from(code)));
            Dictionary::from_iter([code, ("error", Datum::from(error.to_string()))])
        }
    }
}

fn of_response(response: &HttpResponse, raw: bool) -> Dictionary {
    let mut result = Dictionary::from_iter([("code", Datum::Number(f64::from(response.status)))]);
    if !is_binary(response.header("content-type")) {
        result.insert("text", String::from_utf8_lossy(&response.body).into_owned());
    }
    let header = |(name, value): &(String, String)| {
        Datum::Map(Dictionary::from_iter([
            ("key", Datum::from(name.as_str())),
            ("value", Datum::from(value.as_str())),
        ]))
    };
    result.insert("headers", Datum::List(response.headers.iter().map(header).collect()));
    let raw_headers: Vec<String> =
        response.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    result.insert("raw_headers", raw_headers.concat());
    if raw {
        let bytes = response.body.iter().map(|byte| Datum::Number(f64::from(*byte)));
        result.insert("data", Datum::List(bytes.collect()));
    }
    result
}

/// Whether a body of this type is no text. What says nothing of its type is taken for text (policy F-191).
fn is_binary(content_type: Option<&str>) -> bool {
    let Some(content_type) = content_type else { return false };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let textual = ["json", "xml", "javascript", "x-www-form-urlencoded"];
    !(kind.is_empty() || kind.starts_with("text/") || textual.iter().any(|word| kind.ends_with(word)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_response_is_told_with_its_text_unless_it_is_binary() {
        let response = |kind: &str| HttpResponse {
            status: 200,
            headers: vec![("Content-Type".to_owned(), kind.to_owned())],
            body: b"{}"[..].into(),
        };
        let told = Datum::Map(of(&Ok(response("application/problem+json; charset=utf-8")), false));
        assert_eq!(
            told.json(),
            json!({
                "code": 200,
                "text": "{}",
                "headers": [{ "key": "Content-Type", "value": "application/problem+json; charset=utf-8" }],
                "raw_headers": "Content-Type: application/problem+json; charset=utf-8\r\n",
            })
        );
        let told = Datum::Map(of(&Ok(response("audio/wav")), true));
        assert_eq!((told["text"].json(), told["data"].json()), (json!(null), json!([123, 125])));
    }

    #[test]
    fn what_is_no_response_has_a_negative_code() {
        for (error, code) in CODES {
            assert_eq!(Datum::Map(of(&Err(error), false))["code"].json(), json!(code));
        }
    }
}
