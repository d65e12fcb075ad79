//! What every part of a session writes to: the journal, the events that wait for the script, the outputs, the policies
//! that were relied on. Keys in the arguments of a factory are never written. It decides nothing but what still reaches
//! the script.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Map, Value, json};
use voxrun_bindings::contract::{
    Command, Datum, Dictionary, HostEvent, NotBuilt, On, Outcome, Place, Remark, Time, UnitId,
};

use super::io::Output;
use super::life::{FinishReason, Life, Phase};
use super::names::Names;
use crate::journal::{EntryKind, Journal};

/// What is written instead of a key, as the platform's log does.
const HIDDEN: &str = "******";
/// More items, or bytes of text, of a promise's value than this are written short.
const LONG_LIST: usize = 200;
const LONG_TEXT: usize = 2_000;
/// Names of arguments that hold keys.
const KEY_NAMES: [&str; 6] = ["apikey", "api_key", "sessionkey", "session_key", "authorization", "x-api-key"];

/// The record of one session, and its way to the script and out.
#[derive(Debug)]
pub(super) struct Scribe {
    now: Time,
    journal: Journal,
    names: Names,
    life: Life,
    events: VecDeque<HostEvent>,
    outputs: VecDeque<Output>,
    policies: BTreeSet<String>,
    not_built: Vec<NotBuilt>,
    used: BTreeSet<String>,
}

