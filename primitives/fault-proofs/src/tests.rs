//! Every fault is found and shown, nothing else is; on moduli so short that all of it takes a moment.

use super::{
	big_integers::Native,
	context::FaultContext,
	fault::*,
	product_tree::{Child, NodeProof, Tree},
	ring::Ring,
	sample::Sample,
	transcript::Transcript,
	transfer_proof::TransferProof,
	verdict::{FaultError, Verdict},
	wire::{self, Entry, Product, SEALED_CHUNK},
	*,
};
use codec::{Decode, Encode};
use encrytrust_types::{
	job::{
		sample::{contract, genesis, selection, SmallContract, COORDINATOR, JOB},
		FaultKind, FeatureChoice, FeatureOpening, Role, Selection, Stage, TemplateKind, TreeShape, Unit,
	},
	merkle::{self, Path},
	Modulus, Number,
};
use num_bigint::BigUint;
use primitive_types::H256;
use proptest::prelude::*;

pub(super) type TestContract = SmallContract;
pub(super) type TestSample<'a> = Sample<'a, u64, u128, u32>;

pub(super) fn sample(contract: &TestContract) -> TestSample<'_> {
	Sample::new(genesis(), JOB, contract, selection(), &Native).unwrap()
}

/// The first fault that an honest party finds.
pub(super) fn find(sample: &TestSample) -> Option<Fault> {
	let context = sample.context();
	let selectors = || {
		(0..2).find_map(|j| {
			context.find_selector_fault(j, &context.shown_message(&sample.messages, j)?, &sample.selection)
		})
	};
	let producers = [Producer::Computing(0), Producer::Computing(1), Producer::Coordinator];
	selectors()
		.or_else(|| (0..3).find_map(|data| sample.entry_fault(data)))
		.or_else(|| (0..3).find_map(|data| sample.transfer_fault(data)))
		.or_else(|| producers.into_iter().find_map(|producer| sample.product_fault(producer)))
		.or_else(|| (0..2).find_map(|computing| sample.output_fault(computing)))
		.or_else(|| sample.result_fault())
}

const KINDS: [TemplateKind; 8] = [
	TemplateKind::ColumnSum,
	TemplateKind::ColumnMean,
	TemplateKind::ColumnVariance,
	TemplateKind::Covariance,
	TemplateKind::Histogram,
	TemplateKind::WeightedSum,
	TemplateKind::RowSum,
	TemplateKind::RowWeightedSum,
];

#[test]
fn in_an_honest_job_nothing_is_found() {
	for kind in KINDS {
		assert_eq!(find(&sample(&contract(kind))), None, "{kind:?}");
	}
}

/// A field of a fault of this kind.
macro_rules! part {
	($fault:expr, $variant:ident, $field:ident) => {
		match $fault {
			Fault::$variant { $field, .. } => $field,
			_ => unreachable!(),
		}
	};
}

fn verdict(who: u64, kind: FaultKind) -> Verdict<u64> {
	let (role, stage) = match (who, kind) {
		(COORDINATOR, FaultKind::Selector | FaultKind::SelectionProof) => (Role::Coordinator, Stage::Selection),
		(COORDINATOR, _) => (Role::Coordinator, Stage::Result),
		(11..=13, _) => (Role::DataProvider, Stage::Inputs),
		_ => (Role::ComputingProvider, Stage::Outputs),
	};
	Verdict { offender: who, role, stage, kind }
}

/// Adds one to a number.
fn add_one(number: &mut [u8]) {
	for byte in number.iter_mut().rev() {
		*byte = byte.wrapping_add(1);
		if *byte != 0 {
			break;
		}
	}
}

pub(super) type Cheat = (&'static str, TemplateKind, fn(&mut TestSample), u64, FaultKind);

pub(super) const CHEATS: &[Cheat] = &[
	("adds one to an output", TemplateKind::ColumnSum, |s| node(s, 1, 2, 0), 22, FaultKind::Product),
	("adds one to an inner node", TemplateKind::ColumnSum, |s| node(s, 0, 1, 0), 21, FaultKind::Product),
	("adds one to a node without sibling", TemplateKind::ColumnSum, |s| node(s, 0, 1, 1), 21, FaultKind::Product),
	("adds one to a power", TemplateKind::WeightedSum, |s| node_of(s, 0, 0, 1, 2), 21, FaultKind::Product),
	("adds one to an inverse's power", TemplateKind::WeightedSum, |s| node_of(s, 0, 0, 1, 5), 21, FaultKind::Product),
	("does not reduce", TemplateKind::Histogram, unreduced, 21, FaultKind::Product),
	("drops a data provider", TemplateKind::ColumnMean, |s| cut(s, 0, 2), 21, FaultKind::Shape),
	("takes one twice", TemplateKind::ColumnMean, twice, 21, FaultKind::Product),
	("takes many twice", TemplateKind::ColumnMean, |s| grow(s, 5), 21, FaultKind::Shape),
	("drops a column of a weighted sum", TemplateKind::WeightedSum, shorter_weighted, 21, FaultKind::Product),
	("replaces a leaf", TemplateKind::ColumnSum, |s| leaf(s, 0, 1), 21, FaultKind::Output),
	("replaces a leaf of a pair", TemplateKind::Covariance, |s| leaf(s, 1, 2), 22, FaultKind::Output),
	("replaces a leaf of a weighted sum", TemplateKind::WeightedSum, |s| leaf_of(s, 1, 0, 3), 22, FaultKind::Output),
	("answers with the last job's output", TemplateKind::ColumnSum, last_job, 22, FaultKind::Output),
	("a leaf of zero", TemplateKind::ColumnSum, |s| leaf_to(s, 0, 1, &[]), 21, FaultKind::Product),
	("a leaf of a factor", TemplateKind::ColumnSum, |s| leaf_to(s, 1, 2, &factor()), 22, FaultKind::Product),
	("a weighted leaf of zero", TemplateKind::WeightedSum, |s| zero_powers(s, 0), 21, FaultKind::Product),
	("swaps two columns", TemplateKind::ColumnSum, swap_columns, 31, FaultKind::Result),
	("aggregates all but one", TemplateKind::ColumnSum, |s| cut(s, 2, 1), 31, FaultKind::Shape),
	("selects another column", TemplateKind::ColumnSum, swap_selectors, 31, FaultKind::Selector),
	("two chunks", TemplateKind::ColumnSum, |s| s.inputs[1][0].entries[3].chunks = 2, 12, FaultKind::Entry),
	("no ciphertext", TemplateKind::ColumnSum, |s| s.inputs[1][0].entries[3].blocks = 0, 12, FaultKind::Entry),
	("a transfer of zero", TemplateKind::ColumnSum, zero_transfer, 12, FaultKind::Entry),
	("a transfer too short", TemplateKind::ColumnSum, short_transfer, 12, FaultKind::Entry),
	("a proof of a commitment of zero", TemplateKind::ColumnSum, zero_commitment, 12, FaultKind::Entry),
	("a proof of a response above N", TemplateKind::ColumnSum, long_response, 12, FaultKind::Entry),
	("transfers what it does not know", TemplateKind::ColumnSum, unknown_transfer, 12, FaultKind::Transfer),
	("repeats another feature's transfer", TemplateKind::ColumnSum, |s| repeat(s, 0, 2), 12, FaultKind::Transfer),
	// Output 131 is block 130 of the second data provider: in its second part, and in that of the outputs.
	("adds one to a block's sum", TemplateKind::RowSum, |s| node_of(s, 1, 131, 1, 0), 22, FaultKind::Product),
	("adds one to a block's power", TemplateKind::RowWeightedSum, |s| node_of(s, 0, 3, 1, 1), 21, FaultKind::Product),
	("drops a column of a block", TemplateKind::RowSum, |s| cut_of(s, 0, 145, 1), 21, FaultKind::Shape),
	("replaces a leaf of a block", TemplateKind::RowSum, |s| leaf_of(s, 1, 131, 1), 22, FaultKind::Output),
	("replaces a weighted leaf", TemplateKind::RowWeightedSum, |s| leaf_of(s, 0, 0, 0), 21, FaultKind::Output),
	("swaps two blocks", TemplateKind::RowSum, swap_blocks, 21, FaultKind::Output),
	("aggregates another block", TemplateKind::RowSum, |s| s.result.trees.swap(2, 140), 31, FaultKind::Result),
	("a block too few", TemplateKind::RowSum, |s| s.inputs[1][1].entries[3].blocks = 14, 12, FaultKind::Entry),
	("repeats another part's transfer", TemplateKind::RowSum, repeat_part, 12, FaultKind::Transfer),
	("a chunk too many", TemplateKind::RowSum, |s| s.inputs[1][0].entries[7].chunks = 2, 12, FaultKind::Entry),
];

fn tree<'a>(s: &'a mut TestSample, producer: usize, output: usize) -> &'a mut Tree {
	match producer {
		2 => &mut s.result.trees[output],
		computing => &mut s.outputs[computing].trees[output],
	}
}

