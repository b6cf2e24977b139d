//! What a computing provider shows when a sealed column does not open to what was committed to.

use crate::{
	encoding::{plaintext, MessageError},
	selection::VerifiedSelection,
};
use encrytrust_paillier::{transcript::Transcript, Ciphertext, Plaintext, PublicKey, SecretKey};

/// The number that was transferred for a chosen column, with what proves it to everybody.
///
/// It gives this one column away, to everybody who has it sealed, and that it was chosen; nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
	/// What the transfer decrypts to: the column's key follows from it.
	pub kappa: Plaintext,
	/// The `N`-th root of `X^d Z / (1 + N)^(d + kappa)`.
	pub root: Plaintext,
}

/// Why an opening shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
	/// The selector holds no 1, or the transfer another number.
	#[error("the opening does not hold: the column was not chosen, or another number was transferred; the accusation is refused")]
	Refused,
}

impl Opening {
	/// Opens the transfer of a chosen column.
	///
	/// Of a column that is not chosen this makes an opening that [`Self::verify`] refuses.
	///
	/// # Panics
	///
	/// If there is no such column, or the secret key is not the one that the selection is for.
	pub fn new(secret: &SecretKey, selection: &VerifiedSelection, column: usize, transfer: &Ciphertext) -> Self {
		let (key, selector) = (&selection.key, &selection.selectors[column]);
		let kappa = secret.decrypt(transfer);
		let (_, root) = secret.open(&weighted(key, selector, transfer, weight(key, selector, transfer, &kappa)));
		Self { kappa, root }
	}

	/// Verifies that the selector `X` holds 1 and the transfer `Z` holds `kappa`: both by one exponentiation.
	///
	/// That `X` holds 1 matters: any transfer by a selector of 0 holds 0, and no data provider is to blame for that.
	///
	/// # Errors
	///
	/// An opening that does not hold.
	///
	/// # Panics
	///
	/// If a ciphertext belongs to another key.
	pub fn verify(&self, key: &PublicKey, selector: &Ciphertext, transfer: &Ciphertext) -> Result<(), OpeningError> {
		let weight = weight(key, selector, transfer, &self.kappa);
		let value = key.add_plain(&key.number(weight), &self.kappa);
		let holds = key.encrypt_with(&value, &self.root) == weighted(key, selector, transfer, weight);
		holds.then_some(()).ok_or(OpeningError::Refused)
	}

	/// `kappa`, then the root, each in `|N|` bytes.
	pub fn to_bytes(&self) -> Vec<u8> {
		[self.kappa.to_bytes(), self.root.to_bytes()].concat()
	}

	/// Reads an opening.
	///
	/// # Errors
	///
	/// Another length than `2 |N|` bytes, and numbers that are not below `N`.
	pub fn from_bytes(key: &PublicKey, bytes: &[u8]) -> Result<Self, MessageError> {
		let expected = 2 * key.size().bytes();
		if bytes.len() != expected {
			return Err(MessageError::Length { bytes: bytes.len(), expected });
		}
		let (kappa, root) = bytes.split_at(key.size().bytes());
		Ok(Self { kappa: plaintext(key, kappa, "the number")?, root: plaintext(key, root, "the root")? })
	}
}

/// `d`, by which both statements become one.
fn weight(key: &PublicKey, selector: &Ciphertext, transfer: &Ciphertext, kappa: &Plaintext) -> u128 {
	Transcript::new("encrytrust/selection/opening/1")
		.with(key.modulus_bytes())
		.with(selector.to_bytes())
		.with(transfer.to_bytes())
		.with(kappa.to_bytes())
		.challenge()
}

/// `X^d Z`.
fn weighted(key: &PublicKey, selector: &Ciphertext, transfer: &Ciphertext, weight: u128) -> Ciphertext {
	key.combine_vartime(&[(selector, key.number(weight)), (transfer, key.one())])
}
