//! Providers' units: promises, sockets, limits, failures.

use serde_json::json;
use voxrun_bindings::contract::MediaAsk;
use voxrun_bindings::contract::{Command, RequestId, UnitId};
use voxrun_bindings::wire::{SocketInput, WireFrame};

use super::rig::{CALL, CLIENT, PLAYER, Rig, answer, open, send, tell};
use crate::journal::EntryKind;
use crate::session::FinishReason;

const ALERTING: &str = "Application.CallAlerting";

fn opening(then: Vec<Command>) -> Rig {
    Rig::new(move |event| match event {
        ALERTING => [vec![answer(), open(CLIENT)], then.clone()].concat(),
        _ => Vec::new(),
    })
}

#[test]
fn a_promise_is_settled_when_the_socket_opens() {
    let mut rig = opening(Vec::new());
    assert_eq!(rig.far[1], (0, "connect".to_owned()));
    rig.socket(150, SocketInput::Opened);
    rig.socket(200, SocketInput::Frame(WireFrame::Text("{}".into())));
    rig.socket(300, SocketInput::Closed { code: 1006, reason: String::new(), clean: false });
    assert_eq!(rig.events()[5..], [(150, "settle"), (300, "Puppet.Closed")]);
    assert_eq!(rig.told[5].2["settle"]["outcome"], json!({ "done": { "unit": CLIENT.0 } }));
    assert_eq!(rig.lines(EntryKind::WireIn), ["puppet#1 opened", "puppet#1 frame", "puppet#1 closed"]);
    assert_eq!(rig.lines(EntryKind::WireOut), ["puppet#1 connect"]);
}

#[test]
fn a_refused_or_failed_connection_rejects_it() {
    let mut rig = opening(Vec::new());
    rig.socket(150, SocketInput::Refused { status: 401, body: "no".to_owned() });
    assert_eq!(rig.told[5].2["settle"]["outcome"]["failed"]["text"], json!("401"));
    let mut rig = opening(Vec::new());
    rig.socket(150, SocketInput::Failed { reason: "no route".to_owned() });
    assert_eq!(rig.told[5].2["settle"]["outcome"]["failed"]["text"], json!("no route"));
}

#[test]
fn keys_are_not_written() {
    let rig = opening(Vec::new());
    let text = serde_json::to_string(&rig.entries).unwrap();
    assert!(text.contains("******"));
    assert!(!text.contains("secret"), "neither of the arguments nor of the address");
}

#[test]
fn an_unknown_kind_is_refused() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![
            Command::Open {
                unit: CLIENT,
                kind: "none".to_owned(),
                request: Some(RequestId(4)),
                params: Vec::new(),
            },
            Command::Open { unit: PLAYER, kind: "none".to_owned(), request: None, params: Vec::new() },
        ],
        _ => Vec::new(),
    });
    rig.run_to(10);
    assert_eq!(rig.names()[2..], ["settle"], "who waits for it hears it");
    assert_eq!(rig.lines(EntryKind::Error), ["open", "open"], "and the author in any case");
}

#[test]
fn what_the_script_plane_refuses_is_told_by_its_own_machine() {
    let mut rig = Rig::new(|event| match event {
        ALERTING => vec![Command::Refuse { unit: PLAYER, kind: "puppet".to_owned(), request: None }],
        _ => Vec::new(),
    });
    rig.run_to(10);
    assert_eq!(rig.names()[2..], ["Puppet.Refused"]);
    assert_eq!(rig.far, [], "nothing is opened");
    assert_eq!(rig.session.report().policies, ["F-038"]);
}

#[test]
fn a_closed_unit_plays_and_sends_nothing_more_but_hears_its_close() {
    let mut rig = opening(vec![
        send(CLIENT, CALL),
        tell(CLIENT, "audio", &[1_000, 500]),
        Command::Close { unit: CLIENT, stop: false },
        Command::Close { unit: CLIENT, stop: false },
        tell(CLIENT, "audio", &[1_000, 500]),
    ]);
    rig.socket(100, SocketInput::Closed { code: 1000, reason: String::new(), clean: true });
    assert_eq!(rig.ear, []);
    assert_eq!(rig.far[2..], [(0, "close 1000".to_owned())]);
    assert_eq!(rig.names().last(), Some(&"Puppet.Closed"));
    assert_eq!(rig.lines(EntryKind::Note), ["puppet#1 note"]);
}

