//! Eight powers at once, each number in a lane of the 512-bit registers of AVX-512 IFMA.
//!
//! The instructions multiply limbs of 52 bits. A digit of `L` limbs of 64 bits is held in `K` of those, a multiple of four
//! and enough that `R = 2^(52 K)` is at least `16 n`. That lets digits stay below `2 n` instead of `n`, and no product is
//! ever compared with `n`: the lower digit of a product is `(a0 b0 + m n) / R < n / 4 + n`, and the higher one
//!
//! ```text
//! (a0 b1 + a1 b0 + B - m + m' n) / R  <  n / 2 + 1 + n / R + n
//! ```
//!
//! where `m` and `m'` are the quotients of the two reductions (see `montgomery`), and `B`, the least multiple of `n` that is
//! not below `R`, keeps the sum above 0.
//!
//! Columns of a product are sums of at most `6 K` halves of products, below 2^62, so carries wait until a column is whole.
//!
//! No branch and no address depends on a digit.

use crate::{
	montgomery::{self, MOST_LIMBS},
	ring::{bits_at, doubled, WINDOW},
	MontgomeryRing, Residue,
};
use std::{
	arch::{is_x86_feature_detected, x86_64::*},
	hint::black_box,
};
use zeroize::{Zeroize, Zeroizing};

/// Numbers that are computed with at once.
pub(crate) const LANES: usize = 8;

/// The mask of all lanes.
const ALL_LANES: u8 = u8::MAX;

/// Bits of a limb.
const BITS: usize = 52;

/// A limb whose bits are all set.
const MASK: u64 = (1 << BITS) - 1;

/// Rows of a product that are added in one pass over its columns; digits have a multiple of so many limbs.
const ROWS: usize = 4;

/// The factor by which `R` is at least above `n`.
const SLACK_BITS: usize = 4;

// Columns are below 6 K 2^52: they must leave room in 64 bits.
const _: () = assert!(6 * limbs_for(MOST_LIMBS) < 1 << 10);

/// Limbs of 52 bits that hold a digit of so many limbs of 64.
const fn limbs_for(limbs: usize) -> usize {
	(64 * limbs + SLACK_BITS).div_ceil(BITS).next_multiple_of(ROWS)
}

/// One limb of each number.
#[derive(Clone, Copy, Default, Zeroize)]
#[repr(align(64))]
struct Limbs([u64; LANES]);

/// Eight numbers: the limbs of their lower digits, then of their higher ones if there are any.
type Numbers = Zeroizing<Vec<Limbs>>;

/// A ring for eight numbers at once. Exists only where the processor has the instructions.
pub(crate) struct Lanes<'r> {
	ring: &'r MontgomeryRing,
	/// Limbs of a digit.
	length: usize,
	n: Numbers,
	/// `-1 / n mod 2^52`.
	inverse: u64,
	/// `B`, its limbs but for the highest raised by what the next one is lowered by, so that none is below one of `m`.
	multiple: Numbers,
	/// `R^2 / 2^(64 L)`, a factor that takes the ring's Montgomery form to the one here.
	entry: Numbers,
	/// `2^(64 L)`, one that takes it back.
	exit: Numbers,
}

/// A row of a table: the powers `0..2^WINDOW` of a base, for all lanes, each limb of all of them together.
pub(crate) struct Row(Zeroizing<Vec<Shelf>>);

/// A limb of each power in a row: what two permutations of two registers each choose from.
#[derive(Clone, Copy, Zeroize)]
struct Shelf([Limbs; (1 << WINDOW) / LANES]);

/// What a product takes besides its factors.
struct Scratch {
	columns: Numbers,
	quotients: Numbers,
}

impl<'r> Lanes<'r> {
	/// `None` where the processor has no such instructions.
	pub(crate) fn new(ring: &'r MontgomeryRing) -> Option<Self> {
		if !is_x86_feature_detected!("avx512f") || !is_x86_feature_detected!("avx512ifma") {
			return None;
		}
		let (n, length) = (&ring.n[..], limbs_for(ring.n.len()));
		let every = |digits: &[u64]| gather([digits; LANES], n.len());
		let shift = BITS * length - 64 * n.len();
		let r = doubled(&ring.one, shift, n);
		Some(Self {
			ring,
			length,
			n: every(n),
			inverse: ring.inverse & MASK,
			multiple: multiple(every(&montgomery::difference(n, &r.0[..n.len()]))),
			entry: every(&doubled(&r, shift, n).0),
			exit: every(&ring.one.0),
		})
	}

