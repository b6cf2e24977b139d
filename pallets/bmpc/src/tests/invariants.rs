//! Over any sequence of calls, money is neither created nor lost nor stuck, and jobs can complete.

use super::*;
use codec::Encode;
use proptest::{prelude::*, test_runner::TestRunner};
use std::collections::BTreeMap;

/// Random actions. Numbers choose among what exists, modulo its count.
#[derive(Clone, Debug)]
enum Action {
	/// Blocks pass.
	Pass(u64),
	/// A request over some datasets, with stages of some blocks.
	Request {
		user: u8,
		datasets: u8,
		computing_providers: u8,
		blocks: u8,
	},
	/// A job's next party delivers.
	Progress(u8),
	/// All accounts do all of their current duties.
	Duties,
	/// An account, perhaps not a party, delivers in a stage, perhaps the wrong one.
	Deliver {
		job: u8,
		stage: u8,
		who: u8,
	},
	Decline {
		job: u8,
		who: u8,
	},
	Accept {
		job: u8,
		who: u8,
	},
	Settle {
		job: u8,
		who: u8,
	},
	Expire {
		job: u8,
		who: u8,
	},
	/// An account reports a stump, perhaps a valid one.
	Report {
		job: u8,
		producer: u8,
		who: u8,
	},
	/// An account demands a tree, perhaps one that does not exist.
	Demand {
		job: u8,
		of: u8,
		who: u8,
	},
	/// An account answers a demand.
	Answer {
		job: u8,
	},
	/// An account expires a demand, perhaps too early.
	ExpireDemand {
		job: u8,
	},
	Clear {
		job: u8,
		who: u8,
	},
	Register {
		who: u8,
		role: u8,
		price: u16,
	},
	Unregister {
		who: u8,
		role: u8,
	},
	Offer {
		who: u8,
		price: u16,
		policy: u8,
	},
	Change {
		who: u8,
		id: u8,
		price: u16,
		policy: u8,
	},
	Withdraw {
		who: u8,
		id: u8,
	},
	/// An account adds to its bond.
	Bond {
		who: u8,
		amount: u16,
	},
	/// An account unbonds a part of its bond, and withdraws what was unbonded before.
	Unbond {
		who: u8,
		amount: u16,
	},
}

fn action() -> impl Strategy<Value = Action> {
	let (a, b, c, d) = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>());
	let price = any::<u16>();
	prop_oneof![
		5 => (1..25u64).prop_map(Action::Pass),
		6 => (a, b, c, d)
			.prop_map(|(user, datasets, computing_providers, blocks)| Action::Request { user, datasets, computing_providers, blocks }),
		20 => a.prop_map(Action::Progress),
		10 => Just(Action::Duties),
		3 => (a, b, c).prop_map(|(job, stage, who)| Action::Deliver { job, stage, who }),
		3 => (a, b).prop_map(|(job, who)| Action::Decline { job, who }),
		2 => (a, b).prop_map(|(job, who)| Action::Accept { job, who }),
		2 => (a, b).prop_map(|(job, who)| Action::Settle { job, who }),
		2 => (a, b).prop_map(|(job, who)| Action::Expire { job, who }),
		5 => (a, b, c).prop_map(|(job, producer, who)| Action::Report { job, producer, who }),
		6 => (a, b, c).prop_map(|(job, of, who)| Action::Demand { job, of, who }),
		2 => a.prop_map(|job| Action::Answer { job }),
		2 => a.prop_map(|job| Action::ExpireDemand { job }),
		2 => (a, b).prop_map(|(job, who)| Action::Clear { job, who }),
		1 => (a, b, price)
			.prop_map(|(who, role, price)| Action::Register { who, role, price }),
		1 => (a, b).prop_map(|(who, role)| Action::Unregister { who, role }),
		1 => (a, price, b).prop_map(|(who, price, policy)| Action::Offer { who, price, policy }),
		1 => (a, b, price, c).prop_map(|(who, id, price, policy)| Action::Change { who, id, price, policy }),
		1 => (a, b).prop_map(|(who, id)| Action::Withdraw { who, id }),
		1 => (a, any::<u16>()).prop_map(|(who, amount)| Action::Bond { who, amount }),
		1 => (a, any::<u16>()).prop_map(|(who, amount)| Action::Unbond { who, amount }),
	]
}

