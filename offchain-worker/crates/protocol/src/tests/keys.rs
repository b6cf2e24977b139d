//! Keys are proven by their owners, once.

use super::*;
use crate::{
	keys::{claims, prove, verify, Claim, Holder},
	ProtocolError,
};

#[test]
fn a_job_claims_every_key_that_somebody_encrypts_under() {
	let job = Question::means().ask().job;
	let claims = claims(&job);
	assert_eq!(claims.len(), 4);
	assert_eq!((claims[0].holder, &claims[0].owner), (Holder::User, &USER_ACCOUNT));
	assert_eq!(claims[0].modulus, USER.public().modulus_bytes());
	assert_eq!(
		(claims[2].holder, &claims[2].owner, claims[2].proof),
		(Holder::Computing(1), &computing_provider(1), [1; 32])
	);
}

#[test]
fn a_proof_holds_for_its_owner_and_key_alone() {
	let blob = prove(&USER, GENESIS, &USER_ACCOUNT);
	let modulus = USER.public().modulus_bytes();
	let claim = Claim { holder: Holder::User, owner: USER_ACCOUNT, modulus, proof: digest(&blob) };
	verify(GENESIS, &claim, &blob).unwrap();

	let mut changed = blob.clone();
	changed[0] ^= 1;
	let committed = |blob: &[u8]| Claim { proof: digest(blob), ..claim.clone() };
	let other_key = Claim { modulus: COMPUTING[0].public().modulus_bytes(), ..claim.clone() };
	for (name, genesis, claim, blob, words) in [
		("another blob", GENESIS, claim.clone(), &changed[..], "committed to"),
		("a changed proof", GENESIS, committed(&changed), &changed, "proof"),
		("cut short", GENESIS, committed(&blob[1..]), &blob[1..], "bytes"),
		("another chain", H256([8; 32]), claim.clone(), &blob, "another key, chain or account"),
		(
			"another account",
			GENESIS,
			Claim { owner: COORDINATOR, ..claim.clone() },
			&blob,
			"another key, chain or account",
		),
		("another key", GENESIS, other_key, &blob, "proof"),
		("no key", GENESIS, Claim { modulus: vec![1; 256], ..claim.clone() }, &blob, "bits"),
	] {
		let error = verify(genesis, &claim, blob).expect_err(name);
		assert!(matches!(error, ProtocolError::UserKey(_)), "{name}");
		assert!(error.to_string().contains(words), "{name}: {error}");
		let of_computing = Claim { holder: Holder::Computing(1), ..claim };
		let error = verify(genesis, &of_computing, blob).expect_err(name);
		assert!(matches!(error, ProtocolError::ComputingKey { index: 1, .. }), "{name}");
	}
}
