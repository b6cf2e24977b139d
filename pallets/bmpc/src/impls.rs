//! What the calls and the runtime API do.

use crate::{
	pallet::*,
	runtime_api::{Refusal, MAX_PAGE},
	types::*,
};
use alloc::{
	collections::{BTreeSet, VecDeque},
	vec::Vec,
};
use codec::{Encode, MaxEncodedLen};
use core::cmp::Ordering;
use encrytrust_fault_proofs::{
	message_bytes,
	modulus::{check_modulus, ModulusError},
	MaxMessage,
};
use encrytrust_host_functions::big_integers::Host;
use encrytrust_traits::{
	bonds::{ServiceBonds, Slashed},
	fees::{Service, ServiceFees},
	key_registry::KeyRegistry,
};
use encrytrust_types::{
	dataset::Schema,
	job::{
		sums_fit, Commitment, ComputingParty, DataParty, DeclineReason, Delivered, Duty, DutyKind, Endpoint, Offer,
		Packing, Party, Role, Schedule, Stage, Status, Template, TemplateKind,
	},
	limits::{MaxComputers, MaxParties, MAX_BITS, MAX_BLOCKS, MAX_DECIMALS},
	DataSetId, JobId, Modulus, Name, TemplateId,
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Footprint,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::{CheckedAdd, Convert, One, Saturating, Zero};

/// Who has not delivered in a stage.
type Awaited<T> = BoundedVec<AccountIdOf<T>, MaxParties>;

/// Roles, data sets and templates.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_role(
		who: T::AccountId,
		endpoint: Endpoint,
		offer: Offer<BalanceOf<T>>,
	) -> DispatchResult {
		let role = offer.role();
		ensure!(!Roles::<T>::contains_key(role, &who), Error::<T>::AlreadyRegistered);
		Self::ensure_identity(&who)?;
		Self::check_offer(&endpoint, &offer)?;
		let mut registration = RegistrationOf::<T> { endpoint, offer, jobs: 0, deposit: Zero::zero() };
		registration.deposit = Self::deposit_for(registration.encoded_size());
		Self::adjust_deposit(&who, Zero::zero(), registration.deposit)?;
		Roles::<T>::insert(role, &who, registration);
		Self::deposit_event(Event::RoleRegistered { who, role });
		Ok(())
	}

	pub(crate) fn do_update_role(who: T::AccountId, endpoint: Endpoint, offer: Offer<BalanceOf<T>>) -> DispatchResult {
		let role = offer.role();
		let old = Roles::<T>::get(role, &who).ok_or(Error::<T>::NotRegistered)?;
		Self::check_offer(&endpoint, &offer)?;
		let mut registration = RegistrationOf::<T> { endpoint, offer, ..old };
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
		ensure!(rows > 0, Error::<T>::EmptyDataSet);
		Self::check_schema(&schema)?;
		Self::check_policy(&policy)?;
		let id = NextDataSetId::<T>::get();
		let deposit = Zero::zero();
		let withdrawn = false;
		let mut data_set =
			DataSetOf::<T> { provider, title, schema, rows, fingerprint, price, policy, withdrawn, deposit };
		data_set.deposit = Self::deposit_for(data_set.encoded_size());
		Self::adjust_deposit(&data_set.provider, Zero::zero(), data_set.deposit)?;
		NextDataSetId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		Self::deposit_event(Event::DataSetRegistered { id, provider: data_set.provider.clone() });
		DataSets::<T>::insert(id, data_set);
		Ok(())
	}

	pub(crate) fn do_update_dataset(
		who: T::AccountId,
		id: DataSetId,
		price: BalanceOf<T>,
		policy: PolicyOf<T>,
	) -> DispatchResult {
		let data_set = Self::own_data_set(&who, id)?;
		Self::check_policy(&policy)?;
		Self::replace_data_set(id, DataSetOf::<T> { price, policy, ..data_set })?;
		Self::deposit_event(Event::DataSetUpdated { id });
		Ok(())
	}

	pub(crate) fn do_refresh_dataset(who: T::AccountId, id: DataSetId, rows: u64, fingerprint: H256) -> DispatchResult {
		let data_set = Self::own_data_set(&who, id)?;
		ensure!(rows > 0, Error::<T>::EmptyDataSet);
		DataSets::<T>::insert(id, DataSetOf::<T> { rows, fingerprint, ..data_set });
		Self::deposit_event(Event::DataSetRefreshed { id, rows });
		Ok(())
	}

	pub(crate) fn do_withdraw_dataset(who: T::AccountId, id: DataSetId) -> DispatchResult {
		let data_set = Self::own_data_set(&who, id)?;
		let nobody = PolicyOf::<T> {
			templates: Default::default(),
			min_rows: data_set.policy.min_rows,
			buyers: None,
			max_answers: None,
		};
		let withdrawn = DataSetOf::<T> { schema: Default::default(), policy: nobody, withdrawn: true, ..data_set };
		Self::replace_data_set(id, withdrawn)?;
		Self::deposit_event(Event::DataSetWithdrawn { id });
		Ok(())
	}

	pub(crate) fn do_add_template(template: Template) -> DispatchResult {
		Self::check_name(&template.name)?;
		let id = NextTemplateId::<T>::get();
		NextTemplateId::<T>::put(id.checked_add(1).ok_or(Error::<T>::TooManyTemplates)?);
		Templates::<T>::insert(id, Template { retired: false, ..template });
		Self::deposit_event(Event::TemplateAdded { id });
		Ok(())
	}

	pub(crate) fn do_retire_template(id: TemplateId) -> DispatchResult {
		let template = Self::open_template(id)?;
		Templates::<T>::insert(id, Template { retired: true, ..template });
		Self::deposit_event(Event::TemplateRetired { id });
		Ok(())
	}

	/// A data set on offer that belongs to `who`.
	fn own_data_set(who: &T::AccountId, id: DataSetId) -> Result<DataSetOf<T>, Error<T>> {
		let data_set = DataSets::<T>::get(id).ok_or(Error::<T>::UnknownDataSet)?;
		ensure!(data_set.provider == *who, Error::<T>::NotAuthorized);
		ensure!(!data_set.withdrawn, Error::<T>::DataSetWithdrawn);
		Ok(data_set)
	}

	/// Write a changed data set with the deposit of its new size.
	fn replace_data_set(id: DataSetId, mut data_set: DataSetOf<T>) -> DispatchResult {
		let deposit = Self::deposit_for(data_set.encoded_size());
		Self::adjust_deposit(&data_set.provider, data_set.deposit, deposit)?;
		data_set.deposit = deposit;
		DataSets::<T>::insert(id, data_set);
		Ok(())
	}

	fn open_template(id: TemplateId) -> Result<Template, Error<T>> {
		let template = Templates::<T>::get(id).ok_or(Error::<T>::UnknownTemplate)?;
		ensure!(!template.retired, Error::<T>::TemplateRetired);
		Ok(template)
	}

	fn check_offer(endpoint: &Endpoint, offer: &OfferOf<T>) -> Result<(), Error<T>> {
		let address = core::str::from_utf8(&endpoint.address).map_err(|_| Error::<T>::InvalidAddress)?;
		ensure!(address.starts_with('/'), Error::<T>::InvalidAddress);
		match offer {
			Offer::ComputingProvider { paillier, .. } => Self::check_key(paillier),
			Offer::DataProvider | Offer::Coordinator { .. } => Ok(()),
		}
	}

	fn check_key(modulus: &Modulus) -> Result<(), Error<T>> {
		check_modulus(modulus, &Host).map_err(|error| match error {
			ModulusError::Length => Error::<T>::ModulusLength,
			ModulusError::Even => Error::<T>::ModulusEven,
			ModulusError::Prime => Error::<T>::ModulusPrime,
		})
	}

	fn check_name(name: &Name) -> Result<(), Error<T>> {
		ensure!(!name.is_empty() && core::str::from_utf8(name).is_ok(), Error::<T>::InvalidName);
		Ok(())
	}

	fn check_schema(schema: &Schema) -> Result<(), Error<T>> {
		ensure!(!schema.columns().is_empty(), Error::<T>::EmptyDataSet);
		let mut names = BTreeSet::new();
		for column in schema.columns() {
			Self::check_name(&column.name)?;
			ensure!(column.decimals <= MAX_DECIMALS, Error::<T>::InvalidColumn);
			ensure!((1..=MAX_BITS).contains(&column.bits), Error::<T>::InvalidColumn);
			ensure!(names.insert(&column.name), Error::<T>::DuplicateColumn);
		}
		Ok(())
	}

	/// A policy may only name templates that have been made: who allows an id ahead of time would allow whatever it
	/// later becomes. Ids are never reused, so a look at the next one suffices.
	fn check_policy(policy: &PolicyOf<T>) -> Result<(), Error<T>> {
		let next = NextTemplateId::<T>::get();
		ensure!(policy.templates.iter().all(|id| *id < next), Error::<T>::UnknownTemplate);
		Ok(())
	}
}

