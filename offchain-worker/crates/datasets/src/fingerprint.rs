//! Fingerprints: how a provider notices that its rows have changed.

use crate::{scan, ColumnSpec, DataError, Source};
use blake2::{
	digest::{consts::U32, FixedOutput, KeyInit, Update},
	Blake2bMac,
};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

type Mac = Blake2bMac<U32>;

/// Bytes of a digest.
const DIGEST: usize = 32;

/// The key of fingerprints. Who has it can test guesses of the rows against a published fingerprint.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
	/// The key with these bytes.
	pub fn new(bytes: [u8; 32]) -> Self {
		Self(bytes)
	}

	fn mac(&self) -> Mac {
		Mac::new_from_slice(&self.0).expect("a key of Blake2b has up to 64 bytes")
	}
}

impl fmt::Debug for FingerprintKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("FingerprintKey")
	}
}

/// A summary of rows. It stays with the provider: column sums are what is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
	/// Number of rows.
	pub rows: u64,
	/// The sum of each column, as integers `value × 10^decimals`.
	pub sums: Vec<i128>,
	/// The sum modulo 2^256, little-endian, of a keyed hash of each row: equal for equal rows in whatever order, since a
	/// database promises none (MSet-Add-Hash of Clarke et al., 2003, which is sound under a secret key).
	pub content: [u8; DIGEST],
}

impl Summary {
	/// The digest that is published: Blake2b-256 under `key` over columns and summary, see `docs/protocol/bmpc.md`.
	pub fn fingerprint(&self, columns: &[ColumnSpec], key: &FingerprintKey) -> [u8; DIGEST] {
		let mut mac = key.mac();
		mac.update(b"encrytrust/fingerprint/1");
		mac.update(&(columns.len() as u64).to_le_bytes());
		for column in columns {
			mac.update(&(column.name.len() as u64).to_le_bytes());
			mac.update(column.name.as_bytes());
			mac.update(&[column.decimals, column.bits]);
		}
		mac.update(&self.to_bytes());
		mac.finalize_fixed().into()
	}

	/// Rows (u64), sums (i128 each), content; integers little-endian.
	pub fn to_bytes(&self) -> Vec<u8> {
		let sums = self.sums.iter().flat_map(|sum| sum.to_le_bytes());
		self.rows.to_le_bytes().into_iter().chain(sums).chain(self.content).collect()
	}

	/// What [`Self::to_bytes`] wrote; `None` if these are other bytes.
	pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
		let (rows, rest) = bytes.split_first_chunk()?;
		let (sums, content) = rest.split_last_chunk()?;
		let (sums, []) = sums.as_chunks() else { return None };
		let sums = sums.iter().map(|sum| i128::from_le_bytes(*sum)).collect();
		Some(Self { rows: u64::from_le_bytes(*rows), sums, content: *content })
	}

	/// What has changed from this summary to `now`, over the same columns, in words; nothing if they are equal.
	pub fn changes(&self, now: &Self, columns: &[ColumnSpec]) -> Vec<String> {
		let mut changes = Vec::new();
		if self.rows != now.rows {
			changes.push(format!("{} rows instead of {}", now.rows, self.rows));
		}
		let sums = columns.iter().zip(self.sums.iter().zip(&now.sums));
		changes.extend(
			sums.filter(|(_, (before, now))| before != now)
				.map(|(column, _)| format!("another sum of column \"{}\"", column.name)),
		);
		if changes.is_empty() && self.content != now.content {
			changes.push("other values in rows whose number and sums are the same".into());
		}
		changes
	}
}

/// Makes a [`Summary`] of rows as they are read.
#[derive(Debug)]
pub struct Summarizer {
	mac: Mac,
	summary: Summary,
	row: Vec<u8>,
}

impl Summarizer {
	/// Of rows with so many columns.
	pub fn new(columns: usize, key: &FingerprintKey) -> Self {
		let summary = Summary { rows: 0, sums: vec![0; columns], content: [0; DIGEST] };
		Self { mac: key.mac(), summary, row: Vec::with_capacity(columns * size_of::<i64>()) }
	}

	/// Adds a row: the fixed-point integers of all columns.
	pub fn add(&mut self, values: &[i64]) {
		self.row.clear();
		self.row.extend(values.iter().flat_map(|value| value.to_le_bytes()));
		let digest: [u8; DIGEST] = self.mac.clone().chain(&self.row).finalize_fixed().into();
		add_modulo(&mut self.summary.content, &digest);
		for (sum, value) in self.summary.sums.iter_mut().zip(values) {
			// 2^64 rows of 63 bits stay below 2^127.
			*sum += i128::from(*value);
		}
		self.summary.rows += 1;
	}

