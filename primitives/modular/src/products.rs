//! Products of powers with public exponents.

use crate::{bits_at, MontgomeryRing, Residue};
use std::cmp::Reverse;

/// The widest window that is tried: 2^12 buckets pay off beyond any number of terms that is in use.
const WIDEST: usize = 12;

impl MontgomeryRing {
	/// The product of all bases, each raised to its exponent. For public exponents: its time depends on them, and not on the
	/// bases.
	///
	/// A single power, and few of them, go by sliding windows with squarings in common (Straus 1964; Möller, SAC 2001); many
	/// by Pippenger's buckets. Which one is a matter of counting multiplications.
	pub fn product_of_powers_vartime(&self, terms: &[(Residue, Vec<u64>)]) -> Residue {
		let bits: Vec<usize> = terms.iter().map(|(_, exponent)| bit_length(exponent)).collect();
		let apart: usize = bits.iter().map(|bits| sliding_window(*bits).0).sum();
		let (together, width) = bucket_window(&bits);
		let product = if apart <= together { self.interleaved(terms) } else { self.by_buckets(terms, width) };
		product.unwrap_or_else(|| self.one().clone())
	}

	/// Odd powers of each base from tables of their own, with squarings in common.
	fn interleaved(&self, terms: &[(Residue, Vec<u64>)]) -> Option<Residue> {
		let plan = |(base, exponent): &(Residue, Vec<u64>)| {
			let (_, width) = sliding_window(bit_length(exponent));
			(self.odd_powers(base, 1 << (width - 1)), odd_windows(exponent, width))
		};
		let plans: Vec<_> = terms.iter().map(plan).collect();
		let factors =
			plans.iter().flat_map(|(table, windows)| windows.iter().map(|(bit, digit)| (*bit, &table[digit / 2])));
		let mut factors: Vec<(usize, &Residue)> = factors.collect();
		factors.sort_unstable_by_key(|(bit, _)| Reverse(*bit));
		let (mut bit, first) = *factors.first()?;
		let mut product = first.clone();
		for (next, factor) in &factors[1..] {
			product = self.multiply(&self.square_repeatedly(&product, bit - next), factor);
			bit = *next;
		}
		Some(self.square_repeatedly(&product, bit))
	}

	/// The first `count` odd powers of `base`, at least one.
	fn odd_powers(&self, base: &Residue, count: usize) -> Vec<Residue> {
		let mut powers = vec![base.clone()];
		if count > 1 {
			let square = self.square_repeatedly(base, 1);
			(1..count).for_each(|index| powers.push(self.multiply(&powers[index - 1], &square)));
		}
		powers
	}

	/// Window by window from the highest down: each base goes to the bucket of its digit.
	fn by_buckets(&self, terms: &[(Residue, Vec<u64>)], width: usize) -> Option<Residue> {
		let bits = terms.iter().map(|(_, exponent)| bit_length(exponent)).max()?;
		(0..bits.div_ceil(width)).rev().fold(None, |product: Option<Residue>, index| {
			let shifted = product.map(|product| self.square_repeatedly(&product, width));
			let mut buckets = vec![None; 1 << width];
			for (base, exponent) in terms {
				match bits_at(exponent, index * width, width) {
					0 => (),
					digit => buckets[digit] = self.multiply_some(buckets[digit].take(), Some(base)),
				}
			}
			self.multiply_some(shifted, self.weighted(&buckets).as_ref())
		})
	}

	/// The product of all buckets, each raised to its index: products of the upper ones, multiplied up.
	fn weighted(&self, buckets: &[Option<Residue>]) -> Option<Residue> {
		let (_, product) = buckets.iter().skip(1).rev().fold((None, None), |(upper, product), bucket| {
			let upper = self.multiply_some(upper, bucket.as_ref());
			let product = self.multiply_some(product, upper.as_ref());
			(upper, product)
		});
		product
	}

	/// `a b`, where nothing is 1.
	fn multiply_some(&self, a: Option<Residue>, b: Option<&Residue>) -> Option<Residue> {
		match (a, b) {
			(Some(a), Some(b)) => Some(self.multiply(&a, b)),
			(a, b) => a.or_else(|| b.cloned()),
		}
	}
}

