//! What is wrong is found, by everybody who can see it and by nobody else, with a proof that the chain takes.

use super::*;
use codec::Encode;
use encrytrust_fault_proofs::wire;
use encrytrust_types::{job::FaultKind, merkle};
use std::sync::Mutex;

#[test]
fn a_coordinator_whose_proof_does_not_hold() {
	let play = honest();
	let honest = play.selected();
	let messages: Vec<Vec<u8>> = decode_all("test", &honest.blob).unwrap();
	// A selector of 2, which is no bit; a message cut short; one of another provider.
	let ring = &play.job.computing[1].ring;
	let mut two = messages.clone();
	let doubled = ring.multiply(&two[1][..512], &two[1][..512]).unwrap();
	two[1][..512].copy_from_slice(&doubled);
	let mut short = messages.clone();
	let mut moved = messages.clone();
	short[1].pop();
	moved[1] = messages[0].clone();
	for (name, messages) in [("no bit", two), ("cut short", short), ("another's", moved)] {
		let mut play = Question::means().ask();
		let commitment = play.keep(&play.job.publish_messages(&messages));
		play.commit(Stage::Selection, COORDINATOR, commitment);
		for eyes in [Eyes::Stranger, Eyes::User] {
			let found = seen(&play, eyes, Stage::Selection);
			assert_eq!(found.first(), Some(&(COORDINATOR, FaultKind::SelectionProof)), "{name}");
		}
		let Published { commitment, blob } = play.selected();
		let read = data_provider::read_selection(&play.job, &play.keys, &blob, &commitment);
		refusal(name, read, "the coordinator's selection for computing provider 2");
	}
}

#[test]
fn a_coordinator_who_swaps_outputs() {
	let mut play = honest();
	let mut swapped = TreesWriter::new(&play.job, Stage::Result, &play.blobs).unwrap();
	let trees = play.product(Stage::Result, &COORDINATOR).trees.into_iter().rev();
	trees.for_each(|tree| swapped.push(tree).unwrap());
	let commitment = swapped.finish().unwrap();
	play.replace(Stage::Result, &COORDINATOR, commitment);
	expect("a swap", &play, Stage::Result, &COORDINATOR, FaultKind::Result, &ALL_EYES);
}

/// Data provider 0 seals these bytes for computing provider 0 as feature 0, commits to them, and transfers the key of
/// another draw if `moved`.
pub(super) fn seal_instead(play: &mut Play, bytes: &[u8], moved: bool) {
	let (part, sealed) = sealed_otherwise(play, bytes, moved);
	commit_to_sealed(play, part, sealed);
}

/// Data provider 0 sends these packets as feature 0 to computing provider 0, and commits to them.
pub(super) fn send_packets(play: &mut Play, packets: &[Vec<u8>]) {
	let mut part = play.part(0);
	part.entries[0].sealed = merkle::root(&wire::leaves(packets.iter()));
	commit_to_sealed(play, part, packets.concat());
}

fn commit_to_sealed(play: &mut Play, mut part: InputsPart, sealed: Vec<u8>) {
	let mut message: Vec<Vec<u8>> = decode_all("test", &play.blobs.get(&part.messages[0])).unwrap();
	message[0] = sealed;
	let message = message.encode();
	part.messages[0] = digest(&message);
	play.blobs.keep(&message).unwrap();
	play.replace_part(0, &part);
}

fn sealed_otherwise(play: &mut Play, bytes: &[u8], moved: bool) -> (InputsPart, Vec<u8>) {
	let Published { commitment, blob } = play.selected();
	let selection = data_provider::read_selection(&play.job, &play.keys, &blob, &commitment).unwrap().swap_remove(0);
	let mut part = play.part(0);
	let (key, mut transfer) = selection.transfer(&data_provider(0).0, 0, 0);
	if moved {
		transfer = selection.transfer(&data_provider(0).0, 0, 0).1;
	}
	let chunks = key.seal_chunks([bytes].into_iter());
	let leaves = wire::leaves([bytes].into_iter());
	part.entries[0] = wire::Entry {
		transfer: transfer.ciphertext.to_bytes().try_into().unwrap(),
		proof: transfer.proof,
		sealed: merkle::root(&wire::leaves(chunks.iter())),
		chunks: 1,
		ciphertexts: merkle::root(&leaves),
		blocks: 1,
	};
	part.ciphertexts[0] = leaves;
	(part, chunks.concat())
}

