//! What the benchmarks start from: accounts, jobs in every stage, and proofs of maximum size.

use super::*;

/// The balance of every account: enough for anything, and far from an overflow for all of them together.
pub(super) const FUNDS: Balance = Balance::MAX / 4096;

pub(super) fn most<Bound: Get<u32>>() -> u32 {
	Bound::get()
}

/// A number of 3072 bits that is odd and not a prime: its bytes, and so the number itself, are multiples of three.
pub(super) fn modulus() -> Modulus {
	let mut bytes = vec![0x5a; 384];
	(bytes[0], bytes[383]) = (0xff, 0x5d);
	BoundedVec::truncate_from(bytes)
}

pub(super) fn endpoint() -> Endpoint {
	Endpoint { sealing: [1; 32], peer: [2; 32], address: Address::truncate_from(vec![b'/'; 128]) }
}

pub(super) fn computing_offer<T: Config>() -> OfferOf<T> {
	Offer::ComputingProvider { price: PRICE, paillier: modulus(), key_proof: [7; 32] }
}

/// The longest terms, which allow the benchmarks' user and parties; and `who`, last.
pub(super) fn terms<T: Config>(who: Option<T::AccountId>) -> TermsOf<T> {
	let parties =
		(0..most::<MaxDataProviders>()).flat_map(|index| [account("data", index, 0), account("computing", index, 0)]);
	let parties: Vec<T::AccountId> = parties.chain([account("coordinator", 0, 0)]).collect();
	let others = (0..most::<MaxPolicyEntries>()).map(|index| account("other", index, 0));
	let fill = |last: Vec<T::AccountId>| {
		let first = others.clone().take(most::<MaxPolicyEntries>() as usize - last.len());
		Some(BoundedVec::truncate_from(first.chain(last).collect()))
	};
	let last = vec![who.unwrap_or_else(|| account("user", 0, 0))];
	TermsOf::<T> {
		base: Zero::zero(),
		work_per_block: u32::MAX,
		bytes_per_block: u32::MAX,
		max_bond: Balance::MAX,
		max_publication: u64::MAX,
		max_span: Bounded::max_value(),
		buyers: fill(last),
		co_providers: fill(parties),
	}
}

pub(super) fn name(index: u32) -> Name {
	let width = most::<MaxName>() as usize;
	BoundedVec::truncate_from(format!("{index:0width$}").into_bytes())
}

pub(super) fn schema(columns: u32) -> Schema {
	let column = |index| Column { name: name(index), decimals: 4, bits: 40 };
	Schema::V1(BoundedVec::truncate_from((0..columns).map(column).collect()))
}

pub(super) fn fingerprint() -> H256 {
	H256::repeat_byte(6)
}

/// The longest policy; the template and the buyer that it allows are last.
pub(super) fn policy<T: Config>(template: TemplateId, buyer: T::AccountId) -> PolicyOf<T> {
	let others = most::<MaxPolicyEntries>().saturating_sub(1);
	let templates = vec![TemplateId::MIN; others as usize].into_iter().chain([template]).collect();
	let buyers = (0..others).map(|index| account("buyer", index, 0)).chain([buyer]).collect();
	PolicyOf::<T> {
		templates: BoundedVec::truncate_from(templates),
		min_rows: 1,
		buyers: Some(BoundedVec::truncate_from(buyers)),
		max_queries: Some(u32::MAX),
	}
}

/// All columns.
pub(super) fn selection() -> Selection {
	Selection { salt: [5; 32], bitmap: vec![0xff; most::<MaxColumns>() as usize / 8] }
}

pub(super) fn commitment() -> Commitment {
	Commitment { root: H256::repeat_byte(3), blob: [4; 32] }
}

/// An account with money and one less than the maximum number of jobs.
pub(super) fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId
where
	T::Currency: Mutate<T::AccountId>,
{
	let who: T::AccountId = account(name, index, 0);
	T::Currency::set_balance(&who, FUNDS);
	T::Keys::activate(&who);
	let others = (1..T::MaxActiveJobs::get()).map(|index| JobId::MAX.saturating_sub(index.into())).collect();
	ActiveJobs::<T>::insert(&who, BoundedVec::truncate_from(others));
	who
}

