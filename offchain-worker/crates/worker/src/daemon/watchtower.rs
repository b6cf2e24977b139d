//! Looking at what the others of a job committed to, and acting on what is found: a fault is shown to the chain at once,
//! whoever else may have seen it. What cannot be had is challenged by who needs it for its own stage, see `duties`.
//!
//! Each commitment is looked at until everything in it was seen. Nothing of this is on disk: after a restart the
//! commitments of open jobs are looked at anew, and the outbox knows what was already reported.

use super::{Failure, Worker};
use crate::{
	outbox::{Outbox, OutboxError},
	task::{Task, TaskKind},
};
use encrytrust_chain_client::{AccountId, Block, Call, Delivered, JobInfo};
use encrytrust_fault_proofs::Fault;
use encrytrust_job_client::{Clock, Inspection, JobArtifacts};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{computing_provider, coordinator, stage_name, verification::Outcome, Job, ProtocolError};
use encrytrust_types::{
	job::{Selection, Stage},
	JobId,
};
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	future::Future,
	sync::Arc,
	time::Duration,
};
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{debug, info, warn};

/// The pause between two looks at what is missing; it grows with each look that finds nothing new.
const PAUSE: Duration = Duration::from_secs(5);
/// How many pauses are the longest one.
const MOST_PAUSES: u32 = 12;

/// The jobs that are looked at.
pub(super) struct Watchtower {
	clock: Arc<dyn Clock>,
	/// The first job that was not looked at yet.
	next: Option<JobId>,
	jobs: BTreeMap<JobId, Watched>,
	/// The peers that connections and responses are reserved for.
	reserved: BTreeSet<[u8; 32]>,
	pub(super) rounds: JoinSet<Result<Round, Failure>>,
	/// What each of `rounds` looks at.
	running: HashMap<Id, Looking>,
}

/// A round that is under way.
struct Looking {
	job: JobId,
	/// Whether the account takes part in the job.
	is_party: bool,
}

/// What is known of a job.
#[derive(Default)]
struct Watched {
	under_way: bool,
	/// The parties' keys in the workers' network, if this worker is one of them.
	peers: BTreeSet<[u8; 32]>,
	pause: Option<Duration>,
	/// How many looks in turn found nothing new.
	looks: u32,
	/// How many units of the job were published on chain when it was last looked at.
	published: u32,
	/// Whether the last look ended in a failure, and saw nothing.
	has_failed: bool,
	/// Commitments with which all is well, as far as we see.
	checked: BTreeSet<(Stage, AccountId)>,
	/// The commitments of which something could not be had.
	missing: BTreeSet<(Stage, AccountId)>,
	/// What is to be reported.
	report: Option<Fault>,
	/// What the node may send without an account, until it was left to it.
	left: Option<Fault>,
}

/// What came out of looking at a job once.
#[derive(Default)]
pub(super) struct Round {
	checked: Vec<(Stage, AccountId)>,
	/// The commitments of which something is missing.
	missing: BTreeSet<(Stage, AccountId)>,
	/// The commitment that is wrong, and what shows it.
	fault: Option<((Stage, AccountId), Fault)>,
}

