//! The global scope: every name of the surface. A namespace or enum is an accessor that builds its object at the first
//! use, so that a session pays only for what it touches; a module's namespace answers with the missing `require` until
//! it is required (policy F-003).

use boa_engine::builtins::object::OrdinaryObject;
use boa_engine::object::{FunctionObjectBuilder, JsObject};
use boa_engine::property::PropertyDescriptor;
use boa_engine::{Context, JsResult, JsValue, NativeFunction, js_string};
use serde_json::Value;

use super::modules;
use crate::glue::HostError;
use crate::glue::class::{Member, Row};
use crate::glue::datum::json_to_script;
use crate::glue::missing;
use crate::glue::names::fixed;
use crate::glue::state::State;
use crate::glue::tables::{define_function, planned, planned_row, required_row};
use crate::glue::written;
use crate::surface::Enum;

/// Registers everything.
pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let state = State::of(context)?;
    let surface = state.tables.surface;
    for function in surface.functions.iter().filter(|function| !function.name.contains('.')) {
        let member = Member { owner: "", name: function.name };
        let row =
            state.tables.function("", function.name).unwrap_or_else(|| planned_row(member, function.module));
        let row = if function.name == "require" { modules::require_row() } else { row };
        define_function(&context.global_object(), row, context)?;
    }
    for name in &surface.globals {
        define_lazy(name, context)?;
    }
    // Some are no part of the typings, and official code uses them.
    let extra = state.tables.namespaces.keys().filter(|name| !name.is_empty() && !name.contains('.'));
    for name in extra.filter(|name| surface.globals.binary_search(name).is_err()) {
        define_lazy(name, context)?;
    }
    replace_random(context)
}

/// `Math.random` of the session's seeded randomness: the engine's own has no hook.
fn replace_random(context: &mut Context) -> JsResult<()> {
    let math = context.global_object().get(js_string!("Math"), context)?;
    let Some(math) = math.as_object() else { return Ok(()) };
    let run = NativeFunction::from_fn_ptr(|_, _, context| {
        Ok(JsValue::from(State::of(context)?.host.borrow_mut().random_unit()))
    });
    define_function(&math, Row { name: "random", length: 0, run }, context)
}

/// A global whose object is built when it is first read, or that holds what the script writes into it. It stays an
/// accessor: the engine's inline caches do not survive a getter that redefines its own property.
fn define_lazy(name: &'static str, context: &mut Context) -> JsResult<()> {
    // One function for both: a getter is called with nothing, a setter with the value, and a session has sixty of them.
    let access = NativeFunction::from_copy_closure(move |_, values, context| {
        let state = State::of(context)?;
        if let Some(value) = values.first() {
            state.script.borrow_mut().globals.insert(name, value.clone());
            return Ok(JsValue::undefined());
        }
        let known = state.script.borrow().globals.get(name).cloned();
        if let Some(value) = known {
            return Ok(value);
        }
        let object = JsValue::from(build(name, context)?);
        state.script.borrow_mut().globals.insert(name, object.clone());
        Ok(object)
    });
    let access = access.to_js_function(context.realm());
    let lazy = PropertyDescriptor::builder().get(access.clone()).set(access);
    let lazy = lazy.enumerable(false).configurable(true);
    context.global_object().define_property_or_throw(fixed(name), lazy, context)?;
    Ok(())
}

/// The object of a global enum or namespace.
fn build(name: &'static str, context: &mut Context) -> JsResult<JsObject> {
    let state = State::of(context)?;
    let surface = state.tables.surface;
    if let Some(item) = surface.enumeration(name).filter(|_| !surface.namespaces.contains_key(name)) {
        return build_enum(item, context);
    }
    let class = surface.class(name);
    let module = class.map_or_else(|| surface.namespaces.get(name).copied().flatten(), |class| class.module);
    if let Some(module) = module.filter(|module| !state.host.borrow().required.contains(*module)) {
        let module = state.tables.module_name(module);
        return Err(HostError::NotRequired { name: name.to_owned(), module }.into());
    }
    match class {
        Some(class) => build_class(class.name, class.module, context),
        None => build_namespace(name, context),
    }
}

