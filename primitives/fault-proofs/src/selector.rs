//! Randomness that user, coordinator and computing providers share: it follows from the selection's salt, so that
//! selectors and re-randomised leaves can be checked, and nobody else learns anything from them. To workers it is
//! secret, and is computed in constant time; to the chain, which sees what a proof opens, it is not.

use crate::{big_integers::Secret, ring::Ring, transcript::Transcript};
use alloc::vec::Vec;
use encrytrust_types::{job::FeatureChoice, JobId};
use num_bigint::BigUint;
use num_traits::{One, Zero};
use primitive_types::H256;

/// Bytes that are derived beyond those of `N`, so that the remainder is as good as uniform.
const EXCESS_BYTES: usize = 16;

/// The randomness `r` of a feature's selector under the computing provider's modulus, in `|N|` bytes.
pub fn randomness(genesis: &H256, job: JobId, choice: &FeatureChoice, ring: &Ring) -> Secret {
	let transcript = Transcript::new("encrytrust/bmpc/selector/2")
		.with(genesis)
		.with(job.to_le_bytes())
		.with(choice.salt.as_slice())
		.with(ring.n_bytes());
	derive(&transcript, "r", ring)
}

/// A feature's selector: the encryption of 1 if it is selected and of 0 if not, under the computing provider's modulus.
pub fn selector(genesis: &H256, job: JobId, choice: &FeatureChoice, ring: &Ring) -> Option<Vec<u8>> {
	let bit = if choice.rank.is_some() { BigUint::one() } else { BigUint::zero() };
	ring.encrypt(&bit, &randomness(genesis, job, choice, ring))
}

/// The root `b` of the factor that re-randomises the ciphertext of a block and a feature from the data provider `data` for
/// the computing provider `computing`, both by their place in the contract, under the user's modulus; in `|N|` bytes.
pub fn blinding_root(
	genesis: &H256,
	job: JobId,
	choice: &FeatureChoice,
	computing: u32,
	data: u32,
	block: u32,
	ring: &Ring,
) -> Secret {
	let transcript = Transcript::new("encrytrust/bmpc/blinding/2")
		.with(genesis)
		.with(job.to_le_bytes())
		.with(choice.salt.as_slice())
		.with(computing.to_le_bytes())
		.with(data.to_le_bytes())
		.with(block.to_le_bytes())
		.with(ring.n_bytes());
	derive(&transcript, "b", ring)
}

/// The factor itself, `b^N`; see [`blinding_root`].
pub fn blinding(
	genesis: &H256,
	job: JobId,
	choice: &FeatureChoice,
	computing: u32,
	data: u32,
	block: u32,
	ring: &Ring,
) -> Option<Vec<u8>> {
	ring.pow(&blinding_root(genesis, job, choice, computing, data, block, ring), ring.n_bytes())
}

/// What takes blindings off again: the inverse of the `N`-th power of each root. Powers go by their roots modulo `N`, so that
/// is the power of an inverse modulo `N`, which takes less time than one modulo `N^2`. `None` where there is none.
pub fn unblindings(roots: &[Secret], ring: &Ring) -> Vec<Option<Secret>> {
	let inverses = ring.invert_each_modulo_n(roots);
	let bases: Vec<_> = inverses.iter().flatten().map(|inverse| inverse.to_vec()).collect();
	let powers = ring.pow_each(&bases, ring.n_bytes()).unwrap_or_default();
	bases.into_iter().for_each(|base| drop(Secret::new(base)));
	let mut powers = powers.into_iter().map(Secret::new);
	inverses.iter().map(|inverse| inverse.as_ref().and_then(|_| powers.next())).collect()
}

/// A number below `N` that is as good as uniform, and not zero.
fn derive(transcript: &Transcript, label: &str, ring: &Ring) -> Secret {
	let length = ring.n_bytes().len();
	let bytes = transcript.expand(label, length.saturating_add(EXCESS_BYTES));
	let mut number = ring.remainder_modulo_n(&bytes).unwrap_or_default();
	let any_bit = number.iter().fold(0, |bits, byte| bits | byte);
	if let Some(last) = number.last_mut() {
		*last |= u8::from(any_bit == 0);
	}
	number
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::big_integers::Pure;
	use alloc::vec;

	#[test]
	fn what_is_blinded_can_be_had_back() {
		let (ring, choice) = (Ring::new(&[15], &Pure).unwrap(), FeatureChoice { salt: [7; 32], rank: Some(0) });
		let genesis = H256::repeat_byte(1);
		let (roots, factors): (Vec<_>, Vec<_>) = (0..32)
			.map(|block| {
				let root = blinding_root(&genesis, 3, &choice, 0, 1, block, &ring);
				(root, blinding(&genesis, 3, &choice, 0, 1, block, &ring).unwrap())
			})
			.unzip();
		let coprime = |root: u8| !root.is_multiple_of(3) && !root.is_multiple_of(5);
		let inverse = |(root, factor): (&Secret, &Vec<u8>)| {
			let expected = (0..225u8).find(|number| ring.multiply(factor, &[*number]) == Some(vec![0, 1]));
			assert_eq!(expected.is_some(), coprime(root[0]));
			expected.map(|number| Secret::new(vec![0, number]))
		};
		let expected: Vec<_> = roots.iter().zip(&factors).map(inverse).collect();
		assert!(expected.contains(&None), "a root without an inverse is among them");
		assert_eq!(unblindings(&roots, &ring), expected);
		// Where all have one, they are found together.
		let (roots, expected): (Vec<_>, Vec<_>) =
			roots.into_iter().zip(expected).filter(|pair| pair.1.is_some()).unzip();
		assert_eq!(unblindings(&roots, &ring), expected);
	}
}
