//! Delivering host events: the event object is built once, its listeners run in order, and promise continuations after
//! each. The same unit is always the same object. It knows no class by name: what is particular to one is a row of its table.

use boa_engine::builtins::promise::Promise;
use boa_engine::object::JsObject;
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsNativeError, JsResult, JsString, JsValue, js_string};

use super::Engine;
use crate::contract::{
    CallbackId, Command, Datum, Dictionary, ErrorClass, HostEvent, On, Outcome, RequestId, ScenarioError,
    UnitId,
};
use crate::glue::Waiting;
use crate::glue::datum::{plain, plain_object, to_script};
use crate::glue::names::fixed;
use crate::glue::state::State;

impl Engine {
    pub(super) fn dispatch(&mut self, event: &HostEvent) -> Result<(), ScenarioError> {
        match event {
            HostEvent::Born { unit, class, facts } => {
                self.born(*unit, class, facts);
                Ok(())
            }
            HostEvent::Raise { on, name, fields } => self.raise(*on, name, fields),
            HostEvent::Asked { request, name, fields } => self.asked(*request, name, fields),
            HostEvent::Settle { request, outcome } => self.settle(*request, outcome),
            HostEvent::Called { callback, by, args, last } => self.called(*callback, by, args, *last),
        }
    }

    fn born(&mut self, unit: UnitId, class: &str, facts: &Dictionary) {
        let state = self.state.clone();
        let Some(class) = state.tables.classes.get(class) else { return };
        let mut host = state.host.borrow_mut();
        host.add_unit(unit, class.name, facts.text("id").unwrap_or_default().to_owned());
        if let Some(born) = class.born {
            born(unit, facts, &mut host);
        }
    }

    fn called(
        &mut self,
        callback: CallbackId,
        by: &str,
        args: &[Datum],
        last: bool,
    ) -> Result<(), ScenarioError> {
        let state = self.state.clone();
        let function = state.script.borrow().callback(callback);
        if last {
            let mut host = state.host.borrow_mut();
            host.timers.remove(&callback);
            host.answered(Waiting::Callback(callback));
            drop(host);
            state.script.borrow_mut().release(callback);
        }
        let Some(function) = function else { return Ok(()) };
        let args: JsResult<Vec<JsValue>> =
            args.iter().map(|arg| to_script(arg, &state, &mut self.context)).collect();
        let args = args.map_err(|error| self.failure(&error))?;
        self.call_listener(by, &function.into(), &args).map(drop)
    }

    fn raise(&mut self, on: On, name: &str, fields: &Dictionary) -> Result<(), ScenarioError> {
        let state = self.state.clone();
        let owner = match on {
            On::Application(_) => None,
            On::Unit(unit) => Some(unit),
        };
        if let Some(unit) = owner {
            let class = state.host.borrow().units.get(&unit).map(|record| record.class);
            let class = class.and_then(|class| state.tables.classes.get(class));
            for observe in class.into_iter().flat_map(|class| &class.observers) {
                observe(unit, name, fields, &mut state.host.borrow_mut());
            }
        }
        state.write_fields(&mut self.context).map_err(|error| self.failure(&error))?;
        let handler = owner.and_then(|unit| state.handler(unit, name, &mut self.context));
        let mut listeners = state.script.borrow().listeners(owner, name);
        listeners.splice(0..0, handler);
        if listeners.is_empty() {
            if let Some(then) = state.tables.unheard.get(name).filter(|_| owner.is_none()) {
                then(on.unit(), &mut state.host.borrow_mut());
            }
            return Ok(());
        }
        let built = event_object(&state, on.unit(), name, fields, &mut self.context);
        let event = built.map_err(|error| self.failure(&error))?;
        self.call_all(name, &listeners, &event.into())
    }

