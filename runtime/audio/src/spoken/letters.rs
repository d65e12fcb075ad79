//! The letters of the spoken code: any Unicode text as five-bit symbols, ordinary letters in one symbol each.
//!
//! A word is written with one page of letters at a time, Latin at first. Symbols 0-25 are the page's letters (before the
//! scale turns, see `symbols::tone_of`); the others:
//!
//! | symbol | meaning |
//! |---|---|
//! | 26 SHIFT | the next symbol is from the page's second row (Latin: capitals and six marks) |
//! | 27 MARK | the next symbol is a digit or a mark; 31 is followed by a code point in five symbols |
//! | 28 CODE | a code point in four symbols follows |
//! | 29 PAGE | the next symbol is the number of another page |
//! | 30 END | the word ends; its checksum follows |
//! | 31 MORE | the word goes on in another piece; in front of a piece: it continues a word |
//!
//! There is one way to write each piece; reading accepts only that one, which makes the checksum stronger still.

pub(super) const SHIFT: u8 = 26;
pub(super) const MARK: u8 = 27;
pub(super) const CODE: u8 = 28;
pub(super) const PAGE: u8 = 29;
/// Ends a word.
pub(super) const END: u8 = 30;
/// Ends a piece whose word goes on, and opens a piece that continues a word.
pub(super) const MORE: u8 = 31;

/// Follows MARK: a code point in five symbols.
const LONG_CODE: u8 = 31;

/// Letters of a page's first row.
const FIRST_ROW: u32 = 26;

/// The first code point of each page. In all but the Latin page the second row continues the first.
const PAGES: [u32; 16] = [
    0x0061, // Latin, a
    0x0430, // Cyrillic, small a; the second row reaches ya and yo
    0x0410, // Cyrillic, capital A
    0x00DF, // Latin with accents, small
    0x00C0, // Latin with accents, capital
    0x0100, // Latin extended
    0x03B1, // Greek, small alpha
    0x0391, // Greek, capital alpha
    0x05D0, // Hebrew
    0x0621, // Arabic
    0x0905, // Devanagari
    0x0561, // Armenian
    0x10D0, // Georgian
    0x0E01, // Thai
    0x3041, // Hiragana
    0x30A1, // Katakana
];

/// Second row of the Latin page after the capitals.
const LATIN_MARKS: [char; 6] = ['.', ',', '?', '!', '\'', '-'];

/// What MARK selects.
const MARKS: [char; 31] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '"', '(', ')', '/', '@', '#', '$', '%', '&',
    '+', '=', '_', '*', '.', ',', '?', '!', '\'', '-',
];

/// Appends the symbols of a piece of a word (without end mark) to `symbols`.
pub(super) fn write(text: &str, symbols: &mut Vec<u8>) {
    let mut page = 0;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        // A single letter of another page is not worth turning there and back.
        let stays = letters.peek().is_some_and(|&next| place_in_page(next, page).is_some());
        if let Some(place) = place_in_page(letter, page) {
            place.write(symbols);
        } else if let Some(n) = MARKS.iter().position(|&m| m == letter) {
            symbols.extend([MARK, n as u8]);
        } else if stays {
            write_code(letter, symbols);
        } else if let Some((other, place)) =
            (0..PAGES.len()).find_map(|p| Some((p, place_in_page(letter, p)?)))
        {
            symbols.extend([PAGE, other as u8]);
            place.write(symbols);
            page = other;
        } else {
            write_code(letter, symbols);
        }
    }
}

/// Where a letter stands in a page.
enum Place {
    FirstRow(u8),
    SecondRow(u8),
}

impl Place {
    fn write(self, symbols: &mut Vec<u8>) {
        match self {
            Place::FirstRow(n) => symbols.push(n),
            Place::SecondRow(n) => symbols.extend([SHIFT, n]),
        }
    }
}

fn place_in_page(letter: char, page: usize) -> Option<Place> {
    if page == 0
        && let Some(n) = second_latin_row(letter)
    {
        return Some(Place::SecondRow(n));
    }
    let offset = u32::from(letter).checked_sub(PAGES[page])?;
    if offset < FIRST_ROW {
        Some(Place::FirstRow(offset as u8))
    } else if page != 0 && offset < FIRST_ROW + 32 {
        Some(Place::SecondRow((offset - FIRST_ROW) as u8))
    } else {
        None
    }
}

fn second_latin_row(letter: char) -> Option<u8> {
    if letter.is_ascii_uppercase() {
        return Some(letter as u8 - b'A');
    }
    LATIN_MARKS.iter().position(|&m| m == letter).map(|n| n as u8 + 26)
}

fn write_code(letter: char, symbols: &mut Vec<u8>) {
    let code = u32::from(letter);
    let length = if code < 1 << 20 {
        symbols.push(CODE);
        4
    } else {
        symbols.extend([MARK, LONG_CODE]);
        5
    };
    symbols.extend((0..length).rev().map(|n| ((code >> (5 * n)) & 31) as u8));
}

