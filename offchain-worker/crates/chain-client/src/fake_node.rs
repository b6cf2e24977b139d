//! A node for tests: a chain that takes all extrinsics of its pool into its next block, and requests that fail on demand.

use crate::{compatibility::METADATA, connection::Client, BlockNumber};
use codec::Encode;
use futures::{stream, StreamExt};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex},
	time::Duration,
};
use subxt::{
	backend::rpc::RpcClient,
	ext::subxt_rpcs::{
		client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT},
		Error, UserError,
	},
};

const BLOCK_TIME: Duration = Duration::from_millis(20);

/// The number of the finalised block before anything is submitted.
pub(crate) const BIRTH: BlockNumber = 10;

/// What the node does and has seen. Its blocks come once an extrinsic was submitted.
#[derive(Default)]
pub(crate) struct FakeNode {
	/// How many of the first submissions end in a lost connection, and whether their extrinsics are in the pool all the same.
	pub(crate) lost_submissions: usize,
	pub(crate) takes_lost: bool,
	/// The first submission that the pool refuses, with all later ones.
	pub(crate) refused_from: Option<usize>,
	/// A method of which so many calls have no answer; after a submission, or at any time.
	pub(crate) failing: Option<(&'static str, usize)>,
	pub(crate) fails_before_submission: bool,
	/// A block of which the node does not know the hash for so many requests.
	pub(crate) unknown: Option<(BlockNumber, usize)>,
	/// How often an extrinsic was submitted.
	pub(crate) submitted: usize,
	/// The extrinsics by the number of their block.
	pub(crate) included: BTreeMap<BlockNumber, Vec<String>>,
	pub(crate) pool: Vec<String>,
	pub(crate) blocks: BlockNumber,
}

/// A client of a node, and the node.
pub(crate) async fn client_of(node: FakeNode) -> (Client, Arc<Mutex<FakeNode>>) {
	let node = Arc::new(Mutex::new(node));
	(Client::over(rpc_client(&node), "ws://fake").await.unwrap(), node)
}

pub(crate) fn rpc_client(node: &Arc<Mutex<FakeNode>>) -> RpcClient {
	RpcClient::new(Connection(node.clone()))
}

struct Connection(Arc<Mutex<FakeNode>>);

impl RpcClientT for Connection {
	fn request_raw<'a>(
		&'a self,
		method: &'a str,
		parameters: Option<Box<RawValue>>,
	) -> RawRpcFuture<'a, Box<RawValue>> {
		Box::pin(async move {
			let parameters = parameters.map(|parameters| parameters.get().to_string()).unwrap_or_default();
			let parameters: Vec<&str> = parameters.trim_matches(['[', ']']).split(',').map(unquoted).collect();
			let answer = self.0.lock().unwrap().answer(method, &parameters)?;
			Ok(RawValue::from_string(answer).unwrap())
		})
	}

	fn subscribe_raw<'a>(
		&'a self,
		method: &'a str,
		_: Option<Box<RawValue>>,
		_: &'a str,
	) -> RawRpcFuture<'a, RawRpcSubscription> {
		let node = self.0.clone();
		let heads = stream::unfold(node, |node| async move {
			loop {
				tokio::time::sleep(BLOCK_TIME).await;
				let block = node.lock().unwrap().next_block();
				if let Some(header) = block {
					return Some((Ok(RawValue::from_string(header).unwrap()), node));
				}
			}
		});
		let stream = if method.contains("inalized") { heads.boxed() } else { stream::pending().boxed() };
		Box::pin(async { Ok(RawRpcSubscription { stream, id: None }) })
	}
}

