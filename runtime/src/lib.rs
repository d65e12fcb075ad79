//! voxrun runs unchanged VoxEngine scenario files off the VoxEngine cloud.
//!
//! A scenario speaks in commands and hears events; everything between is a pure machine that is told the time; only
//! `drive` ever touches a socket or a clock.

pub mod cassette;
pub mod cli;
pub mod connection;
mod docs;
pub mod drive;
pub mod journal;
pub mod media;
pub mod session;
pub mod simulate;
pub mod stand_ins;
pub mod telephony;

#[cfg(test)]
#[global_allocator]
static ALLOCATOR: voxrun_bindings::heap::CountingAllocator = voxrun_bindings::heap::CountingAllocator;