pub(super) fn provider<T: Config>(
	name: &'static str,
	index: u32,
	offer: OfferOf<T>,
) -> Result<T::AccountId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let who = funded::<T>(name, index);
	T::Bonds::endow(&who, FUNDS);
	Pallet::<T>::do_register_role(who.clone(), endpoint(), offer, terms::<T>(None))?;
	Ok(who)
}

pub(super) fn template<T: Config>() -> Result<TemplateId, BenchmarkError> {
	let id = NextTemplateId::<T>::get();
	Pallet::<T>::do_add_template(Template { name: name(0), kind: TemplateKind::RowSum, retired: false })?;
	Ok(id)
}

/// Columns of a dataset: of 16 datasets and 16 computing providers, all of whose keys have 3072 bits, no more could have to
/// be published on chain.
pub(super) const COLUMNS: u32 = 40;
/// Rows of a dataset: one block of them.
pub(super) const ROWS: u64 = 62;
/// What a cell, a multiplication and a coordination cost each: more than twice what their providers may be charged.
pub(super) const PRICE: Balance = 1_000_000_000_000;
/// Rows of a dataset, so that those of 16 need the maximum number of ciphertexts: 62 rows in each, because they have 40
/// bits and a sign, with room for the sum of 256. No request is that large; paths of proofs are as long as can be.
const MOST_ROWS: u64 = 62 * MAX_BLOCKS / 16;
/// The length of the path from an output to the commitment, or from a part of that size.
const OUTPUT_PATH: usize = 20;
/// Parts of a dataset: with 256 columns of 3072 bits they have 2 blocks each.
const PARTS: u64 = MAX_BLOCKS / 16 / 2;
/// The length of the path from a part of inputs to the commitment.
const PARTS_PATH: usize = 15;

pub(super) fn dataset<T: Config>(provider: &T::AccountId, policy: PolicyOf<T>) -> Result<DatasetId, BenchmarkError> {
	let id = NextDatasetId::<T>::get();
	let columns = schema(COLUMNS);
	Pallet::<T>::do_register_dataset(provider.clone(), name(0), columns, ROWS, fingerprint(), PRICE, policy)?;
	Ok(id)
}

/// A request over `d` datasets and by `c` computing providers, all of them registered, and its user.
pub(super) fn new_request<T: Config>(d: u32, c: u32) -> Result<(T::AccountId, RequestOf<T>), BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let user = funded::<T>("user", 0);
	let template = template::<T>()?;
	let mut datasets = Vec::new();
	for index in 0..d {
		let provider = provider::<T>("data", index, Offer::DataProvider)?;
		datasets.push(dataset::<T>(&provider, policy::<T>(template, user.clone()))?);
	}
	let computing_providers = (0..c).map(|index| provider::<T>("computing", index, computing_offer::<T>()));
	// Benchmarks are set up in block 0 and run in block 1.
	let now = System::<T>::block_number().max(One::one());
	System::<T>::set_block_number(now);
	T::Clock::set(now);
	let request = Request {
		template,
		datasets: BoundedVec::truncate_from(datasets),
		row_ranges: BoundedVec::new(),
		computing_providers: BoundedVec::truncate_from(computing_providers.collect::<Result<_, _>>()?),
		coordinator: provider::<T>("coordinator", 0, Offer::Coordinator { price: PRICE })?,
		parameters: Parameters::None,
		user_key: modulus(),
		user_key_proof: [7; 32],
		selection: SelectionTerms {
			commitment: selection().commitment(COLUMNS as u16),
			selected: COLUMNS as u16,
			sealed: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(vec![6; 256]); c as usize + 1]),
		},
		schedule: Schedule {
			confirmation: T::MinStage::get().max(Pallet::<T>::answer_period()),
			..Schedule::uniform(stage_length::<T>())
		},
		max_price: Balance::MAX,
	};
	Ok((user, request))
}

