//! What makes a worker's extrinsics happen exactly once, over any number of restarts.
//!
//! An *intent* is a call for a [task](crate::task): one for each (job, kind), and one at a time for a task that recurs. Its
//! life:
//!
//! ```text
//!            sign, store              its nonce is used up
//!   ready ────────────────> signed ──────────────────────────> done | failed
//!     ^                       │ └─ submit, and again while its nonce is not used up: the same bytes
//!     └───────────────────────┘
//!       it can no more be included: its time has passed, its nonce was used by another,
//!       or the runtime that it was signed for was replaced
//! ```
//!
//! The bytes are stored before they are submitted, so whatever may be in the node's pool is known after a crash and never
//! signed a second time while it may still be included. A crash between any two steps repeats the latter, which changes
//! nothing: storing, submitting and looking are all idempotent.
//!
//! # Nonces
//!
//! *An intent never has bytes for two nonces; a nonce may have the bytes of several intents.* A nonce admits one call,
//! so of the bytes that share one the chain takes one; the others are lost and signed anew, each for a nonce of its own.
//!
//! A nonce is held by bytes that the pool took. Bytes that it refused hold nothing, for whatever reason it did, and no
//! other extrinsic waits for them: the next intent to be signed, that with the nearest deadline, gets the lowest nonce
//! that nothing holds. Refused bytes are submitted again now and then, unless their nonce is held meanwhile.
//!
//! A call that is owed in a job has block space of its own, others do not, and may wait for long while somebody fills the
//! blocks. An owed call does not wait behind them: it is signed for the nonce of one that is stuck.
//!
//! A pool may also drop what it took, and an intent may be given up, while bytes with higher nonces are under way. They
//! would wait for ever: if no intent is to be signed for such a gap, a remark fills it, which costs a small fee. It is
//! not stored: of two remarks for one gap, before and after a crash, the nonce admits one.
//!
//! The account's nonce at the finalised head tells whether an extrinsic can have been included. Only then are the blocks
//! looked at: for whether it was this one, and how it went. A node that has thrown them away cannot tell; then the head's
//! state decides, by whether the [task still stands](crate::task::Standing).

use crate::{
	chain::Chain,
	database::{Database, DatabaseError},
	task::{self, Standing, Task, TaskKind},
};
use async_trait::async_trait;
use encrytrust_chain_client::{Block, BlockNumber, Call, Error as ChainError, Inclusion, Outcome, Signed, H256};
use encrytrust_types::JobId;
use rusqlite::{params, OptionalExtension, Row};
use std::collections::{BTreeSet, HashMap};
use tracing::{debug, info, warn};

/// Blocks after which bytes that were not found are submitted again.
const RESUBMIT: BlockNumber = 4;
/// How often a call that failed in the chain is tried, if the task still stands.
const MAX_ATTEMPTS: u32 = 5;

/// What the outbox needs of a chain, for one account.
#[async_trait]
pub trait Extrinsics: Send + Sync {
	/// The account's nonce at a block.
	async fn nonce(&self, at: Block) -> Result<u64, ChainError>;
	/// The lowest nonce that is used neither in the node's best chain nor by what its pool would put into the next block.
	async fn next_nonce(&self) -> Result<u64, ChainError>;
	/// The version of the runtime that executes the blocks after a finalised block.
	async fn spec_version(&self, at: Block) -> Result<u32, ChainError>;
	/// Signs a call at a finalised block.
	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError>;
	/// Hands bytes to the pool.
	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError>;
	/// The finalised block of a number.
	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError>;
	/// Looks for an extrinsic in a block. [`ChainError::BlockPruned`] if the block's extrinsics are gone.
	async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError>;
	/// What the state at a finalised block says of the task with this name.
	async fn standing(&self, job: JobId, kind: &str, at: Block) -> Result<Standing, ChainError>;
}

#[async_trait]
impl<C: Chain + ?Sized> Extrinsics for C {
	async fn nonce(&self, at: Block) -> Result<u64, ChainError> {
		Chain::nonce(self, at).await
	}

