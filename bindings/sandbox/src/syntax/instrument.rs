//! Finds where the counting calls go: the start of every function body and loop body, around the expression body of an
//! arrow function, around text that grows by joining, and inside a direct `eval`.
//!
//! It only inserts text within a line and never changes what the source means. It does not count straight-line code,
//! which is bounded by the length of the source.

use super::marks::{self, Operand};
use super::positions::Insertion;
use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, AssignmentExpression, AssignmentOperator, BinaryExpression,
    BinaryOperator, CallExpression, DoWhileStatement, Expression, ExpressionStatement, ForInStatement,
    ForOfStatement, ForStatement, FunctionBody, IfStatement, Program, ReturnStatement, Statement,
    TaggedTemplateExpression, TemplateLiteral, VariableDeclarator, WhileStatement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

/// Joined operands that may grow before one check: bounds what one expression can allocate.
const JOINED_AT_ONCE: usize = 8;

/// The insertions for a program, in the order in which they stand in the text. With `placed` expressions get places of
/// their own.
pub(super) fn insertions(program: &Program<'_>, placed: bool) -> Vec<Insertion> {
    let mut places = Places { found: Vec::new(), big: mentions_bigint(program.source_text), placed };
    places.visit_program(program);
    // At one offset what closes stands before what opens; the inner of two closes first, the outer of two opens first.
    places.found.sort_by_key(|mark| (mark.insertion.offset, mark.opens, mark.order));
    places.found.into_iter().map(|mark| mark.insertion).collect()
}

struct Mark {
    insertion: Insertion,
    opens: bool,
    order: i64,
}

struct Places {
    found: Vec<Mark>,
    /// The source speaks of BigInts, so their arithmetic is looked at.
    big: bool,
    /// Expressions get places of their own.
    placed: bool,
}

/// Whether a source can make a BigInt: it names the constructor or has what looks like a literal.
fn mentions_bigint(source: &str) -> bool {
    let literal = |three: &[u8]| {
        three[0].is_ascii_hexdigit()
            && three[1] == b'n'
            && !(three[2].is_ascii_alphanumeric() || three[2] == b'_')
    };
    source.contains("BigInt") || source.as_bytes().windows(3).any(literal) || source.ends_with('n')
}

fn is_number(expression: &Expression<'_>) -> bool {
    matches!(expression, Expression::NumericLiteral(_) | Expression::StringLiteral(_))
}

impl Places {
    fn open(&mut self, offset: u32, text: &'static str) {
        let order = i64::try_from(self.found.len()).unwrap_or(i64::MAX);
        let insertion = Insertion { offset: offset as usize, text };
        self.found.push(Mark { insertion, opens: true, order });
    }

    fn close(&mut self, offset: u32, text: &'static str) {
        let order = -i64::try_from(self.found.len()).unwrap_or(i64::MAX);
        let insertion = Insertion { offset: offset as usize, text };
        self.found.push(Mark { insertion, opens: false, order });
    }

    fn wrap(&mut self, span: Span, open: &'static str, close: &'static str) {
        self.open(span.start, open);
        self.close(span.end, close);
    }

    /// Gives an expression a place of its own: the engine knows the places of calls and assignments only, and shows
    /// anything else at the start of the function. A function keeps its own name only if it is left alone.
    fn place(&mut self, expression: &Expression<'_>) {
        let has_place = matches!(
            expression.without_parentheses(),
            Expression::AssignmentExpression(_)
                | Expression::UpdateExpression(_)
                | Expression::ArrowFunctionExpression(_)
                | Expression::FunctionExpression(_)
                | Expression::ClassExpression(_)
                | Expression::NumericLiteral(_)
                | Expression::StringLiteral(_)
                | Expression::BooleanLiteral(_)
                | Expression::NullLiteral(_)
        );
        if self.placed && !has_place {
            self.open(expression.span().start, marks::PLACE);
        }
    }

    fn loop_body(&mut self, body: &Statement<'_>) {
        match body {
            Statement::BlockStatement(block) => self.open(block.span.start + 1, marks::BLOCK),
            _ => self.wrap(body.span(), marks::LOOP_OPEN, marks::LOOP_CLOSE),
        }
    }
}

/// Whether the value cannot be a long string: a literal, or the result of arithmetic, a test or a length.
fn is_short(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::NumericLiteral(_)
        | Expression::StringLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::BigIntLiteral(_)
        | Expression::UnaryExpression(_)
        | Expression::UpdateExpression(_)
        | Expression::PrivateInExpression(_) => true,
        Expression::TemplateLiteral(template) => template.expressions.is_empty(),
        Expression::BinaryExpression(binary) => binary.operator != BinaryOperator::Addition,
        Expression::StaticMemberExpression(member) => member.property.name == "length",
        Expression::ParenthesizedExpression(inner) => is_short(&inner.expression),
        _ => false,
    }
}

impl Places {
    fn operand(&mut self, span: Span, part: Operand) {
        self.wrap(span, marks::TEXT_OPEN, part.close());
    }

