//! What workers meet: the chain, each other and the time; and how those who cheat stand between their own workers and it.

use crate::{
	cast::{account, runtime_account, seat_of, Seat, SEATS},
	chain::{stage_of, Chain, Release, Transaction, MORTALITY},
	lies::{Lie, Statement},
	runtime::{self, Bmpc, IdentityKeys, Runtime, RuntimeCall, System, GENESIS},
};
use async_trait::async_trait;
use codec::{Decode, Encode};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{
	AccountId, Block, BlockNumber, Call, Dataset, DispatchFailure, Duty, Error as ChainError, Inclusion, JobInfo,
	KnownBlocks, OpenUnit, Outcome, Publication, Registration, Signed, H256,
};
use encrytrust_fault_proofs::{
	wire::{InputsPart, Product},
	Fault,
};
use encrytrust_protocol::{decode_all, Job};
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_transport::{BlobSink, FetchError};
use encrytrust_types::{
	job::{Commitment, Endpoint, MaskKey, Role, Selection, Stage},
	DatasetId, JobId,
};
use encrytrust_worker::{network::ExpectedBlobs, Chain as WorkerChain, Clock, Heads, Network, Sleep};
use frame_support::traits::{GetCallIndex, GetCallName};
use std::{
	collections::{BTreeMap, HashMap},
	fmt,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use tokio::{sync::watch, task};

/// How long a slot is.
pub const SLOT: Duration = Duration::from_secs(6);

/// What kinds of blobs there are: a party may serve some and not others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobKind {
	/// What a commitment names: a manifest, or the coordinator's messages.
	Named,
	/// A part.
	Part,
	/// What is sealed for one computing provider; or the proof about a key.
	Other,
}

/// How a party deviates from what its worker does. Nothing for the honest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deviation {
	/// Whether it does deviate: whatever is below is then its own choice.
	pub is_adversary: bool,
	/// What it commits to instead, by stage.
	pub lies: Vec<(Stage, Lie)>,
	/// When it lets go of its deliveries, by stage.
	pub deliveries: Vec<(Stage, Release)>,
	/// When it lets go of its challenges, reports and whatever else it calls.
	pub others: Option<Release>,
	/// What it does not serve, to whom: a bit for each of three kinds and each seat.
	pub withheld: u32,
	/// For how many blocks it keeps everybody waiting for each blob. Whoever does so may follow the protocol, on a slow line.
	pub slow: u8,
	/// Which units it does not publish when they are challenged: a bit for each, modulo 32.
	pub unpublished: u32,
	/// How many chunks it publishes of others, at most; all if `None`.
	pub max_chunk: Option<u32>,
}

impl Deviation {
	fn serves(&self, kind: BlobKind, receiver: Seat) -> bool {
		self.withheld & 1 << (kind as usize * SEATS + receiver) == 0
	}

	fn publishes(&self, unit: u32, chunk: u32) -> bool {
		self.unpublished & 1 << (unit % 32) == 0 && self.max_chunk.is_none_or(|max| chunk < max)
	}

	fn release(&self, call: &RuntimeCall) -> Release {
		let delivery = stage_of(call)
			.and_then(|stage| self.deliveries.iter().find(|(of, _)| *of == stage).map(|(_, release)| *release));
		match (delivery, stage_of(call)) {
			(Some(release), _) => release,
			(None, None) => self.others.unwrap_or(Release::Now),
			(None, Some(_)) => Release::Now,
		}
	}
}

