//! Putting a function in the place of a builtin so that a script sees no difference: same name, length, attributes, and
//! no constructor where there was none.

use boa_engine::object::FunctionObjectBuilder;
use boa_engine::property::{PropertyDescriptor, PropertyKey};
use boa_engine::{Context, JsNativeError, JsObject, JsResult, JsString, JsValue, NativeFunction, js_string};

/// A guarded builtin: receiver, arguments, the builtin it stands for.
pub(super) type Guard = fn(&JsValue, &[JsValue], &JsObject, &mut Context) -> JsResult<JsValue>;

/// Follows a path of names from the global object: `Array.prototype`.
pub(super) fn object_at(path: &str, context: &mut Context) -> JsResult<JsObject> {
    let mut object = context.global_object();
    for name in path.split('.').filter(|name| !name.is_empty()) {
        object = object.get(JsString::from(name), context)?.as_object().ok_or_else(|| missing(path))?;
    }
    Ok(object)
}

pub(super) fn missing(what: &str) -> boa_engine::JsError {
    JsNativeError::typ().with_message(format!("the engine has no {what}")).into()
}

/// A property key from a table: a name, or `@@iterator` for a symbol.
pub(super) fn key(name: &str) -> PropertyKey {
    use boa_engine::JsSymbol;
    match name {
        "@@iterator" => JsSymbol::iterator().into(),
        "@@dispose" => JsSymbol::dispose().into(),
        "@@toStringTag" => JsSymbol::to_string_tag().into(),
        _ => JsString::from(name).into(),
    }
}

/// The descriptor of an own property.
pub(super) fn own(object: &JsObject, key: &PropertyKey) -> Option<PropertyDescriptor> {
    object.borrow().properties().get(key)
}

/// Gives an existing property another value; its attributes stay.
pub(super) fn put(
    object: &JsObject,
    key: &PropertyKey,
    value: JsValue,
    context: &mut Context,
) -> JsResult<()> {
    let old = own(object, key).ok_or_else(|| missing(&key.to_string()))?;
    let property = PropertyDescriptor::builder()
        .value(value)
        .writable(old.writable().unwrap_or(true))
        .enumerable(old.enumerable().unwrap_or(false))
        .configurable(old.configurable().unwrap_or(true));
    object.define_property_or_throw(key.clone(), property, context)?;
    Ok(())
}

/// A function that stands for `builtin`.
pub(super) fn stand_in(
    builtin: &JsObject,
    native: NativeFunction,
    context: &mut Context,
) -> JsResult<JsObject> {
    let name = builtin.get(js_string!("name"), context)?.to_string(context)?;
    let length = builtin.get(js_string!("length"), context)?.to_length(context)?;
    let length = usize::try_from(length).unwrap_or(0);
    Ok(FunctionObjectBuilder::new(context.realm(), native).name(name).length(length).build().into())
}

/// Replaces the function `name` of `holder` by a guard around it.
pub(super) fn guard(holder: &JsObject, name: &str, guard: Guard, context: &mut Context) -> JsResult<()> {
    guard_at(holder, &key(name), guard, context)
}

/// [`guard`] for any key.
pub(super) fn guard_at(
    holder: &JsObject,
    key: &PropertyKey,
    guard: Guard,
    context: &mut Context,
) -> JsResult<()> {
    let builtin = holder.get(key.clone(), context)?.as_object().ok_or_else(|| missing(&key.to_string()))?;
    let native = NativeFunction::from_copy_closure_with_captures(
        move |this, arguments, builtin: &JsObject, context| guard(this, arguments, builtin, context),
        builtin.clone(),
    );
    let stand_in = stand_in(&builtin, native, context)?;
    put(holder, key, stand_in.into(), context)
}

/// Replaces a global function that is no constructor and has properties of its own, by a guard around it that has them.
pub(super) fn replace_function(name: &str, guard: Guard, context: &mut Context) -> JsResult<()> {
    let builtin = object_at(name, context)?;
    self::guard(&context.global_object(), name, guard, context)?;
    let stand_in = object_at(name, context)?;
    copy_properties(&builtin, &stand_in, &[], context)?;
    let prototype =
        stand_in.get(js_string!("prototype"), context)?.as_object().ok_or_else(|| missing(name))?;
    put(&prototype, &key("constructor"), stand_in.into(), context)
}

/// Gives an object the own properties of another, but for name, length and those left out.
pub(super) fn copy_properties(
    from: &JsObject,
    to: &JsObject,
    left_out: &[&str],
    context: &mut Context,
) -> JsResult<()> {
    for key in from.own_property_keys(context)? {
        let skipped = ["name", "length"].iter().chain(left_out).any(|name| self::key(name) == key);
        if let (false, Some(property)) = (skipped, own(from, &key)) {
            to.define_property_or_throw(key, property, context)?;
        }
    }
    Ok(())
}