/// A node of the second tree is one more, and what follows from it is right.
fn node(s: &mut TestSample, computing: usize, level: usize, index: usize) {
	node_of(s, computing, 1, level, index);
}

fn node_of(s: &mut TestSample, computing: usize, output: usize, level: usize, index: usize) {
	let ring = ring(s);
	let levels = &mut tree(s, computing, output).levels;
	add_one(&mut levels[level][index]);
	for above in level + 1..levels.len() {
		levels[above] = levels[above - 1].chunks(2).map(|pair| multiply(pair, &ring)).collect();
	}
	s.aggregate().unwrap();
}

fn multiply(pair: &[Vec<u8>], ring: &Ring) -> Vec<u8> {
	match pair {
		[left, right] => ring.multiply(left, right).unwrap(),
		alone => alone[0].clone(),
	}
}

fn unreduced(s: &mut TestSample) {
	let modulus = BigUint::from_bytes_be(&s.contract.user_key).pow(2);
	let value = &mut tree(s, 0, 0).levels[2][0];
	*value = (BigUint::from_bytes_be(value) + modulus).to_bytes_be();
	// Without a sibling's product to be compared to: by its length it is a number still.
	assert_eq!(value.len(), 38);
}

fn ring(s: &TestSample) -> Ring {
	Ring::new(&s.contract.user_key, &Native).unwrap()
}

/// A tree over the first leaves alone.
fn cut(s: &mut TestSample, producer: usize, leaves: usize) {
	cut_of(s, producer, 1, leaves);
}

fn cut_of(s: &mut TestSample, producer: usize, output: usize, leaves: usize) {
	let ring = ring(s);
	let tree = tree(s, producer, output);
	*tree = Tree::multiply(tree.levels[0][..leaves].to_vec(), &ring).unwrap();
	if producer < 2 {
		s.aggregate().unwrap();
	}
}

/// A tree over leaves, some of which stand there again.
fn grow(s: &mut TestSample, leaves: usize) {
	let ring = ring(s);
	let tree = tree(s, 0, 1);
	let all = tree.levels[0].iter().cycle().take(leaves).cloned().collect();
	*tree = Tree::multiply(all, &ring).unwrap();
	s.aggregate().unwrap();
}

fn twice(s: &mut TestSample) {
	grow(s, 4);
}

fn shorter_weighted(s: &mut TestSample) {
	let ring = ring(s);
	let tree = tree(s, 0, 0);
	*tree = Tree::weighted(tree.levels[0][..5].to_vec(), &[3, -2], &ring).unwrap();
	s.aggregate().unwrap();
}

/// A leaf of the second tree is another number, and what follows from it is right.
fn leaf(s: &mut TestSample, computing: usize, index: usize) {
	leaf_of(s, computing, 1, index);
}

fn leaf_of(s: &mut TestSample, computing: usize, output: usize, index: usize) {
	let (ring, weights) = (ring(s), s.contract.parameters.weights().to_vec());
	let tree = tree(s, computing, output);
	let mut leaves = tree.levels[0].clone();
	add_one(&mut leaves[index]);
	*tree = match weights[..] {
		[] => Tree::multiply(leaves, &ring),
		_ => Tree::weighted(leaves, &weights, &ring),
	}
	.unwrap();
	s.aggregate().unwrap();
}

/// A factor of the user's modulus.
fn factor() -> Vec<u8> {
	((1u64 << 61) - 1).to_be_bytes().to_vec()
}

/// A leaf of the second tree is this number, and what follows from it is right.
fn leaf_to(s: &mut TestSample, computing: usize, index: usize, number: &[u8]) {
	let ring = ring(s);
	let tree = tree(s, computing, 1);
	let mut leaves = tree.levels[0].clone();
	leaves[index] = big_integers::fixed_bytes(&BigUint::from_bytes_be(number), ring.bytes());
	*tree = Tree::multiply(leaves, &ring).unwrap();
	s.aggregate().unwrap();
}

/// All leaves of a weighted sum with positive weights are zero, and what follows from it is right.
fn zero_powers(s: &mut TestSample, computing: usize) {
	let levels = &mut tree(s, computing, 0).levels;
	levels.iter_mut().flatten().for_each(|value| value.fill(0));
	s.aggregate().unwrap();
}

fn last_job(s: &mut TestSample) {
	let last = Sample::new(genesis(), JOB - 1, s.contract, s.selection.clone(), &Native).unwrap();
	s.outputs[1] = last.outputs[1].clone();
	s.aggregate().unwrap();
}

fn swap_blocks(s: &mut TestSample) {
	s.outputs[0].trees.swap(127, 128);
	s.aggregate().unwrap();
}

fn swap_columns(s: &mut TestSample) {
	s.result.trees.swap(0, 1);
}

fn swap_selectors(s: &mut TestSample) {
	let bytes = 2 * s.contract.computing[1].paillier.len();
	let (left, right) = s.messages[1].split_at_mut(3 * bytes);
	left[2 * bytes..].swap_with_slice(&mut right[..bytes]);
}

fn zero_transfer(s: &mut TestSample) {
	s.inputs[1][0].entries[3].transfer.iter_mut().for_each(|byte| *byte = 0);
}

fn short_transfer(s: &mut TestSample) {
	s.inputs[1][0].entries[3].transfer.pop();
}

fn zero_commitment(s: &mut TestSample) {
	s.inputs[1][0].entries[3].proof.commitment.iter_mut().for_each(|byte| *byte = 0);
}

fn long_response(s: &mut TestSample) {
	s.inputs[1][0].entries[3].proof.kappa_response.iter_mut().for_each(|byte| *byte = 255);
}

