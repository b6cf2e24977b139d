//! Masks that data providers add to what they encrypt and that cancel when all of them are summed:
//! `docs/adr/0011-masks-between-data-providers.md`.
//!
//! Every two providers share a secret by X25519 (RFC 7748) between keys that each has made for this job alone; from it
//! both derive the same number for each block of a job, which one adds and the other subtracts. Bonawitz and others,
//! "Practical Secure Aggregation" (CCS 2017), section 4.1, without its recovery from dropouts: a job needs all of its
//! providers anyway.

use encrytrust_paillier::{transcript::Transcript, Plaintext, PublicKey};
use encrytrust_types::x25519::is_full_order;
use std::cmp::Ordering;
use x25519_dalek::{x25519, X25519_BASEPOINT_BYTES};
use zeroize::Zeroizing;

/// Which job a mask is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
	/// The chain, by its genesis block's hash.
	pub genesis: [u8; 32],
	/// The job's number.
	pub job: u64,
}

/// Why there is no mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
	/// One's own key, or one that is there twice: two equal keys cancel nothing.
	#[error("the mask key of provider {peer} is in this job twice: add no mask, and commit to nothing")]
	Twice {
		/// The index among the peers.
		peer: usize,
	},
	/// Everybody knows what is agreed on with such a key.
	#[error("the mask key of provider {peer} is a point of small order, with which no secret can be agreed on: add no mask, and commit to nothing")]
	WeakKey {
		/// The index among the peers.
		peer: usize,
	},
}

/// An X25519 key for the masks of one job: made anew for each, kept until the job has ended, and erased then. Whoever
/// gets hold of other keys of its owner later finds no mask of the past.
#[derive(Clone)]
pub struct EphemeralKey(Zeroizing<[u8; 32]>);

impl EphemeralKey {
	/// Draws a key.
	///
	/// # Panics
	///
	/// If the operating system has no randomness.
	pub fn generate() -> Self {
		let mut secret = Zeroizing::new([0; 32]);
		getrandom::fill(&mut *secret).expect("the operating system gives random bytes");
		Self(secret)
	}

	/// The key whose secret was kept.
	pub fn from_secret(secret: &[u8; 32]) -> Self {
		Self(Zeroizing::new(*secret))
	}

	/// What to keep: on disk before the public part is posted.
	pub fn secret(&self) -> Zeroizing<[u8; 32]> {
		self.0.clone()
	}

	/// The public part, as posted.
	pub fn public(&self) -> [u8; 32] {
		x25519(*self.0, X25519_BASEPOINT_BYTES)
	}
}

impl std::fmt::Debug for EphemeralKey {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("EphemeralKey(…)")
	}
}

/// What one data provider shares with each of the others for one job; erased when dropped.
pub struct Masks(Vec<Pair>);

/// The secret of two providers.
struct Pair {
	secret: Zeroizing<[u8; 64]>,
	/// Whether this provider adds and the other one subtracts.
	adds: bool,
}

impl Masks {
	/// Agrees with `peers`, the keys of the job's other data providers, in any order. With none of them every mask is
	/// 0.
	///
	/// # Errors
	///
	/// A key that is there twice or of small order.
	pub fn new(key: &EphemeralKey, peers: &[[u8; 32]], job: &Job) -> Result<Self, MaskError> {
		let own = key.public();
		let pairs = peers.iter().enumerate().map(|(index, peer)| {
			if *peer == own || peers[..index].contains(peer) {
				return Err(MaskError::Twice { peer: index });
			}
			let shared = Zeroizing::new(x25519(*key.0, *peer));
			// Whether a peer's key is of small order is no secret.
			if !is_full_order(peer) || *shared == [0; 32] {
				return Err(MaskError::WeakKey { peer: index });
			}
			Ok(Pair::new(&shared, &own, peer, job))
		});
		pairs.collect::<Result<_, _>>().map(Self)
	}

	/// What this provider adds to a block of a column before it is split: uniform below `N` to all who miss the secret of
	/// one of its pairs. Over all providers the masks of a block add up to 0 modulo `N`.
	pub fn mask(&self, key: &PublicKey, column: u32, block: u64) -> Plaintext {
		self.0.iter().fold(key.zero(), |sum, pair| {
			let mask = pair.mask(key, column, block);
			match pair.adds {
				true => key.add_plain(&sum, &mask),
				false => key.sub_plain(&sum, &mask),
			}
		})
	}
}

impl Pair {
	fn new(shared: &[u8; 32], own: &[u8; 32], peer: &[u8; 32], job: &Job) -> Self {
		let adds = own.cmp(peer) == Ordering::Less;
		let [low, high] = if adds { [own, peer] } else { [peer, own] };
		let secret = Transcript::new("encrytrust/masks/1")
			.with(job.genesis)
			.with(job.job.to_le_bytes())
			.with(low)
			.with(high)
			.with(shared)
			.digest();
		Self { secret, adds }
	}

	fn mask(&self, key: &PublicKey, column: u32, block: u64) -> Plaintext {
		let place = Transcript::new("encrytrust/masks/block/1")
			.with(*self.secret)
			.with(key.modulus_bytes())
			.with(column.to_le_bytes())
			.with(block.to_le_bytes());
		key.derived_plaintext(&place, "mask")
	}
}

