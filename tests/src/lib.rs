//! What specs are compared with: words of an `args` file, and the subset language of `expected.json`.
//!
//! In an expectation an object lists only the keys that matter. An array is compared element by element; the element
//! `"..."` stands for any number of others. A text `/.../` is a regular expression, and `"<= 20"`, `">= 20"`, `"> 0"`,
//! `"< 5"` compare numbers. Everything else must be equal.

use regex::Regex;
use serde_json::Value;

/// The words of a command line: separated by white space, `"` and `'` keep them together, `#` begins a comment line.
///
/// # Errors
/// When a quote is not closed.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let mut word: Option<String> = None;
        let mut quote: Option<char> = None;
        for ch in line.chars() {
            match quote {
                Some(open) if ch == open => quote = None,
                Some(_) => word.get_or_insert_default().push(ch),
                None if ch == '"' || ch == '\'' => {
                    quote = Some(ch);
                    word.get_or_insert_default();
                }
                None if ch.is_whitespace() => words.extend(word.take()),
                None => word.get_or_insert_default().push(ch),
            }
        }
        if quote.is_some() {
            return Err(format!("a quote is not closed: {line}"));
        }
        words.extend(word);
    }
    Ok(words)
}

/// Where `actual` is not as expected; empty when it is.
#[must_use]
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("$", expected, actual, &mut found);
    found
}

fn compare(path: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(given)) => {
            for (key, wanted) in wanted {
                match given.get(key) {
                    Some(given) => compare(&format!("{path}.{key}"), wanted, given, found),
                    None => found.push(format!("{path}.{key} is missing, expected {wanted}")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(given)) => {
            if !rows_match(wanted, given) {
                explain_rows(path, wanted, given, found);
            }
        }
        (Value::String(pattern), _) if one_matches(pattern, actual) => {}
        _ if expected == actual => {}
        _ => found.push(format!("{path} is {actual}, expected {expected}")),
    }
}

fn rows_match(wanted: &[Value], given: &[Value]) -> bool {
    match wanted.split_first() {
        None => given.is_empty(),
        Some((first, rest)) if is_gap(first) => {
            (0..=given.len()).any(|skip| rows_match(rest, &given[skip..]))
        }
        Some((first, rest)) => given
            .split_first()
            .is_some_and(|(head, tail)| differences(first, head).is_empty() && rows_match(rest, tail)),
    }
}

fn explain_rows(path: &str, wanted: &[Value], given: &[Value], found: &mut Vec<String>) {
    if wanted.len() != given.len() || wanted.iter().any(is_gap) {
        let (given, wanted) = (Value::from(given.to_vec()), Value::from(wanted.to_vec()));
        found.push(format!("{path} is {given}, expected {wanted}"));
        return;
    }
    for (index, (wanted, given)) in wanted.iter().zip(given).enumerate() {
        compare(&format!("{path}[{index}]"), wanted, given, found);
    }
}

fn is_gap(value: &Value) -> bool {
    value.as_str() == Some("...")
}

fn one_matches(pattern: &str, actual: &Value) -> bool {
    if let Some(text) = actual.as_str() {
        let inner = pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        return match inner {
            Some(inner) => Regex::new(inner).is_ok_and(|regex| regex.is_match(text)),
            None => pattern == text,
        };
    }
    let Some(number) = actual.as_f64() else { return false };
    // Longer signs first, so that `<=` is not read as `<`.
    let Some((sign, bound)) =
        ["<=", ">=", "<", ">"].iter().find_map(|sign| Some((*sign, pattern.strip_prefix(sign)?)))
    else {
        return false;
    };
    let Ok(bound) = bound.trim().parse::<f64>() else { return false };
    match sign {
        "<=" => number <= bound,
        ">=" => number >= bound,
        "<" => number < bound,
        _ => number > bound,
    }
}

/// The expectation with every value that no longer holds replaced by the actual one.
#[must_use]
pub fn refreshed(expected: &Value, actual: &Value) -> Value {
    match (expected, actual) {
        _ if differences(expected, actual).is_empty() => expected.clone(),
        (Value::Object(wanted), Value::Object(given)) => {
            let kept = wanted.iter().filter_map(|(key, wanted)| {
                given.get(key).map(|given| (key.clone(), refreshed(wanted, given)))
            });
            Value::Object(kept.collect())
        }
        (Value::Array(wanted), Value::Array(given)) if wanted.len() == given.len() => {
            Value::Array(wanted.iter().zip(given).map(|(wanted, given)| refreshed(wanted, given)).collect())
        }
        _ => actual.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_of_a_command_line() {
        assert_eq!(
            words("a --say \"Hello, you\" 'x y'z ''\n# note\n b"),
            Ok(["a", "--say", "Hello, you", "x yz", "", "b"].map(str::to_owned).to_vec())
        );
        assert!(words("a 'b").is_err());
    }

    #[test]
    fn only_the_named_parts_are_compared() {
        let actual = json!({"a": 1, "b": [{"x": 1, "y": "one two"}, {"x": 2}, {"x": 3}], "c": null});
        for fine in [
            json!({}),
            json!({"a": 1, "c": null}),
            json!({"a": "<= 1"}),
            json!({"a": "> 0"}),
            json!({"b": [{"x": 1}, {}, {"x": 3}]}),
            json!({"b": ["...", {"x": 3}]}),
            json!({"b": [{"y": "/^one/"}, "..."]}),
        ] {
            assert_eq!(differences(&fine, &actual), Vec::<String>::new(), "{fine}");
        }
        for wrong in [
            json!({"a": 2}),
            json!({"a": "< 1"}),
            json!({"a": "1"}),
            json!({"d": null}),
            json!({"b": [{"x": 1}]}),
            json!({"b": ["...", {"x": 2}]}),
            json!({"b": [{"y": "/^two/"}, "..."]}),
            json!({"c": {}}),
        ] {
            assert!(!differences(&wrong, &actual).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn refreshing_keeps_what_holds() {
        let actual = json!({"a": 5, "b": [1, 2], "c": "x"});
        let expected = json!({"a": "> 1", "b": [1, 3], "gone": 1});
        assert_eq!(refreshed(&expected, &actual), json!({"a": "> 1", "b": [1, 2]}));
    }
}
