//! What each party refuses of what it gets.

use super::*;
use crate::chain::{JobInfo, Status};
use crate::data_provider::MaskKeys;
use encrytrust_paillier::fixed_point;
use encrytrust_types::job::MaskKey;

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
		contract_hash: hash,
		requested_at: 1,
		status: Status::Challenge { until: 2, challenged: false },
		mask_keys: Vec::new(),
		commitments: Vec::new(),
		published: Default::default(),
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
				let Schema::V1(columns) = &mut contract.schema;
				columns[0].bits = 62;
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
		let of_coordinator = coordinator::open_request(job, &sealing(&COORDINATOR));
		let of_provider =
			computing_provider::open_request(job, &computing_provider(1), &sealing(&computing_provider(1)));
		assert_eq!(of_coordinator.is_ok(), of_provider.is_ok());
		of_provider
	};
	assert_eq!(open(&play.job).unwrap(), play.selection);
	refusal(
		"another user",
		open(&spoilt(&play, |contract| contract.user = data_provider(0)).unwrap()),
		"does not open",
	);
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
			to: &computing_provider(1),
		};
		use codec::Encode;
		let sealed = crate::sealing::seal(&sealing(&computing_provider(1)).public(), &place, &wrong.encode()).unwrap();
		contract.selection.sealed[1] = sealed.try_into().unwrap();
	});
	refusal(
		"another salt",
		computing_provider::open_request(&job.unwrap(), &computing_provider(1), &sealing(&computing_provider(1))),
		"does not open the contract's",
	);
	refusal(
		"a stranger",
		computing_provider::open_request(&play.job, &data_provider(0), &sealing(&data_provider(0))),
		"no computing provider",
	);
	refusal(
		"another's key",
		computing_provider::open_request(&play.job, &computing_provider(1), &sealing(&computing_provider(0))),
		"does not open",
	);
	let unsealed = spoilt(&play, |contract| contract.selection.sealed.truncate(2)).unwrap();
	refusal(
		"not sealed to all",
		coordinator::open_request(&unsealed, &sealing(&COORDINATOR)),
		"not sealed to this account",
	);
}

#[test]
fn a_data_provider_refuses_selections_that_are_not_committed() {
	let play = honest();
	let good = play.selected();
	let read = |job: &Job, published: &Published| {
		data_provider::read_selection(job, &play.keys, &published.blob, &published.commitment)
			.map(|selections| selections.len())
	};
	assert_eq!(read(&play.job, &good).unwrap(), 3);
	let messages: Vec<Vec<u8>> = decode_all("test", &good.blob).unwrap();
	let mut changed = good.blob.clone();
	changed[10] ^= 1;
	let mut swapped = messages.clone();
	let mut short = messages.clone();
	let mut long = messages.clone();
	swapped.swap(0, 1);
	short.pop();
	long.push(messages[0].clone());
	let other_blob = Published { blob: changed.clone(), ..good.clone() };
	refusal("another blob", read(&play.job, &other_blob), "committed to");
	refusal("another root", read(&play.job, &committed(changed, good.commitment.root)), "committed to");
	refusal("another's message", read(&play.job, &play.job.publish_messages(&swapped)), "for computing provider 1");
	refusal("a message less", read(&play.job, &play.job.publish_messages(&short)), "another number of messages");
	refusal("a message more", read(&play.job, &play.job.publish_messages(&long)), "another number of messages");
	refusal("garbage", read(&play.job, &committed(vec![0xff; 9], good.commitment.root)), "cannot be read");
	refusal("another job's", read(&Job { id: 4, ..play.job.clone() }, &good), "does not hold");
}

