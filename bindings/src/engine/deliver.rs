//! Delivering host events: the event object is built once, its listeners run in order, and promise continuations after
//! each. The same unit is always the same object.

use boa_engine::object::JsObject;
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsNativeError, JsResult, JsString, JsValue, js_string};
use serde_json::{Map, Value, json};

use super::Engine;
use crate::contract::{
    CallFacts, Command, Fields, HostEvent, Outcome, RequestId, ScenarioError, TimerId, UnitId,
};
use crate::glue::CallState;
use crate::glue::host::{CallSnapshot, UnitRecord};
use crate::glue::json::{from_json, plain_object};
use crate::glue::names::fixed;

/// What the platform answers to a call that nobody listens for.
const DECLINE: u16 = 603;

impl Engine {
    pub(super) fn dispatch(&mut self, event: HostEvent) -> Result<(), ScenarioError> {
        match event {
            HostEvent::Timer { timer } => self.fire(timer),
            HostEvent::CallAlerting { call, facts } => self.alert(call, facts),
            HostEvent::Raise { unit, name, fields } => self.raise(unit, &name, &fields).map(drop),
            HostEvent::Settle { request, outcome } => self.settle(request, outcome),
        }
    }

    fn fire(&mut self, timer: TimerId) -> Result<(), ScenarioError> {
        let state = self.state.clone();
        let known = state.host.borrow().timers.get(&timer).copied();
        let Some((callback, repeat)) = known else { return Ok(()) };
        let function = state.script.borrow().callback(callback);
        if !repeat {
            state.host.borrow_mut().timers.remove(&timer);
            state.script.borrow_mut().release(callback);
        }
        match function {
            Some(function) => self.call_listener("a timer", &function.into(), &[]),
            None => Ok(()),
        }
    }

    fn alert(&mut self, call: UnitId, facts: CallFacts) -> Result<(), ScenarioError> {
        let fields = alerting_fields(&facts);
        let mut host = self.state.host.borrow_mut();
        host.units.insert(call, UnitRecord { class: "Call", text_id: facts.id.clone() });
        host.calls.insert(call, CallSnapshot { facts, state: CallState::Alerting, incoming: true });
        drop(host);
        let name = "Application.CallAlerting";
        let listeners = self.state.script.borrow().listeners(None, name);
        if listeners.is_empty() {
            let mut host = self.state.host.borrow_mut();
            host.note(None, "Unhandled CallAlerting event: no scenario has a listener for AppEvents.CallAlerting, so the caller is declined with 603");
            host.command(Command::Reject { call, code: DECLINE, headers: Vec::new() });
            return Ok(());
        }
        let built = self.event_object(Some(call), name, &fields);
        let event = built.map_err(|error| self.failure(&error))?;
        self.call_all(name, &listeners, &event.into())
    }

    /// Returns how many listeners heard it.
    fn raise(&mut self, unit: Option<UnitId>, name: &str, fields: &Fields) -> Result<usize, ScenarioError> {
        let class =
            unit.and_then(|unit| self.state.host.borrow().units.get(&unit).map(|record| record.class));
        let observe =
            class.and_then(|class| self.state.tables.classes.get(class)).and_then(|class| class.observe);
        if let (Some(unit), Some(observe)) = (unit, observe) {
            observe(unit, name, fields, &mut self.state.host.borrow_mut());
        }
        let listeners = self.state.script.borrow().listeners(unit, name);
        if listeners.is_empty() {
            return Ok(0);
        }
        let built = self.event_object(unit, name, fields);
        let event = built.map_err(|error| self.failure(&error))?;
        self.call_all(name, &listeners, &event.into())?;
        Ok(listeners.len())
    }

    fn settle(&mut self, request: RequestId, outcome: Outcome) -> Result<(), ScenarioError> {
        let state = self.state.clone();
        let Some(resolvers) = state.script.borrow_mut().promises.remove(&request) else { return Ok(()) };
        self.task(move |context| {
            let (function, value) = match outcome {
                Outcome::Unit(unit) => (resolvers.resolve, state.object(unit, context).into()),
                Outcome::Value(value) => (resolvers.resolve, from_json(&value, context)?),
                Outcome::Failed(message) => {
                    let error = JsNativeError::error().with_message(message).into_opaque(context);
                    (resolvers.reject, error.into())
                }
            };
            function.call(&JsValue::undefined(), &[value], context).map(drop)
        })
    }

    fn call_all(&mut self, name: &str, listeners: &[JsValue], event: &JsValue) -> Result<(), ScenarioError> {
        listeners
            .iter()
            .try_for_each(|listener| self.call_listener(name, listener, std::slice::from_ref(event)))
    }

    fn call_listener(
        &mut self,
        name: &str,
        listener: &JsValue,
        arguments: &[JsValue],
    ) -> Result<(), ScenarioError> {
        let listener = listener.clone();
        self.task(move |context| {
            let Some(function) = listener.as_callable() else {
                let text = format!("the handler of {name} is not a function but {}", listener.type_of());
                return Err(JsNativeError::typ().with_message(text).into());
            };
            function.call(&JsValue::undefined(), arguments, context).map(drop)
        })
    }

    /// `{name, <the unit itself>, id?, ...fields}`.
    fn event_object(&mut self, unit: Option<UnitId>, name: &str, fields: &Fields) -> JsResult<JsObject> {
        let state = self.state.clone();
        let context = &mut self.context;
        let event = plain_object(context);
        put(&event, fixed("name"), js_string!(name).into(), context)?;
        if let Some(unit) = unit {
            let object = state.object(unit, context);
            let record = state.host.borrow().units.get(&unit).cloned();
            let class = record.as_ref().and_then(|record| state.tables.classes.get(record.class));
            // The closing event of a client's socket names it `websocket`, as every event of a socket does.
            let key = if name.starts_with("WebSocket.") {
                Some("websocket")
            } else {
                class.map(|class| class.self_key)
            };
            if let Some(key) = key {
                put(&event, fixed(key), object.into(), context)?;
            }
            if let Some(record) = record.filter(|_| class.is_some_and(|class| class.events_carry_id)) {
                put(&event, fixed("id"), js_string!(record.text_id.as_str()).into(), context)?;
            }
        }
        for (key, value) in fields {
            let value = from_json(value, context)?;
            put(&event, js_string!(key.as_str()), value, context)?;
        }
        Ok(event)
    }
}

fn put(object: &JsObject, key: JsString, value: JsValue, context: &mut Context) -> JsResult<()> {
    object.create_data_property_or_throw(PropertyKey::from(key), value, context).map(drop)
}

/// The payload of CallAlerting beside `name`, `call` and `id` (semantics 1.3).
fn alerting_fields(facts: &CallFacts) -> Fields {
    let headers: Map<String, Value> =
        facts.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let fields = json!({
        "callerid": facts.callerid,
        "destination": facts.destination,
        "toURI": facts.to_uri,
        "fromURI": facts.from_uri,
        "displayName": facts.display_name,
        "headers": headers,
        "customData": facts.custom_data,
        "scheme": "",
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}
