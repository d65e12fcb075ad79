//! A script's failure with its place as the author wrote it, and `Error.prototype.stack` in the platform's format
//! (`function@file:line:column`, as its logs show it).

use boa_engine::object::builtins::JsFunction;
use boa_engine::property::{PropertyDescriptor, PropertyKey};
use boa_engine::{Context, JsError, JsResult, JsValue, NativeFunction, js_string};

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::Engine;
use crate::contract::{self, Origin, ScenarioError, ScenarioErrorKind, ScenarioFile};
use crate::glue::args::log_text;
use crate::glue::missing;
use voxrun_sandbox::syntax::{Positions, SyntaxProblem};

/// The engine's own words for a call of what is no function.
const NO_FUNCTION: &str = "not a callable function";

/// The files that run, with the way back to the author's columns; shared with the getter of `stack`.
#[derive(Clone, Default)]
pub(super) struct Sources(Rc<RefCell<Vec<Source>>>);

struct Source {
    name: String,
    text: String,
    positions: Positions,
    origin: Option<Arc<Origin>>,
    /// Where its code begins: the engine gives its very first instruction no place.
    first: (u32, u32),
}

impl Sources {
    /// Adds a file.
    pub(super) fn add(&self, file: &ScenarioFile, positions: Positions) {
        let (name, text, origin) = (file.name.clone(), file.source().to_owned(), file.origin.clone());
        let first = first_token(&text);
        self.0.borrow_mut().push(Source { name, text, positions, origin, first });
    }

    /// What is called at a place, as its author wrote it (`call.answer`): the names before the bracket that stands there.
    fn callee(&self, error: &ScenarioError) -> Option<String> {
        let files = self.0.borrow();
        let source = files.iter().find(|source| source.name == error.file)?;
        let line = source.text.lines().nth(usize::try_from(error.line).ok()?.checked_sub(1)?)?;
        let before: Vec<char> =
            line.chars().take(usize::try_from(error.column).ok()?.checked_sub(1)?).collect();
        let is_name = |ch: &char| ch.is_alphanumeric() || "_$.".contains(*ch);
        let begin = before.iter().rposition(|ch| !is_name(ch)).map_or(0, |at| at + 1);
        let name: String = before[begin..].iter().collect();
        (!name.is_empty() && !name.starts_with('.') && !name.ends_with('.')).then_some(name)
    }

    /// The places of a backtrace that lie in files, innermost first, as the author wrote them.
    fn places(&self, backtrace: &str) -> Vec<TraceLine> {
        let files = self.0.borrow();
        let original = |mut place: TraceLine| {
            let source = files.iter().find(|source| source.name == place.file)?;
            if place.line > 0 {
                let (line, column) = source.positions.original(place.line, place.column);
                let origin = source.origin.as_ref().map(|origin| origin.place(line, column));
                (place.line, place.column) = origin.unwrap_or((line, column));
            } else if place.function.is_empty() {
                (place.line, place.column) = source.first;
            }
            Some(place)
        };
        backtrace.lines().filter_map(place).filter_map(original).collect()
    }
}

/// Line and column of the first thing that is neither white space nor a comment.
fn first_token(text: &str) -> (u32, u32) {
    let mut rest = text.trim_start();
    loop {
        let comment = match rest.get(..2) {
            Some("//") => rest.find('\n'),
            Some("/*") => rest.find("*/").map(|end| end + 2),
            _ => break,
        };
        rest = comment.map_or("", |end| rest[end..].trim_start());
    }
    let before = &text[..text.len() - rest.len()];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0))
}

/// One line of a backtrace.
#[derive(Debug, PartialEq, Eq)]
struct TraceLine {
    function: String,
    file: String,
    line: u32,
    column: u32,
}

impl std::fmt::Display for TraceLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}:{}:{}", self.function, self.file, self.line, self.column)
    }
}

