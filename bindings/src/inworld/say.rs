//! Reading what a script gives to the player: the factory's parameters and the objects of `send()`. Everything odd is
//! put right where its meaning is plain, and remarked upon; nothing here fails.

use serde_json::{Map, Value, json};

use crate::contract::Fields;
use crate::provider_kit::PLAYER_RATE_HZ;

/// Action keys of a client message, and their camel-case twins.
const ACTIONS: &[(&str, &str)] = &[
    ("create", "create"),
    ("update_config", "updateConfig"),
    ("send_text", "sendText"),
    ("flush_context", "flushContext"),
    ("close_context", "closeContext"),
    ("cancel_context", "cancelContext"),
];

/// Where Inworld documents each setting of a context.
const CREATE_KEYS: &[&str] = &[
    "voiceId",
    "modelId",
    "audioConfig",
    "temperature",
    "language",
    "timestampType",
    "timestampTransportStrategy",
    "applyTextNormalization",
    "maxBufferDelayMs",
    "bufferCharThreshold",
    "autoMode",
    "autoModeStrategy",
    "deliveryMode",
];

/// Remarks made while reading: kind, policy, text.
pub(super) type Remarks = Vec<(&'static str, Option<&'static str>, String)>;

/// What one message does to a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It brings the context into being.
    Create,
    /// It adds text and perhaps asks for it to be spoken now.
    Text { speaks: bool, flushes: bool },
    /// The context ends: after its text was spoken, or at once.
    Close,
    /// Nothing of the above.
    Other,
}

/// One message, without its context.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Say {
    pub(super) name: String,
    pub(super) body: Fields,
    pub(super) effect: Effect,
}

/// What `createContextParameters` says.
#[derive(Debug, Default)]
pub(super) struct ContextParameters {
    pub(super) context_id: Option<String>,
    pub(super) create: Fields,
}

/// Reads the factory's first argument's `createContextParameters`.
pub(super) fn context_parameters(
    params: Option<&Fields>,
    verbatim: bool,
    remarks: &mut Remarks,
) -> ContextParameters {
    let mut read = ContextParameters::default();
    match params.and_then(|params| params.get("createContextParameters")) {
        Some(Value::Object(given)) => {
            let id = given.get("contextId").and_then(Value::as_str).filter(|id| !id.is_empty());
            read.context_id = id.map(str::to_owned);
            match given.get("create") {
                Some(Value::Object(create)) => read.create = create.clone(),
                other => remarks.push((
                    "create",
                    None,
                    format!(
                        "createContextParameters has no object `create` ({}): no voice is chosen",
                        kind(other)
                    ),
                )),
            }
        }
        other => remarks.push((
            "create",
            None,
            format!("createContextParameters is missing ({}): no voice is chosen", kind(other)),
        )),
    }
    if !verbatim {
        complete(&mut read.create, remarks);
    }
    read
}

/// Adds the audio format that the player plays, and tells of keys that Inworld does not document there.
fn complete(create: &mut Fields, remarks: &mut Remarks) {
    for key in create.keys().filter(|key| !CREATE_KEYS.contains(&key.as_str())) {
        let place = match key.as_str() {
            "speakingRate" | "bitrate" | "audioEncoding" | "sampleRateHertz" => {
                format!("; its place is create.audioConfig.{key}")
            }
            _ => String::new(),
        };
        let text = format!(
            "create.{key} is not a documented setting and is passed on as it is, probably without effect{place}"
        );
        remarks.push(("create key", Some("F-073"), text));
    }
    let mut audio = match create.remove("audioConfig") {
        Some(Value::Object(audio)) => audio,
        None => Map::new(),
        Some(other) => {
            remarks.push((
                "audio config",
                None,
                format!("create.audioConfig is {}: ignored", kind(Some(&other))),
            ));
            Map::new()
        }
    };
    let forced = [("audioEncoding", json!("PCM")), ("sampleRateHertz", json!(PLAYER_RATE_HZ))];
    for (key, ours) in forced {
        if let Some(theirs) = audio.get(key).filter(|theirs| **theirs != ours) {
            let text =
                format!("create.audioConfig.{key} = {theirs} gives way to {ours}, which the player plays");
            remarks.push(("audio config", Some("F-090"), text));
        }
        audio.insert(key.to_owned(), ours);
    }
    create.insert("audioConfig".to_owned(), Value::Object(audio));
}

