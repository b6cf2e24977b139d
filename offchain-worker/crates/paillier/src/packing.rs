//! Many signed sums in one plaintext: the *Values* section of `docs/protocol/bmpc.md`.
//!
//! A slot for sums of up to `addends` values, each strictly between `-2^bits` and `2^bits`, is
//! `bits + 1 + ceil(log2(addends))` bits wide. A part that sums `k` of these values is encoded as
//! `value + k 2^bits`, which is never negative; encodings add without carrying into the next slot, and all of them
//! together are brought back by `addends 2^bits`. The first slot is lowest.

use crate::public_key::{KeySize, Plaintext};
use crypto_bigint::BoxedUint;
use zeroize::Zeroizing;

/// The widest slot: its values fit an `i128`.
const MAX_WIDTH: u32 = 127;

/// Room for one sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
	/// A value lies strictly between `-2^bits` and `2^bits`.
	pub bits: u8,
	/// How many values are summed over all parts, at least 1.
	pub addends: u64,
}

/// Where the slots of a plaintext are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
	size: KeySize,
	slots: Vec<Slot>,
}

/// Why slots make no layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
	/// Nothing to pack.
	#[error("a layout needs at least one slot")]
	Empty,
	/// A sum of nothing.
	#[error("slot {slot} sums no values: its addends must be at least 1")]
	NoAddends {
		/// The slot's index.
		slot: usize,
	},
	/// Values would not fit an `i128`.
	#[error("slot {slot} is {width} bits wide, more than 127: allow fewer bits or rows")]
	SlotTooWide {
		/// The slot's index.
		slot: usize,
		/// Its width in bits.
		width: u32,
	},
	/// Wider than a plaintext.
	#[error("the slots are {width} bits wide, a plaintext holds {room}: pack fewer slots, or use a longer key")]
	TooWide {
		/// The width of all slots in bits.
		width: u64,
		/// The bits that every number below `N` may have.
		room: u64,
	},
}

/// Why values cannot be packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
	/// Not one value a slot.
	#[error("{given} values for {slots} slots: give one value for each")]
	Count {
		/// The slots of the layout.
		slots: usize,
		/// The values that were given.
		given: usize,
	},
	/// More values in a part than over all parts.
	#[error("the value of slot {slot} sums {addends} values, more than the {most} of the whole sum")]
	TooManyAddends {
		/// The slot's index.
		slot: usize,
		/// The values that this part sums.
		addends: u64,
		/// The values of all parts.
		most: u64,
	},
	/// Not the sum of that many values.
	#[error("the value {value} of slot {slot} is outside ±{bound}: register the column with more bits")]
	OutOfRange {
		/// The slot's index.
		slot: usize,
		/// The value.
		value: i128,
		/// The largest value, and less its sign the smallest.
		bound: i128,
	},
}

/// Why a plaintext cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
	/// Made for another key.
	#[error("the plaintext belongs to a key of another size than its layout")]
	Size,
	/// Bits above the slots.
	#[error("the plaintext has bits above its slots: it does not hold sums of this layout")]
	Overflow,
	/// No sum of as many values encodes to this.
	#[error("slot {slot} does not hold a sum of {addends} values: parts are missing or were added twice")]
	OutOfRange {
		/// The slot's index.
		slot: usize,
		/// The values of all parts.
		addends: u64,
	},
}

impl Slot {
	/// The width in bits.
	pub const fn width(self) -> u32 {
		self.bits as u32 + 1 + ceil_log2(self.addends)
	}

	/// The largest sum of `addends` values.
	fn bound(self, addends: u64) -> i128 {
		i128::from(addends) * ((1 << self.bits) - 1)
	}

	/// What a part that sums `addends` values adds to its value, so that it is not negative.
	fn offset(self, addends: u64) -> i128 {
		i128::from(addends) << self.bits
	}
}

