//! A script on a thread of its own: the engine with its large stack, jobs in and turns out. A script that does not come
//! back is abandoned after [`PATIENCE_MS`] (policy F-106); its thread then ends with the process.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::Builder;

use voxrun_bindings::contract::Setup;
use voxrun_bindings::contract::{EngineUsage, Turn};
use voxrun_bindings::contract::{HostEvent, Time};
use voxrun_bindings::engine::Engine;

use super::mail::Ring;
use crate::room::Script;
use crate::simulate::Bell;

/// Stack of a script's thread, bytes, as in virtual time. Pages that are not touched cost nothing.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// How long a script may take for one turn, in milliseconds of the session's time.
pub(super) const PATIENCE_MS: u64 = 30_000;

enum Job {
    Start(Time),
    Deliver(Time, Box<HostEvent>),
}

/// Runs `work` on a stack that is given back afterwards: building the globals and reading the source go deep once, and
/// the pages they touch would stay with the thread for the whole call.
fn on_passing_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK_BYTES, work)
}

/// The room's end of a script's thread.
pub(super) struct ScriptThread {
    jobs: Sender<Job>,
    /// Boxed: a channel keeps room for thirty of them.
    turns: Receiver<Box<(Turn, EngineUsage)>>,
    usage: EngineUsage,
    /// Since when a turn is awaited.
    asked: Option<Time>,
    /// The thread is of no use any more; this is why, until it has been told.
    dead: bool,
    why: Option<String>,
}

impl ScriptThread {
    /// Starts the thread. It rings `bell` after each turn.
    pub(super) fn start(setup: Setup, bell: Ring) -> std::io::Result<ScriptThread> {
        let (jobs, to_do) = channel::<Job>();
        let (done, turns) = channel();
        let name = format!("script {}", bell.room());
        let work = move || {
            let Ok(mut engine) = on_passing_stack(|| Engine::new(setup, &voxrun_bindings::language())) else {
                return;
            };
            while let Ok(job) = to_do.recv() {
                let turn = match job {
                    Job::Start(now) => on_passing_stack(|| engine.start(now)),
                    Job::Deliver(now, event) => engine.deliver(now, *event),
                };
                if done.send(Box::new((turn, engine.usage()))).is_err() {
                    return;
                }
                bell.ring();
            }
        };
        Builder::new().name(name).stack_size(STACK_BYTES).spawn(work)?;
        let usage = EngineUsage::default();
        Ok(ScriptThread { jobs, turns, usage, asked: None, dead: false, why: None })
    }

    fn ask(&mut self, now: Time, job: Job) -> Option<Turn> {
        if self.dead {
            return Some(Turn::default());
        }
        self.asked = Some(now);
        if self.jobs.send(job).is_err() {
            return Some(self.give_up("the script's thread has ended"));
        }
        None
    }

    fn give_up(&mut self, why: &str) -> Turn {
        self.dead = true;
        self.asked = None;
        self.why = Some(why.to_owned());
        Turn::default()
    }
}

impl Script for ScriptThread {
    fn start(&mut self, now: Time) -> Option<Turn> {
        self.ask(now, Job::Start(now))
    }

    fn deliver(&mut self, now: Time, event: HostEvent) -> Option<Turn> {
        self.ask(now, Job::Deliver(now, Box::new(event)))
    }

    fn poll(&mut self, now: Time) -> Option<Turn> {
        let asked = self.asked?;
        match self.turns.try_recv() {
            Ok(done) => {
                let (turn, usage) = *done;
                self.usage = usage;
                self.asked = None;
                Some(turn)
            }
            Err(TryRecvError::Disconnected) => Some(self.give_up("the script's engine broke")),
            Err(TryRecvError::Empty) if asked.plus_ms(PATIENCE_MS) <= now => Some(
                self.give_up("the script did not come back within 30 s: it is abandoned and its call ends"),
            ),
            Err(TryRecvError::Empty) => None,
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.asked.map(|asked| asked.plus_ms(PATIENCE_MS))
    }

    fn broken(&mut self) -> Option<String> {
        self.why.take()
    }

    fn usage(&mut self) -> EngineUsage {
        self.usage.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_never_comes_back_is_given_up() {
        let (jobs, never_done) = channel();
        let (_never_told, turns) = channel();
        let usage = EngineUsage::default();
        let mut script = ScriptThread { jobs, turns, usage, asked: None, dead: false, why: None };
        assert!(script.start(Time::ZERO).is_none(), "it is thinking");
        assert_eq!(script.deadline(), Some(Time::from_ms(PATIENCE_MS)));
        assert!(script.poll(Time::from_ms(PATIENCE_MS - 1)).is_none());
        assert!(script.broken().is_none());
        assert!(script.poll(Time::from_ms(PATIENCE_MS)).is_some_and(|turn| turn.commands.is_empty()));
        assert!(script.broken().is_some_and(|why| why.contains("30 s")));
        assert!(script.broken().is_none(), "told once");
        assert!(script.start(Time::ZERO).is_some(), "from now on turns are empty and come at once");
        drop(never_done);
    }

    #[test]
    fn a_thread_that_ends_is_told() {
        let (jobs, to_do) = channel();
        let (told, turns) = channel();
        let usage = EngineUsage::default();
        let mut script = ScriptThread { jobs, turns, usage, asked: None, dead: false, why: None };
        assert!(script.start(Time::ZERO).is_none());
        drop((to_do, told));
        assert!(script.poll(Time::ZERO).is_some());
        assert!(script.broken().is_some_and(|why| why.contains("broke")));
    }
}
