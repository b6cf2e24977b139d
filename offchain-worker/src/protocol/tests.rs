//! A whole job without chain, network and files; and what each party refuses.

use super::*;
use crate::sealing::SealingKey;
use encrytrust_chain_client::{Balance, Party, Schedule};
use encrytrust_paillier::{KeySize, SecretKey};
use encrytrust_primitives::bmpc::{Column, ComputingParty, DataParty, Endpoint, SelectionTerms, TemplateKind};
use encrytrust_primitives::{merkle, wire::InputsManifest};
use proptest::prelude::*;
use std::sync::LazyLock;

static USER: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));

const GENESIS: H256 = H256([7; 32]);
const USER_ACCOUNT: AccountId = AccountId([200; 32]);
const CORD: AccountId = AccountId([100; 32]);
/// The widest columns, and a narrow one.
const COLUMNS: [(u8, u8); 4] = [(0, 62), (3, 20), (15, 62), (2, 1)];

fn dp(index: usize) -> AccountId {
	AccountId([1 + index as u8; 32])
}

fn cp(index: usize) -> AccountId {
	AccountId([50 + index as u8; 32])
}

fn key(who: &AccountId) -> SealingKey {
	SealingKey::derive(&who.0)
}

fn party(who: AccountId) -> Party {
	let endpoint = Endpoint { sealing: key(&who).public(), peer: [0; 32], address: Default::default() };
	Party { who, pay: 1 as Balance, endpoint }
}

/// A job over data sets with so many rows, by `computers` computing providers.
fn job(kind: TemplateKind, rows: &[u64], computers: usize, selected: &[u16]) -> (Job, Selection) {
	let selection = Selection::new([9; 32], selected, COLUMNS.len() as u16).unwrap();
	let sealed = user::seal_selection(&selection, GENESIS, &USER_ACCOUNT, &CORD, &key(&CORD).public()).unwrap();
	let column = |(index, (decimals, bits)): (usize, &(u8, u8))| Column {
		name: format!("c{index}").into_bytes().try_into().unwrap(),
		decimals: *decimals,
		bits: *bits,
	};
	let data = rows.iter().enumerate().map(|(index, rows)| DataParty {
		data_set: index as u64,
		rows: *rows,
		party: party(dp(index)),
	});
	let computing =
		(0..computers).map(|index| ComputingParty { paillier: Default::default(), party: party(cp(index)) });
	let contract = Contract {
		user: USER_ACCOUNT,
		template: 1,
		kind,
		schema: COLUMNS.iter().enumerate().map(column).collect::<Vec<_>>().try_into().unwrap(),
		data: data.collect::<Vec<_>>().try_into().unwrap(),
		computing: computing.collect::<Vec<_>>().try_into().unwrap(),
		coordinator: party(CORD),
		user_key: USER.public().modulus_bytes().try_into().unwrap(),
		selection: SelectionTerms {
			commitment: selection.commitment(),
			selected: selected.len() as u16,
			sealed: sealed.try_into().unwrap(),
		},
		schedule: Schedule { confirm_by: 1, select_by: 2, inputs_by: 3, outputs_by: 4, result_by: 5 },
		challenge_period: 10,
		fee: 1,
		bond: 1,
	};
	(Job::new(3, GENESIS, contract).unwrap(), selection)
}

/// Everything that the parties of a job publish.
struct Run {
	selection: Published,
	inputs: Vec<dp::Inputs>,
	outputs: Vec<Published>,
	result: Published,
}