impl Layout {
	/// Lays slots side by side in the plaintexts of keys of a size, the first lowest.
	///
	/// # Errors
	///
	/// No slots, a slot without addends, a slot wider than 127 bits, or more in all than every number below `N` has
	/// room for, which is one bit less than the key's.
	pub fn new(slots: &[Slot], size: KeySize) -> Result<Self, LayoutError> {
		if slots.is_empty() {
			return Err(LayoutError::Empty);
		}
		for (index, slot) in slots.iter().enumerate() {
			if slot.addends == 0 {
				return Err(LayoutError::NoAddends { slot: index });
			}
			if slot.width() > MAX_WIDTH {
				return Err(LayoutError::SlotTooWide { slot: index, width: slot.width() });
			}
		}
		let width = slots.iter().map(|slot| u64::from(slot.width())).sum();
		let room = u64::from(size.bits() - 1);
		if width > room {
			return Err(LayoutError::TooWide { width, room });
		}
		Ok(Self { size, slots: slots.into() })
	}

	/// The slots, lowest first.
	pub fn slots(&self) -> &[Slot] {
		&self.slots
	}

	/// Packs one `(value, addends)` for each slot: a sum, and of how many values.
	///
	/// # Errors
	///
	/// Another number of values than slots, more addends than the slot has, or a value that no sum of that many has.
	pub fn pack(&self, values: &[(i128, u64)]) -> Result<Plaintext, PackError> {
		if values.len() != self.slots.len() {
			return Err(PackError::Count { slots: self.slots.len(), given: values.len() });
		}
		let mut limbs = Zeroizing::new(vec![0; self.size.bits() as usize / 64]);
		let mut position = 0;
		for (index, (slot, (value, addends))) in self.slots.iter().zip(values).enumerate() {
			put(&mut limbs, position, encode(index, *slot, *value, *addends)?);
			position += slot.width();
		}
		Ok(Plaintext::from_integer(self.size, BoxedUint::from_words(limbs.iter().copied())))
	}

	/// The sums that a plaintext holds once all parts of every slot are in it.
	///
	/// # Errors
	///
	/// A plaintext of another size, or one that no sum of that many values encodes to. Not every wrong sum is one of
	/// these: that the parts are all there, and once, is for the protocol to prove.
	pub fn unpack(&self, plaintext: &Plaintext) -> Result<Vec<i128>, UnpackError> {
		if plaintext.size() != self.size {
			return Err(UnpackError::Size);
		}
		let mut position = 0;
		let mut values = Vec::with_capacity(self.slots.len());
		for (index, slot) in self.slots.iter().enumerate() {
			let encoded = get(plaintext.as_words(), position, slot.width()) as i128;
			let value = encoded - slot.offset(slot.addends);
			if value.abs() > slot.bound(slot.addends) {
				return Err(UnpackError::OutOfRange { slot: index, addends: slot.addends });
			}
			values.push(value);
			position += slot.width();
		}
		let rest = (position..self.size.bits()).step_by(64);
		let mut rest = rest.map(|start| get(plaintext.as_words(), start, 64.min(self.size.bits() - start)));
		if rest.any(|bits| bits != 0) {
			return Err(UnpackError::Overflow);
		}
		Ok(values)
	}
}

fn encode(index: usize, slot: Slot, value: i128, addends: u64) -> Result<u128, PackError> {
	if addends > slot.addends {
		return Err(PackError::TooManyAddends { slot: index, addends, most: slot.addends });
	}
	let bound = slot.bound(addends);
	if value < -bound || value > bound {
		return Err(PackError::OutOfRange { slot: index, value, bound });
	}
	Ok((value + slot.offset(addends)) as u128)
}

/// `ceil(log2(x))` of an `x` of at least 1.
const fn ceil_log2(x: u64) -> u32 {
	u64::BITS - x.saturating_sub(1).leading_zeros()
}

