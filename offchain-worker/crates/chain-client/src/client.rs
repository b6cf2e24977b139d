//! The connection.

use crate::{
	events,
	landmarks::{powers_of_two, Landmarks, Reset, Verdict},
	AccountBalance, AccountId, Api, Block, BlockNumber, Call, DemandAnswer, DispatchFailure, Error, Event, Inclusion,
	Keypair, NodeUrl, Outcome, H256,
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::{Decode, Encode};
use encrytrust_primitives::{bmpc::JobId, fault::Fault};
use std::{
	collections::BTreeSet,
	future::Future,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};
use subxt::{
	backend::{
		legacy::LegacyRpcMethods,
		rpc::{
			reconnecting_rpc_client::{ExponentialBackoff, RpcClient as ReconnectingClient},
			RpcClient,
		},
	},
	config::DefaultExtrinsicParamsBuilder,
	dynamic::Value,
	ext::subxt_rpcs::{
		client::{rpc_params, RawValue, RpcParams},
		methods::legacy::Bytes,
		Error as RpcError, UserError,
	},
	Metadata, OnlineClient, PolkadotConfig,
};
use tokio::sync::watch;
use tracing::{error, info, warn};

/// Accounts are 32 bytes, addresses `MultiAddress`, signatures `MultiSignature`: as in Polkadot's configuration.
pub(crate) type Config = PolkadotConfig;

/// For how many blocks a signed extrinsic may be included.
pub const MORTALITY: BlockNumber = 64;

/// What of the metadata is used here, and so has to be what it was when this was compiled.
const PALLETS: [&str; 3] = ["Bmpc", "IdentityKeys", "Staking"];
const RUNTIME_APIS: [&str; 3] = ["BmpcApi", "IdentityApi", "StakingApi"];

/// The target of the log's lines about extrinsics that are in the chain.
pub const INCLUDED: &str = "encrytrust::included";

/// How long a node may take to answer until the log says that it is waited for.
const SILENCE: Duration = Duration::from_secs(5);

/// How long the newest finalised block may stay the same until the subscription is made anew.
const STANDSTILL: Duration = Duration::from_secs(60);

/// The pause between two looks at a node that does not do what is waited for.
const LOOK: Duration = Duration::from_secs(1);

/// Blocks after which bytes that are not in the chain are submitted again.
const RESUBMIT: BlockNumber = 4;

/// The metadata of the runtime that this crate was made for; written by `scripts/metadata`.
const METADATA: &[u8] = include_bytes!("../metadata.scale");

/// Pauses between attempts to connect: 10 ms at first, 2 s at most, for ever.
fn pauses() -> ExponentialBackoff {
	ExponentialBackoff::from_millis(10).max_delay(Duration::from_secs(2))
}

/// A signed extrinsic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
	/// What goes over the wire.
	pub bytes: Vec<u8>,
	/// Blake2b-256 of the bytes, by which it is found in a block.
	pub hash: H256,
	/// The account's nonce in it.
	pub nonce: u64,
	/// The finalised block it was signed at: it can only be included later.
	pub born: BlockNumber,
	/// From this block on it can no more be included.
	pub dies: BlockNumber,
	/// The runtime's version that it was signed for, or a newer one: no newer one takes it.
	pub spec_version: u32,
}

/// A connection to a node; cheap to clone.
#[derive(Clone)]
pub struct Client {
	inner: Arc<Inner>,
}

struct Inner {
	url: NodeUrl,
	online: OnlineClient<Config>,
	raw: RpcClient,
	rpc: LegacyRpcMethods<Config>,
	/// The runtime's version whose metadata was found to fit.
	checked: AtomicU32,
	/// What was seen of the chain.
	landmarks: Mutex<Landmarks>,
}

/// The finalised blocks, as they come; made by [`Client::follow`].
#[derive(Clone, Debug)]
pub struct Heads(watch::Receiver<Result<Block, Reset>>);

impl Heads {
	/// The newest block.
	///
	/// # Errors
	///
	/// [`Error::Reset`], once the node is known to serve a chain that was begun anew.
	pub fn newest(&mut self) -> Result<Block, Error> {
		let newest = self.0.borrow_and_update().clone();
		Ok(newest?)
	}

	/// Waits for a block that is newer than the newest that was asked for.
	///
	/// # Errors
	///
	/// As [`Self::newest`].
	pub async fn next(&mut self) -> Result<Block, Error> {
		self.0.changed().await.map_err(|_| Error::Disconnected)?;
		self.newest()
	}
}

