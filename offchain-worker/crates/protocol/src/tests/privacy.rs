//! What each party can compute from what it holds, and what it cannot.

use super::*;
use crate::data_provider::EphemeralKey;
use encrytrust_fault_proofs::selector;
use encrytrust_oblivious_transfer::{ColumnKey, Context, SelectionMessage};
use encrytrust_paillier::{KeySize, Plaintext};
use encrytrust_types::job::Place;

/// The sealed bytes of every feature for a computing provider.
fn sealed(play: &Play, data: usize, computing: usize) -> Vec<Vec<u8>> {
	decode_all("test", &play.blobs.get(&play.part(data).messages[computing])).unwrap()
}

fn messages(play: &Play) -> Vec<Vec<u8>> {
	let Published { commitment, blob } = play.selected();
	play.job.read_messages(&blob, &commitment).unwrap()
}

fn context(computing: usize) -> Context {
	Context { genesis: GENESIS.0, job: 3, coordinator: COORDINATOR.0, provider: computing_provider(computing).0 }
}

/// Who has the salt recomputes every selector; a data provider would have to guess 32 bytes.
#[test]
fn selectors_say_nothing_without_the_salt() {
	let play = honest();
	let ring = &play.job.computing[0].ring;
	let message = &messages(&play)[0];
	let matches = |salt: [u8; 32], chosen: &[u16]| {
		let choices = Selection::new(salt, chosen, 4).unwrap().choices(4);
		let selectors = choices.iter().zip(message.chunks(ring.bytes()));
		selectors.filter(|(choice, found)| selector::selector(&GENESIS, 3, choice, ring).unwrap() == *found).count()
	};
	assert_eq!(matches([9; 32], &[0, 2]), 4, "the selection");
	assert_eq!(matches([9; 32], &[1, 3]), 0, "the salt alone shows every bit: it goes to those who select");
	for guess in [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] {
		assert_eq!(matches([8; 32], &guess), 0, "another salt tells no guess from another: {guess:?}");
	}
}

/// Everything that a data provider gets and makes is as long, and in the same places, whatever is selected.
#[test]
fn a_data_providers_view_has_the_same_form_whatever_is_selected() {
	let form = |selected: &[u16]| {
		let play = Play::honest(&Question { selected: selected.to_vec(), ..Question::means() });
		let messages: Vec<_> = messages(&play).iter().map(Vec::len).collect();
		let published = [Stage::Selection, Stage::Outputs, Stage::Result].map(|stage| {
			let of_stage = play.commitments.iter().filter(|delivered| delivered.stage == stage);
			of_stage.map(|delivered| play.blobs.get(&delivered.commitment.blob).len()).collect::<Vec<_>>()
		});
		let entries: Vec<_> =
			play.part(0).entries.iter().map(|entry| (entry.transfer.len(), entry.chunks, entry.blocks)).collect();
		(messages, published, entries, sealed(&play, 0, 0).iter().map(Vec::len).collect::<Vec<_>>())
	};
	assert_eq!(form(&[0, 2]), form(&[1, 3]));
}

/// Product trees are public. A data provider that found one of its ciphertexts there would know what was selected.
#[test]
fn published_leaves_are_nobodys_ciphertexts() {
	let play = honest();
	for computing in 0..3 {
		let opened = play.opened(computing).concat();
		let trees = play.product(Stage::Outputs, &computing_provider(computing)).trees;
		let leaves: Vec<_> = trees.iter().flat_map(|tree| &tree.levels[0]).collect();
		assert_eq!(leaves.len(), opened.len());
		for leaf in &leaves {
			assert!(!opened.contains(leaf));
			// The same plaintext all the same.
			let plain = |bytes: &[u8]| USER.decrypt(&USER.public().ciphertext(bytes).unwrap());
			assert_eq!(opened.iter().filter(|ciphertext| plain(ciphertext) == plain(leaf)).count(), 1);
		}
	}
}

/// A transfer holds the key's number where its feature is selected, and 0 where it is not.
#[test]
fn a_computing_provider_gets_exactly_what_was_selected() {
	let play = honest();
	let part = play.part(1);
	let sealed = sealed(&play, 1, 0);
	let secret = &COMPUTING[0];
	for feature in 0..4u16 {
		let entry = &part.entries[play.job.entry_index(0, feature)];
		let number = secret.decrypt(&secret.public().ciphertext(&entry.transfer).unwrap());
		let selected = play.question.selected.contains(&feature);
		assert_eq!(number == secret.public().zero(), !selected, "feature {feature}");
		let opens = |number: &Plaintext| {
			let key = ColumnKey::new(&context(0), &data_provider(1).0, feature.into(), number);
			key.open_chunk(0, true, &sealed[usize::from(feature)]).is_ok()
		};
		assert_eq!(opens(&number), selected, "feature {feature}");
		assert!(!opens(&secret.public().one()));
	}
}

