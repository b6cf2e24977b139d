//! Selection messages: that every selector holds 0 or 1, and all together as many as agreed, `docs/protocol/selection.md`.

use crate::{big_integers::fixed_bytes, ring::Ring, transcript::Transcript};
use alloc::vec::Vec;
use num_bigint::BigUint;

/// Bytes of a challenge or a weight.
const CHALLENGE: usize = 16;
/// Bytes of an exponent: three products of a challenge and a weight.
const EXPONENT: usize = 33;

/// What a message must prove.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
	/// How many features there are.
	pub features: u16,
	/// How many of them are selected.
	pub selected: u16,
	/// Of the computing provider's modulus.
	pub ring: &'a Ring,
}

/// The parts of a message.
struct Parts<'a> {
	/// Selectors, then commitments, the count's last.
	ciphertexts: Vec<&'a [u8]>,
	group: &'a [u8],
	challenges: Vec<u128>,
	response: &'a [u8],
}

impl Statement<'_> {
	/// Whether `message` is one, and what it says holds; `transcript` is `S` of the document.
	pub fn holds(&self, transcript: Transcript, message: &[u8]) -> bool {
		self.read(message).and_then(|parts| self.equation_holds(transcript, &parts)).unwrap_or(false)
	}

	fn read<'a>(&self, message: &'a [u8]) -> Option<Parts<'a>> {
		let (features, each) = (usize::from(self.features), self.ring.bytes());
		let ciphertexts = features.checked_mul(3)?.checked_add(1)?;
		let (group, rest) = message.split_at_checked(ciphertexts.checked_mul(each)?)?;
		let (challenges, response) = rest.split_at_checked(features.checked_mul(CHALLENGE)?)?;
		let ciphertexts: Vec<_> = group.chunks_exact(each).collect();
		let reduced = ciphertexts.iter().all(|number| self.ring.is_reduced(number));
		if !reduced || !self.ring.is_plaintext(response) {
			return None;
		}
		// All are coprime to N if their product is.
		let product = self.ring.product_of_powers(group, &alloc::vec![1; ciphertexts.len()], 1)?;
		let coprime = self.ring.is_coprime(&product);
		coprime.then(|| Parts { ciphertexts, group, challenges: numbers(challenges), response })
	}

	/// `Z_P^N (1 + N)^(t e d_t + sum(e_i1 d_i1)) = A_t^d_t product(A_i0^d_i0 A_i1^d_i1 X_i^(e_i0 d_i0 + e_i1 d_i1 + e d_t))`.
	#[allow(clippy::arithmetic_side_effects)] // integers without bound
	fn equation_holds(&self, transcript: Transcript, parts: &Parts) -> Option<bool> {
		let (challenge, weights) = self.challenge(transcript, parts);
		let (count_weight, weights) = weights.split_last()?;
		let of_count = product(challenge, *count_weight);
		let mut values = &of_count * self.selected;
		let mut exponents = Vec::with_capacity(parts.ciphertexts.len() * EXPONENT);
		for (of_zero, weights) in parts.challenges.iter().zip(weights.chunks_exact(2)) {
			let &[zero, one] = weights else { return None };
			let of_one = product(challenge.wrapping_sub(*of_zero), one);
			exponents.extend(exponent(&(product(*of_zero, zero) + &of_one + &of_count)));
			values += of_one;
		}
		let of_commitments = weights.iter().chain([count_weight]);
		exponents.extend(of_commitments.flat_map(|weight| exponent(&BigUint::from(*weight))));
		let powers = self.ring.product_of_powers(parts.group, &exponents, EXPONENT as u32)?;
		Some(self.ring.encrypt(&values, parts.response)? == powers)
	}

	/// The challenge, and the weights of all branches and then of the count.
	fn challenge(&self, transcript: Transcript, parts: &Parts) -> (u128, Vec<u128>) {
		let statement = transcript
			.with(self.ring.n_bytes())
			.with(u32::from(self.selected).to_le_bytes())
			.with(u32::from(self.features).to_le_bytes());
		let transcript = parts.ciphertexts.iter().fold(statement, Transcript::with);
		let challenge = transcript.challenge();
		let transcript =
			parts.challenges.iter().fold(transcript, |transcript, part| transcript.with(part.to_be_bytes()));
		let count = usize::from(self.features).saturating_mul(2).saturating_add(1);
		(challenge, numbers(&transcript.expand("weights", count.saturating_mul(CHALLENGE))))
	}
}

fn numbers(bytes: &[u8]) -> Vec<u128> {
	bytes.as_chunks::<CHALLENGE>().0.iter().map(|number| u128::from_be_bytes(*number)).collect()
}

#[allow(clippy::arithmetic_side_effects)] // integers without bound
fn product(a: u128, b: u128) -> BigUint {
	BigUint::from(a) * b
}

fn exponent(number: &BigUint) -> Vec<u8> {
	fixed_bytes(number, EXPONENT)
}
