//! How the session writes its journal: names of units, commands and events as lines, remarks. Keys in the arguments of a
//! factory are never written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use voxrun_bindings::contract::{Command, Datum, Dictionary, HostEvent, NotBuilt, Outcome, Place, UnitId};

use super::Session;
use crate::journal::EntryKind;

/// What is written instead of a key, as the platform's log does.
const HIDDEN: &str = "******";
/// Names of arguments that hold keys.
const KEY_NAMES: [&str; 6] = ["apikey", "api_key", "sessionkey", "session_key", "authorization", "x-api-key"];

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

    /// A member that is not built was used. The error was thrown where it was used, and may have been caught there.
    pub(super) fn not_built(&mut self, not_built: &NotBuilt) {
        if !self.facts.not_built.contains(not_built) {
            let Place { file, line, column } = &not_built.place;
            let text = format!(
                "{} is not built in voxrun yet (see docs/compatibility.md): used at {file}:{line}:{column}",
                not_built.member
            );
            self.note("", None, &text);
            self.facts.not_built.push(not_built.clone());
        }
    }

    /// A value as the journal shows it: units by their names, bytes by their number.
    fn shown(&self, data: &Dictionary) -> Map<String, Value> {
        data.to_json(&|unit| self.names.of(unit).into())
    }

    pub(super) fn write_command(&mut self, command: &Command) {
        let told = command.told();
        let unit = told.unit.map(|unit| self.names.of(unit)).unwrap_or_default();
        let mut fields = self.shown(&told.data);
        if let Some(params) = fields.get_mut("params") {
            hide_keys(params);
        }
        self.write(&unit, EntryKind::Command, told.name, Value::Object(fields));
    }

    /// An event on its way to the script, or one that the end of the session keeps from it.
    pub(super) fn write_event(&mut self, event: &HostEvent, dispatched: bool) {
        let (unit, name, mut data) = match event {
            // What follows names the unit.
            HostEvent::Born { .. } => return,
            HostEvent::Called { callback, by, .. } => {
                let id = Map::from_iter([(by.to_string(), callback.0.into())]);
                (None, &**by, Value::Object(id))
            }
            HostEvent::Raise { on, name, fields } => {
                (on.unit(), name.as_str(), Value::Object(self.shown(fields)))
            }
            HostEvent::Settle { request, outcome } => match outcome {
                Outcome::Done(Datum::Unit(unit)) => {
                    (Some(*unit), "settle", json!({ "request": request.0, "resolved": true }))
                }
                Outcome::Done(value) => {
                    let value = value.to_json(&|unit| self.names.of(unit).into());
                    (None, "settle", json!({ "request": request.0, "value": value }))
                }
                Outcome::Failed { text, .. } => {
                    (None, "settle", json!({ "request": request.0, "error": text }))
                }
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