/// The element that `number` chooses.
fn pick<T: Clone>(choices: &[T], number: u8) -> T {
	choices[number as usize % choices.len()].clone()
}

fn anyone(number: u8) -> AccountId {
	pick(&funded().collect::<Vec<_>>(), number)
}

/// Mostly a job under way; or any, perhaps one that does not exist.
fn any_job(number: u8) -> JobId {
	let open = |(id, status): (JobId, StatusOf<Test>)| (!status.is_ended()).then_some(id);
	let mut open: Vec<_> = Statuses::<Test>::iter().filter_map(open).collect();
	open.sort();
	match number % 8 {
		1.. if !open.is_empty() => pick(&open, number / 8),
		_ => u64::from(number / 8) % (NextJobId::<Test>::get() + 1),
	}
}

fn any_role(number: u8) -> Role {
	pick(&[Role::DataProvider, Role::ComputingProvider, Role::Coordinator], number)
}

/// Mostly a policy that allows the requests made here.
fn any_policy(number: u8) -> PolicyOf<Test> {
	let allowed = Policy { min_rows: 100, ..policy() };
	match number % 16 {
		0 => Policy { templates: Default::default(), ..allowed },
		1 => Policy { min_rows: 1_000, ..allowed },
		2 => Policy { buyers: Some(BoundedVec::truncate_from(vec![USER])), ..allowed },
		3 => Policy { max_queries: Some(2), ..allowed },
		_ => allowed,
	}
}

/// A subset of `all`, by the bits of `mask`; the first element if it would be empty.
fn subset<T: Clone>(all: &[T], mask: u8) -> Vec<T> {
	let chosen: Vec<T> = all
		.iter()
		.enumerate()
		.filter(|(bit, _)| u32::from(mask) & (1 << bit) != 0)
		.map(|(_, one)| one.clone())
		.collect();
	if chosen.is_empty() {
		all[..1].to_vec()
	} else {
		chosen
	}
}

/// Run the action; its call may fail.
fn act(action: Action) {
	match action {
		Action::Pass(blocks) => System::set_block_number(System::block_number() + blocks),
		Action::Request { user, datasets, computing_providers, blocks } => {
			ask(user, datasets, computing_providers, blocks)
		},
		Action::Progress(job) => progress(any_job(job)),
		Action::Duties => funded().for_each(do_duties),
		Action::Deliver { job, stage, who } => try_deliver(any_job(job), pick(&Stage::ALL, stage), anyone(who)),
		Action::Decline { job, who } => decline(any_job(job), who),
		Action::Accept { job, who } => drop(Bmpc::accept(signed(pick(&[USER, OTHER_USER], who)), any_job(job))),
		Action::Settle { job, who } => drop(Bmpc::settle(signed(anyone(who)), any_job(job))),
		Action::Expire { job, who } => expire(anyone(who), any_job(job)),
		Action::Report { job, producer, who } => report(any_job(job), producer, anyone(who)),
		Action::Demand { job, of, who } => demand(any_job(job), of, who),
		Action::Answer { job } => {
			let job = any_job(job);
			Bmpc::demands(job).first().map(|demand| answer(job, demand));
		},
		Action::ExpireDemand { job } => expire_demand(any_job(job)),
		Action::Clear { job, who } => drop(Bmpc::clear_job(signed(anyone(who)), any_job(job))),
		Action::Register { who, role, price } => {
			let price = price.into();
			let offer = match any_role(role) {
				Role::DataProvider => Offer::DataProvider,
				Role::ComputingProvider => {
					Offer::ComputingProvider { price, paillier: modulus(256), key_proof: KEY_PROOF }
				},
				Role::Coordinator => Offer::Coordinator { price },
			};
			let who = signed(anyone(who));
			let _ = Bmpc::register_role(who.clone(), endpoint(1), offer.clone(), terms());
			let _ = Bmpc::update_role(who, endpoint(2), offer, terms());
		},
		Action::Unregister { who, role } => drop(Bmpc::unregister_role(signed(anyone(who)), any_role(role))),
		Action::Offer { who, price, policy } => {
			let who = signed(anyone(who));
			let policy = any_policy(policy);
			let _ = Bmpc::register_dataset(who, name("d"), schema(), ROWS, FINGERPRINT, price.into(), policy);
		},
		Action::Change { who, id, price, policy } => {
			let _ = Bmpc::update_dataset(signed(anyone(who)), any_dataset(id), price.into(), any_policy(policy));
			let _ = Bmpc::refresh_dataset(signed(anyone(who)), any_dataset(id), ROWS, H256::repeat_byte(price as u8));
		},
		Action::Withdraw { who, id } => drop(Bmpc::withdraw_dataset(signed(anyone(who)), any_dataset(id))),
		Action::Bond { who, amount } => drop(Bonds::bond(anyone(who), Balance::from(amount) * 1_000)),
		Action::Unbond { who, amount } => {
			let _ = Bonds::unbond(anyone(who), Balance::from(amount) * 1_000);
			assert_ok!(Bonds::withdraw(anyone(who)));
		},
	}
}

