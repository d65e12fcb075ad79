//! Regular expressions: the engine's matcher backtracks without bound, so a match that might take long is first counted.
//!
//! `exec` is what `test`, `match`, `matchAll`, `replace`, `search` and `split` call. A pattern whose backtracking is
//! bounded for the text at hand runs at once; any other is judged by a matcher that counts its steps, and only then
//! given to the engine's. The judge approximates rare classes; it decides about work, never about results.

mod bound;
mod construct;
mod judge;
mod program;
mod text;

use super::wrap;
use crate::meter;
use boa_engine::builtins::regexp::RegExp;
use boa_engine::{Context, JsArgs, JsObject, JsResult, JsString, JsValue, js_string};
use program::Program;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most steps of one match: about a second of the engine's matcher.
const MAX_STEPS: u64 = 5_000_000;
/// A match that cannot take more steps is not judged.
const CHEAP: f64 = 200_000.0;
/// Programs that are kept.
const MAX_KEPT: usize = 256;
/// Characters the engine copies or passes over for one step.
const CHARS_PER_STEP: u64 = 256;

/// The programs of the patterns a context has used, by source and flags.
#[derive(Default)]
struct Kept {
    programs: RefCell<BTreeMap<(String, String), Rc<Program>>>,
}

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    context.insert_data(Kept::default());
    let holder = wrap::object_at("RegExp.prototype", context)?;
    wrap::guard(&holder, "exec", exec, context)?;
    text::install(context)?;
    construct::install(context)
}

fn exec(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let Some(object) = this.as_object().filter(|object| object.is::<RegExp>()) else {
        return builtin.call(this, arguments, context);
    };
    let text = arguments.get_or_undefined(0).to_string(context)?;
    admit(&object, &text, context)?;
    builtin.call(this, &[text.into()], context)
}

/// Charges a match, and ends the callback if it would take too long.
fn admit(object: &JsObject, text: &JsString, context: &mut Context) -> JsResult<()> {
    let flags = object.get(js_string!("flags"), context)?.to_string(context)?.to_std_string_lossy();
    let source = object.get(js_string!("source"), context)?.to_string(context)?.to_std_string_lossy();
    let from = if flags.contains(['g', 'y']) {
        let last = object.get(js_string!("lastIndex"), context)?.to_length(context)?;
        usize::try_from(last).unwrap_or(usize::MAX)
    } else {
        0
    };
    meter::charge(context, 8 + text.len() as u64 / CHARS_PER_STEP)?;
    if from > text.len() {
        return Ok(());
    }
    let Some(program) = program_for(source, flags, context) else { return Ok(()) };
    if program.branches.over(text.len() - from) <= CHEAP {
        return Ok(());
    }
    let most = MAX_STEPS.min(meter::steps_left(context));
    match judge::search(&program, text, from, most) {
        Some(outcome) => meter::charge(context, outcome.steps),
        None => meter::charge(context, meter::steps_left(context).saturating_add(1)),
    }
}

/// The program of a pattern; none when it cannot be read, which the engine's own parser then has refused.
fn program_for(source: String, flags: String, context: &Context) -> Option<Rc<Program>> {
    let kept = context.get_data::<Kept>()?;
    let key = (source, flags);
    if let Some(program) = kept.programs.borrow().get(&key) {
        return Some(Rc::clone(program));
    }
    let program = Rc::new(Program::of(&key.0, &key.1)?);
    let mut programs = kept.programs.borrow_mut();
    if programs.len() >= MAX_KEPT {
        programs.clear();
    }
    programs.insert(key, Rc::clone(&program));
    Some(program)
}
