//! Selections, the messages that carry them, and where they belong.

use encrytrust_paillier::{transcript::Transcript, Ciphertext, Plaintext, PublicKey};
use std::fmt;
use zeroize::Zeroizing;

/// The maximal number of columns of a message.
pub const MAX_COLUMNS: usize = 1024;

/// Which job a selection is for, by whom and to whom. A proof made for one place is refused in any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
	/// The chain, by its genesis block's hash.
	pub genesis: [u8; 32],
	/// The job's number.
	pub job: u64,
	/// The coordinator's account.
	pub coordinator: [u8; 32],
	/// The computing provider's account.
	pub provider: [u8; 32],
}

/// Why columns are no selection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
	/// More than [`MAX_COLUMNS`], or none.
	#[error("a selection is made from 1 to {MAX_COLUMNS} columns, not {columns}: split the table")]
	Columns {
		/// The columns that were given.
		columns: usize,
	},
	/// Nothing to compute.
	#[error("no column is selected: name at least one")]
	Empty,
	/// There is no such column.
	#[error("column {column} does not exist: the table has {columns}, counted from 0")]
	NoSuchColumn {
		/// The column that was named.
		column: usize,
		/// The columns that there are.
		columns: usize,
	},
	/// Named twice.
	#[error("column {column} is selected twice: name it once")]
	Twice {
		/// The column that was named.
		column: usize,
	},
}

/// The columns that a job is about: the coordinator's secret. `Debug` shows their number only.
#[derive(Clone)]
pub struct Selection(Zeroizing<Vec<bool>>);

/// A selection under a computing provider's key, with the proof that it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectionMessage {
	pub(crate) selectors: Vec<Ciphertext>,
	pub(crate) proof: Proof,
}

/// That every selector holds 0 or 1, and all together the count that was agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
	/// For each column a commitment for "it is 0" and one for "it is 1".
	pub(crate) commitments: Vec<[Ciphertext; 2]>,
	/// The commitment for the count.
	pub(crate) count_commitment: Ciphertext,
	/// For each column the challenge for "it is 0"; the other one makes up the common challenge.
	pub(crate) challenges: Vec<u128>,
	/// The weighted product of all responses.
	pub(crate) response: Plaintext,
}

/// A selection whose proof was verified: all that a data provider needs to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSelection {
	pub(crate) context: Context,
	pub(crate) key: PublicKey,
	pub(crate) selectors: Vec<Ciphertext>,
	pub(crate) count: usize,
}

impl Selection {
	/// Selects `chosen` columns, counted from 0, out of `columns`.
	///
	/// # Errors
	///
	/// No column or too many, none chosen, or one that does not exist or is named twice.
	pub fn new(columns: usize, chosen: &[usize]) -> Result<Self, SelectionError> {
		if columns == 0 || columns > MAX_COLUMNS {
			return Err(SelectionError::Columns { columns });
		}
		if chosen.is_empty() {
			return Err(SelectionError::Empty);
		}
		let mut bits = Zeroizing::new(vec![false; columns]);
		for column in chosen.iter().copied() {
			let bit = bits.get_mut(column).ok_or(SelectionError::NoSuchColumn { column, columns })?;
			if std::mem::replace(bit, true) {
				return Err(SelectionError::Twice { column });
			}
		}
		Ok(Self(bits))
	}

	/// How many columns there are.
	pub fn columns(&self) -> usize {
		self.0.len()
	}

	/// How many of them are chosen.
	pub fn count(&self) -> usize {
		self.0.iter().map(|bit| usize::from(*bit)).sum()
	}

	pub(crate) fn bits(&self) -> &[bool] {
		&self.0
	}
}

impl fmt::Debug for Selection {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "Selection({} of {})", self.count(), self.columns())
	}
}

impl SelectionMessage {
	/// How many columns the message is about.
	pub fn columns(&self) -> usize {
		self.selectors.len()
	}
}

impl VerifiedSelection {
	/// How many columns there are.
	pub fn columns(&self) -> usize {
		self.selectors.len()
	}

	/// How many of them are chosen.
	pub fn count(&self) -> usize {
		self.count
	}

