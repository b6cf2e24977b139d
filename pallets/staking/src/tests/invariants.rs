//! Over any sequence of calls, sessions, offences and faults, no unit of money comes, goes or is stranded.

use super::*;
use codec::Encode;
use encrytrust_traits::bonds::ServiceBonds;
use proptest::{prelude::*, test_runner::TestRunner};
use sp_runtime::Perbill;
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};
use std::{cell::Cell, collections::BTreeMap};

/// What may happen. Numbers choose among what there is, modulo how much there is.
#[derive(Clone, Debug)]
enum Action {
	/// Blocks pass, made by the validators in turn, some of which may be idle.
	Pass {
		blocks: u8,
		idle: u8,
	},
	Bond {
		who: u8,
		kind: BondKind,
		amount: u16,
	},
	BondMore {
		who: u8,
		kind: BondKind,
		amount: u16,
	},
	/// Of what is bonded, some parts of 256; all if none.
	Unbond {
		who: u8,
		kind: BondKind,
		part: u8,
	},
	Withdraw {
		who: u8,
		kind: BondKind,
	},
	Declare(u8),
	/// One of those with session keys bonds, or adds to its bond, and declares.
	Stand {
		who: u8,
		amount: u16,
	},
	Chill(u8),
	ChillOther(u8),
	/// Session keys are set or purged.
	Keys(u8),
	Parameters {
		validators: u8,
		max_new: u8,
		min_validators: u8,
		sessions: u8,
		minimum: u16,
		unbonding: u8,
	},
	/// An offence in one of the last sessions.
	Offence {
		who: u8,
		ago: u8,
		percent: u8,
	},
	Engage {
		who: u8,
		part: u8,
	},
	/// One of the contracts of [`Model::engaged`] ends.
	Disengage(u8),
	/// A fault of some blocks ago.
	Slash {
		who: u8,
		amount: u16,
		towards: Vec<(u8, u16)>,
		ago: u8,
	},
	/// The pot is given money, or pays for something else.
	Pot(i16),
}

fn action() -> impl Strategy<Value = Action> {
	let (a, b, c, d) = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>());
	let (amount, minimum) = (any::<u16>(), 1..20_000u16);
	let kind = prop_oneof![Just(Validator), Just(Service)];
	prop_oneof![
		8 => (1..25u8, b).prop_map(|(blocks, idle)| Action::Pass { blocks, idle }),
		6 => (a, kind.clone(), amount).prop_map(|(who, kind, amount)| Action::Bond { who, kind, amount }),
		3 => (a, kind.clone(), amount)
			.prop_map(|(who, kind, amount)| Action::BondMore { who, kind, amount }),
		5 => (a, kind.clone(), b).prop_map(|(who, kind, part)| Action::Unbond { who, kind, part }),
		4 => (a, kind).prop_map(|(who, kind)| Action::Withdraw { who, kind }),
		3 => a.prop_map(Action::Declare),
		6 => (a, amount).prop_map(|(who, amount)| Action::Stand { who, amount }),
		2 => a.prop_map(Action::Chill),
		2 => a.prop_map(Action::ChillOther),
		1 => a.prop_map(Action::Keys),
		1 => (a, b, c, d, minimum, any::<u8>()).prop_map(
			|(validators, max_new, min_validators, sessions, minimum, unbonding)| {
				Action::Parameters { validators, max_new, min_validators, sessions, minimum, unbonding }
			}
		),
		3 => (a, b, c).prop_map(|(who, ago, percent)| Action::Offence { who, ago, percent }),
		6 => (a, b).prop_map(|(who, part)| Action::Engage { who, part }),
		3 => a.prop_map(Action::Disengage),
		5 => (a, amount, prop::collection::vec((b, amount), 0..4), c)
			.prop_map(|(who, amount, towards, ago)| Action::Slash { who, amount, towards, ago }),
		1 => any::<i16>().prop_map(Action::Pot),
	]
}

