//! Lines that a person types, read on a thread of their own so that the call goes on meanwhile.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use voxrun_bindings::contract::Time;

use super::pace::WallClock;

/// Longest line that is taken, in characters; the rest of it is dropped.
const LINE_CHARS: usize = 2000;

/// What happened while waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A line was typed.
    Line(String),
    /// The input ended.
    End,
    /// Nothing; the time has come.
    Nothing,
}

/// The typed lines of one run.
#[derive(Debug)]
pub struct Chat {
    lines: Receiver<String>,
    ended: bool,
}

impl Chat {
    /// Starts to read. The thread ends with its input, or with the process.
    pub fn start(mut input: Box<dyn BufRead + Send>) -> Chat {
        let (to, lines) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            while matches!(input.read_until(b'\n', &mut bytes), Ok(count) if count > 0) {
                let line: String = String::from_utf8_lossy(&bytes).trim().chars().take(LINE_CHARS).collect();
                bytes.clear();
                if !line.is_empty() && to.send(line).is_err() {
                    break;
                }
            }
        });
        Chat { lines, ended: false }
    }

    /// Waits until that instant at the latest, or until something is typed. The end is told once.
    pub fn wait_until(&mut self, clock: &WallClock, at: Time) -> Typed {
        if self.ended {
            clock.wait_until(at);
            return Typed::Nothing;
        }
        match self.lines.recv_timeout(clock.until(at)) {
            Ok(line) => Typed::Line(line),
            Err(RecvTimeoutError::Timeout) => Typed::Nothing,
            Err(RecvTimeoutError::Disconnected) => {
                self.ended = true;
                Typed::End
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn lines_come_in_order_and_the_end_once() {
        let mut chat = Chat::start(Box::new(Cursor::new(b"hello\n\n  there \r\nlast")));
        let clock = WallClock::start();
        let far = Time::from_ms(60_000);
        for line in ["hello", "there", "last"] {
            assert_eq!(chat.wait_until(&clock, far), Typed::Line(line.to_owned()));
        }
        assert_eq!(chat.wait_until(&clock, far), Typed::End);
        assert_eq!(chat.wait_until(&clock, clock.now()), Typed::Nothing);
    }
}
