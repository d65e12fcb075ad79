//! Seeds out of seeds: everything in a world draws its randomness from the one seed of the run, and no two things share a
//! stream. SplitMix64 (Steele, Lea and Flood, 2014); not for secrets.

/// A seed that belongs to `purpose` and `number` under `seed`. The same three always give the same one.
pub(crate) fn derive(seed: u64, purpose: &str, number: u64) -> u64 {
    let named = purpose.bytes().fold(mix(seed), |state, byte| mix(state ^ u64::from(byte)));
    mix(named ^ number)
}

fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_frozen_and_differ() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        let some = [
            derive(0, "engine", 1),
            derive(0, "engine", 2),
            derive(0, "emulator", 1),
            derive(1, "engine", 1),
        ];
        for (index, seed) in some.iter().enumerate() {
            assert!(!some[..index].contains(seed), "{some:x?}");
        }
        assert_eq!(derive(7, "call", 1), derive(7, "call", 1));
    }
}
