//! Every invariant, violated once.

use super::*;
use frame_support::traits::{fungible::MutateHold, tokens::Precision::Exact};

type Corruption = (&'static str, fn(), &'static str);

const CORRUPTIONS: &[Corruption] = &[
	("a ledger is emptied", || change(Service, |ledger| *ledger = Default::default()), "an empty ledger"),
	(
		"a validator's bond is engaged",
		|| change(Validator, |ledger| ledger.engaged = 1),
		"a validator's bond is engaged",
	),
	("a part is emptied", || change(Service, |ledger| ledger.unbonding[0].amount = 0), "an empty part of a bond"),
	(
		"a part matures at once",
		|| change(Service, |ledger| ledger.unbonding[0].until = ledger.unbonding[0].since),
		"a part matures before it is unbonded",
	),
	(
		"a part is moved",
		|| change(Service, |ledger| ledger.unbonding.as_mut().swap(0, 1)),
		"parts of a bond out of order",
	),
	("a ledger says more", || change(Service, |ledger| ledger.active += 1), "a bond is not what is on hold"),
	(
		"a bond is released",
		|| {
			let reason = HoldReason::ServiceBond.into();
			assert_ok!(<Balances as MutateHold<_>>::release(&reason, &USER, 1, Exact));
		},
		"a bond is not what is on hold",
	),
	("candidates are mixed", || Candidates::<Test>::mutate(|list| list.as_mut().reverse()), "candidates out of order"),
	(
		"a candidate is listed twice",
		|| Candidates::<Test>::mutate(|list| list.try_insert(0, 11).unwrap()),
		"candidates out of order",
	),
	(
		"a stranger is a candidate",
		|| Candidates::<Test>::mutate(|list| list.try_push(USER).unwrap()),
		"a candidate without bond",
	),
	(
		"the elected are mixed",
		|| Elected::<Test>::mutate(|elected| elected.validators.as_mut().reverse()),
		"the elected are out of order",
	),
	(
		"the planned are mixed",
		|| Planned::<Test>::mutate(|planned| planned.as_mut().unwrap().validators.as_mut().reverse()),
		"the elected are out of order",
	),
	(
		"a validator is elected twice",
		|| Elected::<Test>::mutate(|elected| elected.validators.try_push((11, 1)).unwrap()),
		"an account is elected twice",
	),
	(
		"an account without stake is elected",
		|| Elected::<Test>::mutate(|elected| elected.validators.try_push((USER, 0)).unwrap()),
		"a validator without stake",
	),
	("a stranger has points", || Points::<Test>::insert(USER, 1), "points of an account that is not a validator"),
	("there are points of zero", || Points::<Test>::insert(11, 0), "zero points"),
	(
		"an election forgets a validator",
		|| {
			Points::<Test>::remove(14);
			Elected::<Test>::mutate(|elected| elected.validators.pop());
		},
		"a validator was not elected",
	),
	("a session is lost", || SessionRecords::<Test>::remove(0), "a session is missing"),
	("a charge is for no session", || SessionSlashes::<Test>::insert(9, 11, 1), "a charge for a forgotten session"),
];

/// Change the bond of [`USER`] or the first validator.
fn change(kind: BondKind, change: fn(&mut LedgerOf<Test>)) {
	let who = if kind == Service { USER } else { VALIDATORS[0] };
	Ledgers::<Test>::mutate(kind, who, |ledger| change(ledger.as_mut().unwrap()));
}

#[test]
fn try_state_fails_for_every_corruption() {
	for (case, corrupt, expected) in CORRUPTIONS {
		ExtBuilder.build().execute_with(|| {
			bond(USER, Service, 5_000);
			assert_ok!(Bonds::unbond(signed(USER), Service, 1_000));
			run_to_session(1);
			assert_ok!(Bonds::unbond(signed(USER), Service, 1_000));
			assert_ok!(Bonds::do_try_state());
			corrupt();
			assert_eq!(Bonds::do_try_state(), Err((*expected).into()), "{case}");
		})
	}
}

#[test]
fn try_state_fails_when_parameters_are_invalid() {
	ExtBuilder.build().execute_with(|| {
		CurrentParameters::<Test>::mutate(|parameters| parameters.max_new = 0);
		assert_eq!(Bonds::do_try_state(), Err(Error::InvalidMaxNew.into()));
	})
}
