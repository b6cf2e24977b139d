//! A computing provider gets exactly the chosen columns; of the others nothing opens, with all that it can compute.

mod common;

use common::{key, verified, DATA_PROVIDER, JOB, SECRET};
use encrytrust_oblivious_transfer::{
	answer, direct, open, ColumnKey, Context, KnowledgeError, MessageError, Opening, OpeningError, Place, SealError,
	Transfer, TransferError, Transfers, CHUNK,
};
use encrytrust_paillier::CiphertextError;
use proptest::prelude::*;

const PART: u32 = 3;

/// Columns of all lengths around the chunks' ends.
fn columns() -> Vec<Vec<u8>> {
	let lengths = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1];
	lengths.iter().enumerate().map(|(column, length)| vec![column as u8; *length]).collect()
}

fn answered(chosen: &[usize]) -> (Vec<Vec<u8>>, Transfers) {
	let columns = columns();
	let mut sealed = vec![vec![]; columns.len()];
	let pairs = columns.iter().zip(&mut sealed).map(|(plain, sealed)| (plain.as_slice(), sealed));
	let transfers = answer(&verified(columns.len(), chosen), &DATA_PROVIDER, PART, pairs).unwrap();
	(sealed, transfers)
}

#[test]
fn transfer_opens_only_for_selected_columns() {
	for chosen in [vec![1], vec![0, 3], vec![2, 4], vec![0, 1, 2, 3, 4]] {
		let selection = verified(5, &chosen);
		let columns = columns();
		let mut sealed = vec![vec![]; 5];
		let pairs = columns.iter().zip(&mut sealed).map(|(plain, sealed)| (plain.as_slice(), sealed));
		let transfers = answer(&selection, &DATA_PROVIDER, PART, pairs).unwrap();
		let read = Transfers::from_bytes(key(), 5, &transfers.to_bytes()).unwrap();
		assert_eq!(read, transfers);

		let mut opened = vec![vec![]; 5];
		let mut outputs: Vec<_> = opened.iter_mut().map(Some).collect();
		let source = |column: usize| (sealed[column].as_slice(), outputs[column].take().unwrap());
		assert_eq!(open(&SECRET, &selection, &DATA_PROVIDER, PART, &read, source).unwrap(), chosen);
		for column in 0..5 {
			let kappa = SECRET.decrypt(&transfers.get(column).unwrap().ciphertext);
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
		let refused = answer(&selection, &DATA_PROVIDER, PART, pairs);
		assert!(matches!(refused, Err(TransferError::Columns { columns: given, expected: 2 }) if given == columns));
	}
	let (_, transfers) = answered(&[0]);
	let refused = open(&SECRET, &selection, &DATA_PROVIDER, PART, &transfers, |_| (&b""[..], vec![]));
	assert!(matches!(refused, Err(TransferError::Columns { columns: 5, expected: 2 })));
	let bytes = transfers.to_bytes();
	let expected = MessageError::Length { bytes: bytes.len(), expected: 6 * 1536 };
	assert_eq!(Transfers::from_bytes(key(), 6, &bytes), Err(expected));
}

#[test]
fn opening_verifies_only_for_selected_column() {
	let selection = verified(2, &[1]);
	let transfer = |column| selection.transfer(&DATA_PROVIDER, PART, column).1;
	let (chosen, other) = (transfer(1), transfer(0));
	let selector = |column| selection.selector(column).unwrap();
	let prove = |transfer: &Transfer, column| transfer.verify(key(), &place(column), selector(column)).unwrap();
	let opening = Opening::new(&SECRET, &prove(&chosen, 1));
	assert_eq!(opening.verify(key(), selector(1), &chosen.ciphertext), Ok(()));
	assert_eq!(Opening::from_bytes(key(), &opening.to_bytes()), Ok(opening.clone()));

	let more = |x| key().add_plain(x, &key().one());
	let refused = Err(OpeningError::Refused);
	let other_number = Opening { kappa: more(&opening.kappa), ..opening.clone() };
	let other_root = Opening { root: more(&opening.root), ..opening.clone() };
	assert_eq!(other_number.verify(key(), selector(1), &chosen.ciphertext), refused, "another number");
	assert_eq!(other_root.verify(key(), selector(1), &chosen.ciphertext), refused, "another root");
	let other_power = Opening { power: key().add(&opening.power, &opening.power), ..opening.clone() };
	assert_eq!(other_power.verify(key(), selector(1), &chosen.ciphertext), refused, "another power");
	assert_eq!(opening.verify(key(), selector(0), &chosen.ciphertext), refused, "another selector");
	assert_eq!(opening.verify(key(), selector(1), &transfer(1).ciphertext), refused, "another transfer");
	// The accusation that a data provider sealed a column under another number than the one it transferred.
	let accusation = Opening::new(&SECRET, &prove(&other, 0));
	assert_eq!(accusation.verify(key(), selector(0), &other.ciphertext), refused, "not chosen");
}

fn place(column: usize) -> Place<'static> {
	Place { context: &JOB, from: &DATA_PROVIDER, part: PART, column }
}

