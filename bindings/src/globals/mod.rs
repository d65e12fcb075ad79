//! The global functions (semantics 3.1) beside timers and `require`: bytes, text, dates and the like.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::contract::{Datum, LogChannel};
use crate::glue::{Host, HostError, HostResult, Json, LogText, Namespace, Return};
use crate::{logger, timers, voxengine};

/// The table of the global scope.
pub(crate) fn namespace() -> Namespace {
    timers::add_to(Namespace::new(""))
        .function("base64_encode", base64_encode)
        .function("base64_decode", base64_decode)
        .function("str2bytes", str2bytes)
        .function("bytes2str", bytes2str)
        .function("bytes2hex", bytes2hex)
        .function("hex2bytes", hex2bytes)
        .function("uuidgen", |(): (), host| Ok(Return::Text(host.random_uuid())))
        .function("levenshtein_distance", levenshtein_distance)
        .function("trace", |(text,): (LogText,), host| logger::write(LogChannel::Trace, text.0, host))
        .function("getLocalTime", local_time)
}

/// `JSession`: an undocumented sibling of `VoxEngine.terminate` that official code uses.
pub(crate) fn jsession() -> Namespace {
    Namespace::new("JSession").function("close", voxengine::terminate)
}

fn base64_encode((data,): (Json,), _: &mut Host) -> HostResult {
    let bytes = match data.0 {
        Value::String(text) => text.into_bytes(),
        other => bytes_of("base64_encode", other)?,
    };
    Ok(Return::Text(STANDARD.encode(bytes)))
}

fn base64_decode((text,): (String,), _: &mut Host) -> HostResult {
    let bytes =
        STANDARD.decode(text.trim()).map_err(|why| misuse("base64_decode", &format!("no base64: {why}")))?;
    Ok(array(bytes))
}

/// Bytes as scripts get them from the platform's own functions: an array of numbers.
fn array(bytes: Vec<u8>) -> Return {
    Return::Datum(Datum::List(bytes.into_iter().map(|byte| Datum::Number(f64::from(byte))).collect()))
}

fn str2bytes((text, encoding): (String, Option<String>), _: &mut Host) -> HostResult {
    utf8_only("str2bytes", encoding.as_deref())?;
    Ok(array(text.into_bytes()))
}

fn bytes2str((bytes, encoding): (Json, Option<String>), _: &mut Host) -> HostResult {
    utf8_only("bytes2str", encoding.as_deref())?;
    let bytes = bytes_of("bytes2str", bytes.0)?;
    Ok(Return::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

fn bytes2hex((bytes, upper): (Json, bool), _: &mut Host) -> HostResult {
    let bytes = bytes_of("bytes2hex", bytes.0)?;
    let digit = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    Ok(Return::Text(bytes.iter().map(digit).collect()))
}

fn hex2bytes((text,): (String,), _: &mut Host) -> HostResult {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2));
    let digits =
        digits.ok_or_else(|| misuse("hex2bytes", "an even number of hexadecimal digits is needed"))?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    Ok(array(bytes))
}

/// Edit distance in characters. Bounded, since the work is the product of the lengths.
fn levenshtein_distance((a, b): (String, String), _: &mut Host) -> HostResult {
    const CHARS_MAX: usize = 4_000;
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > CHARS_MAX {
        return Err(misuse(
            "levenshtein_distance",
            &format!("texts of at most {CHARS_MAX} characters are compared"),
        ));
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 4,000")]
    Ok(Return::Number(row[b.len()] as f64))
}

/// A `Date` whose UTC fields show the wall clock of the zone at that moment (policy F-008).
fn local_time((zone, date): (String, UnixTime), _: &mut Host) -> HostResult {
    let tz = TimeZone::get(&zone)
        .map_err(|_| misuse("getLocalTime", &format!("'{zone}' is no tz-database zone")))?;
    #[expect(clippy::cast_possible_truncation, reason = "dates are integral milliseconds")]
    let at =
        Timestamp::from_millisecond(date.0 as i64).map_err(|why| misuse("getLocalTime", &why.to_string()))?;
    let shift_ms = f64::from(tz.to_offset(at).seconds()) * 1000.0;
    Ok(Return::Date(date.0 + shift_ms))
}

/// A `Date` argument as Unix milliseconds.
struct UnixTime(f64);

impl crate::glue::args::FromArg for UnixTime {
    fn from_arg(args: &mut crate::glue::args::Args<'_>, position: usize) -> Result<UnixTime, HostError> {
        args.date(position).map(UnixTime)
    }
}

fn bytes_of(member: &str, value: Value) -> Result<Vec<u8>, HostError> {
    let byte = |item: &Value| item.as_i64().and_then(|number| u8::try_from(number).ok());
    let bytes = value.as_array().and_then(|items| items.iter().map(byte).collect::<Option<Vec<u8>>>());
    bytes.ok_or_else(|| misuse(member, "argument 1 must be an array of bytes (0 to 255)"))
}

/// Which other encodings the platform knows is not documented (policy F-009).
fn utf8_only(member: &str, encoding: Option<&str>) -> Result<(), HostError> {
    match encoding {
        None => Ok(()),
        Some(name) if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") => Ok(()),
        Some(name) => Err(HostError::Planned(format!("{member} with encoding '{name}'"))),
    }
}

fn misuse(member: &str, text: &str) -> HostError {
    HostError::Misuse(format!("{member}: {text}"))
}
