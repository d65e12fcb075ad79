//! `RegExp.prototype[@@replace]` and `[@@split]` (ECMAScript 22.2.6.11, 22.2.6.14), written here because the engine's
//! put strings together without bound, and split by trying every character.

use crate::guards::natives::{charge_chars, length};
use crate::guards::strings::{Building, Found, substitute};
use crate::guards::wrap;
use crate::meter;
use boa_engine::object::builtins::JsArray;
use boa_engine::property::PropertyKey;
use boa_engine::{
    Context, JsArgs, JsNativeError, JsObject, JsResult, JsString, JsSymbol, JsValue, js_string,
};

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let holder = wrap::object_at("RegExp.prototype", context)?;
    wrap::guard_at(&holder, &JsSymbol::replace().into(), replace, context)?;
    wrap::guard_at(&holder, &JsSymbol::split().into(), split, context)
}

fn receiver(this: &JsValue) -> JsResult<JsObject> {
    let wrong = || JsNativeError::typ().with_message("not an object").into();
    this.as_object().ok_or_else(wrong)
}

/// `RegExpExec` (ECMAScript 22.2.7.1).
fn exec(object: &JsObject, text: &JsString, context: &mut Context) -> JsResult<Option<JsObject>> {
    let wrong = || JsNativeError::typ().with_message("not a regular expression");
    let own = object.get(js_string!("exec"), context)?.as_callable().ok_or_else(wrong)?;
    let result = own.call(&object.clone().into(), &[text.clone().into()], context)?;
    match result.as_object() {
        Some(found) => Ok(Some(found)),
        None if result.is_null() => Ok(None),
        None => Err(wrong().into()),
    }
}

/// The next index after an empty match (`AdvanceStringIndex`).
fn advance(text: &JsString, at: usize, unicode: bool) -> usize {
    let pair = unicode
        && text.code_unit_at(at).is_some_and(|unit| (0xd800..0xdc00).contains(&unit))
        && text.code_unit_at(at + 1).is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
    at + if pair { 2 } else { 1 }
}

fn index(object: &JsObject, name: &str, context: &mut Context) -> JsResult<usize> {
    let index = object.get(JsString::from(name), context)?.to_length(context)?;
    Ok(usize::try_from(index).unwrap_or(usize::MAX))
}

fn replace(this: &JsValue, arguments: &[JsValue], _: &JsObject, context: &mut Context) -> JsResult<JsValue> {
    let object = receiver(this)?;
    let text = arguments.get_or_undefined(0).to_string(context)?;
    let function = arguments.get_or_undefined(1).as_callable();
    let template = match &function {
        Some(_) => js_string!(),
        None => arguments.get_or_undefined(1).to_string(context)?,
    };
    let flags = object.get(js_string!("flags"), context)?.to_string(context)?.to_std_string_lossy();
    let (global, unicode) = (flags.contains('g'), flags.contains(['u', 'v']));
    if global {
        object.set(js_string!("lastIndex"), 0, true, context)?;
    }
    let mut results = Vec::new();
    while let Some(result) = exec(&object, &text, context)? {
        results.push(result.clone());
        if !global {
            break;
        }
        if result.get(0, context)?.to_string(context)?.is_empty() {
            let next = advance(&text, index(&object, "lastIndex", context)?, unicode);
            object.set(js_string!("lastIndex"), next, true, context)?;
        }
    }
    let mut building = Building::default();
    let mut copied = 0;
    for result in results {
        let matched = result.get(0, context)?.to_string(context)?;
        let at = result.get(js_string!("index"), context)?.to_integer_or_infinity(context)?;
        let at = at.clamp_finite(0, i64::try_from(text.len()).unwrap_or(i64::MAX));
        let at = usize::try_from(at).unwrap_or(0);
        let part = Part { text: &text, at, matched: &matched, result: &result };
        let mut part_text = Building::default();
        part.put(function.as_ref(), &template, &mut part_text, context)?;
        if at >= copied {
            building.push(&text.slice(copied, at), context)?;
            building.push(&part_text.text(), context)?;
            copied = at + matched.len();
        }
    }
    if copied < text.len() {
        building.push(&text.slice(copied, text.len()), context)?;
    }
    Ok(building.text().into())
}

