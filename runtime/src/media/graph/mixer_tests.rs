//! A conference in the graph: who hears whom in one tick.

use voxrun_bindings::heap::allocated_by;

use super::*;

const ROOM: UnitId = UnitId(80_000);

/// So many parties at 8 kHz, each linked to the conference both ways.
fn conference(parties: u32, rate: Rate) -> MediaGraph {
    let mut graph = MediaGraph::new();
    graph.add_mixer(ROOM, rate);
    for call in (1..=parties).map(UnitId) {
        graph.add_leg(call, Rate::Hz8000);
        graph.set_leg(call, true, true);
        graph.connect(call, ROOM).unwrap();
        graph.connect(ROOM, call).unwrap();
    }
    graph
}

fn say(graph: &mut MediaGraph, call: u32, value: i16) {
    graph.feed(UnitId(call), Frame::from_samples(Rate::Hz8000, &[value; 160]));
}

/// One tick: the middle sample that reaches each unit.
fn tick(graph: &mut MediaGraph) -> Vec<(u32, i16)> {
    graph.pull();
    (0..graph.unit_count())
        .filter_map(|number| graph.mix(number))
        .map(|(id, frame)| (id.0, frame.samples()[frame.samples().len() / 2]))
        .collect()
}

#[test]
fn three_parties_hear_the_other_two_and_not_themselves_in_the_same_tick() {
    let mut graph = conference(3, Rate::Hz8000);
    assert!(graph.is_flowing());
    for (call, value) in [(1, 100), (2, 2_000), (3, 30_000)] {
        say(&mut graph, call, value);
    }
    assert_eq!(tick(&mut graph), [(1, 32_000), (2, 30_100), (3, 2_100)]);
    assert_eq!(tick(&mut graph), [(1, 0), (2, 0), (3, 0)], "nothing of it comes again");
}

#[test]
fn the_sum_saturates_at_the_ear_and_taking_oneself_out_is_exact() {
    let mut graph = conference(3, Rate::Hz8000);
    for call in 1..=3 {
        say(&mut graph, call, i16::MAX - 1_000);
    }
    assert_eq!(tick(&mut graph), [(1, i16::MAX), (2, i16::MAX), (3, i16::MAX)]);
    say(&mut graph, 1, i16::MAX);
    say(&mut graph, 2, i16::MAX);
    say(&mut graph, 3, -30_000);
    assert_eq!(tick(&mut graph), [(1, 2_767), (2, 2_767), (3, i16::MAX)]);
}

#[test]
fn who_only_listens_hears_all_and_who_left_is_not_heard() {
    let mut graph = conference(3, Rate::Hz8000);
    graph.disconnect(UnitId(3), ROOM);
    graph.remove(UnitId(2));
    say(&mut graph, 1, 500);
    say(&mut graph, 2, 700);
    say(&mut graph, 3, 900);
    assert_eq!(tick(&mut graph), [(1, 0), (3, 500)]);
}

#[test]
fn a_hundred_parties_hear_ninety_nine_others_and_a_tick_allocates_nothing() {
    let mut graph = conference(100, Rate::Hz8000);
    let speak = |graph: &mut MediaGraph| (1..=100).for_each(|call| say(graph, call, call as i16));
    speak(&mut graph);
    let heard = tick(&mut graph);
    assert_eq!(heard.len(), 100);
    assert!(heard.iter().all(|(call, sample)| i32::from(*sample) == 5_050 - *call as i32), "{heard:?}");
    let mut frames = 0;
    let bytes = allocated_by(|| {
        for _ in 0..5 {
            speak(&mut graph);
            graph.pull();
            frames += (0..graph.unit_count()).filter(|number| graph.mix(*number).is_some()).count();
        }
    });
    assert_eq!((bytes, frames), (0, 500));
}

#[test]
fn a_conference_of_another_rate_still_leaves_each_party_out_of_its_own_ear() {
    let mut graph = conference(2, Rate::Hz16000);
    for _ in 0..3 {
        say(&mut graph, 1, 4_000);
        tick(&mut graph);
    }
    say(&mut graph, 1, 4_000);
    let heard = tick(&mut graph);
    assert_eq!(heard[0], (1, 0));
    assert!((3_900..4_100).contains(&heard[1].1), "{heard:?}");
}

#[test]
fn two_conferences_that_are_sent_to_each_other_do_not_go_round() {
    let mut graph = conference(2, Rate::Hz8000);
    graph.add_mixer(UnitId(80_001), Rate::Hz8000);
    graph.connect(ROOM, UnitId(80_001)).unwrap();
    graph.connect(UnitId(80_001), ROOM).unwrap();
    say(&mut graph, 1, 10);
    assert_eq!(tick(&mut graph), [(1, 0), (2, 10)]);
}
