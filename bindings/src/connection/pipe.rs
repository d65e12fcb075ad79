//! One connection between a provider's connector and its emulator: the time a connection takes to stand, the time a
//! message travels, order, and faults. A pure machine on the session's clock. Deliberately no bandwidth, no jitter and no
//! loss inside an open connection: TCP hides them, and what it cannot hide is a fault.

use std::collections::VecDeque;

use crate::contract::{Remark, Time};
use crate::wire::{Emulator, Endpoint, FromEmulator, SocketInput, ToEmulator, WireFrame, WireName};

use super::asked::{Asked, MOST_ROUNDS};
use super::fault::{Action, Faults};
use super::link::Link;

/// An attempt to connect that is not answered fails after this long (policy F-104).
pub const CONNECT_TIMEOUT_MS: u64 = 6_000;

/// A close that is not answered counts as a lost connection after this long (policy F-104).
pub const CLOSE_TIMEOUT_MS: u64 = 5_000;

/// What `garbage` sends: text that is no JSON, and a binary message.
const GARBAGE_TEXT: &str = "{\"type\": \"\u{fffd}garbage";
const GARBAGE_BYTES: [u8; 8] = [0xff, 0x00, 0xfe, 0x7f, 0x80, 0x01, 0xc3, 0x28];

/// What comes out of a pipe.
#[derive(Debug)]
pub enum FromPipe {
    /// Something happened on the session's socket.
    Socket(SocketInput),
    /// The emulator understood these words in the audio it was sent.
    Heard(String),
    /// A fault happened.
    Fault(String),
    /// Something that the author of a scenario wants to know and the script is not told.
    Note(Remark),
    /// The emulator broke: our own mistake, in words. The connection is lost.
    Broken(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Open,
    /// The session has closed and waits for the answer.
    Closing,
    Over,
}

enum Up {
    Upgrade(Endpoint),
    /// A message and its name.
    Frame(WireFrame, WireName),
    Close(u16),
}

/// Something on its way.
struct Travelling<T> {
    /// When it arrives, unless what goes before it comes later.
    at: Time,
    /// The faults have been asked about it.
    judged: bool,
    item: T,
}

impl<T> Travelling<T> {
    fn new(at: Time, item: T) -> Travelling<T> {
        Travelling { at, judged: false, item }
    }
}

/// The reason of an attempt that nobody listens for.
pub const REFUSED: &str = "connection refused";
/// The reason of an attempt that was cut off.
pub const RESET: &str = "connection reset by peer";
/// The reason of an attempt that was answered with something else than HTTP.
pub const NOT_HTTP: &str = "the answer to the upgrade is not HTTP";

/// One connection.
pub struct Pipe {
    provider: &'static str,
    link: Link,
    state: State,
    server: Asked,
    up: VecDeque<Travelling<Up>>,
    down: VecDeque<Travelling<SocketInput>>,
    out: VecDeque<FromPipe>,
    /// The attempt, or the close, is given up at this instant.
    give_up: Option<Time>,
    /// Nothing is handed to the session before this instant.
    held_until: Time,
    /// Nothing comes from the provider any more.
    stalled: bool,
    /// Nothing reaches the provider any more.
    deaf: bool,
    /// Time-stamped faults to come.
    instants: VecDeque<(Time, usize)>,
}

impl Pipe {
    /// Begins to connect.
    #[must_use]
    pub fn connect(
        now: Time,
        provider: &'static str,
        link: Link,
        endpoint: Endpoint,
        emulator: Box<dyn Emulator>,
        faults: &mut Faults,
    ) -> Pipe {
        let mut pipe = Pipe {
            provider,
            link,
            state: State::Connecting,
            server: Asked::new(emulator),
            up: VecDeque::new(),
            down: VecDeque::new(),
            out: VecDeque::new(),
            give_up: Some(now.plus_ms(CONNECT_TIMEOUT_MS)),
            held_until: Time::ZERO,
            stalled: false,
            deaf: false,
            instants: faults.instants(provider, now).into(),
        };
        let there = now.plus_ms(link.connect_ms.saturating_sub(link.network_ms));
        match faults.on_connect(provider) {
            None => pipe.up.push_back(Travelling::new(there, Up::Upgrade(endpoint))),
            Some((index, action)) => {
                pipe.fault_fires(index, faults);
                pipe.fail_to_connect(now, there, endpoint, action);
            }
        }
        pipe
    }