/// What is known from outside.
#[derive(Default)]
struct Model {
	/// Contracts under way: whose bond, how much.
	engaged: Vec<(AccountId, Balance)>,
	/// Stakes by session, as proofs would tell.
	exposures: BTreeMap<u32, Vec<ValidatorOf<Test>>>,
	/// The most that was taken off each validator's bond.
	slashed: BTreeMap<AccountId, Balance>,
}

/// The one that `number` chooses.
fn pick<T: Clone>(choices: &[T], number: u8) -> T {
	choices[number as usize % choices.len()].clone()
}

fn anyone(number: u8) -> AccountId {
	pick(&funded().filter(|who| *who != POT).collect::<Vec<_>>(), number)
}

/// `part` of 256 of `whole`; all of it if zero.
fn share(whole: Balance, part: u8) -> Balance {
	if part == 0 {
		whole
	} else {
		whole * Balance::from(part) / 256
	}
}

impl Model {
	/// Do it; whether a call succeeds is its own matter.
	fn act(&mut self, action: Action) {
		match action {
			Action::Pass { blocks, idle } => (0..blocks).for_each(|_| self.pass_block(idle)),
			Action::Bond { who, kind, amount } => drop(Staking::bond(signed(anyone(who)), kind, amount.into())),
			Action::BondMore { who, kind, amount } => {
				let _ = Staking::bond_more(signed(anyone(who)), kind, amount.into());
			},
			Action::Unbond { who, kind, part } => {
				let who = anyone(who);
				let active = Staking::active(kind, &who);
				let _ = Staking::unbond(signed(who), kind, share(active, part));
			},
			Action::Withdraw { who, kind } => withdraw(anyone(who), kind),
			Action::Declare(who) => drop(Staking::declare(signed(anyone(who)))),
			Action::Stand { who, amount } => {
				let who = signed(pick(&NEWCOMERS, who));
				let _ = Staking::bond(who.clone(), Validator, amount.into());
				let _ = Staking::bond_more(who.clone(), Validator, amount.into());
				let _ = Staking::declare(who);
			},
			Action::Chill(who) => drop(Staking::chill(signed(anyone(who)))),
			Action::ChillOther(who) => drop(Staking::chill_other(signed(USER), anyone(who))),
			Action::Keys(who) => toggle_keys(anyone(who)),
			Action::Parameters { validators, max_new, min_validators, sessions, minimum, unbonding } => {
				let parameters = Parameters {
					validators: u32::from(validators) % (MAX_VALIDATORS + 1),
					max_new: u32::from(max_new) % 4,
					min_validators: u32::from(min_validators) % 4,
					sessions_per_era: u32::from(sessions) % 4,
					min_validator_bond: minimum.into(),
					min_service_bond: minimum.into(),
					reward_per_block: REWARD,
					validator_unbonding: unbonding.into(),
					service_unbonding: unbonding.into(),
				};
				let _ = Staking::set_parameters(RuntimeOrigin::root(), parameters);
			},
			Action::Offence { who, ago, percent } => self.offend(who, ago, percent),
			Action::Engage { who, part } => self.engage(anyone(who), part),
			Action::Disengage(which) => self.disengage(which),
			Action::Slash { who, amount, towards, ago } => slash(anyone(who), amount, towards, ago),
			Action::Pot(amount) if amount < 0 => {
				let _ = Balances::transfer_keep_alive(signed(POT), USER, u128::from(amount.unsigned_abs()) * 16);
			},
			Action::Pot(amount) => {
				let _ = Balances::transfer_keep_alive(signed(USER), POT, u128::from(amount.unsigned_abs()));
			},
		}
		self.check();
	}

	fn pass_block(&mut self, idle: u8) {
		let validators = Session::validators();
		let turn = System::block_number() as usize % validators.len();
		next_block(
			Some(validators[turn]).filter(|_| idle.is_multiple_of(2) || turn != idle as usize % validators.len()),
		);
		self.exposures.insert(Session::current_index(), elected());
	}

