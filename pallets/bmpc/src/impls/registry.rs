//! Roles, datasets and templates.

use crate::{pallet::*, types::*};
use alloc::collections::BTreeSet;
use codec::Encode;
use encrytrust_fault_proofs::modulus::{check_modulus, ModulusError};
use encrytrust_host_functions::big_integers::Host;
use encrytrust_types::{
	dataset::Schema,
	job::{Endpoint, Offer, Record, Role, Template},
	limits::{MAX_BITS, MAX_DECIMALS},
	text::printable,
	DatasetId, Modulus, Name, TemplateId,
};
use frame_support::{ensure, pallet_prelude::*};
use sp_core::H256;
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_role(
		who: T::AccountId,
		endpoint: Endpoint,
		offer: OfferOf<T>,
		terms: TermsOf<T>,
	) -> DispatchResult {
		let role = offer.role();
		ensure!(!Roles::<T>::contains_key(role, &who), Error::<T>::AlreadyRegistered);
		Self::ensure_identity(&who)?;
		Self::check_offer(&endpoint, &offer)?;
		let record = Record::default();
		let (suspended, jobs, deposit) = (false, 0, Zero::zero());
		let mut registration = RegistrationOf::<T> { endpoint, offer, terms, suspended, record, jobs, deposit };
		registration.deposit = Self::deposit_for(registration.encoded_size());
		Self::adjust_deposit(&who, Zero::zero(), registration.deposit)?;
		Roles::<T>::insert(role, &who, registration);
		Self::deposit_event(Event::RoleRegistered { who, role });
		Ok(())
	}

	pub(crate) fn do_update_role(
		who: T::AccountId,
		endpoint: Endpoint,
		offer: OfferOf<T>,
		terms: TermsOf<T>,
	) -> DispatchResult {
		let role = offer.role();
		let old = Roles::<T>::get(role, &who).ok_or(Error::<T>::NotRegistered)?;
		Self::check_offer(&endpoint, &offer)?;
		let mut registration = RegistrationOf::<T> { endpoint, offer, terms, ..old };
		registration.deposit = Self::deposit_for(registration.encoded_size());
		Self::adjust_deposit(&who, old.deposit, registration.deposit)?;
		Roles::<T>::insert(role, &who, registration);
		Self::deposit_event(Event::RoleUpdated { who, role });
		Ok(())
	}

	pub(crate) fn do_unregister_role(who: T::AccountId, role: Role) -> DispatchResult {
		let registration = Roles::<T>::get(role, &who).ok_or(Error::<T>::NotRegistered)?;
		ensure!(registration.jobs == 0, Error::<T>::RoleInUse);
		Self::adjust_deposit(&who, registration.deposit, Zero::zero())?;
		Roles::<T>::remove(role, &who);
		Self::deposit_event(Event::RoleUnregistered { who, role });
		Ok(())
	}

	pub(crate) fn do_resume_role(who: T::AccountId, role: Role) -> DispatchResult {
		let registration = Roles::<T>::get(role, &who).ok_or(Error::<T>::NotRegistered)?;
		ensure!(registration.suspended, Error::<T>::NotSuspended);
		Roles::<T>::insert(role, &who, RegistrationOf::<T> { suspended: false, ..registration });
		Self::deposit_event(Event::RoleResumed { who, role });
		Ok(())
	}

	pub(crate) fn do_register_dataset(
		provider: T::AccountId,
		title: Name,
		schema: Schema,
		rows: u64,
		fingerprint: H256,
		price: BalanceOf<T>,
		policy: PolicyOf<T>,
	) -> DispatchResult {
		ensure!(Roles::<T>::contains_key(Role::DataProvider, &provider), Error::<T>::NotRegistered);
		Self::check_name(&title)?;
		ensure!(rows > 0, Error::<T>::EmptyDataset);
		Self::check_schema(&schema)?;
		Self::check_policy(&policy)?;
		let dataset_id = NextDatasetId::<T>::get();
		let deposit = Zero::zero();
		let withdrawn = false;
		let mut dataset =
			DatasetOf::<T> { provider, title, schema, rows, fingerprint, price, policy, withdrawn, deposit };
		dataset.deposit = Self::deposit_for(dataset.encoded_size());
		Self::adjust_deposit(&dataset.provider, Zero::zero(), dataset.deposit)?;
		NextDatasetId::<T>::put(dataset_id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		Self::deposit_event(Event::DatasetRegistered { dataset_id, provider: dataset.provider.clone() });
		Datasets::<T>::insert(dataset_id, dataset);
		Ok(())
	}

	pub(crate) fn do_update_dataset(
		who: T::AccountId,
		dataset_id: DatasetId,
		price: BalanceOf<T>,
		policy: PolicyOf<T>,
	) -> DispatchResult {
		let dataset = Self::own_dataset(&who, dataset_id)?;
		Self::check_policy(&policy)?;
		Self::replace_dataset(dataset_id, DatasetOf::<T> { price, policy, ..dataset })?;
		Self::deposit_event(Event::DatasetUpdated { dataset_id });
		Ok(())
	}

	pub(crate) fn do_refresh_dataset(
		who: T::AccountId,
		dataset_id: DatasetId,
		rows: u64,
		fingerprint: H256,
	) -> DispatchResult {
		let dataset = Self::own_dataset(&who, dataset_id)?;
		ensure!(rows > 0, Error::<T>::EmptyDataset);
		Datasets::<T>::insert(dataset_id, DatasetOf::<T> { rows, fingerprint, ..dataset });
		Self::deposit_event(Event::DatasetRefreshed { dataset_id, rows });
		Ok(())
	}

	pub(crate) fn do_withdraw_dataset(who: T::AccountId, dataset_id: DatasetId) -> DispatchResult {
		let dataset = Self::own_dataset(&who, dataset_id)?;
		let no_policy = PolicyOf::<T> {
			templates: Default::default(),
			min_rows: dataset.policy.min_rows,
			buyers: None,
			max_queries: None,
		};
		let withdrawn = DatasetOf::<T> { schema: Default::default(), policy: no_policy, withdrawn: true, ..dataset };
		Self::replace_dataset(dataset_id, withdrawn)?;
		Self::deposit_event(Event::DatasetWithdrawn { dataset_id });
		Ok(())
	}

	pub(crate) fn do_add_template(template: Template) -> DispatchResult {
		Self::check_name(&template.name)?;
		let template_id = NextTemplateId::<T>::get();
		NextTemplateId::<T>::put(template_id.checked_add(1).ok_or(Error::<T>::TooManyTemplates)?);
		Templates::<T>::insert(template_id, Template { retired: false, ..template });
		Self::deposit_event(Event::TemplateAdded { template_id });
		Ok(())
	}

	pub(crate) fn do_retire_template(template_id: TemplateId) -> DispatchResult {
		let template = Self::open_template(template_id)?;
		Templates::<T>::insert(template_id, Template { retired: true, ..template });
		Self::deposit_event(Event::TemplateRetired { template_id });
		Ok(())
	}

	/// A dataset on offer that belongs to `who`.
	fn own_dataset(who: &T::AccountId, id: DatasetId) -> Result<DatasetOf<T>, Error<T>> {
		let dataset = Datasets::<T>::get(id).ok_or(Error::<T>::UnknownDataset)?;
		ensure!(dataset.provider == *who, Error::<T>::NotAuthorized);
		ensure!(!dataset.withdrawn, Error::<T>::DatasetWithdrawn);
		Ok(dataset)
	}

	/// Write a changed dataset with the deposit of its new size.
	fn replace_dataset(id: DatasetId, mut dataset: DatasetOf<T>) -> DispatchResult {
		let deposit = Self::deposit_for(dataset.encoded_size());
		Self::adjust_deposit(&dataset.provider, dataset.deposit, deposit)?;
		dataset.deposit = deposit;
		Datasets::<T>::insert(id, dataset);
		Ok(())
	}

	pub(super) fn open_template(id: TemplateId) -> Result<Template, Error<T>> {
		let template = Templates::<T>::get(id).ok_or(Error::<T>::UnknownTemplate)?;
		ensure!(!template.retired, Error::<T>::TemplateRetired);
		Ok(template)
	}

	fn check_offer(endpoint: &Endpoint, offer: &OfferOf<T>) -> Result<(), Error<T>> {
		let address = printable(&endpoint.address).ok_or(Error::<T>::InvalidAddress)?;
		ensure!(address.starts_with('/'), Error::<T>::InvalidAddress);
		match offer {
			Offer::ComputingProvider { paillier, .. } => Self::check_key(paillier),
			Offer::DataProvider | Offer::Coordinator { .. } => Ok(()),
		}
	}

	pub(super) fn check_key(modulus: &Modulus) -> Result<(), Error<T>> {
		check_modulus(modulus, T::ModulusLengths::get(), &Host).map_err(|error| match error {
			ModulusError::Length => Error::<T>::ModulusLength,
			ModulusError::Even => Error::<T>::ModulusEven,
			ModulusError::Prime => Error::<T>::ModulusPrime,
		})
	}

	fn check_name(name: &Name) -> Result<(), Error<T>> {
		ensure!(!name.is_empty() && printable(name).is_some(), Error::<T>::InvalidName);
		Ok(())
	}

	fn check_schema(schema: &Schema) -> Result<(), Error<T>> {
		ensure!(!schema.columns().is_empty(), Error::<T>::EmptyDataset);
		let mut names = BTreeSet::new();
		for column in schema.columns() {
			Self::check_name(&column.name)?;
			ensure!(column.decimals <= MAX_DECIMALS, Error::<T>::InvalidColumn);
			ensure!((1..=MAX_BITS).contains(&column.bits), Error::<T>::InvalidColumn);
			ensure!(names.insert(&column.name), Error::<T>::DuplicateColumn);
		}
		Ok(())
	}

	/// A policy may only name existing templates: to allow an id ahead of time would allow any template that later gets
	/// it. Ids are never reused, so comparing with the next one suffices.
	fn check_policy(policy: &PolicyOf<T>) -> Result<(), Error<T>> {
		let next = NextTemplateId::<T>::get();
		ensure!(policy.templates.iter().all(|id| *id < next), Error::<T>::UnknownTemplate);
		Ok(())
	}
}
