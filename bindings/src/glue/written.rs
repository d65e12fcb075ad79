//! What the platform itself writes in JavaScript on top of its primitives, and so do we: a file is an expression whose value
//! is an object of its members, or a function that makes one when it is given a function for remarks, `note(policy, text)`.
//! It is read at the first use of one, so that a session that uses none pays nothing, and it
//! stands in no stack trace, because it is no file of the author's.

use std::path::Path;

use boa_engine::object::builtins::JsFunction;
use boa_engine::object::{FunctionObjectBuilder, JsObject};
use boa_engine::{Context, JsNativeError, JsResult, JsValue, NativeFunction, Script, Source, js_string};

use super::class::{Member, Row};
use super::state::State;
use super::tables::define_function;
use crate::fidelity::policies;

/// The path that such files have in the engine.
const PATH: &str = "voxengine";

/// A class that is written in JavaScript.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenClass {
    /// The file.
    pub source: &'static str,
    /// Its methods.
    pub methods: &'static [&'static str],
}

/// A member of a file, which is read if it was not yet.
pub(crate) fn member(source: &'static str, name: &str, context: &mut Context) -> JsResult<JsValue> {
    let state = State::of(context)?;
    let known = state.script.borrow().written.get(source).cloned();
    let members = match known {
        Some(members) => members,
        None => {
            let file = Source::from_bytes(source.as_bytes()).with_path(Path::new(PATH));
            let value = Script::parse(file, None, context)?.evaluate(context)?;
            let members = match value.as_callable() {
                Some(make) => {
                    let note = note(context);
                    make.call(&JsValue::undefined(), &[note.into()], context)?
                }
                None => value,
            };
            watch(source, &members, &state, context)?;
            state.script.borrow_mut().written.insert(source, members.clone());
            members
        }
    };
    let members = members.as_object().ok_or_else(|| JsNativeError::typ().with_message("no members"))?;
    members.get(js_string!(name), context)
}

/// `note(policy, text)`: a remark for the author of the scenario, once.
fn note(context: &mut Context) -> JsFunction {
    let run = NativeFunction::from_copy_closure(|_, values, context| {
        let text =
            |at: usize| values.get(at).and_then(JsValue::as_string).map(|text| text.to_std_string_lossy());
        let policy = text(0).and_then(|id| policies().iter().find(|policy| policy.id == id));
        let state = State::of(context)?;
        let policy = policy.map(|policy| policy.id.as_str());
        state.host.borrow_mut().note_once(policy, text(1).unwrap_or_default());
        Ok(JsValue::undefined())
    });
    FunctionObjectBuilder::new(context.realm(), run).build()
}

/// The methods of the classes that stand in a file tell when they have answered, as those of the tables do.
fn watch(source: &'static str, members: &JsValue, state: &State, context: &mut Context) -> JsResult<()> {
    let Some(members) = members.as_object() else { return Ok(()) };
    for class in state.tables.classes.names() {
        let written = state.tables.classes.get(class).and_then(|table| table.written);
        let Some(written) = written.filter(|written| written.source == source) else { continue };
        let own_name = class.rsplit('.').next().unwrap_or(class);
        let Some(function) = members.get(js_string!(own_name), context)?.as_object() else { continue };
        let Some(prototype) = function.get(js_string!("prototype"), context)?.as_object() else { continue };
        for &name in written.methods {
            if let Some(method) = prototype.get(js_string!(name), context)?.as_object() {
                define_function(&prototype, told_of(Member { owner: class, name }, method), context)?;
            }
        }
    }
    Ok(())
}

/// A method that tells when it has answered.
fn told_of(of: Member, method: JsObject) -> Row {
    let run = NativeFunction::from_copy_closure_with_captures(
        move |this, values, method, context| {
            let answer = method.call(this, values, context)?;
            State::of(context)?.host.borrow_mut().used.add(of);
            Ok(answer)
        },
        method,
    );
    Row { name: of.name, length: 0, run }
}

/// What is told when a function is used for the first time: the policy, and the text.
pub(crate) type Remarked = Option<(&'static str, &'static str)>;

/// A function of a namespace that stands in a file.
pub(crate) fn row(of: Member, source: &'static str, remark: Remarked) -> Row {
    let run = NativeFunction::from_copy_closure(move |this, values, context| {
        if let Some((policy, text)) = remark {
            State::of(context)?.host.borrow_mut().note_once(Some(policy), text);
        }
        let function = member(source, of.name, context)?;
        let function =
            function.as_callable().ok_or_else(|| JsNativeError::typ().with_message("no function"))?;
        let answer = function.call(this, values, context)?;
        State::of(context)?.host.borrow_mut().used.add(of);
        Ok(answer)
    });
    Row { name: of.name, length: 0, run }
}