/// All parties, each with what it receives alone. `sums[i]` are data provider `i`'s, by column of the schema.
fn run(job: &Job, rows: &[u64], sums: &[Vec<i128>]) -> Run {
	let opened = cord::open_request(job, &key(&CORD)).unwrap();
	let selection = cord::selection(job, &opened).unwrap();
	let inputs: Vec<dp::Inputs> = (0..rows.len())
		.map(|index| {
			let me = dp(index);
			let opened = dp::open_selection(job, &me, &key(&me), &selection.blob, &selection.commitment).unwrap();
			let columns = opened.columns();
			let sums = columns.iter().map(|column| sums[index][usize::from(*column)]).collect();
			dp::inputs(job, &me, &columns, &dp::Sums { rows: rows[index], sums }).unwrap()
		})
		.collect();
	let outputs: Vec<Published> = (0..job.contract.computing.len())
		.map(|mine| {
			let me = cp(mine);
			let open = |(index, inputs): (usize, &dp::Inputs)| {
				let published = &inputs.published;
				let manifest = cp::read_manifest(job, index, &published.blob, &published.commitment).unwrap();
				cp::open_inputs(job, &me, &key(&me), index, &manifest, &inputs.sealed[mine]).unwrap()
			};
			let columns: Vec<_> = inputs.iter().enumerate().map(open).collect();
			cp::output(job, &columns).unwrap()
		})
		.collect();
	let read = |output: &Published| job.read_product("output", &output.blob, &output.commitment, rows.len()).unwrap().1;
	let result = cord::result(job, &outputs.iter().map(read).collect::<Vec<_>>()).unwrap();
	Run { selection, inputs, outputs, result }
}

fn decrypted(job: &Job, run: &Run, columns: &[u16]) -> Vec<user::ColumnResult> {
	let computers = job.contract.computing.len();
	let (_, ciphertexts) = job.read_product("result", &run.result.blob, &run.result.commitment, computers).unwrap();
	let read = |output: &Published| {
		job.read_product("output", &output.blob, &output.commitment, job.contract.data.len()).unwrap().1
	};
	let outputs: Vec<_> = run.outputs.iter().map(read).collect();
	assert!(user::is_product(job, &ciphertexts, &outputs));
	user::decrypt(job, &USER, columns, &ciphertexts).unwrap()
}

#[test]
fn means_and_sums_are_those_of_the_clear() {
	let rows = [3, 5, 1];
	let sums: Vec<Vec<i128>> = vec![
		vec![3 * ((1 << 62) - 1), -1_234, 17, 3],
		vec![-5 * ((1 << 62) - 1), 1_000_000, 0, -5],
		vec![42, 7, -1, 1],
	];
	for (kind, computers) in
		[(TemplateKind::ColumnMean, 3), (TemplateKind::ColumnSum, 1), (TemplateKind::ColumnMean, 2)]
	{
		let selected = [0, 1, 2, 3];
		let (job, _) = job(kind, &rows, computers, &selected);
		let run = run(&job, &rows, &sums);
		for result in decrypted(&job, &run, &selected) {
			let expected: i128 = sums.iter().map(|sums| sums[usize::from(result.column)]).sum();
			assert_eq!((result.sum, result.rows), (expected, 9), "column {}", result.column);
		}
	}
}

#[test]
fn a_mean_is_written_with_all_its_digits() {
	let result = |sum, decimals, rows| user::ColumnResult { column: 0, sum, decimals, rows }.mean();
	assert_eq!(result(-1, 2, 3), "-0.00333333333333");
	assert_eq!(result(10, 0, 4), "2.500000000000");
	assert_eq!(result(i128::MAX / 2, 0, 1), (i128::MAX / 2).to_string());
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]
	#[test]
	fn any_sums_come_back(
		parties in prop::collection::vec((1u64..1_000_000, -1.0f64..1.0), 1..4),
		computers in 1usize..4,
		column in 0u16..4,
	) {
		let bits = COLUMNS[usize::from(column)].1;
		let rows: Vec<u64> = parties.iter().map(|(rows, _)| *rows).collect();
		let bound = |rows: u64| i128::from(rows) * ((1i128 << bits) - 1);
		let sum = |(rows, part): &(u64, f64)| ((bound(*rows) as f64 * part) as i128).clamp(-bound(*rows), bound(*rows));
		let sums: Vec<Vec<i128>> = parties.iter().map(|party| vec![sum(party); 4]).collect();
		let (job, _) = job(TemplateKind::ColumnMean, &rows, computers, &[column]);
		let run = run(&job, &rows, &sums);
		let expected: i128 = sums.iter().map(|sums| sums[0]).sum();
		prop_assert_eq!(decrypted(&job, &run, &[column])[0].sum, expected);
	}
}

