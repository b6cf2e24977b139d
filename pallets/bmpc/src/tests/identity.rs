//! What an account can no longer participate in once its identity key was revoked, and what continues.

use super::*;

/// Revoke the identity key of `who`.
fn revoke(who: AccountId) {
	Revoked::mutate(|revoked| revoked.push(who));
}

#[test]
fn register_role_fails_but_update_and_unregister_work_when_key_is_revoked() {
	with_providers(|| {
		revoke(STRANGER);
		revoke(COORDINATOR);
		let register = Bmpc::register_role(signed(STRANGER), endpoint(1), coordinator_offer(), terms());
		assert_eq!(register, Err(Error::InactiveIdentity.into()));
		assert_eq!(events(), []);
		assert_ok!(Bmpc::update_role(signed(COORDINATOR), endpoint(1), coordinator_offer(), terms()));
		assert_ok!(Bmpc::unregister_role(signed(COORDINATOR), Role::Coordinator));
	})
}

#[test]
fn request_fails_when_key_of_party_is_revoked() {
	for who in [DATA[1], COMPUTING[0], COORDINATOR] {
		with_providers(|| {
			revoke(who);
			assert_noop!(Bmpc::request(signed(USER), request()), Error::InactiveIdentity);
			assert_eq!(Bmpc::quote(USER, request()).unwrap_err().error, "InactiveIdentity");
			Revoked::take();
			assert_ok!(Bmpc::request(signed(USER), request()));
		});
	}
}

#[test]
fn decline_works_when_key_is_revoked() {
	for who in expected_parties(Stage::Confirmation) {
		with_job(|job| {
			revoke(who);
			assert_ok!(Bmpc::decline(signed(who), job, DeclineReason::Other));
			assert_eq!(escrow(USER), 0);
		});
	}
}

#[test]
fn job_under_way_continues_when_key_is_revoked() {
	with_job(|job| {
		complete(job, Stage::Confirmation);
		expected_parties(Stage::Confirmation).into_iter().for_each(revoke);
		for stage in [Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result] {
			complete(job, stage);
		}
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert!(matches!(status(job), Status::Settled { .. }));
	})
}
