//! The script plane: one JavaScript context that runs the scenario files of one session. It takes a [`HostEvent`],
//! runs its listeners in order of registration with promise continuations after each, and yields `Command`s.
//! It never blocks, does no I/O and owns no clock: the session's time is an argument.
//!
//! The language is ECMAScript 2022 as classic sloppy scripts that share one global scope (semantics 3). Run it on a
//! thread with a large stack: deep recursion in a script is bounded in calls, and some calls use native stack.

#[cfg(test)]
mod argument_tests;
#[cfg(test)]
mod bound_tests;
mod clock;
mod deliver;
mod failure;
mod garbage;
mod globals;
mod hooks;
mod jobs;
mod modules;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::rc::Rc;

use boa_engine::{Context, JsError, Script, Source};

use crate::contract::{
    EngineUsage, HostEvent, ScenarioError, ScenarioErrorKind, ScenarioFile, Setup, Time, Turn,
};
use crate::glue::Language;
use crate::glue::state::State;
use crate::glue::tables::Tables;
use clock::SessionClock;
use failure::Sources;
use garbage::Garbage;
use hooks::Hooks;
use jobs::Jobs;
use voxrun_sandbox::{Limits, heap};

/// The JavaScript context of one session. It must stay on the thread that made it.
pub struct Engine {
    context: Context,
    state: Rc<State>,
    clock: Rc<SessionClock>,
    hooks: Rc<Hooks>,
    jobs: Rc<Jobs>,
    sources: Sources,
    usage: EngineUsage,
    garbage: Garbage,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes the context of a script of this language; no script code runs yet.
    ///
    /// # Errors
    /// When the engine cannot build its own globals (our defect), in words.
    pub fn new(setup: Setup, language: &Language) -> Result<Engine, String> {
        let clock = Rc::new(SessionClock::new(setup.epoch_ms));
        let hooks = Rc::new(Hooks::new(clock.clone()));
        let jobs = Rc::new(Jobs::default());
        let limits = if setup.unlimited { Limits::unlimited() } else { Limits::default() };
        let steps = usize::try_from(limits.session_steps).unwrap_or(usize::MAX);
        let usage = EngineUsage {
            callback_steps_limit: limits.callback_steps,
            heap_bytes_limit: limits.heap_bytes as u64,
            ..EngineUsage::default()
        };
        let built = Context::builder()
            .clock(clock.clone())
            .host_hooks(hooks.clone())
            .job_executor(jobs.clone())
            .can_block(false)
            .instructions_remaining(steps)
            .build();
        let mut context = built.map_err(|error| error.to_string())?;
        let guarded = voxrun_sandbox::install(&mut context, limits, failure::remember_place);
        let state = State::install(setup, Tables::new(language), failure::here, &mut context);
        let sources = Sources::default();
        guarded
            .and_then(|()| globals::install(&mut context))
            .and_then(|()| failure::install_stack(sources.clone(), &mut context))
            .map_err(|error| error.to_string())?;
        Ok(Engine { context, state, clock, hooks, jobs, sources, usage, garbage: Garbage::default() })
    }

    /// Runs the top-level code of every file, in order. An error in one ends it before the next.
    pub fn start(&mut self, now: Time) -> Turn {
        let files = std::mem::take(&mut self.state.host.borrow_mut().setup.scenarios);
        if !heap::is_counted() {
            let text = "the program has not installed heap::CountingAllocator as its global allocator: the platform's \
                        limit on a script's memory is not enforced";
            self.state.host.borrow_mut().note_once(None, text);
        }
        self.turn(now, |engine| files.iter().try_for_each(|file| engine.run_file(file)))
    }

    /// Delivers one event: its listeners run, promise continuations after each.
    pub fn deliver(&mut self, now: Time, event: HostEvent) -> Turn {
        self.turn(now, |engine| engine.dispatch(&event))
    }

    /// Whether a listener of the application hears this event by now.
    #[must_use]
    pub fn listens(&self, event: &str) -> bool {
        !self.state.script.borrow().listeners(None, event).is_empty()
    }

    /// How near the script came to its limits.
    #[must_use]
    pub fn usage(&self) -> EngineUsage {
        EngineUsage { limits: self.state.host.borrow().limits.all(), ..self.usage.clone() }
    }

    fn at(&mut self, now: Time) {
        self.clock.set(now);
        self.state.host.borrow_mut().now = now;
    }

    /// Everything that a turn makes and frees is counted, garbage included, so that what is counted is what the script
    /// holds. What leaves with the turn is the host's: it is copied outside of the count.
    fn turn(&mut self, now: Time, run: impl FnOnce(&mut Engine) -> Result<(), ScenarioError>) -> Turn {
        self.at(now);
        let counting = voxrun_sandbox::count(&self.context);
        let before = heap::held_bytes();
        let error = run(self).err();
        self.garbage.after_turn(before);
        let made = std::mem::take(&mut self.state.host.borrow_mut().commands);
        let answered = self.state.host.borrow_mut().used.take_new();
        let outside = heap::pause();
        let commands = made.clone();
        let used = answered.iter().map(ToString::to_string).collect();
        drop(outside);
        drop((made, answered));
        drop(counting);
        Turn { commands, error, used }
    }

    fn run_file(&mut self, file: &ScenarioFile) -> Result<(), ScenarioError> {
        let prepared =
            voxrun_sandbox::prepare(&file.text).map_err(|problem| failure::of_syntax(file, problem))?;
        self.sources.add(file, prepared.positions);
        let source = Source::from_bytes(prepared.code.as_bytes()).with_path(Path::new(&file.name));
        let script = Script::parse(source, None, &mut self.context).map_err(|error| {
            let mut failed = self.failure(&error);
            failed.kind = ScenarioErrorKind::Syntax;
            failed.file.clone_from(&file.name);
            failed
        })?;
        self.task(move |context| script.evaluate(context).map(drop))
    }

    /// Runs one task of the script: the code, its promise continuations, and the reckoning after them.
    fn task(&mut self, run: impl FnOnce(&mut Context) -> Result<(), JsError>) -> Result<(), ScenarioError> {
        let running = voxrun_sandbox::begin(&mut self.context);
        let ran = run(&mut self.context).and_then(|()| self.jobs.drain(&mut self.context));
        self.usage.callback_steps_peak = self.usage.callback_steps_peak.max(running.steps(&self.context));
        self.usage.heap_bytes_peak = self.usage.heap_bytes_peak.max(running.heap_bytes(&self.context));
        drop(running);
        if let Some(exceeded) = voxrun_sandbox::exceeded(ran.as_ref().err(), &self.context) {
            return Err(self.limit(ran.err().as_ref(), &exceeded.to_string()));
        }
        ran.map_err(|error| self.failure(&error))?;
        match self.hooks.take_unhandled() {
            Some(reason) => Err(self.rejection(&reason)),
            None => Ok(()),
        }
    }
}
