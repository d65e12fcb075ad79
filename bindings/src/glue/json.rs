//! Script values to JSON and back, without ever running script code: only own, enumerable data properties are read, no
//! getter, no `toJSON`. Functions, symbols and `undefined` are left out as `JSON.stringify` leaves them out.

use boa_engine::builtins::object::OrdinaryObject;
use boa_engine::object::builtins::JsArray;
use boa_engine::object::{JsObject, ObjectInitializer};
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsResult, JsValue, JsVariant, js_string};
use serde_json::{Map, Number, Value};

/// Deeper values are refused: nothing that a provider takes is nested like that.
const DEPTH_MAX: usize = 200;

/// Integers beyond this are not exact in a double.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The JSON value of `value`; `None` for `undefined`, functions and symbols.
///
/// # Errors
/// In words, when the value is cyclic, too deep or holds a BigInt.
pub(crate) fn to_json(value: &JsValue, context: &mut Context) -> Result<Option<Value>, String> {
    Reader { path: Vec::new() }.read(value, context)
}

/// The script value of `value`.
///
/// # Errors
/// When the engine cannot make the objects.
pub(crate) fn from_json(value: &Value, context: &mut Context) -> JsResult<JsValue> {
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| from_json(item, context)).collect::<JsResult<Vec<_>>>()?;
            Ok(JsArray::from_iter(items, context).into())
        }
        Value::Object(fields) => {
            let object = plain_object(context);
            for (key, value) in fields {
                let value = from_json(value, context)?;
                object.create_data_property_or_throw(js_string!(key.as_str()), value, context)?;
            }
            Ok(object.into())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            JsValue::from_json(value, context)
        }
    }
}

/// An empty ordinary object like that of a literal: objects that get the same keys in the same order share one table of
/// them, which events by the thousand do.
pub(crate) fn plain_object(context: &mut Context) -> JsObject {
    ObjectInitializer::with_native_data(OrdinaryObject, context).build()
}

struct Reader {
    path: Vec<JsObject>,
}

impl Reader {
    fn read(&mut self, value: &JsValue, context: &mut Context) -> Result<Option<Value>, String> {
        Ok(Some(match value.variant() {
            JsVariant::Null => Value::Null,
            JsVariant::Undefined | JsVariant::Symbol(_) => return Ok(None),
            JsVariant::Boolean(flag) => Value::Bool(flag),
            JsVariant::String(text) => Value::String(text.to_std_string_lossy()),
            JsVariant::Integer32(number) => Value::from(number),
            JsVariant::Float64(number) => from_double(number),
            JsVariant::BigInt(_) => return Err("a BigInt cannot be sent as JSON".to_owned()),
            JsVariant::Object(object) => return self.read_object(&object, context),
        }))
    }

    fn read_object(&mut self, object: &JsObject, context: &mut Context) -> Result<Option<Value>, String> {
        if object.is_callable() {
            return Ok(None);
        }
        if self.path.iter().any(|outer| JsObject::equals(outer, object)) {
            return Err("a cyclic object cannot be sent as JSON".to_owned());
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(format!("objects nested more than {DEPTH_MAX} deep cannot be sent as JSON"));
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

    fn read_array(&mut self, array: &JsObject, context: &mut Context) -> Result<Value, String> {
        let keys = own_keys(array, context)?;
        let mut items = Vec::new();
        for key in keys {
            let PropertyKey::Index(index) = key else { continue };
            let index = index.get() as usize;
            if index > items.len() + 10_000 {
                return Err("a sparse array cannot be sent as JSON".to_owned());
            }
            items.resize(index, Value::Null);
            let item = data_property(array, &PropertyKey::from(index as u32))?;
            let item = item.map_or(Ok(None), |item| self.read(&item, context))?;
            items.push(item.unwrap_or(Value::Null));
        }
        Ok(Value::Array(items))
    }

    fn read_fields(&mut self, object: &JsObject, context: &mut Context) -> Result<Value, String> {
        let mut fields = Map::new();
        for key in own_keys(object, context)? {
            let name = match &key {
                PropertyKey::String(text) => text.to_std_string_lossy(),
                PropertyKey::Index(index) => index.get().to_string(),
                PropertyKey::Symbol(_) => continue,
            };
            let Some(value) = data_property(object, &key)? else { continue };
            if let Some(value) = self.read(&value, context)? {
                fields.insert(name, value);
            }
        }
        Ok(Value::Object(fields))
    }
}

/// Own keys in the order of the language. A proxy's traps would run script code, so a proxy has none.
fn own_keys(object: &JsObject, context: &mut Context) -> Result<Vec<PropertyKey>, String> {
    if object.is::<boa_engine::builtins::proxy::Proxy>() {
        return Err("a Proxy cannot be sent as JSON".to_owned());
    }
    object.own_property_keys(context).map_err(|error| error.to_string())
}

/// The value of an own, enumerable data property; `None` for accessors and for hidden or missing ones.
pub(crate) fn data_property(object: &JsObject, key: &PropertyKey) -> Result<Option<JsValue>, String> {
    let borrowed = object.try_borrow().map_err(|error| error.to_string())?;
    let descriptor = borrowed.properties().get(key);
    Ok(descriptor.filter(|found| found.enumerable() == Some(true)).and_then(|found| found.value().cloned()))
}

/// Integral numbers become JSON integers, as `JSON.stringify` writes them; NaN and infinities become null.
fn from_double(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked: integral and below 2^53")]
    if number.fract() == 0.0 && number.abs() < EXACT_MAX {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}