impl std::fmt::Debug for Client {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Client").field("url", &self.inner.url).finish_non_exhaustive()
	}
}

impl Client {
	/// Connects to the node at `url` (`ws://…` or `wss://…`), waiting for it as long as `patience` says, or for ever.
	///
	/// # Errors
	///
	/// [`Error::Url`]; [`Error::Unreachable`] after `patience`; [`Error::Metadata`] if the runtime is another.
	pub async fn connect(url: &str, patience: Option<Duration>) -> Result<Self, Error> {
		if !["ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme)) {
			return Err(Error::Url(url.into()));
		}
		let connecting = Self::connect_patiently(url);
		match patience {
			None => {
				tokio::pin!(connecting);
				match tokio::time::timeout(SILENCE, &mut connecting).await {
					Ok(done) => done,
					Err(_) => {
						warn!(url = %NodeUrl::from(url), "no node answers: waiting for it");
						connecting.await
					},
				}
			},
			Some(waited) => tokio::time::timeout(waited, connecting)
				.await
				.unwrap_or_else(|_| Err(Error::Unreachable { url: url.into(), waited })),
		}
	}

	async fn connect_patiently(url: &str) -> Result<Self, Error> {
		let raw = ReconnectingClient::builder().retry_policy(pauses()).build(url.to_string()).await;
		let rpc = RpcClient::new(raw.map_err(|_| Error::Url(url.into()))?);
		let online = retrying(|| async {
			OnlineClient::from_rpc_client(rpc.clone()).await.map_err(|error| Error::from_subxt("its metadata", error))
		})
		.await?;
		check_metadata(&online.metadata())?;
		// A runtime upgrade changes version and indices: the client learns them from the node.
		let updater = online.updater();
		tokio::spawn(async move { updater.perform_runtime_updates().await });
		let checked = AtomicU32::new(online.runtime_version().spec_version);
		let (raw, rpc) = (rpc.clone(), LegacyRpcMethods::new(rpc));
		let landmarks = Mutex::default();
		Ok(Self { inner: Arc::new(Inner { url: url.into(), online, raw, rpc, checked, landmarks }) })
	}

	/// Where the node is.
	pub fn url(&self) -> &NodeUrl {
		&self.inner.url
	}

	/// The chain's genesis hash.
	pub fn genesis(&self) -> H256 {
		self.inner.online.genesis_hash()
	}

	/// The node's metadata.
	pub fn metadata(&self) -> Metadata {
		self.inner.online.metadata()
	}

	/// Whether the chain is one to develop on, by its specification: of type Development or Local.
	pub async fn is_development(&self) -> Result<bool, Error> {
		let rpc = &self.inner.raw;
		let kind: Box<RawValue> = retrying(|| async {
			let kind = rpc.request("system_chainType", RpcParams::new()).await;
			kind.map_err(|error| Error::from_rpc("the chain's type", error))
		})
		.await?;
		Ok(matches!(kind.get(), "\"Development\"" | "\"Local\""))
	}

	/// Leaves a proof to the node, whose off-chain worker sends it without an account if it is one that is checked quickly.
	///
	/// # Errors
	///
	/// [`Error::Rpc`] if the node does not let its local storage be written: it listens to others than this machine, or runs
	/// with `--rpc-methods safe`.
	pub async fn leave_fault(&self, job: JobId, fault: &Fault) -> Result<(), Error> {
		let parameters = rpc_params!["PERSISTENT", Bytes(Fault::storage_key(job)), Bytes(fault.encode())];
		let done = self.inner.raw.request("offchain_localStorageSet", parameters).await;
		done.map_err(|error| Error::from_rpc("the node's local storage", error))
	}

	/// The newest finalised block.
	pub async fn finalized(&self) -> Result<Block, Error> {
		let rpc = &self.inner.rpc;
		let hash = retrying(|| async {
			rpc.chain_get_finalized_head().await.map_err(|error| Error::from_rpc("the finalised block", error))
		})
		.await?;
		self.block(hash).await
	}

	/// The block of `hash`.
	async fn block(&self, hash: H256) -> Result<Block, Error> {
		let rpc = &self.inner.rpc;
		let header = retrying(|| async {
			rpc.chain_get_header(Some(hash)).await.map_err(|error| Error::from_rpc("a block's header", error))
		})
		.await?
		.ok_or_else(|| Error::decode("a block's header", "the node does not have it"))?;
		Ok(Block { number: header.number, hash })
	}

