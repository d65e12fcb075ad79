//! An emulator on its own, as a client without a gateway meets it: what it says to each frame, with the time.

use serde_json::{Value, json};

use crate::contract::Time;
use crate::wire::{Emulator, EmulatorSetup, Endpoint, FromEmulator, Kind, ToEmulator, WireFrame};

/// An endpoint of this URL with these headers.
pub(crate) fn endpoint(url: &str, headers: &[(&str, &str)]) -> Endpoint {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Endpoint { url: url.to_owned(), headers }
}

/// One connection of an emulator on its own: what it says to each frame, with the time in milliseconds.
pub(crate) struct Alone {
    emulator: Box<dyn Emulator>,
    pub(crate) now: Time,
    pub(crate) said: Vec<(u64, FromEmulator)>,
}

impl Alone {
    /// After the upgrade.
    pub(crate) fn new(kind: &Kind, settings: Value, keys: &[&str], endpoint: &Endpoint) -> Alone {
        let setup = EmulatorSetup {
            settings: settings.as_object().cloned().unwrap_or_default(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..EmulatorSetup::default()
        };
        let mut alone = Alone {
            emulator: (kind.remote.unwrap().emulator)(setup).unwrap(),
            now: Time::ZERO,
            said: Vec::new(),
        };
        alone.emulator.handle(Time::ZERO, ToEmulator::Upgrade(endpoint));
        alone.collect();
        alone
    }

    fn collect(&mut self) {
        let now = self.now.as_ms();
        self.said.extend(std::iter::from_fn(|| self.emulator.poll()).map(|output| (now, output)));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.frame(&WireFrame::Text(text.into()));
    }

    pub(crate) fn frame(&mut self, frame: &WireFrame) {
        self.emulator.handle(self.now, ToEmulator::Frame(frame));
        self.collect();
    }

    pub(crate) fn send(&mut self, message: Value) {
        self.frame(&WireFrame::json(&message));
    }

    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(at) = self.emulator.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.emulator.handle(self.now, ToEmulator::Deadline);
            self.collect();
        }
        self.now = end;
    }

    /// Messages since the last time, with their times.
    pub(crate) fn messages(&mut self) -> Vec<(u64, Value)> {
        let message = |(at, output): (u64, FromEmulator)| match output {
            FromEmulator::Send(WireFrame::Text(text)) => (at, serde_json::from_str(&text).unwrap()),
            FromEmulator::Accept => (at, json!("accept")),
            FromEmulator::Close { code, .. } => (at, json!(code)),
            FromEmulator::Refuse { status, .. } => (at, json!(status)),
            other => panic!("{other:?}"),
        };
        self.said.drain(..).map(message).collect()
    }
}
