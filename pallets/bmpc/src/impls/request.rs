//! From a request to a contract.

use crate::{pallet::*, types::*};
use alloc::{collections::BTreeSet, vec::Vec};
use encrytrust_fault_proofs::{message_bytes, MaxMessage};
use encrytrust_traits::{
	bonds::ServiceBonds,
	fees::{Service, ServiceFees},
	key_registry::KeyRegistry,
};
use encrytrust_types::{
	dataset::Schema,
	job::{sums_fit, ComputingParty, DataParty, Offer, Packing, Party, Role, Schedule, Stage, TemplateKind},
	limits::{MaxComputingProviders, MaxDataProviders, MAX_BLOCKS},
	DatasetId, JobId, Modulus, TemplateId,
};
use frame_support::{ensure, pallet_prelude::*, traits::fungible::MutateHold};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{CheckedAdd, Saturating, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(user: T::AccountId, request: RequestOf<T>) -> DispatchResult {
		let max_price = request.max_price;
		let requested_at = frame_system::Pallet::<T>::block_number();
		let contract = Self::draft(user, request, requested_at)?;
		let escrow = Self::quote_of(&contract).ok_or(Error::<T>::Overflow)?.total;
		ensure!(escrow <= max_price, Error::<T>::PriceAboveMaximum);

		let id = NextJobId::<T>::get();
		NextJobId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		let contract_hash = contract.hash(&Self::genesis(), id);
		let deposit = Self::deposit_for(Self::job_size(&contract));
		T::Currency::hold(&HoldReason::Escrow.into(), &contract.user, escrow)?;
		Self::adjust_deposit(&contract.user, Zero::zero(), deposit)?;
		Self::begin(id, &contract)?;

		let user = contract.user.clone();
		Self::deposit_event(Event::Requested { job_id: id, user, contract_hash, escrow });
		Self::enter(id, &contract, Stage::Confirmation);
		Jobs::<T>::insert(id, Job { contract, contract_hash, requested_at, escrow, deposit });
		Ok(())
	}

	/// The contract that `request` by `user` makes in block `now`, or the error. The user's maximum price and funds are
	/// not checked.
	pub(crate) fn draft(
		user: T::AccountId,
		request: RequestOf<T>,
		now: BlockNumberFor<T>,
	) -> Result<ContractOf<T>, Error<T>> {
		ensure!(!request.datasets.is_empty() && !request.computing_providers.is_empty(), Error::<T>::NoProvider);
		Self::check_schedule(&request.schedule, now)?;
		let kind = Self::open_template(request.template)?.kind;
		let datasets = Self::offered_datasets(&request.datasets)?;
		Self::check_parties(&user, &request, &datasets)?;
		let schema = Self::common_schema(&datasets)?;
		let blocks = Self::check_computation(kind, &request, &schema, &datasets)?;
		Self::check_policies(&user, request.template, kind, &datasets)?;
		Self::ensure_capacity(&user)?;

		let selected = request.selection.selected;
		let data = Self::data_parties(datasets, selected)?;
		let work = blocks.checked_mul(selected.into()).ok_or(Error::<T>::Overflow)?;
		let computing = Self::computing_parties(request.computing_providers, work)?;
		let features = kind.features(schema.columns().len() as u16).ok_or(Error::<T>::TooManyFeatures)?;
		let fits = |key: &Modulus| message_bytes(features, key.len()) <= <MaxMessage as Get<u32>>::get() as usize;
		ensure!(computing.iter().all(|computing| fits(&computing.paillier)), Error::<T>::TooManyFeatures);
		let coordinator = Self::coordinator(request.coordinator)?;
		let mut contract = ContractOf::<T> {
			user,
			template: request.template,
			kind,
			parameters: request.parameters,
			schema,
			data,
			computing,
			coordinator,
			user_key: request.user_key,
			user_key_proof: request.user_key_proof,
			selection: request.selection,
			schedule: request.schedule,
			challenge_period: T::ChallengePeriod::get(),
			fee: Zero::zero(),
			bond: Zero::zero(),
		};
		let paid = Self::quote_of(&contract).ok_or(Error::<T>::Overflow)?.total;
		contract.fee = T::ServiceFees::fee(Service::ContractCall, paid);
		let total = paid.checked_add(contract.fee).ok_or(Error::<T>::Overflow)?;
		contract.bond = total.max(T::MinJobBond::get());
		let bonded = |party: &PartyOf<T>| T::Bonds::available(&party.who) >= contract.bond;
		ensure!(contract.parties().all(|(_, party)| bonded(party)), Error::<T>::BondTooLow);
		// The most expensive check comes last.
		Self::check_key(&contract.user_key)?;
		Ok(contract)
	}

	/// The data providers, each paid for the selected cells of its dataset.
	fn data_parties(
		datasets: Vec<(DatasetId, DatasetOf<T>)>,
		selected: u16,
	) -> Result<BoundedVec<DataPartyOf<T>, MaxDataProviders>, Error<T>> {
		let mut parties = BoundedVec::new();
		for (id, dataset) in datasets {
			let DatasetOf::<T> { provider, rows, fingerprint, price, .. } = dataset;
			let cells = rows.checked_mul(selected.into()).ok_or(Error::<T>::Overflow)?;
			let pay = Self::times(cells, price)?;
			let registration = Self::eligible(Role::DataProvider, &provider)?;
			let party = Party { who: provider, pay, endpoint: registration.endpoint };
			// The request's bound is the contract's.
			let added = parties.try_push(DataParty { dataset: id, rows, fingerprint, party });
			added.map_err(|_| Error::<T>::Overflow)?;
		}
		Ok(parties)
	}

	/// The computing providers, each paid for all of the work.
	fn computing_parties(
		providers: BoundedVec<T::AccountId, MaxComputingProviders>,
		work: u64,
	) -> Result<BoundedVec<ComputingPartyOf<T>, MaxComputingProviders>, Error<T>> {
		let mut parties = BoundedVec::new();
		for who in providers {
			let registration = Self::eligible(Role::ComputingProvider, &who)?;
			let Offer::ComputingProvider { price, paillier, key_proof } = registration.offer else {
				return Err(Error::<T>::NotRegistered);
			};
			let party = Party { who, pay: Self::times(work, price)?, endpoint: registration.endpoint };
			let added = parties.try_push(ComputingParty { paillier, key_proof, party });
			added.map_err(|_| Error::<T>::Overflow)?;
		}
		Ok(parties)
	}

	fn coordinator(who: T::AccountId) -> Result<PartyOf<T>, Error<T>> {
		let registration = Self::eligible(Role::Coordinator, &who)?;
		let Offer::Coordinator { price: pay } = registration.offer else { return Err(Error::<T>::NotRegistered) };
		Ok(Party { who, pay, endpoint: registration.endpoint })
	}

	/// The price of a contract by part; `None` if the sum overflows.
	pub(crate) fn quote_of(contract: &ContractOf<T>) -> Option<QuoteOf<T>> {
		let of = |party: &PartyOf<T>| (party.who.clone(), party.pay);
		let mut total = contract.fee;
		for (_, party) in contract.parties() {
			total = total.checked_add(party.pay)?;
		}
		Some(QuoteOf::<T> {
			data: contract.data.iter().map(|data| of(&data.party)).collect(),
			computing: contract.computing.iter().map(|computing| of(&computing.party)).collect(),
			coordination: contract.coordinator.pay,
			fee: contract.fee,
			total,
			bond: contract.bond,
		})
	}

	fn times(count: u64, price: BalanceOf<T>) -> Result<BalanceOf<T>, Error<T>> {
		BalanceOf::<T>::from(count).checked_mul(price).ok_or(Error::<T>::Overflow)
	}

	fn check_schedule(schedule: &Schedule<BlockNumberFor<T>>, now: BlockNumberFor<T>) -> Result<(), Error<T>> {
		ensure!(schedule.confirm_by > now, Error::<T>::DeadlinePassed);
		let mut begin = now;
		for deadline in Stage::ALL.map(|stage| schedule.deadline(stage)) {
			let earliest = begin.checked_add(&T::MinStage::get()).ok_or(Error::<T>::ScheduleTooLong)?;
			ensure!(deadline >= earliest, Error::<T>::StageTooShort);
			begin = deadline;
		}
		ensure!(begin.saturating_sub(now) <= T::MaxJobSpan::get(), Error::<T>::ScheduleTooLong);
		Ok(())
	}

	/// The datasets, if all of them exist and are on offer.
	fn offered_datasets(ids: &[DatasetId]) -> Result<Vec<(DatasetId, DatasetOf<T>)>, Error<T>> {
		let offered = |id: &DatasetId| {
			let dataset = Datasets::<T>::get(id).ok_or(Error::<T>::UnknownDataset)?;
			ensure!(!dataset.withdrawn, Error::<T>::DatasetWithdrawn);
			Ok((*id, dataset))
		};
		ids.iter().map(offered).collect()
	}

	/// No account is in a job twice; therefore no dataset is, either.
	fn check_parties(
		user: &T::AccountId,
		request: &RequestOf<T>,
		datasets: &[(DatasetId, DatasetOf<T>)],
	) -> Result<(), Error<T>> {
		let mut seen = BTreeSet::from([user]);
		let providers = datasets.iter().map(|(_, dataset)| &dataset.provider);
		let mut all = providers.chain(&request.computing_providers).chain([&request.coordinator]);
		ensure!(all.all(|who| seen.insert(who)), Error::<T>::DuplicateParty);
		Ok(())
	}

	fn common_schema(datasets: &[(DatasetId, DatasetOf<T>)]) -> Result<Schema, Error<T>> {
		let (_, first) = datasets.first().ok_or(Error::<T>::NoProvider)?;
		ensure!(datasets.iter().all(|(_, other)| other.schema == first.schema), Error::<T>::SchemaMismatch);
		Ok(first.schema.clone())
	}

	/// Check that the selection is possible and that its sums fit. Returns the number of blocks of rows.
	fn check_computation(
		kind: TemplateKind,
		request: &RequestOf<T>,
		schema: &Schema,
		datasets: &[(DatasetId, DatasetOf<T>)],
	) -> Result<u64, Error<T>> {
		let selection = &request.selection;
		let parameters = &request.parameters;
		let features = kind.features(schema.columns().len() as u16).ok_or(Error::<T>::TooManyFeatures)?;
		ensure!((1..=features).contains(&selection.selected), Error::<T>::InvalidSelection);
		let recipients = request.computing_providers.len().checked_add(1);
		ensure!(Some(selection.sealed.len()) == recipients, Error::<T>::InvalidSelection);
		ensure!(parameters.fit(kind, datasets.len() as u32, selection.selected), Error::<T>::InvalidParameters);
		let bits = schema.columns().iter().map(|column| column.bits).max().unwrap_or_default();
		let key_bits = (request.user_key.len() as u32).saturating_mul(8);
		let fit = sums_fit(kind, parameters, bits, Self::rows(datasets)?, key_bits);
		ensure!(fit, Error::<T>::ValuesTooWide);
		let packing = Packing::new(kind, parameters, selection.selected, bits, key_bits);
		let blocks = datasets.iter().map(|(_, dataset)| packing.blocks(dataset.rows)).fold(0, u64::saturating_add);
		ensure!(blocks <= MAX_BLOCKS, Error::<T>::TooManyRows);
		Ok(blocks)
	}

	fn rows(datasets: &[(DatasetId, DatasetOf<T>)]) -> Result<u64, Error<T>> {
		let rows = datasets.iter().try_fold(0u64, |rows, (_, dataset)| rows.checked_add(dataset.rows));
		rows.ok_or(Error::<T>::Overflow)
	}

	fn check_policies(
		user: &T::AccountId,
		template: TemplateId,
		kind: TemplateKind,
		datasets: &[(DatasetId, DatasetOf<T>)],
	) -> Result<(), Error<T>> {
		let rows = kind.rows_behind(Self::rows(datasets)?);
		for (id, dataset) in datasets {
			let policy = &dataset.policy;
			ensure!(policy.templates.contains(&template), Error::<T>::TemplateNotAllowed);
			ensure!(rows >= policy.min_rows, Error::<T>::TooFewRows);
			ensure!(policy.buyers.as_ref().is_none_or(|buyers| buyers.contains(user)), Error::<T>::BuyerNotAllowed);
			let queries = QueryCounts::<T>::get(id, user);
			ensure!(policy.max_queries.is_none_or(|max| queries < max), Error::<T>::TooManyQueries);
		}
		Ok(())
	}

	/// The registration of `who` in `role`, if it can take a job now. This is the only place that decides it.
	fn eligible(role: Role, who: &T::AccountId) -> Result<RegistrationOf<T>, Error<T>> {
		let registration = Roles::<T>::get(role, who).ok_or(Error::<T>::NotRegistered)?;
		Self::ensure_identity(who)?;
		Self::ensure_capacity(who)?;
		Ok(registration)
	}

	/// A party whose identity key was revoked finishes its jobs under way, but takes no new ones.
	pub(super) fn ensure_identity(who: &T::AccountId) -> Result<(), Error<T>> {
		ensure!(T::Keys::can_participate(who), Error::<T>::InactiveIdentity);
		Ok(())
	}

	fn ensure_capacity(who: &T::AccountId) -> Result<(), Error<T>> {
		let jobs = ActiveJobs::<T>::decode_len(who).unwrap_or_default();
		ensure!(jobs < T::MaxActiveJobs::get() as usize, Error::<T>::TooManyJobs);
		Ok(())
	}

	/// Count a new job in all places where jobs are counted, and engage the parties' bonds; [`Self::finish`] reverts
	/// both.
	fn begin(id: JobId, contract: &ContractOf<T>) -> DispatchResult {
		for who in Self::everyone(contract) {
			ActiveJobs::<T>::try_append(who, id).map_err(|()| Error::<T>::TooManyJobs)?;
		}
		for (_, party) in contract.parties() {
			T::Bonds::engage(&party.who, contract.bond)?;
		}
		Self::recount_roles(contract, |jobs| jobs.saturating_add(1));
		for data in &contract.data {
			QueryCounts::<T>::mutate(data.dataset, &contract.user, |queries| queries.saturating_inc());
		}
		Ok(())
	}

	/// Change the number of jobs under way in every party's registration.
	pub(super) fn recount_roles(contract: &ContractOf<T>, change: fn(u32) -> u32) {
		for (role, party) in contract.parties() {
			Roles::<T>::mutate_exists(role, &party.who, |registration| {
				if let Some(registration) = registration {
					registration.jobs = change(registration.jobs);
				}
			});
		}
	}
}
