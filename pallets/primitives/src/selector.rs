//! Randomness that user, coordinator and computing providers share: it follows from the selection's salt, so that
//! selectors and re-randomised leaves can be checked, and nobody else learns anything from them.

use crate::{
	bmpc::{FeatureChoice, JobId},
	product_tree::fixed_bytes,
	ring::Ring,
	transcript::Transcript,
};
use alloc::vec::Vec;
use num_bigint::BigUint;
use num_traits::{One, Zero};
use sp_core::H256;

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

/// A number below `N` that is as good as uniform, and not zero.
#[allow(clippy::arithmetic_side_effects)] // N is not zero
fn derive(transcript: &Transcript, label: &str, ring: &Ring) -> Vec<u8> {
	let length = ring.n_bytes().len();
	let bytes = transcript.expand(label, length.saturating_add(EXCESS_BYTES));
	let number = BigUint::from_bytes_be(&bytes) % ring.n();
	fixed_bytes(&if number.is_zero() { BigUint::one() } else { number }, length)
}
