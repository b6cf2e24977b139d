//! What each duty takes.

use super::{blocking, scheduler::Done, Failure, Worker};
use crate::{
	declaration::{columns, difference, Declaration, UnreadableName},
	task::{stage_of, Task, TaskKind},
};
use encrytrust_chain_client::{
	AccountId, Balance, Block, BlockNumber, Call, Contract, Dataset, Error as ChainError, JobInfo, Party, Publication,
	H256,
};
use encrytrust_datasets::{ColumnSpec, Source, Summarizer};
use encrytrust_job_client::{amounts::ets, first_publication, read_publications, Inspection, Publications};
use encrytrust_paillier::KeySize;
use encrytrust_protocol::{
	commitment_of, computing_provider, coordinator, data_provider, unit_name,
	verification::{self, Answer, SealedInputs},
	Job, ProtocolError, Published,
};
use encrytrust_types::{
	job::{basis, Commitment, DataParty, DeclineReason, DutyKind, Role, Stage, Unit},
	DatasetId, JobId,
};
use std::{
	collections::HashMap,
	sync::{Arc, MutexGuard, PoisonError},
};
use tracing::{debug, info};

/// Blocks after which a chunk that the pool took and the chain does not have is published again.
const REPUBLISH: BlockNumber = 4;

/// How many blocks without publications are read between two notes of how far was read.
const KEEP_EVERY: BlockNumber = 64;

/// Blocks that others have at least to serve what a duty takes, however late it is begun; and no more than half of those that the
/// terms ask for besides the work.
const LEAST_WAIT: BlockNumber = 3;

/// How much time a duty has.
#[derive(Clone, Copy)]
struct Time {
	/// The last value of the finality clock at which it can be done.
	deadline: Option<BlockNumber>,
	/// Whether it was waited long enough for others.
	presses: bool,
}

impl Worker {
	/// Does a task; if it `presses`, without waiting for what others serve.
	pub(super) async fn perform(self: &Arc<Self>, task: Task, head: Block, presses: bool) -> Result<Done, Failure> {
		let job = task.job;
		match &task.kind {
			TaskKind::Duty(DutyKind::Settle) => Ok(Done::Call(Call::settle(job))),
			TaskKind::Duty(DutyKind::Expire) => Ok(Done::Call(Call::expire(job))),
			TaskKind::Duty(DutyKind::ExpireChallenge) => Ok(Done::Call(Call::expire_challenge(job))),
			TaskKind::Duty(DutyKind::Resume) => self.resume(job),
			TaskKind::Duty(DutyKind::Publish) => self.publish(job, head).await,
			TaskKind::Duty(kind) => {
				let time = Time { deadline: task.deadline, presses };
				self.fulfil(job, *kind, time, head).await
			},
			TaskKind::Challenge(_) | TaskKind::Report => {
				Err(Failure::transient("challenges and reports are made with what was found"))
			},
		}
	}

	/// Takes requests again in the role of this number.
	fn resume(&self, number: u64) -> Result<Done, Failure> {
		let roles = [Role::DataProvider, Role::ComputingProvider, Role::Coordinator];
		let role = roles.into_iter().find(|role| *role as u64 == number);
		let role = role.ok_or_else(|| Failure::transient(format!("there is no role {number}")))?;
		Ok(Done::Call(Call::resume_role(role)))
	}

	/// A party's part in a stage.
	async fn fulfil(self: &Arc<Self>, id: JobId, kind: DutyKind, time: Time, head: Block) -> Result<Done, Failure> {
		self.check_silence(kind)?;
		let (job, info) = self.job(id, head).await?;
		// The state is final: so is all that a delivery is made from.
		let basis = |stage| basis(info.contract_hash, &info.mask_keys, stage, &info.commitments);
		let call = match kind {
			DutyKind::Confirm => return self.confirm(job, info.contract_hash, head).await,
			DutyKind::CommitSelection => {
				let Published { commitment, blob } = self.select(&job).await?;
				self.store(blob).await?;
				Call::commit_selection(id, &commitment, basis(Stage::Selection))
			},
			DutyKind::CommitInputs => {
				let commitment = self.inputs(&job, &info, time, head).await?;
				Call::commit_inputs(id, &commitment, basis(Stage::Inputs))
			},
			DutyKind::CommitOutput => {
				let commitment = self.output(&job, &info, time, head).await?;
				Call::commit_output(id, &commitment, basis(Stage::Outputs))
			},
			DutyKind::CommitResult => {
				let commitment = self.result(&job, &info, time, head).await?;
				Call::commit_result(id, &commitment, basis(Stage::Result))
			},
			DutyKind::Settle | DutyKind::Expire | DutyKind::Publish | DutyKind::ExpireChallenge | DutyKind::Resume => {
				return Err(Failure::transient("this takes no work"))
			},
		};
		Ok(Done::Call(call))
	}

