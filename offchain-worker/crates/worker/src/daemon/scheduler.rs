//! Starts tasks at each finalised block, tries them again, and declines what cannot be confirmed in time.

use super::{
	failure::{must_decline, Failure},
	watchtower::Watchtower,
	Worker,
};
use crate::{
	behaviour::Behaviour,
	clock::Clock,
	database::Database,
	outbox::{Outbox, OutboxError, State},
	task::{self, Task, TaskKind},
};
use encrytrust_chain_client::{Block, BlockNumber, Call};
use encrytrust_types::{
	job::{DeclineReason, DutyKind, Stage, UnitSet},
	JobId,
};
use std::{
	collections::{HashMap, HashSet},
	future::Future,
	sync::Arc,
	time::Duration,
};
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, info, warn};

/// The longest pause before a duty that could not be done is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How often what is missing of others is looked for until its availability is challenged.
const MAX_MISSES: u32 = 4;
/// The pause until what was published is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(6);
/// Failures of what the bond of a confirmed job hangs on, after which the log says so as an error.
const LOUD_TRIES: u32 = 3;

/// What is under way.
pub(super) struct Scheduler {
	outbox: Outbox,
	pub(super) tasks: JoinSet<Result<Done, Failure>>,
	/// Which task each of `tasks` is.
	running: HashMap<Id, Task>,
	/// What is under way, and what waits to be tried again, by job and name.
	attempts: HashMap<(JobId, String), Attempts>,
	pub(super) watchtower: Watchtower,
	clock: Arc<dyn Clock>,
	/// The finality clock at the newest head: what deadlines are compared with.
	now: BlockNumber,
	/// Whether this worker is silent in the confirmation, and so does not decline either.
	is_silent: bool,
}

/// What came of a task.
pub(super) enum Done {
	/// A call, which becomes the task's intent.
	Call(Call),
	/// All that can be done at once: it is looked at again while the duty stands.
	ForNow,
}

/// What was tried of a task.
struct Attempts {
	tries: u32,
	/// How many tries lacked units of others, and brought none of them.
	misses: u32,
	/// How many units the last try lacked.
	lacking: u32,
	/// How many of the tries ended in a recurring failure.
	recurred: u32,
	/// The finality clock when the task was first seen.
	since: BlockNumber,
	/// When it is tried again; none while it is under way.
	next: Option<Duration>,
	/// How it failed the last time.
	failure: Option<Failure>,
}

/// What to do about a task now.
#[derive(Debug, PartialEq, Eq)]
enum Next {
	Begin,
	Wait,
	Decline,
}

impl Scheduler {
	pub(super) fn new(database: Database, clock: Arc<dyn Clock>, behaviour: &dyn Behaviour) -> Self {
		Self {
			outbox: Outbox::new(database),
			tasks: JoinSet::new(),
			running: HashMap::new(),
			attempts: HashMap::new(),
			watchtower: Watchtower::new(clock.clone()),
			clock,
			now: 0,
			is_silent: behaviour.is_silent(Stage::Confirmation),
		}
	}

	/// What there is to do at a finalised block.
	pub(super) async fn on_finalized_block(&mut self, worker: &Arc<Worker>, head: Block) -> anyhow::Result<()> {
		self.now = worker.chain.clock(head).await?;
		// What is due is done even if what was done cannot be sent now: a full disk or one stubborn extrinsic may pass.
		if let Err(error) = self.outbox.step(&*worker.chain, head).await {
			warn!(block = head.number, "cannot bring the extrinsics on: {error}; trying again at the next block");
		}
		let tasks = task::due(&*worker.chain, head).await?;
		let names: HashSet<_> = tasks.iter().map(key).collect();
		self.attempts.retain(|key, attempts| attempts.next.is_none() || names.contains(key));
		worker.expected.retain(|job| tasks.iter().any(|task| task.job == job && is_confirmation(task)));
		let mut has_declined = false;
		for task in tasks {
			if !self.outbox.wants(task.job, &task.kind, head.number)? {
				continue;
			}
			match self.next(&task) {
				Next::Begin => {
					let worker = worker.clone();
					let work = task.clone();
					let refusal = self.refusal(&task)?;
					self.begin(task, head, async move {
						match refusal {
							Some(failure) => Err(failure),
							None => worker.perform(work, head).await,
						}
					});
				},
				Next::Wait => {},
				Next::Decline => {
					self.decline(&task, head);
					has_declined = true;
				},
			}
		}
		if has_declined {
			// At the next block it may be too late.
			self.outbox.step(&*worker.chain, head).await?;
		}
		self.watchtower.on_finalized_block(worker, &self.outbox, head).await
	}