/// Reads the arguments of `send()`: the messages to be sent, in order.
pub(super) fn messages(params: &[Value], verbatim: bool, remarks: &mut Remarks) -> Vec<Say> {
    let Some(Value::Object(given)) = params.first() else {
        let text = format!(
            "send() wants an object such as {{send_text: {{text}}}}; {} is ignored",
            kind(params.first())
        );
        remarks.push(("send", None, text));
        return Vec::new();
    };
    if params.len() > 1 {
        remarks.push(("send", None, "send() takes one argument; the others are ignored".to_owned()));
    }
    let actions: Vec<&str> = ACTIONS
        .iter()
        .flat_map(|(snake, camel)| [*snake, *camel])
        .filter(|key| given.contains_key(*key))
        .fold(Vec::new(), |mut all, key| {
            if !all.contains(&key) {
                all.push(key);
            }
            all
        });
    if verbatim {
        let name = actions.first().map_or_else(|| "unknown".to_owned(), |key| (*key).to_owned());
        let effect = actions.first().map_or(Effect::Other, |key| effect(canonical(key), given.get(*key)));
        return vec![Say { name, body: given.clone(), effect }];
    }
    remark_on_keys(given, &actions, remarks);
    if actions.is_empty() {
        return vec![Say { name: "unknown".to_owned(), body: given.clone(), effect: Effect::Other }];
    }
    actions.iter().filter_map(|key| message(canonical(key), given.get(*key)?, remarks)).collect()
}

fn remark_on_keys(given: &Fields, actions: &[&str], remarks: &mut Remarks) {
    for key in given.keys().filter(|key| !actions.contains(&key.as_str())) {
        let text = match key.as_str() {
            "contextId" | "context_id" => {
                "send(): the player chooses the context itself; contextId is ignored".to_owned()
            }
            _ => format!("send(): Inworld knows no message `{key}`; it will not be answered"),
        };
        remarks.push(("send key", Some("F-074"), text));
    }
    if actions.len() > 1 {
        let text = format!(
            "send(): {} are separate messages to Inworld; sent one after the other",
            actions.join(" and ")
        );
        remarks.push(("send key", Some("F-074"), text));
    }
}

fn message(action: &str, given: &Value, remarks: &mut Remarks) -> Option<Say> {
    let inner = match (action, given) {
        (_, Value::Object(fields)) => fields.clone(),
        ("send_text", Value::String(text)) => {
            remarks.push(("send_text", None, "send_text is a string; taken for {text}".to_owned()));
            Fields::from_iter([("text".to_owned(), json!(text))])
        }
        (_, Value::Null | Value::Bool(true)) if action != "send_text" && action != "create" => Fields::new(),
        (_, other) => {
            remarks.push((
                "send",
                None,
                format!("{action} wants an object; {} is ignored", kind(Some(other))),
            ));
            return None;
        }
    };
    let mut inner = inner;
    match action {
        "send_text" => put_text_right(&mut inner, remarks)?,
        "create" => complete(&mut inner, remarks),
        _ => {}
    }
    let body = Value::Object(inner);
    let effect = effect(action, Some(&body));
    Some(Say { name: action.to_owned(), body: Fields::from_iter([(action.to_owned(), body)]), effect })
}

/// Makes `text` a string. `None`: there is nothing to send.
fn put_text_right(inner: &mut Fields, remarks: &mut Remarks) -> Option<()> {
    match inner.get("text") {
        Some(Value::String(_)) => {}
        Some(Value::Number(number)) => {
            let text = number.to_string();
            remarks.push(("send_text", None, "send_text.text is a number; spoken as text".to_owned()));
            inner.insert("text".to_owned(), json!(text));
        }
        other => {
            remarks.push(("send_text", None, format!("send_text.text is {}: nothing to say", kind(other))));
            if !inner.contains_key("flush_context") && !inner.contains_key("flushContext") {
                return None;
            }
            inner.insert("text".to_owned(), json!(""));
        }
    }
    Some(())
}

fn effect(action: &str, body: Option<&Value>) -> Effect {
    let body = body.and_then(Value::as_object);
    match action {
        "create" => Effect::Create,
        "send_text" => {
            let text = body.and_then(|body| body.get("text")).and_then(Value::as_str).unwrap_or("");
            let flushes = body
                .and_then(|body| body.get("flush_context").or_else(|| body.get("flushContext")))
                .is_some_and(|flush| !matches!(flush, Value::Null | Value::Bool(false)));
            Effect::Text { speaks: !text.trim().is_empty(), flushes }
        }
        "flush_context" => Effect::Text { speaks: false, flushes: true },
        "close_context" | "cancel_context" => Effect::Close,
        _ => Effect::Other,
    }
}

fn canonical(key: &str) -> &str {
    ACTIONS.iter().find(|(_, camel)| *camel == key).map_or(key, |(snake, _)| snake)
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
