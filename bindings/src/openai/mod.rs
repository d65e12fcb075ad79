//! The room of OpenAI's Realtime interface: its connector ([`wire`]), its emulator and its names (`events.toml`). It
//! deliberately holds one provider only; what the namespace's other clients would need is planned.

mod emulator;
mod events;
mod wire;

use crate::connector::Provider;

/// OpenAI's row in the inventory.
#[must_use]
pub const fn provider() -> Provider {
    Provider {
        name: "openai",
        key_secret: "OPENAI_API_KEY",
        connect_ms: 120,
        network_ms: 15,
        connector: wire::connector,
        emulator: emulator::emulator,
    }
}

#[cfg(test)]
mod tests;
