//! A provider's WebSocket as a room's line. Connecting is settled by a task; then the room writes
//! into the socket directly, on its tick, and the task only reads, answers pings and sends what did not fit. What waits is
//! bounded: a provider that takes nothing for a megabyte is lost. Nothing here ever holds up a room.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::{Sink, Stream};
use rustls::ClientConfig;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use voxrun_bindings::connection::{CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, Faults, FromPipe};
use voxrun_bindings::contract::{Remark, Time};
use voxrun_bindings::wire::{Endpoint, SocketInput, WireFrame, WireName};

use super::connect::{LARGEST_MESSAGE, Socket, connect};
use super::fetch::LiveFetch;
use super::mail::Ring;
use crate::room::{Asked, Dial, Dialled, Fetching, Line};
use crate::simulate::Bell;

/// What may wait to be sent, in bytes: a quarter of a minute of audio, or any few messages that are not larger together
/// than the largest one.
const MOST_WAITING: usize = 1024 * 1024;
const MOST_WAITING_OF_A_FEW: usize = LARGEST_MESSAGE;
const A_FEW: usize = 100;

/// What may have come and not been taken by the room. Then the socket is not read, and the provider has to wait.
const MOST_HAPPENED: usize = 256;

/// How often the connection is probed, and how long silence on it is believed.
const PING_EVERY: Duration = Duration::from_secs(20);
const SILENCE_LONGEST: Duration = Duration::from_secs(60);

/// Opens the sockets of one room.
pub(super) struct Sockets {
    tls: Arc<ClientConfig>,
    bell: Ring,
    open: Rc<Cell<usize>>,
    /// The bytes that waited on one of them when it was nearest to its bound, and that bound.
    backlog: Rc<Cell<(usize, usize)>>,
}

impl Sockets {
    /// For the room that this bell rings at when something has come. `open` counts the tasks.
    pub(super) fn new(tls: Arc<ClientConfig>, bell: Ring, open: Rc<Cell<usize>>) -> Sockets {
        let backlog = Rc::new(Cell::new((0, MOST_WAITING)));
        Sockets { tls, bell, open, backlog }
    }
}

impl Dial for Sockets {
    fn dial(&mut self, dialled: Dialled<'_>) -> Result<Box<dyn Line>, String> {
        let shared = Rc::new(RefCell::new(Shared {
            happened: VecDeque::new(),
            socket: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            backlog: Rc::clone(&self.backlog),
            closing: None,
            over: false,
            unheard: false,
            reader: None,
            bell: self.bell.clone(),
        }));
        let alive = Alive::one_more(&self.open);
        let life = serve(Rc::clone(&shared), dialled.endpoint, Arc::clone(&self.tls));
        let task = async move {
            let _alive = alive;
            life.await;
        };
        let task = tokio::task::spawn_local(task).abort_handle();
        Ok(Box::new(SocketLine { shared, task }))
    }

    fn fetch(&mut self, asked: Asked<'_>) -> Box<dyn Fetching> {
        Box::new(LiveFetch::begin(asked.request, &self.tls, self.bell.clone(), Alive::one_more(&self.open)))
    }

    fn backlog(&self) -> Option<(u64, u64)> {
        let (peak, most) = self.backlog.get();
        Some((peak as u64, most as u64))
    }
}

/// Counts a task for as long as it lives.
struct Alive(Rc<Cell<usize>>);

