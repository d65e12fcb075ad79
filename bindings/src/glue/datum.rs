//! Script values to [`Datum`]s and back, without ever running script code: only own, enumerable data properties are read,
//! no getter, no `toJSON`. Symbols and `undefined` are left out as `JSON.stringify` leaves them out; a unit's object is the
//! unit, a buffer its bytes. Functions are left out too, unless whoever reads keeps them: a handler says so by its type.

use std::fmt::Write as _;

use boa_engine::builtins::object::OrdinaryObject;
use boa_engine::object::builtins::{JsArray, JsArrayBuffer, JsFunction, JsTypedArray};
use boa_engine::object::{JsObject, ObjectInitializer};
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsResult, JsValue, JsVariant, js_string};
use serde_json::Value;

use super::script::{ScriptObjects, UnitHandle};
use super::state::State;
use crate::contract::{Datum, Dictionary};

/// Deeper values are refused: nothing that a host takes is nested like that.
const DEPTH_MAX: usize = 200;

/// The datum of `value`; `None` for `undefined`, functions and symbols.
///
/// # Errors
/// In words with the place, when the value is cyclic, too deep or holds what cannot be passed on.
pub(crate) fn plain(value: &JsValue, context: &mut Context) -> Result<Option<Datum>, String> {
    Reader { path: Vec::new(), place: Vec::new(), keep: None }.read(value, context)
}

/// The same with every function in it, at any depth, as a [`Datum::Callback`] that the engine keeps.
///
/// # Errors
/// As for [`plain`].
pub(crate) fn live(
    value: &JsValue,
    script: &mut ScriptObjects,
    context: &mut Context,
) -> Result<Option<Datum>, String> {
    Reader { path: Vec::new(), place: Vec::new(), keep: Some(script) }.read(value, context)
}

/// The script value of a datum.
///
/// # Errors
/// When the engine cannot make the objects.
pub(crate) fn to_script(datum: &Datum, state: &State, context: &mut Context) -> JsResult<JsValue> {
    Ok(match datum {
        Datum::Null => JsValue::null(),
        Datum::Bool(flag) => JsValue::from(*flag),
        Datum::Number(number) => JsValue::from(*number),
        Datum::Text(text) => js_string!(&**text).into(),
        Datum::Bytes(bytes) => buffer(bytes, context)?,
        Datum::List(items) => {
            let items =
                items.iter().map(|item| to_script(item, state, context)).collect::<JsResult<Vec<_>>>()?;
            JsArray::from_iter(items, context).into()
        }
        Datum::Map(fields) => {
            let object = plain_object(context);
            for (key, value) in fields.iter() {
                let value = to_script(value, state, context)?;
                object.create_data_property_or_throw(js_string!(key), value, context)?;
            }
            object.into()
        }
        Datum::Unit(unit) => state.object(*unit, context).into(),
        Datum::Callback(callback) => {
            let function = state.script.borrow().callback(*callback);
            function.map_or(JsValue::undefined(), JsValue::from)
        }
    })
}

/// An `ArrayBuffer` of these bytes.
fn buffer(bytes: &[u8], context: &mut Context) -> JsResult<JsValue> {
    let made = JsArrayBuffer::new(bytes.len(), context)?;
    if let Some(mut data) = made.data_mut() {
        data.copy_from_slice(bytes);
    }
    Ok(made.into())
}

/// The script value of a JSON value that the program itself contains.
///
/// # Errors
/// When the engine cannot make the objects.
pub(crate) fn json_to_script(value: &Value, state: &State, context: &mut Context) -> JsResult<JsValue> {
    to_script(&Datum::from(value.clone()), state, context)
}

/// An empty ordinary object like that of a literal: objects that get the same keys in the same order share one table of
/// them, which events by the thousand do.
pub(crate) fn plain_object(context: &mut Context) -> JsObject {
    ObjectInitializer::with_native_data(OrdinaryObject, context).build()
}

/// A step of the way to a value.
enum Step {
    Key(String),
    Index(usize),
}

struct Reader<'a> {
    path: Vec<JsObject>,
    place: Vec<Step>,
    /// Where functions are kept; they are left out when nowhere.
    keep: Option<&'a mut ScriptObjects>,
}

