//! Bytes of other parties, read and checked.
//!
//! An empty vector is one byte in SCALE and 24 in memory. So nothing is decoded by the counts that the bytes claim: either the
//! contract says how many items there are ([`Reader`]), or memory is limited by the bytes' own length ([`decode_all`]).

use crate::error::ProtocolError;
use codec::{Compact, Decode, DecodeWithMemLimit, DecodeWithMemTracking};
use sha2::{Digest, Sha256};
use std::ops::RangeInclusive;

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

/// Decodes all of `bytes`, within twice the memory that they take themselves.
///
/// # Errors
///
/// [`ProtocolError::Format`], with what the bytes should be.
pub fn decode_all<T: DecodeWithMemTracking>(what: &str, bytes: &[u8]) -> Result<T, ProtocolError> {
	let mut reader = Reader::new(what, bytes);
	let value = reader.value()?;
	reader.end()?;
	Ok(value)
}

/// Reads SCALE from the front.
pub(crate) struct Reader<'a> {
	what: &'a str,
	bytes: &'a [u8],
}

impl<'a> Reader<'a> {
	/// `what` the bytes are goes into errors.
	pub(crate) fn new(what: &'a str, bytes: &'a [u8]) -> Self {
		Self { what, bytes }
	}

	/// A vector whose number of items is in `counts`, each read by `item`. Any other number is refused before anything of
	/// the items is read; `name` is what they are.
	pub(crate) fn vector<T>(
		&mut self,
		counts: RangeInclusive<usize>,
		name: &str,
		mut item: impl FnMut(&mut Self) -> Result<T, ProtocolError>,
	) -> Result<Vec<T>, ProtocolError> {
		let Compact(count) = Compact::<u32>::decode(&mut self.bytes).map_err(|error| self.format(error))?;
		if !counts.contains(&(count as usize)) {
			return Err(self.format(format!("it has another number of {name}")));
		}
		(0..count).map(|_| item(self)).collect()
	}

	/// A value, within twice the memory that the bytes left over take.
	pub(crate) fn value<T: DecodeWithMemTracking>(&mut self) -> Result<T, ProtocolError> {
		// Small values have vectors that take more than their bytes.
		const SMALL: usize = 4096;
		let limit = self.bytes.len().saturating_mul(2).saturating_add(SMALL);
		T::decode_with_mem_limit(&mut self.bytes, limit).map_err(|error| self.format(error))
	}

	/// A string of exactly so many bytes.
	pub(crate) fn string(&mut self, length: usize, name: &str) -> Result<Vec<u8>, ProtocolError> {
		let Compact(found) = Compact::<u32>::decode(&mut self.bytes).map_err(|error| self.format(error))?;
		let split = self.bytes.split_at_checked(length).filter(|_| found as usize == length);
		let (string, rest) = split.ok_or_else(|| self.format(format!("{name} has another length")))?;
		self.bytes = rest;
		Ok(string.to_vec())
	}

	/// Checks that nothing is left over.
	pub(crate) fn end(self) -> Result<(), ProtocolError> {
		match self.bytes.len() {
			0 => Ok(()),
			left => Err(self.format(format!("{left} bytes are left over"))),
		}
	}

	fn format(&self, reason: impl ToString) -> ProtocolError {
		ProtocolError::Format { what: self.what.into(), reason: reason.to_string() }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	fn refused<T: std::fmt::Debug>(result: Result<T, ProtocolError>) -> String {
		result.unwrap_err().to_string()
	}

	/// A count of vectors that follow in one byte each.
	fn empty_vectors(count: u32) -> Vec<u8> {
		[Compact(count).encode(), vec![0; count as usize]].concat()
	}

	#[test]
	fn decode_all_fails_for_bytes_that_take_more_than_twice_their_length_in_memory() {
		let few = vec![Vec::<u8>::new(); 100];
		assert_eq!(decode_all::<Vec<Vec<u8>>>("vectors", &few.encode()).unwrap(), few);
		let text = refused(decode_all::<Vec<Vec<u8>>>("vectors", &empty_vectors(100_000)));
		assert!(text.contains("memory limit"), "{text}");
	}

	#[test]
	fn vector_fails_for_another_count_before_an_item_is_read() {
		let bytes = empty_vectors(1000);
		let read = |counts: RangeInclusive<usize>| {
			let mut items = 0;
			let mut reader = Reader::new("vectors", &bytes);
			let read = reader.vector(counts, "vectors", |reader| {
				items += 1;
				reader.value::<Vec<u8>>()
			});
			(read.map(|read| read.len()).map_err(|error| error.to_string()), items)
		};
		assert_eq!(read(1000..=1000), (Ok(1000), 1000));
		let refusal = "vectors cannot be read: it has another number of vectors";
		for counts in [999..=999, 1001..=1001, 0..=999] {
			assert_eq!(read(counts), (Err(refusal.into()), 0));
		}
	}

	#[test]
	fn string_fails_for_another_length() {
		let bytes = vec![7u8; 300].encode();
		assert_eq!(Reader::new("a", &bytes).string(300, "it").unwrap(), [7; 300]);
		for (name, bytes, length) in
			[("longer", &bytes[..], 301), ("shorter", &bytes[..], 299), ("cut", &bytes[..301], 300)]
		{
			let text = refused(Reader::new("a", bytes).string(length, "it"));
			assert!(text.contains("it has another length"), "{name}: {text}");
		}
	}
}
