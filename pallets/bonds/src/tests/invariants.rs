//! Over any sequence of calls, sessions, offences and faults, money is neither created nor lost nor stuck.

use super::*;
use codec::Encode;
use encrytrust_traits::bonds::ServiceBonds;
use proptest::{prelude::*, test_runner::TestRunner};
use sp_runtime::Perbill;
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};
use std::{cell::Cell, collections::BTreeMap};

/// Random actions. Numbers choose among what exists, modulo its count.
#[derive(Clone, Debug)]
enum Action {
	/// Blocks pass, authored by the validators in turn, some of which can be idle.
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
	/// A fraction of the bond in parts of 256; all of it if zero.
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
	/// An account with session keys bonds, or adds to its bond, and declares.
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
	/// The pot receives money, or pays for something else.
	Pot(i16),
}

fn action() -> impl Strategy<Value = Action> {
	let (a, b, c, d) = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>());
	let amount = any::<u16>();
	let minimum = 1..20_000u16;
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

/// The model: what can be observed from outside the pallet.
#[derive(Default)]
struct Model {
	/// Contracts under way: accounts and engaged amounts.
	engaged: Vec<(AccountId, Balance)>,
	/// Stakes by session, as key ownership proofs would contain them.
	exposures: BTreeMap<u32, Vec<ValidatorOf<Test>>>,
	/// The sum of the slashes of each validator's bond.
	slashed: BTreeMap<AccountId, Balance>,
}

/// The element that `number` chooses.
fn pick<T: Clone>(choices: &[T], number: u8) -> T {
	choices[number as usize % choices.len()].clone()
}

fn anyone(number: u8) -> AccountId {
	pick(&funded().filter(|who| *who != POT).collect::<Vec<_>>(), number)
}

/// `part` of 256 parts of `whole`; all of it if zero.
fn share(whole: Balance, part: u8) -> Balance {
	if part == 0 {
		whole
	} else {
		whole * Balance::from(part) / 256
	}
}