	/// The job as the chain tells it.
	pub(super) async fn job(&self, id: JobId, head: Block) -> Result<(Job, JobInfo), Failure> {
		let info = self.chain.job(id, head).await?;
		let info = info.ok_or_else(|| Failure::transient(format!("the chain does not know job {id}")))?;
		Ok((self.checked(id, &info)?, info))
	}

	/// A behaviour may be to do nothing.
	fn check_silence(&self, kind: DutyKind) -> Result<(), Failure> {
		let Some(stage) = stage_of(kind) else { return Ok(()) };
		match self.behaviour.is_silent(stage) {
			true => Err(Failure::transient("this worker is told to be silent in this stage")),
			false => Ok(()),
		}
	}

	/// Checks a contract from the side of each role that this account has in it, and the keys that all encrypt under. Anybody
	/// can ask for jobs: what takes long comes last, and waits for its turn.
	async fn confirm(self: &Arc<Self>, job: Job, contract_hash: H256, head: Block) -> Result<Done, Failure> {
		check_bond(job.contract.bond, self.config.terms.max_bond)?;
		check_key_sizes(&job, self.key_sizes)?;
		if !self.chain.can_participate(head).await? {
			let text = "this account has no active identity key: `encrytrust identity status` tells more";
			return Err(Failure::Permanent(DeclineReason::Other, text.into()));
		}
		for (role, party) in job.contract.parties().filter(|(_, party)| party.who == self.me) {
			self.confirm_role(&job, role, party, head).await?;
		}
		let proofs = self.unverified_proofs(&job, head).await?;
		let own_data = self.own_data(&job).ok();
		let is_unread = own_data.is_some_and(|data| self.comparisons.lately(data.dataset, declared(data)).is_none());
		let is_costly = is_unread || !proofs.is_empty();
		let worker = self.clone();
		let conclude = async move {
			worker.verify_proofs(job.id, proofs).await?;
			if job.data_index(&worker.me).is_ok() {
				worker.check_rows(&job).await?;
			}
			Ok::<_, Failure>(Done::Call(Call::confirm(job.id, contract_hash, worker.draw_mask_key(&job)?)))
		};
		match is_costly {
			true => Ok(Done::Costly(Box::pin(conclude))),
			false => conclude.await,
		}
	}

	async fn confirm_role(&self, job: &Job, role: Role, party: &Party, head: Block) -> Result<(), Failure> {
		let decline = |text: &str| Err(Failure::Permanent(DeclineReason::Other, text.into()));
		if !self.config.roles.contains(&role) {
			return decline("this worker does not play that role: see `roles` in its configuration");
		}
		if party.endpoint.sealing != self.sealing.public() {
			return decline("the contract has another sealing key: `encrytrust role update` registers this worker's");
		}
		match role {
			Role::DataProvider => self.check_dataset(job, head).await,
			Role::ComputingProvider => {
				if self.place_and_key(job).is_none() {
					return decline(
						"the contract has another Paillier key: `encrytrust role update` registers this one",
					);
				}
				let selection = computing_provider::open_request(job, &self.me, &self.sealing)?;
				self.note(job.id, "cp", "user", &format!("selection of {} features", selection.features().len()));
				Ok(())
			},
			Role::Coordinator => {
				let selection = coordinator::open_request(job, &self.sealing)?;
				self.note(job.id, "cord", "user", &format!("selection of {} features", selection.features().len()));
				Ok(())
			},
		}
	}

