//! Live calls against the emulators' server of the same machine, over real sockets: the same conversation as in virtual
//! time, and every way in which a provider can fail, with another call beside it that must not notice.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use voxrun_bindings::contract::Fields;
use voxrun_bindings::engine::ScenarioFile;

use super::*;
use crate::connection::Fault;
use crate::drive::emulate::{Address, Server, ServerSetup, Stopper};
use crate::drive::tls::Identity;
use crate::journal::Kind;
use crate::session::ProviderSettings;
use crate::simulate::{CallerPlan, Step, World, on_world_thread};

const INWORLD: &str = include_str!("../../../../scenarios/voxeengine-openai-half-cascade-inworld.js");
const CARTESIA: &str = include_str!("../../../../scenarios/voxeengine-openai-half-cascade-cartesia.js");

/// Tells every word of the client by the log and ends when the provider does.
const TELLING: &str = "
require(Modules.OpenAI);
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.answer();
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  try {
    const client = await OpenAI.createRealtimeAPIClient({
      apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime',
      onWebSocketClose: (event) => { Logger.write(`closed ${event.code} ${event.wasClean}`); VoxEngine.terminate(); },
    });
    Logger.write('resolved');
    client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => Logger.write('created'));
    client.addEventListener(OpenAI.RealtimeAPIEvents.Error, (event) => Logger.write(`error ${event.data.payload.error.code}`));
    VoxEngine.sendMediaBetween(call, client);
  } catch (error) {
    Logger.write(`rejected ${error.message}`);
    VoxEngine.terminate();
  }
});";

/// A server in a thread of its own.
struct Providers {
    address: Address,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Providers {
    fn start(faults: &[&str], identity: Option<Identity>) -> Providers {
        Providers::with(faults, identity, BTreeMap::new())
    }

    fn with(faults: &[&str], identity: Option<Identity>, settings: BTreeMap<String, Fields>) -> Providers {
        let faults =
            faults.iter().map(|spec| Fault::parse(spec, &["openai", "inworld", "cartesia"]).unwrap());
        let server = Server::bind(ServerSetup {
            listen: "127.0.0.1:0".parse().unwrap(),
            providers: voxrun_bindings::providers().iter().collect(),
            replies: Vec::new(),
            faults: faults.collect(),
            settings,
            keys: [("openai".to_owned(), vec!["good-key-1234".to_owned()])].into(),
            seed: 1,
            identity,
        })
        .unwrap();
        let (address, stopper) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || server.run(false, |_| ()));
        Providers { address, stopper, thread: Some(thread) }
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn setup(text: &str, base_url: &str) -> LiveSetup {
    let settings = ProviderSettings {
        base_url: Some(base_url.to_owned()),
        fallback_key: Some("good-key-1234".to_owned()),
    };
    let providers = ["openai", "inworld", "cartesia"].map(|name| (name.to_owned(), settings.clone()));
    let world = WorldSetup {
        scenarios: vec![ScenarioFile { name: "scenario.js".to_owned(), text: text.to_owned() }],
        secrets: [("OPENAI_API_KEY".to_owned(), "good-key-1234".to_owned())].into(),
        placeholder_secrets: false,
        providers: providers.into(),
        ..WorldSetup::default()
    };
    LiveSetup { world, trust: Trust::default(), taped: false }
}

fn live(setup: &LiveSetup) -> LiveResult {
    run(setup, &Ending::default(), |_| true, &mut |_| ()).unwrap()
}

/// What the script logged, but the dumps of whole events.
fn logs(result: &LiveResult) -> Vec<String> {
    let logs = result.run.entries.iter().filter(|entry| entry.kind == Kind::Log);
    logs.filter_map(|entry| Some(entry.data["text"].as_str()?.to_owned())).collect()
}

fn words(run: &RunResult) -> Vec<(String, String)> {
    let said = run.sessions[0].conversation.iter();
    said.map(|said| (format!("{:?}", said.who), said.text.clone())).collect()
}

fn offline(text: &str) -> RunResult {
    let world = setup(text, "https://api.openai.com").world;
    let world = WorldSetup { placeholder_secrets: true, ..world };
    on_world_thread(|| World::new(world).unwrap().run(|_| ())).unwrap()
}

#[test]
fn the_documented_scenarios_speak_over_tls_as_they_do_offline() {
    let (identity, authority) = Identity::made_for(&["localhost".into(), "127.0.0.1".into()]).unwrap();
    let providers = Providers::start(&[], Some(identity));
    let path = std::env::temp_dir().join(format!("voxrun-live-{}.pem", std::process::id()));
    std::fs::write(&path, authority).unwrap();
    std::thread::scope(|scope| {
        let runs: Vec<_> = [INWORLD, CARTESIA]
            .map(|text| {
                let mut setup = setup(text, &format!("wss://{}", providers.address));
                setup.trust.ca_file = Some(path.clone());
                scope.spawn(move || (live(&setup), offline(text)))
            })
            .into_iter()
            .collect();
        for run in runs {
            let (live, offline) = run.join().unwrap();
            assert!(live.run.sessions[0].report.error.is_none(), "{:?}", live.run.sessions[0].report.error);
            assert_eq!(words(&live.run), words(&offline));
            assert!(words(&live.run).len() >= 3);
            assert!(live.punctuality.late_ms.iter().sum::<u64>() > 100, "ticks were counted");
        }
    });
    let _ = std::fs::remove_file(&path);
}

/// A listener that answers every connection with these bytes and hangs up, or says nothing at all.
fn stranger(answer: Option<&'static [u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            if let Some(answer) = answer {
                let _ = stream.read(&mut [0; 2048]);
                let _ = stream.write_all(answer);
            } else {
                held.push(stream);
            }
        }
    });
    format!("ws://{address}")
}

