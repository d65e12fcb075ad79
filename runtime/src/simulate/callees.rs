//! Whom a session reaches when it places a call offline: callees by the number, user name or URI that is called, each
//! with a behaviour as `--callee PATTERN=BEHAVIOUR` says it. Who answers then converses as the caller of a run does.
//! It deliberately knows no network and no other session.

use std::collections::VecDeque;
use std::fmt;

use voxrun_bindings::connection::span;
use voxrun_bindings::contract::{CallFacts, Headers, Remark, Time, UnitId};

use super::caller::Caller;
use super::plan::{CallerPlan, Step};
use crate::room::{Exchange, FarEnd, FromFarEnd, Person, Utterance};
use crate::session::{LegInput, LegOutput};

/// The client type of a call to the telephone network.
const PSTN: &str = "pstn";
/// A callee that is told nothing rings so long, milliseconds.
const RING_MS: u64 = 1_000;
/// What an answering machine says when it is told nothing.
const MACHINE: &str = "Please leave a message after the tone.";
/// How long after its text it beeps, milliseconds.
const BEEP_AFTER_MS: u64 = 800;
/// From its answer until a callee puts the call on hold, milliseconds.
const HOLD_AFTER_MS: u64 = 2_000;
/// How long an answering machine records, milliseconds.
const MACHINE_MS: u64 = 120_000;

/// What a callee does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// Rings so many milliseconds, answers, and does what the plan says.
    Answers {
        /// Milliseconds of ringing.
        after_ms: u64,
        /// What it does then; boxed, because most behaviours have none.
        plan: Box<CallerPlan>,
    },
    /// Rings and never answers.
    NoAnswer,
    /// Refuses at once with this SIP status.
    Refuses(u16),
}

impl Default for Behaviour {
    fn default() -> Behaviour {
        Behaviour::Answers { after_ms: RING_MS, plan: Box::default() }
    }
}

/// Why a behaviour was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not of the form PATTERN=BEHAVIOUR; a behaviour is `answer`, `answer:TEXT`, `answer-after:DUR[:TEXT]`, `busy`, \
     `no-answer`, `reject:CODE` (300 to 699), `voicemail[:TEXT]`, `hangup-after:DUR`, `dtmf:DIGITS`, `refer:TO` or `hold:DUR`"
)]
pub struct BehaviourError(pub String);

impl Behaviour {
    /// Reads a behaviour as the command line says it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Behaviour> {
        let (word, argument) = match text.split_once(':') {
            Some((word, argument)) => (word, Some(argument)),
            None => (text, None),
        };
        let says =
            |text: &str| CallerPlan { steps: vec![Step::Say(text.to_owned())], ..CallerPlan::silent() };
        let answers = |after_ms, plan| Some(Behaviour::Answers { after_ms, plan: Box::new(plan) });
        let duration_ms = |text: &str| span::parse_us(text).map(|us| us / 1000);
        match (word, argument.filter(|argument| !argument.is_empty())) {
            ("answer", None) if argument.is_none() => Some(Behaviour::default()),
            ("answer", Some(line)) => answers(RING_MS, says(line)),
            ("answer-after", Some(rest)) => match rest.split_once(':') {
                Some((duration, line)) if !line.is_empty() => answers(duration_ms(duration)?, says(line)),
                Some(_) => None,
                None => answers(duration_ms(rest)?, CallerPlan::default()),
            },
            ("busy", None) if argument.is_none() => Some(Behaviour::Refuses(486)),
            ("no-answer", None) if argument.is_none() => Some(Behaviour::NoAnswer),
            ("reject", Some(code)) => {
                code.parse().ok().filter(|code| (300..700).contains(code)).map(Behaviour::Refuses)
            }
            ("voicemail", line) => {
                let steps = vec![Step::Say(line.unwrap_or(MACHINE).to_owned()), Step::Beep(BEEP_AFTER_MS)];
                let plan = CallerPlan { steps, ..CallerPlan::silent() };
                let speaks_at_once = CallerPlan { greeting_patience_ms: 0, ..plan };
                answers(RING_MS, CallerPlan { hangup_after_ms: Some(MACHINE_MS), ..speaks_at_once })
            }
            ("hangup-after", Some(duration)) => {
                let hangup_after_ms = Some(duration_ms(duration)?);
                answers(RING_MS, CallerPlan { hangup_after_ms, ..CallerPlan::silent() })
            }
            ("refer", Some(to)) => {
                let steps = vec![Step::Refer(to.to_owned())];
                answers(RING_MS, CallerPlan { steps, stays: true, ..CallerPlan::silent() })
            }
            ("hold", Some(duration)) => {
                let steps = vec![Step::Hold { after_ms: HOLD_AFTER_MS, for_ms: duration_ms(duration)? }];
                answers(RING_MS, CallerPlan { steps, stays: true, ..CallerPlan::silent() })
            }
            ("dtmf", Some(digits))
                if digits.chars().all(|key| key.is_ascii_digit() || "*#".contains(key)) =>
            {
                let steps = vec![Step::Dtmf(digits.to_owned())];
                answers(RING_MS, CallerPlan { steps, stays: true, ..CallerPlan::silent() })
            }
            _ => None,
        }
    }
}