#[test]
fn a_data_provider_needs_peers_to_hide_among() {
	let play = Question::means().ask();
	let check = |who: &AccountId, keys: &MaskKeys| data_provider::masks(&play.job, who, keys);
	let keys = |own: usize, change: &dyn Fn(&mut Vec<Option<MaskKey>>)| {
		let mut posted = play.posted_mask_keys();
		change(&mut posted);
		MaskKeys::new(mask_key(own), &posted).unwrap()
	};
	let me = data_provider(0);
	assert!(check(&me, &keys(0, &|_| ())).is_ok());
	refusal("another's key", check(&me, &keys(1, &|_| ())), "another mask key");
	refusal("a stranger", check(&computing_provider(0), &keys(0, &|_| ())), "no data provider");
	refusal("a key twice", check(&me, &keys(0, &|all| all[2] = all[1])), "twice");
	refusal("the own key twice", check(&me, &keys(0, &|all| all[2] = all[0])), "twice");
	refusal("a key of small order", check(&me, &keys(0, &|all| all[1] = Some([0; 32]))), "small order");
	refusal("a key less", check(&me, &keys(0, &|all| _ = all.pop())), "not one mask key");
	refusal("a key more", check(&me, &keys(0, &|all| all.push(Some([9; 32])))), "not one mask key");
	let early = [Some(mask_key(0).public()), None, Some(mask_key(2).public())];
	refusal("before another has confirmed", MaskKeys::new(mask_key(0), &early), "has not posted");
}

#[test]
fn a_computing_provider_refuses_inputs_that_are_not_committed() {
	use codec::Encode;
	let play = honest();
	let part = play.part(0);
	let read = |commitment: &Commitment| Inputs::read(&play.job, &play.blobs, 0, commitment).map(|_| ());
	let other = |change: &dyn Fn(&mut InputsPart)| {
		let mut part = part.clone();
		change(&mut part);
		play.keep_part(&part)
	};
	let good = other(&|_| ());
	assert_eq!(good, play.commitment(Stage::Inputs, &data_provider(0)));
	let of = |blob: &[u8], root| play.keep(&committed(blob.to_vec(), root));
	refusal("another root", read(&of(&play.blobs.get(&good.blob), H256([1; 32]))), "committed to");
	refusal("an entry less", read(&other(&|part| _ = part.entries.pop())), "another number");
	refusal("leaves of an entry less", read(&other(&|part| _ = part.ciphertexts.pop())), "another number");
	refusal("a leaf more", read(&other(&|part| part.ciphertexts[1].push(H256([1; 32])))), "other ciphertexts");
	refusal("another leaf", read(&other(&|part| part.ciphertexts[1][0].0[0] ^= 1)), "other ciphertexts");
	refusal("garbage", read(&of(&[0xff; 9], good.root)), "cannot be read");
	let none = Manifest { parts: vec![], roots: vec![] };
	refusal("no part", read(&of(&none.encode(), good.root)), "another number of parts");
	let two = Manifest { parts: vec![[1; 32]; 2], roots: vec![part.root(); 2] };
	refusal("two parts", read(&of(&two.encode(), good.root)), "another number of parts");
	let elsewhere = Manifest { parts: vec![digest(&part.encode())], roots: vec![H256([1; 32])] };
	refusal("another root of the part", read(&of(&elsewhere.encode(), good.root)), "committed to");
	let withheld = Manifest { parts: vec![[1; 32]], roots: vec![part.root()] };
	refusal("a part that is not there", read(&of(&withheld.encode(), good.root)), "not at hand");
	let shelf = play.blobs.without(&good.blob);
	refusal("nothing", Inputs::read(&play.job, &shelf, 0, &good).map(|_| ()), "not at hand");

	// Messages under their digest, whose bytes are not those of the entries.
	let sealed: Vec<Vec<u8>> = decode_all("test", &play.blobs.get(&part.messages[0])).unwrap();
	let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
		let mut sealed = sealed.clone();
		change(&mut sealed);
		play.blobs.keep(&sealed.encode()).unwrap();
		let mut changed = play.clone();
		let mut part = part.clone();
		part.messages[0] = digest(&sealed.encode());
		changed.replace_part(0, &part);
		let view = changed.view(Eyes::Computing(0));
		SealedInputs::new(&view, 0).open(0)
	};
	assert!(with(&|_| ()).is_ok());
	refusal("a feature less", with(&|sealed| _ = sealed.pop()), "another number of features");
	refusal("a feature more", with(&|sealed| sealed.push(Vec::new())), "another number of features");
	let other = "the message of data provider 1 to computing provider 1 cannot be read: its sealed bytes are not those";
	refusal("changed bytes", with(&|sealed| sealed[2][7] ^= 1), other);
	refusal("swapped features", with(&|sealed| sealed.swap(0, 1)), other);
	refusal("nothing", with(&|sealed| sealed[0].clear()), other);
	refusal("two packets", with(&|sealed| sealed[0].resize(9000, 0)), other);
	refusal("what is not selected", with(&|sealed| sealed[1].clear()), other);
	let view = play.view(Eyes::User);
	refusal("a stranger", SealedInputs::new(&view, 0).open(0), "no computing provider");
}