/// The product of the selectors of two features, for one of them: a bit of the selection each, if somebody opened it.
fn unknown_transfer(s: &mut TestSample) {
	let ring = Ring::new(&s.contract.computing[0].paillier, &Native).unwrap();
	let selectors: Vec<_> = s.messages[0].chunks(ring.bytes()).take(2).collect();
	let product = ring.multiply(selectors[0], &ring.pow(selectors[1], &[2]).unwrap()).unwrap();
	s.inputs[1][0].entries[1].transfer = product.try_into().unwrap();
}

/// An entry's transfer with its proof, in another one.
fn repeat(s: &mut TestSample, from: usize, to: usize) {
	let entry = s.inputs[1][0].entries[from].clone();
	s.inputs[1][0].entries[to] = entry;
	s.inputs[1][0].ciphertexts[to] = s.inputs[1][0].ciphertexts[from].clone();
}

fn repeat_part(s: &mut TestSample) {
	let first = s.inputs[1][0].entries[3].clone();
	let second = &mut s.inputs[1][1].entries[3];
	(second.transfer, second.proof) = (first.transfer, first.proof);
}

#[test]
fn every_cheat_is_found_and_shown() {
	for (name, kind, cheat, who, fault) in CHEATS {
		let contract = contract(*kind);
		let mut sample = sample(&contract);
		cheat(&mut sample);
		let proof = find(&sample).unwrap_or_else(|| panic!("{name}: nothing is found"));
		assert_eq!(check(&sample.context(), &proof), Ok(verdict(*who, *fault)), "{name}");
	}
}

#[test]
fn a_proof_holds_in_its_job_alone() {
	for (name, kind, cheat, _, _) in CHEATS {
		let contract = contract(*kind);
		let mut cheated = sample(&contract);
		cheat(&mut cheated);
		let proof = find(&cheated).unwrap();
		let refusal = check(&sample(&contract).context(), &proof);
		assert!(refusal.is_err(), "{name}: {refusal:?} in an honest job of the same contract");
		let nothing = FaultContext {
			genesis: genesis(),
			job: JOB,
			contract: &contract,
			roots: |_, _: &u64| None,
			integers: &Native,
		};
		assert_eq!(check(&nothing, &proof), Err(FaultError::NotDelivered), "{name}");
	}
}

/// The place of a feature that is selected.
const CHOSEN: [u16; 3] = [1, 1, 2];

fn column(s: &TestSample, place: [u16; 3]) -> Fault {
	s.column_fault(place, 0, 0).unwrap()
}

/// Commits to these as the ciphertexts of a part, whatever was sealed.
fn commit_to(s: &mut TestSample, place: [u16; 3], part: u32, ciphertexts: &[Vec<u8>]) {
	let index = s.entry_index(place);
	let inputs = &mut s.inputs[usize::from(place[0])][part as usize];
	let leaves = wire::leaves(ciphertexts.iter());
	inputs.entries[index].ciphertexts = merkle::root(&leaves);
	inputs.ciphertexts[index] = leaves;
}

#[test]
fn a_sealed_feature_is_shown_not_to_open_to_its_commitment() {
	let contract = contract(TemplateKind::ColumnSum);
	let honest = sample(&contract);
	assert_eq!(check(&honest.context(), &column(&honest, CHOSEN)), Err(FaultError::FaultNotProven));
	let plain = honest.ciphertext(CHOSEN, 0).unwrap();
	let one = [vec![0; plain.len() - 1], vec![1]].concat();
	let other = [&plain[..plain.len() - 1], &[plain[plain.len() - 1] ^ 1]].concat();
	for (name, inside) in [
		("another ciphertext", other),
		("no ciphertext", vec![]),
		("half a ciphertext", plain[1..].to_vec()),
		("two ciphertexts", plain.repeat(2)),
		("zero", vec![0; plain.len()]),
		("one", one),
		("above the modulus", vec![0xff; plain.len()]),
	] {
		let mut s = honest.clone();
		s.reseal(CHOSEN, 0, &inside).unwrap();
		assert_eq!(check(&s.context(), &column(&s, CHOSEN)), Ok(verdict(12, FaultKind::Column)), "{name}");
	}
	// What does not open at all.
	let mut s = honest.clone();
	let index = s.entry_index(CHOSEN);
	s.chunks[1][0][index][0][0] ^= 1;
	s.inputs[1][0].entries[index].sealed = merkle::leaf(0, &s.chunks[1][0][index][0]);
	assert_eq!(check(&s.context(), &column(&s, CHOSEN)), Ok(verdict(12, FaultKind::Column)));
	// Committed to zero, and sealed it.
	let mut s = honest.clone();
	let zero = vec![0; plain.len()];
	s.reseal(CHOSEN, 0, &zero).unwrap();
	commit_to(&mut s, CHOSEN, 0, &[zero]);
	assert_eq!(check(&s.context(), &column(&s, CHOSEN)), Ok(verdict(12, FaultKind::Column)));
}

#[test]
fn a_block_is_shown_not_to_open_to_its_commitment() {
	let contract = contract(TemplateKind::RowSum);
	let honest = sample(&contract);
	for (part, block) in [(0, 0), (0, 127), (1, 0), (1, 14)] {
		let fault = honest.column_fault(CHOSEN, part, block).unwrap();
		assert_eq!(check(&honest.context(), &fault), Err(FaultError::FaultNotProven), "{part} {block}");
	}
	let plain = honest.ciphertexts(CHOSEN, 1).unwrap();
	let mut swapped = plain.clone();
	swapped.swap(3, 4);
	let mut zero = plain.clone();
	zero[4].fill(0);
	for (name, inside, wrong) in [
		("two blocks swapped", swapped, vec![3, 4]),
		("a block of zero", zero.clone(), vec![4]),
		("a block less", plain[..14].to_vec(), (0..15).collect()),
		("a block more", [&plain[..], &plain[..1]].concat(), (0..15).collect()),
	] {
		let mut s = honest.clone();
		s.reseal(CHOSEN, 1, &inside.concat()).unwrap();
		for block in 0..15 {
			let expected = match wrong.contains(&block) {
				true => Ok(verdict(12, FaultKind::Column)),
				false => Err(FaultError::FaultNotProven),
			};
			assert_eq!(check(&s.context(), &s.column_fault(CHOSEN, 1, block).unwrap()), expected, "{name}: {block}");
		}
	}
	let mut s = honest.clone();
	s.reseal(CHOSEN, 1, &zero.concat()).unwrap();
	commit_to(&mut s, CHOSEN, 1, &zero);
	assert_eq!(check(&s.context(), &s.column_fault(CHOSEN, 1, 4).unwrap()), Ok(verdict(12, FaultKind::Column)));
	check_rejects(
		&s,
		&s.column_fault(CHOSEN, 1, 4).unwrap(),
		&[
			("another block", |f| *part!(f, Column, block) = 5, FaultError::NotCommitted),
			("a block that is not there", |f| *part!(f, Column, block) = 15, FaultError::OutOfRange),
			("another ciphertext", |f| part!(f, Column, committed).leaf = H256::zero(), FaultError::NotCommitted),
			("no path", |f| part!(f, Column, committed).path.clear(), FaultError::PathLength),
			("another part", |f| part!(f, Column, entry).part = 0, FaultError::NotCommitted),
			("a part that is not there", |f| part!(f, Column, entry).part = 2, FaultError::OutOfRange),
			(
				"an entry's path too short",
				|f| {
					let _ = part!(f, Column, entry).path.pop();
				},
				FaultError::PathLength,
			),
		],
	);
}

