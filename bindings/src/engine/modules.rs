//! `require(Modules.X)` (semantics 3.2): brings a namespace into being. It returns nothing; `undefined` (a member that
//! `Modules` does not have) is tolerated, as production scripts rely on it.

use boa_engine::{Context, JsNativeError, JsResult, JsValue, NativeFunction};

use crate::contract::{Command, Place, RequireUndefined};
use crate::glue::class::{Member, Row};
use crate::glue::state::State;

/// What today's cloud says to `require(undefined)`.
const EMPTY: &str = "empty module argument!";

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
        if host.setup.require_undefined == RequireUndefined::Cloud {
            return Err(JsNativeError::error().with_message(EMPTY).into());
        }
        let Place { file, line, .. } = state.place(context);
        let text = format!(
            "require at {file}:{line}: Modules has no such member, so nothing is brought in; today's cloud stops here with \
             \"{EMPTY}\". What is built in needs no require: the line can go"
        );
        host.note(Some("F-002"), text);
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
