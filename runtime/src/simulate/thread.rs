//! The thread that a world runs on: its own, with the large native stack that deep recursion in a script needs. A panic
//! on it is an answer, not the end of the process.

use std::thread::{Builder, scope};

use voxrun_bindings::connection::panic_text;

/// Stack of a world's thread, bytes. Pages that are not touched cost nothing.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Why nothing came back from a world's thread.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThreadError {
    /// The system has no room for its stack.
    #[error("no thread with a stack of 256 MB can be started: {0}")]
    NotStarted(String),
    /// It panicked: our own mistake.
    #[error("voxrun itself failed: {0}")]
    Broken(String),
}

/// Runs `work` on a fresh thread with a stack of 256 MB and gives back what it returns.
///
/// # Errors
/// When the thread cannot be started, or `work` panicked.
pub fn on_world_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, ThreadError> {
    scope(|scope| {
        let started =
            Builder::new().name("world".to_owned()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = started.map_err(|error| ThreadError::NotStarted(error.to_string()))?;
        thread.join().map_err(|panic| ThreadError::Broken(panic_text(panic.as_ref())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_comes_back_and_panics_do_not_spread() {
        let words = String::from("borrowed");
        assert_eq!(on_world_thread(|| words.len()), Ok(8));
        assert_eq!(
            on_world_thread(|| -> u8 { panic!("oh no") }),
            Err(ThreadError::Broken("oh no".to_owned()))
        );
    }

    #[test]
    fn its_stack_is_large() {
        fn deep(levels: u32) -> u64 {
            let page = std::hint::black_box([1u8; 4096]);
            let below = if levels == 0 { 0 } else { deep(levels - 1) };
            below + u64::from(std::hint::black_box(page)[levels as usize % 4096])
        }
        assert_eq!(on_world_thread(|| deep(20_000)), Ok(20_001));
    }
}
