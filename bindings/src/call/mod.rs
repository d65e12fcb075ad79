//! `Call`: one leg of a phone call (semantics 5). Values that scripts read at once come from the snapshot as of the
//! last delivered event. Calls in the wrong state are no errors here: the session tolerates them with a remark (F-033).

mod in_dialog;
pub(crate) mod place;
pub(crate) mod push;

use crate::contract::{CallAsk, CallFacts, Command, Dictionary, MediaAsk, RecordOptions, UnitId};
use crate::glue::{HeaderFields, Host, HostClass, HostError, HostResult, Options, Plain, Return};

/// What `call.state()` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallState {
    /// Incoming, not answered.
    Alerting,
    /// Outgoing, not answered.
    Progressing,
    /// Answered.
    Connected,
    /// Over.
    Terminated,
}

impl CallState {
    /// The platform's word.
    #[must_use]
    fn name(self) -> &'static str {
        match self {
            CallState::Alerting => "ALERTING",
            CallState::Progressing => "PROGRESSING",
            CallState::Connected => "CONNECTED",
            CallState::Terminated => "TERMINATED",
        }
    }
}

/// The script's snapshot of a call, as of the last delivered event.
#[derive(Debug, Clone)]
struct CallSnapshot {
    /// What was known when it alerted; `custom_data` is the script's from then on.
    facts: CallFacts,
    /// Its state.
    state: CallState,
    /// Whether it came in.
    incoming: bool,
}

/// The class of a call's object.
pub(crate) const CLASS: &str = "Call";

/// The table.
pub(crate) fn class() -> HostClass {
    in_dialog::add_to(HostClass::new(CLASS, "call"))
        .events_with_id()
        .born(born)
        .observed_by(observe)
        .listeners()
        .media_source()
        .method("id", |call, (): (), host| text(call, host, |snapshot| snapshot.facts.id.clone()))
        .method("number", |call, (): (), host| {
            text(call, host, |snapshot| snapshot.facts.destination.clone())
        })
        .method("callerid", |call, (): (), host| text(call, host, |snapshot| snapshot.facts.callerid.clone()))
        .method("displayName", |call, (): (), host| {
            text(call, host, |snapshot| snapshot.facts.display_name.clone())
        })
        .method("clientType", |call, (): (), host| {
            text(call, host, |snapshot| snapshot.facts.client_type.clone())
        })
        .method("state", |call, (): (), host| text(call, host, |snapshot| snapshot.state.name().to_owned()))
        .method("incoming", |call, (): (), host| {
            Ok(Return::Bool(host.kept::<CallSnapshot>(call).is_some_and(|snapshot| snapshot.incoming)))
        })
        .method("toString", |call, (): (), host| {
            text(call, host, |snapshot| format!("Call {}", snapshot.facts.id))
        })
        .method("customData", custom_data)
        .method("answer", |call, (headers,): (HeaderFields,), host| {
            say(host, call, CallAsk::Answer { headers: headers.0 })
        })
        .method("answerDirect", answer_direct)
        .method("hangup", |call, (headers,): (HeaderFields,), host| {
            say(host, call, CallAsk::Hangup { headers: headers.0 })
        })
        .method("ring", |call, (headers,): (HeaderFields,), host| {
            say(host, call, CallAsk::Ring { headers: headers.0 })
        })
        .method("startEarlyMedia", |call, (headers,): (HeaderFields,), host| {
            say(host, call, CallAsk::StartEarlyMedia { headers: headers.0 })
        })
        .method("reject", |call, of, host| reject("Call.reject", call, of, host))
        .method("decline", |call, of, host| reject("Call.decline", call, of, host))
        .method("handleTones", |call, (on,): (Option<bool>,), host| {
            say(host, call, CallAsk::HandleTones { on: on.unwrap_or(true) })
        })
        .method("sendDigits", send_digits)
        .method("record", |call, (options,): (Options<RecordOptions>,), host| {
            say(host, call, CallAsk::Record { options: options.0 })
        })
}

