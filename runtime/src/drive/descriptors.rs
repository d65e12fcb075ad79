//! How many files and sockets the program may have open. Many systems begin with 1,024 and allow far more to whoever
//! asks; two hundred calls with their providers need more than four hundred.

/// Asks for as many as the system allows. Where it refuses, the first connection too many says so by itself.
#[cfg(unix)]
pub(super) fn ask_for_all() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limits = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, maximum: limits.maximum });
}

/// Elsewhere there is no such limit to ask about.
#[cfg(not(unix))]
pub(super) fn ask_for_all() {}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;

    #[test]
    fn the_limit_is_the_systems() {
        let given = getrlimit(Resource::Nofile);
        let less = given.current.map(|count| count - 1);
        setrlimit(Resource::Nofile, Rlimit { current: less, maximum: given.maximum }).unwrap();
        ask_for_all();
        let limits = getrlimit(Resource::Nofile);
        assert_eq!(limits.current, limits.maximum);
    }
}
