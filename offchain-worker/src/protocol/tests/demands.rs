//! What is missing, what to ask for, and what the chain takes as the answer.

use super::*;
use crate::protocol::watch::{answer, check, published_selection, published_trees, wanted, Outcome};
use codec::Encode;
use encrytrust_fault_proofs::{big_integers::Native, FaultContext};
use proptest::prelude::*;

/// Blobs, some of which are withheld, and answers to demands.
struct Withheld<'a> {
	play: &'a Play,
	without: Vec<[u8; 32]>,
	answers: Vec<(Stage, AccountId, u32, Vec<u8>)>,
}

impl Blobs for Withheld<'_> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		(!self.without.contains(digest)).then(|| self.play.blobs.blob(digest)).flatten()
	}

	fn answered(&self, stage: Stage, who: &AccountId, piece: u32) -> Option<Vec<u8>> {
		let mut given = self.answers.iter().filter(|given| (given.0, &given.1, given.2) == (stage, who, piece));
		given.next().map(|given| given.3.clone())
	}
}

impl<'a> Withheld<'a> {
	fn new(play: &'a Play, without: &[[u8; 32]]) -> Self {
		Self { play, without: without.to_vec(), answers: Vec::new() }
	}

	/// The party answers for a piece, and the chain takes it.
	fn answer(&mut self, stage: Stage, who: &AccountId, piece: u32) {
		let given = answer(&self.play.view(Eyes::Stranger), stage, who, piece).expect("the party has it");
		let roots = |stage, who: &AccountId| {
			let delivered = self.play.commitments.iter();
			let mut delivered = delivered.filter(|delivered| delivered.stage == stage && delivered.who == *who);
			delivered.next().map(|delivered| delivered.commitment.root)
		};
		let job = &self.play.job;
		let context = FaultContext { genesis: GENESIS, job: job.id, contract: &job.contract, roots, integers: &Native };
		assert_eq!(context.check_answer(stage, who, piece, &given.bytes, &given.path), Ok(()), "{stage:?} {piece}");
		assert!(context.check_answer(stage, who, piece + 1, &given.bytes, &given.path).is_err());
		self.answers.push((stage, who.clone(), piece, given.bytes));
	}

	/// The pieces that somebody misses in a stage.
	fn missing(&self, eyes: Eyes, stage: Stage) -> Vec<(AccountId, u32)> {
		let missing = |finding: watch::Finding| match finding.outcome {
			Outcome::Missing { piece, .. } => Some((finding.who, piece)),
			_ => None,
		};
		check(&self.play.view_with(eyes, self), stage).into_iter().filter_map(missing).collect()
	}
}

#[test]
fn a_withheld_blob_is_made_up_of_its_pieces() {
	let play = honest();
	let selected = play.selected();
	let mut withheld = Withheld::new(&play, &[selected.commitment.blob]);
	for piece in [1, 0, 2] {
		assert!(published_selection(&play.view_with(Eyes::User, &withheld)).is_err());
		assert_eq!(withheld.missing(Eyes::Computing(1), Stage::Selection), [(CORD, piece)]);
		withheld.answer(Stage::Selection, &CORD, piece);
	}
	assert_eq!(withheld.missing(Eyes::Computing(1), Stage::Selection), []);
	assert_eq!(published_selection(&play.view_with(Eyes::User, &withheld)).unwrap(), selected);
	for (stage, who) in [(Stage::Outputs, cp(2)), (Stage::Result, CORD)] {
		let part = digest(&play.product(stage, &who).encode());
		for without in [play.commitment(stage, &who).blob, part] {
			let mut withheld = Withheld::new(&play, &[without]);
			assert!(published_trees(&play.view_with(Eyes::User, &withheld), stage, &who).is_err());
			assert_eq!(withheld.missing(Eyes::Computing(1), stage), [(who.clone(), 0)]);
			withheld.answer(stage, &who, 0);
			assert_eq!(withheld.missing(Eyes::Computing(1), stage), []);
			let view = play.view_with(Eyes::User, &withheld);
			let trees = published_trees(&view, stage, &who).unwrap();
			assert_eq!(trees.product(0).unwrap(), play.product(stage, &who));
		}
	}
}

