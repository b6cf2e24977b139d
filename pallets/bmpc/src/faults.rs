//! Faults that are shown, and demands that are answered or not.

use crate::{pallet::*, types::*, weights::WeightInfo};
use encrytrust_fault_proofs::{check, Fault, FaultContext, FaultError, Message, Verdict};
use encrytrust_host_functions::big_integers::Host;
use encrytrust_traits::fees::ServiceFees;
use encrytrust_types::{
	job::{Demand, FaultKind, Stage, Status},
	limits::{MaxOpenDemands, MaxParties},
	JobId,
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::{Saturating, Zero};

type FaultContextOf<'a, T, Roots> =
	FaultContext<'a, <T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>, Roots>;

/// Faults.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_report_fault(reporter: Option<T::AccountId>, id: JobId, fault: &Fault) -> DispatchResult {
		let job = Self::get_job(id)?;
		let verdict = Self::check_fault(id, &job, fault)?;
		ensure!(Some(&verdict.offender) != reporter.as_ref(), Error::<T>::SelfAccusation);
		Self::convict(id, &job, verdict, reporter)
	}

	/// Whether a proof that needs no account shows a fault in a job that is under way.
	pub(crate) fn is_quick_fault(id: JobId, fault: &Fault) -> bool {
		fault.is_quick() && Self::get_job(id).is_ok_and(|job| Self::check_fault(id, &job, fault).is_ok())
	}

	/// Who is at fault in a job that is under way, by a proof.
	fn check_fault(id: JobId, job: &JobOf<T>, fault: &Fault) -> Result<Verdict<T::AccountId>, Error<T>> {
		ensure!(Statuses::<T>::get(id).is_some_and(|status| !status.is_ended()), Error::<T>::WrongStage);
		Ok(check(&Self::fault_context(id, &job.contract), fault)?)
	}

	/// End a job whose offender is known: the user is refunded, the offender loses the bond that it had when it committed
	/// to what is wrong, and whoever had delivered is paid out of that.
	fn convict(
		id: JobId,
		job: &JobOf<T>,
		verdict: Verdict<T::AccountId>,
		reporter: Option<T::AccountId>,
	) -> DispatchResult {
		let Verdict { offender, role, stage, kind: fault } = verdict;
		let (_, fault_block) = Commitments::<T>::get(id, (stage, &offender)).ok_or(Error::<T>::NotDelivered)?;
		Self::refund(job)?;
		Self::release_demands(id)?;
		let mut debts = Self::harmed(id, &job.contract, core::slice::from_ref(&offender));
		let amount = Self::slash_towards(id, &offender, job.contract.bond, &mut debts, fault_block);
		Self::deposit_event(Event::Slashed { job: id, who: offender.clone(), amount });
		Self::deposit_event(Event::FaultProven {
			job: id,
			offender: offender.clone(),
			role,
			fault,
			reporter: reporter.clone(),
			refunded: job.escrow,
		});
		let at = frame_system::Pallet::<T>::block_number();
		Self::finish(id, &job.contract, Status::Faulty { offender, fault, reporter, at });
		Ok(())
	}

	/// What a proof about a job is checked against.
	pub(crate) fn fault_context(
		id: JobId,
		contract: &ContractOf<T>,
	) -> FaultContextOf<'_, T, impl Fn(Stage, &T::AccountId) -> Option<H256>> {
		let roots = move |stage, who: &T::AccountId| {
			Commitments::<T>::get(id, (stage, who)).map(|(commitment, _)| commitment.root)
		};
		FaultContext { genesis: Self::genesis(), job: id, contract, roots, integers: &Host }
	}

	/// What a report weighs: its proof, and the job's end.
	pub(crate) fn fault_weight(fault: &Fault) -> Weight {
		Self::proof_weight(fault).saturating_add(Self::convict_weight())
	}

	/// What it weighs to see whether a report may do without an account: its proof, if that is quick.
	pub(crate) fn authorize_fault_weight(fault: &Fault) -> Weight {
		let proof = if fault.is_quick() { Self::proof_weight(fault) } else { Weight::zero() };
		proof.saturating_add(T::WeightInfo::authorize())
	}

	fn proof_weight(fault: &Fault) -> Weight {
		match fault {
			// Whether the node holds a power is for the contract to say.
			Fault::Product { .. } => T::WeightInfo::check_product().max(T::WeightInfo::check_power()),
			Fault::Shape { .. } => T::WeightInfo::check_shape(),
			Fault::Output { .. } => T::WeightInfo::check_output(),
			Fault::Result { .. } => T::WeightInfo::check_result(),
			Fault::Selector { .. } => T::WeightInfo::check_selector(),
			Fault::SelectionProof { message, .. } => {
				T::WeightInfo::check_selection_proof((message.len() as u32).div_ceil(1_024))
			},
			Fault::Entry { .. } => T::WeightInfo::check_entry(),
			Fault::Column { .. } => T::WeightInfo::check_column(),
		}
	}

	/// What an answer weighs: what a piece of this length does that takes the longest, whatever it is a piece of.
	pub(crate) fn answer_weight(bytes: &Message) -> Weight {
		let kilobytes = (bytes.len() as u32).div_ceil(1_024);
		T::WeightInfo::answer_selection(kilobytes)
			.max(T::WeightInfo::answer_inputs(kilobytes))
			.max(T::WeightInfo::answer_trees(kilobytes))
	}

	/// What it weighs to end a job for somebody's fault.
	pub(crate) fn convict_weight() -> Weight {
		let release = T::WeightInfo::release_demands(<MaxOpenDemands as Get<u32>>::get());
		T::WeightInfo::convict(<MaxParties as Get<u32>>::get()).saturating_add(release)
	}
}