	async fn next_nonce(&self) -> Result<u64, ChainError> {
		Chain::next_nonce(self).await
	}

	async fn spec_version(&self, at: Block) -> Result<u32, ChainError> {
		Chain::spec_version(self, at).await
	}

	fn sign(&self, call: &Call, nonce: u64, born: Block) -> Result<Signed, ChainError> {
		Chain::sign(self, call, nonce, born)
	}

	async fn submit(&self, bytes: &[u8]) -> Result<(), ChainError> {
		Chain::submit(self, bytes).await
	}

	async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, ChainError> {
		Chain::block_at(self, number).await
	}

	async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, ChainError> {
		Chain::inclusion(self, block, extrinsic).await
	}

	async fn standing(&self, job: JobId, kind: &str, at: Block) -> Result<Standing, ChainError> {
		task::standing(self, job, kind, at).await
	}
}

/// What can go wrong in a step; the next step goes on where this one stopped.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
	/// The database.
	#[error(transparent)]
	Database(#[from] DatabaseError),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
}

impl From<rusqlite::Error> for OutboxError {
	fn from(error: rusqlite::Error) -> Self {
		Self::Database(error.into())
	}
}

/// Where an intent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
	/// Not signed, or no more.
	Ready,
	/// Signed, perhaps submitted, not found yet.
	Signed,
	/// Included and done; or it can no more be known, and there is nothing left to do.
	Done {
		/// In which block, or in which one that was seen.
		block: BlockNumber,
	},
	/// Included and failed.
	Failed {
		/// In which block.
		block: BlockNumber,
		/// Why.
		error: String,
		/// Which attempt it was, from 1 on.
		attempt: u32,
	},
}

/// An intent as stored.
#[derive(Clone, Debug)]
struct Intent {
	job: JobId,
	kind: String,
	attempt: u32,
	call: Call,
	/// The last value of the finality clock at which it is of use.
	deadline: Option<BlockNumber>,
	signed: Option<Signed>,
}

impl Intent {
	/// Whether the call is one that the chain reserves block space for while it is owed.
	fn is_owed(&self) -> bool {
		let calls =
			["confirm", "decline", "commit_selection", "commit_inputs", "commit_output", "commit_result", "challenge"];
		self.call.pallet == "Bmpc" && (calls.contains(&&*self.call.name) || self.call.name == "resume_role")
	}

	/// Whether blocks pass by a call that waits for space which all may use.
	fn is_stuck(&self, head: Block) -> bool {
		!self.is_owed()
			&& self.signed.as_ref().is_some_and(|signed| head.number >= signed.birth.saturating_add(RESUBMIT))
	}
}

/// What became of a signed intent.
enum Fate {
	/// It may still be included.
	Waiting,
	/// It was included.
	Included(Inclusion),
	/// It was not included and cannot be any more.
	Lost,
	/// Its nonce is used up, and the node no longer knows by what or how that went.
	Unknown,
}

/// What the chain has at the finalised head.
struct Finalized {
	head: Block,
	/// The account's nonce.
	nonce: u64,
	/// The runtime's version for the blocks to come.
	spec_version: u32,
}

/// The nonces that something holds.
struct Held {
	/// Those below, by the node.
	below: u64,
	/// Those of bytes that the pool took.
	ours: BTreeSet<u64>,
	/// Those of calls that have no block space of their own, and are not included for long.
	stuck: BTreeSet<u64>,
}

impl Held {
	fn lowest_free(&self) -> u64 {
		(self.below..).find(|nonce| !self.ours.contains(nonce)).unwrap_or(self.below)
	}

	/// The lowest nonce of a call that is stuck: an owed one does not wait behind it, but takes its place, in the pool as
	/// well, where it has the higher priority.
	fn take_stuck(&mut self) -> Option<u64> {
		self.stuck.pop_first()
	}

	/// A free nonce below one that is held.
	fn gap(&self) -> Option<u64> {
		let free = self.lowest_free();
		self.ours.last().is_some_and(|last| *last > free).then_some(free)
	}
}

