//! The pages of `docs/` that are printed from the program's own tables, so that they cannot drift from it.

use voxrun_bindings::compatibility::Proofs;
use voxrun_bindings::fidelity::{Policy, policies};

/// How a generated page begins.
const GENERATED: &str = "<!-- Printed by `cargo run -- docs";

/// `docs/compatibility.md`: what of the platform exists here. The bindings print it from their class tables, and from what the
/// specs were seen to use.
pub(crate) fn compatibility(proofs: &str) -> String {
    let proofs = Proofs::parse(proofs);
    format!(
        "{GENERATED} compatibility --proofs tests/specs/proofs.txt`. Do not edit. -->\n\n{}",
        voxrun_bindings::compatibility::compatibility(&proofs)
    )
}

/// `docs/values.md`: every enum and its values.
pub(crate) fn values() -> String {
    format!("{GENERATED} values`. Do not edit. -->\n\n{}", voxrun_bindings::compatibility::values())
}

/// `docs/fidelity.md`: every decision about something that the platform does not document.
pub(crate) fn fidelity() -> String {
    let mut page = format!("{GENERATED} fidelity`. Do not edit. -->\n\n");
    page.push_str(
        "# Fidelity\n\n\
         voxrun follows every behaviour that the platform documents. What is inferred or unknown is decided once, as a\n\
         named policy. The summary of a run lists the policies that it relied on, and `--strict` fails such a run.\n",
    );
    for policy in policies() {
        page.push_str(&entry(policy));
    }
    page
}

fn entry(policy: &Policy) -> String {
    let Policy { id, what, choice, evidence, shown_by, .. } = policy;
    format!("\n## {id}: {what}\n\n- Choice: {choice}\n- Evidence: {evidence}\n- Shown by: `{shown_by}`\n")
}
