//! The journal as text: one line an entry with time, who and what. On a terminal it tells the conversation as it
//! happens; in full detail it is the `expected.log` of a spec.
//!
//! The same entries give the same text on every machine. Colour is added only when asked for, and control characters
//! of scripts never reach the terminal.

use std::collections::BTreeSet;

use super::phrase::{Phrase, Tone, phrase, story_us};
use super::{Entry, Redactor};

/// Columns before the text: `00:01.240  agent     `.
const MARGIN: usize = 9 + 2 + WHO + 1;
/// Room for the longest usual name of a unit (`cartesia#1`).
const WHO: usize = 10;
/// Columns of a line of `expected.log`; what is longer is cut.
const FULL_WIDTH: usize = 200;

/// How a journal is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Every entry, or only the story of the conversation.
    pub full: bool,
    /// Terminal colours.
    pub colour: bool,
    /// Columns of a line; longer texts are cut.
    pub width: usize,
}

impl Style {
    /// Every entry, without colour, at a fixed width: what specs compare.
    pub const EXPECTED_LOG: Style = Style { full: true, colour: false, width: FULL_WIDTH };
}

/// Prints entries as they come.
#[derive(Debug)]
pub struct Timeline {
    style: Style,
    redactor: Redactor,
    /// Remarks that have been made: each is shown once.
    noted: BTreeSet<String>,
    /// Texts of the log lines since the last line that was none.
    logged: BTreeSet<String>,
    /// Whether the last log line was one of those again.
    repeating: bool,
    /// Log lines that were left out since the last printed line.
    folded: usize,
}

impl Timeline {
    /// A printer of this style that hides secrets.
    #[must_use]
    pub fn new(style: Style, redactor: Redactor) -> Timeline {
        Timeline {
            style,
            redactor,
            noted: BTreeSet::new(),
            logged: BTreeSet::new(),
            repeating: false,
            folded: 0,
        }
    }

    /// The lines of one entry, each ended with a line feed; empty when it is not shown.
    pub fn push(&mut self, entry: &Entry) -> String {
        self.push_at(entry.t_us, entry)
    }

    fn push_at(&mut self, t_us: u64, entry: &Entry) -> String {
        let mut phrase = phrase(entry);
        if self.style.full {
            phrase.what = phrase.detail.take().unwrap_or(phrase.what);
        }
        phrase.what = self.redactor.hide(&phrase.what);
        if self.style.full {
            return self.layout(t_us, &phrase);
        }
        let again = phrase.tone == Tone::Note && !self.noted.insert(phrase.what.clone());
        if !phrase.story || again || self.folds(&phrase) {
            return String::new();
        }
        let mut out = self.finish();
        out.push_str(&self.layout(t_us, &phrase));
        out
    }

    /// What is still to be said at the end.
    pub fn finish(&mut self) -> String {
        let count = std::mem::take(&mut self.folded);
        if count == 0 {
            return String::new();
        }
        let lines = if count == 1 { "line" } else { "lines" };
        let text = format!("{:MARGIN$}... {count} more log {lines} like these", "");
        format!("{}\n", self.coloured(&text, Tone::Log))
    }

    /// Whether this log line only repeats the last ones: scenarios log a heading and its data for every token, which
    /// would bury the conversation.
    fn folds(&mut self, phrase: &Phrase) -> bool {
        if phrase.tone != Tone::Log {
            self.logged.clear();
            self.repeating = false;
            return false;
        }
        let is_data = phrase.what.starts_with(['{', '[']);
        let again = !self.logged.insert(phrase.what.clone());
        self.repeating = again || (is_data && self.repeating);
        self.folded += usize::from(self.repeating);
        self.repeating
    }

    fn layout(&self, t_us: u64, phrase: &Phrase) -> String {
        let room = self.style.width.saturating_sub(MARGIN).max(20);
        let what = printable(&phrase.what);
        let whole = !matches!(phrase.tone, Tone::Log | Tone::Detail | Tone::Milestone) && !self.style.full;
        // What people said and what they must read is never cut; it goes on below.
        let lines = if whole { wrapped(&what, room) } else { vec![cut(&what, room)] };
        let mut head = format!("{}  {:WHO$} ", clock(t_us), phrase.who);
        let mut out = String::new();
        for line in lines {
            let line = format!("{head}{line}");
            out.push_str(&format!("{}\n", self.coloured(line.trim_end(), phrase.tone)));
            head = " ".repeat(MARGIN);
        }
        out
    }

