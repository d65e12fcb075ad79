//! What a panic prints. It is our own mistake and is caught where a call ends, but its words go to standard error by
//! themselves, and a value in them may be a secret: so they pass through the redactor of the run, as every output does.

use std::panic::PanicHookInfo;
use std::sync::{PoisonError, RwLock};

use crate::journal::Redactor;

static SECRETS: RwLock<Option<Redactor>> = RwLock::new(None);

/// From now on panics of this process hide these secrets too.
pub(super) fn hide(redactor: &Redactor) {
    *SECRETS.write().unwrap_or_else(PoisonError::into_inner) = Some(redactor.clone());
}

/// Prints panics without secrets. For the program's start.
pub fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), told(panic).as_bytes());
    }));
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let text = format!("error: voxrun itself failed: {panic}\n");
    match &*SECRETS.read().unwrap_or_else(PoisonError::into_inner) {
        Some(redactor) => redactor.hide(&text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_panic_says_no_secret() {
        hide(&Redactor::new([("KEY", "sk-of-a-panic-1")]));
        let (to, from) = channel();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| drop(to.send(told(panic)))));
        let caught = std::thread::spawn(|| panic!("no place for {:?}", "sk-of-a-panic-1")).join();
        std::panic::set_hook(usual);
        assert!(caught.is_err());
        let told: Vec<String> = from.try_iter().filter(|text| text.contains("no place for")).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("******") && !told[0].contains("sk-of"), "{told:?}");
        assert!(told[0].contains("panics.rs"), "and where it was: {told:?}");
    }
}