impl Watchtower {
	pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
		Self {
			clock,
			next: None,
			jobs: BTreeMap::new(),
			reserved: BTreeSet::new(),
			rounds: JoinSet::new(),
			running: HashMap::new(),
		}
	}

	/// What there is to look at at a finalised block, and what there is to do about what was found.
	pub(super) async fn on_finalized_block(
		&mut self,
		worker: &Arc<Worker>,
		outbox: &Outbox,
		head: Block,
	) -> anyhow::Result<()> {
		let end = worker.chain.next_job(head).await?;
		let first = match self.next {
			Some(next) => next,
			None => worker.database.first_open_job()?,
		};
		self.jobs.extend((first..end).map(|id| (id, Watched::default())));
		self.next = Some(end.max(first));
		let mut ids: Vec<JobId> = self.jobs.keys().copied().collect();
		// Where looking is in vain does not keep it from others.
		ids.sort_by_key(|id| self.jobs.get(id).map(|watched| watched.looks));
		for id in ids {
			let job = match worker.chain.job(id, head).await {
				Err(error) if !error.is_disconnected() => {
					warn!(job = id, "cannot read the job: {error}; again at the next block");
					continue;
				},
				job => job?.filter(|info| !info.status.is_ended() && worker.is_concerned(info)),
			};
			let is_party = job.as_ref().is_some_and(|info| worker.is_party(info));
			let has_room = self.has_room(is_party);
			match (job, self.jobs.get_mut(&id)) {
				(Some(info), Some(watched)) => {
					if worker.is_party(&info) {
						watched.peers = info.contract.parties().map(|(_, party)| party.endpoint.peer).collect();
					}
					if let Some(fault) = watched.left.take() {
						worker.submit_via_node(id, &fault).await;
					}
					watched.act(id, outbox, head)?;
					watched.see_published(info.published.count());
					let unchecked = watched.unchecked(&worker.me, &info.commitments, self.clock.now());
					if let Some(unchecked) = unchecked.filter(|_| has_room) {
						// Only what is missing can have been challenged.
						let reads_chain = !watched.missing.is_empty() && info.published.count() > 0;
						let worker = worker.clone();
						let round = async move { worker.round(info, unchecked, reads_chain, id, head).await };
						self.begin(Looking { job: id, is_party }, round);
					}
				},
				_ => drop(self.jobs.remove(&id)),
			}
		}
		self.reserve_for_parties(worker).await;
		let open = self.jobs.keys().next().copied().unwrap_or(end);
		if worker.database.first_open_job()? < open {
			worker.database.set_first_open_job(open)?;
		}
		Ok(())
	}

	/// Reserves connections and responses for the parties of this worker's jobs, requested ones included. The user connects under
	/// a key of the moment, and is a stranger.
	async fn reserve_for_parties(&mut self, worker: &Worker) {
		let peers: BTreeSet<_> = self.jobs.values().flat_map(|watched| &watched.peers).copied().collect();
		if peers != self.reserved {
			worker.network.reserve_for(&peers).await;
			self.reserved = peers;
		}
	}

	/// Jobs in which the account has no part, and nothing at stake, are looked at one at a time: anybody can make many.
	fn has_room(&self, is_party: bool) -> bool {
		is_party || self.running.values().all(|looking| looking.is_party)
	}

	fn begin(&mut self, looking: Looking, round: impl Future<Output = Result<Round, Failure>> + Send + 'static) {
		if let Some(watched) = self.jobs.get_mut(&looking.job) {
			watched.under_way = true;
			self.running.insert(self.rounds.spawn(round).id(), looking);
		}
	}

	/// Takes what came out of a round; a panic in it is a failure of its job alone.
	pub(super) fn finish(&mut self, done: Result<(Id, Result<Round, Failure>), JoinError>) {
		let (round, outcome) = done.unwrap_or_else(|panic| (panic.id(), Err(Failure::from(panic))));
		let Some(Looking { job: id, .. }) = self.running.remove(&round) else { return };
		let Some(watched) = self.jobs.get_mut(&id) else { return };
		watched.under_way = false;
		watched.looks = watched.looks.saturating_add(1);
		let pause = PAUSE * watched.looks.min(MOST_PAUSES);
		watched.pause = Some(self.clock.now() + pause);
		watched.has_failed = outcome.is_err();
		match outcome {
			Ok(round) => watched.take(round),
			Err(failure) => warn!(job = id, "cannot look at the others' part yet: {failure}; again in {pause:?}"),
		}
	}
}

impl Watched {
	/// Commitments of others that are to be looked at now, if there are any.
	fn unchecked(
		&self,
		me: &AccountId,
		commitments: &[Delivered],
		now: Duration,
	) -> Option<BTreeSet<(Stage, AccountId)>> {
		let commitments = commitments.iter().filter(|delivered| delivered.who != *me);
		let mut unchecked: BTreeSet<_> =
			commitments.map(|delivered| (delivered.stage, delivered.who.clone())).collect();
		unchecked.retain(|commitment| !self.checked.contains(commitment));
		// A new commitment does not wait for what is missing of another.
		let known = unchecked.iter().all(|commitment| self.missing.contains(commitment));
		let pausing = (known || self.has_failed) && self.pause.is_some_and(|pause| now < pause);
		(!unchecked.is_empty() && !self.under_way && !pausing).then_some(unchecked)
	}

	/// What was published on chain is looked at without a pause.
	fn see_published(&mut self, units: u32) {
		if units > self.published {
			(self.published, self.looks, self.pause) = (units, 0, None);
		}
	}

