//! A message is accepted if and only if it is a selection, and says nothing but its count.

mod common;

use common::{key, message, JOB, PROVEN};
use encrytrust_oblivious_transfer::{
	Context, MessageError, ProofError, Selection, SelectionError, SelectionMessage, MAX_COLUMNS,
};
use encrytrust_paillier::{key_proof::ProvenKey, CiphertextError, KeySize, SecretKey};
use proptest::prelude::*;

/// Bytes of a ciphertext and of a number below `N`.
const GROUP: usize = 512;
const NUMBER: usize = 256;

#[test]
fn new_fails_for_invalid_selections() {
	for (columns, chosen, expected) in [
		(0, vec![], SelectionError::Columns { columns: 0 }),
		(MAX_COLUMNS + 1, vec![0], SelectionError::Columns { columns: MAX_COLUMNS + 1 }),
		(3, vec![], SelectionError::Empty),
		(3, vec![0, 3], SelectionError::NoSuchColumn { column: 3, columns: 3 }),
		(3, vec![1, 2, 1], SelectionError::Twice { column: 1 }),
	] {
		assert_eq!(Selection::new(columns, &chosen).map(|_| ()), Err(expected));
	}
	assert!(Selection::new(MAX_COLUMNS, &[MAX_COLUMNS - 1]).is_ok());
}

#[test]
fn debug_hides_selection() {
	assert_eq!(format!("{:?}", Selection::new(30, &[4, 7]).unwrap()), "Selection(2 of 30)");
}

#[test]
fn verify_fails_in_another_context() {
	let other_key = SecretKey::generate(KeySize::Bits2048);
	let other_message = SelectionMessage::prove(&Selection::new(3, &[1]).unwrap(), other_key.public(), &JOB);
	assert!(other_message.verify(&ProvenKey::own(&other_key), &JOB, 3, 1).is_ok());

	let message = message(3, &[1]);
	let refused = |count| Err(ProofError::Refused { count });
	for (name, context, columns, count, expected) in [
		("chain", Context { genesis: [9; 32], ..JOB }, 3, 1, refused(1)),
		("job", Context { job: 8, ..JOB }, 3, 1, refused(1)),
		("coordinator", Context { coordinator: [9; 32], ..JOB }, 3, 1, refused(1)),
		("provider", Context { provider: [9; 32], ..JOB }, 3, 1, refused(1)),
		("fewer", JOB, 3, 0, refused(0)),
		("more", JOB, 3, 2, refused(2)),
		("columns", JOB, 4, 1, Err(ProofError::Columns { columns: 3, expected: 4 })),
		("none of these", JOB, 3, 1, Ok(())),
	] {
		assert_eq!(message.clone().verify(&PROVEN, &context, columns, count).map(|_| ()), expected, "{name}");
	}
}

#[test]
fn selectors_are_determined_by_their_roots_when_seeded() {
	let (selection, roots) = (Selection::new(3, &[0, 2]).unwrap(), [(); 3].map(|()| key().random_plaintext()));
	let message = || SelectionMessage::prove_determined(&selection, key(), &JOB, &roots);
	let verified = message().verify(&PROVEN, &JOB, 3, 2).unwrap();
	for (column, (root, bit)) in roots.iter().zip([key().one(), key().zero(), key().one()]).enumerate() {
		assert_eq!(verified.selector(column), Some(&key().encrypt_with(&bit, root)));
	}
	// The proof's own randomness is drawn again each time.
	assert_ne!(message(), message());
}

/// Each field of a message of two columns, replaced by another good value of its kind.
#[test]
fn verify_fails_when_any_field_changes() {
	let message = message(2, &[0]).to_bytes();
	let ciphertexts = ["selector 0", "selector 1", "0 is 0", "0 is 1", "1 is 0", "1 is 1", "count"];
	let mut fields: Vec<_> =
		ciphertexts.iter().enumerate().map(|(index, name)| (*name, index * GROUP, GROUP)).collect();
	fields.extend([("challenge 0", 7 * GROUP, 16), ("challenge 1", 7 * GROUP + 16, 16)]);
	fields.push(("response", 7 * GROUP + 32, NUMBER));
	for (name, at, length) in fields {
		let other = match length {
			GROUP => key().encrypt(&key().one()).to_bytes(),
			NUMBER => key().random_plaintext().to_bytes(),
			_ => vec![7; length],
		};
		let mut changed = message.clone();
		changed[at..at + length].copy_from_slice(&other);
		let read = SelectionMessage::from_bytes(key(), 2, &changed).unwrap();
		assert_eq!(read.verify(&PROVEN, &JOB, 2, 1), Err(ProofError::Refused { count: 1 }), "{name}");
	}
}

