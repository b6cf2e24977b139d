//! What is missing, by which message units, and what the chain takes as the answer.

use super::{faults::send_packets, *};
use crate::verification::{
	answer_chunk, check, missing, published_message, published_selection, published_trees, wanted, Answer, Outcome,
};
use codec::Encode;
use encrytrust_fault_proofs::{big_integers::Native, FaultContext};
use encrytrust_types::job::{FaultKind, Role, Unit};
use proptest::prelude::*;

/// Blobs, some of which are withheld, and chunks that were published on chain.
struct Withheld<'a> {
	play: &'a Play,
	without: Vec<[u8; 32]>,
	answers: HashMap<(Unit, u32), Answer>,
}

impl Blobs for Withheld<'_> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		(!self.without.contains(digest)).then(|| self.play.blobs.blob(digest)).flatten()
	}

	fn answer(&self, unit: &Unit, chunk: u32) -> Option<Answer> {
		self.answers.get(&(*unit, chunk)).cloned()
	}
}

impl<'a> Withheld<'a> {
	fn new(play: &'a Play, without: &[[u8; 32]]) -> Self {
		Self { play, without: without.to_vec(), answers: HashMap::new() }
	}

	/// The owner answers with a unit, and the chain takes it.
	fn publish(&mut self, unit: Unit) {
		for chunk in 0..self.play.job.contract.unit_chunks(&unit) {
			let given = answer_chunk(&self.play.view(Eyes::Stranger), &unit, chunk).expect("the party has it");
			let roots = |stage, who: &AccountId| {
				let delivered = self.play.commitments.iter();
				let mut delivered = delivered.filter(|delivered| delivered.stage == stage && delivered.who == *who);
				delivered.next().map(|delivered| delivered.commitment.root)
			};
			let job = &self.play.job;
			let context =
				FaultContext { genesis: GENESIS, job: job.id, contract: &job.contract, roots, integers: &Native };
			assert_eq!(context.check_chunk(&unit, chunk, &given.bytes, &given.path), Ok(()), "{unit:?}");
			self.answers.insert((unit, chunk), given);
		}
	}

	/// The units that somebody misses in a stage.
	fn missing(&self, eyes: Eyes, stage: Stage) -> Vec<Unit> {
		let missing = |finding: verification::Finding| match finding.outcome {
			Outcome::Missing { unit, .. } => Some(unit),
			_ => None,
		};
		check(&self.play.view_with(eyes, self), stage).into_iter().filter_map(missing).collect()
	}

	/// The units that a party lacks for what it owes in a stage.
	fn lacks(&self, stage: Stage, role: Role, place: u16) -> Vec<Unit> {
		let contract = &self.play.job.contract;
		let needed = contract.needed_units(stage, role, place).map(|unit| contract.unit(unit).unwrap());
		missing(&self.play.view_with(Eyes::Stranger, self), needed)
	}
}

#[test]
fn a_withheld_selection_is_asked_for_by_those_who_need_it() {
	let play = honest();
	let selected = play.selected();
	let units = [0, 1, 2].map(|computing| Unit::Selection { computing });
	let mut withheld = Withheld::new(&play, &[selected.commitment.blob]);
	assert!(published_selection(&play.view_with(Eyes::User, &withheld)).is_err());
	assert_eq!(withheld.missing(Eyes::Computing(1), Stage::Selection), [units[1]]);
	assert_eq!(withheld.missing(Eyes::Stranger, Stage::Selection), units);
	assert_eq!(withheld.lacks(Stage::Outputs, Role::ComputingProvider, 1), [units[1]]);
	assert_eq!(withheld.lacks(Stage::Inputs, Role::DataProvider, 1), units);
	withheld.publish(units[1]);
	assert_eq!(withheld.missing(Eyes::Computing(1), Stage::Selection), []);
	assert_eq!(withheld.missing(Eyes::Stranger, Stage::Selection), [units[0], units[2]]);
	let message = published_message(&play.view_with(Eyes::Computing(1), &withheld), 1).unwrap();
	computing_provider::check_message(&play.job, &computing_provider(1), &play.selection, &message).unwrap();
	withheld.publish(units[0]);
	withheld.publish(units[2]);
	assert_eq!(withheld.missing(Eyes::Stranger, Stage::Selection), []);
	assert_eq!(published_selection(&play.view_with(Eyes::User, &withheld)).unwrap(), selected);
}

