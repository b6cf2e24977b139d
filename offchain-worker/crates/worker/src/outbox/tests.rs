//! The outbox against a chain that can be cut off between any two steps.

use super::*;
use encrytrust_chain_client::{DispatchFailure, MORTALITY};
use encrytrust_types::job::DutyKind;
use proptest::prelude::*;
use std::sync::Mutex;

/// A node with a pool and blocks, all of them finalised, and one account.
#[derive(Default)]
struct Fake {
	inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
	/// Extrinsics by block; the first block is 1.
	blocks: Vec<Vec<Extrinsic>>,
	pool: Vec<Extrinsic>,
	nonce: u64,
	spec_version: u32,
	signatures: u64,
	/// Requests left before everything fails, as after a crash.
	fuel: Option<u32>,
	/// Whether the request that finds no fuel still has its effect.
	effect: bool,
	/// Whether included extrinsics fail.
	failing: bool,
	/// The node has thrown away the extrinsics of the blocks up to this one.
	bodies_gone: BlockNumber,
	/// And the states of the blocks up to this one.
	states_gone: BlockNumber,
	/// Calls that did what they should.
	succeeded: BTreeSet<String>,
	/// Calls that the node cannot tell about at all.
	stubborn: BTreeSet<String>,
	/// Calls that the pool refuses, and drops if it has them, as if their fee could not be paid.
	unpayable: BTreeSet<String>,
	/// Calls whose jobs are over.
	over: BTreeSet<String>,
	/// Requests for extrinsics of blocks.
	bodies_read: u32,
}

#[derive(Clone, Debug)]
struct Extrinsic {
	signed: Signed,
	call: String,
}

impl Inner {
	fn head(&self) -> Block {
		block(self.blocks.len() as u32)
	}

	/// Whether the process still lives after a request; and whether that request does anything.
	fn burn(&mut self) -> (bool, bool) {
		match &mut self.fuel {
			None => (true, true),
			Some(0) => (false, false),
			Some(left) => {
				*left -= 1;
				(*left > 0, *left > 0 || self.effect)
			},
		}
	}

	fn author(&mut self) {
		let number = self.blocks.len() as u32 + 1;
		let mut included = Vec::new();
		let (unpayable, spec_version) = (&self.unpayable, self.spec_version);
		self.pool.retain(|Extrinsic { signed, call }| {
			number < signed.death && signed.spec_version == spec_version && !unpayable.contains(call)
		});
		while let Some(index) = self.pool.iter().position(|extrinsic| extrinsic.signed.nonce == self.nonce) {
			let extrinsic = self.pool.remove(index);
			if !self.failing {
				self.succeeded.insert(extrinsic.call.clone());
			}
			included.push(extrinsic);
			self.nonce += 1;
		}
		self.blocks.push(included);
	}

	/// The node throws away the extrinsics of all but the newest blocks, and perhaps their states.
	fn prune(&mut self, kept: BlockNumber, states: bool) {
		self.bodies_gone = self.bodies_gone.max(self.head().number.saturating_sub(kept));
		if states {
			self.states_gone = self.bodies_gone;
		}
	}

	fn next_nonce(&self) -> u64 {
		let used: BTreeSet<u64> = self.pool.iter().map(|extrinsic| extrinsic.signed.nonce).collect();
		(self.nonce..).find(|nonce| !used.contains(nonce)).unwrap()
	}

	fn inclusions(&self, call: &str) -> usize {
		self.blocks.iter().flatten().filter(|extrinsic| extrinsic.call == call).count()
	}
}

fn block(number: u32) -> Block {
	Block { number, hash: H256::repeat_byte(number as u8) }
}

