//! Any bytes as a proof about an identity key, as its inputs, as a verifying key and as a prepared one: none may panic, and
//! no proof may hold under the development key, whose trapdoor the fuzzer does not know.

#![no_main]

use encrytrust_groth16::{identity::DEV_VERIFYING_KEY, verify, verify_batch, PreparedKey, VerifyingKey, PROOF_LEN};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static PREPARED: LazyLock<Vec<u8>> = LazyLock::new(|| {
	let key = VerifyingKey::decode(DEV_VERIFYING_KEY).expect("the development key is sound");
	PreparedKey::from(&key).encode()
});

/// The prepared key, which is longer than any input gets, written over from the place that the first two bytes name, or cut
/// there if no others follow.
fn damaged(bytes: &[u8]) -> Vec<u8> {
	let mut key = PREPARED.clone();
	let Some((place, written)) = bytes.split_first_chunk() else { return key };
	let place = usize::from(u16::from_le_bytes(*place)) % key.len();
	if written.is_empty() {
		key.truncate(place);
	}
	key.iter_mut().skip(place).zip(written).for_each(|(byte, written)| *byte = *written);
	key
}

fuzz_target!(|bytes: &[u8]| {
	let (proof, inputs) = bytes.split_at(bytes.len().min(PROOF_LEN));
	let verdict = verify(&PREPARED, proof, inputs);
	assert!(verdict.is_err());
	assert_eq!(verify_batch(&PREPARED, &[(proof, inputs), (proof, inputs)]), [verdict; 2]);
	let _ = verify(bytes, proof, inputs);
	let _ = verify(&damaged(bytes), proof, inputs);
	if let Ok(key) = VerifyingKey::decode(bytes) {
		assert_eq!(key.encode(), bytes);
	}
});
