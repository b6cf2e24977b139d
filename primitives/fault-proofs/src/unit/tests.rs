//! Chunks: what is accepted, what is refused before anything is hashed, and what can be read from them.

use super::*;
use crate::{
	answer::Answer,
	check,
	tests::{sample, TestContract, TestSample},
	Fault,
};
use encrytrust_types::job::{
	sample::{contract, DATA},
	FaultKind, TemplateKind,
};
use proptest::prelude::*;
use std::sync::LazyLock;

const KINDS: [TemplateKind; 4] =
	[TemplateKind::ColumnSum, TemplateKind::WeightedSum, TemplateKind::RowSum, TemplateKind::RowWeightedSum];

/// A unit of each kind; the last part, if there are two.
fn units(contract: &TestContract) -> [Unit; 5] {
	let (part, outputs) = (contract.parts(1) - 1, contract.output_parts() - 1);
	[
		Unit::Selection { computing: 1 },
		Unit::Entries { data: 1, part },
		Unit::Message { data: 1, computing: 1, part },
		Unit::Outputs { computing: 1, part: outputs },
		Unit::Result { part: outputs },
	]
}

#[test]
fn every_chunk_of_an_honest_job_is_taken() {
	for kind in KINDS {
		let contract = contract(kind);
		let s = sample(&contract);
		for unit in contract.all_units() {
			for chunk in 0..contract.unit_chunks(&unit) {
				let Answer { bytes, path } = s.answer(&unit, chunk).unwrap();
				assert_eq!(Some(bytes.len() as u64), contract.chunk_bytes(&unit, chunk), "{unit:?}");
				assert_eq!(s.context().check_chunk(&unit, chunk, &bytes, &path), Ok(()), "{kind:?} {unit:?}");
			}
		}
	}
}

#[test]
fn an_entry_is_as_long_as_the_contract_says() {
	let contract = contract(TemplateKind::ColumnSum);
	let s = sample(&contract);
	for (index, entry) in s.inputs[1][0].entries.iter().enumerate() {
		let modulus = contract.computing[index / 4].paillier.len();
		assert_eq!(entry.encoded_size() as u64, entry_bytes(modulus));
	}
}

#[test]
fn another_chunk_is_refused() {
	let contract = contract(TemplateKind::RowSum);
	let s = sample(&contract);
	let context = s.context();
	for unit in units(&contract) {
		let Answer { bytes, path } = s.answer(&unit, 0).unwrap();
		let refused = |bytes: &[u8], path: &[H256], error| {
			assert_eq!(context.check_chunk(&unit, 0, bytes, path), Err(error), "{unit:?}");
		};
		assert_eq!(context.check_chunk(&unit, 1, &bytes, &path), Err(FaultError::OutOfRange));
		refused(&bytes, &[&path[..], &[H256::zero()]].concat(), FaultError::PathLength);
		refused(&bytes, &path[1..], FaultError::PathLength);
		for place in 0..path.len() {
			let mut other = path.clone();
			other[place].0[0] ^= 1;
			refused(&bytes, &other, FaultError::NotCommitted);
		}
		let nothing = FaultContext {
			genesis: context.genesis,
			job: context.job,
			contract: &contract,
			roots: |_, _: &u64| None,
			integers: context.integers,
		};
		assert_eq!(nothing.check_chunk(&unit, 0, &bytes, &path), Err(FaultError::NotDelivered));
	}
	let elsewhere = Unit::Message { data: 3, computing: 0, part: 0 };
	assert_eq!(context.check_chunk(&elsewhere, 0, &[], &[]), Err(FaultError::OutOfRange));
}

static ROWS: LazyLock<TestContract> = LazyLock::new(|| contract(TemplateKind::RowSum));
static SAMPLE: LazyLock<TestSample<'static>> = LazyLock::new(|| sample(&ROWS));

proptest! {
	#[test]
	fn every_byte_of_a_chunk_is_covered(unit in 0usize..5, place: prop::sample::Index, bit in 0u8..8) {
		let unit = units(&ROWS)[unit];
		let Answer { mut bytes, path } = SAMPLE.answer(&unit, 0).unwrap();
		let place = place.index(bytes.len());
		bytes[place] ^= 1 << bit;
		prop_assert_eq!(SAMPLE.context().check_chunk(&unit, 0, &bytes, &path), Err(FaultError::NotCommitted));
	}

	#[test]
	fn no_bytes_make_a_reader_panic(unit in 0usize..5, chunk in 0u32..3, bytes in prop::collection::vec(any::<u8>(), 0..500), hashes in 0usize..9) {
		prop_assert!(SAMPLE.context().check_chunk(&units(&ROWS)[unit], chunk, &bytes, &vec![H256::zero(); hashes]).is_err());
	}
}

/// Where an entry of the last part of the second data provider's message begins, and how long it is.
fn first_entry(contract: &TestContract) -> usize {
	entry_bytes(contract.computing[1].paillier.len()) as usize
}

