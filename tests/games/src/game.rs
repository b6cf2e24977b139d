//! A game: a job from its request to its end, block by block.

mod request;

pub use encrytrust_paillier::KeySize;
pub use request::{bound_of, parameters, selection};

use crate::{
	cast::{
		account, cast, check_invariants, computing, data, folder, role, runtime_account, seat_of, Cast, Seat,
		COORDINATOR, SEATS, USER,
	},
	chain::{Chain, Included, Turn},
	honest::{inspect, User, STAGES},
	lies::{Lie, Statement},
	runtime::{self, RuntimeEvent, System, GENESIS, SAVINGS, VALIDATORS},
	scenario::{Fork, Malice, Moment, Scenario, Slander},
	world::{Shared, World, SLOT},
};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{BlockNumber, JobInfo, Status};
use encrytrust_fault_proofs::Fault;
use encrytrust_protocol::{
	keys::{verify_keys, Evidence},
	user::Answer,
	verification::{self, View},
	Blobs, Job, ProtocolError,
};
use encrytrust_traits::bonds::ServiceBonds;
use encrytrust_types::{
	job::{Commitment, Role, Selection, Stage, UnitSet},
	token::Balance,
	JobId,
};
use encrytrust_worker::{database::Database, keys::MasterSecret, Honest, Local, Surroundings, Worker};
use std::{
	collections::BTreeMap,
	fs,
	future::{poll_fn, Future},
	path::PathBuf,
	pin::Pin,
	sync::{Arc, Barrier},
	task::Poll,
	time::Duration,
};
use tempfile::TempDir;
use tokio::{
	runtime::{Builder, Handle, Runtime as Executor},
	task::spawn_blocking,
	time::{sleep, Instant},
};

/// The key sizes that the workers of games take.
const SIZES: &[KeySize] = &[KeySize::Bits256, KeySize::Bits2048];
/// For how many blocks after a transaction every one is told of.
const BUSY: BlockNumber = 5;
/// After that every one of so many is.
const IDLE: BlockNumber = 4;
/// For how many blocks, in all, the user waits for a role that is suspended.
const PATIENCE: BlockNumber = 100;
/// How often it is looked whether all tasks are done or wait, besides whenever one of them goes on; and how often at most.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(1);
const MAX_LOOKS: u32 = 60_000;
/// Threads for what computes or reads files.
const BLOCKING_THREADS: usize = 2;
/// Blocks that are played after the last job has ended, so that what is under way comes to nothing or not.
const AFTERMATH: BlockNumber = 4;

/// What came of a game.
#[derive(Debug)]
pub struct Record {
	/// What was drawn.
	pub scenario: Scenario,
	/// Why there was no job, if the chain refused one.
	pub refused: Option<String>,
	/// The jobs.
	pub jobs: Vec<JobRecord>,
	/// By seat: free and on hold, before.
	pub before: [Balance; SEATS],
	/// The same after.
	pub after: [Balance; SEATS],
	/// By seat: fees of transactions.
	pub fees: [Balance; SEATS],
	/// By seat: what is left of the bond.
	pub bonds: [Balance; SEATS],
	/// By seat: how much of its bond it lost.
	pub slashed: [Balance; SEATS],
	/// By seat: what it has put aside.
	pub saved: [Balance; SEATS],
	/// By seat: what it was paid out of others' bonds.
	pub compensated: [Balance; SEATS],
	/// The lies that were told.
	pub told: Vec<(Seat, Stage, Lie, Commitment)>,
	/// How many blocks were played.
	pub blocks: BlockNumber,
	/// What was called, by block.
	pub log: Vec<(BlockNumber, Included)>,
}

/// What came of a job.
#[derive(Debug)]
pub struct JobRecord {
	/// The job.
	pub id: JobId,
	/// The chain's record of it.
	pub info: JobInfo,
	/// How many final blocks it may take.
	pub bound: BlockNumber,
	/// At which final block it had ended.
	pub ended: Option<BlockNumber>,
	/// What the user decrypted.
	pub answers: Option<Vec<Answer>>,
	/// The user's selection.
	pub selection: Selection,
	/// Faults that an honest participant had in its hands, by seat.
	pub in_hand: Vec<(Seat, Fault)>,
}