	/// The data set is this account's, as it was when the job was requested, and its policy allows the job.
	async fn check_dataset(&self, job: &Job, head: Block) -> Result<(), Failure> {
		let data = self.own_data(job)?;
		let on_chain = self.chain.dataset(data.dataset, head).await?;
		let Some(on_chain) = on_chain.filter(|set| set.provider == self.me) else {
			return Err(Failure::Permanent(DeclineReason::Data, "the data set is not this account's".into()));
		};
		check_policy(job, &on_chain).map_err(|text| Failure::Permanent(DeclineReason::Policy, text))?;
		if on_chain.fingerprint.0 != data.fingerprint.0 {
			let text = "the data set was refreshed after this job was requested".into();
			return Err(Failure::Permanent(DeclineReason::Data, text));
		}
		self.source(data.dataset)?;
		Ok(())
	}

	/// The source has the rows that the contract says, or had them some minutes ago.
	async fn check_rows(&self, job: &Job) -> Result<(), Failure> {
		let data = self.own_data(job)?;
		let declared = declared(data);
		let difference = match self.comparisons.lately(data.dataset, declared) {
			Some(known) => known,
			None => {
				let begun = self.comparisons.now();
				let difference = self.compare(data.dataset, declared, columns(&job.contract.schema)?).await?;
				self.comparisons.remember(data.dataset, declared, begun, difference.clone());
				difference
			},
		};
		match difference {
			None => Ok(()),
			Some(text) => {
				let text = format!("{text}; declare it anew: `encrytrust dataset refresh {}`", data.dataset);
				Err(Failure::Permanent(DeclineReason::Data, text))
			},
		}
	}

	/// Reads a whole source: how its rows differ from those declared, if they do.
	async fn compare(
		&self,
		dataset: DatasetId,
		declared: Declaration,
		columns: Vec<ColumnSpec>,
	) -> Result<Option<String>, Failure> {
		let source = self.source(dataset)?;
		let key = self.fingerprint_key.clone();
		let database = self.database.clone();
		let compare = move || {
			let now = encrytrust_datasets::summarize(&source, &columns, &key)?;
			Ok::<_, Failure>(difference(&database, declared, &now, &columns, &key)?)
		};
		blocking(compare).await?
	}

