//! What stands in a scenario's text: members that are used, events that are listened for, texts that matter.

use std::collections::{BTreeMap, BTreeSet};

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BindingIdentifier, BindingPattern, BlockStatement, CallExpression, ComputedMemberExpression,
    Expression, FunctionBody, Program, PropertyKey, Statement, StaticMemberExpression, StringLiteral,
    TemplateLiteral, VariableDeclarationKind, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType};

/// A member of something that has a name of its own: `VoxEngine.callPSTN`, `CallEvents.Connected`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) offset: usize,
    pub(super) called: bool,
}

/// A method that is called on something whose class is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Method {
    pub(super) name: String,
    pub(super) offset: usize,
}

/// An argument as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arg {
    Text(String),
    Number,
    Bool,
    /// A member of something that has a name of its own: `VoiceList` of `VoiceList.Amazon.x`.
    Member(String),
    Other,
}

/// A member that is called, with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    pub(super) name: String,
    pub(super) offset: usize,
    pub(super) args: Vec<Arg>,
}

/// A name of the file's top level, which the other files of the rule see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TopName {
    pub(super) name: String,
    pub(super) offset: usize,
    /// `let`, `const` or `class`: declared once.
    pub(super) once: bool,
}

/// What stands in one file.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) used: Vec<Used>,
    pub(super) methods: Vec<Method>,
    /// Names of the global scope that are called (`require`, `setInterval`), with the first argument if it is a number.
    pub(super) globals: Vec<(String, usize, Option<f64>)>,
    /// Texts, and where they stand.
    pub(super) texts: Vec<(String, usize)>,
    /// Members that are called.
    pub(super) calls: Vec<Called>,
    /// Names of the top level.
    pub(super) top: Vec<TopName>,
    /// Requests of which nobody waits for the answer, right before the session is ended.
    pub(super) lost: Vec<usize>,
    /// Names that the file declares itself, wherever.
    pub(super) declared: BTreeSet<String>,
}

/// Reads a file; nothing when it does not parse.
pub(super) fn read(name: &str, source: &str) -> Facts {
    let allocator = Allocator::default();
    let is_typescript = name.to_ascii_lowercase().ends_with(".ts");
    let kind = if is_typescript { SourceType::ts() } else { SourceType::script() };
    let parsed = Parser::new(&allocator, source, kind).parse();
    let mut reader = Reader::default();
    reader.names(&parsed.program);
    reader.visit_program(&parsed.program);
    reader.facts
}

#[derive(Default)]
struct Reader {
    facts: Facts,
    /// Names that stand for another one (`const E = CallEvents`).
    aliases: BTreeMap<String, String>,
    /// Constants that are texts.
    constants: BTreeMap<String, String>,
}

/// Everything that is declared, before anything is judged: a name may be used above its declaration.
struct Names<'r>(&'r mut Reader);

impl<'a> Visit<'a> for Names<'_> {
    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let BindingPattern::BindingIdentifier(id) = &declarator.id {
            let name = id.name.to_string();
            match &declarator.init {
                Some(Expression::Identifier(of)) => drop(self.0.aliases.insert(name, of.name.to_string())),
                Some(Expression::StringLiteral(text)) => {
                    drop(self.0.constants.insert(name, text.value.to_string()));
                }
                _ => {}
            }
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        self.0.facts.declared.insert(id.name.to_string());
    }
}

impl Reader {
    fn names(&mut self, program: &Program<'_>) {
        Names(self).visit_program(program);
    }

    /// The name that an expression stands for: `VoxEngine`, an alias of it, `OpenAI.Beta`.
    fn named(&self, expression: &Expression<'_>) -> Option<String> {
        match expression {
            Expression::Identifier(id) => {
                let mut name = id.name.as_str();
                // A name that stands for itself in a circle ends somewhere.
                for _ in 0..8 {
                    match self.aliases.get(name) {
                        Some(of) => name = of,
                        None => break,
                    }
                }
                (!self.facts.declared.contains(name)).then(|| name.to_owned())
            }
            Expression::StaticMemberExpression(member) => {
                let owner = self.named(&member.object)?;
                owner.chars().next()?.is_uppercase().then(|| format!("{owner}.{}", member.property.name))
            }
            _ => None,
        }
    }

    fn member(&mut self, object: &Expression<'_>, name: &str, offset: u32, called: bool) {
        match self.named(object) {
            Some(owner) if owner.starts_with(char::is_uppercase) => {
                let (name, offset) = (name.to_owned(), offset as usize);
                self.facts.used.push(Used { owner, name, offset, called });
            }
            _ if called => self.facts.methods.push(Method { name: name.to_owned(), offset: offset as usize }),
            _ => {}
        }
    }

