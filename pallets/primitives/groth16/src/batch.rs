//! Many proofs under one key in one final exponentiation.
//!
//! With a random coefficient `r_i` for each proof, all equations hold iff
//! `Π e(r_i · A_i, B_i) · e(Σ r_i · L_i, -gamma) · e(Σ r_i · C_i, -delta) = e(alpha, beta)^(Σ r_i)`, except with probability
//! `2^-128` (Bellare, Garay, Rabin, EUROCRYPT 1998, section 2.3). The coefficients come from a hash of the key, all proofs
//! and all inputs, so that every node computes the same verdicts and nobody can choose a proof after its coefficient.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use crate::{msm::sum_of_multiples, Error, PreparedKey, Verdict};
use alloc::{vec, vec::Vec};
use ark_bn254::{Config, Fr, G1Affine, G1Projective};
use ark_ec::{bn::G2Prepared, CurveGroup};
use ark_ff::{AdditiveGroup, CyclotomicMultSubgroup, Field, PrimeField};
use blake2::{Blake2b512, Digest};

/// What the hash behind the coefficients begins with.
const DOMAIN: &[u8] = b"encrytrust/groth16/batch/1";
/// How many proofs are taken together: the lines of their points take 17 kB each, and more proofs save little more.
const CHUNK: usize = 64;
/// How many proofs are tried one by one when they don't hold together: halving so few takes longer.
const ALONE: usize = 4;

/// Verify many proofs, each given by its bytes and those of its public inputs, under the bytes of a [`PreparedKey`]: the
/// verdicts that [`verify`](crate::verify) gives one by one.
///
/// Where proofs are bad, halves are tried again until each is found. At worst, with bad proofs throughout, this takes
/// two and a half times as long as one by one.
pub fn verify_batch(prepared_key: &[u8], items: &[(&[u8], &[u8])]) -> Vec<Verdict> {
	match PreparedKey::decode(prepared_key) {
		Ok(key) => key.verify_batch(items),
		Err(error) => vec![Err(error); items.len()],
	}
}

impl PreparedKey {
	/// Verify many proofs, each given by its bytes and those of its public inputs, as [`verify_batch`] does.
	pub fn verify_batch(&self, items: &[(&[u8], &[u8])]) -> Vec<Verdict> {
		items.chunks(CHUNK).flat_map(|chunk| self.verify_chunk(chunk)).collect()
	}

	fn verify_chunk(&self, items: &[(&[u8], &[u8])]) -> Vec<Verdict> {
		if let [(proof, inputs)] = items {
			return vec![self.verify(proof, inputs)];
		}
		let statements: Vec<_> = items.iter().map(|(proof, inputs)| self.decode_statement(proof, inputs)).collect();
		let coefficients: Vec<_> = coefficients(&self.digest, items).collect();

		let well_formed =
			statements.iter().zip(&coefficients).filter_map(|(statement, r)| Some((statement.as_ref().ok()?, r)));
		let scaled: Vec<_> = well_formed.clone().map(|((proof, _), r)| sum_of_multiples([(&proof.a, r)])).collect();
		let terms: Vec<_> = well_formed
			.zip(G1Projective::normalize_batch(&scaled))
			.map(|(((proof, inputs), r), a)| Term { r, a, b: proof.b.into(), c: &proof.c, inputs })
			.collect();

		let mut holds = self.holds_each(&terms).into_iter();
		statements
			.iter()
			.map(|statement| match statement {
				Ok(_) if holds.next() == Some(true) => Ok(()),
				Ok(_) => Err(Error::InvalidProof),
				Err(error) => Err(*error),
			})
			.collect()
	}

	/// Which of the equations hold.
	fn holds_each(&self, terms: &[Term<'_>]) -> Vec<bool> {
		if self.hold_all(terms) {
			return vec![true; terms.len()];
		}
		match terms {
			[] | [_] => vec![false; terms.len()],
			few if few.len() <= ALONE => few.iter().map(|term| self.hold_all(core::slice::from_ref(term))).collect(),
			many => {
				let (left, right) = many.split_at(many.len() / 2);
				[self.holds_each(left), self.holds_each(right)].concat()
			},
		}
	}

	/// Whether all the equations hold.
	fn hold_all(&self, terms: &[Term<'_>]) -> bool {
		let mut scalars = vec![Fr::ZERO; self.ic.len()];
		for term in terms {
			for (scalar, input) in scalars.iter_mut().zip([&Fr::ONE].into_iter().chain(term.inputs)) {
				*scalar += *term.r * input;
			}
		}
		let sum = scalars.first().copied().unwrap_or_default();
		let product = self.pairing_product(
			terms.iter().map(|term| (term.a, term.b.clone())),
			sum_of_multiples(self.ic.iter().zip(&scalars)),
			sum_of_multiples(terms.iter().map(|term| (term.c, term.r))),
		);
		product == Some(self.alpha_beta.cyclotomic_exp(sum.into_bigint()))
	}
}

/// What a proof contributes to the combined equation.
struct Term<'a> {
	r: &'a Fr,
	/// `r · A`.
	a: G1Affine,
	b: G2Prepared<Config>,
	c: &'a G1Affine,
	inputs: &'a [Fr],
}

/// A coefficient of 128 bits for each item, from a hash of the key and of all items.
fn coefficients(key_digest: &[u8; 32], items: &[(&[u8], &[u8])]) -> impl Iterator<Item = Fr> {
	let mut hasher = Blake2b512::new();
	let bytes = items.iter().flat_map(|(proof, inputs)| [*proof, *inputs]);
	for part in [DOMAIN, key_digest].into_iter().chain(bytes) {
		hasher.update((part.len() as u64).to_le_bytes());
		hasher.update(part);
	}
	let seed = hasher.finalize();
	(0..items.len() as u64).map(move |index| {
		let hash = Blake2b512::new().chain_update(seed).chain_update(index.to_le_bytes()).finalize();
		Fr::from_le_bytes_mod_order(hash.get(..16).unwrap_or_default())
	})
}
