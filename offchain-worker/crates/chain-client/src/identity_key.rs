//! Signatures by identity keys, as the chain verifies them.

use crate::Error;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use encrytrust_types::identity::{KeySignature, PublicKey};
use std::str::FromStr;
use subxt_signer::{ecdsa, sr25519, SecretUri};
use zeroize::Zeroizing;

/// Signs a message with the secret of an identity key.
///
/// The secret is a secret URI (a phrase with derivations, `0x` and the 64 digits of a seed, or `//NAME`), for an Ed25519
/// key `0x` and the 64 digits of its seed.
///
/// # Errors
///
/// [`Error::KeySecret`] for a secret that cannot be read, [`Error::OtherKey`] if it is that of another key. No error
/// repeats the secret.
pub fn sign_by_key(public_key: &PublicKey, secret: &str, message: &[u8]) -> Result<KeySignature, Error> {
	let secret = secret.trim();
	let (found, signature) = match public_key {
		PublicKey::Sr25519(_) => {
			let pair = sr25519::Keypair::from_uri(&uri(secret)?).map_err(|_| Error::KeySecret)?;
			(PublicKey::Sr25519(pair.public_key().0), KeySignature::Sr25519(pair.sign(message).0))
		},
		PublicKey::Ed25519(_) => {
			let pair = SigningKey::from_bytes(&*seed(secret)?);
			let signature = pair.sign(message).to_bytes();
			(PublicKey::Ed25519(pair.verifying_key().to_bytes()), KeySignature::Ed25519(signature))
		},
		PublicKey::Ecdsa(_) => {
			let pair = ecdsa::Keypair::from_uri(&uri(secret)?).map_err(|_| Error::KeySecret)?;
			(PublicKey::Ecdsa(pair.public_key().0), KeySignature::Ecdsa(pair.sign(message).0))
		},
	};
	if found == *public_key {
		Ok(signature)
	} else {
		Err(Error::OtherKey)
	}
}

/// Whether a signature is by a key over a message.
pub fn is_signed_by_key(public_key: &PublicKey, signature: &KeySignature, message: &[u8]) -> bool {
	match (*public_key, *signature) {
		(PublicKey::Sr25519(key), KeySignature::Sr25519(signature)) => {
			sr25519::verify(&sr25519::Signature(signature), message, &sr25519::PublicKey(key))
		},
		(PublicKey::Ed25519(key), KeySignature::Ed25519(signature)) => {
			let signature = ed25519_dalek::Signature::from_bytes(&signature);
			VerifyingKey::from_bytes(&key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
		},
		(PublicKey::Ecdsa(key), KeySignature::Ecdsa(signature)) => {
			ecdsa::verify(&ecdsa::Signature(signature), message, &ecdsa::PublicKey(key))
		},
		_ => false,
	}
}

fn uri(secret: &str) -> Result<SecretUri, Error> {
	SecretUri::from_str(secret).map_err(|_| Error::KeySecret)
}

fn seed(secret: &str) -> Result<Zeroizing<[u8; 32]>, Error> {
	let mut seed = Zeroizing::new([0; 32]);
	let digits = secret.strip_prefix("0x").ok_or(Error::KeySecret)?;
	hex::decode_to_slice(digits, seed.as_mut()).map_err(|_| Error::KeySecret)?;
	Ok(seed)
}

#[cfg(test)]
mod tests {
	use super::*;

	const SEED: &str = "0x0101010101010101010101010101010101010101010101010101010101010101\n";

	/// A key of each type with [`SEED`].
	fn keys() -> [PublicKey; 3] {
		let uri = uri(SEED.trim()).unwrap();
		[
			PublicKey::Sr25519(sr25519::Keypair::from_uri(&uri).unwrap().public_key().0),
			PublicKey::Ed25519(SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes()),
			PublicKey::Ecdsa(ecdsa::Keypair::from_uri(&uri).unwrap().public_key().0),
		]
	}

	#[test]
	fn signature_verifies_only_for_its_key_and_message() {
		for key in keys() {
			let signature = sign_by_key(&key, SEED, b"message").unwrap();
			assert!(is_signed_by_key(&key, &signature, b"message"), "{key:?}");
			assert!(!is_signed_by_key(&key, &signature, b"another"), "{key:?}");
			assert!(keys().iter().all(|other| *other == key || !is_signed_by_key(other, &signature, b"message")));
		}
	}

	#[test]
	fn sign_fails_for_wrong_secrets_without_repeating_them() {
		let other = SEED.replace("01", "02");
		for key in keys() {
			for (secret, expected) in [(&*other, "another key"), ("0x0202", "0x and"), ("horse staple", "0x and")] {
				let error = sign_by_key(&key, secret, b"message").unwrap_err().to_string();
				assert!(error.contains(expected) && !error.contains("horse") && !error.contains("0202"), "{error}");
			}
		}
		assert!(matches!(sign_by_key(&keys()[1], "//Alice", b"message"), Err(Error::KeySecret)));
	}
}