	/// What the contract says of this account's data set.
	fn own_data<'a>(&self, job: &'a Job) -> Result<&'a DataParty<AccountId, Balance>, Failure> {
		let data = job.contract.data.get(job.data_index(&self.me)?);
		Ok(data.ok_or(ProtocolError::NotParty("data provider"))?)
	}

	fn source(&self, id: u64) -> Result<Source, Failure> {
		let source = self.config.source(id)?;
		source.ok_or_else(|| {
			let text = format!("the configuration has no [[dataset]] with id {id}");
			// It may be about to be written.
			Failure::Recurring(DeclineReason::Data, text)
		})
	}

	/// The coordinator's encrypted selection for each computing provider, with proofs.
	async fn select(&self, job: &Job) -> Result<Published, Failure> {
		let selection = self.behaviour.selection(job, coordinator::open_request(job, &self.sealing)?);
		let job = job.clone();
		Ok(blocking(move || coordinator::selection(&job, &selection)).await??)
	}

	/// A data provider's encrypted columns, or rows.
	async fn inputs(&self, job: &Job, info: &JobInfo, time: Time, head: Block) -> Result<Commitment, Failure> {
		let own = self.supplied(self.at_hand(job, info)?, info, Stage::Inputs, time, head).await?;
		let Published { commitment, blob } = self.selection(&own).await?;
		let features = job.contract.features();
		let selected = job.selected();
		self.note(job.id, "dp", "coordinator", &format!("{features} encrypted bits, {selected} of them 1"));
		let keys = self.verify_keys(job, head).await?;
		let verified = {
			let job = job.clone();
			blocking(move || data_provider::read_selection(&job, &keys, &blob, &commitment)).await??
		};

		let data = self.own_data(job)?;
		let item = format!("{} rows of {} columns in the clear", data.rows, job.contract.schema.columns().len());
		self.note(job.id, "dp", "own data", &item);
		let mask_keys = self.mask_keys(job, info)?;
		let source = self.source(data.dataset)?;
		let columns = columns(&job.contract.schema)?;
		let artifacts = self.artifacts(job.id)?;
		let declared = declared(data);
		let database = self.database.clone();
		let key = self.fingerprint_key.clone();
		let job = job.clone();
		let me = self.me.clone();
		let behaviour = self.behaviour.clone();
		let read = move || {
			// Inputs that are begun in vain leave their parts behind: of a row-wise template as much as it publishes.
			if job.contract.kind.is_row_wise() {
				let mut summarizer = Summarizer::new(columns.len(), &key);
				scan_declared(&source, &columns, declared, |row| {
					summarizer.add(row);
					Ok(())
				})?;
				ensure_declared(difference(&database, declared, &summarizer.finish(), &columns, &key)?)?;
			}
			let mut inputs = data_provider::InputsWriter::new(&job, &me, &mask_keys, &verified, &artifacts)?;
			let mut summarizer = Summarizer::new(columns.len(), &key);
			scan_declared(&source, &columns, declared, |row| {
				summarizer.add(row);
				inputs.add(row).map_err(Failure::from)
			})?;
			// These are the very rows that are committed to.
			ensure_declared(difference(&database, declared, &summarizer.finish(), &columns, &key)?)?;
			let commitment = inputs.finish()?;
			Ok::<_, Failure>(behaviour.inputs(&job, &me, commitment, &artifacts)?)
		};
		blocking(read).await?
	}

	/// A computing provider's products.
	async fn output(&self, job: &Job, info: &JobInfo, time: Time, head: Block) -> Result<Commitment, Failure> {
		let computing = self.place_and_key(job).ok_or(ProtocolError::NotParty("computing provider"))?;
		let selection = computing_provider::open_request(job, &self.me, &self.sealing)?;
		for data in &job.contract.data {
			delivered(info, Stage::Inputs, &data.party.who)?;
		}
		let own =
			Inspection { selection: Some(selection.clone()), computing: Some(computing), ..self.at_hand(job, info)? };
		let own = self.supplied(own, info, Stage::Outputs, time, head).await?;
		let me = self.me.clone();
		// Its own message is all that it may challenge, and all that it needs.
		let check_selectors = move |own: &Inspection| {
			let (Some((place, _)), Some(selection)) = (&own.computing, &own.selection) else {
				return Err(ProtocolError::NotParty("computing provider"));
			};
			let message = verification::published_message(&own.view(), *place)?;
			computing_provider::check_message(&own.job, &me, selection, &message)
		};
		own.blocking(check_selectors).await??;
		let size = 2 * job.contract.user_key.len();
		for index in 0..job.contract.data.len() {
			let count = job.selected() * job.contract.blocks(index as u16) as usize;
			let item = format!("{count} ciphertexts of {size} bytes, no key");
			self.note(job.id, "cp", &format!("data provider {}", index + 1), &item);
		}
		let me = self.me.clone();
		let behaviour = self.behaviour.clone();
		let multiply = move |own: &Inspection| {
			let job = &own.job;
			let view = own.view();
			let mut output = computing_provider::OutputWriter::new(job, &me, &selection, &own.artifacts)?;
			for data in 0..job.contract.data.len() {
				let sealed = SealedInputs::new(&view, data);
				(0..job.contract.parts(data as u16))
					.try_for_each(|part| output.add(data, part, &sealed.open(part)?))?;
			}
			let commitment = output.finish()?;
			behaviour.output(job, &me, commitment, &own.artifacts)
		};
		Ok(own.blocking(multiply).await??)
	}

	/// The coordinator's result.
	async fn result(&self, job: &Job, info: &JobInfo, time: Time, head: Block) -> Result<Commitment, Failure> {
		let size = 2 * job.contract.user_key.len();
		for (index, computing) in job.contract.computing.iter().enumerate() {
			delivered(info, Stage::Outputs, &computing.party.who)?;
			let item = format!("{} products of {size} bytes, no key", job.contract.outputs());
			self.note(job.id, "cord", &format!("computing provider {}", index + 1), &item);
		}
		let own = self.supplied(self.at_hand(job, info)?, info, Stage::Result, time, head).await?;
		let me = self.me.clone();
		let behaviour = self.behaviour.clone();
		let multiply = move |own: &Inspection| {
			let job = &own.job;
			let view = own.view();
			let computing = job.contract.computing.iter();
			let outputs =
				computing.map(|computing| verification::published_trees(&view, Stage::Outputs, &computing.party.who));
			let commitment = coordinator::result(job, &outputs.collect::<Result<Vec<_>, _>>()?, &own.artifacts)?;
			behaviour.result(job, &me, commitment, &own.artifacts)
		};
		Ok(own.blocking(multiply).await??)
	}

	/// Publishes what is challenged of this account's and has its turn.
	async fn publish(&self, id: JobId, head: Block) -> Result<Done, Failure> {
		let (job, info) = self.job(id, head).await?;
		let inspection = Arc::new(self.at_hand(&job, &info)?);
		let now = self.chain.clock(head).await?;
		let mut lost = Vec::new();
		for open in self.chain.open_units(id, head).await? {
			let unit = job.contract.unit(open.unit).filter(|unit| {
				let owner = job.contract.unit_owner(unit);
				open.from <= now && owner.is_some_and(|party| party.who == self.me)
			});
			let Some(unit) = unit else { continue };
			let missing = (0..job.contract.unit_chunks(&unit)).filter(|chunk| {
				!open.published.contains(*chunk) && !self.published_lately(id, open.unit, *chunk, head)
			});
			let missing: Vec<u32> = missing.collect();
			for chunk in &missing {
				let chunk = *chunk;
				let made =
					inspection.blocking(move |own| verification::answer_chunk(&own.view(), &unit, chunk)).await?;
				match made {
					Some(answer) => self.publish_chunk(id, open.unit, &unit, chunk, answer, head).await,
					// The other units are owed no less.
					None => lost.push(format!("chunk {chunk} of {}", unit_name(&unit))),
				}
			}
		}
		match lost.is_empty() {
			true => Ok(Done::ForNow),
			false => Err(Failure::transient(format!("not here any more: {}", lost.join(", ")))),
		}
	}

	async fn publish_chunk(&self, job: JobId, number: u32, unit: &Unit, chunk: u32, answer: Answer, head: Block) {
		let Answer { bytes, path } = answer;
		let name = unit_name(unit);
		// The pool refuses what it has, and what the chain has: a later look tells.
		match self.chain.publish(&Publication { job, unit: number, chunk, bytes, path }).await {
			Ok(()) => {
				self.published().insert((job, number, chunk), head.number);
				info!(job, chunk, "published: {name}");
			},
			Err(error) => debug!(job, chunk, "not taken: {name}: {error}"),
		}
	}

	/// Whether the pool took a chunk a few blocks ago, and may still have it.
	fn published_lately(&self, job: JobId, unit: u32, chunk: u32, head: Block) -> bool {
		let last = self.published().get(&(job, unit, chunk)).copied();
		last.is_some_and(|last| head.number < last.saturating_add(REPUBLISH))
	}

	fn published(&self) -> MutexGuard<'_, HashMap<(JobId, u32, u32), BlockNumber>> {
		self.published.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// What is at hand of a job, with all units of others that this account needs in `stage`: what was published on chain is
	/// read, all else fetched, until it presses to challenge what is lacking.
	///
	/// # Errors
	///
	/// [`Failure::Lacking`] with those that neither their owners serve in time nor the chain has. They are the same for every
	/// selection.
	async fn supplied(
		&self,
		own: Inspection,
		info: &JobInfo,
		stage: Stage,
		time: Time,
		head: Block,
	) -> Result<Arc<Inspection>, Failure> {
		let needed = self.needed_units(&own.job, stage);
		let mut own = Arc::new(own);
		let missing = |own: &Arc<Inspection>| {
			let needed = needed.clone();
			let own = own.clone();
			async move { own.blocking(move |own| verification::missing(&own.view(), needed)).await }
		};
		let number = |unit: &Unit| own.job.contract.unit_index(unit);
		if needed.iter().filter_map(number).any(|unit| info.published.contains(unit)) {
			self.read_publications(&own.job, info, head).await?;
			own = Arc::new(own.with_artifacts(self.artifacts(own.job.id)?));
			// Nobody is waited for who serves what is there already.
			if missing(&own).await?.is_empty() {
				return Ok(own);
			}
		}
		let pressing_from = self.pressing_from(&own.job, stage, time.deadline);
		let least = if time.presses { 0 } else { LEAST_WAIT.min(self.config.terms.base / 2) };
		let until = pressing_from.max(self.now().saturating_add(least));
		// Proofs about keys were verified before the confirmation.
		let earlier: Vec<_> = Stage::ALL.into_iter().skip(1).filter(|earlier| *earlier < stage).collect();
		tokio::select! {
			biased;
			gathered = own.gather(&earlier, self.sources(), |_, wanted| self.fetch_wanted(info, wanted, head)) => {
				gathered?;
			},
			() = self.reaches(until) => debug!(job = own.job.id, "not waiting any longer for what is lacking"),
		}
		let lacking = missing(&own).await?;
		if lacking.is_empty() {
			return Ok(own);
		}
		let names = lacking.iter().map(unit_name).collect::<Vec<_>>().join(", ");
		let units = lacking.iter().filter_map(|unit| own.job.contract.unit_index(unit)).collect();
		Err(Failure::Lacking { units, pressing_from, text: format!("not at hand: {names}") })
	}

	/// The units of others that this account needs for what it owes in a stage.
	fn needed_units(&self, job: &Job, stage: Stage) -> Vec<Unit> {
		let contract = &job.contract;
		let numbers = self.places(contract).flat_map(|(role, place)| contract.needed_units(stage, role, place));
		numbers.filter_map(|number| contract.unit(number)).collect()
	}

	/// What this account does in a job: roles, with its place in each.
	pub(super) fn places<'c>(&'c self, contract: &'c Contract) -> impl Iterator<Item = (Role, u16)> + 'c {
		let data = (0u16..).zip(contract.data.iter().map(|data| (Role::DataProvider, &data.party)));
		let computing =
			(0u16..).zip(contract.computing.iter().map(|computing| (Role::ComputingProvider, &computing.party)));
		let places = data.chain(computing).chain([(0, (Role::Coordinator, &contract.coordinator))]);
		places.filter(move |(_, (_, party))| party.who == self.me).map(|(place, (role, _))| (role, place))
	}

	/// Keeps the chunks that were published of a job up to the block `head`, going on where the last reading ended.
	pub(super) async fn read_publications(&self, job: &Job, info: &JobInfo, head: Block) -> Result<(), Failure> {
		let id = job.id;
		let from = match self.database.publications_read(id)? {
			Some(last) => Some(last.saturating_add(1)),
			None => self.first_publication(job, info, head).await?,
		};
		let Some(from) = from else { return Ok(()) };
		let published_in = |number| self.published_in(number, head);
		let keep = |found: Publications, number: BlockNumber| {
			if !found.is_empty() || number.is_multiple_of(KEEP_EVERY) || number == head.number {
				self.database.keep_publications(id, &found, number)?;
			}
			Ok::<_, Failure>(())
		};
		read_publications(job, &info.commitments, from..=head.number, published_in, keep).await
	}

	/// The block to begin with when nothing was read of a job yet. Units that are published in part are of use later.
	async fn first_publication(
		&self,
		job: &Job,
		info: &JobInfo,
		head: Block,
	) -> Result<Option<BlockNumber>, ChainError> {
		match self.chain.open_units(job.id, head).await {
			// Work may take longer than the node keeps a state.
			Err(ChainError::StatePruned) => Ok(info.commitments.iter().map(|delivered| delivered.at).min()),
			open => {
				let open = open?.into_iter().map(|open| open.unit);
				Ok(first_publication(job, &info.commitments, info.published.iter().chain(open)))
			},
		}
	}

	/// The chunks that were published in the block of a number, in the chain of the finalised block `head`.
	async fn published_in(&self, number: BlockNumber, head: Block) -> Result<Vec<Publication>, ChainError> {
		match self.chain.block_at(number).await? {
			Some(block) => self.chain.publications(block).await,
			// A node that began with a later block, or one that lags behind.
			None if self.chain.block_at(head.number).await?.is_some() => Err(ChainError::BlockPruned(number)),
			None => Err(ChainError::BlockUnknown(number)),
		}
	}

	/// The coordinator's messages to all computing providers.
	async fn selection(&self, own: &Arc<Inspection>) -> Result<Published, Failure> {
		let published = own.blocking(|own| verification::published_selection(&own.view())).await?;
		published.map_err(Failure::from)
	}

	/// What is at hand of a job.
	fn at_hand(&self, job: &Job, info: &JobInfo) -> Result<Inspection, Failure> {
		Ok(Inspection::new(job.clone(), info.commitments.clone(), self.artifacts(job.id)?))
	}
}