/// What came of submitting bytes.
#[derive(Clone, Copy, Debug)]
struct Submission {
	/// The head at that time.
	at: BlockNumber,
	is_taken: bool,
}

/// The outbox of one account.
#[derive(Debug)]
pub struct Outbox {
	database: Database,
	/// How each extrinsic was last submitted by this process.
	submitted: HashMap<H256, Submission>,
}

impl Outbox {
	/// The outbox in a database.
	pub fn new(database: Database) -> Self {
		Self { database, submitted: HashMap::new() }
	}

	/// Stores the intent to make `call` for a task. Does nothing if there is one; one that failed is tried again
	/// after 4, 8, 16… blocks, five times at most. Says whether there is something new to do.
	pub fn intend(&self, task: &Task, call: &Call, head: BlockNumber) -> Result<bool, OutboxError> {
		let Some(attempt) = self.next_attempt(task.job, &task.kind, head)? else { return Ok(false) };
		self.database.lock().execute(
			"INSERT OR REPLACE INTO intents (job, kind, attempt, pallet, call, arguments, deadline, state)
			 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'ready')",
			params![
				task.job as i64,
				task.kind.to_string(),
				attempt,
				call.pallet,
				call.name,
				call.arguments,
				task.deadline
			],
		)?;
		Ok(true)
	}

	/// Where the intent for a task stands.
	pub fn state(&self, job: JobId, kind: &TaskKind) -> Result<Option<State>, OutboxError> {
		let connection = self.database.lock();
		let mut query = connection
			.prepare_cached("SELECT state, block, error, attempt FROM intents WHERE job = ?1 AND kind = ?2")?;
		let state = query.query_row(params![job as i64, kind.to_string()], |row| {
			Ok(match row.get::<_, String>(0)?.as_str() {
				"ready" => State::Ready,
				"signed" => State::Signed,
				"done" => State::Done { block: row.get(1)? },
				_ => State::Failed { block: row.get(1)?, error: row.get(2)?, attempt: row.get(3)? },
			})
		});
		Ok(state.optional()?)
	}

	/// Whether a task that is due at the finalised block `head` needs work: there is no intent, it failed and may be tried
	/// again, or it was done before and [recurs](TaskKind::recurs).
	pub fn wants(&self, job: JobId, kind: &TaskKind, head: BlockNumber) -> Result<bool, OutboxError> {
		Ok(self.next_attempt(job, kind, head)?.is_some())
	}

	/// Which attempt a task is due for that is due at the finalised block `head`; `None` if it needs no work.
	fn next_attempt(&self, job: JobId, kind: &TaskKind, head: BlockNumber) -> Result<Option<u32>, OutboxError> {
		Ok(match self.state(job, kind)? {
			None => Some(1),
			Some(State::Failed { block, attempt, .. }) => may_retry(kind, block, attempt, head).then_some(attempt + 1),
			// The state after that block has what it did: the chain asks for it anew.
			Some(State::Done { block }) => (kind.recurs() && head > block).then_some(1),
			Some(State::Ready | State::Signed) => None,
		})
	}

	/// Brings every intent as far as it can be brought at the finalised block `head`. One that the chain refuses to tell
	/// about does not hold up the others.
	pub async fn step<C: Extrinsics + ?Sized>(&mut self, chain: &C, head: Block) -> Result<(), OutboxError> {
		let intents = self.live()?;
		if intents.is_empty() {
			return Ok(());
		}
		let (nonce, spec_version) = (chain.nonce(head).await?, chain.spec_version(head).await?);
		let finalized = Finalized { head, nonce, spec_version };
		for intent in &intents {
			let looked = self.look(intent, chain, &finalized).await;
			passed_over(intent, looked)?;
		}
		let below = chain.next_nonce().await?.max(nonce);
		let mut held = Held { below, ours: BTreeSet::new(), stuck: BTreeSet::new() };
		for mut intent in self.live()? {
			let is_new = intent.signed.is_none();
			let nonce = match &intent.signed {
				Some(signed) => signed.nonce,
				None if intent.is_owed() => held.take_stuck().unwrap_or_else(|| held.lowest_free()),
				None => held.lowest_free(),
			};
			// Other bytes for the same nonce may be in the pool: they stay there.
			if !is_new && held.ours.contains(&nonce) {
				continue;
			}
			let sent = self.send(&mut intent, chain, nonce, head).await;
			let is_refused = passed_over(&intent, sent)? == Some(false);
			if intent.signed.is_some() && !is_refused {
				held.ours.insert(nonce);
			}
			if intent.is_stuck(head) {
				held.stuck.insert(nonce);
			}
		}
		match held.gap() {
			Some(gap) => fill(gap, chain, head).await,
			None => Ok(()),
		}
	}

	/// Looks what became of a signed intent. Afterwards it is settled, still signed, or ready to be signed anew.
	async fn look<C: Extrinsics + ?Sized>(
		&mut self,
		intent: &Intent,
		chain: &C,
		finalized: &Finalized,
	) -> Result<(), OutboxError> {
		let Some(signed) = &intent.signed else { return Ok(()) };
		let head = finalized.head;
		match fate(signed, chain, finalized).await? {
			Fate::Waiting => Ok(()),
			Fate::Included(inclusion) => self.settle(intent, &inclusion),
			// What has no deadline would be signed for ever.
			Fate::Lost
				if intent.deadline.is_none()
					&& chain.standing(intent.job, &intent.kind, head).await? == Standing::Over =>
			{
				self.set_done(intent, head.number, "is no longer asked for")
			},
			Fate::Lost => {
				debug!(job = intent.job, task = intent.kind, "the extrinsic can no more be included: signing anew");
				self.sign_anew(intent, signed, intent.attempt)
			},
			Fate::Unknown => match chain.standing(intent.job, &intent.kind, head).await? {
				Standing::Over => self.set_done(intent, head.number, "is no longer asked for"),
				Standing::Open if intent.attempt < MAX_ATTEMPTS => {
					warn!(
						job = intent.job,
						task = intent.kind,
						"the node has forgotten what became of {}, and it is \
						still asked for: signing anew",
						intent.call.name
					);
					self.sign_anew(intent, signed, intent.attempt + 1)
				},
				Standing::Open => {
					self.set_failed(intent, head.number, "the node has forgotten why, and it is still asked for")
				},
			},
		}
	}

	fn settle(&mut self, intent: &Intent, inclusion: &Inclusion) -> Result<(), OutboxError> {
		match &inclusion.outcome {
			Outcome::Failed(failure) => self.set_failed(intent, inclusion.block.number, &failure.to_string()),
			_ => self.set_done(intent, inclusion.block.number, "is in a finalised block"),
		}
	}

	fn set_done(&self, intent: &Intent, block: BlockNumber, how: &str) -> Result<(), OutboxError> {
		self.database.lock().execute(
			"UPDATE intents SET state = 'done', block = ?3, error = NULL WHERE job = ?1 AND kind = ?2",
			params![intent.job as i64, intent.kind, block],
		)?;
		info!(job = intent.job, task = intent.kind, block, "{} {how}", intent.call.name);
		Ok(())
	}

	fn set_failed(&self, intent: &Intent, block: BlockNumber, error: &str) -> Result<(), OutboxError> {
		self.database.lock().execute(
			"UPDATE intents SET state = 'failed', block = ?3, error = ?4 WHERE job = ?1 AND kind = ?2",
			params![intent.job as i64, intent.kind, block, error],
		)?;
		warn!(job = intent.job, task = intent.kind, block, "{} failed: {error}", intent.call.name);
		Ok(())
	}

	fn sign_anew(&mut self, intent: &Intent, signed: &Signed, attempt: u32) -> Result<(), OutboxError> {
		self.submitted.remove(&signed.hash);
		self.database.lock().execute(
			"UPDATE intents SET state = 'ready', attempt = ?3, bytes = NULL, hash = NULL, nonce = NULL, born = NULL,
			 dies = NULL, spec_version = NULL WHERE job = ?1 AND kind = ?2",
			params![intent.job as i64, intent.kind, attempt],
		)?;
		Ok(())
	}

	/// Signs an intent that is not, and submits it: whether the pool took it.
	async fn send<C: Extrinsics + ?Sized>(
		&mut self,
		intent: &mut Intent,
		chain: &C,
		nonce: u64,
		head: Block,
	) -> Result<bool, OutboxError> {
		if intent.signed.is_none() {
			// The deadline is a value of the finality clock, which no block's number is behind: before it, nothing is over.
			let may_be_over = intent.deadline.is_some_and(|deadline| head.number >= deadline);
			if may_be_over && chain.standing(intent.job, &intent.kind, head).await? == Standing::Over {
				self.give_up(intent, head)?;
				return Ok(false);
			}
			self.sign(intent, chain, nonce, head)?;
		}
		self.submit(intent, chain, head).await
	}

	/// Nothing signed can be in the chain, and it is no longer to be done.
	fn give_up(&self, intent: &Intent, head: Block) -> Result<(), OutboxError> {
		self.database.lock().execute(
			"UPDATE intents SET state = 'failed', attempt = ?3, block = ?4, error = 'not included before its deadline'
			 WHERE job = ?1 AND kind = ?2",
			params![intent.job as i64, intent.kind, MAX_ATTEMPTS, head.number],
		)?;
		warn!(job = intent.job, task = intent.kind, "{} was not included before its deadline", intent.call.name);
		Ok(())
	}

	/// Signs and stores the bytes, before anybody sees them.
	fn sign<C: Extrinsics + ?Sized>(
		&self,
		intent: &mut Intent,
		chain: &C,
		nonce: u64,
		head: Block,
	) -> Result<(), OutboxError> {
		let signed = chain.sign(&intent.call, nonce, head)?;
		self.database.lock().execute(
			"UPDATE intents SET state = 'signed', bytes = ?3, hash = ?4, nonce = ?5, born = ?6, dies = ?7,
			 spec_version = ?8 WHERE job = ?1 AND kind = ?2",
			params![
				intent.job as i64,
				intent.kind,
				signed.bytes,
				signed.hash.0,
				signed.nonce as i64,
				signed.birth,
				signed.death,
				signed.spec_version
			],
		)?;
		intent.signed = Some(signed);
		Ok(())
	}

	/// Submits the stored bytes, unless that was done lately: whether the pool took them. For the intent that decides
	/// nothing: only blocks do.
	async fn submit<C: Extrinsics + ?Sized>(
		&mut self,
		intent: &Intent,
		chain: &C,
		head: Block,
	) -> Result<bool, OutboxError> {
		let Some(signed) = &intent.signed else { return Ok(false) };
		let lately = |last: &&Submission| head.number < last.at.saturating_add(RESUBMIT);
		if let Some(last) = self.submitted.get(&signed.hash).filter(lately) {
			return Ok(last.is_taken);
		}
		let is_taken = match chain.submit(&signed.bytes).await {
			Ok(()) => {
				debug!(job = intent.job, task = intent.kind, nonce = signed.nonce, "submitted");
				true
			},
			Err(ChainError::Refused { reason, .. }) => {
				warn!(job = intent.job, task = intent.kind, nonce = signed.nonce, "not taken now: {reason}");
				false
			},
			Err(error) => return Err(error.into()),
		};
		self.submitted.insert(signed.hash, Submission { at: head.number, is_taken });
		Ok(is_taken)
	}

	/// Intents that are not settled: those that are signed, by nonce, then those to be signed, by deadline.
	fn live(&self) -> Result<Vec<Intent>, OutboxError> {
		let connection = self.database.lock();
		let mut query = connection.prepare_cached(
			"SELECT job, kind, attempt, pallet, call, arguments, state, bytes, hash, nonce, born, dies,
			 deadline, spec_version FROM intents WHERE state IN ('ready', 'signed')
			 ORDER BY nonce IS NULL, nonce, deadline IS NULL, deadline, rowid",
		)?;
		let mut intents: Vec<Intent> = query.query_map([], read_intent)?.collect::<Result<_, _>>()?;
		// Of those with the same nonce the owed one comes first.
		intents
			.sort_by_key(|intent| (intent.signed.as_ref().map_or(u64::MAX, |signed| signed.nonce), !intent.is_owed()));
		Ok(intents)
	}
}

