//! Push notifications: what `require(Modules.PushService)` changes about `callUser` (semantics 8.5). There is nobody to notify;
//! the call hears that it was done (policy F-382).

use std::collections::VecDeque;

use crate::contract::{Datum, Dictionary, Remark, Time, UnitId};
use crate::glue::Host;
use crate::wire::{FromUnit, Kind, Role, ToUnit, Unit};

/// The row of the inventory.
pub(crate) static KIND: Kind =
    Kind { name: "push", role: Role::Service, make: |_| Box::new(Push::default()), remote: None };

/// The module that has to be there.
const MODULE: &str = "pushservice";
/// How long it takes, milliseconds.
const SENT_MS: u64 = 100;
/// What is told of it: the notifications, none.
const RESULT: &str = r#"{"push_results":[]}"#;

/// A call to a user notifies that user, if the module is there.
pub(super) fn notify(call: UnitId, host: &mut Host) {
    if host.required.contains(MODULE) {
        let unit = host.new_hidden_unit();
        host.open(unit, &KIND, None, vec![call.into()]);
    }
}

/// One notification.
#[derive(Debug, Default)]
struct Push {
    call: Option<UnitId>,
    at: Option<Time>,
    out: VecDeque<FromUnit>,
}

impl Unit for Push {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { params } => {
                self.call = params.first().and_then(Datum::as_unit);
                self.at = Some(now.plus_ms(SENT_MS));
            }
            ToUnit::Deadline if self.at.take_if(|at| *at <= now).is_some() => self.sent(),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.at
    }
}

impl Push {
    fn sent(&mut self) {
        let Some(unit) = self.call else { return };
        let text = "there is nobody to notify: no push notification is sent";
        self.out.push_back(FromUnit::Note(Remark::of("F-382", text)));
        let fields = Dictionary::from_iter([("result", Datum::from(RESULT))]);
        self.out.push_back(FromUnit::RaiseOn { unit, name: "Call.PushSent".to_owned(), fields });
        self.out.push_back(FromUnit::Over);
    }
}