#[test]
fn withheld_trees_are_made_up_of_their_units() {
	let play = honest();
	let of_result = Unit::Result { part: 0 };
	let of_output = Unit::Outputs { computing: 2, part: 0 };
	for (stage, who, unit) in
		[(Stage::Outputs, computing_provider(2), of_output), (Stage::Result, COORDINATOR, of_result)]
	{
		let part = digest(&play.product(stage, &who).encode());
		for without in [play.commitment(stage, &who).blob, part] {
			let mut withheld = Withheld::new(&play, &[without]);
			assert!(published_trees(&play.view_with(Eyes::User, &withheld), stage, &who).is_err());
			assert_eq!(withheld.missing(Eyes::Computing(1), stage), [unit]);
			withheld.publish(unit);
			assert_eq!(withheld.missing(Eyes::Computing(1), stage), []);
			let view = play.view_with(Eyes::User, &withheld);
			let trees = published_trees(&view, stage, &who).unwrap();
			assert_eq!(trees.product(0).unwrap(), play.product(stage, &who));
		}
	}
	let mut withheld = Withheld::new(&play, &[play.commitment(Stage::Outputs, &computing_provider(2)).blob]);
	assert_eq!(withheld.lacks(Stage::Result, Role::Coordinator, 0), [of_output]);
	withheld.publish(of_output);
	assert_eq!(withheld.lacks(Stage::Result, Role::Coordinator, 0), []);
}

#[test]
fn withheld_inputs_are_asked_for_by_whole_units() {
	let play = honest();
	let manifest = play.commitment(Stage::Inputs, &data_provider(1)).blob;
	let part = play.part(1);
	let entries = Unit::Entries { data: 1, part: 0 };
	let message = Unit::Message { data: 1, computing: 2, part: 0 };
	let honest = play.opened_of(2, 1).remove(0);
	for (name, without, of_stranger, needed) in [
		("manifest", manifest, vec![entries], vec![entries, message]),
		("part", digest(&part.encode()), vec![entries], vec![entries, message]),
		("message", part.messages[2], vec![], vec![message]),
	] {
		let mut withheld = Withheld::new(&play, &[without]);
		let open =
			|withheld: &Withheld<'_>| SealedInputs::new(&play.view_with(Eyes::Computing(2), withheld), 1).open(0);
		assert_eq!(withheld.missing(Eyes::Stranger, Stage::Inputs), of_stranger, "{name}");
		assert_eq!(withheld.missing(Eyes::Computing(2), Stage::Inputs), needed, "{name}");
		assert_eq!(withheld.lacks(Stage::Outputs, Role::ComputingProvider, 2), needed, "{name}");
		refusal(name, open(&withheld), "not at hand");
		// The message alone has all that is needed to open it.
		withheld.publish(message);
		assert_eq!(open(&withheld).unwrap(), honest, "{name}");
		needed.iter().for_each(|unit| withheld.publish(*unit));
		assert_eq!(withheld.missing(Eyes::Computing(2), Stage::Inputs), [], "{name}");
	}
}