/// A job in `stage`, in which all expected parties except the last have delivered; returns that one, too.
pub(super) fn job_in<T: Config>(stage: Stage, d: u32, c: u32) -> Result<(JobId, T::AccountId), BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let id = NextJobId::<T>::get();
	let (user, request) = new_request::<T>(d, c)?;
	Pallet::<T>::do_request(user, request)?;
	loop {
		let Some(Status::Open { stage: current, awaited, .. }) = Statuses::<T>::get(id) else {
			return Err("the job is not open".into());
		};
		let (last, others) = awaited.split_last().ok_or("nobody is awaited")?;
		others.iter().try_for_each(|other| deliver::<T>(id, current, &other.who))?;
		if current == stage {
			return Ok((id, last.who.clone()));
		}
		deliver::<T>(id, current, &last.who)?;
	}
}

/// The largest job, which all but its last data provider have confirmed; returns that one, too.
pub(super) fn job_of_last_data_provider<T: Config>() -> Result<(JobId, T::AccountId), BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let id = NextJobId::<T>::get();
	let (user, request) = new_request::<T>(most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
	Pallet::<T>::do_request(user, request)?;
	let contract = contract::<T>(id)?;
	let last = contract.data.last().ok_or("no data provider")?.party.who.clone();
	let others = contract.parties().filter(|(_, party)| party.who != last);
	for (_, party) in others {
		deliver::<T>(id, Stage::Confirmation, &party.who)?;
	}
	Ok((id, last))
}

pub(super) fn deliver<T: Config>(id: JobId, stage: Stage, who: &T::AccountId) -> Result<(), BenchmarkError> {
	match stage {
		Stage::Confirmation => {
			Pallet::<T>::do_confirm(who.clone(), id, hash::<T>(id)?, mask_key::<T>(id, who)?)?;
		},
		stage => Pallet::<T>::do_commit(who.clone(), id, stage, commitment(), basis::<T>(id, stage)?)?,
	}
	Ok(())
}

/// A data provider's mask key, one of those that take longest to be checked: only its last byte tells that it is
/// canonical. None for the others.
pub(super) fn mask_key<T: Config>(id: JobId, who: &T::AccountId) -> Result<Option<MaskKey>, BenchmarkError> {
	let place = contract::<T>(id)?.data.iter().position(|data| data.party.who == *who);
	Ok(place.map(|place| {
		let mut key = [0xff; 32];
		(key[0], key[31]) = (place as u8, 0x7f);
		key
	}))
}

/// A job with its result.
pub(super) fn job_with_result<T: Config>(d: u32, c: u32) -> Result<JobId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let (id, coordinator) = job_in::<T>(Stage::Result, d, c)?;
	deliver::<T>(id, Stage::Result, &coordinator)?;
	Ok(id)
}

/// A job with its result, changed to the maximum number of columns and ciphertexts.
pub(super) fn largest_job<T: Config>() -> Result<JobId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let id = job_with_result::<T>(most::<MaxDataProviders>(), most::<MaxComputingProviders>())?;
	change_contract::<T>(id, |contract| {
		contract.schema = schema(most::<MaxColumns>());
		contract.selection.selected = most::<MaxColumns>() as u16;
		contract.selection.commitment = selection().commitment(most::<MaxColumns>() as u16);
		contract.data.iter_mut().for_each(|data| data.rows = MOST_ROWS);
	})?;
	Ok(id)
}

pub(super) fn hash<T: Config>(id: JobId) -> Result<H256, BenchmarkError> {
	Ok(Jobs::<T>::get(id).ok_or("no such job")?.contract_hash)
}

/// Datasets and computing providers that make, with the coordinator, `p` parties.
pub(super) fn split(p: u32) -> (u32, u32) {
	let data = p.saturating_sub(1) / 2;
	(data, p.saturating_sub(1).saturating_sub(data))
}

pub(super) fn status<T: Config>(id: JobId) -> Result<StatusOf<T>, BenchmarkError> {
	Ok(Statuses::<T>::get(id).ok_or("no such job")?)
}

pub(super) fn assert_stage<T: Config>(id: JobId, expected: Stage) -> Result<(), BenchmarkError> {
	assert!(matches!(status::<T>(id)?, Status::Open { stage, .. } if stage == expected));
	Ok(())
}