/// The function of a class: `new` does what the table says, throws the error that names a class that is not built, and is
/// no constructor where only the platform makes its objects. Its prototype is that of the objects, for `instanceof`.
fn build_class(
    class: &'static str,
    module: Option<&'static str>,
    context: &mut Context,
) -> JsResult<JsObject> {
    let (owner, own_name) = class.rsplit_once('.').unwrap_or(("", class));
    let member = Member { owner, name: own_name };
    let state = State::of(context)?;
    let written = state.tables.classes.get(class).and_then(|table| table.written);
    if let Some(written) = written {
        let function = written::member(written.source, own_name, context)?;
        return function.as_object().ok_or_else(|| HostError::Misuse(format!("no {member}")).into());
    }
    let run = NativeFunction::from_copy_closure(move |this, values, context| {
        let state = State::of(context)?;
        let table = state.tables.classes.get(class);
        if let Some(constructor) = table.and_then(|table| table.constructor.clone()) {
            return required_row(constructor, member, module).run.call(this, values, context);
        }
        Err(match table {
            Some(_) => {
                HostError::Misuse(format!("{member} is no constructor: the platform makes its objects"))
            }
            None => planned(member, module, context),
        }
        .into())
    });
    let function = FunctionObjectBuilder::new(context.realm(), run).name(fixed(own_name)).length(0);
    let function: JsObject = function.constructor(true).build().into();
    let prototype = state.prototype(class, context)?;
    let descriptor = PropertyDescriptor::builder().value(prototype).writable(false).enumerable(false);
    function.define_property_or_throw(js_string!("prototype"), descriptor.configurable(false), context)?;
    Ok(function)
}

fn build_enum(item: &'static Enum, context: &mut Context) -> JsResult<JsObject> {
    // Keys of its own: a chain of shared shapes would weigh more, since no two enums have the same.
    let state = State::of(context)?;
    let object = JsObject::with_object_proto(context.intrinsics());
    for (member, value) in &item.members {
        let value = match value {
            Value::String(text) => fixed(text).into(),
            other => json_to_script(other, &state, context)?,
        };
        object.create_data_property_or_throw(fixed(member), value, context)?;
    }
    Ok(object)
}

/// A namespace with its functions, enums, constants and inner namespaces.
fn build_namespace(name: &'static str, context: &mut Context) -> JsResult<JsObject> {
    let state = State::of(context)?;
    let surface = state.tables.surface;
    let root = JsObject::from_proto_and_data(Some(missing::behind(name, context)?), OrdinaryObject);
    let inside = |full: &'static str| full.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
    for function in &surface.functions {
        let Some(path) = inside(function.name) else { continue };
        let (owner, own_name) = function.name.rsplit_once('.').unwrap_or(("", function.name));
        let member = Member { owner, name: own_name };
        let row = match state.tables.function(owner, own_name) {
            Some(row) => required_row(row, member, function.module),
            None => planned_row(member, function.module),
        };
        let holder = holder_of(&root, path, context)?;
        define_function(&holder, row, context)?;
    }
    // An enum that holds others (`Language`).
    for (member, value) in surface.enumeration(name).into_iter().flat_map(|own| &own.members) {
        let value = json_to_script(value, &state, context)?;
        root.create_data_property_or_throw(fixed(member), value, context)?;
    }
    for item in &surface.enums {
        let Some(path) = inside(item.name) else { continue };
        let holder = holder_of(&root, path, context)?;
        let object = build_enum(item, context)?;
        holder.create_data_property_or_throw(fixed(last_part(path)), object, context)?;
    }
    let known = surface.classes.iter().map(|class| (class.name, class.module));
    // Some are no part of the typings, and scripts still use them.
    let older = state.tables.classes.names().filter(|name| surface.class(name).is_none());
    let older = older.map(|name| (name, None));
    for (class, module) in known.chain(older) {
        let Some(path) = inside(class) else { continue };
        let holder = holder_of(&root, path, context)?;
        let function = build_class(class, module, context)?;
        let descriptor = PropertyDescriptor::builder().value(function).writable(true).enumerable(false);
        holder.define_property_or_throw(fixed(last_part(path)), descriptor.configurable(true), context)?;
    }
    for constants in surface
        .constants
        .iter()
        .filter(|constants| constants.name == name || inside(constants.name).is_some())
    {
        for member in &constants.members {
            let path = format!("{}.{member}", constants.name);
            let holder = holder_of(&root, inside_path(name, &path), context)?;
            let token = JsValue::from(js_string!(path.as_str()));
            holder.create_data_property_or_throw(fixed(member), token, context)?;
        }
    }
    for row in state.tables.namespaces.get(name).into_iter().flatten() {
        if !root.has_own_property(fixed(row.name), context)? {
            define_function(&root, row.clone(), context)?;
        }
    }
    Ok(root)
}

fn inside_path<'a>(name: &str, full: &'a str) -> &'a str {
    full.get(name.len() + 1..).unwrap_or(full)
}

fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The object that holds the last part of `path`, made on the way where it is missing.
fn holder_of(root: &JsObject, path: &str, context: &mut Context) -> JsResult<JsObject> {
    let mut holder = root.clone();
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            break;
        }
        let known = holder.get(js_string!(part), context)?.as_object();
        holder = match known {
            Some(inner) => inner,
            None => {
                let inner = JsObject::with_object_proto(context.intrinsics());
                holder.create_data_property_or_throw(js_string!(part), inner.clone(), context)?;
                inner
            }
        };
    }
    Ok(holder)
}