impl Alive {
    fn one_more(open: &Rc<Cell<usize>>) -> Alive {
        open.set(open.get() + 1);
        Alive(Rc::clone(open))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What the room and the task share.
struct Shared {
    happened: VecDeque<FromPipe>,
    /// `None` before the upgrade and after the end.
    socket: Option<Socket>,
    waiting: VecDeque<Message>,
    waiting_bytes: usize,
    /// The room's, as in [`Sockets`].
    backlog: Rc<Cell<(usize, usize)>>,
    /// The code with which the session closed.
    closing: Option<u16>,
    over: bool,
    /// The room is gone: nobody wants to know what happens.
    unheard: bool,
    /// Wakes the task.
    reader: Option<Waker>,
    bell: Ring,
}

impl Shared {
    fn tell(&mut self, item: SocketInput) {
        if self.unheard {
            return;
        }
        self.happened.push_back(FromPipe::Socket(item));
        self.bell.ring();
    }

    fn end(&mut self, item: SocketInput) {
        if !self.over {
            self.over = true;
            self.socket = None;
            self.waiting.clear();
            self.tell(item);
        }
    }

    fn give_up(&mut self, what: &str, item: SocketInput) {
        let text = format!("{what} got no answer in time");
        self.happened.push_back(FromPipe::Note(Remark::of("F-104", text)));
        self.end(item);
    }

    /// Sends as much of what waits as the socket takes.
    fn flush(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        let Some(socket) = self.socket.as_mut() else { return Ok(()) };
        let mut socket = Pin::new(socket);
        while let Some(message) = self.waiting.front() {
            match socket.as_mut().poll_ready(context) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready?,
            }
            let bytes = message.len();
            let Some(message) = self.waiting.pop_front() else { break };
            self.waiting_bytes -= bytes.min(self.waiting_bytes);
            socket.as_mut().start_send(message)?;
        }
        match socket.poll_flush(context) {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// The connection is lost for this reason, which the script is not told and its author wants to know.
    fn lose(&mut self, why: &Error) {
        let text = format!("the connection is lost: {why}");
        self.happened.push_back(FromPipe::Note(Remark::new(text)));
        self.end(lost());
    }

    /// Puts a message behind what waits and sends at once what can be sent.
    fn send(&mut self, message: Message) {
        if self.over || self.socket.is_none() {
            return;
        }
        self.waiting_bytes += message.len();
        self.waiting.push_back(message);
        let mut context = Context::from_waker(Waker::noop());
        if let Err(error) = self.flush(&mut context) {
            return self.lose(&error);
        }
        let most = if self.waiting.len() > A_FEW { MOST_WAITING } else { MOST_WAITING_OF_A_FEW };
        let (peak, of) = self.backlog.get();
        if self.waiting_bytes * of > peak * most {
            self.backlog.set((self.waiting_bytes, most));
        }
        if self.waiting_bytes > most {
            let text = format!("the provider takes nothing: {} bytes wait to be sent", self.waiting_bytes);
            self.happened.push_back(FromPipe::Note(Remark::of("F-107", text)));
            return self.end(lost());
        }
        // Whether all of it went out is for the task to find out: a room does not wait.
        if let Some(reader) = &self.reader {
            reader.wake_by_ref();
        }
    }
}

fn lost() -> SocketInput {
    SocketInput::Closed { code: 1006, reason: String::new(), clean: false }
}

/// 1005 stands for a close frame without a code (RFC 6455, 7.1.5). The library answers a code that never stands in a
/// close frame with 1002 and puts that in its place, with these words; to us the connection is lost then.
fn closed(frame: Option<CloseFrame>) -> SocketInput {
    if frame
        .as_ref()
        .is_some_and(|frame| frame.code == CloseCode::Protocol && frame.reason == "Protocol violation")
    {
        return lost();
    }
    let (code, reason) =
        frame.map_or((1005, String::new()), |frame| (u16::from(frame.code), frame.reason.to_string()));
    SocketInput::Closed { code, reason, clean: true }
}

/// The room's end.
struct SocketLine {
    shared: Rc<RefCell<Shared>>,
    task: AbortHandle,
}

impl Drop for SocketLine {
    /// A connection that is being closed is left to its task, so that the provider's answer is still taken.
    fn drop(&mut self) {
        let mut shared = self.shared.borrow_mut();
        shared.unheard = true;
        shared.happened.clear();
        if shared.closing.is_none() {
            self.task.abort();
            shared.over = true;
        }
    }
}

impl Line for SocketLine {
    fn send(&mut self, _: Time, frame: WireFrame, _: WireName) {
        let message = match frame {
            WireFrame::Text(text) => Message::Text((&*text).into()),
            WireFrame::Binary(bytes) => Message::Binary(bytes.into()),
        };
        self.shared.borrow_mut().send(message);
    }

    fn close(&mut self, _: Time, code: u16, reason: &str) {
        let mut shared = self.shared.borrow_mut();
        if shared.socket.is_none() {
            self.task.abort();
            return shared.end(lost());
        }
        shared.closing = Some(code);
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.to_owned().into() };
        shared.send(Message::Close(Some(frame)));
    }

    fn deadline(&self) -> Option<Time> {
        (!self.shared.borrow().happened.is_empty()).then_some(Time::ZERO)
    }

    fn advance(&mut self, _: Time, _: &mut Faults) {}

    fn poll(&mut self) -> Option<FromPipe> {
        let mut shared = self.shared.borrow_mut();
        let first = shared.happened.pop_front();
        if shared.happened.len() == MOST_HAPPENED - 1
            && let Some(reader) = &shared.reader
        {
            reader.wake_by_ref();
        }
        first
    }

    fn is_over(&self) -> bool {
        let shared = self.shared.borrow();
        shared.over && shared.happened.is_empty()
    }
}

/// The whole life of a connection.
async fn serve(shared: Rc<RefCell<Shared>>, endpoint: Endpoint, tls: Arc<ClientConfig>) {
    let patience = Duration::from_millis(CONNECT_TIMEOUT_MS);
    // Boxed, so that what connecting needed is not kept for as long as the connection.
    match timeout(patience, Box::pin(connect(endpoint, tls))).await {
        Ok(Ok(socket)) => {
            let mut shared = shared.borrow_mut();
            shared.socket = Some(socket);
            shared.tell(SocketInput::Opened);
        }
        Ok(Err(input)) => return shared.borrow_mut().end(input),
        Err(_) => {
            let failed = SocketInput::Failed { reason: "no answer in time".to_owned() };
            return shared.borrow_mut().give_up("the attempt to connect", failed);
        }
    }
    read(&shared).await;
}

/// The close code that answers a provider that broke the protocol (RFC 6455, 7.4.1).
fn answer_to(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Protocol(_) => Some(CloseCode::Protocol),
        Error::Utf8(_) => Some(CloseCode::Invalid),
        Error::Capacity(_) => Some(CloseCode::Size),
        _ => None,
    }
}

/// Tells the provider why, as far as it still takes anything, and waits for nothing.
fn say_goodbye(socket: &mut Socket, code: CloseCode) {
    let mut context = Context::from_waker(Waker::noop());
    let frame = CloseFrame { code, reason: Utf8Bytes::default() };
    if Pin::new(&mut *socket).start_send(Message::Close(Some(frame))).is_ok() {
        let _ = Pin::new(socket).poll_flush(&mut context);
    }
}

/// What the reading task finds.
enum Found {
    Message(Option<Result<Message, Error>>),
    Alarm,
}

/// Reads until the connection ends, and watches over it.
async fn read(shared: &Rc<RefCell<Shared>>) {
    let mut alarm = pin!(tokio::time::sleep(PING_EVERY));
    let mut heard = Instant::now();
    loop {
        let found = poll_fn(|context| {
            let mut shared = shared.borrow_mut();
            if !shared.reader.as_ref().is_some_and(|reader| reader.will_wake(context.waker())) {
                shared.reader = Some(context.waker().clone());
            }
            if let Err(error) = shared.flush(context) {
                return Poll::Ready(Found::Message(Some(Err(error))));
            }
            if shared.socket.is_none() {
                return Poll::Ready(Found::Message(None));
            }
            let full = shared.happened.len() >= MOST_HAPPENED;
            let readable = shared.socket.as_mut().filter(|_| !full);
            if let Some(socket) = readable
                && let Poll::Ready(message) = Pin::new(socket).poll_next(context)
            {
                return Poll::Ready(Found::Message(message));
            }
            alarm.as_mut().poll(context).map(|()| Found::Alarm)
        })
        .await;
        let mut shared = shared.borrow_mut();
        match found {
            Found::Message(Some(Ok(message))) => {
                heard = Instant::now();
                match message {
                    Message::Text(text) => {
                        shared.tell(SocketInput::Frame(WireFrame::Text(text.as_str().into())));
                    }
                    Message::Binary(bytes) => {
                        shared.tell(SocketInput::Frame(WireFrame::Binary(bytes.to_vec())));
                    }
                    // The answer is on its way. Who was closed first need not wait for the end of the TCP connection.
                    Message::Close(frame) => {
                        let _ = shared.flush(&mut Context::from_waker(Waker::noop()));
                        return shared.end(closed(frame));
                    }
                    Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                }
            }
            Found::Message(Some(Err(error))) => {
                if let Some(code) = answer_to(&error)
                    && let Some(mut socket) = shared.socket.take()
                {
                    say_goodbye(&mut socket, code);
                }
                return shared.lose(&error);
            }
            Found::Message(None) => return shared.end(lost()),
            Found::Alarm => {
                if shared.closing.is_some() {
                    return shared.give_up("the close", lost());
                }
                // Who is made to wait is not silent.
                if shared.happened.len() >= MOST_HAPPENED {
                    heard = Instant::now();
                }
                if heard.elapsed() > SILENCE_LONGEST {
                    return shared.give_up("the ping on the connection", lost());
                }
                shared.send(Message::Ping(b"ping".to_vec().into()));
                alarm.as_mut().reset(Instant::now() + PING_EVERY);
            }
        }
        if shared.closing.is_some() {
            let patience = Instant::now() + Duration::from_millis(CLOSE_TIMEOUT_MS);
            if alarm.deadline() > patience {
                alarm.as_mut().reset(patience);
            }
        }
    }
}
