//! Responses of proofs that somebody knows the `k` and `r` in `c^k r^N`.

use crate::{
	integer,
	public_key::{Ciphertext, Plaintext, PublicKey},
};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Resize};
use encrytrust_modular::{MontgomeryRing, Residue};
use zeroize::Zeroizing;

/// What a prover knows about a number `c^k r^N`, and what it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
	/// `c`.
	pub base: &'a Ciphertext,
	/// `k` and `r`.
	pub secrets: [&'a Plaintext; 2],
	/// The `a` and `s` that were committed to as `c^a s^N`: uniform, secret and used once.
	pub nonces: [&'a Plaintext; 2],
	/// The challenge `e`.
	pub challenge: u128,
}

impl PublicKey {
	/// The responses `z = a + e k mod N` and `w = s r^e c^q mod N` of each proof, `q` being the quotient of `a + e k`
	/// by `N`: then `c^z w^N = (c^a s^N) (c^k r^N)^e`. In constant time, but for the challenges.
	///
	/// With uniform nonces both responses are uniform, whatever the secrets are.
	///
	/// # Panics
	///
	/// If a ciphertext belongs to another key, or a plaintext to one of another size.
	pub fn respond_each(&self, proofs: &[Knowledge<'_>]) -> Vec<[Plaintext; 2]> {
		let ring = MontgomeryRing::modulo(self.modulus().as_words()).expect("a modulus is odd and full");
		let element = |number: &Plaintext| ring.element(self.value(number).as_words(), &[]);
		let divided: Vec<_> = proofs.iter().map(|proof| self.divide(proof)).collect();
		let bases: Vec<[Residue; 2]> = proofs
			.iter()
			.map(|proof| {
				let (low, _) = self.ring().digits(self.residue(proof.base));
				[ring.element(low.as_words(), &[]), element(proof.secrets[1])]
			})
			.collect();
		let challenges: Vec<_> = proofs.iter().map(|proof| limbs(proof.challenge)).collect();
		let exponents = divided.iter().zip(&challenges);
		let terms = bases
			.iter()
			.zip(exponents)
			.flat_map(|([base, root], ((quotient, _), challenge))| [(base, &quotient[..]), (root, &challenge[..])]);
		let powers = ring.power_each(&terms.collect::<Vec<_>>());
		let responses = proofs.iter().zip(divided).zip(powers.as_chunks::<2>().0);
		let responses = responses.map(|((proof, (_, remainder)), [of_base, of_root])| {
			let product = ring.multiply(&element(proof.nonces[1]), &ring.multiply(of_base, of_root));
			[remainder, Plaintext::from_integer(self.size(), integer::from_limbs(&ring.digits(&product)))]
		});
		responses.collect()
	}

	/// `a + e k` by `N`: the quotient, which is at most `e`, and the remainder.
	fn divide(&self, proof: &Knowledge<'_>) -> (Zeroizing<[u64; 2]>, Plaintext) {
		let [k, a] = [proof.secrets[0], proof.nonces[0]].map(|number| self.value(number));
		let challenge = BoxedUint::from(proof.challenge);
		let product = Zeroizing::new(k.value.concatenating_mul(&challenge));
		let addend = Zeroizing::new((&a.value).resize(product.bits_precision()));
		let sum = Zeroizing::new(product.wrapping_add(&*addend));
		let (quotient, remainder) = sum.div_rem(self.modulus());
		let quotient = Zeroizing::new(quotient);
		let words = quotient.as_words();
		let remainder = Zeroizing::new(remainder);
		let remainder = Plaintext::from_integer(self.size(), (&*remainder).resize(self.size().bits()));
		(Zeroizing::new([words[0], words[1]]), remainder)
	}
}

fn limbs(number: u128) -> [u64; 2] {
	[number as u64, (number >> 64) as u64]
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{KeySize, SecretKey};
	use num_bigint::BigUint;

	#[test]
	fn responses_are_those_of_plain_integers() {
		for size in [KeySize::Bits2048, KeySize::Bits3072] {
			let secret = SecretKey::generate(size);
			let key = secret.public();
			let n = BigUint::from_bytes_be(&key.modulus_bytes());
			let largest = key.sub_plain(&key.zero(), &key.one());
			let base = secret.encrypt(&key.one());
			let random = || key.random_plaintext();
			let cases = [
				([random(), random()], [random(), random()], u128::MAX / 3),
				([random(), random()], [random(), random()], 0),
				([key.zero(), random()], [key.zero(), random()], 1),
				([largest.clone(), random()], [largest.clone(), random()], u128::MAX),
				([key.one(), random()], [largest, random()], 1),
			];
			let proofs: Vec<_> = cases
				.iter()
				.map(|(secrets, nonces, challenge)| Knowledge {
					base: &base,
					secrets: secrets.each_ref(),
					nonces: nonces.each_ref(),
					challenge: *challenge,
				})
				.collect();
			let responses = key.respond_each(&proofs);
			assert_eq!(responses.len(), cases.len());
			for (([k, r], [a, s], e), [z, w]) in cases.iter().zip(&responses) {
				let [k, r, a, s] = [k, r, a, s].map(|number| BigUint::from_bytes_be(&number.to_bytes()));
				let sum = a + k * *e;
				let c = BigUint::from_bytes_be(&base.to_bytes());
				let expected = s * r.modpow(&(*e).into(), &n) * c.modpow(&(&sum / &n), &n) % &n;
				assert_eq!(BigUint::from_bytes_be(&z.to_bytes()), sum % &n);
				assert_eq!(BigUint::from_bytes_be(&w.to_bytes()), expected);
			}
		}
	}
}
