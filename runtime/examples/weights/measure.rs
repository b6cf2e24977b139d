//! The time that an input takes in the runtime's Wasm, and the weight charged for it.

use crate::{
	calls::{Arg, Calls},
	counting::Counting,
	input::{Input, Origin},
	scene::Scene,
};
use codec::{Decode, Encode};
use cpu_time::ProcessTime;
use encrytrust_runtime::{content::content_weight, Hash, Runtime, RuntimeCall, UncheckedExtrinsic};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo, PerDispatchClass},
	traits::Authorize,
	weights::Weight,
};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, ReadRuntimeVersionExt, RuntimeCode, WrappedRuntimeCode};
use sp_externalities::Externalities;
use sp_io::hashing::{blake2_256, twox_128};
use sp_runtime::{transaction_validity::TransactionSource, ApplyExtrinsicResult};
use sp_state_machine::{Ext, OverlayedChanges};
use std::sync::atomic::{AtomicBool, Ordering};

/// Seconds in which a byte of the densest content, a list of empty lists, is decoded and dropped.
const DECODING: f64 = 200e-9;
/// Units of `ref_time` in a second.
const PICOSECONDS: f64 = 1e12;
/// The length of a remark by which the time for a byte is measured.
const LONG: usize = 2_000_000;

type HostFunctions = (sp_io::SubstrateHostFunctions, encrytrust_host_functions::HostFunctions);

/// The outcome of an input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
	/// It succeeded.
	Done,
	/// It failed and was charged.
	Failed(String),
	/// It is invalid: no block contains it, and nobody pays.
	Invalid(String),
	/// The runtime trapped: no block contains it, and nobody pays.
	Trapped(String),
	/// Its time is meaningless: an author invalidates its own block, or root changes the stored weights.
	Harmless,
}

/// The time of an input and the weight charged for it, in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Measurement {
	pub(crate) outcome: Outcome,
	/// CPU time, less that of an empty call of the runtime and of a remark of this length.
	pub(crate) time: f64,
	/// The weight that it adds to the block.
	pub(crate) charged: f64,
	/// Bytes of the transaction.
	pub(crate) length: usize,
}

impl Measurement {
	/// Measured time over charged weight. Inputs that trap are never charged.
	pub(crate) fn ratio(&self) -> f64 {
		match self.outcome {
			Outcome::Done | Outcome::Failed(_) => self.time / self.charged,
			Outcome::Invalid(_) => 0.0,
			Outcome::Trapped(_) => f64::INFINITY,
			Outcome::Harmless => 0.0,
		}
	}
}

/// Whether the runtime is being called: a panic is then an outcome, and not printed.
static IN_RUNTIME: AtomicBool = AtomicBool::new(false);

/// Suppress messages about panics of host functions.
pub(crate) fn quieten_panics() {
	let usual = std::panic::take_hook();
	std::panic::set_hook(Box::new(move |panic| {
		if !IN_RUNTIME.load(Ordering::Relaxed) {
			usual(panic);
		}
	}));
}

/// The runtime over a scene, in the same executor as in nodes.
pub(crate) struct Machine {
	pub(crate) calls: Calls,
	pub(crate) scene: Scene,
	executor: WasmExecutor<HostFunctions>,
	code: &'static [u8],
	hash: Vec<u8>,
	/// The time of an empty call, and of each byte of a transaction.
	empty: f64,
	pub(crate) per_byte: f64,
	/// The numbers of keys that an empty remark reads and writes.
	remark_keys: [usize; 2],
	/// What an empty remark is charged.
	remark_charged: f64,
}

