//! Requests of a scenario over real sockets: what comes, what is sent on, what fails and how. The server is a few lines of
//! its own, so that no library talks to itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::drive::allowed::AllowedHosts;

/// Serves one request a connection until the test ends; tells its address.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    let _ = reader.read_line(&mut line);
    let mut length = 0;
    let mut agent = String::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) <= 2 {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "user-agent" => agent = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let reply = match path.as_str() {
        "/moved" => "HTTP/1.1 302 Found\r\nLocation: /here\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            .to_owned(),
        "/round" => {
            "HTTP/1.1 302 Found\r\nLocation: /round\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                .to_owned()
        }
        "/large" => format!("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n{}", "x".repeat(3_000_000)),
        "/cut" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_owned(),
        "/hangs" => {
            std::thread::park_timeout(Duration::from_secs(5));
            String::new()
        }
        _ => {
            let text = format!("{} {agent} {}", line.trim(), String::from_utf8_lossy(&body));
            let head = format!("HTTP/1.1 201 Created\r\nX-Order: 42\r\nContent-Length: {}\r\n", text.len());
            format!("{head}Content-Type: text/plain\r\n\r\n{text}")
        }
    };
    let _ = stream.write_all(reply.as_bytes());
}

#[test]
fn requests_over_real_sockets_tell_what_came_of_them() {
    let address = server();
    let text = format!(
        "const ask = async (url, options) => {{
            const {{ code, text }} = await Net.httpRequestAsync(url, options);
            Logger.write(`${{code}} ${{(text || '').slice(0, 60)}}`);
        }};
        VoxEngine.addEventListener(AppEvents.Started, async () => {{
            await ask('{address}/order?a=1', {{ method: 'POST', postData: 'tea' }});
            await ask('{address}/moved');
            await ask('{address}/round');
            await ask('{address}/large');
            await ask('{address}/cut');
            await ask('{address}/hangs', {{ timeout: 0.3 }});
            await ask('http://127.0.0.1:1/');
            VoxEngine.terminate();
        }});"
    );
    let mut setup = setup(&text, "ws://127.0.0.1:1");
    setup.world.api_start = true;
    let result = live(&setup);
    assert_eq!(
        logs(&result),
        [
            "201 POST /order?a=1 HTTP/1.1 VoxEngine/1.0 tea",
            "201 GET /here HTTP/1.1 VoxEngine/1.0 ",
            "-5 ",
            "-9 ",
            "-6 ",
            "-7 ",
            "-4 ",
        ]
    );
}

#[test]
fn sessions_that_start_without_a_call_place_theirs_side_by_side() {
    let text = "VoxEngine.addEventListener(AppEvents.Started, () => {
        const call = VoxEngine.callPSTN('15550000042', '15550000001');
        call.addEventListener(CallEvents.Connected, () => call.say('hello'));
        call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
        call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    });";
    let mut setup = setup(text, "ws://127.0.0.1:1");
    setup.world.api_start = true;
    setup.world.callers = vec![CallerPlan::default(); 3];
    setup.world.callees.add("*=answer-after:100ms:yes").unwrap();
    let result = live(&setup);
    assert_eq!(result.run.sessions.len(), 3);
    for session in &result.run.sessions {
        let call = &session.report.calls[0];
        assert!(!call.is_incoming() && call.answered_ms.is_some(), "{call:?}");
        assert_eq!(session.conversation[0].text, "hello");
    }
}

#[test]
fn a_run_in_virtual_time_asks_only_the_hosts_that_are_let_through() {
    let address = server();
    let text = format!(
        "const ask = async (url) => Logger.write(`${{(await Net.httpRequestAsync(url)).code}}`);
        VoxEngine.addEventListener(AppEvents.Started, async () => {{
            await ask('{address}/here');
            await ask('{address}/moved');
            await ask('{address}/round');
            await ask('http://127.0.0.1:1/');
            VoxEngine.terminate();
        }});"
    );
    let mut world = setup(&text, "ws://127.0.0.1:1").world;
    world.api_start = true;
    let tls = crate::drive::tls::Trust::default().client_config().unwrap();
    let hosts = [address.trim_start_matches("http://").to_owned()];
    world.network = Some(Arc::new(AllowedHosts::new(&hosts, tls).unwrap()));
    let run = on_world_thread(|| World::new(world).unwrap().run(|_| ())).unwrap();
    assert_eq!(run.sessions[0].report.finish_reason, Some(FinishReason::Normal));
    assert_eq!(logs_of(&run), ["201", "201", "-5", "-4"]);
}
