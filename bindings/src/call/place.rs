//! The functions that place a call: `VoxEngine.callPSTN`, `callSIP` and `callUser` (semantics 4). Each returns the call at
//! once; what becomes of it comes as its events. Options that are taken and have no effect here are named in a remark.

use serde_json::Value;

use super::{CallSnapshot, CallState};
use crate::contract::{CallAsk, CallFacts, Headers};
use crate::glue::{Host, HostError, HostResult, Json, Namespace, Return};

/// Adds them to the table of `VoxEngine`.
pub(crate) fn add_to(voxengine: Namespace) -> Namespace {
    voxengine
        .function("callPSTN", call_pstn)
        .function("callSIP", call_sip)
        .function("callUser", call_user)
        .function("callConference", call_conference)
}

/// The options of any of them, read without regard to which one it is: names are the same everywhere.
struct Options<'a>(&'a Value);

impl Options<'_> {
    fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// `headers` of callSIP, `extraHeaders` of the others and of the legacy forms.
    fn headers(&self) -> Headers {
        let given = ["extraHeaders", "headers"].into_iter().find_map(|name| self.0.get(name)?.as_object());
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        given.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// Says which of them have no effect.
    fn remark(&self, member: &str, host: &mut Host) {
        const USED: &[&str] =
            &["username", "callerid", "displayName", "extraHeaders", "headers", "scheme", "video"];
        for name in self.0.as_object().into_iter().flatten().map(|(name, _)| name) {
            if !USED.contains(&name.as_str()) {
                host.note_once(None, format!("{member}: the option {name} has no effect here"));
            }
        }
    }
}

/// The number may be a number; the caller id may be anything that is no text (scripts pass `undefined`).
fn call_pstn((number, callerid, options): (String, Json, Json), host: &mut Host) -> HostResult {
    let options = Options(&options.0);
    options.remark("VoxEngine.callPSTN", host);
    let callerid = Options(&serde_json::json!({ "callerid": callerid.0 })).text("callerid");
    place("callPSTN", "pstn", number, callerid, &options, host)
}

/// `callSIP(uri, {callerid, displayName, headers ...})`; the legacy form has the caller id and the name as arguments.
fn call_sip((to, options, legacy_name): (String, Json, Option<String>), host: &mut Host) -> HostResult {
    let options = legacy(options.0, legacy_name, Value::Null);
    let options = Options(&options);
    options.remark("VoxEngine.callSIP", host);
    place("callSIP", "sip", to, options.text("callerid"), &options, host)
}

/// `callUser({username, callerid ...})`; the legacy form has all of it as arguments.
fn call_user(
    (options, callerid, name, headers): (Json, Json, Option<String>, Json),
    host: &mut Host,
) -> HostResult {
    let (username, options) = match options.0 {
        Value::String(username) => (username, legacy(callerid.0, name, headers.0)),
        options => (Options(&options).text("username").unwrap_or_default(), options),
    };
    let options = Options(&options);
    options.remark("VoxEngine.callUser", host);
    place("callUser", "user", username, options.text("callerid"), &options, host)
}

/// `callConference(id, callerid, displayName, headers, scheme)`: reaches the session of that conference.
fn call_conference(
    (id, callerid, name, headers): (String, Json, Option<String>, Json),
    host: &mut Host,
) -> HostResult {
    let options = legacy(callerid.0, name, headers.0);
    let options = Options(&options);
    place("callConference", "conference", id, options.text("callerid"), &options, host)
}

/// Today's options out of the legacy arguments, where the first of them is the caller id.
fn legacy(options: Value, name: Option<String>, headers: Value) -> Value {
    match options {
        Value::String(callerid) => {
            serde_json::json!({ "callerid": callerid, "displayName": name, "extraHeaders": headers })
        }
        options => options,
    }
}

fn place(
    member: &str,
    client_type: &str,
    to: String,
    callerid: Option<String>,
    options: &Options<'_>,
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
    host.keep(call, CallSnapshot { facts: facts.clone(), state: CallState::Progressing, incoming: false });
    host.call(call, CallAsk::Place { facts });
    Ok(Return::Unit(call))
}
