//! The storage items that are read directly. What the runtime APIs return needs none.

use crate::{AccountBalance, AccountId, Balance, BlockNumber};
use codec::Decode;
use encrytrust_types::JobId;
use std::{fmt, marker::PhantomData};
use subxt::{
	dynamic::{storage, Value},
	storage::DynamicAddress,
};

/// A value in the chain's storage: where it is, and what it decodes to. Displays as `Pallet.Item`.
#[derive(Clone, Debug)]
pub struct StorageKey<V> {
	pallet: &'static str,
	item: &'static str,
	map_keys: Vec<Value>,
	value: PhantomData<fn() -> V>,
}

impl StorageKey<JobId> {
	/// The id that the next job will have.
	pub fn next_job_id() -> Self {
		Self::new("Bmpc", "NextJobId", vec![])
	}
}

impl StorageKey<BlockNumber> {
	/// The finality clock, which deadlines are values of.
	pub fn finality_clock() -> Self {
		Self::new("FinalityClock", "Now", vec![])
	}
}

impl StorageKey<u64> {
	/// When the block was made, in milliseconds since 1970.
	pub(crate) fn timestamp() -> Self {
		Self::new("Timestamp", "Now", vec![])
	}
}

impl StorageKey<AccountInfo> {
	/// An account's reference counters and balance.
	pub(crate) fn account(account: &AccountId) -> Self {
		Self::new("System", "Account", vec![Value::from_bytes(account.0)])
	}
}

/// `frame_system::AccountInfo` with `pallet_balances::AccountData`.
#[derive(Clone, Debug, PartialEq, Eq, Decode)]
pub(crate) struct AccountInfo {
	/// The nonce, then consumers, providers and sufficients.
	_counters: [u32; 4],
	pub(crate) balance: AccountBalance,
	_flags: Balance,
}

impl<V> StorageKey<V> {
	fn new(pallet: &'static str, item: &'static str, map_keys: Vec<Value>) -> Self {
		Self { pallet, item, map_keys, value: PhantomData }
	}

	pub(crate) fn address(&self) -> DynamicAddress<Vec<Value>> {
		storage(self.pallet, self.item, self.map_keys.clone())
	}
}

impl<V> fmt::Display for StorageKey<V> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}.{}", self.pallet, self.item)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::compatibility;

	/// Compares an item with the metadata file: its names, whether it is a map, and the type of its value, of which the
	/// default must be a whole encoding.
	fn check<V: Decode>(key: &StorageKey<V>) {
		let metadata = compatibility::expected().unwrap();
		let pallet = metadata.pallet_by_name(key.pallet).unwrap_or_else(|| panic!("{key}: no such pallet"));
		let item = pallet.storage().unwrap().entry_by_name(key.item).unwrap_or_else(|| panic!("{key}: no such item"));
		assert_eq!(item.entry_type().key_ty().is_some(), !key.map_keys.is_empty(), "{key}: is it a map?");
		let default = &mut item.default_bytes();
		assert!(V::decode(default).is_ok() && default.is_empty(), "{key}: the value has another type");
	}

	#[test]
	fn storage_keys_match_metadata() {
		check(&StorageKey::next_job_id());
		check(&StorageKey::timestamp());
		check(&StorageKey::account(&AccountId([1; 32])));
	}
}
