//! What a scenario names: the modules that it asks for (`require(Modules.X)`) and the events of the application. As it is
//! written; what is computed is not seen.

use std::collections::BTreeSet;

use oxc_allocator::Allocator;
use oxc_ast::ast::{CallExpression, Expression, StaticMemberExpression};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// The members of `Modules` that a source asks for (`OpenAI`), sorted. A source that does not parse asks for none.
#[must_use]
pub fn required(source: &str) -> BTreeSet<String> {
    search(source).required
}

/// The members of `AppEvents` that a source names (`Started`), sorted. A source that does not parse names none.
#[must_use]
pub fn app_events(source: &str) -> BTreeSet<String> {
    search(source).events
}

fn search(source: &str) -> Search {
    let mut search = Search::default();
    if super::nesting::check(source).is_ok() {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, source, SourceType::script()).parse();
        search.visit_program(&parsed.program);
    }
    search
}

#[derive(Default)]
struct Search {
    required: BTreeSet<String>,
    events: BTreeSet<String>,
}

impl<'a> Visit<'a> for Search {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if call.callee.is_specific_id("require")
            && let Some(Expression::StaticMemberExpression(member)) =
                call.arguments.first().and_then(|argument| argument.as_expression())
            && member.object.is_specific_id("Modules")
        {
            self.required.insert(member.property.name.to_string());
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        if member.object.is_specific_id("AppEvents") {
            self.events.insert(member.property.name.to_string());
        }
        walk::walk_static_member_expression(self, member);
    }
}

#[cfg(test)]
mod tests {
    use super::{app_events, required};

    #[test]
    fn only_what_is_required_counts() {
        let source = "// Modules.Gemini\nrequire(Modules.OpenAI); if (x) { require( Modules.Inworld ) }\n\
                      const text = 'require(Modules.Cartesia)'; other(Modules.ASR);";
        assert_eq!(required(source).into_iter().collect::<Vec<_>>(), ["Inworld", "OpenAI"]);
        assert_eq!(app_events("f(AppEvents.Started, () => g(AppEvents.X))").len(), 2);
        assert!(required("require(Modules.").is_empty());
        assert!(required(&"(".repeat(100_000)).is_empty());
    }
}