    fn coloured(&self, text: &str, tone: Tone) -> String {
        if !self.style.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Agent => "1;36",
            Tone::Caller => "1;33",
            Tone::Milestone => "32",
            Tone::Log | Tone::Detail => "2",
            Tone::Note => "35",
            Tone::Error => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The whole journal in one style.
#[must_use]
pub fn print(entries: &[Entry], style: Style, redactor: &Redactor) -> String {
    let mut timeline = Timeline::new(style, redactor.clone());
    let mut out: String = entries.iter().map(|entry| timeline.push(entry)).collect();
    out.push_str(&timeline.finish());
    out
}

/// The story of a run that is over: speech stands where it began, not where it had been heard out.
#[must_use]
pub fn story(entries: &[Entry], style: Style, redactor: &Redactor) -> String {
    let mut ordered: Vec<&Entry> = entries.iter().collect();
    ordered.sort_by_key(|entry| story_us(entry));
    let mut timeline = Timeline::new(style, redactor.clone());
    let mut out: String = ordered.into_iter().map(|entry| timeline.push_at(story_us(entry), entry)).collect();
    out.push_str(&timeline.finish());
    out
}

/// Microseconds as `mm:ss.mmm`; minutes grow past two digits when they must.
#[must_use]
pub fn clock(t_us: u64) -> String {
    let ms = t_us / 1000;
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

/// The text on one line, control characters escaped.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            ch if ch.is_control() => out.push_str(&ch.escape_unicode().to_string()),
            ch => out.push(ch),
        }
    }
    out
}

/// At most `width` characters; a text that is longer ends in `...` and says how long it was.
fn cut(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let end = format!("... ({length} characters)");
    let kept: String = text.chars().take(width.saturating_sub(end.len())).collect();
    kept + &end
}

/// The text in lines of at most `width` characters, broken at spaces where there are any. Never empty.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use voxrun_bindings::contract::Time;

    use super::super::{EntryKind, Journal};
    use super::*;

    fn told(lines: &[(u64, &str, EntryKind, &str, Value)]) -> String {
        let mut journal = Journal::new(1);
        for (ms, unit, kind, name, data) in lines {
            journal.write(Time::from_ms(*ms), unit, *kind, name, data.clone());
        }
        story(&journal.take(), Style { full: false, colour: false, width: 60 }, &Redactor::default())
    }

    #[test]
    fn words_stand_beside_who_said_them_where_they_began() {
        let heard = json!({"who": "agent", "text": "Hello! How can", "start_ms": 61_240, "end_ms": 63_000, "cut": true});
        let said =
            json!({"who": "caller", "text": "Stop", "start_ms": 62_000, "end_ms": 62_500, "cut": false});
        let lines = [
            (62_000, "call#1", EntryKind::Media, "said", said),
            (63_100, "call#1", EntryKind::Media, "cut", heard),
            (63_100, "inworld#1", EntryKind::Note, "note", json!({"text": "a remark", "policy": "F-001"})),
            (63_200, "inworld#1", EntryKind::Note, "note", json!({"text": "a remark", "policy": "F-001"})),
        ];
        let expected = "\
01:01.240  agent      \"Hello! How can\" (cut off)
01:02.000  caller     \"Stop\"
01:03.100  note       [F-001] inworld#1: a remark
";
        assert_eq!(told(&lines), expected);
    }

    #[test]
    fn repeated_log_lines_are_folded_and_counted() {
        let line = |text: &str| (0, "", EntryKind::Log, "logger", json!({ "text": text }));
        let lines = [line("=A="), line("{1}"), line("=A="), line("{2}"), line("=A="), line("{3}"), line("B")];
        let text = told(&lines);
        let expected = ["=A=", "{1}", "... 4 more log lines like these", "B"];
        assert_eq!(text.lines().count(), expected.len(), "{text}");
        for (line, end) in text.lines().zip(expected) {
            assert!(line.ends_with(end), "{line}");
        }
    }

    #[test]
    fn long_and_hostile_texts_stay_on_one_line() {
        let text = told(&[(
            0,
            "",
            EntryKind::Log,
            "logger",
            json!({"text": format!("\u{1b}[2J\n{}", "x".repeat(500))}),
        )]);
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains('\u{1b}'));
        assert!(text.trim_end().chars().count() <= 60, "{text}");
        assert!(text.contains("characters)"));
    }

    #[test]
    fn full_detail_has_one_line_an_entry() {
        let mut journal = Journal::new(1);
        for kind in [
            EntryKind::Lifecycle,
            EntryKind::Event,
            EntryKind::Command,
            EntryKind::WireIn,
            EntryKind::WireOut,
            EntryKind::Media,
        ] {
            journal.write(Time::ZERO, "u#1", kind, "name", json!({"a": 1}));
        }
        let entries = journal.take();
        let text = print(&entries, Style::EXPECTED_LOG, &Redactor::default());
        assert_eq!(text.lines().count(), entries.len());
        assert!(text.lines().all(|line| line.contains("name {\"a\":1}")), "{text}");
    }
}
