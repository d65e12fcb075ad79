//! Sessions that meet on the wall clock, whichever worker carries them, and a pool that takes orders while it runs.

use super::*;
use crate::room::Who;
use crate::simulate::{Order, Rule};

/// Takes its caller to a conference.
const JOINS: &str = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    call.addEventListener(CallEvents.Connected, () => {
        const room = VoxEngine.callConference('room7', callerid);
        room.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, room));
        call.addEventListener(CallEvents.Disconnected, () => room.hangup());
        room.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
        room.addEventListener(CallEvents.Failed, (e) => { Logger.write(`failed ${e.code}`); VoxEngine.terminate(); });
    });
    call.answer();
});";

/// The session of the conference.
const CONFERENCE: &str = "require(Modules.Conference);
let conference, parties = 0;
VoxEngine.addEventListener(AppEvents.Started, () => { conference = VoxEngine.createConference(); });
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    parties += 1;
    call.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, conference));
    call.addEventListener(CallEvents.Disconnected, () => { if (--parties === 0) VoxEngine.terminate(); });
    call.answer();
});";

fn file(name: &str, text: &str) -> ScenarioFile {
    ScenarioFile::new(name.to_owned(), text.to_owned())
}

fn says(after_ms: u64, line: &str) -> CallerPlan {
    CallerPlan {
        steps: vec![Step::Wait(after_ms), Step::Say(line.to_owned())],
        hangup_after_ms: Some(5_000),
        greeting_patience_ms: 0,
        ..CallerPlan::silent()
    }
}

#[test]
fn callers_of_two_workers_hear_each_other_in_one_conference() {
    let mut setup = setup(JOINS, "ws://127.0.0.1:1");
    let rule = Rule::new("conference".to_owned(), "room.*", vec![file("conference.js", CONFERENCE)]);
    setup.world.rules = vec![rule.unwrap()];
    setup.world.callers = vec![says(1_000, "anna is here"), says(2_600, "so is bob")];
    let result = live(&setup);
    assert_eq!(result.run.unmade, []);
    assert_eq!(result.run.sessions.len(), 3, "{:?}", logs(&result));
    // A busy machine may lose a frame, and with it a word; what is heard is what the other one said.
    let heard = |index: usize, words: &str| {
        let told = &result.run.sessions[index].conversation;
        let mut of_others = told.iter().filter(|said| said.who == Who::Agent).map(|said| &said.text);
        of_others.any(|text| text.split(' ').any(|word| words.contains(word)))
    };
    assert!(heard(0, "so is bob"), "{:?}", result.run.sessions[0].conversation);
    assert!(heard(1, "anna is here"), "{:?}", result.run.sessions[1].conversation);
    assert_eq!(result.run.sessions[2].report.calls.len(), 2, "both calls reached one session");
}

#[test]
fn a_conference_without_a_rule_is_refused_live_as_in_virtual_time() {
    let mut setup = setup(JOINS, "ws://127.0.0.1:1");
    setup.world.callers = vec![CallerPlan::silent()];
    assert_eq!(logs(&live(&setup)), ["failed 404"]);
}

/// Answers, says which order it is and hangs up.
const TELLS: &str = "VoxEngine.addEventListener(AppEvents.Started, () => {
    Logger.write(`order ${VoxEngine.customData()}`);
    setTimeout(VoxEngine.terminate, 200);
});";

#[test]
fn a_pool_takes_orders_while_it_runs_and_ends_when_it_is_drained() {
    let setup = setup("", "ws://127.0.0.1:1");
    let pool = Pool::open(&setup, 2, &Ending::default()).unwrap();
    let order = |data: &str| Order {
        scenarios: vec![file("tells.js", TELLS)].into(),
        started: setup.world.started.clone(),
        custom_data: data.to_owned(),
        caller: None,
        remarks: Vec::new(),
    };
    let told = |told: FromPool| match told {
        FromPool::Entries(entries) => {
            let logs = entries.into_iter().filter(|entry| entry.kind == EntryKind::Log);
            logs.filter_map(|entry| Some(entry.data["text"].as_str()?.to_owned())).collect()
        }
        FromPool::Ended(result) => vec![format!("ended {}", result.number)],
        _ => Vec::new(),
    };
    assert_eq!(pool.start(Time::ZERO, order("one")), 1);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(told(pool.next().unwrap()));
    }
    // The pool is idle and not drained: it waits for more.
    assert_eq!(pool.start(Time::ZERO, order("two")), 2);
    pool.drain();
    while let Some(next) = pool.next() {
        seen.extend(told(next));
    }
    assert_eq!(seen, ["order one", "ended 1", "order two", "ended 2"]);
}

#[test]
fn a_stopped_pool_hangs_up_and_starts_nothing_more() {
    let mut setup = setup(TELLING, "ws://127.0.0.1:1");
    setup.world.callers = vec![CallerPlan { stays: true, ..CallerPlan::silent() }];
    let pool = Pool::open(&setup, 1, &Ending::default()).unwrap();
    let orders = setup.world.orders();
    pool.start(Time::ZERO, orders[0].clone());
    pool.start(Time::from_ms(600_000), orders[0].clone());
    pool.stop();
    let mut ended = 0;
    while let Some(told) = pool.next() {
        ended += usize::from(matches!(told, FromPool::Ended(_)));
    }
    assert!(ended <= 1, "the one that begins in ten minutes never does");
}