#[async_trait]
impl Extrinsics for Fake {
	async fn nonce(&self, _: Block) -> Result<u64, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		inner.burn().0.then_some(inner.nonce).ok_or(ChainError::Disconnected)
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		inner.burn().0.then_some(inner.next_nonce()).ok_or(ChainError::Disconnected)
	}

	async fn spec_version(&self, _: Block) -> Result<u32, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		inner.burn().0.then_some(inner.spec_version).ok_or(ChainError::Disconnected)
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		inner.signatures += 1;
		let (spec_version, hash) = (inner.spec_version, H256::from_low_u64_be(inner.signatures));
		let bytes = format!("{}/{nonce}/{}/{spec_version}/{}", call.name, born.number, inner.signatures).into_bytes();
		Ok(Signed { bytes, hash, nonce, birth: born.number, death: born.number + MORTALITY, spec_version })
	}

	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError> {
		let mut inner = self.inner.lock().unwrap();
		let (alive, effect) = inner.burn();
		let text = std::str::from_utf8(bytes).unwrap();
		let parts: Vec<&str> = text.split('/').collect();
		let number = |index: usize| parts[index].parse::<u64>().unwrap();
		let (nonce, born, spec_version, serial) = (number(1), number(2) as u32, number(3) as u32, number(4));
		let known = inner.pool.iter().any(|other| other.signed.bytes == bytes);
		let taken = inner.pool.iter().any(|other| other.signed.nonce == nonce);
		let dead = inner.blocks.len() as u32 + 1 >= born + MORTALITY || spec_version != inner.spec_version;
		let refused = nonce < inner.nonce || dead || taken || inner.unpayable.contains(parts[0]);
		if effect && !known && !refused {
			let hash = H256::from_low_u64_be(serial);
			let signed =
				Signed { bytes: bytes.to_vec(), hash, nonce, birth: born, death: born + MORTALITY, spec_version };
			inner.pool.push(Extrinsic { signed, call: parts[0].into() });
		}
		match (alive, known, refused) {
			(false, ..) => Err(ChainError::Disconnected),
			(true, false, true) => Err(ChainError::Refused { reason: "stale".into(), is_transient: false }),
			_ => Ok(()),
		}
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		inner.burn().0.then_some(Some(block(number))).ok_or(ChainError::Disconnected)
	}

	async fn inclusion(&self, at: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		if !inner.burn().0 {
			return Err(ChainError::Disconnected);
		}
		inner.bodies_read += 1;
		if at.number <= inner.bodies_gone {
			return Err(ChainError::BlockPruned(at.number));
		}
		let body = &inner.blocks[at.number as usize - 1];
		let failure = DispatchFailure { name: "Bmpc.WrongStage".into(), docs: String::new() };
		let outcome = match inner.failing {
			_ if at.number <= inner.states_gone => Outcome::Unknown,
			true => Outcome::Failed(failure),
			false => Outcome::Succeeded,
		};
		let index = body.iter().position(|other| other.signed.hash == extrinsic);
		Ok(index.map(|index| Inclusion { block: at, index: index as u32, outcome }))
	}

	async fn standing(&self, job: JobId, kind: &str, _: Block) -> Result<Standing, ChainError> {
		let mut inner = self.inner.lock().unwrap();
		if !inner.burn().0 {
			return Err(ChainError::Disconnected);
		}
		// The tests' calls are named after their jobs.
		if inner.stubborn.contains(&name(job)) {
			return Err(ChainError::Rpc { what: kind.into(), reason: "not now".into() });
		}
		let is_done = inner.succeeded.contains(&name(job)) || inner.over.contains(&name(job));
		Ok(if is_done { Standing::Over } else { Standing::Open })
	}
}

/// The name of a job's call.
fn name(job: JobId) -> String {
	format!("call_{job}")
}

fn call_of(job: JobId) -> Call {
	Call { pallet: "Bmpc".into(), name: name(job).into(), arguments: vec![] }
}

/// A database file and the outboxes that are opened on it one after the other, beside a chain in its first block.
struct Process {
	_folder: tempfile::TempDir,
	path: std::path::PathBuf,
	chain: Fake,
}

impl Process {
	fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		let process = Self { _folder: folder, path, chain: Fake::default() };
		process.chain().author();
		process
	}

	fn start(&self) -> Outbox {
		Outbox::new(Database::open(&self.path).unwrap())
	}

	fn chain(&self) -> std::sync::MutexGuard<'_, Inner> {
		self.chain.inner.lock().unwrap()
	}

	/// How often a call was included, and how many signatures there were.
	fn counts(&self, call: &str) -> (usize, u64) {
		let chain = self.chain();
		(chain.inclusions(call), chain.signatures)
	}

	/// The process dies at the request after `fuel` more, before or after that has its effect.
	fn crash_after(&self, fuel: u32, effect: bool) {
		let mut chain = self.chain();
		chain.fuel = Some(fuel);
		chain.effect = effect;
	}

	fn step(&self, outbox: &mut Outbox) -> Result<(), OutboxError> {
		let head = self.chain().head();
		futures::executor::block_on(outbox.step(&self.chain, head))
	}

	/// A step at each of so many blocks.
	fn run(&self, outbox: &mut Outbox, blocks: BlockNumber) {
		for _ in 0..blocks {
			self.step(outbox).unwrap();
			self.chain().author();
		}
	}

	/// An outbox that has submitted a call in the first block.
	fn submit(&self, task: &Task, call: &Call) -> Outbox {
		let mut outbox = self.start();
		outbox.intend(task, call, 1).unwrap();
		self.step(&mut outbox).unwrap();
		outbox
	}
}

