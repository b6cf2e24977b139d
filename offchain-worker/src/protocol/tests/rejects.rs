//! What each party refuses of what it gets.

use super::*;
use crate::protocol::ProtocolError;
use encrytrust_chain_client::{JobInfo, Status};
use encrytrust_paillier::fixed_point;
use encrytrust_primitives::wire::{InputsManifest, Product};

fn spoilt(play: &Play, change: impl Fn(&mut Contract)) -> Result<Job, ProtocolError> {
	let mut contract = (*play.job.contract).clone();
	change(&mut contract);
	Job::new(3, GENESIS, contract)
}

#[test]
fn a_bad_contract_is_refused() {
	let play = Question::means().ask();
	let contract = (*play.job.contract).clone();
	let info = |hash| JobInfo {
		contract: contract.clone(),
		hash,
		requested_at: 1,
		status: Status::Challenge { until: 2 },
		commitments: Vec::new(),
	};
	let hash = contract.hash(&GENESIS, 3);
	assert!(Job::checked(3, GENESIS, &info(hash)).is_ok());
	refusal("another job's hash", Job::checked(4, GENESIS, &info(hash)), "does not have the hash");
	refusal("another chain", Job::checked(3, H256([8; 32]), &info(hash)), "does not have the hash");
	type Change = fn(&mut Contract);
	let changes: [(&str, Change, &str); 7] = [
		("an even modulus", |contract| contract.user_key[255] &= 0xfe, "the user's key"),
		("a short modulus", |contract| _ = contract.user_key.pop(), "the user's key"),
		(
			"an even modulus of a provider",
			|contract| contract.computing[1].paillier[255] &= 0xfe,
			"computing provider 2",
		),
		(
			"weights for a mean",
			|contract| contract.parameters = Parameters::Weights(vec![1, 2].try_into().unwrap()),
			"do not fit",
		),
		("no columns", |contract| contract.schema = Default::default(), "no features"),
		("no rows", |contract| contract.data.iter_mut().for_each(|data| data.rows = 0), "template"),
		(
			"columns too wide",
			|contract| {
				contract.kind = TemplateKind::ColumnVariance;
				contract.schema[0].bits = 62;
				contract.data[0].rows = 1 << 40;
			},
			"template",
		),
	];
	for (name, change, words) in changes {
		refusal(name, spoilt(&play, change), words);
	}
}

#[test]
fn a_request_that_is_not_the_committed_selection_is_refused() {
	let play = Question::means().ask();
	let open = |job: &Job| {
		let of_cord = cord::open_request(job, &sealing(&CORD));
		let of_cp = cp::open_request(job, &cp(1), &sealing(&cp(1)));
		assert_eq!(of_cord.is_ok(), of_cp.is_ok());
		of_cp
	};
	assert_eq!(open(&play.job).unwrap(), play.selection);
	refusal("another user", open(&spoilt(&play, |contract| contract.user = dp(0)).unwrap()), "does not open");
	let reseal = |selection: Selection, committed: Option<H256>| {
		let job = spoilt(&play, |contract| {
			let selected = contract.selection.selected;
			let question = Question::means().contract(&selection, 4);
			contract.selection = question.selection;
			contract.selection.selected = selected;
			if let Some(commitment) = committed {
				contract.selection.commitment = commitment;
			}
		});
		job.unwrap()
	};
	let other = |features: &[u16]| Selection::new([9; 32], features, 4).unwrap();
	for (name, selection, words) in [
		("a feature less", other(&[0]), "as many features"),
		("a feature more", other(&[0, 1, 2]), "as many features"),
		("a feature outside", Selection { salt: [9; 32], bitmap: vec![0b0010_0001] }, "as many features"),
		("too long", Selection { salt: [9; 32], bitmap: vec![5, 0] }, "as many features"),
		("none", Selection { salt: [9; 32], bitmap: vec![0] }, "as many features"),
	] {
		refusal(name, open(&reseal(selection, None)), words);
	}
	// Sealed under a commitment that it does not open.
	let wrong = Selection::new([8; 32], &[0, 2], 4).unwrap();
	let job = spoilt(&play, |contract| {
		let place = crate::sealing::Place {
			commitment: contract.selection.commitment,
			genesis: GENESIS,
			from: &USER_ACCOUNT,
			to: &cp(1),
		};
		use codec::Encode;
		let sealed = crate::sealing::seal(&sealing(&cp(1)).public(), &place, &wrong.encode()).unwrap();
		contract.selection.sealed[1] = sealed.try_into().unwrap();
	});
	refusal("another salt", cp::open_request(&job.unwrap(), &cp(1), &sealing(&cp(1))), "does not open the contract's");
	refusal("a stranger", cp::open_request(&play.job, &dp(0), &sealing(&dp(0))), "no computing provider");
	refusal("another's key", cp::open_request(&play.job, &cp(1), &sealing(&cp(0))), "does not open");
	let unsealed = spoilt(&play, |contract| contract.selection.sealed.truncate(2)).unwrap();
	refusal("not sealed to all", cord::open_request(&unsealed, &sealing(&CORD)), "not sealed to this account");
}

