//! The unit of a realtime player: its life from the start to the end of its line, around what only its provider's wire
//! does.

use serde_json::Value;

use super::line::{Gone, PlayerLine};
use crate::contract::{Datum, Time};
use crate::wire::{FromUnit, Playout, ToUnit, Unit, WireFrame};

/// What only one provider's player does.
pub(crate) trait PlayerWire {
    /// Its line.
    fn line(&self) -> &PlayerLine;

    /// The same.
    fn line_mut(&mut self) -> &mut PlayerLine;

    /// The factory's arguments: it starts its line.
    fn start(&mut self, now: Time, params: &[Value]);

    /// The script called a method.
    fn tell(&mut self, now: Time, method: &str, params: &[Value]);

    /// Its line is open: what waits can be sent.
    fn opened(&mut self, now: Time);

    /// A message of the provider.
    fn frame(&mut self, now: Time, frame: &WireFrame);

    /// The script cleared the queue: what was asked for before must not be heard any more.
    fn cleared(&mut self, now: Time);

    /// Whether everything that was asked for has arrived.
    fn is_complete(&self) -> bool;

    /// Nothing is sent any more: what waits is forgotten.
    fn forget(&mut self);

    /// When it wants [`PlayerWire::due`], if at all.
    fn deadline(&self) -> Option<Time> {
        None
    }

    /// That instant has come, or another one.
    fn due(&mut self, _: Time) {}
}

/// A realtime player.
pub(crate) struct Realtime<S>(pub(crate) S);

impl<S: PlayerWire> Realtime<S> {
    fn gone(&mut self, now: Time, gone: Gone<'_>) {
        let complete = self.0.is_complete();
        self.0.line_mut().gone(now, gone, complete);
        self.0.forget();
    }

    fn playout(&mut self, now: Time, playout: Playout) {
        if matches!(playout, Playout::Cleared { .. }) && !self.0.line().is_over() {
            self.0.cleared(now);
        }
        let complete = self.0.is_complete();
        self.0.line_mut().playout(now, playout, complete);
    }
}

impl<S: PlayerWire> Unit for Realtime<S> {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        let own = &mut self.0;
        match input {
            ToUnit::Start { params } => own.start(now, &Datum::all_json(params)),
            ToUnit::TooMany { why } => own.line_mut().refuse(why),
            ToUnit::Tell { method, params } => own.tell(now, method, &Datum::all_json(params)),
            ToUnit::Close { stop } => {
                own.line_mut().close(stop);
                own.forget();
            }
            ToUnit::Opened => {
                own.line_mut().opened();
                own.opened(now);
            }
            ToUnit::Refused { status, body } => self.gone(now, Gone::Refused { status, body }),
            ToUnit::Failed { reason } => self.gone(now, Gone::Failed { reason }),
            ToUnit::Closed { code, reason, clean } => self.gone(now, Gone::Closed { code, reason, clean }),
            ToUnit::Frame(frame) => own.frame(now, frame),
            ToUnit::Playout(playout) => self.playout(now, playout),
            ToUnit::Deadline => {
                own.line_mut().lose_patience(now);
                own.due(now);
            }
            ToUnit::Audio(_)
            | ToUnit::Source { .. }
            | ToUnit::Paused { .. }
            | ToUnit::Fetched { .. }
            | ToUnit::Stored { .. } => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.0.line_mut().poll()
    }

    fn deadline(&self) -> Option<Time> {
        self.0.line().deadline().into_iter().chain(self.0.deadline()).min()
    }
}
