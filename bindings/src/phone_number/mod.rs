//! `PhoneNumber.getInfo(number, country)` (semantics 8.5): what the numbering plans say of a number, by the data of Google's
//! libphonenumber. It answers at once. Places within a country are not in that data (policy F-352).

use phonenumber::{Mode, Type, country, metadata::DATABASE};

use crate::contract::{Datum, Dictionary};
use crate::glue::{Host, HostResult, Namespace, Return};

/// Kinds of numbers that are dialled from elsewhere.
const KINDS: [Type; 9] = [
    Type::FixedLine,
    Type::Mobile,
    Type::TollFree,
    Type::PremiumRate,
    Type::SharedCost,
    Type::PersonalNumber,
    Type::Voip,
    Type::Pager,
    Type::Uan,
];

/// The table of `PhoneNumber`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("PhoneNumber").function("getInfo", get_info)
}

fn get_info((number, country): (String, Option<String>), host: &mut Host) -> HostResult {
    host.note_once(Some("F-352"), "PhoneNumber.getInfo: the location within a country is not known here");
    let wanted = country.filter(|country| !country.is_empty()).map(|country| country.to_ascii_uppercase());
    let region = wanted.as_ref().map(|country| country.parse::<country::Id>());
    let region = match region {
        Some(Err(_)) => return Ok(Return::Datum(unknown(&number, "INVALID_COUNTRY_CODE"))),
        Some(Ok(region)) => Some(region),
        None => None,
    };
    Ok(Return::Datum(match phonenumber::parse(region, &number) {
        Err(_) => unknown(&number, "NOT_A_NUMBER"),
        Ok(parsed) => known(&parsed, region),
    }))
}

/// What is told of a text that is no number.
fn unknown(number: &str, error: &str) -> Datum {
    let mut info = fields("UNKNOWN", "", [false; 3], number);
    info.insert("error", error);
    info.into()
}

fn known(number: &phonenumber::PhoneNumber, wanted: Option<country::Id>) -> Datum {
    let valid = number.is_valid();
    let own = number.country().id();
    let kind = format!("{:?}", number.number_type(&DATABASE));
    let region = own.map(|id| id.as_ref().to_owned()).unwrap_or_default();
    let of_region = valid && wanted.is_none_or(|wanted| own == Some(wanted));
    let possible = valid || has_possible_length(number);
    let shown = number.format().mode(Mode::E164).to_string();
    fields(&upper_snake(&kind), &region, [possible, valid, of_region], &shown).into()
}

/// Whether some kind of number of its country is so long. What all kinds have in common is not in the data.
fn has_possible_length(number: &phonenumber::PhoneNumber) -> bool {
    let length = number.national().to_string().len();
    let Some(plan) = number.metadata(&DATABASE) else { return false };
    KINDS
        .iter()
        .filter_map(|kind| plan.descriptors().get(*kind))
        .any(|kind| kind.possible_length().iter().any(|possible| usize::from(*possible) == length))
}

fn fields(kind: &str, region: &str, [possible, valid, of_region]: [bool; 3], number: &str) -> Dictionary {
    Dictionary::from_iter([
        ("numberType", Datum::from(kind)),
        ("region", Datum::from(region)),
        ("location", Datum::from("")),
        ("isPossibleNumber", Datum::Bool(possible)),
        ("isValidNumber", Datum::Bool(valid)),
        ("isValidNumberForRegion", Datum::Bool(of_region)),
        ("number", Datum::from(number)),
    ])
}

/// `FixedLineOrMobile` as libphonenumber writes it: `FIXED_LINE_OR_MOBILE`.
fn upper_snake(name: &str) -> String {
    let mut text = String::new();
    for ch in name.chars() {
        if ch.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(ch.to_ascii_uppercase());
    }
    text
}