/// Everything but the workers.
pub struct World {
	/// The chain.
	pub chain: Chain,
	/// The time.
	pub time: watch::Sender<Duration>,
	/// Who is cut off from the chain and from everybody else.
	pub offline: [bool; SEATS],
	/// What each has stored.
	pub blobs: Vec<BlobStore>,
	/// What each takes when it is offered.
	pub expected: Vec<ExpectedBlobs>,
	/// How each deviates.
	pub deviations: Vec<Deviation>,
	/// The user's selection in each job, by commitment: whoever cheats may know it.
	pub selections: Vec<Selection>,
	/// The lies that were told: commitments that are not what a role has made.
	pub told: Vec<(Seat, Stage, Lie, Commitment)>,
	heads: Vec<watch::Sender<BlockNumber>>,
	/// When a blob of a slow owner was first asked for, by those who do not wait for it: owner, receiver, blob.
	asked: BTreeMap<(Seat, Seat, [u8; 32]), Duration>,
	/// The tasks that wait for slow owners, and for how many blobs each does.
	waiting: HashMap<task::Id, usize>,
	/// How often a blob was asked for.
	requests: u64,
	/// The job that was looked at last in each block.
	jobs: BTreeMap<(BlockNumber, JobId), (H256, Option<JobInfo>)>,
}

impl fmt::Debug for World {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("World").field("chain", &self.chain).finish_non_exhaustive()
	}
}

impl World {
	/// A world in which nothing has happened.
	pub fn new(chain: Chain, deviations: Vec<Deviation>, blobs: Vec<BlobStore>) -> Self {
		let expected = blobs.iter().map(|blobs| ExpectedBlobs::new(blobs.clone())).collect();
		Self {
			chain,
			time: watch::Sender::new(Duration::ZERO),
			offline: [false; SEATS],
			blobs,
			expected,
			deviations,
			selections: vec![],
			told: vec![],
			heads: (0..SEATS).map(|_| watch::Sender::new(0)).collect(),
			asked: BTreeMap::new(),
			waiting: HashMap::new(),
			requests: 0,
			jobs: BTreeMap::new(),
		}
	}

	/// Tells everybody who is not cut off of the newest final block.
	pub fn announce(&self) {
		for (seat, head) in self.heads.iter().enumerate() {
			if !self.offline[seat] {
				head.send_if_modified(|head| std::mem::replace(head, self.chain.finalized) != self.chain.finalized);
			}
		}
	}

	/// The newest final block, as clients have it.
	pub fn finalized(&self) -> Block {
		self.block(self.chain.finalized).expect("it is there")
	}

	/// The final block of a number.
	pub fn block(&self, number: BlockNumber) -> Option<Block> {
		let block = self.chain.block(number).filter(|block| block.number <= self.chain.finalized)?;
		Some(Block { number, hash: block.hash })
	}

	/// A job at a block.
	pub fn job(&mut self, id: JobId, at: BlockNumber) -> Option<JobInfo> {
		let hash = self.chain.block(at)?.hash;
		if let Some((_, info)) = self.jobs.get(&(at, id)).filter(|(of, _)| *of == hash) {
			return info.clone();
		}
		let info: Option<JobInfo> = self.chain.at(at, || Bmpc::job(id)).map(|info| convert(&info));
		self.jobs.retain(|(other, _), _| *other + 8 > at);
		self.jobs.insert((at, id), (hash, info.clone()));
		info
	}

	/// How many tasks wait for slow owners, and how often anybody has asked for a blob: while neither changes, none of these
	/// tasks goes on.
	pub fn waiting(&self) -> (usize, u64) {
		(self.waiting.len(), self.requests)
	}

	/// The time goes by.
	pub fn pass(&self, by: Duration) {
		self.time.send_modify(|time| *time += by);
	}

	/// A blob of `owner` for a `receiver` who does not wait, but asks again: a slow owner has it for them in time.
	pub fn fetch(&mut self, owner: Seat, receiver: Seat, digest: &[u8; 32]) -> Option<Vec<u8>> {
		let delay = self.delay(owner);
		if !delay.is_zero() {
			let now = *self.time.borrow();
			let asked = *self.asked.entry((owner, receiver, *digest)).or_insert(now);
			if now < asked + delay {
				return None;
			}
		}
		self.serve(owner, receiver, digest)
	}

	/// How long a seat keeps others waiting for a blob.
	fn delay(&self, owner: Seat) -> Duration {
		SLOT * u32::from(self.deviations[owner].slow)
	}