    /// What the first listener that returns something returns is the answer. A promise is none: nobody waits for it.
    fn asked(&mut self, request: RequestId, name: &str, fields: &Dictionary) -> Result<(), ScenarioError> {
        let state = self.state.clone();
        let listeners = state.script.borrow().listeners(None, name);
        let event = event_object(&state, None, name, fields, &mut self.context);
        let event = JsValue::from(event.map_err(|error| self.failure(&error))?);
        let mut answer = None;
        for listener in &listeners {
            let returned = self.call_listener(name, listener, std::slice::from_ref(&event))?;
            let read = plain(&returned, &mut self.context).ok().flatten();
            let is_promise = returned.as_object().is_some_and(|object| object.is::<Promise>());
            answer = answer.or(read.filter(|_| !is_promise));
        }
        let answer = answer.unwrap_or_default();
        state.host.borrow_mut().command(Command::Reply { request, answer });
        Ok(())
    }

    fn settle(&mut self, request: RequestId, outcome: &Outcome) -> Result<(), ScenarioError> {
        let state = self.state.clone();
        state.host.borrow_mut().answered(Waiting::Request(request));
        let Some(resolvers) = state.script.borrow_mut().promises.remove(&request) else { return Ok(()) };
        self.task(move |context| {
            let (function, value) = match outcome {
                Outcome::Done(value) => (resolvers.resolve, to_script(value, &state, context)?),
                Outcome::Failed { class, code, text } => {
                    (resolvers.reject, rejection(*class, *code, text, context)?)
                }
            };
            function.call(&JsValue::undefined(), &[value], context).map(drop)
        })
    }

    fn call_all(&mut self, name: &str, listeners: &[JsValue], event: &JsValue) -> Result<(), ScenarioError> {
        listeners.iter().try_for_each(|listener| {
            self.call_listener(name, listener, std::slice::from_ref(event)).map(drop)
        })
    }

    fn call_listener(
        &mut self,
        name: &str,
        listener: &JsValue,
        arguments: &[JsValue],
    ) -> Result<JsValue, ScenarioError> {
        let listener = listener.clone();
        let mut returned = JsValue::undefined();
        self.task(|context| {
            let Some(function) = listener.as_callable() else {
                let text = format!("the handler of {name} is not a function but {}", listener.type_of());
                return Err(JsNativeError::typ().with_message(text).into());
            };
            returned = function.call(&JsValue::undefined(), arguments, context)?;
            Ok(())
        })?;
        Ok(returned)
    }
}

/// The error that a promise is rejected with.
fn rejection(class: ErrorClass, code: Option<i32>, text: &str, context: &mut Context) -> JsResult<JsValue> {
    let error = match class {
        ErrorClass::Error => JsNativeError::error(),
        ErrorClass::Type => JsNativeError::typ(),
        ErrorClass::Range => JsNativeError::range(),
    };
    let error = error.with_message(text.to_owned()).into_opaque(context);
    if let Some(code) = code {
        put(&error, fixed("code"), code.into(), context)?;
    }
    Ok(error.into())
}

/// `{name, <the unit itself>, id?, ...fields}`.
fn event_object(
    state: &State,
    unit: Option<UnitId>,
    name: &str,
    fields: &Dictionary,
    context: &mut Context,
) -> JsResult<JsObject> {
    let event = plain_object(context);
    put(&event, fixed("name"), js_string!(name).into(), context)?;
    if let Some(unit) = unit {
        let object = state.object(unit, context);
        let host = state.host.borrow();
        let record = host.units.get(&unit);
        let class = record.and_then(|record| state.tables.classes.get(record.class));
        let id = record.filter(|_| class.is_some_and(|class| class.events_carry_id));
        let id = id.map(|record| js_string!(record.text_id.as_str()));
        drop(host);
        if let Some(class) = class {
            put(&event, fixed(class.key_in(name)), object.into(), context)?;
        }
        if let Some(id) = id {
            put(&event, fixed("id"), id.into(), context)?;
        }
    }
    for (key, value) in fields.iter() {
        let value = to_script(value, state, context)?;
        put(&event, js_string!(key), value, context)?;
    }
    Ok(event)
}

fn put(object: &JsObject, key: JsString, value: JsValue, context: &mut Context) -> JsResult<()> {
    object.create_data_property_or_throw(PropertyKey::from(key), value, context).map(drop)
}
