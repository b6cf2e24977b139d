//! What blobs are called.

use cid::{Cid, Version};
use multihash::Multihash;
use sha2::{Digest as _, Sha256};

/// sha2-256 of a blob's bytes.
pub type Digest = [u8; 32];

/// Multicodec of raw bytes.
const RAW: u64 = 0x55;
/// Multihash code of sha2-256.
const SHA2_256: u64 = 0x12;

/// sha2-256 of `bytes`.
pub fn digest(bytes: &[u8]) -> Digest {
	Sha256::digest(bytes).into()
}

/// The CID of the blob with this digest: version 1, raw codec; written in base 32.
pub fn cid(digest: &Digest) -> Cid {
	#[allow(clippy::expect_used)]
	let hash = Multihash::wrap(SHA2_256, digest).expect("a multihash has room for 64 bytes and a digest is 32");
	Cid::new_v1(RAW, hash)
}

/// A text that is not the CID of a blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" names no blob: {reason}; expected a CIDv1 of raw bytes with sha2-256, like bafkrei…")]
pub struct InvalidCid {
	/// The text.
	pub text: String,
	/// What is wrong with it.
	pub reason: String,
}

/// The digest that a CID carries, in any base.
///
/// Fails unless it is version 1 of raw bytes (0x55) with a sha2-256 of 32 bytes.
pub fn parse_cid(text: &str) -> Result<Digest, InvalidCid> {
	let invalid = |reason: String| InvalidCid { text: text.into(), reason };
	let cid = Cid::try_from(text).map_err(|error| invalid(error.to_string()))?;
	if cid.version() != Version::V1 {
		return Err(invalid("it is of version 0".into()));
	}
	if cid.codec() != RAW {
		return Err(invalid(format!("its codec is {:#x}", cid.codec())));
	}
	if cid.hash().code() != SHA2_256 {
		return Err(invalid(format!("its hash function is {:#x}", cid.hash().code())));
	}
	let length = cid.hash().digest().len();
	cid.hash().digest().try_into().map_err(|_| invalid(format!("its digest has {length} bytes")))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const HELLO: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

	#[test]
	fn hello_world_has_the_cid_that_ipfs_gives_it() {
		assert_eq!(cid(&digest(b"hello world")).to_string(), HELLO);
		assert_eq!(parse_cid(HELLO), Ok(digest(b"hello world")));
	}

	#[test]
	fn parse_cid_fails_for_other_cids() {
		let with = |codec, code, bytes: &[u8]| Cid::new_v1(codec, Multihash::wrap(code, bytes).unwrap()).to_string();
		for (text, reason) in [
			(String::new(), "too short"),
			("hello".into(), "multihash"),
			("QmaozNR7DZHQK1ZcU9p7QdrshMvXqWK6gpu5rmrkPdT3L4".into(), "version 0"),
			(with(0x70, SHA2_256, &[7; 32]), "codec is 0x70"),
			(with(RAW, 0xb220, &[7; 32]), "hash function is 0xb220"),
			(with(RAW, SHA2_256, &[7; 31]), "31 bytes"),
			(with(RAW, SHA2_256, &[7; 33]), "33 bytes"),
		] {
			let error = parse_cid(&text).unwrap_err();
			assert!(error.to_string().to_lowercase().contains(reason), "{text}: {error}");
		}
	}

	proptest! {
		#[test]
		fn cid_round_trips(digest: [u8; 32]) {
			prop_assert_eq!(parse_cid(&cid(&digest).to_string()), Ok(digest));
		}
	}
}