	/// As [`MontgomeryRing::power_each`], of at most [`LANES`] bases with their exponents.
	pub(crate) fn power(&self, terms: &[(&Residue, &[u64])]) -> Vec<Residue> {
		let nothing = (&self.ring.one, &[][..]);
		let terms_of_lanes: [_; LANES] = std::array::from_fn(|lane| *terms.get(lane).unwrap_or(&nothing));
		let bases = gather(terms_of_lanes.map(|(base, _)| &base.0[..]), self.ring.n.len());
		// SAFETY: the processor has the instructions, as `self` exists.
		#[allow(unsafe_code)]
		let powers = unsafe { self.power_of_numbers(&bases, terms_of_lanes.map(|(_, exponent)| exponent)) };
		(0..terms.len()).map(|lane| self.extract(&powers, lane)).collect()
	}

	/// A row of a table for each of at most [`LANES`] bases.
	pub(crate) fn rows(&self, bases: &[Residue]) -> Vec<Row> {
		let numbers: [&[u64]; LANES] = std::array::from_fn(|lane| &bases.get(lane).unwrap_or(&self.ring.one).0[..]);
		// SAFETY: the processor has the instructions, as `self` exists.
		#[allow(unsafe_code)]
		let powers = unsafe { self.powers_of_numbers(&gather(numbers, self.ring.n.len())) };
		let row = |lane: usize| {
			let limb = |index: usize| std::array::from_fn(|power| powers[power][index].0[lane]);
			Row(Zeroizing::new((0..powers[0].len()).map(|index| Shelf::new(limb(index))).collect()))
		};
		(0..bases.len()).map(row).collect()
	}

	/// The product of a table's rows, each to the power that its window of an exponent says, for at most [`LANES`] exponents.
	pub(crate) fn power_of_rows(&self, rows: &[Row], exponents: &[&[u64]]) -> Vec<Residue> {
		if let [exponent] = exponents {
			return vec![self.power_of_rows_by_turns(rows, exponent)];
		}
		let exponents_of_lanes: [&[u64]; LANES] = std::array::from_fn(|lane| *exponents.get(lane).unwrap_or(&&[][..]));
		// SAFETY: the processor has the instructions, as `self` exists.
		#[allow(unsafe_code)]
		let powers = unsafe { self.product_of_rows(rows, exponents_of_lanes) };
		(0..exponents.len()).map(|lane| self.extract(&powers, lane)).collect()
	}

	/// The same for one exponent: each lane takes every eighth row.
	fn power_of_rows_by_turns(&self, rows: &[Row], exponent: &[u64]) -> Residue {
		// SAFETY: the processor has the instructions, as `self` exists.
		#[allow(unsafe_code)]
		let powers = unsafe { self.products_by_turns(rows, exponent) };
		let factors = (0..LANES).map(|lane| self.extract(&powers, lane));
		factors.reduce(|product, factor| self.ring.multiply(&product, &factor)).expect("there are lanes")
	}

	#[target_feature(enable = "avx512f,avx512ifma")]
	fn products_by_turns(&self, rows: &[Row], exponent: &[u64]) -> Numbers {
		let (mut scratch, mut one) = (self.scratch(), self.exit.clone());
		self.multiply(&mut one, &self.exit, &self.entry, &mut scratch);
		let (mut product, mut spare, mut factor) = (self.exit.clone(), one.clone(), one.clone());
		for (turn, rows) in rows.chunks(LANES).enumerate() {
			factor.copy_from_slice(&one);
			for (lane, row) in rows.iter().enumerate() {
				let digit = bits_at(exponent, (turn * LANES + lane) * WINDOW, WINDOW) as u64;
				row.select(&mut factor, &Limbs([digit; LANES]), 1 << lane);
			}
			self.multiply(&mut spare, &product, &factor, &mut scratch);
			std::mem::swap(&mut product, &mut spare);
		}
		product
	}