#[test]
fn what_keeps_a_connection_from_opening_rejects_the_promise() {
    let providers = Providers::start(&["openai@connect=status:429"], None);
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let html = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let (identity, _) = Identity::made_for(&["localhost".into(), "127.0.0.1".into()]).unwrap();
    let untrusted = Providers::start(&[], Some(identity));
    let table = [
        (format!("ws://{}", providers.address), "429"),
        (format!("ws://{refused}"), "refused"),
        ("ws://no-such-host.invalid".to_owned(), ""),
        (stranger(Some(html)), "502"),
        (stranger(Some(b"\x00\xff garbage\r\n\r\n")), ""),
        (stranger(Some(b"")), ""),
        (format!("wss://{}", untrusted.address), "TLS"),
        (stranger(None), "no answer in time"),
    ];
    std::thread::scope(|scope| {
        let runs: Vec<_> = table
            .iter()
            .map(|(address, word)| {
                let setup = setup(TELLING, address);
                scope.spawn(move || (live(&setup), address, *word))
            })
            .collect();
        for run in runs {
            let (result, address, word) = run.join().unwrap();
            let logs = logs(&result);
            let told = logs.iter().any(|log| log.starts_with("rejected ") && log.contains(word));
            assert!(told, "{address}: {logs:?}");
            let report = &result.run.sessions[0].report;
            assert_eq!(report.finish_reason.as_deref(), Some("Normal termination"), "{address}");
        }
    });
}

