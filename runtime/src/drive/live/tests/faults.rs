//! Every way in which a provider can fail a live call, over real sockets: what the script hears is what it hears in
//! virtual time, or what the platform tells of a connection that was lost.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::*;

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
    let refusing = |status: &str| Providers::start(&[&format!("openai@connect=status:{status}")], None);
    let statuses = ["401", "403", "429", "500", "503"].map(|status| (refusing(status), status));
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let html = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let (identity, _) = Identity::made_for(&["localhost".into(), "127.0.0.1".into()]).unwrap();
    let untrusted = Providers::start(&[], Some(identity));
    let mut table = vec![
        (format!("ws://{refused}"), "refused"),
        ("ws://no-such-host.invalid".to_owned(), ""),
        (stranger(Some(html)), "502"),
        (stranger(Some(b"\x00\xff garbage\r\n\r\n")), ""),
        (stranger(Some(b"")), ""),
        (format!("wss://{}", untrusted.address), "TLS"),
        (stranger(None), "no answer in time"),
    ];
    table.extend(statuses.iter().map(|(server, status)| (format!("ws://{}", server.address), *status)));
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
            assert_eq!(report.finish_reason, Some(FinishReason::Normal), "{address}");
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

/// Accepts an upgrade.
fn upgrade(stream: &mut TcpStream) {
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
}

/// A server that accepts every upgrade, says these bytes one by one or at once, and stays.
fn rogue(bytes: Vec<u8>, drip: Option<Duration>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                upgrade(&mut stream);
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
            let told = result.run.entries.iter().filter_map(|entry| entry.data["text"].as_str());
            let why = told.filter(|text| text.starts_with("the connection is lost: ")).count();
            assert_eq!(why, usize::from(expected == lost), "{what}: its author is told why");
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
fn a_script_reads_the_same_words_as_in_virtual_time() {
    for action in ["drop", "garbage", "status:401", "status:503"] {
        let fault = format!("openai@connect={action}");
        let providers = Providers::start(&[&fault], None);
        let setup = setup(TELLING, &format!("ws://{}", providers.address));
        let mut world = setup.world.clone();
        world.faults = vec![Fault::parse(&fault, &["openai"]).unwrap()];
        let offline = on_world_thread(|| World::new(world).unwrap().run(|_| ())).unwrap();
        let offline = LiveResult { run: offline, punctuality: Punctuality::default() };
        let live = logs(&live(&setup));
        assert_eq!(live, logs(&offline), "{action}");
        assert!(live[0].starts_with("rejected "), "{live:?}");
    }
}

#[test]
fn every_close_code_reaches_the_script() {
    // 1004, 1005, 1006 and 1015 never stand in a close frame (RFC 6455, 7.4.1), and 1016 to 2999 are nobody's: a server
    // that sends one breaks the protocol, and is lost. 1014 came later, and the library takes it for one of those.
    let codes = (1000_u16..=1016).chain([2999, 3000, 3999, 4000, 4999, 999, 5000]);
    let expected = |code: u16| match code {
        1004..=1006 | 1014..=2999 | ..=999 | 5000.. => "closed 1006 false".to_owned(),
        _ => format!("closed {code} true"),
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = codes
            .map(|code| {
                let [high, low] = code.to_be_bytes();
                let setup = setup(TELLING, &rogue(vec![0x88, 2, high, low], None));
                scope.spawn(move || (live(&setup), expected(code), code))
            })
            .collect();
        for run in runs {
            let (result, expected, code) = run.join().unwrap();
            assert_eq!(logs(&result), ["resolved".to_owned(), expected], "{code}");
        }
    });
    // A close frame without a code is 1005.
    let empty = setup(TELLING, &rogue(vec![0x88, 0], None));
    assert_eq!(logs(&live(&empty)), ["resolved", "closed 1005 true"]);
}

#[test]
fn a_provider_that_never_greets_is_lost_after_ten_seconds() {
    let mut setup = setup(TELLING, &rogue(Vec::new(), None));
    setup.world.callers = vec![CallerPlan { stays: true, ..CallerPlan::silent() }];
    let result = live(&setup);
    assert_eq!(logs(&result), ["resolved", "closed 1006 false"]);
    let ended_ms = result.run.sessions[0].ended_ms;
    assert!((10_000..12_000).contains(&ended_ms), "{ended_ms}");
    let relied = &result.run.sessions[0].report.policies;
    assert!(relied.contains(&"F-108".to_owned()), "{relied:?}");
}

/// What the script heard of each unit and said to it, in order; how the two mingle is a matter of microseconds, and the
/// answer to the last close may come before the end or not.
fn script_life(run: &RunResult) -> BTreeMap<String, Vec<String>> {
    let mut life: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in &run.entries {
        let kept =
            matches!(entry.kind, EntryKind::Event | EntryKind::Command | EntryKind::Log | EntryKind::Error);
        if kept && entry.name != "WebSocket.Close" {
            life.entry(format!("{:?} of {}", entry.kind, entry.unit)).or_default().push(entry.name.clone());
        }
    }
    life
}