/// The contract puts no more at stake than the configuration allows.
///
/// The chain checks the terms that are registered; those in the file may be newer.
fn check_bond(bond: Balance, most: Balance) -> Result<(), Failure> {
	if bond <= most {
		return Ok(());
	}
	let text = format!("the job puts {} at stake, `max_bond` in [terms] allows {}", ets(bond), ets(most));
	Err(Failure::Permanent(DeclineReason::Other, text))
}

/// All keys of a contract are of sizes that this worker takes. The chain refuses others; a worker does not depend on that.
fn check_key_sizes(job: &Job, sizes: &[KeySize]) -> Result<(), Failure> {
	let is_taken = |modulus: &[u8]| KeySize::from_bytes(modulus.len()).is_some_and(|size| sizes.contains(&size));
	let refused = |reason, whose| {
		let sizes = sizes.iter().map(|size| size.bits().to_string()).collect::<Vec<_>>().join(" or ");
		Err(Failure::Permanent(reason, format!("the key of {whose} has not {sizes} bits")))
	};
	if !is_taken(&job.contract.user_key) {
		return refused(DeclineReason::UserKey, &job.contract.user);
	}
	match job.contract.computing.iter().find(|computing| !is_taken(&computing.paillier)) {
		Some(computing) => refused(DeclineReason::ComputingKey, &computing.party.who),
		None => Ok(()),
	}
}

