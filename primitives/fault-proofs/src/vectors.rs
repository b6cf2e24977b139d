//! `tests/fixtures/vectors/bmpc.json`: the bytes of `docs/protocol/bmpc.md`, for a second implementation.

use crate::{
	big_integers::Native,
	check,
	find::PartOfTrees,
	product_tree::Tree,
	ring::Ring,
	selector,
	tests::{find, sample, Cheat, TestContract, CHEATS},
	wire::{InputsPart, Manifest},
};
use codec::Encode;
use encrytrust_types::job::{
	basis,
	sample::{contract, genesis, selection, COMPUTING, COORDINATOR, DATA, JOB},
	Commitment, Delivered, Stage, TemplateKind, TreeShape, Unit,
};
use primitive_types::H256;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf};

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/vectors/bmpc.json").into()
}

fn compute() -> Value {
	let sum = contract(TemplateKind::ColumnSum);
	let weighted = contract(TemplateKind::WeightedSum);
	let rows = contract(TemplateKind::RowSum);
	let keys = sum.computing.iter().map(|computing| hex::encode(&computing.paillier));
	json!({
		"genesis": hex::encode(genesis()),
		"job": JOB,
		"user_key": hex::encode(&sum.user_key),
		"computing_keys": keys.collect::<Value>(),
		"features": sum.features(),
		"selected": selection().features(),
		"salt": hex::encode(selection().salt),
		"commitment": hex::encode(sum.selection.commitment),
		"choices": selection().choices(4).iter().map(|choice| hex::encode(choice.encode())).collect::<Value>(),
		"selectors": selectors(&sum),
		"blindings": blindings(&sum),
		"trees": [tree(&sample(&sum).outputs[0].trees[0], TreeShape::new(3), &[]), weighted_tree(&weighted)],
		"bases": bases(&sum),
		"rows": rows_of(&rows),
		"faults": CHEATS.iter().map(|cheat| fault(cheat)).collect::<Value>(),
	})
}

/// What the deliveries of each stage name.
fn bases(contract: &TestContract) -> Value {
	let parties = [(Stage::Selection, &[COORDINATOR][..]), (Stage::Inputs, &DATA), (Stage::Outputs, &COMPUTING)];
	let parties = parties.into_iter().chain([(Stage::Result, &[COORDINATOR][..])]);
	let places = parties.flat_map(|(stage, who)| who.iter().map(move |who| (stage, *who)));
	let deliver = |(number, (stage, who)): (u8, (Stage, u64))| Delivered {
		stage,
		who,
		at: 1u32,
		commitment: Commitment { root: H256::repeat_byte(number), blob: [number + 0x80; 32] },
	};
	let deliveries: Vec<_> = (1..).zip(places).map(deliver).collect();
	let mask_keys = [0x41, 0x42, 0x43].map(|number| Some([number; 32]));
	let of = |stage| hex::encode(basis(contract.hash(&genesis(), JOB), &mask_keys, stage, &deliveries));
	json!({
		"mask_keys": mask_keys.iter().flatten().map(hex::encode).collect::<Value>(),
		"deliveries": deliveries.iter().map(|delivered| json!({
			"stage": delivered.stage,
			"account": delivered.who,
			"root": hex::encode(delivered.commitment.root),
			"blob": hex::encode(delivered.commitment.blob),
		})).collect::<Value>(),
		"bases": {
			"confirmation": of(Stage::Confirmation),
			"selection": of(Stage::Selection),
			"inputs": of(Stage::Inputs),
			"outputs": of(Stage::Outputs),
			"result": of(Stage::Result),
		},
	})
}

/// For each computing provider and feature.
fn selectors(contract: &TestContract) -> Value {
	let sample = sample(contract);
	let of = |(computing, message): (usize, &Vec<u8>)| {
		let bytes = 2 * contract.computing[computing].paillier.len();
		message.chunks(bytes).take(4).map(hex::encode).collect::<Value>()
	};
	sample.messages.iter().enumerate().map(of).collect()
}

/// Of the first feature and block, for each computing provider and data provider.
fn blindings(contract: &TestContract) -> Value {
	let places = (0..2).flat_map(|computing| (0..3).map(move |data| (computing, data)));
	places.map(|(computing, data)| blinding(contract, 0, computing, data, 0)).collect()
}

/// What a leaf is multiplied by, and its root `b`.
fn blinding(contract: &TestContract, feature: u16, computing: u32, data: u32, block: u32) -> Value {
	let ring = Ring::new(&contract.user_key, &Native).unwrap();
	let choice = selection().choices(4).remove(feature.into());
	let root = selector::blinding_root(&genesis(), JOB, &choice, computing, data, block, &ring);
	let factor = selector::blinding(&genesis(), JOB, &choice, computing, data, block, &ring).unwrap();
	json!({
		"feature": feature,
		"computing": computing,
		"data": data,
		"block": block,
		"root": hex::encode(&*root),
		"factor": hex::encode(factor),
	})
}

/// How the rows of a row-wise job are cut, and what a block's leaf is multiplied by.
fn rows_of(contract: &TestContract) -> Value {
	json!({
		"contract": hex::encode(contract.encode()),
		"contract_hash": hex::encode(contract.hash(&genesis(), JOB)),
		"rows_per_block": contract.packing().rows_per_block(),
		"blocks": (0..3).map(|data| contract.blocks(data)).collect::<Value>(),
		"part_size": contract.part_size(),
		"outputs": contract.outputs(),
		"units": contract.all_units().map(|unit| unit_of(contract, &unit)).collect::<Value>(),
		"publication": contract.publication(),
		"blindings": ([0, 1, 130].map(|block| blinding(contract, 1, 1, 1, block))),
		"published": published(contract),
	})
}

