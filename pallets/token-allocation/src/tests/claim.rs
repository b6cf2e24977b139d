use super::*;

#[test]
fn claim_pays_exactly_what_has_vested() {
	with_grant(ALICE, |id| {
		// Block, amount of a claim in it, amount owed afterwards.
		for (block, amount, owed) in [(21, 250, 750), (22, 25, 725), (50, 700, 25)] {
			at(block);
			let before = free(ALICE);
			assert_ok!(TokenAllocation::claim(signed(ALICE), id));
			assert_eq!(events(), [Event::Claimed { grant_id: id, beneficiary: ALICE, amount }], "block {block}");
			assert_eq!((free(ALICE), granted(Program::Team)), (before + amount, owed), "block {block}");
		}
	})
}

#[test]
fn claim_removes_grant_when_all_is_paid() {
	with_grant(ALICE, |id| {
		at(51);
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		assert_eq!(
			events(),
			[Event::Claimed { grant_id: id, beneficiary: ALICE, amount: AMOUNT }, Event::GrantClosed { grant_id: id }]
		);
		assert_eq!((free(ALICE), granted(Program::Team)), (FUNDS + AMOUNT, 0));
		assert!(!Grants::<Test>::contains_key(id) && !GrantsByBeneficiary::<Test>::contains_key(ALICE));
		assert_noop!(TokenAllocation::claim(signed(ALICE), id), Error::UnknownGrant);
	})
}

#[test]
fn claim_fails_when_nothing_has_vested() {
	with_grant(ALICE, |id| {
		for block in [1, 10, 11, 20] {
			at(block);
			assert_noop!(TokenAllocation::claim(signed(ALICE), id), Error::NothingToClaim);
		}
		at(21);
		assert_ok!(TokenAllocation::claim(signed(ALICE), id));
		assert_noop!(TokenAllocation::claim(signed(ALICE), id), Error::NothingToClaim);
		let slow = grant_to(ALICE, GrantTerms { amount: 3, start: 21, cliff: 10, duration: 40, revocable: false });
		at(34);
		assert_noop!(TokenAllocation::claim(signed(ALICE), slow), Error::NothingToClaim);
		at(35);
		assert_ok!(TokenAllocation::claim(signed(ALICE), slow));
	})
}

#[test]
fn claim_fails_when_signer_is_not_beneficiary() {
	with_grant(ALICE, |id| {
		at(51);
		assert_noop!(TokenAllocation::claim(signed(BOB), id), Error::NotBeneficiary);
		assert_noop!(TokenAllocation::claim(root(), id), BadOrigin);
		assert_noop!(TokenAllocation::claim(signed(ALICE), id + 1), Error::UnknownGrant);
	})
}

#[test]
fn claim_creates_account_when_existential_deposit_has_vested() {
	let terms = GrantTerms { amount: 2 * EXISTENTIAL_DEPOSIT, start: 1, cliff: 10, duration: 100, revocable: false };
	ExtBuilder.build_and_execute(|| {
		let id = grant_to(NOBODY, terms);
		at(50);
		assert_noop!(TokenAllocation::claim(signed(NOBODY), id), Error::ClaimTooSmall);
		at(51);
		assert_ok!(TokenAllocation::claim(signed(NOBODY), id));
		assert_eq!(free(NOBODY), EXISTENTIAL_DEPOSIT);
		at(52);
		assert_ok!(TokenAllocation::claim(signed(NOBODY), id));
		assert_eq!(free(NOBODY), EXISTENTIAL_DEPOSIT + 2);
	})
}

#[test]
fn claim_pays_grants_of_one_beneficiary_separately() {
	ExtBuilder.build_and_execute(|| {
		let [first, second] = [AMOUNT, 10 * AMOUNT].map(|amount| grant_to(ALICE, GrantTerms { amount, ..terms() }));
		at(51);
		assert_ok!(TokenAllocation::claim(signed(ALICE), second));
		assert_eq!((free(ALICE), granted(Program::Team)), (FUNDS + 10 * AMOUNT, AMOUNT));
		assert_eq!(open_grants(ALICE), [first]);
	})
}
