//! A backtracking matcher that counts its steps, in the order in which ECMAScript's matcher tries things
//! (22.2.2). Its stack is on the heap and bounded; only lookarounds, whose nesting is bounded, call it again.

use super::program::{Op, Program, Set, Unit};
use boa_engine::JsString;
use oxc_regular_expression::ast::CharacterClassEscapeKind as Escape;

/// Most things to come back to: beyond it a match counts as too long.
const MAX_WAITING: usize = 2_000_000;

enum Waiting {
    /// Go on there.
    Branch {
        pc: usize,
        at: usize,
    },
    /// A greedy run that may give characters back, down to `least`.
    Shrink {
        pc: usize,
        at: usize,
        least: usize,
        back: bool,
    },
    /// A lazy run that may take more, up to `most` characters.
    Grow {
        pc: usize,
        at: usize,
        most: u64,
    },
    /// What a slot or counter was.
    Slot {
        slot: usize,
        was: usize,
    },
    Counter {
        counter: usize,
        was: (u64, usize),
    },
}

const NONE: usize = usize::MAX;

struct Judge<'a> {
    program: &'a Program,
    text: &'a [u32],
    slots: Vec<usize>,
    counters: Vec<(u64, usize)>,
    waiting: Vec<Waiting>,
    left: u64,
}

/// The search took too many steps.
struct TooLong;

/// What a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) steps: u64,
    /// Start and end of the match, in the characters that the flags make the unit.
    pub(super) found: Option<(usize, usize)>,
}

/// A search from `from` (in UTF-16 code units), if it takes no more than `most` steps.
pub(super) fn search(program: &Program, text: &JsString, from: usize, most: u64) -> Option<Outcome> {
    if program.cut {
        return None;
    }
    let units: Vec<u32>;
    let start;
    if program.unicode {
        let before = text.slice(0, from);
        start = before.code_points().count();
        units = text.code_points().map(|point| point.as_u32()).collect();
    } else {
        start = from;
        units = text.iter().map(u32::from).collect();
    }
    let mut judge = Judge {
        program,
        text: &units,
        slots: vec![NONE; program.slots],
        counters: vec![(0, NONE); program.counters],
        waiting: Vec::new(),
        left: most,
    };
    let mut found = None;
    for at in start..=units.len() {
        judge.slots.fill(NONE);
        match judge.run(0, at) {
            Ok(Some(end)) => {
                found = Some((at, end));
                break;
            }
            Ok(None) => {}
            Err(TooLong) => return None,
        }
    }
    Some(Outcome { steps: most - judge.left, found })
}

