//! Looking at what the others of a job committed to, and acting on what is found: a fault is shown to the chain, what
//! cannot be had is demanded.
//!
//! Each commitment is looked at until everything in it was seen. Nothing of this is on disk: after a restart the
//! commitments of open jobs are looked at anew, and the outbox knows what was already reported or demanded.

use super::{Failure, Worker};
use crate::{
	clock::Clock,
	outbox::{Outbox, OutboxError},
	task::{Task, TaskKind},
};
use encrytrust_chain_client::{AccountId, Block, BlockNumber, Call, Delivered, JobInfo, Party};
use encrytrust_fault_proofs::Fault;
use encrytrust_job_client::{read_answers, Inspection, JobArtifacts};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::{
	computing_provider, coordinator, stage_name,
	verification::{Outcome, Wanted},
	Job, Piece, ProtocolError,
};
use encrytrust_types::{
	job::{Role, Selection, Stage},
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

/// How often what is missing is looked for until it is demanded.
const MAX_MISSES: u32 = 4;
/// The pause between two looks at what is missing.
const PAUSE: Duration = Duration::from_secs(5);
/// Blocks that each who may have seen the same fault waits for the one before, long enough to see its report in a final
/// block: one that comes second costs its fee.
const TURN: BlockNumber = 8;

/// The jobs that are looked at.
pub(super) struct Watchtower {
	clock: Arc<dyn Clock>,
	/// The first job that was not looked at yet.
	next: Option<JobId>,
	jobs: BTreeMap<JobId, Watched>,
	pub(super) rounds: JoinSet<Result<Round, Failure>>,
	/// Which job each of `rounds` looks at.
	running: HashMap<Id, JobId>,
}

/// What is known of a job.
#[derive(Default)]
struct Watched {
	under_way: bool,
	pause: Option<Duration>,
	/// Commitments with which all is well, as far as we see.
	checked: BTreeSet<(Stage, AccountId)>,
	/// How often a part of a commitment could not be had.
	misses: BTreeMap<(Stage, AccountId), u32>,
	/// The last block in which answers to demands were looked for.
	answers_to: Option<BlockNumber>,
	/// What is to be demanded.
	demands: Vec<Piece>,
	/// What is to be reported, and from which block on.
	report: Option<(Fault, BlockNumber)>,
	/// What the node may send in our place, until it was left to it.
	left: Option<Fault>,
}

/// What came out of looking at a job once.
#[derive(Default)]
pub(super) struct Round {
	checked: Vec<(Stage, AccountId)>,
	/// The first missing piece of each commitment.
	missing: BTreeMap<(Stage, AccountId), u32>,
	/// A fault, and how many others see it before us.
	fault: Option<(Fault, BlockNumber)>,
	/// Whether we may demand: strangers may not.
	is_party: bool,
	/// Up to which block answers were read, if they were.
	answers_to: Option<BlockNumber>,
}

impl Watchtower {
	pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
		Self { clock, next: None, jobs: BTreeMap::new(), rounds: JoinSet::new(), running: HashMap::new() }
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
		let ids: Vec<JobId> = self.jobs.keys().copied().collect();
		for id in ids {
			let job =
				worker.chain.job(id, head).await?.filter(|info| !info.status.is_ended() && worker.is_concerned(info));
			match (job, self.jobs.get_mut(&id)) {
				(Some(info), Some(watched)) => {
					if let Some(fault) = watched.left.take() {
						worker.submit_via_node(id, &fault).await;
					}
					watched.act(id, outbox, head)?;
					if let Some(unchecked) = watched.unchecked(&worker.me, &info.commitments, self.clock.now()) {
						// Only what is missing can have been demanded.
						let from = (!watched.misses.is_empty())
							.then(|| watched.answers_to.map_or(info.requested_at, |last| last.saturating_add(1)));
						let worker = worker.clone();
						self.begin(id, async move { worker.round(info, unchecked, from, id, head).await });
					}
				},
				_ => drop(self.jobs.remove(&id)),
			}
		}
		let open = self.jobs.keys().next().copied().unwrap_or(end);
		if worker.database.first_open_job()? < open {
			worker.database.set_first_open_job(open)?;
		}
		Ok(())
	}

	fn begin(&mut self, job: JobId, round: impl Future<Output = Result<Round, Failure>> + Send + 'static) {
		if let Some(watched) = self.jobs.get_mut(&job) {
			watched.under_way = true;
			self.running.insert(self.rounds.spawn(round).id(), job);
		}
	}

	/// Takes what came out of a round; a panic in it is a failure of its job alone.
	pub(super) fn finish(&mut self, done: Result<(Id, Result<Round, Failure>), JoinError>, head: Block) {
		let (round, outcome) = done.unwrap_or_else(|panic| (panic.id(), Err(Failure::from(panic))));
		let Some(id) = self.running.remove(&round) else { return };
		let Some(watched) = self.jobs.get_mut(&id) else { return };
		watched.under_way = false;
		watched.pause = Some(self.clock.now() + PAUSE);
		match outcome {
			Ok(round) => watched.take(id, round, head),
			Err(failure) => warn!(job = id, "cannot look at the others' part yet: {failure}; again in {PAUSE:?}"),
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
		let known = unchecked.iter().all(|commitment| self.misses.contains_key(commitment));
		let pausing = known && self.pause.is_some_and(|pause| now < pause);
		(!unchecked.is_empty() && !self.under_way && !pausing && self.report.is_none()).then_some(unchecked)
	}

	fn take(&mut self, id: JobId, round: Round, head: Block) {
		self.answers_to = round.answers_to.or(self.answers_to);
		for commitment in round.checked {
			self.misses.remove(&commitment);
			self.checked.insert(commitment);
		}
		for ((stage, who), piece) in round.missing {
			let misses = self.misses.entry((stage, who.clone())).or_default();
			*misses += 1;
			let piece = Piece { stage, who, piece };
			if *misses >= MAX_MISSES && round.is_party && !self.demands.contains(&piece) {
				warn!(job = id, "cannot be had: {piece}; demanding it");
				self.demands.push(piece);
			}
		}
		if let Some((fault, others)) = round.fault {
			self.left = (!round.is_party && fault.is_cheap_to_verify()).then(|| fault.clone());
			self.report = Some((fault, head.number.saturating_add(others.saturating_mul(TURN))));
		}
	}

	/// Reports and demands; the outbox makes each of them once.
	fn act(&mut self, job: JobId, outbox: &Outbox, head: Block) -> Result<(), OutboxError> {
		if let Some((fault, _)) = self.report.as_ref().filter(|(_, from)| head.number >= *from) {
			let task = Task { job, kind: TaskKind::Report, deadline: None };
			if outbox.wants(job, &task.kind, head.number)? {
				outbox.intend(&task, &Call::report_fault(job, fault), head.number)?;
			}
			return Ok(());
		}
		// What was had meanwhile, or answered, is no longer missed.
		let missed = |piece: &&Piece| self.misses.contains_key(&(piece.stage, piece.who.clone()));
		for piece in self.demands.iter().filter(missed) {
			let task = Task { job, kind: TaskKind::Demand(piece.clone()), deadline: None };
			if outbox.wants(job, &task.kind, head.number)? {
				let call = Call::demand(job, piece.stage, &piece.who, piece.piece);
				outbox.intend(&task, &call, head.number)?;
			}
		}
		Ok(())
	}
}

impl Worker {
	/// Whether this worker looks at a job: at its own, or at all.
	fn is_concerned(&self, info: &JobInfo) -> bool {
		self.config.watch || info.contract.parties().any(|(_, party)| party.who == self.me)
	}

	/// Leaves to the node what a stranger found: it needs no account, and no turn. Where the node does not take it, the
	/// report is our own.
	async fn submit_via_node(&self, job: JobId, fault: &Fault) {
		match self.chain.submit_via_node(job, fault).await {
			Ok(()) => info!(job, "the proof is left to the node, to be sent without an account"),
			Err(error) => warn!(job, "the node does not take the proof, it is reported from our account: {error}"),
		}
	}

	/// Reads the answers to demands from a block on, and looks at what was committed to.
	async fn round(
		&self,
		info: JobInfo,
		unchecked: BTreeSet<(Stage, AccountId)>,
		answers_from: Option<BlockNumber>,
		id: JobId,
		head: Block,
	) -> Result<Round, Failure> {
		if let Some(from) = answers_from {
			let answers = read_answers(id, from..=head.number, |number| async move {
				match self.chain.block_at(number).await? {
					Some(block) => self.chain.answers(block).await,
					None => Ok(vec![]),
				}
			});
			self.database.keep_answers(id, &answers.await?)?;
		}
		let round = self.look(&info, &unchecked, id, head).await?;
		Ok(Round { answers_to: answers_from.map(|_| head.number), ..round })
	}

	/// Looks at what was committed to.
	async fn look(
		&self,
		info: &JobInfo,
		unchecked: &BTreeSet<(Stage, AccountId)>,
		id: JobId,
		head: Block,
	) -> Result<Round, Failure> {
		let job = Job::checked(id, self.genesis, info)?;
		let selection = self.known_selection(&job)?;
		let keys = match self.verify_keys(&job, head).await {
			Ok(keys) => Some(keys),
			Err(failure) => {
				debug!(job = id, "selections are not verified: {failure}");
				None
			},
		};
		let computing = self.place_and_key(&job);
		let is_party = info.contract.parties().any(|(_, party)| party.who == self.me);
		let mut round = Round { is_party, ..Round::default() };
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
			inspection.gather(stage, |wanted| self.fetch_wanted(info, wanted, head)).await?;
			let mut checked: BTreeSet<(Stage, AccountId)> =
				unchecked.iter().filter(|(other, _)| *other == stage).cloned().collect();
			for finding in inspection.check(stage).await? {
				let commitment = (finding.stage, finding.who.clone());
				match finding.outcome {
					Outcome::Holds | Outcome::Unseen(_) => {},
					Outcome::Refused(why) => warn!(job = id, who = %finding.who, "not so: {}: {why}", finding.check),
					Outcome::Missing { piece, why } => {
						debug!(job = id, who = %finding.who, "{}: {why}", finding.check);
						checked.remove(&commitment);
						round.missing.entry(commitment).or_insert(piece);
					},
					Outcome::Faulty(fault) => {
						let others = turn_among(info.contract.parties(), &self.me, &finding.who);
						warn!(job = id, who = %finding.who, "at fault: {}", finding.check);
						round.fault = Some((*fault, others));
						return Ok(round);
					},
				}
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
		Ok(JobArtifacts { blobs: self.blobs.clone(), answers: Arc::new(self.database.answers(id)?) })
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

	/// A blob from whoever serves it.
	pub(super) async fn fetch_wanted(&self, info: &JobInfo, wanted: Wanted, head: Block) -> Option<Vec<u8>> {
		let mut parties = info.contract.parties();
		let (role, party) = parties.find(|(role, party)| *role == wanted.role && party.who == wanted.from)?;
		match self.fetch(role, party, &wanted.digest, head).await {
			Ok(blob) => Some(blob),
			Err(failure) => {
				debug!("{failure}");
				None
			},
		}
	}
}

/// How many may report a fault of `offender` before `me`: who sees most first, strangers last.
fn turn_among<'p>(
	parties: impl Iterator<Item = (Role, &'p Party)>,
	me: &AccountId,
	offender: &AccountId,
) -> BlockNumber {
	let rank = |role| match role {
		Role::ComputingProvider => 0,
		Role::Coordinator => 1,
		Role::DataProvider => 2,
	};
	let mut others: Vec<_> = parties.filter(|(_, party)| party.who != *offender).collect();
	others.sort_by_key(|(role, _)| rank(*role));
	let place = others.iter().position(|(_, party)| party.who == *me).unwrap_or(others.len());
	BlockNumber::try_from(place).unwrap_or(BlockNumber::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::database::Database;
	use encrytrust_chain_client::H256;
	use encrytrust_fault_proofs::{product_tree::NodeProof, Producer};
	use encrytrust_types::job::{Commitment, Endpoint};

	const ME: AccountId = AccountId([1; 32]);
	const NOW: Duration = Duration::from_secs(5);

	fn delivered(stage: Stage, who: u8) -> Delivered {
		let commitment = Commitment { root: H256([0; 32]), blob: [0; 32] };
		Delivered { stage, who: AccountId([who; 32]), at: 3, commitment }
	}

	fn head(number: BlockNumber) -> Block {
		Block { number, hash: H256([0; 32]) }
	}

	fn outbox(folder: &tempfile::TempDir) -> Outbox {
		Outbox::new(Database::open(&folder.path().join("worker.sqlite")).unwrap())
	}

	fn missing(commitment: (Stage, AccountId), piece: u32, is_party: bool) -> Round {
		Round { missing: [(commitment, piece)].into(), is_party, ..Round::default() }
	}

	#[test]
	fn what_is_missing_is_demanded_once_after_some_looks_and_by_parties_alone() {
		let folder = tempfile::tempdir().unwrap();
		let outbox = outbox(&folder);
		let who = AccountId([2; 32]);
		let stage = Stage::Outputs;
		let demand = TaskKind::Demand(Piece { stage, who: who.clone(), piece: 7 });
		for (is_party, looks, demanded) in
			[(false, MAX_MISSES + 3, false), (true, MAX_MISSES - 1, false), (true, MAX_MISSES + 3, true)]
		{
			let mut watched = Watched::default();
			for _ in 0..looks {
				watched.take(5, missing((stage, who.clone()), 7, is_party), head(9));
				watched.act(5, &outbox, head(9)).unwrap();
			}
			assert_eq!(outbox.state(5, &demand).unwrap().is_some(), demanded, "{is_party}, {looks}");
			assert!(watched.demands.len() <= 1);
		}
	}

	#[tokio::test]
	async fn a_panic_of_one_round_leaves_the_others_under_way() {
		let mut watchtower = Watchtower::new(Arc::new(crate::clock::SystemClock::default()));
		watchtower.jobs.extend([5, 8].map(|id| (id, Watched::default())));
		watchtower.begin(8, std::future::pending());
		watchtower.begin(5, async { panic!("as expected in this test") });
		let done = watchtower.rounds.join_next_with_id().await.unwrap();
		watchtower.finish(done, head(9));
		assert!(watchtower.jobs[&8].under_way && watchtower.jobs[&8].pause.is_none());
		assert!(!watchtower.jobs[&5].under_way && watchtower.jobs[&5].pause.is_some(), "and it is tried again");
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
	fn what_a_stranger_finds_is_left_to_the_node_once_if_that_takes_it() {
		let computing = 0;
		let message = Default::default();
		let top_path = Default::default();
		let dear_fault = Fault::SelectionProof { computing, message, top_path };
		for (fault, is_party, left) in
			[(quick_fault(), false, true), (quick_fault(), true, false), (dear_fault, false, false)]
		{
			let mut watched = Watched::default();
			watched.take(5, Round { fault: Some((fault.clone(), 6)), is_party, ..Round::default() }, head(10));
			assert_eq!(watched.left.take(), left.then_some(fault));
			assert!(watched.report.is_some(), "and reported in its turn, if the job is not over by then");
		}
	}

	#[test]
	fn a_fault_is_reported_when_its_turn_has_come() {
		let folder = tempfile::tempdir().unwrap();
		let outbox = outbox(&folder);
		let fault = quick_fault();
		let mut watched = Watched::default();
		watched.take(5, Round { fault: Some((fault, 2)), ..Round::default() }, head(10));
		assert_eq!(watched.unchecked(&ME, &[delivered(Stage::Result, 2)], NOW), None, "the job is as good as over");
		for (number, reported) in [(10, false), (10 + 2 * TURN - 1, false), (10 + 2 * TURN, true)] {
			watched.act(5, &outbox, head(number)).unwrap();
			assert_eq!(outbox.state(5, &TaskKind::Report).unwrap().is_some(), reported, "{number}");
		}
	}

	#[test]
	fn a_commitment_is_looked_at_until_it_is_checked_and_does_not_wait_for_others() {
		let mut watched = Watched::default();
		let commitments = [delivered(Stage::Inputs, 1), delivered(Stage::Inputs, 2), delivered(Stage::Outputs, 3)];
		let key = |index: usize| (commitments[index].stage, commitments[index].who.clone());
		assert_eq!(watched.unchecked(&ME, &commitments[..1], NOW), None, "one's own");
		assert_eq!(watched.unchecked(&ME, &commitments[..2], NOW), Some([key(1)].into()));
		watched.pause = Some(NOW + Duration::from_secs(1000));
		watched.take(5, missing(key(1), 0, true), head(9));
		assert_eq!(watched.unchecked(&ME, &commitments[..2], NOW), None, "pausing");
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), Some([key(1), key(2)].into()), "another came");
		watched.take(5, Round { checked: vec![key(1), key(2)], ..Round::default() }, head(9));
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), None);
		watched.checked.clear();
		watched.under_way = true;
		assert_eq!(watched.unchecked(&ME, &commitments, NOW), None, "under way");
	}

	#[test]
	fn who_sees_most_reports_first() {
		let party = |role, byte| {
			let endpoint = Endpoint { sealing: [0; 32], peer: [0; 32], address: Default::default() };
			(role, Party { who: AccountId([byte; 32]), pay: 0, endpoint })
		};
		let parties = [
			party(Role::DataProvider, 1),
			party(Role::ComputingProvider, 2),
			party(Role::ComputingProvider, 3),
			party(Role::Coordinator, 4),
		];
		let turn = |me, offender| {
			let parties = parties.iter().map(|(role, party)| (*role, party));
			turn_among(parties, &AccountId([me; 32]), &AccountId([offender; 32]))
		};
		assert_eq!([2, 3, 4, 1, 9].map(|me| turn(me, 7)), [0, 1, 2, 3, 4]);
		assert_eq!([3, 4, 1, 9].map(|me| turn(me, 2)), [0, 1, 2, 3]);
	}
}
