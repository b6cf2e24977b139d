//! Benchmarks: every list as long as it can be, every fee and name as well.

// Benchmarks never run on a chain.
#![allow(clippy::arithmetic_side_effects)]

use super::*;
use alloc::vec;
use encrytrust_traits::fees::{FeeSchedule, Tier};
use encrytrust_types::token::{Balance, Program};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	EnsureOrigin, Get,
};
use frame_system::{Pallet as System, RawOrigin};
use sp_runtime::{traits::One, Permill};

/// The program that the grants are made from.
const PROGRAM: Program = Program::Team;

fn voting_nodes<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::VotingNodes::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn unit<T: Config>() -> Balance {
	T::Currency::minimum_balance().max(1).saturating_mul(1_000)
}

fn funded<T: Config>(who: T::AccountId) -> T::AccountId {
	T::Currency::set_balance(&who, unit::<T>().saturating_mul(1_000_000));
	who
}

/// A grant that starts now and vests in two blocks.
fn terms<T: Config>() -> GrantTermsOf<T> {
	let start = System::<T>::block_number();
	GrantTerms { amount: unit::<T>(), start, cliff: One::one(), duration: 2u32.into(), revocable: true }
}

/// A beneficiary, whose account does not exist, of `count` grants out of a program that can make more.
fn beneficiary<T: Config>(count: u32) -> Result<T::AccountId, BenchmarkError> {
	// Benchmarks are set up in block 0 and run in block 1.
	System::<T>::set_block_number(System::<T>::block_number().max(One::one()));
	funded::<T>(PROGRAM.account());
	let policy = ProgramPolicy { earliest_cliff: One::one(), longest_duration: 2u32.into(), revocable: true };
	Pallet::<T>::do_set_policy(PROGRAM, Some(policy))?;
	let who: T::AccountId = account("beneficiary", 0, 0);
	(0..count).try_for_each(|_| Pallet::<T>::do_grant(PROGRAM, who.clone(), terms::<T>()))?;
	Ok(who)
}

/// The grant made last.
fn last_grant<T: Config>() -> GrantId {
	NextGrantId::<T>::get().saturating_sub(1)
}

fn schedule<T: Config>() -> FeeSchedule {
	let fee = unit::<T>();
	FeeSchedule {
		developer_registration: fee,
		account_creation: fee,
		professional: fee,
		enterprise: fee.saturating_mul(2),
		api_call: fee,
		data_transaction: fee,
		contract_call: fee,
		share: Permill::from_percent(1),
	}
}

fn name() -> DeveloperName {
	DeveloperName::truncate_from(vec![b'n'; DeveloperName::bound()])
}

/// An account with money, where services cost something.
fn customer<T: Config>() -> Result<T::AccountId, BenchmarkError> {
	Pallet::<T>::do_set_fees(schedule::<T>())?;
	funded::<T>(Program::Ecology.account());
	Ok(funded::<T>(account("customer", 0, 0)))
}

/// A service account's owner.
fn owner<T: Config>() -> Result<T::AccountId, BenchmarkError> {
	let who = customer::<T>()?;
	Pallet::<T>::do_create_account(who.clone())?;
	Ok(who)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn grant() -> Result<(), BenchmarkError> {
		let origin = voting_nodes::<T>()?;
		let who = beneficiary::<T>(T::MaxGrants::get().saturating_sub(1))?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, PROGRAM, who.clone(), terms::<T>());
		assert_eq!(GrantsByBeneficiary::<T>::get(who).len(), T::MaxGrants::get() as usize);
		Ok(())
	}

	#[benchmark]
	fn claim() -> Result<(), BenchmarkError> {
		let who = beneficiary::<T>(T::MaxGrants::get())?;
		let id = last_grant::<T>();
		System::<T>::set_block_number(terms::<T>().end_block());
		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);
		assert!(!Grants::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn withdraw_grant() -> Result<(), BenchmarkError> {
		let origin = voting_nodes::<T>()?;
		beneficiary::<T>(T::MaxGrants::get())?;
		let id = last_grant::<T>();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);
		assert!(!Grants::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn set_policy() -> Result<(), BenchmarkError> {
		let origin = voting_nodes::<T>()?;
		let policy = ProgramPolicy { earliest_cliff: One::one(), longest_duration: One::one(), revocable: true };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, PROGRAM, Some(policy));
		assert_eq!(Policies::<T>::get(PROGRAM), Some(policy));
		Ok(())
	}

	#[benchmark]
	fn set_fees() -> Result<(), BenchmarkError> {
		let origin = voting_nodes::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, schedule::<T>());
		assert_eq!(Fees::<T>::get(), schedule::<T>());
		Ok(())
	}

	#[benchmark]
	fn create_account() -> Result<(), BenchmarkError> {
		let who = customer::<T>()?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Accounts::<T>::contains_key(who));
		Ok(())
	}

	#[benchmark]
	fn upgrade_account() -> Result<(), BenchmarkError> {
		let who = owner::<T>()?;
		Pallet::<T>::do_register_developer(who.clone(), name())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), Tier::Enterprise);
		assert!(Accounts::<T>::get(who).is_some_and(|account| account.tier == Tier::Enterprise));
		Ok(())
	}

	#[benchmark]
	fn register_developer() -> Result<(), BenchmarkError> {
		let who = owner::<T>()?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), name());
		assert!(Accounts::<T>::get(who).is_some_and(|account| account.developer == Some(name())));
		Ok(())
	}

	#[benchmark]
	fn buy_api_calls() -> Result<(), BenchmarkError> {
		let who = owner::<T>()?;
		Pallet::<T>::do_register_developer(who.clone(), name())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 1_000);
		assert!(Accounts::<T>::get(who).is_some_and(|account| account.api_calls == 1_000));
		Ok(())
	}

	#[benchmark]
	fn close_account() -> Result<(), BenchmarkError> {
		let who = owner::<T>()?;
		Pallet::<T>::do_register_developer(who.clone(), name())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(!Accounts::<T>::contains_key(who));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, mock::ExtBuilder.build(), mock::Test);
}
