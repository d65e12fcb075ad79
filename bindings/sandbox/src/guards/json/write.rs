//! `JSON.stringify` (ECMAScript 25.5.2).

use super::MAX_DEPTH;
use crate::guards::natives::length;
use crate::meter;
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsArgs, JsNativeError, JsObject, JsResult, JsString, JsValue, js_string};

/// Text is checked against its bounds once for so many characters.
const BATCH: usize = 1 << 12;

struct Writer {
    replacer: Option<JsObject>,
    names: Option<Vec<PropertyKey>>,
    gap: Vec<u16>,
    open: Vec<JsObject>,
    text: Vec<u16>,
    charged: usize,
}

pub(super) fn stringify(
    _: &JsValue,
    arguments: &[JsValue],
    _: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let mut writer = Writer {
        replacer: arguments.get_or_undefined(1).as_callable(),
        names: None,
        gap: gap(arguments.get_or_undefined(2), context)?,
        open: Vec::new(),
        text: Vec::new(),
        charged: 0,
    };
    if let Some(list) = arguments.get_or_undefined(1).as_object()
        && list.is_array()
    {
        writer.names = Some(names(&list, context)?);
    }
    let value = arguments.get_or_undefined(0).clone();
    let holder = JsObject::with_object_proto(context.intrinsics());
    holder.create_data_property_or_throw(js_string!(), value.clone(), context)?;
    let Some(value) = writer.prepared(&holder, &js_string!().into(), value, context)? else {
        return Ok(JsValue::undefined());
    };
    writer.value(&value, context)?;
    crate::guards::bounded(writer.text.len(), context)?;
    Ok(JsString::from(&writer.text[..]).into())
}

fn gap(space: &JsValue, context: &mut Context) -> JsResult<Vec<u16>> {
    let space = unboxed(space.clone(), context)?;
    if space.is_number() {
        let count = space.to_integer_or_infinity(context)?.clamp_finite(0i64, 10);
        return Ok(vec![u16::from(b' '); usize::try_from(count).unwrap_or(0)]);
    }
    Ok(space.as_string().map_or_else(Vec::new, |text| text.iter().take(10).collect()))
}

/// The value within a `Number`, `String`, `Boolean` or `BigInt` object; other values as they are.
fn unboxed(value: JsValue, context: &mut Context) -> JsResult<JsValue> {
    let Some(object) = value.as_object() else { return Ok(value) };
    if object.is::<f64>() {
        return Ok(JsValue::new(value.to_number(context)?));
    }
    if object.is::<JsString>() {
        return Ok(value.to_string(context)?.into());
    }
    if let Some(boolean) = object.downcast_ref::<bool>().map(|it| *it) {
        return Ok(JsValue::new(boolean));
    }
    let big = object.downcast_ref::<boa_engine::JsBigInt>().map(|it| it.clone());
    Ok(big.map_or(value, JsValue::from))
}

