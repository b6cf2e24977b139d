//! What the runtime API returns; see [`crate::runtime_api`].

use crate::{
	pallet::*,
	runtime_api::{Refusal, MAX_PAGE},
	types::*,
};
use alloc::vec::Vec;
use encrytrust_types::{
	job::{Delivered, Duty, DutyKind, Role, Stage, Status, Template},
	DatasetId, JobId, TemplateId,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{One, Saturating};

impl<T: Config> Pallet<T> {
	/// What `request` would cost `who` in the next block.
	pub fn quote(who: T::AccountId, request: RequestOf<T>) -> Result<QuoteOf<T>, Refusal> {
		let contract = Self::draft(who, request, Self::next_block());
		let quote = contract.and_then(|contract| Self::quote_of(&contract).ok_or(Error::<T>::Overflow));
		quote.map_err(|error| Refusal { error: <&'static str>::from(error).into() })
	}

	/// A job, unless its record has been cleared.
	pub fn job(id: JobId) -> Option<JobInfoOf<T>> {
		let Job { contract, contract_hash, requested_at, .. } = Jobs::<T>::get(id)?;
		let status = Statuses::<T>::get(id)?;
		let delivered = |stage: Stage, who: &T::AccountId| {
			let (commitment, at) = Commitments::<T>::get(id, (stage, who))?;
			Some(Delivered { stage, who: who.clone(), at, commitment })
		};
		let of_stage = |stage| Self::expected_parties(&contract, stage).filter_map(move |who| delivered(stage, who));
		let commitments = Stage::ALL.into_iter().flat_map(of_stage).collect();
		Some(JobInfoOf::<T> { contract_hash, requested_at, status, commitments, contract })
	}

	/// The duties of `who` in the next block, oldest job first.
	///
	/// An awaited party has to deliver. Once a stage is overdue, `Expire` is the duty of one party: the first in the
	/// contract's order that is not late; the coordinator if all are. `Settle` is the coordinator's duty, and
	/// `ExpireDemand` that of the account that made the demand. If it fails to do so, anyone can submit these calls.
	pub fn duties(who: T::AccountId) -> Vec<Duty<BlockNumberFor<T>>> {
		let next = Self::next_block();
		let duties = |id: JobId| Self::demand_duties(&who, id, next).chain(Self::duty(&who, id, next));
		ActiveJobs::<T>::get(&who).into_iter().flat_map(duties).collect()
	}

	/// The open demands of a job.
	pub fn demands(id: JobId) -> Vec<DemandOf<T>> {
		Demands::<T>::get(id).into_inner()
	}

	/// At most one of each kind.
	fn demand_duties(
		who: &T::AccountId,
		job: JobId,
		next: BlockNumberFor<T>,
	) -> impl Iterator<Item = Duty<BlockNumberFor<T>>> {
		let demands = Demands::<T>::get(job);
		let open = demands.iter().filter(|demand| demand.who == *who && next <= demand.deadline);
		let deadline = open.map(|demand| demand.deadline).min();
		let answer = deadline.map(|_| Duty { job, kind: DutyKind::AnswerDemand, deadline });
		let overdue = demands.iter().any(|demand| demand.by == *who && next > demand.deadline);
		let expire = overdue.then_some(Duty { job, kind: DutyKind::ExpireDemand, deadline: None });
		answer.into_iter().chain(expire)
	}

	/// The registration of `who` in `role`.
	pub fn role(role: Role, who: T::AccountId) -> Option<RegistrationOf<T>> {
		Roles::<T>::get(role, who)
	}

	/// A page of the registrations in `role`.
	pub fn roles(role: Role, after: Option<T::AccountId>, limit: u32) -> Vec<(T::AccountId, RegistrationOf<T>)> {
		let registrations = match after {
			Some(last) => Roles::<T>::iter_prefix_from(role, Roles::<T>::hashed_key_for(role, last)),
			None => Roles::<T>::iter_prefix(role),
		};
		registrations.take(limit.min(MAX_PAGE) as usize).collect()
	}

	/// A dataset.
	pub fn dataset(id: DatasetId) -> Option<DatasetOf<T>> {
		Datasets::<T>::get(id)
	}

	/// A page of datasets.
	pub fn datasets(from: DatasetId, limit: u32) -> Vec<(DatasetId, DatasetOf<T>)> {
		let ids = (from..NextDatasetId::<T>::get()).take(limit.min(MAX_PAGE) as usize);
		ids.filter_map(|id| Some((id, Datasets::<T>::get(id)?))).collect()
	}

	/// A template.
	pub fn template(id: TemplateId) -> Option<Template> {
		Templates::<T>::get(id)
	}

	/// All templates.
	pub fn templates() -> Vec<(TemplateId, Template)> {
		let mut templates: Vec<_> = Templates::<T>::iter().collect();
		templates.sort_by_key(|(id, _)| *id);
		templates
	}

	fn duty(who: &T::AccountId, job: JobId, next: BlockNumberFor<T>) -> Option<Duty<BlockNumberFor<T>>> {
		let demands = Demands::<T>::get(job);
		match Statuses::<T>::get(job)? {
			// The account that made the demand ends the job now.
			_ if demands.iter().any(|demand| next > demand.deadline) => None,
			Status::Open { stage, deadline, awaited } if next <= deadline => {
				let kind = match stage {
					Stage::Confirmation => DutyKind::Confirm,
					Stage::Selection => DutyKind::CommitSelection,
					Stage::Inputs => DutyKind::CommitInputs,
					Stage::Outputs => DutyKind::CommitOutput,
					Stage::Result => DutyKind::CommitResult,
				};
				awaited.contains(who).then_some(Duty { job, kind, deadline: Some(deadline) })
			},
			Status::Open { awaited, .. } => {
				let contract = Jobs::<T>::get(job)?.contract;
				let mut punctual = contract.parties().map(|(_, party)| &party.who).filter(|who| !awaited.contains(who));
				let expires = punctual.next().unwrap_or(&contract.coordinator.who) == who;
				expires.then_some(Duty { job, kind: DutyKind::Expire, deadline: None })
			},
			Status::Challenge { until } if next > until => {
				let settles = Jobs::<T>::get(job)?.contract.coordinator.who == *who;
				settles.then_some(Duty { job, kind: DutyKind::Settle, deadline: None })
			},
			_ => None,
		}
	}

	/// The earliest block that can include a call submitted now.
	pub(crate) fn next_block() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number().saturating_add(One::one())
	}
}