	/// By a validator of that session, mostly together with another.
	fn offend(&mut self, who: u8, ago: u8, percent: u8) {
		let session = Session::current_index().saturating_sub(u32::from(ago) % 12);
		let Some(validators) = self.exposures.get(&session) else { return };
		let offenders = [pick(validators, who), pick(validators, who / 16)];
		let before: Balance = offenders.iter().map(|(who, _)| held(Validator, *who)).sum();
		let pot = Balances::free_balance(POT);
		let details = offenders.map(|offender| OffenceDetails { offender, reporters: vec![] });
		Staking::on_offence(&details, &[Perbill::from_percent(percent.min(100).into()); 2], session);
		let after: Balance = offenders.iter().map(|(who, _)| held(Validator, *who)).sum();
		for (who, _) in offenders {
			*self.slashed.entry(who).or_default() += before - after;
		}
		let taken = if offenders[0] == offenders[1] { (before - after) / 2 } else { before - after };
		assert_eq!(Balances::free_balance(POT) - pot, taken, "what was taken is not the pot's");
	}

	fn engage(&mut self, who: AccountId, part: u8) {
		let amount = share(<Staking as ServiceBonds<_, _, _>>::available(&who), part);
		assert_ok!(<Staking as ServiceBonds<_, _, _>>::engage(&who, amount));
		assert_noop!(
			<Staking as ServiceBonds<_, _, _>>::engage(&who, <Staking as ServiceBonds<_, _, _>>::available(&who) + 1),
			Error::NotAvailable
		);
		self.engaged.push((who, amount));
	}

	fn disengage(&mut self, which: u8) {
		if !self.engaged.is_empty() {
			let (who, amount) = self.engaged.swap_remove(which as usize % self.engaged.len());
			<Staking as ServiceBonds<_, _, _>>::disengage(&who, amount);
		}
	}

	/// What holds always; and ledgers have engaged what contracts did.
	fn check(&self) {
		check_invariants();
		// Whoever makes blocks answers with all that it was elected with, but for what was slashed.
		let Election { at, validators } = Elected::<Test>::get();
		for (who, stake) in validators {
			let liable = Ledgers::<Test>::get(Validator, who).map_or(0, |ledger| ledger.liable(at));
			let slashed = self.slashed.get(&who).copied().unwrap_or_default();
			assert!(liable + slashed >= stake, "the bond of {who} has fled");
		}
		let mut engaged = BTreeMap::<AccountId, Balance>::new();
		for (who, amount) in &self.engaged {
			*engaged.entry(*who).or_default() += amount;
		}
		for who in funded() {
			let ledger = Ledgers::<Test>::get(Service, who).unwrap_or_default();
			assert_eq!(ledger.engaged, engaged.remove(&who).unwrap_or_default(), "engaged by nobody, or forgotten");
		}
	}

	/// However things stand, all contracts and candidacies can end, and then time alone lets everyone have back all.
	fn wind_up(mut self) {
		while !self.engaged.is_empty() {
			self.disengage(0);
		}
		Candidates::<Test>::get().into_iter().for_each(chill);
		for (kind, who) in Ledgers::<Test>::iter_keys().collect::<Vec<_>>() {
			System::set_block_number(System::block_number() + u64::from(u8::MAX));
			withdraw(who, kind);
			let active = Staking::active(kind, &who);
			if active > 0 {
				assert_ok!(Staking::unbond(signed(who), kind, active));
			}
			System::set_block_number(System::block_number() + u64::from(u8::MAX));
			withdraw(who, kind);
		}
		check_invariants();
		assert_eq!(Ledgers::<Test>::iter().count(), 0);
		assert!(funded().all(|who| held(Validator, who) + held(Service, who) == 0), "something is on hold");
	}
}