/// Who is reached by which number, and who may call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callees {
    known: Vec<(String, Behaviour)>,
    /// Caller ids that the telephone network takes, as digits; `None` when all are taken.
    owned: Option<Vec<String>>,
}

impl Callees {
    /// Adds one as the command line says it: `PATTERN=BEHAVIOUR`. In a pattern `*` stands for any text and `?` for any
    /// character; the first pattern that fits counts.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn add(&mut self, text: &str) -> Result<(), BehaviourError> {
        let error = || BehaviourError(text.to_owned());
        let (pattern, behaviour) = text.split_once('=').ok_or_else(error)?;
        let behaviour = Behaviour::parse(behaviour).ok_or_else(error)?;
        if pattern.is_empty() {
            return Err(error());
        }
        self.known.push((pattern.to_owned(), behaviour));
        Ok(())
    }

    /// The platform refuses calls to the telephone network from any other number than these (semantics 2.2).
    pub fn own(&mut self, numbers: &[String]) {
        self.owned = Some(numbers.iter().map(|number| digits(number)).collect());
    }

    /// Why a call from this number is refused, if it is.
    fn refused(&self, facts: &CallFacts) -> Option<Remark> {
        let owned = self.owned.as_ref().filter(|_| facts.client_type == PSTN)?;
        let foreign = !owned.contains(&digits(&facts.callerid));
        let text = || {
            let callerid = &facts.callerid;
            format!(
                "the caller id {callerid:?} is none of [numbers] owned: the platform refuses such a call with 403"
            )
        };
        foreign.then(|| Remark::new(text()))
    }

    fn behaviour(&self, number: &str) -> Behaviour {
        let fits = |pattern: &str| matches(pattern.as_bytes(), number.as_bytes());
        self.known
            .iter()
            .find(|(pattern, _)| fits(pattern))
            .map(|(_, known)| known.clone())
            .unwrap_or_default()
    }
}

impl Exchange for Callees {
    fn place(&mut self, now: Time, _: UnitId, facts: &CallFacts) -> Box<dyn FarEnd> {
        match self.refused(facts) {
            Some(remark) => {
                let mut callee = Callee::new(Behaviour::Refuses(403), now);
                callee.out.push_back(FromFarEnd::Note(remark));
                Box::new(callee)
            }
            None => Box::new(Callee::new(self.behaviour(&facts.destination), now)),
        }
    }
}

/// A number without its punctuation.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a text fits a pattern with `*` and `?`.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        (Some((b'?', rest)), Some((_, tail))) => matches(rest, tail),
        (Some((wanted, rest)), Some((given, tail))) => wanted == given && matches(rest, tail),
        _ => false,
    }
}

/// The reason phrase of a final status (RFC 3261, 21); empty for the rarer ones.
pub(super) fn reason_phrase(code: u16) -> &'static str {
    match code {
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        480 => "Temporarily Unavailable",
        486 => "Busy Here",
        487 => "Request Terminated",
        503 => "Service Unavailable",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        _ => "",
    }
}

/// Somebody who is called.
struct Callee {
    /// What it does before the conversation, and when.
    due: VecDeque<(Time, LegInput)>,
    plan: Option<Box<CallerPlan>>,
    /// The conversation, once it has answered.
    talks: Option<Caller>,
    out: VecDeque<FromFarEnd>,
}

impl Callee {
    fn new(behaviour: Behaviour, now: Time) -> Callee {
        let headers = Headers::new;
        let rings = (now, LegInput::Ringing { headers: headers() });
        let (due, plan) = match behaviour {
            Behaviour::Answers { after_ms, plan } => {
                let answers = (now.plus_ms(after_ms), LegInput::Answered { headers: headers() });
                (VecDeque::from([rings, answers]), Some(plan))
            }
            Behaviour::NoAnswer => (VecDeque::from([rings]), None),
            Behaviour::Refuses(code) => {
                let reason = reason_phrase(code).to_owned();
                let refuses = LegInput::Refused { code, reason, headers: headers() };
                (VecDeque::from([(now, refuses)]), None)
            }
        };
        Callee { due, plan, talks: None, out: VecDeque::new() }
    }

    fn give_up(&mut self) {
        self.due.clear();
        self.plan = None;
    }
}

impl fmt::Debug for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callee").field("talks", &self.talks.is_some()).finish_non_exhaustive()
    }
}

