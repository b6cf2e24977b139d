//! Signed extrinsics: making and submitting them, finding them in a block, and their outcome.

use crate::{
	connection::retrying, types::ChainConfig, AccountId, Block, BlockNumber, Call, Client, DispatchFailure, Error,
	Event, Keypair, H256,
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;
use encrytrust_fault_proofs::Fault;
use encrytrust_types::JobId;
use subxt::{
	config::DefaultExtrinsicParamsBuilder,
	ext::subxt_rpcs::{client::rpc_params, methods::legacy::Bytes, Error as RpcError, UserError},
};
use tracing::info;

/// For how many blocks a signed extrinsic may be included.
pub const MORTALITY: BlockNumber = 64;

/// Blocks after which bytes that are not in the chain are submitted again.
const RESUBMIT_AFTER: BlockNumber = 4;

/// The target of the log's lines about extrinsics that are in the chain.
pub const INCLUDED: &str = "encrytrust::included";

/// A signed extrinsic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
	/// What goes over the wire.
	pub bytes: Vec<u8>,
	/// Blake2b-256 of the bytes, by which it is found in a block.
	pub hash: H256,
	/// The account's nonce in it.
	pub nonce: u64,
	/// The finalised block that it was signed at: it can only be included later.
	pub birth: BlockNumber,
	/// From this block on it can no longer be included.
	pub death: BlockNumber,
}

/// An extrinsic in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
	/// The block that it is in.
	pub block: Block,
	/// Its index in the block.
	pub index: u32,
	/// How it went.
	pub outcome: Outcome,
}

/// How an included extrinsic went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// Its call was executed.
	Succeeded,
	/// It changed nothing but cost its fee.
	Failed(DispatchFailure),
	/// The node no longer has that block's events.
	StatePruned,
}

impl Client {
	/// Signs `call` for inclusion in one of the [`MORTALITY`] blocks after the finalised block `birth`.
	pub fn sign(&self, call: &Call, signer: &Keypair, nonce: u64, birth: Block) -> Result<Signed, Error> {
		self.check_upgrade()?;
		let parameters = DefaultExtrinsicParamsBuilder::<ChainConfig>::new()
			.nonce(nonce)
			.mortal_from_unchecked(MORTALITY.into(), birth.number.into(), birth.hash)
			.build();
		let signed = self
			.online()
			.tx()
			.create_partial_offline(call, parameters)
			.map_err(|error| Error::from_subxt("to build the extrinsic", error))?
			.sign(signer);
		Ok(Signed {
			hash: signed.hash(),
			bytes: signed.into_encoded(),
			nonce,
			birth: birth.number,
			death: birth.number.saturating_add(MORTALITY),
		})
	}

	/// Submits signed bytes to the node's pool. It is no error if they are in it already.
	///
	/// # Errors
	///
	/// [`Error::Disconnected`], and [`Error::Refused`] with the pool's reason.
	pub async fn submit(&self, bytes: &[u8]) -> Result<(), Error> {
		match self.rpc().author_submit_extrinsic(bytes).await {
			Ok(_) => Ok(()),
			Err(RpcError::User(error)) => refusal(error),
			Err(error) => Err(Error::from_rpc("the extrinsic", error)),
		}
	}

	/// Submits a fault proof via the node's off-chain worker, which needs no account, but takes only proofs that are
	/// cheap to verify.
	///
	/// # Errors
	///
	/// [`Error::Rpc`] if the node does not let its local storage be written: its RPC is open to other machines, or it
	/// runs with `--rpc-methods safe`.
	pub async fn submit_via_node(&self, job: JobId, fault: &Fault) -> Result<(), Error> {
		let parameters = rpc_params!["PERSISTENT", Bytes(Fault::storage_key(job)), Bytes(fault.encode())];
		let stored = self.rpc_client().request("offchain_localStorageSet", parameters).await;
		stored.map_err(|error| Error::from_rpc("the node's local storage", error))
	}

	/// The next nonce of `account`, counting the extrinsics in the node's pool.
	pub async fn next_nonce(&self, account: &AccountId) -> Result<u64, Error> {
		retrying(|| async {
			let nonce = self.rpc().system_account_next_index(account).await;
			nonce.map_err(|error| Error::from_rpc("the account's nonce", error))
		})
		.await
	}

	/// Finds an extrinsic in a block, and its outcome.
	///
	/// # Errors
	///
	/// [`Error::BlockPruned`] if the node no longer has the block's extrinsics.
	pub async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, Error> {
		let body = self.body(block).await?;
		let Some(index) = body.iter().position(|bytes| blake2_256(bytes) == extrinsic) else { return Ok(None) };
		let index = index as u32;
		let outcome = match self.events(block).await {
			Ok(events) => self.dispatch_outcome(&events, index)?,
			Err(Error::StatePruned) => Outcome::StatePruned,
			Err(error) => return Err(error),
		};
		Ok(Some(Inclusion { block, index, outcome }))
	}

	/// The outcome of the extrinsic at `index` by the events of its block.
	fn dispatch_outcome(&self, events: &[Event], index: u32) -> Result<Outcome, Error> {
		for event in events.iter().filter(|event| event.extrinsic == Some(index)) {
			if event.is("System", "ExtrinsicSuccess") {
				return Ok(Outcome::Succeeded);
			}
			if event.is("System", "ExtrinsicFailed") {
				return Ok(Outcome::Failed(DispatchFailure::from_encoded(event.encoded(), &self.metadata())));
			}
		}
		Err(Error::decode("a block's events", "the extrinsic has no outcome"))
	}