/// Puts a call that does nothing where a nonce is missing.
async fn fill<C: Extrinsics + ?Sized>(gap: u64, chain: &C, head: Block) -> Result<(), OutboxError> {
	let filled = match chain.sign(&Call::remark(), gap, head) {
		Ok(remark) => chain.submit(&remark.bytes).await,
		Err(error) => Err(error),
	};
	match filled {
		Ok(()) => info!(nonce = gap, "extrinsics wait for a nonce that no call has: a remark fills it"),
		Err(error) if error.is_disconnected() => return Err(error.into()),
		Err(error) => {
			warn!(nonce = gap, "extrinsics wait for a nonce that no call has, a remark does not fill it: {error}")
		},
	}
	Ok(())
}

/// What became of an extrinsic by a finalised block.
async fn fate<C: Extrinsics + ?Sized>(signed: &Signed, chain: &C, finalized: &Finalized) -> Result<Fate, ChainError> {
	let head = finalized.head;
	if finalized.nonce <= signed.nonce {
		let can_be_included = head.number < signed.death && finalized.spec_version <= signed.spec_version;
		return Ok(if can_be_included { Fate::Waiting } else { Fate::Lost });
	}
	let mut is_whole = true;
	for number in signed.birth.saturating_add(1)..=head.number.min(signed.death) {
		let block = if number == head.number { Some(head) } else { chain.block_at(number).await? };
		// A finalised block is there; a node that lags behind its own head is asked again at the next step.
		let Some(block) = block else { return Ok(Fate::Waiting) };
		match chain.inclusion(block, signed.hash).await {
			Ok(Some(Inclusion { outcome: Outcome::Unknown, .. })) => return Ok(Fate::Unknown),
			Ok(Some(inclusion)) => return Ok(Fate::Included(inclusion)),
			Ok(None) => {},
			Err(ChainError::BlockPruned(_)) => is_whole = false,
			Err(error) => return Err(error),
		}
	}
	Ok(if is_whole { Fate::Lost } else { Fate::Unknown })
}