	#[target_feature(enable = "avx512f,avx512ifma")]
	fn product_of_rows(&self, rows: &[Row], exponents: [&[u64]; LANES]) -> Numbers {
		let mut scratch = self.scratch();
		// The exit's factor is the first one of the product.
		let (mut product, mut spare, mut factor) = (self.exit.clone(), self.exit.clone(), self.exit.clone());
		for (index, row) in rows.iter().enumerate() {
			let digits = exponents.map(|exponent| bits_at(exponent, index * WINDOW, WINDOW) as u64);
			row.select(&mut factor, &Limbs(digits), ALL_LANES);
			self.multiply(&mut spare, &product, &factor, &mut scratch);
			std::mem::swap(&mut product, &mut spare);
		}
		product
	}

	/// The powers `0..2^WINDOW`, with the factor `R` that a product takes off.
	#[target_feature(enable = "avx512f,avx512ifma")]
	fn powers_of_numbers(&self, bases: &Numbers) -> Vec<Numbers> {
		let mut scratch = self.scratch();
		let mut product = |a: &Numbers, b: &Numbers| {
			let mut out = zeros(a.len());
			self.multiply(&mut out, a, b, &mut scratch);
			out
		};
		let mut powers = vec![product(&self.exit, &self.entry), product(bases, &self.entry)];
		while powers.len() < 1 << WINDOW {
			powers.push(product(&powers[powers.len() - 1], &powers[1]));
		}
		powers
	}

	fn scratch(&self) -> Scratch {
		Scratch { columns: zeros(2 * self.length), quotients: zeros(self.length) }
	}

	#[target_feature(enable = "avx512f,avx512ifma")]
	fn power_of_numbers(&self, bases: &Numbers, exponents: [&[u64]; LANES]) -> Numbers {
		let (table, mut scratch) = (self.powers_of_numbers(bases), self.scratch());
		let (mut power, mut spare, mut factor) = (table[0].clone(), table[0].clone(), table[0].clone());
		let longest = exponents.iter().map(|exponent| exponent.len()).max().unwrap_or(0);
		for index in (0..(64 * longest).div_ceil(WINDOW)).rev() {
			for _ in 0..WINDOW {
				self.square(&mut spare, &power, &mut scratch);
				std::mem::swap(&mut power, &mut spare);
			}
			let digits = exponents.map(|exponent| bits_at(exponent, index * WINDOW, WINDOW) as u64);
			select(&mut factor, &table, &Limbs(digits));
			self.multiply(&mut spare, &power, &factor, &mut scratch);
			std::mem::swap(&mut power, &mut spare);
		}
		self.multiply(&mut spare, &power, &self.exit, &mut scratch);
		spare
	}

	/// `out = a b / R`.
	#[target_feature(enable = "avx512f,avx512ifma")]
	fn multiply(&self, out: &mut [Limbs], a: &[Limbs], b: &[Limbs], scratch: &mut Scratch) {
		let ((a0, a1), (b0, b1)) = (a.split_at(self.length), b.split_at(self.length));
		let (low, high) = out.split_at_mut(self.length);
		scratch.columns.fill(Limbs::default());
		add_product(&mut scratch.columns, a0, b0);
		self.reduce(low, scratch);
		if high.is_empty() {
			return;
		}
		let (lower, upper) = scratch.columns.split_at_mut(self.length);
		for ((column, multiple), quotient) in lower.iter_mut().zip(self.multiple.iter()).zip(scratch.quotients.iter()) {
			column.set(_mm512_sub_epi64(multiple.get(), quotient.get()));
		}
		upper.fill(Limbs::default());
		add_product(&mut scratch.columns, a0, b1);
		add_product(&mut scratch.columns, a1, b0);
		self.reduce(high, scratch);
	}

