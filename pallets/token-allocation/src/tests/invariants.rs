//! Over any sequence of calls, money is neither created nor lost nor stuck, and grants can be paid in full.

use super::*;
use frame_support::traits::fungible::Inspect;
use proptest::{prelude::*, test_runner::TestRunner};
use std::collections::BTreeMap;

/// Random actions. Numbers choose among what exists, modulo its count.
#[derive(Clone, Debug)]
enum Action {
	/// Blocks pass.
	Pass(u64),
	/// Mostly on terms that the policy admits.
	Grant {
		program: u8,
		who: u8,
		amount: u8,
		start: u8,
		cliff: u8,
		duration: u8,
	},
	Claim {
		id: u8,
		who: u8,
	},
	/// All beneficiaries claim all of their grants.
	ClaimAll,
	Withdraw(u8),
	SetPolicy {
		program: u8,
		policy: u8,
	},
	SetFees(u16),
	Create(u8),
	Upgrade {
		who: u8,
		tier: u8,
	},
	Register {
		who: u8,
		length: u8,
	},
	Buy {
		who: u8,
		count: u8,
	},
	Close(u8),
	/// Another pallet charges a fee.
	Charge {
		who: u8,
		value: u32,
	},
}

fn action() -> impl Strategy<Value = Action> {
	let (a, b, c, d) = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>());
	let times = (any::<u8>(), any::<u8>());
	prop_oneof![
		6 => (1..30u64).prop_map(Action::Pass),
		6 => (a, b, c, d, times).prop_map(|(program, who, amount, start, (cliff, duration))| {
			Action::Grant { program, who, amount, start, cliff, duration }
		}),
		8 => (a, b).prop_map(|(id, who)| Action::Claim { id, who }),
		1 => Just(Action::ClaimAll),
		2 => a.prop_map(Action::Withdraw),
		1 => (a, b).prop_map(|(program, policy)| Action::SetPolicy { program, policy }),
		1 => any::<u16>().prop_map(Action::SetFees),
		2 => a.prop_map(Action::Create),
		2 => (a, b).prop_map(|(who, tier)| Action::Upgrade { who, tier }),
		2 => (a, b).prop_map(|(who, length)| Action::Register { who, length }),
		2 => (a, b).prop_map(|(who, count)| Action::Buy { who, count }),
		1 => a.prop_map(Action::Close),
		2 => (a, any::<u32>()).prop_map(|(who, value)| Action::Charge { who, value }),
	]
}

/// The element that `number` chooses.
fn pick<T: Clone>(choices: &[T], number: u8) -> T {
	choices[number as usize % choices.len()].clone()
}

/// A customer, or an account that does not exist yet.
fn anyone(number: u8) -> AccountId {
	pick(&[&CUSTOMERS[..], &[NOBODY, NOBODY + 1]].concat(), number)
}

/// All accounts that have or can receive money, except programs.
fn everyone() -> impl Iterator<Item = AccountId> {
	CUSTOMERS.into_iter().chain([NOBODY, NOBODY + 1])
}

/// Mostly a program with a policy.
fn any_program(number: u8) -> Program {
	pick(&[Program::Team, Program::Team, Program::EarlyInvestors, Program::Foundation], number)
}

/// Mostly an open grant.
fn any_grant(number: u8) -> GrantId {
	let mut open: Vec<_> = Grants::<Test>::iter_keys().collect();
	open.sort();
	open.push(NextGrantId::<Test>::get());
	pick(&open, number)
}

