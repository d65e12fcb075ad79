//! The rules of the graph, one test each.

use voxrun_bindings::heap::allocated_by;

use super::*;

const CALL: UnitId = UnitId(1);
const OTHER_CALL: UnitId = UnitId(2);
const CLIENT: UnitId = UnitId(70_000);
const PLAYER: UnitId = UnitId(70_001);

fn frame(rate: Rate, value: i16) -> Frame {
    Frame::from_samples(rate, &vec![value; rate.frame_samples()])
}

fn graph() -> MediaGraph {
    let mut graph = MediaGraph::new();
    graph.add_leg(CALL, Rate::Hz8000);
    graph.set_leg(CALL, true, true);
    graph.add_connector(CLIENT);
    graph.set_hears_at(CLIENT, Some(Rate::Hz8000));
    graph.add_connector(PLAYER);
    graph
}

/// One tick: the first sample that reaches each unit.
fn tick(graph: &mut MediaGraph) -> Vec<(UnitId, i16)> {
    graph.pull();
    let got = (0..graph.unit_count())
        .filter_map(|number| graph.mix(number))
        .map(|(id, frame)| (id, frame.samples()[0]))
        .collect();
    while graph.notice().is_some() {}
    got
}

#[test]
fn a_call_feeds_any_number_of_units() {
    let mut graph = graph();
    graph.add_leg(OTHER_CALL, Rate::Hz8000);
    graph.set_leg(OTHER_CALL, true, true);
    assert_eq!(graph.connect(CALL, CLIENT), Ok(Connected::New { replaced: None }));
    assert_eq!(graph.connect(CALL, OTHER_CALL), Ok(Connected::New { replaced: None }));
    graph.feed(CALL, frame(Rate::Hz8000, 77));
    assert_eq!(tick(&mut graph), [(CLIENT, 77), (OTHER_CALL, 77)]);
    assert_eq!(tick(&mut graph), [(CLIENT, 0), (OTHER_CALL, 0)], "a frame that is not given is silence");
}

#[test]
fn a_new_stream_replaces_the_one_of_a_call_and_nothing_restores_it() {
    let mut graph = graph();
    graph.enqueue(CLIENT, Rate::Hz8000, vec![1; 1600]);
    graph.enqueue(PLAYER, Rate::Hz8000, vec![2; 320]);
    assert_eq!(graph.connect(CLIENT, CALL), Ok(Connected::New { replaced: None }));
    assert_eq!(tick(&mut graph), [(CALL, 1)]);
    assert_eq!(graph.connect(PLAYER, CALL), Ok(Connected::New { replaced: Some(CLIENT) }));
    assert_eq!(graph.connect(PLAYER, CALL), Ok(Connected::Already));
    assert_eq!(tick(&mut graph), [(CALL, 2)]);
    graph.remove(PLAYER);
    assert_eq!(tick(&mut graph), [], "the client plays on, unheard");
    assert_eq!(graph.links().count(), 0);
}

#[test]
fn other_sinks_add_up_and_saturate() {
    let mut graph = graph();
    graph.enqueue(PLAYER, Rate::Hz8000, vec![30_000; 160]);
    graph.connect(PLAYER, CLIENT).unwrap();
    graph.connect(CALL, CLIENT).unwrap();
    graph.feed(CALL, frame(Rate::Hz8000, 30_000));
    assert_eq!(tick(&mut graph), [(CLIENT, i16::MAX)]);
}

#[test]
fn a_link_made_early_carries_sound_when_both_ends_can() {
    let mut graph = MediaGraph::new();
    graph.add_leg(CALL, Rate::Hz8000);
    graph.add_connector(CLIENT);
    graph.connect(CALL, CLIENT).unwrap();
    assert!(!graph.is_flowing());
    graph.feed(CALL, frame(Rate::Hz8000, 5));
    assert_eq!(tick(&mut graph), []);
    graph.set_leg(CALL, true, true);
    assert!(!graph.is_flowing(), "the client takes no audio yet");
    graph.set_hears_at(CLIENT, Some(Rate::Hz24000));
    assert!(graph.is_flowing());
    assert_eq!(tick(&mut graph), [(CLIENT, 0)], "what was said before is gone");
}