#[test]
fn a_data_provider_refuses_selections_that_are_not_committed() {
	let play = honest();
	let good = play.published(Stage::Selection, &CORD);
	let read = |job: &Job, published: &Published| {
		dp::read_selection(job, &play.keys, &published.blob, &published.commitment).map(|selections| selections.len())
	};
	assert_eq!(read(&play.job, &good).unwrap(), 3);
	let messages: Vec<Vec<u8>> = crate::protocol::decode_all("test", &good.blob).unwrap();
	let mut changed = good.blob.clone();
	changed[10] ^= 1;
	let (mut swapped, mut short) = (messages.clone(), messages.clone());
	swapped.swap(0, 1);
	short.pop();
	let other_blob = Published { blob: changed.clone(), ..good.clone() };
	refusal("another blob", read(&play.job, &other_blob), "committed to");
	refusal("another root", read(&play.job, &committed(changed, good.commitment.root)), "committed to");
	refusal("another's message", read(&play.job, &play.job.publish_messages(&swapped)), "for computing provider 1");
	refusal("a message less", read(&play.job, &play.job.publish_messages(&short)), "another number of messages");
	refusal("garbage", read(&play.job, &committed(vec![0xff; 9], good.commitment.root)), "cannot be read");
	refusal("another job's", read(&Job { id: 4, ..play.job.clone() }, &good), "does not hold");
}

#[test]
fn a_data_provider_needs_peers_to_hide_among() {
	let play = Question::means().ask();
	let check = |job: &Job| dp::check_peers(job, &dp(0), &sealing(&dp(0)));
	assert!(check(&play.job).is_ok());
	refusal("another's key", dp::check_peers(&play.job, &dp(0), &sealing(&dp(1))), "another sealing key");
	refusal("a stranger", dp::check_peers(&play.job, &cp(0), &sealing(&cp(0))), "no data provider");
	let with = |index: usize, key: [u8; 32]| {
		spoilt(&play, |contract| contract.data[index].party.endpoint.sealing = key).unwrap()
	};
	refusal("a key twice", check(&with(2, sealing(&dp(1)).public())), "twice");
	refusal("the own key twice", check(&with(2, sealing(&dp(0)).public())), "twice");
	refusal("a key of small order", check(&with(1, [0; 32])), "small order");
}

#[test]
fn a_computing_provider_refuses_inputs_that_are_not_committed() {
	let play = honest();
	let good = play.published(Stage::Inputs, &dp(0));
	let read = |published: &Published| cp::read_manifest(&play.job, 0, &published.blob, &published.commitment);
	let manifest = read(&good).unwrap();
	let other = |change: &dyn Fn(&mut InputsManifest)| {
		let mut manifest = manifest.clone();
		change(&mut manifest);
		Published::new(manifest.root(), &manifest)
	};
	refusal("another root", read(&committed(good.blob.clone(), H256([1; 32]))), "committed to");
	refusal("an entry less", read(&other(&|manifest| _ = manifest.entries.pop())), "another number");
	refusal("a message less", read(&other(&|manifest| _ = manifest.messages.pop())), "another number");
	refusal("another blob", read(&Published { blob: vec![0], ..good.clone() }), "committed to");
	refusal("garbage", read(&committed(vec![0xff; 9], good.commitment.root)), "cannot be read");

	let message = &play.blobs[&manifest.messages[0]];
	let open = |manifest: &InputsManifest, who: &AccountId, index: usize, message: &[u8]| {
		cp::open_inputs(&play.job, who, &COMPUTING[0], &play.selection, index, manifest, message)
	};
	assert!(open(&manifest, &cp(0), 0, message).is_ok());
	refusal("another's message", open(&manifest, &cp(0), 0, &play.blobs[&manifest.messages[1]]), "committed to");
	refusal("a stranger", open(&manifest, &dp(0), 0, message), "no computing provider");
	refusal("another sender", open(&manifest, &cp(0), 1, message), "does not open");

	// Messages under their digest, whose bytes are not those of the entries.
	let sealed: Vec<Vec<u8>> = crate::protocol::decode_all("test", message).unwrap();
	let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
		use codec::Encode;
		let mut sealed = sealed.clone();
		change(&mut sealed);
		let message = sealed.encode();
		let mut manifest = manifest.clone();
		manifest.messages[0] = digest(&message);
		open(&manifest, &cp(0), 0, &message)
	};
	refusal("a feature less", with(&|sealed| _ = sealed.pop()), "another number of features");
	refusal("changed bytes", with(&|sealed| sealed[2][7] ^= 1), "feature 2 of data provider 1: its sealed bytes");
	refusal("swapped features", with(&|sealed| sealed.swap(0, 1)), "feature 0");
	refusal("nothing", with(&|sealed| sealed[0].clear()), "feature 0");
	refusal("two chunks", with(&|sealed| sealed[0].resize(9000, 0)), "feature 0");
	assert!(with(&|sealed| sealed[1].clear()).is_ok(), "what is not selected is not looked at");
}