/// What happens to a call that comes in when no scenario listens for calls.
pub(crate) fn unheard(call: Option<UnitId>, host: &mut Host) {
    host.note(
        None,
        "Unhandled CallAlerting event: no scenario has a listener for AppEvents.CallAlerting, so the caller is declined with 603",
    );
    if let Some(call) = call {
        host.call(call, CallAsk::Unheard);
    }
}

/// A call that came in, as the host tells it.
fn born(call: UnitId, facts: &Dictionary, host: &mut Host) {
    let facts = CallFacts::of(facts);
    host.keep(call, CallSnapshot { facts, state: CallState::Alerting, incoming: true });
}

fn say(host: &mut Host, call: UnitId, ask: CallAsk) -> HostResult {
    host.call(call, ask);
    Ok(Return::Undefined)
}

fn text(call: UnitId, host: &mut Host, read: fn(&CallSnapshot) -> String) -> HostResult {
    Ok(Return::Text(host.kept::<CallSnapshot>(call).map(|snapshot| read(snapshot)).unwrap_or_default()))
}

fn custom_data(call: UnitId, (data,): (Option<String>,), host: &mut Host) -> HostResult {
    if let Some(data) = data {
        host.check_custom_data(&data);
        if let Some(snapshot) = host.kept::<CallSnapshot>(call) {
            snapshot.facts.custom_data = data;
        }
    }
    text(call, host, |snapshot| snapshot.facts.custom_data.clone())
}

/// `answerDirect(peerCall, headers)`, and in older scripts `answerDirect(headers)`: the two ends hear each other.
fn answer_direct(
    call: UnitId,
    (Plain(peer), headers, Plain(_parameters)): (Plain, HeaderFields, Plain),
    host: &mut Host,
) -> HostResult {
    note_direct(host);
    host.call(call, CallAsk::Answer { headers: headers.0 });
    let peer = peer.as_unit().filter(|peer| host.units.get(peer).is_some_and(|record| record.class == CLASS));
    for (from, to) in peer.into_iter().flat_map(|peer| [(call, peer), (peer, call)]) {
        host.command(Command::Media(MediaAsk::Send { from, to, with: Dictionary::new() }));
    }
    Ok(Return::Undefined)
}

/// Says how sound goes between two ends that would send it to each other.
fn note_direct(host: &mut Host) {
    host.note_once(Some("F-048"), "sound between two users goes through the session here, not directly");
}

/// The platform takes 3xx to 6xx; another code is the script's mistake.
/// `decline` is the older name.
fn reject(
    member: &str,
    call: UnitId,
    (code, headers): (Option<f64>, HeaderFields),
    host: &mut Host,
) -> HostResult {
    let code = code.unwrap_or(603.0);
    if !(300.0..700.0).contains(&code) {
        return Err(HostError::Argument {
            member: member.to_owned(),
            position: 1,
            wanted: "a SIP status from 300 to 699".to_owned(),
        });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: 300 to 699")]
    say(host, call, CallAsk::Reject { code: code as u16, headers: headers.0 })
}

fn send_digits(call: UnitId, (digits,): (String,), host: &mut Host) -> HostResult {
    if let Some(other) = digits.chars().find(|key| !"0123456789*#pP".contains(*key)) {
        return Err(HostError::Misuse(format!(
            "Call.sendDigits: '{other}' is no key; 0-9, *, # and p (pause) are"
        )));
    }
    say(host, call, CallAsk::SendDigits { digits })
}

/// Which event moves a call to which state.
const STATES: &[(&str, CallState)] = &[
    ("Call.Ringing", CallState::Progressing),
    ("Call.Connected", CallState::Connected),
    ("Call.Disconnected", CallState::Terminated),
    ("Call.Failed", CallState::Terminated),
];

fn observe(call: UnitId, event: &str, _fields: &Dictionary, host: &mut Host) {
    let state = STATES.iter().find(|(name, _)| *name == event).map(|(_, state)| *state);
    if let (Some(state), Some(snapshot)) = (state, host.kept::<CallSnapshot>(call)) {
        snapshot.state = state;
    }
}
