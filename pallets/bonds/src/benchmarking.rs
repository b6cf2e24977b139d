//! Benchmarks: every list has its maximum length.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use pallet_authorship::EventHandler;
use sp_runtime::{
	traits::{Bounded, One, Saturating},
	Perbill,
};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

/// The bond of every account.
fn stake<T: Config>() -> Balance {
	T::Currency::minimum_balance().max(1) * 1_000
}

/// Parameters under which all candidates can be elected and paid, and unbonding is short.
fn parameters<T: Config>() -> ParametersOf<T> {
	Parameters {
		validators: T::MaxValidators::get(),
		max_new: T::MaxValidators::get(),
		reward_per_block: T::Currency::minimum_balance().max(1),
		validator_unbonding: min_validator_unbonding(T::SessionLength::get(), 1),
		..Default::default()
	}
}

fn set_up<T: Config>() -> Result<(), BenchmarkError> {
	// Benchmarks are set up in block 0 and run in block 1.
	System::<T>::set_block_number(System::<T>::block_number().max(One::one()));
	Pallet::<T>::do_set_parameters(parameters::<T>())?;
	// The validators of genesis would take seats.
	Candidates::<T>::kill();
	Elected::<T>::kill();
	Ok(())
}

/// An account with money.
fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	T::Currency::set_balance(&who, stake::<T>() * 1_000);
	who
}

/// An account with a bond.
fn bonded<T: Config>(name: &'static str, index: u32, kind: BondKind) -> Result<T::AccountId, BenchmarkError> {
	let who = funded::<T>(name, index);
	Pallet::<T>::do_bond(who.clone(), kind, stake::<T>())?;
	Ok(who)
}

/// An account with a bond of which the maximum number of parts, less `spare`, is being unbonded.
fn unbonding<T: Config>(kind: BondKind, spare: u32) -> Result<T::AccountId, BenchmarkError> {
	let who = bonded::<T>("holder", 0, kind)?;
	for _ in spare..T::MaxUnbonding::get() {
		Pallet::<T>::do_unbond(who.clone(), kind, 1)?;
		pass_block::<T>();
	}
	Ok(who)
}

fn pass_block<T: Config>() {
	System::<T>::set_block_number(System::<T>::block_number().saturating_add(One::one()));
}

/// `count` accounts that can be elected. They are written to the list at once, because declaring each takes too long.
fn candidates<T: Config>(count: u32) -> Result<Vec<T::AccountId>, BenchmarkError> {
	let mut accounts = Vec::new();
	for index in 0..count {
		let who = bonded::<T>("candidate", index, BondKind::Validator)?;
		T::Sessions::set_keys(&who);
		accounts.push(who);
	}
	accounts.sort();
	Candidates::<T>::put(BoundedVec::truncate_from(accounts.clone()));
	Ok(accounts)
}

/// `count` elected candidates.
fn elected<T: Config>(count: u32) -> Result<Vec<ValidatorOf<T>>, BenchmarkError> {
	let mut validators: Vec<_> = candidates::<T>(count)?.into_iter().map(|who| (who, stake::<T>())).collect();
	election::rank(&mut validators);
	let at = System::<T>::block_number();
	Elected::<T>::put(ElectionOf::<T> { at, validators: BoundedVec::truncate_from(validators.clone()) });
	Ok(validators)
}

/// The maximum number of validators for this era and the next, none of which is a candidate any more.
fn elect_strangers<T: Config>() {
	let strangers = (0..T::MaxValidators::get()).map(|index| (account("stranger", index, 0), stake::<T>()));
	let validators = BoundedVec::truncate_from(strangers.collect());
	let election = ElectionOf::<T> { at: System::<T>::block_number(), validators };
	Elected::<T>::put(&election);
	Planned::<T>::put(election);
}