fn report(job: JobId, producer: u8, who: AccountId) {
	let producer = pick(&[Producer::Computing(0), Producer::Computing(1), Producer::Coordinator], producer);
	end(job, || Bmpc::report_fault(signed(who), job, Box::new(stump_fault(producer, 1))).is_ok());
}

/// By the user, mostly.
fn demand(job: JobId, of: u8, who: u8) {
	let (stage, of) =
		pick(&[(Stage::Outputs, COMPUTING[0]), (Stage::Outputs, COMPUTING[1]), (Stage::Result, COORDINATOR)], of);
	let by = match Jobs::<Test>::get(job) {
		Some(Job { contract, .. }) if !who.is_multiple_of(4) => contract.user,
		_ => anyone(who / 4),
	};
	let _ = Bmpc::demand(signed(by), job, stage, of, u32::from(who) % 3);
}

fn answer(job: JobId, demand: &DemandOf<Test>) -> DispatchResult {
	// A party that can answer has committed to trees of the right shape.
	commit_trees(job, demand.stage, demand.who);
	let bytes = BoundedVec::truncate_from(trees(job, demand.stage).encode());
	let path = Path::default();
	Bmpc::answer(signed(STRANGER), job, demand.stage, demand.who, demand.piece, bytes, path)
}

fn expire_demand(job: JobId) {
	for Demand { stage, who, piece, .. } in Bmpc::demands(job) {
		end(job, || Bmpc::expire_demand(signed(FEES), job, stage, who, piece).is_ok());
	}
}

/// If the job expires, the events explain all changes of balances: the user's refund, the slash of each late party, the
/// compensation of each injured party out of it, and that the pot received the rest.
fn expire(who: AccountId, job: JobId) {
	end(job, || Bmpc::expire(signed(who), job).is_ok());
}

/// The same for every end with a slash.
fn end(job: JobId, end: impl FnOnce() -> bool) {
	let demands = Bmpc::demands(job);
	let free = || funded().map(|who| (who, Balances::free_balance(who))).collect::<BTreeMap<_, _>>();
	let bonds = || funded().map(|who| (who, bonded(who))).collect::<BTreeMap<_, _>>();
	let mut free_after = free();
	let mut bonds_after = bonds();
	let seen = System::events().len();
	if !end() {
		return;
	}
	let contract = contract(job);
	let mut move_to = |who: AccountId, amount| *free_after.get_mut(&who).unwrap() += amount;
	demands.into_iter().for_each(|demand| move_to(demand.by, demand.deposit));
	let mut left = 0;
	let mut ended = false;
	for record in System::events().into_iter().skip(seen) {
		match record.event {
			RuntimeEvent::Bmpc(Event::Compensated { party: who, offender: by, amount, .. }) => {
				assert_ne!(who, by);
				move_to(who, amount);
				left -= amount as i128;
			},
			RuntimeEvent::Bmpc(Event::Slashed { offender: who, amount, .. }) => {
				assert!(amount <= contract.bond);
				*bonds_after.get_mut(&who).unwrap() -= amount;
				left += amount as i128;
			},
			RuntimeEvent::Bmpc(Event::Expired { refunded, .. } | Event::FaultProven { refunded, .. }) => {
				assert_eq!(refunded, Bmpc::quote_of(&contract).unwrap().total, "not refunded in full");
				move_to(contract.user, refunded);
				ended = true;
			},
			_ => (),
		}
	}
	assert!(ended, "there is no event about the expiry");
	move_to(POT, left.try_into().expect("more was paid than was slashed"));
	assert_eq!((free(), bonds()), (free_after, bonds_after));
}