#[test]
fn products_that_are_not_committed_are_refused() {
	let play = honest();
	let good = play.published(Stage::Outputs, &cp(0));
	let read = |published: &Published| {
		play.job.read_outputs(Stage::Outputs, "the output", &published.blob, &published.commitment)
	};
	let product = read(&good).unwrap().product;
	let other = |change: &dyn Fn(&mut Product)| {
		let mut product = product.clone();
		change(&mut product);
		play.job.publish(Stage::Outputs, &product).unwrap()
	};
	let mut longer = good.blob.clone();
	longer.push(0);
	refusal("another blob", read(&Published { blob: longer.clone(), ..good.clone() }), "committed to");
	refusal("more bytes", read(&committed(longer, good.commitment.root)), "left over");
	refusal("another root", read(&committed(good.blob.clone(), H256([1; 32]))), "committed to");
	refusal("a tree less", read(&other(&|product| _ = product.trees.pop())), "another number of trees");
	let no_ciphertext = read(&other(&|product| product.trees[0].levels[2][0].fill(0)));
	refusal("no ciphertext", no_ciphertext, "no ciphertext");
	refusal(
		"no output stage",
		play.job.read_outputs(Stage::Inputs, "", &good.blob, &good.commitment),
		"no product trees",
	);
	let result = play.published(Stage::Result, &CORD);
	let of_two = Question { data: Question::means().data[..2].to_vec(), ..Question::means() }.ask().job;
	let height = of_two.read_outputs(Stage::Outputs, "", &good.blob, &good.commitment);
	refusal("another height", height, "number of leaves");
	assert!(of_two.read_outputs(Stage::Result, "", &result.blob, &result.commitment).is_ok());
}

#[test]
fn a_user_notices_results_that_no_honest_job_has() {
	let play = honest();
	let result = play.outputs_of(Stage::Result, &CORD);
	let decrypt = |job: &Job, key: &SecretKey, selection: &Selection, result: &super::super::Outputs| {
		user::decrypt(job, key, selection, result)
	};
	assert!(decrypt(&play.job, &USER, &play.selection, &result).is_ok());
	refusal("another key", decrypt(&play.job, &COMPUTING[0], &play.selection, &result), "another key");
	let other = Selection::new([9; 32], &[1, 2], 4).unwrap();
	refusal("another selection", decrypt(&play.job, &USER, &other, &result), "does not open the contract's");
	let one = play.outputs_of(Stage::Outputs, &cp(0));
	refusal("one output alone", decrypt(&play.job, &USER, &play.selection, &one), "impossible");
}

/// Outputs that decrypt to these slots, whatever made them.
fn forged(play: &Play, values: &[&[i128]]) -> super::super::Outputs {
	let rows = play.job.contract.rows();
	let tree = |(feature, values): (&u16, &&[i128])| {
		let slots: Vec<_> = values.iter().map(|value| (*value, rows)).collect();
		let packed = play.job.layout(*feature).unwrap().pack(&slots).unwrap();
		encrytrust_primitives::product_tree::Tree { levels: vec![vec![USER.encrypt(&packed).to_bytes()]] }
	};
	super::super::Outputs {
		product: Product { trees: play.selection.features().iter().zip(values).map(tree).collect() },
	}
}

