//! What each duty takes.

use super::{blocking, Failure, Worker};
use crate::{
	declaration::{columns, difference, Declaration, UnreadableName},
	task::{Task, TaskKind},
};
use encrytrust_chain_client::{AccountId, Balance, Block, Call, Dataset, JobInfo, Party, H256};
use encrytrust_datasets::{Source, Summarizer};
use encrytrust_job_client::{amounts::ets, Inspection};
use encrytrust_protocol::{
	commitment_of, computing_provider, coordinator,
	data_provider::{self, MaskKeys},
	verification::{self, SealedInputs},
	Job, Piece, ProtocolError, Published,
};
use encrytrust_types::{
	job::{Commitment, DataParty, DeclineReason, DutyKind, Role, Stage},
	JobId,
};
use std::sync::Arc;

impl Worker {
	/// Does a task: the call that fulfils it.
	pub(super) async fn perform(&self, task: Task, head: Block) -> Result<Call, Failure> {
		let job = task.job;
		match &task.kind {
			TaskKind::Duty(DutyKind::Settle) => Ok(Call::settle(job)),
			TaskKind::Duty(DutyKind::Expire) => Ok(Call::expire(job)),
			TaskKind::ExpireDemand(Piece { stage, who, piece }) => Ok(Call::expire_demand(job, *stage, who, *piece)),
			TaskKind::Answer(piece, _) => self.answer(job, piece, head).await,
			TaskKind::Duty(kind) => self.fulfil(job, *kind, head).await,
			TaskKind::Demand(_) | TaskKind::Report => {
				Err(Failure::transient("demands and reports are made with what was found"))
			},
		}
	}

	/// A party's part in a stage.
	async fn fulfil(&self, id: JobId, kind: DutyKind, head: Block) -> Result<Call, Failure> {
		self.check_silence(kind)?;
		let (job, info) = self.job(id, head).await?;
		match kind {
			DutyKind::Confirm => self.confirm(&job, &info, head).await,
			DutyKind::CommitSelection => {
				let Published { commitment, blob } = self.select(&job).await?;
				self.store(blob).await?;
				Ok(Call::commit_selection(id, &commitment))
			},
			DutyKind::CommitInputs => {
				let commitment = self.inputs(&job, &info, head).await?;
				Ok(Call::commit_inputs(id, &commitment))
			},
			DutyKind::CommitOutput => {
				let commitment = self.output(&job, &info, head).await?;
				Ok(Call::commit_output(id, &commitment))
			},
			DutyKind::CommitResult => {
				let commitment = self.result(&job, &info, head).await?;
				Ok(Call::commit_result(id, &commitment))
			},
			DutyKind::Settle | DutyKind::Expire | DutyKind::AnswerDemand | DutyKind::ExpireDemand => {
				Err(Failure::transient("this takes no work"))
			},
		}
	}

	/// The job as the chain tells it.
	pub(super) async fn job(&self, id: JobId, head: Block) -> Result<(Job, JobInfo), Failure> {
		let info = self.chain.job(id, head).await?;
		let info = info.ok_or_else(|| Failure::transient(format!("the chain does not know job {id}")))?;
		Ok((Job::checked(id, self.genesis, &info)?, info))
	}

	/// A behaviour may be to do nothing.
	fn check_silence(&self, kind: DutyKind) -> Result<(), Failure> {
		let stage = match kind {
			DutyKind::Confirm => Stage::Confirmation,
			DutyKind::CommitSelection => Stage::Selection,
			DutyKind::CommitInputs => Stage::Inputs,
			DutyKind::CommitOutput => Stage::Outputs,
			DutyKind::CommitResult => Stage::Result,
			_ => return Ok(()),
		};
		match self.behaviour.is_silent(stage) {
			true => Err(Failure::transient("this worker is told to be silent in this stage")),
			false => Ok(()),
		}
	}