#[test]
fn chunks_of_another_form_are_refused_before_anything_is_hashed() {
	let contract = contract(TemplateKind::RowSum);
	let s = sample(&contract);
	let context = s.context();
	let [selection, entries, message, outputs, result] = units(&contract);
	let transfer = 2 * contract.computing[1].paillier.len();
	let entry = first_entry(&contract);
	let changed = |unit: &Unit, change: &dyn Fn(&mut Vec<u8>)| {
		let mut bytes = s.answer(unit, 0).unwrap().bytes;
		change(&mut bytes);
		bytes
	};
	let cut: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes.truncate(bytes.len() - 1);
	let longer: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes.push(0);
	let none: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes.clear();
	// Behind the transfer stand the root over the packets, their number, the root over the ciphertexts, and their number.
	let packets: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes[entry - 40] ^= 1;
	let blocks: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes[entry - 4] ^= 1;
	let length: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes[0] += 4;
	let many: &dyn Fn(&mut Vec<u8>) = &|bytes| bytes.splice(..4, [0xfe, 0xff, 0xff, 0xff]).for_each(drop);
	assert!(entry > transfer);
	for (unit, changes) in [
		(selection, vec![cut, longer, none]),
		(entries, vec![cut, longer, none, length, many]),
		(message, vec![cut, longer, none, packets, blocks, length, many]),
		(outputs, vec![cut, longer, none]),
		(result, vec![cut, longer, none]),
	] {
		let path = s.answer(&unit, 0).unwrap().path;
		for (number, change) in changes.into_iter().enumerate() {
			let bytes = changed(&unit, change);
			let read = context.read_chunk(&unit, 0, &bytes).err();
			assert_eq!(read, Some(FaultError::NotCommitted), "{unit:?} {number}");
			assert_eq!(context.check_chunk(&unit, 0, &bytes, &path), Err(FaultError::NotCommitted));
		}
	}
}

