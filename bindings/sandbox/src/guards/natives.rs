//! Builtins whose work grows with the size of what they are given: they are charged for it before they begin.
//!
//! The tables say what is charged; the engine's own function then does the work. A receiver's `length` is read once more
//! than the standard says, which only a getter or a proxy could notice.

use super::wrap::{self, Guard};
use crate::meter;
use boa_engine::{Context, JsArgs, JsNativeError, JsObject, JsResult, JsString, JsValue, js_string};

/// Steps for one element that a builtin visits.
const STEPS_PER_ELEMENT: u64 = 1;
/// Characters that a builtin visits for one step.
const CHARS_PER_STEP: usize = 16;
/// Most arguments in one call, as in the platform's engine.
const MAX_ARGUMENTS: u64 = 500_000;
/// Bytes of one array element.
const ELEMENT_BYTES: u64 = 16;

const ARRAYS: &[&str] = &[
    "copyWithin",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "includes",
    "indexOf",
    "lastIndexOf",
    "map",
    "reduce",
    "reduceRight",
    "reverse",
    "some",
    "toLocaleString",
    "toReversed",
    "toSpliced",
    "with",
];
const TYPED: &[&str] = &[
    "copyWithin",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "forEach",
    "includes",
    "indexOf",
    "join",
    "lastIndexOf",
    "map",
    "reduce",
    "reduceRight",
    "reverse",
    "set",
    "slice",
    "some",
    "toLocaleString",
    "toReversed",
    "with",
];
/// Arguments are objects or strings, charged by their size.
const BY_ARGUMENTS: &[&str] = &[
    "assign",
    "entries",
    "freeze",
    "fromEntries",
    "getOwnPropertyDescriptors",
    "getOwnPropertyNames",
    "getOwnPropertySymbols",
    "isFrozen",
    "isSealed",
    "keys",
    "seal",
    "values",
    "defineProperties",
];
const BY_TEXT: &[&str] = &[
    "trim",
    "trimStart",
    "trimEnd",
    "toLowerCase",
    "toUpperCase",
    "toLocaleLowerCase",
    "toLocaleUpperCase",
    "normalize",
    "localeCompare",
    "big",
    "anchor",
    "link",
    "fontcolor",
];

/// Holder, guard, names.
const TABLE: &[(&str, Guard, &[&str])] = &[
    ("Array.prototype", elements, ARRAYS),
    ("Array.prototype", moved, &["shift", "unshift", "splice", "slice"]),
    ("Array.prototype", sorted, &["sort", "toSorted"]),
    ("Array.prototype", joined_arrays, &["concat"]),
    ("Array.prototype", iterated, &["values", "entries", "keys"]),
    ("Array", from, &["from", "of"]),
    ("Int8Array.__proto__.prototype", elements, TYPED),
    ("Int8Array.__proto__.prototype", sorted, &["sort", "toSorted"]),
    ("Int8Array.__proto__", from, &["from", "of"]),
    ("Function.prototype", applied_second, &["apply"]),
    ("Reflect", applied_third, &["apply"]),
    ("Reflect", applied_second, &["construct"]),
    ("Object", by_arguments, BY_ARGUMENTS),
    ("Reflect", by_arguments, &["ownKeys"]),
    ("Map.prototype", sized, &["forEach", "clear"]),
    ("Set.prototype", sized, &["forEach", "clear"]),
    ("String.prototype", by_text, BY_TEXT),
    ("String", from_codes, &["fromCharCode", "fromCodePoint", "raw"]),
    (
        "",
        by_text_argument,
        &[
            "encodeURI",
            "encodeURIComponent",
            "decodeURI",
            "decodeURIComponent",
            "escape",
            "unescape",
            "parseInt",
            "parseFloat",
        ],
    ),
];

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    for (path, guard, names) in TABLE {
        let holder = wrap::object_at(path, context)?;
        for name in *names {
            wrap::guard(&holder, name, *guard, context)?;
        }
    }
    // One function under two names stays one function.
    let arrays = wrap::object_at("Array.prototype", context)?;
    let values = arrays.get(js_string!("values"), context)?;
    wrap::put(&arrays, &wrap::key("@@iterator"), values, context)
}

/// The length of an array-like receiver; none of a value that is no object.
pub(super) fn length(value: &JsValue, context: &mut Context) -> JsResult<u64> {
    match (value.as_object(), value.as_string()) {
        (Some(object), _) => object.get(js_string!("length"), context)?.to_length(context),
        (_, Some(text)) => Ok(text.len() as u64),
        _ => Ok(0),
    }
}

