//! Syntax that the parser reads and the platform does not: newer than its engine (Firefox 115), or of modules.
//!
//! Library functions newer than that engine are absent at run time instead; see `guards`.

use oxc_ast::ast::{
    AccessorProperty, Decorator, ImportExpression, Program, RegExpFlags, RegExpLiteral, VariableDeclaration,
    VariableDeclarationKind,
};
use oxc_ast_visit::{Visit, walk};
use oxc_regular_expression::ast::{CapturingGroup, IgnoreGroup, Pattern};
use oxc_regular_expression::visit::{Visit as VisitPattern, walk as walk_pattern};
use oxc_span::Span;
use std::collections::BTreeSet;

pub(super) const NEWER: &str = "newer than the platform's engine (Firefox 115)";

/// The first such place: its offset in bytes and what is wrong.
pub(super) fn find(program: &Program<'_>) -> Option<(usize, String)> {
    let mut search = Search { found: None };
    for statement in &program.body {
        if statement.is_module_declaration() {
            let span = oxc_span::GetSpan::span(statement);
            search.note(
                span,
                "a scenario is a classic script: `import` and `export` are for modules".to_owned(),
            );
        }
    }
    search.visit_program(program);
    search.found
}

/// What a pattern uses that the platform's engine does not read, if anything.
pub(crate) fn newer_in_pattern(pattern: &Pattern<'_>) -> Option<String> {
    let mut search = PatternSearch { names: BTreeSet::new(), what: None };
    search.visit_pattern(pattern);
    search.what.map(|what| format!("{what} in a regular expression: {NEWER}"))
}

struct Search {
    found: Option<(usize, String)>,
}

impl Search {
    fn note(&mut self, span: Span, what: String) {
        let offset = span.start as usize;
        if self.found.as_ref().is_none_or(|(earlier, _)| offset < *earlier) {
            self.found = Some((offset, what));
        }
    }
}

impl<'a> Visit<'a> for Search {
    fn visit_variable_declaration(&mut self, declaration: &VariableDeclaration<'a>) {
        if matches!(declaration.kind, VariableDeclarationKind::Using | VariableDeclarationKind::AwaitUsing) {
            self.note(declaration.span, format!("a `using` declaration is {NEWER}"));
        }
        walk::walk_variable_declaration(self, declaration);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if import.options.is_some() || import.phase.is_some() {
            self.note(import.span, format!("import attributes and phases are {NEWER}"));
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.note(decorator.span, format!("a decorator is {NEWER}"));
        walk::walk_decorator(self, decorator);
    }

    fn visit_accessor_property(&mut self, property: &AccessorProperty<'a>) {
        self.note(property.span, format!("an `accessor` field is {NEWER}"));
        walk::walk_accessor_property(self, property);
    }

    fn visit_reg_exp_literal(&mut self, literal: &RegExpLiteral<'a>) {
        if literal.regex.flags.contains(RegExpFlags::V) {
            self.note(literal.span, format!("the flag `v` of a regular expression is {NEWER}"));
        }
        if let Some(what) = literal.regex.pattern.pattern.as_ref().and_then(|it| newer_in_pattern(it)) {
            self.note(literal.span, what);
        }
    }
}

struct PatternSearch {
    names: BTreeSet<String>,
    what: Option<&'static str>,
}

impl<'a> VisitPattern<'a> for PatternSearch {
    fn visit_capturing_group(&mut self, group: &CapturingGroup<'a>) {
        if let Some(name) = &group.name
            && !self.names.insert(name.to_string())
        {
            self.what = Some("one name for two groups");
        }
        walk_pattern::walk_capturing_group(self, group);
    }

    fn visit_ignore_group(&mut self, group: &IgnoreGroup<'a>) {
        if group.modifiers.is_some() {
            self.what = Some("flags for a part");
        }
        walk_pattern::walk_ignore_group(self, group);
    }
}
