//! The author's attestation of finality, from which the runtime makes its finality clock.

use encrytrust_runtime::{opaque::Block, BlockNumber, Hash};
use pallet_finality_clock::{InherentError, INHERENT_IDENTIFIER};
use sp_blockchain::{lowest_common_ancestor, HeaderBackend, HeaderMetadata};
use sp_inherents::{Error, InherentData, InherentIdentifier};

/// What a node attests in a block that it authors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InherentDataProvider {
	finalized: Option<BlockNumber>,
}

impl InherentDataProvider {
	/// For a block on `parent`: the latest final block, if the parent descends from it. Otherwise finality has moved to
	/// another branch meanwhile, and nothing is attested on this one.
	pub(crate) fn new<C>(client: &C, parent: Hash) -> Self
	where
		C: HeaderBackend<Block> + HeaderMetadata<Block>,
	{
		let info = client.info();
		let common = lowest_common_ancestor(client, info.finalized_hash, parent);
		let descends = common.is_ok_and(|common| common.hash == info.finalized_hash);
		Self { finalized: descends.then_some(info.finalized_number) }
	}

	/// For blocks that are imported: the runtime does not compare their attestations with what this node knows.
	pub(crate) fn for_import() -> Self {
		Self { finalized: None }
	}
}

#[async_trait::async_trait]
impl sp_inherents::InherentDataProvider for InherentDataProvider {
	async fn provide_inherent_data(&self, data: &mut InherentData) -> Result<(), Error> {
		match self.finalized {
			Some(finalized) => data.put_data(INHERENT_IDENTIFIER, &finalized),
			None => Ok(()),
		}
	}

	async fn try_handle_error(&self, identifier: &InherentIdentifier, mut error: &[u8]) -> Option<Result<(), Error>> {
		if *identifier != INHERENT_IDENTIFIER {
			return None;
		}
		let error = <InherentError as codec::Decode>::decode(&mut error).ok()?;
		Some(Err(Error::Application(error.to_string().into())))
	}
}
