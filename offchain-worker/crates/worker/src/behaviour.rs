//! What a worker does with what its roles have made: see `docs/adr/0025-behaviours.md`.

use crate::chain::Chain;
use encrytrust_chain_client::AccountId;
use encrytrust_protocol::{Job, ProtocolError, Store};
use encrytrust_transport::BlobSource;
use encrytrust_types::job::{Commitment, Selection, Stage};
use std::sync::Arc;

/// Stands between what a role has made and what the worker commits to, calls and serves. The default of each method is
/// honest; to deviate from the protocol is for demonstrations and tests of those who have to notice it.
pub trait Behaviour: Send + Sync {
	/// Whether nothing is delivered in a stage.
	fn is_silent(&self, _stage: Stage) -> bool {
		false
	}

	/// The chain as the worker meets it, instead of `honest`.
	fn chain(&self, honest: Arc<dyn Chain>) -> Arc<dyn Chain> {
		honest
	}

	/// What other workers are served, instead of `honest`.
	fn blobs(&self, honest: Arc<dyn BlobSource>) -> Arc<dyn BlobSource> {
		honest
	}

	/// The selection that a coordinator works with, instead of the user's.
	fn selection(&self, _job: &Job, honest: Selection) -> Selection {
		honest
	}

	/// What a data provider commits to, instead of its honest inputs in `store`.
	///
	/// # Errors
	///
	/// Only those of what deviates.
	fn inputs(
		&self,
		_job: &Job,
		_me: &AccountId,
		honest: Commitment,
		_store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		Ok(honest)
	}

	/// What a computing provider commits to, instead of its honest output in `store`.
	///
	/// # Errors
	///
	/// Only those of what deviates.
	fn output(
		&self,
		_job: &Job,
		_me: &AccountId,
		honest: Commitment,
		_store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		Ok(honest)
	}

	/// What a coordinator commits to, instead of its honest result in `store`.
	///
	/// # Errors
	///
	/// Only those of what deviates.
	fn result(
		&self,
		_job: &Job,
		_me: &AccountId,
		honest: Commitment,
		_store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		Ok(honest)
	}
}

/// Follows the protocol.
#[derive(Clone, Copy, Debug)]
pub struct Honest;

impl Behaviour for Honest {}
