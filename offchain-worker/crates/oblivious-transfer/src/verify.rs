//! Everybody's part: whether a message is a selection.

use crate::selection::{challenge, Context, Exponents, Proof, SelectionMessage, VerifiedSelection};
use encrytrust_paillier::{key_proof::ProvenKey, Ciphertext, PublicKey};

/// Why a message is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
	/// Not for this table.
	#[error("the selection is about {columns} columns, the dataset has {expected}: refuse the coordinator's message")]
	Columns {
		/// The columns of the message.
		columns: usize,
		/// The columns of the dataset.
		expected: usize,
	},
	/// Some selector is no bit, or they are not as many as agreed, or this belongs elsewhere.
	#[error("the proof does not hold: a selector may be no bit, another number than {count} columns may be selected, or the message belongs to another job, coordinator or provider; refuse it")]
	Refused {
		/// How many columns were agreed on.
		count: usize,
	},
}

impl SelectionMessage {
	/// Verifies that `count` of `columns` are selected, all proofs at once: one exponentiation, and about a hundred
	/// multiplications for each column.
	///
	/// # Errors
	///
	/// Another number of columns, or a proof that does not hold.
	pub fn verify(
		self,
		key: &ProvenKey,
		context: &Context,
		columns: usize,
		count: usize,
	) -> Result<VerifiedSelection, ProofError> {
		if self.columns() != columns {
			return Err(ProofError::Columns { columns: self.columns(), expected: columns });
		}
		let key = key.public();
		if !holds(key, context, count, &self.selectors, &self.proof) {
			return Err(ProofError::Refused { count });
		}
		Ok(VerifiedSelection { context: *context, key: key.clone(), selectors: self.selectors, count })
	}
}

/// Whether `Z^N (1 + N)^(t e d_t + sum(e1 d1)) = A_t^d_t product(A0^d0 A1^d1 X^(e0 d0 + e1 d1 + e d_t))`, see [`Exponents`].
///
/// Equal up to `N`-th powers is all that the proof is about: a root that is wrong by an element whose order is coprime to
/// `N` is a root of another, no less fitting commitment.
fn holds(key: &PublicKey, context: &Context, count: usize, selectors: &[Ciphertext], proof: &Proof) -> bool {
	let Proof { commitments, count_commitment, challenges, response } = proof;
	let statement = context.statement(key, count, selectors);
	let (transcript, challenge) = challenge(statement, commitments, count_commitment);
	let exponents = Exponents::new(key, count, transcript, challenge, challenges);
	let mut terms = vec![(count_commitment, exponents.count)];
	for ((selector, [zero, one]), [of_selector, of_zero, of_one]) in
		selectors.iter().zip(commitments).zip(exponents.columns)
	{
		terms.extend([(selector, of_selector), (zero, of_zero), (one, of_one)]);
	}
	key.encrypt_with(&exponents.values, response) == key.combine_vartime(&terms)
}
