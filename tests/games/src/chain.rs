//! A chain: blocks with their states, a pool, an author's turn, forks, and what is final.

use crate::runtime::{
	extension, now, AccountId, AllPalletsWithSystem, Author, BlockNumber, Bmpc, GameBlockWeights, Runtime, RuntimeCall,
	RuntimeEvent, RuntimeOrigin, System, UncheckedExtrinsic, GENESIS,
};
use codec::{Decode, Encode};
use encrytrust_types::{
	job::{Stage, Status},
	JobId,
};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{Hooks, OnFinalize, OnInitialize, UnfilteredDispatchable},
};
use sp_core::{
	offchain::{
		testing::{TestOffchainExt, TestTransactionPoolExt},
		OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
	},
	storage::Storage,
	H256,
};
use sp_io::hashing::blake2_256;
use sp_runtime::{
	traits::DispatchTransaction,
	transaction_validity::{TransactionSource, TransactionValidityError},
	BuildStorage,
};
use sp_state_machine::BasicExternalities;
use std::fmt;

/// How many states are kept ready to be looked at.
const MAX_VIEWS: usize = 3;

/// How many blocks a signed transaction may wait for.
pub const MORTALITY: BlockNumber = 64;

/// A block.
pub struct Block {
	/// Its number.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: H256,
	/// What is in it.
	pub transactions: Vec<Included>,
	/// What it told.
	pub events: Vec<RuntimeEvent>,
	state: Storage,
}

impl fmt::Debug for Block {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Block").field("number", &self.number).field("transactions", &self.transactions).finish()
	}
}

/// A transaction in a block.
#[derive(Clone, Debug)]
pub struct Included {
	/// Its hash.
	pub hash: H256,
	/// Who signed it; nobody for one that needs no account.
	pub signer: Option<AccountId>,
	/// What it does.
	pub call: RuntimeCall,
	/// How it went.
	pub outcome: Result<(), String>,
}

/// When somebody lets go of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Release {
	/// At once.
	Now,
	/// As late as may be: so many blocks of the clock before the signer's deadline in the stage.
	BeforeDeadline(u8),
	/// So many blocks after it was made.
	After(u8),
	/// Never.
	Never,
}

/// A transaction that waits.
#[derive(Clone, Debug)]
pub struct Transaction {
	/// Its hash.
	pub hash: H256,
	/// Who signed it.
	pub signer: Option<AccountId>,
	/// Its signer's nonce.
	pub nonce: u32,
	/// The block from which on it is too old.
	pub death: BlockNumber,
	/// What it does.
	pub call: RuntimeCall,
	/// When it is let go of.
	pub release: Release,
	/// When it was made.
	pub made: BlockNumber,
}

impl Transaction {
	/// Signed by `signer` at block `born`.
	pub fn signed(signer: &AccountId, nonce: u32, born: BlockNumber, call: RuntimeCall) -> Self {
		let hash = H256(blake2_256(&(signer, nonce, born, &call).encode()));
		let death = born.saturating_add(MORTALITY);
		Self { hash, signer: Some(signer.clone()), nonce, death, call, release: Release::Now, made: born }
	}

	/// One that needs no account.
	pub fn unsigned(made: BlockNumber, call: RuntimeCall) -> Self {
		let hash = H256(blake2_256(&call.encode()));
		Self { hash, signer: None, nonce: 0, death: BlockNumber::MAX, call, release: Release::Now, made }
	}

	fn is_free(&self, next: BlockNumber) -> bool {
		match self.release {
			Release::Now => true,
			Release::Never => false,
			Release::After(blocks) => next >= self.made.saturating_add(blocks.into()),
			Release::BeforeDeadline(blocks) => {
				let deadline = self.signer.as_ref().and_then(deadline_of);
				deadline.is_none_or(|deadline| now().saturating_add(blocks.into()) >= deadline)
			},
		}
	}
}

