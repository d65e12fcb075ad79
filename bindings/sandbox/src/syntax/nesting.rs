//! How deeply a source nests, read from its characters alone, before any parser that works by recursion sees it.
//!
//! Two sums are bounded at every place: what parsers descend into (brackets, prefix and right-leaning operators,
//! statements within statements), and what only leans to the left (`a+b+c`, `a.b.c`, `f()()()`), whose tree is deep but
//! cheap. Where text is ambiguous to a scanner the count errs upwards. It checks no grammar.

use super::SyntaxProblem;

/// Deepest nesting that is read.
pub const MAX_DEPTH: u32 = 800;
/// Longest chain of operators that lean to the left.
pub(super) const MAX_CHAIN: u32 = 8_000;

const PREFIX_WORDS: &[&str] =
    &["new", "typeof", "void", "delete", "await", "yield", "async", "function", "class", "extends", "throw"];
const STATEMENT_WORDS: &[&str] =
    &["if", "else", "for", "while", "do", "with", "try", "catch", "finally", "switch"];
const HEAD_WORDS: &[&str] = &["if", "for", "while", "with", "switch", "catch", "await"];
/// After these words an operand may follow, so a slash begins a regular expression.
const OPERATOR_WORDS: &[&str] = &[
    "return",
    "case",
    "in",
    "of",
    "instanceof",
    "throw",
    "do",
    "else",
    "new",
    "typeof",
    "void",
    "delete",
    "await",
    "yield",
    "extends",
    "default",
];
const LONG_OPERATORS: &[&str] = &[
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=",
    ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>",
    "**",
];
const LEFT_OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "%", "&", "|", "^", "<", ">", "==", "!=", "===", "!==", "<=", ">=", "<<", ">>",
    ">>>", "&&", "||", "??", ".", "?.",
];

/// What the token before was, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing, `;`, or a block's end: a statement begins.
    Start,
    /// The end of an operand.
    Operand,
    /// An operator, or a word after which an operand follows.
    Operator,
    /// `)` that closes the head of a statement.
    Head,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Top,
    Block,
    /// An object literal or pattern, an array, arguments: commas separate elements.
    List,
    /// Parentheses around an expression: commas may be operators.
    Group,
    /// `(` of a statement's head.
    Head,
    /// `${` in a template.
    Template,
}

struct Frame {
    bracket: Bracket,
    /// What is open in the statement: operators that nest, statements within statements, left chain, commas.
    nested: u32,
    statements: u32,
    chain: u32,
    commas: u32,
    /// A statement has ended; `else` may still continue it.
    ended: bool,
}

impl Frame {
    const fn new(bracket: Bracket) -> Self {
        Self { bracket, nested: 0, statements: 0, chain: 0, commas: 0, ended: false }
    }
}

struct Scan<'a> {
    source: &'a str,
    at: usize,
    frames: Vec<Frame>,
    before: Before,
    head_word: bool,
    depth: u32,
    chain: u32,
}

/// Refuses a source that nests more deeply than can be read safely.
pub fn check(source: &str) -> Result<(), SyntaxProblem> {
    let mut scan = Scan {
        source,
        at: 0,
        frames: vec![Frame::new(Bracket::Top)],
        before: Before::Start,
        head_word: false,
        depth: 0,
        chain: 0,
    };
    while scan.at < source.len() {
        let start = scan.at;
        scan.token();
        if scan.depth > MAX_DEPTH {
            return Err(SyntaxProblem::at(source, start, format!("nested more than {MAX_DEPTH} deep")));
        }
        if scan.chain > MAX_CHAIN {
            return Err(SyntaxProblem::at(
                source,
                start,
                format!("more than {MAX_CHAIN} operators in one expression"),
            ));
        }
        if scan.at == start {
            scan.at += scan.rest().chars().next().map_or(1, char::len_utf8);
        }
    }
    Ok(())
}

