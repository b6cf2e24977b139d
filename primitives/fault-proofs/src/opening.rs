//! Openings of transfers, `docs/protocol/selection.md`, "Opening".

use crate::{big_integers::fixed_bytes, fault::Opening, ring::Ring, transcript::Transcript};
use alloc::{vec, vec::Vec};
use num_bigint::BigUint;

/// Bytes of a weight.
const WEIGHT: usize = 16;

/// Whether an opening shows that the selector `X` holds 1 and the transfer `Z` holds `kappa`, both of which must be
/// ciphertexts. `None` for numbers out of their range.
///
/// `root^N (1 + N)^(d + kappa) = X^d Z` would take an exponentiation by `N`. As the opening has `P = root^(2^h)` as
/// well, half of the squarings are left: with `N = N_1 2^h + N_0`, and `c` as the weight of `P`,
///
/// `root^(N_0 + c 2^h) P^N_1 (1 + N)^(d + kappa) = X^d Z P^c`.
#[allow(clippy::arithmetic_side_effects)] // integers without bound
pub fn opening_holds(ring: &Ring, selector: &[u8], transfer: &[u8], opening: &Opening) -> Option<bool> {
	let Opening { kappa, root, power } = opening;
	if !ring.is_plaintext(kappa) || !ring.is_plaintext(root) || !ring.is_reduced(power) {
		return None;
	}
	// With a power of 0 both sides would be 0.
	if !ring.is_coprime(power) {
		return Some(false);
	}
	let statement = Transcript::new("encrytrust/selection/opening/2");
	let statement = statement.with(ring.n_bytes()).with(selector).with(transfer).with(kappa);
	let (weight, power_weight) = (statement.challenge(), statement.with(root).with(power).challenge());
	let half = half_bytes(ring).checked_mul(8)?;
	let high = ring.n() >> half;
	let low = ring.n() - (&high << half) + (BigUint::from(power_weight) << half);
	let width = half_bytes(ring).checked_add(WEIGHT)?;
	let bases = [&fixed_bytes(&BigUint::from_bytes_be(root), ring.bytes()), &power[..]].concat();
	let exponents = [fixed_bytes(&low, width), fixed_bytes(&high, width)].concat();
	let powers = ring.product_of_powers(&bases, &exponents, width as u32)?;
	let shown = ring.power_of_generator(&(BigUint::from_bytes_be(kappa) + weight));
	let exponents = [weight.to_be_bytes(), power_weight.to_be_bytes()].concat();
	let weighted = ring.product_of_powers(&[selector, power].concat(), &exponents, WEIGHT as u32)?;
	Some(ring.multiply(&powers, &shown)? == ring.multiply(&weighted, transfer)?)
}

/// `P = root^(2^h)`: what goes with a root.
pub fn opening_power(ring: &Ring, root: &[u8]) -> Option<Vec<u8>> {
	let exponent = [vec![1], vec![0; half_bytes(ring)]].concat();
	ring.pow(root, &exponent)
}

/// `h / 8`: half of `N`'s bytes, rounded up.
fn half_bytes(ring: &Ring) -> usize {
	ring.n_bytes().len().div_ceil(2)
}
