//! Starts tasks at each finalised block, tries them again, and declines what cannot be confirmed in time.

use super::{
	failure::{must_decline, Failure},
	watchtower::Watchtower,
	Worker,
};
use crate::{
	behaviour::Behaviour,
	database::Database,
	outbox::{Outbox, OutboxError, State},
	task::{self, Task, TaskKind},
};
use encrytrust_chain_client::{Block, BlockNumber, Call};
use encrytrust_job_client::Clock;
use encrytrust_types::{
	job::{DeclineReason, DutyKind, Stage},
	JobId,
};
use std::{
	collections::{HashMap, HashSet},
	future::Future,
	pin::Pin,
	sync::Arc,
	time::Duration,
};
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, info, warn};

/// The longest pause before a duty that could not be done is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How often what is missing of others is looked for until its availability is challenged.
const MAX_MISSES: u32 = 4;
/// How many times as long as it ran costly work rests beside owed work.
const RESTS: u32 = 3;
/// The pause until what was published is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(6);
/// Failures of what the bond of a confirmed job hangs on, after which the log says so as an error.
const LOUD_TRIES: u32 = 3;

/// What is under way.
pub(super) struct Scheduler {
	outbox: Outbox,
	pub(super) tasks: JoinSet<Result<Done, Failure>>,
	/// What each of `tasks` is.
	running: HashMap<Id, Running>,
	/// Confirmations that wait for their turn.
	waiting: Vec<(Task, Costly)>,
	/// Until when costly work is not begun beside owed work.
	rest_until: Duration,
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
	/// All of a confirmation that costs next to nothing. The rest is done when its turn comes.
	Costly(Costly),
}

/// Work that keeps the machine busy, for a job that costs those who request it next to nothing.
pub(super) type Costly = Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>>;

/// A task that is under way.
struct Running {
	task: Task,
	/// When its costly work was begun, if that is what runs.
	costly_since: Option<Duration>,
}

/// What was tried of a task.
struct Attempts {
	tries: u32,
	/// How many tries lacked units of others, and brought none of them.
	misses: u32,
	/// How many units the last try lacked.
	lacking: u32,
	/// Whether a try began because it presses to challenge what was lacking.
	has_pressed: bool,
	/// How many of the tries ended in a recurring failure.
	recurred: u32,
	/// The finality clock when the task was first seen.
	since: BlockNumber,
	/// When it is tried again; none while it is under way, or waits for its turn.
	next: Option<Duration>,
	/// How it failed the last time.
	failure: Option<Failure>,
}

/// What to do about a task now.
#[derive(Debug, PartialEq, Eq)]
enum Next {
	Begin,
	/// The same, without waiting for others again.
	Press,
	Wait,
	Decline,
}