#[test]
fn from_bytes_fails_for_invalid_bytes() {
	let bytes = message(2, &[0]).to_bytes();
	let expected = bytes.len();
	assert_eq!(expected, SelectionMessage::bytes(KeySize::Bits2048, 2));
	for (name, columns, bytes, error) in [
		("no column", 0, vec![], MessageError::Columns { columns: 0 }),
		("too many", MAX_COLUMNS + 1, vec![], MessageError::Columns { columns: MAX_COLUMNS + 1 }),
		("short", 2, bytes[1..].to_vec(), MessageError::Length { bytes: expected - 1, expected }),
		("long", 2, [&bytes[..], &[0]].concat(), MessageError::Length { bytes: expected + 1, expected }),
		("0", 2, with(&bytes, GROUP, &[0; GROUP]), ciphertext(1, CiphertextError::Range)),
		("N^2 or more", 2, with(&bytes, 6 * GROUP, &[0xff; GROUP]), ciphertext(6, CiphertextError::Range)),
		(
			"N",
			2,
			with(&bytes, 0, &[vec![0; NUMBER], key().modulus_bytes()].concat()),
			ciphertext(0, CiphertextError::NotCoprime),
		),
		(
			"N as response",
			2,
			with(&bytes, expected - NUMBER, &key().modulus_bytes()),
			MessageError::OutOfRange { field: "the response" },
		),
	] {
		assert_eq!(SelectionMessage::from_bytes(key(), columns, &bytes), Err(error), "{name}");
	}
}

fn with(bytes: &[u8], at: usize, field: &[u8]) -> Vec<u8> {
	let mut bytes = bytes.to_vec();
	bytes[at..at + field.len()].copy_from_slice(field);
	bytes
}

fn ciphertext(index: usize, error: CiphertextError) -> MessageError {
	MessageError::Ciphertext { index, error }
}

/// What a data provider sees of two selections of equal count differs in random numbers alone.
#[test]
fn messages_share_no_field_for_equal_counts() {
	let [a, b] = [[0, 1], [2, 4]].map(|chosen| message(5, &chosen).to_bytes());
	assert_eq!(a.len(), b.len());
	let fields = |bytes: &[u8]| bytes.chunks(GROUP).map(<[u8]>::to_vec).collect::<Vec<_>>();
	let all: std::collections::BTreeSet<_> = fields(&a).into_iter().chain(fields(&b)).collect();
	assert_eq!(all.len(), fields(&a).len() + fields(&b).len(), "no field is there twice");
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(6))]

	#[test]
	fn selection_verifies_and_decrypts_for_all_bits(bits in prop::collection::vec(any::<bool>(), 1..6)) {
		let chosen: Vec<_> = (0..bits.len()).filter(|column| bits[*column]).collect();
		prop_assume!(!chosen.is_empty());
		let message = message(bits.len(), &chosen);
		let read = SelectionMessage::from_bytes(key(), bits.len(), &message.to_bytes()).unwrap();
		prop_assert_eq!(&read, &message);
		let verified = read.verify(&PROVEN, &JOB, bits.len(), chosen.len()).unwrap();
		prop_assert_eq!((verified.columns(), verified.count()), (bits.len(), chosen.len()));
		prop_assert_eq!(verified.chosen(&common::SECRET), chosen);
	}

	#[test]
	fn verify_fails_for_changed_bytes(at in any::<prop::sample::Index>(), change in 1u8..) {
		let mut bytes = message(1, &[0]).to_bytes();
		*at.get_mut(&mut bytes) ^= change;
		if let Ok(read) = SelectionMessage::from_bytes(key(), 1, &bytes) {
			prop_assert!(read.verify(&PROVEN, &JOB, 1, 1).is_err());
		}
	}
}
