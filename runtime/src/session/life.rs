//! How a session ends (semantics 1.4 and 1.5): `terminate()`, a minute without calls, a failure of the script, the
//! operator. Whatever the cause: Terminating, then everything is torn down, then Terminated, and nothing else reaches the
//! script. Here stands where a session is on that way, and why; it does nothing by itself.

use std::fmt;

use serde::{Serialize, Serializer};
use voxrun_bindings::contract::{CallAsk, Command, Dictionary, HostEvent, On, ScenarioError, Time, TimerAsk};

/// A session without calls ends after this long.
pub(super) const IDLE_MS: u64 = 60_000;

const TERMINATING: &str = "Application.Terminating";
const TERMINATED: &str = "Application.Terminated";

/// Why a session ended; printed in the platform's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// `VoxEngine.terminate()`, or a minute without calls.
    Normal,
    /// Its operator ended it.
    Operator,
    /// The script failed, or exceeded a limit.
    Script,
    /// Our own mistake.
    Internal,
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FinishReason::Normal => "Normal termination",
            FinishReason::Operator => "Terminated administratively",
            FinishReason::Script => "JS session error",
            FinishReason::Internal => "Internal error",
        })
    }
}

impl Serialize for FinishReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// Everything reaches the script.
    #[default]
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

impl Given {
    /// What the script is given with this event.
    pub(super) fn with(event: &HostEvent) -> Given {
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

    /// In a Terminating handler timers and other outside resources are gone; in a Terminated handler everything is.
    pub(super) fn is_too_late_for(self, command: &Command) -> bool {
        match self {
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
}

/// Where a session is on its way, and what brought it there.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) phase: Phase,
    /// `VoxEngine.terminate()` was called in the turn that is being carried out.
    pub(super) terminate_asked: bool,
    /// The operator ends the run.
    pub(super) stopped: bool,
    /// Something failed: the script hears so.
    system_error: bool,
    pub(super) reason: Option<FinishReason>,
    /// The script's failure.
    pub(super) error: Option<ScenarioError>,
    pub(super) ended_at: Option<Time>,
}

impl Life {
    /// Begins the end, unless it has begun; the reason, if this began it. What an operator stopped ends by the operator.
    pub(super) fn finish(&mut self, reason: FinishReason, system_error: bool) -> Option<FinishReason> {
        if self.phase != Phase::Running {
            return None;
        }
        let reason = if self.stopped { FinishReason::Operator } else { reason };
        self.phase = Phase::Ending;
        self.reason = Some(reason);
        self.system_error = system_error;
        Some(reason)
    }

    /// The script's own failure: whatever the end was for, it is for this.
    pub(super) fn script_failed(&mut self, error: ScenarioError) {
        self.error.get_or_insert(error);
        self.reason = Some(FinishReason::Script);
    }

    /// It is over.
    pub(super) fn end(&mut self, now: Time) {
        self.ended_at = Some(now);
        self.phase = Phase::Over;
    }

    /// `Application.Terminating`
    pub(super) fn terminating(&self) -> HostEvent {
        self.last_event(TERMINATING)
    }

    /// `Application.Terminated`
    pub(super) fn terminated(&self) -> HostEvent {
        self.last_event(TERMINATED)
    }

    fn last_event(&self, name: &str) -> HostEvent {
        let mut fields = Dictionary::new();
        if self.system_error {
            fields.insert("systemError", true);
        }
        HostEvent::Raise { on: On::Application(None), name: name.to_owned(), fields }
    }
}
