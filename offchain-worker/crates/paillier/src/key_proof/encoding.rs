//! Proofs as bytes: fixed lengths, one encoding for each proof.

use super::{
	factor_sizes::{response_bits, FactorSizes},
	two_primes::{FourthRoot, TwoPrimes, FOURTH_ROOTS, NTH_ROOTS},
	Group, KeyProof, KeyProofError,
};
use crate::{
	integer,
	public_key::{Plaintext, PublicKey},
	KeySize,
};
use crypto_bigint::BoxedUint;

/// Bytes with two bits for each fourth root.
const SIGNS: usize = FOURTH_ROOTS / 4;
/// Bytes of a challenge.
const CHALLENGE: usize = 16;

impl KeyProof {
	/// The length of a proof about a key of this size.
	pub const fn bytes(size: KeySize) -> usize {
		let roots = (1 + FOURTH_ROOTS + NTH_ROOTS) * size.bytes() + SIGNS;
		let responses = 2 * response_bits(size) as usize / 8;
		roots + CHALLENGE + responses + 5 * Group::bytes(size)
	}

	/// The proof in [`Self::bytes`] bytes; see `docs/protocol/key-proofs.md`.
	pub fn to_bytes(&self) -> Vec<u8> {
		let TwoPrimes { w, fourth_roots, nth_roots } = &self.two_primes;
		let FactorSizes { commitments, challenge, factors, blindings } = &self.factor_sizes;
		let mut bytes = Vec::with_capacity(Self::bytes(w.size()));
		bytes.extend(w.to_bytes());
		bytes.extend(fourth_roots.chunks(4).map(|roots| {
			roots.iter().rev().fold(0, |byte, root| byte << 2 | u8::from(root.times_w) << 1 | u8::from(root.negated))
		}));
		bytes.extend(fourth_roots.iter().flat_map(|root| root.x.to_bytes()));
		bytes.extend(nth_roots.iter().flat_map(Plaintext::to_bytes));
		bytes.extend(commitments.iter().flatten());
		bytes.extend(challenge.to_be_bytes());
		bytes.extend(factors.iter().chain(blindings).flat_map(|response| response.to_be_bytes().into_vec()));
		bytes
	}

	/// Reads a proof about `key`.
	///
	/// # Errors
	///
	/// Another length than [`Self::bytes`], and numbers that are not reduced.
	pub fn from_bytes(key: &PublicKey, bytes: &[u8]) -> Result<Self, KeyProofError> {
		let size = key.size();
		if bytes.len() != Self::bytes(size) {
			return Err(KeyProofError::Length { bytes: bytes.len(), expected: Self::bytes(size) });
		}
		let mut reader = Reader { key, rest: bytes };
		let w = reader.plaintext("w")?;
		let signs = reader.take(SIGNS);
		let fourth_roots = (0..FOURTH_ROOTS).map(|index| {
			let bits = signs[index / 4] >> (2 * (index % 4));
			let x = reader.plaintext("a fourth root")?;
			Ok(FourthRoot { negated: bits & 1 != 0, times_w: bits & 2 != 0, x })
		});
		let fourth_roots = fourth_roots.collect::<Result<_, KeyProofError>>()?;
		let nth_roots = (0..NTH_ROOTS).map(|_| reader.plaintext("an N-th root")).collect::<Result<_, _>>()?;
		let two_primes = TwoPrimes { w, fourth_roots, nth_roots };
		let factor_sizes = FactorSizes {
			commitments: [(); 2].map(|()| reader.take(Group::bytes(size)).to_vec()),
			challenge: reader.challenge(),
			factors: [(); 2].map(|()| reader.integer(response_bits(size))),
			blindings: [reader.blinding()?, reader.blinding()?, reader.blinding()?],
		};
		Ok(Self { two_primes, factor_sizes })
	}
}

/// Reads fields off bytes whose length was checked.
struct Reader<'a> {
	key: &'a PublicKey,
	rest: &'a [u8],
}

impl<'a> Reader<'a> {
	fn take(&mut self, bytes: usize) -> &'a [u8] {
		let (field, rest) = self.rest.split_at(bytes);
		self.rest = rest;
		field
	}

	/// A number below `N`.
	fn plaintext(&mut self, field: &'static str) -> Result<Plaintext, KeyProofError> {
		let bytes = self.take(self.key.size().bytes());
		self.key.plaintext(bytes).map_err(|_| KeyProofError::OutOfRange { field })
	}

	/// A number below `Q`.
	fn blinding(&mut self) -> Result<BoxedUint, KeyProofError> {
		let size = self.key.size();
		let value = self.integer(8 * Group::bytes(size) as u32);
		let below = value.cmp_vartime(Group::of(size).order().as_ref()).is_lt();
		below.then_some(value).ok_or(KeyProofError::OutOfRange { field: "a blinding's response" })
	}

	fn integer(&mut self, bits: u32) -> BoxedUint {
		integer::from_bytes(self.take(bits as usize / 8), bits).expect("as many bytes as bits")
	}

	fn challenge(&mut self) -> u128 {
		let bytes = self.take(CHALLENGE);
		u128::from_be_bytes(std::array::from_fn(|index| bytes[index]))
	}
}