#[test]
fn bad_proofs_about_leaves_of_blocks_are_refused() {
	let contract = contract(TemplateKind::RowSum);
	let mut s = sample(&contract);
	leaf_of(&mut s, 1, 131, 1);
	let fault = find(&s).unwrap();
	check_rejects(
		&s,
		&fault,
		&[
			("another output", |f| *part!(f, Output, output) = 130, FaultError::NotCommitted),
			("an output of another part", |f| *part!(f, Output, output) = 127, FaultError::WrongFeature),
			("an output of another data provider", |f| *part!(f, Output, output) = 0, FaultError::WrongFeature),
			("an output that is not there", |f| *part!(f, Output, output) = 146, FaultError::WrongFeature),
			("the other column", |f| part!(f, Output, leaf).index = 0, FaultError::WrongFeature),
			("another part", |f| part!(f, Output, entry).part = 0, FaultError::NotCommitted),
			("another ciphertext", |f| part!(f, Output, committed).leaf = H256::zero(), FaultError::NotCommitted),
			("no path", |f| part!(f, Output, committed).path.clear(), FaultError::PathLength),
			("not the unblinded leaf", |f| part!(f, Output, unblinded)[0] ^= 1, FaultError::WrongBlinding),
		],
	);
}

#[test]
fn of_a_feature_that_is_not_selected_nothing_can_be_shown() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	let place = [1, 1, 3];
	s.reseal(place, 0, b"anything").unwrap();
	assert_eq!(check(&s.context(), &column(&s, place)), Err(FaultError::WrongOpening));
}

/// The accusation, what is changed in it, and the refusal.
type Reject = (&'static str, fn(&mut Fault), FaultError);

fn check_rejects(s: &TestSample, fault: &Fault, rejects: &[Reject]) {
	assert!(check(&s.context(), fault).is_ok());
	for (name, change, error) in rejects {
		let mut bad = fault.clone();
		change(&mut bad);
		assert_ne!(bad, *fault, "{name}");
		assert_eq!(check(&s.context(), &bad), Err(*error), "{name}");
	}
}

#[test]
fn bad_proofs_about_products_are_refused() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	node(&mut s, 0, 1, 0);
	fn n(fault: &mut Fault) -> &mut NodeProof {
		part!(fault, Product, node)
	}
	fn l(fault: &mut Fault) -> &mut Child {
		part!(fault, Product, left)
	}
	let rejects: &[Reject] = &[
		(
			"a provider that is not there",
			|f| *part!(f, Product, producer) = Producer::Computing(2),
			FaultError::OutOfRange,
		),
		(
			"another provider's tree",
			|f| *part!(f, Product, producer) = Producer::Computing(1),
			FaultError::NotCommitted,
		),
		("the coordinator's tree", |f| *part!(f, Product, producer) = Producer::Coordinator, FaultError::PathLength),
		("an output that is not there", |f| *part!(f, Product, output) = 2, FaultError::OutOfRange),
		("another output", |f| *part!(f, Product, output) = 0, FaultError::NotCommitted),
		("a leaf", |f| n(f).level = 0, FaultError::WrongLevel),
		("a level higher", |f| n(f).level = 2, FaultError::PathLength),
		("a level beyond all", |f| n(f).level = 255, FaultError::PathLength),
		("its neighbour's place", |f| n(f).index = 1, FaultError::NotCommitted),
		("a place that is not there", |f| n(f).index = 2, FaultError::OutOfRange),
		("an endless place", |f| n(f).index = u64::MAX, FaultError::OutOfRange),
		("another value", |f| n(f).value[0] ^= 1, FaultError::NotCommitted),
		(
			"a byte less",
			|f| {
				let _ = n(f).value.remove(0);
			},
			FaultError::Length,
		),
		("a byte more", |f| n(f).value.try_insert(0, 0).unwrap(), FaultError::Length),
		("no value", |f| n(f).value.clear(), FaultError::Length),
		("equal children", |f| n(f).right = n(f).left, FaultError::EqualChildren),
		("another child", |f| n(f).left = H256::repeat_byte(1), FaultError::NotCommitted),
		(
			"children the wrong way round",
			|f| {
				let node = n(f);
				core::mem::swap(&mut node.left, &mut node.right)
			},
			FaultError::NotCommitted,
		),
		("no path", |f| n(f).path.clear(), FaultError::PathLength),
		(
			"a path too long",
			|f| {
				let step = n(f).path[0].clone();
				n(f).path.try_push(step).unwrap()
			},
			FaultError::PathLength,
		),
		("another sibling", |f| n(f).path[0].sibling = H256::zero(), FaultError::NotCommitted),
		("another parent", |f| n(f).path[0].value = H256::zero(), FaultError::NotCommitted),
		("no path to the commitment", |f| n(f).output_path.clear(), FaultError::PathLength),
		("a path beyond the commitment", |f| n(f).output_path.try_push(H256::zero()).unwrap(), FaultError::PathLength),
		("another path to the commitment", |f| n(f).output_path[0] = H256::zero(), FaultError::NotCommitted),
		("another value of a child", |f| l(f).value[0] ^= 1, FaultError::WrongChildren),
		(
			"a child's value too short",
			|f| {
				let _ = l(f).value.pop();
			},
			FaultError::Length,
		),
		("a child's child", |f| l(f).left = H256::repeat_byte(1), FaultError::WrongChildren),
		("one child too few", |f| *part!(f, Product, right) = None, FaultError::WrongChildren),
		("the same child twice", |f| *part!(f, Product, right) = Some(l(f).clone()), FaultError::WrongChildren),
	];
	check_rejects(&s, &find(&s).unwrap(), rejects);
	// A true node accused.
	let honest = sample(&contract);
	let hashes = honest.outputs[0].trees[1].hashes(TreeShape::new(3), 38).unwrap();
	let all = honest.outputs[0].hashes(TreeShape::new(3), 38).unwrap();
	let path: Path = merkle::path(&wire::product_leaves(0, &all), 1).unwrap().try_into().unwrap();
	let tree = &honest.outputs[0].trees[1];
	for (level, index) in [(1u8, 0u64), (1, 1), (2, 0)] {
		let (left, right) = TreeShape::new(3).children(level, index);
		let child = |index| hashes.child(tree, level - 1, index).unwrap();
		let fault = Fault::Product {
			producer: Producer::Computing(0),
			output: 1,
			node: hashes.prove(tree, level, index, path.clone()).unwrap(),
			left: child(left),
			right: right.map(child),
		};
		assert_eq!(check(&honest.context(), &fault), Err(FaultError::FaultNotProven), "{level} {index}");
	}
	let root = hashes.prove(tree, 2, 0, path.clone()).unwrap();
	let shape = |root| Fault::Shape { producer: Producer::Computing(0), output: 1, root };
	assert_eq!(check(&honest.context(), &shape(root)), Err(FaultError::FaultNotProven));
	let inner = hashes.prove(tree, 1, 0, path).unwrap();
	assert_eq!(check(&honest.context(), &shape(inner.clone())), Err(FaultError::PathLength));
	let alone = NodeProof { path: Default::default(), ..inner };
	assert_eq!(check(&honest.context(), &shape(alone)), Err(FaultError::NotCommitted));
}

