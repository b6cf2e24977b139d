//! Verification of Groth16 proofs: host functions with a pure fallback, so that the chain verifies at native speed.
//! The proofs' bytes, the order of the checks and the codes are those of `docs/protocol/identity.md`.

use alloc::vec::Vec;
use encrytrust_groth16::{verdict_from_code, verdict_to_code, Error, Verdict, PROOF_LEN};
use sp_runtime_interface::{
	pass_by::{PassFatPointerAndRead, PassFatPointerAndReadWrite},
	runtime_interface,
};

/// Proofs over BN254; none of these panics, whatever the bytes. Names and encodings are permanent.
#[runtime_interface]
pub trait ProofChecks {
	/// Verify a proof of the statement with these public inputs under a prepared key, each given by its bytes.
	///
	/// Returns 0, or the code of the first check that failed.
	fn verify(
		prepared_key: PassFatPointerAndRead<&[u8]>,
		inputs: PassFatPointerAndRead<&[u8]>,
		proof: PassFatPointerAndRead<&[u8]>,
	) -> u32 {
		verify_fallback(prepared_key, inputs, proof)
	}

	/// Verify as many proofs as `codes` has bytes: the proofs one after the other, and their public inputs likewise, all
	/// of equal length. Write the code of each, as [`verify`](Self::verify) returns it, into `codes`.
	///
	/// Returns 0, or 1 where nothing was written: `proofs` is not 256 bytes for each, or `inputs` can't be split.
	fn verify_batch(
		prepared_key: PassFatPointerAndRead<&[u8]>,
		inputs: PassFatPointerAndRead<&[u8]>,
		proofs: PassFatPointerAndRead<&[u8]>,
		codes: PassFatPointerAndReadWrite<&mut [u8]>,
	) -> u32 {
		match verify_batch_fallback(prepared_key, inputs, proofs, codes.len()) {
			Some(found) => {
				codes.copy_from_slice(&found);
				0
			},
			None => 1,
		}
	}
}

/// What the host function `verify` computes, in pure code.
pub fn verify_fallback(prepared_key: &[u8], inputs: &[u8], proof: &[u8]) -> u32 {
	verdict_to_code(encrytrust_groth16::verify(prepared_key, proof, inputs))
}

/// What the host function `verify_batch` computes, in pure code: a code for each of `count` proofs, or `None` for lengths
/// that it refuses.
pub fn verify_batch_fallback(prepared_key: &[u8], inputs: &[u8], proofs: &[u8], count: usize) -> Option<Vec<u8>> {
	let proofs = split(proofs, count).filter(|proofs| proofs.iter().all(|proof| proof.len() == PROOF_LEN))?;
	let items: Vec<_> = proofs.into_iter().zip(split(inputs, count)?).collect();
	let verdicts = encrytrust_groth16::verify_batch(prepared_key, &items);
	Some(verdicts.into_iter().map(|verdict| verdict_to_code(verdict) as u8).collect())
}

/// `bytes` in `count` parts of equal length; none but of nothing.
fn split(bytes: &[u8], count: usize) -> Option<Vec<&[u8]>> {
	let length = bytes.len().checked_div(count).unwrap_or_default();
	if length.checked_mul(count) != Some(bytes.len()) {
		return None;
	}
	// A part without bytes is one all the same.
	Some(
		(0..count)
			.map(|index| bytes.get(index.saturating_mul(length)..).unwrap_or_default())
			.map(|rest| rest.get(..length).unwrap_or_default())
			.collect(),
	)
}

/// Verify a proof, by the host.
///
/// # Errors
///
/// Those of [`encrytrust_groth16::verify`].
pub fn verify(prepared_key: &[u8], inputs: &[u8], proof: &[u8]) -> Verdict {
	verdict(proof_checks::verify(prepared_key, inputs, proof))
}

/// Verify proofs of [`PROOF_LEN`] bytes each with their public inputs, by the host: the verdicts that [`verify`] gives one
/// by one, in a fraction of the time.
pub fn verify_batch(prepared_key: &[u8], items: &[(&[u8], &[u8; PROOF_LEN])]) -> Vec<Verdict> {
	let mut codes = alloc::vec![0; items.len()];
	let inputs: Vec<u8> = items.iter().flat_map(|(inputs, _)| inputs.iter().copied()).collect();
	let proofs: Vec<u8> = items.iter().flat_map(|(_, proof)| proof.iter().copied()).collect();
	match proof_checks::verify_batch(prepared_key, &inputs, &proofs, &mut codes) {
		0 => codes.into_iter().map(|code| verdict(code.into())).collect(),
		_ => items.iter().map(|_| Err(Error::InputsLength)).collect(),
	}
}