/// From a request to a contract.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(user: T::AccountId, request: RequestOf<T>) -> DispatchResult {
		let max_price = request.max_price;
		let requested_at = frame_system::Pallet::<T>::block_number();
		let contract = Self::draft(user, request, requested_at)?;
		let escrow = Self::quote_of(&contract).ok_or(Error::<T>::Overflow)?.total;
		ensure!(escrow <= max_price, Error::<T>::PriceAboveMaximum);

		let id = NextJobId::<T>::get();
		NextJobId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		let hash = contract.hash(&Self::genesis(), id);
		let deposit = Self::deposit_for(Self::job_size(&contract));
		T::Currency::hold(&HoldReason::Escrow.into(), &contract.user, escrow)?;
		Self::adjust_deposit(&contract.user, Zero::zero(), deposit)?;
		Self::begin(id, &contract)?;

		Self::deposit_event(Event::Requested { job: id, user: contract.user.clone(), hash, total: escrow });
		Self::enter(id, &contract, Stage::Confirmation);
		Jobs::<T>::insert(id, Job { contract, hash, requested_at, escrow, deposit });
		Ok(())
	}

	/// The contract that `request` by `user` makes in block `now`, or why it makes none. The user's maximal price and
	/// funds are not looked at.
	pub(crate) fn draft(
		user: T::AccountId,
		request: RequestOf<T>,
		now: BlockNumberFor<T>,
	) -> Result<ContractOf<T>, Error<T>> {
		ensure!(!request.data_sets.is_empty() && !request.computers.is_empty(), Error::<T>::NoProvider);
		Self::check_schedule(&request.schedule, now)?;
		let kind = Self::open_template(request.template)?.kind;
		let data_sets = Self::offered_data_sets(&request.data_sets)?;
		Self::check_parties(&user, &request, &data_sets)?;
		let schema = Self::common_schema(&data_sets)?;
		let blocks = Self::check_computation(kind, &request, &schema, &data_sets)?;
		Self::check_policies(&user, request.template, kind, &data_sets)?;
		Self::ensure_capacity(&user)?;

		let selected = request.selection.selected;
		let mut data = BoundedVec::new();
		for (id, data_set) in data_sets {
			let cells = data_set.rows.checked_mul(selected.into()).ok_or(Error::<T>::Overflow)?;
			let pay = Self::times(cells, data_set.price)?;
			let registration = Self::eligible(Role::DataProvider, &data_set.provider)?;
			let party = Party { who: data_set.provider, pay, endpoint: registration.endpoint };
			// The request's bound is the contract's.
			let DataSetOf::<T> { rows, fingerprint, .. } = data_set;
			data.try_push(DataParty { data_set: id, rows, fingerprint, party }).map_err(|_| Error::<T>::Overflow)?;
		}
		let features = kind.features(schema.columns().len() as u16).ok_or(Error::<T>::TooManyFeatures)?;
		let work = blocks.checked_mul(selected.into()).ok_or(Error::<T>::Overflow)?;
		let mut computing = BoundedVec::<ComputingParty<_, _>, MaxComputers>::new();
		for who in request.computers {
			let registration = Self::eligible(Role::ComputingProvider, &who)?;
			let Offer::ComputingProvider { price, paillier, key_proof } = registration.offer else {
				return Err(Error::<T>::NotRegistered);
			};
			let party = Party { who, pay: Self::times(work, price)?, endpoint: registration.endpoint };
			computing.try_push(ComputingParty { paillier, key_proof, party }).map_err(|_| Error::<T>::Overflow)?;
		}
		let fits = |key: &Modulus| message_bytes(features, key.len()) <= <MaxMessage as Get<u32>>::get() as usize;
		ensure!(computing.iter().all(|computing| fits(&computing.paillier)), Error::<T>::TooManyFeatures);
		let registration = Self::eligible(Role::Coordinator, &request.coordinator)?;
		let Offer::Coordinator { price: pay } = registration.offer else { return Err(Error::<T>::NotRegistered) };
		let coordinator = Party { who: request.coordinator, pay, endpoint: registration.endpoint };
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
		// The dearest check comes last.
		Self::check_key(&contract.user_key)?;
		Ok(contract)
	}

	/// What a contract costs, by part; `None` if the sum is beyond all numbers.
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
			let least = begin.checked_add(&T::MinStage::get()).ok_or(Error::<T>::ScheduleTooLong)?;
			ensure!(deadline >= least, Error::<T>::StageTooShort);
			begin = deadline;
		}
		ensure!(begin.saturating_sub(now) <= T::MaxJobSpan::get(), Error::<T>::ScheduleTooLong);
		Ok(())
	}

	/// The data sets, if all of them exist and take jobs.
	fn offered_data_sets(ids: &[DataSetId]) -> Result<Vec<(DataSetId, DataSetOf<T>)>, Error<T>> {
		let offered = |id: &DataSetId| {
			let data_set = DataSets::<T>::get(id).ok_or(Error::<T>::UnknownDataSet)?;
			ensure!(!data_set.withdrawn, Error::<T>::DataSetWithdrawn);
			Ok((*id, data_set))
		};
		ids.iter().map(offered).collect()
	}

	/// Nobody stands in a job twice; so no data set does, either.
	fn check_parties(
		user: &T::AccountId,
		request: &RequestOf<T>,
		data_sets: &[(DataSetId, DataSetOf<T>)],
	) -> Result<(), Error<T>> {
		let mut seen = BTreeSet::from([user]);
		let providers = data_sets.iter().map(|(_, data_set)| &data_set.provider);
		let mut all = providers.chain(&request.computers).chain([&request.coordinator]);
		ensure!(all.all(|who| seen.insert(who)), Error::<T>::DuplicateParty);
		Ok(())
	}

	fn common_schema(data_sets: &[(DataSetId, DataSetOf<T>)]) -> Result<Schema, Error<T>> {
		let (_, first) = data_sets.first().ok_or(Error::<T>::NoProvider)?;
		ensure!(data_sets.iter().all(|(_, other)| other.schema == first.schema), Error::<T>::SchemaMismatch);
		Ok(first.schema.clone())
	}

	/// What is asked for can be selected, and its sums can be computed with. Returns how many blocks the rows go into.
	fn check_computation(
		kind: TemplateKind,
		request: &RequestOf<T>,
		schema: &Schema,
		data_sets: &[(DataSetId, DataSetOf<T>)],
	) -> Result<u64, Error<T>> {
		let (selection, parameters) = (&request.selection, &request.parameters);
		let features = kind.features(schema.columns().len() as u16).ok_or(Error::<T>::TooManyFeatures)?;
		ensure!((1..=features).contains(&selection.selected), Error::<T>::InvalidSelection);
		let readers = request.computers.len().checked_add(1);
		ensure!(Some(selection.sealed.len()) == readers, Error::<T>::InvalidSelection);
		ensure!(parameters.fit(kind, data_sets.len() as u32, selection.selected), Error::<T>::InvalidParameters);
		let bits = schema.columns().iter().map(|column| column.bits).max().unwrap_or_default();
		let key_bits = (request.user_key.len() as u32).saturating_mul(8);
		let fit = sums_fit(kind, parameters, bits, Self::rows(data_sets)?, key_bits);
		ensure!(fit, Error::<T>::ValuesTooWide);
		let packing = Packing::new(kind, parameters, selection.selected, bits, key_bits);
		let blocks = data_sets.iter().map(|(_, data_set)| packing.blocks(data_set.rows)).fold(0, u64::saturating_add);
		ensure!(blocks <= MAX_BLOCKS, Error::<T>::TooManyRows);
		Ok(blocks)
	}

	fn rows(data_sets: &[(DataSetId, DataSetOf<T>)]) -> Result<u64, Error<T>> {
		let rows = data_sets.iter().try_fold(0u64, |rows, (_, data_set)| rows.checked_add(data_set.rows));
		rows.ok_or(Error::<T>::Overflow)
	}

	fn check_policies(
		user: &T::AccountId,
		template: TemplateId,
		kind: TemplateKind,
		data_sets: &[(DataSetId, DataSetOf<T>)],
	) -> Result<(), Error<T>> {
		let rows = kind.rows_behind(Self::rows(data_sets)?);
		for (id, data_set) in data_sets {
			let policy = &data_set.policy;
			ensure!(policy.templates.contains(&template), Error::<T>::TemplateNotAllowed);
			ensure!(rows >= policy.min_rows, Error::<T>::TooFewRows);
			ensure!(policy.buyers.as_ref().is_none_or(|buyers| buyers.contains(user)), Error::<T>::BuyerNotAllowed);
			let answers = Answers::<T>::get(id, user);
			ensure!(policy.max_answers.is_none_or(|most| answers < most), Error::<T>::TooManyAnswers);
		}
		Ok(())
	}

	/// The registration of `who` in `role`, if it may take a job now. This is the one place that decides it.
	fn eligible(role: Role, who: &T::AccountId) -> Result<RegistrationOf<T>, Error<T>> {
		let registration = Roles::<T>::get(role, who).ok_or(Error::<T>::NotRegistered)?;
		Self::ensure_identity(who)?;
		Self::ensure_capacity(who)?;
		Ok(registration)
	}

	/// Jobs under way go on whatever becomes of a party's identity key; new ones do not start.
	fn ensure_identity(who: &T::AccountId) -> Result<(), Error<T>> {
		ensure!(T::Keys::may_start(who), Error::<T>::InactiveIdentity);
		Ok(())
	}

	fn ensure_capacity(who: &T::AccountId) -> Result<(), Error<T>> {
		let jobs = ActiveJobs::<T>::decode_len(who).unwrap_or_default();
		ensure!(jobs < T::MaxActiveJobs::get() as usize, Error::<T>::TooManyJobs);
		Ok(())
	}

	/// Count a new job wherever jobs are counted, and engage the parties' bonds; [`Self::finish`] takes both back.
	fn begin(id: JobId, contract: &ContractOf<T>) -> DispatchResult {
		for who in Self::everyone(contract) {
			ActiveJobs::<T>::try_append(who, id).map_err(|()| Error::<T>::TooManyJobs)?;
		}
		for (_, party) in contract.parties() {
			T::Bonds::engage(&party.who, contract.bond)?;
		}
		Self::recount_roles(contract, |jobs| jobs.saturating_add(1));
		for data in &contract.data {
			Answers::<T>::mutate(data.data_set, &contract.user, |answers| answers.saturating_inc());
		}
		Ok(())
	}

	/// Change the number of jobs under way of every party's registration.
	fn recount_roles(contract: &ContractOf<T>, change: fn(u32) -> u32) {
		for (role, party) in contract.parties() {
			Roles::<T>::mutate_exists(role, &party.who, |registration| {
				if let Some(registration) = registration {
					registration.jobs = change(registration.jobs);
				}
			});
		}
	}
}

