//! The contexts of one connection as the platform's side sees them. The script names its contexts itself; after a clear
//! a name that is used again stands for a new context on the wire, so that nothing of before the clear can be taken for
//! what came after it.

use std::collections::VecDeque;

use crate::provider_kit::PcmStream;

/// Contexts that are remembered after their end, so that their late messages are known.
const REMEMBERED: usize = 256;

/// One context on the wire.
#[derive(Debug)]
pub(super) struct Context {
    /// The script's name for it.
    pub(super) name: String,
    /// Its id on the wire.
    pub(super) wire_id: String,
    /// Given up at a clear: its audio is dropped, its errors do not matter.
    pub(super) given_up: bool,
    /// `done` or an error came: nothing follows.
    pub(super) done: bool,
    /// The script has cancelled it.
    pub(super) cancelled: bool,
    /// Its chunks as samples.
    pub(super) pcm: PcmStream,
    /// Requests sent.
    requests: u64,
    /// Requests known to be spoken.
    spoken: u64,
    /// Flushes that were not answered: how many requests were sent before each.
    flushes: VecDeque<u64>,
}

impl Context {
    /// A request went out.
    pub(super) fn sent(&mut self, speaks: bool, flushes: bool) {
        self.requests += u64::from(speaks);
        if flushes {
            self.flushes.push_back(self.requests);
        }
    }

    /// `flush_done` came.
    pub(super) fn flushed(&mut self) {
        if let Some(requests) = self.flushes.pop_front() {
            self.spoken = requests;
        }
    }

    /// Everything that was asked for has arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.given_up
            || self.done
            || self.cancelled
            || (self.spoken == self.requests && self.flushes.is_empty())
    }
}

/// All contexts, oldest first.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    all: VecDeque<Context>,
    /// How many ids were made for names that were used again.
    renamed: u32,
}

impl Contexts {
    /// The context that this name stands for now, if it was used before.
    pub(super) fn named(&mut self, name: &str) -> Option<&mut Context> {
        self.all.iter_mut().rev().find(|context| context.name == name)
    }

    /// The context of this id.
    pub(super) fn with_id(&mut self, wire_id: &str) -> Option<&mut Context> {
        self.all.iter_mut().rev().find(|context| context.wire_id == wire_id)
    }

    /// The context that a request of this name goes to; a new one when there is none, or when the old one was given up.
    pub(super) fn open(&mut self, name: &str) -> &mut Context {
        let last = self.all.iter().rposition(|context| context.name == name);
        let place = match last {
            Some(place) if !self.all[place].given_up => place,
            again => {
                let wire_id = match again {
                    None => name.to_owned(),
                    Some(_) => {
                        self.renamed += 1;
                        format!("{name}-after-clear-{}", self.renamed)
                    }
                };
                self.all.push_back(Context {
                    name: name.to_owned(),
                    wire_id,
                    given_up: false,
                    done: false,
                    cancelled: false,
                    pcm: PcmStream::default(),
                    requests: 0,
                    spoken: 0,
                    flushes: VecDeque::new(),
                });
                self.forget_old();
                self.all.len() - 1
            }
        };
        &mut self.all[place]
    }

    fn forget_old(&mut self) {
        if self.all.len() > REMEMBERED
            && let Some(place) = self.all.iter().position(|context| context.done)
        {
            self.all.remove(place);
        }
    }

    /// Gives up everything that may still be spoken: the ids of what the provider has to be told to cancel.
    pub(super) fn give_up(&mut self) -> Vec<String> {
        let mut ids = Vec::new();
        for context in self.all.iter_mut().filter(|context| !context.done && !context.given_up) {
            context.given_up = true;
            if !context.cancelled {
                ids.push(context.wire_id.clone());
            }
        }
        ids
    }

    /// Whether everything that was asked for has arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.all.iter().all(Context::is_complete)
    }

    /// Whether a context that was given up has not ended yet: an error without an id may be its.
    pub(super) fn awaits_end(&self) -> bool {
        self.all.iter().any(|context| context.given_up && !context.done)
    }
}
