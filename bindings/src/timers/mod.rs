//! `setTimeout`, `setInterval` and their clears, on the session's clock (semantics 3.1): one-shot timers default to
//! 0 ms, intervals below 100 ms are raised to it, 100 timers are active at most.

use crate::contract::{CallbackId, Command, TimerAsk};
use crate::glue::{Callback, Host, HostResult, LogText, Namespace, Return};

/// The table, part of the global scope.
pub(crate) fn add_to(globals: Namespace) -> Namespace {
    globals
        .function("setTimeout", |(callback, ms): (Callback, Option<f64>), host| {
            start(callback, ms, false, host)
        })
        .function("setInterval", |(callback, ms): (Callback, Option<f64>), host| {
            start(callback, ms, true, host)
        })
        .function("clearTimeout", clear)
        .function("clearInterval", clear)
}

fn start(Callback(callback): Callback, ms: Option<f64>, repeat: bool, host: &mut Host) -> HostResult {
    // Over the limit it is not set; its number is as good as any that was cleared (F-036).
    let _ = host.start_timer(callback, ms.unwrap_or(0.0), repeat);
    Ok(Return::Number(f64::from(callback.0)))
}

/// What is no id of a timer is ignored, whatever it is, as everywhere (WHATWG HTML, 8.6).
fn clear((LogText(id),): (LogText,), host: &mut Host) -> HostResult {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ids are small; others match nothing"
    )]
    let timer = CallbackId(id.trim().parse::<f64>().unwrap_or(0.0) as u32);
    if host.timers.remove(&timer) {
        host.command(Command::Timer { timer, ask: TimerAsk::Clear });
    }
    Ok(Return::Undefined)
}
