//! How the session writes its journal: names of units, commands and events as lines, remarks. Keys in the arguments of a
//! factory are never written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use voxrun_bindings::contract::{Command, HostEvent, Outcome, UnitId};

use super::Session;
use crate::journal::EntryKind;

/// What is written instead of a key, as the platform's log does.
const HIDDEN: &str = "******";
/// Names of arguments that hold keys.
const KEY_NAMES: [&str; 6] = ["apikey", "api_key", "sessionkey", "session_key", "authorization", "x-api-key"];
/// Fields of commands that name units.
const UNIT_FIELDS: [&str; 6] = ["call", "unit", "from", "to", "a", "b"];

/// The units' names in the journal: `call#1`, `openai#2`.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_unit: BTreeMap<UnitId, String>,
    counts: BTreeMap<String, u32>,
}

impl Names {
    /// Names a unit; returns its number among those of its kind.
    pub(super) fn add(&mut self, unit: UnitId, kind: &str) -> u32 {
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        self.by_unit.insert(unit, format!("{kind}#{count}"));
        *count
    }

    /// A unit's name, made up for one that does not exist.
    pub(super) fn of(&self, unit: UnitId) -> String {
        self.by_unit.get(&unit).cloned().unwrap_or_else(|| format!("unit#{}", unit.0))
    }
}

impl Session {
    /// One line of the journal.
    pub(super) fn write(&mut self, unit: &str, kind: EntryKind, name: &str, data: Value) {
        self.journal.write(self.now, unit, kind, name, data);
    }

    /// A remark for the author.
    pub(super) fn note(&mut self, unit: &str, policy: Option<&str>, text: &str) {
        let mut data = json!({ "text": text });
        if let (Some(policy), Some(fields)) = (policy, data.as_object_mut()) {
            fields.insert("policy".to_owned(), policy.into());
            self.rely(policy);
        }
        self.write(unit, EntryKind::Note, "note", data);
    }

    /// The run relies on a policy; said without a line.
    pub(super) fn rely(&mut self, policy: &str) {
        if !self.facts.policies.contains(policy) {
            self.facts.policies.insert(policy.to_owned());
        }
    }

    pub(super) fn write_command(&mut self, command: &Command) {
        let mut fields = match serde_json::to_value(command) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let name = match fields.shift_remove("command") {
            Some(Value::String(name)) => name,
            _ => String::new(),
        };
        // The first unit of a command is the one it is said to.
        let mut unit = String::new();
        for key in UNIT_FIELDS {
            let Some(number) = fields.get(key).and_then(Value::as_u64) else { continue };
            let named = self.names.of(UnitId(u32::try_from(number).unwrap_or(u32::MAX)));
            if unit.is_empty() {
                unit = named;
                fields.shift_remove(key);
            } else {
                fields.insert(key.to_owned(), named.into());
            }
        }
        if let Some(params) = fields.get_mut("params") {
            hide_keys(params);
        }
        self.write(&unit, EntryKind::Command, &name, Value::Object(fields));
    }

    /// An event on its way to the script, or one that the end of the session keeps from it.
    pub(super) fn write_event(&mut self, event: &HostEvent, dispatched: bool) {
        let (unit, name, mut data) = match event {
            HostEvent::Timer { timer } => (None, "timer", json!({ "timer": timer.0 })),
            HostEvent::CallAlerting { call, facts } => {
                (Some(*call), "Application.CallAlerting", serde_json::to_value(facts).unwrap_or_default())
            }
            HostEvent::Raise { unit, name, fields } => (*unit, name.as_str(), Value::Object(fields.clone())),
            HostEvent::Settle { request, outcome } => match outcome {
                Outcome::Unit(unit) => {
                    (Some(*unit), "settle", json!({ "request": request.0, "resolved": true }))
                }
                Outcome::Value(value) => (None, "settle", json!({ "request": request.0, "value": value })),
                Outcome::Failed(text) => (None, "settle", json!({ "request": request.0, "error": text })),
            },
        };
        if let (false, Some(fields)) = (dispatched, data.as_object_mut()) {
            fields.insert("dispatched".to_owned(), false.into());
        }
        let unit = unit.map(|unit| self.names.of(unit)).unwrap_or_default();
        self.write(&unit, EntryKind::Event, name, data);
    }
}

fn hide_keys(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_keys),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if KEY_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
                    *value = HIDDEN.into();
                } else {
                    hide_keys(value);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_hidden_at_any_depth_and_nothing_else_is() {
        let mut params =
            json!([{ "apiKey": "sk-1", "model": "m", "more": { "Authorization": ["x"], "keys": 1 } }]);
        hide_keys(&mut params);
        assert_eq!(
            params,
            json!([{ "apiKey": "******", "model": "m", "more": { "Authorization": "******", "keys": 1 } }])
        );
    }

    #[test]
    fn units_are_numbered_by_kind() {
        let mut names = Names::default();
        assert_eq!(names.add(UnitId(1), "call"), 1);
        assert_eq!(names.add(UnitId(70_000), "openai"), 1);
        assert_eq!(names.add(UnitId(70_001), "openai"), 2);
        assert_eq!(names.of(UnitId(70_001)), "openai#2");
        assert_eq!(names.of(UnitId(5)), "unit#5");
    }
}
