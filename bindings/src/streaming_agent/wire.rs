//! One agent: connected after a while, a track for each source that is sent to it, and nobody at the other end.

use std::collections::{BTreeMap, VecDeque};

use super::{event, key, method};
use crate::contract::{Datum, Dictionary, Remark, Time, UnitId};
use crate::wire::{FromUnit, ToUnit, Unit};

/// How long it takes to connect, milliseconds.
const CONNECT_MS: u64 = 100;

/// The agent.
#[derive(Debug, Default)]
pub(super) struct Agent {
    stream: String,
    connects_at: Option<Time>,
    /// Sources and their tracks, numbered from 1.
    tracks: BTreeMap<UnitId, u32>,
    made: u32,
    connected: bool,
    over: bool,
    out: VecDeque<FromUnit>,
}

impl Unit for Agent {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        if self.over {
            return;
        }
        match input {
            ToUnit::Start { params } => {
                let options = params.first().and_then(Datum::as_map);
                self.stream = options.and_then(|own| own.text(key::STREAM)).unwrap_or_default().to_owned();
                self.connects_at = Some(now.plus_ms(CONNECT_MS));
            }
            ToUnit::Deadline if self.connects_at.take_if(|at| *at <= now).is_some() => self.connect(),
            ToUnit::Source { from, with: Some(_) } => self.sent(from),
            ToUnit::Source { from, with: None } => drop(self.tracks.remove(&from)),
            ToUnit::Tell { method: method::SWITCH, params } => {
                let wanted = params.first().and_then(Datum::as_number).unwrap_or_default();
                if let Some(track) = self.tracks.values().find(|track| f64::from(**track) == wanted) {
                    self.switch(*track);
                }
            }
            ToUnit::Close { stop } => self.stop(stop),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.connects_at
    }
}

impl Agent {
    fn connect(&mut self) {
        let text = "there is no RTMP here: the stream goes to nobody";
        self.out.push_back(FromUnit::Note(Remark::of("F-383", text)));
        self.connected = true;
        self.raise("StreamingAgent.Connected", Dictionary::from_iter([("reason", Datum::from(""))]));
        let fields = self.about_stream();
        self.raise("StreamingAgent.Stream.Started", fields);
        self.tracks
            .values()
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|track| self.tell_track(track));
    }

    fn sent(&mut self, from: UnitId) {
        self.made += 1;
        let track = self.made;
        self.tracks.insert(from, track);
        if self.connected {
            self.tell_track(track);
        }
    }

    /// The first track is streamed at once.
    fn tell_track(&mut self, track: u32) {
        self.raise(event::AUDIO, Dictionary::from_iter([(key::TRACK, Datum::from(track))]));
        if track == 1 {
            self.switch(track);
        }
    }

    fn switch(&mut self, track: u32) {
        let fields = [(key::TRACK, Datum::from(track)), ("reason", Datum::from(""))];
        self.raise(event::SWITCHED, Dictionary::from_iter(fields));
    }

    fn stop(&mut self, tell: bool) {
        (self.over, self.connects_at) = (true, None);
        if tell && self.connected {
            let fields = self.about_stream();
            self.raise("StreamingAgent.Stream.Stopped", fields);
            self.raise("StreamingAgent.Disconnected", Dictionary::from_iter([("reason", Datum::from(""))]));
        }
        self.out.push_back(FromUnit::Over);
    }

    fn about_stream(&self) -> Dictionary {
        Dictionary::from_iter([(key::STREAM, Datum::from(self.stream.as_str())), ("reason", Datum::from(""))])
    }

    fn raise(&mut self, name: &str, fields: Dictionary) {
        self.out.push_back(FromUnit::Raise { name: name.to_owned(), fields });
    }
}
