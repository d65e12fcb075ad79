//! The connector alone: settling, refusals, methods as messages, and the frame path.

use serde_json::{Value, json};
use voxrun_audio::{Frame, Rate};

use crate::contract::{Datum, Time};
use crate::openai::events;
use crate::openai::wire::{silent_append, unit};
use crate::wire::{FromUnit, ToUnit, Unit, UnitSetup, WireFrame};

fn drain(gateway: &mut dyn Unit) -> Vec<FromUnit> {
    std::iter::from_fn(|| gateway.poll()).collect()
}

fn told(gateway: &mut dyn Unit, input: ToUnit<'_>) -> Vec<FromUnit> {
    gateway.handle(Time::from_ms(5), input);
    drain(gateway)
}

fn connecting() -> Box<dyn Unit> {
    let mut gateway = unit(UnitSetup::default());
    let first = told(&mut *gateway, ToUnit::Start { params: &[json!({"apiKey": "sk-abc"}).into()] });
    assert!(matches!(&first[..], [FromUnit::Connect(_)]));
    gateway
}

fn open() -> Box<dyn Unit> {
    let mut gateway = connecting();
    assert_eq!(told(&mut *gateway, ToUnit::Opened), [FromUnit::Settle(Ok(()))]);
    gateway
}

fn tell(gateway: &mut dyn Unit, method: &str, params: &[Value]) -> Vec<FromUnit> {
    told(gateway, ToUnit::Tell { method, params: &Datum::all(params) })
}

#[test]
fn a3_every_method_tolerates_missing_arguments() {
    let mut gateway = open();
    for row in events::methods() {
        for params in [vec![], vec![Value::Null], vec![json!({})]] {
            let out = tell(&mut *gateway, &row.member, &params);
            let message = json!({"type": row.wire});
            let sent = FromUnit::Send {
                frame: WireFrame::json(&message),
                name: row.wire.clone().into(),
                shown: Some(message),
            };
            assert_eq!(out, [sent], "{}", row.member);
        }
        let out = tell(&mut *gateway, &row.member, &[json!("text")]);
        assert!(matches!(&out[..], [FromUnit::Note(_), FromUnit::Send { .. }]), "{out:?}");
    }
    assert!(matches!(&tell(&mut *gateway, "frobnicate", &[])[..], [FromUnit::Note(_)]));
}

#[test]
fn one_note_for_each_key_and_each_connection() {
    let mut gateway = open();
    let params = [json!({"instructions": "Hi", "temperature": 1})];
    let first = tell(&mut *gateway, "responseCreate", &params);
    assert_eq!(first.len(), 3);
    let policies: Vec<_> = first
        .iter()
        .filter_map(
            |output| if let FromUnit::Note(remark) = output { remark.policy.as_deref() } else { None },
        )
        .collect();
    assert_eq!(policies, ["F-053", "F-052"]);
    assert_eq!(tell(&mut *gateway, "responseCreate", &params).len(), 1, "only the message");
}