/// Demands.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_demand(
		by: T::AccountId,
		id: JobId,
		stage: Stage,
		who: T::AccountId,
		piece: u32,
	) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		ensure!(Self::everyone(&contract).any(|party| *party == by), Error::<T>::NotParty);
		ensure!(by != who, Error::<T>::SelfAccusation);
		let now = frame_system::Pallet::<T>::block_number();
		let period = T::DemandPeriod::get();
		let delayed = Self::delay(id, now, period)?;
		ensure!(Commitments::<T>::contains_key(id, (stage, &who)), Error::<T>::NotDelivered);
		ensure!(piece < Self::fault_context(id, &contract).pieces(stage, &who), Error::<T>::OutOfRange);
		let count = DemandCounts::<T>::get(id, &by);
		ensure!(count < T::MaxDemands::get(), Error::<T>::TooManyDemands);
		let mut demands = Demands::<T>::get(id);
		ensure!(!demands.iter().any(|demand| is_for(demand, stage, &who, piece)), Error::<T>::AlreadyDemanded);

		let (deposit, deadline) = (T::DemandDeposit::get(), now.saturating_add(period));
		T::Currency::hold(&HoldReason::DemandDeposit.into(), &by, deposit)?;
		let demand = Demand { stage, who: who.clone(), piece, by: by.clone(), deposit, deadline };
		demands.try_push(demand).map_err(|_| Error::<T>::TooManyDemands)?;
		Demands::<T>::insert(id, demands);
		DemandCounts::<T>::insert(id, &by, count.saturating_add(1));
		Delays::<T>::mutate(id, |delay| delay.saturating_accrue(period));
		Statuses::<T>::insert(id, delayed);
		Self::deposit_event(Event::Demanded { job: id, stage, who, piece, by, deadline });
		Ok(())
	}

	/// The job's status with its deadline, or its window's end, moved by `period`.
	fn delay(id: JobId, now: BlockNumberFor<T>, period: BlockNumberFor<T>) -> Result<StatusOf<T>, Error<T>> {
		let mut status = Statuses::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let (Status::Open { deadline: end, .. } | Status::Challenge { until: end }) = &mut status else {
			return Err(Error::<T>::WrongStage);
		};
		ensure!(now <= *end, Error::<T>::TooLate);
		end.saturating_accrue(period);
		Ok(status)
	}

	pub(crate) fn do_answer(
		id: JobId,
		stage: Stage,
		who: T::AccountId,
		piece: u32,
		bytes: &[u8],
		path: &[H256],
	) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let demand = Self::take_demand(id, stage, &who, piece)?;
		ensure!(frame_system::Pallet::<T>::block_number() <= demand.deadline, Error::<T>::TooLate);
		let context = Self::fault_context(id, &contract);
		context.check_answer(stage, &who, piece, bytes, path).map_err(Error::<T>::from)?;
		Self::pay_deposit(&demand)?;
		Self::deposit_event(Event::DemandAnswered { job: id, stage, who, piece });
		Ok(())
	}

	pub(crate) fn do_expire_demand(id: JobId, stage: Stage, who: T::AccountId, piece: u32) -> DispatchResult {
		let job = Self::get_job(id)?;
		let demands = Demands::<T>::get(id);
		let demand = demands.iter().find(|demand| is_for(demand, stage, &who, piece));
		let deadline = demand.ok_or(Error::<T>::UnknownDemand)?.deadline;
		ensure!(frame_system::Pallet::<T>::block_number() > deadline, Error::<T>::NotOverdue);
		let mut parties = job.contract.parties();
		let (role, _) = parties.find(|(_, party)| party.who == who).ok_or(Error::<T>::NotParty)?;
		drop(parties);
		Self::convict(id, &job, Verdict { offender: who, role, stage, kind: FaultKind::Withheld }, None)
	}

	/// Take a demand off the open ones.
	fn take_demand(id: JobId, stage: Stage, who: &T::AccountId, piece: u32) -> Result<DemandOf<T>, Error<T>> {
		let mut demands = Demands::<T>::get(id);
		let place = demands.iter().position(|demand| is_for(demand, stage, who, piece));
		let demand = demands.remove(place.ok_or(Error::<T>::UnknownDemand)?);
		if demands.is_empty() {
			Demands::<T>::remove(id);
		} else {
			Demands::<T>::insert(id, demands);
		}
		Ok(demand)
	}

	/// Pay the deposit to whoever was asked; to the fees' destination if its account cannot take it, or else back.
	fn pay_deposit(demand: &DemandOf<T>) -> DispatchResult {
		let reason = HoldReason::DemandDeposit.into();
		for to in [demand.who.clone(), T::ServiceFees::destination()] {
			let transfer = || {
				let (precision, restriction) = (Precision::Exact, Restriction::Free);
				let amount = demand.deposit;
				T::Currency::transfer_on_hold(
					&reason,
					&demand.by,
					&to,
					amount,
					precision,
					restriction,
					Fortitude::Force,
				)
			};
			if demand.deposit.is_zero() || with_storage_layer(transfer).is_ok() {
				return Ok(());
			}
		}
		T::Currency::release(&reason, &demand.by, demand.deposit, Precision::Exact).map(|_| ())
	}

	/// End a job's demands and release their deposits.
	pub(crate) fn release_demands(id: JobId) -> DispatchResult {
		for demand in Demands::<T>::take(id) {
			let reason = HoldReason::DemandDeposit.into();
			T::Currency::release(&reason, &demand.by, demand.deposit, Precision::Exact)?;
		}
		Ok(())
	}

	/// Number of a job's open demands.
	pub(crate) fn open_demands(id: JobId) -> u32 {
		Demands::<T>::decode_len(id).unwrap_or_default() as u32
	}
}

fn is_for<A: PartialEq, B, N>(demand: &Demand<A, B, N>, stage: Stage, who: &A, piece: u32) -> bool {
	demand.stage == stage && demand.who == *who && demand.piece == piece
}

impl<T> From<FaultError> for Error<T> {
	fn from(error: FaultError) -> Self {
		match error {
			FaultError::OutOfRange => Self::OutOfRange,
			FaultError::NotDelivered => Self::NotDelivered,
			FaultError::Length => Self::WrongLength,
			FaultError::WrongLevel => Self::WrongLevel,
			FaultError::PathLength => Self::WrongPathLength,
			FaultError::EqualChildren => Self::EqualChildren,
			FaultError::WrongChildren => Self::WrongChildren,
			FaultError::NotCommitted => Self::NotCommitted,
			FaultError::WrongSelection => Self::WrongSelection,
			FaultError::WrongFeature => Self::WrongFeature,
			FaultError::WrongBlinding => Self::WrongBlinding,
			FaultError::WrongOpening => Self::WrongOpening,
			FaultError::MalformedEntry => Self::MalformedEntry,
			FaultError::Unfounded => Self::Unfounded,
		}
	}
}