	fn take(&mut self, round: Round) {
		if !round.checked.is_empty() {
			self.looks = 0;
		}
		for commitment in round.checked {
			self.missing.remove(&commitment);
			self.checked.insert(commitment);
		}
		self.missing.extend(round.missing);
		if let Some((commitment, fault)) = round.fault {
			// The others are looked at on: a report from this account may be stuck, for want of its fee.
			self.missing.remove(&commitment);
			self.checked.insert(commitment);
			if fault.is_cheap_to_verify() {
				self.left = Some(fault.clone());
			}
			self.report.get_or_insert(fault);
		}
	}

	/// Reports; the outbox makes each report once.
	fn act(&mut self, job: JobId, outbox: &Outbox, head: Block) -> Result<(), OutboxError> {
		let Some(fault) = &self.report else { return Ok(()) };
		let task = Task { job, kind: TaskKind::Report, deadline: None };
		if outbox.wants(job, &task.kind, head.number)? {
			outbox.intend(&task, &Call::report_fault(job, fault), head.number)?;
		}
		Ok(())
	}
}

impl Worker {
	/// Whether this worker looks at a job: at its own, or at all.
	fn is_concerned(&self, info: &JobInfo) -> bool {
		self.config.watch || self.is_party(info)
	}

	fn is_party(&self, info: &JobInfo) -> bool {
		info.contract.parties().any(|(_, party)| party.who == self.me)
	}

	/// Leaves to the node what needs no account to be shown. It is reported from our own account as well: nobody depends on
	/// the other.
	async fn submit_via_node(&self, job: JobId, fault: &Fault) {
		match self.chain.submit_via_node(job, fault).await {
			Ok(()) => info!(job, "the proof is left to the node, to be sent without an account"),
			Err(error) => {
				warn!(job, "the node does not take the proof, it is reported from our account alone: {error}")
			},
		}
	}

	/// Looks at what was committed to, after reading what was published on chain if something was missing.
	async fn round(
		&self,
		info: JobInfo,
		unchecked: BTreeSet<(Stage, AccountId)>,
		reads_chain: bool,
		id: JobId,
		head: Block,
	) -> Result<Round, Failure> {
		let job = self.checked(id, &info)?;
		if reads_chain {
			self.read_publications(&job, &info, head).await?;
		}
		self.look(&info, &unchecked, job, head).await
	}

	/// Looks at what was committed to.
	async fn look(
		&self,
		info: &JobInfo,
		unchecked: &BTreeSet<(Stage, AccountId)>,
		job: Job,
		head: Block,
	) -> Result<Round, Failure> {
		let id = job.id;
		let selection = self.known_selection(&job)?;
		let keys = match self.verify_keys(&job, head).await {
			Ok(keys) => Some(keys),
			Err(failure) => {
				debug!(job = id, "selections are not verified: {failure}");
				None
			},
		};
		let computing = self.place_and_key(&job);
		let mut round = Round::default();
		let stages: BTreeSet<Stage> = unchecked.iter().map(|(stage, _)| *stage).collect();
		for stage in stages {
			let new = |who: &AccountId| unchecked.contains(&(stage, who.clone()));
			let seen = info.commitments.iter();
			let seen = seen.filter(|seen| seen.stage < stage || seen.stage == stage && new(&seen.who));
			let inspection = Arc::new(Inspection {
				keys: keys.clone(),
				selection: selection.clone(),
				computing: computing.clone(),
				..Inspection::new(job.clone(), seen.cloned().collect(), self.artifacts(id)?)
			});
			inspection.gather(&[stage], self.sources(), |_, wanted| self.fetch_wanted(info, wanted, head)).await?;
			let mut checked: BTreeSet<(Stage, AccountId)> =
				unchecked.iter().filter(|(other, _)| *other == stage).cloned().collect();
			for finding in inspection.check_until_fault(stage).await? {
				let commitment = (finding.stage, finding.who.clone());
				match finding.outcome {
					Outcome::Holds | Outcome::Unseen(_) => continue,
					// What shows it may not be at hand yet.
					Outcome::Refused(why) => warn!(job = id, who = %finding.who, "not so: {}: {why}", finding.check),
					Outcome::Pending(why) => debug!(job = id, who = %finding.who, "{}: {why}", finding.check),
					Outcome::Missing { unit, why } => {
						debug!(job = id, who = %finding.who, ?unit, "{}: {why}", finding.check);
					},
					Outcome::Faulty(fault) => {
						warn!(job = id, who = %finding.who, "at fault: {}", finding.check);
						round.fault = Some((commitment, *fault));
						return Ok(round);
					},
				}
				checked.remove(&commitment);
				round.missing.insert(commitment);
			}
			for (stage, who) in &checked {
				info!(job = id, who = %who, "nothing is wrong with the {}", stage_name(*stage));
			}
			round.checked.extend(checked);
		}
		Ok(round)
	}

