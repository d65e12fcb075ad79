//! Which members of the platform have answered a script: what a run's summary lists, and what the specs prove.

use std::collections::BTreeSet;

use super::class::Member;

/// The members that a script has used, each once.
#[derive(Debug, Default)]
pub(crate) struct Used {
    all: BTreeSet<Member>,
    new: Vec<Member>,
}

impl Used {
    /// A member has answered, without an error.
    pub(crate) fn add(&mut self, member: Member) {
        if self.all.insert(member) {
            self.new.push(member);
        }
    }

    /// Those that answered for the first time since this was asked last, in that order.
    pub(crate) fn take_new(&mut self) -> Vec<Member> {
        std::mem::take(&mut self.new)
    }
}