	/// The block of a number in the node's best chain, if it is there yet; meant for finalised numbers.
	pub async fn block_at(&self, number: BlockNumber) -> Result<Option<Block>, Error> {
		let rpc = &self.inner.rpc;
		let hash = retrying(|| async {
			rpc.chain_get_block_hash(Some(number.into()))
				.await
				.map_err(|error| Error::from_rpc("a block's hash", error))
		})
		.await?;
		Ok(hash.map(|hash| Block { number, hash }))
	}

	/// Follows the finalised blocks, each newer than the one before. It ends with the last receiver.
	///
	/// A lost connection is waited for, and so is a node that serves another chain, or is behind what was seen before: by
	/// this process, or as [`Self::remember`] was told.
	///
	/// # Errors
	///
	/// [`Error::Reset`] if the chain was begun anew, at once or from the receiver.
	pub async fn follow(&self) -> Result<Heads, Error> {
		let (sender, receiver) = watch::channel(Ok(self.caught_up().await?));
		let client = self.clone();
		tokio::spawn(async move {
			let fed = tokio::select! {
				fed = client.feed(&sender) => fed,
				() = sender.closed() => return,
			};
			let _ = sender.send_replace(Err(fed));
		});
		Ok(Heads(receiver))
	}

	/// Sends finalised blocks until the chain is another.
	async fn feed(&self, sender: &watch::Sender<Result<Block, Reset>>) -> Reset {
		loop {
			match self.feed_until_broken(sender).await {
				Ok(()) => {},
				Err(Error::Reset(reset)) => return reset,
				Err(Error::Disconnected) => {
					warn!(url = %self.url(), "the connection to the node was lost: waiting for it to come back");
					match self.finalized().await {
						Ok(block) => info!(block = block.number, "the node is back"),
						Err(error) => error!("{error}"),
					}
				},
				Err(error) => error!("{error}"),
			}
			tokio::time::sleep(LOOK).await;
		}
	}

	/// Sends finalised blocks until the connection breaks, none comes for long, or one comes that is not newer: each time
	/// the chain is looked at anew.
	async fn feed_until_broken(&self, sender: &watch::Sender<Result<Block, Reset>>) -> Result<(), Error> {
		let rpc = &self.inner.rpc;
		let broken = |error| Error::from_rpc("finalised blocks", error);
		let found = rpc.genesis_hash().await.map_err(broken)?;
		if found != self.genesis() {
			return Err(Error::OtherChain { found, expected: self.genesis() });
		}
		self.send_newer(sender, self.caught_up().await?);
		let mut heads = rpc.chain_subscribe_finalized_heads().await.map_err(broken)?;
		while let Ok(head) = tokio::time::timeout(STANDSTILL, heads.next()).await {
			let header = head.ok_or(Error::Disconnected)?.map_err(broken)?;
			// Asking by number saves hashing the header here: a finalised number has one block.
			let Some(block) = self.block_at(header.number).await? else { continue };
			if self.landmarks().newest().is_some_and(|newest| block.number < newest.number) {
				return Ok(());
			}
			self.send_newer(sender, block);
		}
		Ok(())
	}

	fn send_newer(&self, sender: &watch::Sender<Result<Block, Reset>>, block: Block) {
		self.landmarks().insert(block);
		sender.send_if_modified(|newest| {
			let is_newer = newest.as_ref().is_ok_and(|newest| block.number > newest.number);
			if is_newer {
				*newest = Ok(block);
			}
			is_newer
		});
	}

	/// The newest finalised block, once the node has all that was seen of the chain.
	async fn caught_up(&self) -> Result<Block, Error> {
		let mut is_told = false;
		loop {
			let head = self.finalized().await?;
			let landmarks = self.landmarks().clone();
			let hash_at = |number| async move { Ok(self.block_at(number).await?.map(|block| block.hash)) };
			match landmarks.judge(head, hash_at).await? {
				Verdict::Same => {
					self.landmarks().insert(head);
					if is_told {
						info!(block = head.number, "the node has caught up");
					}
					return Ok(head);
				},
				Verdict::Reset(reset) => return Err(reset.into()),
				Verdict::Behind => {},
			}
			if !is_told {
				let newest = landmarks.newest().map(|newest| newest.number);
				warn!(block = head.number, newest, "the node is behind the newest block that was seen: waiting for it");
				is_told = true;
			}
			tokio::time::sleep(LOOK).await;
		}
	}