fn any_dataset(number: u8) -> DatasetId {
	u64::from(number) % (NextDatasetId::<Test>::get() + 1)
}

fn ask(user: u8, datasets: u8, computing_providers: u8, blocks: u8) {
	let now = System::block_number();
	let after = |stages: u64| now + stages * (u64::from(blocks % 40) + 2);
	// One dataset of each provider, so that most requests are possible.
	let offered = Datasets::<Test>::iter().filter(|(_, dataset)| !dataset.withdrawn);
	let offered: BTreeMap<_, _> = offered.map(|(id, dataset)| (dataset.provider, id)).collect();
	let offered = if offered.is_empty() { vec![0] } else { offered.into_values().collect() };
	let request = Request {
		datasets: BoundedVec::truncate_from(subset(&offered, datasets)),
		selection: SelectionTerms {
			sealed: request()
				.selection
				.sealed
				.into_iter()
				.take(subset(&COMPUTING, computing_providers).len() + 1)
				.collect::<Vec<_>>()
				.try_into()
				.unwrap(),
			..request().selection
		},
		computing_providers: BoundedVec::truncate_from(subset(&COMPUTING, computing_providers)),
		schedule: Schedule {
			confirm_by: after(1),
			select_by: after(2),
			inputs_by: after(3),
			outputs_by: after(4),
			result_by: after(5),
		},
		max_price: Balance::MAX,
		..request()
	};
	let user = pick(&[USER, USER, OTHER_USER, STRANGER], user);
	// The quote is for the next block: the call in this one can succeed where the quote fails, but not the other way
	// round, except for funds and maximum price.
	let quote = Bmpc::quote(user, request.clone());
	let before = escrow(user);
	let result = Bmpc::request(signed(user), request);
	if let (Ok(quote), Ok(())) = (quote, result) {
		assert_eq!(escrow(user), before + quote.total);
		assert!(quote.bond >= quote.total);
	}
}

fn try_deliver(job: JobId, stage: Stage, who: AccountId) {
	if Jobs::<Test>::contains_key(job) {
		let _ = deliver(job, stage, who);
	}
}

fn progress(job: JobId) {
	if let Some(Status::Open { stage, awaited, .. }) = Statuses::<Test>::get(job) {
		try_deliver(job, stage, awaited[0]);
	}
}

/// Mostly by an account that may.
fn decline(job: JobId, who: u8) {
	let who = match Statuses::<Test>::get(job) {
		Some(Status::Open { awaited, .. }) if !who.is_multiple_of(4) => pick(&awaited, who / 4),
		_ => anyone(who),
	};
	let _ = Bmpc::decline(signed(who), job, DeclineReason::Other);
}

/// The calls of a worker. Duties are for the next block, so each call succeeds in it.
fn do_duties(who: AccountId) {
	let duties = Bmpc::duties(who);
	System::set_block_number(System::block_number() + 1);
	for Duty { job, kind, .. } in duties {
		match kind {
			DutyKind::Confirm => ok(deliver(job, Stage::Confirmation, who)),
			DutyKind::CommitSelection => ok(deliver(job, Stage::Selection, who)),
			DutyKind::CommitInputs => ok(deliver(job, Stage::Inputs, who)),
			DutyKind::CommitOutput => ok(deliver(job, Stage::Outputs, who)),
			DutyKind::CommitResult => ok(deliver(job, Stage::Result, who)),
			DutyKind::Settle => ok(Bmpc::settle(signed(who), job)),
			DutyKind::Expire => {
				expire(who, job);
				assert!(status(job).is_ended(), "an overdue job did not expire");
			},
			DutyKind::AnswerDemand => {
				let mine = |demand: &&DemandOf<Test>| demand.who == who && System::block_number() <= demand.deadline;
				Bmpc::demands(job).iter().filter(mine).for_each(|demand| ok(answer(job, demand)));
			},
			DutyKind::ExpireDemand => {
				expire_demand(job);
				assert!(status(job).is_ended(), "an overdue demand did not expire");
			},
		}
	}
	System::set_block_number(System::block_number() - 1);
}