/// Plays a game.
pub fn play(scenario: &Scenario) -> Record {
	play_with(scenario, KeySize::Bits256)
}

/// Plays a game with keys of a size.
pub fn play_with(scenario: &Scenario, size: KeySize) -> Record {
	thread_local! {
		// One for all games of a thread: to start threads takes long.
		static EXECUTOR: Executor = Builder::new_current_thread()
			.max_blocking_threads(BLOCKING_THREADS)
			.enable_time()
			.build()
			.expect("an executor can be made");
	}
	EXECUTOR.with(|executor| executor.block_on(Game::new(scenario, cast(size)).play()))
}

/// Returns once everything that was given to the threads before is done: each of them meets the others.
async fn all_threads_at_rest() {
	let barrier = Arc::new(Barrier::new(BLOCKING_THREADS));
	let meet = |_| {
		let barrier = barrier.clone();
		spawn_blocking(move || {
			barrier.wait();
		})
	};
	for met in (0..BLOCKING_THREADS).map(meet).collect::<Vec<_>>() {
		met.await.expect("nothing panics there");
	}
}

type Running = Pin<Box<dyn Future<Output = ()>>>;

struct Game {
	scenario: Scenario,
	cast: &'static Cast,
	world: Shared,
	workers: Vec<(Seat, Running)>,
	homes: Vec<PathBuf>,
	users: Vec<User>,
	bounds: Vec<BlockNumber>,
	ended: Vec<Option<BlockNumber>>,
	/// At which block each stage of the newest job began.
	began: BTreeMap<u8, BlockNumber>,
	lottery: Lottery,
	dishonest_in_turn: u8,
	refused: Option<String>,
	patience: BlockNumber,
	before: [Balance; SEATS],
	_folder: TempDir,
}

impl Game {
	fn new(scenario: &Scenario, cast: &'static Cast) -> Self {
		let folder = folder();
		let homes: Vec<PathBuf> = (0..SEATS).map(|seat| folder.path().join(seat.to_string())).collect();
		let blobs = homes.iter().map(|home| BlobStore::open(home).expect("a store can be made")).collect();
		let chain = Chain::new(cast.genesis(&scenario.prices, scenario.max_queries));
		let world = Shared::new(World::new(chain, scenario.deviations.clone(), blobs));
		let mut game = Self {
			scenario: scenario.clone(),
			cast,
			world,
			workers: vec![],
			homes,
			users: vec![],
			bounds: vec![],
			ended: vec![],
			began: BTreeMap::new(),
			lottery: Lottery(scenario.authors.seed),
			dishonest_in_turn: 0,
			refused: None,
			patience: PATIENCE,
			before: [0; SEATS],
			_folder: folder,
		};
		game.before = game.wealth();
		for seat in scenario.seats().into_iter().filter(|seat| *seat != USER) {
			let machine = cast.machines[seat].as_ref().expect("a provider has a machine");
			fs::copy(&machine.database, game.database(seat)).expect("a database can be copied");
			let worker = game.worker(seat);
			game.workers.push((seat, worker));
		}
		game
	}

	fn database(&self, seat: Seat) -> PathBuf {
		self.homes[seat].join("worker.sqlite")
	}

	/// Ends workers as a power cut does, and starts them again from what is on disk.
	fn restart(&mut self) {
		let restarts = self.scenario.restarts.clone();
		for (seat, _) in restarts.into_iter().filter(|(_, moment)| self.since(*moment) == Some(0)).collect::<Vec<_>>() {
			if let Some(place) = self.workers.iter().position(|(other, _)| *other == seat) {
				drop(self.workers.remove(place));
				let worker = self.worker(seat);
				self.workers.push((seat, worker));
			}
		}
	}