type Irregular = (&'static str, fn(&mut TestSample));

/// What a data provider seals in another way than the contract says, and commits to: it has no answer.
#[test]
fn who_has_sealed_irregularly_has_no_answer() {
	fn reseal(s: &mut TestSample, packets: Vec<Vec<u8>>, says: u32) {
		let index = s.entry_index([1, 1, 2]);
		let entry = &mut s.inputs[1][0].entries[index];
		(entry.sealed, entry.chunks) = (merkle::root(&wire::leaves(packets.iter())), says);
		s.chunks[1][0][index] = packets;
	}
	fn sealed(s: &TestSample) -> Vec<u8> {
		s.chunks[1][0][s.entry_index([1, 1, 2])].concat()
	}
	let contract = contract(TemplateKind::RowSum);
	let honest = sample(&contract);
	let count = honest.inputs[1][0].entries[0].chunks;
	let irregular: [Irregular; 6] = [
		("one empty packet", |s| reseal(s, vec![vec![]], 1)),
		("no packet", |s| reseal(s, vec![], 0)),
		("a packet too long", |s| {
			let bytes = [sealed(s), vec![0; 8_208]].concat();
			reseal(s, vec![bytes], 1);
		}),
		("a byte less", |s| {
			let bytes = sealed(s);
			reseal(s, vec![bytes[1..].to_vec()], 1);
		}),
		("shifted boundaries", |s| {
			let bytes = sealed(s);
			reseal(s, vec![bytes[..100].to_vec(), bytes[100..].to_vec()], 2);
		}),
		("shifted boundaries, and as many as must be", |s| {
			let bytes = sealed(s);
			reseal(s, vec![bytes[..100].to_vec(), bytes[100..].to_vec()], 1);
		}),
	];
	assert_eq!(count, 1);
	for (name, change) in irregular {
		let mut s = honest.clone();
		change(&mut s);
		let unit = Unit::Message { data: 1, computing: 1, part: 0 };
		// Whatever it sends: what is as long as it must be does not hash to the commitment.
		let chunks = contract.unit_chunks(&unit);
		let taken = |chunk: u32| {
			let Some(Answer { bytes, path }) = s.answer(&unit, chunk) else { return false };
			s.context().check_chunk(&unit, chunk, &bytes, &path).is_ok()
		};
		assert!(!(0..chunks).all(taken), "{name}");
		assert!(honest.answers(&unit).is_some());
	}
}

/// Of several packets, under a key of 2,048 bits of 16 blocks each, under one of 3,072 bits of 10.
#[test]
fn shifted_boundaries_are_no_answer() {
	for (modulus, whole) in [(256, 16), (384, 10)] {
		let mut contract = contract(TemplateKind::RowSum);
		contract.user_key = vec![0xff; modulus].try_into().unwrap();
		let per_block = contract.packing().rows_per_block().unwrap();
		contract.data.iter_mut().for_each(|data| data.rows = 1);
		contract.data[1].rows = (whole + 1) * per_block;
		let mut s = sample(&contract);
		let unit = Unit::Message { data: 1, computing: 1, part: 0 };
		let honest = s.answers(&unit).unwrap();
		assert!(s.context().read_message(1, 1, 0, &honest).is_some());
		let index = s.entry_index([1, 1, 2]);
		assert_eq!(s.inputs[1][0].entries[index].chunks, 2);
		let sealed = s.chunks[1][0][index].concat();
		for at in [2 * modulus + 16, 8_192 + 16, sealed.len() - 1] {
			let packets = vec![sealed[..at].to_vec(), sealed[at..].to_vec()];
			let regular = packets == s.chunks[1][0][index];
			let mut other = s.clone();
			other.inputs[1][0].entries[index].sealed = merkle::root(&wire::leaves(packets.iter()));
			other.chunks[1][0][index] = packets;
			let answers = other.answers(&unit).unwrap();
			assert_eq!(other.context().read_message(1, 1, 0, &answers).is_some(), regular, "{modulus} {at}");
		}
		s.chunks[1][0][index].swap(0, 1);
		assert!(s.context().read_message(1, 1, 0, &s.answers(&unit).unwrap()).is_none());
	}
}

#[test]
fn what_was_published_is_read_back() {
	for kind in [TemplateKind::ColumnSum, TemplateKind::RowSum] {
		let contract = contract(kind);
		let s = sample(&contract);
		let context = s.context();
		let [selection, entries, message, outputs, result] = units(&contract).map(|unit| s.answers(&unit).unwrap());
		let (part, last) = (contract.parts(1) - 1, contract.output_parts() - 1);
		let shown = context.shown_message(&s.messages, 1).unwrap();
		let top_path = shown.top_path.to_vec();
		assert_eq!(context.read_selection(1, &selection), Some((s.messages[1].clone(), top_path)));
		let inputs = s.part_of_inputs(1, part).unwrap();
		assert_eq!(context.read_entries(1, part, &entries), Some(inputs.clone()));
		let read = context.read_message(1, 1, part, &message).unwrap();
		let first = context.entry_index(1, 0);
		let chunks = s.chunks[1][part as usize][first as usize..].iter().map(|packets| packets.concat());
		assert_eq!(read.sealed, chunks.collect::<Vec<_>>());
		for feature in 0..4 {
			let run = read.runs.iter().find(|run| run.entry(first + u32::from(feature)).is_some()).unwrap();
			assert_eq!(context.entry(run, 1, feature), context.entry(&inputs, 1, feature), "{feature}");
			let index = first + u32::from(feature);
			assert_eq!(run.ciphertexts(index), inputs.ciphertexts(index));
		}
		let [unit_of_outputs, unit_of_result] =
			[Unit::Outputs { computing: 1, part: last }, Unit::Result { part: last }];
		for (unit, answers, product) in [(unit_of_outputs, outputs, &s.outputs[1]), (unit_of_result, result, &s.result)]
		{
			let parts = s.parts(product);
			let (read, above) = context.read_trees(&unit, &answers).unwrap();
			assert_eq!(read, parts[last as usize]);
			let shown = context.part_of_trees(unit.stage(), last, &read, &above).unwrap();
			assert_eq!(context.trees_chunk(&unit, 0, &shown), Some(answers[0].clone()));
			assert_eq!(context.read_trees(&unit, &[]).map(|_| ()), None);
		}
	}
}

/// A proof about a feature is made from the message alone, and about an entry from either unit.
#[test]
fn proofs_are_made_from_answers() {
	let contract = contract(TemplateKind::RowSum);
	let mut s = sample(&contract);
	let place = [1, 1, 2];
	let mut plain = s.ciphertexts(place, 1).unwrap();
	plain.swap(3, 4);
	s.reseal(place, 1, &plain.concat()).unwrap();
	let index = s.entry_index(place);
	s.inputs[1][1].entries[index + 1].transfer.iter_mut().for_each(|byte| *byte = 0);
	let context = s.context();
	let message = Unit::Message { data: 1, computing: 1, part: 1 };
	let read = context.read_message(1, 1, 1, &s.answers(&message).unwrap()).unwrap();
	let run = read.runs.iter().find(|run| run.entry(index as u32).is_some()).unwrap();
	let packets: Vec<_> = wire::sealed_chunks(&read.sealed[2], 38).collect();
	let shown = context.shown_message(&s.messages, 1).unwrap();
	let opening = s.opening(place, 1).unwrap();
	let fault = context.column_fault(place, &shown, run, opening, &packets, 3).unwrap();
	assert_eq!(check(&context, &fault).map(|verdict| verdict.kind), Ok(FaultKind::Column));
	let entries = context.read_entries(1, 1, &s.answers(&Unit::Entries { data: 1, part: 1 }).unwrap()).unwrap();
	for run in read.runs.iter().chain([&entries]) {
		let Some(fault) = context.find_entry_fault(1, run) else { continue };
		let verdict = check(&context, &fault).unwrap();
		assert_eq!((verdict.offender, verdict.kind), (DATA[1], FaultKind::Entry));
		assert!(matches!(fault, Fault::Entry { feature: 3, computing: 1, .. }));
	}
	assert!(context.find_entry_fault(1, &entries).is_some());
}
