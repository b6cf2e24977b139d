//! `tests/fixtures/vectors/values.json`: from rows to plaintexts, and from decrypted numbers to text:
//! `docs/protocol/bmpc.md`. Cells and fingerprints there are those of the crate `datasets`.

use super::{
	job_vectors::{secret_key, texts},
	*,
};
use codec::Encode;
use encrytrust_paillier::{Plaintext, PublicKey};
use num_bigint::{BigInt, BigUint};
use serde_json::{json, Value};
use std::{fs, path::PathBuf};

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/vectors/values.json").into()
}

fn read() -> Value {
	serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
	value.as_array().unwrap()
}

fn number<N: TryFrom<i64>>(value: &Value) -> N {
	value.as_i64().and_then(|number| number.try_into().ok()).unwrap()
}

fn parameters(value: &Value) -> Parameters {
	match (value.get("weights"), value.get("bins")) {
		(Some(weights), _) => {
			Parameters::Weights(list(weights).iter().map(number).collect::<Vec<_>>().try_into().unwrap())
		},
		(_, Some(bins)) => {
			Parameters::Histogram { low: number(&value["low"]), width: number(&value["width"]), bins: number(bins) }
		},
		_ => Parameters::None,
	}
}

/// A job about the rows of a case, under the vectors' key.
fn job(case: &Value, selected: &[u16], key: &PublicKey) -> (Job, Selection) {
	let columns = list(&case["columns"]).iter().map(|column| (number(&column["decimals"]), number(&column["bits"])));
	let question = Question {
		kind: serde_json::from_value(case["kind"].clone()).unwrap(),
		parameters: parameters(&case["parameters"]),
		columns: columns.collect(),
		data: serde_json::from_value(case["data"].clone()).unwrap(),
		computers: 1,
		selected: selected.to_vec(),
	};
	let features = question.kind.features(question.columns.len() as u16).unwrap();
	let selection = Selection::new([9; 32], selected, features).unwrap();
	let mut contract = question.contract(&selection, features);
	contract.user_key = key.modulus_bytes().try_into().unwrap();
	for (data, range) in contract.data.iter_mut().zip(list(&case["ranges"])) {
		data.first_row = number(&range[0]);
		data.rows = number(&range[1]);
	}
	(Job::new(3, GENESIS, contract).unwrap(), selection)
}

fn selected(case: &Value) -> Vec<u16> {
	list(&case["selected"]).iter().map(number).collect()
}

/// By data provider, feature and block.
type Packed = Vec<Vec<Vec<Plaintext>>>;

fn pack(job: &Job, data: &[Vec<Vec<i64>>]) -> Packed {
	let row_wise = job.contract.kind.is_row_wise();
	let of_data = |(place, rows): (usize, &Vec<Vec<i64>>)| -> Vec<Vec<Plaintext>> {
		if !row_wise {
			let sums = sums(job, &data_provider(place), rows);
			let of_feature = |feature| vec![data_provider::pack_sums(job, feature, &sums).unwrap()];
			return (0..job.features()).map(of_feature).collect();
		}
		let first = job.contract.data[place].first_row as usize;
		let of_block = |feature: u16, block: u32| {
			let range = job.rows_of(place as u16, block);
			let rows: Vec<&[i64]> =
				rows[first..][range.start as usize..range.end as usize].iter().map(Vec::as_slice).collect();
			data_provider::pack_rows(job, feature, &rows).unwrap()
		};
		let blocks = 0..job.contract.blocks(place as u16);
		(0..job.features()).map(|feature| blocks.clone().map(|block| of_block(feature, block)).collect()).collect()
	};
	data.iter().enumerate().map(of_data).collect()
}

