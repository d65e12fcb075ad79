//! Live calls against the emulators' server of the same machine, over real sockets: the same conversation as in virtual
//! time, and calls that do not disturb each other.

mod faults;
mod http;
mod meeting;

use std::collections::BTreeMap;
use std::thread::JoinHandle;

use voxrun_bindings::connection::Fault;
use voxrun_bindings::contract::Fields;
use voxrun_bindings::contract::ScenarioFile;
use voxrun_bindings::contract::Time;

use super::*;
use crate::drive::emulate::{Address, Server, ServerSetup, Stopper};
use crate::drive::pace::WallClock;
use crate::drive::tls::Identity;
use crate::journal::EntryKind;
use crate::session::{FinishReason, ProviderSettings};
use crate::simulate::{CallerPlan, Step, World, on_world_thread};

const INWORLD: &str = include_str!("../../../../../scenarios/voxeengine-openai-half-cascade-inworld.js");
const CARTESIA: &str = include_str!("../../../../../scenarios/voxeengine-openai-half-cascade-cartesia.js");

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
            providers: voxrun_bindings::remotes(),
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
        key_secret: None,
    };
    let providers = ["openai", "inworld", "cartesia"].map(|name| (name.to_owned(), settings.clone()));
    let world = WorldSetup {
        scenarios: vec![ScenarioFile::new("scenario.js", text)],
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
    logs_of(&result.run)
}

fn logs_of(run: &RunResult) -> Vec<String> {
    let logs = run.entries.iter().filter(|entry| entry.kind == EntryKind::Log);
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
        assert_eq!(session.report.finish_reason, Some(FinishReason::Operator));
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