/// Run the action; its call may fail.
fn act(action: Action) {
	match action {
		Action::Pass(blocks) => at(System::block_number() + blocks),
		Action::Grant { program, who, amount, start, cliff, duration } => {
			let program = any_program(program);
			let amount = match amount {
				// A third of the balance, so that programs are exhausted.
				0..32 => free(program.account()) / 3,
				_ => Balance::from(amount) * 7,
			};
			let terms = GrantTerms {
				amount,
				start: (System::block_number() + u64::from(start % 20)).saturating_sub(1),
				cliff: u64::from(cliff % 32),
				duration: u64::from(duration % 128),
				revocable: program != Program::EarlyInvestors,
			};
			let _ = TokenAllocation::grant(root(), program, anyone(who), terms);
		},
		Action::Claim { id, who } => {
			let id = any_grant(id);
			let beneficiary = Grants::<Test>::get(id).filter(|_| who % 8 > 0).map(|grant| grant.beneficiary);
			let _ = TokenAllocation::claim(signed(beneficiary.unwrap_or_else(|| anyone(who / 8))), id);
		},
		Action::ClaimAll => claim_all(),
		Action::Withdraw(id) => drop(TokenAllocation::withdraw_grant(root(), any_grant(id))),
		Action::SetPolicy { program, policy } => {
			let strict =
				ProgramPolicy { earliest_cliff: u64::from(policy % 16), longest_duration: 64, revocable: false };
			let policy = pick(&[Some(TEAM), Some(EARLY_INVESTORS), Some(strict), None], policy);
			let _ = TokenAllocation::set_policy(root(), any_program(program), policy);
		},
		Action::SetFees(price) => {
			let price = Balance::from(price);
			let schedule = FeeSchedule { professional: price, enterprise: 2 * price, api_call: price % 100, ..FEES };
			let _ = TokenAllocation::set_fees(root(), schedule);
		},
		Action::Create(who) => drop(TokenAllocation::create_account(signed(anyone(who)))),
		Action::Upgrade { who, tier } => {
			let tier = pick(&[Tier::Basic, Tier::Professional, Tier::Enterprise], tier);
			let _ = TokenAllocation::upgrade_account(signed(anyone(who)), tier);
		},
		Action::Register { who, length } => {
			let _ = TokenAllocation::register_developer(signed(anyone(who)), name(&"n".repeat(length as usize % 65)));
		},
		Action::Buy { who, count } => drop(TokenAllocation::buy_api_calls(signed(anyone(who)), count.into())),
		Action::Close(who) => drop(TokenAllocation::close_account(signed(anyone(who)))),
		Action::Charge { who, value } => {
			let _ = TokenAllocation::charge(&anyone(who), Service::DataTransaction, value.into());
		},
	}
}

fn claim_all() {
	for (id, grant) in Grants::<Test>::iter().collect::<Vec<_>>() {
		let _ = TokenAllocation::claim(signed(grant.beneficiary), id);
	}
}

/// A grant according to the events, open or not.
struct Entry {
	program: Program,
	beneficiary: AccountId,
	terms: GrantTermsOf<Test>,
	claimed: Balance,
	withdrawn: Balance,
}

/// The accounts according to the events, which the balances must agree with.
#[derive(Default)]
struct Books {
	/// All grants, including closed ones.
	grants: BTreeMap<GrantId, Entry>,
	/// The fees that each account paid.
	fees: BTreeMap<AccountId, Balance>,
}

impl Books {
	fn enter(&mut self, event: Event) {
		match event {
			Event::Granted { grant_id: id, program, beneficiary, terms } => {
				let entry = Entry { program, beneficiary, terms, claimed: 0, withdrawn: 0 };
				assert!(self.grants.insert(id, entry).is_none(), "an id used again");
			},
			Event::Claimed { grant_id: id, beneficiary, amount } => {
				let entry = self.entry(id);
				assert_eq!(entry.beneficiary, beneficiary);
				entry.claimed += amount;
			},
			Event::GrantWithdrawn { grant_id: id, released } => self.entry(id).withdrawn += released,
			Event::GrantClosed { grant_id: id } => {
				let Entry { claimed, withdrawn, terms, .. } = self.entry(id);
				assert_eq!(*claimed + *withdrawn, terms.amount, "a grant closed before it was paid");
			},
			Event::FeePaid { who, amount, .. } => *self.fees.entry(who).or_default() += amount,
			_ => (),
		}
	}

	fn entry(&mut self, id: GrantId) -> &mut Entry {
		self.grants.get_mut(&id).unwrap()
	}

	/// The sum claimed of some grants.
	fn claimed(&self, of: impl Fn(&Entry) -> bool) -> Balance {
		self.grants.values().filter(|entry| of(entry)).map(|entry| entry.claimed).sum()
	}

