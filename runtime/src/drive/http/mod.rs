//! What a server of ours needs of HTTP/1.1, whatever it serves: heads of requests, plain answers, the upgrade to a
//! WebSocket, TCP with TLS or without on one port. Deliberately not here: what stands at which path.

mod accept;
mod head;
mod transport;
mod upgrade;

pub(crate) use accept::{Accepted, PATIENCE, Unsecured, accept};
pub(crate) use head::{NoHead, answer, read_head};
pub(crate) use transport::Transport;
pub(crate) use upgrade::Upgrade;