const INPUTS: TaskKind = TaskKind::Duty(DutyKind::CommitInputs);

fn task(job: JobId) -> Task {
	Task { job, kind: INPUTS, deadline: Some(10_000) }
}

fn call(name: &'static str) -> Call {
	Call { pallet: "Bmpc".into(), name: name.into(), arguments: vec![1, 2, 3] }
}

#[test]
fn an_intent_is_included_once_wherever_the_process_is_killed() {
	// Every request of a whole life is a place to die at, before and after its effect.
	for effect in [false, true] {
		for fuel in 0..60 {
			let process = Process::new();
			process.start().intend(&task(1), &call("commit_inputs"), 1).unwrap();
			process.crash_after(fuel, effect);
			let mut outbox = process.start();
			let mut died = false;
			for _ in 0..12 {
				died |= process.step(&mut outbox).is_err();
				if died {
					// The next process: the database is all that it knows.
					process.chain().fuel = None;
					outbox = process.start();
				}
				process.chain().author();
			}
			let state = outbox.state(1, &INPUTS).unwrap();
			assert!(matches!(state, Some(State::Done { .. })), "fuel {fuel}, effect {effect}: {state:?}");
			assert_eq!(process.chain().inclusions("commit_inputs"), 1, "fuel {fuel}, effect {effect}");
			assert_eq!(process.chain().signatures, 1, "fuel {fuel}, effect {effect}: nothing made it sign anew");
		}
	}
}

#[test]
fn bytes_that_a_restarted_node_forgot_are_submitted_again() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call("confirm"));
	process.chain().pool.clear();
	for _ in 0..=RESUBMIT + 1 {
		process.chain().author();
		process.step(&mut outbox).unwrap();
	}
	assert_eq!(process.counts("confirm"), (1, 1));
}

#[test]
fn only_bytes_that_can_no_more_be_included_are_signed_anew() {
	let process = Process::new();
	let mut outbox = process.start();
	outbox.intend(&task(1), &call("confirm"), 1).unwrap();
	for _ in 0..MORTALITY - 1 {
		process.step(&mut outbox).unwrap();
		process.chain().pool.clear();
		process.chain().author();
	}
	process.step(&mut outbox).unwrap();
	assert_eq!(process.chain().signatures, 1, "one block before its death");
	process.chain().author();
	process.step(&mut outbox).unwrap();
	assert_eq!(process.chain().signatures, 2, "dead");
	process.chain().author();
	process.step(&mut outbox).unwrap();
	assert_eq!(process.chain().inclusions("confirm"), 1);
}

#[test]
fn a_nonce_used_by_another_program_is_noticed() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call("confirm"));
	{
		// Another program with the same account was faster.
		let mut chain = process.chain();
		chain.pool[0].call = "transfer".into();
		chain.pool[0].signed.hash = H256::repeat_byte(0xff);
		chain.author();
	}
	process.run(&mut outbox, 2);
	process.step(&mut outbox).unwrap();
	assert_eq!(process.counts("confirm"), (1, 2));
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Done { .. }))));
}

#[test]
fn a_failed_call_is_tried_again_later_and_not_for_ever() {
	let process = Process::new();
	process.chain().failing = true;
	let mut outbox = process.start();
	for _ in 0..200 {
		let head = process.chain().head().number;
		outbox.intend(&task(1), &call("settle"), head).unwrap();
		process.step(&mut outbox).unwrap();
		process.chain().author();
	}
	assert_eq!(process.chain().inclusions("settle"), MAX_ATTEMPTS as usize);
}

const RESUME: TaskKind = TaskKind::Duty(DutyKind::Resume);

/// The role of this number is to take requests again.
fn resume(role: JobId) -> Task {
	Task { job: role, kind: RESUME, deadline: None }
}