#[test]
fn products_that_are_not_committed_are_refused() {
	use codec::Encode;
	let play = honest();
	let read_of = |job: &Job, stage, who: &AccountId, commitment: &Commitment| {
		Trees::read(job, &play.blobs, stage, who, commitment)?.values(0)
	};
	let read = |commitment: &Commitment| read_of(&play.job, Stage::Outputs, &computing_provider(0), commitment);
	let good = play.commitment(Stage::Outputs, &computing_provider(0));
	let product = play.product(Stage::Outputs, &computing_provider(0));
	let other = |change: &dyn Fn(&mut Product)| {
		let mut product = product.clone();
		change(&mut product);
		let mut trees = TreesWriter::new(&play.job, Stage::Outputs, &play.blobs).unwrap();
		product.trees.into_iter().for_each(|tree| trees.push(tree).unwrap());
		trees.finish().unwrap()
	};
	assert_eq!(read(&other(&|_| ())).unwrap().len(), 2);
	let mut longer = play.blobs.get(&good.blob);
	longer.push(0);
	refusal("more bytes", read(&play.keep(&committed(longer, good.root))), "left over");
	let part = [product.encode(), vec![0]].concat();
	play.blobs.keep(&part).unwrap();
	let manifest = Manifest { parts: vec![digest(&part)], roots: vec![good.root] };
	refusal("more bytes of a part", read(&play.keep(&Published::new(good.root, &manifest))), "left over");
	let another = play.keep(&committed(play.blobs.get(&good.blob), H256([1; 32])));
	refusal("another root", read(&another), "committed to");
	refusal("a tree less", read(&other(&|product| _ = product.trees.pop())), "another number of trees");
	let more = other(&|product| product.trees.push(product.trees[0].clone()));
	refusal("a tree more", read(&more), "another number of trees");
	let unlike = |change: &dyn Fn(&mut Product)| {
		let mut product = product.clone();
		change(&mut product);
		let part = product.encode();
		play.blobs.keep(&part).unwrap();
		play.keep(&Published::new(good.root, &Manifest { parts: vec![digest(&part)], roots: vec![good.root] }))
	};
	let no_levels = unlike(&|product| product.trees[0].levels.clear());
	refusal("a tree without levels", read(&no_levels), "another number of levels");
	let no_values = unlike(&|product| product.trees[0].levels[1].clear());
	refusal("a level without values", read(&no_values), "another number of values");
	let short_value = unlike(&|product| _ = product.trees[0].levels[0][1].pop());
	refusal("a shorter value", read(&short_value), "a value has another length");
	let long_value = unlike(&|product| product.trees[0].levels[0][1].push(0));
	refusal("a longer value", read(&long_value), "a value has another length");
	refusal("no ciphertext", read(&other(&|product| product.trees[0].levels[2][0].fill(0))), "no ciphertext");
	refusal("no output stage", read_of(&play.job, Stage::Inputs, &computing_provider(0), &good), "no product trees");
	let result = play.commitment(Stage::Result, &COORDINATOR);
	let of_two = Question { data: Question::means().data[..2].to_vec(), ..Question::means() }.ask().job;
	refusal("another height", read_of(&of_two, Stage::Outputs, &computing_provider(0), &good), "number of leaves");
	assert!(read_of(&of_two, Stage::Result, &COORDINATOR, &result).is_ok());
}

#[test]
fn a_user_notices_results_that_no_honest_job_has() {
	let play = honest();
	let values = |stage, who| play.trees(stage, who).values(0).unwrap();
	let result = values(Stage::Result, &COORDINATOR);
	let decrypt = |key: &SecretKey, selection: &Selection, result: &[Vec<u8>]| {
		user::decrypt(&play.job, key, selection, 0, result)
	};
	assert!(decrypt(&USER, &play.selection, &result).is_ok());
	refusal("another key", decrypt(&COMPUTING[0], &play.selection, &result), "another key");
	let other = Selection::new([9; 32], &[1, 2], 4).unwrap();
	refusal("another selection", decrypt(&USER, &other, &result), "does not open the contract's");
	refusal("an output less", decrypt(&USER, &play.selection, &result[..1]), "another number");
	refusal("another part", user::decrypt(&play.job, &USER, &play.selection, 1, &result), "another number");
	refusal(
		"one output alone",
		decrypt(&USER, &play.selection, &values(Stage::Outputs, &computing_provider(0))),
		"impossible",
	);
}