/// Stages.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_confirm(who: T::AccountId, id: JobId, hash: H256) -> DispatchResult {
		let job = Self::get_job(id)?;
		let awaited = Self::deliver(id, &job.contract, Stage::Confirmation, &who)?;
		ensure!(hash == job.hash, Error::<T>::WrongContract);
		Self::ensure_identity(&who)?;
		Self::deposit_event(Event::Confirmed { job: id, who });
		Self::advance(id, &job.contract, Stage::Confirmation, awaited);
		Ok(())
	}

	/// Returns the number of the job's parties, which the weight depends on.
	pub(crate) fn do_decline(who: T::AccountId, id: JobId, reason: DeclineReason) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		Self::deliver(id, &job.contract, Stage::Confirmation, &who)?;
		Self::refund(&job)?;
		let at = frame_system::Pallet::<T>::block_number();
		Self::deposit_event(Event::Declined { job: id, who: who.clone(), reason, refunded: job.escrow });
		Ok(Self::finish(id, &job.contract, Status::Declined { by: who, reason, at }))
	}

	pub(crate) fn do_commit(who: T::AccountId, id: JobId, stage: Stage, commitment: Commitment) -> DispatchResult {
		let contract = Self::get_job(id)?.contract;
		let awaited = Self::deliver(id, &contract, stage, &who)?;
		let at = frame_system::Pallet::<T>::block_number();
		Commitments::<T>::insert(id, (stage, &who), (commitment, at));
		Self::deposit_event(Event::Delivered { job: id, stage, who, commitment });
		Self::advance(id, &contract, stage, awaited);
		Ok(())
	}

	/// Check that `who` owes `stage` its part now, and return who else does.
	fn deliver(id: JobId, contract: &ContractOf<T>, stage: Stage, who: &T::AccountId) -> Result<Awaited<T>, Error<T>> {
		ensure!(Self::debtors(contract, stage).any(|debtor| debtor == who), Error::<T>::NotParty);
		let Some(Status::Open { stage: current, deadline, mut awaited }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage);
		};
		ensure!(current == stage, Error::<T>::WrongStage);
		ensure!(frame_system::Pallet::<T>::block_number() <= deadline, Error::<T>::TooLate);
		ensure!(awaited.contains(who), Error::<T>::AlreadyDelivered);
		awaited.retain(|other| other != who);
		Ok(awaited)
	}

	/// Go on to the next stage if nobody is awaited in this one.
	fn advance(id: JobId, contract: &ContractOf<T>, stage: Stage, awaited: Awaited<T>) {
		if !awaited.is_empty() {
			let deadline = Self::deadline(id, contract, stage);
			Statuses::<T>::insert(id, StatusOf::<T>::Open { stage, deadline, awaited });
		} else if let Some(next) = Stage::ALL.into_iter().find(|next| *next > stage) {
			Self::enter(id, contract, next);
		} else {
			let until = frame_system::Pallet::<T>::block_number().saturating_add(contract.challenge_period);
			Statuses::<T>::insert(id, StatusOf::<T>::Challenge { until });
			Self::deposit_event(Event::ChallengeStarted { job: id, until });
		}
	}

	/// The last block in which a stage may end: what the schedule says, and what demands have added.
	pub(crate) fn deadline(id: JobId, contract: &ContractOf<T>, stage: Stage) -> BlockNumberFor<T> {
		contract.schedule.deadline(stage).saturating_add(Delays::<T>::get(id))
	}

	fn enter(id: JobId, contract: &ContractOf<T>, stage: Stage) {
		let deadline = Self::deadline(id, contract, stage);
		// A contract has no more parties than the bound.
		let awaited = BoundedVec::truncate_from(Self::debtors(contract, stage).cloned().collect());
		Statuses::<T>::insert(id, StatusOf::<T>::Open { stage, deadline, awaited });
		Self::deposit_event(Event::StageEntered { job: id, stage, deadline });
	}

	/// Who owes `stage` something, in the contract's order.
	pub(crate) fn debtors(contract: &ContractOf<T>, stage: Stage) -> impl Iterator<Item = &T::AccountId> {
		let owes = move |role: Role| match stage {
			Stage::Confirmation => true,
			Stage::Selection | Stage::Result => role == Role::Coordinator,
			Stage::Inputs => role == Role::DataProvider,
			Stage::Outputs => role == Role::ComputingProvider,
		};
		contract.parties().filter(move |(role, _)| owes(*role)).map(|(_, party)| &party.who)
	}

	/// The user and all parties.
	pub(crate) fn everyone(contract: &ContractOf<T>) -> impl Iterator<Item = &T::AccountId> {
		core::iter::once(&contract.user).chain(contract.parties().map(|(_, party)| &party.who))
	}

	/// What hashes and proofs are bound to.
	pub(crate) fn genesis() -> H256 {
		frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero())
	}

	pub(crate) fn get_job(id: JobId) -> Result<JobOf<T>, Error<T>> {
		Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)
	}
}

