//! Over any sequence of calls, money is neither created nor lost nor stuck, and jobs can complete.

use super::*;
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
	/// An account challenges units, perhaps ones that it does not need.
	Challenge {
		job: u8,
		units: u8,
		who: u8,
	},
	/// The owner of a challenged unit publishes it.
	Publish {
		job: u8,
		unit: u8,
	},
	/// An account expires a challenge, perhaps too early.
	ExpireChallenge {
		job: u8,
	},
	Cancel {
		job: u8,
		who: u8,
	},
	Resume {
		who: u8,
		role: u8,
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
		6 => (a, b, c).prop_map(|(job, units, who)| Action::Challenge { job, units, who }),
		3 => (a, b).prop_map(|(job, unit)| Action::Publish { job, unit }),
		2 => a.prop_map(|job| Action::ExpireChallenge { job }),
		1 => (a, b).prop_map(|(job, who)| Action::Cancel { job, who }),
		1 => (a, b).prop_map(|(who, role)| Action::Resume { who, role }),
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
		Action::Pass(blocks) => (0..blocks).for_each(|_| pass_block()),
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
		Action::Challenge { job, units, who } => challenge(any_job(job), units, who),
		Action::Publish { job, unit } => {
			let job = any_job(job);
			let open = Bmpc::open_units(job);
			if !open.is_empty() {
				let _ = publish(job, pick(&open, unit).unit);
			}
		},
		Action::ExpireChallenge { job } => expire_challenge(any_job(job)),
		Action::Cancel { job, who } => drop(Bmpc::cancel(signed(pick(&[USER, OTHER_USER], who)), any_job(job))),
		Action::Resume { who, role } => drop(Bmpc::resume_role(signed(anyone(who)), any_role(role))),
		Action::Clear { job, who } => drop(Bmpc::clear_job(signed(anyone(who)), any_job(job))),
		Action::Register { who, role, price } => {
			let price = Balance::from(price) * 1_000;
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

/// By an account that may, mostly: units of the selection or of trees, which alone can be published here.
fn challenge(job: JobId, units: u8, who: u8) {
	let Some(contract) = Jobs::<Test>::get(job).map(|job| job.contract) else { return };
	let may = match status(job) {
		Status::Open { awaited, .. } if !who.is_multiple_of(4) => pick(&awaited, who / 4).who,
		Status::Challenge { .. } if !who.is_multiple_of(4) => contract.user,
		_ => anyone(who / 4),
	};
	let can = |unit: &u32| !matches!(contract.unit(*unit), Some(Unit::Entries { .. } | Unit::Message { .. }));
	let all: Vec<u32> = (0..contract.units()).filter(can).collect();
	let units = subset(&all, units).into_iter().collect();
	let _ = Bmpc::challenge(signed(may), job, units);
}

/// All chunks of a unit. Its owner can publish it, as it has committed to it.
fn publish(job: JobId, number: u32) -> DispatchResult {
	let contract = contract(job);
	let unit = contract.unit(number).unwrap();
	let owner = contract.unit_owner(&unit).unwrap().who;
	let (bytes, path) = match unit {
		Unit::Selection { computing } => {
			let leaves: Vec<_> = (0u64..).zip(&contract.computing).map(selection_leaf).collect();
			set_root(job, Stage::Selection, owner, merkle::root(&leaves));
			let message = vec![0; contract.unit_bytes(&unit) as usize];
			(message, merkle::path(&leaves, computing.into()).unwrap())
		},
		_ => {
			commit_trees(job, unit.stage(), owner);
			(values(&trees(job, unit.stage())), vec![])
		},
	};
	let (bytes, path) = (BoundedVec::truncate_from(bytes), BoundedVec::truncate_from(path));
	Bmpc::publish(frame_system::RawOrigin::Authorized.into(), job, number, 0, bytes, path)
}

/// The leaf of a message of zeros.
fn selection_leaf((index, computing): (u64, &ComputingPartyOf<Test>)) -> H256 {
	let (features, modulus) = (schema().columns().len() as u16, computing.paillier.len());
	let message = vec![0; unit::message_bytes(features, modulus) as usize];
	let root = merkle::root(&wire::selection_leaves(&message, features, 2 * modulus));
	merkle::leaf(index, root.as_bytes())
}

fn set_root(job: JobId, stage: Stage, who: AccountId, root: H256) {
	Commitments::<Test>::mutate(job, (stage, who), |entry| entry.as_mut().unwrap().0.root = root);
}

fn expire_challenge(job: JobId) {
	end(job, || Bmpc::expire_challenge(signed(FEES), job).is_ok());
}

/// If the job expires, the events explain all changes of balances: the user's refund, the slash of each late party, the
/// compensation of each injured party out of it, and that the pot received the rest.
fn expire(who: AccountId, job: JobId) {
	end(job, || Bmpc::expire(signed(who), job).is_ok());
}

/// The same for every end with a slash.
fn end(job: JobId, end: impl FnOnce() -> bool) {
	let free = || funded().map(|who| (who, Balances::free_balance(who) + charges(who))).collect::<BTreeMap<_, _>>();
	let bonds = || funded().map(|who| (who, bonded(who))).collect::<BTreeMap<_, _>>();
	let mut free_after = free();
	let mut bonds_after = bonds();
	let seen = System::events().len();
	if !end() {
		return;
	}
	let contract = contract(job);
	let mut move_to = |who: AccountId, amount| *free_after.get_mut(&who).unwrap() += amount;
	let mut left = 0;
	let mut moved = vec![];
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
			RuntimeEvent::Balances(pallet_balances::Event::TransferOnHold { source, dest, amount, .. }) => {
				moved.push((source, dest, amount));
			},
			RuntimeEvent::Bmpc(Event::Expired { refunded, .. } | Event::FaultProven { refunded, .. }) => {
				assert_eq!(refunded, Bmpc::quote_of(&contract).unwrap().total, "not refunded in full");
				move_to(contract.user, refunded);
				ended = true;
			},
			RuntimeEvent::Bmpc(Event::Lapsed { .. }) => {
				move_to(contract.user, Bmpc::quote_of(&contract).unwrap().total);
				ended = true;
			},
			_ => (),
		}
	}
	assert!(ended, "there is no event about the expiry");
	// Who challenged what was not published.
	for (source, dest, amount) in moved {
		assert_eq!(dest, FEES);
		*free_after.get_mut(&source).unwrap() -= amount;
		*free_after.get_mut(&dest).unwrap() += amount;
	}
	let rest: Balance = left.try_into().expect("more was paid than was slashed");
	*free_after.get_mut(&POT).unwrap() += rest;
	assert_eq!((free(), bonds()), (free_after, bonds_after));
}