/// A job that went well, to be spoilt.
struct Case {
	job: Job,
	run: Run,
}

fn case() -> Case {
	let rows = [2, 3];
	let (job, _) = job(TemplateKind::ColumnMean, &rows, 2, &[1, 3]);
	let run = run(&job, &rows, &[vec![1, 2, 3, 0], vec![4, 5, 6, 1]]);
	Case { job, run }
}

/// The same with another commitment, as if the party had committed to these very bytes.
fn committed(blob: Vec<u8>, root: H256) -> Published {
	Published { commitment: Commitment { root, blob: digest(&blob) }, blob }
}

fn refusal<T: std::fmt::Debug>(name: &str, result: Result<T, ProtocolError>, words: &str) {
	let error = result.expect_err(name).to_string();
	assert!(error.contains(words), "{name}: {error}");
}

#[test]
fn a_bad_contract_or_request_is_refused() {
	let Case { job, .. } = case();
	let contract = (*job.contract).clone();
	let mut even = contract.clone();
	even.user_key[255] &= 0xfe;
	refusal("an even modulus", Job::new(3, GENESIS, even), "user's key");
	let info = |hash| JobInfo {
		contract: contract.clone(),
		hash,
		requested_at: 1,
		status: encrytrust_chain_client::Status::Challenge { until: 2 },
		commitments: Vec::new(),
	};
	let hash = contract.hash(&GENESIS, 3);
	assert!(Job::checked(3, GENESIS, &info(hash)).is_ok());
	refusal("another job's hash", Job::checked(4, GENESIS, &info(hash)), "does not have the hash");
	refusal("another chain", Job::checked(3, H256([8; 32]), &info(hash)), "does not have the hash");

	let spoilt = |change: &dyn Fn(&mut Contract)| {
		let mut contract = contract.clone();
		change(&mut contract);
		Job::new(3, GENESIS, contract).unwrap()
	};
	let open = |job: &Job| cord::open_request(job, &key(&CORD));
	refusal("another user", open(&spoilt(&|contract| contract.user = dp(0))), "does not open");
	refusal("a changed message", open(&spoilt(&|contract| contract.selection.sealed[40] ^= 1)), "does not open");
	refusal("another count", open(&spoilt(&|contract| contract.selection.selected = 1)), "another number of columns");
	refusal("another coordinator's key", cord::open_request(&job, &key(&dp(0))), "does not open");

	let reseal = |selection: &Selection| {
		let selection = selection.clone();
		spoilt(&move |contract: &mut Contract| {
			let to = key(&CORD).public();
			let sealed = user::seal_selection(&selection, GENESIS, &USER_ACCOUNT, &CORD, &to).unwrap();
			contract.selection.sealed = sealed.try_into().unwrap();
			contract.selection.commitment = selection.commitment();
		})
	};
	for (name, selection, words) in [
		("a column outside", Selection { salt: [1; 32], bitmap: vec![0b0010_0001] }, "column that there is not"),
		("too long", Selection { salt: [1; 32], bitmap: vec![3, 0] }, "length"),
		("none", Selection { salt: [1; 32], bitmap: vec![0] }, "another number of columns"),
	] {
		refusal(name, open(&reseal(&selection)), words);
	}
}

