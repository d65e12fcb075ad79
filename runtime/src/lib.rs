//! voxrun runs unchanged VoxEngine scenario files off the VoxEngine cloud.
//!
//! A scenario speaks in commands and hears events; everything between is a pure machine that is told the time; only
//! `drive` ever touches a socket or a clock.
//!
//! A program that takes a scenario through a call of its own:
//!
//! ```
//! use voxrun::simulate::{CallerPlan, Step, World, WorldSetup, on_world_thread};
//! use voxrun_bindings::contract::ScenarioFile;
//!
//! let text = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
//!     call.addEventListener(CallEvents.Connected, () => call.say('welcome'));
//!     call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
//!     call.answer();
//! });";
//! let caller = CallerPlan { steps: vec![Step::Say("good morning".into())], ..CallerPlan::default() };
//! let setup = WorldSetup {
//!     scenarios: vec![ScenarioFile::new("welcome.js", text)],
//!     callers: vec![caller],
//!     ..WorldSetup::default()
//! };
//! // A world stays on one thread, and scripts want a large stack.
//! let result = on_world_thread(|| World::new(setup).map(|mut world| world.run(|_| {}))).unwrap().unwrap();
//! let heard: Vec<&str> = result.sessions[0].conversation.iter().map(|said| said.text.as_str()).collect();
//! assert_eq!(heard, ["welcome", "good morning"]);
//! ```

pub mod cassette;
pub mod check;
pub mod cli;
mod docs;
pub mod drive;
pub mod journal;
pub mod media;
pub mod project;
pub mod room;
pub mod session;
pub mod simulate;
pub mod stand_ins;
pub mod telephony;

#[cfg(test)]
#[global_allocator]
static ALLOCATOR: voxrun_bindings::heap::CountingAllocator = voxrun_bindings::heap::CountingAllocator;
