//! Whether two messages say the same when ids that the script or the gateway made up may differ: an id of the one always
//! has to stand where its partner stands in the other.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::journal::HIDDEN;

/// Keys whose values are ids that a client makes up.
const IDS: &[&str] =
    &["call_id", "contextId", "context_id", "event_id", "id", "item_id", "previous_item_id", "response_id"];

/// The ids of a cassette and their partners in the replay.
#[derive(Debug, Default)]
pub(super) struct Ids {
    replayed: BTreeMap<String, String>,
    taped: BTreeMap<String, String>,
}

impl Ids {
    /// The first place at which the messages differ (`session.audio.input.turn_detection`), empty when they differ as a
    /// whole; `None` when they say the same.
    pub(super) fn difference(&mut self, taped: &Value, replayed: &Value) -> Option<String> {
        self.differ("", "", taped, replayed)
    }

    /// A recorded text with the ids of the replay.
    pub(super) fn translated(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (taped, replayed) in self.replayed.iter().filter(|(taped, replayed)| taped != replayed) {
            let quoted = |id: &str| Value::from(id).to_string();
            text = text.replace(&quoted(taped), &quoted(replayed));
        }
        text
    }

    fn differ(&mut self, path: &str, key: &str, taped: &Value, replayed: &Value) -> Option<String> {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match (taped, replayed) {
            (Value::Object(taped), Value::Object(replayed)) => {
                for (name, value) in taped {
                    let Some(other) = replayed.get(name) else { return Some(below(name)) };
                    if let Some(place) = self.differ(&below(name), name, value, other) {
                        return Some(place);
                    }
                }
                replayed.keys().find(|name| !taped.contains_key(*name)).map(|name| below(name))
            }
            (Value::Array(taped), Value::Array(replayed)) => {
                for (at, (value, other)) in taped.iter().zip(replayed).enumerate() {
                    if let Some(place) = self.differ(&format!("{path}[{at}]"), key, value, other) {
                        return Some(place);
                    }
                }
                (taped.len() != replayed.len()).then(|| path.to_owned())
            }
            (Value::String(taped), Value::String(replayed)) if IDS.contains(&key) => {
                (!self.pair(taped, replayed)).then(|| path.to_owned())
            }
            (Value::String(taped), Value::String(replayed)) if taped.contains(HIDDEN) => {
                (!hides(taped, replayed)).then(|| path.to_owned())
            }
            _ => (taped != replayed).then(|| path.to_owned()),
        }
    }

    /// Whether these two are partners, or can become so.
    fn pair(&mut self, taped: &str, replayed: &str) -> bool {
        match (self.replayed.get(taped), self.taped.get(replayed)) {
            (None, None) => {
                self.replayed.insert(taped.to_owned(), replayed.to_owned());
                self.taped.insert(replayed.to_owned(), taped.to_owned());
                true
            }
            (Some(partner), _) => partner == replayed,
            (None, Some(_)) => false,
        }
    }
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

    #[test]
    fn ids_may_differ_but_not_change_partners() {
        let mut ids = Ids::default();
        let first = json!({"contextId": "a", "text": "x"});
        assert_eq!(ids.difference(&first, &json!({"contextId": "b", "text": "x"})), None);
        assert_eq!(ids.difference(&first, &json!({"contextId": "b", "text": "x"})), None);
        assert_eq!(
            ids.difference(&first, &json!({"contextId": "c", "text": "x"})).as_deref(),
            Some("contextId")
        );
        let other = json!({"contextId": "z", "text": "x"});
        assert_eq!(
            ids.difference(&other, &json!({"contextId": "b", "text": "x"})).as_deref(),
            Some("contextId")
        );
        assert_eq!(ids.translated(r#"{"contextId":"a","x":"ab"}"#), r#"{"contextId":"b","x":"ab"}"#);
    }

    #[test]
    fn the_first_difference_is_named() {
        let table = [
            (json!({"a": {"b": [1, 2]}}), json!({"a": {"b": [1, 3]}}), "a.b[1]"),
            (json!({"a": {"b": [1, 2]}}), json!({"a": {"b": [1]}}), "a.b"),
            (json!({"a": 1}), json!({}), "a"),
            (json!({}), json!({"b": 1}), "b"),
            (json!("x"), json!(1), ""),
        ];
        for (taped, replayed, place) in table {
            assert_eq!(Ids::default().difference(&taped, &replayed).as_deref(), Some(place));
        }
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
