//! The one value type that crosses between the planes: what JSON can say, and beside it bytes, units and functions of the
//! script, because scripts pass live objects inside options and the host passes them inside events. A map is a
//! [`Dictionary`]: its keys keep the order in which they were written. It deliberately knows no JavaScript.

use std::ops::Index;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::{CallbackId, UnitId};

/// Integers beyond this are not exact in a double.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A value that crosses the contract.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// `null`, and `undefined` where a place has to be kept.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// Any number of the script.
    Number(f64),
    /// A string.
    Text(Box<str>),
    /// An `ArrayBuffer`, or what a view of one shows.
    Bytes(Arc<[u8]>),
    /// An array.
    List(Vec<Datum>),
    /// A plain object.
    Map(Dictionary),
    /// A unit: the same one is always the same object.
    Unit(UnitId),
    /// A function of the script, called by [`HostEvent::Called`](super::HostEvent::Called).
    Callback(CallbackId),
}

impl Datum {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Datum::Text(text) = self { Some(text) } else { None }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        if let Datum::Number(number) = self { Some(*number) } else { None }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Datum::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Dictionary> {
        if let Datum::Map(map) = self { Some(map) } else { None }
    }

    /// The unit, if it is one.
    #[must_use]
    pub fn as_unit(&self) -> Option<UnitId> {
        if let Datum::Unit(unit) = self { Some(*unit) } else { None }
    }

    /// The function, if it is one.
    #[must_use]
    pub fn as_callback(&self) -> Option<CallbackId> {
        if let Datum::Callback(callback) = self { Some(*callback) } else { None }
    }

    /// The JSON value as `JSON.stringify` makes it: functions are left out, bytes are a list of numbers. A unit, which
    /// has no JSON, is what `unit` makes of it.
    #[must_use]
    pub fn to_json(&self, unit: &dyn Fn(UnitId) -> Value) -> Value {
        match self {
            Datum::Null | Datum::Callback(_) => Value::Null,
            Datum::Bool(flag) => Value::Bool(*flag),
            Datum::Number(number) => json_number(*number),
            Datum::Text(text) => Value::String(text.to_string()),
            Datum::Bytes(bytes) => Value::from(bytes.to_vec()),
            Datum::List(items) => items.iter().map(|item| item.to_json(unit)).collect(),
            Datum::Map(map) => Value::Object(map.to_json(unit)),
            Datum::Unit(id) => unit(*id),
        }
    }

    /// The same of each of these.
    #[must_use]
    pub fn all_json(params: &[Datum]) -> Vec<Value> {
        params.iter().map(Datum::json).collect()
    }

    /// Each of these JSON values.
    #[must_use]
    pub fn all(values: &[Value]) -> Vec<Datum> {
        values.iter().cloned().map(Datum::from).collect()
    }

    /// The JSON value for a message to somebody who knows no units: they are `null` there.
    #[must_use]
    pub fn json(&self) -> Value {
        self.to_json(&|_| Value::Null)
    }
}

