//! Cells and fingerprints of `tests/fixtures/vectors/values.json`: `docs/protocol/bmpc.md`.

use encrytrust_datasets::{CellFault, ColumnSpec, Decimal, FingerprintKey, Summarizer};
use serde_json::{json, Value};
use std::{fs, path::PathBuf};

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/vectors/values.json").into()
}

fn read() -> Value {
	serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn small(value: &Value) -> u8 {
	value.as_u64().and_then(|number| number.try_into().ok()).unwrap()
}

/// A cell's integer, or the reason why it is refused.
fn cell(case: &Value) -> (&'static str, String) {
	let text = case["text"].as_str().unwrap();
	let fixed = |decimal: Decimal| decimal.fixed(small(&case["decimals"]), small(&case["bits"]));
	let reason = match Decimal::parse(text).and_then(fixed) {
		Ok(value) => return ("value", value.to_string()),
		Err(CellFault::Empty) => "empty",
		Err(CellFault::NotFinite) => "not-finite",
		Err(CellFault::NotANumber) => "not-a-number",
		Err(CellFault::TooManyDecimals { .. }) => "too-many-decimals",
		Err(CellFault::TooLarge { .. }) => "too-large",
		Err(other) => panic!("{text:?}: {other:?}"),
	};
	("refused", reason.into())
}

fn fingerprint(case: &Value) -> [u8; 32] {
	let key = FingerprintKey::new(hex::decode(case["key"].as_str().unwrap()).unwrap().try_into().unwrap());
	let columns = case["columns"].as_array().unwrap().iter().map(|column| ColumnSpec {
		name: column["name"].as_str().unwrap().into(),
		decimals: small(&column["decimals"]),
		bits: small(&column["bits"]),
	});
	let columns: Vec<_> = columns.collect();
	let mut summarizer = Summarizer::new(columns.len(), &key);
	let rows: Vec<Vec<i64>> = serde_json::from_value(case["rows"].clone()).unwrap();
	rows.iter().for_each(|row| summarizer.add(row));
	summarizer.finish().fingerprint(&columns, &key)
}

/// Replaces whatever follows from the inputs.
fn compute(mut vector: Value) -> Value {
	for case in vector["cells"].as_array_mut().unwrap() {
		let (field, value) = cell(case);
		case.as_object_mut().unwrap().retain(|name, _| !["value", "refused"].contains(&name.as_str()));
		case[field] = json!(value);
	}
	for case in vector["fingerprints"].as_array_mut().unwrap() {
		case["fingerprint"] = json!(hex::encode(fingerprint(case)));
	}
	vector
}

#[test]
fn cells_and_fingerprints_are_those_of_the_vectors() {
	let vector = read();
	assert!(compute(vector.clone()) == vector, "other values: has the protocol's version changed?");
}

/// Writes the fixture again, for a new version of the protocol.
#[test]
#[ignore = "writes the file that the other test reads"]
fn write() {
	fs::write(path(), serde_json::to_string_pretty(&compute(read())).unwrap() + "\n").unwrap();
}