/// The verdict behind a code. A host that answers with none was built from other sources: nothing it says is believed.
fn verdict(code: u32) -> Verdict {
	verdict_from_code(code).unwrap_or(Err(Error::InvalidProof))
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_groth16::{encode_inputs, simulation::Trapdoor, Fr, PreparedKey};
	use proptest::prelude::*;
	use std::sync::LazyLock;

	struct Fixture {
		key: Vec<u8>,
		inputs: [Vec<u8>; 3],
		proofs: [[u8; PROOF_LEN]; 3],
	}

	static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
		let trapdoor = Trapdoor::new(3, 1);
		let statements = [7u8, 8, 9].map(|n| [n, n + 10, n + 20].map(Fr::from));
		Fixture {
			key: PreparedKey::from(&trapdoor.verifying_key()).encode(),
			inputs: statements.map(|inputs| encode_inputs(&inputs)),
			proofs: statements.map(|inputs| trapdoor.prove(&inputs, 0).encode().try_into().unwrap()),
		}
	});

	#[test]
	fn good_proofs_pass_and_bad_ones_are_named() {
		let Fixture { key, inputs, proofs } = &*FIXTURE;
		assert_eq!(verify(key, &inputs[0], &proofs[0]), Ok(()));
		assert_eq!(verify(key, &inputs[0], &proofs[1]), Err(Error::InvalidProof));
		assert_eq!(verify(key, &inputs[0], &proofs[0][1..]), Err(Error::ProofLength));
		assert_eq!(verify(&key[1..], &inputs[0], &proofs[0]), Err(Error::NotPrepared));
		let items = [(&*inputs[0], &proofs[0]), (&inputs[1], &proofs[2]), (&inputs[2], &[0; PROOF_LEN])];
		assert_eq!(verify_batch(key, &items), [Ok(()), Err(Error::InvalidProof), Err(Error::IdentityPoint)]);
		assert_eq!(verify_batch(key, &[]), []);
	}

	#[test]
	fn lengths_that_do_not_fit_write_nothing() {
		let Fixture { key, inputs, proofs } = &*FIXTURE;
		let (two_inputs, two_proofs) = (inputs[..2].concat(), proofs[..2].concat());
		for (name, inputs, proofs, count) in [
			("fewer codes", &two_inputs[..], &two_proofs[..], 1),
			("more codes", &two_inputs, &two_proofs, 3),
			("a truncated proof", &two_inputs, &two_proofs[1..], 2),
			("inputs that can't be split", &two_inputs[1..], &two_proofs, 2),
			("no code", &two_inputs, &two_proofs, 0),
		] {
			let mut codes = alloc::vec![77; count];
			assert_eq!(proof_checks::verify_batch(key, inputs, proofs, &mut codes), 1, "{name}");
			assert!(codes.iter().all(|code| *code == 77), "{name}");
		}
		let mut codes = [77; 2];
		assert_eq!(proof_checks::verify_batch(key, &two_inputs[..128], &two_proofs, &mut codes), 0);
		assert_eq!(codes, [Error::MissingInput as u8; 2]);
		assert_eq!(proof_checks::verify_batch(key, &[], &two_proofs, &mut codes), 0);
		assert_eq!(codes, [Error::MissingInput as u8; 2]);
	}

	/// Nothing, a good value, a truncated one, or a good value with one bit flipped.
	fn damaged(good: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
		let (whole, short, flipped) = (good.clone(), good.clone(), good);
		prop_oneof![
			Just(whole),
			any::<prop::sample::Index>().prop_map(move |at| short[..at.index(short.len())].to_vec()),
			(any::<prop::sample::Index>(), 0..8u8).prop_map(move |(at, bit)| {
				let (at, mut bytes) = (at.index(flipped.len()), flipped.clone());
				bytes[at] ^= 1 << bit;
				bytes
			}),
			prop::collection::vec(any::<u8>(), 0..600),
		]
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(64))]

		#[test]
		fn host_and_fallback_agree(
			key in damaged(FIXTURE.key.clone()),
			inputs in damaged(FIXTURE.inputs[0].clone()),
			proof in damaged(FIXTURE.proofs[0].to_vec()),
			more_inputs in damaged(FIXTURE.inputs[1..].concat()),
			more_proofs in damaged(FIXTURE.proofs[1..].concat()),
			count in 0..4usize,
		) {
			prop_assert_eq!(proof_checks::verify(&key, &inputs, &proof), verify_fallback(&key, &inputs, &proof));
			let (inputs, proofs) = ([inputs, more_inputs].concat(), [proof, more_proofs].concat());
			let mut codes = alloc::vec![77; count];
			let status = proof_checks::verify_batch(&key, &inputs, &proofs, &mut codes);
			match verify_batch_fallback(&key, &inputs, &proofs, count) {
				Some(found) => prop_assert_eq!((status, codes), (0, found)),
				None => prop_assert_eq!((status, codes), (1, alloc::vec![77; count])),
			}
		}
	}
}