fn fund_pot<T: Config>() {
	T::Currency::set_balance(&T::RewardPot::get(), stake::<T>() * 1_000_000);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn bond() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let who = funded::<T>("holder", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), BondKind::Service, stake::<T>());
		assert_eq!(Pallet::<T>::active(BondKind::Service, &who), stake::<T>());
		Ok(())
	}

	#[benchmark]
	fn bond_more() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let who = unbonding::<T>(BondKind::Service, 0)?;
		let before = Pallet::<T>::active(BondKind::Service, &who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), BondKind::Service, stake::<T>());
		assert_eq!(Pallet::<T>::active(BondKind::Service, &who), before + stake::<T>());
		Ok(())
	}

	#[benchmark]
	fn unbond() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let who = unbonding::<T>(BondKind::Validator, 1)?;
		candidates::<T>(T::MaxCandidates::get())?;
		let all = Pallet::<T>::active(BondKind::Validator, &who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), BondKind::Validator, all);
		assert_eq!(Pallet::<T>::active(BondKind::Validator, &who), 0);
		Ok(())
	}

	#[benchmark]
	fn withdraw() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let who = unbonding::<T>(BondKind::Service, 0)?;
		pass_block::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), BondKind::Service);
		assert!(Ledgers::<T>::get(BondKind::Service, who).is_some_and(|ledger| ledger.unbonding.is_empty()));
		Ok(())
	}

	#[benchmark]
	fn declare() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		candidates::<T>(T::MaxCandidates::get())?;
		elect_strangers::<T>();
		let who = bonded::<T>("newcomer", 0, BondKind::Validator)?;
		Pallet::<T>::do_bond_more(who.clone(), BondKind::Validator, 1)?;
		T::Sessions::set_keys(&who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Pallet::<T>::is_candidate(&who));
		Ok(())
	}

	#[benchmark]
	fn chill() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let who = candidates::<T>(T::MaxCandidates::get())?.swap_remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(!Pallet::<T>::is_candidate(&who));
		Ok(())
	}

	#[benchmark]
	fn chill_other() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let who = candidates::<T>(T::MaxCandidates::get())?.swap_remove(0);
		let min_validator_bond = stake::<T>() + 1;
		Pallet::<T>::do_set_parameters(Parameters { min_validator_bond, ..parameters::<T>() })?;
		#[extrinsic_call]
		_(RawOrigin::Signed(account("stranger", 0, 0)), who.clone());
		assert!(!Pallet::<T>::is_candidate(&who));
		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let parameters = Parameters { service_unbonding: BlockNumberFor::<T>::max_value(), ..parameters::<T>() };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters.clone());
		assert_eq!(CurrentParameters::<T>::get(), parameters);
		Ok(())
	}

	#[benchmark]
	fn note_author() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let (last, _) = elected::<T>(T::MaxValidators::get())?.pop().ok_or("no validator")?;
		#[block]
		{
			Pallet::<T>::note_author(last.clone());
		}
		assert_eq!(Points::<T>::get(last), 1);
		Ok(())
	}

	#[benchmark]
	fn elect(c: Linear<1, { T::MaxCandidates::get() }>) -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		candidates::<T>(c)?;
		let planned;
		#[block]
		{
			planned = Pallet::<T>::plan_session(CurrentEra::<T>::get().end());
		}
		assert_eq!(planned.map(|planned| planned.len() as u32), Some(c.min(T::MaxValidators::get())));
		Ok(())
	}

	/// The whole stake of each is being unbonded, in the maximum number of parts.
	#[benchmark]
	fn withhold_bonds(v: Linear<1, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let now = System::<T>::block_number();
		let chunk = Chunk { amount: 1, since: now, until: now.saturating_add(One::one()) };
		for (who, _) in elected::<T>(v)? {
			let mut ledger = Ledgers::<T>::get(BondKind::Validator, &who).ok_or("no bond")?;
			ledger.unbonding = BoundedVec::truncate_from(vec![chunk; T::MaxUnbonding::get() as usize]);
			Ledgers::<T>::insert(BondKind::Validator, &who, ledger);
		}
		#[block]
		{
			Pallet::<T>::withhold_bonds();
		}
		let withheld = |ledger: LedgerOf<T>| ledger.unbonding.iter().all(|part| part.until > chunk.until);
		assert!(Ledgers::<T>::iter_prefix_values(BondKind::Validator).all(withheld));
		Ok(())
	}

	#[benchmark]
	fn end_era(v: Linear<1, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		fund_pot::<T>();
		// Two sessions are removed, in each of which all validators were charged.
		let oldest = OldestSession::<T>::get();
		(oldest..oldest + 3).for_each(SessionRecords::<T>::remove);
		for (who, _) in elected::<T>(v)? {
			(oldest..oldest + 2).for_each(|session| SessionSlashes::<T>::insert(session, &who, 1));
			Points::<T>::insert(who, 1);
		}
		let era = CurrentEra::<T>::get();
		let pot = T::RewardPot::get();
		let next = era.end().max(oldest + 3);
		let before = T::Currency::balance(&pot);
		#[block]
		{
			Pallet::<T>::begin_session(next);
		}
		assert_eq!(OldestSession::<T>::get(), oldest + 2);
		assert_eq!(CurrentEra::<T>::get().index, era.index + 1);
		assert_eq!(T::Currency::balance(&pot), before - Balance::from(v) * parameters::<T>().reward_per_block);
		Ok(())
	}

	#[benchmark]
	fn on_offence(o: Linear<1, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		fund_pot::<T>();
		let validators = elected::<T>(T::MaxValidators::get())?;
		let now = System::<T>::block_number();
		SessionRecords::<T>::insert(0, SessionRecord { elected_at: now, started_at: now });
		let offender = |offender: &ValidatorOf<T>| OffenceDetails { offender: offender.clone(), reporters: Vec::new() };
		let offenders: Vec<_> = validators.iter().take(o as usize).map(offender).collect();
		let fractions: Vec<_> = offenders.iter().map(|_| Perbill::one()).collect();
		#[block]
		{
			Pallet::<T>::on_offence(&offenders, &fractions, 0);
		}
		assert!(offenders.iter().all(|one| Pallet::<T>::active(BondKind::Validator, &one.offender.0) == 0));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
