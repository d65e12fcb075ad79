//! How a session ends (semantics 1.4 and 1.5): `terminate()`, a minute without calls, a failure of the script, the
//! operator. Whatever the cause: Terminating, then everything is torn down, then Terminated, and nothing else reaches the
//! script.

use serde_json::json;
use voxrun_bindings::contract::{Dictionary, Headers, HostEvent, On, Time, UnitId};
use voxrun_bindings::contract::{ScenarioError, Turn};

use super::Session;
use super::call_end::CallEnd;
use crate::journal::EntryKind;

/// A session without calls ends after this long.
const IDLE_MS: u64 = 60_000;

/// The finish reason of a session that its operator ended.
pub(super) const BY_OPERATOR: &str = "Terminated administratively";

const TERMINATING: &str = "Application.Terminating";
const TERMINATED: &str = "Application.Terminated";

/// Where the session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Everything reaches the script.
    Running,
    /// Only Terminating and Terminated do.
    Ending,
    /// No input is taken any more.
    Over,
}

/// What the script was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// Its top-level code runs.
    TopLevel,
    /// An event.
    Event,
    /// The last but one.
    Terminating,
    /// The last.
    Terminated,
}

impl Session {
    /// Queues an event for the script. When the session is ending it is written down and not dispatched.
    pub(super) fn push_event(&mut self, event: HostEvent) {
        if self.phase == Phase::Running {
            self.events.push_back(event);
        } else {
            self.write_event(&event, false);
        }
    }

    /// The same for an event of a unit, or of the application.
    pub(super) fn raise(&mut self, on: On, name: &str, fields: impl Into<Dictionary>) {
        self.push_event(HostEvent::Raise { on, name: name.to_owned(), fields: fields.into() });
    }

    pub(super) fn given_with(&self, event: &HostEvent) -> Given {
        match event {
            HostEvent::Raise { on: On::Application(None), name, .. } if name == TERMINATING => {
                Given::Terminating
            }
            HostEvent::Raise { on: On::Application(None), name, .. } if name == TERMINATED => {
                Given::Terminated
            }
            _ => Given::Event,
        }
    }

    /// Carries out what a task of the script led to.
    pub(super) fn take_turn(&mut self, turn: Turn) {
        let Some(given) = self.given.take() else {
            self.note("", None, "a turn of the script came although none was awaited; it is ignored");
            return;
        };
        for command in turn.commands {
            self.execute(command, given);
        }
        if let Some(error) = turn.error {
            self.script_failed(error);
        } else if std::mem::take(&mut self.facts.terminate_asked) {
            self.finish("Normal termination", false);
        }
        match given {
            Given::TopLevel | Given::Event => {}
            Given::Terminating => {
                self.tear_down();
                self.events.push_back(self.last_event(TERMINATED));
            }
            Given::Terminated => {
                let reason = self.facts.finish_reason.clone().unwrap_or_default();
                self.facts.ended_at = Some(self.now);
                self.phase = Phase::Over;
                self.write("", EntryKind::Lifecycle, "session_ended", json!({ "finish_reason": reason }));
            }
        }
    }

    fn script_failed(&mut self, error: ScenarioError) {
        let data = serde_json::to_value(&error).unwrap_or_default();
        self.write("", EntryKind::Error, "scenario", data);
        self.facts.error.get_or_insert(error);
        self.finish("JS session error", true);
        self.facts.finish_reason = Some("JS session error".to_owned());
    }

    /// Ends the session because of a failure that is not the script's own exception.
    pub(super) fn fail(&mut self, name: &str, text: &str, finish_reason: &str) {
        self.write("", EntryKind::Error, name, json!({ "message": text }));
        self.finish(finish_reason, true);
    }

    /// The operator ends the run: calls are hung up, and the script hears of each as of any call that ends.
    pub(super) fn stop(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        self.facts.stopped = true;
        self.hang_up_all();
    }

    /// Whether the operator ended the run and the script has heard what there was to hear.
    pub(super) fn is_stopped(&self) -> bool {
        self.facts.stopped && self.phase == Phase::Running && self.given.is_none() && self.events.is_empty()
    }

    /// Begins the end. A second call changes nothing.
    pub(super) fn finish(&mut self, reason: &str, system_error: bool) {
        if self.phase != Phase::Running {
            return;
        }
        let reason = if self.facts.stopped { BY_OPERATOR } else { reason };
        self.phase = Phase::Ending;
        self.facts.finish_reason = Some(reason.to_owned());
        self.facts.system_error = system_error;
        self.timers.clear_all();
        self.write("", EntryKind::Lifecycle, "session_stopping", json!({ "finish_reason": reason }));
        for event in std::mem::take(&mut self.events) {
            self.write_event(&event, false);
        }
        self.events.push_back(self.last_event(TERMINATING));
    }

    fn last_event(&self, name: &str) -> HostEvent {
        let mut fields = Dictionary::new();
        if self.facts.system_error {
            fields.insert("systemError", true);
        }
        HostEvent::Raise { on: On::Application(None), name: name.to_owned(), fields }
    }

    fn hang_up_all(&mut self) {
        let calls: Vec<UnitId> = self.calls.keys().copied().collect();
        for call in calls {
            self.end_call(call, CallEnd::SessionEnded, Headers::new());
            self.flush_call(call);
        }
    }

    /// Hangs up every call and closes every connector, in the order they came.
    fn tear_down(&mut self) {
        self.hang_up_all();
        let connectors: Vec<UnitId> = self.connectors.keys().copied().collect();
        for unit in connectors {
            self.close_connector(unit, false);
        }
    }

    /// When the idle rule ends the session, if nothing happens.
    pub(super) fn idle_deadline(&self) -> Option<Time> {
        self.idle_since.filter(|_| self.phase == Phase::Running).map(|since| since.plus_ms(IDLE_MS))
    }

    pub(super) fn idle_due(&mut self) {
        self.write("", EntryKind::Lifecycle, "session_idle", json!({ "without_calls_ms": IDLE_MS }));
        self.finish("Normal termination", false);
    }
}
