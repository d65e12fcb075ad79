//! Durations as people write them in options, faults and test files: `1.2s`, `500ms`, `2m`. Exact decimal arithmetic
//! to the microsecond; deliberately no bare numbers, because nobody agrees on their unit.

/// What a duration may look like, for error messages.
pub const FORMS: &str = "a number with a unit: `500ms`, `1.2s`, `2m` or `1h`";

/// The longest duration that is taken: ten days, in microseconds.
const LONGEST_US: u64 = 10 * 24 * 3_600 * 1_000_000;

/// Microseconds of a written duration, `None` when it is not one of [`FORMS`] or longer than ten days.
#[must_use]
pub fn parse_us(text: &str) -> Option<u64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let unit_us: u64 = match unit {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" | "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let scale = 10u64.pow(u32::try_from(fraction.len()).ok()?);
    let whole_us = whole.parse::<u64>().ok()?.checked_mul(unit_us)?;
    let part_us = u128::from(fraction.parse::<u64>().ok()?) * u128::from(unit_us) / u128::from(scale);
    let total = whole_us.checked_add(u64::try_from(part_us).ok()?)?;
    (total <= LONGEST_US).then_some(total)
}

/// The shortest writing of a duration in microseconds: `2.5s`, `500ms`.
#[must_use]
pub fn format_us(us: u64) -> String {
    let (unit_us, unit) = match us {
        1_000_000.. => (1_000_000, "s"),
        1_000.. => (1_000, "ms"),
        _ => (1, "us"),
    };
    let (whole, rest) = (us / unit_us, us % unit_us);
    if rest == 0 {
        return format!("{whole}{unit}");
    }
    let width = unit_us.to_string().len() - 1;
    let fraction = format!("{rest:0width$}");
    format!("{whole}.{}{unit}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, us) in [
            ("0s", 0),
            ("500ms", 500_000),
            ("1.2s", 1_200_000),
            ("2.5s", 2_500_000),
            ("0.000001s", 1),
            ("2m", 120_000_000),
            ("1.5min", 90_000_000),
            ("1h", 3_600_000_000),
            ("10us", 10),
        ] {
            assert_eq!(parse_us(text), Some(us), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "5",
            "s",
            "1.s",
            ".5s",
            "-1s",
            "1,5s",
            "1 s",
            "1e3s",
            "1.0000000000s",
            "99999999999999999999s",
            "241h",
            "1d",
            "é1s",
        ] {
            assert_eq!(parse_us(text), None, "{text}");
        }
    }

    #[test]
    fn writing_a_duration_gives_back_what_was_read() {
        for text in ["0us", "17us", "500ms", "2.5s", "1.25ms", "120s", "1.000001s"] {
            assert_eq!(parse_us(text).map(format_us).as_deref(), Some(text));
        }
    }
}
