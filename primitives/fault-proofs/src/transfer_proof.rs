//! Transfers: that a data provider knows the number that it transfers, `docs/protocol/selection.md`, "Proof of
//! knowledge".

use crate::{
	big_integers::{fixed_bytes, MAX_TERMS},
	ring::Ring,
	transcript::Transcript,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::ops::Range;
use encrytrust_types::{Modulus, Number};
use num_bigint::BigUint;
use scale_info::TypeInfo;

/// The label of the challenge's transcript.
pub const LABEL: &str = "encrytrust/selection/transfer/1";
/// The most transfers that are verified at once.
pub const MAX_BATCH: usize = 1024;
/// Bytes of a weight.
const WEIGHT: usize = 16;
/// Bytes of the product of a weight and a challenge.
const WEIGHTED: usize = 32;
/// Bytes by which a sum of weighted responses is longer than one of them: a weight, and the number of transfers.
const EXCESS: usize = 18;

// Two terms for each transfer.
const _: () = assert!(2 * MAX_BATCH <= MAX_TERMS);

/// A proof of knowledge of the `kappa` and `rho` in a transfer `Z = X^kappa rho^N`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct TransferProof {
	/// The commitment `A`, modulo `N^2`.
	pub commitment: Number,
	/// The response `z` about `kappa`, modulo `N`.
	pub kappa_response: Modulus,
	/// The response `w` about `rho`, modulo `N`.
	pub rho_response: Modulus,
}

impl TransferProof {
	/// Whether all numbers are in their range, and the commitment coprime to `N`.
	pub fn is_well_formed(&self, ring: &Ring) -> bool {
		let responses = [&self.kappa_response, &self.rho_response];
		responses.into_iter().all(|response| ring.is_plaintext(response)) && ring.is_ciphertext(&self.commitment)
	}
}

/// A transfer with what it is proven about. Its selector and itself must be ciphertexts, and its proof well-formed.
#[derive(Clone, Debug)]
pub struct Transfer<'a> {
	/// `S` of the document with the label [`LABEL`], the data provider, the feature and the part.
	pub transcript: Transcript,
	/// The selector `X`.
	pub selector: &'a [u8],
	/// The transfer `Z`.
	pub transfer: &'a [u8],
	/// The proof.
	pub proof: &'a TransferProof,
}

impl Transfer<'_> {
	/// The challenge `e`.
	pub fn challenge(&self, ring: &Ring) -> u128 {
		challenge(&self.transcript, ring.n_bytes(), self.selector, self.transfer, &self.proof.commitment)
	}

	/// Whether the proof holds: `(X^z w^N)^2 = (A Z^e)^2`. `None` for numbers of other lengths.
	pub fn holds(&self, ring: &Ring) -> Option<bool> {
		equation_holds(ring, core::slice::from_ref(self), &[1])
	}
}

/// The challenge of a proof about a transfer `Z` by a selector `X` with the commitment `A`.
pub fn challenge(transcript: &Transcript, n: &[u8], selector: &[u8], transfer: &[u8], commitment: &[u8]) -> u128 {
	transcript.clone().with(n).with(selector).with(transfer).with(commitment).challenge()
}

/// The first transfer that is found not to be proven: all equations at once, each raised to a weight of its own, and
/// where that fails, those of ever smaller halves.
///
/// `seed` must be fresh and unpredictable to whoever made the transfers.
pub fn find_unproven(ring: &Ring, transfers: &[Transfer], seed: &[u8; 32]) -> Option<usize> {
	let weights = Transcript::new("encrytrust/selection/transfer/weights/1").with(seed);
	let weights = weights.expand("weights", transfers.len().saturating_mul(WEIGHT));
	let weights: Vec<_> = weights.as_chunks::<WEIGHT>().0.iter().map(|weight| u128::from_be_bytes(*weight)).collect();
	let holds = |range: Range<usize>| {
		let (transfers, weights) = (transfers.get(range.clone())?, weights.get(range)?);
		equation_holds(ring, transfers, weights)
	};
	let mut starts = (0..transfers.len()).step_by(MAX_BATCH);
	starts.find_map(|start| {
		let mut range = start..start.saturating_add(MAX_BATCH).min(transfers.len());
		if holds(range.clone()) == Some(true) {
			return None;
		}
		// With the same weights the equation of a whole is the product of those of its halves: one of them fails as
		// well.
		while range.len() > 1 {
			let middle = range.start.midpoint(range.end);
			let first = range.start..middle;
			range = if holds(first.clone()) == Some(true) { middle..range.end } else { first };
		}
		Some(range.start)
	})
}