	fn landmarks(&self) -> MutexGuard<'_, Landmarks> {
		// It is sound after a panic elsewhere: each change is one insertion.
		self.inner.landmarks.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Tells what another process saw of the chain, before [`Self::follow`].
	pub fn remember(&self, seen: impl IntoIterator<Item = Block>) {
		let mut landmarks = self.landmarks();
		seen.into_iter().for_each(|block| landmarks.insert(block));
	}

	/// What is to be remembered of the chain at the finalised block `head`, if all was that had to be at `last`.
	pub async fn seen(&self, last: BlockNumber, head: Block) -> Result<Landmarks, Error> {
		for number in powers_of_two(last, head.number) {
			if let Some(block) = self.block_at(number).await? {
				self.landmarks().insert(block);
			}
		}
		Ok(self.landmarks().clone())
	}

	/// Checks the metadata again once the runtime was upgraded.
	fn check_upgrade(&self) -> Result<(), Error> {
		let version = self.inner.online.runtime_version().spec_version;
		if self.inner.checked.load(Ordering::Relaxed) != version {
			check_metadata(&self.metadata())?;
			self.inner.checked.store(version, Ordering::Relaxed);
		}
		Ok(())
	}

	/// The runtime APIs at a block.
	pub fn at(&self, block: H256) -> Api<'_> {
		Api::new(self, block)
	}

	/// Calls a runtime API and decodes all of its answer.
	pub(crate) async fn state_call<R: Decode>(&self, method: &str, arguments: &[u8], at: H256) -> Result<R, Error> {
		let answer = self.state_call_bytes(method, arguments, at).await?;
		let input = &mut &*answer;
		let value = R::decode(input).map_err(|error| Error::decode(method, error))?;
		input.is_empty().then_some(value).ok_or_else(|| Error::decode(method, "bytes are left over"))
	}

	/// Calls a runtime API.
	pub(crate) async fn state_call_bytes(&self, method: &str, arguments: &[u8], at: H256) -> Result<Vec<u8>, Error> {
		let rpc = &self.inner.rpc;
		retrying(|| async {
			rpc.state_call(method, Some(arguments), Some(at)).await.map_err(|error| Error::from_rpc(method, error))
		})
		.await
	}

	/// How many extrinsics `account` has in the chain up to a block.
	pub async fn nonce(&self, account: &AccountId, at: H256) -> Result<u64, Error> {
		let nonce: u32 = self.state_call("AccountNonceApi_account_nonce", &account.encode(), at).await?;
		Ok(nonce.into())
	}

	/// The next nonce of `account`, with what waits in the node's pool counted in.
	pub async fn next_nonce(&self, account: &AccountId) -> Result<u64, Error> {
		let rpc = &self.inner.rpc;
		retrying(|| async {
			rpc.system_account_next_index(account).await.map_err(|error| Error::from_rpc("the account's nonce", error))
		})
		.await
	}

	/// The version of the runtime that executes the blocks after a block.
	pub async fn spec_version(&self, at: H256) -> Result<u32, Error> {
		let rpc = &self.inner.rpc;
		let version = retrying(|| async {
			let version = rpc.state_get_runtime_version(Some(at)).await;
			version.map_err(|error| Error::from_rpc("the runtime's version", error))
		});
		Ok(version.await?.spec_version)
	}

	/// The money of `account` at a block.
	pub async fn balance(&self, account: &AccountId, at: H256) -> Result<AccountBalance, Error> {
		let address = subxt::dynamic::storage("System", "Account", vec![Value::from_bytes(account.0)]);
		let entry = retrying(|| async {
			let storage = self.inner.online.storage().at(at);
			storage.fetch(&address).await.map_err(|error| Error::from_subxt("a balance", error))
		})
		.await?;
		let Some(entry) = entry else { return Ok(AccountBalance::default()) };
		// AccountInfo: nonce, consumers, providers and sufficients as u32 each, then the balances.
		let balances = entry.encoded().get(16..).unwrap_or_default();
		AccountBalance::decode(&mut &*balances).map_err(|error| Error::decode("a balance", error))
	}

	/// A storage value without a key at a block, such as `Timestamp.Now`; `None` if it is not set.
	pub async fn value<T: Decode>(&self, pallet: &str, entry: &str, at: H256) -> Result<Option<T>, Error> {
		let address = subxt::dynamic::storage(pallet, entry, Vec::<Value>::new());
		let value = retrying(|| async {
			let storage = self.inner.online.storage().at(at);
			storage.fetch(&address).await.map_err(|error| Error::from_subxt(entry, error))
		})
		.await?;
		let decode = |bytes: &[u8]| T::decode(&mut &*bytes).map_err(|error| Error::decode(entry, error));
		value.map(|value| decode(value.encoded())).transpose()
	}

	/// When a block was made, in milliseconds since 1970.
	pub async fn timestamp(&self, at: H256) -> Result<u64, Error> {
		Ok(self.value("Timestamp", "Now", at).await?.unwrap_or_default())
	}

	/// Signs `call` for inclusion in one of the [`MORTALITY`] blocks after the finalised block `born`.
	pub fn sign(&self, call: &Call, signer: &Keypair, nonce: u64, born: Block) -> Result<Signed, Error> {
		self.check_upgrade()?;
		let parameters = DefaultExtrinsicParamsBuilder::<Config>::new()
			.nonce(nonce)
			.mortal_from_unchecked(MORTALITY.into(), born.number.into(), born.hash)
			.build();
		let signed = self
			.inner
			.online
			.tx()
			.create_partial_offline(call, parameters)
			.map_err(|error| Error::from_subxt("to build the extrinsic", error))?
			.sign(signer);
		let (hash, bytes) = (signed.hash(), signed.into_encoded());
		let dies = born.number.saturating_add(MORTALITY);
		// Read after signing: an upgrade between the two must not have these bytes taken for older than they are.
		let spec_version = self.inner.online.runtime_version().spec_version;
		Ok(Signed { bytes, hash, nonce, born: born.number, dies, spec_version })
	}

	/// Hands signed bytes to the node's pool. Bytes that are there already are fine.
	///
	/// # Errors
	///
	/// [`Error::Disconnected`], and [`Error::Refused`] with the pool's words.
	pub async fn submit(&self, bytes: &[u8]) -> Result<(), Error> {
		match self.inner.rpc.author_submit_extrinsic(bytes).await {
			Ok(_) => Ok(()),
			Err(RpcError::User(error)) => refusal(error),
			Err(error) => Err(Error::from_rpc("the extrinsic", error)),
		}
	}

	/// Looks in a block for an extrinsic, and how it went there.
	///
	/// # Errors
	///
	/// [`Error::Pruned`] if the node no longer has the block's extrinsics.
	pub async fn inclusion(&self, block: Block, extrinsic: H256) -> Result<Option<Inclusion>, Error> {
		let body = self.body(block).await?;
		let Some(index) = body.iter().position(|bytes| blake2_256(bytes) == extrinsic) else { return Ok(None) };
		let index = index as u32;
		let outcome = match self.events(block).await {
			Ok(events) => events::dispatch_result(&events, index, self)?,
			Err(Error::Forgotten) => Outcome::Forgotten,
			Err(error) => return Err(error),
		};
		Ok(Some(Inclusion { block, index, outcome }))
	}

	/// The bytes of an extrinsic of a block, if there are as many.
	pub async fn extrinsic(&self, block: Block, index: u32) -> Result<Option<Vec<u8>>, Error> {
		let body = self.body(block).await?;
		Ok(body.into_iter().nth(index as usize))
	}

	/// The answers to demands in a block, as far as they were called directly and accepted.
	pub async fn answers(&self, block: Block) -> Result<Vec<DemandAnswer>, Error> {
		let events = self.events(block).await?;
		let answered = events.iter().filter(|event| event.is("Bmpc", "DemandAnswered"));
		let indices: BTreeSet<u32> = answered.filter_map(|event| event.extrinsic).collect();
		if indices.is_empty() {
			return Ok(vec![]);
		}
		// subxt does not tell a block without extrinsics from one that the node never had.
		self.body(block).await?;
		let extrinsics = retrying(|| async {
			let block = self.inner.online.blocks().at(block.hash).await;
			let block = block.map_err(|error| Error::from_subxt("a block", error))?;
			block.extrinsics().await.map_err(|error| Error::from_subxt("a block's extrinsics", error))
		})
		.await?;
		let calls = extrinsics.iter().filter(|call| indices.contains(&call.index()));
		let calls =
			calls.filter(|call| matches!((call.pallet_name(), call.variant_name()), (Ok("Bmpc"), Ok("answer"))));
		let decode =
			|bytes: &[u8]| DemandAnswer::decode(&mut &*bytes).map_err(|error| Error::decode("an answer", error));
		calls.map(|call| decode(call.field_bytes())).collect()
	}

	/// The extrinsics of a finalised block.
	///
	/// # Errors
	///
	/// [`Error::Pruned`] if the node keeps its header alone.
	async fn body(&self, block: Block) -> Result<Vec<Vec<u8>>, Error> {
		let rpc = &self.inner.rpc;
		let body = retrying(|| async {
			rpc.chain_get_block(Some(block.hash)).await.map_err(|error| Error::from_rpc("a block", error))
		})
		.await?
		.ok_or(Error::Pruned(block.number))?;
		Ok(body.block.extrinsics.into_iter().map(|bytes| bytes.0).collect())
	}

	/// All events of a block.
	pub async fn events(&self, block: Block) -> Result<Vec<Event>, Error> {
		let events = retrying(|| async {
			self.inner
				.online
				.events()
				.at(block.hash)
				.await
				.map_err(|error| Error::from_subxt("a block's events", error))
		})
		.await?;
		events.iter().map(|event| events::decode(event.map_err(|error| Error::decode("an event", error))?)).collect()
	}

	/// What an encoded `DispatchError` says.
	pub(crate) fn dispatch_failure(&self, bytes: &[u8]) -> DispatchFailure {
		events::dispatch_failure(bytes, &self.metadata())
	}

	/// An error of the pallet `Bmpc` by its name, with its documentation.
	pub(crate) fn bmpc_failure(&self, error: &str) -> DispatchFailure {
		events::pallet_failure("Bmpc", error, &self.metadata())
	}

	/// Signs, submits and waits until the extrinsic is in a finalised block: that block, and the extrinsic's events. What
	/// it made is in the log as soon as that is known. For the command line: workers have an outbox.
	///
	/// # Errors
	///
	/// [`Error::Refused`], [`Error::Dispatch`], [`Error::NotIncluded`] when its time has passed, [`Error::Superseded`], and
	/// [`Error::Unknown`] if the node forgot meanwhile what it would tell.
	pub async fn execute(&self, call: &Call, signer: &Keypair) -> Result<(Block, Vec<Event>), Error> {
		let mut done = self.execute_all(std::slice::from_ref(call), signer).await?;
		done.pop().ok_or(Error::Disconnected)
	}

	/// Does the same for several calls of one account, which are made in this order.
	pub async fn execute_all(&self, calls: &[Call], signer: &Keypair) -> Result<Vec<(Block, Vec<Event>)>, Error> {
		let account = AccountId::from(signer.public_key());
		let mut heads = self.follow().await?;
		let born = heads.newest()?;
		let mut waiting = Vec::with_capacity(calls.len());
		for (call, nonce) in calls.iter().zip(self.next_nonce(&account).await?..) {
			let signed = self.sign(call, signer, nonce, born)?;
			self.submit(&signed.bytes).await?;
			waiting.push((call, signed));
		}
		let (mut submitted, mut done) = (born.number, Vec::with_capacity(calls.len()));
		while done.len() < waiting.len() {
			let head = heads.next().await?;
			let nonce = match self.nonce(&account, head.hash).await {
				// This process was stopped for long: there is a newer one.
				Err(Error::Forgotten) => continue,
				nonce => nonce?,
			};
			while let Some((call, signed)) = waiting.get(done.len()).filter(|(_, signed)| signed.nonce < nonce) {
				done.push(self.outcome(call, signed, head).await?);
			}
			let Some((_, next)) = waiting.get(done.len()) else { break };
			if head.number >= next.dies {
				return Err(Error::NotIncluded(next.dies));
			}
			// A node that was started again has an empty pool. A refusal decides nothing: only blocks do.
			if head.number >= submitted.saturating_add(RESUBMIT) {
				for (_, signed) in waiting.iter().skip(done.len()) {
					let _ = self.submit(&signed.bytes).await;
				}
				submitted = head.number;
			}
		}
		Ok(done)
	}

	/// Where an extrinsic whose nonce is used up at `head` is, and its events.
	async fn outcome(&self, call: &Call, signed: &Signed, head: Block) -> Result<(Block, Vec<Event>), Error> {
		let mut is_pruned = false;
		for number in signed.born.saturating_add(1)..=head.number.min(signed.dies) {
			let Some(block) = self.block_at(number).await? else { continue };
			let inclusion = match self.inclusion(block, signed.hash).await {
				Ok(Some(inclusion)) => inclusion,
				Ok(None) => continue,
				Err(Error::Pruned(_)) => {
					is_pruned = true;
					continue;
				},
				Err(error) => return Err(error),
			};
			match inclusion.outcome {
				Outcome::Failed(failure) => return Err(failure.into()),
				Outcome::Forgotten => return Err(Error::Unknown(head)),
				Outcome::Succeeded => {},
			}
			let mut events = self.events(block).await?;
			events.retain(|event| event.extrinsic == Some(inclusion.index));
			let made: Vec<String> = events.iter().filter_map(Event::ids).collect();
			info!(target: INCLUDED, block = number, "{}.{} is done: {}", call.pallet, call.name, made.join(", "));
			return Ok((block, events));
		}
		Err(if is_pruned { Error::Unknown(head) } else { Error::Superseded })
	}
}

