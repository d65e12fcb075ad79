//! Hides secrets by value in text that is about to leave the program: plain, JSON-escaped, URL-encoded, hexadecimal,
//! and base64 at any of its three offsets, in either case. Every output of a run passes through here as its last step.
//! JSON is cleared value by value, so that it stays JSON when a secret is made of digits. Each line of a secret of several
//! lines is a secret of its own, because printers lay lines out with margins, frames and other line ends.
//!
//! It deliberately does not know where a secret could appear, and does not hide values shorter than
//! [`SHORTEST_HIDDEN`] bytes: a short value occurs by chance, so hiding it would only garble the output.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use regex::Regex;
use serde_json::Value;

/// What stands in place of a secret; the platform's own log writes the same.
pub const HIDDEN: &str = "******";

/// Values with fewer bytes than this are not hidden.
pub const SHORTEST_HIDDEN: usize = 8;

/// Hides a fixed set of values in any text.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    pattern: Option<Regex>,
    too_short: Vec<String>,
}

impl Redactor {
    /// Hides the values of these secrets, given as name and value. Empty values are nothing to hide.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Redactor {
        let mut too_short = Vec::new();
        let mut forms = Vec::new();
        for (name, value) in secrets {
            if value.len() >= SHORTEST_HIDDEN {
                forms.extend(forms_of(value));
                forms.extend(lines_of(value).flat_map(forms_of));
            } else if !value.is_empty() {
                too_short.push(name.to_owned());
            }
        }
        // Longest first, so that a form that contains another one is hidden whole.
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        let escaped: Vec<String> = forms.iter().map(|form| regex::escape(form)).collect();
        let pattern = match forms.is_empty() {
            true => None,
            false => Regex::new(&format!("(?i){}", escaped.join("|"))).ok(),
        };
        assert!(forms.is_empty() || pattern.is_some(), "secrets could not be made into a pattern");
        Redactor { pattern, too_short }
    }

    /// Names of secrets whose values are too short to be hidden safely.
    #[must_use]
    pub fn too_short(&self) -> &[String] {
        &self.too_short
    }

    /// The text with every form of every secret replaced by [`HIDDEN`].
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        match &self.pattern {
            Some(pattern) => pattern.replace_all(text, HIDDEN).into_owned(),
            None => text.to_owned(),
        }
    }

    /// A JSON text with every string and key cleared. A number is cleared when it is a secret as a whole; digits of a
    /// secret inside a longer number are chance.
    #[must_use]
    pub fn hide_in_json(&self, text: &str) -> String {
        if !self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text)) {
            return text.to_owned();
        }
        match serde_json::from_str::<Value>(text) {
            Ok(mut value) => {
                self.clear(&mut value);
                value.to_string()
            }
            Err(_) => self.hide(text),
        }
    }

    /// [`Redactor::hide_in_json`] on the value itself.
    pub fn clear(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.hide(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clear(item)),
            Value::Object(fields) => {
                let cleared = std::mem::take(fields).into_iter().map(|(key, mut value)| {
                    self.clear(&mut value);
                    (self.hide(&key), value)
                });
                *fields = cleared.collect();
            }
            Value::Number(number) => {
                if self.hide(&number.to_string()) == HIDDEN {
                    *value = HIDDEN.into();
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// The lines of a value of several lines, as far as they are long enough to be hidden.
fn lines_of(value: &str) -> impl Iterator<Item = &str> {
    let several = value.contains(['\n', '\r']);
    let lines = value.split(['\n', '\r']).map(str::trim);
    lines.filter(move |line| several && line.len() >= SHORTEST_HIDDEN)
}

/// Every way this value may be written.
fn forms_of(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    // A log line of a JSON text inside a JSON journal is escaped more than once.
    for mut escaped in json_forms(value) {
        for _ in 0..5 {
            forms.push(escaped.clone());
            escaped = json_escaped(&escaped);
        }
    }
    // All but unreserved characters, and what `encodeURIComponent`, `encodeURI` and `escape` leave alone beside them.
    for kept in ["-._~", "-._~!*'()", "-._~!*'();,/?:@&=+$#", "@*_+-./"] {
        for space in ["%20", "+"] {
            forms.push(url_encoded(value, kept, space));
        }
    }
    forms.push(escaped_latin(value));
    forms.push(hex(value.as_bytes()));
    for offset in 0..3 {
        forms.extend(base64_cores(value.as_bytes(), offset));
    }
    forms
}

/// As the writers of JSON in use write it: some keep to ASCII (digits of either case), some escape the slash.
fn json_forms(value: &str) -> Vec<String> {
    let plain = json_escaped(value);
    let ascii = |upper: bool| -> String {
        let mut out = String::new();
        for ch in plain.chars() {
            if ch.is_ascii() {
                out.push(ch);
                continue;
            }
            for unit in ch.encode_utf16(&mut [0; 2]) {
                out.push_str(&if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
            }
        }
        out
    };
    let mut forms = vec![ascii(false), ascii(true), plain.clone()];
    forms.extend(forms.clone().iter().map(|form| form.replace('/', "\\/")));
    forms
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Everything but letters, digits and the characters of `kept` as `%XX` of its UTF-8 bytes (RFC 3986).
fn url_encoded(text: &str, kept: &str, space: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            _ if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => out.push(byte as char),
            b' ' => out.push_str(space),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// As the old `escape` of JavaScript writes it: `%XX` up to U+00FF, `%uXXXX` beyond.
fn escaped_latin(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"@*_+-./".contains(&byte) => out.push(byte as char),
            Ok(byte) => out.push_str(&format!("%{byte:02X}")),
            Err(_) => out.push_str(&format!("%u{unit:04X}")),
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The characters of base64 that depend on these bytes alone when `offset` (0..3) unknown bytes stand before them and
/// anything after, in both alphabets.
fn base64_cores(bytes: &[u8], offset: usize) -> Vec<String> {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(bytes);
    let whole_from = (offset * 8).div_ceil(6);
    let whole_to = padded.len() * 8 / 6;
    [STANDARD, URL_SAFE]
        .iter()
        .map(|alphabet| alphabet.encode(&padded)[whole_from..whole_to].to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_a_secret_is_hidden_however_it_is_laid_out() {
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nshort\n-----END KEY-----\n";
        let redactor = Redactor::new([("KEY", key)]);
        for laid_out in [
            format!("failed with {key}"),
            key.replace("\r\n", "\n").replace('\n', "\n  | "),
            key.replace("\r\n", "\n").replace('\n', "\r\n"),
            key.replace('\n', "\\n"),
            "the first line: -----begin key-----".to_owned(),
            "MIIEvQIBADANBg".bytes().map(|byte| format!("{byte:02x}")).collect(),
        ] {
            let hidden = redactor.hide(&laid_out);
            for part in ["BEGIN", "MIIE", "4d494945", "END KEY"] {
                assert!(!hidden.to_lowercase().contains(&part.to_lowercase()), "{hidden}");
            }
        }
        assert_eq!(redactor.hide("short"), "short", "a short line occurs by chance");
    }

    const SECRET: &str = "sk-\"q\"/ü+key w";

    fn redactor() -> Redactor {
        Redactor::new([("KEY", SECRET)])
    }

    #[test]
    fn plain_and_escaped_forms_are_hidden() {
        let once = serde_json::Value::from(SECRET).to_string();
        let twice = serde_json::Value::from(once.as_str()).to_string();
        for text in [SECRET.to_owned(), once, twice] {
            let hidden = redactor().hide(&format!("<{text}>"));
            assert!(hidden.contains(HIDDEN), "{text}");
            assert!(!hidden.contains("key"), "{hidden}");
        }
    }

    #[test]
    fn writers_of_json_differ() {
        for text in
            [r#"sk-\"q\"\/\u00fc+key w"#, r#"sk-\"q\"/\u00FC+key w"#, r#"sk-\\\"q\\\"\\/\\u00fc+key w"#]
        {
            assert_eq!(redactor().hide(text), HIDDEN, "{text}");
        }
    }

    #[test]
    fn url_and_hex_forms_are_hidden() {
        for text in [
            "sk-%22q%22%2F%C3%BC%2Bkey%20w",
            "sk-%22q%22%2f%c3%bc%2bkey%20w",
            "sk-%22q%22%2F%C3%BC%2Bkey+w",
            &hex(SECRET.as_bytes()),
            &hex(SECRET.as_bytes()).to_uppercase(),
        ] {
            assert_eq!(redactor().hide(text), HIDDEN, "{text}");
        }
    }

    #[test]
    fn base64_is_hidden_at_every_offset_and_before_any_neighbour() {
        for before in ["", "a", "ab", "abc", "Bearer "] {
            for after in ["", "z", "zz", "zzz"] {
                let text = STANDARD.encode(format!("{before}{SECRET}{after}"));
                let hidden = redactor().hide(&text);
                assert!(hidden.contains(HIDDEN), "{before:?} {after:?}: {hidden}");
                assert!(hidden.len() <= before.len() * 2 + HIDDEN.len() + 12, "{hidden}");
            }
        }
    }

    #[test]
    fn either_case_and_the_encodings_of_scripts_are_hidden() {
        for text in [
            "SK-\"Q\"/Ü+KEY W",
            "sk-%22q%22/%C3%BC+key%20w",
            "sk-%22q%22/%FC+key%20w",
            "sk-%22Q%22%2f%c3%bc%2bKEY+w",
        ] {
            assert_eq!(redactor().hide(text), HIDDEN, "{text}");
        }
        assert_eq!(Redactor::new([("K", "schl\u{1f511}ssel-1")]).hide("schl%uD83D%uDD11ssel-1"), HIDDEN);
    }

    #[test]
    fn json_stays_json() {
        let pin = Redactor::new([("PIN", "14036122")]);
        let line = r#"{"seed":14036122055,"pin":14036122,"text":"a 14036122","14036122":[true,null,1.5]}"#;
        let hidden = r#"{"seed":14036122055,"pin":"******","text":"a ******","******":[true,null,1.5]}"#;
        assert_eq!(pin.hide_in_json(line), hidden);
        assert_eq!(pin.hide_in_json("no json 14036122"), "no json ******");
        assert_eq!(pin.hide_in_json(r#"{"a":  1}"#), r#"{"a":  1}"#, "untouched where nothing is hidden");
    }

    #[test]
    fn a_value_inside_another_one_does_not_leave_its_rest() {
        let both = Redactor::new([("A", "password"), ("B", "password-and-more")]);
        assert_eq!(both.hide("x password-and-more y"), "x ****** y");
    }

    #[test]
    fn short_values_stay_and_are_named() {
        let redactor = Redactor::new([("PIN", "1234"), ("NONE", "")]);
        assert_eq!(redactor.too_short(), ["PIN"]);
        assert_eq!(redactor.hide("1234"), "1234");
    }
}