/// An error about one intent does not keep the others from their deadlines; one of the connection or the database does.
fn passed_over<T>(intent: &Intent, done: Result<T, OutboxError>) -> Result<Option<T>, OutboxError> {
	match done {
		Err(OutboxError::Chain(error)) if !error.is_disconnected() => {
			warn!(job = intent.job, task = intent.kind, "{}: {error}; trying again", intent.call.name);
			Ok(None)
		},
		done => done.map(Some),
	}
}

fn read_intent(row: &Row<'_>) -> rusqlite::Result<Intent> {
	let signed = match row.get::<_, String>(6)?.as_str() {
		"signed" => Some(Signed {
			bytes: row.get(7)?,
			hash: H256(row.get(8)?),
			nonce: row.get::<_, i64>(9)? as u64,
			birth: row.get(10)?,
			death: row.get(11)?,
			// Where a former program signed, nobody knows: its bytes are waited for until their time has passed.
			spec_version: row.get::<_, Option<u32>>(13)?.unwrap_or(u32::MAX),
		}),
		_ => None,
	};
	Ok(Intent {
		job: row.get::<_, i64>(0)? as u64,
		kind: row.get(1)?,
		attempt: row.get(2)?,
		call: Call {
			pallet: row.get::<_, String>(3)?.into(),
			name: row.get::<_, String>(4)?.into(),
			arguments: row.get(5)?,
		},
		deadline: row.get(12)?,
		signed,
	})
}

/// A task that recurs is not given up: the next time it is another.
fn may_retry(kind: &TaskKind, failed_at: BlockNumber, attempt: u32, head: BlockNumber) -> bool {
	let pause = 2 << attempt.min(MAX_ATTEMPTS);
	(attempt < MAX_ATTEMPTS || kind.recurs()) && head >= failed_at.saturating_add(pause)
}

#[cfg(test)]
mod tests;
