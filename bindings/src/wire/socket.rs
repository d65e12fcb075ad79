//! What happens on a socket, as the side that opened it sees it.

use super::WireFrame;

/// What happens on a socket.
#[derive(Debug)]
pub enum SocketInput {
    /// 101.
    Opened,
    /// The upgrade was refused.
    Refused {
        /// HTTP status.
        status: u16,
        /// Response body.
        body: String,
    },
    /// No connection.
    Failed {
        /// In words.
        reason: String,
    },
    /// A message.
    Frame(WireFrame),
    /// It is gone.
    Closed {
        /// Close code, 1006 without a close frame.
        code: u16,
        /// Reason.
        reason: String,
        /// Whether the handshake was completed.
        clean: bool,
    },
}