impl Reader<'_> {
    fn read(&mut self, value: &JsValue, context: &mut Context) -> Result<Option<Datum>, String> {
        Ok(Some(match value.variant() {
            JsVariant::Null => Datum::Null,
            JsVariant::Undefined | JsVariant::Symbol(_) => return Ok(None),
            JsVariant::Boolean(flag) => Datum::Bool(flag),
            JsVariant::String(text) => Datum::Text(text.to_std_string_lossy().into()),
            JsVariant::Integer32(number) => Datum::Number(f64::from(number)),
            JsVariant::Float64(number) => Datum::Number(number),
            JsVariant::BigInt(_) => return Err(self.refuse("a BigInt cannot be passed on")),
            JsVariant::Object(object) => return self.read_object(&object, context),
        }))
    }

    fn read_object(&mut self, object: &JsObject, context: &mut Context) -> Result<Option<Datum>, String> {
        if object.is_callable() {
            let function = JsFunction::from_object(object.clone());
            let kept = self.keep.as_mut().zip(function).map(|(script, function)| script.keep(function));
            return Ok(kept.map(Datum::Callback));
        }
        if let Some(handle) = object.downcast_ref::<UnitHandle>() {
            return Ok(Some(Datum::Unit(handle.unit())));
        }
        if let Some(bytes) = bytes_of(object, context) {
            return Ok(Some(Datum::Bytes(bytes.into())));
        }
        if self.path.iter().any(|outer| JsObject::equals(outer, object)) {
            return Err(self.refuse("a cyclic object cannot be passed on"));
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(format!("objects nested more than {DEPTH_MAX} deep cannot be passed on"));
        }
        self.path.push(object.clone());
        let value = if object.is_array() {
            self.read_array(object, context)
        } else {
            self.read_fields(object, context)
        };
        self.path.pop();
        value.map(Some)
    }

    fn read_array(&mut self, array: &JsObject, context: &mut Context) -> Result<Datum, String> {
        let keys = self.own_keys(array, context)?;
        let mut items = Vec::new();
        for key in keys {
            let PropertyKey::Index(index) = key else { continue };
            let index = index.get() as usize;
            if index > items.len() + 10_000 {
                return Err(self.refuse("a sparse array cannot be passed on"));
            }
            items.resize(index, Datum::Null);
            let item = data_property(array, &PropertyKey::from(index as u32))?;
            self.place.push(Step::Index(index));
            let item = item.map_or(Ok(None), |item| self.read(&item, context))?;
            self.place.pop();
            items.push(item.unwrap_or_default());
        }
        Ok(Datum::List(items))
    }

    fn read_fields(&mut self, object: &JsObject, context: &mut Context) -> Result<Datum, String> {
        let mut fields = Vec::new();
        for key in self.own_keys(object, context)? {
            let name = match &key {
                PropertyKey::String(text) => text.to_std_string_lossy(),
                PropertyKey::Index(index) => index.get().to_string(),
                PropertyKey::Symbol(_) => continue,
            };
            let Some(value) = data_property(object, &key)? else { continue };
            self.place.push(Step::Key(name));
            let value = self.read(&value, context)?;
            let Some(Step::Key(name)) = self.place.pop() else { continue };
            fields.extend(value.map(|value| (name, value)));
        }
        Ok(Datum::Map(Dictionary::of_unique(fields)))
    }

    /// Own keys in the order of the language. A proxy's traps would run script code, so a proxy has none.
    fn own_keys(&self, object: &JsObject, context: &mut Context) -> Result<Vec<PropertyKey>, String> {
        if object.is::<boa_engine::builtins::proxy::Proxy>() {
            return Err(self.refuse("a Proxy cannot be passed on"));
        }
        object.own_property_keys(context).map_err(|error| error.to_string())
    }

    /// What is wrong, and where.
    fn refuse(&self, what: &str) -> String {
        let mut place = String::new();
        for step in &self.place {
            let _ = match step {
                Step::Key(name) => write!(place, ".{name}"),
                Step::Index(index) => write!(place, "[{index}]"),
            };
        }
        if place.is_empty() { what.to_owned() } else { format!("{what}: {}", place.trim_start_matches('.')) }
    }
}

/// The bytes of an `ArrayBuffer`, or those that a typed array shows.
fn bytes_of(object: &JsObject, context: &mut Context) -> Option<Vec<u8>> {
    if let Ok(buffer) = JsArrayBuffer::from_object(object.clone()) {
        return buffer.to_vec();
    }
    let view = JsTypedArray::from_object(object.clone()).ok()?;
    let (offset, length) = (view.byte_offset(context).ok()?, view.byte_length(context).ok()?);
    let buffer = JsArrayBuffer::from_object(view.buffer(context).ok()?.as_object()?).ok()?;
    let bytes = buffer.to_vec()?;
    bytes.get(offset..offset.checked_add(length)?).map(<[u8]>::to_vec)
}

/// The value of an own, enumerable data property; `None` for accessors and for hidden or missing ones.
pub(crate) fn data_property(object: &JsObject, key: &PropertyKey) -> Result<Option<JsValue>, String> {
    let borrowed = object.try_borrow().map_err(|error| error.to_string())?;
    let descriptor = borrowed.properties().get(key);
    Ok(descriptor.filter(|found| found.enumerable() == Some(true)).and_then(|found| found.value().cloned()))
}