/// When the stage that an account owes ends, in the first job in which it does.
fn deadline_of(who: &AccountId) -> Option<BlockNumber> {
	let of_job = |id: JobId| match pallet_bmpc::Statuses::<Runtime>::get(id)? {
		Status::Open { awaited, .. } => awaited.into_iter().find(|own| own.who == *who).map(|own| own.deadline),
		_ => None,
	};
	(0..pallet_bmpc::NextJobId::<Runtime>::get()).find_map(of_job)
}

/// An author's turn.
#[derive(Clone, Debug)]
pub struct Turn {
	/// Who.
	pub author: AccountId,
	/// What it says is final.
	pub attests: Option<BlockNumber>,
	/// Whether it leaves no room for what is not reserved.
	pub fills: bool,
	/// Whose transactions alone it takes; everybody's if none.
	pub takes: Option<Vec<AccountId>>,
}

impl Turn {
	fn takes(&self, transaction: &Transaction) -> bool {
		match (&self.takes, &transaction.signer) {
			(Some(takes), Some(signer)) => takes.contains(signer),
			(Some(_), None) => false,
			(None, _) => true,
		}
	}
}

/// The chain.
pub struct Chain {
	/// The blocks from the first on to the best, by number.
	pub blocks: Vec<Block>,
	/// The number of the newest final block.
	pub finalized: BlockNumber,
	/// What waits; and what is in blocks that are not final, which may come to nothing.
	pub pool: Vec<Transaction>,
	/// The states that were looked at last, the newest last.
	views: Vec<(H256, BasicExternalities)>,
	forks: u64,
}

impl fmt::Debug for Chain {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Chain").field("best", &self.best().number).field("finalized", &self.finalized).finish()
	}
}

impl Chain {
	/// A chain of one block with this state.
	pub fn new(state: Storage) -> Self {
		let genesis = Block { number: 0, hash: GENESIS, transactions: vec![], events: vec![], state };
		Self { blocks: vec![genesis], finalized: 0, pool: vec![], views: vec![], forks: 0 }
	}

	/// The best block.
	pub fn best(&self) -> &Block {
		self.blocks.last().expect("there is a first block")
	}

	/// The block of a number.
	pub fn block(&self, number: BlockNumber) -> Option<&Block> {
		self.blocks.get(number as usize)
	}

	/// Looks at the state after a block.
	pub fn at<R>(&mut self, number: BlockNumber, look: impl FnOnce() -> R) -> R {
		let block = self.blocks.get(number as usize).expect("there is such a block");
		if let Some(place) = self.views.iter().position(|(hash, _)| *hash == block.hash) {
			return self.views[place].1.execute_with(look);
		}
		if self.views.len() >= MAX_VIEWS {
			self.views.remove(0);
		}
		let mut state = BasicExternalities::new(block.state.clone());
		let seen = state.execute_with(look);
		self.views.push((block.hash, state));
		seen
	}

	/// Looks at the state after the best block.
	pub fn at_best<R>(&mut self, look: impl FnOnce() -> R) -> R {
		self.at(self.best().number, look)
	}

	/// Hands a transaction to the pool, which refuses what would not be valid in the next block. What is not let go of
	/// yet is with its maker.
	pub fn submit(&mut self, transaction: Transaction) -> Result<(), TransactionValidityError> {
		if transaction.release == Release::Now {
			self.at_best(|| validate(&transaction))?;
		}
		if self.pool.iter().all(|other| other.hash != transaction.hash) {
			self.pool.push(transaction);
		}
		Ok(())
	}

	/// The nonce that an account would use next, as its node sees it.
	pub fn next_nonce(&mut self, who: &AccountId) -> u32 {
		let used = self.at_best(|| System::account_nonce(who));
		let waiting = self.pool.iter().filter(|other| other.signer.as_ref() == Some(who) && other.nonce >= used);
		let mut waiting: Vec<_> = waiting.map(|other| other.nonce).collect();
		waiting.sort_unstable();
		waiting.dedup();
		let consecutive = waiting.iter().zip(used..).take_while(|(nonce, expected)| *nonce == expected);
		used + consecutive.count() as u32
	}

