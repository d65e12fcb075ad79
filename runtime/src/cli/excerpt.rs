//! The excerpt of a scenario's source that is shown under its failure, the place marked.
//!
//! Only the lines around the place are shown, and of very long lines only the part around it, so that a minified or
//! hostile file cannot fill the screen.

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::summary::ErrorSummary;

/// Characters of a line that are shown at most.
const SHOWN: usize = 120;
/// Lines shown before and after the place.
const AROUND: usize = 2;

/// What is shown of a source, under the place that it has in the whole of it.
#[derive(Debug)]
struct Clipped {
    file: String,
    shown: String,
    /// Columns that were cut off in front of the marked line.
    cut_columns: usize,
}

impl SourceCode for Clipped {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let part = self.shown.read_span(span, before, after)?;
        let column = part.column() + self.cut_columns;
        let (data, at, line, lines) = (part.data(), *part.span(), part.line(), part.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.file.clone(), data, at, line, column, lines)))
    }
}

/// The source around a place and the mark, as text.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Marked {
    message: String,
    text: Clipped,
    offset: usize,
    length: usize,
}

impl miette::Diagnostic for Marked {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new(Some("here".to_owned()), self.offset, self.length))))
    }
}

/// Renders the excerpt; `None` when the place is not in the text.
pub(crate) fn render(error: &ErrorSummary, text: &str, colour: bool) -> Option<String> {
    let line = (error.line as usize).checked_sub(1)?;
    let column = (error.column as usize).saturating_sub(1);
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let marked = lines.get(line)?;
    // Lines far away stay empty: their numbers count, their text is not shown.
    let mut source = "\n".repeat(line.saturating_sub(AROUND));
    let (mut offset, mut cut_columns) = (0, 0);
    let first = line.saturating_sub(AROUND);
    for (index, text) in lines.iter().enumerate().take(line + AROUND + 1).skip(first) {
        if index == line {
            let (shown, at, cut) = window(marked, column);
            (offset, cut_columns) = (source.len() + at, cut);
            source.push_str(&shown);
        } else {
            source.extend(text.chars().take(SHOWN));
        }
        source.push('\n');
    }
    let length = source[offset..].chars().next().filter(|ch| *ch != '\n').map_or(0, char::len_utf8);
    let text = Clipped { file: error.file.clone(), shown: source, cut_columns };
    let marked = Marked { message: error.message.clone(), text, offset, length };
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(SHOWN + 20)
        .with_context_lines(AROUND);
    let mut out = String::new();
    handler.render_report(&mut out, &marked).ok()?;
    Some(out)
}

/// The part of a line around a character, control characters replaced; the byte offset of that character in it; and how
/// many characters were cut off in front.
fn window(line: &str, column: usize) -> (String, usize, usize) {
    let length = line.chars().count();
    let column = column.min(length);
    let from = if length <= SHOWN { 0 } else { column.saturating_sub(SHOWN / 2) };
    let mut shown = String::new();
    let mut offset = 0;
    for (index, ch) in line.chars().enumerate().skip(from).take(SHOWN) {
        if index == column {
            offset = shown.len();
        }
        shown.push(if ch.is_control() { ' ' } else { ch });
    }
    if column >= from + shown.chars().count() {
        offset = shown.len();
    }
    (shown, offset, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: u32, column: u32) -> ErrorSummary {
        ErrorSummary { message: "TypeError: x".into(), file: "s.js".into(), line, column }
    }

    #[test]
    fn marks_the_place() {
        let text = render(&error(3, 5), "one\ntwo\nabc(def)\nfour\n", false).expect("in the text");
        assert!(text.contains("TypeError: x"), "{text}");
        assert!(text.contains("[s.js:3:5]"), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.contains("abc(def)")).expect("the line");
        let column = |line: &str, what: char| line.chars().position(|ch| ch == what);
        assert_eq!(
            column(lines[at], 'd'),
            column(lines[at + 1], '┬').or(column(lines[at + 1], '▲')),
            "{text}"
        );
        assert!(text.contains("4 │ four"), "{text}");
    }

    #[test]
    fn long_lines_are_shown_around_the_place() {
        let source = format!("{}X{}", "(".repeat(100_000), ")".repeat(100_000));
        let text = render(&error(1, 100_001), &source, false).expect("in the text");
        assert!(text.len() < 2000, "{}", text.len());
        assert!(text.contains("(X)"), "{text}");
        assert!(text.contains("[s.js:1:100001]"), "{text}");
    }

    #[test]
    fn places_outside_the_text_have_no_excerpt() {
        assert_eq!(render(&error(0, 0), "x", false), None);
        assert_eq!(render(&error(9, 1), "x", false), None);
        assert!(render(&error(1, 99), "x", false).is_some());
        assert!(render(&error(1, 1), "", false).is_some());
    }
}