#[test]
fn role_that_is_suspended_again_is_resumed_again() {
	let process = Process::new();
	let mut outbox = process.start();
	for suspension in 1..=3 {
		let head = process.chain().head().number;
		assert!(outbox.wants(1, &RESUME, head).unwrap(), "suspension {suspension}");
		assert!(outbox.intend(&resume(1), &call("resume_role"), head).unwrap());
		assert!(!outbox.intend(&resume(1), &call("resume_role"), head).unwrap(), "one at a time");
		process.run(&mut outbox, 2);
		assert_eq!(process.chain().inclusions("resume_role"), suspension);
		// Its last sight of the chain is the block in which it was done: nothing was told since.
		let Some(State::Done { block }) = outbox.state(1, &RESUME).unwrap() else { panic!("it is not done") };
		assert!(!outbox.wants(1, &RESUME, block).unwrap());
		outbox = process.start();
	}
	assert!(outbox.wants(0, &RESUME, 9).unwrap(), "another role");
}

#[test]
fn role_is_resumed_at_last_however_often_that_failed() {
	let process = Process::new();
	process.chain().failing = true;
	let mut outbox = process.start();
	let mut play = |blocks: BlockNumber| {
		for _ in 0..blocks {
			let head = process.chain().head().number;
			outbox.intend(&resume(1), &call("resume_role"), head).unwrap();
			process.step(&mut outbox).unwrap();
			process.chain().author();
		}
	};
	play(400);
	let tried = process.chain().inclusions("resume_role");
	assert!((8..20).contains(&tried), "{tried}");
	process.chain().failing = false;
	play(80);
	assert!(process.chain().succeeded.contains("resume_role"));
}

#[test]
fn what_does_not_recur_is_done_once() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call("commit_inputs"));
	process.run(&mut outbox, 3);
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Done { .. }))));
	assert!(!outbox.wants(1, &INPUTS, 5_000).unwrap());
	assert!(!outbox.intend(&task(1), &call("commit_inputs"), 5_000).unwrap());
}

#[test]
fn an_intent_is_sent_after_its_deadline_while_the_chain_waits_for_it() {
	let process = Process::new();
	let mut outbox = process.start();
	outbox.intend(&Task { deadline: Some(1), ..task(1) }, &call("confirm"), 1).unwrap();
	process.step(&mut outbox).unwrap();
	process.chain().author();
	process.step(&mut outbox).unwrap();
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Done { .. }))));
}

#[test]
fn an_intent_is_given_up_at_its_deadline_when_its_task_is_over() {
	let process = Process::new();
	process.chain().over.insert(name(1));
	let mut outbox = process.start();
	outbox.intend(&Task { deadline: Some(1), ..task(1) }, &call("confirm"), 1).unwrap();
	process.step(&mut outbox).unwrap();
	assert_eq!(process.chain().signatures, 0);
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Failed { .. }))));
	assert!(!outbox.wants(1, &INPUTS, 500).unwrap());
}

#[test]
fn a_second_intent_for_the_same_task_changes_nothing() {
	let process = Process::new();
	let outbox = process.start();
	assert!(outbox.intend(&task(1), &call("confirm"), 1).unwrap());
	assert!(!outbox.intend(&task(1), &call("decline"), 1).unwrap());
	assert!(outbox.intend(&task(2), &call("confirm"), 1).unwrap());
	assert_eq!(outbox.live().unwrap()[0].call, call("confirm"));
}

/// An extrinsic was signed and submitted, the process was killed, the extrinsic was or was not included, and the node has
/// thrown away what would tell.
fn killed_over_a_pruned_node(included: bool, failing: bool, bodies: bool) -> Process {
	let process = Process::new();
	process.start().intend(&task(1), &call_of(1), 1).unwrap();
	process.step(&mut process.start()).unwrap();
	{
		let mut chain = process.chain();
		chain.failing = failing;
		if !included {
			// Another program with the same account was faster.
			chain.pool[0].call = "transfer".into();
			chain.pool[0].signed.hash = H256::repeat_byte(0xff);
		}
		(0..20).for_each(|_| chain.author());
		chain.failing = false;
		if bodies {
			chain.prune(5, true);
		} else {
			chain.states_gone = 15;
		}
	}
	process
}

