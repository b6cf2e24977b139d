//! Bytes of other parties, read and checked.

use crate::error::ProtocolError;
use codec::Decode;
use sha2::{Digest, Sha256};

/// sha2-256: what blobs are named by.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
	Sha256::digest(bytes).into()
}

/// Checks that `bytes` have the digest that was committed to; `what` they are goes into the error.
///
/// # Errors
///
/// [`ProtocolError::Commitment`].
pub(crate) fn check_digest(what: &str, bytes: &[u8], expected: &[u8; 32]) -> Result<(), ProtocolError> {
	if digest(bytes) == *expected {
		Ok(())
	} else {
		Err(ProtocolError::Commitment(what.into()))
	}
}

/// Decodes all of `bytes`.
///
/// # Errors
///
/// [`ProtocolError::Format`], with what the bytes should be.
pub fn decode_all<T: Decode>(what: &str, mut bytes: &[u8]) -> Result<T, ProtocolError> {
	let format = |reason: String| ProtocolError::Format { what: what.into(), reason };
	let value = T::decode(&mut bytes).map_err(|error| format(error.to_string()))?;
	if bytes.is_empty() {
		Ok(value)
	} else {
		Err(format(format!("{} bytes are left over", bytes.len())))
	}
}
