//! The emulator at the far end of a pipe, asked with care: one that breaks, or never comes to rest, is our own mistake and
//! must not take the session with it.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::contract::Time;
use crate::wire::{Emulator, FromEmulator, ToEmulator};

/// Times that an emulator may be asked at one instant before it counts as broken.
pub(super) const MOST_ROUNDS: u32 = 10_000;

/// An emulator, until its connection is over.
pub(super) struct Asked(Option<Box<dyn Emulator>>);

impl Asked {
    pub(super) fn new(emulator: Box<dyn Emulator>) -> Asked {
        Asked(Some(emulator))
    }

    /// When it wants to be asked by itself.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.0.as_ref()?.deadline()
    }

    /// It is asked no more.
    pub(super) fn leave(&mut self) {
        self.0 = None;
    }

    /// Gives it one input and takes what it says.
    ///
    /// # Errors
    /// When it breaks or does not stop, in words.
    pub(super) fn ask(
        &mut self,
        now: Time,
        input: &ToEmulator<'_>,
    ) -> Result<VecDeque<FromEmulator>, String> {
        let mut said = VecDeque::new();
        let Some(emulator) = self.0.as_mut() else { return Ok(said) };
        let asked = catch_unwind(AssertUnwindSafe(|| {
            emulator.handle(now, reborrow(input));
            while let Some(item) = emulator.poll() {
                said.push_back(item);
                if said.len() >= MOST_ROUNDS as usize {
                    return false;
                }
            }
            true
        }));
        match asked {
            Ok(true) => Ok(said),
            Ok(false) => Err("the emulator never stops talking".to_owned()),
            Err(panic) => Err(format!("the emulator broke: {}", panic_text(panic.as_ref()))),
        }
    }
}

/// A second borrow of an input: the enum is not `Copy`, though all of it are references.
fn reborrow<'a>(input: &ToEmulator<'a>) -> ToEmulator<'a> {
    match input {
        ToEmulator::Upgrade(endpoint) => ToEmulator::Upgrade(endpoint),
        ToEmulator::Frame(frame) => ToEmulator::Frame(frame),
        ToEmulator::Closed { code } => ToEmulator::Closed { code: *code },
        ToEmulator::Deadline => ToEmulator::Deadline,
    }
}

/// The text of a panic, as far as it has one.
#[must_use]
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
