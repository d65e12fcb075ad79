//! Typed extraction of arguments: a handler's parameter types say what it takes. Nothing here runs script code: no
//! getter, no `valueOf`, no `toString` of an object.

use std::marker::PhantomData;

use boa_engine::object::JsObject;
use boa_engine::object::builtins::JsDate;
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsValue, JsVariant, js_string};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::class::Member;
use super::datum;
use super::error::HostError;
use super::script::{ScriptObjects, UnitHandle};
use crate::contract::{CallbackId, Datum, Dictionary, Headers, UnitId};

/// The arguments of one call.
pub(crate) struct Args<'a> {
    /// The member that was called (`Call.reject`), for messages.
    pub member: Member,
    /// As the script gave them.
    pub values: &'a [JsValue],
    /// Where callbacks are kept.
    pub script: &'a mut ScriptObjects,
    /// For reading objects.
    pub context: &'a mut Context,
}

impl Args<'_> {
    fn at(&self, position: usize) -> JsValue {
        self.values.get(position).cloned().unwrap_or_default()
    }

    /// Any value; functions are left out.
    fn plain(&mut self, position: usize) -> Result<Datum, HostError> {
        let value = self.at(position);
        datum::plain(&value, self.context)
            .map(Option::unwrap_or_default)
            .map_err(|why| self.refuse(position, &format!("plain data ({why})")))
    }

    /// A `Date` argument as Unix milliseconds.
    ///
    /// # Errors
    /// When it is no valid `Date`.
    pub(crate) fn date(&mut self, position: usize) -> Result<f64, HostError> {
        let object = self.at(position).as_object();
        let date = object.and_then(|object| JsDate::from_object(object).ok());
        let ms = date.and_then(|date| date.get_time(self.context).ok()).and_then(|ms| ms.as_number());
        ms.filter(|ms| ms.is_finite()).ok_or_else(|| self.refuse(position, "a valid Date"))
    }

    fn refuse(&self, position: usize, wanted: &str) -> HostError {
        HostError::Argument {
            member: self.member.to_string(),
            position: position + 1,
            wanted: wanted.to_owned(),
        }
    }
}

/// A type that one argument can be read as.
pub(crate) trait FromArg: Sized {
    /// Reads the argument at `position` (from 0).
    ///
    /// # Errors
    /// When it is of another type.
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Self, HostError>;
}

impl FromArg for String {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<String, HostError> {
        plain_text(&args.at(position)).ok_or_else(|| args.refuse(position, "a string"))
    }
}

impl FromArg for f64 {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<f64, HostError> {
        let value = args.at(position);
        let text = value.as_string().and_then(|text| text.to_std_string_lossy().trim().parse().ok());
        value.as_number().or(text).ok_or_else(|| args.refuse(position, "a number"))
    }
}

impl FromArg for bool {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<bool, HostError> {
        Ok(args.at(position).to_boolean())
    }
}

impl<T: FromArg> FromArg for Option<T> {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Option<T>, HostError> {
        if args.at(position).is_null_or_undefined() {
            Ok(None)
        } else {
            T::from_arg(args, position).map(Some)
        }
    }
}

/// Any JSON value; `undefined` and functions read as null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json(pub Value);

impl FromArg for Json {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Json, HostError> {
        args.plain(position).map(|value| Json(value.json()))
    }
}

/// Any value with everything that can cross: units, bytes, and functions at any depth, which the engine keeps and the host
/// may call later. `undefined` reads as null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plain(pub Datum);

impl FromArg for Plain {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Plain, HostError> {
        let value = args.at(position);
        let read = datum::live(&value, args.script, args.context);
        read.map(|value| Plain(value.unwrap_or_default()))
            .map_err(|why| args.refuse(position, &format!("plain data ({why})")))
    }
}

/// The names of the arguments of an older, positional form, from the one on at which today's form has its options object.
pub(crate) trait Positional {
    /// In order.
    const NAMES: &'static [&'static str];
}

/// An options object, in whichever form: today's is an object; anything else is the older form, whose arguments from here
/// on become fields by their positions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Form<P>(pub Dictionary, pub PhantomData<P>);

impl<P: Positional> FromArg for Form<P> {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Form<P>, HostError> {
        let Plain(first) = Plain::from_arg(args, position)?;
        if let Datum::Map(options) = first {
            return Ok(Form(options, PhantomData));
        }
        let mut options = Dictionary::new();
        for (at, name) in (position..).zip(P::NAMES) {
            let Plain(value) = Plain::from_arg(args, at)?;
            if value != Datum::Null {
                options.insert(*name, value);
            }
        }
        Ok(Form(options, PhantomData))
    }
}

/// All arguments as plain values, without functions: what becomes a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AllPlain(pub Vec<Datum>);

/// An options object read by serde; `undefined` is the default.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options<T>(pub T);

impl<T: DeserializeOwned + Default> FromArg for Options<T> {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Options<T>, HostError> {
        let Json(value) = Json::from_arg(args, position)?;
        match value {
            Value::Null => Ok(Options(T::default())),
            Value::Object(_) => serde_json::from_value(value)
                .map(Options)
                .map_err(|why| args.refuse(position, &format!("an options object ({why})"))),
            _ => Err(args.refuse(position, "an options object")),
        }
    }
}