	/// `out = a^2 / R`.
	#[target_feature(enable = "avx512f,avx512ifma")]
	fn square(&self, out: &mut [Limbs], a: &[Limbs], scratch: &mut Scratch) {
		let (a0, a1) = a.split_at(self.length);
		let (low, high) = out.split_at_mut(self.length);
		scratch.columns.fill(Limbs::default());
		add_square(&mut scratch.columns, a0);
		self.reduce(low, scratch);
		if high.is_empty() {
			return;
		}
		scratch.columns.fill(Limbs::default());
		add_product(&mut scratch.columns, a0, a1);
		double(&mut scratch.columns);
		for ((column, multiple), quotient) in
			scratch.columns.iter_mut().zip(self.multiple.iter()).zip(scratch.quotients.iter())
		{
			let rest = _mm512_sub_epi64(multiple.get(), quotient.get());
			column.set(_mm512_add_epi64(column.get(), rest));
		}
		self.reduce(high, scratch);
	}

	/// Adds `n` times the quotients to the columns, so that the lower half of them becomes 0, and leaves the upper half, each
	/// limb within its bits, in `out`.
	#[target_feature(enable = "avx512f,avx512ifma")]
	fn reduce(&self, out: &mut [Limbs], scratch: &mut Scratch) {
		let Scratch { columns, quotients } = scratch;
		let inverse = _mm512_set1_epi64(self.inverse as i64);
		let n: [__m512i; ROWS] = first_limbs(&self.n);
		let zero = _mm512_setzero_si512();
		let mut carry = zero;
		for start in (0..self.length).step_by(ROWS) {
			let mut rows = [zero; ROWS];
			for column in 0..ROWS {
				let mut sum = _mm512_add_epi64(columns[start + column].get(), carry);
				for row in 0..column {
					sum = _mm512_madd52lo_epu64(sum, n[column - row], rows[row]);
					sum = _mm512_madd52hi_epu64(sum, n[column - row - 1], rows[row]);
				}
				rows[column] = _mm512_madd52lo_epu64(zero, sum, inverse);
				sum = _mm512_madd52lo_epu64(sum, n[0], rows[column]);
				carry = _mm512_srli_epi64::<{ BITS as u32 }>(sum);
				quotients[start + column].set(rows[column]);
			}
			add_columns(&mut columns[start + ROWS..][..self.length], &self.n, rows);
		}
		let mask = _mm512_set1_epi64(MASK as i64);
		for (limb, column) in out.iter_mut().zip(&columns[self.length..]) {
			let sum = _mm512_add_epi64(column.get(), carry);
			limb.set(_mm512_and_si512(sum, mask));
			carry = _mm512_srli_epi64::<{ BITS as u32 }>(sum);
		}
	}

	/// One of eight numbers, its digits brought below `n`.
	fn extract(&self, numbers: &[Limbs], lane: usize) -> Residue {
		let (n, mut number) = (&self.ring.n, self.ring.zero());
		let mut tops = [0; 2];
		let mut wide = Zeroizing::new(vec![0; (BITS * self.length).div_ceil(64) + 1]);
		for ((digit, limbs), top) in number.0.chunks_mut(n.len()).zip(numbers.chunks(self.length)).zip(&mut tops) {
			wide.fill(0);
			for (index, limb) in limbs.iter().enumerate() {
				let (place, limb) = (BITS * index / 64, u128::from(limb.0[lane]) << (BITS * index % 64));
				wide[place] |= limb as u64;
				wide[place + 1] |= (limb >> 64) as u64;
			}
			digit.copy_from_slice(&wide[..n.len()]);
			*top = wide[n.len()];
		}
		montgomery::bring_below(&mut number.0, tops, n);
		number
	}
}

/// Eight numbers of digits with `l` limbs of 64 bits.
fn gather(numbers: [&[u64]; LANES], l: usize) -> Numbers {
	let length = limbs_for(l);
	let mut gathered = zeros(numbers[0].len() / l * length);
	for (lane, number) in numbers.iter().enumerate() {
		for (limbs, digit) in gathered.chunks_mut(length).zip(number.chunks(l)) {
			for (index, limb) in limbs.iter_mut().enumerate() {
				limb.0[lane] = bits_at(digit, BITS * index, BITS) as u64;
			}
		}
	}
	gathered
}

/// `R` and the number given, which makes a multiple of `n`, see [`Lanes::multiple`].
fn multiple(mut above: Numbers) -> Numbers {
	for (index, limbs) in above.iter_mut().enumerate() {
		limbs.0.iter_mut().for_each(|limb| *limb += if index == 0 { MASK + 1 } else { MASK });
	}
	above
}