    fn fail_to_connect(&mut self, now: Time, there: Time, endpoint: Endpoint, action: Action) {
        let answer = now.plus_ms(self.link.connect_ms);
        let there_and_back = now.plus_ms(2 * self.link.network_ms);
        let mut answered = |at, item| self.down.push_back(Travelling::new(at, item));
        match action {
            Action::Refuse => answered(there_and_back, failed(REFUSED)),
            Action::Drop => answered(answer, failed(RESET)),
            Action::Garbage => answered(answer, failed(NOT_HTTP)),
            Action::Status(status) => answered(answer, SocketInput::Refused { status, body: String::new() }),
            Action::Delay(us) => {
                self.held_until = Time::from_us(answer.as_us().saturating_add(us));
                self.up.push_back(Travelling::new(there, Up::Upgrade(endpoint)));
            }
            // The parser lets no other action through; a connection that never answers is the nearest.
            Action::Stall | Action::HalfOpen | Action::Close(_) => self.stalled = true,
        }
    }

    /// The same connection, but an attempt that is not answered is never given up: the client has patience of its own.
    #[must_use]
    pub fn patient(mut self) -> Pipe {
        self.give_up = None;
        self
    }

    /// Whether what the client sends is lost on the way.
    #[must_use]
    pub fn is_deaf(&self) -> bool {
        self.deaf
    }

    /// Whether nothing comes from the provider any more.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// The session sends a message; `name` is what the journal calls it.
    pub fn send(&mut self, now: Time, frame: WireFrame, name: WireName) {
        if self.state == State::Open {
            self.up.push_back(Travelling::new(now.plus_ms(self.link.network_ms), Up::Frame(frame, name)));
        }
    }

    /// The session closes, or gives up connecting.
    pub fn close(&mut self, now: Time, code: u16) {
        match self.state {
            State::Connecting => {
                self.lose();
                self.down.push_back(Travelling::new(now, lost()));
            }
            State::Open => {
                self.state = State::Closing;
                self.up.push_back(Travelling::new(now.plus_ms(self.link.network_ms), Up::Close(code)));
                self.give_up = Some(now.plus_ms(CLOSE_TIMEOUT_MS));
            }
            State::Closing | State::Over => {}
        }
    }

    /// The next instant at which something happens here.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let up = self.up.front().map(|first| first.at);
        let down = self.down.front().map(|first| first.at.max(self.held_until));
        let emulator = self.server.deadline();
        let instant = self.instants.front().map(|(at, _)| *at);
        [up, down, emulator, instant, self.give_up].into_iter().flatten().min()
    }