/// Whichever feature a data provider spoils, and whichever are selected: the same is missing.
#[test]
fn what_is_missing_does_not_depend_on_the_selection() {
	let honest = honest().until(Stage::Inputs);
	let other = Selection::new([9; 32], &[1, 3], 4).unwrap();
	for feature in 0..4 {
		let mut play = honest.clone();
		let mut part = play.part(0);
		let mut message: Vec<Vec<u8>> = decode_all("test", &play.blobs.get(&part.messages[1])).unwrap();
		message[feature][3] ^= 1;
		part.messages[1] = digest(&message.encode());
		play.blobs.keep(&message.encode()).unwrap();
		play.replace_part(0, &part);
		let expected = [Unit::Message { data: 0, computing: 1, part: 0 }];
		let withheld = Withheld::new(&play, &[]);
		assert_eq!(withheld.missing(Eyes::Computing(1), Stage::Inputs), expected);
		assert_eq!(withheld.missing(Eyes::Computing(0), Stage::Inputs), []);
		play.selection = other.clone();
		assert_eq!(Withheld::new(&play, &[]).missing(Eyes::Computing(1), Stage::Inputs), expected);
	}
}

/// What a part has another number of is missing, with all of it that follows.
#[test]
fn a_part_with_another_number_of_anything_is_missing() {
	let honest = honest().until(Stage::Inputs);
	let message = |computing| Unit::Message { data: 0, computing, part: 0 };
	let of_part = [Unit::Entries { data: 0, part: 0 }, message(1)];
	let of_message = [message(1)];
	type Change = fn(&mut InputsPart);
	let changes: [(&str, Change, &[Unit]); 6] = [
		("an entry less", |part| _ = part.entries.pop(), &of_part),
		("an entry more", |part| part.entries.push(part.entries[0].clone()), &of_part),
		("leaves of an entry less", |part| _ = part.ciphertexts.pop(), &of_part),
		("leaves of an entry more", |part| part.ciphertexts.push(part.ciphertexts[0].clone()), &of_part),
		// Of another computing provider.
		("a message less", |part| _ = part.messages.pop(), &of_message),
		("a message more", |part| part.messages.push([1; 32]), &of_message),
	];
	for (name, change, expected) in changes {
		let mut play = honest.clone();
		let mut part = play.part(0);
		change(&mut part);
		play.replace_part(0, &part);
		let withheld = Withheld::new(&play, &[]);
		assert_eq!(withheld.missing(Eyes::Computing(1), Stage::Inputs), expected, "{name}");
		assert_eq!(withheld.lacks(Stage::Outputs, Role::ComputingProvider, 1), expected, "{name}");
		for unit in expected {
			assert_eq!(answer_chunk(&play.view(Eyes::Stranger), unit, 0), None, "{name}");
		}
		// Nothing that such a part names is fetched.
		let part = digest(&part.encode());
		let manifest = play.commitment(Stage::Inputs, &data_provider(0)).blob;
		let at_hand = HashMap::from([part, manifest].map(|digest| (digest, play.blobs.get(&digest))));
		let wanted = wanted(&play.view_with(Eyes::Computing(1), &at_hand), Stage::Inputs);
		assert!(wanted.iter().all(|wanted| wanted.from != data_provider(0)), "{name}");
	}
}

/// Packets that are cut in another way than the contract says are not at hand, and cannot be answered with.
#[test]
fn irregular_packets_are_missing_for_ever() {
	let honest = honest().until(Stage::Inputs);
	let part = honest.part(0);
	let message: Vec<Vec<u8>> = decode_all("test", &honest.blobs.get(&part.messages[0])).unwrap();
	let good = &message[0];
	assert_eq!((good.len(), part.entries[0].chunks), (528, 1));
	let unit = Unit::Message { data: 0, computing: 0, part: 0 };
	for (name, packets) in [
		("one empty packet", vec![vec![]]),
		("no packet", vec![]),
		("a byte less", vec![good[1..].to_vec()]),
		("a byte more", vec![[&good[..], &[0]].concat()]),
		("8,208 bytes", vec![[&good[..], &[0; 8_208 - 528]].concat()]),
		("two packets", vec![good[..264].to_vec(), good[264..].to_vec()]),
		("an empty one behind", vec![good.clone(), vec![]]),
	] {
		let mut play = honest.clone();
		send_packets(&mut play, &packets);
		expect(name, &play, Stage::Inputs, &data_provider(0), FaultKind::Column, &[]);
		assert_eq!(Withheld::new(&play, &[]).missing(Eyes::Computing(0), Stage::Inputs), [unit], "{name}");
		assert_eq!(Withheld::new(&play, &[]).missing(Eyes::Computing(1), Stage::Inputs), [], "{name}");
		assert_eq!(answer_chunk(&play.view(Eyes::Stranger), &unit, 0), None, "{name}");
		// What it can answer with in the form of the contract is refused.
		let given = answer_chunk(&honest.view(Eyes::Stranger), &unit, 0).unwrap();
		let root = play.commitment(Stage::Inputs, &data_provider(0)).root;
		let roots = |_, _: &AccountId| Some(root);
		let context = FaultContext { genesis: GENESIS, job: 3, contract: &play.job.contract, roots, integers: &Native };
		assert!(context.check_chunk(&unit, 0, &given.bytes, &given.path).is_err(), "{name}");
	}
	let mut play = honest.clone();
	send_packets(&mut play, std::slice::from_ref(good));
	assert_eq!(Withheld::new(&play, &[]).missing(Eyes::Computing(0), Stage::Inputs), []);
}

