//! Places in a source: lines and columns from 1, columns in code points, as the engine counts them
//! (lines end with LF, CR, CR LF, U+2028 or U+2029).

use super::Prepared;
use std::collections::BTreeMap;

/// A text to be put into a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Insertion {
    /// Byte offset in the original.
    pub(super) offset: usize,
    /// The text; it has no line end and only ASCII characters.
    pub(super) text: &'static str,
}

/// Leads places in an instrumented source back to the original.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    /// Line -> insertions in it, as (column of the original before which it stands, its length), in order.
    lines: BTreeMap<u32, Vec<(u32, u32)>>,
}

impl Positions {
    /// The place in the original for a place in the instrumented source, both from 1. A place inside an inserted text
    /// gives the place where it was inserted.
    #[must_use]
    pub fn original(&self, line: u32, column: u32) -> (u32, u32) {
        let mut shift = 0;
        for &(before, length) in self.lines.get(&line).map_or(&[][..], Vec::as_slice) {
            let start = before + shift;
            if column < start {
                break;
            }
            if column < start + length {
                return (line, before);
            }
            shift += length;
        }
        (line, column - shift)
    }
}

/// Walks a text and keeps line and column of the place reached.
struct Walk {
    line: u32,
    column: u32,
    after_cr: bool,
}

impl Walk {
    fn new() -> Self {
        Self { line: 1, column: 1, after_cr: false }
    }

    fn pass(&mut self, text: &str) {
        for character in text.chars() {
            let joined = self.after_cr && character == '\n';
            self.after_cr = character == '\r';
            match character {
                '\n' if joined => {}
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                _ => self.column = self.column.saturating_add(1),
            }
        }
    }
}

/// Line and column of a byte offset; an offset inside a character counts as the character.
pub(super) fn place(source: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let mut walk = Walk::new();
    walk.pass(&source[..end]);
    (walk.line, walk.column)
}

/// Puts the insertions, sorted by offset, into the source.
pub(super) fn apply(source: &str, insertions: Vec<Insertion>) -> Prepared {
    let added: usize = insertions.iter().map(|insertion| insertion.text.len()).sum();
    let mut code = String::with_capacity(source.len() + added);
    let mut positions = Positions::default();
    let mut walk = Walk::new();
    let mut done = 0;
    for Insertion { offset, text } in insertions {
        code.push_str(&source[done..offset]);
        walk.pass(&source[done..offset]);
        done = offset;
        code.push_str(text);
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        positions.lines.entry(walk.line).or_default().push((walk.column, length));
    }
    code.push_str(&source[done..]);
    Prepared { code, positions }
}
