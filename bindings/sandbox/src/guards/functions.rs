//! `Function.prototype.toString` shows the text as the script's author wrote it.

use super::wrap;
use crate::syntax;
use boa_engine::{Context, JsObject, JsResult, JsString, JsValue};

fn to_string(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let shown = builtin.call(this, arguments, context)?;
    match shown.as_string().map(|text| text.to_std_string()) {
        Some(Ok(text)) if syntax::is_marked(&text) => Ok(JsString::from(syntax::unmark(&text)).into()),
        _ => Ok(shown),
    }
}

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let holder = context.intrinsics().constructors().function().prototype();
    wrap::guard(&holder, "toString", to_string, context)
}
