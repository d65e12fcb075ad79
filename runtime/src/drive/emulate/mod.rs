//! The emulators as a server: every provider at its own path of one address, over plain TCP and, when there is a
//! certificate, over TLS on the same port. One thread holds all connections. Each of them is the [`Pipe`] of virtual
//! time with the wall clock and a socket, so latencies and faults mean what they mean in a run. Deliberately not here:
//! limits that a provider keeps over several connections of one account.
//!
//! [`Pipe`]: voxrun_bindings::connection::Pipe

mod talk;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
pub use std::net::SocketAddr as Address;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::LocalSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use voxrun_bindings::connection::{Fault, Faults, Link};
use voxrun_bindings::contract::{Fields, Time};
use voxrun_bindings::wire::{Emulator, EmulatorSetup, Remote, Reply};

use super::descriptors;
use super::http::{Accepted, Unsecured, accept};
use super::pace::{WallClock, unix_ms};
use super::signals;
use super::tls::Identity;
use crate::session::seed;

/// How long the server waits for connections to end after it was told to stop.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long it waits after the system refused to accept a connection (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What to serve.
#[derive(Clone)]
pub struct ServerSetup {
    /// The address and port; port 0 takes a free one.
    pub listen: Address,
    /// Which providers.
    pub providers: Vec<&'static Remote>,
    /// What the emulated agent answers, from the beginning on every connection.
    pub replies: Vec<Reply>,
    /// Faults; the n-th message is counted over all connections of the provider, a time from a connection's start.
    pub faults: Vec<Fault>,
    /// `[emulators.<name>]`, latencies among them (`connect_ms` and `network_ms` are 0 unless they stand here).
    pub settings: BTreeMap<String, Fields>,
    /// The good keys by provider; none means that any key that is not empty is good.
    pub keys: BTreeMap<String, Vec<String>>,
    /// For the ids and small variations of the connections.
    pub seed: u64,
    /// Makes TLS possible beside plain TCP.
    pub identity: Option<Identity>,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken or not of this machine.
    #[error("cannot listen on {address}: {cause}. Choose another address with --listen.")]
    Listen {
        /// As asked for.
        address: Address,
        /// The system's words.
        cause: std::io::Error,
    },
    /// The system gives no threads or timers.
    #[error("the server cannot start: {0}")]
    System(std::io::Error),
    /// An emulator does not take its settings or replies.
    #[error("{provider}: {what}")]
    Emulator {
        /// Which one.
        provider: &'static str,
        /// What it says.
        what: String,
    },
    /// The certificate and its key cannot be used.
    #[error("the certificate cannot be used: {0}")]
    Certificate(String),
}

/// Something worth a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Since the server started.
    pub at: Time,
    /// The connection (`openai#3`), or empty.
    pub unit: String,
    /// In words. No key ever stands in it.
    pub what: String,
}

/// Stops a server from anywhere.
#[derive(Debug, Clone, Default)]
pub struct Stopper(Arc<Notify>);

impl Stopper {
    /// The server closes its connections and returns.
    pub fn stop(&self) {
        // One permit is kept for a server that is not waiting yet.
        self.0.notify_one();
    }
}

/// What all connections of a server share.
struct Shared {
    setup: ServerSetup,
    acceptor: Option<TlsAcceptor>,
    faults: RefCell<Faults>,
    clock: WallClock,
    opened: RefCell<BTreeMap<&'static str, u64>>,
    alive: Cell<usize>,
    stopping: Cell<bool>,
    stop: Notify,
    tell: Box<dyn Fn(Happening)>,
}

impl Shared {
    fn tell(&self, unit: &str, what: impl Into<String>) {
        (self.tell)(Happening { at: self.clock.now(), unit: unit.to_owned(), what: what.into() });
    }

    /// The number of a new connection of this provider, from 1.
    fn number(&self, provider: &'static str) -> u64 {
        let mut opened = self.opened.borrow_mut();
        let number = opened.entry(provider).or_default();
        *number += 1;
        *number
    }

    /// The provider's end of a new connection, and how far away it is to seem.
    fn emulator(&self, provider: &Remote, number: u64) -> Result<(Link, Box<dyn Emulator>), String> {
        emulator(&self.setup, provider, number)
    }
}

