//! What a classic script cannot have, and what to do about it.

use oxc_ast::ast::{Decorator, ImportExpression, ImportMeta, Program, Statement};
use oxc_ast_visit::Visit;
use oxc_span::GetSpan;

/// Something in the source that nothing can be made of: where, and what to do.
pub(super) fn find(program: &Program<'_>) -> Option<(usize, String)> {
    let mut search = Search(None);
    search.visit_program(program);
    search.0
}

struct Search(Option<(usize, String)>);

impl Search {
    fn found(&mut self, offset: u32, what: &str) {
        self.0.get_or_insert_with(|| (offset as usize, what.to_owned()));
    }
}

impl<'a> Visit<'a> for Search {
    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.found(decorator.span.start, "decorators are not lowered: call the function yourself");
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        self.found(import.span.start, "`import()` is for modules, and a scenario is a classic script");
    }

    fn visit_import_meta(&mut self, meta: &ImportMeta) {
        self.found(meta.span.start, "`import.meta` is for modules, and a scenario is a classic script");
    }
}

/// What is left of a module's syntax when types are gone.
pub(super) fn module_syntax(program: &Program<'_>) -> Option<(usize, String)> {
    let what = |statement: &Statement<'_>| {
        match statement {
        Statement::ImportDeclaration(import) => Some(format!(
            "`import` of a value from '{}': a scenario is a classic script. Name the other file in the rule before this one: \
             all of them share one scope",
            import.source.value
        )),
        Statement::ExportAllDeclaration(_)
        | Statement::ExportDefaultDeclaration(_)
        | Statement::ExportDeclaration(_)
        | Statement::ExportFromDeclaration(_)
        | Statement::ExportNamedDeclaration(_)
        | Statement::TSExportAssignment(_) => Some(
            "`export` of a value: a scenario is a classic script. Leave the word out: what is declared at the top of a file is \
             seen by all files of the rule"
                .to_owned(),
        ),
        _ => None,
    }
    };
    program.body.iter().find_map(|statement| Some((statement.span().start as usize, what(statement)?)))
}