    fn arithmetic(&mut self, binary: &BinaryExpression<'_>) {
        let part = match binary.operator {
            BinaryOperator::Exponential => Operand::Exponent,
            BinaryOperator::ShiftLeft | BinaryOperator::ShiftRight => Operand::Shift,
            BinaryOperator::Multiplication => Operand::Factor,
            BinaryOperator::Division | BinaryOperator::Remainder => Operand::Divisor,
            _ => return,
        };
        if self.big && !is_number(&binary.left) && !is_number(&binary.right) {
            self.operand(binary.left.span(), Operand::Left);
            self.operand(binary.right.span(), part);
        }
    }

    fn arithmetic_assignment(&mut self, assignment: &AssignmentExpression<'_>) {
        let part = match assignment.operator {
            AssignmentOperator::Exponential => Some(Operand::AssignedExponent),
            AssignmentOperator::ShiftLeft | AssignmentOperator::ShiftRight => Some(Operand::AssignedShift),
            AssignmentOperator::Multiplication => None,
            _ => return,
        };
        if self.big && !is_number(&assignment.right) {
            self.operand(assignment.span, Operand::Result);
            if let Some(part) = part {
                self.operand(assignment.right.span(), part);
            }
        }
    }
}

impl<'a> Visit<'a> for Places {
    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        match body.directives.last() {
            Some(directive) => self.open(directive.span.end, marks::AFTER_DIRECTIVE),
            None => self.open(body.span.start + 1, marks::BLOCK),
        }
        walk::walk_function_body(self, body);
    }

    fn visit_expression_statement(&mut self, statement: &ExpressionStatement<'a>) {
        self.place(&statement.expression);
        walk::walk_expression_statement(self, statement);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let Some(value) = &declarator.init {
            self.place(value);
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_return_statement(&mut self, statement: &ReturnStatement<'a>) {
        if let Some(value) = &statement.argument {
            self.place(value);
        }
        walk::walk_return_statement(self, statement);
    }

    fn visit_if_statement(&mut self, statement: &IfStatement<'a>) {
        self.place(&statement.test);
        walk::walk_if_statement(self, statement);
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        if !matches!(arrow.body, ArrowFunctionBody::FunctionBody(_)) {
            self.wrap(arrow.body.span(), marks::ARROW_OPEN, marks::CLOSE);
        }
        walk::walk_arrow_function_expression(self, arrow);
    }

    fn visit_do_while_statement(&mut self, statement: &DoWhileStatement<'a>) {
        self.loop_body(&statement.body);
        walk::walk_do_while_statement(self, statement);
    }

    fn visit_while_statement(&mut self, statement: &WhileStatement<'a>) {
        self.loop_body(&statement.body);
        walk::walk_while_statement(self, statement);
    }

    fn visit_for_statement(&mut self, statement: &ForStatement<'a>) {
        self.loop_body(&statement.body);
        walk::walk_for_statement(self, statement);
    }

    fn visit_for_in_statement(&mut self, statement: &ForInStatement<'a>) {
        self.loop_body(&statement.body);
        walk::walk_for_in_statement(self, statement);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        self.loop_body(&statement.body);
        walk::walk_for_of_statement(self, statement);
    }

    fn visit_binary_expression(&mut self, outer: &BinaryExpression<'a>) {
        if outer.operator != BinaryOperator::Addition {
            self.arithmetic(outer);
            walk::walk_binary_expression(self, outer);
            return;
        }
        // The chain a + b + c leans to the left: follow it without recursion, from the outermost sum inwards.
        let mut sums = vec![outer];
        while let Some(Expression::BinaryExpression(left)) = sums.last().map(|sum| &sum.left) {
            if left.operator != BinaryOperator::Addition {
                break;
            }
            sums.push(left);
        }
        let innermost = sums[sums.len() - 1];
        let mut long = usize::from(!is_short(&innermost.left));
        let mut wrapped = Vec::new();
        for (index, sum) in sums.iter().enumerate().rev() {
            long += usize::from(!is_short(&sum.right));
            if long >= JOINED_AT_ONCE || (index == 0 && long >= 2) {
                wrapped.push(sum.span);
                long = 1;
            }
        }
        for span in wrapped.into_iter().rev() {
            self.wrap(span, marks::TEXT_OPEN, marks::CLOSE);
        }
        self.visit_expression(&innermost.left);
        for sum in sums.iter().rev() {
            self.visit_expression(&sum.right);
        }
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if assignment.operator == AssignmentOperator::Addition && !is_short(&assignment.right) {
            self.wrap(assignment.span, marks::TEXT_OPEN, marks::CLOSE);
        }
        self.arithmetic_assignment(assignment);
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_template_literal(&mut self, template: &TemplateLiteral<'a>) {
        if template.expressions.iter().filter(|part| !is_short(part)).count() >= 2 {
            self.wrap(template.span, marks::TEXT_OPEN, marks::CLOSE);
        }
        walk::walk_template_literal(self, template);
    }

    fn visit_tagged_template_expression(&mut self, tagged: &TaggedTemplateExpression<'a>) {
        // The quasi is not a string here: only what stands in it is visited.
        self.visit_expression(&tagged.tag);
        for part in &tagged.quasi.expressions {
            self.visit_expression(part);
        }
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Expression::Identifier(callee) = &call.callee
            && callee.name == "eval"
            && let (Some(first), false) = (call.arguments.first(), call.optional)
        {
            self.open(first.span().start, marks::EVAL_OPEN);
            self.close(call.span.end - 1, marks::CLOSE);
        }
        walk::walk_call_expression(self, call);
    }
}