#[test]
fn a_data_provider_who_seals_what_is_no_ciphertext() {
	let honest = honest().until(Stage::Inputs);
	let modulus = num_bigint::BigUint::from_bytes_be(&USER.public().modulus_bytes());
	let fixed = |number: num_bigint::BigUint| encrytrust_fault_proofs::big_integers::fixed_bytes(&number, 512);
	let good = USER.public().encrypt(&USER.public().one()).to_bytes();
	for (name, bytes, moved) in [
		("zero", fixed(0u8.into()), false),
		("one", fixed(1u8.into()), false),
		("N squared", fixed(modulus.pow(2)), false),
		("a multiple of N", fixed(&modulus * 5u8), false),
		("under another key", good.clone(), true),
	] {
		let mut play = honest.clone();
		seal_instead(&mut play, &bytes, moved);
		expect(name, &play, Stage::Inputs, &data_provider(0), FaultKind::Column, &[Eyes::Computing(0)]);
	}
	let mut play = honest;
	seal_instead(&mut play, &good, false);
	expect("a ciphertext", &play, Stage::Inputs, &data_provider(0), FaultKind::Column, &[]);
}

#[test]
fn a_data_provider_whose_entries_are_none() {
	let mut play = honest().until(Stage::Inputs);
	let part = play.part(1);
	type Change = fn(&mut wire::Entry);
	let changes: [(&str, Change); 6] = [
		("two chunks", |entry| entry.chunks = 2),
		("no ciphertext", |entry| entry.blocks = 0),
		("a transfer of zero", |entry| entry.transfer.iter_mut().for_each(|byte| *byte = 0)),
		("a short transfer", |entry| _ = entry.transfer.pop()),
		("no commitment", |entry| entry.proof.commitment.clear()),
		("a response too long", |entry| entry.proof.rho_response.try_push(0).unwrap()),
	];
	for (name, change) in changes {
		let mut part = part.clone();
		change(&mut part.entries[5]);
		play.replace_part(1, &part);
		expect(name, &play, Stage::Inputs, &data_provider(1), FaultKind::Entry, &ALL_EYES);
	}
}

/// A computing provider multiplies zero where a data provider, who colludes with it, has committed to zero: the leaf is what was
/// committed to, and yet no output can be made of it.
#[test]
fn a_computing_provider_who_multiplies_zero() {
	let mut play = honest().until(Stage::Inputs);
	let fixed = |number: num_bigint::BigUint| encrytrust_fault_proofs::big_integers::fixed_bytes(&number, 512);
	let modulus = num_bigint::BigUint::from_bytes_be(&USER.public().modulus_bytes());
	let honest = play.clone();
	for (name, number) in [("zero", fixed(0u8.into())), ("a multiple of N", fixed(&modulus * 3u8))] {
		play = honest.clone();
		play.outputs_with(&|job, me, honest, store| {
			let honest = Trees::read(job, store, Stage::Outputs, me, &honest)?.product(0)?;
			let mut others = TreesWriter::new(job, Stage::Outputs, store)?;
			for tree in honest.trees {
				let mut leaves = tree.levels.into_iter().next().unwrap();
				leaves[0] = number.clone();
				others.push(job.tree(Stage::Outputs, leaves).unwrap())?;
			}
			others.finish()
		});
		seal_instead(&mut play, &number, false);
		expect(name, &play, Stage::Outputs, &computing_provider(0), FaultKind::Product, &ALL_EYES);
	}
}

/// Entries are judged one by one: one that is none hides neither its neighbours nor who alters what they commit to.
#[test]
fn a_malformed_entry_hides_nobody_else() {
	let mut honest = honest().until(Stage::Inputs);
	let part = honest.part(0);
	let last = part.entries.len() - 1;
	type Change = fn(&mut InputsPart, usize);
	let changes: [(&str, Change); 3] = [
		("a transfer of zero", |part, last| part.entries[last].transfer.iter_mut().for_each(|byte| *byte = 0)),
		("another count", |part, last| part.entries[last].blocks = 7),
		("no leaves", |part, last| (part.entries[last].blocks, part.ciphertexts[last]) = (0, vec![])),
	];
	for (name, change) in changes {
		let mut part = part.clone();
		change(&mut part, last);
		honest.replace_part(0, &part);
		expect(name, &honest, Stage::Inputs, &data_provider(0), FaultKind::Entry, &ALL_EYES);
		let mut play = honest.clone();
		play.outputs_with(&|job, me, honest, store| {
			let honest = Trees::read(job, store, Stage::Outputs, me, &honest)?.product(0)?;
			let mut others = TreesWriter::new(job, Stage::Outputs, store)?;
			for tree in honest.trees {
				let mut leaves = tree.levels.into_iter().next().unwrap();
				leaves[1] = job.key.encrypt(&job.key.one()).to_bytes();
				others.push(job.tree(Stage::Outputs, leaves).unwrap())?;
			}
			others.finish()
		});
		expect(name, &play, Stage::Outputs, &computing_provider(0), FaultKind::Output, &INSIDERS);
	}
}