/// Ends of a job. Those that return a number return that of its parties, which the weight depends on.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_accept(who: T::AccountId, id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		ensure!(job.contract.user == who, Error::<T>::NotAuthorized);
		ensure!(matches!(Statuses::<T>::get(id), Some(Status::Challenge { .. })), Error::<T>::WrongStage);
		Self::pay_parties(id, job)
	}

	pub(crate) fn do_settle(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let Some(Status::Challenge { until }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage.into());
		};
		ensure!(frame_system::Pallet::<T>::block_number() > until, Error::<T>::ChallengeOpen);
		ensure!(Self::open_demands(id) == 0, Error::<T>::DemandOpen);
		Self::pay_parties(id, job)
	}

	pub(crate) fn do_expire(id: JobId) -> Result<u32, DispatchError> {
		let job = Self::get_job(id)?;
		let Some(Status::Open { stage, deadline, awaited: late }) = Statuses::<T>::get(id) else {
			return Err(Error::<T>::WrongStage.into());
		};
		let at = frame_system::Pallet::<T>::block_number();
		ensure!(at > deadline, Error::<T>::NotOverdue);
		ensure!(Self::open_demands(id) == 0, Error::<T>::DemandOpen);
		Self::refund(&job)?;
		let slashed = Self::slash_late(id, &job.contract, stage, &late);
		Self::deposit_event(Event::Expired { job: id, stage, late: late.to_vec(), refunded: job.escrow, slashed });
		Ok(Self::finish(id, &job.contract, Status::Expired { stage, late, at }))
	}

	/// Slash whoever is late with `stage`, pay out of it whoever had delivered, and return the sum taken.
	fn slash_late(id: JobId, contract: &ContractOf<T>, stage: Stage, late: &[T::AccountId]) -> BalanceOf<T> {
		let stake = match stage {
			Stage::Confirmation => T::NoShow::get().mul_floor(contract.bond),
			_ => contract.bond,
		};
		let fault_block = Self::deadline(id, contract, stage);
		let mut debts = Self::harmed(id, contract, late);
		let mut slashed = BalanceOf::<T>::zero();
		for who in late {
			let amount = Self::slash_towards(id, who, stake, &mut debts, fault_block);
			Self::deposit_event(Event::Slashed { job: id, who: who.clone(), amount });
			slashed.saturating_accrue(amount);
		}
		slashed
	}

	/// Whose work comes to nothing by the fault of others, and for what pay, in the contract's order.
	pub(crate) fn harmed(
		id: JobId,
		contract: &ContractOf<T>,
		late: &[T::AccountId],
	) -> VecDeque<(T::AccountId, BalanceOf<T>)> {
		let worked: BTreeSet<_> = Commitments::<T>::iter_key_prefix(id).map(|(_, who)| who).collect();
		let unpaid = |party: &PartyOf<T>| worked.contains(&party.who) && !late.contains(&party.who);
		let harmed = contract.parties().map(|(_, party)| party).filter(|party| unpaid(party) && !party.pay.is_zero());
		harmed.map(|party| (party.who.clone(), party.pay)).collect()
	}

	/// Take up to `stake` off the bond of `who`, first towards the `debts`, which are less by it afterwards; return what
	/// was taken.
	pub(crate) fn slash_towards(
		job: JobId,
		who: &T::AccountId,
		stake: BalanceOf<T>,
		debts: &mut VecDeque<(T::AccountId, BalanceOf<T>)>,
		fault_block: BlockNumberFor<T>,
	) -> BalanceOf<T> {
		let mut left = stake;
		while !left.is_zero() {
			// One creditor at a time: so it is known, and told, what each one got.
			let debt = debts.pop_front();
			let amount = debt.as_ref().map_or(left, |(_, owed)| left.min(*owed));
			let Slashed { taken, paid } = T::Bonds::slash(who, amount, debt.as_slice(), fault_block);
			left.saturating_reduce(taken);
			if let Some((to, owed)) = debt {
				if !paid.is_zero() {
					Self::deposit_event(Event::Compensated { job, who: to.clone(), by: who.clone(), amount: paid });
				}
				if taken < owed {
					debts.push_front((to, owed.saturating_sub(taken)));
				}
			}
			if taken < amount {
				// That was all there was.
				break;
			}
		}
		stake.saturating_sub(left)
	}

	pub(crate) fn do_clear_job(who: T::AccountId, id: JobId) -> DispatchResult {
		let job = Self::get_job(id)?;
		let ended_at = match Statuses::<T>::get(id) {
			Some(
				Status::Settled { at }
				| Status::Expired { at, .. }
				| Status::Declined { at, .. }
				| Status::Faulty { at, .. },
			) => at,
			_ => return Err(Error::<T>::NotEnded.into()),
		};
		let kept_until = ended_at.saturating_add(T::Retention::get());
		let over = frame_system::Pallet::<T>::block_number() > kept_until;
		ensure!(over || job.contract.user == who, Error::<T>::Retained);
		Self::adjust_deposit(&job.contract.user, job.deposit, Zero::zero())?;
		for stage in Stage::ALL {
			Self::debtors(&job.contract, stage).for_each(|debtor| Commitments::<T>::remove(id, (stage, debtor)));
		}
		Self::everyone(&job.contract).for_each(|who| DemandCounts::<T>::remove(id, who));
		Delays::<T>::remove(id);
		Statuses::<T>::remove(id);
		Jobs::<T>::remove(id);
		Self::deposit_event(Event::JobCleared { job: id });
		Ok(())
	}

	fn pay_parties(id: JobId, job: JobOf<T>) -> Result<u32, DispatchError> {
		let JobOf::<T> { contract, .. } = job;
		Self::release_demands(id)?;
		for (role, party) in contract.parties() {
			let (who, amount) = (party.who.clone(), party.pay);
			let to = Self::pay(&contract.user, &who, amount)?;
			Self::deposit_event(if to == who {
				Event::Paid { job: id, who, role, amount }
			} else {
				Event::PaymentDiverted { job: id, who, role, amount, to }
			});
		}
		Self::pay(&contract.user, &T::ServiceFees::destination(), contract.fee)?;
		Self::deposit_event(Event::Settled { job: id, fee: contract.fee });
		let at = frame_system::Pallet::<T>::block_number();
		Ok(Self::finish(id, &contract, Status::Settled { at }))
	}

	/// Pay `amount` of the user's escrow to `who`, and return who received it: whoever cannot be paid must not block
	/// the others, so the fee's destination takes its place, and the user that of the fee's destination.
	fn pay(user: &T::AccountId, who: &T::AccountId, amount: BalanceOf<T>) -> Result<T::AccountId, DispatchError> {
		let escrow = HoldReason::Escrow.into();
		for to in [who.clone(), T::ServiceFees::destination()] {
			// By force: a lock that the user puts on its account must not hold up what it owes.
			let transfer = || {
				let (precision, restriction) = (Precision::Exact, Restriction::Free);
				T::Currency::transfer_on_hold(&escrow, user, &to, amount, precision, restriction, Fortitude::Force)
			};
			if amount.is_zero() || with_storage_layer(transfer).is_ok() {
				return Ok(to);
			}
		}
		T::Currency::release(&escrow, user, amount, Precision::Exact)?;
		Ok(user.clone())
	}

	pub(crate) fn refund(job: &JobOf<T>) -> DispatchResult {
		T::Currency::release(&HoldReason::Escrow.into(), &job.contract.user, job.escrow, Precision::Exact)?;
		Ok(())
	}

	/// Write a job's end and take back what [`Self::begin`] counted. Answers are given back unless there was one.
	pub(crate) fn finish(id: JobId, contract: &ContractOf<T>, status: StatusOf<T>) -> u32 {
		for who in Self::everyone(contract) {
			ActiveJobs::<T>::mutate_exists(who, |jobs| {
				*jobs = jobs.take().and_then(|mut jobs| {
					jobs.retain(|job| *job != id);
					(!jobs.is_empty()).then_some(jobs)
				})
			});
		}
		for (_, party) in contract.parties() {
			T::Bonds::disengage(&party.who, contract.bond);
		}
		Self::recount_roles(contract, |jobs| jobs.saturating_sub(1));
		if !matches!(status, Status::Settled { .. }) {
			for data in &contract.data {
				Answers::<T>::mutate_exists(data.data_set, &contract.user, |answers| {
					*answers = answers.and_then(|answers| answers.checked_sub(1)).filter(|answers| *answers > 0)
				});
			}
		}
		Statuses::<T>::insert(id, status);
		contract.parties().count() as u32
	}
}