/// The chain refuses a job against the policy when it is made; the provider decides again by the policy of now.
fn check_policy(job: &Job, set: &Dataset) -> Result<(), String> {
	let policy = &set.policy;
	if !policy.templates.contains(&job.contract.template) {
		return Err(format!("the policy does not allow template {}", job.contract.template));
	}
	let rows = job.contract.kind.rows_behind(set.rows);
	if rows < policy.min_rows {
		return Err(format!("the policy wants {} own rows behind a number, the job has {rows}", policy.min_rows));
	}
	if policy.buyers.as_ref().is_some_and(|buyers| !buyers.contains(&job.contract.user)) {
		return Err(format!("the policy does not allow the buyer {}", job.contract.user));
	}
	Ok(())
}

/// Reads as many rows as were declared: a source with more of them may never end.
fn scan_declared(
	source: &Source,
	columns: &[ColumnSpec],
	declared: Declaration,
	mut take: impl FnMut(&[i64]) -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
	let mut left = declared.rows;
	encrytrust_datasets::try_scan(source, columns, |row| {
		left = left.checked_sub(1).ok_or_else(|| {
			let text = format!("the source has more than the {} rows declared", declared.rows);
			Failure::Transient(DeclineReason::Data, format!("{text}; take away those that were added since"))
		})?;
		take(row)
	})
	.map(|_| ())
}

