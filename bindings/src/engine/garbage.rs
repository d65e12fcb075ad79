//! When garbage is collected between the turns of a script. Left alone the engine collects after a megabyte of objects,
//! strings not counted; with hundreds of sessions side by side most of their memory would be events that nobody holds
//! any more. Turns decide by bytes, not by time, so that a run repeats exactly.

use voxrun_sandbox::heap;

/// Growth in bytes after which a collection pays.
const WORTH: isize = 64 * 1024;

/// How much a script's turns have added since the last collection, and what stayed after it.
#[derive(Debug, Default)]
pub(super) struct Garbage {
    grown: isize,
    stayed: isize,
}

impl Garbage {
    /// A turn has ended that began with `before` bytes held by the thread. The more a script keeps, the more must come
    /// on top before it is searched again, so that a growing heap is not searched at every turn.
    pub(super) fn after_turn(&mut self, before: isize) {
        self.grown += heap::held_bytes() - before;
        if self.grown < WORTH.max(self.stayed / 2) {
            return;
        }
        let full = heap::held_bytes();
        boa_engine::gc::force_collect();
        let freed = full - heap::held_bytes();
        self.stayed = (self.stayed + self.grown - freed).max(0);
        self.grown = 0;
    }
}