/// The transfer is the product of powers of selectors: whoever opens it gives the selection away. No computing provider
/// does, whether what is sealed opens or not; everybody sees that the data provider does not know what it transfers.
#[test]
fn a_data_provider_who_transfers_what_it_does_not_know() {
	let mut play = honest().until(Stage::Inputs);
	let messages: Vec<Vec<u8>> = decode_all("test", &play.selected().blob).unwrap();
	let key = COMPUTING[0].public();
	let selectors = messages[0].chunks(512).take(4).map(|selector| key.ciphertext(selector).unwrap());
	let selectors: Vec<_> = selectors.collect();
	let terms = selectors.iter().zip(0..).map(|(selector, feature)| (selector, key.number(1 << feature)));
	let bitmap = key.rerandomise(&key.combine_vartime(&terms.collect::<Vec<_>>()));
	assert_eq!(COMPUTING[0].decrypt(&bitmap), key.number(0b101));
	let mut part = play.part(0);
	part.entries[0].transfer = bitmap.to_bytes().try_into().unwrap();
	play.replace_part(0, &part);
	expect("an oracle", &play, Stage::Inputs, &data_provider(0), FaultKind::Transfer, &ALL_EYES);

	// Nor does the proof of another feature's transfer show anything.
	let mut play = honest().until(Stage::Inputs);
	let mut part = play.part(0);
	part.entries[2].proof = part.entries[1].proof.clone();
	play.replace_part(0, &part);
	expect("another's proof", &play, Stage::Inputs, &data_provider(0), FaultKind::Transfer, &ALL_EYES);
}

/// Counts how often each blob is read.
struct Counted<'b> {
	blobs: &'b Shelf,
	reads: Mutex<HashMap<[u8; 32], usize>>,
}

impl Blobs for Counted<'_> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		*self.reads.lock().unwrap().entry(*digest).or_default() += 1;
		self.blobs.blob(digest)
	}
}

/// Data provider 0 seals no selected feature as it should for computing provider 0, who pays for one proof and not for each.
#[test]
fn a_look_ends_with_the_first_fault_and_reads_the_selection_once() {
	let mut play = honest().until(Stage::Inputs);
	let mut part = play.part(0);
	let mut message: Vec<Vec<u8>> = decode_all("test", &play.blobs.get(&part.messages[0])).unwrap();
	for feature in play.selection.features().into_iter().map(usize::from) {
		message[feature][0] ^= 1;
		let packets = wire::sealed_chunks(&message[feature], play.job.ring.bytes());
		part.entries[feature].sealed = merkle::root(&wire::leaves(packets));
	}
	let message = message.encode();
	part.messages[0] = digest(&message);
	play.blobs.keep(&message).unwrap();
	play.replace_part(0, &part);
	expect("all spoiled", &play, Stage::Inputs, &data_provider(0), FaultKind::Column, &[Eyes::Computing(0)]);

	let counted = Counted { blobs: &play.blobs, reads: Mutex::default() };
	let view = play.view_with(Eyes::Computing(0), &counted);
	let found = verification::check_until_fault(&view, Stage::Inputs);
	assert_eq!(verification::faults(&found).count(), 1);
	let reads = |digest: &[u8; 32]| counted.reads.lock().unwrap().get(digest).copied().unwrap_or_default();
	assert_eq!(reads(&play.selected().commitment.blob), 1, "the coordinator's messages");
	for other in [1, 2] {
		let commitment = play.commitment(Stage::Inputs, &data_provider(other));
		assert_eq!(reads(&commitment.blob), 0, "data provider {other}");
	}
	verification::check(&view, Stage::Inputs);
	assert_eq!(reads(&play.selected().commitment.blob), 2, "once more, for all data providers together");
}
