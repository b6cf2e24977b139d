//! No prime factor of `N` is small.
//!
//! What figure 28 of Canetti et al. (2020) proves by commitments modulo a number of the verifier's, here in a group of
//! known prime order, so that one proof convinces everybody and nobody sets anything up; `docs/adr/0010-key-proofs.md`
//! says why that is enough.

use super::{Context, Group, KeyProofError, Nonces};
use crate::{public_key::PublicKey, transcript::Transcript, KeySize};
use crypto_bigint::{modular::BoxedMontyForm, BoxedUint, ConcatenatingMul, NonZero, Resize};
use zeroize::Zeroizing;

/// Bits of a challenge.
const CHALLENGE: u32 = 128;
/// Bits by which a response may be longer than a factor: a challenge's, and as many to hide the factor but for one.
const SLACK: u32 = 2 * CHALLENGE;

/// The proof: commitments to both factors, and responses to the challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FactorSizes {
	/// `C = g^p h^mu` and `D = g^q h^nu`, as bytes: elements of the group once they were checked.
	pub(super) commitments: [Vec<u8>; 2],
	pub(super) challenge: u128,
	/// `alpha + e p` and `beta + e q`, over the integers. Their length is their bound.
	pub(super) factors: [BoxedUint; 2],
	/// `x + e mu`, `y + e nu` and `r - e p nu`, modulo `Q`.
	pub(super) blindings: [BoxedUint; 3],
}

/// The length of the responses for a factor.
pub(super) const fn response_bits(size: KeySize) -> u32 {
	size.bits() / 2 + SLACK
}

impl FactorSizes {
	pub(super) fn prove(key: &PublicKey, [p, q]: [&BoxedUint; 2], context: &Context, nonces: &Nonces) -> Self {
		let group = Group::of(key.size());
		let order = group.order();
		let random = |label| nonces.below(order, label);
		let [mu, nu, x, y, r] = ["mu", "nu", "x", "y", "r"].map(random);
		let [alpha, beta] = ["alpha", "beta"].map(|label| nonces.bits(response_bits(key.size()), label));

		let (g, h) = (group.g(), group.h());
		let [c, d] = [(p, &mu), (q, &nu)].map(|(factor, blinding)| group.commit((g, factor), (h, blinding)));
		let first = [
			group.commit((g, &alpha), (h, &x)),
			group.commit((g, &beta), (h, &y)),
			group.commit((&d, &alpha), (h, &r)),
		];
		let commitments = [c, d].map(|element| bytes(&element));
		let challenge = challenge(key, context, &commitments, &first);

		let e = BoxedUint::from(challenge);
		// Of a factor that is too long the response is cut, and refused.
		let respond = |mask: &BoxedUint, secret: &BoxedUint| {
			let product = Zeroizing::new(secret.concatenating_mul(&e));
			mask.wrapping_add(&*Zeroizing::new((&*product).resize_unchecked(mask.bits_precision())))
		};
		// g^N = D^p h^(-p nu).
		let p_nu = Zeroizing::new(Zeroizing::new(p.concatenating_mul(&*nu)).rem(order));
		let minus_p_nu = Zeroizing::new(BoxedUint::zero_with_precision(order.bits_precision()).sub_mod(&p_nu, order));
		let blind = |mask: &BoxedUint, secret: &BoxedUint| mask.add_mod(&reduced_product(secret, &e, order), order);
		Self {
			commitments,
			challenge,
			factors: [respond(&alpha, p), respond(&beta, q)],
			blindings: [blind(&x, &mu), blind(&y, &nu), blind(&r, &minus_p_nu)],
		}
	}

	pub(super) fn verify(&self, key: &PublicKey, context: &Context) -> Result<(), KeyProofError> {
		let group = Group::of(key.size());
		let [Some(c), Some(d)] = [0, 1].map(|index| group.element(&self.commitments[index])) else {
			return Err(KeyProofError::NotInGroup);
		};
		let (g, h) = (group.g(), group.h());
		let [z_p, z_q] = &self.factors;
		let [w_p, w_q, v] = &self.blindings;
		// Raised to Q - e where the equation divides by the power with e.
		let e = BoxedUint::from(self.challenge).resize(group.order().bits_precision());
		let minus_e = group.order().wrapping_sub(&e);
		let n = reduced_product(key.modulus().as_ref(), &minus_e, group.order());
		let first = [
			group.commit((g, z_p), (h, w_p)).mul(&c.pow(&minus_e)),
			group.commit((g, z_q), (h, w_q)).mul(&d.pow(&minus_e)),
			group.commit((&d, z_p), (h, v)).mul(&g.pow(&n)),
		];
		let same = challenge(key, context, &self.commitments, &first) == self.challenge;
		same.then_some(()).ok_or(KeyProofError::Challenge)
	}
}

fn challenge(key: &PublicKey, context: &Context, commitments: &[Vec<u8>; 2], first: &[BoxedMontyForm; 3]) -> u128 {
	let group = Group::of(key.size());
	let start = context
		.transcript(key, "factor sizes")
		.with(group.modulus_bytes())
		.with(bytes(group.g()))
		.with(bytes(group.h()));
	let statement = commitments.iter().fold(start, Transcript::with);
	first.iter().map(bytes).fold(statement, Transcript::with).challenge()
}

fn reduced_product(a: &BoxedUint, b: &BoxedUint, modulus: &NonZero<BoxedUint>) -> Zeroizing<BoxedUint> {
	Zeroizing::new(Zeroizing::new(a.concatenating_mul(b)).rem(modulus))
}

fn bytes(element: &BoxedMontyForm) -> Vec<u8> {
	element.retrieve().to_be_bytes().into()
}
