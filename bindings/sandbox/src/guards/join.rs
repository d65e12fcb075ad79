//! `Array.prototype.join`, `toString` and `flat`, written here because they recur into what they hold: they are bounded
//! in depth, in length and in work.

use super::natives::length;
use super::strings::Building;
use super::wrap;
use crate::meter;
use boa_engine::object::builtins::JsArray;
use boa_engine::{Context, JsArgs, JsObject, JsResult, JsValue, js_string};

/// Deepest nesting of arrays that `flat` follows.
const MAX_FLAT: usize = 1_000;

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let holder = wrap::object_at("Array.prototype", context)?;
    wrap::guard(&holder, "join", join, context)?;
    wrap::guard(&holder, "toString", to_string, context)?;
    wrap::guard(&holder, "flat", flat, context)
}

/// `Array.prototype.join` (ECMAScript 23.1.3.18); an array inside itself is the empty string, as in every engine.
fn join(this: &JsValue, arguments: &[JsValue], _: &JsObject, context: &mut Context) -> JsResult<JsValue> {
    let object = this.to_object(context)?;
    let count = length(&object.clone().into(), context)?;
    let separator = match arguments.get_or_undefined(0) {
        separator if separator.is_undefined() => js_string!(","),
        separator => separator.to_string(context)?,
    };
    meter::charge(context, count.saturating_mul(4))?;
    let Some(_inside) = meter::enter_join(&object, context)? else { return Ok(js_string!().into()) };
    let mut result = Building::default();
    for index in 0..count {
        if index > 0 {
            result.push(&separator, context)?;
        }
        let element = object.get(index, context)?;
        if !element.is_null_or_undefined() {
            result.push(&element.to_string(context)?, context)?;
        }
    }
    Ok(result.text().into())
}

fn to_string(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let object = this.to_object(context)?;
    match object.get(js_string!("join"), context)?.as_callable() {
        Some(own) => own.call(&object.into(), &[], context),
        None => builtin.call(this, arguments, context),
    }
}

/// `Array.prototype.flat` (ECMAScript 23.1.3.13), always into a plain array.
fn flat(this: &JsValue, arguments: &[JsValue], _: &JsObject, context: &mut Context) -> JsResult<JsValue> {
    let object = this.to_object(context)?;
    let depth = match arguments.get_or_undefined(0) {
        depth if depth.is_undefined() => 1,
        depth => {
            let depth = depth.to_integer_or_infinity(context)?.clamp_finite(0, i64::MAX);
            usize::try_from(depth).unwrap_or(usize::MAX)
        }
    };
    // What is being walked: the array, the next index, its length.
    let mut open = vec![(object.clone(), 0, length(&object.into(), context)?)];
    let mut flat = Vec::new();
    while let Some((array, index, count)) = open.last_mut() {
        if *index >= *count {
            open.pop();
            continue;
        }
        let (array, at) = (array.clone(), *index);
        *index += 1;
        meter::charge(context, 4)?;
        if !array.has_property(at, context)? {
            continue;
        }
        let element = array.get(at, context)?;
        let nested = element.as_object().filter(JsObject::is_array);
        match nested {
            Some(_) if open.len() <= depth && open.len() > MAX_FLAT => return Err(meter::too_deep(context)),
            Some(inner) if open.len() <= depth => {
                let count = length(&inner.clone().into(), context)?;
                open.push((inner, 0, count));
            }
            _ => flat.push(element),
        }
    }
    Ok(JsArray::from_iter(flat, context).into())
}