#[test]
fn what_a_pruned_node_has_forgotten_is_decided_by_its_state() {
	for (included, failing, bodies, inclusions, signatures) in [
		(true, false, true, 1, 1),
		(false, false, true, 1, 2),
		(true, true, true, 2, 2),
		// The extrinsic is there, and how it went is not known.
		(true, false, false, 1, 1),
		(true, true, false, 2, 2),
	] {
		let process = killed_over_a_pruned_node(included, failing, bodies);
		let mut outbox = process.start();
		process.run(&mut outbox, 3);
		let row = format!("included {included}, failing {failing}, bodies {bodies}");
		assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Done { .. }))), "{row}");
		assert_eq!(process.counts(&name(1)), (inclusions, signatures), "{row}");
	}
}

#[test]
fn what_fails_unseen_is_not_tried_for_ever() {
	let process = Process::new();
	process.chain().failing = true;
	let mut outbox = process.start();
	for _ in 0..200 {
		let head = process.chain().head().number;
		outbox.intend(&task(1), &call_of(1), head).unwrap();
		process.step(&mut outbox).unwrap();
		process.chain().author();
		process.chain().prune(0, true);
	}
	assert_eq!(process.chain().inclusions(&name(1)), MAX_ATTEMPTS as usize);
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Failed { .. }))));
}

#[test]
fn blocks_are_read_only_once_the_nonce_is_used_up() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call_of(1));
	let waiting = std::mem::take(&mut process.chain().pool);
	for _ in 0..10 {
		process.chain().author();
		process.step(&mut process.start()).unwrap();
		process.chain().pool.clear();
	}
	assert_eq!(process.chain().bodies_read, 0);
	process.chain().pool = waiting;
	process.chain().author();
	process.step(&mut outbox).unwrap();
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Done { block: 12 }))));
}

#[test]
fn one_extrinsic_that_cannot_be_told_about_does_not_hold_up_the_others() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call_of(1));
	(0..20).for_each(|_| process.chain().author());
	process.chain().prune(5, true);
	process.chain().stubborn.insert(name(1));
	outbox.intend(&task(2), &call_of(2), 21).unwrap();
	process.run(&mut outbox, 2);
	assert_eq!(outbox.state(1, &INPUTS).unwrap(), Some(State::Signed));
	assert_eq!(process.counts(&name(2)).0, 1);
	process.chain().stubborn.clear();
	process.step(&mut outbox).unwrap();
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Done { .. }))));
}

#[test]
fn a_full_disk_keeps_everything_as_it_was_and_passes() {
	let process = Process::new();
	let database = Database::open(&process.path).unwrap();
	let mut outbox = Outbox::new(database.clone());
	outbox.intend(&task(1), &call_of(1), 1).unwrap();
	let limit = |pages: i64| database.lock().pragma_update(None, "max_page_count", pages).unwrap();
	// SQLite takes no limit below what is there: then no further page is to be had.
	limit(1);
	let long = Call { arguments: vec![7; 100_000], ..call_of(2) };
	for _ in 0..2 {
		let error = outbox.intend(&task(2), &long, 1).unwrap_err();
		assert!(error.to_string().contains("full"), "{error}");
		assert_eq!(outbox.state(2, &INPUTS).unwrap(), None);
	}
	limit(1_000_000);
	outbox.intend(&task(2), &long, 1).unwrap();
	process.run(&mut outbox, 2);
	process.step(&mut outbox).unwrap();
	assert_eq!((process.counts(&name(1)).0, process.counts(&name(2)).0), (1, 1));
}

fn done(process: &Process, outbox: &Outbox, job: JobId) -> bool {
	matches!(outbox.state(job, &INPUTS), Ok(Some(State::Done { .. }))) && process.chain().inclusions(&name(job)) == 1
}

fn report(job: JobId) -> Task {
	Task { job, kind: TaskKind::Report, deadline: None }
}

#[test]
fn an_extrinsic_that_the_pool_refuses_does_not_hold_up_later_ones() {
	let process = Process::new();
	process.chain().unpayable.insert(name(1));
	let mut outbox = process.submit(&report(1), &call_of(1));
	process.chain().author();
	outbox.intend(&task(2), &call_of(2), 2).unwrap();
	process.step(&mut outbox).unwrap();
	process.chain().author();
	process.step(&mut outbox).unwrap();
	assert!(done(&process, &outbox, 2), "in the first block that it can be in");
	assert_eq!(process.chain().inclusions("remark"), 0);
	process.chain().unpayable.clear();
	process.run(&mut outbox, RESUBMIT + 1);
	process.step(&mut outbox).unwrap();
	assert!(matches!(outbox.state(1, &TaskKind::Report), Ok(Some(State::Done { .. }))));
	assert_eq!((process.counts(&name(1)).0, process.counts(&name(2)).0), (1, 1));
}

