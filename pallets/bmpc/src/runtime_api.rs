//! The runtime API, for clients and workers.

use alloc::{string::String, vec::Vec};
use codec::{Codec, Decode, Encode};
use encrytrust_types::{
	dataset::Dataset,
	job::{Duty, JobInfo, OpenUnit, Quote, Registration, Request, Role, Template},
	DatasetId, JobId, TemplateId,
};
use scale_info::TypeInfo;
use sp_core::H256;

/// The maximum number of entries that the runtime API returns at once.
pub const MAX_PAGE: u32 = 64;

/// Why a request would be refused: the name of the pallet's error, whose docs in the metadata say how to avoid it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Refusal {
	/// For example `TooFewRows`.
	pub error: String,
}

sp_api::decl_runtime_apis! {
	/// Computation contracts.
	pub trait BmpcApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// The price of `request` by `who` in the next block. Makes all checks that the call makes, except two: the
		/// request's maximum price, since the price is the result, and the user's funds.
		fn quote(
			who: AccountId,
			request: Request<AccountId, Balance, BlockNumber>,
		) -> Result<Quote<AccountId, Balance>, Refusal>;

		/// A job; `None` if there was never one with this id, or its record has been cleared.
		fn job(id: JobId) -> Option<JobInfo<AccountId, Balance, BlockNumber>>;

		/// The duties of `who` in the next block.
		fn duties(who: AccountId) -> Vec<Duty<BlockNumber>>;

		/// The challenged units of a job that are not published in full.
		fn open_units(id: JobId) -> Vec<OpenUnit<BlockNumber>>;

		/// The extrinsic, needing no account, that publishes a chunk of a challenged unit.
		fn publication(id: JobId, unit: u32, chunk: u32, bytes: Vec<u8>, path: Vec<H256>) -> Option<Vec<u8>>;

		/// The registration of `who` in `role`.
		fn role(role: Role, who: AccountId) -> Option<Registration<AccountId, Balance, BlockNumber>>;

		/// Registrations in `role`, in a fixed order without meaning: at most `limit`, and never more than 64. The next
		/// page starts `after` the last account of this one.
		fn roles(role: Role, after: Option<AccountId>, limit: u32) -> Vec<(AccountId, Registration<AccountId, Balance, BlockNumber>)>;

		/// A dataset.
		fn dataset(id: DatasetId) -> Option<Dataset<AccountId, Balance>>;

		/// Datasets by ascending id, starting at `from`: at most `limit`, and never more than 64.
		fn datasets(from: DatasetId, limit: u32) -> Vec<(DatasetId, Dataset<AccountId, Balance>)>;

		/// A template.
		fn template(id: TemplateId) -> Option<Template>;

		/// All templates by ascending id.
		fn templates() -> Vec<(TemplateId, Template)>;
	}
}
