//! `RegExp(...)`, `compile` and patterns given as text: nothing nested deeper than can be read, nothing newer than the
//! platform's engine.

use crate::guards::wrap;
use crate::syntax;
use boa_engine::builtins::regexp::RegExp;
use boa_engine::object::FunctionObjectBuilder;
use boa_engine::property::PropertyDescriptor;
use boa_engine::{Context, JsArgs, JsNativeError, JsObject, JsResult, JsValue, NativeFunction, js_string};

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let texts = wrap::object_at("String.prototype", context)?;
    for name in ["match", "matchAll", "search"] {
        wrap::guard(&texts, name, by_text, context)?;
    }
    let prototype = wrap::object_at("RegExp.prototype", context)?;
    wrap::guard(&prototype, "compile", compile, context)?;
    let builtin = wrap::object_at("RegExp", context)?;
    let native = NativeFunction::from_copy_closure_with_captures(construct, builtin.clone());
    let made: JsObject = FunctionObjectBuilder::new(context.realm(), native)
        .name(js_string!("RegExp"))
        .length(2)
        .constructor(true)
        .build()
        .into();
    wrap::copy_properties(&builtin, &made, &[], context)?;
    let fixed = PropertyDescriptor::builder().value(prototype.clone()).writable(false).enumerable(false);
    made.define_property_or_throw(js_string!("prototype"), fixed.configurable(false), context)?;
    wrap::put(&prototype, &wrap::key("constructor"), made.clone().into(), context)?;
    wrap::put(&context.global_object(), &wrap::key("RegExp"), made.into(), context)
}

fn construct(
    new_target: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    check(arguments, context)?;
    match new_target.as_object() {
        Some(target) => Ok(builtin.construct(arguments, Some(&target), context)?.into()),
        None => {
            // Called as a function, a regular expression passes through unchanged.
            let pattern = arguments.get_or_undefined(0);
            let same = pattern.as_object().is_some_and(|object| object.is::<RegExp>());
            if same && arguments.get_or_undefined(1).is_undefined() {
                return Ok(pattern.clone());
            }
            Ok(builtin.construct(arguments, None, context)?.into())
        }
    }
}

fn check(arguments: &[JsValue], context: &mut Context) -> JsResult<()> {
    let pattern = arguments.get_or_undefined(0);
    if pattern.is_undefined() || pattern.is_object() {
        return Ok(());
    }
    let pattern = pattern.to_string(context)?.to_std_string_lossy();
    let flags = match arguments.get_or_undefined(1) {
        flags if flags.is_undefined() => String::new(),
        flags => flags.to_string(context)?.to_std_string_lossy(),
    };
    syntax::check_pattern(&pattern, &flags)
        .map_err(|message| JsNativeError::syntax().with_message(message).into())
}

fn by_text(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    check(arguments.get(..1).unwrap_or_default(), context)?;
    builtin.call(this, arguments, context)
}

fn compile(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    check(arguments, context)?;
    builtin.call(this, arguments, context)
}
