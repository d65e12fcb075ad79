//! The pipe between a connector and an emulator, with an emulator of a few lines.

use super::super::fault::Fault;
use super::*;
use serde_json::{Value, json};

/// Accepts, greets, and answers each message 30 ms later with its own text; `bye` closes, `boom` breaks.
#[derive(Default)]
struct Echo {
    said: VecDeque<FromEmulator>,
    answers: VecDeque<(Time, String)>,
}

impl Emulator for Echo {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        match input {
            ToEmulator::Upgrade(endpoint) if endpoint.path() == "/no" => {
                self.said.push_back(FromEmulator::Refuse { status: 401, body: "no".to_owned() });
            }
            ToEmulator::Upgrade(_) => {
                self.said.push_back(FromEmulator::Accept);
                self.said.push_back(FromEmulator::Send(text("hello")));
            }
            ToEmulator::Frame(WireFrame::Text(text)) if text.contains("bye") => {
                self.said.push_back(FromEmulator::Close { code: 1000, reason: "bye".to_owned() });
            }
            ToEmulator::Frame(WireFrame::Text(text)) if text.contains("boom") => panic!("boom"),
            ToEmulator::Frame(WireFrame::Text(text)) => {
                self.answers.push_back((now.plus_ms(30), text.to_string()))
            }
            ToEmulator::Deadline => {
                while let Some((_, text)) = self.answers.pop_front_if(|(at, _)| *at <= now) {
                    self.said.push_back(FromEmulator::Heard { text: text.clone() });
                    self.said.push_back(FromEmulator::Send(WireFrame::Text(text.into())));
                }
            }
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.said.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.answers.front().map(|(at, _)| *at)
    }
}

fn text(name: &str) -> WireFrame {
    WireFrame::json(&json!({ "type": name }))
}

/// What happened and when, in milliseconds: `100 opened`, `100 hello` ...
fn run(path: &str, faults: &[&str], acts: &[(u64, &str)]) -> Vec<String> {
    let mut book =
        Faults::new(faults.iter().map(|spec| Fault::parse(spec, &["echo"]).expect(spec)).collect());
    let link = Link { connect_ms: 100, network_ms: 20 };
    let endpoint = Endpoint { url: format!("wss://host{path}"), headers: Vec::new() };
    let mut pipe = Pipe::connect(Time::ZERO, "echo", link, endpoint, Box::new(Echo::default()), &mut book);
    let mut acts: VecDeque<_> = acts.iter().copied().collect();
    let mut log = Vec::new();
    let mut now = Time::ZERO;
    loop {
        pipe.advance(now, &mut book);
        while let Some(item) = pipe.poll() {
            log.push(format!("{} {}", now.as_ms(), describe(&item)));
        }
        let act = acts.front().map(|(at, _)| Time::from_ms(*at));
        let Some(next) = [pipe.deadline(), act].into_iter().flatten().min() else { return log };
        assert!(next >= now && log.len() < 100, "time runs on: {log:?}");
        now = next;
        while let Some((_, what)) = acts.pop_front_if(|(at, _)| Time::from_ms(*at) <= now) {
            match what {
                "close" => pipe.close(now, 1000),
                what => pipe.send(now, text(what), what.to_owned().into()),
            }
        }
    }
}

fn describe(item: &FromPipe) -> String {
    match item {
        FromPipe::Socket(SocketInput::Opened) => "opened".to_owned(),
        FromPipe::Socket(SocketInput::Refused { status, .. }) => format!("refused {status}"),
        FromPipe::Socket(SocketInput::Failed { reason }) => format!("failed: {reason}"),
        FromPipe::Socket(SocketInput::Closed { code, clean, .. }) => format!("closed {code} {clean}"),
        FromPipe::Socket(SocketInput::Frame(WireFrame::Binary(bytes))) => format!("{} bytes", bytes.len()),
        FromPipe::Socket(SocketInput::Frame(WireFrame::Text(text))) => {
            match serde_json::from_str::<serde_json::Value>(text) {
                Ok(value) => value["type"].as_str().unwrap_or("?").to_owned(),
                Err(_) => "no json".to_owned(),
            }
        }
        FromPipe::Heard(_) => "heard".to_owned(),
        FromPipe::Fault(spec) => format!("fault {}", spec.split('@').nth(1).unwrap_or("?")),
        FromPipe::Note(remark) => remark.policy.as_deref().unwrap_or_default().to_owned(),
        FromPipe::Broken(what) => format!("broken {what}"),
    }
}

#[test]
fn a_connection_takes_its_time_and_keeps_order() {
    let log = run("/", &[], &[(50, "too early"), (110, "a"), (111, "b"), (300, "close")]);
    let expected =
        ["100 opened", "100 hello", "160 heard", "161 heard", "180 a", "181 b", "340 closed 1000 true"];
    assert_eq!(log, expected);
    assert_eq!(run("/no", &[], &[]), ["100 refused 401"]);
    assert_eq!(run("/", &[], &[(120, "bye")]), ["100 opened", "100 hello", "160 closed 1000 true"]);
    assert_eq!(run("/", &[], &[(50, "close")]), ["50 closed 1006 false"]);
}

