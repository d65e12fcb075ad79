//! Which modules a scenario asks for: `require(Modules.X)`, as it is written. What is computed is not seen.

use std::collections::BTreeSet;

use oxc_allocator::Allocator;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// The members of `Modules` that a source asks for (`OpenAI`), sorted. A source that does not parse asks for none.
#[must_use]
pub fn required(source: &str) -> BTreeSet<String> {
    if super::nesting::check(source).is_err() {
        return BTreeSet::new();
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::script()).parse();
    let mut search = Search(BTreeSet::new());
    search.visit_program(&parsed.program);
    search.0
}

struct Search(BTreeSet<String>);

impl<'a> Visit<'a> for Search {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if call.callee.is_specific_id("require")
            && let Some(Expression::StaticMemberExpression(member)) =
                call.arguments.first().and_then(|argument| argument.as_expression())
            && member.object.is_specific_id("Modules")
        {
            self.0.insert(member.property.name.to_string());
        }
        walk::walk_call_expression(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::required;

    #[test]
    fn only_what_is_required_counts() {
        let source = "// Modules.Gemini\nrequire(Modules.OpenAI); if (x) { require( Modules.Inworld ) }\n\
                      const text = 'require(Modules.Cartesia)'; other(Modules.ASR);";
        assert_eq!(required(source).into_iter().collect::<Vec<_>>(), ["Inworld", "OpenAI"]);
        assert!(required("require(Modules.").is_empty());
        assert!(required(&"(".repeat(100_000)).is_empty());
    }
}
