//! What a script may use: steps in one callback and in the whole session, bytes of heap, characters in a string.
//!
//! Everything is a count (instructions the engine executed, bytes allocated), never the clock, so that a slow machine
//! changes no result. The platform's numbers are in time and in its own engine's bytes; [`Limits`] says how they were
//! carried over. A limit ends the callback with an error no `catch` sees, and stays exceeded: [`Meter`] refuses every
//! later step. Steps are seen at the calls that `syntax::prepare` puts into the source and in guarded builtins.

use super::heap::{self, Counting, Ledger};
use boa_engine::error::{EngineError, RuntimeLimitError};
use boa_engine::property::PropertyDescriptor;
use boa_engine::{Context, JsError, JsNativeError, JsObject, JsResult, js_string};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

/// Allocating so many bytes counts as one step: work that executes few instructions still allocates.
const BYTES_PER_STEP: u64 = 64;

/// The bounds of one session's script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Steps in one callback: stands for the platform's 1 s. A step is one instruction, about 20 to 40 ns here.
    pub callback_steps: u64,
    /// Steps in the whole session; also the total to give to `ContextBuilder::instructions_remaining`.
    pub session_steps: u64,
    /// Bytes of live heap: the platform's 16 MB, times six because this engine's objects are larger. Measured: 160 bytes
    /// for `{ i }` in an array, 240 for three properties and a short string, 760 for an object with an array of three;
    /// the platform's engine needs between a quarter and a sixth of that.
    pub heap_bytes: usize,
    /// Longest string, in UTF-16 code units: the platform's number.
    pub string_chars: usize,
    /// Nested calls of script functions: one more is an error the script may catch, as in the platform's engine.
    pub recursion: usize,
    /// Nested calls of any kind, those among natives counted too, before the engine stops what no script can catch.
    pub native_recursion: usize,
    /// Values on the engine's stack.
    pub stack_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            callback_steps: 50_000_000,
            session_steps: 20_000_000_000,
            heap_bytes: 96 * 1024 * 1024,
            string_chars: 8_388_607,
            recursion: 10_000,
            native_recursion: 40_000,
            stack_values: 1_500_000,
        }
    }
}

impl Limits {
    /// No bound that a real script meets, for runs that switch the platform's limits off. Counting goes on, and the
    /// engine's own safety (native recursion, the stack) stays.
    pub fn unlimited() -> Limits {
        Limits {
            callback_steps: u64::MAX / 4,
            session_steps: u64::MAX / 2,
            heap_bytes: usize::MAX / 4,
            ..Limits::default()
        }
    }
}

/// Which limit ended a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// One callback took too many steps (the limit).
    CallbackSteps(u64),
    /// The session took too many steps (the limit).
    SessionSteps(u64),
    /// The live heap grew too large (the limit, in bytes).
    Heap(usize),
    /// Calls nested too deeply, or too many values were passed at once.
    Recursion,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallbackSteps(steps) => {
                write!(f, "a callback ran longer than the platform's 1 s ({} steps)", grouped(*steps))
            }
            Self::SessionSteps(steps) => {
                write!(f, "the session's script ran for more than {} steps in all", grouped(*steps))
            }
            Self::Heap(bytes) => write!(
                f,
                "the script holds more memory than the platform's 16 MB ({} bytes here)",
                grouped(*bytes as u64)
            ),
            Self::Recursion => f.write_str("too much recursion"),
        }
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The counts of one context, kept in the context's data.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    /// What the scripts of this context hold.
    ledger: Ledger,
    /// Is told where a script stands when a limit ends it.
    stopped: fn(&Context),
    /// Instructions left when the meter was installed.
    at_install: u64,
    /// Steps charged by natives, over the session and when the callback began.
    charged: Cell<u64>,
    charged_at_begin: Cell<u64>,
    /// Bytes allocated on the thread when the callback began; bytes of earlier callbacks are in `charged`.
    allocated_at_begin: Cell<u64>,
    began: Cell<u64>,
    collect_above: Cell<usize>,
    room_collects_above: Cell<usize>,
    exceeded: Cell<Option<Exceeded>>,
    /// Arrays whose elements are being joined, the innermost last.
    joining: Rc<RefCell<Vec<JsObject>>>,
    /// Bits of the left operands whose right ones are being evaluated.
    left_bits: RefCell<Vec<u64>>,
}

/// While it lives a callback or job runs and its heap is counted.
#[derive(Debug)]
#[must_use]
pub struct Running {
    _counting: Option<Counting>,
}

impl Meter {
    /// Puts a meter into a context whose instructions were bounded at build (`instructions_remaining`), and sets the
    /// engine's own limits on recursion and stack.
    pub(crate) fn install(context: &mut Context, limits: Limits, stopped: fn(&Context)) {
        let own = context.runtime_limits_mut();
        own.set_recursion_limit(limits.native_recursion);
        own.set_stack_size_limit(limits.stack_values);
        let left = context.instructions_remaining() as u64;
        let meter = Self {
            ledger: Ledger::default(),
            stopped,
            at_install: left,
            charged: Cell::new(0),
            charged_at_begin: Cell::new(0),
            allocated_at_begin: Cell::new(0),
            began: Cell::new(left),
            collect_above: Cell::new(limits.heap_bytes),
            room_collects_above: Cell::new(limits.heap_bytes / 2),
            exceeded: Cell::new(None),
            joining: Rc::default(),
            left_bits: RefCell::default(),
            limits,
        };
        context.insert_data(meter);
    }

