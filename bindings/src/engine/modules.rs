//! `require(Modules.X)` (semantics 3.2): brings a namespace into being. It returns nothing; `undefined` (a member that
//! `Modules` does not have) is tolerated, as production scripts rely on it.

use boa_engine::{Context, JsResult, JsValue, NativeFunction};

use crate::contract::Command;
use crate::glue::class::{Member, Row};
use crate::glue::state::State;

/// The global function.
pub(super) fn require_row() -> Row {
    Row { name: "require", length: 1, run: NativeFunction::from_fn_ptr(require) }
}

fn require(_: &JsValue, values: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let state = State::of(context)?;
    let mut host = state.host.borrow_mut();
    host.used.add(Member { owner: "", name: "require" });
    let module = values.first().and_then(JsValue::as_string).map(|text| text.to_std_string_lossy());
    let Some(module) = module else {
        host.note(Some("F-002"), "require: the module is no member of Modules: ignored, as on the platform");
        return Ok(JsValue::undefined());
    };
    let known = state
        .tables
        .surface
        .enumeration("Modules")
        .is_some_and(|modules| modules.members.iter().any(|(_, value)| *value == module));
    if !known {
        host.note(Some("F-002"), format!("require: '{module}' is no module of the platform: ignored"));
    } else if host.required.insert(module.clone()) {
        host.command(Command::ModuleLoaded { module });
    }
    Ok(JsValue::undefined())
}