/// One match that is being replaced.
struct Part<'a> {
    text: &'a JsString,
    at: usize,
    matched: &'a JsString,
    result: &'a JsObject,
}

impl Part<'_> {
    fn put(
        &self,
        function: Option<&JsObject>,
        template: &JsString,
        building: &mut Building,
        context: &mut Context,
    ) -> JsResult<()> {
        let count = length(&self.result.clone().into(), context)?;
        meter::charge(context, count.saturating_mul(4))?;
        let mut captures = Vec::new();
        for group in 1..count {
            let capture = self.result.get(group, context)?;
            let text = if capture.is_undefined() { capture } else { capture.to_string(context)?.into() };
            captures.push(text);
        }
        let groups = self.result.get(js_string!("groups"), context)?;
        let Some(function) = function else {
            let groups = if groups.is_undefined() { None } else { Some(groups.to_object(context)?) };
            let found = Found {
                text: self.text,
                at: self.at,
                matched: self.matched,
                captures: &captures,
                groups: groups.as_ref(),
            };
            return substitute(template, &found, building, context);
        };
        let mut passed = vec![JsValue::from(self.matched.clone())];
        passed.append(&mut captures);
        passed.push(self.at.into());
        passed.push(self.text.clone().into());
        if !groups.is_undefined() {
            passed.push(groups);
        }
        let part = function.call(&JsValue::undefined(), &passed, context)?.to_string(context)?;
        building.push(&part, context)
    }
}

/// Searches from each place instead of asking at each place whether a match begins there: the first match found is the
/// first place that would have answered.
fn split(this: &JsValue, arguments: &[JsValue], _: &JsObject, context: &mut Context) -> JsResult<JsValue> {
    let object = receiver(this)?;
    let text = arguments.get_or_undefined(0).to_string(context)?;
    let limit = match arguments.get_or_undefined(1) {
        limit if limit.is_undefined() => u32::MAX,
        limit => limit.to_u32(context)?,
    };
    let flags = object.get(js_string!("flags"), context)?.to_string(context)?.to_std_string_lossy();
    let unicode = flags.contains(['u', 'v']);
    let searching = format!("{}g", flags.replace(['g', 'y'], ""));
    let constructor = species(&object, context)?;
    let splitter =
        constructor.construct(&[object.into(), JsString::from(searching).into()], None, context)?;
    let mut parts: Vec<JsValue> = Vec::new();
    let full = |parts: &Vec<JsValue>| parts.len() >= limit as usize;
    if limit == 0 {
        return Ok(JsArray::new(context)?.into());
    }
    charge_chars(text.len(), context)?;
    if text.is_empty() {
        if exec(&splitter, &text, context)?.is_none() {
            parts.push(text.into());
        }
        return Ok(JsArray::from_iter(parts, context).into());
    }
    let (mut copied, mut from) = (0, 0);
    while from < text.len() {
        splitter.set(js_string!("lastIndex"), from, true, context)?;
        let Some(found) = exec(&splitter, &text, context)? else { break };
        let at = index(&found, "index", context)?;
        let end = index(&splitter, "lastIndex", context)?.min(text.len());
        if at >= text.len() {
            break;
        }
        if end == copied || (end == at && at == copied) {
            from = advance(&text, at.max(from), unicode);
            continue;
        }
        parts.push(text.slice(copied, at).into());
        copied = end;
        for group in 1..length(&found.clone().into(), context)? {
            if !full(&parts) {
                parts.push(found.get(PropertyKey::from(group), context)?);
            }
        }
        if full(&parts) {
            parts.truncate(limit as usize);
            return Ok(JsArray::from_iter(parts, context).into());
        }
        from = if end == at { advance(&text, end, unicode) } else { end };
    }
    parts.push(text.slice(copied, text.len()).into());
    Ok(JsArray::from_iter(parts, context).into())
}

/// `SpeciesConstructor` with `%RegExp%` (ECMAScript 7.3.22).
fn species(object: &JsObject, context: &mut Context) -> JsResult<JsObject> {
    let usual = wrap::object_at("RegExp", context)?;
    let Some(constructor) = object.get(js_string!("constructor"), context)?.as_object() else {
        return Ok(usual);
    };
    let species = constructor.get(JsSymbol::species(), context)?;
    Ok(species.as_constructor().unwrap_or(usual))
}
