//! Which X25519 public keys a secret can be agreed on with (RFC 7748).

/// The points of small order, on the curve and on its twist, by their canonical encodings: with each of them every
/// secret key agrees on zero.
pub const SMALL_ORDER: [[u8; 32]; 5] = [
	[0; 32],
	small(1),
	[
		0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
		0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
	],
	[
		0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
		0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
	],
	near_prime(0xec),
];

/// Whether a public key is canonical, so that it has no other encoding, and of no small order.
pub fn is_full_order(key: &[u8; 32]) -> bool {
	is_canonical(key) && !SMALL_ORDER.contains(key)
}

/// Whether a number, little-endian, is below `2^255 - 19`.
fn is_canonical(key: &[u8; 32]) -> bool {
	key.iter().rev().lt(near_prime(0xed).iter().rev())
}

/// `2^255 - 256` and `low`: the prime is `2^255 - 19`, with `low = 0xed`.
const fn near_prime(low: u8) -> [u8; 32] {
	let mut bytes = [0xff; 32];
	bytes[0] = low;
	bytes[31] = 0x7f;
	bytes
}

const fn small(number: u8) -> [u8; 32] {
	let mut bytes = [0; 32];
	bytes[0] = number;
	bytes
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn keys_are_refused_by_order_and_encoding() {
		for key in SMALL_ORDER {
			assert!(!is_full_order(&key));
		}
		let negative = |mut key: [u8; 32]| {
			key[31] |= 0x80;
			key
		};
		for (name, key, expected) in [
			("the base point", small(9), true),
			("the largest but one", near_prime(0xeb), true),
			("the prime", near_prime(0xed), false),
			("one beyond the prime", near_prime(0xee), false),
			("the highest bit", negative(small(9)), false),
			("all bits", [0xff; 32], false),
		] {
			assert_eq!(is_full_order(&key), expected, "{name}");
		}
	}
}