fn zeros(length: usize) -> Numbers {
	Zeroizing::new(vec![Limbs::default(); length])
}

/// `columns += a b`, for digits of the same length.
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_product(columns: &mut [Limbs], a: &[Limbs], b: &[Limbs]) {
	for (start, rows) in b.chunks_exact(ROWS).enumerate() {
		add_rows(&mut columns[ROWS * start..][..a.len() + ROWS], a, first_limbs(rows));
	}
}

/// `columns = a^2`, of columns that are 0.
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_square(columns: &mut [Limbs], a: &[Limbs]) {
	for start in (ROWS..a.len()).step_by(ROWS) {
		let (rows, others) = (first_limbs(&a[start - ROWS..]), &a[start..]);
		add_rows(&mut columns[2 * start - ROWS..][..others.len() + ROWS], others, rows);
	}
	double(columns);
	for (start, rows) in a.chunks_exact(ROWS).enumerate() {
		add_rows(&mut columns[2 * ROWS * start..][..2 * ROWS], rows, first_limbs(rows));
	}
}

/// Adds the products of `a` and four limbs to as many columns as `a` has limbs, and four more.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_rows(columns: &mut [Limbs], a: &[Limbs], rows: [__m512i; ROWS]) {
	let first: [__m512i; ROWS] = first_limbs(a);
	for column in 0..ROWS {
		let mut sum = columns[column].get();
		for row in 0..=column {
			sum = _mm512_madd52lo_epu64(sum, first[column - row], rows[row]);
		}
		for row in 0..column {
			sum = _mm512_madd52hi_epu64(sum, first[column - row - 1], rows[row]);
		}
		columns[column].set(sum);
	}
	add_columns(&mut columns[ROWS..], a, rows);
}

/// The same, but for the first four columns.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_columns(columns: &mut [Limbs], a: &[Limbs], rows: [__m512i; ROWS]) {
	let (middle, last) = columns.split_at_mut(a.len() - ROWS);
	let zero = _mm512_setzero_si512();
	for (column, a) in middle.iter_mut().zip(a.windows(ROWS + 1)) {
		// Two sums, which do not wait for each other.
		let (mut low, mut high) = (column.get(), zero);
		for row in 0..ROWS {
			low = _mm512_madd52lo_epu64(low, a[ROWS - row].get(), rows[row]);
			high = _mm512_madd52hi_epu64(high, a[ROWS - row - 1].get(), rows[row]);
		}
		column.set(_mm512_add_epi64(low, high));
	}
	let a: [__m512i; ROWS] = first_limbs(&a[a.len() - ROWS..]);
	for column in 0..ROWS {
		let mut sum = last[column].get();
		for row in column + 1..ROWS {
			sum = _mm512_madd52lo_epu64(sum, a[ROWS + column - row], rows[row]);
		}
		for row in column..ROWS {
			sum = _mm512_madd52hi_epu64(sum, a[ROWS + column - row - 1], rows[row]);
		}
		last[column].set(sum);
	}
}

#[target_feature(enable = "avx512f")]
fn double(columns: &mut [Limbs]) {
	for column in columns {
		column.set(_mm512_slli_epi64::<1>(column.get()));
	}
}

/// `out = table[index]` in each lane, reading every entry so that the indices leave no trace in the cache.
#[target_feature(enable = "avx512f")]
fn select(out: &mut [Limbs], table: &[Numbers], indices: &Limbs) {
	let indices = black_box(indices).get();
	for (position, entry) in table.iter().enumerate() {
		let here = _mm512_cmpeq_epi64_mask(_mm512_set1_epi64(position as i64), indices);
		for (limb, entry) in out.iter_mut().zip(entry.iter()) {
			limb.set(_mm512_mask_mov_epi64(limb.get(), here, entry.get()));
		}
	}
}