/// Integral numbers become JSON integers, as `JSON.stringify` writes them; NaN and infinities become null.
fn json_number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked: integral and below 2^53")]
    if number.fract() == 0.0 && number.abs() < EXACT_MAX {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

impl From<Value> for Datum {
    fn from(value: Value) -> Datum {
        match value {
            Value::Null => Datum::Null,
            Value::Bool(flag) => Datum::Bool(flag),
            Value::Number(number) => Datum::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Datum::Text(text.into()),
            Value::Array(items) => Datum::List(items.into_iter().map(Datum::from).collect()),
            Value::Object(fields) => Datum::Map(fields.into()),
        }
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Datum {
        Datum::Text(text.into())
    }
}

impl From<String> for Datum {
    fn from(text: String) -> Datum {
        Datum::Text(text.into())
    }
}

impl From<bool> for Datum {
    fn from(flag: bool) -> Datum {
        Datum::Bool(flag)
    }
}

impl From<f64> for Datum {
    fn from(number: f64) -> Datum {
        Datum::Number(number)
    }
}

impl From<u32> for Datum {
    fn from(number: u32) -> Datum {
        Datum::Number(f64::from(number))
    }
}

impl From<UnitId> for Datum {
    fn from(unit: UnitId) -> Datum {
        Datum::Unit(unit)
    }
}

impl From<Dictionary> for Datum {
    fn from(map: Dictionary) -> Datum {
        Datum::Map(map)
    }
}

/// Named values in the order in which they were written, each name once (a dictionary of Web IDL).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dictionary(Vec<(Box<str>, Datum)>);

impl Dictionary {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Dictionary {
        Dictionary(Vec::new())
    }

    /// Of these, whose names are known to differ.
    #[must_use]
    pub fn of_unique<K: Into<Box<str>>>(fields: Vec<(K, Datum)>) -> Dictionary {
        Dictionary(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Datum> {
        self.0.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    /// The text of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Datum::as_text)
    }

    /// Sets a value; a name that is there keeps its place.
    pub fn insert(&mut self, name: impl Into<Box<str>>, value: impl Into<Datum>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(key, _)| *key == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<Datum> {
        let place = self.0.iter().position(|(key, _)| &**key == name)?;
        Some(self.0.remove(place).1)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Datum)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many values it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// As JSON, see [`Datum::to_json`]. Functions are left out.
    #[must_use]
    pub fn to_json(&self, unit: &dyn Fn(UnitId) -> Value) -> Map<String, Value> {
        let kept = self.0.iter().filter(|(_, value)| !matches!(value, Datum::Callback(_)));
        kept.map(|(key, value)| (key.to_string(), value.to_json(unit))).collect()
    }
}

impl From<Map<String, Value>> for Dictionary {
    fn from(fields: Map<String, Value>) -> Dictionary {
        Dictionary(fields.into_iter().map(|(key, value)| (key.into(), Datum::from(value))).collect())
    }
}

impl<K: Into<Box<str>>> FromIterator<(K, Datum)> for Dictionary {
    fn from_iter<I: IntoIterator<Item = (K, Datum)>>(items: I) -> Dictionary {
        let mut map = Dictionary::new();
        for (name, value) in items {
            map.insert(name, value);
        }
        map
    }
}

impl IntoIterator for Dictionary {
    type Item = (Box<str>, Datum);
    type IntoIter = std::vec::IntoIter<(Box<str>, Datum)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Index<&str> for Dictionary {
    type Output = Datum;
    /// The value of this name, null when there is none.
    fn index(&self, name: &str) -> &Datum {
        self.get(name).unwrap_or(&Datum::Null)
    }
}

impl Index<&str> for Datum {
    type Output = Datum;
    /// The value of this name in a map, null when there is none.
    fn index(&self, name: &str) -> &Datum {
        self.as_map().and_then(|map| map.get(name)).unwrap_or(&Datum::Null)
    }
}

impl PartialEq<Value> for Datum {
    fn eq(&self, other: &Value) -> bool {
        self.json() == *other
    }
}

impl PartialEq<&str> for Datum {
    fn eq(&self, other: &&str) -> bool {
        self.as_text() == Some(other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_comes_back_as_it_was_written() {
        let value = json!({"b": 1, "a": [null, true, -2.5, "x"], "c": {"z": 1e300, "y": {}}});
        assert_eq!(Datum::from(value.clone()).json().to_string(), value.to_string());
    }

    #[test]
    fn what_json_has_no_word_for_is_named_or_left_out() {
        let map = Dictionary::from_iter([
            ("call", Datum::Unit(UnitId(7))),
            ("then", Datum::Callback(CallbackId(1))),
            ("bytes", Datum::Bytes(vec![1, 2].into())),
        ]);
        let named = map.to_json(&|unit| json!(format!("unit {}", unit.0)));
        assert_eq!(Value::Object(named), json!({"call": "unit 7", "bytes": [1, 2]}));
        assert_eq!(Datum::Number(f64::NAN).json(), Value::Null);
    }

    #[test]
    fn a_name_stands_once_and_keeps_its_place() {
        let mut map = Dictionary::from_iter([("a", Datum::from(1.0)), ("b", Datum::from(2.0))]);
        map.insert("a", 3.0);
        assert_eq!(map.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(map.remove("a"), Some(Datum::Number(3.0)));
        assert_eq!((map.len(), map.get("a")), (1, None));
    }

    #[test]
    fn it_survives_a_pipe() {
        let datum = Datum::Map(Dictionary::from_iter([("u", Datum::Unit(UnitId(1))), ("n", Datum::Null)]));
        let text = serde_json::to_string(&datum).unwrap();
        assert_eq!(serde_json::from_str::<Datum>(&text).unwrap(), datum);
    }
}
