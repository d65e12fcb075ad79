//! What each command of the script does. They are carried out in order after the callback that gave them has ended;
//! none of them waits.

use serde_json::json;
use voxrun_bindings::contract::{CallAsk, Command, MediaAsk, TimerAsk, UnitId};

use super::Session;
use super::lifecycle::Given;
use crate::journal::EntryKind;

impl Session {
    /// Carries out one command of a turn that followed `given`.
    pub(super) fn execute(&mut self, command: Command, given: Given) {
        match &command {
            Command::Log { channel, text } => {
                return self.write("", EntryKind::Log, channel.name(), json!({ "text": text }));
            }
            Command::Note { policy, text } => return self.note("", policy.as_deref(), text),
            Command::NotBuilt(not_built) => return self.not_built(not_built),
            _ => self.write_command(&command),
        }
        if self.is_too_late(&command, given) {
            return self.note("", None, "the session is ending: the command above is ignored");
        }
        self.run(command);
    }

    /// In a Terminating handler timers and other outside resources are gone; in a Terminated handler everything is.
    fn is_too_late(&self, command: &Command, given: Given) -> bool {
        match given {
            Given::Terminated => true,
            Given::Terminating => {
                matches!(
                    command,
                    Command::Timer { ask: TimerAsk::Set { .. }, .. }
                        | Command::Open { .. }
                        | Command::Call { ask: CallAsk::Place { .. }, .. }
                )
            }
            Given::TopLevel | Given::Event => false,
        }
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::Log { .. } | Command::Note { .. } | Command::NotBuilt(_) => {}
            Command::ModuleLoaded { .. } | Command::SetCustomData { .. } => {}
            Command::Timer { timer, ask: TimerAsk::Set { after_ms, repeat } } => {
                self.timers.set(self.now, timer, after_ms, repeat)
            }
            Command::Timer { timer, ask: TimerAsk::Clear } => self.timers.clear(timer),
            Command::Terminate => self.facts.terminate_asked = true,
            Command::Call { call, ask } => self.ask_call(call, ask),
            Command::Media(ask) => self.ask_media(ask),
            Command::Open { unit, kind, request, params } => self.open(unit, &kind, request, &params),
            Command::Refuse { unit, kind, request } => self.refuse_player(unit, &kind, request),
            Command::Tell { unit, method, params } => self.tell(unit, &method, &params),
            Command::Close { unit, stop } => self.close_connector(unit, stop),
        }
    }

    fn ask_call(&mut self, call: UnitId, ask: CallAsk) {
        match ask {
            CallAsk::Place { facts } => self.place(call, facts),
            CallAsk::Answer { headers } => self.answer(call, headers),
            CallAsk::Unheard => self.decline_unheard(call),
            CallAsk::Reject { code, headers } => self.reject(call, code, headers),
            CallAsk::Hangup { headers } => self.hang_up(call, headers),
            CallAsk::Ring { headers } => self.ring(call, headers),
            CallAsk::StartEarlyMedia { headers } => self.early_media(call, headers),
            CallAsk::HandleTones { on } => self.handle_tones(call, on),
            CallAsk::SendDigits { digits } => self.send_digits(call, &digits),
            CallAsk::Record { options } => self.record(call, options),
        }
    }

    fn ask_media(&mut self, ask: MediaAsk) {
        match ask {
            MediaAsk::Send { from, to } => self.link(from, to),
            MediaAsk::Stop { from, to } => self.stop_link(from, to),
            MediaAsk::SendBetween { a, b } => self.both(a, b, Session::link),
            MediaAsk::StopBetween { a, b } => self.both(a, b, Session::stop_link),
            MediaAsk::Clear { unit } => self.clear_media(unit),
            MediaAsk::Pause { unit, paused } => self.pause(unit, paused),
        }
    }

    fn both(&mut self, a: UnitId, b: UnitId, one_way: fn(&mut Session, UnitId, UnitId)) {
        one_way(self, a, b);
        one_way(self, b, a);
    }
}
