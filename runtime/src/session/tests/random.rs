//! Whatever a script and the world do, in any order: nothing panics, nothing loops, time goes on, and the end comes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use voxrun_audio::{Frame, Rate};
use voxrun_bindings::contract::Turn;
use voxrun_bindings::contract::{CallAsk, Dictionary, MediaAsk, TimerAsk};
use voxrun_bindings::contract::{CallFacts, CallbackId, Command, RecordOptions, UnitId};
use voxrun_bindings::wire::{SocketInput, WireFrame};

use super::rig::{Rig, open, script_error, tell};
use crate::session::{Input, LegInput, SessionSetup};

fn unit() -> impl Strategy<Value = UnitId> {
    prop_oneof![
        Just(UnitId(1)),
        Just(UnitId(2)),
        Just(UnitId(70_000)),
        Just(UnitId(70_001)),
        Just(UnitId(70_002)),
        Just(UnitId(u32::MAX))
    ]
}

fn call_command() -> impl Strategy<Value = Command> {
    (unit(), 0..9u8, any::<bool>(), 0..1000u16).prop_map(|(call, which, on, code)| match which {
        0 | 1 => Command::Call { call, ask: CallAsk::Answer { headers: Vec::new() } },
        2 => Command::Call { call, ask: CallAsk::Reject { code, headers: Vec::new() } },
        3 => Command::Call { call, ask: CallAsk::Hangup { headers: Vec::new() } },
        4 => Command::Call { call, ask: CallAsk::Ring { headers: Vec::new() } },
        5 => Command::Call { call, ask: CallAsk::StartEarlyMedia { headers: Vec::new() } },
        6 => Command::Call { call, ask: CallAsk::HandleTones { on } },
        7 => Command::Call { call, ask: CallAsk::SendDigits { digits: format!("{code}pé#") } },
        _ => Command::Call {
            call,
            ask: CallAsk::Record { options: RecordOptions { lossless: on, ..RecordOptions::default() } },
        },
    })
}

fn media_command() -> impl Strategy<Value = Command> {
    (unit(), unit(), 0..9u8, any::<bool>()).prop_map(|(a, b, which, on)| match which {
        0 | 1 => Command::Media(MediaAsk::Send { from: a, to: b, with: Dictionary::new() }),
        2 => Command::Media(MediaAsk::Stop { from: a, to: b }),
        3 | 4 => Command::Media(MediaAsk::SendBetween { a, b }),
        5 => Command::Media(MediaAsk::StopBetween { a, b }),
        6 => Command::Media(MediaAsk::Clear { unit: a }),
        7 => Command::Media(MediaAsk::Pause { unit: a, paused: on }),
        _ => Command::Close { unit: a, stop: on },
    })
}

fn command() -> impl Strategy<Value = Command> {
    let told = prop_oneof![Just("audio"), Just("hears"), Just("wake"), Just("close"), Just("other")];
    let number = prop_oneof![Just(0), Just(8_000), Just(24_000), 0..3_000u64];
    prop_oneof![
        3 => call_command(),
        5 => media_command(),
        2 => (unit(), told, number, 0..30_000u64)
            .prop_map(|(unit, method, first, second)| tell(unit, method, &[first, second])),
        2 => unit().prop_filter("a unit of the script", |unit| unit.0 > 65_536).prop_map(open),
        2 => (0..4u32, 0..400u64, any::<bool>()).prop_map(|(id, after_ms, repeat)| Command::Timer { timer: CallbackId(id), ask: TimerAsk::Set { after_ms,
            repeat } }),
        1 => (0..4u32).prop_map(|id| Command::Timer { timer: CallbackId(id), ask: TimerAsk::Clear }),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    let frame = (0..4usize, any::<i16>()).prop_map(|(rate, value)| {
        let rate = Rate::ALL[rate];
        Frame::from_samples(rate, &vec![value; rate.frame_samples()])
    });
    let leg = prop_oneof![
        6 => frame.prop_map(LegInput::Audio),
        2 => any::<char>().prop_map(LegInput::Digit),
        1 => Just(()).prop_map(|()| LegInput::HangUp { headers: Vec::new() }),
    ];
    let socket = (0..5u8).prop_map(|which| match which {
        0 => SocketInput::Opened,
        1 => SocketInput::Refused { status: 401, body: String::new() },
        2 => SocketInput::Failed { reason: String::new() },
        3 => SocketInput::Frame(WireFrame::Binary(vec![1])),
        _ => SocketInput::Closed { code: 1006, reason: String::new(), clean: false },
    });
    prop_oneof![
        6 => (unit(), leg).prop_map(|(call, input)| Input::Leg { call, input }),
        3 => (unit(), socket).prop_map(|(unit, input)| Input::Socket { unit, input }),
        1 => Just(()).prop_map(|()| Input::IncomingCall(CallFacts::default())),
        1 => Just(()).prop_map(|()| Input::Deadline),
        1 => Just(()).prop_map(|()| Input::Script(Turn::default())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_session_comes_to_its_end(
        turns in prop::collection::vec(prop::collection::vec(command(), 0..6), 1..30),
        inputs in prop::collection::vec((0..700u64, input()), 0..40),
        ending in 0..3u8,
    ) {
        let mut left = turns.into_iter();
        let mut opened = BTreeSet::new();
        let script = move |_: &_| match left.next() {
            Some(mut commands) => {
                commands.retain(|command| !matches!(command, Command::Open { unit, .. } if !opened.insert(*unit)));
                Turn { commands, ..Turn::default() }
            }
            None => Turn { commands: Vec::new(), error: (ending == 0).then(script_error), ..Turn::default() },
        };
        let mut rig = Rig::with(SessionSetup::default(), Vec::new(), script);
        let mut ms = 0;
        for (after, input) in inputs {
            ms += after;
            rig.give(ms, input);
        }
        if ending == 1 {
            rig.give(ms, Input::Shutdown);
        }
        // The longest way to the end: a call that talks on is hung up by the operator.
        rig.run_to(ms + 1_000);
        rig.give(ms + 1_000, Input::Shutdown);
        prop_assert!(rig.done);
        let report = rig.session.report();
        prop_assert!(report.finish_reason.is_some());
        prop_assert!(report.calls.iter().all(|call| call.ended_ms.is_some()));
        let names = rig.names();
        prop_assert_eq!(&names[names.len() - 2..], ["Application.Terminating", "Application.Terminated"]);
        prop_assert!(rig.entries.windows(2).all(|pair| pair[0].t_us <= pair[1].t_us && pair[0].seq < pair[1].seq));
    }
}