/// A file that does not parse.
pub(super) fn of_syntax(file: &ScenarioFile, problem: SyntaxProblem) -> ScenarioError {
    let place = (problem.line, problem.column);
    let (line, column) = file.origin.as_ref().map_or(place, |origin| origin.place(place.0, place.1));
    ScenarioError {
        kind: ScenarioErrorKind::Syntax,
        message: format!("SyntaxError: {}", problem.message),
        file: file.name.clone(),
        line,
        column,
        stack: Vec::new(),
    }
}

impl Engine {
    /// The failure that an exception is.
    pub(super) fn failure(&mut self, error: &JsError) -> ScenarioError {
        let message = match error.as_opaque() {
            Some(value) => thrown_text(value, &mut self.context),
            None => error.as_native().map_or_else(
                || first_line(&error.to_string()),
                |native| {
                    let kind = native.kind().to_string();
                    if native.message().is_empty() { kind } else { format!("{kind}: {}", native.message()) }
                },
            ),
        };
        let mut failed = self.placed(ScenarioErrorKind::Uncaught, message, &error.to_string());
        self.name_callee(&mut failed);
        failed
    }

    /// What is no function is named, and what may have been meant.
    fn name_callee(&self, failed: &mut ScenarioError) {
        if failed.message != format!("TypeError: {NO_FUNCTION}") {
            return;
        }
        let Some(callee) = self.sources.callee(failed) else { return };
        let missing = self.state.script.borrow().missing.clone();
        let (object, member) = callee.rsplit_once('.').unwrap_or(("", &callee));
        failed.message = match missing.filter(|missing| missing.name == member && !object.is_empty()) {
            None => format!("TypeError: {callee} is not a function"),
            Some(missing) => {
                let meant = missing::meant(self.state.tables.surface, &missing);
                let meant =
                    meant.map(|meant| format!("; did you mean {object}.{meant}?")).unwrap_or_default();
                format!("TypeError: {callee} is no member of {}{meant}", missing.owner)
            }
        };
    }

    /// The failure that an unhandled rejection is. Its place is where the error was made.
    pub(super) fn rejection(&mut self, reason: &JsValue) -> ScenarioError {
        let message = thrown_text(reason, &mut self.context);
        let made_at = native_stack(reason, &mut self.context).unwrap_or_default();
        let mut failed = self.placed(ScenarioErrorKind::UnhandledRejection, message, &made_at);
        self.name_callee(&mut failed);
        failed
    }

    /// The failure that an exceeded limit is.
    pub(super) fn limit(&self, error: Option<&JsError>, message: &str) -> ScenarioError {
        let backtrace = error.map(JsError::to_string).unwrap_or_default();
        self.placed(ScenarioErrorKind::Limit, message.to_owned(), &backtrace)
    }

    fn placed(&self, kind: ScenarioErrorKind, message: String, backtrace: &str) -> ScenarioError {
        let mut places = self.sources.places(backtrace);
        if places.is_empty() {
            let stopped = self.context.get_data::<StoppedAt>().map(|at| at.0.borrow().clone());
            places = self.sources.places(&stopped.unwrap_or_default());
        }
        let stack = places.iter().map(TraceLine::to_string).collect();
        // Some instructions have no place of their own: the nearest caller that has one is shown.
        let nearest = places.iter().position(|place| place.line > 0).unwrap_or(0);
        match places.into_iter().nth(nearest) {
            Some(TraceLine { file, line, column, .. }) => {
                ScenarioError { kind, message, file, line, column, stack }
            }
            None => ScenarioError { kind, message, file: String::new(), line: 0, column: 0, stack },
        }
    }
}

