//! A pattern as a program for the judge: from the syntax tree of `oxc_regular_expression` (ECMAScript 22.2.1).

use super::bound::Branches;
use oxc_allocator::Allocator;
use oxc_regular_expression::ast::{
    BoundaryAssertionKind, CharacterClass, CharacterClassContents, CharacterClassEscapeKind, Disjunction,
    LookAroundAssertionKind, Pattern, Quantifier, Term, UnicodePropertyEscape,
};
use oxc_regular_expression::{LiteralParser, Options};

/// Longest program; a pattern that needs more is not judged but refused as too long.
const MAX_OPS: usize = 100_000;

/// One thing to match in one character.
#[derive(Debug, Clone)]
pub(super) enum Unit {
    /// This character.
    Is(u32),
    /// Any but a line end, or any at all.
    Any { line_ends: bool },
    /// One in a set.
    Set(Box<Set>),
}

/// A set of characters.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    pub(super) negative: bool,
    pub(super) ranges: Vec<(u32, u32)>,
    pub(super) escapes: Vec<CharacterClassEscapeKind>,
    pub(super) properties: Vec<(bool, Option<regex::Regex>)>,
    pub(super) nested: Vec<Set>,
}

/// One instruction. `back` matches leftwards, for a lookbehind.
#[derive(Debug, Clone)]
pub(super) enum Op {
    One {
        unit: Unit,
        back: bool,
    },
    /// A repeated single character.
    Run {
        unit: Unit,
        min: u64,
        max: u64,
        greedy: bool,
        back: bool,
    },
    Start,
    End,
    Boundary {
        negative: bool,
    },
    /// Tries the next instruction first, then the other.
    Split {
        other: usize,
    },
    /// Tries the other instruction first, then the next.
    SplitLast {
        other: usize,
    },
    Jump {
        to: usize,
    },
    Save {
        slot: usize,
    },
    Back {
        group: usize,
        back: bool,
    },
    /// Runs up to the matching `Match` behind it; then goes on at `after`.
    Look {
        negative: bool,
        after: usize,
    },
    /// Begins a loop with a counter.
    Enter {
        counter: usize,
    },
    /// Decides whether to go round again or leave to `after`.
    Loop {
        counter: usize,
        min: u64,
        max: u64,
        greedy: bool,
        after: usize,
    },
    /// Ends a round; an empty one that was not required fails.
    Again {
        counter: usize,
        min: u64,
        head: usize,
    },
    Match,
}

/// A pattern made ready to be judged.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) slots: usize,
    pub(super) counters: usize,
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    pub(super) unicode: bool,
    pub(super) branches: Branches,
    /// The program was cut off: every match counts as too long.
    pub(super) cut: bool,
}

impl Program {
    /// The program of a pattern; none when it cannot be read.
    pub(super) fn of(source: &str, flags: &str) -> Option<Self> {
        let allocator = Allocator::default();
        let pattern = LiteralParser::new(&allocator, source, Some(flags), Options::default()).parse().ok()?;
        let mut compiler = Compiler {
            names: Vec::new(),
            groups: 0,
            dot_all: flags.contains('s'),
            program: Self {
                ops: Vec::new(),
                slots: 2,
                counters: 0,
                ignore_case: flags.contains('i'),
                multiline: flags.contains('m'),
                unicode: flags.contains(['u', 'v']),
                branches: Branches::of(&pattern.body),
                cut: false,
            },
        };
        compiler.pattern(&pattern);
        Some(compiler.program)
    }
}

struct Compiler {
    /// Names of groups, by number from 1.
    names: Vec<Option<String>>,
    groups: usize,
    dot_all: bool,
    program: Program,
}

impl Compiler {
    fn pattern(&mut self, pattern: &Pattern<'_>) {
        self.name_groups(&pattern.body);
        self.program.slots = 2 * (self.names.len() + 1);
        self.disjunction(&pattern.body, false);
        self.emit(Op::Match);
    }

    fn name_groups(&mut self, body: &Disjunction<'_>) {
        for term in body.body.iter().flat_map(|alternative| alternative.body.iter()) {
            self.name_groups_in(term);
        }
    }

    fn name_groups_in(&mut self, term: &Term<'_>) {
        match term {
            Term::CapturingGroup(group) => {
                self.names.push(group.name.as_ref().map(ToString::to_string));
                self.name_groups(&group.body);
            }
            Term::IgnoreGroup(group) => self.name_groups(&group.body),
            Term::LookAroundAssertion(look) => self.name_groups(&look.body),
            Term::Quantifier(quantifier) => self.name_groups_in(&quantifier.body),
            _ => {}
        }
    }

    fn emit(&mut self, op: Op) -> usize {
        if self.program.ops.len() >= MAX_OPS {
            self.program.cut = true;
            return MAX_OPS - 1;
        }
        self.program.ops.push(op);
        self.program.ops.len() - 1
    }

    fn here(&self) -> usize {
        self.program.ops.len()
    }

