//! How much a pattern may backtrack, from its form alone.

use oxc_regular_expression::ast::{Alternative, Disjunction, Term};

/// Ways through a pattern: for a text of n characters at most `ways * (n + 1)^power` from each start, or without a bound
/// worth naming.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Branches {
    ways: f64,
    power: i32,
    bounded: bool,
}

impl Branches {
    const ONE: Self = Self { ways: 1.0, power: 0, bounded: true };

    pub(super) fn of(body: &Disjunction<'_>) -> Self {
        body.body
            .iter()
            .map(Self::of_alternative)
            .fold(None, |sum: Option<Self>, more| {
                Some(sum.map_or(more, |sum| Self {
                    ways: sum.ways + more.ways,
                    power: sum.power.max(more.power),
                    bounded: sum.bounded && more.bounded,
                }))
            })
            .unwrap_or(Self::ONE)
    }

    /// An upper bound on the steps of a search through so many characters.
    pub(super) fn over(self, chars: usize) -> f64 {
        if !self.bounded {
            return f64::INFINITY;
        }
        let n = chars as f64 + 1.0;
        // From every start, along every way; the characters of a run are among its ways.
        (0..self.power).fold(n * self.ways, |product, _| product * n)
    }

    fn times(self, more: Self) -> Self {
        Self {
            ways: self.ways * more.ways,
            power: self.power + more.power,
            bounded: self.bounded && more.bounded,
        }
    }

    fn of_alternative(alternative: &Alternative<'_>) -> Self {
        alternative.body.iter().map(Self::of_term).fold(Self::ONE, Self::times)
    }

    fn of_term(term: &Term<'_>) -> Self {
        match term {
            Term::CapturingGroup(group) => Self::of(&group.body),
            Term::IgnoreGroup(group) => Self::of(&group.body),
            Term::LookAroundAssertion(look) => Self::of(&look.body),
            Term::Quantifier(quantifier) => {
                let body = Self::of_term(&quantifier.body);
                let once = quantifier.max.is_some_and(|max| max <= 1);
                let chooses = body != Self::ONE;
                match quantifier.max {
                    _ if once => Self { ways: body.ways + 1.0, ..body },
                    // A choice within a repetition multiplies with every round.
                    _ if chooses => Self { bounded: false, ..body },
                    Some(max) if max <= 1_000 => {
                        Self { ways: (max - quantifier.min + 1) as f64 + max as f64, ..Self::ONE }
                    }
                    _ => Self { ways: 1.0, power: 1, bounded: true },
                }
            }
            _ => Self::ONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::Program;

    #[test]
    fn only_bounded_patterns_are_cheap() {
        let over = |pattern: &str, chars| Program::of(pattern, "").expect(pattern).branches.over(chars);
        assert!(over("abc", 1_000) < 10_000.0);
        assert!(over(r"\d+", 100) < 20_000.0);
        assert!(over(r"\s+$", 1_000_000) > 1e11);
        assert!(over("(a+)+$", 10).is_infinite());
        assert!(over("(a|aa)*b", 10).is_infinite());
        assert!(over("(?:ab){2,5}", 100) < 10_000.0);
    }
}
