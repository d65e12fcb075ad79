//! The arguments of `OpenAI.createRealtimeAPIClient` as an upgrade request. Forgiving in the form of `baseUrl`. It
//! deliberately resolves no names and checks no key, not even that there is one: the provider does that after its 101.

use serde_json::Value;

use crate::wire::{Endpoint, UnitSetup};

/// What the arguments ask for.
#[derive(Debug, PartialEq)]
pub(super) struct Start {
    /// The upgrade request.
    pub(super) endpoint: Endpoint,
    /// What was tolerated.
    pub(super) notes: Vec<String>,
}

const DEFAULT_BASE: &str = "https://api.openai.com/";
const DEFAULT_MODEL: &str = "gpt-realtime";

/// Reads the factory's arguments. An error is the text of the rejection; it never holds the key.
pub(super) fn start(setup: &UnitSetup, params: &[Value]) -> Result<Start, String> {
    let options = params.first().unwrap_or(&Value::Null);
    let mut notes = Vec::new();
    let key = api_key(options)?;
    let base = match options.get("baseUrl") {
        None | Some(Value::Null) => setup.base_url.as_deref().unwrap_or(DEFAULT_BASE),
        Some(Value::String(given)) => given.as_str(),
        Some(_) => return Err(refusal("baseUrl is not a string")),
    };
    if key.is_none() {
        notes.push(
            "createRealtimeAPIClient: apiKey is missing or empty; the provider will refuse it".to_owned(),
        );
    }
    let transcription = match options.get("type") {
        None | Some(Value::Null) => false,
        Some(Value::String(kind)) if kind == "realtime" => false,
        Some(Value::String(kind)) if kind == "transcription" => true,
        Some(other) => {
            notes.push(format!(
                "createRealtimeAPIClient: type {other} is unknown; a realtime session is opened"
            ));
            false
        }
    };
    let model = match options.get("model") {
        Some(Value::String(model)) => Some(model.as_str()),
        None | Some(Value::Null) => None,
        Some(other) => {
            notes.push(format!(
                "createRealtimeAPIClient: model {other} is not a string; {DEFAULT_MODEL} is used"
            ));
            None
        }
    };
    let query = if transcription {
        if model.is_some() {
            notes.push(
                "createRealtimeAPIClient: a transcription session takes no model in its address; \
                        name it in session.audio.input.transcription.model"
                    .to_owned(),
            );
        }
        "intent=transcription".to_owned()
    } else {
        format!("model={}", percent_encoded(model.unwrap_or(DEFAULT_MODEL)))
    };
    let url = address(base, &query).map_err(|why| refusal(&format!("baseUrl {why}")))?;
    let headers = key.map(|key| ("Authorization".to_owned(), format!("Bearer {key}"))).into_iter().collect();
    Ok(Start { endpoint: Endpoint { url, headers }, notes })
}

fn refusal(why: &str) -> String {
    format!("OpenAI.createRealtimeAPIClient: {why}")
}

/// The key if there is one, or why it could not stand in a header.
fn api_key(options: &Value) -> Result<Option<&str>, String> {
    match options.get("apiKey") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) if key.trim().is_empty() => Ok(None),
        Some(Value::String(key)) if !key.bytes().all(|byte| (0x21..0x7f).contains(&byte)) => {
            Err(refusal("apiKey holds characters that no header can carry (a space or a line end?)"))
        }
        Some(Value::String(key)) => Ok(Some(key)),
        Some(_) => Err(refusal("apiKey is not a string")),
    }
}

/// `wss://host/path/v1/realtime?query` from any usual way of writing the base.
fn address(base: &str, query: &str) -> Result<String, &'static str> {
    let base = base.trim();
    if base.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err("holds a space");
    }
    let (scheme, rest) = match base.split_once("://") {
        None => ("wss", base),
        Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => ("wss", rest),
            "http" | "ws" => ("ws", rest),
            _ => return Err("has a scheme that is none of https, http, wss, ws"),
        },
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, own_query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = place.trim_end_matches('/');
    let host = place.split('/').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err("names no host");
    }
    let path = match place {
        whole if whole.len() > host.len() && whole.ends_with("/realtime") => "",
        whole if whole.len() > host.len() && whole.ends_with("/v1") => "/realtime",
        _ => "/v1/realtime",
    };
    let joint = if own_query.is_empty() { "" } else { "&" };
    Ok(format!("{scheme}://{place}{path}?{own_query}{joint}{query}"))
}