impl Row {
	/// In the lanes of a mask, `out` becomes the power that the lane's index says. Nothing is read from an address that depends
	/// on one.
	#[target_feature(enable = "avx512f")]
	fn select(&self, out: &mut [Limbs], indices: &Limbs, lanes: u8) {
		let indices = black_box(indices).get();
		let upper = _mm512_test_epi64_mask(indices, _mm512_set1_epi64(2 * LANES as i64));
		for (limb, Shelf(powers)) in out.iter_mut().zip(self.0.iter()) {
			let low = _mm512_permutex2var_epi64(powers[0].get(), indices, powers[1].get());
			let high = _mm512_permutex2var_epi64(powers[2].get(), indices, powers[3].get());
			let chosen = _mm512_mask_mov_epi64(low, upper, high);
			limb.set(_mm512_mask_mov_epi64(limb.get(), lanes, chosen));
		}
	}
}

impl Shelf {
	fn new(limbs: [u64; 1 << WINDOW]) -> Self {
		Self(std::array::from_fn(|index| Limbs(std::array::from_fn(|lane| limbs[LANES * index + lane]))))
	}
}

#[inline]
#[target_feature(enable = "avx512f")]
fn first_limbs(limbs: &[Limbs]) -> [__m512i; ROWS] {
	[limbs[0].get(), limbs[1].get(), limbs[2].get(), limbs[3].get()]
}

impl Limbs {
	#[inline]
	#[target_feature(enable = "avx512f")]
	fn get(&self) -> __m512i {
		// SAFETY: 64 bytes that are aligned to 64.
		#[allow(unsafe_code)]
		unsafe {
			_mm512_load_si512(self.0.as_ptr().cast())
		}
	}

	#[inline]
	#[target_feature(enable = "avx512f")]
	fn set(&mut self, limbs: __m512i) {
		// SAFETY: as for `get`.
		#[allow(unsafe_code)]
		unsafe {
			_mm512_store_si512(self.0.as_mut_ptr().cast(), limbs);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// An odd modulus, often at its edges: all bits set, or the least of its length.
	fn modulus() -> impl Strategy<Value = Vec<u64>> {
		let length = prop::sample::select(vec![1usize, 2, 3, 12, 13, 16, 17, 24, 25, 32, 48, MOST_LIMBS]);
		(length, 0..4u8).prop_flat_map(|(length, kind)| {
			prop::collection::vec(any::<u64>(), length).prop_map(move |mut limbs| {
				match kind {
					0 => limbs.fill(u64::MAX),
					1 => limbs[1..].fill(0),
					_ => (),
				}
				limbs[0] |= 3;
				limbs[length - 1] |= 1;
				limbs
			})
		})
	}

	/// Digits below `n`: any, or the least and the greatest.
	fn base(ring: &MontgomeryRing, kind: u8, limbs: &[u64]) -> Residue {
		let mut base = ring.zero();
		for (index, digit) in base.0.chunks_mut(ring.n.len()).enumerate() {
			match kind >> (2 * index) & 3 {
				0 => (),
				1 => {
					digit.copy_from_slice(&ring.n);
					digit[0] -= 1;
				},
				_ => {
					digit.copy_from_slice(&limbs[index * MOST_LIMBS..][..digit.len()]);
					*digit.last_mut().unwrap() %= ring.n.last().unwrap();
				},
			}
		}
		base
	}

	proptest! {
		/// Whatever the modulus, the digits and the exponent, and however many numbers there are.
		#[test]
		fn powers_are_those_of_one_number_at_a_time(
			n in modulus(),
			square: bool,
			kinds in prop::collection::vec(any::<u8>(), 0..=LANES),
			limbs in prop::collection::vec(any::<u64>(), 2 * MOST_LIMBS + LANES),
			exponents in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..3), LANES),
		) {
			let ring = if square { MontgomeryRing::modulo_square(&n) } else { MontgomeryRing::modulo(&n) }.unwrap();
			let Some(lanes) = Lanes::new(&ring) else { return Ok(()) };
			let bases: Vec<_> =
				kinds.iter().enumerate().map(|(lane, kind)| base(&ring, *kind, &limbs[lane..])).collect();
			let terms: Vec<_> = bases.iter().zip(exponents.iter().map(Vec::as_slice)).collect();
			let expected: Vec<_> = terms.iter().map(|(base, exponent)| ring.power(base, exponent)).collect();
			prop_assert_eq!(lanes.power(&terms), expected);
		}
	}
}
