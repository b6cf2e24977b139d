//! Messages as bytes: fixed lengths, one encoding for each message.

use crate::selection::{Proof, SelectionMessage, MAX_COLUMNS};
use encrytrust_paillier::{Ciphertext, CiphertextError, KeySize, Plaintext, PublicKey};

/// Bytes of a challenge.
const CHALLENGE: usize = 16;

/// Why bytes are no message under a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
	/// More columns than are allowed, or none.
	#[error("a message is about 1 to {MAX_COLUMNS} columns, not {columns}")]
	Columns {
		/// The columns that were asked for.
		columns: usize,
	},
	/// Not the length of what is expected.
	#[error("{expected} bytes were expected, not {bytes}: fetch the message again, and check the key and the columns")]
	Length {
		/// The bytes that were given.
		bytes: usize,
		/// The bytes of a message about so many columns.
		expected: usize,
	},
	/// No ciphertext.
	#[error("ciphertext {index}: {error}")]
	Ciphertext {
		/// Which, in the order of the message.
		index: usize,
		/// What is wrong with it.
		error: CiphertextError,
	},
	/// Not below `N`.
	#[error("{field} is not below the modulus: refuse the message, no honest sender writes that")]
	OutOfRange {
		/// The number's index.
		field: &'static str,
	},
}

impl SelectionMessage {
	/// The length of a message about so many columns.
	pub const fn bytes(size: KeySize, columns: usize) -> usize {
		(3 * columns + 1) * 2 * size.bytes() + columns * CHALLENGE + size.bytes()
	}

	/// The message in [`Self::bytes`] bytes; see `docs/protocol/selection.md`.
	pub fn to_bytes(&self) -> Vec<u8> {
		let Proof { commitments, count_commitment, challenges, response } = &self.proof;
		let ciphertexts = self.selectors.iter().chain(commitments.iter().flatten()).chain([count_commitment]);
		let mut bytes = Vec::with_capacity(Self::bytes(response.size(), self.columns()));
		bytes.extend(ciphertexts.flat_map(Ciphertext::to_bytes));
		bytes.extend(challenges.iter().flat_map(|challenge| challenge.to_be_bytes()));
		bytes.extend(response.to_bytes());
		bytes
	}

	/// Reads a message about so many columns under a key.
	///
	/// # Errors
	///
	/// Another length than [`Self::bytes`], and numbers that are no ciphertexts or not reduced.
	pub fn from_bytes(key: &PublicKey, columns: usize, bytes: &[u8]) -> Result<Self, MessageError> {
		if columns == 0 || columns > MAX_COLUMNS {
			return Err(MessageError::Columns { columns });
		}
		let expected = Self::bytes(key.size(), columns);
		if bytes.len() != expected {
			return Err(MessageError::Length { bytes: bytes.len(), expected });
		}
		let (group, rest) = bytes.split_at((3 * columns + 1) * 2 * key.size().bytes());
		let (challenges, response) = rest.split_at(columns * CHALLENGE);
		let mut selectors = ciphertexts(key, group)?;
		let mut commitments = selectors.split_off(columns);
		let count_commitment = commitments.split_off(2 * columns).swap_remove(0);
		let (challenges, _) = challenges.as_chunks::<CHALLENGE>();
		let proof = Proof {
			commitments: commitments.chunks_exact(2).map(|pair| [pair[0].clone(), pair[1].clone()]).collect(),
			count_commitment,
			challenges: challenges.iter().map(|challenge| u128::from_be_bytes(*challenge)).collect(),
			response: plaintext(key, response, "the response")?,
		};
		Ok(Self { selectors, proof })
	}
}

/// Reads ciphertexts one after the other.
pub(crate) fn ciphertexts(key: &PublicKey, bytes: &[u8]) -> Result<Vec<Ciphertext>, MessageError> {
	let each = bytes.chunks(2 * key.size().bytes()).enumerate();
	each.map(|(index, bytes)| key.ciphertext(bytes).map_err(|error| MessageError::Ciphertext { index, error }))
		.collect()
}

/// Reads a number below `N`.
pub(crate) fn plaintext(key: &PublicKey, bytes: &[u8], field: &'static str) -> Result<Plaintext, MessageError> {
	key.plaintext(bytes).map_err(|_| MessageError::OutOfRange { field })
}