impl Machine {
	pub(crate) fn new(calls: Calls, mut scene: Scene) -> Result<Self, String> {
		let code = encrytrust_runtime::WASM_BINARY
			.ok_or("the runtime was built without its Wasm: unset SKIP_WASM_BUILD and build again")?;
		let executor = WasmExecutor::builder().build();
		scene.state.register_extension(ReadRuntimeVersionExt::new(executor.clone()));
		let hash = blake2_256(code).to_vec();
		let (empty, per_byte, remark_keys, remark_charged) = Default::default();
		let mut machine = Self { calls, scene, executor, code, hash, empty, per_byte, remark_keys, remark_charged };
		machine.calibrate();
		Ok(machine)
	}

	fn calibrate(&mut self) {
		let least = |run: &mut dyn FnMut() -> f64| (0..20).map(|_| run()).fold(f64::INFINITY, f64::min);
		self.empty = least(&mut || self.timed("Core_version", &[]).0);
		let [short, long] = [0, LONG].map(|length| {
			let call = self.calls.encode("System.remark", &[Arg::Bytes(vec![0; length])]);
			let input = Input { origin: Origin::Signed("stranger".into()), call };
			(input.extrinsic(&self.calls, &self.scene), input)
		});
		let [base, time] = [&short.0, &long.0].map(|extrinsic| least(&mut || self.apply(extrinsic).0));
		self.per_byte = (time - base).max(0.0) / (long.0.len() - short.0.len()) as f64;
		self.remark_keys = self.keys(&short.1);
		self.remark_charged = self.apply(&short.0).2;
	}

	/// Apply an input so many times; the minimum time counts.
	pub(crate) fn measure(&mut self, input: &Input, times: usize) -> Measurement {
		let extrinsic = input.extrinsic(&self.calls, &self.scene);
		let (mut time, outcome, charged) = self.apply(&extrinsic);
		for _ in 1..times {
			time = time.min(self.apply(&extrinsic).0);
		}
		let outcome = match (outcome, &input.origin) {
			(Outcome::Trapped(_), Origin::Bare) => Outcome::Harmless,
			(Outcome::Done, Origin::Root) if charged < base_weight() => Outcome::Harmless,
			(outcome, _) => outcome,
		};
		let bytes = extrinsic.len() as f64 * self.per_byte;
		let time = (time - self.empty - bytes).max(0.0);
		Measurement { outcome, time, charged, length: extrinsic.len() }
	}

	/// The weight of the keys that an input reads and writes, beyond those of a remark.
	pub(crate) fn storage(&mut self, input: &Input) -> f64 {
		let [reads, writes] = self.keys(input);
		let [base_reads, base_writes] = self.remark_keys;
		let weight = <Runtime as frame_system::Config>::DbWeight::get();
		let of = |keys: usize, base: usize, each: u64| keys.saturating_sub(base) as f64 * each as f64;
		(of(reads, base_reads, weight.read) + of(writes, base_writes, weight.write)) / PICOSECONDS
	}

	/// Seconds that a refused transaction may take of a node: what an empty remark is charged and the weight of its own
	/// content, and the time in which its bytes are decoded.
	pub(crate) fn allowed_unpaid(&self, call: &[u8]) -> f64 {
		let content = RuntimeCall::decode(&mut &call[..]).map(|call| content_weight(&call).ref_time());
		let content = content.unwrap_or_default() as f64 / PICOSECONDS;
		self.remark_charged + content + call.len() as f64 * DECODING
	}

	/// The time that a node takes to validate a transaction, as the minimum of so many runs, and the weight that is
	/// charged for it if it is valid.
	pub(crate) fn validation(&mut self, input: &Input, times: usize) -> Option<(f64, f64)> {
		let extrinsic = input.extrinsic(&self.calls, &self.scene);
		let call = RuntimeCall::decode(&mut &input.call[..]).ok()?;
		let data = [TransactionSource::External.encode(), extrinsic, Hash::zero().encode()].concat();
		let method = "TaggedTransactionQueue_validate_transaction";
		let time = (0..times).map(|_| self.timed(method, &data).0).fold(f64::INFINITY, f64::min);
		let base = encrytrust_runtime::configs::RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
		let weight =
			call.weight_of_authorize().saturating_add(base).saturating_add(call.get_dispatch_info().extension_weight);
		let bytes = data.len() as f64 * self.per_byte;
		Some(((time - self.empty - bytes).max(0.0), weight.ref_time() as f64 / PICOSECONDS))
	}

