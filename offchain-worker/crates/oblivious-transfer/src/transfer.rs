//! Bulk mode: a column is sealed once, and its key is transferred obliviously, one exponentiation a column.

use crate::{
	encoding::{ciphertexts, MessageError},
	sealing::{ColumnKey, SealError},
	selection::VerifiedSelection,
};
use encrytrust_paillier::{Ciphertext, Plaintext, PublicKey, SecretKey};
use std::io::{Read, Write};

/// For each column the encrypted number that its key is derived from, or 0 where the column is not chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfers(Vec<Ciphertext>);

/// Why columns were not transferred.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
	/// One is missing, or there is one too many.
	#[error("the selection is about {expected} columns, {columns} were given")]
	Columns {
		/// The columns that were given.
		columns: usize,
		/// The columns of the selection.
		expected: usize,
	},
	/// A column that was not sealed or opened.
	#[error("column {column}: {error}")]
	Column {
		/// The column's index.
		column: usize,
		/// What is wrong with it.
		error: SealError,
	},
}

impl Transfers {
	/// `2 |N|` bytes for each column.
	pub fn to_bytes(&self) -> Vec<u8> {
		self.0.iter().flat_map(Ciphertext::to_bytes).collect()
	}

	/// Reads the transfers of so many columns.
	///
	/// # Errors
	///
	/// Another length, and what is no ciphertext.
	pub fn from_bytes(key: &PublicKey, columns: usize, bytes: &[u8]) -> Result<Self, MessageError> {
		let expected = columns * 2 * key.size().bytes();
		if bytes.len() != expected {
			return Err(MessageError::Length { bytes: bytes.len(), expected });
		}
		ciphertexts(key, bytes).map(Self)
	}

	/// The transfer of one column.
	pub fn get(&self, column: usize) -> Option<&Ciphertext> {
		self.0.get(column)
	}
}

impl VerifiedSelection {
	/// A fresh key for a column of the data provider `from`, and its transfer `X^kappa rho^N`.
	///
	/// `kappa` is uniform below `N`, and so is what the transfer is masked with among the `N`-th powers: of a column that
	/// is not chosen the transfer says nothing at all, to nobody.
	///
	/// # Panics
	///
	/// If there is no such column, or the operating system has no randomness.
	pub fn transfer(&self, from: &[u8; 32], column: usize) -> (ColumnKey, Ciphertext) {
		self.transfer_each(from, &[column]).pop().expect("there are as many transfers as columns")
	}

	/// As [`Self::transfer`], of many columns: several times faster where the processor has AVX-512 IFMA.
	///
	/// # Panics
	///
	/// As [`Self::transfer`].
	pub fn transfer_each(&self, from: &[u8; 32], columns: &[usize]) -> Vec<(ColumnKey, Ciphertext)> {
		let kappas: Vec<_> = columns.iter().map(|_| self.key.random_plaintext()).collect();
		let masks = self.key.encrypt_each(&vec![self.key.zero(); columns.len()]);
		let pairs = columns.iter().zip(&kappas).map(|(column, kappa)| (&self.selectors[*column], kappa));
		let scaled = self.key.scale_each(&pairs.collect::<Vec<_>>());
		let transfers = scaled.iter().zip(&masks).map(|(scaled, mask)| self.key.add(scaled, mask));
		let keys =
			columns.iter().zip(&kappas).map(|(column, kappa)| ColumnKey::new(&self.context, from, *column, kappa));
		keys.zip(transfers).collect()
	}

	/// The same with given numbers, for known answers: both must be uniform, secret and used once.
	///
	/// # Panics
	///
	/// If there is no such column, or a number belongs to a key of another size.
	pub fn transfer_with(
		&self,
		from: &[u8; 32],
		column: usize,
		kappa: &Plaintext,
		rho: &Plaintext,
	) -> (ColumnKey, Ciphertext) {
		let masked = self.key.encrypt_with(&self.key.zero(), rho);
		let transfer = self.key.add(&self.key.scale(&self.selectors[column], kappa), &masked);
		(ColumnKey::new(&self.context, from, column, kappa), transfer)
	}

	/// The chosen columns, in order: for the computing provider alone.
	///
	/// # Panics
	///
	/// If the secret key is not the one that the selection is for.
	pub fn chosen(&self, secret: &SecretKey) -> Vec<usize> {
		let one = self.key.one();
		let bits = secret.decrypt_each(&self.selectors).into_iter().enumerate();
		bits.filter_map(|(column, bit)| (bit == one).then_some(column)).collect()
	}

	fn check(&self, columns: usize) -> Result<(), TransferError> {
		let expected = self.columns();
		(columns == expected).then_some(()).ok_or(TransferError::Columns { columns, expected })
	}
}

/// The data provider `from` answers: seals every column, from a reader to a writer, and returns what opens the chosen ones.
///
/// # Errors
///
/// Not as many columns as the selection is about, and what reading and writing fail with.
///
/// # Panics
///
/// If the operating system has no randomness.
pub fn answer<R: Read, W: Write>(
	selection: &VerifiedSelection,
	from: &[u8; 32],
	columns: impl IntoIterator<Item = (R, W)>,
) -> Result<Transfers, TransferError> {
	let mut transfers = Vec::with_capacity(selection.columns());
	for (column, (plain, sealed)) in columns.into_iter().enumerate() {
		if column == selection.columns() {
			return selection.check(column + 1).map(|()| Transfers(transfers));
		}
		let (key, transfer) = selection.transfer(from, column);
		key.seal(plain, sealed).map_err(|error| TransferError::Column { column, error })?;
		transfers.push(transfer);
	}
	selection.check(transfers.len())?;
	Ok(Transfers(transfers))
}

/// The computing provider opens what the data provider `from` answered: exactly the chosen columns, in order, each from a
/// reader to a writer that are asked for by the column's number.
///
/// # Errors
///
/// Transfers of another number of columns, what reading and writing fail with, and the first column that does not open:
/// an [`Opening`](crate::Opening) then shows whose fault it is.
///
/// # Panics
///
/// If the secret key is not the one that the selection is for.
pub fn open<R: Read, W: Write>(
	secret: &SecretKey,
	selection: &VerifiedSelection,
	from: &[u8; 32],
	transfers: &Transfers,
	mut column: impl FnMut(usize) -> (R, W),
) -> Result<Vec<usize>, TransferError> {
	selection.check(transfers.0.len())?;
	let chosen = selection.chosen(secret);
	for index in chosen.iter().copied() {
		let kappa = secret.decrypt(&transfers.0[index]);
		let (sealed, plain) = column(index);
		let opened = ColumnKey::new(&selection.context, from, index, &kappa).open(sealed, plain);
		opened.map_err(|error| TransferError::Column { column: index, error })?;
	}
	Ok(chosen)
}
