//! A counting global allocator, and what the scripts of each engine hold by it.
//!
//! For the limits it counts only while a [`Counting`] is alive on the thread, for the [`Ledger`] that it was begun for, so
//! that what the host allocates does not weigh on a script, nor one script on another; [`held_bytes`] counts always. Bytes
//! freed while counting may have been allocated before it, and the other way round: the sum is signed and read as zero
//! when negative. A collection frees the garbage of every engine of its thread at the expense of the one that runs;
//! [`Ledger::settle`] gives back what can be shown to be another's. It limits nothing itself; the meter does.

#![expect(
    unsafe_code,
    reason = "a global allocator cannot be written without it; it only passes on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

// The counts of the ledger that is being written stand here, because an allocator can follow no pointer safely.
thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static TOTAL: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    /// The ledger that is being written.
    static CURRENT: RefCell<Option<Rc<Counts>>> = const { RefCell::new(None) };
    /// Every ledger of the thread.
    static LEDGERS: RefCell<Vec<Weak<Counts>>> = const { RefCell::new(Vec::new()) };
}

/// The allocator that counts. A program makes it its own:
/// `#[global_allocator] static ALLOCATOR: CountingAllocator = CountingAllocator;`
#[derive(Debug, Clone, Copy, Default)]
pub struct CountingAllocator;

/// Whether the program has installed it.
#[must_use]
pub fn is_counted() -> bool {
    let before = held_bytes();
    let block = std::hint::black_box(Box::new([0_u8; 64]));
    let counted = held_bytes() != before;
    drop(block);
    counted
}

#[derive(Debug, Default)]
struct Counts {
    live: Cell<isize>,
    total: Cell<u64>,
}

/// What one engine's scripts hold.
#[derive(Debug, Clone)]
pub struct Ledger(Rc<Counts>);

impl Default for Ledger {
    fn default() -> Ledger {
        let counts = Rc::new(Counts::default());
        LEDGERS.with_borrow_mut(|all| {
            all.retain(|other| other.strong_count() > 0);
            all.push(Rc::downgrade(&counts));
        });
        Ledger(counts)
    }
}

impl Ledger {
    /// While the result lives, what this thread allocates and frees is counted here. Nests.
    pub fn count(&self) -> Counting {
        let outer = DEPTH.get();
        DEPTH.set(outer.saturating_add(1));
        if self.is_current() {
            return Counting { outer, before: None };
        }
        let before = CURRENT.replace(Some(Rc::clone(&self.0)));
        if let Some(before) = &before {
            before.live.set(LIVE.get());
            before.total.set(TOTAL.get());
        }
        LIVE.set(self.0.live.get());
        TOTAL.set(self.0.total.get());
        // A ledger that nobody counts for any more may stay open: the next one closes it.
        Counting { outer, before: before.filter(|_| outer > 0) }
    }

    fn is_current(&self) -> bool {
        CURRENT.with_borrow(|current| current.as_ref().is_some_and(|own| Rc::ptr_eq(own, &self.0)))
    }

    /// Bytes held by what was counted.
    #[must_use]
    pub fn live_bytes(&self) -> usize {
        let live = if self.is_current() { LIVE.get() } else { self.0.live.get() };
        usize::try_from(live).unwrap_or(0)
    }

    /// All bytes ever counted, freed or not: a measure of work. It wraps after 2^64.
    #[must_use]
    pub fn allocated_bytes(&self) -> u64 {
        if self.is_current() { TOTAL.get() } else { self.0.total.get() }
    }

    /// Takes off what collections of other engines freed of this one's: theirs are then below nothing.
    pub fn settle(&self) {
        keep_current();
        let owed = LEDGERS.with_borrow(|all| {
            let others = all.iter().filter_map(Weak::upgrade).filter(|other| !Rc::ptr_eq(other, &self.0));
            others.map(|other| other.live.replace(other.live.get().max(0)).min(0)).sum::<isize>()
        });
        self.0.live.set(self.0.live.get().saturating_add(owed));
        CURRENT.with_borrow(|current| {
            if let Some(current) = current {
                LIVE.set(current.live.get());
            }
        });
    }
}

