//! The session's side of a room: an input goes in, what comes out is carried to whom it is for, and what the script makes
//! of an event is the next input.

use voxrun_bindings::contract::UnitId;
use voxrun_bindings::wire::{Endpoint, Remote};

use super::Room;
use crate::journal::EntryKind;
use crate::session::{Input, Output};

impl Room {
    /// The law of the session: one input, then everything it has to say, and what the script makes of it.
    pub(super) fn feed(&mut self, input: Input) {
        let mut input = Some(input);
        while let Some(next) = input.take() {
            self.session.handle_input(self.now, next);
            loop {
                match self.session.poll_output() {
                    // Its turn is the next input; when it comes later, what else there is goes on.
                    Output::Script(event) => {
                        input = self.script.deliver(self.now, event).map(Input::Script);
                        if input.is_some() {
                            break;
                        }
                    }
                    Output::Wait(at) => {
                        self.wait = at;
                        break;
                    }
                    Output::Done => {
                        self.over = true;
                        break;
                    }
                    other => self.carry_out(other),
                }
            }
            self.collect();
        }
    }

    fn carry_out(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Leg { call, output } => {
                if let Some(far_end) = self.far_ends.of(call) {
                    far_end.handle(now, &output);
                }
            }
            Output::Connect { unit, remote, endpoint } => self.connect(unit, remote, endpoint),
            Output::Send { unit, frame, name } => {
                self.witnessed(unit, |witness, now, unit| witness.send(now, unit, &name, &frame));
                self.lines.send(now, unit, frame, name);
            }
            Output::CloseSocket { unit, code, reason } => {
                self.witnessed(unit, |witness, now, unit| witness.close(now, unit, code));
                self.lines.close(now, unit, code, &reason);
            }
            Output::Fetch { unit, fetch, request } => {
                self.witnessed(unit, |witness, now, unit| witness.requested(now, unit, &request));
                let name = self.session.unit_name(unit);
                self.lines.fetch(now, unit, name, fetch, request);
            }
            Output::Place { call, facts } => {
                let far_end = self.exchange.place(now, call, &facts);
                self.far_ends.add_placed(call, far_end);
            }
            Output::Recorded { unit, part } => {
                if let Some(archive) = &self.archive {
                    archive.keep(self.number, unit, part);
                }
            }
            Output::Store { unit, asked } => self.stored.ask(now, unit, asked),
            Output::Replied { request, content_type, body } => {
                let data = self.questions.answered(request, content_type, &body);
                self.write("", EntryKind::Lifecycle, "http_replied", data);
            }
            Output::MediaCleared { .. } => self.far_ends.each(|far_end| far_end.media_cleared(now)),
            Output::Script(_) | Output::Wait(_) | Output::Done => {}
        }
    }

    fn connect(&mut self, unit: UnitId, remote: Option<&'static Remote>, endpoint: Endpoint) {
        self.witnessed(unit, |witness, now, unit| witness.connect(now, unit, &endpoint));
        let name = self.session.unit_name(unit);
        // The settings were checked before the start, so this is our own mistake. The attempt is never answered.
        if let Err(what) = self.lines.connect(self.now, unit, name, remote, endpoint) {
            self.our_mistake(unit, what);
        }
    }
}