/// Without manifest, part and message, from what was published on chain alone.
#[test]
fn every_proof_is_made_from_answers() {
	let mut column = honest().until(Stage::Inputs);
	let good = column.job.key.encrypt(&column.job.key.one()).to_bytes();
	faults::seal_instead(&mut column, &good, true);
	let mut entry = honest().until(Stage::Inputs);
	let mut part = entry.part(0);
	part.entries[5].transfer.iter_mut().for_each(|byte| *byte = 0);
	entry.replace_part(0, &part);
	let mut output = honest().until(Stage::Inputs);
	output.outputs_with(&|job, me, honest, store| {
		let honest = Trees::read(job, store, Stage::Outputs, me, &honest)?.product(0)?;
		let mut others = TreesWriter::new(job, Stage::Outputs, store)?;
		for tree in honest.trees {
			let mut leaves = tree.levels.into_iter().next().unwrap();
			leaves[0] = job.key.encrypt(&job.key.one()).to_bytes();
			others.push(job.tree(Stage::Outputs, leaves).unwrap())?;
		}
		others.finish()
	});
	let mut product = honest().until(Stage::Inputs);
	product.outputs_with(&|job, me, honest, store| {
		let honest = Trees::read(job, store, Stage::Outputs, me, &honest)?.product(0)?;
		let mut others = TreesWriter::new(job, Stage::Outputs, store)?;
		for mut tree in honest.trees {
			tree.levels[1][0][7] ^= 1;
			others.push(tree)?;
		}
		others.finish()
	});
	let mut swapped = honest();
	let mut trees = TreesWriter::new(&swapped.job, Stage::Result, &swapped.blobs).unwrap();
	swapped.product(Stage::Result, &COORDINATOR).trees.into_iter().rev().for_each(|tree| trees.push(tree).unwrap());
	let commitment = trees.finish().unwrap();
	swapped.replace(Stage::Result, &COORDINATOR, commitment);
	let mut bits = Question::means().ask();
	let mut messages: Vec<Vec<u8>> = decode_all("test", &honest().selected().blob).unwrap();
	messages[1][100] ^= 1;
	let commitment = bits.keep(&bits.job.publish_messages(&messages));
	bits.commit(Stage::Selection, COORDINATOR, commitment);
	for (play, stage, eyes, kind) in [
		(column, Stage::Inputs, Eyes::Computing(0), FaultKind::Column),
		(entry, Stage::Inputs, Eyes::Stranger, FaultKind::Entry),
		(output, Stage::Outputs, Eyes::User, FaultKind::Output),
		(product, Stage::Outputs, Eyes::Stranger, FaultKind::Product),
		(swapped, Stage::Result, Eyes::Stranger, FaultKind::Result),
		(bits, Stage::Selection, Eyes::Stranger, FaultKind::SelectionProof),
	] {
		let all: Vec<[u8; 32]> = play.blobs.0.lock().unwrap().keys().copied().collect();
		let mut withheld = Withheld::new(&play, &all);
		let committed = |unit: &Unit| {
			let who = &play.job.contract.unit_owner(unit).unwrap().who;
			play.commitments.iter().any(|seen| (seen.stage, &seen.who) == (unit.stage(), who))
		};
		play.job.contract.all_units().filter(committed).for_each(|unit| withheld.publish(unit));
		let found = check(&play.view_with(eyes, &withheld), stage);
		let kinds: Vec<_> = verification::faults(&found).map(|(_, fault)| verdict(&play, fault).unwrap().1).collect();
		assert!(kinds.contains(&kind), "{kind:?}: {found:?}");
	}
}

