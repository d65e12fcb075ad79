//! Every message of a wire with one thing wrong: a field missing, of each other type, far too large, or the whole message
//! repeated. Deterministic, so that a failure names its message; `storm.rs` adds what nobody thought of.

use serde_json::{Map, Value, json};

use super::alone::Alone;
use crate::contract::{Datum, Time};
use crate::wire::{FromUnit, Kind, ToUnit, UnitSetup, WireFrame};

/// Values of every type, and one that is too large for anything.
fn wrong_values() -> [Value; 9] {
    [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{fffd}"),
        json!("x".repeat(100_000)),
        json!([[[]]]),
        json!({ "unknown": {} }),
    ]
}

/// The message with each field, at any depth, once missing and once of each wrong value.
pub(crate) fn mutations(message: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match message {
        Value::Object(fields) => {
            for (key, value) in fields {
                let with = |new: Option<Value>| {
                    let mut changed: Map<String, Value> = fields.clone();
                    match new {
                        Some(new) => changed.insert(key.clone(), new),
                        None => changed.shift_remove(key),
                    };
                    Value::Object(changed)
                };
                all.push(with(None));
                all.extend(wrong_values().into_iter().map(|wrong| with(Some(wrong))));
                all.extend(mutations(value).into_iter().map(|inner| with(Some(inner))));
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let with = |new: Value| {
                    let mut changed = items.clone();
                    changed[at] = new;
                    Value::Array(changed)
                };
                all.extend(wrong_values().into_iter().map(with));
                all.extend(mutations(item).into_iter().map(with));
            }
        }
        _ => {}
    }
    all
}

/// After `before`, each message of `valid` with each mistake, alone and twice: the emulator answers a bounded number of
/// messages that are JSON objects, and an untouched conversation beside it would still be possible (`alive`).
pub(crate) fn emulator_stands(
    open: impl Fn() -> Alone,
    before: &[Value],
    valid: &[Value],
    alive: impl Fn(&mut Alone) -> bool,
) -> usize {
    let mut tried = 0;
    for wrong in valid.iter().flat_map(mutations) {
        let mut alone = open();
        for message in before {
            alone.send(message.clone());
        }
        alone.send(wrong.clone());
        alone.send(wrong.clone());
        alone.run(3_000);
        let said = alone.messages();
        assert!(said.len() < 2_000, "{} answers to {}", said.len(), shortened(&wrong));
        assert!(alive(&mut alone), "dead after {}", shortened(&wrong));
        tried += 1;
    }
    tried
}

/// A connector that was started and opened gets each message with each mistake: it ends what it says, and when it still
/// speaks afterwards, it takes what follows.
pub(crate) fn connector_stands(kind: &Kind, params: &[Value], valid: &[Value]) -> usize {
    let mut tried = 0;
    for wrong in valid.iter().flat_map(mutations) {
        let setup = UnitSetup { fallback_key: Some("key".to_owned()), ..UnitSetup::default() };
        let mut connector = (kind.make)(setup);
        connector.handle(Time::ZERO, ToUnit::Start { params: &Datum::all(params) });
        connector.handle(Time::ZERO, ToUnit::Opened);
        let frame = WireFrame::json(&wrong);
        for at_ms in [10, 20] {
            connector.handle(Time::from_ms(at_ms), ToUnit::Frame(&frame));
        }
        for message in valid {
            connector.handle(Time::from_ms(30), ToUnit::Frame(&WireFrame::json(message)));
        }
        connector.handle(Time::from_ms(40), ToUnit::Closed { code: 1006, reason: "", clean: false });
        let said: Vec<FromUnit> = std::iter::from_fn(|| connector.poll()).take(5_000).collect();
        assert!(said.len() < 5_000, "endless after {}", shortened(&wrong));
        let ends = said.iter().filter(|word| is_end(word)).count();
        assert!(ends >= 1, "the end is never told after {}", shortened(&wrong));
        tried += 1;
    }
    tried
}

fn is_end(word: &FromUnit) -> bool {
    matches!(word, FromUnit::Raise { name, .. } if name == "Player.PlaybackFinished")
}

fn shortened(message: &Value) -> String {
    message.to_string().chars().take(300).collect()
}