#[test]
fn what_breaks_an_open_connection_reaches_the_script() {
    let table: [(&str, &[&str]); 7] = [
        ("openai@session.created=close:1011", &["resolved", "closed 1011 true"]),
        ("openai@session.created=close:4000", &["resolved", "closed 4000 true"]),
        ("openai@open=drop", &["resolved", "closed 1006 false"]),
        ("openai@600ms=drop", &["resolved", "created", "closed 1006 false"]),
        ("openai@600ms=close:1000", &["resolved", "created", "closed 1000 true"]),
        ("openai@600ms=garbage", &["resolved", "created"]),
        ("openai@open=stall", &["resolved"]),
    ];
    std::thread::scope(|scope| {
        let runs: Vec<_> = table
            .into_iter()
            .map(|(fault, expected)| {
                scope.spawn(move || {
                    let providers = Providers::start(&[fault], None);
                    let mut setup = setup(TELLING, &format!("ws://{}", providers.address));
                    setup.world.callers = vec![CallerPlan {
                        hangup_after_ms: Some(1_500),
                        stays: true,
                        ..CallerPlan::silent()
                    }];
                    (live(&setup), fault, expected)
                })
            })
            .collect();
        for run in runs {
            let (result, fault, expected) = run.join().unwrap();
            assert_eq!(logs(&result), expected, "{fault}");
        }
    });
}

/// A server that accepts every upgrade, says these bytes one by one or at once, and stays.
fn rogue(bytes: Vec<u8>, drip: Option<Duration>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
                let accept = derive_accept_key(key.as_bytes());
                let answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {accept}\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes());
                match drip {
                    None => drop(stream.write_all(&bytes)),
                    Some(pause) => {
                        for byte in &bytes {
                            let _ = stream.write_all(&[*byte]);
                            WallClock::start().wait_until(Time::ZERO + pause);
                        }
                    }
                }
                while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
            });
        }
    });
    format!("ws://{address}")
}

/// An unmasked text frame of a short message.
fn frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81, u8::try_from(text.len()).expect("short")];
    bytes.extend(text.as_bytes());
    bytes
}

#[test]
fn servers_that_break_the_protocol_lose_their_connection_and_slow_ones_do_not() {
    let created = r#"{"type":"session.created","event_id":"e","session":{"type":"realtime"}}"#;
    let masked = [0x81, 0x80, 0, 0, 0, 0];
    let oversized = [0x82, 127, 0, 0, 0, 0, 3, 0, 0, 0];
    let lost: &[&str] = &["resolved", "closed 1006 false"];
    let fine: &[&str] = &["resolved", "created"];
    let table = [
        ("a masked frame", masked.to_vec(), None, lost),
        ("48 MiB announced", oversized.to_vec(), None, lost),
        ("a reserved operation", vec![0x83, 0], None, lost),
        ("text that is not UTF-8", vec![0x81, 2, 0xff, 0xfe], None, lost),
        ("a byte at a time", frame(created), Some(Duration::from_millis(4)), fine),
    ];
    std::thread::scope(|scope| {
        let runs: Vec<_> = table
            .into_iter()
            .map(|(what, bytes, drip, expected)| {
                let mut setup = setup(TELLING, &rogue(bytes, drip));
                setup.world.callers =
                    vec![CallerPlan { hangup_after_ms: Some(1_500), stays: true, ..CallerPlan::silent() }];
                scope.spawn(move || (live(&setup), what, expected))
            })
            .collect();
        for run in runs {
            let (result, what, expected) = run.join().unwrap();
            assert_eq!(logs(&result), expected, "{what}");
        }
    });
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let (identity, authority) = Identity::made_until(&names, Some(2020)).unwrap();
    let providers = Providers::start(&[], Some(identity));
    let path = std::env::temp_dir().join(format!("voxrun-expired-{}.pem", std::process::id()));
    std::fs::write(&path, authority).unwrap();
    let mut setup = setup(TELLING, &format!("wss://{}", providers.address));
    setup.trust.ca_file = Some(path.clone());
    let logs = logs(&live(&setup));
    let _ = std::fs::remove_file(&path);
    assert!(logs[0].starts_with("rejected ") && logs[0].contains("expired"), "{logs:?}");
}

#[test]
fn the_longest_session_ends_with_an_error_and_1001() {
    let limit = [("session_limit_ms".to_owned(), 400.into())].into_iter().collect();
    let providers = Providers::with(&[], None, [("openai".to_owned(), limit)].into());
    let setup = setup(TELLING, &format!("ws://{}", providers.address));
    assert_eq!(logs(&live(&setup)), ["resolved", "created", "error session_expired", "closed 1001 true"]);
}