#[test]
fn bad_proofs_about_leaves_are_refused() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	leaf(&mut s, 0, 1);
	let fault = find(&s).unwrap();
	check_rejects(
		&s,
		&fault,
		&[
			("a provider that is not there", |f| *part!(f, Output, computing) = 2, FaultError::OutOfRange),
			("another provider", |f| *part!(f, Output, computing) = 1, FaultError::NotCommitted),
			("another output", |f| *part!(f, Output, output) = 0, FaultError::WrongFeature),
			("another data provider", |f| *part!(f, Output, data) = 0, FaultError::NotCommitted),
			("a data provider that is not there", |f| *part!(f, Output, data) = 3, FaultError::OutOfRange),
			("another feature", |f| part!(f, Output, feature).feature = 1, FaultError::WrongSelection),
			("a feature that is not there", |f| part!(f, Output, feature).feature = 4, FaultError::OutOfRange),
			("another rank", |f| part!(f, Output, feature).choice.rank = Some(0), FaultError::WrongSelection),
			("not selected", |f| part!(f, Output, feature).choice.rank = None, FaultError::WrongSelection),
			("another salt", |f| part!(f, Output, feature).choice.salt[0] ^= 1, FaultError::WrongSelection),
			("another leaf", |f| part!(f, Output, leaf).index = 0, FaultError::WrongFeature),
			("an inner node", |f| part!(f, Output, leaf).level = 1, FaultError::WrongLevel),
			("a leaf with a child", |f| part!(f, Output, leaf).left = H256::repeat_byte(1), FaultError::WrongLevel),
			("another value", |f| part!(f, Output, leaf).value[0] ^= 1, FaultError::NotCommitted),
			("not the unblinded leaf", |f| part!(f, Output, unblinded)[0] ^= 1, FaultError::WrongBlinding),
			(
				"an unblinded leaf too short",
				|f| {
					let _ = part!(f, Output, unblinded).pop();
				},
				FaultError::Length,
			),
			("not reduced", |f| part!(f, Output, unblinded).iter_mut().for_each(|b| *b = 255), FaultError::Length),
			("another entry", |f| part!(f, Output, entry).entry.ciphertexts = H256::zero(), FaultError::NotCommitted),
			(
				"an entry's path too short",
				|f| {
					let _ = part!(f, Output, entry).path.pop();
				},
				FaultError::PathLength,
			),
		],
	);
	// Of a true leaf, and of a malformed entry.
	let honest = sample(&contract);
	let accuse = |s: &TestSample| {
		let all = s.outputs[0].hashes(TreeShape::new(3), 38).unwrap();
		let path: Path = merkle::path(&wire::product_leaves(0, &all), 1).unwrap().try_into().unwrap();
		Fault::Output {
			computing: 0,
			output: 1,
			feature: s.selection.open(2, 4).unwrap(),
			data: 1,
			leaf: all[1].prove(&s.outputs[0].trees[1], 0, 1, path).unwrap(),
			unblinded: s.ciphertext([1, 0, 2], 0).unwrap().try_into().unwrap(),
			entry: s.entry_proof([1, 0, 2], 0).unwrap(),
			committed: CiphertextProof { leaf: s.inputs[1][0].ciphertexts[2][0], path: Path::default() },
		}
	};
	assert_eq!(check(&honest.context(), &accuse(&honest)), Err(FaultError::FaultNotProven));
	let mut malformed = honest.clone();
	malformed.inputs[1][0].entries[2].blocks = 2;
	assert_eq!(check(&malformed.context(), &accuse(&malformed)), Err(FaultError::MalformedEntry));
}

#[test]
fn bad_proofs_about_results_are_refused() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	swap_columns(&mut s);
	check_rejects(
		&s,
		&find(&s).unwrap(),
		&[
			("another output", |f| *part!(f, Result, output) = 1, FaultError::NotCommitted),
			("another provider", |f| *part!(f, Result, computing) = 1, FaultError::OutOfRange),
			("another leaf", |f| part!(f, Result, leaf).index = 1, FaultError::OutOfRange),
			("an inner node", |f| part!(f, Result, leaf).level = 1, FaultError::WrongLevel),
			("no root", |f| part!(f, Result, root).level = 1, FaultError::WrongLevel),
			("another value", |f| part!(f, Result, root).value[0] ^= 1, FaultError::NotCommitted),
		],
	);
	let honest = sample(&contract);
	let prove = |product: &Product, shape, level| {
		let all = product.hashes(shape, 38).unwrap();
		let path = merkle::path(&wire::product_leaves(0, &all), 0).unwrap().try_into().unwrap();
		all[0].prove(&product.trees[0], level, 0, path).unwrap()
	};
	let leaf = prove(&honest.result, TreeShape::new(2), 0);
	let root = prove(&honest.outputs[0], TreeShape::new(3), 2);
	let fault = Fault::Result { output: 0, computing: 0, leaf, root };
	assert_eq!(check(&honest.context(), &fault), Err(FaultError::FaultNotProven));
}

#[test]
fn bad_proofs_about_selectors_and_entries_are_refused() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	swap_selectors(&mut s);
	check_rejects(
		&s,
		&find(&s).unwrap(),
		&[
			("a provider that is not there", |f| *part!(f, Selector, computing) = 2, FaultError::OutOfRange),
			("another provider", |f| *part!(f, Selector, computing) = 0, FaultError::Length),
			("another feature", |f| part!(f, Selector, feature).feature = 3, FaultError::WrongSelection),
			("another selector", |f| part!(f, Selector, selector).selector[0] ^= 1, FaultError::NotCommitted),
			(
				"a path too short",
				|f| {
					let _ = part!(f, Selector, selector).path.pop();
				},
				FaultError::PathLength,
			),
			("no path to the commitment", |f| part!(f, Selector, selector).top_path.clear(), FaultError::PathLength),
		],
	);
	let mut s = sample(&contract);
	zero_transfer(&mut s);
	check_rejects(
		&s,
		&find(&s).unwrap(),
		&[
			("another data provider", |f| *part!(f, Entry, data) = 0, FaultError::NotCommitted),
			("another computing provider", |f| *part!(f, Entry, computing) = 1, FaultError::NotCommitted),
			("a feature that is not there", |f| *part!(f, Entry, feature) = 4, FaultError::OutOfRange),
			("another entry", |f| part!(f, Entry, entry).entry.chunks = 2, FaultError::NotCommitted),
		],
	);
	let honest = sample(&contract);
	let entry = honest.entry_proof(CHOSEN, 0).unwrap();
	let fault = Fault::Entry { data: 1, computing: 1, feature: 2, entry };
	assert_eq!(check(&honest.context(), &fault), Err(FaultError::FaultNotProven));
}