#[test]
fn a_blob_that_is_not_what_its_root_says_is_missing() {
	let mut play = honest();
	for (stage, who) in [
		(Stage::Selection, COORDINATOR),
		(Stage::Inputs, data_provider(0)),
		(Stage::Outputs, computing_provider(0)),
		(Stage::Result, COORDINATOR),
	] {
		let honest = play.commitment(stage, &who);
		let blob = play.blobs.get(&honest.blob);
		let mut longer = blob.clone();
		longer.push(0);
		for (name, other) in [
			("another root", committed(blob.clone(), H256([1; 32]))),
			("a byte more", committed(longer, honest.root)),
			("garbage", committed(vec![0xff; 9], honest.root)),
			("nothing", committed(Vec::new(), honest.root)),
		] {
			let other = play.keep(&other);
			play.replace(stage, &who, other);
			let missing = Withheld::new(&play, &[]).missing(Eyes::Stranger, stage);
			let of_part = |unit: &Unit| play.job.contract.unit_owner(unit).map(|party| &party.who) == Some(&who);
			let units = play.job.contract.all_units();
			let units = units.filter(|unit| unit.stage() == stage && unit.is_of_the_user() && of_part(unit));
			assert_eq!(missing, units.collect::<Vec<_>>(), "{stage:?}: {name}");
		}
		play.replace(stage, &who, honest);
	}
}

#[test]
fn what_a_check_looks_at_is_asked_for() {
	let play = honest();
	let nothing: HashMap<[u8; 32], Vec<u8>> = HashMap::new();
	let count = |eyes, stage, blobs: &dyn Blobs| wanted(&play.view_with(eyes, blobs), stage).len();
	for (eyes, stage, expected) in [
		(Eyes::Stranger, Stage::Confirmation, 4),
		(Eyes::Stranger, Stage::Selection, 1),
		(Eyes::Stranger, Stage::Inputs, 3),
		(Eyes::Computing(0), Stage::Inputs, 4),
		(Eyes::Stranger, Stage::Outputs, 3),
		(Eyes::User, Stage::Outputs, 6),
		(Eyes::Stranger, Stage::Result, 4),
	] {
		assert_eq!(count(eyes, stage, &nothing), expected, "{eyes:?} in {stage:?}");
	}
	// With the manifests at hand, their parts are asked for, and with these a computing provider's messages.
	let mut at_hand: HashMap<[u8; 32], Vec<u8>> = HashMap::new();
	for (expected, of_third) in [(4, 1), (4, 1), (4, 1)] {
		let missing = wanted(&play.view_with(Eyes::Computing(1), &at_hand), Stage::Inputs);
		assert_eq!(missing.len(), expected);
		assert_eq!(missing.iter().filter(|wanted| wanted.from == data_provider(2)).count(), of_third);
		let inputs = missing.into_iter().filter(|wanted| wanted.from != COORDINATOR);
		at_hand.extend(inputs.map(|wanted| (wanted.digest, play.blobs.get(&wanted.digest))));
	}
	let missing = wanted(&play.view_with(Eyes::Computing(1), &at_hand), Stage::Inputs);
	assert_eq!(missing.iter().map(|wanted| &wanted.from).collect::<Vec<_>>(), [&COORDINATOR]);
	// A manifest that names more parts than there are is believed as far as the contract goes.
	let manifest = Manifest { parts: vec![[1; 32]; 1000], roots: vec![] }.encode();
	let mut endless = play.clone();
	let root = play.commitment(Stage::Outputs, &computing_provider(0)).root;
	let commitment = endless.keep(&committed(manifest, root));
	endless.replace(Stage::Outputs, &computing_provider(0), commitment);
	assert_eq!(wanted(&endless.view(Eyes::Stranger), Stage::Outputs).len(), 1);
	for stage in [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result] {
		assert_eq!(count(Eyes::Computing(1), stage, &play.blobs), 0);
	}
}

