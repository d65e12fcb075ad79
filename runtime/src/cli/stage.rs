//! The conversation as the command line drives it: moved through time step by step, at full speed or by the clock on
//! the wall, its journal shown as it grows.

use serde_json::{Map, Value};
use voxrun_bindings::contract::Time;

use crate::drive::chat::{Chat, Typed};
use crate::drive::pace::WallClock;
use crate::journal::Entry;

/// How often typed lines are looked for and the timeline is brought up to date, in milliseconds.
const PACE_MS: u64 = 20;

/// A conversation that is told the time.
pub(crate) trait Stage {
    /// The next instant at which something happens; `None` when the conversation is over.
    fn next(&self) -> Option<Time>;

    /// Lets everything happen that is due until `to`, and returns what the journal says about it.
    fn advance(&mut self, to: Time) -> Vec<Entry>;

    /// The caller says this at once.
    fn say_now(&mut self, text: &str);

    /// The caller hangs up.
    fn hang_up(&mut self);

    /// What is left of it.
    fn finish(self: Box<Self>) -> Finished;
}

/// What is left of a conversation beside its journal.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    /// The platform's wording of why it ended, when the journal does not tell.
    pub(crate) finish_reason: Option<String>,
    /// Caller and agent interleaved.
    pub(crate) samples: Vec<i16>,
    /// Rate of the samples in Hz.
    pub(crate) rate_hz: u32,
    /// Headroom below the limits.
    pub(crate) limits: Map<String, Value>,
}

/// Plays it as fast as it goes.
pub(crate) fn play(stage: &mut dyn Stage, show: &mut dyn FnMut(&[Entry])) -> Vec<Entry> {
    let mut journal = Vec::new();
    while let Some(at) = stage.next() {
        let entries = stage.advance(at);
        show(&entries);
        journal.extend(entries);
    }
    journal
}

/// Plays it no faster than the wall clock. Typed lines become the caller's words; their end hangs up.
pub(crate) fn play_paced(
    stage: &mut dyn Stage,
    clock: &WallClock,
    mut chat: Option<Chat>,
    show: &mut dyn FnMut(&[Entry]),
) -> Vec<Entry> {
    let mut journal = Vec::new();
    while let Some(next) = stage.next() {
        let wake = if chat.is_some() { next.min(clock.now().plus_ms(PACE_MS)) } else { next };
        let typed = match &mut chat {
            Some(chat) => chat.wait_until(clock, wake),
            None => {
                clock.wait_until(wake);
                Typed::Nothing
            }
        };
        let mut entries = stage.advance(clock.now().max(wake.min(next)));
        match typed {
            Typed::Line(text) => stage.say_now(&text),
            Typed::End => stage.hang_up(),
            Typed::Nothing => {}
        }
        show(&entries);
        journal.append(&mut entries);
    }
    journal
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use serde_json::json;

    use super::*;
    use crate::journal::{Journal, Kind};

    /// Speaks every 10 ms until it is hung up or has spoken three times after the last line.
    struct Scripted {
        now: Time,
        left: u32,
        journal: Journal,
    }

    impl Stage for Scripted {
        fn next(&self) -> Option<Time> {
            (self.left > 0).then(|| self.now.plus_ms(10))
        }
        fn advance(&mut self, to: Time) -> Vec<Entry> {
            while let Some(at) = self.next().filter(|at| *at <= to) {
                self.now = at;
                self.left -= 1;
                self.journal.write(at, "", Kind::Lifecycle, "tick", Value::Null);
            }
            self.journal.take()
        }
        fn say_now(&mut self, text: &str) {
            self.journal.write(self.now, "", Kind::Media, "said", json!({"who": "caller", "text": text}));
        }
        fn hang_up(&mut self) {
            self.left = 1;
        }
        fn finish(self: Box<Self>) -> Finished {
            Finished::default()
        }
    }

    fn scripted(left: u32) -> Scripted {
        Scripted { now: Time::ZERO, left, journal: Journal::new(1) }
    }

    #[test]
    fn everything_is_shown_once_and_in_order() {
        let mut shown = 0;
        let journal = play(&mut scripted(5), &mut |entries| shown += entries.len());
        assert_eq!((journal.len(), shown), (5, 5));
        assert!(journal.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    }

    #[test]
    fn a_paced_run_waits_and_hears_typed_lines_until_their_end() {
        let clock = WallClock::start();
        let chat = Chat::start(Box::new(Cursor::new(b"hello\n")));
        let journal = play_paced(&mut scripted(1_000_000), &clock, Some(chat), &mut |_| {});
        assert!(journal.iter().any(|entry| entry.data["text"] == "hello"), "{journal:?}");
        let last = journal.last().map_or(0, |entry| entry.t_us);
        assert!(clock.now().as_us() >= last, "the run was faster than the clock");
    }
}