#[test]
fn bad_proofs_about_columns_are_refused() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	s.reseal(CHOSEN, 0, b"anything").unwrap();
	check_rejects(
		&s,
		&column(&s, CHOSEN),
		&[
			("another data provider", |f| *part!(f, Column, data) = 0, FaultError::NotCommitted),
			("another feature", |f| *part!(f, Column, feature) = 1, FaultError::NotCommitted),
			("another selector", |f| part!(f, Column, selector).selector[0] ^= 1, FaultError::NotCommitted),
			("another number", |f| part!(f, Column, opening).kappa[20] ^= 1, FaultError::WrongOpening),
			("another root", |f| part!(f, Column, opening).root[20] ^= 1, FaultError::WrongOpening),
			("another power", |f| part!(f, Column, opening).power[20] ^= 1, FaultError::WrongOpening),
			(
				"a power of zero",
				|f| part!(f, Column, opening).power.iter_mut().for_each(|byte| *byte = 0),
				FaultError::WrongOpening,
			),
			(
				"a power above the modulus",
				|f| part!(f, Column, opening).power.iter_mut().for_each(|byte| *byte = 255),
				FaultError::Length,
			),
			(
				"a number too short",
				|f| {
					let _ = part!(f, Column, opening).kappa.pop();
				},
				FaultError::Length,
			),
			(
				"not below the modulus",
				|f| part!(f, Column, opening).root.iter_mut().for_each(|byte| *byte = 255),
				FaultError::Length,
			),
			("another chunk", |f| part!(f, Column, chunk)[0] ^= 1, FaultError::NotCommitted),
			("a chunk that is not there", |f| *part!(f, Column, chunk_index) = 1, FaultError::OutOfRange),
			(
				"a path of a chunk",
				|f| part!(f, Column, chunk_path).try_push(H256::zero()).unwrap(),
				FaultError::PathLength,
			),
		],
	);
}

#[test]
fn a_selector_that_is_no_ciphertext_shows_nothing_but_itself() {
	let contract = contract(TemplateKind::ColumnSum);
	let honest = sample(&contract);
	let n = BigUint::from_bytes_be(&contract.computing[1].paillier);
	let bytes = 2 * contract.computing[1].paillier.len();
	for (name, selector) in [("zero", BigUint::ZERO), ("N", n.clone()), ("N squared", n.pow(2))] {
		let mut s = honest.clone();
		let place = bytes * usize::from(CHOSEN[2])..bytes * (usize::from(CHOSEN[2]) + 1);
		s.messages[1][place].copy_from_slice(&big_integers::fixed_bytes(&selector, bytes));
		// With such a selector and a root of zero the opening of an honest transfer holds for any number.
		let mut fault = column(&s, CHOSEN);
		part!(&mut fault, Column, opening).root.iter_mut().for_each(|byte| *byte = 0);
		part!(&mut fault, Column, opening).kappa[20 - 1] ^= 1;
		assert_eq!(check(&s.context(), &fault), Err(FaultError::MalformedSelector), "{name}");
		assert_eq!(check(&s.context(), &transfer(&s, CHOSEN)), Err(FaultError::MalformedSelector), "{name}");
		assert_eq!(s.transfer_fault(1), None, "{name}");
		let context = s.context();
		let found =
			context.find_selector_fault(1, &context.shown_message(&s.messages, 1).unwrap(), &s.selection).unwrap();
		assert_eq!(check(&s.context(), &found), Ok(verdict(COORDINATOR, FaultKind::Selector)), "{name}");
		let found = selection_proof_fault(&s, 1);
		assert_eq!(check(&s.context(), &found), Ok(verdict(COORDINATOR, FaultKind::SelectionProof)), "{name}");
	}
}

/// The accusation that a transfer in the first part is not proven.
fn transfer(s: &TestSample, place: [u16; 3]) -> Fault {
	let (inputs, context) = (s.part_of_inputs(place[0], 0).unwrap(), s.context());
	context.transfer_fault(place, &context.shown_message(&s.messages, place[1]).unwrap(), &inputs).unwrap()
}

#[test]
fn bad_proofs_about_transfers_are_refused() {
	let contract = contract(TemplateKind::ColumnSum);
	let mut s = sample(&contract);
	unknown_transfer(&mut s);
	check_rejects(
		&s,
		&find(&s).unwrap(),
		&[
			("another data provider", |f| *part!(f, Transfer, data) = 0, FaultError::NotCommitted),
			("a data provider that is not there", |f| *part!(f, Transfer, data) = 3, FaultError::OutOfRange),
			("another computing provider", |f| *part!(f, Transfer, computing) = 1, FaultError::NotCommitted),
			("another feature", |f| *part!(f, Transfer, feature) = 2, FaultError::NotCommitted),
			("a feature that is not there", |f| *part!(f, Transfer, feature) = 4, FaultError::OutOfRange),
			("a part that is not there", |f| part!(f, Transfer, entry).part = 1, FaultError::OutOfRange),
			("another selector", |f| part!(f, Transfer, selector).selector[0] ^= 1, FaultError::NotCommitted),
			(
				"another commitment",
				|f| part!(f, Transfer, entry).entry.proof.commitment[0] ^= 1,
				FaultError::NotCommitted,
			),
			(
				"another response",
				|f| part!(f, Transfer, entry).entry.proof.rho_response[0] ^= 1,
				FaultError::NotCommitted,
			),
		],
	);
	for (name, change, error) in [
		("an honest transfer", (|_| ()) as fn(&mut TestSample), FaultError::FaultNotProven),
		("a malformed entry", |s| s.inputs[1][0].entries[6].blocks = 2, FaultError::MalformedEntry),
		("a malformed proof", |s| _ = s.inputs[1][0].entries[6].proof.rho_response.pop(), FaultError::MalformedEntry),
	] {
		let mut s = sample(&contract);
		change(&mut s);
		assert_eq!(check(&s.context(), &transfer(&s, CHOSEN)), Err(error), "{name}");
	}
}

/// A proof for one place is none for any other, though the numbers are the same.
#[test]
fn a_transfer_is_proven_in_its_place_alone() {
	let contract = contract(TemplateKind::ColumnSum);
	let honest = sample(&contract);
	assert_eq!(honest.transfer_fault(1), None);
	type Change = fn(&mut TestSample);
	let changes: [(&str, Change); 3] = [
		("another chain", |s| s.genesis.0[0] ^= 1),
		("another job", |s| s.job += 1),
		("another data provider", |s| s.inputs.swap(0, 1)),
	];
	for (name, change) in changes {
		let mut s = honest.clone();
		change(&mut s);
		let fault = s.transfer_fault(1).unwrap_or_else(|| panic!("{name}"));
		assert_eq!(check(&s.context(), &fault), Ok(verdict(12, FaultKind::Transfer)), "{name}");
	}
	let mut moved = contract.clone();
	moved.coordinator.who = 1_000;
	let s = Sample { contract: &moved, ..honest.clone() };
	assert!(s.transfer_fault(1).is_some(), "another coordinator");
}

#[test]
fn a_tree_of_other_levels_is_no_answer() {
	let contract = contract(TemplateKind::ColumnSum);
	let s = sample(&contract);
	let tree = &s.outputs[0].trees[0];
	type Change = fn(&mut Tree);
	let changes: [(&str, Change); 5] = [
		("no level", |tree| tree.levels.clear()),
		("no leaf", |tree| tree.levels[0].clear()),
		("a level less", |tree| drop(tree.levels.pop())),
		("a node more", |tree| tree.levels[1].push(vec![0; 38])),
		("a value cut short", |tree| {
			let _ = tree.levels[0][0].pop();
		}),
	];
	for (name, change) in changes {
		let mut other = tree.clone();
		change(&mut other);
		assert_eq!(other.hashes(TreeShape::new(3), 38), None, "{name}");
	}
	assert!(tree.hashes(TreeShape::new(3), 38).is_some());
}