#[test]
fn an_extrinsic_that_the_pool_drops_does_not_hold_up_those_behind_it() {
	let process = Process::new();
	let mut outbox = process.start();
	outbox.intend(&task(1), &call_of(1), 1).unwrap();
	outbox.intend(&task(2), &call_of(2), 1).unwrap();
	process.step(&mut outbox).unwrap();
	assert_eq!(process.chain().pool.len(), 2);
	process.chain().unpayable.insert(name(1));
	for _ in 0..=RESUBMIT {
		process.chain().author();
		process.step(&mut outbox).unwrap();
	}
	process.chain().author();
	process.step(&mut outbox).unwrap();
	assert!(done(&process, &outbox, 2));
	assert_eq!(process.chain().inclusions("remark"), 1, "nothing was there to be signed for the gap");
	process.chain().unpayable.clear();
	process.run(&mut outbox, RESUBMIT + 1);
	process.step(&mut outbox).unwrap();
	assert!(done(&process, &outbox, 1));
	assert_eq!(process.chain().inclusions("remark"), 1);
}

#[test]
fn what_is_due_first_has_the_lowest_nonce() {
	let process = Process::new();
	let mut outbox = process.start();
	outbox.intend(&report(0), &call_of(0), 1).unwrap();
	for (job, deadline) in [(1, 300), (2, 100), (3, 200)] {
		outbox.intend(&Task { deadline: Some(deadline), ..task(job) }, &call_of(job), 1).unwrap();
	}
	process.step(&mut outbox).unwrap();
	let mut pool: Vec<_> =
		process.chain().pool.iter().map(|extrinsic| (extrinsic.signed.nonce, extrinsic.call.clone())).collect();
	pool.sort();
	assert_eq!(pool, [(0, name(2)), (1, name(3)), (2, name(1)), (3, name(0))]);
}

#[test]
fn a_refused_nonce_goes_to_the_next_intent_also_after_a_restart() {
	let process = Process::new();
	process.chain().unpayable.insert(name(1));
	let first = Task { deadline: Some(50), ..task(1) };
	process.start().intend(&first, &call_of(1), 1).unwrap();
	process.step(&mut process.start()).unwrap();
	process.start().intend(&task(2), &call_of(2), 1).unwrap();
	process.step(&mut process.start()).unwrap();
	let nonces: Vec<_> =
		process.start().live().unwrap().into_iter().map(|intent| intent.signed.unwrap().nonce).collect();
	assert_eq!(nonces, [0, 0]);
	// The pool takes the first at last, while it has the second: the chain takes one, whichever.
	process.chain().unpayable.clear();
	for _ in 0..4 {
		process.step(&mut process.start()).unwrap();
		process.chain().author();
	}
	let outbox = process.start();
	process.step(&mut process.start()).unwrap();
	assert!(done(&process, &outbox, 1) && done(&process, &outbox, 2));
}

#[test]
fn what_is_given_up_leaves_no_gap() {
	let process = Process::new();
	process.chain().unpayable.insert(name(1));
	let mut outbox = process.start();
	outbox.intend(&Task { deadline: Some(MORTALITY), ..task(1) }, &call_of(1), 1).unwrap();
	process.step(&mut outbox).unwrap();
	// As a former program signed it: behind what was refused.
	outbox.intend(&task(2), &call_of(2), 1).unwrap();
	let behind = process.chain.sign(&call_of(2), 1, block(40)).unwrap();
	outbox.database.lock().execute(
		"UPDATE intents SET state = 'signed', bytes = ?1, hash = ?2, nonce = 1, born = 40, dies = 104 WHERE job = 2",
		params![behind.bytes, behind.hash.0],
	).unwrap();
	for _ in 0..MORTALITY {
		process.chain().author();
	}
	process.chain().over.insert(name(1));
	outbox = process.start();
	process.run(&mut outbox, 3);
	assert!(matches!(outbox.state(1, &INPUTS), Ok(Some(State::Failed { .. }))));
	assert_eq!(process.chain().inclusions("remark"), 1);
}

