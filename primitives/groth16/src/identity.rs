//! What a proof about an identity key is bound to, computed alike by the chain and by the prover.
//!
//! The circuit's public inputs are, in this order, the commitment `C = Poseidon(a, key_fp)`, the key's fingerprint
//! `key_fp` and the context `ctx`. The chain keeps `C` and computes the other two itself.

mod terms;

pub use terms::{KdfParams, KdfParamsError, KeySignature, KeyTerms, PublicKey, Salt, SALT_LEN};

use crate::{
	encode_scalar,
	h2f::{digest, h2f, DIGEST_LEN},
	VerifyingKey, SCALAR_LEN,
};
use alloc::vec::Vec;
use codec::Encode;

/// How many public inputs the circuit has.
pub const INPUTS: usize = 3;
/// Bytes of the circuit's public inputs.
pub const INPUTS_LEN: usize = INPUTS * SCALAR_LEN;
/// Bytes of a verifying key of the circuit.
pub const VERIFYING_KEY_LEN: usize = VerifyingKey::len_with_inputs(INPUTS);

/// The verifying key made from a public seed. **Anybody can forge proofs under it**: for development chains alone.
pub const DEV_VERIFYING_KEY: &[u8; VERIFYING_KEY_LEN] = include_bytes!("dev_verifying_key.bin");

/// What a proof asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action<'a> {
	/// The end of the key.
	Revoke,
	/// The end of the key, and another in its place.
	Rotate {
		/// The key that takes its place, and what its own revocation takes.
		terms: &'a KeyTerms,
	},
}

/// The context of a proof: `H2F("revoke" | "rotate", genesis, key id, submitter, [new key type, new public key, new
/// commitment, salt, KDF parameters])`.
///
/// It makes a copied proof worthless in another's hands, on another chain, for another key, another action or another
/// successor. `key_id` is hashed as a little-endian `u64`, the parameters as three little-endian `u32`.
pub fn context(action: Action<'_>, genesis: &[u8; 32], key_id: u64, submitter: &[u8; 32]) -> [u8; SCALAR_LEN] {
	let key_id = key_id.to_le_bytes();
	encode_scalar(&match action {
		Action::Revoke => h2f("revoke", &[genesis, &key_id, submitter]),
		Action::Rotate { terms } => {
			// Every field by its name: none can be left out unnoticed.
			let KeyTerms { public_key, commitment, salt, kdf } = terms;
			let key_type = public_key.key_type();
			let kdf = kdf.encode();
			let parts: [&[u8]; 8] =
				[genesis, &key_id, submitter, &key_type, public_key.bytes(), commitment, salt, &kdf];
			h2f("rotate", &parts)
		},
	})
}

/// What a key is registered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
	/// A request of its owner.
	Request,
	/// The rotation of another key of its owner.
	Rotate,
}

/// The message that a key signs so that it can be registered, by which nobody registers a key that is another's:
/// Blake2b-512 over `"possession"`, the purpose (`"request" | "rotate"`), genesis, owner, key type and public key,
/// framed as in [`digest`].
///
/// It has 64 bytes, which no signed extrinsic's payload has: those are hashes of 32 bytes, or longer.
pub fn possession_message(
	purpose: Purpose,
	genesis: &[u8; 32],
	owner: &[u8; 32],
	public_key: &PublicKey,
) -> [u8; DIGEST_LEN] {
	let purpose: &[u8] = match purpose {
		Purpose::Request => b"request",
		Purpose::Rotate => b"rotate",
	};
	digest("possession", &[purpose, genesis, owner, &public_key.key_type(), public_key.bytes()])
}

/// The circuit's public inputs, for [`verify`](crate::verify).
pub fn public_inputs(
	commitment: &[u8; SCALAR_LEN],
	fingerprint: &[u8; SCALAR_LEN],
	context: &[u8; SCALAR_LEN],
) -> Vec<u8> {
	[*commitment, *fingerprint, *context].concat()
}

#[cfg(test)]
mod tests {
	use super::*;

	const TERMS: KeyTerms = KeyTerms {
		public_key: PublicKey::Ed25519([4; 32]),
		commitment: [5; 32],
		salt: [6; 16],
		kdf: KdfParams { memory_kib: 65_536, passes: 3, lanes: 1 },
	};

	fn assert_distinct<T: PartialEq>(values: &[T]) {
		for (i, value) in values.iter().enumerate() {
			assert!(!values.iter().take(i).any(|other| other == value), "{i}");
		}
	}

	#[test]
	fn contexts_differ_in_every_part() {
		let revoke = |genesis, key_id, submitter| context(Action::Revoke, genesis, key_id, submitter);
		let rotate = |genesis, key_id, submitter, terms: &KeyTerms| {
			context(Action::Rotate { terms }, genesis, key_id, submitter)
		};
		let to = |terms: KeyTerms| rotate(&[1; 32], 2, &[3; 32], &terms);
		let kdf = TERMS.kdf;
		assert_distinct(&[
			revoke(&[1; 32], 2, &[3; 32]),
			revoke(&[9; 32], 2, &[3; 32]),
			revoke(&[1; 32], 9, &[3; 32]),
			revoke(&[1; 32], 2, &[9; 32]),
			rotate(&[1; 32], 2, &[3; 32], &TERMS),
			rotate(&[9; 32], 2, &[3; 32], &TERMS),
			rotate(&[1; 32], 9, &[3; 32], &TERMS),
			rotate(&[1; 32], 2, &[9; 32], &TERMS),
			to(KeyTerms { public_key: PublicKey::Sr25519([4; 32]), ..TERMS }),
			to(KeyTerms { public_key: PublicKey::Ed25519([9; 32]), ..TERMS }),
			to(KeyTerms { public_key: PublicKey::Ecdsa([4; 33]), ..TERMS }),
			to(KeyTerms { commitment: [9; 32], ..TERMS }),
			to(KeyTerms { salt: [9; 16], ..TERMS }),
			to(KeyTerms { kdf: KdfParams { memory_kib: 65_537, ..kdf }, ..TERMS }),
			to(KeyTerms { kdf: KdfParams { passes: 4, ..kdf }, ..TERMS }),
			to(KeyTerms { kdf: KdfParams { lanes: 2, ..kdf }, ..TERMS }),
		]);
	}

	#[test]
	fn possession_messages_differ_in_every_part() {
		let (request, rotate) = (Purpose::Request, Purpose::Rotate);
		let key = PublicKey::Ed25519([4; 32]);
		assert_distinct(&[
			possession_message(request, &[1; 32], &[3; 32], &key),
			possession_message(rotate, &[1; 32], &[3; 32], &key),
			possession_message(request, &[9; 32], &[3; 32], &key),
			possession_message(request, &[1; 32], &[9; 32], &key),
			possession_message(request, &[1; 32], &[3; 32], &PublicKey::Ed25519([9; 32])),
			possession_message(request, &[1; 32], &[3; 32], &PublicKey::Sr25519([4; 32])),
			possession_message(request, &[1; 32], &[3; 32], &PublicKey::Ecdsa([4; 33])),
		]);
	}
}