/// By the vectors of `docs/protocol/selection.md`, whose moduli have 2048 bits.
#[test]
fn proofs_about_selections_are_those_of_the_workers() {
	let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/vectors/selection.json");
	let vector: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
	let bytes = |field: &str| hex::decode(vector[field].as_str().unwrap()).unwrap();
	let prime = |field| BigUint::from_bytes_be(&bytes(field));
	let ring = Ring::new(&(prime("p") * prime("q")).to_bytes_be(), &Native).unwrap();
	let (features, selected) =
		(vector["columns"].as_u64().unwrap() as u16, vector["chosen"].as_array().unwrap().len() as u16);
	let transcript = Transcript::new("encrytrust/selection/1")
		.with(bytes("genesis"))
		.with(vector["job"].as_u64().unwrap().to_le_bytes())
		.with(bytes("coordinator"))
		.with(bytes("provider"));
	let statement = Statement { features, selected, ring: &ring };
	let message = bytes("message");
	assert_eq!(message.len(), message_bytes(features, ring.n_bytes().len()));
	assert!(statement.holds(transcript.clone(), &message));
	let refused = |name: &str, message: &[u8]| assert!(!statement.holds(transcript.clone(), message), "{name}");
	for place in (0..message.len()).step_by(message.len() / 9).chain([message.len() - 1]) {
		let mut other = message.clone();
		other[place] ^= 1;
		refused("another byte", &other);
	}
	refused("nothing", &[]);
	refused("a byte less", &message[1..]);
	refused("a byte more", &[&message[..], &[0]].concat());
	assert!(!Statement { selected: selected + 1, ..statement }.holds(transcript.clone(), &message));
	let elsewhere = transcript.clone().with("another job");
	assert!(!Statement { selected, features, ring: &ring }.holds(elsewhere, &message));
}

fn selection_proof_fault(s: &TestSample, computing: u16) -> Fault {
	let context = s.context();
	context.selection_proof_fault(computing, &context.shown_message(&s.messages, computing).unwrap()).unwrap()
}

#[test]
fn a_message_that_proves_nothing_is_shown() {
	let contract = contract(TemplateKind::ColumnSum);
	let s = sample(&contract);
	for cut in [0, 1, s.messages[1].len()] {
		let mut s = s.clone();
		s.messages[1].truncate(cut);
		let fault = selection_proof_fault(&s, 1);
		assert_eq!(check(&s.context(), &fault), Ok(verdict(COORDINATOR, FaultKind::SelectionProof)), "{cut}");
	}
}

/// At 2048 bits, in a tree of a million leaves: what is hashed is made up, for the length alone.
#[test]
fn a_proof_is_short() {
	let number = |length: usize| Number::try_from(vec![0xff; length]).unwrap();
	let step = product_tree::Step { value: H256::zero(), sibling: H256::zero() };
	let path = |length: usize| Path::try_from(vec![H256::zero(); length]).unwrap();
	let node = |length: usize| NodeProof {
		level: 0,
		index: u64::MAX,
		value: number(512),
		left: H256::zero(),
		right: H256::zero(),
		path: vec![step.clone(); length].try_into().unwrap(),
		output_path: path(20),
	};
	let child = Child { value: number(512), left: H256::zero(), right: H256::zero() };
	let choice = FeatureChoice { salt: [0; 32], rank: Some(0) };
	let feature = FeatureOpening { feature: 0, choice, path: path(10) };
	let half = Modulus::try_from(vec![0xff; 256]).unwrap();
	let proof = TransferProof { commitment: number(512), kappa_response: half.clone(), rho_response: half.clone() };
	let (sealed, ciphertexts) = (H256::zero(), H256::zero());
	let entry = Entry { transfer: number(512), proof, sealed, chunks: 1, ciphertexts, blocks: 1 };
	let entry = EntryProof { part: 0, entry, path: path(32) };
	let committed = CiphertextProof { leaf: H256::zero(), path: path(7) };
	let selector = SelectorProof { selector: number(512), path: path(11), top_path: path(4) };
	let (producer, output) = (Producer::Computing(0), 0);
	for fault in [
		Fault::Product { producer, output, node: node(20), left: child.clone(), right: Some(child) },
		Fault::Shape { producer, output, root: node(0) },
		Fault::Output {
			computing: 0,
			output,
			feature: feature.clone(),
			data: 0,
			leaf: node(20),
			unblinded: number(512),
			entry: entry.clone(),
			committed: committed.clone(),
		},
		Fault::Result { output, computing: 0, leaf: node(20), root: node(0) },
		Fault::Selector { computing: 0, feature, selector: selector.clone() },
		Fault::Entry { data: 0, computing: 0, feature: 0, entry: entry.clone() },
		Fault::Column {
			data: 0,
			computing: 0,
			feature: 0,
			selector: selector.clone(),
			entry: entry.clone(),
			opening: Opening { kappa: half.clone(), root: half, power: number(512) },
			chunk: vec![0; SEALED_CHUNK as usize].try_into().unwrap(),
			chunk_index: 0,
			chunk_path: path(7),
			block: 0,
			committed,
		},
		Fault::Transfer { data: 0, computing: 0, feature: 0, selector, entry },
	] {
		let bytes = fault.encode();
		assert!(bytes.len() < 16 * 1024, "{} bytes", bytes.len());
		// No nesting but what the types have.
		assert_eq!(codec::DecodeLimit::decode_all_with_depth_limit(8, &mut &bytes[..]), Ok(fault));
	}
}

