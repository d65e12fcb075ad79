//! Text that a script compiles while it runs (`eval`, `Function` and its kin): it is prepared as a scenario file is.
//!
//! A direct `eval` keeps its meaning: instrumentation passes its argument through a hidden function. Text that reaches
//! the engine's compiler by another way is let in only when preparation would not change it. A function compiled from
//! text is made in the global scope, as the standard says; a class that extends `Function` gets plain functions.

use super::wrap;
use crate::syntax::{self, SyntaxProblem};
use boa_engine::js_string;
use boa_engine::object::FunctionObjectBuilder;
use boa_engine::object::builtins::JsArray;
use boa_engine::property::PropertyDescriptor;
use boa_engine::{
    Context, JsArgs, JsError, JsNativeError, JsObject, JsResult, JsString, JsValue, NativeFunction,
};

/// How the text of a compiled function begins, for the constructors that have no global name.
const KINDS: [(&str, &str); 3] = [
    ("AsyncFunction", "async function"),
    ("GeneratorFunction", "function*"),
    ("AsyncGeneratorFunction", "async function*"),
];

/// For `HostHooks::ensure_can_compile_strings`: lets prepared text in, and text that needs no preparation.
///
/// # Errors
/// An `EvalError` for text that would not be counted, a `SyntaxError` for text that cannot be read.
pub fn permit_compile(parameters: &[JsString], body: &JsString) -> JsResult<()> {
    let text = body.to_std_string_lossy();
    if !parameters.is_empty() {
        return Err(refused());
    }
    let original = syntax::unmark(&text);
    let prepared = syntax::prepare_any_length(&original).map_err(|problem| syntax_error(&problem))?;
    if prepared.code == text { Ok(()) } else { Err(refused()) }
}

fn refused() -> JsError {
    JsNativeError::eval()
        .with_message("only a direct call eval(text) compiles text with loops or functions here")
        .into()
}

fn syntax_error(problem: &SyntaxProblem) -> JsError {
    JsNativeError::syntax().with_message(problem.to_string()).into()
}

/// The text prepared; text that cannot be read is left to the engine's own error, except where reading is not safe.
fn prepared(text: &JsString) -> JsResult<JsString> {
    match syntax::prepare_any_length(&text.to_std_string_lossy()) {
        Ok(prepared) => Ok(JsString::from(prepared.code)),
        Err(problem) => Err(syntax_error(&problem)),
    }
}

/// The arguments of a direct `eval`, the text among them prepared when the callee is the engine's own `eval`.
fn arguments(_this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let callee = arguments.get_or_undefined(0);
    let own = JsValue::from(context.intrinsics().objects().eval());
    let mut passed = arguments.get(1..).unwrap_or_default().to_vec();
    if JsValue::strict_equals(callee, &own)
        && let Some(text) = passed.first().and_then(JsValue::as_string)
    {
        passed[0] = prepared(&text)?.into();
    }
    Ok(JsArray::from_iter(passed, context).into())
}

/// `Function(...)` and its kin: `begins` is what stands before the name.
fn compile(begins: &str, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let mut texts = Vec::with_capacity(arguments.len());
    for argument in arguments {
        texts.push(argument.to_string(context)?.to_std_string_lossy());
    }
    let body = texts.pop().unwrap_or_default();
    let text = JsString::from(format!("({begins} anonymous({}\n) {{\n{body}\n}})", texts.join(",")));
    let code = prepared(&text)?;
    let eval = context.intrinsics().objects().eval();
    eval.call(&JsValue::undefined(), &[code.into()], context)
}

fn constructor(context: &mut Context, name: &str, begins: &'static str, prototype: &JsObject) -> JsObject {
    let native =
        NativeFunction::from_copy_closure(move |_, arguments, context| compile(begins, arguments, context));
    let made = FunctionObjectBuilder::new(context.realm(), native)
        .name(JsString::from(name))
        .length(1)
        .constructor(true)
        .build();
    made.set_prototype(Some(prototype.clone()));
    made.into()
}

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    super::hidden(context, syntax::EVAL, arguments)?;
    let constructors = context.intrinsics().constructors();
    let plain = constructors.function().prototype();
    let others = [
        constructors.async_function().prototype(),
        constructors.generator_function().prototype(),
        constructors.async_generator_function().prototype(),
    ];
    let function = constructor(context, "Function", "function", &plain);
    fix(&function, &plain, context)?;
    wrap::put(&context.global_object(), &js_string!("Function").into(), function.into(), context)?;
    for ((name, begins), prototype) in KINDS.into_iter().zip(others) {
        let made = constructor(context, name, begins, &plain);
        fix(&made, &prototype, context)?;
    }
    Ok(())
}

/// Ties a constructor and its prototype object together.
fn fix(constructor: &JsObject, prototype: &JsObject, context: &mut Context) -> JsResult<()> {
    let property = PropertyDescriptor::builder()
        .value(prototype.clone())
        .writable(false)
        .enumerable(false)
        .configurable(false);
    constructor.define_property_or_throw(js_string!("prototype"), property, context)?;
    wrap::put(prototype, &js_string!("constructor").into(), constructor.clone().into(), context)
}