/// Repeats a request that the lost connection interrupted: the client underneath queues it until the node is back.
async fn retrying<T, F: Future<Output = Result<T, Error>>>(request: impl Fn() -> F) -> Result<T, Error> {
	loop {
		match request().await {
			Err(error) if error.is_disconnected() => tokio::time::sleep(Duration::from_millis(200)).await,
			other => return other,
		}
	}
}

/// What the pool's refusal means; codes of `author_submitExtrinsic` as in `sc_rpc_api::author::error`.
fn refusal(error: UserError) -> Result<(), Error> {
	const INVALID: i32 = 1010;
	const ALREADY_IMPORTED: i32 = 1013;
	const BAD_FORMAT: i32 = 1001;
	if error.code == ALREADY_IMPORTED {
		return Ok(());
	}
	let detail = error.data.as_ref().map(|data| data.get().trim_matches('"').to_string()).unwrap_or_default();
	let reason = match detail {
		detail if detail.contains("pay some fees") => "the account cannot pay the fee; send it some money first".into(),
		detail if detail.is_empty() => error.message,
		detail => format!("{} ({detail})", error.message),
	};
	Err(Error::Refused { reason, passing: !matches!(error.code, INVALID | BAD_FORMAT) })
}

/// Refuses metadata that differs from [`METADATA`] in what is used here.
fn check_metadata(found: &Metadata) -> Result<(), Error> {
	let expected = Metadata::decode(&mut &*METADATA).map_err(|error| Error::decode("the metadata file", error))?;
	let pallet = |metadata: &Metadata, name: &str| metadata.pallet_by_name(name).map(|pallet| pallet.hash());
	let api = |metadata: &Metadata, name: &str| metadata.runtime_api_trait_by_name(name).map(|api| api.hash());
	for name in PALLETS {
		if pallet(found, name).is_none() || pallet(found, name) != pallet(&expected, name) {
			return Err(Error::Metadata { part: format!("pallet {name}") });
		}
	}
	for name in RUNTIME_APIS {
		if api(found, name).is_none() || api(found, name) != api(&expected, name) {
			return Err(Error::Metadata { part: format!("runtime API {name}") });
		}
	}
	Ok(())
}

