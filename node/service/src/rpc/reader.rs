//! What the methods that answer from runtime APIs share. Each takes an optional block hash, the best block by default.

use encrytrust_runtime::{opaque::Block, Hash};
use jsonrpsee::{core::RpcResult, types::ErrorObjectOwned};
use sp_api::{ApiError, ApiRef, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Answers from the runtime API.
pub(crate) struct Reader<C> {
	client: Arc<C>,
}

impl<C> Reader<C> {
	/// Over `client`.
	pub(crate) fn new(client: Arc<C>) -> Self {
		Self { client }
	}
}

impl<C> Reader<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
{
	/// The runtime's answer in block `at`, or in the best one.
	pub(crate) fn ask<T>(
		&self,
		at: Option<Hash>,
		question: impl FnOnce(ApiRef<'_, C::Api>, Hash) -> Result<T, ApiError>,
	) -> RpcResult<T> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		question(self.client.runtime_api(), at).map_err(|error| {
			ErrorObjectOwned::owned(1, format!("the runtime did not answer at block {at}: {error}"), None::<()>)
		})
	}
}