#[test]
fn an_attempt_to_connect_goes_wrong_as_told() {
    for (fault, expected) in [
        ("echo@connect=refuse", "40 failed: connection refused"),
        ("echo@connect=status:503", "100 refused 503"),
        ("echo@connect=drop", "100 failed: connection reset by peer"),
        ("echo@connect=garbage", "100 failed: the answer to the upgrade is not HTTP"),
        ("echo@connect=stall", "6000 F-104, failed: no answer in time"),
        ("echo@connect=delay:10s", "6000 F-104, failed: no answer in time"),
    ] {
        let happened = format!("0 fault {}", fault.split('@').nth(1).unwrap_or("?"));
        let log = run("/", &[fault], &[]).join("\n").replace("F-104\n6000", "F-104,");
        assert_eq!(log, format!("{happened}\n{expected}"), "{fault}");
    }
    let log = run("/", &["echo@connect=delay:1s"], &[]);
    assert_eq!(log, ["0 fault connect=delay:1s", "1100 opened", "1100 hello"]);
    assert_eq!(run("/", &["echo@connect#2=refuse"], &[]), ["100 opened", "100 hello"]);
}

#[test]
fn an_open_connection_goes_wrong_as_told() {
    let acts = [(120, "a"), (155, "b")];
    for (fault, expected) in [
        ("echo@open=close:1011", vec!["100 opened", "100 fault", "100 closed 1011 true"]),
        ("echo@open=drop", vec!["100 opened", "100 fault", "100 closed 1006 false"]),
        ("echo@open=stall", vec!["100 opened", "100 fault", "170 heard", "205 heard"]),
        ("echo@open=half-open", vec!["100 opened", "100 fault"]),
        ("echo@hello=close:4000", vec!["100 opened", "100 fault", "100 closed 4000 true"]),
        (
            "echo@hello=garbage",
            vec![
                "100 opened",
                "100 fault",
                "100 no json",
                "100 8 bytes",
                "170 heard",
                "190 a",
                "205 heard",
                "225 b",
            ],
        ),
        (
            "echo@hello=delay:105ms",
            vec!["100 opened", "100 fault", "170 heard", "205 heard", "205 hello", "205 a", "225 b"],
        ),
        (
            "echo@a=delay:100ms",
            vec!["100 opened", "100 hello", "140 fault", "270 heard", "270 heard", "290 a", "290 b"],
        ),
        (
            "echo@a#2=delay:100ms",
            vec!["100 opened", "100 hello", "170 heard", "190 fault", "205 heard", "290 a", "290 b"],
        ),
        (
            "echo@b=drop",
            vec!["100 opened", "100 hello", "170 heard", "175 fault", "190 a", "195 closed 1006 false"],
        ),
        (
            "echo@b=close:1001",
            vec!["100 opened", "100 hello", "170 heard", "175 fault", "190 a", "195 closed 1001 true"],
        ),
        (
            "echo@195ms=drop",
            vec!["100 opened", "100 hello", "170 heard", "190 a", "195 fault", "195 closed 1006 false"],
        ),
        ("echo@50ms=drop", vec!["50 fault", "50 failed: connection reset by peer"]),
    ] {
        let log: Vec<String> = run("/", &[fault], &acts)
            .into_iter()
            .map(|line| {
                line.split(" fault")
                    .next()
                    .map_or(line.clone(), |at| if at == line { line.clone() } else { format!("{at} fault") })
            })
            .collect();
        assert_eq!(log, expected, "{fault}");
    }
}

#[test]
fn a_dead_connection_ends_the_close_in_bounded_time() {
    for fault in ["echo@open=stall", "echo@open=half-open"] {
        let log = run("/", &[fault], &[(200, "close")]);
        assert_eq!(log.last().map(String::as_str), Some("5200 closed 1006 false"), "{fault}");
    }
}

#[test]
fn a_broken_emulator_costs_its_connection_only() {
    let log = run("/", &[], &[(120, "boom")]);
    assert_eq!(
        log,
        ["100 opened", "100 hello", "140 broken the emulator broke: boom", "140 closed 1006 false"]
    );
}

#[test]
fn latencies_are_taken_out_of_the_settings() {
    let taken = |settings: Value| {
        let mut rest = settings.as_object().expect("an object").clone();
        Link { connect_ms: 100, network_ms: 20 }.configured(&mut rest).map(|link| (link, rest.len()))
    };
    let given = taken(json!({"connect_ms": 7, "network_ms": 3, "first_token_ms": 300}));
    assert_eq!(given, Ok((Link { connect_ms: 7, network_ms: 3 }, 1)));
    assert_eq!(taken(json!({})), Ok((Link { connect_ms: 100, network_ms: 20 }, 0)));
    for bad in [json!({"network_ms": -1}), json!({"connect_ms": "1s"}), json!({"connect_ms": 700_000})] {
        let error = taken(bad).expect_err("bad settings");
        assert!(error.contains("whole number of milliseconds"), "{error}");
    }
}
