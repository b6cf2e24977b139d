//! Why another party's bytes are refused.

use crate::sealing::SealError;

/// Why another party's bytes, or ours, are refused. All but [`ProtocolError::Store`] do not pass by waiting.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
	/// This account has no part in the job, or another.
	#[error("this account is no {0} of the job")]
	NotParty(&'static str),
	/// The contract's hash is not what the chain says.
	#[error("the contract does not have the hash that the chain tells")]
	ContractHash,
	/// What is computed cannot be done over these columns.
	#[error("the template: {0}")]
	Template(String),
	/// The user's key cannot be used.
	#[error("the user's key: {0}")]
	UserKey(String),
	/// A computing provider's key cannot be used.
	#[error("the key of computing provider {}: {reason}", index + 1)]
	ComputingKey {
		/// Which.
		index: usize,
		/// Why.
		reason: String,
	},
	/// The data providers' sealing keys do not go together.
	#[error("the masks between data providers: {0}")]
	Masks(String),
	/// A message does not open.
	#[error("{what}: {source}")]
	Sealed {
		/// Which message.
		what: String,
		/// Why.
		source: SealError,
	},
	/// Bytes that are not what they should be.
	#[error("{what} cannot be read: {reason}")]
	Format {
		/// Which bytes.
		what: String,
		/// Why.
		reason: String,
	},
	/// Bytes that are not those committed to.
	#[error("{0} is not what was committed to on chain")]
	Commitment(String),
	/// The selection is not one of the job's features.
	#[error("the selection: {0}")]
	Selection(&'static str),
	/// The coordinator's selectors are not those of the selection, or not proven.
	#[error("the coordinator's selection for computing provider {}: {reason}", computing + 1)]
	Selectors {
		/// For whom.
		computing: usize,
		/// Why.
		reason: String,
	},
	/// A sealed feature does not hold what was committed to. Its text does not tell which one: it is a selected one.
	#[error("a selected feature of data provider {}: {reason}", data + 1)]
	Column {
		/// Whose.
		data: usize,
		/// Which.
		feature: u16,
		/// Why.
		reason: String,
	},
	/// A result that does not fit the job.
	#[error("output {output} is impossible: {reason}")]
	Result {
		/// Which output.
		output: u32,
		/// Why.
		reason: String,
	},
	/// The sums do not fit.
	#[error("the sums do not fit the contract: {0}")]
	Sums(String),
	/// What is to be published cannot be kept. This one may pass.
	#[error("a blob cannot be kept: {0}")]
	Store(String),
}
