use super::*;

#[test]
fn withdraw_grant_leaves_vested_part_to_beneficiary() {
	with_grant(ALICE, |id| {
		let before = free(Program::Team.account());
		at(30);
		assert_ok!(TokenAllocation::withdraw_grant(root(), id));
		assert_eq!(events(), [Event::GrantWithdrawn { grant_id: id, released: 525 }]);
		assert_eq!((free(Program::Team.account()), granted(Program::Team)), (before + 525, 475));
		assert_eq!(Grants::<Test>::get(id).unwrap().withdrawn, Some(30));
		at(1_000);
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		assert_eq!(
			events(),
			[Event::Claimed { grant_id: id, beneficiary: ALICE, amount: 475 }, Event::GrantClosed { grant_id: id }]
		);
		assert_eq!((free(ALICE), granted(Program::Team)), (FUNDS + 475, 0));
	})
}

#[test]
fn withdraw_grant_accounts_for_earlier_claims() {
	with_grant(ALICE, |id| {
		at(25);
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		at(30);
		assert_ok!(TokenAllocation::withdraw_grant(root(), id));
		assert_eq!(granted(Program::Team), 125);
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		assert_eq!((free(ALICE), granted(Program::Team)), (FUNDS + 475, 0));
		assert!(!Grants::<Test>::contains_key(id));
	})
}

#[test]
fn withdraw_grant_removes_grant_when_nothing_is_owed() {
	// Before the start, before the cliff, and after all that had vested was claimed.
	for (claimed, block) in [(None, 1), (None, 20), (Some(40), 40)] {
		with_grant(ALICE, |id| {
			at(block);
			if claimed.is_some() {
				assert_ok!(TokenAllocation::claim(signed(ALICE), id));
			}
			let released = AMOUNT - (free(ALICE) - FUNDS);
			System::reset_events();
			assert_ok!(TokenAllocation::withdraw_grant(root(), id));
			assert_eq!(
				events(),
				[Event::GrantWithdrawn { grant_id: id, released }, Event::GrantClosed { grant_id: id }]
			);
			assert_eq!(granted(Program::Team), 0);
			assert!(!Grants::<Test>::contains_key(id) && !GrantsByBeneficiary::<Test>::contains_key(ALICE));
		})
	}
}

#[test]
fn withdraw_grant_fails_when_there_is_nothing_to_withdraw() {
	ExtBuilder.build_and_execute(|| {
		let fixed = grant_to(ALICE, GrantTerms { revocable: false, ..terms() });
		let withdrawn = grant_to(ALICE, terms());
		let vested = grant_to(ALICE, terms());
		at(50);
		assert_ok!(TokenAllocation::withdraw_grant(root(), withdrawn));
		at(51);
		for (id, error) in [
			(fixed, Error::NotRevocable),
			(withdrawn, Error::AlreadyWithdrawn),
			(vested, Error::FullyVested),
			(vested + 1, Error::UnknownGrant),
		] {
			assert_noop!(TokenAllocation::withdraw_grant(root(), id), error);
		}
	})
}

#[test]
fn withdraw_grant_requires_admin_origin() {
	with_grant(ALICE, |id| {
		assert_noop!(TokenAllocation::withdraw_grant(signed(ALICE), id), BadOrigin);
	})
}