#[test]
fn a_data_provider_refuses_what_is_not_its_selection() {
	let Case { job, run } = case();
	let me = dp(0);
	let (blob, commitment) = (&run.selection.blob, run.selection.commitment);
	let open = |job: &Job, who: &AccountId, key: &SealingKey, blob: &[u8], commitment: &Commitment| {
		dp::open_selection(job, who, key, blob, commitment)
	};
	assert!(open(&job, &me, &key(&me), blob, &commitment).is_ok());
	let mut changed = blob.clone();
	changed[10] ^= 1;
	let recommitted = committed(changed.clone(), commitment.root);
	let mut messages: Vec<Vec<u8>> = decode_all("test", blob).unwrap();
	messages.swap(0, 1);
	let swapped = Published::new(cord::messages_root(&messages), &messages);
	messages.pop();
	let short = Published::new(cord::messages_root(&messages), &messages);
	refusal("changed", open(&job, &me, &key(&me), &changed, &commitment), "committed to");
	refusal("another root", open(&job, &me, &key(&me), &changed, &recommitted.commitment), "committed to");
	refusal("another's message", open(&job, &me, &key(&me), &swapped.blob, &swapped.commitment), "does not open");
	refusal("too few", open(&job, &me, &key(&me), &short.blob, &short.commitment), "committed to");
	refusal("a stranger", open(&job, &cp(0), &key(&cp(0)), blob, &commitment), "no data provider");
	let other = Job { id: 4, ..job.clone() };
	refusal("another job's", open(&other, &me, &key(&me), blob, &commitment), "does not open");
	let garbage = committed(vec![0xff; 9], commitment.root);
	refusal("garbage", open(&job, &me, &key(&me), &garbage.blob, &garbage.commitment), "cannot be read");
}

#[test]
fn a_data_provider_encrypts_only_what_the_contract_says() {
	let Case { job, .. } = case();
	let inputs = |selected: &[u16], rows, sums: Vec<i128>| dp::inputs(&job, &dp(0), selected, &dp::Sums { rows, sums });
	assert!(inputs(&[1, 3], 2, vec![0, 0]).is_ok());
	refusal("another number of rows", inputs(&[1, 3], 3, vec![0, 0]), "3 rows, the contract says 2");
	refusal("a column less", inputs(&[1], 2, vec![0]), "another number of columns");
	refusal("a sum less", inputs(&[1, 3], 2, vec![0]), "another number of columns");
	refusal("a sum too large", inputs(&[1, 3], 2, vec![2 << 20, 0]), "do not fit");
	refusal("a column outside", inputs(&[1, 9], 2, vec![0, 0]), "column that there is not");
}

#[test]
fn a_computing_provider_refuses_what_was_not_committed() {
	let Case { job, run } = case();
	let me = cp(0);
	let good = &run.inputs[0];
	let read = |published: &Published| cp::read_manifest(&job, 0, &published.blob, &published.commitment);
	let manifest = read(&good.published).unwrap();

	let other = |change: &dyn Fn(&mut InputsManifest)| {
		let mut manifest = manifest.clone();
		change(&mut manifest);
		Published::new(merkle::root(&manifest.leaves), &manifest)
	};
	let moved = committed(good.published.blob.clone(), H256([1; 32]));
	refusal("another root", read(&moved), "committed to");
	refusal("a leaf less", read(&other(&|manifest| _ = manifest.leaves.pop())), "another number");
	refusal("a message less", read(&other(&|manifest| _ = manifest.sealed.pop())), "another number");
	let other_blob = Published { blob: run.inputs[1].published.blob.clone(), ..good.published.clone() };
	refusal("another blob", read(&other_blob), "committed to");

	let open = |manifest: &InputsManifest, who: &AccountId, index, message: &[u8]| {
		cp::open_inputs(&job, who, &key(who), index, manifest, message)
	};
	assert!(open(&manifest, &me, 0, &good.sealed[0]).is_ok());
	refusal("another's message", open(&manifest, &me, 0, &good.sealed[1]), "committed to");
	refusal("a stranger", open(&manifest, &dp(0), 0, &good.sealed[0]), "no computing provider");
	refusal("another sender", open(&manifest, &me, 1, &good.sealed[0]), "does not open");

	// A data provider that seals other ciphertexts than it committed to.
	let seal_anew = |ciphertexts: &Vec<Vec<u8>>, leaves: Option<Vec<H256>>| {
		let place =
			job.place(Kind::Inputs(job.id), &job.contract.data[0].party.who, &job.contract.computing[0].party.who);
		let message = crate::sealing::seal(&key(&me).public(), &place, &ciphertexts.encode()).unwrap();
		let mut manifest = manifest.clone();
		manifest.sealed[0] = digest(&message);
		if let Some(leaves) = leaves {
			manifest.leaves = leaves;
		}
		(manifest, message)
	};
	let ciphertexts = open(&manifest, &me, 0, &good.sealed[0]).unwrap();
	let bytes: Vec<Vec<u8>> = ciphertexts.iter().map(Ciphertext::to_bytes).collect();
	let swapped = vec![bytes[1].clone(), bytes[0].clone()];
	let (lying, message) = seal_anew(&swapped, None);
	refusal("other ciphertexts", open(&lying, &me, 0, &message), "committed to");
	let (lying, message) = seal_anew(&bytes[..1].to_vec(), None);
	refusal("a ciphertext less", open(&lying, &me, 0, &message), "another number of columns");

	// Committed to, but no ciphertexts.
	let modulus = USER.public().modulus_bytes();
	let squared = BigUint::from_bytes_be(&modulus).pow(2).to_bytes_be();
	let mut factor = vec![0; 256];
	factor.extend(&modulus);
	for (name, bad) in
		[("zero", vec![0; 512]), ("N squared", squared), ("a multiple of N", factor), ("short", vec![1; 511])]
	{
		let ciphertexts = vec![bytes[0].clone(), bad];
		let mut leaves = manifest.leaves.clone();
		leaves[1] = merkle::leaf(1, &ciphertexts[1]);
		let (lying, message) = seal_anew(&ciphertexts, Some(leaves));
		refusal(name, open(&lying, &me, 0, &message), "bad ciphertext for column 1");
	}
}