/// Writes bits that are still 0; a slot touches three limbs at most.
fn put(limbs: &mut [u64], position: u32, bits: u128) {
	let first = position as usize / 64;
	let shift = position % 64;
	let words = [bits as u64, (bits >> 64) as u64];
	for (index, word) in words.into_iter().enumerate() {
		let (low, high) = (word << shift, (u128::from(word) << shift >> 64) as u64);
		for (limb, part) in limbs.iter_mut().skip(first + index).zip([low, high]) {
			*limb |= part;
		}
	}
}

/// Reads at most 127 bits.
fn get(limbs: &[u64], position: u32, width: u32) -> u128 {
	let first = position as usize / 64;
	let shift = position % 64;
	let word = |index: usize| {
		let at = |index: usize| u128::from(limbs.get(first + index).copied().unwrap_or(0));
		((at(index) | at(index + 1) << 64) >> shift) as u64
	};
	let bits = u128::from(word(0)) | u128::from(word(1)) << 64;
	bits & ((1 << width) - 1)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{PublicKey, SecretKey};
	use num_bigint::{BigInt, BigUint, Sign};
	use proptest::prelude::*;
	use std::sync::LazyLock;

	static KEY: LazyLock<PublicKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048).public().clone());

	const SIZE: KeySize = KeySize::Bits2048;

	fn slot(bits: u8, addends: u64) -> Slot {
		Slot { bits, addends }
	}

	#[test]
	fn width_is_enough_for_every_sum() {
		for (bits, addends, width) in [
			(0, 1, 1),
			(1, 1, 2),
			(20, 2, 22),
			(20, 3, 23),
			(20, 4, 23),
			(20, 569, 31),
			(62, u64::MAX, 127),
			(126, 1, 127),
		] {
			assert_eq!(slot(bits, addends).width(), width, "{bits} bits, {addends} addends");
		}
	}

	#[test]
	fn layout_fails_for_invalid_parameters() {
		for (name, slots, expected) in [
			("no slots", vec![], LayoutError::Empty),
			("no addends", vec![slot(8, 1), slot(8, 0)], LayoutError::NoAddends { slot: 1 }),
			("a wide slot", vec![slot(127, 1)], LayoutError::SlotTooWide { slot: 0, width: 128 }),
			("many rows", vec![slot(63, u64::MAX)], LayoutError::SlotTooWide { slot: 0, width: 128 }),
			("every bit of N", vec![slot(63, 1); 32], LayoutError::TooWide { width: 2048, room: 2047 }),
		] {
			assert_eq!(Layout::new(&slots, SIZE), Err(expected), "{name}");
		}
		let mut slots = vec![slot(63, 1); 31];
		slots.push(slot(62, 1));
		Layout::new(&slots, SIZE).expect("2047 bits fit");
	}

	#[test]
	fn pack_fails_for_invalid_values() {
		let layout = Layout::new(&[slot(8, 10), slot(4, 3)], SIZE).unwrap();
		let out_of_range = |slot, value, bound| PackError::OutOfRange { slot, value, bound };
		for (values, expected) in [
			(vec![], PackError::Count { slots: 2, given: 0 }),
			(vec![(0, 1); 3], PackError::Count { slots: 2, given: 3 }),
			(vec![(0, 11), (0, 1)], PackError::TooManyAddends { slot: 0, addends: 11, most: 10 }),
			(vec![(256, 1), (0, 1)], out_of_range(0, 256, 255)),
			(vec![(-256, 1), (0, 1)], out_of_range(0, -256, 255)),
			(vec![(0, 1), (46, 3)], out_of_range(1, 46, 45)),
			(vec![(1, 0), (0, 1)], out_of_range(0, 1, 0)),
			(vec![(i128::MIN, 1), (0, 1)], out_of_range(0, i128::MIN, 255)),
		] {
			assert_eq!(layout.pack(&values), Err(expected), "{values:?}");
		}
	}

	#[test]
	fn unpack_fails_for_plaintexts_that_are_not_full_sums() {
		let layout = Layout::new(&[slot(4, 2), slot(4, 2)], SIZE).unwrap();
		let packed = |first, second| layout.pack(&[(first, 2), (second, 2)]).unwrap();
		assert_eq!(layout.unpack(&packed(-30, 30)), Ok(vec![-30, 30]));
		let above = KEY.plaintext(&(BigUint::from(1u8) << 2040u32).to_bytes_be()).unwrap();
		for (name, plaintext, expected) in [
			("nothing was added", KEY.zero(), UnpackError::OutOfRange { slot: 0, addends: 2 }),
			(
				"a part is missing",
				layout.pack(&[(-15, 1), (-15, 1)]).unwrap(),
				UnpackError::OutOfRange { slot: 0, addends: 2 },
			),
			// The first slot carries into the second, and so looks right.
			(
				"added twice",
				KEY.add_plain(&packed(30, 0), &packed(0, 0)),
				UnpackError::OutOfRange { slot: 1, addends: 2 },
			),
			("above the slots", KEY.add_plain(&packed(0, 0), &above), UnpackError::Overflow),
		] {
			assert_eq!(layout.unpack(&plaintext), Err(expected), "{name}");
		}
		let longer = Layout::new(&[slot(4, 2)], KeySize::Bits3072).unwrap();
		assert_eq!(longer.unpack(&KEY.zero()), Err(UnpackError::Size));
	}

	/// Slots, and for each the parts of its sum: the values that each part adds up.
	fn sums() -> impl Strategy<Value = (Vec<Slot>, Vec<Vec<Vec<i128>>>)> {
		let parts = 1usize..4;
		(parts, prop::collection::vec(0u8..100, 1..12)).prop_flat_map(|(parts, bits)| {
			let columns: Vec<_> = bits
				.iter()
				.map(|bits| {
					let most = (1i128 << bits) - 1;
					let value = prop_oneof![Just(most), Just(-most), -most..=most];
					prop::collection::vec(prop::collection::vec(value, 0..5), parts)
				})
				.collect();
			(Just(bits), columns).prop_map(|(bits, columns)| {
				let slots = bits.iter().zip(&columns).map(|(bits, column)| {
					let rows: usize = column.iter().map(Vec::len).sum();
					slot(*bits, rows.max(1) as u64)
				});
				(slots.collect(), columns)
			})
		})
	}

	proptest! {
		#[test]
		fn sums_round_trip((slots, columns) in sums()) {
			let layout = Layout::new(&slots, SIZE).unwrap();
			let parts = columns[0].len();
			let mut total = KEY.zero();
			for part in 0..parts {
				let values: Vec<_> = columns
					.iter()
					.map(|column| (column[part].iter().sum::<i128>(), column[part].len() as u64))
					.collect();
				total = KEY.add_plain(&total, &layout.pack(&values).unwrap());
			}
			let rows = |column: &Vec<Vec<i128>>| column.iter().map(Vec::len).sum::<usize>();
			// A column without rows has no sum to speak of.
			prop_assume!(columns.iter().all(|column| rows(column) > 0));
			let expected: Vec<i128> = columns.iter().map(|column| column.iter().flatten().sum()).collect();
			prop_assert_eq!(layout.unpack(&total), Ok(expected));
		}

		#[test]
		fn pack_agrees_with_specification(values in prop::collection::vec((0u8..60, any::<i64>(), 1u64..1000), 1..10)) {
			let slots: Vec<_> = values.iter().map(|(bits, _, addends)| slot(*bits, *addends)).collect();
			let values: Vec<_> =
				values.iter().map(|(bits, value, addends)| (i128::from(*value) % (1 << bits), *addends)).collect();
			let packed = Layout::new(&slots, SIZE).unwrap().pack(&values).unwrap();
			let mut expected = BigInt::from(0);
			let mut position = 0;
			for (slot, (value, addends)) in slots.iter().zip(&values) {
				expected += (BigInt::from(*value) + (BigInt::from(*addends) << slot.bits)) << position;
				position += slot.width();
			}
			prop_assert_eq!(BigInt::from_bytes_be(Sign::Plus, &packed.to_bytes()), expected);
		}
	}
}
