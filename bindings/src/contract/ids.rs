//! The numbers by which script and host speak of the same thing.

use serde::{Deserialize, Serialize};

/// A unit of a session that media or messages can be sent to: a call, a voice client, a player ...
///
/// The host numbers the units it makes (incoming calls) from 1; the script's own begin at
/// [`UnitId::FIRST_OF_SCRIPT`], so that neither side has to ask the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitId(pub u32);

impl UnitId {
    /// The first number that the script's side hands out.
    pub const FIRST_OF_SCRIPT: u32 = 1 << 16;
}

/// A promise that waits in the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u32);

/// A function of the script that the host calls later: a timer, or a callback in some options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallbackId(pub u32);