/// What is sealed for one computing provider is nothing to another, who knows the same selection.
#[test]
fn computing_providers_cannot_open_each_others_inputs() {
	let play = honest();
	let open = |secret: &SecretKey| {
		let view = View { computing: Some((0, secret)), ..play.view(Eyes::User) };
		SealedInputs::new(&view, 0).open(0).map(|opened| opened.len())
	};
	assert_eq!(open(&COMPUTING[0]).unwrap(), 2);
	refusal("another's key", open(&COMPUTING[1]), "a selected feature of data provider 1");
}

/// The plaintext of a feature's sums of one data provider, before it is masked.
fn packed(play: &Play, data: usize, feature: u16) -> Plaintext {
	let rows = &play.question.data[data];
	let sums = sums(&play.job, &data_provider(data), rows);
	let slots: Vec<_> = sums.feature(feature).iter().map(|value| (*value, rows.len() as u64)).collect();
	play.job.layout(feature).unwrap().pack(&slots).unwrap()
}

/// The column templates of the leak table in `docs/security.md`: product trees are public, and the leaves of a selected
/// feature add up to its sums over all datasets, also where the result is one weighted total of several features.
#[test]
fn user_learns_sums_of_each_selected_feature_over_all_datasets() {
	let bins = Parameters::Histogram { low: -5, width: 10, bins: 4 };
	let weights = Parameters::Weights(vec![3, -2].try_into().unwrap());
	for (kind, parameters) in [
		(TemplateKind::ColumnSum, Parameters::None),
		(TemplateKind::ColumnMean, Parameters::None),
		(TemplateKind::ColumnVariance, Parameters::None),
		(TemplateKind::Covariance, Parameters::None),
		(TemplateKind::Histogram, bins),
		(TemplateKind::WeightedSum, weights),
	] {
		let columns = vec![(2, 20), (3, 20), (2, 30), (2, 1)];
		let play = Play::honest(&Question { columns, computers: 2, ..Question::of(kind, parameters, &[0, 2]) });
		let key = USER.public();
		let trees = [0, 1].map(|computing| play.product(Stage::Outputs, &computing_provider(computing)).trees);
		for (rank, feature) in [(0, 0), (1, 2)] {
			let mut learned = key.zero();
			for data in 0..3 {
				let (output, leaf) = play.job.contract.leaf_of(Place { data, block: 0, rank });
				for trees in &trees {
					let segment = &trees[output as usize].levels[0][leaf as usize];
					learned = key.add_plain(&learned, &USER.decrypt(&key.ciphertext(segment).unwrap()));
				}
				assert!(play.job.layout(feature).unwrap().unpack(&learned).is_err() || data == 2, "{kind:?}: masked");
			}
			let all = (0..3).map(|data| packed(&play, data, feature));
			assert_eq!(learned, all.fold(key.zero(), |sum, part| key.add_plain(&sum, &part)), "{kind:?}");
		}
	}
}

/// What is left of a data provider's column when all of its segments are added up.
fn sum_of_segments(play: &Play, data: usize) -> Plaintext {
	let key = USER.public();
	let inputs = (0..play.question.computers).map(|computing| play.opened(computing)[data][0].clone());
	let product = inputs.map(|bytes| key.ciphertext(&bytes).unwrap()).reduce(|a, b| key.add(&a, &b)).unwrap();
	USER.decrypt(&product)
}

/// The user with all computing providers and the coordinator, who hold every segment of one data provider.
#[test]
fn all_others_together_do_not_read_one_data_provider() {
	let play = honest();
	let all = (0..3).map(|data| sum_of_segments(&play, data));
	let key = USER.public();
	let total = all.clone().fold(key.zero(), |sum, part| key.add_plain(&sum, &part));
	let expected = (0..3).fold(key.zero(), |sum, data| key.add_plain(&sum, &packed(&play, data, 0)));
	assert_eq!(total, expected, "all of them make up the result");
	for (data, sum) in all.enumerate() {
		assert_ne!(sum, packed(&play, data, 0), "data provider {data} is masked");
		assert!(play.job.layout(0).unwrap().unpack(&sum).is_err(), "and what is left is no sum");
	}
	// A data provider alone has nobody to hide among: its sum is the result.
	let alone = Question { data: vec![vec![vec![1, 2, 3, 0]]], computers: 2, ..Question::means() };
	let play = Play::honest(&alone);
	assert_eq!(sum_of_segments(&play, 0), packed(&play, 0, 0));
}