impl Judge<'_> {
    fn spend(&mut self, steps: u64) -> Result<(), TooLong> {
        self.left = self.left.checked_sub(steps).ok_or(TooLong)?;
        Ok(())
    }

    fn wait(&mut self, entry: Waiting) -> Result<(), TooLong> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(TooLong);
        }
        self.waiting.push(entry);
        Ok(())
    }

    /// The end of a match that begins with an instruction, if there is one.
    fn run(&mut self, pc: usize, at: usize) -> Result<Option<usize>, TooLong> {
        let base = self.waiting.len();
        let mut place = Some((pc, at));
        loop {
            let Some((pc, at)) = place else {
                match self.again(base)? {
                    Some(next) => place = Some(next),
                    None => return Ok(None),
                }
                continue;
            };
            self.spend(1)?;
            if matches!(self.program.ops.get(pc), None | Some(Op::Match)) {
                // What waits belongs to ways not taken; slots and counters keep what the match gave them.
                self.waiting.truncate(base);
                return Ok(Some(at));
            }
            place = self.step(pc, at)?;
        }
    }

    /// Takes up the way that waits last.
    fn again(&mut self, base: usize) -> Result<Option<(usize, usize)>, TooLong> {
        while self.waiting.len() > base {
            let Some(entry) = self.waiting.pop() else { break };
            match entry {
                Waiting::Branch { pc, at } => return Ok(Some((pc, at))),
                Waiting::Shrink { pc, at, least, back } => {
                    if at != least {
                        let next = if back { at + 1 } else { at - 1 };
                        self.wait(Waiting::Shrink { pc, at: next, least, back })?;
                        return Ok(Some((pc + 1, next)));
                    }
                }
                Waiting::Grow { pc, at, most } => {
                    if most > 0
                        && let Op::Run { unit, back, .. } = &self.program.ops[pc]
                        && let Some(next) = self.one(unit, at, *back)
                    {
                        self.wait(Waiting::Grow { pc, at: next, most: most - 1 })?;
                        return Ok(Some((pc + 1, next)));
                    }
                }
                Waiting::Slot { slot, was } => self.slots[slot] = was,
                Waiting::Counter { counter, was } => self.counters[counter] = was,
            }
        }
        Ok(None)
    }

    fn step(&mut self, pc: usize, at: usize) -> Result<Option<(usize, usize)>, TooLong> {
        let program = self.program;
        let holds = |holds: bool| if holds { Some((pc + 1, at)) } else { None };
        Ok(match &program.ops[pc] {
            Op::One { unit, back } => self.one(unit, at, *back).map(|next| (pc + 1, next)),
            Op::Run { unit, min, max, greedy, back } => {
                self.start_run(pc, at, unit, (*min, *max, *greedy, *back))?
            }
            Op::Start => holds(at == 0 || (program.multiline && line_end(self.text[at - 1]))),
            Op::End => holds(at == self.text.len() || (program.multiline && line_end(self.text[at]))),
            Op::Boundary { negative } => holds(self.boundary(at) != *negative),
            Op::Split { other } => {
                self.wait(Waiting::Branch { pc: *other, at })?;
                Some((pc + 1, at))
            }
            Op::SplitLast { other } => {
                self.wait(Waiting::Branch { pc: pc + 1, at })?;
                Some((*other, at))
            }
            Op::Jump { to } => Some((*to, at)),
            Op::Save { slot } => {
                let was = std::mem::replace(&mut self.slots[*slot], at);
                self.wait(Waiting::Slot { slot: *slot, was })?;
                Some((pc + 1, at))
            }
            Op::Back { group, back } => self.reference(*group, at, *back)?.map(|next| (pc + 1, next)),
            Op::Look { negative, after } => {
                let found = self.run(pc + 1, at)?.is_some();
                (found != *negative).then_some((*after, at))
            }
            Op::Enter { counter } => {
                self.count(*counter, (0, NONE))?;
                Some((pc + 1, at))
            }
            Op::Loop { counter, min, max, greedy, after } => {
                let (rounds, _) = self.counters[*counter];
                let leave = rounds >= *min;
                let more = rounds < *max;
                match (leave, more) {
                    (false, _) => {
                        self.count(*counter, (rounds, at))?;
                        Some((pc + 1, at))
                    }
                    (true, false) => Some((*after, at)),
                    (true, true) if *greedy => {
                        self.wait(Waiting::Branch { pc: *after, at })?;
                        self.count(*counter, (rounds, at))?;
                        Some((pc + 1, at))
                    }
                    (true, true) => {
                        // The round begins only when what follows has failed.
                        self.count(*counter, (rounds, at))?;
                        self.wait(Waiting::Branch { pc: pc + 1, at })?;
                        Some((*after, at))
                    }
                }
            }
            Op::Again { counter, min, head } => {
                let (rounds, began) = self.counters[*counter];
                if began == at && rounds >= *min {
                    None
                } else {
                    self.count(*counter, (rounds + 1, NONE))?;
                    Some((*head, at))
                }
            }
            Op::Match => None,
        })
    }

    fn count(&mut self, counter: usize, now: (u64, usize)) -> Result<(), TooLong> {
        let was = std::mem::replace(&mut self.counters[counter], now);
        self.wait(Waiting::Counter { counter, was })
    }

    fn start_run(
        &mut self,
        pc: usize,
        at: usize,
        unit: &Unit,
        (min, max, greedy, back): (u64, u64, bool, bool),
    ) -> Result<Option<(usize, usize)>, TooLong> {
        let wanted = if greedy { max } else { min };
        let (mut taken, mut end, mut least) = (0, at, at);
        while taken < wanted {
            let Some(next) = self.one(unit, end, back) else { break };
            self.spend(1)?;
            end = next;
            taken += 1;
            if taken == min {
                least = end;
            }
        }
        if taken < min {
            return Ok(None);
        }
        if greedy {
            self.wait(Waiting::Shrink { pc, at: end, least, back })?;
        } else {
            self.wait(Waiting::Grow { pc, at: end, most: max - min })?;
        }
        Ok(Some((pc + 1, end)))
    }

    /// The place after one character, if it matches.
    fn one(&self, unit: &Unit, at: usize, back: bool) -> Option<usize> {
        let index = if back { at.checked_sub(1)? } else { at };
        let point = *self.text.get(index)?;
        let next = if back { index } else { at + 1 };
        self.matches(unit, point).then_some(next)
    }

    fn matches(&self, unit: &Unit, point: u32) -> bool {
        match unit {
            Unit::Is(wanted) => {
                *wanted == point || (self.program.ignore_case && folded(*wanted) == folded(point))
            }
            Unit::Any { line_ends } => *line_ends || !line_end(point),
            Unit::Set(set) => {
                let inside = in_set(set, point)
                    || (self.program.ignore_case
                        && (in_set(set, folded(point)) || in_set(set, lowered(point))));
                inside != set.negative
            }
        }
    }

    fn boundary(&self, at: usize) -> bool {
        let before = at > 0 && is_word(self.text[at - 1]);
        let after = self.text.get(at).is_some_and(|point| is_word(*point));
        before != after
    }

    fn reference(&mut self, group: usize, at: usize, back: bool) -> Result<Option<usize>, TooLong> {
        let (start, end) = match (self.slots.get(2 * group), self.slots.get(2 * group + 1)) {
            (Some(&start), Some(&end)) if start != NONE && end != NONE && start <= end => (start, end),
            _ => return Ok(Some(at)),
        };
        let length = end - start;
        self.spend(length as u64)?;
        let from = if back { at.checked_sub(length) } else { Some(at) };
        let Some(from) = from.filter(|from| from + length <= self.text.len()) else { return Ok(None) };
        let same = self.text[start..end]
            .iter()
            .zip(&self.text[from..from + length])
            .all(|(one, other)| one == other || (self.program.ignore_case && folded(*one) == folded(*other)));
        Ok(same.then_some(if back { from } else { from + length }))
    }
}