/// SIP headers: an object of name and value. Values are written as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HeaderFields(pub Headers);

impl FromArg for HeaderFields {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<HeaderFields, HostError> {
        let Json(value) = Json::from_arg(args, position)?;
        let Value::Object(fields) = value else { return Ok(HeaderFields::default()) };
        let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
        Ok(HeaderFields(fields.into_iter().map(|(name, value)| (name, text(value))).collect()))
    }
}

/// Anything that media can be sent to or from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaUnit(pub UnitId);

impl FromArg for MediaUnit {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<MediaUnit, HostError> {
        let unit = args.at(position).as_object().and_then(|object| unit_of(&object));
        unit.map(MediaUnit)
            .ok_or_else(|| args.refuse(position, "a media unit (a call, a player, a voice client ...)"))
    }
}

/// A function of the script, kept in the engine until it is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Callback(pub CallbackId);

impl FromArg for Callback {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<Callback, HostError> {
        let function = args.at(position).as_function();
        let function = function.ok_or_else(|| args.refuse(position, "a function"))?;
        Ok(Callback(args.script.keep(function)))
    }
}

/// A text as the log shows it: strings as they are, objects as JSON, errors as their message, the rest as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogText(pub String);

impl FromArg for LogText {
    fn from_arg(args: &mut Args<'_>, position: usize) -> Result<LogText, HostError> {
        let value = args.at(position);
        Ok(LogText(log_text(&value, args.context)))
    }
}

/// The text of any value without running script code (policy F-006).
pub(crate) fn log_text(value: &JsValue, context: &mut Context) -> String {
    if let Some(text) = plain_text(value) {
        return text;
    }
    if let Some(object) = value.as_object() {
        if object.is_callable() {
            return "function".to_owned();
        }
        if object.is::<boa_engine::builtins::error::Error>() {
            return error_text(&object);
        }
        return match datum::plain(value, context) {
            Ok(Some(datum)) => datum.to_json(&|_| Value::Object(serde_json::Map::new())).to_string(),
            Ok(None) | Err(_) => "[object Object]".to_owned(),
        };
    }
    value.display().to_string()
}

/// `TypeError: message` of an error object, by its data properties.
pub(crate) fn error_text(object: &JsObject) -> String {
    let text_of = |name: &str| {
        let key = PropertyKey::from(js_string!(name));
        let mut next = Some(object.clone());
        for _ in 0..16 {
            let object = next?;
            let found =
                object.try_borrow().ok()?.properties().get(&key).and_then(|found| found.value().cloned());
            if let Some(text) = found.as_ref().and_then(plain_text) {
                return Some(text);
            }
            next = object.prototype();
        }
        None
    };
    let name = text_of("name").unwrap_or_else(|| "Error".to_owned());
    match text_of("message").filter(|message| !message.is_empty()) {
        Some(message) => format!("{name}: {message}"),
        None => name,
    }
}

/// The text of a primitive.
fn plain_text(value: &JsValue) -> Option<String> {
    match value.variant() {
        JsVariant::String(text) => Some(text.to_std_string_lossy()),
        JsVariant::Integer32(number) => Some(number.to_string()),
        JsVariant::Float64(_) | JsVariant::Boolean(_) => Some(value.display().to_string()),
        _ => None,
    }
}

/// The unit that an object stands for.
pub(crate) fn unit_of(object: &JsObject) -> Option<UnitId> {
    object.downcast_ref::<UnitHandle>().map(|handle| handle.unit())
}

/// A handler's parameters: `()`, or a tuple of up to eight.
pub(crate) trait FromArgs: Sized {
    /// What the function's `length` says.
    const LENGTH: usize;

    /// Reads them all.
    ///
    /// # Errors
    /// The first argument that does not fit.
    fn from_args(args: &mut Args<'_>) -> Result<Self, HostError>;
}

impl FromArgs for () {
    const LENGTH: usize = 0;
    fn from_args(_: &mut Args<'_>) -> Result<(), HostError> {
        Ok(())
    }
}

impl FromArgs for AllPlain {
    const LENGTH: usize = 1;
    fn from_args(args: &mut Args<'_>) -> Result<AllPlain, HostError> {
        (0..args.values.len()).map(|position| args.plain(position)).collect::<Result<_, _>>().map(AllPlain)
    }
}

/// A tuple of so many arguments.
macro_rules! tuple_of_arguments {
    ($length:literal: $($kind:ident $position:literal),+) => {
        impl<$($kind: FromArg),+> FromArgs for ($($kind,)+) {
            const LENGTH: usize = $length;
            fn from_args(args: &mut Args<'_>) -> Result<($($kind,)+), HostError> {
                Ok(($($kind::from_arg(args, $position)?,)+))
            }
        }
    };
}

tuple_of_arguments!(1: A 0);
tuple_of_arguments!(2: A 0, B 1);
tuple_of_arguments!(3: A 0, B 1, C 2);
tuple_of_arguments!(4: A 0, B 1, C 2, D 3);
tuple_of_arguments!(5: A 0, B 1, C 2, D 3, E 4);
tuple_of_arguments!(6: A 0, B 1, C 2, D 3, E 4, F 5);
tuple_of_arguments!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_of_arguments!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
