//! Batches of revocations.

use super::*;
use crate::WeightInfo;
use frame_support::dispatch::GetDispatchInfo;

/// Revocations of these keys by [`RELAY`].
fn revocations(keys: &[KeyId]) -> RevocationsOf<Test> {
	BoundedVec::truncate_from(keys.iter().map(|id| (*id, proof(*id, &RELAY, None))).collect())
}

#[test]
fn revoke_keys_refunds_fee_when_all_proofs_are_valid() {
	ExtBuilder.build_and_execute(|| {
		let keys = [(OWNER, 1), (OTHER, 2), (STRANGER, 3)].map(|(who, n)| issue(who, terms(n)));
		events();
		let batch = revocations(&keys);
		let info = RuntimeCall::from(Call::revoke_keys { revocations: batch.clone() }).get_dispatch_info();
		assert_eq!(info.call_weight, <() as WeightInfo>::revoke_keys(3));
		let done = IdentityKeys::revoke_keys(signed(RELAY), batch).unwrap();
		assert_eq!(done.actual_weight, Some(<() as WeightInfo>::revoke_keys_good(3)));
		assert!(done.actual_weight.unwrap().ref_time() < info.call_weight.ref_time());
		let revoked = |key, owner| Event::KeyRevoked { key_id: key, owner, submitter: RELAY };
		assert_eq!(events(), [revoked(0, OWNER), revoked(1, OTHER), revoked(2, STRANGER)]);
		for id in keys {
			assert_eq!(changes(id)[2..], [(1, RELAY, KeyChange::Revoked { verifying_key: 1 })]);
		}
	})
}

#[test]
fn revoke_keys_reports_invalid_proofs_and_revokes_others() {
	ExtBuilder.build_and_execute(|| {
		let keys = [(OWNER, 1), (OTHER, 2), (STRANGER, 3)].map(|(who, n)| issue(who, terms(n)));
		events();
		let mut batch = revocations(&keys);
		batch[1].1 = proof(keys[1], &OTHER, None);
		assert_ok!(batch.try_insert(2, (99, vec![0; 256])));
		let done = IdentityKeys::revoke_keys(signed(RELAY), batch).unwrap();
		assert_eq!(done.actual_weight, None, "the worst is assumed where a proof is bad");
		assert_eq!(
			events(),
			[
				Event::KeyRevoked { key_id: 0, owner: OWNER, submitter: RELAY },
				Event::RevocationRefused { index: 1, key_id: 1, error: Error::InvalidProof.into() },
				Event::RevocationRefused { index: 2, key_id: 99, error: Error::UnknownKey.into() },
				Event::KeyRevoked { key_id: 2, owner: STRANGER, submitter: RELAY },
			]
		);
		assert!(IdentityKeys::is_active(&OTHER));
	})
}

#[test]
fn revoke_keys_revokes_key_once_when_listed_twice() {
	ExtBuilder.build_and_execute(|| {
		let id = issue(OWNER, terms(1));
		events();
		let good = proof(id, &RELAY, None);
		let batch = vec![(id, vec![1, 2, 3]), (id, good.clone()), (id, good)];
		assert_ok!(IdentityKeys::revoke_keys(signed(RELAY), BoundedVec::truncate_from(batch)));
		assert_eq!(
			events(),
			[
				Event::RevocationRefused { index: 0, key_id: id, error: Error::ProofLength.into() },
				Event::KeyRevoked { key_id: id, owner: OWNER, submitter: RELAY },
				Event::RevocationRefused { index: 2, key_id: id, error: Error::KeyEnded.into() },
			]
		);
	})
}

#[test]
fn revoke_keys_fails_when_batch_is_empty() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(IdentityKeys::revoke_keys(signed(RELAY), Default::default()), Error::EmptyBatch);
	})
}