/// Deposits.
impl<T: Config> Pallet<T> {
	/// The deposit for one value of `size` bytes.
	fn deposit_for(size: usize) -> BalanceOf<T> {
		T::StorageDeposit::convert(Footprint::from_parts(1, size))
	}

	/// Bytes that a job takes: the contract and every commitment to come.
	fn job_size(contract: &ContractOf<T>) -> usize {
		let commitments = Stage::ALL.into_iter().skip(1).map(|stage| Self::debtors(contract, stage).count());
		let commitment = Commitment::max_encoded_len().saturating_add(T::AccountId::max_encoded_len());
		contract.encoded_size().saturating_add(commitments.sum::<usize>().saturating_mul(commitment))
	}

	fn adjust_deposit(who: &T::AccountId, old: BalanceOf<T>, new: BalanceOf<T>) -> DispatchResult {
		let reason = HoldReason::StorageDeposit.into();
		match new.cmp(&old) {
			Ordering::Greater => T::Currency::hold(&reason, who, new.saturating_sub(old)),
			Ordering::Less => T::Currency::release(&reason, who, old.saturating_sub(new), Precision::Exact).map(|_| ()),
			Ordering::Equal => Ok(()),
		}
	}
}

/// What the runtime API tells; see [`crate::runtime_api`].
impl<T: Config> Pallet<T> {
	/// What `request` would cost `who` in the next block.
	pub fn quote(who: T::AccountId, request: RequestOf<T>) -> Result<QuoteOf<T>, Refusal> {
		let contract = Self::draft(who, request, Self::next_block());
		let quote = contract.and_then(|contract| Self::quote_of(&contract).ok_or(Error::<T>::Overflow));
		quote.map_err(|error| Refusal { error: <&'static str>::from(error).into() })
	}

	/// A job, unless its record has been cleared.
	pub fn job(id: JobId) -> Option<JobInfoOf<T>> {
		let Job { contract, hash, requested_at, .. } = Jobs::<T>::get(id)?;
		let status = Statuses::<T>::get(id)?;
		let delivered = |stage: Stage, who: &T::AccountId| {
			let (commitment, at) = Commitments::<T>::get(id, (stage, who))?;
			Some(Delivered { stage, who: who.clone(), at, commitment })
		};
		let of_stage = |stage| Self::debtors(&contract, stage).filter_map(move |who| delivered(stage, who));
		let commitments = Stage::ALL.into_iter().flat_map(of_stage).collect();
		Some(JobInfoOf::<T> { hash, requested_at, status, commitments, contract })
	}

	/// What `who` should do in the next block, oldest job first.
	///
	/// Whoever is awaited owes its part. Once a stage is overdue, `Expire` is the duty of one: the first party, in the
	/// contract's order, that delivered in that stage or owed it nothing; the coordinator if there is none. `Settle` is
	/// the coordinator's. Both calls are open to everyone, if that one fails. So is `ExpireDemand`, once an answer is
	/// overdue: the asker's.
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

	/// A data set.
	pub fn data_set(id: DataSetId) -> Option<DataSetOf<T>> {
		DataSets::<T>::get(id)
	}

	/// A page of data sets.
	pub fn data_sets(from: DataSetId, limit: u32) -> Vec<(DataSetId, DataSetOf<T>)> {
		let ids = (from..NextDataSetId::<T>::get()).take(limit.min(MAX_PAGE) as usize);
		ids.filter_map(|id| Some((id, DataSets::<T>::get(id)?))).collect()
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
			// Whoever asked ends the job now.
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

	/// The block that a call sent now is in at the earliest.
	pub(crate) fn next_block() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number().saturating_add(One::one())
	}
}

/// Configuration.
impl<T: Config> Pallet<T> {
	/// Panics, before the chain ever runs, at constants with which no job could go through.
	pub(crate) fn check_config() {
		let stages = BlockNumberFor::<T>::from(Stage::ALL.len() as u32);
		assert!(!T::MinStage::get().is_zero(), "MinStage must be at least one block, or deadlines need not increase");
		assert!(T::MaxJobSpan::get() >= stages.saturating_mul(T::MinStage::get()), "MaxJobSpan must fit all stages");
		assert!(!T::DemandPeriod::get().is_zero(), "DemandPeriod must leave a block to answer in");
		assert!(T::MaxActiveJobs::get() > 0, "MaxActiveJobs must admit a job");
	}
}
