//! Randomness that user, coordinator and computing providers share: it follows from the selection's salt, so that
//! selectors and re-randomised leaves can be checked, and nobody else learns anything from them.

use crate::{big_integers::fixed_bytes, ring::Ring, transcript::Transcript};
use alloc::vec::Vec;
use encrytrust_types::{job::FeatureChoice, JobId};
use num_bigint::BigUint;
use num_traits::{One, Zero};
use primitive_types::H256;

/// Bytes that are derived beyond those of `N`, so that the remainder is as good as uniform.
const EXCESS_BYTES: usize = 16;

/// The randomness `r` of a feature's selector under the computing provider's modulus, in `|N|` bytes.
pub fn randomness(genesis: &H256, job: JobId, choice: &FeatureChoice, ring: &Ring) -> Vec<u8> {
	let transcript = Transcript::new("encrytrust/bmpc/selector/2")
		.with(genesis)
		.with(job.to_le_bytes())
		.with(choice.salt)
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
) -> Vec<u8> {
	let transcript = Transcript::new("encrytrust/bmpc/blinding/2")
		.with(genesis)
		.with(job.to_le_bytes())
		.with(choice.salt)
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
pub fn unblindings(roots: &[Vec<u8>], ring: &Ring) -> Vec<Option<Vec<u8>>> {
	let numbers: Vec<_> = roots.iter().map(|root| BigUint::from_bytes_be(root)).collect();
	let (inverses, length) = (invert_each(&numbers, ring.n()), ring.n_bytes().len());
	let bases: Vec<_> = inverses.iter().flatten().map(|inverse| fixed_bytes(inverse, length)).collect();
	let mut powers = ring.pow_each(&bases, ring.n_bytes()).unwrap_or_default().into_iter();
	inverses.iter().map(|inverse| inverse.as_ref().and_then(|_| powers.next())).collect()
}

/// The inverses modulo `n`: all by that of their product (Montgomery 1987, section 10.3.1), or each by itself if that has none.
#[allow(clippy::arithmetic_side_effects)] // integers without bound; `n` is not zero
fn invert_each(numbers: &[BigUint], n: &BigUint) -> Vec<Option<BigUint>> {
	let mut product = BigUint::one();
	let mut before = Vec::with_capacity(numbers.len());
	for number in numbers {
		let next = &product * number % n;
		before.push(core::mem::replace(&mut product, next));
	}
	let Some(mut inverse) = product.modinv(n) else {
		return numbers.iter().map(|number| number.modinv(n)).collect();
	};
	let mut inverses = Vec::with_capacity(numbers.len());
	for (before, number) in before.iter().zip(numbers).rev() {
		inverses.push(Some(before * &inverse % n));
		inverse = inverse * number % n;
	}
	inverses.reverse();
	inverses
}

/// A number below `N` that is as good as uniform, and not zero.
#[allow(clippy::arithmetic_side_effects)] // N is not zero
fn derive(transcript: &Transcript, label: &str, ring: &Ring) -> Vec<u8> {
	let length = ring.n_bytes().len();
	let bytes = transcript.expand(label, length.saturating_add(EXCESS_BYTES));
	let number = BigUint::from_bytes_be(&bytes) % ring.n();
	fixed_bytes(&if number.is_zero() { BigUint::one() } else { number }, length)
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
		let inverse = |(root, factor): (&Vec<u8>, &Vec<u8>)| {
			let expected = (0..225u8).find(|number| ring.multiply(factor, &[*number]) == Some(vec![0, 1]));
			assert_eq!(expected.is_some(), coprime(root[0]));
			expected.map(|number| vec![0, number])
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
