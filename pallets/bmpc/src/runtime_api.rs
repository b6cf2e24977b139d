//! What clients and workers ask of the runtime.

use alloc::{string::String, vec::Vec};
use codec::{Codec, Decode, Encode};
use encrytrust_types::{
	dataset::DataSet,
	job::{Demand, Duty, JobInfo, Quote, Registration, Request, Role, Template},
	DataSetId, JobId, TemplateId,
};
use scale_info::TypeInfo;

/// The maximal number of entries that the runtime API returns at once.
pub const MAX_PAGE: u32 = 64;

/// Why a request would be refused: the name of the pallet's error, whose text in the metadata tells the way out.
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
		/// What `request` would cost `who` in the next block, after all the checks that the call itself makes, save
		/// two: the request's maximal price, as the price is the answer, and the user's funds.
		fn quote(
			who: AccountId,
			request: Request<AccountId, Balance, BlockNumber>,
		) -> Result<Quote<AccountId, Balance>, Refusal>;

		/// A job; `None` if there never was one of this id, or its record has been cleared.
		fn job(id: JobId) -> Option<JobInfo<AccountId, Balance, BlockNumber>>;

		/// What `who` should do in the next block.
		fn duties(who: AccountId) -> Vec<Duty<BlockNumber>>;

		/// The open demands of a job.
		fn demands(id: JobId) -> Vec<Demand<AccountId, Balance, BlockNumber>>;

		/// The registration of `who` in `role`.
		fn role(role: Role, who: AccountId) -> Option<Registration<Balance>>;

		/// Registrations in `role`, in an order that is fixed but means nothing: at most `limit`, and never more than
		/// 64; the next page starts `after` the last account of this one.
		fn roles(role: Role, after: Option<AccountId>, limit: u32) -> Vec<(AccountId, Registration<Balance>)>;

		/// A data set.
		fn data_set(id: DataSetId) -> Option<DataSet<AccountId, Balance>>;

		/// Data sets by ascending id, `from` the first: at most `limit`, and never more than 64.
		fn data_sets(from: DataSetId, limit: u32) -> Vec<(DataSetId, DataSet<AccountId, Balance>)>;

		/// A template.
		fn template(id: TemplateId) -> Option<Template>;

		/// All templates by ascending id.
		fn templates() -> Vec<(TemplateId, Template)>;
	}
}