	/// A blob of `owner` for `receiver`, now.
	fn serve(&mut self, owner: Seat, receiver: Seat, digest: &[u8; 32]) -> Option<Vec<u8>> {
		if self.offline[owner] || self.offline[receiver] {
			return None;
		}
		let blob = self.blobs[owner].get(digest).ok().flatten()?;
		let deviation = &self.deviations[owner];
		if deviation.withheld == 0 {
			return Some(blob);
		}
		let kind = self.kind_of(owner, digest, &blob);
		self.deviations[owner].serves(kind, receiver).then_some(blob)
	}

	fn kind_of(&mut self, owner: Seat, digest: &[u8; 32], blob: &[u8]) -> BlobKind {
		let who = account(owner);
		let is_named = |info: &JobInfo| {
			info.commitments.iter().any(|delivered| delivered.who == who && delivered.commitment.blob == *digest)
		};
		let jobs = self.chain.at_best(pallet_bmpc::NextJobId::<Runtime>::get);
		let best = self.chain.best().number;
		if (0..jobs).any(|id| self.job(id, best).as_ref().is_some_and(is_named)) {
			return BlobKind::Named;
		}
		let is_part = decode_all::<InputsPart>("", blob).is_ok() || decode_all::<Product>("", blob).is_ok();
		if is_part {
			BlobKind::Part
		} else {
			BlobKind::Other
		}
	}

	/// Offers a blob to a seat, as a user does with the proof about its key; whether it took it.
	pub fn offer(&self, to: Seat, blob: &[u8]) -> bool {
		let expected = &self.expected[to];
		let is_wanted = !self.offline[to] && expected.wants(&encrytrust_protocol::digest(blob)).is_some();
		is_wanted && expected.keep(blob).is_ok()
	}

	/// Signs and submits a call of a seat without a worker.
	pub fn send(&mut self, seat: Seat, call: impl Into<RuntimeCall>) -> Result<H256, String> {
		let who = runtime_account(seat);
		let nonce = self.chain.next_nonce(&who);
		let born = self.chain.best().number;
		let transaction = Transaction::signed(&who, nonce, born, call.into());
		let hash = transaction.hash;
		self.chain.submit(transaction).map(|()| hash).map_err(|error| format!("{error:?}"))
	}

	/// What a cheat commits to instead of what its worker says.
	fn told(&mut self, seat: Seat, call: RuntimeCall) -> RuntimeCall {
		use pallet_bmpc::Call::{commit_inputs, commit_output, commit_result, commit_selection, confirm};
		let Some(stage) = stage_of(&call) else { return call };
		let lies = self.deviations[seat].lies.iter();
		let Some((_, lie)) = lies.into_iter().find(|(of, _)| *of == stage).copied() else { return call };
		let RuntimeCall::Bmpc(call) = call else { return call };
		RuntimeCall::Bmpc(match call {
			confirm { job_id, contract_hash, mask_key } => {
				confirm { job_id, contract_hash, mask_key: mask_key.map(|own| self.other_mask_key(lie, job_id, own)) }
			},
			commit_selection { job_id, commitment, basis } => {
				commit_selection { job_id, commitment: self.tell(seat, stage, lie, job_id, commitment), basis }
			},
			commit_inputs { job_id, commitment, basis } => {
				commit_inputs { job_id, commitment: self.tell(seat, stage, lie, job_id, commitment), basis }
			},
			commit_output { job_id, commitment, basis } => {
				commit_output { job_id, commitment: self.tell(seat, stage, lie, job_id, commitment), basis }
			},
			commit_result { job_id, commitment, basis } => {
				commit_result { job_id, commitment: self.tell(seat, stage, lie, job_id, commitment), basis }
			},
			other => other,
		})
	}