/// It succeeds exactly if the runtime API said so.
fn withdraw(who: AccountId, kind: BondKind) {
	System::set_block_number(System::block_number() - 1);
	let withdrawable = Staking::bond_info(kind, who).map_or(0, |bond| bond.withdrawable);
	System::set_block_number(System::block_number() + 1);
	let before = Balances::free_balance(who);
	assert_eq!(Staking::withdraw(signed(who), kind).is_ok(), withdrawable > 0);
	assert_eq!(Balances::free_balance(who) - before, withdrawable);
}

fn toggle_keys(who: AccountId) {
	if <Session as ValidatorSessions<_>>::has_keys(&who) {
		// As many validators as must be keep theirs: a chain without any stands still.
		if Candidates::<Test>::decode_len().unwrap_or_default() > 3 && !Session::validators().contains(&who) {
			assert_ok!(Session::purge_keys(signed(who)));
		}
	} else {
		let mut keys = SessionKeys { dummy: sp_runtime::testing::UintAuthorityId(who) };
		let proof = keys.create_ownership_proof(&who.encode()).expect("the key signs").encode();
		assert_ok!(Session::set_keys(signed(who), keys, proof));
	}
}

fn slash(who: AccountId, amount: u16, towards: Vec<(u8, u16)>, ago: u8) {
	let fault_block = System::block_number().saturating_sub(u64::from(ago) % 30);
	let harmed = |number| if number % 8 == 0 { NOBODY } else { anyone(number) };
	let towards: Vec<_> = towards.into_iter().map(|(to, sum)| (harmed(to), sum.into())).collect();
	let amount = Balance::from(amount);
	let liable = <Staking as ServiceBonds<_, _, _>>::bond_at(&who, fault_block);
	let (before, pot) = (held(Service, who), Balances::free_balance(POT));
	let slashed = <Staking as ServiceBonds<_, _, _>>::slash(&who, amount, &towards, fault_block);
	assert_eq!(slashed.taken, amount.min(liable), "not as much as there is");
	assert_eq!(held(Service, who), before - slashed.taken);
	assert_eq!(Balances::free_balance(POT), pot + slashed.taken - slashed.paid, "the pot did not get the rest");
	let due: Balance = towards.iter().map(|(_, sum)| sum).sum();
	assert!(slashed.paid <= due.min(slashed.taken), "the harmed got more than their due");
}

#[test]
fn money_is_conserved_over_anything() {
	let seen: [Cell<u32>; 7] = Default::default();
	let names = ["rewards", "slashes", "compensations", "elections", "skipped elections", "idlers", "outbid"];
	let sequences = prop::collection::vec(action(), 1..150);
	let run = |actions: Vec<Action>| {
		ExtBuilder.build().execute_with(|| {
			// As many candidates as may be.
			NEWCOMERS[..4].iter().for_each(|who| stand(*who, MIN_VALIDATOR_BOND));
			let mut model = Model::default();
			model.exposures.insert(0, elected());
			actions.into_iter().for_each(|action| model.act(action));
			for event in events() {
				let which = match event {
					Event::Rewarded { .. } => 0,
					Event::Slashed { .. } => 1,
					Event::Compensated { .. } => 2,
					Event::ValidatorsElected { .. } => 3,
					Event::ElectionSkipped { .. } => 4,
					Event::Chilled { reason: ChillReason::Idle, .. } => 5,
					Event::Chilled { reason: ChillReason::Outbid, .. } => 6,
					_ => continue,
				};
				seen[which].set(seen[which].get() + 1);
			}
			model.wind_up();
		});
		Ok(())
	};
	let config = ProptestConfig { cases: 64, source_file: Some(file!()), ..Default::default() };
	TestRunner::new(config).run(&sequences, run).unwrap_or_else(|error| panic!("{error}"));
	// All of it would be worth little if nothing ever happened.
	for (name, count) in names.iter().zip(&seen) {
		assert!(count.get() > 0, "there were no {name}");
	}
}