/// Whoever gets hold of all static keys of all parties after the job, and has every segment, reads no data provider: the
/// masks follow from keys that are erased by then.
#[test]
fn static_keys_do_not_unmask_a_data_provider() {
	use encrytrust_secret_sharing::masks::{self, Masks};
	use hpke::{kem::X25519HkdfSha256, Kem, Serializable};
	let play = honest();
	let unmasked = |own: &EphemeralKey, peers: &[[u8; 32]]| {
		let place = masks::Job { genesis: play.job.genesis.0, job: play.job.id };
		let mask = Masks::new(own, peers, &place).unwrap().mask(USER.public(), 0, 0);
		USER.public().sub_plain(&sum_of_segments(&play, 0), &mask)
	};
	let sealing = |data: usize| {
		let (secret, public) = X25519HkdfSha256::derive_keypair(&data_provider(data).0);
		assert_eq!(<[u8; 32]>::from(public.to_bytes()), play.job.contract.data[data].party.endpoint.sealing);
		EphemeralKey::from_secret(&secret.to_bytes().into())
	};
	let posted = |data: usize| mask_key(data).public();
	let registered = |data: usize| sealing(data).public();
	assert_eq!(unmasked(&mask_key(0), &[posted(1), posted(2)]), packed(&play, 0, 0), "the key of the job does");
	for (name, own, peers) in [
		("static keys alone", sealing(0), [registered(1), registered(2)]),
		("a static key and the posted ones", sealing(0), [posted(1), posted(2)]),
		("those of the others and the posted one", sealing(1), [posted(0), registered(2)]),
	] {
		assert_ne!(unmasked(&own, &peers), packed(&play, 0, 0), "{name}");
	}
}

/// One segment short of all is uniform: no computing provider, and no n - 1 of them with the user, read anything.
#[test]
fn a_segment_short_of_all_is_no_sum() {
	let question = Question { data: vec![vec![vec![1, 2, 3, 0]]], ..Question::means() };
	let play = Play::honest(&question);
	let key = USER.public();
	let segment = |computing| USER.decrypt(&key.ciphertext(&play.opened(computing)[0][0]).unwrap());
	let pair = key.add_plain(&segment(0), &segment(1));
	for part in [segment(0), segment(1), segment(2), pair] {
		assert!(play.job.layout(0).unwrap().unpack(&part).is_err());
	}
}

/// Opening one feature in a proof of fault shows its own salt, from which no other one follows.
#[test]
fn an_opened_feature_shows_no_other() {
	let play = Question::means().ask();
	let opening = play.selection.open(0, 4).unwrap();
	assert!(opening.verify(play.job.contract.selection.commitment, 4));
	let salts: Vec<_> = play.selection.choices(4).into_iter().map(|choice| choice.salt).collect();
	for feature in 1..4u16 {
		let mut derived = Selection { salt: opening.choice.salt, bitmap: play.selection.bitmap.clone() };
		assert_ne!(derived.choices(4)[usize::from(feature)].salt, salts[usize::from(feature)]);
		derived.salt = play.selection.salt;
		assert_eq!(derived.choices(4)[usize::from(feature)].salt, salts[usize::from(feature)]);
	}
}

/// The proof with determined selectors is as random as any: two runs share their selectors and nothing else.
#[test]
fn proofs_are_drawn_anew() {
	let play = Question::means().ask();
	let message = || {
		let Published { commitment, blob } = coordinator::selection(&play.job, &play.selection).unwrap();
		play.job.read_messages(&blob, &commitment).unwrap().swap_remove(0)
	};
	let one = message();
	let other = message();
	let selectors = 4 * play.job.computing[0].ring.bytes();
	assert_eq!(one.len(), SelectionMessage::bytes(KeySize::Bits2048, 4));
	assert_eq!(one[..selectors], other[..selectors]);
	assert!(one[selectors..].chunks(16).zip(other[selectors..].chunks(16)).all(|(one, other)| one != other));
}

/// A block is of one data provider's rows, and its columns' trees are public: the user who is allowed row-wise templates reads
/// cells, as `docs/adr/0018-row-wise-templates.md` says. Nobody else reads anything.
#[test]
fn the_buyer_of_rows_can_read_their_cells() {
	let question = Question {
		columns: vec![(0, 20); 4],
		computers: 2,
		..Question::of(TemplateKind::RowSum, Parameters::None, &[0, 2])
	};
	let play = Play::honest(&question);
	let key = USER.public();
	let leaf = |computing: usize, rank: usize| {
		let leaf = play.product(Stage::Outputs, &computing_provider(computing)).trees[0].levels[0][rank].clone();
		USER.decrypt(&key.ciphertext(&leaf).unwrap())
	};
	let rows = play.question.data[0].len();
	let slots = encrytrust_paillier::packing::Slot { bits: 20, addends: 2 };
	let layout = encrytrust_paillier::packing::Layout::new(&vec![slots; rows], key.size()).unwrap();
	for (rank, column) in [0, 2].into_iter().enumerate() {
		let cells: Vec<_> = play.question.data[0].iter().map(|row| (i128::from(row[column]), 1)).collect();
		assert_eq!(key.add_plain(&leaf(0, rank), &leaf(1, rank)), layout.pack(&cells).unwrap());
		// One segment short of all is no block.
		assert!(layout.unpack(&leaf(0, rank)).is_err());
	}
}