	/// A confirmation that the chain refused once: it would again.
	fn refusal(&self, task: &Task) -> Result<Option<Failure>, OutboxError> {
		Ok(match self.outbox.state(task.job, &task.kind)? {
			Some(State::Failed { error, .. }) if is_confirmation(task) => {
				let text = format!("the chain refused the confirmation: {error}");
				Some(Failure::Permanent(DeclineReason::Other, text))
			},
			_ => None,
		})
	}

	fn next(&self, task: &Task) -> Next {
		match self.attempts.get(&key(task)) {
			None => Next::Begin,
			Some(attempts) if self.must_decline(task, attempts) => Next::Decline,
			Some(Attempts { next: Some(at), .. }) if self.clock.now() >= *at => Next::Begin,
			Some(_) => Next::Wait,
		}
	}

	fn must_decline(&self, task: &Task, attempts: &Attempts) -> bool {
		let Attempts { recurred, since, failure, .. } = attempts;
		is_confirmation(task)
			&& !self.is_silent
			&& must_decline(failure.as_ref(), *recurred, *since, task.deadline, self.now)
	}

	fn begin(&mut self, task: Task, head: Block, work: impl Future<Output = Result<Done, Failure>> + Send + 'static) {
		let since = self.now;
		let attempts = self.attempts.entry(key(&task)).or_insert_with(|| {
			info!(job = task.job, block = head.number, deadline = task.deadline, "to do: {}", task.kind);
			Attempts { tries: 0, misses: 0, lacking: u32::MAX, recurred: 0, since, next: None, failure: None }
		});
		attempts.tries += 1;
		attempts.next = None;
		let id = self.tasks.spawn(work).id();
		self.running.insert(id, task);
	}

	/// Takes a task's outcome: its call becomes an intent.
	pub(super) fn finish(&mut self, done: Result<(Id, Result<Done, Failure>), JoinError>, head: Block) {
		let (id, outcome) = done.unwrap_or_else(|panic| (panic.id(), Err(Failure::from(panic))));
		let Some(task) = self.running.remove(&id) else { return };
		match outcome {
			Ok(Done::Call(call)) => self.intend(&task, &call, head),
			Ok(Done::ForNow) => self.look_again(&task),
			Err(Failure::Lacking(units, text)) => self.lack(&task, &units, text, head),
			Err(failure) => self.fail(&task, failure, head),
		}
	}

	fn intend(&mut self, task: &Task, call: &Call, head: Block) {
		match self.outbox.intend(task, call, head.number) {
			Ok(_) => drop(self.attempts.remove(&key(task))),
			Err(error) => self.pause(task, Failure::transient(error)),
		}
	}

	/// Something is missing that others committed to: after some tries, or a part of the time that it has, the party challenges
	/// its availability, once in the stage, naming all that is missing.
	fn lack(&mut self, task: &Task, units: &UnitSet, text: String, head: Block) {
		let now = self.now;
		let Some(attempts) = self.attempts.get_mut(&key(task)) else { return };
		let lacking = units.count();
		attempts.misses += u32::from(lacking >= attempts.lacking || attempts.lacking == u32::MAX);
		attempts.lacking = lacking;
		let is_pressing = task.deadline.is_some_and(|deadline| is_pressing(attempts.since, deadline, now));
		let stage = match &task.kind {
			TaskKind::Duty(kind) => task::stage_of(*kind),
			_ => None,
		};
		if let Some(stage) = stage.filter(|_| attempts.misses >= MAX_MISSES || is_pressing) {
			let challenge = Task { kind: TaskKind::Challenge(stage), ..task.clone() };
			match self.outbox.intend(&challenge, &Call::challenge(task.job, units), head.number) {
				Ok(true) => warn!(job = task.job, ?units, "challenging the availability of what is missing: {text}"),
				Ok(false) => {},
				Err(error) => warn!(job = task.job, "cannot challenge what is missing: {error}"),
			}
		}
		self.fail(task, Failure::transient(text), head);
	}

	/// A duty that is done for now stands until the chain has seen it.
	fn look_again(&mut self, task: &Task) {
		if let Some(attempts) = self.attempts.get_mut(&key(task)) {
			attempts.next = Some(self.clock.now() + LOOK_AGAIN);
		}
	}

	fn fail(&mut self, task: &Task, failure: Failure, head: Block) {
		let Some(attempts) = self.attempts.get_mut(&key(task)) else { return };
		attempts.recurred += u32::from(matches!(failure, Failure::Recurring(..)));
		attempts.failure = Some(failure.clone());
		match self.attempts.get(&key(task)) {
			Some(attempts) if self.must_decline(task, attempts) => self.decline(task, head),
			_ => self.pause(task, failure),
		}
	}

