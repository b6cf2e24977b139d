//! Public keys and signatures as text.

use anyhow::{Context, Result};
use encrytrust_types::identity::{KeySignature, PublicKey};

/// A public key as `TYPE:HEX`.
pub(super) fn public_key(text: &str) -> Result<PublicKey, String> {
	let (kind, digits) = text.split_once(':').unwrap_or_default();
	let digits = digits.strip_prefix("0x").unwrap_or(digits);
	fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], String> {
		let mut bytes = [0; N];
		match hex::decode_to_slice(digits, &mut bytes) {
			Ok(()) => Ok(bytes),
			Err(_) => Err(format!("a key of this type has {N} bytes: write 0x and {} hexadecimal digits", 2 * N)),
		}
	}
	match kind {
		"sr25519" => bytes(digits).map(PublicKey::Sr25519),
		"ed25519" => bytes(digits).map(PublicKey::Ed25519),
		"ecdsa" => bytes(digits).map(PublicKey::Ecdsa),
		_ => Err(format!("'{text}' is not a public key: write sr25519:, ed25519: or ecdsa:, then 0x and its bytes")),
	}
}

/// A signature by a key of the same type, in hexadecimal.
pub(super) fn signature(key: &PublicKey, text: &str) -> Result<KeySignature> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	fn bytes<const N: usize>(digits: &str) -> Result<[u8; N]> {
		let mut bytes = [0; N];
		hex::decode_to_slice(digits, &mut bytes).with_context(|| {
			format!("a signature by a key of this type has {N} bytes: write 0x and {} hexadecimal digits", 2 * N)
		})?;
		Ok(bytes)
	}
	Ok(match key {
		PublicKey::Sr25519(_) => KeySignature::Sr25519(bytes(digits)?),
		PublicKey::Ed25519(_) => KeySignature::Ed25519(bytes(digits)?),
		PublicKey::Ecdsa(_) => KeySignature::Ecdsa(bytes(digits)?),
	})
}

pub(super) fn public_key_text(key: &PublicKey) -> String {
	let kind = match key {
		PublicKey::Sr25519(_) => "sr25519",
		PublicKey::Ed25519(_) => "ed25519",
		PublicKey::Ecdsa(_) => "ecdsa",
	};
	format!("{kind}:0x{}", hex::encode(key.bytes()))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn public_keys_read_as_they_are_written() {
		for key in [PublicKey::Sr25519([1; 32]), PublicKey::Ed25519([2; 32]), PublicKey::Ecdsa([3; 33])] {
			assert_eq!(public_key(&public_key_text(&key)), Ok(key));
		}
		let short = "12".repeat(31);
		let long = "12".repeat(33);
		for (bad, said) in [
			("", "not a public key"),
			("0x12", "not a public key"),
			("rsa:0x12", "not a public key"),
			(&format!("sr25519:0x{short}"), "32 bytes"),
			(&format!("ed25519:{long}"), "32 bytes"),
			(&format!("ecdsa:0x{short}"), "33 bytes"),
			("ecdsa:0xzz", "33 bytes"),
		] {
			assert!(public_key(bad).unwrap_err().contains(said), "{bad}");
		}
	}
}
