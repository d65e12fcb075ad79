//! What a call can be watched for (semantics 5.3): a beep (`enableBeepDetection`), its far end's voice (`handleMicStatus`), and
//! how its sound travels (`monitorMediaStatistics`). Each is a unit that hears the call and raises its events there.

mod beep;
mod mic;
mod statistics;

use std::collections::BTreeMap;

use crate::contract::{Command, Datum, Dictionary, MediaAsk, UnitId};
use crate::glue::{Host, HostClass, HostError, HostResult, Plain, Return};
use crate::wire::{Kind, Role};

/// The rows of the inventory.
pub(crate) static BEEP: Kind =
    Kind { name: "beep", role: Role::Recognizer, make: |_| Box::new(beep::Listens::default()), remote: None };
pub(crate) static MIC: Kind =
    Kind { name: "mic", role: Role::Recognizer, make: |_| Box::new(mic::Listens::default()), remote: None };
pub(crate) static STATISTICS: Kind = Kind {
    name: "statistics",
    role: Role::Recognizer,
    make: |_| Box::new(statistics::Counts::default()),
    remote: None,
};

/// Names in what a monitor is told.
mod key {
    /// The call that hears of it.
    pub(super) const CALL: &str = "call";
    pub(super) const FREQUENCIES: &str = "frequencies";
    /// Milliseconds.
    pub(super) const TIMEOUT: &str = "timeout";
    /// Seconds.
    pub(super) const INTERVAL: &str = "interval";
    pub(super) const MONITOR: &str = "monitor";
}

/// Frequencies that a beep can have, Hz.
const AUDIBLE: std::ops::RangeInclusive<f64> = 100.0..=3_900.0;
/// Seconds between two statistics (semantics 5.3).
const INTERVALS: std::ops::RangeInclusive<f64> = 3.0..=10.0;

/// Adds what a call can be watched for to the table of `Call`.
pub(crate) fn on_call(call: HostClass) -> HostClass {
    call.method("enableBeepDetection", enable_beep_detection)
        .method("disableBeepDetection", |call, (): (), host| {
            stop(call, &BEEP, host);
            Ok(Return::Undefined)
        })
        .method("handleMicStatus", |call, (on,): (Option<bool>,), host| {
            match on.unwrap_or(true) {
                true => start(call, &MIC, Dictionary::new(), host),
                false => stop(call, &MIC, host),
            }
            Ok(Return::Undefined)
        })
        .method("monitorMediaStatistics", monitor_media_statistics)
        .observed_by(|call, event, _, host| match event {
            "Call.BeepDetectionComplete" => {
                if let Some(unit) = host.own::<Monitors>().0.remove(&(call, BEEP.name)) {
                    host.unlink(unit);
                }
            }
            "Call.Disconnected" | "Call.Failed" => {
                [&BEEP, &MIC, &STATISTICS].into_iter().for_each(|kind| stop(call, kind, host));
            }
            _ => {}
        })
}

/// Which unit watches which call for what.
#[derive(Debug, Default)]
struct Monitors(BTreeMap<(UnitId, &'static str), UnitId>);

/// `enableBeepDetection({frequencies, timeout})`
fn enable_beep_detection(call: UnitId, (Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    let frequencies = match &options[key::FREQUENCIES] {
        Datum::Null => Vec::new(),
        Datum::List(list) => list.clone(),
        _ => return Err(refuse("enableBeepDetection", "an object whose frequencies are a list of numbers")),
    };
    let audible = |one: &Datum| one.as_number().is_some_and(|hz| AUDIBLE.contains(&hz));
    if !frequencies.iter().all(audible) {
        return Err(refuse("enableBeepDetection", "an object whose frequencies are from 100 to 3900"));
    }
    let mut told = Dictionary::from_iter([(key::FREQUENCIES, Datum::List(frequencies))]);
    if let Some(timeout) = options[key::TIMEOUT].as_number().filter(|timeout| *timeout > 0.0) {
        told.insert(key::TIMEOUT, timeout);
    }
    start(call, &BEEP, told, host);
    Ok(Return::Undefined)
}

/// `monitorMediaStatistics({monitor, interval})`
fn monitor_media_statistics(call: UnitId, (Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    if options[key::MONITOR] == Datum::Bool(false) {
        stop(call, &STATISTICS, host);
        return Ok(Return::Undefined);
    }
    let interval = match &options[key::INTERVAL] {
        Datum::Null => *INTERVALS.start(),
        given => given.as_number().unwrap_or(f64::NAN),
    };
    if !INTERVALS.contains(&interval) {
        return Err(refuse("monitorMediaStatistics", "an object whose interval is from 3 to 10 (seconds)"));
    }
    start(call, &STATISTICS, Dictionary::from_iter([(key::INTERVAL, Datum::Number(interval))]), host);
    Ok(Return::Undefined)
}

/// From now on a call is watched, instead of as it was until now.
fn start(call: UnitId, kind: &'static Kind, mut told: Dictionary, host: &mut Host) {
    stop(call, kind, host);
    let unit = host.new_hidden_unit();
    host.own::<Monitors>().0.insert((call, kind.name), unit);
    told.insert(key::CALL, call);
    host.open(unit, kind, None, vec![told.into()]);
    host.command(Command::Media(MediaAsk::Send { from: call, to: unit, with: Dictionary::new() }));
}

fn stop(call: UnitId, kind: &Kind, host: &mut Host) {
    if let Some(unit) = host.own::<Monitors>().0.remove(&(call, kind.name)) {
        host.command(Command::Close { unit, stop: true });
    }
}

fn refuse(method: &str, wanted: &str) -> HostError {
    HostError::Argument { member: format!("Call.{method}"), position: 1, wanted: wanted.to_owned() }
}

/// The call that a monitor tells of what it hears.
fn call_of(params: &[Datum]) -> Option<UnitId> {
    params.first()?.as_map()?.get(key::CALL)?.as_unit()
}