pub(super) fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	let now = System::<T>::block_number().saturating_add(blocks).saturating_add(One::one());
	System::<T>::set_block_number(now);
	T::Clock::set(now);
}

pub(super) fn genesis<T: Config>() -> H256 {
	System::<T>::block_hash(BlockNumberFor::<T>::from(0u32))
}

/// The length of every stage: enough for any work under [`terms`].
pub(super) fn stage_length<T: Config>() -> BlockNumberFor<T> {
	T::MinStage::get().max(Pallet::<T>::answer_period().saturating_add(100u32.into()))
}

pub(super) fn basis<T: Config>(id: JobId, stage: Stage) -> Result<H256, BenchmarkError> {
	let job = Jobs::<T>::get(id).ok_or("no such job")?;
	Ok(Pallet::<T>::basis(id, &job, stage))
}

pub(super) fn contract<T: Config>(id: JobId) -> Result<ContractOf<T>, BenchmarkError> {
	Ok(Jobs::<T>::get(id).ok_or("no such job")?.contract)
}

/// The coordinator's result was challenged by the user, and is overdue.
pub(super) fn challenge_result<T: Config>(id: JobId) -> Result<(), BenchmarkError> {
	let result = contract::<T>(id)?.unit_index(&Unit::Result { part: 0 }).ok_or("no such unit")?;
	open_unit::<T>(id, &Unit::Result { part: 0 })?;
	Availability::<T>::mutate(id, |all| {
		all.open.iter_mut().filter(|open| open.unit == result).for_each(|open| open.deadline = Zero::zero());
	});
	Ok(())
}

/// A unit that the user has challenged, whose turn it is; returns its number.
pub(super) fn open_unit<T: Config>(id: JobId, unit: &Unit) -> Result<u32, BenchmarkError> {
	let unit = contract::<T>(id)?.unit_index(unit).ok_or("no such unit")?;
	let (from, deadline) = (Zero::zero(), T::Clock::now().saturating_add(One::one()));
	let open = OpenUnitOf::<T> { unit, challenger: 0, waiting: 1, from, deadline, published: Default::default() };
	Availability::<T>::mutate(id, |all| all.open.try_push(open)).map_err(|_| "too many units")?;
	Ok(unit)
}

/// Whether a chunk of an opened unit, or all of it, was published.
pub(super) fn is_published<T: Config>(id: JobId, unit: u32, chunk: u32) -> bool {
	let all = Availability::<T>::get(id);
	let open = all.open.iter().find(|open| open.unit == unit);
	all.published.contains(unit) || open.is_some_and(|open| open.published.contains(chunk))
}

/// Change a job to one of as many units as can be: of 16 datasets and one computing provider, each part has two.
pub(super) fn most_units<T: Config>(id: JobId) -> Result<ContractOf<T>, BenchmarkError> {
	change_contract::<T>(id, |contract| {
		contract.schema = schema(1);
		contract.selection.selected = 1;
		let mut rows = MOST_ROWS;
		loop {
			contract.data.iter_mut().for_each(|data| data.rows = rows);
			if contract.units() <= MAX_UNITS || rows <= 1 {
				break;
			}
			// Nearer to the limit from above, in small steps.
			rows -= (rows / 64).max(1);
		}
	})?;
	contract::<T>(id)
}

/// Replace a party's commitment in a stage by `root`.
pub(super) fn commit<T: Config>(id: JobId, stage: Stage, index: usize, root: H256) -> Result<(), BenchmarkError> {
	let contract = Jobs::<T>::get(id).ok_or("no such job")?.contract;
	let who = Pallet::<T>::expected_parties(&contract, stage).nth(index).cloned().ok_or("no such party")?;
	Commitments::<T>::mutate(id, (stage, who), |entry| entry.as_mut().map(|(commitment, _)| commitment.root = root))
		.ok_or("it committed to nothing")?;
	Ok(())
}

/// Change a job's contract.
pub(super) fn change_contract<T: Config>(
	id: JobId,
	change: impl FnOnce(&mut ContractOf<T>),
) -> Result<(), BenchmarkError> {
	let mut job = Jobs::<T>::get(id).ok_or("no such job")?;
	change(&mut job.contract);
	Jobs::<T>::insert(id, job);
	Ok(())
}

