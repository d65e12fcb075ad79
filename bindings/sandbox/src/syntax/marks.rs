//! The texts that instrumentation inserts, and their removal from what `Function.prototype.toString` shows.
//!
//! Every text is unique: it holds a name or a comment that [`reserved`] refuses in a script, so removing the texts gives
//! back the original exactly. Names spelled with Unicode escapes are not looked for.

/// Hidden global function: counts, and ends a callback that ran too long.
pub const STEP: &str = "__vx_step__";
/// Hidden global function: passes a value on, and refuses a string that is too long.
pub const TEXT: &str = "__vx_text__";
/// Hidden global variable: assigning to it gives the code on the right a place of its own in the engine's backtraces.
pub const AT: &str = "__vx_at__";
/// Hidden global function: prepares the text that a direct `eval` will read.
pub const EVAL: &str = "__vx_eval__";

pub(super) const BLOCK: &str = "__vx_step__();";
pub(super) const AFTER_DIRECTIVE: &str = "; __vx_step__();";
pub(super) const LOOP_OPEN: &str = "{__vx_step__() ;";
pub(super) const LOOP_CLOSE: &str = "/*__vx*/}";
pub(super) const ARROW_OPEN: &str = "(__vx_step__(),";
pub(super) const PLACE: &str = "__vx_at__=";
pub(super) const TEXT_OPEN: &str = "__vx_text__(";
pub(super) const EVAL_OPEN: &str = "...__vx_eval__(eval,";
/// What follows an operand of arithmetic that may be a BigInt's: its part, see [`Operand`].
pub(super) const OPERAND_CLOSE: [&str; 8] = [
    "/*__vx*/,1)",
    "/*__vx*/,2)",
    "/*__vx*/,3)",
    "/*__vx*/,4)",
    "/*__vx*/,5)",
    "/*__vx*/,6)",
    "/*__vx*/,7)",
    "/*__vx*/,8)",
];
pub(super) const CLOSE: &str = "/*__vx*/)";

/// The part a value plays in arithmetic of BigInts; the number is passed to the function [`TEXT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// The left operand of any operator.
    Left = 1,
    /// The exponent, of the left operand before it.
    Exponent = 2,
    /// The shift to the left.
    Shift = 3,
    /// The right operand of `*`.
    Factor = 4,
    /// The exponent of `**=`, whose left operand is not seen.
    AssignedExponent = 5,
    /// The shift of `<<=`.
    AssignedShift = 6,
    /// The value of an assignment.
    Result = 7,
    /// The right operand of `/` or `%`.
    Divisor = 8,
}

impl Operand {
    /// The part of a number, if it is one's.
    pub(crate) fn of(number: i32) -> Option<Self> {
        [
            Self::Left,
            Self::Exponent,
            Self::Shift,
            Self::Factor,
            Self::AssignedExponent,
            Self::AssignedShift,
            Self::Result,
            Self::Divisor,
        ]
        .into_iter()
        .find(|part| *part as i32 == number)
    }

    pub(super) fn close(self) -> &'static str {
        OPERAND_CLOSE[self as usize - 1]
    }
}

/// Longer texts stand before those they contain.
const INSERTED: [&str; 9] =
    [AFTER_DIRECTIVE, LOOP_OPEN, ARROW_OPEN, EVAL_OPEN, TEXT_OPEN, BLOCK, PLACE, LOOP_CLOSE, CLOSE];
const RESERVED: [&str; 5] = [STEP, TEXT, AT, EVAL, "/*__vx*/"];

/// The first use of a reserved text, with its offset in bytes.
pub(super) fn reserved(source: &str) -> Option<(usize, &'static str)> {
    if !source.contains("__vx") {
        return None;
    }
    RESERVED.iter().filter_map(|text| source.find(text).map(|offset| (offset, *text))).min()
}

/// Whether a text bears marks of instrumentation.
pub(crate) fn is_marked(text: &str) -> bool {
    text.contains("__vx_") || text.contains("/*__vx*/")
}

/// The original of an instrumented text.
#[must_use]
pub fn unmark(code: &str) -> String {
    if !is_marked(code) {
        return code.to_owned();
    }
    let mut original = String::with_capacity(code.len());
    let mut rest = code;
    'text: while !rest.is_empty() {
        for inserted in INSERTED.into_iter().chain(OPERAND_CLOSE) {
            if let Some(after) = rest.strip_prefix(inserted) {
                rest = after;
                continue 'text;
            }
        }
        let next = rest.chars().next().map_or(rest.len(), char::len_utf8);
        original.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    original
}
