//! Texts that look like keys: what a scenario should read with `VoxEngine.getSecretValue` instead.

/// How keys of well-known services begin.
const BEGINNINGS: [&str; 12] =
    ["sk-", "sk_", "pk_", "xi-", "ghp_", "github_pat_", "xoxb-", "AKIA", "AIza", "eyJ", "Bearer ", "Basic "];
/// Characters after such a beginning, at least.
const AFTER: usize = 16;
/// Characters of a random text without one, at least.
const LONG: usize = 32;
/// Characters that are shown.
const SHOWN: usize = 4;

/// Whether a text looks like a key.
pub(super) fn is_key(text: &str) -> bool {
    let of_key = |rest: &str| rest.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_.+/=".contains(ch));
    let begun = BEGINNINGS.iter().find_map(|begin| text.strip_prefix(begin));
    if let Some(rest) = begun {
        return rest.len() >= AFTER && of_key(rest) && rest.chars().any(|ch| ch.is_ascii_digit());
    }
    let hex = text.len() >= LONG && text.chars().all(|ch| ch.is_ascii_hexdigit());
    let classes = [char::is_lowercase, char::is_uppercase, char::is_numeric];
    let mixed = classes.iter().all(|class: &fn(char) -> bool| text.chars().any(class));
    let random = text.len() >= LONG && of_key(text) && mixed && !text.contains(['.', '/']);
    (hex && text.chars().any(|ch| ch.is_ascii_digit())) || random
}

/// A line without the key that stands in it.
pub(super) fn hidden(line: &str, key: &str) -> String {
    line.replace(key, &format!("{}...", key.chars().take(SHOWN).collect::<String>()))
}
