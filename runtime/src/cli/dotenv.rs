//! `.env` files: `NAME=value` lines, `#` comments, `export` in front, single or double quotes.
//!
//! Values are taken as they stand: no substitution of other variables, no values over several lines.

use std::collections::BTreeMap;

/// Reads the text of a `.env` file. The error is line and reason of the first line that is none.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, String>, (usize, String)> {
    let mut values = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let wrong = |what: &str| (index + 1, what.to_owned());
        let (name, value) = line.split_once('=').ok_or_else(|| wrong("expected NAME=value"))?;
        let name = name.trim();
        let plain = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(wrong("a name has only letters, digits and `_`"));
        }
        let value = unquoted(value.trim()).ok_or_else(|| wrong("a quote is not closed"))?;
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// The value without its quotes, or without a comment after it when there are none.
fn unquoted(value: &str) -> Option<String> {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = value[1..].find(quote)? + 1;
            let inner = &value[1..end];
            let rest = value[end + 1..].trim_start();
            if !rest.is_empty() && !rest.starts_with('#') {
                return None;
            }
            Some(if quote == '"' { inner.replace("\\n", "\n") } else { inner.to_owned() })
        }
        _ => Some(value.split(" #").next().unwrap_or_default().trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_quotes_and_comments() {
        let text = "# keys\nA=1\nexport B = 'x # y'\nC=\"a\\nb\" # note\nD=v # note\nE=\n";
        let values = parse(text).expect("valid");
        let expected = [("A", "1"), ("B", "x # y"), ("C", "a\nb"), ("D", "v"), ("E", "")];
        assert_eq!(
            values.into_iter().collect::<Vec<_>>(),
            expected.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        assert_eq!(parse("A=1\nnonsense\n").expect_err("no =").0, 2);
        assert_eq!(parse("A='x\n").expect_err("open quote").0, 1);
        assert_eq!(parse("A B=1\n").expect_err("space").0, 1);
    }
}
