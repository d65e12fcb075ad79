//! What a scenario can say and hear: the engine and the reading of its source.

pub mod syntax;

/// The script plane: a JavaScript context and what bounds it.
pub mod engine {
    pub mod guards;
    pub mod heap;
    pub mod meter;
}