	/// A computing provider's place in a job and its key, if that is still the key of the contract.
	pub(super) fn place_and_key(&self, job: &Job) -> Option<(usize, Arc<SecretKey>)> {
		let index = job.computing_index(&self.me).ok()?;
		let key = self.paillier.clone()?;
		let contract = job.contract.computing.get(index)?.paillier.as_slice();
		(contract == key.public().modulus_bytes()).then_some((index, key))
	}

	/// What is at hand of a job.
	pub(super) fn artifacts(&self, id: JobId) -> Result<JobArtifacts, Failure> {
		Ok(JobArtifacts { blobs: self.blobs.clone(), publications: Arc::new(self.database.publications(id)?) })
	}

	/// The selection, if the user sealed it to this worker.
	fn known_selection(&self, job: &Job) -> Result<Option<Selection>, ProtocolError> {
		if job.contract.coordinator.who == self.me {
			return coordinator::open_request(job, &self.sealing).map(Some);
		}
		match job.computing_index(&self.me) {
			Ok(_) => computing_provider::open_request(job, &self.me, &self.sealing).map(Some),
			Err(_) => Ok(None),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::database::Database;
	use encrytrust_chain_client::H256;
	use encrytrust_fault_proofs::{product_tree::NodeProof, Producer};
	use encrytrust_types::job::Commitment;

	const ME: AccountId = AccountId([1; 32]);
	const NOW: Duration = Duration::from_secs(5);

	fn delivered(stage: Stage, who: u8) -> Delivered {
		let commitment = Commitment { root: H256([0; 32]), blob: [0; 32] };
		Delivered { stage, who: AccountId([who; 32]), at: 3, commitment }
	}

	fn head(number: encrytrust_chain_client::BlockNumber) -> Block {
		Block { number, hash: H256([0; 32]) }
	}

	fn outbox(folder: &tempfile::TempDir) -> Outbox {
		Outbox::new(Database::open(&folder.path().join("worker.sqlite")).unwrap())
	}

	fn missing(commitment: (Stage, AccountId)) -> Round {
		Round { missing: [commitment].into(), ..Round::default() }
	}

	fn faulty(fault: Fault) -> Round {
		Round { fault: Some(((Stage::Outputs, AccountId([3; 32])), fault)), ..Round::default() }
	}

	fn own(job: JobId) -> Looking {
		Looking { job, is_party: true }
	}

	#[tokio::test]
	async fn jobs_of_others_are_looked_at_one_at_a_time() {
		let mut watchtower = Watchtower::new(Arc::new(crate::SystemClock::default()));
		watchtower.jobs.extend([5, 8, 9].map(|id| (id, Watched::default())));
		watchtower.begin(own(8), std::future::pending());
		assert!(watchtower.has_room(true) && watchtower.has_room(false));
		watchtower.begin(Looking { job: 5, is_party: false }, async { Ok(Round::default()) });
		assert!(watchtower.has_room(true) && !watchtower.has_room(false));
		// It has ended meanwhile, and is looked at all the same.
		watchtower.jobs.remove(&5);
		assert!(!watchtower.has_room(false));
		let done = watchtower.rounds.join_next_with_id().await.unwrap();
		watchtower.finish(done);
		assert!(watchtower.has_room(false));
	}

	#[tokio::test]
	async fn a_panic_of_one_round_leaves_the_others_under_way() {
		let mut watchtower = Watchtower::new(Arc::new(encrytrust_job_client::SystemClock::default()));
		watchtower.jobs.extend([5, 8].map(|id| (id, Watched::default())));
		watchtower.begin(own(8), std::future::pending());
		watchtower.begin(own(5), async { panic!("as expected in this test") });
		let done = watchtower.rounds.join_next_with_id().await.unwrap();
		watchtower.finish(done);
		assert!(watchtower.jobs[&8].under_way && watchtower.jobs[&8].pause.is_none());
		assert!(!watchtower.jobs[&5].under_way && watchtower.jobs[&5].pause.is_some(), "and it is tried again");
	}

	#[tokio::test]
	async fn a_round_that_failed_is_not_begun_again_before_its_pause_is_over() {
		let mut watchtower = Watchtower::new(Arc::new(encrytrust_job_client::SystemClock::default()));
		watchtower.jobs.insert(5, Watched::default());
		let commitments = [delivered(Stage::Inputs, 2)];
		watchtower.begin(own(5), async { Err(Failure::transient("a key of the contract is none")) });
		let done = watchtower.rounds.join_next_with_id().await.unwrap();
		watchtower.finish(done);
		let watched = &watchtower.jobs[&5];
		let pause = watched.pause.unwrap();
		let looked_at = Some([(Stage::Inputs, commitments[0].who.clone())].into());
		assert_eq!(watched.unchecked(&ME, &commitments, Duration::ZERO), None, "pausing");
		assert_eq!(watched.unchecked(&ME, &commitments, pause), looked_at);
	}

	fn dear_fault() -> Fault {
		Fault::SelectionProof { computing: 0, message: Default::default(), top_path: Default::default() }
	}

	fn quick_fault() -> Fault {
		let root = NodeProof {
			level: 3,
			index: 0,
			value: Default::default(),
			left: H256([0; 32]),
			right: H256([0; 32]),
			path: Default::default(),
			output_path: Default::default(),
		};
		Fault::Shape { producer: Producer::Coordinator, output: 0, root }
	}

	#[test]
	fn quick_fault_is_left_to_the_node_as_well() {
		for (fault, left) in [(quick_fault(), true), (dear_fault(), false)] {
			let mut watched = Watched::default();
			watched.take(faulty(fault.clone()));
			assert_eq!(watched.left.take(), left.then_some(fault));
			assert!(watched.report.is_some(), "and reported, if the job is not over by then");
		}
	}

	/// The account may lack the fee of the first report.
	#[test]
	fn quick_fault_is_left_to_the_node_while_another_report_waits() {
		let mut watched = Watched::default();
		watched.take(faulty(dear_fault()));
		let commitments = [delivered(Stage::Outputs, 3), delivered(Stage::Result, 2)];
		let other = (Stage::Result, AccountId([2; 32]));
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), Some([other.clone()].into()), "what is reported is not");
		watched.take(Round { fault: Some((other, quick_fault())), ..Round::default() });
		assert_eq!((watched.left, watched.report), (Some(quick_fault()), Some(dear_fault())));
	}

