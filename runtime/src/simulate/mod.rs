//! Whole conversations on one virtual clock: scripted callers, the engines and sessions that serve them, and emulated
//! providers. Nothing here waits, sleeps or opens a socket; time jumps to the next instant at which something happens.

mod callees;
mod caller;
mod ear;
mod emulated;
mod meeting;
mod mouth;
mod order;
mod phone;
mod plan;
mod setup;
mod thread;
mod world;

pub use callees::{Behaviour, BehaviourError, Callees};
pub use caller::{Caller, MONOLOGUE_PATIENCE_MS};
pub use ear::{Ear, Spurt, TURN_SILENCE_MS};
pub(crate) use meeting::RoomExchange;
pub use meeting::{Bell, Called, End, Rule, Switchboard};
pub(crate) use order::Opening;
pub use order::Order;
pub use plan::{BUILT_IN_LINE, CallerPlan, Recording, Step};
pub use setup::{Network, SetupError, VIRTUAL_EPOCH_MS, WorldSetup};
pub use thread::{ThreadError, on_world_thread};
pub(crate) use world::start_as_heard;
pub use world::{Moved, World};