	/// Declines a job that cannot be confirmed, or not in time.
	fn decline(&mut self, task: &Task, head: Block) {
		let Some(attempts) = self.attempts.get(&key(task)) else { return };
		let reason = attempts.failure.as_ref().map_or(DeclineReason::Other, Failure::reason);
		let job = task.job;
		let tries = attempts.tries;
		let deadline = task.deadline;
		match &attempts.failure {
			Some(Failure::Permanent(_, text)) => warn!(job, ?reason, "declining: {text}"),
			Some(failure) => warn!(job, ?reason, tries, deadline, "declining, for it does not pass in time: {failure}"),
			None => warn!(job, ?reason, deadline, "declining, for the checks are not finished in time"),
		}
		self.intend(task, &Call::decline(job, reason), head);
	}

	fn pause(&mut self, task: &Task, failure: Failure) {
		let key = key(task);
		let Some(attempts) = self.attempts.get_mut(&key) else { return };
		let tries = attempts.tries;
		let pause = Duration::from_secs(1 << tries.min(6)).min(LONGEST_PAUSE) / 2;
		let job = task.job;
		let name = key.1;
		match task.deadline {
			Some(deadline) if is_owed(task) && tries >= LOUD_TRIES => error!(
				job,
				tries,
				"cannot {name} yet: {failure}; again in {pause:?}. What this job has at stake is LOST if it is not done \
				 by block {deadline}, and it is too late to decline"
			),
			_ => warn!(job, tries, "cannot {name} yet: {failure}; again in {pause:?}"),
		}
		attempts.failure = Some(failure);
		attempts.next = Some(self.clock.now() + pause);
	}
}

/// There is one task of a name in each job.
fn key(task: &Task) -> (JobId, String) {
	(task.job, task.kind.to_string())
}

fn is_confirmation(task: &Task) -> bool {
	task.kind == TaskKind::Duty(DutyKind::Confirm)
}

/// Whether a quarter of the time until a deadline has passed: who serves slowly must not put off the challenge.
fn is_pressing(since: BlockNumber, deadline: BlockNumber, now: BlockNumber) -> bool {
	now.saturating_sub(since) >= deadline.saturating_sub(since) / 4
}

