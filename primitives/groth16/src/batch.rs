//! Many proofs under one key in one final exponentiation.
//!
//! With a random coefficient `r_i` for each proof, all equations hold iff
//! `Π e(r_i · A_i, B_i) · e(Σ r_i · L_i, -gamma) · e(Σ r_i · C_i, -delta) = e(alpha, beta)^(Σ r_i)`, except with probability
//! `2^-128` (Bellare, Garay, Rabin, EUROCRYPT 1998, section 2.3). The coefficients come from a hash of the key, all proofs
//! and all inputs, so that every node computes the same verdicts and nobody can choose a proof after its coefficient.

// Of field elements and points, which do not overflow.
#![allow(clippy::arithmetic_side_effects)]

use crate::{
	lines::{lines_of_each, Line},
	msm::sum_of_multiples,
	Error, PreparedKey, Proof, Verdict,
};
use alloc::{vec, vec::Vec};
use ark_bn254::{g1::Config, Fr, G1Affine, G1Projective};
use ark_ec::{scalar_mul::glv::GLVConfig, CurveGroup};
use ark_ff::{AdditiveGroup, CyclotomicMultSubgroup, Field, PrimeField};
use blake2::{Blake2b512, Digest};

/// What the hash behind the coefficients begins with.
const DOMAIN: &[u8] = b"encrytrust/groth16/batch/2";
/// How many proofs are taken together: the lines of their points take 11 kB each, and more proofs save little more.
const CHUNK: usize = 64;
/// How many proofs are tried one by one when they don't hold together: halving so few takes longer.
const ALONE: usize = 8;

/// Verify many proofs, each given by its bytes and those of its public inputs, under the bytes of a [`PreparedKey`]: the
/// verdicts that [`verify`](crate::verify) gives one by one.
///
/// Where proofs are bad, halves are tried again until each is found. At worst, with bad proofs throughout, this takes
/// 1.6 times as long as one by one.
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
		let coefficients: Vec<_> = coefficients(&self.digest, items).collect();
		let statements: Vec<_> = items.iter().map(|(proof, inputs)| self.decode_of_any_order(proof, inputs)).collect();
		let points: Vec<_> = statements.iter().flatten().map(|(proof, _)| proof.b).collect();
		let mut lines = lines_of_each(&points).into_iter();
		let statements: Vec<_> = statements
			.into_iter()
			.map(|statement| {
				let (proof, inputs) = statement?;
				Ok((proof, inputs, lines.next().flatten().ok_or(Error::NotInSubgroup)?))
			})
			.collect();

		let well_formed =
			statements.iter().zip(&coefficients).filter_map(|(statement, r)| Some((statement.as_ref().ok()?, r)));
		let scaled: Vec<_> = well_formed.clone().map(|((proof, ..), r)| sum_of_multiples(r.times(proof.a))).collect();
		let terms: Vec<_> = well_formed
			.zip(G1Projective::normalize_batch(&scaled))
			.map(|(((proof, inputs, lines), r), a)| Term { r, a, proof, lines, inputs })
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

	/// A proof and its inputs, checked but for the order of `B`.
	fn decode_of_any_order(&self, proof: &[u8], inputs: &[u8]) -> Result<(Proof, Vec<Fr>), Error> {
		let inputs = self.decode_inputs(inputs)?;
		Ok((Proof::decode_of_any_order(proof)?, inputs))
	}

	/// Which of the equations hold.
	fn holds_each(&self, terms: &[Term<'_>]) -> Vec<bool> {
		if self.hold_all(terms) {
			return vec![true; terms.len()];
		}
		match terms {
			[] | [_] => vec![false; terms.len()],
			few if few.len() <= ALONE => {
				few.iter().map(|term| self.holds(term.proof, term.lines, term.inputs)).collect()
			},
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
				*scalar += term.r.value() * input;
			}
		}
		let sum = scalars.first().copied().unwrap_or_default();
		let product = self.pairing_product(
			terms.iter().map(|term| (term.a, term.lines)),
			sum_of_multiples(self.ic.iter().copied().zip(scalars)),
			sum_of_multiples(terms.iter().flat_map(|term| term.r.times(term.proof.c))),
		);
		product == Some(self.alpha_beta.cyclotomic_exp(sum.into_bigint()))
	}
}

