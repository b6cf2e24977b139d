//! A computing provider gets exactly the chosen columns; of the others nothing opens, with all that it can compute.

mod common;

use common::{key, verified, DATA_PROVIDER, JOB, SECRET};
use encrytrust_oblivious_transfer::{
	answer, direct, open, ColumnKey, Context, MessageError, Opening, OpeningError, SealError, TransferError, Transfers,
	CHUNK,
};
use proptest::prelude::*;

/// Columns of all lengths around the chunks' ends.
fn columns() -> Vec<Vec<u8>> {
	let lengths = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1];
	lengths.iter().enumerate().map(|(column, length)| vec![column as u8; *length]).collect()
}

fn answered(chosen: &[usize]) -> (Vec<Vec<u8>>, Transfers) {
	let columns = columns();
	let mut sealed = vec![vec![]; columns.len()];
	let pairs = columns.iter().zip(&mut sealed).map(|(plain, sealed)| (plain.as_slice(), sealed));
	let transfers = answer(&verified(columns.len(), chosen), &DATA_PROVIDER, pairs).unwrap();
	(sealed, transfers)
}

#[test]
fn transfer_opens_only_for_selected_columns() {
	for chosen in [vec![1], vec![0, 3], vec![2, 4], vec![0, 1, 2, 3, 4]] {
		let selection = verified(5, &chosen);
		let columns = columns();
		let mut sealed = vec![vec![]; 5];
		let pairs = columns.iter().zip(&mut sealed).map(|(plain, sealed)| (plain.as_slice(), sealed));
		let transfers = answer(&selection, &DATA_PROVIDER, pairs).unwrap();
		let read = Transfers::from_bytes(key(), 5, &transfers.to_bytes()).unwrap();
		assert_eq!(read, transfers);

		let mut opened = vec![vec![]; 5];
		let mut outputs: Vec<_> = opened.iter_mut().map(Some).collect();
		let source = |column: usize| (sealed[column].as_slice(), outputs[column].take().unwrap());
		assert_eq!(open(&SECRET, &selection, &DATA_PROVIDER, &read, source).unwrap(), chosen);
		for column in 0..5 {
			let kappa = SECRET.decrypt(transfers.get(column).unwrap());
			if chosen.contains(&column) {
				assert_eq!(opened[column], columns[column]);
				continue;
			}
			// All that is left is 0, the same whatever the column's key is.
			assert!(opened[column].is_empty() && kappa == key().zero());
			let guess = ColumnKey::new(&JOB, &DATA_PROVIDER, column, &kappa);
			assert!(matches!(guess.open(sealed[column].as_slice(), vec![]), Err(SealError::Refused { chunk: 0 })));
		}
	}
}

#[test]
fn sealed_column_opens_only_unchanged_and_in_its_context() {
	let kappa = key().random_plaintext();
	let column_key = |context: &Context, from, column| ColumnKey::new(context, from, column, &kappa);
	let plain = vec![7; 2 * CHUNK + 5];
	let mut sealed = vec![];
	let written = column_key(&JOB, &DATA_PROVIDER, 3).seal(plain.as_slice(), &mut sealed).unwrap();
	assert_eq!((written, sealed.len()), (plain.len() as u64 + 3 * 16, plain.len() + 3 * 16));

	let open = |key: &ColumnKey, sealed: &[u8]| {
		let mut opened = vec![];
		key.open(sealed, &mut opened).map(|_| opened)
	};
	let right = column_key(&JOB, &DATA_PROVIDER, 3);
	assert_eq!(open(&right, &sealed).unwrap(), plain);
	let full = CHUNK + 16;
	let changed = |at: usize| {
		let mut changed = sealed.clone();
		changed[at] ^= 1;
		changed
	};
	let swapped = [&sealed[full..2 * full], &sealed[..full], &sealed[2 * full..]].concat();
	for (name, sealed, refused) in [
		("first byte", changed(0), 0),
		("last tag", changed(sealed.len() - 1), 2),
		("cut in a chunk", sealed[..sealed.len() - 1].to_vec(), 2),
		("cut between chunks", sealed[..2 * full].to_vec(), 1),
		("nothing", vec![], 0),
		("longer", [&sealed[..], &[0]].concat(), 2),
		("swapped", swapped, 0),
	] {
		assert!(matches!(open(&right, &sealed), Err(SealError::Refused { chunk }) if chunk == refused), "{name}");
	}
	for (name, key) in [
		("job", column_key(&Context { job: 8, ..JOB }, &DATA_PROVIDER, 3)),
		("provider", column_key(&Context { provider: [9; 32], ..JOB }, &DATA_PROVIDER, 3)),
		("data provider", column_key(&JOB, &[9; 32], 3)),
		("column", column_key(&JOB, &DATA_PROVIDER, 2)),
	] {
		assert!(matches!(open(&key, &sealed), Err(SealError::Refused { chunk: 0 })), "{name}");
	}
	assert_eq!(**right.open_chunk(1, false, &sealed[full..2 * full]).unwrap(), plain[..CHUNK]);
}