/// The rows are those declared. A confirmed job cannot be declined any more: all that helps is to have the rows back.
fn ensure_declared(difference: Option<String>) -> Result<(), Failure> {
	match difference {
		None => Ok(()),
		Some(text) => {
			let text = format!("{text}; put the rows back that it had when the job was confirmed");
			Err(Failure::Transient(DeclineReason::Data, text))
		},
	}
}

/// What the contract says of a dataset, of which the job may be about a range of rows.
fn declared(data: &DataParty<AccountId, Balance>) -> Declaration {
	Declaration { rows: data.dataset_rows, fingerprint: H256(data.fingerprint.0) }
}

fn delivered(info: &JobInfo, stage: Stage, who: &AccountId) -> Result<Commitment, Failure> {
	commitment_of(info, stage, who).ok_or_else(|| Failure::transient(format!("{who} has not delivered yet")))
}

impl From<UnreadableName> for Failure {
	fn from(error: UnreadableName) -> Self {
		Self::Permanent(DeclineReason::Data, error.to_string())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_bond_above_the_most_is_declined() {
		assert!(check_bond(5, 5).is_ok());
		let Err(Failure::Permanent(DeclineReason::Other, text)) = check_bond(6, 5) else { panic!("accepted") };
		assert!(text.contains("`max_bond`"), "{text}");
	}
}
