//! Every invariant, violated once.

use super::*;
use frame_support::traits::{fungible::MutateHold, tokens::Precision::Exact};

type Corruption = (&'static str, fn(GrantId), &'static str);

const CORRUPTIONS: &[Corruption] = &[
	("an id is reused", |_| NextGrantId::<Test>::put(0), "a grant ahead of its id"),
	("a cliff moves", |id| change(id, |grant| grant.terms.cliff = 41), "a cliff after its grant's end"),
	("too much is paid", |id| change(id, |grant| grant.claimed += 1), "a grant paid more than has vested"),
	("a paid grant stays", |id| change(id, |grant| grant.withdrawn = Some(30)), "a grant owes nothing"),
	(
		"an irrevocable grant is withdrawn",
		|id| {
			change(id, |grant| {
				(grant.withdrawn, grant.claimed, grant.terms.revocable) = (Some(30), 0, false);
			})
		},
		"an irrevocable grant is withdrawn",
	),
	(
		"a grant's hold is released",
		|_| release(HoldReason::Grant, Program::Team.account()),
		"what is on hold differs from what is owed",
	),
	("a grant is lost", |id| Grants::<Test>::remove(id), "what is on hold differs from what is owed"),
	("a beneficiary forgets", |_| GrantsByBeneficiary::<Test>::remove(ALICE), "a grant is not its beneficiary's once"),
	("a beneficiary counts twice", |id| list(ALICE, id), "a grant is not its beneficiary's once"),
	("a stranger has a grant", |id| list(BOB, id), "a beneficiary has a grant that is not there"),
	(
		"a policy is turned",
		|_| Policies::<Test>::insert(Program::Team, ProgramPolicy { earliest_cliff: 101, ..TEAM }),
		"a policy admits nothing",
	),
	(
		"a tier gets cheap",
		|_| Fees::<Test>::mutate(|fees| fees.enterprise = fees.professional - 1),
		"a tier costs less than the one below",
	),
	(
		"a deposit is released",
		|_| release(HoldReason::StorageDeposit, ALICE),
		"a deposit on hold differs from the record's",
	),
	(
		"a developer loses its name",
		|_| Accounts::<Test>::mutate_extant(ALICE, |account| account.developer = Some(name(""))),
		"a developer without name",
	),
];

fn change(id: GrantId, change: fn(&mut GrantOf<Test>)) {
	Grants::<Test>::mutate_extant(id, change);
}

fn list(who: AccountId, id: GrantId) {
	assert_ok!(GrantsByBeneficiary::<Test>::try_append(who, id));
}

fn release(reason: HoldReason, who: AccountId) {
	assert_ok!(<Balances as MutateHold<_>>::release(&reason.into(), &who, 1, Exact));
}

#[test]
fn try_state_fails_for_every_corruption() {
	for (case, corrupt, expected) in CORRUPTIONS {
		ExtBuilder.build().execute_with(|| {
			assert_ok!(TokenAllocation::create_account(signed(ALICE)));
			let id = grant_to(ALICE, terms());
			at(30);
			assert_ok!(TokenAllocation::claim(signed(ALICE), id));
			assert_ok!(TokenAllocation::do_try_state());
			corrupt(id);
			assert_eq!(TokenAllocation::do_try_state(), Err((*expected).into()), "{case}");
		})
	}
}
