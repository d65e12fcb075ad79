//! How far away a host is: how long a connection takes to stand, and how long a message travels.

use crate::contract::Fields;

/// How long things take on the way to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// From the attempt to connect to the answer of the upgrade, milliseconds.
    pub connect_ms: u64,
    /// A message's way in one direction, milliseconds.
    pub network_ms: u64,
}

impl Link {
    /// Takes `connect_ms` and `network_ms` out of an emulator's settings; what is not set stays as it is.
    ///
    /// # Errors
    /// When one of them is no whole number of milliseconds from 0 to 600,000; the text names it.
    pub fn configured(mut self, settings: &mut Fields) -> Result<Link, String> {
        for (name, field) in [("connect_ms", &mut self.connect_ms), ("network_ms", &mut self.network_ms)] {
            let Some(value) = settings.remove(name) else { continue };
            *field = value.as_u64().filter(|ms| *ms <= 600_000).ok_or_else(|| {
                format!("`{name}` is {value}; it must be a whole number of milliseconds from 0 to 600000")
            })?;
        }
        Ok(self)
    }
}
