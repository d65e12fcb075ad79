//! What the engine has and the platform's (Firefox 115) has not: deleted, so that what passes here passes there.
//!
//! Evidence: the compatibility tables of the ECMAScript features by Firefox release. What Firefox 115 has stays
//! (`toSorted`, `with`, `findLast`, `at`). `Array.fromAsync`, which it has, the engine has not.

use super::wrap;
use boa_engine::{Context, JsObject, JsResult, JsValue};

/// Holder (a path from the global object, empty for the global object itself) and the names deleted from it.
pub(super) const ABSENT: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "Temporal",
            "Iterator",
            "Float16Array",
            "DisposableStack",
            "AsyncDisposableStack",
            "SuppressedError",
        ],
    ),
    ("Promise", &["withResolvers", "try", "allKeyed", "allSettledKeyed"]),
    ("Object", &["groupBy"]),
    ("Map", &["groupBy"]),
    ("Map.prototype", &["getOrInsert", "getOrInsertComputed"]),
    ("WeakMap.prototype", &["getOrInsert", "getOrInsertComputed"]),
    (
        "Set.prototype",
        &[
            "union",
            "intersection",
            "difference",
            "symmetricDifference",
            "isSubsetOf",
            "isSupersetOf",
            "isDisjointFrom",
        ],
    ),
    ("RegExp", &["escape"]),
    ("String.prototype", &["isWellFormed", "toWellFormed"]),
    ("Math", &["f16round", "sumPrecise"]),
    ("Error", &["isError", "captureStackTrace"]),
    ("JSON", &["rawJSON", "isRawJSON"]),
    ("Uint8Array", &["fromBase64", "fromHex"]),
    ("Uint8Array.prototype", &["toBase64", "toHex", "setFromBase64", "setFromHex"]),
    (
        "ArrayBuffer.prototype",
        &["transfer", "transferToFixedLength", "detached", "resizable", "resize", "maxByteLength"],
    ),
    ("SharedArrayBuffer.prototype", &["growable", "grow", "maxByteLength"]),
    ("DataView.prototype", &["getFloat16", "setFloat16"]),
    ("Atomics", &["waitAsync", "pause"]),
    ("Intl", &["DurationFormat", "Segmenter"]),
    ("Array.prototype", &["group", "groupToMap"]),
    (
        "Array.prototype.values.__iterator__",
        &[
            "map",
            "filter",
            "take",
            "drop",
            "flatMap",
            "reduce",
            "toArray",
            "forEach",
            "some",
            "every",
            "find",
            "includes",
            "constructor",
            "@@toStringTag",
            "@@dispose",
        ],
    ),
];

/// Symbols the platform's engine has not; they cannot be deleted, so `Symbol` is another function without them.
pub(super) const ABSENT_SYMBOLS: &[&str] = &["dispose", "asyncDispose", "metadata"];

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    for (path, names) in ABSENT {
        let holder = match *path {
            "Array.prototype.values.__iterator__" => iterator_prototype(context)?,
            path => wrap::object_at(path, context)?,
        };
        for name in *names {
            let key = wrap::key(name);
            if wrap::own(&holder, &key).is_some() {
                holder.delete_property_or_throw(key, context)?;
            }
        }
    }
    symbols(context)
}

fn symbols(context: &mut Context) -> JsResult<()> {
    fn call(
        this: &JsValue,
        arguments: &[JsValue],
        builtin: &JsObject,
        context: &mut Context,
    ) -> JsResult<JsValue> {
        builtin.call(this, arguments, context)
    }
    let builtin = wrap::object_at("Symbol", context)?;
    wrap::guard(&context.global_object(), "Symbol", call, context)?;
    let symbol = wrap::object_at("Symbol", context)?;
    wrap::copy_properties(&builtin, &symbol, ABSENT_SYMBOLS, context)?;
    let prototype = wrap::object_at("Symbol.prototype", context)?;
    wrap::put(&prototype, &wrap::key("constructor"), symbol.into(), context)
}

/// `%IteratorPrototype%`, which no global name leads to in the platform's engine.
pub(super) fn iterator_prototype(context: &mut Context) -> JsResult<JsObject> {
    let of_arrays = context.intrinsics().objects().iterator_prototypes().array();
    of_arrays.prototype().ok_or_else(|| wrap::missing("%IteratorPrototype%"))
}
