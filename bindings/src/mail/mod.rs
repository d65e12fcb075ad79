//! `Net.sendMail` and `Net.sendMailAsync` (semantics 8.2): mail over somebody's SMTP server. No mail leaves the machine: each is
//! recorded and answered as sent (policy F-350). Two are on their way at a time and ten in all, which is counted here, because
//! one more throws at once.

mod wire;

use std::collections::VecDeque;

use crate::contract::{Datum, Dictionary, RequestId, UnitId, limit};
use crate::glue::{Callback, Host, HostError, HostResult, Namespace, Plain, Return, Waiting};
use crate::wire::{Kind, Role};

/// The row of the inventory.
pub(crate) static KIND: Kind =
    Kind { name: "mail", role: Role::Service, make: |_| Box::new(wire::Mail::default()), remote: None };

/// What the platform throws beyond its limit.
const TOO_MANY: &str = "Exceeded the SMTP connection count limit!";

/// Names in what the machine is told.
mod key {
    pub(super) const SERVER: &str = "server";
    pub(super) const FROM: &str = "from";
    pub(super) const TO: &str = "to";
    pub(super) const TITLE: &str = "title";
    pub(super) const BODY: &str = "body";
    /// Whom a copy goes to, as the script says it.
    pub(super) const COPIES: [&str; 2] = ["cc", "bcc"];
}

/// Adds them to the table of `Net`.
pub(crate) fn add_to(net: Namespace) -> Namespace {
    net.function("sendMail", send).function("sendMailAsync", send_async)
}

/// A mail that waits until another one is sent.
#[derive(Debug)]
struct Queued {
    unit: UnitId,
    request: Option<RequestId>,
    params: Vec<Datum>,
}

/// The mails of a session that are not answered.
#[derive(Debug, Default)]
struct Mails {
    active: usize,
    queued: VecDeque<Queued>,
}

/// Server, from, to, title, body.
type Letter = (String, String, Plain, String, String);

/// `Net.sendMail(server, from, to, title, body, callback, options)`
fn send(
    (server, from, to, title, body, callback, Plain(options)): (
        String,
        String,
        Plain,
        String,
        String,
        Option<Callback>,
        Plain,
    ),
    host: &mut Host,
) -> HostResult {
    let mail = letter("Net.sendMail", (server, from, to, title, body), &options)?;
    make_room(host)?;
    let callback = callback.map(|Callback(callback)| callback);
    let (waiting, request) = match callback {
        Some(callback) => (Waiting::Callback(callback), None),
        None => {
            let request = host.new_request();
            (Waiting::Request(request), Some(request))
        }
    };
    let callback = callback.map_or(Datum::Null, Datum::Callback);
    begin(host, waiting, request, vec![mail.into(), callback]);
    Ok(Return::Undefined)
}

/// `Net.sendMailAsync(server, from, to, title, body, options)`
fn send_async(
    (server, from, to, title, body, Plain(options)): (String, String, Plain, String, String, Plain),
    host: &mut Host,
) -> HostResult {
    let mail = letter("Net.sendMailAsync", (server, from, to, title, body), &options)?;
    make_room(host)?;
    let request = host.new_request();
    begin(host, Waiting::Request(request), Some(request), vec![mail.into(), Datum::Null]);
    Ok(Return::Promise(request))
}

/// What is recorded of a mail. The login and the password of the server are nobody's business.
fn letter(member: &str, letter: Letter, options: &Datum) -> Result<Dictionary, HostError> {
    let (server, from, Plain(to), title, body) = letter;
    let is_address = |to: &Datum| to.as_text().is_some_and(|to| !to.is_empty());
    let addressed = match &to {
        Datum::List(all) => !all.is_empty() && all.iter().all(is_address),
        one => is_address(one),
    };
    if !addressed {
        return Err(HostError::Argument {
            member: member.to_owned(),
            position: 3,
            wanted: "an address or a list of addresses".to_owned(),
        });
    }
    let mut mail = Dictionary::from_iter([
        (key::SERVER, Datum::from(server)),
        (key::FROM, Datum::from(from)),
        (key::TO, to),
        (key::TITLE, Datum::from(title)),
        (key::BODY, Datum::from(body)),
    ]);
    for name in key::COPIES {
        if let Some(copy) = options.as_map().and_then(|options| options.get(name)) {
            mail.insert(name, copy.clone());
        }
    }
    Ok(mail)
}

/// Throws when there is no room for one more.
fn make_room(host: &mut Host) -> Result<(), HostError> {
    let mails = host.own::<Mails>();
    let with_this = mails.active + mails.queued.len() + 1;
    match host.reach(&limit::MAILS, with_this) {
        true => Ok(()),
        false => Err(HostError::Error(TOO_MANY.to_owned())),
    }
}

fn begin(host: &mut Host, waiting: Waiting, request: Option<RequestId>, params: Vec<Datum>) {
    host.when_answered(waiting, |host| {
        host.own::<Mails>().active -= 1;
        open_next(host);
    });
    let unit = host.new_hidden_unit();
    host.own::<Mails>().queued.push_back(Queued { unit, request, params });
    open_next(host);
}

/// Opens the next one that waits, if it may be sent.
fn open_next(host: &mut Host) {
    let mails = host.own::<Mails>();
    if mails.queued.is_empty() {
        return;
    }
    let with_this = mails.active + 1;
    if !host.reach(&limit::MAILS_ACTIVE, with_this) {
        return;
    }
    let mails = host.own::<Mails>();
    let Some(Queued { unit, request, params }) = mails.queued.pop_front() else { return };
    mails.active += 1;
    host.open(unit, &KIND, request, params);
}
