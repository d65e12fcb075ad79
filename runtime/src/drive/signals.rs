//! Requests to end a run: the operating system's, and those of other parts of the program.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::thread::Builder;

/// Exit code of a program that was interrupted (128 and the number of SIGINT).
pub(super) const INTERRUPTED: i32 = 130;

/// Signals that come so soon after the first are the same request to end.
const ECHO: std::time::Duration = std::time::Duration::from_millis(500);

/// Ends a run from anywhere.
#[derive(Debug, Clone, Default)]
pub struct Ending(Arc<AtomicU8>);

impl Ending {
    /// Calls are hung up in order.
    pub fn ask(&self) {
        self.0.fetch_max(1, Ordering::Relaxed);
    }

    /// Whether somebody has asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// From now on Ctrl-C, or the system's request to end, ends the calls in order. A second one ends the program at once.
pub fn end_on_ctrl_c(ending: &Ending) {
    let ending = ending.clone();
    let wait = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(asked_to_end());
        ending.ask();
        // Some programs that started this one pass the same Ctrl-C on.
        runtime.block_on(async { tokio::time::sleep(ECHO).await });
        runtime.block_on(asked_to_end());
        std::process::exit(INTERRUPTED);
    };
    // Without it Ctrl-C ends the program the plain way.
    let _ = Builder::new().name("signals".to_owned()).spawn(wait);
}

/// Comes back at Ctrl-C, or at the signal by which a system ends its services.
pub(super) async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            let mut interrupt = pin!(tokio::signal::ctrl_c());
            std::future::poll_fn(|context| {
                let ended = interrupt.as_mut().poll(context).is_ready();
                if ended || terminate.poll_recv(context).is_ready() { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