    fn arg(&self, argument: &Argument<'_>) -> Arg {
        match argument.as_expression() {
            Some(Expression::StringLiteral(text)) => Arg::Text(text.value.to_string()),
            Some(Expression::TemplateLiteral(template)) if template.expressions.is_empty() => {
                Arg::Text(template.quasis.iter().map(|part| part.value.raw.as_str()).collect())
            }
            Some(Expression::Identifier(id)) => {
                self.constants.get(id.name.as_str()).cloned().map_or(Arg::Other, Arg::Text)
            }
            Some(Expression::NumericLiteral(_)) => Arg::Number,
            Some(Expression::BooleanLiteral(_)) => Arg::Bool,
            Some(Expression::StaticMemberExpression(member)) => {
                let root = self.named(&member.object);
                let root = root.and_then(|name| Some(name.split('.').next()?.to_owned()));
                root.map_or(Arg::Other, Arg::Member)
            }
            _ => Arg::Other,
        }
    }

    /// The names that a statement of the top level declares.
    fn top(&mut self, statement: &Statement<'_>) {
        let mut add = |id: &BindingIdentifier<'_>, once| {
            let (name, offset) = (id.name.to_string(), id.span.start as usize);
            self.facts.top.push(TopName { name, offset, once });
        };
        match statement {
            Statement::VariableDeclaration(declared) => {
                for declarator in &declared.declarations {
                    if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                        add(id, declared.kind != VariableDeclarationKind::Var);
                    }
                }
            }
            Statement::FunctionDeclaration(function) => function.id.iter().for_each(|id| add(id, false)),
            Statement::ClassDeclaration(class) => class.id.iter().for_each(|id| add(id, true)),
            _ => {}
        }
    }

    /// A request and then the end, one after the other in one list.
    fn list(&mut self, statements: &[Statement<'_>]) {
        let called = |statement: &Statement<'_>| match statement {
            Statement::ExpressionStatement(statement) => match &statement.expression {
                Expression::CallExpression(call) => match &call.callee {
                    Expression::StaticMemberExpression(member) => {
                        let owner = self.named(&member.object)?;
                        Some((format!("{owner}.{}", member.property.name), call.span.start as usize))
                    }
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        let calls: Vec<Option<(String, usize)>> = statements.iter().map(called).collect();
        for pair in calls.windows(2) {
            if let [Some((first, at)), Some((second, _))] = pair
                && first.starts_with("Net.")
                && second == "VoxEngine.terminate"
            {
                self.facts.lost.push(*at);
            }
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_program(&mut self, program: &Program<'a>) {
        program.body.iter().for_each(|statement| self.top(statement));
        self.list(&program.body);
        walk::walk_program(self, program);
    }

    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        self.list(&body.statements);
        walk::walk_function_body(self, body);
    }

    fn visit_block_statement(&mut self, block: &BlockStatement<'a>) {
        self.list(&block.body);
        walk::walk_block_statement(self, block);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let (BindingPattern::ObjectPattern(pattern), Some(object)) = (&declarator.id, &declarator.init)
            && let Some(owner) = self.named(object)
        {
            for property in &pattern.properties {
                if let PropertyKey::StaticIdentifier(key) = &property.key {
                    let (name, offset) = (key.name.to_string(), key.span.start as usize);
                    self.facts.used.push(Used { owner: owner.clone(), name, offset, called: false });
                }
            }
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        match &call.callee {
            Expression::Identifier(id) if !self.facts.declared.contains(id.name.as_str()) => {
                let number = call.arguments.get(1).and_then(|argument| match argument.as_expression()? {
                    Expression::NumericLiteral(number) => Some(number.value),
                    _ => None,
                });
                self.facts.globals.push((id.name.to_string(), id.span.start as usize, number));
            }
            Expression::StaticMemberExpression(member) => {
                let name = member.property.name.as_str();
                self.member(&member.object, name, member.property.span.start, true);
                let args = call.arguments.iter().map(|argument| self.arg(argument)).collect();
                let offset = member.property.span.start as usize;
                self.facts.calls.push(Called { name: name.to_owned(), offset, args });
                self.visit_expression(&member.object);
                call.arguments.iter().for_each(|argument| self.visit_argument(argument));
                return;
            }
            _ => {}
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        self.member(&member.object, &member.property.name, member.property.span.start, false);
        walk::walk_static_member_expression(self, member);
    }

    fn visit_computed_member_expression(&mut self, member: &ComputedMemberExpression<'a>) {
        let name = match &member.expression {
            Expression::StringLiteral(text) => Some(text.value.to_string()),
            Expression::Identifier(id) => self.constants.get(id.name.as_str()).cloned(),
            _ => None,
        };
        if let Some(name) = name {
            self.member(&member.object, &name, member.expression.span().start, false);
        }
        walk::walk_computed_member_expression(self, member);
    }

    fn visit_string_literal(&mut self, text: &StringLiteral<'a>) {
        self.facts.texts.push((text.value.to_string(), text.span.start as usize));
    }

    fn visit_template_literal(&mut self, template: &TemplateLiteral<'a>) {
        for part in &template.quasis {
            self.facts.texts.push((part.value.raw.to_string(), part.span.start as usize));
        }
        walk::walk_template_literal(self, template);
    }
}
