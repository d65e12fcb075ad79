//! Speech of several contexts comes over one wire at the same time; a player speaks one context after the other, in the
//! order in which they were asked for (F-096). It keeps audio back and knows no time.

use std::collections::VecDeque;

/// One context's turn to speak.
#[derive(Debug)]
struct Turn {
    id: String,
    /// Nothing follows.
    ended: bool,
    waiting: VecDeque<Vec<i16>>,
}

/// Who speaks when.
#[derive(Debug, Default)]
pub(super) struct Turns(VecDeque<Turn>);

impl Turns {
    pub(super) const fn new() -> Turns {
        Turns(VecDeque::new())
    }

    fn of(&mut self, id: &str) -> &mut Turn {
        let place = self.0.iter().position(|turn| turn.id == id).unwrap_or_else(|| {
            self.0.push_back(Turn { id: id.to_owned(), ended: false, waiting: VecDeque::new() });
            self.0.len() - 1
        });
        &mut self.0[place]
    }

    /// Something to be spoken was asked for in this context.
    pub(super) fn asked(&mut self, id: &str) {
        self.of(id).ended = false;
    }

    /// Audio of this context came.
    pub(super) fn audio(&mut self, id: &str, samples: Vec<i16>) {
        self.of(id).waiting.push_back(samples);
    }

    /// Nothing follows in this context.
    pub(super) fn ended(&mut self, id: &str) {
        if let Some(turn) = self.0.iter_mut().find(|turn| turn.id == id) {
            turn.ended = true;
        }
    }

    /// What may be played now.
    pub(super) fn next(&mut self) -> Option<Vec<i16>> {
        loop {
            let front = self.0.front_mut()?;
            if let Some(samples) = front.waiting.pop_front() {
                return Some(samples);
            }
            if !front.ended {
                return None;
            }
            self.0.pop_front();
        }
    }

    /// Whether audio waits for its turn.
    pub(super) fn keeps_back(&self) -> bool {
        self.0.iter().any(|turn| !turn.waiting.is_empty())
    }

    /// The one whose turn it is loses it: it has been silent for too long.
    pub(super) fn skip(&mut self) {
        self.0.pop_front();
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
