//! Messages sealed to one party and bound to their place: HPKE (RFC 9180) in base mode with DHKEM(X25519,
//! HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305; see "Sealed messages" in `docs/protocol/bmpc.md`.

use crate::chain::{AccountId, H256};
use encrytrust_types::job::sealing_info;
use hpke::{
	aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, rand_core, Deserializable, Kem, OpModeR, OpModeS,
	Serializable,
};
use zeroize::Zeroizing;

/// Bytes of the encapsulated key in front of a sealed message.
const ENCAPSULATED: usize = 32;

/// Where a sealed selection belongs. Sealed for one place it opens in no other.
#[derive(Clone, Debug)]
pub struct Place<'a> {
	/// The selection's commitment.
	pub commitment: H256,
	/// Of which chain.
	pub genesis: H256,
	/// From whom.
	pub from: &'a AccountId,
	/// To whom.
	pub to: &'a AccountId,
}

impl Place<'_> {
	fn info(&self) -> [u8; 32] {
		sealing_info("request", &self.genesis, &self.from.0, &self.to.0, self.commitment.as_bytes())
	}
}

/// Why a message was not sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
	/// The receiver's key is not a point that a key can be agreed with.
	#[error("the receiver's sealing key is not an X25519 key")]
	Key,
	/// Not for this receiver and place, or changed on its way.
	#[error("the sealed message does not open: it was sealed for another place or receiver, or was changed")]
	Open,
}

/// The key that messages to this party are sealed to.
pub struct SealingKey(<X25519HkdfSha256 as Kem>::PrivateKey);

impl std::fmt::Debug for SealingKey {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("SealingKey")
	}
}

impl SealingKey {
	/// The key derived from 32 secret bytes (RFC 9180, section 7.1.3).
	pub fn derive(seed: &[u8; 32]) -> Self {
		Self(X25519HkdfSha256::derive_keypair(seed).0)
	}

	/// Its public part, as registered on chain.
	pub fn public(&self) -> [u8; 32] {
		X25519HkdfSha256::sk_to_pk(&self.0).to_bytes().into()
	}

	/// Opens a message sealed to this key for `place`.
	pub fn open(&self, place: &Place<'_>, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
		let (key, ciphertext) = message.split_at_checked(ENCAPSULATED).ok_or(SealError::Open)?;
		let key = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(key).map_err(|_| SealError::Open)?;
		hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
			&OpModeR::Base,
			&self.0,
			&key,
			&place.info(),
			ciphertext,
			&[],
		)
		.map(Zeroizing::new)
		.map_err(|_| SealError::Open)
	}
}

/// Seals a message to `receiver`'s public key for `place`.
pub fn seal(receiver: &[u8; 32], place: &Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
	let receiver = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(receiver).map_err(|_| SealError::Key)?;
	let (key, ciphertext) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
		&OpModeS::Base,
		&receiver,
		&place.info(),
		plaintext,
		&[],
		&mut SystemRandom,
	)
	.map_err(|_| SealError::Key)?;
	Ok([key.to_bytes().as_slice(), &ciphertext].concat())
}

/// The operating system's randomness, as HPKE's traits want it. Without it nothing secret can be made: it panics.
struct SystemRandom;

impl rand_core::RngCore for SystemRandom {
	fn next_u32(&mut self) -> u32 {
		rand_core::impls::next_u32_via_fill(self)
	}

	fn next_u64(&mut self) -> u64 {
		rand_core::impls::next_u64_via_fill(self)
	}

	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		getrandom::fill(bytes).expect("the operating system gives random bytes")
	}
}

impl rand_core::CryptoRng for SystemRandom {}

#[cfg(test)]
mod tests {
	use super::*;

	fn account(byte: u8) -> AccountId {
		AccountId([byte; 32])
	}

	fn place<'a>(from: &'a AccountId, to: &'a AccountId) -> Place<'a> {
		Place { commitment: H256([7; 32]), genesis: H256([9; 32]), from, to }
	}

	#[test]
	fn a_message_opens_in_its_place_and_nowhere_else() {
		let key = SealingKey::derive(&[1; 32]);
		let other_key = SealingKey::derive(&[2; 32]);
		let alice = account(1);
		let bob = account(2);
		let carol = account(3);
		let right = place(&alice, &bob);
		let message = seal(&key.public(), &right, b"secret").unwrap();
		assert_eq!(&**key.open(&right, &message).unwrap(), b"secret");
		assert_eq!(message.len(), ENCAPSULATED + 6 + 16);

		let mut changed = message.clone();
		*changed.last_mut().unwrap() ^= 1;
		for (name, key, place, message) in [
			("another commitment", &key, Place { commitment: H256([8; 32]), ..right.clone() }, &message),
			("another sender", &key, place(&carol, &bob), &message),
			("another receiver's account", &key, place(&alice, &carol), &message),
			("another chain", &key, Place { genesis: H256([8; 32]), ..right.clone() }, &message),
			("another receiver's key", &other_key, right.clone(), &message),
			("changed on its way", &key, right.clone(), &changed),
			("cut short", &key, right.clone(), &message[..40].to_vec()),
			("nothing", &key, right.clone(), &Vec::new()),
		] {
			assert_eq!(key.open(&place, message).unwrap_err(), SealError::Open, "{name}");
		}
	}

	#[test]
	fn the_same_message_is_sealed_differently_each_time() {
		let key = SealingKey::derive(&[1; 32]);
		let a = account(1);
		let b = account(2);
		let place = place(&a, &b);
		assert_ne!(seal(&key.public(), &place, b"x").unwrap(), seal(&key.public(), &place, b"x").unwrap());
	}

	#[test]
	fn a_key_that_is_no_point_to_agree_with_is_refused() {
		let a = account(1);
		let b = account(2);
		let place = place(&a, &b);
		assert_eq!(seal(&[0; 32], &place, b"x").unwrap_err(), SealError::Key);
	}
}