	/// No key that secrets can be agreed on with, or one that another has posted or is about to post.
	fn other_mask_key(&mut self, lie: Lie, job: JobId, own: MaskKey) -> MaskKey {
		let waiting = self.chain.pool.iter().find_map(|other| match &other.call {
			RuntimeCall::Bmpc(pallet_bmpc::Call::confirm { mask_key: Some(key), .. }) => Some(*key),
			_ => None,
		});
		let posted = || self.job(job, self.chain.best().number)?.mask_keys.into_iter().flatten().next();
		match lie.how % 4 {
			0 => [0; 32],
			1 => [0xff; 32],
			2 => std::array::from_fn(|place| u8::from(place == 0)),
			_ => waiting.or_else(posted).unwrap_or(own),
		}
	}

	fn tell(&mut self, seat: Seat, stage: Stage, lie: Lie, id: JobId, commitment: Commitment) -> Commitment {
		let info = self.job(id, self.chain.best().number);
		let Some(job) = info.and_then(|info| Job::checked(id, GENESIS, &info).ok()) else { return commitment };
		let terms = &job.contract.selection.commitment;
		let selection = self.selections.iter().find(|known| known.commitment(job.features()) == *terms);
		let Some(selection) = selection else { return commitment };
		let honest = Statement { job: &job, stage, commitment, selection, blobs: &self.blobs[seat] };
		let told = lie.tell(&honest);
		if told != commitment {
			self.told.push((seat, stage, lie, told));
		}
		told
	}
}

/// From the runtime's types to clients', or back: their encodings are the same.
pub fn convert<T: Decode>(value: &impl Encode) -> T {
	T::decode(&mut &*value.encode()).expect("the encodings are the same")
}

/// The runtime's call that a client's is.
pub fn runtime_call(call: &Call) -> RuntimeCall {
	let index = match &*call.pallet {
		"System" => vec![0, index_of::<frame_system::Call<Runtime>>(&call.name)],
		"Bmpc" => vec![7, index_of::<pallet_bmpc::Call<Runtime>>(&call.name)],
		other => panic!("workers do not call {other}"),
	};
	RuntimeCall::decode(&mut &*[index, call.arguments.clone()].concat()).expect("a client's call is one of the runtime")
}

fn index_of<C: GetCallName + GetCallIndex>(name: &str) -> u8 {
	let place = C::get_call_names().iter().position(|other| *other == name).expect("there is such a call");
	C::get_call_indices()[place]
}

/// The world, shared by all who are in it.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<World>>);

impl Shared {
	/// A world to be shared.
	pub fn new(world: World) -> Self {
		Self(Arc::new(Mutex::new(world)))
	}

	/// The world, until it is dropped.
	pub fn lock(&self) -> MutexGuard<'_, World> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// The world as a seat meets it.
	pub fn port(&self, seat: Seat) -> Port {
		Port { world: self.clone(), seat }
	}
}

/// The world as a seat meets it.
#[derive(Clone, Debug)]
pub struct Port {
	/// The world.
	pub world: Shared,
	/// Whose.
	pub seat: Seat,
}

impl Port {
	/// The world, unless the seat is cut off from it.
	fn online(&self) -> Result<MutexGuard<'_, World>, ChainError> {
		let world = self.world.lock();
		if world.offline[self.seat] {
			Err(ChainError::Disconnected)
		} else {
			Ok(world)
		}
	}

	fn look<R>(&self, at: Block, look: impl FnOnce() -> R) -> Result<R, ChainError> {
		Ok(self.online()?.chain.at(at.number, look))
	}

	fn who(&self) -> runtime::AccountId {
		runtime_account(self.seat)
	}

	/// Waits for as long as a slow owner of a blob takes.
	async fn wait_for(&self, owner: Seat) {
		let (until, mut time) = {
			let mut world = self.world.lock();
			world.requests += 1;
			let delay = world.delay(owner);
			let now = *world.time.borrow();
			if delay.is_zero() {
				return;
			}
			(now + delay, world.time.subscribe())
		};
		let _waiting = Waiting::new(&self.world);
		// The time ends with the world alone.
		let _ = time.wait_for(|now| *now >= until).await;
	}
}

/// Somebody who waits for a blob.
struct Waiting {
	world: Shared,
	task: Option<task::Id>,
}

