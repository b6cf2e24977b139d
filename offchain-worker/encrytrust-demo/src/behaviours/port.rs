//! Where a cheat stands between its worker and the world: what it sends to the chain, and whom it serves.

use super::Cheat;
use anyhow::Context;
use async_trait::async_trait;
use encrytrust_chain_client::{
	AccountId, Block, BlockNumber, Call, Dataset, Duty, Error as ChainError, Inclusion, JobInfo, KnownBlocks, OpenUnit,
	Publication, Registration, Signed, H256,
};
use encrytrust_fault_proofs::Fault;
use encrytrust_job_client::files::replace;
use encrytrust_transport::{BlobSource, PeerId};
use encrytrust_types::{
	job::{Role, Stage},
	DatasetId, JobId,
};
use encrytrust_worker::{task, Chain, Heads};
use serde_json::{json, Value};
use std::{
	fs, io,
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tracing::warn;

/// What the node says of a call that nobody owes any more.
const NOT_OWED: &str = "Transaction is outdated";

/// Who gets no blobs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Receivers {
	/// Everybody.
	All,
	/// The worker with this peer id.
	One(PeerId),
}

/// The blobs of a worker that does not serve all others.
pub(super) struct Withheld {
	pub(super) blobs: Arc<dyn BlobSource>,
	pub(super) from: Receivers,
}

impl BlobSource for Withheld {
	fn read(&self, digest: &[u8; 32], offset: u64, max: usize) -> io::Result<Option<(u64, Vec<u8>)>> {
		self.blobs.read(digest, offset, max)
	}

	fn serves(&self, peer: &PeerId) -> bool {
		match self.from {
			Receivers::All => false,
			Receivers::One(unserved) => unserved != *peer,
		}
	}
}

/// What came of a delivery that was sent once its deadline had passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LateDelivery {
	/// The last value of the finality clock at which it would have been valid.
	pub(crate) deadline: BlockNumber,
	/// The clock when it was sent.
	pub(crate) clock: BlockNumber,
	/// Why the node refused it, if it did.
	pub(crate) refusal: Option<String>,
}

impl LateDelivery {
	/// The file in which a worker with this configuration tells it.
	pub(crate) fn file_beside(config: &Path) -> PathBuf {
		config.with_file_name("late-delivery.json")
	}

	/// Takes it from a file, if it is there yet.
	///
	/// # Errors
	///
	/// A file that is not of this form, or cannot be removed.
	pub(crate) fn take(file: &Path) -> anyhow::Result<Option<Self>> {
		let text = match fs::read_to_string(file) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			text => text.with_context(|| format!("cannot read {}", file.display()))?,
		};
		let value: Value = serde_json::from_str(&text)?;
		let number = |name: &str| {
			let number = value[name].as_u64().and_then(|number| number.try_into().ok());
			number.with_context(|| format!("{} has no {name}", file.display()))
		};
		let taken = Self {
			deadline: number("deadline")?,
			clock: number("clock")?,
			refusal: value["refusal"].as_str().map(String::from),
		};
		fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
		Ok(Some(taken))
	}

	/// For programs.
	pub(crate) fn json(&self) -> Value {
		json!({ "deadline": self.deadline, "clock": self.clock, "refusal": self.refusal })
	}

	/// What is not right: it was late, and is refused because nobody owes it any more.
	pub(crate) fn faults(&self) -> Vec<String> {
		let mut faults = vec![];
		if self.clock <= self.deadline {
			faults.push(format!("the delivery was sent at {}, before its deadline {}", self.clock, self.deadline));
		}
		match &self.refusal {
			None => faults.push("the node took a delivery that was late".into()),
			Some(reason) if !reason.contains(NOT_OWED) => {
				faults.push(format!("the delivery that was late was refused for another reason: {reason}"));
			},
			Some(_) => {},
		}
		faults
	}
}

/// A delivery that waits for its deadline to pass.
#[derive(Debug, Default)]
struct Held {
	/// As the chain told it last.
	deadline: Option<BlockNumber>,
	/// The delivery; none before it is made, and none once it is sent.
	call: Option<Call>,
	/// It, signed: the worker takes it for submitted.
	bytes: Vec<u8>,
	is_sent: bool,
}

/// The chain, to a worker that delivers too late or publishes nothing.
pub(super) struct Port {
	chain: Arc<dyn Chain>,
	cheat: Cheat,
	held: Mutex<Held>,
	/// Where a [`LateDelivery`] is told.
	told: PathBuf,
}

impl Port {
	pub(super) fn new(chain: Arc<dyn Chain>, cheat: Cheat, told: PathBuf) -> Self {
		Self { chain, cheat, held: Mutex::default(), told }
	}

