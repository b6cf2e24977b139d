//! The user: seals a selection, checks and decrypts the result (16).

use super::{Job, ProtocolError};
use crate::sealing::{seal, Kind, Place, SealError};
use codec::Encode;
use encrytrust_chain_client::{AccountId, H256};
use encrytrust_paillier::{fixed_point, Ciphertext, SecretKey};
use encrytrust_primitives::bmpc::Selection;

/// Digits behind a column's own that a mean is written with; fewer only where a sum leaves no room for them.
pub const MEAN_DIGITS: u8 = 12;

/// A column's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnResult {
	/// The column's index in the schema.
	pub column: u16,
	/// The sum of the column's fixed-point integers over all rows.
	pub sum: i128,
	/// The column's decimals.
	pub decimals: u8,
	/// Over how many rows.
	pub rows: u64,
}

impl ColumnResult {
	/// The exact sum.
	pub fn sum(&self) -> String {
		fixed_point::format(self.sum, self.decimals)
	}

	/// The mean, rounded to [`MEAN_DIGITS`] digits behind the column's own, halves to the even digit.
	pub fn mean(&self) -> String {
		let mean = |extra| Some((fixed_point::divide(self.sum, self.rows, extra).ok()?, extra));
		// Without further digits the mean is no longer than the sum, which is there; there is at least one row.
		let (mean, extra) = (0..=MEAN_DIGITS).rev().find_map(mean).unwrap_or_default();
		fixed_point::format(mean, self.decimals + extra)
	}
}

/// Seals a selection to the coordinator.
pub fn seal_selection(
	selection: &Selection,
	genesis: H256,
	user: &AccountId,
	coordinator: &AccountId,
	sealing: &[u8; 32],
) -> Result<Vec<u8>, SealError> {
	let place = Place { kind: Kind::Request(selection.commitment()), genesis, from: user, to: coordinator };
	seal(sealing, &place, &selection.encode())
}

/// Decrypts the result: `columns` are those that were selected, ascending.
///
/// # Errors
///
/// [`ProtocolError::Result`] for what no honest job gives: a count of rows that is not the contract's, or bits beyond the
/// slots.
pub fn decrypt(
	job: &Job,
	key: &SecretKey,
	columns: &[u16],
	ciphertexts: &[Ciphertext],
) -> Result<Vec<ColumnResult>, ProtocolError> {
	if key.public() != &job.key {
		return Err(ProtocolError::UserKey("the job was asked for with another key: name that one with --key".into()));
	}
	if columns.len() != ciphertexts.len() {
		return Err(ProtocolError::Selection("it has another number of columns than the result"));
	}
	let read = |(index, (column, ciphertext)): (usize, (&u16, &Ciphertext))| {
		let rows = job.contract.rows();
		let impossible = |reason: String| ProtocolError::Result { column: index, reason };
		let slots = job.layout(*column)?.unpack(&key.decrypt(ciphertext));
		let slots = slots.map_err(|error| impossible(error.to_string()))?;
		let sum = *slots.first().ok_or_else(|| impossible("it is empty".into()))?;
		if slots.get(1).is_some_and(|count| *count != i128::from(rows)) {
			return Err(impossible(format!("it is not over the {rows} rows of the contract")));
		}
		let decimals = job.contract.schema.get(usize::from(*column)).map_or(0, |column| column.decimals);
		Ok(ColumnResult { column: *column, sum, decimals, rows })
	};
	columns.iter().zip(ciphertexts).enumerate().map(read).collect()
}

/// Whether the result is the product of the computing providers' outputs, column by column.
pub fn is_product(job: &Job, result: &[Ciphertext], outputs: &[Vec<Ciphertext>]) -> bool {
	result.iter().enumerate().all(|(column, expected)| {
		let mut factors = outputs.iter().map(|output| output.get(column));
		let Some(Some(first)) = factors.next() else { return false };
		let product = factors.try_fold(first.clone(), |product, factor| Some(job.key.add(&product, factor?)));
		product.as_ref() == Some(expected)
	})
}