#[test]
fn a_product_that_is_not_the_committed_one_is_refused() {
	let Case { job, run } = case();
	let good = &run.outputs[0];
	let read =
		|published: &Published, leaves| job.read_product("the output", &published.blob, &published.commitment, leaves);
	let (product, _) = read(good, 2).unwrap();
	let other = |change: &dyn Fn(&mut Product)| {
		let mut product = product.clone();
		change(&mut product);
		Published::new(product.root(), &product)
	};
	refusal("another blob", read(&Published { blob: run.outputs[1].blob.clone(), ..good.clone() }, 2), "committed to");
	refusal("another root", read(&committed(good.blob.clone(), H256([1; 32])), 2), "committed to");
	refusal("a column less", read(&other(&|product| _ = product.roots.pop()), 2), "another number of columns");
	refusal("another height", read(good, 3), "another height");
	refusal("no ciphertext", read(&other(&|product| product.roots[0].value = vec![0; 512]), 2), "bad ciphertext");
	refusal("a short value", read(&other(&|product| _ = product.roots[1].value.remove(0)), 2), "bad ciphertext");
	let mut longer = good.blob.clone();
	longer.push(0);
	refusal("more bytes", read(&committed(longer, good.commitment.root), 2), "left over");
}

#[test]
fn a_user_notices_a_result_that_is_not_the_product() {
	let Case { job, run } = case();
	let read = |published: &Published| job.read_product("test", &published.blob, &published.commitment, 2).unwrap().1;
	let outputs: Vec<_> = run.outputs.iter().map(read).collect();
	let result = read(&run.result);
	assert!(user::is_product(&job, &result, &outputs));
	assert!(!user::is_product(&job, &outputs[0], &outputs), "one output alone");
	assert!(!user::is_product(&job, &result, &outputs[..1]), "an output is missing");
	assert!(!user::is_product(&job, &[result[1].clone(), result[0].clone()], &outputs), "columns swapped");

	refusal("one segment alone", user::decrypt(&job, &USER, &[1, 3], &outputs[0]), "impossible");
	refusal("too few columns", user::decrypt(&job, &USER, &[1], &result), "another number of columns");
	let stranger = SecretKey::generate(KeySize::Bits2048);
	refusal("another key", user::decrypt(&job, &stranger, &[1, 3], &result), "another key");
	let twice: Vec<_> = result.iter().map(|ciphertext| job.key.add(ciphertext, ciphertext)).collect();
	refusal("added twice", user::decrypt(&job, &USER, &[1, 3], &twice), "impossible");
}
