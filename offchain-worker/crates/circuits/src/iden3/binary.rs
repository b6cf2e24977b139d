//! iden3's container: a magic word, a version, and numbered sections after their lengths.

use ark_ff::{BigInt, PrimeField};
use std::collections::BTreeMap;

/// The field's modulus, little-endian.
pub(crate) fn modulus<F: PrimeField<BigInt = BigInt<4>>>() -> [u8; 32] {
	little_endian(F::MODULUS)
}

/// An integer, little-endian.
pub(crate) fn little_endian(integer: BigInt<4>) -> [u8; 32] {
	let mut bytes = [0; 32];
	for (chunk, limb) in bytes.as_chunks_mut().0.iter_mut().zip(integer.0) {
		*chunk = limb.to_le_bytes();
	}
	bytes
}

/// A file of sections, numbered from one.
pub(crate) fn write(magic: &[u8; 4], version: u32, sections: &[Vec<u8>]) -> Vec<u8> {
	let mut file = magic.to_vec();
	file.extend(version.to_le_bytes());
	file.extend((sections.len() as u32).to_le_bytes());
	for (id, section) in (1u32..).zip(sections) {
		file.extend(id.to_le_bytes());
		file.extend((section.len() as u64).to_le_bytes());
		file.extend(section);
	}
	file
}

/// The sections of a file by their numbers; `None` where it is cut off or none of this kind.
pub(crate) fn read<'a>(file: &'a [u8], magic: &[u8; 4], version: u32) -> Option<BTreeMap<u32, Reader<'a>>> {
	let mut reader = Reader(file);
	if reader.take(4)? != magic || reader.u32()? != version {
		return None;
	}
	let mut sections = BTreeMap::new();
	for _ in 0..reader.u32()? {
		let (id, len) = (reader.u32()?, reader.u64()?);
		let section = Reader(reader.take(usize::try_from(len).ok()?)?);
		if sections.insert(id, section).is_some() {
			return None;
		}
	}
	reader.0.is_empty().then_some(sections)
}

/// Takes little-endian numbers off the front of bytes.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
	pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
		let (head, rest) = self.0.split_at_checked(len)?;
		self.0 = rest;
		Some(head)
	}

	pub(crate) fn u32(&mut self) -> Option<u32> {
		Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
	}

	pub(crate) fn u64(&mut self) -> Option<u64> {
		Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
	}

	/// 32 bytes as an integer.
	pub(crate) fn integer(&mut self) -> Option<BigInt<4>> {
		Some(BigInt([self.u64()?, self.u64()?, self.u64()?, self.u64()?]))
	}
}