	/// A provider's shipped worker.
	fn worker(&self, seat: Seat) -> Running {
		let machine = self.cast.machines[seat].as_ref().expect("a provider has a machine");
		let world = self.world.lock();
		let key = self.cast.keys[seat].as_ref();
		if let Some(key) = key {
			world.blobs[seat].put(&key.proof).expect("a blob can be stored");
		}
		let local = Local {
			config: machine.config.clone(),
			secret: MasterSecret::read_plain(&machine.master_key).expect("the secret is there"),
			paillier: key.map(|key| key.secret.clone()),
			database: Database::open(&self.database(seat)).expect("the database can be opened"),
			blobs: world.blobs[seat].clone(),
			expected: world.expected[seat].clone(),
			key_sizes: SIZES,
		};
		drop(world);
		let port = Arc::new(self.world.port(seat));
		let surroundings = Surroundings { chain: port.clone(), network: port.clone(), clock: port };
		let worker = Worker::new(local, surroundings, Arc::new(Honest)).expect("the database is the chain's");
		Box::pin(async move {
			let error = worker.follow().await.expect_err("it never ends");
			panic!("a worker has ended: {error}");
		})
	}

	async fn play(mut self) -> Record {
		self.settle().await;
		let mut number = 0;
		let mut since_end = 0;
		loop {
			if self.users.len() < self.scenario.jobs && self.ended.iter().all(Option::is_some) && self.refused.is_none()
			{
				self.request();
			}
			number += 1;
			self.block().await;
			let over = self.refused.is_some() || self.users.len() == self.scenario.jobs;
			since_end = if over && self.ended.iter().all(Option::is_some) { since_end + 1 } else { 0 };
			let bound: BlockNumber = self.bounds.iter().sum();
			if since_end > AFTERMATH || number > bound + 200 {
				return self.record(number).await;
			}
		}
	}

	/// One block: what is done before it, itself, what becomes final, and what follows.
	async fn block(&mut self) {
		self.make_moves();
		self.restart();
		self.extend();
		self.note_stage();
		self.cut_off();
		if self.is_busy() {
			self.world.lock().announce();
			self.settle().await;
		}
		let head = self.world.lock().finalized();
		let is_offline = self.world.lock().offline[USER];
		if let Some(user) = self.users.last_mut().filter(|_| !is_offline) {
			user.step(head).await;
		}
		self.note_end();
	}

	/// Whether anything was done lately; if not, only some blocks are told of, as by a slow node, which saves time.
	fn is_busy(&self) -> bool {
		let world = self.world.lock();
		if world.waiting().0 > 0 {
			return true;
		}
		let finalized = world.chain.finalized;
		let lately = finalized.saturating_sub(BUSY)..=finalized;
		finalized.is_multiple_of(IDLE)
			|| lately.filter_map(|number| world.chain.block(number)).any(|block| !block.transactions.is_empty())
	}

	/// Makes the next block, or gives up some for others; and what is old enough becomes final.
	fn extend(&mut self) {
		let turn = self.turn();
		self.world.lock().chain.produce(&turn);
		self.fork();
		let is_stalled = self.is_stalled();
		let mut world = self.world.lock();
		let best = world.chain.best().number;
		if !is_stalled {
			world.chain.finalize(best.saturating_sub(self.scenario.lag.into()));
		}
		world.pass(SLOT);
	}

	/// Runs the workers until none of them has anything to do before the next block.
	async fn settle(&mut self) {
		// A task that waits for one blob may be storing others: that is over when nothing was asked for, twice, while all
		// threads came to rest.
		let mut quiet = 0;
		while quiet < 2 {
			self.run().await;
			let before = self.world.lock().waiting();
			if before.0 == 0 {
				return;
			}
			all_threads_at_rest().await;
			self.run().await;
			quiet = if self.world.lock().waiting() == before { quiet + 1 } else { 0 };
		}
	}

	/// Runs the workers until all of their tasks are done, or wait for slow peers.
	async fn run(&mut self) {
		let metrics = Handle::current().metrics();
		// Nobody tells when a task begins to wait, or is gone.
		let mut look_again = Box::pin(sleep(LOOK_AGAIN_AFTER));
		let mut looks = 0;
		let world = &self.world;
		let workers = &mut self.workers;
		let mut calm = 0;
		poll_fn(|context| {
			for (_, worker) in workers.iter_mut() {
				assert!(worker.as_mut().poll(context).is_pending(), "a worker never ends");
			}
			if metrics.num_alive_tasks() > world.lock().waiting().0 {
				calm = 0;
				if look_again.as_mut().poll(context).is_ready() {
					looks += 1;
					assert!(looks < MAX_LOOKS, "a task neither ends nor waits for a slow peer");
					look_again.as_mut().reset(Instant::now() + LOOK_AGAIN_AFTER);
					let _ = look_again.as_mut().poll(context);
				}
				return Poll::Pending;
			}
			calm += 1;
			if calm > 2 {
				return Poll::Ready(());
			}
			context.waker().wake_by_ref();
			Poll::Pending
		})
		.await;
	}