/// Whether the job's whole bond is lost if a task is not done.
fn is_owed(task: &Task) -> bool {
	match task.kind {
		TaskKind::Duty(kind) => matches!(
			kind,
			DutyKind::CommitSelection
				| DutyKind::CommitInputs
				| DutyKind::CommitOutput
				| DutyKind::CommitResult
				| DutyKind::Publish
		),
		TaskKind::Challenge(_) | TaskKind::Report => false,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{behaviour::Honest, clock::SystemClock};
	use encrytrust_chain_client::H256;

	/// Delivers nothing in a stage.
	struct Silent(Stage);

	impl Behaviour for Silent {
		fn is_silent(&self, stage: Stage) -> bool {
			stage == self.0
		}
	}

	const SEEN: BlockNumber = 100;
	const DEADLINE: BlockNumber = 150;

	fn task(kind: DutyKind) -> Task {
		Task { job: 7, kind: TaskKind::Duty(kind), deadline: Some(DEADLINE) }
	}

	fn block(number: BlockNumber) -> Block {
		Block { number, hash: H256([0; 32]) }
	}

	/// The calls that wait in a database to be signed.
	fn calls(database: &Database) -> Vec<String> {
		let connection = database.lock();
		let mut query = connection.prepare("SELECT call FROM intents").unwrap();
		let calls = query.query_map([], |row| row.get(0)).unwrap();
		calls.collect::<Result<_, _>>().unwrap()
	}

	/// Goes through the finalised blocks with a task of which each try ends as `work` says, without waiting between
	/// tries; the blocks of the tries, and the block in which there was a call.
	async fn follow<F>(
		scheduler: &mut Scheduler,
		task: &Task,
		work: fn() -> F,
	) -> (Vec<BlockNumber>, Option<BlockNumber>)
	where
		F: Future<Output = Result<Done, Failure>> + Send + 'static,
	{
		let mut tries = vec![];
		for number in SEEN..=DEADLINE {
			if let Some(Attempts { next: Some(at), .. }) = scheduler.attempts.get_mut(&key(task)) {
				*at = scheduler.clock.now();
			}
			scheduler.now = number;
			match scheduler.next(task) {
				Next::Begin => {
					tries.push(number);
					scheduler.begin(task.clone(), block(number), work());
				},
				Next::Wait => {},
				Next::Decline => scheduler.decline(task, block(number)),
			}
			tokio::task::yield_now().await;
			while let Some(done) = scheduler.tasks.try_join_next_with_id() {
				scheduler.finish(done, block(number));
			}
			if !scheduler.outbox.wants(task.job, &task.kind, number).unwrap() {
				return (tries, Some(number));
			}
		}
		(tries, None)
	}

	async fn transient() -> Result<Done, Failure> {
		Err(Failure::Transient(DeclineReason::UserKey, "not yet".into()))
	}

	async fn recurring() -> Result<Done, Failure> {
		Err(Failure::Recurring(DeclineReason::Data, "statement timeout".into()))
	}

	async fn permanent() -> Result<Done, Failure> {
		Err(Failure::Permanent(DeclineReason::Data, "wrong password".into()))
	}

	async fn panicking() -> Result<Done, Failure> {
		panic!("as expected in this test")
	}

	async fn endless() -> Result<Done, Failure> {
		std::future::pending().await
	}

	async fn confirmed() -> Result<Done, Failure> {
		Ok(Done::Call(Call::confirm(7, H256([0; 32]), None)))
	}

	macro_rules! outcome {
		($kind:expr, $behaviour:expr, $work:expr) => {{
			let folder = tempfile::tempdir().unwrap();
			let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
			let mut scheduler = Scheduler::new(database.clone(), Arc::new(SystemClock::default()), &$behaviour);
			let (tries, called) = follow(&mut scheduler, &task($kind), $work).await;
			(tries.len(), called, calls(&database))
		}};
	}

	#[tokio::test]
	async fn a_confirmation_that_keeps_failing_is_declined_in_time() {
		let declined = |tries: usize, at: BlockNumber| (tries, Some(at), vec!["decline".to_string()]);
		let confirm = DutyKind::Confirm;
		assert_eq!(outcome!(confirm, Honest, confirmed), (1, Some(SEEN), vec!["confirm".into()]));
		assert_eq!(outcome!(confirm, Honest, permanent), declined(1, SEEN));
		assert_eq!(outcome!(confirm, Honest, recurring), declined(4, SEEN + 3));
		assert_eq!(outcome!(confirm, Honest, transient), declined(40, DEADLINE - 10));
		assert_eq!(outcome!(confirm, Honest, panicking), declined(40, DEADLINE - 10));
		assert_eq!(outcome!(confirm, Honest, endless), declined(1, DEADLINE - 10));
	}

	#[tokio::test]
	async fn what_cannot_be_declined_is_tried_until_its_deadline() {
		let all = (DEADLINE - SEEN + 1) as usize;
		for kind in [DutyKind::CommitSelection, DutyKind::CommitInputs, DutyKind::CommitOutput, DutyKind::CommitResult]
		{
			assert_eq!(outcome!(kind, Honest, transient), (all, None, vec![]));
			assert_eq!(outcome!(kind, Honest, permanent), (all, None, vec![]));
		}
		let silent = Silent(Stage::Confirmation);
		assert_eq!(outcome!(DutyKind::Confirm, silent, transient), (all, None, vec![]));
		assert_eq!(outcome!(DutyKind::Confirm, Silent(Stage::Inputs), permanent).2, ["decline"]);
	}

	#[tokio::test]
	async fn a_confirmation_that_the_chain_refused_is_not_sent_again() {
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		let scheduler = Scheduler::new(database.clone(), Arc::new(SystemClock::default()), &Honest);
		for (kind, call, refused) in [
			(DutyKind::Confirm, Call::confirm(7, H256([0; 32]), None), true),
			(DutyKind::Settle, Call::settle(7), false),
		] {
			let task = task(kind);
			scheduler.outbox.intend(&task, &call, SEEN).unwrap();
			assert_eq!(scheduler.refusal(&task).unwrap(), None);
			let failed = "UPDATE intents SET state = 'failed', block = 101, error = 'WrongContract'";
			database.lock().execute(failed, []).unwrap();
			let refusal = scheduler.refusal(&task).unwrap().map(|failure| failure.to_string());
			let text = "the chain refused the confirmation: WrongContract";
			assert_eq!(refusal, refused.then(|| text.to_string()));
		}
	}

	#[tokio::test]
	async fn a_panic_of_one_task_leaves_the_others_as_they_are() {
		let folder = tempfile::tempdir().unwrap();
		let mut scheduler = Scheduler::new(
			Database::open(&folder.path().join("worker.sqlite")).unwrap(),
			Arc::new(SystemClock::default()),
			&Honest,
		);
		scheduler.begin(Task { job: 8, ..task(DutyKind::Confirm) }, block(SEEN), endless());
		scheduler.begin(task(DutyKind::Confirm), block(SEEN), panicking());
		let done = scheduler.tasks.join_next_with_id().await.unwrap();
		scheduler.finish(done, block(SEEN));
		let is_under_way = |job| scheduler.attempts[&(job, "confirm".to_string())].next.is_none();
		assert!(is_under_way(8) && !is_under_way(7));
	}
}