/// What an exception says: an error's own text, or what else was thrown.
fn thrown_text(value: &JsValue, context: &mut Context) -> String {
    let text = log_text(value, context);
    if value.as_object().is_some_and(|object| object.is::<boa_engine::builtins::error::Error>()) {
        text
    } else {
        format!("uncaught exception: {text}")
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// `    at name (file:line:column)` of the engine's backtraces; lines of natives have no place.
fn place(line: &str) -> Option<TraceLine> {
    let rest = line.trim_start().strip_prefix("at ")?;
    let (function, rest) = rest.rsplit_once(" (")?;
    let (rest, column) = rest.strip_suffix(')')?.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let function = if function == "<main>" { "" } else { function }.to_owned();
    let number = |text: &str| if text == "?" { Some(0) } else { text.parse().ok() };
    Some(TraceLine { function, file: file.to_owned(), line: number(line)?, column: number(column)? })
}

/// Where the script stood when a limit was exceeded: a stop inside a promise job brings no backtrace of its own.
struct StoppedAt(RefCell<String>);

/// Remembers where the script stands, in the form of the engine's backtraces.
pub(super) fn remember_place(context: &Context) {
    let Some(stopped) = context.get_data::<StoppedAt>() else { return };
    // A stopped meter refuses every later step too: the first place is where it happened.
    if stopped.0.borrow().is_empty() {
        stopped.0.replace(backtrace(context));
    }
}

/// Where the script stands, in the form of the engine's backtraces.
fn backtrace(context: &Context) -> String {
    let lines: Vec<String> = context
        .stack_trace()
        .map(|frame| {
            let at = frame.position();
            let place = at
                .position
                .map_or("?:?".to_owned(), |p| format!("{}:{}", p.line_number(), p.column_number()));
            format!("    at {} ({}:{place})", at.function_name.to_std_string_lossy(), at.path)
        })
        .take(10)
        .collect();
    lines.join("\n")
}

/// Where the script stands, as its author wrote it.
pub(super) fn here(context: &Context) -> contract::Place {
    let Some(sources) = context.get_data::<Sources>() else { return contract::Place::default() };
    let nearest = sources.places(&backtrace(context)).into_iter().find(|place| place.line > 0);
    nearest.map_or_else(contract::Place::default, |place| contract::Place {
        file: place.file,
        line: place.line,
        column: place.column,
    })
}

/// The engine's own backtrace of an error object.
fn native_stack(value: &JsValue, context: &mut Context) -> Option<String> {
    let getter = context.get_data::<NativeStack>()?.0.clone();
    let text = getter.call(value, &[], context).ok()?;
    text.as_string().map(|text| text.to_std_string_lossy())
}

/// The engine's own getter of `Error.prototype.stack`.
struct NativeStack(JsFunction);

/// Gives `Error.prototype.stack` the platform's format and the author's columns.
pub(super) fn install_stack(sources: Sources, context: &mut Context) -> JsResult<()> {
    context.insert_data(StoppedAt(RefCell::default()));
    let prototype = context.intrinsics().constructors().error().prototype();
    let key = PropertyKey::from(js_string!("stack"));
    let known = prototype.borrow().properties().get(&key);
    let Some(descriptor) = known else { return Ok(()) };
    if let Some(getter) = descriptor.get().and_then(JsValue::as_function) {
        context.insert_data(NativeStack(getter));
        context.insert_data(sources);
        let formatted = NativeFunction::from_fn_ptr(formatted_stack).to_js_function(context.realm());
        let setter = descriptor.set().cloned().unwrap_or_default();
        let replaced =
            PropertyDescriptor::builder().get(formatted).set(setter).enumerable(false).configurable(true);
        prototype.define_property_or_throw(key, replaced, context)?;
    }
    Ok(())
}

fn formatted_stack(this: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let Some(backtrace) = native_stack(this, context) else { return Ok(JsValue::undefined()) };
    let places = context.get_data::<Sources>().map(|sources| sources.places(&backtrace)).unwrap_or_default();
    let text: String = places.iter().map(|place| format!("{place}\n")).collect();
    Ok(js_string!(text.as_str()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_where_code_begins() {
        assert_eq!(first_token("x"), (1, 1));
        assert_eq!(first_token("// a\n/* b\n */  x"), (3, 6));
        assert_eq!(first_token("// only"), (1, 8));
    }

    #[test]
    fn reads_the_engines_backtrace_lines() {
        let read = place("    at greet (my scenario.js:12:5)").expect("a place");
        assert_eq!(read.to_string(), "greet@my scenario.js:12:5");
        assert_eq!(place("    at <main> (a.js:1:2)").expect("a place").to_string(), "@a.js:1:2");
        assert_eq!(place("    at forEach (native)"), None);
        assert_eq!(place("TypeError: at (x)"), None);
    }
}
