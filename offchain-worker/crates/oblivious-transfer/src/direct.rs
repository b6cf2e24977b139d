//! Direct mode: every value by itself, as formula (11) of the BMPC paper writes it.
//!
//! A ciphertext under the user's key is a number below `N_u^2`, too large for the exponent that `x` is multiplied by: it
//! travels in limbs below the computing provider's `N`. Two exponentiations for each limb, where the bulk mode has two for
//! each column: for few values, and to measure against.

use crate::selection::VerifiedSelection;
use encrytrust_paillier::{Ciphertext, KeySize, SecretKey};
use zeroize::Zeroizing;

/// Why limbs make up no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectError {
	/// Too few, or too many.
	#[error("a value of {bytes} bytes has {expected} limbs, not {limbs}: fetch the answer again")]
	Limbs {
		/// The bytes of a value.
		bytes: usize,
		/// The limbs that were given.
		limbs: usize,
		/// The limbs that a value has.
		expected: usize,
	},
	/// Larger than any limb.
	#[error("limb {limb} is larger than a limb can be: the data provider's answer is wrong")]
	TooLarge {
		/// The limb's index.
		limb: usize,
	},
}

/// Bytes of a limb: the maximal number that is below every `N` of a size.
pub const fn limb_bytes(size: KeySize) -> usize {
	size.bytes() - 1
}

/// Multiplies a value of a column by the column's bit, limb by limb, the highest first.
///
/// # Panics
///
/// If there is no such column, or the operating system has no randomness.
pub fn answer(selection: &VerifiedSelection, column: usize, value: &[u8]) -> Vec<Ciphertext> {
	let key = &selection.key;
	let selector = &selection.selectors[column];
	let limb = |limb| key.plaintext(limb).expect("a limb is a byte shorter than N");
	let limbs: Vec<_> = value.chunks(limb_bytes(key.size())).map(limb).collect();
	let scaled = key.scale_each(&limbs.iter().map(|limb| (selector, limb)).collect::<Vec<_>>());
	let masks = key.encrypt_each(&vec![key.zero(); limbs.len()]);
	scaled.iter().zip(&masks).map(|(limb, mask)| key.add(limb, mask)).collect()
}

/// The value of `bytes` bytes that limbs make up: zeros where the column is not chosen.
///
/// # Errors
///
/// Another number of limbs, or one that is too large.
///
/// # Panics
///
/// If a limb belongs to another key.
pub fn open(secret: &SecretKey, limbs: &[Ciphertext], bytes: usize) -> Result<Zeroizing<Vec<u8>>, DirectError> {
	let size = secret.public().size();
	let expected = bytes.div_ceil(limb_bytes(size));
	if limbs.len() != expected {
		return Err(DirectError::Limbs { bytes, limbs: limbs.len(), expected });
	}
	let mut value = Zeroizing::new(Vec::with_capacity(bytes));
	for (index, limb) in secret.decrypt_each(limbs).iter().enumerate() {
		let limb = Zeroizing::new(limb.to_bytes());
		let length = limb_bytes(size).min(bytes - value.len());
		let (zeros, digits) = limb.split_at(limb.len() - length);
		if zeros.iter().any(|byte| *byte != 0) {
			return Err(DirectError::TooLarge { limb: index });
		}
		value.extend_from_slice(digits);
	}
	Ok(value)
}