/// In the set's list, its own negation left aside.
fn in_set(set: &Set, point: u32) -> bool {
    set.ranges.iter().any(|(low, high)| (*low..=*high).contains(&point))
        || set.escapes.iter().any(|escape| match escape {
            Escape::D => is_digit(point),
            Escape::NegativeD => !is_digit(point),
            Escape::S => is_space(point),
            Escape::NegativeS => !is_space(point),
            Escape::W => is_word(point),
            Escape::NegativeW => !is_word(point),
        })
        || set
            .properties
            .iter()
            .any(|(negative, property)| has_property(property.as_ref(), point) != *negative)
        || set.nested.iter().any(|nested| in_set(nested, point) != nested.negative)
}

/// A property that the tables do not know counts as "a letter".
fn has_property(property: Option<&regex::Regex>, point: u32) -> bool {
    let Some(character) = char::from_u32(point) else { return false };
    property
        .map_or(character.is_alphabetic(), |property| property.is_match(character.encode_utf8(&mut [0; 4])))
}

fn folded(point: u32) -> u32 {
    let Some(character) = char::from_u32(point) else { return point };
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one.into(),
        _ => point,
    }
}

fn lowered(point: u32) -> u32 {
    char::from_u32(point).and_then(|character| character.to_lowercase().next()).map_or(point, u32::from)
}

fn is_digit(point: u32) -> bool {
    (0x30..=0x39).contains(&point)
}

fn is_word(point: u32) -> bool {
    char::from_u32(point).is_some_and(|it| it.is_ascii_alphanumeric() || it == '_')
}

fn is_space(point: u32) -> bool {
    point == 0xfeff || char::from_u32(point).is_some_and(|it| it.is_whitespace() && it != '\u{85}')
}

fn line_end(point: u32) -> bool {
    matches!(point, 0x0a | 0x0d | 0x2028 | 0x2029)
}

#[cfg(test)]
mod tests {
    use super::search;
    use crate::guards::regexp::program::Program;
    use crate::guards::tests::{End, plain_context, plain_in};
    use boa_engine::JsString;

    const PATTERNS: &[(&str, &str)] = &[
        ("(a+)+b", ""),
        ("(?:a|ab)(?:c|bcd)(d*)", ""),
        ("a*?b", ""),
        ("(a*)*c", ""),
        ("(?:a{2,3}){1,2}?b", ""),
        ("^b|c$", "m"),
        ("(.)\\1", ""),
        ("(?<x>[ab])c\\k<x>", ""),
        ("(?=a)[a-c]+(?!d)", ""),
        ("(?<=a)b", ""),
        ("(?<!a)b.", ""),
        ("(?<=(a+)b)c", ""),
        ("[^a-c]+", ""),
        ("\\bb\\w*\\B", ""),
        ("A.B?", "i"),
        (".+\\s", "s"),
        ("(?:)|a", ""),
        ("(a?b??)*d", ""),
        ("(?:a|b)*?c", ""),
        ("\\u{1f600}.", "u"),
        ("(z)((a+)?(b+)?(c))*", ""),
        ("([ab]{0,3}c?){2,}", ""),
        ("\\p{L}+", "u"),
    ];
    const TEXTS: &[&str] = &[
        "",
        "a",
        "b",
        "aab",
        "aaab",
        "abcd",
        "abd",
        "aabb c",
        "acab",
        "bcb",
        "aaaaabb",
        "zaacbbbcac",
        "ab\nc",
        "b\nc",
        "caab",
        "abcabc",
        "d",
        "A b",
        "😀b",
        "ébc d",
        "ccc",
        "bac cab",
        "abab c\n d",
    ];

    #[test]
    fn the_judge_finds_what_the_matcher_finds() {
        let mut context = plain_context();
        for (pattern, flags) in PATTERNS {
            let program = Program::of(pattern, flags).expect(pattern);
            for text in TEXTS {
                let outcome = search(&program, &JsString::from(*text), 0, 1_000_000).expect("short");
                let points = if flags.contains('u') { "[...s]" } else { "s" };
                let quoted = format!("{text:?}");
                let source = format!(
                    "(s => {{ const m = /{pattern}/{flags}.exec(s); if (!m) return 'none'; const n = t => {}; \
                     return n(s.slice(0, m.index)) + ',' + n(s.slice(0, m.index + m[0].length)) }})({quoted})",
                    if points == "s" { "t.length" } else { "[...t].length" }
                );
                let expected =
                    outcome.found.map_or("none".to_owned(), |(start, end)| format!("{start},{end}"));
                assert_eq!(
                    plain_in(&mut context, &source),
                    End::Value(expected),
                    "/{pattern}/{flags} on {text:?}"
                );
            }
        }
    }
}