#[test]
fn sums_that_no_rows_have_are_impossible() {
	let bins = Parameters::Histogram { low: 0, width: 1, bins: 3 };
	// Five rows; column 0 has 20 bits, column 1 as well.
	let most = (1i128 << 20) - 1;
	for (name, kind, parameters, values, words) in [
		("a mean", TemplateKind::ColumnMean, Parameters::None, vec![7, 5], None),
		("a row less", TemplateKind::ColumnMean, Parameters::None, vec![7, 4], Some("not over the rows")),
		("a variance", TemplateKind::ColumnVariance, Parameters::None, vec![5, 5, 5], None),
		(
			"less than the mean's square",
			TemplateKind::ColumnVariance,
			Parameters::None,
			vec![5, 4, 5],
			Some("no numbers have"),
		),
		(
			"squares too large",
			TemplateKind::ColumnVariance,
			Parameters::None,
			vec![5, 5 * most * most + 1, 5],
			Some("no numbers have"),
		),
		("negative squares", TemplateKind::ColumnVariance, Parameters::None, vec![0, -1, 5], Some("no numbers have")),
		("rows of squares", TemplateKind::ColumnVariance, Parameters::None, vec![5, 5, -5], Some("not over the rows")),
		("a covariance", TemplateKind::Covariance, Parameters::None, vec![1, 2, -3, 5], None),
		(
			"products too large",
			TemplateKind::Covariance,
			Parameters::None,
			vec![1, 2, -5 * most * most - 1, 5],
			Some("such products"),
		),
		("a histogram", TemplateKind::Histogram, bins.clone(), vec![2, 0, 3], None),
		("less than no rows", TemplateKind::Histogram, bins.clone(), vec![3, -1, 3], Some("less than no rows")),
		("a row too many", TemplateKind::Histogram, bins, vec![2, 1, 3], Some("not over the rows")),
	] {
		let question =
			Question { data: vec![vec![vec![0; 4]; 5]], computers: 1, ..Question::of(kind, parameters, &[0]) };
		let play = question.ask();
		let answers = user::decrypt(&play.job, &USER, &play.selection, &forged(&play, &[&values]));
		match words {
			None => assert_eq!(answers.expect(name).len(), 1),
			Some(words) => refusal(name, answers, words),
		}
	}
}

#[test]
fn a_weighted_sum_beyond_its_bounds_is_impossible() {
	let weights = Parameters::Weights(vec![3, -2].try_into().unwrap());
	let question = Question {
		columns: vec![(1, 8); 4],
		data: vec![vec![vec![0; 4]; 5]],
		computers: 1,
		..Question::of(TemplateKind::WeightedSum, weights, &[0, 1])
	};
	let play = question.ask();
	let key = USER.public();
	// 5 rows of at most 255, weighted by 3 and 2; the offsets are 5 * 256 * (3 - 2).
	for (value, possible) in [(0i128, true), (6375, true), (-6375, true), (6376, false), (-6376, false)] {
		let number = |value: i128| match value {
			0.. => key.number(value as u128),
			_ => key.sub_plain(&key.zero(), &key.number(value.unsigned_abs())),
		};
		let levels = vec![vec![USER.encrypt(&number(value + 1280)).to_bytes()]];
		let tree = encrytrust_primitives::product_tree::Tree { levels };
		let outputs = super::super::Outputs { product: Product { trees: vec![tree] } };
		let answers = user::decrypt(&play.job, &USER, &play.selection, &outputs);
		match possible {
			true => assert_eq!(answers.unwrap()[0].value.to_string(), fixed_point::format(value, 1)),
			false => refusal(&value.to_string(), answers, "no rows have such a sum"),
		}
	}
}

#[test]
fn a_weighted_sum_is_over_equal_decimals() {
	let schema = |decimals: [u8; 3]| {
		let columns = decimals.map(|decimals| Column { name: Default::default(), decimals, bits: 8 });
		columns.to_vec().try_into().unwrap()
	};
	let check = |kind, decimals, features: &[u16]| user::check_question(kind, &schema(decimals), features);
	assert!(check(TemplateKind::WeightedSum, [2, 0, 2], &[0, 2]).is_ok());
	assert!(check(TemplateKind::ColumnSum, [2, 0, 2], &[0, 1]).is_ok());
	refusal("2 and 0", check(TemplateKind::WeightedSum, [2, 0, 2], &[0, 1]), "equally many decimals");
}