	/// The next author, by lottery, and what it does.
	fn turn(&mut self) -> Turn {
		let authors = self.scenario.authors;
		let place = (self.lottery.draw() % VALIDATORS.len() as u64) as usize;
		let is_dishonest = place < usize::from(authors.dishonest) && self.dishonest_in_turn < 4;
		self.dishonest_in_turn = if is_dishonest { self.dishonest_in_turn + 1 } else { 0 };
		let place = if is_dishonest { place } else { place.max(authors.dishonest.into()) };
		let world = self.world.lock();
		let next = world.chain.best().number + 1;
		let honest = Some(world.chain.finalized);
		let attests = match (is_dishonest, authors.attest) {
			(false, _) => honest,
			(true, 0) => None,
			(true, 1) => Some(0),
			(true, _) => Some(next - 1),
		};
		let coalition = || self.scenario.coalition().into_iter().map(runtime_account).collect();
		Turn {
			author: VALIDATORS[place].clone(),
			attests,
			fills: is_dishonest && authors.fill,
			takes: (is_dishonest && authors.censor).then(coalition),
		}
	}

	/// How many blocks ago a moment of the newest job was, if it was.
	fn since(&self, moment: Moment) -> Option<BlockNumber> {
		let best = self.world.lock().chain.best().number;
		let began = self.began.get(&moment.stage)?;
		best.checked_sub(began + BlockNumber::from(moment.after))
	}

	fn is_stalled(&self) -> bool {
		let stall = self.scenario.stall;
		stall.is_some_and(|stall| self.since(stall.from).is_some_and(|since| since < stall.length.into()))
	}

	fn cut_off(&mut self) {
		let mut offline = [false; SEATS];
		for (seat, cut) in &self.scenario.cuts {
			offline[*seat] |= self.since(cut.from).is_some_and(|since| since < cut.length.into());
		}
		self.world.lock().offline = offline;
	}

	fn fork(&mut self) {
		let mut forks = self.scenario.forks.clone();
		forks.retain(|fork| self.since(fork.at) == Some(0));
		for Fork { depth, swaps, .. } in forks {
			let depth = BlockNumber::from(depth).min(self.scenario.lag.into());
			let coalition: Vec<_> = self.scenario.coalition().into_iter().map(runtime_account).collect();
			let mut world = self.world.lock();
			let before = world.chain.best().number;
			world.chain.fork(depth);
			if swaps {
				world.chain.swap_deliveries(&coalition);
			}
			drop(world);
			while self.world.lock().chain.best().number <= before {
				let turn = self.turn();
				self.world.lock().chain.produce(&turn);
			}
		}
	}

	/// What the coalition calls beside what its workers do.
	fn make_moves(&mut self) {
		let Some(job) = self.users.last().map(|user| user.job) else { return };
		let moves = self.scenario.user;
		let cancels = moves.cancels.filter(|_| !self.scenario.is_honest(USER));
		if cancels.is_some_and(|after| self.since(Moment { stage: 0, after }) == Some(0)) {
			let _ = self.world.lock().send(USER, pallet_bmpc::Call::cancel { job_id: job });
		}
		if self.since(Moment { stage: 1, after: 0 }) == Some(0) {
			for seat in self.scenario.poor.iter().filter(|seat| self.scenario.seats().contains(seat)) {
				let call = pallet_balances::Call::transfer_all { dest: SAVINGS, keep_alive: true };
				let _ = self.world.lock().send(*seat, call);
			}
		}
		let malice = self.scenario.malice.clone();
		for Malice { seat, at, units } in malice {
			if !self.scenario.is_honest(seat) && self.since(at) == Some(0) {
				self.challenge(seat, job, units);
			}
		}
		let slander = self.scenario.slander.clone();
		for slander in slander {
			if !self.scenario.is_honest(slander.by) && self.since(slander.at) == Some(0) {
				self.slander(job, &slander);
			}
		}
	}