fn any_dataset(number: u8) -> DatasetId {
	u64::from(number) % (NextDatasetId::<Test>::get() + 1)
}

fn ask(user: u8, datasets: u8, computing_providers: u8, blocks: u8) {
	let stage = u64::from(blocks % 40) + 2;
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
		schedule: Schedule { confirmation: stage.min(STAGE), ..Schedule::uniform(stage) },
		max_price: Balance::MAX,
		..request()
	};
	let user = pick(&[USER, USER, OTHER_USER, STRANGER], user);
	let quote = Bmpc::quote(user, request.clone());
	let before = escrow(user);
	let result = Bmpc::request(signed(user), request);
	assert!(quote.is_ok() || result.is_err(), "a request is accepted that the quote refuses");
	if let (Ok(quote), Ok(())) = (quote, result) {
		assert_eq!(escrow(user), before + quote.total);
		assert!(quote.bond >= quote.total + quote.charges);
	}
}

fn try_deliver(job: JobId, stage: Stage, who: AccountId) {
	let delivered = Jobs::<Test>::contains_key(job) && deliver(job, stage, who).is_ok();
	if delivered && stage >= Stage::Outputs && who == Honest::get() {
		commit_trees(job, stage, who);
	}
}

fn progress(job: JobId) {
	if let Some(Status::Open { stage, awaited, .. }) = Statuses::<Test>::get(job) {
		try_deliver(job, stage, awaited[0].who);
	}
}

/// Mostly by an account that may.
fn decline(job: JobId, who: u8) {
	let who = match Statuses::<Test>::get(job) {
		Some(Status::Open { awaited, .. }) if !who.is_multiple_of(4) => pick(&awaited, who / 4).who,
		_ => anyone(who),
	};
	let _ = Bmpc::decline(signed(who), job, DeclineReason::Other);
}

/// The calls of a worker: each of them succeeds.
fn do_duties(who: AccountId) {
	for Duty { job, kind, .. } in Bmpc::duties(who) {
		if kind != DutyKind::Resume && Statuses::<Test>::get(job).is_none_or(|status| status.is_ended()) {
			// It lapsed with a confirmation before.
			continue;
		}
		match kind {
			DutyKind::Confirm => ok(deliver(job, Stage::Confirmation, who)),
			DutyKind::CommitSelection => ok(deliver(job, Stage::Selection, who)),
			DutyKind::CommitInputs => ok(deliver(job, Stage::Inputs, who)),
			DutyKind::CommitOutput => deliver_trees(job, Stage::Outputs, who),
			DutyKind::CommitResult => deliver_trees(job, Stage::Result, who),
			DutyKind::Settle => ok(Bmpc::settle(signed(who), job)),
			DutyKind::Expire => {
				expire(who, job);
				assert!(status(job).is_ended(), "an overdue job did not expire");
			},
			DutyKind::Publish => {
				let (now, contract) = (System::block_number(), contract(job));
				let owner = |unit: u32| contract.unit_owner(&contract.unit(unit).unwrap()).unwrap().who;
				let mine =
					|open: &&OpenUnitOf<Test>| owner(open.unit) == who && open.from <= now && now <= open.deadline;
				Bmpc::open_units(job).iter().filter(mine).for_each(|open| ok(publish(job, open.unit)));
			},
			DutyKind::ExpireChallenge => {
				expire_challenge(job);
				assert!(status(job).is_ended(), "an overdue unit did not expire");
			},
			DutyKind::Resume => {
				let roles = [Role::DataProvider, Role::ComputingProvider, Role::Coordinator];
				let role = roles.into_iter().find(|role| *role as JobId == job).unwrap();
				ok(Bmpc::resume_role(signed(who), role));
			},
		}
	}
}

