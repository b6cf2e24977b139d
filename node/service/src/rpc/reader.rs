//! What the methods share that read from runtime APIs. Each takes an optional block hash, the best block by default.

use encrytrust_runtime::{opaque::Block, Hash};
use jsonrpsee::{core::RpcResult, types::ErrorObjectOwned};
use sp_api::{ApiError, ApiRef, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Reads from the runtime APIs.
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
	/// What the runtime API returns at block `at`, or at the best one.
	pub(crate) fn read<T>(
		&self,
		at: Option<Hash>,
		call: impl FnOnce(ApiRef<'_, C::Api>, Hash) -> Result<T, ApiError>,
	) -> RpcResult<T> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		call(self.client.runtime_api(), at).map_err(|error| {
			ErrorObjectOwned::owned(1, format!("the runtime API failed at block {at}: {error}"), None::<()>)
		})
	}
}

/// The number of entries of a page: `limit`, or the most that the runtime API returns. A larger limit is an error: its
/// caller would take a page of `max` entries for the last one, and miss the others.
pub(crate) fn page_size(limit: Option<u32>, max: u32) -> RpcResult<u32> {
	match limit {
		Some(limit) if limit > max => {
			Err(ErrorObjectOwned::owned(4, format!("a page has at most {max} entries, not {limit}"), None::<()>))
		},
		limit => Ok(limit.unwrap_or(max)),
	}
}
