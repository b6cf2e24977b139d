//! Datasets: what data providers offer, and who may ask what of it.

use crate::{
	bytes::Name,
	ids::TemplateId,
	limits::{MaxColumns, MaxPolicyEntries},
};
use alloc::vec::Vec;
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::H256;
use scale_info::TypeInfo;

/// A column of fixed-point numbers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Column {
	/// The column's name.
	pub name: Name,
	/// Digits after the decimal point: a value `v` is computed with as the integer `v * 10^decimals`.
	pub decimals: u8,
	/// Every such integer is above `-2^bits` and below `2^bits`.
	pub bits: u8,
}

/// The columns of a schema.
pub type Columns = BoundedVec<Column, MaxColumns>;

/// What a dataset's rows consist of. Datasets that meet in a job have equal schemas.
///
/// The first byte of the encoding is the version, so that columns of other kinds can be added while datasets that are
/// registered and contracts that were made keep their bytes and hashes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Schema {
	/// Every row has a fixed-point number in every column.
	#[codec(index = 1)]
	V1(Columns),
}

impl Schema {
	/// The columns, in the order in which selections count them.
	pub fn columns(&self) -> &[Column] {
		match self {
			Self::V1(columns) => columns,
		}
	}
}

impl Default for Schema {
	fn default() -> Self {
		Self::V1(Columns::default())
	}
}

impl From<Columns> for Schema {
	fn from(columns: Columns) -> Self {
		Self::V1(columns)
	}
}

impl TryFrom<Vec<Column>> for Schema {
	type Error = Vec<Column>;

	fn try_from(columns: Vec<Column>) -> Result<Self, Self::Error> {
		Columns::try_from(columns).map(Self::V1)
	}
}

/// Who may ask what of a dataset. The chain refuses a request against it, and the provider's worker checks again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Policy<AccountId> {
	/// The templates allowed.
	pub templates: BoundedVec<TemplateId, MaxPolicyEntries>,
	/// The least number of this dataset's own rows behind any number that leaves: above 1, no row-wise template is allowed.
	pub min_rows: u64,
	/// The buyers allowed; everyone if `None`.
	pub buyers: Option<BoundedVec<AccountId, MaxPolicyEntries>>,
	/// The most jobs of one buyer for which the provider committed to inputs over this dataset, those under way included; no
	/// limit if `None`.
	pub max_queries: Option<u32>,
}

/// A dataset on offer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Dataset<AccountId, Balance> {
	/// Its data provider.
	pub provider: AccountId,
	/// What it is, in words.
	pub title: Name,
	/// Its columns.
	pub schema: Schema,
	/// Number of rows.
	pub rows: u64,
	/// A digest of schema and rows under a key that the provider's worker keeps, see `docs/protocol/bmpc.md`: the worker
	/// notices by it that its source has changed, and nobody else can test guesses against it.
	pub fingerprint: H256,
	/// Price of one cell (a row of a selected column).
	pub price: Balance,
	/// Who may ask what.
	pub policy: Policy<AccountId>,
	/// Withdrawn datasets take no new jobs.
	pub withdrawn: bool,
	/// Storage deposit on hold.
	pub deposit: Balance,
}
