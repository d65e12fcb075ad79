//! WebSockets that come in at the session's own URL (semantics 1.3): once the script takes them, each is a socket of its own,
//! and more than there are calls and three besides are turned away.

use voxrun_bindings::contract::limit::SOCKETS_BEYOND_CALLS;
use voxrun_bindings::contract::{Datum, Dictionary, HostEvent, On, UnitId};
use voxrun_bindings::wire::SOCKET;

use super::desk::Desk;
use super::io::Question;
use super::questions;
use super::units::Units;

/// The class of a socket's object.
const CLASS: &str = "WebSocket";
/// The first number of a unit of this kind, beyond those of calls that come in.
const FIRST: u32 = UnitId::FIRST_OF_SCRIPT / 2;

/// Sockets that came in.
#[derive(Debug, Default)]
pub(super) struct Visitors {
    /// The script takes them.
    pub(super) taken: bool,
    came: u32,
}

impl Visitors {
    /// One comes in.
    pub(super) fn come(&mut self, units: &mut Units, desk: &mut Desk, question: &Question) {
        if !self.taken {
            let text = format!(
                "a WebSocket to {} is turned away: the scenario has not called VoxEngine.allowWebSocketConnections()",
                question.path
            );
            return desk.scribe.note(Some("F-176"), &text);
        }
        let mut fields = questions::fields(question);
        fields.insert("method", "GET");
        let unit = UnitId(FIRST + self.came);
        let open = (0..self.came).filter(|number| units.is_open(UnitId(FIRST + number))).count();
        let calls = units.calls().filter(|(_, call)| call.is_live()).count();
        let beyond = u64::try_from((open + 1).saturating_sub(calls)).unwrap_or(u64::MAX);
        if !desk.reach(&SOCKETS_BEYOND_CALLS, beyond) {
            fields.insert("reason", "more WebSockets than the platform allows");
            return desk.scribe.raise(On::Application(None), "Application.OnNewWebSocketFailed", fields);
        }
        self.came += 1;
        let facts = Dictionary::from_iter([("url", Datum::from(question.path.as_str()))]);
        desk.scribe.event(HostEvent::Born { unit, class: CLASS.into(), facts });
        desk.scribe.raise(On::Application(Some(unit)), "AppEvents.NewWebSocketConnection", fields);
        units.open(desk, unit, SOCKET, None, &[question.path.as_str().into()]);
    }
}