    /// Whether the connection is gone and everything about it has been told.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state == State::Over && self.down.is_empty() && self.out.is_empty()
    }

    /// Lets everything happen that is due by now; [`Pipe::poll`] then tells it.
    pub fn advance(&mut self, now: Time, faults: &mut Faults) {
        while self.instants.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, index)) = self.instants.pop_front() else { break };
            if let (Some(action), State::Connecting | State::Open) = (faults.action(index), self.state) {
                self.fault_fires(index, faults);
                self.hit(now, action);
            }
        }
        for round in 0.. {
            if round == MOST_ROUNDS {
                self.broken(now, "the emulator does not come to rest".to_owned());
            }
            let moved = self.carry_up(now, faults) || self.wake_emulator(now);
            if !moved {
                break;
            }
        }
        self.carry_down(now, faults);
        if self.give_up.is_some_and(|at| at <= now) {
            self.give_up(self.state == State::Connecting);
        }
    }

    fn give_up(&mut self, connecting: bool) {
        self.lose();
        let (limit_ms, item) = match connecting {
            true => (CONNECT_TIMEOUT_MS, failed("no answer in time")),
            false => (CLOSE_TIMEOUT_MS, lost()),
        };
        let what = if connecting { "the attempt to connect" } else { "the close" };
        let text = format!("{what} got no answer within {} s", limit_ms / 1000);
        self.out.push_back(FromPipe::Note(Remark::of("F-104", text)));
        self.tell(item);
    }

    /// What has happened, in order.
    pub fn poll(&mut self) -> Option<FromPipe> {
        self.out.pop_front()
    }

    fn carry_up(&mut self, now: Time, faults: &mut Faults) -> bool {
        let Some(Travelling { judged, item, .. }) = self.up.pop_front_if(|first| first.at <= now) else {
            return false;
        };
        if self.deaf {
            return true;
        }
        match item {
            Up::Frame(frame, _) if judged => self.ask(now, &ToEmulator::Frame(&frame)),
            Up::Upgrade(endpoint) => self.ask(now, &ToEmulator::Upgrade(&endpoint)),
            Up::Close(code) => {
                self.ask(now, &ToEmulator::Closed { code });
                self.server.leave();
                let closed = SocketInput::Closed { code, reason: String::new(), clean: true };
                self.send_down(now, closed);
            }
            Up::Frame(frame, name) => match faults.on_message(self.provider, &frame, Some(&name)) {
                None => self.ask(now, &ToEmulator::Frame(&frame)),
                Some((index, action)) => {
                    self.fault_fires(index, faults);
                    self.hit_from_afar(now, action, frame, name);
                }
            },
        }
        true
    }

    fn wake_emulator(&mut self, now: Time) -> bool {
        let due = self.server.deadline().is_some_and(|at| at <= now);
        if due {
            self.ask(now, &ToEmulator::Deadline);
        }
        due
    }

    fn carry_down(&mut self, now: Time, faults: &mut Faults) {
        loop {
            let held_until = self.held_until;
            let Some(Travelling { judged, item, .. }) =
                self.down.pop_front_if(|first| first.at.max(held_until) <= now)
            else {
                return;
            };
            match &item {
                SocketInput::Frame(_) if judged => self.tell(item),
                SocketInput::Opened => {
                    self.state = State::Open;
                    self.give_up = None;
                    self.tell(item);
                    if let Some((index, action)) = faults.on_open(self.provider) {
                        self.fault_fires(index, faults);
                        self.hit(now, action);
                    }
                }
                SocketInput::Frame(frame) => match faults.on_message(self.provider, frame, None) {
                    None => self.tell(item),
                    Some((index, action)) => {
                        self.fault_fires(index, faults);
                        if let Action::Delay(_) = action {
                            self.down.push_front(Travelling { at: now, judged: true, item });
                        }
                        self.hit(now, action);
                    }
                },
                SocketInput::Refused { .. } | SocketInput::Failed { .. } | SocketInput::Closed { .. } => {
                    self.lose();
                    self.tell(item);
                }
            }
        }
    }

    /// A fault strikes at the session's end of the connection.
    fn hit(&mut self, now: Time, action: Action) {
        if self.state == State::Connecting {
            let reason = match action {
                Action::Garbage => Some(NOT_HTTP),
                Action::Drop | Action::Close(_) => Some(RESET),
                _ => None,
            };
            if let Some(reason) = reason {
                self.lose();
                return self.tell(failed(reason));
            }
        }
        match action {
            Action::Delay(us) => {
                self.held_until = self.held_until.max(Time::from_us(now.as_us().saturating_add(us)))
            }
            Action::Stall => self.stall(),
            Action::HalfOpen => {
                self.stall();
                self.deaf = true;
            }
            Action::Garbage => {
                self.tell(SocketInput::Frame(WireFrame::Text(GARBAGE_TEXT.into())));
                self.tell(SocketInput::Frame(WireFrame::Binary(GARBAGE_BYTES.to_vec())));
            }
            Action::Close(code) => {
                self.lose();
                self.tell(SocketInput::Closed { code, reason: String::new(), clean: true });
            }
            Action::Drop | Action::Refuse | Action::Status(_) => {
                self.lose();
                self.tell(lost());
            }
        }
    }

    /// A fault strikes at the provider's end, when it was to take a message.
    fn hit_from_afar(&mut self, now: Time, action: Action, frame: WireFrame, name: WireName) {
        match action {
            Action::Delay(us) => {
                let at = Time::from_us(now.as_us().saturating_add(us));
                self.up.push_front(Travelling { at, judged: true, item: Up::Frame(frame, name) });
            }
            Action::Stall => self.stall(),
            Action::HalfOpen => {
                self.stall();
                self.deaf = true;
            }
            Action::Garbage => {
                self.send_down(now, SocketInput::Frame(WireFrame::Text(GARBAGE_TEXT.into())));
                self.send_down(now, SocketInput::Frame(WireFrame::Binary(GARBAGE_BYTES.to_vec())));
            }
            Action::Close(code) => {
                self.server.leave();
                self.send_down(now, SocketInput::Closed { code, reason: String::new(), clean: true });
            }
            Action::Drop | Action::Refuse | Action::Status(_) => {
                self.server.leave();
                self.send_down(now, lost());
            }
        }
    }

    fn stall(&mut self) {
        self.stalled = true;
        self.down.clear();
    }

    fn send_down(&mut self, now: Time, item: SocketInput) {
        if !self.stalled {
            self.down.push_back(Travelling::new(now.plus_ms(self.link.network_ms), item));
        }
    }

    fn tell(&mut self, item: SocketInput) {
        self.out.push_back(FromPipe::Socket(item));
    }

    fn fault_fires(&mut self, index: usize, faults: &mut Faults) {
        faults.fired(index);
        self.out.push_back(FromPipe::Fault(faults.text(index)));
    }

    /// The connection is gone: nothing moves any more.
    fn lose(&mut self) {
        self.state = State::Over;
        self.server.leave();
        self.give_up = None;
        self.up.clear();
        self.down.clear();
        self.instants.clear();
    }

    fn broken(&mut self, now: Time, what: String) {
        self.lose();
        self.out.push_back(FromPipe::Broken(what));
        self.down.push_back(Travelling::new(now, lost()));
    }

    /// Gives the emulator one input and takes what it says.
    fn ask(&mut self, now: Time, input: &ToEmulator<'_>) {
        match self.server.ask(now, input) {
            Ok(said) => said.into_iter().for_each(|item| self.pass(now, item)),
            Err(what) => self.broken(now, what),
        }
    }

    fn pass(&mut self, now: Time, item: FromEmulator) {
        match item {
            FromEmulator::Accept => self.send_down(now, SocketInput::Opened),
            FromEmulator::Refuse { status, body } => {
                self.send_down(now, SocketInput::Refused { status, body });
                self.server.leave();
            }
            FromEmulator::Send(frame) => self.send_down(now, SocketInput::Frame(frame)),
            FromEmulator::Close { code, reason } => {
                self.send_down(now, SocketInput::Closed { code, reason, clean: true });
                self.server.leave();
            }
            FromEmulator::Heard { text } => self.out.push_back(FromPipe::Heard(text)),
        }
    }
}

fn failed(reason: &str) -> SocketInput {
    SocketInput::Failed { reason: reason.to_owned() }
}

fn lost() -> SocketInput {
    SocketInput::Closed { code: 1006, reason: String::new(), clean: false }
}

#[cfg(test)]
#[path = "pipe_tests.rs"]
mod tests;