	/// Makes the next block.
	pub fn produce(&mut self, turn: &Turn) {
		let parent = self.best();
		let number = parent.number + 1;
		let parent_hash = parent.hash;
		let mut state = BasicExternalities::new(parent.state.clone());
		let pool = &self.pool;
		let (transactions, events) = state.execute_with(|| execute(number, parent_hash, turn, pool));
		let due = due_calls(&mut state, number);
		let hash = H256(blake2_256(&(parent_hash, number, &turn.author, self.forks).encode()));
		self.blocks.push(Block { number, hash, transactions, events, state: state.into_storages() });
		for call in due {
			// It may be in the pool already.
			let _ = self.submit(Transaction::unsigned(number, call));
		}
	}

	/// Goes back by so many blocks that are not final.
	pub fn fork(&mut self, depth: BlockNumber) {
		let depth = depth.min(self.best().number - self.finalized);
		self.blocks.truncate(self.blocks.len() - depth as usize);
		self.forks += 1;
	}

	/// What these accounts were about to deliver is replaced by something else, under the same nonces.
	pub fn swap_deliveries(&mut self, by: &[AccountId]) {
		let own = |other: &&mut Transaction| other.signer.as_ref().is_some_and(|signer| by.contains(signer));
		for transaction in self.pool.iter_mut().filter(own) {
			use pallet_bmpc::Call::{commit_inputs, commit_output, commit_result, commit_selection};
			let RuntimeCall::Bmpc(
				commit_selection { commitment, .. }
				| commit_inputs { commitment, .. }
				| commit_output { commitment, .. }
				| commit_result { commitment, .. },
			) = &mut transaction.call
			else {
				continue;
			};
			commitment.blob = commitment.root.0;
			transaction.hash = H256(blake2_256(&(transaction.hash, &transaction.call).encode()));
		}
	}

	/// Everything up to this block is final.
	pub fn finalize(&mut self, number: BlockNumber) {
		let number = number.min(self.best().number);
		for next in self.finalized + 1..=number {
			let block = &self.blocks[next as usize];
			let included: Vec<_> = block.transactions.iter().map(|included| included.hash).collect();
			self.pool.retain(|waiting| !included.contains(&waiting.hash) && waiting.death > next);
		}
		self.finalized = self.finalized.max(number);
	}
}

/// Executes a block.
fn execute(number: BlockNumber, parent: H256, turn: &Turn, pool: &[Transaction]) -> (Vec<Included>, Vec<RuntimeEvent>) {
	Author::set(Some(turn.author.clone()));
	System::reset_events();
	System::initialize(&number, &parent, &Default::default());
	AllPalletsWithSystem::on_initialize(number);
	System::note_finished_initialize();
	if let Some(finalized) = turn.attests.filter(|finalized| *finalized < number) {
		let call = RuntimeCall::from(pallet_finality_clock::Call::attest { finalized });
		let attested = call.dispatch_bypass_filter(RuntimeOrigin::none());
		assert!(attested.is_ok(), "an author attests once: {attested:?}");
	}
	if turn.fills {
		let normal = GameBlockWeights::get().get(DispatchClass::Normal).max_total.unwrap_or_default();
		System::register_extra_weight_unchecked(normal, DispatchClass::Normal);
	}
	let mut included = Vec::new();
	// What was signed later may be valid only after what was signed before.
	let mut waiting: Vec<_> =
		pool.iter().filter(|other| turn.takes(other) && other.death > number && other.is_free(number)).collect();
	waiting.sort_by_key(|other| other.nonce);
	for transaction in waiting {
		if let Ok(outcome) = apply(transaction) {
			let Transaction { hash, signer, call, .. } = transaction.clone();
			included.push(Included { hash, signer, call, outcome });
		}
	}
	AllPalletsWithSystem::on_finalize(number);
	let events = System::read_events_no_consensus().map(|record| record.event).collect();
	(included, events)
}