impl Waiting {
	fn new(world: &Shared) -> Self {
		let task = task::try_id();
		if let Some(task) = task {
			*world.lock().waiting.entry(task).or_default() += 1;
		}
		Self { world: world.clone(), task }
	}
}

impl Drop for Waiting {
	fn drop(&mut self) {
		let Some(task) = self.task else { return };
		let mut world = self.world.lock();
		if let Some(blobs) = world.waiting.get_mut(&task) {
			*blobs -= 1;
		}
		world.waiting.retain(|_, blobs| *blobs > 0);
	}
}

#[async_trait]
impl WorkerChain for Port {
	fn account(&self) -> AccountId {
		account(self.seat)
	}

	fn genesis(&self) -> H256 {
		GENESIS
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		let receiver = self.world.lock().heads[self.seat].subscribe();
		Ok(Box::new(Followed { world: self.world.clone(), receiver }))
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		Ok(self.online()?.finalized())
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		Ok(self.online()?.block(number))
	}

	fn remember(&self, _seen: Vec<Block>) {}

	async fn seen(&self, _last: BlockNumber, head: Block) -> Result<KnownBlocks, ChainError> {
		let mut seen = KnownBlocks::default();
		seen.insert(head);
		Ok(seen)
	}

	async fn duties(&self, at: Block) -> Result<Vec<Duty>, ChainError> {
		let who = self.who();
		Ok(convert(&self.look(at, || Bmpc::duties(who))?))
	}

	async fn clock(&self, at: Block) -> Result<BlockNumber, ChainError> {
		self.look(at, runtime::now)
	}

	async fn open_units(&self, job: JobId, at: Block) -> Result<Vec<OpenUnit>, ChainError> {
		Ok(convert(&self.look(at, || Bmpc::open_units(job))?))
	}

	async fn job(&self, id: JobId, at: Block) -> Result<Option<JobInfo>, ChainError> {
		Ok(self.online()?.job(id, at.number))
	}

	async fn next_job(&self, at: Block) -> Result<JobId, ChainError> {
		self.look(at, pallet_bmpc::NextJobId::<Runtime>::get)
	}

	async fn can_participate(&self, at: Block) -> Result<bool, ChainError> {
		let who = self.who();
		self.look(at, || <IdentityKeys as KeyRegistry<_>>::can_participate(&who))
	}

	async fn registration(&self, role: Role, who: &AccountId, at: Block) -> Result<Option<Registration>, ChainError> {
		let who = runtime::AccountId::new(who.0);
		Ok(self.look(at, || Bmpc::role(role, who))?.map(|registration| convert(&registration)))
	}

	async fn dataset(&self, id: DatasetId, at: Block) -> Result<Option<Dataset>, ChainError> {
		Ok(self.look(at, || Bmpc::dataset(id))?.map(|dataset| convert(&dataset)))
	}

	async fn publications(&self, block: Block) -> Result<Vec<Publication>, ChainError> {
		let world = self.online()?;
		let block = world.chain.block(block.number).ok_or(ChainError::BlockPruned(block.number))?;
		let done = block.transactions.iter().filter(|included| included.outcome.is_ok());
		let published = done.filter_map(|included| match &included.call {
			RuntimeCall::Bmpc(pallet_bmpc::Call::publish { job_id, unit, chunk, bytes, path }) => Some(Publication {
				job: *job_id,
				unit: *unit,
				chunk: *chunk,
				bytes: bytes.to_vec(),
				path: path.to_vec(),
			}),
			_ => None,
		});
		Ok(published.collect())
	}

	async fn publish(&self, publication: &Publication) -> Result<(), ChainError> {
		let mut world = self.online()?;
		let Publication { job: job_id, unit, chunk, bytes, path } = publication.clone();
		if !world.deviations[self.seat].publishes(unit, chunk) {
			return Ok(());
		}
		let (Ok(bytes), Ok(path)) = (bytes.try_into(), path.try_into()) else { return Err(refused("it is too long")) };
		let call = pallet_bmpc::Call::publish { job_id, unit, chunk, bytes, path };
		let made = world.chain.best().number;
		world.chain.submit(Transaction::unsigned(made, call.into())).map_err(refused)
	}