#[test]
fn a_withheld_feature_is_shown_by_its_piece() {
	let play = honest();
	let manifest = play.commitment(Stage::Inputs, &dp(1)).blob;
	let part = play.part(1);

	// A stranger misses the manifest, or its part; a computing provider what it needs of it, feature by feature.
	let withheld = Withheld::new(&play, &[manifest]);
	assert_eq!(withheld.missing(Eyes::Stranger, Stage::Inputs), [(dp(1), 0)]);
	let without_part = Withheld::new(&play, &[digest(&part.encode())]);
	assert_eq!(without_part.missing(Eyes::Stranger, Stage::Inputs), [(dp(1), 0)]);
	let without_message = Withheld::new(&play, &[part.messages[2]]);
	assert_eq!(without_message.missing(Eyes::Computing(1), Stage::Inputs), []);

	let honest = play.opened_of(2, 1).remove(0);
	for mut withheld in [withheld, without_part, without_message] {
		let open =
			|withheld: &Withheld<'_>| SealedInputs::new(&play.view_with(Eyes::Computing(2), withheld), 1).open(0);
		for piece in [8, 10] {
			assert_eq!(withheld.missing(Eyes::Computing(2), Stage::Inputs), [(dp(1), piece)]);
			refusal("a piece is missing", open(&withheld), "not at hand");
			withheld.answer(Stage::Inputs, &dp(1), piece);
		}
		assert_eq!(withheld.missing(Eyes::Computing(2), Stage::Inputs), []);
		assert_eq!(open(&withheld).unwrap(), honest);
	}
}

#[test]
fn a_blob_that_is_not_what_its_root_says_is_missing() {
	let mut play = honest();
	for (stage, who) in
		[(Stage::Selection, CORD), (Stage::Inputs, dp(0)), (Stage::Outputs, cp(0)), (Stage::Result, CORD)]
	{
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
			assert_eq!(missing, [(who.clone(), 0)], "{stage:?}: {name}");
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
		assert_eq!(missing.iter().filter(|wanted| wanted.from == dp(2)).count(), of_third);
		let inputs = missing.into_iter().filter(|wanted| wanted.from != CORD);
		at_hand.extend(inputs.map(|wanted| (wanted.digest, play.blobs.get(&wanted.digest))));
	}
	let missing = wanted(&play.view_with(Eyes::Computing(1), &at_hand), Stage::Inputs);
	assert_eq!(missing.iter().map(|wanted| &wanted.from).collect::<Vec<_>>(), [&CORD]);
	// A manifest that names more parts than there are is believed as far as the contract goes.
	let manifest = Manifest { parts: vec![[1; 32]; 1000] }.encode();
	let mut endless = play.clone();
	let root = play.commitment(Stage::Outputs, &cp(0)).root;
	let commitment = endless.keep(&committed(manifest, root));
	endless.replace(Stage::Outputs, &cp(0), commitment);
	assert_eq!(wanted(&endless.view(Eyes::Stranger), Stage::Outputs).len(), 1);
	for stage in [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result] {
		assert_eq!(count(Eyes::Computing(1), stage, &play.blobs), 0);
	}
}

#[test]
fn what_is_not_there_is_not_answered() {
	let play = honest();
	let view = play.view(Eyes::Stranger);
	for (name, stage, who, piece) in [
		("no such piece", Stage::Selection, CORD, 3),
		("no such feature", Stage::Inputs, dp(0), 12),
		("no such part", Stage::Outputs, cp(0), 1),
		("no such stage", Stage::Confirmation, cp(0), 0),
		("no commitment", Stage::Outputs, dp(0), 0),
	] {
		assert_eq!(answer(&view, stage, &who, piece), None, "{name}");
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	/// Served under a digest that fits: roots cover every byte, but for the digests of messages, which their readers check.
	#[test]
	fn a_changed_byte_anywhere_is_noticed(stage in 0usize..4, place: prop::sample::Index, bit in 0u8..8) {
		let (stage, who) =
			[(Stage::Selection, CORD), (Stage::Inputs, dp(0)), (Stage::Outputs, cp(0)), (Stage::Result, CORD)][stage].clone();
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
				play.keep(&Published::new(root, &Manifest { parts: vec![digest(&changed)] }))
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
			[(Stage::Selection, CORD), (Stage::Inputs, dp(0)), (Stage::Outputs, cp(0)), (Stage::Result, CORD)][stage].clone();
		let play = honest();
		let published = committed(bytes.clone(), H256([1; 32]));
		let commitments = [Delivered { stage, who: who.clone(), at: 1, commitment: published.commitment }];
		let blobs = HashMap::from([(published.commitment.blob, bytes)]);
		for eyes in ALL_EYES {
			let view = View { commitments: &commitments, ..play.view_with(eyes, &blobs) };
			check(&view, stage);
			wanted(&view, stage);
			answer(&view, stage, &who, 0);
		}
	}
}