/// What the outputs decrypt to: every leaf of an output, each times its weight.
fn outputs(job: &Job, selection: &Selection, packed: &Packed) -> Vec<Plaintext> {
	let key = &job.key;
	let features = selection.features();
	let weight = |rank: usize| match job.contract.parameters.weights().get(rank) {
		None => key.one(),
		Some(weight) if *weight < 0 => key.sub_plain(&key.zero(), &key.number(weight.unsigned_abs().into())),
		Some(weight) => key.number(weight.unsigned_abs().into()),
	};
	let leaves = job.shape(Stage::Outputs).unwrap().leaves();
	let leaf = |output, index| {
		let place = job.contract.place_of(output, index).unwrap();
		let feature = features[usize::from(place.rank)];
		let leaf = &packed[usize::from(place.data)][usize::from(feature)][place.block as usize];
		key.mul_plain(leaf, &weight(place.rank.into()))
	};
	let output = |output| (0..leaves).fold(key.zero(), |sum, index| key.add_plain(&sum, &leaf(output, index)));
	(0..job.contract.outputs()).map(output).collect()
}

/// Without leading zeros.
fn hex_of(plaintext: &Plaintext) -> String {
	BigUint::from_bytes_be(&plaintext.to_bytes()).to_str_radix(16)
}

fn plaintext(key: &PublicKey, hex: &Value) -> Plaintext {
	let number = BigUint::parse_bytes(hex.as_str().unwrap().as_bytes(), 16).unwrap();
	key.plaintext(&number.to_bytes_be()).unwrap()
}

fn decrypt(
	job: &Job,
	secret: &SecretKey,
	selection: &Selection,
	outputs: &[Plaintext],
) -> Result<Value, ProtocolError> {
	let values: Vec<_> = outputs.iter().map(|output| job.key.encrypt(output).to_bytes()).collect();
	let answers = user::decrypt(job, secret, selection, 0, &values)?;
	Ok(answers.iter().map(texts).collect())
}

/// What follows from the rows.
fn compute(vector: &Value) -> Value {
	let mut computed = vector.clone();
	let secret = secret_key(&vector["user_key"]);
	for case in computed["templates"].as_array_mut().unwrap() {
		let (job, selection) = job(case, &selected(case), secret.public());
		let data: Vec<Vec<Vec<i64>>> = serde_json::from_value(case["data"].clone()).unwrap();
		let packed = pack(&job, &data);
		let outputs = outputs(&job, &selection, &packed);
		let of_data = |features: &Vec<Vec<Plaintext>>| {
			features.iter().map(|blocks| blocks.iter().map(hex_of).collect::<Value>()).collect::<Value>()
		};
		case["encoded_parameters"] = json!(hex::encode(job.contract.parameters.encode()));
		case["packed"] = packed.iter().map(of_data).collect();
		case["outputs"] = outputs.iter().map(hex_of).collect();
		case["answers"] = decrypt(&job, &secret, &selection, &outputs).unwrap();
	}
	for case in computed["fractions"].as_array_mut().unwrap() {
		let integer = |name: &str| case[name].as_str().unwrap().parse::<BigInt>().unwrap();
		let denominator = integer("denominator").magnitude().clone();
		let exact =
			user::Exact::new(integer("numerator"), denominator, number(&case["decimals"]), number(&case["digits"]));
		case["text"] = json!(exact.unwrap().to_string());
	}
	computed
}

#[test]
fn values_are_packed_and_read_as_written_down() {
	let vector = read();
	assert!(compute(&vector) == vector, "other bytes: has the protocol's version changed?");
}

#[test]
fn written_down_impossible_results_are_refused() {
	let vector = read();
	let secret = secret_key(&vector["user_key"]);
	assert!(!list(&vector["refused"]).is_empty());
	for refused in list(&vector["refused"]) {
		let case = &vector["templates"][number::<usize>(&refused["template"])];
		let chosen = if refused["selected"].is_null() { selected(case) } else { selected(refused) };
		let (job, selection) = job(case, &chosen, secret.public());
		let outputs: Vec<_> =
			list(&refused["outputs"]).iter().map(|output| plaintext(secret.public(), output)).collect();
		assert!(decrypt(&job, &secret, &selection, &outputs).is_err(), "{}", refused["what"]);
	}
}

/// Writes the fixture again, for a new version of the protocol.
#[test]
#[ignore = "writes the file that the other tests read"]
fn write() {
	fs::write(path(), serde_json::to_string_pretty(&compute(&read())).unwrap() + "\n").unwrap();
}