impl Scheduler {
	pub(super) fn new(database: Database, clock: Arc<dyn Clock>, behaviour: &dyn Behaviour) -> Self {
		Self {
			outbox: Outbox::new(database),
			tasks: JoinSet::new(),
			running: HashMap::new(),
			waiting: Vec::new(),
			rest_until: Duration::ZERO,
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
		worker.now.send_replace(self.now);
		// What is due is done even if what was done cannot be sent now: a full disk or one stubborn extrinsic may pass.
		if let Err(error) = self.outbox.step(&*worker.chain, head).await {
			warn!(block = head.number, "cannot bring the extrinsics on: {error}; trying again at the next block");
		}
		let mut tasks = task::due(&*worker.chain, head).await?;
		tasks.sort_by_key(urgency);
		self.forget_all_but(&tasks);
		worker.expected.retain(|job| tasks.iter().any(|task| task.job == job && is_confirmation(task)));
		let mut has_declined = false;
		for task in tasks {
			if !self.outbox.wants(task.job, &task.kind, head.number)? {
				continue;
			}
			match self.next(&task) {
				next @ (Next::Begin | Next::Press) => {
					let worker = worker.clone();
					let work = task.clone();
					let refusal = self.refusal(&task)?;
					self.begin(task, head, async move {
						match refusal {
							Some(failure) => Err(failure),
							None => worker.perform(work, head, next == Next::Press).await,
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
		self.begin_costly();
		if has_declined {
			// At the next block it may be too late.
			self.outbox.step(&*worker.chain, head).await?;
		}
		self.watchtower.on_finalized_block(worker, &self.outbox, head).await
	}

	/// What is neither due any more nor under way is forgotten, and what waits for its turn.
	fn forget_all_but(&mut self, due: &[Task]) {
		let due: HashSet<_> = due.iter().map(key).collect();
		let running: HashSet<_> = self.running.values().map(|running| key(&running.task)).collect();
		self.waiting.retain(|(task, _)| due.contains(&key(task)));
		self.attempts.retain(|key, _| due.contains(key) || running.contains(key));
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
			Some(attempts) if self.is_pressing(attempts) => Next::Press,
			Some(Attempts { next: Some(at), .. }) if self.clock.now() >= *at => Next::Begin,
			Some(_) => Next::Wait,
		}
	}

	/// Whether a task waits for its next try, and what it lacked is to be challenged before.
	fn is_pressing(&self, attempts: &Attempts) -> bool {
		let lacked = match &attempts.failure {
			Some(Failure::Lacking { pressing_from, .. }) => self.now >= *pressing_from,
			_ => false,
		};
		lacked && attempts.next.is_some() && !attempts.has_pressed
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
			Attempts {
				tries: 0,
				misses: 0,
				lacking: u32::MAX,
				has_pressed: false,
				recurred: 0,
				since,
				next: None,
				failure: None,
			}
		});
		attempts.tries += 1;
		attempts.next = None;
		self.spawn(task, None, work);
	}

	fn spawn(
		&mut self,
		task: Task,
		costly_since: Option<Duration>,
		work: impl Future<Output = Result<Done, Failure>> + Send + 'static,
	) {
		let id = self.tasks.spawn(work).id();
		self.running.insert(id, Running { task, costly_since });
	}

	/// Begins costly work if it may be begun: for one confirmation at a time, the one with the nearest deadline first.
	fn begin_costly(&mut self) {
		if !self.may_begin_costly() {
			return;
		}
		let next = (0..self.waiting.len()).min_by_key(|index| self.waiting.get(*index).map(|(task, _)| urgency(task)));
		if let Some(next) = next {
			let (task, work) = self.waiting.swap_remove(next);
			self.spawn(task, Some(self.clock.now()), work);
		}
	}

	/// Beside owed work it rests for [`RESTS`] times as long as it last ran: if it takes half of the machine when it runs,
	/// owed work takes a seventh longer, however many jobs are requested.
	fn may_begin_costly(&self) -> bool {
		let is_under_way = self.running.values().any(|running| running.costly_since.is_some());
		let is_owing = self.running.values().any(|running| is_owed(&running.task));
		!is_under_way && (!is_owing || self.clock.now() >= self.rest_until)
	}

	/// Takes a task's outcome: its call becomes an intent.
	pub(super) fn finish(&mut self, done: Result<(Id, Result<Done, Failure>), JoinError>, head: Block) {
		let (id, outcome) = done.unwrap_or_else(|panic| (panic.id(), Err(Failure::from(panic))));
		let Some(Running { task, costly_since }) = self.running.remove(&id) else { return };
		if let Some(since) = costly_since {
			let now = self.clock.now();
			self.rest_until = now + RESTS * now.saturating_sub(since);
		}
		match outcome {
			Ok(Done::Call(call)) => self.intend(&task, &call, head),
			Ok(Done::ForNow) => self.look_again(&task),
			Ok(Done::Costly(work)) => self.wait(task, work),
			Err(failure @ Failure::Lacking { .. }) => self.lack(&task, failure, head),
			Err(failure) => self.fail(&task, failure, head),
		}
		self.begin_costly();
	}

	/// Has costly work wait for its turn, unless its task was declined or is not due any more.
	fn wait(&mut self, task: Task, work: Costly) {
		if self.attempts.contains_key(&key(&task)) {
			self.waiting.push((task, work));
		}
	}

	fn intend(&mut self, task: &Task, call: &Call, head: Block) {
		self.waiting.retain(|(waiting, _)| key(waiting) != key(task));
		match self.outbox.intend(task, call, head.number) {
			Ok(_) => drop(self.attempts.remove(&key(task))),
			Err(error) => self.pause(task, Failure::transient(error)),
		}
	}

	/// Something is missing that others committed to: after some tries, or when it presses, the party challenges its availability,
	/// once in the stage, naming all that is missing.
	fn lack(&mut self, task: &Task, failure: Failure, head: Block) {
		let Failure::Lacking { units, pressing_from, .. } = &failure else { return };
		let Some(attempts) = self.attempts.get_mut(&key(task)) else { return };
		let lacking = units.count();
		attempts.misses += u32::from(lacking >= attempts.lacking || attempts.lacking == u32::MAX);
		attempts.lacking = lacking;
		let is_pressing = self.now >= *pressing_from;
		attempts.has_pressed |= is_pressing;
		let stage = match &task.kind {
			TaskKind::Duty(kind) => task::stage_of(*kind),
			_ => None,
		};
		if let Some(stage) = stage.filter(|_| attempts.misses >= MAX_MISSES || is_pressing) {
			let challenge = Task { kind: TaskKind::Challenge(stage), ..task.clone() };
			match self.outbox.intend(&challenge, &Call::challenge(task.job, units), head.number) {
				Ok(true) => warn!(job = task.job, ?units, "challenging the availability of what is missing: {failure}"),
				Ok(false) => {},
				Err(error) => {
					// Once more at the next block.
					attempts.has_pressed = false;
					warn!(job = task.job, "cannot challenge what is missing: {error}");
				},
			}
		}
		self.fail(task, failure, head);
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

/// What is owed goes first, and then what is due first.
fn urgency(task: &Task) -> (bool, bool, Option<BlockNumber>) {
	(!is_owed(task), task.deadline.is_none(), task.deadline)
}

/// There is one task of a name in each job.
fn key(task: &Task) -> (JobId, String) {
	(task.job, task.kind.to_string())
}

fn is_confirmation(task: &Task) -> bool {
	task.kind == TaskKind::Duty(DutyKind::Confirm)
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
	use crate::{behaviour::Honest, set_clock::SetClock, SystemClock};
	use encrytrust_chain_client::H256;
	use std::sync::{
		atomic::{AtomicUsize, Ordering},
		Mutex,
	};
	use tokio::sync::oneshot;

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
				Next::Begin | Next::Press => {
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

	const PRESSING: BlockNumber = SEEN + 20;

	async fn lacking() -> Result<Done, Failure> {
		let units = [3].into_iter().collect();
		Err(Failure::Lacking { units, pressing_from: PRESSING, text: "not at hand: x".into() })
	}

	/// The block in which there is a challenge of a task that lacks something as often as it is tried, which is never again
	/// before `pause` is over.
	fn challenged(pause: Duration) -> Option<BlockNumber> {
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		let mut scheduler = Scheduler::new(database.clone(), Arc::new(SystemClock::default()), &Honest);
		let task = task(DutyKind::CommitOutput);
		let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
		for number in SEEN..=DEADLINE {
			if let Some(Attempts { next: Some(at), .. }) = scheduler.attempts.get_mut(&key(&task)) {
				*at = scheduler.clock.now() + pause;
			}
			scheduler.now = number;
			if matches!(scheduler.next(&task), Next::Begin | Next::Press) {
				runtime.block_on(async {
					scheduler.begin(task.clone(), block(number), lacking());
					let done = scheduler.tasks.join_next_with_id().await.unwrap();
					scheduler.finish(done, block(number));
				});
			}
			if !calls(&database).is_empty() {
				assert_eq!(calls(&database), ["challenge"]);
				return Some(number);
			}
		}
		None
	}

	#[test]
	fn what_is_lacking_is_challenged_after_some_tries_or_when_it_presses() {
		assert_eq!(challenged(Duration::ZERO), Some(SEEN + MAX_MISSES - 1));
		let never = Duration::from_secs(1_000_000);
		assert_eq!(challenged(never), Some(PRESSING), "whatever the pause until the next try");
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

	fn confirmation(job: JobId, deadline: BlockNumber) -> Task {
		Task { job, kind: TaskKind::Duty(DutyKind::Confirm), deadline: Some(deadline) }
	}

	fn scheduler(folder: &tempfile::TempDir, clock: &Arc<SetClock>) -> Scheduler {
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		Scheduler::new(database, clock.clone(), &Honest)
	}

	/// Takes the outcome of the task that ends next.
	async fn finish_next(scheduler: &mut Scheduler) {
		let done = scheduler.tasks.join_next_with_id().await.unwrap();
		scheduler.finish(done, block(SEEN));
	}

	/// Begins a confirmation whose checks are done but for what is costly.
	async fn check(scheduler: &mut Scheduler, task: Task, costly: impl Future<Output = ()> + Send + 'static) {
		let call = Call::confirm(task.job, H256([0; 32]), None);
		let costly = async move {
			costly.await;
			Ok::<_, Failure>(Done::Call(call))
		};
		scheduler.begin(task, block(SEEN), async move { Ok(Done::Costly(Box::pin(costly))) });
		finish_next(scheduler).await;
	}

	/// The job whose costly work runs.
	fn costly_job(scheduler: &Scheduler) -> Option<JobId> {
		let mut costly = scheduler.running.values().filter(|running| running.costly_since.is_some());
		let job = costly.next().map(|running| running.task.job);
		assert!(costly.next().is_none(), "one at a time");
		job
	}

	#[tokio::test]
	async fn costly_work_of_confirmations_is_done_one_at_a_time_and_by_deadline() {
		const REQUESTS: u64 = 40;
		let folder = tempfile::tempdir().unwrap();
		let mut scheduler = scheduler(&folder, &Arc::default());
		let at_once = Arc::new(AtomicUsize::new(0));
		let order = Arc::new(Mutex::new(vec![]));
		for job in 0..REQUESTS {
			let (at_once, order) = (at_once.clone(), order.clone());
			let costly = async move {
				assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
				order.lock().unwrap().push(job);
				for _ in 0..5 {
					tokio::task::yield_now().await;
				}
				at_once.fetch_sub(1, Ordering::SeqCst);
			};
			check(&mut scheduler, confirmation(job, DEADLINE - job as u32), costly).await;
		}
		while !scheduler.running.is_empty() {
			costly_job(&scheduler);
			finish_next(&mut scheduler).await;
		}
		let confirmed = (0..REQUESTS).filter(|job| {
			let kind = TaskKind::Duty(DutyKind::Confirm);
			!scheduler.outbox.wants(*job, &kind, SEEN).unwrap()
		});
		assert_eq!(confirmed.count(), REQUESTS as usize);
		assert_eq!(order.lock().unwrap().len(), REQUESTS as usize);
	}

	#[tokio::test]
	async fn confirmation_with_the_nearest_deadline_has_its_turn_first() {
		let folder = tempfile::tempdir().unwrap();
		let mut scheduler = scheduler(&folder, &Arc::default());
		let (end, ended) = oneshot::channel::<()>();
		check(&mut scheduler, confirmation(1, 150), async { ended.await.unwrap() }).await;
		for (job, deadline) in [(2, 140), (3, 120), (4, 130)] {
			check(&mut scheduler, confirmation(job, deadline), async {}).await;
		}
		end.send(()).unwrap();
		let mut order = vec![];
		while let Some(job) = costly_job(&scheduler) {
			order.push(job);
			finish_next(&mut scheduler).await;
		}
		assert_eq!(order, [1, 3, 4, 2]);
	}

	#[tokio::test]
	async fn costly_work_rests_while_work_is_owed() {
		let folder = tempfile::tempdir().unwrap();
		let clock = Arc::new(SetClock::default());
		let mut scheduler = scheduler(&folder, &clock);
		let (deliver, delivered) = oneshot::channel::<()>();
		scheduler.begin(task(DutyKind::CommitInputs), block(SEEN), async {
			delivered.await.unwrap();
			Ok(Done::ForNow)
		});
		let (end, ended) = oneshot::channel::<()>();
		check(&mut scheduler, confirmation(1, 110), async { ended.await.unwrap() }).await;
		for job in [2, 3, 4] {
			check(&mut scheduler, confirmation(job, 110 + job as u32), async {}).await;
		}
		assert_eq!(costly_job(&scheduler), Some(1));
		clock.set(10);
		end.send(()).unwrap();
		finish_next(&mut scheduler).await;
		assert_eq!(costly_job(&scheduler), None, "it ran for ten seconds");
		clock.set(39);
		scheduler.begin_costly();
		assert_eq!(costly_job(&scheduler), None);
		clock.set(40);
		scheduler.begin_costly();
		assert_eq!(costly_job(&scheduler), Some(2), "at last");
		clock.set(50);
		finish_next(&mut scheduler).await;
		assert_eq!(costly_job(&scheduler), None);
		deliver.send(()).unwrap();
		finish_next(&mut scheduler).await;
		assert_eq!(costly_job(&scheduler), Some(3), "nothing is owed any more");
		clock.set(60);
		finish_next(&mut scheduler).await;
		assert_eq!(costly_job(&scheduler), Some(4));
	}

	#[tokio::test]
	async fn confirmation_that_waits_too_long_for_its_turn_is_declined() {
		let folder = tempfile::tempdir().unwrap();
		let mut scheduler = scheduler(&folder, &Arc::default());
		let last = confirmation(2, DEADLINE);
		check(&mut scheduler, confirmation(1, DEADLINE), std::future::pending()).await;
		check(&mut scheduler, last.clone(), async {}).await;
		for (now, next) in [(SEEN, Next::Wait), (DEADLINE - 11, Next::Wait), (DEADLINE - 10, Next::Decline)] {
			scheduler.now = now;
			scheduler.forget_all_but(&[confirmation(1, DEADLINE), last.clone()]);
			assert_eq!(scheduler.next(&last), next, "{now}");
		}
		scheduler.decline(&last, block(DEADLINE - 10));
		assert!(scheduler.waiting.is_empty(), "nothing is done in vain");
		assert!(!scheduler.outbox.wants(2, &last.kind, DEADLINE).unwrap());
	}

	#[tokio::test]
	async fn confirmation_that_is_not_due_any_more_loses_its_turn() {
		let folder = tempfile::tempdir().unwrap();
		let mut scheduler = scheduler(&folder, &Arc::default());
		check(&mut scheduler, confirmation(1, DEADLINE), std::future::pending()).await;
		check(&mut scheduler, confirmation(2, DEADLINE), async {}).await;
		scheduler.forget_all_but(&[]);
		assert!(scheduler.waiting.is_empty() && !scheduler.attempts.contains_key(&key(&confirmation(2, 0))));
		assert!(scheduler.attempts.contains_key(&key(&confirmation(1, 0))), "it is under way");
	}

	#[test]
	fn owed_work_is_the_most_urgent() {
		let mut tasks = [
			confirmation(1, 110),
			Task { deadline: None, ..task(DutyKind::Resume) },
			task(DutyKind::CommitOutput),
			confirmation(2, 105),
			Task { deadline: Some(140), ..task(DutyKind::Publish) },
		];
		tasks.sort_by_key(urgency);
		let deadlines: Vec<_> = tasks.iter().map(|task| task.deadline).collect();
		assert_eq!(deadlines, [Some(140), Some(DEADLINE), Some(105), Some(110), None]);
	}
}
