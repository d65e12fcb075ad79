//! The operating system's requests to end.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Exit code of a program that was interrupted (128 and the number of SIGINT).
pub(super) const INTERRUPTED: i32 = 130;

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