	/// Reports a fault that the other would have committed, had it told a lie that it did not tell.
	fn slander(&self, id: JobId, slander: &Slander) {
		let mut world = self.world.lock();
		let best = world.chain.best().number;
		let Some(info) = world.job(id, best) else { return };
		let Ok(job) = Job::checked(id, GENESIS, &info) else { return };
		let who = account(slander.against);
		let mut commitments = info.commitments.clone();
		let delivered = commitments.iter_mut();
		let mut delivered = delivered.filter(|delivered| delivered.stage == slander.stage && delivered.who == who);
		let (Some(delivered), Some(selection)) = (delivered.next(), world.selections.last().cloned()) else { return };
		let blobs = &world.blobs[slander.against];
		let commitment = delivered.commitment;
		let honest = Statement { job: &job, stage: slander.stage, commitment, selection: &selection, blobs };
		delivered.commitment = slander.lie.tell(&honest);
		// Whoever slanders is given all that there is to be seen.
		let everything = Everything(&world.blobs);
		let keys = verify_keys(&job, |_| Ok::<_, ProtocolError>(Evidence::VerifiedBefore)).ok();
		let mut faults = vec![];
		for index in 0..self.scenario.computing {
			let key = self.cast.keys[computing(index)].as_ref().expect("it has a key");
			let view = View {
				job: &job,
				commitments: &commitments,
				blobs: &everything,
				keys: keys.as_ref(),
				selection: Some(&selection),
				computing: Some((index, &key.secret)),
			};
			let findings = verification::check(&view, slander.stage);
			faults.extend(verification::faults(&findings).map(|(_, fault)| fault.clone()));
		}
		for fault in faults {
			let _ = world.send(slander.by, pallet_bmpc::Call::report_fault { job_id: id, fault: Box::new(fault) });
		}
	}

	/// Challenges some of the units that a seat may.
	fn challenge(&self, seat: Seat, job: JobId, mask: u32) {
		let mut world = self.world.lock();
		let best = world.chain.best().number;
		let Some(info) = world.job(job, best) else { return };
		let contract = &info.contract;
		let allowed: Vec<u32> = match (&info.status, role(seat)) {
			(Status::Challenge { .. }, None) => contract.user_units().collect(),
			(Status::Open { stage, .. }, Some(role)) => {
				let place = match role {
					Role::DataProvider => seat - data(0),
					Role::ComputingProvider => seat - computing(0),
					Role::Coordinator => 0,
				};
				contract.needed_units(*stage, role, place as u16).collect()
			},
			_ => return,
		};
		let units: UnitSet = allowed.into_iter().filter(|unit| mask & 1 << (unit % 32) != 0).collect();
		let _ = world.send(seat, pallet_bmpc::Call::challenge { job_id: job, units });
	}

	fn note_stage(&mut self) {
		let Some(job) = self.users.last().map(|user| user.job) else { return };
		let mut world = self.world.lock();
		let best = world.chain.best().number;
		let Some(info) = world.job(job, best) else { return };
		let stage = match info.status {
			Status::Open { stage, .. } => stage as u8,
			_ => 5,
		};
		drop(world);
		self.began.entry(stage).or_insert(best);
		if let Some(bound) = self.bounds.last_mut() {
			*bound = bound_of(&info.contract, &self.scenario);
		}
	}

	fn note_end(&mut self) {
		let mut world = self.world.lock();
		let head = world.chain.finalized;
		for (user, ended) in self.users.iter().zip(&mut self.ended) {
			let is_ended = world.job(user.job, head).is_some_and(|info| info.status.is_ended());
			if is_ended {
				ended.get_or_insert(head);
			}
			// A job that is never made: the request was not valid in the end.
			if !is_ended && world.job(user.job, head).is_none() && head > 150 {
				self.refused = Some("the request was never included".into());
				ended.get_or_insert(head);
			}
		}
	}

	fn wealth(&self) -> [Balance; SEATS] {
		self.world.lock().chain.at_best(|| {
			std::array::from_fn(|seat| {
				let data = System::account(runtime_account(seat)).data;
				data.free + data.reserved
			})
		})
	}

