//! What stands between a script and builtins that would work or allocate without bound.

mod absent;
mod big;
mod eval;
mod functions;
mod join;
mod json;
mod natives;
mod regexp;
mod strings;
mod wrap;

pub use eval::permit_compile;

use super::meter;
use crate::syntax;
use boa_engine::native_function::NativeFunctionPointer;
use boa_engine::object::FunctionObjectBuilder;
use boa_engine::property::PropertyDescriptor;
use boa_engine::{Context, JsNativeError, JsResult, JsString, JsValue, NativeFunction};

/// Installs every guard. The meter must be in the context before a script runs.
///
/// # Errors
/// When the context's globals are not as the engine made them.
pub(crate) fn install(context: &mut Context) -> JsResult<()> {
    hidden(context, syntax::STEP, step)?;
    hidden(context, syntax::TEXT, text)?;
    let place = PropertyDescriptor::builder().value(JsValue::undefined()).writable(true).enumerable(false);
    context.global_object().define_property_or_throw(
        JsString::from(syntax::AT),
        place.configurable(false),
        context,
    )?;
    absent::install(context)?;
    functions::install(context)?;
    natives::install(context)?;
    big::install(context)?;
    strings::install(context)?;
    join::install(context)?;
    json::install(context)?;
    regexp::install(context)?;
    eval::install(context)?;
    Ok(())
}

fn hidden(context: &mut Context, name: &str, function: NativeFunctionPointer) -> JsResult<()> {
    let function = FunctionObjectBuilder::new(context.realm(), NativeFunction::from_fn_ptr(function)).build();
    let property =
        PropertyDescriptor::builder().value(function).writable(false).enumerable(false).configurable(false);
    context.global_object().define_property_or_throw(JsString::from(name), property, context)?;
    Ok(())
}

fn step(_this: &JsValue, _arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    meter::step(context)?;
    Ok(JsValue::undefined())
}

/// A string that is too long is refused; one that was grown again after such a refusal fills the heap.
fn text(_this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let Some(value) = arguments.first() else { return Ok(JsValue::undefined()) };
    if let Some(text) = value.as_string() {
        if text.len() / 2 > meter::string_chars(context) {
            meter::reserve(context, usize::MAX / 2)?;
        }
        bounded(text.len(), context)?;
    } else if let Some(big) = value.as_bigint()
        && let Some(part) = arguments.get(1).and_then(JsValue::as_i32).and_then(syntax::Operand::of)
    {
        big::operand(&big, part, context)?;
    }
    Ok(value.clone())
}

/// For `HostHooks::max_buffer_size`: what the heap's limit leaves for one buffer, in bytes.
#[must_use]
pub fn max_buffer_bytes(context: &Context) -> u64 {
    meter::room(context) as u64
}

/// Refuses a string of so many UTF-16 code units as the platform's engine does.
pub(super) fn bounded(chars: usize, context: &mut Context) -> JsResult<()> {
    meter::check(context)?;
    if chars > meter::string_chars(context) {
        return Err(JsNativeError::range().with_message("invalid string length").into());
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod value_tests;
