//! `JSON` (ECMAScript 25.5, RFC 8259): own reading and writing, bounded in depth, length and work. The engine's own
//! recurs without bound and reads through its script parser.

mod read;
mod write;

use super::wrap;
use boa_engine::{Context, JsResult};

/// Deepest nesting that is read or written.
const MAX_DEPTH: usize = 2_000;

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let holder = wrap::object_at("JSON", context)?;
    wrap::guard(&holder, "parse", read::parse, context)?;
    wrap::guard(&holder, "stringify", write::stringify, context)
}
