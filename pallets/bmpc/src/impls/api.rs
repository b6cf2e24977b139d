//! What the runtime API returns; see [`crate::runtime_api`].

use crate::{
	pallet::*,
	runtime_api::{Refusal, MAX_PAGE},
	types::*,
};
use alloc::vec::Vec;
use codec::Encode;
use encrytrust_traits::finality::FinalityClock;
use encrytrust_types::{
	job::{Duty, DutyKind, Role, Stage, Status, Template},
	DatasetId, JobId, TemplateId,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;

impl<T: Config> Pallet<T> {
	/// What `request` would cost `who` in the next block.
	pub fn quote(who: T::AccountId, request: RequestOf<T>) -> Result<QuoteOf<T>, Refusal> {
		let contract = Self::draft(who, request);
		let quote = contract.and_then(|contract| Self::quote_of(&contract).ok_or(Error::<T>::Overflow));
		quote.map_err(|error| Refusal { error: <&'static str>::from(error).into() })
	}

	/// A job, unless its record has been cleared.
	pub fn job(id: JobId) -> Option<JobInfoOf<T>> {
		let Job { contract, contract_hash, requested_at, .. } = Jobs::<T>::get(id)?;
		let status = Statuses::<T>::get(id)?;
		let commitments = Self::commitments(id, &contract);
		let mask_keys = Self::mask_keys(id, &contract).into_inner();
		let published = Availability::<T>::get(id).published;
		Some(JobInfoOf::<T> { contract_hash, requested_at, status, mask_keys, commitments, published, contract })
	}

	/// The duties of `who` in the next block, oldest job first, those of its own parts before those that anyone may do.
	///
	/// An awaited party has to deliver. Once a stage is overdue, `Expire` is the duty of one party: the first in the
	/// contract's order that is not late; the coordinator if all are. `Settle` and `ExpireChallenge` are the coordinator's
	/// duty, the latter the user's if the coordinator owes the unit. If it fails to do so, anyone can submit these calls.
	pub fn duties(who: T::AccountId) -> Vec<Duty<BlockNumberFor<T>>> {
		let now = T::Clock::now();
		let requests = PendingJobs::<T>::get(&who).into_iter().chain(ConfirmedJobs::<T>::get(&who));
		let mut jobs: Vec<_> = requests.chain(ActiveJobs::<T>::get(&who)).collect();
		jobs.sort_unstable();
		let duties = jobs.into_iter().flat_map(|id| {
			let publish = Self::publish_duty(&who, id, now).into_iter();
			publish.chain(Self::duty(&who, id, now))
		});
		duties.chain(Self::resume_duties(&who)).collect()
	}

	/// The challenged units of a job that are not published in full.
	pub fn open_units(id: JobId) -> Vec<OpenUnitOf<T>> {
		Availability::<T>::get(id).open.into_inner()
	}

	/// The extrinsic, needing no account, that publishes a chunk of a challenged unit; `None` if it is too long.
	pub fn publication(job_id: JobId, unit: u32, chunk: u32, bytes: Vec<u8>, path: Vec<H256>) -> Option<Vec<u8>> {
		let (bytes, path) = (bytes.try_into().ok()?, path.try_into().ok()?);
		let call = Call::<T>::publish { job_id, unit, chunk, bytes, path };
		Some(T::create_authorized_transaction(call.into()).encode())
	}

	fn publish_duty(who: &T::AccountId, job: JobId, now: BlockNumberFor<T>) -> Option<Duty<BlockNumberFor<T>>> {
		let open = Availability::<T>::get(job).open;
		if open.is_empty() {
			return None;
		}
		let contract = Jobs::<T>::get(job)?.contract;
		let is_own = |open: &&OpenUnitOf<T>| {
			let owner = contract.unit(open.unit).and_then(|unit| Some(contract.unit_owner(&unit)?.who.clone()));
			owner.as_ref() == Some(who) && open.from <= now && now <= open.deadline
		};
		let deadline = open.iter().filter(is_own).map(|open| open.deadline).min()?;
		Some(Duty { job, kind: DutyKind::Publish, deadline: Some(deadline) })
	}

	/// One for each role that is suspended; the duty's job is the role's number.
	fn resume_duties(who: &T::AccountId) -> impl Iterator<Item = Duty<BlockNumberFor<T>>> + use<'_, T> {
		let roles = [Role::DataProvider, Role::ComputingProvider, Role::Coordinator];
		let suspended = move |role: &Role| Roles::<T>::get(role, who).is_some_and(|role| role.suspended);
		let duty = |role: Role| Duty { job: role as JobId, kind: DutyKind::Resume, deadline: None };
		roles.into_iter().filter(suspended).map(duty)
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

	fn duty(who: &T::AccountId, job: JobId, now: BlockNumberFor<T>) -> Option<Duty<BlockNumberFor<T>>> {
		let duty = |kind| Some(Duty { job, kind, deadline: None });
		let contract = || Some(Jobs::<T>::get(job)?.contract);
		let status = Statuses::<T>::get(job)?;
		let is_challenged = Self::is_challenged(job);
		if Self::is_overdue(job, now) {
			// Either of them, since one may be the offender.
			let contract = contract()?;
			let expires = contract.coordinator.who == *who || contract.user == *who;
			return expires.then_some(()).and_then(|()| duty(DutyKind::ExpireChallenge));
		}
		match status {
			Status::Open { stage, awaited, .. } => {
				let own = awaited.iter().find(|awaited| awaited.who == *who);
				let waits = is_challenged && Self::is_waiting(job, &contract()?, who);
				if let Some(own) = own.filter(|own| now <= own.deadline || waits) {
					let kind = match stage {
						Stage::Confirmation => DutyKind::Confirm,
						Stage::Selection => DutyKind::CommitSelection,
						Stage::Inputs => DutyKind::CommitInputs,
						Stage::Outputs => DutyKind::CommitOutput,
						Stage::Result => DutyKind::CommitResult,
					};
					let deadline = (!waits).then_some(own.deadline);
					return Some(Duty { job, kind, deadline });
				}
				let late = Self::late_parties(awaited);
				if late.is_empty() || is_challenged && stage != Stage::Confirmation {
					return None;
				}
				let contract = contract()?;
				let mut punctual = contract.parties().map(|(_, party)| &party.who).filter(|who| !late.contains(who));
				let expires = punctual.next().unwrap_or(&contract.coordinator.who) == who;
				expires.then_some(()).and_then(|()| duty(DutyKind::Expire))
			},
			Status::Challenge { until, .. } if now > until && !is_challenged => {
				let settles = contract()?.coordinator.who == *who;
				settles.then_some(()).and_then(|()| duty(DutyKind::Settle))
			},
			_ => None,
		}
	}
}
