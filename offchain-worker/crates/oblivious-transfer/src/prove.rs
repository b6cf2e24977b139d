//! The coordinator's part: selectors and their proof.
//!
//! Cramer, Damgård, Schoenmakers, "Proofs of Partial Knowledge" (CRYPTO 1994), over proofs that a number is an `N`-th
//! power modulo `N^2`: `X` is one if `x = 0`, `X / (1 + N)` if `x = 1`, and the product of all over `(1 + N)^t` if `t` are.

use crate::selection::{challenge, weights, Context, Proof, Selection, SelectionMessage};
use encrytrust_paillier::{transcript::Transcript, Ciphertext, Plaintext, PublicKey};
use zeroize::Zeroizing;

/// What the coordinator draws for one column.
struct Column {
	/// The bit, as a number.
	bit: Plaintext,
	/// All ones for 1.
	mask: Zeroizing<u128>,
	/// The root in the selector.
	root: Plaintext,
	/// The roots in the commitments.
	commitment_roots: [Plaintext; 2],
	/// The challenge of the branch that is not true.
	simulated: Zeroizing<u128>,
}

impl SelectionMessage {
	/// Encrypts a selection under a computing provider's key and proves it, with the operating system's randomness.
	///
	/// Three encryptions a column.
	///
	/// # Panics
	///
	/// If the operating system has no randomness.
	pub fn prove(selection: &Selection, key: &PublicKey, context: &Context) -> Self {
		let mut seed = Zeroizing::new([0; 32]);
		getrandom::fill(&mut *seed).expect("the operating system gives random bytes");
		Self::prove_with(selection, key, context, &seed)
	}

	/// Proves with randomness derived from a seed, the selection, the key and the context, for known answers.
	///
	/// A seed must be uniform and secret: take [`Self::prove`] wherever the selection is meant to be hidden.
	pub fn prove_with(selection: &Selection, key: &PublicKey, context: &Context, seed: &[u8; 32]) -> Self {
		let bits = Zeroizing::new(selection.bits().iter().map(|bit| u8::from(*bit)).collect::<Vec<_>>());
		let nonces =
			context.transcript("encrytrust/selection/nonces/1").with(key.modulus_bytes()).with(&*bits).with(seed);
		let columns: Vec<_> =
			bits.iter().enumerate().map(|(index, bit)| Column::new(key, &nonces, index, *bit)).collect();
		let count_root = key.derived_plaintext(&nonces, "count");
		assemble(key, context, selection.count(), &columns, &count_root)
	}
}

/// Everything that follows from what was drawn.
fn assemble(
	key: &PublicKey,
	context: &Context,
	count: usize,
	columns: &[Column],
	count_root: &Plaintext,
) -> SelectionMessage {
	let selectors: Vec<_> = columns.iter().map(|column| key.encrypt_with(&column.bit, &column.root)).collect();
	let commitments: Vec<_> = columns.iter().map(|column| column.commitments(key)).collect();
	let count_commitment = key.encrypt_with(&key.zero(), count_root);

	let statement = context.statement(key, count, &selectors);
	let (transcript, challenge) = challenge(statement, &commitments, &count_commitment);
	let challenges: Vec<_> = columns.iter().map(|column| column.challenge_of_zero(challenge)).collect();
	let (weights, count_weight) = weights(transcript, &challenges);

	let product = columns.iter().fold(key.one(), |product, column| key.mul_plain(&product, &column.root));
	let count_response = key.mul_plain(count_root, &key.pow_plain(&product, challenge));
	let responses = columns.iter().zip(&challenges).zip(&weights).map(|((column, zero), weights)| {
		let challenges = [*zero, challenge.wrapping_sub(*zero)];
		column.response(key, challenges, *weights)
	});
	let count_response = key.pow_plain(&count_response, count_weight);
	let response = responses.fold(count_response, |product, response| key.mul_plain(&product, &response));
	SelectionMessage { selectors, proof: Proof { commitments, count_commitment, challenges, response } }
}

impl Column {
	fn new(key: &PublicKey, nonces: &Transcript, index: usize, bit: u8) -> Self {
		let derive = |what: &str| key.derived_plaintext(nonces, &format!("{what} {index}"));
		Self {
			bit: key.number(bit.into()),
			mask: Zeroizing::new(u128::from(bit).wrapping_neg()),
			root: derive("selector"),
			commitment_roots: [derive("zero"), derive("one")],
			simulated: Zeroizing::new(nonces.clone().with(format!("challenge {index}")).challenge()),
		}
	}

	/// Commitments for both branches: to 0 for the one that is true, and for the other one to what makes it seem so,
	/// `-e x` for "it is 0" and `e (1 - x)` for "it is 1".
	fn commitments(&self, key: &PublicKey) -> [Ciphertext; 2] {
		let one = key.number(*self.simulated & !*self.mask);
		let zero = key.sub_plain(&key.zero(), &key.number(*self.simulated & *self.mask));
		let [zero_root, one_root] = &self.commitment_roots;
		[key.encrypt_with(&zero, zero_root), key.encrypt_with(&one, one_root)]
	}

	/// The challenges of both branches add up to the common one modulo 2^128.
	fn challenge_of_zero(&self, challenge: u128) -> u128 {
		let real = challenge.wrapping_sub(*self.simulated);
		*self.simulated & *self.mask | real & !*self.mask
	}

	/// Both responses `s r^e`, each raised to its weight.
	fn response(&self, key: &PublicKey, challenges: [u128; 2], weights: [u128; 2]) -> Plaintext {
		let [zero, one] = [0, 1].map(|branch| {
			let power = key.pow_plain(&self.root, challenges[branch]);
			let response = key.mul_plain(&self.commitment_roots[branch], &power);
			key.pow_plain(&response, weights[branch])
		});
		key.mul_plain(&zero, &one)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::ProofError;
	use encrytrust_paillier::{key_proof::ProvenKey, KeySize, SecretKey};

	const JOB: Context = Context { genesis: [1; 32], job: 7, coordinator: [2; 32], provider: [3; 32] };

	/// A coordinator that follows the protocol in all but what its selectors hold, whichever branch it claims to be true.
	#[test]
	fn what_is_no_bit_or_another_count_is_refused() {
		let secret = SecretKey::generate(KeySize::Bits2048);
		let (key, proven) = (secret.public(), ProvenKey::own(&secret));
		let nonces = Transcript::new("test");
		let minus_one = key.sub_plain(&key.zero(), &key.one());
		let number = |value| key.number(value);
		let cases = [
			("bits", [number(1), number(0)], [1, 0], 1, true),
			("all ones", [number(1), number(1)], [1, 1], 2, true),
			("one too many", [number(1), number(1)], [1, 1], 1, false),
			("one too few", [number(1), number(0)], [1, 0], 2, false),
			("a wrong branch", [number(1), number(0)], [0, 0], 1, false),
			("two as one", [number(2), number(0)], [1, 0], 2, false),
			("two as zero", [number(2), number(0)], [0, 0], 2, false),
			("minus one beside two", [minus_one, number(2)], [0, 1], 1, false),
		];
		for (name, values, claimed, count, accepted) in cases {
			let columns = [0, 1]
				.map(|index| Column { bit: values[index].clone(), ..Column::new(key, &nonces, index, claimed[index]) });
			let message = assemble(key, &JOB, count, &columns, &key.random_plaintext());
			let expected = if accepted { Ok(count) } else { Err(ProofError::Refused { count }) };
			let verified = message.verify(&proven, &JOB, 2, count).map(|selection| selection.count());
			assert_eq!(verified, expected, "{name}");
		}
	}
}