    fn allocated(&self) -> u64 {
        heap::counted_total().wrapping_sub(self.allocated_at_begin.get()) / BYTES_PER_STEP
    }

    fn callback_steps(&self, left: u64) -> u64 {
        let charged = self.charged.get() - self.charged_at_begin.get();
        self.began.get().saturating_sub(left).saturating_add(charged).saturating_add(self.allocated())
    }

    fn session_steps(&self, left: u64) -> u64 {
        self.at_install
            .saturating_sub(left)
            .saturating_add(self.charged.get())
            .saturating_add(self.allocated())
    }

    fn begin(&self, left: u64) {
        self.charged.set(self.charged.get().saturating_add(self.allocated()));
        self.charged_at_begin.set(self.charged.get());
        self.allocated_at_begin.set(heap::counted_total());
        self.began.set(left);
        self.left_bits.borrow_mut().clear();
    }

    fn stop(&self, why: Exceeded) -> JsError {
        if self.exceeded.get().is_none() {
            self.exceeded.set(Some(why));
        }
        RuntimeLimitError::LoopIteration.into()
    }

    fn check(&self, left: u64, more_bytes: usize) -> JsResult<()> {
        if let Some(why) = self.exceeded.get() {
            return Err(self.stop(why));
        }
        if self.callback_steps(left) > self.limits.callback_steps {
            return Err(self.stop(Exceeded::CallbackSteps(self.limits.callback_steps)));
        }
        if self.session_steps(left) > self.limits.session_steps {
            return Err(self.stop(Exceeded::SessionSteps(self.limits.session_steps)));
        }
        if heap::counted_live().saturating_add(more_bytes) > self.collect_above.get() {
            self.collect(more_bytes)?;
        }
        Ok(())
    }

    /// Over the mark: what is garbage does not count. The next mark leaves room, so that a heap near its limit is not
    /// collected at every step.
    #[cold]
    fn collect(&self, more_bytes: usize) -> JsResult<()> {
        boa_engine::gc::force_collect();
        self.ledger.settle();
        let live = self.ledger.live_bytes().saturating_add(more_bytes);
        let limit = self.limits.heap_bytes;
        if live > limit {
            return Err(self.stop(Exceeded::Heap(limit)));
        }
        self.collect_above.set(limit.max(live + limit / 8));
        Ok(())
    }
}

/// Begins a callback or job: its count starts at nothing, and its heap is counted as long as the result lives.
pub fn begin(context: &mut Context) -> Running {
    let left = context.instructions_remaining() as u64;
    let meter = context.get_data::<Meter>();
    let counting = meter.map(|meter| meter.ledger.count());
    if let Some(meter) = meter {
        meter.begin(left);
    }
    Running { _counting: counting }
}

/// Fails, with an error that no `catch` sees, when a limit is exceeded.
///
/// # Errors
/// The uncatchable error; [`exceeded`] then tells which limit it was.
pub fn check(context: &Context) -> JsResult<()> {
    reserve(context, 0)
}

/// [`check`] at the start of a function or loop body: also refuses calls nested too deeply.
///
/// # Errors
/// As for [`check`], and an error a script may catch for too much recursion.
pub(crate) fn step(context: &mut Context) -> JsResult<()> {
    let left = context.instructions_remaining() as u64;
    // The iterator knows its length: this walks nothing.
    let depth = context.stack_trace().size_hint().0;
    let Some(meter) = context.get_data::<Meter>() else { return Ok(()) };
    meter.check(left, 0).inspect_err(|_| (meter.stopped)(context))?;
    if depth > meter.limits.recursion { Err(too_deep(context)) } else { Ok(()) }
}

/// The error for too much recursion, by the name the platform's engine gives it; a script may catch it.
pub(crate) fn too_deep(context: &mut Context) -> JsError {
    let error = JsNativeError::error().with_message("too much recursion").into_opaque(context);
    let name =
        PropertyDescriptor::builder().value(js_string!("InternalError")).writable(true).configurable(true);
    match error.define_property_or_throw(js_string!("name"), name.enumerable(false), context) {
        Ok(_) => JsError::from_opaque(error.into()),
        Err(error) => error,
    }
}

/// Deepest nesting of arrays that are joined into text.
const MAX_JOINING: usize = 5_000;

/// While it lives an array's elements are being joined.
#[derive(Debug)]
pub(super) struct Joining {
    all: Rc<RefCell<Vec<JsObject>>>,
}

impl Drop for Joining {
    fn drop(&mut self) {
        self.all.borrow_mut().pop();
    }
}