#[test]
fn what_has_no_deadline_is_dropped_once_it_is_over() {
	for (is_over, signatures) in [(true, 1), (false, 2)] {
		let process = Process::new();
		process.chain().unpayable.insert(name(1));
		let mut outbox = process.submit(&report(1), &call_of(1));
		if is_over {
			process.chain().over.insert(name(1));
		}
		for _ in 0..MORTALITY + 1 {
			process.chain().author();
			process.step(&mut outbox).unwrap();
		}
		let state = outbox.state(1, &TaskKind::Report).unwrap();
		assert_eq!(matches!(state, Some(State::Done { .. })), is_over, "{state:?}");
		assert_eq!(process.counts(&name(1)), (0, signatures));
	}
}

#[test]
fn what_was_signed_for_a_former_runtime_is_signed_anew_at_once() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call_of(1));
	process.chain().spec_version += 1;
	process.chain().author();
	process.run(&mut outbox, 2);
	process.step(&mut outbox).unwrap();
	assert!(done(&process, &outbox, 1));
	assert_eq!(process.counts(&name(1)), (1, 2));
}

#[test]
fn an_upgrade_changes_nothing_for_what_is_in_the_chain_already() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call_of(1));
	process.chain().author();
	process.chain().spec_version += 1;
	process.run(&mut outbox, 3);
	assert!(done(&process, &outbox, 1));
	assert_eq!(process.counts(&name(1)), (1, 1));
}

#[test]
fn what_a_former_program_signed_is_waited_for() {
	let process = Process::new();
	let mut outbox = process.submit(&task(1), &call_of(1));
	outbox.database.lock().execute("UPDATE intents SET spec_version = NULL", []).unwrap();
	process.chain().spec_version += 1;
	for _ in 0..MORTALITY {
		assert_eq!(process.chain().signatures, 1);
		process.chain().author();
		process.step(&mut outbox).unwrap();
	}
	assert_eq!(process.chain().signatures, 2);
}

/// What may happen to a worker and its node.
#[derive(Clone, Debug)]
enum Happening {
	Step,
	Crash { fuel: u32, effect: bool },
	Author,
	PoolLost,
	Foreign,
	Prune { kept: BlockNumber, states: bool },
	Unpayable(JobId),
	Payable,
	Upgrade,
}

fn happening() -> impl Strategy<Value = Happening> {
	prop_oneof![
		4 => Just(Happening::Step),
		2 => (0u32..12, any::<bool>()).prop_map(|(fuel, effect)| Happening::Crash { fuel, effect }),
		6 => Just(Happening::Author),
		1 => Just(Happening::PoolLost),
		1 => Just(Happening::Foreign),
		1 => (0u32..4, any::<bool>()).prop_map(|(kept, states)| Happening::Prune { kept, states }),
		2 => (0u64..3).prop_map(Happening::Unpayable),
		1 => Just(Happening::Payable),
		1 => Just(Happening::Upgrade),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
	#[test]
	fn three_intents_are_included_once_each_whatever_happens(happenings in prop::collection::vec(happening(), 0..150)) {
		let process = Process::new();
		let mut outbox = process.start();
		for job in 0..3 {
			// One has no deadline.
			let deadline = (job > 0).then_some(10_000 - job as u32);
			outbox.intend(&Task { deadline, ..task(job) }, &call_of(job), 1).unwrap();
		}
		for happening in happenings {
			match happening {
				Happening::Step => process.step(&mut outbox).unwrap(),
				Happening::Author => process.chain().author(),
				Happening::PoolLost => process.chain().pool.clear(),
				Happening::Prune { kept, states } => process.chain().prune(kept, states),
				Happening::Unpayable(job) => drop(process.chain().unpayable.insert(name(job))),
				Happening::Payable => process.chain().unpayable.clear(),
				Happening::Upgrade => process.chain().spec_version += 1,
				Happening::Crash { fuel, effect } => {
					process.crash_after(fuel, effect);
					let _ = process.step(&mut outbox);
					process.chain().fuel = None;
					outbox = process.start();
				},
				Happening::Foreign => {
					let (nonce, born) = {
						let chain = process.chain();
						(chain.nonce, chain.head())
					};
					let signed = process.chain.sign(&call("foreign"), nonce, born).unwrap();
					let _ = futures::executor::block_on(process.chain.submit(&signed.bytes));
				},
			}
		}
		process.chain().unpayable.clear();
		process.run(&mut outbox, 2 * MORTALITY + 10);
		for job in 0..3 {
			prop_assert_eq!(process.chain().inclusions(&name(job)), 1, "{}", job);
		}
	}
}
