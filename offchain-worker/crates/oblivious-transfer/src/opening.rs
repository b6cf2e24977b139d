//! What a computing provider shows when a sealed column does not open to what was committed to.

use crate::{
	encoding::{plaintext, MessageError},
	knowledge::{ring, VerifiedTransfer},
};
use encrytrust_fault_proofs::{opening_holds, opening_power, Opening as Shown};
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
	/// `root^(2^h)`, by which verification takes half of the squarings.
	pub power: Ciphertext,
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
	/// If the transfer belongs to another key.
	pub fn new(secret: &SecretKey, transfer: &VerifiedTransfer) -> Self {
		let VerifiedTransfer { selector, ciphertext: transfer } = transfer;
		let key = secret.public();
		let kappa = secret.decrypt(transfer);
		let (_, root) = secret.open(&weighted(key, selector, transfer, weight(key, selector, transfer, &kappa)));
		let power = opening_power(&ring(key), &root.to_bytes()).expect("a root is no longer than the modulus");
		let power = key.ciphertext(&power).expect("the root of a ciphertext is coprime to N");
		Self { kappa, root, power }
	}

	/// Verifies that the selector `X` holds 1 and the transfer `Z` holds `kappa`: both by one exponentiation of half
	/// the length.
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
		assert!(selector.key() == key && transfer.key() == key, "the ciphertexts belong to another key");
		let fitting = "numbers are no longer than those of the longest modulus";
		let [kappa, root] = [&self.kappa, &self.root].map(|number| number.to_bytes().try_into().expect(fitting));
		let opening = Shown { kappa, root, power: self.power.to_bytes().try_into().expect(fitting) };
		let holds = opening_holds(&ring(key), &selector.to_bytes(), &transfer.to_bytes(), &opening);
		(holds == Some(true)).then_some(()).ok_or(OpeningError::Refused)
	}

	/// `kappa` and the root, each in `|N|` bytes, then the power.
	pub fn to_bytes(&self) -> Vec<u8> {
		[self.kappa.to_bytes(), self.root.to_bytes(), self.power.to_bytes()].concat()
	}

	/// Reads an opening.
	///
	/// # Errors
	///
	/// Another length than `4 |N|` bytes, and numbers that are out of their range.
	pub fn from_bytes(key: &PublicKey, bytes: &[u8]) -> Result<Self, MessageError> {
		let half = key.size().bytes();
		let expected = 4 * half;
		if bytes.len() != expected {
			return Err(MessageError::Length { bytes: bytes.len(), expected });
		}
		let (kappa, rest) = bytes.split_at(half);
		let (root, power) = rest.split_at(half);
		Ok(Self {
			kappa: plaintext(key, kappa, "the number")?,
			root: plaintext(key, root, "the root")?,
			power: key.ciphertext(power).map_err(|error| MessageError::Ciphertext { index: 0, error })?,
		})
	}
}

/// `d`, by which both statements become one.
fn weight(key: &PublicKey, selector: &Ciphertext, transfer: &Ciphertext, kappa: &Plaintext) -> u128 {
	Transcript::new("encrytrust/selection/opening/2")
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