/// How deeply the groups of a regular expression nest.
#[must_use]
pub fn regexp_depth(pattern: &str) -> u32 {
    let (mut depth, mut deepest, mut in_class, mut escaped) = (0u32, 0u32, false, false);
    for character in pattern.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !in_class => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '#' | '\\' | '\u{200c}' | '\u{200d}')
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(Bracket::Top));
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn token(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() || first == '\u{feff}' {
            self.at += first.len_utf8();
        } else if rest.starts_with("//") {
            self.skip_line();
        } else if rest.starts_with("/*") {
            self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if rest.starts_with("#!") && self.at == 0 {
            self.skip_line();
        } else if is_word(first) {
            self.word();
        } else {
            match first {
                '"' | '\'' => {
                    self.operand_begins();
                    self.string(first);
                }
                '`' => {
                    if self.before == Before::Operand {
                        self.lean();
                    } else {
                        self.operand_begins();
                    }
                    self.at += 1;
                    self.template();
                }
                '(' | '[' | '{' => self.open(first),
                ')' | ']' | '}' => self.close(),
                ';' => self.separator(first),
                ',' => self.separator(first),
                '/' if self.before != Before::Operand => {
                    self.operand_begins();
                    self.regexp();
                }
                _ => self.operator(),
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len());
    }

    /// Two operands without an operator between them, or anything after `;` or a block: a new statement.
    fn operand_begins(&mut self) {
        if matches!(self.before, Before::Start | Before::Operand) {
            self.new_statement(false);
        }
        self.before = Before::Operand;
        self.head_word = false;
    }

    fn new_statement(&mut self, continues: bool) {
        let frame = self.frame();
        let (nested, chain) = (frame.nested, frame.chain + frame.commas);
        let statements = if continues { 0 } else { frame.statements };
        frame.nested = 0;
        frame.chain = 0;
        frame.commas = 0;
        frame.ended = false;
        frame.statements -= statements;
        self.depth -= nested + statements;
        self.chain -= chain;
    }

    fn nest(&mut self) {
        self.frame().nested += 1;
        self.depth += 1;
    }

    fn lean(&mut self) {
        self.frame().chain += 1;
        self.chain += 1;
    }

    fn word(&mut self) {
        let rest = self.rest();
        let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        let word = &self.source[self.at..self.at + length];
        let after_dot = self.source[..self.at].ends_with('.') && !self.source[..self.at].ends_with("..");
        self.at += length;
        if after_dot {
            self.before = Before::Operand;
            return;
        }
        if STATEMENT_WORDS.contains(&word) {
            let continues = matches!(word, "else" | "while" | "catch" | "finally");
            if self.before != Before::Head {
                let in_statement = self.before == Before::Operator;
                self.new_statement(continues || in_statement);
            }
            self.frame().statements += 1;
            self.depth += 1;
            self.before = Before::Operator;
        } else if matches!(word, "case" | "default") {
            self.new_statement(false);
            self.before = Before::Operator;
        } else if matches!(word, "in" | "of" | "instanceof") && self.before == Before::Operand {
            self.lean();
            self.before = Before::Operator;
        } else if PREFIX_WORDS.contains(&word) {
            self.operand_begins();
            self.nest();
            let operand_follows =
                OPERATOR_WORDS.contains(&word) || matches!(word, "async" | "function" | "class");
            self.before = if operand_follows { Before::Operator } else { Before::Operand };
        } else {
            self.operand_begins();
            if OPERATOR_WORDS.contains(&word) {
                self.before = Before::Operator;
            }
        }
        self.head_word = HEAD_WORDS.contains(&word);
    }

    fn operator(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let operator =
            LONG_OPERATORS.iter().find(|it| rest.starts_with(**it)).copied().unwrap_or(&rest[..first]);
        let length = operator.len();
        let left = LEFT_OPERATORS.contains(&operator);
        let (postfix, operand) = (matches!(operator, "++" | "--"), self.before == Before::Operand);
        if matches!(self.before, Before::Start) && !left {
            self.new_statement(false);
        }
        self.at += length;
        self.head_word = false;
        if postfix && operand {
            // Ends an operand, or begins one on the next line: counted with the chain either way.
            self.lean();
            return;
        }
        if left && operand {
            self.lean();
        } else {
            self.nest();
        }
        self.before = Before::Operator;
    }

    fn separator(&mut self, separator: char) {
        self.at += 1;
        self.head_word = false;
        let frame = self.frame();
        let comma = separator == ',';
        let operator = comma && matches!(frame.bracket, Bracket::Group | Bracket::Top | Bracket::Block);
        let (nested, chain) = (frame.nested, frame.chain);
        frame.nested = 0;
        frame.chain = 0;
        if operator {
            frame.commas += 1;
        }
        self.depth -= nested;
        self.chain -= chain;
        self.chain += u32::from(operator);
        self.before = if comma { Before::Operator } else { Before::Start };
    }

    fn open(&mut self, bracket: char) {
        let operand = self.before == Before::Operand;
        let kind = match bracket {
            '(' if self.head_word => Bracket::Head,
            '(' if operand => Bracket::List,
            '(' => Bracket::Group,
            '[' => Bracket::List,
            _ if self.before == Before::Operator && !self.block_follows() => Bracket::List,
            _ => Bracket::Block,
        };
        if operand && bracket != '{' {
            self.lean();
        } else if matches!(self.before, Before::Start) && kind != Bracket::Head {
            self.new_statement(false);
        }
        self.push(kind);
        self.at += 1;
        self.before = if kind == Bracket::Block { Before::Start } else { Before::Operator };
    }

    /// Whether a `{` after an operator or word opens a block: after `=>`, `else`, `do`, `try`, `finally`.
    fn block_follows(&self) -> bool {
        let text = self.source[..self.at].trim_end();
        text.ends_with("=>")
            || ["else", "do", "try", "finally"]
                .iter()
                .any(|word| text.strip_suffix(word).is_some_and(|before| !before.ends_with(is_word)))
    }

    fn push(&mut self, bracket: Bracket) {
        self.frames.push(Frame::new(bracket));
        self.depth += 1;
        self.head_word = false;
    }

    fn close(&mut self) {
        self.at += 1;
        self.head_word = false;
        if self.frames.len() < 2 {
            self.before = Before::Operand;
            return;
        }
        let Some(frame) = self.frames.pop() else { return };
        self.depth -= 1 + frame.nested + frame.statements;
        self.chain -= frame.chain + frame.commas;
        self.before = match frame.bracket {
            Bracket::Head => Before::Head,
            Bracket::Block => Before::Start,
            _ => Before::Operand,
        };
        if frame.bracket == Bracket::Template {
            self.template();
        }
    }

    fn string(&mut self, quote: char) {
        let mut escaped = false;
        let rest = &self.source[self.at + 1..];
        for (offset, character) in rest.char_indices() {
            let ends = (character == quote || matches!(character, '\n' | '\r')) && !escaped;
            if ends {
                self.at += 1 + offset + 1;
                return;
            }
            escaped = character == '\\' && !escaped;
        }
        self.at = self.source.len();
    }

    /// Reads on inside a template, up to its end or the next `${`.
    fn template(&mut self) {
        let mut escaped = false;
        let rest = &self.source[self.at..];
        for (offset, character) in rest.char_indices() {
            if !escaped && character == '`' {
                self.at += offset + 1;
                self.before = Before::Operand;
                return;
            }
            if !escaped && rest[offset..].starts_with("${") {
                self.at += offset + 2;
                self.push(Bracket::Template);
                self.before = Before::Operator;
                return;
            }
            escaped = character == '\\' && !escaped;
        }
        self.at = self.source.len();
    }

    fn regexp(&mut self) {
        let (mut escaped, mut in_class) = (false, false);
        let rest = &self.source[self.at + 1..];
        let mut end = rest.len();
        for (offset, character) in rest.char_indices() {
            match character {
                '\n' | '\r' => {
                    end = offset;
                    break;
                }
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    end = offset + 1;
                    break;
                }
                _ => {}
            }
        }
        let deep = regexp_depth(&rest[..end]);
        let flags = rest[end..].find(|character| !is_word(character)).unwrap_or(rest.len() - end);
        self.at += 1 + end + flags;
        if deep > 1 {
            // Held until the statement ends; only its size matters.
            self.frame().nested += deep - 1;
            self.depth += deep - 1;
        }
    }
}
