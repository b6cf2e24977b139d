//! Reports of faults: what they are checked against, what they weigh, and how the offender is convicted.

use crate::{pallet::*, types::*, weights::WeightInfo};
use encrytrust_fault_proofs::{check, Fault, FaultContext, FaultError, Message, Verdict};
use encrytrust_host_functions::big_integers::Host;
use encrytrust_types::{
	job::{unit::message_bytes, Stage, Status},
	limits::MaxParties,
	JobId,
};
use frame_support::{ensure, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;

type FaultContextOf<'a, T, Roots> =
	FaultContext<'a, <T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>, Roots>;

impl<T: Config> Pallet<T> {
	/// Returns the number of the job's parties, which the weight depends on, as [`Self::convict`] does.
	pub(crate) fn do_report_fault(
		reporter: Option<T::AccountId>,
		id: JobId,
		fault: &Fault,
	) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let verdict = Self::check_fault(id, &job, fault)?;
		ensure!(Some(&verdict.offender) != reporter.as_ref(), Error::<T>::SelfReport);
		Self::convict(id, &job, verdict, reporter)
	}

	/// Whether a proof that is accepted unsigned shows a fault in a job under way.
	pub(crate) fn is_valid_unsigned_fault(id: JobId, fault: &Fault) -> bool {
		fault.is_cheap_to_verify() && Self::get_job(id).is_ok_and(|job| Self::check_fault(id, &job, fault).is_ok())
	}

	/// The offender that a proof shows in a job under way.
	fn check_fault(id: JobId, job: &JobOf<T>, fault: &Fault) -> Result<Verdict<T::AccountId>, Error<T>> {
		ensure!(Statuses::<T>::get(id).is_some_and(|status| status.is_active()), Error::<T>::WrongStage);
		Ok(check(&Self::fault_context(id, &job.contract), fault)?)
	}

	/// End a job whose offender is known: the user is refunded, and the offender is slashed by what is engaged for the job,
	/// out of which the parties that had delivered are compensated and the others' charges made good.
	pub(crate) fn convict(
		id: JobId,
		job: &JobOf<T>,
		verdict: Verdict<T::AccountId>,
		reporter: Option<T::AccountId>,
	) -> Result<u32, DispatchError> {
		let Verdict { offender, role, stage, kind: fault } = verdict;
		ensure!(Commitments::<T>::contains_key(id, (stage, &offender)), Error::<T>::NotDelivered);
		Self::refund(job)?;
		Self::charge_for_queue(id, &job.contract)?;
		let mut claims = Self::claims(id, &job.contract, core::slice::from_ref(&offender));
		let amount = Self::slash_towards(id, &offender, job.contract.bond, &mut claims);
		Self::note_fault(&job.contract, &offender);
		Self::deposit_event(Event::Slashed { job_id: id, offender: offender.clone(), amount });
		Self::deposit_event(Event::FaultProven {
			job_id: id,
			offender: offender.clone(),
			role,
			fault,
			reporter: reporter.clone(),
			refunded: job.escrow,
		});
		let at = frame_system::Pallet::<T>::block_number();
		Self::finish(id, job, Status::Faulty { offender, fault, reporter, at })
	}

	/// Whether a report by `who` can be paid for by its report deposit: once in a job, and at most what the deposit covers.
	pub fn can_report_on_deposit(who: &T::AccountId, id: JobId, fault: &Fault) -> bool {
		let Ok(job) = Self::get_job(id) else { return false };
		let is_covered = match fault {
			Fault::SelectionProof { message, .. } => message.len() as u64 <= Self::longest_message(&job.contract),
			_ => true,
		};
		let is_left = |place| Availability::<T>::get(id).report_deposits_taken & place_bit(place) == 0;
		is_covered && Self::is_under_way(id) && Self::place(&job.contract, who).is_some_and(is_left)
	}

	/// Take the deposit of `who` as the fee of its report. If the report holds, it is made good out of the offender's bond, as
	/// all charges are.
	pub(crate) fn take_report_deposit(who: &T::AccountId, id: JobId) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let place = Self::place(&contract, who).ok_or(Error::<T>::NotParty)?;
		let deposit = Self::report_deposit(&contract, place);
		Availability::<T>::try_mutate(id, |availability| {
			availability.report_deposits_taken |= place_bit(place);
			Self::charge_place(&contract, availability, place, deposit)
		})
	}

	/// What of a place's charges is not for publications.
	fn report_deposit(contract: &ContractOf<T>, place: u8) -> BalanceOf<T> {
		let (charges, bytes) = match usize::from(place).checked_sub(1) {
			None => (contract.user_charges, contract.user_publication()),
			Some(index) => {
				let party = contract.parties().zip(Self::places(contract)).nth(index);
				party.map_or_else(Default::default, |((_, party), (role, place))| {
					(party.charges, contract.party_publication(role, place))
				})
			},
		};
		charges.saturating_sub(contract.charge_per_byte.saturating_mul(bytes.into()))
	}

	/// The context that a proof about a job is checked in.
	pub(crate) fn fault_context(
		id: JobId,
		contract: &ContractOf<T>,
	) -> FaultContextOf<'_, T, impl Fn(Stage, &T::AccountId) -> Option<H256>> {
		let roots = move |stage, who: &T::AccountId| {
			Commitments::<T>::get(id, (stage, who)).map(|(commitment, _)| commitment.root)
		};
		FaultContext { genesis: Self::genesis(), job: id, contract, roots, integers: &Host }
	}

	/// The weight of a report: that of checking its proof, and of ending a job of so many parties.
	pub(crate) fn fault_weight(fault: &Fault, parties: u32) -> Weight {
		Self::proof_weight(fault).saturating_add(T::WeightInfo::convict(parties))
	}

	/// The weight of authorizing an unsigned report: that of checking its proof, if it is cheap to verify.
	pub(crate) fn authorize_fault_weight(fault: &Fault) -> Weight {
		let proof = if fault.is_cheap_to_verify() { Self::proof_weight(fault) } else { Weight::zero() };
		proof.saturating_add(T::WeightInfo::authorize())
	}

	fn proof_weight(fault: &Fault) -> Weight {
		match fault {
			// Whether the node is a power depends on the contract.
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
			Fault::Transfer { .. } => T::WeightInfo::check_transfer(),
		}
	}

	/// The weight of the most expensive report about a contract.
	pub(crate) fn report_weight(contract: &ContractOf<T>) -> Weight {
		let message = Self::longest_message(contract).div_ceil(1_024);
		let proofs = [
			T::WeightInfo::check_product(),
			T::WeightInfo::check_power(),
			T::WeightInfo::check_shape(),
			T::WeightInfo::check_output(),
			T::WeightInfo::check_result(),
			T::WeightInfo::check_selector(),
			T::WeightInfo::check_selection_proof(message as u32),
			T::WeightInfo::check_entry(),
			T::WeightInfo::check_column(),
			T::WeightInfo::check_transfer(),
		];
		let proof = proofs.into_iter().fold(Weight::zero(), |most, weight| most.max(weight));
		proof.saturating_add(T::WeightInfo::convict(<MaxParties as Get<u32>>::get()))
	}

	/// Bytes of the longest selection message.
	fn longest_message(contract: &ContractOf<T>) -> u64 {
		let bytes = |computing: &ComputingPartyOf<T>| message_bytes(contract.features(), computing.paillier.len());
		contract.computing.iter().map(bytes).max().unwrap_or_default()
	}

	/// The weight of a publication: the maximum over all kinds of units of chunks of this length.
	pub(crate) fn publish_weight(bytes: &Message) -> Weight {
		let kilobytes = (bytes.len() as u32).div_ceil(1_024);
		T::WeightInfo::publish_selection(kilobytes)
			.max(T::WeightInfo::publish_inputs(kilobytes))
			.max(T::WeightInfo::publish_trees(kilobytes))
	}
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
			FaultError::MalformedSelector => Self::MalformedSelector,
			FaultError::FaultNotProven => Self::FaultNotProven,
		}
	}
}
