//! Whole sessions with hand-written scripts and a provider that does as it is told.

mod calls;
mod lifecycle;
mod media;
mod placed;
mod providers;
mod random;
mod rig;
