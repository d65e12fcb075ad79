//! Realtime players as scripts meet them: what their methods command, and what their events hold.

use serde_json::json;

use crate::contract::{
    Command, Datum, Dictionary, HostEvent, MediaAsk, On, ScenarioFile, Setup, Time, Turn, UnitId,
};
use crate::engine::Engine;

const PLAYER: UnitId = UnitId(UnitId::FIRST_OF_SCRIPT);

/// Runs a script on a thread with the stack that the engine asks for, then raises these events of the player.
fn run(text: &'static str, events: &'static [&'static str]) -> Vec<Turn> {
    let run = move || {
        let scenarios = vec![ScenarioFile::new("s.js", text)];
        let mut engine =
            Engine::new(Setup { scenarios, ..Setup::default() }, &crate::language()).expect("an engine");
        let mut turns = vec![engine.start(Time::ZERO)];
        for name in events {
            let fields = Dictionary::from_iter([("error", Datum::from("why"))]);
            let event = HostEvent::Raise { on: On::Unit(PLAYER), name: (*name).to_owned(), fields };
            turns.push(engine.deliver(Time::ZERO, event));
        }
        turns
    };
    std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread").join().expect("no panic")
}

fn commands(text: &'static str) -> Vec<Command> {
    let mut turn = run(text, &[]).remove(0);
    assert_eq!(turn.error, None, "{text}");
    turn.commands.retain(|command| !matches!(command, Command::ModuleLoaded { .. }));
    turn.commands
}

fn open(kind: &str, params: serde_json::Value) -> Command {
    let Datum::List(params) = params.into() else { panic!("an array") };
    Command::Open { unit: PLAYER, kind: kind.to_owned(), request: None, params }
}

fn tell(method: &str, param: serde_json::Value) -> Command {
    Command::Tell { unit: PLAYER, method: method.to_owned(), params: vec![param.into()] }
}

#[test]
fn an_inworld_player_is_made_at_once_and_takes_messages() {
    let all = commands(
        "require(Modules.Inworld);
        const player = Inworld.createRealtimeTTSPlayer({ createContextParameters: { create: { voiceId: 'Ashley' } } });
        player.send({ send_text: { text: 'hi' } });
        player.clearBuffer(); player.pause(); player.resume(); player.stop();",
    );
    let unit = PLAYER;
    let expected = [
        open("inworld", json!([{ "createContextParameters": { "create": { "voiceId": "Ashley" } } }])),
        tell("send", json!({ "send_text": { "text": "hi" } })),
        Command::Media(MediaAsk::Clear { unit }),
        Command::Media(MediaAsk::Pause { unit, paused: true }),
        Command::Media(MediaAsk::Pause { unit, paused: false }),
        Command::Close { unit, stop: true },
    ];
    assert_eq!(all, expected);
}

#[test]
fn a_cartesia_player_takes_text_requests_and_cancellations() {
    let all = commands(
        "require(Modules.Cartesia);
        const player = Cartesia.createRealtimeTTSPlayer('hi', { generationRequestParameters: { model_id: 'sonic-2' } });
        player.generationRequest({ transcript: 'more', context_id: 'c', voice: undefined });
        player.cancelContextRequest({ context_id: 'c', cancel: true });",
    );
    let expected = [
        open("cartesia", json!(["hi", { "generationRequestParameters": { "model_id": "sonic-2" } }])),
        tell("generationRequest", json!({ "transcript": "more", "context_id": "c" })),
        tell("cancelContextRequest", json!({ "context_id": "c", "cancel": true })),
    ];
    assert_eq!(all, expected);
}

#[test]
fn events_hold_the_player_itself_and_can_be_written_as_json() {
    let turns = run(
        "require(Modules.Cartesia);
        const player = Cartesia.createRealtimeTTSPlayer('hi', {});
        player.addEventListener(PlayerEvents.Error, (event) => {
            Logger.write(String(event.player === player) + player.id().length + JSON.stringify(event));
        });",
        &["Player.Error"],
    );
    let Command::Log { text, .. } = &turns[1].commands[0] else { panic!("{:?}", turns[1]) };
    assert!(text.starts_with("true43{\"name\":\"Player.Error\",\"player\":"), "{text}");
    assert!(text.ends_with("\"error\":\"why\"}"), "{text}");
}

#[test]
fn other_factories_of_the_namespaces_are_planned_and_modules_are_asked_for() {
    for (text, message) in [
        (
            "require(Modules.Inworld); Inworld.createRealtimeAPIClient({})",
            "Inworld.createRealtimeAPIClient is not built",
        ),
        (
            "require(Modules.Cartesia); Cartesia.createAgentsClient({})",
            "Cartesia.createAgentsClient is not built",
        ),
        ("Inworld.createRealtimeTTSPlayer({})", "require(Modules.Inworld)"),
        ("Cartesia.createRealtimeTTSPlayer('x')", "require(Modules.Cartesia)"),
    ] {
        let error = run(text, &[]).remove(0).error.expect("an error");
        assert!(error.message.contains(message), "{}", error.message);
    }
}

#[test]
fn the_eleventh_player_is_refused_and_a_stopped_one_makes_room() {
    let text = "require(Modules.Inworld); const players = [];
        for (let n = 0; n < 11; n++) players.push(Inworld.createRealtimeTTSPlayer({}));
        players[3].stop(); Inworld.createRealtimeTTSPlayer({});";
    let turn = run(text, &[]).remove(0);
    assert_eq!(turn.error, None);
    let opened = turn.commands.iter().filter(|command| matches!(command, Command::Open { .. })).count();
    let refused = turn.commands.iter().filter(|command| matches!(command, Command::Refuse { .. })).count();
    assert_eq!((opened, refused), (11, 1));
}