#[test]
fn a_wrong_key_is_the_providers_to_refuse() {
    let providers = Providers::start(&[], None);
    let mut setup = setup(TELLING, &format!("ws://{}", providers.address));
    setup.world.secrets = [("OPENAI_API_KEY".to_owned(), "another-key-99".to_owned())].into();
    assert_eq!(logs(&live(&setup)), ["resolved", "error invalid_api_key", "closed 3000 true"]);
}

#[test]
fn one_call_never_disturbs_another() {
    // Of six calls side by side the second loses its provider.
    let providers = Providers::start(&["openai@session.created#2=drop"], None);
    let mut setup = setup(TELLING, &format!("ws://{}", providers.address));
    let caller = CallerPlan { hangup_after_ms: Some(1_200), stays: true, ..CallerPlan::silent() };
    setup.world.callers = vec![caller; 6];
    let result = live(&setup);
    assert_eq!(result.run.sessions.len(), 6);
    let logs = logs(&result);
    assert_eq!(logs.iter().filter(|log| *log == "created").count(), 5, "{logs:?}");
    assert_eq!(logs.iter().filter(|log| log.starts_with("closed 1006")).count(), 1, "{logs:?}");
    let ended = result.run.sessions.iter().filter(|session| session.ended_ms >= 1_200).count();
    assert_eq!(ended, 5);
    let numbers: Vec<u64> = result.run.entries.iter().map(|entry| entry.seq).collect();
    assert!(numbers.is_sorted() && numbers.len() > 20, "the journal is one");
}

#[test]
fn the_operator_ends_every_call_in_order() {
    let providers = Providers::start(&[], None);
    let mut setup = setup(TELLING, &format!("ws://{}", providers.address));
    setup.world.callers = vec![CallerPlan { stays: true, ..CallerPlan::silent() }; 3];
    let ending = Ending::default();
    let asked = ending.clone();
    std::thread::spawn(move || {
        WallClock::start().wait_until(Time::from_ms(600));
        asked.ask();
    });
    let result = run(&setup, &ending, |_| true, &mut |_| ()).unwrap();
    for session in &result.run.sessions {
        assert_eq!(session.report.finish_reason.as_deref(), Some("Terminated administratively"));
        assert!((500..3_000).contains(&session.ended_ms), "{}", session.ended_ms);
    }
    assert_eq!(result.run.sessions.len(), 3);
}

#[test]
fn a_slow_script_holds_up_no_sound() {
    // The callback of the busy call keeps its thread for a while; the greeting of the other is on time all the same.
    let providers = Providers::start(&[], None);
    let busy = TELLING.replace(
        "Logger.write('created')",
        "{ let x = 0; for (let i = 0; i < 200000; i++) x += i; Logger.write('created') }",
    );
    let mut setup = setup(&busy, &format!("ws://{}", providers.address));
    setup.world.callers = vec![
        CallerPlan {
            steps: vec![Step::Wait(1_000)],
            hangup_after_ms: Some(1_500),
            ..CallerPlan::silent()
        };
        2
    ];
    let result = live(&setup);
    assert_eq!(logs(&result).iter().filter(|log| *log == "created").count(), 2);
    assert!(result.punctuality.quantile_ms(0.5) <= 15, "{:?}", result.punctuality);
}

#[test]
fn quantiles_count_from_the_quick_end() {
    let mut punctuality = Punctuality::default();
    for late_ms in [0, 0, 0, 1, 7, 500] {
        punctuality.note(late_ms);
    }
    assert_eq!(punctuality.quantile_ms(0.5), 1);
    assert_eq!(punctuality.quantile_ms(0.66), 2);
    assert_eq!(punctuality.quantile_ms(0.8), 8);
    assert_eq!(punctuality.quantile_ms(1.0), 101);
    assert_eq!(Punctuality::default().quantile_ms(0.9), 0);
}
