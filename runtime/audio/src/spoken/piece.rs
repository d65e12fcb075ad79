//! A word, or a piece of a long one, while it is being heard: its symbols after the sync pattern, up to the checksum.

use super::letters::{self, Grammar, MORE};
use super::symbols::{CHECK_SYMBOLS, SYNC, checksum, symbol_of};

/// The most symbols a piece can have: 40 letters of the longest form, end mark and checksum, with room to spare.
const MOST_SYMBOLS: usize = 320;

/// How reading goes on after a symbol.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More symbols are needed.
    Open,
    /// The piece is whole and its checksum right.
    Whole(Text),
    /// The piece cannot be right.
    Wrong,
}

/// What a whole piece says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// Its letters.
    pub(super) text: String,
    /// It continues a word begun in the piece before.
    pub(super) continues: bool,
    /// Its word goes on in the next piece.
    pub(super) goes_on: bool,
}

/// The symbols read so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    symbols: Vec<u8>,
    /// The tones they were heard as.
    tones: Vec<u8>,
    grammar: Grammar,
    /// Number of symbols up to and including the end mark, once that has come.
    body: Option<usize>,
}

impl Piece {
    /// Takes the next tone.
    pub(super) fn accept(&mut self, tone: u8) -> Progress {
        let symbol = symbol_of(tone, self.tones.len());
        self.tones.push(tone);
        self.symbols.push(symbol);
        match self.body {
            None => {
                let opens = self.symbols.len() == 1 && symbol == MORE;
                if !opens && self.grammar.ends(symbol) {
                    self.body = Some(self.symbols.len());
                }
                if self.symbols.len() < MOST_SYMBOLS { Progress::Open } else { Progress::Wrong }
            }
            Some(body) if self.symbols.len() == body + CHECK_SYMBOLS => self.judge(body),
            Some(_) => Progress::Open,
        }
    }

    fn judge(&self, body: usize) -> Progress {
        let (said, check) = self.symbols.split_at(body);
        if check != checksum(said) {
            return Progress::Wrong;
        }
        let continues = said[0] == MORE && body > 1;
        let letters = &said[usize::from(continues)..body - 1];
        match letters::read(letters) {
            Some(text) if !text.is_empty() => {
                Progress::Whole(Text { text, continues, goes_on: said[body - 1] == MORE })
            }
            _ => Progress::Wrong,
        }
    }

    /// Looks for a sync pattern among the tones: a word that was cut, and another that began on the same beat.
    ///
    /// Gives how many tones precede the pattern, and those that follow it.
    pub(super) fn inner_sync(&self) -> Option<(usize, Vec<u8>)> {
        let at = self.tones.windows(SYNC.len()).position(|w| w == SYNC)?;
        Some((at, self.tones[at + SYNC.len()..].to_vec()))
    }
}
