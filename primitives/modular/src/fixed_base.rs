//! Powers of one base, from a table: no squarings are left.

#[cfg(target_arch = "x86_64")]
use crate::lanes::{self, Lanes, LANES};
use crate::{
	ring::{bits_at, WINDOW},
	MontgomeryRing, Residue,
};
use std::fmt;

/// The powers of a base that a power with any exponent of a certain length is a product of.
///
/// With exponents of 1024 bits the table has 3.4 MB modulo the square of 2048 bits, 4.2 MB where the processor has AVX-512
/// IFMA, and grows with both lengths.
pub struct FixedBase {
	ring: MontgomeryRing,
	/// Limbs that an exponent may have.
	limbs: usize,
	table: Table,
}

/// Row `i` is of the powers `0..2^WINDOW` of `base^(2^(i WINDOW))`.
enum Table {
	#[cfg(target_arch = "x86_64")]
	Lanes(Vec<lanes::Row>),
	Residues(Vec<Vec<Residue>>),
}

impl FixedBase {
	/// The table of a base for exponents of so many limbs, at least one.
	pub fn new(ring: &MontgomeryRing, base: &Residue, limbs: usize) -> Self {
		let next = |base: &Residue| Some(ring.square_repeatedly(base, WINDOW));
		let rows = (64 * limbs.max(1)).div_ceil(WINDOW);
		let bases: Vec<_> = std::iter::successors(Some(base.clone()), next).take(rows).collect();
		Self { ring: ring.clone(), limbs: limbs.max(1), table: Table::new(ring, &bases) }
	}

	/// The base to the power of each exponent, in a time that depends on their number alone.
	///
	/// Where the processor has AVX-512 IFMA, many take a fraction of the time each, and one alone as well.
	///
	/// # Panics
	///
	/// If an exponent has more limbs than the table is for.
	pub fn power_each(&self, exponents: &[&[u64]]) -> Vec<Residue> {
		assert!(exponents.iter().all(|exponent| exponent.len() <= self.limbs), "an exponent is too long for the table");
		match &self.table {
			#[cfg(target_arch = "x86_64")]
			Table::Lanes(rows) => {
				let lanes = Lanes::new(&self.ring).expect("the table was made by this processor");
				exponents.chunks(LANES).flat_map(|exponents| lanes.power_of_rows(rows, exponents)).collect()
			},
			Table::Residues(rows) => exponents.iter().map(|exponent| self.power_of_rows(rows, exponent)).collect(),
		}
	}

	fn power_of_rows(&self, rows: &[Vec<Residue>], exponent: &[u64]) -> Residue {
		let factors = rows.iter().enumerate();
		let factors = factors.map(|(index, row)| self.ring.select(row, bits_at(exponent, index * WINDOW, WINDOW)));
		let product = factors.reduce(|product, factor| self.ring.multiply(&product, &factor));
		product.expect("a table has rows")
	}
}

impl Table {
	fn new(ring: &MontgomeryRing, bases: &[Residue]) -> Self {
		#[cfg(target_arch = "x86_64")]
		if let Some(lanes) = Lanes::new(ring) {
			return Self::Lanes(bases.chunks(LANES).flat_map(|bases| lanes.rows(bases)).collect());
		}
		Self::of_residues(ring, bases)
	}

	fn of_residues(ring: &MontgomeryRing, bases: &[Residue]) -> Self {
		Self::Residues(bases.iter().map(|base| ring.powers(base, 1 << WINDOW)).collect())
	}
}

impl fmt::Debug for FixedBase {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("FixedBase(…)")
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(64))]

		/// In lanes where the processor has them, and in plain code.
		#[test]
		fn powers_are_the_rings(
			mut n in prop::collection::vec(any::<u64>(), 1..5),
			square: bool,
			base: u64,
			limbs in 1..4usize,
			exponents in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..4), 0..20),
		) {
			n[0] |= 3;
			*n.last_mut().unwrap() |= 1;
			let ring = if square { MontgomeryRing::modulo_square(&n) } else { MontgomeryRing::modulo(&n) }.unwrap();
			let base = ring.element(&[base % n[0]], &[]);
			let exponents: Vec<_> = exponents.iter().map(|exponent| &exponent[..exponent.len().min(limbs)]).collect();
			let expected: Vec<_> = exponents.iter().map(|exponent| ring.power(&base, exponent)).collect();
			let fixed = FixedBase::new(&ring, &base, limbs);
			prop_assert_eq!(fixed.power_each(&exponents), expected.clone());
			let bases = std::iter::successors(Some(base), |base| Some(ring.square_repeatedly(base, WINDOW)));
			let bases: Vec<_> = bases.take((64 * limbs).div_ceil(WINDOW)).collect();
			let plain = FixedBase { table: Table::of_residues(&ring, &bases), ..fixed };
			prop_assert_eq!(plain.power_each(&exponents), expected);
		}
	}

	#[test]
	#[should_panic(expected = "an exponent is too long for the table")]
	fn exponents_beyond_the_table_are_refused() {
		let ring = MontgomeryRing::modulo(&[15]).unwrap();
		FixedBase::new(&ring, ring.one(), 1).power_each(&[&[1, 0]]);
	}
}