#[test]
fn in_early_media_the_caller_hears_and_is_not_heard() {
    let mut graph = graph();
    graph.set_leg(CALL, true, false);
    graph.connect(CALL, CLIENT).unwrap();
    graph.connect(PLAYER, CALL).unwrap();
    graph.feed(CALL, frame(Rate::Hz8000, 9));
    assert!(!graph.is_flowing());
    graph.enqueue(PLAYER, Rate::Hz8000, vec![3; 160]);
    assert!(graph.is_flowing());
    assert_eq!(tick(&mut graph), [(CALL, 3)]);
}

#[test]
fn clearing_is_heard_on_the_very_next_frame_even_through_a_resampler() {
    let mut graph = graph();
    graph.connect(PLAYER, CALL).unwrap();
    graph.enqueue(PLAYER, Rate::Hz24000, vec![8_000; 24_000]);
    tick(&mut graph);
    assert_ne!(tick(&mut graph), [(CALL, 0)]);
    assert_eq!(graph.clear(PLAYER), 960);
    assert!(!graph.is_flowing());
    assert_eq!(tick(&mut graph), []);
}

#[test]
fn the_end_of_a_stream_keeps_the_resamplers_tail() {
    let mut graph = graph();
    graph.connect(PLAYER, CALL).unwrap();
    graph.enqueue(PLAYER, Rate::Hz24000, vec![8_000; 480]);
    tick(&mut graph);
    assert!(graph.is_flowing(), "one more tick");
    graph.pull();
    let (_, tail) = graph.mix(0).unwrap();
    assert!(tail.samples()[..16].iter().any(|s| *s != 0));
    assert!(tail.samples()[40..].iter().all(|s| *s == 0));
    assert_eq!(graph.notice(), Some(Notice { unit: PLAYER, playout: Playout::Drained { played_ms: 20 } }));
    assert_eq!(graph.notice(), None);
    assert!(!graph.is_flowing());
}

#[test]
fn a_queue_plays_without_a_listener() {
    let mut graph = graph();
    graph.enqueue(PLAYER, Rate::Hz8000, [vec![1; 160], vec![2; 160]].concat());
    assert_eq!(tick(&mut graph), []);
    graph.connect(PLAYER, CALL).unwrap();
    assert_eq!(tick(&mut graph), [(CALL, 2)]);
}

#[test]
fn mistakes_are_errors_and_change_nothing() {
    let mut graph = graph();
    assert_eq!(graph.connect(CALL, CALL), Err(GraphError::Itself(CALL)));
    assert_eq!(graph.connect(CALL, UnitId(9)), Err(GraphError::NoSuchUnit(UnitId(9))));
    assert_eq!(graph.connect(UnitId(9), CALL), Err(GraphError::NoSuchUnit(UnitId(9))));
    assert!(!graph.disconnect(CALL, CLIENT));
    assert_eq!(graph.enqueue(CALL, Rate::Hz8000, vec![1; 10]), 0);
    assert_eq!(graph.clear(UnitId(9)), 0);
    assert_eq!(graph.links().count(), 0);
}

#[test]
fn audio_of_another_rate_is_converted_while_the_queue_plays() {
    let mut graph = graph();
    graph.enqueue(PLAYER, Rate::Hz8000, vec![1; 160]);
    graph.enqueue(PLAYER, Rate::Hz24000, vec![1; 480]);
    assert_eq!(graph.queue(PLAYER).map(PlayoutQueue::queued_ms), Some(40));
}

#[test]
fn a_tick_allocates_nothing() {
    let mut graph = graph();
    graph.set_hears_at(CLIENT, Some(Rate::Hz24000));
    graph.connect(CALL, CLIENT).unwrap();
    graph.connect(PLAYER, CALL).unwrap();
    graph.enqueue(PLAYER, Rate::Hz24000, vec![1_000; 24_000 * 3]);
    let mut second = || {
        let mut loud = 0;
        for _ in 0..50 {
            graph.feed(CALL, frame_of(500));
            graph.pull();
            for number in 0..graph.unit_count() {
                let Some((_, frame)) = graph.mix(number) else { continue };
                loud += u32::from(!frame.is_silent());
            }
            while graph.notice().is_some() {}
        }
        loud
    };
    assert_eq!(second(), 100, "sound both ways");
    // The first second made room for what comes again and again.
    let mut loud = 0;
    assert_eq!(allocated_by(|| loud = second()), 0);
    assert_eq!(loud, 100);
}

/// Without memory of its own, unlike [`frame`].
fn frame_of(value: i16) -> Frame {
    Frame::from_samples(Rate::Hz8000, &[value; 160])
}
