//! The README says what is true: its commands are what `.ci/run` runs, its flags exist, its links lead somewhere.

use regex::Regex;

use super::{root, voxrun};

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("README.md")
}

#[test]
fn the_first_commands_are_what_continuous_integration_runs() {
    let text = readme();
    let block = text.split("```").nth(1).expect("a first code block");
    let commands: Vec<&str> = block.lines().skip(1).filter(|line| !line.is_empty()).collect();
    assert_eq!(commands.len(), 2, "the README opens with two commands: {commands:?}");
    let ci = std::fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    for command in commands {
        assert!(ci.lines().any(|line| line.ends_with(command)), "`{command}` is not run by .ci/run");
    }
}

#[test]
fn every_flag_that_is_named_exists() {
    let help = ["run", "emulate"].map(|command| {
        let help = voxrun(root(), &[command.to_owned(), "--help".to_owned()], "");
        assert_eq!(help.code, 0, "{}", help.stderr);
        help.stdout
    });
    let help = help.concat();
    let flag = Regex::new(r"`(--[a-z-]+)").expect("a pattern");
    let text = readme();
    let named: Vec<&str> =
        flag.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    assert!(named.len() > 5, "the README names the flags");
    for flag in named {
        assert!(help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n")), "{flag}");
    }
}

#[test]
fn every_linked_file_exists() {
    let link = Regex::new(r"\]\(([^)#:]+)\)").expect("a pattern");
    let mut pages = super::files(&root().join("docs"), &["md"]);
    pages.push(root().join("README.md"));
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("readable");
        let folder = page.parent().expect("in a folder");
        for found in link.captures_iter(&text) {
            assert!(folder.join(&found[1]).exists(), "{}: {}", super::shown(&page), &found[1]);
        }
    }
}