	fn held(&self) -> MutexGuard<'_, Held> {
		self.held.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Sends what is held once the clock is above its deadline.
	async fn send_if_late(&self, clock: BlockNumber, at: Block) -> Result<(), ChainError> {
		let overdue = {
			let mut held = self.held();
			match held.deadline {
				Some(deadline) if clock > deadline => held.call.take().map(|call| (call, deadline)),
				_ => None,
			}
		};
		let Some((call, deadline)) = overdue else { return Ok(()) };
		let refusal = match self.send(&call, at).await {
			Ok(()) => None,
			Err(ChainError::Refused { reason, .. }) => Some(reason),
			Err(error) => {
				self.held().call = Some(call);
				return Err(error);
			},
		};
		self.held().is_sent = true;
		let delivery = LateDelivery { deadline, clock, refusal };
		warn!(?delivery, "{} was sent too late", call.name);
		if let Err(error) = replace(&self.told, delivery.json().to_string().as_bytes()) {
			warn!("cannot write {}: {error}", self.told.display());
		}
		Ok(())
	}

	/// Signs for a nonce that is the account's next: what is refused is so for no reason but the call.
	async fn send(&self, call: &Call, at: Block) -> Result<(), ChainError> {
		let signed = self.chain.sign(call, self.chain.next_nonce().await?, at)?;
		self.chain.submit(&signed.bytes).await
	}
}

/// The stage in which a call delivers.
fn stage_of(call: &Call) -> Option<Stage> {
	match (&*call.pallet, &*call.name) {
		("Bmpc", "confirm") => Some(Stage::Confirmation),
		("Bmpc", "commit_selection") => Some(Stage::Selection),
		("Bmpc", "commit_inputs") => Some(Stage::Inputs),
		("Bmpc", "commit_output") => Some(Stage::Outputs),
		("Bmpc", "commit_result") => Some(Stage::Result),
		_ => None,
	}
}

#[async_trait]
impl Chain for Port {
	async fn clock(&self, at: Block) -> Result<BlockNumber, ChainError> {
		let clock = self.chain.clock(at).await?;
		self.send_if_late(clock, at).await?;
		Ok(clock)
	}

	async fn duties(&self, at: Block) -> Result<Vec<Duty>, ChainError> {
		let duties = self.chain.duties(at).await?;
		let late = duties.iter().find(|duty| task::stage_of(duty.kind).is_some_and(|stage| self.cheat.is_late(stage)));
		if let Some(deadline) = late.and_then(|duty| duty.deadline) {
			self.held().deadline = Some(deadline);
		}
		Ok(duties)
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		let signed = self.chain.sign(call, nonce, born)?;
		let mut held = self.held();
		if stage_of(call).is_some_and(|stage| self.cheat.is_late(stage)) && !held.is_sent {
			held.call = Some(call.clone());
			held.bytes.clone_from(&signed.bytes);
		}
		Ok(signed)
	}

	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError> {
		if self.held().bytes == bytes {
			return Ok(());
		}
		self.chain.submit(bytes).await
	}

	async fn publish(&self, publication: &Publication) -> Result<(), ChainError> {
		if self.cheat == Cheat::Withhold {
			return Err(ChainError::Refused { reason: "this worker publishes nothing".into(), is_transient: false });
		}
		self.chain.publish(publication).await
	}

	fn account(&self) -> AccountId {
		self.chain.account()
	}

	fn genesis(&self) -> H256 {
		self.chain.genesis()
	}

	async fn follow(&self) -> Result<Box<dyn Heads>, ChainError> {
		self.chain.follow().await
	}

	async fn finalized(&self) -> Result<Block, ChainError> {
		self.chain.finalized().await
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		self.chain.block_at(number).await
	}

	fn remember(&self, seen: Vec<Block>) {
		self.chain.remember(seen);
	}

	async fn seen(&self, last: BlockNumber, head: Block) -> Result<KnownBlocks, ChainError> {
		self.chain.seen(last, head).await
	}

	async fn open_units(&self, job: JobId, at: Block) -> Result<Vec<OpenUnit>, ChainError> {
		self.chain.open_units(job, at).await
	}

	async fn job(&self, id: JobId, at: Block) -> Result<Option<JobInfo>, ChainError> {
		self.chain.job(id, at).await
	}

	async fn next_job(&self, at: Block) -> Result<JobId, ChainError> {
		self.chain.next_job(at).await
	}

	async fn can_participate(&self, at: Block) -> Result<bool, ChainError> {
		self.chain.can_participate(at).await
	}

	async fn registration(&self, role: Role, who: &AccountId, at: Block) -> Result<Option<Registration>, ChainError> {
		self.chain.registration(role, who, at).await
	}

	async fn dataset(&self, id: DatasetId, at: Block) -> Result<Option<Dataset>, ChainError> {
		self.chain.dataset(id, at).await
	}

	async fn publications(&self, block: Block) -> Result<Vec<Publication>, ChainError> {
		self.chain.publications(block).await
	}

	async fn nonce(&self, at: Block) -> Result<u64, ChainError> {
		self.chain.nonce(at).await
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		self.chain.next_nonce().await
	}

	async fn spec_version(&self, at: Block) -> Result<u32, ChainError> {
		self.chain.spec_version(at).await
	}

	async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError> {
		self.chain.inclusion(block, extrinsic).await
	}

	async fn submit_via_node(&self, job: JobId, fault: &Fault) -> Result<(), ChainError> {
		self.chain.submit_via_node(job, fault).await
	}
}

#[cfg(test)]
mod tests;
