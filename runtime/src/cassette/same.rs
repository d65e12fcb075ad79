//! Whether two messages say the same when ids that the script or the gateway made up may differ: an id of the one always
//! has to stand where its partner stands in the other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::journal::HIDDEN;

/// Keys whose values may be ids that a client makes up. `id` is one inside `item` only: elsewhere it names a voice or a
/// prompt.
const IDS: &[&str] =
    &["call_id", "contextId", "context_id", "event_id", "item_id", "previous_item_id", "response_id"];

/// The longest value that is shown whole, in characters.
const SHOWN: usize = 60;

/// The first place at which two messages differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// `session.audio.input.turn_detection`; empty when they differ as a whole.
    pub(super) place: String,
    /// What stands there, shortened; `nothing` where the key is missing.
    pub(super) taped: String,
    /// The same of the replay.
    pub(super) replayed: String,
}

impl Difference {
    fn at(place: &str, taped: Option<&Value>, replayed: Option<&Value>) -> Difference {
        Difference { place: place.to_owned(), taped: shown(taped), replayed: shown(replayed) }
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

/// The ids of a cassette and their partners in the replay.
#[derive(Debug, Default)]
pub(super) struct Ids {
    replayed: BTreeMap<String, String>,
    taped: BTreeMap<String, String>,
    /// Those that providers gave: each stands for itself.
    given: BTreeSet<String>,
}

impl Ids {
    /// Where the messages differ first; `None` when they say the same.
    pub(super) fn difference(&mut self, taped: &Value, replayed: &Value) -> Option<Difference> {
        self.differ("", "", taped, replayed)
    }

    /// A recorded text of a provider with the ids of the replay.
    pub(super) fn received(&mut self, text: &str) -> String {
        let Ok(mut message) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
        let changed = self.translate("", &mut message);
        // What is the same keeps its very bytes.
        if changed { message.to_string() } else { text.to_owned() }
    }

    /// Puts the replay's ids into a message and remembers all that stand there. Whether anything was changed.
    fn translate(&mut self, key: &str, value: &mut Value) -> bool {
        match value {
            Value::Object(fields) => {
                fields.iter_mut().fold(false, |changed, (name, value)| self.translate(name, value) | changed)
            }
            Value::Array(items) => {
                items.iter_mut().fold(false, |changed, item| self.translate(key, item) | changed)
            }
            Value::String(id) if key == "id" || IDS.contains(&key) => {
                let partner = self.replayed.get(id.as_str()).filter(|partner| *partner != id).cloned();
                let changed = partner.is_some();
                *id = partner.unwrap_or_else(|| std::mem::take(id));
                self.given.insert(id.clone());
                changed
            }
            _ => false,
        }
    }

    fn differ(&mut self, path: &str, key: &str, taped: &Value, replayed: &Value) -> Option<Difference> {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let unlike = |same: bool| (!same).then(|| Difference::at(path, Some(taped), Some(replayed)));
        match (taped, replayed) {
            (Value::Object(taped), Value::Object(replayed)) => {
                for (name, value) in taped {
                    let Some(other) = replayed.get(name) else {
                        return Some(Difference::at(&below(name), Some(value), None));
                    };
                    if let Some(place) = self.differ(&below(name), name, value, other) {
                        return Some(place);
                    }
                }
                let more = replayed.iter().find(|(name, _)| !taped.contains_key(*name));
                more.map(|(name, value)| Difference::at(&below(name), None, Some(value)))
            }
            (Value::Array(items), Value::Array(others)) => {
                for (at, (value, other)) in items.iter().zip(others).enumerate() {
                    if let Some(place) = self.differ(&format!("{path}[{at}]"), key, value, other) {
                        return Some(place);
                    }
                }
                unlike(items.len() == others.len())
            }
            (Value::String(id), Value::String(other)) if IDS.contains(&key) || is_item_id(path) => {
                let partners = self.pair(id, other);
                unlike(partners)
            }
            (Value::String(text), Value::String(other)) if text.contains(HIDDEN) => {
                unlike(hides(text, other))
            }
            _ => unlike(taped == replayed),
        }
    }

    /// Whether these two are partners, or can become so.
    fn pair(&mut self, taped: &str, replayed: &str) -> bool {
        match (self.replayed.get(taped), self.taped.get(replayed)) {
            (Some(partner), _) => partner == replayed,
            (None, Some(_)) => false,
            (None, None) if self.given.contains(taped) || self.given.contains(replayed) => taped == replayed,
            (None, None) => {
                self.replayed.insert(taped.to_owned(), replayed.to_owned());
                self.taped.insert(replayed.to_owned(), taped.to_owned());
                true
            }
        }
    }
}

fn is_item_id(path: &str) -> bool {
    path == "item.id" || path.ends_with(".item.id")
}

/// Whether `taped` is `replayed` with secrets hidden: what is left of it stands there in the same order.
fn hides(taped: &str, replayed: &str) -> bool {
    let mut pieces = taped.split(HIDDEN);
    let Some(mut rest) = pieces.next().and_then(|first| replayed.strip_prefix(first)) else { return false };
    let mut last = "";
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
        last = piece;
    }
    // An empty last piece means that a secret stands at the end; any other has to end the text.
    last.is_empty() || rest.is_empty() || replayed.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(ids: &mut Ids, taped: &Value, replayed: &Value) -> Option<String> {
        ids.difference(taped, replayed).map(|difference| difference.place)
    }

    #[test]
    fn ids_may_differ_but_not_change_partners() {
        let mut ids = Ids::default();
        let first = json!({"contextId": "a", "text": "x"});
        assert_eq!(place(&mut ids, &first, &json!({"contextId": "b", "text": "x"})), None);
        assert_eq!(place(&mut ids, &first, &json!({"contextId": "b", "text": "x"})), None);
        let other = place(&mut ids, &first, &json!({"contextId": "c", "text": "x"}));
        assert_eq!(other.as_deref(), Some("contextId"));
        let other = json!({"contextId": "z", "text": "x"});
        let taken = place(&mut ids, &other, &json!({"contextId": "b", "text": "x"}));
        assert_eq!(taken.as_deref(), Some("contextId"));
        assert_eq!(ids.received(r#"{"contextId":"a","x":"a"}"#), r#"{"contextId":"b","x":"a"}"#);
        assert_eq!(ids.received(r#"{"contextId":  "q"}"#), r#"{"contextId":  "q"}"#);
        assert_eq!(place(&mut ids, &first, &json!({"contextId": "b", "text": "x"})), None, "echoed");
    }

    #[test]
    fn what_a_provider_named_and_what_names_a_voice_is_itself() {
        let mut ids = Ids::default();
        let _ = ids.received(r#"{"item":{"id":"item_1"},"response":{"id":"r_1"}}"#);
        for (taped, replayed, at) in [
            (json!({"item_id": "item_1"}), json!({"item_id": "item_2"}), Some("item_id")),
            (json!({"item_id": "item_0"}), json!({"item_id": "item_1"}), Some("item_id")),
            (json!({"item_id": "item_1"}), json!({"item_id": "item_1"}), None),
            (json!({"item": {"id": "own_1"}}), json!({"item": {"id": "own_2"}}), None),
            (json!({"voice": {"id": "a"}}), json!({"voice": {"id": "b"}}), Some("voice.id")),
            (json!({"prompt": {"id": "a"}}), json!({"prompt": {"id": "b"}}), Some("prompt.id")),
        ] {
            assert_eq!(place(&mut ids, &taped, &replayed).as_deref(), at, "{taped} {replayed}");
        }
    }

    #[test]
    fn the_first_difference_is_named_with_both_values() {
        let table = [
            (json!({"a": {"b": [1, 2]}}), json!({"a": {"b": [1, 3]}}), "a.b[1]", "2", "3"),
            (json!({"a": {"b": [1, 2]}}), json!({"a": {"b": [1]}}), "a.b", "[1,2]", "[1]"),
            (json!({"a": 1}), json!({}), "a", "1", "nothing"),
            (json!({}), json!({"b": 1}), "b", "nothing", "1"),
            (json!("x"), json!(1), "", "\"x\"", "1"),
        ];
        for (taped, replayed, place, then, now) in table {
            let found = Ids::default().difference(&taped, &replayed).unwrap();
            assert_eq!(
                (found.place.as_str(), found.taped.as_str(), found.replayed.as_str()),
                (place, then, now)
            );
        }
        let long = Ids::default().difference(&json!("\u{e9}".repeat(100)), &json!(1)).unwrap();
        assert!(long.taped.ends_with("...") && long.taped.chars().count() == SHOWN + 3, "{}", long.taped);
    }

    #[test]
    fn a_hidden_secret_stands_for_whatever_stands_there() {
        for (taped, replayed, same) in [
            ("the key is ******.", "the key is sk-12345678.", true),
            ("******", "anything", true),
            ("a ****** b ****** c", "a x b y c", true),
            ("a ****** b", "a x b c", false),
            ("a ******", "b x", false),
            ("a ****** b", "a x", false),
            ("plain", "plainer", false),
        ] {
            let difference = Ids::default().difference(&json!(taped), &json!(replayed));
            assert_eq!(difference.is_none(), same, "{taped} {replayed}");
        }
    }
}
