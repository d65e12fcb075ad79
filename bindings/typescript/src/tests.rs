//! What becomes of TypeScript, and where its mistakes are.

use super::*;

fn code(source: &str) -> String {
    lower(source).unwrap_or_else(|problem| panic!("{source}: {problem}")).code
}

fn refused(source: &str) -> (String, u32, u32) {
    let problem = lower(source).expect_err(source);
    (problem.message, problem.line, problem.column)
}

#[test]
fn types_are_erased() {
    let source = "interface A { b?: string }\ntype B = A | null;\ndeclare const VoxEngine: any;\n\
        import type { Call } from 'voxengine';\nimport { Other } from './types';\n\
        function f(this: void, a: A, b: Other[] = []): asserts a is A { return (a as any)!.b satisfies string; }\n\
        function f2(a: string): void;\nfunction f2(a: any) { return <any>a; }\n\
        abstract class C<T> implements A { private readonly x!: number; abstract m(): void; y?: T = undefined; }\n\
        export type { B };\nexport {};\n";
    let code = code(source);
    for word in [
        "interface",
        "type B",
        "declare",
        "import",
        "export",
        "asserts",
        "satisfies",
        "implements",
        "abstract",
    ] {
        assert!(!code.contains(word), "{word}: {code}");
    }
    assert!(code.contains("function f(a, b = [])") && code.contains("class C"), "{code}");
}

#[test]
fn enums_namespaces_and_parameter_properties_become_what_they_mean() {
    let code = code(
        "enum Colour { Red, Green = 5, Blue }\nconst enum Fixed { A = 'a' }\nnamespace Tools { export const two = 2; }\n\
         class Point { constructor(public x: number, private y = 1) {} }\nconst seen = [Colour.Blue, Fixed.A, Tools.two];",
    );
    assert!(code.contains("var Colour"), "{code}");
    assert!(code.contains("this.x = x") && code.contains("this.y = y"), "{code}");
    assert!(code.contains("Tools"), "{code}");
    voxrun_sandbox::prepare(&code).expect("a classic script");
}

#[test]
fn what_a_classic_script_cannot_have_is_refused_by_name() {
    let (message, line, column) = refused("type A = 1;\nimport { f } from './f';\nf();");
    assert!(message.starts_with("`import` of a value from './f'"), "{message}");
    assert_eq!((line, column), (2, 1));
    assert!(refused("export const a = 1;").0.starts_with("`export` of a value"));
    assert!(refused("export default 1;").0.starts_with("`export` of a value"));
    assert_eq!(refused("class A {\n  @log m() {}\n}").1, 2);
    assert!(refused("@a class B {}").0.starts_with("decorators"));
    assert!(refused("import('x')").0.starts_with("`import()`"));
    assert_eq!(refused("const a: = 1;"), ("Unexpected token".to_owned(), 1, 10));
    assert!(refused(&"(".repeat(100_000)).0.contains("nested"));
}

#[test]
fn places_lead_back_with_wide_characters_before_them() {
    let source = "enum A { B }\n\ninterface C {}\nconst text: string = '\u{1f600}é'; missing(text);\n";
    let lowered = lower(source).expect("TypeScript");
    let line = lowered.code.lines().position(|line| line.contains("missing")).expect("a line");
    let text = lowered.code.lines().nth(line).expect("a line");
    let column = text.chars().take_while(|ch| *ch != 'm').count() + 1;
    let at = (u32::try_from(line + 1).expect("small"), u32::try_from(column).expect("small"));
    let found = lowered.mappings.iter().rfind(|mapping| mapping.at <= at).expect("a mapping");
    assert_eq!(found.from, (4, 28));
}