/// In the middle of the conversation, with sound both ways: each fault means over sockets what it means in virtual time.
#[test]
fn a_fault_in_mid_call_means_what_it_means_in_virtual_time() {
    let faults = [
        "inworld@audioChunk#3=drop",
        "inworld@audioChunk#3=close:1011",
        "inworld@audioChunk=garbage",
        "inworld@connect=status:500",
        "openai@response.output_text.delta#3=drop",
        "openai@response.output_text.delta#3=close:4000",
        "openai@response.created#1=garbage",
        "openai@connect=status:401",
        "openai@connect=refuse",
    ];
    std::thread::scope(|scope| {
        let runs: Vec<_> = faults
            .into_iter()
            .map(|fault| {
                scope.spawn(move || {
                    // As far away as in virtual time, so that a call is answered before its provider is asked.
                    let far: Fields =
                        [("connect_ms".to_owned(), 120.into()), ("network_ms".to_owned(), 20.into())]
                            .into_iter()
                            .collect();
                    let far = ["openai", "inworld"].map(|name| (name.to_owned(), far.clone()));
                    let providers = Providers::with(&[fault], None, far.into());
                    let setup = setup(INWORLD, &format!("ws://{}", providers.address));
                    let mut world = setup.world.clone();
                    world.faults = vec![Fault::parse(fault, &["openai", "inworld"]).unwrap()];
                    let offline = on_world_thread(|| World::new(world).unwrap().run(|_| ())).unwrap();
                    (fault, live(&setup).run, offline)
                })
            })
            .collect();
        for run in runs {
            let (fault, live, offline) = run.join().unwrap();
            assert_eq!(script_life(&live), script_life(&offline), "{fault}");
            assert_eq!(words(&live), words(&offline), "{fault}");
            let reasons = [&live, &offline].map(|run| run.sessions[0].report.finish_reason.unwrap());
            assert_eq!(reasons[0], reasons[1], "{fault}");
        }
    });
}

/// A server that accepts every upgrade, greets, and reads nothing afterwards. `then` is given each connection and its
/// number.
fn greeter(then: impl Fn(usize, &TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            upgrade(&mut stream);
            let created = r#"{"type":"session.created","event_id":"e","session":{"type":"realtime"}}"#;
            let _ = stream.write_all(&frame(created));
            then(held.len(), &stream);
            held.push(stream);
        }
    });
    format!("ws://{address}")
}

#[test]
fn a_provider_that_takes_nothing_is_lost() {
    let talkative = TELLING.replace(
        "Logger.write('created')",
        "{ Logger.write('created'); const text = 'x'.repeat(20000); for (let i = 0; i < 900; i++) client.conversationItemCreate({ \
         item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } }); }",
    );
    let result = live(&setup(&talkative, &greeter(|_, _| ())));
    assert_eq!(logs(&result), ["resolved", "created", "closed 1006 false"]);
    assert!(result.run.entries.iter().any(|entry| entry.data["policy"] == "F-107"));
    let unsent =
        result.run.sessions[0].report.limits.iter().find(|used| used.name == "unsent_bytes").unwrap();
    assert!(unsent.peak > unsent.limit, "{unsent:?}");
}

#[test]
fn a_provider_that_never_stops_talking_disturbs_no_other_call() {
    let flood = greeter(|number, stream| {
        if number == 0 {
            let mut own = stream.try_clone().unwrap();
            let words =
                frame(r#"{"type":"rate_limits.updated","event_id":"e","rate_limits":[]}"#).repeat(100);
            std::thread::spawn(move || while own.write_all(&words).is_ok() {});
        }
    });
    let mut setup = setup(TELLING, &flood);
    let caller = CallerPlan { hangup_after_ms: Some(1_500), stays: true, ..CallerPlan::silent() };
    setup.world.callers = vec![caller; 5];
    let keep: fn(&Entry) -> bool = |entry| entry.kind == EntryKind::Log;
    let result = run(&setup, &Ending::default(), keep, &mut |_| ()).unwrap();
    assert_eq!(logs(&result).iter().filter(|log| *log == "created").count(), 5);
    for session in &result.run.sessions {
        assert_eq!(session.report.finish_reason, Some(FinishReason::Normal));
        let ended_ms = session.ended_ms;
        assert!((1_500..2_500).contains(&ended_ms), "call {}: {ended_ms}", session.number);
    }
    assert!(result.punctuality.quantile_ms(0.99) <= 40, "{:?}", result.punctuality.late_ms);
}

#[test]
fn messages_of_several_megabytes_are_sent() {
    let large = TELLING.replace(
        "Logger.write('created')",
        "{ for (let i = 0; i < 4; i++) client.conversationItemCreate({ item: { type: 'message', role: 'user', content: [{ \
         type: 'input_text', text: 'x'.repeat(3000000) }] } }) }",
    );
    let large = large.replace(
        "VoxEngine.sendMediaBetween(call, client);",
        "client.addEventListener(OpenAI.RealtimeAPIEvents.ConversationItemAdded, () => { Logger.write('added'); if (++added === 4) VoxEngine.terminate(); }); let added = 0;",
    );
    let providers = Providers::start(&[], None);
    assert_eq!(
        logs(&live(&setup(&large, &format!("ws://{}", providers.address)))),
        ["resolved", "added", "added", "added", "added"]
    );
}