/// Manifests of two parts. Of the first part of the inputs, which is long, its digest and root in the manifest are all that
/// there is.
fn published(contract: &TestContract) -> Value {
	let sample = sample(contract);
	let (data, part) = (1u16, 1usize);
	let chunks = &sample.chunks[usize::from(data)];
	let messages = |part: usize| {
		let sealed: Vec<Vec<u8>> = chunks[part].iter().map(|chunks| chunks.concat()).collect();
		sealed.chunks(contract.features().into()).map(Encode::encode).collect::<Vec<_>>()
	};
	let inputs = sample.inputs[usize::from(data)].iter().enumerate().map(|(part, inputs)| {
		let messages = messages(part).iter().map(|message| Sha256::digest(message).into()).collect();
		InputsPart { messages, ..inputs.clone() }
	});
	let inputs: Vec<_> = inputs.collect();
	let outputs = sample.parts(&sample.outputs[0]);
	let roots = sample.parts_of_trees(Stage::Outputs, &outputs).unwrap();
	let [inputs_manifest, outputs_manifest] = [
		manifest(&inputs, inputs.iter().map(InputsPart::root)),
		manifest(&outputs, roots.iter().map(PartOfTrees::root)),
	];
	json!({
		"inputs": {
			"data": data,
			"part": part,
			"manifest": hex::encode(&inputs_manifest),
			"blob": hex::encode(Sha256::digest(&inputs_manifest)),
			"root": hex::encode(sample.root(Stage::Inputs, &DATA[usize::from(data)]).unwrap()),
			"inputs_part": hex::encode(inputs[part].encode()),
			"messages": messages(part).iter().map(hex::encode).collect::<Value>(),
		},
		"outputs": {
			"computing": 0,
			"manifest": hex::encode(&outputs_manifest),
			"blob": hex::encode(Sha256::digest(&outputs_manifest)),
			"root": hex::encode(sample.root(Stage::Outputs, &COMPUTING[0]).unwrap()),
			"parts": outputs.iter().map(|part| hex::encode(part.encode())).collect::<Value>(),
		},
	})
}

fn manifest<Part: Encode>(parts: &[Part], roots: impl Iterator<Item = H256>) -> Vec<u8> {
	let digests = parts.iter().map(|part| Sha256::digest(part.encode()).into());
	Manifest { parts: digests.collect(), roots: roots.collect() }.encode()
}

/// A message unit, with the items of its chunks and their bytes.
fn unit_of(contract: &TestContract, unit: &Unit) -> Value {
	let chunk = |chunk| {
		let items = contract.chunk_items(unit, chunk).unwrap();
		json!([items.start, items.end, contract.chunk_bytes(unit, chunk).unwrap()])
	};
	let chunks = (0..contract.unit_chunks(unit)).map(chunk).collect::<Value>();
	json!({ "unit": hex::encode(unit.encode()), "chunks": chunks })
}

fn tree(tree: &Tree, shape: TreeShape, weights: &[i32]) -> Value {
	let hashes = tree.hashes(shape, tree.levels[0][0].len()).unwrap();
	let levels = tree.levels.iter().map(|level| level.iter().map(hex::encode).collect::<Value>());
	json!({ "weights": weights, "levels": levels.collect::<Value>(), "root": hex::encode(hashes.root()) })
}

fn weighted_tree(contract: &TestContract) -> Value {
	tree(&sample(contract).outputs[0].trees[0], TreeShape::weighted(6), contract.parameters.weights())
}

/// A cheat's proof, with the roots that it is checked against. Accounts are numbers of 8 bytes here.
fn fault((name, kind, cheat, offender, fault): &Cheat) -> Value {
	let contract = contract(*kind);
	let mut sample = sample(&contract);
	cheat(&mut sample);
	let proof = find(&sample).unwrap();
	let verdict = check(&sample.context(), &proof).unwrap();
	assert_eq!((verdict.offender, verdict.kind), (*offender, *fault));
	let root = |stage, who: &u64| hex::encode(sample.root(stage, who).unwrap());
	json!({
		"what": name,
		"kind": kind,
		"offender": offender,
		"fault": fault,
		"proof": hex::encode(proof.encode()),
		"contract": hex::encode(contract.encode()),
		"contract_hash": hex::encode(contract.hash(&genesis(), JOB)),
		"selection_root": root(Stage::Selection, &COORDINATOR),
		"inputs_roots": DATA.iter().map(|who| root(Stage::Inputs, who)).collect::<Value>(),
		"outputs_roots": COMPUTING.iter().map(|who| root(Stage::Outputs, who)).collect::<Value>(),
		"result_root": root(Stage::Result, &COORDINATOR),
	})
}

#[test]
fn messages_are_made_as_written_down() {
	let file: Value = serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap();
	assert!(compute() == file, "other bytes: has the protocol's version changed?");
}

/// Writes the file anew, for a new version of the protocol.
#[test]
#[ignore = "writes the file that the other test reads"]
fn write() {
	fs::write(path(), serde_json::to_string_pretty(&compute()).unwrap() + "\n").unwrap();
}
