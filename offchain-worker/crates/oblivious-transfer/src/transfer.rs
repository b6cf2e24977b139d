//! Bulk mode: a column is sealed once, and its key is transferred obliviously, one exponentiation a column.

use crate::{
	encoding::MessageError,
	knowledge::{prove, KnowledgeError, Known, Place, Transfer},
	sealing::{ColumnKey, SealError},
	selection::VerifiedSelection,
};
use encrytrust_paillier::{Plaintext, PublicKey, SecretKey};
use std::io::{Read, Write};

/// For each column its transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfers(Vec<Transfer>);

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
	/// A transfer that is not proven.
	#[error("column {column}: {error}")]
	Knowledge {
		/// The column's index.
		column: usize,
		/// What is wrong with it.
		error: KnowledgeError,
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

/// The numbers of one transfer: each uniform below `N`, secret and used once.
#[derive(Clone, Debug)]
pub struct TransferSecrets {
	/// What the column's key is derived from.
	pub kappa: Plaintext,
	/// What masks it.
	pub rho: Plaintext,
	/// `a`, the nonce of the proof about `kappa`.
	pub kappa_nonce: Plaintext,
	/// `s`, that of the proof about `rho`.
	pub rho_nonce: Plaintext,
}

impl TransferSecrets {
	fn random(key: &PublicKey) -> Self {
		let draw = || key.random_plaintext();
		Self { kappa: draw(), rho: draw(), kappa_nonce: draw(), rho_nonce: draw() }
	}
}

impl Transfers {
	/// `6 |N|` bytes for each column.
	pub fn to_bytes(&self) -> Vec<u8> {
		self.0.iter().flat_map(Transfer::to_bytes).collect()
	}

	/// Reads the transfers of so many columns.
	///
	/// # Errors
	///
	/// Another length, and what is no transfer.
	pub fn from_bytes(key: &PublicKey, columns: usize, bytes: &[u8]) -> Result<Self, MessageError> {
		let each = Transfer::bytes(key.size().bytes());
		let expected = columns * each;
		if bytes.len() != expected {
			return Err(MessageError::Length { bytes: bytes.len(), expected });
		}
		bytes.chunks(each).map(|bytes| Transfer::from_bytes(key, bytes)).collect::<Result<_, _>>().map(Self)
	}

	/// The transfer of one column.
	pub fn get(&self, column: usize) -> Option<&Transfer> {
		self.0.get(column)
	}
}

impl VerifiedSelection {
	/// A fresh key for a column of a part of the data provider `from`, and its transfer `X^kappa rho^N`, proven.
	///
	/// `kappa` is uniform below `N`, and so is what the transfer is masked with among the `N`-th powers: of a column that
	/// is not chosen the transfer says nothing at all, to nobody.
	///
	/// # Panics
	///
	/// If there is no such column, or the operating system has no randomness.
	pub fn transfer(&self, from: &[u8; 32], part: u32, column: usize) -> (ColumnKey, Transfer) {
		self.transfer_each(from, part, &[column]).pop().expect("there are as many transfers as columns")
	}

	/// As [`Self::transfer`], of many columns: several times faster where the processor has AVX-512 IFMA.
	///
	/// # Panics
	///
	/// As [`Self::transfer`].
	pub fn transfer_each(&self, from: &[u8; 32], part: u32, columns: &[usize]) -> Vec<(ColumnKey, Transfer)> {
		let draw = |_| TransferSecrets::random(&self.key);
		self.transfer_all(from, part, columns, &columns.iter().map(draw).collect::<Vec<_>>())
	}

	/// The same with given numbers, for known answers.
	///
	/// # Panics
	///
	/// If there is no such column, or a number belongs to a key of another size.
	pub fn transfer_with(
		&self,
		from: &[u8; 32],
		part: u32,
		column: usize,
		secrets: TransferSecrets,
	) -> (ColumnKey, Transfer) {
		self.transfer_all(from, part, &[column], &[secrets]).pop().expect("there are as many transfers as columns")
	}

	/// Transfers and commitments are made alike and together: `X^kappa rho^N`, `X^a s^N`.
	fn transfer_all(
		&self,
		from: &[u8; 32],
		part: u32,
		columns: &[usize],
		secrets: &[TransferSecrets],
	) -> Vec<(ColumnKey, Transfer)> {
		let key = &self.key;
		let selectors: Vec<_> = columns.iter().map(|column| &self.selectors[*column]).collect();
		let pairs = selectors.iter().zip(secrets);
		let exponents: Vec<_> =
			pairs.flat_map(|(selector, of)| [(*selector, &of.kappa), (*selector, &of.kappa_nonce)]).collect();
		let zero = key.zero();
		let roots: Vec<_> = secrets.iter().flat_map(|of| [(&zero, &of.rho), (&zero, &of.rho_nonce)]).collect();
		let scaled = key.scale_each(&exponents);
		let masks = key.encrypt_each_with(&roots);
		let masked: Vec<_> = scaled.iter().zip(&masks).map(|(scaled, mask)| key.add(scaled, mask)).collect();
		let places = columns.iter().zip(selectors).zip(secrets).zip(masked.as_chunks::<2>().0);
		let known = places.map(|(((column, selector), of), [transfer, commitment])| Known {
			place: Place { context: &self.context, from, part, column: *column },
			selector,
			transfer: transfer.clone(),
			secrets: [&of.kappa, &of.rho],
			nonces: [&of.kappa_nonce, &of.rho_nonce],
			commitment: commitment.clone(),
		});
		let transfers = prove(key, known.collect());
		let keys = columns.iter().zip(secrets);
		let keys = keys.map(|(column, of)| ColumnKey::new(&self.context, from, *column, &of.kappa));
		keys.zip(transfers).collect()
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

/// The data provider `from` answers with a part of its data: seals every column, from a reader to a writer, and returns
/// what opens the chosen ones.
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
	part: u32,
	columns: impl IntoIterator<Item = (R, W)>,
) -> Result<Transfers, TransferError> {
	let mut transfers = Vec::with_capacity(selection.columns());
	for (column, (plain, sealed)) in columns.into_iter().enumerate() {
		if column == selection.columns() {
			return selection.check(column + 1).map(|()| Transfers(transfers));
		}
		let (key, transfer) = selection.transfer(from, part, column);
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
/// Transfers of another number of columns, or one that is not proven: then nothing is opened; what reading and writing
/// fail with, and the first column that does not open: an [`Opening`](crate::Opening) then shows whose fault it is.
///
/// # Panics
///
/// If the secret key is not the one that the selection is for.
pub fn open<R: Read, W: Write>(
	secret: &SecretKey,
	selection: &VerifiedSelection,
	from: &[u8; 32],
	part: u32,
	transfers: &Transfers,
	mut column: impl FnMut(usize) -> (R, W),
) -> Result<Vec<usize>, TransferError> {
	selection.check(transfers.0.len())?;
	for (column, transfer) in transfers.0.iter().enumerate() {
		let place = Place { context: &selection.context, from, part, column };
		let verified = transfer.verify(&selection.key, &place, &selection.selectors[column]);
		verified.map_err(|error| TransferError::Knowledge { column, error })?;
	}
	let chosen = selection.chosen(secret);
	for index in chosen.iter().copied() {
		let kappa = secret.decrypt(&transfers.0[index].ciphertext);
		let (sealed, plain) = column(index);
		let opened = ColumnKey::new(&selection.context, from, index, &kappa).open(sealed, plain);
		opened.map_err(|error| TransferError::Column { column: index, error })?;
	}
	Ok(chosen)
}