	/// Checks a contract from the side of each role that this account has in it, and the keys that all encrypt under.
	async fn confirm(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Call, Failure> {
		check_bond(job.contract.bond, self.config.max_bond)?;
		if !self.chain.can_participate(head).await? {
			let text = "this account has no active identity key: `encrytrust identity status` tells more";
			return Err(Failure::Permanent(DeclineReason::Other, text.into()));
		}
		for (role, party) in job.contract.parties().filter(|(_, party)| party.who == self.me) {
			self.confirm_role(job, role, party, head).await?;
		}
		self.verify_keys(job, head).await?;
		Ok(Call::confirm(job.id, info.contract_hash))
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
			Role::DataProvider => self.confirm_data(job, head).await,
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

	/// The data set is this account's, its policy allows the job, and the source has what the contract says.
	async fn confirm_data(&self, job: &Job, head: Block) -> Result<(), Failure> {
		data_provider::check_peers(job, &self.me, &MaskKeys::registered(job, &self.sealing))?;
		let index = job.data_index(&self.me)?;
		let data = job.contract.data.get(index).ok_or(ProtocolError::NotParty("data provider"))?;
		let on_chain = self.chain.dataset(data.dataset, head).await?;
		let Some(on_chain) = on_chain.filter(|set| set.provider == self.me) else {
			return Err(Failure::Permanent(DeclineReason::Data, "the data set is not this account's".into()));
		};
		check_policy(job, &on_chain).map_err(|text| Failure::Permanent(DeclineReason::Policy, text))?;
		if on_chain.fingerprint.0 != data.fingerprint.0 {
			let text = "the data set was refreshed after this job was requested".into();
			return Err(Failure::Permanent(DeclineReason::Data, text));
		}
		let source = self.source(data.dataset)?;
		let columns = columns(&job.contract.schema)?;
		let key = self.fingerprint_key.clone();
		let database = self.database.clone();
		let declared = declared(data);
		let compare = move || {
			let now = encrytrust_datasets::summarize(&source, &columns, &key)?;
			Ok::<_, Failure>(difference(&database, declared, &now, &columns, &key)?)
		};
		match blocking(compare).await?? {
			None => Ok(()),
			Some(text) => {
				let text = format!("{text}; declare it anew: `encrytrust dataset refresh {}`", data.dataset);
				Err(Failure::Permanent(DeclineReason::Data, text))
			},
		}
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
	async fn inputs(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Commitment, Failure> {
		let Published { commitment, blob } = self.selection(job, info, head).await?;
		let features = job.contract.features();
		let selected = job.selected();
		self.note(job.id, "dp", "coordinator", &format!("{features} encrypted bits, {selected} of them 1"));
		let keys = self.verify_keys(job, head).await?;
		let verified = {
			let job = job.clone();
			blocking(move || data_provider::read_selection(&job, &keys, &blob, &commitment)).await??
		};

		let data = job.contract.data.get(job.data_index(&self.me)?).ok_or(ProtocolError::NotParty("data provider"))?;
		let item = format!("{} rows of {} columns in the clear", data.rows, job.contract.schema.columns().len());
		self.note(job.id, "dp", "own data", &item);
		let source = self.source(data.dataset)?;
		let columns = columns(&job.contract.schema)?;
		let artifacts = self.artifacts(job.id)?;
		let declared = declared(data);
		let database = self.database.clone();
		let key = self.fingerprint_key.clone();
		let sealing = self.sealing.clone();
		let job = job.clone();
		let me = self.me.clone();
		let behaviour = self.behaviour.clone();
		let read = move || {
			let keys = MaskKeys::registered(&job, &sealing);
			let mut inputs = data_provider::InputsWriter::new(&job, &me, &keys, &verified, &artifacts)?;
			let mut summarizer = Summarizer::new(columns.len(), &key);
			encrytrust_datasets::try_scan(&source, &columns, |row| {
				summarizer.add(row);
				inputs.add(row).map_err(Failure::from)
			})?;
			// These are the very rows that are committed to. A confirmed job cannot be declined any more: all that helps is
			// to have the rows back.
			if let Some(text) = difference(&database, declared, &summarizer.finish(), &columns, &key)? {
				let text = format!("{text}; put the rows back that it had when the job was confirmed");
				return Err(Failure::Transient(DeclineReason::Data, text));
			}
			let commitment = inputs.finish()?;
			Ok::<_, Failure>(behaviour.inputs(&job, &me, commitment, &artifacts)?)
		};
		blocking(read).await?
	}

	/// A computing provider's products.
	async fn output(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Commitment, Failure> {
		let computing = self.place_and_key(job).ok_or(ProtocolError::NotParty("computing provider"))?;
		let selection = computing_provider::open_request(job, &self.me, &self.sealing)?;
		let Published { commitment, blob } = self.selection(job, info, head).await?;
		{
			let job = job.clone();
			let me = self.me.clone();
			let selection = selection.clone();
			blocking(move || computing_provider::check_selection(&job, &me, &selection, &blob, &commitment)).await??;
		}
		for data in &job.contract.data {
			delivered(info, Stage::Inputs, &data.party.who)?;
		}
		let own = Arc::new(Inspection {
			selection: Some(selection.clone()),
			computing: Some(computing),
			..self.at_hand(job, info)?
		});
		// What cannot be fetched may have been published in answer to demands.
		own.gather(Stage::Inputs, |wanted| self.fetch_wanted(info, wanted, head)).await?;
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
	async fn result(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Commitment, Failure> {
		let size = 2 * job.contract.user_key.len();
		for (index, computing) in job.contract.computing.iter().enumerate() {
			delivered(info, Stage::Outputs, &computing.party.who)?;
			let item = format!("{} products of {size} bytes, no key", job.contract.outputs());
			self.note(job.id, "cord", &format!("computing provider {}", index + 1), &item);
		}
		let own = Arc::new(self.at_hand(job, info)?);
		// What cannot be fetched may have been published in answer to demands.
		own.gather(Stage::Outputs, |wanted| self.fetch_wanted(info, wanted, head)).await?;
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

	/// The answer to a demand for a piece of what this account committed to.
	async fn answer(&self, id: JobId, piece: &Piece, head: Block) -> Result<Call, Failure> {
		let (job, info) = self.job(id, head).await?;
		let inspection = self.at_hand(&job, &info)?;
		let asked = piece.clone();
		let answer = blocking(move || verification::answer(&inspection.view(), asked.stage, &asked.who, asked.piece));
		let answer = answer.await?.ok_or_else(|| Failure::transient(format!("there is no answer for {piece} here")))?;
		Ok(Call::answer(id, piece.stage, &piece.who, piece.piece, &answer.bytes, &answer.path))
	}

	/// The coordinator's messages: the blob, or what it has answered to demands.
	async fn selection(&self, job: &Job, info: &JobInfo, head: Block) -> Result<Published, Failure> {
		let coordinator = &job.contract.coordinator;
		let commitment = delivered(info, Stage::Selection, &coordinator.who)?;
		let failure = match self.fetch(Role::Coordinator, coordinator, &commitment.blob, head).await {
			Ok(blob) => return Ok(Published { commitment, blob }),
			Err(failure) => failure,
		};
		let inspection = self.at_hand(job, info)?;
		let published = blocking(move || verification::published_selection(&inspection.view())).await?;
		published.map_err(|_| failure)
	}

	/// What is at hand of a job.
	fn at_hand(&self, job: &Job, info: &JobInfo) -> Result<Inspection, Failure> {
		Ok(Inspection::new(job.clone(), info.commitments.clone(), self.artifacts(job.id)?))
	}
}

/// The contract puts no more at stake than the configuration allows.
fn check_bond(bond: Balance, most: Option<Balance>) -> Result<(), Failure> {
	match most {
		Some(most) if bond > most => {
			let text = format!("the job puts {} at stake, `max_bond` allows {}", ets(bond), ets(most));
			Err(Failure::Permanent(DeclineReason::Other, text))
		},
		_ => Ok(()),
	}
}

/// The chain refuses a job against the policy when it is made; the provider decides again by the policy of now.
fn check_policy(job: &Job, set: &Dataset) -> Result<(), String> {
	let policy = &set.policy;
	if !policy.templates.contains(&job.contract.template) {
		return Err(format!("the policy does not allow template {}", job.contract.template));
	}
	let rows = job.contract.kind.rows_behind(job.contract.rows());
	if rows < policy.min_rows {
		return Err(format!("the policy wants {} rows behind a number, the job has {rows}", policy.min_rows));
	}
	if policy.buyers.as_ref().is_some_and(|buyers| !buyers.contains(&job.contract.user)) {
		return Err(format!("the policy does not allow the buyer {}", job.contract.user));
	}
	Ok(())
}

/// What the contract says of a data set's rows.
fn declared(data: &DataParty<AccountId, Balance>) -> Declaration {
	Declaration { rows: data.rows, fingerprint: H256(data.fingerprint.0) }
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
		assert!(check_bond(Balance::MAX, None).is_ok());
		assert!(check_bond(5, Some(5)).is_ok());
		let Err(Failure::Permanent(DeclineReason::Other, text)) = check_bond(6, Some(5)) else { panic!("accepted") };
		assert!(text.contains("`max_bond`"), "{text}");
	}
}