impl std::fmt::Debug for Masks {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "Masks(with {} others)", self.0.len())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_paillier::{KeySize, SecretKey};
	use encrytrust_types::x25519::SMALL_ORDER;
	use proptest::prelude::*;
	use std::sync::LazyLock;

	static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));
	const JOB: Job = Job { genesis: [1; 32], job: 7 };

	fn public(secret: &[u8; 32]) -> [u8; 32] {
		EphemeralKey::from_secret(secret).public()
	}

	fn own_key() -> EphemeralKey {
		EphemeralKey::from_secret(&[1; 32])
	}

	/// The masks of every provider with all others.
	fn all(secrets: &[[u8; 32]], job: &Job) -> Vec<Masks> {
		let others = |own: usize| {
			let others = secrets.iter().enumerate().filter(move |(index, _)| *index != own);
			others.map(|(_, secret)| public(secret)).collect::<Vec<_>>()
		};
		(0..secrets.len())
			.map(|own| Masks::new(&EphemeralKey::from_secret(&secrets[own]), &others(own), job).unwrap())
			.collect()
	}

	fn secrets(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<[u8; 32]>> {
		// Clamping drops the lowest bits: what differs in the others makes another key.
		let secrets = prop::collection::btree_set(any::<[u8; 31]>(), count);
		secrets.prop_map(|secrets| {
			secrets
				.iter()
				.map(|rest| std::array::from_fn(|index| index.checked_sub(1).map_or(0, |at| rest[at]) & 0x3f))
				.collect()
		})
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(32))]

		#[test]
		fn masks_cancel_over_all_providers(secrets in secrets(1..6), column in any::<u32>(), block in any::<u64>()) {
			let key = SECRET.public();
			let masks: Vec<_> = all(&secrets, &JOB).iter().map(|masks| masks.mask(key, column, block)).collect();
			prop_assert_eq!(crate::additive::combine(key, &masks), key.zero());
			if secrets.len() > 1 {
				for left_out in 0..masks.len() {
					let rest = [&masks[..left_out], &masks[left_out + 1..]].concat();
					prop_assert_ne!(crate::additive::combine(key, &rest), key.zero());
				}
			}
		}
	}

	#[test]
	fn masks_differ_between_positions() {
		let key = SECRET.public();
		let other_key = SecretKey::generate(KeySize::Bits2048);
		let at = |job: Job| all(&[[1; 32], [2; 32]], &job).swap_remove(0);
		let here = at(JOB);
		let mask = at(JOB).mask(key, 1, 2);
		for (name, other) in [
			("column", here.mask(key, 2, 2)),
			("block", here.mask(key, 1, 1)),
			("job", at(Job { job: 8, ..JOB }).mask(key, 1, 2)),
			("chain", at(Job { genesis: [2; 32], ..JOB }).mask(key, 1, 2)),
			("user", here.mask(other_key.public(), 1, 2)),
			("peer", all(&[[1; 32], [3; 32]], &JOB)[0].mask(key, 1, 2)),
		] {
			assert_ne!(mask, other, "{name}");
		}
		assert_eq!(mask, here.mask(key, 1, 2));
	}

	#[test]
	fn mask_is_zero_for_single_provider() {
		let masks = Masks::new(&own_key(), &[], &JOB).unwrap();
		assert_eq!(masks.mask(SECRET.public(), 0, 0), SECRET.public().zero());
	}

	#[test]
	fn masks_are_equal_for_any_order_of_peers() {
		let [a, b] = [public(&[2; 32]), public(&[3; 32])];
		let mask = |peers: &[[u8; 32]]| Masks::new(&own_key(), peers, &JOB).unwrap().mask(SECRET.public(), 0, 0);
		assert_eq!(mask(&[a, b]), mask(&[b, a]));
	}

	#[test]
	fn masks_fail_for_repeated_and_weak_keys() {
		let (own, good) = (public(&[1; 32]), public(&[2; 32]));
		let mut one = [0; 32];
		one[0] = 1;
		// The own key once more, in the encoding that RFC 7748 reads as the same point.
		let mut disguised = own;
		disguised[31] |= 0x80;
		for (name, peers, expected) in [
			("one's own", vec![good, own], MaskError::Twice { peer: 1 }),
			("twice", vec![good, good], MaskError::Twice { peer: 1 }),
			("zero", vec![[0; 32]], MaskError::WeakKey { peer: 0 }),
			("of order 4", vec![good, one], MaskError::WeakKey { peer: 1 }),
			("another encoding of one's own", vec![good, disguised], MaskError::WeakKey { peer: 1 }),
		] {
			assert_eq!(Masks::new(&own_key(), &peers, &JOB).map(|_| ()), Err(expected), "{name}");
		}
	}

	#[test]
	fn keys_of_small_order_are_those_that_agree_on_nothing() {
		let own = own_key();
		for key in SMALL_ORDER {
			assert_eq!(x25519(*own.0, key), [0; 32]);
			assert!(!is_full_order(&key));
		}
		let (first, second) = (EphemeralKey::generate(), EphemeralKey::generate());
		assert_ne!(first.public(), second.public());
		assert_eq!(EphemeralKey::from_secret(&first.secret()).public(), first.public());
		assert!(is_full_order(&first.public()));
		assert_eq!(format!("{first:?}"), "EphemeralKey(…)");
	}
}
