//! Strict reading of client events: shapes are data, and the first thing that does not fit is the provider's error with
//! its code and path. It deliberately knows no meaning; what needs the session or the conversation is checked there.

use serde_json::Value;

use super::problem::Problem;
use crate::contract::Fields;

/// What a value must be like.
#[derive(Debug)]
pub(super) enum Shape {
    Anything,
    Null,
    Text,
    Flag,
    Integer {
        least: i64,
        most: i64,
    },
    Decimal {
        least: f64,
        most: f64,
    },
    /// One of these texts.
    Choice(&'static [&'static str]),
    List(&'static Shape),
    /// An object with any keys.
    Map,
    /// An object with these keys only.
    Object(&'static [Key]),
    /// An object whose `type` decides its other keys.
    Tagged(&'static [(&'static str, &'static [Key])]),
    /// The first of these that is of the value's JSON type.
    Either(&'static [Shape]),
}

/// A key of an object.
#[derive(Debug)]
pub(super) struct Key {
    name: &'static str,
    shape: Shape,
    required: bool,
}

/// A key that must be there.
pub(super) const fn must(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, required: true }
}

/// A key that may be there.
pub(super) const fn may(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, required: false }
}

/// Checks a value; `path` is its name in messages.
pub(super) fn check(value: &Value, shape: &Shape, path: &str) -> Result<(), Problem> {
    if !shape.takes(value) {
        return Err(Problem::wrong_type(path, &shape.expected(), value));
    }
    match (shape, value) {
        (Shape::Integer { least, most }, Value::Number(number)) => {
            let got = number.as_i64().unwrap_or(i64::MAX);
            range("integer", path, got, *least, *most)
        }
        (Shape::Decimal { least, most }, Value::Number(number)) => {
            range("decimal", path, number.as_f64().unwrap_or(f64::MAX), *least, *most)
        }
        (Shape::Choice(known), Value::String(text)) if !known.contains(&text.as_str()) => {
            Err(Problem::wrong_value(path, text, known.iter().copied()))
        }
        (Shape::List(of), Value::Array(values)) => {
            values.iter().enumerate().try_for_each(|(at, value)| check(value, of, &format!("{path}[{at}]")))
        }
        (Shape::Object(keys), Value::Object(fields)) => check_fields(fields, keys, path, false),
        (Shape::Tagged(variants), Value::Object(fields)) => {
            let here = join(path, "type");
            let tag = fields.get("type").ok_or_else(|| Problem::missing(&here))?;
            let tag = tag.as_str().ok_or_else(|| Problem::wrong_type(&here, "a string", tag))?;
            match variants.iter().find(|(name, _)| *name == tag) {
                Some((_, keys)) => check_fields(fields, keys, path, true),
                None => Err(Problem::wrong_value(&here, tag, variants.iter().map(|(name, _)| *name))),
            }
        }
        (Shape::Either(shapes), _) => match shapes.iter().find(|shape| shape.takes(value)) {
            Some(shape) => check(value, shape, path),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Checks the keys of an object: unknown ones first, then missing ones, then each value.
pub(super) fn check_fields(fields: &Fields, keys: &[Key], path: &str, tagged: bool) -> Result<(), Problem> {
    for name in fields.keys() {
        let known = tagged && name == "type" || keys.iter().any(|key| key.name == name);
        if !known {
            return Err(Problem::unknown_parameter(&join(path, name)));
        }
    }
    for key in keys.iter().filter(|key| key.required) {
        if !fields.contains_key(key.name) {
            return Err(Problem::missing(&join(path, key.name)));
        }
    }
    for key in keys {
        if let Some(value) = fields.get(key.name) {
            check(value, &key.shape, &join(path, key.name))?;
        }
    }
    Ok(())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn range<N: PartialOrd + std::fmt::Display>(
    kind: &str,
    path: &str,
    got: N,
    least: N,
    most: N,
) -> Result<(), Problem> {
    let (code, word, sign, bound) = if got < least {
        let code = if kind == "integer" { "integer_below_min_value" } else { "decimal_below_min_value" };
        (code, "below minimum", ">=", least)
    } else if got > most {
        let code = if kind == "integer" { "integer_above_max_value" } else { "decimal_above_max_value" };
        (code, "above maximum", "<=", most)
    } else {
        return Ok(());
    };
    let message = format!(
        "Invalid '{path}': {kind} {word} value. Expected a value {sign} {bound}, but got {got} instead."
    );
    Err(Problem::new(code, message).at(path))
}

impl Shape {
    /// Whether the value is of this shape's JSON type.
    fn takes(&self, value: &Value) -> bool {
        match self {
            Shape::Anything => true,
            Shape::Null => value.is_null(),
            Shape::Text | Shape::Choice(_) => value.is_string(),
            Shape::Flag => value.is_boolean(),
            Shape::Integer { .. } => value.is_i64() || value.is_u64(),
            Shape::Decimal { .. } => value.is_number(),
            Shape::List(_) => value.is_array(),
            Shape::Map | Shape::Object(_) | Shape::Tagged(_) => value.is_object(),
            Shape::Either(shapes) => shapes.iter().any(|shape| shape.takes(value)),
        }
    }

    fn expected(&self) -> String {
        match self {
            Shape::Anything => "anything".to_owned(),
            Shape::Null => "null".to_owned(),
            Shape::Text => "a string".to_owned(),
            Shape::Choice(known) => match known {
                [only] => format!("'{only}'"),
                _ => "a string".to_owned(),
            },
            Shape::Flag => "a boolean".to_owned(),
            Shape::Integer { .. } => "an integer".to_owned(),
            Shape::Decimal { .. } => "a decimal".to_owned(),
            Shape::List(_) => "an array".to_owned(),
            Shape::Map | Shape::Object(_) | Shape::Tagged(_) => "an object".to_owned(),
            Shape::Either(shapes) => {
                let each: Vec<String> = shapes.iter().map(Shape::expected).collect();
                format!("one of {}", each.join(", "))
            }
        }
    }
}