/// Reads a piece back; `None` unless the symbols are exactly what [`write`] makes of a text without white space.
pub(super) fn read(symbols: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut page = 0;
    let mut rest = symbols.iter().copied();
    while let Some(symbol) = rest.next() {
        match symbol {
            PAGE => page = usize::from(rest.next()?),
            END | MORE => return None,
            _ => text.push(letter(symbol, page, &mut rest)?),
        }
    }
    let mut canonical = Vec::with_capacity(symbols.len());
    write(&text, &mut canonical);
    (canonical == symbols && !text.chars().any(char::is_whitespace)).then_some(text)
}

/// Follows a piece symbol by symbol, to tell its end mark from the same symbol inside a letter.
#[derive(Clone, Debug, Default)]
pub(super) struct Grammar {
    /// Symbols that still belong to the letter begun.
    owed: u8,
    marked: bool,
}

impl Grammar {
    /// Takes the next symbol; true when it is END or MORE standing for itself.
    pub(super) fn ends(&mut self, symbol: u8) -> bool {
        if self.owed > 0 {
            self.owed -= 1;
            if std::mem::take(&mut self.marked) && symbol == LONG_CODE {
                self.owed = 5;
            }
            return false;
        }
        self.marked = symbol == MARK;
        self.owed = match symbol {
            SHIFT | MARK | PAGE => 1,
            CODE => 4,
            _ => 0,
        };
        symbol == END || symbol == MORE
    }
}

fn letter(symbol: u8, page: usize, rest: &mut impl Iterator<Item = u8>) -> Option<char> {
    let first = *PAGES.get(page)?;
    match symbol {
        SHIFT => {
            let n = rest.next()?;
            match (page, n) {
                (0, 0..26) => Some(char::from(b'A' + n)),
                (0, _) => LATIN_MARKS.get(usize::from(n) - 26).copied(),
                _ => char::from_u32(first + FIRST_ROW + u32::from(n)),
            }
        }
        MARK => match rest.next()? {
            LONG_CODE => code_point(5, rest),
            n => MARKS.get(usize::from(n)).copied(),
        },
        CODE => code_point(4, rest),
        _ => char::from_u32(first + u32::from(symbol)),
    }
}

fn code_point(length: usize, rest: &mut impl Iterator<Item = u8>) -> Option<char> {
    let mut code = 0;
    for _ in 0..length {
        code = code << 5 | u32::from(rest.next()?);
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> Vec<u8> {
        let mut symbols = Vec::new();
        write(text, &mut symbols);
        symbols
    }

    #[test]
    fn ordinary_words_take_one_symbol_a_letter() {
        for (text, symbols) in [
            ("hello", 5),
            ("Hello,", 8),
            ("it's", 5),
            ("42", 4),
            ("привет", 8),
            ("Привет!", 15),
            ("für", 7),
            ("東京", 10),
            ("😀", 5),
            ("\u{10FFFF}", 7),
            ("", 0),
        ] {
            assert_eq!(written(text).len(), symbols, "{text}");
        }
    }

    #[test]
    fn only_the_one_way_to_write_is_read() {
        assert_eq!(read(&[7, 4, 11, 11, 14]).as_deref(), Some("hello"));
        // A needless page, a mark that the page has, a code that has a letter, a broken end, white space, a surrogate.
        for symbols in [
            &[PAGE, 0, 7][..],
            &[MARK, 25],
            &[CODE, 0, 0, 3, 1],
            &[SHIFT],
            &[CODE, 0, 0, 1],
            &[CODE, 0, 0, 1, 0],
            &[CODE, 1, 22, 0, 0],
            &[PAGE, 31, 3],
            &[PAGE],
            &[PAGE, 1],
            &[END],
            &[3, MORE],
        ] {
            assert_eq!(read(symbols), None, "{symbols:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_without_white_space_comes_back(text in "\\PC{0,40}") {
            let word: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(read(&written(&word)), Some(word));
        }

        #[test]
        fn any_character_comes_back(letter in any::<char>().prop_filter("a letter", |c| !c.is_whitespace())) {
            let word = format!("{letter}a{letter}");
            prop_assert_eq!(read(&written(&word)), Some(word));
        }

        #[test]
        fn no_letter_looks_like_an_end(text in "\\PC{0,20}") {
            let mut grammar = Grammar::default();
            let symbols = written(&text);
            prop_assert!(!symbols.iter().any(|&s| grammar.ends(s)));
            prop_assert!(grammar.ends(END));
        }

        #[test]
        fn any_symbols_are_read_without_panic(symbols in prop::collection::vec(0u8..32, 0..60)) {
            if let Some(text) = read(&symbols) {
                prop_assert_eq!(written(&text), symbols);
            }
        }
    }
}
