//! Places in text files: byte offset to `file:line:column`.

/// Line and column of a byte offset, both from 1; the column counts characters.
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}

/// `file:line:column` of a byte offset.
pub(crate) fn place(file: &str, text: &str, offset: usize) -> String {
    let (line, column) = line_column(text, offset);
    format!("{file}:{line}:{column}")
}

/// A TOML error as `file:line:column: what`, on one line.
pub(crate) fn toml_message(file: &str, text: &str, error: &toml::de::Error) -> String {
    let what = error.message().replace('\n', "; ");
    match error.span() {
        Some(span) => format!("{}: {what}", place(file, text, span.start)),
        None => format!("{file}: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(line_column("ab\ncd", 0), (1, 1));
        assert_eq!(line_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_column("äb", 2), (1, 2));
        assert_eq!(line_column("a", 99), (1, 2));
    }
}