/// `cargo test … -- --ignored --nocapture checks_take`: the dear part of each check, at the lengths in use.
#[test]
#[ignore = "prints timings, which depend on the machine: run by name"]
fn checks_take() {
	// 2^2048 - 1942289 and 2^3072 - 1103717 are prime: what is made up is coprime to them.
	for (bits, below) in [(2048u32, 1_942_289u32), (3072, 1_103_717)] {
		let modulus = BigUint::from(2u8).pow(bits) - below;
		let modulus = Modulus::try_from(modulus.to_bytes_be()).unwrap();
		let mut contract = contract(TemplateKind::ColumnSum);
		let selection = Selection::new([3; 32], &[1, 2], 30).unwrap();
		contract.selection.commitment = selection.commitment(30);
		contract.schema = vec![contract.schema.columns()[0].clone(); 30].try_into().unwrap();
		contract.computing.iter_mut().for_each(|computing| computing.paillier = modulus.clone());
		contract.user_key = modulus;
		let honest = Sample::new(genesis(), JOB, &contract, selection, &Native).unwrap();
		let take = |name: &str, s: &TestSample, fault: &Fault| {
			let times = (0..5).map(|_| {
				let begin = std::time::Instant::now();
				assert!(matches!(check(&s.context(), fault), Ok(_) | Err(FaultError::FaultNotProven)), "{name}");
				begin.elapsed()
			});
			println!("{bits} bits, {name}: {:?}", times.min().unwrap());
		};
		for (name, _, cheat, _, kind) in CHEATS {
			let dear = ["adds one to an output", "aggregates all but one", "replaces a leaf", "swaps two columns"];
			if dear.contains(name) || *kind == FaultKind::Selector {
				let mut s = honest.clone();
				cheat(&mut s);
				take(name, &s, &find(&s).unwrap());
			}
		}
		let entry = honest.entry_proof(CHOSEN, 0).unwrap();
		take("an entry", &honest, &Fault::Entry { data: 1, computing: 1, feature: 2, entry });
		take("a sealed feature", &honest, &column(&honest, CHOSEN));
		let mut s = honest.clone();
		let index = s.entry_index(CHOSEN);
		let long = Modulus::try_from(vec![0x77; bits as usize / 8]).unwrap();
		s.inputs[1][0].entries[index].proof.kappa_response = long;
		take("a transfer", &s, &transfer(&s, CHOSEN));
		let (context, inputs) = (honest.context(), honest.part_of_inputs(1, 0).unwrap());
		let begin = std::time::Instant::now();
		assert_eq!(context.find_unproven_transfer([1, 1], &honest.messages[1], &inputs, &[7; 32]), None);
		println!("{bits} bits, 30 transfers together, responses of half the length: {:?}", begin.elapsed());
		take("a message", &honest, &selection_proof_fault(&honest, 1));
	}
	let step = product_tree::Step { value: H256::zero(), sibling: H256::zero() };
	let node = NodeProof {
		level: 0,
		index: 0,
		value: Number::try_from(vec![1; 768]).unwrap(),
		left: H256::zero(),
		right: H256::zero(),
		path: vec![step; 20].try_into().unwrap(),
		output_path: Path::default(),
	};
	let begin = std::time::Instant::now();
	node.tree_root(TreeShape::new(1 << 20)).unwrap();
	println!("a path in a tree of a million leaves: {:?}", begin.elapsed());
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 24, ..Default::default() })]

	/// One number changed anywhere in what is published, and hashed anew: found, and charged to whom it belongs.
	#[test]
	fn whatever_is_changed_is_found(kind in 0..KINDS.len(), producer in 0usize..3, pick: prop::sample::Index, byte in 0usize..38) {
		let contract = contract(KINDS[kind]);
		let mut s = sample(&contract);
		let trees = match producer {
			2 => &mut s.result.trees,
			computing => &mut s.outputs[computing].trees,
		};
		let mut values: Vec<_> = trees.iter_mut().flat_map(|tree| tree.levels.iter_mut().flatten()).collect();
		let index = pick.index(values.len());
		values[index][byte] ^= 1;
		if producer < 2 {
			s.aggregate().unwrap();
		}
		let fault = find(&s).expect("something is found");
		let offender = check(&s.context(), &fault).map(|verdict| verdict.offender);
		prop_assert_eq!(offender, Ok([21, 22, COORDINATOR][producer]));
	}

	/// Any bit: refused, or not, but never a panic.
	#[test]
	fn mutated_proofs_never_panic(cheat in 0..CHEATS.len(), place: prop::sample::Index, bit in 0u8..8) {
		let (_, kind, cheat, _, _) = CHEATS[cheat];
		let contract = contract(kind);
		let mut s = sample(&contract);
		cheat(&mut s);
		let mut bytes = find(&s).unwrap().encode();
		let place = place.index(bytes.len());
		bytes[place] ^= 1 << bit;
		if let Ok(fault) = Fault::decode(&mut &bytes[..]) {
			let _ = check(&s.context(), &fault);
		}
	}
}

/// Seeds of the fuzzers.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus");

/// What runs of a fuzzer with every test: each seed, whole, cut and with bits changed. Tells how many seeds there are.
fn run_corpus(fuzzer: &str, take: impl Fn(&[u8])) -> usize {
	let seeds = std::fs::read_dir(format!("{CORPUS}/{fuzzer}")).unwrap();
	seeds
		.map(|file| {
			let bytes = std::fs::read(file.unwrap().path()).unwrap();
			take(&bytes);
			// A linear congruential generator: the same run everywhere.
			let mut state = bytes.len() as u64;
			for _ in 0..200 {
				state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
				let (place, bit) = ((state >> 33) as usize % bytes.len(), state >> 60 & 7);
				let mut other = bytes.clone();
				other[place] ^= 1 << bit;
				take(&other);
				take(&bytes[..place]);
			}
		})
		.count()
}

#[test]
fn the_fuzzers_proofs_are_taken_without_panic() {
	let contract = contract(TemplateKind::ColumnSum);
	let honest = sample(&contract);
	let context = honest.context();
	let seeds = run_corpus("check", |bytes| {
		if let Ok(fault) = <Fault as codec::DecodeLimit>::decode_all_with_depth_limit(8, &mut &*bytes) {
			// The sample's proofs about selections are none.
			let verdict = check(&context, &fault);
			let found = verdict.is_ok_and(|verdict| verdict.kind != FaultKind::SelectionProof);
			assert!(!found, "an honest job is found at fault");
		}
	});
	assert!(seeds >= CHEATS.len());
}

/// A chunk of a unit, as the fuzzer takes it.
type ShownChunk = (Unit, u32, Vec<H256>, Vec<u8>);

/// A chunk of a unit of each kind, with its name.
fn honest_chunks(s: &TestSample) -> [(&'static str, ShownChunk); 5] {
	[
		("selection", Unit::Selection { computing: 1 }),
		("entries", Unit::Entries { data: 1, part: 0 }),
		("message", Unit::Message { data: 1, computing: 1, part: 0 }),
		("outputs", Unit::Outputs { computing: 1, part: 0 }),
		("result", Unit::Result { part: 0 }),
	]
	.map(|(name, unit)| {
		let answer = s.answer(&unit, 0).unwrap();
		(name, (unit, 0, answer.path, answer.bytes))
	})
}

#[test]
fn the_fuzzers_chunks_are_taken_without_panic() {
	let contract = contract(TemplateKind::ColumnSum);
	let honest = sample(&contract);
	let context = honest.context();
	let honest_chunks = honest_chunks(&honest);
	let seeds = run_corpus("chunk", |bytes| {
		if let Ok(chunk) = <ShownChunk as codec::DecodeAll>::decode_all(&mut &*bytes) {
			let (unit, number, path, bytes) = &chunk;
			let accepted = context.check_chunk(unit, *number, bytes, path).is_ok();
			assert_eq!(accepted, honest_chunks.iter().any(|(_, honest)| *honest == chunk));
		}
	});
	assert_eq!(seeds, honest_chunks.len());
}

#[test]
#[ignore = "writes the corpora that the other tests read"]
fn write_corpus() {
	let write = |fuzzer: &str, seed: &str, bytes: Vec<u8>| {
		std::fs::create_dir_all(format!("{CORPUS}/{fuzzer}")).unwrap();
		std::fs::write(format!("{CORPUS}/{fuzzer}/{seed}"), bytes).unwrap();
	};
	for (index, (_, kind, cheat, _, _)) in CHEATS.iter().enumerate() {
		let contract = contract(*kind);
		let mut s = sample(&contract);
		cheat(&mut s);
		write("check", &format!("{index:02}"), find(&s).unwrap().encode());
	}
	let contract = contract(TemplateKind::ColumnSum);
	let s = sample(&contract);
	write("check", "column", column(&s, CHOSEN).encode());
	let proof = selection_proof_fault(&s, 0);
	write("check", "selection-proof", proof.encode());
	write("check", "transfer", transfer(&s, CHOSEN).encode());
	for (name, chunk) in honest_chunks(&s) {
		write("chunk", name, chunk.encode());
	}
}
