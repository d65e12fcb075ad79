//! `JSON.parse` (ECMAScript 25.5.1).

use super::MAX_DEPTH;
use crate::guards::natives::length;
use crate::meter;
use boa_engine::object::builtins::JsArray;
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsArgs, JsError, JsNativeError, JsObject, JsResult, JsString, JsValue, js_string};

/// Steps are charged once for so many characters.
const BATCH: usize = 1 << 12;

struct Reader<'a> {
    units: &'a [u16],
    at: usize,
    charged: usize,
}

pub(super) fn parse(
    _: &JsValue,
    arguments: &[JsValue],
    _: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    let text = arguments.get_or_undefined(0).to_string(context)?;
    let units = text.to_vec();
    let mut reader = Reader { units: &units, at: 0, charged: 0 };
    let value = reader.value(0, context)?;
    reader.blanks();
    if reader.at < units.len() {
        return Err(reader.problem("unexpected non-whitespace character after JSON data"));
    }
    let Some(reviver) = arguments.get_or_undefined(1).as_callable() else { return Ok(value) };
    let root = JsObject::with_object_proto(context.intrinsics());
    root.create_data_property_or_throw(js_string!(), value, context)?;
    revive(&root, js_string!().into(), &reviver, 0, context)
}

/// `InternalizeJSONProperty` (ECMAScript 25.5.1.1).
fn revive(
    holder: &JsObject,
    key: PropertyKey,
    reviver: &JsObject,
    depth: usize,
    context: &mut Context,
) -> JsResult<JsValue> {
    meter::charge(context, 4)?;
    if depth > MAX_DEPTH {
        return Err(meter::too_deep(context));
    }
    let value = holder.get(key.clone(), context)?;
    if let Some(object) = value.as_object() {
        let keys: Vec<PropertyKey> = if object.is_array() {
            let count = length(&value, context)?;
            meter::charge(context, count)?;
            (0..count).map(PropertyKey::from).collect()
        } else {
            super::write::own_names(&object, context)?
        };
        for key in keys {
            let revived = revive(&object, key.clone(), reviver, depth + 1, context)?;
            if revived.is_undefined() {
                object.delete_property_or_throw(key, context).ok();
            } else {
                object.create_data_property(key, revived, context)?;
            }
        }
    }
    let name = match &key {
        PropertyKey::String(name) => name.clone(),
        key => JsString::from(key.to_string()),
    };
    reviver.call(&holder.clone().into(), &[name.into(), value], context)
}

impl Reader<'_> {
    fn problem(&self, what: &str) -> JsError {
        let mut line = 1;
        let mut column = 1;
        for unit in &self.units[..self.at.min(self.units.len())] {
            column += 1;
            if *unit == u16::from(b'\n') {
                line += 1;
                column = 1;
            }
        }
        let message = format!("JSON.parse: {what} at line {line} column {column} of the JSON data");
        JsNativeError::syntax().with_message(message).into()
    }

    fn peek(&self) -> Option<u8> {
        self.units.get(self.at).map(|unit| u8::try_from(*unit).unwrap_or(0xff))
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize, context: &mut Context) -> JsResult<JsValue> {
        if depth > MAX_DEPTH {
            return Err(meter::too_deep(context));
        }
        if self.at >= self.charged {
            self.charged = self.at + BATCH;
            meter::charge(context, BATCH as u64 / 4)?;
        }
        self.blanks();
        match self.peek() {
            None => Err(self.problem("unexpected end of data")),
            Some(b'{') => self.object(depth, context),
            Some(b'[') => self.array(depth, context),
            Some(b'"') => Ok(self.string()?.into()),
            Some(b't') => self.word("true", JsValue::new(true)),
            Some(b'f') => self.word("false", JsValue::new(false)),
            Some(b'n') => self.word("null", JsValue::null()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.problem("unexpected character")),
        }
    }

    fn word(&mut self, word: &str, value: JsValue) -> JsResult<JsValue> {
        let end = self.at + word.len();
        let same =
            self.units.get(self.at..end).is_some_and(|units| units.iter().copied().eq(word.encode_utf16()));
        if !same {
            return Err(self.problem("unexpected keyword"));
        }
        self.at = end;
        Ok(value)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> JsResult<JsValue> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 {
            return Err(self.problem("no number after minus sign"));
        }
        if leading_zero && digits > 1 {
            return Err(self.problem("expected ',' or '}' or ']' after a leading zero"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.problem("missing digits after decimal point"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.problem("missing digits after exponent indicator"));
            }
        }
        let text: String = self.units[start..self.at]
            .iter()
            .map(|unit| char::from(u8::try_from(*unit).unwrap_or(b'0')))
            .collect();
        let number: f64 = text.parse().map_err(|_| self.problem("bad number"))?;
        Ok(JsValue::new(number))
    }

    fn string(&mut self) -> JsResult<JsString> {
        self.at += 1;
        let start = self.at;
        let mut changed: Option<Vec<u16>> = None;
        loop {
            let Some(&unit) = self.units.get(self.at) else {
                return Err(self.problem("unterminated string"));
            };
            match unit {
                0x22 => {
                    let text = JsString::from(changed.as_deref().unwrap_or(&self.units[start..self.at]));
                    self.at += 1;
                    return Ok(text);
                }
                0x5c => {
                    let mut units = changed.unwrap_or_else(|| self.units[start..self.at].to_vec());
                    self.at += 1;
                    units.push(self.escape()?);
                    changed = Some(units);
                }
                0..0x20 => return Err(self.problem("bad control character in string literal")),
                _ => {
                    if let Some(units) = &mut changed {
                        units.push(unit);
                    }
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) -> JsResult<u16> {
        let escaped = match self.peek() {
            Some(simple @ (b'"' | b'\\' | b'/')) => simple,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let mut unit = 0u16;
                for offset in 1..=4 {
                    let digit = self.units.get(self.at + offset).and_then(|unit| u8::try_from(*unit).ok());
                    let Some(digit) = digit.and_then(|it| char::from(it).to_digit(16)) else {
                        return Err(self.problem("bad Unicode escape"));
                    };
                    unit = unit * 16 + u16::try_from(digit).unwrap_or(0);
                }
                self.at += 5;
                return Ok(unit);
            }
            _ => return Err(self.problem("bad escaped character")),
        };
        self.at += 1;
        Ok(u16::from(escaped))
    }

    fn array(&mut self, depth: usize, context: &mut Context) -> JsResult<JsValue> {
        self.at += 1;
        let mut elements = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(JsArray::new(context)?.into());
        }
        loop {
            elements.push(self.value(depth + 1, context)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.problem("expected ',' or ']' after array element")),
            }
        }
        self.at += 1;
        Ok(JsArray::from_iter(elements, context).into())
    }

    fn object(&mut self, depth: usize, context: &mut Context) -> JsResult<JsValue> {
        self.at += 1;
        let object = JsObject::with_object_proto(context.intrinsics());
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(object.into());
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.problem("expected double-quoted property name"));
            }
            let key = self.string()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.problem("expected ':' after property name in object"));
            }
            self.at += 1;
            let value = self.value(depth + 1, context)?;
            object.create_data_property_or_throw(key, value, context)?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.problem("expected ',' or '}' after property value in object")),
            }
        }
        self.at += 1;
        Ok(object.into())
    }
}