/// Outputs that decrypt to these slots, whatever made them.
fn forged(play: &Play, values: &[&[i128]]) -> Vec<Vec<u8>> {
	let rows = play.job.contract.rows();
	let output = |(feature, values): (&u16, &&[i128])| {
		let slots: Vec<_> = values.iter().map(|value| (*value, rows)).collect();
		let packed = play.job.layout(*feature).unwrap().pack(&slots).unwrap();
		USER.encrypt(&packed).to_bytes()
	};
	play.selection.features().iter().zip(values).map(output).collect()
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
		let answers = user::decrypt(&play.job, &USER, &play.selection, 0, &forged(&play, &[&values]));
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
		let output = USER.encrypt(&number(value + 1280)).to_bytes();
		let answers = user::decrypt(&play.job, &USER, &play.selection, 0, &[output]);
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
	for kind in [TemplateKind::WeightedSum, TemplateKind::RowSum, TemplateKind::RowWeightedSum] {
		refusal("2 and 0", check(kind, [2, 0, 2], &[0, 1]), "equally many decimals");
	}
}

#[test]
fn a_row_beyond_its_bounds_is_impossible() {
	let weights = Parameters::Weights(vec![3, -2].try_into().unwrap());
	let question = Question {
		columns: vec![(1, 8); 4],
		data: vec![vec![vec![0; 4]; 3]],
		computers: 1,
		..Question::of(TemplateKind::RowWeightedSum, weights, &[0, 1])
	};
	let play = question.ask();
	// Slots of 8 + 1 + 3 bits; each sum with the offset of weights 3 and -2, and room for that of 5.
	let key = USER.public();
	let decrypt = |rows: &[i64]| {
		let number = rows.iter().rev().fold(0i64, |number, sum| (number << 12) + sum + 256);
		let number = match number {
			0.. => key.number(number as u128),
			_ => key.sub_plain(&key.zero(), &key.number(number.unsigned_abs().into())),
		};
		user::decrypt(&play.job, &USER, &play.selection, 0, &[USER.encrypt(&number).to_bytes()])
	};
	let sums = |answers: Vec<user::Answer>| answers.iter().map(|answer| answer.value.to_string()).collect::<Vec<_>>();
	assert_eq!(sums(decrypt(&[0, 1275, -1275]).unwrap()), ["0.0", "127.5", "-127.5"]);
	refusal("above", decrypt(&[0, 1276, 0]), "impossible");
	refusal("below", decrypt(&[0, -1276, 0]), "impossible");
	refusal("a row more", decrypt(&[0, 0, 0, 1]), "impossible");
}

#[test]
fn a_data_provider_publishes_no_other_rows_than_the_contract_says() {
	let question = Question {
		columns: vec![(0, 20); 4],
		data: vec![vec![vec![1, 2, 3, 4]; 3]],
		computers: 1,
		..Question::of(TemplateKind::RowSum, Parameters::None, &[0, 1])
	};
	let mut play = question.ask();
	play.select();
	let Published { commitment, blob } = play.selected();
	let selections = data_provider::read_selection(&play.job, &play.keys, &blob, &commitment).unwrap();
	let publish = |rows: &[&[i64]]| {
		let me = data_provider(0);
		let mut inputs =
			data_provider::InputsWriter::new(&play.job, &me, &play.mask_keys(0), &selections, &play.blobs)?;
		rows.iter().try_for_each(|row| inputs.add(row))?;
		inputs.finish()
	};
	let row: &[i64] = &[1, 2, 3, 4];
	assert!(publish(&[row; 3]).is_ok());
	refusal("a row less", publish(&[row; 2]), "2 rows, the contract says 3");
	refusal("a row more", publish(&[row; 4]), "4 rows, the contract says 3");
	refusal("a column less", publish(&[row, &row[1..], row]), "another number of columns");
	refusal("a value too wide", publish(&[row, &[1 << 20, 0, 0, 0], row]), "more bits");
}
