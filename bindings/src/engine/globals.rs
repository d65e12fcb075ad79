//! The global scope: every name of the surface. A namespace or enum is an accessor that builds its object at the first
//! use, so that a session pays only for what it touches; a module's namespace answers with the missing `require` until
//! it is required (policy F-003).

use std::collections::BTreeSet;

use boa_engine::object::{FunctionObjectBuilder, JsObject};
use boa_engine::property::{Attribute, PropertyDescriptor, PropertyKey};
use boa_engine::{Context, JsResult, JsValue, NativeFunction, js_string};
use serde_json::Value;

use super::modules;
use super::tables::{module_name, planned_row};
use crate::glue::HostError;
use crate::glue::class::{Member, Row};
use crate::glue::json::from_json;
use crate::glue::names::fixed;
use crate::glue::state::State;
use crate::surface::{Enum, surface};

/// Names that are no part of the typings and that official code uses.
const EXTRA: &[&str] = &["console", "JSession"];

/// Registers everything.
pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let state = State::of(context)?;
    for function in surface().functions.iter().filter(|function| !function.name.contains('.')) {
        let member = Member { owner: "", name: function.name };
        let row =
            state.tables.function("", function.name).unwrap_or_else(|| planned_row(member, function.module));
        let row = if function.name == "require" { modules::require_row() } else { row };
        define_function(&context.global_object(), row, context)?;
    }
    let enums = surface().enums.iter().map(|item| item.name).filter(|name| !name.contains('.'));
    let namespaces = surface().namespaces.keys().copied();
    let globals: BTreeSet<&'static str> = enums.chain(namespaces).chain(EXTRA.iter().copied()).collect();
    for name in globals {
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
    if let Some(item) = surface().enumeration(name) {
        return build_enum(item, context);
    }
    let module = surface().namespaces.get(name).copied().flatten();
    let state = State::of(context)?;
    if let Some(module) = module.filter(|module| !state.host.borrow().required.contains(*module)) {
        let module = module_name(module).to_owned();
        return Err(HostError::NotRequired { name: name.to_owned(), module }.into());
    }
    build_namespace(name, context)
}

fn build_enum(item: &'static Enum, context: &mut Context) -> JsResult<JsObject> {
    // Keys of its own: a chain of shared shapes would weigh more, since no two enums have the same.
    let object = JsObject::with_object_proto(context.intrinsics());
    for (member, value) in &item.members {
        let value = match value {
            Value::String(text) => fixed(text).into(),
            other => from_json(other, context)?,
        };
        object.create_data_property_or_throw(fixed(member), value, context)?;
    }
    Ok(object)
}

/// A namespace with its functions, enums, constants and inner namespaces.
fn build_namespace(name: &'static str, context: &mut Context) -> JsResult<JsObject> {
    let state = State::of(context)?;
    let root = JsObject::with_object_proto(context.intrinsics());
    let inside = |full: &'static str| full.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
    for function in &surface().functions {
        let Some(path) = inside(function.name) else { continue };
        let (owner, own_name) = function.name.rsplit_once('.').unwrap_or(("", function.name));
        let member = Member { owner, name: own_name };
        let row =
            state.tables.function(owner, own_name).unwrap_or_else(|| planned_row(member, function.module));
        let holder = holder_of(&root, path, context)?;
        define_function(&holder, row, context)?;
    }
    for item in &surface().enums {
        let Some(path) = inside(item.name) else { continue };
        let holder = holder_of(&root, path, context)?;
        let object = build_enum(item, context)?;
        holder.create_data_property_or_throw(fixed(last_part(path)), object, context)?;
    }
    for constants in surface()
        .constants
        .iter()
        .filter(|constants| constants.name == name || inside(constants.name).is_some())
    {
        for member in &constants.members {
            let path = format!("{}.{member}", constants.name);
            let holder = holder_of(&root, inside_path(name, &path), context)?;
            let token = from_json(&Value::from(path.as_str()), context)?;
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

/// Defines a function as the language's own are: writable, configurable, not enumerable.
pub(crate) fn define_function(holder: &JsObject, row: Row, context: &mut Context) -> JsResult<()> {
    let function =
        FunctionObjectBuilder::new(context.realm(), row.run).name(fixed(row.name)).length(row.length).build();
    let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
    let descriptor = PropertyDescriptor::builder()
        .value(function)
        .writable(attribute.writable())
        .enumerable(attribute.enumerable())
        .configurable(attribute.configurable());
    holder.define_property_or_throw(PropertyKey::from(fixed(row.name)), descriptor, context)?;
    Ok(())
}
