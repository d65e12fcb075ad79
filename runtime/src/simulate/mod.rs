//! Whole conversations on one virtual clock: scripted callers, the engines and sessions that serve them, and emulated
//! providers. Nothing here waits, sleeps or opens a socket; time jumps to the next instant at which something happens.

mod callees;
mod caller;
pub mod conversation;
mod ear;
mod far_ends;
mod meeting;
mod mouth;
mod outside;
mod phone;
mod plan;
pub(crate) mod room;
mod setup;
mod thread;
mod world;

pub use callees::{Behaviour, BehaviourError, Callees};
pub use caller::{Caller, FromCaller, MONOLOGUE_PATIENCE_MS};
pub use conversation::{TurnTiming, Utterance, Who};
pub use ear::{Ear, Sound, TURN_SILENCE_MS};
pub use meeting::Rule;
pub(crate) use outside::engine_setup;
pub use outside::{Asked, Dial, Dialled, Exchange, FarEnd, Fetching, Line, Script, Witness};
pub use plan::{BUILT_IN_LINE, CallerPlan, Recording, Step};
pub use setup::{
    Bounds, CallAudio, Failure, RunResult, SessionResult, SetupError, VIRTUAL_EPOCH_MS, WorldSetup,
};
pub use thread::{ThreadError, on_world_thread};
pub use world::{Moved, World};