#[test]
fn what_is_not_there_is_not_answered() {
	let play = honest().until(Stage::Inputs);
	let view = play.view(Eyes::Stranger);
	for (name, unit, chunk) in [
		("no such computing provider", Unit::Selection { computing: 3 }, 0),
		("no such chunk", Unit::Selection { computing: 0 }, 1),
		("no such part", Unit::Entries { data: 0, part: 1 }, 0),
		("no such data provider", Unit::Message { data: 3, computing: 0, part: 0 }, 0),
		("no commitment", Unit::Outputs { computing: 0, part: 0 }, 0),
		("no result", Unit::Result { part: 0 }, 0),
	] {
		assert_eq!(answer_chunk(&view, &unit, chunk), None, "{name}");
	}
	assert!(answer_chunk(&view, &Unit::Selection { computing: 0 }, 0).is_some());
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	/// Served under a digest that fits: roots cover every byte, but for the digests of messages, which their readers check.
	#[test]
	fn a_changed_byte_anywhere_is_noticed(stage in 0usize..4, place: prop::sample::Index, bit in 0u8..8) {
		let (stage, who) =
			[(Stage::Selection, COORDINATOR), (Stage::Inputs, data_provider(0)), (Stage::Outputs, computing_provider(0)), (Stage::Result, COORDINATOR)][stage].clone();
		let mut play = honest();
		let root = play.commitment(stage, &who).root;
		let mut changed = match stage {
			Stage::Selection => play.selected().blob,
			Stage::Inputs => play.part(0).encode(),
			_ => play.product(stage, &who).encode(),
		};
		let covered = changed.len() - if stage == Stage::Inputs { 1 + 3 * 32 } else { 0 };
		changed[place.index(covered)] ^= 1 << bit;
		let commitment = match stage {
			Stage::Selection => play.keep(&committed(changed, root)),
			_ => {
				play.blobs.keep(&changed).unwrap();
				let roots = decode_all::<Manifest>("", &play.blobs.get(&play.commitment(stage, &who).blob)).unwrap().roots;
				play.keep(&Published::new(root, &Manifest { parts: vec![digest(&changed)], roots }))
			},
		};
		play.replace(stage, &who, commitment);
		let findings = check(&play.view(Eyes::Stranger), stage);
		let noticed = findings.iter().any(|finding| finding.who == who && matches!(finding.outcome, Outcome::Missing { .. }));
		prop_assert!(noticed, "{:?}", findings);
	}

	#[test]
	fn no_bytes_make_a_reader_panic(stage in 0usize..4, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
		let (stage, who) =
			[(Stage::Selection, COORDINATOR), (Stage::Inputs, data_provider(0)), (Stage::Outputs, computing_provider(0)), (Stage::Result, COORDINATOR)][stage].clone();
		let play = honest();
		let published = committed(bytes.clone(), H256([1; 32]));
		let commitments = [Delivered { stage, who: who.clone(), at: 1, commitment: published.commitment }];
		let blobs = HashMap::from([(published.commitment.blob, bytes)]);
		for eyes in ALL_EYES {
			let view = View { commitments: &commitments, ..play.view_with(eyes, &blobs) };
			check(&view, stage);
			wanted(&view, stage);
			play.job.contract.all_units().for_each(|unit| drop(answer_chunk(&view, &unit, 0)));
			missing(&view, play.job.contract.all_units());
		}
	}
}