fn emulator(
    setup: &ServerSetup,
    provider: &Remote,
    number: u64,
) -> Result<(Link, Box<dyn Emulator>), String> {
    let mut settings = setup.settings.get(provider.name).cloned().unwrap_or_default();
    let link = Link { connect_ms: 0, network_ms: 0 }.configured(&mut settings)?;
    let emulator = (provider.emulator)(EmulatorSetup {
        seed: seed::derive(setup.seed, provider.name, number),
        epoch_ms: unix_ms(),
        settings,
        replies: setup.replies.clone(),
        keys: setup.keys.get(provider.name).cloned().unwrap_or_default(),
    })?;
    Ok((link, emulator))
}

/// A server that listens.
pub struct Server {
    setup: ServerSetup,
    acceptor: Option<TlsAcceptor>,
    runtime: Runtime,
    listener: TcpListener,
    address: Address,
    stopper: Stopper,
}

impl Server {
    /// Checks the setup and takes the address.
    ///
    /// # Errors
    /// When the address is taken, or when an emulator refuses its settings or replies.
    pub fn bind(setup: ServerSetup) -> Result<Server, ServerError> {
        descriptors::ask_for_all();
        for provider in &setup.providers {
            emulator(&setup, provider, 0)
                .map_err(|what| ServerError::Emulator { provider: provider.name, what })?;
        }
        let acceptor = match &setup.identity {
            Some(identity) => {
                Some(TlsAcceptor::from(Arc::new(identity.server_config().map_err(ServerError::Certificate)?)))
            }
            None => None,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServerError::System)?;
        let listen = |cause| ServerError::Listen { address: setup.listen, cause };
        let listener = runtime.block_on(TcpListener::bind(setup.listen)).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Server { setup, acceptor, runtime, listener, address, stopper: Stopper::default() })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// What stops it.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves until it is stopped, or, with `signals`, until Ctrl-C or the system's request to end.
    pub fn run(self, signals: bool, tell: impl Fn(Happening) + 'static) {
        let Server { mut setup, acceptor, runtime, listener, stopper, .. } = self;
        let faults = Faults::new(std::mem::take(&mut setup.faults));
        let shared = Rc::new(Shared {
            setup,
            acceptor,
            faults: RefCell::new(faults),
            clock: WallClock::start(),
            opened: RefCell::default(),
            alive: Cell::new(0),
            stopping: Cell::new(false),
            stop: Notify::new(),
            tell: Box::new(tell),
        });
        let local = LocalSet::new();
        local.block_on(&runtime, async {
            accept_until(&listener, &shared, &stopper, signals).await;
            drop(listener);
            shared.stopping.set(true);
            shared.stop.notify_waiters();
            let farewell = async {
                while shared.alive.get() > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let _ = timeout(FAREWELL, farewell).await;
        });
        for fault in shared.faults.borrow().unfired() {
            shared.tell("", format!("the moment of the fault {fault} never came"));
        }
    }
}

async fn accept_until(listener: &TcpListener, shared: &Rc<Shared>, stopper: &Stopper, signals: bool) {
    let mut stopped = pin!(stopper.0.notified());
    let mut asked: Pin<Box<dyn Future<Output = ()>>> =
        if signals { Box::pin(signals::asked_to_end()) } else { Box::pin(std::future::pending()) };
    loop {
        let accepted = std::future::poll_fn(|context| {
            if stopped.as_mut().poll(context).is_ready() || asked.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            listener.poll_accept(context).map(Some)
        });
        match accepted.await {
            None => return,
            Some(Ok((stream, _))) => {
                let shared = Rc::clone(shared);
                shared.alive.set(shared.alive.get() + 1);
                tokio::task::spawn_local(async move {
                    greet(stream, &shared).await;
                    shared.alive.set(shared.alive.get() - 1);
                });
            }
            Some(Err(error)) => {
                shared.tell("", format!("a connection was not accepted: {error}"));
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Talks to a client as it wants to be talked to.
async fn greet(stream: TcpStream, shared: &Rc<Shared>) {
    match accept(stream, shared.acceptor.as_ref()).await {
        Ok(Accepted::Plain(stream)) => talk::talk(stream, false, shared).await,
        Ok(Accepted::Secure(stream)) => talk::talk(*stream, true, shared).await,
        Err(Unsecured::Silent) => {}
        Err(Unsecured::NoCertificate) => {
            shared.tell("", "a client speaks TLS; start the emulator with --tls for that");
        }
        Err(Unsecured::Failed(why)) => shared.tell("", why),
    }
}