/// From any state, every job can be ended, its record cleared and every deposit released, just by waiting.
fn wind_up() {
	// The maximum delay by demands of each party and the user.
	let delays = 8 * DEMAND_PERIOD * u64::from(MAX_DEMANDS);
	System::set_block_number(System::block_number() + MAX_JOB_SPAN + delays + 1);
	for job in Statuses::<Test>::iter_keys().collect::<Vec<_>>() {
		expire_demand(job);
		let _ = Bmpc::settle(signed(FEES), job);
		expire(FEES, job);
	}
	System::set_block_number(System::block_number() + RETENTION + 1);
	for job in Jobs::<Test>::iter_keys().collect::<Vec<_>>() {
		assert_ok!(Bmpc::clear_job(signed(FEES), job));
	}
	for (role, who) in Roles::<Test>::iter_keys().collect::<Vec<_>>() {
		assert_ok!(Bmpc::unregister_role(signed(who), role));
	}
	for who in funded() {
		assert_ok!(Bonds::unbond(who, Bonds::available(&who)));
		assert_ok!(Bonds::withdraw(who));
		assert_eq!(bonded(who), 0, "a bond is stuck");
	}
	check_invariants();
	assert!(funded().all(|who| escrow(who) == 0), "escrow is left");
	assert_eq!((Jobs::<Test>::iter().count(), Commitments::<Test>::iter().count()), (0, 0));
}

/// An event that a sequence of actions must reach.
type Reached = fn(&Event) -> bool;

/// Sequences that reach events that random ones may not, so that the property is tested against all of them.
fn known_lives() -> [(Reached, Vec<Action>); 6] {
	let request = Action::Request { user: 0, datasets: u8::MAX, computing_providers: u8::MAX, blocks: 38 };
	let demand = || Action::Demand { job: 1, of: 0, who: 3 };
	let requested = |more: Vec<Action>| [vec![request.clone()], more].concat();
	// All parties in turn, three times: then all have delivered everything.
	let delivered = |more: Vec<Action>| requested([vec![Action::Duties; 3], more].concat());
	[
		(|event| matches!(event, Event::Settled { .. }), delivered(vec![Action::Accept { job: 1, who: 0 }])),
		(
			|event| matches!(event, Event::Expired { .. }),
			requested(vec![Action::Pass(100), Action::Expire { job: 1, who: 0 }]),
		),
		(|event| matches!(event, Event::Declined { .. }), requested(vec![Action::Decline { job: 1, who: 1 }])),
		(
			|event| matches!(event, Event::FaultProven { fault: FaultKind::Shape, .. }),
			delivered(vec![Action::Report { job: 1, producer: 0, who: 0 }]),
		),
		(
			|event| matches!(event, Event::FaultProven { fault: FaultKind::Withheld, .. }),
			delivered(vec![demand(), Action::Pass(DEMAND_PERIOD + 1), Action::ExpireDemand { job: 1 }]),
		),
		(|event| matches!(event, Event::DemandAnswered { .. }), delivered(vec![demand(), Action::Answer { job: 1 }])),
	]
}

/// Run a sequence of actions on a new chain and end all of its jobs. Returns the events before that.
fn live(actions: Vec<Action>) -> Vec<Event> {
	ExtBuilder.build().execute_with(|| {
		register_all();
		// A large bond, so that it suffices for most requests.
		expected_parties(Stage::Confirmation).into_iter().for_each(|who| ok(Bonds::bond(who, 200_000_000)));
		for (id, who) in DATA.into_iter().enumerate() {
			assert_ok!(Bmpc::update_dataset(signed(who), id as DatasetId, CELL_PRICE, any_policy(u8::MAX)));
		}
		for action in actions {
			act(action);
			check_invariants();
		}
		let happened = events();
		wind_up();
		happened
	})
}

#[test]
fn money_is_conserved_over_any_sequence_of_calls() {
	for (number, (reached, actions)) in known_lives().into_iter().enumerate() {
		assert!(live(actions).iter().any(reached), "life {number} does not reach what it is for");
	}
	let sequences = prop::collection::vec(action(), 1..150);
	let config = ProptestConfig { cases: 48, source_file: Some(file!()), ..Default::default() };
	let lived = TestRunner::new(config).run(&sequences, |actions| {
		live(actions);
		Ok(())
	});
	lived.unwrap_or_else(|error| panic!("{error}"));
}