/// What a proof contributes to the combined equation.
struct Term<'a> {
	r: &'a Coefficient,
	/// `r · A`.
	a: G1Affine,
	proof: &'a Proof,
	/// Those of `B`.
	lines: &'a [Line],
	inputs: &'a [Fr],
}

/// `x + λ·y` with 64 bits in each of `x` and `y`, where `λ` is the endomorphism of the first group: 128 bits at the doublings
/// of 64 (Gallant, Lambert, Vanstone, CRYPTO 2001). No two are equal: the shortest `(x, y)` with `x + λ·y = 0` has 126 bits.
struct Coefficient {
	x: Fr,
	y: Fr,
}

impl Coefficient {
	fn value(&self) -> Fr {
		self.x + Config::LAMBDA * self.y
	}

	/// The multiple of a point, as terms of a sum.
	fn times(&self, point: G1Affine) -> [(G1Affine, Fr); 2] {
		[(point, self.x), (Config::endomorphism_affine(&point), self.y)]
	}
}

/// A coefficient for each item, from a hash of the key and of all items.
fn coefficients(key_digest: &[u8; 32], items: &[(&[u8], &[u8])]) -> impl Iterator<Item = Coefficient> {
	let mut hasher = Blake2b512::new();
	let bytes = items.iter().flat_map(|(proof, inputs)| [*proof, *inputs]);
	for part in [DOMAIN, key_digest].into_iter().chain(bytes) {
		hasher.update((part.len() as u64).to_le_bytes());
		hasher.update(part);
	}
	let seed = hasher.finalize();
	(0..items.len() as u64).map(move |index| {
		let hash = Blake2b512::new().chain_update(seed).chain_update(index.to_le_bytes()).finalize();
		let mut halves = hash.as_chunks().0.iter().map(|half| Fr::from(u64::from_le_bytes(*half)));
		Coefficient { x: halves.next().unwrap_or_default(), y: halves.next().unwrap_or_default() }
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use ark_ec::AffineRepr;
	use serde_json::Value;

	#[test]
	fn a_multiple_is_that_by_the_value() {
		let items: [(&[u8], &[u8]); 3] = [(&[], &[]); 3];
		for coefficient in coefficients(&[7; 32], &items) {
			let point = (G1Affine::generator() * Fr::from(5u8)).into_affine();
			assert_eq!(sum_of_multiples(coefficient.times(point)), point * coefficient.value());
			assert!([coefficient.x, coefficient.y].iter().all(|half| half.into_bigint().0[1..] == [0; 3]));
		}
	}

	#[test]
	fn coefficients_match_vectors() {
		let vectors: Value =
			serde_json::from_str(include_str!("../../../tests/fixtures/vectors/identity.json")).unwrap();
		let identity = &vectors["identity"];
		let hex_of = |name: &Value| hex::decode(identity[name.as_str().unwrap()].as_str().unwrap()).unwrap();
		let digest = hex_of(&"dev_verifying_key_hash".into()).try_into().unwrap();
		for batch in vectors["batches"].as_array().unwrap() {
			let items = batch["items"].as_array().unwrap().iter().map(|item| {
				let proof = hex_of(&item["proof"]);
				let length = item["length"].as_u64().unwrap() as usize;
				let inputs = [hex_of(&"commitment".into()), hex_of(&"key_fp".into()), hex_of(&item["ctx"])].concat();
				(proof[..length].to_vec(), inputs)
			});
			let items: Vec<_> = items.collect();
			let items: Vec<_> = items.iter().map(|(proof, inputs)| (&proof[..], &inputs[..])).collect();
			let found = coefficients(&digest, &items).map(|r| hex::encode(crate::encode_scalar(&r.value())));
			assert_eq!(Value::from(found.collect::<Vec<_>>()), batch["coefficients"]);
		}
	}
}
