//! Byte strings of bounded length.

use crate::limits::{MaxAddress, MaxName};
use bounded_collections::{BoundedVec, ConstU32, Get};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A Paillier modulus, big-endian without leading zeros; of 2048 or 3072 bits.
pub type Modulus = BoundedVec<u8, ConstU32<384>>;
/// A number modulo the square of a [`Modulus`], big-endian in twice its length.
pub type Number = BoundedVec<u8, ConstU32<768>>;
/// A name or label, UTF-8.
pub type Name = BoundedVec<u8, MaxName>;
/// A libp2p multiaddress without the peer's id, as text: `/ip4/127.0.0.1/tcp/4001`.
pub type Address = BoundedVec<u8, MaxAddress>;
/// A message sealed by HPKE: 32 bytes of encapsulated key, then ciphertext and tag.
pub type Sealed = BoundedVec<u8, ConstU32<256>>;

/// A set of small numbers: number `i` is the bit `i % 8`, counted from the lowest, of byte `i / 8`. `MaxBytes` bounds its
/// bytes; zeros at the end may be left out.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(MaxBytes))]
#[codec(mel_bound(MaxBytes: Get<u32>))]
pub struct Bitmap<MaxBytes: Get<u32>>(pub BoundedVec<u8, MaxBytes>);

impl<MaxBytes: Get<u32>> Bitmap<MaxBytes> {
	/// Whether the set has this number.
	pub fn contains(&self, number: u32) -> bool {
		let byte = usize::try_from(number / 8).ok().and_then(|index| self.0.get(index));
		byte.is_some_and(|byte| byte & bit(number) != 0)
	}

	/// Add a number; `false` if it is beyond the bound.
	#[must_use]
	pub fn insert(&mut self, number: u32) -> bool {
		let Ok(index) = usize::try_from(number / 8) else { return false };
		while self.0.len() <= index {
			if self.0.try_push(0).is_err() {
				return false;
			}
		}
		let Some(byte) = self.0.get_mut(index) else { return false };
		*byte |= bit(number);
		true
	}

	/// The numbers, ascending.
	pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
		let bits = (self.0.len() as u32).saturating_mul(8);
		(0..bits).filter(|number| self.contains(*number))
	}

	/// How many numbers the set has.
	pub fn count(&self) -> u32 {
		self.0.iter().fold(0, |count, byte| count.saturating_add(byte.count_ones()))
	}
}

fn bit(number: u32) -> u8 {
	1u8 << (number % 8)
}

impl<MaxBytes: Get<u32>> Default for Bitmap<MaxBytes> {
	fn default() -> Self {
		Self(BoundedVec::new())
	}
}

impl<MaxBytes: Get<u32>> Clone for Bitmap<MaxBytes> {
	fn clone(&self) -> Self {
		Self(self.0.clone())
	}
}

impl<MaxBytes: Get<u32>> PartialEq for Bitmap<MaxBytes> {
	fn eq(&self, other: &Self) -> bool {
		self.0 == other.0
	}
}

impl<MaxBytes: Get<u32>> Eq for Bitmap<MaxBytes> {}

impl<MaxBytes: Get<u32>> core::fmt::Debug for Bitmap<MaxBytes> {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.debug_set().entries(self.iter()).finish()
	}
}

/// As many of the numbers as are within the bound.
impl<MaxBytes: Get<u32>> FromIterator<u32> for Bitmap<MaxBytes> {
	fn from_iter<Numbers: IntoIterator<Item = u32>>(numbers: Numbers) -> Self {
		let mut set = Self::default();
		for number in numbers {
			let _ = set.insert(number);
		}
		set
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bitmap_has_numbers_that_were_inserted_up_to_its_bound() {
		let mut set = Bitmap::<ConstU32<2>>::default();
		for (number, fits) in [(0, true), (9, true), (15, true), (16, false), (u32::MAX, false)] {
			assert_eq!(set.insert(number), fits, "{number}");
			assert_eq!(set.contains(number), fits, "{number}");
		}
		assert_eq!(set.iter().collect::<Vec<_>>(), [0, 9, 15]);
		assert_eq!((set.count(), set.contains(8), set.contains(1 << 20)), (3, false, false));
		assert_eq!([15, 0, 9].into_iter().collect::<Bitmap<ConstU32<2>>>(), set);
	}
}
