//! All reading of JavaScript source (ECMAScript 2022, classic sloppy scripts with Annex B, at the level of Firefox 115).
//!
//! [`prepare`] refuses what the platform would refuse and puts the counting calls into what it accepts, so that an
//! endless loop in any execution context meets the meter. It never adds a line, and [`Positions`] leads every column
//! back. It runs nothing and repairs nothing.

mod instrument;
mod marks;
mod named;
mod nesting;
mod newer;
mod positions;
mod redeclared;
#[cfg(test)]
mod tests;

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

pub use marks::{AT, EVAL, STEP, TEXT, unmark};
pub(crate) use marks::{Operand, is_marked};
pub use named::{app_events, required};
pub use nesting::{MAX_DEPTH, check as check_nesting, regexp_depth};
pub use positions::Positions;

/// The platform's limit on the source of one scenario, in Unicode characters.
pub const MAX_SOURCE_CHARS: usize = 256 * 1024;

/// A source made ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The source with the counting calls in it; it has the lines of the original.
    pub code: String,
    /// Leads from a place in `code` to the place in the original.
    pub positions: Positions,
}

/// Why a source cannot run, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct SyntaxProblem {
    /// What is wrong, as a sentence without the place.
    pub message: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1.
    pub column: u32,
}

impl SyntaxProblem {
    /// At this byte of the source.
    #[must_use]
    pub fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = positions::place(source, offset);
        Self { message: message.into(), line, column }
    }
}

/// Checks a classic script and puts the counting calls into it.
///
/// # Errors
/// The first [`SyntaxProblem`]: longer than [`MAX_SOURCE_CHARS`], nested too deeply to be read safely, not a classic
/// script, newer than the platform's engine, or using one of the names the engine keeps for itself.
pub fn prepare(source: &str) -> Result<Prepared, SyntaxProblem> {
    if let Some((offset, _)) = source.char_indices().nth(MAX_SOURCE_CHARS) {
        let message = format!("the source is longer than the platform's {MAX_SOURCE_CHARS} characters");
        return Err(SyntaxProblem::at(source, offset, message));
    }
    ready(source, Places::Kept)
}

/// Whether expressions get places of their own in backtraces. They do not in text that a running script compiles: its
/// places lead nowhere, and text that needs no counting has to stay as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Places {
    Kept,
    Left,
}

/// [`prepare`] without the limit of length: for text that a running script hands to `eval` or `Function`.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_any_length(source: &str) -> Result<Prepared, SyntaxProblem> {
    ready(source, Places::Left)
}

fn ready(source: &str, places: Places) -> Result<Prepared, SyntaxProblem> {
    if let Some((offset, name)) = marks::reserved(source) {
        return Err(SyntaxProblem::at(
            source,
            offset,
            format!("`{name}` is a name the engine keeps for itself"),
        ));
    }
    nesting::check(source)?;
    let allocator = Allocator::default();
    let options = ParseOptions { parse_regular_expression: true, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, source, SourceType::script()).with_options(options).parse();
    if let Some(problem) = parsed.diagnostics.errors().next() {
        let offset = problem.labels.first().map_or(0, |label| label.offset() as usize);
        return Err(SyntaxProblem::at(source, offset, problem.message.to_string()));
    }
    if let Some((offset, what)) = newer::find(&parsed.program).or_else(|| redeclared::find(&parsed.program)) {
        return Err(SyntaxProblem::at(source, offset, what));
    }
    let insertions = instrument::insertions(&parsed.program, places == Places::Kept);
    Ok(positions::apply(source, insertions))
}

/// Checks a regular expression that is given as text while a script runs.
///
/// # Errors
/// What is wrong: groups nested deeper than [`MAX_DEPTH`], or syntax newer than the platform's engine. A pattern that is
/// no regular expression at all is left to the engine.
pub(crate) fn check_pattern(pattern: &str, flags: &str) -> Result<(), String> {
    if regexp_depth(pattern) > MAX_DEPTH {
        return Err(format!("regular expression nested more than {MAX_DEPTH} deep"));
    }
    if flags.contains('v') {
        return Err(format!("invalid regular expression flag v: {}", newer::NEWER));
    }
    let allocator = Allocator::default();
    let options = oxc_regular_expression::Options::default();
    let parsed =
        oxc_regular_expression::LiteralParser::new(&allocator, pattern, Some(flags), options).parse();
    match parsed.ok().and_then(|pattern| newer::newer_in_pattern(&pattern)) {
        Some(what) => Err(what),
        None => Ok(()),
    }
}
