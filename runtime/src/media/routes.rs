//! The links of a graph as slots: which source reaches which sink through which link. It is made anew when a unit or link
//! comes or goes, so that a tick searches nothing. It knows no sound.

use std::collections::BTreeMap;

use voxrun_bindings::contract::UnitId;

use super::edge::Edge;

/// One link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    /// The sink's slot.
    pub(super) to: usize,
    /// The source's slot.
    pub(super) from: usize,
    /// The link's place among the links.
    pub(super) edge: usize,
    /// The place of the link back, which carries the sink's own sound to this source.
    pub(super) own_part: Option<usize>,
}

/// All links, by sink and then in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub(super) by_sink: Vec<Route>,
    /// Where the links of each slot begin; one more than there are slots.
    starts: Vec<usize>,
    /// Whether anything leads out of each slot.
    listened: Vec<bool>,
    /// The slots of the mixers.
    pub(super) mixers: Vec<usize>,
}

impl Routes {
    /// Resolves the links of so many slots.
    pub(super) fn new(edges: &[Edge], slots: &BTreeMap<UnitId, usize>, count: usize) -> Routes {
        let places: BTreeMap<(UnitId, UnitId), usize> =
            edges.iter().enumerate().map(|(at, edge)| ((edge.from, edge.to), at)).collect();
        let resolve = |(at, edge): (usize, &Edge)| {
            let (from, to) = (*slots.get(&edge.from)?, *slots.get(&edge.to)?);
            Some(Route { to, from, edge: at, own_part: places.get(&(edge.to, edge.from)).copied() })
        };
        let mut by_sink: Vec<Route> = edges.iter().enumerate().filter_map(resolve).collect();
        by_sink.sort_by_key(|route| (route.to, route.edge));
        let starts = (0..=count).map(|slot| by_sink.partition_point(|route| route.to < slot)).collect();
        let mut listened = vec![false; count];
        for route in &by_sink {
            listened[route.from] = true;
        }
        Routes { by_sink, starts, listened, mixers: Vec::new() }
    }

    /// Whether a slot's sound goes anywhere.
    pub(super) fn has_listener(&self, slot: usize) -> bool {
        self.listened.get(slot).copied().unwrap_or(false)
    }

    /// The links into a slot.
    pub(super) fn of_sink(&self, slot: usize) -> impl Iterator<Item = &Route> {
        let start = self.starts.get(slot).copied().unwrap_or(0);
        let end = self.starts.get(slot + 1).copied().unwrap_or(start);
        self.by_sink.get(start..end).unwrap_or_default().iter()
    }
}
