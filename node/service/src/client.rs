//! The node's client: how it executes the runtime.

use encrytrust_runtime::{apis::RuntimeApi, opaque::Block};

/// The host functions: the SDK's and this chain's.
pub(crate) type HostFunctions = (sp_io::SubstrateHostFunctions, encrytrust_host_functions::HostFunctions);

/// The client over the full backend.
pub(crate) type FullClient = sc_service::TFullClient<Block, RuntimeApi, sc_executor::WasmExecutor<HostFunctions>>;
