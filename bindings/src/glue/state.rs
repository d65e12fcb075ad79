//! The binding state of one context: the plain host side and the script objects, each behind its own cell and borrowed
//! only for the moment, never while script code runs.

use std::cell::RefCell;
use std::rc::Rc;

use boa_engine::object::JsObject;
use boa_engine::object::builtins::{JsDate, JsPromise};
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsNativeError, JsResult, JsValue, js_string};

use super::args::AllJson;
use super::class::{Factory, Member};
use super::host::Host;
use super::json;
use super::returns::Return;
use super::script::{Script, UnitHandle};
use crate::contract::{Command, UnitId};
use crate::engine::{Setup, Tables, define_function};
use crate::surface::surface;

/// The binding state of one context.
pub(crate) struct State {
    /// Ids, commands, snapshots.
    pub host: RefCell<Host>,
    /// Script objects.
    pub script: RefCell<Script>,
    /// What is built.
    pub tables: Tables,
}

/// The key under which the context keeps it.
#[derive(Clone)]
struct Kept(Rc<State>);

impl State {
    /// Makes the state and leaves it in the context.
    pub(crate) fn install(setup: Setup, tables: Tables, context: &mut Context) -> Rc<State> {
        let state = Rc::new(State {
            host: RefCell::new(Host::new(setup)),
            script: RefCell::new(Script::default()),
            tables,
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

    /// Whether the platform has an event of this name.
    pub(crate) fn knows_event(&self, name: &str) -> bool {
        surface().enums.iter().any(|item| item.members.iter().any(|(_, value)| value == name))
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
        object
    }

    /// The prototype of a class: its methods, built and planned.
    fn prototype(&self, class: &'static str, context: &mut Context) -> JsResult<JsObject> {
        if let Some(prototype) = self.script.borrow().prototypes.get(class) {
            return Ok(prototype.clone());
        }
        let prototype = JsObject::with_object_proto(context.intrinsics());
        for row in self.tables.methods(class) {
            define_function(&prototype, row, context)?;
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
            Return::Json(value) => json::from_json(&value, context)?,
            Return::Unit(unit) => self.object(unit, context).into(),
            Return::Promise(request) => {
                let (promise, resolvers) = JsPromise::new_pending(context);
                self.script.borrow_mut().promises.insert(request, resolvers);
                promise.into()
            }
            Return::Date(unix_ms) => {
                let date = JsDate::new(context);
                date.set_time(unix_ms, context)?;
                date.into()
            }
        })
    }

    /// Makes a provider's object: its unit, its callbacks as listeners, and the command that opens it.
    ///
    /// # Errors
    /// When an argument is no plain data or a limit is reached.
    pub(crate) fn make(
        &self,
        member: Member,
        factory: &Factory,
        values: &[JsValue],
        context: &mut Context,
    ) -> JsResult<JsValue> {
        let AllJson(params) = self.read::<AllJson>(member, values, context)?;
        if factory.player {
            self.host.borrow_mut().count_player()?;
        }
        let unit = self.host.borrow_mut().new_unit(factory.class);
        for (option, event) in factory.callbacks {
            let key = PropertyKey::from(js_string!(*option));
            let options = values.iter().find_map(JsValue::as_object);
            let found = options.and_then(|options| json::data_property(&options, &key).ok().flatten());
            if let Some(callback) = found.filter(|callback| !callback.is_null_or_undefined()) {
                self.script.borrow_mut().listen(Some(unit), (*event).to_owned(), callback);
            }
        }
        let request = factory.promise.then(|| self.host.borrow_mut().new_request());
        let provider = factory.provider.to_owned();
        self.host.borrow_mut().command(Command::Open { unit, provider, request, params });
        self.returned(request.map_or(Return::Unit(unit), Return::Promise), context)
    }
}