/// The property list of an array replacer.
fn names(list: &JsObject, context: &mut Context) -> JsResult<Vec<PropertyKey>> {
    let count = length(&list.clone().into(), context)?;
    let mut names: Vec<PropertyKey> = Vec::new();
    meter::charge(context, count.saturating_mul(4))?;
    for index in 0..count {
        let item = list.get(index, context)?;
        let boxed = item.as_object().is_some_and(|object| object.is::<f64>() || object.is::<JsString>());
        if item.is_string() || item.is_number() || boxed {
            let name = PropertyKey::from(item.to_string(context)?);
            meter::charge(context, names.len() as u64 / 8)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// The names of an object's own enumerable properties, in order.
pub(super) fn own_names(object: &JsObject, context: &mut Context) -> JsResult<Vec<PropertyKey>> {
    let keys = object.own_property_keys(context)?;
    meter::charge(context, keys.len() as u64)?;
    let mut names = Vec::with_capacity(keys.len());
    let plain = object.is_ordinary();
    for key in keys {
        if matches!(key, PropertyKey::Symbol(_)) {
            continue;
        }
        let enumerable = if plain {
            object.borrow().properties().get(&key).is_some_and(|own| own.enumerable() == Some(true))
        } else {
            enumerable(object, &key, context)?
        };
        if enumerable {
            names.push(key);
        }
    }
    Ok(names)
}

/// Asks a proxy, or another object that keeps its properties in a way of its own.
fn enumerable(object: &JsObject, key: &PropertyKey, context: &mut Context) -> JsResult<bool> {
    let ask = context.intrinsics().constructors().object().prototype();
    let ask = ask.get(js_string!("propertyIsEnumerable"), context)?;
    match ask.as_callable() {
        Some(ask) => Ok(ask.call(&object.clone().into(), &[JsValue::from(key)], context)?.to_boolean()),
        None => Ok(false),
    }
}

impl Writer {
    fn plain(&mut self, text: &str) {
        self.text.extend(text.encode_utf16());
    }

    fn bounds(&mut self, context: &mut Context) -> JsResult<()> {
        if self.text.len() >= self.charged {
            let more = self.text.len() - self.charged + BATCH;
            self.charged = self.text.len() + BATCH;
            crate::guards::bounded(self.text.len(), context)?;
            meter::charge(context, more as u64 / 8)?;
        }
        Ok(())
    }

    /// The first half of `SerializeJSONProperty`: `toJSON`, the replacer, boxes. Nothing for a value that is left out.
    fn prepared(
        &self,
        holder: &JsObject,
        key: &PropertyKey,
        mut value: JsValue,
        context: &mut Context,
    ) -> JsResult<Option<JsValue>> {
        let name = || match key {
            PropertyKey::String(name) => JsValue::from(name.clone()),
            key => JsValue::from(JsString::from(key.to_string())),
        };
        if value.is_object() || value.is_bigint() {
            let object = value.to_object(context)?;
            if let Some(own) = object.get(js_string!("toJSON"), context)?.as_callable() {
                value = own.call(&value, &[name()], context)?;
            }
        }
        if let Some(replacer) = &self.replacer {
            value = replacer.call(&holder.clone().into(), &[name(), value], context)?;
        }
        let value = unboxed(value, context)?;
        if value.is_bigint() {
            return Err(JsNativeError::typ().with_message("BigInt value can't be serialized in JSON").into());
        }
        let left_out = value.is_undefined() || value.is_symbol() || value.is_callable();
        Ok((!left_out).then_some(value))
    }

    fn value(&mut self, value: &JsValue, context: &mut Context) -> JsResult<()> {
        meter::charge(context, 2)?;
        self.bounds(context)?;
        if let Some(text) = value.as_string() {
            self.quoted(&text);
        } else if let Some(object) = value.as_object() {
            if self.open.iter().any(|outer| JsObject::equals(outer, &object)) {
                return Err(JsNativeError::typ().with_message("cyclic object value").into());
            }
            if self.open.len() >= MAX_DEPTH {
                return Err(meter::too_deep(context));
            }
            meter::charge(context, self.open.len() as u64 / 8)?;
            self.open.push(object.clone());
            if is_array(&object, context)? {
                self.array(&object, context)?;
            } else {
                self.object(&object, context)?;
            }
            self.open.pop();
        } else if value.as_number().is_some_and(|number| !number.is_finite()) {
            self.plain("null");
        } else {
            let text = value.to_string(context)?;
            self.text.extend(text.iter());
        }
        Ok(())
    }

    fn line(&mut self) {
        if !self.gap.is_empty() {
            self.text.push(u16::from(b'\n'));
            for _ in 0..self.open.len() {
                self.text.extend_from_slice(&self.gap);
            }
        }
    }

    fn close(&mut self, any: bool, bracket: u8) {
        if any && !self.gap.is_empty() {
            self.text.push(u16::from(b'\n'));
            for _ in 1..self.open.len() {
                self.text.extend_from_slice(&self.gap);
            }
        }
        self.text.push(u16::from(bracket));
    }

    fn array(&mut self, array: &JsObject, context: &mut Context) -> JsResult<()> {
        let count = length(&array.clone().into(), context)?;
        self.plain("[");
        for index in 0..count {
            if index > 0 {
                self.plain(",");
            }
            self.line();
            let element = array.get(index, context)?;
            match self.prepared(array, &PropertyKey::from(index), element, context)? {
                Some(value) => self.value(&value, context)?,
                None => {
                    meter::charge(context, 2)?;
                    self.bounds(context)?;
                    self.plain("null");
                }
            }
        }
        self.close(count > 0, b']');
        Ok(())
    }

    fn object(&mut self, object: &JsObject, context: &mut Context) -> JsResult<()> {
        let names = match &self.names {
            Some(names) => names.clone(),
            None => own_names(object, context)?,
        };
        self.plain("{");
        let mut any = false;
        for name in names {
            let value = object.get(name.clone(), context)?;
            let Some(value) = self.prepared(object, &name, value, context)? else { continue };
            if any {
                self.plain(",");
            }
            any = true;
            self.line();
            match &name {
                PropertyKey::String(name) => self.quoted(name),
                name => self.quoted(&JsString::from(name.to_string())),
            }
            self.plain(if self.gap.is_empty() { ":" } else { ": " });
            self.value(&value, context)?;
        }
        self.close(any, b'}');
        Ok(())
    }

    /// `QuoteJSONString` (ECMAScript 25.5.2.3).
    fn quoted(&mut self, text: &JsString) {
        self.plain("\"");
        let units = text.to_vec();
        for (at, &unit) in units.iter().enumerate() {
            let low_follows = units.get(at + 1).is_some_and(|next| (0xdc00..0xe000).contains(next));
            let high_before = at > 0 && (0xd800..0xdc00).contains(&units[at - 1]);
            match unit {
                0x22 => self.plain("\\\""),
                0x5c => self.plain("\\\\"),
                0x08 => self.plain("\\b"),
                0x0c => self.plain("\\f"),
                0x0a => self.plain("\\n"),
                0x0d => self.plain("\\r"),
                0x09 => self.plain("\\t"),
                0..0x20 => self.plain(&format!("\\u{unit:04x}")),
                0xd800..0xdc00 if !low_follows => self.plain(&format!("\\u{unit:04x}")),
                0xdc00..0xe000 if !high_before => self.plain(&format!("\\u{unit:04x}")),
                _ => self.text.push(unit),
            }
        }
        self.plain("\"");
    }
}

/// `IsArray`: an array, or a proxy of one.
fn is_array(object: &JsObject, context: &mut Context) -> JsResult<bool> {
    if object.is_array() || object.is_ordinary() {
        return Ok(object.is_array());
    }
    let ask = context.intrinsics().constructors().array().constructor();
    let ask = ask.get(js_string!("isArray"), context)?;
    match ask.as_callable() {
        Some(ask) => Ok(ask.call(&JsValue::undefined(), &[object.clone().into()], context)?.to_boolean()),
        None => Ok(false),
    }
}
