//! The binding state of one context: the plain host side and the script objects, each behind its own cell and borrowed
//! only for the moment, never while script code runs.

use std::cell::RefCell;
use std::rc::Rc;

use boa_engine::builtins::object::OrdinaryObject;
use boa_engine::object::JsObject;
use boa_engine::object::builtins::{JsDate, JsPromise};
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsNativeError, JsResult, JsValue, js_string};

use super::args::AllPlain;
use super::class::{Factory, Member};
use super::datum;
use super::host::Host;
use super::missing;
use super::names::fixed;
use super::returns::Return;
use super::script::{ScriptObjects, UnitHandle};
use super::tables::{Tables, constructor, define_accessor, define_function};
use crate::contract::{Datum, Place, Setup, UnitId};

/// The binding state of one context.
pub(crate) struct State {
    /// Ids, commands, snapshots.
    pub host: RefCell<Host>,
    /// Script objects.
    pub script: RefCell<ScriptObjects>,
    /// What is built.
    pub tables: Tables,
    /// Tells where the script stands.
    place: fn(&Context) -> Place,
}

/// The key under which the context keeps it.
#[derive(Clone)]
struct Kept(Rc<State>);

impl State {
    /// Makes the state and leaves it in the context.
    pub(crate) fn install(
        setup: Setup,
        tables: Tables,
        place: fn(&Context) -> Place,
        context: &mut Context,
    ) -> Rc<State> {
        let state = Rc::new(State {
            host: RefCell::new(Host::new(setup)),
            script: RefCell::new(ScriptObjects::default()),
            tables,
            place,
        });
        context.insert_data(Kept(state.clone()));
        state
    }

    /// The state of this context.
    ///
    /// # Errors
    /// When the context is not one of the engine's.
    pub(crate) fn of(context: &Context) -> JsResult<Rc<State>> {
        let kept = context.get_data::<Kept>().map(|kept| kept.0.clone());
        kept.ok_or_else(|| JsNativeError::error().with_message("no host").into())
    }

    /// Where the script stands, as its author wrote it.
    pub(crate) fn place(&self, context: &Context) -> Place {
        (self.place)(context)
    }

    /// Whether the platform has an event of this name.
    pub(crate) fn knows_event(&self, name: &str) -> bool {
        self.tables.surface.enums.iter().any(|item| item.members.iter().any(|(_, value)| value == name))
    }

    /// The object of a unit: the same one every time.
    pub(crate) fn object(&self, unit: UnitId, context: &mut Context) -> JsObject {
        if let Some(object) = self.script.borrow().objects.get(&unit) {
            return object.clone();
        }
        let class = self.host.borrow().units.get(&unit).map(|record| record.class);
        let prototype = class.and_then(|class| self.prototype(class, context).ok());
        let prototype = prototype.unwrap_or_else(|| context.intrinsics().constructors().object().prototype());
        let object = JsObject::from_proto_and_data(Some(prototype), UnitHandle::new(unit));
        self.script.borrow_mut().objects.insert(unit, object.clone());
        let fields = class.and_then(|class| self.tables.classes.get(class)).map(|class| &class.fields);
        for (name, value) in fields.into_iter().flatten() {
            // An object that was just made takes any property.
            let _ = self.put(&object, name, value, context);
        }
        let _ = self.write_fields(context);
        object
    }

    fn put(
        &self,
        object: &JsObject,
        name: &'static str,
        value: &Datum,
        context: &mut Context,
    ) -> JsResult<()> {
        let value = datum::to_script(value, self, context)?;
        object.create_data_property(PropertyKey::from(fixed(name)), value, context).map(drop)
    }

    /// Writes properties of objects that the host has changed.
    pub(crate) fn write_fields(&self, context: &mut Context) -> JsResult<()> {
        let changed = std::mem::take(&mut self.host.borrow_mut().fields);
        for (unit, name, value) in changed {
            let object = self.object(unit, context);
            self.put(&object, name, &value, context)?;
        }
        Ok(())
    }

    /// The functions of an object's properties that hear this event (`onmessage`).
    pub(crate) fn handler(&self, unit: UnitId, event: &str, context: &mut Context) -> Option<JsValue> {
        let class = self.host.borrow().units.get(&unit).map(|record| record.class)?;
        let handlers = self.tables.classes.get(class)?.handlers;
        let (_, property) = handlers.iter().find(|(known, _)| *known == event)?;
        let key = PropertyKey::from(fixed(property));
        let value = datum::data_property(&self.object(unit, context), &key).ok().flatten()?;
        self.host.borrow_mut().used.add(Member { owner: class, name: property });
        value.is_callable().then_some(value)
    }

    /// The prototype of a class: its methods, built and planned.
    pub(crate) fn prototype(&self, class: &'static str, context: &mut Context) -> JsResult<JsObject> {
        if let Some(prototype) = self.script.borrow().prototypes.get(class) {
            return Ok(prototype.clone());
        }
        let behind = missing::behind(class, context)?;
        let prototype = JsObject::from_proto_and_data(Some(behind), OrdinaryObject);
        for row in self.tables.methods(class) {
            define_function(&prototype, row, context)?;
        }
        let planned = self.tables.planned_accessors(class);
        for accessor in planned.into_iter().chain([constructor(class)]) {
            define_accessor(&prototype, accessor, context)?;
        }
        self.script.borrow_mut().prototypes.insert(class, prototype.clone());
        Ok(prototype)
    }

    /// The script value of a handler's answer.
    ///
    /// # Errors
    /// When the engine cannot make it.
    pub(crate) fn returned(&self, answer: Return, context: &mut Context) -> JsResult<JsValue> {
        Ok(match answer {
            Return::Undefined => JsValue::undefined(),
            Return::Text(text) => js_string!(text.as_str()).into(),
            Return::Number(number) => JsValue::from(number),
            Return::Bool(flag) => flag.into(),
            Return::Datum(value) => datum::to_script(&value, self, context)?,
            Return::Unit(unit) => self.object(unit, context).into(),
            Return::Promise(request) => {
                let (promise, resolvers) = JsPromise::new_pending(context);
                self.script.borrow_mut().promises.insert(request, resolvers);
                promise.into()
            }
            Return::Resolved => JsPromise::resolve(JsValue::undefined(), context)?.into(),
            Return::Date(unix_ms) => {
                let date = JsDate::new(context);
                date.set_time(unix_ms, context)?;
                date.into()
            }
        })
    }

    /// Makes a live object: its unit, its callbacks as listeners, and the command that opens it.
    ///
    /// # Errors
    /// When an argument is no plain data.
    pub(crate) fn make(
        &self,
        member: Member,
        factory: &Factory,
        values: &[JsValue],
        context: &mut Context,
    ) -> JsResult<JsValue> {
        let AllPlain(params) = self.read::<AllPlain>(member, values, context)?;
        let unit = self.host.borrow_mut().new_unit(factory.class);
        for (option, event) in factory.callbacks {
            let key = PropertyKey::from(js_string!(*option));
            let options = values.iter().find_map(JsValue::as_object);
            let found = options.and_then(|options| datum::data_property(&options, &key).ok().flatten());
            if let Some(callback) = found.filter(|callback| !callback.is_null_or_undefined()) {
                self.script.borrow_mut().listen(Some(unit), (*event).to_owned(), callback);
            }
        }
        let request = factory.promise.then(|| self.host.borrow_mut().new_request());
        self.host.borrow_mut().open(unit, factory.kind, request, params);
        self.returned(request.map_or(Return::Unit(unit), Return::Promise), context)
    }
}