	async fn record(mut self, blocks: BlockNumber) -> Record {
		let mut record = self.accounts(blocks);
		let users = std::mem::take(&mut self.users);
		let mut jobs = vec![];
		for ((user, bound), ended) in users.into_iter().zip(self.bounds.clone()).zip(self.ended.clone()) {
			let best = self.world.lock().chain.best().number;
			let Some(info) = self.world.lock().job(user.job, best) else { continue };
			let in_hand = self.in_hand(&user, &info).await;
			let User { job: id, selection, answers, .. } = user;
			jobs.push(JobRecord { id, info, bound, ended, answers, selection, in_hand });
		}
		record.jobs = jobs;
		record
	}

	/// What everybody has and did.
	fn accounts(&self, blocks: BlockNumber) -> Record {
		let after = self.wealth();
		let mut fees = [0; SEATS];
		let mut slashed = [0; SEATS];
		let mut compensated = [0; SEATS];
		let mut saved = [0; SEATS];
		let mut log = vec![];
		let mut world = self.world.lock();
		for block in &world.chain.blocks {
			log.extend(block.transactions.iter().map(|included| (block.number, included.clone())));
			for event in &block.events {
				use pallet_balances::Event::Transfer;
				use pallet_bmpc::Event::{Compensated, Slashed};
				use pallet_transaction_payment::Event::TransactionFeePaid;
				match event {
					RuntimeEvent::TransactionPayment(TransactionFeePaid { who, actual_fee, .. }) => {
						add(&mut fees, who, *actual_fee);
					},
					RuntimeEvent::Balances(Transfer { from, to, amount }) if *to == SAVINGS => {
						add(&mut saved, from, *amount)
					},
					RuntimeEvent::Bmpc(Slashed { offender, amount, .. }) => add(&mut slashed, offender, *amount),
					RuntimeEvent::Bmpc(Compensated { party, amount, .. }) => add(&mut compensated, party, *amount),
					_ => {},
				}
			}
		}
		let bonds = world.chain.at_best(|| {
			check_invariants();
			std::array::from_fn(|seat| {
				<runtime::Bonds as ServiceBonds<_, _, _>>::bond_at(&runtime_account(seat), System::block_number())
			})
		});
		Record {
			scenario: self.scenario.clone(),
			refused: self.refused.clone(),
			jobs: vec![],
			before: self.before,
			after,
			fees,
			bonds,
			slashed,
			saved,
			compensated,
			told: world.told.clone(),
			blocks,
			log,
		}
	}

	/// The faults that honest participants could show of a job that was settled: they have what shows them.
	async fn in_hand(&self, user: &User, info: &JobInfo) -> Vec<(Seat, Fault)> {
		if !matches!(info.status, Status::Settled { .. }) || self.world.lock().told.is_empty() {
			return vec![];
		}
		self.world.lock().offline = [false; SEATS];
		let head = self.world.lock().finalized();
		let mut found = vec![];
		for seat in self.scenario.seats().into_iter().filter(|seat| self.scenario.is_honest(*seat)) {
			let selection = (role(seat) != Some(Role::DataProvider)).then(|| user.selection.clone());
			let computing = (computing(0)..COORDINATOR).contains(&seat).then(|| {
				let key = self.cast.keys[seat].as_ref().expect("it has a key");
				(seat - computing(0), key.secret.clone())
			});
			let inspection = inspect(&self.world.port(seat), info, user.job, head, selection, computing).await;
			for stage in STAGES {
				let findings = verification::check(&inspection.view(), stage);
				found.extend(verification::faults(&findings).map(|(_, fault)| (seat, fault.clone())));
			}
		}
		found
	}
}

/// Numbers that a seed determines: SplitMix64.
#[derive(Clone, Copy, Debug)]
struct Lottery(u64);

impl Lottery {
	fn draw(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ mixed >> 31
	}
}

/// All blobs of everybody.
struct Everything<'a>(&'a [BlobStore]);

impl Blobs for Everything<'_> {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.0.iter().find_map(|blobs| blobs.get(digest).ok().flatten())
	}
}

fn add(amounts: &mut [Balance; SEATS], who: &runtime::AccountId, amount: Balance) {
	if let Some(seat) = seat_of(who.as_ref()) {
		amounts[seat] += amount;
	}
}