fn charge_elements(count: u64, context: &Context) -> JsResult<()> {
    meter::charge(context, count.saturating_mul(STEPS_PER_ELEMENT))
}

pub(super) fn charge_chars(chars: usize, context: &Context) -> JsResult<()> {
    meter::charge(context, (chars / CHARS_PER_STEP) as u64)
}

/// The builtin, and a check of the text it gives.
fn checked(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let result = builtin.call(this, arguments, context)?;
    if let Some(text) = result.as_string() {
        super::bounded(text.len(), context)?;
    }
    Ok(result)
}

fn elements(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    charge_elements(length(this, context)?, context)?;
    checked(this, arguments, builtin, context)
}

/// Elements are moved as a block.
fn moved(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let count = length(this, context)?;
    meter::charge(context, count / 4)?;
    builtin.call(this, arguments, context)
}

fn sorted(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let count = length(this, context)?;
    let rounds = u64::from(64 - count.leading_zeros());
    charge_elements(count.saturating_mul(rounds.max(1)), context)?;
    builtin.call(this, arguments, context)
}

fn joined_arrays(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let mut count = 0u64;
    for value in std::iter::once(this).chain(arguments) {
        let more = if value.is_object() { length(value, context)? } else { 1 };
        count = count.saturating_add(more);
    }
    charge_elements(count, context)?;
    reserve_elements(count, context)?;
    builtin.call(this, arguments, context)
}

fn reserve_elements(count: u64, context: &Context) -> JsResult<()> {
    let bytes = usize::try_from(count.saturating_mul(ELEMENT_BYTES)).unwrap_or(usize::MAX / 2);
    meter::reserve(context, bytes.min(usize::MAX / 2))
}

/// An iterator is cheap; what drains it in one expression (`[...a, ...a]`) is not seen, so memory is looked at here, and
/// a length that no callback could walk is refused.
fn iterated(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let count = length(this, context)?;
    if count > meter::steps_left(context) {
        charge_elements(count, context)?;
    }
    reserve_elements(count, context)?;
    builtin.call(this, arguments, context)
}

fn from(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let count = length(arguments.get_or_undefined(0), context)?;
    charge_elements(count, context)?;
    reserve_elements(count, context)?;
    builtin.call(this, arguments, context)
}

fn applied(list: &JsValue, context: &mut Context) -> JsResult<()> {
    let count = if list.is_object() { length(list, context)? } else { 0 };
    if count > MAX_ARGUMENTS {
        return Err(JsNativeError::range().with_message("too many function arguments").into());
    }
    charge_elements(count, context)
}

fn applied_second(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    applied(arguments.get_or_undefined(1), context)?;
    builtin.call(this, arguments, context)
}

fn applied_third(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    applied(arguments.get_or_undefined(2), context)?;
    builtin.call(this, arguments, context)
}

/// Own properties of an object, or characters of a string.
fn size(value: &JsValue) -> u64 {
    match (value.as_object(), value.as_string()) {
        (Some(object), _) => {
            let object = object.borrow();
            let named = object.shape().keys().len();
            (named + object.properties().index_properties().count()) as u64
        }
        (_, Some(text)) => text.len() as u64,
        _ => 0,
    }
}

fn by_arguments(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let total = arguments.iter().map(size).fold(0u64, u64::saturating_add);
    charge_elements(total, context)?;
    builtin.call(this, arguments, context)
}

fn sized(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    if let Some(object) = this.as_object() {
        let count = object.get(js_string!("size"), context)?.to_length(context)?;
        charge_elements(count, context)?;
    }
    builtin.call(this, arguments, context)
}

fn chars(value: &JsValue) -> usize {
    value.as_string().map_or(0, |text| text.len())
}

fn by_text(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    charge_chars(chars(this).saturating_mul(4), context)?;
    checked(this, arguments, builtin, context)
}

fn by_text_argument(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    charge_chars(chars(arguments.get_or_undefined(0)).saturating_mul(4), context)?;
    checked(this, arguments, builtin, context)
}

fn from_codes(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    meter::charge(context, arguments.len() as u64)?;
    if let Some(strings) = arguments.first().and_then(JsValue::as_object) {
        // String.raw walks strings.raw.
        let raw = strings.get(js_string!("raw"), context)?;
        charge_elements(length(&raw, context)?, context)?;
    }
    checked(this, arguments, builtin, context)
}

/// A string receiver as text, as the standard coerces it.
pub(super) fn text_of(this: &JsValue, context: &mut Context) -> JsResult<JsString> {
    this.require_object_coercible()?;
    this.to_string(context)
}