	#[test]
	fn pause_grows_until_something_is_published() {
		let mut watched = Watched { looks: 3, pause: Some(NOW + PAUSE), ..Watched::default() };
		let commitments = [delivered(Stage::Inputs, 2)];
		watched.take(missing((Stage::Inputs, AccountId([2; 32]))));
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), None);
		watched.see_published(1);
		assert_eq!(watched.looks, 0);
		assert!(watched.unchecked(&ME, &commitments, NOW).is_some());
		watched.pause = Some(NOW + PAUSE);
		watched.see_published(1);
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), None, "the same is looked at once");
	}

	#[test]
	fn fault_is_reported_at_once_and_once() {
		let folder = tempfile::tempdir().unwrap();
		let outbox = outbox(&folder);
		let mut watched = Watched::default();
		watched.act(5, &outbox, head(10)).unwrap();
		assert_eq!(outbox.state(5, &TaskKind::Report).unwrap(), None);
		watched.take(faulty(quick_fault()));
		assert_eq!(
			watched.unchecked(&ME, &[delivered(Stage::Outputs, 3)], NOW),
			None,
			"what is reported is not looked at"
		);
		watched.act(5, &outbox, head(10)).unwrap();
		assert!(outbox.state(5, &TaskKind::Report).unwrap().is_some());
	}

	#[test]
	fn a_commitment_is_looked_at_until_it_is_checked_and_does_not_wait_for_others() {
		let mut watched = Watched::default();
		let commitments = [delivered(Stage::Inputs, 1), delivered(Stage::Inputs, 2), delivered(Stage::Outputs, 3)];
		let key = |index: usize| (commitments[index].stage, commitments[index].who.clone());
		assert_eq!(watched.unchecked(&ME, &commitments[..1], NOW), None, "one's own");
		assert_eq!(watched.unchecked(&ME, &commitments[..2], NOW), Some([key(1)].into()));
		watched.pause = Some(NOW + Duration::from_secs(1000));
		watched.take(missing(key(1)));
		assert_eq!(watched.unchecked(&ME, &commitments[..2], NOW), None, "pausing");
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), Some([key(1), key(2)].into()), "another came");
		watched.take(Round { checked: vec![key(1), key(2)], ..Round::default() });
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), None);
		watched.checked.clear();
		watched.under_way = true;
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), None, "under way");
	}
}
