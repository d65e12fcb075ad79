//! The server as clients meet it: real sockets on the loopback, a blocking WebSocket client of another library's making,
//! and raw bytes where a client would never send them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Error, Message, WebSocket};

use super::*;

/// Nothing on a loopback takes longer, unless it never comes.
const LONG: Duration = Duration::from_secs(20);

/// A running server.
struct Running {
    address: Address,
    stopper: Stopper,
    thread: Option<JoinHandle<Vec<Happening>>>,
}

impl Running {
    fn start(change: impl FnOnce(&mut ServerSetup)) -> Running {
        let mut setup = ServerSetup {
            listen: "127.0.0.1:0".parse().unwrap(),
            providers: voxrun_bindings::remotes(),
            replies: Vec::new(),
            faults: Vec::new(),
            settings: BTreeMap::new(),
            keys: BTreeMap::new(),
            seed: 1,
            identity: None,
        };
        change(&mut setup);
        let server = Server::bind(setup).unwrap();
        let (address, stopper) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || {
            let told = Rc::new(RefCell::new(Vec::new()));
            let heard = Rc::clone(&told);
            server.run(false, move |happening| heard.borrow_mut().push(happening));
            told.take()
        });
        Running { address, stopper, thread: Some(thread) }
    }

    fn with_fault(spec: &str) -> Running {
        Running::start(|setup| setup.faults = vec![Fault::parse(spec, &["openai", "inworld"]).unwrap()])
    }

    fn stream(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    fn connect(&self, path: &str) -> Result<WebSocket<TcpStream>, Error> {
        let request = request("ws", self.address, path);
        match tungstenite::client(request, self.stream()) {
            Ok((socket, _)) => Ok(socket),
            Err(HandshakeError::Failure(error)) => Err(error),
            Err(HandshakeError::Interrupted(_)) => panic!("the upgrade was not answered in time"),
        }
    }

    fn openai(&self) -> WebSocket<TcpStream> {
        self.connect(OPENAI).unwrap()
    }

    /// Stops it; what it told.
    fn stop(mut self) -> Vec<String> {
        self.stopper.stop();
        let told = self.thread.take().unwrap().join().unwrap();
        told.into_iter().map(|line| format!("{} {}", line.unit, line.what)).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

const OPENAI: &str = "/v1/realtime?model=gpt-realtime";

fn request(scheme: &str, address: Address, path: &str) -> tungstenite::handshake::client::Request {
    let mut request = format!("{scheme}://{address}{path}").into_client_request().unwrap();
    request.headers_mut().insert("Authorization", "Bearer key".parse().unwrap());
    request
}

fn event<S: Read + Write>(socket: &mut WebSocket<S>) -> Value {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn send<S: Read + Write>(socket: &mut WebSocket<S>, message: Value) {
    socket.send(Message::text(message.to_string())).unwrap();
}

/// The code and reason with which the server closes.
fn close_of(socket: &mut WebSocket<TcpStream>) -> (u16, String) {
    loop {
        match socket.read() {
            Ok(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.to_string()),
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn each_provider_speaks_at_its_own_path() {
    let running = Running::start(|_| ());
    let mut openai = running.openai();
    assert_eq!(event(&mut openai)["type"], "session.created");
    send(&mut openai, json!({"type": "response.create", "response": {"output_modalities": ["text"]}}));
    let types = std::iter::from_fn(|| Some(event(&mut openai)["type"].as_str().unwrap().to_owned()));
    let types: Vec<String> = types.take_while(|kind| kind != "rate_limits.updated").collect();
    assert_eq!((types[0].as_str(), types.last().unwrap().as_str()), ("response.created", "response.done"));

    let mut inworld = running.connect("/tts/v1/voice:streamBidirectional").unwrap();
    let config = json!({"audioEncoding": "PCM", "sampleRateHertz": 16000});
    let create = json!({"voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini", "audioConfig": config});
    send(&mut inworld, json!({"contextId": "c", "create": create}));
    // The key was a bearer's, and this provider takes Basic only.
    assert_eq!(event(&mut inworld)["error"]["code"], 7);

    let mut cartesia = running.connect("/tts/websocket?cartesia_version=2024-11-13").unwrap();
    send(&mut cartesia, json!({"context_id": "c", "model_id": "sonic-3", "transcript": "Hello."}));
    assert_eq!(event(&mut cartesia)["type"], "error");

    let missing = running.connect("/v2/realtime").unwrap_err();
    assert!(matches!(missing, Error::Http(answer) if answer.status() == 404));
    let told = running.stop();
    assert!(told.iter().any(|line| line.starts_with("openai#1 open")), "{told:?}");
}

#[test]
fn only_the_providers_that_were_asked_for_are_there() {
    let running = Running::start(|setup| setup.providers.retain(|provider| provider.name == "openai"));
    assert!(running.connect(OPENAI).is_ok());
    let missing = running.connect("/tts/websocket").unwrap_err();
    assert!(matches!(missing, Error::Http(answer) if answer.status() == 404));
}

#[test]
fn faults_at_the_upgrade() {
    for (action, status) in [("status:503", Some(503)), ("refuse", None), ("drop", None), ("garbage", None)] {
        let running = Running::with_fault(&format!("openai@connect={action}"));
        let error = running.connect(OPENAI).unwrap_err();
        match (error, status) {
            (Error::Http(answer), Some(status)) => assert_eq!(answer.status(), status),
            (Error::Io(_) | Error::Protocol(_) | Error::HttpFormat(_), None) => {}
            (error, _) => panic!("{action}: {error:?}"),
        }
    }
    let running = Running::with_fault("openai@connect#1=delay:150ms");
    let clock = WallClock::start();
    running.openai();
    assert!(clock.now() >= Time::from_ms(150));
    let running = Running::with_fault("openai@connect=stall");
    let mut stream = running.stream();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let upgrade = "GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).unwrap();
    let error = stream.read(&mut [0; 1]).expect_err("no answer");
    assert!(matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{error}");
}

#[test]
fn faults_of_an_open_connection() {
    let running = Running::with_fault("openai@session.created=close:4000");
    assert_eq!(close_of(&mut running.openai()).0, 4000);

    let running = Running::with_fault("openai@open=drop");
    let error = running.openai().read().unwrap_err();
    assert!(matches!(error, Error::Io(_) | Error::Protocol(_)), "a reset, no close: {error:?}");

    let running = Running::with_fault("openai@session.created=garbage");
    let mut socket = running.openai();
    let first = socket.read().unwrap();
    assert!(serde_json::from_slice::<Value>(&first.into_data()).is_err());
    assert!(matches!(socket.read().unwrap(), Message::Binary(_)));

    let running = Running::with_fault("openai@session.created=delay:150ms");
    let clock = WallClock::start();
    event(&mut running.openai());
    assert!(clock.now() >= Time::from_ms(150));

    for (action, pongs) in [("stall", true), ("half-open", false)] {
        let running = Running::with_fault(&format!("openai@session.update={action}"));
        let mut socket = running.openai();
        event(&mut socket);
        send(&mut socket, json!({"type": "session.update", "session": {"type": "realtime"}}));
        socket.get_ref().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        socket.send(Message::Ping(vec![1].into())).unwrap();
        let answer = socket.read();
        assert_eq!(matches!(answer, Ok(Message::Pong(_))), pongs, "{action}: {answer:?}");
        assert!(matches!(socket.read(), Err(Error::Io(_))), "{action}: nothing more comes");
    }
    let running = Running::with_fault("inworld@open=stall");
    running.openai();
    assert!(running.stop().iter().any(|line| line.contains("inworld@open=stall never came")));
}

#[test]
fn the_answers_to_broken_frames() {
    let running = Running::start(|_| ());
    // Masked text frames with a mask of zeros: invalid UTF-8, and a length of 25 MiB.
    let bad_text = [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe];
    let too_long = [0x81, 0xff, 0, 0, 0, 0, 1, 0x90, 0, 0, 0, 0, 0, 0];
    let unmasked_reserved = [0xf1, 0x80, 0, 0, 0, 0];
    for (bytes, code) in
        [(bad_text.as_slice(), 1007), (too_long.as_slice(), 1009), (unmasked_reserved.as_slice(), 1002)]
    {
        let mut socket = running.openai();
        event(&mut socket);
        socket.get_mut().write_all(bytes).unwrap();
        assert_eq!(close_of(&mut socket).0, code);
    }
    let mut socket = running.openai();
    event(&mut socket);
    socket.send(Message::Binary(vec![1, 2].into())).unwrap();
    assert_eq!(event(&mut socket)["error"]["code"], "invalid_event");
    let largest =
        format!("{{\"type\":\"input_audio_buffer.append\",\"audio\":\"{}\"}}", "A".repeat(21 << 20));
    socket.send(Message::text(largest)).unwrap();
    assert_eq!(event(&mut socket)["type"], "error", "refused by the provider, not by the socket");
    socket.send(Message::text("{")).unwrap();
    assert_eq!(event(&mut socket)["error"]["code"], "invalid_json", "and the connection stays");
    for bytes in ["GET / HTTP/1.1\r\n\r\n", "POST /v1/realtime HTTP/1.1\r\n\r\n", "\r\n\r\nhello\r\n\r\n"] {
        let mut stream = running.stream();
        stream.write_all(bytes.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{bytes:?}: {answer}");
    }
}

#[test]
fn a_client_that_leaves_or_closes_is_no_trouble_for_others() {
    let running = Running::start(|_| ());
    let mut stays = running.openai();
    event(&mut stays);
    for _ in 0..20 {
        drop(running.openai());
        let mut closes = running.openai();
        closes.close(Some(CloseFrame { code: CloseCode::Normal, reason: "done".into() })).unwrap();
        assert_eq!(close_of(&mut closes).0, 1000, "the close is answered");
        drop(running.stream());
    }
    let many: Vec<_> = (0..50).map(|_| running.openai()).collect();
    for mut socket in many {
        assert_eq!(event(&mut socket)["type"], "session.created");
    }
    send(&mut stays, json!({"type": "input_audio_buffer.clear"}));
    assert_eq!(event(&mut stays)["type"], "input_audio_buffer.cleared");
}

#[test]
fn stopping_says_goodbye_to_every_connection() {
    let running = Running::start(|_| ());
    let mut socket = running.openai();
    event(&mut socket);
    running.stopper.stop();
    assert_eq!(close_of(&mut socket), (1001, "the server stops".to_owned()));
    running.stop();
}

#[test]
fn keys_and_latencies_are_those_of_the_setup() {
    let running = Running::start(|setup| {
        setup.keys = [("openai".to_owned(), vec!["another".to_owned()])].into();
        let settings = json!({"session_created_ms": 0, "network_ms": 120});
        setup.settings = [("openai".to_owned(), settings.as_object().unwrap().clone())].into();
    });
    let clock = WallClock::start();
    let mut socket = running.openai();
    let error = event(&mut socket);
    assert!(clock.now() >= Time::from_ms(120), "messages take their time");
    assert_eq!(error["error"]["code"], "invalid_api_key");
    assert_eq!(close_of(&mut socket), (3000, "invalid_request_error.invalid_api_key".to_owned()));
    let wrong = ServerSetup {
        listen: running.address,
        providers: voxrun_bindings::remotes(),
        replies: Vec::new(),
        faults: Vec::new(),
        settings: [("cartesia".to_owned(), json!({"nonsense": 1}).as_object().unwrap().clone())].into(),
        keys: BTreeMap::new(),
        seed: 1,
        identity: None,
    };
    let error = Server::bind(wrong.clone()).err().unwrap().to_string();
    assert!(error.starts_with("cartesia: ") && error.contains("nonsense"), "{error}");
    let taken = Server::bind(ServerSetup { settings: BTreeMap::new(), ..wrong }).err().unwrap().to_string();
    assert!(taken.starts_with("cannot listen on 127.0.0.1:"), "{taken}");
}

#[test]
fn tls_and_plain_tcp_share_the_port() {
    let (identity, authority) = Identity::made_for(&["localhost".into(), "127.0.0.1".into()]).unwrap();
    let running = Running::start(|setup| setup.identity = Some(identity));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    for name in ["localhost", "127.0.0.1"] {
        let name = ServerName::try_from(name).unwrap();
        let client = rustls::ClientConnection::new(Arc::clone(&config), name).unwrap();
        let stream = rustls::StreamOwned::new(client, running.stream());
        let (mut socket, _) =
            tungstenite::client(request("wss", running.address, OPENAI), stream).map_err(|_| ()).unwrap();
        assert_eq!(event(&mut socket)["type"], "session.created");
    }
    assert_eq!(event(&mut running.openai())["type"], "session.created");

    let plain = Running::start(|_| ());
    let mut stream = plain.stream();
    stream.write_all(&[0x16, 3, 1]).unwrap();
    assert!(!stream.read(&mut [0; 1]).is_ok_and(|count| count > 0), "the server hangs up");
    let told = plain.stop();
    assert!(told.iter().any(|line| line.contains("--tls")), "{told:?}");
}
