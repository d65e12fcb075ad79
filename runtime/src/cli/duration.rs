//! Durations as people write them: `700ms`, `1.2s`, `2m`, and two together (`1m30s`).
//!
//! It deliberately knows no hours and no bare numbers: a flag without a unit is a mistake more often than a wish.

use std::time::Duration;

/// Longest duration that is taken: one day.
const LONGEST_US: f64 = 24.0 * 3600.0 * 1e6;

/// Reads a duration. The error says what a duration looks like.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration; write for example 700ms, 1.2s or 2m");
    let mut rest = text.trim();
    let mut total_us = 0.0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|ch: char| !ch.is_ascii_digit() && ch != '.').ok_or_else(wrong)?;
        let value: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        let after = &rest[digits..];
        let unit = after.find(|ch: char| ch.is_ascii_digit()).unwrap_or(after.len());
        total_us += value
            * match &after[..unit] {
                "ms" => 1e3,
                "s" => 1e6,
                "m" => 60e6,
                _ => return Err(wrong()),
            };
        rest = &after[unit..];
    }
    if total_us > LONGEST_US {
        return Err(format!("`{text}` is longer than a day"));
    }
    Ok(Duration::from_micros(total_us.round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_fractions() {
        for (text, ms) in [("700ms", 700), ("1.2s", 1200), ("2m", 120_000), ("1m30s", 90_000), ("0s", 0)] {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "5", "s", "-1s", "1h", "1.2.3s", "1s2", "s1", "900000m", "1e3s", "١s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
