//! The contexts of one connection as the platform's side sees them: which one takes new text, how much of it has been
//! spoken, and which ones were given up at a clear. Audio carries the id of its context, so a context that is given up
//! is a border that no late chunk can cross, whatever was buffered, flushed or on its way.

use std::collections::VecDeque;

use crate::contract::Time;
use crate::provider_kit::PcmStream;

/// One context.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) id: String,
    /// The create message is on the wire.
    pub(super) created: bool,
    /// Given up at a clear: its audio is dropped, its errors do not matter.
    pub(super) given_up: bool,
    /// The script closed it: it takes no more text.
    pub(super) closing: bool,
    /// When to ask again for it to be closed, with the documented message.
    pub(super) close_at: Option<Time>,
    /// Its chunks as samples.
    pub(super) pcm: PcmStream,
    /// Texts sent.
    texts: u64,
    /// Texts known to be spoken.
    spoken: u64,
    /// Flushes sent and not completed: how many texts were sent before each.
    flushes: VecDeque<u64>,
    /// A message came that the count cannot explain, so that it is not to be relied on.
    doubtful: bool,
}

impl Context {
    /// Not on the wire yet.
    pub(super) fn new(id: String) -> Context {
        Context {
            id,
            created: false,
            given_up: false,
            closing: false,
            close_at: None,
            pcm: PcmStream::default(),
            texts: 0,
            spoken: 0,
            flushes: VecDeque::new(),
            doubtful: false,
        }
    }

    /// Text, a flush or both went out.
    pub(super) fn sent(&mut self, speaks: bool, flushes: bool) {
        self.texts += u64::from(speaks);
        if flushes {
            self.flushes.push_back(self.texts);
        }
    }

    /// `flushCompleted` came.
    pub(super) fn flushed(&mut self) {
        match self.flushes.pop_front() {
            Some(texts) => self.spoken = texts,
            None => self.doubtful = true,
        }
    }

    /// Every flush was completed.
    pub(super) fn is_complete(&self) -> bool {
        self.flushes.is_empty() && !self.closing
    }

    /// Nothing can come any more: all text was flushed and all flushes were completed.
    pub(super) fn is_idle(&self) -> bool {
        self.is_complete() && self.spoken == self.texts && !self.doubtful
    }

    /// Whether new text goes here.
    pub(super) fn takes_text(&self) -> bool {
        !self.given_up && !self.closing
    }

    /// An audio chunk came. One that no flush asked for means that the provider's buffer rules are at work.
    pub(super) fn audio(&mut self) {
        self.doubtful |= self.flushes.is_empty();
    }
}