pub(super) fn check_fault<T: Config>(id: JobId, fault: &Fault) -> Result<Verdict<T::AccountId>, FaultError> {
	let job = Jobs::<T>::get(id).ok_or(FaultError::OutOfRange)?;
	check(&Pallet::<T>::fault_context(id, &job.contract), fault)
}

/// A number below the square of [`modulus`], coprime to it.
pub(super) fn number() -> Number {
	BoundedVec::truncate_from([vec![0x55; 767], vec![2]].concat())
}

/// A node with a path to a commitment over 256 outputs.
pub(super) fn deep_node(level: u8, value: Number) -> NodeProof {
	let output_path = Path::truncate_from(vec![H256::repeat_byte(1); OUTPUT_PATH]);
	let (left, right) = Default::default();
	NodeProof { level, index: 0, value, left, right, path: Default::default(), output_path }
}

/// The node in a tree over so many leaves.
pub(super) fn in_shape(node: NodeProof, leaves: u64) -> NodeProof {
	along(node, TreeShape::new(leaves))
}

/// The node in a tree of `shape`.
pub(super) fn along(node: NodeProof, shape: TreeShape) -> NodeProof {
	let step = Step { value: H256::repeat_byte(2), sibling: H256::repeat_byte(3) };
	NodeProof { path: BoundedVec::truncate_from(vec![step; usize::from(shape.height() - node.level)]), ..node }
}

/// The commitment that a node's path leads to, the first tree's leftmost.
pub(super) fn tree_root(node: &NodeProof) -> H256 {
	let mut level = node.level;
	let mut hash = node.hash();
	for step in &node.path {
		level += 1;
		hash = node_hash(level, 0, step.value, hash, step.sibling);
	}
	merkle::climb(MAX_BLOCKS, 0, merkle::leaf(0, hash.as_bytes()), &node.output_path).unwrap_or_default()
}

/// The first entry of 16 providers and 256 features in the first part.
pub(super) fn entry() -> EntryProof {
	let sealed = merkle::leaf(0, &vec![7; wire::SEALED_CHUNK as usize]);
	let ciphertexts = merkle::root(&[committed().leaf, H256::repeat_byte(4)]);
	let half = || BoundedVec::truncate_from([vec![0], vec![0x77; 383]].concat());
	let proof = TransferProof { commitment: number(), kappa_response: half(), rho_response: half() };
	let entry = wire::Entry { transfer: number(), proof, sealed, chunks: 1, ciphertexts, blocks: 2 };
	EntryProof { part: 0, entry, path: BoundedVec::truncate_from(vec![H256::repeat_byte(5); 12 + PARTS_PATH]) }
}

pub(super) fn entry_root(proof: &EntryProof) -> H256 {
	let leaf = merkle::leaf(0, &codec::Encode::encode(&proof.entry));
	let (within, above) = proof.path.split_at(12);
	let root = merkle::climb(16 * 256, 0, leaf, within).unwrap_or_default();
	merkle::climb(PARTS, 0, merkle::leaf(0, root.as_bytes()), above).unwrap_or_default()
}

/// The first of two ciphertexts.
pub(super) fn committed() -> CiphertextProof {
	let path = BoundedVec::truncate_from(vec![H256::repeat_byte(4)]);
	CiphertextProof { leaf: H256::repeat_byte(3), path }
}

/// The first selector of 256 for the first of 16 providers.
pub(super) fn selector_proof() -> SelectorProof {
	let path = |length| BoundedVec::truncate_from(vec![H256::repeat_byte(6); length]);
	SelectorProof { selector: number(), path: path(9), top_path: path(4) }
}

pub(super) fn selector_root(proof: &SelectorProof) -> H256 {
	let root = merkle::climb(257, 0, merkle::leaf(0, &proof.selector), &proof.path).unwrap_or_default();
	merkle::climb(16, 0, merkle::leaf(0, root.as_bytes()), &proof.top_path).unwrap_or_default()
}