/// Applies a transaction; nothing of an invalid one is kept.
fn apply(transaction: &Transaction) -> Result<Result<(), String>, TransactionValidityError> {
	let Transaction { signer, nonce, call, .. } = transaction;
	let info = call.get_dispatch_info();
	let length = call.encoded_size();
	sp_io::storage::start_transaction();
	let applied = extension(*nonce).dispatch_transaction(origin(signer), call.clone(), &info, length, 0);
	match applied {
		Err(invalid) => {
			sp_io::storage::rollback_transaction();
			Err(invalid)
		},
		Ok(result) => {
			System::note_applied_extrinsic(&result, info);
			sp_io::storage::commit_transaction();
			Ok(result.map(drop).map_err(|error| format!("{:?}", error.error)))
		},
	}
}

/// Whether a transaction would be valid in the next block.
fn validate(transaction: &Transaction) -> Result<(), TransactionValidityError> {
	let Transaction { signer, nonce, call, .. } = transaction;
	let info = call.get_dispatch_info();
	let source = TransactionSource::External;
	extension(*nonce).validate_only(origin(signer), call, &info, call.encoded_size(), source, 0).map(drop)
}

fn origin(signer: &Option<AccountId>) -> RuntimeOrigin {
	signer.clone().map_or_else(RuntimeOrigin::none, RuntimeOrigin::signed)
}

/// What the nodes' own off-chain workers submit after a block.
fn due_calls(state: &mut BasicExternalities, number: BlockNumber) -> Vec<RuntimeCall> {
	if !state.execute_with(|| pallet_bmpc::OpenJobs::<Runtime>::iter_keys().any(is_perhaps_due)) {
		return vec![];
	}
	let (offchain, _) = TestOffchainExt::new();
	let (pool, submitted) = TestTransactionPoolExt::new();
	state.register_extension(OffchainDbExt::new(offchain.clone()));
	state.register_extension(OffchainWorkerExt::new(offchain));
	state.register_extension(TransactionPoolExt::new(pool));
	state.execute_with(|| Bmpc::offchain_worker(number));
	let submitted = submitted.read();
	let call = |bytes: &Vec<u8>| UncheckedExtrinsic::decode(&mut &**bytes).expect("it is one").function;
	submitted.transactions.iter().map(call).collect()
}

/// A quick look, so that off-chain workers need not be started for nothing.
fn is_perhaps_due(id: JobId) -> bool {
	let overdue = pallet_bmpc::Availability::<Runtime>::get(id).open.iter().any(|open| now() > open.deadline);
	overdue
		|| match pallet_bmpc::Statuses::<Runtime>::get(id) {
			Some(Status::Open { awaited, .. }) => awaited.iter().any(|awaited| now() > awaited.deadline),
			Some(Status::Challenge { until, .. }) => now() > until,
			_ => false,
		}
}

/// The stage of a delivery, if a call is one.
pub fn stage_of(call: &RuntimeCall) -> Option<Stage> {
	let RuntimeCall::Bmpc(call) = call else { return None };
	match call {
		pallet_bmpc::Call::confirm { .. } => Some(Stage::Confirmation),
		pallet_bmpc::Call::commit_selection { .. } => Some(Stage::Selection),
		pallet_bmpc::Call::commit_inputs { .. } => Some(Stage::Inputs),
		pallet_bmpc::Call::commit_output { .. } => Some(Stage::Outputs),
		pallet_bmpc::Call::commit_result { .. } => Some(Stage::Result),
		_ => None,
	}
}

/// The storage of a genesis, after a `setup`.
pub fn genesis(config: impl BuildStorage, setup: impl FnOnce()) -> Storage {
	let storage = config.build_storage().expect("the genesis is sound");
	let mut state = BasicExternalities::new(storage);
	state.execute_with(setup);
	state.into_storages()
}