/// `product(X^(d z)) (product(w^d))^N = product(A^d Z^(d e))` up to a square root of 1, with a weight `d` for each
/// transfer.
#[allow(clippy::arithmetic_side_effects)] // integers without bound
fn equation_holds(ring: &Ring, transfers: &[Transfer], weights: &[u128]) -> Option<bool> {
	// A selector of several parts or data providers is raised to all its exponents at once.
	let mut selectors: BTreeMap<&[u8], BigUint> = BTreeMap::new();
	let (mut roots, mut group) = (Vec::new(), Vec::new());
	let (mut root_exponents, mut exponents) = (Vec::new(), Vec::new());
	for (transfer, weight) in transfers.iter().zip(weights) {
		let (proof, weight) = (transfer.proof, BigUint::from(*weight));
		*selectors.entry(transfer.selector).or_default() += BigUint::from_bytes_be(&proof.kappa_response) * &weight;
		roots.extend_from_slice(&proof.rho_response);
		root_exponents.extend(fixed_bytes(&weight, WEIGHT));
		group.extend_from_slice(&proof.commitment);
		exponents.extend(fixed_bytes(&weight, WEIGHTED));
		group.extend_from_slice(transfer.transfer);
		exponents.extend(fixed_bytes(&(weight * transfer.challenge(ring)), WEIGHTED));
	}
	let root = ring.product_of_powers_modulo_n(&roots, &root_exponents, WEIGHT as u32)?;
	let width = ring.n_bytes().len().checked_add(EXCESS)?;
	let mut bases = fixed_bytes(&BigUint::from_bytes_be(&root), ring.bytes());
	let mut powers = fixed_bytes(ring.n(), width);
	for (selector, exponent) in selectors {
		bases.extend_from_slice(selector);
		powers.extend(fixed_bytes(&exponent, width));
	}
	let left = ring.product_of_powers(&bases, &powers, width as u32)?;
	let right = ring.product_of_powers(&group, &exponents, WEIGHTED as u32)?;
	Some(ring.multiply(&left, &left)? == ring.multiply(&right, &right)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::big_integers::Pure;
	use encrytrust_types::job::sample::{contract, SmallContract};
	use encrytrust_types::job::TemplateKind;
	use proptest::prelude::*;

	/// What a transfer is made of, in a ring with a modulus of two primes.
	struct Maker {
		ring: Ring,
		square: BigUint,
	}

	/// A transfer's numbers.
	struct Made {
		selector: Vec<u8>,
		transfer: Vec<u8>,
		proof: TransferProof,
		label: usize,
	}

	impl Maker {
		fn new() -> Self {
			let contract: SmallContract = contract(TemplateKind::ColumnSum);
			let ring = Ring::new(&contract.computing[0].paillier, &Pure).unwrap();
			Self { square: ring.n().pow(2), ring }
		}

		fn number(&self, label: &str, index: usize) -> BigUint {
			let bytes =
				Transcript::new(label).with(index.to_le_bytes()).expand("number", self.ring.n_bytes().len() - 1);
			BigUint::from_bytes_be(&bytes)
		}

		fn bytes(&self, number: &BigUint) -> Vec<u8> {
			fixed_bytes(&(number % &self.square), self.ring.bytes())
		}

		/// A transfer by one of three selectors; what is proven is off by `factor`, and the commitment by `sign`.
		fn make(&self, index: usize, factor: &BigUint, sign: &BigUint) -> Made {
			let (n, square) = (self.ring.n(), &self.square);
			let bit = BigUint::from(index % 3 % 2);
			let selector = (bit * n + 1u8) * self.number("r", index % 3).modpow(n, square) % square;
			let power = |k: &BigUint, r: &BigUint| selector.modpow(k, square) * r.modpow(n, square) % square;
			let [kappa, rho, a, s] = ["kappa", "rho", "a", "s"].map(|label| self.number(label, index));
			let transfer = power(&kappa, &rho) * factor % square;
			let commitment = power(&a, &s) * sign % square;
			let [selector, transfer, commitment] = [&selector, &transfer, &commitment].map(|n| self.bytes(n));
			let transcript = Self::transcript(index);
			let e = challenge(&transcript, self.ring.n_bytes(), &selector, &transfer, &commitment);
			let z = a + kappa * e;
			let w = s * rho.modpow(&e.into(), n) * BigUint::from_bytes_be(&selector).modpow(&(&z / n), n) % n;
			let half = |number: &BigUint| Modulus::try_from(fixed_bytes(number, self.ring.n_bytes().len())).unwrap();
			let proof = TransferProof {
				commitment: commitment.try_into().unwrap(),
				kappa_response: half(&(z % n)),
				rho_response: half(&w),
			};
			Made { selector, transfer, proof, label: index }
		}

		fn transcript(index: usize) -> Transcript {
			Transcript::new("test").with(index.to_le_bytes())
		}

		fn find(&self, made: &[Made]) -> Option<usize> {
			let transfers: Vec<_> = made.iter().map(Made::as_transfer).collect();
			assert!(transfers.iter().all(|transfer| transfer.proof.is_well_formed(&self.ring)));
			find_unproven(&self.ring, &transfers, &[3; 32])
		}
	}

	impl Made {
		fn as_transfer(&self) -> Transfer<'_> {
			let transcript = Maker::transcript(self.label);
			Transfer { transcript, selector: &self.selector, transfer: &self.transfer, proof: &self.proof }
		}
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(24))]

		/// Alone and among others, whichever they are: the first is found.
		#[test]
		fn unproven_transfers_are_found(count in 0..40usize, wrong in prop::collection::btree_set(0..40usize, 0..4)) {
			let (maker, one) = (Maker::new(), BigUint::from(1u8));
			let generator = maker.ring.n() + 1u8;
			let factor = |index| if wrong.contains(&index) { &generator } else { &one };
			let made: Vec<_> = (0..count).map(|index| maker.make(index, factor(index), &one)).collect();
			for (index, made) in made.iter().enumerate() {
				prop_assert_eq!(made.as_transfer().holds(&maker.ring), Some(!wrong.contains(&index)));
			}
			prop_assert_eq!(maker.find(&made), wrong.into_iter().find(|index| *index < count));
		}
	}

	/// Whoever checks one transfer or many must come to the same: a root of 1 would pass every second batch.
	#[test]
	fn a_commitment_of_either_sign_is_accepted_by_all() {
		let (maker, one) = (Maker::new(), BigUint::from(1u8));
		let minus_one = &maker.square - 1u8;
		for seed in 0..8 {
			let made: Vec<_> = (0..3).map(|index| maker.make(index, &one, &minus_one)).collect();
			assert!(made.iter().all(|made| made.as_transfer().holds(&maker.ring) == Some(true)));
			let transfers: Vec<_> = made.iter().map(Made::as_transfer).collect();
			assert_eq!(find_unproven(&maker.ring, &transfers, &[seed; 32]), None);
		}
	}

	#[test]
	fn every_number_is_part_of_the_proof() {
		let (maker, one) = (Maker::new(), BigUint::from(1u8));
		type Change = fn(&mut Made);
		let changes: [(&str, Change); 6] = [
			("selector", |made| *made.selector.last_mut().unwrap() ^= 2),
			("transfer", |made| *made.transfer.last_mut().unwrap() ^= 2),
			("commitment", |made| *made.proof.commitment.last_mut().unwrap() ^= 2),
			("response about kappa", |made| *made.proof.kappa_response.last_mut().unwrap() ^= 2),
			("response about rho", |made| *made.proof.rho_response.last_mut().unwrap() ^= 2),
			("place", |made| made.label += 1),
		];
		for (name, change) in changes {
			let mut made = maker.make(1, &one, &one);
			change(&mut made);
			assert_eq!(made.as_transfer().holds(&maker.ring), Some(false), "{name}");
		}
	}

	#[test]
	fn numbers_out_of_range_are_malformed() {
		let (maker, one) = (Maker::new(), BigUint::from(1u8));
		let honest = maker.make(0, &one, &one).proof;
		assert!(honest.is_well_formed(&maker.ring));
		let n = Modulus::try_from(maker.ring.n_bytes().to_vec()).unwrap();
		let zero = Number::try_from(alloc::vec![0; maker.ring.bytes()]).unwrap();
		let square = Number::try_from(fixed_bytes(&maker.square, maker.ring.bytes())).unwrap();
		let multiple = Number::try_from(fixed_bytes(maker.ring.n(), maker.ring.bytes())).unwrap();
		for (name, proof) in [
			("a commitment of zero", TransferProof { commitment: zero, ..honest.clone() }),
			("of N squared", TransferProof { commitment: square, ..honest.clone() }),
			("of a multiple of N", TransferProof { commitment: multiple, ..honest.clone() }),
			("none", TransferProof { commitment: Default::default(), ..honest.clone() }),
			("a response of N", TransferProof { kappa_response: n.clone(), ..honest.clone() }),
			("another response of N", TransferProof { rho_response: n, ..honest.clone() }),
			("no response", TransferProof { rho_response: Default::default(), ..honest.clone() }),
		] {
			assert!(!proof.is_well_formed(&maker.ring), "{name}");
		}
	}
}
