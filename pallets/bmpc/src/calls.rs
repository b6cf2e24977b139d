//! The pallet's calls, each of which hands over to its `do_…`. Wallets show their docs, which ship in the metadata. It is one
//! file because FRAME takes calls from one `impl`.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register a role in jobs, with keys, address, price and terms.
		///
		/// ## Dispatch Origin
		///
		/// Signed.
		///
		/// ## Details
		///
		/// The offer names the role; an account may have several. A deposit for the registration is held. To get jobs,
		/// the account also needs a service bond: `Bonds::bond(Service, amount)`, before or after.
		///
		/// ## Errors
		///
		/// - `AlreadyRegistered`: use `update_role`.
		/// - `InactiveIdentity`: have an identity key issued.
		/// - `InvalidAddress`: give a multiaddress in text.
		/// - `ModulusLength`, `ModulusEven`, `ModulusPrime`: make a Paillier key of 2048 or 3072 bits.
		///
		/// ## Events
		///
		/// `RoleRegistered`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_role())]
		pub fn register_role(
			origin: OriginFor<T>,
			endpoint: Endpoint,
			offer: OfferOf<T>,
			terms: TermsOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_role(who, endpoint, offer, terms)
		}

		/// Change a role's keys, address, price or terms, for future jobs.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the role's account.
		///
		/// ## Details
		///
		/// The offer names the role. Jobs under way keep what their contracts say. The deposit is adjusted.
		///
		/// ## Errors
		///
		/// - `NotRegistered`: use `register_role`.
		/// - `InvalidAddress`, `ModulusLength`, `ModulusEven`, `ModulusPrime`: as for `register_role`.
		///
		/// ## Events
		///
		/// `RoleUpdated`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_role())]
		pub fn update_role(
			origin: OriginFor<T>,
			endpoint: Endpoint,
			offer: OfferOf<T>,
			terms: TermsOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update_role(who, endpoint, offer, terms)
		}

		/// Give up a role.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the role's account.
		///
		/// ## Details
		///
		/// The deposit is released. A data provider's datasets take no jobs until it registers again.
		///
		/// ## Errors
		///
		/// - `NotRegistered`: there is nothing to give up.
		/// - `RoleInUse`: wait until the role's jobs have ended.
		///
		/// ## Events
		///
		/// `RoleUnregistered`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::unregister_role())]
		pub fn unregister_role(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unregister_role(who, role)
		}

		/// Put a dataset on offer.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a registered data provider.
		///
		/// ## Details
		///
		/// `price` is for one cell: a row of a selected column. Columns are fixed; other columns need another dataset.
		/// `fingerprint` is a digest of the rows under a key that the provider keeps. A deposit is held.
		///
		/// ## Errors
		///
		/// - `NotRegistered`: register as a data provider first.
		/// - `InvalidName`, `EmptyDataset`, `InvalidColumn`, `DuplicateColumn`: correct title, names, rows or columns.
		/// - `UnknownTemplate`: the policy names a template that does not exist.
		///
		/// ## Events
		///
		/// `DatasetRegistered`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::register_dataset(schema.columns().len() as u32))]
		pub fn register_dataset(
			origin: OriginFor<T>,
			title: Name,
			schema: Schema,
			rows: u64,
			fingerprint: H256,
			price: BalanceOf<T>,
			policy: PolicyOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_dataset(who, title, schema, rows, fingerprint, price, policy)
		}

		/// Change a dataset's price and policy, for future jobs.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the dataset's provider.
		///
		/// ## Details
		///
		/// Jobs under way keep what their contracts say. The deposit is adjusted.
		///
		/// ## Errors
		///
		/// - `UnknownDataset`, `NotAuthorized`, `DatasetWithdrawn`: name your own dataset that is on offer.
		/// - `UnknownTemplate`: the policy names a template that does not exist.
		///
		/// ## Events
		///
		/// `DatasetUpdated`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::update_dataset())]
		pub fn update_dataset(
			origin: OriginFor<T>,
			dataset_id: DatasetId,
			price: BalanceOf<T>,
			policy: PolicyOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update_dataset(who, dataset_id, price, policy)
		}

		/// Withdraw a dataset from offer, permanently.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the dataset's provider.
		///
		/// ## Details
		///
		/// Jobs under way continue. The record keeps title, rows and price; columns and policy are removed, and their
		/// part of the deposit is released.
		///
		/// ## Errors
		///
		/// - `UnknownDataset`, `NotAuthorized`, `DatasetWithdrawn`: name your own dataset that is on offer.
		///
		/// ## Events
		///
		/// `DatasetWithdrawn`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::withdraw_dataset())]
		pub fn withdraw_dataset(origin: OriginFor<T>, dataset_id: DatasetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_dataset(who, dataset_id)
		}

		/// Add a template.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// It gets the next id and is open to jobs, whatever its `retired` is.
		///
		/// ## Errors
		///
		/// - `InvalidName`: give it a name in plain text.
		/// - `TooManyTemplates`: all ids are used up.
		///
		/// ## Events
		///
		/// `TemplateAdded`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::add_template())]
		pub fn add_template(origin: OriginFor<T>, template: Template) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_add_template(template)
		}

		/// Retire a template: no future job can use it.
		///
		/// ## Dispatch Origin
		///
		/// `AdminOrigin`: the voting nodes.
		///
		/// ## Details
		///
		/// Jobs under way continue.
		///
		/// ## Errors
		///
		/// - `UnknownTemplate`, `TemplateRetired`: name a template that is not retired.
		///
		/// ## Events
		///
		/// `TemplateRetired`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::retire_template())]
		pub fn retire_template(origin: OriginFor<T>, template_id: TemplateId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_retire_template(template_id)
		}

		/// Request a computation and hold its price in escrow.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the user.
		///
		/// ## Details
		///
		/// Fixes the contract: parties with keys and pay, columns, schedule, fee, charges, bond. The whole price, what
		/// publications may cost the user, and a deposit for the record are held; the fees of the calls that the parties
		/// will owe are paid and not returned. All parties must confirm before anything is computed; until then nothing
		/// of theirs is locked, and the user may `cancel`.
		///
		/// ## Errors
		///
		/// Those that `BmpcApi_quote` returns beforehand; the errors' docs say how to avoid each:
		///
		/// - of the request: `NoProvider`, `DuplicateParty`, `InvalidSelection`, `InvalidParameters`,
		///   `TooManyFeatures`, `ValuesTooWide`, `ModulusLength`, `ModulusEven`, `ModulusPrime`;
		/// - of the schedule: `StageTooShort`, `ScheduleTooLong`;
		/// - of template and parties: `UnknownTemplate`, `TemplateRetired`, `NotRegistered`, `RoleSuspended`,
		///   `InactiveIdentity`, `TooManyJobs`, `BondTooLow`;
		/// - of the parties' terms: `BondAboveTerms`, `PublicationAboveTerms`, `SpanAboveTerms`, `BuyerNotAllowed`,
		///   `CoProviderNotAllowed`, `PayBelowCharges`, `PublicationTooLarge`;
		/// - of datasets: `UnknownDataset`, `DatasetWithdrawn`, `SchemaMismatch`, `TemplateNotAllowed`, `TooFewRows`,
		///   `TooManyRows`, `InvalidRowRange`, `BuyerNotAllowed`, `TooManyQueries`;
		/// - of numbers: `Overflow`.
		///
		/// And two that it does not check: `PriceAboveMaximum`, and the currency's own if the user's funds do not
		/// suffice.
		///
		/// ## Events
		///
		/// `Requested`, `StageEntered`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::request(request.datasets.len() as u32, request.computing_providers.len() as u32))]
		pub fn request(origin: OriginFor<T>, request: RequestOf<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request(who, request)
		}

		/// Confirm a job's contract.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a party of the job.
		///
		/// ## Details
		///
		/// Free. For `contract_hash` see `docs/protocol/bmpc.md`. A data provider posts `mask_key`, the public part of an
		/// X25519 key that it has drawn for this job and stored; the others post none. The last confirmation binds all
		/// parties at once: identities, terms and policies are judged, bonds engaged and charges held. If a party lacks
		/// something, or its mask key is there already, the job lapses, and nobody loses anything.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to confirm.
		/// - `WrongContract`: hash the contract that `BmpcApi_job` returns.
		/// - `MaskKeyMissing`, `MaskKeyNotAllowed`: a data provider posts a mask key, and nobody else does.
		/// - `InvalidMaskKey`: the key is not canonical, or of small order; draw another one.
		/// - `ReservedSpaceFull`: confirm again when other jobs have ended.
		///
		/// ## Events
		///
		/// `Confirmed`; with the last one `StageEntered`. `Lapsed`, also for the reason `DuplicateMaskKey`.
		#[pallet::call_index(9)]
		#[pallet::weight((T::WeightInfo::confirm(), DispatchClass::Operational, Pays::No))]
		pub fn confirm(
			origin: OriginFor<T>,
			job_id: JobId,
			contract_hash: H256,
			mask_key: Option<MaskKey>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let is_last = Self::do_confirm(who, job_id, contract_hash, mask_key)?;
			Ok(((!is_last).then(T::WeightInfo::confirm_first), Pays::No).into())
		}

		/// Decline a job's contract, which ends the job.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a party that has not confirmed.
		///
		/// ## Details
		///
		/// Free. The user is refunded in full, and no bond is slashed.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to decline.
		///
		/// ## Events
		///
		/// `Declined`.
		#[pallet::call_index(10)]
		#[pallet::weight((T::WeightInfo::decline(<MaxParties as Get<u32>>::get()), DispatchClass::Operational, Pays::No))]
		pub fn decline(origin: OriginFor<T>, job_id: JobId, reason: DeclineReason) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let parties = Self::do_decline(who, job_id, reason)?;
			Ok((Some(T::WeightInfo::decline(parties)), Pays::No).into())
		}

		/// Commit the selection that was sent to the data providers.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's coordinator.
		///
		/// ## Details
		///
		/// Free while owed. `basis` names the commitments that the delivery was made from, see `docs/protocol/bmpc.md`.
		/// Ends the stage `Selection`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`: there is nothing to deliver.
		/// - `WrongBasis`: make it from the commitments that are final.
		///
		/// ## Events
		///
		/// `Delivered`, `StageEntered`.
		#[pallet::call_index(11)]
		#[pallet::weight((T::WeightInfo::commit_selection(), DispatchClass::Operational, Pays::No))]
		pub fn commit_selection(
			origin: OriginFor<T>,
			job_id: JobId,
			commitment: Commitment,
			basis: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job_id, Stage::Selection, commitment, basis)
		}

		/// Commit a dataset's encrypted columns.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a data provider of the job.
		///
		/// ## Details
		///
		/// Free while owed. `basis` names the commitments that the delivery was made from, see `docs/protocol/bmpc.md`.
		/// The last one ends the stage `Inputs`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to deliver.
		/// - `WrongBasis`: make it from the commitments that are final.
		///
		/// ## Events
		///
		/// `Delivered`; `StageEntered` with the last one.
		#[pallet::call_index(12)]
		#[pallet::weight((T::WeightInfo::commit_inputs(), DispatchClass::Operational, Pays::No))]
		pub fn commit_inputs(
			origin: OriginFor<T>,
			job_id: JobId,
			commitment: Commitment,
			basis: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job_id, Stage::Inputs, commitment, basis)
		}

		/// Commit a computing provider's product trees.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a computing provider of the job.
		///
		/// ## Details
		///
		/// Free while owed. `basis` names the commitments that the delivery was made from, see `docs/protocol/bmpc.md`.
		/// The last one ends the stage `Outputs`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`, `AlreadyDelivered`: there is nothing to deliver.
		/// - `WrongBasis`: make it from the commitments that are final.
		///
		/// ## Events
		///
		/// `Delivered`; `StageEntered` with the last one.
		#[pallet::call_index(13)]
		#[pallet::weight((T::WeightInfo::commit_output(), DispatchClass::Operational, Pays::No))]
		pub fn commit_output(
			origin: OriginFor<T>,
			job_id: JobId,
			commitment: Commitment,
			basis: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job_id, Stage::Outputs, commitment, basis)
		}

		/// Commit the result.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's coordinator.
		///
		/// ## Details
		///
		/// Free while owed. `basis` names the commitments that the delivery was made from, see `docs/protocol/bmpc.md`.
		/// Ends the stage `Result` and begins the challenge window.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotParty`, `WrongStage`, `TooLate`: there is nothing to deliver.
		/// - `WrongBasis`: make it from the commitments that are final.
		///
		/// ## Events
		///
		/// `Delivered`, `ChallengeStarted`.
		#[pallet::call_index(14)]
		#[pallet::weight((T::WeightInfo::commit_result(), DispatchClass::Operational, Pays::No))]
		pub fn commit_result(
			origin: OriginFor<T>,
			job_id: JobId,
			commitment: Commitment,
			basis: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, job_id, Stage::Result, commitment, basis)
		}

		/// Accept a result and pay the parties at once.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's user.
		///
		/// ## Details
		///
		/// Ends the challenge window and open challenges early. What is challenged and not published is charged for all the
		/// same: it has a place in the queue.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotAuthorized`: name your own job.
		/// - `WrongStage`: there is no result yet, or the job has ended.
		///
		/// ## Events
		///
		/// `Paid` or `PaymentDiverted` for each party, `Settled`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::settle(<MaxParties as Get<u32>>::get()))]
		pub fn accept(origin: OriginFor<T>, job_id: JobId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let parties = Self::do_accept(who, job_id)?;
			Ok(Some(T::WeightInfo::settle(parties)).into())
		}

		/// Pay the parties of a job whose challenge window is over.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone, or unsigned: nodes with an off-chain worker submit it themselves, free of charge.
		///
		/// ## Details
		///
		/// Each party receives its pay, and the fees' destination the fee. If a party's account cannot take its pay,
		/// the fees' destination receives it, so that no party can block the others.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`: there is no result yet, or the job has ended.
		/// - `ChallengeOpen`: wait for the end of the challenge window.
		/// - `UnitOpen`: a challenged unit must be published, or expire, first.
		///
		/// ## Events
		///
		/// `Paid` or `PaymentDiverted` for each party, `Settled`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::settle(<MaxParties as Get<u32>>::get()))]
		#[pallet::authorize(Self::authorize_settle)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize())]
		pub fn settle(origin: OriginFor<T>, job_id: JobId) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			let parties = Self::do_settle(job_id)?;
			Ok(Some(T::WeightInfo::settle(parties)).into())
		}

		/// End a job with an overdue stage, slash the late parties and refund the user.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone, or unsigned: nodes with an off-chain worker submit it themselves, free of charge.
		///
		/// ## Details
		///
		/// The whole escrow is released. In the stage `Confirmation` the job lapses: nobody is slashed, and the roles of
		/// the silent parties are suspended until they resume. Later, each late party is slashed by the job's bond. Out
		/// of that, the parties that had delivered receive their pay and all others what they were charged, in the
		/// contract's order; the Foundation receives the rest.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`: the job has ended, or no party is expected to deliver.
		/// - `NotOverdue`: wait until after the deadline's block.
		/// - `UnitOpen`: a challenged unit must be published, or expire, first.
		///
		/// ## Events
		///
		/// `Slashed` for each late party, `Compensated` for each payment out of its bond, `Expired`; or `Lapsed`.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::expire(<MaxParties as Get<u32>>::get()))]
		#[pallet::authorize(Self::authorize_expire)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize())]
		pub fn expire(origin: OriginFor<T>, job_id: JobId) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			let parties = Self::do_expire(job_id)?;
			Ok(Some(T::WeightInfo::expire(parties)).into())
		}

		/// Clear the record of an ended job and release its deposit to the user.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's user, or by anyone once `Retention` blocks have passed since its end.
		///
		/// ## Details
		///
		/// Past blocks keep what is removed from the state.
		///
		/// ## Errors
		///
		/// - `UnknownJob`: it has been cleared, or never existed.
		/// - `NotEnded`, `Retained`: wait.
		///
		/// ## Events
		///
		/// `JobCleared`.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::clear_job())]
		pub fn clear_job(origin: OriginFor<T>, job_id: JobId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_clear_job(who, job_id)
		}

		/// Prove that a party committed to something wrong, which ends the job.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone but the offender. Unsigned for a proof that is cheap to verify (`Product`, `Shape`,
		/// `Result`, `Entry`), by a node with an off-chain worker: it submits the proof that its local storage has
		/// under `encrytrust/bmpc/fault/` and the job's number as soon as the proof is valid, free of charge.
		///
		/// ## Details
		///
		/// Possible while the job is under way, the challenge window included. The proof is checked by arithmetic
		/// alone. If it is valid, the call is free: the user is refunded in full and the offender is slashed by the
		/// job's bond, out of which the other parties that had delivered receive their pay, in the contract's order;
		/// the Foundation receives the rest. If not, the caller pays the transaction fee and nothing else changes.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`: the job has ended.
		/// - `SelfReport`: an offender cannot report itself.
		/// - `FaultNotProven`: nobody is at fault.
		/// - `OutOfRange`, `NotDelivered`, `WrongLength`, `WrongLevel`, `WrongPathLength`, `EqualChildren`,
		///   `WrongChildren`, `NotCommitted`, `WrongSelection`, `WrongFeature`, `WrongBlinding`, `WrongOpening`,
		///   `MalformedEntry`, `MalformedSelector`: the proof is invalid; make it from the blobs of this job.
		///
		/// ## Events
		///
		/// `Compensated` for each payment out of the bond, `Slashed`, `FaultProven`.
		#[pallet::call_index(19)]
		#[pallet::weight(Pallet::<T>::fault_weight(fault, <MaxParties as Get<u32>>::get()))]
		#[pallet::authorize(|source, job_id, fault| Self::authorize_report_fault(source, job_id, fault))]
		#[pallet::weight_of_authorize(Pallet::<T>::authorize_fault_weight(fault))]
		pub fn report_fault(origin: OriginFor<T>, job_id: JobId, fault: Box<Fault>) -> DispatchResultWithPostInfo {
			let reporter = Self::ensure_signed_or_authorized(origin)?;
			let parties = Self::do_report_fault(reporter, job_id, &fault)?;
			Ok((Some(Self::fault_weight(&fault, parties)), Pays::No).into())
		}

		/// Challenge the availability of units.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a party that owes the current stage, or by the user in the challenge window.
		///
		/// ## Details
		///
		/// Free. For the units and their numbers see `docs/protocol/bmpc.md`. A party may challenge once in each stage that
		/// it owes, within the stage's length, and name what it needs for it; the user once, and name what concerns it.
		/// Each unit is published by its owner, at most once in a job, and costs owner and challenger the same. When the
		/// last one is published, the challenger has the whole length of its stage again.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `WrongStage`, `TooLate`, `NotParty`: the account owes nothing now.
		/// - `AlreadyChallenged`: there is one challenge.
		/// - `OutOfRange`: the account does not need this unit.
		/// - `AlreadyPublished`: read the units from the chain.
		///
		/// ## Events
		///
		/// `UnitChallenged` for each unit.
		#[pallet::call_index(20)]
		#[pallet::weight((T::WeightInfo::challenge(units.count()), DispatchClass::Operational, Pays::No))]
		pub fn challenge(origin: OriginFor<T>, job_id: JobId, units: UnitSet) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_challenge(who, job_id, units)
		}

		/// Publish a chunk of a challenged unit.
		///
		/// ## Dispatch Origin
		///
		/// None: anyone submits it without an account, see `BmpcApi_publication`. So it is never inside another call,
		/// where readers would not find it.
		///
		/// ## Details
		///
		/// Free. `bytes` are the chunk, and `path` leads from it to the commitment's root: see `docs/protocol/bmpc.md`. The
		/// contract determines the length of the chunk and of every list in it; any other is rejected.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `UnknownUnit`, `AlreadyPublished`: there is nothing to publish.
		/// - `TooEarly`, `TooLate`: the unit's turn has not come, or its deadline has passed.
		/// - `NotCommitted`, `WrongPathLength`, `OutOfRange`: this is no chunk of the unit.
		///
		/// ## Events
		///
		/// `ChunkPublished`.
		#[pallet::call_index(21)]
		#[pallet::weight((Pallet::<T>::publish_weight(bytes), DispatchClass::Operational, Pays::No))]
		#[pallet::authorize(Self::authorize_publish)]
		#[pallet::weight_of_authorize(Pallet::<T>::publish_weight(bytes))]
		pub fn publish(
			origin: OriginFor<T>,
			job_id: JobId,
			unit: u32,
			chunk: u32,
			bytes: Message,
			path: RangePath,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_publish(job_id, unit, chunk, &bytes, &path)
		}

		/// End a job in which a challenged unit was not published.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone, or unsigned: nodes with an off-chain worker submit it themselves, free of charge.
		///
		/// ## Details
		///
		/// The unit's owner is at fault, as after `report_fault`.
		///
		/// ## Errors
		///
		/// - `UnknownJob`: the job's record has been cleared.
		/// - `NotOverdue`: no unit is overdue.
		///
		/// ## Events
		///
		/// `Compensated` for each payment out of the bond, `Slashed`, `FaultProven`.
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::convict(<MaxParties as Get<u32>>::get()))]
		#[pallet::authorize(Self::authorize_expire_challenge)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize())]
		pub fn expire_challenge(origin: OriginFor<T>, job_id: JobId) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			let parties = Self::do_expire_challenge(job_id)?;
			Ok(Some(T::WeightInfo::convict(parties)).into())
		}

		/// Declare that a dataset's rows have changed, for future jobs.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the dataset's provider.
		///
		/// ## Details
		///
		/// A contract has the fingerprint of its rows: a job that was requested over the previous rows can no longer be
		/// confirmed honestly, and confirmed jobs continue over the rows that they were confirmed with. Columns, price
		/// and policy stay.
		///
		/// ## Errors
		///
		/// - `UnknownDataset`, `NotAuthorized`, `DatasetWithdrawn`: name your own dataset that is on offer.
		/// - `EmptyDataset`: `rows` is zero; withdraw the dataset instead.
		///
		/// ## Events
		///
		/// `DatasetRefreshed`.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::refresh_dataset())]
		pub fn refresh_dataset(
			origin: OriginFor<T>,
			dataset_id: DatasetId,
			rows: u64,
			fingerprint: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_refresh_dataset(who, dataset_id, rows, fingerprint)
		}

		/// Cancel a request that is not confirmed by all.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the job's user.
		///
		/// ## Details
		///
		/// The escrow is refunded; prepaid fees are not.
		///
		/// ## Errors
		///
		/// - `UnknownJob`, `NotAuthorized`: name your own job.
		/// - `WrongStage`: all parties have confirmed, or the job has ended.
		///
		/// ## Events
		///
		/// `Cancelled`.
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::decline(<MaxParties as Get<u32>>::get()))]
		pub fn cancel(origin: OriginFor<T>, job_id: JobId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let parties = Self::do_cancel(who, job_id)?;
			Ok(Some(T::WeightInfo::decline(parties)).into())
		}

		/// Take requests again in a suspended role.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the role's account.
		///
		/// ## Details
		///
		/// Free. A role is suspended if its party neither confirms nor declines a request in time.
		///
		/// ## Errors
		///
		/// - `NotRegistered`, `NotSuspended`: there is nothing to resume.
		///
		/// ## Events
		///
		/// `RoleResumed`.
		#[pallet::call_index(25)]
		#[pallet::weight((T::WeightInfo::retire_template(), DispatchClass::Operational, Pays::No))]
		pub fn resume_role(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resume_role(who, role)
		}
	}
}