	async fn nonce(&self, at: Block) -> Result<u64, ChainError> {
		let who = self.who();
		Ok(self.look(at, || System::account_nonce(who))?.into())
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		let who = self.who();
		Ok(self.online()?.chain.next_nonce(&who).into())
	}

	async fn spec_version(&self, _at: Block) -> Result<u32, ChainError> {
		Ok(1)
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		let call = self.world.lock().told(self.seat, runtime_call(call));
		let transaction = Transaction::signed(&self.who(), nonce as u32, born.number, call);
		let birth = born.number;
		Ok(Signed {
			bytes: (transaction.nonce, birth, &transaction.call).encode(),
			hash: transaction.hash,
			nonce,
			birth,
			death: birth.saturating_add(MORTALITY),
			spec_version: 1,
		})
	}

	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError> {
		let mut world = self.online()?;
		let (nonce, birth, call) = <(u32, BlockNumber, RuntimeCall)>::decode(&mut &*bytes).expect("it was signed here");
		let mut transaction = Transaction::signed(&self.who(), nonce, birth, call);
		transaction.release = world.deviations[self.seat].release(&transaction.call);
		world.chain.submit(transaction).map_err(refused)
	}

	async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError> {
		let world = self.online()?;
		let transactions = &world.chain.block(block.number).ok_or(ChainError::BlockPruned(block.number))?.transactions;
		let found = (0..).zip(transactions).find(|(_, included)| included.hash == extrinsic);
		Ok(found.map(|(index, included)| {
			let failure = |error: &String| DispatchFailure { name: error.clone(), docs: String::new() };
			let outcome = match &included.outcome {
				Ok(()) => Outcome::Succeeded,
				Err(error) => Outcome::Failed(failure(error)),
			};
			Inclusion { block, index, outcome }
		}))
	}

	async fn submit_via_node(&self, job: JobId, fault: &Fault) -> Result<(), ChainError> {
		let mut world = self.online()?;
		let call = pallet_bmpc::Call::report_fault { job_id: job, fault: Box::new(fault.clone()) };
		let made = world.chain.best().number;
		world.chain.submit(Transaction::unsigned(made, call.into())).map_err(refused)
	}
}

fn refused(reason: impl fmt::Debug) -> ChainError {
	ChainError::Refused { reason: format!("{reason:?}"), is_transient: true }
}

/// The final blocks, as they come to a seat.
struct Followed {
	world: Shared,
	receiver: watch::Receiver<BlockNumber>,
}

#[async_trait]
impl Heads for Followed {
	fn newest(&mut self) -> Result<Block, ChainError> {
		let number = *self.receiver.borrow_and_update();
		Ok(self.world.lock().block(number).expect("it is final"))
	}

	async fn next(&mut self) -> Result<Block, ChainError> {
		self.receiver.changed().await.map_err(|_| ChainError::Disconnected)?;
		self.newest()
	}
}

#[async_trait]
impl Network for Port {
	async fn fetch(&self, from: &Endpoint, digest: &[u8; 32], max: u64) -> Result<Vec<u8>, FetchError> {
		let owner = seat_of(&from.peer);
		if let Some(owner) = owner {
			self.wait_for(owner).await;
		}
		let blob = owner.and_then(|owner| self.world.lock().serve(owner, self.seat, digest));
		let blob = blob.filter(|blob| blob.len() as u64 <= max);
		blob.ok_or_else(|| FetchError::NotFound { address: "nowhere".into(), digest: *digest })
	}
}

impl Clock for Port {
	fn now(&self) -> Duration {
		*self.world.lock().time.borrow()
	}

	fn sleep_until(&self, time: Duration) -> Sleep<'_> {
		let mut now = self.world.lock().time.subscribe();
		Box::pin(async move {
			// The time ends with the world alone.
			let _ = now.wait_for(|now| *now >= time).await;
		})
	}
}