	/// The key of the computing provider that the selection is for.
	pub fn key(&self) -> &PublicKey {
		&self.key
	}

	/// The encrypted bit of a column.
	pub fn selector(&self, column: usize) -> Option<&Ciphertext> {
		self.selectors.get(column)
	}
}

impl Context {
	/// The statement: where it belongs, the key, how many are chosen, and the selectors.
	pub(crate) fn statement(&self, key: &PublicKey, count: usize, selectors: &[Ciphertext]) -> Transcript {
		let start = self
			.transcript("encrytrust/selection/1")
			.with(key.modulus_bytes())
			.with(number(count))
			.with(number(selectors.len()));
		selectors.iter().map(Ciphertext::to_bytes).fold(start, Transcript::with)
	}

	pub(crate) fn transcript(&self, label: &str) -> Transcript {
		Transcript::new(label)
			.with(self.genesis)
			.with(self.job.to_le_bytes())
			.with(self.coordinator)
			.with(self.provider)
	}
}

/// A number of columns, or a column, in a transcript.
pub(crate) fn number(number: usize) -> [u8; 4] {
	u32::try_from(number).expect("columns are counted by no more than 32 bits").to_le_bytes()
}

/// The challenge, once all commitments were made; and the transcript so far.
pub(crate) fn challenge(
	statement: Transcript,
	commitments: &[[Ciphertext; 2]],
	count: &Ciphertext,
) -> (Transcript, u128) {
	let all = commitments.iter().flatten().chain([count]);
	let transcript = all.map(Ciphertext::to_bytes).fold(statement, Transcript::with);
	let challenge = transcript.challenge();
	(transcript, challenge)
}

/// The exponents by which all responses become one: those that a verifier raises the commitments and selectors to, and the
/// prover their roots.
pub(crate) struct Exponents {
	/// Of the count's commitment: `d_t`.
	pub(crate) count: Plaintext,
	/// Of each column's selector and both its commitments: `e0 d0 + e1 d1 + e d_t`, `d0` and `d1`.
	pub(crate) columns: Vec<[Plaintext; 3]>,
	/// What the plaintexts must come to: `t e d_t + sum(e1 d1)`.
	pub(crate) values: Plaintext,
}

impl Exponents {
	/// With `e = e0 + e1` for each column, of which the challenges are `e0`, and weights `d`.
	pub(crate) fn new(
		key: &PublicKey,
		count: usize,
		transcript: Transcript,
		challenge: u128,
		challenges: &[u128],
	) -> Self {
		// No exponent is wider than 258 bits: nothing is reduced modulo N.
		let product = |a: u128, b: u128| key.mul_plain(&key.number(a), &key.number(b));
		let (weights, count_weight) = weights(transcript, challenges);
		let of_count = product(challenge, count_weight);
		let mut values = key.mul_plain(&of_count, &key.number(count as u128));
		let column = |(of_zero, [zero, one]): (&u128, [u128; 2])| {
			let of_one = product(challenge.wrapping_sub(*of_zero), one);
			values = key.add_plain(&values, &of_one);
			let of_both = key.add_plain(&product(*of_zero, zero), &of_one);
			[key.add_plain(&of_both, &of_count), key.number(zero), key.number(one)]
		};
		let columns = challenges.iter().zip(weights).map(column).collect();
		Self { count: key.number(count_weight), columns, values }
	}
}

/// The weights, once the challenges of all branches are fixed: one for each branch of each column, then the count's.
fn weights(transcript: Transcript, challenges: &[u128]) -> (Vec<[u128; 2]>, u128) {
	let transcript = challenges.iter().map(|challenge| challenge.to_be_bytes()).fold(transcript, Transcript::with);
	let bytes = transcript.expand("weights", 16 * (2 * challenges.len() + 1));
	let (weights, _) = bytes.as_chunks::<16>();
	let (branches, count) = weights.split_at(2 * challenges.len());
	let pairs = branches.chunks_exact(2).map(|pair| [u128::from_be_bytes(pair[0]), u128::from_be_bytes(pair[1])]);
	(pairs.collect(), u128::from_be_bytes(count[0]))
}