	/// Signs, submits and waits until the extrinsic is in a finalised block: that block, and the extrinsic's events.
	/// The ids that it made are logged as soon as they are known. For the command line: workers have an outbox.
	///
	/// # Errors
	///
	/// [`Error::Refused`], [`Error::Dispatch`], [`Error::NotIncluded`] when its time has passed, [`Error::Superseded`],
	/// and [`Error::OutcomeUnknown`] if the node has pruned the blocks meanwhile.
	pub async fn execute(&self, call: &Call, signer: &Keypair) -> Result<(Block, Vec<Event>), Error> {
		let mut done = self.execute_all(std::slice::from_ref(call), signer).await?;
		done.pop().ok_or(Error::Disconnected)
	}

	/// As [`Self::execute`] for several calls of one account, in this order.
	pub async fn execute_all(&self, calls: &[Call], signer: &Keypair) -> Result<Vec<(Block, Vec<Event>)>, Error> {
		let account = AccountId::from(signer.public_key());
		let mut heads = self.follow().await?;
		let birth = heads.newest()?;
		let mut waiting = Vec::with_capacity(calls.len());
		for (call, nonce) in calls.iter().zip(self.next_nonce(&account).await?..) {
			let signed = self.sign(call, signer, nonce, birth)?;
			self.submit(&signed.bytes).await?;
			waiting.push((call, signed));
		}
		let mut submitted = birth.number;
		let mut done = Vec::with_capacity(calls.len());
		while done.len() < waiting.len() {
			let head = heads.next().await?;
			let nonce = match self.nonce(&account, head.hash).await {
				// This process was suspended for long: there is a newer block.
				Err(Error::StatePruned) => continue,
				nonce => nonce?,
			};
			while let Some((call, signed)) = waiting.get(done.len()).filter(|(_, signed)| signed.nonce < nonce) {
				done.push(self.outcome(call, signed, head).await?);
			}
			let Some((_, next)) = waiting.get(done.len()) else { break };
			if head.number >= next.death {
				return Err(Error::NotIncluded(next.death));
			}
			// A restarted node has an empty pool. A refusal decides nothing: only blocks do.
			if head.number >= submitted.saturating_add(RESUBMIT_AFTER) {
				for (_, signed) in waiting.iter().skip(done.len()) {
					let _ = self.submit(&signed.bytes).await;
				}
				submitted = head.number;
			}
		}
		Ok(done)
	}

	/// The block of an extrinsic whose nonce is used up at `head`, and its events.
	async fn outcome(&self, call: &Call, signed: &Signed, head: Block) -> Result<(Block, Vec<Event>), Error> {
		let mut is_pruned = false;
		for number in signed.birth.saturating_add(1)..=head.number.min(signed.death) {
			let Some(block) = self.block_at(number).await? else { continue };
			let inclusion = match self.inclusion(block, signed.hash).await {
				Ok(Some(inclusion)) => inclusion,
				Ok(None) => continue,
				Err(Error::BlockPruned(_)) => {
					is_pruned = true;
					continue;
				},
				Err(error) => return Err(error),
			};
			match inclusion.outcome {
				Outcome::Failed(failure) => return Err(failure.into()),
				Outcome::StatePruned => return Err(Error::OutcomeUnknown(head)),
				Outcome::Succeeded => {},
			}
			let mut events = self.events(block).await?;
			events.retain(|event| event.extrinsic == Some(inclusion.index));
			let made: Vec<String> = events.iter().filter_map(Event::ids).collect();
			info!(target: INCLUDED, block = number, "{}.{} is done: {}", call.pallet, call.name, made.join(", "));
			return Ok((block, events));
		}
		Err(if is_pruned { Error::OutcomeUnknown(head) } else { Error::Superseded })
	}
}

/// What a refusal by the pool means; codes of `author_submitExtrinsic` as in `sc_rpc_api::author::error`.
fn refusal(error: UserError) -> Result<(), Error> {
	const INVALID: i32 = 1010;
	const ALREADY_IMPORTED: i32 = 1013;
	const BAD_FORMAT: i32 = 1001;
	if error.code == ALREADY_IMPORTED {
		return Ok(());
	}
	let detail = error.data.as_ref().map(|data| data.get().trim_matches('"').to_string()).unwrap_or_default();
	let reason = match detail {
		detail if detail.contains("pay some fees") => {
			"the account cannot pay the fee; transfer some ETS to it first".into()
		},
		detail if detail.is_empty() => error.message,
		detail => format!("{} ({detail})", error.message),
	};
	Err(Error::Refused { reason, is_transient: !matches!(error.code, INVALID | BAD_FORMAT) })
}

/// Blake2b-256, the chain's hash.
fn blake2_256(bytes: &[u8]) -> H256 {
	H256(Blake2b::<U32>::digest(bytes).into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt::ext::subxt_rpcs::client::RawValue;

	#[test]
	fn refusal_has_way_out_and_is_transient_if_bytes_may_still_be_included() {
		let error = |code, message: &str, data: Option<&str>| UserError {
			code,
			message: message.into(),
			data: data.map(json_string),
		};
		assert!(refusal(error(1013, "Transaction Already Imported", None)).is_ok());
		for (code, message, data, words, is_transient) in [
			(
				1010,
				"Invalid Transaction",
				Some("Inability to pay some fees (e.g. account balance too low)"),
				"transfer some",
				false,
			),
			(1010, "Invalid Transaction", Some("Transaction is outdated"), "outdated", false),
			(1012, "Transaction is temporarily banned", None, "banned", true),
			(1014, "Priority is too low", None, "Priority", true),
		] {
			let refused = refusal(error(code, message, data)).unwrap_err();
			assert!(refused.to_string().contains(words), "{refused}");
			assert_eq!(refused.is_transient(), is_transient, "{message}");
		}
	}

	fn json_string(text: &str) -> Box<RawValue> {
		RawValue::from_string(format!("\"{text}\"")).unwrap()
	}
}