#[test]
fn a_socket_that_is_gone_is_not_closed_again() {
    let mut rig = opening(Vec::new());
    rig.socket(10, SocketInput::Closed { code: 1006, reason: String::new(), clean: false });
    rig.give(20, crate::session::Input::Shutdown);
    assert!(!rig.far.iter().any(|(_, word)| word.starts_with("close")), "{:?}", rig.far);
}

#[test]
fn a_connectors_deadline_wakes_it() {
    let mut rig = opening(vec![tell(CLIENT, "wake", &[333])]);
    rig.run_to(1_000);
    assert_eq!(rig.events().last(), Some(&(333, "Puppet.Woke")));
}

#[test]
fn commands_for_units_that_are_not_there_are_remarks() {
    let nobody = UnitId(99_999);
    let rig = Rig::new(move |event| match event {
        ALERTING => vec![
            tell(nobody, "x", &[]),
            send(CALL, nobody),
            send(CALL, CALL),
            Command::Media(MediaAsk::Stop { from: nobody, to: CALL }),
            Command::Media(MediaAsk::Clear { unit: nobody }),
            Command::Media(MediaAsk::Pause { unit: nobody, paused: true }),
            Command::Close { unit: nobody, stop: true },
        ],
        _ => Vec::new(),
    });
    assert_eq!(rig.lines(EntryKind::Note).len(), 4);
    assert!(!rig.done);
}

#[test]
fn a_connector_that_panics_or_never_stops_ends_its_session_only() {
    for method in ["panic", "babble"] {
        let rig = opening(vec![tell(CLIENT, method, &[])]);
        assert!(rig.done, "{method}");
        assert_eq!(rig.session.report().finish_reason, Some(FinishReason::Internal));
        assert_eq!(rig.lines(EntryKind::Error), ["connector"]);
        assert_eq!(rig.far.last(), Some(&(0, "HungUp".to_owned())));
    }
}

#[test]
fn a_full_playout_queue_drops_and_says_so() {
    let rig = opening(vec![tell(CLIENT, "audio", &[599_000, 1]), tell(CLIENT, "audio", &[2_000, 1])]);
    assert_eq!(rig.session.report().playout_dropped_ms, 1_000);
    assert!(rig.session.report().policies.contains(&"F-039".to_owned()));
}

#[test]
fn a_provider_that_never_greets_is_given_up() {
    let mut rig = opening(Vec::new());
    rig.socket(150, SocketInput::Opened);
    rig.run_to(10_149);
    assert!(!rig.lines(EntryKind::WireIn).contains(&"puppet#1 closed".to_owned()));
    rig.run_through(10_150);
    assert_eq!(rig.lines(EntryKind::WireOut), ["puppet#1 connect", "puppet#1 close"]);
    assert_eq!(rig.lines(EntryKind::WireIn), ["puppet#1 opened", "puppet#1 closed"]);
    assert!(rig.events().contains(&(10_150, "Puppet.Closed")));
    // What still comes is nothing to the script any more.
    rig.socket(10_200, SocketInput::Frame(WireFrame::Text("{}".into())));
    rig.socket(10_300, SocketInput::Closed { code: 1001, reason: String::new(), clean: true });
    assert_eq!(rig.lines(EntryKind::WireIn), ["puppet#1 opened", "puppet#1 closed"]);
    assert_eq!(rig.events().iter().filter(|(_, name)| *name == "Puppet.Closed").count(), 1);
}

#[test]
fn a_provider_that_has_greeted_may_be_silent() {
    let mut rig = opening(Vec::new());
    rig.socket(150, SocketInput::Opened);
    rig.socket(10_100, SocketInput::Frame(WireFrame::Text("{}".into())));
    rig.run_to(40_000);
    assert_eq!(rig.lines(EntryKind::WireIn), ["puppet#1 opened", "puppet#1 frame"]);
}