/// Multiplications that one power of so many bits takes by sliding windows, its table included, and the best width.
fn sliding_window(bits: usize) -> (usize, usize) {
	let cost = |width: usize| (1 << (width - 1)) + bits / (width + 1);
	(1..=WIDEST).map(|width| (cost(width), width)).min().unwrap_or((bits, 1))
}

/// Multiplications that powers of so many bits each take by buckets, and the best width.
fn bucket_window(bits: &[usize]) -> (usize, usize) {
	let most = bits.iter().max().copied().unwrap_or(0);
	let cost = |width: usize| {
		let filling: usize = bits.iter().map(|bits| bits.div_ceil(width)).sum();
		filling + (most.div_ceil(width) << (width + 1))
	};
	(1..=WIDEST).map(|width| (cost(width), width)).min().unwrap_or((0, 1))
}

/// An exponent as a sum of odd digits below `2^width`, each shifted by its bit.
fn odd_windows(exponent: &[u64], width: usize) -> Vec<(usize, usize)> {
	let mut windows = Vec::new();
	let (mut bit, end) = (0, bit_length(exponent));
	while bit < end {
		match bits_at(exponent, bit, width) {
			digit if digit % 2 == 1 => {
				windows.push((bit, digit));
				bit += width;
			},
			_ => bit += 1,
		}
	}
	windows
}

fn bit_length(number: &[u64]) -> usize {
	let highest = number.iter().rposition(|limb| *limb != 0);
	highest.map_or(0, |index| 64 * (index + 1) - number[index].leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const N: [u64; 2] = [0xffff_ffff_ffff_ff61, 0x1f];

	/// Exponents of several lengths, 0 and 1 among them.
	fn exponent() -> impl Strategy<Value = Vec<u64>> {
		prop_oneof![
			Just(vec![]),
			Just(vec![0]),
			Just(vec![1, 0]),
			prop::collection::vec(any::<u64>(), 1..6),
			prop::collection::vec(prop_oneof![Just(0), Just(u64::MAX)], 1..4),
		]
	}

	proptest! {
		/// Either way, and whichever is chosen.
		#[test]
		fn agrees_with_one_power_at_a_time(
			terms in prop::collection::vec((any::<u64>(), exponent()), 0..40),
			width in 1..=WIDEST,
			square: bool,
		) {
			let ring = if square { MontgomeryRing::modulo_square(&N) } else { MontgomeryRing::modulo(&N) }.unwrap();
			let terms: Vec<_> =
				terms.into_iter().map(|(base, exponent)| (ring.element(&[base], &[]), exponent)).collect();
			let one = ring.one().clone();
			let expected = terms.iter().fold(one.clone(), |product, (base, exponent)| {
				ring.multiply(&product, &ring.power(base, exponent))
			});
			prop_assert_eq!(&ring.product_of_powers_vartime(&terms), &expected);
			prop_assert_eq!(&ring.interleaved(&terms).unwrap_or(one.clone()), &expected);
			prop_assert_eq!(&ring.by_buckets(&terms, width).unwrap_or(one), &expected);
		}

		#[test]
		fn windows_make_up_the_exponent(exponent in exponent(), width in 1..=WIDEST) {
			let windows = odd_windows(&exponent, width);
			let mut sum = vec![0; exponent.len() + 1];
			for (bit, digit) in &windows {
				prop_assert!(digit % 2 == 1 && *digit < 1 << width);
				// They do not overlap: what is added is what is set.
				(0..width).filter(|offset| digit >> offset & 1 == 1).for_each(|offset| {
					sum[(bit + offset) / 64] |= 1u64 << ((bit + offset) % 64);
				});
			}
			prop_assert_eq!(sum.split_last().unwrap().1, &exponent[..]);
			prop_assert!(windows.windows(2).all(|pair| pair[1].0 >= pair[0].0 + width));
		}
	}

	#[test]
	fn many_terms_share_buckets() {
		let costs = |terms: usize| {
			let bits = vec![128; terms];
			(terms * sliding_window(128).0, bucket_window(&bits).0)
		};
		for (terms, alone) in [(1, true), (91, true), (1_000, false), (3_001, false)] {
			let (apart, together) = costs(terms);
			assert_eq!(apart <= together, alone, "{terms} terms: {apart} or {together} multiplications");
		}
	}

	#[test]
	fn of_nothing_the_product_is_one() {
		let ring = MontgomeryRing::modulo(&N).unwrap();
		assert_eq!(ring.product_of_powers_vartime(&[]), *ring.one());
	}
}