/// Blake2b-256, the chain's hash.
fn blake2_256(bytes: &[u8]) -> H256 {
	H256(Blake2b::<U32>::digest(bytes).into())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn metadata() -> Metadata {
		Metadata::decode(&mut &*METADATA).unwrap()
	}

	#[test]
	fn the_metadata_in_this_crate_fits_itself_and_has_every_call() {
		use crate::{BondKind, Call};
		use encrytrust_primitives::{
			bmpc::{Commitment, DeclineReason, Role, Stage},
			identity::{KdfParams, KeyTerms, PublicKey},
		};
		use subxt::tx::Payload;
		check_metadata(&metadata()).unwrap();
		let commitment = Commitment { root: H256([1; 32]), blob: [2; 32] };
		let (public_key, kdf) = (PublicKey::Ecdsa([8; 33]), KdfParams::default());
		let terms = KeyTerms { public_key, commitment: [9; 32], salt: [10; 16], kdf };
		for call in [
			Call::transfer(&AccountId([3; 32]), 4),
			Call::remark(),
			Call::bond(BondKind::Service, 4),
			Call::bond_more(BondKind::Validator, 4),
			Call::unbond(BondKind::Service, 4),
			Call::withdraw(BondKind::Service),
			Call::unregister_role(Role::Coordinator),
			Call::withdraw_dataset(5),
			Call::confirm(6, H256([7; 32])),
			Call::decline(6, DeclineReason::Policy),
			Call::commit_selection(6, &commitment),
			Call::commit_inputs(6, &commitment),
			Call::commit_output(6, &commitment),
			Call::commit_result(6, &commitment),
			Call::accept(6),
			Call::settle(6),
			Call::expire(6),
			Call::demand(6, Stage::Outputs, &AccountId([3; 32]), 8),
			Call::answer(6, Stage::Result, &AccountId([3; 32]), 8, &[1, 2], &[H256([1; 32])]),
			Call::expire_demand(6, Stage::Inputs, &AccountId([3; 32]), 8),
			Call::request_key(&terms, &AccountId([3; 32])),
			Call::issue_key(7),
			Call::refuse_key(7),
			Call::expire_request(7),
			Call::revoke_key(7, &[11; 256]),
			Call::rotate_key(7, &[11; 256], &terms),
		] {
			// subxt decodes the arguments by the metadata's types: all of them, and nothing is left over.
			let bytes = call.encode_call_data(&metadata()).unwrap();
			let calls = metadata().outer_enums().call_enum_ty();
			let input = &mut &*bytes;
			let decoded = subxt::ext::scale_value::scale::decode_as_type(input, calls, metadata().types()).unwrap();
			assert!(input.is_empty(), "{}", call.name);
			assert!(format!("{decoded:?}").contains(&*call.name), "{}", call.name);
		}
	}

	#[test]
	fn a_call_that_the_runtime_does_not_have_is_an_error() {
		use subxt::tx::Payload;
		let call = Call { pallet: "Bmpc".into(), name: "no_such_call".into(), arguments: vec![] };
		assert!(call.encode_call_data(&metadata()).is_err());
	}

	#[test]
	fn an_error_of_a_pallet_is_told_with_its_documentation() {
		let metadata = metadata();
		let pallet = metadata.pallet_by_name("Bmpc").unwrap();
		let error = pallet.error_variants().unwrap().iter().find(|error| error.name == "PriceAboveMaximum").unwrap();
		let failure = events::dispatch_failure(&[3, pallet.index(), error.index, 0, 0, 0], &metadata);
		assert_eq!(failure.name, "Bmpc.PriceAboveMaximum");
		assert!(failure.to_string().starts_with("Bmpc.PriceAboveMaximum: The price is above"), "{failure}");
		for (bytes, name) in [
			(&[7u8, 0][..], "Token.FundsUnavailable"),
			(&[2], "BadOrigin"),
			(&[3, 254, 1, 0, 0, 0], "error 1 of pallet 254"),
			(&[8, 2], "Arithmetic.DivisionByZero"),
			(&[99], "an error that cannot be read"),
		] {
			assert_eq!(events::dispatch_failure(bytes, &metadata).name, name);
		}
	}

	#[test]
	fn refusals_say_what_to_do_and_what_may_pass() {
		let error = |code, message: &str, data: Option<&str>| UserError {
			code,
			message: message.into(),
			data: data.map(serde_json_raw),
		};
		assert!(refusal(error(1013, "Transaction Already Imported", None)).is_ok());
		for (code, message, data, words, passing) in [
			(
				1010,
				"Invalid Transaction",
				Some("Inability to pay some fees (e.g. account balance too low)"),
				"send it some",
				false,
			),
			(1010, "Invalid Transaction", Some("Transaction is outdated"), "outdated", false),
			(1012, "Transaction is temporarily banned", None, "banned", true),
			(1014, "Priority is too low", None, "Priority", true),
		] {
			let refused = refusal(error(code, message, data)).unwrap_err();
			assert!(refused.to_string().contains(words), "{refused}");
			assert_eq!(refused.is_passing(), passing, "{message}");
		}
	}

	fn serde_json_raw(text: &str) -> Box<RawValue> {
		RawValue::from_string(format!("\"{text}\"")).unwrap()
	}

	#[tokio::test]
	async fn what_is_no_node_is_an_error_in_time() {
		let error = Client::connect("http://127.0.0.1:1", None).await.unwrap_err();
		assert!(matches!(error, Error::Url(_)));
		let patience = Duration::from_millis(200);
		let error = Client::connect("ws://127.0.0.1:1", Some(patience)).await.unwrap_err();
		assert!(matches!(error, Error::Unreachable { .. }), "{error}");
	}
}