#[test]
fn a2_refusals_reject_the_promise_with_what_happened() {
    let cases: [(ToUnit<'_>, &str); 4] = [
        (
            ToUnit::Refused { status: 401, body: "{\"error\":\n \"no\"}" },
            "HTTP status 401: {\"error\": \"no\"}",
        ),
        (ToUnit::Refused { status: 503, body: "" }, "HTTP status 503"),
        (ToUnit::Failed { reason: "no such host" }, "no such host"),
        (ToUnit::Closed { code: 1006, reason: "", clean: false }, "1006"),
    ];
    for (input, words) in cases {
        let mut gateway = connecting();
        let out = told(&mut *gateway, input);
        let [FromUnit::Settle(Err(text))] = &out[..] else { panic!("{out:?}") };
        assert!(text.ends_with(words.trim()) || text.contains(words), "{text}");
        assert!(told(&mut *gateway, ToUnit::Failed { reason: "again" }).is_empty());
        assert!(told(&mut *gateway, ToUnit::Closed { code: 1006, reason: "", clean: false }).is_empty());
    }
    let mut gateway = unit(UnitSetup::default());
    let out = told(&mut *gateway, ToUnit::Start { params: &[json!({"apiKey": 7}).into()] });
    assert!(matches!(&out[..], [FromUnit::Settle(Err(text))] if text.contains("apiKey is not a string")));
    assert!(told(&mut *gateway, ToUnit::Close { stop: false }).is_empty());
}

#[test]
fn calls_before_the_connection_are_sent_after_it() {
    let mut gateway = connecting();
    assert!(tell(&mut *gateway, "inputAudioBufferClear", &[]).is_empty());
    assert!(told(&mut *gateway, ToUnit::Audio(&Frame::silence(Rate::Hz24000))).is_empty());
    let out = told(&mut *gateway, ToUnit::Opened);
    assert!(matches!(&out[..], [FromUnit::Settle(Ok(())), FromUnit::Send { .. }]));
}

#[test]
fn closing_while_connecting_rejects() {
    let mut gateway = connecting();
    let out = told(&mut *gateway, ToUnit::Close { stop: false });
    assert!(matches!(&out[..], [FromUnit::Settle(Err(_)), FromUnit::CloseSocket { code: 1000, .. }]));
    let late = told(&mut *gateway, ToUnit::Opened);
    assert!(matches!(&late[..], [FromUnit::CloseSocket { .. }]), "a late connection is closed");
}

#[test]
fn a_lost_connection_is_told_once() {
    let mut gateway = open();
    let out = told(&mut *gateway, ToUnit::Closed { code: 1006, reason: "", clean: false });
    let fields = json!({"code": 1006, "reason": "", "wasClean": false}).as_object().unwrap().clone();
    assert_eq!(out, [FromUnit::Raise { name: "WebSocket.Close".to_owned(), fields: fields.into() }]);
    assert!(told(&mut *gateway, ToUnit::Closed { code: 1006, reason: "", clean: false }).is_empty());
    assert_eq!(gateway.hears_at(), None);
    assert!(told(&mut *gateway, ToUnit::Frame(&WireFrame::Text("{".into()))).is_empty());
    assert!(told(&mut *gateway, ToUnit::Audio(&Frame::silence(Rate::Hz24000))).is_empty());
}

#[test]
fn a5_the_frame_path_sends_one_message_a_frame() {
    let mut gateway = open();
    assert_eq!(gateway.hears_at(), Some(Rate::Hz24000));
    let out = told(&mut *gateway, ToUnit::Audio(&Frame::silence(Rate::Hz24000)));
    let [FromUnit::Send { frame: WireFrame::Text(text), shown: None, name }] = &out[..] else {
        panic!("{out:?}")
    };
    assert!(std::sync::Arc::ptr_eq(text, silent_append()));
    assert_eq!(name, "input_audio_buffer.append", "faults wait for it by name");
    let out = told(&mut *gateway, ToUnit::Audio(&Frame::from_samples(Rate::Hz24000, &[9; 480])));
    let [FromUnit::Send { frame: WireFrame::Text(text), shown: None, name }] = &out[..] else {
        panic!("{out:?}")
    };
    assert!(text.starts_with(r#"{"type":"input_audio_buffer.append","audio":"CQAJ"#), "{text}");
    assert_eq!(name, "input_audio_buffer.append");
    assert!(told(&mut *gateway, ToUnit::Audio(&Frame::silence(Rate::Hz8000))).is_empty());
}

#[test]
fn a4_events_carry_type_and_payload() {
    let mut gateway = open();
    let payload = json!({"type": "response.output_text.done", "event_id": "event_1", "text": "Hi."});
    let out = told(&mut *gateway, ToUnit::Frame(&WireFrame::json(&payload)));
    let fields = json!({"data": {"customEvent": "response.output_text.done", "payload": payload}});
    assert_eq!(
        out,
        [
            FromUnit::Received { name: "response.output_text.done".to_owned(), shown: payload },
            FromUnit::Raise {
                name: "OpenAI.RealtimeAPI.ResponseOutputTextDone".to_owned(),
                fields: fields.as_object().unwrap().clone().into()
            },
        ]
    );
    let audio = json!({"type": "response.output_audio.delta", "delta": "AQACAA=="});
    let out = told(&mut *gateway, ToUnit::Frame(&WireFrame::json(&audio)));
    let [FromUnit::Received { shown, .. }, FromUnit::Audio { rate, samples }] = &out[..] else {
        panic!("{out:?}")
    };
    assert_eq!((*rate, samples.as_slice()), (Rate::Hz24000, &[1, 2][..]));
    assert!(!shown.to_string().contains("AQAC"), "{shown}");
}

/// Every id that stands in this room's source is a policy of its table, and every policy of the table is one of ours.
#[test]
fn policies_that_notes_name_exist() {
    let ours: Vec<&str> = crate::fidelity::policies()
        .iter()
        .map(|policy| policy.id.as_str())
        .filter(|id| ("F-050".."F-070").contains(id) || ("F-120".."F-140").contains(id))
        .collect();
    assert_eq!(ours.len(), 28);
    let sources = [include_str!("../wire/mod.rs"), include_str!("../wire/sanitise.rs")];
    let named: Vec<&str> =
        sources.iter().flat_map(|text| text.split('"')).filter(|word| word.starts_with("F-0")).collect();
    assert!(named.len() >= 4, "{named:?}");
    for id in named {
        assert!(ours.contains(&id), "{id} is no policy of this room");
    }
}

/// What shows a policy is a test that stands in this room.
#[test]
fn tests_that_policies_name_exist() {
    let sources = [
        include_str!("conversation.rs"),
        include_str!("gateway.rs"),
        include_str!("rows.rs"),
        include_str!("scripted.rs"),
        include_str!("server.rs"),
        include_str!("voice.rs"),
        include_str!("../events.rs"),
        include_str!("../emulator/usage.rs"),
        include_str!("../wire/media.rs"),
        include_str!("../wire/sanitise.rs"),
        include_str!("../wire/start.rs"),
    ];
    for policy in crate::fidelity::policies().iter().filter(|policy| policy.shown_by.starts_with("openai::"))
    {
        let name = policy.shown_by.rsplit("::").next().unwrap_or_default();
        let declared = format!("fn {name}()");
        assert!(sources.iter().any(|text| text.contains(&declared)), "{}: no test {name}", policy.id);
    }
}
