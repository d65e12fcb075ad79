//! What the engine has and the platform's (Firefox 115) has not: deleted, so that what passes here passes there.
//!
//! Evidence: the compatibility tables of the ECMAScript features by Firefox release. What Firefox 115 has stays
//! (`toSorted`, `with`, `findLast`, `Array.fromAsync`, `Array.prototype.at`, `structuredClone` is no ECMAScript).

use super::wrap;
use boa_engine::{Context, JsResult};

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
    ("Symbol", &["dispose", "asyncDispose", "metadata"]),
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

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    for (path, names) in ABSENT.iter().filter(|(p, _)| !p.contains("__iter")) {
        let holder = match *path {
            "Array.prototype.values.__iterator__" => context.intrinsics().constructors().object().prototype(),
            path => wrap::object_at(path, context)?,
        };
        for name in *names {
            let key = wrap::key(name);
            if wrap::own(&holder, &key).is_some() {
                let _ = holder.delete_property_or_throw(key, context);
            }
        }
    }
    Ok(())
}
