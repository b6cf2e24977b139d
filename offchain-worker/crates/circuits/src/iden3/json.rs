//! Proofs, public inputs and verifying keys as snarkjs' JSON: decimal strings, points in projective coordinates.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ff::{BigInt, PrimeField};
use encrytrust_groth16::{decode_inputs, encode_inputs, Error as EncodingError, Proof, VerifyingKey};
use serde_json::{json, Value};

/// Why JSON is not a proof or not public inputs.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JsonError {
	/// A member is missing, of another type, or no number of the field.
	#[error("{0} is missing or malformed: give the file that snarkjs wrote")]
	Member(String),
	/// The bytes would be refused.
	#[error(transparent)]
	Encoding(#[from] EncodingError),
}

/// A proof's bytes from snarkjs' `proof.json`.
///
/// # Errors
///
/// [`JsonError`].
pub fn proof_from_json(json: &Value) -> Result<Vec<u8>, JsonError> {
	for (member, expected) in [("protocol", "groth16"), ("curve", "bn128")] {
		if json[member] != expected {
			return Err(malformed(member));
		}
	}
	let proof = Proof { a: g1(json, "pi_a")?, b: g2(json, "pi_b")?, c: g1(json, "pi_c")? }.encode();
	Proof::decode(&proof)?;
	Ok(proof)
}

/// snarkjs' `proof.json` from a proof's bytes.
///
/// # Errors
///
/// [`JsonError::Encoding`] for bytes that are no proof.
pub fn proof_to_json(proof: &[u8]) -> Result<Value, JsonError> {
	let Proof { a, b, c } = Proof::decode(proof)?;
	Ok(json!({
		"pi_a": g1_json(&a),
		"pi_b": g2_json(&b),
		"pi_c": g1_json(&c),
		"protocol": "groth16",
		"curve": "bn128",
	}))
}

/// Public inputs' bytes from snarkjs' `public.json`.
///
/// # Errors
///
/// [`JsonError::Member`].
pub fn public_from_json(json: &Value) -> Result<Vec<u8>, JsonError> {
	let inputs = json.as_array().ok_or_else(|| malformed("the list of public inputs"))?;
	let inputs = inputs.iter().map(|input| number::<Fr>(input, "a public input")).collect::<Result<Vec<_>, _>>()?;
	Ok(encode_inputs(&inputs))
}

/// snarkjs' `public.json` from public inputs' bytes.
///
/// # Errors
///
/// [`JsonError::Encoding`] for bytes that are no scalars.
pub fn public_to_json(inputs: &[u8]) -> Result<Value, JsonError> {
	Ok(decode_inputs(inputs)?.iter().map(decimal).collect())
}

/// snarkjs' `verification_key.json`.
pub fn verifying_key_to_json(key: &VerifyingKey) -> Value {
	let constant = Bn254::pairing(key.alpha, key.beta).0;
	let halves = [constant.c0, constant.c1];
	json!({
		"protocol": "groth16",
		"curve": "bn128",
		"nPublic": key.inputs(),
		"vk_alpha_1": g1_json(&key.alpha),
		"vk_beta_2": g2_json(&key.beta),
		"vk_gamma_2": g2_json(&key.gamma),
		"vk_delta_2": g2_json(&key.delta),
		"vk_alphabeta_12": halves.map(|half| [half.c0, half.c1, half.c2].map(|c| fq2_json(&c))),
		"IC": key.ic.iter().map(g1_json).collect::<Vec<_>>(),
	})
}

fn g1_json(point: &G1Affine) -> Value {
	json!([decimal(&point.x), decimal(&point.y), "1"])
}

fn g2_json(point: &G2Affine) -> Value {
	json!([fq2_json(&point.x), fq2_json(&point.y), ["1", "0"]])
}

fn fq2_json(element: &Fq2) -> Value {
	json!([decimal(&element.c0), decimal(&element.c1)])
}

fn decimal<F: PrimeField>(element: &F) -> String {
	element.into_bigint().to_string()
}

fn g1(json: &Value, member: &str) -> Result<G1Affine, JsonError> {
	match json[member].as_array().map(Vec::as_slice) {
		Some([x, y, z]) if z == "1" => Ok(G1Affine::new_unchecked(number(x, member)?, number(y, member)?)),
		_ => Err(malformed(member)),
	}
}

fn g2(json: &Value, member: &str) -> Result<G2Affine, JsonError> {
	match json[member].as_array().map(Vec::as_slice) {
		Some([x, y, z]) if *z == json!(["1", "0"]) => Ok(G2Affine::new_unchecked(fq2(x, member)?, fq2(y, member)?)),
		_ => Err(malformed(member)),
	}
}

fn fq2(json: &Value, member: &str) -> Result<Fq2, JsonError> {
	match json.as_array().map(Vec::as_slice) {
		Some([c0, c1]) => Ok(Fq2::new(number::<Fq>(c0, member)?, number::<Fq>(c1, member)?)),
		_ => Err(malformed(member)),
	}
}

/// A decimal number below the field's modulus.
fn number<F: PrimeField<BigInt = BigInt<4>>>(json: &Value, member: &str) -> Result<F, JsonError> {
	let number = json.as_str().and_then(|decimal| decimal.parse().ok()).and_then(F::from_bigint);
	number.ok_or_else(|| malformed(member))
}

fn malformed(member: &str) -> JsonError {
	JsonError::Member(member.to_owned())
}