/// Writes down what stands on the thread for the ledger that is open.
fn keep_current() {
    CURRENT.with_borrow(|current| {
        if let Some(current) = current {
            current.live.set(LIVE.get());
            current.total.set(TOTAL.get());
        }
    });
}

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
unsafe impl GlobalAlloc for CountingAllocator {
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

/// While it lives, what this thread allocates and frees is counted, or is not.
#[derive(Debug)]
#[must_use]
pub struct Counting {
    outer: u32,
    /// The ledger that goes on when this ends.
    before: Option<Rc<Counts>>,
}

impl Drop for Counting {
    fn drop(&mut self) {
        DEPTH.set(self.outer);
        let Some(before) = self.before.take() else { return };
        let (live, total) = (before.live.get(), before.total.get());
        if let Some(own) = CURRENT.replace(Some(before)) {
            own.live.set(LIVE.get());
            own.total.set(TOTAL.get());
        }
        LIVE.set(live);
        TOTAL.set(total);
    }
}

/// What the ledger that is being counted for holds. Cheaper than asking it, and of no meaning at other times.
pub(crate) fn counted_live() -> usize {
    usize::try_from(LIVE.get()).unwrap_or(0)
}

/// The same for all that was ever allocated.
pub(crate) fn counted_total() -> u64 {
    TOTAL.get()
}

/// Stops counting on this thread for as long as the result lives: for values that a script's call makes and the host
/// takes away.
pub fn pause() -> Counting {
    let outer = DEPTH.get();
    DEPTH.set(0);
    Counting { outer, before: None }
}

/// Bytes that `work` allocates on this thread, freed or not: for tests of what must allocate nothing.
pub fn allocated_by(work: impl FnOnce()) -> u64 {
    let ledger = Ledger::default();
    let counting = ledger.count();
    work();
    drop(counting);
    ledger.allocated_bytes()
}

/// Bytes that this thread allocated and did not free. Differences mean something, the number alone does not: other
/// threads free what this one made.
#[must_use]
pub fn held_bytes() -> isize {
    HELD.get()
}

#[cfg(test)]
mod tests {
    use super::{Ledger, is_counted, pause};

    #[test]
    fn counts_only_while_asked() {
        assert!(is_counted());
        let ledger = Ledger::default();
        let uncounted = vec![0u8; 100_000];
        assert_eq!(ledger.live_bytes(), 0);
        let counting = ledger.count();
        let counted = vec![1u8; 50_000];
        let nested = ledger.count();
        assert_eq!(ledger.live_bytes(), 50_000);
        drop(nested);
        let paused = pause();
        let taken_away = vec![2u8; 70_000];
        drop(paused);
        assert_eq!(ledger.live_bytes(), 50_000);
        drop(counting);
        assert_eq!((ledger.live_bytes(), ledger.allocated_bytes()), (50_000, 50_000));
        drop((counted, uncounted, taken_away));
    }

    #[test]
    fn what_was_allocated_before_counting_never_makes_nonsense() {
        let early = vec![0u8; 1_000_000];
        let ledger = Ledger::default();
        let counting = ledger.count();
        drop(early);
        assert_eq!(ledger.live_bytes(), 0);
        drop(counting);
    }

    #[test]
    fn two_ledgers_of_one_thread_do_not_see_each_other() {
        let (one, other) = (Ledger::default(), Ledger::default());
        let counting = one.count();
        let of_one = vec![0u8; 10_000];
        let inner = other.count();
        let of_other = vec![0u8; 20_000];
        drop(inner);
        let more_of_one = vec![0u8; 3_000];
        drop(counting);
        assert_eq!((one.live_bytes(), other.live_bytes()), (13_000, 20_000));
        // What the other frees in a turn of the first weighs on the first, until it is settled.
        let counting = one.count();
        drop((of_other, of_one, more_of_one));
        drop(counting);
        assert_eq!((one.live_bytes(), other.live_bytes()), (0, 20_000));
        other.settle();
        assert_eq!((one.live_bytes(), other.live_bytes()), (0, 0));
    }
}