impl Model {
	/// Run the action; its call may fail.
	fn act(&mut self, action: Action) {
		match action {
			Action::Pass { blocks, idle } => (0..blocks).for_each(|_| self.pass_block(idle)),
			Action::Bond { who, kind, amount } => drop(Bonds::bond(signed(anyone(who)), kind, amount.into())),
			Action::BondMore { who, kind, amount } => {
				let _ = Bonds::bond_more(signed(anyone(who)), kind, amount.into());
			},
			Action::Unbond { who, kind, part } => {
				let who = anyone(who);
				let active = Bonds::active(kind, &who);
				let _ = Bonds::unbond(signed(who), kind, share(active, part));
			},
			Action::Withdraw { who, kind } => withdraw(anyone(who), kind),
			Action::Declare(who) => drop(Bonds::declare(signed(anyone(who)))),
			Action::Stand { who, amount } => {
				let who = signed(pick(&NEWCOMERS, who));
				let _ = Bonds::bond(who.clone(), Validator, amount.into());
				let _ = Bonds::bond_more(who.clone(), Validator, amount.into());
				let _ = Bonds::declare(who);
			},
			Action::Chill(who) => drop(Bonds::chill(signed(anyone(who)))),
			Action::ChillOther(who) => drop(Bonds::chill_other(signed(USER), anyone(who))),
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
				let _ = Bonds::set_parameters(RuntimeOrigin::root(), parameters);
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

	/// An offence of a validator of that session, mostly together with another.
	fn offend(&mut self, who: u8, ago: u8, percent: u8) {
		let session = Session::current_index().saturating_sub(u32::from(ago) % 12);
		let Some(validators) = self.exposures.get(&session) else { return };
		let offenders = [pick(validators, who), pick(validators, who / 16)];
		let before: Balance = offenders.iter().map(|(who, _)| held(Validator, *who)).sum();
		let pot = Balances::free_balance(POT);
		let details = offenders.map(|offender| OffenceDetails { offender, reporters: vec![] });
		Bonds::on_offence(&details, &[Perbill::from_percent(percent.min(100).into()); 2], session);
		let after: Balance = offenders.iter().map(|(who, _)| held(Validator, *who)).sum();
		for (who, _) in offenders {
			*self.slashed.entry(who).or_default() += before - after;
		}
		let taken = if offenders[0] == offenders[1] { (before - after) / 2 } else { before - after };
		assert_eq!(Balances::free_balance(POT) - pot, taken, "what was taken is not the pot's");
	}

	fn engage(&mut self, who: AccountId, part: u8) {
		let amount = share(<Bonds as ServiceBonds<_, _, _>>::available(&who), part);
		assert_ok!(<Bonds as ServiceBonds<_, _, _>>::engage(&who, amount));
		assert_noop!(
			<Bonds as ServiceBonds<_, _, _>>::engage(&who, <Bonds as ServiceBonds<_, _, _>>::available(&who) + 1),
			Error::NotAvailable
		);
		self.engaged.push((who, amount));
	}

	fn disengage(&mut self, which: u8) {
		if !self.engaged.is_empty() {
			let (who, amount) = self.engaged.swap_remove(which as usize % self.engaged.len());
			<Bonds as ServiceBonds<_, _, _>>::disengage(&who, amount);
		}
	}

	/// Check the invariants, and that ledgers have engaged what contracts did.
	fn check(&self) {
		check_invariants();
		// All that a validator was elected with can be slashed, except what was slashed already.
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

	/// From any state, all contracts and candidacies can end, and then all bonds can be withdrawn, just by waiting.
	fn wind_up(mut self) {
		while !self.engaged.is_empty() {
			self.disengage(0);
		}
		Candidates::<Test>::get().into_iter().for_each(chill);
		for (kind, who) in Ledgers::<Test>::iter_keys().collect::<Vec<_>>() {
			System::set_block_number(System::block_number() + u64::from(u8::MAX));
			withdraw(who, kind);
			let active = Bonds::active(kind, &who);
			if active > 0 {
				assert_ok!(Bonds::unbond(signed(who), kind, active));
			}
			System::set_block_number(System::block_number() + u64::from(u8::MAX));
			withdraw(who, kind);
		}
		check_invariants();
		assert_eq!(Ledgers::<Test>::iter().count(), 0);
		assert!(funded().all(|who| held(Validator, who) + held(Service, who) == 0), "something is on hold");
	}
}

/// Withdraw; it succeeds exactly if the runtime API reports a withdrawable amount.
fn withdraw(who: AccountId, kind: BondKind) {
	System::set_block_number(System::block_number() - 1);
	let withdrawable = Bonds::bond_info(kind, who).map_or(0, |bond| bond.withdrawable);
	System::set_block_number(System::block_number() + 1);
	let before = Balances::free_balance(who);
	assert_eq!(Bonds::withdraw(signed(who), kind).is_ok(), withdrawable > 0);
	assert_eq!(Balances::free_balance(who) - before, withdrawable);
}

fn toggle_keys(who: AccountId) {
	if <Session as ValidatorSessions<_>>::has_keys(&who) {
		// The minimum number of validators keep their keys, because a chain without validators would stop.
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
	let injured = |number| if number % 8 == 0 { NOBODY } else { anyone(number) };
	let towards: Vec<_> = towards.into_iter().map(|(to, sum)| (injured(to), sum.into())).collect();
	let amount = Balance::from(amount);
	let liable = <Bonds as ServiceBonds<_, _, _>>::bond_at(&who, fault_block);
	let before = held(Service, who);
	let pot = Balances::free_balance(POT);
	let slashed = <Bonds as ServiceBonds<_, _, _>>::slash(&who, amount, &towards, fault_block);
	assert_eq!(slashed.taken, amount.min(liable), "not as much as there is");
	assert_eq!(held(Service, who), before - slashed.taken);
	assert_eq!(Balances::free_balance(POT), pot + slashed.taken - slashed.paid, "the pot did not get the rest");
	let due: Balance = towards.iter().map(|(_, sum)| sum).sum();
	assert!(slashed.paid <= due.min(slashed.taken), "injured parties received more than their due");
}

#[test]
fn money_is_conserved_over_any_sequence_of_calls() {
	let seen: [Cell<u32>; 7] = Default::default();
	let names = ["rewards", "slashes", "compensations", "elections", "skipped elections", "idlers", "outbid"];
	let sequences = prop::collection::vec(action(), 1..150);
	let run = |actions: Vec<Action>| {
		ExtBuilder.build().execute_with(|| {
			// The maximum number of candidates.
			NEWCOMERS[..4].iter().for_each(|who| become_candidate(*who, MIN_VALIDATOR_BOND));
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
	// The test would be worth little if these events never happened.
	for (name, count) in names.iter().zip(&seen) {
		assert!(count.get() > 0, "there were no {name}");
	}
}
