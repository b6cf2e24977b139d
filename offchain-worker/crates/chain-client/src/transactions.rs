//! Signed extrinsics: making and submitting them, finding them in a block, and their outcome.

use crate::{
	account_of, connection::retrying, types::ChainConfig, AccountId, Block, BlockNumber, Call, Client, DispatchFailure,
	Error, Event, Keypair, Publication, H256,
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;
use encrytrust_fault_proofs::Fault;
use encrytrust_types::JobId;
use subxt::{
	config::DefaultExtrinsicParamsBuilder,
	ext::subxt_rpcs::{client::rpc_params, methods::legacy::Bytes, Error as RpcError, UserError},
	tx::Payload,
	utils::AccountId32,
};
use tracing::{info, warn};

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
	/// The runtime's version that it was signed for, or a newer one: no newer one takes it.
	pub spec_version: u32,
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
	/// The node no longer has that block's events, or they cannot be read.
	Unknown,
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
			// Read after signing: an upgrade between the two must not have these bytes taken for older than they are.
			spec_version: self.online().runtime_version().spec_version,
		})
	}

	/// A worker's call for the account `real`, as its proxy of the type `Worker` makes it.
	pub fn by_worker_proxy(&self, call: &Call, real: &AccountId) -> Result<Call, Error> {
		let mut encoded = Vec::new();
		let metadata = self.metadata();
		let done = call.encode_call_data_to(&metadata, &mut encoded);
		done.map_err(|error| Error::from_subxt("to build the call", error.into()))?;
		Ok(Call::by_worker_proxy(real, &encoded))
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

	/// Publishes a chunk of a challenged unit, which needs no account: the node makes the extrinsic, by its runtime.
	///
	/// # Errors
	///
	/// Also if the pool has it already, or the chain does not want it now.
	pub async fn publish(&self, publication: &Publication) -> Result<(), Error> {
		let head = self.finalized().await?;
		let extrinsic = self.at(head.hash).publication(publication).await?;
		let extrinsic = extrinsic.ok_or_else(|| Error::decode("a chunk", "it is longer than any unit's"))?;
		self.submit(&extrinsic).await
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
		let account = AccountId32(account.0);
		retrying(|| async {
			let nonce = self.rpc().system_account_next_index(&account).await;
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
			Ok(events) => self.dispatch_outcome(&events, index),
			Err(Error::StatePruned) => Outcome::Unknown,
			Err(error) => return Err(error),
		};
		Ok(Some(Inclusion { block, index, outcome }))
	}

	/// The outcome of the extrinsic at `index` by the events of its block.
	fn dispatch_outcome(&self, events: &[Event], index: u32) -> Outcome {
		for event in events.iter().filter(|event| event.extrinsic == Some(index)) {
			if event.is("System", "ExtrinsicSuccess") {
				return Outcome::Succeeded;
			}
			if let Some(error) = event.failure() {
				return Outcome::Failed(DispatchFailure::from_encoded(error, &self.metadata()));
			}
		}
		Outcome::Unknown
	}

	/// Signs, submits and waits until the extrinsic is in a finalised block: that block, and the extrinsic's events.
	/// The ids that it made are logged as soon as they are known. For the command line: workers have an outbox.
	///
	/// # Errors
	///
	/// [`Error::Refused`], [`Error::Dispatch`], [`Error::NotIncluded`] when its time has passed, [`Error::Superseded`],
	/// and [`Error::OutcomeUnknown`] if the node has pruned the blocks meanwhile, or their events cannot be read.
	pub async fn execute(&self, call: &Call, signer: &Keypair) -> Result<(Block, Vec<Event>), Error> {
		let mut done = self.execute_all(std::slice::from_ref(call), signer).await?;
		done.pop().ok_or(Error::Disconnected)
	}

	/// As [`Self::execute`] for several calls of one account, in this order. If one is refused, the later ones are not
	/// submitted, and the refusal is returned once the earlier ones are in finalised blocks.
	pub async fn execute_all(&self, calls: &[Call], signer: &Keypair) -> Result<Vec<(Block, Vec<Event>)>, Error> {
		let account = account_of(signer);
		let mut heads = self.follow().await?;
		let birth = heads.newest()?;
		let nonces = self.next_nonce(&account).await?..;
		let signed = calls.iter().zip(nonces).map(|(call, nonce)| Ok((call, self.sign(call, signer, nonce, birth)?)));
		let mut waiting = signed.collect::<Result<Vec<_>, Error>>()?;
		let refusal = self.submit_all(&mut waiting).await;
		let mut submitted = birth.number;
		let give_up_at = birth.number.saturating_add(2 * MORTALITY);
		let mut done = Vec::with_capacity(waiting.len());
		while done.len() < waiting.len() {
			let head = heads.next().await?;
			match self.settle(&waiting, &mut done, &account, head).await {
				// What was submitted may be in the chain: a request that fails says nothing about it. The state is pruned at
				// an old head, after this process was suspended for long: there is a newer one.
				Err(error @ (Error::Rpc { .. } | Error::Disconnected | Error::StatePruned))
					if head.number < give_up_at =>
				{
					warn!(block = head.number, "{error}; looking again at the next block");
				},
				settled => settled?,
			}
			// A restarted node has an empty pool. A refusal decides nothing: only blocks do.
			if head.number >= submitted.saturating_add(RESUBMIT_AFTER) {
				for (_, signed) in waiting.iter().skip(done.len()) {
					let _ = self.submit(&signed.bytes).await;
				}
				submitted = head.number;
			}
		}
		refusal.map_or(Ok(done), Err)
	}

	/// Submits extrinsics up to the first that the pool refuses, which is removed from `waiting` with the later ones.
	async fn submit_all(&self, waiting: &mut Vec<(&Call, Signed)>) -> Option<Error> {
		for (index, (call, signed)) in waiting.iter().enumerate() {
			match self.submit(&signed.bytes).await {
				Ok(()) => {},
				Err(error @ Error::Refused { .. }) => {
					waiting.truncate(index);
					return Some(error);
				},
				// The node may have it all the same: only blocks decide.
				Err(error) => warn!(
					extrinsic = ?signed.hash,
					"{}.{} may have been submitted: {error}; looking for it in the blocks",
					call.pallet,
					call.name
				),
			}
		}
		None
	}

	/// Adds to `done` those extrinsics that are in the chain at `head`, in their order.
	///
	/// # Errors
	///
	/// That of the first that failed, or can no longer be included.
	async fn settle(
		&self,
		waiting: &[(&Call, Signed)],
		done: &mut Vec<(Block, Vec<Event>)>,
		account: &AccountId,
		head: Block,
	) -> Result<(), Error> {
		let nonce = self.nonce(account, head.hash).await?;
		while let Some((call, signed)) = waiting.get(done.len()) {
			if nonce <= signed.nonce {
				return if head.number < signed.death { Ok(()) } else { Err(Error::NotIncluded(signed.death)) };
			}
			match self.outcome(call, signed, head).await? {
				Some(found) => done.push(found),
				None => return Ok(()),
			}
		}
		Ok(())
	}

	/// The block of an extrinsic whose nonce is used up at `head`, and its events; `None` if the node does not know all
	/// blocks up to there yet.
	async fn outcome(&self, call: &Call, signed: &Signed, head: Block) -> Result<Option<(Block, Vec<Event>)>, Error> {
		let mut is_pruned = false;
		for number in signed.birth.saturating_add(1)..=head.number.min(signed.death) {
			let block = if number == head.number { Some(head) } else { self.block_at(number).await? };
			let Some(block) = block else { return Ok(None) };
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
				Outcome::Unknown => return Err(Error::OutcomeUnknown(head)),
				Outcome::Succeeded => {},
			}
			let mut events = self.events(block).await?;
			events.retain(|event| event.extrinsic == Some(inclusion.index));
			let made: Vec<String> = events.iter().filter_map(Event::ids).collect();
			info!(target: INCLUDED, block = number, "{}.{} is done: {}", call.pallet, call.name, made.join(", "));
			return Ok(Some((block, events)));
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
	use crate::{
		fake_node::{client_of, FakeNode, BIRTH},
		keypair,
	};
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

	fn call() -> Call {
		Call::withdraw_dataset(7)
	}

	/// Executes calls against a node; what came of it, and how often the node was given an extrinsic.
	async fn executed(node: FakeNode, calls: usize) -> (Result<Vec<BlockNumber>, Error>, usize) {
		let (client, node) = client_of(node).await;
		let done = client.execute_all(&vec![call(); calls], &keypair("//Alice").unwrap()).await;
		let submitted = node.lock().unwrap().submitted;
		(done.map(|done| done.iter().map(|(block, _)| block.number).collect()), submitted)
	}

	#[tokio::test]
	async fn execute_returns_block_of_extrinsic() {
		let (done, submitted) = executed(FakeNode::default(), 1).await;
		assert_eq!((done.unwrap(), submitted), (vec![BIRTH + 1], 1));
		assert_eq!(executed(FakeNode::default(), 2).await.0.unwrap().len(), 2);
	}

	#[tokio::test]
	async fn execute_waits_for_extrinsic_when_connection_is_lost_at_its_submission() {
		for is_taken in [true, false] {
			let node = FakeNode { lost_submissions: 1, takes_lost: is_taken, ..Default::default() };
			let (done, submitted) = executed(node, 1).await;
			assert_eq!(done.unwrap().len(), 1, "{is_taken}");
			assert_eq!(submitted, if is_taken { 1 } else { 2 });
		}
	}

	#[tokio::test]
	async fn execute_fails_at_once_when_pool_refuses() {
		let (done, submitted) = executed(FakeNode { refused_from: Some(0), ..Default::default() }, 2).await;
		assert!(matches!(done, Err(Error::Refused { .. })), "{done:?}");
		assert_eq!(submitted, 1);
	}

	#[tokio::test]
	async fn execute_waits_for_earlier_extrinsics_when_pool_refuses_a_later_one() {
		let (client, node) = client_of(FakeNode { refused_from: Some(1), ..Default::default() }).await;
		let done = client.execute_all(&[call(), call(), call()], &keypair("//Alice").unwrap()).await;
		assert!(matches!(done, Err(Error::Refused { .. })), "{done:?}");
		let node = node.lock().unwrap();
		assert_eq!((node.submitted, node.included.values().map(Vec::len).sum::<usize>()), (2, 1));
	}

	#[tokio::test]
	async fn execute_looks_again_when_a_request_fails_after_submission() {
		for method in ["state_call", "chain_getBlock", "state_getStorage"] {
			let node = FakeNode { failing: Some((method, 2)), ..Default::default() };
			assert_eq!(executed(node, 1).await.0.unwrap(), [BIRTH + 1], "{method}");
		}
	}

	#[tokio::test]
	async fn execute_waits_for_block_that_node_does_not_know_yet() {
		let node = FakeNode { unknown: Some((BIRTH + 1, 2)), ..Default::default() };
		assert_eq!(executed(node, 1).await.0.unwrap(), [BIRTH + 1]);
	}

	#[tokio::test]
	async fn proxy_calls_contain_the_call_and_name_the_account() {
		let (client, _) = client_of(FakeNode::default()).await;
		let metadata = client.metadata();
		let encode = |call: &Call| {
			let mut bytes = Vec::new();
			call.encode_call_data_to(&metadata, &mut bytes).unwrap();
			bytes
		};
		let proxied = client.by_worker_proxy(&call(), &AccountId([7; 32])).unwrap();
		let head = encode(&proxied).split_off(2);
		// The address's kind, the account, and the type `Worker`.
		assert_eq!(head, [&[0][..], &[7; 32], &[1, 1], &encode(&call())].concat());
		let pallet = metadata.pallet_by_name("Proxy").unwrap();
		let types =
			pallet.call_variant_by_name("proxy").unwrap().fields.iter().map(|field| field.name.clone().unwrap());
		assert_eq!(types.collect::<Vec<_>>(), ["real", "force_proxy_type", "call"]);
	}

	fn json_string(text: &str) -> Box<RawValue> {
		RawValue::from_string(format!("\"{text}\"")).unwrap()
	}
}