impl Scribe {
    /// Of the session with this number.
    pub(super) fn new(number: u32) -> Scribe {
        Scribe {
            now: Time::ZERO,
            journal: Journal::new(number),
            names: Names::default(),
            life: Life::default(),
            events: VecDeque::new(),
            outputs: VecDeque::new(),
            policies: BTreeSet::new(),
            not_built: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// The session's present.
    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// The clock goes on to `now`; whether it did.
    pub(super) fn advance(&mut self, now: Time) -> bool {
        let later = now > self.now;
        self.now = self.now.max(now);
        later
    }

    pub(super) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Where the session is on its way.
    pub(super) fn life(&self) -> &Life {
        &self.life
    }

    pub(super) fn life_mut(&mut self) -> &mut Life {
        &mut self.life
    }

    /// Whether everything still reaches the script.
    pub(super) fn is_running(&self) -> bool {
        self.life.phase == Phase::Running
    }

    /// Names a unit; returns its number among those of its kind.
    pub(super) fn name(&mut self, unit: UnitId, kind: &str) -> u32 {
        self.names.add(unit, kind)
    }

    /// A unit's name.
    pub(super) fn name_of(&self, unit: UnitId) -> String {
        self.names.of(unit)
    }

    /// Something is to be done outside.
    pub(super) fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(super) fn next_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Queues an event for the script. When the session is ending it is written down and not dispatched.
    pub(super) fn event(&mut self, event: HostEvent) {
        if self.is_running() {
            self.events.push_back(event);
        } else {
            self.write_event(&event, false);
        }
    }

    /// The same for an event of a unit, or of the application.
    pub(super) fn raise(&mut self, on: On, name: &str, fields: impl Into<Dictionary>) {
        self.event(HostEvent::Raise { on, name: name.to_owned(), fields: fields.into() });
    }

    /// Queues the last event, which an ending session still hears.
    pub(super) fn last_event(&mut self, event: HostEvent) {
        self.events.push_back(event);
    }

    /// The next event for the script, which is written down on its way.
    pub(super) fn next_event(&mut self) -> Option<HostEvent> {
        let event = self.events.pop_front()?;
        self.write_event(&event, true);
        Some(event)
    }

    /// Events that wait.
    pub(super) fn waiting_events(&self) -> usize {
        self.events.len()
    }

    /// Begins the end of the session. A second call changes nothing.
    pub(super) fn finish(&mut self, reason: FinishReason, system_error: bool) {
        let Some(reason) = self.life.finish(reason, system_error) else { return };
        self.write("", EntryKind::Lifecycle, "session_stopping", json!({ "finish_reason": reason }));
        for event in std::mem::take(&mut self.events) {
            self.write_event(&event, false);
        }
        self.events.push_back(self.life.terminating());
    }

    /// Ends the session because of a failure that is not the script's own exception.
    pub(super) fn fail(&mut self, name: &str, text: &str, reason: FinishReason) {
        self.write("", EntryKind::Error, name, json!({ "message": text }));
        self.finish(reason, true);
    }

    /// The session is over.
    pub(super) fn end(&mut self) {
        self.life.end(self.now);
        let reason = self.life.reason;
        self.write("", EntryKind::Lifecycle, "session_ended", json!({ "finish_reason": reason }));
    }

    /// One line of the journal.
    pub(super) fn write(&mut self, unit: &str, kind: EntryKind, name: &str, data: Value) {
        self.journal.write(self.now, unit, kind, name, data);
    }

    /// One line about a unit.
    pub(super) fn write_of(&mut self, unit: UnitId, kind: EntryKind, name: &str, data: Value) {
        self.write(&self.names.of(unit), kind, name, data);
    }

    /// A remark for the author.
    pub(super) fn note(&mut self, policy: Option<&'static str>, text: &str) {
        self.remark(None, &Remark::maybe(policy, text));
    }

    /// A remark of somebody else, about a unit or about the session.
    pub(super) fn remark(&mut self, unit: Option<UnitId>, remark: &Remark) {
        self.remark_at(self.now, unit, remark);
    }

    /// The same, made at `now`.
    pub(super) fn remark_at(&mut self, now: Time, unit: Option<UnitId>, remark: &Remark) {
        let unit = unit.map(|unit| self.names.of(unit)).unwrap_or_default();
        let mut data = json!({ "text": remark.text });
        if let Some(policy) = remark.policy.as_deref() {
            data["policy"] = policy.into();
            self.rely(policy);
        }
        self.journal.write(now, &unit, EntryKind::Note, "note", data);
    }

    /// A remark about a unit.
    pub(super) fn note_of(&mut self, unit: UnitId, policy: Option<&'static str>, text: &str) {
        self.remark(Some(unit), &Remark::maybe(policy, text));
    }

    /// The run relies on a policy; said without a line.
    pub(super) fn rely(&mut self, policy: &str) {
        if !self.policies.contains(policy) {
            self.policies.insert(policy.to_owned());
        }
    }

    /// The policies that were relied on, sorted.
    pub(super) fn policies(&self) -> Vec<String> {
        self.policies.iter().cloned().collect()
    }

    /// A member that is not built was used. The error was thrown where it was used, and may have been caught there.
    pub(super) fn tell_not_built(&mut self, not_built: &NotBuilt) {
        if !self.not_built.contains(not_built) {
            let Place { file, line, column } = &not_built.place;
            let text = format!(
                "{} is not built in voxrun yet (see docs/compatibility.md): used at {file}:{line}:{column}",
                not_built.member
            );
            self.note(None, &text);
            self.not_built.push(not_built.clone());
        }
    }

    /// The members that are not built and were used, each place once.
    pub(super) fn not_built(&self) -> &[NotBuilt] {
        &self.not_built
    }

    /// Members of the platform have answered the script.
    pub(super) fn tell_used(&mut self, members: Vec<String>) {
        self.used.extend(members);
    }

    /// Every member that has answered the script, sorted.
    pub(super) fn used(&self) -> Vec<String> {
        self.used.iter().cloned().collect()
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
    fn write_event(&mut self, event: &HostEvent, dispatched: bool) {
        let (unit, name, mut data) = match event {
            // What follows names the unit.
            HostEvent::Born { .. } => return,
            HostEvent::Called { callback, by, .. } => {
                let id = Map::from_iter([(by.to_string(), callback.0.into())]);
                (None, &**by, Value::Object(id))
            }
            HostEvent::Asked { name, fields, .. } => (None, name.as_str(), Value::Object(self.shown(fields))),
            HostEvent::Raise { on, name, fields } => {
                (on.unit(), name.as_str(), Value::Object(self.shown(fields)))
            }
            HostEvent::Settle { request, outcome } => match outcome {
                Outcome::Done(Datum::Unit(unit)) => {
                    (Some(*unit), "settle", json!({ "request": request.0, "resolved": true }))
                }
                Outcome::Done(value) => {
                    let mut value = value.to_json(&|unit| self.names.of(unit).into());
                    shorten(&mut value);
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

fn is_key(name: &str) -> bool {
    KEY_NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// Cuts what is long: a promise may bring a whole file.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) if items.len() > LONG_LIST => *value = format!("[{} items]", items.len()).into(),
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::String(text) if text.len() > LONG_TEXT => {
            let begin: String = text.chars().take(LONG_TEXT / 10).collect();
            *text = format!("{begin}... ({} bytes)", text.len());
        }
        _ => {}
    }
}

fn hide_keys(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_keys),
        // A header as one line.
        Value::String(line) => {
            if let Some((name, _)) = line.split_once(':').filter(|(name, _)| is_key(name)) {
                *line = format!("{name}: {HIDDEN}");
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if is_key(name) {
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
        let mut params = json!([{ "apiKey": "sk-1", "model": "m", "more": { "Authorization": ["x"], "keys": 1 } }, "Authorization: x"]);
        hide_keys(&mut params);
        assert_eq!(
            params,
            json!([{ "apiKey": "******", "model": "m", "more": { "Authorization": "******", "keys": 1 } }, "Authorization: ******"])
        );
    }
}