/// RFC 3986: everything but unreserved characters as `%XX`.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn url_of(options: Value) -> Result<String, String> {
        start(&UnitSetup::default(), &[options]).map(|start| start.endpoint.url)
    }

    #[test]
    fn a2_base_urls_in_every_usual_form() {
        let table = [
            ("https://api.openai.com/", "wss://api.openai.com/v1/realtime?model=m"),
            ("https://api.openai.com", "wss://api.openai.com/v1/realtime?model=m"),
            ("https://api.openai.com/v1", "wss://api.openai.com/v1/realtime?model=m"),
            ("https://api.openai.com/v1/", "wss://api.openai.com/v1/realtime?model=m"),
            ("http://127.0.0.1:8080/v1", "ws://127.0.0.1:8080/v1/realtime?model=m"),
            ("ws://127.0.0.1:8080", "ws://127.0.0.1:8080/v1/realtime?model=m"),
            ("WSS://host/openai/v1/realtime/", "wss://host/openai/v1/realtime?model=m"),
            ("eu.api.openai.com", "wss://eu.api.openai.com/v1/realtime?model=m"),
            ("https://host/x?api-version=2#f", "wss://host/x/v1/realtime?api-version=2&model=m"),
            (" https://v1 ", "wss://v1/v1/realtime?model=m"),
        ];
        for (base, url) in table {
            assert_eq!(
                url_of(json!({"apiKey": "k", "model": "m", "baseUrl": base})).as_deref(),
                Ok(url),
                "{base}"
            );
        }
    }

    #[test]
    fn arguments_that_reject() {
        let table = [
            (json!({"apiKey": "sk-secret\n"}), "no header can carry"),
            (json!({"apiKey": 7}), "not a string"),
            (json!({"apiKey": "k", "baseUrl": "ftp://host"}), "scheme"),
            (json!({"apiKey": "k", "baseUrl": "https://"}), "no host"),
            (json!({"apiKey": "k", "baseUrl": ""}), "no host"),
            (json!({"apiKey": "k", "baseUrl": "https://a b"}), "space"),
            (json!({"apiKey": "k", "baseUrl": 4}), "not a string"),
        ];
        for (options, words) in table {
            let error = url_of(options.clone()).expect_err("a rejection");
            assert!(error.contains(words), "{options}: {error}");
            assert!(!error.contains("sk-secret"), "{error}");
        }
    }

    #[test]
    fn without_a_key_the_provider_is_left_to_refuse() {
        for options in
            [json!({}), json!(null), json!("sk-text"), json!({"apiKey": null}), json!({"apiKey": " \n"})]
        {
            let started = start(&UnitSetup::default(), &[options]).expect("a connection");
            assert_eq!((started.endpoint.headers.len(), started.notes.len()), (0, 1));
        }
    }

    #[test]
    fn model_type_and_configured_base() {
        assert_eq!(
            url_of(json!({"apiKey": "k"})).unwrap(),
            "wss://api.openai.com/v1/realtime?model=gpt-realtime"
        );
        let odd = json!({"apiKey": "k", "model": "a b&c"});
        assert!(url_of(odd).unwrap().ends_with("?model=a%20b%26c"));
        let transcription = json!({"apiKey": "k", "model": "m", "type": "transcription"});
        let started = start(&UnitSetup::default(), &[transcription]).unwrap();
        assert_eq!(started.endpoint.url, "wss://api.openai.com/v1/realtime?intent=transcription");
        assert_eq!(started.notes.len(), 1);
        let unknown = start(&UnitSetup::default(), &[json!({"apiKey": "k", "type": 3, "model": 4})]).unwrap();
        assert_eq!(unknown.notes.len(), 2);
        let setup = UnitSetup { base_url: Some("http://localhost:1".to_owned()), ..UnitSetup::default() };
        let started = start(&setup, &[json!({"apiKey": "k", "baseUrl": "https://elsewhere"})]).unwrap();
        assert!(started.endpoint.url.starts_with("wss://elsewhere/"), "the script's own address wins");
        let started = start(&setup, &[json!({"apiKey": "k"})]).unwrap();
        assert_eq!(started.endpoint.url, "ws://localhost:1/v1/realtime?model=gpt-realtime");
        assert_eq!(started.endpoint.header("authorization"), Some("Bearer k"));
    }
}