/// Begins to join an array; nothing when it is being joined already, so that a cycle ends.
///
/// # Errors
/// When arrays nest too deeply.
pub(super) fn enter_join(array: &JsObject, context: &mut Context) -> JsResult<Option<Joining>> {
    let Some(meter) = context.get_data::<Meter>() else { return Ok(None) };
    let all = Rc::clone(&meter.joining);
    if all.borrow().iter().any(|outer| JsObject::equals(outer, array)) {
        return Ok(None);
    }
    if all.borrow().len() >= MAX_JOINING {
        return Err(too_deep(context));
    }
    all.borrow_mut().push(array.clone());
    Ok(Some(Joining { all }))
}

/// [`check`] before an allocation of so many bytes.
///
/// # Errors
/// As for [`check`].
pub(crate) fn reserve(context: &Context, bytes: usize) -> JsResult<()> {
    let left = context.instructions_remaining() as u64;
    let Some(meter) = context.get_data::<Meter>() else { return Ok(()) };
    meter.check(left, bytes).inspect_err(|_| (meter.stopped)(context))
}

/// Counts work that executes no instructions, and fails when that exceeds a limit.
///
/// # Errors
/// As for [`check`].
pub(crate) fn charge(context: &Context, steps: u64) -> JsResult<()> {
    if let Some(meter) = context.get_data::<Meter>() {
        meter.charged.set(meter.charged.get().saturating_add(steps));
    }
    check(context)
}

/// Steps left in this callback.
#[must_use]
pub(crate) fn steps_left(context: &Context) -> u64 {
    let left = context.instructions_remaining() as u64;
    context
        .get_data::<Meter>()
        .map_or(u64::MAX, |meter| meter.limits.callback_steps.saturating_sub(meter.callback_steps(left)))
}

/// Steps of this callback so far.
#[must_use]
pub(crate) fn callback_steps(context: &Context) -> u64 {
    let left = context.instructions_remaining() as u64;
    context.get_data::<Meter>().map_or(0, |meter| meter.callback_steps(left))
}

impl Running {
    /// Steps of this callback so far.
    #[must_use]
    pub fn steps(&self, context: &Context) -> u64 {
        callback_steps(context)
    }

    /// Bytes that the scripts of this context hold.
    #[must_use]
    pub fn heap_bytes(&self, context: &Context) -> u64 {
        context.get_data::<Meter>().map_or(0, |meter| meter.ledger.live_bytes() as u64)
    }
}

/// While the result lives, what a turn around callbacks makes is counted too.
pub fn count(context: &Context) -> Option<Counting> {
    context.get_data::<Meter>().map(|meter| meter.ledger.count())
}

/// The limits of a context.
#[must_use]
pub(crate) fn limits(context: &Context) -> Limits {
    context.get_data::<Meter>().map_or_else(Limits::default, |meter| meter.limits.clone())
}

/// The limit that was exceeded, if any was; then the context is not to be used again.
#[must_use]
pub(crate) fn exceeded(context: &Context) -> Option<Exceeded> {
    context.get_data::<Meter>().and_then(|meter| meter.exceeded.get())
}

/// The limit behind an error, the engine's own among them; remembered as [`exceeded`].
#[must_use]
pub(crate) fn exceeded_by(error: &JsError, context: &Context) -> Option<Exceeded> {
    let why = match error.as_engine()? {
        EngineError::RuntimeLimit(RuntimeLimitError::Recursion | RuntimeLimitError::StackSize) => {
            Exceeded::Recursion
        }
        EngineError::NoInstructionsRemain => Exceeded::SessionSteps(limits(context).session_steps),
        EngineError::RuntimeLimit(_) => Exceeded::CallbackSteps(limits(context).callback_steps),
        EngineError::Panic(_) => return None,
    };
    if let Some(meter) = context.get_data::<Meter>() {
        let _uncatchable = meter.stop(why);
    }
    exceeded(context).or(Some(why))
}

/// The longest string a context may make, in UTF-16 code units.
#[must_use]
pub(crate) fn string_chars(context: &Context) -> usize {
    context.get_data::<Meter>().map_or(usize::MAX, |meter| meter.limits.string_chars)
}

/// Notes the bits of a left operand until its right one is known.
pub(super) fn push_left(bits: u64, context: &Context) {
    if let Some(meter) = context.get_data::<Meter>() {
        meter.left_bits.borrow_mut().push(bits);
    }
}

/// The bits of the left operand noted last; none when it was no BigInt.
pub(super) fn pop_left(context: &Context) -> u64 {
    context.get_data::<Meter>().and_then(|meter| meter.left_bits.borrow_mut().pop()).unwrap_or(0)
}

/// Bytes of heap left for one allocation; where little is left, garbage is collected first.
pub(super) fn room(context: &Context) -> usize {
    let Some(meter) = context.get_data::<Meter>() else { return usize::MAX };
    let limit = meter.limits.heap_bytes;
    let live = heap::counted_live();
    if live > meter.room_collects_above.get() {
        boa_engine::gc::force_collect();
        meter.ledger.settle();
        let live = meter.ledger.live_bytes();
        meter.room_collects_above.set((limit / 2).max(live.saturating_add(limit / 16)));
        return limit.saturating_sub(live);
    }
    limit.saturating_sub(live)
}