impl FarEnd for Callee {
    fn handle(&mut self, now: Time, output: &LegOutput) {
        match &mut self.talks {
            Some(talks) => talks.handle(now, output),
            None if matches!(output, LegOutput::HungUp { .. } | LegOutput::Rejected { .. }) => self.give_up(),
            None => {}
        }
    }

    fn media_cleared(&mut self, now: Time) {
        if let Some(talks) = &mut self.talks {
            talks.media_cleared(now);
        }
    }

    fn deadline(&self) -> Option<Time> {
        let due = self.due.front().map(|(at, _)| *at);
        due.into_iter().chain(self.talks.as_ref().and_then(Caller::deadline)).min()
    }

    fn advance(&mut self, now: Time) {
        while let Some((_, input)) = self.due.pop_front_if(|(at, _)| *at <= now) {
            if matches!(input, LegInput::Answered { .. })
                && let Some(plan) = self.plan.take()
            {
                let mut talks = Caller::new(*plan, now);
                talks.handle(now, &LegOutput::Answered { headers: Headers::new() });
                self.talks = Some(talks);
            }
            self.out.push_back(FromFarEnd::Leg(input));
        }
        if let Some(talks) = &mut self.talks {
            talks.advance(now);
        }
    }

    fn poll(&mut self) -> Option<FromFarEnd> {
        self.out.pop_front().or_else(|| self.talks.as_mut()?.poll())
    }

    fn line_dead(&mut self, now: Time) {
        self.give_up();
        if let Some(talks) = &mut self.talks {
            talks.line_dead(now);
        }
    }

    fn conversation(&self) -> Vec<Utterance> {
        self.talks.as_ref().map(Caller::conversation).unwrap_or_default()
    }

    /// Once it has answered.
    fn person(&mut self) -> Option<&mut dyn Person> {
        self.talks.as_mut().map(|talks| talks as &mut dyn Person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviours_are_read_and_nonsense_is_not() {
        let plan = |text| match Behaviour::parse(text) {
            Some(Behaviour::Answers { after_ms, plan }) => (after_ms, plan.steps, plan.hangup_after_ms),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(plan("answer:Hi: you"), (1_000, vec![Step::Say("Hi: you".into())], None));
        assert_eq!(plan("answer-after:2.5s:Yes"), (2_500, vec![Step::Say("Yes".into())], None));
        assert_eq!(plan("dtmf:12#"), (1_000, vec![Step::Dtmf("12#".into())], None));
        assert_eq!(plan("hangup-after:3s"), (1_000, vec![], Some(3_000)));
        assert_eq!(
            plan("voicemail"),
            (1_000, vec![Step::Say(MACHINE.into()), Step::Beep(BEEP_AFTER_MS)], Some(MACHINE_MS))
        );
        assert_eq!(plan("refer:sip:desk@x").1, vec![Step::Refer("sip:desk@x".into())]);
        let hold = Step::Hold { after_ms: HOLD_AFTER_MS, for_ms: 1_500 };
        assert_eq!(plan("hold:1.5s").1, vec![hold]);
        assert_eq!(Behaviour::parse("answer"), Some(Behaviour::default()));
        assert_eq!(Behaviour::parse("busy"), Some(Behaviour::Refuses(486)));
        assert_eq!(Behaviour::parse("reject:404"), Some(Behaviour::Refuses(404)));
        assert_eq!(Behaviour::parse("no-answer"), Some(Behaviour::NoAnswer));
        let wrong = [
            "",
            "answers",
            "answer:",
            "busy:1",
            "reject",
            "reject:200",
            "reject:x",
            "answer-after",
            "dtmf:a",
        ];
        for text in wrong {
            assert_eq!(Behaviour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_pattern_that_fits_counts() {
        let mut callees = Callees::default();
        for text in ["1555*=busy", "15550000001=no-answer", "?2=reject:404"] {
            callees.add(text).expect(text);
        }
        assert_eq!(callees.behaviour("15550000001"), Behaviour::Refuses(486));
        assert_eq!(callees.behaviour("12"), Behaviour::Refuses(404));
        assert_eq!(callees.behaviour("3"), Behaviour::default());
        for text in ["1555", "=busy", "1=bus"] {
            assert!(callees.add(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_that_was_given_up_does_not_answer() {
        let mut callee = Callee::new(Behaviour::default(), Time::ZERO);
        callee.advance(Time::ZERO);
        assert!(matches!(callee.poll(), Some(FromFarEnd::Leg(LegInput::Ringing { .. }))));
        assert_eq!(callee.deadline(), Some(Time::from_ms(1_000)));
        callee.handle(Time::from_ms(500), &LegOutput::HungUp { headers: Headers::new() });
        assert_eq!(callee.deadline(), None);
    }
}