	/// Whether the runtime can decode a transaction at all: no other is ever in a block.
	pub(crate) fn is_readable(&self, input: &Input) -> bool {
		UncheckedExtrinsic::decode(&mut &input.extrinsic(&self.calls, &self.scene)[..]).is_ok()
	}

	/// Seconds, outcome, and charged weight.
	fn apply(&mut self, extrinsic: &[u8]) -> (f64, Outcome, f64) {
		let (time, result, charged) = self.timed("BlockBuilder_apply_extrinsic", extrinsic);
		let outcome = match result.map(|bytes| ApplyExtrinsicResult::decode(&mut &bytes[..])) {
			Ok(Ok(Ok(Ok(())))) => Outcome::Done,
			Ok(Ok(Ok(Err(error)))) => Outcome::Failed(format!("{error:?}")),
			Ok(Ok(Err(error))) => Outcome::Invalid(format!("{error:?}")),
			Ok(Err(error)) => Outcome::Trapped(error.to_string()),
			Err(error) => Outcome::Trapped(error.split("\nWASM backtrace").next().unwrap_or_default().to_owned()),
		};
		(time, outcome, charged)
	}

	/// Call the runtime; its changes are discarded.
	fn timed(&mut self, method: &str, data: &[u8]) -> (f64, Result<Vec<u8>, String>, f64) {
		let fetcher = WrappedRuntimeCode(self.code.into());
		let code = RuntimeCode { code_fetcher: &fetcher, hash: self.hash.clone(), heap_pages: None };
		let mut ext = self.scene.state.ext();
		let before = block_weight(&mut ext);
		let start = ProcessTime::now();
		let (result, _) = self.executor.call(&mut ext, &code, method, data, CallContext::Onchain { import: false });
		let time = start.elapsed().as_secs_f64();
		let charged = block_weight(&mut ext).saturating_sub(before) as f64 / PICOSECONDS;
		self.scene.state.reset_overlay();
		(time, result.map_err(|error| error.to_string()), charged)
	}

	/// The numbers of keys that an input reads and writes.
	fn keys(&mut self, input: &Input) -> [usize; 2] {
		let extrinsic = input.extrinsic(&self.calls, &self.scene);
		let fetcher = WrappedRuntimeCode(self.code.into());
		let code = RuntimeCode { code_fetcher: &fetcher, hash: self.hash.clone(), heap_pages: None };
		let backend = Counting::new(&self.scene.state.backend);
		let mut overlay = OverlayedChanges::default();
		let mut ext = Ext::new(&mut overlay, &backend, Some(&mut self.scene.state.extensions));
		let context = CallContext::Onchain { import: false };
		IN_RUNTIME.store(true, Ordering::Relaxed);
		let _ = self.executor.call(&mut ext, &code, "BlockBuilder_apply_extrinsic", &extrinsic, context);
		IN_RUNTIME.store(false, Ordering::Relaxed);
		[backend.reads(), overlay.changes().count()]
	}
}

/// The weight of a transaction without its call.
fn base_weight() -> f64 {
	let weights = encrytrust_runtime::configs::RuntimeBlockWeights::get();
	weights.get(DispatchClass::Normal).base_extrinsic.ref_time() as f64 / PICOSECONDS
}

/// The weight of the block so far, in units of `ref_time`.
fn block_weight(ext: &mut dyn Externalities) -> u64 {
	let key = [twox_128(b"System"), twox_128(b"BlockWeight")].concat();
	let weight = ext.storage(&key).and_then(|bytes| PerDispatchClass::<Weight>::decode(&mut &bytes[..]).ok());
	weight.unwrap_or_default().total().ref_time()
}
