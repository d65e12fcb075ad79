//! Names of the platform as script strings. Every session has the same thousand names and values, so each is made once a
//! process and shared by all its engines; only the strings that scripts and events make belong to a session.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use boa_engine::string::{JsStr, StaticString};
use boa_engine::{JsString, js_string};

static MADE: LazyLock<RwLock<HashMap<&'static str, &'static StaticString>>> = LazyLock::new(RwLock::default);

/// The script string of a name that the program itself contains. What is made is never freed: it is for names of tables,
/// of which there are only so many.
pub(crate) fn fixed(name: &'static str) -> JsString {
    if !name.is_ascii() {
        return js_string!(name);
    }
    if let Some(known) = MADE.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return JsString::from_static(known);
    }
    let mut made = MADE.write().unwrap_or_else(PoisonError::into_inner);
    let text = JsStr::latin1(name.as_bytes());
    JsString::from_static(made.entry(name).or_insert_with(|| Box::leak(Box::new(StaticString::new(text)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_once_and_reads_as_any_other_string() {
        for name in ["Call.Connected", "", "a", "caf\u{e9}", "\u{1f600}"] {
            assert_eq!(fixed(name), js_string!(name));
            assert_eq!(fixed(name).to_std_string_lossy(), name);
        }
        let count = MADE.read().unwrap().len();
        let _again = fixed("Call.Connected");
        assert_eq!(MADE.read().unwrap().len(), count);
        assert_eq!(fixed("Call.Connected").refcount(), None, "nobody counts it");
    }
}
