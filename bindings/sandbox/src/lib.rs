//! What a script may not do: the sandbox of an engine. It reads source and marks it ([`prepare`]), guards the builtins that
//! take without being asked ([`install`]), counts the steps and the heap of a callback ([`begin`]) and says which limit
//! was exceeded ([`exceeded`]). Counts belong to one engine: any number of engines in one thread neither see nor end each
//! other. It knows no platform, no host and no clock.
//!
//! The heap is counted by [`heap::CountingAllocator`], which the program has to install; without it the other limits hold.

mod guards;
pub mod heap;
mod meter;
pub mod syntax;

use boa_engine::{Context, JsError, JsResult};

pub use guards::{max_buffer_bytes, permit_compile};
pub use meter::{Exceeded, Limits, Running, begin, check, count};
pub use syntax::prepare;

/// Puts the limits and the guards into a context whose instructions were bounded at build (`instructions_remaining`).
/// `stopped` is told where a script stands when a limit ends it.
///
/// # Errors
/// When a builtin is not there to be guarded (our defect).
pub fn install(context: &mut Context, limits: Limits, stopped: fn(&Context)) -> JsResult<()> {
    meter::Meter::install(context, limits, stopped);
    guards::install(context)
}

/// The limit that was exceeded, if any was, by this error or before; then the context is not to be used again.
#[must_use]
pub fn exceeded(error: Option<&JsError>, context: &Context) -> Option<Exceeded> {
    error.and_then(|error| meter::exceeded_by(error, context)).or_else(|| meter::exceeded(context))
}

#[cfg(test)]
#[global_allocator]
static ALLOCATOR: heap::CountingAllocator = heap::CountingAllocator;
