//! String builtins that make long strings or search in them: no string grows beyond the platform's longest, and a search
//! is charged for the comparisons it will make.

use super::natives::{charge_chars, text_of};
use super::wrap::{self, Guard};
use crate::meter;
use boa_engine::{Context, JsArgs, JsObject, JsResult, JsString, JsSymbol, JsValue, js_string};

const TABLE: &[(Guard, &[&str])] = &[
    (repeat, &["repeat"]),
    (pad, &["padStart", "padEnd"]),
    (concat, &["concat"]),
    (search, &["includes", "indexOf", "lastIndexOf"]),
    (split, &["split"]),
    (replace_first, &["replace"]),
    (replace_all, &["replaceAll"]),
];

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let holder = wrap::object_at("String.prototype", context)?;
    for (guard, names) in TABLE {
        for name in *names {
            wrap::guard(&holder, name, *guard, context)?;
        }
    }
    Ok(())
}

fn repeat(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let text = text_of(this, context)?;
    let count = arguments.get_or_undefined(0).to_integer_or_infinity(context)?;
    if let Some(count) = count.as_integer()
        && count > 0
    {
        let chars = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(text.len());
        super::bounded(chars.min(usize::MAX / 2), context)?;
        charge_chars(chars, context)?;
    }
    let count = count.as_integer().map_or_else(|| arguments.get_or_undefined(0).clone(), JsValue::from);
    builtin.call(&text.into(), &[count], context)
}

fn pad(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let text = text_of(this, context)?;
    let chars = arguments.get_or_undefined(0).to_length(context)?;
    let filler = match arguments.get_or_undefined(1) {
        filler if filler.is_undefined() => js_string!(" "),
        filler => filler.to_string(context)?,
    };
    if !filler.is_empty() && chars > text.len() as u64 {
        let chars = usize::try_from(chars).unwrap_or(usize::MAX / 2);
        super::bounded(chars, context)?;
        charge_chars(chars, context)?;
    }
    builtin.call(&text.into(), &[chars.into(), filler.into()], context)
}

fn concat(this: &JsValue, arguments: &[JsValue], _: &JsObject, context: &mut Context) -> JsResult<JsValue> {
    let mut parts = vec![text_of(this, context)?];
    let mut chars = parts[0].len();
    for argument in arguments {
        let part = argument.to_string(context)?;
        chars = chars.saturating_add(part.len());
        super::bounded(chars, context)?;
        parts.push(part);
    }
    charge_chars(chars, context)?;
    Ok(JsString::from(&parts[..]).into())
}

/// Charges the comparisons a plain search makes. Short products are charged by length; for long ones the comparisons
/// are counted exactly, in linear time, from the lengths of the matching prefixes (the Z array).
fn charge_search(text: &JsString, pattern: &JsString, context: &Context) -> JsResult<()> {
    const SHORT: usize = 1 << 16;
    charge_chars(text.len(), context)?;
    let (n, m) = (text.len(), pattern.len());
    if m < 2 || m > n || n.saturating_mul(m) <= SHORT {
        return Ok(());
    }
    charge_chars((n + m).saturating_mul(8), context)?;
    meter::reserve(context, (n + m).saturating_mul(10))?;
    let joined: Vec<u16> = pattern.iter().chain(text.iter()).collect();
    let mut prefix = vec![0usize; joined.len()];
    let (mut left, mut right, mut comparisons) = (0, 0, 0u64);
    for at in 1..joined.len() {
        let mut same = if at < right { prefix[at - left].min(right - at) } else { 0 };
        while at + same < joined.len() && joined[same] == joined[at + same] {
            same += 1;
        }
        if at + same > right {
            (left, right) = (at, at + same);
        }
        prefix[at] = same;
        if at >= m {
            comparisons += 1 + same.min(m) as u64;
        }
    }
    meter::charge(context, comparisons / 16)
}

fn search(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    if let (Some(text), Some(pattern)) = (this.as_string(), arguments.get_or_undefined(0).as_string()) {
        charge_search(&text, &pattern, context)?;
        return builtin.call(this, arguments, context);
    }
    let text = text_of(this, context)?;
    charge_chars(text.len(), context)?;
    let mut passed = arguments.to_vec();
    if let Some(pattern) = passed.first_mut()
        && !pattern.is_object()
    {
        *pattern = pattern.to_string(context)?.into();
    }
    builtin.call(&text.into(), &passed, context)
}

fn split(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    if let Some(text) = this.as_string() {
        charge_chars(text.len().saturating_mul(4), context)?;
        if let Some(pattern) = arguments.get_or_undefined(0).as_string() {
            charge_search(&text, &pattern, context)?;
            if pattern.len() < 2 {
                meter::reserve(context, text.len().saturating_mul(16))?;
            }
        }
    }
    builtin.call(this, arguments, context)
}

fn replace_first(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    replace(this, arguments, builtin, false, context)
}

fn replace_all(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    replace(this, arguments, builtin, true, context)
}

