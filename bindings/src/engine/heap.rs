//! A counting global allocator: how many bytes the scripts of this thread hold.
//!
//! For the limits it counts only while a [`Counting`] is alive on the thread, so that what the host allocates does not
//! weigh on a script; [`held_bytes`] counts always. Bytes freed while counting may have been allocated before it, and the other way round: the sum is signed and
//! read as zero when negative. It limits nothing itself; the meter does.

#![expect(
    unsafe_code,
    reason = "a global allocator cannot be written without it; it only passes on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static TOTAL: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

struct Counted;

fn note(freed: usize, allocated: usize) {
    // Sizes are at most isize::MAX, so no conversion wraps.
    HELD.set(HELD.get().wrapping_add(allocated as isize).wrapping_sub(freed as isize));
    if DEPTH.get() > 0 {
        LIVE.set(LIVE.get().saturating_add(allocated as isize).saturating_sub(freed as isize));
        TOTAL.set(TOTAL.get().wrapping_add(allocated as u64));
    }
}

// SAFETY: every call goes to the system's allocator unchanged; the cells are constants at first, have no destructor and
// never allocate, so that counting cannot come back here.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(layout.size(), 0);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(layout.size(), size);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// While it lives, what this thread allocates and frees is counted. Nests.
#[derive(Debug)]
#[must_use]
pub(crate) struct Counting {
    outer: u32,
}

impl Drop for Counting {
    fn drop(&mut self) {
        DEPTH.set(self.outer);
    }
}

/// Begins to count on this thread.
pub(crate) fn count() -> Counting {
    let outer = DEPTH.get();
    DEPTH.set(outer.saturating_add(1));
    Counting { outer }
}

/// Stops counting on this thread for as long as the result lives: for values that a script's call makes and the host
/// takes away.
pub(crate) fn pause() -> Counting {
    let outer = DEPTH.get();
    DEPTH.set(0);
    Counting { outer }
}

/// Bytes held by what was counted on this thread.
#[must_use]
pub(crate) fn live_bytes() -> usize {
    usize::try_from(LIVE.get()).unwrap_or(0)
}

/// All bytes ever counted on this thread, freed or not: a measure of work. It wraps after 2^64.
#[must_use]
pub(crate) fn allocated_bytes() -> u64 {
    TOTAL.get()
}

/// Bytes that `work` allocates on this thread, freed or not: for tests of what must allocate nothing.
pub fn allocated_by(work: impl FnOnce()) -> u64 {
    let before = allocated_bytes();
    let counting = count();
    work();
    drop(counting);
    allocated_bytes().wrapping_sub(before)
}

/// Bytes that this thread allocated and did not free. Differences mean something, the number alone does not: other
/// threads free what this one made.
#[must_use]
pub(crate) fn held_bytes() -> isize {
    HELD.get()
}

#[cfg(test)]
mod tests {
    use super::{allocated_bytes, count, live_bytes, pause};

    #[test]
    fn counts_only_while_asked() {
        let before = live_bytes();
        let uncounted = vec![0u8; 100_000];
        assert_eq!(live_bytes(), before);
        let counting = count();
        let counted = vec![1u8; 50_000];
        let nested = count();
        assert_eq!(live_bytes(), before + 50_000);
        drop(nested);
        let paused = pause();
        let taken_away = vec![2u8; 70_000];
        drop(paused);
        assert_eq!(live_bytes(), before + 50_000);
        assert!(allocated_bytes() >= 50_000);
        drop((counted, counting, uncounted, taken_away));
    }

    #[test]
    fn what_was_allocated_before_counting_never_makes_nonsense() {
        let early = vec![0u8; 1_000_000];
        let counting = count();
        drop(early);
        assert_eq!(live_bytes(), 0);
        drop(counting);
    }
}
