//! What is missing, what to ask for, and what the chain takes as the answer.

use super::*;
use crate::protocol::watch::{answer, check, open_inputs, published, wanted, Blobs, Outcome};
use encrytrust_primitives::fault::FaultContext;
use proptest::prelude::*;

/// Blobs, some of which are withheld, and answers to demands.
struct Withheld<'a> {
	play: &'a Play,
	without: Vec<[u8; 32]>,
	answers: Vec<(Stage, AccountId, u32, Vec<u8>)>,
}

impl Blobs for Withheld<'_> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		(!self.without.contains(digest)).then(|| self.play.blobs.get(digest).cloned()).flatten()
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
		let context = FaultContext { genesis: GENESIS, job: job.id, contract: &job.contract, roots };
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
	for (stage, who, pieces) in [
		(Stage::Selection, CORD, vec![1, 0, 2]),
		(Stage::Outputs, cp(2), vec![0, 1]),
		(Stage::Result, CORD, vec![0, 1]),
	] {
		let honest = play.published(stage, &who);
		let mut withheld = Withheld::new(&play, &[honest.commitment.blob]);
		for piece in pieces {
			assert!(published(&play.view_with(Eyes::User, &withheld), stage, &who).is_err());
			assert_eq!(withheld.missing(Eyes::Computing(1), stage), [(who.clone(), piece)]);
			withheld.answer(stage, &who, piece);
		}
		assert_eq!(withheld.missing(Eyes::Computing(1), stage), []);
		assert_eq!(published(&play.view_with(Eyes::User, &withheld), stage, &who).unwrap(), honest);
	}
}

#[test]
fn a_withheld_feature_is_shown_by_its_piece() {
	let play = honest();
	let manifest = play.published(Stage::Inputs, &dp(1));
	let message = cp::read_manifest(&play.job, 1, &manifest.blob, &manifest.commitment).unwrap().messages[2];

	// A stranger misses the manifest; a computing provider what it needs of it, feature by feature.
	let withheld = Withheld::new(&play, &[manifest.commitment.blob]);
	assert_eq!(withheld.missing(Eyes::Stranger, Stage::Inputs), [(dp(1), 0)]);
	let without_message = Withheld::new(&play, &[message]);
	assert_eq!(without_message.missing(Eyes::Computing(1), Stage::Inputs), []);

	let honest = play.opened(2).swap_remove(1);
	for mut withheld in [withheld, without_message] {
		let open = |withheld: &Withheld<'_>| open_inputs(&play.view_with(Eyes::Computing(2), withheld), 1);
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
		let honest = play.published(stage, &who);
		let mut longer = honest.blob.clone();
		longer.push(0);
		for (name, other) in [
			("another root", committed(honest.blob.clone(), H256([1; 32]))),
			("a byte more", committed(longer, honest.commitment.root)),
			("garbage", committed(vec![0xff; 9], honest.commitment.root)),
			("nothing", committed(Vec::new(), honest.commitment.root)),
		] {
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
	// With the manifests at hand, a computing provider asks for its messages.
	let manifests: HashMap<_, _> = (0..3)
		.map(|data| play.published(Stage::Inputs, &dp(data)))
		.map(|published| (published.commitment.blob, published.blob))
		.collect();
	let missing = wanted(&play.view_with(Eyes::Computing(1), &manifests), Stage::Inputs);
	assert_eq!(missing.iter().filter(|wanted| wanted.from == dp(2)).count(), 1);
	assert_eq!(missing.len(), 4);
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
		("no such output", Stage::Outputs, cp(0), 2),
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
		let play = honest();
		let honest = play.published(stage, &who);
		let covered = honest.blob.len() - if stage == Stage::Inputs { 1 + 3 * 32 } else { 0 };
		let mut changed = honest.blob.clone();
		changed[place.index(covered)] ^= 1 << bit;
		let blobs = HashMap::from([(digest(&changed), changed.clone())]);
		let mut commitments = play.commitments.clone();
		let own = commitments.iter_mut().find(|delivered| delivered.stage == stage && delivered.who == who).unwrap();
		own.commitment = committed(changed, own.commitment.root).commitment;
		let view = View { commitments: &commitments, ..play.view_with(Eyes::Stranger, &blobs) };
		let findings = check(&view, stage);
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
