//! What comes to a worker: rings of rooms that have something to hear, sessions to start, calls for sessions. One mailbox a
//! worker, so that it wakes for all of it in one place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use tokio::sync::mpsc::UnboundedSender;
use voxrun_bindings::contract::Time;

use crate::simulate::{Bell, Called, Order, Switchboard};

/// One piece of mail.
pub(super) enum Mail {
    /// The room of this session has something to hear.
    Ring(u32),
    /// A session of this number is to start then, by the pool's clock.
    Start(u32, Time, Box<Order>),
    /// A call for a session.
    Called(Box<Called<Ring>>),
    /// The pool has changed: see whether there is anything left to wait for.
    Look,
}

/// Rings at one room.
#[derive(Clone)]
pub(super) struct Ring {
    mailbox: UnboundedSender<Mail>,
    room: u32,
}

impl Ring {
    /// Of the session of this number, whose worker has this mailbox.
    pub(super) fn new(mailbox: UnboundedSender<Mail>, room: u32) -> Ring {
        Ring { mailbox, room }
    }

    /// The session's number.
    pub(super) fn room(&self) -> u32 {
        self.room
    }
}

impl Bell for Ring {
    const ONE_CLOCK: bool = false;

    fn ring(&self) {
        let _ = self.mailbox.send(Mail::Ring(self.room));
    }
}

/// What the workers of a pool have in common.
pub(super) struct Shared {
    mailboxes: Vec<UnboundedSender<Mail>>,
    /// Of each worker: its sessions that have not ended, and mail that may become one.
    alive: Vec<AtomicUsize>,
    /// The number of the last session.
    last: AtomicU32,
    /// Sessions that run because others called them.
    called: AtomicUsize,
    /// No orders come any more.
    drained: AtomicBool,
}

impl Shared {
    /// Of workers with these mailboxes.
    pub(super) fn new(mailboxes: Vec<UnboundedSender<Mail>>) -> Shared {
        Shared {
            alive: mailboxes.iter().map(|_| AtomicUsize::new(0)).collect(),
            mailboxes,
            last: AtomicU32::new(0),
            called: AtomicUsize::new(0),
            drained: AtomicBool::new(false),
        }
    }

    /// The mailbox of a worker.
    pub(super) fn mailbox(&self, worker: usize) -> UnboundedSender<Mail> {
        self.mailboxes[worker % self.mailboxes.len()].clone()
    }

    /// The number of one session more.
    pub(super) fn number(&self) -> u32 {
        self.last.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Starts a session then, with one of the workers in turn. Its number.
    pub(super) fn start(&self, at: Time, order: Order) -> u32 {
        let number = self.number();
        let worker = usize::try_from(number - 1).unwrap_or(0) % self.mailboxes.len();
        self.send(worker, Mail::Start(number, at, Box::new(order)));
        number
    }

    /// Sends what may become a session.
    fn send(&self, worker: usize, mail: Mail) {
        self.alive[worker].fetch_add(1, Ordering::SeqCst);
        if self.mailboxes[worker].send(mail).is_err() {
            self.less(worker, 1);
        }
    }

    /// A session starts because another one calls it.
    pub(super) fn count_called(&self) {
        self.called.fetch_add(1, Ordering::SeqCst);
    }

    /// A session that was called is over.
    pub(super) fn forget_called(&self) {
        self.called.fetch_sub(1, Ordering::SeqCst);
    }

    /// So many sessions of a worker have ended, or did not come to be.
    pub(super) fn less(&self, worker: usize, ended: usize) {
        let less = |alive: usize| Some(alive.saturating_sub(ended));
        let _ = self.alive[worker].fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        if self.is_idle() {
            self.look();
        }
    }

    /// A worker has ended, however that came: nobody waits for its sessions.
    pub(super) fn left(&self, worker: usize) {
        self.less(worker, usize::MAX);
    }

    /// No orders come any more.
    pub(super) fn drain(&self) {
        self.drained.store(true, Ordering::SeqCst);
        self.look();
    }

    /// Whether no orders come any more.
    pub(super) fn is_drained(&self) -> bool {
        self.drained.load(Ordering::SeqCst)
    }

    /// Whether every session has ended.
    pub(super) fn is_idle(&self) -> bool {
        self.alive.iter().all(|alive| alive.load(Ordering::SeqCst) == 0)
    }

    fn look(&self) {
        for mailbox in &self.mailboxes {
            let _ = mailbox.send(Mail::Look);
        }
    }
}

/// One room's extension of the pool's switchboard.
pub(super) struct Extension {
    shared: Arc<Shared>,
    ring: Ring,
}

impl Extension {
    /// Of the room that this bell rings at.
    pub(super) fn new(shared: Arc<Shared>, ring: Ring) -> Extension {
        Extension { shared, ring }
    }
}

impl Switchboard for Extension {
    type Bell = Ring;

    fn bell(&self) -> Ring {
        self.ring.clone()
    }

    fn started(&self) -> usize {
        self.shared.called.load(Ordering::SeqCst)
    }

    /// A conference always lives with the same worker, so that all calls to it meet there.
    fn connect(&self, call: Called<Ring>) {
        let sum = call.conference.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(byte));
        self.shared.send(sum % self.shared.mailboxes.len(), Mail::Called(Box::new(call)));
    }
}
