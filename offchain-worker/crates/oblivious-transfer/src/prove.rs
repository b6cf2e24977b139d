//! The coordinator's part: selectors and their proof.
//!
//! Cramer, Damgård, Schoenmakers, "Proofs of Partial Knowledge" (CRYPTO 1994), over proofs that a number is an `N`-th
//! power modulo `N^2`: `X` is one if `x = 0`, `X / (1 + N)` if `x = 1`, and the product of all over `(1 + N)^t` if `t` are.

use crate::selection::{challenge, Context, Exponents, Proof, Selection, SelectionMessage};
use encrytrust_paillier::{transcript::Transcript, Plaintext, PublicKey};
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
		Self::prove_with(selection, key, context, &random_seed())
	}

	/// Proves with randomness derived from a seed, the selection, the key and the context, for known answers.
	///
	/// A seed must be uniform and secret: take [`Self::prove`] wherever the selection is meant to be hidden.
	pub fn prove_with(selection: &Selection, key: &PublicKey, context: &Context, seed: &[u8; 32]) -> Self {
		let nonces = Nonces::new(selection, key, context, seed);
		let root = |index: usize| nonces.plaintext(key, "selector", index);
		let roots: Vec<_> = (0..selection.columns()).map(root).collect();
		prove(selection, key, context, &roots, &nonces)
	}

	/// Encrypts a selection with roots that anyone who knows it can derive, and so check every selector; the proof's
	/// own randomness is the operating system's.
	///
	/// Roots must be uniform and secret to all others.
	///
	/// # Panics
	///
	/// If there is not one root for each column, or the operating system has no randomness.
	pub fn prove_determined(selection: &Selection, key: &PublicKey, context: &Context, roots: &[Plaintext]) -> Self {
		assert_eq!(roots.len(), selection.columns(), "every selector has a root");
		prove(selection, key, context, roots, &Nonces::new(selection, key, context, &random_seed()))
	}
}

/// The randomness of one message.
struct Nonces {
	bits: Zeroizing<Vec<u8>>,
	transcript: Transcript,
}

impl Nonces {
	fn new(selection: &Selection, key: &PublicKey, context: &Context, seed: &[u8; 32]) -> Self {
		let bits = Zeroizing::new(selection.bits().iter().map(|bit| u8::from(*bit)).collect::<Vec<_>>());
		let start = context.transcript("encrytrust/selection/nonces/1").with(key.modulus_bytes());
		Self { transcript: start.with(&*bits).with(seed), bits }
	}

	fn plaintext(&self, key: &PublicKey, what: &str, index: usize) -> Plaintext {
		key.derived_plaintext(&self.transcript, &format!("{what} {index}"))
	}
}

fn random_seed() -> Zeroizing<[u8; 32]> {
	let mut seed = Zeroizing::new([0; 32]);
	getrandom::fill(&mut *seed).expect("the operating system gives random bytes");
	seed
}

fn prove(
	selection: &Selection,
	key: &PublicKey,
	context: &Context,
	roots: &[Plaintext],
	nonces: &Nonces,
) -> SelectionMessage {
	let bits = nonces.bits.iter().zip(roots).enumerate();
	let columns: Vec<_> =
		bits.map(|(index, (bit, root))| Column::new(key, nonces, index, *bit, root.clone())).collect();
	let count_root = key.derived_plaintext(&nonces.transcript, "count");
	assemble(key, context, selection.count(), &columns, &count_root)
}

/// Everything that follows from what was drawn.
fn assemble(
	key: &PublicKey,
	context: &Context,
	count: usize,
	columns: &[Column],
	count_root: &Plaintext,
) -> SelectionMessage {
	let selectors: Vec<_> = columns.iter().map(|column| (&column.bit, &column.root)).collect();
	let selectors = key.encrypt_each_with(&selectors);
	let committed: Vec<_> = columns.iter().map(|column| column.committed(key)).collect();
	let commitments = columns.iter().zip(&committed).flat_map(|(column, [zero, one])| {
		let [zero_root, one_root] = &column.commitment_roots;
		[(zero, zero_root), (one, one_root)]
	});
	let commitments = key.encrypt_each_with(&commitments.collect::<Vec<_>>());
	let commitments: Vec<_> = commitments.as_chunks::<2>().0.to_vec();
	let count_commitment = key.encrypt_with(&key.zero(), count_root);

	let statement = context.statement(key, count, &selectors);
	let (transcript, challenge) = challenge(statement, &commitments, &count_commitment);
	let challenges: Vec<_> = columns.iter().map(|column| column.challenge_of_zero(challenge)).collect();
	let exponents = Exponents::new(key, count, transcript, challenge, &challenges);
	let mut terms = vec![(count_root, exponents.count)];
	for (column, [of_root, of_zero, of_one]) in columns.iter().zip(exponents.columns) {
		let [zero, one] = &column.commitment_roots;
		terms.extend([(&column.root, of_root), (zero, of_zero), (one, of_one)]);
	}
	// The exponents are public, and nothing else takes time that depends on a number.
	let response = key.product_of_powers_vartime(&terms);
	SelectionMessage { selectors, proof: Proof { commitments, count_commitment, challenges, response } }
}

impl Column {
	fn new(key: &PublicKey, nonces: &Nonces, index: usize, bit: u8, root: Plaintext) -> Self {
		let simulated = nonces.transcript.clone().with(format!("challenge {index}")).challenge();
		Self {
			bit: key.number(bit.into()),
			mask: Zeroizing::new(u128::from(bit).wrapping_neg()),
			root,
			commitment_roots: ["zero", "one"].map(|branch| nonces.plaintext(key, branch, index)),
			simulated: Zeroizing::new(simulated),
		}
	}

	/// What the commitments for both branches are to: 0 for the one that is true, and for the other one what makes it seem
	/// so, `-e x` for "it is 0" and `e (1 - x)` for "it is 1".
	fn committed(&self, key: &PublicKey) -> [Plaintext; 2] {
		let one = key.number(*self.simulated & !*self.mask);
		let zero = key.sub_plain(&key.zero(), &key.number(*self.simulated & *self.mask));
		[zero, one]
	}

	/// The challenges of both branches add up to the common one modulo 2^128.
	fn challenge_of_zero(&self, challenge: u128) -> u128 {
		let real = challenge.wrapping_sub(*self.simulated);
		*self.simulated & *self.mask | real & !*self.mask
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
	fn verify_fails_for_non_bits_and_other_counts() {
		let secret = SecretKey::generate(KeySize::Bits2048);
		let key = secret.public();
		let proven = ProvenKey::own(&secret);
		let nonces = Nonces { bits: Zeroizing::default(), transcript: Transcript::new("test") };
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
			("minus one next to two", [minus_one, number(2)], [0, 1], 1, false),
		];
		for (name, values, claimed, count, accepted) in cases {
			let columns = [0, 1].map(|index| {
				let honest = Column::new(key, &nonces, index, claimed[index], key.random_plaintext());
				Column { bit: values[index].clone(), ..honest }
			});
			let message = assemble(key, &JOB, count, &columns, &key.random_plaintext());
			let expected = if accepted { Ok(count) } else { Err(ProofError::Refused { count }) };
			let verified = message.verify(&proven, &JOB, 2, count).map(|selection| selection.count());
			assert_eq!(verified, expected, "{name}");
		}
	}
}