impl FakeNode {
	fn answer(&mut self, method: &str, parameters: &[&str]) -> Result<String, Error> {
		if self.fails(method) {
			return Err(Error::Client("request timeout".into()));
		}
		let head = BIRTH + self.blocks;
		Ok(match (method, parameters) {
			("chain_getFinalizedHead", _) => quoted(&hash(head)),
			("chain_getBlockHash", [number, ..]) => self.block_hash(number.parse().unwrap()),
			("chain_getHeader", [hash, ..]) => header(number(hash)),
			("chain_getBlock", [hash, ..]) => self.block(number(hash)),
			("state_getRuntimeVersion", _) => "{\"specVersion\":1,\"transactionVersion\":1}".into(),
			("state_call", [api, argument, ..]) if *api == "Metadata_metadata_at_version" => {
				// The version is the first byte of the argument, and follows the magic number of metadata.
				let is_asked_for = argument.starts_with(&format!("0x{:02x}", METADATA[4]));
				quoted(&hex(&is_asked_for.then(|| METADATA.to_vec()).encode()))
			},
			("state_call", [_, _, at]) => quoted(&hex(&self.nonce(number(at)).encode())),
			("state_getStorage", [_, at]) => quoted(&hex(&self.events(number(at)))),
			("system_accountNextIndex", _) => self.nonce(head).to_string(),
			("author_submitExtrinsic", [bytes, ..]) => return self.submit(bytes),
			_ => return Err(Error::User(UserError::method_not_found())),
		})
	}

	fn fails(&mut self, method: &str) -> bool {
		let is_time = self.submitted > 0 || self.fails_before_submission;
		match &mut self.failing {
			Some((failing, left)) if *failing == method && *left > 0 && is_time => {
				*left -= 1;
				true
			},
			_ => false,
		}
	}

	fn submit(&mut self, bytes: &str) -> Result<String, Error> {
		let index = self.submitted;
		self.submitted += 1;
		if self.refused_from.is_some_and(|first| index >= first) {
			return Err(Error::User(UserError { code: 1010, message: "Invalid Transaction".into(), data: None }));
		}
		let is_lost = index < self.lost_submissions;
		if !is_lost || self.takes_lost {
			self.pool.push(bytes.into());
		}
		match is_lost {
			true => Err(Error::DisconnectedWillReconnect("lost".into())),
			false => Ok(quoted(&hash(0))),
		}
	}

	/// Makes a block; its header.
	fn next_block(&mut self) -> Option<String> {
		if self.submitted == 0 {
			return None;
		}
		self.blocks += 1;
		let number = BIRTH + self.blocks;
		if !self.pool.is_empty() {
			self.included.insert(number, std::mem::take(&mut self.pool));
		}
		Some(header(number))
	}

	fn block_hash(&mut self, number: BlockNumber) -> String {
		match &mut self.unknown {
			Some((unknown, left)) if *unknown == number && *left > 0 => {
				*left -= 1;
				"null".into()
			},
			_ => quoted(&hash(number)),
		}
	}

	fn block(&self, number: BlockNumber) -> String {
		let extrinsics: Vec<String> = self.included.get(&number).into_iter().flatten().map(|hex| quoted(hex)).collect();
		let extrinsics = extrinsics.join(",");
		format!("{{\"block\":{{\"header\":{},\"extrinsics\":[{extrinsics}]}},\"justifications\":null}}", header(number))
	}

	/// The account's nonce at a block: all extrinsics are its own.
	fn nonce(&self, number: BlockNumber) -> u32 {
		self.included.range(..=number).map(|(_, extrinsics)| extrinsics.len() as u32).sum()
	}

	/// The encoded events of a block: each extrinsic succeeded.
	fn events(&self, number: BlockNumber) -> Vec<u8> {
		let count = self.included.get(&number).map_or(0, Vec::len) as u32;
		// System.ExtrinsicSuccess with no weight, and no topics.
		let event = |index: u32| [&[0][..], &index.to_le_bytes(), &[0; 7]].concat();
		[vec![count as u8 * 4], (0..count).flat_map(event).collect()].concat()
	}
}

fn hash(number: BlockNumber) -> String {
	hex(&[number as u8; 32])
}

/// The number of the block with a hash.
fn number(hash: &str) -> BlockNumber {
	BlockNumber::from_str_radix(&hash[2..4], 16).unwrap()
}

fn header(number: BlockNumber) -> String {
	let root = quoted(&hash(0));
	format!(
		"{{\"parentHash\":{root},\"number\":\"{number:#x}\",\"stateRoot\":{root},\"extrinsicsRoot\":{root},\
		 \"digest\":{{\"logs\":[]}}}}"
	)
}

fn hex(bytes: &[u8]) -> String {
	let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
	format!("0x{digits}")
}

fn quoted(text: &str) -> String {
	format!("\"{text}\"")
}

fn unquoted(text: &str) -> &str {
	text.trim_matches('"')
}
