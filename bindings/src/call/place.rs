//! The functions that place a call: `VoxEngine.callPSTN`, `callSIP`, `callUser` and their like (semantics 4). Each returns the call at
//! once; what becomes of it comes as its events. Options that are taken and have no effect here are named in a remark.

use super::{CallSnapshot, CallState};
use crate::contract::{CallAsk, CallFacts, Datum, Dictionary, Headers};
use crate::glue::{Form, Host, HostError, HostResult, MediaUnit, Namespace, Plain, Positional, Return};

/// Adds them to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine
        .function("callPSTN", call_pstn)
        .function("callSIP", call_sip)
        .function("callUser", call_user)
        .function("callConference", call_conference)
        .function("callUserDirect", call_user_direct)
        .function("callWhatsappUser", call_whatsapp_user)
}

/// The options of any of them, read without regard to which one it is: names are the same everywhere.
struct Options(Dictionary);

impl Options {
    fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Datum::Text(text) => Some(text.to_string()),
            number @ Datum::Number(_) => Some(number.json().to_string()),
            _ => None,
        }
    }

    /// `headers` of callSIP, `extraHeaders` of the others and of the legacy forms.
    fn headers(&self) -> Headers {
        let given = ["extraHeaders", "headers"].into_iter().find_map(|name| self.0.get(name)?.as_map());
        let text = |value: &Datum| value.as_text().map_or_else(|| value.json().to_string(), str::to_owned);
        let fields = given.into_iter().flat_map(Dictionary::iter);
        fields.map(|(name, value)| (name.to_owned(), text(value))).collect()
    }

    /// Says which of them have no effect.
    fn remark(&self, member: &str, host: &mut Host) {
        const USED: &[&str] =
            &["username", "callerid", "displayName", "extraHeaders", "headers", "scheme", "video"];
        let unused = self.0.iter().filter(|(name, value)| !USED.contains(name) && value.as_unit().is_none());
        for (name, _) in unused {
            host.note_once(None, format!("{member}: the option {name} has no effect here"));
        }
    }
}

/// `callPSTN(number, callerid, options)`; the number may be a number, and the caller id may be anything that is no text
/// (scripts pass `undefined`).
fn call_pstn(
    (number, Plain(callerid), Plain(options)): (String, Plain, Plain),
    host: &mut Host,
) -> HostResult {
    let options = Options(options.as_map().cloned().unwrap_or_default());
    options.remark("VoxEngine.callPSTN", host);
    let callerid = Options(Dictionary::from_iter([("callerid", callerid)])).text("callerid");
    place("callPSTN", "pstn", number, callerid, &options, host)
}

/// `callSIP(uri, {callerid, displayName, headers ...})`, or `(uri, callerid, displayName, ...)`.
struct Sip;

impl Positional for Sip {
    const NAMES: &'static [&'static str] =
        &["callerid", "displayName", "password", "authUser", "extraHeaders", "video", "outProxy"];
}

fn call_sip((to, Form(options, ..)): (String, Form<Sip>), host: &mut Host) -> HostResult {
    let options = Options(options);
    options.remark("VoxEngine.callSIP", host);
    place("callSIP", "sip", to, options.text("callerid"), &options, host)
}

/// `callUser({username, callerid ...})`, or `(username, callerid, ...)`.
struct User;

impl Positional for User {
    const NAMES: &'static [&'static str] =
        &["username", "callerid", "displayName", "extraHeaders", "video", "scheme"];
}

fn call_user((Form(options, ..),): (Form<User>,), host: &mut Host) -> HostResult {
    let options = Options(options);
    options.remark("VoxEngine.callUser", host);
    let username = options.text("username").unwrap_or_default();
    let placed = place("callUser", "user", username, options.text("callerid"), &options, host)?;
    if let Return::Unit(call) = placed {
        super::push::notify(call, host);
    }
    Ok(placed)
}

/// `callConference(id, callerid, displayName, headers, scheme)`: reaches the session of that conference.
struct Meeting;

impl Positional for Meeting {
    const NAMES: &'static [&'static str] = &["callerid", "displayName", "extraHeaders", "scheme"];
}

fn call_conference((id, Form(options, ..)): (String, Form<Meeting>), host: &mut Host) -> HostResult {
    let options = Options(options);
    place("callConference", "conference", id, options.text("callerid"), &options, host)
}

/// `callUserDirect(incomingCall, username, {callerid, displayName ...})`, or `(incomingCall, username, callerid, ...)`: on the
/// platform the two ends send their sound to each other; here it goes through the session as ever (policy F-048).
struct Direct;

impl Positional for Direct {
    const NAMES: &'static [&'static str] = &["callerid", "displayName", "extraHeaders"];
}

fn call_user_direct(
    (incoming, username, Form(options, ..)): (MediaUnit, String, Form<Direct>),
    host: &mut Host,
) -> HostResult {
    const MEMBER: &str = "VoxEngine.callUserDirect";
    if host.units.get(&incoming.0).is_none_or(|record| record.class != super::CLASS) {
        let wanted = "the call that came in".to_owned();
        return Err(HostError::Argument { member: MEMBER.to_owned(), position: 1, wanted });
    }
    let options = Options(options);
    options.remark(MEMBER, host);
    super::note_direct(host);
    place("callUserDirect", "user", username, options.text("callerid"), &options, host)
}

/// `callWhatsappUser({number, callerid, headers})`
fn call_whatsapp_user((Plain(options),): (Plain,), host: &mut Host) -> HostResult {
    let options = Options(options.as_map().cloned().unwrap_or_default());
    let number = options.text("number").unwrap_or_default();
    place("callWhatsappUser", "wab", number, options.text("callerid"), &options, host)
}

fn place(
    member: &str,
    client_type: &str,
    to: String,
    callerid: Option<String>,
    options: &Options,
    host: &mut Host,
) -> HostResult {
    if to.trim().is_empty() {
        return Err(HostError::Argument {
            member: format!("VoxEngine.{member}"),
            position: 1,
            wanted: "whom to call: a number, a SIP URI or a user name".to_owned(),
        });
    }
    let call = host.new_unit(super::CLASS);
    let callerid = callerid.unwrap_or_default();
    let facts = CallFacts {
        id: host.units.get(&call).map(|record| record.text_id.clone()).unwrap_or_default(),
        display_name: options.text("displayName").unwrap_or_else(|| callerid.clone()),
        callerid,
        to_uri: if client_type == "sip" { to.clone() } else { format!("sip:{to}@voxrun.invalid") },
        destination: to,
        headers: options.headers(),
        client_type: client_type.to_owned(),
        ..CallFacts::default()
    };
    options.0.iter().filter_map(|(_, value)| value.as_unit()).for_each(|unit| host.attach(call, unit));
    host.keep(call, CallSnapshot { facts: facts.clone(), state: CallState::Progressing, incoming: false });
    host.call(call, CallAsk::Place { facts });
    Ok(Return::Unit(call))
}
