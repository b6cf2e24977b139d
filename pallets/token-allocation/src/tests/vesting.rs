use super::*;
use proptest::prelude::*;
use sp_core::U256;

type Terms = GrantTerms<Balance, u32>;

/// Vesting by its definition, in numbers wide enough for every product.
fn oracle(terms: &Terms, now: u32) -> Balance {
	let start = u64::from(terms.start);
	let now = u64::from(now);
	if now < start + u64::from(terms.cliff) {
		0
	} else if now >= start + u64::from(terms.duration) {
		terms.amount
	} else {
		(U256::from(terms.amount) * U256::from(now - start) / U256::from(terms.duration)).as_u128()
	}
}

fn amount() -> impl Strategy<Value = Balance> {
	prop_oneof![any::<u128>(), any::<u64>().prop_map(Balance::from), 0..1_000u128, Just(Balance::MAX)]
}

fn blocks() -> impl Strategy<Value = u32> {
	prop_oneof![any::<u32>(), 0..1_000u32]
}

prop_compose! {
	fn any_terms()(
		amount in amount(), start in blocks(), duration in blocks(), revocable in any::<bool>(),
	)(
		cliff in 0..=duration, amount in Just(amount), start in Just(start), duration in Just(duration),
		revocable in Just(revocable),
	) -> Terms {
		Terms { amount, start, cliff, duration, revocable }
	}
}

/// A block near one that matters for `terms`, or any block.
fn block_of(terms: &Terms, choice: u8, any: u32) -> u32 {
	match choice % 5 {
		0 => terms.start.saturating_add(any % 3).saturating_sub(1),
		1 => terms.cliff_block().saturating_add(any % 3).saturating_sub(1),
		2 => terms.end_block().saturating_add(any % 3).saturating_sub(1),
		3 => terms.start.saturating_add(any.checked_rem(terms.duration).unwrap_or_default()),
		_ => any,
	}
}

proptest! {
	#[test]
	fn vested_is_exact_monotone_and_at_most_the_amount(
		terms in any_terms(), choices in any::<[u8; 2]>(), blocks in any::<[u32; 2]>(),
	) {
		let mut times = [0, 1].map(|index| block_of(&terms, choices[index], blocks[index]));
		times.sort();
		let vested = times.map(|now| terms.vested(now));
		prop_assert_eq!(vested, times.map(|now| oracle(&terms, now)));
		prop_assert!(vested[0] <= vested[1] && vested[1] <= terms.amount);
	}

	#[test]
	fn owed_is_total_minus_claimed(
		terms in any_terms(), choices in any::<[u8; 3]>(), blocks in any::<[u32; 3]>(), withdrawn in any::<bool>(),
	) {
		let mut times = [0, 1, 2].map(|index| block_of(&terms, choices[index], blocks[index]));
		times.sort();
		let [first, second, last] = times;
		let claimed = terms.vested(first);
		let mut grant = Grant { program: Program::Team, beneficiary: (), terms, claimed, withdrawn: None };
		prop_assert_eq!(grant.owed(), terms.amount - claimed);
		grant.withdrawn = withdrawn.then_some(second);
		let total = if withdrawn { oracle(&terms, second) } else { terms.amount };
		prop_assert_eq!(grant.owed(), total - claimed);
		prop_assert_eq!(grant.claimable(first), 0);
		prop_assert_eq!(grant.claimable(second), oracle(&terms, second) - claimed);
		prop_assert_eq!(grant.claimable(last), oracle(&terms, if withdrawn { second } else { last }) - claimed);
	}
}

#[test]
fn vested_is_exact_for_largest_numbers() {
	let terms = Terms { amount: Balance::MAX, start: 0, cliff: 0, duration: u32::MAX, revocable: false };
	assert_eq!(terms.vested(0), 0);
	// 2^128 - 1 is 2^32 - 1 times this.
	assert_eq!(terms.vested(1), (1 << 96) + (1 << 64) + (1 << 32) + 1);
	assert_eq!(terms.vested(u32::MAX - 1), Balance::MAX - ((1 << 96) + (1 << 64) + (1 << 32) + 1));
	assert_eq!(terms.vested(u32::MAX), Balance::MAX);
}