    fn disjunction(&mut self, body: &Disjunction<'_>, back: bool) {
        let mut ends = Vec::new();
        for (index, alternative) in body.body.iter().enumerate() {
            let more = index + 1 < body.body.len();
            let split = more.then(|| self.emit(Op::Split { other: 0 }));
            if back {
                for term in alternative.body.iter().rev() {
                    self.term(term, back);
                }
            } else {
                for term in &alternative.body {
                    self.term(term, back);
                }
            }
            if let Some(split) = split {
                ends.push(self.emit(Op::Jump { to: 0 }));
                self.program.ops[split] = Op::Split { other: self.here() };
            }
        }
        let after = self.here();
        for end in ends {
            self.program.ops[end] = Op::Jump { to: after };
        }
    }

    fn term(&mut self, term: &Term<'_>, back: bool) {
        if let Some(unit) = self.unit(term) {
            self.emit(Op::One { unit, back });
            return;
        }
        match term {
            Term::BoundaryAssertion(boundary) => {
                let op = match boundary.kind {
                    BoundaryAssertionKind::Start => Op::Start,
                    BoundaryAssertionKind::End => Op::End,
                    BoundaryAssertionKind::Boundary => Op::Boundary { negative: false },
                    BoundaryAssertionKind::NegativeBoundary => Op::Boundary { negative: true },
                };
                self.emit(op);
            }
            Term::LookAroundAssertion(look) => {
                let behind = matches!(
                    look.kind,
                    LookAroundAssertionKind::Lookbehind | LookAroundAssertionKind::NegativeLookbehind
                );
                let negative = matches!(
                    look.kind,
                    LookAroundAssertionKind::NegativeLookahead | LookAroundAssertionKind::NegativeLookbehind
                );
                let start = self.emit(Op::Look { negative, after: 0 });
                self.disjunction(&look.body, behind);
                self.emit(Op::Match);
                self.program.ops[start] = Op::Look { negative, after: self.here() };
            }
            Term::Quantifier(quantifier) => self.quantifier(quantifier, back),
            Term::CapturingGroup(group) => {
                self.groups += 1;
                let slot = 2 * self.groups;
                self.emit(Op::Save { slot: slot + usize::from(back) });
                self.disjunction(&group.body, back);
                self.emit(Op::Save { slot: slot + usize::from(!back) });
            }
            Term::IgnoreGroup(group) => self.disjunction(&group.body, back),
            Term::IndexedReference(reference) => {
                self.emit(Op::Back { group: reference.index as usize, back });
            }
            Term::NamedReference(reference) => {
                let name = reference.name.to_string();
                let group =
                    self.names.iter().position(|own| own.as_deref() == Some(&name)).map_or(0, |at| at + 1);
                self.emit(Op::Back { group, back });
            }
            _ => {}
        }
    }

    fn quantifier(&mut self, quantifier: &Quantifier<'_>, back: bool) {
        let (min, max, greedy) = (quantifier.min, quantifier.max.unwrap_or(u64::MAX), quantifier.greedy);
        if let Some(unit) = self.unit(&quantifier.body) {
            self.emit(Op::Run { unit, min, max, greedy, back });
            return;
        }
        if (min, max) == (0, 1) {
            let split = self.emit(Op::Split { other: 0 });
            self.term(&quantifier.body, back);
            let other = self.here();
            self.program.ops[split] = if greedy { Op::Split { other } } else { Op::SplitLast { other } };
            return;
        }
        let counter = self.program.counters;
        self.program.counters += 1;
        self.emit(Op::Enter { counter });
        let head = self.emit(Op::Loop { counter, min, max, greedy, after: 0 });
        self.term(&quantifier.body, back);
        self.emit(Op::Again { counter, min, head });
        self.program.ops[head] = Op::Loop { counter, min, max, greedy, after: self.here() };
    }

    /// A term that matches one character.
    fn unit(&self, term: &Term<'_>) -> Option<Unit> {
        match term {
            Term::Character(character) => Some(Unit::Is(character.value)),
            Term::Dot(_) => Some(Unit::Any { line_ends: self.dot_all }),
            Term::CharacterClassEscape(escape) => {
                Some(Unit::Set(Box::new(Set { escapes: vec![escape.kind], ..Set::default() })))
            }
            Term::UnicodePropertyEscape(escape) => {
                Some(Unit::Set(Box::new(Set { properties: vec![property(escape)], ..Set::default() })))
            }
            Term::CharacterClass(class) => Some(Unit::Set(Box::new(set(class)))),
            _ => None,
        }
    }
}

fn property(escape: &UnicodePropertyEscape<'_>) -> (bool, Option<regex::Regex>) {
    let name =
        escape.value.as_ref().map_or(escape.name.to_string(), |value| format!("{}={value}", escape.name));
    (escape.negative, regex::Regex::new(&format!(r"^\p{{{name}}}$")).ok())
}

fn set(class: &CharacterClass<'_>) -> Set {
    let mut set = Set { negative: class.negative, ..Set::default() };
    for part in &class.body {
        match part {
            CharacterClassContents::CharacterClassRange(range) => {
                set.ranges.push((range.min.value, range.max.value));
            }
            CharacterClassContents::CharacterClassEscape(escape) => set.escapes.push(escape.kind),
            CharacterClassContents::UnicodePropertyEscape(escape) => set.properties.push(property(escape)),
            CharacterClassContents::Character(one) => set.ranges.push((one.value, one.value)),
            CharacterClassContents::NestedCharacterClass(nested) => set.nested.push(self::set(nested)),
            CharacterClassContents::ClassStringDisjunction(_) => {}
        }
    }
    set
}
