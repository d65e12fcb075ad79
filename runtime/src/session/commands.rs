//! What each command of the script does. They are carried out in order after the callback that gave them has ended;
//! none of them waits.

use serde_json::json;
use voxrun_bindings::contract::{CallAsk, MediaAsk, TimerAsk};
use voxrun_bindings::contract::{Command, LogChannel, UnitId};

use super::Session;
use super::lifecycle::Given;
use crate::journal::EntryKind;

impl Session {
    /// Carries out one command of a turn that followed `given`.
    pub(super) fn execute(&mut self, command: Command, given: Given) {
        if let Command::Log { channel, text } = &command {
            let name = match channel {
                LogChannel::Logger => "logger",
                LogChannel::Console => "console",
                LogChannel::Trace => "trace",
            };
            return self.write("", EntryKind::Log, name, json!({ "text": text }));
        }
        if let Command::Note { policy, text } = &command {
            return self.note("", policy.as_deref(), text);
        }
        self.write_command(&command);
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
                matches!(command, Command::SetTimer { .. } | Command::Open { .. } | Command::Place { .. })
            }
            Given::TopLevel | Given::Event => false,
        }
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::Log { .. } | Command::Note { .. } => {}
            Command::ModuleLoaded { .. } | Command::SetCustomData { .. } => {}
            Command::SetTimer { timer, .. } if self.timer_is_full(timer) => {
                self.note("", Some("F-036"), "more than 100 active timers: this one is not set");
            }
            Command::SetTimer { timer, after_ms, repeat } => {
                self.timers.set(self.now, timer, after_ms, repeat)
            }
            Command::Timer { timer, ask: TimerAsk::Clear } => self.timers.clear(timer),
            Command::Terminate => self.facts.terminate_asked = true,
            Command::Call { call, ask: CallAsk::Answer { headers } } => self.answer(call, headers),
            Command::Call { call, ask: CallAsk::Reject { code, headers } } => {
                self.reject(call, code, headers)
            }
            Command::Call { call, ask: CallAsk::Hangup { headers } } => self.hang_up(call, headers),
            Command::Call { call, ask: CallAsk::Ring { headers } } => self.ring(call, headers),
            Command::Call { call, ask: CallAsk::StartEarlyMedia { headers } } => {
                self.early_media(call, headers)
            }
            Command::Place { call, facts } => self.place(call, facts),
            Command::Call { call, ask: CallAsk::HandleTones { on } } => self.handle_tones(call, on),
            Command::Call { call, ask: CallAsk::SendDigits { digits } } => self.send_digits(call, &digits),
            Command::Call { call, ask: CallAsk::Record { options } } => self.record(call, options),
            Command::Media(MediaAsk::Send { from, to }) => self.link(from, to),
            Command::Media(MediaAsk::Stop { from, to }) => self.stop_link(from, to),
            Command::Media(MediaAsk::SendBetween { a, b }) => self.both(a, b, Session::link),
            Command::Media(MediaAsk::StopBetween { a, b }) => self.both(a, b, Session::stop_link),
            Command::Media(MediaAsk::Clear { unit }) => self.clear_media(unit),
            Command::Media(MediaAsk::Pause { unit, paused }) => self.pause(unit, paused),
            Command::Open { unit, provider, request, params } => self.open(unit, &provider, request, &params),
            Command::Tell { unit, method, params } => self.tell(unit, &method, &params),
            Command::Close { unit, stop } => self.close_connector(unit, stop),
        }
    }

    fn both(&mut self, a: UnitId, b: UnitId, one_way: fn(&mut Session, UnitId, UnitId)) {
        one_way(self, a, b);
        one_way(self, b, a);
    }
}