/// `String.prototype.replace` and `replaceAll` (ECMAScript 22.1.3.19, 22.1.3.20); an object with a method of its own
/// does its part itself.
fn replace(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    all: bool,
    context: &mut Context,
) -> JsResult<JsValue> {
    this.require_object_coercible()?;
    let (pattern, value) = (arguments.get_or_undefined(0), arguments.get_or_undefined(1));
    if let Some(object) = pattern.as_object()
        && !object.get(JsSymbol::replace(), context)?.is_null_or_undefined()
    {
        return builtin.call(this, arguments, context);
    }
    let text = this.to_string(context)?;
    let pattern = pattern.to_string(context)?;
    let function = value.as_callable();
    let template = if function.is_some() { js_string!() } else { value.to_string(context)? };
    charge_search(&text, &pattern, context)?;
    let mut result = Building::default();
    let (units, wanted) = (text.to_vec(), pattern.to_vec());
    let (mut copied, mut from) = (0, 0);
    while let Some(at) = find(&units, &wanted, from) {
        meter::charge(context, 4)?;
        result.push(&text.slice(copied, at), context)?;
        match &function {
            Some(function) => {
                let passed = [pattern.clone().into(), JsValue::from(at), text.clone().into()];
                let part = function.call(&JsValue::undefined(), &passed, context)?.to_string(context)?;
                result.push(&part, context)?;
            }
            None => {
                let found = Found { text: &text, at, matched: &pattern, captures: &[], groups: None };
                substitute(&template, &found, &mut result, context)?;
            }
        }
        copied = at + pattern.len();
        from = at + pattern.len().max(1);
        if !all || from > text.len() {
            break;
        }
    }
    result.push(&text.slice(copied, text.len()), context)?;
    Ok(result.text().into())
}

/// The first place of a text at or after `from`.
fn find(units: &[u16], wanted: &[u16], from: usize) -> Option<usize> {
    let rest = units.get(from..)?;
    if wanted.is_empty() {
        return Some(from);
    }
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

/// A string that is put together and never grows beyond the longest.
#[derive(Default)]
pub(super) struct Building {
    units: Vec<u16>,
}

impl Building {
    pub(super) fn push(&mut self, part: &JsString, context: &mut Context) -> JsResult<()> {
        super::bounded(self.units.len().saturating_add(part.len()), context)?;
        charge_chars(part.len(), context)?;
        self.units.extend(part.iter());
        Ok(())
    }

    pub(super) fn text(&self) -> JsString {
        JsString::from(&self.units[..])
    }
}

/// What a replacement's `$` parts speak of.
pub(super) struct Found<'a> {
    pub(super) text: &'a JsString,
    pub(super) at: usize,
    pub(super) matched: &'a JsString,
    /// Captured groups from the first; `undefined` for one that took no part.
    pub(super) captures: &'a [JsValue],
    pub(super) groups: Option<&'a JsObject>,
}

/// `GetSubstitution` (ECMAScript 22.1.3.19.1).
pub(super) fn substitute(
    template: &JsString,
    found: &Found<'_>,
    result: &mut Building,
    context: &mut Context,
) -> JsResult<()> {
    const DOLLAR: u16 = b'$' as u16;
    let units = template.to_vec();
    let digit = |at: usize| {
        units.get(at).copied().filter(|unit| (48..58).contains(unit)).map(|it| usize::from(it - 48))
    };
    let mut at = 0;
    let mut plain = 0;
    while at < units.len() {
        if units[at] != DOLLAR {
            at += 1;
            continue;
        }
        let end = (found.at + found.matched.len()).min(found.text.len());
        let part = match units.get(at + 1).and_then(|unit| u8::try_from(*unit).ok()) {
            Some(b'$') => Some((2, js_string!("$"))),
            Some(b'&') => Some((2, found.matched.clone())),
            Some(b'`') => Some((2, found.text.slice(0, found.at))),
            Some(b'\'') => Some((2, found.text.slice(end, found.text.len()))),
            Some(b'<') => named(&units, at, found, context)?,
            Some(b'0'..=b'9') => {
                let one = digit(at + 1).unwrap_or(0);
                let two = digit(at + 2).map(|second| one * 10 + second);
                let count = found.captures.len();
                let (length, index) = match two {
                    Some(two) if (1..=count).contains(&two) => (3, two),
                    _ => (2, one),
                };
                match found.captures.get(index.wrapping_sub(1)) {
                    Some(capture) if capture.is_undefined() => Some((length, js_string!())),
                    Some(capture) => Some((length, capture.to_string(context)?)),
                    None => None,
                }
            }
            _ => None,
        };
        match part {
            Some((length, part)) => {
                result.push(&template.slice(plain, at), context)?;
                result.push(&part, context)?;
                at += length;
                plain = at;
            }
            None => at += 1,
        }
    }
    result.push(&template.slice(plain, units.len()), context)
}

/// `$<name>`: its length in the template and its text.
fn named(
    units: &[u16],
    at: usize,
    found: &Found<'_>,
    context: &mut Context,
) -> JsResult<Option<(usize, JsString)>> {
    let Some(groups) = found.groups else { return Ok(None) };
    let Some(length) = units[at..].iter().position(|unit| *unit == u16::from(b'>')) else { return Ok(None) };
    let name = JsString::from(&units[at + 2..at + length]);
    let capture = groups.get(name, context)?;
    let text = if capture.is_undefined() { js_string!() } else { capture.to_string(context)? };
    Ok(Some((length + 1, text)))
}
