//! From a request to a contract.

use crate::{pallet::*, types::*, WeightInfo};
use alloc::{collections::BTreeSet, vec::Vec};
use encrytrust_fault_proofs::{message_bytes, MaxMessage};
use encrytrust_traits::{
	bonds::ServiceBonds,
	fees::{Service, ServiceFees},
	key_registry::KeyRegistry,
	participants::Participants,
};
use encrytrust_types::{
	dataset::Schema,
	job::{
		sums_fit, ComputingParty, DataParty, Load, Offer, Packing, Party, Role, RowRange, Schedule, Stage, TemplateKind,
	},
	limits::{MaxComputingProviders, MaxDataProviders, MAX_BLOCKS, MAX_UNITS, MAX_UNIT_CHUNKS},
	DatasetId, JobId, Modulus, TemplateId,
};
use frame_support::{
	dispatch::DispatchClass,
	ensure,
	pallet_prelude::*,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::Preservation::Preserve,
	},
	weights::WeightToFee,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{CheckedAdd, Saturating, UniqueSaturatedInto, Zero};

const PICOSECONDS_PER_MILLISECOND: u64 = 1_000_000_000;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(user: T::AccountId, request: RequestOf<T>) -> DispatchResult {
		let max_price = request.max_price;
		let requested_at = frame_system::Pallet::<T>::block_number();
		let contract = Self::draft(user, request)?;
		let quote = Self::quote_of(&contract).ok_or(Error::<T>::Overflow)?;
		let escrow = quote.total;
		let price = escrow.checked_add(quote.prepaid_fees).and_then(|price| price.checked_add(quote.charges));
		ensure!(price.ok_or(Error::<T>::Overflow)? <= max_price, Error::<T>::PriceAboveMaximum);

		let id = NextJobId::<T>::get();
		NextJobId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		let contract_hash = contract.hash(&Self::genesis(), id);
		let deposit = Self::deposit_for(Self::job_size(&contract));
		T::Currency::transfer(&contract.user, &T::ServiceFees::destination(), quote.prepaid_fees, Preserve)?;
		T::Currency::hold(&HoldReason::Escrow.into(), &contract.user, escrow)?;
		T::Currency::hold(&HoldReason::Charges.into(), &contract.user, contract.user_charges)?;
		Self::adjust_deposit(&contract.user, Zero::zero(), deposit)?;
		Self::begin(id, &contract)?;

		let user = contract.user.clone();
		Self::deposit_event(Event::Requested { job_id: id, user, contract_hash, escrow });
		Self::enter(id, &contract, Stage::Confirmation);
		let owed_time = Self::weight_of_duties(&contract).ref_time();
		Jobs::<T>::insert(id, Job { contract, contract_hash, requested_at, escrow, deposit, owed_time });
		Ok(())
	}

	/// The contract that `request` by `user` makes, or the error. The user's maximum price and funds are not checked.
	pub(crate) fn draft(user: T::AccountId, request: RequestOf<T>) -> Result<ContractOf<T>, Error<T>> {
		ensure!(!request.datasets.is_empty() && !request.computing_providers.is_empty(), Error::<T>::NoProvider);
		Self::check_schedule(&request.schedule)?;
		let kind = Self::open_template(request.template)?.kind;
		let datasets = Self::offered_datasets(&request.datasets)?;
		Self::check_parties(&user, &request, &datasets)?;
		let schema = Self::common_schema(&datasets)?;
		let ranges = Self::row_ranges(kind, &request.row_ranges, &datasets)?;
		let blocks = Self::check_computation(kind, &request, &schema, &ranges)?;
		Self::check_policies(&user, request.template, kind, &datasets)?;
		Self::ensure_capacity(&user)?;

		let selected = request.selection.selected;
		let data = Self::data_parties(datasets, &ranges, selected)?;
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
			// Who is cut off as long as may be has time to challenge, and to report.
			challenge_period: T::ChallengePeriod::get().max(Self::answer_period().saturating_mul(2u8.into())),
			answer_period: Self::answer_period(),
			charge_per_byte: T::ChargePerByte::get(),
			user_charges: Zero::zero(),
			fee: Zero::zero(),
			bond: Zero::zero(),
		};
		Self::check_publication_limits(&contract)?;
		Self::set_charges(&mut contract)?;
		let paid = Self::quote_of(&contract).ok_or(Error::<T>::Overflow)?.total;
		contract.fee = T::ServiceFees::fee(Service::ContractCall, paid);
		contract.bond = Self::bond_of(&contract)?;
		let bonded = |party: &PartyOf<T>| T::Bonds::available(&party.who) >= contract.bond;
		ensure!(contract.parties().all(|(_, party)| bonded(party)), Error::<T>::BondTooLow);
		Self::check_terms(&contract)?;
		// The most expensive check comes last.
		Self::check_key(&contract.user_key)?;
		Ok(contract)
	}

	/// What a party has for publishing a challenged unit from its place in the queue on, and each stage at least besides
	/// the time for the work: the longest that a party may be cut off, and the margin for inclusion.
	pub(crate) fn answer_period() -> BlockNumberFor<T> {
		Outage::<T>::get().saturating_add(T::InclusionMargin::get())
	}

	/// All that may have to be published on chain fits a job's limits.
	fn check_publication_limits(contract: &ContractOf<T>) -> Result<(), Error<T>> {
		ensure!(contract.units() <= MAX_UNITS, Error::<T>::PublicationTooLarge);
		ensure!(contract.publication() <= T::MaxPublication::get(), Error::<T>::PublicationTooLarge);
		let chunks = |unit| contract.unit(unit).map_or(0, |unit| contract.unit_chunks(&unit));
		let fit = (0..contract.units()).all(|unit| chunks(unit) <= MAX_UNIT_CHUNKS);
		ensure!(fit, Error::<T>::PublicationTooLarge);
		Ok(())
	}

	/// Write what each party and the user can be charged into the contract: for publications, of a provider at most half of
	/// its pay, and for one report of a fault that does not hold.
	fn set_charges(contract: &mut ContractOf<T>) -> Result<(), Error<T>> {
		let per_byte = contract.charge_per_byte;
		let cost = |bytes: u64| Self::times(bytes, per_byte);
		let report = T::CallFees::weight_to_fee(&Self::report_weight(contract));
		let with_report = |charges: BalanceOf<T>| charges.checked_add(report).ok_or(Error::<T>::Overflow);
		contract.user_charges = with_report(cost(contract.user_publication())?)?;
		let places: Vec<_> = Self::places(contract).collect();
		for (role, place) in places {
			let charges = cost(contract.party_publication(role, place))?;
			let party = match role {
				Role::DataProvider => contract.data.get_mut(usize::from(place)).map(|data| &mut data.party),
				Role::ComputingProvider => contract.computing.get_mut(usize::from(place)).map(|cp| &mut cp.party),
				Role::Coordinator => Some(&mut contract.coordinator),
			};
			let party = party.ok_or(Error::<T>::NotParty)?;
			ensure!(charges.saturating_mul(2u8.into()) <= party.pay, Error::<T>::PayBelowCharges);
			party.charges = with_report(charges)?;
		}
		Ok(())
	}

	/// The price with all that anybody can be charged, so that the bond of one makes good for all others.
	fn bond_of(contract: &ContractOf<T>) -> Result<BalanceOf<T>, Error<T>> {
		let quote = Self::quote_of(contract).ok_or(Error::<T>::Overflow)?;
		let charges = contract.parties().try_fold(quote.charges, |sum, (_, party)| sum.checked_add(party.charges));
		let total = charges.and_then(|charges| quote.total.checked_add(charges)).ok_or(Error::<T>::Overflow)?;
		Ok(total.max(T::MinJobBond::get()))
	}

	/// Every party's terms allow the contract.
	pub(super) fn check_terms(contract: &ContractOf<T>) -> Result<(), Error<T>> {
		for ((role, place), (_, party)) in Self::places(contract).zip(contract.parties()) {
			let terms = Roles::<T>::get(role, &party.who).ok_or(Error::<T>::NotRegistered)?.terms;
			ensure!(contract.bond <= terms.max_bond, Error::<T>::BondAboveTerms);
			ensure!(contract.publication() <= terms.max_publication, Error::<T>::PublicationAboveTerms);
			ensure!(Self::span(contract) <= terms.max_span, Error::<T>::SpanAboveTerms);
			let is_buyer = terms.buyers.as_ref().is_none_or(|buyers| buyers.contains(&contract.user));
			ensure!(is_buyer, Error::<T>::BuyerNotAllowed);
			if let Some(allowed) = &terms.co_providers {
				let mut others = contract.parties().map(|(_, other)| &other.who).filter(|who| **who != party.who);
				ensure!(others.all(|who| allowed.contains(who)), Error::<T>::CoProviderNotAllowed);
			}
			for stage in Stage::ALL.into_iter().skip(1).filter(|stage| Self::owes(*stage, role)) {
				let least = Self::least_length(&terms, contract.answer_period, contract.load(stage, role, place));
				ensure!(contract.schedule.length(stage) >= least, Error::<T>::StageTooShort);
			}
		}
		Ok(())
	}

	/// The blocks that a job can take from its last confirmation on, if nothing is challenged.
	pub(crate) fn span(contract: &ContractOf<T>) -> BlockNumberFor<T> {
		let stages = Stage::ALL.into_iter().skip(1).map(|stage| contract.schedule.length(stage));
		stages.fold(contract.challenge_period, |span, length| span.saturating_add(length))
	}

	/// The least length of a stage with this load for a party of these terms.
	fn least_length(terms: &TermsOf<T>, answer_period: BlockNumberFor<T>, load: Load) -> BlockNumberFor<T> {
		let blocks = |amount: u64, rate: u32| amount.div_ceil(u64::from(rate).max(1));
		let needed = blocks(load.work, terms.work_per_block).saturating_add(blocks(load.bytes, terms.bytes_per_block));
		answer_period.saturating_add(terms.base).saturating_add(needed.unique_saturated_into())
	}

	/// Role and place in it of each party, in the contract's order.
	pub(crate) fn places(contract: &ContractOf<T>) -> impl Iterator<Item = (Role, u16)> {
		let data = (0..contract.data.len() as u16).map(|place| (Role::DataProvider, place));
		let computing = (0..contract.computing.len() as u16).map(|place| (Role::ComputingProvider, place));
		data.chain(computing).chain(core::iter::once((Role::Coordinator, 0)))
	}

	/// The data providers, each paid for the selected cells of its dataset.
	fn data_parties(
		datasets: Vec<(DatasetId, DatasetOf<T>)>,
		ranges: &[RowRange],
		selected: u16,
	) -> Result<BoundedVec<DataPartyOf<T>, MaxDataProviders>, Error<T>> {
		let mut parties = BoundedVec::new();
		for ((id, dataset), range) in datasets.into_iter().zip(ranges) {
			let DatasetOf::<T> { provider, rows: dataset_rows, fingerprint, price, .. } = dataset;
			let RowRange { first: first_row, count: rows } = *range;
			let cells = rows.checked_mul(selected.into()).ok_or(Error::<T>::Overflow)?;
			let pay = Self::times(cells, price)?;
			let registration = Self::eligible(Role::DataProvider, &provider)?;
			let charges = Zero::zero();
			let party = Party { who: provider, pay, charges, endpoint: registration.endpoint };
			// The request's bound is the contract's.
			let added = parties.try_push(DataParty { dataset: id, dataset_rows, first_row, rows, fingerprint, party });
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
			let charges = Zero::zero();
			let party = Party { who, pay: Self::times(work, price)?, charges, endpoint: registration.endpoint };
			let added = parties.try_push(ComputingParty { paillier, key_proof, party });
			added.map_err(|_| Error::<T>::Overflow)?;
		}
		Ok(parties)
	}

	fn coordinator(who: T::AccountId) -> Result<PartyOf<T>, Error<T>> {
		let registration = Self::eligible(Role::Coordinator, &who)?;
		let Offer::Coordinator { price: pay } = registration.offer else { return Err(Error::<T>::NotRegistered) };
		Ok(Party { who, pay, charges: Zero::zero(), endpoint: registration.endpoint })
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
			prepaid_fees: Self::prepaid_fees(contract)?,
			charges: contract.user_charges,
			bond: contract.bond,
		})
	}

	fn times(count: u64, price: BalanceOf<T>) -> Result<BalanceOf<T>, Error<T>> {
		BalanceOf::<T>::from(count).checked_mul(price).ok_or(Error::<T>::Overflow)
	}

	/// What a request pays and does not get back: the fees of all calls that the parties will owe, and the price of the room
	/// that is kept for these and for what they may have to publish, as long as the job can take.
	fn prepaid_fees(contract: &ContractOf<T>) -> Option<BalanceOf<T>> {
		let duties = Self::weight_of_duties(contract);
		let calls = T::CallFees::weight_to_fee(&duties.saturating_add(Self::weight_of_confirmations(contract)));
		let publication = BalanceOf::<T>::from(contract.publication()).checked_mul(T::PublicationRoomPrice::get())?;
		let milliseconds = duties.ref_time().div_ceil(PICOSECONDS_PER_MILLISECOND);
		let time = BalanceOf::<T>::from(milliseconds).checked_mul(T::TimeRoomPrice::get())?;
		let span: u64 = Self::span(contract).unique_saturated_into();
		calls.checked_add(publication.checked_add(time)?.checked_mul(span.into())?)
	}

	/// Each party delivers, and may have to challenge for each delivery, as the user may once.
	fn weight_of_duties(contract: &ContractOf<T>) -> Weight {
		let delivery = |stage: Stage| match stage {
			Stage::Confirmation => Weight::zero(),
			Stage::Selection => T::WeightInfo::commit_selection(),
			Stage::Inputs => T::WeightInfo::commit_inputs(),
			Stage::Outputs => T::WeightInfo::commit_output(),
			Stage::Result => T::WeightInfo::commit_result(),
		};
		let challenge = |units: usize| {
			let weight = T::WeightInfo::challenge(units as u32);
			Self::weight_of_owed(weight, weight)
		};
		let of_party = |(role, place): (Role, u16)| {
			let owed = Stage::ALL.into_iter().skip(1).filter(move |stage| Self::owes(*stage, role));
			owed.map(move |stage| {
				let delivery = Self::weight_of_owed(delivery(stage), T::WeightInfo::authorize());
				delivery.saturating_add(challenge(contract.needed_units(stage, role, place).count()))
			})
		};
		let of_user = challenge(contract.user_units().count());
		Self::places(contract).flat_map(of_party).fold(of_user, |sum, weight| sum.saturating_add(weight))
	}

	/// Each party confirms, and the last confirmation binds all.
	fn weight_of_confirmations(contract: &ContractOf<T>) -> Weight {
		let check = T::WeightInfo::authorize();
		let one = Self::weight_of_owed(T::WeightInfo::confirm_first(), check);
		let all = contract.parties().map(|_| one);
		all.fold(Self::weight_of_owed(T::WeightInfo::confirm(), check), |sum, weight| sum.saturating_add(weight))
	}

	/// What a block is charged for a call that is owed: with the check that it is, and what every extrinsic takes.
	fn weight_of_owed(call: Weight, check: Weight) -> Weight {
		let base = T::BlockWeights::get().get(DispatchClass::Operational).base_extrinsic;
		call.saturating_add(check).saturating_add(base)
	}

	/// Each stage has a minimum length, and all of them together a maximum.
	fn check_schedule(schedule: &Schedule<BlockNumberFor<T>>) -> Result<(), Error<T>> {
		ensure!(schedule.confirmation >= T::MinStage::get(), Error::<T>::StageTooShort);
		// A party that has confirmed cannot withdraw before it has passed.
		let longest = Self::answer_period().saturating_mul(2u8.into()).max(T::MinStage::get());
		ensure!(schedule.confirmation <= longest, Error::<T>::ScheduleTooLong);
		let mut span = BlockNumberFor::<T>::zero();
		for length in Stage::ALL.map(|stage| schedule.length(stage)) {
			span = span.checked_add(&length).ok_or(Error::<T>::ScheduleTooLong)?;
		}
		ensure!(span <= T::MaxJobSpan::get(), Error::<T>::ScheduleTooLong);
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
		ranges: &[RowRange],
	) -> Result<u64, Error<T>> {
		let selection = &request.selection;
		let parameters = &request.parameters;
		let features = kind.features(schema.columns().len() as u16).ok_or(Error::<T>::TooManyFeatures)?;
		ensure!((1..=features).contains(&selection.selected), Error::<T>::InvalidSelection);
		let recipients = request.computing_providers.len().checked_add(1);
		ensure!(Some(selection.sealed.len()) == recipients, Error::<T>::InvalidSelection);
		ensure!(parameters.fit(kind, ranges.len() as u32, selection.selected), Error::<T>::InvalidParameters);
		let bits = schema.columns().iter().map(|column| column.bits).max().unwrap_or_default();
		let key_bits = (request.user_key.len() as u32).saturating_mul(8);
		let rows = ranges.iter().try_fold(0u64, |rows, range| rows.checked_add(range.count));
		let fit = sums_fit(kind, parameters, bits, rows.ok_or(Error::<T>::Overflow)?, key_bits);
		ensure!(fit, Error::<T>::ValuesTooWide);
		let packing = Packing::new(kind, parameters, selection.selected, bits, key_bits);
		let blocks = ranges.iter().map(|range| packing.blocks(range.count)).fold(0, u64::saturating_add);
		ensure!(blocks <= MAX_BLOCKS, Error::<T>::TooManyRows);
		Ok(blocks)
	}

	/// The rows of each dataset that the job is about.
	///
	/// A range of them is for row-wise templates alone: two sums over ranges that differ in one row would tell that row.
	fn row_ranges(
		kind: TemplateKind,
		requested: &[RowRange],
		datasets: &[(DatasetId, DatasetOf<T>)],
	) -> Result<Vec<RowRange>, Error<T>> {
		if requested.is_empty() {
			let all = |(_, dataset): &(DatasetId, DatasetOf<T>)| RowRange { first: 0, count: dataset.rows };
			return Ok(datasets.iter().map(all).collect());
		}
		ensure!(kind.is_row_wise() && requested.len() == datasets.len(), Error::<T>::InvalidRowRange);
		let fits = |(range, (_, dataset)): (&RowRange, &(DatasetId, DatasetOf<T>))| {
			range.count > 0 && range.first.checked_add(range.count).is_some_and(|end| end <= dataset.rows)
		};
		ensure!(requested.iter().zip(datasets).all(fits), Error::<T>::InvalidRowRange);
		Ok(requested.to_vec())
	}

	/// The datasets' policies allow the job. Each counts its own rows, since its provider does not vouch for others'.
	pub(super) fn check_policies<'d>(
		user: &T::AccountId,
		template: TemplateId,
		kind: TemplateKind,
		datasets: impl IntoIterator<Item = &'d (DatasetId, DatasetOf<T>)>,
	) -> Result<(), Error<T>> {
		for (id, dataset) in datasets {
			let policy = &dataset.policy;
			ensure!(policy.templates.contains(&template), Error::<T>::TemplateNotAllowed);
			ensure!(kind.rows_behind(dataset.rows) >= policy.min_rows, Error::<T>::TooFewRows);
			ensure!(policy.buyers.as_ref().is_none_or(|buyers| buyers.contains(user)), Error::<T>::BuyerNotAllowed);
			let queries = QueryCounts::<T>::get(id, T::Participants::buyer(user));
			ensure!(policy.max_queries.is_none_or(|max| queries < max), Error::<T>::TooManyQueries);
		}
		Ok(())
	}

	/// The registration of `who` in `role`, if it can be named in a new request.
	fn eligible(role: Role, who: &T::AccountId) -> Result<RegistrationOf<T>, Error<T>> {
		let registration = Self::able(role, who)?;
		ensure!(!registration.suspended, Error::<T>::RoleSuspended);
		let pending = PendingJobs::<T>::decode_len(who).unwrap_or_default();
		ensure!(pending < T::MaxActiveJobs::get() as usize, Error::<T>::TooManyJobs);
		Ok(registration)
	}

	/// The registration of `who` in `role`, if it can take a job now.
	fn able(role: Role, who: &T::AccountId) -> Result<RegistrationOf<T>, Error<T>> {
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

	/// List a new job where it is looked for. Nothing of a provider is locked before [`Self::activate`].
	fn begin(id: JobId, contract: &ContractOf<T>) -> DispatchResult {
		ActiveJobs::<T>::try_append(&contract.user, id).map_err(|()| Error::<T>::TooManyJobs)?;
		for (_, party) in contract.parties() {
			PendingJobs::<T>::try_append(&party.who, id).map_err(|()| Error::<T>::TooManyJobs)?;
		}
		OpenJobs::<T>::insert(id, ());
		Ok(())
	}

	/// Bind all parties at once, at the last confirmation: identity, terms and policies are judged here and not again; bonds
	/// are engaged, charges held, and the slots of jobs taken. [`Self::finish`] reverts it.
	///
	/// # Errors
	///
	/// If a party lacks what the contract needs; nothing may be kept of what was done then.
	pub(super) fn activate(id: JobId, job: &JobOf<T>) -> DispatchResult {
		let contract = &job.contract;
		let datasets = contract.data.iter().map(|data| data.dataset).collect::<Vec<_>>();
		let datasets = Self::offered_datasets(&datasets)?;
		let same = |(data, (_, dataset)): (&DataPartyOf<T>, &(DatasetId, DatasetOf<T>))| {
			(data.dataset_rows, data.fingerprint) == (dataset.rows, dataset.fingerprint)
		};
		ensure!(contract.data.iter().zip(&datasets).all(same), Error::<T>::DatasetChanged);
		Self::check_policies(&contract.user, contract.template, contract.kind, &datasets)?;
		Self::check_terms(contract)?;
		for (role, party) in contract.parties() {
			Self::able(role, &party.who)?;
			T::Bonds::engage(&party.who, contract.bond)?;
			T::Currency::hold(&HoldReason::Charges.into(), &party.who, party.charges)?;
			Self::forget_pending(&party.who, id);
			ActiveJobs::<T>::try_append(&party.who, id).map_err(|()| Error::<T>::TooManyJobs)?;
		}
		Self::recount_roles(contract, |role| {
			role.jobs = role.jobs.saturating_add(1);
			role.record.confirmed = role.record.confirmed.saturating_add(1);
		});
		let buyer = T::Participants::buyer(&contract.user);
		for data in &contract.data {
			QueryCounts::<T>::mutate(data.dataset, &buyer, |queries| queries.saturating_inc());
		}
		ConfirmedPublication::<T>::mutate(|bytes| *bytes = bytes.saturating_add(contract.publication()));
		ConfirmedTime::<T>::mutate(|time| *time = time.saturating_add(job.owed_time));
		Ok(())
	}

	/// Whether what all confirmed jobs may have to publish and to call leaves room for this one: so it is known how long the
	/// longest queue is, and how long what is owed can be kept out of blocks by what else is owed. What is still queued counts
	/// as well: a job can end with units in the queue, which nobody publishes any more.
	pub(crate) fn has_room(job: &JobOf<T>) -> bool {
		let confirmed = ConfirmedPublication::<T>::get().saturating_add(Self::queued());
		let publication = confirmed.saturating_add(job.contract.publication());
		let time = ConfirmedTime::<T>::get().saturating_add(job.owed_time);
		publication <= T::MaxConfirmedPublication::get() && time <= T::MaxConfirmedTime::get()
	}

	/// Move a job from those that `who` has to answer to those whose other parties have to: it must not fill the first list.
	pub(super) fn await_others(who: &T::AccountId, id: JobId) {
		Self::forget_pending(who, id);
		// A full list keeps nobody from confirming.
		let _ = ConfirmedJobs::<T>::try_append(who, id);
	}

	/// Remove a job from those that `who` has not been bound to yet.
	pub(super) fn forget_pending(who: &T::AccountId, id: JobId) {
		let without = |jobs: &mut Option<BoundedVec<JobId, T::MaxActiveJobs>>| {
			*jobs = jobs.take().and_then(|mut jobs| {
				jobs.retain(|job| *job != id);
				(!jobs.is_empty()).then_some(jobs)
			})
		};
		PendingJobs::<T>::mutate_exists(who, without);
		ConfirmedJobs::<T>::mutate_exists(who, without);
	}

	/// Change every party's registration.
	pub(super) fn recount_roles(contract: &ContractOf<T>, change: impl Fn(&mut RegistrationOf<T>)) {
		for (role, party) in contract.parties() {
			Self::change_role(role, &party.who, &change);
		}
	}

	/// Change a registration, if it is there.
	pub(super) fn change_role(role: Role, who: &T::AccountId, change: impl Fn(&mut RegistrationOf<T>)) {
		Roles::<T>::mutate_exists(role, who, |registration| registration.as_mut().map(change));
	}
}
