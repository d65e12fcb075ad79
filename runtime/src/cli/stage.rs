//! How time passes in a run: as fast as it goes, or no faster than the clock on the wall with a person at the keyboard.

use crate::drive::chat::{Chat, Typed};
use crate::drive::pace::WallClock;
use crate::drive::signals::Ending;
use crate::journal::Entry;
use crate::simulate::World;

/// How often typed lines are looked for, in milliseconds.
const TYPED_MS: u64 = 20;

/// How often it is looked whether the run is to end, in milliseconds.
const GLANCE_MS: u64 = 100;

/// Plays the world as fast as it goes and returns its journal.
pub(crate) fn play(world: &mut World) -> Vec<Entry> {
    while let Some(at) = world.next() {
        world.advance(at);
    }
    world.take_entries()
}

/// Plays the world no faster than the wall clock, showing the journal as it grows. Typed lines become the caller's words;
/// their end hangs up. A request to end hangs up every call.
pub(crate) fn play_paced(
    world: &mut World,
    clock: &WallClock,
    mut chat: Option<Chat>,
    ending: &Ending,
    show: &mut dyn FnMut(&[Entry]),
) -> Vec<Entry> {
    let mut journal = Vec::new();
    let mut stopped = false;
    while let Some(next) = world.next() {
        if ending.asked() && !stopped {
            stopped = true;
            world.advance(clock.now());
            world.stop();
            continue;
        }
        match &mut chat {
            Some(chat) => {
                let wake = next.min(clock.now().plus_ms(TYPED_MS));
                let typed = chat.wait_until(clock, wake);
                // What the person did belongs to this instant, not to the one at which the world last moved.
                world.advance(clock.now().max(wake));
                match typed {
                    Typed::Line(text) => world.say_now(&text),
                    Typed::End => world.hang_up_now(),
                    Typed::Nothing => {}
                }
            }
            None => {
                let wake = next.min(clock.now().plus_ms(GLANCE_MS));
                clock.wait_until(wake);
                if wake == next {
                    world.advance(next);
                }
            }
        }
        let entries = world.take_entries();
        show(&entries);
        journal.extend(entries);
    }
    journal
}