	/// The summary of all rows that were added.
	pub fn finish(self) -> Summary {
		self.summary
	}
}

/// Reads the rows of `columns` once and sums them up.
pub fn summarize(source: &Source, columns: &[ColumnSpec], key: &FingerprintKey) -> Result<Summary, DataError> {
	let mut summarizer = Summarizer::new(columns.len(), key);
	scan(source, columns, |row| summarizer.add(row))?;
	Ok(summarizer.finish())
}

/// Adds modulo 2^256, little-endian.
fn add_modulo(sum: &mut [u8; DIGEST], addend: &[u8; DIGEST]) {
	let mut carry = false;
	for (sum, addend) in sum.as_chunks_mut::<8>().0.iter_mut().zip(addend.as_chunks::<8>().0) {
		let (low, first) = u64::from_le_bytes(*sum).overflowing_add(u64::from_le_bytes(*addend));
		let (low, second) = low.overflowing_add(carry.into());
		carry = first || second;
		*sum = low.to_le_bytes();
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn columns() -> Vec<ColumnSpec> {
		["age", "weight"].map(|name| ColumnSpec { name: name.into(), decimals: 0, bits: 8 }).to_vec()
	}

	fn summary(rows: &[[i64; 2]]) -> Summary {
		let mut summarizer = Summarizer::new(2, &FingerprintKey::new([1; 32]));
		rows.iter().for_each(|row| summarizer.add(row));
		summarizer.finish()
	}

	fn fingerprint(rows: &[[i64; 2]]) -> [u8; DIGEST] {
		summary(rows).fingerprint(&columns(), &FingerprintKey::new([1; 32]))
	}

	#[test]
	fn changes_names_rows_sums_and_values() {
		let before = summary(&[[1, 2], [3, 4]]);
		for (rows, changes) in [
			(&[[1, 2], [3, 4]][..], &[][..]),
			(&[[3, 4], [1, 2]], &[]),
			(&[[1, 2]], &["1 rows instead of 2", "another sum of column \"age\"", "another sum of column \"weight\""]),
			(&[[1, 2], [3, 5]], &["another sum of column \"weight\""]),
			(&[[1, 4], [3, 2]], &["other values in rows whose number and sums are the same"]),
			(&[[1, 2], [3, 4], [0, 0]], &["3 rows instead of 2"]),
		] {
			assert_eq!(before.changes(&summary(rows), &columns()), changes, "{rows:?}");
			let same = fingerprint(rows) == fingerprint(&[[1, 2], [3, 4]]);
			assert_eq!(same, changes.is_empty(), "{rows:?}");
		}
	}

	#[test]
	fn fingerprint_depends_on_columns_and_key() {
		let summary = summary(&[[1, 2]]);
		let key = FingerprintKey::new([1; 32]);
		let fingerprint = summary.fingerprint(&columns(), &key);
		let changes: [fn(&mut Vec<ColumnSpec>); 5] = [
			|columns| columns[0].name = "agew".into(),
			|columns| columns[0].decimals = 1,
			|columns| columns[1].bits = 9,
			|columns| columns.swap(0, 1),
			|columns| columns.truncate(1),
		];
		for (index, change) in changes.iter().enumerate() {
			let mut other = columns();
			change(&mut other);
			assert_ne!(summary.fingerprint(&other, &key), fingerprint, "{index}");
		}
		assert_ne!(summary.fingerprint(&columns(), &FingerprintKey::new([2; 32])), fingerprint);
	}

	#[test]
	fn sums_of_the_largest_values_do_not_overflow() {
		let mut summarizer = Summarizer::new(1, &FingerprintKey::new([1; 32]));
		(0..1_000).for_each(|_| summarizer.add(&[i64::MAX]));
		assert_eq!(summarizer.finish().sums, [i128::from(i64::MAX) * 1_000]);
	}

	proptest! {
		#[test]
		fn content_counts_equal_rows_in_any_order(
			rows in prop::collection::vec(any::<[i64; 2]>(), 1..20),
			pick in any::<prop::sample::Index>(),
		) {
			let mut other = rows.clone();
			other.reverse();
			prop_assert_eq!(summary(&rows), summary(&other));
			let again = rows[pick.index(rows.len())];
			other.extend([again, again]);
			prop_assert_ne!(summary(&rows).content, summary(&other).content);
		}

		#[test]
		fn summary_round_trips(rows in prop::collection::vec(any::<[i64; 2]>(), 0..5)) {
			let bytes = summary(&rows).to_bytes();
			prop_assert_eq!(Summary::from_bytes(&bytes), Some(summary(&rows)));
			prop_assert_eq!(Summary::from_bytes(&bytes[1..]), None);
		}
	}
}