#[test]
fn transfer_is_proven_in_its_place_only() {
	let selection = verified(3, &[1]);
	let selector = |column| selection.selector(column).unwrap();
	let all = selection.transfer_each(&DATA_PROVIDER, PART, &[0, 1, 2]);
	for (column, (_, transfer)) in all.iter().enumerate() {
		assert!(transfer.verify(key(), &place(column), selector(column)).is_ok(), "{column}");
		assert_eq!(Transfer::from_bytes(key(), &transfer.to_bytes()), Ok(transfer.clone()));
	}
	let (_, transfer) = &all[1];
	let refused = Err(KnowledgeError::Unproven);
	let other_job = Context { job: 8, ..JOB };
	for (name, place) in [
		("job", Place { context: &other_job, ..place(1) }),
		("data provider", Place { from: &[9; 32], ..place(1) }),
		("part", Place { part: PART + 1, ..place(1) }),
		("column", place(2)),
	] {
		assert_eq!(transfer.verify(key(), &place, selector(1)), refused, "{name}");
	}
	assert_eq!(transfer.verify(key(), &place(1), selector(2)), refused, "another selector");
	let other = &all[2].1;
	let moved = Transfer { ciphertext: other.ciphertext.clone(), ..transfer.clone() };
	assert_eq!(moved.verify(key(), &place(1), selector(1)), refused, "another transfer");
	let moved = Transfer { proof: other.proof.clone(), ..transfer.clone() };
	assert_eq!(moved.verify(key(), &place(1), selector(1)), refused, "another proof");
}

/// A product of selectors is the selection itself: whoever sends it as a transfer waits for somebody to open it.
#[test]
fn nothing_is_opened_where_a_transfer_is_not_proven() {
	let selection = verified(5, &[1]);
	let (sealed, transfers) = answered(&[1]);
	let selectors: Vec<_> =
		(0..5).map(|column| (selection.selector(column).unwrap(), key().number(1 << column))).collect();
	let oracle = key().rerandomise(&key().combine_vartime(&selectors)).to_bytes();
	let mut bytes = transfers.to_bytes();
	bytes[3 * 1536..][..512].copy_from_slice(&oracle);
	let transfers = Transfers::from_bytes(key(), 5, &bytes).unwrap();
	let source = |column: usize| -> (&[u8], Vec<u8>) { panic!("column {column} of {} is opened", sealed.len()) };
	let refused = open(&SECRET, &selection, &DATA_PROVIDER, PART, &transfers, source);
	assert!(matches!(refused, Err(TransferError::Knowledge { error: KnowledgeError::Unproven, .. })));
}

#[test]
fn transfer_has_one_encoding() {
	let bytes = verified(1, &[0]).transfer(&DATA_PROVIDER, PART, 0).1.to_bytes();
	let with = |at: usize, field: &[u8]| {
		let mut bytes = bytes.clone();
		bytes[at..][..field.len()].copy_from_slice(field);
		bytes
	};
	let modulus = key().modulus_bytes();
	let no_ciphertext = |index| MessageError::Ciphertext { index, error: CiphertextError::Range };
	let out_of_range = MessageError::OutOfRange { field: "a response" };
	for (name, bytes, error) in [
		("short", bytes[1..].to_vec(), MessageError::Length { bytes: 1535, expected: 1536 }),
		("long", [&bytes[..], &[0]].concat(), MessageError::Length { bytes: 1537, expected: 1536 }),
		("a transfer of 0", with(0, &[0; 512]), no_ciphertext(0)),
		("a commitment of 0", with(512, &[0; 512]), no_ciphertext(1)),
		("N as response", with(1024, &modulus), out_of_range.clone()),
		("N as the other response", with(1280, &modulus), out_of_range),
	] {
		assert_eq!(Transfer::from_bytes(key(), &bytes), Err(error), "{name}");
	}
}

#[test]
fn opening_from_bytes_fails_for_invalid_bytes() {
	let modulus = key().modulus_bytes();
	let length = |bytes| MessageError::Length { bytes, expected: 1024 };
	let zero = CiphertextError::Range;
	for (bytes, expected) in [
		(vec![0; 1023], length(1023)),
		(vec![0; 1025], length(1025)),
		([modulus.clone(), vec![0; 768]].concat(), MessageError::OutOfRange { field: "the number" }),
		([vec![0; 256], modulus, vec![0; 512]].concat(), MessageError::OutOfRange { field: "the root" }),
		(vec![0; 1024], MessageError::Ciphertext { index: 0, error: zero }),
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