	/// Check that every account has exactly its balance at genesis, minus its payments, plus its receipts.
	fn check(&self) {
		for Entry { terms, claimed, withdrawn, .. } in self.grants.values() {
			assert!(claimed + withdrawn <= terms.amount, "more was paid than granted");
			assert!(*claimed <= terms.vested(System::block_number()), "more was paid than has vested");
		}
		for who in everyone() {
			let claimed = self.claimed(|entry| entry.beneficiary == who);
			let paid = self.fees.get(&who).unwrap_or(&0);
			assert_eq!(Balances::total_balance(&who) + paid, endowment(who) + claimed, "the balance of {who}");
		}
		for program in Program::ALL {
			let account = program.account();
			let claimed = self.claimed(|entry| entry.program == program);
			let fees = if program == Program::Ecology { self.fees.values().sum() } else { 0 };
			assert_eq!(Balances::total_balance(&account) + claimed, endowment(account) + fees, "{program:?}");
			assert!(free(account) >= EXISTENTIAL_DEPOSIT, "{program:?} has not kept its existential deposit");
		}
	}

	fn observe(&mut self) {
		events().into_iter().for_each(|event| self.enter(event));
		self.check();
		check_invariants();
	}
}

/// From any state, every grant can be paid and every deposit released, just by waiting.
fn wind_up(books: &mut Books) {
	at(System::block_number() + 1_000);
	for who in everyone() {
		let _ = TokenAllocation::close_account(signed(who));
	}
	// Twice: a small claim can have to wait until a larger one creates the account.
	claim_all();
	claim_all();
	books.observe();
	for (id, grant) in Grants::<Test>::iter() {
		// The vested part of a withdrawn grant can be too small to create its beneficiary's account.
		assert!(grant.withdrawn.is_some() && grant.owed() < EXISTENTIAL_DEPOSIT, "grant {id} is stranded");
		assert_eq!(Balances::total_balance(&grant.beneficiary), 0, "grant {id} is stranded");
	}
	assert!(everyone().all(|who| deposits(who) == 0), "a deposit is left");
}

/// An event that a sequence of actions must reach.
type Reached = fn(&Books) -> bool;

/// Sequences that reach events that random ones may not, so that the property is tested against all of them.
fn known_lives() -> [(Reached, Vec<Action>); 3] {
	// From block 12 on, for forty blocks, with the cliff in block 22.
	let grant = Action::Grant { program: 0, who: 0, amount: 100, start: 12, cliff: 10, duration: 40 };
	let granted = |more: Vec<Action>| [vec![grant.clone()], more].concat();
	[
		(
			|books| books.grants.values().any(|entry| entry.claimed == entry.terms.amount),
			granted(vec![Action::Pass(60), Action::Claim { id: 0, who: 1 }]),
		),
		(
			|books| books.grants.values().any(|entry| entry.claimed > 0 && entry.withdrawn > 0),
			granted(vec![Action::Pass(30), Action::Claim { id: 0, who: 1 }, Action::Withdraw(0)]),
		),
		(|books| !books.fees.is_empty(), vec![Action::Create(0), Action::Charge { who: 0, value: 1_000 }]),
	]
}

/// Run a sequence of actions on a new chain, and pay and release everything at the end.
fn live(actions: Vec<Action>) -> Books {
	ExtBuilder.build().execute_with(|| {
		let mut books = Books::default();
		for action in actions {
			act(action);
			books.observe();
		}
		wind_up(&mut books);
		books
	})
}

#[test]
fn money_is_conserved_over_any_sequence_of_calls() {
	for (number, (reached, actions)) in known_lives().into_iter().enumerate() {
		assert!(reached(&live(actions)), "life {number} does not reach what it is for");
	}
	let sequences = prop::collection::vec(action(), 1..150);
	let config = ProptestConfig { cases: 64, source_file: Some(file!()), ..Default::default() };
	let lived = TestRunner::new(config).run(&sequences, |actions| {
		live(actions);
		Ok(())
	});
	lived.unwrap_or_else(|error| panic!("{error}"));
}