#[test]
fn transfer_fails_for_wrong_number_of_columns() {
	let selection = verified(2, &[0]);
	for columns in [0, 1, 3] {
		let pairs = (0..columns).map(|_| (&b"column"[..], vec![]));
		let refused = answer(&selection, &DATA_PROVIDER, pairs);
		assert!(matches!(refused, Err(TransferError::Columns { columns: given, expected: 2 }) if given == columns));
	}
	let (_, transfers) = answered(&[0]);
	let refused = open(&SECRET, &selection, &DATA_PROVIDER, &transfers, |_| (&b""[..], vec![]));
	assert!(matches!(refused, Err(TransferError::Columns { columns: 5, expected: 2 })));
	let bytes = transfers.to_bytes();
	let expected = MessageError::Length { bytes: bytes.len(), expected: 6 * 512 };
	assert_eq!(Transfers::from_bytes(key(), 6, &bytes), Err(expected));
}

#[test]
fn opening_verifies_only_for_selected_column() {
	let selection = verified(2, &[1]);
	let transfer = |column| selection.transfer(&DATA_PROVIDER, column).1;
	let (chosen, other) = (transfer(1), transfer(0));
	let selector = |column| selection.selector(column).unwrap();
	let opening = Opening::new(&SECRET, selector(1), &chosen);
	assert_eq!(opening.verify(key(), selector(1), &chosen), Ok(()));
	assert_eq!(Opening::from_bytes(key(), &opening.to_bytes()), Ok(opening.clone()));

	let more = |x| key().add_plain(x, &key().one());
	let refused = Err(OpeningError::Refused);
	let other_number = Opening { kappa: more(&opening.kappa), ..opening.clone() };
	let other_root = Opening { root: more(&opening.root), ..opening.clone() };
	assert_eq!(other_number.verify(key(), selector(1), &chosen), refused, "another number");
	assert_eq!(other_root.verify(key(), selector(1), &chosen), refused, "another root");
	assert_eq!(opening.verify(key(), selector(0), &chosen), refused, "another selector");
	assert_eq!(opening.verify(key(), selector(1), &transfer(1)), refused, "another transfer");
	// The accusation that a data provider sealed a column under another number than the one it transferred.
	assert_eq!(Opening::new(&SECRET, selector(0), &other).verify(key(), selector(0), &other), refused, "not chosen");
}

#[test]
fn opening_from_bytes_fails_for_invalid_bytes() {
	let modulus = key().modulus_bytes();
	let length = |bytes| MessageError::Length { bytes, expected: 512 };
	for (bytes, expected) in [
		(vec![0; 511], length(511)),
		(vec![0; 513], length(513)),
		([modulus.clone(), vec![0; 256]].concat(), MessageError::OutOfRange { field: "the number" }),
		([vec![0; 256], modulus].concat(), MessageError::OutOfRange { field: "the root" }),
	] {
		assert_eq!(Opening::from_bytes(key(), &bytes), Err(expected));
	}
}

#[test]
fn direct_open_fails_for_missing_or_wrong_limbs() {
	let selection = verified(1, &[0]);
	let limbs = direct::answer(&selection, 0, &[0xff; 512]);
	assert_eq!(limbs.len(), 3);
	let missing = direct::DirectError::Limbs { bytes: 512, limbs: 2, expected: 3 };
	assert_eq!(direct::open(&SECRET, &limbs[..2], 512), Err(missing));
	// Read as the last limb of a shorter value the first one is too large.
	assert_eq!(direct::open(&SECRET, &limbs[..1], 254), Err(direct::DirectError::TooLarge { limb: 0 }));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4))]

	#[test]
	fn direct_open_returns_value_if_selected_else_zeros(value in prop::collection::vec(any::<u8>(), 1..600)) {
		let selection = verified(2, &[1]);
		for (column, expected) in [(0, vec![0; value.len()]), (1, value.clone())] {
			let limbs = direct::answer(&selection, column, &value);
			prop_assert_eq!(&**direct::open(&SECRET, &limbs, value.len()).unwrap(), &expected[..]);
		}
	}
}