/// Deliver. An honest party's trees have the shape that they should have.
fn deliver_trees(job: JobId, stage: Stage, who: AccountId) {
	try_deliver(job, stage, who);
	assert!(!awaited(job).contains(&who), "{who} could not deliver");
}

frame_support::parameter_types! {
	/// An account that always does its duties in time, though it may be cut off for some blocks.
	static Honest: AccountId = COORDINATOR;
}

/// A block in which the honest account does its duties, if it is not cut off.
fn pass_block() {
	System::set_block_number(System::block_number() + 1);
	if System::block_number().is_multiple_of(OUTAGE) {
		do_duties(Honest::get());
	}
}

/// From any state, every job can be ended, its record cleared and every deposit released, just by waiting.
fn wind_up() {
	// The longest stage, and what is queued.
	let queue = QueueEnd::<Test>::get() / u64::from(PUBLICATION_RATE) + ANSWER_PERIOD;
	System::set_block_number(System::block_number().max(queue) + MAX_JOB_SPAN + 1);
	for job in Statuses::<Test>::iter_keys().collect::<Vec<_>>() {
		expire_challenge(job);
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
	assert!(funded().all(|who| (escrow(who), charges(who)) == (0, 0)), "escrow or charges are left");
	assert_eq!((Jobs::<Test>::iter().count(), Commitments::<Test>::iter().count()), (0, 0));
}

/// An event that a sequence of actions must reach.
type Reached = fn(&Event) -> bool;

/// Sequences that reach events that random ones may not, so that the property is tested against all of them.
fn known_lives() -> [(Reached, Vec<Action>); 8] {
	let request = Action::Request { user: 0, datasets: u8::MAX, computing_providers: u8::MAX, blocks: 38 };
	// Of the second computing provider's trees: the selections are the first two, then come the trees.
	let challenge = || Action::Challenge { job: 1, units: 0b1000, who: 3 };
	let requested = |more: Vec<Action>| [vec![request.clone()], more].concat();
	// All parties in turn, five times: then all have delivered everything.
	let delivered = |more: Vec<Action>| requested([vec![Action::Duties; 5], more].concat());
	[
		(|event| matches!(event, Event::Settled { .. }), delivered(vec![Action::Accept { job: 1, who: 0 }])),
		(
			|event| matches!(event, Event::Expired { .. }),
			requested(vec![Action::Duties, Action::Pass(100), Action::Expire { job: 1, who: 0 }]),
		),
		(
			|event| matches!(event, Event::Lapsed { .. }),
			requested(vec![Action::Pass(100), Action::Expire { job: 1, who: 0 }]),
		),
		(|event| matches!(event, Event::Cancelled { .. }), requested(vec![Action::Cancel { job: 1, who: 0 }])),
		(|event| matches!(event, Event::Declined { .. }), requested(vec![Action::Decline { job: 1, who: 1 }])),
		(
			|event| matches!(event, Event::FaultProven { fault: FaultKind::Shape, .. }),
			delivered(vec![Action::Report { job: 1, producer: 0, who: 0 }]),
		),
		(
			|event| matches!(event, Event::FaultProven { fault: FaultKind::Withheld, .. }),
			delivered(vec![challenge(), Action::Pass(100), Action::ExpireChallenge { job: 1 }]),
		),
		(
			|event| matches!(event, Event::ChunkPublished { .. }),
			delivered(vec![challenge(), Action::Publish { job: 1, unit: 0 }]),
		),
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
		let honest = Honest::get();
		let slashed = |event: &&Event| matches!(event, Event::Slashed { offender, .. } if *offender == honest);
		assert_eq!(happened.iter().find(slashed), None, "{honest} is honest");
		wind_up();
		happened
	})
}

#[test]
fn money_is_conserved_over_any_sequence_of_calls() {
	// Any other than those that are at fault in these lives.
	Honest::set(DATA[0]);
	for (number, (reached, actions)) in known_lives().into_iter().enumerate() {
		assert!(live(actions).iter().any(reached), "life {number} does not reach what it is for");
	}
	let sequences = prop::collection::vec(action(), 1..150);
	let config = ProptestConfig { cases: 48, source_file: Some(file!()), ..Default::default() };
	let everybody = expected_parties(Stage::Confirmation);
	let lived = TestRunner::new(config).run(&(0..everybody.len(), sequences), |(honest, actions)| {
		Honest::set(everybody[honest]);
		live(actions);
		Ok(())
	});
	lived.unwrap_or_else(|error| panic!("{error}"));
}
